"""Descriptors and maps go when the last user lets go, with the garbage collector off.

Method: with `gc.disable()`, in one process, again and again: a commit, a Searcher that follows it with `refresh()`, another
that is opened, asked and closed, one that is only dropped, and a Writer that is dropped without close(). At the end the process
must have as many descriptors and maps of files of the index as near the beginning.

Counted: commits.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from pathlib import Path

import naidi

from .check import CannotRunError, Check, run_as_main
from .scenarios import SCHEMA, document

_COMMITS = 1_000
_SLACK = 12  # a few segments more or fewer are live at any time


def held(index: Path) -> tuple[int, int]:
    """(descriptors, maps) of files of the index that this process has."""
    descriptors = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            descriptors += os.readlink(f"/proc/self/fd/{number}").startswith(str(index))
        except FileNotFoundError:
            continue  # that of the listing itself
    maps = Path("/proc/self/maps").read_text(errors="replace")
    return descriptors, sum(str(index) in line for line in maps.splitlines())


def run(check: Check) -> None:
    if not sys.platform.startswith("linux"):
        raise CannotRunError("it reads /proc")
    index = check.space / "index"
    with naidi.Writer(index, schema=SCHEMA) as writer:
        writer.add_many(map(document, range(1, 5)))
    gc.collect()
    gc.disable()
    try:
        follower = naidi.open_index(index)
        first = most = (0, 0)
        commits = _COMMITS // check.every
        check.counts["of"] = _COMMITS
        for number in range(commits):
            if check.left() < 0:
                break
            check.counts["tried"] += 1
            try:
                _round(index, number, follower)
            except naidi.IndexLocked as error:
                check.bad("a dropped Writer keeps the lock", f"round {number}: {error}")
                break
            now = held(index)
            if number < 40:
                first = (max(first[0], now[0]), max(first[1], now[1]))
            most = (max(most[0], now[0]), max(most[1], now[1]))
        last = held(index)
        follower.close()
        del follower
        end = held(index)
    finally:
        gc.enable()
    check.counts["descriptors at most"], check.counts["maps at most"] = most
    if last[0] > first[0] + _SLACK or last[1] > first[1] + _SLACK:
        check.bad(
            "descriptors or maps grow",
            f"(descriptors, maps) {first} at most in the first 40 commits, {last} at the end",
        )
    if end != (0, 0):
        check.bad("descriptors or maps are left when all are closed", f"(descriptors, maps) {end}")


def _round(index: Path, number: int, follower: naidi.Searcher) -> None:
    with naidi.Writer(index, lock_timeout=0.5, schema=SCHEMA) as writer:
        writer.add(document(number % 30, number))
        if number % 7 == 0:
            writer.delete(f"d{number * 11 % 30}")
    follower.refresh()
    follower.search("everywhere vaccine")
    with naidi.open_index(index) as searcher:
        searcher.search("вакцина", limit=3)
        searcher.suggest("вакц")
    naidi.open_index(index).search("vaccine")
    if number % 20 == 0:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            dropped = naidi.Writer(index, schema=SCHEMA)
            dropped.add(document(31))
            dropped.delete("d1")
            del dropped  # the next round needs its lock


if __name__ == "__main__":
    run_as_main("descriptors", run)
