"""Which hits of a page have nearly the same text as a better one?

Texts are compared by their shingles of three words (Broder, "On the resemblance and containment of documents", 1997): what counts
is the share of shingles that two texts have in common, estimated from the smallest hashes of each. The work grows with the texts,
and hardly with the square of their number.
"""

from __future__ import annotations

from itertools import pairwise

from naidi.indexer.late import zlib
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = 3
# So many of the smallest hashes of a text are kept, and so many of them may bring two texts together.
_KEPT = 128
_LOOKED_UP = 8
# Texts are nearly the same if they share this part of their shingles, and if neither is much longer.
_ALIKE = 0.8
# So many code points of a text are compared.
_MOST_READ = 100_000


class Sketch(NamedTuple):
    """What is kept of a text. size: its length in any unit, the same for all. hashes: the smallest of its shingles, ascending."""

    size: int
    hashes: tuple[int, ...]


def sketch(text: str, size: int) -> Sketch:
    """The sketch of a text, the same on every machine. White space and capitals do not count."""
    words = text[:_MOST_READ].casefold().encode("utf-8", "surrogatepass").split()
    hashes = {zlib.crc32(b" ".join(words[place : place + _WORDS])) for place in range(max(len(words) - _WORDS + 1, 1))}
    return Sketch(size, tuple(sorted(hashes)[:_KEPT]) if words else ())


def have_peers(sizes: Sequence[int]) -> list[bool]:
    """For each text whether another one is about as long. Without one it is in no group, and needs no shingles."""
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    found = [False] * len(sizes)
    for shorter, longer in pairwise(order):
        if _are_near(sizes[shorter], sizes[longer]):
            found[shorter] = found[longer] = True
    return found


def _are_near(size: int, other: int) -> bool:
    return min(size, other) >= _ALIKE * max(size, other)


def groups_of(sketches: Sequence[Sketch]) -> dict[int, list[int]]:
    """The number of a text -> the numbers of later ones that are nearly the same, ascending. Each later one is in one group."""
    groups: dict[int, list[int]] = {}
    by_hash: dict[int, list[int]] = {}
    for number, one in enumerate(sketches):
        smallest = one.hashes[:_LOOKED_UP]
        seen = dict.fromkeys(other for each in smallest for other in by_hash.get(each, ()))
        first = next((other for other in seen if _alike(one, sketches[other])), None)
        if first is not None:
            groups.setdefault(first, []).append(number)
            continue
        for each in smallest:
            by_hash.setdefault(each, []).append(number)
    return groups


def _alike(one: Sketch, other: Sketch) -> bool:
    if not _are_near(one.size, other.size):
        return False
    both = sorted({*one.hashes, *other.hashes})[:_KEPT]
    mine, others = set(one.hashes), set(other.hashes)
    return sum(each in mine and each in others for each in both) >= _ALIKE * len(both)
