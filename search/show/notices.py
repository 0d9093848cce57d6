"""What is said about a search on stderr: its warnings, and in one line the help with what was typed."""

from __future__ import annotations

from naidi.indexer.messages import Message, message, told
from naidi.indexer.printable import printable
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .terminal import display_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..results import Correction, Results

_ACTIONS = ("instead", "offered", "as well")
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
            shown = told(message("{words} and {count} more", words=shown, count=len(self.words) - most))
        if self.action == "instead":
            return printable(told(message("{words} (not {typed})", words=shown, typed=self.original)))
        return printable(f"{shown} ({self.original})")


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
        line = _with_rest(_line(parts[:kept], 1), len(parts) - kept)
        if display_width(line) <= width:
            return line
    line, room = _line(parts[:1], 1), width
    if len(parts) > 1:
        room -= display_width(_with_rest("", len(parts) - 1))
        return _with_rest(_shortened(line, room), len(parts) - 1)
    return _shortened(line, room)


def _with_rest(line: str, count: int) -> str:
    """A line, and that so many parts had no room in it."""
    told_all: str = told(message("{line}; {count} more with -v", line=line, count=count))
    return told_all


def _parts(corrections: Sequence[Correction]) -> list[_Part]:
    """What is told of each typed part, in the order of the corrections."""
    found: dict[tuple[str, str], _Part] = {}
    for one in corrections:
        part = found.setdefault((one.action, one.original), _Part(one.action, one.original, []))
        part.words.append(one.replacement)
    return list(found.values())


def _line(parts: Sequence[_Part], most: int) -> str:
    said = []
    for action in _ACTIONS:
        of_action = [part.briefly(most) for part in parts if part.action == action]
        if of_action and action == "instead":
            said.append(message("searched for {words}", words="; ".join(of_action)))
        elif of_action and action == "offered":
            said.append(message("did you mean {words}?", words=", ".join(of_action)))
        elif of_action:
            said.append(message("also: {words}", words="; ".join(of_action)))
    return "; ".join(map(told, said))


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
    for (action, original, kind, note, is_told), words in alike.items():
        parts = (kind_of(kind), note, "" if is_told else _why_untold(action))
        why = "; ".join(filter(None, map(told, parts)))
        yield printable(told(_detail(action, original, ", ".join(words), why)))


def _detail(action: str, typed: str, words: str, why: str) -> Message:
    """What is said of one typed part, its replacements, and how they came about."""
    if action == "instead":
        return message("{typed}: searched for {words} instead ({why})", typed=typed, words=words, why=why)
    if action == "offered":
        return message("{typed}: did you mean {words}? ({why})", typed=typed, words=words, why=why)
    return message("{typed}: also searched for {words} ({why})", typed=typed, words=words, why=why)


def _why_untold(action: str) -> Message:
    """Why the one line leaves a replacement out."""
    if action == "offered":
        return message("shows the same, or the word is hardly a slip")
    return message("no document shown has its score from it")


def kind_of(kind: str) -> str:
    """The kind of a correction, as it is told."""
    match kind:
        case "layout":
            return message("layout")
        case "romanisation":
            return message("romanisation")
        case "spelling":
            return message("spelling")
        case "synonym":
            return message("synonym")
        case "translation":
            return message("translation")
        case "derivation":
            return message("derivation")
        case "expansion":
            return message("expansion")
        case _:
            return kind


def _percent(confidence: float) -> str:
    """How sure a replacement is, as it is told; nothing of one that is certain."""
    return "" if confidence >= 0.995 else f"{confidence:.0%}"
