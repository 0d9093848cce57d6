"""What do the measurements say? Figures of each engine, ratios to naidi's, tables.

    python benchmarks/speed/report.py RUN.json [--brief]

prints the tables of a run that `speed.py --keep` has written; --brief: one table, and the targets.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.workload import KINDS, LONG, percentile
from benchmarks.speed.growth import growth
from benchmarks.speed.machine import machine_line
from benchmarks.speed.targets import target_table

Measured = Mapping[str, Any]  # by one_engine.py
Summary = Mapping[str, Any]

PARTS = {
    "first_ids": "ids only, asked for the first time",
    "ids": "ids only, asked again",
    "first_shown": "with documents and snippets, asked for the first time",
    "shown": "with documents and snippets, asked again",
    "first_shown_one": "with documents and one snippet, asked for the first time",
    "shown_one": "with documents and one snippet, asked again",
    "first_hits": "full hits without snippets, and the exact total, asked for the first time",
    "hits": "full hits without snippets, and the exact total, asked again",
}
_BRIEF = ("first_ids", "ids", "first_shown", "shown")
_SIZES = (("mb_per_s", 2), ("index_ratio", 2), ("build_memory_mb", 0))


def summaries(results: Sequence[Measured]) -> list[dict[str, Any]]:
    """The figures of each engine, and over_same_kinds: naidi's latency over the kinds of queries that the engine has."""
    naidi = next((each for each in results if each["engine"] == "naidi"), None)
    found = []
    for measured in results:
        own = summary(measured)
        if naidi is not None and naidi is not measured and own["latency"]:
            same = {kind: naidi["microseconds"][kind] for kind in measured["microseconds"] if kind != LONG}
            own["over_same_kinds"] = latency(same.values())
        found.append(own)
    return found


def summary(measured: Measured) -> dict[str, Any]:
    """The figures of one engine. latency: by kind, and "all" for every kind it has but LONG; then by what was timed, p50 and p95.

    build_memory_mb: the peak of the process that builds and those of its workers, together.
    """
    text = measured["text_bytes"]
    microseconds = measured.get("microseconds", {})
    times: dict[str, dict[str, list[float]]] = {kind: microseconds[kind] for kind in KINDS if kind in microseconds}
    long = {LONG: latency([microseconds[LONG]])} if LONG in microseconds else {}
    workers = [peak / 1e6 for peak in measured["memory_workers"]]
    units = {
        "search_memory_mb": ("memory_search", 1e-6),
        "anonymous_memory_mb": ("memory_anonymous", 1e-6),
        "anonymous_memory_opened_mb": ("memory_anonymous_opened", 1e-6),
        "open_ms": ("open_seconds", 1e3),
        "first_commit_ms": ("commit_first_seconds", 1e3),
        "commit_ms": ("commit_seconds", 1e3),
        "checked": ("checked", 1),
        "answered": ("answered", 1),
    }
    return {
        "engine": measured["engine"],
        "docs": measured["docs"],
        "text_bytes": text,
        "mb_per_s": text / 1e6 / measured["build_seconds"],
        "cpu_mb_per_s": text / 1e6 / measured["build_cpu_seconds"],
        "index_ratio": measured["index_bytes"] / text,
        "build_memory_mb": measured["memory_build"] / 1e6 + sum(workers),
        "parent_memory_mb": measured["memory_build"] / 1e6,
        "worker_memory_mb": workers,
        **{name: measured[raw] * unit for name, (raw, unit) in units.items() if measured.get(raw) is not None},
        "latency": {
            "all": latency(times.values()),
            **{kind: latency([of_kind]) for kind, of_kind in times.items()},
            **long,
        }
        if times
        else {},
    }


def latency(times: Iterable[Mapping[str, list[float]]]) -> dict[str, dict[str, float]]:
    """p50 and p95 over the queries of several kinds, in microseconds, by what was timed."""
    pooled: dict[str, list[float]] = {}
    for of_kind in times:
        for timed, values in of_kind.items():
            pooled.setdefault(timed, []).extend(values)
    return {timed: {f"p{p}": percentile(values, p) for p in (50, 95)} for timed, values in pooled.items()}


