"""The classes of the values that a searcher hands back.

They are plain frozen values without a link to the index. They can be kept, compared, pickled and shown after the index is closed.
A mark is a pair [start, end) of code points in its text. Marks are sorted, disjoint and not empty.
"""

from __future__ import annotations

from naidi.indexer.file_facts import DateSource
from naidi.indexer.late import datetime, pattern
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .explanation import Explanation

Mark = tuple[int, int]

_TAG = pattern(r"[A-Za-z][A-Za-z0-9-]*")


def marked_parts(text: str, marks: Sequence[Mark]) -> Iterator[tuple[str, bool]]:
    """(part, whether it is marked) for the parts of a text between the ends of its marks.

    No part is empty. All parts together are the text.
    """
    position = 0
    for start, end in marks:
        if position < start:
            yield text[position:start], False
        yield text[start:end], True
        position = end
    if position < len(text):
        yield text[position:], False


def _marked_html(text: str, marks: Sequence[Mark], tag: str) -> str:
    if not _TAG.fullmatch(tag):
        raise ValueError(f"not the name of an HTML element: {tag!r}")
    from html import escape

    return "".join(
        f"<{tag}>{escape(part)}</{tag}>" if marked else escape(part) for part, marked in marked_parts(text, marks)
    )


@record
class Snippet:
    """A passage of a document with the words found in it.

    text: the passage. Each run of white space is one space. The rest is as in the document, control characters included.
    marks: the places of the words found, in `text`.
    start: where the passage begins in the text of the document, in code points.
    line: the line of the file, from 1, in which the first word found stands, or else in which the passage begins. Of a row of a
      table, the line in which the row begins. Of formats that are not text (PDF), it counts lines of what was read.
    page: the page of that line, from 1; None if the document has no pages.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    start: int = 0
    line: int = 1
    page: int | None = None

    def html(self, tag: str = "mark") -> str:
        """The passage for a web page: the words found are in `<tag>`, and all text is escaped.

        Parameters:
          tag: the bare name of an element.

        Raises ValueError for any other tag.
        """
        return _marked_html(self.text, self.marks, tag)

    def _repr_html_(self) -> str:
        """The passage as a notebook shows it."""
        from .notebook.results_html import snippet_html

        return snippet_html(self)


CorrectionKind = Literal["layout", "romanisation", "spelling", "synonym", "translation", "derivation", "expansion"]
CorrectionAction = Literal["instead", "as well", "offered"]


@record
class Correction:
    """A word that was searched for instead of a typed word or beside it, or a word that is offered.

    original: the word as it was typed; the whole query if its key terms were added.
    replacement: the word that was searched for or is offered.
    kind: "layout" (wrong keyboard layout), "romanisation" (other alphabet), "spelling", "synonym",
      "translation", "derivation", or "expansion" (a key term of the best documents, which was asked for).
    note: more about it; may be empty.
    action: "instead" or "as well" if the replacement was searched for, "offered" if it was not.
    confidence: how surely the replacement is what was meant, above 0 and at most 1. By kind it is
      layout: 1, since a key has one letter in each layout;
      romanisation: how alike both are in spelling and sound. 1 is letter for letter; at .5 about half are right;
      spelling: the share of the word among the nearest words of the index, by the typos that lead to each and by how many documents
        have it. Of words at .5 to .6 about two in three are right, above .9 nineteen in twenty;
      synonym: 1, since a list or a document says so;
      derivation: how much of both words is their common beginning (Dice's coefficient);
      expansion: the weight of the key term, by that of the weightiest.
    told: whether the command tells it, unasked. It does not tell what changes nothing: words that were searched for but give no
      document of the page its score, and offered words that would show the same documents. Nor does it offer any for a word that is
      hardly a slip.
    """

    original: str
    replacement: str
    kind: CorrectionKind
    note: str = ""
    action: CorrectionAction = "instead"
    confidence: float = 1.0
    told: bool = True

    def _repr_html_(self) -> str:
        """The correction as a notebook shows it."""
        from .notebook.results_html import correction_html

        return correction_html(self)


@record
class Hit:
    """A document that answers the query.

    rank: place among all documents found, from 1. The first hit of a page at offset 10 has rank 11.
    id: of the document.
    path: of its file; None if it has none.
    title: of the document.
    date: of the document; None if unknown.
    date_source: what the date was taken from: "given" (by an application), "metadata" (of the file's format), "header" (of its
      text), "name" (of the file), "mtime" (when the file was changed); None without a date.
    language: an ISO 639-1 code, or "und" if unknown.
    score: higher is better. Scores of different queries cannot be compared.
    meta: what the application stored with the document.
    snippets: passages with the words found, in the order of the text.
    title_marks: the places of the words found, in `title`.
    explanation: of the score; None if it was not asked for.
    duplicates: the ids of hits farther down on the page whose texts are nearly the same, if they were asked for.
    size: bytes of its file; None if unknown.
    mtime: when its file was changed, in UTC; None if unknown.
    fields: its values in the fields of the application, a list for those that may have several.
    """

    rank: int
    id: str
    path: str | None
    title: str
    date: datetime.date | None
    language: str | None
    score: float
    meta: Mapping[str, str | int | float | bool | None] = {}
    snippets: tuple[Snippet, ...] = ()
    title_marks: tuple[Mark, ...] = ()
    explanation: Explanation | None = None
    duplicates: tuple[str, ...] = ()
    date_source: DateSource | None = None
    size: int | None = None
    mtime: datetime.datetime | None = None
    fields: Mapping[str, Any] = {}

    def html(self, tag: str = "mark", separator: str = " … ") -> str:
        """The snippets for a web page, as `Snippet.html` gives each; "" for a hit without snippets, such as one without a text.

        Parameters:
          tag: the bare name of an element.
          separator: what stands between two snippets; HTML, which is not escaped.

        Raises ValueError for any other tag.
        """
        shown = [_marked_html(snippet.text, snippet.marks, tag) for snippet in self.snippets]
        return separator.join(shown) if shown else _marked_html("", (), tag)

    def title_html(self, tag: str = "mark") -> str:
        """The title for a web page: the words found are in `<tag>`, and all text is escaped.

        Parameters:
          tag: the bare name of an element.

        Raises ValueError for any other tag.
        """
        return _marked_html(self.title, self.title_marks, tag)

    def __hash__(self) -> int:
        """Equal hits have equal hashes; `meta` and `fields` do not count."""
        return hash((self.rank, self.id, self.score))

    def _repr_html_(self) -> str:
        """The hit as a notebook shows it."""
        from .notebook.results_html import hit_html

        return hit_html(self)


@record
class Facet:
    """How many of all documents found have which value: `for value, count in facet`, `facet[0]`, `len(facet)`.

    values: (value, number of documents). Single values stand in the order of their numbers, the greatest first, and those of equal
      ones in their own order. Ranges are pairs (from, before), in the order asked for. A step of a histogram is the day or the
      number with which it begins, ascending; steps without documents between others are there.
    other: number of documents that have other values than these.
    missing: number of documents without a value.
    """

    values: tuple[tuple[Any, int], ...] = ()
    other: int = 0
    missing: int = 0

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: int) -> tuple[Any, int]:
        return self.values[place]

    def __eq__(self, other: object) -> bool:
        """Equal facets count the same. A list of pairs is equal to the values."""
        if isinstance(other, list):
            return list(self.values) == other
        return isinstance(other, Facet) and (self.values, self.other, self.missing) == (
            other.values,
            other.other,
            other.missing,
        )

    def __hash__(self) -> int:
        return hash((self.values, self.other, self.missing))

    def _repr_html_(self) -> str:
        """A plot for a notebook: bars for values and ranges, columns for the steps of a histogram."""
        from .notebook.facet_plot import facet_html

        return facet_html(self)


@record
class Results:
    """A page of hits, best first: `for hit in results`, `len(results)`. True if anything was found, on this page or not.

    query: as it was typed.
    total: number of documents that answer the query, shown or not. A lower bound if `total_is_exact` is false.
    took_ms: milliseconds from the query string to this object.
    corrections: words that were searched for instead of typed ones, then words that are offered, then words that were searched for
      beside typed ones; the surest of each first.
    warnings: how a malformed query was read, and other things that the user should know.
    hits: the documents of this page, in order.
    offset: number of hits that were left out before this page.
    total_is_exact: whether all documents that answer the query were counted.
    partial: whether the time ran out. Then better documents may be missing, and hits may lack their snippets.
    facets: those that were asked for, by name.
    cursor: for the next page, as the option `after`; None if this is the last one.
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
    facets: Mapping[str, Facet] = {}
    cursor: str | None = None

    def __hash__(self) -> int:
        """Equal results have equal hashes. What cannot be hashed, as the meta of a hit, does not count."""
        return hash((self.query, self.total, self.offset, self.hits))

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __bool__(self) -> bool:
        return self.total > 0

    def _repr_html_(self) -> str:
        """The page as a notebook shows it. Of many hits the first are shown, and the others counted."""
        from .notebook.results_html import results_html

        return results_html(self)
