"""Looks values up in ascending arrays."""

from __future__ import annotations

from ..late import np
from ..typed import TYPE_CHECKING
from .container import Array

if TYPE_CHECKING:
    import numpy.typing as npt


def rows_in(ascending: Array, wanted: Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Look values up in an ascending array.

    Parameters:
      ascending: integers, each once.
      wanted: integers in any order.

    Returns (row, whether the value is there) for each wanted value. The row of a missing value is arbitrary.
    """
    if not len(ascending):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    # In the dtype of the long array. Else numpy would convert the long array.
    values = wanted.astype(ascending.dtype, copy=False)
    rows = ascending.searchsorted(values)
    return rows, np.asarray(ascending.take(rows, mode="clip") == values)
