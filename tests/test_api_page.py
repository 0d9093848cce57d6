"""docs/api.md has every public name, with the signature that it has."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_page import (
    BLOCKS,
    NAMES,
    OF_NAIDI,
    PAGE,
    RUFF,
    VALUES,
    documented,
    fields,
    function,
    members,
    own,
    written_page,
)
from commands import ROOT

STANDARD = {
    "Any",
    "Callable",
    "Iterable",
    "Iterator",
    "Literal",
    "Mapping",
    "Path",
    "Sequence",
    "TypedDict",
    "Unpack",
    "datetime",
    "os",
}


def test_the_page_has_every_public_name_and_no_other() -> None:
    assert documented().keys() == set(NAMES)
    assert "`naidi.__version__`" in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_documented_as_it_is(name: str) -> None:
    value, node = VALUES[name], documented()[name]
    if inspect.isfunction(value):
        assert ast.unparse(node) == function(name, value)
        return
    assert isinstance(node, ast.ClassDef)
    shown = [ast.unparse(each) for each in node.body if ast.unparse(each) != "..."]
    assert sorted(shown) == sorted(members(name, value))
    if issubclass(value, Exception):
        assert [ast.unparse(base) for base in node.bases] == [value.__base__.__name__]


def test_what_stands_in_an_annotation_can_be_imported() -> None:
    """From `naidi`, from the standard library or, for Unpack, from typing."""
    annotations: list[ast.expr | None] = []
    for block in documented().values():
        for node in ast.walk(block):
            if isinstance(node, (ast.arg, ast.AnnAssign)):
                annotations.append(node.annotation)
            elif isinstance(node, ast.FunctionDef):
                annotations.append(node.returns)
    named = {name.id for each in annotations if each for name in ast.walk(each) if isinstance(name, ast.Name)}
    assert {"SearchOptions", "Progress", "RankingParameters"} <= named
    assert not [name for name in sorted(named) if name not in {*NAMES, *STANDARD, *vars(builtins)}]


def test_what_is_of_naidi_is_there() -> None:
    assert all(
        hasattr(VALUES[name], member) for name in ("Writer", "Searcher", "FolderOptions") for member in OF_NAIDI[name]
    )


@pytest.mark.parametrize("example", [block for block in BLOCKS if "import " in block], ids=["search", "fields"])
def test_an_example_does_what_it_says(example: str, tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stderr == ""
    assert run.stdout.splitlines() == re.findall(r"print\(.*\)  # (.*)", example)


def test_other_names_that_the_page_gives_are_there() -> None:
    from naidi.indexer import analysis, readers
    from naidi.search.show import as_json

    places = {
        "naidi.indexer.readers": readers,
        "naidi.search.show.as_json": as_json,
        "naidi.indexer.analysis": analysis,
    }
    for place, module in places.items():
        (line,) = re.findall(rf"^- `{re.escape(place)}`: (.*)", PAGE, re.MULTILINE)
        names = re.findall(r"`(\w+)(?:\([^`]*\))?`", line)
        assert len(names) >= 2 and all(hasattr(module, name) for name in names)


@pytest.mark.skipif(RUFF is None, reason="ruff formats the signatures")
def test_the_page_is_as_it_is_written() -> None:
    """`python tests/api_page.py` would change nothing."""
    assert written_page() == PAGE


def described(docstring: str) -> set[str]:
    """The names that a docstring describes: `name: …` or `one, other: …`."""
    lines = re.findall(r"^ *((?:\w+, )*\w+): ", inspect.cleandoc(docstring), re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


# The same names, described there.
DESCRIBED_BY = {"FolderChoices": "FolderOptions"}


def callables(name: str) -> Iterator[tuple[str, set[str], str]]:
    """(what, names of its parameters or fields, its docstring) for each thing under a public name that has some."""
    value = VALUES[name]
    if isinstance(value, type):
        for member, each in own(value).items():
            of_record = member == "__init__" and hasattr(value, "__match_args__")
            public = member == "__init__" or not (member.startswith("_") or member in OF_NAIDI.get(name, ()))
            if inspect.isfunction(each) and public and not of_record:
                yield f"{name}.{member}", {*inspect.signature(each).parameters} - {"self"}, each.__doc__ or ""
        described_by = VALUES[DESCRIBED_BY.get(name, name)]
        yield name, {line.split(":")[0] for line in fields(value)}, described_by.__doc__ or ""
    elif inspect.isfunction(value):
        yield name, {*inspect.signature(value).parameters}, value.__doc__ or ""


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_and_field_has_its_sentence(name: str) -> None:
    """In the docstring of what takes it, so that `help` says it. One alone is told by the first sentence."""
    if isinstance(VALUES[name], type) and issubclass(VALUES[name], Exception):
        return  # applications catch them
    for place, names, docstring in callables(name):
        assert len(names) < 2 or not names - described(docstring), place
