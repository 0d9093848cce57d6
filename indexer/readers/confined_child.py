"""The process that reads files for another: `confined` starts it and sends it files.

It ignores Ctrl-C, prints nothing and dies with its parent. The reader of a file may take a certain amount of memory beyond
what this process has at rest.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..messages import message
from .confined_messages import (
    MAX_OUTPUT,
    ChannelClosed,
    Incoming,
    Request,
    content_header,
    request_of,
    send,
)
from .content import Content, Source
from .registry import Reader

MEMORY = 500 << 20
"""Bytes of address space that a reader may take."""

# Room beside the text of one content: its header and what else is sent.
_ROOM = 1 << 20
_RETAINED = 100 << 20  # a process that keeps so much of the files before is replaced by a new one
_PAGE = os.sysconf("SC_PAGE_SIZE")


def main(lifeline: int) -> None:
    """Serve until the parent is gone.

    lifeline: the read end of a pipe that the parent keeps open. Its end is noticed even while a library does not return.
    """
    channel = _prepare(lifeline)
    memory = _Memory()
    incoming = Incoming(channel)
    readers: dict[tuple[str, str], Reader] = {}
    send(channel, {"ready": True})
    while True:
        try:
            request = request_of(*incoming.next())
        except (ChannelClosed, OSError):
            os._exit(0)
        signal.setitimer(signal.ITIMER_REAL, request.last_seconds)
        end: dict[str, object]
        try:
            place = request.module, request.function
            if place not in readers:
                readers[place] = _load(*place)
                memory.is_at_rest(len(request.data))
            memory.limit(len(request.data))
            end = _serve(channel, readers[place], request)
        except ValueError as error:  # so a reader refuses data that is not its format
            end = {"end": "refused", "reason": str(error)[:500]}
        except MemoryError:
            end = {"end": "memory", "ours": memory.is_ours}
        except BaseException as error:
            end = {"end": "failed", "reason": f"{type(error).__name__}: {error}"[:500]}
        memory.free()
        del request
        signal.setitimer(signal.ITIMER_REAL, 0)
        # After an error in the middle of foreign code nobody knows what that code still holds.
        replaced = end["end"] in ("memory", "failed") or memory.retains_much()
        try:
            send(channel, end | {"replace": replaced, "processor": time.process_time()})
        except OSError:
            os._exit(0)


def _prepare(lifeline: int) -> socket.socket:
    """Make this process quiet and mortal. Returns the channel to its parent, which is standard input."""
    channel = socket.socket(fileno=os.dup(0))
    os.set_inheritable(lifeline, False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGALRM, signal.SIGIO, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        # When the other end is closed, the kernel sends SIGIO, and that ends a process. (macOS ignores SIGIO; there a child whose
        # parent was killed ends when it has read the file, or by its alarm.)
        import fcntl

        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    import select

    if select.select([lifeline], [], [], 0)[0]:  # the parent was gone before
        os._exit(0)
    return channel


def _load(module: str, function: str) -> Reader:
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        # This process starts without `site`, which costs time. Some packages are found by what `site` installs.
        import site

        site.main()
        loaded = importlib.import_module(module)
    reader: Reader = getattr(loaded, function)
    return reader


def _serve(channel: socket.socket, reader: Reader, request: Request) -> dict[str, object]:
    source = Source(request.data, request.name, request.options, time.monotonic() + request.seconds)
    left = MAX_OUTPUT - _ROOM
    for content in _within_time(reader(source), source):
        if len(content.text) + len(content.keywords) > left:  # before they are encoded, which takes memory
            return {"end": "large"}
        header, body = content_header(content)
        left -= len(body) + len(content.keywords)
        if left < 0:
            return {"end": "large"}
        send(channel, {"content": header}, body)
    return {"end": "done"}


def _within_time(found: Content | Iterable[Content], source: Source) -> Iterator[Content]:
    """The contents that are found in time. If there are more, the last one has a warning."""
    if isinstance(found, Content):
        yield found
        return
    before: Content | None = None
    for count, content in enumerate(found):
        if before is not None:
            if source.is_late():
                warning = message("read {count:,} parts, then the time was over", count=count)
                yield replace(before, warnings=(*before.warnings, warning))
                return
            yield before
        before = content
    if before is not None:
        yield before


class _Memory:
    """The address space of this process, where the system tells and limits it (Linux)."""

    def __init__(self) -> None:
        self._rest = 0
        self._soft, self._hard = resource.getrlimit(resource.RLIMIT_AS)
        self.is_ours = True  # whether our limit is lower than the one we have inherited
        self.is_at_rest()

    def is_at_rest(self, held: int = 0) -> None:
        """Take what the process has now, beside a file of `held` bytes, for what it has at rest."""
        self._rest = max(self._rest, self._now() - held)

    def limit(self, size: int) -> None:
        """Let a reader of a file of `size` bytes take MEMORY. Far larger files, which a user must ask for, get more."""
        if not self._rest:
            return
        wanted = self._rest + MEMORY + max(0, 4 * (size - (64 << 20)))
        self.is_ours = self._soft == resource.RLIM_INFINITY or wanted <= self._soft
        if self.is_ours:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, self._hard))

    def free(self) -> None:
        """End the limit."""
        if self._rest:
            resource.setrlimit(resource.RLIMIT_AS, (self._soft, self._hard))

    def retains_much(self) -> bool:
        return self._now() > self._rest + _RETAINED

    def _now(self) -> int:
        try:
            with open("/proc/self/statm", "rb") as file:
                return int(file.read().split()[0]) * _PAGE
        except (OSError, ValueError):
            return 0
