"""Inversion: the compiled core makes the same posting lists and positions as array operations do."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from naidi.indexer import core
from naidi.indexer.codec import inversion
from naidi.indexer.codec.container import Array
from naidi.indexer.codec.inversion import Inversion, invert
from naidi.indexer.codec.segment_writer import Lexicon, make_lexicon

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")


def some_lexicon(draw: random.Random, forms: int) -> Lexicon:
    stems, keys = draw.randint(1, forms), draw.randint(1, forms)
    form_stems = [*range(stems), *(draw.randrange(stems) for _ in range(forms - stems))]
    own = [[place % keys] for place in range(forms)]
    for row in own:
        row += [key for key in draw.sample(range(keys), min(keys, draw.choice([0, 0, 1, 3]))) if key not in row]
    ends = np.cumsum(list(map(len, own))).astype(np.uint64)
    form_keys = np.array([key for row in own for key in row], np.uint32)
    names = [f"{place:05}" for place in range(forms)]
    stem_column = np.array(form_stems, np.uint32)
    return make_lexicon(names, names[:keys], names[:stems], ends, form_keys, stem_column, np.zeros(len(form_keys)))


def some_lengths(draw: random.Random, documents: int) -> tuple[Array, Array, Array]:
    columns = [
        [draw.choice(some) for _ in range(documents)] for some in ([0, 0, 1, 4], [0, 3, 30, 300], [0, 0, 0, 2, 70])
    ]
    titles, bodies, keywords = (np.array(column, np.uint32) for column in columns)
    return titles, bodies, keywords


def both(tokens: Array, lengths: tuple[Array, Array, Array], lexicon: Lexicon) -> list[Inversion]:
    found = []
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(core, "is_used", compiled)
            words = (lexicon.form_stems, lexicon.stem_forms, lexicon.key_forms, lexicon.numbers)
            found.append(invert(tokens, *lengths, *words))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_the_core_inverts_as_array_operations_do(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    monkeypatch.setattr(inversion, "_TOKENS_AT_ONCE", draw.choice([1, 100, 3_000, 1_000_000]))
    forms = draw.choice([1, 2, 7, 400])
    lexicon = some_lexicon(draw, forms)
    lengths = some_lengths(draw, draw.choice([0, 1, 3, 200]))
    total = int(sum(column.sum() for column in lengths))
    # A few forms are most of the text: some frequencies do not fit into a code.
    weights = [1 / (1 + place % 50) ** 2 for place in range(forms)]
    tokens = np.array(draw.choices(range(forms), weights, k=total), np.uint32)
    mine, plain = both(tokens, lengths, lexicon)
    for one, other in zip((*mine.lists, *mine.places), (*plain.lists, *plain.places), strict=True):
        assert one.tolist() == other.tolist()


def test_frequencies_that_do_not_fit_into_a_code_are_kept_in_order() -> None:
    draw = random.Random(4)
    lexicon = some_lexicon(draw, 3)
    lengths = tuple(np.full(40, count, np.uint32) for count in (20, 400, 5))
    tokens = np.array(draw.choices(range(3), k=40 * 425), np.uint32)
    mine, plain = both(tokens, lengths, lexicon)  # type: ignore[arg-type]
    assert len(mine.lists.exact_rows) >= 40 and mine.lists.exact_rows.tolist() == plain.lists.exact_rows.tolist()
    assert mine.lists.exact_freqs.tolist() == plain.lists.exact_freqs.tolist()
    assert mine.lists.exact_title_freqs.tolist() == plain.lists.exact_title_freqs.tolist()


WRONG: list[dict[int, Any]] = [
    {0: [9, 0, 1]},  # a form that there is not
    {0: [0, 1]},  # fewer tokens than the lengths say
    {1: [2]},
    {2: [1, 2, 3]},  # lengths of more documents
    {4: [0, 5]},  # a stem that there is not
    {4: [0]},
    {5: [0]},
    {6: [2, 1]},  # rows that end before they begin
    {6: [1, 9]},
    {6: [1]},
    {7: [4, 9]},  # a list that there is not
    {8: -1},
    {9: 1},  # fewer lists than stems
    {9: -1},
    {9: 2**62},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_the_core_refuses_what_does_not_fit_together(wrong: dict[int, Any]) -> None:
    from naidi._core import invert as core_invert

    kinds = [np.uint32] * 6 + [np.uint64, np.uint32]
    given: list[Any] = [[0, 1, 1], [1, 0], [1, 1], [0, 0], [0, 1], [0, 0], [1, 2], [2, 3], 2, 4]
    whole = [np.array(value, kind) for value, kind in zip(given, kinds, strict=False)]
    sizes, docs, codes, *_ = core_invert(*whole, 2, 4)
    assert np.frombuffer(sizes, np.uint64).tolist() == [1, 2, 1, 2]
    assert np.frombuffer(docs, np.uint32).tolist() == [0, 0, 1, 0, 0, 1]
    assert list(codes) == [64, 0, 0, 64, 0, 0]
    for place, value in wrong.items():
        given[place] = value
    arrays = [np.array(value, kind) for value, kind in zip(given, kinds, strict=False)]
    with pytest.raises(ValueError, match="fit together"):
        core_invert(*arrays, *given[8:])
