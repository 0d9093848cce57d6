"""docs/command.md has the help of every command, as it is."""

from __future__ import annotations

from command_page import PATH, commands, help_of, written_page


def test_the_page_is_what_the_commands_say() -> None:
    """`python tests/command_page.py` writes it."""
    page = PATH.read_text(encoding="utf-8")
    assert page == written_page(page)


def test_every_command_is_there() -> None:
    page = PATH.read_text(encoding="utf-8")
    assert {"index", "search", "status"} <= set(commands())
    assert all(f"\n## naidi {name}\n" in page for name in commands())


def test_a_change_of_the_help_would_be_seen() -> None:
    page = PATH.read_text(encoding="utf-8")
    shown = help_of("verify")
    assert shown in page
    assert written_page(page.replace(shown, "")) == page
