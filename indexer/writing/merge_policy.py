"""Which segments to merge, so that many small commits stay cheap and a search meets few segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# Segments of one tier differ in size by at most this factor; as many of them make one of the next tier.
MERGE_FACTOR = 8
SMALLEST_TIER_TOKENS = 20_000
# A merge holds the lexicon in memory and streams the rest, but it rewrites all it merges: past this size a segment stays as it is.
MAX_MERGED_TOKENS = 400_000_000
DELETED_SHARE = 0.3


class SegmentSize(NamedTuple):
    """Tokens and documents of a segment, deleted documents included, how many are deleted, and whether it is new in this commit."""

    tokens: int
    docs: int
    deleted: int
    new: bool = False


def tier(tokens: int) -> int:
    """0 for the smallest segments, one more for each MERGE_FACTOR."""
    if tokens <= SMALLEST_TIER_TOKENS:
        return 0
    return 1 + int(math.log(tokens / SMALLEST_TIER_TOKENS, MERGE_FACTOR))


def choose_merge(sizes: Sequence[SegmentSize]) -> list[int]:
    """The numbers of the segments to merge now, ascending; empty when all is well. Call it again after each merge.

    A segment without live documents or with more than DELETED_SHARE of them deleted is chosen alone: it is written anew.
    """
    for number, size in enumerate(sizes):
        if size.deleted and (size.deleted == size.docs or size.deleted > DELETED_SHARE * size.docs):
            return [number]
    # What one commit wrote piece by piece, for want of memory, is put together at once: each segment costs every search.
    together: list[int] = []
    for number, size in enumerate(sizes):
        if size.new and sum(sizes[other].tokens for other in together) + size.tokens <= MAX_MERGED_TOKENS:
            together.append(number)
    if len(together) > 1:
        return together
    tiers: dict[int, list[int]] = {}
    for number, size in enumerate(sizes):
        tiers.setdefault(tier(size.tokens), []).append(number)
    for level in sorted(tiers):
        members = tiers[level]
        if len(members) >= MERGE_FACTOR and sum(sizes[number].tokens for number in members) <= MAX_MERGED_TOKENS:
            return members
    return []
