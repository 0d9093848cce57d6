"""Which queries benchmarks/speed.py draws, and how it sums them up."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module", autouse=True)
def modules() -> Iterator[None]:
    """The modules of the benchmarks import one another by bare name; these names must not stay for other tests."""
    yield
    for name in ("workload", "peers", "recombine", "report"):
        sys.modules.pop(name, None)


def _load(name: str, *, package: bool = False) -> ModuleType:
    path = BENCHMARKS / name / "__init__.py" if package else BENCHMARKS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


workload = _load("workload")
peers = _load("peers", package=True)
recombine = _load("recombine")
report = _load("report")

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
    assert len(queries) == 6 * len(workload.KINDS) * 2
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


def test_rare_phrases_single_out_their_document() -> None:
    phrases = workload.Sampler(TEXTS, 1).rare_phrases(2)
    assert len(phrases) == 4
    for phrase in phrases:
        assert [doc for doc, text in BY_ID.items() if " ".join(phrase.words) in text] == [phrase.id]
        assert [doc for doc, text in BY_ID.items() if phrase.rare in text.split()] == [phrase.id]


@pytest.mark.parametrize(
    "unclear", ["non-market", "market's", "MARKET", "market_place", "(market)", "x.market", "market.org", "«market»"]
)
def test_a_word_that_tokenizers_may_read_otherwise_is_not_counted(unclear: str) -> None:
    sampler = workload.Sampler(TEXTS, 1)
    plain = sampler.agreed_counts([*TEXTS, workload.Text("more", "Market, market: market. And market")], 20)
    assert plain["market"] == 4 and plain["farm"] == 3 and plain["дождь"] == 2
    counts = workload.Sampler(TEXTS, 1).agreed_counts([*TEXTS, workload.Text("more", f"a {unclear} b")], 20)
    assert "market" not in counts and counts["farm"] == 3


def test_a_word_that_is_also_spelled_with_yo_is_not_counted() -> None:
    texts = [
        workload.Text(f"yo{number}", text) for number, text in enumerate(["весь зеленый лес", "зеленый лес и дождь"])
    ]
    assert workload.Sampler(texts, 1).agreed_counts(texts, 20) == {"зеленый": 2}
    assert workload.Sampler(texts, 1).agreed_counts([*texts, workload.Text("more", "Зелёный")], 20) == {}


def test_too_few_texts() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        workload.Sampler([workload.Text("only", "all different words")], 1).queries(1)


def test_recombined_documents_are_real_paragraphs_of_one_language() -> None:
    real = [
        peers.Record("en", "Fruit", "first english paragraph\n\nsecond english paragraph"),
        peers.Record("ru", "Фрукты", "первый русский абзац\n \nвторой русский абзац\n\nтретий абзац"),
    ]
    parts = {part: record.id for record in real for part in recombine.paragraphs(record.text)}
    assert len(parts) == 5
    made = list(recombine.recombined(real, 50, 1))
    assert {record.title for record in made} == {"Fruit", "Фрукты"}
    assert len({record.id for record in made}) == 50
    for record in made:
        languages = [parts[part] for part in record.text.split("\n\n")]
        assert languages in (["en"] * 2, ["ru"] * 3)
    assert list(recombine.recombined(real, 10, 1)) == made[:10]
    assert list(recombine.recombined(real, 50, 2)) != made


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


def _measured(
    engine: str, times: dict[str, list[float]], *, size: int = 1_000_000, seconds: float = 2.0
) -> dict[str, Any]:
    """What benchmarks/one_engine.py hands back, with the same times for ids and for shown hits."""
    of_kind = {kind: {"ids": values, "shown": values} for kind, values in times.items()}
    return {
        "engine": engine,
        "docs": 1000,
        "text_bytes": 4_000_000,
        "build_seconds": seconds,
        "build_cpu_seconds": seconds,
        "index_bytes": size,
        "memory_before": 10_000_000,
        "memory_build": 50_000_000,
        "memory_peak": 60_000_000,
        "checked": 3,
        "answered": 1.0,
        "microseconds": of_kind,
    }


NAIDI = _measured("naidi", {"word": [10, 20, 30], "or": [100, 200, 300], "phrase": [1000, 2000, 3000]})
OTHER = _measured("other", {"word": [5, 10, 15], "or": [200, 400, 600]}, size=3_000_000, seconds=1.0)


def test_a_summary_pools_the_queries_of_all_kinds() -> None:
    found = report.summary(NAIDI)
    assert (found["mb_per_s"], found["index_ratio"], found["peak_memory_mb"]) == (2.0, 0.25, 60.0)
    assert found["latency"]["word"]["ids"] == {"p50": 20, "p95": 30}
    assert found["latency"]["all"]["shown"] == {"p50": 200, "p95": 3000}
    assert "and" not in found["latency"]


def test_engines_are_compared_over_the_kinds_that_they_have() -> None:
    rows = [line.split(" | ") for line in report.comparison([NAIDI, OTHER]).splitlines() if line.startswith("| ")]
    sizes = next(row for row in rows if row[0] == "| other")
    assert sizes[1:4] == ["4.00 (2.00)", "0.75 (3.00)", "50 (1.00)"]
    times = [row for row in rows if row[0] == "| other"][1]
    # naidi without phrases: 10 20 30 100 200 300, whose middle is 30; with them it would be 200.
    assert times[1:5] == ["15 (0.50) / 600 (2.00)", "10 (0.50) / 15 (0.50)", "400 (2.00) / 600 (2.00)", "–"]


def test_growth_is_told_from_the_smallest_size() -> None:
    larger = {**NAIDI, "docs": 10_000, "text_bytes": 40_000_000, "build_seconds": 30.0}
    first, second = [
        line for line in report.growth([[NAIDI], [larger]]).splitlines() if line.startswith(("| 1,", "| 10"))
    ]
    assert first.startswith("| 1,000 | 4.0 (1.0) | 2.0 (1.0) | 2.00 (1.0) |")
    assert second.startswith("| 10,000 | 40.0 (10.0) | 30.0 (15.0) | 1.33 (0.7) |")
