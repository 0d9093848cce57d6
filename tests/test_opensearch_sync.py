"""sync with an index in a cluster: it follows folders as a local index does, from several machines, whatever is killed when."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from indexes import write_old
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexMissing, NaidiError
from naidi.indexer.folder import followed, sync_run
from naidi.indexer.folder.notes import Note
from naidi.indexer.folder.options import FolderOptions
from naidi.indexer.folder.preview import Preview
from naidi.indexer.folder.preview import preview as local_preview
from naidi.indexer.folder.read_group import ReadGroup, Task, read_group
from naidi.indexer.folder.report import SyncReport
from naidi.indexer.folder.sync import sync as local_sync
from naidi.indexer.opensearch import sync as sync_room
from naidi.indexer.opensearch.cluster import Cluster, connect
from naidi.indexer.opensearch.drop import drop
from naidi.indexer.opensearch.followed_folders import (
    FolderEntry,
    entries,
    files_index,
    kept_notes,
    located,
    replace_entry,
)
from naidi.indexer.opensearch.preview import preview, skipped_files
from naidi.indexer.opensearch.status import cluster_status
from naidi.indexer.opensearch.sync import sync
from naidi.indexer.opensearch.sync_state import FileSource, FolderState, KeptNote, reading_of, reading_options
from naidi.indexer.opensearch.upgrade import upgrade
from naidi.indexer.state.generations import open_generation

# What is known of files: no cluster is asked


def source(look: int, digest: str = "d", parts: int = 1, options: str = "") -> FileSource:
    return FileSource(look, 10, 1_000, digest, parts, options)


def state(documents: dict[str, FileSource], **kept: KeptNote) -> FolderState:
    return FolderState("f", [(doc_id, one.line()) for doc_id, one in documents.items()], kept)


def outdated(found: FolderState, options: FolderOptions | None = None) -> list[str]:
    return list(found.outdated(options or FolderOptions()))


@pytest.mark.parametrize(
    "one",
    [
        source(5),
        FileSource(1_790_000_000_000_000, 0, 0, "", 3),
        source(7, options=reading_of(FolderOptions(columns=("a b", "ё"), max_file_size=7))),
    ],
)
def test_a_source_is_written_and_read(one: FileSource) -> None:
    assert FileSource.of(one.line()) == one


def test_what_is_no_source() -> None:
    assert FileSource.of("forged") is None
    assert outdated(FolderState("f", [("f/a", "forged")], {})) == ["a"]


def test_a_file_is_whole_with_all_its_parts() -> None:
    found = state({"f/a//1": source(5, parts=2), "f/a//2": source(5, parts=2), "f/b//1": source(5, parts=2)})
    assert outdated(found) == ["b"]
    assert found.strays == []
    assert found.doc_ids == {"f/a//1": True, "f/a//2": True, "f/b//1": True}
    assert found.notes() == {"a": Note(10, 1_000, "d"), "b": Note(10, 1_000, "d")}


def test_what_a_slower_sync_left_behind_is_a_stray() -> None:
    found = state({"f/a//1": source(9), "f/a//2": source(5, "old", parts=2), "f/b": source(3)})
    assert found.strays == ["f/a//2"]
    assert outdated(found) == []
    assert found.doc_ids == {"f/a//1": True, "f/b": True}
    assert found.last_look == 9


def test_a_file_half_written_keeps_its_documents_until_it_is_read() -> None:
    found = state({"f/a//1": source(9, "new", parts=2), "f/a//2": source(5, "old", parts=2)})
    assert outdated(found) == ["a"]
    assert found.strays == []
    assert found.doc_ids == {"f/a//1": True, "f/a//2": True}


def test_two_looks_at_one_moment_are_told_apart() -> None:
    found = state({"f/a//1": source(9, "new", parts=2), "f/a//2": source(9, "old", parts=2)})
    assert outdated(found) == ["a"]


def test_the_later_of_document_and_note_holds() -> None:
    touched, problem = Note(10, 2_000, "d"), Note(10, 2_000, "e", "encrypted")
    documents = {"f/a": source(5)}
    assert state(documents, a=KeptNote(6, touched)).notes() == {"a": touched}
    assert state(documents, a=KeptNote(6, problem)).notes() == {"a": problem}
    assert state(documents, a=KeptNote(4, problem)).notes() == {"a": Note(10, 1_000, "d")}
    other = state(documents, a=KeptNote(6, Note(10, 2_000, "of another content")))
    assert other.notes() == {"a": Note(10, 1_000, "d")}, "the documents are of what they say themselves"
    assert state({}, a=KeptNote(4, problem)).notes() == {"a": problem}
    assert state({}, a=KeptNote(4, problem)).last_look == 4


def test_documents_of_applications_are_not_of_the_folder() -> None:
    found = FolderState("f", [("f/a", ""), ("f/b", source(1).line())], {})
    assert found.doc_ids == {"f/a": False, "f/b": True}
    assert list(found.files) == ["b"]


def test_a_file_is_read_again_by_how_it_was_read() -> None:
    columns, small = FolderOptions(columns=("body",)), FolderOptions(max_file_size=5)
    found = state({"f/a": source(1), "f/b": source(1, options=reading_of(columns))})
    assert outdated(found) == ["b"]
    assert outdated(found, columns) == ["a"]
    assert outdated(found, FolderOptions(hidden=True)) == ["b"], "which files are indexed is no matter of reading"
    assert outdated(state({"f/a": source(1)}), small) == ["a"], "it is too large now"
    assert outdated(state({}, a=KeptNote(1, Note(10, 1, "", "larger than"), reading_of(small)))) == ["a"]


def test_options_of_reading() -> None:
    assert reading_of(FolderOptions(include=("*.md",))) == ""
    one = FolderOptions(ocr=("rus",), max_unpacked=3)
    assert reading_options(reading_of(one)) == one
    assert reading_options("[1]") == reading_options("{") == FolderOptions()


def test_where_a_folder_lies(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    notes = FolderEntry("notes", (str(there), str(here)))
    assert located([notes]) == {str(here): notes}
    there.mkdir()
    assert located([notes]) == {str(there): notes}
    gone = FolderEntry("gone", ("/no/such/b", "/no/such/a"))
    later = FolderEntry("later", (str(there),))
    assert located([notes, gone, later]) == {str(there): later, str(here): notes, "/no/such/b": gone}
    assert located([notes._replace(is_dropped=True)]) == {}
    assert notes.at(str(here)).paths == (str(here), str(there))


# With a cluster

cluster = pytest.mark.cluster


@pytest.fixture
def url(opensearch: list[str], cluster_name: str) -> str:
    return f"{opensearch[0]}/{cluster_name}"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Files of several kinds that were written a minute ago: two give several documents, two give none."""
    folder = tmp_path / "seeds"
    write_old(folder / "a.txt", "Казахстан закупит вакцины")
    write_old(folder / "b.txt", "The vaccine works")
    write_old(folder / "sub" / "c.md", "# Заголовок\n\nтекст")
    write_old(folder / "t.csv", "name,text\none,первый\ntwo,второй\nthree,третий\n")
    write_old(folder / "box.mbox", mailbox("Первое", "Второе"))
    write_old(folder / "bad.txt", b"\0\1\2" * 50)
    write_old(folder / "empty.txt", "")
    return folder


