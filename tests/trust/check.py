"""What the checks share: their arguments, their time, the list of what they found, their last line."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import stat
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

NOTHING_FOUND, FOUND, CANNOT_RUN = 0, 1, 77
_SHOWN = 3  # failures of a kind that are printed

Item = TypeVar("Item")


class CannotRunError(Exception):
    """The check needs something that this machine has not."""


@dataclass
class Check:
    """One run of a check.

    seconds: it ends about then. Enumerations say how much of the whole they tried.
    every: of an enumeration, every so manieth item.
    seed: decides all that is random.
    only: parts of names, with commas between: the scenarios, targets or lies to take. "" means all.
    space: an empty directory; where there is one in memory, it lies there.
    """

    name: str
    seconds: float
    every: int
    seed: int
    space: Path
    only: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    _kinds: Counter[str] = field(default_factory=Counter)
    _started: float = field(default_factory=time.monotonic)

    def bad(self, kind: str, where: str) -> None:
        """Note a failure: failures of one kind are counted together, and the first ones are printed."""
        self._kinds[kind] += 1
        if self._kinds[kind] <= _SHOWN:
            print(f"BAD {self.name}: {kind} | {where}", flush=True)

    @property
    def bad_count(self) -> int:
        return self._kinds.total()

    def wants(self, name: str) -> bool:
        """Whether a scenario, target or lie is to be taken."""
        return any(part in name for part in self.only.split(","))

    def left(self) -> float:
        """Seconds that are left."""
        return self.seconds - (time.monotonic() - self._started)

    def sampled(self, items: Sequence[Item]) -> Iterator[Item]:
        """Every so manieth item until the time is over, in a random order so that what is left out is spread evenly."""
        chosen = list(items[self.seed % self.every :: self.every])
        random.Random(self.seed).shuffle(chosen)
        self.counts["of"] += len(items)
        for item in chosen:
            if self.left() < 0:
                return
            self.counts["tried"] += 1
            yield item

    def finish(self) -> int:
        for kind, number in self._kinds.most_common():
            if number > _SHOWN:
                print(f"BAD {self.name}: {kind} | {number:,} times in all")
        counts = dict(self.counts)
        tried, whole = counts.pop("tried", 0), counts.pop("of", 0)
        parts = [f"{tried:,} of {whole:,} tried" if whole else f"{tried:,} tried", f"{self.bad_count:,} bad"]
        parts += [f"{number:,} {what}" for what, number in sorted(counts.items())]
        print(f"{self.name}: {', '.join(parts)}, {time.monotonic() - self._started:.0f} s", flush=True)
        return FOUND if self.bad_count else NOTHING_FOUND


def main(name: str, run: Callable[[Check], None], arguments: Iterable[str] | None = None) -> int:
    """Run one check by its command line. Returns the status."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.trust.{name.replace('-', '_')}")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenarios, targets or lies: parts of their names")
    given = parser.parse_args(list(arguments) if arguments is not None else None)
    memory = Path("/dev/shm")
    # A short name: the paths of folders are part of ids and manifests.
    space = Path(tempfile.mkdtemp(prefix="trust-", dir=memory if os.access(memory, os.W_OK) else None)).resolve()
    check = Check(name, given.seconds, given.every, given.seed, space, given.only)
    try:
        run(check)
    except CannotRunError as error:
        print(f"{name}: cannot run here: {error}")
        return CANNOT_RUN
    finally:
        shutil.rmtree(space, ignore_errors=True)
    return check.finish()


def copy_tree(source: Path, target: Path) -> None:
    """A copy with times and with the hard links inside of it; `target` is replaced."""
    shutil.rmtree(target, ignore_errors=True)
    first: dict[int, str] = {}

    def copy(one: str, other: str) -> None:
        number = os.stat(one).st_ino
        if number in first:
            os.link(first[number], other)
        else:
            shutil.copy2(one, other)
            first[number] = other

    shutil.copytree(source, target, copy_function=copy, symlinks=True)


def content_of(directory: Path) -> bytes:
    """A digest of the names and the bytes below a directory."""
    digest = hashlib.blake2b()
    for path in sorted(directory.rglob("*")):
        kind = path.lstat().st_mode
        digest.update(repr((str(path.relative_to(directory)), stat.S_IFMT(kind))).encode())
        if stat.S_ISREG(kind) and path.name != "lock":  # it holds a process id
            digest.update(path.read_bytes())
    return digest.digest()


def run_as_main(name: str, run: Callable[[Check], None]) -> None:
    sys.exit(main(name, run))
