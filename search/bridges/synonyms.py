"""Finds the synonyms of names and acronyms in a query.

A member of a group is matched word by word through its keys. So «всемирной организации здравоохранения» is the World Health
Organization in any case. An abbreviation is matched as one: `who` never means WHO. But `nato`, which is no other word,
means NATO. Groups come from tables: the definitions in documents, the user's file, the built-in list. Beforehand, a table
knows only the keys with which its members begin. It works out the rest of a group when a query meets it.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import abbreviation_base, fold_yo
from naidi.indexer.analysis.tokenizer import forms as forms_of_text
from naidi.indexer.late import Lock
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple, Protocol

from ..budget import need_dictionaries
from .synonym_groups import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import TypeAlias, TypeGuard

MAX_ALTERNATIVES = 12
"""Alternatives of one match at most. Those of the first tables come first."""

USERS = "user"
"""The source of the user's file."""

PREFIX = 3  # letters that a form shares with its keys, except for a few dozen words

WordKeyRows = tuple[tuple[str, ...], ...]
KnownKeys: TypeAlias = "Callable[[str], Sequence[str] | None]"
Split: TypeAlias = "Callable[[str], list[str]]"


class WordKeys(NamedTuple):
    """A plain word of a query. form: as typed. keys: its keys."""

    form: str
    keys: tuple[str, ...]


class SynonymMatch(NamedTuple):
    """A synonym.

    text: one word or several, as the table writes it.
    source: the name of the table.
    keys: for each word the keys that mean it, so that a search needs no dictionary.
    """

    text: str
    source: str
    keys: WordKeyRows


class Match(NamedTuple):
    """words[start:end] are a member of a group. alternatives: the other members, never empty."""

    start: int
    end: int
    alternatives: tuple[SynonymMatch, ...]


class Member(NamedTuple):
    """A member of a group. text: as written. keys: for each word the keys that mean it."""

    text: str
    keys: WordKeyRows


class AnalysedGroup(NamedTuple):
    """As `synonym_groups.Group`, with keys."""

    members: tuple[Member, ...]
    found_only: tuple[Member, ...]


class Leading(NamedTuple):
    """A member that leads to the others of its group. second: the keys of its second word, if it has one."""

    second: tuple[str, ...]
    member: Member
    group: AnalysedGroup


class Table(Protocol):
    """Groups of one source."""

    @property
    def source(self) -> str:
        """ "learnt", "user", "built-in" or "everyday"."""

    @property
    def begins(self) -> Mapping[str, object]:
        """A mapping whose keys are the first keys of all members that lead to others."""

    def leading(self, key: str, following: Sequence[str]) -> Sequence[Leading]:
        """The members that begin with the key. following: the keys of the next word; others at the second word may be left out."""

    def may_begin_several(self, key: str) -> bool:
        """Whether a member of several words may begin with the key, which is one of `begins`."""


class PendingTable(Table, Protocol):
    """A table that works out the first keys of some members only when a query has their first letters."""

    def pending(self, prefixes: AbstractSet[str]) -> AbstractSet[str]:
        """Those of the first letters whose members are not worked out yet."""

    def prepare(self, prefixes: AbstractSet[str]) -> None:
        """Work out the members with these first letters, which are pending. One thread at a time."""


def _is_pending(table: Table) -> TypeGuard[PendingTable]:
    return hasattr(table, "pending")


