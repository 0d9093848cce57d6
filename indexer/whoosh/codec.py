"""Our segments as segments of Whoosh, read-only, so that `whoosh.index.open_dir` can search an index.

No search of naidi goes through here. Tests check that Whoosh finds the same documents.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from whoosh.codec import base
from whoosh.fields import FieldType
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermInfo, TermNotFound

from ..codec.container import Array
from ..errors import IndexDamaged, IndexUnwritable
from ..messages import message
from .column_readers import ValuesReader
from .matching import PostingsMatcher
from .open_segment import OpenSegment
from .own_fields import schema_of_json
from .terms import FieldTerms, Postings


def _refuse(*_: object, **__: object) -> NoReturn:
    raise IndexUnwritable(
        message("Whoosh can only read a naidi index: add and delete documents with naidi.Writer, or with `naidi index`")
    )


class StateRemoved(IndexDamaged, FileNotFoundError):
    """The folder of a state is gone. If it was replaced meanwhile, Whoosh finds the new one: after this error it looks again."""


class WhooshSegment(base.Segment):
    """A segment of a generation. Whoosh's table of contents says how to make one; see `unpickle`."""

    def __init__(
        self,
        file: str,
        deletions: str | None,
        doc_count: int,
        deleted_count: int,
        columns: str | None = None,
        fields: str = "{}",
    ) -> None:
        self.indexname = "MAIN"
        self.compound = False
        self.file = file
        self.deletions = deletions
        self.columns = columns
        self._fields = fields
        self._counts = (doc_count, deleted_count)
        self.is_alone = False

    def __reduce__(self) -> tuple[Any, ...]:
        return WhooshSegment, (self.file, self.deletions, *self._counts, self.columns, self._fields)

    def codec(self, **_: object) -> WhooshCodec:
        return WhooshCodec()

    def segment_id(self) -> str:
        # The same file lies in many generations.
        file = self.file if self.is_alone else os.path.basename(self.file)
        others = (os.path.basename(name or "") for name in (self.deletions, self.columns))
        return " ".join((file, *others, str(self._counts[0]), self._fields))

    def list_files(self, storage: Any) -> list[str]:
        return [name for name in self._seen_from(Path(storage.folder)) if name]

    def _seen_from(self, folder: Path) -> list[str | None]:
        """Its files (segment, deletions, columns) as they are named in a folder: that of the index or of the generation itself."""
        names = [self.file, self.deletions, self.columns]
        own = not (folder / self.file).exists() and (folder / os.path.basename(self.file)).exists()
        return [name and os.path.basename(name) for name in names] if own else names

    def should_assemble(self) -> bool:
        return False

    def doc_count(self) -> int:
        return self._counts[0] - self._counts[1]

    def deleted_count(self) -> int:
        return self._counts[1]

    # Whoosh's own writer would merge our segments into files of its own. Every one, whatever its codec, first asks the segments
    # that are there for this number; readers ask their PerDocumentReader.
    doc_count_all = _refuse
    set_doc_count = _refuse
    delete_document = _refuse
    deleted_docs = _refuse
    is_deleted = _refuse
    create_file = _refuse
    create_compound_file = _refuse

    def opened(self, storage: Any) -> OpenSegment:
        """The segment's files, read. Raises IndexDamaged if they cannot be, StateRemoved where their generation is gone."""
        if not isinstance(storage, FileStorage):
            raise IndexUnwritable(message("a naidi index is opened from a directory: use whoosh.index.open_dir"))
        folder = Path(storage.folder)
        file, deletions, columns = self._seen_from(folder)
        if file and "/" in file and not (folder / file).parent.exists():
            raise StateRemoved(f"{folder / file}: missing; naidi.Writer puts it right when it opens the index")
        return OpenSegment(folder, file or "", deletions, columns, schema_of_json(self._fields))


