"""Does naidi reach what it is meant to reach? Ratios of figures from one and the same run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.shared.workload import KINDS

Summaries = Mapping[str, Mapping[str, Any]]


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


def targets(runs: Sequence[Sequence[Mapping[str, Any]]]) -> list[Target]:
    """Every target; each from the first of the runs (summaries of report.py) that has naidi and the other engine."""
    tantivy, fts5, whoosh = (_both(runs, name) for name in ("tantivy", "fts5", "whoosh"))
    naidi = next((of for run in runs for of in run if of["engine"] == "naidi"), None)
    found = [
        *(
            Target(f"{title}, {p}: naidi / tantivy", _times(tantivy, "tantivy", part, p), most, None)
            for part, title, p, most in (
                ("shown", "with snippets", "p50", 1.0),
                ("shown", "with snippets", "p95", 1.0),
                ("ids", "ids only", "p50", 1.5),
                ("ids", "ids only", "p95", 3.0),
            )
        ),
        *(_slowest_kind(fts5, part, title, p) for p in ("p50", "p95") for part, title in _TITLES.items()),
        *(
            Target(
                f"ids only, {kind}, p50: Whoosh / naidi",
                _inverse(_times(whoosh, "whoosh", "ids", "p50", kind)),
                None,
                50,
            )
            for kind in ("or", "phrase")
        ),
        Target("indexing MB/s, two processes: naidi / tantivy", _rate(tantivy, "tantivy"), None, 0.5),
        Target("indexing MB/s, two processes: naidi / Whoosh", _rate(whoosh, "whoosh"), None, 15),
        Target("index / text", None if naidi is None else naidi["index_ratio"], 1.2, None),
    ]
    return found


_TITLES = {"ids": "ids only", "shown": "with snippets"}


def _both(runs: Sequence[Iterable[Mapping[str, Any]]], other: str) -> Summaries | None:
    for run in runs:
        by_name = {of["engine"]: of for of in run}
        if {"naidi", other} <= by_name.keys():
            return by_name
    return None


def _times(run: Summaries | None, other: str, part: str, p: str, kind: str = "all") -> float | None:
    """naidi's time divided by the other's."""
    if run is None:
        return None
    return float(run["naidi"]["latency"][kind][part][p] / run[other]["latency"][kind][part][p])


def _slowest_kind(run: Summaries | None, part: str, title: str, p: str) -> Target:
    ratios = {kind: ratio for kind in KINDS if (ratio := _times(run, "fts5", part, p, kind)) is not None} if run else {}
    worst = max(ratios, key=lambda kind: ratios[kind], default=None)
    ratio = ratios[worst] if worst else None
    return Target(f"{title}, {p}, slowest kind: naidi / FTS5", ratio, 1.0, None, worst or "")


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
