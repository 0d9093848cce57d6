"""Finds where the text of a document goes on behind its own title.

Most titles are the first line or sentence of the text. A snippet that shows it again says nothing new.
"""

from __future__ import annotations

from .shorten import ELLIPSIS

# A title that is part of the text stands in one of the first lines.
_LINES = 6
# A sentence may end with these, and a closing quote or bracket.
_SENTENCE_ENDS = frozenset(".!?…:")
_CLOSING = frozenset(")]}»”\"'*_#=` \t")
_NO_TITLE = 0, True


def behind_title(text: str, title: str) -> tuple[int, bool]:
    """(where the text goes on behind its title, whether a sentence ends there); (0, True) if it does not begin with its title.

    Letters and digits are compared alone, so marks of Markdown and white space do not count. A title that is cut («…») ends inside
    a sentence. A title that is only the first words of a longer sentence is no part of the text.
    """
    cut = title.endswith(ELLIPSIS)
    wanted = [character for character in title.casefold() if character.isalnum()]
    if not wanted:
        return _NO_TITLE
    start = 0
    for _ in range(_LINES):
        end = _end_of(text, start, wanted)
        if end >= 0:
            behind = _behind(text, end)
            if behind >= 0:
                return behind, True
            if cut:
                return end, False
        start = text.find("\n", start) + 1
        if not start:
            break
    return _NO_TITLE


def _end_of(text: str, start: int, wanted: list[str]) -> int:
    """Where the letters and digits that are wanted end, if those from `start` on are the same; else -1."""
    number, position, size = 0, start, len(text)
    # Between two of them may stand blanks and marks, but not much more than in the title.
    limit = min(size, start + 4 * len(wanted) + 100)
    while position < limit:
        character = text[position]
        position += 1
        if character.isalnum():
            for folded in character.casefold():
                if not folded.isalnum():
                    continue
                if folded != wanted[number]:
                    return -1
                number += 1
                if number == len(wanted):
                    return position
    return -1


def _behind(text: str, end: int) -> int:
    """Where the line or the sentence ends that the title is; -1 if it goes on."""
    position, size, ended = end, len(text), False
    while position < size:
        character = text[position]
        if character == "\n":
            return position
        if character in _SENTENCE_ENDS:
            ended = True
        elif ended and character.isspace():
            return position
        elif character == "{":  # an attribute of a heading
            line_end = text.find("\n", position)
            return size if line_end < 0 else line_end
        elif character not in _CLOSING:
            return -1
        position += 1
    return position
