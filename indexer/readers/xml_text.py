"""The reader of XML and SVG: texts and values of attributes. Names of elements and attributes are keywords.

It is no parser of XML: no entity is defined or fetched, and what is not well-formed is read as far as it goes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

from .content import Content, Source
from .text import read_text

_CDATA = "<![CDATA["
_MARKUP = (("<!--", "-->"), (_CDATA, "]]>"), ("<", ">"))
_TAG = re.compile(r"</?([^\W\d][\w:.-]{0,100})([^<>]{0,20000})>")
_ATTRIBUTE = re.compile(r"([^\W\d][\w:.-]{0,100})[ \t\n]{0,20}=[ \t\n]{0,20}(?:\"([^\"<]{0,2000})\"|'([^'<]{0,2000})')")
# The values of these are for machines.
_NO_TEXT = frozenset(("d", "style", "points", "transform", "viewbox", "class", "fill", "stroke", "gradienttransform"))
_WORD = re.compile(r"[^\W\d_]{2}")
_HIDDEN = ("style", "script")
_MOST_NAMES = 500
_BLANK = re.compile(r"\s")
_PIECE = 1 << 20
_TITLE = re.compile(r"<(?:[\w-]{1,20}:)?title(?: [^<>]{0,200})?>([^<]{1,2000})</", re.IGNORECASE)


def read_xml(source: Source) -> Content:
    """Texts, values and the first title of an XML file. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    names: dict[str, None] = {}
    parts: list[str] = []
    hidden = ""
    for markup, text in _pieces(content.text.replace("\0", " ").replace("\1", " ")):
        if not markup:
            if not hidden:
                parts.append(text)
            continue
        found = _TAG.fullmatch(text)
        if found is None:
            continue  # <?xml ...?>, <!DOCTYPE ...>
        name = found[1].rpartition(":")[2]
        if hidden:
            hidden = "" if text.startswith("</") and name == hidden else hidden
            continue
        if name in _HIDDEN and not text.startswith("</") and not text.endswith("/>"):
            hidden = name
        if len(names) < _MOST_NAMES:
            names[name] = None
        values = []
        for attribute, double, single in _ATTRIBUTE.findall(found[2]):
            value = double or single
            if attribute.lower() not in _NO_TEXT and not attribute.startswith("xmlns") and _WORD.search(value):
                values.append(html.unescape(value))
                if len(names) < _MOST_NAMES:
                    names[attribute.rpartition(":")[2]] = None
        parts.append("\n" + ", ".join(values) + "\n" if values else "\0" if text.startswith("</") else "\1")
    title = _TITLE.search(content.text, 0, 1 << 16)
    return replace(
        content,
        text=_lines("".join(parts)),
        title=" ".join(html.unescape(title[1]).split()) if title else "",
        keywords="\n".join(names),
    )


def _pieces(text: str) -> list[tuple[bool, str]]:
    """(whether it is markup, what it is), in order. Comments are left out. Of a text, entities are resolved."""
    pieces: list[tuple[bool, str]] = []
    place = 0
    while (begin := text.find("<", place)) >= 0:
        if begin > place:
            pieces.append((False, html.unescape(text[place:begin])))
        opening, closing = next(pair for pair in _MARKUP if text.startswith(pair[0], begin))
        end = text.find(closing, begin + len(opening))
        if opening == "<" and text.startswith("<!DOCTYPE", begin) and text.find("[", begin, end) >= 0:
            closing = "]>"
            end = text.find(closing, end)
        if end < 0:
            pieces.append((False, text[begin:]))
            break
        place = end + len(closing)
        if opening == "<":
            pieces.append((True, text[begin:place]))
        elif opening == _CDATA:
            pieces.append((False, text[begin + len(opening) : end]))
    else:
        pieces.append((False, html.unescape(text[place:])))
    return pieces


# Between the end of an element and the beginning of another, a new line begins; else markup is inside a sentence.
_BETWEEN = re.compile("\0[\0\1\\s]*[\0\1]")


def _lines(text: str) -> str:
    text = _BETWEEN.sub("\n", text).replace("\0", "").replace("\1", "")
    return "\n".join(line for one in text.split("\n") if (line := " ".join(_pieces_of(one))))


def _pieces_of(line: str) -> Iterator[str]:
    """A line with single blanks, in pieces: the words of a line of many millions take many times its size."""
    place = 0
    while place < len(line):
        blank = _BLANK.search(line, place + _PIECE)
        end = blank.start() if blank else len(line)
        if piece := " ".join(line[place:end].split()):
            yield piece
        place = end
