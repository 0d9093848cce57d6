"""Writes a tree as a query string."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from .compose import is_negation
from .lexer import Kind, lexemes, names_a_field
from .nodes import (
    Bool,
    ChangedRange,
    DateRange,
    EveryDocument,
    Exact,
    ExtensionIs,
    FieldFilter,
    FolderIs,
    Fuzzy,
    LanguageIs,
    Leaf,
    Node,
    PathMatches,
    Phrase,
    Prefix,
    SizeRange,
    Wildcard,
    Word,
)
from .word_syntax import read_term


def to_text(node: Node) -> str:
    """The query string of a tree: `parse(to_text(tree)).tree == tree` for every tree that `parse` gives.

    The string reads the same in either mode, unless `should` stands beside `must` in the tree; that is written for the mode "any".
    The equality does not hold where brackets nest deeper than MAX_DEPTH of the parser.
    """
    if isinstance(node, Bool):
        text = _bool(node)
        return text if node.boost == 1.0 else f"({text}){_boost(node.boost)}"
    if isinstance(node, DateRange):
        return f"date:[{_end(node.since)} TO {_end(node.until)}]"
    if isinstance(node, ChangedRange):
        return f"mtime:[{_end(node.since)} TO {_end(node.until)}]"
    if isinstance(node, SizeRange):
        ends = ("*" if size is None else size for size in (node.least, node.most))
        return "size:[{} TO {}]".format(*ends)
    if isinstance(node, LanguageIs):
        return f"lang:{node.code}"
    if isinstance(node, ExtensionIs):
        return f"ext:{node.extension}"
    if isinstance(node, PathMatches):
        return f'path:"{node.pattern}"'
    if isinstance(node, FolderIs):
        return f'dir:"{node.names}"'
    if isinstance(node, FieldFilter):
        return node.typed
    if isinstance(node, EveryDocument):
        return "*"
    named = "" if node.field is None else f"{node.field}:"
    if isinstance(node, Phrase):
        slop = f"~{node.slop}" if node.slop else ""
        return f'{named}"{" ".join(part.bare for part in node.parts)}"{slop}{_boost(node.boost)}'
    return named + _leaf(node)


def _bool(node: Bool) -> str:
    if not node.should:
        return " AND ".join([*map(_operand, node.must), *(f"NOT {_operand(child)}" for child in node.must_not)])
    optional = " OR ".join(map(_operand, node.should))
    if not node.must and not node.must_not:
        return optional
    if len(node.should) > 1:
        optional = f"({optional})"
    if not node.must:
        return " AND ".join([optional, *(f"NOT {_operand(child)}" for child in node.must_not)])
    return " ".join([*_signed("+", node.must), optional, *_signed("-", node.must_not)])


def _operand(node: Node) -> str:
    text = to_text(node)
    if is_negation(node) and len(node.must_not) == 1:
        return text  # NOT binds tighter than AND and OR
    return f"({text})" if isinstance(node, Bool) and node.boost == 1.0 else text


def _signed(sign: str, nodes: Sequence[Node]) -> list[str]:
    return [sign + _operand(node) for node in nodes]


def _end(day: datetime.date | None) -> str:
    return "*" if day is None else day.isoformat()


def _boost(boost: float) -> str:
    return "" if boost == 1.0 else f"^{str(boost).removesuffix('.0')}"


def _leaf(leaf: Word | Exact | Prefix | Wildcard | Fuzzy) -> str:
    text, boost = leaf.bare, _boost(leaf.boost)
    return text + boost if _reads_as(text + boost, leaf) else f'"{text}"{boost}'


def _reads_as(text: str, leaf: Leaf) -> bool:
    """Whether the text without quotes is read as this leaf again, whatever fields the index has."""
    if names_a_field(text):
        return False
    found = list(lexemes(text, {}, _ignored))
    if len(found) != 1 or found[0].kind is not Kind.WORD:
        return False
    return read_term(found[0], leaf.field, _ignored) == leaf


def _ignored(message: str) -> None:
    """Takes a warning and drops it."""
