"""Which passages of a document show best that it answers the query?

A passage is whole sentences where they fit, else a window cut at words around the place where most query words meet.
Passages are picked greedily: words that no passage shows yet count most, then how many words stand together, then the
earlier place. The text is plain text: no markup in it is interpreted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from indexer.analysis.sentences import sentence_spans
from indexer.errors import InvalidQuery
from search.occurrences import SURROUNDINGS, Finder, Occurrence
from search.results import Mark, Snippet

ELLIPSIS = "…"

MIN_CHARS = 20

# What a word is worth that a picked passage shows already, and two found words side by side, in weights of a word.
_SHOWN_BEFORE = 0.2
_SIDE_BY_SIDE = 0.1
_NOT_BLANK = re.compile(r"\S")

# Punctuation that would look odd beside an ellipsis.
_BEFORE_ELLIPSIS = " ,;:.!?…—–-(«"
_AFTER_ELLIPSIS = " ,;:.!?…)»—–-"


class Highlighter:
    """Makes the snippets and the title marks of every hit of one query.

    finder: the words of the query.
    max_snippets: at most so many for a document, at least 0.
    max_chars: the longest snippet, ellipses included, in code points; at least MIN_CHARS.

    InvalidQuery for anything less. A Highlighter may be used from several threads.
    """

    def __init__(self, finder: Finder, *, max_snippets: int = 3, max_chars: int = 200) -> None:
        if max_snippets < 0:
            raise InvalidQuery(f"the number of snippets cannot be negative: {max_snippets}")
        if max_chars < MIN_CHARS:
            raise InvalidQuery(f"a snippet needs room for at least {MIN_CHARS} characters, not {max_chars}")
        self._finder = finder
        self._max_snippets = max_snippets
        self._max_chars = max_chars

    def snippets(self, text: str) -> tuple[Snippet, ...]:
        """Passages of the text with the words found, in the order of the text, not overlapping.

        If no word of the query stands in the text: its beginning, without marks. Nothing for a blank text.
        """
        if not self._max_snippets:
            return ()
        picked = self._pick(text)
        if not picked:
            return self._opening(text)
        picked.sort(key=lambda passage: passage.start)
        return tuple(self._snippet(passage) for passage in picked)

    def marks(self, title: str) -> tuple[Mark, ...]:
        """The words found in a title."""
        return tuple((found.start, found.end) for found in self._finder.mark(title))

    # -- picking passages

    def _pick(self, text: str) -> list[_Passage]:
        sentences = self._sentences(text)
        candidates = [candidate for sentence in sentences for candidate in self._candidates(sentence)]
        weights = self._finder.weights
        side_by_side = _SIDE_BY_SIDE * max(weights, default=1.0)
        shown: set[int] = set()
        picked: list[_Passage] = []
        texts: set[str] = set()
        while candidates and len(picked) < self._max_snippets:
            best, best_value = candidates[0], -1.0
            for candidate in candidates:
                value = candidate.pairs * side_by_side
                for answer in candidate.answers:
                    value += weights[answer] * _SHOWN_BEFORE if answer in shown else weights[answer]
                if value > best_value:  # candidates stand in the order of the text
                    best, best_value = candidate, value
            passage = self._passage(text, sentences, best, picked)
            shown |= passage.answers
            if passage.text not in texts:  # a header or footer repeated on each page is shown once
                texts.add(passage.text)
                picked.append(passage)
            candidates = [other for other in candidates if not passage.overlaps(other)]
        return picked

    def _sentences(self, text: str) -> list[_Sentence]:
        """The sentences that hold found words, and their neighbours, in order."""
        stretches = self._finder.occurrences(text)
        everything = {answer for stretch in stretches for found in stretch for answer in found.answers}
        # So many sentences with all of the words in them will do; those of one word are alike but for their place.
        enough = self._max_snippets * (1 if len(everything) < 2 else 2)
        complete: set[str] = set()
        sentences: list[_Sentence] = []
        margin = self._max_chars + 100
        for stretch in stretches:
            for found in _clusters(stretch, 2 * margin):
                start = _word_boundary(text, found[0].start - margin, found[0].start)
                end = min(len(text), found[-1].end + margin)
                for sentence in _sentences_between(text, start, end, found):
                    sentence.number = len(sentences)
                    sentences.append(sentence)
                    if len(complete) >= enough:  # one more, as a neighbour
                        return sentences
                    if len(sentence.text) <= self._max_chars and sentence.holds(everything):
                        complete.add(sentence.text)
        return sentences

    def _candidates(self, sentence: _Sentence) -> list[_Candidate]:
        """The whole sentence if it fits, else the runs of found words that fit, each as long as can be."""
        found = sentence.found
        if not found:
            return []
        if len(sentence.text) <= self._max_chars:
            return [_Candidate(sentence, 0, len(found) - 1)]
        room = self._max_chars - 2 * len(ELLIPSIS)
        candidates = []
        last = -1
        for first, occurrence in enumerate(found):
            reach = max(last, first)
            while reach + 1 < len(found) and found[reach + 1].end - occurrence.start <= room:
                reach += 1
            if reach > last:  # otherwise the run is the tail of the one before
                candidates.append(_Candidate(sentence, first, reach))
                last = reach
        return candidates

    def _passage(
        self, text: str, sentences: Sequence[_Sentence], candidate: _Candidate, picked: Sequence[_Passage]
    ) -> _Passage:
        sentence = candidate.sentence
        if len(sentence.text) > self._max_chars:
            return self._window(candidate, picked)
        # Neighbours join if they hold found words as well, or if the sentence alone says little.
        first = last = sentence.number
        size = len(sentence.text)
        taken = {number for passage in picked for number in range(passage.first, passage.last + 1)}
        grown = True
        while grown:
            grown = False
            for number in (last + 1, first - 1):
                if not 0 <= number < len(sentences) or number in taken:
                    continue
                other = sentences[number]
                before, after = (sentences[last], other) if number > last else (other, sentences[first])
                if before.region != after.region or other.clipped or size + 1 + len(other.text) > self._max_chars:
                    continue
                line_ends = text.count("\n", before.end, after.start)
                says_little = size < self._max_chars // 3 and not line_ends
                if (other.found and line_ends <= 1) or says_little:
                    first, last = min(first, number), max(last, number)
                    size += 1 + len(other.text)
                    grown = True
                    break
        run = sentences[first : last + 1]
        shift = 0
        marks = []
        for member in run:
            marks += [(found.start + shift, found.end + shift) for found in member.found]
            shift += len(member.text) + 1
        answers = {answer for member in run for found in member.found for answer in found.answers}
        return _Passage(run[0].start, first, last, 0, size, " ".join(member.text for member in run), marks, answers)

    def _window(self, candidate: _Candidate, picked: Sequence[_Passage]) -> _Passage:
        """The run of found words with as much of the sentence around it as fits, cut at words."""
        sentence = candidate.sentence
        core_start = sentence.found[candidate.first].start
        core_end = sentence.found[candidate.last].end
        floor, ceiling = 0, len(sentence.text)
        for passage in picked:
            if passage.first == sentence.number:
                if passage.to <= core_start:
                    floor = max(floor, passage.to)
                else:
                    ceiling = min(ceiling, passage.since)
        start, end = _cut(sentence.text, core_start, core_end, floor, ceiling, self._max_chars)
        head = ELLIPSIS if start > 0 else ""
        tail = ELLIPSIS if end < len(sentence.text) else ""
        shift = len(head) - start
        inside = [found for found in sentence.found if found.start >= start and found.start < end]
        marks = [(found.start + shift, min(found.end, end) + shift) for found in inside]
        answers = {answer for found in inside for answer in found.answers}
        shown = head + sentence.text[start:end] + tail
        return _Passage(sentence.start + start, sentence.number, sentence.number, start, end, shown, marks, answers)

    # -- making snippets

    def _snippet(self, passage: _Passage) -> Snippet:
        """The passage with every found word marked, those in spellings that the scan passes over included."""
        if self._max_chars < SURROUNDINGS and not self._finder.may_hide_words(passage.text):
            return Snippet(passage.text, tuple(passage.marks))
        marks = set(passage.marks)
        for found in self._finder.mark(passage.text):
            if not any(start < found.end and found.start < end for start, end in passage.marks):
                marks.add((found.start, found.end))
        return Snippet(passage.text, tuple(sorted(marks)))

    def _opening(self, text: str) -> tuple[Snippet, ...]:
        """The first sentences that fit, or the beginning of the first one."""
        start = len(text) - len(text.lstrip())
        shown = ""
        for first, last in sentence_spans(text, start, start + 4 * self._max_chars):
            sentence = fold_space(text[first:last])
            if not shown and len(sentence) > self._max_chars:
                end = _cut(sentence, 0, 0, 0, len(sentence), self._max_chars)[1]
                shown = sentence[:end] + ELLIPSIS
                break
            if len(shown) + len(sentence) + 1 > self._max_chars and shown:
                break
            shown = f"{shown} {sentence}" if shown else sentence
        return (Snippet(shown),) if shown else ()


def make_snippets(
    text: str,
    terms: Mapping[str, int],
    *,
    max_snippets: int = 3,
    max_chars: int = 200,
    phrases: Sequence[Sequence[AbstractSet[str]]] = (),
    weights: Mapping[int, float] | None = None,
) -> tuple[Snippet, ...]:
    """The snippets of one text: see `Highlighter.snippets`, and `Finder` for terms, phrases and weights.

    >>> make_snippets("Привиты вакцинами.", {"вакцинами": 0})[0].html()
    'Привиты <mark>вакцинами</mark>.'
    """
    return Highlighter(Finder(terms, phrases, weights), max_snippets=max_snippets, max_chars=max_chars).snippets(text)


def mark(text: str, terms: Mapping[str, int], phrases: Sequence[Sequence[AbstractSet[str]]] = ()) -> tuple[Mark, ...]:
    """The words found in a short text, such as a title: [start, end) code points, in order."""
    return Highlighter(Finder(terms, phrases)).marks(text)


def fold_space(text: str) -> str:
    """The text with each run of white space as one space, none at the ends."""
    return " ".join(text.split())


@dataclass(slots=True)
class _Sentence:
    """A sentence of the document. `text` has its white space folded, `found` has offsets into that text."""

    start: int
    end: int
    text: str
    found: list[Occurrence]
    region: int
    clipped: bool
    number: int = 0

    def holds(self, answers: AbstractSet[int]) -> bool:
        if len(answers) == 1:
            return bool(self.found)
        return len(self.found) >= len(answers) and answers <= {answer for one in self.found for answer in one.answers}


class _Candidate:
    """The found words first..last of a sentence, which fit into one snippet."""

    __slots__ = ("answers", "first", "last", "pairs", "sentence")

    def __init__(self, sentence: _Sentence, first: int, last: int) -> None:
        self.sentence = sentence
        self.first = first
        self.last = last
        found = sentence.found
        self.answers = {answer for occurrence in found[first : last + 1] for answer in occurrence.answers}
        # How often two different query words stand side by side.
        self.pairs = 0
        if len(self.answers) > 1:
            for left, right in zip(found[first:last], found[first + 1 : last + 1], strict=True):
                if right.start - left.end <= 2 and left.answers != right.answers:
                    self.pairs += 1


@dataclass(slots=True)
class _Passage:
    """A picked passage: the sentences first..last, or [since, to) of the folded text of one sentence."""

    start: int
    first: int
    last: int
    since: int
    to: int
    text: str
    marks: list[Mark]
    answers: set[int]

    def overlaps(self, candidate: _Candidate) -> bool:
        sentence = candidate.sentence
        if not self.first <= sentence.number <= self.last:
            return False
        if self.first < self.last or self.to - self.since == len(sentence.text):
            return True
        found = sentence.found
        return found[candidate.first].start < self.to and self.since < found[candidate.last].end


def _clusters(found: Sequence[Occurrence], gap: int) -> Iterator[Sequence[Occurrence]]:
    """The occurrences, parted where at least `gap` code points lie between two."""
    first = 0
    for position in range(1, len(found)):
        if found[position].start - found[position - 1].end >= gap:
            yield found[first:position]
            first = position
    if found:
        yield found[first:]


def _sentences_between(text: str, start: int, end: int, found: Sequence[Occurrence]) -> Iterator[_Sentence]:
    position = 0
    for first, last in sentence_spans(text, start, end):
        here = []
        while position < len(found) and found[position].start < last:
            place = found[position]
            # A word of hundreds of letters may be cut at the end of the longest sentence.
            here.append(place if place.end <= last else place._replace(end=last))
            position += 1
        raw = text[first:last]
        folded = fold_space(raw)
        clipped = (first == start and start > 0) or (end < len(text) and _NOT_BLANK.search(text, last, end) is None)
        shifted = _shifted(here, first, raw if len(folded) < len(raw) else "")
        yield _Sentence(first, last, folded, shifted, start, clipped)


def _shifted(found: Sequence[Occurrence], start: int, raw: str) -> list[Occurrence]:
    """The occurrences with offsets into the folded sentence, begun at `start`; no `raw` if folding cut nothing."""
    if not found or not raw:
        return [Occurrence(place.start - start, place.end - start, place.answers) for place in found]
    # Where in the raw sentence each blank-separated word begins, and how much was cut before it.
    begins: list[int] = []
    cut: list[int] = []
    position = folded_position = 0
    for word in raw.split():
        position = raw.index(word, position)
        begins.append(position)
        cut.append(position - folded_position)
        position += len(word)
        folded_position += len(word) + 1
    shifted = []
    for place in found:
        shift = start + cut[bisect_right(begins, place.start - start) - 1]
        shifted.append(Occurrence(place.start - shift, place.end - shift, place.answers))
    return shifted


def _word_boundary(text: str, start: int, stop: int) -> int:
    """The first position from `start` on that follows a blank, at most `stop`; 0 if `start` is not inside the text."""
    if start <= 0:
        return 0
    position = start
    while position < stop and not text[position - 1].isspace():
        position += 1
    return position if position < stop else start


def _cut(text: str, core_start: int, core_end: int, floor: int, ceiling: int, max_chars: int) -> tuple[int, int]:
    """A range of the text with the core in it, inside [floor, ceiling), that with its ellipses has at most max_chars.

    It keeps the beginning or the end of the text if that is near, else the core stands in its middle; it ends at words.
    """
    size = len(ELLIPSIS)
    core_end = min(core_end, core_start + max_chars - 2 * size)
    near = max_chars * 3 // 4  # farther away, the beginning would leave the core no room behind it
    if floor == 0 and core_end <= near:
        start, end = 0, min(ceiling, max_chars - size)
    elif ceiling == len(text) and len(text) - core_start <= near:
        start, end = max(floor, len(text) - max_chars + size), len(text)
    else:
        room = max_chars - 2 * size - (core_end - core_start)
        start = max(floor, core_start - room // 2)
        end = min(ceiling, start + max_chars - 2 * size)
        start = max(floor, min(start, end - max_chars + 2 * size))
    if start > 0:
        if text[start - 1] != " ":
            blank = text.find(" ", start, core_start)
            start = blank + 1 if blank >= 0 else core_start
        start = core_start - len(text[start:core_start].lstrip(_AFTER_ELLIPSIS))
    if end < len(text):
        if text[end] != " ":
            blank = text.rfind(" ", core_end, end)
            # Without a core (the opening of a text) a word that fills the snippet is cut.
            end = blank if blank >= 0 else (core_end or end)
        end = core_end + len(text[core_end:end].rstrip(_BEFORE_ELLIPSIS))
    return start, end
