"""Reads the settings of the command: files in TOML, one table a command, one key an option.

    directory = "../index"        # relative to the file

    [search]
    all = true
    limit = 20

The file of the user counts less than `naidi.toml` of the folder, both less than the environment and the command line.
No option names a program to run: a `naidi.toml` may have come with documents of somebody else. For the same reason only the user's
own file gives the address of a cluster: to whoever is there, queries, documents and the user's password are sent.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import NaidiError
from ..messages import message, of_system, sentence
from ..opensearch.address import is_address
from .places import INDEX, find_index, own_settings

_MAX_BYTES = 1 << 20


@dataclass(slots=True)
class Settings:
    """What files set.

    values: command -> name of an option, as in its parameter -> value.
    sources: (command, name) -> the file that has set it.
    directory: of the index, or its address in a cluster, as a str; or None.
    directory_source: the file that has set it.
    files: all of them; a later one counts more.
    problems: what is wrong in the files: which file, which key. The rest is as if it was not there.
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[tuple[str, str], Path] = field(default_factory=dict)
    directory: Path | str | None = None
    directory_source: Path | None = None
    files: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_settings(files: Sequence[Path], options: Mapping[str, Mapping[str, str]]) -> Settings:
    """The settings that files make together.

    Parameters:
      files: a later one counts more.
      options: command -> name of an option as users write it, without dashes in front ("max-size") -> name of its parameter.
    """
    found = Settings(files=list(files))
    for path in files:
        try:
            table = _read(path)
        except NaidiError as error:
            found.problems.append(sentence(error))
        else:
            for name, value in table.items():
                _take(found, path, (name, value), options)
    return found


def index_here(settings: Settings | None) -> tuple[Path | str, str]:
    """The index that is used if neither the command line nor the environment names one, and who says so."""
    if settings is not None and settings.directory is not None:
        directory = settings.directory
        named = directory if isinstance(directory, str) else Path(os.path.relpath(directory))
        return named, str(settings.directory_source)
    found = find_index(Path.cwd())
    if found is None:
        return Path(INDEX), "default"
    if found.is_absolute():
        return found, message("of the user")
    return found, message("found above") if str(found).startswith(os.pardir) else message("found here")


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise NaidiError(message("{path}: {reason}", path=path, reason=of_system(error))) from error
    if len(data) > _MAX_BYTES:
        raise NaidiError(message("{path}: larger than 1 MB, which no file of settings is", path=path))
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NaidiError(message("{path}: not TOML: {error}", path=path, error=error)) from error


def _take(found: Settings, path: Path, entry: tuple[str, Any], options: Mapping[str, Mapping[str, str]]) -> None:
    name, value = entry
    if name == "directory":
        if not isinstance(value, str) or not value:
            found.problems.append(
                message("{path}: directory is {value!r}; it must be the path of an index", path=path, value=value)
            )
        elif is_address(value) and str(path) != own_settings():
            found.problems.append(
                message(
                    "{path}: directory is an address; it counts in {own_settings}, $NAIDI_INDEX and --index alone, "
                    "since a file beside documents may be of somebody else",
                    path=path,
                    own_settings=own_settings(),
                )
            )
        else:
            is_path = not is_address(value)
            found.directory = Path(os.path.normpath(path.parent / os.path.expanduser(value))) if is_path else value
            found.directory_source = path
    elif name not in options:
        known = ", ".join(["directory", *sorted(options)])
        found.problems.append(
            message("{path}: {name} is no setting; there are {known}", path=path, name=name, known=known)
        )
    elif not isinstance(value, dict):
        found.problems.append(
            message("{path}: {name} is {value!r}; it must be a table, [{name}]", path=path, name=name, value=value)
        )
    else:
        for key, one in value.items():
            _take_option(found, path, (name, key), one, options[name])


def _take_option(found: Settings, path: Path, place: tuple[str, str], value: Any, options: Mapping[str, str]) -> None:
    command, key = place
    parameter = options.get(key)
    if parameter is None:
        found.problems.append(
            message(
                "{path}: [{command}] has no {key}; `naidi {command} --help` shows its options",
                path=path,
                command=command,
                key=key,
            )
        )
    elif isinstance(value, dict):
        found.problems.append(
            message(
                "{path}: [{command}] {key} is a table; it must be one value or a list",
                path=path,
                command=command,
                key=key,
            )
        )
    else:
        found.values.setdefault(command, {})[parameter] = value
        found.sources[command, parameter] = path
