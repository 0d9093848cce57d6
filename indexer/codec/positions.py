"""Reads positions and postings of forms. The segment keeps them stem by stem, with a tag for the form of each token.

Positions count through the segment: those of a document begin at its `doc_starts`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..late import np
from .container import Array
from .form_tags import read_tags, tag_widths
from .posting_codes import BLOCK_POSTINGS, freqs_of
from .ragged import Indices, row_bounds, row_ranges, value_indices
from .segment import Segment
from .sorted_values import rows_in

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy.typing as npt

Positions: TypeAlias = "npt.NDArray[np.int64]"

# Frequencies in lists up to this length are summed whole; in longer ones only in the blocks of the wanted documents.
_SHORT_LIST = 512
# Looking up one posting takes as long as summing this many.
_POSTINGS_A_ROW = 64
# A look at one stem alone takes as long as a look at this many postings of several stems together.
_POSTINGS_A_STEM = 2_000


@dataclass(frozen=True, eq=False)
class StemRows:
    """The stems of some forms, and where their postings and positions lie. Valid as long as the segment, so it may be kept.

    stems: the numbers of the stems, ascending. The other arrays have a value for each stem, except `answers`.
    list_starts, list_sizes: the rows of its posting list.
    first_tokens: its first token.
    first_tags: the half byte at which its tags begin.
    tag_widths: half bytes of a tag.
    first_answers: where its values in `answers` begin.
    answers: for all forms of the stems, stem by stem, whether each is one of the wanted forms.
    whole: whether all its forms are wanted.
    """

    segment: Segment
    stems: Indices
    list_starts: Indices
    list_sizes: Indices
    first_tokens: Indices
    first_tags: Indices
    tag_widths: Indices
    first_answers: Indices
    answers: npt.NDArray[np.bool_]
    whole: npt.NDArray[np.bool_]

    # For looking up several words at once.

    @cached_property
    def all_whole(self) -> bool:
        """Whether all stems are whole."""
        return bool(self.whole.all())

    @cached_property
    def lists(self) -> list[Array]:
        """The document ids of each stem."""
        docs = self.segment.list_docs
        bounds = zip(self.list_starts.tolist(), self.list_sizes.tolist(), strict=True)
        return [docs[start : start + size] for start, size in bounds]

    @cached_property
    def table(self) -> Indices:
        """Four rows with a column for each stem: list_starts, list_sizes, first_tokens, its first block."""
        container = self.segment.container
        lists, ends = container.items("blocks.lists"), container.items("blocks.ends")
        sizes, blocks = self.list_sizes.tolist(), []
        for stem, size in zip(self.stems.tolist(), sizes, strict=True):
            # A list too short for blocks takes block 0 of the segment: its offset is 0 as well.
            blocks.append(row_bounds(ends, bisect_left(lists, stem))[0] if size > BLOCK_POSTINGS else 0)
        return np.array((self.list_starts.tolist(), sizes, self.first_tokens.tolist(), blocks), np.int64)

    @property
    def owned_bytes(self) -> int:
        """Memory of this object, in bytes, about."""
        return 2_000 + 400 * len(self.stems) + len(self.answers)


class Excess(NamedTuple):
    """Postings whose frequencies exceed what their codes hold.

    rows: their rows, ascending.
    totals: how many tokens the codes leave out before each of them, and in all.
    """

    rows: Indices
    totals: Indices

    def before(self, rows: Indices) -> Indices:
        """How many tokens the codes leave out in all postings before each of these rows."""
        return self.totals.take(self.rows.searchsorted(rows))


def stem_rows_of(segment: Segment, forms: Array) -> StemRows:
    """The stems of forms (ascending numbers)."""
    container = segment.container
    stems = np.unique(segment.form_stems[forms]).astype(np.int64)
    starts, sizes = row_ranges(container["stem_forms.ends"], stems)
    answers = rows_in(forms, container["stem_forms"][value_indices(starts, sizes)])[1]
    first_answers = np.cumsum(sizes) - sizes
    whole = np.logical_and.reduceat(answers, first_answers) if len(stems) else np.zeros(0, bool)
    first_tokens = row_ranges(container["places.ends"], stems)[0]
    first_tags = row_ranges(container["tags.ends"], stems)[0]
    lists = row_ranges(container["lists.ends"], stems)
    return StemRows(segment, stems, *lists, first_tokens, first_tags, tag_widths(sizes), first_answers, answers, whole)


def excess_of(segment: Segment) -> Excess:
    """The Excess of a segment."""
    container = segment.container
    rows = container["exact.rows"].astype(np.int64)
    left_out = container["exact.freqs"].astype(np.int64) - freqs_of(segment.list_codes.take(rows))
    return Excess(rows, np.concatenate(([0], left_out.cumsum())))


def positions_of(segment: Segment, forms: Array, docs: Array | None = None) -> Positions:
    """All positions of the forms (ascending numbers) in these documents (ascending), or in all; ascending."""
    return positions_in(segment, stem_rows_of(segment, forms), np.arange(segment.doc_count) if docs is None else docs)


def positions_in(segment: Segment, sources: StemRows, docs: Array) -> Positions:
    """The positions of the wanted forms of `sources` in these documents (ascending); ascending."""
    stem_count = len(sources.stems)
    if not stem_count or not len(docs):
        return np.zeros(0, np.int64)
    if stem_count == 1:
        return _of_stem(segment, sources, 0, docs)
    if sources.list_sizes.sum() > _POSTINGS_A_STEM * (stem_count - 1):
        positions = np.concatenate([_of_stem(segment, sources, place, docs) for place in range(stem_count)])
    else:
        positions = _of_stems(segment, sources, docs)
    positions.sort(kind="stable")  # merges ascending runs
    return positions


def postings_of(segment: Segment, forms: Array) -> tuple[Array, Indices, Indices]:
    """(docs, freqs, title_freqs) of several forms (ascending numbers) together. Documents ascend, each once."""
    sources = stem_rows_of(segment, forms)
    stems, whole = sources.stems, sources.whole
    found = [_postings_of_stems(segment, stems[whole]), _postings_of_forms(segment, stems[~whole], forms)]
    docs, freqs, title_freqs = (np.concatenate(columns) for columns in zip(*found, strict=True))
    if len(stems) < 2:
        return docs, freqs, title_freqs
    order = docs.argsort(kind="stable")
    docs = docs[order]
    heads = np.flatnonzero(np.diff(docs, prepend=-1))
    if len(heads) == len(docs):
        return docs, freqs[order], title_freqs[order]
    return docs[heads], np.add.reduceat(freqs[order], heads), np.add.reduceat(title_freqs[order], heads)


def _postings_of_stems(segment: Segment, stems: Array) -> tuple[Indices, Indices, Indices]:
    rows = segment.rows_of_lists(stems)
    return segment.list_docs[rows].astype(np.int64), *segment.exact_freqs(rows)


def _postings_of_forms(segment: Segment, stems: Array, forms: Array) -> tuple[Indices, Indices, Indices]:
    """The postings of those forms of the stems that are in `forms` (ascending)."""
    rows = segment.rows_of_lists(stems)
    freqs, title_freqs = segment.exact_freqs(rows)
    _, token_forms, _ = tokens_of_stems(segment, stems)
    kept = np.flatnonzero(rows_in(forms, token_forms)[1])
    ends = np.cumsum(freqs)
    postings = np.repeat(np.arange(len(rows)), freqs)[kept]
    # The tokens of a document begin with those of its title.
    in_title = kept < (ends - freqs + title_freqs)[postings]
    counts = np.bincount(postings, minlength=len(rows))
    there = np.flatnonzero(counts)
    titles = np.bincount(postings[in_title], minlength=len(rows))
    return segment.list_docs[rows[there]].astype(np.int64), counts[there], titles[there]


def keyword_freqs(segment: Segment, forms: Array, docs: Array) -> Indices:
    """How often any of the forms (ascending numbers) stands in the keywords of each of these documents (ascending)."""
    freqs = np.zeros(len(docs), np.int64)
    there = np.flatnonzero(segment.keyword_lengths[docs]) if segment.has_keywords else ()
    if len(there):
        with_keywords = docs[there]
        positions = positions_of(segment, forms, with_keywords)
        owners = segment.doc_starts[with_keywords].searchsorted(positions, side="right") - 1
        in_keywords = positions >= segment.body_ends[with_keywords][owners]
        freqs[there] = np.bincount(owners[in_keywords], minlength=len(there))
    return freqs


def forms_in(sources: StemRows, doc: int) -> Iterator[tuple[int, Positions]]:
    """(form, its positions) for each of the wanted forms of `sources` that the document has."""
    segment, docs = sources.segment, np.array([doc])
    container = segment.container
    for place, stem in enumerate(sources.stems.tolist()):
        tokens, _, _ = _tokens_in(segment, sources, place, docs)
        if not len(tokens):
            continue
        positions = int(segment.doc_starts[doc]) + positions_in_documents(segment, tokens)
        start = row_bounds(container.items("stem_forms.ends"), stem)[0]
        tags = _tags(segment, sources, place, tokens)
        for tag in np.unique(tags).tolist():
            if sources.answers[sources.first_answers[place] + tag]:
                yield int(container["stem_forms"][start + tag]), positions[tags == tag]


def _of_stem(segment: Segment, sources: StemRows, place: int, docs: Array) -> Positions:
    """The positions of one stem. They ascend, as documents do and tokens within them."""
    tokens, found, counts = _tokens_in(segment, sources, place, docs)
    if not len(tokens):
        return np.zeros(0, np.int64)
    positions = _positions(segment, tokens, found, counts)
    if sources.whole[place]:
        return positions
    tags = _tags(segment, sources, place, tokens)
    return positions[sources.answers[sources.first_answers[place] :].take(tags)]


def _tags(segment: Segment, sources: StemRows, place: int, tokens: Indices) -> Indices:
    """For each token of one stem, which form of the stem it is."""
    width = int(sources.tag_widths[place])
    if not width:
        return np.zeros(len(tokens), np.int64)
    starts = (tokens - sources.first_tokens[place]) * width + sources.first_tags[place]
    return read_tags(segment.container["tags"], starts, width)


def _tokens_in(segment: Segment, sources: StemRows, place: int, docs: Array) -> tuple[Indices, Array, Indices]:
    """(tokens of the stem in these documents, the documents that have any, how many each of these has)."""
    start = int(sources.list_starts[place])
    end = start + int(sources.list_sizes[place])
    own = segment.list_docs[start:end]
    rows, is_there = rows_in(own, docs)
    there = is_there.nonzero()[0]
    if not len(there):
        return there, docs[:0], there
    rows, found = rows.take(there), docs.take(there)
    offsets, counts = _token_offsets(segment, int(sources.stems[place]), start, end, rows)
    return value_indices(offsets + sources.first_tokens[place], counts), found, counts


def _token_offsets(segment: Segment, stem: int, start: int, end: int, rows: Indices) -> tuple[Indices, Indices]:
    """(tokens of the stem before each posting, tokens of each posting). rows: ascending, counted from the list's start."""
    codes = segment.list_codes[start:end]
    exact = _has_exact(segment, start, end)
    if exact or end - start <= max(_SHORT_LIST, _POSTINGS_A_ROW * len(rows)):
        if exact:
            freqs = _freqs_between(segment, start, end)
            ends = freqs.cumsum()
            counts = freqs.take(rows)
            return ends.take(rows) - counts, counts
        # Codes hold frequencies less one.
        lesser = codes & 63
        before = lesser.cumsum(dtype=np.int64).take(rows)
        counts = lesser.take(rows).astype(np.int64)
        before -= counts
        before += rows
        counts += 1
        return before, counts
    container = segment.container
    block = rows // BLOCK_POSTINGS
    lists = container["blocks.lists"]
    first_block = row_bounds(container.items("blocks.ends"), int(lists.searchsorted(lists.dtype.type(stem))))[0]
    offsets = container["blocks.offsets"].take(first_block + block).astype(np.int64)
    around = (block * BLOCK_POSTINGS)[:, None] + np.arange(BLOCK_POSTINGS)
    freqs = freqs_of(codes.take(around, mode="clip"))
    freqs *= around < rows[:, None]
    offsets += freqs.sum(axis=1)
    return offsets, freqs_of(codes.take(rows))


