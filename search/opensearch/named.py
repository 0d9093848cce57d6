"""Finds documents of a cluster by their ids and paths, and reads them back as they are stored."""

from __future__ import annotations

from naidi.indexer.errors import DocumentMissing, InvalidQuery
from naidi.indexer.file_facts import PART
from naidi.indexer.late import cached_property
from naidi.indexer.messages import message
from naidi.indexer.opensearch.naming import document_key
from naidi.indexer.state.roots import paths_in
from naidi.indexer.typed import TYPE_CHECKING, Any

from ..named_documents import names_of, no_document, shown_name, with_parts
from .fetched import TEXTS, FetchedDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from naidi.indexer.fields import Schema
    from naidi.indexer.opensearch.cluster import Cluster

    from ..stored_documents import StoredDocument

_PARTS = 50  # documents of one file that are looked at
_SOURCE_ID = ["id"]


class NamedDocuments:
    """The documents of a cluster by name."""

    def __init__(
        self,
        cluster: Cluster,
        schema: Schema,
        roots: Mapping[str, Mapping[str, str]],
        *,
        store_texts: bool,
    ) -> None:
        """
        Parameters:
          cluster: is asked.
          schema: of the fields of the application.
          roots: the indexed folders.
          store_texts: whether the index stores texts.
        """
        self._cluster = cluster
        self._schema = schema
        self._roots = roots
        self._store_texts = store_texts

    @cached_property
    def _where(self) -> str:
        return str(self._cluster.address.shown)

    def fetch(self, keys: Sequence[str], *, texts: bool) -> list[FetchedDocument | None]:
        """Documents by `_id`; None for those that are gone. texts: whether their texts are needed."""
        found = self._cluster.mget(self._cluster.documents, keys, without=() if texts else TEXTS)
        return [None if one is None else self.of_source(one) for one in found]

    def of_source(self, source: Mapping[str, Any]) -> FetchedDocument:
        """A document of what the index stores of it."""
        return FetchedDocument(source, self._schema, self._where)

    def has(self, doc_id: str) -> bool:
        """Whether a committed document has an id."""
        return bool(self._cluster.count(self._cluster.documents, {"term": {"id": doc_id}}))

    def stored(self, doc_id: str) -> StoredDocument:
        """The document with an id. Raises DocumentMissing if there is none, InvalidQuery if the id is no str."""
        if not isinstance(doc_id, str):
            raise InvalidQuery(message("an id is a str, not {doc_id}", doc_id=repr(doc_id)))
        found = self.fetch([document_key(doc_id)], texts=True)[0] if doc_id else None
        if found is None:
            raise DocumentMissing(message("{name}: no document of the index has this id", name=shown_name(doc_id)))
        return found.stored(paths_in(self._roots), has_text=self._store_texts)

    def ids(self) -> Iterator[str]:
        """The ids of all documents, ascending by code points."""
        for hit in self._cluster.scan(self._cluster.documents, source=_SOURCE_ID):
            yield hit["_source"]["id"]

    def find(self, name: str) -> str:
        """The id of the document with an id or a path; see `named_documents.find_document`. Raises DocumentMissing."""
        ids, paths = names_of(name, self._roots)
        for asked in ({"terms": {"id": ids}}, {"terms": {"path": [name, *paths]}}):
            found = self._ids_found(asked, len(ids) + len(paths) + 1)
            if found:
                return min(found, key=lambda one: ids.index(one) if one in ids else len(ids))
        parts = []
        for wanted in ids:
            parts += self._ids_found({"prefix": {"id": f"{wanted}{PART}"}}, _PARTS)
        if len(parts) == 1:
            return parts[0]
        raise with_parts(name, parts) if parts else no_document(name)

    def _ids_found(self, query: Mapping[str, Any], most: int) -> list[str]:
        body = {"size": most, "query": {"bool": {"filter": [query]}}, "_source": _SOURCE_ID, "sort": [{"id": "asc"}]}
        answer = self._cluster.search(self._cluster.documents, body)
        return [hit["_source"]["id"] for hit in answer["hits"]["hits"]]
