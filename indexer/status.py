"""What there is to say about an index without reading its documents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from .analysis.lemmatize.fingerprint import fingerprint
from .folder.staleness import newer_than_index
from .state.generations import open_generation


def index_status(directory: Path) -> dict[str, Any]:
    """JSON values: index, documents, languages (name -> documents, most first), segments, bytes, text_bytes, generation, created,
    fingerprint, outdated (whether another analysis made it), roots (path, newer: a path changed since its sync, or None), damage.

    Raises IndexMissing, IndexDamaged, IndexOutdated (of another format).
    """
    generation = open_generation(directory)
    manifest = generation.manifest
    languages: Counter[str] = Counter()
    for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
        counts = np.bincount(segment.languages[~deleted], minlength=len(segment.language_names)).tolist()
        languages.update({name: count for name, count in zip(segment.language_names, counts, strict=True) if count})
    return {
        "index": str(directory),
        "documents": manifest.doc_count,
        "languages": dict(languages.most_common()),
        "segments": len(manifest.segments),
        "bytes": sum(entry.size for entry in manifest.files.values()),
        "text_bytes": sum(segment.text_bytes for segment in generation.segments),
        "generation": manifest.generation,
        "created": manifest.created,
        "fingerprint": manifest.fingerprint,
        "outdated": manifest.fingerprint != fingerprint(),
        "roots": [
            {"path": root, "newer": newer_than_index({root: noted}, exclude=directory, budget=1.0)}
            for root, noted in sorted(manifest.roots.items())
        ],
        "damage": str(generation.damage) if generation.damage else None,
    }
