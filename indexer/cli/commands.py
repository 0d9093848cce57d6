"""The commands `index`, `status` and `verify`. They read arguments and print lines; other rooms do the work."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import NaidiError
from ..printable import counted, dumps, printable, size_of
from .options import index_option, json_option, overruled

if TYPE_CHECKING:
    from ..folder.report import SyncReport
    from ..writing.reanalyse import Progress
    from ..writing.upgrade import UpgradeReport

DEFAULT_MAX_SIZE = "64M"


def _bytes(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """A number of bytes: 500, 64K, 1.5M or 2G. A K has 1,024 bytes."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([kmg]?)", text.strip().lower())
    if found is None:
        raise click.BadParameter(f"{text!r} is no size; write 500K, 64M or 2G", context, option)
    return int(float(found[1]) * 1024 ** " kmg".index(found[2] or " "))


# Options of `naidi index` that make no sense together.
_EXCLUDING = frozenset(
    frozenset(pair)
    for pair in (
        *(("upgrading", other) for other in ("drop", "folders", "watch", "dry_run")),
        *(("drop", other) for other in ("folders", "watch", "dry_run")),
        ("watch", "dry_run"),
    )
)

_UPGRADE = ": `naidi index --upgrade` brings it up to date"

# At most this many damaged documents are named one by one. The rest is only counted.
_NAMED_FILES = 20


