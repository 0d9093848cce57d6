"""Facts about an index that take no reading of its documents: counts, sizes, languages, folders, damage."""

from __future__ import annotations

import os
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from .analysis.lemmatize.fingerprint import fingerprint
from .codec.check import blame
from .codec.columns import gathered
from .core import core_name
from .fields import Text, kind_of
from .file_facts import DATE_SOURCES
from .folder.preview import preview
from .folder.staleness import newer_than_index, told_time
from .state.generations import Generation, open_generation
from .state.manifest import FORMAT_VERSION
from .state.roots import root_of


def index_status(directory: Path) -> dict[str, Any]:
    """The state of the index in `directory`, as values for JSON.

    Returns a dictionary with these names:
      index: the directory, as given.
      documents: how many live documents there are.
      languages: language -> live documents, most frequent first.
      date_sources: what a date was taken from -> live documents, most frequent first; "none" for those without a date.
      segments: how many segments there are.
      bytes: the size of all files of the generation.
      text_bytes: UTF-8 bytes of the texts, those of deleted documents included.
      generation: the number of the generation.
      created: when it was committed, in ISO 8601.
      fingerprint: the fingerprint of the analysis that made it.
      format: the format version of the index.
      newest_format: the format version that this naidi writes.
      outdated: whether the analysis that made it is another version than this naidi's.
      roots: for each synced folder its `path`, `newer`: a path that changed since, or None, and whether it is `missing`.
      fields: those of the application, by name: `name`, `kind` with its parameters, `documents`: how many live ones
        have it, and `values`: how many different ones they have, None for a Text.
      core: "C" if queries are answered by the compiled core, else "none".
      damage: why the newest generation could not be used, or None.

    Raises IndexMissing, IndexDamaged, or IndexOutdated for another version of the format.
    """
    generation = open_generation(directory)
    manifest = generation.manifest
    languages: Counter[str] = Counter()
    date_sources: Counter[str] = Counter()
    with blame(generation.checked_files):
        own_fields = _fields(generation)
        for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
            counts = np.bincount(segment.languages[~deleted], minlength=len(segment.language_names)).tolist()
            for name, count in zip(segment.language_names, counts, strict=True):
                if count:
                    languages[name] += count
            counts = np.bincount(segment.date_sources[~deleted], minlength=len(DATE_SOURCES)).tolist()
            date_sources.update({name: count for name, count in zip(DATE_SOURCES, counts, strict=False) if count})
    return {
        "index": str(directory),
        "documents": manifest.doc_count,
        "languages": dict(languages.most_common()),
        "date_sources": dict(date_sources.most_common()),
        "segments": len(manifest.segments),
        "bytes": sum(entry.size for entry in manifest.files.values()),
        "text_bytes": sum(segment.text_bytes for segment in generation.segments),
        "generation": manifest.generation,
        "created": manifest.created,
        "fingerprint": manifest.fingerprint,
        "format": manifest.format_version,
        "newest_format": FORMAT_VERSION,
        "outdated": manifest.fingerprint != fingerprint(),
        "roots": [
            {
                "path": root,
                "newer": newer_than_index({root: noted}, exclude=directory, budget=1.0),
                "missing": not os.path.isdir(root),
            }
            for root, noted in sorted(manifest.roots.items())
        ],
        "fields": own_fields,
        "core": core_name(),
        "damage": str(generation.damage) if generation.damage else None,
    }


def _fields(generation: Generation) -> list[dict[str, Any]]:
    """The fields of the application, those of a pattern such as "custom.*" by their own names."""
    schema = generation.manifest.schema
    columns = [{} if file is None else file.kinds for file in generation.columns]
    names = {name for name in (*schema, *chain.from_iterable(columns)) if kind_of(schema, name) is not None}
    live = [np.flatnonzero(~deleted) for deleted in generation.deleted]
    found = []
    for name in sorted(names):
        kind = kind_of(schema, name)
        assert kind is not None
        parts = [
            (None if file is None else file.column(name), docs)
            for file, docs in zip(generation.columns, live, strict=True)
        ]
        documents = sum(int(np.count_nonzero(column.of_docs(docs)[1])) for column, docs in parts if column is not None)
        values: int | None = None
        if not isinstance(kind, Text):
            column = gathered(kind.kind, parts)
            values = 0 if column is None else len(column.values)
        found.append({"name": name, **kind.to_json(), "documents": documents, "values": values})
    return found


def folders_of(directory: Path) -> list[dict[str, Any]]:
    """The folders that the index follows, as values for JSON, in the order of their paths.

    Each has these names:
      path: its absolute path.
      documents: how many live documents are of it.
      newer: a path that changed since it was synced, or None.
      missing: whether it is not there.
      synced: when it was synced, in ISO 8601; None if the index tells no time.
      options: the choices that are noted for it.

    Raises IndexMissing and so on, as `index_status` does.
    """
    generation = open_generation(directory)
    roots = generation.manifest.roots
    counts = Counter(root_of(doc_id, roots) for doc_id, synced in generation.document_origins().items() if synced)
    return [
        {
            "path": root,
            "documents": counts[root],
            "newer": newer_than_index({root: noted}, exclude=directory, budget=1.0),
            "missing": not os.path.isdir(root),
            "synced": told_time(noted["synced_ns"]),
            "options": dict(noted.get("options", {})),
        }
        for root, noted in sorted(roots.items())
    ]


def skipped_files(directory: Path) -> list[tuple[str, str]]:
    """(path, reason) of each file and folder that is left out of the folders that the index follows, sorted.

    The folders are walked. What is in a file is known from the last sync. Raises as `index_status` does.
    """
    return preview(None, directory).skipped
