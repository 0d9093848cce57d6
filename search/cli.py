"""The command `naidi`: arguments in, lines out.

It uses the public interface, and two things beyond it: the reader of dates in queries, and the check for files that are newer than
the index.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from naidi import __version__
from naidi.indexer.cli import COMMANDS, index_option
from naidi.indexer.errors import InvalidQuery, NaidiError
from naidi.indexer.printable import dumps, printable

if TYPE_CHECKING:
    from .question import Sort
    from .results import Results
    from .searcher import Searcher

FOUND, NOTHING_FOUND, FAILED = 0, 1, 2
INTERRUPTED = 130

# Stands in front of an excluded word (-covid) while click reads the arguments, so that the word is not taken for an option.
_WORD_MARK = "\ue000"


class QueryCommand(click.Command):
    """A command whose arguments may be excluded words: `naidi search vaccine -covid` needs no `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = {name for parameter in self.get_params(ctx) for name in (*parameter.opts, *parameter.secondary_opts)}
        end = args.index("--") if "--" in args else len(args)
        takes_value = {
            name
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        marked = list(args)
        for place in range(end):
            argument = args[place]
            is_value = place > 0 and args[place - 1] in takes_value
            if not is_value and _is_excluded_word(argument, names, takes_value):
                marked[place] = _WORD_MARK + argument
        return super().parse_args(ctx, marked)


def _is_excluded_word(argument: str, option_names: set[str], takes_value: set[str]) -> bool:
    """Whether an argument is an excluded word of the query (-covid), and neither an option nor an option with its value (-n5)."""
    if len(argument) < 3 or not argument.startswith("-") or argument.startswith("--") or argument in option_names:
        return False
    return not (argument[:2] in takes_value and argument[2:].isdigit())


def _how_to_print(command: Callable[..., int]) -> Callable[..., int]:
    """Adds the options that all commands have which print hits."""
    for option in reversed(_PRINTING):
        command = option(command)
    return command


_timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Give what was found after so many seconds.",
)

_PRINTING = (
    click.option("--json", "output", flag_value="json", help="Print one JSON object."),
    click.option("--jsonl", "output", flag_value="jsonl", help="Print one JSON object a hit."),
    click.option("-l", "--paths", "output", flag_value="paths", help="Print the paths alone."),
    click.option("-0", "--null", is_flag=True, help="As -l, with a NUL behind each path: for xargs -0."),
    click.option("--count", "output", flag_value="count", help="Print the number of documents alone."),
    click.option(
        "--color",
        "--colour",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the words found.",
    ),
    click.option("--score", "show_score", is_flag=True, help="Show the score of each hit."),
    click.option("--explain", is_flag=True, help="Show why each hit was found, and how its score is made."),
)


@click.command(
    "search", cls=QueryCommand, short_help="Find documents.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("query", nargs=-1, required=True)
@index_option
@click.option("-n", "--limit", type=click.IntRange(0), default=10, show_default=True, help="Most hits to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Number of best hits to leave out.")
@click.option("--all", "every_word", is_flag=True, help="Find only documents that have all words.")
@click.option("--lang", "language", metavar="en|ru", help="Only documents in this language.")
@click.option("--since", metavar="DATE", help="Only documents of this day, month or year, or later ones.")
@click.option("--until", metavar="DATE", help="Only documents of this day, month or year, or earlier ones.")
@click.option(
    "--sort", type=click.Choice(["score", "date", "-date"]), default="score", help="Best, oldest or newest first."
)
@click.option("--recent", is_flag=True, help="Newer documents rank higher.")
@click.option("--expand", is_flag=True, help="Also search for the key terms of the best hits.")
@click.option(
    "--exact", is_flag=True, help="Only the words as typed: no other spelling, alphabet, keyboard layout or synonym."
)
@_timeout_option
@_how_to_print
def search_command(
    query: tuple[str, ...],
    directory: Path,
    limit: int,
    offset: int,
    every_word: bool,
    language: str | None,
    since: str | None,
    until: str | None,
    sort: Sort,
    recent: bool,
    expand: bool,
    exact: bool,
    timeout: float | None,
    output: str | None,
    null: bool,
    color: str,
    show_score: bool,
    explain: bool,
) -> int:
    """Find the documents that answer QUERY, best first. Every form of a word is found, in English and in Russian.

    \b
    Examples:
      naidi search вакцина                     any form: вакцины, вакцинами, ...
      naidi search первичная помощь            documents with any of the words
      naidi search --all первичная помощь      with all of them
      naidi search '"primary health care"'     a phrase
      naidi search '"первичная помощь"~2'      with up to two words between
      naidi search vaccine -covid              one word without the other
      naidi search '=Казахстана'               this very form
      naidi search --exact vaccinaton          no help with spelling
      naidi search 'вакцин*' date:2021-05      a prefix, in one month
      naidi search -0 vaccine | xargs -0 less  paths for other programs

    Ends with status 0 if something was found, 1 if nothing was, 2 on an error.
    """
    from .searcher import open_index

    text = " ".join(word.removeprefix(_WORD_MARK) for word in query)
    output = _checked_output(output, null)
    shows_snippets = output in (None, "json", "jsonl")
    first_day, last_day = _period(since, "--since"), _period(until, "--until")
    with open_index(directory) as searcher:
        results = searcher.search(
            text,
            limit=0 if output == "count" else limit,
            offset=offset,
            mode="all" if every_word else "any",
            language=language,
            since=first_day[0],
            until=last_day[1],
            sort=sort,
            snippets=3 if shows_snippets else 0,
            explain=explain and shows_snippets,
            recent=recent,
            expand=expand,
            exact=exact,
            timeout=timeout,
        )
        _say_notices(searcher, results)
    _print(results, output, null, color, show_score, explain)
    return FOUND if results.total > offset else NOTHING_FOUND


@click.command(
    "similar", short_help="Find documents like another.", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.argument("document")
@index_option
@click.option("-n", "--limit", type=click.IntRange(0), default=10, show_default=True, help="Most hits to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Number of best hits to leave out.")
@click.option("--lang", "language", metavar="en|ru", help="Only documents in this language.")
@_timeout_option
@_how_to_print
def similar_command(
    document: str,
    directory: Path,
    limit: int,
    offset: int,
    language: str | None,
    timeout: float | None,
    output: str | None,
    null: bool,
    color: str,
    show_score: bool,
    explain: bool,
) -> int:
    """Find the documents that share the key terms of DOCUMENT, which is the path of an indexed file or the id of a document.

    Ends with status 0 if something was found, 1 if nothing was, 2 on an error.
    """
    from .searcher import open_index

    output = _checked_output(output, null)
    shows_snippets = output in (None, "json", "jsonl")
    with open_index(directory) as searcher:
        results = searcher.similar(
            document,
            limit=0 if output == "count" else limit,
            offset=offset,
            language=language,
            snippets=3 if shows_snippets else 0,
            explain=explain and shows_snippets,
            timeout=timeout,
        )
        _say_notices(searcher, results)
    _print(results, output, null, color, show_score, explain)
    return FOUND if results.total > offset else NOTHING_FOUND


@click.command("suggest", short_help="Complete a word.", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("text", nargs=-1, required=True)
@index_option
@click.option("-n", "--limit", type=click.IntRange(1), default=8, show_default=True, help="Most completions to show.")
@_timeout_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def suggest_command(text: tuple[str, ...], directory: Path, limit: int, timeout: float | None, as_json: bool) -> int:
    """Complete the last word of TEXT by words of the index, the most frequent first, a line each.

    A wrong keyboard layout and a typo are corrected.

    Ends with status 0 if there is a completion, 1 if there is none, 2 on an error.
    """
    from .searcher import open_index

    typed = " ".join(text)
    with open_index(directory) as searcher:
        completions = searcher.suggest(typed, limit, timeout=timeout)
    if as_json:
        from .show.as_json import completions_to_json

        click.echo(dumps(completions_to_json(typed, completions)))
    else:
        for completion in completions:
            click.echo(printable(completion.text))
    return FOUND if completions else NOTHING_FOUND


def _period(text: str | None, option: str) -> tuple[Any, Any]:
    """(first day, last day) of the value of a date option; None for an open end. Raises InvalidQuery for any other text."""
    if text is None:
        return None, None
    from .query.filters import read_dates

    dates = read_dates(text, lambda _: None)
    if dates is None or (dates.since is None and dates.until is None):
        raise InvalidQuery(f"{option} {text}: not a date; write 2021, 2021-05 or 2021-05-29")
    return dates.since, dates.until


def _say_notices(searcher: Searcher, results: Results) -> None:
    """Print corrections, warnings and the notice of newer files to stderr."""
    from naidi.indexer.folder.staleness import newer_than_index

    from .show.as_text import notice_lines

    for line in notice_lines(results):
        click.echo(f"naidi: {line}", err=True)
    generation = searcher.generation
    newer = newer_than_index(generation.manifest.roots, exclude=generation.directory.parent)
    if newer is not None:
        click.echo(
            f"naidi: {printable(newer)} changed after the index was made; `naidi index` brings it up to date", err=True
        )


def _checked_output(output: str | None, null: bool) -> str | None:
    """What is printed. -0 alone means -l."""
    if null and output not in (None, "paths"):
        raise click.UsageError(f"-0 separates paths; --{output} prints none")
    return "paths" if null else output


def _print(results: Results, output: str | None, null: bool, color: str, show_score: bool, explain: bool) -> None:
    if null:
        for hit in results.hits:
            click.echo(
                _relative(hit.path or hit.id) + "\0", nl=False, color=True
            )  # without it, click takes colours away
        return
    for line in _output_lines(results, output, color, show_score, explain):
        click.echo(line, color=True)


def _output_lines(results: Results, output: str | None, color: str, show_score: bool, explain: bool) -> Iterator[str]:
    if output == "count":
        yield str(results.total)
    elif output == "paths":
        for hit in results.hits:
            path = _relative(hit.path or hit.id)
            yield printable(path) if sys.stdout.isatty() else path
    elif output == "json":
        from .show.as_json import to_json

        yield dumps(to_json(results))
    elif output == "jsonl":
        from .show.as_json import to_jsonl

        yield from to_jsonl(results)
    else:
        import shutil

        from .show.as_text import render_text, summary_line

        width = min(shutil.get_terminal_size((80, 24)).columns, 100)
        yield from render_text(
            results,
            colour=_wants_colour(color),
            width=width,
            show_score=show_score,
            explain=explain,
            cwd=os.getcwd(),
        )
        click.echo(summary_line(results), err=True)


def _wants_colour(color: str) -> bool:
    if color != "auto":
        return color == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _relative(path: str) -> str:
    """The path relative to the working directory, if it lies below it."""
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


class Naidi(click.Group):
    """The group of commands. Every error becomes one line on stderr and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A closed pipe is no error; click would make it one."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
            return status
        except BrokenPipeError:
            # The interpreter flushes stdout at exit. That must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FOUND

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and exit with FOUND, NOTHING_FOUND, FAILED or INTERRUPTED."""
        kwargs["standalone_mode"] = False
        if sys.stdout is None:  # closed by whoever started the command
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        try:
            status = super().main(*args, **kwargs)
            sys.exit(status if isinstance(status, int) else FOUND)
        except click.ClickException as error:
            _say_wrong_call(error)
            sys.exit(FAILED)
        except click.Abort:
            sys.exit(INTERRUPTED)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except NaidiError as error:
            _fail(str(error))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            _fail(f"{place}{error.strerror or error}")
        except MemoryError:
            _fail("out of memory; the index is as it was")
        except Exception as error:
            if os.environ.get("NAIDI_DEBUG"):
                raise
            _fail(f"a bug in naidi: {type(error).__name__}: {error}; NAIDI_DEBUG=1 shows where, please report it")


def _say_wrong_call(error: click.ClickException) -> None:
    """The usage and what is wrong. An argument may be a file name that somebody else has chosen."""
    shown = io.StringIO()
    error.show(file=shown)
    for line in shown.getvalue().rstrip("\n").split("\n"):
        click.echo(printable(line), err=True)


def _fail(message: str) -> NoReturn:
    click.echo(f"naidi: {printable(' '.join(message.split()))}", err=True)
    sys.exit(FAILED)


@click.group(cls=Naidi, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="naidi", message="%(prog)s %(version)s")
def main() -> None:
    """Find words, in any form, in a folder of English and Russian documents.

    \b
    naidi index FOLDER      make the index, or bring it up to date
    naidi search QUERY      find documents
    naidi similar DOCUMENT  find documents like this one
    naidi suggest TEXT      complete a word
    """


for _command in COMMANDS.values():
    main.add_command(_command)
for _command in (search_command, similar_command, suggest_command):
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="naidi")
