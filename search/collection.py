"""The documents of one generation as ranking sees them: segments, live documents, counts and average lengths."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from naidi.indexer.codec.segment import Segment
from naidi.indexer.state.generations import Generation

from .cache import Cache, Owner

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

# Bytes for the answers of `knows_any`.
_KNOWN_BYTES = 1_000_000
# Deleted documents are not counted in a longer posting list. The list is taken to have the same share of them as its segment.
_MOST_LOOKED_UP = 10_000


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """Counts of one field.

    doc_count: live documents that have the field.
    average_length: mean length of the field in these documents, in tokens; 0 if there are none.
    """

    doc_count: int
    average_length: float


class SegmentView(Owner):
    """A segment with its live documents, and the columns that ranking reads.

    number: index of the segment in its generation.
    live: bool by doc id, None if all documents are live.
    doc_count: documents of the segment, deleted ones included.
    """

    def __init__(self, number: int, segment: Segment, live: Bools) -> None:
        super().__init__()
        self.number = number
        self.segment = segment
        self.live = None if live.all() else live
        self.doc_count = segment.doc_count
        self._scratch = threading.local()

    @cached_property
    def docs(self) -> npt.NDArray[Any]:
        """The doc ids of all posting lists, one list after another; `bounds` tells where each lies."""
        return self.segment.list_docs

    @cached_property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The code of each posting of `docs`; see `naidi.indexer.codec.posting_codes`."""
        return self.segment.list_codes

    @cached_property
    def list_ends(self) -> memoryview:
        """The end of each posting list in `docs`.

        Items of a memoryview are Python integers. They are read several times faster than those of an array.
        """
        return self.segment.list_ends.data

    def bounds(self, number: int) -> tuple[int, int]:
        """(start, end) of the posting list with this number in `docs` and `codes`."""
        ends = self.list_ends
        return ends[number - 1] if number else 0, ends[number]

    def has_key(self, number: int) -> bool:
        """Whether a live document has the key with this number."""
        if self.live is None:
            return True
        start, end = self.bounds(int(self.segment.key_lists[number]))
        return bool(self.live[self.docs[start:end]].any())

    def scratch(self) -> Floats:
        """Zeros (float64), one for each document of the segment. Each thread has its own array.

        The caller sets what it has written back to zero. See `drop_scratch` for callers that could not.
        """
        try:
            return self._scratch.zeros  # type: ignore[no-any-return]
        except AttributeError:
            zeros = self._scratch.zeros = np.zeros(self.doc_count)
            return zeros

    def marks(self) -> Bools:
        """The same as `scratch`, of bool."""
        try:
            return self._scratch.marks  # type: ignore[no-any-return]
        except AttributeError:
            marks = self._scratch.marks = np.zeros(self.doc_count, bool)
            return marks

    def drop_scratch(self) -> None:
        """Forget the arrays of all threads. New ones are made at the next call."""
        self._scratch = threading.local()


class Collection(Owner):
    """One state of an index: the views of its segments, and values that depend on this state alone.

    directory: of the index.
    roots: the indexed folders, as the manifest has them.
    doc_count: live documents.
    """

    def __init__(self, generation: Generation) -> None:
        super().__init__()
        self.directory = generation.directory.parent
        self.roots = generation.manifest.roots
        self.segments: list[Segment] = generation.segments
        self.live: list[Bools] = [~deleted for deleted in generation.deleted]
        self.views = [
            SegmentView(number, segment, live)
            for number, (segment, live) in enumerate(zip(self.segments, self.live, strict=True))
        ]
        self.doc_count = generation.manifest.doc_count
        self._known: Cache[tuple[str, ...], bool] = Cache(_KNOWN_BYTES)

    @cached_property
    def fields(self) -> Mapping[str, FieldStatistics]:
        """Statistics of the fields "body" and "title", and of "text", which is both as one field."""
        tokens = {"body": 0, "title": 0}
        docs = {"body": 0, "title": 0, "text": 0}
        for segment, live in zip(self.segments, self.live, strict=True):
            bodies, titles = segment.body_lengths[live], segment.title_lengths[live]
            tokens["body"] += int(bodies.sum(dtype=np.int64))
            tokens["title"] += int(titles.sum(dtype=np.int64))
            docs["body"] += int(np.count_nonzero(bodies))
            docs["title"] += int(np.count_nonzero(titles))
            docs["text"] += int(np.count_nonzero((bodies > 0) | (titles > 0)))
        tokens["text"] = tokens["body"] + tokens["title"]
        return {field: FieldStatistics(count, tokens[field] / count if count else 0.0) for field, count in docs.items()}

    def knows_key(self, key: str) -> bool:
        """Whether any live document has a form with the key."""
        for view in self.views:
            number = view.segment.keys.find(key)
            if number >= 0 and view.has_key(number):
                return True
        return False

    def knows_any(self, keys: tuple[str, ...]) -> bool:
        """Whether any live document has a form with one of the keys."""
        return self._known.get(keys, lambda: any(map(self.knows_key, keys)))

    def doc_freq(self, keys: Iterable[str]) -> int:
        """How many live documents have the most frequent of the keys. An estimate for long lists of segments with deletions."""
        return max(map(self._doc_freq, keys), default=0)

    def _doc_freq(self, key: str) -> int:
        total = 0.0
        for view in self.views:
            number = view.segment.keys.find(key)
            if number < 0:
                continue
            start, end = view.bounds(int(view.segment.key_lists[number]))
            if view.live is None:
                total += end - start
            elif end - start <= _MOST_LOOKED_UP:
                total += np.count_nonzero(view.live[view.docs[start:end]])
            else:
                total += (end - start) * np.count_nonzero(view.live) / len(view.live)
        return round(total)

    def acronyms(self) -> list[tuple[str, str, int]]:
        """(acronym, long form, number of live documents that define it so) for every definition in documents.

        Forms of a long form are joined by single blanks.
        """
        counts: Counter[str] = Counter()
        for view in self.views:
            table = view.segment.acronyms
            if len(table):
                pairs, docs = view.segment.acronym_pairs, view.segment.acronym_docs
                live = pairs if view.live is None else pairs[view.live[docs]]
                of_pairs = np.bincount(live, minlength=len(table)).tolist()
                counts.update(dict(zip(table.strings(), of_pairs, strict=True)))
        rows = ((*pair.partition("\t"), count) for pair, count in counts.items() if count)
        return [(acronym, long_form, count) for acronym, _, long_form, count in rows]

    def is_common_key(self, key: str) -> bool:
        """Whether a key is a common word of a dictionary, and no name. False for a key that the index lacks."""
        for segment in self.segments:
            number = segment.keys.find(key)
            if number >= 0:
                return segment.is_common_key(number)
        return False

    def known_form(self, form: str) -> tuple[tuple[str, ...], str] | None:
        """(keys, stem) of a form, as the index has them; None for a form that it lacks. No dictionary is loaded."""
        for segment in self.segments:
            number = segment.forms.find(form)
            if number >= 0:
                return tuple(segment.keys_of_form(number)), segment.stem_of_form(number)
        return None
