"""Counts the words of a stored document.

They are read from its text, since the index has lists of documents by word but none of words by document. No dictionary is needed:
the index knows every form of its own documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec.ragged import row_ranges

from ..collection import Collection

# A long text is kept in pieces of some 16,000 letters. At most this many are read, evenly spread: the subject of a book stands in
# every chapter.
PIECES = 6


class DocumentWord(NamedTuple):
    """A word of a document.

    key: the best key of its forms.
    form: its most frequent form in the document.
    freq: occurrences of all its forms in the title and in the part of the text that was read.
    doc_freq: documents of the collection with the key, deleted ones included.
    """

    key: str
    form: str
    freq: int
    doc_freq: int


def document_words(collection: Collection, number: int, doc: int, letters: int | None = None) -> list[DocumentWord]:
    """The words of a document, in the order of the segment's keys.

    Parameters:
      collection: the index.
      number: of the segment.
      doc: the doc id there.
      letters: how much of the text to read, in characters from the beginning; None for all, or for PIECES pieces of a long text.

    Raises IndexDamaged if the document cannot be read.
    """
    segment = collection.views[number].segment
    counts = Counter(form for text in _texts(collection, number, doc, letters) for form in forms(text))
    found: dict[int, list[tuple[int, str]]] = {}
    numbers = {form: place for form in counts if (place := segment.forms.find(form)) >= 0}
    if not numbers:
        return []
    starts, _ = row_ranges(segment.container["form_keys.ends"], np.fromiter(numbers.values(), np.int64, len(numbers)))
    for form, key in zip(numbers, segment.container["form_keys"][starts].tolist(), strict=True):
        found.setdefault(key, []).append((counts[form], form))
    words = []
    for key, written in sorted(found.items()):
        name = segment.keys[key]
        most = min(written, key=lambda each: (-each[0], each[1]))[1]
        words.append(
            DocumentWord(name, most, sum(freq for freq, _ in written), _doc_freq(collection, number, key, name))
        )
    return words


def words_of_text(collection: Collection, texts: Iterable[str]) -> list[DocumentWord]:
    """The words of a text that no segment holds, in the order of their keys. Forms that the index lacks are left out.

    Parameters:
      collection: tells keys and document frequencies.
      texts: the title, and the part of the text that counts.
    """
    counts = Counter(form for text in texts for form in forms(text))
    found: dict[str, list[tuple[int, str]]] = {}
    for form, freq in counts.items():
        known = collection.known_form(form)
        if known is not None:
            found.setdefault(known[0][0], []).append((freq, form))
    words = []
    for key, written in sorted(found.items()):
        most = min(written, key=lambda each: (-each[0], each[1]))[1]
        words.append(DocumentWord(key, most, sum(freq for freq, _ in written), collection.doc_freq((key,))))
    return words


def _texts(collection: Collection, number: int, doc: int, letters: int | None) -> Iterator[str]:
    """The title, then the text or pieces of it."""
    segment = collection.views[number].segment
    yield segment.titles[doc]
    ends = segment.piece_ends(doc)
    if ends is None:
        yield segment.text(doc)[:letters]
        return
    if letters is not None:
        yield segment.text_piece(doc, 0)[:letters]
        return
    pieces = len(ends)
    for place in sorted({place * pieces // PIECES for place in range(PIECES)}):
        yield segment.text_piece(doc, place)


def _doc_freq(collection: Collection, number: int, key: int, name: str) -> int:
    """How many documents of the collection have a key. key: its number in segment `number`."""
    total = 0
    for view in collection.views:
        own = key if view.number == number else view.segment.keys.find(name)
        if own >= 0:
            start, end = view.bounds(int(view.segment.key_lists[own]))
            total += end - start
    return total
