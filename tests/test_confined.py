"""Files are read in a process of their own: whatever a reader does costs one file."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import hostile_readers
from indexes import contents, verify, write_old
from naidi import sync
from naidi.indexer.readers import Format, Source, confined, read_file, register, registry
from naidi.indexer.readers.confined import ReaderFailed, ReaderUnavailable, read_confined, stop_child
from naidi.indexer.readers.confined_messages import ChannelClosed, Incoming, TooMuch, WrongMessage, content_of, send
from naidi.indexer.readers.content import Content, ReadOptions

pytestmark = pytest.mark.skipif(not confined.IS_POSSIBLE, reason="no such processes here")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do that")


@pytest.fixture(autouse=True)
def no_child() -> Iterator[None]:
    yield
    stop_child()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time for each file."""
    monkeypatch.setattr(confined, "SECONDS", 1.5)
    monkeypatch.setattr(confined, "_STARVED", 0.0)


def read(reader: str, data: bytes = b"data", options: ReadOptions = ReadOptions()) -> list[Content]:  # noqa: B008
    return read_confined(Format("test", (".x",), f"hostile_readers:{reader}"), Source(data, "a.x", options))


def works() -> int:
    """Check that files are read; returns the process."""
    (content,) = read("name")
    assert content.text == "a.x 4"
    pid = content.meta["pid"]
    assert isinstance(pid, int) and pid != os.getpid()
    return pid


def is_alive(pid: int) -> bool:
    """Whether a process, which may not be our child, runs. A zombie does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.01)


def test_what_comes_back() -> None:
    first, second = read("everything", options=ReadOptions(columns=("a", "b")))
    assert first == hostile_readers.EVERYTHING
    assert second == Content("second", part="2", meta={"columns": "a,b"})


def test_one_process_reads_many_files() -> None:
    assert works() == works() == works()


def test_a_large_file() -> None:
    assert read("name", b"x" * 20_000_000)[0].text == "a.x 20000000"


@pytest.mark.parametrize(
    "reader, reason",
    [
        ("refuse", "encrypted"),
        ("crash", r"the reader crashed \(SIGSEGV\)"),
        ("abort", r"the reader crashed \(SIGABRT\)"),
        ("leave_at_once", r"the reader crashed \(exit status 3\)"),
        ("take_much_at_once", "needs too much memory"),
        ("take_memory", "needs too much memory"),
        ("write_much_at_once", "gives more than 256 MB of text"),
        pytest.param("write_without_end", "gives more than 256 MB of text", marks=pytest.mark.slow),
        pytest.param("close_all", r"the reader crashed \(it closed its channel\)", marks=linux),
        pytest.param("send_rubbish", "gives more than 256 MB of text", marks=linux),
        pytest.param("send_lies", r"the reader crashed \(it sent no message\)", marks=linux),
    ],
)
def test_whatever_a_reader_does_costs_one_file(reader: str, reason: str) -> None:
    if reader.startswith("take") and sys.platform != "linux":
        pytest.skip("no limit of memory")
    for before in (True, False):
        if before:
            works()
        else:
            stop_child()
        with pytest.raises(ValueError, match=rf"^{reason}$"):
            read(reader)
    works()


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("reader", ["loop", "loop_in_a_library", "sleep"])
def test_what_does_not_end_is_ended(reader: str) -> None:
    pid = works()
    with pytest.raises(ValueError, match=r"^took longer than 2 s$"):
        read(reader)
    assert works() != pid and not is_alive(pid)


@pytest.mark.usefixtures("short")
def test_two_attempts_share_the_time_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that crashes may have been in ruins. But what crashes after a long while does so again."""
    works()
    with pytest.raises(ValueError, match="SIGABRT"):
        read("crash_slowly", os.fsencode(tmp_path / "late"))
    assert (tmp_path / "late").read_text() == "x"
    monkeypatch.setattr(
        confined, "SECONDS", 2.5
    )  # the first attempt leaves more than half of it, the second ends in time
    works()
    with pytest.raises(ValueError, match="SIGABRT"):
        read("crash_slowly", os.fsencode(tmp_path / "early"))
    assert (tmp_path / "early").read_text() == "xx"


def test_who_had_no_processor_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 1.0)
    with pytest.raises(ReaderUnavailable, match="took longer than 1 s on a busy machine"):
        read("sleep")
    works()


@pytest.mark.usefixtures("short")
def test_long_files_are_read_as_far_as_time_allows() -> None:
    assert read("stop_in_time") == [Content("what there was", warnings=("read some of it",))]
    found = read("be_slow")
    assert len(found) > 10
    assert found[-1].warnings == (f"read {len(found):,} parts, then the time was over",)
    assert not found[0].warnings


