"""Matches tokens of a text with the forms of a query."""

from __future__ import annotations

from heapq import merge

from naidi.indexer.analysis.normalize import APOSTROPHES
from naidi.indexer.analysis.tokenizer import MARK_OF_NAME, WORD, lower_headlines, word_form
from naidi.indexer.late import pattern
from naidi.indexer.typed import TYPE_CHECKING

from .needles import MANY_BEGINNINGS, MARK_CHARACTERS, Needle

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import TypeAlias

# How many words of the texts are kept with their forms.
_KNOWN_WORDS = 10_000

# How far to look for the word before another one.
_WORD_REACH = 60
_LONGEST_WORD = 300
_INSIDE = MARK_CHARACTERS | set(APOSTROPHES)
# How many words are looked up at once if few may be enough.
_AT_A_TIME = 16

# A letter behind one of these characters begins a word, whatever comes before.
CLEAR = frozenset(' \n\t\r\u00a0\u2009\u202f«»"“”„()[]{}<>-–—/\\,:;!?…*_#|+=&@$%№~`')

# Words whose form is the word in small letters.
_PLAIN_WORD = pattern("[A-Z]?[a-z]+|[А-ЯЁ]?[а-яё]+")

TokenMatch = tuple[int, int, str, int]
"""A token that is a form of the query: start, end, form, and the query words that it answers, as bits."""

KnownWords = dict[str, "tuple[str, int] | None"]
FindWord: TypeAlias = "Callable[[str, int, str], tuple[str, int] | None]"
MatcherForCore: TypeAlias = "tuple[KnownWords, FindWord, dict[str, int] | None, AbstractSet[str]]"

# Where the core has the forms itself: `word_form` and `in_headline`.
TableFunctions: TypeAlias = "tuple[Callable[[str], str], Callable[[str, int], bool]]"

_HEADLINE = ("in a headline, perhaps", -1)
_UNKNOWN = ("not seen before", -1)


