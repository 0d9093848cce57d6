"""What does a search hand back?

Plain frozen values, free of any index: they can be kept, compared, pickled and shown after the index is closed. Every
mark is a pair [start, end) of code points in the text it belongs to; marks are sorted, disjoint and not empty.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Literal

Mark = tuple[int, int]

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def slot_setters(cls: type) -> tuple[Callable[[object, object], None], ...]:
    """What puts a value into each slot of a new object of a frozen dataclass, in the order of its fields.

    For an `__init__` of its own where many are made: it takes half the time of the generated one.
    """
    return tuple(vars(cls)[each.name].__set__ for each in fields(cls))


def marked_parts(text: str, marks: Sequence[Mark]) -> Iterator[tuple[str, bool]]:
    """The text cut at its marks: (part, whether it is marked), no part empty, all parts together the text."""
    position = 0
    for start, end in marks:
        if position < start:
            yield text[position:start], False
        yield text[start:end], True
        position = end
    if position < len(text):
        yield text[position:], False


@dataclass(frozen=True, slots=True, init=False)
class Snippet:
    """A passage of a document with the words found in it.

    text: the passage; a run of white space is one space, the rest is as in the document, control characters included.
    marks: the words found, in the form in which they stand there.
    """

    text: str
    marks: tuple[Mark, ...] = ()

    def __init__(self, text: str, marks: tuple[Mark, ...] = ()) -> None:
        set_text, set_marks = _SNIPPET_SLOTS
        set_text(self, text)
        set_marks(self, marks)

    def html(self, tag: str = "mark") -> str:
        """The passage for a web page: the words found in `<tag>`, everything else escaped, nothing interpreted.

        `tag` is the bare name of an element; ValueError for anything else.
        """
        if not _TAG.fullmatch(tag):
            raise ValueError(f"not the name of an HTML element: {tag!r}")
        return "".join(
            f"<{tag}>{html.escape(part)}</{tag}>" if marked else html.escape(part)
            for part, marked in marked_parts(self.text, self.marks)
        )


_SNIPPET_SLOTS = slot_setters(Snippet)


INSTEAD, AS_WELL, OFFERED = "instead", "as well", "offered"


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was searched for in place of, or beside, the one that was typed, or that is offered instead.

    kind: "layout" (typed on the wrong keyboard), "romanisation", "spelling", "synonym" or "derivation".
    action: INSTEAD, AS_WELL or OFFERED: an offered word was not searched for.
    """

    original: str
    replacement: str
    kind: str
    note: str = ""
    action: str = INSTEAD


CompletionKind = Literal["prefix", "layout", "spelling"]


@dataclass(frozen=True, slots=True)
class Completion:
    """A text that may be meant.

    text: what was typed, its last word completed. doc_freq: live documents that have the word by its lemma; of a form whose lemma
    begins otherwise («люди»), no more than that: those of its lemma or of its stem, whichever are fewer. kind: "prefix" where the
    word begins as typed, "layout" as on the other keyboard, "spelling" with one letter put right.
    """

    text: str
    doc_freq: int
    kind: CompletionKind


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A form in a document that answers a query word, the keys through which they meet, and its number."""

    form: str
    keys: tuple[str, ...]
    term_freq: int


@dataclass(frozen=True, slots=True)
class TermMatch:
    """What one query word adds to the score of a document in one field.

    tier: what the two sides were compared by: "lemma", "stem", "exact", ...
    doc_freq: documents that have the word; idf: as it counts, raised to its power; field_length: tokens of this field in this
    document; score: the part of the total, `boost * idf * tf`. bridge: what leads to the word where it was not typed itself, such
    as "romanisation of Токаев".
    """

    word: str
    field: str
    tier: str
    forms: tuple[FormMatch, ...]
    doc_freq: int
    idf: float
    field_length: int
    avg_field_length: float
    boost: float
    score: float
    bridge: str = ""

    @property
    def term_freq(self) -> int:
        """How often the word stands in the field, whatever its form."""
        return sum(form.term_freq for form in self.forms)

    @property
    def tf(self) -> float:
        """The part of the score that grows with term_freq and shrinks with field_length; 0 if boost or idf is."""
        scale = self.boost * self.idf
        return self.score / scale if scale else 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a document is among the hits, and how its score came about.

    total: the score; formula: how it is made of the scores of the matches, in words, when it is not simply their sum.
    """

    matches: tuple[TermMatch, ...]
    total: float
    formula: str = ""


@dataclass(frozen=True, slots=True, init=False)
class Hit:
    """A document that answers the query.

    rank: place among all documents found, from 1; the first hit of a page at offset 10 has rank 11.
    title_marks: the words found, in `title`; language: ISO 639-1 or "und".
    """

    rank: int
    id: str
    path: str | None
    title: str
    date: datetime.date | None
    language: str | None
    score: float
    meta: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    snippets: tuple[Snippet, ...] = ()
    title_marks: tuple[Mark, ...] = ()
    explanation: Explanation | None = None

    def __init__(
        self,
        rank: int,
        id: str,
        path: str | None,
        title: str,
        date: datetime.date | None,
        language: str | None,
        score: float,
        meta: Mapping[str, str | int | float | bool | None] | None = None,
        snippets: tuple[Snippet, ...] = (),
        title_marks: tuple[Mark, ...] = (),
        explanation: Explanation | None = None,
    ) -> None:
        (
            set_rank,
            set_id,
            set_path,
            set_title,
            set_date,
            set_language,
            set_score,
            set_meta,
            set_snippets,
            set_title_marks,
            set_explanation,
        ) = _HIT_SLOTS
        set_rank(self, rank)
        set_id(self, id)
        set_path(self, path)
        set_title(self, title)
        set_date(self, date)
        set_language(self, language)
        set_score(self, score)
        set_meta(self, {} if meta is None else meta)
        set_snippets(self, snippets)
        set_title_marks(self, title_marks)
        set_explanation(self, explanation)


_HIT_SLOTS = slot_setters(Hit)


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits.

    total: documents that answer the query, shown or not; only a lower bound if not `total_is_exact`.
    took_ms: milliseconds from the query string to this object. offset: how many better hits were left out.
    """

    query: str
    total: int
    took_ms: float
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    offset: int = 0
    total_is_exact: bool = True