@pytest.mark.parametrize(
    "reader, reason", [("fail", "KeyError: 'Ключ'"), ("fail_late", "OSError: bad stream"), ("leave", "SystemExit: 0")]
)
def test_other_exceptions_are_told(reader: str, reason: str) -> None:
    with pytest.raises(ReaderFailed) as caught:
        read(reader)
    assert str(caught.value) == reason
    works()


@linux
def test_what_is_allowed_is_allowed() -> None:
    assert read("take_what_is_allowed")[0].text == "300000000"
    works()


@linux
def test_the_bytes_of_the_file_count_too() -> None:
    """Also those of the first file, which are there before the reader is loaded."""
    assert read("take_nearly_all")[0].text == str(470 << 20)
    for _ in range(2):
        with pytest.raises(ValueError, match="needs too much memory"):
            read("take_nearly_all", bytes(60 << 20))
        works()
    stop_child()
    with pytest.raises(ValueError, match="needs too much memory"):
        read("take_nearly_all", bytes(60 << 20))


@linux
def test_a_process_that_keeps_memory_is_replaced() -> None:
    (content,) = read("keep_memory")
    assert works() != content.meta["pid"]


def test_chatter_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert read("talk") == [Content("b''")]
    read("close_output")
    works()
    assert capfd.readouterr() == ("", "")


@linux
def test_nothing_is_inherited(tmp_path: Path) -> None:
    with open(tmp_path / "held", "w") as held:
        os.set_inheritable(held.fileno(), True)
        (content,) = read("descriptors")
    assert str(tmp_path / "held") not in content.text
    kinds = sorted(line.partition(":")[0] for line in content.text.splitlines() if not line.startswith("/proc"))
    assert kinds == ["/dev/null"] * 3 + ["pipe", "socket"]
    assert content.meta == {"threads": 1, "directory": "/"}


def test_ctrl_c_is_for_the_parent() -> None:
    pid = works()
    os.kill(pid, signal.SIGINT)
    assert works() == pid
    assert os.getpgid(pid) != os.getpgid(0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_somebody_killed_is_replaced(number: signal.Signals) -> None:
    pid = works()
    os.kill(pid, number)
    wait_for_end(pid)
    assert works() != pid
    (first,), (second,) = read("die_at_once_the_second_time"), read("die_at_once_the_second_time")
    assert first.meta["pid"] != second.meta["pid"]


def test_a_kill_from_outside_is_no_fault_of_the_file() -> None:
    with pytest.raises(ReaderUnavailable, match=r"the reader was ended \(SIGKILL\)"):
        read("kill_itself")
    works()


def test_the_file_that_did_harm_does_not_cost_another() -> None:
    assert read("crash_next") == [Content("did harm")]
    works()


def test_what_it_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 2.0)
    monkeypatch.setattr(confined, "_STARVED", 0.0)
    with pytest.raises(ValueError, match="took longer"):
        read("start_another", os.fsencode(tmp_path / "pid"))
    wait_for_end(int((tmp_path / "pid").read_text()))


def run_python(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    program = f"import sys\nsys.path[:] = {sys.path!r}\n" + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE)


READ = """
    from naidi.indexer.readers.confined import read_confined
    from naidi.indexer.readers.content import Source
    from naidi.indexer.readers.registry import Format

    def read(reader, data=b"data"):
        return read_confined(Format("test", (".x",), "hostile_readers:" + reader), Source(data, "a.x"))
"""


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_dies_with_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    """Even while a library does not return."""
    parent = run_python(textwrap.dedent(READ) + f"read('say_pid_and_loop', {os.fsencode(tmp_path / 'pid')!r})\n")
    deadline = time.monotonic() + 20
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    pid = int((tmp_path / "pid").read_text())
    assert is_alive(pid)
    parent.send_signal(number)
    parent.communicate()
    wait_for_end(pid)


def test_an_idle_child_ends_with_its_parent() -> None:
    parent = run_python(textwrap.dedent(READ) + "print(read('name')[0].meta['pid'], flush=True)\n")
    pid = int(parent.communicate()[0])
    assert parent.returncode == 0
    wait_for_end(pid)


@linux
def test_a_forked_process_keeps_no_child_alive() -> None:
    """It has a child of its own; its parent's dies with the parent."""
    code = """
        import os, time
        print(read('name')[0].meta['pid'], flush=True)
        if not os.fork():
            print(read('name')[0].meta['pid'], flush=True)
            os.close(1)
            time.sleep(60)
        os.wait()
    """
    parent = run_python(textwrap.dedent(READ) + textwrap.dedent(code))
    assert parent.stdout is not None
    first, second = int(parent.stdout.readline()), int(parent.stdout.readline())
    assert first != second and is_alive(first) and is_alive(second)
    forked = int(Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()[-1])
    parent.kill()
    parent.communicate()
    wait_for_end(first)
    assert is_alive(second)
    os.kill(forked, signal.SIGKILL)
    wait_for_end(second)