def mailbox(*subjects: str) -> str:
    return "".join(
        f"From a@b Thu Jan  1 00:00:00 2026\nSubject: {subject}\nMessage-ID: <{place}@x>\n\nтекст {subject}\n\n"
        for place, subject in enumerate(subjects)
    )


def hits(url: str) -> dict[str, dict[str, Any]]:
    """id -> what the cluster stores of each document that a search may find."""
    with connect(url) as one:
        return {hit["_source"]["id"]: hit["_source"] for hit in one.scan(one.documents)}


def found(url: str) -> dict[str, tuple[str, str]]:
    """id -> (title, text) of each document."""
    return {doc_id: (one["title"], one.get("text", "")) for doc_id, one in hits(url).items()}


def looks(url: str) -> dict[str, int]:
    """id -> when the file of each document was looked at."""
    sources = {doc_id: FileSource.of(one["source"]) for doc_id, one in hits(url).items() if "source" in one}
    return {doc_id: one.look for doc_id, one in sources.items() if one is not None}


def local(folder: Path, index: Path) -> dict[str, tuple[str, str]]:
    """id -> (title, text) of each document of a local index of the folder that is made now."""
    shutil.rmtree(index, ignore_errors=True)
    local_sync(folder, index)
    return documents(index)


def documents(index: Path) -> dict[str, tuple[str, str]]:
    """id -> (title, text) of each document of a local index."""
    generation = open_generation(index)
    return {
        segment.doc_id(doc): (segment.record(doc)["title"], segment.text(doc))
        for segment, deleted in zip(generation.segments, generation.deleted, strict=True)
        for doc in range(segment.doc_count)
        if not deleted[doc]
    }


