"""Golden results over the owner's documents, through the library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from commands import SEEDS
from naidi import Document, Hit, Searcher, Writer, open_index, sync

ENGLISH, RUSSIAN = {"000", "001"}, {"004"}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    index = tmp_path_factory.mktemp("seeds") / "index"
    report = sync(SEEDS, index)
    assert (report.added, report.updated, report.removed, report.unchanged, report.skipped) == (3, 0, 0, 0, [])
    with open_index(index) as searcher:
        yield searcher


def number(hit: Hit) -> str:
    return hit.id.removeprefix("seeds/")[:3]


def marked(hit: Hit) -> set[str]:
    """The words marked in the snippets, in small letters."""
    return {snippet.text[start:end].lower() for snippet in hit.snippets for start, end in snippet.marks}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ("вакцины", set()),
        ("vaccine", ENGLISH),
        ("vaccines", ENGLISH),
        ("met", ENGLISH),
        ('"первичная помощь"', set()),
        ('"первичная помощь"~1', set()),
        ('"первичная помощь"~2', RUSSIAN),
        ('"первичная медико-санитарная помощь"', RUSSIAN),
        ("медико-санитарная", RUSSIAN),
        ("санитарно-медицинская", set()),
        ("первичная помощь", RUSSIAN),
        ("специалист", RUSSIAN),
        ("ВОЗ", RUSSIAN),
        ("воз", RUSSIAN),
        ("=Казахстана", RUSSIAN),
        ("=Казахстану", set()),
        ("Казахстану", RUSSIAN),
        ("Токаевым", set()),
        ("Ашикбаева", RUSSIAN),
        ("Ашикбаеву", RUSSIAN),
        ("Kazakhstan", ENGLISH | RUSSIAN),  # «KAZAKHSTAN TODAY» in the Russian one
        ("date:2021", ENGLISH),
        ("date:2021-05", {"000"}),
        ("date:2021-05-29", {"000"}),
        ("date:2025-12", RUSSIAN),
        ("date:[2021-06 TO 2025]", {"001", "004"}),
        ("lang:ru", RUSSIAN),
        ("title:министр", RUSSIAN),
        ("title:вакцина", set()),
        ("QazCoVac-P", {"001"}),
        ("75,4", RUSSIAN),
        ("75.4", RUSSIAN),
        ("vaccine -Omicron", {"000"}),
        ("+vaccine +Omicron", {"001"}),
        ("vaccine AND NOT Omicron", {"000"}),
        ("специалисты OR Omicron", {"001", "004"}),
        ("вакц*", set()),
        ("vacc*", ENGLISH),
        ("здрав?охранение", set()),
        ("здравоохранени?", RUSSIAN),
        ("*охранени*", RUSSIAN),
        ("Omikron~", {"001"}),
        ("Omikron", set()),
        ("*", ENGLISH | RUSSIAN),
        ("NOT vaccine", RUSSIAN),
        ("Омикрон coronavirus", ENGLISH),
        ("президент", set()),
    ],
)
def test_documents_found(searcher: Searcher, query: str, documents: set[str]) -> None:
    results = searcher.search(query, exact=True)
    assert {number(hit) for hit in results.hits} == documents
    assert results.total == len(documents)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("vaccine", {"vaccine", "vaccines"}),
        ("первичная помощь", {"первичной", "помощи"}),
        ("специалист", {"специалистов"}),
        ("met", {"met", "meeting"}),
        ("воз", {"воз"}),
        ('"primary health care"', {"primary", "health", "care"}),
    ],
)
def test_words_marked_in_the_form_that_stands_in_the_text(searcher: Searcher, query: str, words: set[str]) -> None:
    hits = searcher.search(query, translate=False).hits
    titles = [{hit.title[start:end] for start, end in hit.title_marks} for hit in hits]
    assert set().union(*map(marked, hits), *titles) == words


def test_explain_says_through_which_key_met_finds_meeting(searcher: Searcher) -> None:
    hits = searcher.search("met", explain=True).hits
    assert len(hits) == 2
    meetings = 0
    for hit in hits:
        assert hit.explanation is not None
        forms = {
            match.form: match.keys for part in hit.explanation.matches if part.tier == "lemma" for match in part.forms
        }
        assert forms["meeting" if "meeting" in forms else "met"] == ("meet",)
        meetings += "meeting" in forms
        assert sum(part.score for part in hit.explanation.matches) == pytest.approx(hit.score, abs=1e-9)
    assert meetings


def test_what_a_hit_carries(searcher: Searcher) -> None:
    (hit,) = searcher.search("специалист").hits
    assert (hit.rank, hit.id, hit.date, hit.language) == (1, "seeds/004_3b0bb7c49ec0438b.txt", date(2025, 12, 12), "ru")
    assert hit.path == str(SEEDS / "004_3b0bb7c49ec0438b.txt")
    assert hit.title.startswith("Первый заместитель министра иностранных дел")
    assert hit.score > 0 and 1 <= len(hit.snippets) <= 3
    assert all(len(snippet.text) <= 200 for snippet in hit.snippets)
    assert "date 2025" not in searcher.search("lang:ru").hits[0].snippets[0].text


def test_filters_by_argument(searcher: Searcher) -> None:
    assert searcher.search("президента", language="en", exact=True).total == 0
    assert [number(hit) for hit in searcher.search("*", since=date(2021, 12, 1), sort="date").hits] == ["001", "004"]
    assert [number(hit) for hit in searcher.search("*", until=date(2021, 12, 1), sort="-date").hits] == ["001", "000"]


def test_the_abbreviation_and_the_cart(tmp_path: Path) -> None:
    """ВОЗ finds only the abbreviation where there is one, воз finds both."""
    sync(SEEDS, tmp_path)
    with Writer(tmp_path) as writer:
        writer.add(Document(id="cart", text="Лошадь тянула воз сена."))
    with open_index(tmp_path) as searcher:
        assert [number(hit) for hit in searcher.search("ВОЗ", exact=True).hits] == ["004"]
        assert {number(hit)[:4] for hit in searcher.search("воз", translate=False).hits} == {"004", "car"}
        assert {number(hit)[:4] for hit in searcher.search("возом", translate=False).hits} == {"004", "car"}
