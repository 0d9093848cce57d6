"""Makes the hits of a page of documents that were fetched from a cluster: snippets, marks and duplicates."""

from __future__ import annotations

from naidi.indexer.messages import message
from naidi.indexer.state.roots import paths_in
from naidi.indexer.typed import TYPE_CHECKING

from ..budget import MAX_LETTERS_SHOWN, MAX_MARKED, MAX_SHOWN, TimeUp, check, is_up
from ..duplicates import groups_of, have_peers, sketch
from ..hits import Shown
from ..snippets.given_text import sound
from ..snippets.matched_words import MatchedWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..explanation import Explanation
    from ..query.analysed import AnalysedNode
    from ..results import Mark, Snippet
    from .evaluation import ClusterEvaluation
    from .fetched import FetchedDocument

    _Marked = tuple[tuple[Snippet, ...], tuple[Mark, ...]]

# Snippets are made for this many documents at a time: their words are looked up together.
_SHOWN_AT_ONCE = 50
# So many hits are given even if the time is up.
_ALWAYS_GIVEN = 100


def page_hits(
    root: AnalysedNode,
    evaluation: ClusterEvaluation,
    page: Sequence[tuple[FetchedDocument, float]],
    roots: Mapping[str, Mapping[str, str]],
    *,
    offset: int,
    size: tuple[int, int],
    duplicates: bool,
    explanations: Sequence[Explanation] = (),
) -> Shown:
    """The hits of a page.

    Parameters:
      root, evaluation: the query, and what its words weigh.
      page: (document, score) in order.
      roots: the indexed folders, for paths.
      offset: number of better documents before the page.
      size: most snippets of a hit, most code points of a snippet; with no snippets no text is looked at.
      duplicates: whether each hit names those with nearly the same text.
      explanations: of the first hits.
    """
    partial = False
    warnings: tuple[str, ...] = ()
    shown: list[_Marked] = []
    groups: Mapping[int, Sequence[int]] = {}
    documents = [document for document, _ in page]
    if size[0] and page:
        try:
            warnings = _show(shown, root, evaluation, documents, size)
            if duplicates:
                groups = _duplicates(documents[: len(shown)])
        except TimeUp:
            partial = True
    path_of = paths_in(roots)
    hits = []
    for place, (document, score) in enumerate(page):
        if place >= _ALWAYS_GIVEN and is_up():
            partial = True
            break
        snippets, marks = shown[place] if place < len(shown) else ((), ())
        explanation = explanations[place] if place < len(explanations) else None
        others = tuple([documents[other].doc_id for other in groups.get(place, ())])
        hits.append(document.hit(offset + place + 1, score, path_of, snippets, marks, explanation, others))
    return Shown(tuple(hits), partial, warnings)


def _show(
    shown: list[_Marked],
    root: AnalysedNode,
    evaluation: ClusterEvaluation,
    documents: Sequence[FetchedDocument],
    size: tuple[int, int],
) -> tuple[str, ...]:
    """Add (snippets, title marks) of the documents to `shown`, as far as the limits let. Returns warnings. Raises TimeUp."""
    words = MatchedWords(evaluation.collection, root, evaluation)
    highlighter = words.highlighter(*size)
    letters = 0
    most = min(len(documents), MAX_SHOWN)
    for first in range(0, most, _SHOWN_AT_ONCE):
        some = documents[first : min(first + _SHOWN_AT_ONCE, most)]
        check()
        texts, titles = [sound(each.text) for each in some], [sound(each.title) for each in some]
        whole = [f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)]
        absent = words.absent_from(highlighter, whole)
        shown += highlighter.of_hits(texts, titles, absent, [each.places for each in some])
        letters += sum(map(len, texts)) * len(words.leaves)
        if letters > MAX_LETTERS_SHOWN:
            break
    warnings = []
    if len(shown) < len(documents):
        warnings.append(
            message(
                "snippets were made for the first {shown:,} of {found:,} hits: more take too long",
                shown=len(shown),
                found=len(documents),
            )
        )
    if words.unmarked:
        warnings.append(
            message(
                "snippets show {most} words of the query, the rarest ones: {unmarked:,} are not marked",
                most=MAX_MARKED,
                unmarked=words.unmarked,
            )
        )
    return tuple(warnings)


def _duplicates(documents: Sequence[FetchedDocument]) -> dict[int, list[int]]:
    sizes = [each.size_in_tokens for each in documents]
    compared = have_peers(sizes)
    return groups_of(
        [
            sketch(each.text if has_peer else "", each.size_in_tokens)
            for each, has_peer in zip(documents, compared, strict=True)
        ]
    )
