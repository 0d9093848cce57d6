"""Finds the index and the files of settings that hold where the user stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ..state.layout import CURRENT

INDEX = "index_data"
SETTINGS = "naidi.toml"


def find_index(here: Path) -> Path | None:
    """The nearest `index_data` that is an index, in this folder or above it; else the index of the user, if there is one.

    here: the working directory.
    """
    for folder in _upwards(here):
        if _is_index(folder / INDEX):
            return Path(os.path.relpath(folder / INDEX, here))
    own = user_index()
    return own if _is_index(own) else None


def user_index() -> Path:
    """Where the index of the user is, if he has one that belongs to no folder."""
    return _data_home() / "naidi" / "index"


def settings_files(here: Path) -> list[Path]:
    """The files of settings that hold in a folder: the user's own, then the nearest `naidi.toml` in the folder or above it."""
    own = _config_home() / "naidi" / SETTINGS
    # A folder above that may not be looked into holds none for us.
    near = next((path for path in (folder / SETTINGS for folder in _upwards(here)) if os.path.isfile(path)), own)
    return [path for path in dict.fromkeys((own, near)) if os.path.isfile(path)]


def _is_index(directory: Path) -> bool:
    """Whether there is an index. A folder that may not be looked into holds none for us."""
    return os.path.isfile(directory / CURRENT)


def _upwards(here: Path) -> Iterator[Path]:
    yield here
    yield from here.parents


def _data_home() -> Path:
    if sys.platform == "win32":
        return _of("LOCALAPPDATA", "AppData/Local")
    if sys.platform == "darwin":
        return Path(os.path.expanduser("~")) / "Library" / "Application Support"
    return _of("XDG_DATA_HOME", ".local/share")


def _config_home() -> Path:
    if sys.platform == "win32":
        return _of("APPDATA", "AppData/Roaming")
    return _of("XDG_CONFIG_HOME", ".config")


def _of(variable: str, default: str) -> Path:
    """The folder that a variable names. Relative ones do not count, as XDG has it."""
    named = os.environ.get(variable, "")
    return Path(named) if os.path.isabs(named) else Path(os.path.expanduser("~")) / default
