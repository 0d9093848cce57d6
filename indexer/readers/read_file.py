"""Reads a file as a Document: its bytes, its format, its header, its title."""

from __future__ import annotations

import datetime
import os
import re
import stat
from collections.abc import Callable

from ..document import Document
from ..errors import DocumentUnreadable
from . import reader_for, unsupported_format
from .title import shortened, title_of

MAX_GIVEN_TITLE = 300
"""The longest title that is taken over from a file, in code points."""

_HEADER = re.compile(r"[ \t\r\n]*date (\d{4}-\d\d-\d\d)(?:[ \t]+|(?=[\r\n])|$)", re.ASCII)


def read_document(
    path: str | os.PathLike[str],
    *,
    doc_id: str,
    display_path: str | None = None,
    warn: Callable[[str], None] | None = None,
) -> Document:
    """The document in the file at `path`, read by the reader of its extension.

    Parameters:
      path: the file.
      doc_id: the id of the document.
      display_path: the path that the document carries; None means `path`.
      warn: called with a short phrase for each loss (damaged bytes) that leaves the document usable.

    Raises DocumentUnreadable with the shown path and a short stable reason. The file is missing, forbidden, no regular
    file, empty, binary, in an unknown encoding or of an unsupported format. Raises InvalidDocument for an unusable id.
    """
    shown = os.fspath(path) if display_path is None else display_path
    if reader_for(path) is None:
        raise DocumentUnreadable(shown, unsupported_format(path))
    return document_of(read_content(path, shown), path, doc_id=doc_id, display_path=shown, warn=warn)


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


def read_content(path: str | os.PathLike[str], shown: str) -> bytes:
    """The bytes of a regular file. Raises DocumentUnreadable, with the path `shown`, if it cannot be read."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DocumentUnreadable(shown, "not a regular file")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise DocumentUnreadable(shown, "no such file") from error
    except PermissionError as error:
        raise DocumentUnreadable(shown, "no permission") from error
    except OSError as error:
        raise DocumentUnreadable(shown, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
