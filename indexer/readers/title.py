"""Gives a title to a text whose file has none: its first real sentence, or the name of the file if that says more.

Photo credits and datelines are no sentence. The first sentence is no title if it is the number of a chapter, a caption, a line of
dialogue, a fragment, or too long to be shown. Then the name of the file is one, if it has words.
"""

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


_FEWEST_WORDS = 3
_STEM = 5  # letters that forms of a word have in common, mostly
_WORDS_OF_A_CAPTION = 5
_WORD = re.compile(r"[^\W\d_]{2,}")
_CHAPTER = re.compile(
    r"(?:chapter|part|book|section|act|scene|volume|page|глава|часть|книга|раздел|том|акт|сцена|действие|страница)"
    r"[ \t]+(?:[0-9]+|[IVXLC]+|\w+)[.:]?$",
    re.IGNORECASE,
)
# A line of dialogue, a quotation, an item of a list, an aside.
_OPENS_BADLY = re.compile(r"[-–—«“”„\"'‘`(\[{<|*_/\\$@#=+~…]|tl;dr\b", re.IGNORECASE)
_MARKUP = re.compile(r"\]\(|://|\{[/%{]|</|\|[ \t]*\|")
_SENTENCE_ENDS = (".", "!", "?", "…", ".»", '."', ".”", "!»", "?»")


def title_of(text: str, name: str = "") -> str:
    """The title of a text, shortened to MAX_TITLE: its first sentence that is neither a photo credit nor a dateline.

    A text of credits alone is called by them. So the title is empty only for a blank text without a name.

    Parameters:
      text: the text. A heading at its start (`# like this`) is the title, whatever the name.
      name: a title made of the name of the file, for a first sentence that is none; "" if that says too little.
    """
    first = _NOT_BLANK.search(text)
    if first is None:
        return shortened(name)
    head = text[first.start() : first.start() + _SEARCHED]
    position = 0
    while (sentence := next(sentence_spans(head, position), None)) is not None:
        begin, end = sentence
        if (heading := _HEADING.match(head, begin)) and _LETTER_OR_DIGIT.search(heading.group(1)):
            return shortened(heading.group(1))
        position = _behind_front(head, begin, end)
        if position == begin:
            if _LETTER.search(head, begin, end):
                return shortened(name if name and is_no_title(head[begin:end], name) else head[begin:end])
            position = end
    return shortened(name or head)


def is_no_title(sentence: str, name: str) -> bool:
    """Whether the first sentence of a text makes a worse title than a good name of its file."""
    line = " ".join(sentence.split())
    words = _WORD.findall(line)
    if len(words) < _FEWEST_WORDS or len(line) > MAX_TITLE or line[0].islower() or line.endswith(":"):
        return True
    if _OPENS_BADLY.match(line) or _CHAPTER.match(line) or _MARKUP.search(line):
        return True
    if len(words) > _WORDS_OF_A_CAPTION or line.endswith(_SENTENCE_ENDS):
        return False
    # A few words without a full stop are a headline or a caption. A headline has something in common with the name.
    begins = {word[:_STEM].lower() for word in _WORD.findall(name)}
    return not any(word[:_STEM].lower() in begins for word in words)


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
