"""Writes the table of formats in docs/formats.md: `python tests/format_page.py`."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
_TABLE = re.compile(r"(?<=<!-- formats -->\n).*?(?=<!-- /formats -->)", re.DOTALL)


def table() -> str:
    """The built-in formats as a table of Markdown."""
    from naidi.indexer.readers.builtin_formats import BUILTIN
    from naidi.indexer.readers.format_list import listed

    lines = ["| Format | Files | What is read | Needs |", "|---|---|---|---|"]
    for one in sorted(map(listed, BUILTIN), key=lambda one: one.name.lower()):
        files = " ".join([*one.extensions, *one.file_names]) or "told by their first bytes"
        extra = f" (`naidi[{one.extra}]`)" if one.extra else ""
        lines.append(f"| {one.name} | {files} | {one.about} | {f'{one.needs}{extra}' if one.needs else ''} |")
    return "\n".join(lines) + "\n"


def written_table() -> str:
    """The table that the page has."""
    found = _TABLE.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
