"""How new the documents of a cluster are, for searches that rank newer ones higher."""

from __future__ import annotations

import datetime
from itertools import accumulate
from typing import Any

from ..ranking.recency import SHORTEST_HALF_LIFE, Recency, recency_between
from .counts import Counts
from .row_queries import Body

_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()
_MILLISECONDS_A_DAY = 86_400_000


def cluster_recency(counts: Counts) -> Recency:
    """The recency of all documents of an index, as `ranking.recency` works it out. The median date is found by two requests."""
    answer = _ask(counts, {"newest": {"max": {"field": "date"}}, "years": _by("year")}, None)
    years = answer["years"]["buckets"]
    dated = sum(year["doc_count"] for year in years)
    if not dated:
        return Recency(0, SHORTEST_HALF_LIFE, 1.0)
    year, before = _at(years, dated // 2)
    since = datetime.date.fromordinal(_ordinal(year["key"]))
    until = datetime.date(since.year, 12, 31)
    limits = {"gte": since.isoformat(), "lte": until.isoformat()}
    days = _ask(counts, {"days": _by("day")}, {"range": {"date": limits}})["days"]["buckets"]
    day, _ = _at(days, min(dated // 2 - before, sum(each["doc_count"] for each in days) - 1))
    return recency_between(_ordinal(answer["newest"]["value"]), _ordinal(day["key"]))


def _by(interval: str) -> Body:
    return {"date_histogram": {"field": "date", "calendar_interval": interval, "min_doc_count": 1}}


def _at(buckets: list[dict[str, Any]], place: int) -> tuple[dict[str, Any], int]:
    """(the bucket in which the document with this place lies, documents before it)."""
    ends = list(accumulate(bucket["doc_count"] for bucket in buckets))
    number = next(number for number, end in enumerate(ends) if place < end)
    return buckets[number], ends[number] - buckets[number]["doc_count"]


def _ask(counts: Counts, wanted: Body, query: Body | None) -> dict[str, Any]:
    filters = [*counts.within, *([] if query is None else [query])]
    asked = {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": wanted, "track_total_hits": False}
    return counts.cluster.search(counts.cluster.documents, asked)["aggregations"]  # type: ignore[no-any-return]


def _ordinal(milliseconds: float) -> int:
    return int(milliseconds // _MILLISECONDS_A_DAY) + _FIRST_DAY
