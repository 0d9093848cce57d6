"""Settings: files, environment and command line, each counting more than the one before; and where the index is found."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from commands import called
from indexes import write_old
from naidi.indexer.config.places import find_index, settings_files


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an index of twenty documents, and a home of its own."""
    for number in range(20):
        write_old(tmp_path / "notes" / "deep" / f"{number}.txt", f"борщ номер {number}")
    run = called("index", ".", cwd=tmp_path / "notes", env=here(tmp_path))
    assert run.returncode == 0, run.stderr
    return tmp_path


def here(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"), **more}


def found(home: Path, *arguments: str, cwd: str = "notes", **more: str) -> list[str]:
    run = called("search", "-l", *arguments, "борщ", cwd=home / cwd, env=here(home, **more))
    assert run.returncode in (0, 1), run.stderr
    return run.stdout.splitlines()


def test_the_index_is_found_from_below(home: Path) -> None:
    assert (home / "notes" / "index_data" / "CURRENT").exists()
    assert len(found(home, cwd="notes/deep")) == 10
    run = called("search", "борщ", cwd=home, env=here(home))
    assert (
        run.returncode == 2 and run.stderr == "naidi: index_data: no index here; build one with `naidi index FOLDER`\n"
    )


def test_the_index_of_the_user_is_the_last_resort(home: Path) -> None:
    own = home / "data" / "naidi" / "index"
    write_old(home / "other" / "a.txt", "борщ")
    called("index", "other", "--index", own, cwd=home, env=here(home))
    assert len(found(home, cwd="other")) == 1
    assert len(found(home)) == 10, "the one of the folder comes first"


def test_a_nearer_setting_counts_more(home: Path) -> None:
    write_old(home / "config" / "naidi" / "naidi.toml", "[search]\nlimit = 3\n")
    assert len(found(home)) == 3
    write_old(home / "notes" / "naidi.toml", "[search]\nlimit = 4\n")
    assert len(found(home, cwd="notes/deep")) == 4
    assert len(found(home, NAIDI_SEARCH_LIMIT="5")) == 5
    assert len(found(home, "-n", "6", NAIDI_SEARCH_LIMIT="5")) == 6
    shown = called("config", "--changed", cwd=home / "notes", env=here(home)).stdout
    assert "search.limit  4  (" in shown and "notes/naidi.toml)" in shown and "found here" in shown
    value = json.loads(called("config", "--json", cwd=home / "notes", env=here(home, NAIDI_SEARCH_LIMIT="5")).stdout)
    rows = {row["name"]: (row["value"], row["source"]) for row in value["settings"]}
    assert rows["search.limit"] == ("5", "NAIDI_SEARCH_LIMIT") and rows["search.offset"] == (0, "default")


def test_a_flag_that_is_set_can_be_taken_back(home: Path) -> None:
    write_old(home / "notes" / "naidi.toml", "[search]\nall = true\n")
    assert found(home, "номер", "17") == ["deep/17.txt"]
    assert len(found(home, "--no-all", "номер", "17")) == 10


@pytest.mark.parametrize(
    "text, arguments, shown",
    [
        ('format = "grep"', ("--json",), '{"v": 1, '),
        ('format = "grep"', ("-l",), "deep/17.txt"),
        ('format = "grep"', ("--count",), "1"),
        ('format = "grep"', ("--facets",), "1. борщ номер 17"),
        ('format = "{id}"', ("-0",), "notes/deep/17.txt\0"),  # these may stand together
        ("json = true", ("-l",), "deep/17.txt"),
        ("json = true", ("-0",), "deep/17.txt\0"),
        ("json = true", ("--format", "{id}"), "notes/deep/17.txt"),
        ("null = true", ("--json",), '{"v": 1, '),
        ("facets = 'type'", ("-l",), "deep/17.txt"),
        ("quiet = true", ("-l",), "deep/17.txt"),
    ],
)
def test_the_command_line_wins_over_an_output_that_a_file_sets(
    home: Path, text: str, arguments: tuple[str, ...], shown: str
) -> None:
    write_old(home / "notes" / "naidi.toml", f"[search]\nall = true\n{text}\n")
    run = called("search", *arguments, "борщ", "17", cwd=home / "notes", env=here(home))
    assert run.returncode == 0 and run.stdout.startswith(shown), run.stderr


def test_snippets_that_are_asked_for_are_shown_although_a_file_shows_none(home: Path) -> None:
    write_old(home / "notes" / "naidi.toml", "[search]\nno-snippets = true\n")
    write_old(home / "notes" / "letter.txt", "Письмо\n\nМы варим суп из свёклы каждый день.")
    called("index", cwd=home / "notes", env=here(home))
    for options, shown in ((), False), (("--snippets", "1"), True):
        run = called("search", *options, "свёкла", cwd=home / "notes", env=here(home))
        assert ("варим суп" in run.stdout) is shown


def test_of_two_outputs_the_nearer_one_counts(home: Path) -> None:
    write_old(home / "config" / "naidi" / "naidi.toml", "[search]\njson = true\nlimit = 1\n[suggest]\njson = true\n")
    write_old(home / "notes" / "naidi.toml", '[search]\nformat = "{id}"\n')
    run = called("search", "борщ", cwd=home / "notes", env=here(home))
    assert run.returncode == 0 and run.stdout.startswith("notes/deep/"), run.stderr
    run = called("search", "борщ", cwd=home / "notes", env=here(home, NAIDI_SEARCH_AS_COUNT="1"))
    assert (run.returncode, run.stdout) == (0, "20\n"), run.stderr
    run = called("search", "борщ", "-l", "--json", cwd=home / "notes", env=here(home))
    assert run.returncode == 2 and "--json and -l exclude each other" in run.stderr, "both stand at one place"
    run = called("suggest", "бор", "-q", cwd=home / "notes", env=here(home))
    assert (run.returncode, run.stdout) == (0, "")
    run = called("index", "--dry-run", cwd=home / "notes", env=here(home, NAIDI_INDEX_WATCH="1"))
    assert run.returncode == 0 and "nothing was done" in run.stderr


def test_queries_from_stdin_are_answered_whatever_output_a_file_sets(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_old(home / "notes" / "naidi.toml", '[search]\nformat = "grep"\n')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("борщ\n".encode()), encoding="utf-8"))
    run = called("search", "-", cwd=home / "notes", env=here(home))
    assert run.returncode == 0 and json.loads(run.stdout)["total"] == 20
    run = called("search", "-", "-l", cwd=home / "notes", env=here(home))
    assert run.returncode == 2 and "-l is something else" in run.stderr