def _comma_list(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of an option that may be repeated and may have several values with commas between."""
    found = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return found or None


def _extensions(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """Extensions in lower case, each with its dot: `.foo,.bar`, or `foo,bar`."""
    found = tuple("." + value.lstrip(".").lower() for value in _comma_list(context, option, values) or ())
    for one in found:
        if len(one) < 2 or not one.isprintable() or set(one) & set("/*? "):
            raise click.BadParameter(f"{one!r} is no file extension; write .foo,.bar", context, option)
    return found or None


def _languages(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    from ..readers.ocr import languages

    if text is None or text == "off":
        return None if text is None else ()
    try:
        return languages(text)
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from error


def _patterns(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    return values or None


@click.command("index", short_help="Make the index follow folders.")
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=click.Path(path_type=Path))
@index_option
@click.option("--drop", multiple=True, metavar="FOLDER", help="Take a folder out of the index. It need not exist.")
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
@click.option("--watch", is_flag=True, help="Stay and follow every change (needs `pip install watchfiles`).")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--jobs", type=click.IntRange(1), help="Processes that analyse files.  [default: one a processor]")
@click.option(
    "--include",
    multiple=True,
    metavar="GLOB",
    callback=_patterns,
    help="Only files that a pattern fits, written as in .gitignore: '*.md', docs/. May be repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    callback=_patterns,
    help="Leave out what a pattern fits. '!node_modules' takes in what is left out by default.",
)
@click.option("--hidden/--no-hidden", default=None, help="Files and folders whose names begin with a dot, too.")
@click.option(
    "--max-size",
    "max_file_size",
    callback=_bytes,
    metavar="SIZE",
    help=f"Leave out larger files: 500K, {DEFAULT_MAX_SIZE}, 2G.  [default: {DEFAULT_MAX_SIZE}]",
)
@click.option(
    "--follow/--no-follow",
    "follow_links",
    default=None,
    help="Follow links to files and folders outside of the folder.",
)
@click.option(
    "--ext",
    "extensions",
    multiple=True,
    metavar=".FOO,.BAR",
    callback=_extensions,
    help="Read files with these extensions, too, as plain text. `naidi formats` shows all others.",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="A,B",
    callback=_comma_list,
    help="Of tables (CSV, JSON Lines), the columns that are text.  [default: all]",
)
@click.option(
    "--ocr",
    metavar="LANGUAGES",
    callback=_languages,
    help="Recognise text in pictures and scanned pages, by tesseract: rus+eng. `off` ends it.",
)
@click.option("--defaults", is_flag=True, help="Forget the choices that were noted for the folders.")
@click.option("-v", "--verbose", is_flag=True, help="Name each file that is left out, and each loss.")
@json_option
def index_command(
    folders: tuple[Path, ...],
    directory: Path,
    drop: tuple[str, ...],
    rebuild: bool,
    upgrading: bool,
    force: bool,
    watch: bool,
    dry_run: bool,
    jobs: int | None,
    defaults: bool,
    verbose: bool,
    as_json: bool,
    **choices: Any,
) -> None:
    """Make the index follow each FOLDER. Without one, bring all folders up to date that it follows.

    Only files that changed since the last time are read. Hidden files, files that .gitignore names, folders such as
    node_modules, binary files, large files, unknown formats and links out of the folder are left out. The choices
    (--include to --ocr) are noted for the folder and hold the next time. The status is 2 if a rebuild had to do
    without damaged documents, or has some only as they were before.

    \b
    Examples:
      naidi index                        all folders the index follows; the first time, seeds/ if it is there
      naidi index ~/notes ~/books        two more folders
      naidi index ~/notes --exclude '*.log' --exclude drafts/
      naidi index --drop ~/books         forget a folder
      naidi index --dry-run -v           what would be done
      naidi index --watch                stay and follow every change
      naidi index --rebuild              read everything anew
      naidi index --upgrade              after a new version of naidi or of a dictionary
    """
    what = {"upgrading": upgrading, "drop": drop, "folders": folders, "watch": watch, "dry_run": dry_run}
    farther = overruled((name for name, value in what.items() if value), _EXCLUDING)
    upgrading, watch, dry_run = (bool(what[name]) and name not in farther for name in ("upgrading", "watch", "dry_run"))
    drop = () if "drop" in farther else drop
    _check_together(folders, drop, upgrading, watch, dry_run)
    if upgrading:
        _upgrade(directory, rebuild, jobs, as_json)
        return
    if drop:
        _drop(drop, directory, as_json)
        return
    options = _options(choices, defaults)
    roots = _roots(folders, directory)
    if dry_run:
        _preview(roots, directory, options, verbose, as_json)
        return
    changes = _changes(roots, directory, options) if watch else None  # first: a missing package is reported at once
    said: set[str] = set()  # the packages that were named already
    how = {"force": force, "jobs": jobs, "options": options, "said": said}
    whole = _index_once(roots, directory, as_json, verbose, rebuild=rebuild, **how)
    if changes is None:
        _end(whole)
        return
    _load_dictionaries()
    click.echo(f"watching {printable(', '.join(_watched(roots, directory)))}; Ctrl-C ends it", err=True)
    for _ in changes:
        _index_once(roots, directory, as_json, verbose, quiet=True, **how)


def _check_together(
    folders: tuple[Path, ...], drop: tuple[str, ...], upgrading: bool, watch: bool, dry_run: bool
) -> None:
    """Raises UsageError for what makes no sense together."""
    for name, given in (("--upgrade", upgrading), ("--drop", bool(drop))):
        for other, present in (("folder", bool(folders)), ("--watch", watch), ("--dry-run", dry_run)):
            if given and present:
                raise click.UsageError(f"{name} takes no {other}")
    if upgrading and drop:
        raise click.UsageError("--upgrade takes no --drop")
    if watch and dry_run:
        raise click.UsageError("--watch takes no --dry-run")


def _options(choices: dict[str, Any], defaults: bool) -> Any:
    """What is chosen on the command line: for a sync, options by name, or all of them."""
    given = {name: value for name, value in choices.items() if value is not None}
    if not defaults:
        return given or None
    from ..folder.options import FolderOptions

    return FolderOptions(**given)


def _roots(folders: tuple[Path, ...], directory: Path) -> list[str] | None:
    """The folders to go through; None means all that the index follows."""
    if folders:
        return [os.fspath(folder) for folder in folders]
    followed = _followed(directory)
    if followed or followed is None:
        return None
    if os.path.isdir("seeds"):
        return ["seeds"]
    raise NaidiError("the index follows no folder yet; name one: `naidi index FOLDER`")


def _followed(directory: Path) -> list[str] | None:
    """The folders that the index follows; none if there is no index. None if that cannot be read: the sync will say why."""
    from ..errors import IndexMissing, IndexProblem
    from ..state.stored import followed_folders

    try:
        return followed_folders(directory)
    except IndexMissing:
        return []
    except IndexProblem:
        return None


def _watched(roots: list[str] | None, directory: Path) -> list[str]:
    return _followed(directory) or [] if roots is None else roots


def _changes(roots: list[str] | None, directory: Path, options: Any) -> Iterator[object]:
    """Yields whenever something in the folders has changed and come to rest. Raises NaidiError without watchfiles."""
    from ..folder.options import FolderOptions, chosen
    from ..folder.watching import changes

    known = options if isinstance(options, FolderOptions) else chosen(options, {})
    return changes([one for one in _watched(roots, directory) if os.path.isdir(one)], directory, known)


def _index_once(
    roots: list[str] | None,
    directory: Path,
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
    from ..folder.sync import sync

    started = time.perf_counter()
    with _progress_bar() as progress:
        report = sync(roots, directory, progress=progress, **how)
    seconds = time.perf_counter() - started
    whole = not report.lost and not report.older
    if quiet and not (report.added or report.updated or report.removed):
        return whole
    if as_json:
        click.echo(dumps(_report_value(report, seconds)))
    else:
        _say_report(report, seconds, verbose, said)
    return whole


def _load_dictionaries() -> None:
    """So that the first change that is seen need not wait for them, which takes a second and more."""
    from ..analysis.lemmatize.keys import all_keys
    from ..analysis.lemmatize.stem import stem

    words = ("qaz", "каз")  # words that no table has, so that all of them are loaded
    all_keys(words)
    for word in words:
        stem(word)


def _drop(folders: tuple[str, ...], directory: Path, as_json: bool) -> None:
    from ..folder.drop import drop

    for folder in folders:
        count = drop(folder, directory)
        if as_json:
            click.echo(dumps({"v": 1, "dropped": folder, "documents": count}))
        else:
            click.echo(f"dropped {printable(folder)}: {count:,} document{'s' * (count != 1)}")


def _preview(roots: list[str] | None, directory: Path, options: Any, verbose: bool, as_json: bool) -> None:
    from ..folder.preview import preview

    found = preview(roots, directory, options)
    if as_json:
        value = {"v": 1, "dry_run": True, "added": found.added, "changed": found.changed, "removed": found.removed}
        value["skipped"] = [{"path": path, "reason": reason} for path, reason in found.skipped]
        value["missing"] = found.missing
        click.echo(dumps(value))
        return
    _say_missing(found.missing)
    for word, paths in (("add", found.added), ("read again", found.changed), ("remove", found.removed)):
        for path in paths:
            click.echo(f"{word} {printable(_relative(path))}")
    if verbose:
        _name_skipped(found.skipped)
    click.echo(
        f"would add {len(found.added):,}, read again {len(found.changed):,}, remove {len(found.removed):,}, "
        f"skip {_by_reason(found.skipped)}; nothing was done",
        err=True,
    )


def _upgrade(directory: Path, accept_loss: bool, jobs: int | None, as_json: bool) -> None:
    from ..writing.upgrade import upgrade
    from ..writing.workers import default_jobs

    started = time.perf_counter()
    with _progress_bar() as progress:
        report = upgrade(directory, jobs=jobs or default_jobs(), progress=progress, accept_loss=accept_loss)
    seconds = time.perf_counter() - started
    if as_json:
        value = {
            "v": 1,
            "upgraded": report.reason,
            "documents": report.documents,
            "lost": _damaged_value(report.lost),
            "older": _damaged_value(report.older),
            "seconds": round(seconds, 3),
        }
        click.echo(dumps(value))
    elif report.reason is None:
        click.echo(f"{printable(str(directory))}: up to date, nothing to do ({counted(report.documents, 'document')})")
    else:
        _say_losses(report)
        documents = counted(report.documents, "document")
        click.echo(f"index brought up to date ({report.reason}): {documents} in {seconds:.1f} s")
    _end(not report.lost and not report.older)


def _end(whole: bool) -> None:
    """A loss must be noticed by a script, too."""
    if not whole:
        click.get_current_context().exit(2)


def _say_losses(report: SyncReport | UpgradeReport) -> None:
    for what, entries in (("lost", report.lost), ("only as it was before:", report.older)):
        for name, reason in entries[:_NAMED_FILES]:
            click.echo(f"{what} {printable(name)}: {printable(reason)}", err=True)
        if len(entries) > _NAMED_FILES:
            click.echo(f"{what} {len(entries) - _NAMED_FILES:,} more; --json names them all", err=True)


def _damaged_value(entries: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"id": name, "reason": reason} for name, reason in entries]


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
        "roots": report.roots,
        "missing": report.missing,
        "moved": [{"from": before, "to": now} for before, now in report.moved],
        "joined": [{"folder": inner, "part_of": outer} for inner, outer in report.joined],
        "lost": _damaged_value(report.lost),
        "older": _damaged_value(report.older),
        "recovered": _damaged_value(report.recovered),
        "seconds": round(seconds, 3),
    }


def _say_report(report: SyncReport, seconds: float, verbose: bool, said: set[str]) -> None:
    if report.rebuilt:
        click.echo(f"index built anew: {printable(report.rebuilt)}", err=True)
    for before, now in report.moved:
        click.echo(f"{printable(before)} has moved to {printable(now)}", err=True)
    for inner, outer in report.joined:
        click.echo(f"{printable(inner)} is followed as a part of {printable(outer)}", err=True)
    _say_missing(report.missing)
    _say_losses(report)
    if report.recovered:
        again = counted(len(report.recovered), "damaged document")
        click.echo(f"read from the folder again: {again}", err=True)
    if verbose:
        for path, warning in report.warnings:
            click.echo(f"{printable(_relative(path))}: {printable(warning)}", err=True)
        _name_skipped(report.skipped)
    line = (
        f"added {report.added:,}, updated {report.updated:,}, removed {report.removed:,}, "
        f"unchanged {report.unchanged:,}, skipped {_by_reason(report.skipped)}"
    )
    if report.warnings:
        line += f", {len(report.warnings):,} not read whole"
    click.echo(f"{printable(line)} in {seconds:.1f} s")
    _say_packages(report.skipped, said)


def _say_packages(skipped: list[tuple[str, str]], said: set[str]) -> None:
    """What to install for the files that were left out for want of a package, but for what was said before."""
    from ..readers.read_file import NEEDS

    packages = sorted(
        {reason.removeprefix(NEEDS).split()[0] for _, reason in skipped if reason.startswith(NEEDS + " ")}
    )
    if not said.issuperset(packages):
        said.update(packages)
        click.echo(
            f"to read all: {printable(sys.executable)} -m pip install {printable(' '.join(packages))}, "
            "or pip install '.[formats]' in a clone of naidi",
            err=True,
        )


def _say_missing(missing: list[str]) -> None:
    for root in missing:
        click.echo(
            f"{printable(root)}: no such folder; its documents stay until `naidi index --drop {printable(root)}`",
            err=True,
        )


def _name_skipped(skipped: list[tuple[str, str]]) -> None:
    for path, reason in skipped:
        click.echo(f"skipped {printable(_relative(path))}: {printable(reason)}", err=True)


def _by_reason(skipped: list[tuple[str, str]]) -> str:
    """How many were left out, and the most frequent reasons: «12 (8 hidden, 4 binary file)»."""
    reasons = Counter(reason for _, reason in skipped).most_common()
    shown = ", ".join(f"{count:,} {printable(reason)}" for reason, count in reasons[:6])
    return f"{len(skipped):,}" + (f" ({shown}{', ...' * (len(reasons) > 6)})" if reasons else "")


def _state(folder: Mapping[str, Any]) -> str:
    """How a folder stands: «up to date»."""
    if folder["missing"]:
        return "missing"
    return f"changed since: {printable(folder['newer'])}" if folder["newer"] else "up to date"


def _relative(path: str) -> str:
    """The path as it is shown: relative to the working directory if it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


@click.command("folders", short_help="List the folders that the index follows.")
@index_option
@json_option
def folders_command(directory: Path, as_json: bool) -> None:
    """List the folders that the index follows: documents, whether they are up to date, and the choices noted for them."""
    from ..status import folders_of

    folders = folders_of(directory)
    if as_json:
        click.echo(dumps({"v": 1, "folders": folders}))
        return
    for folder in folders:
        state = _state(folder)
        count = folder["documents"]
        click.echo(f"{printable(folder['path'])}  {counted(count, 'document')} ({state})")
        if folder["options"]:
            click.echo("  " + printable(", ".join(f"{name}={value}" for name, value in folder["options"].items())))
    if not folders:
        click.echo("the index follows no folder; `naidi index FOLDER` adds one", err=True)


@click.command("status", short_help="Show what is in the index.")
@index_option
@click.option("--skipped", is_flag=True, help="Name each file of its folders that is left out, and why.")
@json_option
def status_command(directory: Path, skipped: bool, as_json: bool) -> None:
    """Show what is in the index: documents, languages, size, folders, and whether it is up to date."""
    from ..status import index_status, skipped_files

    if skipped:
        left_out = skipped_files(directory)
        if as_json:
            click.echo(dumps({"v": 1, "skipped": [{"path": path, "reason": reason} for path, reason in left_out]}))
        else:
            for path, reason in left_out:
                click.echo(f"{printable(_relative(path))}: {printable(reason)}")
        return
    status = index_status(directory)
    if as_json:
        click.echo(dumps({"v": 1, **status}))
        return
    languages = ", ".join(f"{name} {count:,}" for name, count in status["languages"].items()) or "none"
    size, text = status["bytes"], status["text_bytes"]
    ratio = f", {size / text:.2f} x the text ({size_of(text)})" if text else ""
    click.echo(f"index       {printable(status['index'])}")
    click.echo(f"documents   {status['documents']:,} ({printable(languages)})")
    if status["documents"]:
        click.echo(f"dates       {_dates(status['date_sources'])}")
    click.echo(f"size        {size_of(size)}{ratio}, {counted(status['segments'], 'segment')}")
    click.echo(f"committed   {printable(status['created'])}, generation {status['generation']}")
    for root in status["roots"]:
        click.echo(f"folder      {printable(root['path'])} ({_state(root)})")
    older = status["format"] < status["newest_format"]
    click.echo(f"format      {status['format']}" + f", the newest is {status['newest_format']}{_UPGRADE}" * older)
    click.echo("analysis    " + (f"of another version{_UPGRADE}" if status["outdated"] else "current"))
    click.echo(f"core        {status['core']}")
    if status["damage"]:
        click.echo(f"damaged     {printable(status['damage'])}", err=True)


# What a date was taken from -> what is said of it.
_DATED = {
    "given": "by applications",
    "metadata": "from front matter and properties",
    "header": "from headers",
    "name": "from names of files",
    "mtime": "from file times",
    "none": "without a date",
}


def _dates(sources: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {_DATED[name]}" for name, count in sources.items())


@click.command("verify", short_help="Check every byte of the index.")
@index_option
@json_option
def verify_command(directory: Path, as_json: bool) -> None:
    """Read the whole index and compare it with its checksums. End with status 2 if anything differs."""
    from ..state.generations import open_generation

    generation = open_generation(directory)
    if generation.damage is not None:
        raise generation.damage
    files = generation.verify()
    if as_json:
        click.echo(dumps({"v": 1, "index": str(directory), "files": files, "damaged": False}))
    else:
        click.echo(f"{printable(str(directory))}: {counted(files, 'file')}, every byte as it was written")


@click.command("formats", short_help="Show which files can be read.")
@json_option
def formats_command(as_json: bool) -> None:
    """Show the formats of files that can be read: their extensions, what is read, and what has to be installed.

    Other packages may add formats (docs/formats.md). A package whose format cannot be used is named on stderr.
    """
    from ..readers.format_list import format_list
    from ..readers.registry import broken_formats

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
