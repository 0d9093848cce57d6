"""Several segments -> one, without the deleted documents. Postings are moved, never sorted again.

Forms of a segment are sorted, and so are those of the merged one, so the map between them rises; the postings of a merged form
are those of its sources one after another, and each lands by array arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.codec.container import Array
from indexer.codec.inversion import Layout, Postings, lay_out
from indexer.codec.ragged import Indices, lengths_of, row_bounds, starts_of, value_indices
from indexer.codec.segment import Segment, write_segment
from indexer.codec.stored import RECORD_BLOCK, TEXT_BLOCK, BlobPacker, StoredBlobs
from indexer.codec.strings import StringTable

# Rows are moved for as many forms at a time as have about this many positions, so that memory beside the result stays small.
CHUNK_POSITIONS = 1_000_000


class _Source:
    """A segment on its way into the merged one."""

    def __init__(self, segment: Segment, deleted: Array, first_doc: int) -> None:
        self.segment = segment
        self.live = ~deleted
        self.docs = np.flatnonzero(self.live)
        # New number of each live document; what the deleted ones get is never used.
        self.new_docs = (np.cumsum(self.live) - 1 + first_doc).astype(np.int64)
        self.used = self._used_forms()
        self.form_map = np.zeros(0, np.int64)

    def _used_forms(self) -> Indices:
        """The forms that live documents have."""
        ends = self.segment.posting_ends
        if self.live.all() or not len(ends):
            return np.arange(len(ends))
        kept = self.live[self.segment.container["postings.docs"]]
        return np.flatnonzero(np.add.reduceat(kept, starts_of(ends), dtype=np.uint32))

    def rows(self, ends: Array, first: int, last: int) -> tuple[slice, Indices]:
        """The rows of the merged forms first .. last - 1 in a table with these ends, and the merged form of each row.

        Rows of forms that are not used lie among them: they have form -1 and belong to deleted documents.
        """
        low, high = np.searchsorted(self.form_map[self.used], (first, last)).tolist()
        if low == high:
            return slice(0, 0), np.zeros(0, np.int64)
        form, last_form = int(self.used[low]), int(self.used[high - 1])
        start, stop = row_bounds(ends, form)[0], int(ends[last_form])
        lengths = lengths_of(ends[form : last_form + 1])
        lengths[0] -= start  # the first length counted from 0
        return slice(start, stop), np.repeat(self.form_map[form : last_form + 1], lengths)


def _union(tables: Sequence[StringTable], used: Sequence[Array]) -> tuple[list[str], list[Indices]]:
    """The sorted union of the used strings of sorted tables, and for each table the number of its strings there (-1: unused)."""
    lists = [list(table) for table in tables]
    union = sorted({strings[number] for strings, rows in zip(lists, used, strict=True) for number in rows.tolist()})
    numbers = {string: number for number, string in enumerate(union)}
    return union, [np.array([numbers.get(string, -1) for string in strings], np.int64) for strings in lists]


class _Sink:
    """A table of the merged segment that is filled form by form: columns of one length, and where each form's rows end."""

    def __init__(self, form_count: int, row_count: int, dtypes: Sequence[type[np.generic]]) -> None:
        self.ends = np.zeros(form_count, np.uint64)
        self.columns: list[Array] = [np.empty(row_count, dtype) for dtype in dtypes]
        self._filled = 0

    def put(self, first: int, last: int, sources: Sequence[tuple[Indices, Sequence[Array]]]) -> None:
        """Add the rows of forms first .. last - 1: of each source the form of each row, rising, and the columns."""
        counts = [np.bincount(forms - first, minlength=last - first) for forms, _ in sources]
        merged = np.sum(counts, axis=0)
        ends = self._filled + np.cumsum(merged)
        starts = ends - merged
        self.ends[first:last] = ends
        for count, (_, columns) in zip(counts, sources, strict=True):
            targets = value_indices(starts, count)
            for column, values in zip(self.columns, columns, strict=True):
                column[targets] = values
            starts = starts + count
        self._filled = int(ends[-1])


def _chunks(sources: Sequence[_Source], form_count: int) -> Iterator[tuple[int, int]]:
    """Ranges of merged forms with about CHUNK_POSITIONS positions each."""
    weights = np.zeros(form_count, np.int64)
    for source in sources:
        weights[source.form_map[source.used]] += lengths_of(source.segment.position_ends)[source.used]
    totals = np.cumsum(weights)
    first = 0
    while first < form_count:
        before = int(totals[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(totals, before + CHUNK_POSITIONS, side="right")))
        yield first, last
        first = last


def _merge_rows(sources: Sequence[_Source], form_count: int, layout: Layout) -> Postings:
    posting_count = sum(
        len(docs) if source.live.all() else int(np.count_nonzero(source.live[docs]))
        for source in sources
        for docs in (source.segment.container["postings.docs"],)
    )
    position_count = sum(
        int(lengths[source.docs].sum(dtype=np.int64))
        for source in sources
        for lengths in (source.segment.title_lengths, source.segment.body_lengths)
    )
    postings = _Sink(form_count, posting_count, (np.uint32, np.uint16, np.uint16))
    positions = _Sink(form_count, position_count, (np.uint32,))
    # By how much the positions of each document of a source move.
    shifts = []
    for source in sources:
        shift = np.zeros(source.segment.doc_count, np.int64)
        shift[source.docs] = layout.doc_starts.astype(np.int64)[source.new_docs[source.docs]]
        shifts.append(shift - source.segment.doc_starts)
    for first, last in _chunks(sources, form_count):
        posting_rows, position_rows = [], []
        for source, shift in zip(sources, shifts, strict=True):
            segment, container = source.segment, source.segment.container
            rows, forms = source.rows(segment.posting_ends, first, last)
            docs = container["postings.docs"][rows]
            kept = source.live[docs]
            body_freqs, title_freqs = container["postings.body_freqs"][rows], container["postings.title_freqs"][rows]
            posting_rows.append((forms[kept], (source.new_docs[docs[kept]], body_freqs[kept], title_freqs[kept])))
            rows, forms = source.rows(segment.position_ends, first, last)
            old = container["positions"][rows].astype(np.int64)
            docs_there = segment.docs_of_positions(old)
            kept = source.live[docs_there]
            position_rows.append((forms[kept], ((old + shift[docs_there])[kept],)))
        postings.put(first, last, posting_rows)
        positions.put(first, last, position_rows)
    docs, body_freqs, title_freqs = postings.columns
    return Postings(postings.ends, docs, body_freqs, title_freqs, positions.ends, positions.columns[0])


