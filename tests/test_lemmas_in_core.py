"""Lemmas by the compiled core: they are those of the rules in Python, and no table makes it fail."""

# ruff: noqa: SIM905 (words are easier to read and to change as text)

from __future__ import annotations

import functools
import random
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pymorphy3_dicts_ru
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failing_memory import needs_fork, survives
from fewer_examples import examples
from naidi.indexer import core
from naidi.indexer.analysis.lemmatize import english, opencorpora
from naidi.indexer.analysis.lemmatize.english_table import load_forms
from naidi.indexer.analysis.lemmatize.opencorpora import CompiledDictionary
from naidi.indexer.analysis.lemmatize.russian import RussianLemmatizer

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

RUSSIAN = """
стали берет мыла вести узнает узнаёт елка ёлка все всё еще полета полёта черт сторублевые королевы марта токаев токаева открытый
данный научно видимо быстрее новейшего лучшему важнее похоже кратко розы москвы сша воз вашею ваша ребёнка ребенка
псевдокошка недовакцинирован антиковидный супермегаавтобус биткоина экстремально побыстрее наимилейшего поновее
байткод зумерский шиппинг коронавирусный ковидный криптовалютами самоизоляцией бутявкать хрямзику классссно боялася боялась
шольца шольцем рамзаем рамзае бюле ридля ортиной ортиных урресолой ёлкаё ёёё
ааа ъъъ гг т щ абвгд не нене ненене ерш её
""".split()
OLD = "домъ пришёлъ добраго синяго добрыя разсказъ разсказ безсмертный черезсчур изслѣдованіе ъ ея агоаго".split()
ENGLISH = """
ran left adams mondays womens hireing stopped hoped boxes looong loooong sooo vaccinte vaccien vacine vaccinees colour colours
theatre covid rose docs they would who misstate qwerty ss ing ed s
""".split()
russian_words = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяё", min_size=1, max_size=14) | st.tuples(
    st.sampled_from(["", "псевдо", "не", "раз", "без", "по", "наи", "супер", "q"]),
    st.sampled_from(RUSSIAN + OLD),
    st.sampled_from(["", "", "ами", "ейший", "ого", "ся", "ов", "ё", "ъ", "аго", "ыя"]),
).map("".join)
english_words = st.text(string.ascii_lowercase, min_size=1, max_size=14) | st.tuples(
    st.sampled_from(["", "un", "s"]),
    st.sampled_from(ENGLISH),
    st.sampled_from(["", "", "s", "ed", "ing", "r", "our", "sss"]),
).map("".join)
odd_words = st.text(max_size=6) | st.sampled_from(
    ["е" * 64, "е" * 65, "не" * 32, "a" * 64, "a" * 65, "", "éa", "кот-d", "\ud83d", "𝒜"]
)


@functools.cache
def russian() -> RussianLemmatizer:
    return RussianLemmatizer()


@functools.cache
def both_english() -> tuple[english.EnglishLemmatizer, english.EnglishLemmatizer]:
    """Lemmas by the core, and by Python."""
    fast = english.EnglishLemmatizer()
    fast.expect_many()
    plain = english.EnglishLemmatizer()
    names: set[str] = set()
    plain._of_few, plain._forms, plain._is_name = None, load_forms(names=names), names.__contains__
    return fast, plain


def same_russian(words: Sequence[str]) -> int:
    """How many words the core has answered. Each answer must be that of the rules."""
    lemmatizer, answered = russian(), 0
    for word, own, are_common in zip(words, *lemmatizer.all_lemmas(words), strict=True):
        if own is not None:
            common = lemmatizer.common_lemmas(word)
            assert own == lemmatizer.lemmas(word), word
            assert are_common == bytes([lemma in common for lemma in own]), word
            answered += 1
    return answered


