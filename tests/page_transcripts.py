"""What a page shows is what happens: runs its blocks one after another, as a reader would, in a folder with a copy of seeds/.

`python tests/page_transcripts.py` writes anew what the commands of the pages in PAGES print. A block of the kind

- `console` has commands behind "$ ", and below each what it prints on both streams;
- `python` is a program, and a block `text` right below it is what it prints;
- `sh` is run as it is, and prints what it likes. Those of a README are run by the gate instead.

`pip`, `python3 -m venv` and `. .venv/bin/activate` do nothing: the tests have an environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [
    "docs/tutorial.md",
    "docs/guide-folder.md",
    "docs/guide-applications.md",
    "docs/ru/tutorial.md",
    "README.ru.md",
]
# Where the pages say that the reader is.
SHOWN_HOME = "/home/me"
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass
class Block:
    """A fenced block: its language ("" if it names none), its text without indentation, and how far it was indented."""

    language: str
    text: str
    indent: int = 0

    def commands(self) -> list[tuple[str, str]]:
        """(command, what is shown below it) of a block `console`."""
        return _COMMAND.findall(self.text)


def blocks(markdown: str) -> Iterator[Block]:
    for found in BLOCK.finditer(markdown):
        text = re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        yield Block(found[2], text, len(found[1]))


class Reader:
    """Somebody who types what a page says. `language` is that of their system."""

    def __init__(self, home: Path, language: str = "en") -> None:
        self.home = home.resolve()
        shutil.copytree(ROOT / "seeds", self.home / "seeds")
        programs = self.home / ".programs"
        programs.mkdir()
        locale = {"en": "C.UTF-8", "ru": "ru_RU.UTF-8"}[language]
        # The shell need not know the locale, naidi does.
        starts = {
            "naidi": f"env LC_ALL={locale} {sys.executable} -m naidi",
            "python": sys.executable,
            "python3": "true",
            "pip": "true",
        }
        for name, command in starts.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            (programs / name).chmod(0o755)
        (self.home / ".venv" / "bin").mkdir(parents=True)
        (self.home / ".venv" / "bin" / "activate").write_text("", encoding="utf-8")
        told = ("NAIDI", "XDG_", "LC_", "LANG", "NO_COLOR")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(told)} | {
            "HOME": str(self.home),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUTF8": "1",
            "COLUMNS": "80",
            "TERM": "dumb",
        }

    def shell(self, script: str, stops: bool = False) -> subprocess.CompletedProcess[str]:
        """What bash does with it, both streams in one. `stops`: at the first command that fails."""
        return self._run(["bash", *(["-euo", "pipefail"] if stops else []), "-c", script])

    def python(self, program: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-c", program])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )

    def printed(self, command: str) -> str:
        """What a command prints, as a page shows it."""
        return self.shell(command).stdout.replace(str(self.home), SHOWN_HOME)


def steady(text: str) -> list[str]:
    """The lines without what differs from run to run: times and sizes."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+(\+00:00|Z)?", "WHEN", text)
    text = re.sub(r"\d{4}-\d\d-\d\d (?=\((file time|время файла)\))", "WHEN ", text)
    text = re.sub(r"[\d.,]+ (ms|s|мс|с|[KM]B|КБ|МБ)(?!\w)", r"N \1", text)
    return [line.rstrip() for line in text.strip().splitlines()]


def language_of(page: str) -> str:
    return "ru" if page.startswith("docs/ru/") or page.endswith(".ru.md") else "en"


def run_here(page: str, block: Block) -> bool:
    """Whether a block is run. What stands in a list is for other programs, and the gate runs what installs."""
    return not block.indent and not (page.startswith("README") and block.language == "sh")


def written_page(page: str, markdown: str, reader: Reader) -> str:
    """The page with what its commands print now. What differs from run to run alone stays as it is."""
    last_printed = ""

    def written(found: re.Match[str]) -> str:
        nonlocal last_printed
        language, text = found[2], found[3]
        if not run_here(page, Block(language, text, len(found[1]))):
            return found[0]
        if language == "console":
            text = "".join(
                f"$ {command}\n{_newer(shown, reader.printed(command))}" for command, shown in _COMMAND.findall(text)
            )
        elif language == "sh":
            reader.shell(text)
        elif language == "python":
            last_printed = reader.python(text).stdout
        elif language == "text":
            text = _newer(text, last_printed)
        return f"```{language}\n{text}```"

    return BLOCK.sub(written, markdown)


def _newer(shown: str, printed: str) -> str:
    return shown if steady(shown) == steady(printed) else printed


if __name__ == "__main__":
    for page in sys.argv[1:] or PAGES:
        with tempfile.TemporaryDirectory() as home:
            path = ROOT / page
            path.write_text(written_page(page, path.read_text("utf-8"), Reader(Path(home), language_of(page))), "utf-8")