class WhooshCodec(base.Codec):
    """Reads one segment. Whatever would write raises IndexUnwritable."""

    per_document_writer = _refuse
    field_writer = _refuse
    postings_writer = _refuse
    new_segment = _refuse

    def __init__(self) -> None:
        self._opened: tuple[WhooshSegment, OpenSegment] | None = None

    def _open(self, storage: Any, segment: WhooshSegment) -> OpenSegment:
        """A reader asks twice for the same segment."""
        if self._opened is None or self._opened[0] is not segment:
            self._opened = segment, segment.opened(storage)
        return self._opened[1]

    def terms_reader(self, storage: Any, segment: WhooshSegment) -> WhooshTermsReader:
        return WhooshTermsReader(self._open(storage, segment))

    def per_document_reader(self, storage: Any, segment: WhooshSegment) -> WhooshDocumentReader:
        return WhooshDocumentReader(self._open(storage, segment))

    def postings_reader(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("postings are read by WhooshTermsReader.matcher")


class PostingsInfo(TermInfo):
    """The statistics of a term that a field has, each worked out when it is asked for."""

    def __init__(self, terms: FieldTerms, text: bytes, postings: Postings | None, lengths: Array | None) -> None:
        """postings: if they were read already. lengths: of the field in every document; None if they are not known."""
        self._terms = terms
        self._text = text
        self._read = postings
        self._all_lengths = lengths

    @cached_property
    def _postings(self) -> Postings:
        postings = self._terms.postings(self._text) if self._read is None else self._read
        if postings is None:
            raise TermNotFound(self._text)
        return postings

    # Whoosh adds to these two where it puts segments together.
    @cached_property
    def _minid(self) -> int:
        return int(self._postings.docs[0])

    @cached_property
    def _maxid(self) -> int:
        return int(self._postings.docs[-1])

    def weight(self) -> float:
        return float(self._terms.total(self._text) if self._read is None else self._read.total)

    def doc_frequency(self) -> int:
        return len(self._postings.docs)

    def max_weight(self) -> float:
        return float(self._postings.freqs.max())

    def min_length(self) -> int:
        return 0 if self._all_lengths is None else int(self._all_lengths[self._postings.docs].min())

    def max_length(self) -> int:
        return 0 if self._all_lengths is None else int(self._all_lengths[self._postings.docs].max())


class WhooshTermsReader(base.TermsReader):
    """The terms of all fields."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def indexed_field_names(self) -> list[str]:
        return self._opened.indexed

    def _postings(self, fieldname: str, text: bytes) -> Postings:
        """Raises TermNotFound."""
        postings = self._opened.terms(fieldname).postings(text)
        if postings is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return postings

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._opened.terms(term[0]).has(term[1])

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                for text in self._opened.terms(name).iter_from(prefix if name == fieldname else b""):
                    yield name, text

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                lengths, terms = self._lengths(name), self._opened.terms(name)
                for text, postings in terms.items_from(prefix if name == fieldname else b""):
                    yield (name, text), PostingsInfo(terms, text, postings, lengths)

    def _lengths(self, fieldname: str) -> Array | None:
        lengths = self._opened.lengths(fieldname)
        return None if lengths is None else lengths.of

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        postings, terms = self._postings(fieldname, text), self._opened.terms(fieldname)
        return PostingsInfo(terms, text, postings, self._lengths(fieldname))

    def frequency(self, fieldname: str, text: bytes) -> float:
        total = self._opened.terms(fieldname).total(text)
        if not total:
            raise KeyError(text)  # which Whoosh expects of these two
        return float(total)

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        postings = self._opened.terms(fieldname).postings(text)
        if postings is None:
            raise KeyError(text)
        return len(postings.docs)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> PostingsMatcher:
        postings, terms = self._postings(fieldname, text), self._opened.terms(fieldname)
        return PostingsMatcher((fieldname, text), terms, postings, self._lengths(fieldname), format_, scorer)

    def cursor(self, fieldname: str, fieldobj: FieldType) -> WhooshCursor:
        return WhooshCursor(self, fieldname, self._opened.terms(fieldname), fieldobj)


class WhooshCursor(base.FieldCursor):
    """A place among the terms of a field; `text` is None past the last."""

    def __init__(self, reader: WhooshTermsReader, fieldname: str, terms: FieldTerms, fieldobj: FieldType) -> None:
        self._reader = reader
        self._fieldname = fieldname
        self._terms = terms
        self._field = fieldobj
        self.first()

    def first(self) -> Any:
        return self._go(0)

    def find(self, term: str | bytes) -> Any:
        return self._go(self._terms.first_from(term if isinstance(term, bytes) else self._field.to_bytes(term)))

    def next(self) -> Any:
        return self._go(self._place + 1)

    def _go(self, place: int) -> Any:
        self._place = place
        self._current = self._terms.at(place)
        return self.text()

    def text(self) -> Any:
        return None if self._current is None else self._field.from_bytes(self._current)

    term = text

    def term_info(self) -> TermInfo | None:
        return None if self._current is None else self._reader.term_info(self._fieldname, self._current)

    def is_valid(self) -> bool:
        return self._current is not None


class WhooshDocumentReader(base.PerDocumentReader):
    """The columns and stored fields of documents. Lengths are exact. Deleted documents count, as in Whoosh."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def doc_count(self) -> int:
        return self._opened.doc_count - len(self._opened.deleted_docs)

    def doc_count_all(self) -> int:
        return self._opened.doc_count

    def has_deletions(self) -> bool:
        return bool(self._opened.deleted_docs)

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh's NOT also asks for the number past the last.
        return docnum in self._opened.deleted_docs

    def deleted_docs(self) -> Iterator[int]:
        return iter(sorted(self._opened.deleted_docs))

    def all_doc_ids(self) -> Iterator[int]:
        if not self._opened.deleted_docs:
            return iter(range(self._opened.doc_count))
        return iter(np.flatnonzero(~self._opened.deleted).tolist())

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in self._opened.columns

    def list_columns(self) -> list[str]:
        return self._opened.columns

    def column_reader(self, fieldname: str, column: Any) -> ValuesReader:
        default = column.default_value()
        return ValuesReader(self._opened.column(fieldname, default), default)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._opened.lengths(fieldname)
        return default if lengths is None else lengths.view[docnum]

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Callable[[int], int]:
        lengths = self._opened.lengths(fieldname)
        return (lambda docnum: default) if lengths is None else lengths.view.__getitem__

    def field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None else lengths.total

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None else lengths.least

    def max_field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None else lengths.most

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._opened.stored_fields(docnum)
