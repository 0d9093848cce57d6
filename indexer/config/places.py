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


def user_settings() -> Path:
    """The file of the user's settings, which need not exist."""
    return _config_home() / "naidi" / SETTINGS


def folder_settings(here: Path) -> Path | None:
    """The nearest `naidi.toml` in this folder or above it."""
    return next((folder / SETTINGS for folder in _upwards(here) if (folder / SETTINGS).is_file()), None)


def _is_index(directory: Path) -> bool:
    """Whether it may be an index: one that cannot be looked at is one, and opening it says why."""
    try:
        os.stat(directory / CURRENT)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _upwards(here: Path) -> Iterator[Path]:
    yield here
    yield from here.parents


def _data_home() -> Path:
    if sys.platform == "win32":
        return _of("LOCALAPPDATA", "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return _of("XDG_DATA_HOME", ".local/share")


def _config_home() -> Path:
    if sys.platform == "win32":
        return _of("APPDATA", "AppData/Roaming")
    return _of("XDG_CONFIG_HOME", ".config")


def _of(variable: str, default: str) -> Path:
    """The folder that a variable names. Relative ones do not count, as XDG has it."""
    named = os.environ.get(variable, "")
    return Path(named) if os.path.isabs(named) else Path.home() / default
