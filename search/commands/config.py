"""The command `naidi config`, and how settings reach the other commands.

A value counts more the nearer it is to the call: the default, the user's file, `naidi.toml` of the folder, the environment, the
command line.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from naidi.indexer.cli.options import json_option
from naidi.indexer.config.places import settings_files
from naidi.indexer.config.settings import Settings, index_here, read_settings
from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import message, told
from naidi.indexer.opensearch.address import shown_place
from naidi.indexer.printable import dumps, printable

from .arguments import HELP
from .ending import FAILED, FOUND

ENVIRONMENT = "NAIDI"
HELP_OPTIONS = frozenset(HELP["help_option_names"])
# They help to set right what is wrong; `config` says what that is.
_WITHOUT_SETTINGS = ("config", "completion", "formats", "man")


def name_variables(name: str, command: click.Command) -> None:
    """Name the variables of the environment after the long names of the options. click would take those of its parameters."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.envvar is None and parameter.allow_from_autoenv:
            parameter.envvar = _variables(name, parameter)


def _variables(command: str, parameter: click.Option) -> list[str]:
    return [f"{ENVIRONMENT}_{command}_{long}".upper().replace("-", "_") for long in _long_names(parameter)]


def load_settings(ctx: click.Context) -> None:
    """Read the files of settings once a call, and let the commands take their defaults from them."""
    group = ctx.command
    assert isinstance(group, click.Group)
    files = settings_files(Path.cwd())
    options = {name: _options(command) for name, command in group.commands.items()} if files else {}
    settings = ctx.obj = read_settings(files, options)
    for name, values in settings.values.items():
        _make_lists(settings, group.commands[name], values)
    ctx.default_map = {command: dict(values) for command, values in settings.values.items()}


def _make_lists(settings: Settings, command: click.Command, values: dict[str, Any]) -> None:
    """One string counts as a list of one where an option may be repeated; any other value is noted as a problem."""
    for parameter in command.params:
        key, value = str(parameter.name), values.get(str(parameter.name))
        if not isinstance(parameter, click.Option) or not parameter.multiple or value is None:
            continue
        if isinstance(value, str):
            values[key] = [value]
        elif not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            file, long = settings.sources.pop((str(command.name), key)), _long_names(parameter)[0]
            settings.problems.append(
                message(
                    "{file}: [{command}] {option} is {value}; it must be a list of strings",
                    file=str(file),
                    command=command.name,
                    option=long,
                    value=repr(value),
                )
            )
            del values[key]


def refuse_wrong_settings(ctx: click.Context, name: str, arguments: list[str]) -> None:
    """Raises NaidiError if a file of settings is wrong. But help is given, and what needs no settings is done.

    Parameters:
      ctx: of the group, with its settings loaded.
      name: the command that is called.
      arguments: of the command.
    """
    settings = ctx.obj
    if not isinstance(settings, Settings) or not settings.problems or name in _WITHOUT_SETTINGS:
        return
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if not HELP_OPTIONS.isdisjoint(arguments[:end]):
        return
    raise NaidiError(settings.problems[0])


def without_negations(ctx: click.Context, command: click.Command, name: str, arguments: list[str]) -> list[str]:
    """The arguments without `--no-FLAG`, by which a flag that a file has set is taken back for this call."""
    flags = {
        "--no-" + long: parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.is_bool_flag and not parameter.secondary_opts
        for long in _long_names(parameter)
    }
    end = arguments.index("--") if "--" in arguments else len(arguments)
    taken_back = [flags[argument] for argument in arguments[:end] if argument in flags]
    if taken_back:
        ctx.default_map = ctx.default_map or {}
        ctx.default_map[name] = {**ctx.default_map.get(name, {}), **dict.fromkeys(filter(None, taken_back), False)}
    return [argument for argument in arguments[:end] if argument not in flags] + arguments[end:]


def where_set(ctx: click.Context, parameter: click.Parameter) -> Path | None:
    """The file that has set the value of a parameter; None if none has."""
    settings = ctx.find_root().obj
    if not isinstance(settings, Settings) or parameter.name is None:
        return None
    return settings.sources.get((ctx.info_name or "", parameter.name))


def _options(command: click.Command) -> dict[str, str]:
    """The long name of each option, without dashes -> the name of its parameter."""
    left_out = {"help", "index", "version"}
    return {
        name: parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option) and parameter.name is not None
        for name in _long_names(parameter)
        if name not in left_out
    }


def _long_names(parameter: click.Option) -> list[str]:
    return [name.removeprefix("--") for name in parameter.opts if name.startswith("--")]


@click.command("config", short_help="Show the settings, and where each comes from.")
@click.option("--changed", is_flag=True, help="Only what is not the default.")
@json_option
@click.pass_context
def config_command(ctx: click.Context, changed: bool, as_json: bool) -> int:
    """Show each setting with its value and its source: a file, a variable of the environment, or the default.

    \b
    Settings are written in TOML, in naidi.toml beside the documents or above, or in the user's own file:
      directory = "../index"     where the index is, relative to the file; in your own file also https://host:9200/name
      [search]                   a table for each command
      all = true                 its options by their long names
      limit = 20
    A variable is named after command and option: NAIDI_SEARCH_LIMIT=20. NAIDI_INDEX names the index.

    What is wrong in a file is said on stderr, and the status is 2 then.
    """
    root = ctx.find_root()
    rows = [("directory", *_directory_row(root.obj))]
    group = root.command
    assert isinstance(group, click.Group)
    for name in sorted(group.commands):
        for long, parameter_name in sorted(_options(group.commands[name]).items()):
            parameter = next(one for one in group.commands[name].params if one.name == parameter_name)
            assert isinstance(parameter, click.Option)
            rows.append((f"{name}.{long}", *_value(root, name, parameter)))
    if changed:
        rows = [row for row in rows if row[2] != "default"]
    if as_json:
        click.echo(dumps({"v": 1, "settings": [{"name": a, "value": b, "source": c} for a, b, c in rows]}))
    else:
        width = max((len(row[0]) for row in rows), default=0)
        for name, value, source in rows:
            where = told(message("default") if source == "default" else source)
            click.echo(printable(f"{name:<{width}}  {_shown(value)}  ({where})"))
    problems = root.obj.problems if isinstance(root.obj, Settings) else []
    for problem in problems:
        click.echo(f"naidi: {printable(' '.join(told(problem).split()))}", err=True)
    return FAILED if problems else FOUND


def _directory_row(settings: Any) -> tuple[Any, str]:
    named = os.environ.get("NAIDI_INDEX")
    if named:
        return shown_place(named), "NAIDI_INDEX"
    directory, source = index_here(settings if isinstance(settings, Settings) else None)
    return shown_place(directory), source


def _value(root: click.Context, command: str, parameter: click.Option) -> tuple[Any, str]:
    for variable in _variables(command, parameter):
        if os.environ.get(variable):
            return os.environ[variable], variable
    settings = root.obj
    if isinstance(settings, Settings) and (command, parameter.name) in settings.sources:
        return settings.values[command][str(parameter.name)], str(settings.sources[command, str(parameter.name)])
    default = parameter.get_default(root, call=False)
    return default if isinstance(default, (str, int, float, bool, list, tuple)) else None, "default"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None or value == () else str(value)
