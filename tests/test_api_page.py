"""docs/api.md has every public name, with the signature that it has."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import naidi
from commands import ROOT
from naidi.indexer import document, file_facts
from naidi.search import results, search_options
from naidi.search.suggest import suggest as completions

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
NAMES = [name for name in naidi.__all__ if name != "__version__"]
# Public for other rooms of naidi, not for applications.
OF_NAIDI = {
    "FolderOptions": {"reading", "noted", "from_noted"},
    "Searcher": {"generation"},
    "Writer": {
        "pool",
        "add_analysed",
        "roots",
        "read_sources",
        "write_sources",
        "document_origins",
        "ids_from_older_naidi",
    },
}
# The page shows what these stand for: they cannot be imported from `naidi`.
ALIASES = {
    name: ast.parse(repr(getattr(home, name)).replace("typing.", ""), mode="eval").body
    for home, names in {
        document: ("Scalar",),
        search_options: ("Mode", "Sort"),
        results: ("Mark", "CorrectionKind", "CorrectionAction"),
        file_facts: ("DateSource",),
        completions: ("CompletionKind",),
    }.items()
    for name in names
}
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


class Spelled(ast.NodeTransformer):
    """Puts what an alias stands for in its place."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ALIASES.get(node.id, node)


def spelled(code: str) -> str:
    return ast.unparse(Spelled().visit(ast.parse(code)))


def documented() -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The definitions of the page. A block with an import is an example."""
    trees = [ast.parse(block) for block in BLOCKS if "import " not in block]
    return {node.name: node for tree in trees for node in tree.body}  # type: ignore[attr-defined]


def written(default: object) -> str:
    """A default as the page writes it: `ReadOptions()` if all its fields are their defaults."""
    with suppress(TypeError):
        if dataclasses.is_dataclass(default) and default == type(default)():
            return f"{type(default).__name__}()"
    return repr(default)


def function(name: str, value: Callable[..., Any]) -> str:
    """A function as the page writes it."""
    signature = inspect.signature(value)
    parameters: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parameters:
            parameters.append("*")
        text = "**" * (parameter.kind is parameter.VAR_KEYWORD) + parameter.name
        if parameter.annotation is not parameter.empty:
            text += f": {parameter.annotation}"
        if parameter.default is not parameter.empty:
            text += f" = {written(parameter.default)}"
        parameters.append(text)
    return spelled(f"def {name}({', '.join(parameters)}) -> {signature.return_annotation}: ...")


def attribute(name: str, annotation: object, *default: object) -> str:
    text = getattr(annotation, "__forward_arg__", annotation)  # a TypedDict and a NamedTuple keep them so
    return spelled(f"{name}: {text}" + (f" = {default[0]!r}" if default else ""))


def fields(value: type) -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            if each.default_factory is not dataclasses.MISSING:
                yield attribute(each.name, each.type, each.default_factory())
            elif each.default is not dataclasses.MISSING:
                yield attribute(each.name, each.type, each.default)
            else:
                yield attribute(each.name, each.type)
    elif typing.is_typeddict(value) or issubclass(value, tuple):
        for name, annotation in value.__annotations__.items():
            yield attribute(name, annotation)


def members(name: str, value: type) -> Iterator[str]:
    """The lines of a class, in any order."""
    yield from fields(value)
    if (
        not dataclasses.is_dataclass(value)
        and inspect.isfunction(vars(value).get("__init__"))
        and not issubclass(value, Exception)
    ):
        yield function("__init__", value.__init__)
    for member, each in vars(value).items():
        if member.startswith("_") or member in OF_NAIDI.get(name, ()) or issubclass(value, tuple):
            continue
        if inspect.isfunction(each):
            yield function(member, each)
        elif isinstance(each, property):
            yield attribute(member, (each.fget or each).__annotations__["return"])


def test_the_page_has_every_public_name_and_no_other() -> None:
    assert documented().keys() == set(NAMES)
    assert "`naidi.__version__`" in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_documented_as_it_is(name: str) -> None:
    value, node = getattr(naidi, name), documented()[name]
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
    assert all(hasattr(getattr(naidi, name), member) for name, those in OF_NAIDI.items() for member in those)


def test_the_example_does_what_it_says(tmp_path: Path) -> None:
    (example,) = (block for block in BLOCKS if "import " in block)
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
