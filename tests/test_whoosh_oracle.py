"""Does the search find what Whoosh's own matchers find, with the same scores?"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.index import open_dir
from whoosh.qparser import QueryParser
from whoosh.searching import Searcher as WhooshSearcher

from naidi import Document, Writer
from naidi.indexer.state.generations import open_generation
from naidi.indexer.whoosh.schema import several_keys
from naidi.search.collection import Collection
from naidi.search.query.nodes import (
    Bool,
    DateRange,
    EveryDocument,
    Exact,
    Fuzzy,
    LanguageIs,
    Node,
    Phrase,
    Prefix,
    Wildcard,
    Word,
)
from naidi.search.query.parser import parse
from naidi.search.query.rewrite import Rewriter
from naidi.search.ranking.bm25 import FieldParameters, RankingParameters
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut
from naidi.search.searcher import Searcher
from whoosh_oracle import Weighting, to_whoosh, whoosh_scores

# No two values alike, so that none can stand in for another.
PARAMETERS = RankingParameters(
    text=FieldParameters(k1=1.3, b=0.6, weight=1.1),
    title=FieldParameters(k1=0.9, b=0.4, weight=0.7),
    lemma_weight=0.8,
    stem_weight=0.45,
    shared_lemmas=0.35,
    idf_power=1.25,
    pair=FieldParameters(k1=1.0, b=0.75, weight=0.0),  # what nearness adds is not part of the formula
)

# Several keys: ели (ель, есть), пила (пила, пить), мыла (мыло, мыть), leaves (leave, leaf), found, saw. The same stem and other
# lemmas: vaccine and vaccination. Abbreviation and word: ВОЗ, воз.
VOCABULARY = """
    ели ель ест пила пилы пьют мыла мыло мыть стали сталь стать вакцина вакцины вакцинация ВОЗ воз ёлка елка
    leaves leaf leave found find saw see vaccine vaccines vaccination WHO who 19 the
"""
DAYS = [datetime.date(2021, 5, 29), datetime.date(2021, 6, 1), datetime.date(2020, 2, 29)]

words = st.sampled_from(VOCABULARY.split())
ids = st.sampled_from("abcdefghijklmno")
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)
documents = st.builds(
    Document,
    id=ids,
    text=texts,
    title=st.one_of(st.just(""), texts),
    date=st.sampled_from([None, *DAYS]),
    language=st.sampled_from(["ru", "en"]),
    names=st.one_of(st.just(""), texts),
    keywords=st.one_of(st.just(""), texts),
)


Commit = tuple[list[str], list[Document]]  # ids to delete, then documents to add
# A first commit large enough that a segment of which little is deleted stays as it is.
first_commits = st.tuples(
    st.just([]), st.lists(documents, min_size=7, max_size=12, unique_by=lambda document: document.id)
)
commits = st.tuples(st.lists(ids, max_size=1), st.lists(documents, max_size=2))
histories = st.tuples(first_commits, st.lists(commits, max_size=2)).map(lambda parts: [parts[0], *parts[1]])

fields = st.sampled_from([None, None, "title", "body"])
boosts = st.sampled_from([1.0, 1.0, 0.5, 3.0])
word_leaves = st.one_of(
    st.builds(Word, words, fields, boosts),
    st.builds(Word, st.sampled_from(["covid-19", "ели-пила", "нет"]), fields, boosts),
    st.builds(Exact, words, fields, boosts),
    st.builds(Prefix, st.sampled_from(["ва", "е", "le", "во", "vacc"]), fields, boosts),
    st.builds(Wildcard, st.sampled_from(["*л*", "в?з", "*s", "ел?а", "leav*s"]), fields, boosts),
    st.builds(Fuzzy, st.sampled_from(["вокцина", "мила", "leef"]), st.sampled_from([1, 2]), fields, boosts),
)
phrase_parts = st.one_of(st.builds(Word, words), st.builds(Exact, words), st.just(Prefix("в")), st.just(Wildcard("*s")))
phrases = st.builds(
    Phrase,
    st.lists(phrase_parts, min_size=2, max_size=3).map(tuple),
    st.sampled_from([0, 0, 1, 3, 500]),
    fields,
    boosts,
)
filters = st.one_of(
    st.sampled_from([LanguageIs("ru"), LanguageIs("en"), LanguageIs("kk"), EveryDocument()]),
    st.builds(DateRange, st.sampled_from([None, *DAYS]), st.sampled_from([None, *DAYS])),
)


def children(nodes: st.SearchStrategy[Node], most: int) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(nodes, max_size=most).map(tuple)


trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(word_leaves, word_leaves, phrases, filters),
    lambda nodes: st.builds(Bool, children(nodes, 3), children(nodes, 3), children(nodes, 2), boosts),
    max_leaves=8,
)


def write(directory: Path, commits: Sequence[Commit]) -> None:
    with Writer(directory) as writer:
        for deleted, added in commits:
            for doc_id in deleted:
                writer.delete(doc_id)
            writer.add_many(added)
            writer.commit()


def evaluated(collection: Collection, node: Node) -> dict[str, float]:
    evaluation = Evaluation(collection, Rewriter(collection).rewrite(node), PARAMETERS)
    total, found, *_ = best_page(collection, evaluation, PageCut(collection.doc_count, 0))
    assert total == len(found)
    return {collection.segments[number].doc_id(doc): score for number, doc, score in found}


@pytest.mark.slow
@settings(max_examples=30)
@given(histories, st.lists(trees, min_size=5, max_size=10))
def test_same_documents_and_scores(history: list[Commit], nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), history)
        generation = open_generation(Path(name))
        collection = Collection(generation)
        with open_dir(str(generation.directory)).searcher(weighting=Weighting(PARAMETERS)) as searcher:
            for node in nodes:
                query = to_whoosh(Rewriter(collection).rewrite(node), collection.segments)
                assert evaluated(collection, node) == pytest.approx(whoosh_scores(searcher, query), rel=1e-9, abs=1e-9)


CORPUS = [
    Document(
        id="1", title="Вакцинация в школах", text="Дети ели кашу и пили сок. Вакцина ВОЗ получена.", language="ru"
    ),
    Document(
        id="2", title="WHO and vaccines", text="The leaves fell. He found the vaccine; vaccines work.", language="en"
    ),
    Document(id="3", title="", text="Ель и пила. Воз дров стали возить: ели стояли у стали.", language="ru"),
    Document(id="4", title="Ели", text="Медико-санитарная часть, COVID-19, вакцинировать", language="ru"),
    Document(id="5", title="Leaf", text="who saw the saw? leave it", language="en"),
    Document(id="6", title="Ёлка", text="ели вакцина вакцина вакцина", language="ru"),
    Document(id="7", title="Кот", text="кот", language="ru", keywords="рыжий хвост рыжего хвоста", names="рыжий"),
]

# query: ids of the documents, in any order
FOUND = """
    ели                     1 3 4 6
    ВОЗ                     1
    воз                     1 3
    вакцина                 1 6
    "ели кашу"              1
    "дети сок"~4            1
    "рыжий хвост"           7
    "кот рыжий"~500         -
    рыжий                   7
    vaccine NOT who         -
    vaccine AND found       2
    =ели                    1 3 4 6
    leav*                   2 5
    title:ели               4
    saw lang:en             5
    +вакцина -школа         6
    covid-19                4
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("oracle")
    write(directory, [([], CORPUS[:2]), (["nobody"], CORPUS[2:4]), ([], CORPUS[4:])])
    return directory


