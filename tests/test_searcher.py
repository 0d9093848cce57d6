"""The facade: one searcher for many threads, one state until it is told to move on, pages that fit together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from commands import SEEDS
from naidi import Document, Results, Searcher, SearchOptions, Writer, open_index, sync
from naidi.search.question import MODES, Question
from naidi.search.search_options import Mode

QUERIES = [
    "vaccine",
    "первичная помощь",
    '"health care"',
    "vacc*",
    "Казахстану",
    "president met WHO",
    "*",
    "nosuchword",
]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("searcher") / "index"
    sync(SEEDS, index)
    return index


def answer(results: Results) -> list[object]:
    return [results.total, [(hit.id, hit.score, hit.snippets, hit.title_marks) for hit in results.hits]]


def test_many_threads_share_a_searcher(seeds: Path) -> None:
    with open_index(seeds) as alone:
        expected = [answer(alone.search(query)) for query in QUERIES]
    with open_index(seeds) as shared, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda query: answer(shared.search(query)), QUERIES * 25))
    assert found == expected * 25


def test_a_searcher_stays_with_its_state_until_refreshed(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="a", text="один"))
    with open_index(index) as searcher:
        with Writer(index) as writer:
            writer.delete("a")
            writer.add(Document(id="b", text="одного"))
        with Writer(index) as writer:  # the first state's directory is gone by now
            writer.add(Document(id="c", text="одному"))
        assert [hit.id for hit in searcher.search("один").hits] == ["a"]
        assert searcher.refresh() and not searcher.refresh()
        assert {hit.id for hit in searcher.search("один").hits} == {"b", "c"}
    with pytest.raises(ValueError, match="closed"):
        searcher.search("один")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """250 documents in several segments, many of them with equal scores."""
    index = tmp_path_factory.mktemp("many") / "index"
    for start in range(0, 250, 50):
        with Writer(index) as writer:
            writer.add_many(
                Document(
                    id=f"{number:03}",
                    text=f"красный дом {'стоит ' * (number % 3)}на улице",
                    date=date(2020, 1 + number % 12, 1) if number % 5 else None,
                )
                for number in range(start, start + 50)
            )
    return open_index(index)


@pytest.mark.parametrize("query", ["дом", "красный дом", "дом стоит улица", '"красный дом"'])
@pytest.mark.parametrize("sort", ["score", "date", "-date"])
def test_pages_fit_together(many: Searcher, query: str, sort: str) -> None:
    whole = [hit.id for hit in many.search(query, limit=250, sort=sort, snippets=0).hits]
    assert len(whole) == len(set(whole)) == 250
    pages = [
        hit.id
        for offset in range(0, 250, 30)
        for hit in many.search(query, limit=30, offset=offset, sort=sort, snippets=0).hits
    ]
    assert pages == whole


def test_sorting_by_date_puts_the_undated_last(many: Searcher) -> None:
    for sort, backwards in (("date", False), ("-date", True)):
        days = [hit.date for hit in many.search("дом", limit=250, sort=sort, snippets=0).hits]
        dated = [day for day in days if day is not None]
        assert days[: len(dated)] == sorted(dated, reverse=backwards)


def test_equal_scores_are_ordered_by_id(many: Searcher) -> None:
    hits = many.search("дом", limit=250, snippets=0).hits
    assert [(-hit.score, hit.id) for hit in hits] == sorted((-hit.score, hit.id) for hit in hits)


def test_words_that_stand_side_by_side_come_first(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="apart", text="Дом стоит, и забор красный, и крыша."))
        writer.add(Document(id="together", text="Стоит красный дом, и забор, и крыша."))
    with open_index(index) as searcher:
        results = searcher.search("красный дом", explain=True)
    assert [hit.id for hit in results.hits] == ["together", "apart"]
    for hit in results.hits:
        assert hit.explanation is not None
        tiers = {part.tier for part in hit.explanation.matches}
        assert ("nearness" in tiers) == (hit.id == "together")
        assert sum(part.score for part in hit.explanation.matches) == pytest.approx(hit.score, abs=1e-9)


def test_a_compound_finds_as_a_phrase_and_is_scored_by_its_parts(index: Path) -> None:
    texts = {
        "phrase": "a real gas here",
        "part": "shock in some gas here",
        "other": "shock in some air here",
        "gas": "the gas here",
    }
    with Writer(index) as writer:
        writer.add_many(Document(id=name, text=text) for name, text in texts.items())
    with open_index(index) as searcher:
        assert [hit.id for hit in searcher.search("real-gas").hits] == ["phrase"]
        results = searcher.search("shock real-gas", explain=True)
    found = [hit.id for hit in results.hits]
    assert set(found) == {"phrase", "part", "other"} and found.index("part") < found.index("other")
    for hit in results.hits:
        assert hit.explanation is not None
        assert sum(part.score for part in hit.explanation.matches) == pytest.approx(hit.score, abs=1e-9)


def test_an_abbreviation_that_only_a_deleted_document_has_is_forgotten(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="who", text="Офис ВОЗ в Алматы."))
        writer.add_many(Document(id=str(number), text="Лошадь тянула воз сена.") for number in range(5))
    with Writer(index) as writer:
        writer.delete("who")
    with open_index(index) as searcher:
        assert searcher.search("ВОЗ").total == 5


def test_a_language_filter_takes_its_regions_in(index: Path) -> None:
    with Writer(index) as writer:
        writer.add(Document(id="british", text="colour", language="en-GB"))
        writer.add(Document(id="plain", text="colour", language="en"))
        writer.add(Document(id="russian", text="colour", language="ru"))
    with open_index(index) as searcher:
        assert {hit.id for hit in searcher.search("colour", language="en").hits} == {"british", "plain"}
        assert {hit.id for hit in searcher.search("colour lang:en").hits} == {"british", "plain"}


@pytest.mark.parametrize("deleted", [(), (0,), (3, 4, 99), tuple(range(0, 100, 2)), tuple(range(99)), (50, 77, 98)])
def test_deleted_documents_are_left_out_of_long_and_short_lists(tmp_path: Path, deleted: tuple[int, ...]) -> None:
    with Writer(tmp_path) as writer:
        for number in range(100):
            words = ["common", *["half"] * (number % 2), *["rare"] * (number in (3, 50, 99))]
            writer.add(Document(id=f"{number:03}", text=" ".join(words)))
    with Writer(tmp_path) as writer:
        for number in deleted:
            assert writer.delete(f"{number:03}")
    left = sorted(set(range(100)) - set(deleted))
    with open_index(tmp_path) as searcher:
        for word, has in (
            ("common", left),
            ("half", [n for n in left if n % 2]),
            ("rare", [n for n in left if n in (3, 50, 99)]),
        ):
            found = searcher.search_ids(f"={word}", limit=100)
            assert sorted(int(name) for name, _ in found) == has
            assert searcher.search(word, limit=0, exact=True).total == len(has)


def test_equal_documents_of_several_segments_are_in_the_order_of_their_ids(tmp_path: Path) -> None:
    names = [f"{number * 37 % 101:03}" for number in range(40)]
    for start in range(0, 40, 10):
        with Writer(tmp_path) as writer:
            for name in names[start : start + 10]:
                writer.add(Document(id=name, text="alpha beta" if int(name) % 3 else "alpha beta beta"))
    with open_index(tmp_path) as searcher:
        assert len(searcher.generation.segments) > 1
        every = searcher.search_ids("alpha beta", limit=40)
        assert every == sorted(every, key=lambda one: (-one[1], one[0]))
        for limit in range(40):
            assert searcher.search_ids("alpha beta", limit=limit) == every[:limit]


def test_a_question_takes_the_options_that_are_told_of() -> None:
    """They stand in a module of their own: to load it takes as long as a search."""
    options = Question.__match_args__  # type: ignore[attr-defined]
    assert {*SearchOptions.__annotations__, "query", "limit", "like"} == set(options)
    assert get_args(Mode) == MODES
    with pytest.raises(TypeError, match="a search has no option like, nothing"):
        Question.of("ship", 1, nothing=1, like=True)  # type: ignore[call-arg]


def test_no_limit_gives_all_ids(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        writer.add_many(Document(id=f"{number:03}", text="ship") for number in range(57))
    with open_index(tmp_path / "index") as searcher:
        assert len(searcher.search_ids("ship", limit=None)) == 57
        assert searcher.search_ids("ship", None, offset=50) == searcher.search_ids("ship", 100)[50:]