def same_english(words: Sequence[str]) -> int:
    fast, plain = both_english()
    answered = 0
    for word, own, are_common in zip(words, *fast.all_lemmas(words), strict=True):
        if own is not None:
            letters = [lemma.isascii() and lemma.isalpha() for lemma in own]
            assert own == plain.lemmas(word), word
            assert are_common == bytes(
                [is_word and plain.is_common_lemma(lemma) for is_word, lemma in zip(letters, own, strict=True)]
            ), word
            answered += 1
    return answered


def test_russian_words_have_the_lemmas_of_the_rules() -> None:
    assert same_russian(RUSSIAN) > 0.8 * len(RUSSIAN)
    assert same_russian(OLD) < 0.5 * len(OLD)  # most are left to the rules
    endings = ("", "а", "ов", "ыми", "ского", "ность", "нутый", "ая", "ейшим", "ее", "ем", "ью")
    made = [start + word + end for start in ("", "анти", "по", "вз", "бм") for word in RUSSIAN for end in endings]
    assert same_russian(made) > 0.9 * len(made)


@settings(max_examples=examples(200), deadline=None)
@given(words=st.lists(russian_words | odd_words, max_size=12))
def test_any_russian_words(words: list[str]) -> None:
    same_russian(words)


def test_english_words_have_the_lemmas_of_the_rules() -> None:
    words = list(load_forms())
    assert same_english(words) > 0.9 * len(words)
    draw = random.Random(5)
    made = []
    for word in draw.sample(words, 3_000) + ENGLISH:
        at = draw.randrange(len(word) + 1)
        swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        made += [
            word + "s",
            word + "ed",
            word[:at] + word[at : at + 1] + word[at:],
            word[:at] + word[at + 1 :],
            swapped,
        ]
    assert same_english(made) > 0.8 * len(made)


@settings(max_examples=examples(200), deadline=None)
@given(words=st.lists(english_words | odd_words, max_size=12))
def test_any_english_words(words: list[str]) -> None:
    same_english(words)


def test_the_table_in_the_core_is_the_table() -> None:
    table, names = load_forms(names=(names := set())), names
    fast = both_english()[0]
    for form in [*list(table)[::7], *ENGLISH, "a'b", "漢", "𝒜", "x" * 300]:
        assert fast._forms.get(form, ("?",)) == table.get(form, ("?",))
        assert (form in fast._forms) == (form in table) and fast._is_name(form) == (form in names)
    assert 7 not in fast._forms


@functools.cache
def tables() -> dict[str, Any]:
    """The arguments from which the core's dictionary is made."""
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("naidi._core.Russian", lambda **given: found.update(given))
        CompiledDictionary(Path(pymorphy3_dicts_ru.get_path())).in_core(["все"])
    return found


@pytest.mark.slow
def test_a_damaged_dictionary_gives_wrong_answers_and_no_crash() -> None:
    from naidi._core import Russian

    draw = random.Random(7)
    words = [*RUSSIAN, *("".join(draw.choices("абеиноск", k=draw.randrange(1, 12))) for _ in range(100))]

    def damaged(data: Any, share: float) -> bytearray:
        data = bytearray(data)
        for _ in range(int(len(data) * share) or 1):
            data[draw.randrange(len(data))] = draw.randrange(256)
        return data

    def units(part: Any, share: float) -> tuple[memoryview, memoryview]:
        return memoryview(damaged(part[0].cast("B"), share)).cast("I"), memoryview(damaged(part[1], share))

    for share in (0.0001, 0.01, 0.5):
        for name in ("words", "endings", "probabilities", "paradigms"):
            given = dict(tables())
            if name == "endings":
                given[name] = [units(part, share) for part in given[name]]
            elif name == "paradigms":
                given[name] = given[name][:2] + bytes(damaged(given[name][2:], share))
            else:
                given[name] = units(given[name], share)
            try:
                dictionary = Russian(**given)
            except ValueError as error:
                assert name == "paradigms" and "no paradigms" in str(error)
            else:
                dictionary.lemmas(words)
    for name, few in (("suffixes", [""]), ("tags", tables()["tags"][-1:]), ("affixes", ["", "", ""])):
        Russian(**tables() | {name: few}).lemmas(words)


