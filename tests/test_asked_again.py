"""What is kept of words that are asked for again: it changes no answer, and stays within its memory."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from naidi import Document, Writer, open_index
from naidi.search.ranking import postings, word_lists

pytestmark = pytest.mark.usefixtures("without_core")  # which keeps none of it

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
