"""Writes words without documents as a segment (see `words_segment`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from naidi.indexer.codec.container import Array, ContainerWriter, narrowest
from naidi.indexer.codec.lines import Lines, lines_of
from naidi.indexer.codec.ragged import Indices, starts_of
from naidi.indexer.codec.sections import put_numbers
from naidi.indexer.codec.segment_writer import (
    Columns,
    Lexicon,
    PieceEnds,
    make_lexicon,
    put_columns,
    put_lexicon,
    put_pieces,
    segment_meta,
)
from naidi.indexer.codec.stored import BlobPacker, pack_texts, put_blobs, put_texts
from naidi.indexer.codec.strings import string_sections
from naidi.indexer.codec.word_numbers import line_numbers
from naidi.indexer.opensearch.words import Word

from .words_segment import FORM_DOCS, WORDS_VERSION

# How many documents have any of several forms is not known. It is estimated as those of the most frequent form and a share of the
# sum of the others: 1 / (1 + sqrt(8 s)), where all forms together have s times as many documents as there are, since frequent words
# stand more often in the same documents. Measured on the 53,329 keys of several forms in 38,145 documents, as the mean error of the
# logarithm, of all and of words in 50 documents and more: .124 and .065; with 4 or 16 for 8 .125 and .070, .126 and .075; with a
# share of .8 for all words .140 and .073; as if no document had two of the forms .137 and .125. In 4,769 of these documents it is
# .150 and .065. Which words are RARE (below 50 documents) is right for 99 % of them.
_OVERLAP = 8.0
# Of one acronym, no long form counts as more documents: those of all its long forms are made less in proportion.
_MOST_DEFINITIONS = 1_000


def write_words(
    path: Path, rows: Iterable[Word], definitions: Mapping[str, int], doc_count: int, noted: Mapping[str, Any]
) -> None:
    """Write a segment of words.

    Parameters:
      path: the new file.
      rows: the forms, in any order, each once. Those without documents are left out.
      definitions: acronym and long form with a tab between -> how many documents define it so.
      doc_count: documents of the index.
      noted: what is noted with the words, JSON values.

    Raises FileExistsError where the path is taken, OSError as the system does.
    """
    kept = sorted((row for row in rows if row[4] > 0), key=itemgetter(0))
    docs = np.array([row[4] for row in kept], np.int64)
    lexicon = _lexicon(kept)
    meta = {**segment_meta(_NO_DOCUMENTS, [], 0), "words": {**noted, "version": WORDS_VERSION}}
    with ContainerWriter(path, meta) as file:
        put_lexicon(file, lexicon)
        file.put(FORM_DOCS, narrowest(docs))
        put_numbers(file, "lists.ends", _list_lengths(lexicon, docs, doc_count).cumsum())
        _put_definitions(file, definitions)
        _put_no_documents(file, len(lexicon.stems))


def _lexicon(rows: Sequence[Word]) -> Lexicon:
    counts = np.array([len(row[1]) for row in rows], np.int64)
    keys, form_keys = _numbered([key for row in rows for key in row[1]])
    stems, form_stems = _numbered([row[2] for row in rows])
    common = np.array([each for row in rows for each in row[3]], np.uint8)
    forms = lines_of([row[0] for row in rows])
    return make_lexicon(forms, keys, stems, counts.cumsum().astype(np.uint64), form_keys, form_stems, common)


def _numbered(words: Sequence[str]) -> tuple[Lines, Array]:
    """(the words, each once and sorted; for each of `words` its place there (uint32))."""
    numbers = line_numbers()
    found = numbers.of("".join([f"{word}\n" for word in words]).encode())
    lines, order = numbers.sorted(found)
    places = np.zeros(len(numbers), np.uint32)
    places[order] = np.arange(len(order), dtype=np.uint32)
    return lines, places[found]


def _list_lengths(lexicon: Lexicon, docs: Indices, doc_count: int) -> Indices:
    """How long each posting list is. docs: of each form."""
    of_stems = _documents_of_any(*lexicon.stem_forms, docs, doc_count)
    of_keys = _documents_of_any(*lexicon.key_forms, docs, doc_count)
    return np.concatenate((of_stems, of_keys[lexicon.numbers.keys]))


def _documents_of_any(ends: Array, forms: Array, docs: Indices, doc_count: int) -> Indices:
    """For each row of forms, about how many documents have any of them."""
    if not len(ends):
        return np.zeros(0, np.int64)
    starts, values = starts_of(ends), docs[forms]
    most, total = np.maximum.reduceat(values, starts), np.add.reduceat(values, starts)
    share = 1 / (1 + np.sqrt(_OVERLAP * total / max(doc_count, 1)))
    return np.asarray(np.rint(most + share * (total - most)), np.int64)


def _put_definitions(file: ContainerWriter, definitions: Mapping[str, int]) -> None:
    """Write the sections of acronyms. As no document is there, each definition is said to be in the first one."""
    most: dict[str, int] = {}
    for pair, count in definitions.items():
        acronym = pair.partition("\t")[0]
        most[acronym] = max(most.get(acronym, 0), count)
    pairs = sorted(pair for pair, count in definitions.items() if count > 0)
    shares = (min(1.0, _MOST_DEFINITIONS / most[pair.partition("\t")[0]]) for pair in pairs)
    counts = [max(1, round(definitions[pair] * share)) for pair, share in zip(pairs, shares, strict=True)]
    for section, array in string_sections("acronyms", pairs).items():
        file.put(section, array)
    numbers = np.repeat(np.arange(len(pairs)), counts)
    file.put("acronyms.pairs", narrowest(numbers))
    file.put("acronyms.docs", np.zeros(len(numbers), np.uint8))


_NOTHING = np.zeros(0, np.int64)
_NO_DOCUMENTS = Columns([], [], *[_NOTHING] * 9)


def _put_no_documents(file: ContainerWriter, stem_count: int) -> None:
    """Write the other sections that a segment must have."""
    put_columns(file, _NO_DOCUMENTS)
    put_pieces(file, PieceEnds(_NOTHING, _NOTHING, _NOTHING))
    put_blobs(file, "records", BlobPacker())
    put_texts(file, pack_texts(BlobPacker(), b""))
    for section in ("places.ends", "tags.ends"):
        put_numbers(file, section, np.zeros(stem_count, np.int64))
    for section in ("lists.docs", "lists.codes", "tags"):
        file.put(section, np.zeros(0, np.uint8))
    for section in ("exact.rows", "exact.freqs", "exact.title_freqs", "blocks.lists", "blocks.ends", "blocks.offsets"):
        put_numbers(file, section, _NOTHING)
    for section in ("positions", "far.tokens", "far.highs"):
        put_numbers(file, section, _NOTHING)
