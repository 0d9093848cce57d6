"""Which forms to mark in a hit: those through which it was found, the strongest evidence only.

In a document that has the word itself, words that merely share its stem stay unmarked.
"""

from __future__ import annotations

from collections.abc import Iterator

from search.collection import Collection
from search.occurrences import Finder
from search.query.analysed import AnalysedNode, Forms, Scored, Term, leaves
from search.ranking.evaluate import Evaluation
from search.ranking.matching import Matches
from search.snippets import Highlighter

# A wildcard may stand for a whole lexicon: what is beyond this many forms is not marked.
MAX_MARKED_FORMS = 5_000


class MatchedWords:
    """The forms that a query found, and highlighters made of them; one highlighter serves all hits with the same evidence."""

    def __init__(self, collection: Collection, root: AnalysedNode, evaluation: Evaluation) -> None:
        self._collection = collection
        self._evaluation = evaluation
        self._leaves: list[Scored] = []
        for leaf, excluded in leaves(root):
            if not excluded and leaf not in self._leaves:
                self._leaves.append(leaf)
        self._highlighters: dict[tuple[frozenset[int], int], Highlighter] = {}

    def highlighter(self, number: int, doc: int, max_snippets: int) -> Highlighter:
        """For a document: doc id `doc` in segment `number`."""
        by_stem = frozenset(
            index for index, leaf in enumerate(self._leaves) if self._found_by_stem_only(leaf, number, doc)
        )
        key = (by_stem, max_snippets)
        if key not in self._highlighters:
            self._highlighters[key] = Highlighter(self._finder(by_stem), max_snippets=max_snippets)
        return self._highlighters[key]

    def _found_by_stem_only(self, leaf: Scored, number: int, doc: int) -> bool:
        matches = self._evaluation.leaves[leaf.identity]
        return bool(matches.stem) and _holds(matches.stem[number], doc) and not _holds(matches.own[number], doc)

    def _finder(self, by_stem: frozenset[int]) -> Finder:
        terms: dict[str, int] = {}
        weights: dict[int, float] = {}
        phrases: list[list[set[str]]] = []
        for index, leaf in enumerate(self._leaves):
            weights[index] = max((part.idf for part in self._evaluation.leaves[leaf.identity].parts), default=1.0)
            if isinstance(leaf, Term):
                for form in self._forms(leaf, index in by_stem):
                    terms.setdefault(form, index)
            elif leaf.slop:
                for part in leaf.parts:
                    for form in self._forms(part, False):
                        terms.setdefault(form, index)
            else:
                phrases.append([set(self._forms(part, False)) for part in leaf.parts])
        return Finder(terms, phrases, weights)

    def _forms(self, term: Term, by_stem: bool) -> Iterator[str]:
        count = 0
        for segment in self._collection.segments:
            numbers: Forms = term.forms(segment)
            if by_stem and term.stem is not None:
                numbers = segment.forms_of_stem(term.stem)
            for number in numbers.tolist():
                if count >= MAX_MARKED_FORMS:
                    return
                count += 1
                yield segment.forms[number]


def _holds(matches: Matches, doc: int) -> bool:
    place = int(matches.docs.searchsorted(doc))
    return place < len(matches.docs) and int(matches.docs[place]) == doc
