"""Plain queries in the compiled core: read as in Python, their words kept within a budget."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, RankingParameters, Searcher, Writer
from naidi.indexer import core
from naidi.indexer.analysis.normalize import form
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.synonyms import WordKeys
from naidi.search.bridges.word_bridges import bridges_of
from naidi.search.collection import Collection
from naidi.search.known_words import KnownWords, known_words_of
from naidi.search.query.expand import prefix_spellings
from naidi.search.query.plain import RESERVED
from naidi.search.ranking.core_page import CoreWords
from plain_queries import Owner, Reading, plain_queries, reading

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

NUMBER = 400
PLAIN = re.compile("[A-Za-z]+|[А-яЁё]+").fullmatch


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """Of many words, each in some documents of two segments."""
    directory, chance = tmp_path_factory.mktemp("plain") / "index", random.Random(5)
    words = [f"{first}{second}{third}" for first in "bcdfghkl" for second in "aeio" for third in "mnprstvz"]
    with Writer(directory) as writer:
        for part in range(2):
            for number in range(NUMBER // 2):
                body = " ".join(chance.choices(words, k=30)) + " вакцина bam den NATO"
                writer.add(Document(f"{part}-{number}", body, "the title"))
            writer.commit()
    with Searcher(directory) as found:
        yield found


@pytest.fixture(scope="module")
def collection(searcher: Searcher) -> Collection:
    return Collection(searcher.generation)


pieces = st.one_of(
    st.sampled_from(
        ["AND", "OR", "НЕ", "and", '"', '"', "~3", "~1234", "*", " ", "  ", "\t\n", "\u3000", "\x1c", "-", "'"]
    ),
    st.sampled_from(
        ["word", "Слово", "X1", "²", "ʼ", "’", "٣", "~٣", "ё", "Ǆ", "\U0001f600", "\U00010400", "\ud800", "a" * 199]
    ),
    st.text(max_size=3),
)
typed = st.lists(pieces, max_size=9).map("".join)
spaced = st.lists(st.sampled_from(["word", "AND", "AND", "слово", "OR", "x*"]), max_size=9).map(" ".join)


@settings(max_examples=examples(600))
@given(st.one_of(typed, spaced, typed.map(lambda text: f'"{text}"'), typed.map(lambda text: f'"{text}"~7')))
@example("")
@example(" ")
@example('"')
@example('""')
@example('"a b"~')
@example('"a b"~0')
@example("a* ")
@example("ʼ*")
@example("*")
@example("a" * 199 + "*")
@example("a" * 200 + "*")
@example(" ".join(["word"] * 100))
@example(" ".join(["word"] * 101))
@example(" AND ".join(["word"] * 100))
@example(" AND ".join(["word"] * 101))
@example(" ".join(["word"] * 300))
@example('"' + "a b " * 16 + '"')
@example('"' + "a b " * 16 + 'c"')
@example('"' + "a b " * 32 + '"~5')
@example('"' + "a b " * 32 + 'c"~5')
@example("a" * 10_000)
@example("a" * 10_001)
def test_queries_are_read_as_in_python(collection: Collection, query: str) -> None:
    """The core asks for each word that it does not know, here all but simple beginnings."""
    words = CoreWords(collection, RankingParameters()).core
    owner = Owner(words)
    plain_queries(words).ids(owner, query, 3)
    kind, asked = reading(query) or Reading("words", [])
    expected = [(kind, word) for word in dict.fromkeys(asked)]
    if kind == "beginning":
        expected = [("limits", ""), *([] if is_simple(asked[0][:-1]) else expected)]
    assert owner.asked == expected


def is_simple(beginning: str) -> bool:
    """Whether the core knows how a beginning is spelt."""
    simple = PLAIN(beginning) is not None and len(beginning) <= 100
    return simple and prefix_spellings(beginning) is not None


beginnings = st.text("abzеёЕЁяЯAxЖ1", min_size=1, max_size=12)


@settings(max_examples=examples(300))
@given(beginnings)
@example("е" * 3)
@example("е" * 4)
@example("АБВГДЕЖЗИ")
@example("АБВГДЕЖЗИК")
@example("x" * 100)
@example("x" * 101)
def test_beginnings_are_spelt_as_in_python(of_beginnings: tuple[Collection, list[str]], beginning: str) -> None:
    collection, forms = of_beginnings
    words = CoreWords(collection, RankingParameters()).core
    owner = Owner(words, knows=False)
    found = plain_queries(words).ids(owner, f"{beginning}*", 100)
    assert len(owner.asked) == (1 if is_simple(beginning) else 2)
    if len(owner.asked) == 2:
        return
    spellings = prefix_spellings(beginning)
    assert spellings is not None
    expected = {form for form in forms if form.startswith(spellings)}
    assert {doc_id for doc_id, _ in found or ()} == expected


@pytest.fixture(scope="module")
def of_beginnings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Collection, list[str]]:
    """A document of each form."""
    directory, chance = tmp_path_factory.mktemp("beginnings") / "index", random.Random(2)
    texts = {
        "".join(chance.choices(letters, k=chance.randint(1, 5))) for letters in ("abzx", "еёяж") for _ in range(150)
    }
    forms = sorted({form(text) for text in texts | {text.upper() for text in texts}})
    with Writer(directory) as writer:
        for each in forms:
            writer.add(Document(each, each))
    return Collection(open_generation(directory)), forms


def test_nothing_is_asked_behind_a_word_that_nobody_knows(collection: Collection) -> None:
    words = CoreWords(collection, RankingParameters()).core
    owner, queries = Owner(words, knows=False), plain_queries(words)
    for _ in range(2):
        assert queries.ids(owner, "nowhere word", 3) is None
        assert queries.ids(owner, '"nowhere word"', 3) is None
        assert queries.ids(owner, "n0wh*", 3) is None
    assert owner.asked == [("words", "nowhere"), ("phrase", "nowhere"), ("limits", ""), ("beginning", "n0wh*")]


def test_words_of_the_index_are_known_without_python(collection: Collection) -> None:
    words = CoreWords(collection, RankingParameters()).core
    owner, queries = Owner(words), plain_queries(words)
    for query in ("bam", "Bam", "bam den", "bam AND den", '"bam den"', '"вакцина bam"~5', "Вакцина"):
        assert queries.ids(owner, query, 3)
    assert owner.asked == []
    for text in ("NATO", "вАКЦИНА", "bamд", "x" * 101):  # another form, or perhaps an abbreviation
        queries.ids(owner, text, 3)
    assert owner.asked == [("words", text) for text in ("NATO", "вАКЦИНА", "bamд", "x" * 101)]


def test_what_is_known_is_what_python_knows(searcher: Searcher) -> None:
    """Each plain word as the tree of a query has it."""
    collection = Collection(searcher.generation)
    known = known_words_of(collection, RankingParameters())
    assert known is not None
    number = 0
    for text in ("bam", "Den", "вакцина", "Вакцина", "title", "the", "nato"):
        found, expected = known._queries.plain(known, text), known.know(text)
        if found is None:
            continue
        assert expected is not None
        keys, stem, alone, among_others, _, leads = found
        assert (text, keys, stem, leads) == (*expected[:3], expected[5])
        assert alone[1::2] == pytest.approx(expected[3][1::2])
        assert among_others[1::2] == pytest.approx(expected[4][1::2])
        number += 1
    assert number >= 5


def test_words_are_kept_within_the_budget(collection: Collection) -> None:
    """And the words that are asked for again and again stay."""
    words = CoreWords(collection, RankingParameters()).core
    owner, queries = Owner(words), plain_queries(words, bytes=40_000)
    for number in range(300):
        queries.ids(owner, f"{number}word bam {number}*", 3)
        queries.ids(owner, f"{number}word", 3)
        queries.ids(owner, f'"{number}word often"', 3)
        assert all(bytes <= 20_000 for bytes in queries.kept_bytes)
    often = [text for kind, text in owner.asked if text == "often"]
    assert len(often) == 1
    queries.ids(owner, "0word", 3)
    assert owner.asked.count(("words", "0word")) == 2  # it was let go
    small = plain_queries(words, bytes=100)
    assert [small.ids(owner, "bam", 3) for _ in range(2)] == [queries.ids(owner, "bam", 3)] * 2
    assert small.kept_bytes == (0, 0)


def test_threads_share_known_words(searcher: Searcher) -> None:
    """While words are let go and made anew all the time."""
    collection = Collection(searcher.generation)
    words = CoreWords(collection, RankingParameters())
    known = KnownWords(collection, RankingParameters(), words, bridges_of(collection))
    known._queries = plain_queries(words.core, bytes=8_000)
    chance = random.Random(3)
    texts = [f"{first}{second}{third}" for first in "bcdf" for second in "aeio" for third in "mnpr"]
    asked = [" ".join(chance.sample(texts, chance.randint(1, 4))) for _ in range(300)]
    asked += [f'"{query}"~9' for query in asked]
    expected = [known.ids(query, 5) for query in asked]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(lambda query: known.ids(query, 5), asked)) == expected


def test_an_owner_that_makes_no_sense(collection: Collection, searcher: Searcher) -> None:
    words, others = (CoreWords(collection, RankingParameters()).core for _ in range(2))
    word, stranger = words.word(("bam",), "bam"), others.word(("bam",), "bam")
    wrong: list[Any] = [
        1,
        (),
        ("x", ("x",), "x", (word, 1.0), (word,), False),
        ("x", ("x",), "x", (word, 1.0), (word, 1.0, word, 1.0), False),
        ("x", ("x",), "x", (stranger, 1.0), (stranger, 1.0), False),
        ("x", ("x",), "x", (word, -1.0), (word, 1.0), False),
        ("x", ("x",), "x", (word, float("nan")), (word, 1.0), False),
        ("x", ("x",), "x", (word, "y"), (word, 1.0), False),
        ("x", ["x"], "x", (word, 1.0), (word, 1.0), False),
        stranger,
    ]
    for told in wrong:
        owner, queries = Owner(words), plain_queries(words)
        owner.know = owner.know_in_phrase = owner.know_beginning = lambda text, told=told: told  # type: ignore[assignment, method-assign]
        for query in ("nowhere", '"nowhere here"', "n0wh*"):
            with pytest.raises((TypeError, ValueError)):
                queries.ids(owner, query, 3)
    owner = Owner(words)
    owner.derivation_tables = lambda text: 1  # type: ignore[method-assign]
    with pytest.raises(TypeError, match="tables of derivation"):
        plain_queries(words, derived=(10**9, 12, 0.2, 0.1)).ids(owner, "bam", 3)
    for names in (1, (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6)):
        owner = Owner(words)
        owner.name_tables = lambda names=names: names  # type: ignore[assignment, misc, method-assign]
        with pytest.raises(TypeError):
            plain_queries(words).ids(owner, "bam", 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"derived": (50, -1, 0.2, 0.1)},
        {"rescored": -1},
        {"most": (10_000, 128, 32, 64, 200)},
        {"most": (10_000, 0, 32, 64, 200)},
        {"most": (10_000, 100, -1, 64, 200)},
        {"reserved": set(RESERVED)},
        {"names": (None, (1,), 3, False)},
        {"names": ({}, ({},), 3, False)},
        {"bytes": -1},
    ],
)
def test_arguments_that_make_no_sense(collection: Collection, changed: dict[str, Any]) -> None:
    words = CoreWords(collection, RankingParameters()).core
    with pytest.raises((TypeError, ValueError)):
        plain_queries(words, **changed)
    queries: Any = plain_queries(words)
    for asked in ((Owner(words), 1, 3), (Owner(words), "bam", "x"), (Owner(words), "bam", -1), (Owner(words), "bam")):
        with pytest.raises((TypeError, ValueError)):
            queries.ids(*asked)
    with pytest.raises(TypeError):
        queries.plain(Owner(words), 1)


def test_a_limit_that_no_machine_has(searcher: Searcher) -> None:
    with pytest.raises(OverflowError):
        searcher.search_ids("bam", 10**30)


def test_names_of_words_of_several_keys_are_found_as_in_python(tmp_path: Path) -> None:
    body = "сень сени Сеня Senya козака Kozak этапов Etap суперпользователя instantiated Инстант workspaces дескрипторов ёлок"
    with Writer(tmp_path) as writer:
        writer.add(Document("1", body))
        writer.commit()
    with Searcher(tmp_path) as found:
        collection = Collection(found.generation)
        known = known_words_of(collection, RankingParameters())
        assert known is not None
        bridges, lexicon, told = bridges_of(collection), collection.core_lexicon, []
        for text in body.split():
            facts = lexicon.known(text.casefold())
            if facts is not None and len(facts[0]) > 1 and not facts[4]:
                names = bridges.leads_alone(WordKeys(text, facts[0]), False) is None
                for spelt in (text, text.capitalize()):
                    assert (known.node(spelt) is None) == names, spelt
                told.append(names)
        assert set(told) == {True, False}


def test_names_of_several_words_are_found_as_in_python(tmp_path: Path) -> None:
    """Most are passed over in the core, by the second words of names."""
    defined = (
        "The world health organization (WHO) and the world trade organization (WTO) met. A common event format (CEF) was used. "
        "Системы управления базами данных (СУБД) и система управления проектами (СУП) есть. The new development bank (NDB) lends."
    )
    words = [
        "world",
        "health",
        "trade",
        "event",
        "format",
        "system",
        "новый",
        "управления",
        "системы",
        "базами",
        "common",
        "new",
        "bank",
        "development",
        "met",
    ]
    with Writer(tmp_path) as writer:
        for part in range(2):
            for number in range(5):
                writer.add(Document(f"{part}-{number}", f"{defined} {' '.join(words)} United Nations system"))
            writer.commit()
    with Searcher(tmp_path) as found:
        collection = Collection(found.generation)
        known = known_words_of(collection, RankingParameters())
        assert known is not None
        named = set()
        for row in product([*words, "United"], [*words, "organization", "nations"], ["met", "проектами"]):
            nodes = [known.know(word) for word in row]
            has_name = known.has_name([node[:3] for node in nodes if node is not None])
            assert (known.ids(" ".join(row), 3) is None) == has_name, row
            named.add(has_name)
        assert named == {True, False}
