"""The command `folders`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..messages import message
from ..opensearch.address import is_address
from ..printable import counted, dumps, printable
from .options import index_option, json_option
from .saying import say


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
        documents = counted(folder["documents"], "document")
        say(message("{path}  {documents} ({state})", path=folder["path"], documents=documents, state=state_of(folder)))
        if folder["options"]:
            click.echo("  " + printable(", ".join(f"{name}={value}" for name, value in folder["options"].items())))
    if not folders:
        say(message("the index follows no folder; `naidi index FOLDER` adds one"), err=True)


def _folders(place: Path | str) -> list[dict[str, Any]]:
    if is_address(place):
        from ..opensearch.status import cluster_folders

        return cluster_folders(str(place))
    from ..status import folders_of

    return folders_of(Path(place))


def state_of(folder: Mapping[str, Any]) -> str:
    """How a folder stands: «up to date»."""
    if folder["missing"]:
        return message("missing")
    return message("changed since: {path}", path=folder["newer"]) if folder["newer"] else message("up to date")
