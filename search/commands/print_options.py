"""The options that say how results are printed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import click

from naidi.indexer.cli.options import overruled
from naidi.indexer.messages import message

from .arguments import option
from .printing_choices import OUTPUTS, Printing

_NO_JSON = ("as_paths", "as_count", "template", "quiet", "opened", "null")
_EXCLUDING = frozenset(
    frozenset(pair)
    for pair in (
        *combinations(OUTPUTS, 2),
        *(("null", output) for output in OUTPUTS if output not in ("as_paths", "template")),
        *(("facet_names", output) for output in (*OUTPUTS, "null") if output not in ("as_json", "as_count")),
        ("snippets", "no_snippets"),
        *(("query", output) for output in _NO_JSON),
    )
)

_LOOK, _PROGRAMS, _TALK = message("What is shown"), message("For other programs"), message("What is said")
_PRINTING = (
    option(_LOOK, "--snippets", type=click.IntRange(0), metavar="N", help="Show at most N passages of a hit (3)."),
    option(_LOOK, "--no-snippets", is_flag=True, help="Show no passages."),
    option(_LOOK, "--line-number", "line_numbers", is_flag=True, help="Show the line of each passage."),
    option(_LOOK, "--score", "show_score", is_flag=True, help="Show the score of each hit."),
    option(_LOOK, "--explain", is_flag=True, help="Show why each hit was found, and how its score is made."),
    option(_LOOK, "--facets", "facet_names", metavar="[=LIST]",
           help="Count all hits by folder, type, language, year, or by those of LIST: also fields, and steps of them: "
                "brand,created:month,price:50."),
    option(_LOOK, "--fields", "field_names", metavar="[=LIST]", help="Show the fields of each hit, or those of LIST."),
    option(_LOOK, "--duplicates", "show_duplicates", is_flag=True, help="Show also hits with nearly the same text as another."),
    option(_LOOK, "--mark", default="auto", metavar="auto|always|never|TEXT",
           help="What stands around the words found: « » where there is no colour, or always, or TEXT: '**', '<b> </b>'."),
    option(_LOOK, "--color", "--colour", type=click.Choice(["auto", "always", "never"]), default="auto",
           help="Colour the words found."),
    option(_LOOK, "--links", type=click.Choice(["auto", "always", "never"]), default="auto",
           help="Make paths links, where the terminal can."),
    option(_LOOK, "--no-pager", is_flag=True, help="Show long output all at once, without $NAIDI_PAGER, $PAGER or less."),
    option(_LOOK, "--open", "opened", type=click.IntRange(1), metavar="N",
           help="Open hit N in $VISUAL, $EDITOR or a viewer, and print nothing."),
    option(_PROGRAMS, "--json", "as_json", is_flag=True, help="Print one JSON object."),
    option(_PROGRAMS, "--jsonl", "as_jsonl", is_flag=True, help="Print one JSON object a hit."),
    option(_PROGRAMS, "-l", "--paths", "as_paths", is_flag=True, help="Print the paths alone, each once."),
    option(_PROGRAMS, "-0", "--null", is_flag=True,
           help="As -l, with a NUL behind each path: for xargs -0. With --format, behind each line."),
    option(_PROGRAMS, "--count", "as_count", is_flag=True, help="Print the number of documents alone."),
    option(_PROGRAMS, "--format", "template", metavar="TEMPLATE",
           help="Print lines such as '{path}:{line}:{text}', or grep, which is the same; also {id} {title} {date} {lang} {score} "
                "{rank} {page} {fields.NAME}."),
    option(_TALK, "-q", "--quiet", is_flag=True, help="Print nothing: the status says whether there is a document."),
    option(_TALK, "-v", "--verbose", is_flag=True, help="Say all that was done with the words typed."),
)  # fmt: skip


def how_to_print(command: Callable[..., int]) -> Callable[..., int]:
    """Adds the options that all commands have which print hits. `Printing` takes their values."""
    for each in reversed(_PRINTING):
        command = each(command)
    return command


def printing_of(values: dict[str, Any], query: str = "") -> Printing:
    """The options as given to the current command. Of two that exclude each other, the one set nearer to the call counts.

    Raises UsageError if both are set at the same place.

    Parameters:
      values: of the options that `how_to_print` adds.
      query: "-" if queries are answered line by line, as JSON.
    """
    given = [name for name, value in values.items() if value is not None and value is not False]
    farther = overruled([*given, *(["query"] if query == "-" else [])], _EXCLUDING)
    return Printing(**{**values, **{name: False if values[name] is True else None for name in farther}})
