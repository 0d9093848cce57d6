"""The documents of a page."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .nearness import Nearness


class FoundDocument(NamedTuple):
    """A document that was found: the number of its segment, its doc id there, its score."""

    segment: int
    doc: int
    score: float


class Page(NamedTuple):
    """A page of documents.

    total: number of all documents found; a lower bound if not `exact`.
    found: the documents of the page, in order.
    nearness: the bonuses of the best documents; None if there are none.
    exact: whether all documents found were counted.
    partial: whether the time ran out.
    offset: how many documents lie before the page.
    """

    total: int
    found: list[FoundDocument]
    nearness: Nearness | None
    exact: bool = True
    partial: bool = False
    offset: int = 0
