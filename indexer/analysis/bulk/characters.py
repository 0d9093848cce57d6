"""What each character is for the tokenizer, as tables for the compiled core. They are made from the tokenizer's own patterns."""

from __future__ import annotations

import re
from array import array
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..normalize import APOSTROPHES, CYRILLIC_C
from ..tokenizer import MARKS

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

# Bits of a kind; csrc/indexing.h has the same.
_PART_OF_WORD, _LATIN, _CYRILLIC, _CAPITAL, _ODD, _MARK, _BEFORE_PLUSES, _BEFORE_HASH = (1 << bit for bit in range(8))
_COUNT = 1 << 16
_SETS = {
    r"[^\W_]": _PART_OF_WORD | _ODD,
    f"[{MARKS}{APOSTROPHES}]": _PART_OF_WORD | _ODD,
    "[a-zA-Z]": _PART_OF_WORD | _LATIN,
    "[а-яёА-ЯЁ]": _PART_OF_WORD | _CYRILLIC,
    "[0-9]": _PART_OF_WORD,
    "[+#.]": _MARK,
}
_MORE = {"[A-ZА-ЯЁ]": _CAPITAL, f"[Cc{CYRILLIC_C}]": _BEFORE_PLUSES, f"[CcFf{CYRILLIC_C}]": _BEFORE_HASH}


class CharacterTables(NamedTuple):
    """Tables over the first 65,536 code points.

    kinds: the bits of each.
    small: the small letter of each English or Russian capital, other characters as they are (uint16).
    """

    kinds: bytes
    small: bytes


@cache
def character_tables() -> CharacterTables:
    """The tables. Beyond them a letter or digit, as `str.isalnum` says, is an odd part of a word."""
    every = "".join(map(chr, range(_COUNT)))
    kinds = bytearray(_COUNT)
    for pattern, kind in _SETS.items():
        for run in re.finditer(f"{pattern}+", every):
            kinds[run.start() : run.end()] = bytes((kind,)) * (run.end() - run.start())
    small = array("H", range(_COUNT))
    for pattern, kind in _MORE.items():
        for character in re.findall(pattern, every):
            kinds[ord(character)] |= kind
            small[ord(character)] = ord(character.lower())
    return CharacterTables(bytes(kinds), small.tobytes())
