"""Finds the words of a query in a text.

Every token found is exact: its form, made as the index makes it, is one of the forms of the query. To be fast, the text is
not tokenised. `str.find` looks for the beginnings of the forms, and only its hits are examined. If a word is very frequent,
only some of its places are found. Some spellings escape this scan: soft hyphens, stress marks or look-alike letters inside
the beginning of a word. They are looked for if a word was not found without them.
"""

from __future__ import annotations

from itertools import accumulate, islice

from naidi.indexer.late import bisect
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from ..budget import check
from .needles import (
    MANY_BEGINNINGS,
    Needle,
    has_marks,
    may_hide_words,
    odd_places,
    scan_for,
    small_letters,
)
from .query_words import NOTHING_ABSENT, Absent
from .token_match import FormMatcher, MatcherForCore, TableFunctions, TokenMatch, phrase_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import TypeAlias

    from naidi._core import Word


Place = tuple[int, int, int]
"""A word of the text that answers the query: its start and end (in code points), and what it answers, as bits. Bit i stands
for `Finder.weights[i]`. A phrase is answered by its last word; the words before may answer nothing."""


class Occurrences(NamedTuple):
    """What a Finder found in a text.

    places: in order and disjoint.
    missing: the words (as bits) whose own forms were not found. Places of their stand-ins, if any, count for them.
    unsure: needles of the words that may have more places. None means that any word may have more. If it is empty, these
      are all places but for hidden spellings.
    """

    places: list[Place]
    missing: int
    unsure: list[Needle] | None


# How many beginnings and short forms a word has, the quick needles (find most places), all needles.
_NeedlesOfWord = tuple[int, list[Needle], list[Needle]]
# A word: its bit, and these.
_Word = tuple[int, int, list[Needle], list[Needle]]
# The bit of a word, its stand-ins, and their needles.
_StandIn = tuple[int, FormMatcher, list[Needle]]

# For the core: the needles of the words, or the words as it has them; the phrases, each (forms of its words, the word by which it
# is looked for, needles); what tells what a word answers; what gives the words of a phrase around that one; the words with
# stand-ins, as bits; and what gives the stand-ins of a word.
ForCore: TypeAlias = """tuple[
    tuple[_NeedlesOfWord, ...] | tuple[Word | tuple[Word, ...], ...],
    tuple[tuple[tuple[frozenset[str], ...], int, list[Needle]], ...] | tuple[tuple[Word, ...], ...],
    MatcherForCore | TableFunctions,
    Callable[[str, int, int, int], list[tuple[int, int]] | None],
    int,
    Callable[[int], tuple[list[Needle], MatcherForCore] | None],
]"""

# How many places of each query word and phrase are looked for.
PLACES = 24
# A text is lowered in chunks of this many code points, until enough places are found.
CHUNK = 32_768
# If a word has more places, those this near to another word are looked for as well.
_NEAR = 150
_NEAR_STRETCHES = 12
_FEW_NEEDLES = 3

# How far to read beyond a stretch, for a word that crosses its end.
_OVERLAP = 40
# How many code points a phrase may span, for each of its words.
_WORD_REACH = 60


