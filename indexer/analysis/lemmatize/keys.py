"""The keys of a form: the strings by which the index finds it.

A key is a lemma, case-folded, with е for ё. The script of the word chooses the dictionary, not the language of the
document: mixed text is normal. Keys depend on the form alone, so each form is analysed once and remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import core
from ...late import np, pattern
from .. import normalize

if TYPE_CHECKING:
    import numpy.typing as npt

    from .english import EnglishLemmatizer
    from .russian import RussianLemmatizer

CACHED_FORMS = 200_000
LONGEST_WORD = 64  # letters; longer runs are no words, and guesses about them would take long

_CYRILLIC = pattern("[\u0400-\u04ff]+(?:-[\u0400-\u04ff]+)*")
_LATIN = pattern("[a-z\u00df-\u024f]+(?:['-][a-z\u00df-\u024f]+)*")
# A word with a year behind it, as hashtags have: выборы2024.
_BEFORE_A_YEAR = pattern("([a-z]{4,}|[а-яё]{4,})(?:19|20)[0-9]{2}").fullmatch
# Letters of Kazakh, Ukrainian and Belarusian, and what is typed for them on a Russian keyboard.
_PLAIN_LETTERS = str.maketrans("әғқңөұүһіїєґў", "агкноуухииегу")
_NOT_RUSSIAN = pattern("[^а-яё-]")
_SHORTEST_PLAIN = 4  # letters; shorter words resemble too many others
# Words in the letters of one language, which need no normalisation.
_RUSSIAN = pattern(f"[а-яё]{{1,{LONGEST_WORD}}}").fullmatch
_ENGLISH = pattern(f"[a-z]{{1,{LONGEST_WORD}}}").fullmatch
_AT_ONCE = 8192
_MANY = 3_000  # English words that were asked for at once, from which on the whole table pays


class KeyLines(NamedTuple):
    """The keys of many forms.

    lines: keys in UTF-8, each with a line feed behind it, in any order. A key may be there several times.
    counts: how many keys each form has (uint32).
    rows: the keys of all forms, form by form, as numbers of lines (uint32).
    common: for each of `rows`, 1 if it is a common word, else 0 (uint8).
    """

    lines: bytes
    counts: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    common: npt.NDArray[Any]


class Keys:
    """The keys of forms, with a cache of the last `capacity` forms. Threads may share it.

    A dictionary is loaded at the first form that needs it. `of.cache_info()` and `of.cache_clear()` are those of
    functools.
    """

    def __init__(self, capacity: int = CACHED_FORMS) -> None:
        self._loading = Lock()
        self._russian: RussianLemmatizer | None = None
        self._english: EnglishLemmatizer | None = None
        self._of_many = 0
        self.of = lru_cache(maxsize=capacity)(self._of)

    def of_all(self, words: Sequence[str]) -> tuple[list[tuple[str, ...]], list[bytes]]:
        """(`of` each of many words, `are_common` of each). Nothing is cached.

        This is many times faster than one by one: the compiled core answers most words.
        """
        keys: list[tuple[str, ...]] = []
        common: list[bytes] = []
        for start in range(0, len(words), _AT_ONCE):
            for own, are_common in self._of_some(words[start : start + _AT_ONCE]):
                keys.append(own)
                common.append(are_common)
        return keys, common

    def lines_of_all(self, words: Sequence[str]) -> KeyLines:
        """The same of many words, for which the compiled core makes no strings."""
        counts, lines, common = self._lines_of_the_core(words)
        left = np.flatnonzero(counts == 0)
        keys, are_common = self.of_all([words[place] for place in left.tolist()] if len(left) < len(words) else words)
        counts[left] = np.fromiter(map(len, keys), np.uint32, len(keys))
        # The lines of the words that are left come behind the others.
        is_left = np.zeros(len(words), bool)
        is_left[left] = True
        of_left = np.repeat(is_left, counts)
        rows = np.empty(len(of_left), np.uint32)
        answered = len(rows) - int(np.count_nonzero(of_left))
        rows[~of_left] = np.arange(answered)
        rows[of_left] = np.arange(answered, len(rows))
        more = "".join([f"{key}\n" for key in chain.from_iterable(keys)]).encode()
        return KeyLines(lines + more, counts, rows, np.frombuffer(common + b"".join(are_common), np.uint8)[rows])

    def _lines_of_the_core(self, words: Sequence[str]) -> tuple[npt.NDArray[Any], bytes, bytes]:
        """(How many keys the core finds for each word (uint32), their lines, whether each is common)."""
        if not core.is_used:
            return np.zeros(len(words), np.uint32), b"", b""
        from naidi._core import lemma_lines

        russian = self._russian_lemmatizer().in_core if any(map(_RUSSIAN, words)) else None
        if self._of_many < _MANY:
            self._expect(sum(_ENGLISH(word) is not None for word in words))
        english = None if self._english is None else self._english.in_core
        counts, lines, common = lemma_lines(words, russian, english)
        return np.frombuffer(counts, np.uint8).astype(np.uint32), lines, common

    def _of_some(self, words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """(its keys, for each key whether it is common) of each word."""
        nothing = [None] * len(words)
        is_russian = any(map(_RUSSIAN, words))
        russian = self._russian_lemmatizer().all_lemmas(words) if is_russian else (nothing, nothing)
        english_count = sum(_ENGLISH(word) is not None for word in words)
        self._expect(english_count)
        english = self._english_lemmatizer().all_lemmas(words) if english_count else (nothing, nothing)
        for word, *both in zip(words, *russian, *english, strict=True):
            own, are_common = both[:2] if both[0] else both[2:]
            if own is None or are_common is None:
                own = self._lemmas(word) if _RUSSIAN(word) or _ENGLISH(word) else self._of(word)
                are_common = self.are_common(word, own)
            yield own, are_common

    def _expect(self, english_count: int) -> None:
        self._of_many += english_count
        if self._of_many >= _MANY:
            self._english_lemmatizer().expect_many()

    def _of(self, word: str) -> tuple[str, ...]:
        form = normalize.form(word)
        form = form.strip("'") or form  # an apostrophe at an end, as in: the workers'
        base = normalize.abbreviation_base(form)
        if base is None:
            return self._lemmas(form)
        # The plain key is always there. So small letters find ОПЕК, though опек is also a case of опека.
        capital, plain = normalize.fold_yo(base), normalize.fold_yo(base.casefold())
        # Capitals tell ВОЗ from воз. They do not matter for COVID and Covid, or США and сша: there the plain key comes first.
        first = (capital, plain) if self.is_dictionary_word(base) else (plain, capital)
        return tuple(dict.fromkeys((*first, *self._lemmas(form.casefold()))))

    def _lemmas(self, form: str) -> tuple[str, ...]:
        if len(form) > LONGEST_WORD:
            return (normalize.fold_yo(form),)
        if (form.isascii() and form.isalpha()) or _LATIN.fullmatch(form):
            return self._english_lemmatizer().lemmas(form)
        if _CYRILLIC.fullmatch(form):
            return self._cyrillic(form)
        year = _BEFORE_A_YEAR(form)
        if year:
            return (normalize.fold_yo(form), *self._lemmas(year[1]))
        return (normalize.fold_yo(form),)

    def _cyrillic(self, form: str) -> tuple[str, ...]:
        """Words with letters that Russian lacks have a key without them, too. So қазақстан is found by казакстан, which is typed
        where a keyboard has no other letters. But казак, a common word of Russian, does not find қазақ."""
        russian = self._russian_lemmatizer()
        found = russian.lemmas(form)
        if len(found) == 1 and len(form) >= _SHORTEST_PLAIN and _NOT_RUSSIAN.search(form):
            plain = normalize.fold_yo(form.translate(_PLAIN_LETTERS))
            if not _NOT_RUSSIAN.search(plain) and plain not in russian.common_lemmas(plain):
                return (*found, plain)
        return found

    def are_common(self, word: str, keys_of_word: Sequence[str]) -> bytes:
        """`are_common_keys`."""
        if _RUSSIAN(word):
            common = self._russian_lemmatizer().common_lemmas(word)
            return bytes([key in common for key in keys_of_word])
        return bytes([bool(_ENGLISH(key)) and self._english_lemmatizer().is_common_lemma(key) for key in keys_of_word])

    def is_dictionary_word(self, form: str) -> bool:
        """Whether the dictionary of a form's script has it, and not as an abbreviation."""
        form = form.casefold()
        if form.isascii():
            return self._english_lemmatizer().is_common_word(form)
        return self._russian_lemmatizer().is_common_word(form)

    def _russian_lemmatizer(self) -> RussianLemmatizer:
        if self._russian is None:
            from .russian import RussianLemmatizer

            with self._loading:
                self._russian = self._russian or RussianLemmatizer()
        return self._russian

    def _english_lemmatizer(self) -> EnglishLemmatizer:
        if self._english is None:
            from .english import EnglishLemmatizer

            with self._loading:
                self._english = self._english or EnglishLemmatizer()
        return self._english