def _repack(sources: Sequence[_Source], name: str) -> BlobPacker:
    """The blobs of live documents. A block without deleted documents is copied as it is."""
    packer = BlobPacker(RECORD_BLOCK if name == "records" else TEXT_BLOCK)
    for source in sources:
        stored: StoredBlobs = getattr(source.segment, name)
        if source.live.all():
            blocks = BlobPacker()
            container = source.segment.container
            block_count = len(container[f"{name}.ends"])
            blocks.blocks = [stored.compressed(block) for block in range(block_count)]
            columns = (container[f"{name}.block"], container[f"{name}.offset"], container[f"{name}.size"])
            blocks.places = list(zip(*(column.tolist() for column in columns), strict=True))
            packer.extend(blocks)
        else:
            for doc in source.docs.tolist():
                packer.add(stored[doc])
    packer.close_block()
    return packer


def merge_segments(path: Path, inputs: Sequence[tuple[Segment, Array]]) -> None:
    """Write one segment with the live documents of the inputs: pairs of a segment and its deleted documents (bool, by doc id).

    Documents keep their order. Equal to a segment built from the live documents at once.
    """
    sources, first_doc = [], 0
    for segment, deleted in inputs:
        sources.append(_Source(segment, deleted, first_doc))
        first_doc += len(sources[-1].docs)
    segments = [source.segment for source in sources]

    def column(name: str) -> Array:
        return np.concatenate([source.segment.container[name][source.docs] for source in sources])

    title_lengths, body_lengths = column("docs.title_lengths"), column("docs.body_lengths")
    layout = lay_out(title_lengths, body_lengths)

    used_forms = [source.used for source in sources]
    forms, form_maps = _union([segment.forms for segment in segments], used_forms)
    for source, form_map in zip(sources, form_maps, strict=True):
        source.form_map = form_map
    postings = _merge_rows(sources, len(forms), layout)

    keys, form_key_ends, form_keys = _merge_form_keys(sources, len(forms))
    stem_rows = [
        np.unique(segment.container["form_stems"][used]) for segment, used in zip(segments, used_forms, strict=True)
    ]
    stems, stem_maps = _union([segment.stems for segment in segments], stem_rows)
    form_stems = np.zeros(len(forms), np.uint32)
    for source, used, stem_map in zip(sources, used_forms, stem_maps, strict=True):
        form_stems[source.form_map[used]] = stem_map[source.segment.container["form_stems"][used]]

    language_names = sorted({name for segment in segments for name in segment.language_names})
    language_codes = np.concatenate(
        [
            np.array([language_names.index(name) for name in source.segment.language_names], np.uint8)[
                source.segment.languages[source.docs]
            ]
            for source in sources
        ]
    )
    ids = []
    for source in sources:
        by_doc = dict(zip(source.segment.id_docs.tolist(), source.segment.ids, strict=True))
        ids += [by_doc[doc] for doc in source.docs.tolist()]
    texts = _repack(sources, "texts")
    write_segment(
        path,
        ids=ids,
        synced=column("docs.synced"),
        dates=column("docs.dates"),
        languages=language_names,
        language_codes=language_codes,
        title_lengths=title_lengths,
        body_lengths=body_lengths,
        records=_repack(sources, "records"),
        texts=texts,
        text_bytes=sum(size for _, _, size in texts.places),
        forms=forms,
        keys=keys,
        form_key_ends=form_key_ends,
        form_keys=form_keys,
        stems=stems,
        form_stems=form_stems,
        layout=layout,
        postings=postings,
    )


def _merge_form_keys(sources: Sequence[_Source], form_count: int) -> tuple[list[str], Array, Array]:
    """(keys, ends, keys of each merged form), a form's keys taken from the last source that has the form."""
    owner = np.full(form_count, -1, np.int64)
    owner_form = np.zeros(form_count, np.int64)
    for number, source in enumerate(sources):
        used = np.flatnonzero(source.form_map >= 0)
        owner[source.form_map[used]] = number
        owner_form[source.form_map[used]] = used
    counts = np.zeros(form_count, np.int64)
    taken = []
    for number, source in enumerate(sources):
        container = source.segment.container
        mine = np.flatnonzero(owner == number)
        lengths = lengths_of(container["form_keys.ends"])[owner_form[mine]]
        counts[mine] = lengths
        rows = value_indices(starts_of(container["form_keys.ends"])[owner_form[mine]], lengths)
        taken.append((mine, lengths, container["form_keys"][rows]))
    ends = np.cumsum(counts)
    keys, key_maps = _union(
        [source.segment.keys for source in sources], [np.unique(key_rows) for _, _, key_rows in taken]
    )
    form_keys = np.empty(int(ends[-1]) if form_count else 0, np.uint32)
    for (mine, lengths, key_rows), key_map in zip(taken, key_maps, strict=True):
        form_keys[value_indices((ends - counts)[mine], lengths)] = key_map[key_rows]
    return keys, ends.astype(np.uint64), form_keys
