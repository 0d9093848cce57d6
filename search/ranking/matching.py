"""Which documents of a segment a term or phrase is in, and how often in each field. Arrays out; nothing is scored here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.codec.segment import Segment
from search.query.analysed import Forms, NearPhrase, Scored, Term

FIELDS = ("body", "title")
TEXT = "text"  # title and body as one field
Docs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Matches:
    """docs: live documents, ascending, each once. freqs[field]: occurrences in that field (float64, one a document; integers)."""

    docs: Docs
    freqs: dict[str, npt.NDArray[np.float64]]

    def freqs_in(self, field: str) -> npt.NDArray[np.float64]:
        """Occurrences in "body", "title" or TEXT."""
        return self.freqs["body"] + self.freqs["title"] if field == TEXT else self.freqs[field]


_NOTHING = np.zeros(0, np.int64)


# Both frequencies of a row travel through one sum: title * _TITLE_UNIT + body. Sums below 2**53 are exact, and no document comes
# near 2**26 tokens of one word in either field.
_TITLE_UNIT = float(2**26)


def _gathered(segment: Segment, live: Bools, docs: Docs, packed: npt.NDArray[np.float64], field: str | None) -> Matches:
    """Matches from rows in which a document may come up several times; packed: the frequencies of each row."""
    sums = np.asarray(np.bincount(docs, packed, segment.doc_count), np.float64)
    found = np.flatnonzero(sums > 0)
    return _unpacked(found, sums[found], live, field)


def _unpacked(docs: Docs, packed: npt.NDArray[np.float64], live: Bools, field: str | None) -> Matches:
    """Matches from rows that each are another document, ascending; only live documents that have the field's part stay."""
    titles = np.floor(packed / _TITLE_UNIT)
    bodies = packed - titles * _TITLE_UNIT
    kept = live[docs]
    if field == "title":
        bodies = np.zeros(len(docs))
        kept &= titles > 0
    elif field == "body":
        titles = np.zeros(len(docs))
        kept &= bodies > 0
    if not kept.all():
        docs, bodies, titles = docs[kept], bodies[kept], titles[kept]
    return Matches(docs, {"body": bodies, "title": titles})


def match_forms(segment: Segment, live: Bools, forms: Forms, field: str | None) -> Matches:
    """The documents that have any of the forms; occurrences of all forms together."""
    if not len(forms):
        return Matches(_NOTHING, {name: np.zeros(0) for name in FIELDS})
    docs, body_freqs, title_freqs = segment.postings(int(forms[0])) if len(forms) == 1 else segment.postings_of(forms)
    packed = title_freqs * _TITLE_UNIT + body_freqs
    if len(forms) == 1:
        return _unpacked(docs.astype(np.int64), packed, live, field)
    return _gathered(segment, live, docs.astype(np.int64), packed, field)


def match_phrase(segment: Segment, live: Bools, phrase: NearPhrase) -> Matches:
    """The documents that have the phrase, and how often: from how many places of its first word it can be completed.

    For each place of the first word the nearest place of the next one after it is taken, and so on: that gives the shortest
    stretch from this start, so a phrase within the slop is never missed.
    """
    starts, _ = phrase_places(segment, phrase)
    docs = segment.docs_of_positions(starts)
    packed = np.where(starts >= segment.body_starts[docs], 1.0, _TITLE_UNIT)
    return _gathered(segment, live, docs, packed, phrase.field)


def phrase_places(segment: Segment, phrase: NearPhrase) -> tuple[Docs, Docs]:
    """(positions of the first words, of the last words) of the places where the phrase stands in a field of a document."""
    starts = ends = _NOTHING
    for number, part in enumerate(phrase.parts):
        positions = segment.positions_of(part.forms(segment)).astype(np.int64)
        if number == 0:
            starts = ends = positions
            continue
        following = np.searchsorted(positions, ends, side="right")
        there = following < len(positions)
        starts, ends = starts[there], positions[following[there]]
        # The span can only grow, so whatever is too long already is out.
        near = ends - starts - number <= phrase.slop
        starts, ends = starts[near], ends[near]
    first, last = segment.docs_of_positions(starts), segment.docs_of_positions(ends)
    together = first == last
    starts, ends, first = starts[together], ends[together], first[together]
    bodies = segment.body_starts[first]
    together = (starts >= bodies) == (ends >= bodies)
    return starts[together], ends[together]


def match(segment: Segment, live: Bools, leaf: Scored) -> Matches:
    """The documents that a term (by its own forms) or phrase is in."""
    if isinstance(leaf, Term):
        return match_forms(segment, live, leaf.forms(segment), leaf.field)
    return match_phrase(segment, live, leaf)


def match_stem(segment: Segment, live: Bools, leaf: Scored) -> Matches | None:
    """The documents that have any form of the term's stem; None where the leaf is not to be found by its stem."""
    if not isinstance(leaf, Term) or leaf.stem is None:
        return None
    return match_forms(segment, live, segment.forms_of_stem(leaf.stem), leaf.field)
