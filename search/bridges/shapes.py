"""Finds words whose letters were taken for Latin ones by their shape, as character recognition does: Hanpapnenue, MockBa.

Each Russian letter has the letters and digits that look like it. Keys of the index are followed letter by letter, so no spelling
is made that the index lacks.
"""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING

from ..budget import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..collection import Collection, SegmentView

SHORTEST = 5
"""Letters of a word. Shorter ones look like too many others."""
LONGEST = 24
MOST = 8  # keys

# Keys are in small letters. So H, which looks like Н, is h, and M is m.
_SHAPES = {
    "а": "a", "б": "6 b", "в": "b 8 p", "г": "r f", "д": "a g d", "е": "e", "ж": "x k", "з": "3 z s", "и": "u n", "й": "u n",
    "к": "k", "л": "n l ji", "м": "m", "н": "h n", "о": "o 0", "п": "n p", "р": "p", "с": "c", "т": "t m", "у": "y", "ф": "o p",
    "х": "x", "ц": "u", "ч": "4 y h", "ш": "w m", "щ": "w m", "ъ": "b", "ы": "bi bl", "ь": "b", "э": "3 9", "ю": "io 10",
    "я": "r 9",
}  # fmt: skip
_LOOKS = {letter: (letter, *shapes.split()) for letter, shapes in _SHAPES.items()}


def look_alikes(collection: Collection, word: str) -> list[str]:
    """The keys that look like a Russian word, but for some letters of the other alphabet. None is a common word of a dictionary.

    Parameters:
      collection: the index.
      word: case-folded, with е for ё. A word with other letters, or of too few or too many, has none.
    """
    if not SHORTEST <= len(word) <= LONGEST or not all(letter in _LOOKS for letter in word):
        return []
    found: dict[str, None] = {}
    for view in collection.views:
        check()
        for key in _of_segment(view, word):
            if key != word and not collection.is_common_key(key):
                found[key] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _of_segment(view: SegmentView, word: str) -> Iterator[str]:
    table = view.segment.keys
    begun = [""]
    for letter in word:
        begun = [
            longer
            for start in begun
            for shape in _LOOKS[letter]
            if (longer := start + shape) and len(table.prefix_range(longer))
        ]
    for key in begun:
        number = table.find(key)
        if number >= 0 and view.has_key(number):
            yield key
