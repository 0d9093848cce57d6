"""Counts how often one word of a query directly follows another, in a few documents.

A source is the posting list of one stem of a word. All words are looked up together, because a call of numpy costs as much
as hundreds of tokens.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..late import np
from .container import Array
from .positions import Excess, StemRows, are_answers, upper_halves
from .posting_codes import BLOCK_POSTINGS, MAX_EXACT_FREQ, POSITION_GAP, freqs_of
from .ragged import Indices
from .segment import Segment

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Bools: TypeAlias = "npt.NDArray[np.bool_]"
Pairs = Sequence[tuple[int, int]]  # (left, right): numbers of words

# If the documents have more positions together, they are looked at in halves: each position takes a byte of memory.
_MOST_POSITIONS = 1 << 22
# Row i is a mask over the codes of a block. It keeps the frequency bits of the postings before number i.
_BEFORE = np.where(np.arange(BLOCK_POSTINGS) < np.arange(BLOCK_POSTINGS)[:, None], 63, 0).astype(np.uint8)


class Runs(NamedTuple):
    """Runs of tokens, one for each source and document, source after source, document after document.

    sources, columns: the number of the source and of the document, among those asked for.
    tokens: the number of the first token.
    freqs: how many tokens.
    cuts: where the runs of each word begin, and the end.
    """

    sources: Indices
    columns: Indices
    tokens: Indices
    freqs: Indices
    cuts: list[int]


class Located(NamedTuple):
    """The tokens of runs, laid out on one line: the documents lie one after another, with a gap behind each.

    tokens: the number of each token.
    places: its place on the line.
    room: how many places there are.
    begins: the first place of each document.
    ends: the end of each run in `tokens`.
    bounds: where the tokens of each word begin, and the end.
    """

    tokens: Indices
    places: Indices
    room: int
    begins: Indices
    ends: Indices
    bounds: list[int]

    def of_word(self, number: int) -> Indices:
        """The places of a word. They ascend if it has one source."""
        return self.places[self.bounds[number] : self.bounds[number + 1]]


def pair_freqs(
    segment: Segment, excess: Excess, words: Sequence[StemRows], pairs: Pairs, docs: Indices
) -> Indices | None:
    """How often the right word of each pair directly follows the left one, in each document.

    Parameters:
      segment: the segment.
      excess: `excess_of(segment)`.
      words: the stems and forms of each word. Every word occurs in the segment.
      pairs: the pairs of words.
      docs: document ids, ascending.

    Returns counts (int64) with a row for each pair and a column for each document, or None if no pair occurs.
    """
    lengths = spans_of(segment, docs)
    if len(docs) > 1 and int(lengths.sum()) > _MOST_POSITIONS:
        middle = len(docs) // 2
        halves = [(part, pair_freqs(segment, excess, words, pairs, part)) for part in (docs[:middle], docs[middle:])]
        if all(found is None for _, found in halves):
            return None
        nothing = [np.zeros((len(pairs), len(part)), np.int64) for part, _ in halves]
        return np.concatenate(
            [empty if found is None else found for empty, (_, found) in zip(nothing, halves, strict=True)], axis=1
        )
    firsts = _firsts(words)
    rows, there = _rows(segment, words, docs)
    _keep_pairs(there, firsts, pairs)
    runs = _runs(segment, words, firsts, rows, there, excess)
    if runs is None:
        return None
    located = _located(segment, runs, lengths)
    for number, word in enumerate(words):
        if not word.all_whole:
            of_word = np.arange(located.bounds[number], located.bounds[number + 1])
            wrong = of_word[~_are_answers(segment, word, firsts[number], runs, located, of_word)]
            # Moved out of the way, to a place behind all documents.
            located.places[wrong] = located.room
    return _count(runs, located, pairs, len(docs))


def pair_freqs_of_places(segment: Segment, places: Sequence[Array], pairs: Pairs, docs: Indices) -> Indices | None:
    """As `pair_freqs`, from all positions of each word in the segment (ascending, all of one dtype)."""
    count = len(docs)
    bounds = np.empty(2 * count, np.int64)
    begins, ends = bounds[:count], bounds[count:]
    begins[:] = segment.doc_starts.take(docs)
    np.add(begins, spans_of(segment, docs), out=ends)
    ends += POSITION_GAP
    wanted = bounds.astype(places[0].dtype)
    rows = np.empty((len(places), 2 * count), np.int64)
    for own, at in zip(places, rows, strict=True):
        at[:] = own.searchsorted(wanted)
    freqs = rows[:, count:] - rows[:, :count]
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    # For each pair and document: how often the left word occurs, or 0 if the right word does not.
    sizes = freqs.take(lefts, axis=0)
    sizes *= freqs.take(rights, axis=0) > 0
    sizes = sizes.ravel()
    stops = sizes.cumsum()
    total = int(stops[-1])
    if not total:
        return None
    taken = (rows[:, :count].take(lefts, axis=0).ravel() + sizes - stops).repeat(sizes)
    taken += np.arange(total)
    following = np.empty(total, places[0].dtype)
    found = np.empty(total, places[0].dtype)
    start = 0
    for number, (left, right) in enumerate(pairs, 1):
        stop = int(stops[number * count - 1])
        if stop > start:
            next_places, of_right = following[start:stop], places[right]
            places[left].take(taken[start:stop], out=next_places, mode="clip")
            next_places += 1
            of_right.take(of_right.searchsorted(next_places), out=found[start:stop], mode="clip")
            start = stop
    hits = (found == following).nonzero()[0]
    if not len(hits):
        return None
    return np.bincount(stops.searchsorted(hits, side="right"), minlength=len(sizes)).reshape(len(pairs), count)


def spans_of(segment: Segment, docs: Indices) -> Indices:
    """How many positions each document takes, without the gaps behind its title and behind its last part."""
    spans: Indices = segment.title_lengths.take(docs).astype(np.int64)
    spans += segment.body_lengths.take(docs)
    if segment.has_keywords:
        keywords = segment.keyword_lengths.take(docs).astype(np.int64)
        keywords[keywords > 0] += POSITION_GAP
        spans += keywords
    return spans


def _is_far(segment: Segment, lengths: Indices) -> bool:
    """Whether a position in documents of these spans may take more than 16 bits."""
    return len(segment.long_docs) > 0 and int(lengths.max()) + POSITION_GAP > 0xFFFF


def _firsts(words: Sequence[StemRows]) -> list[int]:
    """The number of the first source of each word, and the end."""
    firsts = [0]
    for word in words:
        firsts.append(firsts[-1] + len(word.lists))
    return firsts


def _table(words: Sequence[StemRows]) -> Indices:
    return np.concatenate([word.table for word in words], axis=1)


def _rows(segment: Segment, words: Sequence[StemRows], docs: Indices) -> tuple[Indices, Bools]:
    """(posting row, whether it is that of the document), for each source (rows) and document (columns)."""
    # In the dtype of the lists. Else numpy would convert the lists.
    wanted = docs.astype(segment.list_docs.dtype)
    lists = [own for word in words for own in word.lists]
    rows = np.empty((len(lists), len(docs)), np.int64)
    for place, own in enumerate(lists):
        rows[place] = own.searchsorted(wanted)
    starts, sizes, _, _ = _table(words)
    sizes -= 1
    np.minimum(rows, sizes[:, None], out=rows)
    rows += starts[:, None]
    return rows, np.asarray(segment.list_docs.take(rows) == wanted)


def _keep_pairs(there: Bools, firsts: list[int], pairs: Pairs) -> None:
    """Clear `there` for a word in every document that lacks the other word of all its pairs."""
    several = len(firsts) - 1 < len(there)
    of_words = np.logical_or.reduceat(there, firsts[:-1], axis=0) if several else there
    wanted = np.zeros(of_words.shape, bool)
    for left, right in pairs:
        both = of_words[left] & of_words[right]
        wanted[left] |= both
        wanted[right] |= both
    there &= wanted.repeat([end - start for start, end in pairwise(firsts)], axis=0) if several else wanted


def _runs(
    segment: Segment, words: Sequence[StemRows], firsts: list[int], rows: Indices, there: Bools, excess: Excess
) -> Runs | None:
    """The runs of the rows that are `there`; None if there are none."""
    count = rows.shape[1]
    entries = there.ravel().nonzero()[0]
    if not len(entries):
        return None
    sources, columns = np.divmod(entries, count)
    cuts = entries.searchsorted([first * count for first in firsts]).tolist()
    postings = rows.take(entries)
    starts, _, first_tokens, first_blocks = _table(words)
    codes, blocks = segment.list_codes, segment.container["blocks.offsets"]
    freqs = freqs_of(codes.take(postings))
    in_list = postings - starts.take(sources)
    in_block = in_list & (BLOCK_POSTINGS - 1)
    heads = postings - in_block
    tokens = first_tokens.take(sources)
    # Codes hold frequencies less one.
    tokens += in_block
    around = windows_of(codes, heads) & _BEFORE.take(in_block, axis=0)
    tokens += around.sum(axis=1, dtype=np.uint16)
    if len(blocks):
        in_list //= BLOCK_POSTINGS
        in_list += first_blocks.take(sources)
        tokens += blocks.take(in_list).astype(np.int64)
    if int(freqs.max()) == MAX_EXACT_FREQ or int(around.max()) == MAX_EXACT_FREQ - 1:
        before = excess.before(postings)
        tokens += before - excess.before(heads)
        freqs += excess.before(postings + 1) - before
    return Runs(sources, columns, tokens, freqs, cuts)


def windows_of(codes: npt.NDArray[np.uint8], starts: Indices) -> npt.NDArray[np.uint8]:
    """BLOCK_POSTINGS codes from each start on. Values behind the last code are arbitrary."""
    count = len(codes) - BLOCK_POSTINGS + 1
    if count <= 0 or int(starts.max()) >= count:
        return codes.take(starts[:, None] + np.arange(BLOCK_POSTINGS), mode="clip")
    # A view of all windows. Copying rows of it is several times faster than looking up each code.
    return np.ndarray((count, BLOCK_POSTINGS), np.uint8, codes, strides=(1, 1))[starts]


def _located(segment: Segment, runs: Runs, lengths: Indices) -> Located:
    """The tokens of runs, laid out."""
    ends = runs.freqs.cumsum()
    tokens = (runs.tokens + runs.freqs - ends).repeat(runs.freqs)
    tokens += np.arange(len(tokens))
    # A place behind each gap stays free, so that nothing follows the last word of a document.
    spans = lengths + (POSITION_GAP + 1)
    begins = spans.cumsum()
    room = int(begins[-1])
    begins -= spans
    places = begins.take(runs.columns).repeat(runs.freqs)
    places += segment.container["positions"].take(tokens)
    if _is_far(segment, lengths):
        there = (lengths + POSITION_GAP > 0xFFFF).take(runs.columns).repeat(runs.freqs).nonzero()[0]
        places[there] += upper_halves(segment, tokens.take(there))
    bounds = [int(ends[cut - 1]) if cut else 0 for cut in runs.cuts]
    return Located(tokens, places, room, begins, ends, bounds)


def _are_answers(segment: Segment, word: StemRows, first: int, runs: Runs, located: Located, wanted: Indices) -> Bools:
    """Which of some tokens are forms of their word. wanted: indices of located tokens. first: the word's first source."""
    if len(word.lists) == 1:
        return are_answers(segment, word, None, located.tokens.take(wanted))
    stems = runs.sources.take(located.ends.searchsorted(wanted, side="right"))
    stems -= first
    return are_answers(segment, word, stems, located.tokens.take(wanted))


