"""The filters of a query as the cluster takes them. They find the same documents as `ranking.segment_match.filter_mask`."""

from __future__ import annotations

from typing import Any

from naidi.indexer.errors import InvalidQuery, NotSupported
from naidi.indexer.fields import Schema
from naidi.indexer.messages import message
from naidi.indexer.opensearch.condition_query import EVERY, any_of, any_value, condition_query

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
from .row_queries import Body


def filter_body(node: Filter, schema: Schema) -> Body:
    """The documents that pass a filter; without a score.

    schema: of the fields of the application.

    Raises NotSupported for a filter that names documents by their places, InvalidQuery for ids that are none.
    """
    if isinstance(node, FieldFilter):
        return condition_query(node.condition, schema)
    if isinstance(node, FilterCombination):
        made: dict[str, Any] = {}
        if node.must:
            made["filter"] = [filter_body(part, schema) for part in node.must]
        elif node.should:
            made["filter"] = [any_of([filter_body(part, schema) for part in node.should])]
        if node.must_not:
            made["must_not"] = [filter_body(part, schema) for part in node.must_not]
        return {"bool": made} if made else EVERY
    if isinstance(node, EveryDocument):
        return EVERY
    if isinstance(node, AmongIds):
        return _among(node.ids)
    if isinstance(node, (PathMatches, FolderIs, ExtensionIs)):
        return any_of([{"wildcard": {"path_key": {"value": _escaped(glob)}}} for glob in globs_of(node)])
    if isinstance(node, SizeRange):
        return _range("size", node.least, node.most)
    if isinstance(node, ChangedRange):
        return _range("mtime", *changed_between(node))
    if isinstance(node, LanguageIs):
        return any_of([{"term": {"lang": node.code}}, {"prefix": {"lang": f"{node.code}-"}}])
    if isinstance(node, DateRange):
        since, until = (None if day is None else day.isoformat() for day in (node.since, node.until))
        return _range("date", since, until)
    raise NotSupported(message("an index in a cluster cannot be asked for documents by their places"))


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
        raise InvalidQuery(message("only has {wrong}, which is no id: an id is a str", wrong=repr(wrong)))
    return any_value("id", sorted(ids))
