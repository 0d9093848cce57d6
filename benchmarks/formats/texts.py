"""The texts that are written out as files, and their words, which must be found again."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PROSE = ("abc-", "bbc", "enwiki", "gutenberg", "reuters", "lenta", "nerel", "ruslit", "php-")
"""Sources whose texts have no markup."""

_WORD = re.compile(r"[^\W\d_]+")
# What every tokenizer takes for one word: nothing beside it that may belong to it.
_PLAIN = re.compile(
    r"(?<![\w\u0300-\u036f'’\-.@/\\&#;])(?:[a-z]{5,14}|[а-я]{5,14})(?![\w\u0300-\u036f'’\-@/\\(=:])(?!\.\w)",
    re.IGNORECASE,
)


class Text(NamedTuple):
    """A document of the corpus. `date` is YYYY-MM-DD, or empty."""

    id: str
    title: str
    text: str
    language: str
    date: str

    @property
    def is_prose(self) -> bool:
        return self.id.startswith(PROSE)


Texts = Sequence[Text]
"""The texts of one file."""


def texts(corpus: Path) -> Iterator[Text]:
    """The documents of a corpus. Raises SystemExit where there is none."""
    shards = sorted(corpus.glob("corpus-*.jsonl.gz"))
    if not shards:
        raise SystemExit(f"{corpus}: no corpus-*.jsonl.gz here")
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                date = row.get("date") or ""
                title = " ".join((row.get("title") or row["id"].rpartition("/")[2]).split())
                yield Text(row["id"], title, _clean(row["text"]), row["lang"], date if len(date) == 10 else "")


def _clean(text: str) -> str:
    """The text without control characters, which most formats cannot hold."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co") else " " for char in text
    )


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each one line. Lines that were cut by hand are joined."""
    lines = text.split("\n")
    parts = lines if max(map(len, lines)) > 120 else re.split(r"\n\s*\n|\n(?=\s{2,})", text)
    return [joined for part in parts if (joined := " ".join(part.split()))]


def words(text: str) -> Counter[str]:
    """How often each word of three letters or more stands in a text, in lower case."""
    found = _WORD.findall(unicodedata.normalize("NFC", text).replace("\xad", "").lower())
    return Counter(word for word in found if len(word) > 2)


def plain_words(text: str) -> list[str]:
    """Words that are searched for as they are, in lower case, in their order."""
    return [word.lower() for word in _PLAIN.findall(text)]


def rare_words(text: str, frequencies: Counter[str], count: int = 3) -> list[str]:
    """The rarest word of each part of a text, of `count` parts: a file that is read half shows.

    frequencies: in how many texts each word is.
    """
    found = [word for word in plain_words(text) if word in frequencies]
    cuts = [len(found) * number // count for number in range(count + 1)]
    parts = [found[start:end] for start, end in itertools.pairwise(cuts)]
    return list(dict.fromkeys(min(part, key=lambda word: frequencies[word]) for part in parts if part))


def frequencies(every: Iterable[str]) -> Counter[str]:
    """In how many of the texts each plain word is."""
    return Counter(word for text in every for word in set(plain_words(text)))


def quoted(all_texts: Sequence[Text], characters: dict[str, str]) -> list[Text]:
    """The texts with other characters for some."""
    table = str.maketrans(characters)
    return [one._replace(title=one.title.translate(table), text=one.text.translate(table)) for one in all_texts]
