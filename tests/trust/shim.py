"""Starts a check again under `shim.c`, and talks to it."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from naidi.indexer.codec import durability

from .check import CannotRunError

COUNT, KILL_BEFORE, KILL_AFTER, KILL_MIDDLE, FAIL_ONCE, FAIL_ON = range(6)
_LOADED = "NAIDI_TRUST_SHIM"
_SECONDS = 60
_library: ctypes.CDLL | None = None


def load() -> None:
    """Go on with the shim in place: the process is started again once. Raises CannotRunError where that is impossible."""
    global _library
    if not sys.platform.startswith("linux"):
        raise CannotRunError(f"the shim needs Linux with the GNU C library, this is {sys.platform}")
    path = os.environ.get(_LOADED)
    if path is None:
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise CannotRunError("there is no C compiler (cc, gcc, clang)")
        directory = tempfile.mkdtemp(prefix="trust-shim-")
        path = os.path.join(directory, "shim.so")
        source = Path(__file__).with_name("shim.c")
        made = subprocess.run(
            [compiler, "-O1", "-shared", "-fPIC", "-o", path, source, "-ldl"], capture_output=True, text=True
        )
        if made.returncode:
            shutil.rmtree(directory)
            raise CannotRunError(f"{compiler} cannot compile the shim: {made.stderr.strip().splitlines()[:1]}")
        preload = f"{path} {os.environ.get('LD_PRELOAD', '')}".strip()
        single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = os.environ | single | {"LD_PRELOAD": preload, _LOADED: path}
        try:
            # A child and not exec: the library is removed at the end.
            status = subprocess.call([sys.executable, *sys.orig_argv[1:]], env=environment)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        sys.exit(status)
    _library = ctypes.CDLL(path)
    _library.trust_arm.argtypes = [
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_long,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
    ]
    _library.trust_disarm.restype = _library.trust_count.restype = ctypes.c_long
    _library.trust_mark.argtypes = [ctypes.c_char_p]
    del os.environ["LD_PRELOAD"]


@dataclass(frozen=True)
class Plan:
    """What the shim does to a child.

    root: the directory whose files it stands before.
    mode: one of the modes above.
    at: the call that it strikes, counted from 0.
    error: the errno of a failing call.
    reads: whether calls that change nothing count, too.
    log: a file for a record of the calls.
    """

    root: Path
    mode: int = COUNT
    at: int = -1
    error: int = 0
    reads: bool = False
    log: Path | None = None


class Outcome(NamedTuple):
    """How a child ended.

    killed: by SIGKILL. signal: by which other signal.
    committed: whether commit() had returned.
    calls: calls that were counted, -1 if it was killed.
    error: (names of the class and its bases, errno, message, last lines of the traceback), or None.
    value: what the function returned (JSON), None after an error.
    seconds: of the processor, in the child.
    """

    killed: bool
    signal: int
    committed: bool
    calls: int
    error: tuple[list[str], int | None, str, str] | None
    value: object
    seconds: float


def run_child(
    function: Callable[[Callable[[], None]], object],
    plan: Plan | None = None,
    *,
    seconds: int = _SECONDS,
    memory: int | None = None,
) -> Outcome:
    """Call a function in a forked child.

    Parameters:
      function: called as function(committed); `committed` is to be called as soon as a commit has returned.
      plan: what the shim does to the child; None without the shim.
      seconds: on the clock, until the child is ended by SIGALRM.
      memory: bytes of address space that it may take beyond what this process has.
    """
    return end_child(start_child(function, plan, seconds=seconds, memory=memory))


class Child(NamedTuple):
    """A child that runs: its process id and the pipe from it."""

    pid: int
    pipe: int


def start_child(
    function: Callable[[Callable[[], None]], object],
    plan: Plan | None = None,
    *,
    seconds: int = _SECONDS,
    memory: int | None = None,
) -> Child:
    """As `run_child`, without waiting."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        if memory is not None:
            limit_memory(memory)
        durability.in_turn = True  # calls are numbered
        _child(function, plan, writing)
    os.close(writing)
    return Child(pid, reading)


def end_child(child: Child) -> Outcome:
    """Wait for the end of a child."""
    with open(child.pipe, "rb") as pipe:
        lines = pipe.read().splitlines()
    _, status, used = os.wait4(child.pid, 0)
    struck = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    last = json.loads(lines[-1]) if lines and lines[-1].startswith(b"{") else {}
    error = last.get("error")
    return Outcome(
        struck == signal.SIGKILL,
        struck if struck != signal.SIGKILL else 0,
        b"committed" in lines,
        last.get("calls", -1),
        tuple(error) if error else None,  # type: ignore[arg-type]
        last.get("value"),
        used.ru_utime + used.ru_stime,
    )


def _child(function: Callable[[Callable[[], None]], object], plan: Plan | None, pipe: int) -> None:
    result: dict[str, object] = {}

    def committed() -> None:
        os.write(pipe, b"committed\n")
        if plan is not None:
            assert _library is not None
            _library.trust_mark(b"committed")

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)  # warnings: what counts is written to the pipe
    os.close(nowhere)
    log = -1
    if plan is not None:
        assert _library is not None
        if plan.log is not None:
            log = os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        _library.trust_arm(os.fsencode(plan.root), plan.mode, plan.at, plan.error, int(plan.reads), log)
    try:
        result["value"] = function(committed)
    except BaseException as error:
        result["error"] = described(error)
    finally:
        if plan is not None and _library is not None:
            result["calls"] = _library.trust_disarm()
        os.write(pipe, json.dumps(result).encode() + b"\n")
        os._exit(0)


def described(error: BaseException) -> list[object]:
    """An exception as in `Outcome.error`."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    names = [kind.__name__ for kind in type(error).__mro__]
    return [names, getattr(error, "errno", None), str(error)[:300], where]


class Call(NamedTuple):
    """A call as the shim has recorded it. `data` are the bytes that a write has written."""

    name: str
    result: int
    path: str
    other: str
    offset: int
    data: bytes


def read_log(path: Path) -> list[Call]:
    """The record of a child."""
    calls = []
    with open(path, "rb") as file:
        while line := file.readline():
            name, result, _, where, other, offset, size = os.fsdecode(line[:-1]).split("\t")
            calls.append(Call(name, int(result), where, other, int(offset), file.read(int(size))))
    return calls


def limit_memory(more: int) -> None:
    """Let this process take so many more bytes of address space. Only Linux tells how many it has."""
    import resource

    if sys.platform.startswith("linux"):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        bound = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def error_name(number: int) -> str:
    return errno.errorcode.get(number, str(number))
