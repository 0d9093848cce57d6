"""Words behind given positions: found as a plain look at all positions finds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.codec import followers as room
from naidi.indexer.codec.followers import followers, token_count
from naidi.indexer.codec.positions import positions_of
from naidi.indexer.codec.segment import Segment
from tests.test_places import Words, written

# Stems of one, two, many and so many forms that a tag takes two or four half bytes.
FORMS = ["one.0", "two.0", "two.1", "seventeen.0", "seventeen.16", "many.0", "many.20", "most.0", "most.299"]
bodies = st.lists(st.sampled_from(FORMS), max_size=12)
long = st.just(["one.0"] * 70 + ["two.1"] * 70 + ["one.0", "many.0"])
texts = st.tuples(st.lists(st.sampled_from(FORMS), max_size=3), bodies | long, bodies | st.just([]))


def numbers_of(segment: Segment, words: set[str]) -> np.ndarray:
    return np.array(sorted(n for n in map(segment.forms.find, words) if n >= 0), np.int64)


@settings(max_examples=60)
@given(
    st.lists(texts, min_size=1, max_size=6),
    st.sets(st.sampled_from(FORMS), min_size=1),
    st.sets(st.sampled_from(FORMS)),
    st.sets(st.integers(0, 5), min_size=1),
    st.sampled_from([1, 4, room._MARKS]),
)
def test_followers_are_those_of_the_positions(
    tmp_path: Path, docs: list[Words], left: set[str], right: set[str], some: set[int], marks: int
) -> None:
    segment = written(tmp_path / "segment", [(str(number), words) for number, words in enumerate(docs)])
    own = numbers_of(segment, right)
    wanted = np.array(sorted(doc for doc in some if doc < segment.doc_count), np.int64)
    positions = positions_of(segment, numbers_of(segment, left), wanted)
    expected = {
        (int(form), place)
        for form in own
        for place in positions_of(segment, np.array([form]), wanted).tolist()
        if place - 1 in set(positions.tolist())
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_MARKS", marks)
        found = followers(segment, positions, wanted, own)
    assert len(found.forms) == len(expected)
    assert set(zip(found.forms.tolist(), found.positions.tolist(), strict=True)) == expected
    assert found.docs.tolist() == segment.docs_of_positions(found.positions).tolist()
    assert token_count(segment, own) >= len(positions_of(segment, own))
