"""`--ext` and `--columns`: more plain texts, and the text of tables. Both are noted for the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import ROOT, called
from naidi import open_index, sync
from naidi.indexer.errors import DocumentUnreadable
from naidi.indexer.readers import may_be_read
from naidi.indexer.readers.read_file import read_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.FOO").write_text("вакцина")
    (folder / "b.bar").write_text("вакцина")
    (folder / "c.baz.old").write_text("вакцина")
    (folder / "d.zzz").write_text("вакцина")
    (folder / "e.foo").write_bytes(b"\0binary")
    return folder


def names(index: Path, query: str) -> set[str]:
    with open_index(index) as searcher:
        return {os.path.basename(hit.path or "") for hit in searcher.search(query)}


def test_more_plain_texts(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    run = called("index", folder, "--ext", ".foo, BAR", "--ext", ".baz.old", "--json", index=index)
    assert run.returncode == 0
    report = json.loads(run.stdout)
    assert report["added"] == 3
    assert {(os.path.basename(one["path"]), one["reason"]) for one in report["skipped"]} == {
        ("d.zzz", "unsupported format .zzz"),
        ("e.foo", "binary file"),
    }
    assert names(index, "вакцины") == {"a.FOO", "b.bar", "c.baz.old"}
    (folder / "f.foo").write_text("вакцина")
    assert called("index", index=index).returncode == 0
    assert names(index, "вакцины") == {"a.FOO", "b.bar", "c.baz.old", "f.foo"}
    assert called("index", folder, "--ext", ".zzz", index=index).returncode == 0
    assert names(index, "вакцины") == {"d.zzz"}


def test_the_format_of_an_extension_stays(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Title\n")
    assert read_file(tmp_path / "a.md", "a.md", texts=(".md",)).format.name == "Markdown"
    (tmp_path / "a.foo").write_text("text")
    assert read_file(tmp_path / "a.foo", "a.foo", texts=(".foo",)).format.name == "plain text"
    with pytest.raises(DocumentUnreadable, match=r"unsupported format \.foo"):
        read_file(tmp_path / "a.foo", "a.foo", texts=(".bar",))
    assert may_be_read("x/a.FOO", (".foo",)) and not may_be_read("x/foo.bar", (".foo",))


@pytest.mark.parametrize("value", [".", "a/b", ".f*o", ".f\noo"])
def test_what_is_no_extension(folder: Path, tmp_path: Path, value: str) -> None:
    run = called("index", folder, "--ext", value, index=tmp_path / "index")
    assert run.returncode == 2 and "is no file extension; write .foo,.bar" in run.stderr
    assert len(run.stderr.strip().splitlines()[-1].splitlines()) == 1
    assert not (tmp_path / "index").exists()


def test_columns(tmp_path: Path) -> None:
    folder, index = tmp_path / "folder", tmp_path / "index"
    folder.mkdir()
    (folder / "a.csv").write_text("title,text,other\nOne,вакцина,лес\nTwo,море,вакцина\n")
    (folder / "b.jsonl").write_text('{"text": "вакцина"}\n{"other": "вакцина"}\n')
    assert called("index", folder, index=index).returncode == 0
    with open_index(index) as searcher:
        assert len(searcher.search("вакцина")) == 4
        assert searcher.search("море").hits[0].id == "folder/a.csv//2"
    run = called("index", folder, "--columns", "text, summary", index=index)
    assert run.returncode == 0 and "updated 2" in run.stdout
    with open_index(index) as searcher:
        assert {hit.id for hit in searcher.search("вакцина")} == {"folder/a.csv//1", "folder/b.jsonl//1"}
    (folder / "a.csv").write_text("title,text,other\nOne,вакцина,лес\nTwo,море,вакцина\nThree,река,вакцина\n")
    assert called("index", index=index).returncode == 0
    with open_index(index) as searcher:
        assert {hit.id for hit in searcher.search("вакцина")} == {"folder/a.csv//1", "folder/b.jsonl//1"}


PROGRAM = """
import sys, threading
from naidi import sync

if __name__ == "__main__":
    if sys.argv[3] == "spawn":  # beside another thread, workers are not forked
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    report = sync(sys.argv[1], sys.argv[2], jobs=2, options={"extensions": (".foo",), "columns": ("text",)})
    print(report.added)
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_worker_processes_know_them(tmp_path: Path, start: str) -> None:
    folder, index = tmp_path / "folder", tmp_path / "index"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.foo").write_text(f"ежевика{number} " * 30_000)
    (folder / "a.csv").write_text("text,other\nвакцина,лес\n")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, str(program), str(folder), str(index), start],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.stdout == "6\n", run.stderr
    assert names(index, "ежевика3") == {"3.foo"}
    assert names(index, "вакцина") == {"a.csv"} and not names(index, "=лес")


def test_a_single_sync(folder: Path, tmp_path: Path) -> None:
    assert sync(folder, tmp_path / "index", options={"extensions": (".foo",)}).added == 1
