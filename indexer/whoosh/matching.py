"""The postings of a term as Whoosh walks them: one document after another, in blocks of which the worst may be left out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from whoosh.matching.mcore import LeafMatcher, ReadTooFar

from ..codec.container import Array
from .terms import FieldTerms, Postings

# As Whoosh's own. The weight and length that a block has at best tell whether any of its documents can be among the best.
_BLOCK = 128


class PostingsMatcher(LeafMatcher):
    """The documents of a term."""

    def __init__(
        self,
        term: tuple[str, bytes],
        terms: FieldTerms,
        postings: Postings,
        lengths: Array | None,
        format_: Any,
        scorer: Any = None,
    ) -> None:
        """terms: of the field. lengths: of the field in every document; None if they are not known."""
        self._term = term
        self._terms = terms
        self._postings = postings
        self._lengths = lengths
        self.format = format_
        self.scorer = scorer
        self._docs: list[int] = postings.docs.tolist()
        self._end = len(self._docs)
        self._place = 0

    def copy(self) -> PostingsMatcher:
        other = PostingsMatcher.__new__(PostingsMatcher)
        other.__dict__.update(self.__dict__)
        return other

    def is_active(self) -> bool:
        return self._place < self._end

    def reset(self) -> None:
        self._place = 0

    def id(self) -> int:
        try:
            return self._docs[self._place]
        except IndexError:
            raise ReadTooFar from None

    def all_ids(self) -> Iterator[int]:
        return iter(self._docs[self._place :] if self._place else self._docs)

    def next(self) -> None:
        if self._place >= self._end:
            raise ReadTooFar
        self._place += 1

    def skip_to(self, target: int) -> None:
        if self._place >= self._end:
            raise ReadTooFar
        self._place = bisect_left(self._docs, target, self._place)

    @cached_property
    def _freqs(self) -> list[float]:
        freqs: list[float] = self._postings.freqs.astype(np.float64).tolist()
        return freqs

    def weight(self) -> float:
        return self._freqs[self._place]

    @cached_property
    def _positions(self) -> tuple[list[int], list[int]]:
        positions, ends = self._terms.places(self._postings)
        return positions.tolist(), ends.tolist()

    def _positions_here(self) -> list[int]:
        positions, ends = self._positions
        return positions[ends[self._place - 1] if self._place else 0 : ends[self._place]]

    def value(self) -> bytes:
        """The posting as Whoosh would have stored it."""
        if not self.format.supports("positions"):
            return b""
        value: bytes = self.format.encode(self._positions_here())
        return value

    def value_as(self, astype: str) -> Any:
        if astype == "weight":
            return self.weight()
        if astype == "positions" and self.format.supports("positions"):
            return self._positions_here()
        return self.format.decoder(astype)(self.value())

    # -- blocks

    @cached_property
    def _blocks(self) -> tuple[list[float], list[int], list[int]]:
        """(highest weight, lowest length, greatest length) of each block."""
        starts = np.arange(0, self._end, _BLOCK)
        weights = np.maximum.reduceat(self._postings.freqs, starts).astype(np.float64).tolist()
        if self._lengths is None:
            return weights, [0] * len(starts), [0] * len(starts)
        lengths = self._lengths[self._postings.docs]
        return weights, np.minimum.reduceat(lengths, starts).tolist(), np.maximum.reduceat(lengths, starts).tolist()

    def block_quality(self) -> float:
        return float(self.scorer.block_quality(self))

    def skip_to_quality(self, minquality: float) -> int:
        skipped = 0
        while self._place < self._end and self.scorer.block_quality(self) <= minquality:
            self._place = min((self._place // _BLOCK + 1) * _BLOCK, self._end)
            skipped += 1
        return skipped

    def block_min_id(self) -> int:
        return self._docs[self._place // _BLOCK * _BLOCK]

    def block_max_id(self) -> int:
        return self._docs[min((self._place // _BLOCK + 1) * _BLOCK, self._end) - 1]

    def block_min_length(self) -> int:
        return self._blocks[1][self._place // _BLOCK]

    def block_max_length(self) -> int:
        return self._blocks[2][self._place // _BLOCK]

    def block_max_weight(self) -> float:
        return self._blocks[0][self._place // _BLOCK]
