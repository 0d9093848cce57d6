"""The reader of reStructuredText files. The text keeps its markup; comments, field lists at the start and lines that only
underline a title are not text."""

from __future__ import annotations

import re
from dataclasses import replace

from .content import Content, Source
from .text import read_text
from .text_header import Value, with_header

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{1,}[ \t]*$")
_FIELD = re.compile(r":([\w][\w .-]{0,60}):(?:[ \t]+(.*))?$")
# Two dots begin a comment unless they begin a directive, a target, a footnote or a substitution.
_NO_COMMENT = re.compile(r"\.\. (?:[\w:+.-]+ ?::|_|\[|\||__)")
_HEADER_LINES = 200


def read_restructured_text(source: Source) -> Content:
    """Text, title, date, author and tags of a reStructuredText file. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    title, lines = _body(_without_comments(content.text.split("\n")))
    facts, text = _split_fields(lines, title)
    return with_header(replace(content, text="\n".join(text)), facts, title)


def _without_comments(lines: list[str]) -> list[str]:
    kept: list[str] = []
    in_comment = False
    for line in lines:
        if in_comment and (not line.strip() or line[0] in " \t"):
            continue
        in_comment = (line.startswith(".. ") or line.rstrip() == "..") and not _NO_COMMENT.match(line)
        if not in_comment:
            kept.append(line)
    return kept


def _body(lines: list[str]) -> tuple[str, list[str]]:
    """The first title, and the lines without those that underline a title or draw a line."""
    title = above = ""
    at_start = True
    kept: list[str] = []
    for line in lines:
        if not _ADORNMENT.match(line) or line.rstrip() == "::":
            # A text before the first title makes that the title of a section alone.
            at_start = at_start and (not above or above.startswith((".. ", ":")))
            above = line.strip() if line[:1] not in (" ", "\t") or not above.startswith((".. ", ":")) else above
            kept.append(line)
            continue
        if at_start and not title and above and len(line.rstrip()) >= min(len(above), 4):
            title = above
        above = ""
        kept.append("")
    return title, kept


def _split_fields(lines: list[str], title: str) -> tuple[dict[str, Value], list[str]]:
    """The fields at the start, with the title or without it, and the lines without them."""
    facts: dict[str, Value] = {}
    kept: list[str] = []
    for place, line in enumerate(lines[:_HEADER_LINES]):
        if field := _FIELD.match(line):
            name, value = field[1].lower(), (field[2] or "").strip()
            values = tuple(re.split(r"[,;]", value)) if name in ("tags", "keywords", "authors", "category") else value
            facts.setdefault(name, values)
        elif not line.strip() or line.strip() == title:
            kept.append(line)
        elif not (facts and line[0] in " \t"):  # else a field goes on
            return facts, kept + lines[place:]
    return facts, kept + lines[_HEADER_LINES:]
