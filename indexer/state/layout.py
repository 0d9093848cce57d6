"""The names in an index directory, and what of it is ours.

Only what naidi has made is ever removed. A generation is ours if its manifest begins as ours do. What has no manifest yet, or has
lost it, is ours if it holds nothing but files with names that a writer gives.
"""

from __future__ import annotations

import os
import stat

from ..codec.regular_file import open_regular
from ..errors import IndexDamaged
from ..late import StrPath, path_in, pattern
from ..messages import message
from ..typed import TYPE_CHECKING
from .manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CURRENT = "CURRENT"
CURRENT_TMP = "CURRENT.tmp"
LOCK = "lock"
SOURCES = "sources.json"
# The folder of the user's dictionaries; see `dictionaries`.
DICTIONARIES = "dictionaries"
STAGING = "gen-next.tmp"
# What a merge writes that runs beside the writer.
MERGING = "gen-merge.tmp"
TOC_TMP = "toc.tmp"

# Other programs make something in memory by this name.
IN_MEMORY = ":memory:"
NO_DIRECTORY = message("naidi.MemoryIndex() makes an index in memory, for tests")

IGNORE = ".gitignore"
IGNORE_ALL = b"# made by naidi\n*\n"

# What CURRENT says before the first commit is done.
NOTHING_COMMITTED = "none\n"

# The largest number of a generation. Whoosh's table of contents has 31 bits for it.
LARGEST_NUMBER = 999_999_999
_GENERATION = pattern(r"gen-([0-9]{8,9})")
# A generation that is being removed.
_REMOVED = pattern(r"gen-[0-9]{8,9}\.removed")
_DIGEST_LETTERS = 64
_LONGEST_LINE = 200
_STAGED = pattern(rf"\d{{8,}}-\d+\.seg|\d{{8,}}-\d+\.\d+\.(?:del|col)|{SOURCES}|_MAIN_\d+\.toc|{MANIFEST}")
_TOC = pattern(r"_MAIN_([0-9]{1,9})\.toc")
# What the table of contents of a generation names. Whoosh's own indexes have files of this name, too.
_TOC_MARK = b"naidi.indexer.whoosh.unpickle"
_LONGEST_TOC = 1 << 20
_MANIFEST_START = pattern(rb'\s*\{\s*"naidi"\s*:\s*"index"')
# Besides generations. Tickets are those of waiting writers. The second lock is left where a writer of Whoosh was refused. Then what
# the user may have put there for the index, and what systems put into any folder.
_OURS = pattern(
    rf"{CURRENT}|{CURRENT_TMP}|{LOCK}|{LOCK}\.[\d-]+|{STAGING}|{MERGING}|{TOC_TMP}|MAIN_WRITELOCK"
    r"|README(\.\w+)?|synonyms\.txt|{DICTIONARIES}|\.gitignore|\.gitkeep|lost\+found|\.DS_Store|desktop\.ini"
)


def is_index(folder: str, names: Iterable[str]) -> bool:
    """Whether a folder with these entries is the directory of an index. Its synonyms.txt is no document.

    Raises OSError if the system does not let us look.
    """
    found = set(names)
    return CURRENT in found and any(
        _names_generation(name) and _is_file(os.path.join(folder, name, MANIFEST)) for name in found
    )


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _names_generation(name: str) -> bool:
    """As `_GENERATION` says."""
    number = name.removeprefix("gen-")
    return number != name and 8 <= len(number) <= 9 and number.isascii() and number.isdecimal()


def generation_name(number: int) -> str:
    return f"gen-{number:08d}"


def parse_current(data: bytes) -> tuple[str, str] | None:
    """(name, manifest digest) of the generation that the content of CURRENT names. None if it names none."""
    # Without a pattern, as each search comes here.
    name, blank, rest = data.decode("ascii", "replace").partition(" ")
    digest = rest[:_DIGEST_LETTERS]
    right = (
        blank and _names_generation(name) and len(digest) == _DIGEST_LETTERS and not digest.strip("0123456789abcdef")
    )
    return (name, digest) if right and rest[_DIGEST_LETTERS:] == "\n" else None


