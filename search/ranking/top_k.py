"""Chooses the best k of many documents. Equal scores are ordered by document id, so the order is always the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# Indices of documents -> the ranks of their ids among all ids. It is called only if there are equal sort keys.
RanksOf = Callable[[Integers], Integers]
# Up to this many are simply sorted: one more call of numpy would cost as much.
_FEW = 512


def top_k(sort_keys: Floats, k: int, ranks_of: RanksOf) -> Integers:
    """Indices of the k greatest sort keys, greatest first. Of equal ones, the one with the lower id rank comes first."""
    if k > 0 and len(sort_keys) <= _FEW:
        order = (-sort_keys).argsort(kind="stable")
        first = sort_keys.take(order[: k + 1])
        if (first[1:] == first[:-1]).any():
            order = np.lexsort((ranks_of(np.arange(len(sort_keys))), -sort_keys))
        return order[:k]
    candidates = _at_least_kth(sort_keys, k)
    keys = sort_keys.take(candidates)
    order = (-keys).argsort(kind="stable")
    ordered = keys.take(order)
    if len(ordered) > 1 and (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((ranks_of(candidates), -keys))
    return candidates.take(order[:k])


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
