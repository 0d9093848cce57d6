"""Plain queries with `where` and `only`: the same documents, scores, totals and corrections as by the tree of the query."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from naidi import Document, InvalidQuery, Results, Searcher, Writer, field, fields
from naidi.indexer import core
from naidi.indexer.record import replace
from naidi.search import searcher as searcher_module
from naidi.search.ranking import id_match

NUMBER = 300
WORDS = [
    "vaccination",
    "documents",
    "лекарство",
    "slips",
    "казахстан",
    "казахстанский",
    "treasury",
    "bonds",
    "government",
    "the",
]
# "vaccinaton" is in one document alone, that of the rarest brand, and may be misspelt.
QUERIES = [
    "vaccination", "documents the", "vaccination AND documents", '"the documents"', '"documents vaccination"~4', "vac*", "каз*",
    "vaccinaton", "vaccinaton documents", "казахстан", "казахстанский bonds", "nowhere", "ghfdf*", "WHO", "",
]  # fmt: skip
WHERE = [
    {"brand": "one"}, {"brand": "two"}, {"brand": ["one", "two"]}, {"brand": "nobody"}, field("price") < 20, ~field("stock"),
    (field("brand") == "three") & (field("price") >= 10) & ~field("stock"), {"brand": "last"},
]  # fmt: skip
needs_core = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """Two segments, with deleted documents."""
    directory, chance = tmp_path_factory.mktemp("filters") / "index", random.Random(3)
    schema = {"brand": fields.Keyword(), "price": fields.Number(), "stock": fields.Boolean()}
    with Writer(directory, schema=schema) as writer:
        for part in range(2):
            for number in range(NUMBER // 2):
                given: dict[str, Any] = {"brand": chance.choice(["one", "two", "two", "three"]), "price": number % 40}
                text = " ".join(chance.choices(WORDS, k=8))
                writer.add(Document(f"{part}-{number}", text, fields={**given, "stock": number % 3 > 0}))
            writer.add(Document(f"{part}-last", "vaccinaton slip", fields={"brand": "last"}))
            writer.commit()
        for number in range(0, NUMBER // 2, 17):
            writer.delete(f"0-{number}")
        writer.commit()
    with Searcher(directory) as found:
        yield found


def by_tree(searcher: Searcher, query: str, **options: Any) -> tuple[Results, list[tuple[str, float]]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searcher_module, "_only_narrow", lambda _: False)
        return searcher.search(query, snippets=0, **options), searcher.search_ids(query, **options)


@pytest.mark.parametrize("where", WHERE, ids=repr)
def test_results_are_those_of_the_tree(searcher: Searcher, where: Any) -> None:
    some = frozenset(f"{part}-{number}" for part in range(2) for number in range(0, NUMBER // 2, 4))
    for query in QUERIES:
        for options in ({"where": where}, {"where": where, "only": some}, {"only": some}):
            for limit in (0, 3, 1_000):
                results, ids = by_tree(searcher, query, limit=limit, **options)
                found = searcher.search(query, limit, snippets=0, **options)
                scores = [[hit.score for hit in each] for each in (found, results)]
                assert scores[0] == pytest.approx(scores[1])
                bare = [
                    replace(each, took_ms=0.0, hits=tuple(replace(hit, score=0.0) for hit in each))
                    for each in (found, results)
                ]
                assert bare[0] == bare[1], (query, limit)
                quick = searcher.search_ids(query, limit, **options)
                assert [doc_id for doc_id, _ in quick] == [doc_id for doc_id, _ in ids], (query, limit)
                assert [score for _, score in quick] == pytest.approx([score for _, score in ids])


@needs_core
def test_a_filter_keeps_the_quick_way(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searcher_module, "answer_to", lambda *_, **__: pytest.fail("by the tree"))
    for query in ("vaccination", "documents the", '"the documents"', "vac*"):
        assert searcher.search_ids(query, where={"brand": "two"})
        assert searcher.search(query, snippets=0, where={"brand": "two"}).total
    assert searcher.search_ids("vaccination", where={"brand": "nobody"}) == []
    assert searcher.search("vaccination", snippets=0, where={"brand": "nobody"}).total == 0


@pytest.mark.parametrize(
    "kind", [list, set, tuple, frozenset, np.array, lambda ids: np.array(ids, object), dict.fromkeys]
)
def test_ids_that_have_changed_are_read_anew(searcher: Searcher, kind: Any) -> None:
    names = [f"1-{number}" for number in range(NUMBER // 2)]
    given = kind(names)
    for _ in range(2):
        assert {doc_id for doc_id, _ in searcher.search_ids("*", 1_000, only=given)} == set(names)
    if isinstance(given, set):
        given.remove("1-7")
    elif isinstance(given, dict):
        del given["1-7"]
    elif isinstance(given, (list, np.ndarray)):
        given[7] = "1-8"
    else:
        return
    assert {doc_id for doc_id, _ in searcher.search_ids("*", 1_000, only=given)} == {*names} - {"1-7"}


def test_ids_that_can_be_read_but_once_are_read_once(searcher: Searcher) -> None:
    for query in ("vaccination", "vaccinaton documents", "*"):
        expected = searcher.search_ids(query, only=["1-1", "1-2", "0-last"])
        assert searcher.search_ids(query, only=iter(["1-1", "1-2", "0-last"])) == expected


def test_few_ids_given_are_remembered() -> None:
    for size in (1, 150):
        for turn in range(30):
            ids = [f"{turn}-{number}" for number in range(size)]
            assert id_match.ids_of(ids) == id_match.ids_of(ids) == frozenset(ids)
    assert len(id_match._GIVEN) <= id_match._MOST_GIVEN


@pytest.mark.parametrize("only", ["1-1", b"1-1", 5, [["1-1"]], [1], np.array([1, 2])])
def test_what_is_no_list_of_ids_is_refused(searcher: Searcher, only: Any) -> None:
    for query in ("vaccination", "*"):
        with pytest.raises(InvalidQuery, match="only"):
            searcher.search_ids(query, only=only)


def test_an_equal_condition_of_another_type_is_still_refused(searcher: Searcher) -> None:
    assert searcher.search_ids("vaccination", where=field("stock") == True)  # noqa: E712
    with pytest.raises(InvalidQuery):
        searcher.search_ids("vaccination", where=field("stock") == 1)


def test_an_unknown_field_is_a_warning_as_before(searcher: Searcher) -> None:
    results = searcher.search("vaccination", snippets=0, where={"brnad": "one"})
    assert not results.total and any("brnad" in warning for warning in results.warnings)


def test_a_refreshed_searcher_sees_other_values(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    with Writer(directory, schema={"brand": fields.Keyword()}) as writer:
        for number in range(9):
            writer.add(Document(str(number), "vaccination", fields={"brand": "one"}))
    with Searcher(directory) as searcher, Writer(directory) as writer:
        assert not searcher.search_ids("vaccination", where={"brand": "two"})
        writer.update("3", fields={"brand": "two"})
        writer.commit()
        assert searcher.refresh()
        assert [doc_id for doc_id, _ in searcher.search_ids("vaccination", where={"brand": "two"})] == ["3"]