def current_bytes(directory: StrPath) -> bytes:
    """What CURRENT holds, cut off behind the longest line that it may have.

    Raises IndexDamaged if it is no regular file, OSError as the system does.
    """
    with open_regular(path_in(directory, CURRENT)) as file:
        return file.read(_LONGEST_LINE + 1)


def taken_numbers(directory: Path) -> list[int]:
    """The numbers that no new generation may have, ascending: of all that has the name of one, whoever made it."""
    found = (_GENERATION.fullmatch(name) for name in os.listdir(directory))
    return sorted(int(match[1]) for match in found if match)


def generations(directory: Path) -> list[str]:
    """Names of the generations that are there, the earliest first, whether live or not."""
    names = map(generation_name, taken_numbers(directory))
    return [name for name in names if has_manifest(directory / name)]


def has_manifest(folder: Path) -> bool:
    """Whether the folder holds a manifest that begins as ours do. Raises OSError if that cannot be told."""
    if not _is_folder(folder):
        return False
    try:
        with open_regular(folder / MANIFEST) as file:
            return _MANIFEST_START.match(file.read(100)) is not None
    except (FileNotFoundError, NotADirectoryError, IndexDamaged):
        return False


def is_staged(folder: Path) -> bool:
    """Whether the folder holds nothing but what a writer puts into a generation. Raises OSError if that cannot be told."""
    if not _is_folder(folder):
        return False
    with os.scandir(folder) as entries:
        return all(_STAGED.fullmatch(entry.name) and entry.is_file(follow_symlinks=False) for entry in entries)


def removable(directory: Path) -> list[str]:
    """Names of the generations that are ours: those with a manifest, and what is left of those that were removed in part.

    A power failure may bring files back whose manifest is gone. An empty folder tells nothing of who made it, so it is ours only by
    the name that `remove_folder` gives. Raises OSError if that cannot be told.
    """
    removed = [name for name in os.listdir(directory) if _is_removed(directory / name)]
    names = map(generation_name, taken_numbers(directory))
    return removed + [name for name in names if has_manifest(directory / name) or _is_part(directory / name)]


def _is_removed(folder: Path) -> bool:
    """Whether the folder is a generation that is being removed."""
    return _REMOVED.fullmatch(folder.name) is not None and is_staged(folder)


def _is_part(folder: Path) -> bool:
    """Whether the folder holds files of a generation and nothing else."""
    return is_staged(folder) and any(folder.iterdir())


def foreign_names(directory: Path) -> list[str]:
    """What makes a directory unfit for an index: the names in it, if there is no index and they are not of one.

    Raises OSError if that cannot be told.
    """
    names = sorted(os.listdir(directory))
    foreign = [name for name in names if not _is_ours(directory, name)]
    if CURRENT in names:
        # Other programs have a file of this name too.
        try:
            data = current_bytes(directory)
        except (FileNotFoundError, IndexDamaged):
            data = b""
        if parse_current(data) or data == NOTHING_COMMITTED.encode():
            return []
        foreign = [name for name in foreign if not _GENERATION.fullmatch(name)]
    foreign += [name for name in (STAGING, MERGING) if name in names and not is_staged(directory / name)]
    return foreign if foreign and not generations(directory) else []


def _is_ours(directory: Path, name: str) -> bool:
    if _TOC.fullmatch(name):
        return holds_our_toc(directory / name)
    return _OURS.fullmatch(name) is not None or _is_removed(directory / name)


def tocs(directory: Path) -> list[int]:
    """The numbers of the files at the top that Whoosh takes for tables of contents, whoever made them."""
    found = (_TOC.fullmatch(name) for name in os.listdir(directory))
    return sorted(int(match[1]) for match in found if match)


def holds_our_toc(path: Path) -> bool:
    """Whether a file is a table of contents of ours. Raises OSError if that cannot be told."""
    try:
        with open_regular(path) as file:
            return _TOC_MARK in file.read(_LONGEST_TOC)
    except (FileNotFoundError, IndexDamaged):
        return False


def _is_folder(path: Path) -> bool:
    """Whether it is a folder and no link to one. Raises OSError if that cannot be told."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False
