"""Analyses a parsed query. Words become terms; words of several tokens become phrases.

The keys and the stem of a form come from the index if it knows the form. So most queries load no dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from naidi.indexer.analysis.normalize import fold_yo, is_abbreviation
from naidi.indexer.analysis.tokenizer import forms as forms_of_text
from naidi.indexer.codec.segment import Segment

from ..cache import Attached, Cache
from ..collection import Collection
from .analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Expansion,
    Forms,
    NearPhrase,
    NoDocument,
    Term,
)
from .expand import exact_forms, fuzzy_forms, prefix_forms, wildcard_forms
from .nodes import (
    Bool,
    DateRange,
    EveryDocument,
    Exact,
    Fuzzy,
    LanguageIs,
    Leaf,
    Node,
    Phrase,
    Prefix,
    Wildcard,
    Word,
)

# Words of a query beyond this are not searched for. Lucene allows as many clauses. Each word costs a look-up in every segment.
MAX_TERMS = 1024
# The budget of each of the two caches of query words, in bytes.
_WORDS_BYTES = 1_000_000


class Help(NamedTuple):
    """What the bridges know of a plain word.

    alternatives: the words that may also be meant.
    is_known: whether the index has all its tokens.
    leads: whether a name of several words may begin with it.
    """

    alternatives: tuple[Alternative, ...]
    is_known: bool
    leads: bool


class Bridges(Protocol):
    """The source of alternatives for the plain words of a query."""

    def of_word(self, node: Term | NearPhrase) -> Help:
        """The alternatives of one word, which may have several tokens."""
        ...

    def of_row(self, words: Sequence[Term]) -> Sequence[tuple[int, int, tuple[Alternative, ...]]]:
        """(start, end, alternatives) for each run of two or more words that have a meaning together, such as a name.

        The words stand in a row in the query, and have the same field and boost. The runs are ascending and do not overlap.
        """
        ...


# Word as typed -> its terms; word as typed -> its analysed node with alternatives.
_TERMS: Attached[Collection, Cache[str, list[Term]]] = Attached(lambda _: Cache(_WORDS_BYTES))
_HELPED: Attached[Collection, Cache[str, tuple[AnalysedNode, Help | None]]] = Attached(lambda _: Cache(_WORDS_BYTES))


class Rewriter:
    """Analyses a query tree against one collection. Make a new one for each query; threads may not share it.

    dropped: how many parts of the query were left out because MAX_TERMS words came before them.
    has_unknown: whether a plain word of the query is not in the index.
    """

    def __init__(self, collection: Collection, bridges: Bridges | None = None) -> None:
        """bridges: the source of alternatives; None to search for the typed words alone."""
        self._collection = collection
        self._bridges = bridges
        self._terms = 0
        self._leads = False  # whether a name of several words may begin with one of the words
        self.dropped = 0
        self.has_unknown = False

    def rewrite(self, node: Node) -> AnalysedNode:
        """The analysed tree."""
        if isinstance(node, Bool):
            return self._bool(node)
        if isinstance(node, (DateRange, LanguageIs, EveryDocument)):
            return node
        if isinstance(node, Phrase):
            parts = [term for part in node.parts for term in self._terms_of(part)]
            if self._bridges is not None and not self.has_unknown:
                self.has_unknown = not all(map(self._is_known, parts))
            return self._phrase(parts, node.slop, node.field, node.boost)
        if self._bridges is None or not isinstance(node, Word):
            return self._phrase(self._terms_of(node), 0, node.field, node.boost)
        if node.field is not None or node.boost != 1.0:
            analysed, help_of_word = self._helped(node)
        else:
            terms = self._terms
            analysed, help_of_word = _HELPED.of(self._collection).get(node.text, lambda: self._helped(node))
            self._terms = terms + 1  # the word counts once, whether it was in the cache or not
        if help_of_word is not None:
            self.has_unknown = self.has_unknown or not help_of_word.is_known
            self._leads = self._leads or help_of_word.leads
        return analysed

    def _helped(self, node: Word) -> tuple[AnalysedNode, Help | None]:
        assert self._bridges is not None
        analysed = self._phrase(self._terms_of(node), 0, node.field, node.boost)
        if not isinstance(analysed, (Term, NearPhrase)):
            return analysed, None
        found = self._bridges.of_word(analysed)
        return Bridged(analysed, found.alternatives) if found.alternatives else analysed, found

    def _is_known(self, term: Term) -> bool:
        return term.kind != "lemma" or self._collection.knows_any(term.keys)

    def _phrase(self, parts: Sequence[Term], slop: int, field: str | None, boost: float) -> AnalysedNode:
        if not parts:
            return NoDocument()
        if len(parts) == 1:
            only = parts[0]
            if field is None and boost == 1.0:
                return only
            identity = (*only.identity[:-1], field)
            return Term(only.text, only.kind, only.keys, only.forms, only.stem, field, boost, identity)
        return NearPhrase(tuple(parts), slop, field, boost)

    def _bool(self, node: Bool) -> AnalysedNode:
        should = self._children(node.should)
        if len(should) + len(node.must) > 1:
            should = tuple(
                _compound(child) if isinstance(asked, Word) else child
                for asked, child in zip(node.should, should, strict=False)
            )
        must = self._children(node.must)
        if self._leads and self._bridges is not None:
            must, should = self._in_rows(must, all_words=True), self._in_rows(should, all_words=False)
        return Combination(must, should, self._excluded(node.must_not), node.boost)

    def _excluded(self, nodes: Iterable[Node]) -> tuple[AnalysedNode, ...]:
        """The excluded nodes. Only the typed words are excluded, without alternatives."""
        bridges, self._bridges = self._bridges, None
        excluded = self._children(nodes)
        self._bridges = bridges
        return excluded

    def _in_rows(self, children: tuple[AnalysedNode, ...], *, all_words: bool) -> tuple[AnalysedNode, ...]:
        """The children, with each run of words that is a name replaced by one node with its alternatives."""
        words = [child.own if isinstance(child, Bridged) else child for child in children]
        first = 0
        found: list[AnalysedNode] = []
        assert self._bridges is not None
        while first < len(children):
            end = first
            row: list[Term] = []
            while end < len(children) and isinstance(word := words[end], Term) and word.kind == "lemma":
                if row and (word.field, word.boost) != (row[0].field, row[0].boost):
                    break
                row.append(word)
                end += 1
            done = first
            for start, stop, alternatives in self._bridges.of_row(row) if len(row) > 1 else ():
                together = children[first + start : first + stop]
                own = Combination(must=together) if all_words else Combination(should=together)
                found += [*children[done : first + start], Bridged(own, alternatives)]
                done = first + stop
            end = max(end, first + 1)
            found += children[done:end]
            first = end
        return tuple(found)

    def _children(self, nodes: Iterable[Node]) -> tuple[AnalysedNode, ...]:
        children = []
        for node in nodes:
            if self._terms >= MAX_TERMS and not isinstance(node, (DateRange, LanguageIs, EveryDocument)):
                self.dropped += 1
                continue
            children.append(self.rewrite(node))
        return tuple(children)

    def _terms_of(self, leaf: Leaf) -> Sequence[Term]:
        """The terms of a leaf: one for each token, in all fields, without boost."""
        self._terms += 1
        if isinstance(leaf, Word):
            return _TERMS.of(self._collection).get(leaf.text, lambda: self._word_terms(leaf.text))
        if isinstance(leaf, Prefix):
            return [_pattern_term(leaf.text + "*", "prefix", leaf.text)]
        if isinstance(leaf, Wildcard):
            return [_pattern_term(leaf.pattern, "wildcard", leaf.pattern)]
        forms = forms_of_text(leaf.text)
        if isinstance(leaf, Exact):
            return [_exact_term(form) for form in forms]
        assert isinstance(leaf, Fuzzy)
        return [_fuzzy_term(form, leaf.max_edits) for form in forms]

    def _word_terms(self, text: str) -> list[Term]:
        forms = forms_of_text(text)
        return [lemma_term(self._collection, form, text if len(forms) == 1 else form) for form in forms]


def _compound(node: AnalysedNode) -> AnalysedNode:
    """The node as a Compound if it is a word of several tokens; any other node as it is."""
    if isinstance(node, Bridged):
        return Bridged(_compound(node.own), node.alternatives)
    return Compound(node) if isinstance(node, NearPhrase) else node


def lemma_term(collection: Collection, form: str, text: str) -> Term:
    """The term of a plain word, in all fields.

    Parameters:
      collection: the index.
      form: the word's form, as the index makes it.
      text: the word as typed.
    """
    known = collection.known_form(form)
    if known is None:
        from naidi.indexer.analysis.lemmatize.keys import keys as keys_of
        from naidi.indexer.analysis.lemmatize.stem import stem as stem_of

        known = keys_of(form), stem_of(form)
    keys, stem = known
    if is_abbreviation(keys[0]) and collection.knows_key(keys[0]):
        # The index has the abbreviation, so it is meant. The common word with these letters is not, and neither is its stem.
        keys = keys[:1]
        return term_of_keys(text, keys)
    return term_of_keys(text, tuple(key for key in keys if not is_abbreviation(key)) or keys, stem)


def term_of_keys(text: str, keys: tuple[str, ...], stem: str | None = None) -> Term:
    """The term of a plain word by its keys and its stem, in all fields."""
    return Term(text, "lemma", keys, _forms_of_keys(keys), stem, None, 1.0, ("lemma", keys, stem, None))


def _memoised(expansion: Expansion) -> Expansion:
    """The expansion, worked out once for each segment: matching, marking and explaining ask for the same forms."""
    known: dict[int, Forms] = {}

    def forms(segment: Segment) -> Forms:
        found = known.get(id(segment))
        if found is None:
            found = known[id(segment)] = expansion(segment)
        return found

    return forms


def _forms_of_keys(keys: tuple[str, ...]) -> Expansion:
    def forms(segment: Segment) -> Forms:
        found = [segment.forms_of_key(key) for key in keys]
        return found[0] if len(found) == 1 else np.unique(np.concatenate(found))

    return _memoised(forms)


def _pattern_term(pattern: str, kind: str, text: str) -> Term:
    shown = text + "*" if kind == "prefix" else text
    expansion: Expansion = (
        (lambda segment: prefix_forms(segment, text))
        if kind == "prefix"
        else (lambda segment: wildcard_forms(segment, pattern))
    )
    return Term(shown, kind, (), _memoised(expansion), None, None, 1.0, (kind, fold_yo(pattern.casefold()), None))


def _exact_term(form: str) -> Term:
    return Term(
        form,
        "exact",
        (),
        _memoised(lambda segment: exact_forms(segment, form)),
        None,
        None,
        1.0,
        ("exact", fold_yo(form), None),
    )


def _fuzzy_term(form: str, max_edits: int) -> Term:
    return Term(
        f"{form}~{max_edits}",
        "fuzzy",
        (),
        _memoised(lambda segment: fuzzy_forms(segment, form.casefold(), max_edits)),
        None,
        None,
        1.0,
        ("fuzzy", max_edits, fold_yo(form.casefold()), None),
    )
