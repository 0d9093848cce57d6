"""What is a query once it is read?

    Node
    ├── a word that is looked up, with a field (None: the default fields) and a boost
    │   ├── Word          every form of the word
    │   ├── Exact         this form alone
    │   ├── Prefix        every form that begins so
    │   ├── Wildcard      every form of that shape
    │   └── Fuzzy         every form that is spelled nearly so
    ├── Phrase            such words beside each other
    ├── a filter: it narrows and never scores
    │   ├── DateRange
    │   └── LanguageIs
    ├── EveryDocument
    └── Bool              what must, should and must not be there

Nodes are plain frozen values. The text in them is what was typed, in the case in which it was typed; case folding and
lemmas are the business of whoever analyses the tree. Every text has at least one letter or digit. `compose` keeps trees
in one normal form, so that two queries which mean the same are usually equal.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypeAlias

from ..results import slot_setters

MIN_BOOST, MAX_BOOST = 0.001, 1000.0
MAX_EDITS = 2
MAX_SLOP = 1000


@dataclass(frozen=True, slots=True, init=False)
class Word:
    """Any form of a word. The text is raw: it may hold several tokens (`медико-санитарной`, `75,4`), then a phrase."""

    text: str
    field: str | None = None
    boost: float = 1.0

    def __init__(self, text: str, field: str | None = None, boost: float = 1.0) -> None:
        set_text, set_field, set_boost = _WORD_SLOTS
        set_text(self, text)
        set_field(self, field)
        set_boost(self, boost)


@dataclass(frozen=True, slots=True)
class Exact:
    """A word in this very form. The text is raw, as in Word."""

    text: str
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every surface form that begins with the text: a piece of one token, without the star."""

    text: str
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Every surface form of this shape: `*` stands for any number of characters, `?` for exactly one.

    The pattern is that of one token: letters, digits, marks, apostrophes, `*` and `?`, with no two stars side by side.
    """

    pattern: str
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Every surface form at most `max_edits` (1 or 2) edits away from the text, which is one token."""

    text: str
    max_edits: int
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words beside each other, in this order.

    parts: at least one, and at least two where the slop is 0; their own field is None and their own boost 1.
    slop: how many other words may stand between them, all gaps together; 0 means neighbours. At most MAX_SLOP.
    """

    parts: tuple[Leaf, ...]
    slop: int = 0
    field: str | None = None
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class DateRange:
    """Documents dated from `since` to `until`, both days included; None leaves that end open.

    Both None: any document that has a date.
    """

    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class LanguageIs:
    """Documents in a language: a code of two or three small letters, ISO 639-1 where there is one, or "und"."""

    code: str


@dataclass(frozen=True, slots=True)
class EveryDocument:
    """All documents."""


@dataclass(frozen=True, slots=True, init=False)
class Bool:
    """Documents that answer all of `must`, none of `must_not` and, without a `must`, one of `should` if there is any.

    `should` beside a `must` only adds to the score. `must_not` alone: every document but those. The score is `boost`
    times the sum of the scores of what was answered in `must` and `should`.

    What `compose.combine` sees to: there are at least two children, or one in `must_not`; no child says what its parent
    could say itself; `must_not` holds no negation. What the parser sees to: beside a `should`, `must` is not made of
    filters alone.
    """

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()
    boost: float = 1.0

    def __init__(
        self,
        must: tuple[Node, ...] = (),
        should: tuple[Node, ...] = (),
        must_not: tuple[Node, ...] = (),
        boost: float = 1.0,
    ) -> None:
        set_must, set_should, set_must_not, set_boost = _BOOL_SLOTS
        set_must(self, must)
        set_should(self, should)
        set_must_not(self, must_not)
        set_boost(self, boost)


_WORD_SLOTS = slot_setters(Word)
_BOOL_SLOTS = slot_setters(Bool)


Leaf: TypeAlias = "Word | Exact | Prefix | Wildcard | Fuzzy"
Node: TypeAlias = "Word | Exact | Prefix | Wildcard | Fuzzy | Phrase | DateRange | LanguageIs | EveryDocument | Bool"
