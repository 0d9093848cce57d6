"""Normalises words, in two steps. Both work on single words, so offsets into the original text need no mapping.

- `clean` mends the typing: canonical composition, invisible characters, stress marks, look-alike letters of the other
  alphabet. Case stays.
- `form` folds case, for the lexicon. An abbreviation in capitals keeps its case: `ВОЗ` (WHO) is not `воз` (cart).
"""

from __future__ import annotations

from ..late import pattern, unicodedata

# Soft hyphen, zero-width space, (non-)joiners, word joiner, byte order mark, combining grapheme joiner.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u034f"
_DROP_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))

APOSTROPHES = "'’ʼ"
_STRAIGHT_APOSTROPHE = str.maketrans({"’": "'", "ʼ": "'"})

# A stress mark over a Cyrillic vowel is a reading aid. Over a consonant (Macedonian ѓ, ќ) it makes another letter.
_STRESS = pattern("(?<=[аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ])[\u0300\u0301]")

# Letters that look the same in both alphabets. Only these may be replaced.
_LATIN_TWINS = "aceopxyABCEHKMOPTXY"
_CYRILLIC_TWINS = "асеорхуАВСЕНКМОРТХУ"
_TO_CYRILLIC = str.maketrans(_LATIN_TWINS, _CYRILLIC_TWINS)
_TO_LATIN = str.maketrans(_CYRILLIC_TWINS, _LATIN_TWINS)
CYRILLIC_C = "Сс"
_LATIN = pattern("[A-Za-z]")
_CYRILLIC = pattern("[\u0400-\u04ff]")
# A Latin i stands for і of Ukrainian, and of Russian before 1918, among letters that are surely Cyrillic. Beside twins it tells
# nothing: AI with one Cyrillic letter is AI.
_LATIN_I = "iI"
_TO_CYRILLIC_I = str.maketrans(_LATIN_I, "іІ")

# Shortest and longest abbreviation (НАТО, ЮНЕСКО). Longer words in capitals are common words in capitals.
ABBREVIATION_LETTERS = _SHORTEST, _LONGEST = 2, 6
_RUSSIAN_CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
_ABBREVIATION_ENDINGS = frozenset(
    ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах", "и", "ой", "ою", "ю", "ем", "ев", "ей")
)


# The marks of one letter that count in a very long word: as many as in the stream-safe format of Unicode (UAX 15).
_MARKS = 30
_LONG_WORD = 1000


def _repair_look_alikes(word: str) -> str:
    """The word in one script, if one script can hold all of its letters."""
    latin, cyrillic = _LATIN.findall(word), _CYRILLIC.findall(word)
    others = set(latin).difference(_LATIN_TWINS)
    all_latin_are_twins = not others
    all_cyrillic_are_twins = set(cyrillic).issubset(_CYRILLIC_TWINS)
    if not all_cyrillic_are_twins and others.issubset(_LATIN_I):
        return word.translate(_TO_CYRILLIC).translate(_TO_CYRILLIC_I)
    if all_latin_are_twins and (not all_cyrillic_are_twins or len(cyrillic) >= len(latin)):
        return word.translate(_TO_CYRILLIC)
    if all_cyrillic_are_twins:
        return word.translate(_TO_LATIN)
    return word  # «чатgpt» really mixes scripts


def _composed(word: str) -> str:
    """Canonical composition (NFC). Python puts the marks of a letter in order in quadratic time.

    So the marks of a letter beyond _MARKS are left out of a word that is too long to be one: the tokenizer makes none such.
    """
    if len(word) > _LONG_WORD:
        kept, marks = [], 0
        for character in word:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= _MARKS:
                kept.append(character)
        word = "".join(kept)
    return unicodedata.normalize("NFC", word)


def clean(word: str) -> str:
    """The word as meant: composed, without invisible characters and stress marks, in one script if possible."""
    if word.isascii():
        return word
    word = word.translate(_DROP_INVISIBLE)
    word = _composed(_STRESS.sub("", word))
    if word[-1:] in ("+", "#"):
        return word.translate(_TO_LATIN)  # «С++» with a Cyrillic letter
    if _LATIN.search(word) and _CYRILLIC.search(word):
        word = _repair_look_alikes(word)
    return word


def fold_yo(word: str) -> str:
    """The word with е for ё, as most Russian texts write it."""
    return word.replace("ё", "е").replace("Ё", "Е")


def abbreviation_base(word: str) -> str | None:
    """The bare abbreviation in a word such as «ВОЗ», «МИДом», "WHO's" or "NGOs"; None for other words.

    >>> abbreviation_base("МИДом"), abbreviation_base("мид")
    ('МИД', None)
    """
    if not word[1:2].isupper():
        return None
    if word.isascii():
        base = word[:-1].removesuffix("'") if word[-1] == "s" else word
        is_right = base.isalpha() and base.isupper()
    else:
        ending = word.lstrip(_RUSSIAN_CAPITALS)
        base = word[: len(word) - len(ending)]
        is_right = ending in _ABBREVIATION_ENDINGS
    return base if is_right and _SHORTEST <= len(base) <= _LONGEST else None


def is_abbreviation(word: str) -> bool:
    """Whether the word is written as an abbreviation: two to six capitals, perhaps with an ending."""
    return abbreviation_base(word) is not None


def form(word: str) -> str:
    """The form under which the lexicon holds a cleaned word: case-folded, unless it is an abbreviation in capitals.

    Idempotent: form(form(w)) == form(w).
    """
    if "’" in word or "ʼ" in word:
        word = word.translate(_STRAIGHT_APOSTROPHE)
    if is_abbreviation(word):
        return word
    if word.isascii():
        return word.lower()
    # Folding can split a letter from its mark («ΐ») or its apostrophe («ŉ»). Hence composition and a second round.
    folded = _composed(word.casefold()).casefold()
    return _composed(folded).translate(_STRAIGHT_APOSTROPHE)
