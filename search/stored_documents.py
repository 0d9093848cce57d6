"""Reads documents back as they are stored: one by its id, and the ids of all."""

from __future__ import annotations

from naidi.indexer.errors import DocumentMissing, InvalidQuery
from naidi.indexer.file_facts import DateSource, date_source, file_time, is_row
from naidi.indexer.late import datetime
from naidi.indexer.messages import message
from naidi.indexer.record import record
from naidi.indexer.state.roots import paths_in
from naidi.indexer.typed import TYPE_CHECKING, Any

from .collection import Collection, SegmentView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_SHOWN = 200


@record
class StoredDocument:
    """A document as the index has it. Like a hit it is a plain value without a link to the index.

    id: of the document.
    text: its body; None if the index does not store texts.
    title: its title, as given or as it was found in the text.
    date: of the document; None if unknown.
    path: of its file; None if it has none.
    language: an ISO 639-1 code, or "und" if unknown.
    meta: what the application stored with it.
    keywords, names: words that find it and are not shown, as in Document.
    pages: where each page begins in the text, in code points; empty without pages.
    size: bytes of its file; None if unknown.
    mtime: when its file was changed, in UTC; None if unknown.
    date_source: what the date was taken from, as in Hit.
    fields: its values in the fields of the application, as in Hit.
    first_line: the line of the file in which `text` begins, from 1.
    one_line: whether all of `text` counts as that line, as in a row of a table.
    """

    id: str
    text: str | None
    title: str
    date: datetime.date | None
    path: str | None
    language: str | None
    meta: Mapping[str, str | int | float | bool | None] = {}
    keywords: str = ""
    names: str = ""
    pages: tuple[int, ...] = ()
    size: int | None = None
    mtime: datetime.datetime | None = None
    date_source: DateSource | None = None
    fields: Mapping[str, Any] = {}
    first_line: int = 1
    one_line: bool = False

    def __hash__(self) -> int:
        """Equal documents have equal hashes; `meta` and `fields` do not count."""
        return hash((self.id, self.title, self.text))

    def _repr_html_(self) -> str:
        """The document as a notebook shows it, with the beginning of its text."""
        from .notebook.documents_html import document_html

        return document_html(self)


def stored_document(collection: Collection, doc_id: str) -> StoredDocument:
    """The document with an id.

    Raises DocumentMissing if there is none, InvalidQuery if the id is no str, IndexDamaged if it cannot be read.
    """
    if not isinstance(doc_id, str):
        raise InvalidQuery(message("an id is a str, not {doc_id}", doc_id=repr(doc_id)))
    place = collection.place_of(doc_id)
    if place is None:
        shown = doc_id if len(doc_id) <= _MOST_SHOWN else f"{doc_id[:_MOST_SHOWN]}…"
        raise DocumentMissing(message("{name}: no document of the index has this id", name=shown))
    view, doc = place
    segment = view.segment
    stored = segment.record(doc)
    synced, ordinal, language, source, size, mtime = segment.facts(doc)
    return StoredDocument(
        stored["id"],
        segment.text(doc) if collection.store_texts else None,
        stored["title"],
        datetime.date.fromordinal(ordinal) if ordinal else None,
        (paths_in(collection.roots)(stored["id"]) if synced else None) or stored["path"],
        language,
        stored["meta"],
        stored.get("keywords", ""),
        stored.get("names", ""),
        tuple(stored.get("pages", ())),
        size if size >= 0 else None,
        file_time(mtime),
        date_source(source) if ordinal else None,
        view.fields.given(doc, stored.get("texts", {})),
        stored.get("first_line", 1),
        bool(synced) and is_row(stored["id"]),
    )


def ids_of(collection: Collection) -> Iterator[str]:
    """The ids of all live documents, ascending by code points. The tables of the segments are read as it goes on."""
    each = list(map(_ids_in, collection.views))
    if len(each) == 1:
        return each[0]
    from heapq import merge

    return merge(*each)


def _ids_in(view: SegmentView) -> Iterator[str]:
    ids, live = view.segment.ids, view.live_bytes
    for number, doc in enumerate(view.segment.container.items("ids.docs")):
        if live is None or live[doc]:
            yield ids[number]