_process_wide = Keys()


def keys(form: str) -> tuple[str, ...]:
    """Every key of a form, best first; never empty.

    Any case is accepted. Capitals make an abbreviation. Its key in capitals comes first if small letters make a word of a
    dictionary.

    >>> keys("Казахстана"), keys("ВОЗ"), keys("США")
    (('казахстан',), ('ВОЗ', 'воз'), ('сша', 'США'))
    """
    return _process_wide.of(form)


def are_common_keys(form: str, keys_of_form: Sequence[str]) -> bytes:
    """For each of its keys, 1 if it is a common word, else 0.

    It is one if a dictionary has the key as a lemma of the form, and not only as a name or an abbreviation.
    """
    return _process_wide.are_common(form, keys_of_form)


def is_dictionary_word(form: str) -> bool:
    """Whether a dictionary has the word. Names count, abbreviations do not."""
    return _process_wide.is_dictionary_word(form)


def all_keys(forms: Sequence[str]) -> list[tuple[str, ...]]:
    """`keys` of each form, many times faster than one by one."""
    return _process_wide.of_all(forms)[0]


def key_lines(forms: Sequence[str]) -> KeyLines:
    """`keys` of each form, and `are_common_keys` of each.

    >>> found = key_lines(["розы", "москва", "токаев"])
    >>> [found.lines.decode().split()[row] for row in found.rows], found.counts.tolist(), found.common.tolist()
    (['роза', 'москва', 'токай', 'токаев'], [1, 1, 2], [1, 0, 1, 0])
    """
    return _process_wide.lines_of_all(forms)
