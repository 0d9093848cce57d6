"""Counts all documents found in a cluster by folder, type, language, year and the fields of an application.

The facets are those that `search.facets` and `search.field_facets` give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from naidi.indexer.conditions import FacetRequest, FieldName
from naidi.indexer.errors import NotSupported
from naidi.indexer.fields import Boolean, Schema
from naidi.indexer.messages import message
from naidi.indexer.opensearch.naming import field_path

from ..budget import check
from ..facets import checked_facets, most_frequent
from ..field_facets import FieldFacet
from ..results import Facet
from .evaluation import ClusterEvaluation
from .row_queries import Body

# Values of a facet that the cluster gives: it allows 65,535. Each shard gives as many, so that no count is a guess up to here.
_MOST_VALUES = 10_000
# Distinct values of a histogram, and how many are fetched at once.
_MOST_DISTINCT, _PAGE = 200_000, 10_000
_FILTERS = 500  # steps counted in one request
_TERMS = {"language": "lang", "folder": "folder", "type": "type"}


def cluster_facets(
    evaluation: ClusterEvaluation | None,
    schema: Schema,
    wanted: Sequence[str | FacetRequest | FieldName],
    without: tuple[int, int] | None = None,
) -> dict[str, Facet]:
    """The facets of all documents found, shown or not.

    Parameters:
      evaluation: of the query; None if nothing was asked.
      schema: of the fields of the application.
      wanted: as for `facets.facets_of`.
      without: the place of a document that is left out.

    Raises InvalidQuery as `facets_of` does, NotSupported for a histogram of too many values, TimeUp, and what the cluster raises.
    """
    facets = checked_facets(schema, wanted)
    if evaluation is None or not facets:
        return {name: Facet() for name in facets}
    counted = _Counted(evaluation, without)
    asked = {str(number): _question(name, facet) for number, (name, facet) in enumerate(facets.items())}
    missing = {f"{number}-": _missing(name) for number, (name, facet) in enumerate(facets.items()) if facet is not None}
    total, answer = counted.ask({key: body for key, body in (asked | missing).items() if body is not None})
    found = {}
    for number, (name, facet) in enumerate(facets.items()):
        told = answer.get(str(number), {})
        if facet is None:
            found[name] = most_frequent(_named(name, told["buckets"]), total)
        else:
            found[name] = counted.of_field(facet, told, answer[f"{number}-"]["doc_count"])
    return found


def _question(name: str, facet: FieldFacet | None) -> Body | None:
    """What is asked for a facet, in the first request; None for a histogram, which takes others."""
    if facet is None:
        if name == "year":
            return {
                "date_histogram": {"field": "date", "calendar_interval": "year", "format": "yyyy", "min_doc_count": 1}
            }
        return {"terms": {"field": _TERMS[name], "size": _MOST_VALUES, "shard_size": _MOST_VALUES}}
    path = field_path(facet.request.name)
    if facet.ranges:
        return {"filters": {"filters": [_between(path, low, high) for low, high in facet.ranges]}}
    if facet.step is not None:
        return None
    size = min(facet.request.limit, _MOST_VALUES)
    return {
        "terms": {
            "field": path,
            "size": size,
            "shard_size": _MOST_VALUES,
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
    }


def _missing(name: str) -> Body:
    return {"missing": {"field": field_path(name)}}


def _between(path: str, low: Any, high: Any) -> Body:
    limits = {"gte": low, "lt": high}
    known = {name: value for name, value in limits.items() if value is not None}
    return {"range": {path: known}} if known else {"exists": {"field": path}}


def _named(name: str, buckets: Sequence[dict[str, Any]]) -> dict[str, int]:
    key = "key_as_string" if name == "year" else "key"
    return {bucket[key]: bucket["doc_count"] for bucket in buckets}


class _Counted:
    """The documents found, as the cluster counts them."""

    def __init__(self, evaluation: ClusterEvaluation, without: tuple[int, int] | None) -> None:
        self._state = evaluation.state
        self._query: Body = {"bool": {"filter": [evaluation.found_body]}}
        if without is not None:
            self._query["bool"]["must_not"] = [{"term": {"id": self._state.table.id_of(without[1])}}]

    def ask(self, aggregations: Body) -> tuple[int, dict[str, Any]]:
        """(how many documents are found, what was counted)."""
        check()
        asked = {"size": 0, "track_total_hits": True, "query": self._query, "aggs": aggregations}
        answer = self._state.cluster.search(self._state.cluster.documents, asked)
        return answer["hits"]["total"]["value"], answer.get("aggregations", {})

    def of_field(self, facet: FieldFacet, told: dict[str, Any], missing: int) -> Facet:
        """The facet of a field. told: the answer to its question. missing: documents without a value."""
        if facet.ranges:
            return facet.of_ranges([bucket["doc_count"] for bucket in told["buckets"]], missing)
        if facet.step is not None:
            return facet.of_steps(self._steps(facet), missing)
        values = [(_given(facet, bucket["key"]), bucket["doc_count"]) for bucket in told["buckets"]]
        return Facet(tuple(values), told["sum_other_doc_count"], missing)

    def _steps(self, facet: FieldFacet) -> dict[Any, int]:
        """Begin of each step that has documents -> how many."""
        counted = list(self._distinct(facet.request.name))
        if not counted:
            return {}
        values: npt.NDArray[Any] = np.array([value for value, _ in counted])
        steps = facet.steps_of(values)
        if not facet.kind.multiple:
            sums = np.bincount(steps.of_values, [count for _, count in counted], minlength=len(steps.begins))
            return {begin: int(count) for begin, count in zip(steps.begins, sums.tolist(), strict=True) if count}
        # Two values of a document may lie in one step: it counts there once.
        path, found = field_path(facet.request.name), {}
        # Values ascend, and so do their steps.
        first = np.unique(steps.of_values, return_index=True)[1].tolist()
        last = [*(place - 1 for place in first[1:]), len(values) - 1]
        ends = list(zip(values[first].tolist(), values[last].tolist(), strict=True))
        for start in range(0, len(ends), _FILTERS):
            ranges = [{"range": {path: {"gte": low, "lte": high}}} for low, high in ends[start : start + _FILTERS]]
            _, answer = self.ask({"steps": {"filters": {"filters": ranges}}})
            for begin, bucket in zip(steps.begins[start : start + _FILTERS], answer["steps"]["buckets"], strict=True):
                found[begin] = bucket["doc_count"]
        return found

    def _distinct(self, name: str) -> Iterator[tuple[Any, int]]:
        """(value, documents with it) of all values that documents found have, ascending."""
        after: Body = {}
        for _ in range(_MOST_DISTINCT // _PAGE):
            sources = [{"value": {"terms": {"field": field_path(name)}}}]
            _, answer = self.ask({"values": {"composite": {"size": _PAGE, "sources": sources, **after}}})
            told = answer["values"]
            for bucket in told["buckets"]:
                yield bucket["key"]["value"], bucket["doc_count"]
            if len(told["buckets"]) < _PAGE:
                return
            after = {"after": told["after_key"]}
        raise NotSupported(
            message(
                "facets: {name} has more than {most:,} values, too many for steps in a cluster; ask for ranges",
                name=name,
                most=_MOST_DISTINCT,
            )
        )


def _given(facet: FieldFacet, key: Any) -> Any:
    """A value of a bucket as its application gave it."""
    return facet.kind.given(bool(key) if isinstance(facet.kind, Boolean) else key)