class FormMatcher:
    """The forms of a query, matched with tokens of texts. Threads may share it.

    Parameters:
      answers: form -> the query words that it answers, as bits.
      prefixes: (prefix, query words as bits) for all forms with a prefix.
      in_phrases: forms that count in a phrase.
    """

    def __init__(
        self,
        answers: dict[str, int],
        prefixes: Sequence[tuple[str, int]] = (),
        in_phrases: AbstractSet[str] = frozenset(),
    ) -> None:
        self._answers = answers
        self._prefixes = prefixes
        self._in_phrases = in_phrases
        self._known: KnownWords = {}

    def for_core(self) -> MatcherForCore:
        """What tells the compiled core what a word of a text answers.

        Returns (words that were seen, `find` for others, what forms answer, forms that count in a phrase). With prefixes, the core
        does not know what a form answers.
        """
        return self._known, self.find, None if self._prefixes else self._answers, self._in_phrases

    def mask(self, form: str) -> int:
        mask = self._answers.get(form, 0)
        for prefix, bit in self._prefixes:
            if form.startswith(prefix):
                mask |= bit
        return mask

    def find(self, text: str, start: int, raw: str) -> tuple[str, int] | None:
        """(form, what it answers as bits) of the word `raw` at `start`; None if it is no form of the query."""
        known = self._known.get(raw, _UNKNOWN)
        if known is _UNKNOWN:
            known = self._known_form(raw.lower() if _PLAIN_WORD.fullmatch(raw) else word_form(raw))
            if known is None and raw.isupper() and self._known_form(word_form(raw.lower())) is not None:
                known = _HEADLINE
            if len(self._known) < _KNOWN_WORDS and len(raw) <= 64:
                self._known[raw] = known
        if known is not _HEADLINE:
            return known
        return self._known_form(word_form(raw.lower())) if in_headline(text, start) else None

    def _known_form(self, form: str) -> tuple[str, int] | None:
        mask = self.mask(form) if self._prefixes else self._answers.get(form, 0)
        return (form, mask) if mask or form in self._in_phrases else None

    def hits(
        self,
        text: str,
        chunk: str,
        base: int,
        needles: Sequence[Needle],
        end: int,
        bit: int = 0,
        most: int = 0,
        start: int = 0,
    ) -> list[TokenMatch]:
        """The matches that needles find in a part of a text.

        Parameters:
          text: the text.
          chunk: the text from `base` on, in small letters.
          base: where the chunk begins.
          needles: the needles.
          end: where to stop, in `chunk`.
          bit: the query word that `most` counts; -1 counts all matches.
          most: stop after this many matches that answer `bit`, the first ones of the text whichever needles find them; 0 means no
            limit. Other matches before the last of them are included.
          start: where to begin, in `chunk`.
        """
        hits: list[TokenMatch] = []
        match = WORD.match
        find = chunk.find
        known_words = self._known
        for needle, lead, size in needles:
            left = most
            position = find(needle, start)
            while 0 <= position < end:
                begin = base + position + lead
                if (
                    lead
                    or not begin
                    or (before := text[begin - 1]) in CLEAR
                    or not (before.isalpha() or not begins_word(text, begin))
                ) and not (size and text[begin + size : begin + size + 1].isalnum()):
                    word = match(text, begin)
                    if word is not None:
                        raw = word[0]
                        known = known_words.get(raw, _UNKNOWN)
                        if known is _UNKNOWN or known is _HEADLINE:
                            known = self.find(text, begin, raw)
                        if known is not None:
                            form, mask = known
                            hits.append((begin, begin + len(raw), form, mask))
                            if most and (mask & bit or bit < 0):
                                left -= 1
                                if not left:
                                    end = min(end, position + lead + 1)  # what is farther down is not among the first
                                    break
                position = find(needle, position + 1)
        if len(needles) > 1 and 0 < most < len(hits):
            return _first(hits, bit, most)
        return hits

    def every_word(self, text: str, start: int, end: int) -> Iterator[TokenMatch]:
        """Every match that begins in [start, end)."""
        for word in WORD.finditer(text, start):
            if word.start() >= end:
                return
            known = self.find(text, word.start(), word[0])
            if known is not None and (word.start() > start or begins_word(text, start)):
                yield word.start(), word.end(), known[0], known[1]

    def words_at(self, text: str, places: Iterable[int]) -> Iterator[TokenMatch]:
        """The matches with one of the places (ascending) inside them or right behind them."""
        done = 0
        outside = -1  # the last place that no word reaches
        for place in places:
            if place < done:
                continue
            if place == outside + 1 and text[place] in MARK_CHARACTERS:
                outside = (
                    place  # a mark begins no word: in a long run of marks, what was before need not be looked at again
                )
                continue
            outside = place
            start = place
            floor = max(done, place - _LONGEST_WORD)
            while start > floor and (text[start - 1].isalnum() or text[start - 1] in _INSIDE):
                start -= 1
            # The end bounds the search for a beginning; the word may go on.
            while (beginning := WORD.search(text, start, place + 1)) is not None:
                word = WORD.match(text, beginning.start())
                assert word is not None
                start = done = word.end()
                if done >= place:
                    outside = -1
                if begins_word(text, word.start()):
                    known = self.find(text, word.start(), word[0])
                    if known is not None:
                        yield word.start(), done, known[0], known[1]
                if done > place:
                    break

    def each_hit(self, text: str, chunk: str, base: int, needles: Sequence[Needle], end: int) -> Iterator[TokenMatch]:
        """As `hits`, but lazily, some at a time, and in the order of the text."""
        found = [self._hits_of(text, chunk, base, needle, end) for needle in needles]
        return found[0] if len(found) == 1 else merge(*found)

    def _hits_of(self, text: str, chunk: str, base: int, needle: Needle, end: int) -> Iterator[TokenMatch]:
        start = 0
        while start < end:
            hits = self.hits(text, chunk, base, (needle,), end, -1, _AT_A_TIME, start)
            yield from hits
            if len(hits) < _AT_A_TIME:
                break
            start = hits[-1][0] - base + 1

    def all_in(
        self, text: str, lowered: str, start: int, end: int, needles: Sequence[Needle], hidden: bool
    ) -> list[TokenMatch]:
        """Every match that begins in [start, end). lowered: the text from `start` on. hidden: as by `may_hide_words`."""
        if hidden or len(needles) > MANY_BEGINNINGS:
            return list(self.every_word(text, start, end))
        return self.hits(text, lowered, start, needles, end - start)

    def phrase_at(
        self, text: str, phrase: tuple[frozenset[str], ...], anchor: int, start: int, end: int
    ) -> list[tuple[int, int]] | None:
        """(start, end) of each word of the phrase whose word number `anchor` is at [start, end); None if it is not there."""
        words = [(start, end)]
        for forms in phrase[anchor + 1 :]:
            word = WORD.search(text, end)
            if word is None or not self._is_one_of(text, word, forms):
                return None
            end = word.end()
            words.append(word.span())
        if anchor:
            before: list[re.Match[str]] = []
            low = start
            floor = max(0, start - _WORD_REACH * (anchor + 1))
            while len(before) < anchor and low > floor:
                # The words behind a blank farther back.
                low = max(floor, text.rfind(" ", floor, low - 1) + 1)
                before = [
                    word for word in WORD.finditer(text, low, start) if word.start() > low or begins_word(text, low)
                ]
            if len(before) < anchor:
                return None
            for forms, word in zip(phrase[:anchor], before[-anchor:], strict=True):
                if not self._is_one_of(text, word, forms):
                    return None
            words[:0] = [word.span() for word in before[-anchor:]]
        return words

    def _is_one_of(self, text: str, word: re.Match[str], forms: AbstractSet[str]) -> bool:
        known = self.find(text, word.start(), word[0])
        return known is not None and known[0] in forms


