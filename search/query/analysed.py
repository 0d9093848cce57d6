"""The nodes of an analysed query. Its terms know the forms that they stand for.

    AnalysedNode
    ├── Term            a query word: ONE term, however many keys and forms it has
    ├── NearPhrase      terms in order, with few words between
    ├── Compound        a word of several tokens among other optional words
    ├── Bridged         a part of a query with its alternatives
    ├── Filter          narrows and never scores
    │   ├── DateRange
    │   ├── LanguageIs
    │   ├── PathMatches, FolderIs, ExtensionIs
    │   ├── SizeRange, ChangedRange
    │   ├── FieldFilter
    │   ├── AmongIds, AmongDocs
    │   ├── FilterCombination
    │   └── EveryDocument
    ├── NoDocument      a word of punctuation alone: it cannot be found
    └── Combination     must, should, must not

Nodes are frozen values. An operation that needs only the tree is a method of the nodes. An operation that needs an index is a
Visitor, in the room that knows the index.
"""

from __future__ import annotations

from itertools import chain, pairwise

from naidi.indexer.codec.segment import Segment
from naidi.indexer.late import datetime, np
from naidi.indexer.record import record, replace
from naidi.indexer.typed import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    import numpy.typing as npt

    from naidi.indexer.conditions import Condition

Forms: TypeAlias = "npt.NDArray[np.uint32]"
Expansion: TypeAlias = "Callable[[Segment], Forms]"
# Terms and phrases with equal identities find the same documents.
Identity: TypeAlias = "tuple[object, ...]"
BridgeKind = Literal["romanisation", "synonym", "translation", "spelling", "derivation"]
Result = TypeVar("Result")
FilterT = TypeVar("FilterT", bound="Filter")


class Visitor(Generic[Result]):
    """An operation on nodes that needs more than the tree. Kinds of nodes without a method of their own go to `other`."""

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
    """A query for documents that have any of some terms. boost: the factor of their scores, besides their own boosts."""

    terms: tuple[Term, ...]
    boost: float


