"""An error at every system call on a file of the index: EIO, ENOSPC, EMFILE, EACCES and ENOMEM, once and from then on.

Method: each scenario of a writer, and one of a search, runs once under `shim.c`, which counts all calls on the index directory,
those that only read as well. Then it runs once for each call, each error that this call can have and both ways, in a forked
process. A failing call may be made up for, or go up as an OSError with its errno, or end in an error of naidi that tells no
damage. Then, with nothing failing any more:
- the index is in its old state or in its new one; in the new one if commit() had returned, in the old one if it has raised;
- the scenario runs again and is then in its new state.
An index that is left byte for byte as one before is not looked at again. A failing call on the synced folder may leave any
document as it was, but loses none. The search gives its answer whole or raises. It never answers from the state before, and
never says "damaged" or "no index".

Counted: injected errors.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import naidi

from . import shim
from .check import Check, run_as_main
from .crash_points import examine
from .scenarios import SCENARIOS, Stage, state_of
from .shim import error_name

ERRORS = (errno.EIO, errno.ENOSPC, errno.EMFILE, errno.EACCES, errno.ENOMEM)
WAYS = {"once": shim.FAIL_ONCE, "from": shim.FAIL_ON}
# What passes is not told as one of these.
_WRONG = {"IndexDamaged", "IndexMissing", "IndexOutdated"}


# Parts of the names of calls that can fail with an error. A dot stands before calls that change nothing.
_POSSIBLE = {
    errno.ENOSPC: ("write", "open", "mkdir", "link", "rename", "fsync", "truncate", "sendfile", "copy_file_range"),
    errno.EMFILE: ("open", "fcntl", "dup"),
    errno.EACCES: ("open", "mkdir", "link", "rename", "rmdir", ".stat", ".lstat", ".access"),
    errno.ENOMEM: ("open", "mmap", "stat", "readdir", "link", "rename", "mkdir", "rmdir"),
    errno.EIO: ("",),
}


def possible(name: str, error: int) -> bool:
    """Whether a call can fail so."""
    if name.startswith(".") and error == errno.ENOSPC:
        return False
    if error == errno.EIO and name in (".fcntl", ".dup", ".mmap", ".mmap64"):
        return False
    return any(part in name for part in _POSSIBLE[error])


def searched(index: Path) -> object:
    """All that a reader does, as values that can be compared."""
    with naidi.open_index(index) as searcher:
        first = searcher.search("вакцина вакцины2 everywhere")
        refreshed = searcher.refresh()
        return [
            [(hit.id, round(hit.score, 6), [snippet.text for snippet in hit.snippets]) for hit in first.hits],
            list(first.warnings),
            [hit.id for hit in searcher.similar("d1").hits],
            [completion.text for completion in searcher.suggest("вакц")],
            [hit.id for hit in searcher.search('"vaccine number" OR вакц* OR vacine~1').hits],
            refreshed,
        ]


def status(index: Path) -> object:
    from naidi.indexer.status import index_status

    value = index_status(index)
    return [value["documents"], value["damage"]]


def verified(index: Path) -> object:
    from naidi.indexer.state.generations import open_generation

    generation = open_generation(index)
    return [generation.verify(), str(generation.damage)]


READERS = {"search": searched, "status": status, "verify": verified}


def run(check: Check) -> None:
    shim.load()
    points: list[Callable[[], None]] = []
    for scenario in SCENARIOS:
        if check.wants(scenario.name):
            stage = Stage(scenario, check.space)
            points += [lambda s=stage, p=point: write_once(check, s, *p) for point in _points(check, stage)]
            if scenario.name in ("sync", "sync-rebuild"):
                points += [
                    lambda s=stage, p=point: folder_once(check, s, *p) for point in _points(check, stage, "folder")
                ]
    by_name = {scenario.name: scenario for scenario in SCENARIOS}
    for name, reader in READERS.items():
        if check.wants(name):
            space = check.space / name
            space.mkdir()
            stage = Stage(by_name["add"], space)
            stage.reset()
            right = reader(stage.index)
            log = check.space / "calls"
            shim.run_child(lambda done, s=stage, r=reader: r(s.index), shim.Plan(stage.index, reads=True, log=log))
            for number, call in enumerate(shim.read_log(log)):
                for error in ERRORS:
                    if possible(call.name, error):
                        for way in WAYS:
                            point = (stage, reader, right, number, call, error, way)
                            points.append(lambda n=name, p=point: read_once(check, n, *p))
    for point in check.sampled(points):
        point()


def _points(check: Check, stage: Stage, root: str = "index") -> list[tuple[int, shim.Call, int, str]]:
    log = check.space / "calls"
    space = stage.reset()
    whole = shim.run_child(lambda done: stage.scenario.run(space, done), shim.Plan(space / root, reads=True, log=log))
    calls = [call for call in shim.read_log(log) if call.name != "committed"]
    if whole.error or whole.calls != len(calls):
        check.bad(
            "the scenario does not run under the shim", f"{stage.scenario.name}: {whole}, {len(calls)} calls noted"
        )
        return []
    return [
        (number, call, error, way)
        for number, call in enumerate(calls)
        for error in ERRORS
        if possible(call.name, error)
        for way in WAYS
    ]


def write_once(check: Check, stage: Stage, number: int, call: shim.Call, error: int, way: str) -> None:
    space = stage.reset()
    name = call.path.removeprefix(f"{space}/")
    where = f"--only {stage.scenario.name}: {error_name(error)} {way} call {number}, {call.name.lstrip('.')} {name}"
    plan = shim.Plan(stage.index, WAYS[way], number, error, reads=True)
    outcome = shim.run_child(lambda done: stage.scenario.run(space, done), plan)
    _judge(check, outcome, error, where)
    if outcome.error and not outcome.committed:
        try:
            if stage.name_of(state_of(stage.index)) == "new":
                check.bad(
                    "commit() has raised though its state is live", f"{where}: {outcome.error[2]} ({outcome.error[3]})"
                )
        except Exception:
            pass  # `examine` says so
    if stage.met_before(outcome.committed):
        check.counts["left as met before"] += 1
    else:
        examine(check, stage, outcome.committed, where)


def folder_once(check: Check, stage: Stage, number: int, call: shim.Call, error: int, way: str) -> None:
    """A failing call on the folder that a sync follows."""
    space = stage.reset()
    name = call.path.removeprefix(f"{space}/")
    where = f"--only {stage.scenario.name}: {error_name(error)} {way} call {number}, {call.name.lstrip('.')} {name}"
    plan = shim.Plan(space / "folder", WAYS[way], number, error, reads=True)
    outcome = shim.run_child(lambda done: stage.scenario.run(space, done), plan)
    _judge(check, outcome, error, where)
    try:
        found = state_of(stage.index)
        assert isinstance(found, dict) and isinstance(stage.old, dict) and isinstance(stage.new, dict)
        for doc_id in found.keys() | stage.old.keys() | stage.new.keys():
            if found.get(doc_id) not in (stage.old.get(doc_id), stage.new.get(doc_id)):
                check.bad(
                    "an error in the folder loses or alters a document", f"{where}: {doc_id}: {found.get(doc_id)}"
                )
        stage.scenario.run(space, lambda: None)
        if state_of(stage.index) != stage.new:
            check.bad("the next sync does not make up for an error in the folder", where)
    except Exception as problem:
        check.bad(f"after an error in the folder: {type(problem).__name__}", f"{where}: {problem}")


def read_once(
    check: Check,
    name: str,
    stage: Stage,
    reader: Callable[[Path], object],
    right: object,
    number: int,
    call: shim.Call,
    error: int,
    way: str,
) -> None:
    path = call.path.removeprefix(f"{stage.space}/")
    where = f"--only {name}: {error_name(error)} {way} call {number}, {call.name.lstrip('.')} {path}"
    plan = shim.Plan(stage.index, WAYS[way], number, error, reads=True)
    outcome = shim.run_child(lambda done: reader(stage.index), plan)
    _judge(check, outcome, error, where)
    if outcome.error is None and not outcome.signal and outcome.value != _plain(right):
        check.bad(f"{name} gives another answer", f"{where}: {str(outcome.value)[:300]}")


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def _judge(check: Check, outcome: shim.Outcome, error: int, where: str) -> None:
    if outcome.signal or outcome.killed:
        check.bad(f"ended by signal {outcome.signal or 9}", where)
    if outcome.error is None:
        check.counts["made up for"] += 1
        return
    names, number, message, place = outcome.error
    if _WRONG & set(names):
        check.bad(f"told as {names[0]}", f"{where}: {message} ({place})")
    elif "OSError" in names:
        check.counts["raised"] += 1
        if number != error:
            check.bad("raised with another errno", f"{where}: {message} ({place})")
    elif "NaidiError" in names:
        check.counts[f"told as {names[0]}"] += 1
    elif names[0] == "MemoryError" and error == errno.ENOMEM:
        check.counts["raised"] += 1
    else:
        check.bad(f"raw {names[0]}", f"{where}: {message} ({place})")


if __name__ == "__main__":
    run_as_main("injected-errors", run)
