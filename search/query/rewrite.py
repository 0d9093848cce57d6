"""The analysis of a query: words become terms of several keys, words of several tokens become phrases.

A form that the index knows brings its keys and stem from there, so that most queries load no dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from indexer.analysis.normalize import fold_yo, is_abbreviation
from indexer.analysis.tokenizer import forms as forms_of_text
from indexer.codec.segment import Segment
from search.collection import Collection
from search.query.analysed import AnalysedNode, Combination, Compound, Expansion, Forms, NearPhrase, NoDocument, Term
from search.query.expand import exact_forms, fuzzy_forms, prefix_forms, wildcard_forms
from search.query.nodes import (
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

# As many words as Lucene allows clauses; nobody types more, and each costs a look-up in every segment.
MAX_TERMS = 1024


class Rewriter:
    """Analyses query trees against one collection. Not to be shared between threads; make one a query.

    `dropped` counts the words past MAX_TERMS, which are not searched for.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._terms = 0
        self.dropped = 0

    def rewrite(self, node: Node) -> AnalysedNode:
        """The analysed tree."""
        if isinstance(node, Bool):
            return self._bool(node)
        if isinstance(node, (DateRange, LanguageIs, EveryDocument)):
            return node
        if isinstance(node, Phrase):
            parts = [term for part in node.parts for term in self._terms_of(part)]
            return self._phrase(parts, node.slop, node.field, node.boost)
        return self._phrase(self._terms_of(node), 0, node.field, node.boost)

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
                Compound(child) if isinstance(asked, Word) and isinstance(child, NearPhrase) else child
                for asked, child in zip(node.should, should, strict=False)
            )
        return Combination(self._children(node.must), should, self._children(node.must_not), node.boost)

    def _children(self, nodes: Iterable[Node]) -> tuple[AnalysedNode, ...]:
        children = []
        for node in nodes:
            if self._terms >= MAX_TERMS and not isinstance(node, (DateRange, LanguageIs, EveryDocument)):
                self.dropped += 1
                continue
            children.append(self.rewrite(node))
        return tuple(children)

    def _terms_of(self, leaf: Leaf) -> Sequence[Term]:
        """The terms of a leaf in all fields, without boost: one a token, none if it has no letter or digit."""
        self._terms += 1
        if isinstance(leaf, Word):
            return self._collection.remember(("word", leaf.text), lambda: self._word_terms(leaf.text))
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
        return [self._lemma_term(form, text if len(forms) == 1 else form) for form in forms]

    def _lemma_term(self, form: str, text: str) -> Term:
        known = self._collection.known_form(form)
        if known is None:
            from indexer.analysis.lemmatize.keys import keys as keys_of
            from indexer.analysis.lemmatize.stem import stem as stem_of

            known = keys_of(form), stem_of(form)
        keys, stem = known
        if is_abbreviation(keys[0]) and self._collection.knows_key(keys[0]):
            # The abbreviation is meant, and there is one: neither the common word nor its stem is.
            keys = keys[:1]
            return Term(text, "lemma", keys, _forms_of_keys(keys), None, None, 1.0, ("lemma", keys, None, None))
        keys = tuple(key for key in keys if not is_abbreviation(key)) or keys
        return Term(text, "lemma", keys, _forms_of_keys(keys), stem, None, 1.0, ("lemma", keys, stem, None))


def _memoised(expansion: Expansion) -> Expansion:
    """The expansion, worked out once a segment: matching, marking and explaining ask for the same forms."""
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
