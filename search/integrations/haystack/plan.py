"""What naidi is to be asked for a query string of haystack: words, a condition on fields, and ids where both are mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TypeAlias

from naidi import Condition, Searcher, field, quote

from . import query_strings
from .comparisons import Unanswerable, compared, in_range
from .own_fields import OwnField, OwnFields
from .query_strings import Leaf, Node, Range

# A query of naidi has limits. What is longer is asked in parts.
_MAX_QUERY = 8_000
_MAX_WORDS = 900
# What is remembered of filters, in ids and in queries.
_MAX_KNOWN = 500_000
_MAX_QUERIES = 200

_NOT_IN_PHRASES = re.compile(r'["“”„‟«»‹›*?~^=]+')
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Words:
    """A query of naidi. named: whether it looks into other fields than the content."""

    query: str
    named: bool


@dataclass(frozen=True)
class Values:
    """A condition of naidi."""

    condition: Condition


@dataclass(frozen=True)
class Constant:
    """Every document, or none."""

    holds: bool


@dataclass(frozen=True)
class Every:
    """All of its parts hold: some are words, some are values."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Some:
    """At least one of its parts holds."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Without:
    """Its part does not hold."""

    part: Part


Part: TypeAlias = Words | Values | Constant | Every | Some | Without


@dataclass(frozen=True)
class Plan:
    """One search of naidi.

    query, where: as for `Searcher.search`.
    parts: what else must hold. It is asked for first, and narrows the search by ids.
    exact: whether the words are searched for as typed: a filter must not find what is only similar.
    """

    query: str
    where: Condition | None = None
    parts: tuple[Part, ...] = ()
    exact: bool = False


def plan(text: str, own: OwnFields, boost: dict[str, float] | None = None) -> Plan | None:
    """The plan for a query string; None if no document can answer it.

    Parameters:
      text: as `NaidiSearchQuery.build_query` makes it, or as a program wrote it.
      own: the fields of the indexes.
      boost: words that need not be there, with the factors by which they raise the score.

    Raises Unanswerable for a field that no index has, and for what naidi cannot look for.
    """
    part = part_of(text, own)
    if isinstance(part, Constant) and not part.holds:
        return None
    found = _planned(part)
    raised = [query for word, factor in (boost or {}).items() if (query := _raised(word, factor))]
    if raised:
        return Plan(f"+({found.query}) {' '.join(raised)}", found.where, found.parts, found.exact)
    return found


def part_of(text: str, own: OwnFields) -> Part:
    """What must hold of a document. Raises as `plan` does."""
    return _part(query_strings.read(text), own) or Constant(False)


def _planned(part: Part) -> Plan:
    parts = part.parts if isinstance(part, Every) else (part,)
    conditions = [each.condition for each in parts if isinstance(each, Values)]
    where = reduce(and_, conditions) if conditions else None
    content = [each.query for each in parts if isinstance(each, Words) and not each.named]
    named = [each for each in parts if isinstance(each, Words) and each.named]
    others = [each for each in parts if isinstance(each, (Every, Some, Without))]
    if content:
        # Related words and corrections are for what a user has typed, not for filters beside it.
        return Plan(_both(content, "AND"), where, (*named, *others))
    if named:
        return Plan(_both([each.query for each in named], "AND"), where, tuple(others), True)
    ranked = [query for each in others for query in _words_in(each)]
    query = " OR ".join(["*", *ranked]) if 0 < len(ranked) <= 32 else "*"
    return Plan(query, where, tuple(others), bool(ranked))


class KnownIds:
    """What queries of one state of an index have found. Filters come again: they are not asked twice."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}
        self._total = 0

    def get(self, query: str, searcher: Searcher) -> frozenset[str]:
        """The ids that a query of naidi finds as typed."""
        found = self._known.get(query)
        if found is None:
            found = frozenset(each for each, _ in searcher.search_ids(query, max(1, len(searcher)), exact=True))
            if len(found) < _MAX_KNOWN:
                if self._total + len(found) > _MAX_KNOWN or len(self._known) > _MAX_QUERIES:
                    self._known, self._total = {}, 0
                self._known[query] = found
                self._total += len(found)
        return found


def ids_of(part: Part, searcher: Searcher, known: KnownIds) -> frozenset[str]:
    """The ids of the documents for which a part holds."""
    if isinstance(part, Every):
        return reduce(and_, [ids_of(each, searcher, known) for each in part.parts])
    if isinstance(part, Some):
        return reduce(or_, [ids_of(each, searcher, known) for each in part.parts])
    if isinstance(part, Without):
        return known.get("*", searcher) - ids_of(part.part, searcher, known)
    if isinstance(part, Words):
        return known.get(part.query, searcher)
    if isinstance(part, Values):
        found = searcher.search_ids("*", max(1, len(searcher)), where=part.condition)
        return frozenset(each for each, _ in found)
    return known.get("*", searcher) if part.holds else frozenset()


# -- from nodes to parts


def _part(node: Node, own: OwnFields) -> Part | None:
    """What a node asks for; None for one without a word."""
    if isinstance(node, query_strings.AllOf):
        parts = [_part(each, own) for each in node.parts]
        joined = _whole_value(node.parts, own)
        found = _every([each for each in parts if each is not None])
        return _some([Values(joined), found]) if joined is not None and found is not None else found
    if isinstance(node, query_strings.AnyOf):
        return _some([each for part in node.parts if (each := _part(part, own)) is not None])
    if isinstance(node, query_strings.Not):
        inner = _part(node.part, own)
        return None if inner is None else _without(inner)
    one = _field_of(node.field, own)
    if isinstance(node, Range):
        return Values(in_range(one, node))
    if one.words is None:
        return Values(compared(one, node))
    if node.form == "pattern" and not node.text.strip("*?"):
        if one.kind == "content":
            return Constant(True)
        if one.column is None:
            raise Unanswerable(f"{one.name} has parts of words alone: which documents have any is not known")
        return Values(field(one.column).exists())
    query = _query_of(one, node)
    return Words(query, one.kind != "content") if query else None


