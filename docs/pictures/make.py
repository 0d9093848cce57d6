"""Make the pictures of the README, each from a real run.

    python docs/pictures/make.py                        # all
    python docs/pictures/make.py --only terminal,page   # some

`pip install '.[pictures]'` brings what is needed, but for Chromium. Each picture is held to what it must show before it is written.
terminal.cast is beside terminal.svg for `asciinema play`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from docs.pictures.pages import browser, page_of, write_picture
from docs.pictures.recording import DOWN, ENTER, Recording, Step, command, record, write_cast
from docs.pictures.sample import write_sample
from docs.pictures.screens import Frame, frames_of, still, text_of
from docs.pictures.terminal_svg import moving_svg, still_svg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAIDI = [sys.executable, "-m", "naidi"]
# What the shell of a recording has of the environment of this one, so that pip finds the registry.
_KEPT = re.compile(r"PATH|PIP_.*|SSL_.*|.*_CA_BUNDLE|(?i:.*_proxy)")


class Work(NamedTuple):
    """folder: for anything; sample: documents; index_path: where their index is."""

    folder: Path
    sample: Path
    index_path: Path


def main() -> None:
    """Make the pictures that are asked for."""
    parser = argparse.ArgumentParser(description="Make the pictures of the README, each from a real run.")
    parser.add_argument("--only", default=",".join(PICTURES), help=f"some of {','.join(PICTURES)}")
    parser.add_argument("--into", type=Path, default=HERE, help="the folder of the pictures")
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    if unknown := [name for name in wanted if name not in PICTURES]:
        parser.error(f"no picture {', '.join(unknown)}")
    arguments.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        work = Work(Path(place), Path(place) / "clinic", Path(place) / "clinic" / "index_data")
        write_sample(work.sample)
        run = [*NAIDI, "index", ".", "--index", str(work.index_path)]
        subprocess.run(run, cwd=work.sample, env=_environment(work), check=True, stdout=subprocess.DEVNULL)
        for name in wanted:
            PICTURES[name](work, arguments.into)
            print(f"made {name}")


def shows(text: str, *expected: str) -> None:
    """Raise ValueError if a picture does not show what it must."""
    missing = [each for each in expected if " ".join(each.split()) not in " ".join(text.split())]
    if missing:
        raise ValueError(f"the picture does not show {missing}; it shows:\n{text}")


def terminal(work: Work, into: Path) -> None:
    """From a clone of what is committed to the first hit, with all that is typed for it."""
    clone = work.folder / "naidi"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = {name: value for name, value in _environment(work).items() if name != "PYTHONPATH"}
    recording = record(
        [
            command("python3 -m venv .venv && . .venv/bin/activate", 0.6),
            command("pip install --quiet .", 0.6),
            command("naidi index", 1.2),
            command("naidi search vaccine", 3.7),
            command("naidi search ВОЗ -n 1", 1),
        ],
        clone,
        environment,
        title="naidi: from install to the first hit",
    )
    last = _moving(recording, into / "terminal.svg")
    shows(re.sub(r"\x1b\[[0-9;]*m", "", recording.text()), "added 3,", "1. The President of Kazakhstan", "QazVac")
    shows(text_of(last.lines), "Всемирной организации здравоохранения", "3 documents, 1 shown")
    write_cast(recording, into / "terminal.cast")


def screen(work: Work, into: Path) -> None:
    """`naidi` alone: a query as it is typed, and the preview of another hit."""
    recording = record(
        [
            Step([*"naidi", ENTER], 1),
            Step([*"vaccine"], 2.5),
            *[Step([DOWN], 0.8)] * 4,
            *[Step(["n"], 1)] * 2,
        ],
        work.sample,
        _environment(work),
        title="naidi: the screen",
        columns=110,
        rows=30,
    )
    last = _moving(recording, into / "screen.svg", waits=False)
    shows(text_of(last.lines), "naidi> vaccine", "9 documents", "The President of Kazakhstan", "word 3 of")


def page(work: Work, into: Path) -> None:
    """`naidi serve`: the page on a desk, light and dark, and on a telephone."""
    with _served(work) as address, browser() as opened:
        for name, width, height, dark in [
            ("page.png", 1200, 800, False),
            ("page-dark.png", 1200, 800, True),
            ("page-phone.png", 390, 760, False),
        ]:
            with page_of(opened, width, height, dark=dark) as shown:
                shown.goto(f"{address}?q=vaccine", wait_until="networkidle")
                shows(shown.inner_text("body"), "vaccine", "The President of Kazakhstan", "План прививок")
                write_picture(shown.screenshot(), into / name)


def notebook(work: Work, into: Path) -> None:
    """The cells of the example that search and count, as JupyterLab shows them."""
    import nbclient
    import nbformat
    from nbconvert import HTMLExporter

    read: Any = nbformat.read
    example = read(ROOT / "examples" / "notebook.ipynb", as_version=4)
    with _variables(PYTHONPATH=_environment(work)["PYTHONPATH"], IPYTHONDIR=str(work.folder / "ipython")):
        nbclient.NotebookClient(example, timeout=60, kernel_name="python3").execute()
    example.cells = [
        cell for cell in example.cells if "searcher.search(" in cell.source and "explain" not in cell.source
    ]
    exporter: Any = HTMLExporter(template_name="lab")
    html = work.folder / "notebook.html"
    html.write_text(exporter.from_notebook_node(example)[0], encoding="utf-8")
    for name, dark in (("notebook.png", False), ("notebook-dark.png", True)):
        if dark:
            exporter = HTMLExporter(template_name="lab", theme="dark")
            html.write_text(exporter.from_notebook_node(example)[0], encoding="utf-8")
        with browser() as opened, page_of(opened, 900, 600, dark=dark) as shown:
            shown.goto(html.as_uri(), wait_until="domcontentloaded")
            shows(shown.inner_text("body"), "3 documents for vacinated child", "2024-04", "health")
            write_picture(shown.screenshot(full_page=True), into / name)


def agents(work: Work, into: Path) -> None:
    """`naidi mcp`: what an agent asks, and what it is answered."""
    calls: Sequence[tuple[str, dict[str, Any]]] = [
        ("search", {"query": "at what temperature are vaccines kept in the fridge?", "limit": 1, "budget": 400}),
        ("search", {"query": "вакцина кори", "filters": "lang:ru date:2024", "limit": 1, "budget": 400}),
        ("read", {"id": "letters/ответ.txt", "from": 3, "budget": 300}),
    ]
    answers = asyncio.run(_asked(work, calls))
    lines = []
    for (name, given), answer in zip(calls, answers, strict=True):
        told = ", ".join(f"{key}={value!r}" for key, value in given.items())
        lines += [f"\x1b[1;32m→\x1b[0m \x1b[1m{name}\x1b[0m({told})"]
        for line in answer.replace(f"{work.folder}/", "~/").strip().split("\n"):
            lines += textwrap.wrap(line, 98, subsequent_indent="    ", drop_whitespace=False) or [""]
        lines += [""]
    shown = still("\n".join(lines[:-1]), 100, len(lines) - 1)
    shows(text_of(shown.lines), "between 2 and 8 °C", "fridge.md", "в марте 2025 года")
    title = "naidi mcp: what an agent asks and is answered"
    (into / "agents.svg").write_text(still_svg(shown, 100, title), encoding="utf-8")


async def _asked(work: Work, calls: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """The answers of the server, by the client of the official SDK."""
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    arguments = [*NAIDI[1:], "mcp", "--index", str(work.index_path)]
    server = StdioServerParameters(command=NAIDI[0], args=arguments, cwd=work.sample, env=_environment(work))
    answers = []
    async with Client(stdio_client(server)) as client:
        for name, given in calls:
            result = await client.call_tool(name, given)
            answers.append("\n".join(part.text for part in result.content if part.type == "text"))
    return answers


def _moving(recording: Recording, path: Path, *, waits: bool = True) -> Frame:
    """Write a recording as a picture. Returns its last frame. waits: see `frames_of`."""
    frames, pauses = frames_of(recording, waits=waits)
    path.write_text(moving_svg(frames, pauses, recording.columns, recording.title), encoding="utf-8")
    return frames[-1]


def _environment(work: Work) -> dict[str, str]:
    """Of the programs that are shown: nothing of the user but the way to programs and packages.

    Without a $PYTHONPATH, naidi is that of this repository.
    """
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    programs = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    own = {"PATH": programs, "HOME": str(work.folder), "LC_ALL": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    places = os.environ.get("PYTHONPATH", str(ROOT / "src")).split(os.pathsep)
    own["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, places))
    return {**kept, **own, "VIRTUAL_ENV_DISABLE_PROMPT": "1", "PYTHONIOENCODING": "utf-8"}


@contextmanager
def _served(work: Work) -> Iterator[str]:
    """The address of `naidi serve` while it runs, on a port that is free."""
    run = [*NAIDI, "serve", "--index", str(work.index_path), "--port", "0"]
    server = subprocess.Popen(
        run,
        cwd=work.sample,
        env={**_environment(work), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    try:
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/\S*", line):
                yield found[0]
                return
        raise RuntimeError(f"`naidi serve` does not say where: {said!r}")
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def _variables(**values: str) -> Iterator[None]:
    """Variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


PICTURES: dict[str, Callable[[Work, Path], None]] = {
    "terminal": terminal,
    "screen": screen,
    "page": page,
    "notebook": notebook,
    "agents": agents,
}

if __name__ == "__main__":
    main()
