"""Reads files in a child process, so that a hostile file costs one file: no crash, endless loop or lack of memory reaches us.

Each process that reads such files has one child, started for the first of them (`confined_child`). It is killed if a file takes
too long, and another is started for the next file. Linux also limits its memory; macOS has no such limit.
"""

from __future__ import annotations

import atexit
import errno
import marshal
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..messages import message, of_system
from .confined_messages import (
    MAX_OUTPUT,
    ChannelClosed,
    Incoming,
    Request,
    TooMuch,
    WrongMessage,
    content_of,
    request_header,
    send,
)
from .content import BUSY, Content, Source
from .registry import Format

if TYPE_CHECKING:
    import subprocess

SECONDS = 9.0
"""How long a file may take, on the clock on the wall. What comes with it, a new child and its end, takes less than one more."""

OCR_SECONDS = 300.0
"""How long a file may take if the text in its pictures is recognised."""

_SOFT = 0.8  # the part of its time after which a reader is to return what it has
_START_SECONDS = 30.0
_DEATH_SECONDS = 1.0
_IF_ORPHANED = 5.0  # seconds after its time when a child ends itself
# A reader that was too slow, but had less than this part of its time on a processor, may do on a calmer machine.
_STARVED = 0.5
_TWICE = 0.5  # the part of its time after which a file is not read again in a new child

IS_POSSIBLE = os.name == "posix"
"""Whether this system lets us confine readers. Elsewhere they run in this process."""

_TOO_MUCH_MEMORY = message("needs too much memory")
_TOO_MUCH_TEXT = message("gives more than {size} MB of text", size=MAX_OUTPUT >> 20)
_NO_START = message("cannot start the process that reads it")
_SIGNALS = frozenset(signal.Signals)
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP) if IS_POSSIBLE else ()

# The child finds modules where this process does, and nowhere else: not in the directory that it is started in.
_PROGRAM = """
import marshal, sys
sys.path[:] = marshal.loads(bytes.fromhex(sys.argv[2]))
from naidi.indexer.readers.confined_child import main
main(int(sys.argv[1]))
"""


class ReaderUnavailable(OSError):
    """The system has failed, which says nothing about the file: no child could be started, or somebody ended it."""


class ReaderStopped(ValueError):
    """The reader crashed, or took too much time, memory or room. `str(error)` is a short reason."""


class ReaderFailed(Exception):
    """The reader raised something else than ValueError. `str(error)` is "type: message"."""


def read_confined(format: Format, source: Source) -> list[Content]:
    """What the reader of a format finds in a file. The reader must be given by its name.

    Raises ValueError with a short reason if it refuses the file; ReaderStopped if it crashes or takes too much time, memory or
    room; ReaderFailed, ReaderUnavailable. Raises MemoryError if this process may not take as much memory as a reader may.
    """
    return _child.read(format, source)


def stop_child() -> None:
    """End the child, if there is one. The next file that needs it starts another."""
    with _child.lock:
        _child.end()


