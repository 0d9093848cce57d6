"""The fast path of indexing: numbers of forms, keys and stems of many forms at once. Each answers as its slow counterpart does."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer import core
from naidi.indexer.analysis.bulk.characters import character_tables
from naidi.indexer.analysis.bulk.tokens import CoreNumbering, FormNumbering, PlainNumbering, form_numbering
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.writing.vocabulary import MetForms, Vocabulary, describe
from naidi.indexer.writing.workers import OrderedWorkers, WorkerPool

TEXTS = [
    "",
    " ",
    "Кот и cat, Кот и CAT. The WHO's МИДом don’t rock'n'roll 'quoted' ‘quoted’ dogs' ’",
    "'' a''b c'' ''d '''",
    "ВОЗ СООБЩИЛА О НОВОМ ШТАММЕ\nВОЗ сообщила\n2021 ГОД\nНАТО, ВОЗ\nпосле",
    "за\u0301мок, чёрный кофе\u0301; zero\u200bwidth soft\u00adhyphen",
    "Қазақстан Республикасы, Łódź, São Paulo, naïve café, ﬁne ŉ ΐ",
    "世界 слова рядом с 漢字 and → arrows ⇒ and ✔ emoji 🙂 everywhere",
    "snake_case x1 H2SO4 10⁶ ½ QazCoVac-P 2021-05-29 75,4",
    "Bакцина и Cаt: look-alikes",
    "и" * 300 + " " + "x" * 600 + " short " + "a'" * 40 + "a",
    "одиннадцатибуквенное семнадцатибуквенн шестнадцатибукве",
    "C++, c#8 C++11 F# С# с++ .NET x.NET ..NET _.NET .net5 main.c#L10 C+++ C## C#.NET C++.Net d'c++ É.net",
    "漢 C++ С# .NET 漢.NET",
    "\x00 \x1c \x85 nul\x00inside line\u2028separator no\u00a0break",
]
words = st.text(alphabet="aB1_'’ʼ́\u00ad\u200bяЁйé漢→ \n-Қ", max_size=40) | st.lists(
    st.sampled_from(["c", "С", "F", "+", "++", "#", ".", ".NET", "net", "\u0301", "'", "_", "é", "1", " ", "漢"]),
    max_size=12,
).map("".join)


with_core = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
Make = Callable[[], FormNumbering]


@pytest.fixture(params=[PlainNumbering, pytest.param(CoreNumbering, marks=with_core)])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def answers(numbering: FormNumbering, texts: list[str]) -> list[list[str]]:
    numbers, counts = numbering.number(texts)
    assert numbers.dtype == np.uint32 and counts.dtype == np.int64
    assert counts.sum() == len(numbers) and len(counts) == len(texts)
    parts = np.split(numbers, np.cumsum(counts)[:-1]) if texts else []
    return [[numbering.forms[number] for number in part.tolist()] for part in parts]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_forms_of_the_tokenizer(make: Make, text: str) -> None:
    assert answers(make(), [text]) == [forms(text)]


def test_texts_share_numbers_and_later_texts_reuse_them(make: Make) -> None:
    one = make()
    assert answers(one, TEXTS) == [forms(text) for text in TEXTS]
    known = list(one.forms)
    assert len(set(known)) == len(known)
    assert answers(one, TEXTS[::-1]) == [forms(text) for text in TEXTS[::-1]]
    assert one.forms == known
    assert len(one) >= len(known) - 5
    assert answers(one, []) == []


@given(st.lists(words, max_size=6))
def test_any_texts(texts: list[str]) -> None:
    one = form_numbering()
    for _ in range(2):
        assert answers(one, texts) == [forms(text) for text in texts]


any_character = st.characters(min_codepoint=0, max_codepoint=sys.maxunicode, categories=None, exclude_categories=())


@given(st.lists(st.text(any_character, max_size=30) | words, max_size=4))
def test_texts_of_any_characters(texts: list[str]) -> None:
    """Surrogates too."""
    assert answers(form_numbering(), texts) == [forms(text) for text in texts]


def test_every_character_alone_and_beside_others(make: Make) -> None:
    every = [chr(code) for code in range(0x3000)] + [chr(code) for code in range(0x3000, sys.maxunicode + 1, 61)]
    texts = [
        "".join(f"{before}{character}{after} " for character in every) for before, after in ("  ", "a1", "яж", "C'")
    ]
    # A line each: what has a capital letter may stand in a headline.
    texts += ["\n".join(f"ГОД{character}" for character in every[:0x600])]
    assert answers(make(), texts) == [forms(text) for text in texts]


def test_names_with_marks_among_all_neighbours(make: Make) -> None:
    parts = ["c", "С", "f", "к", "é", "1", "_", "'", "\u0301", "\u00ad", " ", "漢", "𝒜", "."]
    texts = [
        f"{before}{middle}{mark}{after}" for before in ["", *parts] for middle in ("c", "С", "F", "d", ".", "")
        for mark in ("++", "#", ".net", "+", "+++", "##", ".NETs", "..net") for after in ["", "+", "#", *parts]
    ]  # fmt: skip
    assert answers(make(), texts) == [forms(text) for text in texts]


def test_texts_of_megabytes(make: Make) -> None:
    every = " ".join(TEXTS)
    many = every * (2_500_000 // len(every))
    texts = ["кот", many, "x" * 2_500_000, *TEXTS, "ЗАГОЛОВОК ЗАГЛАВНЫМИ " * 40, many[:400_000], *TEXTS]
    assert answers(make(), texts) == [forms(text) for text in texts]


@pytest.mark.parametrize("length", [254, 255, 256, 510, 511, 512, 513, 1024, 9000])
def test_long_words(make: Make, length: int) -> None:
    texts = [letter * length + end for letter in ("x", "ж", "É", "𝒜", "e\u0301") for end in ("", "Ж", "'s", "1 y", "𝒜")]
    one = make()
    assert answers(one, [*texts, " ".join(texts)]) == [forms(text) for text in [*texts, " ".join(texts)]]
    assert answers(one, texts[::-1]) == [forms(text) for text in texts[::-1]]


def test_new_words_by_the_thousand(make: Make) -> None:
    draw = random.Random(1)
    text = " ".join("".join(draw.choices("абвгдеxyz", k=draw.randrange(1, 20))) for _ in range(30_000))
    one = make()
    assert answers(one, [text, text]) == [forms(text)] * 2


@with_core
def test_the_core_refuses_what_is_no_text_and_goes_no_further_after_an_error() -> None:
    one = CoreNumbering()
    with pytest.raises(TypeError, match="expected a str, got bytes"):
        one.number(["кот", b"cat"])  # type: ignore[list-item]
    with pytest.raises(RuntimeError):
        one.number(["кот"])


@with_core
def test_the_core_passes_on_errors_of_what_it_asks() -> None:
    from naidi._core import Numbering

    kinds, small = character_tables()
    for answer in (lambda run: 1 / 0, lambda run: None, lambda run: ["a", 1]):
        one = Numbering(kinds, small, bytes(16), answer, str)  # type: ignore[arg-type, return-value]
        with pytest.raises((ZeroDivisionError, TypeError)):
            one.number(["кот É"])
        with pytest.raises(RuntimeError):
            one.number(["кот"])
    for wrong in ((kinds[1:], small, bytes(16)), (kinds, small[1:], bytes(16)), (kinds, small, bytes(15))):
        with pytest.raises(ValueError, match="tables"):
            Numbering(*wrong, list, str)


@with_core
def test_numberings_of_several_threads_do_not_meet() -> None:
    """The core reads texts without the GIL; and one numbering is one thread's."""
    texts = [f"{text} {number}" for number in range(400) for text in TEXTS]
    expected, wrong = [forms(text) for text in texts], []
    shared = CoreNumbering()

    def work() -> None:
        one = CoreNumbering()
        for _ in range(3):
            if answers(one, texts) != expected:
                wrong.append(1)
        with suppress(RuntimeError):
            shared.number(texts)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert answers(shared, texts) == expected


