"""The compiled core: it answers as Python does, keeps to its bounds in files that lie, and is there or not without a difference."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, FieldParameters, RankingParameters, Searcher, Writer, open_index
from naidi.indexer import core
from naidi.indexer.analysis import normalize
from naidi.indexer.codec.container import Container, write_container
from naidi.indexer.state.generations import open_generation
from naidi.search import known_words
from naidi.search.bridges.correspondences import correspondences
from naidi.search.bridges.derivation import relatives
from naidi.search.bridges.near_skeletons import core_skeletons
from naidi.search.bridges.romanisation import candidates, may_have_names
from naidi.search.collection import Collection
from naidi.search.known_words import KnownWords
from naidi.search.query.rewrite import term_of_keys
from naidi.search.ranking import page
from naidi.search.ranking.core_page import CoreWords, core_words_of
from naidi.search.snippets.finder import Finder
from naidi.search.snippets.finder_of_words import FinderOfWords
from naidi.search.snippets.highlighter import Highlighter
from plain_queries import Owner, plain_queries

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

# Words of several keys, of one stem and several lemmas, of one lemma and several stems; names in two alphabets; common words.
_WORDS = """
    the of вакцина вакцины вакцинация вакцинный vaccine vaccines vaccination ели ель есть мыла мыть мою стали сталь
    leaves leaf leave found find saw see Токаев Tokayev ВОЗ воз all in one searching searched rare
