"""Plain searches are read without click: the same output, status and errors, to the byte. Other calls are left to it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from commands import ROOT
from naidi import Document, Writer
from naidi.search.cli import main
from naidi.search.commands.plain_search import run_plain
from naidi.search.commands.print_options import Printing
from naidi.search.commands.search import search_command

PLAIN = (
    "ship",
    "ship harbour",
    "корабль",
    "корабли harbour",
    '"ship came"',
    '"ship came"~2',
    "shipp",
    "йгкы",
    "ылшз",
    "ship AND (port OR harbour) lang:en",
    "shi*",
    "nothingofthekind",
    "-l ship",
    "--paths ship",
    "ship -l",
    "--json ship",
    "--count ship",
    "--count nothingofthekind",
    "-n 2 ship",
    "--limit=2 ship",
    "--limit 0 ship",
    "-n 20000 ship",
    "-l -l ship",
    "- ship",
    "ship --index=no-such-index",
    "--index here.txt ship",
    "ship:port",
    "...",
)
NOT_PLAIN = (
    "",
    "ship -covid",
    "--all ship",
    "-h",
    "ship --help",
    "-l --json ship",
    "-n x ship",
    "-n",
    "ship -n",
    "-n -1 ship",
    "-n 1 -n 2 ship",
    "--lim 2 ship",
    "--limit= ship",
    "--nothing ship",
    "-- ship",
    "-l -",
    "-n٣ ship",
    "--json=1 ship",
    "-ln2 ship",
    "-n=2 ship",
    "-n2 ship",
    "\ue000 ship",
    "--index",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    with Writer(folder / "index_data") as writer:
        for number in range(12):
            text = f"A \x1b[31mship\x07 number {number} came «home» to the harbour. Корабли пришли в порт."
            writer.add(
                Document(id=f"-s{number}", text=text, title="Ships \u202e" * (number % 2), path=f"/no/{number}.md")
            )
    (folder / "here.txt").write_text("no index", encoding="utf-8")
    return folder


def outcome(arguments: Sequence[str], by_click: bool) -> tuple[int | None, str, str] | None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    status: int | None
    with redirect_stdout(out), redirect_stderr(err):
        if by_click:
            with pytest.raises(SystemExit) as ended:
                main(args=list(arguments), prog_name="naidi")
            assert isinstance(ended.value.code, int)
            status = ended.value.code
        else:
            status = run_plain(arguments)
    written = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    if status is None:
        assert written == ["", ""]
        return None
    untimed = [re.sub(r'\(\d+\.\d ms\)|"took_ms": [\d.]+', "TIME", text) for text in written]
    return status, untimed[0], untimed[1]


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in os.environ:
        if "NAIDI" in name and name != "NAIDI_PURE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return monkeypatch


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_call_does_what_click_does(line: str, place: Path, plain_environment: pytest.MonkeyPatch) -> None:
    plain_environment.chdir(place)
    arguments = ["search", *(line.split(" ") if '"' not in line else [line])]
    plain = outcome(arguments, by_click=False)
    assert plain is not None
    assert plain == outcome(arguments, by_click=True)


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_other_calls_are_left_to_click(line: str, place: Path, plain_environment: pytest.MonkeyPatch) -> None:
    plain_environment.chdir(place)
    assert run_plain(["search", *line.split()]) is None


def test_other_commands_and_a_bare_call_are_left_to_click() -> None:
    for arguments in ([], ["suggest", "ship"], ["--version"], ["sear", "ship"]):
        assert run_plain(arguments) is None


def test_who_asks_a_cluster_has_plain_calls_too(place: Path, plain_environment: pytest.MonkeyPatch) -> None:
    plain_environment.chdir(place)
    for name in ("USER", "PASSWORD", "CA"):
        plain_environment.setenv(f"NAIDI_OPENSEARCH_{name}", "x")
    assert run_plain(["search", "vaccine"]) is not None


@pytest.mark.parametrize("where", ["folder", "user", "environment", "completion"])
def test_settings_are_left_to_click(
    where: str, place: Path, plain_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain_environment.chdir(place)
    assert outcome(["search", "-l", "ship"], by_click=False) is not None
    if where == "environment":
        plain_environment.setenv("NAIDI_SEARCH_LIMIT", "3")
    elif where == "completion":
        plain_environment.setenv("_NAIDI_COMPLETE", "bash_complete")
    else:
        home = tmp_path / "config" / "naidi" if where == "user" else tmp_path / "folder"
        home.mkdir(parents=True)
        (home / "naidi.toml").write_text("[search]\nlimit = 3\n", encoding="utf-8")
        if where == "folder":
            plain_environment.chdir(home)
    assert run_plain(["search", "-l", "ship", "--index", str(place / "index_data")]) is None


def test_the_index_is_looked_for_where_click_looks(
    place: Path, plain_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (place / "below" / "deep").mkdir(parents=True, exist_ok=True)
    for here, variable in ((place / "below" / "deep", ""), (tmp_path, ""), (tmp_path, str(place / "index_data"))):
        plain_environment.chdir(here)
        plain_environment.setenv("NAIDI_INDEX", variable)
        plain = outcome(["search", "ship"], by_click=False)
        assert plain is not None
        assert plain == outcome(["search", "ship"], by_click=True)


def test_nothing_chosen_is_what_click_takes_for_it() -> None:
    values = search_command.make_context("search", ["ship"]).params
    assert Printing() == Printing(**{name: values[name] for name in Printing.__match_args__})  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_streams_of_other_encodings_look_the_same(encoding: str, place: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "NAIDI" not in name}
    environment |= {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", f"{code}(prog_name='naidi')", "search", "корабль"],
            cwd=place,
            env=environment,
            capture_output=True,
        )
        for code in ("main = lambda **_: __import__('naidi.__main__').__main__.main()\nmain",
                     "import naidi.__main__ as command\ncommand.show_all_letters()\n"
                     "from naidi.search.cli import main\nmain")
    ]  # fmt: skip
    expected = "Корабли".encode("ascii", "backslashreplace") if encoding == "latin-1" else "Корабли".encode()
    assert expected in runs[0].stdout
    shown = [(run.returncode, run.stdout, re.sub(rb"\(\d+\.\d ms\)", b"", run.stderr)) for run in runs]
    assert shown[0] == shown[1]


AT_EXIT = "import atexit, sys\natexit.register(print, 'at exit')\n"
CALL = "from naidi.__main__ import main\n"


@pytest.mark.parametrize(
    ("name", "call", "goes_on"),
    [
        ("naidi", "sys.exit(main())", False),
        ("naidi", "import threading\ntry: sys.exit(main())\nfinally: print('went on')", True),
        ("naidi", "sys.setprofile(lambda *_: None)\ntry: sys.exit(main())\nfinally: print('went on')", True),
        ("other", "try: sys.exit(main())\nfinally: print('went on')", True),
        ("naidi", "def call(): main()\ntry: call()\nfinally: print('went on')", True),
    ],
)
def test_nothing_is_lost_when_the_process_ends_at_once(
    name: str, call: str, goes_on: bool, place: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(AT_EXIT + CALL + call, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if "NAIDI" not in name}
    environment |= {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)}
    for word, status in (("корабль", 0), ("nothingofthekind", 1)):
        command = [sys.executable, str(tmp_path / name), "search", word]
        run = subprocess.run(command, cwd=place, env=environment, capture_output=True, encoding="utf-8")
        assert run.returncode == status
        assert run.stdout.endswith("went on\nat exit\n" if goes_on else "at exit\n")
        assert ("went on" in run.stdout) == goes_on
        assert ("Корабли" in run.stdout) == (status == 0)
        assert "document" in run.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_an_error(place: Path, tmp_path: Path) -> None:
    (tmp_path / "naidi").write_text(f"import sys\n{CALL}sys.exit(main())", encoding="utf-8")
    with open("/dev/full", "w") as full:
        command = [sys.executable, str(tmp_path / "naidi"), "search", "ship"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "HOME": str(tmp_path)}
        run = subprocess.run(command, cwd=place, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode not in (0, 1) and "No space left" in run.stderr
