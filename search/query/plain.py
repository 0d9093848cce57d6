"""Reads plain queries without the grammar.

A plain query is words with blanks, AND or OR between them, one phrase of words, one exact word or one prefix. Most queries are
plain. Here they take 1 to 4 µs, with the lexer and the parser 10 to 30. Both give the same tree. A query that could mean anything
else, or that needs a warning, is left to the grammar.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import APOSTROPHES
from naidi.indexer.late import pattern

from .nodes import Bool, Exact, Node, Phrase, Prefix, Word

# Words that begin with a letter or a digit and hold no character with a meaning. A question mark stands at the end alone.
_WORDS = pattern(r"\s*(?:[^\W_][\w'’.,;!…/+#&%@$-]*(?:\?[.,;!?…]*)?(?:\s+|\Z))+")
OPERATORS = frozenset(("AND", "OR", "NOT"))
RUSSIAN_OPERATORS = {"ИЛИ": "OR", "НЕ": "NOT"}
"""Russian words that may be meant as operators but are read as words -> the operator that may be meant."""

PUNCTUATION = ".,;:!?…"
"""Characters that are no part of a word at its end."""

MAX_WORD = 200
"""Nobody types a longer word (in characters). It is read as plain text."""

RESERVED = OPERATORS.union(RUSSIAN_OPERATORS)
_CLOSED_BY = {'"': '"', "«": "»", "“": "“”", "„": "“”"}


def read_plain(query: str, *, all_words: bool) -> Node | None:
    """The tree of a plain query. None if the query is not plain.

    all_words: whether a document needs all of the words that stand beside each other.
    """
    words = query.split()
    if not "".join(words).isalnum():
        if query[:1] in _CLOSED_BY:
            return _phrase(query)
        if len(words) == 1 and (leaf := _exact_or_prefix(words[0])):
            return leaf
        if _WORDS.fullmatch(query) is None or not RESERVED.isdisjoint(words):
            return None
        words = [word.rstrip(PUNCTUATION) for word in words]
    elif not RESERVED.isdisjoint(words):
        return _chains(words)
    if len(words) == 1:
        return Word(words[0])
    nodes = tuple(map(Word, words))
    return Bool(nodes) if all_words else Bool((), nodes)


def is_plain_prefix(text: str) -> bool:
    """Whether the text is a word of letters and digits alone and one star behind it, at most MAX_WORD characters."""
    # An apostrophe at the end of a prefix is no part of it. One kind of apostrophe counts as a letter.
    return text[-1:] == "*" and text[:-1].isalnum() and text[-2] not in APOSTROPHES and len(text) <= MAX_WORD


def _exact_or_prefix(word: str) -> Exact | Prefix | None:
    if word[0] == "=" and word[1:].isalnum():
        return Exact(word[1:])
    return Prefix(word[:-1]) if is_plain_prefix(word) else None


def _chains(words: list[str]) -> Node | None:
    """The tree of words with an AND or an OR between each and the next. AND binds tighter."""
    operands, operators = words[::2], words[1::2]
    ands, ors = operators.count("AND"), operators.count("OR")
    if not ands + ors == len(operators) == len(operands) - 1 or not RESERVED.isdisjoint(operands):
        return None
    nodes = tuple(map(Word, operands))
    if not ors:
        return Bool(nodes)
    if not ands:
        return Bool((), nodes)
    chains = [[nodes[0]]]
    for operator, node in zip(operators, nodes[1:], strict=True):
        if operator == "AND":
            chains[-1].append(node)
        else:
            chains.append([node])
    return Bool((), tuple([Bool(tuple(chain)) if len(chain) > 1 else chain[0] for chain in chains]))


def _phrase(query: str) -> Node | None:
    """The tree of a query that is one phrase, quotes included. Blanks may follow it. None for other queries."""
    query = query.rstrip()
    inside = query[1:-1]
    if query[-1] not in _CLOSED_BY[query[0]] or _WORDS.fullmatch(inside) is None:
        return None
    words = [word.rstrip(PUNCTUATION) for word in inside.split()]
    if not RESERVED.isdisjoint(words):
        return None
    return Phrase(tuple(map(Word, words))) if len(words) > 1 else Word(words[0])
