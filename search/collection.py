"""The documents of one generation as ranking sees them: segments, live documents, counts and average lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from indexer.codec.segment import Segment
from indexer.generations import Generation

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """doc_count: live documents that have the field. average_length: of those, in tokens; 0 if there is none."""

    doc_count: int
    average_length: float


class Collection:
    """segments and, beside each, which of its documents are live (bool, by doc id)."""

    def __init__(self, generation: Generation) -> None:
        self.segments: list[Segment] = generation.segments
        self.live: list[Bools] = [~deleted for deleted in generation.deleted]
        self.doc_count = generation.manifest.doc_count
        self._columns: dict[tuple[object, ...], npt.NDArray[np.float64]] = {}

    def parts(self) -> Iterator[tuple[int, Segment, Bools]]:
        """(number, segment, live documents) of each segment."""
        for number, (segment, live) in enumerate(zip(self.segments, self.live, strict=True)):
            yield number, segment, live

    @cached_property
    def fields(self) -> Mapping[str, FieldStatistics]:
        """Statistics of "body", "title" and both as one field, "text"."""
        tokens = {"body": 0, "title": 0}
        docs = {"body": 0, "title": 0, "text": 0}
        for _, segment, live in self.parts():
            bodies, titles = segment.body_lengths[live], segment.title_lengths[live]
            tokens["body"] += int(bodies.sum(dtype=np.int64))
            tokens["title"] += int(titles.sum(dtype=np.int64))
            docs["body"] += int(np.count_nonzero(bodies))
            docs["title"] += int(np.count_nonzero(titles))
            docs["text"] += int(np.count_nonzero((bodies > 0) | (titles > 0)))
        tokens["text"] = tokens["body"] + tokens["title"]
        return {field: FieldStatistics(count, tokens[field] / count if count else 0.0) for field, count in docs.items()}

    def column(self, name: tuple[object, ...], make: Callable[[], npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
        """A column that depends on nothing but this state of the index, made when first asked for. Threads may make it twice."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = make()
        return column

    def knows_key(self, key: str) -> bool:
        """Whether any live document has a form with the key."""
        for _, segment, live in self.parts():
            forms = segment.forms_of_key(key)
            if len(forms) and live[segment.postings_of(forms)[0]].any():
                return True
        return False

    def known_form(self, form: str) -> tuple[tuple[str, ...], str] | None:
        """(keys, stem) of a form that the index knows, without a dictionary; None for others."""
        for segment in self.segments:
            number = segment.forms.find(form)
            if number >= 0:
                return tuple(segment.keys_of_form(number)), segment.stem_of_form(number)
        return None
