"""Reads a file as a Document: its bytes, its format, its header, its title.

A folder may hold anything. So the first bytes are looked at before the rest is read, and a file may not be too large: its
text takes several times its size in memory.
"""

from __future__ import annotations

import datetime
import os
import re
import stat
from collections.abc import Callable
from typing import BinaryIO

from ..document import Document
from ..errors import DocumentUnreadable
from . import Sniffer, reader_for, sniffer_for, unsupported_format
from .title import shortened, title_of

MAX_GIVEN_TITLE = 300
"""The longest title that is taken over from a file, in code points."""

MAX_FILE_SIZE = 64 << 20
"""The largest file that is read unless another limit is given, in bytes."""

_SNIFFED = 1 << 16
_MORE = 1 << 20  # bytes of a growing file that are read at once
_HEADER = re.compile(r"[ \t\r\n]*date (\d{4}-\d\d-\d\d)(?:[ \t]+|(?=[\r\n])|$)", re.ASCII)


def read_document(
    path: str | os.PathLike[str],
    *,
    doc_id: str,
    display_path: str | None = None,
    warn: Callable[[str], None] | None = None,
    max_file_size: int = MAX_FILE_SIZE,
) -> Document:
    """The document in the file at `path`, read by the reader of its extension.

    Parameters:
      path: the file.
      doc_id: the id of the document.
      display_path: the path that the document carries; None means `path`.
      warn: called with a short phrase for each loss (damaged bytes) that leaves the document usable.
      max_file_size: a larger file is not read. Bytes.

    Raises DocumentUnreadable with the shown path and a short stable reason. The file is missing, forbidden, no regular
    file, empty, binary, too large, in an unknown encoding or of an unsupported format. Raises InvalidDocument for an unusable
    id.
    """
    shown = os.fspath(path) if display_path is None else display_path
    if reader_for(path) is None:
        raise DocumentUnreadable(shown, unsupported_format(path))
    return document_of(read_content(path, shown, max_file_size), path, doc_id=doc_id, display_path=shown, warn=warn)


def document_of(
    data: bytes,
    path: str | os.PathLike[str],
    *,
    doc_id: str,
    display_path: str,
    warn: Callable[[str], None] | None = None,
) -> Document:
    """The document in `data`, the content of the file at `path`. As `read_document`, but reads no file."""
    shown = display_path
    reader = reader_for(path)
    if reader is None:
        raise DocumentUnreadable(shown, unsupported_format(path))
    try:
        parts = reader(data)
    except ValueError as error:  # so a reader refuses data that is not its format
        raise DocumentUnreadable(shown, str(error)) from error
    except MemoryError:
        raise
    except Exception as error:
        # Readers of big formats use foreign code, and one odd file must not end the run.
        raise DocumentUnreadable(shown, f"the reader failed: {type(error).__name__}: {error}") from error
    if warn is not None:
        for warning in parts.warnings:
            warn(warning)
    date, text = split_header(parts.text)
    if not text or text.isspace():
        raise DocumentUnreadable(shown, "empty")
    return Document(
        id=doc_id,
        text=text,
        title=shortened(parts.title, MAX_GIVEN_TITLE) or title_of(text),
        date=parts.date or date,
        path=shown,
        meta=parts.meta,
    )


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


def read_content(path: str | os.PathLike[str], shown: str, max_file_size: int = MAX_FILE_SIZE) -> bytes:
    """The bytes of a regular file.

    Raises DocumentUnreadable, with the path `shown`, if it cannot be read, is too large, or begins as no file of its format
    does. Then at most its first bytes were read.
    """
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise DocumentUnreadable(shown, "not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                return _read(file, status.st_size, shown, sniffer_for(path), max_file_size)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise DocumentUnreadable(shown, "no such file") from error
    except PermissionError as error:
        raise DocumentUnreadable(shown, "no permission") from error
    except OSError as error:
        raise DocumentUnreadable(shown, f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def _read(file: BinaryIO, size: int, shown: str, sniffer: Sniffer | None, max_file_size: int) -> bytes:
    """The content of a file that had `size` bytes when it was opened."""
    data = file.read(min(_SNIFFED, max_file_size + 1))
    if sniffer is not None:
        try:
            sniffer(data)
        except ValueError as error:
            raise DocumentUnreadable(shown, str(error)) from error
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
    return data


def too_large(max_file_size: int) -> str:
    """Why a file beyond the limit is left out, as a short phrase: "larger than 64 MB". A MB has 1,048,576 bytes here."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if max_file_size >= unit:
            return f"larger than {max_file_size / unit:.4g} {name}"
    return f"larger than {max_file_size} bytes"
