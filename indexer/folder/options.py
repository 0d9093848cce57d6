"""What a user chooses about a folder: which of its files are indexed, and how they are read.

The choice is noted in the index, so that the next sync of the folder makes the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypedDict

from ..errors import NaidiError
from ..messages import message
from ..readers import ReadOptions
from ..readers.content import MAX_MEMBER
from ..readers.read_file import MAX_FILE_SIZE
from ..readers.registry import format_of


class FolderChoices(TypedDict, total=False):
    """Some of the options of a folder, by name; the others stay as noted. FolderOptions describes them."""

    include: tuple[str, ...] | list[str]
    exclude: tuple[str, ...] | list[str]
    hidden: bool
    max_file_size: int
    follow_links: bool
    extensions: tuple[str, ...] | list[str]
    columns: tuple[str, ...] | list[str]
    ocr: tuple[str, ...] | list[str]
    max_unpacked: int


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """Which files of a folder are indexed, and how they are read.

    include: patterns as in .gitignore ("*.md", "docs/"); only files that one of them fits are indexed. Empty for all.
    exclude: patterns as in .gitignore for what is left out; a later one wins. "!node_modules" takes in what is left out by default.
    hidden: whether files and folders whose names begin with a dot are indexed, too.
    max_file_size: larger files are left out, and so are larger members of archives. Bytes.
    follow_links: whether links to files and folders elsewhere are followed. Links to files inside always are.
    extensions: more extensions of plain text files, each with its dot.
    columns, ocr, max_unpacked: as in ReadOptions.

    Lists become tuples. Raises NaidiError for a value of another type, such as one string where several may stand.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    max_file_size: int = MAX_FILE_SIZE
    follow_links: bool = False
    extensions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    ocr: tuple[str, ...] = ()
    max_unpacked: int = ReadOptions().max_unpacked

    def __post_init__(self) -> None:
        for name, default in _DEFAULTS.items():
            value = getattr(self, name)
            if isinstance(default, tuple):
                object.__setattr__(self, name, _strings(name, value))
            elif type(value) is not type(default) or value < 0:
                wanted = message("True or False") if isinstance(default, bool) else message("a whole number of bytes")
                raise NaidiError(
                    message("{name} must be {wanted}, not {value!r}", name=name, wanted=wanted, value=value)
                )

    @property
    def reading(self) -> ReadOptions:
        """How files are read."""
        # What is too large as a file is too large in an archive.
        max_member = min(self.max_file_size, MAX_MEMBER)
        return ReadOptions(columns=self.columns, ocr=self.ocr, max_unpacked=self.max_unpacked, max_member=max_member)

    def noted(self) -> dict[str, Any]:
        """What differs from the default, as values for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != _DEFAULTS[name]
        }

    @classmethod
    def from_noted(cls, noted: Mapping[str, Any]) -> FolderOptions:
        """The options that `noted` gave. What is unknown or has no meaning counts as not noted."""
        values: dict[str, Any] = {}
        for name in _DEFAULTS.keys() & noted.keys():
            try:
                cls(**{name: noted[name]})
            except NaidiError:
                continue
            values[name] = noted[name]
        return cls(**values)


_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(FolderOptions)}


def _strings(name: str, value: object) -> tuple[str, ...]:
    """The value of an option as a tuple. Raises NaidiError, naming the option."""
    if not isinstance(value, (tuple, list)) or not all(isinstance(one, str) for one in value):
        if isinstance(value, str):
            raise NaidiError(
                message(
                    "{name} must be a tuple or list of strings, not {value!r}; write ({value!r},)",
                    name=name,
                    value=value,
                )
            )
        raise NaidiError(message("{name} must be a tuple or list of strings, not {value!r}", name=name, value=value))
    if name != "extensions":
        return tuple(value)
    for one in value:
        if len(one) < 2 or not one.startswith("."):
            raise NaidiError(message("{name}: {one!r} is no file extension; write '.foo'", name=name, one=one))
    return tuple(one.lower() for one in value)


def chosen(options: FolderOptions | FolderChoices | None, noted: Mapping[str, Any]) -> FolderOptions:
    """The options of a folder. Raises TypeError for a name that is no option, NaidiError for a value that has no meaning.

    Parameters:
      options: all of them; some of them by name, the others as noted; or None, all as noted.
      noted: as `FolderOptions.noted` gives it.
    """
    if isinstance(options, FolderOptions):
        return options
    given: dict[str, Any] = {**(options or {})}
    if unknown := given.keys() - _DEFAULTS.keys():
        raise TypeError(f"a folder has no option {', '.join(sorted(unknown))}; there are {', '.join(_DEFAULTS)}")
    return replace(FolderOptions.from_noted(noted), **given)


def same_reading(before: FolderOptions, now: FolderOptions, size: int, path: str) -> bool:
    """Whether a file gives the same documents by other options of its folder, if it is among those that are indexed.

    Parameters:
      before, now: the options.
      size: of the file, in bytes.
      path: of the file.
    """
    if before == now:
        return True
    if replace(before.reading, max_member=now.reading.max_member) != now.reading:
        return False
    # Files between the two bounds are no longer too large, or are so now.
    least, most = sorted((before.max_file_size, now.max_file_size))
    if least < size <= most:
        return False
    if before.reading.max_member == now.reading.max_member:
        return True
    known = format_of(path)
    return known is not None and not known.holds_files
