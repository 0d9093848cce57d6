"""Makes the snippet of a text in which nothing is to be shown: its beginning."""

from __future__ import annotations

from naidi.indexer.analysis.sentences import sentence_spans, skip_blanks

from ..results import Snippet
from .shorten import ELLIPSIS, cut_at_words, fold_space
from .text_places import TextPlaces


def opening(text: str, start: int, whole: bool, max_chars: int, in_text: TextPlaces) -> tuple[Snippet, ...]:
    """A snippet of the first sentences from `start` on that fit, or of the beginning of the first one.

    whole: whether a sentence begins at `start`.
    """
    start = skip_blanks(text, start, len(text))
    shown = "" if whole else ELLIPSIS
    for first, last in sentence_spans(text, start, start + 4 * max_chars):
        sentence = fold_space(text[first:last])
        if shown not in ("", ELLIPSIS):
            if len(shown) + 1 + len(sentence) > max_chars:
                break
            shown = f"{shown} {sentence}"
        elif len(shown) + len(sentence) > max_chars:
            end = cut_at_words(sentence, 0, 0, False, False, max_chars - len(shown))[1]
            shown += sentence[:end] + ELLIPSIS
            break
        else:
            shown += sentence
    return (Snippet(shown, (), *in_text.of(text, start, start)),) if shown != ("" if whole else ELLIPSIS) else ()
