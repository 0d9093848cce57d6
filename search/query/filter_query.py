"""Reads a filter query: a string in the query language that is made of filters alone, `price:<500 -tags:old`.

A query that is typed gets the best reading. A filter query says what may be found, so that it must be read as it was meant: where
a query would have a warning, it is an error. Filters beside each other must all hold, except that values of what a document has
once are alternatives, as in a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import unknown_field
from naidi.indexer.messages import message

from ..budget import MAX_QUERY
from ..collection import Collection
from .analysed import AmongIds, Filter
from .lexer import shortened, what_is_wrong
from .nodes import Bool, EveryDocument, Node
from .parser import DEFAULT_FIELDS, known_fields, parse_lexemes
from .printer import to_text
from .rewrite import filter_of

if TYPE_CHECKING:
    from naidi.indexer.fields import Schema


def read_filter_query(text: str, collection: Collection, warn: Callable[[str], object]) -> Filter:
    """The filter that a text stands for.

    Parameters:
      text: filters, with brackets and operators.
      collection: the index.
      warn: called with a warning for each field that the index lacks. No document passes then.

    Raises InvalidQuery for what is no filter, for what a query would have a warning of, and for more than MAX_QUERY characters.
    """
    if len(text) > MAX_QUERY:
        raise InvalidQuery(
            message("where has {count:,} characters; at most {most:,} are read", count=len(text), most=MAX_QUERY)
        )
    names = _AnyName(collection.schema)
    parsed = parse_lexemes(text, names, "all", collection.schema)
    if parsed.tree is None:
        raise InvalidQuery(message("where has no filter: write filters alone, such as price:<500 lang:ru"))
    for leaf in _leaves(parsed.tree):
        of_unknown = names.unknown and (
            isinstance(leaf, EveryDocument) or getattr(leaf, "field", None) in names.unknown
        )
        if isinstance(leaf, Filter) and leaf.is_filter():
            continue
        if not of_unknown and not parsed.warnings:
            raise InvalidQuery(
                message(
                    "where: {text} is no filter: write filters alone, such as price:<500 lang:ru",
                    text=shortened(to_text(leaf)),
                )
            )
    if names.unknown:
        for name in names.unknown:
            warn(unknown_field(collection.schema, name))
        return AmongIds(frozenset())
    if parsed.warnings:
        raise InvalidQuery(message("where: {reason}", reason=what_is_wrong(parsed.warnings[0])))
    return filter_of(parsed.tree, collection)


def check_names(text: str, schema: Schema) -> None:
    """Raises InvalidQuery if filters name a field that a schema lacks."""
    names = _AnyName(schema)
    parse_lexemes(text[:MAX_QUERY], names, "all", schema)
    for name in names.unknown:
        raise InvalidQuery(message("where: {reason}", reason=unknown_field(schema, name)))


class _AnyName(dict[str, str]):
    """Names before a colon: the known ones, and any other, which is noted."""

    def __init__(self, schema: Schema) -> None:
        self._known = known_fields(DEFAULT_FIELDS, schema)
        self.unknown: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        found = self._known.get(name) or self._known.get(name.casefold())
        if found is None:
            self.unknown.setdefault(name)
        return found or name


def _leaves(tree: Node) -> Iterator[Node]:
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, Bool):
            left += [*node.must_not[::-1], *node.should[::-1], *node.must[::-1]]
        else:
            yield node
