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
# A commit that merges more than so many tokens of earlier commits would take longer than a fifth of a second.
MERGED_IN_COMMIT_TOKENS = 200_000


class SegmentSize(NamedTuple):
    """The size of a segment.

    tokens, docs: those of deleted documents included.
    deleted: deleted documents.
    new: whether this commit made the segment of new documents.
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


def choose_small_merge(sizes: Sequence[SegmentSize]) -> list[int]:
    """As `choose_merge`, of the merges that a commit can do quickly.

    What is new in this commit counts as nothing: a merge of it takes less than adding it took.
    """
    left = list(range(len(sizes)))
    while chosen := [left[number] for number in choose_merge([sizes[number] for number in left])]:
        earlier = [sizes[number] for number in chosen if not sizes[number].new]
        if sum(size.tokens for size in earlier if size.deleted < size.docs) <= MERGED_IN_COMMIT_TOKENS:
            break
        left = [number for number in left if number not in chosen]
    return chosen


def choose_fewest(sizes: Sequence[SegmentSize]) -> list[list[int]]:
    """Groups of segments to merge, so that few are left and no deleted document is. Those in no group stay as they are."""
    tokens = [size.tokens * (size.docs - size.deleted) // max(size.docs, 1) for size in sizes]
    groups: list[list[int]] = []
    for number in sorted(range(len(sizes)), key=lambda number: -tokens[number]):
        for group in groups:
            if sum(tokens[other] for other in group) + tokens[number] <= MAX_MERGED_TOKENS:
                group.append(number)
                break
        else:
            groups.append([number])
    return [sorted(group) for group in groups if len(group) > 1 or sizes[group[0]].deleted]
