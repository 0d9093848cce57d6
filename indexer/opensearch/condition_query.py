"""A condition on the fields of documents, as a query of the cluster that finds the documents that `conditions.matching` finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..conditions import After, AllOf, AnyOf, Before, Condition, Exists, Not, OneOf, StartsWith, spans_of
from ..errors import NotSupported
from ..fields import Boolean, Schema, Text, kind_of
from ..messages import message
from .naming import field_path

Query: TypeAlias = "dict[str, Any]"

EVERY: Query = {"match_all": {}}
NOTHING: Query = {"match_none": {}}
_MOST_TERMS = 60_000  # values of one terms query; 65,536 are allowed
# Characters that mean something in a pattern of Lucene, and the longest pattern that the cluster takes.
_SPECIAL, _LONGEST_PATTERN = frozenset('.?+*|{}[]()"\\#@&<>~^$-'), 1_000


def any_of(queries: Sequence[Query]) -> Query:
    """What one of the queries at least finds; without a score."""
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}} if queries else NOTHING


def any_value(path: str, values: Sequence[Any]) -> Query:
    """The documents that have one of the values in a field."""
    chunks = [values[start : start + _MOST_TERMS] for start in range(0, len(values), _MOST_TERMS)]
    return any_of([{"terms": {path: list(chunk)}} for chunk in chunks])


def condition_query(condition: Condition, schema: Schema) -> Query:
    """The documents that a condition holds for.

    Raises NotSupported for a very long value that is compared without regard to case.
    """
    if isinstance(condition, Not):
        return {"bool": {"must_not": [condition_query(condition.condition, schema)]}}
    if isinstance(condition, AllOf):
        return {"bool": {"filter": [condition_query(part, schema) for part in condition.parts] or [EVERY]}}
    if isinstance(condition, AnyOf):
        return any_of([condition_query(part, schema) for part in condition.parts])
    name: str = condition.name  # type: ignore[attr-defined]
    path, kind = field_path(name), kind_of(schema, name)
    if kind is None:
        return NOTHING
    if isinstance(condition, Exists):
        # A text has the number of its tokens there.
        return {"range": {path: {"gte": 0}}} if isinstance(kind, Text) else {"exists": {"field": path}}
    if isinstance(condition, StartsWith):
        if condition.folded:
            return _regexp(path, f"{_folded(condition.prefix)}.*", condition.prefix)
        return {"prefix": {path: {"value": condition.prefix}}}
    if isinstance(condition, OneOf) and condition.folded:
        return any_of([_regexp(path, _folded(value), value) for value in condition.values])
    single: list[Any] = []
    queries: list[Query] = []
    for low, high in spans_of(condition, kind):
        if low == high and not isinstance(low, Before):
            single.append(bool(low) if isinstance(kind, Boolean) else low)
        else:
            queries.append(_between(path, low, high))
    if single:
        queries.append({"term": {path: single[0]}} if len(single) == 1 else any_value(path, single))
    return any_of(queries)


def _between(path: str, low: Any, high: Any) -> Query:
    limits: dict[str, Any] = {}
    if low is not None:
        limits["gt" if isinstance(low, After) else "gte"] = low.value if isinstance(low, Before) else low
    if high is not None:
        limits["lt" if isinstance(high, Before) else "lte"] = high.value if isinstance(high, Before) else high
    return {"range": {path: limits}} if limits else {"exists": {"field": path}}


def _regexp(path: str, pattern: str, value: str) -> Query:
    if len(pattern) > _LONGEST_PATTERN:
        raise NotSupported(
            message("a cluster cannot compare {value!r}… without regard to case: it is too long", value=value[:40])
        )
    return {"regexp": {path: {"value": pattern, "flags": "NONE"}}}


def _folded(value: str) -> str:
    """A pattern of Lucene for a text in any case. Its own option for that knows Latin letters alone."""
    parts: list[str] = []
    for letter in value:
        cases = {letter, *(other for other in (letter.lower(), letter.upper(), letter.casefold()) if len(other) == 1)}
        escaped = [f"\\{each}" if each in _SPECIAL else each for each in sorted(cases)]
        parts.append(escaped[0] if len(escaped) == 1 else f"[{''.join(escaped)}]")
    return "".join(parts)