def test_a_dictionary_of_any_spelling_with_dots_is_given_up() -> None:
    """In its table е, ё and н lead from the root back to its children, so that a word may be spelt in 2**(number of е) ways."""
    from naidi._core import Russian

    first, last = 0x200, 0x300  # where the second bytes of е (D0 B5) and н (D0 BD), and of ё (D1 91), lie
    units = np.zeros(0x400, np.uint32)
    units[0xD0], units[0xD1] = (0xD0 ^ first) << 10 | 0xD0, (0xD1 ^ last) << 10 | 0xD1
    for node, label in ((first ^ 0xB5, 0xB5), (first ^ 0xBD, 0xBD), (last ^ 0x91, 0x91)):
        units[node] = node << 10 | label
    words = memoryview(units), memoryview(bytes(2 * len(units)))
    dictionary = Russian(**tables() | {"words": words})
    assert dictionary.lemmas(["не" * 24, "кот"])[0] == [None, ("кот",)]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("words", (b"abc", b""), ValueError),
        ("words", (b"", b""), ValueError),
        ("words", (b"abcd", b"a"), ValueError),
        ("words", b"abcd", TypeError),
        ("words", ("abcd", b"ab"), TypeError),
        ("endings", [], ValueError),
        ("endings", [1, 2, 3], TypeError),
        ("probabilities", (b"abcd", 1), TypeError),
        ("affixes", ["𝒜", "", ""], ValueError),
        ("suffixes", ["а" * 300], ValueError),
        ("suffixes", [b"a"], TypeError),
        ("suffixes", 1, TypeError),
        ("paradigms", b"\x02\x00\x03\x00", ValueError),
        ("paradigms", b"\x01\x00\x04\x00aabbccdd", ValueError),
        ("paradigms", "a", TypeError),
        ("tags", [], ValueError),
        ("tags", [(1, 2)], TypeError),
        ("left_out", [1], TypeError),
    ],
)
def test_what_can_be_no_dictionary_is_refused(name: str, value: object, error: type[Exception]) -> None:
    from naidi._core import Russian

    with pytest.raises(error):
        Russian(**tables() | {name: value})


def test_what_can_be_no_table_is_refused() -> None:
    from naidi._core import English

    right: dict[str, Any] = {
        "forms": {"a": ("a",)},
        "names": [],
        "closed": [],
        "left_out": [],
        "british": [],
        "american": [],
    }
    wrong: list[tuple[str, object]] = [
        *(("forms", value) for value in (1, {1: ()}, {"a": 1}, {"a": (1,)}, {"a": ("𝒜",)}, {"a": ("b" * 300,)})),
        *(("names", value) for value in (1, [1], ["𝒜"])),
        *(("british", value) for value in (1, [1], ["our"])),
    ]
    for name, value in wrong:
        with pytest.raises((TypeError, ValueError)):
            English(**right | {name: value})
    table = English(**right)
    for call in (table.lemmas, table.guesses, russian().in_core.lemmas):  # type: ignore[union-attr]
        for words in ([1], [b"a"], 1):
            with pytest.raises(TypeError):
                call(words)  # type: ignore[arg-type]


@needs_fork
def test_want_of_memory_is_told() -> None:
    from naidi._core import English, Russian

    words = [*RUSSIAN, *ENGLISH]
    dictionary = russian().in_core
    table = both_english()[0].in_core
    assert dictionary is not None and table is not None
    few: dict[str, Any] = {
        "forms": {w: (w, w + "s") for w in ENGLISH},
        "names": ["ran"],
        "closed": [],
        "left_out": ["left"],
    }
    few |= {"british": ["our"], "american": ["or"]}
    made: dict[str, Any] = tables()
    for call in (
        lambda: dictionary.lemmas(words),
        lambda: table.lemmas(words),
        lambda: table.guesses(words),
        lambda: type(English(**few)),
        lambda: type(Russian(**made)),
    ):
        assert survives(call, least=6)


def test_another_dictionary_is_not_in_the_core() -> None:
    assert opencorpora.PymorphyDictionary().in_core([]) is None
