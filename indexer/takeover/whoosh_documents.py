"""The schema and the stored documents of an index of Whoosh, without running what its pickles say."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from whoosh import columns
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, EmptyIndexError, FileIndex, open_dir
from whoosh.reading import IndexReader

from ..errors import IndexDamaged, IndexMissing, IndexProblem, NaidiError
from ..messages import message
from . import safe_pickles

# Not all of Whoosh has types.
_toc: Any = TOC
_column: Any = columns.CompressedBytesColumn
_LAYOUT = -111
_NOT_PICKLED = (columns.VarBytesColumn, columns.NumericColumn, columns.RefBytesColumn, columns.BitColumn)


@dataclass
class Part:
    """A segment.

    doc_count: documents, deleted ones included.
    stored: the stored fields of a document.
    column: the values of a sortable field, one a document, as Whoosh gives them; None if it has none that can be read.
    """

    doc_count: int
    deleted: Collection[int]
    stored: Callable[[int], dict[str, Any]]
    column: Callable[[str], Any]

    def documents(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(number, stored fields) of the documents that are not deleted. Raises IndexDamaged."""
        for number in range(self.doc_count):
            if number not in self.deleted:
                with damage(f"document {number}"):
                    stored = self.stored(number)
                yield number, stored


@dataclass
class WhooshDocuments:
    """What an index of Whoosh holds. close: lets its files go."""

    schema: Schema
    parts: list[Part]
    close: Callable[[], None]


def read_whoosh(source: str | os.PathLike[str] | FileIndex, indexname: str | None, trusted: bool) -> WhooshDocuments:
    """Open an index.

    source: its directory, or one that is open already, which is then trusted.

    Raises IndexMissing if there is none, IndexDamaged if it cannot be read, IndexProblem if its pickles name what is not allowed.
    """
    if not trusted and not isinstance(source, FileIndex):
        return _safely(Path(source), indexname or "MAIN")
    try:
        index: Any = source if isinstance(source, FileIndex) else open_dir(str(source), indexname)
    except EmptyIndexError:
        raise _missing(source) from None
    reader = index.reader()
    return WhooshDocuments(reader.schema, [_of_reader(leaf) for leaf, _ in reader.leaf_readers()], reader.close)


def _missing(source: object) -> IndexMissing:
    return IndexMissing(message("{source}: no index of Whoosh here", source=source))


def _of_reader(reader: IndexReader) -> Part:
    live = set(reader.all_doc_ids())
    deleted = [number for number in range(reader.doc_count_all()) if number not in live]

    def column(name: str) -> Any:
        return list(reader.column_reader(name)) if name in reader.schema and reader.has_column(name) else None

    return Part(reader.doc_count_all(), frozenset(deleted), reader.stored_fields, column)


class _SafeFile(StructFile):
    def read_pickle(self) -> Any:
        return safe_pickles.load(self.file)


class _SafeStorage(FileStorage):
    supports_mmap = False  # files that are mapped are unpickled in another way

    def __init__(self, directory: Path) -> None:
        self._files = ExitStack()
        start: Any = super().__init__
        start(str(directory), readonly=True)

    def open_file(self, name: str, **options: Any) -> StructFile:
        file: Any = Path(self.folder, name).open("rb")  # noqa: SIM115
        self._files.callback(file.close)
        return _SafeFile(file, name=name, **options)

    def close(self) -> None:
        self._files.close()


@contextmanager
def damage(what: str) -> Iterator[None]:
    """Tell whatever Whoosh and pickle raise over bytes that mean nothing as IndexDamaged."""
    try:
        yield
    except (NaidiError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL, errno.ENOENT, errno.EOVERFLOW):
            raise
        raise IndexDamaged(
            message(
                "{what} of an index of Whoosh cannot be read ({name}: {error})",
                what=what,
                name=type(error).__name__,
                error=error,
            )
        ) from error


def _safely(directory: Path, indexname: str) -> WhooshDocuments:
    number = _toc._latest_generation(os.listdir(directory), indexname) if directory.is_dir() else -1
    if number < 0:
        raise _missing(directory)
    storage, name = _SafeStorage(directory), _toc._filename(indexname, number)
    try:
        with damage(f"{directory / name}"):
            schema, segments = _read_toc(storage, name)
            parts = [_of_segment(storage, schema, segment) for segment in segments]
    except BaseException:
        storage.close()
        raise
    return WhooshDocuments(schema, parts, storage.close)


def _read_toc(storage: Any, name: str) -> tuple[Schema, list[Any]]:
    with storage.open_file(name) as file:
        file.read(3)  # sizes of numbers
        file.read_int()
        if file.read_int() != _LAYOUT:
            raise _of_older_whoosh(name)
        for _ in range(3):
            file.read_varint()
        schema = safe_pickles.loads(file.read_string())
        file.read_int()
        file.read_int()
        segments = file.read_pickle()
    if not isinstance(schema, Schema) or not isinstance(segments, list):
        raise ValueError("no schema and no segments")
    return schema, segments


def _of_older_whoosh(name: str) -> IndexProblem:
    return IndexProblem(
        message("{name}: of a codec that is read by unpickling anything; if you trust it, say trusted=True", name=name)
    )


def _of_segment(storage: Any, schema: Schema, segment: Any) -> Part:
    # Not a class made of theirs.
    codec: Any = cast("Any", segment).codec() if type(segment) is W3Segment else None
    if codec is None or type(codec) is not cast("Any", W3Codec):
        raise _of_older_whoosh(type(segment).__name__)
    files = segment.open_compound_file(storage) if segment.is_compound() else storage
    reader = codec.per_document_reader(files, segment)
    packed = _column()
    stored = reader.column_reader("_stored", packed) if reader.has_column("_stored") else None

    def fields_of(number: int) -> dict[str, Any]:
        data = stored[number] if stored is not None else b""
        found: dict[str, Any] = safe_pickles.loads(data) if data else {}
        return {name: value for name, value in found.items() if name in schema}

    def column(name: str) -> Any:
        kind = schema[name].column_type if name in schema else None
        if type(kind) not in _NOT_PICKLED or not reader.has_column(name):
            return None
        return [schema[name].from_column_value(value) for value in reader.column_reader(name, kind)]

    return Part(segment.doc_count_all(), frozenset(segment.deleted_docs()), fields_of, column)
