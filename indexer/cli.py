"""The commands `index`, `status` and `verify`. They read arguments and print lines; other rooms do the work."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import NaidiError
from .printable import dumps, printable

if TYPE_CHECKING:
    from .folder.sync import SyncReport
    from .writing.reanalyse import Progress

DEFAULT_INDEX = "index_data"
DEFAULT_MAX_SIZE = "64M"


def _bytes(context: click.Context, option: click.Parameter, text: str) -> int:
    """A number of bytes: 500, 64K, 1.5M or 2G. A K has 1,024 bytes."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([kmg]?)", text.strip().lower())
    if found is None:
        raise click.BadParameter(f"{text!r} is no size; write 500K, 64M or 2G", context, option)
    return int(float(found[1]) * 1024 ** " kmg".index(found[2] or " "))


index_option = click.option(
    "--index",
    "directory",
    type=click.Path(path_type=Path),
    default=DEFAULT_INDEX,
    envvar="NAIDI_INDEX",
    show_default=True,
    show_envvar=True,
    help="Directory of the index.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

_UPGRADE = ": `naidi index --upgrade` brings it up to date"

# At most this many skipped files are named one by one. The rest is only counted.
_NAMED_FILES = 20


@click.command("index", short_help="Make the index follow a folder.")
@click.argument("seeds", type=click.Path(path_type=Path), required=False)
@index_option
@click.option(
    "--rebuild",
    is_flag=True,
    help="Read every file anew, and do without what is damaged. Searches answer from the old state until it is done.",
)
@click.option(
    "--upgrade",
    "upgrading",
    is_flag=True,
    help="Analyse what is stored anew if another version has made the index. Takes no folder.",
)
@click.option("--force", is_flag=True, help="Make the index even in a directory that holds other things.")
@click.option("--watch", is_flag=True, help="Stay and follow every change (needs `pip install naidi[watch]`).")
@click.option("--jobs", type=click.IntRange(1), help="Processes that analyse files.  [default: one a processor]")
@click.option(
    "--max-size",
    callback=_bytes,
    metavar="SIZE",
    default=DEFAULT_MAX_SIZE,
    show_default=True,
    help="Leave out larger files: 500K, 64M, 2G.",
)
@click.option("--follow", is_flag=True, help="Follow links to files outside of the folder.")
@json_option
def index_command(
    seeds: Path | None,
    directory: Path,
    rebuild: bool,
    upgrading: bool,
    force: bool,
    watch: bool,
    jobs: int | None,
    max_size: int,
    follow: bool,
    as_json: bool,
) -> None:
    """Make the index follow the folder SEEDS, by default seeds/.

    Only files that changed since the last time are read. Hidden files, files that .gitignore names, binary files,
    large files, unknown formats and links out of the folder are left out and reported. The status is 2 if a rebuild
    had to do without damaged documents.

    \b
    Examples:
      naidi index                        seeds/ into index_data/
      naidi index ~/notes --index ~/.notes-index
      naidi index --rebuild              read everything anew
      naidi index --watch                stay and follow every change
      naidi index --upgrade              after a new version of naidi or of a dictionary
    """
    if upgrading:
        if seeds is not None or watch:
            raise click.UsageError(f"--upgrade takes no {'--watch' if watch else 'folder'}: it reads the index alone")
        _upgrade(directory, rebuild, jobs, as_json)
        return
    seeds = seeds or Path("seeds")
    changes = _changes(seeds) if watch else None  # before the first sync: a missing package is reported at once
    options = {"force": force, "jobs": jobs, "max_file_size": max_size, "follow_links": follow}
    lost = _index_once(seeds, directory, as_json, rebuild=rebuild, **options)
    if changes is None:
        _end_if_lost(lost)
        return
    click.echo(f"watching {printable(str(seeds))}; Ctrl-C ends it", err=True)
    for _ in changes:
        _index_once(seeds, directory, as_json, **options)


def _changes(seeds: Path) -> Iterator[object]:
    """Yields whenever something in the folder has changed and come to rest. Raises NaidiError without watchfiles."""
    try:
        from watchfiles import watch
    except ImportError as error:
        raise NaidiError("--watch needs the package watchfiles: pip install 'naidi[watch]'") from error
    changes: Iterator[object] = watch(seeds, raise_interrupt=False)
    return changes


def _index_once(seeds: Path, directory: Path, as_json: bool, **options: Any) -> int:
    """Sync and report. Returns how many documents are lost."""
    from .folder.sync import sync

    started = time.perf_counter()
    with _progress_bar() as progress:
        report = sync(seeds, directory, progress=progress, **options)
    seconds = time.perf_counter() - started
    if as_json:
        click.echo(dumps(_report_value(report, seconds)))
    else:
        _say_report(report, seconds)
    return len(report.lost)


def _upgrade(directory: Path, accept_loss: bool, jobs: int | None, as_json: bool) -> None:
    from .writing.upgrade import upgrade
    from .writing.workers import default_jobs

    started = time.perf_counter()
    with _progress_bar() as progress:
        report = upgrade(directory, jobs=jobs or default_jobs(), progress=progress, accept_loss=accept_loss)
    seconds = time.perf_counter() - started
    if as_json:
        value = {
            "v": 1,
            "upgraded": report.reason,
            "documents": report.documents,
            "lost": _lost_value(report.lost),
            "seconds": round(seconds, 3),
        }
        click.echo(dumps(value))
    elif report.reason is None:
        click.echo(f"{printable(str(directory))}: up to date, nothing to do ({report.documents:,} documents)")
    else:
        _say_lost(report.lost)
        click.echo(f"index brought up to date ({report.reason}): {report.documents:,} documents in {seconds:.1f} s")
    _end_if_lost(len(report.lost))


def _end_if_lost(count: int) -> None:
    """A loss must be noticed by a script, too."""
    if count:
        click.get_current_context().exit(2)


def _say_lost(lost: list[tuple[str, str]]) -> None:
    for doc_id, reason in lost[:_NAMED_FILES]:
        click.echo(f"lost {printable(doc_id)}: {printable(reason)}", err=True)
    if len(lost) > _NAMED_FILES:
        click.echo(f"lost {len(lost) - _NAMED_FILES:,} more; --json names them all", err=True)


def _lost_value(lost: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": doc_id, "reason": reason} for doc_id, reason in lost]


@contextmanager
def _progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """On a terminal, a bar with documents, MB/s and time left. Elsewhere nothing."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    bar: Any = None
    started = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal bar, started
        if bar is not None and bar.length != progress.total_bytes:  # stored documents are done, files follow
            bar.__exit__(None, None, None)
            bar, started = None, time.monotonic()
        if bar is None:
            bar = click.progressbar(
                length=progress.total_bytes,
                file=sys.stderr,
                width=24,
                show_percent=True,
                show_eta=True,
                item_show_func=lambda item: item,
            )
            bar.__enter__()
        speed = progress.bytes / 1e6 / max(time.monotonic() - started, 1e-9)
        text = f"{progress.files:,} of {progress.total_files:,} documents, {speed:.1f} MB/s"
        bar.update(progress.bytes - bar.pos, text)

    try:
        yield show
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def _report_value(report: SyncReport, seconds: float) -> dict[str, Any]:
    return {
        "v": 1,
        "added": report.added,
        "updated": report.updated,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "warnings": [{"path": path, "warning": warning} for path, warning in report.warnings],
        "rebuilt": report.rebuilt,
        "lost": _lost_value(report.lost),
        "seconds": round(seconds, 3),
    }


def _say_report(report: SyncReport, seconds: float) -> None:
    if report.rebuilt:
        click.echo(f"index built anew: {printable(report.rebuilt)}", err=True)
    _say_lost(report.lost)
    for path, warning in report.warnings[:_NAMED_FILES]:
        click.echo(f"{printable(path)}: {printable(warning)}", err=True)
    # Hidden and ignored files are meant to be left out. The names of the others may be news.
    named = {doc_id for doc_id, _ in report.lost}
    worth_naming = [(path, reason) for path, reason in report.skipped if not _is_expected(reason) and path not in named]
    for path, reason in worth_naming[:_NAMED_FILES]:
        click.echo(f"skipped {printable(path)}: {printable(reason)}", err=True)
    if len(worth_naming) > _NAMED_FILES:
        click.echo(f"skipped {len(worth_naming) - _NAMED_FILES:,} more; --json names them all", err=True)
    line = (
        f"added {report.added:,}, updated {report.updated:,}, removed {report.removed:,}, "
        f"unchanged {report.unchanged:,}, skipped {len(report.skipped):,}"
    )
    reasons = Counter(reason for _, reason in report.skipped).most_common()
    if reasons:
        line += " (" + ", ".join(f"{count:,} {reason}" for reason, count in reasons[:6])
        line += ", ...)" if len(reasons) > 6 else ")"
    click.echo(f"{printable(line)} in {seconds:.1f} s")


def _is_expected(reason: str) -> bool:
    return reason in ("hidden", "excluded") or reason.startswith("ignored by")


@click.command("status", short_help="Show what is in the index.")
@index_option
@json_option
def status_command(directory: Path, as_json: bool) -> None:
    """Show what is in the index: documents, languages, size, folders, and whether it is up to date."""
    from .status import index_status

    status = index_status(directory)
    if as_json:
        click.echo(dumps({"v": 1, **status}))
        return
    languages = ", ".join(f"{name} {count:,}" for name, count in status["languages"].items()) or "none"
    size, text = status["bytes"] / 1e6, status["text_bytes"] / 1e6
    ratio = f", {size / text:.2f} x the text ({text:.1f} MB)" if text else ""
    click.echo(f"index       {printable(status['index'])}")
    click.echo(f"documents   {status['documents']:,} ({printable(languages)})")
    click.echo(f"size        {size:.1f} MB{ratio}, {status['segments']} segments")
    click.echo(f"committed   {printable(status['created'])}, generation {status['generation']}")
    for root in status["roots"]:
        newer = f"changed since: {printable(root['newer'])}" if root["newer"] else "up to date"
        click.echo(f"folder      {printable(root['path'])} ({newer})")
    older = status["format"] < status["newest_format"]
    click.echo(f"format      {status['format']}" + f", the newest is {status['newest_format']}{_UPGRADE}" * older)
    click.echo("analysis    " + (f"of another version{_UPGRADE}" if status["outdated"] else "current"))
    if status["damage"]:
        click.echo(f"damaged     {printable(status['damage'])}", err=True)


@click.command("verify", short_help="Check every byte of the index.")
@index_option
@json_option
def verify_command(directory: Path, as_json: bool) -> None:
    """Read the whole index and compare it with its checksums. End with status 2 if anything differs."""
    from .state.generations import open_generation

    generation = open_generation(directory)
    if generation.damage is not None:
        raise generation.damage
    files = generation.verify()
    if as_json:
        click.echo(dumps({"v": 1, "index": str(directory), "files": files, "damaged": False}))
    else:
        click.echo(f"{printable(str(directory))}: {files} files, every byte as it was written")


@click.command("formats", short_help="Show which files can be read.")
@json_option
def formats_command(as_json: bool) -> None:
    """Show the formats of files that can be read: their extensions, what is read, and what has to be installed.

    Other packages may add formats (docs/formats.md). A package whose format cannot be used is named on stderr.
    """
    from .readers.format_list import format_list
    from .readers.registry import broken_formats

    found = format_list()
    broken = broken_formats()
    if as_json:
        click.echo(dumps({"v": 1, "formats": [one._asdict() for one in found], "broken": broken}))
        return
    width = max(len(one.name) for one in found)
    for one in found:
        missing = f" - {one.how}" if one.how else ""
        click.echo(printable(f"{one.name:{width}}  {one.about}{missing}"))
        names = " ".join((*one.extensions, *one.file_names))
        if names:
            click.echo(click.wrap_text(printable(names), 100, " " * (width + 2), " " * (width + 2)))
    for name, error in broken.items():
        click.echo(f"the format {printable(name)} of another package is broken: {printable(error)}", err=True)


COMMANDS: dict[str, click.Command] = {
    "index": index_command,
    "status": status_command,
    "verify": verify_command,
    "formats": formats_command,
}
