"""The best k of many, in a fixed order: score falling, then document id rising, so that equal scores never change places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# The place of the id of each of the given ones among all ids; asked for ties alone.
RanksOf = Callable[[Integers], Integers]
# So few are ordered whole: each call of numpy costs as much.
_FEW = 512


def top_k(sort_keys: Floats, k: int, ranks_of: RanksOf) -> Integers:
    """Indices of the k greatest sort keys, greatest first; of equal ones the lower id rank first."""
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
    """The same indices, ascending."""
    candidates = _at_least_kth(sort_keys, k)
    return candidates if len(candidates) <= k else np.sort(top_k(sort_keys, k, ranks_of))


def ranks_in(id_ranks: npt.NDArray[Any], docs: Integers, places: Integers) -> Integers:
    """The ranks of documents of one segment, by their places among `docs`."""
    return np.asarray(id_ranks[docs[places]], np.int64)


def _at_least_kth(sort_keys: Floats, k: int) -> Integers:
    """Indices, ascending, of the sort keys that are no less than the k-th greatest."""
    last = len(sort_keys) - k
    if k <= 0:
        return np.zeros(0, np.int64)
    if last <= 0:
        return np.arange(len(sort_keys))
    keys = sort_keys.copy()
    keys.partition(last)
    return np.asarray((sort_keys >= keys[last]).nonzero()[0])
