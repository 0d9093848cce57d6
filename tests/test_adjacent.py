"""Words that stand one behind the other: found as a plain look at their positions finds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.codec import pair_freqs as adjacent
from naidi.indexer.codec.pair_freqs import pair_freqs, pair_freqs_of_places
from naidi.indexer.codec.positions import excess_of, positions_of, stem_rows_of
from naidi.indexer.codec.segment import Segment
from tests.test_places import Words, written

# Stems of one, two and many forms; "two.0" is the first form of the stem "two".
FORMS = ["one.0", "two.0", "two.1", "many.0", "many.3", "many.20"]
bodies = st.lists(st.sampled_from(FORMS), max_size=12)
texts = st.tuples(st.lists(st.sampled_from(FORMS), max_size=3), bodies, bodies | st.just([]))
word_forms = st.sets(st.sampled_from(FORMS), min_size=1, max_size=4)


def check_pairs(segment: Segment, words: Sequence[set[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [np.array([n for n in map(segment.forms.find, sorted(word)) if n >= 0], np.uint32) for word in words]
    if not all(map(len, numbers)):
        return
    sources = [stem_rows_of(segment, forms) for forms in numbers]
    places = [set(positions_of(segment, forms).tolist()) for forms in numbers]
    owner = segment.docs_of_positions
    every = np.arange(segment.doc_count)
    pairs = [(left, left + 1) for left in range(len(words) - 1)]
    expected = np.zeros((len(pairs), segment.doc_count), np.int64)
    for number, (left, right) in enumerate(pairs):
        for place in places[left]:
            expected[number, owner(np.array([place]))[0]] += place + 1 in places[right]
    # At once, and in halves.
    for most in (1 << 22, 300):
        with monkeypatch.context() as patch:
            patch.setattr(adjacent, "_MOST_POSITIONS", most)
            freqs = pair_freqs(segment, excess_of(segment), sources, pairs, every)
        assert (np.zeros_like(expected) if freqs is None else freqs).tolist() == expected.tolist()
    # From all places of each word, in all documents and in some.
    for kind in (np.uint32, np.uint64):
        whole = [positions_of(segment, forms).astype(kind) for forms in numbers]
        for docs in (every, every[1::2]):
            freqs = pair_freqs_of_places(segment, whole, pairs, docs) if len(docs) else None
            assert (np.zeros_like(expected[:, docs]) if freqs is None else freqs).tolist() == expected[:, docs].tolist()


@settings(max_examples=40)
@given(st.lists(texts, min_size=1, max_size=6), st.lists(st.lists(word_forms, min_size=2, max_size=4), max_size=3))
def test_pairs_are_those_of_the_positions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, docs: list[Words], phrases: list[list[set[str]]]
) -> None:
    segment = written(tmp_path / "segment", [(str(number), words) for number, words in enumerate(docs)])
    for words in phrases:
        check_pairs(segment, words, monkeypatch)


def test_long_lists_frequent_words_and_long_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    docs: list[Words] = [([], rng.choice(FORMS, rng.integers(1, 30)).tolist(), FORMS[: n % 4]) for n in range(300)]
    # More occurrences than a code tells, and positions of more than 16 bits.
    docs[70] = (["one.0"] * 90, ["one.0"] * 100 + ["two.1"] * 3, [])
    docs[200] = ([], ["many.3"] * 65_400 + ["one.0", "two.0", "two.1", "many.20"] * 60, FORMS * 3)
    segment = written(tmp_path / "segment", [(f"{number:03}", words) for number, words in enumerate(docs)])
    for words in (
        [{"one.0"}, {"two.0", "two.1"}],
        [{"many.20"}, {"one.0"}, {"two.1", "many.3"}],
        [{"two.1", "many.0", "one.0"}, {"many.3", "many.20"}],
        [{"one.0"}, {"one.0"}, {"two.1"}],
    ):
        check_pairs(segment, words, monkeypatch)
