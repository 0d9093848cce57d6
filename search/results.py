"""What does a search hand back?

Plain frozen values, free of any index: they can be kept, compared, pickled and shown after the index is closed. Every
mark is a pair [start, end) of code points in the text it belongs to; marks are sorted, disjoint and not empty.
"""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Mark = tuple[int, int]

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


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


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of a document with the words found in it.

    text: the passage; a run of white space is one space, the rest is as in the document, control characters included.
    marks: the words found, in the form in which they stand there.
    """

    text: str
    marks: tuple[Mark, ...] = ()

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


CorrectionKind = Literal["layout", "romanisation", "spelling", "synonym", "derivation"]
CorrectionAction = Literal["instead", "as well", "offered"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that was searched for in place of, or beside, the one that was typed, or that is offered instead.

    original: the word as it was typed.
    replacement: the word that was searched for, or is offered.
    kind: "layout" (typed with the wrong keyboard layout), "romanisation", "spelling", "synonym" or "derivation".
    note: more about it; may be empty.
    action: "instead" or "as well" where the replacement was searched for, "offered" where it was not.
    """

    original: str
    replacement: str
    kind: CorrectionKind
    note: str = ""
    action: CorrectionAction = "instead"


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


@dataclass(frozen=True, slots=True)
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

    def __hash__(self) -> int:
        """Equal hits have equal hashes; `meta` does not count."""
        return hash((self.rank, self.id, self.score))


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits: `for hit in results`, `len(results)`; true when something was found, on this page or not.

    query: as it was typed.
    total: how many documents answer the query, shown or not; only a lower bound if not `total_is_exact`.
    took_ms: milliseconds from the query string to this object.
    corrections: the words that were searched for beside those typed, or that are offered.
    warnings: how a malformed query was read, and what else the reader should know.
    hits: the documents of this page, best first.
    offset: how many better hits were left out.
    total_is_exact: whether all documents that answer were counted.
    partial: whether the time ran out. Then better documents may be missing, and hits may lack their snippets.
    """

    query: str
    total: int
    took_ms: float
    corrections: tuple[Correction, ...] = ()
    warnings: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    offset: int = 0
    total_is_exact: bool = True
    partial: bool = False

    def __hash__(self) -> int:
        """Equal results have equal hashes. What cannot be hashed, as the meta of a hit, does not count."""
        return hash((self.query, self.total, self.offset, self.hits))

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __bool__(self) -> bool:
        return self.total > 0
