"""Gathers analysed batches in memory and writes them as one segment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..codec.column_file import write_columns
from ..codec.columns import Column, columns_of_rows
from ..codec.container import Array, ContainerWriter
from ..codec.inversion import invert
from ..codec.lines import Lines, sorted_lines
from ..codec.segment_writer import (
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
from ..codec.stored import BlobPacker, dictionary_for, pack_texts, put_blobs, put_texts
from ..conditions import Condition, matching, names_in
from ..fields import Schema, Stored
from .batch import AnalysedBatch
from .segment_states import columns_path
from .vocabulary import KeysAndStems, Vocabulary, ranks_of
from .workers import ThreadPool


class SegmentBuilder:
    """Documents that wait to be written as one segment. A document replaces an earlier one with the same id.

    `token_count` and `text_bytes` tell when it is time to write. Inversion takes about 20 bytes a token more.
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        """vocabulary: numbers the forms of all batches. Builders may use the same one, one after another."""
        self._vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self.token_count = 0
        self.text_bytes = 0
        self._places: dict[str, int] = {}
        self._live: list[bool] = []
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._synced: list[bool] = []
        self._dates: list[int] = []
        self._languages: list[str] = []
        self._title_lengths: list[int] = []
        self._body_lengths: list[int] = []
        self._keyword_lengths: list[int] = []
        self._file_sizes: list[int] = []
        self._mtimes: list[int] = []
        self._date_sources: list[int] = []
        self._fields: list[dict[str, tuple[Stored, ...]]] = []
        self._kinds: dict[str, str] = {}
        self._records = BlobPacker()
        self._texts = BlobPacker()
        self._piece_tokens: list[list[int]] = []
        self._piece_chars: list[list[int]] = []
        self._piece_lines: list[list[int]] = []
        self._tokens: list[Array] = []
        self._definitions: list[tuple[int, str]] = []
        self._form_count = 0

    def __len__(self) -> int:
        """How many documents will be written."""
        return len(self._places)

    def __contains__(self, doc_id: str) -> bool:
        return doc_id in self._places

    @property
    def ids(self) -> Collection[str]:
        """The ids of the documents that will be written."""
        return self._places.keys()

    @property
    def origins(self) -> dict[str, bool]:
        """The id of each document that will be written -> whether a sync added it."""
        return {doc_id: self._synced[place] for doc_id, place in self._places.items()}

    def discard(self, doc_id: str) -> bool:
        """Drop a waiting document. Returns whether there was one."""
        place = self._places.pop(doc_id, None)
        if place is None:
            return False
        self._live[place] = False
        return True

    def discard_where(self, condition: Condition, schema: Schema) -> int:
        """Drop the waiting documents that a condition holds for. Returns how many there were."""
        ids = list(self._places)
        names = [name for name in names_in(condition) if name in self._kinds]
        rows = [self._fields[place] for place in self._places.values()]
        columns = columns_of_rows({name: self._kinds[name] for name in names}, rows)
        gone = np.flatnonzero(matching(condition, columns.get, schema, len(ids))).tolist()
        for number in gone:
            self.discard(ids[number])
        return len(gone)

    def update(self, doc_id: str, values: Mapping[str, tuple[Stored, ...]], kinds: Mapping[str, str]) -> bool:
        """Give a waiting document other values of fields. Returns whether there is one. kinds: of the fields."""
        place = self._places.get(doc_id)
        if place is None:
            return False
        self._fields[place] = {name: stored for name, stored in {**self._fields[place], **values}.items() if stored}
        self._kinds |= kinds
        return True

    def add(self, batch: AnalysedBatch) -> None:
        """Add the documents of a batch."""
        self._definitions += [(len(self._live) + doc, pair) for doc, pair in batch.definitions]
        for doc_id in batch.ids:
            self.discard(doc_id)
            self._places[doc_id] = len(self._live)
            self._live.append(True)
        self._ids += batch.ids
        self._titles += batch.titles
        self._synced += [batch.synced] * len(batch.ids)
        self._dates += batch.dates
        self._languages += batch.languages
        self._title_lengths += batch.title_lengths
        self._body_lengths += batch.body_lengths
        self._keyword_lengths += batch.keyword_lengths
        self._file_sizes += batch.file_sizes
        self._mtimes += batch.mtimes
        self._date_sources += batch.date_sources
        self._fields += batch.fields
        self._kinds |= batch.kinds
        self._records.extend(batch.records)
        self._texts.extend(batch.texts)
        self._piece_tokens += batch.piece_tokens
        self._piece_chars += batch.piece_chars
        self._piece_lines += batch.piece_lines
        self._tokens.append(self._vocabulary.of_tokens(batch.tokens, batch.forms))
        self.token_count += len(batch.tokens)
        self.text_bytes += batch.text_bytes

    def _drop_replaced(self) -> None:
        """Remove documents that were replaced or discarded, so that no count includes them."""
        live = np.array(self._live, bool)
        if live.all():
            return
        token_counts = np.array([self._title_lengths, self._body_lengths, self._keyword_lengths], np.int64).sum(axis=0)
        self._tokens = [np.concatenate(self._tokens)[np.repeat(live, token_counts)]]
        kept = np.flatnonzero(live).tolist()
        self._ids = [self._ids[doc] for doc in kept]
        self._titles = [self._titles[doc] for doc in kept]
        self._synced = [self._synced[doc] for doc in kept]
        self._dates = [self._dates[doc] for doc in kept]
        self._languages = [self._languages[doc] for doc in kept]
        self._title_lengths = [self._title_lengths[doc] for doc in kept]
        self._body_lengths = [self._body_lengths[doc] for doc in kept]
        self._keyword_lengths = [self._keyword_lengths[doc] for doc in kept]
        self._file_sizes = [self._file_sizes[doc] for doc in kept]
        self._mtimes = [self._mtimes[doc] for doc in kept]
        self._date_sources = [self._date_sources[doc] for doc in kept]
        self._fields = [self._fields[doc] for doc in kept]
        # Blobs of dropped documents stay in their blocks until a merge packs these anew. Nothing points at them.
        self._records.places = [self._records.places[doc] for doc in kept]
        self._texts.places = [self._texts.places[doc] for doc in kept]
        self._piece_tokens = [self._piece_tokens[doc] for doc in kept]
        self._piece_chars = [self._piece_chars[doc] for doc in kept]
        self._piece_lines = [self._piece_lines[doc] for doc in kept]
        new_docs = dict(zip(kept, range(len(kept)), strict=True))
        self._definitions = [(new_docs[doc], pair) for doc, pair in self._definitions if doc in new_docs]
        self.text_bytes = sum(size for _, _, size, _ in self._texts.places)

    def close(self) -> None:
        """Have the new forms of the vocabulary described. Nothing may be added afterwards."""
        self._form_count = len(self._vocabulary)
        self._vocabulary.describe_new()

    @property
    def is_described(self) -> bool:
        """Whether `content` of a closed builder need not wait for the workers."""
        return self._vocabulary.is_described(self._form_count)

    def write(self, path: Path, dictionary: bytes = b"") -> None:
        """Write the documents as a segment. The builder is used up. dictionary: as for `content`."""
        write_content((path, self.content(dictionary)))

    def content(self, dictionary: bytes = b"") -> SegmentContent:
        """The content of the segment, ready to be written. The builder is used up.

        dictionary: that of another segment, so that no new one need be made.
        """
        self._drop_replaced()
        tokens = np.concatenate(self._tokens) if self._tokens else np.zeros(0, np.uint32)
        self._tokens = []
        forms = self._vocabulary.forms
        lines, order = sorted_lines(forms, tokens)
        language_names = sorted(set(self._languages))
        language_codes = {name: code for code, name in enumerate(language_names)}
        columns = Columns(
            ids=self._ids,
            titles=self._titles,
            synced=np.array(self._synced, np.uint8),
            dates=np.array(self._dates, np.int32),
            language_codes=np.array([language_codes[name] for name in self._languages], np.uint8),
            title_lengths=np.array(self._title_lengths, np.uint32),
            body_lengths=np.array(self._body_lengths, np.uint32),
            keyword_lengths=np.array(self._keyword_lengths, np.uint32),
            file_sizes=np.array(self._file_sizes, np.int64),
            mtimes=np.array(self._mtimes, np.int64),
            date_sources=np.array(self._date_sources, np.uint8),
        )
        return SegmentContent(
            columns,
            language_names,
            self._records,
            self._texts,
            dictionary_for(self._texts, dictionary),
            PieceEnds(*map(_in_a_row, (self._piece_tokens, self._piece_chars, self._piece_lines))),
            self.text_bytes,
            lines,
            self._vocabulary.keys_and_stems(order),
            [ranks_of(order, len(forms))[tokens]],
            self._definitions,
            columns_of_rows(self._kinds, self._fields) if self._kinds else {},
        )


