"""`sync` makes an index follow folders. New and changed files go in, missing files go out, other files are not read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..errors import IndexDamaged, IndexMissing, IndexOutdated, NaidiError, without_advice
from ..messages import message
from ..readers.confined import stop_child
from ..state.generations import read_current
from ..state.stored import Lost, StoredDocuments, open_stored
from ..writing.reanalyse import Progress, refuse_loss
from ..writing.workers import default_jobs
from ..writing.writer import Writer
from .options import FolderChoices, FolderOptions, chosen
from .rebuild import Rebuild
from .report import SyncReport
from .sync_run import SyncRun
from .target import LocalTarget
from .walk import walk


def sync(
    roots: str | Path | Sequence[str | Path] | None,
    directory: str | Path = "index_data",
    *,
    jobs: int | None = 1,
    rebuild: bool = False,
    options: FolderOptions | FolderChoices | None = None,
    lock_timeout: float = 5.0,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Make the index in a directory follow folders, in one commit. `naidi.sync` says what each parameter means.

    Raises NaidiError: IndexLocked, IndexDamaged, a root that is no folder, an option with a value of another type and so on;
    TypeError for an unknown option. The index is then as it was.
    """
    index = Path(directory)
    chosen(options, {})  # raises for what has no meaning, before anything is created
    named = None if roots is None else named_folders(roots)
    if named is None:
        with suppress(IndexDamaged):
            read_current(index)  # raises if there is no index, before one is made
    # Who may not read a folder may not read its texts in the index.
    mode = 0o777
    for folder in named or ():
        mode &= os.stat(folder).st_mode & 0o777 | 0o700
    writer, reason, old = _open_writer(
        index, rebuild, _WriterOptions(jobs or default_jobs(), lock_timeout, force, mode)
    )
    try:
        writer.merge_in_commits()  # the run has one commit, and ends with it
        report = SyncReport(rebuilt=reason)
        if old is not None:
            _take_roots(writer, old, all_known=named is None)
        sources = writer.read_sources() if old is None else old.sources
        target = LocalTarget(writer, sources, changed=old is not None)
        before = None if old is None else Rebuild(writer, old, progress, anew=rebuild)
        SyncRun(target, report, progress, named or {}).run(named, options, before)
        writer.commit()
    finally:
        stop_child()
        writer.close()
    report.sort()
    return report


def named_folders(roots: str | Path | Sequence[str | Path]) -> dict[str, str]:
    """Absolute path -> the path as given. Raises NaidiError for what is no folder, before anything is created."""
    given = [roots] if isinstance(roots, (str, os.PathLike)) else list(roots)
    if not given:
        raise NaidiError(message("no folder is named"))
    for root in given:
        if os.path.isfile(root):
            raise NaidiError(message("{root}: is a file; name the folder that holds it", root=os.fspath(root)))
        walk(root)
    return {os.path.abspath(root): os.fspath(root) for root in given}


class _WriterOptions(NamedTuple):
    jobs: int
    lock_timeout: float
    force: bool
    mode: int


def _open_writer(
    index: Path, rebuild: bool, options: _WriterOptions
) -> tuple[Writer, str | None, StoredDocuments | None]:
    """The writer, why the index is built anew or None, and the stored documents that must be kept or None.

    Only who asks for a rebuild loses what is damaged.
    """
    reason = message("as asked") if rebuild else None
    if not rebuild:
        try:
            return Writer(index, **options._asdict()), None, None
        except IndexOutdated:
            reason = message("made by another version")
    writer = Writer(index, rebuild=True, **options._asdict())
    old = None
    try:
        old = open_stored(index)
        if old.damage is not None:
            if not rebuild:
                refuse_loss(old)
            how = message("in part from the state before") if old.earlier else message("without what is damaged")
            how = how if old.segments else message("from the folder alone")
            reason = message("{reason}, {how}: {why}", reason=reason, how=how, why=old.reason)
    except IndexMissing:
        pass
    except IndexOutdated as error:  # an index of a later naidi
        if not rebuild:
            writer.close()
            raise
        why = without_advice(error)
        reason = message("{reason}, {how}: {why}", reason=reason, how=message("from the folder alone"), why=why)
        old = StoredDocuments(lost=[Lost(message("all documents"), False, why, number=0)])
    except BaseException:
        writer.close()
        raise
    return writer, reason, old


def _take_roots(writer: Writer, old: StoredDocuments, *, all_known: bool) -> None:
    """Have the new index follow the folders of the old one. Raises NaidiError if these must be known and are not."""
    if old.manifest is not None:
        writer.roots.update({root: dict(noted) for root, noted in old.manifest.roots.items()})
    elif all_known:
        why = old.reason or old.lost[0].reason
        raise NaidiError(
            message(
                "{why}: which folders the index follows cannot be read; name them again: `naidi index FOLDER "
                "--rebuild`",
                why=why,
            )
        )
