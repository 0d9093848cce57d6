"""Reads a file as Documents: its bytes, its format, their headers, their titles.

A folder may hold anything. So the first bytes are looked at before the rest is read, and a file may not be too large: its
text takes several times its size in memory.
"""

from __future__ import annotations

import datetime
import errno
import os
import re
import stat
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import BinaryIO, NamedTuple

from ..document import Document
from ..errors import DocumentUnreadable
from ..file_facts import LATEST_MTIME, PART, is_row
from ..messages import message, of_system, sentence
from .builtin_formats import TEXT
from .confined import IS_POSSIBLE, SECONDS, ReaderFailed, ReaderStopped, ReaderUnavailable, read_confined
from .content import BUSY, Content, ReadOptions, Source, too_large
from .encoding import check_start
from .name_date import date_in_name
from .path_words import searched_names, stem_of, title_from_name
from .registry import Format, extension, format_of, format_of_content, has_extension, unsupported_format
from .title import shortened, title_of

NEEDS = "needs the package"  # how the reason begins that `missing_package` gives
"""Begins the reason why a file is left out whose format needs a package that is not installed."""

DEFAULT = ReadOptions()

MAX_GIVEN_TITLE = 300
"""The longest title that is taken over from a file, in code points."""

MAX_FILE_SIZE = 64 << 20
"""The largest file that is read unless another limit is given, in bytes."""

LARGE_MARKUP = 1 << 20
"""Larger text files with markup are read in a process of their own, with limits. Smaller ones take a few seconds at worst."""

_SNIFFED = 1 << 16
_LATEST_MTIME = LATEST_MTIME - 86_400  # a day in any time zone
_MORE = 1 << 20  # bytes of a growing file that are read at once
_HEADER = re.compile(r"[ \t\r\n]*date (\d{4}-\d\d-\d\d)(?:[ \t]+|(?=[\r\n])|$)", re.ASCII)


class FileBytes(NamedTuple):
    """The content of a file, the format that its name or its first bytes tell, and when it was changed (seconds since 1970)."""

    data: bytes
    format: Format
    mtime: int | None = None


def read_documents(
    path: str | os.PathLike[str],
    *,
    file_id: str,
    display_path: str | None = None,
    options: ReadOptions = DEFAULT,
    warn: Callable[[str], None] | None = None,
    max_file_size: int = MAX_FILE_SIZE,
) -> list[Document]:
    """The documents in the file at `path`: mostly one, or one for each row of a table or message of a mailbox.

    Parameters:
      path: the file.
      file_id: the id of the document. If the file has several parts, that of each is `file_id//part`.
      display_path: the path that the documents carry; None means `path`.
      options: what the user has chosen about reading.
      warn: called with a short phrase for each loss (damaged bytes) that leaves a document usable.
      max_file_size: a larger file is not read. Bytes.

    Raises DocumentUnreadable with the shown path and a short stable reason. The file is missing, forbidden, no regular
    file, empty, binary, too large, in an unknown encoding, of an unsupported format, or of one that needs a package that is
    not installed. Raises InvalidDocument for an unusable id.
    """
    shown = os.fspath(path) if display_path is None else display_path
    file = read_file(path, shown, max_file_size)
    return list(documents_of(file, path, file_id=file_id, display_path=shown, options=options, warn=warn))


def documents_of(
    file: FileBytes,
    path: str | os.PathLike[str],
    *,
    file_id: str,
    display_path: str,
    relative: str | None = None,
    options: ReadOptions = DEFAULT,
    warn: Callable[[str], None] | None = None,
) -> Iterator[Document]:
    """The documents in the content of the file at `path`. As `read_documents`, but reads no file.

    relative: the path below the folder that is indexed, with "/"; its names are searched. None means the name of the file alone.
    """
    empty, busy = True, ""
    relative = os.path.basename(os.fspath(path)) if relative is None else relative
    # The child has a clock of its own. Readers in this process that give one document after another look at this.
    deadline = time.monotonic() + SECONDS if file.format.is_text else float("inf")
    source = Source(file.data, os.path.basename(os.fspath(path)), options, deadline)
    for content in _contents(file, source, display_path):
        for warning in content.warnings:
            busy = warning if warning.endswith(BUSY) else busy
            if warn is not None:
                warn(f"{content.part}: {warning}" if content.part else warning)
        header, text = split_header(content.text)
        if not text or text.isspace():
            continue
        empty = False
        # The number of a row is no name.
        part = "" if content.part.isdecimal() and not file.format.holds_files else content.part
        names, folders = searched_names(relative, part)
        name = (part or relative).rpartition("/")[2]
        cut = len(content.text) - len(text)
        title = shortened(content.title, MAX_GIVEN_TITLE) or title_of(text, title_from_name(name))
        date, date_source = _date(content.date, header, name, file.mtime)
        doc_id = f"{file_id}{PART}{content.part}" if content.part else file_id
        yield Document(
            id=doc_id,
            text=text,
            title=title,
            date=date,
            path=display_path,
            meta=content.meta,
            keywords="\n".join(filter(None, (folders, content.keywords))),
            names=names,
            pages=tuple(max(page - cut, 0) for page in content.pages),
            first_line=content.first_line + (0 if is_row(doc_id) else content.text.count("\n", 0, cut)),
            size=len(file.data),
            mtime=file.mtime,
            date_source=date_source,
        )
    if empty and busy:
        raise DocumentUnreadable(display_path, busy) from ReaderUnavailable(errno.ETIMEDOUT, busy)
    if empty:
        raise DocumentUnreadable(display_path, message("empty"))


