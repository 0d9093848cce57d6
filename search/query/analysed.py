"""What is a query once its words are analysed? Terms know the forms they stand for; filters are those of `nodes`.

AnalysedNode
├── Term            a query word: ONE term, whatever the number of its keys and forms
├── NearPhrase      terms in order, with few words between
├── Bridged         one of these with what else may be meant by it
├── DateRange, LanguageIs, EveryDocument
├── NoDocument      what cannot be found: a word of punctuation alone
└── Combination     must, should, must not
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment

from .nodes import DateRange, EveryDocument, LanguageIs

Forms = npt.NDArray[np.uint32]
# Tells terms and phrases apart: equal ones find the same.
Identity: TypeAlias = "tuple[object, ...]"
Expansion = Callable[[Segment], Forms]


@dataclass(frozen=True, slots=True)
class Term:
    """A query word.

    text: as typed. kind: "lemma" for a plain word, else "exact", "prefix", "wildcard", "fuzzy". keys: of a plain word, those it is
    looked up by. forms: the forms in a segment that answer it, ascending. stem: its stem, if documents with another lemma of the
    same stem may be found too. field: None for all. `identity` tells terms apart: equal ones find the same.
    """

    text: str
    kind: str
    keys: tuple[str, ...]
    forms: Expansion
    stem: str | None
    field: str | None
    boost: float
    identity: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class NearPhrase:
    """Terms in this order, all in one field of a document, with at most `slop` other tokens between the first and the last."""

    parts: tuple[Term, ...]
    slop: int
    field: str | None
    boost: float

    @property
    def identity(self) -> tuple[object, ...]:
        return ("phrase", self.slop, self.field, *(part.identity for part in self.parts))


@dataclass(frozen=True, slots=True)
class Compound:
    """`real-gas` among other optional words. It finds what the phrase finds, but each of its parts adds to the score of a document
    that is found, wherever it stands: who has «gas» is nearer to what was meant than who has neither."""

    phrase: NearPhrase


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else may be meant. weight: of its scores, above 0 and at most 1. kind: of the bridge that leads to it: "romanisation",
    "synonym", "spelling", "derivation"."""

    node: AnalysedNode
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Bridged:
    """A part of a query, and what else may be meant by it: finds what any of them finds, and the greatest of their scores counts.

    An alternative that is rarer than what was typed weighs no more than that.
    """

    own: AnalysedNode
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class NoDocument:
    """Finds nothing."""


@dataclass(frozen=True, slots=True)
class Combination:
    """All of `must`, none of `must_not`; without `must`, at least one of `should` if there are any."""

    must: tuple[AnalysedNode, ...] = ()
    should: tuple[AnalysedNode, ...] = ()
    must_not: tuple[AnalysedNode, ...] = ()
    boost: float = 1.0


Scored: TypeAlias = "Term | NearPhrase"
AnalysedNode: TypeAlias = (
    "Term | NearPhrase | Compound | Bridged | DateRange | LanguageIs | EveryDocument | NoDocument | Combination"
)


def leaves(node: AnalysedNode, *, excluded: bool = False) -> Iterator[tuple[Scored, bool]]:
    """Every term and phrase by which documents are found, from left to right, and whether it is excluded (under `must_not`)."""
    if isinstance(node, (Term, NearPhrase)):
        yield node, excluded
    elif isinstance(node, Compound):
        yield node.phrase, excluded
    elif isinstance(node, Bridged):
        yield from leaves(node.own, excluded=excluded)
        for alternative in node.alternatives:
            yield from leaves(alternative.node, excluded=excluded)
    elif isinstance(node, Combination):
        for child in (*node.must, *node.should):
            yield from leaves(child, excluded=excluded)
        for child in node.must_not:
            yield from leaves(child, excluded=True)


def text_of(node: AnalysedNode) -> str:
    """The words of a part of the query, as typed."""
    if isinstance(node, Term):
        return node.text
    if isinstance(node, NearPhrase):
        return " ".join(term.text for term in node.parts)
    if isinstance(node, Compound):
        return text_of(node.phrase)
    if isinstance(node, Bridged):
        return text_of(node.own)
    if isinstance(node, Combination):
        return " ".join(filter(None, map(text_of, (*node.must, *node.should))))
    return ""


def replaced(node: AnalysedNode, other: Callable[[Term], AnalysedNode]) -> AnalysedNode:
    """The tree with other nodes for its terms, but for those that are excluded, stand in phrases or are alternatives."""
    if isinstance(node, Term):
        return other(node)
    if isinstance(node, Bridged):
        return replace(node, own=replaced(node.own, other))
    if isinstance(node, Combination):
        must, should = (tuple(replaced(child, other) for child in nodes) for nodes in (node.must, node.should))
        return replace(node, must=must, should=should)
    return node
