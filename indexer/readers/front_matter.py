"""Reads front matter: the block at the start of a Markdown file that says title, date and tags.

It is YAML between lines of `---`, or TOML between lines of `+++`. Of both languages the simple part is read here that people
write in it: values and lists of values at the top. Blocks inside blocks are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .text_header import Value

_LIMIT = 1 << 16
_YAML_START = re.compile(r"---[ \t]*\n")
_YAML_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_TOML_START = re.compile(r"\+\+\+[ \t]*\n")
_TOML_END = re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE)

_KEY = re.compile(r"[^\W\d][\w.-]*(?: [\w.-]+)?")
_TABLE = re.compile(r"\[{1,2}[ \t]*([\w.-]+)")
# Zola keeps tags in a table of their own.
_TABLES = ("", "taxonomies", "extra")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^']|'')*)'", re.DOTALL)
_ITEM = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\[\]\"'#\s][^,\[\]#\n]*|#[^\n]*|\[|\]", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t"}
_NO_VALUE = ("null", "~", "Null", "NULL")
_STRUCTURE = ("{", "&", "!", "*", "#", "%", "@", "`")


def split_front_matter(text: str) -> tuple[dict[str, Value], str]:
    """What the front matter says, keys in lower case, and the text behind it.

    ({}, text) if there is none: a text may begin with a rule (`---`) that opens no front matter.
    """
    for start, end, read in ((_YAML_START, _YAML_END, _read_yaml), (_TOML_START, _TOML_END, _read_toml)):
        opening = start.match(text)
        if opening is None:
            continue
        closing = end.search(text, opening.end(), opening.end() + _LIMIT)
        if closing is None:
            return {}, text
        block = text[opening.end() : closing.start()]
        facts = read(block.split("\n"))
        if facts is None and block.strip():
            return {}, text
        return facts or {}, text[closing.end() :].removeprefix("\n")
    return {}, text


def _read_yaml(lines: Sequence[str]) -> dict[str, Value] | None:
    """None if no line is an entry."""
    facts: dict[str, Value] = {}
    simple = False
    for place, line in enumerate(lines):
        key, colon, value = line.partition(":")
        key = key.rstrip(" \t")
        if not colon or line[:1] in " \t" or (value and value[0] not in " \t") or not _KEY.fullmatch(key):
            continue
        simple = simple or " " not in key
        below = []
        for following in lines[place + 1 :]:
            if following and following[0] not in " \t-#":
                break
            below.append(following)
        found = _yaml_value(value.strip(), below)
        if found:
            facts[key.lower()] = found
        else:
            facts.setdefault(key.lower(), "")
    return facts if simple else None


def _yaml_value(value: str, below: list[str]) -> Value:
    """The value of an entry. below: the lines below it that belong to it."""
    if value.startswith("["):
        return _items(value + "\n" + "\n".join(below))
    if value[:1] in ("|", ">"):
        return "\n".join(line.strip() for line in below if not line.startswith(("-", "#"))).strip()
    if value and not value.startswith("#"):
        if value[0] in "\"'":
            return _scalar("\n".join([value, *below]))
        more = [line.strip() for line in below if line[:1] in (" ", "\t") and not line.lstrip().startswith("#")]
        return _scalar(" ".join([value, *more]))
    items = [line.strip() for line in below]
    listed = tuple([_scalar(_named(item[1:].strip())) for item in items if item == "-" or item.startswith("- ")])
    return tuple(filter(None, listed)) or next((_scalar(item[5:]) for item in items if item.startswith("name:")), "")


def _named(item: str) -> str:
    """An item that is a block, as authors are in Quarto, stands for its name."""
    return item.removeprefix("name:").strip() if item.startswith("name: ") else item


def _read_toml(lines: Sequence[str]) -> dict[str, Value] | None:
    """None if no line is an entry."""
    facts: dict[str, Value] = {}
    table, place = "", 0
    while place < len(lines):
        line = lines[place].strip()
        place += 1
        if found := _TABLE.match(line):
            table = found[1]
            continue
        key, equals, value = line.partition("=")
        key, value = key.strip().strip("\"'").lower(), value.strip()
        if not equals or not _KEY.fullmatch(key):
            continue
        closing = next((mark for mark in ('"""', "'''") if value.startswith(mark)), "]" if value[:1] == "[" else "")
        if closing:
            parts = [value.removeprefix(closing)]
            while closing not in parts[-1] and place < len(lines):
                parts.append(lines[place])
                place += 1
            value = "\n".join(parts)
        if table in _TABLES:
            facts.setdefault(key, _toml_value(value, closing))
        else:
            facts.setdefault(f"{table}.{key}", "")
    return facts or None


def _toml_value(value: str, closing: str) -> Value:
    if closing == "]":
        return _items(value)
    return value.partition(closing)[0].strip() if closing else _scalar(value)


def _items(text: str) -> tuple[str, ...]:
    """The values of a list in brackets; it may go over several lines."""
    items: list[str] = []
    depth = 0
    for found in _ITEM.finditer(text):
        item = found[0]
        if item == "[":
            depth += 1
        elif item == "]":
            depth -= 1
            if depth <= 0:
                break
        elif not item.startswith("#") and (value := _scalar(item)):
            items.append(value)
    return tuple(items)


def _scalar(value: str) -> str:
    value = value.strip()
    if quoted := _QUOTED.match(value):
        double, single = quoted.groups()
        if double is None:
            return single.replace("''", "'")
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), double, flags=re.DOTALL)
    if value in _NO_VALUE or value.startswith(_STRUCTURE):
        return ""  # a structure: no simple value
    return value.split(" #", 1)[0].rstrip()
