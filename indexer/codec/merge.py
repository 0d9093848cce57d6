"""Merges segments into one, without the deleted documents. Posting lists and positions are moved, never sorted again.

The documents of the sources follow one another. So a merged posting list is the lists of the sources, one after another.
Lists and stems are moved in chunks and written at once. Memory holds the lexicon and a few chunks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from .container import Array, ContainerWriter
from .lines import Lines, merged_lines
from .positions import positions_in_documents, tokens_of_stems
from .posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ, Codes, freqs_of, title_freqs_of
from .posting_lists import form_ranks
from .ragged import Indices, lengths_of, row_ranges, starts_of, value_indices
from .segment import Segment
from .segment_writer import (
    Columns,
    ExactFreqs,
    Lexicon,
    PieceEnds,
    PositionSections,
    PostingSections,
    make_lexicon,
    put_acronyms,
    put_columns,
    put_lexicon,
    put_pieces,
    segment_meta,
)
from .stored import put_merged, put_merged_texts
from .strings import StringTable

# Posting lists are moved in chunks of about this many rows.
CHUNK_ROWS = 400_000

Chunk = TypeVar("Chunk")


class _Source:
    """A segment that is being merged."""

    def __init__(self, segment: Segment, deleted: Array, first_doc: int) -> None:
        self.segment = segment
        self.live = ~deleted
        self.whole = bool(self.live.all())
        self.docs = np.flatnonzero(self.live)
        # The new id of each live document. Values of deleted documents are never used.
        self.new_docs = (np.cumsum(self.live) - 1 + first_doc).astype(np.int64)
        # form_numbers: for each form of this segment its merged number, or -1. list_map: for each merged list (first those of
        # stems) the list of this segment, or -1. There may be hundreds of sources, so both take 32 bits.
        self.form_numbers: Array = np.zeros(0, np.int32)
        self.list_map: Array = np.zeros(0, np.int32)

    @property
    def used(self) -> Indices:
        """The forms that occur in live documents."""
        segment = self.segment
        count = len(segment.forms)
        if self.whole or not count:
            return np.arange(count)
        stems = np.arange(len(segment.stems))
        freqs, live = _stem_postings(self, stems)
        _, forms, _ = tokens_of_stems(segment, stems)
        return np.flatnonzero(np.bincount(forms[np.repeat(live, freqs)], minlength=count))

    def live_sizes(self) -> Indices:
        """How many live postings each list has."""
        ends = self.segment.list_ends
        if self.whole or not len(ends):
            return lengths_of(ends)
        live_before = np.concatenate(([0], np.cumsum(self.live[self.segment.list_docs], dtype=np.int64)))
        return np.asarray(live_before[ends.astype(np.int64)] - live_before[starts_of(ends)])


def _union(
    sources: Sequence[_Source], table_of: Callable[[Segment], StringTable], used: Sequence[Array]
) -> tuple[Lines, list[Array]]:
    """The union of a sorted table of each source. used: the strings of each that are in it.

    Returns (these strings, sorted; for each source the number there of each of its strings, or -1 if unused).
    """
    tables: list[tuple[memoryview, int, Array | None]] = []
    for source, rows in zip(sources, used, strict=True):
        table, mask = table_of(source.segment), None
        if len(rows) < len(table):
            mask = np.zeros(len(table), bool)
            mask[rows] = True
        tables.append((table.data, len(table), mask))
    found = merged_lines(tables)
    for source in sources:
        source.segment.container.release()
    return found


def _merged_lexicon(sources: Sequence[_Source]) -> Lexicon:
    """The merged lexicon. Sets `form_numbers` and `list_map` of each source."""
    segments = [source.segment for source in sources]
    forms, form_numbers = _union(sources, lambda segment: segment.forms, [source.used for source in sources])
    owner = np.full(len(forms), -1, np.int64)
    owner_form = np.zeros(len(forms), np.int64)
    for number, source_numbers in enumerate(form_numbers):
        used = np.flatnonzero(source_numbers >= 0)
        owner[source_numbers[used]] = number
        owner_form[source_numbers[used]] = used

    # Keys and stem of a form are taken from its last source; all sources have the same.
    counts = np.zeros(len(forms), np.int64)
    taken, common_rows = [], []
    for number, segment in enumerate(segments):
        mine = np.flatnonzero(owner == number)
        ends = segment.container["form_keys.ends"]
        lengths = lengths_of(ends)[owner_form[mine]]
        counts[mine] = lengths
        rows = value_indices(starts_of(ends)[owner_form[mine]], lengths)
        key_rows = segment.container["form_keys"][rows]
        taken.append((mine, lengths, key_rows, segment.form_stems[owner_form[mine]]))
        common_rows.append(segment.are_common(rows))
    ends = np.cumsum(counts)
    keys, key_maps = _union(sources, lambda segment: segment.keys, [np.unique(rows) for _, _, rows, _ in taken])
    stems, stem_maps = _union(sources, lambda segment: segment.stems, [np.unique(rows) for _, _, _, rows in taken])
    form_keys = np.empty(int(ends[-1]) if len(ends) else 0, np.uint32)
    form_stems = np.zeros(len(forms), np.uint32)
    common = np.empty(len(form_keys), np.uint8)
    for (mine, lengths, key_rows, stem_rows), are_common, key_map, stem_map in zip(
        taken, common_rows, key_maps, stem_maps, strict=True
    ):
        rows = value_indices((ends - counts)[mine], lengths)
        form_keys[rows] = key_map[key_rows]
        common[rows] = are_common
        form_stems[mine] = stem_map[stem_rows]
    lexicon = make_lexicon(forms, keys, stems, ends.astype(np.uint64), form_keys, form_stems, common)

    for source, numbers in zip(sources, form_numbers, strict=True):
        container, lists = source.segment.container, lexicon.numbers
        key_map = _source_rows(numbers, container["form_keys.ends"], container["form_keys"], lexicon)
        source.form_numbers = numbers
        stem_map = np.full(len(stems), -1, np.int32)
        used = np.flatnonzero(numbers >= 0)
        stem_map[form_stems[numbers[used]]] = source.segment.form_stems[used]
        key_numbers = _looked_up(source.segment.key_lists, key_map[lists.keys])
        source.list_map = np.concatenate((stem_map, key_numbers.astype(np.int32)))
        container.release()
    return lexicon


def _source_rows(form_numbers: Indices, ends: Array, values: Array, lexicon: Lexicon) -> Indices:
    """For each merged key the key of the source, or -1. A form has its keys in the same order in every segment."""
    key_map = np.full(len(lexicon.keys), -1, np.int64)
    used = np.flatnonzero(form_numbers >= 0)
    lengths = lengths_of(ends)[used]
    own = values[value_indices(starts_of(ends)[used], lengths)]
    merged_rows = value_indices(starts_of(lexicon.form_key_ends)[form_numbers[used]], lengths)
    key_map[lexicon.form_keys[merged_rows]] = own
    return key_map


def _looked_up(table: Array, numbers: Indices) -> Indices:
    """table[numbers], but -1 for the number -1."""
    found = np.full(len(numbers), -1, np.int64)
    there = numbers >= 0
    found[there] = table[numbers[there]]
    return found


def _chunks(sizes: Indices) -> Iterator[tuple[int, int]]:
    """Ranges of rows with about CHUNK_ROWS values each."""
    totals = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(totals[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(totals, before + CHUNK_ROWS, side="right")))
        yield first, last
        first = last


def _one_ahead(
    work: Callable[[int, int], Chunk], ranges: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, Chunk]]:
    """(first, last, work(first, last)) of each range, in order. If there are several, a thread works on the next one meanwhile."""
    left = deque(ranges)
    waiting: deque[tuple[int, int, Future[Chunk]]] = deque()
    with ThreadPoolExecutor(1) as pool:
        while len(left) > 1 or (left and waiting):
            try:
                part = pool.submit(work, *left[0])
            except RuntimeError:  # no thread can be started: its stack takes memory
                break
            waiting.append((*left.popleft(), part))
            if len(waiting) > 1:
                first, last, part = waiting.popleft()
                yield first, last, part.result()
        for first, last, part in waiting:
            yield first, last, part.result()
    for first, last in left:
        yield first, last, work(first, last)


def _move_lists(sources: Sequence[_Source], postings: PostingSections, sizes: Indices, stem_count: int) -> None:
    """stem_count: the first `stem_count` lists are those of stems. Only they keep exact frequencies."""

    def moved(first: int, last: int) -> tuple[Array, Codes, ExactFreqs]:
        return _moved_lists(sources, first, last, sizes[first:last], stem_count)

    for first, last, (docs, codes, exact) in _one_ahead(moved, _chunks(sizes)):
        postings.add(first, last, docs, codes, exact)
    postings.finish()


def _moved_lists(
    sources: Sequence[_Source], first: int, last: int, sizes: Indices, stem_count: int
) -> tuple[Array, Codes, ExactFreqs]:
    """Document ids and codes of the lists first .. last - 1, and the frequencies that do not fit into codes."""
    count = int(sizes.sum())
    docs, codes = np.empty(count, np.uint32), np.empty(count, np.uint8)
    filled = np.cumsum(sizes) - sizes
    exact: list[tuple[Indices, Indices, Indices]] = []
    for source in sources:
        segment = source.segment
        lists = source.list_map[first:last]
        there = np.flatnonzero(lists >= 0)
        starts, lengths = row_ranges(segment.list_ends, lists[there])
        rows = value_indices(starts, lengths)
        owners = np.repeat(there, lengths)
        old_docs = segment.list_docs[rows]
        if not source.whole:
            kept = source.live[old_docs]
            rows, owners, old_docs = rows[kept], owners[kept], old_docs[kept]
        lengths = np.bincount(owners, minlength=last - first)
        targets = value_indices(filled, lengths)
        docs[targets] = source.new_docs[old_docs]
        moved = segment.list_codes[rows]
        codes[targets] = moved
        counted = int(np.searchsorted(owners, max(stem_count - first, 0)))
        exact.append(_exact(segment, rows[:counted], targets[:counted], moved[:counted]))
        filled = filled + lengths
        segment.container.release()
    order = np.argsort(np.concatenate([rows for rows, _, _ in exact]), kind="stable")
    columns = (np.concatenate(column)[order] for column in zip(*exact, strict=True))
    return docs, codes, ExactFreqs(*columns)


def _exact(segment: Segment, rows: Indices, targets: Indices, codes: Array) -> tuple[Indices, Indices, Indices]:
    """(target, freq, title freq) of the postings whose exact frequencies are kept beside them."""
    container = segment.container
    hard = np.flatnonzero((freqs_of(codes) >= MAX_EXACT_FREQ) | (title_freqs_of(codes) >= MAX_TITLE_FREQ))
    exact_rows = container["exact.rows"]
    places = np.searchsorted(exact_rows, rows[hard])
    # Codes in lists of keys overflow too, but no exact frequencies are kept for them.
    there = places < len(exact_rows)
    hard, places = hard[there], places[there]
    there = exact_rows[places] == rows[hard]
    hard, places = hard[there], places[there]
    freqs, title_freqs = container["exact.freqs"][places], container["exact.title_freqs"][places]
    return targets[hard], freqs.astype(np.int64), title_freqs.astype(np.int64)


def _stem_tokens(source: _Source) -> Indices:
    """How many tokens each stem of a source has in live documents."""
    segment = source.segment
    if source.whole:
        return lengths_of(segment.container["places.ends"])
    freqs, live = _stem_postings(source, np.arange(len(segment.stems)))
    owners = np.repeat(np.arange(len(segment.stems)), lengths_of(segment.list_ends[: len(segment.stems)]))
    return np.bincount(owners, freqs * live, len(segment.stems)).astype(np.int64)


def _stem_postings(source: _Source, stems: Indices) -> tuple[Indices, Array]:
    """(frequency of each posting of these stems, stem after stem; whether its document is live)."""
    segment = source.segment
    rows = segment.rows_of_lists(stems)
    return segment.exact_freqs(rows)[0], source.live[segment.list_docs[rows]]


def _move_places(sources: Sequence[_Source], sections: PositionSections, sizes: Indices, lexicon: Lexicon) -> None:
    ranks = form_ranks(*lexicon.stem_forms).astype(np.uint32)

    def moved(first: int, last: int) -> tuple[Array, Array]:
        return _moved_places(sources, first, last, sizes[first:last], ranks)

    for first, last, (positions, tags) in _one_ahead(moved, _chunks(sizes)):
        sections.add(first, last, positions, tags)
    sections.finish()


def _moved_places(
    sources: Sequence[_Source], first: int, last: int, sizes: Indices, ranks: Array
) -> tuple[Array, Array]:
    """Positions and tags of the tokens of stems first .. last - 1. ranks: the rank of each form within its stem."""
    positions = np.empty(int(sizes.sum()), np.uint32)
    tags = np.empty(len(positions), np.uint32)
    filled = np.cumsum(sizes) - sizes
    for source in sources:
        stems = source.list_map[first:last]
        there = np.flatnonzero(stems >= 0)
        tokens, forms, counts = tokens_of_stems(source.segment, stems[there])
        moved = positions_in_documents(source.segment, tokens)
        owners = np.repeat(there, counts)
        if not source.whole:
            freqs, live = _stem_postings(source, stems[there])
            kept = np.repeat(live, freqs)
            moved, forms, owners = moved[kept], forms[kept], owners[kept]
        lengths = np.bincount(owners, minlength=last - first)
        targets = value_indices(filled, lengths)
        positions[targets] = moved
        tags[targets] = ranks[source.form_numbers[forms]]
        filled = filled + lengths
        source.segment.container.release()
    return positions, tags


def merge_segments(
    path: Path, inputs: Sequence[tuple[Segment, Array]], check: Callable[[], None] | None = None
) -> None:
    """Write one segment with the live documents of several segments.

    Parameters:
      path: the new file.
      inputs: pairs of a segment and whether each of its documents is deleted (bool).
      check: called again and again; raises to stop. The file is then unfinished.

    Documents keep their order. The result equals a segment built from the live documents at once.
    """
    sources, first_doc = [], 0
    for segment, deleted in inputs:
        sources.append(_Source(segment, deleted, first_doc))
        first_doc += len(sources[-1].docs)
    columns, language_names = _columns(sources)
    if check is not None:
        check()
    lexicon = _merged_lexicon(sources)
    if check is not None:
        check()
    list_sizes = _added_up(((source.list_map, source.live_sizes()) for source in sources), lexicon.numbers.list_count)
    stem_count = len(lexicon.stems)
    stem_sizes = _added_up(((source.list_map[:stem_count], _stem_tokens(source)) for source in sources), stem_count)
    meta = segment_meta(columns, language_names, 0)
    with ContainerWriter(path, meta, check=check) as file:
        put_lexicon(file, lexicon)
        put_columns(file, columns)
        del columns  # the ids of all documents
        put_acronyms(file, _definitions(sources))
        postings = PostingSections(file, first_doc, lexicon.numbers, np.cumsum(list_sizes))
        _move_lists(sources, postings, list_sizes, lexicon.numbers.stem_count)
        places = PositionSections(file, stem_sizes, lexicon)
        _move_places(sources, places, stem_sizes, lexicon)
        put_merged(file, "records", [(source.segment.records, source.docs) for source in sources])
        put_pieces(file, _piece_ends(sources))
        meta["text_bytes"] = put_merged_texts(file, [(source.segment.texts, source.docs) for source in sources])


def _definitions(sources: Sequence[_Source]) -> Iterator[tuple[int, str]]:
    """(new document id, acronym and long form) for the definitions in live documents."""
    for source in sources:
        segment = source.segment
        pairs = segment.acronyms.strings()
        for number, doc in zip(segment.acronym_pairs.tolist(), segment.acronym_docs.tolist(), strict=True):
            if source.live[doc]:
                yield int(source.new_docs[doc]), pairs[number]


def _piece_ends(sources: Sequence[_Source]) -> PieceEnds:
    """Where the pieces of texts end, for the live documents, one text after another."""
    found: list[list[Array]] = []
    for source in sources:
        spans = source.segment.texts.places[:, 3]
        long = np.flatnonzero(spans > 1)
        kept = np.repeat(source.live[long], spans[long])
        found.append([column[kept].astype(np.int64) for column in source.segment.all_piece_ends()])
    return PieceEnds(*(np.concatenate([np.zeros(0, np.int64), *column]) for column in zip(*found, strict=True)))


def _added_up(parts: Iterable[tuple[Indices, Indices]], count: int) -> Indices:
    """The sum of sizes[map] over all parts; an entry of -1 adds nothing."""
    total = np.zeros(count, np.int64)
    for mapping, sizes in parts:
        there = np.flatnonzero(mapping >= 0)
        total[there] += sizes[mapping[there]]
    return total


def _columns(sources: Sequence[_Source]) -> tuple[Columns, list[str]]:
    """The columns of the live documents, and the names of their languages."""

    def column(of: Callable[[Segment], Array]) -> Array:
        return np.concatenate([of(source.segment)[source.docs] for source in sources])

    language_names = sorted({name for source in sources for name in source.segment.language_names})
    codes = [
        np.array([language_names.index(name) for name in source.segment.language_names], np.uint8)[
            source.segment.languages[source.docs]
        ]
        for source in sources
    ]
    ids: list[str] = []
    for source in sources:
        sorted_ids = source.segment.ids.strings()
        ids += [sorted_ids[rank] for rank in source.segment.id_ranks[source.docs].tolist()]
    titles = [source.segment.titles.rows(source.docs) for source in sources]
    columns = Columns(
        ids=ids,
        titles=(b"".join(data for data, _ in titles), np.concatenate([lengths for _, lengths in titles])),
        synced=column(lambda segment: segment.synced),
        dates=column(lambda segment: segment.dates),
        language_codes=np.concatenate(codes),
        title_lengths=column(lambda segment: segment.title_lengths).astype(np.int64),
        body_lengths=column(lambda segment: segment.body_lengths).astype(np.int64),
        keyword_lengths=column(lambda segment: segment.keyword_lengths).astype(np.int64),
        file_sizes=column(lambda segment: segment.file_sizes),
        mtimes=column(lambda segment: segment.mtimes),
        date_sources=column(lambda segment: segment.date_sources),
    )
    return columns, language_names
