"""Every fenced block of a page is run, or held to the code in another way. Here stands how; with the runs of no other place."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import json
import plistlib
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from xml.etree import ElementTree

import click
import pytest

from naidi import Document, MemoryIndex, sync
from naidi.search.cli import main
from page_transcripts import PAGES, ROOT, SHOWN_HOME, Block, Reader, blocks, language_of, run_here, steady
from test_dictionary import MUELLER, written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EVERY_PAGE = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("**/*.md")), ROOT / "benchmarks" / "DATA.md"]
RUN = "test_page_blocks::test_a_page_shows_what_happens"
OF_OTHERS = "test_page_blocks::test_shell_for_other_programs_is_shell"
# Page -> kind of its blocks -> how many, and the tests that hold them. ".ci/run" is the gate.
HELD: dict[str, dict[str, tuple[int, str]]] = {
    "ARCHITECTURE.md": {"": (1, "test_imports::test_the_map_shows_the_floors")},
    "CONTRIBUTING.md": {"sh": (3, OF_OTHERS)},
    "README.md": {
        "sh": (2, ".ci/run"),
        "console": (1, "test_readme::test_the_transcript_is_what_the_command_prints"),
        "python": (1, "test_readme::test_the_program_in_the_readme_runs"),
    },
    "docs/api.md": {
        "python": (11, "test_api_page::test_a_name_is_documented_as_it_is test_api_page::test_an_example_does_what_it_says")
    },
    "docs/cluster.md": {"sh": (4, f"{OF_OTHERS} test_page_blocks::test_the_commands_for_a_cluster")},
    "docs/command.md": {"text": (16, "test_command_page::test_the_page_is_what_the_commands_say")},
    "docs/embedding.md": {"python": (5, "test_examples::test_code_on_the_page_stands_in_the_example_that_it_names")},
    "docs/finds_russian.md": {"toml": (1, "test_page_blocks::test_the_case_of_what_should_be_found_is_found")},
    "docs/formats.md": {
        "python": (1, "test_page_blocks::test_a_format_of_a_program"),
        "toml": (1, "test_page_blocks::test_a_format_of_a_package"),
    },
    "docs/from-whoosh.md": {"python": (2, "test_page_blocks::test_from_whoosh_and_on_with_it")},
    "docs/guide-applications.md": {"python": (5, RUN), "text": (4, RUN)},
    "docs/guide-folder.md": {
        "sh": (1, RUN),
        "console": (8, RUN),
        "text": (1, "test_page_blocks::test_what_other_programs_call_is_a_command"),
        "ini": (2, "test_page_blocks::test_what_other_programs_call_is_a_command"),
    },
    "docs/haystack.md": {"python": (1, "test_page_blocks::test_the_settings_of_haystack_name_what_there_is")},
    "docs/json.md": {"console": (10, "test_documentation::test_the_examples_of_json_are_what_the_command_prints")},
    "docs/mcp.md": {
        "json": (4, "test_page_blocks::test_files_to_paste_call_the_command"),
        "toml": (1, "test_page_blocks::test_files_to_paste_call_the_command"),
        "sh": (2, OF_OTHERS),
        "text": (1, "test_mcp::test_the_transcript_of_the_page_is_a_real_one"),
    },
    "docs/query-language.md": {"console": (1, "test_page_blocks::test_a_dictionary_is_added_and_removed")},
    "docs/releasing.md": {"sh": (4, OF_OTHERS)},
    "docs/ru/tutorial.md": {kind: (count, RUN) for kind, count in {"sh": 1, "console": 10, "python": 1, "text": 1}.items()},
    "docs/screen.md": {
        "console": (1, "test_page_blocks::test_the_calls_of_the_faces_are_commands"),
        "": (1, "test_screen_terminal::test_the_picture_of_the_page_is_a_real_one"),
    },
    "docs/settings.md": {
        "toml": (1, "test_page_blocks::test_the_file_of_settings_is_taken"),
        "console": (2, "test_page_blocks::test_completion_and_manual_page test_page_blocks::test_the_language_is_chosen"),
    },
    "docs/tutorial.md": {kind: (count, RUN) for kind, count in {"sh": 1, "console": 10, "python": 1, "text": 1}.items()},
    "docs/watching.md": {
        "console": (1, "test_page_blocks::test_a_folder_is_watched"),
        "ini": (1, "test_page_blocks::test_what_other_programs_call_is_a_command"),
        "xml": (1, "test_page_blocks::test_what_other_programs_call_is_a_command"),
    },
    "docs/web.md": {
        "console": (
            4,
            "test_page_blocks::test_the_calls_of_the_faces_are_commands test_page_blocks::test_what_the_page_asks_is_answered",
        ),
        "nginx": (1, "test_page_blocks::test_the_proxy_leads_to_the_page"),
        "ini": (1, "test_page_blocks::test_what_other_programs_call_is_a_command"),
    },
    "README.ru.md": {
        "sh": (2, "test_russian_pages::test_the_blocks_are_those_of_the_english_page"),
        "console": (1, RUN),
        "python": (1, RUN),
    },
}  # fmt: skip


def of(page: str, language: str) -> list[Block]:
    return [block for block in blocks((ROOT / page).read_text("utf-8")) if block.language == language]


def test_every_block_is_held_by_a_test() -> None:
    """A new block needs a line above: run it by PAGES of page_transcripts, or by a test of its own."""
    there = {
        path.relative_to(ROOT).as_posix(): dict(Counter(block.language for block in blocks(path.read_text("utf-8"))))
        for path in EVERY_PAGE
    }
    held = {page: {kind: count for kind, (count, _) in kinds.items()} for page, kinds in HELD.items()}
    assert {page: kinds for page, kinds in there.items() if kinds} == held


def test_the_tests_that_hold_blocks_are_there() -> None:
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "readme_block test-command" in gate and "readme_block first-command" in gate
    for page, kinds in HELD.items():
        for _, names in kinds.values():
            for module, _, name in (each.partition("::") for each in names.split() if each != ".ci/run"):
                assert f"\ndef {name}(" in (ROOT / "tests" / f"{module}.py").read_text("utf-8"), page
        assert page in PAGES or RUN not in str(kinds), page


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_happens(page: str, tmp_path: Path) -> None:
    """All its blocks, one after another. `python tests/page_transcripts.py` writes what they print."""
    reader = Reader(tmp_path / "home", language_of(page))
    last_printed = None
    for block in filter(partial(run_here, page), blocks((ROOT / page).read_text("utf-8"))):
        if block.language == "console":
            for command, shown in block.commands():
                assert steady(reader.printed(command)) == steady(shown), command
        elif block.language == "sh":
            done = reader.shell(block.text, stops=True)
            assert done.returncode == 0, done.stdout
        elif block.language == "python":
            done = reader.python(block.text)
            assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
            last_printed = done.stdout
        else:
            assert block.language == "text"
            assert block.text == last_printed


PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "ini": lambda text: configparser.ConfigParser(interpolation=None).read_string(text),
    "xml": lambda text: ElementTree.fromstring(text.encode()),
}


def test_files_for_other_programs_are_well_formed() -> None:
    """Each block of a kind that has a grammar can be read by whom it is for."""
    read = 0
    for path in EVERY_PAGE:
        for block in blocks(path.read_text("utf-8")):
            if block.language in PARSERS:
                PARSERS[block.language](block.text)
                read += 1
    assert read >= 7


def test_shell_for_other_programs_is_shell() -> None:
    """Blocks that build, release or start a cluster: bash can read them, and what they name of this repository is there."""
    for page in ("CONTRIBUTING.md", "docs/releasing.md", "docs/cluster.md"):
        for block in of(page, "sh"):
            read = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True)
            assert read.returncode == 0, read.stderr
            for path in re.findall(r"(?<![\w/])(?:\.ci|tests|benchmarks)/\S+", block.text):
                assert (ROOT / path).exists(), path
            for module in re.findall(r"python -m (tests\.\S+)", block.text):
                assert importlib.util.find_spec(module), module


@pytest.mark.cluster
def test_the_commands_for_a_cluster(tmp_path: Path, opensearch: list[str], cluster_name: str) -> None:
    """The first block of docs/cluster.md, with the address of a node that is there."""
    reader = Reader(tmp_path / "home")
    (reader.home / "seeds").rename(reader.home / "books")
    shell = of("docs/cluster.md", "sh")[0].text
    assert "http://127.0.0.1:9200/library" in shell
    done = reader.shell(shell.replace("http://127.0.0.1:9200/library", f"{opensearch[0]}/{cluster_name}"), stops=True)
    assert done.returncode == 0 and "added 3" in done.stdout and "vaccine" in done.stdout, done.stdout


def test_the_case_of_what_should_be_found_is_found() -> None:
    (block,) = of("docs/finds_russian.md", "toml")
    (case,) = tomllib.loads(block.text)["case"]
    texts = case["find"] + case["miss"]
    with MemoryIndex([Document(id=text, text=text) for text in texts]) as index:
        assert [hit.id for hit in index.searcher().search(case["query"])] == case["find"]


def test_a_format_of_a_program(tmp_path: Path) -> None:
    (block,) = of("docs/formats.md", "python")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.note").write_text("A vaccine.", encoding="utf-8")
    # In a module, as the page says of readers.
    (tmp_path / "program.py").write_text(
        f"{block.text}\nif __name__ == '__main__':\n    from naidi import sync\n    print(sync('notes', 'index').added)\n",
        encoding="utf-8",
    )
    reader = Reader(tmp_path / "home")
    run = reader.shell(f"cd {tmp_path} && python program.py")
    assert run.stdout == "1\n"


def test_a_format_of_a_package() -> None:
    (block,) = of("docs/formats.md", "toml")
    (group,) = tomllib.loads(block.text)["project"]["entry-points"]
    code = "".join(path.read_text("utf-8") for path in (ROOT / "indexer" / "readers").glob("*.py"))
    assert f'"{group}"' in code


def test_from_whoosh_and_on_with_it(tmp_path: Path) -> None:
    """The index of Whoosh is taken over by the first block, the one of naidi opened with Whoosh by the second."""
    reader = Reader(tmp_path / "home")
    made = reader.python(
        "import os\nfrom whoosh.fields import ID, TEXT, Schema\nfrom whoosh.index import create_in\n"
        "schema = Schema(id=ID(unique=True, stored=True), text=TEXT(stored=True))\n"
        "os.mkdir('whoosh_index')\nindex = create_in('whoosh_index', schema)\n"
        "writer = index.writer()\nwriter.add_document(id='a', text='Two vaccines.')\nwriter.commit()\n"
    )
    assert made.returncode == 0, made.stdout
    take_over, go_on = (block.text for block in of("docs/from-whoosh.md", "python"))
    assert reader.python(take_over).stdout.startswith("1 {")
    count = "\nprint(searcher.doc_count(), 'vaccine' in map(bytes.decode, searcher.lexicon('text')))"
    assert reader.python(go_on + count).stdout == "1 True\n"


def test_the_settings_of_haystack_name_what_there_is() -> None:
    """test_haystack_backend runs the engine, where there is haystack."""
    page = (ROOT / "docs" / "haystack.md").read_text("utf-8")
    (block,) = of("docs/haystack.md", "python")
    names: dict[str, object] = {"BASE_DIR": ROOT}
    exec(compile(block.text, "settings.py", "exec"), names)
    settings = names["HAYSTACK_CONNECTIONS"]
    assert isinstance(settings, dict)
    module, _, engine = settings["default"]["ENGINE"].rpartition(".")
    code = (ROOT / "src" / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
    named = {getattr(node, "name", "") for node in ast.walk(ast.parse(code))}
    assert engine in named or engine in re.findall(r"\w+", code.split("__all__")[-1])
    assert all(f"| `{setting}` |" in page for setting in settings["default"] if setting != "ENGINE")


def test_a_dictionary_is_added_and_removed(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "home")
    written(tmp_path, "mueller7", MUELLER)
    assert reader.shell("naidi index seeds").returncode == 0
    (block,) = of("docs/query-language.md", "console")
    commands = [(command, shown) for command, shown in block.commands() if not command.startswith("sudo")]
    assert len(commands) == 3
    for command, shown in commands:
        printed = reader.printed(command.replace("/usr/share/dictd", str(tmp_path)))
        if shown:
            assert re.sub(r"[\d,]+ words", "N words", printed) == re.sub(r"[\d,]+ words", "N words", shown)
        assert "mueller7" in printed or command.split()[2] == "remove", printed
    assert "mueller7" not in reader.printed("naidi dictionary list")


def test_the_file_of_settings_is_taken(tmp_path: Path) -> None:
    (block,) = of("docs/settings.md", "toml")
    reader = Reader(tmp_path / "home")
    (reader.home / "here").mkdir()
    (reader.home / "here" / "naidi.toml").write_text(block.text, encoding="utf-8")
    assert reader.shell("naidi index seeds").returncode == 0
    config = reader.shell("cd here && naidi config --changed")
    assert config.returncode == 0
    for name, value in (("all", "true"), ("limit", "20"), ("exclude", "*.log")):
        assert re.search(rf"{name}.*{re.escape(value)}", config.stdout), config.stdout
    counts = [
        reader.shell(f"cd here && naidi search {no} --count vaccine Swiss 2>&-").stdout for no in ("", "--no-all")
    ]
    assert counts == ["1\n", "2\n"]  # the index above is found, and `all` counts


def test_completion_and_manual_page(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "home")
    _, block = of("docs/settings.md", "console")
    commands = block.text.replace("$ ", "")
    files = re.findall(r"> ~/(\S+)", commands)
    assert len(files) == 4
    for file in files:
        (reader.home / file).parent.mkdir(parents=True)
    assert reader.shell(commands, stops=True).returncode == 0
    assert all("naidi" in (reader.home / file).read_text("utf-8") for file in files)


def test_the_language_is_chosen(tmp_path: Path) -> None:
    block, _ = of("docs/settings.md", "console")
    reader = Reader(tmp_path / "home", "ru")
    assert reader.shell("naidi index seeds").returncode == 0
    (english, _), (russian, _) = block.commands()
    assert "document" in reader.shell(english).stdout and "документ" in reader.shell("naidi search вакцина").stdout
    assert "Использование" in reader.shell(russian.replace("LANGUAGE=ru", "LC_ALL=de_DE.UTF-8 LANGUAGE=ru")).stdout


def test_the_calls_of_the_faces_are_commands() -> None:
    """The calls of naidi on the pages of the screen and of the page for a browser have options that there are."""
    group = click.Context(main, info_name="naidi", **main.context_settings)
    called = []
    for block in [*of("docs/web.md", "console"), *of("docs/screen.md", "console")]:
        for line, _ in block.commands():
            for part in re.split(r"&&", line.partition("#")[0]):
                program, *arguments = shlex.split(part)
                if program == "naidi" and arguments:
                    called.append(arguments[0])
                    command, *rest = (each.replace("~", "/home/me") for each in arguments)
                    main.commands[command].make_context(command, rest, parent=group)
    assert sorted(called) == ["index", "index", "serve", "serve", "serve"]


def test_what_the_page_asks_is_answered(tmp_path: Path) -> None:
    """The calls of curl on docs/web.md, at a server of a folder in which there is the document that they name."""
    pytest.importorskip("starlette")
    from tests.served import serve

    notes = tmp_path / "docs" / "notes.md"
    notes.parent.mkdir()
    notes.write_text("\n".join(f"Line {number} of a vaccine." for number in range(1, 41)), encoding="utf-8")
    (notes.parent / "other.md").write_text("A vaccine, and a line.", encoding="utf-8")
    sync(notes.parent, tmp_path / "index")
    *_, block = of("docs/web.md", "console")
    asked = [shlex.split(command) for command, _ in block.commands()]
    assert len(asked) == 4
    with serve(tmp_path / "index") as served:
        answers = []
        for program, address in asked:
            assert program == "curl"
            with urlopen(address.replace("http://127.0.0.1:8765/", served.url), timeout=30) as answer:
                answers.append(json.load(answer))
    searched, suggested, similar, document = answers
    assert searched["total"] == 2 and set(searched["facets"]) == {"language", "year"}
    assert suggested["completions"][0]["text"] == "vaccine"
    assert [hit["id"] for hit in similar["hits"]] == ["docs/other.md"]
    assert document["text"].startswith("Line 10 ") and document["text"].rstrip().endswith("Line 30 of a vaccine.")


def test_the_proxy_leads_to_the_page() -> None:
    """The path of the proxy is that of the command below it, and its port the one that naidi takes unless told."""
    (block,) = of("docs/web.md", "nginx")
    assert block.text.count("{") == block.text.count("}") == 1
    assert all(line.rstrip().endswith((";", "{", "}")) for line in block.text.splitlines())
    (path,) = re.findall(r"^location (\S+)/ \{", block.text)
    ports = {param.name: param.default for param in main.commands["serve"].params}
    assert f"proxy_pass http://127.0.0.1:{ports['port']};" in block.text
    paths = re.findall(r"--root-path (\S+)", (ROOT / "docs" / "web.md").read_text("utf-8"))
    assert paths.count(path) == 2


def test_files_to_paste_call_the_command() -> None:
    """Each file to paste names the command `naidi mcp` with options that it has."""
    group = click.Context(main, info_name="naidi", **main.context_settings)
    read = [json.loads(block.text) for block in of("docs/mcp.md", "json")]
    read += [tomllib.loads(block.text) for block in of("docs/mcp.md", "toml")]
    assert len(read) == 5
    for value in read:
        (server,) = _servers(value)
        call = server["command"] if isinstance(server["command"], list) else [server["command"], *server["args"]]
        assert call[:2] == ["naidi", "mcp"]
        main.commands["mcp"].make_context("mcp", call[2:], parent=group)


def _servers(value: Any) -> list[dict[str, Any]]:
    """What stands under the name naidi, however deep."""
    if not isinstance(value, dict):
        return []
    return [value["naidi"]] if "naidi" in value else [one for each in value.values() for one in _servers(each)]


def test_a_folder_is_watched(tmp_path: Path) -> None:
    """The transcript of docs/watching.md: twelve notes, a hidden file, then one more note."""
    pytest.importorskip("watchfiles")
    reader = Reader(tmp_path / "home")
    notes = reader.home / "notes"
    notes.mkdir()
    for number in range(12):
        (notes / f"{number}.txt").write_text("A note.", encoding="utf-8")
    (notes / ".hidden").write_text("", encoding="utf-8")
    (block,) = of("docs/watching.md", "console")
    (install, _), (command, shown) = block.commands()
    assert install == "pip install watchfiles"
    said: list[str] = []
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=reader.home,
        env=reader.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as watching:
        assert watching.stdout is not None
        too_late = threading.Timer(60, watching.kill)
        too_late.start()
        for line in watching.stdout:
            said.append(line.replace(str(reader.home), SHOWN_HOME))
            if line.startswith("watching"):
                (notes / "new.txt").write_text("A new note.", encoding="utf-8")
            if len(said) == len(shown.splitlines()):
                watching.send_signal(signal.SIGINT)
                break
        too_late.cancel()
    assert steady("".join(said)) == steady(shown)


def test_what_other_programs_call_is_a_command() -> None:
    """Units of systemd, a job of launchd, a line of cron: each is well formed, and calls naidi with options that it has."""
    called: list[list[str]] = []
    for block in [*of("docs/watching.md", "ini"), *of("docs/guide-folder.md", "ini"), *of("docs/web.md", "ini")]:
        unit = configparser.ConfigParser(interpolation=None)
        unit.optionxform = str  # type: ignore[method-assign,assignment]
        unit.read_string(block.text)
        assert set(unit.sections()) <= {"Unit", "Service", "Timer", "Install"}
        if unit.has_option("Service", "ExecStart"):
            called.append(shlex.split(unit["Service"]["ExecStart"]))
    for block in of("docs/watching.md", "xml"):
        called.append(plistlib.loads(block.text.encode())["ProgramArguments"])
    for block in of("docs/guide-folder.md", "text"):
        line = re.fullmatch(r"(?:[\d*,/-]+ ){5}(.*)\n", block.text)
        assert line
        called.append(shlex.split(line[1]))
    assert len(called) == 5
    group = click.Context(main, info_name="naidi", **main.context_settings)
    for program, command, *arguments in called:
        assert program.endswith("/naidi")
        told = [each.replace("%h", "/home/me") for each in arguments]
        main.commands[command].make_context(command, told, parent=group)
