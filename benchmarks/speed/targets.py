"""Does naidi reach what it is meant to reach? Ratios of figures from one and the same run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.shared.workload import KINDS, LONG

Summaries = Mapping[str, Mapping[str, Any]]

# what was timed, title, percentile, at most so many times tantivy's time
_TIMES = (
    ("first_ids", "ids only, first asked", "p50", 1.0),
    ("first_ids", "ids only, first asked", "p95", 1.5),
    ("ids", "ids only, asked again", "p50", 0.7),
    ("ids", "ids only, asked again", "p95", 1.0),
    ("first_shown", "with snippets, first asked", "p50", 1.0),
    ("first_shown", "with snippets, first asked", "p95", 0.7),
)
_ANY_KIND = 1.2
_LONG_MICROSECONDS = 3_000


class Target(NamedTuple):
    """A ratio and what it must be. ratio: None if an engine for it was not measured; note: where the ratio comes from."""

    what: str
    ratio: float | None
    at_most: float | None
    at_least: float | None
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """None if it was not measured."""
        if self.ratio is None:
            return None
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return self.at_least is None or self.ratio >= self.at_least


def targets(runs: Sequence[Sequence[Mapping[str, Any]]], cold_start: Mapping[str, Any] | None = None) -> list[Target]:
    """Every target; each from the first of the runs (summaries of report.py) that has naidi and the other engine."""
    tantivy, stems, fts5, whoosh = (_both(runs, name) for name in ("tantivy", "tantivy-stems", "fts5", "whoosh"))
    naidi = next((of for run in runs for of in run if of["engine"] == "naidi"), None)
    return [
        *(
            Target(f"{title}, {p}: naidi / tantivy", _ratio_of_times(tantivy, "tantivy", part, p), most, None)
            for part, title, p, most in _TIMES
        ),
        *(
            _slowest_kind(run, other, part, title, p)
            for run, other in ((tantivy, "tantivy"), (fts5, "fts5"))
            for part, title in (("first_ids", "ids only"), ("first_shown", "with snippets"))
            for p in ("p50", "p95")
        ),
        Target("long queries with snippets, first asked, p50: milliseconds / 3", _long(naidi), 1.0, None),
        *(
            Target(
                f"ids only, {kind}, p50: Whoosh / naidi",
                _inverse(_ratio_of_times(whoosh, "whoosh", "first_ids", "p50", kind)),
                None,
                50,
            )
            for kind in ("or", "phrase")
        ),
        Target("indexing MB/s, two processes: naidi / tantivy with stemmers", _rate(stems, "tantivy-stems"), None, 0.8),
        Target("indexing MB/s, two processes: naidi / Whoosh", _rate(whoosh, "whoosh"), None, 15),
        Target("index / text", None if naidi is None else naidi["index_ratio"], 1.05, None),
        Target("cold naidi search / python -c pass", cold_start["ratio"] if cold_start else None, 4.0, None),
    ]


def _both(runs: Sequence[Iterable[Mapping[str, Any]]], other: str) -> Summaries | None:
    for run in runs:
        by_name = {of["engine"]: of for of in run}
        if {"naidi", other} <= by_name.keys():
            return by_name
    return None


def _ratio_of_times(run: Summaries | None, other: str, part: str, p: str, kind: str = "all") -> float | None:
    """naidi's time divided by the other's; None if either has no such time."""
    if run is None:
        return None
    own, others = (run[name]["latency"].get(kind, {}).get(part) for name in ("naidi", other))
    return float(own[p] / others[p]) if own and others else None


def _slowest_kind(run: Summaries | None, other: str, part: str, title: str, p: str) -> Target:
    every = {kind: _ratio_of_times(run, other, part, p, kind) for kind in KINDS}
    ratios = {kind: ratio for kind, ratio in every.items() if ratio is not None}
    worst = max(ratios, key=lambda kind: ratios[kind], default=None)
    ratio = ratios[worst] if worst else None
    return Target(f"{title}, first asked, {p}, slowest kind: naidi / {other}", ratio, _ANY_KIND, None, worst or "")


def _long(naidi: Mapping[str, Any] | None) -> float | None:
    times = naidi["latency"].get(LONG, {}).get("first_shown") if naidi else None
    return float(times["p50"]) / _LONG_MICROSECONDS if times else None


def _rate(run: Summaries | None, other: str) -> float | None:
    return None if run is None else float(run["naidi"]["mb_per_s"] / run[other]["mb_per_s"])


def _inverse(ratio: float | None) -> float | None:
    return None if ratio is None else 1 / ratio


def target_rows(found: Iterable[Target]) -> list[dict[str, Any]]:
    """As plain values, for JSON."""
    return [{**target._asdict(), "passed": target.passed} for target in found]


def target_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows of `target_rows` as Markdown."""
    lines = ["| target | wanted | measured | |", "|---|---|---|---|"]
    verdicts = {True: "pass", False: "FAIL", None: "not measured"}
    for row in rows:
        wanted = f"≤ {row['at_most']:g}" if row["at_most"] is not None else f"≥ {row['at_least']:g}"
        measured = "–" if row["ratio"] is None else f"{row['ratio']:.2f}" + f" ({row['note']})" * bool(row["note"])
        lines.append(f"| {row['what']} | {wanted} | {measured} | {verdicts[row['passed']]} |")
    return "\n".join(lines)