def _in_a_row(rows: Iterable[list[int]]) -> Array:
    return np.array([value for row in rows for value in row], np.int64)


class SegmentContent(NamedTuple):
    """Documents ready to be inverted and written, by this process or another.

    forms: the forms that occur, sorted.
    known: their keys and stems.
    tokens: form numbers, in the order of the documents: numbers in `forms`. Who writes them takes them out of the list, so that
      they can be given up.
    fields: the columns of the application's fields.
    The rest is as in `write_segment`.
    """

    columns: Columns
    languages: list[str]
    records: BlobPacker
    texts: BlobPacker
    dictionary: bytes
    pieces: PieceEnds
    text_bytes: int
    forms: Lines
    known: KeysAndStems
    tokens: list[Array]
    definitions: list[tuple[int, str]]
    fields: dict[str, Column]


def write_content(task: tuple[Path, SegmentContent]) -> Path:
    """Write a segment to a path, and its columns beside it if it has any. Returns the path."""
    path, content = task
    known = content.known
    if content.fields:
        write_columns(columns_path(path), len(content.columns.ids), content.fields)
    write_segment(
        path,
        columns=content.columns,
        languages=content.languages,
        records=content.records,
        texts=content.texts,
        dictionary=content.dictionary,
        pieces=content.pieces,
        text_bytes=content.text_bytes,
        lexicon=make_lexicon(
            content.forms,
            known.keys,
            known.stems,
            known.form_key_ends,
            known.form_keys,
            known.form_stems,
            known.common,
        ),
        tokens=content.tokens.pop(),
        definitions=content.definitions,
    )
    return path


