"""Documents -> numbered tokens: the part of indexing that worker processes do.

A batch is picklable; its forms have the numbers that the process which made it gave them. Their keys and stems are worked out by
a Vocabulary, once for all batches.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np

from ..analysis.acronyms import definitions, stored
from ..analysis.bulk.languages import detect_languages
from ..analysis.bulk.tokens import CAPACITY, FormNumbering
from ..codec.container import Array
from ..codec.stored import RECORD_BLOCK, BlobPacker
from ..document import Document
from .vocabulary import MetForms
from .workers import is_worker

# A batch is closed once its texts have this many characters or it has this many documents.
BATCH_CHARS = 1_000_000
BATCH_DOCUMENTS = 1_000
# The text of a longer document is kept in pieces, each to be read alone.
PIECE_CHARS = 16_000


@dataclass(slots=True)
class AnalysedBatch:
    """Documents in the order given.

    tokens: numbers of forms (uint32), of each document its title's, then its body's; title_lengths, body_lengths: how many.
    dates: proleptic Gregorian ordinals, 0 where unknown. forms: what the numbers stand for.
    definitions: (document, acronym and long form with a tab between) of what documents define.
    piece_tokens: of each document whose text is kept in pieces, how many tokens of the body end with each piece; else empty.
    text_bytes: UTF-8 bytes of all texts. synced: the documents come from a folder that is being synced.
    """

    ids: list[str]
    titles: list[str]
    dates: list[int]
    languages: list[str]
    records: BlobPacker
    texts: BlobPacker
    title_lengths: list[int]
    body_lengths: list[int]
    piece_tokens: list[list[int]]
    tokens: Array
    forms: MetForms
    text_bytes: int
    synced: bool = False
    definitions: list[tuple[int, str]] = field(default_factory=list)


class _Met(threading.local):
    """What this thread has met in earlier batches: words recur, so most of them are folded once."""

    def __init__(self) -> None:
        self.numbering = FormNumbering()
        self.serial = 0
        self.sent = 0  # so many forms were sent by this process
        self.process = 0

    def number(self, texts: list[str]) -> tuple[Array, Array, MetForms]:
        """The words of the texts as numbers of forms (uint32), how many words each text has (int64), what the numbers stand for."""
        full = len(self.numbering) > CAPACITY
        if full:
            self.numbering = FormNumbering()
        if full or self.process != os.getpid():  # a worker may begin as a copy of a process that has met some
            self.process, self.serial, self.sent = os.getpid(), int.from_bytes(os.urandom(8), "little"), 0
        tokens, counts = self.numbering.number(texts)
        first, forms = self.sent, self.numbering.forms
        if is_worker():
            forms, self.sent = forms[first:], len(forms)
        return tokens, counts, MetForms(f"{self.process}.{threading.get_ident()}", self.serial, first, forms)


_met = _Met()


def _record(document: Document) -> bytes:
    """What is stored of a document beside its columns: JSON of what it has, or nothing."""
    record: dict[str, Any] = {}
    if document.path is not None:
        record["path"] = document.path
    if document.meta:
        record["meta"] = dict(document.meta)
    if document.language:
        record["language"] = document.language  # given, not detected: a later analysis must keep it
    return json.dumps(record, ensure_ascii=False).encode("utf-8") if record else b""


def analyse(documents: Iterable[Document]) -> AnalysedBatch:
    """The documents as numbered tokens, with everything that is stored of them; keys and stems are left to a Vocabulary."""
    records, texts, none = BlobPacker(RECORD_BLOCK), BlobPacker(), MetForms("", 0, 0, [])
    batch = AnalysedBatch([], [], [], [], records, texts, [], [], [], np.zeros(0, np.uint32), none, 0)
    documents = list(documents)
    fields: list[str] = []  # title, pieces of the body, title, pieces of the body, ...
    piece_counts: list[int] = []
    detected = iter(detect_languages([doc.text or doc.title for doc in documents if not doc.language]))
    for document in documents:
        pieces = text_pieces(document.text)
        fields.append(document.title)
        fields += pieces
        piece_counts.append(len(pieces))
        if "(" in document.text:
            pairs = {"\t".join(stored(found)) for found in definitions(document.text)}
            batch.definitions += [(len(batch.ids), pair) for pair in sorted(pairs)]
        batch.ids.append(document.id)
        batch.titles.append(document.title)
        batch.dates.append(document.date.toordinal() if document.date else 0)
        batch.languages.append(document.language or next(detected))
        batch.records.add(_record(document))
        encoded = [piece.encode("utf-8") for piece in pieces]
        batch.text_bytes += sum(map(len, encoded))
        if len(pieces) > 1:
            batch.texts.add_pieces(encoded)
        else:
            batch.texts.add(encoded[0])
    batch.records.close_block()
    batch.texts.close_block()
    batch.tokens, counts, batch.forms = _met.number(fields)
    place = 0
    token_counts = counts.tolist()
    for piece_count in piece_counts:
        ends = list(accumulate(token_counts[place + 1 : place + 1 + piece_count]))
        batch.title_lengths.append(token_counts[place])
        batch.body_lengths.append(ends[-1])
        batch.piece_tokens.append(ends if piece_count > 1 else [])
        place += 1 + piece_count
    return batch


def text_pieces(text: str) -> list[str]:
    """The text in pieces of PIECE_CHARS or a little more, cut at the ends of lines; in one if it is short or has none."""
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
