"""What `naidi search` prints, for eyes and for pipes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from commands import ROOT, called, naidi
from naidi import Document, Writer, open_index, sync
from naidi.search.show.links import file_url

FOUND, NOTHING, FAILED = 0, 1, 2
BODY = " ".join(f"Sentence number {number} speaks of harbours and ships." for number in range(12))
FILES = {
    "notes/guide.md": (
        "# Harbour guide\n\nSee [the harbour office](https://office.example/a_(b)) for **berths**.\n\n"
        "| ship | berth |\n|------|:-----:|\n| Aurora | 7 |\n\n"
        "The harbour &amp; its <b>cranes</b> {/tldr/} are old. Call get_user_by_id or see https://docs.python.org/berths now.\n"
    ),
    "notes/-rf.txt": "A file with a strange name.\nIts second line.\nThe windlass stands in the third line.\n",
    "news/2021.txt": f" date 2021-05-29 Ships came.\n{BODY}\n",
    "news/again.txt": f" date 2022-01-02 Ships came.\n{BODY} One more word.\n",
    "news/порт.txt": "Порт «Северный» принимает суда. В порту стоит ледокол. Ледокол «Север» ждёт.\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of documents with its index in `index`."""
    here = tmp_path_factory.mktemp("output")
    for name, text in FILES.items():
        path = here / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (946_728_000, 946_728_000))  # the first day of 2000
    assert called("index", "docs", index=here / "index", cwd=here).returncode == FOUND
    return here


def search(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return called("search", *arguments, index=folder / "index", cwd=folder, env=env)


# -- the title, markup and marks


def test_no_snippet_repeats_the_title(folder: Path) -> None:
    for query in ("harbour guide", "ships came", "порт северный", "strange name"):
        for hit in json.loads(search(folder, "--json", query).stdout)["hits"]:
            title = "".join(filter(str.isalnum, hit["title"].rstrip("…"))).casefold()
            for snippet in hit["snippets"]:
                assert title not in "".join(filter(str.isalnum, snippet["text"])).casefold(), (query, snippet)


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [
        ("Vaccine news", "Vaccine news\nThe vaccine works.", ["The vaccine works."]),
        ("Vaccine news", "# Vaccine *news* {#top}\n\nThe vaccine works.", ["The vaccine works."]),
        ("Vaccine news.", "Vaccine news. The vaccine works.", ["The vaccine works."]),
        ("The vaccine…", "The vaccine from here is a good vaccine.", ["…from here is a good vaccine."]),
        ("Vaccine", "Vaccine makers met.", ["Vaccine makers met."]),  # the title is no sentence of its own
        ("Vaccine", "Vaccine", []),
        ("Vaccine", "Reuters, Monday\n\nVaccine\n\nNo more about it.", ["No more about it."]),
        ("Elsewhere", "The vaccine works.", ["The vaccine works."]),
    ],
)
def test_what_is_shown_behind_a_title(tmp_path: Path, title: str, text: str, shown: list[str]) -> None:
    with Writer(tmp_path / "i") as writer:
        writer.add(Document(id="a", text=text, title=title))
    with open_index(tmp_path / "i") as searcher:
        (hit,) = searcher.search("vaccine").hits
    assert [snippet.text for snippet in hit.snippets] == shown


def test_markup_is_not_shown_but_kept_in_json(folder: Path) -> None:
    shown = " ".join(search(folder, "harbour berths Aurora cranes").stdout.split())
    assert "See the harbour office for berths." in shown
    assert "Aurora · 7" in shown
    assert "The harbour & its cranes are old." in shown
    assert not any(sign in shown for sign in ("**", "](", "|", "{/", "<b>", "&amp;", "# "))
    texts = [
        part["text"] for part in json.loads(search(folder, "--json", "berths Aurora").stdout)["hits"][0]["snippets"]
    ]
    assert any("[the harbour office](https://office.example/a_(b))" in text for text in texts)


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ('"harbours and ships"', "«harbours and ships»"),
        ("https://docs.python.org", "«https://docs.python.org»/"),
        ("get_user_by_id", "«get_user_by_id»"),
    ],
)
def test_what_is_found_whole_is_one_mark(folder: Path, query: str, mark: str) -> None:
    assert mark in " ".join(search(folder, "--mark", "always", query).stdout.split())


