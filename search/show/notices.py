"""What is said about a search on stderr: its warnings, and in one line the help with what was typed."""

from __future__ import annotations

from naidi.indexer.printable import printable
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .terminal import display_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..results import Correction, Results

# Action of a correction -> what is said of one typed part: {0}, and its replacements: {1}.
_SAID = {
    "instead": "{0}: searched for {1} instead",
    "offered": "{0}: did you mean {1}?",
    "as well": "{0}: also searched for {1}",
}
# The same in one line: what stands before all typed parts of an action, between them and behind them, and what is said of one.
_BRIEFLY = {
    "instead": ("searched for ", "; ", "", "{1} (not {0})"),
    "offered": ("did you mean ", ", ", "?", "{1} ({0})"),
    "as well": ("also: ", "; ", "", "{1} ({0})"),
}
# Why the one line leaves a replacement out.
_UNTOLD = {
    "instead": "no document shown has its score from it",
    "offered": "shows the same, or the word is hardly a slip",
    "as well": "no document shown has its score from it",
}
# So many replacements of a typed part are named at most; fewer if the line would be too long.
_NAMED = (4, 2, 1)


class _Part(NamedTuple):
    """A typed part of a query with those of its replacements that have one action."""

    action: str
    original: str
    words: list[str]

    def briefly(self, most: int) -> str:
        """The part with at most so many replacements."""
        shown = ", ".join(self.words[:most])
        if len(self.words) > most:
            shown += f" and {len(self.words) - most} more"
        return printable(_BRIEFLY[self.action][3].format(self.original, shown))


def help_line(results: Results, width: int) -> str | None:
    """In one line, what was searched for instead of typed words or beside them, and what is offered, if it is told.

    Parameters:
      results: of the search.
      width: cells of the line at most.

    Returns None if there is nothing to tell. What has no room is counted.
    """
    parts = _parts([one for one in results.corrections if one.told])
    if not parts:
        return None
    for most in _NAMED:
        line = _line(parts, most)
        if display_width(line) <= width:
            return line
    for kept in range(len(parts) - 1, 0, -1):
        rest = f"; {len(parts) - kept} more with -v"
        line = _line(parts[:kept], 1) + rest
        if display_width(line) <= width:
            return line
    rest = f"; {len(parts) - 1} more with -v" if len(parts) > 1 else ""
    return _shortened(_line(parts[:1], 1), width - len(rest)) + rest


def _parts(corrections: Sequence[Correction]) -> list[_Part]:
    """What is told of each typed part, in the order of the corrections."""
    found: dict[tuple[str, str], _Part] = {}
    for one in corrections:
        part = found.setdefault((one.action, one.original), _Part(one.action, one.original, []))
        part.words.append(one.replacement)
    return list(found.values())


def _line(parts: Sequence[_Part], most: int) -> str:
    said = []
    for action, (before, between, behind, _) in _BRIEFLY.items():
        of_action = [part.briefly(most) for part in parts if part.action == action]
        if of_action:
            said.append(f"{before}{between.join(of_action)}{behind}")
    return "; ".join(said)


def _shortened(line: str, width: int) -> str:
    if display_width(line) <= width:
        return line
    while line and display_width(line) >= width:
        line = line[:-1]
    return f"{line}…"


def detail_lines(results: Results) -> Iterator[str]:
    """Each correction of the results, told or not, with how it came about and how sure it is; a line for those that are alike."""
    alike: dict[tuple[str, str, str, str, bool], list[str]] = {}
    for one in results.corrections:
        name = (one.action, one.original, one.kind, one.note, one.told)
        alike.setdefault(name, []).append(f"{one.replacement} {_percent(one.confidence)}".rstrip())
    for (action, original, kind, note, told), words in alike.items():
        why = "; ".join(filter(None, (kind, note, "" if told else _UNTOLD[action])))
        yield printable(f"{_SAID[action].format(original, ', '.join(words))} ({why})")


def _percent(confidence: float) -> str:
    """How sure a replacement is, as it is told; nothing of one that is certain."""
    return "" if confidence >= 0.995 else f"{confidence:.0%}"
