"""The reader of Markdown files.

The text keeps its markup: people search for what they typed. Front matter and HTML comments are not text. The title comes
from the front matter, or else from the first heading. MDX, Quarto and R Markdown are read so, too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .front_matter import split_front_matter
from .text import read_text
from .text_header import with_header

_COMMENT_OR_FENCE = re.compile(r"<!--|^ {0,3}(?:`{3,}|~{3,})", re.MULTILINE)
# Nothing that the blanks could match may follow them: a line of blanks would take quadratic time.
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+([^ \t].*)")
_UNDERLINE = re.compile(r" {0,3}(?:={2,}|-{2,})[ \t]*$")
_BLOCK = re.compile(r" {0,3}(?:[-*+>|#]|\d{1,9}[.)]|`{3}|~{3})|    |\t")
_HEADING_LIMIT = 1 << 16

# These patterns see at most _INLINE_LIMIT characters: some of them look far ahead.
_INLINE_LIMIT = 1000
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_TAG = re.compile(r"</?(?:a|b|br|code|em|i|img|kbd|small|span|strong|sub|sup)\b[^<>]*>|\{#[^{}]*\}", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*{1,3})(?=\S)(.+?)(?<=\S)\1|(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\3(?!\w)")
_ESCAPE = re.compile(r"\\([^\w\s])|`+")


def read_markdown(source: Source) -> Content:
    """Text, title, date, authors and tags of a Markdown file. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    facts, text = split_front_matter(content.text)
    first_line = content.text.count("\n", 0, len(content.text) - len(text)) + 1
    text = without_comments(text)
    return with_header(replace(content, text=text, first_line=first_line), facts, first_heading(text))


def without_comments(text: str) -> str:
    """The text without its HTML comments. Comments inside fenced code stay, and so does one that is never closed."""
    if "<!--" not in text:
        return text
    kept: list[str] = []
    start = position = 0
    while (found := _COMMENT_OR_FENCE.search(text, position)) is not None:
        if found.group() == "<!--":
            end = text.find("-->", found.end())
            if end < 0:
                break
            kept.append(text[start : found.start()])
            start = position = end + 3
        else:
            fence = found.group().strip()[:100]
            closing = re.compile(rf"^ {{0,3}}{fence}{fence[0]}*[ \t]*$", re.MULTILINE).search(text, found.end())
            if closing is None:
                break
            position = closing.end()
    kept.append(text[start:])
    return "".join(kept)


def first_heading(text: str) -> str:
    """The first heading, `# like this` or underlined, without its markup; empty if there is none near the start."""
    fence = ""
    previous = ""
    for line in text[:_HEADING_LIMIT].split("\n"):
        stripped = line.strip()
        if fence:
            fence = "" if stripped.startswith(fence) else fence
            continue
        if stripped.startswith(("```", "~~~")):
            fence = stripped[:3]
        elif heading := _HEADING.match(line):
            title = heading.group(1).rstrip()
            unclosed = title.rstrip("#")
            if title := plain(unclosed if unclosed[-1:] in " \t" else title):
                return title
        elif previous and _UNDERLINE.match(line) and not _BLOCK.match(previous):
            return plain(previous)
        previous = line if stripped else ""
    return ""


def plain(inline: str) -> str:
    """A heading as a reader sees it: the text of links, no emphasis, no tags, single blanks."""
    inline = _TAG.sub("", _LINK.sub(r"\1", inline[:_INLINE_LIMIT]))
    inline = _EMPHASIS.sub(lambda match: match.group(2) or match.group(4), inline)
    return " ".join(_ESCAPE.sub(r"\1", inline).split())
