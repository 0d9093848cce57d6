"""How the commands read their arguments: options in groups, excluded words, texts that begin with a sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.messages import message, sentence, told

HELP = {"help_option_names": ["-h", "--help"]}

# Stands in front of an excluded word (-covid) while click reads the arguments, so that the word is not taken for an option.
_WORD_MARK = "\ue000"
_Command = TypeVar("_Command", bound=Callable[..., Any])


class _GroupedOption(click.Option):
    """An option that the help shows in a group."""

    def __init__(self, *arguments: Any, group: str, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.group = group


def option(group: str, *names: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """`click.option`, shown in the help under the heading `group`."""
    return click.option(*names, cls=_GroupedOption, group=group, **attributes)


WHAT_IS_FOUND = message("What is found")
limit_option = option(
    WHAT_IS_FOUND, "-n", "--limit", type=click.IntRange(0), default=10, show_default=True, help="Most hits to show."
)
offset_option = option(
    WHAT_IS_FOUND, "--offset", type=click.IntRange(0), default=0, help="Number of best hits to leave out."
)
language_option = option(WHAT_IS_FOUND, "--lang", "language", metavar="en|ru", help="Only documents in this language.")
where_option = option(
    WHAT_IS_FOUND,
    "--where",
    metavar="FILTERS",
    help="Only documents that pass FILTERS, such as 'price:<500 (brand:Bosch OR brand:Makita) -tags:old'.",
)
timeout_option = option(
    WHAT_IS_FOUND,
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="S",
    help="Give what was found after so many seconds.",
)


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups. Those of no group come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups, in the order of their first options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        others: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                records = groups.setdefault(parameter.group, []) if isinstance(parameter, _GroupedOption) else others
                records.append(record)
        for heading, records in (*groups.items(), (message("Other"), others)):
            with formatter.section(told(heading)):
                formatter.write_dl(records)


class QueryCommand(GroupedCommand):
    """A command whose arguments may be excluded words: `naidi search vaccine -covid` needs no `--`.

    optional: option -> the value that it has if none stands behind an equals sign. Words that follow it are no value.
    """

    optional: dict[str, str] = {}  # noqa: RUF012

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, with excluded words as words."""
        parameters = self.get_params(ctx)
        names = {name for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}
        end = args.index("--") if "--" in args else len(args)
        takes_value = {
            name
            for parameter in parameters
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
            if name not in self.optional
        }
        marked = list(args)
        for place in range(end):
            argument = args[place]
            is_value = place > 0 and args[place - 1] in takes_value
            if is_value:
                continue
            if argument in self.optional:
                marked[place] = f"{argument}={self.optional[argument]}"
            elif _is_excluded_word(argument, names, takes_value):
                marked[place] = _WORD_MARK + argument
        return super().parse_args(ctx, marked)


def words_of(arguments: tuple[str, ...]) -> str:
    """The query that the arguments make."""
    return " ".join(word.removeprefix(_WORD_MARK) for word in arguments)


def _is_excluded_word(argument: str, option_names: set[str], takes_value: set[str]) -> bool:
    """Whether an argument is an excluded word of the query (-covid), and neither an option nor an option with its value (-n5)."""
    if len(argument) < 3 or not argument.startswith("-") or argument.startswith("--") or argument in option_names:
        return False
    return not (argument[:2] in takes_value and argument[2:].isdigit())


def sort_keys(text: str) -> str | list[str]:
    """What to sort by, as a search takes it: several names stand between commas."""
    keys = [key.strip() for key in text.split(",")]
    return keys if len(keys) > 1 else keys[0]


def period(text: str | None, name: str) -> tuple[Any, Any]:
    """(first day, last day) of the value of a date option; None for an open end. Raises InvalidQuery, naming the option."""
    if text is None:
        return None, None
    from ..query.filters import read_days

    try:
        days = read_days(text)
    except InvalidQuery as error:
        raise InvalidQuery(
            message("{option} {text}: {error}", option=name, text=text, error=sentence(error))
        ) from error
    return days.since, days.until
