"""What the page of results was asked for, as its address says it, and the addresses of the pages around it.

An address of the page is read kindly: what has no meaning is left out, and told. The API is strict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from starlette.datastructures import QueryParams

from naidi.indexer.messages import LANGUAGES
from naidi.indexer.printable import printable

from ..budget import MAX_QUERY
from ..search_options import Mode
from .rendering import encoded

PAGE = 10
"""Results on a page."""
MAX_OFFSET = 10_000
"""How far one may go on. Who needs more, narrows the search."""
SORTS = ("score", "-date", "date", "title")
_MOST_FILTERS = 20
# So many characters of what is left out are told.
_TOLD = 60
_FREE = ("q", "query", "since", "until", "id")
_CHOICES: Mapping[str, Collection[str]] = {
    "sort": SORTS,
    "mode": ("any", "all"),
    "exact": ("0", "1"),
    "ui": LANGUAGES,
}


@dataclass(frozen=True)
class PageQuery:
    """One question to the page.

    query: as typed.
    filters: of the query language, as `facet_filters` makes them.
    sort: one of SORTS.
    since, until: dates as typed; "" for none.
    mode: "any" or "all" of the words.
    exact: without corrections and related words.
    offset: results before the page.
    ui: the language of the page, if the address names one.
    left_out: what else the address says: parameters that there are not, and those whose value has no meaning.
    """

    query: str = ""
    filters: tuple[str, ...] = ()
    sort: str = "score"
    since: str = ""
    until: str = ""
    mode: Mode = "any"
    exact: bool = False
    offset: int = 0
    ui: str = ""
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: QueryParams, places: Collection[str] = ()) -> PageQuery:
        """The question of an address. places: further parameters of the page, which are whole numbers."""
        offset, sort, ui = given.get("offset", ""), given.get("sort", ""), given.get("ui", "")
        number = whole(offset) or 0
        filters = list(dict.fromkeys(filter(is_shown, given.getlist("f"))))[:_MOST_FILTERS]
        return cls(
            " ".join((given.get("q") or given.get("query", ""))[:MAX_QUERY].split()),
            tuple(filters),
            sort if sort in SORTS else "score",
            given.get("since", "").strip()[:100],
            given.get("until", "").strip()[:100],
            "all" if given.get("mode") == "all" else "any",
            given.get("exact") == "1",
            min(number // PAGE * PAGE, MAX_OFFSET),
            ui if ui in LANGUAGES else "",
            tuple(_left_out(given, filters, places)),
        )

    @property
    def asks(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self.query or self.filters or self.since or self.until)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the words narrows the search."""
        return bool(self.filters or self.since or self.until or self.exact or self.mode == "all")

    def but(self, **changes: Any) -> PageQuery:
        """The same question with changes, from its first page unless they say otherwise."""
        return replace(self, **{"offset": 0, **changes})

    def without_filter(self, one: str) -> PageQuery:
        """With one filter less."""
        return self.but(filters=tuple(each for each in self.filters if each != one))

    @cached_property
    def told(self) -> str:
        """What stands in an address behind the question mark; what is usual is left out. A page has a hundred such addresses."""
        parameters = {
            "q": self.query,
            "sort": "" if self.sort == "score" else self.sort,
            "since": self.since,
            "until": self.until,
            "mode": "" if self.mode == "any" else self.mode,
            "exact": "1" if self.exact else "",
            "offset": str(self.offset) if self.offset else "",
            "ui": self.ui,
            "f": list(self.filters),
        }
        return encoded(parameters)

    def url(self, path: str, more: Mapping[str, str] | None = None) -> str:
        """The address of a page with this question. more: further parameters, which go first."""
        told = "&".join(filter(None, (encoded(more) if more else "", self.told)))
        return f"{path}?{told}" if told else path

    def url_with_filter(self, path: str, one: str) -> str:
        """The address of a page with this question and one filter more."""
        return f"{path}?{self.told}{'&' if self.told else ''}f={quote(one, safe='')}"


def whole(text: str) -> int | None:
    """A whole number from 0 of an address; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _left_out(given: QueryParams, filters: Collection[str], places: Collection[str]) -> Iterator[str]:
    """What an address says and the page does not do."""
    seen: set[str] = set()
    for name, value in given.multi_items():
        twice = name != "f" and name in seen
        seen.add(name)
        if not value and name in (*_CHOICES, *_FREE, "f", "offset"):
            continue  # a form sends what is empty, too
        if name == "f":
            known = value in filters
        elif name == "offset":
            known = (whole(value) or MAX_OFFSET + 1) <= MAX_OFFSET or value == "0"
        elif name in places:
            known = whole(value) is not None
        else:
            known = name in _FREE or value in _CHOICES.get(name, ())
        if not known or twice:
            yield printable(f"{name}={value}" if value else name)[:_TOLD]


def is_shown(one: str) -> bool:
    """Whether a filter can stand in a page as it is: it has neither control characters nor turns the direction of writing."""
    return bool(one) and printable(one) == one


def replaced_word(query: str, original: str, replacement: str) -> str | None:
    """The query with one of its words replaced; None if the word does not stand there as it was typed."""
    before, found, behind = query.partition(original)
    if not found or before[-1:].isalnum() or behind[:1].isalnum():
        return None
    return f"{before}{replacement}{behind}"
