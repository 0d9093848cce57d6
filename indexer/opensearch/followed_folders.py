"""The third index of a cluster, `NAME-files`: which folders the index follows, and notes of files that no document can carry.

It has no text, and no search asks it. A folder's entry is only replaced as it was read, so that of two writers one notices.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import IndexMissing, IndexProblem
from ..messages import message
from .address import ClusterAddress
from .cluster import Cluster, connect
from .indices import layout_of
from .mapping import documents_state
from .naming import document_key
from .sending import Outcome, send
from .sync_state import KeptNote

_FOLDER, _FILE = "folder", "file"
_CONFLICT = 409
_MOST_PATHS = 16

_BODY: dict[str, Any] = {
    "settings": {
        "index": {
            "number_of_shards": 1,
            "refresh_interval": "-1",
            # So long is known what was deleted when: a slower writer does not bring it back.
            "gc_deletes": "1h",
        }
    },
    "mappings": {
        "dynamic": "strict",
        "_meta": {"naidi": {"format": 1}},
        "properties": {
            "kind": {"type": "keyword"},
            "id": {"type": "keyword"},
            "root": {"type": "keyword"},
            "entry": {"type": "object", "enabled": False},
        },
    },
}


class FolderEntry(NamedTuple):
    """A folder that the index follows.

    prefix: the beginning of the ids of its documents, without "/".
    paths: where it lies, on one machine or another; the newest first.
    options: as FolderOptions.noted gives them.
    synced_ns: when its last sync began that came to its end.
    is_dropped: whether it is followed no more. Its documents must go.
    place: what the cluster must find to replace it: (sequence number, primary term); None for an entry that is not there.
    """

    prefix: str
    paths: tuple[str, ...]
    options: Mapping[str, Any] = {}
    synced_ns: int = 0
    is_dropped: bool = False
    place: tuple[int, int] | None = None

    def at(self, path: str) -> FolderEntry:
        """The entry of the folder that lies there now."""
        if self.paths[:1] == (path,):
            return self
        return self._replace(paths=(path, *(one for one in self.paths if one != path))[:_MOST_PATHS])

    def noted(self) -> dict[str, Any]:
        """What a manifest would note of it."""
        noted = {"prefix": self.prefix, "synced_ns": self.synced_ns}
        return {**noted, "options": dict(self.options)} if self.options else noted


def files_index(cluster: Cluster) -> str:
    """The alias of this index."""
    return f"{cluster.documents}-files"


def make_files_index(cluster: Cluster) -> None:
    """Make the index if there is none, with as many copies as the documents have."""
    alias = files_index(cluster)
    if not cluster.indices_of(alias):
        settings = {
            "index": {
                **_BODY["settings"]["index"],
                "number_of_replicas": layout_of(cluster, cluster.documents).replicas,
            }
        }
        cluster.create(f"{alias}-1", {**_BODY, "settings": settings, "aliases": {alias: {}}})


def entries(cluster: Cluster) -> dict[str, FolderEntry]:
    """Prefix -> folder, those included that were dropped. Nothing for an index to which no folder was ever synced."""
    alias = files_index(cluster)
    try:
        cluster.refresh(alias)
        hits = list(cluster.scan(alias, {"term": {"kind": _FOLDER}}, source=["id", "entry"], seq_no_primary_term=True))
    except IndexMissing:
        return {}
    found = {}
    for hit in hits:
        prefix, told = hit["_source"]["id"], hit["_source"]["entry"]
        found[prefix] = FolderEntry(
            *(prefix, tuple(told["paths"]), told["options"], told["synced_ns"], told["dropped"]),
            (hit["_seq_no"], hit["_primary_term"]),
        )
    return found


def replace_entry(cluster: Cluster, entry: FolderEntry) -> bool:
    """Write the entry of a folder. Returns False if another one was written since this was read: then nothing is done."""
    action: dict[str, Any] = {"_id": document_key(f"{_FOLDER}:{entry.prefix}")}
    if entry.place is not None:
        action["if_seq_no"], action["if_primary_term"] = entry.place
    told = {
        "paths": list(entry.paths),
        "options": dict(entry.options),
        "synced_ns": entry.synced_ns,
        "dropped": entry.is_dropped,
    }
    verb = "create" if entry.place is None else "index"
    source = {"kind": _FOLDER, "id": entry.prefix, "root": entry.prefix, "entry": told}
    return _send(cluster, [_lines({verb: action}, source)])[0].status != _CONFLICT


def drop_entry(cluster: Cluster, prefix: str) -> None:
    """Have a folder followed no more. Its documents must be deleted after that: a sync that runs may still write some."""
    while True:
        entry = entries(cluster).get(prefix)
        if entry is None or entry.is_dropped or replace_entry(cluster, entry._replace(is_dropped=True)):
            return


def located(known: Iterable[FolderEntry]) -> dict[str, FolderEntry]:
    """The folders that are followed by where each lies on this machine.

    That is the newest of its paths that is there, and the newest of all if none is. A path of two folders is that of the one
    that was there last.
    """
    waiting = {entry.prefix: entry for entry in known if not entry.is_dropped and entry.paths}
    there = sorted(
        (place, entry.prefix, path)
        for entry in waiting.values()
        for place, path in enumerate(entry.paths)
        if os.path.isdir(path)
    )
    found: dict[str, FolderEntry] = {}
    for _, prefix, path in there:
        if prefix in waiting and path not in found:
            found[path] = waiting.pop(prefix)
    for entry in waiting.values():
        free = [path for path in entry.paths if path not in found]
        if free:
            found[free[0]] = entry
    return found


def followed(address: str | ClusterAddress) -> list[str]:
    """The folders that an index follows, as paths on this machine, sorted. Raises IndexMissing, and what `connect` raises."""
    with connect(address) as cluster:
        documents_state(cluster)
        return sorted(located(entries(cluster).values()))


def kept_notes(cluster: Cluster, prefix: str) -> dict[str, KeptNote]:
    """Relative path -> what is noted of a file beside its documents."""
    query = {"bool": {"filter": [{"term": {"kind": _FILE}}, {"term": {"root": prefix}}]}}
    try:
        hits = list(cluster.scan(files_index(cluster), query, source=["id", "entry"]))
    except IndexMissing:
        return {}
    return {hit["_source"]["id"][len(prefix) + 1 :]: KeptNote.of(hit["_source"]["entry"]) for hit in hits}


def write_kept_notes(cluster: Cluster, prefix: str, notes: Mapping[str, KeptNote | int]) -> None:
    """Note something of files, or nothing any more. A later look holds.

    notes: relative path -> what is to be noted; or a look in which nothing was to be noted.
    """
    operations = []
    for relative, note in notes.items():
        doc_id = f"{prefix}/{relative}"
        look = note if isinstance(note, int) else note.look
        action = {"_id": document_key(f"{_FILE}:{doc_id}"), "version": look, "version_type": "external"}
        if isinstance(note, int):
            operations.append(_lines({"delete": action}))
        else:
            source = {"kind": _FILE, "id": doc_id, "root": prefix, "entry": note.value()}
            operations.append(_lines({"index": action}, source))
    _send(cluster, operations)


def _send(cluster: Cluster, operations: Sequence[bytes]) -> list[Outcome]:
    outcomes = send(cluster, files_index(cluster), operations)
    for outcome in outcomes:
        if outcome.is_refused:
            raise IndexProblem(
                message(
                    "{place}: a note of a folder is refused: {reason}",
                    place=cluster.address.shown,
                    reason=outcome.reason,
                )
            )
    return outcomes


def _lines(*lines: Mapping[str, Any]) -> bytes:
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    return text.encode("utf-8", "replace")
