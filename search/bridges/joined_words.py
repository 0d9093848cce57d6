"""Words written as one or as several: веб-сервис is вебсервис, ЧёрнаяПятница is «чёрная пятница»."""

from __future__ import annotations

from naidi.indexer.late import pattern
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST = 3  # letters of a word that is told by its capital: iPhone is no phone
MOST = 6  # words

_WORD = pattern("[A-ZА-ЯЁ]?[a-zа-яё]+")


def words_of(text: str) -> list[str]:
    """The words of a name in which each has a capital, as hashtags and programs have; none for other words.

    >>> words_of("#ЧёрнаяПятница"), words_of("StringBuilder"), words_of("iPhone"), words_of("МИДом")
    (['Чёрная', 'Пятница'], ['String', 'Builder'], [], [])
    """
    text = text.lstrip("#@")
    found = _WORD.findall(text)
    is_whole = 2 <= len(found) <= MOST and "".join(found) == text
    return found if is_whole and all(len(word) >= SHORTEST for word in found) else []


def joined(parts: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """The keys that the parts of a hyphenated word may have as one word, the surest first; none if a part has other characters
    than letters.

    parts: text and keys of each.

    >>> joined([("веб", ["веб"]), ("Сервисы", ["сервис"])])
    ['вебсервис', 'вебсервисы']
    """
    if not all(text.isalpha() for text, _ in parts):
        return []
    start = "".join([text.casefold() for text, _ in parts[:-1]]).replace("ё", "е")
    last, keys = parts[-1]
    ends = [*(key for key in keys if key.islower()), last.casefold().replace("ё", "е")]
    return list(dict.fromkeys(start + end for end in ends))
