"""Collects the forms to mark in hits: those through which a document was found.

If a text has the word itself, words that only share its stem are not marked.
"""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.codec.segment import Segment
from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import np, partial
from naidi.indexer.typed import TYPE_CHECKING, Any

from ..budget import MAX_MARKED
from ..collection import Collection
from ..query.analysed import AnalysedNode, NearPhrase, Scored, Term
from ..ranking.core_page import core_words_of
from ..ranking.evaluate import Evaluation
from .core_snippets import MOST_WORDS
from .finder_of_words import FinderOfWords
from .highlighter import Highlighter
from .query_words import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from naidi._core import Word

    from ..index_state import QueryEvaluation
    from .finder import Finder

# A wildcard may stand for a whole lexicon. At most this many forms of it are marked.
MAX_MARKED_FORMS = 5_000
_FEW_FORMS = 5


def marked_leaves(root: AnalysedNode, evaluation: QueryEvaluation) -> tuple[list[Scored], int]:
    """(the terms and phrases that are not excluded, each once; of very many, the MAX_MARKED rarest; how many were left out)."""
    wanted = {leaf.identity: leaf for leaf, excluded in root.terms() if not excluded}
    leaves: list[Scored] = list(wanted.values())
    unmarked = max(len(leaves) - MAX_MARKED, 0)
    if unmarked:
        idf = {leaf.identity: evaluation.weighed(leaf).idf for leaf in leaves}
        rarest = {leaf.identity for leaf in sorted(leaves, key=lambda leaf: -idf[leaf.identity])[:MAX_MARKED]}
        leaves = [leaf for leaf in leaves if leaf.identity in rarest]
    return leaves, unmarked


class MatchedWords:
    """The forms that a query found, and the highlighter for all its hits.

    leaves: the terms and phrases that are not excluded, each once; of very many, the MAX_MARKED rarest. unmarked: how many were
    left out.
    """

    def __init__(self, collection: Collection, root: AnalysedNode, evaluation: Evaluation) -> None:
        self._collection = collection
        self._segments = collection.segments
        self._evaluation = evaluation
        self.leaves, self.unmarked = marked_leaves(root, evaluation)
        # Words that every hit has need no look-up.
        needed = {node.identity for node in root.required() if isinstance(node, Term)}
        self._optional = [
            (index, leaf)
            for index, leaf in enumerate(self.leaves)
            if isinstance(leaf, Term) and leaf.field is None and leaf.identity not in needed
        ]

    def highlighter(self, max_snippets: int, max_chars: int) -> Highlighter:
        """The highlighter for all documents found."""
        finder = self._finder_of_core()
        if finder is not None:
            try:
                return Highlighter(finder, max_snippets=max_snippets, max_chars=max_chars)
            except NotImplementedError:  # forms that need folding, or very many
                pass
        return Highlighter(self._finder(), max_snippets=max_snippets, max_chars=max_chars)

    def _finder_of_core(self) -> FinderOfWords | None:
        """What has the core look for the leaves, if it found the page."""
        core_words = self._evaluation.core_words
        words_of = core_words_of(self._collection, self._evaluation.parameters) if core_words is not None else None
        if core_words is None or words_of is None or not core.is_used or len(self.leaves) > MOST_WORDS:
            return None
        words: list[Word | tuple[Word, ...]] = []
        phrases: list[tuple[Word, ...]] = []
        idfs: list[float] = []
        bits: dict[int, int] = {}
        for index, leaf in enumerate(self.leaves):
            if isinstance(leaf, NearPhrase) and not leaf.slop:
                phrases.append(tuple(map(words_of.word, leaf.parts)))
                continue
            word = core_words[leaf.identity]
            bits[index] = 1 << len(words)
            words.append(word if isinstance(leaf, Term) else tuple(map(words_of.word, leaf.parts)))
            idfs.append(word.idf)
        return FinderOfWords(self._finder, tuple(words), tuple(phrases), idfs, bits)

    def absent(self, highlighter: Highlighter, found: Sequence[tuple[int, int]]) -> list[Absent] | None:
        """The words that each of the documents (segment, document id) lacks, by the index; None if none need a look-up."""
        if not self._optional:
            return None
        bits = highlighter.finder.bits
        core_words = self._evaluation.core_words
        if core_words is not None:
            looked_up: list[Word | None] = [None] * len(bits)
            for index, leaf in self._optional:
                if index in bits:
                    looked_up[bits[index].bit_length() - 1] = core_words[leaf.identity]
            return list(map(Absent._make, self._evaluation.core.lacking(tuple(looked_up), list(found))))
        words, stand_ins = [0] * len(found), [0] * len(found)
        for number in {number for number, _ in found}:
            rows = [row for row, place in enumerate(found) if place[0] == number]
            docs = [found[row][1] for row in rows]
            for index, leaf in self._optional:
                bit, postings = bits.get(index, 0), self._evaluation.matched[leaf.identity]
                own = postings.own[number].docs
                stem = postings.stem[number].docs if postings.stem is not None else own
                lacking = _not_among(docs, own)
                for place in lacking:
                    words[rows[place]] |= bit
                if lacking and stem is not own:
                    lacking = _not_among(docs, stem)
                for place in lacking:
                    stand_ins[rows[place]] |= bit
        return list(map(Absent, words, stand_ins))

    def absent_from(self, highlighter: Highlighter, texts: Sequence[str]) -> list[Absent] | None:
        """The words that each of some texts lacks, as `absent` tells them by the index. None if none need a look-up."""
        if not self._optional:
            return None
        bits = highlighter.finder.bits
        there = _forms_of_each(texts)
        words, stand_ins = [0] * len(texts), [0] * len(texts)
        for index, leaf in self._optional:
            assert isinstance(leaf, Term)
            bit, own = bits.get(index, 0), set(self._forms(leaf))
            stem = own if leaf.stem is None else own.union(self._forms_of_stem(leaf.stem))
            for place, found in enumerate(there):
                if own.isdisjoint(found):
                    words[place] |= bit
                    if stem is own or stem.isdisjoint(found):
                        stand_ins[place] |= bit
        return list(map(Absent, words, stand_ins))

    def _finder(self) -> Finder:
        terms: dict[str, int] = {}
        prefixes: dict[str, int] = {}
        weights: dict[int, float] = {}
        stand_ins: dict[int, Callable[[], Iterable[str]]] = {}
        phrases: list[list[set[str]]] = []
        for index, leaf in enumerate(self.leaves):
            weights[index] = self._evaluation.weighed(leaf).idf
            if isinstance(leaf, Term):
                self._add(leaf, index, terms, prefixes)
                if leaf.stem is not None:
                    stand_ins[index] = partial(self._forms_of_stem, leaf.stem)
            elif leaf.slop:
                for part in leaf.parts:
                    self._add(part, index, terms, prefixes)
            else:
                phrases.append([set(self._forms(part)) for part in leaf.parts])
        from .finder import Finder

        return Finder(terms, phrases, weights, prefixes=prefixes, stand_ins=stand_ins)

    def _add(self, term: Term, index: int, terms: dict[str, int], prefixes: dict[str, int]) -> None:
        for segment in self._segments:
            forms = _numbers(segment, term)
            beginnings = _beginnings(segment, forms) if term.kind == "prefix" else None
            if beginnings is not None:
                for beginning in beginnings:
                    prefixes.setdefault(beginning, index)
            else:
                for form in _strings(segment, forms):
                    terms.setdefault(form, index)

    def _forms(self, term: Term) -> Iterator[str]:
        for segment in self._segments:
            yield from _strings(segment, _numbers(segment, term))

    def _forms_of_stem(self, stem: str) -> Iterator[str]:
        for segment in self._segments:
            yield from _strings(segment, segment.form_numbers_of_stem(stem))


