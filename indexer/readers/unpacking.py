"""How much a file may unpack to, with all that is inside of it.

A small file may unpack to a huge one (a "bomb"), and an archive may hold archives. So all readers that work on one file
share one Budget, and what they find inside is a Member, a Source that carries the Budget on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ..messages import message
from .content import Source

CHUNK = 1 << 16
"""Bytes that are unpacked at once."""

MAX_RATIO = 100
"""How many times its packed size a piece may unpack to. XML and logs reach 50."""

RATIO_FROM = 16 << 20
"""Up to so many bytes any ratio is allowed."""


class TooLarge(ValueError):
    """It unpacks to more than is allowed."""


class OutOfTime(ValueError):
    """The deadline is over."""

    def __init__(self) -> None:
        super().__init__(message("out of time"))


class Budget:
    """How many bytes may still be unpacked."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be unpacked."""
        return self._left <= 0

    def take(self, count: int) -> None:
        """Count bytes that were unpacked. Raises TooLarge if they are too many."""
        self._left -= count
        if self._left < 0:
            raise TooLarge(message("unpacks to more than {limit:.4g} MB", limit=self._limit / (1 << 20)))


@dataclass(frozen=True, slots=True)
class Member(Source):
    """A file inside another one.

    budget: shared by all that is in the outermost file.
    depth: in how many files this one is.
    """

    budget: Budget = field(default_factory=lambda: Budget(0))
    depth: int = 1


def budget_of(source: Source) -> Budget:
    """The budget that a reader of this source has to keep."""
    return source.budget if isinstance(source, Member) else Budget(source.options.max_unpacked)


def depth_of(source: Source) -> int:
    """In how many files this one is; 0 for one that stands in a folder."""
    return source.depth if isinstance(source, Member) else 0


def member_of(source: Source, name: str, data: bytes, budget: Budget) -> Member:
    """What was found in `source`, as a Source of its own."""
    return Member(data, name, source.options, source.deadline, budget, depth_of(source) + 1)


def renamed(source: Source, name: str, data: bytes) -> Source:
    """The same source with other bytes, in no deeper."""
    return replace(source, name=name, data=data)


def metered(chunks: Iterable[bytes], packed: int, budget: Budget, is_late: Callable[[], bool]) -> Iterator[bytes]:
    """The chunks of a piece that has `packed` bytes, as long as it keeps the limits. Raises TooLarge and OutOfTime."""
    limit = max(RATIO_FROM, MAX_RATIO * packed)
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(message("unpacks to more than {times} times its size", times=MAX_RATIO))
        budget.take(len(chunk))
        if is_late():
            raise OutOfTime
        yield chunk
