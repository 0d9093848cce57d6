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
from naidi.indexer.codec.container import Container, item_bytes
from naidi.indexer.folder.report import SyncReport
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.layout import generations
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
    """The names of what was lost."""
    return names(report.lost)


def names(entries: list[tuple[str, str]]) -> list[str]:
    return [name for name, _ in entries]


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


# What a rebuild says: lost is only what the index does not have in the end


def test_documents_without_readable_ids_that_the_folder_gives_again(seeds: Path, index: Path) -> None:
    write_old(seeds / "b.txt", "второй")
    write_old(seeds / "c.txt", "третий")
    sync(seeds, index)
    cut(segment_of(index, "seeds/a.txt"))
    copy = Path(shutil.copytree(index, index.with_name("copy")))
    report = sync(seeds, index, rebuild=True)
    assert (report.added, report.lost, report.older, report.skipped) == (3, [], [], [])
    assert names(report.recovered) == ["seeds/a.txt", "seeds/b.txt", "seeds/c.txt"] == sorted(contents(index))
    run = called("index", seeds, "--rebuild", index=copy)
    assert run.returncode == 0 and "skipped 0" in run.stdout
    assert "read from the folder again: 3 damaged documents" in run.stderr and "lost" not in run.stderr


def one_segment(index: Path) -> Path:
    """The segment of an index that has one."""
    upgrade(index, accept_loss=True)  # analysed anew, all documents are written together
    (path,) = segments(index)
    for name in generations(index)[:-1]:
        shutil.rmtree(index / name)
    return path


def test_what_no_folder_has_given_is_lost(seeds: Path, index: Path) -> None:
    write_old(seeds / "b.txt", "второй")
    sync(seeds, index)
    build(index, MINE)
    path = one_segment(index)
    cut(path)
    report = sync(seeds, index, rebuild=True)
    assert lost_ids(report) == [f"2 of 4 documents of {path.name}"]
    assert names(report.recovered) == ["seeds/a.txt", "seeds/b.txt"] == sorted(contents(index))


def test_a_file_that_is_gone_meanwhile_is_lost_by_name(seeds: Path, index: Path) -> None:
    write_old(seeds / "b.txt", "второй")
    sync(seeds, index)
    cut(segment_of(index, "seeds/a.txt"))
    (seeds / "b.txt").unlink()
    report = sync(seeds, index, rebuild=True)
    assert (lost_ids(report), names(report.recovered)) == (["seeds/b.txt"], ["seeds/a.txt"])


def test_documents_of_another_folder_are_lost_by_name(seeds: Path, index: Path, tmp_path: Path) -> None:
    write_old(tmp_path / "more" / "z.txt", "ещё одна папка")
    sync(seeds, index)
    sync(tmp_path / "more", index)
    build(index, MINE)
    path = one_segment(index)
    cut(path)
    report = sync(seeds, index, rebuild=True)
    assert lost_ids(report) == [f"2 of 4 documents of {path.name}", "more/z.txt"]
    assert names(report.recovered) == ["seeds/a.txt"]
    assert sync(tmp_path / "more", index).added == 1


