"""Skeletons: readable examples of both alphabets, and the whole lexicon against word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi.indexer.analysis.skeleton import CLASSES, classes, is_cyrillic, lexicon_hashes, skeleton, skeleton_hash

# Spellings of one name or word in both alphabets, and the skeleton of all of them.
ALIKE = """
TKV      tokayev tokaev tokaïev токаев
GBRSS    ghebreyesus гебрейесус
KVD      covid ковид
SRSL     churchill черчилль čerčill
VKSNS    vaktsinatsiya vakcinaciâ вакцинация
SRBKV    shcherbakov scherbakov щербаков
LSNDR    alexander aleksandr александр
KRSV     krushchev krushchyov крущев
HRSV     khrushchev hruschev hrushchev хрущёв хрущев
FLP      philip filip филипп
SRGV     sergeyev sergejev žergejev сергеев
TMSV     thomasov томасов
KL       kohl коль
K9       k9 к9 к-9
"""


def rows(text: str) -> list[tuple[str, str]]:
    return [(row.split()[0], word) for row in text.strip().splitlines() for word in row.split()[1:]]


@pytest.mark.parametrize(("expected", "word"), rows(ALIKE))
def test_spellings_of_one_word_share_a_skeleton(expected: str, word: str) -> None:
    assert skeleton(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", ""), ("ая", ""), ("io", ""), ("anna", "N"), ("нанна", "NN"), ("watson", "VSN"), ("уотсон", "SN"), ("brown", "BRN"),
        ("george", "GRG"), ("джордж", "SRS"), ("o'neill", "NL"), ("shikibu", "SKB"), ("xi", "S"), ("ксения", "SN"),
        ("nobel", "NBL"), ("нобель", "NBL"), ("n\u0303o", "N"), ("zażółć", "SSLS"),
    ],
)  # fmt: skip
def test_skeletons(word: str, expected: str) -> None:
    assert skeleton(word) == expected


def test_a_class_a_character() -> None:
    assert classes("шах") == ["S", "", "H"]
    assert classes("shah") == ["S", "S", "", ""]
    assert classes("c\u0327a") == ["K", "K", ""]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("tokayev", False), ("ömer", False), ("ḥasan", False), ("токаев", True), ("їжак", True), ("42", None), ("", None),
     ("ВОЗ", None), ("WHO", None), ("漢字", None), ("αβγ", None), ("'tis", None)],
)  # fmt: skip
def test_alphabets(word: str, expected: bool | None) -> None:
    assert is_cyrillic(word) is expected
    [hashed] = lexicon_hashes(f"{word}\n".encode()).tolist()
    if expected is None:
        assert hashed == 0
    else:
        assert hashed != 0 and hashed & 1 == expected


WORDS = st.text(
    st.one_of(
        st.sampled_from("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюяёčšžōñ0'-"),
        st.characters(exclude_characters="\n", exclude_categories=("Cs",)),
    ),
    max_size=80,
)


@given(st.lists(WORDS, max_size=20))
@example(["tokaev𝐬", "𝒳tokaev", "ток𐌰аев", "𠀀", "a𝐬b"])
@example(["𐍈n漢字b", "b漢t", "n\u0301b", "\u0301b", "НАТО", "covid-19", "ẓ漢ẓ", ""])
def test_a_lexicon_has_the_hashes_of_its_words(words: list[str]) -> None:
    lines = "".join(f"{word}\n" for word in words).encode()
    expected = [
        0 if alphabet is None else skeleton_hash(skeleton(word), cyrillic=alphabet)
        for word, alphabet in ((word, is_cyrillic(word)) for word in words)
    ]
    found = lexicon_hashes(lines)
    assert found.dtype == np.uint32
    assert found.tolist() == expected


def test_a_lexicon_of_several_chunks() -> None:
    words = [f"{first}{middle}{last}а" for first in "бвгдкт" for middle in "аеиоу" * 40 for last in "клмнпрстфш" * 4]
    lines = "".join(f"{word}\n" for word in words).encode()
    assert len(lines) > 1 << 17
    found = lexicon_hashes(lines)
    assert found.tolist() == [skeleton_hash(skeleton(word), cyrillic=True) for word in words]


@given(WORDS)
def test_any_word_has_a_skeleton(word: str) -> None:
    assert set(skeleton(word)) <= set(CLASSES)
    assert len(classes(word)) == len(word)


def test_different_skeletons_seldom_share_a_hash() -> None:
    hashes = {
        skeleton_hash(a + b + c + d, cyrillic=alphabet)
        for a in CLASSES for b in CLASSES for c in CLASSES for d in CLASSES for alphabet in (False, True)
    }  # fmt: skip
    assert len(hashes) > 2 * len(CLASSES) ** 4 - 20
