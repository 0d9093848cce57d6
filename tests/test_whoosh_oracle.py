"""Does the search find what Whoosh's own matchers find, with the same scores?"""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.index import open_dir

from indexer import Document, Writer
from indexer.generations import open_generation
from search.collection import Collection
from search.query.nodes import (
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
from search.query.rewrite import Rewriter
from search.ranking.bm25 import FieldParameters, RankingParameters
from search.ranking.evaluate import Evaluation
from search.ranking.whoosh_oracle import Weighting, to_whoosh, whoosh_scores
from search.searcher import Searcher

# No two values alike, so that none can stand in for another.
PARAMETERS = RankingParameters(
    text=FieldParameters(k1=1.3, b=0.6, weight=1.1),
    title=FieldParameters(k1=0.9, b=0.4, weight=0.7),
    lemma_weight=0.8,
    stem_weight=0.45,
    idf_power=1.25,
)

# Several keys: ели (ель, есть), пила (пила, пить), мыла (мыло, мыть), leaves (leave, leaf), found, saw. The same stem and other
# lemmas: vaccine and vaccination. Abbreviation and word: ВОЗ, воз.
VOCABULARY = """
    ели ель ест пила пилы пьют мыла мыло мыть стали сталь стать вакцина вакцины вакцинация ВОЗ воз ёлка елка
    leaves leaf leave found find saw see vaccine vaccines vaccination WHO who 19 the
""".split()
DAYS = [datetime.date(2021, 5, 29), datetime.date(2021, 6, 1), datetime.date(2020, 2, 29)]

words = st.sampled_from(VOCABULARY)
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)
documents = st.builds(
    Document,
    id=st.sampled_from("abcdefgh"),
    text=texts,
    title=st.one_of(st.just(""), texts),
    date=st.sampled_from([None, *DAYS]),
    language=st.sampled_from(["ru", "en"]),
)


class Commit(tuple[list[Document], list[str]]):
    """Documents to add, then ids to delete."""


commits = st.tuples(st.lists(documents, min_size=1, max_size=6), st.lists(st.sampled_from("abcdefgh"), max_size=2))

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
    Phrase, st.lists(phrase_parts, min_size=2, max_size=3).map(tuple), st.sampled_from([0, 0, 1, 3, 500]), fields, boosts
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


@pytest.fixture(scope="module", autouse=True)
def no_fsync() -> Iterator[None]:
    with mock.patch.object(os, "fsync"):
        yield


def write(directory: Path, commits: Sequence[tuple[list[Document], list[str]]]) -> None:
    with Writer(directory) as writer:
        for added, deleted in commits:
            writer.add_many(added)
            writer.commit()
            for doc_id in deleted:
                writer.delete(doc_id)
            writer.commit()


def evaluated(collection: Collection, node: Node) -> dict[str, float]:
    evaluation = Evaluation(collection, Rewriter(collection).rewrite(node), PARAMETERS)
    found = {}
    for number, segment, _ in collection.parts():
        mask, scores = evaluation.segment(number)
        for doc in np.flatnonzero(mask).tolist():
            found[segment.record(doc)["id"]] = float(scores[doc])
    return found


@settings(deadline=None, max_examples=60)
@given(st.lists(commits, min_size=1, max_size=3), st.lists(trees, min_size=4, max_size=8))
def test_same_documents_and_scores(commits: list[tuple[list[Document], list[str]]], nodes: list[Node]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), commits)
        generation = open_generation(Path(name))
        collection = Collection(generation)
        with open_dir(str(generation.directory)).searcher(weighting=Weighting(PARAMETERS)) as searcher:
            for node in nodes:
                query = to_whoosh(Rewriter(collection).rewrite(node), collection.segments)
                assert evaluated(collection, node) == pytest.approx(whoosh_scores(searcher, query), rel=1e-9, abs=1e-9)


CORPUS = [
    Document(id="1", title="Вакцинация в школах", text="Дети ели кашу и пили сок. Вакцина ВОЗ получена.", language="ru"),
    Document(id="2", title="WHO and vaccines", text="The leaves fell. He found the vaccine; vaccines work.", language="en"),
    Document(id="3", title="", text="Ель и пила. Воз дров стали возить: ели стояли у стали.", language="ru"),
    Document(id="4", title="Ели", text="Медико-санитарная часть, COVID-19, вакцинировать", language="ru"),
    Document(id="5", title="Leaf", text="who saw the saw? leave it", language="en"),
    Document(id="6", title="Ёлка", text="ели вакцина вакцина вакцина", language="ru"),
]

# query: ids of the documents, in any order
FOUND = """
    ели                     1 3 4 6
    ВОЗ                     1
    воз                     1 3
    вакцина                 1 4 6
    "ели кашу"              1
    "дети сок"~4            1
    vaccine NOT who         -
    vaccine AND found       2
    =ели                    1 3 4 6
    leav*                   2 5
    title:ели               4 6
    saw lang:en             2 5
    +вакцина -школа         4 6
    covid-19                4
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("oracle")
    write(directory, [(CORPUS[:2], []), (CORPUS[2:4], ["nobody"]), (CORPUS[4:], [])])
    return directory


def ranked(scores: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: (-round(item[1], 9), item[0]))
