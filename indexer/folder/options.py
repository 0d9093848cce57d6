"""What a user chooses about a folder: which of its files are indexed, and how they are read.

The choice is noted in the index, so that the next sync of the folder makes the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..readers import ReadOptions
from ..readers.content import MAX_MEMBER
from ..readers.read_file import MAX_FILE_SIZE


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
            if value != getattr(_DEFAULT, name)
        }

    @classmethod
    def from_noted(cls, noted: Mapping[str, Any]) -> FolderOptions:
        """The options that `noted` gave. What is unknown or of another type counts as not noted."""
        values: dict[str, Any] = {}
        for name in (field.name for field in fields(cls)):
            value, default = noted.get(name), getattr(_DEFAULT, name)
            if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(one, str) for one in value):
                values[name] = tuple(value)
            elif type(value) is type(default) and not isinstance(default, tuple):
                values[name] = value
        return cls(**values)


_DEFAULT = FolderOptions()


def chosen(options: FolderOptions | Mapping[str, Any] | None, noted: Mapping[str, Any]) -> FolderOptions:
    """The options of a folder. Raises TypeError for a name that is no option.

    Parameters:
      options: all of them; some of them by name, the others as noted; or None, all as noted.
      noted: as `FolderOptions.noted` gives it.
    """
    if isinstance(options, FolderOptions):
        return options
    return replace(FolderOptions.from_noted(noted), **(options or {}))
