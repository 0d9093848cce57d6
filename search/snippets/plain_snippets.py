"""Makes the snippets of a text without the compiled core. It is the definition of them, and loaded where the core cannot tell."""

from __future__ import annotations

from naidi.indexer.late import bisect
from naidi.indexer.typed import TYPE_CHECKING

from ..results import Mark, Snippet
from .behind_title import behind_title
from .needles import may_hide_words
from .opening import opening
from .passages import Picker
from .shorten import ELLIPSIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .finder import Finder, Occurrences, Place
    from .passages import Passage
    from .query_words import Absent, Worth
    from .text_places import TextPlaces


def plain_snippets(
    finder: Finder, worth: Worth, size: tuple[int, int], shown: tuple[str, str], absent: Absent, in_text: TextPlaces
) -> tuple[tuple[Snippet, ...], int]:
    """(the snippets of a text; the words whose own forms it lacks, as bits).

    Parameters:
      size: how many code points a snippet has at most, and how many snippets there are.
      shown: the text and its title.
      absent, in_text: as in `Highlighter.of_hits`.
    """
    (max_chars, max_snippets), (text, title) = size, shown
    found = finder.places(text, absent)
    start, whole = behind_title(text, title) if title else (0, True)
    places = _from(found.places, start) if start else found.places
    if not places:
        return opening(text, start, whole, max_chars, in_text), found.missing
    picked = Picker(worth, text, places, max_chars, start, whole).pick(max_snippets)
    snippets = [_snippet(text, passage, finder, found, places, in_text) for passage in picked]
    return tuple(snippets), found.missing


def _from(places: Sequence[Place], start: int) -> Sequence[Place]:
    """The places that begin at `start` or behind it."""
    return places[bisect.bisect_left(places, (start, 0, 0)) :]


def _snippet(
    text: str, passage: Passage, finder: Finder, found: Occurrences, places: Sequence[Place], in_text: TextPlaces
) -> Snippet:
    """The passage with every found word marked. places: those that the passage counts."""
    start, end, folded = passage.start, passage.end, passage.text
    unsure = found.unsure
    if unsure is None or may_hide_words(text[start:end]):
        words = finder.marks(text, start, end, found.missing)
        marks = [(begin - start, stop - start) for begin, stop in words]
    else:
        marks = [(begin - start, stop - start) for begin, stop, _ in places[passage.first : passage.last + 1]]
        if unsure and (more := finder.more(text, start, end, unsure)):
            marks = sorted({*marks, *[(begin - start, stop - start) for begin, stop in more]})
    size = end - start
    word = start + marks[0][0] if marks else start
    if marks and marks[-1][1] > size:
        marks[-1] = marks[-1][0], size
    if len(folded) < size:
        marks = _shifted(text[start:end], marks)
    if passage.head:
        folded = ELLIPSIS + folded
        marks = [(begin + 1, stop + 1) for begin, stop in marks]
    if passage.tail:
        folded += ELLIPSIS
    return Snippet(folded, tuple(marks), *in_text.of(text, start, word))


def _shifted(raw: str, marks: Sequence[Mark]) -> list[Mark]:
    """The marks with offsets into the text with its white space folded."""
    # For each word between blanks: its offset in the raw text, and how many characters were cut before it.
    begins: list[int] = []
    cut: list[int] = []
    position = folded_position = 0
    for word in raw.split():
        position = raw.index(word, position)
        begins.append(position)
        cut.append(position - folded_position)
        position += len(word)
        folded_position += len(word) + 1
    shifts = [cut[bisect.bisect_right(begins, start) - 1] for start, _ in marks]
    return [(start - shift, end - shift) for (start, end), shift in zip(marks, shifts, strict=True)]
