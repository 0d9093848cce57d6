"""Readers that misbehave in every way, by name. `test_confined` has them run in the child process."""

from __future__ import annotations

import ctypes
import datetime
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from naidi.indexer.readers.content import Content, Source

EVERYTHING = Content(
    "Текст \ud800\n",
    title="Заглавие",
    date=datetime.date(2025, 3, 7),
    meta={"author": "Я", "n": 1, "x": 1.5, "yes": True, "none": None},
    keywords="a\nb",
    warnings=("loss",),
    part="1",
    pages=(0, 3),
    first_line=4,
)


def name(source: Source) -> Content:
    """What a decent reader does. The process that called it is in the meta."""
    return Content(f"{source.name} {len(source.data)}", meta={"pid": os.getpid()})


def everything(source: Source) -> Iterator[Content]:
    yield EVERYTHING
    yield Content("second", part="2", meta={"columns": ",".join(source.options.columns)})


def refuse(source: Source) -> Content:
    raise ValueError("encrypted")


def fail(source: Source) -> Content:
    raise KeyError("Ключ")


def fail_late(source: Source) -> Iterator[Content]:
    yield Content("first", part="1")
    raise OSError("bad stream")


def leave(source: Source) -> Content:
    raise SystemExit(0)


def crash(source: Source) -> Content:
    ctypes.string_at(0)
    raise AssertionError


def abort(source: Source) -> Content:
    os.abort()


def crash_slowly(source: Source) -> Content:
    """Notes each time that it is called, works for a second and crashes."""
    with open(os.fsdecode(source.data), "a", encoding="ascii") as noted:
        noted.write("x")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
    os.abort()


def leave_at_once(source: Source) -> Content:
    os._exit(3)


def loop(source: Source) -> Content:
    while True:
        pass


def loop_in_a_library(source: Source) -> Content:
    """Holds the lock of the interpreter, so no other thread runs."""
    ctypes.PyDLL(None).sleep(1000)
    raise AssertionError


def sleep(source: Source) -> Content:
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM,))
    time.sleep(1000)
    raise AssertionError


def take_memory(source: Source) -> Content:
    taken = []
    while True:
        taken.append(bytearray(10_000_000))


def take_much_at_once(source: Source) -> Content:
    return Content(str(len(bytearray(1 << 34))))


def take_what_is_allowed(source: Source) -> Content:
    return Content(str(len(bytearray(b"\1") * 300_000_000)))


def take_nearly_all(source: Source) -> Content:
    return Content(str(len(bytearray(470 << 20))))


def keep_memory(source: Source) -> Content:
    kept.append(bytearray(b"\1") * 200_000_000)
    return name(source)


kept: list[bytearray] = []


def write_without_end(source: Source) -> Iterator[Content]:
    for number in range(1_000_000):
        yield Content("слово " * 100_000, part=str(number))


def write_much_at_once(source: Source) -> Content:
    return Content("x" * (257 << 20))


def be_slow(source: Source) -> Iterator[Content]:
    """Decent, but endless."""
    for number in range(1_000_000):
        time.sleep(0.001)
        yield Content("слово", part=str(number))


def stop_in_time(source: Source) -> Content:
    count = 0
    while not source.is_late():
        count += 1
    return Content("what there was", warnings=("read some of it",))


def talk(source: Source) -> Content:
    for descriptor in (1, 2):
        os.write(descriptor, b"chatter\n")
    print("chatter")
    print("chatter", file=sys.stderr)
    return Content(repr(os.read(0, 10)))


def close_all(source: Source) -> Content:
    os.closerange(0, 100)
    time.sleep(1000)
    raise AssertionError


def close_output(source: Source) -> Content:
    os.close(1)
    os.close(2)
    return name(source)


def send_rubbish(source: Source) -> Content:
    channel = socket.socket(fileno=3 if not os.path.exists("/proc") else _channel())
    channel.sendall(b"\xff" * 100_000)
    time.sleep(1000)
    raise AssertionError


def send_lies(source: Source) -> Content:
    """A message whose parts are not what they should be."""
    from naidi.indexer.readers.confined_messages import send

    send(socket.socket(fileno=_channel()), {"content": {"title": 1, "pages": ["x"]}}, b"")
    time.sleep(1000)
    raise AssertionError


def _channel() -> int:
    found = [
        int(one.name)
        for one in Path("/proc/self/fd").iterdir()
        if one.is_symlink() and os.readlink(one).startswith("socket:")
    ]
    return found[0]


def start_another(source: Source) -> Content:
    """Starts a process that would go on when this one is killed, and does not return."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    Path(os.fsdecode(source.data)).write_text(str(process.pid))
    time.sleep(1000)
    raise AssertionError


def say_pid_and_loop(source: Source) -> Content:
    Path(os.fsdecode(source.data)).write_text(str(os.getpid()))
    return loop_in_a_library(source)


def descriptors(source: Source) -> Content:
    """What this process has inherited."""
    found = [os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink() and one.exists()]
    return Content("\n".join(found), meta={"threads": threading.active_count(), "directory": os.getcwd()})


def kill_itself(source: Source) -> Content:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1000)
    raise AssertionError


def crash_next(source: Source) -> Content:
    """Leaves ruins: the next file that is read crashes the process."""
    import hostile_readers

    hostile_readers.name = crash
    return Content("did harm")


def die_at_once_the_second_time(source: Source) -> Content:
    """Dies in a process that has read a file before, as one does that somebody killed meanwhile."""
    kept.append(bytearray())
    if len(kept) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(1000)
    return name(source)
