"""What is said about a question, in one line: why it has no answer, or what its answer warns of, replaces and offers."""

from __future__ import annotations

from typing import NamedTuple

from naidi.indexer.messages import message, plural, told
from naidi.indexer.printable import printable

from ..results import Results
from ..show.notices import help_line
from .marked_lines import Piece, width_of
from .palette import Palette


class Said(NamedTuple):
    """text: the line. takes: what the key of corrections does: "accept" an offer, "undo" a replacement, "" for nothing."""

    text: str
    takes: str


class Status:
    """The line about the question: what became of the last key, else why there is no answer, else what is said of the answer.

    Parameters:
      palette: the styles.
    """

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.fault = ""
        """Why there is no answer."""
        self.note = ""
        """What became of a key."""
        self.takes = ""
        """What the key of corrections does; see `Said`."""

    def pieces(
        self, results: Results | None, width: int, *, exact: bool, beginning: str | None
    ) -> tuple[list[Piece], list[Piece]]:
        """The line, its left and its right end.

        Parameters:
          results: the answer; None if nothing is asked for, or not answered yet.
          width: cells of the line.
          exact: as for `said_of`.
          beginning: as for `said_of`.
        """
        right: list[Piece] = [] if results is None or self.fault else [(count_of(results), self.palette.facts)]
        said = Said("", "")
        if results is not None and not self.fault:
            said = said_of(results, width - width_of(right) - 1, exact=exact, beginning=beginning)
        self.takes = said.takes
        if self.note:
            left: list[Piece] = [(self.note, self.palette.notice)]
            # The reason often stands at the end, and the count is known already.
            has_room = width_of([*left, *right]) < width
            return left, right if has_room else []
        if self.fault:
            return [(self.fault, self.palette.fault)], []
        return [(said.text, self.palette.notice)], right


def said_of(results: Results, width: int, *, exact: bool, beginning: str | None = None) -> Said:
    """The line about an answer.

    Parameters:
      results: the answer.
      width: cells of the line.
      exact: whether words were searched for as typed.
      beginning: the query, if its last word was searched for as a beginning.
    """
    told_ones = [one for one in results.corrections if one.told]
    takes = ""
    if any(one.action == "offered" for one in told_ones):
        takes, key = "accept", told(message("F4 takes it"))
    elif any(one.action == "instead" for one in told_ones):
        takes, key = "undo", told(message("F4: as typed"))
    if takes:
        line = help_line(results, max(width - len(key) - 2, 20)) or ""
        return Said(f"{line}  {key}", takes)
    if results.warnings:
        return Said(printable(" ".join(str(told(results.warnings[0])).split())), "")
    line = help_line(results, width) or ""
    if beginning is not None and not line:
        line = printable(str(told(message("words that begin with {word}", word=beginning.split()[-1].strip("+*")))))
    if exact:
        line = str(told(message("only as typed; F5 ends this")))
    return Said(line, "")


def accepted(query: str, results: Results) -> str | None:
    """The query with the surest offer for each typed word in its place; None if there is no offer."""
    changed = query
    done: set[str] = set()
    for one in results.corrections:
        if one.action == "offered" and one.told and one.original not in done and one.original in changed:
            changed = changed.replace(one.original, one.replacement, 1)
            done.add(one.original)
    return changed if changed != query else None


def count_of(results: Results) -> str:
    """How many documents were found, and how long it took."""
    count = plural("{number} document", "{number} documents", results.total, number=f"{results.total:,}")
    if not results.total:
        count = message("no documents")
    elif not results.total_is_exact:
        count = message("at least {count}", count=count)
    return f"{told(count)}  {results.took_ms:.0f} ms"
