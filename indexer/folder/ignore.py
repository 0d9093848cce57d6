"""Does a `.gitignore` or `.ignore` file say that a path is to be left out?"""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from typing import Any, NamedTuple

IGNORE_FILES = (".gitignore", ".ignore")
"""The later one wins where both have a pattern that fits."""


class IgnoreRules(NamedTuple):
    """The patterns of one ignore file, whose folder has the relative path `prefix` ("" or with "/" at its end)."""

    prefix: str
    source: str
    spec: Any


def read_rules(folder: str, prefix: str, names: Container[str]) -> tuple[IgnoreRules, ...]:
    """The rules of the ignore files in `folder`, of whose entries `names` knows those with a leading dot.

    A file that cannot be read has no rules, and a line that is no pattern is none.
    """
    rules = []
    for source in IGNORE_FILES:
        if source in names:
            rules.append(IgnoreRules(prefix, source, _spec(_lines(os.path.join(folder, source)))))
    return tuple(rules)


def ignored_by(relative: str, rules: Sequence[IgnoreRules]) -> str | None:
    """The name of the ignore file that leaves the path out (a folder's ends with "/"), or None.

    The innermost ignore file that has a fitting pattern decides, and in it the last such pattern. Folders must be asked
    before what is in them, which is left out with them, as in git.
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
