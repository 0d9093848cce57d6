"""Reads dictionaries of the dictd format, such as Debian's packages of Mueller's dictionary, FreeDict and WikDict.

`NAME.index` has a line for each headword: the headword, where its entry begins in `NAME.dict`, and how many bytes it has, between
tabs, both numbers in base 64. `NAME.dict.dz` is the same text as a gzip file. An entry is for people. What can be relied on is
little: numbers before senses, brackets around what is no counterpart, commas and semicolons between counterparts. Behind them
stand examples, which have words of both languages.
"""

from __future__ import annotations

import os

from naidi.indexer.errors import InvalidDictionary
from naidi.indexer.late import pattern, zlib
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING

from .bilingual_list import Entry, is_english, is_russian
from .function_words import is_function_word

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 200_000_000
"""Bytes of the text of a dictionary at most. The largest have a tenth of it."""

_DIGITS = {
    letter: value for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
# Headwords under which a dictionary tells of itself: 00-database-info, 00databaseshort.
_ABOUT_ITSELF = pattern(r"00-?database")
_SUFFIXES = (".index", ".dict", ".dict.dz")
_LONGEST_ENTRY = 20_000

# Pronunciation, grammar and notes: [laɪt], /lait/, <n, sg>, (обыкн. pl.), {см. тж.}.
_NOTES = pattern(r"\[[^\]]*\]|/[^/\n]*/|<[^>]*>|\([^()]*\)|\{[^}]*\}")
# Labels of Mueller's dictionary: _n., _разг., _II.
_LABEL = pattern(r"_[\w-]+\.?")
# Before a part of speech (`1. _n.`), and before a sense (`1)`, `а)`; in FreeDict, which has no parts of speech so, `1.`).
_PART = pattern(r"(?:^|\s)\d+\.(?=\s)|(?:^|\s)_[IVX]+(?=[\s\[])")
_SENSE = pattern(r"(?:^|\s)(?:\d+|[а-я])\)")
_BETWEEN = pattern(r"[;,\n]")
_LATIN = pattern(r"[A-Za-z]")
_CYRILLIC = pattern(r"[А-Яа-яЁё]")
_ARTICLE = pattern(r"(?:to|a|an|the)\s+")


def files_of(path: str) -> tuple[str, str]:
    """(`.index` file, `.dict` or `.dict.dz` file) of a dictionary. path: of either, or of both without what follows the name.

    Raises InvalidDictionary if one of the two is not there.
    """
    base = next((path.removesuffix(suffix) for suffix in _SUFFIXES if path.endswith(suffix)), path)
    texts = [base + suffix for suffix in _SUFFIXES[1:]]
    if not os.path.isfile(base + _SUFFIXES[0]):
        raise InvalidDictionary(
            message(
                "{file}: there is no such file; a dictionary of dictd has an .index and a .dict or .dict.dz",
                file=base + _SUFFIXES[0],
            )
        )
    if not any(map(os.path.isfile, texts)):
        raise InvalidDictionary(
            message(
                "{one} or {other}: there is no such file; a dictionary of dictd has an .index and a .dict or .dict.dz",
                one=texts[0],
                other=texts[1],
            )
        )
    return base + _SUFFIXES[0], next(filter(os.path.isfile, texts))


def entries_of(path: str) -> Iterator[Entry]:
    """The entries of a dictionary in which there are counterparts in the other language.

    path: as in `files_of`. Function words have no entry: each is in half of all texts.

    Raises InvalidDictionary, and OSError as the system does.
    """
    index, text = files_of(path)
    data = _text_of(text)
    for headword, start, length in _rows(index, len(data)):
        if _ABOUT_ITSELF.match(headword) or length > _LONGEST_ENTRY:
            continue
        is_of_english = is_english(headword)
        if (not is_of_english and not is_russian(headword)) or is_function_word(headword.casefold()):
            continue
        try:
            body = data[start : start + length].decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidDictionary(
                message(
                    "{path}: the entry {headword} is not UTF-8; convert the dictionary",
                    path=text,
                    headword=repr(headword),
                )
            ) from None
        found = counterparts(headword, body, of_english=bool(is_of_english))
        if found:
            yield Entry(headword, found, length)


def _text_of(path: str) -> bytes:
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if path.endswith(".dz"):
        unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            data = unpacker.decompress(data, MAX_BYTES + 1)
        except zlib.error:
            raise InvalidDictionary(message("{path}: it is no gzip file, or it is damaged", path=path)) from None
        if not unpacker.eof and len(data) <= MAX_BYTES:
            raise InvalidDictionary(message("{path}: it ends too early", path=path))
    if len(data) > MAX_BYTES:
        raise InvalidDictionary(message("{path}: it is longer than {most:,} bytes", path=path, most=MAX_BYTES))
    return data


def _rows(path: str, size: int) -> Iterator[tuple[str, int, int]]:
    """(headword, start, length) of each line of an index. size: bytes of the text."""
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES)
    for number, line in enumerate(data.splitlines(), 1):
        try:
            headword, start, length, *_ = line.decode("utf-8").split("\t")
            begin, count = _number(start), _number(length)
        except (ValueError, KeyError):
            raise InvalidDictionary(
                message("{path}, line {number}: it is no headword with two numbers behind it", path=path, number=number)
            ) from None
        if begin + count > size:
            raise InvalidDictionary(
                message("{path}, line {number}: its entry lies behind the end of the text", path=path, number=number)
            )
        yield headword, begin, count


def _number(digits: str) -> int:
    if not 0 < len(digits) <= 6:
        raise ValueError(digits)
    value = 0
    for digit in digits:
        value = value * 64 + _DIGITS[digit]
    return value


def counterparts(headword: str, body: str, *, of_english: bool) -> list[str]:
    """The counterparts that an entry gives, the commonest first.

    First those that begin a sense of a part of speech, then those behind them. body: the entry as it stands. of_english: whether
    the headword is English.
    """
    text = body.strip()
    if text.casefold().startswith(headword.casefold()):
        text = text[len(headword) :].lstrip("‐-")
    text = _NOTES.sub(" ", text)
    ranked = []
    for part_number, part in enumerate(_of_parts(text)):
        senses = [found for sense in _SENSE.split(part) if (found := _of_sense(sense, of_english))]
        for sense_number, sense in enumerate(senses):
            ranked += [(sense_number + place, part_number, sense_number, word) for place, word in enumerate(sense)]
    return list(dict.fromkeys(word for *_, word in sorted(ranked)))


def _of_parts(text: str) -> list[str]:
    return [part for part in _PART.split(text) if part.strip()]


def _of_sense(sense: str, of_english: bool) -> list[str]:
    """The counterparts that stand in a sense before its first example."""
    own, is_other = (_LATIN, is_russian) if of_english else (_CYRILLIC, is_english)
    found = []
    for piece in _BETWEEN.split(" ".join(_LABEL.sub(" ", sense).split())):
        word = piece.strip(' .:!?"«»')
        if own.search(word):
            break
        if not of_english:
            word = _ARTICLE.sub("", word, count=1) if _ARTICLE.match(word) else word
        if word and is_other(word) and not is_function_word(word.casefold()):
            found.append(word)
    return found
