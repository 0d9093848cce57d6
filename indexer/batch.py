"""Documents -> numbered tokens: the part of indexing that worker processes do.

A batch is self-contained and picklable: its forms are numbered from 0, and it carries their keys and stems, so that the writer
needs no dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.analysis.language import detect_language
from indexer.analysis.lemmatize.keys import keys
from indexer.analysis.lemmatize.stem import stem
from indexer.analysis.tokenizer import word_form, words
from indexer.codec.container import Array
from indexer.codec.stored import BlobPacker
from indexer.documents import Document

# A batch is closed once its texts have this many characters or it has this many documents.
BATCH_CHARS = 500_000
BATCH_DOCUMENTS = 500


@dataclass(slots=True)
class AnalysedBatch:
    """Documents in the order given.

    tokens: form numbers (uint32), of each document its title's, then its body's; title_lengths, body_lengths: tokens a document
    (uint32). dates: proleptic Gregorian ordinals, 0 where unknown (int32). forms, keys, stems: by form number.
    text_bytes: UTF-8 bytes of all texts. synced: the documents come from a folder that is being synced.
    """

    ids: list[str]
    dates: list[int]
    languages: list[str]
    records: BlobPacker
    texts: BlobPacker
    title_lengths: list[int]
    body_lengths: list[int]
    tokens: Array
    forms: list[str]
    keys: list[tuple[str, ...]]
    stems: list[str]
    text_bytes: int
    synced: bool = False


class _Numbering(dict[str, int]):
    """Raw word -> form number; spellings of one form share its number."""

    def __init__(self) -> None:
        self.forms: dict[str, int] = {}

    def __missing__(self, raw: str) -> int:
        forms = self.forms
        number = self[raw] = forms.setdefault(word_form(raw), len(forms))
        return number


def analyse(documents: Iterable[Document]) -> AnalysedBatch:
    """The documents as numbered tokens, with everything that is stored of them."""
    numbering = _Numbering()
    number_of = numbering.__getitem__
    batch = AnalysedBatch([], [], [], BlobPacker(), BlobPacker(), [], [], np.zeros(0, np.uint32), [], [], [], 0)
    runs = []
    for document in documents:
        title = words(document.title)
        body = words(document.text)
        runs.append(np.fromiter(map(number_of, title), np.uint32, len(title)))
        runs.append(np.fromiter(map(number_of, body), np.uint32, len(body)))
        batch.title_lengths.append(len(title))
        batch.body_lengths.append(len(body))
        language = document.language or detect_language(document.text or document.title)
        batch.ids.append(document.id)
        batch.dates.append(document.date.toordinal() if document.date else 0)
        batch.languages.append(language)
        record = {"id": document.id, "title": document.title, "path": document.path, "meta": dict(document.meta)}
        if document.language:
            record["language"] = document.language  # given, not detected: a later analysis must keep it
        batch.records.add(json.dumps(record, ensure_ascii=False).encode("utf-8"))
        text = document.text.encode("utf-8")
        batch.text_bytes += len(text)
        batch.texts.add(text)
    batch.records.close_block()
    batch.texts.close_block()
    if runs:
        batch.tokens = np.concatenate(runs)
    batch.forms = list(numbering.forms)
    batch.keys = [keys(form) for form in batch.forms]
    batch.stems = [stem(form) for form in batch.forms]
    return batch
