"""What benchmarks/speed/speed.py asks and looks for, and of what documents."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import peers
from benchmarks.shared import records, workload
from benchmarks.speed import checks, evidence, process_memory, recombine

ENGLISH = [
    "the farm sold apples and pears to the market in town",
    "the market in town was closed because of the heavy rain",
    "heavy rain closed the farm and spoiled apples for weeks",
    "a zeppelin flew over the market and the farm at noon",
]
RUSSIAN = [
    "в городе открыли новый рынок где продают яблоки и груши",
    "новый рынок закрыли потому что в городе сильный дождь",
    "сильный дождь испортил яблоки и груши на долгие недели",
    "над рынком пролетел дирижабль а в городе был полдень",
]
TEXTS = [workload.Text(f"d{number}", text) for number, text in enumerate(ENGLISH + RUSSIAN)]
BY_ID = {text.id: text.text for text in TEXTS}


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([4, 1, 3, 2], 50, 2),
        ([5, 1, 4, 2, 3], 50, 3),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 21)), 95, 19),
        (list(range(1, 20)), 95, 19),  # 95 % of 19 values are 18.05: the 18th is not enough
        ([2, 1], 100, 2),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert workload.percentile(values, percent) == expected


@given(st.lists(st.integers(), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_covers_so_many(values: list[int], percent: int) -> None:
    found = workload.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1], 0), ([1], 101)])
def test_no_percentile(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="no percentile"):
        workload.percentile(values, percent)


def test_tiers_part_the_words_by_frequency() -> None:
    counts = {"once": 1, "five": 5, "six": 6, "under": 199, "two-percent": 200, "all": 10_000}
    found = workload.tiers(counts, 10_000)
    assert found == {"rare": ["five", "six"], "middle": ["under"], "frequent": ["all", "two-percent"]}
    assert workload.tiers({"word": 1}, 10) == {}


def test_every_kind_comes_equally_often_in_both_languages() -> None:
    queries = workload.Sampler(TEXTS, 1).queries(6)
    assert len(queries) == 6 * (len(workload.KINDS) + 1) * 2
    for kind in workload.KINDS:
        for language in ("en", "ru"):
            assert sum(query.kind == kind and query.language == language for query in queries) == 6


def test_the_seed_decides() -> None:
    first, again, other = (workload.Sampler(TEXTS, seed).queries(6) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("seed", range(5))
def test_queries_are_what_their_kind_says(seed: int) -> None:
    for query in workload.Sampler(TEXTS, seed).queries(10):
        texts = ENGLISH if query.language == "en" else RUSSIAN
        having = [sum(word in text.split() for text in texts) for word in query.words]
        match query.kind:
            case "word":
                assert len(query.words) == 1 and having[0] > 1
            case "or":
                assert 2 <= len(query.words) <= 5 and min(having) > 1
            case "and":
                assert 2 <= len(query.words) <= 5 and len(set(query.words)) == len(query.words)
                assert any(set(query.words) <= set(text.split()) for text in texts)
            case "phrase":
                assert 2 <= len(query.words) <= 5
                assert any(f" {' '.join(query.words)} " in f" {text} " for text in texts)
            case "prefix":
                (prefix,) = query.words
                assert len(prefix) >= 3
                assert any(word.startswith(prefix) and word != prefix for text in texts for word in text.split())


def test_runs_end_at_punctuation_capitals_and_lines() -> None:
    text = "one two, three four Five six seven\neight nine  ten eleven 12 слово"
    runs = [("three", "four"), ("six", "seven"), ("eight", "nine"), ("ten", "eleven")]
    assert list(workload.word_runs(text, "en")) == runs


def _records(texts: list[Any]) -> list[Any]:
    return [records.Record(text.id, "", text.text) for text in texts]


def _counted(source: list[Any], collection: list[Any] | None = None) -> Any:
    """What is found in a collection by looking for what the source has; without one, in the source itself."""
    candidates = evidence.Candidates(_records(source), workload.Sampler(source, 1), 1, 20)
    found = evidence.Evidence(candidates, 1)
    passing = _records(source if collection is None else collection)
    assert list(found.watch(passing)) == passing
    return found


def test_rare_phrases_single_out_their_document() -> None:
    phrases = _counted(TEXTS).phrases(2)
    assert len(phrases) == 4
    for phrase in phrases:
        assert phrase.documents == 1
        assert [doc for doc, text in BY_ID.items() if " ".join(phrase.words) in text] == [phrase.id]
        assert [doc for doc, text in BY_ID.items() if phrase.rare in text.split()] == [phrase.id]


def test_rare_phrases_of_a_made_collection_are_its_own() -> None:
    again = [workload.Text(f"again{number}", text.text) for number, text in enumerate(TEXTS[:2] * 3)]
    phrases = _counted(TEXTS, again).phrases(9)
    assert phrases
    for phrase in phrases:
        having = [text.id for text in again if " ".join(phrase.words) in text.text]
        assert phrase.id in having and phrase.documents == len(having) == 3
    none = [workload.Text("none", "zeppelin over noon"), workload.Text("nothing", "nothing that is known")]
    assert _counted(TEXTS, none).phrases(9) == []


@pytest.mark.parametrize(
    "unclear", ["non-market", "market's", "MARKET", "market_place", "(market)", "x.market", "market.org", "«market»"]
)
def test_a_word_that_tokenizers_may_read_otherwise_is_not_counted(unclear: str) -> None:
    plain = _counted([*TEXTS, workload.Text("more", "Market, market: market. And market")]).counts(20)
    assert plain["market"] == 4 and plain["farm"] == 3 and plain["дождь"] == 2
    counts = _counted([*TEXTS, workload.Text("more", f"a {unclear} b")]).counts(20)
    assert "market" not in counts and counts["farm"] == 3


def test_words_are_counted_in_titles_and_in_the_collection_alone() -> None:
    found = evidence.Evidence(evidence.Candidates(_records(TEXTS), workload.Sampler(TEXTS, 1), 1, 20), 1)
    made = [
        records.Record("1", "Market", "no farm"),
        records.Record("2", "", "the farm; a farm\nfarm"),
        records.Record("3", "", ""),
    ]
    assert list(found.watch(iter(made))) == made
    assert found.counts(20) == {"farm": 2, "market": 1}


def test_a_word_that_is_also_spelled_with_yo_is_not_counted() -> None:
    texts = [
        workload.Text(f"yo{number}", text) for number, text in enumerate(["весь зеленый лес", "зеленый лес и дождь"])
    ]
    assert _counted(texts).counts(20) == {"зеленый": 2}
    assert _counted([*texts, workload.Text("more", "Зелёный")]).counts(20) == {}


class _Scan:
    """An engine that looks through all texts, and may be set up wrongly."""

    whole_words = True

    def __init__(self, *, phrases: bool = True, fault: str = "") -> None:
        self._phrases, self._fault = phrases, fault

    def syntax(self, query: Any) -> str | None:
        if query.kind == "phrase" and not self._phrases:
            return None
        return ("_" if query.kind in ("phrase", "prefix") else " ").join(query.words)

    def search_ids(self, text: str, limit: int) -> list[str]:
        if self._fault == "finds nothing":
            return []
        wanted = [word.replace("_", " ") for word in text.split()]
        having = {doc: sum(word in text for word in wanted) for doc, text in BY_ID.items()}
        best = sorted((doc for doc in having if having[doc]), key=lambda doc: -having[doc])
        if self._fault == "worst first":
            return best[-1:]
        return best[:limit]

    def search_shown(self, text: str, limit: int) -> list[Any]:
        found = self.search_ids(text, limit)[self._fault == "shows others" :]
        return [peers.Shown(doc, "", "…" if self._fault == "no passage" else BY_ID[doc]) for doc in found]

    def count(self, word: str) -> int:
        return sum(word in text.split() for text in BY_ID.values()) - (self._fault == "counts wrongly")


def _check(engine: _Scan) -> int:
    found = _counted(TEXTS)
    queries = workload.Sampler(TEXTS, 1).queries(3)
    return int(checks.check("scan", engine, found.phrases(2), found.counts(5), queries))


@pytest.mark.parametrize("phrases", [True, False])
def test_an_engine_that_is_set_up_rightly_passes(phrases: bool) -> None:
    assert _check(_Scan(phrases=phrases)) > 4


@pytest.mark.parametrize("phrases", [True, False])
@pytest.mark.parametrize("fault", ["finds nothing", "shows others", "counts wrongly"])
def test_an_engine_that_is_set_up_wrongly_does_not(fault: str, phrases: bool) -> None:
    with pytest.raises(AssertionError, match="scan"):
        _check(_Scan(phrases=phrases, fault=fault))


def test_phrases_need_passages_and_bags_of_words_an_order() -> None:
    with pytest.raises(AssertionError, match="no word of"):
        _check(_Scan(fault="no passage"))
    with pytest.raises(AssertionError, match="not among the first"):
        _check(_Scan(phrases=False, fault="worst first"))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="nobody tells the memory of other processes")
def test_the_peaks_of_started_processes_are_seen() -> None:
    child = "import time; held = bytearray(60_000_000); time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); sys.exit(3)"
    code, peaks = process_memory.run_watched([sys.executable, "-c", parent], dict(os.environ))
    assert code == 3
    assert len(peaks) == 1 and 60_000_000 < peaks[0] < 120_000_000
    assert process_memory.peak_memory() > 10_000_000


def test_too_few_texts() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        workload.Sampler([workload.Text("only", "all different words")], 1).queries(1)


REAL = [
    records.Record("en", "Fruit", "first english paragraph\n\nsecond english paragraph"),
    records.Record("ru", "Фрукты", "первый русский абзац\n \nвторой русский абзац\n\nтретий абзац"),
]


def test_recombined_documents_are_real_paragraphs_of_one_language() -> None:
    parts = {part: record.id for record in REAL for part in recombine.paragraphs(record.text)}
    assert len(parts) == 5
    made = list(recombine.Recombined(REAL, 1).documents(50))
    assert {record.title for record in made} == {"Fruit", "Фрукты"}
    assert len({record.id for record in made}) == 50
    for record in made:
        languages = {parts[part] for part in record.text.split("\n\n")}
        assert languages == {"en" if record.title == "Fruit" else "ru"}
    assert list(recombine.Recombined(REAL, 1).documents(10)) == made[:10]
    assert list(recombine.Recombined(REAL, 2).documents(50)) != made


@pytest.mark.parametrize("mean", [300, 1200])
def test_recombined_documents_are_as_long_as_wanted(mean: int) -> None:
    made = list(recombine.Recombined(REAL, 1, mean).documents(500))
    assert sum(len(record.text.encode()) for record in made) / 500 == pytest.approx(mean, rel=0.05)


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("one two three", ["one two three"]),
        ("one two three four", ["one two three", "four"]),
        ("one two\nthree four five", ["one two\nthree", "four five"]),
        ("unbroken-and-long", ["unbroken-and-long"]),
        ("one unbroken-and-long", ["one", "unbroken-and-long"]),
    ],
)
def test_pieces(paragraph: str, expected: list[str]) -> None:
    assert recombine.pieces(paragraph, 13) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb\n \n\nc\n", ["a", "b", "c\n"]),
        ("    First\nline\n    Second", ["    First\nline", "    Second"]),
        ("short\nlines\nstay", ["short\nlines\nstay"]),
        ("l" * 150 + "\n" + "m" * 150, ["l" * 150, "m" * 150]),
        (" \n ", []),
    ],
)
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert recombine.paragraphs(text) == expected