class AnalysedNode:
    """The operations that every node has. The defaults are for a node without words."""

    __slots__ = ()

    def accept(self, visitor: Visitor[Result]) -> Result:
        """Call the visitor's method for this kind of node, and return its result."""
        raise NotImplementedError

    def terms(self) -> Iterator[tuple[Scored, bool]]:
        """(term or phrase, whether it stands under `must_not`) for all by which documents are found, from left to right."""
        return iter(())

    def scoring_parts(self) -> Iterator[Term]:
        """The parts of compounds. They find no documents by themselves; they only add to scores."""
        return iter(())

    @property
    def typed_text(self) -> str:
        """The words of this part of the query, as typed."""
        return ""

    def with_terms(self, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
        """The tree with each term replaced by `other(term)`. Excluded terms, parts of phrases and alternatives stay."""
        return self

    def needs_words(self) -> bool:
        """Whether every document found has some term or phrase of the tree."""
        return False

    def is_word(self) -> bool:
        """Whether this is one word, with or without alternatives. Posting lists alone then tell which documents have it."""
        return False

    def adds_anywhere(self) -> bool:
        """Whether the node may add to the score of a document that it does not find, as parts of a compound do."""
        return False

    def any_of_terms(self) -> AnyOf | None:
        """The terms of a query that asks for any of some terms and nothing else. None for other queries."""
        return None

    def required(self) -> Sequence[AnalysedNode]:
        """The parts that every document found must answer. A node without parts gives itself."""
        return (self,)

    def typed_words(self) -> Iterator[Term]:
        """The plain words that are not excluded, but for those in phrases, parts of one word, and words that mean another."""
        return iter(())

    def bridges(self) -> Iterator[tuple[Bridged, Alternative]]:
        """Each part that has alternatives, with each of them. Excluded parts have none."""
        return iter(())

    def in_typed_order(self) -> Iterator[AnalysedNode]:
        """The words of this part, in the order in which they were typed."""
        yield self

    def neighbours(self) -> Iterator[tuple[Term, Term]]:
        """Pairs of terms that stand side by side in the query and are searched for in all fields."""
        return iter(())

    def without_filters(self) -> AnalysedNode:
        """The only node beside filters, if there is just one; else this node itself."""
        return self


@record
class Term(AnalysedNode):
    """A query word.

    text: the word as typed.
    kind: "lemma" for a plain word, else "exact", "prefix", "wildcard" or "fuzzy".
    keys: the keys that a plain word is looked up by; empty for other kinds.
    forms: a function of a segment that gives the numbers of the forms that answer the word, ascending, uint32.
    stem: the stem, if documents with another lemma of the same stem may be found too; else None.
    field: the only field that is searched; None for all.
    boost: the factor of the scores.
    identity: terms with equal identities find the same documents.
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


@record
class NearPhrase(AnalysedNode):
    """Terms in this order, all in one field of a document. At most `slop` other tokens stand between the first and the last."""

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


@record
class Compound(AnalysedNode):
    """A word of several tokens (`real-gas`) among other optional words.

    It finds the documents that the phrase finds. But each part adds to the score of any document found, wherever the part stands
    in it: a document with «gas» is nearer to the query than one with neither word.
    """

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


@record
class Alternative:
    """Another word, or other words, that may be meant by a part of a query.

    node: the words.
    kind: the kind of the bridge that leads to them.
    weight: the factor of their scores, above 0 and at most 1.
    confidence: how surely they are meant; see `Correction`.
    """

    node: AnalysedNode
    kind: BridgeKind
    weight: float
    confidence: float = 1.0


@record
class Bridged(AnalysedNode):
    """A part of a query with its alternatives. It finds what any of them finds. The greatest of their scores counts.

    An alternative that is rarer than the typed part weighs no more than the typed part (see `ranking/bridge_weights`).
    """

    own: AnalysedNode
    alternatives: tuple[Alternative, ...]

    @property
    def arms(self) -> tuple[AnalysedNode, ...]:
        """The typed part, then the alternatives."""
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
        if not any(other.kind in ("synonym", "translation", "spelling") for other in self.alternatives):
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
    """A node that narrows the documents and gives none of them a score."""

    __slots__ = ()

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.filter(self)

    def is_filter(self) -> bool:
        """Whether the node counts as a filter in a query."""
        return True

    def boosted(self: FilterT, factor: float) -> FilterT:
        """The node itself: it has no score to boost."""
        return self


@record
class DateRange(Filter):
    """Documents dated from `since` to `until`, both days included. None leaves that end open.

    With None for both, it is any document that has a date.
    """

    since: datetime.date | None = None
    until: datetime.date | None = None


@record
class LanguageIs(Filter):
    """Documents in one language. code: two or three small letters, ISO 639-1 where it has one, or "und" (unknown)."""

    code: str


@record
class PathMatches(Filter):
    """Documents whose path has a text in it, or, if that has `*` or `?`, matches it from the start of some name to the end.

    pattern: in small letters, with "/" between names.
    """

    pattern: str


@record
class FolderIs(Filter):
    """Documents below a folder. names: its name, or those of several folders one in the other, as a pattern in small letters."""

    names: str


@record
class ExtensionIs(Filter):
    """Documents of files with an extension, in small letters and without its dot."""

    extension: str


@record
class SizeRange(Filter):
    """Documents of files of at least `least` and at most `most` bytes; None leaves that end open. Of unknown size, none passes."""

    least: int | None = None
    most: int | None = None


@record
class ChangedRange(Filter):
    """Documents whose files were changed from `since` to `until`, both days included. None leaves that end open."""

    since: datetime.date | None = None
    until: datetime.date | None = None


@record
class FieldFilter(Filter):
    """Documents for whose fields a condition holds. The condition fits the schema.

    typed: how it reads in a query; empty if it comes from elsewhere.
    alternative: the field, if a document has one value of it at most; filters of its values beside each other are alternatives.
    """

    condition: Condition
    typed: str = ""
    alternative: str | None = None


@record
class AmongIds(Filter):
    """Documents with one of some ids."""

    ids: frozenset[str]


class AmongDocs(Filter):
    """Some documents. docs: those of each segment, ascending."""

    __slots__ = ("docs",)

    def __init__(self, docs: Sequence[npt.NDArray[np.int64]]) -> None:
        self.docs = docs


@record
class FilterCombination(Filter):
    """Documents that pass all filters of `must` and none of `must_not`; without `must`, one of `should` if there are any."""

    must: tuple[Filter, ...] = ()
    should: tuple[Filter, ...] = ()
    must_not: tuple[Filter, ...] = ()


PathFilter: TypeAlias = "PathMatches | FolderIs | ExtensionIs"


@record
class EveryDocument(Filter):
    """All documents. In a query it stands for a word (`*`), so it does not count as a filter there."""

    def is_filter(self) -> bool:
        return False


@record
class NoDocument(AnalysedNode):
    """A node that finds no document."""

    def accept(self, visitor: Visitor[Result]) -> Result:
        return visitor.no_document(self)

    def needs_words(self) -> bool:
        return True


@record
class Combination(AnalysedNode):
    """All of `must` and none of `must_not`. Without `must`, at least one of `should`, if there are any.

    boost: the factor of the sum of their scores.
    """

    must: tuple[AnalysedNode, ...] = ()
    should: tuple[AnalysedNode, ...] = ()
    must_not: tuple[AnalysedNode, ...] = ()
    boost: float = 1.0

    @property
    def wanted(self) -> tuple[AnalysedNode, ...]:
        """The parts that are not excluded: `must`, then `should`."""
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
