"""Where do words stand, by dictionaries and loops? What the segments of an index are compared with."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec.posting_codes import POSITION_GAP
from naidi.indexer.document import Document
from naidi.indexer.writing.batch import searched_keywords


class Occurrences:
    """Where one form stands in one document."""

    def __init__(self) -> None:
        self.title = 0
        self.positions: list[int] = []


Reference = dict[str, dict[int, Occurrences]]


def reference(docs: Sequence[Document]) -> Reference:
    """form -> document -> where it stands."""
    found: Any = defaultdict(lambda: defaultdict(Occurrences))
    position = 0
    for number, doc in enumerate(docs):
        keywords = searched_keywords(doc)
        for in_title, text in ((1, doc.title), (0, doc.text), *([(0, keywords)] if forms(keywords) else [])):
            for form in forms(text):
                there = found[form][number]
                there.title += in_title
                there.positions.append(position)
                position += 1
            position += POSITION_GAP
    return found  # type: ignore[no-any-return]


def together(expected: Reference, chosen: Iterable[str]) -> list[tuple[int, int, int, list[int]]]:
    """(document, occurrences, of them in the title, positions) of several forms."""
    merged: dict[int, tuple[int, list[int]]] = {}
    for form in chosen:
        for doc, there in expected.get(form, {}).items():
            title, positions = merged.get(doc, (0, []))
            merged[doc] = (title + there.title, positions + there.positions)
    return [(doc, len(places), title, sorted(places)) for doc, (title, places) in sorted(merged.items())]


def counted(rows: Iterable[tuple[int, int, int]], docs: Sequence[Document]) -> list[tuple[int, int]]:
    """(document, code) of postings: what a code tells of (document, occurrences, of them in the title)."""
    only_title = {number for number, doc in enumerate(docs) if not _has_words(doc.text + "\n" + searched_keywords(doc))}
    return [(doc, min(freq, 64) - 1 + 64 * (0 if doc in only_title else min(title, 3))) for doc, freq, title in rows]


@functools.lru_cache(maxsize=10_000)
def _has_words(text: str) -> bool:
    return bool(forms(text))


def flatten(rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """(ends, values) of rows, as segments keep them."""
    ends = np.cumsum([len(row) for row in rows], dtype=np.uint64)
    return ends, np.array([value for row in rows for value in row], np.uint32)
