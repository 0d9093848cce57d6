"""Picks the passages of a text that show best that it answers the query.

A passage is whole sentences if they fit. Else it is a window, cut at words, around the place where most query words meet.
Passages are picked greedily. Words that no passage shows yet count most, then words side by side, then the earlier place.
The places of the words are given. Sentences are found only around promising places.
"""

from __future__ import annotations

from naidi.indexer.analysis.sentences import sentence_start, sentence_stop, skip_blanks, strip_blanks
from naidi.indexer.late import attrgetter
from naidi.indexer.typed import TYPE_CHECKING

from .finder import Place
from .query_words import Worth
from .shorten import ELLIPSIS, cut_at_words, fold_space

if TYPE_CHECKING:
    from collections.abc import Sequence

# How much longer a sentence may be than a passage: folding may take that much white space away.
_SLACK = 40
# How many runs of places are looked at closely, for each snippet.
_CLOSE_LOOKS = 6


class Passage:
    """A passage of the text.

    start, end: its range.
    first, last: its first and last place.
    head, tail: whether the passage is cut inside a sentence at its start, and at its end.
    mask: what its places answer, as bits.
    pairs: how many pairs of words are side by side.
    text: the passage with its white space folded; "" if that was not made.
    """

    __slots__ = ("end", "first", "head", "last", "mask", "pairs", "start", "tail", "text")

    def __init__(self, start: int, end: int, first: int, last: int, head: bool = False, tail: bool = False) -> None:
        self.start = start
        self.end = end
        self.first = first
        self.last = last
        self.head = head
        self.tail = tail
        self.mask = self.pairs = 0
        self.text = ""


# A run of places that may fit into one passage: first place, last place, what they answer (bits), pairs of words side by
# side, and the passage once it was looked at closely.
_Run = tuple[int, int, int, int, Passage | None]
# Start, end, first place, last place.
_Sentence = tuple[int, int, int, int]
# The free range between picked passages: where the passage before ends, whether a sentence ends there too, where the passage
# behind begins, whether a sentence begins there too.
_Bounds = tuple[int, bool, int, bool]


def _longest_from_each_place(runs: list[_Run]) -> list[_Run]:
    """Of the runs that begin at one place, the longest alone. Those that were looked at stay.

    Where a text repeats itself, passage after passage is no news. Cut by one, all runs around it begin at the same place, and the
    shortest would be looked at first: one place at a time.
    """
    longest: dict[int, _Run] = {}
    looked_at: list[_Run] = []
    for run in runs:
        if run[4] is not None:
            looked_at.append(run)
        elif run[0] not in longest or run[1] > longest[run[0]][1]:
            longest[run[0]] = run
    return [*longest.values(), *looked_at]


