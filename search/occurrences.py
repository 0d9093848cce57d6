"""Where in a text do the words of a query stand?

The answer is exact for every token it names: its form, made as the index makes it, is one of the forms sought. To be
fast it does not tokenise the text: it looks for the beginnings of the forms with `str.find` and examines only what it
finds. Spellings that such a scan cannot see (soft hyphens, stress marks, look-alike letters inside the beginning of a
word) are looked for when a word was not found without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from indexer.analysis.normalize import APOSTROPHES, INVISIBLE
from indexer.analysis.tokenizer import WORD, lower_headlines, word_form
from search.scan import MANY_BEGINNINGS, MARK_CHARACTERS, MARKS, Scan, phrase_scan, scan_for, small_letters, tolerant

# Up to this length a text is scanned whole; in a longer one the first places of each word are looked for, by chunks.
WHOLE_TEXT = 10_000
_CHUNK = 32_768
_PLACES = 24
# How far around such a place every word is found, in code points.
SURROUNDINGS = 600

# What is read beyond a chunk for a word or the first two words of a phrase that cross its end.
_OVERLAP = 200
# Length of the last resort, which looks at every word.
_EVERY_WORD = 500_000
# How many words of the texts are remembered with their forms.
_KNOWN_WORDS = 10_000

_COMMON_MARKS = f"{INVISIBLE}\u0300\u0301\u0306\u0308"
_UNUSUAL = re.compile(f"[{MARKS}]|[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")

_HEADLINE = object()


class Occurrence(NamedTuple):
    """A word of the text that answers the query.

    start, end: code points of the text.
    answers: what it answers, as indices of `Finder.weights`: query words and, at its last word, a phrase.
    """

    start: int
    end: int
    answers: tuple[int, ...]


class _Found(NamedTuple):
    start: int
    end: int
    form: str


class Finder:
    """The words and phrases of one query, ready to be found in any number of texts.

    terms: form -> number of the query word that it answers; such a form counts wherever it stands.
    phrases: each a sequence of sets of forms, one set for each word of the phrase. The forms count where the whole
        phrase stands, its words being neighbours. A form that is not in `terms` counts nowhere else, so words that the
        query has only inside a phrase do not belong into `terms`; the words of a phrase with slop do.
    weights: how much a query word matters (its idf, say), by its number; 1 where nothing is said.

    Forms are as `indexer.analysis.normalize.form` makes them. A Finder may be used from several threads.
    """

    def __init__(
        self,
        terms: Mapping[str, int],
        phrases: Sequence[Sequence[AbstractSet[str]]] = (),
        weights: Mapping[int, float] | None = None,
    ) -> None:
        numbers = sorted(set(terms.values()))
        index = {number: position for position, number in enumerate(numbers)}
        self._answers = {form: index[number] for form, number in terms.items()}
        self._phrases = [tuple(frozenset(forms) for forms in phrase) for phrase in phrases if phrase and all(phrase)]
        given = weights or {}
        self.weights = [float(given.get(number, 1.0)) for number in numbers]
        heaviest = max(self.weights, default=1.0)
        self.weights += [heaviest * len(phrase) for phrase in self._phrases]

        forms_of_word: list[set[str]] = [set() for _ in numbers]
        for form, answer in self._answers.items():
            forms_of_word[answer].add(form)
        self._scans = [scan_for(forms) for forms in forms_of_word]
        in_phrases = {form for phrase in self._phrases for forms in phrase for form in forms}
        self._only_in_phrases = scan_for(in_phrases - self._answers.keys())
        self._phrase_scans = [phrase_scan(phrase) for phrase in self._phrases]
        self._relevant = frozenset(in_phrases | self._answers.keys())
        self._known: dict[str, object] = {}

    def __bool__(self) -> bool:
        return bool(self._relevant)

    def occurrences(self, text: str) -> list[list[Occurrence]]:
        """Where the words and phrases stand, in order.

        One list for a text of at most WHOLE_TEXT code points. Of a longer text, the surroundings of the first places of
        each word and phrase: one list for each stretch that was looked through, stretches in order and disjoint.
        """
        if not self:
            return []
        stretches = [self._in_short(text)] if len(text) <= WHOLE_TEXT else list(self._in_long(text))
        stretches = [stretch for stretch in stretches if stretch]
        if not stretches and text.casefold() != text.lower():
            # The text has letters that fold to several («ß») or in another way than to their small letter («ς»).
            found = list(self._every_word(text, 0, min(len(text), _EVERY_WORD)))
            stretches = [answers] if (answers := self._resolve(text, found)) else []
        return stretches

    def _in_short(self, text: str) -> list[Occurrence]:
        found = self._all_in(text, 0, len(text))
        answers = self._resolve(text, found)
        seen = {answer for occurrence in answers for answer in occurrence.answers}
        if len(seen) < len(self.weights) and (hidden := self._hidden(text, seen)):
            answers = self._resolve(text, sorted({*found, *hidden}))
        return answers

    def _in_long(self, text: str) -> Iterator[list[Occurrence]]:
        places = self._first_places(text)
        for start, end in _stretches(places, len(text)):
            yield self._resolve(text, sorted({*self._all_in(text, start, end), *_within(places, start, end)}))

    def may_hide_words(self, text: str) -> bool:
        """Whether a word of the text may be spelled in a way that `occurrences` passes over."""
        return not text.isascii() and (_UNUSUAL.search(text) is not None or text.casefold() != text.lower())

    def mark(self, text: str) -> list[Occurrence]:
        """Where they stand in a short text, a title or a snippet: every word is looked at, so no spelling is missed."""
        if not self:
            return []
        found = [
            _Found(word.start(), word.end(), form)
            for word in WORD.finditer(text)
            if (form := self._relevant_form(text, word.start(), word[0])) is not None
        ]
        return self._resolve(text, found)

    # -- which tokens matter

    def _relevant_form(self, text: str, start: int, raw: str) -> str | None:
        """The form of the word `raw` that stands at `start`, if it is one of those sought."""
        try:
            known = self._known[raw]
        except KeyError:
            form = word_form(raw)
            known = None
            if form in self._relevant:
                known = form
            elif raw.isupper() and word_form(raw.lower()) in self._relevant:
                known = _HEADLINE
            if len(self._known) < _KNOWN_WORDS and len(raw) <= 64:
                self._known[raw] = known
        if known is None or isinstance(known, str):
            return known
        # In a line that is all capitals the index holds «ВОЗ» as «воз».
        line_start = max(text.rfind("\n", 0, start) + 1, start - 300)
        line_end = text.find("\n", start, start + 300)
        line = text[line_start : line_end if line_end >= 0 else start + 300]
        return word_form(raw.lower()) if lower_headlines(line) != line else None

    def _resolve(self, text: str, found: list[_Found]) -> list[Occurrence]:
        """Those that count of all tokens of relevant forms, in order: single words, and the words of whole phrases."""
        if not self._phrases:
            answers = self._answers
            return [Occurrence(start, end, (answers[form],)) for start, end, form in found]
        given: dict[int, list[int]] = {
            position: [self._answers[form]] for position, (_, _, form) in enumerate(found) if form in self._answers
        }
        first_phrase = len(self.weights) - len(self._phrases)
        for first in range(len(found)):
            for number, phrase in enumerate(self._phrases):
                last = first + len(phrase) - 1
                if last < len(found) and _stands(text, found, first, phrase):
                    for position in range(first, last + 1):
                        given.setdefault(position, [])
                    given[last].append(first_phrase + number)
        return [Occurrence(found[p].start, found[p].end, tuple(given[p])) for p in sorted(given)]

    # -- looking through a text

    def _all_in(self, text: str, start: int, end: int) -> list[_Found]:
        """Every token that begins in [start, end) and has a relevant form, hidden spellings apart."""
        lowered = small_letters(text[start : end + _OVERLAP])
        found: set[_Found] = set()
        for scan in (*self._scans, self._only_in_phrases):
            found.update(self._hits(scan, text, lowered, start, end))
        return sorted(found)

    def _hits(self, scan: Scan, text: str, lowered: str, base: int, end: int) -> Iterator[_Found]:
        """Tokens of relevant forms, all of this scan's in [base, end) among them; `lowered`: the text from `base`."""
        if len(scan.beginnings) + len(scan.whole) > MANY_BEGINNINGS:
            yield from self._every_word(text, base, end)
            return
        stop = end - base
        for beginning in scan.beginnings:
            position = lowered.find(beginning)
            while 0 <= position < stop:
                if (found := self._token_at(text, base + position)) is not None:
                    yield found
                position = lowered.find(beginning, position + 1)
        for form in scan.whole:
            size = len(form)
            position = lowered.find(form)
            while 0 <= position < stop:
                after = lowered[position + size : position + size + 1]
                if not after.isalnum() and (found := self._token_at(text, base + position)) is not None:
                    yield found
                position = lowered.find(form, position + 1)

    def _every_word(self, text: str, start: int, end: int) -> Iterator[_Found]:
        for word in WORD.finditer(text, start):
            if word.start() >= end:
                return
            form = self._relevant_form(text, word.start(), word[0])
            if form is not None and (word.start() > start or _begins_word(text, start)):
                yield _Found(word.start(), word.end(), form)

    def _token_at(self, text: str, start: int) -> _Found | None:
        """The token that begins at `start`, if one does and its form is relevant."""
        if not _begins_word(text, start) or (word := WORD.match(text, start)) is None:
            return None
        form = self._relevant_form(text, start, word[0])
        return None if form is None else _Found(start, word.end(), form)

    def _first_places(self, text: str) -> list[_Found]:
        """Tokens of the first places of each query word and phrase in a long text, in order."""
        found: set[_Found] = set()
        room = dict.fromkeys(range(len(self.weights)), _PLACES)
        first_phrase = len(self._scans)
        for base in range(0, len(text), _CHUNK):
            end = min(base + _CHUNK, len(text))
            lowered = small_letters(text[base : end + _OVERLAP])
            for answer in list(room):
                if answer < first_phrase:
                    scan = self._scans[answer]
                    all_hits = self._hits(scan, text, lowered, base, end)
                    hits: Iterator[_Found] = (hit for hit in all_hits if hit.form in scan.forms)
                else:
                    hits = self._phrase_hits(answer - first_phrase, text, lowered, base, end)
                for hit in hits:
                    found.add(hit)
                    room[answer] -= 1
                    if not room[answer]:
                        del room[answer]
                        break
            if not room:
                break
        seen = {answer for answer in range(len(self.weights)) if room.get(answer, 0) < _PLACES}
        if len(seen) < len(self.weights):
            found.update(self._hidden(text, seen)[:_PLACES])
        return sorted(found)

    def _phrase_hits(self, number: int, text: str, lowered: str, base: int, end: int) -> Iterator[_Found]:
        """The scanned word of each place where the phrase stands and that word begins in [base, end)."""
        phrase = self._phrases[number]
        scan, position, pattern = self._phrase_scans[number]
        hits: Iterable[_Found | None]
        if pattern is None:
            hits = self._hits(scan, text, lowered, base, end)
        else:
            hits = (self._token_at(text, base + match.start()) for match in pattern.finditer(lowered))
        for hit in hits:
            if hit is None or hit.start >= end or hit.form not in scan.forms:
                continue
            before = max(0, hit.start - 60 * position)
            near = list(self._every_word(text, before, hit.start + 60 * len(phrase)))
            if hit in near and (first := near.index(hit) - position) >= 0 and _stands(text, near, first, phrase):
                yield hit

    def _hidden(self, text: str, seen: AbstractSet[int]) -> list[_Found]:
        """Tokens of words and phrases not seen, in spellings that the scan passes over."""
        if seen and not any(mark in text for mark in _COMMON_MARKS):
            return []
        found: set[_Found] = set()
        lowered = small_letters(text)
        scans = [scan for answer, scan in enumerate(self._scans) if answer not in seen]
        if any(answer not in seen for answer in range(len(self._scans), len(self.weights))):
            scans.append(self._only_in_phrases)
        for scan in scans:
            patterns = [*map(tolerant, scan.beginnings), *(tolerant(form) + r"(?![^\W_])" for form in scan.whole)]
            if not patterns or len(patterns) > MANY_BEGINNINGS:
                continue
            plain = (*scan.beginnings, *scan.whole)
            for match in re.finditer("|".join(patterns), lowered):
                # What begins in plain spelling was no secret.
                if match[0] not in plain and (token := self._token_at(text, match.start())) is not None:
                    found.add(token)
        return sorted(found)


