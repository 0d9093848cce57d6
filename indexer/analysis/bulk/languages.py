"""Detects the languages of many texts at once, for indexing. The results are those of `language.detect_language`.

Counts of letters and of common words decide nearly every English or Russian text. The compiled core takes these counts.
`detect_language` decides the other texts, one by one, or all without the core.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ... import core
from .. import language
from ..language import detect_language

if TYPE_CHECKING:
    from naidi._core import CommonWords

_ENGLISH, _OTHER_LATIN = 1, 2  # bits


def detect_languages(texts: Sequence[str]) -> list[str]:
    """`detect_language` of each text."""
    settled = _settled(texts) if core.is_used else [""] * len(texts)
    return [code or detect_language(text) for text, code in zip(texts, settled, strict=True)]


@cache
def _common_words() -> CommonWords:
    from naidi._core import CommonWords

    bits = dict.fromkeys(language.ENGLISH, _ENGLISH)
    bits |= {word: bits.get(word, 0) | _OTHER_LATIN for word in language.OTHER_LATIN}
    return CommonWords(bits, language.EDGES)


def _settled(texts: Sequence[str]) -> list[str]:
    """The language of each text, or "" if the counts do not decide."""
    counted = np.frombuffer(_common_words().count([language.prose_of(text) for text in texts]), np.int64).reshape(-1, 7)
    words, letters, cyrillic, english_words, other, accented, unclear = counted.T
    running = (
        (english_words > other)
        & (english_words >= language.ENGLISH_WORDS)
        & (english_words >= language.ENGLISH_SHARE * words)
    )
    latin = letters - cyrillic
    is_cyrillic = (cyrillic >= latin) | ((cyrillic > language.NAMES_AND_CODE * latin) & ~running)
    foreign = (other > english_words) & (other >= np.maximum(language.OTHER_WORDS, language.OTHER_SHARE * words))
    settled = (letters > 0) & (unclear == 0)
    english = settled & ~is_cyrillic & (running | ~foreign & (accented == 0))
    russian = settled & is_cyrillic
    return ["en" if en else "ru" if ru else "" for en, ru in zip(english.tolist(), russian.tolist(), strict=True)]
