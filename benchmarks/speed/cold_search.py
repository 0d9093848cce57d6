"""How long does `naidi search WORD` of two installations take from cold, beside each other?

    taskset -c 0 python benchmarks/speed/cold_search.py CORPUS BEFORE AFTER [--docs N] [--runs N]

CORPUS is a folder of `corpus-*.jsonl.gz`; its first documents become text files of one folder, which each installation indexes.
BEFORE and AFTER are the commands `naidi` of two environments, installed by `pip install .`: an editable install has hooks that take
20 ms. They are run in turns, on a word that many texts have, on one that few have, and with `--version`, which searches
nothing. Each word must be found by both, in as many documents. Times are medians, by the clock and of the processor (user and
system). `bare` is an interpreter that loads the packages which both need, numpy and click.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.records import load, sampler_of


def timed(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """(milliseconds; milliseconds of the processor) of one run. Raises AssertionError if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{' '.join(command)}: status {process.returncode}"
    return elapsed * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def count(command: str, word: str, environment: Mapping[str, str]) -> int:
    """How many documents a command finds."""
    run = subprocess.run([command, "search", "--json", word], env=environment, capture_output=True, check=True)
    return int(json.loads(run.stdout)["total"])


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("before", metavar="BEFORE", help="the command naidi of one environment")
    options.add_argument("after", metavar="AFTER", help="that of the other")
    options.add_argument("--docs", type=int, default=1000, metavar="N", help="files of the folder (1000)")
    options.add_argument("--runs", type=int, default=21, metavar="N", help="of each (21)")
    given = options.parse_args()
    records = load(given.corpus, given.docs)
    tiers = sampler_of(records, 1).tiers["en"]
    with tempfile.TemporaryDirectory(prefix="naidi-cold-") as place:
        folder = Path(place) / "texts"
        folder.mkdir()
        for number, record in enumerate(records):
            (folder / f"{number:05}.txt").write_text(f"{record.title}\n\n{record.text}", encoding="utf-8")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NAIDI"))}
        plain["PYTHONIOENCODING"] = "utf-8"
        sides = {"before": given.before, "after": given.after}
        environments = {}
        for side, command in sides.items():
            environments[side] = {**plain, "NAIDI_INDEX": str(Path(place) / side)}
            subprocess.run(
                [command, "index", str(folder)], env=environments[side], check=True, stdout=subprocess.DEVNULL
            )
        python = Path(given.after).with_name("python")
        print(f"{len(records):,} files, medians of {given.runs} runs in turns, ms: by the clock / of the processor")
        for arguments in (["search", tiers["frequent"][0]], ["search", tiers["rare"][0]], ["--version"]):
            if arguments[0] == "search":
                found = {side: count(command, arguments[1], environments[side]) for side, command in sides.items()}
                assert found["before"] == found["after"] > 0, f"{arguments}: {found}"
            times: dict[str, list[tuple[float, float]]] = {"bare": [], "before": [], "after": []}
            for turn in range(given.runs + 1):
                runs = {side: timed([command, *arguments], environments[side]) for side, command in sides.items()}
                runs["bare"] = timed([str(python), "-c", "import numpy, click"], plain)
                for side, run in runs.items():
                    times[side] += [run] if turn else []  # the first turn fills the page cache
            medians = {
                side: [statistics.median(column) for column in zip(*of, strict=True)] for side, of in times.items()
            }
            ratios = [after / before for after, before in zip(medians["after"], medians["before"], strict=True)]
            shown = "  ".join(f"{side} {clock:.0f} / {used:.0f}" for side, (clock, used) in medians.items())
            print(f"naidi {' '.join(arguments):24} {shown}  after/before {ratios[0]:.2f} / {ratios[1]:.2f}", flush=True)


if __name__ == "__main__":
    main()
