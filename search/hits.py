"""Makes the hits of a page: stored fields, snippets, marks and explanations of its documents."""

from __future__ import annotations

from naidi.indexer import core
from naidi.indexer.codec.segment import Segment
from naidi.indexer.file_facts import date_source, file_time, is_row
from naidi.indexer.late import cache, datetime, np
from naidi.indexer.messages import Message, message
from naidi.indexer.record import replace
from naidi.indexer.state.roots import paths_in
from naidi.indexer.typed import TYPE_CHECKING, Any, NamedTuple

from .answer import Answer
from .budget import MAX_EXPLAINED, MAX_LETTERS_SHOWN, MAX_MARKED, MAX_SHOWN, TimeUp, check, is_up
from .collection import Collection
from .duplicates import Sketch, groups_of, have_peers, sketch
from .query.analysed import AnalysedNode
from .ranking.evaluate import Evaluation
from .ranking.found_page import FoundDocument
from .results import Correction, Hit, Mark, Snippet
from .snippets.long_texts import pieces_to_show
from .snippets.matched_words import MatchedWords
from .snippets.text_places import WHOLE_TEXT, TextPlaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .explanation import Explanation

# Snippets are made for this many documents at a time, whose texts are in memory together.
_SHOWN_AT_ONCE = 50
# So many hits are given even if the time is up.
_ALWAYS_GIVEN = 100


class Shown(NamedTuple):
    """hits: of a page. partial: whether the time ran out before all of it was read. warnings: what was left out."""

    hits: tuple[Hit, ...] = ()
    partial: bool = False
    warnings: tuple[str, ...] = ()


