"""What do pages in Markdown and AsciiDoc say of themselves, and what is left of them as text?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import in_share
from benchmarks.data.documents import Text, tidy

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
_FIELD = re.compile(r"([\w.-]+):\s*(.*?)\s*$")
_FOLDED = (">", ">-", "|", "|-")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANCHOR = re.compile(r"<a\s+(?:name|id)=[^>]*>\s*</a>")
_HEADING = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
_ASCIIDOC_HEADING = re.compile(r"^=+\s+(.+?)\s*$", re.MULTILINE)


def split(page: str) -> tuple[dict[str, str], str]:
    """The fields of the front matter (the first of a name, in lower case; no quotes around values), and the tidy text after it.

    Comments and empty anchors are no part of the text. A value on the lines after its name is read where YAML marks it as one.
    """
    fields: dict[str, str] = {}
    if found := _FRONT.match(page):
        page = page[found.end() :]
        lines = found[1].split("\n")
        for number, line in enumerate(lines):
            if field := _FIELD.match(line):
                value = _below(lines[number + 1 :]) if field[2] in _FOLDED else field[2]
                fields.setdefault(field[1].lower(), value.strip("\"'`").strip())
    return fields, tidy(_ANCHOR.sub("", _COMMENT.sub("", page)))


def date_of(fields: dict[str, str]) -> str:
    """`ms.date` as YYYY-MM-DD, from MM/DD/YYYY; empty where there is none."""
    value = fields.get("ms.date", "")
    if found := re.match(r"(\d+)/(\d+)/(\d{4})", value):
        return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}"
    return value


def pages(
    clone: Clone,
    folder: str,
    end: str,
    share: float,
    root: str = "",
    wanted: Callable[[str, dict[str, str]], bool] | None = None,
) -> Iterator[Text]:
    """The pages under a folder whose names end so: the share of them that the SHA-1 of their keys takes.

    Parameters: root, what comes before the key in a path; wanted, given a key and the front matter, whether to take the page.
    A page without a title has that of its first heading, or else the name of its file.
    """
    for path in clone.paths(folder, end):
        key = path[len(root) : -len(end)]
        if not in_share(key, share):
            continue
        fields, text = split(clone.text(path))
        if wanted is None or wanted(key, fields):
            yield Text(key, fields.get("title") or _heading(text) or key.rsplit("/", 1)[-1], text, date_of(fields))


def _heading(text: str) -> str:
    found = _HEADING.search(text) or _ASCIIDOC_HEADING.search(text)
    return found[1] if found else ""


def _below(lines: list[str]) -> str:
    taken = []
    for line in lines:
        if not line.startswith((" ", "\t")):
            break
        taken.append(line.strip())
    return " ".join(taken)
