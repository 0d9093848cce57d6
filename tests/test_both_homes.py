"""One contract, two homes: what an index in a folder answers, an index in a cluster answers, too.

Each question is asked of both, and the results are compared whole. What a cluster cannot do is tested to say so.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import (
    Document,
    DocumentMissing,
    IndexDamaged,
    InvalidQuery,
    Searcher,
    Writer,
    field,
    fields,
    open_index,
    upgrade,
)
from tests.opensearch_nodes import ask
from tests.two_homes import SCHEMA, Home, comparable, differing, documents

pytestmark = pytest.mark.cluster

WORDS = [
    "вакцина", "вакцинами", "лекарство", "vaccine", "vaccinated", "hospitals", "doctor", "здоровья", "aerodynamics",
    "Казахстан", "казахстанский", "government", "engines", "Almaty", "secret", "remarks", "мгновение", "zzzzqqqq",
]  # fmt: skip
QUERIES = [
    *WORDS,
    "health care", "первичная помощь детей", "vaccines and hospitals in Almaty", "министерство здравоохранения казахстана",
    "treasury bonds interest", "вакцина vaccine", "lekarstvo",
    "+vaccine hospital", "vaccine -hospital", "vaccine AND doctor", "(vaccine OR вакцина) AND (doctor OR врач)",
    "vaccine^3 doctor", "+врачи +больница -дети", "NOT vaccine",
    '"health care"', '"primary health care"', '"первичная помощь"', '"vaccine doctor"~3', '"врач больница"~5',
    '"health care" -vaccine', "real-gas", "real-gas engines", 'title:"health care"',
    "вакц*", "hosp*", "*cine", "go*ment*", "vaccin?", "vaccne~", "госудрство~2", "=vaccines", "=Казахстана",
    "title:vaccine", "title:вакцина doctor", "body:vaccine", "notes:engines", "notes:remarks vaccine",
    "lang:ru vaccine", "lang:en вакцина", "date:2018", "date:2018..2019 vaccine", "date:>2020 врач", "date:2019-05",
    "price:<500 vaccine", "price:500..900", "tags:new", "tags:(old red) vaccine", "brand:Bosch", "-brand:Bosch vaccine",
    "sold:true vaccine", "made:2020-03", "ext:md vaccine", "folder:/papers/a vaccine", "path:*/b/* doctor", "size:>150 vaccine",
    "*", "", "...", "price:", "nofield:x vaccine",
]  # fmt: skip
HELPED = [
    "dfrwbyf", "ghbdbdrf", "руфдер", "vacine", "vaccnie hospitl", "goverment", "лекрство", "здаровье", "termodinamika",
    "Tokaev", "Токаев", "Nazarbaev", "назарбаев", "ВОЗ", "World Health Organization", "WHO", "кофе", "coffee", "чай",
    "аэродинамика", "primry helth cre", "больниц детская", "автомобилестроение", "Чёрная пятница", "blackfriday",
    "electrificaton railways", "minstry of helth", "вакцинирование", "vaccinate", "докторский", "healthcare", "ёж", "еж",
]  # fmt: skip
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("vaccine doctor", {"mode": "all"}),
    ("vaccine doctor", {"limit": 3}),
    ("vaccine doctor", {"limit": 5, "offset": 7}),
    ("vaccine doctor", {"limit": 0}),
    ("vaccine doctor", {"limit": 200}),
    ("vaccine doctor hospital", {"limit": 30, "offset": 95}),
    ("vaccine", {"language": "ru"}),
    ("vaccine", {"since": datetime.date(2018, 1, 1), "until": datetime.date(2021, 6, 1)}),
    ("vaccine", {"where": field("price") < 300}),
    ("vaccine", {"where": {"tags": ["new", "old"]}}),
    ("vaccine", {"where": (field("price") > 100) & ~(field("brand") == "Bosch")}),
    ("vaccine", {"where": "price:<300 -tags:old"}),
    ("vaccine", {"where": field("price").exists()}),
    ("vaccine doctor", {"only": [f"doc-{number:03}" for number in range(0, 180, 3)]}),
    ("vaccine doctor", {"only": lambda doc_id: doc_id.endswith("1")}),
    ("vacine", {"only": lambda doc_id: doc_id > "doc-1"}),
    ("vacine", {"where": field("price") > 500}),
    ("vaccine", {"sort": "date"}),
    ("vaccine", {"sort": "-date"}),
    ("vaccine", {"sort": "title"}),
    ("vaccine", {"sort": ["brand", "-price"]}),
    ("vaccine", {"sort": ["-sold", "score"]}),
    ("vaccine", {"sort": "-price", "limit": 4, "offset": 3}),
    ("vaccine", {"collapse": "brand"}),
    ("vaccine", {"recent": True}),
    ("vaccine doctor", {"expand": True}),
    ("vaccin hospitl", {"exact": True}),
    ("coffee", {"translate": False}),
    ("vaccine", {"facets": ["language", "year", "type", "folder"]}),
    ("vaccine", {"facets": ["brand", "tags", "sold"]}),
    ("vaccine", {"facets": [field("price").ranges((None, 200), (200, 800), (800, None)), field("made").by("month")]}),
    ("vaccine", {"facets": [field("price").by(250)]}),
    ("vaccine doctor", {"snippets": 0}),
    ("vaccine doctor", {"explain": True}),
    ('вакцины "health care" Токаев', {"explain": True}),
    ("vacine", {"explain": True, "recent": True}),
    ("real-gas coffee", {"explain": True, "snippets": 0}),
    ("vaccine doctor", {"snippets": 1, "snippet_chars": 60}),
    ("vaccine doctor", {"duplicates": True, "limit": 60}),
]
# Scores are sums of single-precision parts in a cluster.
TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    home = Home(str(tmp_path_factory.mktemp("local") / "index"))
    home.fill(documents(), schema=SCHEMA)
    with home.searcher() as searcher:
        yield searcher


@pytest.fixture(scope="module")
def remote(opensearch: list[str], module_cluster_name: str) -> Iterator[Searcher]:
    home = Home(f"{opensearch[0]}/{module_cluster_name}")
    home.fill(documents(), schema=SCHEMA, shards=2, replicas=0)
    with home.searcher() as searcher:
        yield searcher


def answered(searcher: Searcher, query: str, options: dict[str, Any]) -> Any:
    limit = options.get("limit", 10)
    return searcher.search(query, limit, **{name: value for name, value in options.items() if name != "limit"})


def check(local: Searcher, remote: Searcher, query: str, options: dict[str, Any]) -> None:
    one, other = answered(local, query, options), answered(remote, query, options)
    expected, got = comparable(one), comparable(other)
    scores = [(hit.score, twin.score) for hit, twin in zip(one.hits, other.hits, strict=False)]
    assert all(abs(a - b) <= TOLERANCE * max(abs(a), 1.0) for a, b in scores), scores
    if [hit.id for hit in one.hits] != [hit.id for hit in other.hits]:
        # Documents with nearly equal scores may change places, and so may be on the page or not.
        assert sorted(round(hit.score, 3) for hit in one.hits) == sorted(round(hit.score, 3) for hit in other.hits)
        for name in ("hits", "corrections"):
            expected.pop(name), got.pop(name)
    assert not differing(expected, got), "\n".join(differing(expected, got))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_the_same(local: Searcher, remote: Searcher, query: str) -> None:
    check(local, remote, query, {})


@pytest.mark.parametrize("query", HELPED)
def test_help_is_the_same(local: Searcher, remote: Searcher, query: str) -> None:
    check(local, remote, query, {})


@pytest.mark.parametrize(
    ("query", "options"), OPTIONS, ids=[f"{number} {query}" for number, (query, _) in enumerate(OPTIONS)]
)
def test_options_do_the_same(local: Searcher, remote: Searcher, query: str, options: dict[str, Any]) -> None:
    check(local, remote, query, options)


@pytest.mark.parametrize("query", QUERIES)
def test_ids_are_those_of_the_search(remote: Searcher, query: str) -> None:
    found = remote.search(query, 15, snippets=0)
    assert [one for one, _ in remote.search_ids(query, 15)] == [hit.id for hit in found]


def test_a_cursor_goes_through_all(local: Searcher, remote: Searcher) -> None:
    for options in ({}, {"sort": "-date"}, {"sort": ["brand", "price"]}):
        pages = []
        for searcher in (local, remote):
            ids, after = [], None
            while True:
                page = searcher.search("vaccine doctor", 7, snippets=0, after=after, **options)  # type: ignore[arg-type]
                ids += [hit.id for hit in page]
                after = page.cursor
                if after is None:
                    break
            assert len(ids) == len(set(ids)) == page.total
            pages.append(ids)
        assert set(pages[0]) == set(pages[1])
        if options:
            assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "text", ["vac", "вакц", "hea", "здра", "dfrw", "vaccne", "primary he", "Каз", "WH", "ВО", "x", ""]
)
def test_completions_are_the_same(local: Searcher, remote: Searcher, text: str) -> None:
    one, other = local.suggest(text), remote.suggest(text)
    assert {each.text.casefold() for each in other} == {each.text.casefold() for each in one}
    assert {(each.text, each.doc_freq, each.kind) for each in other} == {
        (each.text, each.doc_freq, each.kind) for each in one
    }


@pytest.mark.parametrize("doc_id", ["doc-010", "doc-181", "doc-005", "/papers/b/c/181.txt"])
def test_similar_documents_are_the_same(local: Searcher, remote: Searcher, doc_id: str) -> None:
    one, other = local.similar(doc_id, 8), remote.similar(doc_id, 8)
    assert other.total == one.total
    assert [round(hit.score, 3) for hit in other] == [round(hit.score, 3) for hit in one]


@pytest.mark.parametrize("query", ["vaccines", '"health care"', "вакц*", "hospitl", "врач -дети", "Токаев"])
def test_a_text_is_marked_alike(local: Searcher, remote: Searcher, query: str) -> None:
    text = "Vaccines save lives; health care in hospitals. Вакцины и врачи: Tokayev и Токаева."
    assert remote.highlight(text, query) == local.highlight(text, query)
    assert remote.snippets(text, query, 1, chars=40) == local.snippets(text, query, 1, chars=40)


def test_documents_are_read_back(local: Searcher, remote: Searcher) -> None:
    assert list(remote.ids()) == list(local.ids())
    assert len(remote) == len(local)
    for doc_id in ("doc-000", "doc-007", "doc-012", "doc-066", "empty"):
        assert remote.get(doc_id) == local.get(doc_id)
        assert remote.get(doc_id).fields == local.get(doc_id).fields
        assert dict(remote.get(doc_id).meta) == dict(local.get(doc_id).meta)
    assert "doc-000" in remote and "nowhere" not in remote
    assert remote.schema == local.schema
    with pytest.raises(DocumentMissing):
        remote.get("nowhere")
    with pytest.raises(DocumentMissing):
        remote.similar("nowhere")


@pytest.mark.parametrize(
    "options",
    [
        {"sort": "nofield"},
        {"collapse": "tags"},
        {"facets": ["nofield"]},
        {"limit": -1},
        {"after": "x"},
        {"where": {"nofield": 1}, "strict": True},
    ],
)
def test_a_wrong_question_is_refused_alike(local: Searcher, remote: Searcher, options: dict[str, Any]) -> None:
    told = []
    for searcher in (local, remote):
        with pytest.raises(InvalidQuery) as refused:
            answered(searcher, "vaccine", options)
        told.append(str(refused.value))
    assert told[0] == told[1]


def test_documents_come_change_and_go(opensearch: list[str], cluster_name: str, tmp_path: Path) -> None:
    for home in (Home(str(tmp_path / "index")), Home(f"{opensearch[0]}/{cluster_name}")):
        home.fill(
            [Document(id="a", text="vaccine one"), Document(id="b", text="vaccine two"), Document(id="c", text="врач")]
        )
        with home.searcher() as searcher:
            assert {one for one, _ in searcher.search_ids("vaccine")} == {"a", "b"}
            with home.writer() as writer:
                writer.add(Document(id="a", text="nothing of it but врачи"))
                assert writer.delete("b") and not writer.delete("nowhere")
                writer.add(Document(id="d", text="неведомое словечко"))
            assert searcher.refresh()
            assert not searcher.refresh()
            assert searcher.search_ids("vaccine") == []
            assert {one for one, _ in searcher.search_ids("врача")} == {"a", "c"}
            assert [one for one, _ in searcher.search_ids("словечки")] == ["d"]
            assert len(searcher) == 3
            with home.writer() as writer:
                writer.clear()
                writer.add(Document(id="e", text="врач"))
            searcher.refresh()
            assert list(searcher.ids()) == ["e"]
            assert searcher.search("врачи").total == 1


@pytest.mark.parametrize("timeout", [1e-6, 0.002, 0.01])
def test_a_question_ends_with_its_time(remote: Searcher, timeout: float) -> None:
    for number in range(3):
        query = f"vaccine doctor медицинская {timeout} {number}"  # counts of some words are not known yet
        started = time.perf_counter()
        results = remote.search(query, timeout=timeout)
        remote.search_ids(query, timeout=timeout)
        remote.suggest("вакц", timeout=timeout)
        remote.similar("doc-010", timeout=timeout)
        assert time.perf_counter() - started < 4 * timeout + 1.0
        assert results.partial or results.total
        assert not results.partial or "timeout" in results.warnings[-1]
    assert not remote.search("vaccine doctor").partial


def test_ids_may_come_from_an_iterator(local: Searcher, remote: Searcher) -> None:
    wanted = [f"doc-{number:03}" for number in range(0, 180, 7)]
    for searcher in (local, remote):
        assert searcher.search("vaccine", only=iter(wanted)).total == searcher.search("vaccine", only=wanted).total > 0
        assert searcher.search_ids("vacine", only=map(str, wanted)) == searcher.search_ids("vacine", only=wanted)


def test_documents_without_words_get_them_back(opensearch: list[str], cluster_name: str) -> None:
    home = Home(f"{opensearch[0]}/{cluster_name}")
    home.fill([Document(id="a", text="vaccine"), Document(id="b", text="вакцины")], replicas=0)
    for index in ask(opensearch[0], f"/_cat/indices/{cluster_name}-words*?format=json&h=index"):
        ask(opensearch[0], f"/{index['index']}", method="DELETE")
    for use in (home.searcher, home.writer):
        with pytest.raises(IndexDamaged, match="--upgrade"):
            use()
    assert upgrade(home.place).documents == 2
    with home.searcher() as searcher:
        assert searcher.search("вакцина").total == 2


def test_words_of_hidden_documents_are_not_told(opensearch: list[str], cluster_name: str, tmp_path: Path) -> None:
    documents_of_two = [
        *(Document(id=f"a{n}", text=f"locomotive manufacturing {n}", fields={"owner": "a"}) for n in range(4)),
        *(Document(id=f"b{n}", text=f"vaccine hospital doctor {n}", fields={"owner": "b"}) for n in range(6)),
    ]
    for place in (tmp_path / "index", f"{opensearch[0]}/{cluster_name}"):
        with Writer(place, schema={"owner": fields.Keyword()}) as writer:
            writer.add_many(documents_of_two)
        with open_index(place) as searcher:
            told = searcher.search("manufacturng hospital", where={"owner": "b"}).corrections
            assert "manufacturing" not in {correction.replacement for correction in told}
            everywhere = searcher.search("manufacturng hospital").corrections
            assert "manufacturing" in {correction.replacement for correction in everywhere}
