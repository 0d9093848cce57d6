"""The command as a person or a script meets it: every output mode, every exit status; as a process where it makes a difference."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT, SEEDS, called, naidi
from indexes import build
from naidi import Document, Writer
from naidi.indexer.cli.reporting import say_packages
from naidi.indexer.core import core_line, core_name
from naidi.indexer.printable import size_of
from naidi.indexer.readers.read_file import NEEDS

FOUND, NOTHING, FAILED = 0, 1, 2


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the owner's documents, made by the command."""
    index = tmp_path_factory.mktemp("cli") / "index"
    run = naidi("index", SEEDS, "--index", index)
    assert run.returncode == FOUND, run.stderr
    assert run.stdout.startswith("added 3, updated 0, removed 0, unchanged 0, skipped 0 in ")
    return index


# -- search: results and exit status in every output mode


@pytest.mark.parametrize("mode", [(), ("--json",), ("--jsonl",), ("-l",), ("--count",), ("--explain",), ("--score",)])
@pytest.mark.parametrize(("query", "status"), [("vaccine", FOUND), ("nosuchword", NOTHING), ("", NOTHING)])
def test_exit_status_in_every_output_mode(seeds: Path, mode: tuple[str, ...], query: str, status: int) -> None:
    run = called("search", *mode, query, index=seeds)
    assert run.returncode == status
    assert "Traceback" not in run.stderr


def test_text_output_reads_well_at_80_columns(seeds: Path) -> None:
    run = naidi("search", "--no-translate", "--mark", "always", "вакцины", "vaccine", index=seeds)
    lines = run.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("1. ")
    assert "   seeds/001_6b9ad8cd2351c83f.txt  2021-12-01  en" in lines
    assert "«vaccine»" in run.stdout and "«vaccines»" in run.stdout
    assert "\x1b" not in run.stdout, "no colour where nobody sees it"
    assert run.stderr.startswith("2 documents (")


def test_colour_on_request_and_never_with_no_color(seeds: Path) -> None:
    assert "\x1b[" in called("search", "--color", "always", "vaccine", index=seeds).stdout
    assert "\x1b[" in called("search", "--color", "always", "vaccine", index=seeds, env={"NO_COLOR": "1"}).stdout
    assert "\x1b" not in called("search", "--color", "never", "vaccine", index=seeds).stdout


