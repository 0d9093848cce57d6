"""The command `status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from ..opensearch.address import is_address
from ..printable import counted, dumps, printable, size_of
from .folders import state_of
from .options import index_option, json_option
from .reporting import relative

_UPGRADE = ": `naidi index --upgrade` brings it up to date"

# What a date was taken from -> what is said of it.
_DATED = {
    "given": "by applications",
    "metadata": "from front matter and properties",
    "header": "from headers",
    "name": "from names of files",
    "mtime": "from file times",
    "none": "without a date",
}


@click.command("status", short_help="Show what is in the index.")
@index_option
@click.option("--skipped", is_flag=True, help="Name each file of its folders that is left out, and why.")
@json_option
def status_command(directory: Path | str, skipped: bool, as_json: bool) -> None:
    """Show what is in the index: documents, languages, size, folders, and whether it is up to date."""
    if skipped:
        left_out = _skipped(directory)
        if as_json:
            click.echo(dumps({"v": 1, "skipped": [{"path": path, "reason": reason} for path, reason in left_out]}))
        else:
            for path, reason in left_out:
                click.echo(f"{printable(relative(path))}: {printable(reason)}")
        return
    in_cluster = is_address(directory)
    status = _status(directory)
    if as_json:
        click.echo(dumps({"v": 1, **status}))
        return
    languages = ", ".join(f"{name} {count:,}" for name, count in status["languages"].items()) or "none"
    click.echo(f"index       {printable(status['index'])}")
    click.echo(f"documents   {status['documents']:,} ({printable(languages)})")
    if status["documents"]:
        click.echo(f"dates       {_dates(status['date_sources'])}")
    for line in _in_cluster(status) if in_cluster else _in_directory(status):
        click.echo(printable(line))
    for root in status["roots"]:
        click.echo(f"folder      {printable(root['path'])} ({state_of(root)})")
    for one in status["fields"]:
        values = "" if one["values"] is None else f", {counted(one['values'], 'value')}"
        click.echo(
            f"field       {printable(one['name'])} ({one['kind']}, {counted(one['documents'], 'document')}{values})"
        )
    older = status["format"] < status["newest_format"]
    click.echo(f"format      {status['format']}" + f", the newest is {status['newest_format']}{_UPGRADE}" * older)
    click.echo("analysis    " + (f"of another version{_UPGRADE}" if status["outdated"] else "current"))
    click.echo(f"core        {status['core']}")
    if status.get("damage"):
        click.echo(f"damaged     {printable(status['damage'])}", err=True)


def _status(place: Path | str) -> dict[str, Any]:
    if is_address(place):
        from ..opensearch.status import cluster_status

        return cluster_status(str(place))
    from ..status import index_status

    return index_status(Path(place))


def _skipped(place: Path | str) -> list[tuple[str, str]]:
    if is_address(place):
        from ..opensearch.preview import skipped_files as skipped_of_cluster

        return skipped_of_cluster(str(place))
    from ..status import skipped_files

    return skipped_files(Path(place))


def _in_directory(status: Mapping[str, Any]) -> Iterator[str]:
    size, text = status["bytes"], status["text_bytes"]
    ratio = f", {size / text:.2f} x the text ({size_of(text)})" if text else ""
    yield f"size        {size_of(size)}{ratio}, {counted(status['segments'], 'segment')}"
    yield f"committed   {status['created']}, generation {status['generation']}"


def _in_cluster(status: Mapping[str, Any]) -> Iterator[str]:
    copies = "" if status["bytes"] == status["bytes_all"] else f", {size_of(status['bytes_all'])} with all copies"
    parts = f"{counted(status['shards'], 'shard')}, {counted(status['replicas'], 'replica')}"
    yield f"size        {size_of(status['bytes'])}{copies}, {parts}, {counted(status['words'], 'form')} of words"
    yield f"cluster     {status['health']}, {counted(status['nodes'], 'node')}, OpenSearch {status['server']}"


def _dates(sources: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {_DATED[name]}" for name, count in sources.items())
