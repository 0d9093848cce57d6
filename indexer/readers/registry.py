"""Which formats there are, and how a file's is told: by its extension, by its whole name, or by its first bytes.

The modules of readers are named here and imported when a file of their format is read: most programs never meet most formats.
Other packages add formats by `register`, or by an entry point of the group "naidi.formats" that names a Format.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ..messages import message
from .content import Content, Source

ENTRY_POINTS = "naidi.formats"

# Readers that take a second for the largest files, or give a document after another.
_QUICK = frozenset((".text:read_text", ".markdown:read_markdown", ".csv_table:read_csv", ".json_lines:read_json_lines"))

Reader = Callable[[Source], "Content | Iterable[Content]"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    name: for people: "PDF".
    extensions: in lower case, each with its dot: (".pdf",). Of two that fit, as in "a.tar.gz", the longest counts.
    reader: a function that takes a Source and returns a Content, or several. Or where it is: "package.module:function"; then it
      is called in a process of its own, with limits of time and memory, unless files are plain text.
      It raises ValueError with a short reason ("encrypted", "binary file") for data that it cannot read.
    about: what is read, in a few words; for the table of formats.
    file_names: whole names of files without an extension, in lower case: ("makefile",).
    magic: bytes with which every file of the format begins; files without an extension are told by them. Empty if there are none.
    is_text: whether files are plain text with some markup. Such files are looked at before they are read whole (no zero bytes),
      and need no process of their own.
    holds_files: whether files of other formats are inside, as in archives and mails.
    needs_ocr: whether files are pictures, which are left out unless text is to be recognised.
    needs: the module that must be installed, and the extra that brings it: "pypdfium2 [formats]". Empty if nothing is needed.
    """

    name: str
    extensions: tuple[str, ...]
    reader: Reader | str
    about: str = ""
    file_names: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    is_text: bool = False
    needs_ocr: bool = False
    needs: str = ""
    holds_files: bool = False

    def load(self) -> Reader:
        """The reader itself. Raises ImportError if what it needs is not installed."""
        if not isinstance(self.reader, str):
            return self.reader
        module, function = self.place
        loaded: Reader = getattr(importlib.import_module(module), function)
        return loaded

    @property
    def place(self) -> tuple[str, str]:
        """The full name of the reader's module and the name of the function. The reader must be given by its name."""
        assert isinstance(self.reader, str)
        module, _, function = self.reader.partition(":")
        return f"{__package__}{module}" if module.startswith(".") else module, function

    @property
    def is_confined(self) -> bool:
        """Whether files are read in a process of their own, as all formats are that are no plain text.

        A function that an application hands over may depend on what that application has set up. It is called here.
        """
        return not self.is_text and isinstance(self.reader, str)

    @property
    def is_markup(self) -> bool:
        """Whether files are text from which a reader takes markup out, which may take long. Rows are given as they are read."""
        return self.is_text and isinstance(self.reader, str) and self.reader not in _QUICK

    @property
    def needed_module(self) -> str:
        """The module that must be installed, or an empty string."""
        return self.needs.partition(" ")[0]


_formats: list[Format] = []
_broken: dict[str, str] = {}
_by_extension: dict[str, Format] = {}
_by_file_name: dict[str, Format] = {}


def register(added: Format) -> None:
    """Read files of this format from now on. Its extensions and names are taken from any earlier format.

    Raises ValueError for something that is no extension.
    """
    for extension in added.extensions:
        if len(extension) < 2 or not extension.startswith(".") or "/" in extension or extension != extension.lower():
            raise ValueError(
                message(
                    "{extension!r} is no file extension; write it in lower case with a dot in front, as in '.txt'",
                    extension=extension,
                )
            )
    _formats.append(added)
    _by_extension.update(dict.fromkeys(added.extensions, added))
    _by_file_name.update(dict.fromkeys(added.file_names, added))


def formats() -> list[Format]:
    """All formats that files may have, in the order of their names."""
    _add_others()
    return sorted({*_by_extension.values(), *_by_file_name.values()}, key=lambda one: one.name.lower())


def format_of(path: str | os.PathLike[str]) -> Format | None:
    """The format that the name of a file tells, or None. The file need not exist."""
    _add_others()
    name = os.path.basename(os.fspath(path)).lower()
    if name in _by_file_name:
        return _by_file_name[name]
    return next((_by_extension[end] for end in _extensions(name) if end in _by_extension), None)


def may_be_read(path: str | os.PathLike[str], texts: Collection[str] = ()) -> bool:
    """Whether the name of a file is no reason to leave it out. Without an extension, its first bytes decide.

    texts: more extensions of plain text, in lower case with their dots.
    """
    return not extension(path) or format_of(path) is not None or has_extension(path, texts)


def has_extension(path: str | os.PathLike[str], extensions: Collection[str]) -> bool:
    """Whether the name of a file ends with one of these extensions, in capitals or not."""
    return bool(extensions) and any(one in extensions for one in _extensions(os.path.basename(os.fspath(path)).lower()))


def format_of_content(start: bytes) -> Format | None:
    """The format that the first bytes of a file tell, or None."""
    _add_others()
    return next((one for one in reversed(_formats) if one.magic and start.startswith(one.magic)), None)


def broken_formats() -> dict[str, str]:
    """Entry points of other packages that could not be used, by name, each with the error."""
    _add_others()
    return dict(_broken)


def extension(path: str | os.PathLike[str]) -> str:
    """The extension of `path` in lower case with its dot, or an empty string."""
    return os.path.splitext(os.fspath(path))[1].lower().rstrip(".")


def unsupported_format(path: str | os.PathLike[str]) -> str:
    """Why a file of no known format is left out, as a short phrase."""
    return message(
        "unsupported format {extension}",
        extension=extension(path).encode("utf-8", "backslashreplace").decode("utf-8"),
    )


def _extensions(name: str) -> Iterator[str]:
    """The longest extension first: ".tar.gz", ".gz"."""
    place = name.find(".", 1)
    while place > 0:
        yield name[place:]
        place = name.find(".", place + 1)


@cache
def _add_others() -> None:
    """Register what other packages add. One that is wrong adds nothing, and must not stop ours."""
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINTS):
        try:
            added = point.load()
            if not isinstance(added, Format):
                raise TypeError(f"{point.value} is no Format")
            register(added)
        except Exception as error:
            _broken[point.name] = f"{type(error).__name__}: {error}"
