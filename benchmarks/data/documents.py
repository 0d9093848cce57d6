"""What is a document of a text, when is it taken, and what is tidied in it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Documents with fewer letters are left out.
LETTERS = 40
# Of the letters of a Russian document at least so many are Cyrillic; of an English one at most so many.
RUSSIAN, ENGLISH = 0.25, 0.02

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


class Text(NamedTuple):
    """A document before it is known of which source it is. `key` is what follows the colon in its id."""

    key: str
    title: str
    text: str
    date: str = ""


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and with no more than one empty line between two others."""
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def one_line(text: str) -> str:
    """Every run of white space is a single space."""
    return " ".join(text.split())


def cyrillic_share(text: str) -> float:
    """How many of the letters are Russian ones: 0 to 1."""
    return len(_CYRILLIC.findall(text)) / max(1, _letters(text))


def kept(texts: Iterable[Text], language: str) -> Iterator[Text]:
    """Those that are long enough, are in the language, and do not repeat an earlier title and text.

    Parameters: the documents of a source in the order of its files, and `en` or `ru`.
    """
    seen: set[tuple[str, str]] = set()
    for found in texts:
        if _letters(found.text) < LETTERS or (found.title, found.text) in seen:
            continue
        share = cyrillic_share(found.text)
        if share >= RUSSIAN if language == "ru" else share <= ENGLISH:
            seen.add((found.title, found.text))
            yield found


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
