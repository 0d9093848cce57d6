"""The reader of Org files. The text keeps its markup; settings, drawers and comments are not text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace

from .content import Content, Source
from .text import read_text
from .text_header import Value, with_header

_SETTING = re.compile(r"[ \t]*#\+([\w-]+):(.*)$")
_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_(\w+)", re.IGNORECASE)
_HEADLINE = re.compile(r"\*+[ \t]+([^ \t].*)")
_BEFORE_TITLE = re.compile(r"(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED)[ \t]+)?(?:\[#\w\][ \t]+)?")
_TAGS = re.compile(r"[ \t]:((?:[\w@#%]+:)+)[ \t]*$")
_PROPERTY = re.compile(r"[ \t]*:([\w-]+):(.*)$")
_LISTS = ("filetags", "keywords", "tags", "category")


def read_org(source: Source) -> Content:
    """Text, title, date, author and tags of an Org file. Raises UndecodableBytes (a ValueError) for binary data."""
    content = read_text(source)
    facts: dict[str, Value] = {}
    tags: dict[str, None] = {}
    title = ""
    kept: list[str] = []
    in_comment = in_code = False
    lines = content.text.split("\n")
    ends = [place for place, line in enumerate(lines) if line.strip().upper() == ":END:"]
    drawer_end = -1
    for place, line in enumerate(lines):
        if place <= drawer_end:
            if not title and (found := _PROPERTY.match(line)):
                _note(found[1].lower(), found[2].strip(), facts)
        elif block := _BLOCK.match(line):
            begins = block[1].lower() == "begin"
            in_comment = begins and block[2].lower() == "comment"
            in_code = begins and block[2].lower() in ("src", "example")
        elif in_comment:
            continue
        elif in_code:
            kept.append(line)
        elif setting := _SETTING.match(line):
            _note(setting[1].lower(), setting[2].strip(), facts)
        elif ends and (found := _PROPERTY.match(line)) and not found[2].strip() and place < ends[-1]:
            drawer_end = ends[bisect_right(ends, place)]
        elif not (line.startswith("# ") or line.rstrip() == "#"):
            if headline := _HEADLINE.match(line):
                found_tags = _TAGS.search(line[-400:])
                tags.update(dict.fromkeys(found_tags[1].strip(":").split(":") if found_tags else ()))
                title = title or _TAGS.sub("", _BEFORE_TITLE.sub("", headline[1], count=1)[:400]).strip()
            kept.append(line)
    if tags:
        listed = facts.get("filetags", ())
        facts["filetags"] = (*((listed,) if isinstance(listed, str) else listed), *tags)
    return with_header(replace(content, text="\n".join(kept)), facts, title)


def _note(name: str, value: str, facts: dict[str, Value]) -> None:
    if value:
        facts.setdefault(
            name, tuple(re.split(r"[:,; \t]+" if name == "filetags" else r"[,;]", value)) if name in _LISTS else value
        )