def told(report: SyncReport) -> dict[str, Any]:
    """What a report says, but for the folders."""
    names = ("added", "updated", "removed", "unchanged", "skipped", "warnings", "missing")
    return {name: getattr(report, name) for name in names}


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


@cluster
def test_a_cluster_follows_a_folder_as_a_local_index_does(seeds: Path, index: Path, url: str, tmp_path: Path) -> None:
    def both() -> tuple[int, int, int, int]:
        report = sync(seeds, url)
        assert told(report) == told(local_sync(seeds, index))
        assert found(url) == local(seeds, tmp_path / "fresh")
        return counts(report)

    assert both() == (5, 0, 0, 0)
    assert both() == (0, 0, 0, 5)
    write_old(seeds / "a.txt", "Другой текст", 50)
    write_old(seeds / "new.txt", "New")
    (seeds / "sub" / "c.md").unlink()
    write_old(seeds / "box.mbox", mailbox("Первое"), 50)
    assert both() == (1, 2, 1, 2)
    write_old(seeds / "b.txt", b"\0\1\2" * 70, 50)
    write_old(seeds / "bad.txt", "Now it is good", 50)
    assert both() == (1, 0, 1, 4)
    shutil.rmtree(seeds / "sub")
    os.utime(seeds / "a.txt", (1_000, 1_000))
    assert both() == (0, 0, 0, 5)
    assert both() == (0, 0, 0, 5)
    write_old(seeds / "a.txt", "Третий текст", 40)
    assert both() == (0, 1, 0, 4)
    with connect(url) as one:
        assert kept_notes(one, "seeds").keys() == {"b.txt", "empty.txt"}, "documents carry the notes of all others"


@cluster
def test_what_is_unchanged_is_not_read(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, url)
    os.utime(seeds / "a.txt", (1_000, 1_000))
    before = looks(url)
    assert counts(sync(seeds, url)) == (0, 0, 0, 5)
    assert looks(url) == before, "a file that was only touched is not written again"

    def refuse(tasks: list[Task]) -> ReadGroup:
        raise AssertionError(f"{tasks} were read")

    monkeypatch.setattr(sync_run, "read_group", refuse)
    os.remove(seeds / "empty.txt")
    report = sync(seeds, url)
    assert counts(report) == (0, 0, 0, 5)
    assert [path for path, _ in report.skipped] == [str(seeds / "bad.txt")], "why it is no text is noted"
    with connect(url) as one:
        assert kept_notes(one, "seeds").keys() == {"a.txt", "bad.txt"}


