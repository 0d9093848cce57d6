"""Chooses the documents of a page from an index in a cluster, as `ranking.page` does from files.

The cluster puts all documents found in order by their scores. The first of them may get a bonus for nearness, and are put in order
anew. For few queries its scores are only nearly right: then the order is cut into blocks, the first documents and larger ones, and
each is put in order anew by exact scores. So each document has one place, however deep a page lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Schema, Text, kind_of, unknown_field
from naidi.indexer.messages import message
from naidi.indexer.opensearch.naming import field_path

from ..budget import check
from ..collection import Floats, Integers
from ..ranking.found_page import FoundDocument, Page
from ..ranking.nearness import Nearness
from ..ranking.page_cut import PageCut
from ..ranking.recency import FLOOR, Recency
from ..ranking.top_k import top_k, top_set
from .candidates import Candidates
from .evaluation import ClusterEvaluation
from .row_queries import NOT_STORED, Body

FIRST_BLOCK, FIRST_WITH_TEXTS, BLOCK = 200, 500, 1_000
"""Documents of the first block; of that of an index with texts of the application, which add to lengths there; of others."""
WINDOW = 10_000
"""How far the cluster counts places; deeper ones are reached step by step."""
COUNTED = 100_000
"""Where not all documents must be counted, so many are."""
_MOST_SEARCHED = 10_000  # documents among which a cursor's is looked for
_MOST_GROUPS = 40_000  # distinct values that the cluster counts exactly
_FIRST_DAY = 719_163  # the ordinal of 1970-01-01

_RECENCY = (
    "if (doc['date'].size() == 0) { return params.undated; }"
    "double day = doc['date'].value.toInstant().toEpochMilli() / 86400000.0;"
    "return params.floor + (1.0 - params.floor) * Math.pow(0.5, Math.max(params.newest - day, 0.0) / params.half_life);"
)


class _Hit(NamedTuple):
    """A document as the cluster tells it.

    group: its value of the field by which hits are collapsed, None for none.
    keys: its values of the sort keys.
    """

    id: str
    score: float
    group: Any
    keys: Sequence[Any]


class _Placed(NamedTuple):
    """A document in its place."""

    id: str
    score: float
    group: Any


def cluster_page(
    evaluation: ClusterEvaluation,
    cut: PageCut,
    sort: Sequence[str] | None = None,
    *,
    count_all: bool = True,
    recency: Recency | None = None,
    without: tuple[int, int] | None = None,
) -> Page:
    """Choose the documents of a page.

    Parameters:
      evaluation: of the query.
      cut: which places the page has.
      sort: the keys by which they are put in order, with "-" before those that go the other way round; None for their scores.
      count_all: count every document found. Otherwise the total may be a lower bound.
      recency: gives the factors of the scores; None for no factors.
      without: the place of a document to leave out.

    Raises InvalidQuery for a sort key that is no field of the index, NotSupported, TimeUp, and what the cluster raises.
    """
    pages = _Pages(evaluation, cut, sort, count_all, recency, without)
    return pages.page()


class _Pages:
    """The documents of one query in order. The parameters are those of `cluster_page`."""

    def __init__(
        self,
        evaluation: ClusterEvaluation,
        cut: PageCut,
        sort: Sequence[str] | None,
        count_all: bool,
        recency: Recency | None,
        without: tuple[int, int] | None,
    ) -> None:
        self._evaluation = evaluation
        self._state = evaluation.state
        self._cut = cut
        self._recency = recency
        self._by_score = sort is None
        # Scores may be one of several keys, too.
        named = [key.removeprefix("-") for key in sort or ()]
        self._place_of_score = named.index("score") if "score" in named else None
        self._worst_first = "-score" in (sort or ())
        self._tracked: bool | int = True if count_all else COUNTED
        self._sort = [{"_score": "desc"}] if sort is None else sort_body(sort, self._state.schema)
        self._query = self._body(None if without is None else self._state.table.id_of(without[1]))
        self._total = 0
        self._exact = True
        self._groups: int | None = None
        self._nearness: Nearness | None = None
        self._asked = False

    def _body(self, without: str | None) -> Body:
        body = self._evaluation.scored_body
        if self._recency is not None:
            factors = {
                "newest": self._recency.newest - _FIRST_DAY,
                "half_life": self._recency.half_life,
                "undated": self._recency.undated,
                "floor": FLOOR,
            }
            script = {"source": _RECENCY, "params": factors}
            body = {"function_score": {"query": body, "script_score": {"script": script}, "boost_mode": "multiply"}}
        if without is not None:
            body = {"bool": {"must": [body], "must_not": [{"term": {"id": without}}]}}
        return body

    def page(self) -> Page:
        """The page."""
        start, limit = self._cut.offset, self._cut.limit
        if self._cut.is_plain:
            placed = list(self._placed_from(start, start + limit))
        else:
            start, placed = self._cut_page()
        if not self._asked:
            self._ask(0, 0)
        table = self._state.table
        found = [FoundDocument(0, table.number_of(one.id), one.score) for one in placed]
        total = self._total if self._groups is None else self._groups
        return Page(total, found, self._nearness, self._exact, offset=start)

    def _cut_page(self) -> tuple[int, list[_Placed]]:
        """(how many documents lie before the page, its documents) behind a document, or with each value once."""
        cut, start = self._cut, self._cut.offset
        if cut.behind is not None:
            wanted = self._state.table.id_of(cut.behind[1])
            for place, one in enumerate(islice(self._each_once(self._placed_from(0, _MOST_SEARCHED)), _MOST_SEARCHED)):
                if one.id == wanted:
                    start = place + 1
                    break
        if cut.collapse is None:
            return start, list(self._placed_from(start, start + cut.limit))
        return start, list(islice(self._each_once(self._placed_from(0, None)), start, start + cut.limit))

    def _each_once(self, placed: Iterator[_Placed]) -> Iterator[_Placed]:
        """The first document of each value. Those without a value all stay."""
        met = set()
        for one in placed:
            if one.group is None or one.group not in met:
                met.add(one.group)
                yield one

    def _placed_from(self, start: int, end: int | None) -> Iterator[_Placed]:
        """The documents with these places, from the block that has the first one on. end: None for all."""
        if end is not None and start >= end:
            return
        for first, last in _blocks(start, end, self._first_block, 0 if self._evaluation.is_exact else BLOCK):
            hits = self._ask(first, last - first)
            yield from islice(
                self._in_order(hits, first), max(start - first, 0), None if end is None else max(end - first, 0)
            )
            if first + len(hits) < last:
                return

    @property
    def _first_block(self) -> int:
        if not self._state.asks_twice:
            return 0
        if self._evaluation.is_exact:
            return self._evaluation.rescored if self._by_score else 0
        if not self._by_score:
            return 0 if self._place_of_score is None else BLOCK
        texts = any(isinstance(kind, Text) for kind in self._state.schema.values())
        return FIRST_WITH_TEXTS if texts else FIRST_BLOCK

    def _in_order(self, hits: Sequence[_Hit], first: int) -> list[_Placed]:
        """The documents of a block in their final order. first: the place of its first."""
        if not self._state.asks_twice or not hits:
            return [_Placed(hit.id, hit.score, hit.group) for hit in hits]
        evaluation, recency = self._evaluation, self._recency
        near = self._by_score and not first and evaluation.rescored > 0
        if evaluation.is_exact and not near:
            return [_Placed(hit.id, hit.score, hit.group) for hit in hits]
        fields = ["date"] if recency is not None else []
        if evaluation.is_exact and not evaluation.has_bridges:
            return self._near_first(hits, evaluation.load_neighbours([hit.id for hit in hits], fields))
        candidates = evaluation.load([hit.id for hit in hits], near=near, fields=fields)
        groups = {hit.id: hit.group for hit in hits}
        scores = evaluation.scores()
        factors = np.ones(len(scores)) if recency is None else recency.factors(candidates.dates)
        scores = scores * factors
        order: Integers = np.arange(len(scores))
        if self._by_score:
            ranks_of = partial(_id_ranks, candidates.ids)
            if near and len(scores):
                scores = self._with_nearness(candidates, scores, factors, ranks_of)
            order = top_k(scores, len(scores), ranks_of)
        elif self._place_of_score is not None:
            keys = {hit.id: hit.keys for hit in hits}
            is_last = self._place_of_score == len(self._sort) - 1
            ranks = _id_ranks(candidates.ids, order) if is_last else order
            keys_of = [keys[one][: self._place_of_score] for one in candidates.ids]
            order = _sorted_anew(keys_of, scores if self._worst_first else -scores, ranks)
        return [_Placed(candidates.ids[at], float(scores[at]), groups[candidates.ids[at]]) for at in order.tolist()]

    def _near_first(self, hits: Sequence[_Hit], candidates: Candidates) -> list[_Placed]:
        """The first documents in their final order, by exact scores and nearness."""
        found = {hit.id: hit for hit in hits}
        scores = np.array([found[one].score for one in candidates.ids])
        factors = np.ones(len(scores)) if self._recency is None else self._recency.factors(candidates.dates)
        ranks_of = partial(_id_ranks, candidates.ids)
        if len(scores):
            scores = self._with_nearness(candidates, scores, factors, ranks_of)
        return [
            _Placed(candidates.ids[at], float(scores[at]), found[candidates.ids[at]].group)
            for at in top_k(scores, len(scores), ranks_of).tolist()
        ]

    def _with_nearness(self, candidates: Candidates, scores: Floats, factors: Floats, ranks_of: Any) -> Floats:
        first = top_set(scores, self._evaluation.rescored, ranks_of)
        nearness = self._evaluation.nearness_of(candidates, first)
        self._nearness = nearness
        bonus, numbers = nearness.bonus(0), nearness.candidates[0]
        own = np.array(self._evaluation.numbers_at(candidates, first), np.int64)
        added = scores.copy()
        added[first] += bonus[numbers.searchsorted(own)] * factors[first]
        return added

    def _ask(self, start: int, size: int) -> list[_Hit]:
        """The documents with some places in the order of the cluster; there are fewer at the end."""
        if start + size <= WINDOW:
            return self._hits(self._search({"from": start, "size": size}))
        hits: list[_Hit] = []
        place, after = 0, None
        while place < start + size:
            step = min(WINDOW, start + size - place) if place >= start else min(WINDOW, start - place)
            question: Body = {"size": step}
            if after is not None:
                question["search_after"] = after
            answer = self._search(question)
            told = answer["hits"]["hits"]
            if place >= start:
                hits += self._hits(answer)
            if len(told) < step:
                break
            place, after = place + step, told[-1]["sort"]
        return hits

    def _search(self, question: Body) -> dict[str, Any]:
        check()
        asked: Body = {
            **question,
            "query": self._query,
            "sort": [*self._sort, {"id": "asc"}],
            "track_scores": True,
            "track_total_hits": False if self._asked else self._tracked,
            "stored_fields": NOT_STORED,
        }
        collapse = self._cut.collapse
        if collapse is not None:
            asked["docvalue_fields"] = [field_path(collapse)]
            if not self._asked:
                field = {"field": field_path(collapse)}
                asked["aggs"] = {
                    "values": {"cardinality": {**field, "precision_threshold": _MOST_GROUPS}},
                    "missing": {"missing": field},
                }
        answer = self._state.cluster.search(self._state.cluster.documents, asked)
        if not self._asked:
            self._asked = True
            total = answer["hits"]["total"]
            self._total, self._exact = total["value"], total["relation"] == "eq"
            if collapse is not None:
                counted = answer["aggregations"]
                self._groups = counted["values"]["value"] + counted["missing"]["doc_count"]
        return answer

    def _hits(self, answer: dict[str, Any]) -> list[_Hit]:
        collapse = field_path(self._cut.collapse or "")
        hits = []
        for hit in answer["hits"]["hits"]:
            values = hit.get("fields", {}).get(collapse)
            hits.append(_Hit(hit["sort"][-1], hit["_score"] or 0.0, values[0] if values else None, hit["sort"]))
        return hits


def _blocks(start: int, end: int | None, size: int, later: int = BLOCK) -> Iterator[tuple[int, int]]:
    """(first place, place behind the last) of the blocks that have some places.

    Parameters:
      size: documents of the first one; 0 if order does not depend on blocks, so that there need be one alone.
      later: documents of the others; 0 if order does not depend on these.
    """
    if end is not None and not later:
        if start < size:
            yield 0, size
        if end > size:
            yield max(start, size), end
        return
    if not size and end is not None:
        yield start, end
        return
    first, last = (0, size) if start < size else (size, BLOCK)
    if start >= BLOCK:
        first = start // BLOCK * BLOCK
        last = first + BLOCK
    while end is None or first < end:
        yield first, last
        first, last = last, (last // BLOCK + 1) * BLOCK


def _sorted_anew(keys: Sequence[Sequence[Any]], scores: Floats, ranks: Integers) -> Integers:
    """The order of documents by exact scores, the least first, where all keys before the score are equal.

    Parameters:
      keys: those before the score, of each document in the order of the cluster.
      scores: exact ones.
      ranks: puts documents with equal scores in order.
    """
    runs = [0]
    for before, key in pairwise(keys):
        runs.append(runs[-1] + (before != key))
    # Scores are compared in 32 bits, as `ranking.sort_keys` does.
    return np.lexsort((ranks, scores.astype(np.float32), np.array(runs[: len(keys)], np.int64)))


def _id_ranks(ids: Sequence[str], places: Integers) -> Integers:
    own = [ids[place] for place in places.tolist()]
    ranks = np.empty(len(own), np.int64)
    ranks[sorted(range(len(own)), key=own.__getitem__)] = np.arange(len(own))
    return ranks


def sort_body(keys: Sequence[str], schema: Schema) -> list[Body]:
    """The sort keys as the cluster takes them. What has no value comes last. Raises InvalidQuery for a name that is no field."""
    made: list[Body] = []
    for key in keys:
        name, down = key.removeprefix("-"), key.startswith("-")
        if name == "score":  # the best come first, unless it is turned round
            made.append({"_score": "asc" if down else "desc"})
            continue
        field = {"date": "date", "title": "title_key"}.get(name, field_path(name))
        if name not in ("date", "title"):
            kind = kind_of(schema, name)
            if kind is None:
                raise InvalidQuery(message("sort: {error}; or score, date, title", error=unknown_field(schema, name)))
            if isinstance(kind, Text):
                raise InvalidQuery(message("sort: {name} is a Text, which has no order", name=name))
        order = {"order": "desc" if down else "asc", "mode": "max" if down else "min", "missing": "_last"}
        made.append({field: {**order, "unmapped_type": "keyword"}})
    return made
