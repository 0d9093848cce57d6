"""Decodes the pairs (paradigm, index) of OpenCorpora: how a form leads to its lemma, and its tag.

A paradigm is one array with three rows: suffix ids, tag ids, prefix ids. Column 0 is the lemma.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from pathlib import Path
from struct import unpack_from
from typing import NamedTuple

# The features of a reading that the lemma rules use, as bits.
ADJECTIVE, PARTICIPLE, SHORT, ADVERB, COMPARATIVE, SUPERLATIVE, ABBREVIATION, NAME = (1 << n for n in range(8))
FEATURES = {
    "ADJF": ADJECTIVE,
    "PRTF": PARTICIPLE,
    "ADJS": SHORT,
    "PRTS": SHORT,
    "ADVB": ADVERB,
    "CONJ": ADVERB,  # parenthetic видимо, похоже
    "COMP": COMPARATIVE,
    "Supr": SUPERLATIVE,
    "Abbr": ABBREVIATION,
    "Name": NAME,
    "Surn": NAME,
    "Patr": NAME,
    "Geox": NAME,
    "Orgn": NAME,
    "Trad": NAME,
}

PARADIGMS = "paradigms.array"

# Closed classes: no unknown word is predicted to be one of these.
_UNPRODUCTIVE = frozenset({"NUMR", "NPRO", "PRED", "PREP", "CONJ", "PRCL", "INTJ", "Apro"})


class Tag(NamedTuple):
    text: bytes  # as it stands in the probability table
    grammemes: tuple[str, ...]
    features: int
    productive: bool


class ParadigmEntry(NamedTuple):
    """A column of a paradigm. The lemma of its form is `left + form[cut_left : len(form) - cut_right] + right`."""

    left: str
    cut_left: int
    cut_right: int
    right: str
    tag: Tag
    paradigm: int


class Paradigms:
    """The paradigms in `folder`. affixes: the prefix of each prefix id. tag_file: has the tag of each tag id."""

    def __init__(self, folder: Path, affixes: Sequence[str], tag_file: str) -> None:
        self._affixes = affixes
        self.suffixes: list[str] = json.loads((folder / "suffixes.json").read_bytes())
        self.tags = [tag_of(text) for text in json.loads((folder / tag_file).read_bytes())]
        self._paradigms = _read(folder / PARADIGMS)
        self._decoded: dict[bytes, ParadigmEntry] = {}

    def columns(self, pairs: Sequence[bytes]) -> tuple[ParadigmEntry, ...]:
        """The columns of some pairs. Each pair is four bytes: paradigm, index."""
        return tuple([self._decoded.get(pair) or self._column(pair) for pair in pairs])

    def _column(self, pair: bytes) -> ParadigmEntry:
        paradigm_id, index = unpack_from(">HH", pair)
        paradigm = self._paradigms[paradigm_id]
        length = len(paradigm) // 3
        entry = self._decoded[pair] = ParadigmEntry(
            left=self._affixes[paradigm[2 * length]],
            cut_left=len(self._affixes[paradigm[2 * length + index]]),
            cut_right=len(self.suffixes[paradigm[index]]),
            right=self.suffixes[paradigm[0]],
            tag=self.tags[paradigm[length + index]],
            paradigm=paradigm_id,
        )
        return entry


def tag_of(text: str) -> Tag:
    """The tag with this text."""
    grammemes = tuple(text.replace(" ", ",").split(","))
    features = 0
    for grammeme in grammemes:
        features |= FEATURES.get(grammeme, 0)
    return Tag(text.encode(), grammemes, features, _UNPRODUCTIVE.isdisjoint(grammemes))


def _read(path: Path) -> list[array[int]]:
    """The arrays of a file: their number, then each array with its length before it. Numbers have 16 bits, low byte first."""
    numbers = array("H", path.read_bytes())
    found = []
    place = 1
    for _ in range(numbers[0]):
        length = numbers[place]
        found.append(numbers[place + 1 : place + 1 + length])
        place += 1 + length
    return found
