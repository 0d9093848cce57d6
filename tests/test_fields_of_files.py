"""Fields that an application gives to the documents of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from naidi import Document, Writer, field, fields, open_index, sync

SCHEMA = {"tags": fields.Keyword(multiple=True), "rank": fields.Number(), "notes": fields.Text()}


def ids(index: Path, **options: object) -> list[str]:
    with open_index(index) as searcher:
        return sorted(hit.id for hit in searcher.search("vaccine", **options))  # type: ignore[arg-type]


def test_a_file_that_changes_keeps_its_fields(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(f"A vaccine of {name}.")
    sync(folder, index)
    with Writer(index, schema=SCHEMA) as writer:
        assert writer.update("docs/a.txt", fields={"tags": ["good", "new"], "rank": 3})
        assert writer.update("docs/b.txt", fields={"tags": "good"})
        writer.add(Document(id="own", text="A vaccine.", fields={"rank": 1}))
    assert ids(index, where=field("tags") == "good") == ["docs/a.txt", "docs/b.txt"]
    (folder / "a.txt").write_text("Another vaccine of a.")
    os.utime(folder / "a.txt", ns=(1, 1))
    report = sync(folder, index)
    assert (report.updated, report.unchanged) == (1, 2)
    with open_index(index) as searcher:
        found = searcher.get("docs/a.txt")
        assert found.text is not None and "Another" in found.text
        assert found.fields == {"tags": ["good", "new"], "rank": 3}
        assert searcher.generation.verify()
    assert ids(index, where=field("rank").exists()) == ["docs/a.txt", "own"]
    assert ids(index, sort="-rank")[:1] == ["docs/a.txt"]


def test_a_text_given_to_a_file_leaves_it_a_file(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    (folder / "a.txt").write_text("A vaccine.")
    sync(folder, index)
    with Writer(index, schema=SCHEMA) as writer:
        assert writer.update("docs/a.txt", fields={"notes": "remember this"})
    with open_index(index) as searcher:
        (hit,) = searcher.search("notes:remember")
        assert hit.path == str(folder / "a.txt") and hit.fields == {"notes": "remember this"}
    (folder / "a.txt").unlink()
    assert sync(folder, index).removed == 1
