"""kill -9 at every system call that changes a file of the index: before it, after it, and when half of a write is done.

Method: each of twelve scenarios runs once under `shim.c`, which counts the calls. Then it runs once for each call and each of the
three moments, in a forked process that the shim kills there. What is left is opened:
- a reader finds the old state or the new one, and the new one if commit() had returned;
- `verify` finds every byte as it was written;
- the scenario runs again and is then in its new state; after one more commit nothing of the killed writer is left.

Counted: kills.
"""

from __future__ import annotations

from . import shim
from .check import Check, run_as_main
from .scenarios import NO_INDEX, OUTDATED, SCENARIOS, Stage, leftovers, state_of

MOMENTS = {"before": shim.KILL_BEFORE, "after": shim.KILL_AFTER, "in the middle of": shim.KILL_MIDDLE}


def run(check: Check) -> None:
    shim.load()
    stages = [Stage(scenario, check.space) for scenario in SCENARIOS if check.wants(scenario.name)]
    points = []
    for stage in stages:
        log = check.space / "calls"
        space = stage.reset()
        whole = shim.run_child(
            lambda done, stage=stage, space=space: stage.scenario.run(space, done), shim.Plan(space, log=log)
        )
        calls = [call for call in shim.read_log(log) if call.name != "committed" and not call.name.startswith(".")]
        if whole.error or whole.calls != len(calls):
            check.bad(
                "the scenario does not run under the shim", f"{stage.scenario.name}: {whole}, {len(calls)} calls noted"
            )
            continue
        for number, call in enumerate(calls):
            for moment in MOMENTS:
                if moment != "in the middle of" or "write" in call.name:
                    points.append((stage, number, moment, call))
    for stage, number, moment, call in check.sampled(points):
        space = stage.reset()
        name = call.path.removeprefix(f"{space}/")
        where = f"--only {stage.scenario.name}: {moment} call {number}, {call.name} {name}"
        outcome = shim.run_child(
            lambda done, stage=stage, space=space: stage.scenario.run(space, done),
            shim.Plan(space, MOMENTS[moment], number),
        )
        if not outcome.killed:
            check.bad("not killed", f"{where}: {outcome}")
            continue
        examine(check, stage, outcome.committed, where)


def examine(check: Check, stage: Stage, committed: bool, where: str) -> None:
    """Look at what is left of an index, and go on with it."""
    try:
        state = state_of(stage.index)
    except BaseException as error:
        check.bad(f"a reader: {type(error).__name__}", f"{where}: {error}")
        state = None
    else:
        name = stage.name_of(state)
        check.counts[name if name in ("old", "new") else "third"] += 1
        if name not in ("old", "new"):
            check.bad("a third state", f"{where}: {name}")
        if committed and name != "new":
            check.bad("lost after commit() had returned", f"{where}: {name}")
    if state not in (NO_INDEX, OUTDATED, None):
        try:
            from naidi.indexer.state.generations import open_generation

            open_generation(stage.index).verify()
        except Exception as error:
            check.bad(f"verify: {type(error).__name__}", f"{where}: {error}")
    try:
        stage.go_on()
        found = state_of(stage.index)
        expected = dict(stage.new) if isinstance(stage.new, dict) else {}
        if (
            not isinstance(found, dict)
            or {key: found.get(key) for key in expected} != expected
            or len(found) != len(expected) + 1
        ):
            check.bad("the next writer makes another state", f"{where}: {str(found)[:200]}")
        elif left := leftovers(stage.index):
            check.bad("something is left over after two commits", f"{where}: {left}")
    except Exception as error:
        check.bad(f"the next writer: {type(error).__name__}", f"{where}: {error}")


if __name__ == "__main__":
    run_as_main("crash-points", run)
