"""Of a damaged segment, which documents are stored as they were written?

The container has a digest of each section, and each block of texts and records has a checksum of its own. So damage of the
postings costs no document, and damage of a block only those whose texts are in it.
"""

from __future__ import annotations

import numpy as np

from .container import Array
from .segment import Segment

_PLACES = [
    f"{name}.{column}" for name in ("records", "texts") for column in ("ends", "block", "offset", "size", "span")
]
# What tells of a document all but its text and its record. Damage here may concern any of them.
_COLUMNS = ["ids.bytes", "ids.ends", "ids.ranks", "titles.bytes", "titles.ends", "docs.dates", "docs.synced", *_PLACES]
_COLUMNS_SINCE_5 = ["docs.sizes", "docs.mtimes", "docs.date_sources"]


def sound_documents(segment: Segment) -> Array:
    """For each document of a segment, whether all that is stored of it is as it was written (bool)."""
    sound = segment.container.sound_sections()
    if not sound.issuperset(_COLUMNS if segment.container.version == 3 else [*_COLUMNS, *_COLUMNS_SINCE_5]):
        return np.zeros(segment.doc_count, bool)
    whole = np.ones(segment.doc_count, bool)
    for name, blobs in (("records", segment.records), ("texts", segment.texts)):
        if f"{name}.blocks" not in sound:
            whole &= np.fromiter(map(blobs.is_sound, range(segment.doc_count)), bool, segment.doc_count)
    return whole
