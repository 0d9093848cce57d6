"""Function words: no guess is made at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from naidi import Document, Searcher, Writer
from naidi.indexer import core
from naidi.search.bridges.derivation import relatives
from naidi.search.bridges.function_words import FUNCTION_WORDS, is_function_word
from naidi.search.bridges.keyboard import mend_layout


def made(directory: Path, *texts: str) -> Searcher:
    with Writer(directory) as writer:
        writer.add_many(Document(str(number), text) for number, text in enumerate(texts))
    return Searcher(directory)


def test_they_are_words_in_small_letters_or_with_a_capital() -> None:
    assert all(is_function_word(word) for word in ("which", "Which", "ещё", "еще", "Ещё", "I", "о"))
    assert not any(is_function_word(word) for word in ("WHO", "IT", "US", "ОНИ", "руддщ", "vaccine", "вакцина", ""))
    assert all(word.replace("-", "").replace("'", "").isalpha() for word in FUNCTION_WORDS)


@pytest.mark.parametrize(
    ("typed", "text"), [("do", "до"), ("with", "вить"), ("which", "вич"), ("most", "мост"), ("для", "dlya")]
)
def test_they_are_no_names_of_the_other_alphabet(tmp_path: Path, typed: str, text: str) -> None:
    with made(tmp_path, f"{text} слово") as searcher:
        for query in (typed, typed.capitalize(), f"{typed} слово"):
            found = searcher.search(query)
            assert found.corrections == () and found.total == ("слово" in query)


def test_a_word_that_is_none_is_a_name(tmp_path: Path) -> None:
    with made(tmp_path, "мост слово") as searcher:
        assert [one.replacement for one in searcher.search("slovo").corrections] == ["слово"], (
            "or the case above says nothing"
        )


def test_they_are_no_slips(tmp_path: Path) -> None:
    with made(tmp_path, *["Ford makes cars"] * 200, "whack") as searcher:
        assert searcher.search("for").corrections == searcher.search("which cars").corrections == ()


def test_they_bring_no_derived_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the core and in Python alike. An index of the other language has them in few documents."""
    made(tmp_path, "около", "окольный", "мир", "мирный").close()
    found = []
    for is_used in (core.is_used, False):
        monkeypatch.setattr(core, "is_used", is_used)
        with Searcher(tmp_path) as searcher:
            assert relatives(searcher._opened().collection, ("около",)), "or the test says nothing"
            found.append([[hit for hit, _ in searcher.search_ids(word)] for word in ("около", "Около", "мир")])
    assert found[0] == found[1] == [["0"], ["0"], ["2", "3"]]


@pytest.fixture
def knows() -> Callable[[str], bool]:
    return {"рук", "своих", "дом", "vaccine"}.__contains__


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("her", "her"),
        ("her vaccine", "her vaccine"),
        ("her ghtpbltyn", "her ghtpbltyn"),
        ("cdjb[ her", "своих рук"),
        ("cdjb[ her vaccine", "своих her vaccine"),
        ("ljv", "дом"),  # no vowel: nobody can speak it
        ("ljv cdjb[", "дом своих"),
    ],
)
def test_they_are_turned_only_with_the_whole_query(knows: Callable[[str], bool], typed: str, meant: str) -> None:
    assert mend_layout(typed, knows)[0] == meant
