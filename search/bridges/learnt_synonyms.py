"""Chooses the acronyms and long forms to be trusted, from those that documents define.

One document writes «Всемирной организации здравоохранения (ВОЗ)», another uses another case, a third has a long form that
fits by chance. Long forms whose words share keys, one by one, are the same meaning. An acronym keeps the few meanings that
most documents agree on.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import abbreviation_base, fold_yo
from naidi.indexer.late import cached_property, defaultdict
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .synonym_groups import Group
from .synonyms import PREFIX, GroupTable, KnownKeys, Leading, first_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

SOURCE = "learnt"
MAX_LONG_FORMS = 4
# A long form in one document is a mistake if another has _SURE documents. Any long form is one if another has
# _MUCH_COMMONER times as many documents.
_SURE = 4
_MUCH_COMMONER = 10


class LearntPair(NamedTuple):
    """An acronym and one of its long forms.

    acronym, long_form: forms of the index. Single blanks join the words of the long form. Of its variants, it is the one
      nearest to dictionary forms.
    doc_count: documents that define the acronym so.
    acronym_count: documents that define the acronym in any way.
    """

    acronym: str
    long_form: str
    doc_count: int
    acronym_count: int


def trusted(rows: Iterable[tuple[object, str, str]], known: KnownKeys) -> list[LearntPair]:
    """The pairs to be used in searches; for each acronym those of most documents first.

    Parameters:
      rows: (document, acronym, long form), the last two as from `naidi.indexer.analysis.acronyms.stored`. A row may come
        twice.
      known: the keys of a form. A word without keys is its own key.
    """
    from collections import Counter

    counts = Counter((acronym, long_form) for _, acronym, long_form in set(rows))
    return trusted_counts(((*pair, count) for pair, count in counts.items()), known)


def trusted_counts(rows: Iterable[tuple[str, str, int]], known: KnownKeys) -> list[LearntPair]:
    """As `trusted`, for rows (acronym, long form, number of documents), each pair once."""
    by_acronym: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for acronym, long_form, count in rows:
        by_acronym[acronym].append((count, long_form))
    keys_of = _Keys(known)
    pairs = []
    for acronym, variants in by_acronym.items():
        meanings = _meanings(sorted(variants, key=lambda variant: (-variant[0], variant[1])), keys_of)
        most, total = meanings[0].count, sum(meaning.count for meaning in meanings)
        for meaning in meanings[:MAX_LONG_FORMS]:
            if meaning.count * _MUCH_COMMONER > most and (meaning.count > 1 or most < _SURE):
                pairs.append(LearntPair(acronym, meaning.long_form(keys_of), meaning.count, total))
    return pairs


def learnt_table(pairs: Iterable[LearntPair], known: KnownKeys) -> GroupTable:
    """The pairs as a table. known: the keys of a form, if the index has it.

    If documents also have the word in small letters, only capitals mean the acronym: «git» is not the GIT of a document. So it is
    if documents have the acronym with endings alone («CNVs»). No dictionary is asked.
    """

    def keys(form: str) -> Sequence[str] | None:
        found = known(form)
        base = abbreviation_base(form)
        if base is not None and (not found or known(base.casefold())):
            return (fold_yo(base), *(found or ()))
        return found

    return GroupTable(SOURCE, learnt_groups(pairs), keys, str.split)


def learnt_groups(pairs: Iterable[LearntPair]) -> list[Group]:
    """A group for each pair, so that two long forms of one acronym are no synonyms.

    A long form leads to the acronym only if at least half of the documents mean it by the acronym: «genetically modified»
    is no reason to look for General Motors.
    """
    return [
        Group((pair.acronym, pair.long_form))
        if 2 * pair.doc_count >= pair.acronym_count
        else Group((pair.acronym,), (pair.long_form,))
        for pair in pairs
    ]


class _Beginning(NamedTuple):
    """The first form of a member, the acronym of its pair, and the second form, "" if the member is one word."""

    form: str
    acronym: str
    second: str


class Definitions:
    """The pairs that the documents of a segment define, deleted ones included. They can be used for any state.

    begin: the first letters of members.
    """

    def __init__(self, pairs: Iterable[str]) -> None:
        """pairs: acronym and long form with a tab between; single blanks join words."""
        # Each search from cold comes here, so of a pair no more is looked at than the letters with which its members begin.
        self._pairs = list(pairs)
        self._acronyms = [pair[:PREFIX] for pair in self._pairs]
        self._long_forms = [pair.partition("\t")[2][:PREFIX] for pair in self._pairs]
        self._spelt: defaultdict[str, list[str]] = defaultdict(list)  # first letters -> as they are written
        for letters in {*self._acronyms, *self._long_forms}:
            self._spelt[first_letters(letters.partition("\t")[0].partition(" ")[0])].append(letters)
        self.begin = self._spelt.keys()

    def beginnings(self, prefix: str) -> set[_Beginning]:
        """The beginnings of members with these first letters."""
        spelt = frozenset(self._spelt.get(prefix, ()))
        found = set()
        for pair, of_acronym, of_long_form in zip(self._pairs, self._acronyms, self._long_forms, strict=True):
            if of_acronym in spelt or of_long_form in spelt:
                acronym, _, long_form = pair.partition("\t")
                for member in (acronym, long_form):
                    first, _, rest = member.partition(" ")
                    if first_letters(first) == prefix:
                        found.add(_Beginning(first, acronym, rest.partition(" ")[0]))
        return found

    @cached_property
    def of_acronym(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Acronym -> (long form, number of the pair)."""
        found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, pair in enumerate(self._pairs):
            acronym, _, long_form = pair.partition("\t")
            found[acronym].append((long_form, number))
        return found


