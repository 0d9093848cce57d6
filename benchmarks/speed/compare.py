"""What has changed between two runs? Each figure of the new one divided by that of the old one.

    python benchmarks/speed/compare.py OLD.json NEW.json [--engine naidi]

Both are runs that `speed.py --keep` or `--json` has written. A machine is not equally fast every day. So the peers that both runs
have are compared, too: `beside tantivy` is the ratio divided by tantivy's own, which nobody has changed in between. Below 1 is
quicker, or smaller; for indexing MB/s above 1 is quicker.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.speed.machine import machine_line

SIZES = ("mb_per_s", "index_ratio", "build_memory_mb", "anonymous_memory_mb", "open_ms", "commit_ms")


def figures(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The figures of one engine (a summary of report.py) and their names."""
    for name in SIZES:
        if name in summary:
            yield name, summary[name]
    for kind, parts in summary["latency"].items():
        for part, times in parts.items():
            for p, value in times.items():
                yield f"{part}, {kind}, {p}", value


def engines(run: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The figures by engine, and at several sizes by engine and size; each from the first table that it is in."""
    found: dict[str, dict[str, float]] = {}
    tables = [("", of["engines"]) for of in run.get("runs", ())]
    tables += [(f", {of['docs']:,} documents", of["engines"]) for of in run.get("scale", {}).get("sizes", ())]
    for size, summaries in tables:
        for summary in summaries:
            found.setdefault(summary["engine"] + size, dict(figures(summary)))
    return found


def comparison(old: Mapping[str, Any], new: Mapping[str, Any], engine: str) -> str:
    """A Markdown table of the figures that both runs have of an engine. Raises ValueError if there is none."""
    before, after = engines(old), engines(new)
    lines = []
    for name in [name for name in after if name.split(",")[0] == engine and name in before]:
        size = name.removeprefix(engine)
        peers = [peer for peer in after if peer in before and peer.endswith(size) and peer.split(",")[0] != engine]
        lines += ["", f"| {name} | old | new | new / old | {' | '.join(f'beside {peer}' for peer in peers)} |"]
        lines.append("|---" * (4 + max(len(peers), 1)) + "|")
        for figure, value in after[name].items():
            if before[name].get(figure):
                ratio = value / before[name][figure]
                beside = [_beside(ratio, before[peer].get(figure), after[peer].get(figure)) for peer in peers]
                lines.append(
                    f"| {figure} | {before[name][figure]:,.4g} | {value:,.4g} | {ratio:.2f} | {' | '.join(beside)} |"
                )
    if not lines:
        raise ValueError(f"the two runs have no engine {engine!r} at the same size in common")
    head = [f"{which}: {machine_line(run['machine'], run['date'])}" for which, run in (("old", old), ("new", new))]
    return "\n".join([*head, *lines])


def _beside(ratio: float, before: float | None, after: float | None) -> str:
    return f"{ratio / (after / before):.2f}" if before and after else "–"


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("old", type=Path, metavar="OLD.json")
    options.add_argument("new", type=Path, metavar="NEW.json")
    options.add_argument("--engine", default="naidi", help="whose figures (naidi)")
    given = options.parse_args()
    try:
        old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (given.old, given.new))
        print(comparison(old, new, given.engine))
    except (OSError, ValueError) as error:
        raise SystemExit(f"compare.py: {error}") from None


if __name__ == "__main__":
    main()
