"""Reads `.gitignore` and `.ignore` files and applies their patterns to paths."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Container, Sequence
from typing import NamedTuple

from .ignore_patterns import IgnorePatterns

IGNORE_FILES = (".gitignore", ".ignore")
"""If both have a pattern that fits, the later file wins."""

MAX_BYTES = 1_000_000
"""Only so much of an ignore file counts: each of its lines is compared with each path."""


class IgnoreRules(NamedTuple):
    """The patterns of one ignore file.

    prefix: the relative path of its folder: "" or with "/" at its end.
    source: the name of the file.
    patterns: its patterns.
    """

    prefix: str
    source: str
    patterns: IgnorePatterns


class RulesUnreadable(Exception):
    """An ignore file is there and cannot be read. So it is not known which files are to be left out.

    source: the name of the file.
    error: why.
    """

    def __init__(self, source: str, error: OSError) -> None:
        super().__init__(source, error)
        self.source = source
        self.error = error


def read_rules(folder: str, prefix: str, names: Container[str]) -> tuple[IgnoreRules, ...]:
    """The rules of the ignore files in `folder`. `names` are its entries, at least those with a leading dot.

    What is no file, and a link that leads to none, has no rules. A line that is no pattern is skipped.

    Raises RulesUnreadable for a file that is there and cannot be read.
    """
    rules = []
    for source in IGNORE_FILES:
        if source in names:
            try:
                lines = _lines(os.path.join(folder, source))
            except OSError as error:
                raise RulesUnreadable(source, error) from error
            rules.append(IgnoreRules(prefix, source, IgnorePatterns(lines)))
    return tuple(rules)


def ignored_by(relative: str, rules: Sequence[IgnoreRules]) -> str | None:
    """The name of the ignore file that leaves the path out, or None. The path of a folder ends with "/".

    The innermost ignore file with a fitting pattern decides, and in it the last fitting pattern. As in git, an ignored
    folder takes its content with it. So ask for a folder first, and not for the content of an ignored one.
    """
    for rule in reversed(rules):
        verdict = rule.patterns.verdict(relative[len(rule.prefix) :])
        if verdict is not None:
            return rule.source if verdict else None
    return None


def _lines(path: str) -> list[str]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would wait for a writer
            return []
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        if error.errno == errno.ELOOP:
            return []
        raise
    if len(data) > MAX_BYTES:
        data = data[: data.rfind(b"\n", 0, MAX_BYTES) + 1]
    return data.decode("utf-8-sig", "surrogateescape").split("\n")
