"""What do the measurements say? Percentiles, ratios to naidi, tables; and on which machine it was."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from workload import KINDS, percentile

Measured = Mapping[str, Any]

_PACKAGES = ("naidi", "numpy", "tantivy", "bm25s", "whoosh3", "PyStemmer")


def machine() -> dict[str, Any]:
    """The processor, how many of it, how busy it is, and the versions of everything that was measured."""
    import sqlite3

    versions = {"sqlite": sqlite3.sqlite_version}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def summary(measured: Measured) -> dict[str, Any]:
    """The figures of one engine. latency: by kind, and "all" for every kind it has; then by what was timed, p50 and p95."""
    text = measured["text_bytes"]
    times: dict[str, dict[str, list[float]]] = {kind: measured["microseconds"].get(kind, {}) for kind in KINDS}
    times = {kind: of_kind for kind, of_kind in times.items() if of_kind}
    return {
        "engine": measured["engine"],
        "docs": measured["docs"],
        "text_bytes": text,
        "mb_per_s": text / 1e6 / measured["build_seconds"],
        "cpu_mb_per_s": text / 1e6 / measured["build_cpu_seconds"],
        "index_ratio": measured["index_bytes"] / text,
        "build_memory_mb": measured["memory_build"] / 1e6,
        "peak_memory_mb": measured["memory_peak"] / 1e6,
        "start_memory_mb": measured["memory_before"] / 1e6,
        "checked": measured["checked"],
        "answered": measured["answered"],
        "latency": {"all": latency(times.values()), **{kind: latency([of_kind]) for kind, of_kind in times.items()}},
    }


def latency(times: Iterable[Mapping[str, list[float]]]) -> dict[str, dict[str, float]]:
    """p50 and p95 over the queries of several kinds, in microseconds, by what was timed."""
    pooled: dict[str, list[float]] = {}
    for of_kind in times:
        for timed, values in of_kind.items():
            pooled.setdefault(timed, []).extend(values)
    return {timed: {f"p{p}": percentile(values, p) for p in (50, 95)} for timed, values in pooled.items()}


def comparison(results: Sequence[Measured]) -> str:
    """Markdown tables: sizes and speeds; then for ids and for shown hits p50 and p95, all kinds together and each by itself.

    A number in brackets is the figure divided by naidi's; for an engine that lacks some kinds, "all" is compared with naidi
    over the kinds that it has.
    """
    summaries = [summary(measured) for measured in results]
    bases = [_base(measured, results) for measured in results]
    head = summaries[0]
    lines = [
        f"{head['docs']:,} documents, {head['text_bytes'] / 1e6:.1f} MB of text."
        + " In brackets: divided by naidi's." * any(bases),
        "",
        "| engine | indexing MB/s | index / text | peak MB indexing | peak MB in all | queries with hits |",
        "|---|---|---|---|---|---|",
    ]
    for of, base in zip(summaries, bases, strict=True):
        cells = [
            _cell(of[name], base and base[name], digits)
            for name, digits in (("mb_per_s", 2), ("index_ratio", 2), ("build_memory_mb", 0), ("peak_memory_mb", 0))
        ]
        lines.append(f"| {of['engine']} | {' | '.join(cells)} | {of['answered']:.0%} |")
    for timed, title in (("ids", "ids only"), ("shown", "with documents and snippets")):
        lines += ["", f"| top 10 {title}, p50 / p95 µs | all | {' | '.join(KINDS)} |", "|---" * (len(KINDS) + 2) + "|"]
        for of, base in zip(summaries, bases, strict=True):
            row = [_times(of, base, kind, timed) for kind in ("all", *KINDS)]
            lines.append(f"| {of['engine']} | {' | '.join(row)} |")
    return "\n".join(lines)


def _base(measured: Measured, results: Sequence[Measured]) -> Measured | None:
    """What the engine is compared with: naidi over the same kinds of queries; None for naidi itself and where it is not there."""
    naidi = next((each for each in results if each["engine"] == "naidi"), None)
    if naidi is None or naidi is measured:
        return None
    same_kinds = {kind: naidi["microseconds"][kind] for kind in measured["microseconds"]}
    return summary({**naidi, "microseconds": same_kinds})


def _times(of: Measured, base: Measured | None, kind: str, timed: str) -> str:
    if kind not in of["latency"]:
        return "–"
    own = of["latency"][kind][timed]
    return " / ".join(_cell(own[p], base and base["latency"][kind][timed][p], 0) for p in ("p50", "p95"))


def _cell(value: float, base: Any, digits: int) -> str:
    return f"{value:,.{digits}f}" + (f" ({value / base:.2f})" if base else "")


def growth(by_size: Sequence[Sequence[Measured]]) -> str:
    """A table for each engine: a row for each size; in brackets, how many times the figure at the smallest size."""
    lines: list[str] = []
    for place, first in enumerate(by_size[0]):
        lines += [
            ""
            if lines
            else "Collections recombined from real paragraphs. In brackets: divided by the smallest size's.",
            f"| {first['engine']}: documents | text MB | indexing s | MB/s | index MB | peak MB | ids p50 / p95 µs"
            " | shown p50 / p95 µs |",
            "|---" * 8 + "|",
        ]
        start = _sized(first)
        for results in by_size:
            figures = _sized(results[place])
            cells = [
                f"{value:,.{digits}f} ({value / base:.1f})"
                for (value, digits), (base, _) in zip(figures, start, strict=True)
            ]
            plain, times = cells[:5], cells[5:]
            row = [f"{results[place]['docs']:,}", *plain, " / ".join(times[:2]), " / ".join(times[2:])]
            lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def _sized(measured: Measured) -> list[tuple[float, int]]:
    """The figures that may grow with the collection, each with its decimal places."""
    of = summary(measured)
    times = of["latency"]["all"]
    return [
        (measured["text_bytes"] / 1e6, 1),
        (measured["build_seconds"], 1),
        (of["mb_per_s"], 2),
        (measured["index_bytes"] / 1e6, 1),
        (of["peak_memory_mb"], 0),
        *((times[timed][p], 0) for timed in ("ids", "shown") for p in ("p50", "p95")),
    ]
