"""The class Document: one document as an application or a reader hands it to the indexer.

A Document is checked when it is made and never changes. It can be pickled, so worker processes can pass it on.
"""

from __future__ import annotations

import datetime
import math
import operator
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import InvalidDocument
from .fields import flattened, well_formed
from .file_facts import DATE_SOURCES, LATEST_MTIME
from .messages import message

MAX_ID = 1024
"""The longest id, in code points."""

_LARGEST_SIZE = 1 << 62

Scalar = str | int | float | bool | None

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Document:
    """One document, given by an application or read from a file.

    Parameters:
      id: its name in the index. Not blank, at most MAX_ID code points, no NUL, no lone surrogate.
      text: the body.
      title: the title; may be empty.
      date: a day. A datetime is narrowed to its day.
      path: where it came from, for display. An os.PathLike of str is stored as str.
      meta: JSON scalars by name. The mapping is copied. They are handed back with hits, and not searched.
      fields: values by the names of a schema, see `Writer`. A mapping among them gives dotted names. The mapping is copied. Whether
        the values fit, the writer says that knows the schema.
      language: a language code such as "en". None means that indexing detects it.
      keywords: words that find it, as the text does, but are never shown: tags, aliases, authors.
      names: words of its name, such as those of its file. They are like keywords, but count more than a word of the text.
      pages: where each page begins in `text`, in code points; the first is 0. Empty without pages.
      first_line: the line of the file in which `text` begins, from 1.
      size: bytes of its file. None if unknown.
      mtime: when its file was changed, in seconds since 1970. None if unknown.
      date_source: what the date was taken from, one of DATE_SOURCES. None means "given" if there is a date.

    In text, title, path, meta, keywords and names a lone surrogate becomes U+FFFD, and a surrogate pair becomes its character.

    Raises InvalidDocument if a field has the wrong type or an unusable value.
    """

    id: str
    text: str
    title: str = ""
    date: datetime.date | None = None
    path: str | None = None
    meta: Mapping[str, Scalar] = field(default_factory=dict, hash=False)
    language: str | None = None
    keywords: str = ""
    names: str = ""
    pages: Sequence[int] = ()
    first_line: int = 1
    size: int | None = None
    mtime: int | None = None
    date_source: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check_id(self.id)
        put = object.__setattr__
        put(self, "text", self._text_of("text", self.text))
        put(self, "title", self._text_of("title", self.title))
        put(self, "date", self._day())
        put(self, "path", self._path())
        put(self, "meta", self._meta())
        put(self, "fields", self._fields())
        if self.language is not None and not (isinstance(self.language, str) and _LANGUAGE.fullmatch(self.language)):
            raise self._invalid(
                "language", self.language, message('a language code such as "en", or None to have it detected')
            )
        put(self, "keywords", self._text_of("keywords", self.keywords))
        put(self, "names", self._text_of("names", self.names))
        put(self, "pages", self._pages())
        self._check_number("first_line", self.first_line, 1, _LARGEST_SIZE)
        if self.size is not None:
            self._check_number("size", self.size, 0, _LARGEST_SIZE)
        if self.mtime is not None:
            self._check_number("mtime", self.mtime, 0, LATEST_MTIME)
        put(self, "date_source", self._date_source())

    def _check_number(self, name: str, number: object, least: int, most: int) -> None:
        if type(number) is not int or not least <= number <= most:
            raise self._invalid(name, number, message("a whole number from {least} to {most}", least=least, most=most))

    def _pages(self) -> tuple[int, ...]:
        pages = self.pages
        if pages == ():
            return ()
        if isinstance(pages, Sequence) and not isinstance(pages, (str, bytes)):
            pages = tuple(pages)
            ascending = all(type(page) is int for page in pages) and all(map(operator.le, pages, pages[1:]))
            if not pages or (ascending and pages[0] == 0 and pages[-1] <= len(self.text)):
                return pages
        raise self._invalid("pages", pages, message("ascending offsets in the text, the first one 0"))

    def _date_source(self) -> str | None:
        if self.date_source is not None and self.date_source not in DATE_SOURCES:
            raise self._invalid(
                "date_source", self.date_source, message("one of {known}", known=", ".join(DATE_SOURCES))
            )
        if self.date is None:
            return None
        return "given" if self.date_source in (None, "none") else self.date_source

    def _text_of(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            a_text = message("a str; decode the bytes first") if isinstance(value, bytes) else message("a str")
            raise self._invalid(name, value, a_text)
        return well_formed(value)

    def _day(self) -> datetime.date | None:
        date = self.date
        if isinstance(date, datetime.datetime):
            return date.date()
        if date is None or isinstance(date, datetime.date):
            return date
        raise self._invalid("date", date, message("a datetime.date; datetime.date.fromisoformat makes one of a string"))

    def _path(self) -> str | None:
        if self.path is None:
            return None
        try:
            path = os.fspath(self.path)
        except TypeError:
            path = self.path
        return self._text_of("path", path)

    def _fields(self) -> dict[str, Any]:
        if not isinstance(self.fields, Mapping):
            raise self._invalid("fields", self.fields, message("a mapping of names to values"))
        if not self.fields:
            return {}
        try:
            found = list(flattened(self.fields))
        except ValueError as error:
            raise InvalidDocument(message("document {id!r}: fields: {error}", id=self.id, error=error)) from None
        names = [name for name, _ in found]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidDocument(
                message(
                    "document {id!r}: fields: {twice!r} is given twice, once with dots and once in a mapping",
                    id=self.id,
                    twice=twice,
                )
            )
        # A list that its owner changes later must not change the document.
        return {name: list(value) if isinstance(value, list) else value for name, value in found}

    def _meta(self) -> dict[str, Scalar]:
        if not isinstance(self.meta, Mapping):
            raise self._invalid("meta", self.meta, message("a mapping of str to str, int, float, bool or None"))
        return {self._meta_key(key): self._meta_value(key, value) for key, value in self.meta.items()}

    def _meta_key(self, key: object) -> str:
        if not isinstance(key, str):
            raise self._invalid("meta", key, message(message("keyed by str")))
        return well_formed(key)

    def _meta_value(self, key: str, value: object) -> Scalar:
        if isinstance(value, str):
            return well_formed(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise self._invalid(f"meta[{key!r}]", value, message("a finite number: JSON has no other"))
        if value is None or isinstance(value, (bool, int, float)):
            return value
        raise self._invalid(f"meta[{key!r}]", value, message("a str, int, float, bool or None"))

    def _invalid(self, name: str, value: object, wanted: str) -> InvalidDocument:
        return InvalidDocument(
            message(
                "document {id!r}: {name} is {value}; it must be {wanted}",
                id=self.id,
                name=name,
                value=_brief(value),
                wanted=wanted,
            )
        )


def _check_id(doc_id: object) -> None:
    if not isinstance(doc_id, str):
        raise InvalidDocument(
            message("a document id is {value}; it must be a str: str(value) makes one", value=_brief(doc_id))
        )
    if not doc_id or doc_id.isspace():
        raise InvalidDocument(message("a document id is empty or blank; give every document a name of its own"))
    if len(doc_id) > MAX_ID:
        raise InvalidDocument(
            message(
                "the document id {doc_id!r}... has {count} characters; at most {most} are allowed: a digest of "
                "it will do",
                doc_id=doc_id[:40],
                count=len(doc_id),
                most=MAX_ID,
            )
        )
    # Ids are not mended like the text: two broken ids could become the same one.
    if "\0" in doc_id or well_formed(doc_id) != doc_id:
        raise InvalidDocument(
            message(
                "the document id {value} has a NUL character or a lone surrogate; take it out", value=_brief(doc_id)
            )
        )


def _brief(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