QUERIES = [line.rsplit("  ", 1) for line in FOUND.strip().splitlines()]


@pytest.mark.parametrize("text, ids", [(query.strip(), ids.split()) for query, ids in QUERIES])
def test_search_ranks_as_whoosh_does(corpus: Path, text: str, ids: list[str]) -> None:
    with Searcher(corpus, parameters=PARAMETERS) as searcher:
        hits = [(hit.id, hit.score) for hit in searcher.search(text, exact=True).hits]
        generation = searcher.generation
    assert sorted(doc_id for doc_id, _ in hits) == [doc_id for doc_id in ids if doc_id != "-"]
    parsed = parse(text)
    assert parsed.tree is not None
    collection = Collection(generation)
    query = to_whoosh(Rewriter(collection).rewrite(parsed.tree), collection.segments)
    with open_dir(str(generation.directory)).searcher(weighting=Weighting(PARAMETERS)) as whoosh:
        scores = whoosh_scores(whoosh, query)
    order = sorted(scores, key=lambda doc_id: (-round(scores[doc_id], 9), doc_id))
    assert order == [doc_id for doc_id, _ in hits]
    assert scores == pytest.approx(dict(hits), rel=1e-9)


@pytest.fixture(scope="module")
def whoosh(corpus: Path) -> Iterator[WhooshSearcher]:
    with open_dir(str(open_generation(corpus).directory)).searcher() as searcher:
        yield searcher


# Whoosh's own parser and formula, field `text` by default. Its order is its own: the ids are sorted here.
PARSED = """
    вакцины                            1 6
    школа                              1
    who                                2 5
    медико-санитарный                  4
    "ёлка стоит"                       -
    "ели вакцина"                      6
    "дети сок"~5                       1
    вакцина AND NOT title:вакцинация   6
    title:ель OR id:2                  2 4
    form:вакц*                         1 4 6
    form:лист?                         -
    form:l?a*                          2 5
    text_stem:vaccination              2
    body:saw                           5
    language:en                        2 5
"""


@pytest.mark.parametrize("line", PARSED.strip().splitlines())
def test_whoosh_parses_and_ranks_by_itself(whoosh: WhooshSearcher, line: str) -> None:
    text, ids = line.strip().rsplit("  ", 1)
    query = QueryParser("text", whoosh.schema).parse(text.strip())
    results = whoosh.search(query, limit=None)
    assert sorted(hit["id"] for hit in results) == [doc_id for doc_id in ids.split() if doc_id != "-"]
    assert all(hit.score > 0 for hit in results)


def test_whoosh_ranks_the_document_with_more_of_the_word_first(whoosh: WhooshSearcher) -> None:
    hits = whoosh.search(QueryParser("text", whoosh.schema).parse("вакцина"))
    assert hits[0]["id"] == "6"


def test_a_word_of_several_keys_is_one_term(whoosh: WhooshSearcher) -> None:
    term = ("text", several_keys(("пила", "пить", "пил")).encode())
    assert whoosh.reader().doc_frequency(*term) == 2
    found = whoosh.reader().postings(*term).all_ids()
    assert sorted(whoosh.stored_fields(doc)["id"] for doc in found) == ["1", "3"]
