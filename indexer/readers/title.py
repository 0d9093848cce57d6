"""Gives a title to a text whose file has none: its first real sentence. Photo credits and datelines are none."""

from __future__ import annotations

import re
import unicodedata

from ..analysis.sentences import sentence_spans
from .dateline import dateline_end

MAX_TITLE = 100
"""The longest title, in code points, its ellipsis included."""

_SEARCHED = 6000  # a title stands near the start, whatever comes before it
_NOT_BLANK = re.compile(r"\S")
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"(?:#{1,6}|={1,6})[ \t]+([^ \t\n][^\n]*)")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_MARK = re.compile(r"(?:[-*+•>][ \t]+)+|(?:<[^<>\n]{1,80}>|\[\[[^\[\]\n]{1,80}\]\])[ \t]*\n")
_CREDIT = re.compile(
    r"[\[(«\"*_]{0,3}(?:(?:фото(?:графи[яи])?|фотограф|иллюстраци[яи]|изображение|видео|скриншот|источник|автор|текст"
    r"|photos?|photograph(?:s|y|er)?|images?|pictures?|video|source|credit|author|illustration)"
    r"(?:[ \t]+(?:с[ \t]+сайта|credit|by|courtesy(?:[ \t]+of)?|from|source))?[ \t]*[:©]|photos?[ \t]+(?:by|courtesy)[ \t]|©|\(c\))",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 150


def title_of(text: str) -> str:
    """The first sentence of a text that is neither a photo credit nor a dateline, shortened to MAX_TITLE.

    A text of credits alone is called by them. So the title is empty only for a blank text.
    """
    first = _NOT_BLANK.search(text)
    if first is None:
        return ""
    head = text[first.start() : first.start() + _SEARCHED]
    position = 0
    while (sentence := next(sentence_spans(head, position), None)) is not None:
        begin, end = sentence
        if (heading := _HEADING.match(head, begin)) and _LETTER_OR_DIGIT.search(heading.group(1)):
            return shortened(heading.group(1))
        position = _behind_front(head, begin, end)
        if position == begin:
            if _LETTER.search(head, begin, end):
                return shortened(head[begin:end])
            position = end
    return shortened(head)


def shortened(text: str, limit: int = MAX_TITLE) -> str:
    """The text on one line, at most `limit` code points long. A longer text is cut behind a word, with an ellipsis."""
    line = " ".join(text[: 8 * limit].split())
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", limit // 2, limit)
    if cut < 0:
        cut = limit - 1
        while cut > 1 and unicodedata.combining(line[cut]):
            cut -= 1
    return line[:cut].rstrip(' ,;:-–—([{«“"') + "…"


def _behind_front(text: str, begin: int, end: int) -> int:
    """The end of the mark, credit or dateline that opens the sentence [begin, end); `begin` if there is none."""
    if mark := _MARK.match(text, begin):
        return mark.end()
    if end - begin <= _LONGEST_CREDIT and _CREDIT.match(text, begin):
        line_end = text.find("\n", begin, end)
        return end if line_end < 0 else line_end
    return dateline_end(text, begin)
