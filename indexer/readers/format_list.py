"""The formats as people want to know them: names, what is read, what has to be installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple

from ..messages import message
from .registry import Format, formats


class ListedFormat(NamedTuple):
    """A format in the list.

    name: for people.
    extensions: those by which files are told, with their dots.
    file_names: whole names by which they are told.
    about: what is read.
    needs: the module that reading needs; empty if none.
    extra: the extra of naidi that brings it; empty if none does.
    installed: whether that module is there. True if none is needed.
    how: how to install it; empty if nothing is missing.
    """

    name: str
    extensions: tuple[str, ...]
    file_names: tuple[str, ...]
    about: str
    needs: str
    extra: str
    installed: bool
    how: str


def format_list() -> list[ListedFormat]:
    """All formats in the order of their names."""
    return [listed(one) for one in formats()]


def listed(one: Format) -> ListedFormat:
    """What people want to know of a format."""
    module = one.needed_module
    try:
        installed = not module or find_spec(module) is not None
    except (ImportError, ValueError):  # the package of a module is not there
        installed = False
    extra = one.needs.partition(" ")[2].strip("[] ")
    what = f"'naidi[{extra}]'" if extra else module
    how = "" if installed else message("needs {module}: pip install {what}", module=module, what=what)
    return ListedFormat(one.name, one.extensions, one.file_names, one.about, module, extra, installed, how)
