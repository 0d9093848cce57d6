"""Which filter of the query language keeps the documents that a facet counted under one of its values?"""

from __future__ import annotations

from naidi.indexer.fields import Boolean, Date, DateTime, Field, Keyword, Number, Schema, kind_of
from naidi.indexer.late import datetime
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = {"language": "lang", "type": "ext", "year": "date", "folder": "dir"}
# Pairs of quotation marks that the query language knows.
_QUOTES = ('""', "«»", "“”")


def filter_of(facet: str, value: Any, schema: Schema) -> str | None:
    """The filter, such as `lang:ru`, `dir:"docs/api"` or `price:10..20`.

    A folder stands for those below it, too, so that it may find more than the facet counted. So does the value of a Number, a
    Date or a range that a filter can only come near to: of a range, which ends before its end, the end passes.

    Parameters:
      facet: name of the facet: that of a field, or one of "folder", "type", "language", "year". A field hides one of these.
      value: as the facet has it; of ranges a pair.
      schema: of the fields of the application.

    Returns None where no filter says it, as for files without an extension.
    """
    kind = kind_of(schema, facet)
    if kind is not None:
        return _of_field(facet, value, kind)
    name = _NAMES.get(facet)
    if name is None or not isinstance(value, str) or not value:
        return None
    return f"{name}:{_quoted(value)}" if facet == "folder" else f"{name}:{value}"


def where_of(filters: Sequence[str]) -> str | None:
    """Filters as one, for the option `where` of a search: those of one name are alternatives, those of several must all hold.

    Returns None for no filters.
    """
    named: dict[str, list[str]] = {}
    for one in filters:
        named.setdefault(one.partition(":")[0], []).append(one)
    parts = [f"({' OR '.join(some)})" if len(some) > 1 else some[0] for some in named.values()]
    return " AND ".join(parts) or None


def _of_field(name: str, value: Any, kind: Field) -> str | None:
    if isinstance(value, tuple):
        low, high = (_text(end, kind) for end in value)
        return f"{name}:*" if low is None and high is None else f"{name}:{low or '*'}..{high or '*'}"
    text = _text(value, kind)
    if text is None:
        return None
    return f"{name}:={text}" if isinstance(kind, Keyword) else f"{name}:{text}"


def _text(value: Any, kind: Field) -> str | None:
    if value is None:
        return None
    if isinstance(kind, Boolean):
        return "true" if value else "false"
    if isinstance(kind, Number):
        return f"{value!r}" if isinstance(value, int) else f"{float(value)!r}"
    if isinstance(kind, (Date, DateTime)):
        if isinstance(value, datetime.datetime):
            return f'"{value.isoformat()}"'
        return str(value.isoformat())
    return _quoted(value) if isinstance(value, str) and value else None


def _quoted(text: str) -> str | None:
    """The text in quotation marks that it does not have itself; None if it has some of each kind."""
    pair = next((pair for pair in _QUOTES if pair[0] not in text and pair[1] not in text), None)
    return None if pair is None else f"{pair[0]}{text}{pair[1]}"
