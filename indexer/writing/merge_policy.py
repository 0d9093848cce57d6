"""Chooses segments to merge. Many small commits stay cheap, and a search meets few segments.

Segments fall into tiers by size. When a tier is full, its segments are merged into one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# Segments of one tier differ in size by at most this factor; the lowest tier has all small ones. This is also the number of
# segments that fill a tier.
MERGE_FACTOR = 8
SMALLEST_TIER_TOKENS = 20_000
# A merge holds the lexicon in memory and streams the rest, but it rewrites everything. So merges make nothing larger.
MAX_MERGED_TOKENS = 400_000_000
DELETED_SHARE = 0.3


class SegmentSize(NamedTuple):
    """The size of a segment.

    tokens, docs: those of deleted documents included.
    deleted: deleted documents.
    new: whether this commit wrote the segment.
    """

    tokens: int
    docs: int
    deleted: int
    new: bool = False


def tier(tokens: int) -> int:
    """0 up to SMALLEST_TIER_TOKENS, and one more for each factor of MERGE_FACTOR beyond."""
    if tokens <= SMALLEST_TIER_TOKENS:
        return 0
    return 1 + int(math.log(tokens / SMALLEST_TIER_TOKENS, MERGE_FACTOR))


def choose_merge(sizes: Sequence[SegmentSize]) -> list[int]:
    """The numbers of the segments to merge now, ascending; empty if there is nothing to merge. Call again after each merge.

    A segment with more than DELETED_SHARE deleted documents is chosen alone, to be rewritten without them.
    """
    for number, size in enumerate(sizes):
        if size.deleted and (size.deleted == size.docs or size.deleted > DELETED_SHARE * size.docs):
            return [number]
    # A large commit writes several segments, to save memory. They are merged at once: each segment costs every search.
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
