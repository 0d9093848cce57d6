"""The help of the commands, in the language of whoever asks.

The texts stand in English where the commands are made. `tests/catalogue.py` collects them from there by the same rules.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from inspect import cleandoc

import click

from naidi.indexer.messages import DOMAIN, LOCALES, Message, told

# A paragraph that begins so is not wrapped: its lines stay.
_AS_IT_STANDS = "\b\n"


def let_click_speak() -> None:
    """Have click take its own texts, such as «Usage:», from our catalogue. It asks for the language of the locale, as we do."""
    gettext.bindtextdomain(DOMAIN, LOCALES)
    gettext.textdomain(DOMAIN)


def translate(command: click.Command) -> None:
    """Put the help of a command, and of its options, into the language of the command line (see `speak`)."""
    _each_text(command, _told_by_paragraphs)


def texts_of(command: click.Command) -> Iterator[str]:
    """The English sentences that `translate` looks for: names of entries of the catalogue."""
    found: list[str] = []

    def note(text: str) -> str:
        found.extend(_name(paragraph) for paragraph in _paragraphs(text))
        return text

    _each_text(command, note)
    yield from dict.fromkeys(found)


def _each_text(command: click.Command, change: Callable[[str], str]) -> None:
    """Put what `change` makes of it in the place of each text of a command."""
    for name in ("help", "short_help", "epilog"):
        text = getattr(command, name)
        if text:
            setattr(command, name, change(text))
    for parameter in command.params:  # --help is made, and translated, by click
        if isinstance(parameter, click.Option):
            parameter.help = change(parameter.help) if parameter.help else parameter.help
            if isinstance(parameter.show_default, str):
                parameter.show_default = change(parameter.show_default)


def _paragraphs(text: str) -> list[str]:
    return cleandoc(text).split("\n\n")


def _name(paragraph: str) -> str:
    """The paragraph as the catalogue names it: in one line, unless its lines stay."""
    if paragraph.startswith(_AS_IT_STANDS):
        return paragraph.removeprefix(_AS_IT_STANDS)
    return " ".join(paragraph.split())


def _told_by_paragraphs(text: str) -> str:
    told_ones = []
    for paragraph in _paragraphs(text):
        start = _AS_IT_STANDS if paragraph.startswith(_AS_IT_STANDS) else ""
        told_ones.append(start + told(Message(_name(paragraph), {})))
    return "\n\n".join(told_ones)