@cluster
def test_a_sync_that_was_stopped_is_gone_on_with(seeds: Path, url: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(followed, "GROUP_FILES", 1)
    sent = []

    def stop(progress: Any) -> None:
        sent.append(progress)
        if len(sent) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(sync_room, "FLUSH_BYTES", 1)
    with pytest.raises(KeyboardInterrupt):
        sync(seeds, url, progress=stop)
    report = sync(None, url)
    assert report.roots == [str(seeds)], "it is followed, though no sync of it came to its end"
    assert report.unchanged in (1, 2, 3)
    assert found(url) == local(seeds, tmp_path / "fresh")


@cluster
@pytest.mark.parametrize("gone", ["seeds/t.csv//2", "seeds/a.txt"])
def test_a_document_that_is_lacking_is_read_again(seeds: Path, url: str, tmp_path: Path, gone: str) -> None:
    sync(seeds, url)
    with sync_room.ClusterWriter(url) as writer:
        assert writer.delete(gone)
    assert gone not in found(url)
    sync(seeds, url)
    assert found(url) == local(seeds, tmp_path / "fresh")


@cluster
def test_a_later_look_holds(seeds: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sync reads a file, is slow, and writes it when another one has written what is newer, and deleted parts."""

    def slow(tasks: list[Task]) -> ReadGroup:
        group = read_group(tasks)
        monkeypatch.setattr(sync_run, "read_group", read_group)
        write_old(seeds / "a.txt", "Новее", 50)
        write_old(seeds / "box.mbox", mailbox("Первое"), 50)
        (seeds / "b.txt").unlink()
        write_old(seeds / "late.txt", "Поздно", 50)
        sync(seeds, url)
        return group

    monkeypatch.setattr(sync_run, "read_group", slow)
    sync(seeds, url)
    after = found(url)
    assert after["seeds/a.txt"][1] == "Новее"
    assert "seeds/late.txt" in after, "what the slow one has not seen is not deleted"
    # The slow one brings back what it has read and the other one did not know of. The next sync sees to it.
    report = sync(seeds, url)
    assert found(url) == local(seeds, tmp_path / "fresh")
    assert report.added == 0
    assert counts(sync(seeds, url)) == (0, 0, 0, 5)


@cluster
def test_a_deletion_of_an_older_look_does_not_hold(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, url)
    (seeds / "a.txt").unlink()
    finish = sync_room.ClusterTarget.finish

    def slow(target: Any) -> None:
        monkeypatch.setattr(sync_room.ClusterTarget, "finish", finish)
        write_old(seeds / "a.txt", "Снова здесь")
        sync(seeds, url)
        finish(target)

    monkeypatch.setattr(sync_room.ClusterTarget, "finish", slow)
    sync(seeds, url)
    assert found(url)["seeds/a.txt"][1] == "Снова здесь"


@cluster
def test_a_clock_that_is_slow(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(seeds, url)
    write_old(seeds / "a.txt", "Новее", 50)
    (seeds / "b.txt").unlink()
    hour = 3_600_000_000_000
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() - hour)
    assert counts(sync(seeds, url)) == (0, 1, 1, 3)
    after = found(url)
    assert after["seeds/a.txt"][1] == "Новее"
    assert "seeds/b.txt" not in after


@cluster
def test_options_are_noted_before_files_are_read(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a sync with other options did not come to are read by the next one, which names none."""
    monkeypatch.setattr(followed, "GROUP_FILES", 1)
    monkeypatch.setattr(sync_room, "FLUSH_BYTES", 1)
    sync(seeds, url)
    before = looks(url)

    def stop(progress: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(seeds, url, options={"columns": ["name"]}, progress=stop)
    sync(seeds, url)
    after = looks(url)
    assert all(after[doc_id] > look for doc_id, look in before.items())
    assert found(url)["seeds/t.csv//1"][1] == "one"
    assert counts(sync(seeds, url)) == (0, 0, 0, 5)
    sync(seeds, url, options={"max_file_size": 40})
    assert "seeds/t.csv//1" not in found(url)


@cluster
def test_an_upgrade_keeps_what_is_known_of_files(seeds: Path, url: str, tmp_path: Path) -> None:
    write_old(tmp_path / "other" / "o.txt", "Другая папка")
    sync([seeds, tmp_path / "other"], url)
    before = looks(url)
    assert upgrade(url, anew=True).documents == 9
    assert looks(url) == before
    assert counts(sync(None, url)) == (0, 0, 0, 6)
    assert drop(seeds, url) == 8


@cluster
def test_a_rebuild_reads_all_files(seeds: Path, url: str, tmp_path: Path) -> None:
    sync(seeds, url)
    before = looks(url)
    report = sync(seeds, url, rebuild=True)
    assert report.rebuilt == "as asked"
    assert all(look > before[doc_id] for doc_id, look in looks(url).items())
    assert found(url) == local(seeds, tmp_path / "fresh")


# Folders


@cluster
def test_a_folder_lies_elsewhere_on_another_machine(seeds: Path, url: str) -> None:
    sync(seeds, url)
    other = seeds.with_name("of another machine")
    os.rename(seeds, other)
    report = sync(other, url)
    assert (report.moved, counts(report)) == ([(str(seeds), str(other))], (0, 0, 0, 5))
    os.rename(other, seeds)
    report = sync(seeds, url)
    assert (report.moved, counts(report)) == ([], (0, 0, 0, 5)), "it is known there, too"
    assert sync(None, url).roots == [str(seeds)]
    with connect(url) as one:
        assert entries(one)["seeds"].paths == (str(seeds), str(other))


@cluster
def test_the_index_of_folders_is_gone(seeds: Path, url: str, tmp_path: Path) -> None:
    sync(seeds, url)
    with connect(url) as one:
        one.drop(*one.indices_of(files_index(one)))
    with pytest.raises(NaidiError, match="follows no folder yet"):
        sync(None, url)
    (seeds / "a.txt").unlink()
    assert counts(sync(seeds, url)) == (0, 4, 1, 0)
    assert found(url) == local(seeds, tmp_path / "fresh")


@cluster
def test_of_two_who_change_a_folder_one_notices(seeds: Path, url: str) -> None:
    sync(seeds, url)
    with connect(url) as one:
        read = entries(one)["seeds"]
        assert replace_entry(one, read._replace(options={"hidden": True}))
        assert not replace_entry(one, read._replace(is_dropped=True))
        assert not replace_entry(one, read._replace(place=None))
        assert entries(one)["seeds"].options == {"hidden": True}


@cluster
def test_folders_whose_ids_begin_alike(tmp_path: Path, url: str, index: Path) -> None:
    """Of two folders of one name, the second has its whole path as a prefix; a third one has the beginning of that as its name."""
    first = tmp_path.parts[1]
    folders = [tmp_path / "one" / "notes", tmp_path / "two" / "notes", tmp_path / "three" / first]
    for folder in folders:
        write_old(folder / "a.txt", f"Текст {folder.parts[-2]}")
    for _ in range(2):
        reports = sync(folders, url), local_sync(folders, index)
        assert told(reports[0]) == told(reports[1])
    (folders[2] / "a.txt").unlink()
    sync(folders[2], url)
    local_sync(folders[2], index)
    local_sync(folders, index)
    assert counts(sync(folders, url)) == (0, 0, 0, 2)
    assert found(url).keys() == {"notes/a.txt", f"{'/'.join(folders[1].parts[1:])}/a.txt"} == documents(index).keys()


@cluster
def test_several_jobs(seeds: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_run, "WORKER_BYTES", 0)
    monkeypatch.setattr(followed, "GROUP_FILES", 2)
    sync(seeds, url, jobs=2)
    assert found(url) == local(seeds, tmp_path / "fresh")


@cluster
def test_an_inner_folder_becomes_a_part(seeds: Path, url: str) -> None:
    sync(seeds / "sub", url)
    assert found(url).keys() == {"sub/c.md"}
    report = sync(seeds, url)
    assert report.joined == [(str(seeds / "sub"), str(seeds))]
    assert {one for one in found(url) if one.endswith("c.md")} == {"seeds/sub/c.md"}
    assert sync(None, url).roots == [str(seeds)]


@cluster
def test_a_folder_is_dropped(seeds: Path, url: str, tmp_path: Path) -> None:
    write_old(tmp_path / "other" / "o.txt", "Другая папка")
    sync([seeds, tmp_path / "other"], url)
    with pytest.raises(NaidiError, match="follows no such folder"):
        drop(tmp_path, url)
    assert drop(seeds, url) == 8
    assert found(url).keys() == {"other/o.txt"}
    assert sync(None, url).roots == [str(tmp_path / "other")]
    assert counts(sync(seeds, url)) == (5, 0, 0, 0)


@cluster
def test_a_folder_is_dropped_while_it_is_synced(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old(seeds.with_name("other") / "o.txt", "Другая папка")
    sync(seeds, url)
    for path in (seeds / "a.txt", seeds / "b.txt"):
        write_old(path, "Новее", 50)

    def slow(tasks: list[Task]) -> ReadGroup:
        drop(seeds, url)
        return read_group(tasks)

    with monkeypatch.context() as patch:
        patch.setattr(sync_run, "read_group", slow)
        sync(seeds, url)
    assert found(url), "the sync that was under way has written some"
    sync(seeds.with_name("other"), url)
    assert found(url).keys() == {"other/o.txt"}


@cluster
def test_two_begin_to_follow_a_folder(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, met = replace_entry, []

    def late(one: Cluster, entry: FolderEntry) -> bool:
        if not met:
            met.append(entry)
            write_old(seeds / "a.txt", "Новее", 50)
            sync(seeds, url, options={"exclude": ["*.md"]})
        return replace(one, entry)

    monkeypatch.setattr(sync_room, "replace_entry", late)
    report = sync(seeds, url)
    assert counts(report) == (0, 0, 0, 4), "it begins anew, with the options that are noted now"


@cluster
def test_documents_of_applications(seeds: Path, url: str, index: Path) -> None:
    with sync_room.ClusterWriter(url) as writer:
        writer.add(Document(id="seeds/a.txt", text="of an application"))
        writer.add(Document(id="mine", text="of an application"))
    report = sync(seeds, url)
    assert counts(report) == (4, 0, 0, 0)
    assert (str(seeds / "a.txt"), "the id seeds/a.txt belongs to a document of an application") in report.skipped
    assert {"seeds/a.txt", "mine"} <= found(url).keys()
    drop(seeds, url)
    assert found(url).keys() == {"seeds/a.txt", "mine"}


@cluster
def test_files_keep_the_fields_of_the_application(seeds: Path, url: str) -> None:
    from naidi.fields import Keyword

    sync(seeds, url)
    with sync_room.ClusterWriter(url, schema={"tag": Keyword()}) as writer:
        assert writer.update("seeds/a.txt", fields={"tag": "важное"})
    assert counts(sync(seeds, url)) == (0, 0, 0, 5)
    write_old(seeds / "a.txt", "Новее", 50)
    assert counts(sync(seeds, url)) == (0, 1, 0, 4)
    one = hits(url)["seeds/a.txt"]
    assert (one["text"], one["fields"]["tag"]) == ("Новее", ["важное"])


@cluster
def test_a_preview(seeds: Path, url: str, index: Path) -> None:
    def both() -> Preview:
        made = preview([str(seeds)], url)
        assert made == local_preview([str(seeds)], index)
        return made

    assert len(both().added) == 7
    with connect(url) as one:
        assert one.indices_like(f"{one.documents}*") == [], "nothing was made"
    with pytest.raises(IndexMissing):
        preview(None, url)
    sync(seeds, url)
    local_sync(seeds, index)
    assert (both().added, both().changed) == ([], [])
    write_old(seeds / "a.txt", "Другой текст", 50)
    write_old(seeds / "new.txt", "New")
    (seeds / "b.txt").unlink()
    made = both()
    assert [made.added, made.changed, made.removed] == [[str(seeds / name)] for name in ("new.txt", "a.txt", "b.txt")]
    assert skipped_files(url) == made.skipped == preview(None, url).skipped
    assert "seeds/b.txt" in found(url), "nothing was done"


@cluster
def test_a_document_that_the_cluster_refuses(seeds: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add = sync_room.ClusterWriter.add_analysed

    def broken(writer: Any, batch: Any, *, notes: list[dict[str, Any]], **rest: Any) -> None:
        for doc_id, note in zip(batch.ids, notes, strict=True):
            if doc_id == "seeds/a.txt":
                note["unknown"] = 1
        add(writer, batch, notes=notes, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(sync_room.ClusterWriter, "add_analysed", broken)
        report = sync(seeds, url)
    ((path, why),) = [one for one in report.skipped if one[0].endswith("a.txt")]
    assert path == str(seeds / "a.txt")
    assert why.startswith("the cluster refuses it: mapping set to strict")
    assert len(found(url)) == 7
    assert counts(sync(seeds, url)) == (1, 0, 0, 4), "it is tried again"


@cluster
def test_there_must_be_an_index_or_a_folder(url: str, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        sync(None, url)
    with pytest.raises(IndexMissing):
        drop(tmp_path, url)
    with pytest.raises(NaidiError, match="no such file or folder"):
        sync(tmp_path / "none", url)
    with pytest.raises(IndexMissing):
        cluster_status(url)
    with connect(url) as one:
        assert one.indices_like(f"{one.documents}*") == [], "nothing was made"


@cluster
def test_status(seeds: Path, url: str) -> None:
    sync(seeds, url)
    status = cluster_status(url.replace("//", "//user:secret@"))
    assert "secret" not in json.dumps(status)
    assert status["index"] == url
    assert status["documents"] == sum(status["languages"].values()) == 7 + 1
    assert sum(status["date_sources"].values()) == status["documents"]
    assert status["health"] in ("green", "yellow")
    assert status["shards"] == 1
    assert status["bytes"] > 0
    assert status["words"] > 5
    (root,) = status["roots"]
    assert (root["path"], root["documents"], root["missing"], root["newer"]) == (str(seeds), 8, False, None)
    write_old(seeds / "new.txt", "New", -1)
    assert cluster_status(url)["roots"][0]["newer"] is not None


# Several at once, killed at random

CHILD = """
import sys
from naidi.indexer.folder import followed
from naidi.indexer.opensearch import sync as sync_room
followed.GROUP_FILES, sync_room.FLUSH_BYTES = 20, int(sys.argv[3])
while True:
    sync_room.sync(sys.argv[1], sys.argv[2])
    print("done", flush=True)
"""


class Syncs:
    """Processes that sync a folder again and again, each of which is killed and started anew."""

    def __init__(self, folder: Path, url: str, log: Path, flush_bytes: int, count: int = 2) -> None:
        self._command = [sys.executable, "-c", CHILD, str(folder), url, str(flush_bytes)]
        self._log = log
        self._running = [self._start() for _ in range(count)]
        self.kills = 0

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def kill_one(self, chance: random.Random) -> None:
        place = chance.randrange(len(self._running))
        self._kill(self._running[place])
        self._running[place] = self._start()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        assert process.poll() is None, self._log.read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills += 1

    @property
    def done(self) -> int:
        """How many syncs came to their end."""
        return self._log.read_text().count("done")

    def stop(self) -> None:
        for process in self._running:
            self._kill(process)

    def __enter__(self) -> Syncs:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for process in self._running:
            process.kill()
            process.wait()


class Tree:
    """A folder whose files change: texts of one document, and mailboxes of several."""

    def __init__(self, folder: Path, files: int, chance: random.Random) -> None:
        self._folder = folder
        self._chance = chance
        self._names: list[str] = []
        self._written = 0
        for _ in range(files):
            self.add()

    def add(self) -> None:
        number = self._written
        name = f"{number % 23}/{number}.{'mbox' if number % 10 == 0 else 'txt'}"
        self._names.append(name)
        self._write(name)

    def _write(self, name: str) -> None:
        self._written += 1
        words = f"номер{self._written} файл word{self._written % 97} текст{self._chance.randrange(1000)}"
        if name.endswith(".mbox"):
            words = mailbox(*(f"{words} {part}" for part in range(self._chance.randrange(1, 6))))
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}")
        beside.write_text(words, encoding="utf-8")
        beside.replace(path)  # a file that is half written would be half indexed, until it is read again

    def change(self, share: float) -> None:
        """Change, remove and add some of the files."""
        for name in self._chance.sample(self._names, max(3, int(share * len(self._names)))):
            what = self._chance.random()
            if what < 0.6:
                self._write(name)
            elif what < 0.8:
                (self._folder / name).unlink()
                self._names.remove(name)
            else:
                self.add()


def expect_texts_of_their_digests(url: str) -> int:
    """No document tells of another content than it has. Returns how many were looked at."""
    with connect(url) as one:
        one.refresh(one.documents)
    count = 0
    for doc_id, stored in hits(url).items():
        if doc_id.endswith(".txt"):
            noted = FileSource.of(stored["source"])
            assert noted is not None
            assert blake2b(stored["text"].encode(), digest_size=16).hexdigest() == noted.digest, doc_id
            count += 1
    return count


def wait_for_writing(url: str) -> None:
    """Until something is written."""
    end = time.monotonic() + 120
    before = None
    while time.monotonic() < end:
        with suppress(IndexMissing), connect(url) as one:  # nobody may have made the index yet
            now = one.state_token()
            if before not in (None, now):
                return
            before = now
        time.sleep(0.05)
    raise AssertionError("no sync writes anything")


def churn(tmp_path: Path, url: str, *, files: int, kills: int, flush_bytes: int, seconds: float, seed: int = 5) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "seeds"
    tree = Tree(folder, files, chance)
    started = time.monotonic()
    with Syncs(folder, url, tmp_path / "log", flush_bytes) as syncs:
        looked_at = 0
        for _ in range(kills):
            wait_for_writing(url)
            time.sleep(chance.uniform(0.0, 1.0) * seconds)
            tree.change(0.1)
            syncs.kill_one(chance)
            looked_at += expect_texts_of_their_digests(url)
        syncs.stop()
    churned = time.monotonic()
    report = sync(folder, url)
    ended = time.monotonic()
    assert looked_at, (tmp_path / "log").read_text()
    assert found(url) == local(folder, tmp_path / "fresh")
    expect_texts_of_their_digests(url)
    assert len(looks(url)) == len(found(url))
    again = sync(folder, url)
    assert (again.added, again.updated, again.removed) == (0, 0, 0), "the quiet one has left nothing to do"
    print(
        f"{files} files, {syncs.kills} kills, {syncs.done} syncs to their end in {churned - started:.1f} s; "
        f"the quiet one: {counts(report)} in {ended - churned:.1f} s, the next {time.monotonic() - ended:.1f} s with checks"
    )


@cluster
def test_two_syncs_that_are_killed(tmp_path: Path, url: str) -> None:
    churn(tmp_path, url, files=500, kills=8, flush_bytes=2_000, seconds=1.0)


@cluster
@pytest.mark.slow
def test_two_syncs_of_many_files_that_are_killed(tmp_path: Path, url: str) -> None:
    churn(tmp_path, url, files=20_000, kills=12, flush_bytes=200_000, seconds=15.0)