def test_without_a_table_of_files_it_is_not_known_who_was_lost(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    build(index, MINE)
    path = one_segment(index)
    cut(path)
    (live_directory(index) / "sources.json").unlink()
    report = sync(seeds, index, rebuild=True)
    ((name, why),) = report.lost
    assert name == f"at most 3 documents of {path.name}"
    assert why.endswith("; 1 that the new index has may be among them") and report.recovered == []


def test_documents_of_the_state_before_may_be_among_the_lost(seeds: Path, index: Path) -> None:
    build(index, [Document("a", "первая версия"), Document("gone", "удалённый")])
    with Writer(index) as writer:
        writer.add(Document("a", "вторая версия"))
        writer.add(Document("b", "новый"))
        writer.delete("gone")
    path = segment_of(index, "b")
    cut(path)
    report = sync(seeds, index, rebuild=True)
    ((name, why),) = report.lost
    assert name == f"at most 2 documents of {path.name}" and "2 that the new index has may be among them" in why
    assert names(report.older) == ["a", "gone"]
    assert all(
        "taken from the state before, it may have been changed or deleted since" in why for _, why in report.older
    )


def test_an_index_of_which_nothing_can_be_read(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    for path in index.glob("gen-*/*"):
        path.write_bytes(b"")
    run = called("index", seeds, "--rebuild", index=index)
    assert (
        run.returncode == 2
        and "lost the documents of " in run.stderr
        and ", but for those of the folder: " in run.stderr
    )
    assert contents(index).keys() == {"seeds/a.txt"}


def test_a_document_of_an_application_whose_id_a_file_takes(seeds: Path, index: Path) -> None:
    """The file is not that document, though it has the id."""
    build(index, [Document("seeds/a.txt", "моё слово")])
    cut(segment_of(index, "seeds/a.txt"))
    report = sync(seeds, index, rebuild=True)
    assert (len(report.lost), report.recovered) == (1, []) and contents(index)["seeds/a.txt"].startswith("Казахстан")


def test_a_damaged_column_that_says_which_documents_are_of_folders(seeds: Path, index: Path) -> None:
    sync(seeds, index)
    flip_byte(segment_of(index, "seeds/a.txt"), section_start(segment_of(index, "seeds/a.txt"), "docs.synced"))
    cut_flag = open_generation(index).segments[0].synced[0]
    assert cut_flag != 1
    report = sync(seeds, index, rebuild=True)
    assert (report.lost, names(report.recovered)) == ([], ["seeds/a.txt"])


def table(rows: int) -> str:
    return "title,text\n" + "".join(f"row {number},слово {number} и ещё слова\n" for number in range(rows))


def test_rows_of_a_table_that_the_folder_gives_again(seeds: Path, index: Path) -> None:
    """The table of files names the file. As it has not changed, it has as many documents as before."""
    write_old(seeds / "t.csv", table(4))
    sync(seeds, index)
    build(index, MINE)
    path = one_segment(index)
    cut(path)
    report = sync(seeds, index, rebuild=True)
    assert lost_ids(report) == [f"2 of 7 documents of {path.name}"]
    assert names(report.recovered) == ["seeds/a.txt", *(f"seeds/t.csv//{row}" for row in range(1, 5))]


@pytest.mark.parametrize("change", ["rows", "columns"])
def test_a_table_that_is_read_otherwise_may_have_had_any_number_of_rows(seeds: Path, index: Path, change: str) -> None:
    write_old(seeds / "t.csv", table(2))
    sync(seeds, index)
    build(index, MINE)
    path = one_segment(index)
    cut(path)
    write_old(seeds / "t.csv", table(30), seconds=30)
    if change == "columns":
        write_old(seeds / "t.csv", table(2))
    report = sync(seeds, index, rebuild=True, options={"columns": ["text"] if change == "columns" else []})
    ((name, why),) = report.lost
    others = 29 if change == "rows" else 1
    assert name == f"at most 3 of 5 documents of {path.name}"
    assert why.endswith(f"; {others} that the new index has may be among them")
    assert names(report.recovered) == ["seeds/a.txt", "seeds/t.csv"]


def test_rows_of_which_some_have_readable_ids(seeds: Path, index: Path) -> None:
    write_old(seeds / "t.csv", table(4))
    (seeds / "a.txt").unlink()
    sync(seeds, index)
    path = segment_of(index, "seeds/t.csv//1")
    flip_byte(path, section_start(path, "ids.bytes"))
    assert [str(each) for each in open_stored(index).lost][-2:] == ["seeds/t.csv//4", f"1 document of {path.name}"]
    report = sync(seeds, index, rebuild=True)
    assert (report.lost, report.older) == ([], [])
    assert names(report.recovered) == [f"seeds/t.csv//{row}" for row in range(1, 5)]


@pytest.mark.parametrize("damage", ["ids", "texts"])
def test_a_folder_that_became_a_part_of_another_one(seeds: Path, index: Path, damage: str) -> None:
    write_old(seeds / "sub" / "s.txt", "внутри")
    write_old(seeds / "sub" / "t.csv", table(2))
    sync(seeds / "sub", index)
    path = segment_of(index, "sub/s.txt")
    if damage == "ids":
        cut(path)
    else:
        for place in sections(path)["texts.blocks"]:
            flip_byte(path, place)
    report = sync(seeds, index, rebuild=True)
    assert report.joined == [(str(seeds / "sub"), str(seeds))]
    assert (report.lost, report.older) == ([], [])
    assert names(report.recovered) == ["sub/s.txt", "sub/t.csv//1", "sub/t.csv//2"]
    assert "seeds/sub/t.csv//2" in contents(index) and len(contents(index)) == 4


def test_several_folders_give_their_documents_again(seeds: Path, index: Path, tmp_path: Path) -> None:
    write_old(tmp_path / "more" / "z.txt", "ещё одна папка")
    sync([seeds, tmp_path / "more"], index)
    cut(one_segment(index))
    write_old(tmp_path / "more" / "new.txt", "новый файл")
    report = sync(None, index, rebuild=True)
    assert (report.lost, report.older, report.added) == ([], [], 3)
    assert names(report.recovered) == ["more/z.txt", "seeds/a.txt"]


def test_a_file_that_can_be_read_no_more_is_lost_by_name(seeds: Path, index: Path) -> None:
    write_old(seeds / "b.txt", "второй")
    sync(seeds, index)
    cut(segment_of(index, "seeds/a.txt"))
    write_old(seeds / "b.txt", bytes(range(256)))
    report = sync(seeds, index, rebuild=True)
    assert (lost_ids(report), names(report.recovered)) == (["seeds/b.txt"], ["seeds/a.txt"])
    assert names(report.skipped) == [str(seeds / "b.txt")]


def merged(index: Path, commit: Callable[[int], object]) -> Path:
    """Commit until segments are merged. Returns the merged one; its documents are in the state before as well."""
    for number in range(12):
        commit(number)
        if len(segments(index)) < number + 1:
            return segments(index)[-1]
    raise AssertionError("nothing was merged")


def test_files_of_the_state_before_that_the_folder_gives_again(seeds: Path, index: Path) -> None:
    def commit(number: int) -> None:
        write_old(seeds / f"{number:02}.txt", f"слово {number}")
        sync(seeds, index)

    (seeds / "a.txt").unlink()
    cut(merged(index, commit))
    report = sync(seeds, index, rebuild=True)
    assert (report.lost, report.older) == ([], [])
    assert names(report.recovered) == sorted(contents(index)) and len(report.recovered) == report.added > 2


def test_a_merged_segment_whose_ids_cannot_be_read(seeds: Path, index: Path) -> None:
    path = merged(index, lambda number: build(index, [Document(f"{number:02}", f"слово {number}")]))
    count = Container(path).meta["doc_count"]
    cut(path)
    report = sync(seeds, index, rebuild=True)
    assert names(report.older) == [f"{number:02}" for number in range(count - 1)]
    ((name, why),) = report.lost
    assert name == f"at most {count} documents of {path.name}"
    assert why.endswith(f"; {count - 1} that the new index has may be among them")
    assert len(contents(index)) == count


def test_files_of_another_folder_that_the_state_before_had(seeds: Path, index: Path, tmp_path: Path) -> None:
    """Each of them must have been in the segment, so that no more than the last is lost."""

    def commit(number: int) -> None:
        write_old(tmp_path / "more" / f"{number:02}.txt", f"слово {number}")
        sync(tmp_path / "more", index)

    path = merged(index, commit)
    count = Container(path).meta["doc_count"]
    cut(path)
    report = sync(seeds, index, rebuild=True)
    assert names(report.older) == [f"more/{number:02}.txt" for number in range(count - 1)]
    assert lost_ids(report) == [f"more/{count - 1:02}.txt"]


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
    assert all("not known which documents are deleted; taken from the state before" in why for _, why in report.older)
    assert lost_ids(report) == [] and set(names(report.older)) == {str(number) for number in range(20)} < set(
        contents(index)
    )


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
    return {name: range(start, start + count * item_bytes(kind)) for name, (start, count, kind) in table.items()}


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
    assert lost_ids(report) == [str(number)]
    assert names(report.older) == ["0"] and "maybe an older version" in report.older[0][1]
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
    ((name, why),) = report.older
    assert name == "a" and "taken from the state before, maybe an older version" in why and report.lost == []
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


# The advice "rebuild with `naidi index --rebuild`" names no folder


def no_current(index: Path) -> None:
    (index / "CURRENT").unlink()


def junk_in_current(index: Path) -> None:
    (index / "CURRENT").write_text("junk\n", encoding="ascii")


def cut_manifest(index: Path) -> None:
    cut(live_directory(index) / "manifest.json")


@pytest.mark.parametrize("damage", [no_current, junk_in_current, cut_manifest])
def test_a_rebuild_finds_the_folders_by_itself(seeds: Path, index: Path, damage: Callable[[Path], None]) -> None:
    sync(seeds, index)
    write_old(seeds / "b.txt", "второй")
    sync(seeds, index)
    damage(index)
    run = called("search", "вакцина", index=index)
    assert run.returncode == 0 and "rebuild with `naidi index --rebuild`" in run.stderr
    # Beside it stands a folder that is taken only where nothing is followed yet.
    elsewhere = seeds.parent / "elsewhere"
    write_old(elsewhere / "seeds" / "x.txt", "чужое")
    run = called("index", "--rebuild", index=index, cwd=elsewhere)
    assert run.returncode == 0 and "index built anew" in run.stderr
    verify(index)
    assert contents(index) == {"seeds/a.txt": "Казахстан закупит вакцины", "seeds/b.txt": "второй"}
    assert sync(None, index).unchanged == 2


def test_a_rebuild_that_cannot_know_the_folders_says_so(seeds: Path, index: Path) -> None:
    """Also where there is a folder that would be taken if none was followed: all other documents would be lost."""
    sync(seeds, index)
    cut_manifest(index)
    before = sorted(index.rglob("*"))
    for options in (("--rebuild",), ("--rebuild", "--watch")):
        run = called("index", *options, index=index, cwd=seeds.parent)
        assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
        assert "manifest.json: altered since it was committed" in run.stderr
        assert "name them again: `naidi index FOLDER --rebuild`" in run.stderr
    run = called("index", index=index, cwd=seeds.parent)
    assert run.returncode == 2 and "rebuild with `naidi index --rebuild`" in run.stderr
    assert sorted(index.rglob("*")) == before
    assert called("index", seeds, "--rebuild", index=index).returncode == 0
    assert sync(None, index).unchanged == 1
