"""How the commands print results: what goes to stdout, and what to stderr."""

from __future__ import annotations

import os
import sys

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.messages import message, sentence, told
from naidi.indexer.printable import dumps, printable
from naidi.indexer.typed import TYPE_CHECKING

from .ending import FAILED, FOUND, NOTHING_FOUND, echo
from .printing_choices import Printing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from naidi.indexer.fields import Schema
    from naidi.indexer.state.generations import Generation

    from ..results import Hit, Results
    from ..searcher import Searcher
    from ..show.as_text import Look


# Before each line on stderr.
_COMMAND = "naidi: "


def report(searcher: Searcher, results: Results, printing: Printing) -> int:
    """Print the results to stdout, and what is to be said to stderr. Returns the status of the command."""
    _check_fields(searcher, printing)
    if not printing.quiet:
        for line in _notices(searcher, results, printing):
            echo(f"{_COMMAND}{line}", err=True)
    if printing.opened is not None:
        return _open(results, printing.opened)
    _print(results, printing, searcher.schema if results.facets else {})
    if not printing.quiet and printing.output not in ("", "-q", "--count"):
        from ..show.as_text import is_behind_all, summary_line

        if is_behind_all(results):  # an empty page would look as if nothing was found
            echo(f"{_COMMAND}{told(summary_line(results))}", err=True)
    return FOUND if results.total else NOTHING_FOUND


def _check_fields(searcher: Searcher, printing: Printing) -> None:
    """Raises InvalidQuery if a field is to be shown that the index lacks."""
    if printing.field_names is None and printing.template is None:
        return
    from naidi.indexer.fields import kind_of, unknown_field

    schema = searcher.schema
    for name in printing.named_fields:
        if name.endswith("*"):
            continue
        if kind_of(schema, name) is None:
            raise InvalidQuery(unknown_field(schema, name))


def _notices(searcher: Searcher, results: Results, printing: Printing) -> Iterator[str]:
    """Warnings, help with what was typed, and the notices of folders that are gone and of newer files."""
    for warning in results.warnings:
        yield printable(told(warning))
    if results.corrections:
        from ..show.notices import detail_lines, help_line
        from ..show.terminal import terminal_size

        if printing.verbose or printing.explain:
            yield from detail_lines(results)
        elif (line := help_line(results, terminal_size()[0] - len(_COMMAND))) is not None:
            yield line
    if searcher.directory is not None:  # the folders of an index in a cluster may lie on other machines
        yield from _notices_of_folders(searcher.generation, results)


def _notices_of_folders(generation: Generation, results: Results) -> Iterator[str]:
    from naidi.indexer.folder.staleness import missing_folders, newer_than_index

    roots = generation.manifest.roots
    for missing in missing_folders(roots, [hit.path for hit in results.hits if hit.path is not None]):
        gone = message(
            "{folder}: no such folder; what was found there is as it was when the index was made", folder=missing
        )
        yield printable(told(gone))
    newer = newer_than_index(roots, exclude=generation.index)
    if newer is not None:
        changed = message("{file} changed after the index was made; `naidi index` brings it up to date", file=newer)
        yield printable(told(changed))


def _print(results: Results, printing: Printing, schema: Schema) -> None:
    output = printing.output
    if output == "-q":
        return
    if output == "":
        _print_text(results, printing, schema)
        return
    end = "\0" if printing.null else "\n"
    for line in _lines(results, printing, output, schema):
        echo(line, end=end)


def _lines(results: Results, printing: Printing, output: str, schema: Schema) -> Iterator[str]:
    if output == "--count":
        from ..show.as_text import facet_lines

        yield str(results.total)
        yield from facet_lines(results, printing.facets, schema)
    elif output == "-l":
        yield from dict.fromkeys(_path(hit, printing) for hit in results.hits)
    elif output == "--json":
        from ..show.as_json import to_json

        yield dumps(to_json(results))
    elif output == "--jsonl":
        from ..show.as_json import to_jsonl

        yield from to_jsonl(results)
    else:
        yield from _template_lines(results, printing)


