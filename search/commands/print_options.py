"""The options that say how results are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from naidi.indexer.record import record

from .arguments import option

if TYPE_CHECKING:
    from ..show.line_format import Template

FACETS = ("folder", "type", "language", "year")
SNIPPETS = 3

_LOOK, _PROGRAMS, _TALK = "What is shown", "For other programs", "What is said"
_PRINTING = (
    option(_LOOK, "--snippets", type=click.IntRange(0), metavar="N", help="Show at most N passages of a hit (3)."),
    option(_LOOK, "--no-snippets", is_flag=True, help="Show no passages."),
    option(_LOOK, "--line-number", "line_numbers", is_flag=True, help="Show the line of each passage."),
    option(_LOOK, "--score", "show_score", is_flag=True, help="Show the score of each hit."),
    option(_LOOK, "--explain", is_flag=True, help="Show why each hit was found, and how its score is made."),
    option(_LOOK, "--facets", "facet_names", metavar="[=LIST]",
           help="Count all hits by folder, type, language, year, or by those of LIST."),
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
                "{rank} {page}."),
    option(_TALK, "-q", "--quiet", is_flag=True, help="Print nothing: the status says whether there is a document."),
    option(_TALK, "-v", "--verbose", is_flag=True, help="Say all that was done with the words typed."),
)  # fmt: skip


def how_to_print(command: Callable[..., int]) -> Callable[..., int]:
    """Adds the options that all commands have which print hits. `Printing` takes their values."""
    for each in reversed(_PRINTING):
        command = each(command)
    return command


@record
class Printing:
    """The values of the options that `how_to_print` adds. Raises UsageError for some that exclude each other."""

    snippets: int | None
    no_snippets: bool
    line_numbers: bool
    show_score: bool
    explain: bool
    facet_names: str | None
    show_duplicates: bool
    mark: str
    color: str
    links: str
    no_pager: bool
    opened: int | None
    as_json: bool
    as_jsonl: bool
    as_paths: bool
    null: bool
    as_count: bool
    template: str | None
    quiet: bool
    verbose: bool

    def __post_init__(self) -> None:
        chosen = self.outputs
        if len(chosen) > 1:
            raise click.UsageError(f"{chosen[0]} and {chosen[1]} exclude each other: choose one")
        if self.null and chosen and chosen[0] not in ("-l", "--format"):
            raise click.UsageError(f"-0 separates paths; {chosen[0]} prints none")
        if self.facet_names is not None and (self.null or (chosen and chosen[0] not in ("--json", "--count"))):
            raise click.UsageError(f"--facets has no place in the output of {chosen[0] if chosen else '-0'}")
        unknown = [name for name in self.facets if name not in FACETS]
        if unknown:
            raise click.UsageError(
                f"--facets={self.facet_names}: there is no facet {unknown[0]!r}: use {', '.join(FACETS)}"
            )
        self.read_template()

    @property
    def outputs(self) -> list[str]:
        """The options given that say what is printed; at most one, once that was checked."""
        outputs = {
            "--json": self.as_json,
            "--jsonl": self.as_jsonl,
            "-l": self.as_paths,
            "--count": self.as_count,
            "--format": self.template is not None,
            "-q": self.quiet,
            "--open": self.opened is not None,
        }
        return [name for name, given in outputs.items() if given]

    @property
    def output(self) -> str:
        """The option that says what is printed; "" for text."""
        return next(iter(self.outputs), "-l" if self.null else "")

    @property
    def facets(self) -> tuple[str, ...]:
        """The facets that are wanted."""
        return tuple(dict.fromkeys(self.facet_names.split(","))) if self.facet_names is not None else ()

    def read_template(self) -> Template | None:
        """The template of --format. Raises UsageError if it cannot be read."""
        if self.template is None:
            return None
        from ..show.line_format import read_template

        try:
            return read_template(self.template)
        except ValueError as error:
            raise click.UsageError(f"--format: {error}") from error

    def asks_for(self, limit: int, offset: int) -> dict[str, Any]:
        """The arguments of a search that say how much of its results is needed."""
        template = self.read_template()
        shows_texts = self.output in ("", "--json", "--jsonl", "--open") or (
            template is not None and template.by_snippet
        )
        snippets = SNIPPETS if self.snippets is None else self.snippets
        reads_texts = bool(shows_texts and snippets and not self.no_snippets)
        if self.output in ("--count", "-q"):
            limit = 0
        elif self.opened is not None:
            limit, offset = 1, self.opened - 1
        return {
            "limit": limit,
            "offset": offset,
            "snippets": snippets if reads_texts else 0,
            "explain": self.explain and self.output in ("", "--json", "--jsonl"),
            "duplicates": reads_texts and self.output in ("", "--json", "--jsonl"),
            "facets": self.facets,
        }
