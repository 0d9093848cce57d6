"""The nodes of a parsed query, before its words are analysed.

    Node
    ├── Leaf              a word that is looked up, with a field (None: the default fields) and a boost
    │   ├── Word          every form of the word
    │   ├── Exact         this form alone
    │   ├── Prefix        every form that begins so
    │   ├── Wildcard      every form that matches a pattern
    │   └── Fuzzy         every form within one or two edits
    ├── Phrase            words beside each other
    ├── Filter            narrows and never scores
    │   ├── DateRange
    │   ├── LanguageIs
    │   ├── PathMatches, FolderIs, ExtensionIs
    │   ├── SizeRange, ChangedRange
    │   ├── FieldFilter
    │   └── EveryDocument
    └── Bool              must, should, must not

Nodes are frozen values. Their text is as it was typed, in its own case; `rewrite` folds case and finds lemmas. Every text has at
least one letter or digit. `compose` keeps trees in one normal form, so two queries that mean the same are usually equal. The
analysed tree has the same filters; they are defined there.
"""

from __future__ import annotations

from naidi.indexer.record import record, replace
from naidi.indexer.typed import TYPE_CHECKING, TypeVar

from .analysed import (
    ChangedRange,
    DateRange,
    EveryDocument,
    ExtensionIs,
    FieldFilter,
    Filter,
    FolderIs,
    LanguageIs,
    PathMatches,
    SizeRange,
)

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = [
    "Bool",
    "ChangedRange",
    "DateRange",
    "EveryDocument",
    "Exact",
    "ExtensionIs",
    "FieldFilter",
    "Filter",
    "FolderIs",
    "Fuzzy",
    "LanguageIs",
    "Leaf",
    "Node",
    "PathMatches",
    "Phrase",
    "Prefix",
    "SizeRange",
    "Wildcard",
    "Word",
]

MIN_BOOST, MAX_BOOST = 0.001, 1000.0
MAX_EDITS = 2
MAX_SLOP = 1000

Self = TypeVar("Self", bound="_Scoring")


class _Scoring:
    """A node that gives scores: any but a filter."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def boost(self) -> float: ...

    def is_filter(self) -> bool:
        """Whether the node only narrows, that is, gives no document a score. This is also true of a negation."""
        return False

    def boosted(self: Self, factor: float) -> Self:
        """The node with its boost multiplied, kept within MIN_BOOST and MAX_BOOST. A node without a score comes back as it is."""
        if factor == 1.0 or self.is_filter():
            return self
        return replace(self, boost=min(max(self.boost * factor, MIN_BOOST), MAX_BOOST))


@record
class Word(_Scoring):
    """Any form of a word. The text is raw. It may hold several tokens (`медико-санитарной`, `75,4`): then it is a phrase."""

    text: str
    field: str | None = None
    boost: float = 1.0

    @property
    def bare(self) -> str:
        """As it is typed, without field and boost."""
        return self.text


@record
class Exact(_Scoring):
    """A word in this form alone. The text is raw, as in Word."""

    text: str
    field: str | None = None
    boost: float = 1.0

    @property
    def bare(self) -> str:
        """As it is typed, without field and boost."""
        return f"={self.text}"


@record
class Prefix(_Scoring):
    """Every surface form that begins with the text. The text is the beginning of one token, without the star."""

    text: str
    field: str | None = None
    boost: float = 1.0

    @property
    def bare(self) -> str:
        """As it is typed, without field and boost."""
        return f"{self.text}*"


@record
class Wildcard(_Scoring):
    """Every surface form that matches the pattern: `*` stands for any number of characters, `?` for exactly one.

    The pattern covers one token. It holds letters, digits, marks, apostrophes, `*` and `?`, and no two stars side by side.
    """

    pattern: str
    field: str | None = None
    boost: float = 1.0

    @property
    def bare(self) -> str:
        """As it is typed, without field and boost."""
        return self.pattern


@record
class Fuzzy(_Scoring):
    """Every surface form at most `max_edits` (1 or 2) edits away from the text, which is one token."""

    text: str
    max_edits: int
    field: str | None = None
    boost: float = 1.0

    @property
    def bare(self) -> str:
        """As it is typed, without field and boost."""
        return f"{self.text}~{self.max_edits}"


@record
class Phrase(_Scoring):
    """Words beside each other, in this order.

    parts: the words; at least one, and at least two if the slop is 0. The field of each is None, and its boost 1.
    slop: how many other words may stand between them, all gaps together, from 0 (neighbours) to MAX_SLOP.
    field: None for the default fields.
    boost: the factor of the score.
    """

    parts: tuple[Leaf, ...]
    slop: int = 0
    field: str | None = None
    boost: float = 1.0


@record
class Bool(_Scoring):
    """Documents that answer all of `must` and none of `must_not`. Without `must`, they answer at least one of `should`, if any.

    Beside `must`, `should` only adds to the score. `must_not` alone means every document but those. The score is `boost` times the
    sum of the scores of the nodes in `must` and `should` that the document answers.

    `compose.combine` keeps these invariants: there are at least two children, or one in `must_not`; no child says what its parent
    could say itself; `must_not` holds no negation. The parser keeps one more: beside `should`, `must` never holds only filters.
    """

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()
    boost: float = 1.0

    def is_filter(self) -> bool:
        return all(node.is_filter() for node in (*self.must, *self.should))


Leaf: TypeAlias = "Word | Exact | Prefix | Wildcard | Fuzzy"
Narrowing: TypeAlias = (
    "DateRange | LanguageIs | PathMatches | FolderIs | ExtensionIs | SizeRange | ChangedRange | FieldFilter"
    " | EveryDocument"
)
Node: TypeAlias = "Word | Exact | Prefix | Wildcard | Fuzzy | Phrase | Narrowing | Bool"
