"""The tool `read`: lines of a document, with their numbers, as many as the budget holds, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..document_lines import DocumentLines
from ..open_index import Searcher
from ..stored_documents import StoredDocument
from .answers import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET, Answer, compact, cost_of, text_of
from .arguments import Arguments
from .documents import document_named
from .errors import ToolError
from .found_documents import date_text
from .quoting import line_text, one_line, shown_id, title_line
from .tokens import tokens_in

READ_ARGUMENTS = ("id", "from", "to", "page", "skip", "query", "budget")

_MOST_LINES = 1_000_000_000
_LINES_BEFORE = 1
# In longer texts the lines of a query are not looked for: it would take longer than to read on.
_MOST_SEARCHED = 5_000_000
_MOST_FOUND_TOLD = 12
_LONGEST_TITLE = 60
# A line is cut only if at least so much of the room is left for it; otherwise the next reading begins with it.
_WORTH_CUTTING = 0.3
_SHORTEST_PIECE = 8


@dataclass
class _Reading:
    """Where a reading begins and ends, and what was found on the way. Lines are numbered as in the file."""

    first: int
    last: int
    skip: int = 0
    found: tuple[int, ...] = ()


@dataclass
class _Read:
    """What of a document is shown: its lines, the number of the last, and where the next reading begins."""

    lines: list[str]
    values: list[dict[str, Any]]
    last: int
    following: int | None = None
    skip: int = 0


def read(searcher: Searcher, given: dict[str, Any], *, with_values: bool) -> Answer:
    """Answer a call of `read`. Raises ToolError, InvalidQuery and IndexProblem."""
    arguments = Arguments("read", given, READ_ARGUMENTS)
    budget = arguments.whole("budget", DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET)
    document, cited = document_named(searcher, arguments.needed("id"))
    if document.text is None:
        place = f" Its file is {one_line(document.path)}" if document.path else ""
        raise ToolError(f"the index keeps no texts, so it cannot be read here.{place}")
    lines = DocumentLines(document)
    reading = _reading(searcher, document, lines, arguments, cited)
    head, notes = _head(document), _notes(document, reading, budget)
    if cost_of([head]) > budget // 3:
        head = ""  # the agent knows the id
    named = bool(head)
    frame = _values(document, lines, reading, _Read([], [], lines.last, lines.last, len(document.text)), named=named)
    longest = _range(lines, lines.last, lines.last, lines.last, len(document.text))
    room = budget - cost_of([head + longest, *notes]) - (tokens_in(compact(frame)) if with_values else 0)
    shown = _lines_within(document, lines, reading, room, with_values=with_values)
    if not shown.lines and (shown.following, shown.skip) == (reading.first, reading.skip):
        raise ToolError(f"the budget of {budget} tokens holds nothing of line {reading.first}: raise it")
    reach = _range(lines, reading.first, shown.last, shown.following, shown.skip)
    text = text_of([[head + reach, *notes], shown.lines])
    return Answer(text, _values(document, lines, reading, shown, named=named) if with_values else None)


def _reading(
    searcher: Searcher, document: StoredDocument, lines: DocumentLines, arguments: Arguments, cited: int | None
) -> _Reading:
    given, last = arguments.whole_or_none("from", 1, _MOST_LINES), arguments.whole_or_none("to", 1, _MOST_LINES)
    first = given
    page, query = arguments.whole_or_none("page", 1, _MOST_LINES), arguments.text("query")
    skip = arguments.whole("skip", 0, 0, _MOST_LINES)
    if page is not None and not lines.pages:
        raise ToolError("this document has no pages: use from, a line")
    if page is not None and page > lines.pages:
        raise ToolError(f"page {page:,}: the document has {lines.pages:,} pages")
    found = _found_lines(searcher, document, lines, query) if query else ()
    if first is None and page is not None:
        first = lines.line_of(lines.page_span(page, page)[0])
    if first is None and cited is not None and lines.first <= cited <= lines.last:
        first = cited
    if first is None and found:
        first = max(lines.first, _best_line(searcher, document, lines, query, found[0]) - _LINES_BEFORE)
    if first is None:
        first = lines.first
    first = max(first, lines.first)
    has = f"the document has the lines {lines.first} to {lines.last}"
    if last is not None and last < first:
        begins = f"line {first}, where it would begin" if given is None else f"from={first}"
        raise ToolError(f"to={last} is before {begins}: {has}")
    if first > lines.last:
        raise ToolError(f"from={first}: {has}")
    return _Reading(first, min(lines.last, last or lines.last), skip, found)


def _found_lines(searcher: Searcher, document: StoredDocument, lines: DocumentLines, query: str) -> tuple[int, ...]:
    text = document.text or ""
    if len(text) > _MOST_SEARCHED:
        return ()
    marks = searcher.highlight(text, query).marks
    return tuple(dict.fromkeys(lines.line_of(start) for start, _ in marks))


def _best_line(searcher: Searcher, document: StoredDocument, lines: DocumentLines, query: str, first: int) -> int:
    best = searcher.snippets(document.text or "", query, 1)
    return lines.line_of(best[0].start) if best and best[0].marks else first


def _head(document: StoredDocument) -> str:
    language = document.language if document.language not in (None, "und") else None
    facts = " ".join(fact for fact in (date_text(document), language) if fact)
    return f"{shown_id(document.id)}{f' | {facts}' if facts else ''} | "


def _range(lines: DocumentLines, first: int, last: int, following: int | None, skip: int) -> str:
    pages = f", {lines.pages:,} pages" if lines.pages else ""
    end = " (the end)" if following is None and last == lines.last else ""
    more = "" if following is None else f"; more: from={following}{f' skip={skip}' if skip else ''}"
    return f"lines {first}-{last} of {lines.last}{pages}{end}{more}"


def _notes(document: StoredDocument, reading: _Reading, budget: int) -> list[str]:
    notes = []
    title = title_line(document.title, document.id)
    if title is not None and reading.first <= document.first_line and cost_of([title]) < budget // 4:
        notes.append(title)
    if reading.found:
        told = ", ".join(map(str, reading.found[:_MOST_FOUND_TOLD]))
        notes.append(f"query found in lines {told}{', …' if len(reading.found) > _MOST_FOUND_TOLD else ''}")
    return notes


def _lines_within(
    document: StoredDocument, lines: DocumentLines, reading: _Reading, room: int, *, with_values: bool
) -> _Read:
    text, shown, skip = document.text or "", _Read([], [], reading.first), reading.skip
    left, page = room, None
    for number in range(reading.first, reading.last + 1):
        start, end = lines.span(number, number)
        if number == reading.first and skip > end - start:
            raise ToolError(f"skip={skip}: line {number} has {end - start} characters")
        start += skip
        new = lines.page_of(start) if lines.pages else None
        said = [f"[page {new}]"] if new != page else []
        whole = line_text(text[start:end])
        line = f"{number}>{'…' if skip else ''} {whole}"
        cost = cost_of([*said, line]) + _value_cost(number, new, whole, with_values)
        if not whole and not skip:
            shown.last = number  # the number of the next line says that there was an empty one
            continue
        if cost > left:
            return _cut(shown, number, new, said, text[start:end], skip, (left, room), with_values=with_values)
        shown.lines += [*said, line]
        shown.values += [_value(number, new, whole)] if with_values else []
        shown.last, left, page, skip = number, left - cost, new, 0
    shown.following = reading.last + 1 if reading.last < lines.last else None
    return shown


def _cut(
    shown: _Read,
    number: int,
    page: int | None,
    said: list[str],
    rest: str,
    skip: int,
    room: tuple[int, int],
    *,
    with_values: bool,
) -> _Read:
    """Show a part of a line that does not fit, if that is worth it, and say where the next reading begins."""
    left, whole_room = room
    shown.following, shown.skip = number, skip
    if shown.lines and left < whole_room * _WORTH_CUTTING:
        return shown

    def piece_of(length: int) -> tuple[str, int]:
        piece = line_text(rest[:length])
        line = f"{number}>{'…' if skip else ''} {piece}…"
        return line, cost_of([*said, line]) + _value_cost(number, page, piece, with_values)

    low, high = 0, len(rest)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if piece_of(middle)[1] <= left else (low, middle - 1)
    blank = rest.rfind(" ", low * 2 // 3, low)
    length = blank + 1 if blank > 0 else low
    if length < min(_SHORTEST_PIECE, len(rest)):
        return shown
    line, _ = piece_of(length)
    shown.lines += [*said, line]
    shown.values += [_value(number, page, line_text(rest[:length]))] if with_values else []
    shown.last, shown.skip = number, skip + length
    return shown


def _value(number: int, page: int | None, text: str) -> dict[str, Any]:
    return {"line": number, **({} if page is None else {"page": page}), "text": text}


def _value_cost(number: int, page: int | None, text: str, with_values: bool) -> int:
    return tokens_in(compact(_value(number, page, text))) + 1 if with_values else 0


def _values(
    document: StoredDocument, lines: DocumentLines, reading: _Reading, shown: _Read, *, named: bool
) -> dict[str, Any]:
    values: dict[str, Any] = {"last_line": lines.last, "lines": shown.values}
    if named:
        values |= {"id": shown_id(document.id), "title": one_line(document.title)[:_LONGEST_TITLE]}
    if document.date is not None:
        values["date"], values["date_source"] = document.date.isoformat(), document.date_source
    if lines.pages:
        values["pages"] = lines.pages
    if reading.found:
        values["found"] = list(reading.found[:_MOST_FOUND_TOLD])
    if shown.following is not None:
        values["next"] = {"from": shown.following, **({"skip": shown.skip} if shown.skip else {})}
    return values
