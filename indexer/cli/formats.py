"""The command `formats`."""

from __future__ import annotations

import click

from ..messages import message, told
from ..printable import dumps, printable
from .options import json_option
from .saying import say


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
    width = max(len(told(one.name)) for one in found)
    for one in found:
        missing = f" - {told(one.how)}" if one.how else ""
        click.echo(printable(f"{told(one.name):{width}}  {told(one.about)}{missing}"))
        names = " ".join((*one.extensions, *one.file_names))
        if names:
            click.echo(click.wrap_text(printable(names), 100, " " * (width + 2), " " * (width + 2)))
    for name, error in broken.items():
        say(message("the format {name} of another package is broken: {error}", name=name, error=error), err=True)
