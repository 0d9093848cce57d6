"""Results as text for a terminal: lines without line ends.

Everything that comes from a document passes through `printable`. The words found are coloured; without colour they are
between « ».
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from naidi.indexer.printable import printable

from ..results import Explanation, Hit, Mark, Results, TermMatch, marked_parts
from .terminal import MARK_END, MARK_START, display_width, wrap

_RESET = "\x1b[0m"
_TITLE = "\x1b[1m"
_PATH = "\x1b[35m"
_FACTS = "\x1b[2m"
_FOUND = "\x1b[1;31m"

MIN_WIDTH = 20


def summary_line(results: Results) -> str:
    """How many documents were found and how long it took: «3 documents (0.8 ms)». Meant for stderr."""
    number = f"{results.total:,}" if results.total else "no"
    count = f"{number} document" if results.total == 1 else f"{number} documents"
    if not results.total_is_exact:
        count = f"at least {count}"
    if results.hits and len(results.hits) < results.total:
        first, last = results.hits[0].rank, results.hits[-1].rank
        count += f", {first:,}-{last:,} shown" if first < last else f", {first:,} shown"
    return f"{count} ({results.took_ms:.1f} ms)"


# Action of a correction -> its line: {0} is the typed part, {1} the replacements, {2} the reason.
_SAID = {
    "instead": "{0}: searched for {1} instead ({2})",
    "as well": "{0}: also searched for {1} ({2})",
    "offered": "{0}: did you mean {1}? ({2})",
}


def notice_lines(results: Results) -> Iterator[str]:
    """The warnings, and the differences between what was typed and what was searched for, a line each. For stderr."""
    for warning in results.warnings:
        yield printable(warning)
    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for correction in results.corrections:
        name = (correction.action, correction.original, correction.kind, correction.note)
        alike.setdefault(name, []).append(correction.replacement)
    for (action, original, kind, note), words in alike.items():
        why = f"{kind}; {note}" if note else kind
        yield printable(_SAID[action].format(original, ", ".join(words), why))


def render_text(
    results: Results,
    *,
    colour: bool,
    width: int = 80,
    show_score: bool = False,
    explain: bool = False,
    cwd: str | Path | None = None,
) -> Iterator[str]:
    """The hits, line by line: title, path and facts, snippets. An empty line is between hits. No hits give no lines.

    Parameters:
      results: the results.
      colour: whether to colour with escape sequences.
      width: cells of the terminal, MIN_WIDTH at least.
      show_score: whether to show the score of each hit.
      explain: whether to show how each score came about, if the hit has an explanation.
      cwd: paths below this folder are shown relative to it.
    """
    width = max(width, MIN_WIDTH)
    for number, hit in enumerate(results.hits):
        if number:
            yield ""
        yield from _hit_lines(hit, colour, width, show_score, cwd)
        if explain and hit.explanation is not None:
            yield from _explanation_lines(hit.explanation, width, _indent(hit))


def _indent(hit: Hit) -> str:
    return " " * len(f"{hit.rank}. ")


def _hit_lines(hit: Hit, colour: bool, width: int, show_score: bool, cwd: str | Path | None) -> Iterator[str]:
    indent = _indent(hit)
    where = hit.id if hit.path is None else _relative(hit.path, cwd)
    title = "".join(" " if character.isspace() else character for character in hit.title)
    heading = _with_marks(title, hit.title_marks, colour) if title.strip() else printable(where)
    lines = wrap(heading, width, first=f"{hit.rank}. ", rest=indent)
    yield from _styled(lines, _TITLE if colour else "")

    facts = []
    if hit.date is not None:
        facts.append(f"{hit.date} (file time)" if hit.date_source == "mtime" else str(hit.date))
    facts += [hit.language] if hit.language else []
    facts += [f"{hit.score:.3f}"] if show_score else []
    yield from _fact_lines(
        printable(where) if title.strip() else "", printable("  ".join(facts)), indent, colour, width
    )

    for snippet in hit.snippets:
        lines = wrap(_with_marks(snippet.text, snippet.marks, colour), width, first=f"{indent}· ", rest=f"{indent}  ")
        yield from _styled(lines, "")


def _fact_lines(where: str, facts: str, indent: str, colour: bool, width: int) -> Iterator[str]:
    """The path and the facts on one line, or on two if they do not fit. A path is never broken, so it can be copied."""
    fits = display_width(f"{indent}{where}  {facts}") <= width
    if colour:
        where = f"{_PATH}{where}{_RESET}" if where else ""
        facts = f"{_FACTS}{facts}{_RESET}" if facts else ""
    parts = [part for part in (where, facts) if part]
    if fits and parts:
        parts = ["  ".join(parts)]
    for part in parts:
        yield indent + part


def _relative(path: str, cwd: str | Path | None) -> str:
    if cwd is None or not PurePath(path).is_relative_to(cwd):
        return path
    return str(PurePath(path).relative_to(cwd))


def _with_marks(text: str, marks: Sequence[Mark], colour: bool) -> str:
    """The printable text with its marks as « », or as the characters that `_styled` turns into colour."""
    before, after = (MARK_START, MARK_END) if colour else ("«", "»")
    return "".join(
        f"{before}{printable(part)}{after}" if marked else printable(part) for part, marked in marked_parts(text, marks)
    )


def _styled(lines: Iterator[str], base: str) -> Iterator[str]:
    """The lines with escape sequences for their marks, and `base` around the rest. No style goes beyond its line."""
    inside = False
    for line in lines:
        start = base + (_FOUND if inside else "")
        if MARK_START in line:
            inside = line.rindex(MARK_START) > line.rfind(MARK_END)
        elif MARK_END in line:
            inside = False
        line = line.replace(MARK_START, _FOUND).replace(MARK_END, _RESET + base)
        yield f"{start}{line}{_RESET}" if start or "\x1b" in line else line


def _explanation_lines(explanation: Explanation, width: int, indent: str) -> Iterator[str]:
    for match in explanation.matches:
        yield from wrap(_match_line(match), width, first=indent, rest=f"{indent}    ")
    parts = " + ".join(f"{match.score:.4f}" for match in explanation.matches)
    line = f"score {explanation.total:.4f}"
    if explanation.formula:
        line += f" = {printable(explanation.formula)}"
    elif parts:
        line += f" = {parts}"
    yield from wrap(line, width, first=indent, rest=f"{indent}    ")


def _match_line(match: TermMatch) -> str:
    """«met → met (key meet) ×1, meeting (key meet) ×2 | lemma body | 1.2340 = boost 1 × idf 1.1018 × tf 1.12 | …»."""
    forms = []
    for form in match.forms:
        keys = ""
        if form.keys and form.keys != (form.form,):
            keys = f" ({'key' if len(form.keys) == 1 else 'keys'} {', '.join(form.keys)})"
        forms.append(f"{form.form}{keys} ×{form.term_freq}")
    parts = f"boost {match.boost:g} × idf {match.idf:.5g} × tf {match.tf:.5g}"
    statistics = f"doc_freq {match.doc_freq}, length {match.field_length} of {match.avg_field_length:.1f} on average"
    tier = f"{match.bridge}, {match.tier}" if match.bridge else match.tier
    where = f"{match.field}, {match.keyword_freq} in names and keywords" if match.keyword_freq else match.field
    line = f"{match.word} → {', '.join(forms)} | {tier} {where} | {match.score:.4f} = {parts} | {statistics}"
    return printable(line)
