"""Plain queries shown without snippets: the same results, corrections and hits as by the tree of the query."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from naidi import Document, InvalidQuery, Results, Searcher, Writer
from naidi.indexer import core
from naidi.indexer.record import replace
from naidi.search.budget import MAX_HITS, MAX_UNKNOWN
from naidi.search.known_words import KnownWords

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

NUMBER = 400
# Each in one document: some are slips for words that many have.
RARE = ["vaccinaton", "vacination", "documemts", "documentss", "лекарства"] + [
    f"slip{letter}" for letter in "abcdefghijkl"
]
TEXTS = [
    "the vaccination documents",
    "vaccination documents лекарство",
    "slips documents vaccination",
    "World Health Organization WHO",
]
# Words in so few documents that they get derived words.
DERIVED = ["казахстан", "казахстанский", "казахстанец", "vaccinate"]
QUERIES = [
    "vaccination", "Vaccination", "vaccinaton", "казахстан", "казахстанский", "Казахстанский", "vaccination AND documents",
    "the vaccinaton documemts", "казахстан казахстан", "vaccinaton Vaccinaton", '"vaccination documents"',
    '"documents vaccination"~5',
    "vac*", "докум*", "WHO", "World Health Organization", "vaccinaton AND the", "nowhere", "", "the OR vaccination",
    "казахстан vaccinate vaccinaton documemts", *RARE, " ".join(RARE), " ".join(RARE[:8] + RARE[:8]),
]  # fmt: skip


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("plain") / "index"
    with Writer(directory) as writer:
        for part in range(2):
            for number in range(NUMBER // 2):
                named = {"path": f"/x/{number}", "date": datetime.date(2020, 1, 1 + number % 28), "meta": {"n": number}}
                writer.add(
                    Document(f"{part}-{number}", TEXTS[number % 4], "the title", **(named if number % 3 else {}))
                )
            for number in range(8):
                writer.add(Document(f"{part}-derived-{number}", f"the {DERIVED[number % 4]}"))
            for number, word in enumerate(RARE[part::2]):
                writer.add(Document(f"{part}-rare-{number}", f"{word} the slip"))
            writer.commit()
        writer.delete("0-1")
        writer.commit()
    (directory / "synonyms.txt").write_text("nonsense\nslips = mistakes\n", encoding="utf-8")
    with Searcher(directory) as found:
        yield found


def by_tree(searcher: Searcher, query: str, limit: int = 10, **options: Any) -> Results:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Searcher, "_plainly_answered", lambda *_: None)
        return untimed(searcher.search(query, limit, snippets=0, **options))


def untimed(results: Results) -> Results:
    return replace(results, took_ms=0.0)


@pytest.mark.parametrize("query", QUERIES)
def test_results_are_those_of_the_tree(searcher: Searcher, query: str) -> None:
    for _ in range(2):  # what is told of a word is kept
        for limit in (0, 1, 10, 1_000):
            found, expected = untimed(searcher.search(query, limit, snippets=0)), by_tree(searcher, query, limit)
            scores = [[hit.score for hit in each] for each in (found, expected)]
            assert scores[0] == pytest.approx(scores[1], rel=1e-9)
            hits = tuple(replace(hit, score=score) for hit, score in zip(found, scores[1], strict=True))
            assert repr(replace(found, hits=hits)) == repr(expected)


def test_there_is_something_to_tell(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above would compare little, or the tree with itself."""
    plain: list[bool] = []
    page = Searcher._plainly_answered

    def noted(*given: Any) -> Results | None:
        found = page(*given)
        plain.append(found is not None)
        return found

    monkeypatch.setattr(Searcher, "_plainly_answered", noted)
    told = [searcher.search(query, limit, snippets=0) for limit in (10, 1) for query in QUERIES]
    # Where words are offered, the query with them is asked, too: that is left to the tree.
    offer = [any(one.action == "offered" for one in found.corrections) for found in told]
    assert sum(plain) > (len(told) - sum(offer)) * 3 / 4 and sum(offer) > 5
    assert not any(by_core and offers for by_core, offers in zip(plain, offer, strict=True))
    corrections = [one for found, by_core in zip(told, plain, strict=True) if by_core for one in found.corrections]
    assert {(one.kind, one.action, one.told) for one in corrections} >= {
        ("derivation", "as well", True), ("derivation", "as well", False),
    }  # fmt: skip
    assert all(found.warnings for found in told if found.query), "one about synonyms.txt"
    assert len(RARE) > MAX_UNKNOWN  # so not all of them are sought


@pytest.mark.parametrize(
    "options",
    [
        {"snippets": True}, {"limit": MAX_HITS + 1}, {"facets": ("type",)}, {"explain": True}, {"mode": "all"}, {"offset": 1},
        {"language": "en"}, {"exact": True}, {"sort": "date"}, {"since": datetime.date(2020, 1, 2)},
        {"expand": True}, {"expand": "auto"}, {"timeout": 9.0},
    ],
)  # fmt: skip
def test_other_questions_are_left_to_the_tree(searcher: Searcher, options: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KnownWords, "page", None)
        if options == {"snippets": True}:
            with pytest.raises(InvalidQuery, match="snippets must be"):
                searcher.search("vaccination", **options)
        else:
            assert searcher.search("vaccination", **{"snippets": 0, **options})


@pytest.mark.parametrize("wrong", [{"query": 1}, {"limit": -1}, {"limit": True}, {"limit": "1"}])
def test_arguments_that_make_no_sense(searcher: Searcher, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuery, match="must be"):
        searcher.search(**{"query": "vaccination", "snippets": 0, **wrong})


def test_threads_share_what_is_told(searcher: Searcher) -> None:
    expected = [by_tree(searcher, query) for query in QUERIES]
    with Searcher(searcher.generation.directory.parent) as fresh, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: fresh.search(query, snippets=0), QUERIES * 5))
    assert [each.corrections for each in found] == [each.corrections for each in expected] * 5
    assert [[hit.id for hit in each] for each in found] == [[hit.id for hit in each] for each in expected] * 5


def test_a_new_state_tells_its_own(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document("1", "vaccinaton the"))
        writer.commit()
        with Searcher(tmp_path) as searcher:
            assert not searcher.search("vaccinaton", snippets=0).corrections
            for number in range(NUMBER):
                writer.add(Document(f"more-{number}", "vaccination the"))
            writer.commit()
            assert searcher.refresh()
            assert [each.replacement for each in searcher.search("vaccinaton", snippets=0).corrections] == [
                "vaccination"
            ]
