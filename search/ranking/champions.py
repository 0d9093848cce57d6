"""Which documents of a segment does a word score best in? So few that they can be remembered of every word that is asked for.

(Brown, "Fast evaluation of structured queries for information retrieval", 1995, calls such a list the top documents of a word;
Manning, Raghavan and Schütze, "Introduction to information retrieval", section 7.1.3, a champion list.) They are all that a query
of one word takes, and tell what the word can add at most where there are others.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ..collection import Floats, Integers, SegmentView
from .top_k import ranks_in, top_k

# Of each word at most so many: no less than are looked at for nearness.
CHAMPIONS = 128


class Champions(NamedTuple):
    """The best documents of a word, best first, at most CHAMPIONS. scores: of each, greatest first. doc_freq: how many documents
    the word finds in all."""

    docs: Integers
    scores: Floats
    doc_freq: int

    def best(self, k: int, boost: float) -> tuple[Integers, Floats]:
        """The best k and their scores, k at most CHAMPIONS."""
        scores = self.scores[:k]
        return self.docs[:k], scores if boost == 1.0 else scores * boost

    def score_of(self, rank: int) -> float:
        """The score of the first, second ... at most the CHAMPIONS-th document; 0 if there are not so many."""
        return float(self.scores[rank - 1]) if rank <= len(self.scores) else 0.0


def champions_of(view: SegmentView, docs: Integers, scores: Floats) -> Champions:
    """The best of the documents that a word finds, each once."""
    order = top_k(scores, CHAMPIONS, partial(ranks_in, view.segment.id_ranks, docs))
    return Champions(docs.take(order), scores.take(order), len(docs))


def size_of_champions(champions: Champions) -> int:
    """Bytes of memory, about."""
    return 500 + champions.docs.nbytes + champions.scores.nbytes
