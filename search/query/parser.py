"""Parses a query string into a tree.

    query    := clause*                      clauses beside each other: see _juxtaposed
    clause   := chain ("OR" chain)*
    chain    := operand ("AND" operand)*
    operand  := ("NOT" | "-" | "+")* (word | phrase | filter | [field:] "(" query ")")

Every string is a query. A string that breaks the grammar gets the best reading and a warning. The parser keeps a stack of its own,
so that no number of brackets can exhaust Python's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.messages import message
from naidi.indexer.record import record

from .compose import all_of, any_of, combine, is_negation, negation
from .filters import FILTER_FIELDS
from .lexer import Kind, Lexeme, lexemes, read_anyway
from .nodes import Exact, ExtensionIs, FieldFilter, Fuzzy, LanguageIs, Node, Phrase, Prefix, Wildcard, Word
from .plain import RUSSIAN_OPERATORS, read_plain
from .word_syntax import NO_FIELDS, read_group_boost, read_term

if TYPE_CHECKING:
    from naidi.indexer.fields import Schema

Mode = Literal["any", "all"]

DEFAULT_FIELDS = ("title", "body")

MAX_DEPTH = 32
"""Brackets nested deeper than this are ignored, with a warning. Their contents are read."""

MAX_WARNINGS = 20

_SCORED = (Word, Phrase, Exact, Prefix, Wildcard, Fuzzy)
# To look up a member of an enumeration is slow.
_WORD, _PHRASE, _OPERATOR, _OPEN = Kind.WORD, Kind.PHRASE, Kind.OPERATOR, Kind.OPEN


@record
class ParsedQuery:
    """A query as it was understood.

    tree: the query; None if it asks for nothing.
    warnings: in English, for the user, one for each thing read in an unexpected way, without repeats. There are at most
      MAX_WARNINGS, and one more that says that there are more.
    """

    tree: Node | None
    warnings: tuple[str, ...] = ()


def parse(
    query: str, *, fields: Collection[str] = DEFAULT_FIELDS, mode: Mode = "any", schema: Schema = NO_FIELDS
) -> ParsedQuery:
    """Parse a query in the language of docs/query-language.md.

    Time is linear in the length of the query.

    Parameters:
      query: any string is legal.
      fields: the names that may stand before a colon, in any case, beside those of filters.
      mode: "any" if a document needs one of the words that stand beside each other, "all" if it needs all of them.
      schema: the fields of the application, whose names may stand before a colon too.

    Raises InvalidQuery for another mode.
    """
    if mode not in ("any", "all"):
        raise InvalidQuery(message('the mode of a search is "any" or "all", not {mode}', mode=repr(mode)))
    plain = read_plain(query, all_words=mode == "all")
    return ParsedQuery(plain) if plain is not None else parse_by_grammar(query, fields, mode, schema)


def parse_by_grammar(query: str, fields: Collection[str], mode: Mode, schema: Schema = NO_FIELDS) -> ParsedQuery:
    """The same as `parse`, always by the grammar, even if the query is plain."""
    known = _KNOWN_FIELDS if fields is DEFAULT_FIELDS and not schema else known_fields(fields, schema)
    return parse_lexemes(query, known, mode, schema)


def parse_lexemes(query: str, known: Mapping[str, str], mode: Mode, schema: Schema) -> ParsedQuery:
    """The same. known: gives the field of a name before a colon, as `known_fields` does."""
    parser = _Parser(mode, schema)
    for lexeme in lexemes(query, known, parser.warn):
        parser.take(lexeme)
    return parser.finish(query)


class _Names(dict[str, str]):
    """The names that may stand before a colon: case-folded, and as they are those that a pattern of the schema stands for."""

    schema: Schema = NO_FIELDS

    def get(self, name: str, default: Any = None) -> Any:
        found = super().get(name)
        if found is None and self.schema:
            from naidi.indexer.fields import kind_of

            return default if kind_of(self.schema, name) is None else name
        return found


def known_fields(fields: Collection[str], schema: Schema = NO_FIELDS) -> Mapping[str, str]:
    """The names of fields, those of filters, and those of a schema: the case-folded name -> the field."""
    own = [name for name in schema if not name.endswith(".*")]
    names = _Names({name.casefold(): name for name in (*own, *fields, *FILTER_FIELDS)})
    names.schema = schema
    return names


_KNOWN_FIELDS = known_fields(DEFAULT_FIELDS)


class _Group:
    """The state of a bracket that is still open, or of the whole query."""

    __slots__ = ("chain", "chains", "clauses", "field", "has_plus", "negated", "operator", "sign")

    def __init__(self, field: str | None = None, sign: str = "") -> None:
        self.field = field
        self.sign = sign
        # (finished clause, whether it must be there)
        self.clauses: list[tuple[Node, bool]] = []
        # The finished chains of the clause that is being read, and the chain that is being read.
        self.chains: list[Node] = []
        self.chain: list[Node] = []
        self.has_plus = False
        self.operator = ""
        self.negated = False


class _Parser:
    def __init__(self, mode: Mode, schema: Schema) -> None:
        self._mode = mode
        self._schema = schema
        self._groups = [_Group()]
        self._too_deep = 0
        self._warnings: dict[str, None] = {}

    def warn(self, warning: str) -> None:
        full = len(self._warnings) >= MAX_WARNINGS and warning not in self._warnings
        self._warnings.setdefault(message("there is more of the kind") if full else warning)

    def take(self, lexeme: Lexeme) -> None:
        kind = lexeme.kind
        if kind is _WORD or kind is _PHRASE:
            group = self._groups[-1]
            text = lexeme.text
            if kind is _WORD and group.field is lexeme.field is None and not lexeme.exact and text.isalnum():
                node: Node | None = Word(text)
            else:
                node = read_term(lexeme, group.field, self.warn, self._schema)
            if node is not None:
                self._operand(group, node, lexeme.sign)
        elif kind is _OPERATOR:
            self._operator(lexeme.text)
        elif kind is _OPEN:
            self._open(lexeme)
        else:
            self._close(lexeme.suffix)

    def finish(self, query: str) -> ParsedQuery:
        if len(self._groups) > 1:
            self.warn(read_anyway(message("unbalanced bracket"), message("read as if it were closed at the end")))
        while len(self._groups) > 1:
            self._close("")
        tree = self._end(self._groups[0])
        if tree is None:
            if query.strip():
                self.warn(message("the query asks for nothing: it has no word to look for"))
            else:
                self.warn(message("the query is empty: type words, or * for every document"))
        self._hint_at_operators(query)
        return ParsedQuery(tree, tuple(self._warnings))

    def _hint_at_operators(self, query: str) -> None:
        # In a query all in capitals, these are certainly words.
        if ("ИЛИ" in query or "НЕ" in query) and any(map(str.islower, query)):
            for word in query.split():
                if word in RUSSIAN_OPERATORS:
                    self.warn(
                        message(
                            "{word} is read as a word: the operator is {operator}",
                            word=word,
                            operator=RUSSIAN_OPERATORS[word],
                        )
                    )

    def _operator(self, name: str) -> None:
        group = self._groups[-1]
        if name == "NOT":
            group.negated = not group.negated
        elif group.operator or group.negated:
            self.warn(message("{name} is ignored: another operator stands right before it", name=name))
        elif not group.chain:
            self.warn(message("{name} is ignored: nothing stands before it", name=name))
        else:
            group.operator = name

    def _operand(self, group: _Group, node: Node, sign: str) -> None:
        if group.negated != (sign == "-"):
            node = negation(node)
        if not group.operator:
            if group.chain:
                self._end_clause(group)
        elif group.operator == "OR":
            group.chains.append(all_of(group.chain))
            group.chain = []
        group.chain.append(node)
        if sign == "+":
            group.has_plus = True
        group.operator = ""
        group.negated = False

    def _open(self, lexeme: Lexeme) -> None:
        if len(self._groups) > MAX_DEPTH:
            self._too_deep += 1
            self.warn(message("brackets nested deeper than {most} are ignored", most=MAX_DEPTH))
            return
        outer = self._groups[-1]
        self._groups.append(_Group(lexeme.field or outer.field, lexeme.sign))

    def _close(self, suffix: str) -> None:
        if self._too_deep:
            self._too_deep -= 1
            return
        if len(self._groups) == 1:
            self.warn(message("unbalanced bracket: a closing one is ignored"))
            return
        group = self._groups.pop()
        boost = read_group_boost(suffix, self.warn) if suffix else 1.0
        node = self._end(group)
        if node is None:
            self.warn(message("empty brackets are ignored"))
        else:
            self._operand(self._groups[-1], node.boosted(boost), group.sign)

    def _end(self, group: _Group) -> Node | None:
        if group.negated or group.operator:
            self.warn(message("{name} is ignored: nothing follows it", name="NOT" if group.negated else group.operator))
        self._end_clause(group)
        return _juxtaposed(group.clauses, self._mode) if group.clauses else None

    def _end_clause(self, group: _Group) -> None:
        chains, chain = group.chains, group.chain
        if not chain:
            return
        if not chains and len(chain) == 1:
            group.clauses.append((chain.pop(), group.has_plus))
            group.has_plus = False
            return
        if chains:
            if group.has_plus:
                self.warn(message("+ is ignored beside OR: put brackets round what must be there"))
            group.clauses.append((any_of([*chains, all_of(chain)]), False))
            group.chains = []
        else:
            group.clauses.extend([(node, True) for node in chain])
        group.chain, group.has_plus = [], False


def _juxtaposed(clauses: list[tuple[Node, bool]], mode: Mode) -> Node:
    """The node of clauses that stand beside each other. clauses: (clause, whether it must be there).

    A negation excludes. A filter narrows in either mode: a user who adds `lang:ru` does not ask for everything in Russian. Several
    languages are alternatives, since no document has two, and so are extensions. If `must` holds only filters, a document still
    needs one of the others. So are values of a field that has one value in a document.
    """
    if len(clauses) == 1:
        return clauses[0][0]
    must: list[Node] = []
    should: list[Node] = []
    must_not: list[Node] = []
    languages: dict[Node, None] = {}
    extensions: dict[Node, None] = {}
    of_fields: dict[str, dict[Node, None]] = {}
    for node, required in clauses:
        if isinstance(node, _SCORED):
            (must if required or mode == "all" else should).append(node)
        elif is_negation(node):
            must_not.extend(node.must_not)
        elif isinstance(node, LanguageIs) and not required:
            languages.setdefault(node)
        elif isinstance(node, ExtensionIs) and not required:
            extensions.setdefault(node)
        elif isinstance(node, FieldFilter) and node.alternative is not None and not required:
            of_fields.setdefault(node.alternative, {}).setdefault(node)
        elif required or mode == "all" or node.is_filter():
            must.append(node)
        else:
            should.append(node)
    must += [any_of(alternatives) for alternatives in (languages, extensions, *of_fields.values()) if alternatives]
    if should and must and all(node.is_filter() for node in must):
        must.insert(0, any_of(should))
        should = []
    return combine(must=must, should=should, must_not=must_not)
