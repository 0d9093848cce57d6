"""Where does the time of a query go? A profile of naidi by rooms, for first-asked queries of each kind and for the same again.

    python benchmarks/speed/profiled.py INDEX CORPUS [--docs N] [--queries N] [--functions N]

INDEX is an index of naidi, CORPUS the folder of documents of which queries are drawn (shared/workload.py); `speed.py --profile`
makes an index and does this. Each way of asking has a process of its own. A room is a folder of modules, as in ARCHITECTURE.md.
Beside the rooms stand the compiled core, numpy, Zstandard, the rest of Python, and other packages. What a built-in function takes
counts as its own.

A profiler makes every call dearer: the shares of Python rooms are too large beside those of compiled ones. Microseconds of a query
are told without it (speed.py).
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import naidi
from benchmarks.peers.naidi_engine import Naidi
from benchmarks.shared.records import load, sampler_of
from benchmarks.shared.workload import Query
from benchmarks.speed.checks import LIMIT

PARTS = {"ids": "ids only", "shown": "with snippets"}
TIMES = ("first", "again")
_SMALL = 0.005  # rooms with less of the time are told together
_BUILT_IN = {"naidi._core": "core", "numpy": "numpy", "zstandard": "zstandard", "zstd": "zstandard"}


def room_of(file: str, name: str) -> str:
    """The room of a function, by its file and name as the profiler tells them.

    >>> room_of("~", "<built-in method numpy.array>")
    'numpy'
    """
    if file == "~":
        return next((room for word, room in _BUILT_IN.items() if word in name), "built-in functions")
    path = Path(file)
    places = {Path(place).resolve() for place in naidi.__path__}
    for folder in path.resolve().parents:
        if folder.name in ("indexer", "search") and any((place / folder.name).resolve() == folder for place in places):
            inside = path.resolve().relative_to(folder)
            return f"{folder.name}/{inside.parts[0].removesuffix('.py')}"
    parts = path.parts
    if "site-packages" in parts:
        package = parts[parts.index("site-packages") + 1].removesuffix(".py")
        return _BUILT_IN.get(package, package)
    return "Python's library"


def by_room(stats: pstats.Stats) -> Counter[str]:
    """Seconds that were spent in each room itself."""
    found: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        found[room_of(file, name)] += own
    return found


def by_function(stats: pstats.Stats, count: int) -> list[tuple[str, float]]:
    """The functions that took most time themselves, and their seconds."""
    every = [
        (f"{room_of(file, name)}: {name if file == '~' else f'{Path(file).name}:{line} {name}'}", own)
        for (file, line, name), (_, _, own, _, _) in stats.stats.items()  # type: ignore[attr-defined]
    ]
    return sorted(every, key=lambda pair: -pair[1])[:count]


def profile(index: Path, part: str, queries: list[Query], functions: int) -> dict[str, Any]:
    """For the first time and again: the seconds of each room by kind of query, and the slowest functions of all kinds."""
    engine = Naidi(index)
    engine.open()
    search = getattr(engine, f"search_{part}")
    found: dict[str, Any] = {}
    for time in TIMES:
        rooms: dict[str, Counter[str]] = {}
        whole: pstats.Stats | None = None
        for kind in dict.fromkeys(query.kind for query in queries):
            profiler = cProfile.Profile()
            for query in queries:
                if query.kind == kind:
                    text = engine.syntax(query)
                    profiler.runcall(search, text, LIMIT)
            stats = pstats.Stats(profiler)
            rooms[kind] = by_room(stats)
            whole = stats if whole is None else whole.add(profiler)
        found[time] = {"rooms": rooms, "functions": by_function(whole, functions) if whole else []}
    engine.close()
    return found


def table(rooms: Mapping[str, Mapping[str, float]]) -> str:
    """Shares of the time of each kind of query by room, those of all kinds first, as Markdown."""
    every: Counter[str] = Counter()
    for of_kind in rooms.values():
        every.update(of_kind)
    columns = {"all": every, **rooms}
    totals = {kind: sum(of_kind.values()) or 1.0 for kind, of_kind in columns.items()}
    shown = [room for room, seconds in every.most_common() if seconds >= _SMALL * totals["all"]]
    lines = [f"| room | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for room in shown:
        lines.append(
            f"| {room} | {' | '.join(f'{of.get(room, 0) / totals[kind]:.1%}' for kind, of in columns.items())} |"
        )
    rest = [sum(s for room, s in of.items() if room not in shown) / totals[kind] for kind, of in columns.items()]
    lines.append(f"| others | {' | '.join(f'{share:.1%}' for share in rest)} |")
    return "\n".join(lines)


def report(index: Path, queries: list[Query], functions: int) -> str:
    """The profile of both ways of asking, each from a process of its own. Raises CalledProcessError if one fails."""
    lines = []
    for part, title in PARTS.items():
        command = [sys.executable, __file__, str(index), part, "--part", str(functions)]
        run = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, check=True)
        for time, measured in json.loads(run.stdout).items():
            asked = "first asked" if time == "first" else "asked again"
            lines += [f"{title}, {asked}: share of the time by room", "", table(measured["rooms"]), ""]
            lines += [
                f"    {seconds * 1e6 / len(queries):8.1f} µs a query  {name}" for name, seconds in measured["functions"]
            ]
            lines.append("")
    return "\n".join(lines)


def main() -> None:
    if "--part" in sys.argv:  # the process of one way of asking
        queries = [Query(kind, language, tuple(words)) for kind, language, words in json.load(sys.stdin)]
        print(json.dumps(profile(Path(sys.argv[1]), sys.argv[2], queries, int(sys.argv[4]))))
        return
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("index", type=Path, metavar="INDEX")
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--docs", type=int, metavar="N", help="queries are drawn from the first N documents (all)")
    options.add_argument("--queries", type=int, default=20, metavar="N", help="of each kind in each language (20)")
    options.add_argument("--functions", type=int, default=15, metavar="N", help="the slowest functions (15)")
    given = options.parse_args()
    queries = sampler_of(load(given.corpus, given.docs), 1).queries(given.queries)
    print(report(given.index, queries, given.functions))


if __name__ == "__main__":
    main()
