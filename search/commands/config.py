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
from naidi.indexer.printable import dumps, printable

ENVIRONMENT = "NAIDI"


def load_settings(ctx: click.Context) -> None:
    """Read the files of settings once a call, and let the commands take their defaults from them.

    Raises NaidiError for a file that is wrong.
    """
    group = ctx.command
    assert isinstance(group, click.Group)
    files = settings_files(Path.cwd())
    options = {name: _options(command) for name, command in group.commands.items()} if files else {}
    settings = ctx.obj = read_settings(files, options)
    ctx.default_map = {command: dict(values) for command, values in settings.values.items()}


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
      directory = "../index"     where the index is, relative to the file
      [search]                   a table for each command
      all = true                 its options by their long names
      limit = 20
    A variable is named after command and option: NAIDI_SEARCH_LIMIT=20. NAIDI_INDEX names the index.
    """
    root = ctx.find_root()
    rows = [("directory", *_directory_row(root.obj))]
    group = root.command
    assert isinstance(group, click.Group)
    for name in sorted(group.commands):
        for long, parameter_name in sorted(_options(group.commands[name]).items()):
            parameter = next(one for one in group.commands[name].params if one.name == parameter_name)
            rows.append((f"{name}.{long}", *_value(root, name, parameter)))
    if changed:
        rows = [row for row in rows if row[2] != "default"]
    if as_json:
        click.echo(dumps({"v": 1, "settings": [{"name": a, "value": b, "source": c} for a, b, c in rows]}))
        return 0
    width = max((len(row[0]) for row in rows), default=0)
    for name, value, source in rows:
        click.echo(printable(f"{name:<{width}}  {_shown(value)}  ({source})"))
    return 0


def _directory_row(settings: Any) -> tuple[Any, str]:
    named = os.environ.get("NAIDI_INDEX")
    if named:
        return named, "NAIDI_INDEX"
    directory, source = index_here(settings if isinstance(settings, Settings) else None)
    return str(directory), source


def _value(root: click.Context, command: str, parameter: click.Parameter) -> tuple[Any, str]:
    variable = f"{ENVIRONMENT}_{command}_{parameter.name}".upper()
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