def write_segment(
    path: Path,
    *,
    columns: Columns,
    languages: Sequence[str],
    records: BlobPacker,
    texts: BlobPacker,
    dictionary: bytes,
    pieces: PieceEnds,
    text_bytes: int,
    lexicon: Lexicon,
    tokens: Array,
    definitions: Iterable[tuple[int, str]] = (),
) -> None:
    """Write a segment of documents that are in memory.

    Parameters:
      path: the new file.
      columns: ids, titles, dates and so on, one value a document.
      languages: the names behind the language codes of `columns`.
      records, texts: closed packers with one blob a document. That of texts is used up.
      dictionary: what the texts are packed with; empty: nothing.
      pieces: where the pieces of texts in pieces end.
      text_bytes: UTF-8 bytes of all texts.
      lexicon: forms, keys and stems.
      tokens: form numbers, in each document those of the title, then those of the body, then those of the keywords.
      definitions: as `put_acronyms` takes them.
    """
    pack = partial(pack_texts, texts)
    packing = ThreadPool(1)
    try:
        # Much text is packed by a thread, while its words are inverted.
        packed = packing.submit(pack, dictionary) if dictionary else None
        lists, places = invert(
            tokens,
            columns.title_lengths,
            columns.body_lengths,
            columns.keyword_lengths,
            lexicon.form_stems,
            lexicon.stem_forms,
            lexicon.key_forms,
            lexicon.numbers,
        )
        del tokens
        with ContainerWriter(path, segment_meta(columns, languages, text_bytes)) as file:
            put_lexicon(file, lexicon)
            put_columns(file, columns)
            put_acronyms(file, definitions)
            postings = PostingSections(file, len(columns.ids), lexicon.numbers, lists.ends)
            exact = ExactFreqs(lists.exact_rows, lists.exact_freqs, lists.exact_title_freqs)
            postings.add(0, lexicon.numbers.list_count, lists.docs, lists.codes, exact)
            postings.finish()
            del lists, exact, postings
            sections = PositionSections(file, places.sizes, lexicon)
            sections.add(0, len(lexicon.stems), places.positions, places.tags)
            sections.finish()
            del places, sections
            put_blobs(file, "records", records)
            put_texts(file, pack(dictionary) if packed is None else packed.result())
            put_pieces(file, pieces)
    finally:
        packing.close()
