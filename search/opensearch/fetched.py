"""Documents as the documents index stores them: what hits, texts and stored documents are made of."""

from __future__ import annotations

import datetime

from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.fields import given_values, kind_of
from naidi.indexer.file_facts import date_source, file_time, is_row
from naidi.indexer.messages import message
from naidi.indexer.opensearch.mapping import got_values
from naidi.indexer.opensearch.naming import field_name
from naidi.indexer.typed import TYPE_CHECKING, Any

from ..results import Hit
from ..snippets.text_places import WHOLE_TEXT, TextPlaces
from ..stored_documents import StoredDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from naidi.indexer.fields import Schema, Stored

    from ..explanation import Explanation
    from ..results import Mark, Snippet

TEXTS = ("text",)
"""What need not be fetched of a document for a hit without snippets."""


class FetchedDocument:
    """One document. Its parts are checked as they are read: somebody else may have written into the index.

    doc_id, title, text: as stored; no text is "".
    size_in_tokens: of title and body.
    """

    __slots__ = ("_schema", "_source", "_where", "doc_id", "size_in_tokens", "text", "title")

    def __init__(self, source: Mapping[str, Any], schema: Schema, where: str) -> None:
        """
        Parameters:
          source: `_source` of the documents index.
          schema: of the fields of the application.
          where: what a message says of the index.

        Raises IndexDamaged for parts of other types than naidi writes.
        """
        self._source = source
        self._schema = schema
        self._where = where
        self.doc_id = self._of("id", str, None)
        self.title = self._of("title", str, "")
        self.text = self._of("text", str, "")
        self.size_in_tokens = self._of("len", int, 0)

    def _of(self, name: str, kind: type, default: Any) -> Any:
        value = self._source.get(name, default)
        if not isinstance(value, kind) and value is not default:
            raise IndexDamaged(
                message("{where}: field {name} of a document was not written by naidi", where=self._where, name=name)
            )
        return value

    @property
    def record(self) -> Mapping[str, Any]:
        """What has no field of its own, see `AnalysedBatch.records`."""
        found: Mapping[str, Any] = self._of("record", dict, {})
        return found

    @property
    def is_synced(self) -> bool:
        """Whether it comes from a synced folder."""
        return bool(self._of("synced", bool, False))

    @property
    def places(self) -> TextPlaces:
        """Where in the file the places of the text are."""
        record = self.record
        pages, first_line = record.get("pages", ()), record.get("first_line", 1)
        one_line = self.is_synced and is_row(self.doc_id)
        if not pages and first_line == 1 and not one_line:
            return WHOLE_TEXT
        return TextPlaces(pages, first_line, one_line=one_line)

    @property
    def ordinal(self) -> int:
        """The date as an ordinal; 0 if unknown."""
        date = self._date()
        return 0 if date is None else date.toordinal()

    def _date(self) -> datetime.date | None:
        day = self._of("date", str, None)
        if day is None:
            return None
        try:
            return datetime.date.fromisoformat(day)
        except ValueError:
            raise IndexDamaged(
                message("{where}: date of a document was not written by naidi", where=self._where)
            ) from None

    def _fields(self) -> dict[str, Any]:
        """The values in the fields of the application, as they were given."""
        stored: dict[str, tuple[Stored, ...]] = {}
        for key, values in self._of("fields", dict, {}).items():
            name = field_name(key)
            kind = kind_of(self._schema, name)
            if kind is not None:
                stored[name] = got_values(kind, values)
        return given_values(self._schema, stored, self.record.get("texts", {}))

    def hit(
        self,
        rank: int,
        score: float,
        path_of: Callable[[str], str | None],
        snippets: tuple[Snippet, ...] = (),
        title_marks: tuple[Mark, ...] = (),
        explanation: Explanation | None = None,
        duplicates: tuple[str, ...] = (),
    ) -> Hit:
        """The hit of the document. path_of: gives the path of a file by the id of its document. For the others see `Hit`."""
        record, date, mtime = self.record, self._date(), self._of("mtime", int, -1)
        return Hit(
            rank,
            self.doc_id,
            (path_of(self.doc_id) if self.is_synced else None) or record.get("path"),
            self.title,
            date,
            self._of("lang", str, "und"),
            score,
            record.get("meta", {}),
            snippets,
            title_marks,
            explanation,
            duplicates,
            date_source(self._of("date_source", int, 0)) if date else None,
            self._of("size", int, None),
            file_time(mtime),
            self._fields(),
        )

    def document(self) -> Document:
        """The document as it was added, to be analysed again."""
        record = self.record
        return Document(
            self.doc_id,
            self.text,
            self.title,
            language=self._of("lang", str, None),
            keywords=record.get("keywords", ""),
            names=record.get("names", ""),
            fields=self._fields(),
        )

    def stored(self, path_of: Callable[[str], str | None], *, has_text: bool) -> StoredDocument:
        """The document as an application reads it back. has_text: whether the index stores texts."""
        record, date = self.record, self._date()
        return StoredDocument(
            self.doc_id,
            self.text if has_text else None,
            self.title,
            date,
            (path_of(self.doc_id) if self.is_synced else None) or record.get("path"),
            self._of("lang", str, "und"),
            record.get("meta", {}),
            record.get("keywords", ""),
            record.get("names", ""),
            tuple(record.get("pages", ())),
            self._of("size", int, None),
            file_time(self._of("mtime", int, -1)),
            date_source(self._of("date_source", int, 0)) if date else None,
            self._fields(),
            record.get("first_line", 1),
            self.is_synced and is_row(self.doc_id),
        )
