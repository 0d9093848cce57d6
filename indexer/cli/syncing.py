"""What `naidi index` does to an index, with its lines."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from ..errors import NaidiError
from ..messages import message, plural
from ..opensearch.address import is_address, shown_place
from ..printable import counted, dumps
from .progress import progress_bar
from .reporting import (
    by_reason,
    damaged_value,
    name_skipped,
    relative,
    report_value,
    say_losses,
    say_missing,
    say_report,
)
from .saying import say


def folder_options(choices: dict[str, Any], defaults: bool) -> Any:
    """What is chosen on the command line: for a sync, options by name, or all of them."""
    given = {name: value for name, value in choices.items() if value is not None}
    if not defaults:
        return given or None
    from ..folder.options import FolderOptions

    return FolderOptions(**given)


def roots_of(folders: tuple[Path, ...], directory: Path | str) -> list[str] | None:
    """The folders to go through; None means all that the index follows."""
    if folders:
        return [os.fspath(folder) for folder in folders]
    followed = _followed(directory)
    if followed or followed is None:
        return None
    if os.path.isdir("seeds"):
        return ["seeds"]
    raise NaidiError(message("the index follows no folder yet; name one: `naidi index FOLDER`"))


def _followed(directory: Path | str) -> list[str] | None:
    """The folders that the index follows; none if there is no index. None if a directory cannot be read: the sync will say why."""
    from ..errors import IndexMissing, IndexProblem

    if is_address(directory):
        from ..opensearch.followed_folders import followed

        with suppress(IndexMissing):
            return followed(str(directory))
        return []
    from ..state.stored import followed_folders

    try:
        return followed_folders(Path(directory))
    except IndexMissing:
        return []
    except IndexProblem:
        return None


def watched(roots: list[str] | None, directory: Path | str) -> list[str]:
    return _followed(directory) or [] if roots is None else roots


def folder_changes(roots: list[str] | None, directory: Path | str, options: Any) -> Iterator[object]:
    """Yields whenever something in the folders has changed and come to rest. Raises NaidiError without watchfiles."""
    from ..folder.options import FolderOptions, chosen
    from ..folder.watching import changes

    known = options if isinstance(options, FolderOptions) else chosen(options, {})
    index = None if is_address(directory) else Path(directory)
    return changes([one for one in watched(roots, directory) if os.path.isdir(one)], index, known)


def index_once(
    roots: list[str] | None,
    directory: Path | str,
    as_json: bool,
    verbose: bool,
    *,
    said: set[str],
    quiet: bool = False,
    **how: Any,
) -> bool:
    """Sync and report. quiet: say nothing of a sync that changed nothing. said: packages not to name again; gets those named.

    Returns whether no document is lost, be it in its newest version.
    """
    from ..homes import sync

    started = time.perf_counter()
    with progress_bar() as progress:
        report = sync(roots, directory, progress=progress, **how)
    seconds = time.perf_counter() - started
    whole = not report.lost and not report.older
    if quiet and not (report.added or report.updated or report.removed):
        return whole
    if as_json:
        click.echo(dumps(report_value(report, seconds)))
    else:
        say_report(report, seconds, verbose, said)
    return whole


def load_dictionaries() -> None:
    """So that the first change that is seen need not wait for them, which takes a second and more."""
    from ..analysis.lemmatize.keys import all_keys
    from ..analysis.lemmatize.stem import stem

    words = ("qaz", "каз")  # words that no table has, so that all of them are loaded
    all_keys(words)
    for word in words:
        stem(word)


def drop_folders(folders: tuple[str, ...], directory: Path | str, as_json: bool) -> None:
    from ..homes import drop

    for folder in folders:
        count = drop(folder, directory)
        if as_json:
            click.echo(dumps({"v": 1, "dropped": folder, "documents": count}))
        else:
            say(
                plural(
                    "dropped {folder}: {count:,} document",
                    "dropped {folder}: {count:,} documents",
                    count,
                    folder=folder,
                )
            )


def preview_sync(roots: list[str] | None, directory: Path | str, options: Any, verbose: bool, as_json: bool) -> None:
    if is_address(directory):
        from ..opensearch.preview import preview as preview_of_cluster

        found = preview_of_cluster(roots, str(directory), options)
    else:
        from ..folder.preview import preview

        found = preview(roots, Path(directory), options)
    if as_json:
        value = {"v": 1, "dry_run": True, "added": found.added, "changed": found.changed, "removed": found.removed}
        value["skipped"] = [{"path": path, "reason": reason} for path, reason in found.skipped]
        value["missing"] = found.missing
        click.echo(dumps(value))
        return
    say_missing(found.missing)
    for path in found.added:
        say(message("add {path}", path=relative(path)))
    for path in found.changed:
        say(message("read again {path}", path=relative(path)))
    for path in found.removed:
        say(message("remove {path}", path=relative(path)))
    if verbose:
        name_skipped(found.skipped)
    say(
        message(
            "would add {added:,}, read again {changed:,}, remove {removed:,}, skip {skipped}; nothing was done",
            added=len(found.added),
            changed=len(found.changed),
            removed=len(found.removed),
            skipped=by_reason(found.skipped),
        ),
        err=True,
    )


def upgrade_index(directory: Path | str, accept_loss: bool, jobs: int | None, as_json: bool) -> bool:
    """Upgrade and report. Returns whether no document is lost, be it in its newest version."""
    from ..homes import upgrade
    from ..writing.workers import default_jobs

    started = time.perf_counter()
    with progress_bar() as progress:
        report = upgrade(directory, jobs=jobs or default_jobs(), progress=progress, accept_loss=accept_loss)
    seconds = time.perf_counter() - started
    if as_json:
        value = {
            "v": 1,
            "upgraded": report.reason,
            "documents": report.documents,
            "lost": damaged_value(report.lost),
            "older": damaged_value(report.older),
            "seconds": round(seconds, 3),
        }
        click.echo(dumps(value))
    elif report.reason is None:
        documents = counted(report.documents, "document")
        say(
            message(
                "{index}: up to date, nothing to do ({documents})", index=shown_place(directory), documents=documents
            )
        )
    else:
        say_losses(report)
        documents = counted(report.documents, "document")
        say(
            message(
                "index brought up to date ({reason}): {documents} in {seconds:.1f} s",
                reason=report.reason,
                documents=documents,
                seconds=seconds,
            )
        )
    return not report.lost and not report.older
