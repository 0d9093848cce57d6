"""Turns Documents into numbered tokens. This part of indexing runs in worker processes or threads.

A batch can be pickled. Each process and thread numbers the forms that it meets. A Vocabulary works out their keys and stems,
once for all batches.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

from ..analysis.acronyms import definitions, stored
from ..analysis.bulk.languages import detect_languages
from ..analysis.bulk.tokens import CAPACITY, form_numbering
from ..codec.container import Array
from ..codec.stored import RECORD_BLOCK, BlobPacker, meantime_packer
from ..document import Document
from ..fields import NO_FIELDS, NO_VALUES, Schema, Stored, Text, kind_of, values_of
from ..file_facts import DATE_SOURCES
from .vocabulary import MetForms
from .workers import is_worker

# A batch is full when its texts have this many characters or it has this many documents.
BATCH_CHARS = 1_000_000
BATCH_DOCUMENTS = 1_000
# The names of a document count as its words do, and a word counts less in a long text. So names stand among the keywords several
# times: twice, and once more for so many characters of the text. A word of the name is then worth more than one of the text, and
# less than one of the title.
_NAMES_STAND, _CHARS_A_NAME, _NAMES_STAND_AT_MOST = 2, 2_000, 16
# A long text is stored in pieces of about this many characters. Each can be read alone.
PIECE_CHARS = 16_000


@dataclass(slots=True)
class AnalysedBatch:
    """Analysed documents, in the order given. A list has one value a document unless said otherwise.

    ids, titles: as given.
    dates: proleptic Gregorian ordinals, 0 for unknown.
    languages: language codes, given or detected.
    records: the rest of what is stored, in JSON.
    texts: the bodies.
    title_lengths, body_lengths, keyword_lengths: numbers of tokens.
    file_sizes, mtimes: bytes, and seconds since 1970; -1 for unknown.
    date_sources: numbers in DATE_SOURCES.
    piece_tokens: for a text stored in pieces, how many tokens of the body lie before the end of each piece; else empty.
    piece_chars, piece_lines: the same for code points and for line feeds.
    tokens: form numbers (uint32) of all documents, one after another. In each, the title comes before the body, and the keywords
      come last, after those of its names, which stand there several times.
    forms: the forms that these numbers stand for.
    text_bytes: UTF-8 bytes of all texts together.
    synced: whether the documents come from a folder that is being synced.
    definitions: (number of the document, acronym and long form with a tab between) for each pair that a document defines.
    fields: of each document, what stands in the columns of the application's fields: the stored values by name, and for each text
      how many tokens it has.
    kinds: the kind of each of these names.
    """

    ids: list[str]
    titles: list[str]
    dates: list[int]
    languages: list[str]
    records: BlobPacker
    texts: BlobPacker
    title_lengths: list[int]
    body_lengths: list[int]
    keyword_lengths: list[int]
    file_sizes: list[int]
    mtimes: list[int]
    date_sources: list[int]
    piece_tokens: list[list[int]]
    piece_chars: list[list[int]]
    piece_lines: list[list[int]]
    tokens: Array
    forms: MetForms
    text_bytes: int
    synced: bool = False
    definitions: list[tuple[int, str]] = field(default_factory=list)
    fields: list[dict[str, tuple[Stored, ...]]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    def forget_texts(self) -> None:
        """Have no text stored. The words of the texts stay."""
        self.texts, self.text_bytes = meantime_packer(), 0
        for _ in self.ids:
            self.texts.add(b"")
        self.texts.close_block()
        self.piece_tokens = self.piece_chars = self.piece_lines = [[] for _ in self.ids]


class _Met(threading.local):
    """The words that this thread met in earlier batches. Words recur, so most need to be folded only once."""

    def __init__(self) -> None:
        self.numbering = form_numbering()
        self.serial = 0
        self.sent = 0  # how many forms this worker has sent
        self.process = 0

    def number(self, texts: list[str]) -> tuple[Array, Array, MetForms]:
        """(form numbers of the words of all texts (uint32), words of each text (int64), the forms behind the numbers)."""
        full = len(self.numbering) > CAPACITY
        if full:
            self.numbering = form_numbering()
        if full or self.process != os.getpid():  # a forked worker begins with the words of its parent
            self.process, self.serial, self.sent = os.getpid(), int.from_bytes(os.urandom(8), "little"), 0
        try:
            tokens, counts = self.numbering.number(texts)
        except BaseException:
            self.numbering, self.process = form_numbering(), 0  # it may have been left between two steps: out of memory
            raise
        first, forms = self.sent, self.numbering.forms
        if is_worker():
            forms, self.sent = forms[first:], len(forms)
        return tokens, counts, MetForms(f"{self.process}.{threading.get_ident()}", self.serial, first, forms)


_met = _Met()


def _record(document: Document, texts: Mapping[str, str]) -> bytes:
    """What a document has that no column holds, as JSON; empty if it has nothing of it. texts: those of its fields."""
    record: dict[str, Any] = {}
    if document.path is not None:
        record["path"] = document.path
    if document.meta:
        record["meta"] = dict(document.meta)
    if document.language:
        record["language"] = document.language  # a given language, not a detected one, must survive a new analysis
    if document.keywords:
        record["keywords"] = document.keywords
    if document.names:
        record["names"] = document.names
    if document.pages:
        record["pages"] = document.pages
    if document.first_line > 1:
        record["first_line"] = document.first_line
    if texts:
        record["texts"] = texts
    return json.dumps(record, ensure_ascii=False).encode("utf-8") if record else b""


def analyse(documents: Iterable[Document], schema: Schema = NO_FIELDS) -> AnalysedBatch:
    """The documents as numbered tokens, with all that is stored of them. A Vocabulary adds keys and stems later.

    schema: of the fields of the application; the documents must have been checked with it.
    """
    records, texts, none = BlobPacker(RECORD_BLOCK), meantime_packer(), MetForms("", 0, 0, [])
    batch = AnalysedBatch(
        *([], [], [], [], records, texts, [], [], [], [], [], [], [], [], []), np.zeros(0, np.uint32), none, 0
    )
    documents = list(documents)
    parts: list[str] = []  # title, pieces of the body, names and keywords, texts of fields; and so on
    piece_counts: list[int] = []
    text_names: list[list[str]] = []  # of each document
    searched_texts = {name: kind.times for name, kind in schema.items() if isinstance(kind, Text)}
    detected = iter(detect_languages([doc.text or doc.title for doc in documents if not doc.language]))
    for document in documents:
        pieces = text_pieces(document.text)
        values = values_of(schema, document.fields) if document.fields else NO_VALUES
        parts.append(document.title)
        parts += pieces
        parts.append(searched_keywords(document))
        piece_counts.append(len(pieces))
        # In the order of the schema: by it is known where each stands.
        text_names.append([name for name in searched_texts if name in values.texts])
        parts += ["\n".join([values.texts[name]] * searched_texts[name]) for name in text_names[-1]]
        batch.fields.append(dict(values.columns))
        if "(" in document.text:
            pairs = {"\t".join(stored(found)) for found in definitions(document.text)}
            batch.definitions += [(len(batch.ids), pair) for pair in sorted(pairs)]
        batch.ids.append(document.id)
        batch.titles.append(document.title)
        batch.dates.append(document.date.toordinal() if document.date else 0)
        batch.languages.append(document.language or next(detected))
        batch.file_sizes.append(-1 if document.size is None else document.size)
        batch.mtimes.append(-1 if document.mtime is None else document.mtime)
        batch.date_sources.append(DATE_SOURCES.index(document.date_source or "none"))
        batch.records.add(_record(document, values.texts))
        encoded = [piece.encode("utf-8") for piece in pieces]
        batch.text_bytes += sum(map(len, encoded))
        batch.piece_chars.append(list(accumulate(map(len, pieces))) if len(pieces) > 1 else [])
        batch.piece_lines.append(list(accumulate(piece.count("\n") for piece in pieces)) if len(pieces) > 1 else [])
        if len(pieces) > 1:
            batch.texts.add_pieces(encoded)
        else:
            batch.texts.add(encoded[0])
    batch.records.close_block()
    batch.texts.close_block()
    batch.tokens, counts, batch.forms = _met.number(parts)
    place = 0
    token_counts = counts.tolist()
    for piece_count, names, columns in zip(piece_counts, text_names, batch.fields, strict=True):
        ends = list(accumulate(token_counts[place + 1 : place + 1 + piece_count]))
        batch.title_lengths.append(token_counts[place])
        batch.body_lengths.append(ends[-1])
        batch.piece_tokens.append(ends if piece_count > 1 else [])
        after = place + 2 + piece_count
        batch.keyword_lengths.append(sum(token_counts[after - 1 : after + len(names)]))
        for name, count in zip(names, token_counts[after:], strict=False):
            columns[name] = (count // searched_texts[name],)
        place = after + len(names)
    batch.kinds = {name: kind_of(schema, name).kind for columns in batch.fields for name in columns}  # type: ignore[union-attr]
    return batch


def searched_keywords(document: Document) -> str:
    """The names and keywords of a document as they are searched: the names so often that they outweigh a word of the text."""
    if not document.names:
        return document.keywords
    times = min(_NAMES_STAND + len(document.text) // _CHARS_A_NAME, _NAMES_STAND_AT_MOST)
    return "\n".join([*[document.names] * times, document.keywords])


def text_pieces(text: str) -> list[str]:
    """The text in pieces of PIECE_CHARS or a little more, cut at line ends. It is one piece if it is short or one line."""
    if len(text) <= 2 * PIECE_CHARS:
        return [text]
    pieces, start = [], 0
    while len(text) - start > 2 * PIECE_CHARS:
        end = text.find("\n", start + PIECE_CHARS) + 1
        if not end or end == len(text):
            break
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]
