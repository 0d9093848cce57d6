"""Makes needles: the strings by which forms are looked for in a text.

A form is looked for by its beginning. The forms of a word mostly differ at their ends, so a word has one or two beginnings.
A hit may be another word and has to be examined.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import APOSTROPHES, CYRILLIC_C, INVISIBLE
from naidi.indexer.late import cache, np, pattern
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

# A shorter beginning would hit too many other words. Forms of up to this length are looked for as whole words.
_BEGINNING = 4
_LONGEST_BEGINNING = 32
# A whole word this short is inside too many others. It is looked for with the blank before it.
_SHORT = 2
# With more beginnings than this (the forms of a wildcard) it is faster to look at every word once.
MANY_BEGINNINGS = 40
# In longer texts a table lowers letters faster than `str.lower`, except for ASCII.
_TABLE_FROM = 1_200

_MARK_RANGES = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF))
MARKS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _MARK_RANGES) + INVISIBLE
MARK_CHARACTERS = frozenset(INVISIBLE).union(*(map(chr, range(first, last + 1)) for first, last in _MARK_RANGES))
# Ranges of the first plane with letters that have capitals.
_CASED = (
    (0, 0x600),
    (0x10A0, 0x1400),
    (0x1C80, 0x2000),
    (0x2100, 0x2200),
    (0x2480, 0x2500),
    (0x2C00, 0x2E00),
    (0xA600, 0xAC00),
    (0xFF00, 0xFF60),
)
_COMMON_MARKS = f"{INVISIBLE}\u0300\u0301\u0306\u0308"
# Letters that fold to several («ß») or not to their small letter («ς»), and a few others.
_FOLDED = "µßİŉſǰ\u0345ΐΰςϐ-ϖϰ-ϵև\u13a0-\u13fd\u1c80-\u1c88\u1e96-\u1e9e\u1f50-\u1fff\uab70-\uabbf\ufb00-\ufb17"
_ODD = pattern(f"[{MARKS}{_FOLDED}]")
_LATIN = pattern("[A-Za-z]")
_CYRILLIC = pattern("[\u0400-\u04ff]")
# A Latin letter in a word that may also have a Cyrillic letter.
_MIXED = pattern(f"[A-Za-z](?:(?=[{APOSTROPHES}0-9]*[\u0400-\u04ff])|(?<=[\u0400-\u04ff{APOSTROPHES}0-9][A-Za-z]))")

Needle = tuple[str, int, int]
"""(the string to look for, how many of its characters are before the word, the length of the word if the string is a whole
word, else 0)."""


class Scan(NamedTuple):
    """The strings by which the forms of one query word are looked for.

    beginnings: in lower case. A word with such a beginning may be one of the forms.
    whole: short forms, in lower case.
    """

    beginnings: tuple[str, ...]
    whole: tuple[str, ...]

    def needles(self) -> list[Needle]:
        """The needles that find, in a lowered text, every word that may be one of the forms."""
        return [(begin, 0, 0) for begin in self.beginnings] + [(form, 0, len(form)) for form in self.whole]

    def quick_needles(self) -> list[Needle]:
        """Needles that find most of these words, but faster: very short words only behind a blank."""
        needles = [(begin, 0, 0) for begin in self.beginnings]
        for form in self.whole:
            if len(form) > _SHORT:
                needles.append((form, 0, len(form)))
            else:
                needles += [(" " + form, 1, len(form)), ("\n" + form, 1, len(form))]
        return needles


def scan_for(forms: Iterable[str], prefixes: Sequence[str] = ()) -> Scan:
    """A short list of beginnings that covers the forms, and all forms with one of the prefixes."""
    beginnings: dict[str, str] = {}
    whole: dict[str, None] = {}
    for form in forms:
        lower = form.lower()
        if lower[-1:] in ("+", "#"):
            # C++ and C#: a digit may follow (C++11), and the letter may be Cyrillic.
            beginnings[lower] = lower
            if lower[0] == "c":
                beginnings[CYRILLIC_C[1] + lower] = CYRILLIC_C[1] + lower[1:]
            continue
        if len(lower) <= _BEGINNING:
            whole[lower] = None
            continue
        first = lower[:_BEGINNING]
        common = beginnings.get(first)
        if common is None:
            beginnings[first] = lower
        else:
            while not lower.startswith(common):
                common = common[:-1]
            beginnings[first] = common
    for prefix in prefixes:
        beginnings[prefix] = prefix.lower()
    return Scan(tuple([common[:_LONGEST_BEGINNING] for common in beginnings.values()]), tuple(whole))


def small_letters(text: str) -> str:
    """The text in small letters with straight apostrophes. Its length does not change."""
    if text.isascii():
        return text.lower()
    if len(text) > _TABLE_FROM:
        units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        return _lower_table().take(units).tobytes().decode("utf-16-le", "surrogatepass")
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text.replace("İ", "I").lower()
    for apostrophe in APOSTROPHES[1:]:
        lowered = lowered.replace(apostrophe, "'")
    return lowered


@cache
def _lower_table() -> npt.NDArray[np.uint16]:
    """UTF-16 code unit -> its small letter. Halves of surrogate pairs stay as they are."""
    table = np.arange(0x10000, dtype=np.uint16)
    for first, last in _CASED:
        # With blanks between the letters: right behind a letter, a capital sigma would become a final one (ς).
        letters = " ".join(map(chr, range(first, last))).replace("İ", "I").lower()[::2]
        table[first:last] = np.frombuffer(letters.encode("utf-16-le"), np.uint16)
    for apostrophe in APOSTROPHES:
        table[ord(apostrophe)] = ord("'")
    return table


def has_marks(text: str) -> bool:
    """Whether the text has a mark that is frequent inside words."""
    if not text.isascii():
        for mark in _COMMON_MARKS:  # half the time of `any`
            if mark in text:
                return True
    return False


def may_hide_words(text: str) -> bool:
    """Whether a word of the text may have a spelling that a scan misses."""
    return not text.isascii() and (
        _ODD.search(text) is not None
        or (_LATIN.search(text) is not None and _CYRILLIC.search(text) is not None and _MIXED.search(text) is not None)
    )


def odd_places(text: str) -> list[int]:
    """The offsets, ascending, of characters through which a scan may miss a word."""
    units = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds().take(units, mode="clip")
    odd = kinds == _ODD_CHARACTER
    # Latin and Cyrillic letters side by side, or with one digit or apostrophe between them.
    either = kinds & (_LATIN_LETTER | _CYRILLIC_LETTER)
    odd[1:] |= (either[1:] | either[:-1]) == (_LATIN_LETTER | _CYRILLIC_LETTER)
    odd[2:] |= ((either[2:] | either[:-2]) == (_LATIN_LETTER | _CYRILLIC_LETTER)) & (kinds[1:-1] == _JOINT)
    return np.flatnonzero(odd).tolist()


_LATIN_LETTER, _CYRILLIC_LETTER, _JOINT, _ODD_CHARACTER = 1, 2, 4, 8


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """The kind of each character. The last entry stands for all characters beyond the first plane."""
    kinds = np.zeros(0x10000, np.uint8)
    kinds[ord("A") : ord("Z") + 1] = kinds[ord("a") : ord("z") + 1] = _LATIN_LETTER
    kinds[0x400:0x500] = _CYRILLIC_LETTER
    kinds[[ord(joint) for joint in f"0123456789{APOSTROPHES}"]] = _JOINT
    every = "".join(map(chr, (*range(0x80, 0x2100), *range(0xAB00, 0xB000), *range(0xFB00, 0x10000))))
    kinds[[ord(odd) for odd in _ODD.findall(every)]] = _ODD_CHARACTER
    return kinds
