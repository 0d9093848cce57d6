"""The help of every command on docs/command.md: `python tests/command_page.py` writes it as the commands have it.

What stands above the first heading of a command is written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

from commands import called

PATH = Path(__file__).parents[1] / "docs" / "command.md"


def help_of(*command: str) -> str:
    """What `naidi COMMAND --help` prints on a wide terminal, in English."""
    shown = called(*command, "--help", env={"COLUMNS": "120", "LC_ALL": "C.UTF-8"})
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def commands(*group: str) -> list[str]:
    """The names of all commands, each group before its own: "dictionary", "dictionary add"."""
    _, _, listed = help_of(*group).partition("\nCommands:\n")
    found = []
    for name in re.findall(r"^  (\w+)  ", listed, re.MULTILINE):
        found += [" ".join([*group, name]), *commands(*group, name)]
    return found


def written_page(page: str) -> str:
    """The page with the help of every command as it is now."""
    head = re.split(r"^## ", page, maxsplit=1, flags=re.MULTILINE)[0]
    parts = [f"## naidi {name}\n\n```text\n{help_of(*name.split())}```\n" for name in commands()]
    return head + "\n".join([f"## naidi\n\n```text\n{help_of()}```\n", *parts])


if __name__ == "__main__":
    PATH.write_text(written_page(PATH.read_text(encoding="utf-8")), encoding="utf-8")
