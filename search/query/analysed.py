"""A query whose words are analysed. Terms know the forms they stand for.

    AnalysedNode
    ├── Term            a query word: ONE term, whatever the number of its keys and forms
    ├── NearPhrase      terms in order, with few words between
    ├── Compound        a word of several tokens among other optional words
    ├── Bridged         one of these with what else may be meant by it
    ├── Filter          narrows and never scores
    │   ├── DateRange
    │   ├── LanguageIs
    │   └── EveryDocument
    ├── NoDocument      a word of punctuation alone: it cannot be found
    └── Combination     must, should, must not

Nodes are frozen values. What can be told from the tree alone is a method of the node; what needs an index is a Visitor in the room
that knows the index.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment

Forms = npt.NDArray[np.uint32]
Expansion = Callable[[Segment], Forms]
# Tells terms and phrases apart: equal ones find the same.
Identity: TypeAlias = "tuple[object, ...]"
BridgeKind = Literal["romanisation", "synonym", "spelling", "derivation"]
Result = TypeVar("Result")
FilterT = TypeVar("FilterT", bound="Filter")


class Visitor(Generic[Result]):
    """An operation on nodes that needs more than the tree. A kind of node that it does not name goes to `other`."""

    def term(self, node: Term) -> Result:
        return self.other(node)

    def near_phrase(self, node: NearPhrase) -> Result:
        return self.other(node)

    def compound(self, node: Compound) -> Result:
        return self.other(node)

    def bridged(self, node: Bridged) -> Result:
        return self.other(node)

    def combination(self, node: Combination) -> Result:
        return self.other(node)

    def filter(self, node: Filter) -> Result:
        return self.other(node)

    def no_document(self, node: NoDocument) -> Result:
        return self.other(node)

    def other(self, node: AnalysedNode) -> Result:
        raise NotImplementedError(type(node).__name__)


class AnyOf(NamedTuple):
    """Terms of which a document must have any. boost: of their scores, on top of their own."""

    terms: tuple[Term, ...]
    boost: float


class AnalysedNode:
    """What every node can tell. The answers here are those of a node without words."""

    __slots__ = ()

    def accept(self, visitor: Visitor[Result]) -> Result:
        """What the operation gives for this kind of node."""
        raise NotImplementedError

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        """Every term and phrase by which documents are found, from left to right, and whether it is excluded (under `must_not`)."""
        return iter(())

    def scoring_parts(self) -> Iterator[Term]:
        """The parts of compounds: they find nothing by themselves and only add to scores."""
        return iter(())

    @property
    def typed_text(self) -> str:
        """The words of this part of the query, as typed."""
        return ""

    def with_terms(self, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
        """The tree with other nodes for its terms, but for those that are excluded, stand in phrases or are alternatives."""
        return self

    def needs_words(self) -> bool:
        """Whether a document must have some term or phrase of the tree to be found."""
        return False

    def is_word(self) -> bool:
        """Whether this is one word, with or without what else may be meant by it, so that posting lists alone tell where it is."""
        return False

    def adds_anywhere(self) -> bool:
        """Whether it may add to the score of a document that it does not find: parts of a compound do."""
        return False

    def any_of_terms(self) -> AnyOf | None:
        """The terms of a query that asks for any of them and for nothing else; None for other queries."""
        return None

    def required(self) -> Sequence[AnalysedNode]:
        """The parts that every document found must answer, this node itself where it has no such parts."""
        return (self,)

    def typed_words(self) -> Iterator[Term]:
        """The plain words that are wanted, but for those of phrases and those that a synonym explains."""
        return iter(())

    def bridges(self) -> Iterator[tuple[Bridged, Alternative]]:
        """Each part that may mean something else, with each of its alternatives; none of what is excluded."""
        return iter(())

    def in_typed_order(self) -> Iterator[AnalysedNode]:
        """The words of this part one after another, as they were typed."""
        yield self

    def neighbours(self) -> Iterator[tuple[Term, Term]]:
        """Pairs of terms that stand side by side in the query and are searched for in all fields."""
        return iter(())

    def without_filters(self) -> AnalysedNode:
        """The one thing that is asked for besides filters; this node itself where there are more."""
        return self


@dataclass(frozen=True, slots=True)
class Term(AnalysedNode):
    """A query word.

    text: as typed.
    kind: "lemma" for a plain word, else "exact", "prefix", "wildcard" or "fuzzy".
    keys: of a plain word, those it is looked up by.
    forms: the numbers of the forms in a segment that answer it, ascending.
    stem: its stem, if documents with another lemma of the same stem may be found too.
    field: None for all.
    boost: what its scores are multiplied by.
    identity: tells terms apart; equal ones find the same.
    """

    text: str
    kind: str
    keys: tuple[str, ...]
    forms: Expansion
    stem: str | None
    field: str | None
    boost: float
    identity: Identity

    @property
    def parts(self) -> tuple[Term, ...]:
        """The term itself, as if it were a phrase of one word."""
        return (self,)

    @property
    def typed_text(self) -> str:
        return self.text

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.term(self)

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        yield self, False

    def with_terms(self, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
        return other(self)

    def needs_words(self) -> bool:
        return True

    def is_word(self) -> bool:
        return True

    def any_of_terms(self) -> AnyOf | None:
        return AnyOf((self,), 1.0)

    def typed_words(self) -> Iterator[Term]:
        if self.kind == "lemma":
            yield self


@dataclass(frozen=True, slots=True)
class NearPhrase(AnalysedNode):
    """Terms in this order, all in one field of a document, with at most `slop` other tokens between the first and the last."""

    parts: tuple[Term, ...]
    slop: int
    field: str | None
    boost: float

    @property
    def identity(self) -> Identity:
        return ("phrase", self.slop, self.field, *(part.identity for part in self.parts))

    @property
    def typed_text(self) -> str:
        return " ".join(part.text for part in self.parts)

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.near_phrase(self)

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        yield self, False

    def needs_words(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Compound(AnalysedNode):
    """`real-gas` among other optional words. It finds what the phrase finds, but each of its parts adds to the score of a document
    that is found, wherever it stands: a document with «gas» is nearer to what was meant than one with neither."""

    phrase: NearPhrase

    @property
    def typed_text(self) -> str:
        return self.phrase.typed_text

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.compound(self)

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        yield self.phrase, False

    def scoring_parts(self) -> Iterator[Term]:
        return iter(self.phrase.parts)

    def needs_words(self) -> bool:
        return True

    def adds_anywhere(self) -> bool:
        return True

    def in_typed_order(self) -> Iterator[AnalysedNode]:
        return iter(self.phrase.parts)


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else may be meant.

    weight: of its scores, above 0 and at most 1.
    kind: of the bridge that leads to it.
    """

    node: AnalysedNode
    kind: BridgeKind
    weight: float


