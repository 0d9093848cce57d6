"""Makes a Content of a row of a table: which column is the title, which the date, which are text. Says how far a table is read."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Mapping, Sequence

from ..messages import message, plural
from .content import BUSY, Content, Source
from .text_header import DATES, KNOWN, TITLES, Value, header_of
from .title import title_of

MAX_ROWS = 100_000
"""The most rows of one file that become documents."""

MAX_MEMORY = 280 << 20
"""About how many bytes of memory the documents of one file may take. Long names of columns repeat in each row."""

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
_FACTS = KNOWN.union(ID_COLUMNS).difference(TEXT_COLUMNS)


# What a document takes beside its texts, in bytes.
_DOCUMENT = 1_200
_BLOCK = 1 << 20
_STARVED = 0.5  # a machine is busy if this thread has a processor for less than this part of its time


class Limits:
    """How far a table is read: so many rows, in the time of its source, and so much memory.

    rows: how many rows that are not blank were read. The reader counts them.
    """

    def __init__(self, source: Source) -> None:
        self.rows = 0
        self._source = source
        self._memory = 0
        self._started = time.monotonic(), time.thread_time()

    def take(self, content: Content) -> Content:
        """The content of a row; its memory is counted."""
        self._memory += _DOCUMENT + sum(
            map(sys.getsizeof, (content.text, content.title, content.keywords, content.keywords))
        )
        return content

    def reached(self) -> str | None:
        """Why no more rows are read, as words behind a warning; None if there may be more."""
        if self.rows >= MAX_ROWS:
            return ""
        if self._source.is_late():
            seconds, processor = time.monotonic() - self._started[0], time.thread_time() - self._started[1]
            if processor < _STARVED * seconds:
                return message(": the time was over {busy}", busy=BUSY)
            return message(": the time was over")
        return message(": they take too much memory") if self._memory > MAX_MEMORY else None

    def rest(self, lines_left: io.TextIOWrapper, why: str) -> Content:
        """A Content without text that warns of the lines that are left, if they are not all blank.

        They are counted, and not read as rows: a file may have millions.
        """
        lines, blank, last = 0, True, "\n"
        while block := lines_left.read(_BLOCK):
            lines += block.count("\n")
            blank = blank and block.isspace()
            last = block[-1]
        if blank:
            return Content("")
        lines += last != "\n"
        left = plural(
            "{count:,} line behind row {row:,} is left out{why}",
            "{count:,} lines behind row {row:,} are left out{why}",
            lines,
            row=self.rows,
            why=why,
        )
        return Content("", warnings=(left,))


class Columns:
    """What the columns of a table are for, told by their names once for many rows.

    Parameters:
      names: their names, all different, in order.
      chosen: the names of the columns that are text; none means all.
      labels: whether the names say something. Else they are made up.
    """

    def __init__(self, names: Sequence[str], chosen: tuple[str, ...] = (), labels: bool = True) -> None:
        keys = [name.strip().lower() for name in names]
        self._all = not chosen
        self._titles = [place for place, key in enumerate(keys) if key in TITLE_COLUMNS]
        self._read = [place for place, name in enumerate(names) if not chosen or name in chosen]
        self._facts = [(place, key) for place, key in enumerate(keys) if key in _FACTS]
        self._days = [place for place, name in enumerate(names) if _DATE.search(name.lower())]
        self._labels = [
            f"{name}: " if labels and not chosen and key not in TEXT_COLUMNS else ""
            for name, key in zip(names, keys, strict=True)
        ]
        read = [place for place in self._read if keys[place] not in ID_COLUMNS]
        # Where a title may be found: columns of text before others.
        self._text_first = [place for place in read if keys[place] in TEXT_COLUMNS]
        self._text_then = [place for place in read if keys[place] not in TEXT_COLUMNS]

    def content(self, row: Sequence[str], number: int, line: int = 1) -> Content:
        """A row as a document.

        Parameters:
          row: the values of the columns; those of the last ones may be missing.
          number: the number of the row, which names the part.
          line: the line of the file in which the row begins, from 1.
        """
        width = len(row)
        title = next((place for place in self._titles if place < width and row[place].strip()), -1)
        left_out = title if self._all else -1
        lines = [
            self._labels[place] + value
            for place in self._read
            if place < width and place != left_out and (value := row[place].strip())
        ]
        if title >= 0:
            shown = " ".join(row[title].split())
            if not lines and self._all:
                lines = [row[title].strip()]
        else:
            shown = title_of(self._first_text(row))
        facts: dict[str, Value] = {
            key: row[place] for place, key in self._facts if place < width and row[place].strip()
        }
        if self._days and not any(name in facts for name in DATES):
            facts["date"] = tuple([row[place] for place in self._days if place < width])
        header = header_of(facts)
        identity = next((str(facts[name]) for name in ID_COLUMNS if name in facts), "")[:_LONGEST_ID]
        meta = {**header.meta, "id": identity} if identity else header.meta
        # Without chosen columns, the text has the keywords.
        keywords = "" if self._all else header.keywords
        return Content("\n".join(lines), shown, header.date, meta, keywords, part=str(number), first_line=line)

    def _first_text(self, row: Sequence[str]) -> str:
        """The value of a column of text, or else the first with letters that is no id, no address and no time."""
        width = len(row)
        for place in self._text_first:
            if place < width and _LETTER.search(row[place]):
                return row[place]
        address = ""
        for place in self._text_then:
            if place < width and _LETTER.search(row[place]):
                if not _MACHINE.match(row[place]):
                    return row[place]
                address = address or row[place]
        return address


def row_content(row: Mapping[str, str], number: int, columns: tuple[str, ...] = (), labels: bool = True) -> Content:
    """A single row as a document: the value of each column by its name, in order; the rest is as in Columns."""
    return Columns(list(row), columns, labels).content(list(row.values()), number)
