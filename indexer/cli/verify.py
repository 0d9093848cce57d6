"""The command `verify`."""

from __future__ import annotations

from pathlib import Path

import click

from ..messages import message
from ..printable import counted, dumps
from .options import directory_only, index_option, json_option
from .saying import say


@click.command("verify", short_help="Check every byte of the index.")
@index_option
@json_option
def verify_command(directory: Path | str, as_json: bool) -> None:
    """Read the whole index and compare it with its checksums. End with status 2 if anything differs.

    A cluster does this by itself, so there is no such command for an index in one.
    """
    from ..state.dictionaries import verify_dictionaries
    from ..state.generations import open_generation

    directory = directory_only(directory, message("files to verify: the cluster checks its own"))
    generation = open_generation(directory)
    if generation.damage is not None:
        raise generation.damage
    files = generation.verify() + verify_dictionaries(directory)
    if as_json:
        click.echo(dumps({"v": 1, "index": str(directory), "files": files, "damaged": False}))
    else:
        say(message("{index}: {files}, every byte as it was written", index=directory, files=counted(files, "file")))
