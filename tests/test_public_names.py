"""The names that `naidi` gives to applications: all of them, documented, and no others."""

from __future__ import annotations

import ast
import inspect
import pickle
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import naidi
from api_page import own
from naidi.indexer import errors

NAMES = [name for name in naidi.__all__ if name != "__version__"]
ERRORS = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
}


def test_names_are_sorted_and_given_once() -> None:
    assert naidi.__all__ == sorted(set(naidi.__all__))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_loaded_and_documented(name: str) -> None:
    value = getattr(naidi, name)
    place = value.__name__ if isinstance(value, types.ModuleType) else f"{value.__module__}.{value.__name__}"
    assert place.startswith("naidi.") and place.endswith(f".{name}")
    # A dataclass without a docstring gets its signature for one.
    assert value.__doc__ and not value.__doc__.startswith(f"{name}(")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_class_offers_is_documented(name: str) -> None:
    value = getattr(naidi, name)
    if isinstance(value, types.ModuleType):
        return  # its classes are on the page of the API
    offered = {
        member: each
        for member, each in own(value).items()
        if not member.startswith("_") and isinstance(each, (types.FunctionType, property, classmethod, staticmethod))
    }
    assert not [member for member, each in offered.items() if not each.__doc__]


def test_the_names_for_type_checkers_are_those_that_are_loaded() -> None:
    """They stand three times in the module: in imports for type checkers, with their homes, and in `__all__`."""
    tree = ast.parse(Path(str(naidi.__file__)).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    checked = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname is None
    }
    homes = {name: getattr(naidi, name) for name in NAMES}
    assert checked == {
        name: value.__name__.rpartition(".")[0] if isinstance(value, types.ModuleType) else value.__module__
        for name, value in homes.items()
    }


def test_every_error_is_public() -> None:
    assert ERRORS and ERRORS.keys() <= set(naidi.__all__)
    assert all(getattr(naidi, name) is error and issubclass(error, naidi.NaidiError) for name, error in ERRORS.items())


def test_the_tree_of_errors_is_that_of_the_classes() -> None:
    drawn: list[tuple[str, str]] = []
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ((?:│   |    |├── |└── )*)([A-Z]\w+)(?:  |$)", line):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            drawn.append((found[2], above[depth - 1] if depth else "Exception"))
    assert sorted(drawn) == sorted((name, error.__base__.__name__) for name, error in ERRORS.items())


def in_a_fresh_interpreter(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_dir_shows_names_before_they_are_used() -> None:
    shown = in_a_fresh_interpreter("import naidi, sys; print(*dir(naidi)); assert 'naidi.search' not in sys.modules")
    assert set(naidi.__all__) == {name for name in shown.split() if not name.startswith("__")} | {"__version__"}


def test_a_star_gives_every_name() -> None:
    code = "from naidi import *; names = {*globals()}; import naidi; print(*{*naidi.__all__} - names)"
    assert in_a_fresh_interpreter(code).strip() == ""


@pytest.mark.parametrize("name", ["Sercher", "bridges", "_secret", ""])
def test_there_are_no_other_names(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'naidi' has no attribute '{name}'"):
        getattr(naidi, name)
    assert not hasattr(naidi, name)


def test_the_package_says_what_it_is() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.?(a|b|rc|dev|post)\d+)?", naidi.__version__)
    assert inspect.getdoc(naidi)


def test_errors_survive_pickling() -> None:
    """A worker process hands them on."""
    error = pickle.loads(pickle.dumps(naidi.DocumentUnreadable("a.txt", "empty")))
    assert (str(error), error.path, error.reason) == ("a.txt: empty", "a.txt", "empty")
