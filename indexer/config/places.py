"""Finds the index and the files of settings that hold where the user stands."""

from __future__ import annotations

import os
import sys

from ..late import path_text
from ..state.layout import CURRENT
from ..typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEX = "index_data"
SETTINGS = "naidi.toml"


def find_index(here: Path) -> Path | None:
    """The nearest `index_data` that is an index, in this folder or above it; else the index of the user, if there is one.

    here: the working directory.
    """
    from pathlib import Path

    found = index_path(os.fspath(here))
    return None if found is None else Path(found)


def index_path(here: str) -> str | None:
    """As `find_index`, without pathlib."""
    for folder in _upwards(here):
        directory = os.path.join(folder, INDEX)
        if _is_index(directory):
            return os.path.relpath(directory, here)
    own = path_text(os.path.join(_data_home(), "naidi", "index"))
    return own if _is_index(own) else None


def settings_files(here: Path) -> list[Path]:
    """The files of settings that hold in a folder: the user's own, then the nearest `naidi.toml` in the folder or above it."""
    from pathlib import Path

    return list(dict.fromkeys(map(Path, settings_paths(os.fspath(here)))))


def settings_paths(here: str) -> list[str]:
    """As `settings_files`, without pathlib."""
    own = own_settings()
    # A folder above that may not be looked into holds none for us.
    near = next((path for folder in _upwards(here) if os.path.isfile(path := os.path.join(folder, SETTINGS))), own)
    return [path for path in dict.fromkeys((own, near)) if os.path.isfile(path)]


def own_settings() -> str:
    """The path of the user's own file of settings, be there one or not."""
    return path_text(os.path.join(_config_home(), "naidi", SETTINGS))


def _is_index(directory: str) -> bool:
    """Whether there is an index. A folder that may not be looked into holds none for us."""
    return os.path.isfile(os.path.join(directory, CURRENT))


def _upwards(here: str) -> Iterator[str]:
    """A folder, an absolute path, and those above it."""
    above = ""
    while here != above:
        yield here
        above, here = here, os.path.dirname(here)


def _data_home() -> str:
    if sys.platform == "win32":
        return _of("LOCALAPPDATA", "AppData/Local")
    if sys.platform == "darwin":
        return os.path.join(os.path.expanduser("~"), "Library", "Application Support")
    return _of("XDG_DATA_HOME", ".local/share")


def _config_home() -> str:
    if sys.platform == "win32":
        return _of("APPDATA", "AppData/Roaming")
    return _of("XDG_CONFIG_HOME", ".config")


def _of(variable: str, default: str) -> str:
    """The folder that a variable names. Relative ones do not count, as XDG has it."""
    named = os.environ.get(variable, "")
    return named if os.path.isabs(named) else os.path.join(os.path.expanduser("~"), default)