def _has_exact(segment: Segment, start: int, end: int) -> bool:
    """Whether any posting from start to end has a frequency that its code cannot hold."""
    rows = segment.container.items("exact.rows")
    return len(rows) > 0 and bisect_left(rows, start) < bisect_left(rows, end)


def _freqs_between(segment: Segment, start: int, end: int) -> Indices:
    """The exact frequencies of the postings from start to end, in lists of stems."""
    container = segment.container
    freqs = freqs_of(segment.list_codes[start:end])
    rows = container.items("exact.rows")
    hard = slice(bisect_left(rows, start), bisect_left(rows, end))
    if hard.start < hard.stop:
        freqs[container["exact.rows"][hard].astype(np.int64) - start] = container["exact.freqs"][hard]
    return freqs


def _of_stems(segment: Segment, sources: StemRows, docs: Array) -> Positions:
    """The positions of all stems together; not sorted."""
    rows = value_indices(sources.list_starts, sources.list_sizes)
    freqs, _ = segment.exact_freqs(rows)
    ends = freqs.cumsum()
    row_docs = segment.list_docs.take(rows)
    wanted = np.zeros(segment.doc_count, bool)
    wanted[docs] = True
    kept = wanted.take(row_docs).nonzero()[0]
    # `ends` count the tokens of all these stems as one run. A shift for each stem turns them into tokens of the segment.
    stem_of_row = np.arange(len(sources.stems)).repeat(sources.list_sizes)
    last_rows = np.cumsum(sources.list_sizes) - 1
    tokens_before = np.concatenate(([0], ends[last_rows[:-1]]))
    shifts = sources.first_tokens - tokens_before
    counts = freqs.take(kept)
    stems = stem_of_row.take(kept)
    tokens = value_indices(ends.take(kept) - counts + shifts.take(stems), counts)
    positions = _positions(segment, tokens, row_docs.take(kept), counts)
    return positions if sources.all_whole else positions[are_answers(segment, sources, stems.repeat(counts), tokens)]


