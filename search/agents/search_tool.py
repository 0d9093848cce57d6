"""The tools `search` and `similar`: documents that answer a query, or are like another one."""

from __future__ import annotations

import re
from typing import Any

from naidi.indexer.errors import InvalidQuery

from ..open_index import Searcher
from ..results import Results
from .answers import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET, Answer, Part, cost_of, text_of
from .arguments import Arguments
from .documents import document_named
from .errors import ToolError
from .found_documents import PASSAGE_CHARS, PASSAGES, FoundDocuments, corrections_told, left_out, notes_within
from .quoting import one_line

SEARCH_ARGUMENTS = ("query", "limit", "offset", "filters", "budget")
SIMILAR_ARGUMENTS = ("id", "limit", "budget")
MOST_HITS = 50
TIMEOUT = 10.0
"""Seconds after which the answer is what was found so far."""

_MOST_OFFSET = 100_000
_MOST_WORDS = 8
_LONGEST_QUERY_TOLD = 80
_OPERATORS = ("AND", "OR", "NOT", "TO")
_EVERY = "*"


def search(searcher: Searcher, given: dict[str, Any], *, with_values: bool) -> Answer:
    """Answer a call of `search`. Raises ToolError, InvalidQuery and IndexProblem."""
    arguments = Arguments("search", given, SEARCH_ARGUMENTS)
    query, filters = arguments.text("query"), arguments.text("filters")
    limit = arguments.whole("limit", 10, 1, MOST_HITS)
    offset = arguments.whole("offset", 0, 0, _MOST_OFFSET)
    budget = arguments.whole("budget", DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET)
    if not query and not filters:
        raise ToolError("search needs query: words to look for, or filters alone")
    results = searcher.search(
        query or _EVERY,
        limit,
        offset=offset,
        snippets=PASSAGES,
        snippet_chars=PASSAGE_CHARS,
        explain=bool(query) and can_explain(searcher),
        where=filters or None,
        timeout=TIMEOUT,
    )
    if results.warnings and filters:
        check_filters(searcher, filters)
    if not results.total:
        return _nothing(searcher, query, filters, results, budget, with_values=with_values)
    return _page(searcher, results, limit, budget, pages=True, with_values=with_values)


def similar(searcher: Searcher, given: dict[str, Any], *, with_values: bool) -> Answer:
    """Answer a call of `similar`. Raises as `search` does."""
    arguments = Arguments("similar", given, SIMILAR_ARGUMENTS)
    document, _ = document_named(searcher, arguments.needed("id"))
    limit = arguments.whole("limit", 5, 1, MOST_HITS)
    budget = arguments.whole("budget", DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET)
    results = searcher.similar(
        document.id,
        limit,
        snippets=2,
        snippet_chars=PASSAGE_CHARS,
        explain=can_explain(searcher),
        timeout=TIMEOUT,
    )
    if not results.total:
        return Answer("no other document shares its words", {"total": 0, "hits": []} if with_values else None)
    return _page(searcher, results, limit, budget, pages=False, with_values=with_values)


def can_explain(searcher: Searcher) -> bool:
    """Whether scores are explained at a reasonable price. For an index in a cluster, an index of the hits is made to do it."""
    return searcher.directory is not None


def check_filters(searcher: Searcher, filters: str) -> None:
    """Raises InvalidQuery for filters that would be read with a warning, such as one of an unknown field."""
    searcher.search(_EVERY, 0, snippets=0, where=filters, strict=True, timeout=TIMEOUT)


def filters_refused(searcher: Searcher, error: InvalidQuery) -> str:
    """What to tell of filters that have no meaning: what is wrong, and which there are."""
    fields = ", ".join(f"{one_line(name)[:40]}:" for name in list(searcher.schema)[:20])
    known = "lang:ru date:2021 date:2020-05..2021 date:>=2020 ext:pdf dir:folder path:word size:>1MB mtime:>=-7d"
    more = f"; fields of this index: {fields}" if fields else ""
    return f"filters: {one_line(str(error).removeprefix('where: '))[:300]}. Known filters: {known}{more}; facets lists values"


