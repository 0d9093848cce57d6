"""Several segments -> one, without the deleted documents. Postings are moved, never sorted again.

Forms of a segment are sorted, and so are those of the merged one, so the map between them rises; the postings of a merged form
are those of its sources one after another, and each lands by array arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.codec.container import Array
from indexer.codec.inversion import Postings, lay_out
from indexer.codec.ragged import Indices, lengths_of, starts_of, value_indices
from indexer.codec.segment import Segment, write_segment
from indexer.codec.stored import RECORD_BLOCK, TEXT_BLOCK, BlobPacker, StoredBlobs
from indexer.codec.strings import StringTable


class _Source:
    """A segment on its way into the merged one."""

    def __init__(self, segment: Segment, deleted: Array, first_doc: int) -> None:
        self.segment = segment
        self.live = ~deleted
        self.docs = np.flatnonzero(self.live)
        # New number of each live document; what the deleted ones get is never used.
        self.new_docs = (np.cumsum(self.live) - 1 + first_doc).astype(np.int64)
        self.form_map = np.zeros(0, np.int64)

    def live_rows(self) -> tuple[Indices, Indices, Indices, Indices]:
        """(posting rows, form of each, position rows, form of each) that belong to live documents."""
        segment = self.segment
        forms = np.arange(len(segment.posting_ends))
        docs = segment.container["postings.docs"]
        posting_forms = np.repeat(forms, lengths_of(segment.posting_ends))
        position_forms = np.repeat(forms, lengths_of(segment.position_ends))
        if self.live.all():
            return np.arange(len(docs)), posting_forms, np.arange(len(position_forms)), position_forms
        keep = np.flatnonzero(self.live[docs])
        position_docs = segment.docs_of_positions(segment.container["positions"])
        keep_positions = np.flatnonzero(self.live[position_docs])
        return keep, posting_forms[keep], keep_positions, position_forms[keep_positions]


def _union(tables: Sequence[StringTable], used: Sequence[Array]) -> tuple[list[str], list[Indices]]:
    """The sorted union of the used strings of sorted tables, and for each table the number of its strings there (-1: unused)."""
    lists = [list(table) for table in tables]
    union = sorted({strings[number] for strings, rows in zip(lists, used, strict=True) for number in rows.tolist()})
    numbers = {string: number for number, string in enumerate(union)}
    return union, [np.array([numbers.get(string, -1) for string in strings], np.int64) for strings in lists]


def _scatter(counts: Sequence[Indices], total: int) -> tuple[Indices, list[Indices]]:
    """Where the rows of several sources go, form by form, source after source.

    counts[s][f]: rows of source s for merged form f. Gives the merged ends and, a source, the target index of each of its rows.
    """
    merged_counts = np.sum(counts, axis=0) if counts else np.zeros(total, np.int64)
    ends = np.cumsum(merged_counts)
    starts = ends - merged_counts
    targets = []
    for count in counts:
        targets.append(value_indices(starts, count))
        starts = starts + count
    return ends, targets


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

    rows = [source.live_rows() for source in sources]
    used_forms = [np.unique(posting_forms) for _, posting_forms, _, _ in rows]
    forms, form_maps = _union([segment.forms for segment in segments], used_forms)
    for source, form_map in zip(sources, form_maps, strict=True):
        source.form_map = form_map

    posting_counts = [
        np.bincount(source.form_map[posting_forms], minlength=len(forms))
        for source, (_, posting_forms, _, _) in zip(sources, rows, strict=True)
    ]
    posting_ends, posting_targets = _scatter(posting_counts, len(forms))
    position_counts = [
        np.bincount(source.form_map[position_forms], minlength=len(forms))
        for source, (_, _, _, position_forms) in zip(sources, rows, strict=True)
    ]
    position_ends, position_targets = _scatter(position_counts, len(forms))
    posting_total = int(posting_ends[-1]) if len(forms) else 0
    docs = np.empty(posting_total, np.uint32)
    body_freqs, title_freqs = np.empty(posting_total, np.uint16), np.empty(posting_total, np.uint16)
    positions = np.empty(int(position_ends[-1]) if len(forms) else 0, np.uint32)
    for source, (keep, _, keep_positions, _), to, position_to in zip(
        sources, rows, posting_targets, position_targets, strict=True
    ):
        container = source.segment.container
        docs[to] = source.new_docs[container["postings.docs"][keep]]
        body_freqs[to] = container["postings.body_freqs"][keep]
        title_freqs[to] = container["postings.title_freqs"][keep]
        old = container["positions"][keep_positions]
        old_docs = source.segment.docs_of_positions(old)
        moved = layout.doc_starts.astype(np.int64)[source.new_docs[old_docs]] - source.segment.doc_starts[old_docs]
        positions[position_to] = old + moved

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
        postings=Postings(
            posting_ends.astype(np.uint64), docs, body_freqs, title_freqs, position_ends.astype(np.uint64), positions
        ),
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