def _date(
    given: datetime.date | None, header: datetime.date | None, name: str, mtime: int | None
) -> tuple[datetime.date | None, str]:
    """(the day of a document, what it was taken from): of its format, a header, the name of its file, or when that was changed."""
    if given is not None:
        return given, "metadata"
    if header is not None:
        return header, "header"
    if (named := date_in_name(stem_of(name))) is not None:
        return named, "name"
    if mtime is None:
        return None, "none"
    return datetime.date.fromtimestamp(mtime), "mtime"


def _contents(file: FileBytes, source: Source, shown: str) -> Iterator[Content]:
    try:
        if file.format.is_confined and IS_POSSIBLE:
            yield from read_confined(file.format, source)
            return
        if file.format.is_markup and len(source.data) > LARGE_MARKUP and IS_POSSIBLE:
            yield from _large_markup(file.format, source)
            return
        found = file.format.load()(source)
        yield from (found,) if isinstance(found, Content) else found
    except ValueError as error:  # so a reader refuses data that is not its format
        raise DocumentUnreadable(shown, sentence(error)) from error
    except ReaderUnavailable as error:
        raise DocumentUnreadable(shown, of_system(error)) from error
    except ReaderFailed as error:
        raise DocumentUnreadable(shown, message("the reader failed: {error}", error=error)) from error
    except MemoryError:
        raise
    except Exception as error:
        # Readers of big formats use foreign code, and one odd file must not end the run.
        raise DocumentUnreadable(
            shown, message("the reader failed: {name}: {error}", name=type(error).__name__, error=error)
        ) from error


def _large_markup(format: Format, source: Source) -> list[Content]:
    """What a reader of markup finds in a large file. If it takes too much time or memory, the text as it stands, with a warning."""
    try:
        return read_confined(format, source)
    except ReaderStopped as error:
        content = TEXT.load()(source)
        assert isinstance(content, Content)
        return [
            replace(
                content,
                warnings=(*content.warnings, message("read with its markup, as plain text: {error}", error=error)),
            )
        ]


def split_header(text: str) -> tuple[datetime.date | None, str]:
    """The day in a header ` date YYYY-MM-DD ` at the start of `text`, and the text behind the header.

    (None, text) if there is no header, or its day is in no calendar (2021-13-45).
    """
    header = _HEADER.match(text)
    if header is None:
        return None, text
    try:
        return datetime.date.fromisoformat(header.group(1)), text[header.end() :]
    except ValueError:
        return None, text


def read_file(
    path: str | os.PathLike[str], shown: str, max_file_size: int = MAX_FILE_SIZE, texts: Collection[str] = ()
) -> FileBytes:
    """The bytes of a regular file, and its format. texts: more extensions of plain text, in lower case with their dots.

    Raises DocumentUnreadable, with the path `shown`, if it cannot be read, is too large, or begins as no file of its format
    does. Then at most its first bytes were read.
    """
    known = format_of(path)
    if known is None and has_extension(path, texts):
        known = TEXT
    if known is None and extension(path):
        raise DocumentUnreadable(shown, unsupported_format(path))
    if known is not None and known.needed_module and find_spec(known.needed_module) is None:
        raise DocumentUnreadable(shown, message("needs the package {needs}", needs=known.needs))
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise DocumentUnreadable(shown, message("not a regular file"))
            with open(descriptor, "rb", closefd=False) as file:
                found = _read(file, status.st_size, shown, known, max_file_size)
                return found._replace(mtime=min(max(int(status.st_mtime), 0), _LATEST_MTIME))
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise DocumentUnreadable(shown, message("no such file")) from error
    except PermissionError as error:
        raise DocumentUnreadable(shown, message("no permission")) from error
    except OSError as error:
        raise DocumentUnreadable(
            shown, message("cannot be read: {reason}", reason=of_system(error, inside=True))
        ) from error


def _read(file: BinaryIO, size: int, shown: str, known: Format | None, max_file_size: int) -> FileBytes:
    """The content of a file that had `size` bytes when it was opened."""
    data = file.read(min(_SNIFFED, max_file_size + 1))
    found = known or format_of_content(data) or TEXT
    if found.is_text:
        try:
            check_start(data)
        except ValueError as error:
            raise DocumentUnreadable(shown, sentence(error)) from error
    elif found.magic and not data.startswith(found.magic):
        raise DocumentUnreadable(shown, message("no {name} file", name=found.name))
    if max(size, len(data)) > max_file_size:
        raise DocumentUnreadable(shown, too_large(max_file_size))
    if size > len(data):
        file.seek(0)
        data = file.read(size)
    # A file may grow while it is read, without end. Some, as in /proc, say that they are empty.
    while more := file.read(min(_MORE, max_file_size + 1 - len(data))):
        data += more
        if len(data) > max_file_size:
            raise DocumentUnreadable(shown, too_large(max_file_size))
    return FileBytes(data, found)
