"""A new version of a dictionary does not take search down, and `upgrade` brings an index up to date without its sources."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from commands import ROOT, called, naidi
from indexes import build, contents, flip_byte, live_directory, section_start, verify
from naidi import (
    Document,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    Progress,
    Writer,
    open_index,
    sync,
    upgrade,
)
from naidi.indexer import status
from naidi.indexer.analysis.lemmatize import fingerprint as fingerprint_module
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.manifest import FORMAT_VERSION
from naidi.indexer.writing import upgrade as upgrade_module
from naidi.indexer.writing import writer as writer_module

DATA = Path(__file__).parent / "data"


def newer_analysis(patch: pytest.MonkeyPatch) -> None:
    """From now on this installation has other dictionaries."""
    for module in (writer_module, fingerprint_module, upgrade_module):
        patch.setattr(module, "fingerprint", lambda: "newer rules")


@pytest.fixture
def newer_dictionary(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that finds another version of PyStemmer first, as after `pip install -U pystemmer`."""
    fake = tmp_path / "fake"
    (fake / "pystemmer-9.9.9.dist-info").mkdir(parents=True)
    (fake / "pystemmer-9.9.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: PyStemmer\nVersion: 9.9.9\n"
    )
    return {"PYTHONPATH": f"{fake}{os.pathsep}{ROOT / 'src'}"}


def application(count: int) -> list[Document]:
    """Documents of an application, with all that a document may have."""
    first = date(1990, 1, 1)
    return [
        Document(
            f"doc/{number}",
            f"Вакцина номер{number} испытана. The vaccine number{number} was tested.",
            title=f"Отчёт {number}" if number % 3 else "",
            date=first + timedelta(days=number) if number % 5 else None,
            path=f"архив/{number}.txt" if number % 2 else None,
            meta={"n": number, "автор": "Иванов", "draft": number % 7 == 0, "score": number / 4, "note": None},
            language="kk" if number % 11 == 0 else None,
        )
        for number in range(count)
    ]


def stored(index: Path) -> dict[str, tuple[object, ...]]:
    """id -> all that is stored of a document, by what an index of today answers."""
    generation = open_generation(index)
    assert generation.damage is None
    found: dict[str, tuple[object, ...]] = {}
    for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
        for doc in (~deleted).nonzero()[0].tolist():
            record = segment.record(doc)
            rest = (record["title"], record["path"], record["meta"], record.get("language"))
            found[record["id"]] = (segment.text(doc), *rest, int(segment.dates[doc]), int(segment.synced[doc]))
    return found


