"""Numbers the forms of the words of many texts, for indexing. It agrees with `tokenizer.forms` word for word.

The compiled core reads the texts as they are, and asks only for the forms of words that it meets for the first time and that are
not plain. It lets other threads run meanwhile. Without the core a word is looked up by its spelling.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from ... import core
from ..tokenizer import WORD, lower_headlines, word_form
from .characters import Array, character_tables

# With more spellings than this (some 60 MB), a caller should begin a new numbering.
CAPACITY = 300_000
_TEXT_PIECE = 1_000_000  # characters of a long text whose words are strings at once
_BETWEEN_WORDS = re.compile(r"[ \n]")


class FormNumbering(Protocol):
    """Numbers the forms of texts. Threads must not share it. It is of no further use after an error."""

    @property
    def forms(self) -> list[str]:
        """The form of each number. They stay from call to call, since the next texts have mostly the same forms."""

    def __len__(self) -> int:
        """How many spellings of words are known."""

    def number(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """The form numbers of the words of all texts (uint32), and how many words each text has (int64)."""


def form_numbering() -> FormNumbering:
    """A FormNumbering that knows no form yet."""
    return CoreNumbering() if core.is_used else PlainNumbering()


class PlainNumbering:
    """A FormNumbering without the core."""

    def __init__(self) -> None:
        self.forms: list[str] = []
        self._of_forms: dict[str, int] = {}
        self._of_words: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._of_words)

    def number(self, texts: Sequence[str]) -> tuple[Array, Array]:
        known = self._of_words
        found, counts = [np.zeros(0, np.uint32)], np.zeros(len(texts), np.int64)
        for place, text in enumerate(texts):
            for piece in _pieces(lower_headlines(text)):
                raws = WORD.findall(piece)
                counts[place] += len(raws)
                for raw in dict.fromkeys(raws):
                    if raw not in known:
                        known[raw] = self._form_number(word_form(raw))
                found.append(np.fromiter(map(known.__getitem__, raws), np.uint32, len(raws)))
        return np.concatenate(found), counts

    def _form_number(self, form: str) -> int:
        number = self._of_forms.setdefault(form, len(self.forms))
        if number == len(self.forms):
            self.forms.append(form)
        return number


class CoreNumbering:
    """A FormNumbering of the compiled core."""

    def __init__(self) -> None:
        from naidi._core import Numbering

        self._core = Numbering(*character_tables(), os.urandom(16), _forms_of_run, lower_headlines)

    @property
    def forms(self) -> list[str]:
        return self._core.forms

    def __len__(self) -> int:
        return len(self._core)

    def number(self, texts: Sequence[str]) -> tuple[Array, Array]:
        numbers, counts = self._core.number(texts)
        return np.frombuffer(numbers, np.uint32), np.frombuffer(counts, np.int64)


def _forms_of_run(run: str) -> list[str]:
    """The forms of a run of the characters of words: none, one, or several if it is long or has apostrophes."""
    return [word_form(word) for word in WORD.findall(run)]


def _pieces(text: str) -> Iterator[str]:
    """The text. A long text comes in pieces, cut between words."""
    start = 0
    while len(text) - start > 2 * _TEXT_PIECE:
        cut = _BETWEEN_WORDS.search(text, start + _TEXT_PIECE)
        if cut is None:
            break
        yield text[start : cut.start()]
        start = cut.start()
    yield text[start:] if start else text
