"""`python -m indexer [SEEDS]` is `naidi index [SEEDS]`."""

from __future__ import annotations

import sys

import click

from indexer.cli import index_command
from indexer.errors import NaidiError

try:
    index_command.main(prog_name="python -m indexer", standalone_mode=False)
except click.ClickException as error:
    error.show()
    sys.exit(2)
except NaidiError as error:
    click.echo(f"naidi: {error}", err=True)
    sys.exit(2)
