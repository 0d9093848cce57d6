"""How benchmarks/speed/speed.py sums up, what it calls reached, and what the picture of a run shows."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.shared import workload
from benchmarks.speed import compare, growth, plot, profiled, report, targets


def _measured(
    engine: str, times: dict[str, list[float]], *, size: int = 1_000_000, seconds: float = 2.0
) -> dict[str, Any]:
    """What benchmarks/speed/one_engine.py hands back, with the same times for ids and for shown hits, twice that for the first."""
    parts = {"first_ids": 2, "ids": 1, "first_shown": 2, "shown": 1}
    of_kind = {
        kind: {part: [factor * value for value in values] for part, factor in parts.items()}
        for kind, values in times.items()
    }
    return {
        "engine": engine,
        "docs": 1000,
        "text_bytes": 4_000_000,
        "build_seconds": seconds,
        "build_cpu_seconds": seconds,
        "index_bytes": size,
        "memory_before": 10_000_000,
        "memory_build": 50_000_000,
        "memory_workers": [7_000_000, 3_000_000],
        "open_seconds": 0.002,
        "memory_anonymous": 20_000_000,
        "checked": 3,
        "answered": 1.0,
        "microseconds": of_kind,
    }


NAIDI = _measured("naidi", {"word": [10, 20, 30], "or": [100, 200, 300], "phrase": [1000, 2000, 3000]})
OTHER = _measured("other", {"word": [5, 10, 15], "or": [200, 400, 600]}, size=3_000_000, seconds=1.0)


def test_a_summary_pools_the_queries_of_all_kinds() -> None:
    found = report.summary(NAIDI)
    assert (found["mb_per_s"], found["index_ratio"], found["open_ms"]) == (2.0, 0.25, 2.0)
    assert (found["build_memory_mb"], found["parent_memory_mb"], found["worker_memory_mb"]) == (60.0, 50.0, [7.0, 3.0])
    assert found["latency"]["word"]["ids"] == {"p50": 20, "p95": 30}
    assert found["latency"]["all"]["shown"] == {"p50": 200, "p95": 3000}
    assert "and" not in found["latency"] and "commit_ms" not in found


def test_engines_are_compared_over_the_kinds_that_they_have() -> None:
    tables = report.comparison(report.summaries([NAIDI, OTHER]))
    rows = [line.split(" | ") for line in tables.splitlines() if line.startswith("| ")]
    sizes = next(row for row in rows if row[0] == "| other")
    assert sizes[1:6] == ["4.00 (2.00)", "0.75 (3.00)", "60 (1.00)", "7 + 3", "20 (1.00)"]
    times = [row for row in rows if row[0] == "| other"][2]
    # naidi without phrases: 10 20 30 100 200 300, whose middle is 30; with them it would be 200.
    assert times[1:5] == ["15 (0.50) / 600 (2.00)", "10 (0.50) / 15 (0.50)", "400 (2.00) / 600 (2.00)", "–"]
    short = [line for line in report.brief(report.summaries([NAIDI, OTHER])).splitlines() if line.startswith("| other")]
    assert short == [
        "| other* | 4.00 (2.00) | 0.75 (3.00) | 60 (1.00)"
        " | 30 (0.50) / 1,200 (2.00) | 15 (0.50) / 600 (2.00) | 30 (0.50) / 1,200 (2.00) | 15 (0.50) / 600 (2.00) |"
    ]


def test_an_engine_that_was_only_built_has_no_times() -> None:
    built = {
        name: value for name, value in NAIDI.items() if name not in ("microseconds", "memory_anonymous", "checked")
    }
    found = report.summaries([NAIDI, {**built, "engine": "naidi-1", "build_seconds": 4.0}])
    assert found[1]["latency"] == {}
    rows = [line for line in report.comparison(found).splitlines() if line.startswith("| naidi-1")]
    assert rows == ["| naidi-1 | 1.00 (0.50) | 0.25 (1.00) | 60 (1.00) | 7 + 3 | – | – |"]


def _grown(docs: int, seconds: float) -> dict[str, Any]:
    measured = {**NAIDI, "docs": docs, "text_bytes": docs * 4_000, "build_seconds": seconds}
    return {"docs": docs, "engines": report.summaries([measured]), "cold_start": {"naidi_ms": docs / 100, "ratio": 2}}


def test_growth_is_told_from_ten_thousand_documents() -> None:
    table = growth.growth([_grown(1_000, 2.0), _grown(10_000, 30.0), _grown(100_000, 400.0)], 1200)
    rows = dict(line[2:-2].split(" | ", 1) for line in table.splitlines() if line.startswith("| "))
    assert rows["naidi: documents"] == "1,000 | 10,000 | 100,000"
    assert rows["text MB"] == "4.0 (0.10) | 40.0 (1.00) | 400.0 (10.00)"
    assert rows["indexing MB/s"] == "2.00 (1.50) | 1.33 (1.00) | 1.00 (0.75)"
    assert rows["cold start of naidi search ms"] == "10 (0.10) | 100 (1.00) | 1,000 (10.00)"
    assert "commit of 1 document ms, later" not in rows


def test_growth_without_ten_thousand_documents_is_told_from_the_smallest() -> None:
    assert "| text MB | 4.0 (1.00) | 8.0 (2.00) |" in growth.growth([_grown(1_000, 2.0), _grown(2_000, 4.0)], 1200)
    assert "| text MB | 4.0 |" in growth.growth([_grown(1_000, 2.0)], 1200)


def test_long_queries_stand_apart() -> None:
    long = _measured("naidi", {"word": [10, 20, 30], workload.LONG: [9000]})
    found = report.summary(long)
    assert found["latency"]["all"]["ids"] == found["latency"]["word"]["ids"] == {"p50": 20, "p95": 30}
    assert found["latency"][workload.LONG]["first_shown"] == {"p50": 18_000, "p95": 18_000}
    assert "| naidi | 20 / 30 | 20 / 30 | – | – | – | – | – | 9,000 / 9,000 |" in report.comparison([found])


def _run(engine: str, micro: float, *, mb_per_s: float, p95: float | None = None) -> dict[str, Any]:
    """A summary in which every kind of query takes the same time."""
    times = {part: {"p50": micro, "p95": p95 or micro} for part in ("first_ids", "ids", "first_shown", "shown")}
    kinds = dict.fromkeys(("all", *workload.KINDS, workload.LONG), times)
    return {"engine": engine, "mb_per_s": mb_per_s, "index_ratio": 1.05, "latency": kinds}


def test_targets_are_ratios_within_one_run() -> None:
    naidi = _run("naidi", 100, mb_per_s=5)
    slow = {**naidi["latency"], "and": {**naidi["latency"]["and"], "first_ids": {"p50": 130, "p95": 140}}}
    others = [
        _run("tantivy", 80, mb_per_s=11, p95=200),
        _run("tantivy-stems", 90, mb_per_s=6),
        _run("fts5", 110, mb_per_s=9),
    ]
    large = [{**naidi, "latency": slow}, *others]
    small = [_run("naidi", 10, mb_per_s=4), _run("whoosh", 500, mb_per_s=0.2)]
    found = {target.what: target for target in targets.targets([large, small], {"ratio": 4.5})}
    assert len(found) == 21
    verdicts = {what: (round(target.ratio or 0, 3), target.passed) for what, target in found.items()}
    assert verdicts["ids only, first asked, p50: naidi / tantivy"] == (1.25, False)
    assert verdicts["ids only, first asked, p95: naidi / tantivy"] == (0.5, True)
    assert verdicts["with snippets, first asked, p95: naidi / tantivy"] == (0.5, True)
    assert verdicts["with snippets, first asked, p50, slowest kind: naidi / fts5"] == (0.909, True)
    assert verdicts["ids only, first asked, p50, slowest kind: naidi / fts5"] == (1.182, True)
    assert verdicts["ids only, first asked, p95, slowest kind: naidi / fts5"] == (1.273, False)
    assert found["ids only, first asked, p95, slowest kind: naidi / fts5"].note == "and"
    assert verdicts["long queries with snippets, first asked, p50: milliseconds / 3"] == (0.033, True)
    assert verdicts["ids only, phrase, p50: Whoosh / naidi"] == (50.0, True)
    assert verdicts["indexing MB/s, two processes: naidi / tantivy with stemmers"] == (0.833, True)
    assert verdicts["indexing MB/s, two processes: naidi / Whoosh"] == (20.0, True)
    assert verdicts["index / text"] == (1.05, True)
    assert verdicts["cold naidi search / python -c pass"] == (4.5, False)


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    found = targets.targets([[_run("naidi", 100, mb_per_s=5)]])
    measured = [target.what for target in found if target.passed is not None]
    assert measured == ["long queries with snippets, first asked, p50: milliseconds / 3", "index / text"]
    assert targets.target_table(targets.target_rows(found)).count("not measured") == len(found) - 2
    assert all(target.passed is None for target in targets.targets([[_run("fts5", 1, mb_per_s=1)]]))


def _kept(*runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"machine": {"cpu": "A & B"}, "runs": [{"engines": report.summaries(run)} for run in runs]}


EVERY = _measured("naidi", {kind: [100, 200, 4000] for kind in workload.KINDS})


def test_a_plot_has_each_engine_once() -> None:
    small = [{**EVERY, "docs": 10}, {**EVERY, "engine": "whoosh", "docs": 10}]
    built = {name: value for name, value in EVERY.items() if name != "microseconds"} | {"engine": "naidi-1"}
    found = plot.rows(_kept([EVERY, built, OTHER], small))
    assert [(row.engine, row.docs, row.every_kind) for row in found] == [
        ("naidi", 1000, True),
        ("other", 1000, False),
        ("whoosh", 10, True),
    ]
    assert found[0].times == {"first_ids": (400, 8000), "first_shown": (400, 8000)}


def test_the_scale_is_logarithmic_and_takes_in_every_time() -> None:
    found = plot.rows(_kept([EVERY, OTHER]))
    scale = plot.scale_of(found)
    assert (round(scale.low), round(scale.high)) == (10, 10_000)
    assert scale.ticks() == [10, 100, 1000, 10_000]
    places = [scale.place(tick) for tick in scale.ticks()]
    assert (places[0], places[-1]) == (plot.LEFT, plot.RIGHT)
    assert places[1] - places[0] == pytest.approx(places[3] - places[2])
    narrow = plot.scale_of([plot.Row("one", 1, {"first_ids": (40, 50), "first_shown": (40, 50)}, True)])
    assert narrow.ticks() == [100] and narrow.high / narrow.low >= 10


@pytest.mark.parametrize(
    ("microseconds", "expected"),
    [(7.4, "7 µs"), (999.4, "999 µs"), (999.9, "1.0 ms"), (1550, "1.6 ms"), (9960, "10 ms"), (1.5e6, "1.5 s")],
)
def test_durations(microseconds: float, expected: str) -> None:
    assert plot.duration(microseconds) == expected


def test_the_picture_is_well_formed_and_within_its_bounds() -> None:
    picture = ElementTree.fromstring(plot.plot(_kept([EVERY, OTHER])))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for each in picture.iter():
        for name, bound in (("x", width), ("x1", width), ("x2", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(each.attrib.get(name, 0)) <= bound
    words = "\n".join(each.text or "" for each in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert "A & B" in words and "400 µs" in words and "8.0 ms" in words and "other†" in words


def test_no_picture_of_a_run_at_several_sizes() -> None:
    with pytest.raises(ValueError, match="compares no engines"):
        plot.plot({"scale": {}, "machine": {}})


MACHINE = {"cpu": "A", "cores": 2, "ram_gb": 1.0, "load": 0.0, "system": "S", "python": "3", "versions": {}}


def _dated(*engines: dict[str, Any]) -> dict[str, Any]:
    return {"date": "2026-01-01", "machine": MACHINE, "runs": [{"engines": report.summaries(engines)}]}


def test_two_runs_are_compared_also_beside_what_did_not_change() -> None:
    old = _dated(NAIDI, _measured("tantivy", {"word": [10]}))
    new = _dated(_measured("naidi", {"word": [10, 30, 90]}, seconds=4.0), _measured("tantivy", {"word": [20]}))
    rows = compare.comparison(old, new, "naidi").splitlines()
    assert "| naidi | old | new | new / old | beside tantivy |" in rows
    assert "| mb_per_s | 2 | 1 | 0.50 | 0.50 |" in rows
    assert "| ids, word, p50 | 20 | 30 | 1.50 | 0.75 |" in rows
    assert not any("phrase" in row for row in rows)


def test_runs_without_a_common_engine_are_not_compared() -> None:
    with pytest.raises(ValueError, match="no engine 'naidi' at the same size"):
        compare.comparison(_dated(OTHER), _dated(NAIDI), "naidi")


def test_runs_at_several_sizes_are_compared_size_by_size() -> None:
    def scaled(*sizes: dict[str, Any]) -> dict[str, Any]:
        return {"date": "2026-01-01", "machine": MACHINE, "scale": {"sizes": sizes}}

    rows = compare.comparison(scaled(_grown(10, 2.0)), scaled(_grown(10, 1.0), _grown(20, 1.0)), "naidi").splitlines()
    assert [row for row in rows if row.startswith(("| naidi", "| mb_per_s"))] == [
        "| naidi, 10 documents | old | new | new / old |  |",
        "| mb_per_s | 0.02 | 0.04 | 2.00 |  |",
    ]


def test_a_profile_tells_rooms() -> None:
    import naidi.indexer.codec.segment as segment
    import naidi.search.searcher as searcher

    assert profiled.room_of(segment.__file__, "open") == "indexer/codec"
    assert profiled.room_of(searcher.__file__, "search") == "search/searcher"
    assert profiled.room_of("~", "<method 'page' of 'naidi._core.Collection' objects>") == "core"
    assert profiled.room_of("~", "<built-in method builtins.len>") == "built-in functions"
    assert profiled.room_of("/x/site-packages/click/core.py", "main") == "click"
    assert profiled.room_of("/usr/lib/python3.11/json/decoder.py", "decode") == "Python's library"


def test_shares_of_a_profile_add_up() -> None:
    rows = profiled.table({"word": {"core": 3.0, "numpy": 1.0}, "or": {"core": 1.0, "x": 0.001}}).splitlines()
    assert rows[0] == "| room | all | word | or |"
    assert rows[2:] == [
        "| core | 80.0% | 75.0% | 99.9% |",
        "| numpy | 20.0% | 25.0% | 0.0% |",
        "| others | 0.0% | 0.0% | 0.1% |",
    ]