def are_answers(segment: Segment, sources: StemRows, stems: Indices | None, tokens: Indices) -> npt.NDArray[np.bool_]:
    """Which tokens are of wanted forms. stems: for each token the index of its stem in `sources`; None: all are of the first."""
    if stems is None:
        return sources.answers.take(_tags(segment, sources, 0, tokens))
    slots = sources.first_answers.take(stems)
    partly = (~sources.whole).take(stems).nonzero()[0]
    stems = stems.take(partly)
    widths = sources.tag_widths.take(stems)
    starts = sources.first_tags.take(stems) + (tokens.take(partly) - sources.first_tokens.take(stems)) * widths
    slots[partly] += read_tags(segment.container["tags"], starts, widths)
    return sources.answers.take(slots)


def _positions(segment: Segment, tokens: Indices, docs: Array, counts: Indices) -> Positions:
    """The positions of tokens. docs, counts: their documents (ascending for each stem), and how many tokens each has."""
    positions = segment.doc_starts.take(docs).astype(np.int64).repeat(counts)
    positions += segment.container["positions"].take(tokens)
    # Few documents are so long that a position in them needs more than 16 bits.
    if len(segment.long_docs) and (wide := rows_in(segment.long_docs, docs)[1]).any():
        there = wide.repeat(counts).nonzero()[0]
        positions[there] += upper_halves(segment, tokens.take(there))
    return positions