def test_marks(folder: Path) -> None:
    assert "«" not in search(folder, "windlass").stdout, "none in a pipe"
    assert "The **windlass** stands" in search(folder, "--mark", "**", "windlass").stdout
    assert "The <b>windlass</b> stands" in search(folder, "--mark", "<b> </b>", "windlass").stdout
    assert "«windlass»" in search(folder, "--mark", "always", "windlass").stdout
    # The text has such quotes itself.
    shown = search(folder, "--mark", "always", "ледокол").stdout
    assert "**Ледокол** «Север» ждёт" in shown and "«Ледокол»" not in shown
    coloured = search(folder, "--color", "always", "windlass").stdout
    assert "\x1b[1;31mwindlass\x1b[0m" in coloured and "«" not in coloured


# -- duplicates and facets


def test_nearly_the_same_texts_are_folded(folder: Path) -> None:
    folded = search(folder, "harbours")
    assert "   and 1 more like this" in folded.stdout.splitlines()
    assert [line[:2] for line in folded.stdout.splitlines() if line[0:1].isdigit()] == ["1.", "2."]
    assert folded.stderr.startswith("3 documents"), "the total is that of all"
    whole = search(folder, "--duplicates", "harbours").stdout
    assert "more like this" not in whole and "3. " in whole
    hits = json.loads(search(folder, "--json", "harbours").stdout)["hits"]
    assert [hit.get("duplicates", []) for hit in hits] == [[], [hits[2]["id"]], []]
    assert len(search(folder, "-l", "harbours").stdout.splitlines()) == 3


