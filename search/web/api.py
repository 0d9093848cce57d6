"""The JSON API: what a program gets. Its answers are those of `naidi search --json`, docs/json.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from naidi.indexer.errors import DocumentMissing, InvalidQuery
from naidi.indexer.messages import message

from ..document_lines import DocumentLines
from ..open_index import Searcher
from ..query.filter_query import check_names
from ..query.filters import check_language
from ..show.as_json import VERSION, answer_line, completions_to_json
from ..show.field_values import json_value
from ..stored_documents import StoredDocument
from .options import (
    DOCUMENT_PARAMETERS,
    ID_PARAMETER,
    MAX_TEXT,
    search_options,
    search_parameters,
    similar_parameters,
    suggest_parameters,
)
from .parameters import read
from .problems import JSON, json_response


def search(request: Request, searcher: Searcher, timeout: float) -> Response:
    """`/api/search`. Raises WrongParameter and what a search raises."""
    options = search_options(read(request.scope["query_string"], search_parameters(timeout)))
    _check(searcher, options)
    return _page(searcher.search(**options))


def similar(request: Request, searcher: Searcher, timeout: float) -> Response:
    """`/api/similar`. Raises WrongParameter, and what `Searcher.similar` raises."""
    options = search_options(read(request.scope["query_string"], similar_parameters(timeout)))
    _check(searcher, options)
    document = options["document"]
    if document not in searcher:  # a path of this machine names none here
        raise DocumentMissing(message("{id}: no document of the index has this id", id=document[:200]))
    return _page(searcher.similar(**options))


def suggest(request: Request, searcher: Searcher, timeout: float) -> Response:
    """`/api/suggest`. Raises WrongParameter, and what `Searcher.suggest` raises."""
    given = read(request.scope["query_string"], suggest_parameters(timeout))
    _check(searcher, given)
    text = given.pop("text")
    return json_response(completions_to_json(text, searcher.suggest(text, **given)))


def document(request: Request, searcher: Searcher, timeout: float) -> Response:
    """`/api/documents/{id}`, and `/api/documents?id=`. Raises WrongParameter, DocumentMissing and InvalidQuery."""
    doc_id = request.path_params.get("id")
    named = () if doc_id else (ID_PARAMETER,)
    given = read(request.scope["query_string"], (*named, *DOCUMENT_PARAMETERS))
    if "start" in given and "from" in given:
        raise InvalidQuery(message("start and from exclude each other"))
    return json_response(_document(searcher, searcher.get(doc_id or given["id"]), given))


def _check(searcher: Searcher, options: Mapping[str, Any]) -> None:
    """Raises InvalidQuery for a field in filters that the index lacks, and for an unknown language.

    A person is warned of these. A program that reads no warnings would take "nothing found" for an answer.
    """
    if "where" in options:
        check_names(options["where"], searcher.schema)
    if "language" in options:
        check_language(options["language"])


def _page(results: Any) -> Response:
    body = answer_line(results).with_values({}, results.took_ms)
    # Half an answer is no answer to keep.
    return Response(body, headers={"Cache-Control": "no-store"} if results.partial else None, media_type=JSON)


def _document(searcher: Searcher, document: StoredDocument, given: Mapping[str, Any]) -> dict[str, Any]:
    lines = DocumentLines(document)
    told: dict[str, Any] = {
        "v": VERSION,
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "date": None if document.date is None else document.date.isoformat(),
        "date_source": document.date_source,
        "lang": document.language,
        "size": document.size,
        "mtime": None if document.mtime is None else document.mtime.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "fields": {name: json_value(value) for name, value in document.fields.items()},
        "meta": {name: _finite(value) for name, value in document.meta.items()},
        "chars": len(document.text or ""),
        "first_line": lines.first,
        "last_line": lines.last,
        "pages": lines.pages,
    }
    text = document.text
    if text is None:
        return {**told, "start": 0, "line": None, "page": None, "text": None, "next": None}
    start, end = 0, len(text)
    if "from" in given or "to" in given:
        start, end = _lines(lines, given)
    if "start" in given:
        start = given["start"]
        if start > len(text):
            raise InvalidQuery(
                message("start {start} is past the end: the text has {chars} characters", start=start, chars=len(text))
            )
        if start > end:
            raise InvalidQuery(message("start {start} is behind the line {last}", start=start, last=given["to"]))
    cut = min(end, start + MAX_TEXT)
    told |= {
        "start": start,
        "line": lines.line_of(start),
        "page": lines.page_of(start),
        "text": text[start:cut],
        "next": cut if cut < end else None,
    }
    if "query" in given:
        told["marks"] = [
            list(mark) for mark in searcher.highlight(text[start:cut], given["query"], exact=given["exact"]).marks
        ]
    return told


def _lines(lines: DocumentLines, given: Mapping[str, Any]) -> tuple[int, int]:
    """[start, end) of the lines that are asked for. Raises InvalidQuery if there are none of them."""
    first, last = given.get("from", lines.first), given.get("to", lines.last)
    if "from" in given and "to" in given and first > last:
        raise InvalidQuery(message("from {first} is greater than to {last}", first=first, last=last))
    if first > lines.last or last < lines.first:
        raise InvalidQuery(
            message(
                "there is no such line: the document has the lines {first} to {last}",
                first=lines.first,
                last=lines.last,
            )
        )
    return lines.span(first, last)


def _finite(value: Any) -> Any:
    """JSON has no infinity and nothing that is no number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