"""
WORDS = _WORDS.split()
WEIGHTS = [40, 30, *([4] * (len(WORDS) - 3)), 1]


def text(chance: random.Random, most: int) -> str:
    words = chance.choices(WORDS, WEIGHTS, k=chance.randint(0, most))
    if words and not chance.randrange(15):
        words += words[:1] * chance.choice([62, 63, 64, 90])
    return " ".join(words)


def made(directory: Path, seed: int, sizes: Sequence[int]) -> Path:
    """An index of a segment of each of these sizes, all but the last with deleted documents."""
    chance = random.Random(seed)
    ids: list[str] = []
    with Writer(directory, flush_tokens=10_000_000) as writer:
        for part, size in enumerate(sizes):
            for doc_id in chance.sample(ids, len(ids) // 7):
                writer.delete(doc_id)
                ids.remove(doc_id)
            for number in range(size):
                ids.append(f"{chance.choice('xyz')}{part}-{number}")
                title, keywords = chance.choice([0, 5]), chance.choice([0, 0, 0, 3])
                body = text(chance, chance.choice([0, 6, 40]))
                writer.add(Document(ids[-1], body, text(chance, title), keywords=text(chance, keywords)))
            writer.commit()
    return directory


@contextmanager
def in_python() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "is_used", False)
        yield


SIZES = [(40,), (300, 90, 50), (12, 9, 5, 4, 3), (1, 1), (700,)]


@pytest.fixture(scope="module")
def searchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Searcher]]:
    found = [open_index(made(tmp_path_factory.mktemp("index"), seed, sizes)) for seed, sizes in enumerate(SIZES)]
    directory = made(tmp_path_factory.mktemp("index"), 9, (60, 30))
    (directory / "synonyms.txt").write_text("rare = found\nсталь = leaf saw = all in one\n", encoding="utf-8")
    few = replace(RankingParameters(), rescored=5)
    uneven = replace(
        few, lemma_weight=0.9, stem_weight=0.2, shared_lemmas=0.6, idf_power=1.0, text=FieldParameters(0.7, 0.3, 1.5)
    )
    no_titles = replace(few, title=FieldParameters(0.0, 1.0, 0.0), stem_weight=0.0)
    found += [Searcher(directory, parameters=each) for each in (few, uneven, no_titles)]
    yield found
    for searcher in found:
        searcher.close()


words = st.sampled_from([*WORDS, "вокцина", "nowhere", "Tokaev", "дуфлу", "лист"])
bare = st.lists(words, min_size=1, max_size=6)
queries = st.one_of(
    bare.map(" ".join),
    bare.map(" AND ".join),
    st.tuples(words, st.integers(1, 5)).map(lambda both: f"{both[0][: both[1]]}*"),
    bare.map(lambda found: f'"{" ".join(found)}"'),
    st.tuples(bare, st.sampled_from([0, 1, 2, 5, 30, 200, 10**9])).map(lambda both: f'"{" ".join(both[0])}"~{both[1]}'),
    st.tuples(bare, bare).map(lambda both: f'"{" ".join(both[0])}"~4 {" ".join(both[1])}'),
    st.tuples(bare, bare).map(lambda both: f'"{" ".join(both[0])}" {" ".join(both[1])}'),
    st.tuples(words, words, words).map(lambda found: f"{found[0]}^3 {found[1]}-{found[2]} {found[1]}^0.5"),
    st.tuples(bare, st.sampled_from(["lang:en", "-lang:ru", "date:2020"])).map(
        lambda both: f"{' '.join(both[0])} {both[1]}"
    ),
)


@settings(max_examples=examples(120))
@given(
    st.integers(0, len(SIZES) + 2),
    queries,
    st.sampled_from([0, 1, 3, 10, 1000]),
    st.sampled_from([0, 0, 2]),
    st.sampled_from([0, 3]),
    st.fixed_dictionaries(
        {}, optional={"mode": st.just("all"), "language": st.sampled_from(["en", "ru"]), "exact": st.just(True)}
    ),
)
def test_the_core_finds_what_python_finds(
    searchers: list[Searcher], number: int, query: str, limit: int, offset: int, snippets: int, options: dict[str, Any]
) -> None:
    searcher, options = searchers[number], {**options, **({"offset": offset} if offset else {})}
    for _ in range(2):  # what is kept of the first time must not tell
        ids = searcher.search_ids(query, limit, **options)
        found = searcher.search(query, limit, snippets=snippets, **options)
    with in_python():
        expected = searcher.search_ids(query, limit, **options)
        whole = searcher.search(query, limit, snippets=snippets, **options)
    assert [doc_id for doc_id, _ in ids] == [doc_id for doc_id, _ in expected]
    assert [score for _, score in ids] == pytest.approx([score for _, score in expected], rel=1e-9)
    assert [replace(hit, score=0.0) for hit in found.hits] == [replace(hit, score=0.0) for hit in whole.hits]
    assert (found.total, found.total_is_exact) == (whole.total, whole.total_is_exact)
    assert (found.corrections, found.warnings) == (whole.corrections, whole.warnings)


# Each with a share of the words below, so that segments and deletions matter.
_ROOTS = """
    vaccine vaccines vaccinate vaccination vaccinations scribe describe describer description descriptive
    kazakhstan kazakhstani kazakh happy happily happiness unhappy act action active actor part party
    вакцина вакцины вакцинация вакцинный вакцинировать Казахстан казахстанский казахстанец казахский рука ручной рукой
    снег снежный книга книжный книжка стол столица ветер ветреный мир мировой мирный мыть мытьё осёл ослиный ТОО
"""
ROOTS = _ROOTS.split()


def write_samples(
    index: Path, words: list[str], *, parts: int, docs: int, words_each: int, deleted_parts: int, deleted_every: int
) -> None:
    """An index of segments whose documents have some of the words each; of the first segments some are deleted."""
    chance = random.Random(2)
    with Writer(index, flush_tokens=10_000_000) as writer:
        for part in range(parts):
            for number in range(docs):
                writer.add(Document(f"{part}-{number}", " ".join(chance.sample(words, words_each))))
            writer.commit()
        for part in range(deleted_parts):
            for number in range(0, docs, deleted_every):
                writer.delete(f"{part}-{number}")


def test_the_core_knows_of_words_what_python_knows(tmp_path: Path) -> None:
    write_samples(tmp_path / "index", ROOTS, parts=3, docs=20, words_each=5, deleted_parts=2, deleted_every=3)
    with open_index(tmp_path / "index") as searcher:
        collection = Collection(searcher.generation)
        found = 0
        for form in [*ROOTS, "Казахстан".lower(), "nowhere", "рукою", "a" * 5_000, "\ud800", "казак", "xyz", "стола"]:
            known, lexicon = collection.core_lexicon.known(form), collection.known_form(form)
            related = [
                relatives(collection, keys)
                for keys in ((form,), (form, "act", "ТОО"), (*(lexicon or ((),))[0], "рука"))
            ]
            with in_python():
                assert lexicon == collection.known_form(form), form
                plain = Collection(searcher.generation)
                assert related == [
                    relatives(plain, keys) for keys in ((form,), (form, "act", "ТОО"), (*(lexicon or ((),))[0], "рука"))
                ]
                if known is not None:
                    keys = known[0]
                    facts = plain.doc_freq(keys), plain.knows_any(keys), all(map(plain.is_common_key, keys))
                    assert known[2:] == facts, form
                    assert collection.core_lexicon.doc_freq((*keys, "nowhere")) == plain.doc_freq((*keys, "nowhere"))
            found += len(related[0])
        assert found > 40


_FORMS = """
    o'neil find Finder finding FINDINGS ёлка Ёлочка ель ели вакцина вакцинами вакцинация и it's c++ C# .NET straße STRASSE Σίσυφος
    naïve 2021 12-й абвгдежзиклмнопрстуфхцчшщъыьэюяабвгдежзиклмнопрстуфхцчшщъыьэюя
