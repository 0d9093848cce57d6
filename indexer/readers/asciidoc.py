"""The reader of AsciiDoc files. The text keeps its markup; the header and comments are not text."""

from __future__ import annotations

import re
from dataclasses import replace

from ..messages import message
from .content import Content, Source
from .text import read_text
from .text_header import Value, with_header

_TITLE = re.compile(r"(?:={1,6}|#{1,6})[ \t]+([^ \t\n][^\n]*)")
_ATTRIBUTE = re.compile(r":(!?[\w][\w-]*!?):(?:[ \t]+(.*))?$")
# One to four names that begin with a capital, or a name with an address. Other lines behind a title are its text.
_NAME = r"[^\W\d_a-zа-яё][^\s:;<>=]{0,40}"
_AUTHOR = re.compile(
    rf"[ ]*(?:{_NAME}(?: {_NAME}){{1,3}}(?: <[^<>]*>)?|[^\W\d_]+_[^\W\d]+|[^:;<>=]{{1,100}} <[^<>@]+@[^<>]+>)[ ]*$"
)
_UNDERLINE = re.compile(r"([=~^+-])\1{3,}[ \t]*$")
_KEYS = {
    "revdate",
    "docdate",
    "date",
    "author",
    "authors",
    "keywords",
    "tags",
    "description",
    "title",
    "page-tags",
    "lang",
}
_BLOCKS = ("----", "....", "++++", "```")


def read_asciidoc(source: Source) -> Content:
    """Text, title, date, author and keywords of an AsciiDoc file.

    Raises ValueError for binary data, and for a file of PGP, which may have the same extension.
    """
    content = read_text(source)
    if content.text.lstrip()[:11] == "-----BEGIN " and source.name.lower().endswith(".asc"):
        raise ValueError(message("a key or message of PGP"))
    facts, title, lines = _split_header(_without_comments(content.text.split("\n")))
    return with_header(replace(content, text="\n".join(lines)), facts, title)


def _without_comments(lines: list[str]) -> list[str]:
    kept: list[str] = []
    closing = ""
    in_comment = False
    for line in lines:
        fence = line.rstrip()
        if closing:
            if not in_comment:
                kept.append(line)
            if fence == closing:
                closing, in_comment = "", False
        elif fence.startswith("////") and not fence.strip("/"):
            closing, in_comment = fence, True
        elif not line.startswith("//") or line.startswith("///"):
            if fence.startswith(_BLOCKS) and not fence.strip(fence[0]):
                previous = kept[-1].rstrip() if kept else ""
                if not (
                    fence[0] in "-+" and previous and abs(len(fence) - len(previous)) < 3
                ):  # else it underlines a title
                    closing = fence
            kept.append(line)
    return kept


def _split_header(lines: list[str]) -> tuple[dict[str, Value], str, list[str]]:
    """(what the header says, the title, the lines of the text, which begin with the title)."""
    facts: dict[str, Value] = {}
    place = next((at for at, line in enumerate(lines) if line.strip() and not _note(line, facts)), len(lines))
    if place == len(lines):
        return facts, "", []
    heading, behind = lines[place], place + 1
    if found := _TITLE.match(heading):
        title = found[1].rstrip(" =")
    elif behind < len(lines) and len(heading) < 200 and _UNDERLINE.match(lines[behind]):
        title, behind = heading.strip(), behind + 1
    else:
        return facts, "", lines[place:]
    if heading.startswith("=="):  # a section, which has no header
        return facts, title, lines[place:]
    return facts, title, [heading, *lines[_header_end(lines, behind, facts) :]]


def _header_end(lines: list[str], start: int, facts: dict[str, Value]) -> int:
    """The line behind author, revision and attributes, which follow the title without a blank line."""
    place = start
    while place < len(lines) and lines[place].strip():
        line = lines[place]
        if not _note(line, facts):
            if place == start and len(line) < 300 and all(map(_AUTHOR.match, line.split(";"))):
                facts["author"] = tuple([name.partition("<")[0].strip().replace("_", " ") for name in line.split(";")])
            elif place == start + 1 and "author" in facts:
                facts.setdefault("revdate", line.partition(",")[2].strip() or line.strip())
            else:
                break
        place += 1
    return place


def _note(line: str, facts: dict[str, Value]) -> bool:
    """Note an attribute. Whether the line is one."""
    attribute = _ATTRIBUTE.match(line)
    if attribute is None:
        return False
    name = attribute[1].lower()
    if name in _KEYS and attribute[2]:
        listed = name in ("keywords", "tags", "page-tags", "authors")
        values = tuple(re.split(r"[,;]", attribute[2])) if listed else attribute[2]
        facts.setdefault("tags" if name == "page-tags" else name, values)
    return True
