"""The table of contents at the top of the index directory, by which `whoosh.index.open_dir` finds the live generation.

Each generation has one among its files, `_MAIN_<n>.toc`. It names segments with the folder of the generation, so a link to it can
stand at the top. Whoosh takes the one with the highest number. It is put there once CURRENT names its generation, durably: a crash
in between leaves that of the state before, whose files are still there. It goes when its generation does.

naidi itself never reads it. What is damaged or missing here harms Whoosh alone, and the next writer puts it right.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import IndexDamaged
from ..messages import message
from .files import file_digest, link_or_copy, replace
from .layout import TOC_TMP, generation_name, holds_our_toc, tocs
from .manifest import FileEntry, toc_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


def publish_toc(directory: Path, live: Path, keep: Collection[str]) -> None:
    """Show Whoosh the live generation, and no more those that are about to be removed. Only the holder of the lock may call this.

    Parameters:
      live: the folder of the live generation.
      keep: names of the generations that stay, the live one among them.

    Raises OSError as the system does.
    """
    number = int(live.name.removeprefix("gen-"))
    source, temporary = live / toc_name(number), directory / TOC_TMP
    if source.exists():  # somebody may have removed it; searches do without
        temporary.unlink(missing_ok=True)
        link_or_copy(source, temporary)
        replace(temporary, directory / toc_name(number))
        temporary.unlink(missing_ok=True)  # a rename of a link onto a link to the same file does nothing
    for other in tocs(directory):
        name = generation_name(other)
        if name not in keep and ((directory / name).is_dir() or holds_our_toc(directory / toc_name(other))):
            (directory / toc_name(other)).unlink(missing_ok=True)


def is_published(directory: Path, live: Path) -> bool:
    """Whether Whoosh is shown the live generation, as far as a look at the file tells."""
    name = toc_name(int(live.name.removeprefix("gen-")))
    try:
        return os.stat(directory / name).st_size == os.stat(live / name).st_size
    except OSError:
        return False


def verify_toc(directory: Path, number: int, files: Mapping[str, FileEntry]) -> None:
    """Compare the file at the top with that of its generation. There is none after a crash in a bad moment, or by an earlier naidi.

    Raises IndexDamaged if it has another content, OSError as the system does.
    """
    path, expected = directory / toc_name(number), files.get(toc_name(number))
    if expected is None or not os.path.lexists(path):
        return
    try:
        found = file_digest(path, expected.size)
    except FileNotFoundError:
        return
    if found != expected:
        raise IndexDamaged(
            message(
                "{path}: content differs from what was written; naidi.Writer puts it right when it opens the index",
                path=path,
            )
        )
