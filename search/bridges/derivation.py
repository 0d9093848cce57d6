"""Finds words of the index with the same root: Казахстан, казахстанский; vaccine, vaccination.

Endings that replace each other behind the same letters are data: derivation_russian.txt, derivation_english.txt. Their
headings say how to read them. A word of the index is a relative if a line of the table leads to it. So words that merely
begin alike are none: стол, столица; part, party. Prefixes are not removed: write and rewrite are no relatives here.
"""

from __future__ import annotations

import os

from naidi.indexer.late import cache, defaultdict, lru_cache, partial, pattern
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from ..cache import Attached, Cache
from ..collection import Collection, SegmentView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set
    from typing import TypeAlias

    from naidi._core import Derivation as CoreDerivation
    from naidi._core import Language as CoreLanguage

# Bytes for the relatives of all words that were asked for.
_FOUND_BYTES = 1_000_000
# If more words than this have the common prefix, candidates are looked up one by one: there are fewer of them.
_READ_AT_ONCE = 1500
_SHORTEST_READ = 3
MOST = 12  # relatives of a word
_RUSSIAN = pattern("[а-я]{3,40}")
_ENGLISH = pattern("[a-z]{3,40}")
_SOFTENED = "~"
# A Russian word with one of these endings is never taken to have no ending: вакцина ends in -а. English spelling does not
# show that.
_ENDED = ("а", "е", "и", "о", "у", "ы", "э", "ю", "я", "ь", "ый", "ий")


class Relative(NamedTuple):
    """A word with the same root.

    key: a key of the index.
    similarity: Dice's coefficient of the common prefix, above 0 and below 1.
    """

    key: str
    similarity: float


# The letters of an ending, and whether the letter before it is softened.
_Ending: TypeAlias = "tuple[str, bool]"


