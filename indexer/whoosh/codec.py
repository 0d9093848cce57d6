"""Our segments as segments of Whoosh, read-only, so that `whoosh.index.open_dir` can search a generation.

Slow and plain. No search of naidi goes through here. Tests check that Whoosh finds the same documents.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from whoosh.codec import base
from whoosh.columns import ColumnReader
from whoosh.fields import FieldType
from whoosh.filedb.filestore import FileStorage
from whoosh.reading import TermInfo, TermNotFound
from whoosh.util.times import datetime_to_long

from ..codec.container import Array
from ..codec.segment import Segment
from ..errors import IndexDamaged, IndexUnwritable
from .matching import PostingsMatcher
from .schema import BODY, JOINT, TITLE, WORD_FIELDS, make_schema
from .terms import FieldTerms, ListedPostings, ListedTerms, WordTerms

_COLUMNS = ("id", "language", "date")
_DAY = datetime.timedelta(days=1)


def _refuse(*_: object, **__: object) -> NoReturn:
    raise IndexUnwritable(
        "Whoosh can only read a naidi index: add and delete documents with naidi.Writer, or with `naidi index`"
    )


class WhooshSegment(base.Segment):
    """A segment of a generation. Whoosh's table of contents says how to make one; see `unpickle`."""

    def __init__(self, file: str, deletions: str | None, doc_count: int, deleted_count: int) -> None:
        self.indexname = "MAIN"
        self.compound = False
        self.file = file
        self.deletions = deletions
        self._counts = (doc_count, deleted_count)

    def __reduce__(self) -> tuple[Any, ...]:
        return WhooshSegment, (self.file, self.deletions, *self._counts)

    def codec(self, **_: object) -> WhooshCodec:
        return WhooshCodec()

    def segment_id(self) -> str:
        return f"{self.file} {self.deletions}"

    def list_files(self, storage: Any) -> list[str]:
        return [name for name in (self.file, self.deletions) if name]

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
        """The segment's files, read. Raises IndexDamaged if they cannot be."""
        if not isinstance(storage, FileStorage):
            raise IndexUnwritable("a naidi index is opened from a directory: use whoosh.index.open_dir")
        return OpenSegment(Path(storage.folder), self.file, self.deletions)


