"""How the cluster is asked for rows of words: which documents have them, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, TypeAlias

from naidi.indexer.errors import NotSupported
from naidi.indexer.messages import message
from naidi.indexer.opensearch.condition_query import NOTHING, any_value
from naidi.indexer.opensearch.naming import BODY as BODY_MARKER
from naidi.indexer.opensearch.naming import END, KEYWORDS, marker

from .word_rows import BODY, TEXT, TITLE, Row, Tokens

Body: TypeAlias = "dict[str, Any]"

ALL, HEAD = "all", "head"
"""The fields of the documents index: all regions of a document one after another, and its title."""
NOT_STORED = "_none_"
"""The stored fields of hits that are asked for: none, not even `_id`. To read it, all that is stored of a hit would be unpacked."""
MOST_TOKENS = 1_000
"""Tokens of one query that looks at positions, at most: the cluster allows 1,024 clauses."""
_AT_ONCE = 1_000  # tokens of one query that adds up frequencies
_MOST_CHUNKS = 64  # queries for one row
_MOST_FIRST = 5  # first words of a near row that are counted before one last word


class Regions:
    """The regions of documents: each begins with its marker, and ends before the next one. own: the texts of an application."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        self._markers = "|".join([BODY_MARKER, KEYWORDS, *map(marker, own), END])

    def inside(self, region: str) -> Body:
        """The interval from the marker of a region to the next marker."""
        first = BODY_MARKER if region == BODY else marker(region)
        return {"match": {"query": f"{first} {self._markers}", "ordered": True, "max_gaps": -1}}


def field_of(region: str) -> str:
    """The field of the documents index in which a region lies."""
    return HEAD if region == TITLE else ALL


def finds(row: Row, regions: Regions) -> Body:
    """The documents that have a row; without a score. Raises NotSupported for patterns of too many forms where places count."""
    if row.is_empty:
        return NOTHING
    if row.region in (TEXT, TITLE):
        field = field_of(row.region)
        if len(row.parts) == 1:
            return has_any(field, row.parts[0])
        if not row.slop:  # many forms in one place are one clause here
            return {"match_phrase": {field: {"query": _typed(row.parts)}}}
    if _size(row.parts) > MOST_TOKENS:
        raise NotSupported(
            message(
                "a pattern that {count:,} words of the index answer cannot be looked for at a place of a document in "
                "a cluster; at most {most:,} can: write more letters",
                count=_size(row.parts),
                most=MOST_TOKENS,
            )
        )
    return intervals(row, regions)


def has_any(field: str, tokens: Tokens) -> Body:
    """The documents that have any of the tokens; without a score."""
    if len(tokens) == 1:
        return {"term": {field: tokens[0]}}
    # As synonyms they are one clause, however many there are. As values, up to 16 are a clause each.
    return any_value(field, tokens) if len(tokens) > _AT_ONCE else {"match": {field: {"query": "|".join(tokens)}}}


def intervals(row: Row, regions: Regions) -> Body:
    """The documents that have a row, with the score f / (f + 1): f is how often they have it, where gaps do not count.

    With a slop, each place adds 1 / (1 + gaps) to f.
    """
    matched: Body = {"query": _typed(row.parts), "max_gaps": row.slop if len(row.parts) > 1 else -1}
    if len(row.parts) > 1:
        matched["ordered"] = True
    if row.region not in (TEXT, TITLE):
        matched["filter"] = {"contained_by": regions.inside(row.region)}
    return {"intervals": {field_of(row.region): {"match": matched}}}


def starts(row: Row, regions: Regions) -> Body:
    """The documents that have a near row, with the score f / (f + 1): f is how often its first word stands where it begins.

    An interval of the cluster is the shortest that ends at the last word, so that of two first words before it only the nearer one
    begins one. So it is also asked for two, three and more first words, and all of them inside count.
    """
    first, *others = row.parts
    field = field_of(row.region)
    found: list[Body] = []
    size = 0
    for more in range(min(row.slop + 1, _MOST_FIRST)):
        size += (more + 2) * len(first) + _size(others)
        if size > MOST_TOKENS:
            break
        inside = intervals(row._replace(parts=(*[first] * (more + 1), *others), slop=row.slop - more), regions)
        found.append({"match": {"query": _typed([first]), "filter": {"contained_by": inside["intervals"][field]}}})
    return {"intervals": {field: {"any_of": {"intervals": found}}}} if found else intervals(row, regions)


def tokens_in(body: Any) -> int:
    """How many tokens a query of intervals has: each is a clause."""
    if isinstance(body, dict):
        return sum(tokens_in(value) for key, value in body.items() if key not in ("ordered", "max_gaps"))
    if isinstance(body, list):
        return sum(map(tokens_in, body))
    text = str(body)
    return text.count(" ") + text.count("|") + 1


def is_chain(row: Row) -> bool:
    """Whether one word of a document may end a near row and begin another one. Then the shortest intervals are those that count."""
    first, *others = row.parts
    return any(not set(first).isdisjoint(part) for part in others)


def pieces(row: Row) -> list[Row]:
    """The row as several that no two places of a document share, each of few tokens. Their frequencies add up.

    Of a row of several patterns with many forms, some pieces are left out: what they find is not counted.
    """
    if _size(row.parts) <= _AT_ONCE:
        return [row]
    size = max(_AT_ONCE // len(row.parts), 1)
    chunks = [list(_chunks(part, size)) for part in row.parts]
    found = [row._replace(parts=parts) for parts in product(*chunks)]
    return found if len(row.parts) == 1 else found[:_MOST_CHUNKS]


def synonyms(field: str, tokens: Tokens) -> list[Body]:
    """The documents that have any of the tokens, scored by how often; in pieces, whose scores add up, if they are many."""
    return [{"match": {field: {"query": "|".join(chunk)}}} for chunk in _chunks(tokens, _AT_ONCE)]


def _typed(parts: Sequence[Tokens]) -> str:
    return " ".join("|".join(part) for part in parts)


def _size(parts: Sequence[Tokens]) -> int:
    return sum(map(len, parts))


def _chunks(tokens: Tokens, size: int) -> Iterator[Tokens]:
    for start in range(0, len(tokens), size):
        yield tokens[start : start + size]
