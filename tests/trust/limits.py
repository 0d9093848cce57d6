"""Narrow limits: a full disk, short files, few descriptors, little memory.

Method: each scenario of a writer runs in a forked process again and again while one limit grows from nothing to enough:
- the disk: a tmpfs of that size, where this process may mount one (root on Linux);
- the size of a file: RLIMIT_FSIZE; descriptors: RLIMIT_NOFILE; address space: RLIMIT_AS.
The run succeeds, or raises an OSError of this limit or a MemoryError, or a NaidiError that tells no damage. Then, without the
limit, the index is in its old state or in its new one, in the new one if commit() had returned, and the next writer goes on. A
search under few descriptors or little memory gives the right answer or such an error. The command prints one line and ends with
status 2.

Counted: runs.
"""

from __future__ import annotations

import errno
import gc
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

from . import shim
from .check import Check, copy_tree, run_as_main
from .crash_points import examine
from .injected_errors import searched
from .scenarios import SCENARIOS, Stage

_EXPECTED = {
    "disk": {errno.ENOSPC},
    "file size": {errno.EFBIG},
    "descriptors": {errno.EMFILE},
    "memory": {errno.ENOMEM},
}
_NOT_TOLD = {"IndexDamaged", "IndexMissing", "IndexOutdated"}
Item = tuple[Stage, str, int]


def _lower(what: int, value: int) -> None:
    """A lower soft limit, which the check itself can raise again."""
    resource.setrlimit(what, (value, resource.getrlimit(what)[1]))


def _limit(kind: str, value: int) -> None:
    if kind == "file size":
        _lower(resource.RLIMIT_FSIZE, value)
    elif kind == "descriptors":
        _lower(resource.RLIMIT_NOFILE, len(os.listdir("/dev/fd")) - 1 + value)
    elif kind == "memory":
        shim.limit_memory(value)


