"""Reads `.gitignore` and `.ignore` files and applies their patterns to paths."""

from __future__ import annotations

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


def read_rules(folder: str, prefix: str, names: Container[str]) -> tuple[IgnoreRules, ...]:
    """The rules of the ignore files in `folder`. `names` are its entries, at least those with a leading dot.

    A file that cannot be read has no rules. A line that is no pattern is skipped.
    """
    rules = []
    for source in IGNORE_FILES:
        if source in names:
            rules.append(IgnoreRules(prefix, source, IgnorePatterns(_lines(os.path.join(folder, source)))))
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
    except OSError:
        return []
    if len(data) > MAX_BYTES:
        data = data[: data.rfind(b"\n", 0, MAX_BYTES) + 1]
    return data.decode("utf-8-sig", "surrogateescape").split("\n")
