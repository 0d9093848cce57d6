"""Computes the impacts of postings: their part of a score, before it is multiplied by the weight and idf of a word.

    impact = text weight * tf(freq, length of the text) + title weight * share * tf(freq in the title, length of the title)

share: the body's part of the text, in tokens. It is 0 for a document that is a title only: the title is its text already.

Frequencies are as the codes of the postings tell them (see `naidi.indexer.codec.posting_codes`). Lengths are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from naidi.indexer.codec.posting_codes import MAX_EXACT_FREQ
from naidi.indexer.late import np

from ..cache import Attached
from ..collection import Collection, Floats, Integers, SegmentMemory, SegmentView
from .bm25 import RankingParameters, length_norm

if TYPE_CHECKING:
    import numpy.typing as npt

# Code of a posting -> occurrences in the text; code -> occurrences in the title.
_FREQS = (np.arange(256) % MAX_EXACT_FREQ + 1).astype(np.float64)
_TITLE_FREQS = (np.arange(256) // MAX_EXACT_FREQ).astype(np.float64)
_IN_TITLE = MAX_EXACT_FREQ  # codes from here on have occurrences in the title


# Tokens of each document, in its title and its body.
_LENGTHS: Attached[SegmentMemory, Floats] = Attached(
    lambda memory: memory.segment.title_lengths.astype(np.float64) + memory.segment.body_lengths
)


class Lengths(Protocol):
    """Tokens of each document in its title and in its body: those of a segment, or of any other documents with numbers."""

    @property
    def title_lengths(self) -> npt.NDArray[Any]: ...
    @property
    def body_lengths(self) -> npt.NDArray[Any]: ...


def impacts_of(collection: Collection, view: SegmentView, parameters: RankingParameters) -> Impacts:
    """The impacts of postings of a segment."""
    averages = {name: field.average_length for name, field in collection.fields.items()}
    return Impacts(view.segment, lambda: _LENGTHS.of(view.memory), averages, parameters)


class Impacts:
    """The impacts of postings of a segment, float64. All methods take the doc ids and the codes of the postings."""

    def __init__(
        self,
        documents: Lengths,
        lengths: Callable[[], Floats],
        averages: Mapping[str, float],
        parameters: RankingParameters,
    ) -> None:
        """
        Parameters:
          documents: the lengths of the documents.
          lengths: gives title and body together, float64.
          averages: the mean lengths of the fields "title" and "text", in tokens.
          parameters: of the ranking.
        """
        self._segment = documents
        self._parameters = parameters
        self._averages = averages
        self._scale = parameters.text.weight * (parameters.text.k1 + 1.0)
        self._make_lengths = lengths

    @cached_property
    def _lengths(self) -> Floats:
        return self._make_lengths()

    @cached_property
    def _text_norms(self) -> Floats:
        return length_norm(self._lengths, self._averages["text"], self._parameters.text)

    @cached_property
    def _title_norms(self) -> Floats:
        return length_norm(self._segment.title_lengths, self._averages["title"], self._parameters.title)

    @cached_property
    def _title_scales(self) -> Floats:
        title, segment = self._parameters.title, self._segment
        return np.asarray(title.weight * (title.k1 + 1.0) * segment.body_lengths / np.maximum(self._lengths, 1.0))

    def text(self, docs: Integers, codes: npt.NDArray[np.uint8]) -> Floats:
        """The impacts in the whole text."""
        freqs = _FREQS.take(codes)
        norms = self._text_norms.take(docs)
        norms += freqs
        freqs /= norms
        freqs *= self._scale
        return freqs

    def title(self, docs: Integers, codes: npt.NDArray[np.uint8]) -> Floats:
        """The impacts in the title, which are added to those in the text."""
        freqs = _TITLE_FREQS.take(codes)
        norms = self._title_norms.take(docs)
        norms += freqs
        # An empty title has norm 0 and freq 0; the impact is then 0.
        freqs /= np.maximum(norms, 1e-300)
        freqs *= self._title_scales.take(docs)
        return freqs

    def total(self, docs: Integers, codes: npt.NDArray[np.uint8]) -> Floats:
        """The impacts in text and title together."""
        impacts = self.text(docs, codes)
        titles = (codes >= _IN_TITLE).nonzero()[0]
        if len(titles):
            impacts[titles] += self.title(docs.take(titles), codes.take(titles))
        return impacts