def comparison(engines: Sequence[Summary]) -> str:
    """Markdown tables: sizes and speeds; then for ids and for shown hits p50 and p95, all kinds together and each by itself.

    A number in brackets is the figure divided by naidi's; for an engine that lacks some kinds, "all" is compared with naidi
    over the kinds that it has.
    """
    naidi = _naidi(engines)
    head = engines[0]
    lines = [
        f"{head['docs']:,} documents, {head['text_bytes'] / 1e6:.1f} MB of text."
        + " In brackets: divided by naidi's." * (naidi is not None and len(engines) > 1),
        "",
        "| engine | indexing MB/s | index / text | peak MB indexing | of it in workers | anonymous MB searching | checks |",
        "|---|---|---|---|---|---|---|",
    ]
    for of in engines:
        cells = [_cell(of, naidi, name, digits) for name, digits in _SIZES]
        cells.append(" + ".join(f"{peak:.0f}" for peak in of["worker_memory_mb"]) or "–")
        cells += [_cell(of, naidi, "anonymous_memory_mb", 0), str(of.get("checked", "–"))]
        lines.append(f"| {of['engine']} | {' | '.join(cells)} |")
    for part, title in PARTS.items():
        rows = [of for of in engines if part in of["latency"].get("all", {})]
        if rows:
            lines += ["", f"| top 10 {title}, p50 / p95 µs | all | {' | '.join((*KINDS, LONG))} |"]
            lines.append("|---" * (len(KINDS) + 3) + "|")
        for of in rows:
            cells = [_times(of, naidi, kind, part) for kind in ("all", *KINDS, LONG)]
            lines.append(f"| {of['engine']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def brief(engines: Sequence[Summary]) -> str:
    """One Markdown table with the figures over all kinds of queries."""
    naidi = _naidi(engines)
    head = engines[0]
    lines = [
        f"| {head['docs']:,} documents, {head['text_bytes'] / 1e6:.1f} MB | indexing MB/s | index / text | peak MB indexing"
        " | ids, first asked, p50 / p95 µs | ids again | shown, first asked | shown again |",
        "|---" * 8 + "|",
    ]
    partial = False
    for of in engines:
        lacking = bool(of["latency"]) and any(kind not in of["latency"] for kind in KINDS)
        partial = partial or lacking
        cells = [_cell(of, naidi, name, digits) for name, digits in _SIZES]
        cells += [_times(of, naidi, "all", part) for part in _BRIEF]
        lines.append(f"| {of['engine']}{'*' * lacking} | {' | '.join(cells)} |")
    if naidi is not None:
        lines += ["", "In brackets: divided by naidi's." + " * has not every kind of query." * partial]
    return "\n".join(lines)


def _naidi(engines: Sequence[Summary]) -> Summary | None:
    return next((each for each in engines if each["engine"] == "naidi"), None)


def _cell(of: Summary, naidi: Summary | None, name: str, digits: int) -> str:
    if name not in of:
        return "–"
    return _ratio(of[name], None if naidi is None or naidi is of else naidi.get(name), digits)


def _times(of: Summary, naidi: Summary | None, kind: str, part: str) -> str:
    own = of["latency"].get(kind, {}).get(part)
    if own is None:
        return "–"
    base = None
    if naidi is not None and naidi is not of:
        base = of["over_same_kinds"].get(part) if kind == "all" else naidi["latency"].get(kind, {}).get(part)
    return " / ".join(_ratio(own[p], base and base[p], 0) for p in ("p50", "p95"))


def _ratio(value: float, base: float | None, digits: int) -> str:
    return f"{value:,.{digits}f}" + (f" ({value / base:.2f})" if base else "")


def full(kept: Mapping[str, Any], *, short: bool = False) -> str:
    """A run as `speed.py --keep` writes it, as Markdown."""
    lines = [machine_line(kept["machine"], kept["date"])]
    if "scale" in kept:
        lines += ["", growth(kept["scale"]["sizes"], kept["scale"]["document_bytes"])]
    for run in kept.get("runs", []):
        lines += ["", (brief if short else comparison)(run["engines"])]
        lines += ["", run["cold_start"]["line"]] if run["cold_start"] else []
    if kept.get("targets"):
        lines += ["", target_table(kept["targets"])]
    return "\n".join([*lines, "", *(f"{name}: {setup}" for name, setup in kept["engines"].items())])


def main() -> None:
    options = argparse.ArgumentParser(description="The tables of a kept run, as Markdown.")
    options.add_argument("run", type=Path, metavar="RUN.json")
    options.add_argument("--brief", action="store_true", help="one table over all kinds of queries")
    given = options.parse_args()
    print(full(json.loads(given.run.read_text(encoding="utf-8")), short=given.brief))


if __name__ == "__main__":
    main()