class Finder:
    """The words and phrases of one query, ready to be found in any number of texts.

    Parameters:
      terms: form -> number of the query word that it answers. Such a form counts anywhere.
      phrases: each a sequence of sets of forms, one set for each word of the phrase. The forms count if the whole phrase is
        there, word beside word. Words that the query has only inside a phrase do not belong into `terms`. The words of a
        phrase with slop do.
      weights: number of a query word -> its weight, for example its idf. The default is 1.
      prefixes: prefix -> number of the query word that all forms with this prefix answer.
      stand_ins: number of a query word -> a function that gives the forms of its stand-ins. These answer the word in a text
        that has none of its own forms.

    Forms are as `naidi.indexer.analysis.normalize.form` makes them. Threads may share a Finder.
    """

    def __init__(
        self,
        terms: Mapping[str, int],
        phrases: Sequence[Sequence[AbstractSet[str]]] = (),
        weights: Mapping[int, float] | None = None,
        *,
        prefixes: Mapping[str, int] | None = None,
        stand_ins: Mapping[int, Callable[[], Iterable[str]]] | None = None,
    ) -> None:
        prefixes, stand_ins = prefixes or {}, stand_ins or {}
        numbers = sorted({*terms.values(), *prefixes.values(), *stand_ins})
        index = {number: position for position, number in enumerate(numbers)}
        self.bits = {number: 1 << position for number, position in index.items()}
        self._answers = {form: 1 << index[number] for form, number in terms.items()}
        self._prefixes = tuple((prefix, 1 << index[number]) for prefix, number in prefixes.items())
        self._phrases = [tuple(frozenset(forms) for forms in phrase) for phrase in phrases if phrase and all(phrase)]
        given = weights or {}
        self.weights = [float(given.get(number, 1.0)) for number in numbers]
        heaviest = max(self.weights, default=1.0)
        self.weights += [heaviest * len(phrase) for phrase in self._phrases]

        forms_of_word: list[list[str]] = [[] for _ in numbers]
        for form, number in terms.items():
            forms_of_word[index[number]].append(form)
        prefixes_of_word: list[list[str]] = [[] for _ in numbers]
        for prefix, number in prefixes.items():
            prefixes_of_word[index[number]].append(prefix)
        scans = [scan_for(*both) for both in zip(forms_of_word, prefixes_of_word, strict=True)]
        self._words: list[_Word] = [
            (1 << answer, len(scan.beginnings) + len(scan.whole), scan.quick_needles(), scan.needles())
            for answer, scan in enumerate(scans)
        ]
        self._in_phrases = frozenset(form for phrase in self._phrases for forms in phrase for form in forms)
        # A phrase is looked for by the word whose shortest form is longest. That word is likely the rarest.
        self._anchors = [
            max(range(len(phrase)), key=lambda place, phrase=phrase: min(map(len, phrase[place])))  # type: ignore[misc]
            for phrase in self._phrases
        ]
        self._anchor_scans = [
            scan_for(phrase[place]) for phrase, place in zip(self._phrases, self._anchors, strict=True)
        ]
        needles = [needle for _, _, _, each in self._words for needle in each]
        if self._phrases:
            needles += scan_for(self._in_phrases).needles()
        self._needles = list(dict.fromkeys(needles))
        self._reach = _WORD_REACH * max(map(len, self._phrases), default=0)
        self._matcher = FormMatcher(self._answers, self._prefixes, self._in_phrases)
        self._pending = {1 << index[number]: forms_of for number, forms_of in stand_ins.items()}
        self._with_stand_ins = sum(self._pending)
        self._stand_ins: dict[int, _StandIn | None] = {}

    def __bool__(self) -> bool:
        return bool(self.weights)

    def for_core(self) -> ForCore | None:
        """What the compiled core searches for; None if it cannot do that."""
        if any(count > MANY_BEGINNINGS for _, count, _, _ in self._words):
            return None
        if any(len(scan.beginnings) + len(scan.whole) > MANY_BEGINNINGS for scan in self._anchor_scans):
            return None
        words = tuple([(count, quick, thorough) for _, count, quick, thorough in self._words])
        needles = [scan.needles() for scan in self._anchor_scans]
        phrases = tuple(zip(self._phrases, self._anchors, needles, strict=True))
        return words, phrases, self._matcher.for_core(), self._phrase_at, self._with_stand_ins, self._stand_in_for_core

    def _phrase_at(self, text: str, number: int, start: int, end: int) -> list[tuple[int, int]] | None:
        return self._matcher.phrase_at(text, self._phrases[number], self._anchors[number], start, end)

    def _stand_in_for_core(self, answer: int) -> tuple[list[Needle], MatcherForCore] | None:
        for _, matcher, needles in self._stand_ins_of(1 << answer):
            return needles, matcher.for_core()
        return None

    def places(self, text: str, absent: Absent = NOTHING_ABSENT) -> Occurrences:
        """The places of the words and phrases in a text.

        The first PLACES places of each word and phrase are found, and perhaps more. No word or phrase of the text is
        missed altogether. absent: words that the text is known to lack.
        """
        words = self._words
        if (
            len(self.weights) == 1
            and words
            and not absent.words
            and len(text) <= CHUNK
            and (few := self._few_places(text))
        ):
            return few
        found: dict[int, Place] = {}
        room = [PLACES] * len(self.weights)
        if absent.words:
            words = [word for word in words if not word[0] & absent.words]
        chunks = []
        for base in range(0, len(text), CHUNK):
            chunk = small_letters(text[base : base + CHUNK + _OVERLAP])
            chunks.append(chunk)
            self._add_places(text, chunk, base, words, room, found)
            if not any(room):
                break
        missing, complete = 0, True
        if PLACES in room:
            missing = sum([1 << answer for answer, left in enumerate(room) if left == PLACES])
            if missing & ~absent.words and (has_marks(text) if found else not text.isascii()):
                missing &= ~self._add_hidden(text, found)
        stood_in = missing & self._with_stand_ins & ~absent.stand_ins
        if stood_in:
            for bit, matcher, needles in self._stand_ins_of(stood_in):
                new: list[TokenMatch] = []
                for number, chunk in enumerate(chunks):
                    if len(new) < PLACES:
                        end = min(CHUNK, len(text) - number * CHUNK)
                        new += matcher.hits(text, chunk, number * CHUNK, needles, end, 1, PLACES)
                complete &= len(new) < PLACES
                _add([(start, end, bit) for start, end, _, _ in new], found)
        if len(found) > PLACES and not all(room):
            self._add_near(text, room, found)
        in_order = [found[start] for start in sorted(found)] if len(found) > 1 else list(found.values())
        more: list[Needle] = []
        for (_, _, quick, thorough), left in zip(self._words, room, strict=False):
            if not left or (len(quick) > len(thorough) and left < PLACES):
                more += thorough
        if not complete or not all(room[len(self._words) :]) or len(more) > MANY_BEGINNINGS:
            return Occurrences(in_order, stood_in, None)
        return Occurrences(in_order, stood_in, more)

    def _few_places(self, text: str) -> Occurrences | None:
        """The places of the only query word in a text of one chunk; None if there are none, or these may not be all."""
        bit, count, quick, thorough = self._words[0]
        if count > MANY_BEGINNINGS or len(quick) > len(thorough):
            return None
        hits = self._matcher.hits(text, small_letters(text), 0, quick, len(text), bit, PLACES)
        if not 0 < len(hits) < PLACES:
            return None
        places = [(start, end, mask) for start, end, _, mask in hits]
        return Occurrences(places if count == 1 else sorted(set(places)), 0, [])

    def more(self, text: str, start: int, end: int, needles: Sequence[Needle]) -> list[tuple[int, int]]:
        """(start, end) of the words in [start, end) that the needles find, without hidden spellings and phrases."""
        lowered = small_letters(text[start : end + _OVERLAP])
        hits = self._matcher.hits(text, lowered, start, needles, end - start)
        return [(begin, stop) for begin, stop, _, mask in hits if mask]

    def marks(self, text: str, start: int, end: int, missing: int = 0) -> list[tuple[int, int]]:
        """(start, end) of every word, and word of a phrase, that begins in [start, end), in order. No spelling is missed.

        missing: words (as bits) whose stand-ins count if none of their own forms are there.
        """
        low, high = start, end
        if self._phrases:
            low, high = max(0, start - self._reach), min(len(text), end + self._reach)
        piece = text[low : high + _OVERLAP]
        hidden = may_hide_words(piece)
        lowered = "" if hidden else small_letters(piece)
        hits = self._matcher.all_in(text, lowered, low, high, self._needles, hidden)
        if self._phrases:
            hits = sorted(set(hits))
            marks = [(begin, stop) for begin, stop, _ in self._resolve(text, hits) if start <= begin < end]
        else:
            marks = [(begin, stop) for begin, stop, _, _ in hits]
        if missing:
            for _, _, _, mask in hits:
                missing &= ~mask
            for _, matcher, needles in self._stand_ins_of(missing):
                for begin, stop, _, _ in matcher.all_in(text, lowered, low, high, needles, hidden):
                    if start <= begin < end:
                        marks.append((begin, stop))
        return sorted(set(marks)) if len(marks) > 1 else marks

    def marks_of_lines(self, lines: Sequence[str], missing: Sequence[int]) -> list[list[tuple[int, int]]]:
        """`marks` of several short texts, such as titles. missing: the argument of `marks` for each."""
        if len(self._needles) > MANY_BEGINNINGS or any(map(may_hide_words, lines)):
            return [self.marks(line, 0, len(line), lacking) for line, lacking in zip(lines, missing, strict=True)]
        joined = "\n".join(lines)
        lowered = small_letters(joined)
        starts = [0, *accumulate([len(line) + 1 for line in lines])]
        hits_of = _by_line(self._matcher.hits(joined, lowered, 0, self._needles, len(joined)), starts)
        stood_in = 0
        lack: list[int] = []
        for hits, lacking in zip(hits_of, missing, strict=True):
            for _, _, _, mask in hits:
                lacking &= ~mask
            lack.append(lacking)
            stood_in |= lacking
        if self._phrases:
            marks_of = [
                [(start, end) for start, end, _ in self._resolve(joined, sorted(set(hits)))] if hits else []
                for hits in hits_of
            ]
        else:
            marks_of = [[hit[:2] for hit in hits] for hits in hits_of]
        for bit, matcher, needles in self._stand_ins_of(stood_in & self._with_stand_ins):
            hits_of = _by_line(matcher.hits(joined, lowered, 0, needles, len(joined)), starts)
            for marks, hits, lacking in zip(marks_of, hits_of, lack, strict=True):
                if lacking & bit:
                    marks += [hit[:2] for hit in hits]
        return [
            [(start - first, end - first) for start, end in sorted(set(marks))]
            for marks, first in zip(marks_of, starts, strict=False)
        ]

    def _resolve(self, text: str, found: Sequence[TokenMatch]) -> list[Place]:
        """The places that count, in order: single words, and the words of whole phrases. found: all matches, in order."""
        masks = {position: hit[3] for position, hit in enumerate(found) if hit[3]}
        for number, phrase in enumerate(self._phrases, len(self._words)):
            done = 0
            for last in phrase_ends(text, found, phrase):
                for position in range(max(last - len(phrase) + 1, done), last + 1):
                    masks.setdefault(position, 0)
                done = last + 1
                masks[last] |= 1 << number
        return [(found[place][0], found[place][1], masks[place]) for place in sorted(masks)]

    # -- looking through a text

    def _add_places(
        self, text: str, chunk: str, base: int, words: Sequence[_Word], room: list[int], found: dict[int, Place]
    ) -> None:
        """Add places in a chunk, for the words and phrases that have room for more."""
        end = min(CHUNK, len(text) - base)
        for bit, count, quick, thorough in words:
            check()
            answer = bit.bit_length() - 1
            left = room[answer]
            if not left:
                continue
            if count > MANY_BEGINNINGS:
                every = self._matcher.every_word(text, base, base + end)
                hits = list(islice((hit for hit in every if hit[3] & bit), left))
            else:
                hits = self._matcher.hits(text, chunk, base, quick, end, bit, left)
                if left == PLACES and len(quick) > len(thorough) and not any(hit[3] & bit for hit in hits):
                    hits = self._matcher.hits(text, chunk, base, thorough, end, bit, left)
            for start, stop, _, mask in hits:
                if mask:
                    found[start] = (start, stop, mask | found[start][2] if start in found else mask)
                    if mask & bit:
                        left -= 1
            room[answer] = left
        for number in range(len(self._phrases)):
            answer = len(self._words) + number
            if not room[answer]:
                continue
            check()
            for spans in self._phrase_places(text, chunk, base, end, number):
                _add([(start, stop, 0) for start, stop in spans[:-1]], found)
                _add([(*spans[-1], 1 << answer)], found)
                room[answer] -= 1
                if not room[answer]:
                    break

    def _phrase_places(
        self, text: str, chunk: str, base: int, end: int, number: int
    ) -> Iterator[list[tuple[int, int]]]:
        """(start, end) of all words of a phrase, for each place of the phrase in a chunk, lazily."""
        phrase, anchor, scan = self._phrases[number], self._anchors[number], self._anchor_scans[number]
        hits: Iterable[TokenMatch]
        if len(scan.beginnings) + len(scan.whole) > MANY_BEGINNINGS:
            hits = self._matcher.every_word(text, base, base + end)
        else:
            hits = self._matcher.each_hit(text, chunk, base, scan.needles(), end)
        for start, stop, form, _ in hits:
            if (
                form in phrase[anchor]
                and (words := self._matcher.phrase_at(text, phrase, anchor, start, stop)) is not None
            ):
                yield words

    def _add_hidden(self, text: str, found: dict[int, Place]) -> int:
        """Add places in spellings that the scan misses. Returns what they answer, as bits."""
        hits = set(islice(self._matcher.words_at(text, odd_places(text)), 4 * PLACES))
        if hits and self._phrases:
            # Their neighbours in a phrase may have plain spellings.
            done = 0
            for start, end, _, _ in sorted(hits):
                low, high = max(done, start - self._reach), end + self._reach
                if low < high:
                    hits.update(self._matcher.every_word(text, low, high))
                    done = high
        places = self._resolve(text, sorted(hits)) if hits else []
        _add(places, found)
        answered = 0
        for _, _, mask in places:
            answered |= mask
        return answered

    def _stand_ins_of(self, missing: int) -> list[_StandIn]:
        """The stand-ins of the missing words."""
        found = []
        for bit, forms_of in self._pending.items():
            if missing & bit:
                if bit not in self._stand_ins:
                    forms = {form for form in forms_of() if not self._answers.get(form, 0) & bit}
                    needles = scan_for(forms).needles()
                    matcher = FormMatcher(dict.fromkeys(forms, 1))
                    self._stand_ins[bit] = (bit, matcher, needles) if forms else None
                known = self._stand_ins[bit]
                if known is not None:
                    found.append(known)
        return found

    def _add_near(self, text: str, room: list[int], found: dict[int, Place]) -> None:
        """For words with more places than were looked for, add places near those of other words farther down."""
        everywhere = sum([1 << answer for answer, left in enumerate(room) if not left])
        for answer, (bit, count, _, needles) in enumerate(self._words):
            if room[answer] or count > _FEW_NEEDLES:
                continue
            done = 1 + max(start for start, _, mask in found.values() if mask & bit)
            others = sorted(place for place in found.values() if place[0] >= done and place[2] & ~everywhere)
            for start, end, _ in others[:_NEAR_STRETCHES]:
                low, high = max(done, start - _NEAR), min(len(text), end + _NEAR)
                if low < high:
                    done = high
                    near = small_letters(text[low : high + _OVERLAP])
                    hits = self._matcher.hits(text, near, low, needles, high - low)
                    _add([(begin, stop, mask) for begin, stop, _, mask in hits if mask], found)


def _add(places: Iterable[Place], found: dict[int, Place]) -> None:
    for start, end, mask in places:
        known = found.get(start)
        found[start] = (start, end, mask | known[2] if known else mask)


def _by_line(hits: Iterable[TokenMatch], starts: Sequence[int]) -> list[list[TokenMatch]]:
    """The matches in each line. starts: the start of each line, and the end of all."""
    lines: list[list[TokenMatch]] = [[] for _ in starts[1:]]
    for hit in hits:
        lines[bisect.bisect_right(starts, hit[0]) - 1].append(hit)
    return lines
