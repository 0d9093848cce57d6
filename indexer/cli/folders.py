"""The command `folders`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..opensearch.address import is_address
from ..printable import counted, dumps, printable
from .options import index_option, json_option


@click.command("folders", short_help="List the folders that the index follows.")
@index_option
@json_option
def folders_command(directory: Path | str, as_json: bool) -> None:
    """List the folders that the index follows: documents, whether they are up to date, and the choices noted for them."""
    folders = _folders(directory)
    if as_json:
        click.echo(dumps({"v": 1, "folders": folders}))
        return
    for folder in folders:
        state = state_of(folder)
        count = folder["documents"]
        click.echo(f"{printable(folder['path'])}  {counted(count, 'document')} ({state})")
        if folder["options"]:
            click.echo("  " + printable(", ".join(f"{name}={value}" for name, value in folder["options"].items())))
    if not folders:
        click.echo("the index follows no folder; `naidi index FOLDER` adds one", err=True)


def _folders(place: Path | str) -> list[dict[str, Any]]:
    if is_address(place):
        from ..opensearch.status import cluster_folders

        return cluster_folders(str(place))
    from ..status import folders_of

    return folders_of(Path(place))


def state_of(folder: Mapping[str, Any]) -> str:
    """How a folder stands: «up to date»."""
    if folder["missing"]:
        return "missing"
    return f"changed since: {printable(folder['newer'])}" if folder["newer"] else "up to date"