def test_a_text_with_more_in_it_is_no_duplicate(tmp_path: Path) -> None:
    with Writer(tmp_path / "i") as writer:
        writer.add(Document(id="a", text=BODY))
        writer.add(Document(id="b", text=BODY.upper()))
        writer.add(Document(id="c", text=BODY[: len(BODY) // 2]))
        writer.add(Document(id="d", text="Ships."))
        writer.add(Document(id="e", text="", title="Ships"))
        writer.add(Document(id="f", text="", title="Ships"))
    with open_index(tmp_path / "i") as searcher:
        found = {hit.id: hit.duplicates for hit in searcher.search("ships", duplicates=True).hits}
        assert {first for first, others in found.items() if others} <= {"a", "b"}
        assert sum(map(len, found.values())) == 1
        assert not any(hit.duplicates for hit in searcher.search("ships"))
        assert not any(hit.duplicates for hit in searcher.search("ships", snippets=0, duplicates=True))


def test_facets_count_all_documents(folder: Path) -> None:
    run = search(folder, "--facets", "*", "-n", "1")
    assert run.stdout.splitlines()[-4:] == [
        "folder: docs/news (3), docs/notes (2)",
        "type: txt (4), md (1)",
        "language: en (4), ru (1)",
        "year: 2000 (3), 2021 (1), 2022 (1)",
    ]
    value = json.loads(search(folder, "--json", "-n0", "--facets=year,type", "*").stdout)
    assert value["facets"] == {
        "year": {
            "values": [{"value": "2000", "count": 3}, {"value": "2021", "count": 1}, {"value": "2022", "count": 1}],
            "other": 0,
            "missing": 0,
        },
        "type": {"values": [{"value": "txt", "count": 4}, {"value": "md", "count": 1}], "other": 0, "missing": 0},
    }
    assert search(folder, "--count", "--facets=language", "harbours").stdout == "3\nlanguage: en (3)\n"
    like = called("similar", "docs/news/2021.txt", "--count", "--facets=year", index=folder / "index", cwd=folder)
    years = like.stdout.splitlines()[1]
    assert "2022 (1)" in years and "2021" not in years, "the document itself does not count"
    assert "facets" not in json.loads(search(folder, "--json", "harbours").stdout)


# -- help with what was typed: one line


def test_help_is_one_line_and_the_rest_is_behind_an_option(folder: Path) -> None:
    query = "harbuors shipss windlas berhts"
    brief = search(folder, "-l", query).stderr.splitlines()
    assert brief == ["naidi: searched for windlass (not windlas); ships (not shipss); 2 more with -v"]
    narrow = search(folder, "-l", query, env={**os.environ, "COLUMNS": "60"}).stderr.splitlines()
    assert narrow == ["naidi: searched for windlass (not windlas); 3 more with -v"]
    for option in ("-v", "--explain"):
        lines = search(folder, option, query).stderr.splitlines()
        assert sum("searched for" in line for line in lines) == 4
    assert len(json.loads(search(folder, "--json", query).stdout)["corrections"]) > 1


# -- for other programs


def test_lines_by_a_template(folder: Path) -> None:
    assert search(folder, "--format", "grep", "windlass").stdout == (
        "docs/notes/-rf.txt:3:The windlass stands in the third line.\n"
    )
    run = search(folder, "--format", r"{rank}\t{id}\t{lang}\t{date}\t{page}{{}}", "harbours", "-n", "2")
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    snippets = [
        len(hit["snippets"]) for hit in json.loads(search(folder, "--json", "harbours", "-n", "2").stdout)["hits"]
    ]
    assert [line[0] for line in lines] == ["1"] * snippets[0] + ["2"] * snippets[1]
    assert all(line[2] == "en" and line[4] == "{}" for line in lines)
    assert search(folder, "--format", "{title}|{score}", "windlass").stdout.startswith("A file with a strange name.|")
    assert search(folder, "-0", "--format", "{path}", "windlass").stdout == "docs/notes/-rf.txt\0"
    assert search(folder, "--format", "{text}", "--mark", "_", "windlass").stdout.startswith("The _windlass_ stands")
    assert (
        search(folder, "--format", "{path}:{line}:{text}", "--no-snippets", "windlass").stdout
        == "docs/notes/-rf.txt:1:A file with a strange name.\n"
    )
    assert search(folder, "--format", "{title}|{text}", "--no-snippets", "windlass").stdout.endswith(" name.|\n")


# -- parts of files, and strange names


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that have several documents, and its index in `index`."""
    here = tmp_path_factory.mktemp("parts")
    (here / "docs" / "box").mkdir(parents=True)
    (here / "docs" / "table.csv").write_text(
        "название,текст\n" + "".join(f"груша {n},сорт {n}\n" for n in range(11)), "utf-8"
    )
    (here / "docs" / "-dash.txt").write_text("quokka", "utf-8")
    with zipfile.ZipFile(here / "docs" / "box" / "архив.zip", "w") as archive:
        archive.writestr("папка/внутри.txt", "Дельфин")
    with zipfile.ZipFile(here / "docs" / "two.zip", "w") as archive:
        archive.writestr("a.txt", "Дельфин и море.")
        archive.writestr("b.csv", "имя,где\nхомяк,клетка\nёж,лес\n")
    assert called("index", "docs", index=here / "index", cwd=here).returncode == FOUND
    return here


def test_a_part_of_a_file_is_shown_behind_its_path(parts: Path) -> None:
    shown = search(parts, "дельфин").stdout
    assert "   docs/two.zip//a.txt  " in shown and "   docs/box/архив.zip//папка/внутри.txt  " in shown
    assert "   docs/two.zip//b.csv/1  " in search(parts, "хомяк").stdout
    assert "   docs/table.csv//4  " in search(parts, "груша 3", "-n", "1").stdout
    assert sorted(search(parts, "-l", "дельфин").stdout.splitlines()) == ["docs/box/архив.zip", "docs/two.zip"]


def test_a_part_of_a_file_is_named_as_it_is_shown(parts: Path) -> None:
    def similar(document: str, cwd: Path = parts) -> subprocess.CompletedProcess[str]:
        return called("similar", "-l", document, index=parts / "index", cwd=cwd)

    whole = parts / "docs" / "two.zip"
    for name, cwd in (("docs/two.zip//a.txt", parts), ("two.zip//a.txt", parts / "docs"), (f"{whole}//a.txt", parts)):
        assert similar(name, cwd).stdout == "docs/box/архив.zip\n".replace("docs/", "" if cwd != parts else "docs/")
    # The only document of a file needs no name.
    assert similar("архив.zip", parts / "docs" / "box").stdout.endswith("two.zip\n")
    assert similar("table.csv//3", parts / "docs").returncode == FOUND
    refused = similar("table.csv", parts / "docs")
    assert refused.returncode == FAILED and refused.stderr == (
        "naidi: table.csv: this file has 11 documents; name one of them: "
        "docs/table.csv//1, docs/table.csv//2, docs/table.csv//3, …\n"
    )
    for unknown in ("table.csv//12", "//3", "table"):
        assert "no document of the index has this id or path" in similar(unknown, parts / "docs").stderr


def test_parts_that_are_deleted_are_not_named(tmp_path: Path) -> None:
    table = tmp_path / "docs" / "a.csv"
    table.parent.mkdir()
    table.write_text("имя,где\nхомяк,клетка\nёж,лес\nкот,лес\nпёс,лес\n", "utf-8")
    (tmp_path / "docs" / "b.txt").write_text("Ёж в клетке.", "utf-8")
    sync(tmp_path / "docs", tmp_path / "index")
    with Writer(tmp_path / "index") as writer:
        for row in (1, 3, 4):
            writer.delete(f"docs/a.csv//{row}")
    with open_index(tmp_path / "index") as searcher:
        assert [hit.id for hit in searcher.similar(str(table)).hits] == ["docs/b.txt"]


def test_a_line_of_grep_has_its_text(parts: Path) -> None:
    """Where the title says all, there is no passage."""
    lines = sorted(search(parts, "--format", "grep", "дельфин хомяк").stdout.splitlines())
    assert lines[0] == "docs/box/архив.zip:1:Дельфин"
    assert len(lines) == 3 and not any(line.endswith(":") for line in lines)


def test_a_path_is_no_option(parts: Path) -> None:
    here = parts / "docs"
    for options, printed in (
        (("-l",), "./-dash.txt\n"),
        (("-0",), "./-dash.txt\0"),
        (("--format", "{path}"), "./-dash.txt\n"),
    ):
        assert called("search", *options, "quokka", index=parts / "index", cwd=here).stdout == printed


@pytest.mark.parametrize(
    "template", ["{path", "path}", "{}", "{path.x}", "{0}", "{path!r}", "{nosuch}", "\\x", "{path:>9}"]
)
def test_a_template_is_no_program(folder: Path, template: str) -> None:
    run = search(folder, "--format", template, "windlass")
    assert run.returncode == FAILED and run.stdout == "" and "--format: " in run.stderr


def test_line_numbers_are_those_of_the_file(folder: Path) -> None:
    assert "   · 3: The windlass stands" in search(folder, "--line-number", "windlass").stdout
    (snippet,) = json.loads(search(folder, "--json", "windlass").stdout)["hits"][0]["snippets"]
    assert snippet["line"] == 3
    assert "   · The windlass" in search(folder, "windlass").stdout


def test_the_lines_of_a_long_text_are_not_guessed(tmp_path: Path) -> None:
    with Writer(tmp_path / "i") as writer:
        writer.add(Document(id="book", text="Слово за слово.\n" * 20_000 + "Здесь кот.\n"))
    with open_index(tmp_path / "i") as searcher:
        assert searcher.generation.segments[0].piece_ends(0) is not None, "or the text is read as a whole"
        (hit,) = searcher.search("кот").hits
        assert hit.snippets[0].marks and hit.snippets[0].line in (None, 20_001)


def test_quiet_is_a_status_alone(folder: Path) -> None:
    for query, status in (("windlass", FOUND), ("windlas", FOUND), ("nosuchword", NOTHING), ("(windlass", FOUND)):
        run = search(folder, "-q", query)
        assert (run.returncode, run.stdout, run.stderr) == (status, "", "")
    missing = called("search", "-q", "x", index=folder / "none")
    assert missing.returncode == FAILED and missing.stderr.count("\n") == 1, "an error is told"
    assert called("suggest", "-q", "wind", index=folder / "index").stdout == ""
    assert called("suggest", "-q", "zzzzz", index=folder / "index").returncode == NOTHING


def test_each_path_once(tmp_path: Path) -> None:
    with Writer(tmp_path / "i") as writer:
        for part in range(3):
            writer.add(Document(id=f"box.zip//{part}", text="ship", path="box.zip"))
        writer.add(Document(id="no file", text="ship"))
    for option, end in (("-l", "\n"), ("-0", "\0")):
        printed = called("search", option, "ship", index=tmp_path / "i").stdout
        assert sorted(printed.split(end)[:-1]) == ["box.zip", "no file"]


@pytest.mark.parametrize(
    "options",
    [
        ("--json", "--jsonl"), ("--json", "-l"), ("--count", "--jsonl"), ("--format", "grep", "-l"), ("-q", "--json"),
        ("--open", "1", "--json"), ("-0", "--json"), ("-0", "--count"), ("-q", "-0"), ("--facets", "-l"), ("--facets=,",),
        ("--facets", "--jsonl"), ("--open", "0"),
    ],
)  # fmt: skip
def test_options_that_exclude_each_other(folder: Path, options: tuple[str, ...]) -> None:
    for command in (("search", "windlass"), ("similar", "docs/notes/-rf.txt")):
        run = called(*command, *options, index=folder / "index", cwd=folder)
        assert (run.returncode, run.stdout) == (FAILED, "") and "Error: " in run.stderr


def test_an_empty_query_is_explained(folder: Path) -> None:
    for query in ("", "  "):
        run = search(folder, query)
        assert run.returncode == NOTHING and "the query is empty: type words" in run.stderr


def test_bare_facets_take_no_word_of_the_query(folder: Path) -> None:
    assert search(folder, "--facets", "windlass", "--count").stdout.splitlines()[0] == "1"


def test_help_has_its_options_in_groups() -> None:
    for command in ("search", "similar"):
        text = naidi(command, "--help").stdout
        places = [
            text.index(f"\n{heading}:\n")
            for heading in ("What is found", "What is shown", "For other programs", "Other")
        ]
        assert places == sorted(places) and "QUERY...\n" not in text[places[-1] :]


# -- dates


@pytest.mark.parametrize(
    "day", ["2023-13", "2023-02-30", "30.02.2023", "11/02/2023", "32 мая 2023", "вчерась", "*", ""]
)
def test_impossible_dates_are_refused_in_one_line(folder: Path, day: str) -> None:
    for option in ("--since", "--until"):
        run = search(folder, option, day, "ships")
        assert run.returncode == FAILED and run.stdout == ""
        assert run.stderr.startswith(f"naidi: {option} {day}".rstrip()) and run.stderr.count("\n") == 1


def test_dates_in_every_form(folder: Path) -> None:
    for day in ("2021-05-29", "29.05.2021", "20210529", "29 May 2021", "May 29, 2021", "29 мая 2021", "29/05/2021"):
        assert search(folder, "-l", "--since", day, "--until", day, "ships").stdout == "docs/news/2021.txt\n"
    assert search(folder, "-l", "--since", "январь 2022", "ships").stdout == "docs/news/again.txt\n"
    for day in ("today", "сегодня", "-7d", "last week", "yesterday", "вчера", "-1m"):
        assert search(folder, "-l", "--since", day, "ships").returncode == NOTHING
        assert len(search(folder, "-l", "--until", day, "ships").stdout.splitlines()) == 3


def test_that_most_documents_have_no_date_is_said(folder: Path) -> None:
    """Files always have one. Those of an application may have none."""
    with Writer(folder / "undated") as writer:
        for number in range(5):
            writer.add(Document(id=str(number), text="ships", date=date(2021, 5, 29) if number < 2 else None))

    def said(*arguments: str) -> str:
        return called("search", *arguments, "ships", index=folder / "undated", cwd=folder).stderr

    assert said("--since", "2021").splitlines()[0] == "naidi: 3 of 5 documents have no date: they are left out"
    assert "they come last" in said("--sort", "-date")
    assert "date" not in said()


# -- links, and opening hits


def test_links_are_percent_encoded(folder: Path) -> None:
    assert "\x1b]8" not in search(folder, "windlass").stdout
    odd = folder / "odd"
    odd.mkdir(exist_ok=True)
    name = "a b%\x07\x1b\\;ю.txt"
    (odd / name).write_text("a hawser", "utf-8")
    assert called("index", "odd", index=folder / "odd_index", cwd=folder).returncode == FOUND
    run = subprocess.run(
        [sys.executable, "-m", "naidi", "search", "--links", "always", "hawser", "--index", folder / "odd_index"],
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        timeout=60,
    )
    link = run.stdout.split(b"\x1b]8;;", 1)[1].split(b"\x1b\\", 1)[0].decode("ascii")
    url = urlsplit(link)
    assert url.scheme == "file" and url.netloc
    assert unquote_to_bytes(url.path) == os.fsencode(odd / name)
    assert b"\x07" not in run.stdout
    assert file_url("/a\udcff b").endswith("/a%FF%20b")


def opened_with(folder: Path, *arguments: str, editor: str = "", **env: str) -> tuple[int, list[str], str]:
    """(status, arguments that the program was started with, stderr). Programs are scripts that write down their arguments."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    seen = folder / "seen"
    seen.unlink(missing_ok=True)
    for name in ("nano", "code", "hx", "zathura", "evince", "xdg-open", "open"):
        if name in env.get("HAVE", "nano code hx"):
            script = f'#!/bin/sh\nprintf "%s\\n" {name} "$@" > "{seen}.tmp"; mv "{seen}.tmp" "{seen}"\n'
            (bin_folder / name).write_text(script)
            (bin_folder / name).chmod(0o755)
        else:
            (bin_folder / name).unlink(missing_ok=True)
    path = f"{bin_folder}{os.pathsep}{os.path.dirname(shutil.which('sh') or '/bin')}" if "HAVE" not in env else None
    more = {
        "EDITOR": editor,
        "VISUAL": "",
        "PATH": path or os.pathsep.join([str(bin_folder), "/bin", "/usr/bin"]),
        **env,
    }
    run = naidi("search", *arguments, index=folder / "index", cwd=folder, env=more)
    for _ in range(200):  # a viewer is not waited for
        if seen.exists() or run.returncode:
            break
        subprocess.run(["sleep", "0.02"], check=True)
    return run.returncode, seen.read_text("utf-8").splitlines() if seen.exists() else [], run.stderr


def test_open_starts_the_editor_at_the_line(folder: Path) -> None:
    file = str(folder / "docs" / "notes" / "-rf.txt")
    assert opened_with(folder, "--open", "1", "windlass", editor="nano -w")[:2] == (FOUND, ["nano", "-w", "+3", file])
    assert opened_with(folder, "--open", "1", "windlass", editor="code -n")[1] == ["code", "-n", "-g", f"{file}:3"]
    assert opened_with(folder, "--open", "1", "windlass", editor="hx")[1] == ["hx", f"{file}:3"]
    assert opened_with(folder, "--open", "1", "windlass", VISUAL="nano", editor="hx")[1] == ["nano", "+3", file]
    second = json.loads(search(folder, "--json", "ships").stdout)["hits"][1]["path"]
    assert opened_with(folder, "--open", "2", "ships", editor="nano")[1][-1] == second


def test_what_cannot_be_opened(folder: Path) -> None:
    status, _, said = opened_with(folder, "--open", "7", "windlass", editor="nano")
    assert status == FAILED and said == "naidi: there is no hit 7: only 1 were found\n"
    assert opened_with(folder, "--open", "1", "nosuchword", editor="nano")[0] == NOTHING
    status, _, said = opened_with(folder, "--open", "1", "windlass", editor="no-such-editor")
    assert status == FAILED and said.startswith("naidi: no-such-editor: ")
    status, _, said = opened_with(folder, "--open", "1", "windlass", editor="nano 'x")
    assert status == FAILED and said.count("\n") == 1
    opened_with(folder, "--open", "1", "windlass", editor="nano; touch hacked")
    assert not (folder / "hacked").exists(), "no shell reads it"
    with Writer(folder / "lone") as writer:
        writer.add(Document(id="a", text="ship"))
        writer.add(Document(id="b", text="boat", path=str(folder / "gone.txt")))
    for query, reason in (("ship", "a has no file"), ("boat", "is not there any more")):
        run = naidi("search", "--open", "1", query, index=folder / "lone")
        assert run.returncode == FAILED and reason in run.stderr and run.stderr.count("\n") == 1


def test_a_pdf_is_opened_at_its_page(folder: Path) -> None:
    from naidi.search.results import Hit, Snippet
    from naidi.search.show.open_hit import Opening, command_for

    pdf = folder / "a.pdf"
    pdf.write_bytes(b"%PDF-1.4")
    hit = Hit(1, "a", str(pdf), "", None, None, 1.0, snippets=(Snippet("x", page=12),))

    def command(*there: str) -> list[str]:
        return command_for(hit, {}, which=lambda name: name if name in there else None)[0]

    assert command("zathura", "evince") == ["zathura", "-P", "12", str(pdf)]
    assert command("evince", "xdg-open") == ["evince", "-i", "12", str(pdf)]
    assert command("okular") == ["okular", "-p", "12", str(pdf)]
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    assert command(opener) == [opener, str(pdf)]
    with pytest.raises(Opening, match="no program"):
        command()
