"""What was found: the hits with the document of the chosen one, and what is asked for as one moves on."""

from __future__ import annotations

from collections.abc import Sequence

from ..results import Hit, Results
from .answers import Answers, Asked
from .document_view import DocumentView
from .hit_list import HitList
from .opening import at_place
from .preview import Preview

_MOST_AGAIN = 500
"""Hits that are asked for again at once when the index has changed."""


class Found:
    """The list and the preview, which go together.

    Parameters:
      hits: the list.
      preview: of its chosen hit.
      answers: is asked for documents, and for more hits.
    """

    def __init__(self, hits: HitList, preview: Preview, answers: Answers) -> None:
        self._hits, self._preview, self._answers = hits, preview, answers
        self._kept: str | None = None  # the document that stays chosen when the same is asked again
        self._is_loading_more = False

    def wanted(self, *, again: bool) -> int:
        """A question is asked: how many hits it is to give. again: if it is the same, the chosen document stays chosen."""
        hits = self._hits
        self._is_loading_more = False
        self._kept = hits.hit.id if again and hits.hit is not None else None
        limit = min(max(hits.room + 2, 10), 100)
        return max(limit, min(len(hits.hits), _MOST_AGAIN)) if again else limit

    def show(self, asked: Asked, results: Results, empty: Sequence[str]) -> None:
        """Show an answer.

        Parameters:
          asked: the question.
          results: the best hits.
          empty: lines that stand there if there is none.
        """
        self._hits.show(results.hits, results.total, empty, keep=self._kept)
        self._read(asked)

    def show_none(self, empty: Sequence[str]) -> None:
        """Show lines where nothing is asked for."""
        self._hits.show([], 0, empty)
        self._preview.show(None, None)

    def add(self, hits: Sequence[Hit]) -> None:
        """Show more hits behind the others."""
        self._is_loading_more = False
        self._hits.add(hits)

    def move_on(self, asked: Asked) -> None:
        """Another hit is chosen: show it, and see to it that there are more behind it. asked: the question."""
        self._read(asked, of_same_state=True)
        hits = self._hits
        near_end = hits.chosen >= len(hits.hits) - hits.room - 1
        if near_end and len(hits.hits) < hits.total and not self._is_loading_more:
            self._is_loading_more = True
            self._answers.ask_more(asked, len(hits.hits))

    def _read(self, asked: Asked, *, of_same_state: bool = False) -> None:
        """Have the chosen document read. What was in the preview stays until then."""
        hit = self._hits.hit
        if hit is None:
            self._preview.show(None, None)
        else:
            self._answers.open(asked, hit, self._preview.width, of_same_state=of_same_state)

    def show_document(self, hit: Hit, view: DocumentView | None) -> bool:
        """Show the document of a hit; None if it is gone. Returns whether it was waited for: another hit may be chosen by now."""
        chosen = self._hits.hit
        if chosen is None or chosen.id != hit.id:
            return False
        self._preview.show(chosen, view)
        return True

    def at_place(self) -> Hit | None:
        """The chosen hit, at the current word if its document is in the preview; None without hits."""
        hit, shown = self._hits.hit, self._preview.hit
        if hit is None:
            return None
        return at_place(hit, self._preview.view if shown is not None and shown.id == hit.id else None)
