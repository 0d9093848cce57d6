"""The best k of many, in a fixed order: score falling, then document id rising, so that equal scores never change places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def top_k(sort_keys: npt.NDArray[np.float64], id_ranks: npt.NDArray[np.int64], k: int) -> npt.NDArray[np.int64]:
    """Indices of the k greatest sort keys, greatest first; of equal ones the lower id rank first."""
    if k <= 0 or not len(sort_keys):
        return np.zeros(0, np.int64)
    candidates = np.arange(len(sort_keys))
    if k < len(sort_keys):
        threshold = np.partition(sort_keys, len(sort_keys) - k)[len(sort_keys) - k]
        candidates = np.flatnonzero(sort_keys >= threshold)
    order = np.lexsort((id_ranks[candidates], -sort_keys[candidates]))[:k]
    return candidates[order]
