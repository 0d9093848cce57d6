"""Power loss after every call that changes a file: all that a file system may have kept by then.

Method: the changing calls of a scenario are recorded by `shim.c` with their data and played in a model of a file system. It
knows what is durable: data of a file since its fsync, names in a directory since the fsync of that directory. After each call
the states are made that may be found after a loss of power:
- kept: everything arrived; nothing: only what is durable;
- empty, zeros, half, pages: all names arrived, but data that was not synced is missing, zero, cut in the middle, or has lost
  pages of 512 bytes;
- order: data arrived, of the names that were not synced only the first so many (all numbers, or six at random);
- any: of these names any, out of order (six choices at random);
- torn: the same with data that has lost pages.
Each state is written out and opened: the old state or the new one; the new one if commit() had returned. Then the next writer
goes on. States with the same content are opened once.

The model is harsher than ext4, XFS or APFS, which keep the order of names. It believes that fsync does what it says, and that a
rename is atomic.

Counted: states.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import shim
from .check import Check, copy_tree, run_as_main
from .crash_points import examine
from .scenarios import SCENARIOS, Stage

_PAGE = 512
_CHOICES = 6

Entry = tuple[int, str, int | None]  # directory, name, file or directory that it names now, or None


@dataclass
class _File:
    """A file. durable: what is on the disk for sure."""

    now: bytes = b""
    durable: bytes = b""


@dataclass
class Model:
    """Files and directories by number. 0 is the root.

    pending: changes of names that are not durable yet, in order; each is a set of entries that change together.
    """

    files: dict[int, _File] = field(default_factory=dict)
    now: dict[int, dict[str, int]] = field(default_factory=lambda: {0: {}})
    durable: dict[int, dict[str, int]] = field(default_factory=lambda: {0: {}})
    pending: list[tuple[Entry, ...]] = field(default_factory=list)
    _next: int = 1

    @classmethod
    def of(cls, root: Path) -> Model:
        """All that is below `root`, as durable."""
        model = cls()
        seen: dict[int, int] = {}

        def take(directory: Path, number: int) -> None:
            for path in directory.iterdir():
                inode = path.stat().st_ino
                if inode not in seen:
                    seen[inode] = model._next
                    model._next += 1
                    if path.is_dir():
                        model.now[seen[inode]], model.durable[seen[inode]] = {}, {}
                        take(path, seen[inode])
                    else:
                        data = path.read_bytes()
                        model.files[seen[inode]] = _File(data, data)
                model.now[number][path.name] = model.durable[number][path.name] = seen[inode]

        take(root, 0)
        return model

    def find(self, path: str) -> tuple[int, str, int | None]:
        """(directory, name, number) of a path below the root; the root itself has the name ""."""
        directory, number, name = 0, 0, ""
        for name in filter(None, path.split("/")):
            directory = number
            found = self.now.get(directory, {}).get(name)
            number = -1 if found is None else found
        return directory, name, None if number < 0 else number

    def change(self, *entries: Entry) -> None:
        for directory, name, number in entries:
            if number is None:
                self.now[directory].pop(name, None)
            else:
                self.now[directory][name] = number
        self.pending.append(entries)

    def play(self, call: shim.Call, root: str) -> None:
        if call.result < 0:
            return
        path = call.path.removeprefix(root)
        if path.endswith(" (deleted)"):
            return
        directory, name, number = self.find(path)
        what = call.name.removesuffix("64").removesuffix("at")
        if what == "open":
            if number is None:
                number, self._next = self._next, self._next + 1
                self.files[number] = _File()
                self.change((directory, name, number))
        elif what in ("write", "pwrite"):
            assert number is not None
            file = self.files[number]
            start = file.now[: call.offset].ljust(call.offset, b"\0")
            file.now = start + call.data + file.now[call.offset + len(call.data) :]
        elif what == "ftruncate":
            assert number is not None
            file = self.files[number]
            file.now = file.now[: call.offset].ljust(call.offset, b"\0")
        elif what == "mkdir":
            number, self._next = self._next, self._next + 1
            self.now[number], self.durable[number] = {}, {}
            self.change((directory, name, number))
        elif what in ("unlink", "rmdir"):
            self.change((directory, name, None))
        elif what in ("rename", "link"):
            target, other, _ = self.find(call.other.removeprefix(root))
            assert number is not None
            self.change(*([(directory, name, None)] if what == "rename" else []), (target, other, number))
        elif what in ("fsync", "fdatasync"):
            assert number is not None
            if number in self.files:
                self.files[number].durable = self.files[number].now
            else:
                self._sync_names(number)
        elif what not in ("chmod", "fchmod"):
            raise AssertionError(f"the model does not know {call.name}")

    def _sync_names(self, directory: int) -> None:
        kept = [entries for entries in self.pending if all(entry[0] != directory for entry in entries)]
        _apply(self.durable, (entries for entries in self.pending if any(entry[0] == directory for entry in entries)))
        self.pending = kept

    def states(self, choice: random.Random) -> Iterator[tuple[str, dict[str, bytes | None]]]:
        """(how, path -> content, None for a directory) of what may be found."""
        number = len(self.pending)
        prefixes = range(number + 1) if number < _CHOICES else sorted(choice.sample(range(number + 1), _CHOICES))
        subsets = [
            [entries for entries in self.pending if choice.random() < 0.5] for _ in range(_CHOICES if number > 1 else 0)
        ]
        yield "kept", self._tree(self.pending, "all", choice)
        yield "nothing", self._tree([], "durable", choice)
        unsynced = any(file.now != file.durable for file in self.files.values())
        for how in ("empty", "zeros", "half", "pages") if unsynced else ():
            yield how, self._tree(self.pending, how, choice)
        for size in prefixes:
            yield "order", self._tree(self.pending[:size], "all", choice)
        for subset in subsets:
            yield "any", self._tree(subset, "all", choice)
            if unsynced:
                yield "torn", self._tree(subset, "pages", choice)

    def _tree(self, names: list[tuple[Entry, ...]], how: str, choice: random.Random) -> dict[str, bytes | None]:
        directories = {number: dict(entries) for number, entries in self.durable.items()}
        _apply(directories, iter(names))
        tree: dict[str, bytes | None] = {}

        def show(directory: int, prefix: str) -> None:
            for name, number in directories[directory].items():
                if number in self.files:
                    tree[prefix + name] = _left(self.files[number], how, choice)
                else:
                    tree[prefix + name] = None
                    show(number, f"{prefix}{name}/")

        show(0, "")
        return tree


def _apply(directories: dict[int, dict[str, int]], changes: Iterator[tuple[Entry, ...]]) -> None:
    for entries in changes:
        for directory, name, number in entries:
            if number is None:
                directories[directory].pop(name, None)
            else:
                directories[directory][name] = number


def _left(file: _File, how: str, choice: random.Random) -> bytes:
    """What may be left of the content of a file."""
    now, durable = file.now, file.durable
    if how == "all" or now == durable:
        return now
    if how == "durable":
        return durable
    if how == "empty":
        return durable if durable else b""
    if how == "zeros":
        return durable + bytes(max(0, len(now) - len(durable)))
    if how == "half":
        return now[: (len(now) + len(durable)) // 2]
    pages = bytearray(now)
    for start in range(0, len(now), _PAGE):
        if choice.random() < 0.5:
            old = durable[start : start + _PAGE]
            pages[start : start + _PAGE] = old.ljust(len(now[start : start + _PAGE]), b"\0")[
                : len(now[start : start + _PAGE])
            ]
    return bytes(pages)


def run(check: Check) -> None:
    shim.load()
    moments = []
    for scenario in SCENARIOS:
        if not check.wants(scenario.name):
            continue
        stage = Stage(scenario, check.space)
        space, log = stage.reset(), check.space / "calls"
        whole = shim.run_child(lambda done, s=stage, p=space: s.scenario.run(p, done), shim.Plan(space, log=log))
        calls = [call for call in shim.read_log(log) if not call.name.startswith(".")]
        if whole.error:
            check.bad("the scenario does not run under the shim", f"{scenario.name}: {whole}")
            continue
        _compare(check, stage, calls)
        moments += [
            (stage, calls, number) for number in range(1, len(calls) + 1) if calls[number - 1].name != "committed"
        ]
    seen: set[tuple[str, bool, bytes]] = set()
    for stage, calls, number in check.sampled(moments):
        model = Model.of(stage.template)
        for call in calls[:number]:
            if call.name != "committed":
                model.play(call, str(stage.space))
        committed = any(call.name == "committed" for call in calls[:number])
        call = calls[number - 1]
        place = f"after call {number}, {call.name} {call.path.removeprefix(str(stage.space) + '/')}"
        for how, tree in model.states(random.Random(f"{check.seed} {number}")):
            check.counts["states"] += 1
            digest = hashlib.blake2b(repr(sorted(tree.items())).encode()).digest()
            key = (stage.scenario.name, committed, digest)
            if key in seen:
                check.counts["of them met before"] += 1
                continue
            seen.add(key)
            _write_out(tree, stage)
            examine(check, stage, committed, f"--only {stage.scenario.name}: {how}, {place}")


def _compare(check: Check, stage: Stage, calls: list[shim.Call]) -> None:
    """The model, played to the end, must be what the disk holds: else a call was missed."""
    model = Model.of(stage.template)
    for call in calls:
        if call.name != "committed":
            model.play(call, str(stage.space))
    tree = next(iter(model.states(random.Random(0))))[1]
    disk = {
        path.relative_to(stage.space).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in stage.space.rglob("*")
    }
    if tree != disk:
        differing = sorted(name for name in tree.keys() | disk.keys() if tree.get(name, 0) != disk.get(name, 0))
        check.bad("the record of calls is not complete", f"{stage.scenario.name}: {differing}")


def _write_out(tree: dict[str, bytes | None], stage: Stage) -> None:
    """Write a state; files of the synced folder keep their times."""
    if (stage.template / "folder").exists():
        copy_tree(stage.template, stage.space)
        shutil.rmtree(stage.index, ignore_errors=True)
    else:
        shutil.rmtree(stage.space)
        stage.space.mkdir()
    for name, content in tree.items():
        if name.split("/")[0] == "folder":
            continue
        path = stage.space / name
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)


if __name__ == "__main__":
    run_as_main("power-loss", run)
