"""The compiled core where memory runs out: each call answers as ever or raises MemoryError, at each of its allocations."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from failing_memory import needs_fork, survives
from naidi import Document, RankingParameters, Writer
from naidi.indexer import core
from naidi.indexer.analysis.bulk.languages import detect_languages
from naidi.indexer.analysis.bulk.tokens import CoreNumbering
from naidi.indexer.analysis.lemmatize.russian import RussianLemmatizer
from naidi.indexer.codec.lines import line_slots, merged_lines, sorted_lines
from naidi.indexer.codec.word_numbers import line_numbers
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.correspondences import correspondences
from naidi.search.bridges.derivation import core_tables_for
from naidi.search.bridges.near_skeletons import core_skeletons
from naidi.search.bridges.translation_table import TranslationTable
from naidi.search.collection import Collection
from naidi.search.ranking.core_page import CoreWords
from naidi.search.snippets.finder import Absent, Finder
from naidi.search.snippets.highlighter import Highlighter
from plain_queries import Owner, plain_queries

pytestmark = [
    pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off"),
    needs_fork,
]

_WORDS = "the вакцина вакцины вакцинация vaccine vaccines ели ель leaves leaf Токаев Tokayev searching searched"
WORDS = _WORDS.split()
TEXT = " ".join(f"{word}, {other} и The {word}s." for word in WORDS for other in WORDS[:5])


def queries(index: Path) -> dict[str, Callable[[], object]]:
    """What is asked of an index, and how."""
    collection = Collection(open_generation(index))
    lexicon, words = collection.core_lexicon, CoreWords(collection, RankingParameters()).core
    keys = [(word.lower(),) for word in WORDS]
    one, other, none = words.word(keys[0], "the"), words.word(keys[1], "вакцин"), words.word(("xyz",), None)
    slots: Any = ((one, 1.0, other, 0.5), (other, 1.0))
    table, skeletons = correspondences().in_core, core_skeletons()
    return {
        "known": lambda: [lexicon.known(word.lower()) for word in WORDS],
        "relatives": lambda: [sorted(core_tables_for("aя").relatives(lexicon, word)) for word in keys],
        "costs": lambda: table.costs("tokayev", ["токаев", "тукаев"], False),
        "names": lambda: skeletons.may_be_names(table, lexicon, ("tokayev",), False, 0.5),
        "word": lambda: [words.word(word, "the").weight for word in keys],
        "table line": lambda: TranslationTable("a\tа\nleaf\tлист\n".encode()).of("leaf"),
        "beginning": lambda: words.beginning(("ва", "se", "x")).postings,
        "plain": lambda: [word and word[0] for word in (plain(words, form) for form in ("вакцина", "leaf", "xyz"))],
        "phrase": lambda: words.phrase((one, other), 0).weight,
        "near phrase": lambda: words.phrase((one, other), 30).postings,
        "best": lambda: words.best(slots, False, 5, 100, None),
        "best of all": lambda: words.best(slots, True, 5, 100, None),
        "best ids": lambda: words.best_ids(slots, False, 5, 100),
        "plain words": lambda: answered(words, "вакцина leaf", "xyz AND the", "Tokayev"),
        "plain phrases": lambda: answered(words, '"the leaf"', '"вакцина xyz"~9', "vac*"),
        "best of phrase": lambda: words.best_phrase_ids((one, other), 5, 5),
        "lacking": lambda: words.lacking((one, other, none, None), [(0, 1), (1, 2)]),
        "best arms": lambda: words.best_arms(slots[0], [(0, 1), (1, 2)]),
    }


NAMES = [
    *(
        "known",
        "relatives",
        "costs",
        "names",
        "word",
        "table line",
        "beginning",
        "plain",
        "phrase",
        "near phrase",
        "best",
        "best of all",
    ),
    *(
        "best ids",
        "plain words",
        "plain phrases",
        "best of phrase",
        "lacking",
        "best arms",
        "snippets",
        "numbering",
        "language",
        "inversion",
    ),
    *("lines", "keys"),
]


def plain(words: Any, form: str) -> Any:
    return plain_queries(words).plain(Owner(words), form)


def answered(words: Any, *asked: str) -> object:
    queries, owner = plain_queries(words, names=({"lea"}, ({"воз": 1},), 3, True)), Owner(words)
    owner.translations = lambda text, keys: (("вакцина", "xyz"), 0.3)  # type: ignore[method-assign]
    return [(queries.ids(owner, query, 5), queries.page(owner, query, 5)) for query in (*asked, *asked)]


def texts() -> dict[str, Callable[[], object]]:
    """What is made of texts."""
    phrases = [[frozenset({"vaccine"}), frozenset({"ель", "ели"})]]
    finder = Finder({"вакцина": 0, "leaf": 1, "the": 2}, phrases, {1: 2.0}, prefixes={"sea": 3}, stand_ins={})
    highlighter = Highlighter(finder, max_snippets=3, max_chars=80)
    return {
        "snippets": lambda: highlighter.of_hits([TEXT], ["the"], [Absent(0, 0)]),
        "numbering": lambda: numbered(CoreNumbering()),
        "language": lambda: detect_languages([TEXT, "Это русский текст, и он короток."]),
        "inversion": inverted,
        "lines": made_lines,
        "keys": partial(keys_of_words, RussianLemmatizer().in_core),
    }


def numbered(numbering: CoreNumbering) -> object:
    numbers, counts = numbering.number([TEXT, "ещё ASP.NET C++ o'neil ВАКЦИНА\n" * 3])
    return [numbering.forms[number] for number in numbers], list(counts)


def inverted() -> object:
    from naidi._core import invert

    one, lengths = np.ones(1, np.uint32), np.array([300, 2], np.uint32)
    none, ends = np.zeros(2, np.uint32), np.array([1], np.uint64)
    return invert(np.zeros(302, np.uint32), none, lengths, none, one - 1, one, ends, one - 1, 1, 1)


def made_lines() -> object:
    lines, order = sorted_lines(WORDS, np.arange(len(WORDS), dtype=np.uint32))
    used = np.arange(len(lines)) % 2 == 0
    merged, maps = merged_lines([(memoryview(lines.data), len(lines), each) for each in (None, used)])
    slots = line_slots(merged, 5).tolist()
    return merged.data, order.tolist(), [each.tolist() for each in maps], slots


def keys_of_words(russian: Any) -> object:
    from naidi._core import lemma_lines

    counts, lines, common = lemma_lines([*WORDS, "b12"], russian, None)
    numbers = line_numbers()
    found = [
        numbers.of(part).tolist() for part in (lines, b"".join(b"%d\n" % number for number in range(5_000)), lines)
    ]
    table, order = numbers.sorted(np.arange(len(numbers), dtype=np.uint32))
    return counts, common, found, table.data, order.tolist()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory, chance = tmp_path_factory.mktemp("memory") / "index", random.Random(1)
    with Writer(directory) as writer:
        for part in range(2):
            for number in range(30):
                writer.add(Document(f"{part}-{number}", " ".join(chance.choices(WORDS, k=20)), "the leaf"))
            writer.commit()
    return directory


@pytest.mark.parametrize("name", NAMES)
def test_no_allocation_is_taken_for_granted(index: Path, name: str) -> None:
    calls = {**queries(index), **texts()}
    assert list(calls) == NAMES
    assert survives(calls[name])