def _stands(text: str, found: Sequence[_Found], first: int, phrase: tuple[frozenset[str], ...]) -> bool:
    """Whether the phrase stands at found[first], each word the neighbour of the one before."""
    if first + len(phrase) > len(found):
        return False
    for position, forms in enumerate(phrase, first):
        if found[position].form not in forms:
            return False
        if position > first and WORD.search(text, found[position - 1].end, found[position].start):
            return False
    return True


def _stretches(places: list[_Found], length: int) -> Iterator[tuple[int, int]]:
    """The surroundings of the places, joined where they meet."""
    start = end = 0
    for place in places:
        if place.start - SURROUNDINGS > end:
            if end:
                yield start, end
            start = place.start - SURROUNDINGS
        end = min(length, place.end + SURROUNDINGS)
    if end:
        yield start, end


def _within(places: list[_Found], start: int, end: int) -> Iterator[_Found]:
    return (place for place in places if start <= place.start < end)


def _begins_word(text: str, start: int) -> bool:
    """Whether a token can begin at `start`, where a letter or digit stands: it is not the inside of a word."""
    if start == 0:
        return True
    before = text[start - 1]
    if before.isalnum():
        return False
    # Marks and an apostrophe behind them join what stands on their two sides.
    position = start - 1 - (before in APOSTROPHES)
    while position >= 0 and text[position] in MARK_CHARACTERS:
        position -= 1
    return position == start - 1 or position < 0 or not text[position].isalnum()
