"""How does a text of somebody else stand in an answer, so that it is not taken for words of naidi?

What a document says stands behind `>` at the beginning of a line, `12>`, `12-14>` or `p3 12>`: the lines, or page and line, where
it says so. No other line of an answer begins like that, and a quoted text cannot end its line. Characters that would steer a
terminal, turn the direction of writing or hide are shown as ␛ or �.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote

from naidi.indexer.printable import printable

from ..bridges.function_words import is_function_word
from ..document_lines import DocumentLines
from ..results import Mark, Snippet
from ..snippets.shorten import cut_at_words

SCHEME = "naidi://documents/"
"""What the address of a document begins with, as a resource. The id follows, percent-encoded."""

_LONGEST_TITLE = 120
_SHORTEST = 20


def one_line(text: str) -> str:
    """The text as one line that is safe to show. White space is one space."""
    return printable(" ".join(text.split()))


def line_text(text: str) -> str:
    """A line of a document, safe to show, with its indentation. A tab is a space."""
    return printable(text.replace("\t", " ").rstrip(" \r"))


def shown_id(doc_id: str) -> str:
    """The id, as an agent may give it back: percent-encoded as an address if it has what would be shown otherwise."""
    if doc_id == printable(doc_id) and doc_id == doc_id.strip() and not doc_id.startswith(SCHEME):
        return doc_id
    return address_of(doc_id)


def address_of(doc_id: str) -> str:
    """The address of a document as a resource."""
    return SCHEME + quote(doc_id, safe="/")


def id_of(address: str) -> str:
    """The id in an address; any other text is given back."""
    return unquote(address.removeprefix(SCHEME)) if address.startswith(SCHEME) else address


def title_line(title: str, doc_id: str) -> str | None:
    """A line with the title of a document; None if the id says the same."""
    shown = one_line(title)
    letters = _letters(shown.rstrip("…"))
    if not letters or letters in _letters(doc_id):
        return None
    if len(shown) > _LONGEST_TITLE:
        shown = f"{shown[:_LONGEST_TITLE]}…"
    return f"> {shown}"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


class Quote(NamedTuple):
    """A text of a document on one line, the lines it stands in, and its page; None without pages."""

    text: str
    first: int
    last: int
    page: int | None

    @property
    def line(self) -> str:
        """As it stands in an answer."""
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{lines}> {self.text}" if self.page is None else f"p{self.page} {lines}> {self.text}"


class Passage:
    """A passage of a document that can be shown shorter.

    Parameters:
      snippet: the passage.
      text: of the document; None if it is not known. Then the line of the first word found is given alone.
      lines: says in which line and on which page a place of the text stands.
      weights: of the forms found, case-folded: (word of the query, its weight). Those that it does not name weigh nothing. If it is
        empty, all weigh the same, but for function words.
    """

    def __init__(
        self,
        snippet: Snippet,
        text: str | None,
        lines: DocumentLines | None = None,
        weights: Mapping[str, tuple[str, float]] = MappingProxyType({}),
    ) -> None:
        self.snippet = snippet
        self._lines = lines
        self._weights = weights
        self._places = None if text is None else _places(snippet, text)

    @cached_property
    def worth(self) -> tuple[float, int]:
        """What it is worth beside other passages: the weight of the different words that are found in it, and how many places."""
        return self._weight_of(self.snippet.marks), len(self.snippet.marks)

    def _weight_of(self, marks: Sequence[Mark]) -> float:
        words: dict[str, float] = {}
        for start, end in marks:
            form = self.snippet.text[start:end].casefold()
            word, weight = self._weights.get(form, (form, 0.0 if self._weights or is_function_word(form) else 1.0))
            words[word] = max(weight, words.get(word, 0.0))
        return sum(words.values())

    def cut(self, chars: int) -> tuple[int, int]:
        """[start, end) of the part that is shown in so many characters: around the words found that weigh most together."""
        text, marks = self.snippet.text, self.snippet.marks
        if len(text) <= chars:
            return 0, len(text)
        chars = max(chars, _SHORTEST)
        near = [
            [mark for mark in marks[first:] if mark[1] - start <= chars - 2] for first, (start, _) in enumerate(marks)
        ]
        best = max(near, key=self._weight_of, default=[])
        core = (best[0][0], best[-1][1]) if best else marks[0] if marks else (0, 0)
        return cut_at_words(text, *core, False, False, chars)

    def shown(self, chars: int) -> list[Quote]:
        """The passage in so many characters, in a part for each page that it touches."""
        start, end = self.cut(chars)
        whole = self.snippet.text
        quotes = [
            Quote(said, *self._where(first, last))
            for first, last in self._by_page(start, end)
            if (said := one_line(whole[first:last]))
        ]
        if not quotes:
            return []
        if start:
            quotes[0] = quotes[0]._replace(text=f"…{quotes[0].text}")
        if end < len(whole):
            quotes[-1] = quotes[-1]._replace(text=f"{quotes[-1].text}…")
        return quotes

    def _where(self, start: int, end: int) -> tuple[int, int, int | None]:
        """(first line, last line, page) of a part."""
        if not self._places or self._lines is None:
            return self.snippet.line, self.snippet.line, self.snippet.page
        first, last = self._places[start], self._places[max(start, end - 1)]
        return self._lines.line_of(first), self._lines.line_of(last), self._lines.page_of(first)

    def _by_page(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """[start, end) of each part of a part that stands on a page of its own. White space belongs to the part before."""
        if self._places and self._lines is not None and start < end:
            text, page = self.snippet.text, self._lines.page_of(self._places[start])
            crosses = self._lines.page_of(self._places[end - 1]) != page
            for at in range(start, end) if crosses else ():
                new = self._lines.page_of(self._places[at])
                if new != page and not text[at].isspace():
                    yield start, at
                    start, page = at, new
        yield start, end


def _places(snippet: Snippet, text: str) -> list[int]:
    """Where each character of a snippet stands in the text; empty if the text is another one."""
    places: list[int] = []
    place, size = snippet.start, len(text)
    for number, char in enumerate(snippet.text):
        if char == "…" and number in (0, len(snippet.text) - 1) and text[place : place + 1] != "…":
            places.append(min(place, size - 1))
            continue
        if char == " ":
            places.append(min(place, size - 1))
            continue
        while place < size and text[place] != char and text[place].isspace():
            place += 1
        if place >= size or text[place] != char:
            return []
        places.append(place)
        place += 1
    return places
