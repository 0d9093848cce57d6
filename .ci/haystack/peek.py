"""The engine that haystack's Whoosh tests are run against: naidi's, with what these tests ask of a Whoosh index itself.

They look behind the backend: how many documents are there, what does this query find without haystack's own filters, of which
kind is this field? Here naidi answers that. Nothing else differs from `NaidiEngine`.
"""

from __future__ import annotations

from typing import Any

import whoosh.fields
import whoosh.qparser
from haystack.backends import BaseEngine

from naidi import fields
from naidi.integrations.haystack import NaidiSearchBackend, NaidiSearchQuery
from naidi.search.integrations.haystack.own_fields import OwnFields
from naidi.search.integrations.haystack.plan import plan
from naidi.search.integrations.haystack.request import Request


class QueryParser:
    """In the place of Whoosh's: a string stays a string."""

    def __init__(self, field_name: str, schema: object) -> None:
        pass

    def parse(self, query: str) -> str:
        return query


def stand_in() -> None:
    """Let the test modules import these under Whoosh's names."""
    whoosh.qparser.QueryParser = QueryParser
    whoosh.fields.TEXT, whoosh.fields.KEYWORD, whoosh.fields.NUMERIC = fields.Text, fields.Keyword, fields.Number
    whoosh.fields.DATETIME, whoosh.fields.BOOLEAN = fields.DateTime, fields.Boolean


class Found:
    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def fields(self) -> dict[str, Any]:
        return self._values


class Index:
    """What the tests ask of the index of a backend."""

    def __init__(self, backend: NaidiSearchBackend) -> None:
        self._backend = backend

    def refresh(self) -> Index:
        return self

    searcher = __enter__ = refresh

    def __exit__(self, *error: object) -> None:
        pass

    def doc_count(self) -> int:
        return len(self._backend.place.searcher())

    def documents(self) -> list[dict[str, Any]]:
        searcher = self._backend.place.searcher()
        return [
            dict(searcher.get(doc_id).fields, id=searcher.get(doc_id).fields["haystack.id"])
            for doc_id in searcher.ids()
        ]

    def search(self, query: str, limit: int) -> list[Found]:
        request = Request(self._backend.own, *self._backend.place.opened())
        found = request.search(plan(query, self._backend.own), 0, limit)
        return [Found({"id": hit.fields["haystack.id"]}) for hit in found]


class Schema(OwnFields):
    """The fields, as the tests look at a schema of Whoosh."""

    def names(self) -> list[str]:
        return list(self)

    @property
    def _fields(self) -> dict[str, Any]:
        return {name: own.primary for name, own in self.items()}


class Backend(NaidiSearchBackend):
    @property
    def index(self) -> Index:
        return Index(self)

    @property
    def schema(self) -> None:
        return None

    def build_schema(self, fields: Any) -> tuple[str, Schema]:
        name, own = super().build_schema(fields)
        schema = Schema(own)
        schema.content = own.content
        return name, schema


class Engine(BaseEngine):
    backend = Backend
    query = NaidiSearchQuery