def _page(searcher: Searcher, results: Results, limit: int, budget: int, *, pages: bool, with_values: bool) -> Answer:
    found = FoundDocuments(searcher, results, with_values=with_values)
    first = results.offset + 1
    if not results.hits:
        text = f"{_count(results)}; none at offset={results.offset}: use a smaller one"
        return Answer(text, {"total": results.total, "hits": []} if with_values else None)
    frame = _values(results, [], first + limit, [""], with_values)
    # Even a page that would be the last may have to leave out hits, and say where to go on.
    room = budget - Part((_head(results, first, first + limit, first + limit if pages else None),), frame).tokens
    notes = notes_within(found.notes(), room // 3)
    room -= Part(tuple(notes), notes if with_values else None).tokens
    missing = left_out(len(results.hits), first + limit)
    shown = found.fitting(room)
    if len(shown) < len(results.hits):
        shown = found.fitting(room - cost_of((missing,)))
    last = results.offset + len(shown)
    rest = len(results.hits) - len(shown)
    following = last if last < results.total and shown and pages else None
    lines = [_head(results, first, last, following), *notes]
    ends = [left_out(rest, last) if pages else f"{rest} more hits do not fit the budget"] if rest else []
    text = text_of([lines, *(part.lines for part in shown), ends])
    if not shown:
        on = f", or go on; more: offset={first}" if pages and first < results.total else ""
        text = f"{_count(results)}; hit {first} does not fit the budget of {budget} tokens: raise budget{on}"
        notes = []
    return Answer(text, _values(results, [part.value for part in shown], following, notes, with_values))


def _count(results: Results) -> str:
    return f"{'' if results.total_is_exact else 'at least '}{results.total:,} document{'s' * (results.total != 1)}"


def _head(results: Results, first: int, last: int, following: int | None) -> str:
    hits = f"hit {first}" if first == last else f"hits {first}-{last}"
    more = f"; more: offset={following}" if following is not None else ""
    return f"{_count(results)}; {hits}{more}{' (time ran out)' if results.partial else ''}"


def _values(
    results: Results, hits: list[Any], following: int | None, notes: list[str], with_values: bool
) -> dict[str, Any] | None:
    if not with_values:
        return None
    values: dict[str, Any] = {"total": results.total, "hits": hits}
    if following is not None:
        values["next_offset"] = following
    if notes:
        values["notes"] = notes
    return values


def _nothing(
    searcher: Searcher, query: str, filters: str, results: Results, budget: int, *, with_values: bool
) -> Answer:
    """What to say if nothing was found: which words are unknown, what the filters leave out, and what to try."""
    shown = one_line(query)
    shown = shown if len(shown) <= _LONGEST_QUERY_TOLD else f"{shown[:_LONGEST_QUERY_TOLD]}…"
    lines = [f"no document found{f' for {shown!r}' if query else ''}"]
    lines += corrections_told(results)
    lines += [f"note: {one_line(warning)[:200]}" for warning in results.warnings[:2]]
    words = [word for word in dict.fromkeys(re.findall(r"[^\W_]+", query)) if word not in _OPERATORS][:_MOST_WORDS]
    counts = {word: searcher.search(word, 0, snippets=0, timeout=TIMEOUT / 5).total for word in words}
    unknown = [word for word, count in counts.items() if not count]
    if unknown:
        lines.append(f"in no document, in any form: {', '.join(word[:40] for word in unknown)}")
    if filters and query:
        without = searcher.search(query, 0, snippets=0, timeout=TIMEOUT).total
        lines.append(f"without the filters: {without:,}")
    elif len(unknown) < len(words):
        known = ", ".join(f"{word[:40]} {count:,}" for word, count in counts.items() if count)
        lines.append(f"documents by word: {known}")
    lines.append(
        "try: other or fewer words, without quotes or operators; suggest completes a word that you know the start of"
    )
    kept = notes_within(lines, budget // 2 if with_values else budget)
    return Answer(text_of([kept]), {"total": 0, "hits": [], "notes": kept[1:]} if with_values else None)
