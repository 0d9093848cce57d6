"""Makes, extends and changes the indices behind the two aliases of an index in a cluster."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..errors import ClusterUnavailable, IndexDamaged, IndexMissing, IndexUnwritable
from ..fields import Schema, extended
from ..messages import message
from .cluster import Cluster
from .mapping import DocumentsState, documents_body, documents_notes, documents_state, field_properties, words_body

WORDS_MISSING = message("the words of its documents are missing; `naidi index --upgrade` makes them anew")
"""What is said of documents without words."""
GRACE = 2.0
"""Seconds that a search has to end in an index that is replaced."""
_WAIT_FOR_OTHER = 20  # tries of half a second
_LEFT_OVER = 86_400  # seconds
_MOST_REPLICAS, _MOST_SHARDS = 20, 1_000


class Pair(NamedTuple):
    """The names of a documents index and of a words index: aliases, or the indices behind them."""

    documents: str
    words: str


class Layout(NamedTuple):
    """How a new index is laid out.

    shards: parts of the documents index.
    replicas: further copies of each part, on other nodes.
    """

    shards: int = 1
    replicas: int = 1

    def checked(self) -> Layout:
        """Raises IndexUnwritable for numbers that cannot be."""
        for name, value, least, most in (
            ("shards", self.shards, 1, _MOST_SHARDS),
            ("replicas", self.replicas, 0, _MOST_REPLICAS),
        ):
            if type(value) is not int or not least <= value <= most:
                raise IndexUnwritable(
                    message(
                        "{name} is {value!r}; it must be a whole number from {least} to {most}",
                        name=name,
                        value=value,
                        least=least,
                        most=most,
                    )
                )
        return self


def aliases(cluster: Cluster) -> Pair:
    """The names by which searches and writers know the indices."""
    return Pair(cluster.documents, cluster.words)


def _number(index: str) -> int:
    return int(index.rpartition("-")[2]) if index.rpartition("-")[2].isdigit() else 0


def _next_name(cluster: Cluster, kind: str) -> str:
    """The name of the next index of a kind, "docs" or "words"."""
    taken = map(_number, cluster.indices_like(f"{cluster.documents}-{kind}-*"))
    return f"{cluster.documents}-{kind}-{max(taken, default=0) + 1}"


def make_missing(cluster: Cluster, schema: Schema, store_texts: bool, layout: Layout) -> None:
    """Make the two indices, each with its alias, where there is none. Another writer may do so at the same time.

    The words come first: who finds the documents finds them, too. Raises IndexDamaged if there are documents without words.
    """
    if cluster.indices_of(cluster.documents) and not cluster.indices_of(cluster.words):
        raise IndexDamaged(message("{place}: {what}", place=cluster.address.shown, what=WORDS_MISSING))
    for kind, alias, body in (
        ("words", cluster.words, words_body(replicas=layout.replicas)),
        (
            *("docs", cluster.documents),
            documents_body(schema, store_texts=store_texts, shards=layout.shards, replicas=layout.replicas),
        ),
    ):
        for _ in range(_WAIT_FOR_OTHER):
            if cluster.indices_of(alias) or cluster.create(_next_name(cluster, kind), {**body, "aliases": {alias: {}}}):
                break
            time.sleep(0.5)
        else:
            raise ClusterUnavailable(
                message("{place}: another writer began to make this index and did not end", place=cluster.address.shown)
            )


def make_beside(cluster: Cluster, schema: Schema, store_texts: bool, layout: Layout) -> Pair:
    """Two new indices without aliases: nobody finds them yet. What a rebuild that was killed has left is removed."""
    remove_leftovers(cluster)
    documents = make_one_beside(
        cluster, "docs", documents_body(schema, store_texts=store_texts, shards=layout.shards, replicas=layout.replicas)
    )
    return Pair(documents, make_one_beside(cluster, "words", words_body(replicas=layout.replicas)))


def make_one_beside(cluster: Cluster, kind: str, body: dict[str, Any]) -> str:
    """A new index without an alias. kind: "docs" or "words"."""
    for _ in range(_WAIT_FOR_OTHER):
        name = _next_name(cluster, kind)
        if cluster.create(name, body):
            return name
        time.sleep(0.1)
    raise ClusterUnavailable(message("{place}: other writers are rebuilding this index", place=cluster.address.shown))


def remove_leftovers(cluster: Cluster) -> None:
    """Remove indices without an alias that were made a day ago or earlier: nobody fills them any more."""
    for kind in ("docs", "words"):
        pattern = f"{cluster.documents}-{kind}-*"
        found = cluster.ask("GET", f"/{pattern}", filter_path="*.aliases,*.settings.index.creation_date", missing=True)
        for index, told in (found or {}).items():
            made = int(told["settings"]["index"]["creation_date"]) / 1000
            if not told.get("aliases") and made < time.time() - _LEFT_OVER and _number(index):
                cluster.drop(index)


def put_live(cluster: Cluster, made: Pair) -> None:
    """Let the aliases mean these two indices, both at once, and delete those that they meant when searches there have ended."""
    documents, words = cluster.indices_of(cluster.documents), cluster.indices_of(cluster.words)
    cluster.switch([(cluster.words, words, made.words), (cluster.documents, documents, made.documents)])
    time.sleep(GRACE)
    cluster.drop(*(index for index in (*documents, *words) if index not in made))


def layout_of(cluster: Cluster, documents: str) -> Layout:
    """How a documents index is laid out. Raises IndexMissing if there is none."""
    found = cluster.ask("GET", f"/{documents}/_settings", filter_path="*.settings.index.number_of_*")
    for settings in (found or {}).values():
        index = settings["settings"]["index"]
        return Layout(int(index["number_of_shards"]), int(index["number_of_replicas"]))
    raise IndexMissing(message("{place}: there is no such index in this cluster", place=cluster.address.shown))


def extend_fields(cluster: Cluster, index: str, wanted: Schema, names: Iterable[str] = ()) -> DocumentsState:
    """Let documents of an index have further fields. Writers on other machines may do so at the same time.

    Parameters:
      index: the documents index, or its alias.
      wanted: further fields of the schema.
      names: names of fields that documents have, for those that stand under a name such as `custom.*`.

    Raises InvalidSchema if one contradicts the schema that the index has.
    """
    names = list(names)
    for _ in range(_WAIT_FOR_OTHER):
        state = documents_state(cluster, index)
        both = extended(state.schema, wanted)
        properties = field_properties(both, names)
        if both == state.schema and properties.keys() <= state.known_fields:
            return state
        # The notes are replaced whole. So what another writer put there meanwhile is looked for in the next round.
        cluster.put_mapping(
            state.name,
            {
                "_meta": documents_notes(both, state.store_texts),
                "properties": {"fields": {"properties": properties}},
            },
        )
    raise ClusterUnavailable(
        message("{place}: other writers change the fields of this index all the time", place=cluster.address.shown)
    )
