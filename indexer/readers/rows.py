"""Makes a Content of a row of a table: which column is the title, which the date, which are text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .content import Content
from .text_header import DATES, TITLES, Value, with_header
from .title import title_of

MAX_ROWS = 100_000
"""The most rows of one file that become documents."""

TITLE_COLUMNS = (*TITLES, "name", "subject", "headline", "имя", "тема", "наименование")
ID_COLUMNS = ("id", "_id", "uid", "uuid", "guid", "key", "code", "код", "номер", "№")
# Columns that need no label in front of their text.
TEXT_COLUMNS = (
    "text", "body", "content", "contents", "description", "message", "comment", "abstract", "summary", "review", "question",
    "answer", "текст", "содержание", "описание", "сообщение", "комментарий",
)  # fmt: skip
_DATE = re.compile(r"(?:^|[\W_])(?:date|day|дата|день)(?:$|[\W_])")
_LETTER = re.compile(r"[^\W\d_]")
_MACHINE = re.compile(r"\s*(?:[a-z]+://\S*|[\d:TZ.+-]{8,})\s*$")
_LONGEST_ID = 200


def too_many(rows: int) -> Content:
    """A Content without text that warns of rows beyond MAX_ROWS."""
    return Content("", warnings=(f"{rows - MAX_ROWS:,} rows behind row {MAX_ROWS:,} are left out",))


def row_content(row: Mapping[str, str], number: int, columns: tuple[str, ...] = (), labels: bool = True) -> Content:
    """A row as a document.

    Parameters:
      row: the value of each column, by its name, in order.
      number: the number of the row, which names the part.
      columns: the names of the columns that are text; none means all.
      labels: whether the names of columns say something. Else they are made up.
    """
    facts: dict[str, Value] = {
        key: value for name, value in row.items() if value.strip() and (key := name.strip().lower()) not in TEXT_COLUMNS
    }
    title = next((name for name in row if name.strip().lower() in TITLE_COLUMNS and row[name].strip()), None)
    chosen = [name for name in row if name in columns] if columns else [name for name in row if name != title]
    lines = [
        f"{name}: {value}" if labels and not columns and name.strip().lower() not in TEXT_COLUMNS else value
        for name in chosen
        if (value := row[name].strip())
    ]
    if not lines and title is not None and not columns:
        lines = [row[title].strip()]
    if not any(name in facts for name in DATES):
        facts["date"] = tuple(value for name, value in row.items() if _DATE.search(name.lower()))
    shown = " ".join(row[title].split()) if title is not None else title_of(_first_text(row, chosen))
    content = with_header(Content("\n".join(lines), part=str(number)), facts)
    if not columns:  # else the text has them
        content = replace(content, keywords="")
    identity = next((str(facts[name]) for name in ID_COLUMNS if name in facts), "")[:_LONGEST_ID]
    meta = {**content.meta, "id": identity} if identity else content.meta
    return replace(content, title=shown, meta=meta)


def _first_text(row: Mapping[str, str], columns: Sequence[str]) -> str:
    """The value of a column of text, or else the first with letters that is no id and no address."""
    texts = [name for name in columns if _LETTER.search(row[name]) and name.strip().lower() not in ID_COLUMNS]
    named = [name for name in texts if name.strip().lower() in TEXT_COLUMNS]
    texts = [name for name in texts if not _MACHINE.match(row[name])] or texts
    return next((row[name] for name in (*named, *texts)), "")