def _items(stages: list[Stage], mounts: bool) -> Iterator[Item]:
    for stage in stages:
        sizes = sorted({path.stat().st_size for path in stage.space.rglob("*") if path.is_file()})
        around = sorted(
            {max(0, size + step) for size in sizes for step in (-1, 0)} | set(range(0, sizes[-1] + 4096, 4096))
        )
        yield from ((stage, "file size", value) for value in around)
        yield from ((stage, "descriptors", value) for value in range(12))
        yield from ((stage, "memory", value << 16) for value in (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512))
        if mounts:
            yield from ((stage, "disk", value << 12) for value in range(2, sum(sizes) * 4 // 4096 + 24, 3))


def run(check: Check) -> None:
    stages = [Stage(scenario, check.space) for scenario in SCENARIOS if check.wants(scenario.name)]
    mounts = _can_mount(check)
    if not mounts:
        print("limits: no tmpfs can be mounted here: a full disk is left out, RLIMIT_FSIZE stands for it")
    items = list(_items(stages, mounts))
    for stage, kind, value in check.sampled(items):
        where = f"--only {stage.scenario.name}: {kind} {value}"
        stage.reset()
        if kind == "disk":
            _on_a_small_disk(check, stage, value, where)
            continue
        outcome = shim.run_child(
            lambda done, s=stage, k=kind, v=value: (_limit(k, v), s.scenario.run(s.space, done))[1:0]
        )
        _judge(check, outcome, kind, where)
        examine(check, stage, outcome.committed, where)
        if kind != "file size" and isinstance(stage.old, dict) and "d1" in stage.old:
            stage.reset()
            right = repr(searched(stage.index))
            outcome = shim.run_child(lambda done, s=stage, k=kind, v=value: (_limit(k, v), repr(searched(s.index)))[1])
            _judge(check, outcome, kind, f"search, {where}")
            if outcome.error is None and outcome.value != right:
                check.bad("another answer", f"search, {where}: {str(outcome.value)[:200]}")
    _commands(check, stages)


def _judge(check: Check, outcome: shim.Outcome, kind: str, where: str) -> None:
    if outcome.signal or outcome.killed:
        check.bad(f"{kind}: ended by signal {outcome.signal or 9}", where)
    if outcome.error is None:
        check.counts["succeeded"] += 1
        return
    names, number, message, place = outcome.error
    if _NOT_TOLD & set(names):
        check.bad(f"{kind}: told as {names[0]}", f"{where}: {message} ({place})")
    elif number in _EXPECTED[kind] or "NaidiError" in names or (kind == "memory" and "MemoryError" in names):
        check.counts["raised"] += 1
    else:
        check.bad(f"{kind}: raw {names[0]}", f"{where}: {message} ({place})")


def _can_mount(check: Check) -> bool:
    if not sys.platform.startswith("linux") or os.geteuid() or not shutil.which("mount"):
        return False
    place = check.space / "mount"
    place.mkdir()
    if not _mount(place, "size=64k"):
        return False
    _unmount(place)
    return True


def _mount(place: os.PathLike[str], options: str) -> bool:
    return not subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True).returncode


def _unmount(place: os.PathLike[str]) -> None:
    gc.collect()  # what holds a map of a file there
    subprocess.run(["umount", "-l", place], check=True, capture_output=True)


def _on_a_small_disk(check: Check, stage: Stage, value: int, where: str) -> None:
    """The index lies on a file system with `value` bytes more than it takes."""
    template = check.space / "before"
    shutil.rmtree(template, ignore_errors=True)
    if stage.index.exists():
        shutil.move(stage.index, template)
    stage.index.mkdir()
    _mount(stage.index, "size=64m")
    try:
        if template.exists():
            copy_tree(template, stage.index / "copy")
            for entry in (stage.index / "copy").iterdir():
                entry.rename(stage.index / entry.name)
            (stage.index / "copy").rmdir()
        usage = os.statvfs(stage.index)
        used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
        subprocess.run(["mount", "-o", f"remount,size={used + value}", stage.index], check=True)
        outcome = shim.run_child(lambda done: stage.scenario.run(stage.space, done))
        _judge(check, outcome, "disk", where)
        subprocess.run(["mount", "-o", "remount,size=64m", stage.index], check=True)
        examine(check, stage, outcome.committed, where)
    finally:
        _unmount(stage.index)


def _commands(check: Check, stages: list[Stage]) -> None:
    """The command under `ulimit`: one line and status 2, or it works."""
    stage = next((stage for stage in stages if stage.scenario.name == "sync"), None)
    if stage is None:
        return
    rules: list[tuple[str, Callable[[], None]]] = [
        *(
            (f"ulimit -n {value}", lambda v=value: _lower(resource.RLIMIT_NOFILE, v))
            for value in (4, 6, 8, 10, 16, 24, 64)
        ),
        *(
            (f"ulimit -v {value}000", lambda v=value: _lower(resource.RLIMIT_AS, v << 20))
            for value in (150, 200, 300, 400, 600)
        ),
        *((f"ulimit -f {value}", lambda v=value: _lower(resource.RLIMIT_FSIZE, v << 10)) for value in (0, 1, 8, 16)),
    ]
    for text, rule in rules[check.seed % check.every :: check.every]:
        for arguments in (("index", str(stage.space / "folder")), ("search", "everywhere"), ("verify",)):
            if check.left() < 0:
                return
            stage.reset()
            check.counts["tried"] += 1
            check.counts["of"] += 1
            done = subprocess.run(
                [sys.executable, "-m", "naidi", *arguments, "--index", stage.index],
                capture_output=True,
                text=True,
                preexec_fn=rule,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            )
            said = done.stderr.strip()
            where = f"{text}; naidi {' '.join(arguments[:1])}: status {done.returncode}, {said[-300:]}"
            if "Traceback" in said and "naidi/" in said and "import" not in said.lower():
                check.bad("command: traceback", where)
            elif "damaged" in said or "no index" in said:
                check.bad("command: told as damage or no index", where)
            elif done.returncode < 0:
                check.bad("command: ended by a signal", where)


if __name__ == "__main__":
    run_as_main("limits", run)