class Picker:
    """Picks passages of one text."""

    def __init__(
        self,
        worth: Worth,
        text: str,
        places: Sequence[Place],
        max_chars: int,
        floor: int = 0,
        sentence_begins: bool = True,
    ) -> None:
        """
        Parameters:
          worth: of the query words.
          text: the text.
          places: in order and disjoint, at least one.
          max_chars: the longest passage, ellipses included.
          floor: no passage begins before it.
          sentence_begins: whether a sentence begins at the floor.
        """
        self._worth = worth
        self._max_chars = max_chars
        self._text = text
        self._places = places
        self._picked: list[Passage] = []
        self._shown = 0
        self._whole_text: _Bounds = (floor, sentence_begins, len(text), True)

    def pick(self, most: int) -> list[Passage]:
        """At least one passage and at most `most`, in the order of the text, not overlapping."""
        worth = self._worth
        side_by_side = worth.side_by_side
        runs = self._runs()
        picked = self._picked
        texts: set[str] = set()
        looks = _CLOSE_LOOKS * most
        while True:
            best, best_value = runs[0], -1.0
            if len(runs) > 1 and worth.differs:
                values = worth.of(self._shown)
                for run in runs:
                    value = values[run[2]] + run[3] * side_by_side
                    if value > best_value or (value == best_value and run[0] < best[0]):
                        best, best_value = run, value
            first, last, mask, pairs, looked_at = best
            passage = looked_at or self._passage(first, last)
            if looked_at is None and (passage.mask != mask or passage.pairs < pairs) and looks > 0 and len(runs) > 1:
                # The sentences of the run do not fit together. So the passage may be no better than others.
                looks -= 1
                runs.remove(best)
                runs += self._outside(best, passage)
                runs.append((passage.first, passage.last, passage.mask, passage.pairs, passage))
                continue
            self._shown |= passage.mask
            folded = passage.text = passage.text or fold_space(self._text[passage.start : passage.end])
            shown = passage.head * ELLIPSIS + folded + passage.tail * ELLIPSIS
            repeated = folded in texts or shown in texts  # a header or footer of every page is shown once
            if not repeated:
                texts |= {folded, shown}
                picked.append(passage)
                if len(picked) == most:
                    break
            begin, end = passage.first, passage.last
            left: list[_Run] = []
            for run in runs:
                if run[4] is None and (run[1] < begin or run[0] > end):
                    left.append(run)
                elif run[0] < begin or run[1] > end:
                    left += self._outside(run, passage)
            runs = _longest_from_each_place(left) if repeated else left
            if not runs:
                break
        if len(picked) > 1:
            picked.sort(key=attrgetter("start"))
        return picked

    # -- places that may be shown together

    def _runs(self) -> list[_Run]:
        """The longest runs of places that may fit into a passage."""
        places, room = self._places, self._max_chars - 2 * len(ELLIPSIS)
        if len(places) == 1:
            return [(0, 0, places[0][2], 0, None)]
        text = self._text
        runs: list[_Run] = []
        final = len(places) - 1
        last = reach = -1
        for first, (start, end, mask) in enumerate(places):
            if reach < first:
                reach = first
            limit = start + room
            while reach < final:
                end, following = places[reach][1], places[reach + 1]
                if following[1] > limit or (following[0] > end + 1 and text.count("\n", end, following[0]) > 1):
                    break
                reach += 1
            if reach > last:  # else the run is the tail of the one before
                runs.append((first, first, mask, 0, None) if reach == first else self._run(first, reach))
                last = reach
        return runs

    def _run(self, first: int, last: int) -> _Run:
        mask, pairs = self._sum(first, last)
        return first, last, mask, pairs, None

    def _sum(self, first: int, last: int) -> tuple[int, int]:
        """(what the places answer together, how many pairs of different words are side by side)."""
        places = self._places
        _, end, mask = places[first]
        everything = mask
        pairs: set[tuple[int, int]] = set()
        for place in range(first + 1, last + 1):
            start, stop, other = places[place]
            everything |= other
            if start - end <= 2 and other != mask:
                pairs.add((mask, other))
            end, mask = stop, other
        return everything, len(pairs)

    def _outside(self, run: _Run, passage: Passage) -> list[_Run]:
        """The parts of a run outside a passage."""
        first, last, _, _, looked_at = run
        if last < passage.first or first > passage.last:
            if looked_at is None or looked_at.end <= passage.start or looked_at.start >= passage.end:
                return [run]
            return [self._run(first, last)]
        parts = []
        if first < passage.first:
            parts.append(self._run(first, passage.first - 1))
        if last > passage.last:
            parts.append(self._run(passage.last + 1, last))
        return parts

    # -- making passages

    def _bounds(self, start: int, end: int) -> _Bounds:
        floor, begins, ceiling, ends = self._whole_text
        for passage in self._picked:
            if floor < passage.end <= start:
                floor, begins = passage.end, not passage.tail
            elif end <= passage.start < ceiling:
                ceiling, ends = passage.start, not passage.head
        return floor, begins, ceiling, ends

    def _passage(self, first: int, last: int) -> Passage:
        """The best passage with places of the run."""
        text, places, max_chars = self._text, self._places, self._max_chars
        position, end, _ = places[first]
        bounds = self._bounds(position, end) if self._picked else self._whole_text
        # Short cuts for `_start_of` and `_stop_of` if no bound is near.
        back = position - max_chars - _SLACK
        start = sentence_start(text, position, back) if back > bounds[0] else self._start_of(position, bounds)
        if start < 0:
            stop = -1
        else:
            limit = start + max_chars + _SLACK
            if limit < bounds[2]:
                stop = sentence_stop(text, start, end, limit)
            else:
                stop = self._stop_of(start, end, start + max_chars, bounds)
        if stop < 0 or len(shown := " ".join(text[start:stop].split())) > max_chars:
            # No sentence around the place fits.
            passage = self._window(first, last, start, bounds)
        else:
            # The run may begin or end inside the sentence.
            while first and places[first - 1][0] >= start:
                first -= 1
            if stop >= places[last][1]:
                while last + 1 < len(places) and places[last + 1][0] < stop:
                    last += 1
                passage = Passage(start, stop, first, last)
                passage.text = shown
            else:
                passage = self._best_group(self._sentences(start, stop, first, last, bounds))
            size = len(passage.text) or self._size(passage.start, passage.end)
            room = max_chars - size - 1
            if (
                size < max_chars // 3
                or (passage.last + 1 < len(places) and places[passage.last + 1][1] - passage.end <= room)
                or (passage.first and passage.start - places[passage.first - 1][0] <= room)
            ):
                self._extend(passage, size, bounds)
        first, last = passage.first, passage.last
        if first == last:
            passage.mask = places[first][2]
        else:
            passage.mask, passage.pairs = self._sum(first, last)
        return passage

    def _start_of(self, position: int, bounds: _Bounds) -> int:
        """The start of the sentence around `position`; -1 if it is too far back."""
        floor = bounds[0]
        back = position - self._max_chars - _SLACK
        if back > floor:
            return sentence_start(self._text, position, back)
        start = sentence_start(self._text, position, floor)
        return skip_blanks(self._text, floor, position) if start < 0 and bounds[1] else start

    def _stop_of(self, start: int, position: int, limit: int, bounds: _Bounds) -> int:
        """The end of the sentence that begins at `start` and contains `position`; -1 if it is past `limit`."""
        ceiling = bounds[2]
        limit += _SLACK
        if limit < ceiling:
            return sentence_stop(self._text, start, position, limit)
        stop = sentence_stop(self._text, start, position, ceiling)
        return strip_blanks(self._text, position, ceiling) if stop < 0 and bounds[3] else stop

    def _sentences(self, start: int, stop: int, first: int, last: int, bounds: _Bounds) -> list[_Sentence]:
        """The sentences of a run, from the one at [start, stop) on, up to the first that does not fit."""
        places = self._places
        sentences: list[_Sentence] = []
        while True:
            within = self._last_before(stop, first)
            if stop - start > self._max_chars and self._size(start, stop) > self._max_chars:
                return sentences
            sentences.append((start, stop, first, within))
            first = within + 1
            if first > last:
                return sentences
            position, end, _ = places[first]
            start = self._start_of(position, (stop, True, bounds[2], bounds[3]))
            stop = self._stop_of(start, end, start + self._max_chars, bounds) if start >= 0 else -1
            if stop < 0:  # the sentence is too long; its places have runs of their own
                return sentences

    def _last_before(self, stop: int, last: int) -> int:
        """The last place that begins before `stop`, from `last` on."""
        places = self._places
        while last + 1 < len(places) and places[last + 1][0] < stop:
            last += 1
        return last

    def _best_group(self, sentences: Sequence[_Sentence]) -> Passage:
        """The best passage of neighbouring sentences that fit together."""
        worth = self._worth
        best, best_value = None, -1.0
        for number, (start, end, first, last) in enumerate(sentences):
            for following in range(number, len(sentences)):
                if following > number:
                    behind = sentences[following]
                    if self._text.count("\n", end, behind[0]) > 1 or behind[2] != last + 1:
                        break
                    end, last = behind[1], behind[3]
                    if end - start > self._max_chars and self._size(start, end) > self._max_chars:
                        break
                mask, pairs = self._sum(first, last)
                value = worth.of(self._shown)[mask] + pairs * worth.side_by_side
                if value > best_value:
                    best, best_value = Passage(start, end, first, last), value
        assert best is not None
        return best

    def _extend(self, passage: Passage, size: int, bounds: _Bounds) -> None:
        """Add neighbouring sentences to a passage of this size, if they have found words or the passage is short."""
        text, places, max_chars = self._text, self._places, self._max_chars
        floor, _, ceiling, _ = bounds
        while True:
            says_little = size < max_chars // 3
            room = max_chars - size - 1
            following, before = passage.last + 1, passage.first - 1
            near = following < len(places) and places[following][1] - passage.end <= room
            if near or says_little:
                start = skip_blanks(text, passage.end, ceiling)
                line_ends = text.count("\n", passage.end, start)
                if start < ceiling and line_ends <= near:
                    end = self._stop_of(start, start, start + room, bounds)
                    holds = near and places[following][0] < end
                    joins = end >= 0 and (holds or (says_little and not line_ends))
                    if joins and (added := self._size(start, end)) <= room:
                        passage.end, passage.last = end, self._last_before(end, passage.last)
                        passage.text = ""
                        size += 1 + added
                        continue
            near = before >= 0 and passage.start - places[before][0] <= room
            if near or says_little:
                end = strip_blanks(text, floor, passage.start)
                line_ends = text.count("\n", end, passage.start)
                if end > floor and line_ends <= near:
                    start = self._start_of(end - 1, bounds)
                    holds = near and places[before][0] >= start
                    joins = start >= 0 and (holds or (says_little and not line_ends))
                    if joins and (added := self._size(start, end)) <= room:
                        while before >= 0 and places[before][0] >= start:
                            before -= 1
                        passage.start, passage.first = start, before + 1
                        passage.text = ""
                        size += 1 + added
                        continue
            return

    def _size(self, start: int, end: int) -> int:
        """The length of a part of the text with its white space folded."""
        return len(fold_space(self._text[start:end]))

    def _window(self, first: int, last: int, low: int, bounds: _Bounds) -> Passage:
        """The run of places with as much text around it as fits, cut at words. low: the result of `_start_of`."""
        places = self._places
        core_start, core_end = places[first][0], places[last][1]
        head = low < 0
        if head:
            low = max(bounds[0], core_start - self._max_chars)
        high = self._stop_of(max(low, core_end - self._max_chars), core_end, core_end + self._max_chars, bounds)
        tail = high < 0
        if tail:
            high = min(bounds[2], core_end + self._max_chars)
        piece = self._text[low:high].replace("\n", " ").replace("\t", " ").replace("\r", " ")
        start, end = cut_at_words(piece, core_start - low, core_end - low, head, tail, self._max_chars)
        head, tail = head or start > 0, tail or end < len(piece)
        start, end = low + start, low + end
        while first and places[first - 1][0] >= start:
            first -= 1
        return Passage(start, end, first, self._last_before(end, last), head, tail)