def _works_in_a_worker(number: int) -> int:
    return works()


def test_a_daemonic_worker_has_one_too() -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert multiprocessing.active_children()[0].daemon
        first, second = pool.map(_works_in_a_worker, range(2))
        assert first == second


def test_threads_wait_for_each_other() -> None:
    found: list[list[Content]] = []
    threads = [threading.Thread(target=lambda: found.append(read("everything"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(each == found[0] for each in found)


def test_an_interrupt_leaves_no_half_read_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    works()
    real = confined._answer

    def interrupted(incoming: Incoming) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(confined, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read("everything")
    monkeypatch.setattr(confined, "_answer", real)
    works()


def test_an_application_that_waits_for_any_child(monkeypatch: pytest.MonkeyPatch) -> None:
    works()
    child = confined._child._process
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    works()


# --- no child


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.EAGAIN])
def test_no_child_can_be_started(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    for owner, name in ((subprocess, "Popen"), (socket, "socketpair")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, refuse)
            with pytest.raises(ReaderUnavailable) as caught:
                read("name")
        assert caught.value.strerror == f"cannot start the process that reads it: {os.strerror(number).lower()}"
    works()


@linux
def test_no_descriptor_is_left() -> None:
    """The real lack of descriptors, at each step of a start; and none is lost by it."""
    code = """
        import os, resource
        read("name")
        from naidi.indexer.readers.confined import stop_child, ReaderUnavailable
        stop_child()
        before = os.listdir("/proc/self/fd")
        outcomes = []
        for free in range(12):
            held = []
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 4096))
            try:
                while True:
                    held.append(os.open("/dev/null", os.O_RDONLY))
            except OSError:
                pass
            for descriptor in held[:free]:
                os.close(descriptor)
            try:
                read("name")
                outcomes.append("read")
            except ReaderUnavailable as error:
                outcomes.append(error.strerror)
            stop_child()
            for descriptor in held[free:]:
                os.close(descriptor)
        assert os.listdir("/proc/self/fd") == before
        print(*outcomes, sep="\\n")
    """
    out = run_python(textwrap.dedent(READ) + textwrap.dedent(code)).communicate()[0].decode().splitlines()
    assert len(out) == 12 and out[-1] == "read"
    assert set(out) == {"read", "cannot start the process that reads it: too many open files"}


@pytest.mark.parametrize("executable", ["", "/nowhere/python", "/bin/false", "/bin/cat"])
def test_something_else_than_python(monkeypatch: pytest.MonkeyPatch, executable: str) -> None:
    """In a program that embeds Python, sys.executable may be anything."""
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(ReaderUnavailable, match="cannot start the process that reads it"):
        read("name")
    monkeypatch.undo()
    confined._child.forget()
    works()


@linux
def test_a_lower_limit_of_the_user_is_not_the_files_fault() -> None:
    code = """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (250 << 20, resource.RLIM_INFINITY))
        try:
            read("take_memory")
        except MemoryError:
            print("no memory")
    """
    assert run_python(textwrap.dedent(READ) + textwrap.dedent(code)).communicate()[0] == b"no memory\n"


# --- messages


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_messages(pair: tuple[socket.socket, socket.socket]) -> None:
    one, other = pair
    send(one, {"a": "б"}, b"body")
    send(one, {})
    incoming = Incoming(other, 100)
    assert incoming.next() == ({"a": "б"}, b"body")
    assert incoming.next() == ({}, b"")
    with pytest.raises(TimeoutError):
        Incoming(other, None, time.monotonic()).next()
    send(one, {}, b"x" * 100)
    with pytest.raises(TooMuch):
        incoming.next()
    one.close()
    other.settimeout(None)
    with pytest.raises(ChannelClosed):
        Incoming(other).next()
        Incoming(other).next()


@pytest.mark.parametrize("header", [b"[]", b"{", b"\xff", b"[" * 100_000, b"1", b'"a"'])
def test_no_messages(pair: tuple[socket.socket, socket.socket], header: bytes) -> None:
    one, other = pair
    one.sendall(len(header).to_bytes(4, "big") + bytes(8) + header)
    with pytest.raises(WrongMessage):
        Incoming(other).next()


GOOD: dict[str, object] = {
    "title": "t", "date": None, "meta": {}, "keywords": "", "warnings": [], "part": "", "pages": [],
    "first_line": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": None}, {"title": 1}, {"date": "x"}, {"date": 10**9}, {"date": 10**30}, {"meta": []}, {"meta": {"a": []}},
        {"meta": {"a": {}}}, {"keywords": []}, {"warnings": [1]}, {"warnings": 5}, {"part": None}, {"pages": ["a"]},
        {"pages": [1.5]}, {"first_line": "1"},
    ],
)  # fmt: skip
def test_no_contents(wrong: dict[str, object]) -> None:
    assert content_of(GOOD, b"text") == Content("text", title="t")
    with pytest.raises(WrongMessage):
        content_of(GOOD | wrong, b"text")
    with pytest.raises(WrongMessage):
        content_of(GOOD, b"\xff")
    for name in GOOD:
        with pytest.raises(WrongMessage):
            content_of({key: value for key, value in GOOD.items() if key != name}, b"text")


# --- the whole way


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_old(tmp_path / "docs" / "a.txt", "text")
    return tmp_path / "docs"


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_formats", "_by_extension", "_by_file_name"):
        monkeypatch.setattr(registry, name, getattr(registry, name).copy())
    for reader in ("name", "crash", "refuse", "fail", "take_memory", "kill_itself", "keep_memory"):
        register(Format(reader, (f".{reader}",), f"hostile_readers:{reader}"))


@linux
@pytest.mark.usefixtures("formats")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_folder_with_hostile_files(
    folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jobs: int
) -> None:
    from naidi.indexer.folder import followed, sync_run

    monkeypatch.setattr(sync_run, "WORKER_BYTES", 1)
    monkeypatch.setattr(followed, "GROUP_FILES", 2)
    for number in range(4):
        write_old(folder / f"good{number}.name", "data")
        write_old(folder / f"bad{number}.{('crash', 'refuse', 'fail', 'take_memory')[number]}", "data")
    report = sync(folder, index, jobs=jobs)
    expected = {
        "bad0.crash": "the reader crashed (SIGSEGV)",
        "bad1.refuse": "encrypted",
        "bad2.fail": "the reader failed: KeyError: 'Ключ'",
        "bad3.take_memory": "needs too much memory",
    }
    assert {os.path.basename(path): reason for path, reason in report.skipped} == expected
    assert sum(name.endswith(".name") for name in contents(index)) == 4
    verify(index)
    monkeypatch.setattr(confined, "_PROGRAM", "raise SystemExit")  # nothing of this is read again
    assert sync(folder, index, jobs=jobs).skipped == report.skipped
    assert confined._child._process is None


@pytest.mark.usefixtures("formats")
def test_a_passing_failure_is_told_and_tried_again(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old(folder / "b.name", "data")
    assert sync(folder, index).added > 0
    write_old(folder / "b.name", "other data", seconds=30)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        report = sync(folder, index)
    assert [reason for _, reason in report.skipped] == [
        "cannot start the process that reads it: no such file or directory"
    ]
    assert report.removed == 0 and contents(index)["docs/b.name"] == "b.name 4", "the older document stays"
    report = sync(folder, index)
    assert (report.updated, report.skipped) == (1, []) and contents(index)["docs/b.name"] == "b.name 10"


def test_large_text_with_markup_has_the_limits_too(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If they are too low for its reader, its text is read as it stands: words are found, and nothing is lost."""
    started: list[object] = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *all, **named: started.append(all) or popen(*all, **named))
    monkeypatch.setattr(read_file, "LARGE_MARKUP", 1000)
    write_old(folder / "a.xml", "<a><b>слово</b></a>" * 100)
    write_old(folder / "b.rst", ".. comment\n\n" + "видно\n\n" * 200)
    sync(folder, index)
    assert len(started) == 1, "they were read in the child"
    assert contents(index)["docs/a.xml"].split() == ["слово"] * 100
    assert "comment" not in contents(index)["docs/b.rst"]
    write_old(folder / "a.xml", "<a>" * (4 << 20), seconds=30)
    monkeypatch.setattr(confined, "SECONDS", 1.0)
    monkeypatch.setattr(confined, "_STARVED", 0.0)
    report = sync(folder, index)
    assert not report.skipped and contents(index)["docs/a.xml"].startswith("<a><a>")
    assert [why for _, why in report.warnings] == ["read with its markup, as plain text: took longer than 1 s"]


def test_text_starts_no_process(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert sync(folder, index).skipped == []


@pytest.mark.usefixtures("formats")
def test_a_function_is_called_here(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may depend on what the application has set up."""
    here = os.getpid()

    def read_here(source: Source) -> Content:
        return Content(f"read by {'us' if os.getpid() == here else 'another'}")

    register(Format("here", (".here",), read_here))
    write_old(folder / "a.here", "data")
    monkeypatch.setattr(subprocess, "Popen", None)
    sync(folder, index)
    assert contents(index)["docs/a.here"] == "read by us"
