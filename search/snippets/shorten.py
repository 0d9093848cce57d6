"""How is a text made to fit into a snippet? Its white space is folded, and what is too long is cut at words."""

from __future__ import annotations

ELLIPSIS = "…"

# Punctuation that would look odd beside an ellipsis.
_BEFORE_ELLIPSIS = " ,;:.!?…—–-(«"
_AFTER_ELLIPSIS = " ,;:.!?…)»—–-"


def fold_space(text: str) -> str:
    """The text with each run of white space as one space, none at the ends."""
    return " ".join(text.split())


def cut_at_words(text: str, core_start: int, core_end: int, head: bool, tail: bool, max_chars: int) -> tuple[int, int]:
    """A range of the text with the core in it that with its ellipses has at most max_chars.

    head, tail: more stands before the text, behind it. The range keeps the beginning or the end of the text if that is near
    and nothing stands beyond, else the core stands in its middle; it ends at words.
    """
    size = len(ELLIPSIS)
    core_end = min(core_end, core_start + max_chars - 2 * size)
    near = max_chars * 3 // 4  # farther away, the beginning would leave the core no room behind it
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
