"""Does the search find what a plain loop over all documents finds, with the same scores, in the same order, and count it right?"""

from __future__ import annotations

import datetime
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from naidi import Document, Writer
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.word_bridges import bridges_of
from naidi.search.collection import Collection
from naidi.search.query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    NearPhrase,
    NoDocument,
    Term,
)
from naidi.search.query.nodes import (
    Bool,
    ChangedRange,
    DateRange,
    EveryDocument,
    Exact,
    ExtensionIs,
    FolderIs,
    Fuzzy,
    LanguageIs,
    Leaf,
    Node,
    PathMatches,
    Phrase,
    Prefix,
    SizeRange,
    Wildcard,
    Word,
)
from naidi.search.query.parser import parse
from naidi.search.query.printer import to_text
from naidi.search.query.rewrite import Rewriter
from naidi.search.ranking.bm25 import FieldParameters, RankingParameters
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.explain import Explainer
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut
from naidi.search.read_query import QueryReader
from naidi.search.results import Results
from naidi.search.searcher import Searcher
from plain_evaluation import PlainEvaluation

# No two values alike, so that none can stand in for another.
PARAMETERS = RankingParameters(
    text=FieldParameters(k1=1.3, b=0.6, weight=1.1),
    title=FieldParameters(k1=0.9, b=0.4, weight=0.7),
    lemma_weight=0.8,
    stem_weight=0.45,
    shared_lemmas=0.35,
    idf_power=1.25,
    pair=FieldParameters(k1=0.95, b=0.7, weight=0.35),
    rescored=1000,
)

# Words of several keys, of one stem and several lemmas, of one lemma and several stems; abbreviations that are words, too.
WORDS = """
    ели ель ест пила пилы пьют мыла мыть мою стали сталь вакцина вакцины вакцинация ВОЗ воз ёлка елка
    leaves leaf leave found find saw see vaccine vaccines vaccination WHO who 19 the
"""
VOCABULARY = WORDS.split()
DAYS = [datetime.date(2021, 5, 29), datetime.date(2021, 6, 1), datetime.date(2020, 2, 29)]


PATHS = [
    None,
    "a/b/c.md",
    "Кухня/Супы/борщ.MD",
    "a/Архив.tar.gz//кухня/b.txt",
    "B+C/a.txt",
    "a.md",
    "aaaa/aaab.md",
    "b\\c.md",
]


def text_of(choice: random.Random, most: int) -> str:
    words = choice.choices(VOCABULARY, k=choice.randint(0, most))
    if words and not choice.randrange(12):
        words += [words[0]] * choice.choice([61, 62, 63, 64, 90])
    if choice.randrange(2):
        return " ".join(words)
    return " ".join(f"{word}{choice.choice(['', '', ',', '.', '!'])}" for word in words)


def document(choice: random.Random, number: int) -> Document:
    shape, more = choice.randrange(8), random.Random(choice.getstate()[1][0] + number)
    return Document(
        id=f"{choice.choice('zyx')}{number}",
        text="" if shape in (0, 1) else text_of(choice, choice.choice([2, 8, 25])),
        title="" if shape in (1, 2, 3) else text_of(choice, choice.choice([1, 4, 9])),
        date=choice.choice([None, *DAYS]),
        language=choice.choice(["ru", "en", "en-GB", "und"]),
        keywords=text_of(more, more.choice([0, 0, 5])),
        names=text_of(more, more.choice([0, 0, 3])),
        path=more.choice(PATHS),
        size=more.choice([None, 0, 10, 11, 2_000]),
        mtime=more.choice(
            [None, *(int(time.mktime(day.timetuple())) + hour * 3_600 for day in DAYS for hour in (0, 23))]
        ),
    )


class Sample:
    """An index of several segments with deletions, and the documents that are live in it."""

    def __init__(self, directory: Path, seed: int) -> None:
        choice = random.Random(seed)
        live: dict[str, Document] = {}
        number = 0
        with Writer(directory) as writer:
            for size in choice.choice([[12], [9, 3], [20, 8, 4], [6, 5, 4, 3, 2], [300, 40], [1], [0]]):
                added = [document(choice, number + step) for step in range(size)]
                number += size
                writer.add_many(added)
                live.update((each.id, each) for each in added)
                writer.commit()
            for doc_id in list(live):
                if not choice.randrange(7):
                    writer.delete(doc_id)
                    del live[doc_id]
        self.documents = list(live.values())
        self.searcher = Searcher(directory, parameters=PARAMETERS)
        self.collection = Collection(open_generation(directory))

    def plain(self, root: AnalysedNode, parameters: RankingParameters = PARAMETERS) -> PlainEvaluation:
        return PlainEvaluation(self.documents, self.collection.segments, root, parameters)

    def rewritten(self, node: Node) -> AnalysedNode:
        return Rewriter(self.collection).rewrite(node)


