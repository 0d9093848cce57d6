"""What is said about a search on stderr: its warnings, and in one line the help with what was typed."""

from __future__ import annotations

from collections.abc import Iterator

from naidi.indexer.printable import printable

from ..results import Correction, Results

# Action of a correction -> what is said of it: {0} is the typed part, {1} the replacements. The surest come first.
_SAID = {
    "instead": "{0}: searched for {1} instead",
    "offered": "{0}: did you mean {1}?",
    "as well": "{0}: also searched for {1}",
}
# The line has at most so many words for each typed part, and so many characters.
_WORDS = 4
_LINE = 160


def help_line(results: Results) -> str | None:
    """In one line, what was searched for instead of typed words or beside them, and what is offered; None if there is nothing."""
    parts: list[str] = []
    for action, said in _SAID.items():
        for original, words in _by_original(results.corrections, action).items():
            shown = ", ".join(words[:_WORDS]) + (f" and {len(words) - _WORDS} more" if len(words) > _WORDS else "")
            parts.append(printable(said.format(original, shown)))
    if not parts:
        return None
    line, kept = _shortened(parts[0]), 1
    while kept < len(parts) and len(line) + len(parts[kept]) + 2 <= _LINE:
        line, kept = f"{line}; {parts[kept]}", kept + 1
    return f"{line}; more with -v" if kept < len(parts) else line


def _by_original(corrections: tuple[Correction, ...], action: str) -> dict[str, list[str]]:
    """The typed parts with such a correction, and their replacements, each once: НАТО and нато are one."""
    found: dict[str, list[str]] = {}
    said: set[str] = set()
    for correction in corrections:
        if correction.action == action:
            words = found.setdefault(correction.original, [])
            folded = f"{correction.original} {correction.replacement}".casefold()
            if folded not in said:
                said.add(folded)
                words.append(correction.replacement)
    return found


def _shortened(part: str) -> str:
    return part if len(part) <= _LINE else f"{part[: _LINE - 1]}…"


def detail_lines(results: Results) -> Iterator[str]:
    """Each correction of the results, and how it came about. A line for those that differ in the replacement alone."""
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for correction in results.corrections:
        name = (correction.action, correction.original, correction.kind, correction.note)
        alike.setdefault(name, []).append(correction.replacement)
    for (action, original, kind, note), words in alike.items():
        why = f"{kind}; {note}" if note else kind
        yield printable(f"{_SAID[action].format(original, ', '.join(words))} ({why})")
