"""Numbers the forms of the words of many texts: the fast path of indexing. It agrees with `tokenizer.forms` word for word.

A text is encoded as one byte a character, with a space for everything between words. A word of up to 16 bytes is then two
64-bit numbers. Array operations look up all words at once, in a table of words met before. Only a new word becomes a
string. A text with letters outside the code page takes the slow path, word by word.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence

import numpy as np

from ..normalize import APOSTROPHES
from ..tokenizer import MARK_OF_NAME, MARKS, WORD, lower_headlines, word_form
from .code_page import CODE_PAGE, OutsideCodePage, decoded, encoded
from .word_table import UNSEEN, WORD_BYTES, Array, WordTable, as_pairs

# With more spellings than this (some 60 MB), a caller should begin a new FormNumbering.
CAPACITY = 300_000
_TEXT_PIECE = 1_000_000  # characters of a long text that are handled at once
_AT_ONCE = 250_000  # bytes that are looked up at once: their arrays stay in the processor's cache
_SPECIAL = 1 << 31  # added to the number of an expansion, to distinguish it from the number of a form

_PART_OF_WORD = re.compile(rf"[^\W_]|[{MARKS}{APOSTROPHES}]")
_SPACE = 32
_GAPS_TO_SPACES = bytes(code if _PART_OF_WORD.match(letter) else _SPACE for code, letter in enumerate(CODE_PAGE))
# Words of one script whose form is the word in small letters.
_PLAIN = re.compile("[A-Z]?[a-z0-9]{0,254}|[А-ЯЁ]?[а-яё0-9]{0,254}").fullmatch

_BETWEEN_WORDS = re.compile(r"[ \n]")


def _gap(error: UnicodeError) -> tuple[str, int]:
    """The handler of characters outside the code page. They are gaps between words, unless they belong to a word."""
    assert isinstance(error, UnicodeEncodeError)
    if _PART_OF_WORD.search(error.object, error.start, error.end):
        raise OutsideCodePage
    return " " * (error.end - error.start), error.end


codecs.register_error("naidi_gap", _gap)


class FormNumbering:
    """Numbers the forms of texts in the order in which they are met. Threads must not share it.

    forms: the form of each number. They stay from call to call, since the next texts have mostly the same forms.
    """

    def __init__(self) -> None:
        self.forms: list[str] = []
        self._numbers: dict[str, int] = {}
        self._table = WordTable()
        self._long: dict[bytes, int] = {}  # words that are too long for the table
        self._outside: dict[str, int] = {}  # words of texts outside the code page
        self._expansions: list[list[int]] = []  # forms of runs that are not exactly one word: '' is none, a''b are two

    def __len__(self) -> int:
        """How many spellings of words are known."""
        return len(self._table) + len(self._long) + len(self._outside)

    def number(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """The form numbers of the words of all texts (uint32), and how many words each text has (int64)."""
        counts = np.zeros(len(texts), np.int64)
        found: list[Array] = []
        waiting: list[tuple[int, bytes]] = []
        waiting_bytes = 0

        def work_off() -> None:
            nonlocal waiting, waiting_bytes
            if waiting:
                numbers, lengths = self._number_codes([codes for _, codes in waiting])
                found.append(numbers)
                np.add.at(counts, [place for place, _ in waiting], lengths)
                waiting, waiting_bytes = [], 0

        for place, text in enumerate(texts):
            for piece in _pieces(lower_headlines(text)):
                try:
                    codes = _words_alone(encoded(piece, "naidi_gap"), piece)
                except OutsideCodePage:
                    work_off()
                    found.append(self._number_outside(piece))
                    counts[place] += len(found[-1])
                else:
                    waiting.append((place, codes))
                    waiting_bytes += len(codes)
                    if waiting_bytes >= _AT_ONCE:
                        work_off()
        work_off()
        return (np.concatenate(found) if found else np.zeros(0, np.uint32)), counts

    def _form_number(self, raw: str) -> int:
        form = raw.lower() if _PLAIN(raw) else word_form(raw)
        number = self._numbers.get(form)
        if number is None:
            number = self._numbers[form] = len(self.forms)
            self.forms.append(form)
        return number

    def _number_outside(self, text: str) -> Array:
        known = self._outside
        raws = WORD.findall(text)
        for raw in {raw for raw in raws if raw not in known}:
            known[raw] = self._form_number(raw)
        return np.fromiter(map(known.__getitem__, raws), np.uint32, len(raws))

    def _number_codes(self, texts: list[bytes]) -> tuple[Array, Array]:
        """The form numbers of the words of texts in the code page, and how many words each text has."""
        # A space before the first word. Behind the last, as many spaces as the loads of a long word may reach.
        data = b" %b%b" % (b" ".join(texts), b" " * (WORD_BYTES + 1))
        in_word = np.frombuffer(data, np.uint8) != _SPACE
        edges = np.flatnonzero(in_word[1:] != in_word[:-1]) + 1
        starts, ends = edges[0::2], edges[1::2]
        numbers = self._look_up(data, starts, ends)
        text_ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        counts = np.diff(np.searchsorted(starts, text_ends), prepend=0)
        special = np.flatnonzero(numbers >= _SPECIAL)
        if len(special):
            expansions = [self._expansions[number - _SPECIAL] for number in numbers[special].tolist()]
            lengths = np.ones(len(numbers), np.int64)
            lengths[special] = [len(expansion) for expansion in expansions]
            np.add.at(counts, np.searchsorted(text_ends, starts[special]), lengths[special] - 1)
            numbers = np.repeat(numbers, lengths)
            for place, expansion in zip((np.cumsum(lengths) - lengths)[special].tolist(), expansions, strict=True):
                numbers[place : place + len(expansion)] = expansion
        return numbers, counts

    def _look_up(self, data: bytes, starts: Array, ends: Array) -> Array:
        """The form number of each run data[start:end]. A run that is not exactly one word has _SPECIAL + its expansion."""
        lengths = ends - starts
        low, high = as_pairs(data, starts, lengths)
        numbers = self._table.find(low, high)
        long = np.flatnonzero(lengths > WORD_BYTES)
        if len(long):
            words = [data[start:end] for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True)]
            self._learn_long(list({word for word in words if word not in self._long}))
            numbers[long] = [self._long[word] for word in words]
        new = np.flatnonzero(numbers == UNSEEN)
        if len(new):
            words = [data[start:end] for start, end in zip(starts[new].tolist(), ends[new].tolist(), strict=True)]
            first = dict(zip(reversed(words), reversed(new.tolist()), strict=True))
            places = np.fromiter(first.values(), np.int64, len(first))
            self._table.add(low[places], high[places], self._numbers_of(list(first)))
            numbers[new] = self._table.find(low[new], high[new])
        return numbers

    def _learn_long(self, words: list[bytes]) -> None:
        if words:
            self._long.update(zip(words, self._numbers_of(words), strict=True))

    def _numbers_of(self, words: list[bytes]) -> list[int]:
        raws = decoded(b" ".join(words)).split(" ")
        return [self._form_number(raw) if _PLAIN(raw) else self._number_of_odd(raw) for raw in raws]

    def _number_of_odd(self, raw: str) -> int:
        """The number of a form; or of an expansion, if apostrophes or the length of the run make it none or several words."""
        expansion = [self._form_number(word) for word in WORD.findall(raw)]
        if len(expansion) == 1:
            return expansion[0]
        self._expansions.append(expansion)
        return _SPECIAL + len(self._expansions) - 1


def _words_alone(codes: bytes, text: str) -> bytes:
    """The encoded text with spaces for everything that is no part of a word."""
    words = codes.translate(_GAPS_TO_SPACES)
    lower = codes.lower()
    spans = []
    # To find these bytes takes a fraction of the time of a pattern.
    for mark in (b"#", b"++", b".net"):
        place = lower.find(mark)
        while place >= 0:
            if found := MARK_OF_NAME.match(text, place):
                spans.append(found.span())
            place = lower.find(mark, place + 1)
    if not spans:
        return words
    marked = bytearray(words)
    for start, end in spans:
        marked[start:end] = codes[start:end]
    return bytes(marked)


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