class OpenSegment:
    """A segment and its deletions, and the terms of each field as they are asked for."""

    def __init__(self, folder: Path, file: str, deletions: str | None) -> None:
        self.segment = Segment(folder / file) if file else None
        self.doc_count = self.segment.doc_count if self.segment else 0
        self.deleted = np.zeros(self.doc_count, bool)
        if deletions is not None:
            packed = np.frombuffer((folder / deletions).read_bytes(), np.uint8)
            if len(packed) != -(-self.doc_count // 8):
                raise IndexDamaged(f"{folder / deletions}: wrong size; rebuild with `naidi index --rebuild`")
            self.deleted = np.unpackbits(packed, count=self.doc_count).astype(bool)
        self._fields: dict[str, FieldTerms] = {}

    def lengths(self, fieldname: str) -> Array | None:
        """Tokens in a word field of each document; None for other fields."""
        if fieldname not in WORD_FIELDS:
            return None
        lengths = np.zeros(self.doc_count, np.int64)
        if self.segment is not None:
            part = WORD_FIELDS[fieldname].part
            if part != TITLE:
                lengths += self.segment.body_lengths
            if part != BODY:
                lengths += self.segment.title_lengths
        return lengths

    def terms(self, fieldname: str) -> FieldTerms:
        """The terms of a field; none if it is not indexed."""
        if fieldname not in self._fields:
            self._fields[fieldname] = self._terms(fieldname)
        return self._fields[fieldname]

    def _terms(self, fieldname: str) -> FieldTerms:
        segment = self.segment
        if segment is None:
            return ListedTerms({})
        if fieldname in WORD_FIELDS:
            field = WORD_FIELDS[fieldname]
            return WordTerms(segment, field.terms, field.part, JOINT.encode())
        if fieldname == "id":
            return ListedTerms(
                {segment.ids.raw(rank): segment.id_docs[rank : rank + 1] for rank in range(len(segment.ids))}
            )
        if fieldname == "language":
            names = enumerate(segment.language_names)
            found = {name.encode(): np.flatnonzero(segment.languages == code) for code, name in names}
            return ListedTerms({name: docs for name, docs in found.items() if len(docs)})
        if fieldname == "date":
            return ListedTerms(_date_terms(segment.dates, make_schema()["date"]))
        return ListedTerms({})


def _date_terms(dates: Array, field: Any) -> dict[bytes, Array]:
    """The terms of each precision, as Whoosh's numeric fields have them, so that ranges work."""
    docs: dict[bytes, list[Array]] = {}
    for ordinal in np.unique(dates[dates > 0]).tolist():
        there = np.flatnonzero(dates == ordinal)
        for shift in range(0, field.bits, field.shift_step):
            docs.setdefault(field.to_bytes(_midnight(ordinal), shift), []).append(there)
    return {term: np.sort(np.concatenate(parts)) for term, parts in docs.items()}


def _midnight(ordinal: int) -> datetime.datetime:
    return datetime.datetime.fromordinal(ordinal)


class WhooshCodec(base.Codec):
    """Reads. Whatever would write raises IndexUnwritable."""

    per_document_writer = _refuse
    field_writer = _refuse
    postings_writer = _refuse
    new_segment = _refuse

    def terms_reader(self, storage: Any, segment: WhooshSegment) -> WhooshTermsReader:
        return WhooshTermsReader(segment.opened(storage))

    def per_document_reader(self, storage: Any, segment: WhooshSegment) -> WhooshDocumentReader:
        return WhooshDocumentReader(segment.opened(storage))

    def postings_reader(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError("postings are read by WhooshTermsReader.matcher")


class WhooshTermsReader(base.TermsReader):
    """The terms of all fields."""

    def __init__(self, opened: OpenSegment) -> None:
        self._opened = opened

    def indexed_field_names(self) -> list[str]:
        return sorted((*WORD_FIELDS, *_COLUMNS))

    def _postings(self, fieldname: str, text: bytes) -> ListedPostings:
        """Raises TermNotFound."""
        postings = self._opened.terms(fieldname).postings(text)
        if postings is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return postings

    def _freqs(self, fieldname: str, text: bytes) -> Array:
        """Raises KeyError, which Whoosh expects of the two methods that use it."""
        postings = self._opened.terms(fieldname).postings(text)
        if postings is None:
            raise KeyError(text)
        return postings.freqs

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._opened.terms(term[0]).postings(term[1]) is not None

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for fieldname in self.indexed_field_names():
            for text in self._opened.terms(fieldname).iter_from(b""):
                yield fieldname, text

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in self.indexed_field_names():
            if name >= fieldname:
                for text in self._opened.terms(name).iter_from(prefix if name == fieldname else b""):
                    yield name, text

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def _lengths_in(self, fieldname: str, docs: Array) -> Array:
        lengths = self._opened.lengths(fieldname)
        return np.zeros(len(docs), np.int64) if lengths is None else lengths[docs]

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        docs, freqs, _, _ = self._postings(fieldname, text)
        lengths = self._lengths_in(fieldname, docs)
        return TermInfo(  # type: ignore[no-untyped-call]
            weight=float(freqs.sum()),
            df=len(docs),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(freqs.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self._freqs(fieldname, text).sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return len(self._freqs(fieldname, text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> PostingsMatcher:
        postings = self._postings(fieldname, text)
        return PostingsMatcher((fieldname, text), postings, self._lengths_in(fieldname, postings.docs), format_, scorer)

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
        return self.find(b"")

    def find(self, term: str | bytes) -> Any:
        start = term if isinstance(term, bytes) else self._field.to_bytes(term)
        self._rest = self._terms.iter_from(start)
        return self.next()

    def next(self) -> Any:
        self._current = next(self._rest, None)
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
        return self._opened.doc_count - int(self._opened.deleted.sum())

    def doc_count_all(self) -> int:
        return self._opened.doc_count

    def has_deletions(self) -> bool:
        return bool(self._opened.deleted.any())

    def is_deleted(self, docnum: int) -> bool:
        # Whoosh's NOT also asks for the number past the last.
        return docnum < self._opened.doc_count and bool(self._opened.deleted[docnum])

    def deleted_docs(self) -> Iterator[int]:
        return iter(np.flatnonzero(self._opened.deleted).tolist())

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in _COLUMNS

    def list_columns(self) -> list[str]:
        return list(_COLUMNS)

    def column_reader(self, fieldname: str, column: Any) -> ValuesReader:
        segment, default = self._opened.segment, column.default_value()
        if segment is None:
            return ValuesReader([], default)
        if fieldname == "date":
            days = segment.dates.tolist()
            return ValuesReader([datetime_to_long(_midnight(day)) if day else default for day in days], default)
        if fieldname == "language":
            return ValuesReader([segment.language_names[code].encode() for code in segment.languages.tolist()], default)
        return ValuesReader([segment.ids.raw(rank) for rank in segment.id_ranks.tolist()], default)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        lengths = self._opened.lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Callable[[int], int]:
        lengths = self._opened.lengths(fieldname)
        return (lambda docnum: default) if lengths is None else lengths.tolist().__getitem__

    def field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None else int(lengths.sum())

    def min_field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        lengths = self._opened.lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        segment = self._opened.segment
        if segment is None:
            raise IndexError(docnum)
        record = segment.record(docnum)
        ordinal = int(segment.dates[docnum])
        values = {
            "id": record["id"],
            "title": record["title"],
            "path": record["path"],
            "date": _midnight(ordinal) if ordinal else None,
            "language": segment.language_names[int(segment.languages[docnum])],
            "meta": record["meta"],
            "text": segment.text(docnum),
        }
        return {name: value for name, value in values.items() if value is not None}


class ValuesReader(ColumnReader):
    """One value a document. In either order, documents with the default come last."""

    def __init__(self, values: Sequence[Any], default: Any) -> None:
        self._values = values
        self._default = default
        self._reverse = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def sort_key(self, docnum: int) -> Any:
        value = self._values[docnum]
        return -value if self._reverse and value != self._default else value

    def set_reverse(self) -> None:
        if isinstance(self._default, bytes):
            raise NotImplementedError("strings have no negative: reverse the whole search instead")
        self._reverse = True
