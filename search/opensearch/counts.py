"""What the ranking must know of all documents, as the cluster counts it: documents with a word, lengths of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from naidi.indexer.fields import NO_FIELDS, Schema, Text
from naidi.indexer.opensearch.condition_query import EVERY
from naidi.indexer.opensearch.naming import field_path

from ..budget import check
from ..cache import Cache
from ..collection import FieldStatistics
from ..ranking.bm25 import RankingParameters
from ..ranking.bridge_weights import least_impact
from .row_queries import Body, Regions, finds
from .word_rows import BODY, TEXT, TITLE, Row

# Bytes for the counts. A row with all its forms is kept with each.
_COUNTS_BYTES, _BYTES_OF_ONE = 30_000_000, 2_000
# Counts asked for in one request.
_AT_ONCE = 200
_BODY_LENGTH = "doc['len'].value - doc['head_len'].value"


class Asked(Protocol):
    """The cluster, as far as searches ask it. documents: the alias of the documents index."""

    @property
    def documents(self) -> str: ...
    def search(self, index: str, body: Body, **params: Any) -> dict[str, Any]: ...
    def msearch(self, index: str, bodies: Iterable[Body], **params: Any) -> list[dict[str, Any]]: ...
    def scan(self, index: str, query: Body, *, source: bool) -> Iterator[dict[str, Any]]: ...


class Statistics(NamedTuple):
    """Lengths of texts.

    doc_count: documents of the index.
    fields: counts of "text", "title", "body" and of each text of the application.
    longest: upper bounds of the tokens that a document has in "text", "title" and "body".
    """

    doc_count: int
    fields: dict[str, FieldStatistics]
    longest: dict[str, int]

    def average(self, region: str) -> float:
        """The mean length of a region in the documents that have it, in tokens; 0 if there are none."""
        found = self.fields.get(region)
        return 0.0 if found is None else found.average_length

    def least_of_posting(self, parameters: RankingParameters, field: str) -> float:
        """As `ranking.bridge_weights.least_of_posting`."""
        return least_impact(self.longest.get(field, self.longest[TEXT]), self.average(field), parameters, field)


class Counts:
    """Counts of one state of the index; a new state needs a new object. Threads may share it."""

    def __init__(self, cluster: Asked, schema: Schema = NO_FIELDS, within: Sequence[Body] = ()) -> None:
        """
        Parameters:
          cluster: is asked.
          schema: of the fields of the application.
          within: filters; only documents that pass all of them are counted.
        """
        self.cluster = cluster
        self._copies = {name: kind.times for name, kind in schema.items() if isinstance(kind, Text)}
        self.regions = Regions(tuple(self._copies))
        self.within = list(within)
        self._counts: Cache[Row, int] = Cache(_COUNTS_BYTES, lambda _: _BYTES_OF_ONE)
        self._statistics: Statistics | None = None

    def known(self, row: Row) -> int | None:
        """How many documents have a row, if that was asked before; else None."""
        return 0 if row.is_empty else self._counts.kept(row)

    def copies(self, region: str) -> int:
        """How often what stands in a region stands there."""
        return self._copies.get(region, 1)

    def of(self, rows: Iterable[Row]) -> dict[Row, int]:
        """How many documents have each row. What is not known yet is asked for in one request."""
        found: dict[Row, int] = {}
        missing: list[Row] = []
        for row in dict.fromkeys(rows):
            known = 0 if row.is_empty else self._counts.kept(row)
            if known is None:
                missing.append(row)
            else:
                found[row] = known
        for start in range(0, len(missing), _AT_ONCE):
            check()
            asked = missing[start : start + _AT_ONCE]
            answers = self.cluster.msearch(self.cluster.documents, [self._question(row) for row in asked])
            for row, answer in zip(asked, answers, strict=True):
                found[row] = self._counts.get(row, partial(int, answer["hits"]["total"]["value"]))
        return found

    def _question(self, row: Row) -> Body:
        filters = [finds(row, self.regions), *self.within]
        return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}}

    @property
    def statistics(self) -> Statistics:
        """The lengths of all texts; asked for at the first use."""
        if self._statistics is None:
            self._statistics = self._ask_statistics()
        return self._statistics

    def _ask_statistics(self) -> Statistics:
        lengths = {TEXT: "len", TITLE: "head_len", **{name: field_path(name) for name in self._copies}}
        wanted: Body = {"longest": {"max": {"script": {"source": _BODY_LENGTH}}}}
        for number, field in enumerate(lengths.values()):
            wanted[f"tokens{number}"] = {"sum": {"field": field}}
            wanted[f"docs{number}"] = {"range": {"field": field, "ranges": [{"from": 1}]}}
            wanted[f"most{number}"] = {"max": {"field": field}}
        wanted["bodies"] = {"range": {"field": "share", "ranges": [{"from": 1e-30}]}}
        answer = self.cluster.search(
            self.cluster.documents,
            {
                "size": 0,
                "track_total_hits": True,
                "query": {"bool": {"filter": self.within or [EVERY]}},
                "aggs": wanted,
            },
        )
        found = answer["aggregations"]
        tokens, docs, most = {}, {}, {}
        for number, name in enumerate(lengths):
            tokens[name] = round(found[f"tokens{number}"]["value"])
            docs[name] = found[f"docs{number}"]["buckets"][0]["doc_count"]
            most[name] = round(found[f"most{number}"]["value"] or 0)
        tokens[BODY] = tokens[TEXT] - tokens[TITLE]
        docs[BODY] = found["bodies"]["buckets"][0]["doc_count"]
        fields = {
            name: FieldStatistics(docs[name], tokens[name] / docs[name] if docs[name] else 0.0) for name in tokens
        }
        body, title = round(found["longest"]["value"] or 0), most[TITLE]
        longest = {TITLE: title or body, BODY: body or title, TEXT: title + body}
        return Statistics(answer["hits"]["total"]["value"], fields, longest)
