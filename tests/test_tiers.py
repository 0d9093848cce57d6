"""Which segments are merged: few segments after many commits, and an end to the merging."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.writing.merge_policy import (
    MAX_MERGED_TOKENS,
    MERGE_FACTOR,
    SMALLEST_TIER_TOKENS,
    SegmentSize,
    choose_merge,
    tier,
)


def settled(sizes: list[SegmentSize]) -> tuple[list[SegmentSize], int]:
    """The segments after merging until all is well, and how many tokens were written for it."""
    written = 0
    while chosen := choose_merge(sizes):
        parts = [sizes[number] for number in chosen]
        sizes = [size for number, size in enumerate(sizes) if number not in chosen]
        docs = sum(part.docs - part.deleted for part in parts)
        tokens = sum(part.tokens * (part.docs - part.deleted) // max(part.docs, 1) for part in parts)
        written += tokens
        if docs:
            sizes = [*sizes, SegmentSize(tokens, docs, 0)]
    return sizes, written


def test_nothing_to_do() -> None:
    assert choose_merge([]) == []
    assert choose_merge([SegmentSize(100, 10, 0)] * (MERGE_FACTOR - 1)) == []
    assert choose_merge([SegmentSize(100, 10, 3)]) == []


def test_segments_of_one_tier_are_merged() -> None:
    assert choose_merge([SegmentSize(100, 10, 0)] * MERGE_FACTOR) == list(range(MERGE_FACTOR))
    large = SegmentSize(10 * SMALLEST_TIER_TOKENS, 10, 0)
    assert choose_merge([large, *[SegmentSize(1, 1, 0)] * MERGE_FACTOR]) == list(range(1, MERGE_FACTOR + 1))


def test_a_segment_with_many_deletions_is_written_anew() -> None:
    assert choose_merge([SegmentSize(100, 10, 0), SegmentSize(100, 10, 4)]) == [1]
    assert choose_merge([SegmentSize(0, 1, 1)]) == [0]


def test_the_largest_segments_stay() -> None:
    assert choose_merge([SegmentSize(MAX_MERGED_TOKENS, 1000, 0)] * 20) == []


def test_tiers_rise_with_size() -> None:
    levels = [tier(tokens) for tokens in range(0, 50 * SMALLEST_TIER_TOKENS, 997)]
    assert levels == sorted(levels) and levels[0] == 0 and levels[-1] > 1


def test_a_thousand_small_commits() -> None:
    sizes: list[SegmentSize] = []
    written = most = 0
    for _ in range(1000):
        sizes, cost = settled([*sizes, SegmentSize(500, 5, 0)])
        written += cost
        most = max(most, len(sizes))
    assert most <= 3 * MERGE_FACTOR
    assert written < 12 * 1000 * 500


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 1000), st.integers(0, 1000)), max_size=40))
def test_merging_ends_and_loses_no_live_document(drawn: list[tuple[int, int, int]]) -> None:
    sizes = [SegmentSize(tokens, docs, min(deleted, docs)) for tokens, docs, deleted in drawn]
    after, _ = settled(sizes)
    assert sum(size.docs - size.deleted for size in after) == sum(size.docs - size.deleted for size in sizes)
    assert not any(size.deleted == size.docs for size in after if size.deleted)


def test_what_one_commit_wrote_in_pieces_is_put_together() -> None:
    piece = SegmentSize(MAX_MERGED_TOKENS // 4, 1000, 0, new=True)
    old = SegmentSize(MAX_MERGED_TOKENS // 4, 1000, 0)
    assert choose_merge([old, piece]) == []
    assert choose_merge([old, piece, piece]) == [1, 2]
    # Six quarters: four fill a segment, two are left; and a segment too large for any company stays alone.
    assert choose_merge([piece] * 6) == [0, 1, 2, 3]
    assert choose_merge([SegmentSize(MAX_MERGED_TOKENS, 1000, 0, new=True), piece]) == []
