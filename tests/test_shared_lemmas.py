"""Of a form that may be of several lemmas, do forms that may be of all of them come before those of one alone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from naidi import Document, RankingParameters, Searcher, Writer
from naidi.indexer import core

# выборы is of выборы and of выбор; so is выборам. выбор is of выбор alone.
TEXTS = {
    "a": ("Выбор народа", "выбор пал на соседа"),
    "b": ("Выборы народа", "выборы шли по соседству"),
    "c": ("", "выбор был сделан вчера"),
    "d": ("", "итоги выборам подвели вчера"),
}


@pytest.fixture(params=["C", "Python"])
def directory(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    if request.param == "Python":
        monkeypatch.setattr(core, "is_used", False)
    elif not core.is_used:
        pytest.skip("there is no core")
    with Writer(tmp_path) as writer:
        for name, (title, text) in TEXTS.items():
            writer.add(Document(id=name, title=title, text=text, language="ru"))
    yield tmp_path


def found(directory: Path, query: str, parameters: RankingParameters | None = None) -> list[tuple[str, float]]:
    searcher = Searcher(directory, parameters=parameters)
    hits = [(hit.id, hit.score) for hit in searcher.search(query, limit=9).hits]
    assert [hit[0] for hit in searcher.search_ids(query, 9)] == [name for name, _ in hits]
    searcher.close()
    return hits


@pytest.mark.parametrize("query", ["выборы", "Выборы народа", "выборы AND народа", "выборы -кошка"])
def test_the_form_as_typed_breaks_ties(directory: Path, query: str) -> None:
    names = [name for name, _ in found(directory, query)]
    assert names[:2] == ["b", "a"]
    assert names[2:] in (["d", "c"], [])


def test_without_the_share_they_are_equal(directory: Path) -> None:
    (first, one), (second, other), *_ = found(directory, "выборы", RankingParameters(shared_lemmas=0.0))
    assert (first, second) == ("a", "b") and one == other


def test_what_is_of_one_lemma_alone_loses_the_share_of_its_lemma(directory: Path) -> None:
    before = dict(found(directory, "выборы", RankingParameters(shared_lemmas=0.0)))
    after = dict(found(directory, "выборы"))
    assert after["b"] == pytest.approx(before["b"]) and after["d"] == pytest.approx(before["d"])
    # Every text has the lemma and the stem, and both weigh the same.
    assert after["a"] == pytest.approx(before["a"] * (1 - 0.02 / 2))


def test_a_form_that_no_document_has_takes_nothing(directory: Path) -> None:
    with Writer(directory) as writer:
        writer.delete("b")
        writer.delete("d")
    halved = RankingParameters(shared_lemmas=0.5)
    assert found(directory, "выборы", halved) == found(directory, "выборы", replace(halved, shared_lemmas=0.0))


def test_segments_make_no_difference(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    apart = tmp_path_factory.mktemp("apart")
    for name, (title, text) in TEXTS.items():
        with Writer(apart) as writer:
            writer.add(Document(id=name, title=title, text=text, language="ru"))
    assert found(apart, "выборы") == [(name, pytest.approx(score)) for name, score in found(directory, "выборы")]


def test_it_is_explained(directory: Path) -> None:
    hits = Searcher(directory).search("выборы", explain=True).hits
    tiers = {hit.id: [match.tier for match in hit.explanation.matches] for hit in hits if hit.explanation}
    assert "lemmas" in tiers["b"] and "lemmas" in tiers["d"]
    assert "lemmas" not in tiers["a"] and "lemmas" not in tiers["c"]
    for hit in hits:
        assert hit.explanation is not None
        assert sum(match.score for match in hit.explanation.matches) == pytest.approx(hit.score)
        of_all = [form.form for match in hit.explanation.matches if match.tier == "lemmas" for form in match.forms]
        assert set(of_all) <= {"выборы", "выборам"}