def test_the_index_that_a_file_names(home: Path) -> None:
    write_old(home / "naidi.toml", 'directory = "notes/index_data"\n')
    assert len(found(home, cwd=".")) == 10


@pytest.mark.parametrize(
    "text, why",
    [
        ("[search", "not TOML"),
        ("[find]\nlimit = 3", "find is no setting; there are directory, "),
        ("search = 3", "search is 3; it must be a table, [search]"),
        ("[search]\nlimits = 3", "[search] has no limits; `naidi search --help` shows its options"),
        ("directory = 3", "directory is 3; it must be the path of an index"),
        ("[search]\nlimit.x = 3", "[search] limit is a table"),
        ("[search]\nlimit = 'many'", "The value is set in "),
        ("[index]\nexclude = 3", "[index] exclude is 3; it must be a list of strings"),
        ("[index]\nexclude = [3]", "[index] exclude is [3]; it must be a list of strings"),
    ],
)
def test_wrong_settings(home: Path, text: str, why: str) -> None:
    write_old(home / "notes" / "naidi.toml", text)
    run = called("search", "борщ", cwd=home / "notes", env=here(home))
    assert run.returncode == 2 and why in run.stderr and "naidi.toml" in run.stderr


@pytest.mark.parametrize(
    "text",
    ["[search", "[find]\nlimit = 3", "search = 3", "[search]\nlmit = 3", "directory = 3", "[search]\nlimit.x = 3"],
)
def test_wrong_settings_leave_what_helps_to_mend_them(home: Path, text: str) -> None:
    """The message names `naidi search --help`."""
    write_old(home / "notes" / "naidi.toml", text)
    for command in (("search", "--help"), ("search", "x", "-h"), ("index", "--help"), ("formats",), ("man",)):
        run = called(*command, cwd=home / "notes", env=here(home))
        assert (run.returncode, run.stderr) == (0, "") and len(run.stdout) > 100
    assert called("completion", "bash", cwd=home / "notes", env=here(home)).returncode == 0
    for command in (("search", "борщ"), ("search", "--", "--help"), ("index",), ("status",)):
        run = called(*command, cwd=home / "notes", env=here(home))
        assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1) and "naidi.toml: " in run.stderr


