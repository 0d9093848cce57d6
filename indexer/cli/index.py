"""The command `index`. It reads arguments; `syncing` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..messages import message
from ..opensearch.address import is_address
from .choices import DEFAULT_MAX_SIZE, byte_count, comma_list, extensions_of, ocr_languages, patterns
from .options import index_option, json_option, overruled
from .saying import say
from .syncing import (
    drop_folders,
    folder_changes,
    folder_options,
    index_once,
    load_dictionaries,
    preview_sync,
    roots_of,
    upgrade_index,
    watched,
)

# Options of `naidi index` that make no sense together.
_EXCLUDING = frozenset(
    frozenset(pair)
    for pair in (
        *(("upgrading", other) for other in ("drop", "folders", "watch", "dry_run")),
        *(("drop", other) for other in ("folders", "watch", "dry_run")),
        ("watch", "dry_run"),
    )
)


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
@click.option("--shards", type=click.IntRange(1), help="Parts of a new index in a cluster.  [default: 1]")
@click.option("--replicas", type=click.IntRange(0), help="Further copies of each part, on other nodes.  [default: 1]")
@click.option("--watch", is_flag=True, help="Stay and follow every change (needs `pip install watchfiles`).")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--jobs", type=click.IntRange(1), help="Processes that analyse files.  [default: one a processor]")
@click.option(
    "--include",
    multiple=True,
    metavar="GLOB",
    callback=patterns,
    help="Only files that a pattern fits, written as in .gitignore: '*.md', docs/. May be repeated.",
)
@click.option(
    "--exclude",
    multiple=True,
    metavar="GLOB",
    callback=patterns,
    help="Leave out what a pattern fits. '!node_modules' takes in what is left out by default.",
)
@click.option("--hidden/--no-hidden", default=None, help="Files and folders whose names begin with a dot, too.")
@click.option(
    "--max-size",
    "max_file_size",
    callback=byte_count,
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
    callback=extensions_of,
    help="Read files with these extensions, too, as plain text. `naidi formats` shows all others.",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="A,B",
    callback=comma_list,
    help="Of tables (CSV, JSON Lines), the columns that are text.  [default: all]",
)
@click.option(
    "--ocr",
    metavar="LANGUAGES",
    callback=ocr_languages,
    help="Recognise text in pictures and scanned pages, by tesseract: rus+eng. `off` ends it.",
)
@click.option("--defaults", is_flag=True, help="Forget the choices that were noted for the folders.")
@click.option("-v", "--verbose", is_flag=True, help="Name each file that is left out, and each loss.")
@json_option
def index_command(
    folders: tuple[Path, ...],
    directory: Path | str,
    drop: tuple[str, ...],
    rebuild: bool,
    upgrading: bool,
    force: bool,
    shards: int | None,
    replicas: int | None,
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
      naidi index ~/notes --index https://search.example.org:9200/notes
    """
    what = {"upgrading": upgrading, "drop": drop, "folders": folders, "watch": watch, "dry_run": dry_run}
    farther = overruled((name for name, value in what.items() if value), _EXCLUDING)
    upgrading, watch, dry_run = (bool(what[name]) and name not in farther for name in ("upgrading", "watch", "dry_run"))
    drop = () if "drop" in farther else drop
    _check_together(folders, drop, upgrading, watch, dry_run)
    if not is_address(directory) and (shards is not None or replicas is not None):
        raise click.UsageError(
            message("--shards and --replicas are of an index in a cluster, such as --index https://host:9200/name")
        )
    if upgrading:
        _end(upgrade_index(directory, rebuild, jobs, as_json))
        return
    if drop:
        drop_folders(drop, directory, as_json)
        return
    options = folder_options(choices, defaults)
    roots = roots_of(folders, directory)
    if dry_run:
        preview_sync(roots, directory, options, verbose, as_json)
        return
    # First, so that a missing package is reported at once.
    changes = folder_changes(roots, directory, options) if watch else None
    said: set[str] = set()  # the packages that were named already
    of_cluster = {"shards": shards, "replicas": replicas} if is_address(directory) else {}
    how = {"force": force, "jobs": jobs, "options": options, "said": said, **of_cluster}
    whole = index_once(roots, directory, as_json, verbose, rebuild=rebuild, **how)
    if changes is None:
        _end(whole)
        return
    load_dictionaries()
    say(message("watching {folders}; Ctrl-C ends it", folders=", ".join(watched(roots, directory))), err=True)
    for _ in changes:
        index_once(roots, directory, as_json, verbose, quiet=True, **how)


def _check_together(
    folders: tuple[Path, ...], drop: tuple[str, ...], upgrading: bool, watch: bool, dry_run: bool
) -> None:
    """Raises UsageError for what makes no sense together."""
    for name, given in (("--upgrade", upgrading), ("--drop", bool(drop))):
        for other, present in ((message("folder"), bool(folders)), ("--watch", watch), ("--dry-run", dry_run)):
            if given and present:
                raise click.UsageError(message("{name} takes no {other}", name=name, other=other))
    if upgrading and drop:
        raise click.UsageError(message("{name} takes no {other}", name="--upgrade", other="--drop"))
    if watch and dry_run:
        raise click.UsageError(message("{name} takes no {other}", name="--watch", other="--dry-run"))


def _end(whole: bool) -> None:
    """A loss must be noticed by a script, too."""
    if not whole:
        click.get_current_context().exit(2)
