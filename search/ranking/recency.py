"""Computes the factors by which scores are multiplied if newer documents are to rank higher. Pure functions of dates.

    factor = FLOOR + (1 - FLOOR) * 0.5 ** (age / half_life)

age: days from the document to the day that counts as now, at least 0.

An exponential with a half-life is the usual decay (Li and Croft, "Time-based language models", CIKM 2003, as a prior of documents).
The floor keeps relevance first: even a very old document keeps half of its score. So a document that is twice as relevant stays
before any newer one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from naidi.indexer.late import np
from naidi.indexer.record import record

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

FLOOR = 0.5
# In days. News and notes a year apart differ. In an archive of decades, a half-life of a year would make all but the newest alike.
# So the half-life is the median age, if that is more than a year.
SHORTEST_HALF_LIFE = 365.25


@record
class Recency:
    """The parameters of the factors of a collection.

    newest: the day that counts as now, an ordinal.
    half_life: the days in which the part of a factor above FLOOR halves.
    undated: the factor of documents without a date. It is that of the median date, so that they are neither preferred nor
      punished; 1 if no document has a date.
    """

    newest: int
    half_life: float
    undated: float

    def factors(self, dates: npt.NDArray[Any]) -> Floats:
        """The factor of each date, float64, from FLOOR to 1. dates: ordinals, 0 if unknown; those after `newest` give 1."""
        ages = np.maximum(self.newest - dates.astype(np.float64), 0.0)
        return np.where(dates > 0, FLOOR + (1.0 - FLOOR) * np.exp2(-ages / self.half_life), self.undated)


def recency_of(columns: Iterable[npt.NDArray[Any]], today: int | None = None) -> Recency:
    """The recency of a collection.

    Parameters:
      columns: the dates of its live documents, an array for each segment. They are ordinals, 0 if unknown.
      today: the day that counts as now, an ordinal; later dates count as this day. By default it is the newest date, so that the
        same index always gives the same scores.
    """
    dated = [column[column > 0] for column in columns]
    dates = np.concatenate(dated) if dated else np.zeros(0, np.int32)
    if not len(dates):
        return Recency(today or 0, SHORTEST_HALF_LIFE, 1.0)
    newest = int(dates.max()) if today is None else today
    # The middle date, the later of two. It is always one of the dates, and does not depend on their order.
    median = int(np.partition(dates, len(dates) // 2)[len(dates) // 2])
    return recency_between(newest, median)


def recency_between(newest: int, median: int) -> Recency:
    """The recency of a collection with this newest date and this median of its dates, both ordinals."""
    half_life = max(SHORTEST_HALF_LIFE, float(newest - median))
    plain = Recency(newest, half_life, 1.0)
    return Recency(newest, half_life, float(plain.factors(np.array([median]))[0]))