# The vocabulary


def check(vocabulary: Vocabulary, numbers: list[int]) -> None:
    known = vocabulary.keys_and_stems(np.array(numbers, np.uint32))
    own_keys, stems = known.keys.strings(), known.stems.strings()
    assert own_keys == sorted(set(own_keys)) and stems == sorted(set(stems))
    ends = [0, *known.form_key_ends.tolist()]
    for place, number in enumerate(numbers):
        form = vocabulary.forms[number]
        rows = known.form_keys[ends[place] : ends[place + 1]].tolist()
        assert tuple(own_keys[row] for row in rows) == keys(form)
        assert stems[known.form_stems[place]] == stem(form)
    assert len(known.form_stems) == len(numbers)
    assert set(own_keys) == {key for number in numbers for key in keys(vocabulary.forms[number])}


def test_a_vocabulary_knows_keys_and_stems_of_its_forms() -> None:
    vocabulary = Vocabulary()
    assert vocabulary.numbers(["кошками", "стали", "WHO", "2021"]).tolist() == [0, 1, 2, 3]
    assert vocabulary.numbers(["стали", "met", "кошками"]).tolist() == [1, 4, 0]
    assert len(vocabulary) == 5
    check(vocabulary, [3, 0, 1])
    assert vocabulary.numbers(["gotten", "met"]).tolist() == [5, 4]
    check(vocabulary, [0, 1, 2, 3, 4, 5])
    check(vocabulary, [])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_vocabulary_asks_workers(jobs: int) -> None:
    """About some eight thousand new forms at a time."""
    pool = WorkerPool(jobs)
    others: OrderedWorkers[str, int] = OrderedWorkers(len, pool)
    vocabulary = Vocabulary(OrderedWorkers(describe, pool))
    some = ["мыла", "стали", "берёт", "узнаёт", "кошек", "dogs", "better", "leaves", "covid", "ВОЗ", "12", "вакцин"]
    lengths = []
    for start in range(0, len(some), 4):
        vocabulary.numbers(
            some[start : start + 4] + [f"{number}" for number in range(start * 2_000, start * 2_000 + 7_000)]
        )
        lengths += others.put(some[start])
    assert len(vocabulary) > 20_000
    check(vocabulary, vocabulary.numbers([*some, "1", "9000", "17000"]).tolist())
    assert lengths + others.drain() == [4, 5, 5]
    others.close()


def test_forms_of_workers_are_sent_once() -> None:
    vocabulary = Vocabulary()

    def of(tokens: list[int], place: str, serial: int, first: int, forms: list[str]) -> list[str]:
        found = vocabulary.of_tokens(np.array(tokens, np.uint32), MetForms(place, serial, first, forms))
        return [vocabulary.forms[number] for number in found.tolist()]

    assert of([1, 0, 1], "a", 7, 0, ["кот", "пёс"]) == ["пёс", "кот", "пёс"]
    assert of([0, 1], "b", 8, 0, ["пёс", "мышь"]) == ["пёс", "мышь"]
    assert of([2, 0], "a", 7, 2, ["мышь"]) == ["мышь", "кот"]
    vocabulary = vocabulary.successor(OrderedWorkers(describe, 1))
    assert len(vocabulary) == 0
    assert of([3, 1], "a", 7, 3, ["ёж"]) == ["пёс", "ёж"][::-1]
    assert of([1], "b", 8, 2, []) == ["мышь"]
    assert of([0], "a", 9, 0, ["кит"]) == ["кит"]  # it began anew
    check(vocabulary, list(range(len(vocabulary))))
    with pytest.raises(ValueError, match="order"):
        of([5], "b", 8, 5, ["лев"])
