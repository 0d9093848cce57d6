"""Facts about an index in a cluster: what it holds, which folders it follows, how the cluster is."""

from __future__ import annotations

import os
from typing import Any

from ..core import core_name
from ..errors import IndexDamaged, IndexOutdated
from ..fields import Text
from ..file_facts import DATE_SOURCES
from ..folder.staleness import newer_than_index, told_time
from ..messages import message
from .address import ClusterAddress
from .cluster import Cluster, connect
from .followed_folders import entries, located
from .indices import WORDS_MISSING
from .mapping import FORMAT, documents_state, words_state
from .naming import field_path

_MOST_LANGUAGES = 1_000
_MOST_FOLDERS = 10_000
_SECONDS_A_FOLDER = 1.0
_WITHOUT = DATE_SOURCES.index("none")


def cluster_status(address: str | ClusterAddress) -> dict[str, Any]:
    """The state of an index in a cluster, as values for JSON. No user and no password is among them.

    Returns a dictionary with these names:
      index: the address.
      documents: how many documents there are for a search.
      languages: language -> documents, most frequent first.
      date_sources: what a date was taken from -> documents, most frequent first; "none" for those without a date.
      bytes: the size of its indices, one copy of each; `bytes_all` of all copies.
      words: how many forms the documents have, those of deleted ones included.
      indices: the names of its indices in the cluster.
      shards, replicas: parts of the documents index, and further copies of each.
      health: "green", "yellow" (copies are missing) or "red" (parts are missing).
      nodes: how many nodes the cluster has.
      server: the version of OpenSearch.
      format, newest_format: the format version of the index, and the one that this naidi writes.
      outdated: whether its words were made by another version of the analysis.
      roots: for each folder that it follows its `path` on this machine, `newer`: a path that changed since, or None, and whether
        it is `missing` here, `documents`, and the `paths` where it lies on other machines.
      fields: those of the application, by name: `name`, `kind` with its parameters, `documents`: how many have it, and
        `values`: about how many different ones they have, None for a Text.
      core: "C" if this program analyses texts by the compiled core, else "none".

    Raises IndexMissing, IndexOutdated for another format or other rules for words, and what `connect` raises.
    """
    with connect(address) as cluster:
        state = documents_state(cluster)
        if not cluster.indices_of(cluster.words):
            raise IndexDamaged(message("{place}: {what}", place=cluster.address.shown, what=WORDS_MISSING))
        asked: dict[str, Any] = {
            "languages": {"terms": {"field": "lang", "size": _MOST_LANGUAGES}},
            "dates": {"terms": {"field": "date_source", "size": len(DATE_SOURCES)}},
            "roots": {"terms": {"field": "root", "size": _MOST_FOLDERS}},
        }
        for number, (name, kind) in enumerate(state.schema.items()):
            path = field_path(name)
            asked[f"documents{number}"] = {"filter": {"exists": {"field": path}}}
            if not isinstance(kind, Text) and not name.endswith(".*"):
                asked[f"values{number}"] = {"cardinality": {"field": path}}
        body = {"size": 0, "track_total_hits": True, "aggs": asked}
        answer = cluster.search(cluster.documents, body)
        found, documents = answer["aggregations"], int(answer["hits"]["total"]["value"])
        dates = {DATE_SOURCES[int(one["key"])]: one["doc_count"] for one in found["dates"]["buckets"]}
        undated = documents - sum(count for name, count in dates.items() if name != DATE_SOURCES[_WITHOUT])
        if undated:
            dates[DATE_SOURCES[_WITHOUT]] = undated
        counts = {one["key"]: one["doc_count"] for one in found["roots"]["buckets"]}
        return {
            "index": cluster.address.shown,
            "documents": documents,
            "languages": {one["key"]: one["doc_count"] for one in found["languages"]["buckets"]},
            "date_sources": dict(sorted(dates.items(), key=lambda one: -one[1])),
            "words": cluster.count(cluster.words, {"match_all": {}}),
            **_stores(cluster),
            "server": ".".join(map(str, cluster.version)),
            "format": FORMAT,
            "newest_format": FORMAT,
            "outdated": _outdated(cluster),
            "roots": _folders(cluster, counts),
            "fields": [
                {
                    "name": name,
                    **kind.to_json(),
                    "documents": found[f"documents{number}"]["doc_count"],
                    "values": found[f"values{number}"]["value"] if f"values{number}" in found else None,
                }
                for number, (name, kind) in enumerate(state.schema.items())
            ],
            "core": core_name(),
        }


def _outdated(cluster: Cluster) -> bool:
    try:
        return not words_state(cluster).is_current
    except IndexOutdated:
        return True


def _stores(cluster: Cluster) -> dict[str, Any]:
    """What the cluster keeps of the index: sizes, copies, health."""
    names = f"{cluster.documents},{cluster.words}"
    stats = cluster.ask("GET", f"/{names}/_stats/store")
    health = cluster.ask("GET", f"/_cluster/health/{names}", level="indices")
    documents = next(iter(cluster.indices_of(cluster.documents)))
    of_documents = health["indices"][documents]
    return {
        "bytes": stats["_all"]["primaries"]["store"]["size_in_bytes"],
        "bytes_all": stats["_all"]["total"]["store"]["size_in_bytes"],
        "indices": sorted(health["indices"]),
        "shards": of_documents["number_of_shards"],
        "replicas": of_documents["number_of_replicas"],
        "health": health["status"],
        "nodes": health["number_of_nodes"],
    }


def cluster_folders(address: str | ClusterAddress) -> list[dict[str, Any]]:
    """The folders that an index in a cluster follows, as values for JSON, in the order of their paths.

    Each has these names:
      path: where it lies on this machine, or lay on another one.
      documents: how many documents are of it.
      newer: a path that changed since it was synced, or None.
      missing: whether it is not on this machine.
      synced: when it was synced, in ISO 8601; None if no sync has come to its end.
      options: the choices that are noted for it.
      paths: where it lies on other machines, too.

    Raises as `cluster_status` does.
    """
    with connect(address) as cluster:
        documents_state(cluster)
        asked = {"roots": {"terms": {"field": "root", "size": _MOST_FOLDERS}}}
        buckets = cluster.search(cluster.documents, {"size": 0, "aggs": asked})["aggregations"]["roots"]["buckets"]
        return _folders(cluster, {one["key"]: one["doc_count"] for one in buckets})


def _folders(cluster: Cluster, counts: dict[str, int]) -> list[dict[str, Any]]:
    found = []
    for path, entry in sorted(located(entries(cluster).values()).items()):
        is_missing = not os.path.isdir(path)
        noted = {path: entry.noted()}
        found.append(
            {
                "path": path,
                "newer": None if is_missing else newer_than_index(noted, exclude=None, budget=_SECONDS_A_FOLDER),
                "missing": is_missing,
                "documents": counts.get(entry.prefix, 0),
                "synced": told_time(entry.synced_ns) if entry.synced_ns else None,
                "paths": list(entry.paths),
                "options": dict(entry.options),
            }
        )
    return found
