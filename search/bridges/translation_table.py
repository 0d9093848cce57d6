"""Translations by key, as lines of text that are looked up where they lie.

A line is a key and the counterparts of the words that have it, the commonest first, all between tabs. A counterpart is its text,
one word or several; where its keys are not the text itself, they follow, those of each word behind a `|`, with blanks between.
The lines are in the order of their bytes. So a look-up is a bisection, and a search from cold reads a few pages of a file.
"""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.typed import TYPE_CHECKING

from .synonyms import Member

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterable, Mapping, Sequence

    from naidi.indexer.late import StrPath


class TranslationTable:
    """Translations in the bytes of some lines. Bytes that are no lines of a table give no translation, or a wrong one."""

    def __init__(self, data: bytes | mmap.mmap, start: int = 0) -> None:
        """start: where the first line begins."""
        self._data = data
        self._start = start

    def of(self, key: str) -> tuple[Member, ...]:
        """The counterparts of a word with the key, the commonest first; none if the table lacks it."""
        wanted = key.encode("utf-8", "surrogatepass") + b"\t"
        if core.is_used:
            from naidi._core import table_line

            line = table_line(self._data, self._start, wanted)
        else:
            line = self._line(wanted)
        return () if line is None else _members(line)

    def _line(self, wanted: bytes) -> bytes | None:
        data = self._data
        low, high = self._start, len(data)
        while low < high:
            middle = (low + high) // 2
            start = max(data.rfind(b"\n", low, middle) + 1, low)
            end = data.find(b"\n", middle, high)
            if end < 0:
                end = high
            begins = data[start : start + len(wanted)]
            if begins == wanted:
                return data[start + len(wanted) : end]
            if begins < wanted:
                low = end + 1
            else:
                high = start
        return None


def table_of(path: StrPath, start: int = 0) -> TranslationTable:
    """The table in a file, which is mapped, not read. Raises OSError, and ValueError for an empty file."""
    import mmap

    with open(path, "rb") as file:
        return TranslationTable(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), start)


def table_lines(translations: Mapping[str, Sequence[Member]]) -> Iterable[str]:
    """The lines of a table, each with its line feed. translations: of each key the counterparts, the commonest first."""
    for key in sorted(translations):  # code points are in the order of their bytes
        yield "\t".join((key, *map(_written, translations[key]))) + "\n"


def _written(member: Member) -> str:
    if member.keys == ((fold_yo(member.text),),):
        return member.text
    return "|".join((member.text, *map(" ".join, member.keys)))


def _members(written: bytes) -> tuple[Member, ...]:
    return tuple([_member(one) for one in written.decode("utf-8", "replace").split("\t")])


def _member(written: str) -> Member:
    if "|" not in written:
        return Member(written, ((fold_yo(written),),))
    text, *words = written.split("|")
    return Member(text, tuple([tuple(keys.split(" ")) for keys in words]))
