"""What the header of a text says of it: title, date, authors, tags. The same names mean the same in every format."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from .content import Content
from .days import day_of

Value = str | tuple[str, ...]
"""One value, or a list of them."""

TITLES = ("title", "заголовок", "название")
# The first that is there counts. When a text was changed says less than when it was made.
DATES = (
    "date", "дата", "published", "publishdate", "publish_date", "pubdate", "date_published", "datepublished", "created",
    "date created", "date_created", "datecreated", "created_at", "createdat", "creation_date", "создано", "revdate", "timestamp",
    "updated", "updated_at", "date modified", "modified", "lastmod", "last_modified",
)  # fmt: skip
_SEARCHED = {
    "author": ("author", "authors", "автор", "авторы", "creator", "byline"),
    "tags": (
        "tags",
        "tag",
        "keywords",
        "categories",
        "category",
        "filetags",
        "labels",
        "topics",
        "теги",
        "тэги",
        "метки",
    ),
    "aliases": ("aliases", "alias"),
    "description": ("description", "summary", "subtitle", "abstract", "excerpt", "описание"),
}
KNOWN = frozenset((*TITLES, *DATES, *(key for keys in _SEARCHED.values() for key in keys)))
"""All names that mean something."""

_LONGEST = 2_000
_MOST = 200


class Header(NamedTuple):
    """What a header says, as the fields of a Content."""

    title: str
    date: datetime.date | None
    meta: dict[str, str | int | float | bool | None]
    keywords: str


def with_header(content: Content, facts: Mapping[str, Value], title: str = "") -> Content:
    """The content with what its header says.

    Parameters:
      content: text and warnings; its title, date, meta and keywords are replaced.
      facts: what the header says, by names in small letters. Values may be lists.
      title: the title if the header has none.
    """
    header = header_of(facts)
    return replace(content, title=header.title or title, date=header.date, meta=header.meta, keywords=header.keywords)


def header_of(facts: Mapping[str, Value]) -> Header:
    """What the facts of a header mean. facts: as in `with_header`."""
    meta: dict[str, str | int | float | bool | None] = {}
    keywords: dict[str, None] = {}
    for name, keys in _SEARCHED.items():
        values = dict.fromkeys([value for key in keys if key in facts for value in _values(facts[key])])
        if values:
            meta[name] = ", ".join(values)[:_LONGEST]
            keywords.update(values)
    days = (day_of(value) for key in DATES if key in facts for value in _values(facts[key]))
    return Header(_first(facts, TITLES), next(filter(None, days), None), meta, "\n".join(keywords))


def _first(facts: Mapping[str, Value], names: tuple[str, ...]) -> str:
    return next((value for name in names if name in facts for value in _values(facts[name])), "")


def _values(value: Value) -> list[str]:
    values = (value,) if isinstance(value, str) else value[:_MOST]
    return [line for one in values if (line := " ".join(one[:_LONGEST].split()))]
