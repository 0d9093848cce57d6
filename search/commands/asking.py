"""Puts what was typed to an index, and prints the answer. Works without click."""

from __future__ import annotations

import sys

from naidi.indexer.late import path_text
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING

from ..searcher import Searcher
from .ending import FOUND
from .printing import report

if TYPE_CHECKING:
    import os
    from typing import Any

    from ..query_lines import Readable
    from .printing_choices import Printing


def ask(directory: str | os.PathLike[str], text: str, options: dict[str, Any], printing: Printing) -> int:
    """Search and print. Returns the status of the command.

    Parameters:
      directory: of the index, or its address in a cluster.
      text: the query; "-" for those that stand on the lines of stdin.
      options: of `Searcher.search`.
      printing: what is printed of the results.

    Raises UsageError where stdin cannot be answered so, and as `open_index` and `Searcher.search` do.
    """
    with _opened(directory) as searcher:
        if text == "-":
            _answer_stdin(searcher, printing, options)
            return FOUND
        return report(searcher, searcher.search(text, **options), printing)


def _opened(directory: str | os.PathLike[str]) -> Searcher:
    if "://" not in str(
        directory
    ):  # a directory needs no more, and most searches end before a room is loaded that they can spare
        return Searcher(path_text(directory))
    from ..open_index import open_index

    return open_index(directory)


def _answer_stdin(searcher: Searcher, printing: Printing, options: dict[str, Any]) -> None:
    """Answer the queries that stand on the lines of stdin. The options given hold for each that says nothing else."""
    if printing.output not in ("", "--json", "--jsonl"):
        from click import UsageError

        raise UsageError(
            message(
                "- answers each line of stdin with a JSON object; {output} is something else", output=printing.output
            )
        )
    from ..query_lines import answer_lines

    # Whoever asks thousands of queries wants ids. To read the texts takes several times as long, to compare them again as much.
    options = {**options, "snippets": options["snippets"] if printing.snippets else 0, "duplicates": False}
    source: Readable = sys.stdin.buffer  # type: ignore[assignment]
    answer_lines(searcher, source, sys.stdout.buffer, options)
