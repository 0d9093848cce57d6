"""The command `naidi similar`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from naidi.indexer.cli import index_option

from .arguments import HELP, QueryCommand, option
from .print_options import FACETS, Printing, how_to_print
from .printing import report

_FOUND = "What is found"


class _SimilarCommand(QueryCommand):
    optional = {"--facets": ",".join(FACETS)}  # noqa: RUF012


@click.command("similar", cls=_SimilarCommand, short_help="Find documents like another.", context_settings=HELP)
@click.argument("document")
@option(_FOUND, "-n", "--limit", type=click.IntRange(0), default=10, show_default=True, help="Most hits to show.")
@option(_FOUND, "--offset", type=click.IntRange(0), default=0, help="Number of best hits to leave out.")
@option(_FOUND, "--lang", "language", metavar="en|ru", help="Only documents in this language.")
@option(
    _FOUND,
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Give what was found after so many seconds.",
)
@how_to_print
@index_option
def similar_command(
    document: str,
    directory: Path,
    limit: int,
    offset: int,
    language: str | None,
    timeout: float | None,
    **printing_options: Any,
) -> int:
    """Find the documents that share the key terms of DOCUMENT, which is the path of an indexed file or the id of a document.

    Ends with status 0 if something was found, 1 if nothing was, 2 on an error.
    """
    from ..searcher import open_index

    printing = Printing(**printing_options)
    with open_index(directory) as searcher:
        results = searcher.similar(document, language=language, timeout=timeout, **printing.asks_for(limit, offset))
        return report(searcher, results, printing, offset)