"""


def test_the_core_knows_plain_words(tmp_path: Path) -> None:
    samples = {"parts": 3, "docs": 20, "words_each": 12, "deleted_parts": 1, "deleted_every": 3}
    endings = ["", "у", "ом", "s", "ing", "'s"]
    roots = [*_FORMS.split(), *[f"вакцин{ending}" for ending in ("", "у", "ой", "ы", "ам")], "а" * 300]
    write_samples(tmp_path / "index", [root + each for root in roots for each in endings], **samples)
    compared = left = 0
    with open_index(tmp_path / "index") as searcher:
        collection = Collection(searcher.generation)
        words = core_words_of(collection, RankingParameters())
        assert words is not None
        for form in sorted({form for segment in collection.segments for form in segment.forms.strings()}):
            known = collection.known_form(form)
            assert known is not None
            term = term_of_keys(form, *known)
            forms = list(
                dict.fromkeys(segment.forms[n] for segment in collection.segments for n in term.forms(segment))
            )
            finder = FinderOfWords(lambda: Finder({}), (words.word(term),), (), [1.0], {0: 1})
            try:
                plain = Highlighter(finder)._core is not None
            except NotImplementedError:
                plain = False
            left += not plain
            compared += plain
            simple = all(
                len(each) <= 64
                and each[-1] not in "+#"
                and all(" " < c < "\u0800" and (c.lower() == c or re.match("[A-ZА-ЯЁ]", c)) for c in each)
                for each in forms
            )
            assert plain == simple, form
    assert compared > 40 and left > 2


_NAMES = """
    Tokayev Токаев Tokaev Токаева Ghebreyesus Гебрейесус Гебреисус Churchill Черчилль Черчиль vaccine вакцина vaktsina
    Назарбаев Nazarbayev Nasarbajew Шымкент Shymkent Chimkent Чимкент Алматы Almaty Almati Жомарт Zhomart Jomart Яо Yao
    Щукин Shchukin Schukin Ёлкин Yolkin Моне Monet Флавий Flavius Ксенофонт Xenophon Әли Ali naïve наив washer ваш
