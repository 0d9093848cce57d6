"""The writer of an index in a cluster: analyses documents here, and sends what a search there needs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from types import TracebackType
from typing import Any, NoReturn

from ..conditions import Condition, FieldName, check_condition, condition_of
from ..document import Document
from ..errors import (
    InvalidDocument,
    InvalidQuery,
    InvalidSchema,
    NaidiError,
    NotSupported,
)
from ..fields import Field, Schema, Text, changes_of, checked_schema, given_values, kind_of, values_of
from ..log import INFO, listener, warn
from ..messages import message
from ..writing.batch import AnalysedBatch, analyse
from ..writing.workers import WorkerPool
from .address import ClusterAddress
from .analysing import Analysing
from .cluster import Cluster, connect
from .condition_query import condition_query
from .documents import SYNC_FIELDS, sources, stored_document
from .mapping import got_values
from .naming import document_key, field_key, field_name
from .outgoing import Outgoing
from .target import Target

_LOG = "naidi.writer"
_CLOSED = message("this writer is closed")
_BY_AN_ERROR = message("this writer was closed by an earlier error; what was not sent is lost")
_LONGEST_MERGE = 3600.0  # seconds
# Documents on their way are sent when they have so many bytes. What is not sent yet can be taken back.
FLUSH_BYTES = 48_000_000


class ClusterWriter:
    """Adds, replaces and deletes documents of an index in an OpenSearch cluster.

        with ClusterWriter("https://search.example.org:9200/books") as writer:
            writer.add(Document(id="a", text="..."))

    It does as `Writer` does, but for what a cluster cannot:

    - Several writers may write at once, from several machines. Of two that write one document, the later one wins.
    - Documents are sent as buffers fill, and searches see them after a commit, of this writer or another. What was sent cannot be
      taken back: an exception discards what was not sent yet. Up to FLUSH_BYTES, nothing is sent before the commit. With
      `rebuild=True`, all is or nothing: it fills new indices beside the old ones, and the commit puts them in their place.
    - A document that the cluster refuses is left out, and the commit names it in an InvalidDocument when all others are live.

    Threads must not share a writer.
    """

    def __init__(
        self,
        address: str | ClusterAddress,
        *,
        jobs: int = 1,
        rebuild: bool = False,
        schema: Schema | None = None,
        store_texts: bool | None = None,
        shards: int | None = None,
        replicas: int | None = None,
    ) -> None:
        """Create or open the index at an address.

        Parameters:
          address: `https://host:9200/name`, see `ClusterAddress.of`.
          jobs: processes that analyse documents, as for Writer.
          rebuild: start with an empty index. The old one answers searches until the commit; then its documents are lost.
          schema: names and kinds of the fields that documents may have, of `naidi.fields`. Further ones may be given later; the
            cluster has them at once.
          store_texts: whether a new index stores the texts of its documents; None means yes, or as the index has it. Without
            them, hits have no snippets, and `update` is not possible.
          shards: parts of a new index; None means 1, or as it was for a rebuild. One holds some ten million short documents.
          replicas: further copies of each part, on other nodes; None means 1, or as it was for a rebuild.

        Raises InvalidAddress, NotSupported without opensearch-py, ClusterUnavailable, ClusterRefused, IndexOutdated for an index
        of another analysis or format, IndexUnwritable if `store_texts` contradicts the index, and InvalidSchema.
        """
        wanted = {} if schema is None else checked_schema(schema)
        self._cluster: Cluster = connect(address)
        self._target = Target(self._cluster)
        self._why_closed: str | None = None
        try:
            self._target.open(wanted, store_texts, rebuild, shards, replicas)
        except BaseException:
            self._target.drop_new()
            self._cluster.close()
            raise
        self._analysing = Analysing(jobs)
        self._reset()

    def _reset(self) -> None:
        """Forget what was not sent."""
        self._analysing.reset()
        self._outgoing = Outgoing(
            self._cluster, self._target.names, self._analysing.describing, is_new=self._target.is_new
        )
        self._changed = self._target.is_new
        self._optimizing = False

    @property
    def cluster(self) -> Cluster:
        """The cluster, for code that asks it beside this writer."""
        return self._cluster

    @property
    def address(self) -> ClusterAddress:
        """Where the index is."""
        return self._cluster.address

    @property
    def directory(self) -> NoReturn:
        """Raises NotSupported: the index is in no directory. `address` says where it is."""
        raise NotSupported(
            message("{place}: an index in a cluster is in no directory", place=self._cluster.address.shown)
        )

    @property
    def pool(self) -> WorkerPool:
        """The worker processes, for code that prepares batches for this writer. The writer stops them."""
        return self._analysing.pool

    @property
    def schema(self) -> dict[str, Field]:
        """The fields that documents may have."""
        return dict(self._target.schema)

    def extend_schema(self, schema: Schema) -> None:
        """Let documents have further fields, at once. Raises InvalidSchema as the constructor does."""
        self._open_only()
        wanted = checked_schema(schema)
        with self._closing_on_errors():
            self._target.extend(wanted)

    # Changes.

    def add(self, document: Document) -> None:
        """Add a document. It replaces an earlier one with the same id.

        Raises InvalidDocument if it is no Document, or if its fields are not those of the schema.
        """
        if not isinstance(document, Document):
            raise InvalidDocument(
                message(
                    "expected a Document, got {name}; build one with Document(id=, text=)", name=type(document).__name__
                )
            )
        self._open_only()
        if document.fields:
            self._checked(values_of, document.id, document.fields)
        if self._analysing.put(document):
            with self._closing_on_errors():
                for batch in self._analysing.submit(self._target.schema):
                    self._take_batch(batch)

    def add_many(self, documents: Iterable[Document]) -> None:
        """Add every document of an iterable, in constant memory. Raises as `add` does."""
        for document in documents:
            self.add(document)

    def add_analysed(
        self,
        batch: AnalysedBatch,
        *,
        notes: Sequence[Mapping[str, Any]] | None = None,
        versions: Sequence[int] | None = None,
    ) -> None:
        """Add documents that are analysed already. They replace earlier ones with the same ids.

        Files of a folder keep the fields that the application has given them, but for texts.

        Parameters:
          notes: further fields of each document in the cluster, such as `source`.
          versions: of each document, in microseconds since 1970. One that the cluster has in a version as new or newer stays as
            it is. None: what comes later wins.
        """
        self._open_only()
        with self._closing_on_errors():
            self._take_batch(batch, notes, versions)

    def _take_batch(
        self,
        batch: AnalysedBatch,
        notes: Sequence[Mapping[str, Any]] | None = None,
        versions: Sequence[int] | None = None,
    ) -> None:
        if batch.synced and self._target.schema:
            self._outgoing.finish()
            self._keep_fields(batch)
        if not self._target.store_texts:
            batch.forget_texts()
        self._expect_fields({name for columns in batch.fields for name in columns})
        numbers = self._outgoing.numbers(batch)
        found = sources(batch, numbers, self._outgoing.tokens, self._target.schema, notes)
        for source, version in zip(found, versions or repeat(None), strict=False):
            self._outgoing.put(source, numbers[source.first : source.last], version)
        self._changed |= bool(batch.ids)
        if self._outgoing.size >= FLUSH_BYTES:
            self._outgoing.begin()

    def _expect_fields(self, names: set[str]) -> None:
        """Have the mapping know the fields of documents that stand under a name such as `custom.*`."""
        new = {name for name in names if name not in self._target.schema}
        if any(document_field not in self._target.known_fields for document_field in map(field_key, new)):
            self._target.extend({}, new)

    def _keep_fields(self, batch: AnalysedBatch) -> None:
        """Give documents from files the values that their earlier versions have."""
        rows = [row for row, columns in enumerate(batch.fields) if not columns]
        keys = [document_key(batch.ids[row]) for row in rows]
        for row, found in zip(rows, self._cluster.mget(self._target.names.documents, keys, ["fields"]), strict=True):
            for key, values in ((found or {}).get("fields") or {}).items():
                kind = kind_of(self._target.schema, field_name(key))
                if kind is not None and not isinstance(kind, Text):
                    batch.fields[row][field_name(key)] = got_values(kind, values)
                    batch.kinds[field_name(key)] = kind.kind

    def delete(self, doc_id: str) -> bool:
        """Delete the document with this id. Returns whether there was one. Raises InvalidDocument for an id that is no str."""
        return self.delete_many([doc_id]) > 0

    def discard(self, doc_id: str, version: int) -> None:
        """Delete a document, be it there or not, unless the cluster has it in a version as new or newer. It is not asked for."""
        self._open_only()
        self._outgoing.delete(doc_id, version)
        self._changed = True

    def flush(self) -> None:
        """Send all that was not sent. Searches see it after a commit."""
        self._open_only()
        with self._closing_on_errors():
            self._drain()
            self._outgoing.flush()

    def take_refused(self) -> list[tuple[str, str]]:
        """(id, reason) of each document that the cluster has refused since the last call. The commit tells of the others."""
        return self._outgoing.take_refused()

    def delete_many(self, doc_ids: Iterable[str]) -> int:
        """Delete documents by their ids. Returns how many there were; the cluster is asked for all at once."""
        self._open_only()
        wanted = list(dict.fromkeys(doc_ids))
        for doc_id in wanted:
            if not isinstance(doc_id, str):
                raise InvalidDocument(
                    message("a document id is {doc_id!r}; it must be a str: str(value) makes one", doc_id=doc_id)
                )
        with self._closing_on_errors():
            self._drain()
            self._outgoing.finish()
            asked = [doc_id for doc_id in wanted if self._outgoing.holds(doc_id) is None]
            keys = list(map(document_key, asked))
            stored = dict(zip(asked, self._cluster.mget(self._target.names.documents, keys, False), strict=True))
            count = 0
            for doc_id in wanted:
                held = self._outgoing.holds(doc_id)
                if held or (held is None and stored[doc_id] is not None):
                    self._outgoing.delete(doc_id, None)
                    count += 1
            self._changed |= count > 0
            return count

    def update(self, doc_id: str, *, fields: Mapping[str, Any]) -> bool:
        """Give a document other values of some fields. The others stay.

        Its text is fetched from the cluster and analysed again, since a cluster keeps no words of it that could be sent anew.

        Parameters:
          doc_id: the id of the document.
          fields: values by name, as those of a Document. None, or a list without values, takes a field away.

        Returns whether there is such a document. Raises InvalidDocument if the values are not those of the schema, NotSupported if
        the index does not store texts.
        """
        self._open_only()
        if not isinstance(doc_id, str):
            raise InvalidDocument(
                message("a document id is {doc_id!r}; it must be a str: str(value) makes one", doc_id=doc_id)
            )
        if not isinstance(fields, Mapping):
            raise InvalidDocument(
                message("document {doc_id!r}: fields must be a mapping of names to values", doc_id=doc_id)
            )
        columns, texts = self._checked(changes_of, doc_id, fields)
        if not self._target.store_texts:
            raise NotSupported(
                message(
                    "{place}: document {doc_id!r}: an index in a cluster that stores no texts cannot change the "
                    "fields of a document; add the whole document again",
                    place=self._cluster.address.shown,
                    doc_id=doc_id,
                )
            )
        with self._closing_on_errors():
            self._drain()
            if self._outgoing.holds(doc_id) is None:
                self._outgoing.finish()
            else:
                self._outgoing.flush()
            source = self._cluster.get(self._target.names.documents, document_key(doc_id))
            if source is None:
                return False
            document = stored_document(source, self._target.schema)
            values = {**document.fields, **given_values(self._target.schema, columns, texts)}
            values |= {name: None for name, stored in columns.items() if not stored}
            batch = analyse([replace(document, fields=values)], self._target.schema)
            # With the mark of a sync, it would be given the values that it had.
            note = {"synced": bool(source.get("synced"))}
            note.update({name: source[name] for name in SYNC_FIELDS if name in source})
            self._take_batch(batch, [note])
            return True

    def delete_where(self, condition: Condition | FieldName | Mapping[str, Any]) -> int:
        """Delete all documents that a condition on their fields holds for. What was added before is sent first.

        condition: such as `field("price") > 500`, or a mapping as for `Searcher.search(where=…)`.

        Returns how many there were. Raises InvalidQuery for a field that the index lacks, for values that its kind cannot have,
        and for a mapping without names: `clear` deletes all.
        """
        self._open_only()
        if isinstance(condition, Mapping) and not condition:
            raise InvalidQuery(message("delete_where was given no condition; clear() deletes all documents"))
        wanted = condition_of(condition)
        check_condition(wanted, self._target.schema)
        with self._closing_on_errors():
            self._drain()
            self._outgoing.flush()
            documents = self._target.names.documents
            self._cluster.refresh(documents)
            count = 0
            for hit in self._cluster.scan(documents, condition_query(wanted, self._target.schema), source=["id"]):
                self._outgoing.delete(hit["_source"]["id"], None)
                count += 1
            self._changed |= count > 0
            return count

    def clear(self) -> None:
        """Delete all documents: the next commit puts empty indices in the place of those that there are.

        What other writers add until then is lost, too.
        """
        self._open_only()
        with self._closing_on_errors():
            self._outgoing.stop()
            self._target.begin_anew()
            self._reset()

    def optimize(self) -> None:
        """Have the next commit merge the parts of the documents index, so that searches are a little faster.

        This is of use when an index will not change for long. The commit takes as long as the merge, and at most an hour.
        """
        self._open_only()
        self._optimizing = self._changed = True

    def _drain(self) -> None:
        """Wait until everything that was added is analysed."""
        for batch in (*self._analysing.submit(self._target.schema), *self._analysing.drain()):
            self._take_batch(batch)

    # The end.

    def commit(self) -> None:
        """Send all that was not sent, and let searches see it.

        After a rebuild or `clear`, the new indices take the place of the old ones, all at once.

        Raises InvalidDocument, when all else is live, for documents that the cluster refused. Raises ClusterUnavailable and its
        like if the cluster does not take the rest; then this writer is closed, and some of the changes may be live later.
        """
        self._open_only()
        with self._closing_on_errors():
            self._drain()
            if not self._changed:
                return
            started = time.perf_counter()
            self._outgoing.flush()
            self._outgoing.settle()
            if self._optimizing:
                documents = self._target.names.documents
                self._cluster.ask(
                    "POST", f"/{documents}/_forcemerge", tries=1, timeout=_LONGEST_MERGE, max_num_segments=1
                )
                self._optimizing = False
            # The words first: a search that sees a document sees its forms.
            self._cluster.refresh(self._target.names.words)
            self._cluster.refresh(self._target.names.documents)
            if self._target.is_new:
                self._target.put_live()
                self._outgoing.go_on(self._target.names)
            self._changed = False
            self._tell(started)
        refused = self.take_refused()
        if refused:
            doc_id, reason = refused[0]
            if len(refused) > 1:
                raise InvalidDocument(
                    message(
                        "document {doc_id!r}: the cluster refuses it: {reason}, and {count} more; all others are live",
                        doc_id=doc_id,
                        reason=reason,
                        count=len(refused) - 1,
                    )
                )
            raise InvalidDocument(
                message(
                    "document {doc_id!r}: the cluster refuses it: {reason}; all others are live",
                    doc_id=doc_id,
                    reason=reason,
                )
            )

    def _tell(self, started: float) -> None:
        logger = listener(_LOG, INFO)
        added, removed = self._outgoing.take_counts()
        if logger is not None:
            seconds = time.perf_counter() - started
            logger.info(
                "%s: committed, %d sent, %d removed, %.3f s", self._cluster.address.shown, added, removed, seconds
            )

    def rollback(self) -> None:
        """Forget all changes since the last commit. Raises NotSupported if some were sent already: they stay."""
        self._open_only()
        with self._closing_on_errors():
            self._outgoing.stop()
            sent = 0 if self._target.is_new else self._outgoing.sent
            self._target.roll_back()
            self._reset()
        if sent:
            raise NotSupported(
                message(
                    "{place}: {sent} changes were sent and cannot be taken back; the others are forgotten",
                    place=self._cluster.address.shown,
                    sent=sent,
                )
            )

    def close(self) -> None:
        """Close the connections. Changes that were not sent are lost."""
        if self._why_closed is not None:
            return
        try:
            if not self._target.is_new:
                try:
                    self._outgoing.settle(at_end=True)
                except NaidiError as error:  # all changes are live; only the numbers are a little behind
                    warn(_LOG, "%s", str(error))
        finally:
            self._release(_CLOSED)

    def _release(self, why: str) -> None:
        if self._why_closed is not None:
            return
        self._why_closed = why
        self._analysing.stop()
        self._outgoing.stop()
        self._target.drop_new()
        self._cluster.close()

    def _open_only(self) -> None:
        if self._why_closed is not None:
            raise ValueError(self._why_closed)

    @contextmanager
    def _closing_on_errors(self) -> Iterator[None]:
        try:
            yield
        except (InvalidDocument, InvalidQuery, InvalidSchema, NotSupported):
            raise
        except BaseException:
            self._warn_of_sent()
            self._release(_BY_AN_ERROR)
            raise

    def _warn_of_sent(self) -> None:
        self._outgoing.stop()
        if not self._target.is_new and self._outgoing.sent:
            warn(
                _LOG,
                "%s: up to %d changes were sent before it ended; those that the cluster has taken stay",
                self._cluster.address.shown,
                self._outgoing.sent,
            )

    def _checked(self, read: Any, doc_id: str, values: Mapping[str, Any]) -> Any:
        try:
            return read(self._target.schema, values)
        except ValueError as error:
            raise InvalidDocument(message("document {doc_id!r}: {error}", doc_id=doc_id, error=error)) from None

    def __enter__(self) -> ClusterWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
                self.close()
            elif self._why_closed is None:
                self._warn_of_sent()
        finally:
            self._release(_CLOSED)

    # For `sync`.

    def document_origins(self) -> dict[str, bool]:
        """For the id of each document, whether a sync added it. Documents that are not committed yet are included."""
        self._open_only()
        with self._closing_on_errors():
            self._drain()
            self._outgoing.flush()
            documents = self._target.names.documents
            self._cluster.refresh(documents)
            hits = self._cluster.scan(
                documents, source=False, page=10_000, docvalue_fields=["id", "synced"], stored_fields="_none_"
            )
            return {hit["fields"]["id"][0]: bool(hit["fields"].get("synced", [False])[0]) for hit in hits}