def upper_halves(segment: Segment, tokens: Indices) -> Positions:
    """The part of each token's position above its lower 16 bits.

    A stored upper half holds from its token on; the first is that of token 0.
    """
    far = segment.container["far.tokens"]
    changes = far.searchsorted(tokens.astype(far.dtype), side="right") - 1
    return segment.container["far.highs"].take(changes).astype(np.int64) << 16


def positions_in_documents(segment: Segment, tokens: Indices) -> Positions:
    """The positions of tokens, counted from the start of their document."""
    positions = segment.container["positions"].take(tokens).astype(np.int64)
    if len(segment.container["far.tokens"]):
        positions += upper_halves(segment, tokens)
    return positions


def tokens_of_stems(segment: Segment, stems: Array) -> tuple[Indices, Array, Indices]:
    """(tokens, the form of each token, how many tokens each stem has), stem after stem."""
    container = segment.container
    first_tokens, counts = row_ranges(container["places.ends"], stems)
    tokens = value_indices(first_tokens, counts)
    # A token is the only form of its stem, or the form that its tag names.
    first_forms, form_counts = row_ranges(container["stem_forms.ends"], stems)
    slots = np.repeat(first_forms, counts)
    widths = np.repeat(tag_widths(form_counts), counts)
    tagged = widths.nonzero()[0]
    widths = widths[tagged]
    shifts = row_ranges(container["tags.ends"], stems)[0]
    starts = np.repeat(shifts, counts)[tagged] + (tokens - np.repeat(first_tokens, counts))[tagged] * widths
    slots[tagged] += read_tags(container["tags"], starts, widths)
    return tokens, container["stem_forms"][slots], counts
