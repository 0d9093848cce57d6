"""The postings of a term as Whoosh walks them: one document after another."""

from __future__ import annotations

from typing import Any

from whoosh.matching.mcore import LeafMatcher, ReadTooFar

from ..codec.container import Array
from .terms import ListedPostings


class PostingsMatcher(LeafMatcher):
    """The documents of a term. All of them are one block in Whoosh's words."""

    def __init__(
        self,
        term: tuple[str, bytes],
        postings: ListedPostings,
        lengths: Array,
        format_: Any,
        scorer: Any = None,
        place: int = 0,
    ) -> None:
        """lengths: of the field in each document of the postings. place: where to begin."""
        self._term = term
        self._postings = postings
        self._lengths = lengths
        self.format = format_
        self.scorer = scorer
        self._docs: list[int] = postings.docs.tolist()
        self._place = place

    def copy(self) -> PostingsMatcher:
        return PostingsMatcher(self._term, self._postings, self._lengths, self.format, self.scorer, self._place)

    def is_active(self) -> bool:
        return self._place < len(self._docs)

    def reset(self) -> None:
        self._place = 0

    def id(self) -> int:
        if not self.is_active():
            raise ReadTooFar
        return self._docs[self._place]

    def next(self) -> None:
        if not self.is_active():
            raise ReadTooFar
        self._place += 1

    def skip_to(self, target: int) -> None:
        if not self.is_active():
            raise ReadTooFar
        while self.is_active() and self._docs[self._place] < target:
            self._place += 1

    def weight(self) -> float:
        return float(self._postings.freqs[self._place])

    def _positions(self) -> list[int]:
        ends = self._postings.position_ends
        start = int(ends[self._place - 1]) if self._place else 0
        positions: list[int] = self._postings.positions[start : int(ends[self._place])].tolist()
        return positions

    def value(self) -> bytes:
        """The posting as Whoosh would have stored it."""
        if not self.format.supports("positions"):
            return b""
        value: bytes = self.format.encode(self._positions())
        return value

    def value_as(self, astype: str) -> Any:
        if astype == "weight":
            return self.weight()
        if astype == "positions" and self.format.supports("positions"):
            return self._positions()
        return self.format.decoder(astype)(self.value())

    def block_quality(self) -> float:
        return float(self.scorer.block_quality(self))

    def skip_to_quality(self, minquality: float) -> int:
        if self.block_quality() > minquality:
            return 0
        self._place = len(self._docs)
        return 1

    def block_min_id(self) -> int:
        return self._docs[0]

    def block_max_id(self) -> int:
        return self._docs[-1]

    def block_min_length(self) -> int:
        return int(self._lengths.min())

    def block_max_length(self) -> int:
        return int(self._lengths.max())

    def block_max_weight(self) -> float:
        return float(self._postings.freqs.max())
