"""Which documents of a segment have one of some ids, as permissions name them."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import np

from ..cache import Attached, Cache
from ..collection import Bools, SegmentMemory

# Of fewer ids than this share of the documents, each is looked up. More are merged with all ids of the segment.
_FEW = 1 / 20
_MASK_BYTES = 20_000_000
_BYTES_OF_AN_ID = 120

_MASKS: Attached[SegmentMemory, Cache[frozenset[str], Bools]] = Attached(
    lambda memory: Cache(
        memory.room(_MASK_BYTES), lambda mask: mask.nbytes + _BYTES_OF_AN_ID * int(np.count_nonzero(mask))
    )
)


def ids_mask(memory: SegmentMemory, ids: frozenset[str]) -> Bools:
    """The documents with one of the ids, bool by doc id, read-only."""
    return _MASKS.of(memory).get(ids, lambda: _ids_mask(memory, ids))


def _ids_mask(memory: SegmentMemory, ids: frozenset[str]) -> Bools:
    from naidi.indexer.codec.lines import lines_of, merged_lines

    wrong = next((each for each in ids if not isinstance(each, str)), None)
    if wrong is not None:
        raise InvalidQuery(f"only has {wrong!r}, which is no id: an id is a str")
    segment = memory.segment
    mask = np.zeros(segment.doc_count, bool)
    if len(ids) > _FEW * segment.doc_count:
        try:
            wanted = lines_of(sorted(ids))
            tables = [(segment.ids.data, segment.doc_count, None), (memoryview(wanted.data), len(wanted), None)]
            own, others = merged_lines(tables)[1]
        except (IndexError, UnicodeEncodeError):  # line feeds in ids, or ids that no document has
            pass
        else:
            mask[segment.id_docs[np.isin(own, others, assume_unique=True)]] = True
            mask.flags.writeable = False
            return mask
    docs = [doc for doc in map(segment.doc_of_id, ids) if doc >= 0]
    mask[np.array(docs, np.int64)] = True
    mask.flags.writeable = False
    return mask
