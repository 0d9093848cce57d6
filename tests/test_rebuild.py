"""Damage is never given a checksum of its own: a rebuild takes what is as it was written, and names the rest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import called
from indexes import build, contents, flip_byte, live_directory, section_start, verify, write_old
from naidi import Document, IndexDamaged, Writer, open_index, sync, upgrade
from naidi.indexer.codec.container import Container
from naidi.indexer.folder.report import SyncReport
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.stored import open_stored


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    write_old(folder / "a.txt", "Казахстан закупит вакцины")
    return folder


def segments(index: Path) -> list[Path]:
    return sorted(live_directory(index).glob("*.seg"))


def segment_of(index: Path, doc_id: str) -> Path:
    """The live segment that has the document."""
    generation = open_generation(index)
    return next(segment.container.path for segment in generation.segments if segment.doc_of_id(doc_id) >= 0)


def lost_ids(report: SyncReport) -> list[str]:
    """The names of what was lost. They are among what was skipped, too."""
    assert [(name, f"lost in the rebuild: {why}") for name, why in report.lost] == [
        (name, why) for name, why in report.skipped if why.startswith("lost in the rebuild: ")
    ]
    return [name for name, _ in report.lost]


# Every section whose bytes would be copied, or lead to those that are.
COPIED = ["texts.blocks", "texts.size", "records.blocks", "ids.bytes", "titles.bytes", "docs.dates", "docs.synced"]
MINE = [
    Document("mine", "Моё слово о вакцинах", "Письмо", meta={"n": 1}, path="p"),
    Document("also mine", "Другое слово", "Записка", meta={"n": 2}),
]


@pytest.mark.parametrize("section", COPIED)
@pytest.mark.parametrize("again", ["rebuild", "upgrade"])
def test_no_damage_is_laundered(seeds: Path, index: Path, section: str, again: str) -> None:
    sync(seeds, index)
    build(index, MINE)
    build(index, [Document("sound", "Целый документ")])
    path = segment_of(index, "mine")
    flip_byte(path, section_start(path, section))
    with pytest.raises(IndexDamaged):
        open_generation(index).verify()
    with pytest.raises(IndexDamaged, match=r"altered; rebuild .*\(damaged documents: .*'mine'"):
        upgrade_anew(index)
    if again == "rebuild":
        lost = lost_ids(sync(seeds, index, rebuild=True))
    else:
        lost = [name for name, _ in upgrade(index, accept_loss=True).lost]
    assert len(lost) == 2 and "mine" in lost
    assert "also mine" in lost or section == "ids.bytes"  # whose first letter is no letter any more
    verify(index)
    assert contents(index) == {"seeds/a.txt": "Казахстан закупит вакцины", "sound": "Целый документ"}


def upgrade_anew(index: Path) -> None:
    """Analyse anew, though there is no need, and accept no loss."""
    from naidi.indexer.writing.reanalyse import reanalyse

    reanalyse(index)


def test_the_command_names_what_is_lost_and_fails(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    build(index, MINE)
    path = segment_of(index, "mine")
    flip_byte(path, section_start(path, "texts.blocks") + 5)
    assert called("verify", index=index).returncode == 2
    run = called("index", "--upgrade", index=index)
    assert run.returncode == 0 and "nothing to do" in run.stdout  # of this version: nothing is read or copied
    copy = Path(shutil.copytree(index, index.with_name("copy")))
    run = called("index", seeds, "--rebuild", index=index)
    assert run.returncode == 2
    assert f"lost mine: {path}: altered" in run.stderr and "lost also mine: " in run.stderr
    assert "index built anew: as asked, without what is damaged" in run.stderr
    assert "added 1, updated 0" in run.stdout
    assert called("verify", index=index).returncode == 0
    assert called("index", seeds, index=index).returncode == 0  # it was said once

    run = called("index", "--upgrade", "--rebuild", "--json", index=copy)
    value = json.loads(run.stdout)
    assert (run.returncode, value["upgraded"], value["documents"]) == (2, "as asked", 1)
    assert {each["id"] for each in value["lost"]} == {"mine", "also mine"}
    assert all("altered" in each["reason"] for each in value["lost"])


def test_a_file_of_the_folder_is_not_lost_by_damage(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    path = segment_of(index, "seeds/a.txt")
    flip_byte(path, section_start(path, "texts.blocks"))
    report = sync(seeds, index, rebuild=True)
    assert lost_ids(report) == [] and report.added == 1
    assert contents(index) == {"seeds/a.txt": "Казахстан закупит вакцины"}
    verify(index)


def test_a_damaged_bitmap_of_deletions_is_told_document_by_document(seeds: Path, index: Path) -> None:
    build(index, [Document(str(number), f"слово {number}") for number in range(20)])
    with Writer(index) as writer:
        writer.delete("3")
    (path,) = live_directory(index).glob("*.del")
    flip_byte(path, 0)
    with open_index(index) as searcher:  # the state before answers, and says so
        assert (
            searcher.search("слово").total == 20
            and "answering from the state before" in searcher.search("слово").warnings[0]
        )
    with pytest.raises(IndexDamaged, match="del: content differs"):
        Writer(index)
    report = sync(seeds, index, rebuild=True)
    verify(index)
    # The bitmap says nothing any more. The state before has every document, maybe in an older version.
    assert all("not known which documents are deleted; taken from the state before" in why for _, why in report.lost)
    assert set(lost_ids(report)) <= set(contents(index))


def test_a_damaged_table_of_files_is_not_copied(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    path = live_directory(index) / "sources.json"
    flip_byte(path, path.read_bytes().index(b"a.txt"))
    write_old(seeds / "b.txt", "второй")
    report = sync(seeds, index)
    assert (report.added, report.updated, report.removed) == (1, 1, 0)  # a.txt was read again
    verify(index)
    assert sync(seeds, index).unchanged == 2


# Damage that concerns some documents, or none


def sections(path: Path) -> dict[str, range]:
    """Where the bytes of each section of a segment are."""
    table = Container(path)._table
    return {name: range(start, start + count * kind.itemsize) for name, (start, count, kind) in table.items()}


def test_damage_of_what_is_made_anew_loses_nothing(seeds: Path, index: Path) -> None:
    build(index, MINE)
    path = segment_of(index, "mine")
    for name in ("positions", "lists.codes", "forms.bytes", "ids.slots", "docs.languages", "skeletons.hashes"):
        places = sections(path).get(name, ())
        if places:
            flip_byte(path, places[len(places) // 2])
    with pytest.raises(IndexDamaged):
        open_generation(index).verify()
    report = sync(seeds, index, rebuild=True)
    assert lost_ids(report) == [] and report.rebuilt == "as asked"
    verify(index)
    assert contents(index) == {document.id: document.text for document in MINE} | {
        "seeds/a.txt": "Казахстан закупит вакцины"
    }
    with open_index(index) as searcher:
        assert searcher.search("вакцины").total == 2
        hit = searcher.search("слово вакцинах").hits[0]
        assert (hit.id, hit.title, hit.meta, hit.path) == ("mine", "Письмо", {"n": 1}, "p")


def test_a_damaged_block_of_texts_costs_the_documents_in_it(seeds: Path, index: Path) -> None:
    """Of a thousand documents in many blocks, those of one are lost."""
    build(index, [Document(f"{number:04}", f"слово {number} " * 20) for number in range(1000)])
    path = segment_of(index, "0000")
    places = sections(path)["texts.blocks"]
    flip_byte(path, places[len(places) // 2])
    report = sync(seeds, index, rebuild=True)
    lost = lost_ids(report)
    assert 1 <= len(lost) <= 100 and [int(name) for name in lost] == list(range(int(lost[0]), int(lost[-1]) + 1))
    found = contents(index)
    assert found.keys() == {f"{number:04}" for number in range(1000)} - {*lost} | {"seeds/a.txt"}
    assert all(found[name] == f"слово {int(name)} " * 20 for name in found.keys() - {"seeds/a.txt"})
    verify(index)


@pytest.mark.slow
def test_a_flip_of_any_byte_is_never_served_as_good(seeds: Path, index: Path, tmp_path: Path) -> None:
    """Whatever is altered in a segment: what a rebuild keeps is as it was added, and what it does not keep is named."""
    documents = [*MINE, Document("third", "Третий текст", meta={"k": "значение"})]
    build(index, documents)
    expected = {document.id: document for document in documents}
    path = segment_of(index, "mine")
    size = path.stat().st_size
    places = [*range(0, 32), *range(32, 8192, 997), *range(8192, size, 29), *range(size - 40, size, 5)]
    for place in places:
        copy = Path(shutil.copytree(index, tmp_path / "copy"))
        flip_byte(copy / path.relative_to(index), place)
        report = upgrade(copy, accept_loss=True)
        generation = open_generation(copy)
        verify(copy)
        kept = set()
        for segment in generation.segments:
            for doc in range(segment.doc_count):
                record = segment.record(doc)
                document = expected[record["id"]]
                kept.add(record["id"])
                assert (record["title"], record["meta"], segment.text(doc)) == (
                    document.title,
                    document.meta,
                    document.text,
                )
                assert (record["path"], int(segment.dates[doc])) == (document.path, 0)
        assert len(kept) + len(report.lost) == 3 or report.lost[0][0] == "3 documents of 00000001-0.seg", place
        shutil.rmtree(copy)


# A damaged live state


def cut(path: Path) -> None:
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size - 1)


def flip_text(path: Path) -> None:
    flip_byte(path, section_start(path, "texts.blocks") + 8)


@pytest.mark.parametrize("damage", [cut, flip_text, Path.unlink])
def test_what_only_the_damaged_state_had_is_named(seeds: Path, index: Path, damage: Callable[[Path], None]) -> None:
    sync(seeds, index)
    build(index, [Document("old", "старое")])
    build(index, [Document("new", "новое")])
    damage(segment_of(index, "new"))
    report = sync(seeds, index, rebuild=True)
    assert set(contents(index)) == {"seeds/a.txt", "old"}
    verify(index)
    assert report.rebuilt is not None and ".seg: " in report.rebuilt
    segment = report.rebuilt.split("/")[-1].split(":")[0]
    assert segment.endswith(".seg")
    assert lost_ids(report) == (["new"] if damage is flip_text else [f"1 document of {segment}"])


def test_documents_that_the_state_before_has_unchanged_are_not_lost(seeds: Path, index: Path) -> None:
    """A merge has copied them. The copy is damaged; what it was copied from is not."""
    for number in range(12):
        build(index, [Document(str(number), f"слово {number}")])
        if len(segments(index)) < number + 1:
            break
    newest = segments(index)[-1]
    assert Container(newest).meta["doc_count"] > 2
    flip_byte(newest, section_start(newest, "texts.size"))
    report = sync(seeds, index, rebuild=True)
    # The state before lacks the last commit. Of the first document it cannot be told that it has not changed since.
    assert lost_ids(report) == ["0", str(number)] and "maybe an older version" in report.lost[0][1]
    assert report.rebuilt is not None and "in part from the state before" in report.rebuilt
    assert contents(index) == {"seeds/a.txt": "Казахстан закупит вакцины"} | {
        str(n): f"слово {n}" for n in range(number)
    }
    verify(index)


def test_an_older_version_is_taken_and_told(seeds: Path, index: Path) -> None:
    build(index, [Document("a", "первая версия"), Document("gone", "удалённый")])
    with Writer(index) as writer:
        writer.add(Document("a", "вторая версия"))
        writer.delete("gone")
    path = segment_of(index, "a")
    for path in segments(index):
        if path.name.startswith("00000002"):
            flip_byte(path, section_start(path, "texts.blocks"))
    report = sync(seeds, index, rebuild=True)
    ((name, why),) = report.lost
    assert name == "a" and "taken from the state before, maybe an older version" in why
    assert contents(index) == {"a": "первая версия", "seeds/a.txt": "Казахстан закупит вакцины"}  # `gone` stays deleted
    verify(index)


@pytest.mark.parametrize("damage", ["manifest", "CURRENT"])
def test_a_live_state_without_a_readable_manifest(seeds: Path, index: Path, damage: str) -> None:
    build(index, [Document("old", "старое")])
    build(index, [Document("new", "новое")])
    flip_byte((live_directory(index) / "manifest.json") if damage == "manifest" else index / "CURRENT", 6)
    report = sync(seeds, index, rebuild=True)
    verify(index)
    if damage == "manifest":
        assert report.rebuilt is not None and "in part from the state before" in report.rebuilt
        assert lost_ids(report) == ["new"] and set(contents(index)) == {"seeds/a.txt", "old"}
    else:  # the newest generation is whole
        assert lost_ids(report) == [] and set(contents(index)) == {"seeds/a.txt", "old", "new"}


def test_a_sound_copy_in_another_generation_serves(seeds: Path, index: Path) -> None:
    build(index, [Document("old", "старое")])
    build(index, [Document("new", "новое")])
    path = segment_of(index, "old")
    data = path.read_bytes()
    path.unlink()  # the generation before has the file too
    path.write_bytes(bytes(len(data)))
    assert open_stored(index).damage is None
    assert lost_ids(sync(seeds, index, rebuild=True)) == []
    assert set(contents(index)) == {"seeds/a.txt", "old", "new"}


def test_a_passing_error_is_no_damage(seeds: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from naidi.indexer.state import stored

    build(index, MINE)

    def fail(path: Path, size: int) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(stored, "file_digest", fail)
    with pytest.raises(OSError, match="Input/output error"):
        sync(seeds, index, rebuild=True)
    monkeypatch.undo()
    assert len(contents(index)) == 2 and open_generation(index).manifest.generation == 1