class Synonyms:
    """Looks words up in tables. Threads may share it."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        """tables: the most important first. If two have the same alternative, that of the first is given."""
        self._tables = tuple(tables)
        self._unprepared: tuple[PendingTable, ...] = tuple(filter(_is_pending, self._tables))
        self._prepared: set[str] = set()  # first letters for which no table has anything pending
        self._preparing = Lock()

    @property
    def beginnings(self) -> tuple[AbstractSet[str] | None, tuple[Mapping[str, object], ...]]:
        """What `begin_with` looks at, for the core: no member begins with keys that no mapping has, if the set has their first
        letters. Both grow. None for no set: then that holds for all keys. The core looks into values that are as those of
        `LearntTable.begins`."""
        return self._prepared if self._unprepared else None, tuple([table.begins for table in self._tables])

    def begin_with(self, word: WordKeys) -> bool:
        """Whether a member of a group begins with the word."""
        if self._unprepared:
            for key in word.keys:
                if key[:PREFIX] not in self._prepared:  # capitals never are
                    self._prepare([word])
                    break
        for table in self._tables:
            begins = table.begins
            for key in word.keys:
                if key in begins:
                    return True
        return False

    def may_begin_several(self, word: WordKeys) -> bool:
        """Whether a member of several words may begin with the word."""
        return self.begin_with(word) and any(
            key in table.begins and table.may_begin_several(key) for table in self._tables for key in word.keys
        )

    def of(self, words: Sequence[WordKeys]) -> list[Match]:
        """The names among neighbouring words, from left to right. Of overlapping ones the longest counts, then the first."""
        if self._unprepared:
            self._prepare(words)
        beginnings = [table.begins for table in self._tables]
        met = []
        for start, word in enumerate(words):
            for key in word[1]:
                if any(key in begins for begins in beginnings):
                    met.append((start, key))
        return self._matches(words, met) if met else []

    def _prepare(self, words: Sequence[WordKeys]) -> None:
        prefixes = {first_letters(key) for word in words for key in word.keys}
        if prefixes <= self._prepared:
            return
        for table in self._unprepared:
            if table.pending(prefixes):
                with self._preparing:
                    table.prepare(table.pending(prefixes))
        self._prepared |= prefixes

    def _matches(self, words: Sequence[WordKeys], met: Sequence[tuple[int, str]]) -> list[Match]:
        spans: dict[tuple[int, int], dict[WordKeyRows, SynonymMatch]] = {}
        for table in self._tables:
            begins = table.begins
            for start, key in met:
                if key in begins:
                    following = words[start + 1][1] if start + 1 < len(words) else ()
                    for second, member, group in table.leading(key, following):
                        # Most members fail at their second word.
                        if second and second[0] not in following and second[-1] not in following and len(second) < 3:
                            continue
                        if _is_at(words, start, member.keys):
                            end = start + len(member.keys)
                            found = spans.setdefault((start, end), {})
                            _add_alternatives(found, words[start:end], group, table.source)
        if not spans:
            return []
        taken: list[Match] = []
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            alternatives = tuple(spans[start, end].values())[:MAX_ALTERNATIVES]
            if alternatives and all(end <= other.start or other.end <= start for other in taken):
                taken.append(Match(start, end, alternatives))
        return sorted(taken)


def _add_alternatives(
    found: dict[WordKeyRows, SynonymMatch], span: Sequence[WordKeys], group: AnalysedGroup, source: str
) -> None:
    for text, keys in (*group.members, *group.found_only):
        # The same words in another case are no alternative.
        if keys not in found and not (len(keys) == len(span) and _is_at(span, 0, keys)):
            found[keys] = SynonymMatch(text, source, keys)


def _is_at(words: Sequence[WordKeys], start: int, member: WordKeyRows) -> bool:
    if start + len(member) > len(words):
        return False
    for index, keys in enumerate(member, start):
        of_word = words[index][1]
        if keys[0] not in of_word and not any(key in of_word for key in keys[1:]):
            return False
    return True


def leading_members(groups: Iterable[AnalysedGroup], key: str) -> list[Leading]:
    """The members of groups that begin with the key."""
    return [
        Leading(member.keys[1] if len(member.keys) > 1 else (), member, group)
        for group in groups
        for member in group.members
        if key in member.keys[0]
    ]


def analysed(text: str, keys_of: Callable[[str], Sequence[str]], split: Split = forms_of_text) -> Member:
    """A member with the keys that mean it. keys_of: the keys of a form, best first. split: splits a text into forms."""
    forms = split(text)
    return Member(text, tuple(_meaning_keys(form, keys_of(form), alone=len(forms) == 1) for form in forms))


def _meaning_keys(form: str, keys: Sequence[str], *, alone: bool) -> tuple[str, ...]:
    """The keys, of all keys of a form, that mean a word of a member.

    If small letters make another word of an abbreviation, only its capitals mean it; then its key in capitals comes first.
    A member of one word in dictionary form means that word: Куба is no case of «куб». One of several words may be in any
    case.
    """
    base = abbreviation_base(form)
    if base is not None:
        capital = fold_yo(base)
        return (capital,) if keys[0] == capital else (fold_yo(base.casefold()), capital)
    folded = fold_yo(form)
    return (folded,) if alone and folded in keys else tuple(keys)


class _First(NamedTuple):
    """The first word of a member. alone: whether it is the only word. group: the number of the group."""

    form: str
    alone: bool
    group: int


class GroupTable:
    """Groups that are given as text.

    Keys come from the index if it knows a form. Other forms need a dictionary, which is asked only when a query has their
    first letters.
    """

    def __init__(self, source: str, groups: Iterable[Group], known: KnownKeys, split: Split = forms_of_text) -> None:
        """known: the keys of a form, best first, if the index has it. split: splits a member into forms."""
        self.source = source
        self.begins: dict[str, list[int]] = {}
        # First letters -> the first words of members, if the index lacks them.
        self._pending: dict[str, list[_First]] = {}
        self._prepared: set[str] = set()
        self._groups = list(groups)
        self._analysed: dict[int, AnalysedGroup] = {}
        self._leading: dict[str, tuple[int, Sequence[Leading]]] = {}
        self._known = known
        self._split = split
        for number, group in enumerate(self._groups):
            for member in group.members:
                forms = split(member)
                first = _First(forms[0], len(forms) == 1, number)
                keys = known(first.form)
                if keys:
                    self._begin(first, keys)
                else:
                    self._pending.setdefault(first_letters(first.form), []).append(first)

    def leading(self, key: str, following: Sequence[str] = ()) -> Sequence[Leading]:
        numbers = self.begins[key]
        found = self._leading.get(key)
        if found is None or found[0] != len(numbers):
            found = self._leading[key] = len(numbers), leading_members(map(self._group, numbers), key)
        return found[1]

    def may_begin_several(self, key: str) -> bool:
        return any(leading.second for leading in self.leading(key))

    def pending(self, prefixes: AbstractSet[str]) -> AbstractSet[str]:
        return (prefixes & self._pending.keys()) - self._prepared

    def prepare(self, prefixes: AbstractSet[str]) -> None:
        """Find the keys of the forms with these first letters that the index lacks."""
        for prefix in prefixes:
            for first in self._pending[prefix]:
                self._begin(first, _keys_of(first.form))
        # This comes last. A thread that no longer finds them pending must find them among the beginnings.
        self._prepared |= prefixes

    def _begin(self, first: _First, keys: Sequence[str]) -> None:
        for key in _meaning_keys(first.form, keys, alone=first.alone):
            numbers = self.begins.setdefault(key, [])
            if first.group not in numbers[-1:]:
                numbers.append(first.group)

    def _group(self, number: int) -> AnalysedGroup:
        found = self._analysed.get(number)
        if found is None:
            group = self._groups[number]
            found = AnalysedGroup(tuple(map(self._member, group.members)), tuple(map(self._member, group.found_only)))
            self._analysed[number] = found
        return found

    def _member(self, text: str) -> Member:
        return analysed(text, lambda form: self._known(form) or _keys_of(form), self._split)


def first_letters(word: str) -> str:
    return fold_yo(word.casefold())[:PREFIX]


def _keys_of(form: str) -> tuple[str, ...]:
    need_dictionaries()
    from naidi.indexer.analysis.lemmatize.keys import keys

    return keys(form)
