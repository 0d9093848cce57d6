"""The same word as one or as several, and in letters that only look alike: what finds what?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import called, naidi
from indexes import build, documents
from naidi import open_index
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.joined_words import joined, words_of
from naidi.search.bridges.shapes import LONGEST, SHORTEST, look_alikes
from naidi.search.bridges.word_bridges import bridges_of
from naidi.search.collection import Collection
from naidi.search.query.analysed import NearPhrase
from naidi.search.query.rewrite import term_of_keys
from naidi.search.searcher import Searcher

TEXTS = (
    "Скидки #ЧёрнаяПятница",
    "Чёрная пятница уже скоро",
    "Пятница была чёрная",
    "Вебсервисы рядом",
    "Пишет @ivan_petrov сегодня",
    "Язык C# и F#",
    "Документ Hanpapnenue отдела",
    "Идите HanpaBneHue на юг",
    "Слово Hanpaвлeниe с буквами двух алфавитов",
    "The plain word panorama",
    "Цена 754 рубля",
    "String builder of texts",
)
FINDS = """
#ЧёрнаяПятница -> 0 1
чернаяпятница -> 0
чёрная пятница -> 1 2
веб-сервис -> 3
веб-сервисами -> 3
ivan_petrov -> 4
@ivan_petrov -> 4
#C# -> 5
направление -> 6 7 8
направления -> 6 7 8
направо ->
75,4 ->
StringBuilder -> 11
=StringBuilder ->
"""


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    directory = tmp_path_factory.mktemp("index")
    build(directory, documents(*TEXTS))
    return open_index(directory)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    directory = tmp_path_factory.mktemp("index")
    build(directory, documents("hanpabnehue mockba nopamo 3anam 6aoama oooooo aaaaaa"))
    return Collection(open_generation(directory))


@pytest.mark.parametrize("row", FINDS.strip().splitlines())
def test_finds(searcher: Searcher, row: str) -> None:
    query, _, expected = row.partition(" ->")
    found = {hit.id for hit in searcher.search(query, limit=50).hits}
    assert found == set(expected.split())
    assert {doc for doc, _ in searcher.search_ids(query, limit=50)} == found


def test_letters_that_look_alike_are_read_only_if_the_index_lacks_the_word(tmp_path: Path) -> None:
    build(tmp_path, documents(*TEXTS, "Верное направление"))
    with open_index(tmp_path) as searcher:
        assert {hit.id for hit in searcher.search("направление").hits} == {str(len(TEXTS))}


def test_a_common_word_of_english_is_never_a_look_alike(tmp_path: Path) -> None:
    build(tmp_path, documents("The potato and a nopamo"))
    collection = Collection(open_generation(tmp_path))
    assert look_alikes(collection, "ротато") == []
    assert look_alikes(collection, "попамо") == ["nopamo"]


@pytest.mark.parametrize(
    ("text", "weight"), [("вебсервис", 0.85), ("вебсервис веб", 0.85), ("вебсервис веб сервисы", 0.4)]
)
def test_a_compound_without_its_hyphen_counts_for_less_beside_its_parts(
    tmp_path: Path, text: str, weight: float
) -> None:
    build(tmp_path, documents(text))
    parts = (term_of_keys("веб", ("веб",)), term_of_keys("сервис", ("сервис",)))
    helped = bridges_of(Collection(open_generation(tmp_path))).of_word(NearPhrase(parts, 0, None, 1.0))
    assert [(other.kind, other.weight) for other in helped.alternatives] == [("spelling", weight)]


def test_words_of_a_name() -> None:
    assert words_of("JavaScript") == ["Java", "Script"]
    for word in ("iPhone", "МИДом", "Чёрная", "USA", "Java2Script", "AaBbCcDd", "", "ABcd"):
        assert words_of(word) == []


@given(st.lists(st.text("абвxyz", min_size=3, max_size=6), min_size=2, max_size=6))
def test_words_with_capitals_come_apart_as_they_were(parts: list[str]) -> None:
    capitals = [part.capitalize() for part in parts]
    assert words_of("".join(capitals)) == capitals


@given(st.lists(st.text("абвёxyz1-", min_size=1, max_size=6), min_size=2, max_size=4))
def test_joined_is_the_text_without_marks(parts: list[str]) -> None:
    found = joined([(part, [part]) for part in parts])
    whole = "".join(parts).replace("ё", "е")
    assert whole.isalpha() == bool(found)
    assert not found or found[-1] == whole


@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", max_size=LONGEST + 2))
def test_look_alikes_are_keys_of_the_index(collection: Collection, word: str) -> None:
    for key in look_alikes(collection, word):
        assert collection.knows_key(key) and SHORTEST <= len(word) <= LONGEST


def test_the_command_says_what_it_searched_for(tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_text("Документ Hanpapnenue отдела", encoding="utf-8")
    assert naidi("index", tmp_path, index=tmp_path / "index").returncode == 0
    run = called("search", "направление", index=tmp_path / "index")
    assert run.returncode == 0
    assert "Hanpapnenue" in run.stdout
    assert "hanpapnenue" in run.stderr
