"""Russian of before 1918, letters of neighbouring languages, and words with a year: what finds what?"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import called, naidi
from indexes import build, documents
from naidi import open_index
from naidi.indexer.analysis.lemmatize.keys import all_keys, keys
from naidi.indexer.analysis.lemmatize.old_spelling import is_old, modern, plain
from naidi.indexer.analysis.lemmatize.stem import all_stems, stem
from naidi.indexer.analysis.normalize import clean
from naidi.indexer.analysis.tokenizer import forms

# The word of before 1918, and as it is written today.
SAME = """
дѣло дело
хлѣбъ хлеб
Ѳедоръ Федор
мѵро миро
Еѵангеліе Евангелие
міръ мир
мiръ мир
Петръ Петр
исторія история
Россіи России
историческій исторический
синій синий
пришёлъ пришёл
добраго доброго
синяго синего
лучшаго лучшего
хорошаго хорошего
добрыя добрые
синія синие
разсказъ рассказ
безсмертный бессмертный
изслѣдованіе исследование
онѣ они
однѣхъ одних
ея её
въ в
съѣздъ съезд
"""

# What stands in texts of today, and what it must not be taken for.
APART = """
він вин
мій мой
міра мира
көл кол
қазақ казак
история історія
благо благой
объект обект
"""


def pairs(table: str) -> list[tuple[str, str]]:
    return [(first, second) for first, second in map(str.split, table.strip().splitlines())]


@pytest.mark.parametrize(("old", "today"), pairs(SAME))
def test_an_old_spelling_has_the_first_key_of_the_word(old: str, today: str) -> None:
    (old_form,), (form,) = forms(old), forms(today)
    assert keys(form)[0] in keys(old_form)


@pytest.mark.parametrize(("one", "other"), pairs(APART))
def test_what_is_no_old_spelling_stays_apart(one: str, other: str) -> None:
    assert not set(keys(one)) & set(keys(other))


def test_old_letters_have_the_stem_of_today() -> None:
    assert stem("хлѣбами") == stem("хлебами")
    assert stem("домъ") == stem("дом")
    assert stem("ъ") == "ъ"
    assert all_stems(["домъ", "хлѣбъ", "ъ", "объём", "дом"]) == [
        stem(each) for each in ("домъ", "хлѣбъ", "ъ", "объём", "дом")
    ]


def test_a_word_that_the_dictionary_lacks() -> None:
    assert modern("удѣльнинскъ", lambda _: False) == "удельнинск"  # the letters are sure
    assert modern("мрія", lambda _: False) is None  # і is not
    assert modern("ъ", lambda _: True) is None


letters = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёіѣѳѵїєґўқғ", min_size=1, max_size=12)


@given(letters)
def test_both_ways_of_analysis_agree(word: str) -> None:
    assert all_keys([word]) == [keys(word)]
    assert all_stems([word]) == [stem(word)]
    assert keys(word) and stem(word)


@given(letters.filter(lambda word: not is_old(word)))
def test_only_a_known_word_is_behind_a_spelling_that_is_not_surely_old(word: str) -> None:
    assert modern(word, lambda _: False) is None


@given(st.sampled_from("дом хлеб мир рассказ исследование сосед семья человек".split()), st.randoms())  # noqa: SIM905
def test_any_word_is_found_in_old_letters(word: str, chance: random.Random) -> None:
    old = "".join(
        "ѣ"
        if letter == "е" and chance.random() < 0.5
        else "і"
        if letter == "и" and after in "аеоуяюй" and after
        else letter
        for letter, after in zip(word, [*word[1:], ""], strict=True)
    )
    old += "ъ" * (old[-1] not in "аеёиоуыэюяьйѣ")
    assert keys(word)[0] in keys(old)
    assert not is_old(old) or plain(old) == word


TEXTS = (
    "Чёрный хлѣбъ и соль, дѣло о добрыхъ людяхъ",
    "Белый хлеб из печи",
    "Газета «Київ» вышла",
    "Қазақстан Республикасы",
    "Все говорят: #выборы2024 близко",
    "Windows95 was new",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("хлеб", "01"),
        ("хлѣба", "01"),
        ("добрые дела", "0"),
        ("Киiв", "2"),
        ("Казакстан", "3"),
        ("қазақстан", "3"),
        ("выборы", "4"),
        ("#выборы", "4"),
        ("#выборы2024", "4"),
        ("windows95", "5"),
        ("windows", ""),
    ],
)
def test_search(tmp_path: Path, query: str, found: str) -> None:
    build(tmp_path, documents(*TEXTS))
    with open_index(tmp_path) as searcher:
        assert "".join(sorted(hit.id for hit in searcher.search(query).hits)) == found


def test_the_command_marks_the_word_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("Повѣсть. Добраго хлѣба не было въ домѣ. Всё.", encoding="utf-8")
    assert naidi("index", tmp_path, index=tmp_path / "index").returncode == 0
    run = called("search", "--json", "добрый хлеб", index=tmp_path / "index")
    assert run.returncode == 0 and "хлѣба" in run.stdout
    with open_index(tmp_path / "index") as searcher:
        (hit,) = searcher.search("добрый хлеб").hits
        marked = [snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks]
    assert marked == ["Добраго", "хлѣба"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Киiв", "Киів"),
        ("мiръ", "міръ"),
        ("АI", "AI"),  # the first letter is Cyrillic
        ("СI", "CI"),
        ("чатgpti", "чатgpti"),
    ],
)
def test_latin_i_among_cyrillic_letters(typed: str, meant: str) -> None:
    assert clean(typed) == meant