def _first(hits: list[TokenMatch], bit: int, most: int) -> list[TokenMatch]:
    """The matches up to the last of the first `most` that answer `bit`. Needles find them, each in the order of the text."""
    hits.sort()
    for place, hit in enumerate(hits):
        if hit[3] & bit or bit < 0:
            most -= 1
            if not most:
                return hits[: place + 1]
    return hits


def in_headline(text: str, start: int) -> bool:
    """Whether the line around a place is a headline in capitals. There the index has «ВОЗ» as «воз»."""
    line_start = max(text.rfind("\n", 0, start) + 1, start - 300)
    line_end = text.find("\n", start, start + 300)
    line = text[line_start : line_end if line_end >= 0 else start + 300]
    return lower_headlines(line) != line


def phrase_ends(text: str, found: Sequence[TokenMatch], phrase: tuple[frozenset[str], ...]) -> Iterator[int]:
    """The places in `found` at which the phrase ends, each of its words right behind the one before.

    Shift-and (Baeza-Yates and Gonnet, "A new approach to text searching", 1992): bit n of the state says that the first n + 1 words
    of the phrase end here. So the time grows with the matches, and hardly with the length of the phrase.
    """
    places: dict[str, int] = {}
    for number, forms in enumerate(phrase):
        for form in forms:
            places[form] = places.get(form, 0) | 1 << number
    whole, state, end = 1 << (len(phrase) - 1), 0, 0
    for place, match in enumerate(found):
        if state and WORD.search(text, end, match[0]):
            state = 0
        state = (state << 1 | 1) & places.get(match[2], 0)
        end = match[1]
        if state & whole:
            yield place


def begins_word(text: str, start: int) -> bool:
    """Whether the letter or digit at `start` begins a token, rather than being inside one."""
    if start == 0:
        return True
    before = text[start - 1]
    if before.isalnum():
        return False
    if before == "." and MARK_OF_NAME.match(text, start - 1):
        return False  # .NET
    # Marks, and an apostrophe behind them, join the letters on both sides to one word.
    position = start - 1 - (before in APOSTROPHES)
    while position >= 0 and text[position] in MARK_CHARACTERS:
        position -= 1
    return position == start - 1 or position < 0 or not text[position].isalnum()
