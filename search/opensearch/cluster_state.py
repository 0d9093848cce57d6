"""One state of an index in a cluster as a query sees it."""

from __future__ import annotations

from naidi.indexer.fields import NO_FIELDS, Schema

from ..collection import Collection
from .counts import Asked, Counts
from .document_table import DocumentTable


class ClusterState:
    """What the searches of one state share: a new state needs a new object. Threads may share it.

    words: a collection with all forms of the index, and their keys and stems. What it says of documents is not looked at.
    counts: of the documents.
    table: the numbers of documents.
    schema: of the fields of the application.
    asks_twice: whether the best documents are asked for once more: who are neighbours in them, and exact scores where these are not
      known yet.
    """

    def __init__(
        self,
        cluster: Asked,
        words: Collection,
        *,
        schema: Schema = NO_FIELDS,
        asks_twice: bool = True,
        counts: Counts | None = None,
        table: DocumentTable | None = None,
    ) -> None:
        """
        Parameters:
          cluster: is asked for documents.
          words, schema, asks_twice: see the class.
          counts: None for those of all documents.
          table: None for a new one.
        """
        self.words = words
        self.schema = schema
        self.asks_twice = asks_twice
        self.counts = Counts(cluster, schema) if counts is None else counts
        self.table = DocumentTable() if table is None else table

    @property
    def cluster(self) -> Asked:
        """The cluster."""
        return self.counts.cluster
