"""Makes the hits of a page: stored fields, snippets, marks and explanations of its documents."""

from __future__ import annotations

import datetime
from dataclasses import replace

from .answer import Answer
from .collection import Collection
from .ranking.explain import explain
from .results import Correction, Explanation, Hit, Mark, Snippet
from .snippets.long_texts import text_to_show
from .snippets.matched_words import MatchedWords

# Snippets are made for this many documents at a time, whose texts are in memory together.
_SHOWN_AT_ONCE = 50


def hits_of(collection: Collection, answer: Answer, *, offset: int, snippets: int, explained: bool) -> tuple[Hit, ...]:
    """The hits for the documents of an answer.

    Parameters:
      offset: number of better documents before the page; ranks go on from there.
      snippets: most snippets of a hit; with 0 no text is read and no word marked.
      explained: whether each hit gets its explanation.

    Raises IndexDamaged if a stored text cannot be read.
    """
    page, evaluation, root = answer.page, answer.evaluation, answer.root
    if evaluation is None or root is None:
        return ()
    found = [(number, doc) for number, doc, _ in page.found]
    records = [collection.segments[number].record(doc) for number, doc in found]
    shown: list[tuple[tuple[Snippet, ...], tuple[Mark, ...]]] = []
    if snippets and found:
        words = MatchedWords(collection, root, evaluation)
        highlighter = words.highlighter(snippets)
        for first in range(0, len(found), _SHOWN_AT_ONCE):
            some = found[first : first + _SHOWN_AT_ONCE]
            texts = [
                text_to_show(evaluation, collection.views[number], doc, words.leaves, snippets) for number, doc in some
            ]
            titles = [record["title"] for record in records[first : first + _SHOWN_AT_ONCE]]
            shown += highlighter.of_hits(texts, titles, words.absent(highlighter, some))
    hits = []
    for rank, (number, doc, score) in enumerate(page.found, 1):
        segment, record = collection.segments[number], records[rank - 1]
        parts, title_marks = shown[rank - 1] if shown else ((), ())
        ordinal = int(segment.dates[doc])
        explanation = None
        if explained:
            explanation = _with_layout(
                explain(evaluation, root, collection, page.nearness, number, doc, score), answer.layout_corrections
            )
            if answer.recency is not None:
                factor = float(answer.recency.factors(segment.dates[doc : doc + 1])[0])
                parts_of_score = " + ".join(f"{match.score:.4f}" for match in explanation.matches)
                explanation = replace(explanation, formula=f"({parts_of_score}) × recency {factor:.4f}")
        hits.append(
            Hit(
                offset + rank,
                record["id"],
                record["path"],
                record["title"],
                datetime.date.fromordinal(ordinal) if ordinal else None,
                segment.language_names[int(segment.languages[doc])],
                score,
                record["meta"],
                parts,
                title_marks,
                explanation,
            )
        )
    return tuple(hits)


def _with_layout(explanation: Explanation, turned: tuple[Correction, ...]) -> Explanation:
    """The explanation, with the typed form as the bridge of words that were read in the right keyboard layout."""
    if not turned:
        return explanation
    bridges = {correction.replacement: f"{correction.kind} of {correction.original}" for correction in turned}
    matches = [
        replace(match, bridge=bridges[match.word]) if match.word in bridges and not match.bridge else match
        for match in explanation.matches
    ]
    return replace(explanation, matches=tuple(matches))