def _forms_of_each(texts: Sequence[str]) -> list[set[str]]:
    """The forms of each text."""
    from naidi.indexer.analysis.bulk.tokens import form_numbering

    numbering = form_numbering()
    tokens, counts = numbering.number(list(texts))
    known, ends = numbering.forms, counts.cumsum()
    return [{known[number] for number in np.unique(part).tolist()} for part in np.split(tokens, ends[:-1])]


def _not_among(docs: Sequence[int], ascending: npt.NDArray[Any]) -> list[int]:
    """The indices in `docs` of the documents that are not in `ascending`."""
    return np.flatnonzero(~rows_in(ascending, np.array(docs))[1]).tolist()


def _numbers(segment: Segment, term: Term) -> list[int]:
    """The forms of a term, ascending."""
    if term.kind != "lemma":
        numbers: list[int] = term.forms(segment).tolist()
        return numbers
    found = [segment.form_numbers_of_key(key) for key in term.keys]
    return found[0] if len(found) == 1 else sorted(set().union(*found))


def _strings(segment: Segment, forms: list[int]) -> list[str]:
    table = segment.forms
    numbers = forms[:MAX_MARKED_FORMS]
    if len(numbers) > _FEW_FORMS and numbers[-1] - numbers[0] < 2 * len(numbers):
        # The forms of a word are mostly neighbours, so one look-up gives all.
        first = numbers[0]
        strings = table.between(first, numbers[-1] + 1)
        return [strings[number - first] for number in numbers]
    return [table[number] for number in numbers]


def _beginnings(segment: Segment, numbers: list[int]) -> list[str] | None:
    """One or two prefixes: each of the forms has one of them, and no other form of the segment. None if there are none."""
    table = segment.forms
    beginnings: list[str] = []
    first = 0
    while first < len(numbers):
        if len(beginnings) == 2:
            return None
        # The end of the run of neighbours that begins here. Numbers ascend, so a bisection finds it.
        low, high = first, len(numbers) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if numbers[middle] - numbers[first] == middle - first:
                low = middle
            else:
                high = middle - 1
        begin, end = table[numbers[first]], table[numbers[low]]
        size = next(
            (place for place, (one, other) in enumerate(zip(begin, end, strict=False)) if one != other),
            min(len(begin), len(end)),
        )
        beginning = begin[:size]
        around = (numbers[first] - 1, numbers[low] + 1)
        if not beginning or any(0 <= near < len(table) and table[near].startswith(beginning) for near in around):
            return None
        beginnings.append(beginning)
        first = low + 1
    return beginnings