def _field_of(name: str | None, own: OwnFields) -> OwnField:
    one = own.get(own.content if name is None else name)
    if one is None:
        raise Unanswerable(f"no index has the field {name!r}; there is {', '.join(sorted(own))}")
    return one


def _whole_value(parts: tuple[Node, ...], own: OwnFields) -> Condition | None:
    """Words that stand side by side for a field of whole values: `tags:(New AND York)` may mean the tag "New York"."""
    names = {part.field if isinstance(part, Leaf) and part.form == "word" else None for part in parts}
    name = names.pop() if len(names) == 1 else None
    one = None if name is None else own.get(name)
    if one is None or one.kind != "keyword" or len(parts) < 2:
        return None
    return field(str(one.column)) == " ".join(part.text for part in parts if isinstance(part, Leaf))


def _every(parts: list[Part]) -> Part | None:
    if any(isinstance(part, Constant) and not part.holds for part in parts):
        return Constant(False)
    return _gathered(parts, "AND")


def _some(parts: list[Part]) -> Part | None:
    if any(isinstance(part, Constant) and part.holds for part in parts):
        return Constant(True)
    return _gathered(parts, "OR")


def _without(part: Part) -> Part:
    if isinstance(part, Constant):
        return Constant(not part.holds)
    if isinstance(part, Words):
        return Words(f"(NOT {part.query})", part.named)
    return Values(~part.condition) if isinstance(part, Values) else Without(part)


def _gathered(parts: list[Part], operator: str) -> Part | None:
    """Parts joined: what is of one kind becomes one part, as far as a query of naidi may go."""
    if not parts:
        return None
    kind = Every if operator == "AND" else Some
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    left: list[Part] = [each for each in flat if isinstance(each, (Every, Some, Without))]
    conditions = [each.condition for each in flat if isinstance(each, Values)]
    if conditions:
        left.insert(0, Values(reduce(and_ if operator == "AND" else or_, conditions)))
    for named in (False, True):
        left += _as_queries(
            [each.query for each in flat if isinstance(each, Words) and each.named is named], operator, named
        )
    if operator == "OR" and len(left) > 1 and all(isinstance(each, Words) for each in left):
        left = _as_queries([each.query for each in left if isinstance(each, Words)], "OR", True)
    if not left:
        return parts[0]  # constants alone, all the same
    return left[0] if len(left) == 1 else kind(tuple(left))


def _as_queries(queries: list[str], operator: str, named: bool) -> list[Part]:
    found: list[Part] = []
    now: list[str] = []
    for query in queries:
        both = _both([*now, query], operator)
        if now and (len(both) > _MAX_QUERY or both.count(" ") > _MAX_WORDS):
            found.append(Words(_both(now, operator), named))
            now = []
        now.append(query)
    return [*found, Words(_both(now, operator), named)] if now else found


def _both(queries: list[str], operator: str) -> str:
    return queries[0] if len(queries) == 1 else f"({f' {operator} '.join(queries)})"


def _words_in(part: Part) -> Iterator[str]:
    """The queries in a part that documents are ranked by."""
    if isinstance(part, Words):
        yield part.query
    elif isinstance(part, (Every, Some)):
        for each in part.parts:
            yield from _words_in(each)


# -- one leaf as a query of naidi


def _query_of(one: OwnField, leaf: Leaf) -> str:
    boost = "" if leaf.boost == 1 else f"^{min(1000.0, max(0.001, leaf.boost)):g}"
    if one.kind == "pattern" and leaf.form != "fuzzy":
        return _both_patterns(one, [one.pattern.format(word) for word in _WORD.findall(leaf.text)], boost)
    if leaf.form == "pattern":
        found = [word for word in re.findall(r"[\w*?]+", leaf.text) if word.strip("*?")]
        return _both_patterns(one, found, boost)
    if leaf.form == "fuzzy" and _WORD.fullmatch(leaf.text):
        return f"{one.words}:{leaf.text}~{leaf.number}{boost}"
    if leaf.form == "phrase":
        text = " ".join(_NOT_IN_PHRASES.sub(" ", leaf.text).split())
        near = f"~{leaf.number}" if leaf.number else ""
        return f'{one.words}:"{text}"{near}{boost}' if _WORD.search(text) else ""
    words = _all_quoted(leaf.text)
    return f"{one.words}:{words}{boost}" if words else ""


def _both_patterns(one: OwnField, patterns: list[str], boost: str) -> str:
    return _both([f"{one.words}:{pattern}{boost}" for pattern in patterns], "AND") if patterns else ""


def _raised(word: str, factor: float) -> str:
    words = _all_quoted(word)
    return f"body:{words}^{min(1000.0, max(0.001, float(factor))):g}" if words else ""


def _all_quoted(text: str) -> str:
    """The words of a text, all of which must be there; "" if it has none."""
    words = quote(text)
    if words == "()":
        return ""
    return _both(words[1:-1].split(" "), "AND") if words.startswith("(") else words
