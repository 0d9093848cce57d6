"""Indexes that lie, with checksums that are right.

Method: a grammar of lies (`lies.py`). Each section of a segment becomes the largest numbers, zeros, random, descending, short,
empty, of another type, or is missing; the header, the manifest, CURRENT, the deletions, the table of files and other entries of
the directory say what cannot be or lead elsewhere. Checksums and sizes are then made to fit. Forked processes use each such
index: search, similar, suggest, status, verify, the commands, a commit, a sync, a rebuild, an upgrade. A use ends in a value, a
NaidiError, or an OSError for what the system refuses. It takes at most one second of the processor and 500 MB more than before;
it does not wait for a pipe. Files beside the index stay as they are.

Counted: lies.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import shim
from .check import Check, copy_tree, run_as_main
from .lies import all_lies
from .small_index import USES, make_index

_SECONDS = 1.0
_CLOCK = 15
_MEMORY = 500 << 20


def run(check: Check) -> None:
    space = check.space / "lies"
    space.mkdir()
    index = make_index(space)
    victim = space / "victim"
    victim.write_text("not ours")
    template = check.space / "template"
    copy_tree(space, template)
    lies = [lie for lie in all_lies(index) if check.wants(lie[0])]
    for name, lie in check.sampled(lies):
        copy_tree(template, space)
        lie(index)
        changed = False
        for use, function in USES.items():
            if changed:
                copy_tree(template, space)
                lie(index)
            changed = use not in ("search", "status", "verify", "commands")
            _used(check, index, name, use, function)
            if not victim.is_file() or victim.read_text() != "not ours":
                check.bad(f"{use}: a file beside the index is changed", name)
                victim.unlink(missing_ok=True)
                victim.write_text("not ours")


def _used(check: Check, index: Path, name: str, use: str, function: Callable[[Path], object]) -> None:
    check.counts["uses"] += 1
    outcome = shim.run_child(lambda done: function(index) and None, seconds=_CLOCK, memory=_MEMORY)
    if outcome.signal == 14:
        check.bad(f"{use}: over {_CLOCK} s", f"--only {name!r}")
    elif outcome.signal or outcome.killed:
        check.bad(f"{use}: ended by signal {outcome.signal or 9}", f"--only {name!r}")
    elif outcome.error:
        names, _, message, place = outcome.error
        told = names[0] if "NaidiError" in names else "OSError"
        if "NaidiError" in names or "OSError" in names:
            check.counts[told] += 1
        else:
            kind = "out of 500 MB" if "MemoryError" in names else f"raw {names[0]}"
            check.bad(f"{use}: {kind}", f"--only {name!r}: {message[:150]} ({place})")
    else:
        check.counts["fine"] += 1
    if (seconds := outcome.seconds) > _SECONDS and outcome.signal != 14:
        check.bad(f"{use}: over {_SECONDS:g} s", f"--only {name!r}: {seconds:.1f} s")


if __name__ == "__main__":
    run_as_main("hostile-index", run)
