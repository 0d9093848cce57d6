"""Which values of facets were chosen to filter by, and what does a search take of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from naidi.indexer.fields import Boolean, Keyword, Schema
from naidi.indexer.messages import message, told
from naidi.indexer.printable import printable

from ..facet_filters import filter_of, where_of
from ..results import Facet
from ..show.field_values import text_value

BUILT_IN = ("language", "type", "year", "folder")


class Choice(NamedTuple):
    """A chosen value of a facet. facet: its name. value: as the facet has it. text: the filter, as the query language has it."""

    facet: str
    value: Any
    text: str


class Row(NamedTuple):
    """A row of the panel: the name of a facet (value None and no text), or one of its values.

    documents: number of them; None for a name.
    text: the filter; None where nothing can be filtered.
    """

    facet: str
    value: Any
    documents: int | None
    text: str | None


def facet_names(schema: Schema) -> list[str]:
    """The facets that the panel shows: fields with few values first, then those that every index has."""
    own = [name for name, kind in schema.items() if isinstance(kind, (Keyword, Boolean))]
    return [*own, *(name for name in BUILT_IN if name not in schema)]


def title_of(facet: str) -> str:
    """The name of a facet as it is shown."""
    known = {
        "language": message("Language"),
        "type": message("Type of file"),
        "year": message("Year"),
        "folder": message("Folder"),
    }
    return str(told(known[facet])) if facet in known else printable(facet)


def label_of(row: Row) -> str:
    """A value as it is shown."""
    if row.value in (None, ""):
        return str(told(message("(none)")))
    return printable(text_value(row.value))


class Filters:
    """The chosen values, in the order in which they were chosen."""

    def __init__(self) -> None:
        self.chosen: list[Choice] = []

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def toggle(self, row: Row) -> bool:
        """Choose a value, or no longer. Returns whether that could be done."""
        if row.text is None:
            return False
        if self.has(row):
            self.chosen = [one for one in self.chosen if one.text != row.text]
        else:
            self.chosen.append(Choice(row.facet, row.value, row.text))
        return True

    def has(self, row: Row) -> bool:
        """Whether a value is chosen."""
        return any(one.text == row.text for one in self.chosen)

    def drop_last(self) -> bool:
        """No longer choose what was chosen last. Returns whether there was anything."""
        return bool(self.chosen) and bool(self.chosen.pop())

    def clear(self) -> bool:
        """No longer choose anything. Returns whether there was anything."""
        had_any = bool(self.chosen)
        self.chosen = []
        return had_any

    def where(self, without: str | None = None) -> str | None:
        """The filter for a search. without: a facet whose values do not count, so that others of it can be counted."""
        return where_of([one.text for one in self.chosen if one.facet != without])

    def facets(self) -> set[str]:
        """The facets of which values are chosen."""
        return {one.facet for one in self.chosen}


def panel_rows(
    names: Sequence[str], counted: Mapping[str, Facet], filters: Filters, schema: Schema, most: int
) -> list[Row]:
    """The rows of the panel.

    Parameters:
      names: of the facets, in their order.
      counted: what is known of them.
      filters: the chosen values, which are there even if no document has them.
      schema: of the fields.
      most: values of a facet.
    """
    rows = []
    for name in names:
        facet = counted.get(name)
        if facet is None:
            continue
        values = list(facet.values)[:most]
        if name == "year":
            values = sorted(facet.values, key=lambda pair: str(pair[0]), reverse=True)[:most]
        known = {value for value, _ in values}
        values += [
            (one.value, dict(facet.values).get(one.value, 0))
            for one in filters.chosen
            if one.facet == name and one.value not in known
        ]
        if not values:
            continue
        rows.append(Row(name, None, None, None))
        rows += [Row(name, value, count, filter_of(name, value, schema)) for value, count in values]
    return rows