"""
NAMES = _NAMES.split()


def test_the_core_finds_the_names_of_the_other_alphabet_that_python_finds(tmp_path: Path) -> None:
    write_samples(tmp_path / "index", NAMES, parts=2, docs=25, words_each=4, deleted_parts=1, deleted_every=4)
    with open_index(tmp_path / "index") as searcher:
        own, plain = Collection(searcher.generation), Collection(searcher.generation)
        number = asked = 0
        for name in [*NAMES, "а" * 41, "а" * 40, "4elovek", "x", "\u4e2d", "\U0001f600a"]:
            for strict in (False, True):
                found = candidates(own, name, strict=strict)
                with in_python():
                    assert found == candidates(plain, name, strict=strict), name
                number += len(found)
            known = own.core_lexicon.known(normalize.form(name))
            if known is not None and not known[4]:
                may, has = may_have_names(own, own.core_lexicon, name, known[0]), candidates(own, name, strict=True)
                assert may or not has, name  # it may, too, if only deleted documents have one
                asked += may == bool(has)
        assert asked > 20
        assert number > 50


def test_most_queries_are_answered_by_the_core(searchers: list[Searcher], monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above would compare Python with itself."""
    pages: list[bool] = []
    at_once: list[bool] = []
    nodes: list[bool] = []
    shown: list[bool] = []
    core_page, ids, node, own_page = page.core_page, KnownWords.ids, KnownWords.node, KnownWords.page
    monkeypatch.setattr(KnownWords, "page", lambda *given: noted(shown, own_page(*given)))
    monkeypatch.setattr(KnownWords, "node", lambda *given: noted(nodes, node(*given)))
    monkeypatch.setattr(page, "core_page", lambda *given: noted(pages, core_page(*given)))
    monkeypatch.setattr(KnownWords, "ids", lambda *given: noted(at_once, ids(*given)))
    plain = ("вакцина", "the leaf", "found AND the", '"the of"', '"the of"~3', "Tokayev the", "вак*")
    for searcher in searchers[1:3] + searchers[4:]:
        for query in plain:
            searcher.search_ids(query)
            searcher.search(query, snippets=0)
        for query in (*plain[:-1], "rare lang:en", "сталь^2 the"):
            searcher.search(query, snippets=1)
    assert shown == [True] * 7 * (len(searchers) - 2)
    assert at_once == [True] * 7 * (len(searchers) - 2)
    assert all(pages) and len(pages) >= 8 * (len(searchers) - 2)
    assert sum(nodes) >= 6 * (len(searchers) - 2)


