"""The tools `suggest` and `facets`: words that an index has, and how many documents have which value."""

from __future__ import annotations

from typing import Any

from ..facet_filters import filter_of
from ..facets import MAX_VALUES
from ..open_index import Searcher
from .answers import DEFAULT_BUDGET, Answer, Part, cost_of, fitting, text_of
from .arguments import Arguments
from .errors import ToolError
from .quoting import one_line
from .search_tool import TIMEOUT, check_filters

SUGGEST_ARGUMENTS = ("text", "limit")
FACETS_ARGUMENTS = ("query", "filters", "names")
_MOST_WORDS = 50
_MOST_NAMES = 10
# So many values of each facet are given, as far as the budget goes: many only of facets that were asked for by name.
_VALUES = (MAX_VALUES, 50, 30, 20, 12, 8, 5, 3, 1)
_UNASKED = 12
_ORDER = ("language", "type", "year", "folder")
_LONGEST_VALUE = 200
# What an empty value says.
_WITHOUT = {"type": "no ending", "folder": "no folder"}
_EMPTY = "empty"


def suggest(searcher: Searcher, given: dict[str, Any], *, with_values: bool) -> Answer:
    """Answer a call of `suggest`. Raises ToolError, InvalidQuery and IndexProblem."""
    arguments = Arguments("suggest", given, SUGGEST_ARGUMENTS)
    text = arguments.needed("text")
    found = searcher.suggest(text, arguments.whole("limit", 8, 1, _MOST_WORDS), timeout=TIMEOUT)
    if not found:
        return Answer("no word of the index begins like that", {"completions": []} if with_values else None)
    parts = []
    for completion in found:
        shown = one_line(completion.text)[:_LONGEST_VALUE]
        kind = "" if completion.kind == "prefix" else f" ({completion.kind})"
        value = {"text": shown, "documents": completion.doc_freq, "kind": completion.kind}
        parts.append([Part((f"{shown} | {completion.doc_freq:,}{kind}",), value if with_values else None)])
    head = "completion | documents"
    shown_parts = fitting(parts, DEFAULT_BUDGET - cost_of([head]) - 10)
    values = {"completions": [part.value for part in shown_parts]} if with_values else None
    return Answer(text_of([[head], *(part.lines for part in shown_parts)]), values)


def facets(searcher: Searcher, given: dict[str, Any], *, with_values: bool) -> Answer:
    """Answer a call of `facets`. Raises ToolError, InvalidQuery and IndexProblem."""
    arguments = Arguments("facets", given, FACETS_ARGUMENTS)
    query, filters, names = arguments.text("query"), arguments.text("filters"), arguments.names("names")
    schema = searcher.schema
    known = [*(name for name in _ORDER if name not in schema), *schema]
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ToolError(f"there is no facet {one_line(unknown)[:60]!r}: there are {one_line(', '.join(known))[:300]}")
    wanted = list(dict.fromkeys(names or known))[:_MOST_NAMES]
    results = searcher.search(query or "*", 0, snippets=0, where=filters or None, facets=wanted, timeout=TIMEOUT)
    if results.warnings and filters:
        check_filters(searcher, filters)
    parts = []
    numbers = [number for number in _VALUES if names or number <= _UNASKED]
    for name in wanted:
        facet = results.facets.get(name)
        if facet is None:  # the time ran out
            continue
        shown = []
        for value, count in facet.values:
            narrowing = filter_of(name, value, schema)
            without = _WITHOUT.get(name, _EMPTY) if name not in schema else _EMPTY
            told = one_line(narrowing if narrowing is not None else f"{value}" or without)[:_LONGEST_VALUE]
            shown.append((told, count, narrowing is not None and told == narrowing))
        in_time = name == "year" and name not in schema
        parts.append(
            [
                _facet(name, shown, number, facet.other, facet.missing, with_values, in_time=in_time)
                for number in numbers
            ]
        )
    head = f"{results.total:,} documents{' (time ran out)' if results.partial else ''}; count and filter of each value"
    room = DEFAULT_BUDGET - Part((head,), {"total": results.total, "facets": []} if with_values else None).tokens
    fit = fitting(parts, room)
    values = {"total": results.total, "facets": [part.value for part in fit]} if with_values else None
    return Answer(text_of([[head], *(part.lines for part in fit)]), values)


def _facet(
    name: str,
    values: list[tuple[str, int, bool]],
    number: int,
    other: int,
    missing: int,
    with_values: bool,
    *,
    in_time: bool,
) -> Part:
    """The values with the most documents; in_time: in the order of time, as years."""
    shown = sorted(values[:number]) if in_time else values[:number]
    rest = other + sum(count for _, count, _ in values[number:])
    told = [f"{count:,} {text}" for text, count, _ in shown]
    ends = [f"{rest:,} others"] if rest else []
    ends += [f"{missing:,} without"] if missing else []
    line = f"{one_line(name)}> {' | '.join([*told, *ends]) or 'none'}"
    value = {
        "name": one_line(name),
        "values": [{"documents": count, "filter" if ready else "value": text} for text, count, ready in shown],
        "other": rest,
        "missing": missing,
    }
    # Each further value is worth less, so that no facet is left out for many values of another.
    worth = sum(1 / place for place in range(1, len(shown) + 2))
    return Part((line,), value if with_values else None, worth)