SAMPLES = 14


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Sample]]:
    made = [Sample(tmp_path_factory.mktemp("sample"), seed) for seed in range(SAMPLES)]
    yield made
    for sample in made:
        sample.searcher.close()


def test_the_samples_have_what_these_tests_are_about(samples: Sequence[Sample]) -> None:
    assert {len(sample.collection.segments) for sample in samples} >= {0, 1, 2, 3}
    views = [view for sample in samples for view in sample.collection.views]
    assert any(view.live is not None for view in views) and any(view.live is None for view in views)
    found = [each for sample in samples for each in sample.documents]
    assert any(each.title and not each.text for each in found)
    assert any(not each.title and not each.text for each in found)
    assert any(len(view.segment.container["exact.rows"]) for view in views)
    assert any(len(view.segment.list_ends) > len(view.segment.stems) for view in views)


# Queries

words = st.sampled_from(VOCABULARY)
fields = st.sampled_from([None, None, None, "title", "body"])
boosts = st.sampled_from([1.0, 1.0, 1.0, 0.5, 3.0])
leaves: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(Word, words, fields, boosts),
    st.builds(Word, words),
    st.builds(Word, st.sampled_from(["covid-19", "ели-пила", "нет", "who-saw-the"]), fields, boosts),
    st.builds(Exact, words, fields, boosts),
    st.builds(Prefix, st.sampled_from(["ва", "е", "le", "во", "vacc"]), fields, boosts),
    st.builds(Wildcard, st.sampled_from(["*л*", "в?з", "*s", "ел?а", "leav*s"]), fields, boosts),
    st.builds(Fuzzy, st.sampled_from(["вокцина", "мила", "leef"]), st.sampled_from([1, 2]), fields, boosts),
)
parts = st.one_of(st.builds(Word, words), st.builds(Exact, words), st.just(Prefix("в")), st.just(Wildcard("*s")))
phrases = st.builds(
    Phrase,
    st.lists(parts, min_size=2, max_size=3).map(tuple),
    st.sampled_from([0, 0, 1, 3, 90, 101, 1000]),
    fields,
    boosts,
)
filters = st.one_of(
    st.sampled_from([LanguageIs("ru"), LanguageIs("en"), LanguageIs("kk"), EveryDocument()]),
    st.builds(DateRange, st.sampled_from([None, *DAYS]), st.sampled_from([None, *DAYS])),
    st.sampled_from(["a/", "кух", "*.md", "b?c", "кухня/*", "*", "??", "/z", "x1*", "супы/b", "a*a*a*.md"]).map(
        PathMatches
    ),
    st.sampled_from(["кухня", "a", "a/b", "к*", "супы", "b?c"]).map(FolderIs),
    st.sampled_from(["md", "txt", "tar.gz", "m"]).map(ExtensionIs),
    st.builds(SizeRange, st.sampled_from([None, 0, 11]), st.sampled_from([None, 10, 2_000])),
    st.builds(ChangedRange, st.sampled_from([None, *DAYS]), st.sampled_from([None, *DAYS])),
)


def children(nodes: st.SearchStrategy[Node], most: int) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(nodes, max_size=most).map(tuple)


queries: st.SearchStrategy[Node] = st.recursive(
    st.one_of(leaves, leaves, leaves, phrases, filters),
    lambda nodes: st.builds(Bool, children(nodes, 3), children(nodes, 4), children(nodes, 2), boosts),
    max_leaves=9,
)


def with_nothing_and_compounds(node: AnalysedNode, choice: random.Random) -> AnalysedNode:
    """The tree with compounds and what finds nothing in places where the rewriter puts none."""
    if isinstance(node, NearPhrase) and not choice.randrange(3):
        return Compound(node)
    if not isinstance(node, Combination):
        return NoDocument() if not choice.randrange(15) else node
    must, should, must_not = (
        tuple(with_nothing_and_compounds(child, choice) for child in group)
        for group in (node.must, node.should, node.must_not)
    )
    return Combination(must, should, must_not, node.boost)


KINDS = ["synonym", "romanisation", "spelling", "derivation", "derivation"]


def bridged(sample: Sample, node: AnalysedNode, choice: random.Random, often: int) -> AnalysedNode:
    """The tree with bridges from one in `often` of its parts: words, phrases, compounds, combinations, what is bridged already."""
    if isinstance(node, Combination):
        must, should, must_not = (
            tuple(bridged(sample, child, choice, often) for child in group)
            for group in (node.must, node.should, node.must_not)
        )
        node = Combination(must, should, must_not, node.boost)
    while isinstance(node, (Term, NearPhrase, Compound, Bridged, Combination)) and not choice.randrange(often):
        others = [another(sample, choice) for _ in range(choice.choice([1, 1, 2, 4]))]
        node = Bridged(
            node, tuple(Alternative(other, choice.choice(KINDS), choice.choice([1.0, 0.85, 0.2])) for other in others)
        )
    return node