def _count(runs: Runs, located: Located, pairs: Pairs, doc_count: int) -> Indices | None:
    """How often each pair occurs in each document; None for nowhere."""
    freqs: Indices | None = None
    # Tokens out of the way mark the last place. No token stands there.
    marks = _marks(located.room + 2)
    for number, (left, right) in enumerate(pairs):
        wanted = located.of_word(left) + 1
        marks[wanted] = True
        try:
            hits = marks.take(located.of_word(right)).nonzero()[0]
        finally:  # even if a damaged index leads out of the array: the marks outlive this call
            marks[wanted] = False
        if len(hits):
            if freqs is None:
                freqs = np.zeros((len(pairs), doc_count), np.int64)
            of_hits = located.ends.searchsorted(hits + located.bounds[right], side="right")
            freqs[number] = np.bincount(runs.columns.take(of_hits), minlength=doc_count)
    return freqs


_scratch = threading.local()
_SPARE = 2


def _marks(count: int) -> Bools:
    """Marks for `count` places, none set, of this thread alone. A caller clears the marks that it sets."""
    marks: Bools | None = getattr(_scratch, "marks", None)
    if marks is None or len(marks) < count:
        marks = np.zeros(max(count, _MOST_POSITIONS + _SPARE), bool)
        if count <= _MOST_POSITIONS + _SPARE:
            _scratch.marks = marks
    return marks