class _Died(Exception):
    """The child ended while it read a file. `reason` is what to tell if it has read no other file before."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class _Child:
    """The child of this process. `lock` lets one thread use it at a time."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Have no child."""
        self.lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._lifeline = -1
        self._files = 0  # that it has read
        self._processor = 0.0  # seconds that these took
        self._no_start_before = 0.0

    def let_go(self) -> None:
        """Leave the child to the parent, in a process that was forked. Who holds an end of its channel keeps it alive."""
        if self._process is not None:
            self._process.returncode = 0
            self._close()
        self.forget()

    def read(self, format: Format, source: Source) -> list[Content]:
        seconds = OCR_SECONDS if source.options.ocr else SECONDS
        with self.lock:
            is_new = not self._files
            started = time.monotonic()
            try:
                return self._read(format, source, seconds)
            except _Died as error:
                spent = time.monotonic() - started
                if is_new or spent > _TWICE * seconds:
                    raise error.reason from None
            # A file before this one may have left the child in ruins, or somebody has ended it meanwhile.
            try:
                return self._read(format, source, seconds - spent)
            except _Died as error:
                raise error.reason from None

    def _read(self, format: Format, source: Source, seconds: float) -> list[Content]:
        if self._process is None:
            self._start()
        assert self._channel is not None
        module, function = format.place
        request = Request(
            module, function, source.name, source.options, seconds * _SOFT, seconds + _IF_ORPHANED, source.data
        )
        answered = False
        try:
            deadline = time.monotonic() + seconds
            send(self._channel, request_header(request), request.data, deadline)
            contents, end = _answer(Incoming(self._channel, MAX_OUTPUT, deadline))
            answered = True
        except TimeoutError:
            processor = self.end() - self._processor
            why = message(
                "took longer than {ocr_seconds:.0f} s", ocr_seconds=OCR_SECONDS if source.options.ocr else SECONDS
            )
            if processor < _STARVED * seconds and not source.options.ocr:
                raise ReaderUnavailable(errno.ETIMEDOUT, message("{why} {busy}", why=why, busy=BUSY)) from None
            raise ReaderStopped(why) from None
        except (ChannelClosed, ConnectionError):
            raise _Died(self._why_it_died()) from None
        except TooMuch:
            raise ReaderStopped(_TOO_MUCH_TEXT) from None
        except WrongMessage:
            raise _Died(ReaderStopped(message("the reader crashed (it sent no message)"))) from None
        finally:
            if not answered:  # what it would send next is no answer to the next request
                self.end()
        self._files += 1
        self._processor = float(end["processor"])
        is_new = self._files == 1
        if end["replace"]:
            self.end()
        if end["end"] == "done":
            return contents
        if end["end"] == "failed":
            raise ReaderFailed(end["reason"])
        if end["end"] == "memory":
            reason = ReaderStopped(_TOO_MUCH_MEMORY) if end["ours"] else MemoryError()
            raise reason if is_new else _Died(reason)
        if end["end"] == "large":
            raise ReaderStopped(_TOO_MUCH_TEXT)
        raise ValueError(end["reason"])

    def _start(self) -> None:
        if time.monotonic() < self._no_start_before:
            raise ReaderUnavailable(errno.ECHILD, _NO_START)
        import subprocess

        paths = marshal.dumps([os.path.abspath(path) for path in sys.path if isinstance(path, str)]).hex()
        ends: list[int] = []
        try:
            self._channel, theirs = socket.socketpair()
            with theirs:
                ends += os.pipe()
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _PROGRAM, str(ends[0]), paths],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=ends[:1],
                    start_new_session=True,  # Ctrl-C and Ctrl-Z are for us, and what the child starts ends with it
                    cwd="/",
                )
                self._lifeline = ends.pop()
            Incoming(self._channel, 1000, time.monotonic() + _START_SECONDS).next()
        except OSError as error:
            started = self._process is not None
            self.end()
            if not started:
                raise ReaderUnavailable(
                    error.errno,
                    message("{what}: {reason}", what=_NO_START, reason=of_system(error, inside=True)),
                ) from error
            self._no_start_before = time.monotonic() + _START_SECONDS
            raise ReaderUnavailable(errno.ECHILD, _NO_START) from error
        except (ChannelClosed, WrongMessage, TooMuch) as error:
            self.end()
            raise ReaderUnavailable(errno.ECHILD, _NO_START) from error
        except BaseException:
            self.end()
            raise
        finally:
            for descriptor in ends:
                os.close(descriptor)

    def _why_it_died(self) -> Exception:
        """Why the child has closed its channel: mostly because it died. A signal from outside is no fault of the file."""
        assert self._process is not None
        with suppress(TimeoutError):
            status = _status(self._process.pid, _DEATH_SECONDS)
            self._process.returncode = status
            if status is None:
                return ReaderUnavailable(errno.ECHILD, message("the reader was ended"))
            if status >= 0:
                return ReaderStopped(message("the reader crashed (exit status {status})", status=status))
            name = signal.Signals(-status).name if -status in _SIGNALS else f"signal {-status}"
            if -status in _FROM_OUTSIDE:
                return ReaderUnavailable(errno.ECHILD, message("the reader was ended ({name})", name=name))
            return ReaderStopped(message("the reader crashed ({name})", name=name))
        return ReaderStopped(message("the reader crashed (it closed its channel)"))

    def end(self) -> float:
        """Kill the child, and what it has started. Returns the seconds that it had a processor; 0 if there is no child."""
        process, self._process = self._process, None
        self._close()
        self._files, self._processor, used = 0, 0.0, 0.0
        if process is None:
            return used
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.returncode is None:
            with suppress(ChildProcessError):  # the application waits for any child
                usage = os.wait4(process.pid, 0)[2]
                used = usage.ru_utime + usage.ru_stime
            process.returncode = -signal.SIGKILL
        return used

    def _close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def _answer(incoming: Incoming) -> tuple[list[Content], dict[str, Any]]:
    """The contents that the child has found, and its last message. Raises WrongMessage for anything else."""
    contents: list[Content] = []
    while True:
        header, body = incoming.next()
        if "content" in header:
            contents.append(content_of(header["content"], body))
            continue
        end = {"reason": "", "ours": True, "replace": True, "processor": 0.0} | header
        if end.get("end") not in ("done", "refused", "failed", "memory", "large"):
            raise WrongMessage("no end")
        if not isinstance(end["reason"], str) or not isinstance(end["processor"], (int, float)):
            raise WrongMessage("no reason")
        return contents, end


def _status(pid: int, seconds: float) -> int | None:
    """The exit status of a child that ends soon, negative for a signal; None if another has taken it. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    try:
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.005)
    except ChildProcessError:
        return None


_child = _Child()
if IS_POSSIBLE:
    os.register_at_fork(after_in_child=_child.let_go)
    atexit.register(stop_child)
