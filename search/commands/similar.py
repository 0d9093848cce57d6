"""The command `naidi similar`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from naidi.indexer.cli.options import index_option

from .arguments import HELP, QueryCommand, language_option, limit_option, offset_option, timeout_option, where_option
from .print_options import how_to_print, printing_of
from .printing import report
from .printing_choices import ALL_FIELDS, FACETS


class _SimilarCommand(QueryCommand):
    optional = {"--facets": ",".join(FACETS), "--fields": ALL_FIELDS}  # noqa: RUF012


@click.command("similar", cls=_SimilarCommand, short_help="Find documents like another.", context_settings=HELP)
@click.argument("document")
@limit_option
@offset_option
@language_option
@where_option
@timeout_option
@how_to_print
@index_option
def similar_command(
    document: str,
    directory: Path | str,
    limit: int,
    offset: int,
    language: str | None,
    where: str | None,
    timeout: float | None,
    **printing_options: Any,
) -> int:
    """Find the documents that share the key terms of DOCUMENT, which is the path of an indexed file or the id of a document.

    Ends with status 0 if something was found, be it shown or not, 1 if nothing was, 2 on an error.
    """
    from ..open_index import open_index

    printing = printing_of(printing_options)
    with open_index(directory) as searcher:
        asked = printing.asks_for(limit, offset)
        results = searcher.similar(document, language=language, where=where, timeout=timeout, **asked)
        return report(searcher, results, printing)