class Derivation:
    """The table of a language. Threads may share it.

    Raises ValueError, with file and line, for a line that cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._softened: dict[str, str] = {}
        self._lines: defaultdict[str, list[tuple[int, bool, tuple[_Ending, ...]]]] = defaultdict(list)
        self._families: defaultdict[str, set[str]] = defaultdict(set)
        self._strangers: defaultdict[str, set[str]] = defaultdict(set)
        for number, line in enumerate(_text(path).splitlines(), 1):
            line = line.strip()
            if line and not line.startswith("#"):
                try:
                    self._read(line.split())
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}: {error}: {line!r}") from error
        self._hard: dict[str, str] = {}
        for hard, soft in self._softened.items():
            self._hard[soft] = self._hard.get(soft, "") + hard
        self._longest = max(map(len, self._lines), default=0)

    def _read(self, words: list[str]) -> None:
        sign, rest = words[0], words[1:]
        if sign == _SOFTENED:
            self._softened.update((pair[0], pair[2]) for pair in rest if len(pair) == 3)
        elif sign == "=":
            for word in rest:
                self._families[word].update(other for other in rest if other != word)
        elif sign == "!":
            for word in rest[1:]:
                self._strangers[rest[0]].add(word)
                self._strangers[word].add(rest[0])
        else:
            shortest = int(sign)
            endings = [(word.lstrip(f"{_SOFTENED}-"), word[0] == _SOFTENED) for word in rest]
            if len(endings) < 2:
                raise ValueError("a line needs two endings")
            for ending in endings:
                others = tuple([other for other in endings if other != ending])
                self._lines[ending[0]].append((shortest, ending[1], others))

    def _hard_letters(self, soft: str) -> str:
        """The letters that `soft` may be without softening; none for a letter that would be softened itself."""
        return self._hard.get(soft, "") + ("" if soft in self._softened else soft)

    def candidates(self, word: str) -> set[str]:
        """All possible relatives of a word (case-folded, е for ё), whether they exist or not."""
        found: set[str] = set()
        length = len(word)
        for cut in range(min(self._longest, length - 2) + 1):
            lines = self._lines.get(word[length - cut :])
            if lines is None:
                continue
            stem = word[: length - cut]
            last = stem[-1]
            if not cut and stem.endswith(_ENDED):
                continue
            for shortest, softens, endings in lines:
                if len(stem) < shortest:
                    continue
                for letter in self._hard_letters(last) if softens else last:
                    hard, soft = stem[:-1] + letter, stem[:-1] + self._softened.get(letter, letter)
                    is_ended = hard.endswith(_ENDED)
                    found.update(
                        [
                            (soft if other_softens else hard) + text
                            for text, other_softens in endings
                            if text or not is_ended
                        ]
                    )
        found |= self._families.get(word, set())
        found -= self._strangers.get(word, set())
        found.discard(word)
        return found

    def are_family(self, word: str, other: str) -> bool:
        """Whether the table names two words as relatives."""
        return other in self._families.get(word, ())

    def for_core(self) -> CoreLanguage:
        """The table as the core takes it. There a letter is a byte: Russian letters are as in Windows-1251, one row too."""

        def words(table: Mapping[str, Set[str]]) -> dict[str, tuple[bytes, ...]]:
            return {word: tuple([f"{other}\n".encode() for other in others]) for word, others in table.items()}

        # Encoded at once: each search from cold for a rare word comes here.
        softened = "".join([hard + soft for hard, soft in self._softened.items()])
        ended = () if all(map(str.isascii, self._lines)) else _ENDED
        written = [*self._lines, softened, *ended]  # each ending begins some line
        letters = dict(zip(written, "\n".join(written).encode("cp1251").split(b"\n"), strict=True))
        made = {(text, softens): (letters[text], softens) for text in self._lines for softens in (False, True)}
        lines = [
            (letters[ending], softens, shortest, tuple([made[other] for other in others]))
            for ending, of_ending in self._lines.items()
            for shortest, softens, others in of_ending
        ]
        return (
            tuple(lines),
            letters[softened],
            tuple([letters[text] for text in ended]),
            words(self._families),
            words(self._strangers),
        )


def _text(path: str | os.PathLike[str]) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


@cache
def derivation(language: str) -> Derivation:
    """The table of a language, "russian" or "english", read once."""
    return Derivation(os.path.join(os.path.dirname(__file__), f"derivation_{language}.txt"))


def are_family(word: str, other: str) -> bool:
    """Whether a table names two words as relatives, with no rule for their endings."""
    return derivation("english" if word.isascii() else "russian").are_family(word, other)


def relatives(collection: Collection, keys: Sequence[str], *, limit: int = MOST) -> list[Relative]:
    """Keys in live documents with the same root as any of `keys`, the most similar first.

    Parameters:
      collection: the index.
      keys: the keys of one word, whether the index has them or not. Only Russian and English words have relatives.
      limit: how many relatives at most.

    A key is left out if all its forms have the Snowball stem of some form of `keys`: a search finds those anyway.
    """
    keys = tuple(keys)
    lexicon = collection.lexicon
    found = _relatives(collection, keys) if lexicon is None else core_tables_for("".join(keys)).relatives(lexicon, keys)
    relatives = [Relative(other, max(_similarity(key, other) for key in keys)) for other in found]
    return sorted(relatives, key=lambda relative: (-relative.similarity, relative.key))[:limit]


def _relatives(collection: Collection, keys: tuple[str, ...]) -> set[str]:
    wanted = _wanted(keys)
    found: set[str] = set()
    for view in collection.views if wanted else ():
        found.update(_FOUND.of(view).get(keys, partial(_new_words, view, keys, wanted)))
    return found


def core_tables_for(letters: str) -> CoreDerivation:
    """The tables for the compiled core, at least of the languages in which words have these letters: each takes 5 ms to read."""
    if letters.isascii():
        return _core_tables("english")
    return _core_tables("english", "russian") if any(map(str.isascii, letters)) else _core_tables("russian")


@cache
def _core_tables(*languages: str) -> CoreDerivation:
    from naidi._core import Derivation as CoreDerivation

    tables = [
        derivation(language).for_core() if language in languages else _NO_TABLE for language in ("english", "russian")
    ]
    return CoreDerivation(*tables)


_NO_TABLE: CoreLanguage = ((), b"", (), {}, {})


# The words of a segment that live documents have, by the keys that they were looked up for.
_FOUND: Attached[SegmentView, Cache[tuple[str, ...], tuple[str, ...]]] = Attached(
    lambda view: Cache(view.memory.room(_FOUND_BYTES), lambda kept: 300 + 100 * len(kept))
)


@lru_cache(maxsize=256)
def _wanted(keys: tuple[str, ...]) -> frozenset[str]:
    """All possible relatives of a word with these keys. Every segment is asked for the same ones."""
    return frozenset(set[str]().union(*map(_candidates, keys)).difference(keys))


def _candidates(key: str) -> set[str]:
    if _RUSSIAN.fullmatch(key):
        return derivation("russian").candidates(key)
    return derivation("english").candidates(key) if _ENGLISH.fullmatch(key) else set()


def _similarity(word: str, other: str) -> float:
    """Dice's coefficient of the common prefix, which counts as one letter at least."""
    return 2 * max(1, _in_common(word, other)) / (len(word) + len(other))


def _new_words(view: SegmentView, keys: Sequence[str], wanted: Set[str]) -> tuple[str, ...]:
    """The words in live documents of a segment with a stem that no form of the keys has."""
    numbers = _numbers(view, wanted)
    if not numbers:
        return ()
    segment = view.segment
    known = [number for number in map(segment.keys.find, keys) if number >= 0]
    stems = {stem for number in known for stem in _stems(view, number)}
    return tuple(
        other for other, number in numbers.items() if not _stems(view, number) <= stems and view.has_key(number)
    )


def _numbers(view: SegmentView, wanted: Set[str]) -> dict[str, int]:
    """Word -> its number, for the words that the segment has. Reads all words with the common prefix if they are few."""
    table = view.segment.keys
    beginning = _common_beginning(wanted)
    if len(beginning) >= _SHORTEST_READ:
        span = table.prefix_range(beginning)
        if len(span) <= _READ_AT_ONCE:
            words = table.chunk(span)[0].decode("utf-8").split("\n")
            return {word: span.start + place for place, word in enumerate(words) if word in wanted}
    return {word: number for word in wanted if (number := table.find(word)) >= 0}


def _common_beginning(words: Set[str]) -> str:
    first, last = min(words), max(words)
    return first[: _in_common(first, last)]


def _in_common(word: str, other: str) -> int:
    """The length of the common prefix of two words."""
    different = (place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b)
    return next(different, min(len(word), len(other)))


def _stems(view: SegmentView, number: int) -> set[int]:
    segment = view.segment
    return set(segment.form_stems[segment.forms_of_key_number(number)].tolist())
