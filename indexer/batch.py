"""Documents -> numbered tokens: the part of indexing that worker processes do.

A batch is self-contained and picklable: its forms are numbered from 0, and it carries their keys and stems, so that the writer
needs no dictionary.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexer.analysis.language import detect_language
from indexer.analysis.lemmatize.keys import keys
from indexer.analysis.lemmatize.stem import stem
from indexer.analysis.tokenizer import iterate_words, word_form, words
from indexer.codec.container import Array
from indexer.codec.stored import RECORD_BLOCK, BlobPacker
from indexer.documents import Document

# A batch is closed once its texts have this many characters or it has this many documents.
BATCH_CHARS = 500_000
BATCH_DOCUMENTS = 500
# Characters past which the words of a text are not gathered in a list first: each takes some 60 bytes there.
LONG_TEXT = 8_000_000


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


# Words recur from batch to batch: most of them are folded and analysed once.
_form_of = lru_cache(maxsize=300_000)(word_form)


@lru_cache(maxsize=200_000)
def _keys_and_stem(form: str) -> tuple[tuple[str, ...], str]:
    return keys(form), stem(form)


class _Numbering(dict[str, int]):
    """Raw word -> form number; spellings of one form share its number."""

    def __init__(self) -> None:
        self.forms: dict[str, int] = {}

    def __missing__(self, raw: str) -> int:
        forms = self.forms
        number = self[raw] = forms.setdefault(_form_of(raw), len(forms))
        return number


def _numbers(text: str, number_of: Callable[[str], int]) -> Array:
    """The form numbers of the words of a text."""
    if len(text) > LONG_TEXT:
        return np.fromiter(map(number_of, iterate_words(text)), np.uint32)
    raw = words(text)
    return np.fromiter(map(number_of, raw), np.uint32, len(raw))


def analyse(documents: Iterable[Document]) -> AnalysedBatch:
    """The documents as numbered tokens, with everything that is stored of them."""
    numbering = _Numbering()
    number_of = numbering.__getitem__
    batch = AnalysedBatch(
        [], [], [], BlobPacker(RECORD_BLOCK), BlobPacker(), [], [], np.zeros(0, np.uint32), [], [], [], 0
    )
    runs: list[Array] = []
    for document in documents:
        title, body = _numbers(document.title, number_of), _numbers(document.text, number_of)
        runs += (title, body)
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
    for form in batch.forms:
        form_keys, form_stem = _keys_and_stem(form)
        batch.keys.append(form_keys)
        batch.stems.append(form_stem)
    return batch
