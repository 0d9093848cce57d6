"""The command `naidi`: its commands under one name, and errors as one line and a status."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, NoReturn

import click

from naidi import __version__
from naidi.indexer.core import core_line
from naidi.indexer.messages import language_of, message, speak, told
from naidi.indexer.printable import printable

from .commands.arguments import HELP
from .commands.config import (
    ENVIRONMENT,
    load_settings,
    name_variables,
    refuse_wrong_settings,
    where_set,
    without_negations,
)
from .commands.ending import FAILED, FOUND, INTERRUPTED, status_of, unless_pipe_closed

# The module of each command. To import all of them takes as long as a search.
_MODULES = {
    **{name: f"naidi.indexer.cli.{name}" for name in ("index", "folders", "status", "verify", "formats")},
    **{
        name: f"naidi.search.commands.{name}"
        for name in (
            *("search", "similar", "suggest", "screen", "serve", "mcp"),
            *("dictionary", "config", "completion", "man"),
        )
    },
}


class _Commands(MutableMapping[str, click.Command]):
    """Commands by name. A command is imported when it is asked for."""

    def __init__(self) -> None:
        self._added: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._added:
            self._added[name] = getattr(import_module(_MODULES[name]), f"{name}_command")
            name_variables(name, self._added[name])
            if language_of(os.environ) != "en":
                from .commands.help_texts import translate

                translate(self._added[name])
        return self._added[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._added[name] = command

    def __delitem__(self, name: str) -> None:
        raise TypeError("a command cannot be taken away")

    def __iter__(self) -> Iterator[str]:
        return iter({**_MODULES, **self._added})

    def __len__(self) -> int:
        return len({**_MODULES, **self._added})


class Naidi(click.Group):
    """The group of commands. Every error becomes one line on stderr and an exit status."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments. Without any, a person at a terminal gets the screen."""
        if not args and not ctx.resilient_parsing:
            from .commands.screen import is_terminal

            args = ["screen"] if is_terminal() else args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A closed pipe is no error; click would make it one."""
        return unless_pipe_closed(lambda: super(Naidi, self).invoke(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. By then the settings of files are known, and what takes them back."""
        load_settings(ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None:
            refuse_wrong_settings(ctx, name, rest)
            rest = without_negations(ctx, command, name, rest)
        return name, command, rest

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and exit with FOUND, NOTHING_FOUND, FAILED or INTERRUPTED."""
        kwargs["standalone_mode"] = False
        language = language_of(os.environ)
        speak(language)
        if language != "en":
            from .commands.help_texts import let_click_speak, translate

            let_click_speak()
            translate(self)
        sys.exit(status_of(lambda: self._status(args, kwargs)))

    def _status(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        try:
            status = super().main(*args, **kwargs)
            return status if isinstance(status, int) else FOUND
        except click.ClickException as error:
            _say_wrong_call(error)
            return FAILED
        except click.Abort:
            return INTERRUPTED


def _say_wrong_call(error: click.ClickException) -> None:
    """The usage and what is wrong. An argument may be a file name that somebody else has chosen."""
    shown = io.StringIO()
    vars(error)["message"] = told(error.message)
    error.show(file=shown)
    if isinstance(error, click.BadParameter) and error.ctx is not None and error.param is not None:
        file = where_set(error.ctx, error.param)
        if file is not None:
            shown.write(told(message("The value is set in {file}.", file=file)) + "\n")
    # click puts each of several choices on a line of its own, behind a TAB.
    for line in shown.getvalue().rstrip("\n").replace("\n\t", " ").split("\n"):
        click.echo(printable(line), err=True)


@click.group(
    cls=Naidi,
    context_settings={
        **HELP,
        "max_content_width": 100,
        "auto_envvar_prefix": ENVIRONMENT,
    },
)
@click.version_option(__version__, prog_name="naidi", message=f"%(prog)s %(version)s ({core_line()})")
def main() -> None:
    """Find words, in any form, in a folder of English and Russian documents.

    \b
    naidi                   open a screen that searches while you type
    naidi index FOLDER      make the index, or bring it up to date
    naidi search QUERY      find documents
    naidi similar DOCUMENT  find documents like this one
    naidi suggest TEXT      complete a word
    naidi serve             search in a browser
    """


main.commands = _Commands()


if __name__ == "__main__":
    main(prog_name="naidi")