@dataclass(frozen=True, slots=True)
class Bridged(AnalysedNode):
    """A part of a query, and what else may be meant by it: finds what any of them finds, and the greatest of their scores counts.

    An alternative that is rarer than what was typed weighs no more than that.
    """

    own: AnalysedNode
    alternatives: tuple[Alternative, ...]

    @property
    def arms(self) -> tuple[AnalysedNode, ...]:
        """What was typed, then what else may be meant."""
        return (self.own, *(other.node for other in self.alternatives))

    @property
    def typed_text(self) -> str:
        return self.own.typed_text

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.bridged(self)

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        for arm in self.arms:
            yield from arm.terms()

    def scoring_parts(self) -> Iterator[Term]:
        for arm in self.arms:
            yield from arm.scoring_parts()

    def with_terms(self, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
        return replace(self, own=self.own.with_terms(other))

    def needs_words(self) -> bool:
        return all(arm.needs_words() for arm in self.arms)

    def is_word(self) -> bool:
        return all(isinstance(arm, (Term, NearPhrase)) for arm in self.arms)

    def adds_anywhere(self) -> bool:
        return any(arm.adds_anywhere() for arm in self.arms)

    def typed_words(self) -> Iterator[Term]:
        if not any(other.kind == "synonym" for other in self.alternatives):
            yield from self.own.typed_words()

    def bridges(self) -> Iterator[tuple[Bridged, Alternative]]:
        for alternative in self.alternatives:
            yield self, alternative
        yield from self.own.bridges()

    def in_typed_order(self) -> Iterator[AnalysedNode]:
        # Words that mean something together were still typed one by one.
        typed = self.own.wanted if isinstance(self.own, Combination) else (self.own,)
        return chain.from_iterable(node.in_typed_order() for node in typed)

    def neighbours(self) -> Iterator[tuple[Term, Term]]:
        return self.own.neighbours()


class Filter(AnalysedNode):
    """Narrows the documents and gives none a score."""

    __slots__ = ()

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.filter(self)

    def is_filter(self) -> bool:
        """Whether it counts as a filter in a query."""
        return True

    def boosted(self: FilterT, factor: float) -> FilterT:
        """Itself: there is no score to boost."""
        return self


@dataclass(frozen=True, slots=True)
class DateRange(Filter):
    """Documents dated from `since` to `until`, both days included; None leaves that end open.

    Both None: any document that has a date.
    """

    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class LanguageIs(Filter):
    """Documents in a language: a code of two or three small letters, ISO 639-1 where there is one, or "und"."""

    code: str


@dataclass(frozen=True, slots=True)
class EveryDocument(Filter):
    """All documents. In a query it stands for a word, so that it counts as no filter there."""

    def is_filter(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class NoDocument(AnalysedNode):
    """Finds nothing."""

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.no_document(self)

    def needs_words(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Combination(AnalysedNode):
    """All of `must`, none of `must_not`; without `must`, at least one of `should` if there are any."""

    must: tuple[AnalysedNode, ...] = ()
    should: tuple[AnalysedNode, ...] = ()
    must_not: tuple[AnalysedNode, ...] = ()
    boost: float = 1.0

    @property
    def wanted(self) -> tuple[AnalysedNode, ...]:
        """What must and what should be there."""
        return (*self.must, *self.should)

    @property
    def typed_text(self) -> str:
        return " ".join(filter(None, (node.typed_text for node in self.wanted)))

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.combination(self)

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        for child in self.wanted:
            yield from child.terms()
        for child in self.must_not:
            yield from ((term, True) for term, _ in child.terms())

    def scoring_parts(self) -> Iterator[Term]:
        for child in self.wanted:
            yield from child.scoring_parts()

    def with_terms(self, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
        must, should = (tuple(child.with_terms(other) for child in nodes) for nodes in (self.must, self.should))
        return replace(self, must=must, should=should)

    def needs_words(self) -> bool:
        if self.must:
            return any(child.needs_words() for child in self.must)
        return bool(self.should) and all(child.needs_words() for child in self.should)

    def any_of_terms(self) -> AnyOf | None:
        if self.must or self.must_not or not self.should:
            return None
        terms = tuple([child for child in self.should if isinstance(child, Term)])
        return AnyOf(terms, self.boost) if len(terms) == len(self.should) else None

    def required(self) -> Sequence[AnalysedNode]:
        return self.must

    def typed_words(self) -> Iterator[Term]:
        for child in self.wanted:
            yield from child.typed_words()

    def bridges(self) -> Iterator[tuple[Bridged, Alternative]]:
        for child in self.wanted:
            yield from child.bridges()

    def neighbours(self) -> Iterator[tuple[Term, Term]]:
        for children in (self.must, self.should):
            for left, right in pairwise(chain.from_iterable(child.in_typed_order() for child in children)):
                if isinstance(left, Term) and isinstance(right, Term) and left.field is None and right.field is None:
                    yield left, right
            for child in children:
                yield from child.neighbours()

    def without_filters(self) -> AnalysedNode:
        if self.must and not self.should and not self.must_not:
            wanted = [node for node in self.must if not isinstance(node, Filter)]
            if len(wanted) == 1:
                return wanted[0].without_filters()
        return self


Scored: TypeAlias = "Term | NearPhrase"
