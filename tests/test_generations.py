"""Committed states: what a reader sees while they change, and what damage does."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from indexes import build, contents, documents, live_directory, replace_file, verify
from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged, IndexMissing, IndexOutdated, IndexProblem, IndexUnwritable
from naidi.indexer.folder.sync import sync
from naidi.indexer.state import generations
from naidi.indexer.state.commit import prepare_directory
from naidi.indexer.state.files import link_or_copy
from naidi.indexer.state.generations import Generation, open_generation, read_current
from naidi.indexer.state.layout import CURRENT, IGNORE
from naidi.indexer.state.manifest import MANIFEST, FileEntry, Manifest, SegmentEntry
from naidi.indexer.state.stored import open_stored
from naidi.indexer.writing.reanalyse import reanalyse
from naidi.indexer.writing.writer import Writer
from naidi.search.open_index import open_index

OLD = {"0": "кот"}
NEW = {"0": "кот", "1": "cat"}


@pytest.fixture
def two(index: Path) -> Path:
    """An index of two generations: OLD, then NEW."""
    build(index, documents("кот"))
    build(index, [Document(id="1", text="cat")])
    return index


def new_segment(directory: Path) -> Path:
    """The segment that only the live generation has."""
    return sorted(live_directory(directory).glob("*.seg"))[-1]


def test_a_commit_keeps_the_state_before(two: Path) -> None:
    tables, states = ["_MAIN_1.toc", "_MAIN_2.toc"], ["gen-00000001", "gen-00000002"]
    assert sorted(path.name for path in two.iterdir()) == [IGNORE, CURRENT, *tables, *states, "lock"]
    assert contents(two) == NEW
    assert open_generation(two).manifest.generation == 2
    verify(two)


def test_segments_are_shared_between_generations(two: Path) -> None:
    shared = "00000001-0.seg"
    assert os.path.samefile(two / "gen-00000001" / shared, two / "gen-00000002" / shared)


def test_where_links_cannot_be_made_files_are_copied(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    build(index, documents("кот"))
    build(index, [Document(id="1", text="cat")])
    assert contents(index) == NEW
    verify(index)
    link_or_copy(index / CURRENT, index / "copy")
    assert (index / "copy").read_bytes() == (index / CURRENT).read_bytes()


# Damage of which opening tells


def cut(path: Path) -> None:
    replace_file(path, path.read_bytes()[:-1])


def empty(path: Path) -> None:
    replace_file(path, b"")


def lengthen(path: Path) -> None:
    replace_file(path, path.read_bytes() + b"\0")


def flip_header(path: Path) -> None:
    data = path.read_bytes()
    replace_file(path, data[:20] + bytes([data[20] ^ 0x80]) + data[21:])


def flip_version(path: Path) -> None:
    data = path.read_bytes()
    replace_file(path, data[:8] + bytes([data[8] ^ 2]) + data[9:])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [Path.unlink, cut, empty, lengthen, flip_header, flip_version, make_folder]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", [new_segment, lambda directory: live_directory(directory) / MANIFEST])
def test_the_state_before_answers_for_a_damaged_one(
    two: Path, damage: Callable[[Path], None], which: Callable[[Path], Path]
) -> None:
    path = which(two)
    damage(path)
    assert contents(two) == OLD
    found = open_generation(two).damage
    assert found is not None and str(path) in str(found) and "naidi index --rebuild" in str(found)
    with open_index(two) as searcher:
        results = searcher.search("кот")
        assert results.total == 1
        assert any(str(path) in warning for warning in results.warnings)
    with pytest.raises(IndexDamaged):
        verify(two)
    with pytest.raises(IndexDamaged, match="rebuild"):
        Writer(two)


def test_the_live_directory_is_gone(two: Path) -> None:
    shutil.rmtree(live_directory(two))
    assert contents(two) == OLD


CURRENTS = """
(empty)
gen-00000002
gen-00000002 00
gen-2 0000000000000000000000000000000000000000000000000000000000000000
../gen-00000002 0000000000000000000000000000000000000000000000000000000000000000
\xff\xfe
"""


@pytest.mark.parametrize("line", CURRENTS.split("\n")[1:-1])
def test_a_current_that_names_nothing(two: Path, line: str) -> None:
    (two / CURRENT).write_bytes(line.replace("(empty)", "").encode("latin-1"))
    assert contents(two) == NEW  # the newest that is whole
    with pytest.raises(IndexDamaged, match="does not name a generation"):
        verify(two)


def test_current_is_missing_though_generations_exist(two: Path) -> None:
    (two / CURRENT).unlink()
    assert contents(two) == NEW
    with pytest.raises(IndexDamaged, match="missing"):
        verify(two)


@pytest.mark.parametrize("name", ["gen-00000001", "gen-00000003", "gen-00000000"])
def test_current_names_another_generation(two: Path, name: str) -> None:
    digest = read_current(two)[1]
    (two / CURRENT).write_text(f"{name} {digest}\n")
    assert contents(two) in (OLD, NEW)
    with pytest.raises(IndexDamaged):
        verify(two)


def test_everything_is_damaged(two: Path) -> None:
    for path in two.glob("gen-*/manifest.json"):
        path.unlink()
    with pytest.raises(IndexDamaged, match=r"gen-00000002/manifest\.json.*naidi index --rebuild"):
        open_generation(two)


def test_a_deletions_file_that_is_cut(two: Path) -> None:
    build(two, [Document(id=str(number), text="x") for number in range(2, 12)])
    with Writer(two) as writer:
        assert writer.delete("5")
    path = next(live_directory(two).glob("*.del"))
    cut(path)
    assert len(contents(two)) == 12
    with pytest.raises(IndexDamaged, match=r"\.del"):
        verify(two)


@pytest.mark.parametrize("content", [None, b"", b"_MAIN_"])
def test_what_only_whoosh_reads_keeps_no_search_from_its_answer(two: Path, content: bytes | None) -> None:
    """Neither a missing nor an altered table of contents; `verify` tells, and the next commit writes one anew."""
    path = next(live_directory(two).glob("*.toc"))
    if content is None:
        path.unlink()
    else:
        replace_file(path, content)
    assert open_generation(two).damage is None
    assert contents(two) == NEW
    with open_index(two) as searcher:
        results = searcher.search("cat", translate=False)
    assert [hit.id for hit in results.hits] == ["1"] and not results.warnings
    with pytest.raises(IndexDamaged, match=r"_MAIN_2\.toc"):
        verify(two)
    build(two, [Document(id="2", text="dog")])
    assert contents(two) == {**NEW, "2": "dog"}
    verify(two)


MANIFESTS = """
x
null
[]
{}
{"naidi": "other", "format_version": 4}
{"naidi": "index", "format_version": "1"}
{"naidi": "index", "format_version": 4}
{"naidi": "index", "format_version": 4, "generation": 1e999, "fingerprint": "", "created": "", "doc_count": 0, "segments": [], "files": {}, "roots": {}}
{"naidi": "index", "format_version": 4, "generation": 1, "fingerprint": "", "created": "", "doc_count": 0, "segments": [{"x": 1}], "files": {}, "roots": {}}
{"naidi": "index", "format_version": 4, "generation": 1, "fingerprint": "", "created": "", "doc_count": 0, "segments": [], "files": [], "roots": {}}
{"naidi": "index", "format_version": 4, "generation": 1, "fingerprint": "", "created": "", "doc_count": 0, "segments": [{"file": "a.seg", "doc_count": "1", "token_count": 0, "text_bytes": 0}], "files": {}, "roots": {}}
{"naidi": "index", "format_version": 4, "generation": 1, "fingerprint": "", "created": "", "doc_count": 0, "segments": [{"file": "a.seg", "doc_count": 1, "token_count": -1, "text_bytes": 0}], "files": {}, "roots": {}}
"""  # noqa: E501


@pytest.mark.parametrize("text", [*MANIFESTS.split("\n")[1:-1], "[" * 100_000])
def test_what_is_not_a_manifest(text: str, tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"m\.json: not a manifest"):
        Manifest.from_json(text.encode(), tmp_path / "m.json")


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    manifest = Manifest(
        7,
        "print",
        "now",
        3,
        (SegmentEntry("a.seg", 4, 10, 20, "a.7.del", 1),),
        {"a.seg": FileEntry(1, "00"), "a.7.del": FileEntry(1, "00")},
        {"/папка/\udcff": {"prefix": "п", "synced_ns": 5}},
    )
    assert Manifest.from_json(manifest.to_json(), tmp_path) == manifest


def test_the_format_of_a_later_naidi_says_so(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naidi.indexer.state.manifest.FORMAT_VERSION", 3)
    for act in (open_generation, open_stored, Writer, open_index, reanalyse):
        with pytest.raises(
            IndexOutdated, match=r"manifest\.json: index format 7, this naidi reads formats up to 3; use a"
        ):
            act(two)


def test_an_index_of_a_later_naidi_is_not_built_anew_unasked(
    two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr("naidi.indexer.state.manifest.FORMAT_VERSION", 3)
    with pytest.raises(IndexOutdated, match="use a newer naidi"):
        sync(folder, two)
    monkeypatch.undo()
    assert contents(two) == NEW
    Writer(two).close()  # the lock is free


NAMES_ELSEWHERE = [
    "../../evil/x.seg", "..", ".", "", "/etc/passwd", "a/b.seg", "a\\b.seg", "x\0.seg", 5, None,
    "C:x.seg", "x\ud800.seg", "x\udcff.seg", "x\x1b[2J.seg", "x\u202e.seg", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES_ELSEWHERE)
@pytest.mark.parametrize("place", ["file", "deletions", "files"])
def test_a_manifest_names_only_files_beside_it(two: Path, name: object, place: str) -> None:
    """Whoever writes a manifest must not have naidi open what lies elsewhere."""
    path = live_directory(two) / MANIFEST
    value = json.loads(path.read_text())
    if place == "files":
        if not isinstance(name, str):
            return  # keys of JSON are strings
        value["files"][name] = {"size": 1, "digest": ""}
    elif place == "file" or name is not None:  # no deletions: none are deleted
        value["segments"][0][place] = name
    else:
        return
    data = json.dumps(value).encode()
    replace_file(path, data)
    (two / CURRENT).write_text(f"{path.parent.name} {hashlib.blake2b(data, digest_size=32).hexdigest()}\n")
    assert contents(two) == OLD
    with pytest.raises(
        IndexDamaged, match=r"manifest\.json: not a manifest .*not the name of a file of this generation"
    ):
        verify(two)
    with pytest.raises(IndexDamaged, match="not the name of a file"):
        Writer(two)


def test_what_lies_elsewhere_is_not_opened(two: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    shutil.copy(new_segment(two), evil / "x.seg")
    manifest = open_generation(two).manifest
    entry = SegmentEntry("../../evil/x.seg", 1, 1, 3)
    data = Manifest(2, manifest.fingerprint, "now", 1, (entry,), {}, {}).to_json()
    replace_file(live_directory(two) / MANIFEST, data)
    (two / CURRENT).write_text(f"gen-00000002 {hashlib.blake2b(data, digest_size=32).hexdigest()}\n")
    assert open_generation(two).damage is not None
    shutil.rmtree(two / "gen-00000001")
    assert "not the name of a file" in str(open_stored(two).damage)
    for act in (open_generation, open_index, Writer, reanalyse):
        with pytest.raises(IndexDamaged, match=r"evil/x\.seg' is not the name of a file"):
            act(two)


# No index


def test_no_index(index: Path) -> None:
    with pytest.raises(IndexMissing, match="no index here; build one with `naidi index FOLDER`"):
        open_generation(index)
    assert not index.exists()
    index.mkdir()
    with pytest.raises(IndexMissing, match="no index here"):
        open_generation(index)


def test_a_writer_that_commits_nothing_leaves_no_index(index: Path) -> None:
    Writer(index).close()
    with pytest.raises(IndexMissing, match="no index here"):
        open_generation(index)


def test_a_file_where_the_directory_should_be(index: Path) -> None:
    index.write_text("x")
    with pytest.raises(IndexMissing, match="is a file"):
        open_generation(index)
    for act in (prepare_directory, Writer):
        with pytest.raises(IndexUnwritable, match="is a file"):
            act(index)
    with pytest.raises(IndexUnwritable):
        prepare_directory(index / "below")
    assert index.read_text() == "x"


def test_other_files_in_the_directory_are_left_alone(two: Path) -> None:
    for name in ("notes.txt", "gen-x", "generation"):
        (two / name).write_text("mine")
    (two / "gen-backup").mkdir()
    (two / "gen-00000009.tmp").mkdir()
    build(two, documents("новый"))
    assert {"notes.txt", "gen-x", "generation", "gen-backup", "gen-00000009.tmp"} <= {
        path.name for path in two.iterdir()
    }


@pytest.mark.parametrize("left", [[], ["00000009-0.seg"], ["_MAIN_9.toc", "sources.json"]])
def test_what_is_left_of_a_removal_is_removed(two: Path, left: list[str]) -> None:
    """A power failure or a system that lets a folder not go may leave it empty, or without its manifest."""
    folder = two / ("gen-00000009" if left else "gen-00000009.removed")
    folder.mkdir()
    for name in left:
        (folder / name).write_text("x")
    build(two, documents("новый"))
    assert sorted(path.name for path in two.glob("gen-*")) == ["gen-00000002", f"gen-{10 if left else 3:08}"]


def test_a_removal_that_the_system_stops_is_done_later(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", refuse)
        build(two, documents("новый"))
        assert (two / "gen-00000001.removed").is_dir()
    build(two, documents("ещё"))
    assert sorted(path.name for path in two.glob("gen-*")) == ["gen-00000003", "gen-00000004"]


def test_a_folder_with_an_enormous_number_is_none_of_ours(two: Path) -> None:
    (two / f"gen-{'9' * 200}").mkdir()
    build(two, documents("новый"))
    assert open_generation(two).manifest.generation == 3
    assert (two / f"gen-{'9' * 200}").is_dir()


def test_no_number_is_left(two: Path) -> None:
    folder = two / "gen-999999999"
    folder.mkdir()
    (folder / "mine").write_text("")
    with pytest.raises(IndexUnwritable, match="gen-999999999: no number is left"):
        build(two, documents("новый"))
    assert contents(two) == NEW


ODD_ROOTS = [
    5, [], {"/x": 5}, {"/x": {}}, {"/x": {"prefix": "x"}}, {"/x": {"synced_ns": 1}}, {"/x": {"prefix": 5, "synced_ns": 1}},
    {"/x": {"prefix": "x", "synced_ns": "1"}}, {"/x": {"prefix": "x", "synced_ns": True}},
    {"/x": {"prefix": "x", "synced_ns": 1.5}}, {"/x\0": {"prefix": "x", "synced_ns": 1}},
    {"/x\ud800": {"prefix": "x", "synced_ns": 1}}, {"/x": {"prefix": "x\ud800", "synced_ns": 1}},
]  # fmt: skip


@pytest.mark.parametrize("roots", ODD_ROOTS, ids=str)
def test_synced_folders_that_make_no_sense_are_damage(two: Path, tmp_path: Path, roots: object) -> None:
    shutil.rmtree(two / "gen-00000001")
    path = live_directory(two) / MANIFEST
    data = json.dumps({**json.loads(path.read_text()), "roots": roots}).encode()
    replace_file(path, data)
    (two / CURRENT).write_text(f"{path.parent.name} {hashlib.blake2b(data, digest_size=32).hexdigest()}\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    for act in (open_generation, Writer, lambda index: sync(folder, index)):
        with pytest.raises(IndexDamaged, match="not a manifest"):
            act(two)
    sync(folder, two, rebuild=True)
    verify(two)


# Damage of which only verify tells


def test_any_flipped_byte_is_found(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "папка"
    folder.mkdir()
    (folder / "a.txt").write_text("Казахстан и ВОЗ")
    with Writer(index) as writer:
        writer.add_many(documents("кот", "cat", "dog", "пёс"))
    sync(folder, index)
    with Writer(index) as writer:
        writer.delete("2")
    verify(index)
    files = [index / CURRENT, *sorted(live_directory(index).iterdir())]
    assert {path.suffix for path in files} >= {"", ".json", ".seg", ".del"}
    choice = random.Random(1)
    places = [(path, choice.randrange(path.stat().st_size)) for path in files for _ in range(60)]
    for path, place in places:
        data = path.read_bytes()
        flipped = data[:place] + bytes([data[place] ^ (1 << choice.randrange(8))]) + data[place + 1 :]
        path.write_bytes(flipped)
        with pytest.raises(IndexDamaged):
            verify(index)
        path.write_bytes(data)
    verify(index)


def test_an_open_generation_notices_what_happens_to_its_files(two: Path) -> None:
    generation = open_generation(two)
    assert generation.verify() == len(list(generation.directory.iterdir())) >= 3
    path = live_directory(two) / MANIFEST
    replace_file(path, path.read_bytes().replace(b'"doc_count": 2', b'"doc_count": 3'))
    with pytest.raises(IndexDamaged, match="altered since"):
        generation.verify()


def test_damaged_contents_never_escape_as_other_errors(two: Path) -> None:
    """Flips that opening does not notice: a search finds something, or says that the index is damaged."""
    path = new_segment(two)
    data = path.read_bytes()
    choice = random.Random(2)
    for _ in range(150):
        place = choice.randrange(len(data))
        replace_file(path, data[:place] + bytes([data[place] ^ (1 << choice.randrange(8))]) + data[place + 1 :])
        try:
            with open_index(two) as searcher:
                for query in ("cat", "кот", '"cat cat"', "c*", "lang:en", "cat~"):
                    searcher.search(query)
        except IndexProblem as error:
            assert "rebuild" in str(error)


# Readers while the writer works


def test_a_reader_keeps_what_it_opened(two: Path) -> None:
    with open_index(two) as searcher:
        for number in range(5):
            build(two, [Document(id=str(number), text="совсем другой")])
        assert not (two / "gen-00000002").exists()
        results = searcher.search("cat", translate=False)
        assert [(hit.id, hit.snippets[0].text) for hit in results.hits] == [("1", "cat")]
        assert searcher.refresh()
        assert searcher.search("cat").total == 0


@pytest.mark.parametrize("moment", ["removed", "half removed"])
def test_a_generation_that_goes_between_two_looks(two: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    stale = read_current(two)
    answers = [stale]
    real = read_current

    def late(directory: Path) -> tuple[str, str]:
        if answers:
            answer = answers.pop()
            for number in range(3):
                build(two, [Document(id=str(number), text="новый")])
            if moment == "half removed":
                (two / stale[0]).mkdir()
            return answer
        return real(directory)

    monkeypatch.setattr(generations, "read_current", late)
    generation = open_generation(two)
    assert generation.damage is None
    assert generation.manifest.generation == 5


def test_an_uncommitted_generation_is_not_answered_from(two: Path) -> None:
    """A writer that died between naming its generation and switching CURRENT."""
    shutil.copytree(two / "gen-00000001", two / "gen-00000003")
    assert contents(two) == NEW
    build(two, [Document(id="2", text="dog")])
    assert contents(two) == {**NEW, "2": "dog"}
    assert not (two / "gen-00000003").exists()


def test_deletions_of_a_generation(two: Path) -> None:
    with Writer(two) as writer:
        writer.delete("1")
    generation = Generation(two, live_directory(two).name, None)
    assert generation.manifest.doc_count == 1
    assert sum(int(deleted.sum()) for deleted in generation.deleted) == sum(
        entry.deleted_count for entry in generation.manifest.segments
    )
    assert json.loads((generation.directory / MANIFEST).read_text())["doc_count"] == 1