def on_a_terminal(*arguments: str, env: dict[str, str]) -> str:
    """What the command writes when its stdout and stderr are a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "naidi", *arguments],
        stdout=slave,
        stderr=slave,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", **env},
    ) as process:
        os.close(slave)
        output = b""
        while True:
            try:
                chunk = os.read(master, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            output += chunk
        process.wait(60)
    os.close(master)
    return output.decode("utf-8")


def test_a_terminal_gets_colour_unless_told_otherwise(seeds: Path) -> None:
    index = {"NAIDI_INDEX": str(seeds)}
    without = {name: value for name, value in os.environ.items() if name == "NO_COLOR"}
    assert not without, "the test environment sets NO_COLOR"
    assert "\x1b[" in on_a_terminal("search", "vaccine", env=index)
    assert "\x1b[" not in on_a_terminal("search", "vaccine", env={**index, "NO_COLOR": "1"})
    assert "\x1b[" not in on_a_terminal("search", "vaccine", env={**index, "TERM": "dumb"})


def test_a_progress_bar_on_a_terminal_and_none_elsewhere(tmp_path: Path) -> None:
    shown = on_a_terminal("index", str(SEEDS), "--index", str(tmp_path / "a"), env={})
    assert "3 of 3 documents" in shown and "MB/s" in shown and "100%" in shown
    run = naidi("index", SEEDS, "--index", tmp_path / "b")
    assert run.stderr == ""


def test_json_by_the_schema(seeds: Path) -> None:
    run = naidi("search", "--json", "--exact", "ВОЗ", index=seeds)
    value = json.loads(run.stdout)
    assert run.stdout.count("\n") == 1
    assert {"v", "query", "total", "took_ms", "corrections", "hits"} <= value.keys()
    assert (value["v"], value["query"], value["total"], value["corrections"]) == (1, "ВОЗ", 1, [])
    (hit,) = value["hits"]
    assert {"rank", "id", "path", "title", "date", "lang", "score", "snippets"} <= hit.keys()
    assert (hit["rank"], hit["date"], hit["lang"]) == (1, "2025-12-12", "ru")
    assert hit["id"] == "seeds/004_3b0bb7c49ec0438b.txt"
    for snippet in hit["snippets"]:
        assert [snippet["text"][start:end] for start, end in snippet["marks"]] == ["ВОЗ"] * len(snippet["marks"])
    assert "здравоохранения" in run.stdout, "Cyrillic is not escaped"


def test_json_of_nothing(seeds: Path) -> None:
    run = called("search", "--json", "--exact", "Токаевым", index=seeds)
    assert run.returncode == NOTHING
    value = json.loads(run.stdout)
    assert (value["total"], value["hits"]) == (0, [])


def test_jsonl_is_one_hit_a_line(seeds: Path) -> None:
    run = called("search", "--jsonl", "vaccine", index=seeds)
    hits = [json.loads(line) for line in run.stdout.splitlines()]
    assert [hit["rank"] for hit in hits] == [1, 2]


def test_paths_and_count(seeds: Path) -> None:
    paths = called("search", "-l", "vaccine", index=seeds).stdout.splitlines()
    assert sorted(paths) == ["seeds/000_66edd341f563fe1f.txt", "seeds/001_6b9ad8cd2351c83f.txt"]
    assert all((ROOT / path).is_file() for path in paths)
    assert called("search", "--count", "vaccine", index=seeds).stdout == "2\n"
    assert called("search", "--count", "nosuchword", index=seeds).stdout == "0\n"


def test_explain_names_the_key_through_which_words_meet(seeds: Path) -> None:
    run = called("search", "--explain", "met", index=seeds)
    assert "meeting (key meet)" in " ".join(run.stdout.split())
    assert run.stdout.count("score ") >= 2


def test_a_page_behind_all_that_was_found(seeds: Path) -> None:
    """As with grep, the status says whether the query finds anything. That nothing of it is shown is said."""
    told = "2 documents, none behind the first 10 ("
    for output, shown in ((), ""), (("-l",), ""), (("-0",), ""), (("--jsonl",), ""), (("--count",), "2\n"):
        run = called("search", *output, "--offset", "10", "vaccine", index=seeds)
        assert (run.returncode, run.stdout) == (FOUND, shown), output
        assert run.stderr.count(told) == (output != ("--count",)), output
    run = called("search", "--json", "--offset", "10", "vaccine", index=seeds)
    value = json.loads(run.stdout)
    assert (run.returncode, value["total"], value["hits"]) == (FOUND, 2, []) and told in run.stderr
    nothing = called("search", "--offset", "10", "xyzzy", index=seeds)
    assert nothing.returncode == NOTHING and "no documents (" in nothing.stderr
    assert called("search", "-n", "0", "vaccine", index=seeds).returncode == FOUND


def test_limit_offset_and_sort(seeds: Path) -> None:
    first = called("search", "-l", "-n1", "vaccine", index=seeds).stdout
    second = called("search", "-l", "-n", "1", "--offset", "1", "vaccine", index=seeds).stdout
    assert first and second and first != second
    oldest = called("search", "-l", "--sort", "date", "*", index=seeds).stdout.splitlines()
    newest = called("search", "-l", "--sort", "-date", "*", index=seeds).stdout.splitlines()
    assert [path[6:9] for path in oldest] == ["000", "001", "004"] and newest == oldest[::-1]


def test_filters(seeds: Path) -> None:
    def found(*arguments: str) -> list[str]:
        return sorted(path[6:9] for path in called("search", "-l", *arguments, index=seeds).stdout.splitlines())

    assert found("*", "--lang", "ru") == ["004"]
    assert found("*", "--since", "2021-12") == ["001", "004"]
    assert found("*", "--since", "2021-06-01", "--until", "2021") == ["001"]
    assert found("--all", "vaccine", "Omicron") == ["001"]
    assert found("vaccine", "Omicron") == ["000", "001"]


def test_an_excluded_word_is_no_option(seeds: Path) -> None:
    assert called("search", "-l", "vaccine", "-Omicron", index=seeds).stdout == "seeds/000_66edd341f563fe1f.txt\n"
    assert called("search", "-l", "vaccine", "-likely", index=seeds).returncode == FOUND
    assert called("search", "-l", "--", "vaccine", "-Omicron", index=seeds).stdout == "seeds/000_66edd341f563fe1f.txt\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "--since", "someday", "x"),
        ("search", "--sort", "size", "x"),
        ("search", "-n", "-1", "x"),
        ("search", "--no-such-option", "x"),
        ("search",),
        ("nosuchcommand",),
        ("similar",),
        ("similar", "no such document"),
        ("similar", "--json", "no such document"),
        ("suggest",),
        ("suggest", "-n", "0", "x"),
    ],
)
def test_a_wrong_call_ends_with_status_2(seeds: Path, arguments: tuple[str, ...]) -> None:
    run = called(*arguments, index=seeds)
    assert run.returncode == FAILED
    assert run.stdout == "" and run.stderr and "Traceback" not in run.stderr


def test_a_broken_pipe_is_no_error(seeds: Path) -> None:
    command = f"{sys.executable} -m naidi search --jsonl '*' | true; echo ${{PIPESTATUS[0]}}"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(seeds)}
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, env=env, timeout=60)
    assert (run.stdout, run.stderr) == ("0\n", "")


def test_warnings_go_to_stderr(seeds: Path) -> None:
    run = called("search", "-l", '"primary health', index=seeds)
    assert run.returncode == FOUND
    assert "naidi: " in run.stderr and len(run.stdout.splitlines()) == 2


def test_control_characters_of_a_document_never_reach_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "a.txt").write_text("Danger \x1b]0;owned\x07 word \u202e txt.\n" + "Plain text. " * 20, encoding="utf-8")
    assert called("index", folder, index=tmp_path / "i").returncode == FOUND
    for mode in ((), ("--color", "always"), ("--json",), ("--jsonl",), ("--explain",)):
        run = called("search", *mode, "danger", index=tmp_path / "i")
        assert run.returncode == FOUND
        assert "\x1b]" not in run.stdout and "\x07" not in run.stdout
        assert "\u202e" not in run.stdout


# -- help with what was typed

# query | documents, in this order | stderr | documents if exact
HELPED = """
    Токаев     | 000 001     | searched for tokayev (not Токаев) |
    WHO        | 001 000 004 | also: ВОЗ (WHO) | 001 000
    всемирная организация здравоохранения | 004 001 000 | \
        also: WHO and 1 more (всемирная организация здравоохранения) | 004
    ghtpbltyn  | 001 000     | searched for президент (not ghtpbltyn); president (not президент) |
    vacination | 000 001     | | 000 001
    vaccinaton | 001 000     | searched for vaccination (not vaccinaton) |
    vaccinaton ВОЗ | 004 001 000 | searched for vaccination (not vaccinaton); also: WHO and 1 more (ВОЗ) | 004
    Ашикбаева Ashikbayev | 004 | searched for ашикбаев (not Ashikbayev) | 004
    nosuchword | | |
    нет-такого-слова | | |