@pytest.mark.parametrize("count", [32, 33, 60, 100, 101, 140])
def test_long_queries(searchers: list[Searcher], count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond some words they are not answered at once, nor if some of them might be left out for what they cost."""
    chance = random.Random(count)
    at_once: list[bool] = []
    ids = KnownWords.ids
    monkeypatch.setattr(KnownWords, "ids", lambda *given: noted(at_once, ids(*given)))
    for searcher in (searchers[1], searchers[4]):
        query = " ".join(chance.choices(WORDS, k=count))
        found = searcher.search_ids(query, 30)
        shown = searcher.search(query, 30, snippets=2)
        with in_python():
            expected = searcher.search_ids(query, 30)
            plain = searcher.search(query, 30, snippets=2)
        assert [doc_id for doc_id, _ in found] == [doc_id for doc_id, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-9)
        assert [replace(hit, score=0.0) for hit in shown.hits] == [replace(hit, score=0.0) for hit in plain.hits]
        assert (shown.corrections, shown.warnings) == (plain.corrections, plain.warnings)
    assert at_once == [count <= 100] * 2
    monkeypatch.setattr(known_words, "MAX_STEPS", 1_000)
    searchers[4].search_ids(query, 30)
    assert at_once[2:] == [count <= 32]


def noted(answered: list[bool], found: Any) -> Any:
    answered.append(found is not None)
    return found


def test_positions_of_more_than_16_bits(tmp_path: Path) -> None:
    """And a list of more than one block, frequencies that no code holds, forms of one stem."""
    chance = random.Random(1)
    with Writer(tmp_path / "index", flush_tokens=10_000_000) as writer:
        for number in range(80):
            size = 70_000 if number % 40 == 7 else 60
            writer.add(
                Document(
                    f"d{number}", " ".join(chance.choices([*WORDS, "x"], k=size)) + " rare pair of words", "the title"
                )
            )
    with open_index(tmp_path / "index") as searcher:
        for query in (
            '"rare pair"',
            "rare pair",
            '"searching searched"',
            "vaccine vaccines",
            '"вакцина вакцины"',
            "the title",
        ):
            found = searcher.search_ids(query, 80)
            with in_python():
                expected = searcher.search_ids(query, 80)
            assert [doc_id for doc_id, _ in found] == [doc_id for doc_id, _ in expected], query
            assert [score for _, score in found] == pytest.approx([score for _, score in expected], rel=1e-9)


def test_threads_share_a_searcher(searchers: list[Searcher]) -> None:
    asked = [" ".join(random.Random(seed).sample(WORDS, 3)) for seed in range(60)]
    asked += [f'"{query}"' for query in asked]
    expected = [searchers[1].search_ids(query) for query in asked]
    with Searcher(searchers[1].generation.directory.parent) as fresh, ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(fresh.search_ids, asked)) == expected


# -- files that lie


def lies(values: np.ndarray[Any, Any], chance: random.Random) -> Iterator[np.ndarray[Any, Any]]:
    """The values of a section, some of them wrong."""
    for wrong in (np.iinfo(values.dtype).max, 0, 1, len(values)):
        for some in (slice(None), slice(-1, None), slice(0, None, 3)):
            told = values.copy()
            told[some] = min(wrong, np.iinfo(values.dtype).max)
            yield told
    shuffled = values.tolist()
    chance.shuffle(shuffled)
    yield np.array(shuffled, values.dtype)


def test_no_number_of_a_file_leads_out_of_it(tmp_path: Path) -> None:
    """Each section in turn is wrong. The core answers something, or says that the file is damaged. A crash would end this run."""
    from naidi._core import SECTIONS

    directory = made(tmp_path / "index", 3, (90,))
    (segment,) = directory.glob("gen-*/*.seg")
    good = Container(segment)
    sections = {name: good[name].copy() for name in good.table}
    chance = random.Random(5)
    outcomes = {"answered": 0, "damaged": 0}
    for name in SECTIONS:
        for number, told in enumerate(lies(sections[name], chance)) if len(sections[name]) else ():
            place = tmp_path / f"{name}-{number}.seg"
            write_container(place, {**sections, name: told}, good.meta)
            outcomes[asked_of(directory, place)] += 1
            place.unlink()
    assert min(outcomes.values()) > 50, outcomes


def test_positions_whose_blocks_lie_outside_are_damage(tmp_path: Path) -> None:
    directory = made(tmp_path / "index", 3, (90,))
    (segment,) = directory.glob("gen-*/*.seg")
    good = Container(segment)
    offset, size, _ = good.table["positions"]
    data = bytearray(segment.read_bytes())
    for entry in range(offset + size - 44 * -(-good.packed["positions"][0] // 256), offset + size, 44):
        data[entry + 4 : entry + 12] = b"\xff" * 8  # the widths of its blocks
    (place := tmp_path / "other.seg").write_bytes(data)
    assert (asked_of(directory, segment), asked_of(directory, place)) == ("answered", "damaged")


def asked_of(directory: Path, segment: Path) -> str:
    """What becomes of many questions to an index with another segment: "answered", or "damaged" if any shows damage."""
    from naidi.indexer.codec.segment import Segment

    generation = open_generation(directory)
    generation.segments[:] = [Segment(segment)]
    collection = Collection(generation)
    collection.doc_count = collection.segments[0].doc_count
    try:
        words = CoreWords(collection, RankingParameters())
        asked = [words.core.word((form,), form) for form in WORDS]
        asked += [words.core.word((form, "the", "leaf"), None) for form in WORDS]
        for left, right in pairwise(asked):
            for all_words in (False, True):
                words.core.best(((left, 1.0, right, 0.5), (right, 1.0)), all_words, 10, 100, None)
            words.core.best_arms((left, 1.0, right, 0.5), [(0, doc) for doc in range(collection.doc_count)])
            for slop in (0, 3):
                words.core.best(((words.core.phrase((left, right), slop), 1.0),), False, 10, 0, None)
        for form in WORDS:
            words.core.best(((words.core.beginning((form[:2], form.upper())), 1.0),), False, 10, 0, None)
            known = collection.core_lexicon.known(form)
            relatives(collection, (form,) if known is None else known[0])
            candidates(collection, form)
            may_have_names(collection, collection.core_lexicon, form, (form,))
            queries, owner = plain_queries(words.core), Owner(words.core)
            queries.plain(owner, form)
            for query in (form, f"the {form}", f'"the {form}"'):
                queries.ids(owner, query, 10)
                queries.page(owner, query, 10)
        for doc in range(collection.doc_count):
            collection.views[0].memory.core.names(doc)
    except IndexError:
        return "damaged"
    return "answered"


def test_ids_and_titles(searchers: list[Searcher]) -> None:
    for searcher in searchers[:4]:
        for view in Collection(searcher.generation).views:
            segment, named = view.segment, view.memory.core
            docs = range(segment.doc_count)
            assert [named.names(doc) for doc in docs] == [(segment.doc_id(doc), segment.titles[doc]) for doc in docs]
            for wrong in (segment.doc_count, 1 << 33):
                with pytest.raises(IndexError):
                    named.names(wrong)
            with pytest.raises((OverflowError, TypeError)):
                named.names(-1)


def test_arguments_that_make_no_sense(searchers: list[Searcher]) -> None:
    from naidi import _core

    collection = Collection(open_generation(searchers[0].generation.directory.parent))
    words, others = (CoreWords(collection, RankingParameters()).core for _ in range(2))
    word, stranger = words.word(("the",), "the"), others.word(("the",), None)
    wrong: list[Any] = [
        (),
        ((word,),),
        ((word, "1"),),
        ((word, -1.0),),
        ((word, float("nan")),),
        ((stranger, 1.0),),
        (1,),
    ]
    for slots in wrong:
        with pytest.raises((TypeError, ValueError)):
            words.best(slots, False, 10, 0, None)
    for k, rescored, allowed in (
        (-1, 0, None),
        (1, -1, None),
        (1, 0, ()),
        (1, 0, (np.ones(3, np.bool_),)),
        (1, 0, (1,)),
    ):
        with pytest.raises((TypeError, ValueError)):
            words.best(((word, 1.0),), False, k, rescored, allowed)  # type: ignore[arg-type]
    for keys, stem in (((1,), None), (("a",), 2), (("a",) * 65, None), ("a", None)):
        with pytest.raises(TypeError):
            words.word(keys, stem)  # type: ignore[arg-type]
    for phrase in ((), (1,), (others.word(("the",), None),)):
        with pytest.raises((TypeError, ValueError)):
            words.phrase(phrase, 0)  # type: ignore[arg-type]
    for others_words, places in (
        ((stranger,), []),
        ((1,), []),
        ((word,) * 129, []),
        ((word,), [1]),
        ((word,), [(1, 0)]),
    ):
        with pytest.raises((TypeError, ValueError)):
            words.lacking(others_words, places)  # type: ignore[arg-type]
    for slot, places in (
        ((), []),
        ((word, "1"), []),
        ((word, -1.0), []),
        ((stranger, 1.0), []),
        ((word, 1.0), [1]),
        ((word, 1.0), [(1, 0)]),
        ((word, 1.0), [(0, 1 << 31)]),
    ):
        with pytest.raises((TypeError, ValueError)):
            words.best_arms(slot, places)  # type: ignore[arg-type]
    assert words.lacking((word,), [(0, (1 << 32) - 1)]) == [(1, 1)]  # no such document: none has it
    many = len(_core.SECTIONS)
    for sections in ((), (1,) * many, (np.zeros(1, np.int8),) * many, (np.zeros(1, "V0"),) * many):
        with pytest.raises((TypeError, ValueError)):
            _core.Segment(sections)  # type: ignore[arg-type]
    lexicon = collection.core_lexicon
    segments = tuple(view.memory.core for view in collection.views)
    for held in ((), (segments, ()), (segments, (np.ones(3, np.uint8),)), ((1,), (None,)), (segments, (1,))):
        with pytest.raises((TypeError, ValueError)):
            _core.Lexicon(*held)  # type: ignore[call-arg, arg-type]
    with pytest.raises(TypeError):
        lexicon.known(1)  # type: ignore[arg-type]
    for wrong in ("key", ["key"], (1,)):
        with pytest.raises(TypeError):
            lexicon.doc_freq(wrong)  # type: ignore[arg-type]
    none: _core.Language = ((), b"", (), {}, {})
    line = (b"a", False, 3, ((b"b", False),))
    for language in (
        (),
        ((1,), b"", (), {}, {}),
        ((line[:3],), b"", (), {}, {}),
        ((("a", *line[1:]),), b"", (), {}, {}),
        (((b"a" * 61, *line[1:]),), b"", (), {}, {}),
        ((), "", (), {}, {}),
        ((), b"", ("a",), {}, {}),
        ((), b"", (), {"a": b"b"}, {}),
        ((), b"", (), {}, {"a": ("b",)}),
    ):
        with pytest.raises((TypeError, ValueError)):
            _core.Derivation(none, language)  # type: ignore[arg-type]
    tables = _core.Derivation(((line,), b"", (), {}, {}), none)
    assert tables.relatives(lexicon, ("the", "a" * 50, "\ud800", "")) == set()
    for asked in ((lexicon, (1,)), (1, ("the",))):
        with pytest.raises(TypeError):
            tables.relatives(*asked)  # type: ignore[arg-type]
    for asked in ((1, 5, 0), ((-1,), 5, 0), (("1",), 5, 0)):
        with pytest.raises((TypeError, OverflowError)):
            segments[0].keys_of_skeletons(*asked)  # type: ignore[arg-type]
    table = correspondences()
    latin = table.latin.letters, table.latin.steps, table._of_latin, tuple(map(bytes, table._latin_sizes))
    cyrillic = (
        table.cyrillic.letters,
        table.cyrillic.steps,
        table._of_cyrillic,
        tuple(map(bytes, table._cyrillic_sizes)),
    )
    _core.Correspondences(latin, cyrillic)
    for number in range(4):
        short: list[Any] = [*cyrillic]
        short[number] = short[number][: -1 if number else 100]
        for wrong_side in ((*cyrillic[:number], 1, *cyrillic[number + 1 :]), tuple(short), cyrillic[:3]):
            with pytest.raises((TypeError, ValueError)):
                _core.Correspondences(latin, wrong_side)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="fit"):
        _core.Correspondences(latin, (cyrillic[0], cyrillic[1] + np.int16(1), *cyrillic[2:]))
    with pytest.raises(ValueError, match="40 letters"):
        table.costs("a" * 41, ["а"], cyrillic=False)
    symbols, classes = np.zeros(1 << 16, np.uint8), bytes(64**3)
    row = ("a", "b", "c", (b"\1",))
    _core.Skeletons(symbols, classes, 27, (row,), {"а": (b"",)}, ())
    for broken in (
        (symbols[1:], classes, 27, (), {}, ()),
        (symbols, classes[1:], 27, (), {}, ()),
        (symbols, classes, 27, (row[:3],), {}, ()),
        (symbols, classes, 27, (("ab", *row[1:]),), {}, ()),
        (symbols, classes, 27, ((*row[:3], (b"\1\2\3",)),), {}, ()),
        (symbols, classes, 27, (), {"а": b""}, ()),
        (symbols, classes, 27, (), {}, (1,)),
        (symbols, classes),
    ):
        with pytest.raises((TypeError, ValueError)):
            _core.Skeletons(*broken)  # type: ignore[arg-type, call-arg]
    names = core_skeletons()
    with pytest.raises(ValueError, match="40 letters"):
        names.may_be_names(table.in_core, lexicon, ("a" * 41,), False, 0.5)
    assert names.may_be_names(table.in_core, lexicon, ("",), False, 0.5)
    assert not names.may_be_names(table.in_core, lexicon, (), False, 0.5)
    for beginnings in ((1,), ["a"], "a"):
        with pytest.raises(TypeError):
            words.beginning(beginnings)  # type: ignore[arg-type]
    assert words.beginning(("\ud800", "a" * 5_000)).weight == 0.0
    assert plain_queries(words).plain(Owner(words), "\ud800") is None
    assert words.word(("\ud800", "a" * 5_000), "\ud800").weight == 0.0
    for impossible in ({"stem_weight": -1.0}, {"lemma_weight": -0.1}, {"shared_lemmas": -0.1}, {"shared_lemmas": 1.1}):
        parameters = replace(RankingParameters(), **impossible)  # type: ignore[arg-type]
        with Searcher(collection.directory, parameters=parameters) as searcher:
            assert searcher.search_ids("the leaf")  # in Python


# -- there or not


@pytest.mark.parametrize(("value", "expected"), [("1", "core: none"), ("0", "core: C"), ("", "core: C")])
def test_it_can_be_switched_off(value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAIDI_PURE", value)
    code = "from naidi.indexer.core import core_line; print(core_line())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == expected + "\n"