class LearntTable:
    """The pairs of an index. Those of an acronym are worked out when a query first has a word with which one begins."""

    source = SOURCE

    def __init__(self, parts: Iterable[tuple[Definitions, Callable[[], Mapping[int, int]]]], known: KnownKeys) -> None:
        """parts: of each segment its definitions, and what gives for each pair how many live documents define it so."""
        # Key -> the acronyms whose pairs have a member that begins with this key, and the second forms of such members.
        self.begins: dict[str, dict[str, list[str]]] = {}
        self._parts = tuple(parts)
        self._beginnings: set[str] = set().union(*(definitions.begin for definitions, _ in self._parts))
        self._prepared: set[str] = set()
        self._known = known
        self._tables: dict[str, GroupTable] = {}
        self._own_keys: dict[str, tuple[str, ...]] = {}

    def leading(self, key: str, following: Sequence[str]) -> list[Leading]:
        """The trusted members that begin with the key, without those that fail at their second word."""
        found: list[Leading] = []
        for acronym, seconds in list(self.begins[key].items()):  # another thread may add some
            # A common word begins dozens of long forms. Their keys are worked out only for those that may be meant.
            if "" not in seconds and not (following and any(self._may_be(second, following) for second in seconds)):
                continue
            table = self._tables.get(acronym)
            if table is None:
                table = learnt_table(trusted_counts(self._rows(acronym), self._known), self._known)
                self._tables[acronym] = table
            if key in table.begins:
                found += table.leading(key)
        return found

    def may_begin_several(self, key: str) -> bool:
        return any(second for seconds in list(self.begins[key].values()) for second in seconds)

    def _may_be(self, form: str, keys: Sequence[str]) -> bool:
        """Whether a word with these keys may be the form. True for an abbreviation, which has keys that documents may lack."""
        own = self._own_keys.get(form)
        if own is None:
            own = self._own_keys[form] = () if abbreviation_base(form) is not None else tuple(self._known(form) or ())
        return not own or not set(own).isdisjoint(keys)

    def _rows(self, acronym: str) -> list[tuple[str, str, int]]:
        """(acronym, long form, how many live documents define it so), for each long form that any does."""
        counts: defaultdict[str, int] = defaultdict(int)
        for definitions, live_counts in self._parts:
            live = live_counts()
            for long_form, number in definitions.of_acronym.get(acronym, ()):
                counts[long_form] += live[number]
        return [(acronym, long_form, count) for long_form, count in counts.items() if count]

    def pending(self, prefixes: AbstractSet[str]) -> AbstractSet[str]:
        return (prefixes & self._beginnings) - self._prepared

    def prepare(self, prefixes: AbstractSet[str]) -> None:
        """Find the keys of the forms with these first letters. Forms that the index lacks are no use to a query."""
        for prefix in prefixes:
            found = (definitions.beginnings(prefix) for definitions, _ in self._parts)
            for form, acronym, second in sorted(set().union(*found)):
                for key in self._known(form) or ():
                    seconds = self.begins.setdefault(key, {}).setdefault(acronym, [])
                    if second not in seconds:
                        seconds.append(second)
        # This comes last. A thread that no longer finds them pending must find them among the beginnings.
        self._prepared |= prefixes


class _Keys:
    """The keys of words, with a cache."""

    def __init__(self, known: KnownKeys) -> None:
        self._known = known
        self._found: dict[str, Sequence[str]] = {}

    def __getitem__(self, word: str) -> Sequence[str]:
        keys = self._found.get(word)
        if keys is None:
            keys = self._found[word] = self._known(word) or (fold_yo(word.casefold()),)
        return keys


class _Meaning:
    """Long forms with the same meaning: their words, one by one, share keys."""

    def __init__(self, words: Sequence[str], count: int) -> None:
        self.variants = [(words, count)]
        self.count = count

    def has(self, words: Sequence[str], keys_of: _Keys) -> bool:
        first = self.variants[0][0]
        return len(first) == len(words) and all(
            mine == other or not set(keys_of[mine]).isdisjoint(keys_of[other])
            for mine, other in zip(first, words, strict=True)
        )

    def long_form(self, keys_of: _Keys) -> str:
        """The variant with most words in dictionary form; of equal ones that of most documents."""
        words, _ = max(
            self.variants,
            key=lambda variant: (sum(fold_yo(word) in keys_of[word] for word in variant[0]), variant[1]),
        )
        return " ".join(words)


def _meanings(variants: Sequence[tuple[int, str]], keys_of: _Keys) -> list[_Meaning]:
    """The meanings of one acronym, most frequent first. variants: most frequent first."""
    found: list[_Meaning] = []
    for count, long_form in variants:
        words = long_form.split()
        for meaning in found:
            if meaning.has(words, keys_of):
                meaning.variants.append((words, count))
                meaning.count += count
                break
        else:
            found.append(_Meaning(words, count))
    return sorted(found, key=lambda meaning: -meaning.count)
