"""Which documents does an analysed query find, and with which scores? By dictionaries and loops, one document at a time.

What the search is compared with. It knows the texts of the live documents alone; of an index it asks nothing but which forms of its
lexicon a pattern stands for.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec.segment import Segment
from naidi.indexer.document import Document
from naidi.indexer.writing.batch import searched_keywords
from naidi.search.query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Compound,
    FilterCombination,
    NearPhrase,
    NoDocument,
    Scored,
    Term,
)
from naidi.search.query.nodes import (
    ChangedRange,
    DateRange,
    EveryDocument,
    ExtensionIs,
    Filter,
    FolderIs,
    LanguageIs,
    PathMatches,
    SizeRange,
)
from naidi.search.ranking.bm25 import FieldParameters, RankingParameters

GAP = 100
# A posting tells so many occurrences, and so many in a title; more count as these.
MOST, MOST_IN_TITLE = 64, 3


class PlainDocument:
    """A document as words at places: those of the title from 0 on, those of the body GAP behind them, keywords GAP behind these."""

    def __init__(self, document: Document) -> None:
        self.id = document.id
        self.date = document.date
        self.language = document.language or "und"
        self.path = (document.path or document.id).replace("\\", "/")
        self.size, self.mtime = document.size, document.mtime
        title, body = forms(document.title), forms(document.text)
        self.words = dict(enumerate(title))
        self.words.update(enumerate(body, len(title) + GAP))
        self.words.update(enumerate(forms(searched_keywords(document)), len(title) + len(body) + 2 * GAP))
        self.lengths = {"title": len(title), "body": len(body), "text": len(title) + len(body)}

    def field_at(self, place: int) -> str:
        """Which field has this place."""
        if place < self.lengths["title"]:
            return "title"
        return "body" if place < self.lengths["text"] + GAP else "keywords"


def _tf(freq: float, length: float, average: float, parameters: FieldParameters) -> float:
    if not freq:
        return 0.0
    norm = parameters.k1 * (1 - parameters.b + parameters.b * length / average)
    return freq * (parameters.k1 + 1) / (freq + norm)


def _idf(doc_count: int, doc_freq: int) -> float:
    return math.log(1 + (doc_count - doc_freq + 0.5) / (doc_freq + 0.5))


class PlainEvaluation:
    """An analysed query on documents. segments: those of the index, for the forms of patterns."""

    def __init__(
        self,
        documents: Sequence[Document],
        segments: Sequence[Segment],
        root: AnalysedNode,
        parameters: RankingParameters,
    ) -> None:
        self.documents = [PlainDocument(document) for document in documents]
        self.segments = segments
        self.root = root
        self.parameters = parameters
        self.averages = {field: self._average(field) for field in ("title", "body", "text")}
        self._places: dict[tuple[object, ...], list[int]] = {}
        self._doc_freqs: dict[tuple[object, ...], int] = {}
        self._answers: dict[tuple[object, ...], bool] = {}

    def _average(self, field: str) -> float:
        lengths = [document.lengths[field] for document in self.documents if document.lengths[field]]
        return sum(lengths) / len(lengths) if lengths else 0.0

    # -- words

    def _answers_term(self, term: Term, form: str, tier: str) -> bool:
        name = (form, tier, term.identity)
        if name not in self._answers:
            if tier == "stem":
                answer = term.stem is not None and stem(form) == term.stem
            elif tier == "lemmas":
                answer = set(keys(form)) >= set(term.keys)
            elif term.kind == "lemma":
                answer = not set(keys(form)).isdisjoint(term.keys)
            else:
                answer = any(
                    form == segment.forms[number]
                    for segment in self.segments
                    for number in term.forms(segment).tolist()
                )
            self._answers[name] = answer
        return self._answers[name]

    def places(self, document: PlainDocument, leaf: Scored, tier: str = "own") -> list[int]:
        """Where a term or phrase stands (of a phrase its first word) in the field that it is limited to, ascending."""
        name = (document.id, tier, leaf.identity)
        if name not in self._places:
            if isinstance(leaf, NearPhrase):
                found = self._phrase_starts(document, leaf)
            else:
                found = [place for place, form in document.words.items() if self._answers_term(leaf, form, tier)]
            self._places[name] = [
                place for place in found if leaf.field is None or document.field_at(place) == leaf.field
            ]
        return self._places[name]

    def _phrase_starts(self, document: PlainDocument, phrase: NearPhrase) -> list[int]:
        found = []
        for start in self.places(document, phrase.parts[0]):
            end: int | None = start
            for part in phrase.parts[1:]:
                end = next((place for place in self.places(document, part) if end is not None and place > end), None)
            if end is None or document.field_at(start) != document.field_at(end):
                continue
            if end - start + 1 - len(phrase.parts) <= phrase.slop:
                found.append(start)
        return found

    def doc_freq(self, leaf: Scored, tier: str = "own") -> int:
        """In how many documents it is."""
        name = (tier, leaf.identity)
        if name not in self._doc_freqs:  # asked for each document
            self._doc_freqs[name] = sum(bool(self.places(document, leaf, tier)) for document in self.documents)
        return self._doc_freqs[name]

    # -- scores

    def _weight(self, leaf: Scored, tier: str) -> float:
        """What the parts of its score are multiplied by."""
        parameters, count = self.parameters, len(self.documents)
        if isinstance(leaf, NearPhrase):
            idf = sum(_idf(count, self.doc_freq(part)) ** parameters.idf_power for part in leaf.parts)
        else:
            idf = _idf(count, self.doc_freq(leaf, tier)) ** parameters.idf_power
        if isinstance(leaf, NearPhrase) or leaf.stem is None:
            return leaf.boost * idf * (parameters.lemma_weight + parameters.stem_weight)
        return leaf.boost * idf * (parameters.stem_weight if tier == "stem" else parameters.lemma_weight)

    def _shares(self, leaf: Scored) -> bool:
        """Whether a form may be of several lemmas, and a document has a form that may be of all of them."""
        return isinstance(leaf, Term) and len(leaf.keys) > 1 and self.doc_freq(leaf, "lemmas") > 0

    def leaf_score(self, document: PlainDocument, leaf: Scored) -> float:
        """What a term or phrase adds to a document's score; nothing if it is not there."""
        part = self.parameters.shared_lemmas if self._shares(leaf) else 0.0
        tiers = [(tier, self._weight(leaf, tier) * (1 - part if tier == "own" else 1)) for tier in _tiers(leaf)]
        if part:
            tiers.append(("lemmas", self._weight(leaf, "own") * part))
        return sum(
            weight * self._factor(document, places, leaf.field)
            for tier, weight in tiers
            if (places := self.places(document, leaf, tier))
        )

    def _factor(self, document: PlainDocument, places: Sequence[int], field: str | None) -> float:
        lengths, averages, text, title = document.lengths, self.averages, self.parameters.text, self.parameters.title
        if field is not None:
            parameters = title if field == "title" else text
            return parameters.weight * _tf(len(places), lengths[field], averages[field], parameters)
        in_title = sum(document.field_at(place) == "title" for place in places)
        total = text.weight * _tf(min(len(places), MOST), lengths["text"], averages["text"], text)
        if in_title:
            share = lengths["body"] / lengths["text"]
            in_title = min(in_title, MOST_IN_TITLE)
            total += share * title.weight * _tf(in_title, lengths["title"], averages["title"], title)
        return total

    # -- the tree

    def evaluate(self, node: AnalysedNode, document: PlainDocument, *, wanted: bool = True) -> tuple[bool, float]:
        """(whether the document is found, its score). wanted: not as part of what must not be there."""
        if isinstance(node, (Term, NearPhrase)):
            found = any(self.places(document, node, tier) for tier in (_tiers(node) if wanted else ("own",)))
            return found, self.leaf_score(document, node) if wanted else 0.0
        if isinstance(node, Compound):
            found = bool(self.places(document, node.phrase))
            return found, self._compound_score(document, node) if wanted else 0.0
        if isinstance(node, Combination):
            return self._combination(node, document, wanted=wanted)
        if isinstance(node, Bridged):
            return self._bridged(node, document, wanted=wanted)
        if isinstance(node, FilterCombination):
            must, should, must_not = (
                [self.evaluate(each, document)[0] for each in filters]
                for filters in (node.must, node.should, node.must_not)
            )
            return all(must) and (bool(must) or not should or any(should)) and not any(must_not), 0.0
        if isinstance(node, (EveryDocument, NoDocument)):
            return isinstance(node, EveryDocument), 0.0
        if isinstance(node, LanguageIs):
            return document.language.split("-")[0] == node.code, 0.0
        if isinstance(node, (PathMatches, FolderIs, ExtensionIs)):
            return _path_passes(node, "/" + document.path.lower()), 0.0
        if isinstance(node, SizeRange):
            size = document.size
            return size is not None and (node.least or 0) <= size and (node.most is None or size <= node.most), 0.0
        if isinstance(node, ChangedRange):
            changed = document.mtime and datetime.date.fromtimestamp(document.mtime)
            return (
                changed is not None
                and (node.since is None or changed >= node.since)
                and (node.until is None or changed <= node.until)
            ), 0.0
        assert isinstance(node, DateRange)
        return (
            document.date is not None
            and (node.since is None or document.date >= node.since)
            and (node.until is None or document.date <= node.until)
        ), 0.0

    def _compound_score(self, document: PlainDocument, node: Compound) -> float:
        return node.phrase.boost * sum(self.leaf_score(document, part) for part in node.phrase.parts)

    def _combination(self, node: Combination, document: PlainDocument, *, wanted: bool) -> tuple[bool, float]:
        must = [self.evaluate(child, document, wanted=wanted) for child in node.must]
        should = [self.evaluate(child, document, wanted=wanted) for child in node.should]
        found = all(there for there, _ in must)
        if not must and should:
            found = any(there for there, _ in should)
        if any(self.evaluate(child, document, wanted=False)[0] for child in node.must_not):
            found = False
        children = zip((*node.must, *node.should), (*must, *should), strict=True)
        score = sum(score for child, (there, score) in children if there or _adds_anywhere(child))
        return found, score * node.boost

    def _bridged(self, node: Bridged, document: PlainDocument, *, wanted: bool) -> tuple[bool, float]:
        weights = [1.0, *(self.weight_of(node, other) for other in node.alternatives)] if wanted else None
        found, best = False, 0.0
        for place, arm in enumerate((node.own, *(other.node for other in node.alternatives))):
            there, score = self.evaluate(arm, document, wanted=wanted)
            found = found or there
            if weights is not None and (there or _adds_anywhere(arm)):
                best = max(best, weights[place] * score)
        return found, best

    # -- what else may be meant

    def weight_of(self, node: Bridged, alternative: Alternative) -> float:
        """What the scores of an alternative are multiplied by."""
        typed, strength = self.strength(node.own), self.strength(alternative.node)
        if not strength:
            return 0.0
        first = next(filter(None, (self.strength(other.node) for other in node.alternatives)))
        weight = alternative.weight * min(1.0, (typed or first) / strength)
        if typed and alternative.kind in ("derivation", "translation") and node is self._without_filters(self.root):
            most = sum(field.weight * (field.k1 + 1) for field in (self.parameters.text, self.parameters.title))
            weight *= self._least(node.own) / (typed * most)
        return weight

    def strength(self, node: AnalysedNode) -> float:
        """The weights of all words together, or of those of the best alternative; 0 if no document has them."""
        if isinstance(node, Compound):
            return self.strength(node.phrase)
        if isinstance(node, (Term, NearPhrase)):
            return sum(self._weight(node, tier) for tier in _tiers(node) if self.doc_freq(node, tier))
        if isinstance(node, Bridged):
            return self.strength(node.own) or max(self.strength(other.node) for other in node.alternatives)
        if isinstance(node, Combination):
            return node.boost * sum(self.strength(child) for child in (*node.must, *node.should))
        return 0.0

    def _least(self, node: AnalysedNode) -> float:
        """What one occurrence in the longest text there is would add; deleted documents are counted."""
        field = (isinstance(node, (Term, NearPhrase)) and node.field) or "text"
        parameters = self.parameters.title if field == "title" else self.parameters.text
        titles = max(int(length) for segment in self.segments for length in segment.title_lengths)
        bodies = max(int(length) for segment in self.segments for length in segment.body_lengths)
        longest = {"title": titles, "body": bodies, "text": titles + bodies}[field]
        weight = self.strength(node)
        if isinstance(node, (Term, NearPhrase)):
            tier = next(tier for tier in _tiers(node) if self.doc_freq(node, tier))
            # A form of one of several lemmas has the score by lemmas without the part of those that have all.
            kept = self.parameters.shared_lemmas if tier == "own" and self._shares(node) else 0.0
            weight = self._weight(node, tier) * (1 - kept)
        return weight * parameters.weight * _tf(1, longest, self.averages[field], parameters)

    @staticmethod
    def _without_filters(node: AnalysedNode) -> AnalysedNode:
        if not isinstance(node, Combination) or node.should or node.must_not:
            return node
        words = [child for child in node.must if not isinstance(child, Filter)]
        return PlainEvaluation._without_filters(words[0]) if len(words) == 1 else node

    # -- nearness

    def pairs(self) -> list[tuple[Term, Term]]:
        """Different terms that are neighbours in the query and are looked for in all fields, each pair once."""
        found: dict[tuple[object, ...], tuple[Term, Term]] = {}
        for left, right in _neighbours(self.root):
            if left.field is None and right.field is None and left.identity != right.identity:
                found[left.identity, right.identity] = (left, right)
        return list(found.values())

    def bonuses(self, candidates: Sequence[PlainDocument]) -> dict[str, float]:
        """What each of the candidates gets for neighbours that stand side by side in it."""
        parameters = self.parameters.pair
        totals = dict.fromkeys((document.id for document in candidates), 0.0)
        for left, right in self.pairs():
            freqs = {document.id: self._side_by_side(document, left, right) for document in candidates}
            doc_freq = sum(map(bool, freqs.values()))
            for document in candidates:
                if freq := freqs[document.id]:
                    weight = parameters.weight * min(left.boost, right.boost) * _idf(len(candidates), doc_freq)
                    tf = _tf(freq, document.lengths["text"], self.averages["text"], parameters)
                    totals[document.id] += weight * tf
        return totals

    def _side_by_side(self, document: PlainDocument, left: Term, right: Term) -> int:
        first, second = (
            {place for tier in ("own", "stem") for place in self.places(document, term, tier)} for term in (left, right)
        )
        return sum(place + 1 in second for place in first)

    # -- the whole

    def scores(self) -> dict[str, float]:
        """id -> score of all documents found, without what nearness adds."""
        found = {document.id: self.evaluate(self.root, document) for document in self.documents}
        return {doc_id: score for doc_id, (there, score) in found.items() if there}

    def results(self) -> Mapping[str, float]:
        """id -> score of all documents found."""
        scores = self.scores()
        best = sorted(scores, key=lambda doc_id: (-scores[doc_id], doc_id))[: self.parameters.rescored]
        chosen = [document for document in self.documents if document.id in set(best)]
        bonuses = self.bonuses(chosen) if self.parameters.pair.weight else {}
        return {doc_id: score + bonuses.get(doc_id, 0.0) for doc_id, score in scores.items()}