"""


def rows(text: str) -> list[list[str]]:
    lines = text.replace("\\\n", "").strip().splitlines()
    return [[" ".join(cell.split()) for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize(("query", "found", "notices", "exactly"), rows(HELPED))
def test_what_was_meant_is_found_and_said_on_stderr(
    seeds: Path, query: str, found: str, notices: str, exactly: str
) -> None:
    run = called("search", "-l", "--no-translate", query, index=seeds)
    assert " ".join(path[6:9] for path in run.stdout.splitlines()) == found
    assert run.stderr == (f"naidi: {notices}\n" if notices else "")
    assert run.returncode == (FOUND if found else NOTHING)
    run = called("search", "-l", "--exact", query, index=seeds)
    assert " ".join(path[6:9] for path in run.stdout.splitlines()) == exactly
    assert (run.returncode, run.stderr) == (FOUND if exactly else NOTHING, "")


def test_json_says_what_was_searched_for(seeds: Path) -> None:
    value = json.loads(called("search", "--json", "vaccinaton", "Токаев", index=seeds).stdout)
    spelt, romanised = sorted(value["corrections"], key=lambda each: each["kind"], reverse=True)
    assert spelt == {
        "original": "vaccinaton",
        "replacement": "vaccination",
        "kind": "spelling",
        "note": "",
        "action": "instead",
        "confidence": spelt["confidence"],
        "told": True,
    }
    assert 0.5 < spelt["confidence"] < 1.0
    assert (romanised["replacement"], romanised["kind"], romanised["action"]) == ("tokayev", "romanisation", "instead")
    marks = {snippet["text"][a:b] for hit in value["hits"] for snippet in hit["snippets"] for a, b in snippet["marks"]}
    assert "Tokayev" in marks
    assert json.loads(called("search", "--json", "--exact", "Токаев", index=seeds).stdout)["corrections"] == []


def test_explain_names_the_bridge(seeds: Path) -> None:
    assert "romanisation of Токаев, lemma" in " ".join(
        called("search", "--explain", "Токаев", index=seeds).stdout.split()
    )
    recent = called("search", "--explain", "--recent", "Токаев", index=seeds)
    assert "× recency 0.7500" in " ".join(recent.stdout.split())


def test_newer_documents_first_and_more_of_the_best(seeds: Path) -> None:
    newer = called("search", "-l", "WHO", "--recent", index=seeds).stdout.splitlines()
    assert [path[6:9] for path in newer] == ["001", "000", "004"]
    assert called("search", "--count", "--expand", "Omicron", index=seeds).stdout == "2\n"
    assert called("search", "--count", "Omicron", index=seeds).stdout == "1\n"
    said = called("search", "-l", "--expand", "Omicron", index=seeds).stderr
    assert re.fullmatch(r"naidi: also: \S+, .* and \d+ more \(Omicron\)\n", said), said
    assert "(expansion)" in called("search", "-l", "-v", "--expand", "Omicron", index=seeds).stderr


def test_similar(seeds: Path) -> None:
    first = "seeds/000_66edd341f563fe1f.txt"
    run = called("similar", "-l", first, index=seeds)
    assert (run.returncode, run.stdout, run.stderr) == (FOUND, "seeds/001_6b9ad8cd2351c83f.txt\n", "")
    for path, folder in ((first[6:], SEEDS), (SEEDS / first[6:], SEEDS.parent.parent)):
        assert called("similar", "--count", path, index=seeds, cwd=folder).stdout == "1\n"
    value = json.loads(called("similar", "--json", first, index=seeds).stdout)
    assert (value["query"], value["total"], value["corrections"]) == (first, 1, [])
    assert value["hits"][0]["snippets"][0]["marks"]
    assert called("similar", "--lang", "ru", first, index=seeds).returncode == NOTHING
    behind = called("similar", first, "--offset", "1", index=seeds)
    assert (behind.returncode, behind.stdout) == (
        FOUND,
        "",
    ) and "1 document, none behind the first 1 (" in behind.stderr
    assert "similar" not in called("similar", first, "--explain", index=seeds).stderr


def test_suggest(seeds: Path) -> None:
    run = called("suggest", "primary", "vacc", index=seeds)
    assert (run.returncode, run.stderr) == (FOUND, "")
    assert run.stdout.splitlines()[:2] == ["primary vaccination", "primary vaccine"]
    assert called("suggest", "-n1", "vacc", index=seeds).stdout.count("\n") == 1
    value = json.loads(called("suggest", "--json", "ghtpb", index=seeds).stdout)
    assert (value["v"], value["text"]) == (1, "ghtpb")
    value = json.loads(called("suggest", "--json", "vac", index=seeds).stdout)
    assert {each["kind"] for each in value["completions"]} == {"prefix"}
    assert all(set(each) == {"text", "doc_freq", "kind"} and each["doc_freq"] for each in value["completions"])
    nothing = called("suggest", "zzzzqq", index=seeds)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (NOTHING, "", "")
    nothing = called("suggest", "--json", "zzzzqq", index=seeds)
    assert (nothing.returncode, json.loads(nothing.stdout)["completions"]) == (NOTHING, [])


# -- index, status, verify


def test_search_without_an_index_says_how_to_build_one(tmp_path: Path) -> None:
    run = naidi("search", "x", index=tmp_path / "none")
    assert run.returncode == FAILED
    assert "naidi index" in run.stderr and run.stderr.count("\n") == 1 and run.stdout == ""


def test_search_says_on_stderr_that_the_folder_of_a_hit_is_gone(tmp_path: Path) -> None:
    index = tmp_path / "index"
    for name in ("kept", "gone", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(f"okapi and {name}", encoding="utf-8")
    assert called("index", *(tmp_path / name for name in ("kept", "gone", "other")), index=index).returncode == 0
    for name in ("gone", "other"):
        (tmp_path / name).rename(tmp_path / f"{name} 2")
    run = called("search", "-l", "gone", index=index)
    assert (run.returncode, run.stdout) == (0, f"{tmp_path / 'gone' / 'a.txt'}\n")
    assert run.stderr == (
        f"naidi: {tmp_path / 'gone'}: no such folder; what was found there is as it was when the index was made\n"
    )
    assert called("search", "-l", "kept", index=index).stderr == "", "no hit lies in what is gone"
    assert called("search", "-q", "gone", index=index).stderr == ""
    (tmp_path / "gone 2").rename(tmp_path / "gone")
    assert called("search", "-l", "gone", index=index).stderr == ""


def test_search_says_on_stderr_that_the_folder_is_newer(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("first words", encoding="utf-8")
    called("index", folder, index=tmp_path / "i")
    assert "brings it up to date" not in called("search", "first", index=tmp_path / "i").stderr
    (folder / "b.txt").write_text("second words", encoding="utf-8")
    run = called("search", "words", "-l", index=tmp_path / "i")
    assert run.returncode == FOUND and len(run.stdout.splitlines()) == 1
    assert "brings it up to date" in run.stderr
    assert called("index", folder, index=tmp_path / "i").stdout.startswith("added 1, updated 0, removed 0, unchanged 1")
    run = called("search", "words", "-l", index=tmp_path / "i")
    assert len(run.stdout.splitlines()) == 2 and "brings it up to date" not in run.stderr


def test_index_reports_what_it_did_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("text", encoding="utf-8")
    (folder / "b.bin").write_bytes(b"\0\1")
    (folder / "c.txt").write_bytes(b"a\0b\0c")
    (folder / ".hidden.txt").write_text("text", encoding="utf-8")
    run = called("index", folder, index=tmp_path / "i")
    assert run.returncode == FOUND
    assert "added 1, updated 0, removed 0, unchanged 0, skipped 3" in run.stdout
    assert run.stderr == "" and "(1 hidden, 1 unsupported format .bin, 1 binary file)" in run.stdout
    run = called("index", folder, "-v", index=tmp_path / "i")
    assert "c.txt: binary file" in run.stderr and ".hidden.txt: hidden" in run.stderr
    shown = called("status", "--skipped", index=tmp_path / "i").stdout.splitlines()
    assert len(shown) == 3 and any(line.endswith("c.txt: binary file") for line in shown)
    value = json.loads(called("index", folder, "--json", index=tmp_path / "i").stdout)
    assert (value["v"], value["added"], value["unchanged"]) == (1, 0, 1)
    assert {item["reason"] for item in value["skipped"]} == {"hidden", "binary file", "unsupported format .bin"}


def test_index_of_no_folder(tmp_path: Path) -> None:
    run = called("index", tmp_path / "none", index=tmp_path / "i")
    assert run.returncode == FAILED and "none" in run.stderr and run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *(
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1.0 KB"),
            (12_345, "12.3 KB"),
            (999_949, "999.9 KB"),
        ),
        *(
            (999_950, "1.0 MB"),
            (1_500_000, "1.5 MB"),
            (10**9, "1.0 GB"),
            (2 * 10**12, "2.0 TB"),
            (10**16, "10,000.0 TB"),
        ),
    ],
)
def test_sizes(number: int, text: str) -> None:
    assert size_of(number) == text


def test_status_of_small_indexes(index: Path) -> None:
    build(index, [Document("a", "слово")])
    status = called("status", index=index).stdout
    assert re.search(r"^size        \d+\.\d KB, [\d,.]+ x the text \(10 bytes\), 1 segment$", status, re.MULTILINE)
    build(index, [Document("b", "слово " * 1_000)])
    status = called("status", index=index).stdout
    assert re.search(r"^size        \d+\.\d KB, \d+\.\d\d x the text \(11\.0 KB\), 2 segments$", status, re.MULTILINE)
    assert "nothing to do (2 documents)" in called("index", "--upgrade", index=index).stdout
    with Writer(index) as writer:
        writer.delete("b")
    assert "nothing to do (1 document)" in called("index", "--upgrade", index=index).stdout


def test_status_and_verify(seeds: Path, tmp_path: Path) -> None:
    assert "documents   3 (en 2, ru 1)" in called("status", index=seeds).stdout
    value = json.loads(called("status", "--json", index=seeds).stdout)
    assert (value["documents"], value["languages"], value["damage"]) == (3, {"en": 2, "ru": 1}, None)
    assert f"core        {value['core']}\n" in called("status", index=seeds).stdout
    assert value["core"] == core_name()
    assert called("verify", index=seeds).returncode == FOUND
    broken = tmp_path / "broken"
    shutil.copytree(seeds, broken)
    (segment,) = broken.glob("gen-*/*.seg")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    for arguments in (("verify",), ("verify", "--json")):
        run = called(*arguments, index=broken)
        assert run.returncode == FAILED and "--rebuild" in run.stderr
    for command in ("status", "verify"):
        assert called(command, index=tmp_path / "none").returncode == FAILED


def test_help_has_examples_and_version_is_the_packages() -> None:
    run = called("--version")
    assert run.stdout == f"naidi 0.1.0 ({core_line()})\n"
    for command in ("index", "search", "status", "verify"):
        help_text = called(command, "--help").stdout
        assert help_text.startswith(f"Usage: naidi {command}")
    for command in ("index", "search"):
        assert "Examples:" in called(command, "--help").stdout


def test_python_dash_m_works_too(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(tmp_path / "i")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *arguments], capture_output=True, encoding="utf-8", cwd=ROOT, env=env, timeout=60
        )

    assert run("naidi", "search", "vaccine").returncode == FAILED
    assert run("naidi", "index", "seeds").stdout.startswith("added 3")
    assert run("naidi", "search", "vaccine", "-l").returncode == FOUND
    assert run("naidi", "index", "no such folder").returncode == FAILED


def test_an_interrupt_ends_quietly_and_leaves_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"слово word{number} " * 300, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(tmp_path / "i")}
    command = [sys.executable, "-m", "naidi", "index", str(folder), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=env) as process:
        while not (tmp_path / "i" / "lock").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors
    assert naidi("index", folder, index=tmp_path / "i").returncode == FOUND


def test_an_interrupt_before_the_command_is_loaded_ends_quietly() -> None:
    """Loading takes a tenth of a second, in which nothing of the command can catch it."""
    code = """
