"""What a cluster is asked, and how its answers are read. No cluster is needed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from naidi import field, fields
from naidi.indexer.conditions import OneOf, StartsWith
from naidi.indexer.document import Document
from naidi.indexer.errors import NotSupported
from naidi.indexer.state.generations import open_generation
from naidi.search.answer import answer_to
from naidi.search.collection import Collection
from naidi.search.opensearch.candidates import Wanted, ask
from naidi.search.opensearch.cluster_state import ClusterState
from naidi.search.opensearch.counts import Counts
from naidi.search.opensearch.document_table import DocumentTable
from naidi.search.opensearch.evaluation import ClusterEvaluation
from naidi.search.opensearch.filters import filter_body
from naidi.search.opensearch.page import _blocks, cluster_page
from naidi.search.opensearch.row_queries import Regions, finds, pieces, starts
from naidi.search.opensearch.word_rows import BODY, TITLE, Row, own_tokens, pair_row, rows_of
from naidi.search.query.analysed import (
    AmongIds,
    DateRange,
    ExtensionIs,
    FieldFilter,
    FilterCombination,
    LanguageIs,
    PathMatches,
    SizeRange,
)
from naidi.search.question import Question
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.page_cut import PageCut
from naidi.search.segments_state import SegmentsState
from tests.indexes import build

PARAMETERS = RankingParameters()
SCHEMA = {"brand": fields.Keyword(), "price": fields.Number(), "summary": fields.Text(weight=1.5)}


class Told:
    """A cluster that tells what it is told to tell, and notes what it is asked."""

    documents = "books"

    def __init__(self, total: int = 0, hits: Iterable[Mapping[str, Any]] = ()) -> None:
        self.total = total
        self.hits = list(hits)
        self.asked: list[dict[str, Any]] = []

    def search(self, index: str, body: dict[str, Any], **params: Any) -> dict[str, Any]:
        self.asked.append(body)
        counted = {name: {"value": 10, "buckets": [{"doc_count": 5}]} for name in body.get("aggs", {})}
        hits = self.hits if body["size"] else []
        return {"hits": {"total": {"value": self.total, "relation": "eq"}, "hits": hits}, "aggregations": counted}

    def msearch(self, index: str, bodies: Iterable[dict[str, Any]], **params: Any) -> list[dict[str, Any]]:
        return [self.search(index, body) for body in bodies]

    def scan(self, index: str, query: dict[str, Any], *, source: bool) -> Iterator[dict[str, Any]]:
        raise AssertionError


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    directory = tmp_path_factory.mktemp("words") / "index"
    build(
        directory, [Document(id="1", title="cats", text="the cat runs, кошки спят. Выборам кот walking выбор выборы")]
    )
    return Collection(open_generation(directory))


def root_of(words: Collection, query: str) -> Any:
    return answer_to(SegmentsState(words, PARAMETERS), Question(query, 1, exact=True), count_all=True, tell=False).root


def test_words_are_given_by_their_forms(words: Collection) -> None:
    cat, word = root_of(words, "cat"), root_of(words, "выборам")
    assert own_tokens(words, cat) == ("=cat", "=cats")
    rows = rows_of(words, word)
    assert rows.own.parts == (("=выбор", "=выборам", "=выборы"),)
    assert rows.shared is not None
    assert "=выбор" not in rows.shared.parts[0]
    assert pair_row(words, cat, word).parts[0] == ("=cat", "=cats")
    phrase = rows_of(words, root_of(words, '"cat runs"~2'))
    assert (phrase.own.slop, len(phrase.own.parts), phrase.stem, phrase.shared) == (2, 2, None, None)


def test_rows_in_the_cluster() -> None:
    regions = Regions(("summary",))
    assert finds(Row(((),)), regions) == {"match_none": {}}
    assert finds(Row((("=a",),)), regions) == {"term": {"all": "=a"}}
    assert finds(Row((("=a", "=b"),), TITLE), regions) == {"match": {"head": {"query": "=a|=b"}}}
    assert finds(Row((("=a", "=b"), ("=c",))), regions) == {"match_phrase": {"all": {"query": "=a|=b =c"}}}
    near = finds(Row((("=a",), ("=c",)), slop=3), regions)
    assert near == {"intervals": {"all": {"match": {"query": "=a =c", "ordered": True, "max_gaps": 3}}}}
    inside = finds(Row((("=a",),), BODY), regions)["intervals"]["all"]["match"]["filter"]["contained_by"]["match"]
    assert inside["query"] == "#body #body|#keywords|##summary|#end"
    assert "##summary " in json.dumps(finds(Row((("=a",),), "summary"), regions))
    many = tuple(f"={number}" for number in range(2_500))
    assert finds(Row((many,)), regions) == {"terms": {"all": list(many)}}
    assert [len(piece.parts[0]) for piece in pieces(Row((many,)))] == [1_000, 1_000, 500]
    with pytest.raises(NotSupported, match="more letters"):
        finds(Row((many,), BODY), regions)


def test_pieces_of_a_row_have_each_pair_of_forms_once() -> None:
    left, right = (tuple(f"={letter}{number}" for number in range(700)) for letter in "ab")
    made = pieces(Row((left, right)))
    pairs = [(one, other) for piece in made for one in piece.parts[0] for other in piece.parts[1]]
    assert len(pairs) == len(set(pairs)) == 700 * 700
    assert all(len(piece.parts[0]) + len(piece.parts[1]) <= 1_000 for piece in made)


@pytest.mark.parametrize(
    ("node", "body"),
    [
        (LanguageIs("en"), [{"term": {"lang": "en"}}, {"prefix": {"lang": "en-"}}]),
        (DateRange(datetime.date(2020, 1, 2), None), {"range": {"date": {"gte": "2020-01-02"}}}),
        (DateRange(), {"exists": {"field": "date"}}),
        (SizeRange(5, 9), {"range": {"size": {"gte": 5, "lte": 9}}}),
        (PathMatches("a\\b"), {"wildcard": {"path_key": {"value": "*a\\\\b*"}}}),
        (
            ExtensionIs("pdf"),
            [{"wildcard": {"path_key": {"value": "*.pdf"}}}, {"wildcard": {"path_key": {"value": "*.pdf//*"}}}],
        ),
        (AmongIds(frozenset("ba")), {"terms": {"id": ["a", "b"]}}),
        (AmongIds(frozenset()), {"match_none": {}}),
        (FieldFilter(field("price") < 5), {"range": {"fields.price": {"lt": 5.0}}}),
        (FieldFilter(field("price") == 5), {"term": {"fields.price": 5.0}}),
        (FieldFilter(~field("brand").exists()), {"bool": {"must_not": [{"exists": {"field": "fields.brand"}}]}}),
        (FieldFilter(StartsWith("brand", "B")), {"prefix": {"fields.brand": {"value": "B"}}}),
        (
            FieldFilter(OneOf("brand", ("Бо*",), folded=True)),
            {"regexp": {"fields.brand": {"value": "[Бб][Оо]\\*", "flags": "NONE"}}},
        ),
    ],
)
def test_filters(node: Any, body: Any) -> None:
    expected = {"bool": {"should": body, "minimum_should_match": 1}} if isinstance(body, list) else body
    assert filter_body(node, SCHEMA) == expected


def test_combined_filters() -> None:
    one, other = LanguageIs("ru"), SizeRange(1, None)
    made = filter_body(FilterCombination((one,), (other,), (other,)), {})
    assert made == {"bool": {"filter": [filter_body(one, {})], "must_not": [filter_body(other, {})]}}
    assert filter_body(FilterCombination(), {}) == {"match_all": {}}


def hit(doc_id: str, length: int = 100, title: int = 4, **named: float) -> dict[str, Any]:
    return {
        "_score": 1.0,
        "sort": [1.0, doc_id],
        "fields": {"id": [doc_id], "len": [length], "head_len": [title]},
        "matched_queries": {name.replace("_", "."): score for name, score in named.items()},
    }


def test_frequencies_are_told_by_scores() -> None:
    """A score of intervals is f / (f + 1), in 32 bits."""
    freqs = [0, 1, 2, 3, 7, 63, 64, 500, 2_000]
    scores = [float(np.float32(freq / (freq + 1))) for freq in freqs]
    row = Row((("=a",),))
    told = Told(hits=[hit(str(number), r0_0=score) for number, score in enumerate(scores)])
    ids = [str(number) for number in range(len(freqs))]
    candidates = ask(Counts(told), Wanted([row]), [*ids, "gone"], {})
    assert candidates.ids == ids
    assert candidates.freqs(row).tolist() == freqs
    postings = candidates.postings(PARAMETERS)[row]
    assert postings.docs.tolist() == list(range(1, len(freqs)))
    assert postings.all_impacts()[-1] == postings.all_impacts()[-3]  # of 64 and of 2,000


def test_a_near_phrase_is_counted_by_its_first_words() -> None:
    row = Row((("=a",), ("=b",)), slop=2)
    rules = starts(row, Regions())["intervals"]["all"]["any_of"]["intervals"]
    inside = [(rule["match"]["query"], rule["match"]["filter"]["contained_by"]["match"]) for rule in rules]
    assert [(first, within["query"], within["max_gaps"]) for first, within in inside] == [
        ("=a", "=a =b", 2),
        ("=a", "=a =a =b", 1),
        ("=a", "=a =a =a =b", 0),
    ]
    told = Told(hits=[hit("1", r0_0=5 / 6)])
    assert ask(Counts(told), Wanted([row]), ["1"], {}).freqs(row).tolist() == [5]
    many = tuple(f"={number}" for number in range(450))
    assert "any_of" in starts(row._replace(parts=(("=a",), many)), Regions())["intervals"]["all"]
    assert (
        "match" in starts(row._replace(parts=(many, many)), Regions())["intervals"]["all"]
    )  # too many to be asked for twice


@pytest.mark.parametrize(
    ("parts", "sums"),
    [
        ((("=a", "=b"), ("=b", "=c")), [2.0, 2.0, 2.0 + 3 / 3]),
        # Of one word with itself, a place counts as longer by one word, unless there are no gaps.
        ((("=a",), ("=a",)), [2.0, 2 / 2, 2 / 2 + 3 / 4]),
    ],
)
def test_near_words_that_may_be_the_same_are_counted_by_their_gaps(parts: Any, sums: list[float]) -> None:
    """Two places without a gap, none with one, three with two."""
    row = Row(parts, slop=2)
    told = Told(hits=[hit("1", **{f"r0_{slop}": total / (total + 1) for slop, total in enumerate(sums)})])
    assert ask(Counts(told), Wanted([row]), ["1"], {}).freqs(row).tolist() == [5]
    (question,) = [asked for asked in told.asked if "docvalue_fields" in asked]
    names = [each["bool"]["_name"] for each in question["query"]["bool"]["filter"][1]["bool"]["should"]]
    assert names == ["r0.0", "r0.1", "r0.2", "r1.0", "r1.1", "r1.2"]  # in the text and in the title


def test_copies_of_a_text_count_once() -> None:
    row = Row((("=a",),), "summary")
    told = Told(hits=[hit("1", r0_0=6 / 7)])
    assert ask(Counts(told, SCHEMA), Wanted([row]), ["1"], SCHEMA).freqs(row).tolist() == [
        2
    ]  # it stands there three times


def scripts(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        if "source" in body and isinstance(body["source"], str):
            yield body["source"]
        for value in body.values():
            yield from scripts(value)
    elif isinstance(body, list):
        for value in body:
            yield from scripts(value)


def test_all_queries_share_their_scripts(words: Collection) -> None:
    """A cluster compiles few scripts a minute."""
    found = set()
    for query in (
        '"cat runs"',
        'title:"cat runs"^2',
        'body:cat "the cat"~2',
        "кошки cat-runs",
        "cat -walking",
        'body:"кот walking"',
    ):
        state = ClusterState(Told(total=5), words)
        found |= set(scripts(ClusterEvaluation(state, root_of(words, query), PARAMETERS).scored_body))
    assert len(found) == 1


def test_a_word_is_asked_for_once_with_its_weight(words: Collection) -> None:
    told = Told(total=5, hits=[hit("1"), hit("2")])
    state = ClusterState(told, words)
    evaluation = ClusterEvaluation(state, root_of(words, "cat^3"), PARAMETERS)
    page = cluster_page(evaluation, PageCut(10, 0))
    assert (page.total, [state.table.id_of(one.doc) for one in page.found]) == (5, ["1", "2"])
    asked = len(told.asked)
    again = ClusterEvaluation(state, root_of(words, "cat^3"), PARAMETERS)
    assert again.weighed(root_of(words, "cat^3")).weight == pytest.approx(
        evaluation.matched[root_of(words, "cat").identity].weight
    )
    assert len(told.asked) == asked  # the counts are known


def test_documents_are_numbered_by_their_ids() -> None:
    table = DocumentTable()
    assert table.numbers_of(["b", "a", "b"]) == [0, 1, 0]
    assert (table.id_of(1), len(table)) == ("a", 2)


def test_blocks_have_each_place_once() -> None:
    places = [place for first, last in _blocks(0, 3_000, 200) for place in range(first, last)]
    assert places == list(range(3_000))
    assert next(_blocks(150, 160, 200)) == (0, 200)
    assert next(_blocks(999, 1_005, 200)) == (200, 1_000)
    assert list(_blocks(5, 9, 0)) == [(5, 9)]
