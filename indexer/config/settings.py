"""Reads the settings of the command: files in TOML, one table a command, one key an option.

    directory = "../index"        # relative to the file

    [search]
    all = true
    limit = 20

The file of the user counts less than `naidi.toml` of the folder, both less than the environment and the command line.
No option names a program to run: a `naidi.toml` may have come with documents of somebody else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import NaidiError
from .places import INDEX, find_index, folder_settings, user_settings

_MAX_BYTES = 1 << 20


@dataclass(slots=True)
class Settings:
    """What files set.

    values: command -> name of an option, as in its parameter -> value.
    sources: (command, name) -> the file that has set it.
    directory: of the index, or None.
    directory_source: the file that has set it.
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[tuple[str, str], Path] = field(default_factory=dict)
    directory: Path | None = None
    directory_source: Path | None = None


def read_settings(here: Path, options: Mapping[str, Mapping[str, str]]) -> Settings:
    """The settings that hold in a folder.

    Parameters:
      here: the working directory.
      options: command -> name of an option as users write it, without dashes in front ("max-size") -> name of its parameter.

    Raises NaidiError for a file that cannot be read or is wrong: which file, which key.
    """
    found = Settings()
    own, near = user_settings(), folder_settings(here)
    for path, is_own in ((own, True), (near, False)):
        if path is not None and (not is_own or path.is_file()):
            _take(found, path, _read(path), options)
    return found


def index_here(settings: Settings | None) -> tuple[Path, str]:
    """The index that is used if neither the command line nor the environment names one, and who says so."""
    if settings is not None and settings.directory is not None:
        return Path(os.path.relpath(settings.directory)), str(settings.directory_source)
    found = find_index(Path.cwd())
    if found is None:
        return Path(INDEX), "default"
    if found.is_absolute():
        return found, "of the user"
    return found, "found above" if str(found).startswith(os.pardir) else "found here"


def _read(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise NaidiError(f"{path}: {error.strerror or error}") from error
    if len(data) > _MAX_BYTES:
        raise NaidiError(f"{path}: larger than 1 MB, which no file of settings is")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NaidiError(f"{path}: not TOML: {error}") from error


def _take(found: Settings, path: Path, table: Mapping[str, Any], options: Mapping[str, Mapping[str, str]]) -> None:
    for name, value in table.items():
        if name == "directory":
            if not isinstance(value, str) or not value:
                raise NaidiError(f"{path}: directory is {value!r}; it must be the path of an index")
            found.directory = Path(os.path.normpath(path.parent / os.path.expanduser(value)))
            found.directory_source = path
        elif name not in options:
            known = ", ".join(["directory", *sorted(options)])
            raise NaidiError(f"{path}: {name} is no setting; there are {known}")
        elif not isinstance(value, dict):
            raise NaidiError(f"{path}: {name} is {value!r}; it must be a table, [{name}]")
        else:
            for key, one in value.items():
                _take_option(found, path, (name, key), one, options[name])


def _take_option(found: Settings, path: Path, place: tuple[str, str], value: Any, options: Mapping[str, str]) -> None:
    command, key = place
    parameter = options.get(key)
    if parameter is None:
        raise NaidiError(f"{path}: [{command}] has no {key}; `naidi {command} --help` shows its options")
    if isinstance(value, dict):
        raise NaidiError(f"{path}: [{command}] {key} is a table; it must be one value or a list")
    found.values.setdefault(command, {})[parameter] = value
    found.sources[command, parameter] = path
