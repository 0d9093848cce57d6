"""Puts texts of documents into a page: escaped, with the words found as <mark>, and with nothing in them that acts.

Control characters, and marks that change the direction of writing, are shown as ␛ or �, as on a terminal. Each is one character for
one, so places stay right.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from html import escape

from markupsafe import Markup

from naidi.indexer.printable import printable

from ..results import Mark, marked_parts


def clean(text: str) -> str:
    """The text with what would act replaced, tabs aside, and of the same length."""
    return text if text.isprintable() else "\t".join(map(printable, text.split("\t")))


def marked(text: str, marks: Sequence[Mark] = ()) -> Markup:
    """One line as HTML: line ends, too, are shown as characters."""
    parts = [
        f"<mark>{escape(part)}</mark>" if is_marked else escape(part)
        for part, is_marked in marked_parts(printable(text), marks)
    ]
    return Markup("".join(parts))


def breakable(path: str) -> Markup:
    """A path, an id or the name of a folder as HTML: a narrow column breaks it behind a slash."""
    return Markup(escape(printable(path)).replace("/", "/<wbr>"))


def marked_lines(
    text: str,
    span: Mark,
    marks: Sequence[Mark],
    *,
    number: int = 1,
    line: int | None = None,
    place: int | None = None,
    links: tuple[str, str] | None = None,
    pages: Sequence[int] = (),
    page_name: Callable[[int], str] = str,
) -> Markup:
    """A part of a text as HTML, an element for each line. The words found are `m1`, `m2` and so on, lines `L1`, `L2`,
    pages `p1`, `p2`.

    Parameters:
      text: of the document.
      span: of the part, in code points.
      marks: places in the whole text, sorted and disjoint.
      number: of the first mark.
      line: the number of the line in which the part begins; None for lines without numbers.
      place: where somebody wants to look, in code points; None for nowhere. The next word found, or the line, is `at`.
      links: names of a link to the word found before and to that behind, which stand at each; None for no links.
      pages: where each page begins, in code points; empty without pages. A page may begin within a line.
      page_name: what is written over a page, of its number.
    """
    position, end = span
    at = _mark_at(marks, place)
    here = deque((number + each, mark) for each, mark in enumerate(marks) if mark[0] < end and mark[1] > position)
    numbers = range(here[0][0], here[-1][0] + 1) if here else range(0)
    lines: list[str] = []
    page = bisect_right(pages, position)
    if pages:
        page = max(page, 1)
        lines.append(_page_begins(page, page_name))
    continued = False
    while True:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        broken = page < len(pages) and position < pages[page] < stop
        if broken:
            stop = pages[page]
        pieces: list[str] = []
        if at is None and place is not None and position <= place <= stop:
            pieces.append(_AT)
            place = None
        done = position
        while here and here[0][1][0] < stop:
            name, (low, high) = here[0]
            start, cut = max(low, done), min(high, stop)
            pieces.append(escape(clean(text[done:start])))
            if low == at:
                pieces.append(_AT)
                at = place = None
            if cut > start:
                # The rest of a phrase that goes over the end of a line has no name of its own.
                named = f' id="m{name}"' if low == start else ""
                pieces.append(f"<mark{named}>{escape(clean(text[start:cut]))}</mark>")
            done = cut
            if high > stop:
                break
            here.popleft()
            if links is not None and len(numbers) > 1:
                pieces.append(_links(name, numbers, links))
        pieces.append(escape(clean(text[done:stop])))
        told = "" if line is None or continued else f' id="L{line}" data-n="{line}"'
        lines.append(f'<div class="line"{told}>{"".join(pieces)}</div>')
        if stop >= end:
            return Markup("".join((*lines, "</div>" if pages else "")))
        position, continued = (stop, True) if broken else (stop + 1, False)
        line = line if line is None or broken else line + 1
        following = bisect_right(pages, position)
        if following > page:
            page = following
            lines.append(f"</div>{_page_begins(page, page_name)}")


def _page_begins(number: int, name: Callable[[int], str]) -> str:
    return f'<div class="page" id="p{number}"><p class="page-name">{escape(name(number))}</p>'


def _links(name: int, numbers: range, links: tuple[str, str]) -> str:
    """Links from a word found to its neighbours. They are shown at the one that was gone to, so that no script is needed."""
    before = name - 1 if name > numbers[0] else numbers[-1]
    behind = name + 1 if name < numbers[-1] else numbers[0]
    told, said = map(escape, links)
    return (
        f'<span class="go"><a href="#m{before}" aria-label="{told}">↑</a>'
        f'<a href="#m{behind}" aria-label="{said}">↓</a></span>'
    )


_AT = '<span id="at"></span>'
# A word found that stands farther behind a place is not what was looked for there.
_NEAR = 1_000


def _mark_at(marks: Sequence[Mark], place: int | None) -> int | None:
    """Where the mark begins that stands at a place; None if none does."""
    if place is None:
        return None
    return next((low for low, _ in marks if place <= low <= place + _NEAR), None)
