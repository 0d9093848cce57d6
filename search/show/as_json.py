"""Results as JSON: one object for a page, or one object a line for each hit. docs/json.md describes both.

Letters are never escaped. Characters that could harm a terminal or break a line are: control characters, directions of
writing, line separators.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real

from naidi.indexer.printable import dumps
from naidi.indexer.typed import TYPE_CHECKING, Any, NamedTuple

from ..results import Correction, Facet, Hit, Results, Snippet
from .field_values import json_value

if TYPE_CHECKING:
    from ..explanation import Explanation
    from ..suggest.suggest import Completion

VERSION = 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_json(results: Results) -> dict[str, Any]:
    """The results as values for `dumps` or any JSON library.

    Returns dicts, lists, strings, finite numbers, booleans and None. A lone surrogate, which UTF-8 cannot hold, becomes
    U+FFFD. NaN and infinities become None.
    """
    plain: dict[str, Any] = _plain(_page(results))
    return plain


class AnswerLine(NamedTuple):
    """`to_json` as one line of UTF-8, in two parts that stand around the value of `took_ms`. partial: that of the results."""

    before: bytes
    behind: bytes
    partial: bool

    @property
    def size(self) -> int:
        """Bytes of the line, about."""
        return len(self.before) + len(self.behind)

    def with_values(self, more: Mapping[str, Any], took_ms: float) -> bytes:
        """The line with its end, with the time that it took and with other values of JSON behind `v`."""
        head = dumps({"v": VERSION, **more})[:-1]
        return b"%b, %b%b%b" % (head.encode(), self.before, repr(round(took_ms, 3)).encode(), self.behind)


def answer_line(results: Results) -> AnswerLine:
    """`to_json` as a line, several times faster than by two steps."""
    page = _page(results)
    del page["v"]
    try:
        text = dumps(page)
    except (TypeError, ValueError):  # a number of numpy, a NaN
        text = dumps(_plain(page))
    # In a string, there would be a backslash before the quotation mark.
    before, name, value = text[1:].partition('"took_ms": ')
    return AnswerLine((before + name).encode(), f"{value[value.index(',') :]}\n".encode(), results.partial)


def _page(results: Results) -> dict[str, Any]:
    page: dict[str, Any] = {
        "v": VERSION,
        "query": results.query,
        "total": results.total,
        "took_ms": round(results.took_ms, 3),
        "corrections": [_correction(correction) for correction in results.corrections],
        "hits": [_hit(hit) for hit in results.hits],
    }
    if not results.total_is_exact:
        page["total_is_exact"] = False
    if results.partial:
        page["partial"] = True
    if results.warnings:
        page["warnings"] = list(results.warnings)
    if results.facets:
        page["facets"] = {name: _facet(facet) for name, facet in results.facets.items()}
    if results.cursor is not None:
        page["cursor"] = results.cursor
    return page


def to_jsonl(results: Results) -> Iterator[str]:
    """Each hit as one line of JSON, without the line end."""
    for hit in results.hits:
        yield dumps({"v": VERSION, **_plain(_hit(hit))})


def completions_to_json(text: str, completions: Sequence[Completion]) -> dict[str, Any]:
    """The completions of a text, ready for `dumps`."""
    value: dict[str, Any] = {
        "v": VERSION,
        "text": text,
        "completions": [_as_dict(completion) for completion in completions],
    }
    plain: dict[str, Any] = _plain(value)
    return plain


def _hit(hit: Hit) -> dict[str, Any]:
    value: dict[str, Any] = {
        "rank": hit.rank,
        "id": hit.id,
        "path": hit.path,
        "title": hit.title,
        "date": None if hit.date is None else hit.date.isoformat(),
        "date_source": hit.date_source,
        "lang": hit.language,
        "score": hit.score,
        "size": hit.size,
        "mtime": None if hit.mtime is None else hit.mtime.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "fields": {name: json_value(value) for name, value in hit.fields.items()} if hit.fields else {},
        "snippets": [_snippet(snippet) for snippet in hit.snippets],
    }
    if hit.duplicates:
        value["duplicates"] = list(hit.duplicates)
    if hit.explanation is not None:
        value["explain"] = _explanation(hit.explanation)
    return value


def _correction(correction: Correction) -> dict[str, Any]:
    # `dataclasses.asdict` takes ten times as long.
    return {
        "original": correction.original,
        "replacement": correction.replacement,
        "kind": correction.kind,
        "note": correction.note,
        "action": correction.action,
        "confidence": round(correction.confidence, 3),
        "told": correction.told,
    }


def _snippet(snippet: Snippet) -> dict[str, Any]:
    return {
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
        "start": snippet.start,
        "line": snippet.line,
        "page": snippet.page,
    }


def _facet(facet: Facet) -> dict[str, Any]:
    values = [{"value": json_value(value), "count": count} for value, count in facet.values]
    return {"values": values, "other": facet.other, "missing": facet.missing}


def _explanation(explanation: Explanation) -> dict[str, Any]:
    matches = [{**_as_dict(match), "tf": match.tf} for match in explanation.matches]
    return {"total": explanation.total, "formula": explanation.formula, "matches": matches}


def _plain(value: Any) -> Any:
    """The value as JSON can hold it. Surrogates are replaced one for one, so that marks stay right."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if value is None or isinstance(value, bool):
        return value
    # Scalars of numpy are numbers, too.
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    raise TypeError(f"no value for JSON: {value!r}")


def _as_dict(one: Any) -> dict[str, Any]:
    from dataclasses import asdict  # few ask for what needs it, and it takes as long to load as to search

    return asdict(one)
