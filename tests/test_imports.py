"""Who may import whom, and what importing may load."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from naidi.indexer import core

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for package in ("indexer", "search") for path in (ROOT / package).rglob("*.py"))

# The rooms, highest first. A room may import those on floors below it, and itself; rooms of one floor do not know each other.
FLOORS = [
    {"naidi.search.integrations"},
    {"naidi.search.cli"},
    {"naidi.search.commands"},
    {"naidi.search.screen", "naidi.search.web", "naidi.search.agents"},
    {
        "naidi.search.document_lines",
        "naidi.search.facet_filters",
        "naidi.search.query_lines",
        "naidi.search.memory_index",
    },
    {"naidi.search.open_index"},
    {"naidi.search.cluster_searcher"},
    {"naidi.search.searcher", "naidi.indexer.cli"},
    {"naidi.search.segments_state", "naidi.search.opensearch", "naidi.indexer.homes", "naidi.indexer.config"},
    {
        "naidi.search.hits",
        "naidi.search.named_documents",
        "naidi.search.stored_documents",
        "naidi.search.facets",
        "naidi.search.show",
        "naidi.indexer.status",
        "naidi.indexer.opensearch",
    },
    {
        "naidi.search.snippets",
        "naidi.search.duplicates",
        "naidi.search.suggest",
        "naidi.search.field_facets",
        "naidi.indexer.folder",
        "naidi.indexer.takeover",
    },
    {"naidi.search.answer", "naidi.search.plain_answer", "naidi.indexer.writing"},
    {"naidi.search.corrections"},
    {
        "naidi.search.read_query",
        "naidi.search.question",
        "naidi.search.cursor",
        "naidi.search.known_words",
        "naidi.indexer.whoosh",
    },
    {"naidi.search.index_state"},
    {"naidi.search.mending"},
    {"naidi.search.ranking"},
    {"naidi.search.bridges"},
    {"naidi.search.query"},
    {"naidi.search.collection"},
    {"naidi.search.field_columns"},
    {
        "naidi.indexer.state",
        "naidi.search.results",
        "naidi.search.search_options",
        "naidi.search.cache",
        "naidi.search.budget",
    },
    {"naidi.indexer.conditions", "naidi.search.explanation"},
    {"naidi.indexer.codec", "naidi.indexer.readers", "naidi.search.notebook"},
    {"naidi.indexer.analysis", "naidi.indexer.document"},
    {"naidi.indexer.fields"},
    {
        "naidi.indexer.errors",
        "naidi.indexer.printable",
        "naidi.indexer.record",
        "naidi.indexer.digest",
        "naidi.indexer.file_facts",
        "naidi.indexer.log",
        "naidi.indexer.core",
    },
    {"naidi.indexer.messages"},
    {"naidi.indexer.late", "naidi.indexer.typed", "naidi._core"},
]
FORMATS = {"pypdfium2", "selectolax"}  # the extra of this name
FACES = {
    "textual",
    "rich",
    "starlette",
    "uvicorn",
    "h11",
    "jinja2",
    "markupsafe",
    "anyio",
    "mcp",
    "mcp_types",
    "pydantic",
}  # those of tui, web and mcp
HAYSTACK = {"django", "haystack"}  # likewise
HEAVY = {"pymorphy3", "langdetect", "lemminflect", "simplemma", "Stemmer", "charset_normalizer", "whoosh"}


def module_name(path: Path) -> str:
    parts = ("naidi", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, late imports and those for types alone included."""
    name = module_name(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                yield submodule if submodule in NAMES else base


NAMES = {module_name(path) for path in MODULES}
IMPORTS = {module_name(path): set(imports_of(path)) for path in MODULES}


def room_of(module: str) -> tuple[int, str] | None:
    """(floor from the top, room) of a module; None for the packages themselves, which hold nothing."""
    for floor, rooms in enumerate(FLOORS):
        for room in rooms:
            if module == room or module.startswith(f"{room}."):
                return floor, room
    assert module in ("naidi.indexer", "naidi.search"), f"{module} has no floor: say in FLOORS where it belongs"
    return None


def test_the_map_shows_the_floors() -> None:
    """ARCHITECTURE.md has a line a floor, highest first, the rooms of a floor in any order."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^<!-- floors -->\n```\n(.*?)^```\n<!-- /floors -->$", text, re.DOTALL | re.MULTILINE)
    shown = [line.split(", ") for line in block.splitlines()]
    assert [sorted(line) for line in shown] == [
        sorted(room.removeprefix("naidi.").replace(".", "/") for room in floor) for floor in FLOORS
    ]


@pytest.mark.parametrize("importer", sorted(IMPORTS))
def test_imports_run_down(importer: str) -> None:
    here = room_of(importer)
    for imported in sorted(IMPORTS[importer]):
        if not imported.startswith("naidi."):
            may = importer.endswith(".cli") or importer.startswith("naidi.search.integrations.")
            assert imported != "naidi" or may, f"{importer} imports the public names"
            continue
        there = room_of(imported)
        assert there is not None and here is not None, f"{importer} imports {imported}, which holds nothing"
        assert here[1] == there[1] or here[0] < there[0], f"{importer} imports {imported}, which is not below it"


def test_no_module_reaches_itself() -> None:
    """No circle of imports, late ones and those for types included."""
    waiting = {name: {other for other in found if other in NAMES and other != name} for name, found in IMPORTS.items()}
    while free := [name for name, needs in waiting.items() if not needs & waiting.keys()]:
        for name in free:
            del waiting[name]
    assert not waiting, f"these import each other, or what does: {sorted(waiting)}"


def test_integrations_stand_on_the_public_names_alone() -> None:
    room = "naidi.search.integrations"
    for importer, imports in IMPORTS.items():
        if importer.startswith(room):
            inner = [name for name in imports if name.startswith("naidi.") and not name.startswith(f"{room}.")]
            assert not inner, importer


def test_the_indexer_does_not_know_the_search() -> None:
    for importer, imports in IMPORTS.items():
        if importer.startswith("naidi.indexer"):
            assert not [name for name in imports if name.startswith("naidi.search")], importer


def test_imports_within_a_package_are_relative() -> None:
    for path in MODULES:
        package = path.relative_to(ROOT).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert not (node.module or "").startswith(f"naidi.{package}"), path
                assert (node.module or "").split(".")[0] not in ("indexer", "search"), path


@pytest.mark.parametrize(
    "package, homes",
    [
        ("click", {"naidi.indexer.cli", "naidi.search.cli", "naidi.search.commands"}),
        ("whoosh", {"naidi.indexer.whoosh", "naidi.indexer.takeover"}),
        ("langdetect", {"naidi.indexer.analysis.language"}),
        ("pymorphy3", {"naidi.indexer.analysis.lemmatize"}),
        ("lemminflect", {"naidi.indexer.analysis.lemmatize"}),
        ("simplemma", {"naidi.indexer.analysis.lemmatize"}),
        ("Stemmer", {"naidi.indexer.analysis.lemmatize"}),
        ("charset_normalizer", {"naidi.indexer.readers"}),
        ("watchfiles", {"naidi.indexer.folder.watching"}),
        ("pypdfium2", {"naidi.indexer.readers.pdf"}),
        ("selectolax", {"naidi.indexer.readers.html"}),
        ("zstandard", {"naidi.indexer.codec"}),
        ("django", {"naidi.search.integrations.haystack"}),
        ("haystack", {"naidi.search.integrations.haystack"}),
        ("opensearchpy", {"naidi.indexer.opensearch.cluster"}),
        ("starlette", {"naidi.search.web", "naidi.search.agents"}),
        ("uvicorn", {"naidi.search.web", "naidi.search.agents"}),
        ("h11", {"naidi.search.web.unread_requests"}),
        ("jinja2", {"naidi.search.web"}),
        ("mcp", {"naidi.search.agents"}),
        ("mcp_types", {"naidi.search.agents.protocol"}),
        ("textual", {"naidi.search.screen"}),
        ("rich", {"naidi.search.screen"}),
    ],
)
def test_a_package_is_imported_in_its_home_alone(package: str, homes: set[str]) -> None:
    importers = {name for name, found in IMPORTS.items() if any(each.split(".")[0] == package for each in found)}
    assert importers
    assert not [name for name in importers if not any(name == home or name.startswith(f"{home}.") for home in homes)]


def test_only_declared_packages_are_imported() -> None:
    declared = {
        "click",
        "naidi",
        "numpy",
        "typing_extensions",
        "pymorphy3_dicts_ru",
        "tomli",
        "watchfiles",
        "zstandard",
        *FORMATS,
        *HEAVY,
        *HAYSTACK,
        *FACES,
        "opensearchpy",
    }
    for importer, imports in IMPORTS.items():
        foreign = {name.split(".")[0] for name in imports} - sys.stdlib_module_names - declared
        assert not foreign, importer


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter has loaded after running the code."""
    script = f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_almost_nothing() -> None:
    loaded = loaded_by("import naidi")
    assert not loaded & (HEAVY | {"numpy", "click"})


def test_the_public_names_load_no_dictionary() -> None:
    loaded = loaded_by(
        "from naidi import *\nassert Writer and open_index and sync\n"
        "from naidi.indexer.analysis import tokenize, keys, detect_language"
    )
    assert not loaded & HEAVY
    assert "click" not in loaded


def test_a_query_over_known_words_loads_no_dictionary(tmp_path: Path) -> None:
    code = (
        "from naidi import Document, Writer\n"
        f"w = Writer({str(tmp_path)!r}); w.add(Document(id='a', text='Вакцины и vaccines лечат детей.')); w.commit()\n"
        "w.close()"
    )
    assert loaded_by(code) & HEAVY, "indexing needs dictionaries, or this test looks at the wrong thing"
    query = (
        "from naidi import open_index\n"
        f"r = open_index({str(tmp_path)!r}).search('вакцины vaccines \"лечат детей\" лечат*', explain=True)\n"
        "assert r.total == 1 and r.hits[0].snippets[0].marks"
    )
    assert not loaded_by(query) & HEAVY


# What a search from cold must not wait for: files that are read or written, dictionaries, other commands.
NOT_FOR_A_SEARCH = (
    "naidi.indexer.readers",
    "naidi.indexer.writing",
    "naidi.indexer.whoosh",
    "naidi.indexer.folder.walk",
    "naidi.indexer.codec.segment_writer",
    "naidi.indexer.codec.merge",
    "naidi.indexer.cli.index",
    "naidi.indexer.status",
    "naidi.indexer.analysis.lemmatize.english",
    "naidi.indexer.analysis.lemmatize.russian",
    "naidi.search.bridges.spelling",
    "naidi.search.commands.similar",
    "naidi.search.commands.suggest",
    "naidi.search.commands.man",
    "naidi.search.commands.completion",
    "naidi.search.commands.screen",
    "naidi.search.screen",
    "naidi.search.query_lines",
    "naidi.search.suggest",
    "naidi.search.show.as_json",
    "asyncio",
    "importlib.metadata",
    "multiprocessing",
    "socket",
    "subprocess",
    "tomllib",
)


# What a search of one word from cold does without: of the standard library, and of the half in Python that the core stands for.
LATE = {
    *("bisect", "contextlib", "datetime", "importlib", "json", "pathlib", "threading", "unicodedata", "warnings"),
    "naidi.search.snippets.finder",
    "naidi.search.snippets.needles",
    "naidi.search.snippets.passages",
    "naidi.search.snippets.plain_snippets",
    "naidi.search.snippets.token_match",
}
# And this, unless the beginning of a text is shown, or markup.
OF_PATTERNS = {"collections", "enum", "functools", "operator", "re", "types"}


def test_a_search_from_cold_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for number in range(9):
        (tmp_path / "texts" / f"{number}.txt").write_text(
            f"Вакцины и vaccines лечат детей, {number}.", encoding="utf-8"
        )
    index = str(tmp_path / "index")
    command = (
        "import sys; from naidi.search.cli import main\ntry: main({})\nexcept SystemExit as end: assert not end.code\n"
    )
    command += "print(*sys.modules)"

    def loaded(*arguments: str) -> set[str]:
        code = command.format([*arguments, "--index", index])
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
        return set(run.stdout.splitlines()[-1].split())

    assert loaded("index", str(tmp_path / "texts")) >= {"naidi.indexer.readers", "naidi.indexer.cli.index"}
    for_search = loaded("search", "vaccines")
    assert "naidi.search.searcher" in for_search
    needless = [
        name for name in for_search if any(name == one or name.startswith(f"{one}.") for one in NOT_FOR_A_SEARCH)
    ]
    assert not needless


@pytest.mark.skipif(not core.is_used, reason="without the core, numpy answers")
def test_a_plain_search_from_cold_loads_no_foreign_package(tmp_path: Path) -> None:
    """The index has several segments and deletions, and words that are too common to be translated. Of zstandard, the compiled part
    alone is loaded; `typed` stands for typing."""
    index = str(tmp_path / "index")
    build = (
        "from naidi import Document, Writer\n"
        f"with Writer({index!r}) as w:\n"
        " for n in range(60):\n"
        "  w.add(Document(id=str(n), text=f'Вакцины и vaccines лечат детей, {n}. The World Health Organization agrees.'))\n"
        "  if n % 30 == 29: w.commit()\n"
        " w.add(Document(id='named', title='Прививки', text='Здесь о них нет ни слова.'))\n"
        " w.delete('3'); w.commit(); w.delete('35')\n"
    )
    subprocess.run([sys.executable, "-c", build], check=True)
    command = (
        "import sys; from naidi.__main__ import main\ntry: main()\nexcept SystemExit as end: assert not end.code\n"
    )
    command += "print(*sys.modules)"
    foreign = {"numpy", "click", "zstandard", "typing", "dataclasses", "inspect", *HEAVY}
    # Settings of naidi, such as those of other tests, are read by click.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NAIDI_")}

    def loaded(*arguments: str, isolated: bool = False) -> set[str]:
        run = subprocess.run(
            [sys.executable, *["-S"] * isolated, "-c", command, "search", *arguments, "--index", index],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
            env=environment,
        )
        assert run.stdout.count("\n") > 1, run.stderr
        return set(run.stdout.splitlines()[-1].split())

    assert "naidi.search.searcher" in loaded("vaccines")
    for arguments in (
        ["vaccines"],
        ["вакцины"],
        ["прививки"],  # stands in a title alone: the text is searched in vain
        ["vaccines детей"],
        ['"вакцины и vaccines"'],
        ["--json", "-n", "1", "health"],
        ["-n", "38", "-l", "health"],
        ["--count", "health AND детей"],
    ):
        assert not foreign & loaded(*arguments), arguments
    # Without the hooks of this environment, which load much.
    command = f"import sys; sys.path[:] = {[str(ROOT / 'src'), *sys.path]!r}\n{command}"
    late = LATE - loaded_at_once()
    for word in ("vaccines", "вакцины", "прививки", "health"):
        needless = late if word == "прививки" else late | (OF_PATTERNS - loaded_at_once())
        assert not needless & loaded(word, isolated=True), word


def loaded_at_once() -> set[str]:
    """What Python itself loads, without hooks."""
    command = [sys.executable, "-S", "-c", "import sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
