"""The user's dictionaries in the directory of an index: tables of translations, made of files that the user has.

They stand in a folder of their own, so that every commit leaves them as they are. A file is one line, `naidi dictionary 1`, the
BLAKE2b-256 of all bytes behind it in hexadecimal digits, and how many words have translations; then the lines of the table
(see `naidi.search.bridges.translation_table`). A file is replaced as a whole.
"""

from __future__ import annotations

import os

from ..codec.regular_file import open_regular
from ..digest import blake2b
from ..errors import IndexDamaged, InvalidDictionary
from ..late import StrPath, path_in, pattern
from ..messages import message
from ..record import record
from ..typed import TYPE_CHECKING
from .files import fsync_directory, patiently, replace, write_file
from .layout import DICTIONARIES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_DICTIONARIES = 20
"""Dictionaries of an index at most: each is asked for each rare word of a query."""

_SUFFIX = ".dictionary"
_TMP = ".tmp"
_HEAD = b"naidi dictionary 1 "
_DIGEST_BYTES = 32
_FIRST_LINE = pattern(b"naidi dictionary 1 ([0-9a-f]{64}) ([0-9]{1,9})\n")
_LONGEST_LINE = 100
# As a file of every system can be called, without a dot at the beginning.
_NAME = pattern(r"[\w-][\w.-]{0,59}")
_READ_BYTES = 1 << 20


@record
class StoredDictionary:
    """A dictionary of an index.

    name: by which it is removed.
    path: of its file.
    words: how many words have translations.
    start: where its table begins in the file, in bytes.
    """

    name: str
    path: str
    words: int
    start: int


def store_dictionary(index: StrPath, name: str, lines: Iterable[str]) -> StoredDictionary:
    """Put a table into the directory of an index, in place of one of the same name.

    Raises InvalidDictionary for a name that no file can have, and for one dictionary too many; OSError as the system does.
    """
    from pathlib import Path

    if not _NAME.fullmatch(name):
        raise InvalidDictionary(
            message(
                "{name!r} cannot be the name of a dictionary: letters, digits, - . _ can; rename its files", name=name
            )
        )
    others = [one for one in dictionary_names(index) if one != name]
    if len(others) >= MAX_DICTIONARIES:
        raise InvalidDictionary(
            message(
                "the index has {count} dictionaries, and may have no more: `naidi dictionary remove` removes one",
                count=len(others),
            )
        )
    encoded = [line.encode() for line in lines]
    table = b"".join(encoded)
    head = _HEAD + f"{blake2b(table, digest_size=_DIGEST_BYTES).hexdigest()} {len(encoded)}\n".encode()
    folder = Path(index, DICTIONARIES)
    if not folder.is_dir():
        folder.mkdir()
        fsync_directory(folder.parent)
    _write_whole(folder / (name + _SUFFIX), head + table)
    return StoredDictionary(name, path_in(folder, name + _SUFFIX), len(encoded), len(head))


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads sees the old one or the new one."""
    unfinished = path.with_name(path.name + _TMP)
    unfinished.unlink(missing_ok=True)  # of a process that was killed
    try:
        write_file(unfinished, data)
        replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


def remove_dictionary(index: StrPath, name: str) -> None:
    """Remove a dictionary. Raises InvalidDictionary if the index has none of this name, OSError as the system does."""
    from pathlib import Path

    names = dictionary_names(index)
    if name not in names:
        has = message("it has {known}", known=", ".join(names)) if names else message("it has none")
        raise InvalidDictionary(message("the index has no dictionary {name!r}: {known}", name=name, known=has))
    path = Path(index, DICTIONARIES, name + _SUFFIX)
    patiently(path.unlink)
    fsync_directory(path.parent)


def dictionary_names(index: StrPath) -> list[str]:
    """The names of the dictionaries of an index, in order."""
    try:
        names = os.listdir(path_in(index, DICTIONARIES))
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = [name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)]
    return sorted(name for name in found if _NAME.fullmatch(name))


def stored_dictionary(index: StrPath, name: str) -> StoredDictionary:
    """A dictionary of an index by its name. Its table is not read.

    Raises IndexDamaged for a file that is no dictionary, OSError as the system does.
    """
    path = path_in(index, DICTIONARIES, name + _SUFFIX)
    with open_regular(path) as file:
        line = file.readline(_LONGEST_LINE)
    return _described(name, path, line)


def _described(name: str, path: str, line: bytes) -> StoredDictionary:
    match = _FIRST_LINE.fullmatch(line)
    if match is None:
        raise IndexDamaged(
            message("{path}: this is no dictionary, or it is damaged; `naidi dictionary add` makes it anew", path=path)
        )
    return StoredDictionary(name, path, int(match[2]), len(line))


def verify_dictionaries(index: StrPath) -> int:
    """Read every byte of the dictionaries. Returns how many there are. Raises IndexDamaged at the first difference."""
    names = dictionary_names(index)
    for name in names:
        found = stored_dictionary(index, name)
        digest = blake2b(digest_size=_DIGEST_BYTES)
        lines = 0
        with open_regular(found.path) as file:
            head = file.read(found.start)
            while piece := file.read(_READ_BYTES):
                digest.update(piece)
                lines += piece.count(b"\n")
        if head != _HEAD + f"{digest.hexdigest()} {lines}\n".encode():
            raise IndexDamaged(
                message(
                    "{path}: content differs from what was written; `naidi dictionary add` makes it anew",
                    path=found.path,
                )
            )
    return len(names)