import builtins, runpy, signal
load = builtins.__import__
def interrupted(name, *rest, **named):
    if name == "click":
        signal.raise_signal(signal.SIGINT)
    return load(name, *rest, **named)
builtins.__import__ = interrupted
runpy.run_module("naidi.__main__", run_name="__main__")
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_missing_packages_are_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    """`naidi index --watch` reports each commit."""
    said: set[str] = set()
    pdf, html = ("a.pdf", f"{NEEDS} pypdfium2"), ("a.html", f"{NEEDS} selectolax")
    for skipped, named in (([pdf], "pypdfium2"), ([pdf], ""), ([pdf, html], "pypdfium2 selectolax"), ([html], "")):
        say_packages(skipped, said)
        assert (f"install {named}," in capsys.readouterr().err) is bool(named)


def test_a_bug_is_one_line_and_status_2(seeds: Path, tmp_path: Path) -> None:
    """Status 1 would say that nothing was found."""
    (tmp_path / "sitecustomize.py").write_text(
        "import naidi.search.searcher as s\ndef broken(*_, **__): raise ValueError('boom\\nbang')\ns.answer_to = broken\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    run = naidi("search", "vaccine", index=seeds, env={"PYTHONPATH": path})
    assert (run.returncode, run.stdout) == (FAILED, "")
    assert run.stderr.count("\n") == 1 and "a bug in naidi: ValueError: boom bang" in run.stderr
    run = naidi("search", "vaccine", index=seeds, env={"PYTHONPATH": path, "NAIDI_DEBUG": "1"})
    assert "Traceback" in run.stderr


def test_a_closed_stdout_is_no_bug(seeds: Path) -> None:
    command = f"{sys.executable} -m naidi search vaccine --index {seeds} >&-"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=env, timeout=60)
    assert run.returncode == FOUND and "bug" not in run.stderr
