"""How do the figures of an engine grow with the collection?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

BASE = 10_000  # documents; the smallest size where there is none of this

# name in a summary (report.py), how it is called in the table, decimal places
_FIGURES = (
    ("text_mb", "text MB", 1),
    ("mb_per_s", "indexing MB/s", 2),
    ("index_ratio", "index / text", 2),
    ("build_memory_mb", "peak MB indexing, all processes", 0),
    ("anonymous_memory_opened_mb", "anonymous MB, opened", 1),
    ("anonymous_memory_mb", "anonymous MB, after all queries", 1),
    ("open_ms", "opening ms", 2),
    ("first_ids p50", "ids, first asked, p50 µs", 0),
    ("first_ids p95", "ids, first asked, p95 µs", 0),
    ("ids p50", "ids again, p50 µs", 0),
    ("ids p95", "ids again, p95 µs", 0),
    ("first_shown p50", "shown, first asked, p50 µs", 0),
    ("first_shown p95", "shown, first asked, p95 µs", 0),
    ("shown p50", "shown again, p50 µs", 0),
    ("shown p95", "shown again, p95 µs", 0),
    ("first_commit_ms", "commit of 1 document ms, first of a process", 0),
    ("commit_ms", "commit of 1 document ms, later", 0),
    ("cold_ms", "cold start of naidi search ms", 0),
    ("cold_ratio", "cold start / python -c pass", 2),
)


def figures(summary: Mapping[str, Any], cold: Mapping[str, Any] | None) -> dict[str, float]:
    """Those of a summary that may grow, by name; cold: those of the cold start, if the engine has any."""
    found: dict[str, float] = {"text_mb": summary["text_bytes"] / 1e6}
    found |= {name: summary[name] for name, _, _ in _FIGURES if name in summary}
    for part in ("first_ids", "ids", "first_shown", "shown"):
        for p, value in summary["latency"]["all"].get(part, {}).items():
            found[f"{part} {p}"] = value
    if cold:
        found |= {"cold_ms": cold["naidi_ms"], "cold_ratio": cold["ratio"]}
    return found


def growth(sizes: Sequence[Mapping[str, Any]], document_bytes: int) -> str:
    """A table for each engine, a column for each size: figures, and how many times that at BASE they are."""
    base = next((place for place, size in enumerate(sizes) if size["docs"] == BASE), 0)
    lines = [
        f"Collections recombined from real paragraphs, documents of {document_bytes:,} bytes on average; the same queries at"
        " every size."
        + f" In brackets: divided by the figure at {sizes[base]['docs']:,} documents."
        * (len(sizes) > 1),
    ]
    for place, of in enumerate(sizes[0]["engines"]):
        by_size = [
            figures(size["engines"][place], size["cold_start"] if of["engine"] == "naidi" else None) for size in sizes
        ]
        lines += ["", f"| {of['engine']}: documents | {' | '.join(f'''{size['docs']:,}''' for size in sizes)} |"]
        lines.append("|---" * (len(sizes) + 1) + "|")
        for name, title, digits in _FIGURES:
            if name in by_size[base]:
                start = by_size[base][name] if len(sizes) > 1 else 0
                cells = [_cell(own.get(name), start, digits) for own in by_size]
                lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float | None, base: float, digits: int) -> str:
    if value is None:
        return "–"
    return f"{value:,.{digits}f}" + (f" ({value / base:.2f})" if base else "")