def _template_lines(results: Results, printing: Printing) -> Iterator[str]:
    from ..show.as_text import shown, styled, with_marks
    from ..show.line_format import lines_of

    template = printing.read_template()
    assert template is not None
    look = _look(results, printing, links=False)

    def words(text: str, marks: Sequence[tuple[int, int]], hit: Hit) -> str:
        text, marks = shown(" ".join(text.split("\n")), marks, hit.path)
        return "".join(styled(iter([with_marks(text, marks, look)]), ""))

    yield from lines_of(results, template, path_of=lambda hit: _path(hit, printing), words=words, safe=printable)


def _path(hit: Hit, printing: Printing) -> str:
    """The path of a hit as other programs need it; on a terminal, so that it does no harm."""
    from ..show.as_text import relative

    path = relative(hit.path or hit.id, os.getcwd())
    if hit.path is not None and path.startswith("-"):
        path = f"./{path}"  # else programs would take it for an option
    if not sys.stdout.isatty():
        return path
    path = printable(path)
    if hit.path is not None and printing.output == "-l" and _wants_links(printing):
        from ..show.links import linked

        return linked(path, hit.path)
    return path


def _print_text(results: Results, printing: Printing, schema: Schema) -> None:
    from ..show.as_text import facet_lines, render_text, summary_line

    lines = list(render_text(results, _look(results, printing, links=_wants_links(printing))))
    facets = list(facet_lines(results, printing.facets, schema))
    lines += [""] * bool(lines and facets) + facets
    paged = False
    if not printing.no_pager and sys.stdout.isatty():
        from ..show import pager

        if pager.is_wanted(len(lines) + 1):
            try:
                command = pager.pager_command(os.environ)
            except ValueError as error:
                raise InvalidQuery(
                    message("$NAIDI_PAGER or $PAGER cannot be read: {error}", error=sentence(error))
                ) from error
            paged = bool(command) and pager.page(lines, command)
    if lines and not paged:
        echo("\n".join(lines))  # at once: a page is flushed once
    if not printing.quiet:
        echo(told(summary_line(results)), err=True)


def _look(results: Results, printing: Printing, *, links: bool) -> Look:
    from ..show.as_text import Look
    from ..show.marking import marks_of
    from ..show.terminal import terminal_size

    terminal = sys.stdout.isatty()
    colour = _wants_colour(printing.color)
    return Look(
        colour=colour,
        marks=marks_of(printing.mark, results, terminal=terminal, colour=colour),
        width=min(terminal_size()[0], 100),
        show_score=printing.show_score,
        explain=printing.explain,
        line_numbers=printing.line_numbers,
        links=links,
        fields=printing.fields,
        fold=not printing.show_duplicates,
        cwd=os.getcwd(),
    )


def _wants_colour(color: str) -> bool:
    if color != "auto":
        return color == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _wants_links(printing: Printing) -> bool:
    if printing.links != "auto":
        return printing.links == "always"
    if not sys.stdout.isatty():
        return False
    from ..show.links import copes

    return copes(os.environ)


def _open(results: Results, number: int) -> int:
    """Open the only hit. Returns the status of the command."""
    if not results.hits:
        if results.total:
            missing = message("there is no hit {number}: only {count:,} were found", number=number, count=results.total)
        else:
            missing = message("there is no hit {number}: no documents", number=number)
        echo(f"{_COMMAND}{told(missing)}", err=True)
        return FAILED if results.total else NOTHING_FOUND
    from ..show.open_hit import Opening, open_hit

    try:
        status = open_hit(results.hits[0])
    except Opening as error:
        echo(f"{_COMMAND}{printable(told(error))}", err=True)
        return FAILED
    return FAILED if status else FOUND
