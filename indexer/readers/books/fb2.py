"""The reader of FictionBook files, plain (.fb2) or packed (.fb2.zip).

The annotation stands first, then the body, then the notes. Pictures are left out. Many files in circulation are no sound XML;
of these the tags are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ...messages import message, sentence
from ..blocks import Blocks
from ..content import Content, Source
from ..declared_charset import decode_declared
from ..facts import Facts, split_tags
from ..markup_text import markup_text
from ..nested import Inside
from ..safe_xml import Attributes, BadXml, parse_xml
from ..unpacking import CHUNK, OutOfTime, TooLarge, renamed
from ..zip_file import open_zip

_PARAGRAPHS = ("p", "v", "subtitle", "text-author")
_CELLS = ("td", "th")
_PEOPLE = ("author", "translator")
_NAMES = ("first-name", "middle-name", "last-name", "nickname")
_FACTS = {"book-title": "title", "genre": "genre", "lang": "language", "date": "date"}
_SKIPPED = frozenset(
    ("binary", "stylesheet", "document-info", "publish-info", "src-title-info", "custom-info", "coverpage", "output")
)
_SEARCHED = ("author", "translator", "series", "tags", "genre")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")


def read_fb2(source: Source) -> Iterator[Content]:
    """The book; of a packed file each book in it. Raises ValueError for what is none."""
    if not source.data.startswith(b"PK\3\4"):
        yield read_book(source)
        return
    packed = open_zip(source)
    books = [each for each in packed.members if each.name.lower().endswith(".fb2")]
    if len(books) == 1:
        yield read_book(renamed(source, books[0].name, packed.read(books[0])))
        return
    inside = Inside(source)
    for number, book in enumerate(books):
        if source.is_late():
            inside.leave_out(message("out of time"), len(books) - number)
            break
        try:
            yield from inside.read(book.name, packed.read(book))
        except (OutOfTime, TooLarge) as error:
            inside.leave_out(sentence(error), len(books) - number)
            break
        except ValueError as error:
            inside.leave_out(sentence(error))
    yield from inside.rest("book")


def read_book(source: Source) -> Content:
    """One book that is not packed. Raises ValueError for what is none."""
    data = source.data
    if b"FictionBook" not in data[:CHUNK].replace(b"\0", b""):
        raise ValueError(message("no FictionBook file"))
    book = _Book()
    warnings: tuple[str, ...] = ()
    text = ""
    try:
        book.read((data[start : start + CHUNK] for start in range(0, len(data), CHUNK)), source.is_late)
    except BadXml as error:
        warnings = (sentence(error),)
        if not str(error).startswith(("damaged", "unknown")):
            raise
        text = _without_tags(data)
    except (OutOfTime, TooLarge) as error:
        warnings = (message("not read to its end: {error}", error=error),)
    return book.facts.content(text or book.blocks.text(), warnings=warnings, searched=_SEARCHED)


class _Book:
    """Collects the facts and the text of a book."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.blocks = Blocks()
        self._in_title_info = False
        self._taken: list[str] | None = None
        self._date = ""
        self._person: dict[str, str] = {}

    def read(self, chunks: Iterable[bytes], is_late: Callable[[], bool]) -> None:
        blocks = self.blocks
        facts = (*_FACTS, *_NAMES, "keywords")
        parse_xml(
            chunks,
            starts={
                "title-info": self._begin_title_info,
                "sequence": self._sequence,
                **dict.fromkeys(facts, self._begin_fact),
                **dict.fromkeys(_PEOPLE, self._begin_person),
                **dict.fromkeys(_PARAGRAPHS, blocks.open_paragraph),
                **dict.fromkeys(_CELLS, self._begin_cell),
                "tr": blocks.open_row,
            },
            ends={
                "title-info": self._end_title_info,
                **{name: self._end_fact(name) for name in facts},
                **{name: self._end_person(name) for name in _PEOPLE},
                **dict.fromkeys(_PARAGRAPHS, blocks.close_paragraph),
                **dict.fromkeys(_CELLS, self._end_cell),
                "tr": blocks.close_row,
            },
            text=self._text,
            skip=_SKIPPED,
            is_late=is_late,
        )

    def _text(self, data: str) -> None:
        if self._taken is None:
            self.blocks.add(data)
        else:
            self._taken.append(data)

    def _begin_cell(self, _: Attributes) -> None:
        self.blocks.open_cell()
        self.blocks.open_paragraph()

    def _end_cell(self) -> None:
        self.blocks.close_paragraph()
        self.blocks.close_cell()

    def _begin_title_info(self, _: Attributes) -> None:
        self._in_title_info = True

    def _end_title_info(self) -> None:
        self._in_title_info = False

    def _begin_fact(self, attributes: Attributes) -> None:
        if self._in_title_info:
            self._taken = []
            self._date = attributes.get("value", "")

    def _end_fact(self, name: str) -> Callable[[], None]:
        def end() -> None:
            if self._taken is None:
                return
            value = "".join(self._taken)
            self._taken = None
            if name in _NAMES:
                self._person[name] = value
            elif name == "keywords":
                for tag in split_tags(value):
                    self.facts.add("tags", tag)
            elif name == "date":
                self.facts.add("date", self._date or value)
            else:
                self.facts.add(_FACTS[name], value)

        return end

    def _begin_person(self, _: Attributes) -> None:
        self._person = {}

    def _end_person(self, kind: str) -> Callable[[], None]:
        def end() -> None:
            if self._in_title_info:
                parts = [self._person.get(name, "").strip() for name in _NAMES]
                self.facts.add(kind, " ".join(filter(None, parts[:3])) or parts[3])
            self._person = {}

        return end

    def _sequence(self, attributes: Attributes) -> None:
        if self._in_title_info:
            self.facts.add("series", f"{attributes.get('name', '')} {attributes.get('number', '')}")


def _without_tags(data: bytes) -> str:
    """The text of a book that is no sound XML."""
    declared = _DECLARED.match(data[:300])
    text = decode_declared(data, declared.group(1).decode("ascii") if declared else "").text
    # In HTML, a title is not shown.
    text = re.sub(r"(</?)title\b", r"\1section", text)
    return markup_text(text, unseen=_SKIPPED | {"description"}).text
