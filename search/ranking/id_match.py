"""Which documents of a segment have one of some ids, as permissions name them."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import np
from naidi.indexer.messages import message
from naidi.indexer.typed import Any, NamedTuple

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


class _Given(NamedTuple):
    """Ids that an application gave. copy: of what it gave. ids: the same as a set, whose hash is worked out once."""

    copy: Any
    ids: frozenset[str]


# An application gives the ids of a user with each search. Of what was given last, by `id`, a copy is kept: to compare a list with
# it takes a hundredth of the time to make a set. Equal contents give equal ids, whatever has become of the object.
_GIVEN: dict[int, _Given] = {}
_MOST_GIVEN = 8
_FEWEST_KEPT, _MOST_KEPT = 100, 100_000


def ids_of(only: Any) -> frozenset[str]:
    """The ids that an argument `only` has. Raises InvalidQuery for what has none."""
    if isinstance(only, frozenset):
        return only
    if isinstance(only, (str, bytes)):
        raise InvalidQuery(message("only takes several ids, not {only}: put it into a list", only=repr(only)))
    try:
        comparable = _comparable(only)
        given = _GIVEN.get(id(only))
        if given is not None and _is_same(comparable, given.copy):
            return given.ids
        ids = frozenset(only.tolist() if hasattr(only, "tolist") else comparable)
    except TypeError:
        raise InvalidQuery(
            message("only must be a set, a list or an array of ids, or a function, not {only}", only=repr(only))
        ) from None
    if _FEWEST_KEPT <= len(ids) <= _MOST_KEPT:
        if len(_GIVEN) >= _MOST_GIVEN:
            _GIVEN.clear()
        _GIVEN[id(only)] = _Given(ids if type(comparable) is set else comparable.copy(), ids)
    return ids


def _comparable(only: Any) -> Any:
    """What is compared with a copy of it: a list or a set as it is, the code points of an array of strings, else a list."""
    if type(only) in (list, set):
        return only
    if not hasattr(only, "tolist"):
        return list(only)
    dtype: Any = getattr(only, "dtype", None)
    if type(only).__name__ != "ndarray" or dtype.kind != "U" or not dtype.itemsize:
        return only.tolist()
    if not only.flags.c_contiguous or only.ndim != 1:
        return only.tolist()
    return only.view(np.uint32 if dtype.itemsize % 8 else np.uint64)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, (list, set)):
        return isinstance(other, list if isinstance(one, list) else frozenset) and bool(one == other)
    return not isinstance(other, (list, frozenset)) and one.dtype == other.dtype and bool(np.array_equal(one, other))


def ids_mask(memory: SegmentMemory, ids: frozenset[str]) -> Bools:
    """The documents with one of the ids, bool by doc id, read-only."""
    return _MASKS.of(memory).get(ids, lambda: _ids_mask(memory, ids))


def _ids_mask(memory: SegmentMemory, ids: frozenset[str]) -> Bools:
    from naidi.indexer.codec.lines import lines_of, merged_lines

    wrong = next((each for each in ids if not isinstance(each, str)), None)
    if wrong is not None:
        raise InvalidQuery(message("only has {wrong}, which is no id: an id is a str", wrong=repr(wrong)))
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
