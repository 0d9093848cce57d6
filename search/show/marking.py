"""Chooses what stands around the words found where there is no colour."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING

from ..results import Results
from .as_text import QUOTES

if TYPE_CHECKING:
    from collections.abc import Iterator

# Instead of « », where the texts have such quotes themselves.
_PLAIN = ("**", "**")


def marks_of(choice: str, results: Results, *, terminal: bool, colour: bool) -> tuple[str, str] | None:
    """What stands before and behind each word found; None for nothing.

    Parameters:
      choice: "auto" (« » on a terminal without colour, nothing elsewhere), "always" (« »), "never", or the mark itself: `**`, or
        two with a blank between, `<b> </b>`.
      results: what is shown. « » become ** if a title or a snippet has such quotes.
      terminal: whether a terminal shows it.
      colour: whether the words found have a colour.
    """
    if choice == "never" or (choice == "auto" and (colour or not terminal)):
        return None
    if choice in ("auto", "always"):
        return _PLAIN if any(quote in text for text in _texts(results) for quote in QUOTES) else QUOTES
    before, _, after = choice.partition(" ")
    return before, after or before


def _texts(results: Results) -> Iterator[str]:
    for hit in results.hits:
        yield hit.title
        for snippet in hit.snippets:
            yield snippet.text
