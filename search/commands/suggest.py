"""The command `naidi suggest`."""

from __future__ import annotations

from pathlib import Path

import click

from naidi.indexer.cli.options import index_option, overruled
from naidi.indexer.messages import message
from naidi.indexer.printable import dumps, printable

from .arguments import HELP
from .ending import FOUND, NOTHING_FOUND


@click.command("suggest", short_help="Complete a word.", context_settings=HELP)
@click.argument("text", nargs=-1, required=True)
@index_option
@click.option("-n", "--limit", type=click.IntRange(1), default=8, show_default=True, help="Most completions to show.")
@click.option(
    "--where", metavar="FILTERS", help="Count only documents that pass FILTERS, such as 'lang:ru price:<500'."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Give what was found after so many seconds.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing: the status says whether there is a completion.")
def suggest_command(
    text: tuple[str, ...],
    directory: Path | str,
    limit: int,
    where: str | None,
    timeout: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Complete the last word of TEXT by words of the index, the most frequent first, a line each.

    A wrong keyboard layout and a typo are corrected.

    Ends with status 0 if there is a completion, 1 if there is none, 2 on an error.
    """
    farther = overruled(("as_json", "quiet") if as_json and quiet else (), [frozenset(("as_json", "quiet"))])
    as_json, quiet = as_json and "as_json" not in farther, quiet and "quiet" not in farther
    if as_json and quiet:
        raise click.UsageError(message("--json and -q exclude each other: choose one"))
    from ..open_index import open_index

    typed = " ".join(text)
    with open_index(directory) as searcher:
        completions = searcher.suggest(typed, limit, where=where, timeout=timeout)
    if as_json:
        from ..show.as_json import completions_to_json

        click.echo(dumps(completions_to_json(typed, completions)))
    elif not quiet:
        for completion in completions:
            click.echo(printable(completion.text))
    return FOUND if completions else NOTHING_FOUND