def another(sample: Sample, choice: random.Random) -> AnalysedNode:
    """What else may be meant."""
    field, boost = choice.choice([None, None, "title", "body"]), choice.choice([1.0, 1.0, 2.0])
    first, second = (Word(word) for word in choice.choices([*VOCABULARY, "nowhere"], k=2))
    if choice.randrange(3):
        return sample.rewritten(Word(first.text, field, boost))
    phrase = sample.rewritten(Phrase((first, second), choice.choice([0, 1, 3]), field, boost))
    return Compound(phrase) if isinstance(phrase, NearPhrase) and not choice.randrange(2) else phrase


def found(sample: Sample, root: AnalysedNode, parameters: RankingParameters) -> dict[str, float]:
    collection = sample.collection
    evaluation = Evaluation(collection, root, parameters)
    total, page, *_ = best_page(collection, evaluation, PageCut(max(collection.doc_count, 1), 0))
    assert total == len(page)
    return {collection.segments[number].doc_id(doc): score for number, doc, score in page}


@settings(max_examples=80)
@given(st.integers(0, SAMPLES - 1), queries, st.integers(0, 1000))
def test_analysed_trees(samples: Sequence[Sample], number: int, node: Node, seed: int) -> None:
    sample = samples[number]
    root = with_nothing_and_compounds(sample.rewritten(node), random.Random(seed))
    expected = sample.plain(root).results()
    assert found(sample, root, PARAMETERS) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=80)
@given(st.integers(0, SAMPLES - 1), queries, st.integers(0, 100_000), st.sampled_from([2, 3, 6]))
# A bridge in a bridge, over words that mean something together.
@example(5, Bool(should=(Word("ель"), Bool(), Word("ели"))), 0, 2)
def test_bridged_trees(samples: Sequence[Sample], number: int, node: Node, seed: int, often: int) -> None:
    sample, choice = samples[number], random.Random(seed)
    root = bridged(sample, with_nothing_and_compounds(sample.rewritten(node), choice), choice, often)
    expected = sample.plain(root).results()
    assert found(sample, root, PARAMETERS) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    evaluation = Evaluation(sample.collection, root, PARAMETERS)
    page = best_page(sample.collection, evaluation, PageCut(12, 0), explained=True)
    explainer = Explainer(evaluation, root, sample.collection, page.nearness)
    for segment, doc, score in page.found:
        matches = explainer.explain(segment, doc, score).matches
        assert sum(match.score for match in matches) == pytest.approx(score, rel=1e-9, abs=1e-9)


def test_phrases_do_not_reach_from_the_title_into_the_body(samples: Sequence[Sample]) -> None:
    """Nor into another document, however many words may stand between."""
    choice = random.Random(5)
    reaching = 0
    for sample in samples:
        for _ in range(12):
            first, second = choice.sample(VOCABULARY, 2)
            root = sample.rewritten(Phrase((Word(first), Word(second)), 1000))
            expected = sample.plain(root).results()
            assert found(sample, root, PARAMETERS) == pytest.approx(expected, rel=1e-9, abs=1e-12)
            both = sample.rewritten(Bool(must=(Word(first, "title"), Word(second, "body"))))
            reaching += not sample.plain(both).results().keys() <= expected.keys()
    assert reaching > 3


@settings(max_examples=40)
@given(st.integers(0, SAMPLES - 1), st.lists(words, min_size=2, max_size=5), st.integers(1, 12))
def test_only_the_best_are_rescored(samples: Sequence[Sample], number: int, chosen: list[str], rescored: int) -> None:
    sample = samples[number]
    values = {name: getattr(PARAMETERS, name) for name in PARAMETERS.__slots__}
    parameters = RankingParameters(**{**values, "rescored": rescored})
    root = sample.rewritten(Bool(should=tuple(map(Word, chosen))))
    plain = sample.plain(root, parameters)
    bare = plain.scores()
    ordered = sorted(bare.values(), reverse=True)
    # Sums in another order may tell apart what is equal: then it is open who is the last to be looked at.
    assume(not (rescored < len(ordered) and math.isclose(ordered[rescored - 1], ordered[rescored], rel_tol=1e-9)))
    page = found(sample, root, parameters)
    assert page == pytest.approx(plain.results(), rel=1e-9, abs=1e-12)
    # A bonus is never negative: who is not looked at stays behind those who are.
    assert list(page.items()) == sorted(page.items(), key=lambda hit: (-hit[1], hit[0]))
    assert set(list(page)[:rescored]) == set(sorted(bare, key=bare.__getitem__)[-rescored:])