def _path_passes(node: PathMatches | FolderIs | ExtensionIs, path: str) -> bool:
    if isinstance(node, PathMatches):
        if not set("*?") & set(node.pattern):
            return node.pattern in path
        return _glob("*/" + node.pattern, path)
    if isinstance(node, FolderIs):
        return _glob(f"*/{node.names}/*", path)
    return _glob(f"*.{node.extension}", path.partition("//")[0]) or _glob(f"*.{node.extension}", path)


def _glob(pattern: str, path: str) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "*":
        return any(_glob(pattern[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and pattern[0] in ("?", path[0]) and _glob(pattern[1:], path[1:])


def _tiers(leaf: Scored) -> tuple[str, ...]:
    return ("own", "stem") if isinstance(leaf, Term) and leaf.stem is not None else ("own",)


def _adds_anywhere(node: AnalysedNode) -> bool:
    """The parts of a compound count wherever they stand."""
    if isinstance(node, Bridged):
        return any(map(_adds_anywhere, (node.own, *(other.node for other in node.alternatives))))
    return isinstance(node, Compound)


def _in_a_row(nodes: Sequence[AnalysedNode]) -> list[AnalysedNode]:
    """As they were typed."""
    row: list[AnalysedNode] = []
    for node in nodes:
        if isinstance(node, Compound):
            row += node.phrase.parts
        elif isinstance(node, Bridged):
            own = node.own
            row += _in_a_row((*own.must, *own.should) if isinstance(own, Combination) else (own,))
        else:
            row.append(node)
    return row


def _neighbours(node: AnalysedNode) -> Iterator[tuple[Term, Term]]:
    if isinstance(node, Bridged):
        yield from _neighbours(node.own)
    if isinstance(node, Combination):
        for children in (node.must, node.should):
            row = _in_a_row(children)
            for left, right in pairwise(row):
                if isinstance(left, Term) and isinstance(right, Term):
                    yield left, right
            for child in children:
                yield from _neighbours(child)
