"""Who may import whom, and what importing may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for package in ("indexer", "search") for path in (ROOT / package).rglob("*.py"))

# Rooms of `search`, each with what it may import of `search` itself; the higher may use the lower, never the other way round.
SEARCH_FLOORS = [
    {"search.results", "search.terminal", "search.collection", "search.scan", "search.sought", "search.cut"},
    {"search.query", "search.bridges"},
    {"search.ranking", "search.suggest", "search.completions", "search.prefix_edits"},
    {"search.reading", "search.answer"},
    {"search.occurrences", "search.passages", "search.snippets", "search.render", "search.render_json"},
    {"search.highlight", "search.long_texts"},
    {"search.hits"},
    {"search.searcher"},
    {"search", "search.cli"},
    {"search.__main__"},
]
HEAVY = {"pymorphy3", "langdetect", "lemminflect", "simplemma", "Stemmer", "charset_normalizer", "whoosh", "pathspec"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def floor_of(module: str) -> int:
    for floor, rooms in enumerate(SEARCH_FLOORS):
        if module in rooms or any(module.startswith(f"{room}.") for room in rooms - {"search"}):
            return floor
    raise AssertionError(f"{module} has no floor: say in SEARCH_FLOORS where it belongs")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_run_one_way(path: Path) -> None:
    importer = module_name(path)
    for imported in imports_of(path):
        package = imported.split(".")[0]
        if package == "search":
            assert importer.startswith("search"), f"{importer} imports {imported}"
            assert floor_of(imported) <= floor_of(importer), f"{importer} imports {imported}, which is above it"
        if package == "click":
            assert path.name in ("cli.py", "__main__.py"), f"{importer} imports click"
        if package == "whoosh":
            assert path.name.startswith("whoosh_"), f"{importer} imports whoosh"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_known_packages_are_imported(path: Path) -> None:
    declared = {"click", "numpy", "pymorphy3_dicts_ru", "watchfiles", "zstandard", *HEAVY}
    for imported in imports_of(path):
        package = imported.split(".")[0]
        assert package in sys.stdlib_module_names or package in declared | {"indexer", "search"}, imported


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True, cwd=ROOT
    )
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_packages_loads_almost_nothing() -> None:
    loaded = loaded_by("import indexer, search")
    assert not loaded & (HEAVY | {"numpy", "click"})


def test_the_public_names_load_no_dictionary() -> None:
    loaded = loaded_by(
        "from indexer import Document, Writer, sync\nfrom search import open_index\n"
        "from indexer.analysis import tokenize, keys, detect_language"
    )
    assert not loaded & HEAVY
    assert "click" not in loaded


def test_a_query_over_known_words_loads_no_dictionary(tmp_path: Path) -> None:
    code = (
        "from indexer import Document, Writer\n"
        f"w = Writer({str(tmp_path)!r}); w.add(Document(id='a', text='Вакцины и vaccines лечат детей.')); w.commit()\n"
        "w.close()"
    )
    assert loaded_by(code) & HEAVY, "indexing needs dictionaries, or this test looks at the wrong thing"
    query = (
        "from search import open_index\n"
        f"r = open_index({str(tmp_path)!r}).search('вакцины vaccines \"лечат детей\" лечат*', explain=True)\n"
        "assert r.total == 1 and r.hits[0].snippets[0].marks"
    )
    assert not loaded_by(query) & HEAVY


def test_the_public_names_are_those_promised() -> None:
    import indexer
    import indexer.analysis
    import search

    assert indexer.__all__ == ["Document", "NaidiError", "SyncReport", "Writer", "sync"]
    names = ["Completion", "Correction", "Explanation", "Hit", "Results", "Searcher", "Snippet", "open_index"]
    assert search.__all__ == names
    assert indexer.analysis.__all__ == ["Token", "detect_language", "keys", "tokenize"]
    for module in (indexer, indexer.analysis, search):
        for name in module.__all__:
            assert getattr(module, name) is not None
    assert callable(indexer.sync)
