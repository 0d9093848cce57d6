"""Reads `.gitignore` and `.ignore` files and applies their patterns to paths."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from typing import Any, NamedTuple

IGNORE_FILES = (".gitignore", ".ignore")
"""If both have a pattern that fits, the later file wins."""


class IgnoreRules(NamedTuple):
    """The patterns of one ignore file.

    prefix: the relative path of its folder: "" or with "/" at its end.
    source: the name of the file.
    spec: the patterns, a pathspec.GitIgnoreSpec.
    """

    prefix: str
    source: str
    spec: Any


def read_rules(folder: str, prefix: str, names: Container[str]) -> tuple[IgnoreRules, ...]:
    """The rules of the ignore files in `folder`. `names` are its entries, at least those with a leading dot.

    A file that cannot be read has no rules. A line that is no pattern is skipped.
    """
    rules = []
    for source in IGNORE_FILES:
        if source in names:
            rules.append(IgnoreRules(prefix, source, _spec(_lines(os.path.join(folder, source)))))
    return tuple(rules)


def ignored_by(relative: str, rules: Sequence[IgnoreRules]) -> str | None:
    """The name of the ignore file that leaves the path out, or None. The path of a folder ends with "/".

    The innermost ignore file with a fitting pattern decides, and in it the last fitting pattern. As in git, an ignored
    folder takes its content with it. So ask for a folder first, and not for the content of an ignored one.
    """
    for rule in reversed(rules):
        verdict = rule.spec.check_file(relative[len(rule.prefix) :]).include
        if verdict is not None:
            return rule.source if verdict else None
    return None


def _lines(path: str) -> list[str]:
    if not os.path.isfile(path):  # a pipe would wait for a writer
        return []
    try:
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            return file.read().split("\n")
    except OSError:
        return []


def _spec(lines: list[str]) -> Any:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
