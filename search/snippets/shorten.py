"""Makes a text fit into a snippet: folds its white space and cuts it at words."""

from __future__ import annotations

ELLIPSIS = "…"

# Punctuation that would look odd beside an ellipsis.
_BEFORE_ELLIPSIS = " ,;:.!?…—–-(«"
_AFTER_ELLIPSIS = " ,;:.!?…)»—–-"


def fold_space(text: str) -> str:
    """The text with each run of white space as one space, none at the ends."""
    return " ".join(text.split())


def cut_at_words(text: str, core_start: int, core_end: int, head: bool, tail: bool, max_chars: int) -> tuple[int, int]:
    """(start, end) of a range around the core that has at most max_chars with its ellipses. It begins and ends at words.

    If the text begins near the core, the range begins there too, unless more text comes before. The same holds for its end.
    Else the core is in the middle of the range.

    Parameters:
      text: the text, with single characters for white space.
      core_start, core_end: the part that must be shown. It is cut if it alone is too long.
      head, tail: whether there is more text before `text`, and behind it.
      max_chars: the length of the range at most, with its ellipses.
    """
    size = len(ELLIPSIS)
    core_end = min(core_end, core_start + max_chars - 2 * size)
    near = max_chars * 3 // 4  # a beginning farther away would leave no room behind the core
    if not head and core_end <= near:
        start, end = 0, min(len(text), max_chars - size)
    elif not tail and len(text) - core_start <= near:
        start, end = max(0, len(text) - max_chars + size), len(text)
    else:
        room = max_chars - 2 * size - (core_end - core_start)
        start = max(0, core_start - room // 2)
        end = min(len(text), start + max_chars - 2 * size)
        start = max(0, min(start, end - max_chars + 2 * size))
    if start > 0 or head:
        if start == 0 or text[start - 1] != " ":
            blank = text.find(" ", start, core_start)
            start = blank + 1 if blank >= 0 else core_start
        start = core_start - len(text[start:core_start].lstrip(_AFTER_ELLIPSIS))
    if end < len(text) or tail:
        if end == len(text) or text[end] != " ":
            blank = text.rfind(" ", core_end, end)
            # Without a core (the opening of a text) a word that fills the snippet is cut.
            end = blank if blank >= 0 else (core_end or end)
        end = core_end + len(text[core_end:end].rstrip(_BEFORE_ELLIPSIS))
    return start, end
