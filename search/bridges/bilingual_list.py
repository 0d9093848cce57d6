"""Turns pairs of English and Russian words into a table of translations, in both directions.

A pair is a headword and its counterparts, the commonest first. In the other direction a counterpart leads to its headwords: first
those for which it is the commonest, and of these the ones with most to say of them, which are the commonest words.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.late import pattern
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .synonyms import Member, analysed
from .translation_table import table_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from .synonyms import WordKeyRows

MOST = 3
"""Counterparts of a word. A dictionary has the common ones first; those behind them lead astray more often than not."""

MOST_WORDS = 4
"""Words of a headword or counterpart at most. What is longer explains, and stands in no text."""

# Whether all letters are of one alphabet.
is_english = pattern(r"[A-Za-z][A-Za-z' -]*").fullmatch
is_russian = pattern(r"[А-Яа-яЁё][А-Яа-яЁё -]*").fullmatch


class Entry(NamedTuple):
    """headword: one word or several. counterparts: in the other language, the commonest first. size: how much is said of it."""

    headword: str
    counterparts: Sequence[str]
    size: int = 0


# How near a counterpart is, the least first: whether only an inflected form leads to it, whether it is a phrase, its place in the
# entry, and the size of the entry, the largest first.
_Nearness: TypeAlias = "tuple[bool, bool, int, int]"


def compiled(entries: Iterable[Entry], keys_of: Callable[[str], Sequence[str]]) -> Iterable[str]:
    """The lines of the table for some entries. keys_of: the keys of a form, best first."""
    members: dict[str, Member] = {}
    found: dict[str, list[tuple[_Nearness, Member]]] = {}

    def member(text: str) -> Member:
        if text not in members:
            made = analysed(text, keys_of)
            # One key says what one word means; those behind it are of other words that look alike.
            members[text] = made if len(made.keys) != 1 else Member(text, ((made.keys[0][0],),))
        return members[text]

    def lead(text: str, other: str, place: int, size: int) -> None:
        own, to = member(text).keys, member(other).keys
        if len(own) == 1 and 0 < len(to) <= MOST_WORDS:
            nearness = own[0][0] != fold_yo(text.casefold()), len(to) > 1, place, -size
            found.setdefault(own[0][0], []).append((nearness, member(other)))

    for headword, counterparts, size in entries:
        for place, counterpart in enumerate(counterparts[:MOST]):
            lead(headword, counterpart, place, 0)
            lead(counterpart, headword, place, size)
    return table_lines({key: _best(ranked) for key, ranked in found.items()})


def _best(ranked: list[tuple[_Nearness, Member]]) -> Sequence[Member]:
    distinct: dict[WordKeyRows, Member] = {}
    for _, member in sorted(ranked, key=lambda one: one[0]):
        distinct.setdefault(member.keys, member)
    return list(distinct.values())[:MOST]
