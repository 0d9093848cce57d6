"""The page of one document: its text at the place that was looked for, with the words found.

Only what the index has stored is shown. Files are never read: a path in an index may name anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from naidi.indexer.errors import IndexProblem, NotSupported
from naidi.indexer.printable import printable

from ..document_lines import DocumentLines
from ..open_index import Searcher
from ..results import Mark
from ..show.field_values import json_value
from ..stored_documents import StoredDocument
from .marked_text import breakable, marked, marked_lines
from .page_query import PageQuery, whole
from .rendering import document_path, rendered
from .search_page import HTML, HitShown, form_values, hit_shown
from .texts import Texts

PART = 40_000
"""Code points of a text that a page shows at most. A longer text has parts."""
_MARKED_WHOLE = 400_000
# A longer text is marked part by part: 100,000 code points take 12 ms.
# Of more words found, only the links above the text lead from one to the next.
_LINKED = 500
_MOST_FIELDS = 50
_SIMILAR = 5
# A document with less than this share of the score of the most similar one has a common word or a number in common, and no more.
# Of 38,000 documents, 14 of 100 of those behind the first are left out.
_LEAST_SIMILAR = 0.5


@dataclass(frozen=True)
class _Fact:
    """Something that is known of the document."""

    name: str
    value: str


def parts_of(text: str, most: int = PART) -> list[Mark]:
    """The parts of a text, each of `most` code points at most, and where it can be, of whole lines."""
    parts: list[Mark] = []
    start = 0
    while len(text) - start > most:
        cut = text.rfind("\n", start + most // 2, start + most) + 1 or start + most
        parts.append((start, cut))
        start = cut
    return [*parts, (start, len(text))]


def document_page(request: Request, searcher: Searcher, texts: Texts, doc_id: str, timeout: float) -> Response:
    """The page of a document. Raises DocumentMissing, and as a search does."""
    document = searcher.get(doc_id)
    asked = PageQuery.of(request.query_params, ("at", "part"))
    root = str(request.scope.get("root_path", ""))
    path, named = document_path(doc_id, f"{root}/documents")
    text = document.text or ""
    parts = parts_of(text)
    place = _whole(request.query_params.get("at"), len(text))
    part = _whole(request.query_params.get("part"), len(parts))
    if part is None:
        part = 1 if place is None else next(n for n, (_, end) in enumerate(parts, 1) if place < end or n == len(parts))
    part = max(part, 1)
    span = parts[part - 1]
    lines = DocumentLines(document)
    marks, first, total = _marks(searcher, asked, text, span)
    # The line feed behind the last line of a part begins no line.
    shown_span = (span[0], span[1] - 1) if text[span[1] - 1 : span[1]] == "\n" else span
    html = marked_lines(
        text,
        (shown_span[0], max(shown_span)),
        marks,
        number=first,
        line=None if document.one_line else lines.line_of(span[0]),
        place=place,
        pages=document.pages,
        page_name=texts.page,
        links=(texts["previous_mark"], texts["next_mark"]) if len(marks) <= _LINKED else None,
    )
    title = searcher.highlight(document.title, asked.query, exact=asked.exact) if asked.query else None

    def part_url(number: int) -> str:
        return asked.url(path, {**named, "part": str(number)})

    values = {
        **form_values(asked, texts, root),
        "title": printable(document.title) or texts["untitled"],
        "heading": marked(document.title, title.marks if title else ()) or texts["untitled"],
        "language": document.language if document.language not in (None, "und") else "",
        "text": html,
        "empty": texts["no_text"] if document.text is None else "" if text.strip() else texts["empty_text"],
        "numbered": not document.one_line,
        "digits": len(str(lines.last)),
        "count": total,
        "first": first,
        "facts": _facts(document, lines, texts),
        "back": asked.url(f"{root}/") if asked.asks else "",
        "part": texts.part(part, len(parts)) if len(parts) > 1 else "",
        "previous": part_url(part - 1) if part > 1 else "",
        "next": part_url(part + 1) if part < len(parts) else "",
        "similar": _similar(searcher, doc_id, asked, texts, root, timeout),
    }
    return Response(rendered("document.html", request, texts, **values), media_type=HTML)


def _whole(text: str | None, most: int) -> int | None:
    """A whole number from 0 of an address, `most` at most; None for anything else."""
    number = whole(text or "")
    return None if number is None else min(number, most)


def _marks(searcher: Searcher, asked: PageQuery, text: str, span: Mark) -> tuple[Sequence[Mark], int, int]:
    """(marks of a part, the number of the first, how many the text has). Of a very long text, those of this part are counted."""
    if not asked.query or not text:
        return (), 1, 0
    start, end = span
    if len(text) <= _MARKED_WHOLE:
        marks = searcher.highlight(text, asked.query, exact=asked.exact).marks
        before = sum(1 for mark in marks if mark[1] <= start)
        return [mark for mark in marks[before:] if mark[0] < end], before + 1, len(marks)
    found = searcher.highlight(text[start:end], asked.query, exact=asked.exact).marks
    return [(start + low, start + high) for low, high in found], 1, len(found)


def _facts(document: StoredDocument, lines: DocumentLines, texts: Texts) -> list[_Fact]:
    facts = [_Fact(texts["document"], breakable(document.id))]
    if document.path is not None and document.path != document.id:
        facts.append(_Fact(texts["file"], breakable(document.path)))
    if document.date is not None:
        note = f" ({texts['file_time']})" if document.date_source == "mtime" else ""
        facts.append(_Fact(texts["date"], texts.date(document.date) + note))
    if document.language:
        facts.append(_Fact(texts["facet_language"], texts.language_name(document.language)))
    if document.size is not None:
        facts.append(_Fact(texts["size_name"], texts.size(document.size)))
    if lines.pages:
        facts.append(_Fact(texts["pages_name"], texts.number(lines.pages)))
    for name, value in list({**document.meta, **document.fields}.items())[:_MOST_FIELDS]:
        facts.append(_Fact(printable(name), _field(json_value(value))))
    return facts


def _field(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_field, value))
    return printable(str(value))[:500]


def _similar(
    searcher: Searcher, doc_id: str, asked: PageQuery, texts: Texts, root: str, timeout: float
) -> list[HitShown]:
    """Documents like this one, but for those that are so far less than the first; none where that cannot be told."""
    try:
        found = searcher.similar(doc_id, _SIMILAR, snippets=0, timeout=min(timeout, 1.0))
    except (NotSupported, IndexProblem):
        return []
    hits = list(found)
    least = _LEAST_SIMILAR * hits[0].score if hits else 0
    return [hit_shown(hit, PageQuery(ui=asked.ui), texts, root) for hit in hits if hit.score >= least]
