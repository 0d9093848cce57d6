"""Analyses a parsed query. Words become terms; words of several tokens become phrases.

The keys and the stem of a form come from the index if it knows the form. So most queries load no dictionary.
"""

from __future__ import annotations

from itertools import chain

from naidi.indexer.analysis.normalize import fold_yo, is_abbreviation
from naidi.indexer.analysis.tokenizer import forms as forms_of_text
from naidi.indexer.codec.ragged import row_ranges
from naidi.indexer.codec.segment import Segment
from naidi.indexer.late import np
from naidi.indexer.messages import Message, message
from naidi.indexer.typed import TYPE_CHECKING, Literal, NamedTuple, Protocol

from ..budget import (
    FREE_CLAUSES,
    MAX_HELPED,
    MAX_NEAR,
    MAX_STEPS,
    MAX_TERMS,
    MAX_UNKNOWN,
    check,
    need_dictionaries,
)
from ..cache import Attached, Cache
from ..collection import Collection
from .analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    Expansion,
    Filter,
    FilterCombination,
    Forms,
    Identity,
    NearPhrase,
    NoDocument,
    PathMatches,
    Term,
)
from .nodes import (
    Bool,
    Exact,
    Fuzzy,
    Leaf,
    Node,
    Phrase,
    Prefix,
    Wildcard,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

# No name is longer, or has more parts.
_LONGEST_HELPED, _MOST_PARTS_HELPED = 200, 8
# To look at a posting of a pattern takes as long as at so many of a plain word, or to compare so many forms.
_A_STEP = 4
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

    @property
    def translates(self) -> bool:
        """Whether translations are among them. All else depends on the index alone."""
        ...

    def of_word(self, node: Term | NearPhrase) -> Help:
        """The alternatives of one word, which may have several tokens."""
        ...

    def of_row(self, words: Sequence[Term]) -> Sequence[tuple[int, int, tuple[Alternative, ...]]]:
        """(start, end, alternatives) for each run of two or more words that have a meaning together, such as a name.

        The words stand in a row in the query, and have the same field and boost. The runs are ascending and do not overlap.
        """
        ...


KnownNodes: TypeAlias = "Callable[[str], tuple[AnalysedNode, Help] | None]"

# Word as typed -> its terms; word as typed -> its analysed node with alternatives.
_TERMS: Attached[Collection, Cache[str, list[Term]]] = Attached(lambda _: Cache(_WORDS_BYTES))
_HELPED: Attached[Collection, Cache[tuple[str, bool], tuple[AnalysedNode, Help | None]]] = Attached(
    lambda _: Cache(_WORDS_BYTES)
)


# Why words were left out, or were not helped.
_Limit = Literal["too many", "too costly", "too far", "unhelped"]


def _warning_of(limit: _Limit, count: int) -> Message:
    """What is said of so many words beyond a limit."""
    if limit == "too many":
        return message(
            "the query has {count:,} words more than {most}: they were left out", count=count, most=MAX_TERMS
        )
    if limit == "too costly":
        return message(
            "the query takes more than {most:,} steps: {count:,} of its words and patterns were left out",
            most=MAX_STEPS,
            count=count,
        )
    if limit == "too far":
        return message(
            "a near phrase has more than {most} words: its last {count:,} were left out", most=MAX_NEAR, count=count
        )
    return message(
        "other spellings and synonyms are sought for {helped} words, {unknown} of them unknown to the index: "
        "{count:,} words were searched for as typed",
        helped=MAX_HELPED,
        unknown=MAX_UNKNOWN,
        count=count,
    )


class _TooMuch(Exception):
    """A part of a query would take more than is left of its steps."""


class Rewriter:
    """Analyses a query tree against one collection. Make a new one for each query; threads may not share it.

    cuts: warnings about what was left out of the tree, since it goes beyond the limits of `budget`.
    has_unknown: whether a plain word of the query is not in the index.
    leads: whether a name of several words may begin somewhere.
    """

    def __init__(self, collection: Collection, bridges: Bridges | None = None, known: KnownNodes | None = None) -> None:
        """
        Parameters:
          collection: the index.
          bridges: the source of alternatives; None to search for the typed words alone.
          known: gives the node of a word in all fields, with the same alternatives, if it can do so at once.
        """
        self._collection = collection
        self._bridges = bridges
        self._known = known
        self._terms = 0
        self.leads = False
        self._clauses = 0
        self._steps = 0
        self._patterns: dict[Identity, Term] = {}
        self._helped_words = 0
        self._unknown_words = 0
        self._left_out: dict[_Limit, int] = {}
        self._may_not_fit = False  # whether something was left out that would have narrowed the query
        self.has_unknown = False

    @property
    def cuts(self) -> tuple[str, ...]:
        """What was left out of the query, as warnings."""
        if not self._left_out:
            return ()
        cuts: list[str] = [_warning_of(limit, count) for limit, count in self._left_out.items()]
        if self._may_not_fit:
            cuts.append(
                message("words that must be there, or must not, are among those left out: what is found may not fit")
            )
        return tuple(cuts)

    def _leave_out(self, limit: _Limit, count: int = 1) -> None:
        """Note that so many words were left out because of a limit."""
        self._left_out[limit] = self._left_out.get(limit, 0) + count

    def root(self, node: Node) -> AnalysedNode:
        """The analysed tree of a whole query."""
        try:
            root = self.rewrite(node)
        except _TooMuch:
            self._leave_out("too costly")
            root = NoDocument()
        self._may_not_fit &= not isinstance(root, NoDocument)
        return root

    def rewrite(self, node: Node) -> AnalysedNode:
        """The analysed tree of a part of a query."""
        if isinstance(node, Bool):
            return self._bool(node)
        if isinstance(node, Filter):
            return filter_of(node, self._collection)
        if isinstance(node, Phrase):
            parts = self._parts(node)
            if self._bridges is not None and not self.has_unknown:
                self.has_unknown = not all(map(self._is_known, parts))
            return self._phrase(parts, node.slop, node.field, node.boost)
        if self._bridges is None or not isinstance(node, Word):
            return self._phrase(self._terms_of(node), 0, node.field, node.boost)
        self._helped_words += 1
        if self._helped_words > MAX_HELPED or self._unknown_words >= MAX_UNKNOWN or len(node.text) > _LONGEST_HELPED:
            return self._barely_helped(node)
        if node.field is not None or node.boost != 1.0:
            analysed, help_of_word = self._helped(node)
        else:
            terms = self._terms
            known = None if self._known is None else self._known(node.text)
            analysed, help_of_word = known or _HELPED.of(self._collection).get(
                (node.text, self._bridges.translates), lambda: self._helped(node)
            )
            self._terms = terms + 1  # the word counts once, whether it was in the cache or not
        if help_of_word is not None:
            self._take_help(help_of_word)
        return analysed

    def _take_help(self, help_of_word: Help) -> None:
        if help_of_word.leads or not help_of_word.is_known:
            self._unknown_words += not help_of_word.is_known
            self.has_unknown = self.has_unknown or not help_of_word.is_known
            self.leads = self.leads or help_of_word.leads

    def _barely_helped(self, node: Word) -> AnalysedNode:
        """A very long word, or one behind many others: with help only if the index knows it and not too many were helped before."""
        parts = self._terms_of(node)
        is_known = all(map(self._is_known, parts))
        is_short = len(node.text) <= _LONGEST_HELPED
        if is_known and is_short and self._helped_words <= MAX_HELPED:
            self._terms -= 1  # it is counted again
            analysed, help_of_word = self._helped(node)
            if help_of_word is not None:
                self._take_help(help_of_word)
            return analysed
        self.has_unknown = self.has_unknown or not is_known
        if is_short and parts:
            self._leave_out("unhelped")
        return self._phrase(parts, 0, node.field, node.boost)

    def _parts(self, phrase: Phrase) -> list[Term]:
        """The terms of a phrase. Those beyond MAX_TERMS are left out."""
        parts: list[Term] = []
        for number, leaf in enumerate(phrase.parts):
            if self._terms >= MAX_TERMS:
                self._leave_out("too many", len(phrase.parts) - number)
                break
            if phrase.slop and len(parts) >= MAX_NEAR:
                self._leave_out("too far", len(phrase.parts) - number)
                break
            check()
            parts += self._terms_of(leaf)
        return parts

    def _helped(self, node: Word) -> tuple[AnalysedNode, Help | None]:
        assert self._bridges is not None
        analysed = self._phrase(self._terms_of(node), 0, node.field, node.boost)
        if not isinstance(analysed, (Term, NearPhrase)):
            return analysed, None
        check()
        if len(analysed.parts) > _MOST_PARTS_HELPED:
            return analysed, Help((), all(map(self._is_known, analysed.parts)), False)
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
        if _is_of_filters(node):
            return filter_of(node, self._collection)
        asked = self._children(node.should)
        alone = len(asked) + len(node.must) == 1
        should = tuple([_compound(child) if isinstance(each, Word) and not alone else child for each, child in asked])
        needed = self._children(node.must, narrow=True)
        if _has_words(chain(node.must, node.should)) and not _has_words(each for each, _ in chain(needed, asked)):
            return NoDocument()  # filters narrow what its words find, and no word is left
        must = tuple([child for _, child in needed])
        if (self.leads or self.has_unknown) and self._bridges is not None:
            must, should = self._in_rows(must, all_words=True), self._in_rows(should, all_words=False)
        return Combination(must, should, self._excluded(node.must_not), node.boost)

    def _excluded(self, nodes: Iterable[Node]) -> tuple[AnalysedNode, ...]:
        """The excluded nodes. Only the typed words are excluded, without alternatives."""
        bridges, self._bridges = self._bridges, None
        excluded = self._children(nodes, narrow=True)
        self._bridges = bridges
        return tuple([child for _, child in excluded])

    def _in_rows(self, children: tuple[AnalysedNode, ...], *, all_words: bool) -> tuple[AnalysedNode, ...]:
        """The children, with each run of words that is a name replaced by one node with its alternatives."""
        words = [child.own if isinstance(child, Bridged) else child for child in children]
        first = 0
        found: list[AnalysedNode] = []
        assert self._bridges is not None
        while first < len(children):
            check()
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

    def _children(self, nodes: Iterable[Node], *, narrow: bool = False) -> list[tuple[Node, AnalysedNode]]:
        """Those of the nodes that are not left out, with what they become. narrow: whether each makes the query find less."""
        nodes = tuple(nodes)
        if self._clauses + len(nodes) <= FREE_CLAUSES and all(type(node) is Word for node in nodes):
            # As it is most of the time; what follows would do the same.
            self._clauses += len(nodes)
            return [(node, self.rewrite(node)) for node in nodes]
        children: list[tuple[Node, AnalysedNode]] = []
        filters: set[Node] = set()
        left_out = 0
        for node in nodes:
            if _is_of_filters(node):
                # Filters cost little. Without one, a query would find what it must not.
                if node not in filters:
                    filters.add(node)
                    children.append((node, self.rewrite(node)))
                continue
            self._clauses += 1
            if self._terms >= MAX_TERMS:
                self._leave_out("too many")
            elif self._clauses > FREE_CLAUSES and self._steps >= MAX_STEPS:
                self._leave_out("too costly")
            else:
                check()
                try:
                    child = self.rewrite(node)
                except _TooMuch:
                    self._leave_out("too costly")
                else:
                    if self._clauses > FREE_CLAUSES:
                        self._steps += self._steps_of(child)
                    children.append((node, child))
                    continue
            left_out += 1
        self._may_not_fit |= narrow and left_out > 0
        return children

    def _steps_of(self, node: AnalysedNode) -> int:
        """What a clause adds to the cost of a query: the postings of a word or phrase; of a bracket, what is made of its parts."""
        if isinstance(node, Bridged):
            return sum(map(self._steps_of, node.arms))
        if isinstance(node, Compound):
            node = node.phrase
        if isinstance(node, (Term, NearPhrase)):
            sizes = [self._postings(term) for term in node.parts if term.identity not in self._patterns]
            if isinstance(node, Term):
                return sum(sizes) // (_A_STEP if node.field is None else 1)  # of a field there are no lists
            # Positions are read of the documents that have all words; in a near phrase of as many as the rarest word has.
            return min(sizes, default=0) * len(sizes) * (2 if node.slop else 1)
        return self._collection.doc_count // _A_STEP

    def _postings(self, term: Term) -> int:
        """How many postings the lists of a term have, deleted documents included."""
        total = 0
        for view in self._collection.views:
            segment = view.segment
            keys = [segment.key_lists[number] for key in term.keys if (number := segment.keys.find(key)) >= 0]
            stem = segment.stems.find(term.stem) if term.stem is not None else -1
            for number in (*map(int, keys), *([stem] if stem >= 0 else [])):
                start, end = view.bounds(number)
                total += end - start
        return total

    def _pattern(self, term: Term, pattern: str) -> Term:
        """The term of a pattern. The first one of a query is not counted before there is another one. Raises _TooMuch."""
        known = self._patterns.get(term.identity)
        if known is not None:
            return known
        if self._patterns:
            segments = self._collection.segments
            if len(self._patterns) == 1:
                (first,) = self._patterns.values()
                self._steps += self._postings_of_forms(first)
            from .expand import compared_forms

            compared = sum(compared_forms(segment, term.kind, pattern) for segment in segments) // _A_STEP
            if self._steps + compared > MAX_STEPS:
                raise _TooMuch
            self._steps += compared
            postings = self._postings_of_forms(term)
            if self._steps + postings > MAX_STEPS:
                raise _TooMuch
            self._steps += postings
        self._patterns[term.identity] = term
        return term

    def _postings_of_forms(self, pattern: Term) -> int:
        """How many postings the stems of the forms of a pattern have."""
        total = 0
        for segment in self._collection.segments:
            check()
            stems = np.unique(segment.form_stems[pattern.forms(segment)])
            total += int(row_ranges(segment.list_ends, stems)[1].sum())
        return total

    def _terms_of(self, leaf: Leaf) -> Sequence[Term]:
        """The terms of a leaf: one for each token, in all fields, without boost."""
        self._terms += 1
        if isinstance(leaf, Word):
            terms = _TERMS.of(self._collection).get(leaf.text, lambda: self._word_terms(leaf.text))
            if len(terms) <= MAX_TERMS:
                return terms
            self._leave_out("too many", len(terms) - MAX_TERMS)
            return terms[:MAX_TERMS]
        if isinstance(leaf, Prefix):
            return [self._pattern(_pattern_term(leaf.text + "*", "prefix", leaf.text), leaf.text)]
        if isinstance(leaf, Wildcard):
            return [self._pattern(_pattern_term(leaf.pattern, "wildcard", leaf.pattern), leaf.pattern)]
        forms = forms_of_text(leaf.text)[:MAX_TERMS]
        if isinstance(leaf, Exact):
            return [_exact_term(form) for form in forms]
        assert isinstance(leaf, Fuzzy)
        return [self._pattern(_fuzzy_term(form, leaf.max_edits), form) for form in forms]

    def _word_terms(self, text: str) -> list[Term]:
        forms = forms_of_text(text)
        return [lemma_term(self._collection, form, text if len(forms) == 1 else form) for form in forms]


def filter_of(node: Node, collection: Collection) -> Filter:
    """The filter of a node that is one or is made of filters alone.

    A path that begins with the whole path of a synced folder becomes one that begins as the ids of its files do.
    """
    if isinstance(node, Bool):
        must, should, must_not = (
            tuple([filter_of(each, collection) for each in dict.fromkeys(nodes)])
            for nodes in (node.must, node.should, node.must_not)
        )
        return FilterCombination(must, should, must_not)
    assert isinstance(node, Filter)
    if isinstance(node, PathMatches) and "/" in node.pattern:
        for root, noted in collection.roots.items():
            above = root.replace("\\", "/").rstrip("/").lower() + "/"
            if node.pattern.startswith(above):
                return PathMatches(f"/{noted['prefix'].lower()}/{node.pattern[len(above) :]}")
    return node


def _is_of_filters(node: Node) -> bool:
    """Whether a node is a filter or is made of filters alone, such as `-lang:en` and `date:(2009 OR 2021)`."""
    if isinstance(node, Bool):
        return all(map(_is_of_filters, (*node.must, *node.should, *node.must_not)))
    return isinstance(node, Filter)


def _has_words(nodes: Iterable[Node]) -> bool:
    """Whether any of the nodes finds documents by itself: it is neither a filter nor a negation."""
    return any(not node.is_filter() for node in nodes)


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
        need_dictionaries()
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
    return Term(text, "lemma", keys, _FormsOfKeys(keys), stem, None, 1.0, ("lemma", keys, stem, None))


def _memoised(expansion: Expansion) -> Expansion:
    """The expansion, worked out once for each segment: matching, marking and explaining ask for the same forms."""
    known: dict[int, Forms] = {}

    def forms(segment: Segment) -> Forms:
        found = known.get(id(segment))
        if found is None:
            found = known[id(segment)] = expansion(segment)
        return found

    return forms


class _FormsOfKeys:
    """The forms that have any of some keys, as `_memoised`. A query has dozens of these: one is a single object."""

    __slots__ = ("_keys", "_known")

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._known: dict[int, Forms] | None = None

    def __call__(self, segment: Segment) -> Forms:
        known = self._known
        if known is None:
            known = self._known = {}
        forms = known.get(id(segment))
        if forms is None:
            found = [segment.forms_of_key(key) for key in self._keys]
            forms = known[id(segment)] = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return forms


def _pattern_term(pattern: str, kind: str, text: str) -> Term:
    from .expand import prefix_forms, wildcard_forms

    shown = text + "*" if kind == "prefix" else text
    expansion: Expansion = (
        (lambda segment: prefix_forms(segment, text))
        if kind == "prefix"
        else (lambda segment: wildcard_forms(segment, pattern))
    )
    return Term(shown, kind, (), _memoised(expansion), None, None, 1.0, (kind, fold_yo(pattern.casefold()), None))


def _exact_term(form: str) -> Term:
    from .expand import exact_forms

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
    from .expand import fuzzy_forms

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