def test_the_settings_that_are_right_are_shown_beside_wrong_ones(home: Path) -> None:
    write_old(home / "notes" / "naidi.toml", "[search]\nlmit = 3\noffset = 4\n[find]\n")
    for form in ((), ("--json",)):
        run = called("config", "--changed", *form, cwd=home / "notes", env=here(home))
        assert run.returncode == 2 and "search.offset" in run.stdout
        first, second = run.stderr.splitlines()
        assert "[search] has no lmit; " in first and "find is no setting; " in second


def test_one_string_is_a_list_of_one_where_several_may_stand(home: Path) -> None:
    write_old(home / "notes" / "naidi.toml", '[index]\nexclude = "1*.txt"\n')
    assert called("index", cwd=home / "notes", env=here(home)).returncode == 0
    assert len(found(home, "-n", "20")) == 9


def test_an_index_that_may_not_be_read_is_named_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the variable that could have named it. As root every file may be read, so the refusal is played."""
    write_old(home / "naidi.toml", 'directory = "notes/index_data"\n')
    monkeypatch.setattr(os, "access", lambda *_, **__: False)

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith("CURRENT"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    opened = os.open
    monkeypatch.setattr(os, "open", refuse)
    run = called("search", "борщ", cwd=home, env=here(home))
    assert (run.returncode, run.stderr) == (2, "naidi: notes/index_data/CURRENT: Permission denied\n")


def test_a_folder_above_that_may_not_be_looked_into(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds neither settings nor an index for us. Root, as whom tests may run, may look everywhere."""
    real = os.stat

    def stat(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and os.path.dirname(os.path.abspath(os.fspath(path))) == str(home):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **options)

    write_old(home / "naidi.toml", "[search]\nlimit = 3\n")
    monkeypatch.setattr(os, "stat", stat)
    assert settings_files(home / "notes") == []
    assert find_index(home / "notes" / "deep") == Path("..") / "index_data"
    assert find_index(home / "elsewhere") is None


def test_without_a_home(home: Path) -> None:
    (home / "bare").mkdir()
    run = called("search", "борщ", cwd=home / "bare", env={"HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""})
    assert run.returncode == 2 and "no index here" in run.stderr


def test_choices_are_named_on_one_line() -> None:
    run = called("completion")
    assert run.returncode == 2 and "\t" not in run.stderr
    assert run.stderr.splitlines()[-1].endswith("Choose from: bash, fish, zsh"), run.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    assert "_NAIDI_COMPLETE" in called("completion", shell).stdout


def test_the_manual_page_has_every_command() -> None:
    page = called("man").stdout
    assert page.startswith('.TH NAIDI 1 "" "naidi"')
    for command in ("index", "search", "similar", "suggest", "status", "verify", "folders", "formats", "config"):
        assert f'.SH "NAIDI {command.upper()}"' in page
    assert not [line for line in page.splitlines() if line.startswith("'")]


def test_a_variable_is_named_after_the_long_name_of_its_option(home: Path) -> None:
    """The variables of every option, though its parameter may have another name."""
    shown = called("config", "--json", cwd=home / "notes", env=here(home))
    names = {setting["name"] for setting in json.loads(shown.stdout)["settings"]} - {"directory", "config.json"}
    assert {"search.all", "index.max-size", "similar.lang", "verify.json"} <= names
    for colour in {name for name in names if name.endswith(".colour")}:
        names.remove(colour)  # the same as .color
    variables = {name: f"NAIDI_{name}".upper().replace(".", "_").replace("-", "_") for name in names}
    shown = called("config", "--json", cwd=home / "notes", env=here(home, **dict.fromkeys(variables.values(), "1")))
    sources = {setting["name"]: setting["source"] for setting in json.loads(shown.stdout)["settings"]}
    assert {name: sources[name] for name in names} == variables


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ALL", "1", ""),
        ("COUNT", "1", "20\n"),
        ("LANG", "en", ""),
        ("PATHS", "1", "deep/0.txt"),
        ("JSON", "1", '{"v": 1'),
        ("FORMAT", "{id}", "notes/deep/"),
    ],
)
def test_variables_do_what_their_options_do(home: Path, variable: str, value: str, expected: str) -> None:
    run = called("search", "борщ", "квас", cwd=home / "notes", env=here(home, **{f"NAIDI_SEARCH_{variable}": value}))
    assert run.stdout.startswith(expected) if expected else (run.returncode, run.stdout) == (1, ""), run.stdout
