"""The package zstandard, without what a reader of an index does not need: to load all of it takes as long as a query.

Its compiled part is a module of its own. Where there is none, or the environment asks for another, the package decides.
"""

from __future__ import annotations

import os
import sys

from ..typed import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec, PathFinder
    from types import ModuleType

    import zstandard
else:
    try:
        from _frozen_importlib_external import PathFinder  # importlib.machinery has it from there
    except ImportError:  # another Python
        from importlib.machinery import PathFinder

__all__ = ["zstandard"]

_PART = "zstandard.backend_c"


def _compiled_part() -> ModuleType | None:
    """The compiled part, under its own name, so that the package takes the same one if it is loaded after all."""
    if (
        "zstandard" in sys.modules
        or sys.implementation.name != "cpython"
        or "PYTHON_ZSTANDARD_IMPORT_POLICY" in os.environ
    ):
        return None
    loaded = sys.modules.get(_PART)
    if loaded is not None:
        return loaded
    package = PathFinder.find_spec("zstandard")
    places = None if package is None else package.submodule_search_locations
    spec: ModuleSpec | None = PathFinder.find_spec(_PART, places) if places else None
    if spec is None or spec.loader is None:
        return None
    try:
        module = spec.loader.create_module(spec)
        if module is None:  # it is no compiled one
            return None
        spec.loader.exec_module(module)
    except ImportError:
        return None
    sys.modules[_PART] = module
    return module


def _package() -> ModuleType:
    import zstandard

    return zstandard


if not TYPE_CHECKING:
    zstandard = _compiled_part() or _package()
