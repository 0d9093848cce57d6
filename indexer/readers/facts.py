"""What a file states about itself: title, authors, tags, dates."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

from .content import Content

MAX_FACT = 1000
"""The longest fact that is kept, in code points."""

MAX_FACTS = 100
"""The most facts of one kind."""

_DAY = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)(?!\d)", re.ASCII)

# What programs write into a document that nobody gave a title.
_NO_TITLES = frozenset(
    """
    untitled без названия|без имени|untitled|document|документ|untitled document|powerpoint presentation|презентация powerpoint
    |слайд 1|slide 1|лист 1|book1|книга1|document1|документ1|word document|документ word|unknown|[no title]|cover
    """.replace("\n", "")
    .strip()
    .split("|")
)


@dataclass
class Facts:
    """Facts as they are found.

    title: the first one that was given.
    date: the day from which the file says it is.
    lists: facts that a file may have several of: "author", "tags", "subject", and any other name that meta may have.
    """

    title: str = ""
    date: datetime.date | None = None
    lists: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, value: str) -> None:
        """A fact of this kind, unless it is blank or known. "title" and "date" are kinds too; of these the first counts."""
        value = " ".join(value[: 8 * MAX_FACT].split())[:MAX_FACT]
        if not value:
            return
        if kind == "title":
            if value.lower() not in _NO_TITLES:
                self.title = self.title or value
            return
        if kind == "date":
            self.date = self.date or day_of(value)
        values = self.lists.setdefault(kind, [])
        if value not in values and len(values) < MAX_FACTS:
            values.append(value)

    def content(
        self,
        text: str,
        *,
        warnings: tuple[str, ...] = (),
        part: str = "",
        pages: tuple[int, ...] = (),
        searched: tuple[str, ...] = ("author", "subject", "tags"),
    ) -> Content:
        """The facts with a text. `searched` names the kinds that become keywords."""
        meta = {kind: ", ".join(values) for kind, values in self.lists.items()}
        if self.date is not None and day_of(meta.get("date", "")) == self.date:
            del meta["date"]  # nothing but what Content.date says
        keywords: dict[str, None] = {}
        for kind in searched:
            keywords.update(dict.fromkeys(self.lists.get(kind, ())))
        return Content(text, self.title, self.date, meta, "\n".join(keywords), warnings, part, pages)


def day_of(value: str) -> datetime.date | None:
    """The day in `2024-03-05`, `2024-03-05T10:00:00Z`; None for a year or a month alone, and for no day of the calendar."""
    found = _DAY.match(value)
    try:
        return datetime.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def split_tags(value: str) -> list[str]:
    """The tags in a line as people type them: with commas or semicolons between."""
    return [tag for each in re.split(r"[,;\n]", value[: 8 * MAX_FACT]) if (tag := each.strip())]
