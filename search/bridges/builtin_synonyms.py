"""The built-in lists of synonyms, with keys that were worked out beforehand.

The lists (*.txt) are written by hand: names and acronyms, loan words and brands in both alphabets, everyday words. The files of
keys are made from them, so that reading takes about a millisecond and no dictionary.
`python -m naidi.search.bridges.builtin_synonyms` makes them anew. A test checks that they are up to date.

A file of keys has two parts, with an empty line between. The first has a line for each key that a member begins with, and
the numbers of its groups. The second has a line for each group: its members between tabs, with `=>` as in the list. A
member is its text, followed by `|` and the keys of each word.
"""

from __future__ import annotations

import os

from naidi.indexer.late import cache
from naidi.indexer.typed import TYPE_CHECKING

from .synonym_groups import read_file
from .synonyms import AnalysedGroup, Leading, Member, analysed, leading_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NAMES = "built-in"
EVERYDAY = "everyday"
"""The sources. Names mean the same thing; everyday words mean nearly the same."""

_FOLDER = os.path.dirname(__file__)
LISTS = {
    NAMES: (os.path.join(_FOLDER, "synonyms_builtin.txt"), os.path.join(_FOLDER, "synonyms_loans.txt")),
    EVERYDAY: (os.path.join(_FOLDER, "synonyms_everyday.txt"),),
}
KEYS = {
    NAMES: os.path.join(_FOLDER, "synonyms_builtin.keys"),
    EVERYDAY: os.path.join(_FOLDER, "synonyms_everyday.keys"),
}
_ARROW = "=>"


class BuiltinTable:
    """A `synonyms.Table` made from the text of `compiled`. A group is parsed when a query meets it."""

    def __init__(self, text: str, source: str = NAMES) -> None:
        self.source = source
        beginnings, _, groups = text.partition("\n\n")
        written = beginnings.replace("\n", "\t").split("\t")  # at once: each search from cold comes here
        self._begins: dict[str, str] = dict(zip(written[::2], written[1::2], strict=True))
        self._lines = groups.split("\n")
        self._leading: dict[str, Sequence[Leading]] = {}

    @property
    def begins(self) -> Mapping[str, str]:
        return self._begins

    def leading(self, key: str, following: Sequence[str]) -> Sequence[Leading]:
        found = self._leading.get(key)
        if found is None:
            lines = (self._lines[int(number)] for number in self._begins[key].split())
            found = self._leading[key] = leading_members(map(_group, lines), key)
        return found

    def may_begin_several(self, key: str) -> bool:
        return any(leading.second for leading in self.leading(key, ()))


@cache
def builtin_table(source: str = NAMES) -> BuiltinTable:
    """The built-in lists of a source, read at the first call."""
    with open(KEYS[source], encoding="utf-8") as file:
        return BuiltinTable(file.read(), source)


def compiled(*paths: str | os.PathLike[str]) -> str:
    """The text of the file of keys for some lists. Needs the dictionaries. Raises ValueError for a line that cannot be read."""
    from naidi.indexer.analysis.lemmatize.keys import keys

    found = [read_file(path) for path in paths]
    warnings = [warning for one in found for warning in one.warnings]
    if warnings:
        raise ValueError("\n".join(warnings))
    begins: dict[str, list[int]] = {}
    lines = []
    for number, group in enumerate(group for one in found for group in one.groups):
        members = [analysed(text, keys) for text in group.members]
        for key in dict.fromkeys(key for member in members for key in member.keys[0]):
            begins.setdefault(key, []).append(number)
        lines.append("\t".join(map(_written, members)))
        if group.found_only:
            lines[-1] += "\t".join(("", _ARROW, *(_written(analysed(text, keys)) for text in group.found_only)))
    beginnings = (f"{key}\t{' '.join(map(str, numbers))}" for key, numbers in sorted(begins.items()))
    return "\n".join((*beginnings, "", *lines)) + "\n"


def _written(member: Member) -> str:
    return "|".join((member.text, *map(" ".join, member.keys)))


def _group(line: str) -> AnalysedGroup:
    members, _, found_only = line.partition(f"\t{_ARROW}\t")
    return AnalysedGroup(
        tuple(_members(members.split("\t"))), tuple(_members(found_only.split("\t") if found_only else ()))
    )


def _members(written: Iterable[str]) -> Iterator[Member]:
    for one in written:
        text, *words = one.split("|")
        yield Member(text, tuple(tuple(keys.split()) for keys in words))


if __name__ == "__main__":
    for each, path in KEYS.items():
        with open(path, "w", encoding="utf-8", newline="\n") as made:
            made.write(compiled(*LISTS[each]))
