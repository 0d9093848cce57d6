"""The signatures of docs/api.md: `python tests/api_page.py` writes each as the code has it, formatted by ruff.

A name keeps its place on the page, and a member its place in its class; a new member goes to the end. A new name has to be put into
a block first: `class Name: ...` or `def name(): ...`. What is told below a block is written by hand.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import os
import re
import shutil
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import naidi
from naidi.indexer import document, file_facts
from naidi.indexer import fields as naidi_fields
from naidi.search import results, search_options
from naidi.search.suggest import suggest as completions

RUFF = shutil.which("ruff", path=os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]))
PATH = Path(__file__).parents[1] / "docs" / "api.md"
PAGE = PATH.read_text(encoding="utf-8")
_BLOCK = re.compile(r"(?<=^```python\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
BLOCKS = _BLOCK.findall(PAGE)
# The module `naidi.fields` stands on the page with the names of its classes.
VALUES: dict[str, Any] = {
    name: getattr(naidi, name) for name in naidi.__all__ if name not in ("__version__", "fields")
} | {name: getattr(naidi.fields, name) for name in naidi.fields.__all__}
NAMES = sorted(VALUES)
_OF_FIELDS = {"stored", "given", "span", "to_json", "tzinfo", "days", "times", "multiple"}
# Public for other rooms of naidi, not for applications.
OF_NAIDI = {
    **dict.fromkeys(naidi.fields.__all__, _OF_FIELDS),
    "FieldName": {"condition"},
    "FolderOptions": {"reading", "noted", "from_noted"},
    "Searcher": {"directory", "generation", "state_mark"},
    "SyncReport": {"sort"},
    "Writer": {
        "pool",
        "add_analysed",
        "roots",
        "read_sources",
        "write_sources",
        "document_origins",
        "ids_from_older_naidi",
        "extend_schema",
        "merge_in_commits",
    },
}
# The page shows what these stand for: they cannot be imported from `naidi`.
ALIASES = {
    name: ast.parse(re.sub(r"\b(?:\w+\.)+(?=\w)", "", repr(getattr(home, name))), mode="eval").body
    for home, names in {
        document: ("Scalar",),
        search_options: ("Mode", "Only", "Sort", "Where"),
        naidi_fields: ("Schema",),
        results: ("Mark", "CorrectionKind", "CorrectionAction"),
        file_facts: ("DateSource",),
        completions: ("CompletionKind",),
    }.items()
    for name in names
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
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        text = stars + parameter.name
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


def own(value: object) -> dict[str, Any]:
    """What a class has by itself, or by one of its name on a lower floor: the public Writer stands on that of directories."""
    found: dict[str, Any] = {}
    for each in reversed(getattr(value, "__mro__", ())):
        if each.__name__ == getattr(value, "__name__", ""):
            found |= vars(each)
    return found


def members(name: str, value: type) -> Iterator[str]:
    """The lines of a class, in any order."""
    yield from fields(value)
    if (
        not dataclasses.is_dataclass(value)
        and inspect.isfunction(own(value).get("__init__"))
        and not issubclass(value, Exception)
    ):
        yield function("__init__", value.__init__)
    for member, each in own(value).items():
        if member.startswith("_") or member in OF_NAIDI.get(name, ()) or issubclass(value, tuple):
            continue
        if inspect.isfunction(each):
            yield function(member, each)
        elif isinstance(each, property):
            yield attribute(member, (each.fget or each).__annotations__["return"])


def written_page() -> str:
    """The page with every signature as it is now."""
    return _BLOCK.sub(lambda block: block[0] if "import " in block[0] else _written_block(block[0]), PAGE)


def _written_block(block: str) -> str:
    lines = block.splitlines()
    parts = []
    for node in ast.parse(block).body:
        assert isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.end_lineno is not None
        parts.append(_written(node) or "\n".join(lines[node.lineno - 1 : node.end_lineno]))
    assert RUFF is not None, "the extra [dev] has ruff"
    command = [RUFF, "format", "--quiet", "--line-length", "120", "-"]
    return subprocess.run(command, input="\n\n\n".join(parts), capture_output=True, encoding="utf-8", check=True).stdout


def _written(node: ast.FunctionDef | ast.ClassDef) -> str:
    """The definition of a name; "" for an error, which keeps its comment, and for a name that is gone."""
    value = VALUES.get(node.name)
    if inspect.isfunction(value):
        return _readable(function(node.name, value))
    if not isinstance(value, type) or not isinstance(node, ast.ClassDef) or issubclass(value, Exception):
        return ""
    now = {_name_of(line): _readable(line) for line in members(node.name, value)}
    order = [_name_of(ast.unparse(each)) for each in node.body]
    shown = [now.pop(name) for name in order if name in now] + list(now.values())
    stated = [line for line in shown if not line.startswith("def ")]
    called = [line for line in shown if line.startswith("def ")]
    if called and called[0].startswith("def __init__"):
        called, stated = called[1:], [called[0], "", *stated]
    bases = [*map(ast.unparse, node.bases), *(f"{each.arg}={ast.unparse(each.value)}" for each in node.keywords)]
    heading = f"class {node.name}({', '.join(bases)}):" if bases else f"class {node.name}:"
    return "\n    ".join([heading, *(stated or ["..."] * (not called)), *([""] if stated and called else []), *called])


def _readable(line: str) -> str:
    """A definition on one line, with numbers as people write them."""
    line = re.sub(r"\b\d{5,}\b", lambda number: f"{int(number[0]):_}", line.replace("\n    ...", " ..."))
    return re.sub(r"(?<=mode: int=)\d+", lambda number: oct(int(number[0])), line)


def _name_of(line: str) -> str:
    found = re.match(r"(?:def )?(\w+)", line)
    return "" if found is None else found[1]


if __name__ == "__main__":
    PATH.write_text(written_page(), encoding="utf-8")
