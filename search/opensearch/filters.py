"""The filters of a query as the cluster takes them. They find the same documents as `ranking.segment_match.filter_mask`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from naidi.indexer.conditions import (
    After,
    AllOf,
    AnyOf,
    Before,
    Condition,
    Exists,
    Not,
    OneOf,
    StartsWith,
    spans_of,
)
from naidi.indexer.errors import InvalidQuery, NotSupported
from naidi.indexer.fields import Boolean, Schema, Text, kind_of

from ..query.analysed import (
    AmongIds,
    ChangedRange,
    DateRange,
    EveryDocument,
    ExtensionIs,
    FieldFilter,
    Filter,
    FilterCombination,
    FolderIs,
    LanguageIs,
    PathMatches,
    SizeRange,
)
from ..ranking.path_match import globs_of
from ..ranking.segment_match import changed_between
from .row_queries import NOTHING, Body, any_of

_EVERY: Body = {"match_all": {}}
_MOST_TERMS = 60_000  # values of one terms query; 65,536 are allowed
# Characters that mean something in the patterns of Lucene, and the longest pattern that the cluster takes.
_WILD, _SPECIAL, _LONGEST_PATTERN = "*?\\", set('.?+*|{}[]()"\\#@&<>~^$-'), 1_000


def filter_body(node: Filter, schema: Schema) -> Body:
    """The documents that pass a filter; without a score.

    schema: of the fields of the application.

    Raises NotSupported for a filter that names documents by their places, InvalidQuery for ids that are none.
    """
    if isinstance(node, FieldFilter):
        return _condition(node.condition, schema)
    if isinstance(node, FilterCombination):
        made: dict[str, Any] = {}
        if node.must:
            made["filter"] = [filter_body(part, schema) for part in node.must]
        elif node.should:
            made["filter"] = [any_of([filter_body(part, schema) for part in node.should])]
        if node.must_not:
            made["must_not"] = [filter_body(part, schema) for part in node.must_not]
        return {"bool": made} if made else _EVERY
    if isinstance(node, EveryDocument):
        return _EVERY
    if isinstance(node, AmongIds):
        return _among(node.ids)
    if isinstance(node, (PathMatches, FolderIs, ExtensionIs)):
        return any_of([{"wildcard": {"path": {"value": _escaped(glob)}}} for glob in globs_of(node)])
    if isinstance(node, SizeRange):
        return _range("size", node.least, node.most)
    if isinstance(node, ChangedRange):
        return _range("mtime", *changed_between(node))
    if isinstance(node, LanguageIs):
        return any_of([{"term": {"lang": node.code}}, {"prefix": {"lang": f"{node.code}-"}}])
    if isinstance(node, DateRange):
        since, until = (None if day is None else day.isoformat() for day in (node.since, node.until))
        return _range("date", since, until)
    raise NotSupported("an index in a cluster cannot be asked for documents by their places")


def _escaped(glob: str) -> str:
    return glob.replace("\\", "\\\\")


def _range(field: str, least: Any, most: Any) -> Body:
    if least is None and most is None:
        return {"exists": {"field": field}}
    limits = {"gte": least, "lte": most}
    return {"range": {field: {name: value for name, value in limits.items() if value is not None}}}


def _among(ids: frozenset[str]) -> Body:
    wrong = next((each for each in ids if not isinstance(each, str)), None)
    if wrong is not None:
        raise InvalidQuery(f"only has {wrong!r}, which is no id: an id is a str")
    return _any_value("id", sorted(ids))


def _any_value(field: str, values: Sequence[Any]) -> Body:
    chunks = [values[start : start + _MOST_TERMS] for start in range(0, len(values), _MOST_TERMS)]
    return any_of([{"terms": {field: list(chunk)}} for chunk in chunks]) if chunks else NOTHING


def _condition(condition: Condition, schema: Schema) -> Body:
    if isinstance(condition, Not):
        return {"bool": {"must_not": [_condition(condition.condition, schema)]}}
    if isinstance(condition, AllOf):
        return {"bool": {"filter": [_condition(part, schema) for part in condition.parts] or [_EVERY]}}
    if isinstance(condition, AnyOf):
        return any_of([_condition(part, schema) for part in condition.parts]) if condition.parts else NOTHING
    name: str = condition.name  # type: ignore[attr-defined]
    field, kind = f"fields.{name}", kind_of(schema, name)
    if kind is None:
        return NOTHING
    if isinstance(condition, Exists):
        # A text has the number of its tokens there, and none for a text without words.
        return {"range": {field: {"gte": 0}}} if isinstance(kind, Text) else {"exists": {"field": field}}
    if isinstance(condition, StartsWith):
        if condition.folded:
            return _regexp(field, f"{_folded(condition.prefix)}.*", condition.prefix)
        return {"prefix": {field: {"value": condition.prefix}}}
    if isinstance(condition, OneOf) and condition.folded:
        return any_of([_regexp(field, _folded(value), value) for value in condition.values] or [NOTHING])
    single, ranges = [], []
    for low, high in spans_of(condition, kind):
        if low == high and not isinstance(low, Before):
            single.append(bool(low) if isinstance(kind, Boolean) else low)
        else:
            ranges.append(_limits(field, low, high))
    if single:
        ranges.append({"term": {field: single[0]}} if len(single) == 1 else _any_value(field, single))
    return any_of(ranges) if ranges else NOTHING


def _limits(field: str, low: Any, high: Any) -> Body:
    limits: dict[str, Any] = {}
    if low is not None:
        limits["gt" if isinstance(low, After) else "gte"] = low.value if isinstance(low, Before) else low
    if high is not None:
        limits["lt" if isinstance(high, Before) else "lte"] = high.value if isinstance(high, Before) else high
    return {"range": {field: limits}} if limits else {"exists": {"field": field}}


def _regexp(field: str, pattern: str, value: str) -> Body:
    if len(pattern) > _LONGEST_PATTERN:
        raise NotSupported(f"a cluster cannot compare {value[:40]!r}… without regard to case: it is too long")
    return {"regexp": {field: {"value": pattern, "flags": "NONE"}}}


def _folded(value: str) -> str:
    """A pattern of Lucene for a text in any case. Its own option for that knows Latin letters alone."""
    parts = []
    for letter in value:
        cases = {letter, *(other for other in (letter.lower(), letter.upper(), letter.casefold()) if len(other) == 1)}
        escaped = ["\\" + each if each in _SPECIAL else each for each in sorted(cases)]
        parts.append(escaped[0] if len(escaped) == 1 else f"[{''.join(escaped)}]")
    return "".join(parts)