arguments = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["any", "all"]),
        "language": st.sampled_from(["ru", "en", "kk"]),
        "since": st.sampled_from(DAYS),
        "until": st.sampled_from(DAYS),
        "exact": st.booleans(),
    },
)


def expected_results(sample: Sample, query: str, chosen: dict[str, Any]) -> dict[str, float]:
    narrowing: list[DateRange | LanguageIs] = []
    if "language" in chosen:
        narrowing.append(LanguageIs(chosen["language"]))
    if "since" in chosen or "until" in chosen:
        narrowing.append(DateRange(chosen.get("since"), chosen.get("until")))
    mode = chosen.get("mode", "any")
    if not chosen.get("exact"):
        read_as = QueryReader(sample.collection, mode, narrowing, bridges_of(sample.collection)).read(query).root
        return {} if read_as is None else dict(sample.plain(read_as).results())
    tree = parse(query, mode=mode).tree
    if tree is None:
        return {}
    root = sample.rewritten(tree)
    return dict(sample.plain(Combination(must=(root, *narrowing)) if narrowing else root).results())


def shown(results: Results) -> list[tuple[str, float]]:
    return [(hit.id, hit.score) for hit in results.hits]


@settings(max_examples=40)
@given(
    st.integers(0, SAMPLES - 1),
    st.one_of(queries.map(to_text), st.lists(words, min_size=1, max_size=6).map(" ".join)),
    arguments,
    st.integers(0, 12),
    st.integers(0, 5),
)
def test_searches(
    samples: Sequence[Sample], number: int, query: str, chosen: dict[str, Any], limit: int, offset: int
) -> None:
    sample = samples[number]
    expected = expected_results(sample, query, chosen)
    assume(expected or chosen.get("exact"))  # else its words are tried as misspellings
    whole = sample.searcher.search(query, limit=1000, snippets=0, **chosen)
    assert dict(shown(whole)) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert shown(whole) == sorted(shown(whole), key=lambda hit: (-hit[1], hit[0]))
    page = sample.searcher.search(query, limit=limit, offset=offset, snippets=0, **chosen)
    assert whole.total == page.total == len(expected)
    assert [hit.id for hit in page.hits] == [hit.id for hit in whole.hits][offset : offset + limit]
    # The same scores, though what is looked at for a page of few may be added up otherwise.
    assert dict(shown(page)) == pytest.approx({hit: expected[hit] for hit, _ in shown(page)}, rel=1e-9, abs=1e-12)
    by_date = sample.searcher.search(query, limit=limit, offset=offset, snippets=0, sort="-date", **chosen)
    assert by_date.total == len(expected)
    days = {each.id: each.date.toordinal() if each.date else 0 for each in sample.documents}
    order = sorted(expected, key=lambda doc_id: (-days[doc_id], doc_id))
    assert [hit.id for hit in by_date.hits] == order[offset : offset + limit]


@settings(max_examples=40)
@given(st.integers(0, SAMPLES - 1), queries)
def test_explanations_add_up(samples: Sequence[Sample], number: int, node: Node) -> None:
    sample = samples[number]
    for hit in sample.searcher.search(to_text(node), limit=5, explain=True).hits:
        assert hit.explanation is not None and hit.explanation.total == hit.score
        assert sum(match.score for match in hit.explanation.matches) == pytest.approx(hit.score, rel=1e-9, abs=1e-9)


def test_plain_words_by_hand() -> None:
    """The plain evaluation itself, on two documents whose scores are worked out here."""
    parameters = RankingParameters(
        text=FieldParameters(k1=1.0, b=0.5, weight=2.0),
        title=FieldParameters(k1=1.0, b=0.0, weight=4.0),
        lemma_weight=1.0,
        stem_weight=0.0,
        idf_power=1.0,
    )
    documents = [Document(id="a", text="cat dog dog", title="cat"), Document(id="b", text="dog mouse")]
    term = Term("cat", "lemma", ("cat",), lambda segment: segment.forms_of_key("cat"), None, None, 1.0, ("cat",))
    (score,) = PlainEvaluation(documents, [], term, parameters).results().values()
    # 2 of 4 words in texts of 3 on average; 1 in a title, which is a quarter of the text.
    text, title = 2 * 2 * 2 / (2 + (0.5 + 0.5 * 4 / 3)), 4 * 0.75 * 1 * 2 / (1 + 1)
    assert score == pytest.approx(math.log(1 + 1.5 / 1.5) * (text + title))
