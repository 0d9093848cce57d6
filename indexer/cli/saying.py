"""Says a sentence to whoever called the command, in the language of the locale."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import click

from ..messages import Message, spoken_sentences, told
from ..printable import printable

# A name in a template, how it is to be written ({name!r}), and how a number is ({count:,}).
_NAME = re.compile(r"\{(\w+)(?:!\w)?(?::([^{}]*))?\}")

# A template of fewer letters, such as "{count} of {name}", fits texts that others have written. One of none, such as
# "{path}: {reason}", only divides them.
_FEWEST_LETTERS = 4
# Longer texts are not ours: they hold what a file says of itself, and to look for sentences in them would take its time.
_LONGEST = 400


def say(sentence: str, *, err: bool = False) -> None:
    """Print a sentence in a line to stdout or stderr, safe for a terminal."""
    click.echo(printable(told(sentence)), err=err)


def kept(text: str) -> str:
    """A sentence that may have been kept as text, such as the reason for which the index noted that a file was left out.

    In another language than English it is told anew, if it is one of ours.
    """
    if isinstance(text, Message):
        return str(told(text))
    return _told_again(text) if len(text) <= _LONGEST else text


class _AsItStands(str):
    """A part of a kept sentence: a text already, however the template would write it."""

    __slots__ = ()

    def __format__(self, how: str) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


@lru_cache(10_000)
def _told_again(text: str) -> str:
    whole, templates = _known()
    if text in whole:
        return whole[text]
    for pattern, one, many in templates:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        values: dict[str, Any] = {name: _AsItStands(_told_again(value)) for name, value in found.groupdict().items()}
        count = found.groupdict().get("count", "1").replace(",", "") if many else "1"
        if not count.isdigit():
            continue
        if many:
            values["count"] = int(count)
        return str(told(Message(one, values, many, int(count))))
    return text


@lru_cache(1)
def _known() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str, str]]]:
    """The sentences of the language: those without values, and templates, which say most in words of their own, first."""
    whole: dict[str, str] = {}
    templates: list[tuple[int, re.Pattern[str], str, str]] = []
    for english, other in spoken_sentences():
        for template in english:
            if _NAME.search(template):
                words, pattern = _pattern_of(template)
                letters = sum(map(str.isalpha, _NAME.sub("", template)))
                if letters < _FEWEST_LETTERS and (letters or len(_NAME.findall(template)) > 2):
                    continue
                templates.append((-words, re.compile(pattern, re.DOTALL), english[0], "".join(english[1:])))
            else:
                whole[template] = other[0]
    templates.sort(key=lambda one: one[0])
    return whole, [one[1:] for one in templates]


def _pattern_of(template: str) -> tuple[int, str]:
    """(how many letters a template has beside its values, the pattern of what is made of it)."""
    letters, pattern, end = 0, "", 0
    seen: set[str] = set()
    for found in _NAME.finditer(template):
        between = template[end : found.start()].replace("{{", "{").replace("}}", "}")
        letters += len(between)
        name, how = found[1], found[2] or ""
        value = r"-?\d[\d,.]*" if how else r".+?"
        pattern += re.escape(between) + (f"(?P={name})" if name in seen else f"(?P<{name}>{value})")
        seen.add(name)
        end = found.end()
    rest = template[end:].replace("{{", "{").replace("}}", "}")
    return letters + len(rest), pattern + re.escape(rest)
