"""How much do newer documents count for more? A factor of scores, from dates alone. Pure functions of arrays.

    factor = FLOOR + (1 - FLOOR) * 0.5 ** (age / half_life)

age: days from the document to the reference, no less than 0. An exponential with a half-life is the usual decay (Li and Croft,
"Time-based language models", CIKM 2003, as a prior of documents). The floor keeps relevance first: however old, a document loses no
more than the share 1 - FLOOR of its score, so that one that is twice as relevant stays before any newer one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FLOOR = 0.5
# Days. News and notes a year apart differ; where half of all documents are older than that, as in an archive of decades, a year
# would make all but the newest alike, so the half-life is their median age.
SHORTEST_HALF_LIFE = 365.25


@dataclass(frozen=True, slots=True)
class Recency:
    """What the factors of a collection depend on.

    newest: ordinal of the day that counts as now. half_life: days in which a factor comes half the way down to FLOOR.
    undated: the factor of documents without a date: that of the median date, so that they are neither preferred nor punished; 1
    where no document has a date.
    """

    newest: int
    half_life: float
    undated: float

    def factors(self, dates: npt.NDArray[Any]) -> Floats:
        """The factor of each date (ordinals, 0 where unknown), in (FLOOR, 1] or, after very long, FLOOR itself. What is dated later
        than `newest` has 1."""
        ages = np.maximum(self.newest - dates.astype(np.float64), 0.0)
        return np.where(dates > 0, FLOOR + (1.0 - FLOOR) * np.exp2(-ages / self.half_life), self.undated)


def recency_of(columns: Iterable[npt.NDArray[Any]], today: int | None = None) -> Recency:
    """The recency of a collection. columns: the dates of its live documents, an array a segment (ordinals, 0 where unknown).

    today: an ordinal. Without it the newest date counts as now, so that the same index always answers the same; dates after today
    count as today, since what is announced is no newer than what is there.
    """
    dated = [column[column > 0] for column in columns]
    dates = np.concatenate(dated) if dated else np.zeros(0, np.int32)
    if not len(dates):
        return Recency(today or 0, SHORTEST_HALF_LIFE, 1.0)
    newest = int(dates.max()) if today is None else today
    # The middle one of the dates, the later of two: a date that there is, and the same in any order.
    median = int(np.partition(dates, len(dates) // 2)[len(dates) // 2])
    half_life = max(SHORTEST_HALF_LIFE, float(newest - median))
    plain = Recency(newest, half_life, 1.0)
    return Recency(newest, half_life, float(plain.factors(np.array([median]))[0]))
