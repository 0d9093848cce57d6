"""What is kept of words that are asked for again: it changes no answer, and stays within its memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from naidi import Document, Writer, open_index
from naidi.indexer.state.generations import open_generation
from naidi.search import collection as collections
from naidi.search.collection import REMEMBERED_BYTES, Collection
from naidi.search.ranking import postings, word_lists

WORDS = ["the", "of", "вакцина", "вакцины", "вакцинация", "search", "searches", "engine", "and", "мир", "миры", "rare"]
WEIGHTS = [60, 40, 9, 9, 3, 20, 5, 8, 50, 4, 4, 1]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments, two of them with deleted documents."""
    directory: Path = tmp_path_factory.mktemp("index")
    chance = random.Random(3)
    for part in range(3):
        with Writer(directory, flush_tokens=1_000_000) as writer:
            for number in range(60):
                words = chance.choices(WORDS, WEIGHTS, k=chance.randint(1, 40))
                title = " ".join(words[:2]) if chance.random() < 0.3 else ""
                writer.add(Document(id=f"{part}-{number:03}", title=title, text=" ".join(words), language="en"))
            for number in range(0, 60, 9 if part else 1000):
                writer.delete(f"{part - 1}-{number:03}")
    return directory


def queries(count: int) -> list[str]:
    chance = random.Random(11)
    found = []
    for number in range(count):
        words = chance.choices(WORDS, k=chance.randint(1, 4))
        shape = number % 5
        if shape == 0:
            found.append('"' + " ".join(words) + '"')
        elif shape == 1:
            found.append(" AND ".join(words))
        elif shape == 2:
            found.append(f"{words[0]}^2 {' '.join(words[1:])}")
        elif shape == 3:
            found.append(f"{words[0][:2]}* title:{words[-1]}")
        else:
            found.append(" ".join(words))
    return found


@pytest.fixture(scope="module")
def first_answers(directory: Path) -> dict[str, list[tuple[str, float]]]:
    """What each query finds when nothing was asked before."""
    return {query: open_index(directory).search_ids(query, 20) for query in queries(40)}


@pytest.mark.parametrize("most_places", [0, 150, 10**6])
@pytest.mark.parametrize("most_scored", [0, 30, 10**6])
@pytest.mark.parametrize("many", [1, 10**6])
def test_answers_stay_the_same(
    directory: Path,
    first_answers: dict[str, list[tuple[str, float]]],
    monkeypatch: pytest.MonkeyPatch,
    most_places: int,
    most_scored: int,
    many: int,
) -> None:
    assert sum(map(bool, first_answers.values())) > 25
    monkeypatch.setattr(postings, "_MOST_PLACES", most_places)
    monkeypatch.setattr(postings, "_MANY", many)
    monkeypatch.setattr(word_lists, "_MOST_SCORED", most_scored)
    monkeypatch.setattr(word_lists, "FEWEST_POSTINGS", 0 if many == 1 else 4_096)
    searcher = open_index(directory)
    for _ in range(3):
        for query, first in first_answers.items():
            expected = [(doc_id, pytest.approx(score, rel=1e-9)) for doc_id, score in first]
            assert searcher.search_ids(query, 20) == expected, query
            assert searcher.search_ids(query, 3) == expected[:3], query


def test_a_word_of_one_query_is_known_to_the_next(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places and scores are made when a word is asked for the second time, and once."""
    made: list[str] = []
    real_places, real_scored = postings.PostingReader._all_places, word_lists.WordLists._scored
    monkeypatch.setattr(
        postings.PostingReader,
        "_all_places",
        lambda self, view, term, stem: (made.append(f"places {term.text}"), real_places(self, view, term, stem))[1],
    )
    monkeypatch.setattr(
        word_lists.WordLists,
        "_scored",
        lambda self, view, lists: (made.append("scores"), real_scored(self, view, lists))[1],
    )
    searcher = open_index(directory)
    searcher.search_ids("engine search")
    assert not made
    searcher.search_ids("search engine")
    segments = len(searcher.generation.segments)
    assert sorted(made) == sorted(["places engine", "places search", "scores", "scores"] * segments)
    searcher.search_ids("engine search engine")
    assert len(made) == 4 * segments


@pytest.fixture
def collection(directory: Path) -> Collection:
    return Collection(open_generation(directory))


def test_values_are_worth_making_from_the_second_time_on(collection: Collection) -> None:
    assert [collection.worth_making("word", lambda: 100) for _ in range(3)] == [False, True, True]


def test_large_values_are_made_where_there_is_room(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "_PATIENCE", 5)
    large = REMEMBERED_BYTES // 10
    worth = []
    for number in range(9):
        collection.worth_making(number, lambda: large)
        worth.append(collection.worth_making(number, lambda: large))
        if worth[-1]:
            collection.remember(number, lambda: "value", lambda _: large)
    assert worth == [True] * 5 + [False] * 4
    assert collection.worth_making("small", lambda: 100) is False and collection.worth_making("small", lambda: 100)
    # Wanted in vain too often: all large ones are forgotten.
    assert [collection.worth_making(8, lambda: large) for _ in range(3)] == [False, False, True]


def test_what_is_remembered_stays_within_its_memory(collection: Collection) -> None:
    chance = random.Random(5)
    sizes: dict[int, int] = {}
    for number in range(5_000):
        size = sizes[number] = chance.choice([500, 20_000, 40_000, 400_000, REMEMBERED_BYTES])
        assert collection.remember(number, lambda number=number: number, lambda _, size=size: size) == number  # type: ignore[misc]
        kept = [name for part in (collection._remembered, collection._large) for name in part]
        if number % 50 == 0:
            assert sum(sizes[name] for name in kept if isinstance(name, int)) <= REMEMBERED_BYTES