def run_python(code: str, *arguments: str | Path, env: dict[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


# A newer version of a dictionary, in a process of its own


USE = """
    import sys
    from naidi import IndexOutdated, Writer, open_index
    with open_index(sys.argv[1]) as searcher:
        results = searcher.search("вакцины")
        print(results.total, *results.warnings, sep="|")
        print(*searcher.similar("doc/1").warnings, sep="|")
        print(len(searcher.search_ids("вакцины", 100)), searcher.suggest("вакц")[0].text, searcher.refresh())
    try:
        Writer(sys.argv[1])
    except IndexOutdated as error:
        print(error)
"""


def test_a_newer_dictionary_leaves_the_index_answering(index: Path, newer_dictionary: dict[str, str]) -> None:
    build(index, application(30))
    warning = (
        f"{index}: made by another version of the analysis, some words may not be found; "
        "call naidi.upgrade(directory), or run `naidi index --upgrade`"
    )
    refused = f"{index}: made by another version of the analysis; call naidi.upgrade(directory), or run `naidi index --upgrade`"
    told = run_python(USE, index, env=newer_dictionary).splitlines()
    assert told == [f"30|{warning}", warning, "30 вакцина False", refused]

    found = naidi("search", "вакцины", index=index, env=newer_dictionary)
    assert found.returncode == 0 and warning in found.stderr

    before = stored(index)
    run = naidi("index", "--upgrade", index=index, env=newer_dictionary)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("index brought up to date (made by another version of the analysis): 30 documents in ")
    assert run_python(USE, index, env=newer_dictionary).splitlines() == ["30", "", "30 вакцина False"]
    assert "pystemmer=9.9.9" in open_generation(index).manifest.fingerprint.lower()
    assert stored(index) == before


def test_an_upgrade_keeps_all_of_3000_documents(index: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    documents = application(3000)
    build(index, documents)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("Файл")
    sync(tmp_path / "seeds", index)
    with Writer(index) as writer:
        writer.delete("doc/17")
        writer.add(Document("doc/18", "новая версия"))
    before, roots = stored(index), open_generation(index).manifest.roots
    assert len(before) == 3000 and before["doc/18"][0] == "новая версия"
    newer_analysis(monkeypatch)
    seen: list[Progress] = []
    report = upgrade(index, progress=seen.append)
    assert (report.reason, report.documents, report.lost) == ("made by another version of the analysis", 3000, [])
    assert stored(index) == before
    assert (
        open_generation(index).manifest.roots == roots and open_generation(index).manifest.fingerprint == "newer rules"
    )
    verify(index)
    assert seen == sorted(seen) and seen[-1].files == seen[-1].total_files == 3000
    assert 0 < seen[0].bytes <= seen[-1].bytes <= seen[-1].total_bytes
    with open_index(index) as searcher:
        assert searcher.search("номер2999").hits[0].id == "doc/2999" and not searcher.search("вакцина").warnings
    assert sync(tmp_path / "seeds", index).unchanged == 1
    run = called("index", "--upgrade", index=index)
    assert (run.returncode, run.stdout) == (0, f"{index}: up to date, nothing to do (3,000 documents)\n")


@pytest.mark.parametrize("kill_after", [0.0, *(pytest.param(each, marks=pytest.mark.slow) for each in (0.1, 0.3, 0.6))])
def test_an_upgrade_that_is_killed_leaves_the_old_state_answering(
    index: Path, newer_dictionary: dict[str, str], kill_after: float
) -> None:
    build(index, application(1500))
    before, made_by = stored(index), open_generation(index).manifest.fingerprint
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, naidi.indexer.writing.reanalyse as r\n"
            "r.BATCH_DOCUMENTS = 20\n"
            "from naidi import upgrade\n"
            "upgrade(sys.argv[1], progress=lambda done: print(done.files, flush=True))",
            str(index),
        ],
        stdout=subprocess.PIPE,
        env={**os.environ, **newer_dictionary},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"20\n"  # it is in the middle
    time.sleep(kill_after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert stored(index) == before
    verify(index)
    with open_index(index) as searcher:
        assert searcher.search("номер1400").hits[0].id == "doc/1400"
    if open_generation(index).manifest.fingerprint == made_by:
        assert live_directory(index).name == "gen-00000001"
    run = naidi("index", "--upgrade", index=index, env=newer_dictionary)
    assert run.returncode == 0
    assert stored(index) == before
    verify(index)
    assert "pystemmer=9.9.9" in open_generation(index).manifest.fingerprint.lower()


# Older formats


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_an_index_of_each_format_is_brought_up_to_date(version: int, tmp_path: Path) -> None:
    index = Path(shutil.copytree(DATA / f"format-{version}", tmp_path / "index"))
    report = upgrade(index)
    if version < 3:
        assert report.reason == f"of format {version}"
    assert (report.documents, report.lost) == (9, [])
    manifest = open_generation(index).manifest
    assert manifest.format_version == FORMAT_VERSION and manifest.fingerprint == fingerprint_module.fingerprint()
    verify(index)
    with open_index(index) as searcher:
        assert searcher.search("вакцины lang:ru").total == 2
    generation = manifest.generation
    assert upgrade(index).reason is None and open_generation(index).manifest.generation == generation


def test_an_older_format_alone_costs_no_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Path(shutil.copytree(DATA / "format-3", tmp_path / "index"))
    made_by = open_generation(index).manifest.fingerprint
    for module in (writer_module, fingerprint_module, upgrade_module):
        monkeypatch.setattr(module, "fingerprint", lambda: made_by)
    kept = {path.name: path.stat().st_ino for path in live_directory(index).glob("*.seg")}
    assert upgrade(index).reason == "of format 3"
    assert {path.name: path.stat().st_ino for path in live_directory(index).glob("*.seg")} == kept
    assert f"format      {FORMAT_VERSION}\n" in called("status", index=index).stdout


# What it refuses


def test_damage_ends_an_upgrade_that_may_not_lose(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, [Document("sound", "целый")])
    build(index, [Document("mine", "моё"), Document("yours", "твоё")])
    path = live_directory(index) / "00000002-0.seg"
    flip_byte(path, section_start(path, "texts.blocks"))
    newer_analysis(monkeypatch)
    with pytest.raises(IndexDamaged, match=r"altered; rebuild .*\(damaged documents: 'mine', 'yours'\)"):
        upgrade(index)
    run = called("index", "--upgrade", index=index)
    assert run.returncode == 2 and "'mine', 'yours'" in run.stderr
    assert open_generation(index).manifest.generation == 2
    report = upgrade(index, accept_loss=True)
    assert [name for name, _ in report.lost] == ["mine", "yours"]
    assert contents(index) == {"sound": "целый"} and open_generation(index).manifest.fingerprint == "newer rules"
    verify(index)


def test_no_index_to_upgrade(index: Path) -> None:
    for accept in (False, True):
        with pytest.raises(IndexMissing):
            upgrade(index, accept_loss=accept)
    assert not index.exists()


def test_a_writer_at_work(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, [Document("a", "кот")])
    newer = "made by another version"
    with Writer(index):
        newer_analysis(monkeypatch)
        with pytest.raises(IndexLocked):
            upgrade(index, lock_timeout=0.05)
        monkeypatch.undo()
    newer_analysis(monkeypatch)
    with pytest.raises(IndexOutdated, match=newer):
        Writer(index)


@pytest.mark.parametrize("arguments", [("folder",), ("--watch",)])
def test_the_command_takes_no_folder(index: Path, arguments: tuple[str, ...]) -> None:
    run = called("index", "--upgrade", *arguments, index=index)
    assert run.returncode == 2 and "--upgrade takes no" in run.stderr
    assert called("index", "--upgrade", index=index).returncode == 2  # no index
    assert not index.exists()


def test_status_says_format_and_analysis(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(index, [Document("a", "кот")])
    shown = called("status", index=index).stdout
    assert f"format      {FORMAT_VERSION}\n" in shown and "analysis    current\n" in shown
    value = json.loads(called("status", "--json", index=index).stdout)
    assert (value["format"], value["newest_format"], value["outdated"]) == (FORMAT_VERSION, FORMAT_VERSION, False)
    newer_analysis(monkeypatch)
    monkeypatch.setattr(status, "fingerprint", lambda: "newer rules")
    shown = called("status", index=index).stdout
    assert "analysis    of another version: `naidi index --upgrade` brings it up to date\n" in shown
    assert json.loads(called("status", "--json", index=index).stdout)["outdated"] is True
