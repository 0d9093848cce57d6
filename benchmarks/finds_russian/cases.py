"""Reads the cases. A case is a query, texts that it must find, and texts that it must not find."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.shared.records import Record

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """One case.

    id: the name of its category and its number there, from 1.
    category: what it is about.
    query: as typed. A phrase is in straight quotation marks; a minus sign before a word excludes it.
    find, miss: texts that must be found, and that must not.
    """

    id: str
    category: str
    query: str
    find: tuple[str, ...]
    miss: tuple[str, ...]

    def records(self) -> list[Record]:
        """Its texts as documents."""
        named = [*enumerate(self.find), *enumerate(self.miss, len(self.find))]
        return [Record(f"{self.id}/{number}", "", text) for number, text in named]

    def failures(self, found: set[str]) -> list[str]:
        """What is wrong with an answer. found: the ids of all documents found."""
        told = []
        for number, record in enumerate(self.records()):
            wanted = number < len(self.find)
            if wanted != (record.id in found):
                told.append(f"{'does not find' if wanted else 'finds'} {record.text!r}")
        return told


class Category(NamedTuple):
    """The cases of one file, with a sentence about them."""

    name: str
    about: str
    cases: list[Case]


def load(folder: Path = FOLDER) -> list[Category]:
    """All categories, in the order of their files. Raises ValueError for a file that is not as it should be."""
    categories = []
    for path in sorted(folder.glob("*.toml")):
        try:
            read = tomllib.loads(path.read_text(encoding="utf-8"))
            name: str = read["category"]
            cases = [_case(name, number, row) for number, row in enumerate(read["case"], 1)]
            categories.append(Category(name, read["about"], cases))
        except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path}: {error!r}") from error
    return categories


def _case(category: str, number: int, row: dict[str, Any]) -> Case:
    unknown = set(row) - {"query", "find", "miss"}
    if unknown:
        raise KeyError(*sorted(unknown))
    return Case(f"{category} {number}", category, row["query"], tuple(row["find"]), tuple(row["miss"]))
