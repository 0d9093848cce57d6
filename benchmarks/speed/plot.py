"""Draw a kept run: how long the queries take, engine by engine.

    python benchmarks/speed/plot.py benchmarks/runs/RUN.json docs/speed.svg

A row for each engine, from the median of all queries to their 95th percentile, on a logarithmic scale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.workload import KINDS
from benchmarks.speed.svg import document, element, text

PANELS = {"first_ids": "Best 10, ids only, words new", "first_shown": "Best 10, with documents and snippets, words new"}

WIDTH = 820
EDGE = 24  # of all that is written
LEFT, RIGHT = 180, WIDTH - 80  # of the scale; names of engines stand left of it, numbers beyond the dots on both sides
ROW = 32
HEAD = 92
PANEL_HEAD, PANEL_FOOT = 34, 40
FOOT = 24

STYLE = """
.back{fill:#fff}text{fill:#1f2328;font-size:14px}.title{font-size:18px;font-weight:600}.panel{font-weight:600}
.small{font-size:12.5px;fill:#59636e}.own{font-weight:700;fill:#0550ae}.grid{stroke:#d9dee4}
.bar{stroke:#6e7781;stroke-width:4}.value{stroke:#fff;stroke-width:5;paint-order:stroke}
.half{fill:#57606a}.most{fill:#fff;stroke:#57606a;stroke-width:2.5}
.bar.own{stroke:#0969da}.half.own{fill:#0969da}.most.own{fill:#fff;stroke:#0969da}
@media (prefers-color-scheme:dark){
.back{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9da7b3}.own{fill:#79c0ff}.grid{stroke:#2f363e}
.value{stroke:#0d1117}.bar{stroke:#8b949e}.half{fill:#b1bac4}.most{fill:#0d1117;stroke:#b1bac4}
.bar.own{stroke:#388bfd}.half.own{fill:#58a6ff}.most.own{fill:#0d1117;stroke:#58a6ff}}
"""


class Row(NamedTuple):
    """One engine. times: p50 and p95 in microseconds by what was timed; docs: how many documents it had."""

    engine: str
    docs: int
    times: Mapping[str, tuple[float, float]]
    every_kind: bool


def rows(kept: Mapping[str, Any]) -> list[Row]:
    """The engines of a run as `speed.py --keep` writes it, each from the first table that it is in."""
    found: dict[str, Row] = {}
    for run in kept["runs"]:
        for of in run["engines"]:
            if of["latency"] and of["engine"] not in found:
                of_all = of["latency"]["all"]
                times = {part: (of_all[part]["p50"], of_all[part]["p95"]) for part in PANELS}
                every_kind = all(kind in of["latency"] for kind in KINDS)
                found[of["engine"]] = Row(of["engine"], of["docs"], times, every_kind)
    return list(found.values())


class Scale(NamedTuple):
    """A logarithmic scale from `low` to `high`, drawn from LEFT to RIGHT."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where the value is drawn."""
        return LEFT + (RIGHT - LEFT) * log10(value / self.low) / log10(self.high / self.low)

    def ticks(self) -> list[float]:
        """The powers of ten."""
        first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1)]


def scale_of(found: Sequence[Row]) -> Scale:
    """From a power of ten, or its half on the scale, to another; every time is between."""
    values = [value for row in found for pair in row.times.values() for value in pair]
    low, high = floor(log10(min(values)) * 2) / 2, ceil(log10(max(values)) * 2) / 2
    return Scale(10**low, 10 ** max(high, low + 1))


def duration(microseconds: float) -> str:
    """Two or three digits and the unit."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= 0.9995 * size:
            value = microseconds / size
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"
    return f"{microseconds:.0f} µs"


def plot(kept: Mapping[str, Any]) -> str:
    """The picture as SVG, readable on light and on dark pages. Raises ValueError if the run compares no engines."""
    if not kept.get("runs"):
        raise ValueError("this run compares no engines: make one without --scale")
    found = rows(kept)
    scale = scale_of(found)
    panel = PANEL_HEAD + ROW * len(found) + PANEL_FOOT
    notes = _notes(found)
    height = HEAD + panel * len(PANELS) + FOOT * bool(notes)
    head = kept["runs"][0]["engines"][0]
    body = [
        element("rect", width=WIDTH, height=height, rx=6, class_="back"),
        text("How long a query takes", EDGE, 34, "title"),
        text(
            f"{head['docs']:,} documents, {head['text_bytes'] / 1e6:.0f} MB, English and Russian;"
            f" words, OR, AND, phrases, prefixes; {kept['machine']['cpu']}",
            EDGE,
            56,
            "small",
        ),
        *_legend(EDGE, 79),
    ]
    for number, (part, title) in enumerate(PANELS.items()):
        body += _panel(found, part, title, scale, HEAD + number * panel)
    if notes:
        body.append(text(notes, EDGE, height - 14, "small"))
    return document(WIDTH, height, "Query times of search engines, median and 95th percentile", STYLE, body)


def _legend(x: float, y: float) -> list[str]:
    return [
        element("circle", cx=x + 6, cy=y - 4.5, r=6, class_="half"),
        text("p50: half of the queries are faster", x + 18, y, "small"),
        element("circle", cx=x + 258, cy=y - 4.5, r=5, class_="most"),
        text("p95: 95 % are faster", x + 270, y, "small"),
        text("logarithmic scale; less is better", WIDTH - EDGE, y, "small", anchor="end"),
    ]


def _panel(found: Sequence[Row], part: str, title: str, scale: Scale, top: float) -> list[str]:
    first, last = top + PANEL_HEAD, top + PANEL_HEAD + ROW * len(found)
    body = [text(title, EDGE, top + 22, "panel")]
    for tick in scale.ticks():
        x = round(scale.place(tick), 1)
        body.append(element("line", x1=x, x2=x, y1=first, y2=last, class_="grid"))
        body.append(text(duration(tick).replace(".0", ""), x, last + 18, "small", anchor="middle"))
    for number, row in enumerate(found):
        own = " own" * (row.engine == "naidi")
        middle = first + ROW * (number + 0.5)
        half, most = (round(scale.place(value), 1) for value in row.times[part])
        mark = "*" * (row.docs != found[0].docs) + "†" * (not row.every_kind)
        body += [
            text(row.engine + mark, EDGE, middle + 5, own.strip()),
            element("line", x1=half, x2=most, y1=middle, y2=middle, class_=f"bar{own}"),
            element("circle", cx=most, cy=middle, r=5, class_=f"most{own}"),
            element("circle", cx=half, cy=middle, r=6, class_=f"half{own}"),
            text(duration(row.times[part][0]), half - 11, middle + 5, f"value{own}", anchor="end"),
            text(duration(row.times[part][1]), most + 11, middle + 5, f"value{own}"),
        ]
    return body


def _notes(found: Sequence[Row]) -> str:
    notes = []
    fewer = [row for row in found if row.docs != found[0].docs]
    if fewer:
        notes.append(f"* on the first {fewer[0].docs:,} documents alone")
    if not all(row.every_kind for row in found):
        notes.append("† words and OR alone, no snippets")
    return "; ".join(notes)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("run", type=Path, metavar="RUN.json")
    options.add_argument("picture", type=Path, metavar="PICTURE.svg")
    given = options.parse_args()
    try:
        picture = plot(json.loads(given.run.read_text(encoding="utf-8")))
    except ValueError as error:
        raise SystemExit(f"{given.run}: {error}") from None
    given.picture.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