def hits_of(
    collection: Collection,
    answer: Answer,
    *,
    offset: int,
    snippets: int,
    explained: bool,
    duplicates: bool = False,
    snippet_chars: int = 200,
) -> Shown:
    """The hits for the documents of an answer.

    Parameters:
      offset: number of better documents before the page; ranks go on from there.
      snippets: most snippets of a hit; with 0 no text is read and no word marked.
      explained: whether each hit gets its explanation.
      snippet_chars: most code points of a snippet.
      duplicates: whether each hit names those with nearly the same text. Hits without snippets have no text to compare.

    Raises IndexDamaged if a stored text cannot be read.
    """
    page, evaluation, root = answer.page, answer.evaluation, answer.root
    if evaluation is None or root is None:
        return Shown()
    assert isinstance(evaluation, Evaluation)  # of this collection
    partial = False
    records: list[dict[str, Any]] = []
    for rank, (number, doc, _) in enumerate(page.found):
        if rank >= _ALWAYS_GIVEN and is_up():
            partial = True
            break
        records.append(collection.views[number].memory.record(doc))
    found = page.found[: len(records)]
    shown: list[tuple[tuple[Snippet, ...], tuple[Mark, ...]]] = []
    sketches: list[Sketch] | None = [] if duplicates else None
    warnings: tuple[str, ...] = ()
    if snippets and found:
        try:
            warnings = _show(shown, sketches, collection, evaluation, root, found, records, (snippets, snippet_chars))
        except TimeUp:
            partial = True
    groups = groups_of(sketches) if sketches else {}
    hits = []
    hit = _HitMaker(collection)
    explain = _explainer(collection, answer, evaluation, root) if explained else None
    explainable = max(MAX_EXPLAINED // max(evaluation.scored_count, 1), 1) if explained else 0
    if explained and explainable < len(found):
        warnings = (*warnings, _not_all_explained(explainable, len(found)))
    for rank, (number, doc, score) in enumerate(found):
        parts, title_marks = shown[rank] if rank < len(shown) else ((), ())
        explanation = None
        if explain is not None and rank < explainable:
            if is_up():
                partial = True
            else:
                explanation = explain(number, doc, score)
        duplicates_of = tuple([records[other]["id"] for other in groups[rank]]) if rank in groups else ()
        hits.append(
            hit.of(offset + rank + 1, number, doc, score, records[rank], parts, title_marks, explanation, duplicates_of)
        )
    return Shown(tuple(hits), partial, warnings)


def bare_hits(collection: Collection, found: Iterable[tuple[int, int, float]]) -> tuple[Hit, ...]:
    """The hits of a first page without snippets. found: (number of the segment, doc id, score) of each document."""
    hit, views = _HitMaker(collection), collection.views
    return tuple(
        [
            hit.of(rank, number, doc, score, views[number].memory.record(doc))
            for rank, (number, doc, score) in enumerate(found, 1)
        ]
    )


class _HitMaker:
    """Makes the hits of a page from what is stored."""

    def __init__(self, collection: Collection) -> None:
        self._segments = collection.segments
        self._views = collection.views
        self._has_fields = bool(collection.schema)
        self._path_of = paths_in(collection.roots)
        self._make = _maker() if core.is_used else Hit

    def of(
        self,
        rank: int,
        number: int,
        doc: int,
        score: float,
        record: dict[str, Any],
        parts: tuple[Snippet, ...] = (),
        title_marks: tuple[Mark, ...] = (),
        explanation: Explanation | None = None,
        duplicates: tuple[str, ...] = (),
    ) -> Hit:
        """The hit of a document. number: of its segment. record: see `Segment.record`. For the others see `Hit`."""
        synced, ordinal, language, source, size, mtime = self._segments[number].facts(doc)
        return self._make(
            rank,
            record["id"],
            (self._path_of(record["id"]) if synced else None) or record["path"],
            record["title"],
            datetime.date.fromordinal(ordinal) if ordinal else None,
            language,
            score,
            record["meta"],
            parts,
            title_marks,
            explanation,
            duplicates,
            date_source(source) if ordinal else None,
            size if size >= 0 else None,
            file_time(mtime),
            self._views[number].fields.given(doc, record.get("texts", {})) if self._has_fields else {},
        )


@cache
def _maker() -> Callable[..., Hit]:
    from naidi._core import RecordMaker

    return RecordMaker(Hit)


def _show(
    shown: list[tuple[tuple[Snippet, ...], tuple[Mark, ...]]],
    sketches: list[Sketch] | None,
    collection: Collection,
    evaluation: Evaluation,
    root: AnalysedNode,
    found: Sequence[FoundDocument],
    records: Sequence[dict[str, Any]],
    size: tuple[int, int],
) -> tuple[str, ...]:
    """Add (snippets, title marks) of the documents to `shown`, as far as the limits let, and their sketches if there is a list.

    size: how many snippets a hit has at most, and how many code points a snippet.

    Returns warnings. Raises TimeUp.
    """
    words = MatchedWords(collection, root, evaluation)
    snippets, _ = size
    highlighter = words.highlighter(*size)
    letters = 0
    most = min(len(found), MAX_SHOWN)
    sizes: list[int] = []
    if sketches is not None:
        sizes = [
            collection.segments[number].container.items("docs.body_lengths")[doc] for number, doc, _ in found[:most]
        ]
    compared = have_peers(sizes)
    for first in range(0, most, _SHOWN_AT_ONCE):
        some = [(number, doc) for number, doc, _ in found[first : min(first + _SHOWN_AT_ONCE, most)]]
        texts, places = [], []
        for record, (number, doc) in zip(records[first:], some, strict=False):
            check()
            segment = collection.segments[number]
            pieces: Sequence[tuple[int, int, int]] = ()
            if segment.texts.span(doc) < 2:
                text = segment.text(doc)
            else:  # a book
                text, pieces = pieces_to_show(evaluation, collection.views[number], doc, words.leaves, snippets)
            texts.append(text)
            one_line = segment.is_synced(doc) and is_row(record["id"])
            places.append(_places(segment, record, pieces, one_line=one_line))
            if sketches is not None:
                place = len(sketches)
                sketches.append(sketch(text if compared[place] else "", sizes[place]))
        titles = [record["title"] for record in records[first : first + len(some)]]
        shown += highlighter.of_hits(texts, titles, words.absent(highlighter, some), places)
        letters += sum(map(len, texts)) * len(words.leaves)
        if letters > MAX_LETTERS_SHOWN:
            break
    warnings = []
    if len(shown) < len(found):
        warnings.append(
            message(
                "snippets were made for the first {shown:,} of {found:,} hits: more take too long",
                shown=len(shown),
                found=len(found),
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


def _not_all_explained(explained: int, found: int) -> Message:
    return message(
        "the first {explained:,} of {found:,} hits are explained: more take too long", explained=explained, found=found
    )


def _places(
    segment: Segment, record: dict[str, Any], pieces: Sequence[tuple[int, int, int]], *, one_line: bool
) -> TextPlaces:
    pages, first_line = record.get("pages", ()), record.get("first_line", 1)
    if not pages and not pieces and first_line == 1 and not one_line:
        return WHOLE_TEXT
    if type(first_line) is not int or (pages and (type(pages) is not list or set(map(type, pages)) != {int})):
        raise segment.container.damaged(message("record of a document: pages or first line are no numbers"))
    return TextPlaces(pages, first_line, pieces, one_line=one_line)


def _explainer(
    collection: Collection, answer: Answer, evaluation: Evaluation, root: AnalysedNode
) -> Callable[[int, int, float], Explanation]:
    from .ranking.explain import Explainer

    explainer = Explainer(evaluation, root, collection, answer.page.nearness)

    def explain(number: int, doc: int, score: float) -> Explanation:
        return with_answer(explainer.explain(number, doc, score), answer, int(collection.segments[number].dates[doc]))

    return explain


def with_answer(explained: Explanation, answer: Answer, date: int) -> Explanation:
    """An explanation with what only the answer knows: words that others were read for, and recency. date: an ordinal."""
    from .explanation import sum_of_scores

    explanation = _with_typed(explained, answer.replaced)
    if answer.recency is None:
        return explanation
    factor = float(answer.recency.factors(np.array([date]))[0])
    formula = message("({sum}) × recency {factor:.4f}", sum=sum_of_scores(explanation.matches), factor=factor)
    return replace(explanation, formula=formula)


def _with_typed(explanation: Explanation, replaced: tuple[Correction, ...]) -> Explanation:
    """The explanation, with the typed word as the bridge of a word that is in its place."""
    if not replaced:
        return explanation
    from .explanation import bridge_of

    bridges = {correction.replacement: bridge_of(correction.kind, correction.original) for correction in replaced}
    matches = [
        replace(match, bridge=bridges[match.word]) if match.word in bridges and not match.bridge else match
        for match in explanation.matches
    ]
    return replace(explanation, matches=tuple(matches))
