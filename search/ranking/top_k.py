"""Chooses the best k of many documents. Equal scores are ordered by document id, so the order is always the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from naidi.indexer.late import np

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt


Integers: TypeAlias = "npt.NDArray[np.int64]"
Floats: TypeAlias = "npt.NDArray[np.float64]"
# Indices of documents -> the ranks of their ids among all ids. It is called only if there are equal sort keys.
RanksOf = Callable[[Integers], Integers]
# Up to this many are simply sorted: one more call of numpy would cost as much.
_FEW = 512


def top_k(sort_keys: Floats, k: int, ranks_of: RanksOf) -> Integers:
    """Indices of the k greatest sort keys, greatest first. Of equal ones, the one with the lower id rank comes first."""
    if k > 0 and len(sort_keys) <= _FEW:
        order = (-sort_keys).argsort(kind="stable")
    else:
        candidates = _at_least_kth(sort_keys, k)
        if len(candidates) > k + _FEW:
            candidates = _without_last(sort_keys, candidates, k, ranks_of)
        order = candidates.take((-sort_keys.take(candidates)).argsort(kind="stable"))
    ordered = sort_keys.take(order[: k + 1])
    equal = ordered[1:] == ordered[:-1]
    if equal.any():
        _order_equal(order, sort_keys.take(order), k, ranks_of)
    return order[:k]


def _without_last(sort_keys: Floats, candidates: Integers, k: int, ranks_of: RanksOf) -> Integers:
    """The candidates without those that are equal to the k-th one and come behind it, ascending."""
    keys = sort_keys.take(candidates)
    least = keys.min()
    ahead, equal = candidates[keys > least], candidates[keys == least]
    wanted = k - len(ahead)
    first = ranks_of(equal).argpartition(wanted - 1)[:wanted]
    return np.sort(np.concatenate((ahead, equal.take(first))))


def _order_equal(order: Integers, ordered: Floats, k: int, ranks_of: RanksOf) -> None:
    """Put equal documents in the order of their ids, as far as they may be among the first k. Other ids are not read.

    order: documents, greatest sort key first. ordered: the sort key of each.
    """
    equal = ordered[1:] == ordered[:-1]
    tied = ordered >= ordered[min(k, len(ordered)) - 1]
    tied[1:-1] &= equal[1:] | equal[:-1]
    tied[0] &= equal[0]
    tied[-1] &= equal[-1]
    places = tied.nonzero()[0]
    docs = order.take(places)
    order[places] = docs.take(np.lexsort((ranks_of(docs), -ordered.take(places))))


def top_set(sort_keys: Floats, k: int, ranks_of: RanksOf) -> Integers:
    """The same indices as `top_k`, ascending."""
    candidates = _at_least_kth(sort_keys, k)
    return candidates if len(candidates) <= k else np.sort(top_k(sort_keys, k, ranks_of))


def ranks_in(id_ranks: npt.NDArray[Any], docs: Integers, places: Integers) -> Integers:
    """The id ranks of documents of one segment. places: their indices in `docs`."""
    return np.asarray(id_ranks[docs[places]], np.int64)


def _at_least_kth(sort_keys: Floats, k: int) -> Integers:
    """Indices of the sort keys that are at least the k-th greatest, ascending."""
    last = len(sort_keys) - k
    if k <= 0:
        return np.zeros(0, np.int64)
    if last <= 0:
        return np.arange(len(sort_keys))
    keys = sort_keys.copy()
    keys.partition(last)
    return np.asarray((sort_keys >= keys[last]).nonzero()[0])
