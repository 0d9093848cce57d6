"""Which indices a writer writes to: those behind the aliases, or new ones that will take their place."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from ..analysis.lemmatize.fingerprint import fingerprint
from ..errors import IndexMissing, IndexOutdated, IndexUnwritable, NaidiError
from ..fields import Schema
from ..messages import message
from .cluster import Cluster
from .indices import Layout, Pair, aliases, extend_fields, layout_of, make_beside, make_missing, put_live
from .mapping import DocumentsState, documents_state, words_state


class Target:
    """The indices of a writer.

    schema, store_texts, known_fields: as in DocumentsState.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is asked yet: `open` does that."""
        self._cluster = cluster
        self._made: Pair | None = None  # new indices that no alias means
        self._is_rebuild = False  # whether these stand for nothing that was before

    def open(
        self, schema: Schema, store_texts: bool | None, rebuild: bool, shards: int | None, replicas: int | None
    ) -> None:
        """Find or make the indices. Parameters and errors are those of ClusterWriter."""
        there = self._live_state(rebuild)
        layout = Layout()
        if there is not None or (rebuild and self._cluster.indices_of(self._cluster.documents)):
            layout = layout_of(self._cluster, self._cluster.documents)
        wanted = Layout(
            layout.shards if shards is None else shards, layout.replicas if replicas is None else replicas
        ).checked()
        if there is not None and not rebuild:
            self._check_layout(layout, wanted)
        is_kept = there is not None and (store_texts is None or not rebuild)
        kept = there.store_texts if there is not None and is_kept else store_texts is not False
        if rebuild:
            self._is_rebuild = True
            self._made = make_beside(self._cluster, schema, kept, wanted)
        else:
            make_missing(self._cluster, schema, kept, wanted)
        self._take(extend_fields(self._cluster, self.names.documents, schema))
        if not rebuild and store_texts is not None and store_texts != self.store_texts:
            how = (
                message("stores the texts of its documents")
                if self.store_texts
                else message("does not store the texts of its documents")
            )
            raise IndexUnwritable(
                message(
                    "{place}: {how}, and store_texts is {store_texts}; leave it out, or make a new index with "
                    "rebuild=True",
                    place=self._cluster.address.shown,
                    how=how,
                    store_texts=store_texts,
                )
            )
        if not words_state(self._cluster, self.names.words).is_current:
            raise IndexOutdated(
                message(
                    "{place}: its words were made by another version of the analysis than {fingerprint}; `naidi "
                    "index --upgrade` makes them anew, and leaves the documents as they are",
                    place=self._cluster.address.shown,
                    fingerprint=fingerprint(),
                )
            )

    def _check_layout(self, layout: Layout, wanted: Layout) -> None:
        """Raises IndexUnwritable if the index that is there is laid out otherwise than it is asked for."""
        for name, there, asked in zip(Layout._fields, layout, wanted, strict=True):
            if there != asked:
                raise IndexUnwritable(
                    message(
                        "{place}: the index has {name}={there}, and {name}={asked} is for a new one; leave it out, or "
                        "take another name",
                        place=self._cluster.address.shown,
                        name=name,
                        there=there,
                        asked=asked,
                    )
                )

    def _live_state(self, rebuild: bool) -> DocumentsState | None:
        """The index that is there; None if there is none, or if it is of no use and is to be replaced."""
        try:
            return documents_state(self._cluster)
        except IndexMissing:
            return None
        except IndexOutdated:
            if rebuild:  # what is not ours is another error: that is not replaced
                return None
            raise

    def _take(self, state: DocumentsState) -> None:
        self.schema, self.store_texts, self.known_fields = state.schema, state.store_texts, state.known_fields

    @property
    def names(self) -> Pair:
        """What is written to."""
        return aliases(self._cluster) if self._made is None else self._made

    @property
    def is_new(self) -> bool:
        """Whether no search sees the indices before `put_live`."""
        return self._made is not None

    def extend(self, schema: Schema, names: Iterable[str] = ()) -> None:
        """Let documents have further fields, see `extend_fields`."""
        self._take(extend_fields(self._cluster, self.names.documents, schema, names))

    def begin_anew(self) -> None:
        """Write to new and empty indices, laid out as those that are written to."""
        layout = layout_of(self._cluster, self.names.documents)
        self.drop_new()
        self._made = make_beside(self._cluster, self.schema, self.store_texts, layout)

    def roll_back(self) -> None:
        """Go back to what is live; in a rebuild, to new indices that are empty."""
        if self._is_rebuild:
            self.begin_anew()
        else:
            self.drop_new()
        self._take(documents_state(self._cluster, self.names.documents))

    def put_live(self) -> None:
        """Have the aliases mean the new indices."""
        if self._made is not None:
            put_live(self._cluster, self._made)
            self._made, self._is_rebuild = None, False

    def drop_new(self) -> None:
        """Remove new indices that no alias means."""
        made, self._made = self._made, None
        if made is not None:
            with suppress(NaidiError):  # a rebuild removes what is left of another one
                self._cluster.drop(*made)
