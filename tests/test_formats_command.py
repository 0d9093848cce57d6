"""`naidi formats`, docs/formats.md, and formats that other packages bring."""

from __future__ import annotations

import json
import os
from pathlib import Path

import format_page
from commands import naidi


def test_the_page_has_the_formats() -> None:
    assert format_page.written_table() == format_page.table(), "run: python tests/format_page.py"


def test_the_list() -> None:
    run = naidi("formats")
    assert run.returncode == 0 and not run.stderr
    assert "Markdown" in run.stdout and ".mdx" in run.stdout and "makefile" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 120
    value = json.loads(naidi("formats", "--json").stdout)
    assert value["v"] == 1 and value["broken"] == {}
    (org,) = [one for one in value["formats"] if one["name"] == "Org"]
    assert org["extensions"] == [".org"] and org["installed"] is True and org["needs"] == org["how"] == ""


DUMMY = """
from naidi.indexer.readers import Content, Format, Source

def read(source: Source) -> Content:
    return Content("dummy " + source.data.decode()[::-1])

DUMMY = Format("dummy", (".dummy",), read, "text backwards", needs="no_such_module")
BACKWARDS = Format("backwards", (".bak2",), "dummy_for_naidi:read", "text backwards")
NO_FORMAT = "x"
"""
ENTRY_POINTS = """[naidi.formats]
backwards = dummy_for_naidi:BACKWARDS
dummy = dummy_for_naidi:DUMMY
gone = module_that_is_gone:FORMAT
odd = dummy_for_naidi:NO_FORMAT
"""


def test_formats_of_other_packages(tmp_path: Path) -> None:
    """An installed package: a module and its metadata in a folder of sys.path."""
    site = tmp_path / "site"
    metadata = site / "dummy_for_naidi-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "dummy_for_naidi.py").write_text(DUMMY)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dummy-for-naidi\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    src = str(Path(__file__).parents[1] / "src")
    environment = {"PYTHONPATH": os.pathsep.join([str(site), src])}

    run = naidi("formats", env=environment)
    assert run.returncode == 0
    assert "dummy " in run.stdout and "text backwards - needs no_such_module: pip install no_such_module" in run.stdout
    assert run.stderr.splitlines() == [
        "the format gone of another package is broken: ModuleNotFoundError: No module named 'module_that_is_gone'",
        "the format odd of another package is broken: TypeError: dummy_for_naidi:NO_FORMAT is no Format",
    ]
    assert set(json.loads(naidi("formats", "--json", env=environment).stdout)["broken"]) == {"gone", "odd"}

    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.bak2").write_text("eniccav")
    (folder / "b.dummy").write_text("eniccav")
    index = tmp_path / "index"
    report = json.loads(naidi("index", folder, "--json", index=index, env=environment).stdout)
    assert report["added"] == 1
    assert [one["reason"] for one in report["skipped"]] == ["needs the package no_such_module"]
    assert naidi("search", "vaccine", "-l", index=index, env=environment).stdout.strip() == str(folder / "a.bak2")
