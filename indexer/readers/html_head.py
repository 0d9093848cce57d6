"""What an HTML page states about itself: title, day, author, description, keywords. In its head, in JSON-LD, or in the text."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .content import Content

_DATES = ("article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "pubdate",
          "publish_date", "publishdate", "publication_date", "og:published_time", "sailthru.date", "last-modified")  # fmt: skip
_DAY = re.compile(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
_RUSSIAN_DAY = re.compile(r"\s*(\d\d)\.(\d\d)\.(\d{4})(?!\d)")
_MOST_SCRIPTS = 20
_MOST_FACTS = 1000


def with_head(content: Content, page: Any) -> Content:
    """The content with what a parsed page states."""
    stated = _stated(page)
    for name, value in _json_ld(page):
        stated.setdefault(name, value)
    author = next((one for name in ("author", "article:author", "dc.creator") if (one := stated.get(name, ""))), "")
    if author.startswith(("http:", "https:", "/")):
        author = ""
    description = stated.get("description") or stated.get("og:description") or ""
    tags = [tag for one in stated.get("keywords", "").split(",") if (tag := one.strip())]
    meta: dict[str, str | int | float | bool | None] = {}
    if author:
        meta["author"] = author
    if description:
        meta["description"] = description
    if tags:
        meta["tags"] = ", ".join(tags)
    keywords = "\n".join([*filter(None, (author, description)), *tags])
    return replace(content, title=_title(page, stated), date=_date(page, stated), meta=meta, keywords=keywords)


def _stated(page: Any) -> dict[str, str]:
    """The values of meta elements, by name in lower case. The first of a name counts."""
    found: dict[str, str] = {}
    for node in page.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        value = " ".join((attributes.get("content") or "").split())
        if name and value:
            found.setdefault(name.strip().lower(), value)
    return found


def _json_ld(page: Any) -> Iterator[tuple[str, str]]:
    """Author and day from JSON-LD."""
    for script in page.css('script[type="application/ld+json"]')[:_MOST_SCRIPTS]:
        try:
            waiting = [json.loads(script.text())]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MOST_FACTS):
            if not waiting:
                break
            value = waiting.pop()
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                if isinstance(date := value.get("datePublished"), str):
                    yield "datepublished", date
                author = value.get("author")
                author = author[0] if isinstance(author, list) and author else author
                author = author.get("name") if isinstance(author, dict) else author
                if isinstance(author, str) and author.strip():
                    yield "author", " ".join(author.split())
                waiting += [one for one in (value.get("@graph"), value.get("mainEntity")) if one]


def _title(page: Any, stated: dict[str, str]) -> str:
    """The title. Sites add their names to it; the only heading of the first level is without them."""
    node = page.css_first("title")
    title = " ".join((stated.get("og:title") or (node.text() if node is not None else "")).split())
    headings = page.css("h1")
    heading = " ".join(headings[0].text().split()) if len(headings) == 1 else ""
    return heading if heading and (not title or title.startswith(heading)) else title


def _date(page: Any, stated: dict[str, str]) -> datetime.date | None:
    for name in _DATES:
        if (found := day(stated.get(name, ""))) is not None:
            return found
    for node in page.css("time[datetime]"):
        if (found := day(node.attributes.get("datetime") or "")) is not None:
            return found
    return None


def day(value: str) -> datetime.date | None:
    """The day at the start of an ISO date, or of 07.03.2025."""
    if found := _DAY.match(value):
        year, month, number = map(int, found.groups())
    elif found := _RUSSIAN_DAY.match(value):
        number, month, year = map(int, found.groups())
    else:
        return None
    try:
        return datetime.date(year, month, number)
    except ValueError:
        return None
