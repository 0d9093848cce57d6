"""The fast path of indexing: numbers of forms, keys and stems of many forms at once. Each answers as its slow counterpart does."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.analysis.bulk.code_page import CODE_PAGE, decoded, encoded
from naidi.indexer.analysis.bulk.tokens import FormNumbering
from naidi.indexer.analysis.bulk.word_table import UNSEEN, WordTable, as_pairs
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


def answers(numbering: FormNumbering, texts: list[str]) -> list[list[str]]:
    numbers, counts = numbering.number(texts)
    assert counts.sum() == len(numbers)
    parts = np.split(numbers, np.cumsum(counts)[:-1]) if texts else []
    return [[numbering.forms[number] for number in part.tolist()] for part in parts]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_has_the_forms_of_the_tokenizer(text: str) -> None:
    assert answers(FormNumbering(), [text]) == [forms(text)]


def test_texts_share_numbers_and_later_texts_reuse_them() -> None:
    one = FormNumbering()
    assert answers(one, TEXTS) == [forms(text) for text in TEXTS]
    known = list(one.forms)
    assert len(set(known)) == len(known)
    assert answers(one, TEXTS[::-1]) == [forms(text) for text in TEXTS[::-1]]
    assert one.forms == known
    assert len(one) >= len(known) - 5
    assert answers(one, []) == []


@given(st.lists(words, max_size=6))
def test_any_texts(texts: list[str]) -> None:
    assert answers(FormNumbering(), texts) == [forms(text) for text in texts]


def test_long_texts_are_cut_between_words() -> None:
    """Those of more than two million characters into pieces; of others some go together."""
    every = " ".join(TEXTS)
    many = every * (2_500_000 // len(every))
    texts = ["кот", many, "x" * 2_500_000, *TEXTS, "ЗАГОЛОВОК ЗАГЛАВНЫМИ " * 40, many[:400_000], *TEXTS]
    assert answers(FormNumbering(), texts) == [forms(text) for text in texts]


def test_new_words_by_the_thousand() -> None:
    draw = random.Random(1)
    text = " ".join("".join(draw.choices("абвгдеxyz", k=draw.randrange(1, 20))) for _ in range(60_000))
    one = FormNumbering()
    assert answers(one, [text, text]) == [forms(text)] * 2


def test_the_code_page_has_each_character_once() -> None:
    assert len(CODE_PAGE) == 256 == len(set(CODE_PAGE))
    assert decoded(encoded(CODE_PAGE, "strict")) == CODE_PAGE


@given(st.lists(st.binary(min_size=1, max_size=16), unique=True, max_size=300), st.randoms())
def test_the_word_table_is_a_map(some: list[bytes], draw: random.Random) -> None:
    some = list({word.replace(b"\0", b" ") for word in some})
    data = b"".join(some) + b"\0" * 16
    lengths = np.fromiter(map(len, some), np.int64, len(some))
    low, high = as_pairs(data, np.cumsum(lengths) - lengths, lengths)
    table, half = WordTable(), len(some) // 2
    table.add(low[:half], high[:half], range(half))
    assert table.find(low, high).tolist() == [n if n < half else UNSEEN for n in range(len(some))]
    table.add(low[half:], high[half:], range(half, len(some)))
    assert table.find(low, high).tolist() == list(range(len(some))) and len(table) == len(some)


def test_a_word_table_grows() -> None:
    low, high = np.arange(1, 100_001, dtype=np.uint64) << np.uint64(40), np.zeros(100_000, np.uint64)
    table = WordTable()
    for start in range(0, 100_000, 9_000):
        table.add(low[start : start + 9_000], high[start : start + 9_000], range(start, min(start + 9_000, 100_000)))
    assert table.find(low, high).tolist() == list(range(100_000))
    assert (table.find(low + np.uint64(1), high) == UNSEEN).all()


# The vocabulary


def check(vocabulary: Vocabulary, numbers: list[int]) -> None:
    known = vocabulary.keys_and_stems(np.array(numbers, np.uint32))
    assert known.keys == sorted(set(known.keys)) and known.stems == sorted(set(known.stems))
    ends = [0, *known.form_key_ends.tolist()]
    for place, number in enumerate(numbers):
        form = vocabulary.forms[number]
        rows = known.form_keys[ends[place] : ends[place + 1]].tolist()
        assert tuple(known.keys[row] for row in rows) == keys(form)
        assert known.stems[known.form_stems[place]] == stem(form)
    assert len(known.form_stems) == len(numbers)
    assert set(known.keys) == {key for number in numbers for key in keys(vocabulary.forms[number])}


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
