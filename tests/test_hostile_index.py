"""An index made to harm: pipes, devices, enormous files, numbers that lie. Each ends in IndexDamaged, soon and in little memory."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import resource
import shutil
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from commands import called
from indexes import build, contents, documents, live_directory, replace_file, verify
from naidi import Document, IndexDamaged, IndexProblem, IndexUnwritable, NaidiError, Writer, open_index, sync
from naidi.indexer.codec.container import Container
from naidi.indexer.state.generations import Generation, open_generation
from naidi.indexer.state.layout import CURRENT, generations
from naidi.indexer.state.manifest import LONGEST_MANIFEST, MANIFEST, MAX_ROOTS, FileEntry, Manifest, SegmentEntry
from naidi.indexer.state.stored import open_stored
from naidi.indexer.status import folders_of, index_status
from naidi.indexer.writing.reanalyse import refuse_loss
from trust.check import copy_tree
from trust.lies import Lie, entry_lies, manifest_lies, note_lie, overlaps, segment_of, stored_lies, with_segment
from trust.small_index import make_index


def stored(index: Path) -> None:
    """What an upgrade reads."""
    refuse_loss(open_stored(index))


ACTS: list[Callable[[Path], object]] = [open_generation, stored, open_index, index_status, Writer, verify]
MOST_BYTES = 100_000_000


@pytest.fixture
def one(index: Path) -> Path:
    """An index of one generation, so that no state before can answer, with deletions and the notes of a folder."""
    build(index, documents("кот", "пёс", "дом", "лес", "сад"))
    with Writer(index) as writer:
        writer.delete("1")
        writer.write_sources(b"{}")
    for path in (index / "gen-00000001").iterdir():
        path.unlink()
    (index / "gen-00000001").rmdir()
    return index


def ends_in_damage(index: Path, *acts: Callable[[Path], object]) -> None:
    for act in acts or ACTS:
        tracemalloc.start()
        started = time.process_time()
        with pytest.raises(IndexDamaged):
            act(index)
        assert time.process_time() - started < 1
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
        tracemalloc.stop()


def rewrite(index: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest, with the right digest."""
    path = live_directory(index) / MANIFEST
    value = json.loads(path.read_text())
    change(value)
    sign(index, json.dumps(value).encode())


def sign(index: Path, data: bytes) -> None:
    path = live_directory(index) / MANIFEST
    replace_file(path, data)
    (index / CURRENT).write_text(f"{path.parent.name} {hashlib.blake2b(data, digest_size=32).hexdigest()}\n")


def test_a_time_of_a_sync_in_no_calendar(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("text")
    sync(tmp_path / "docs", tmp_path / "index")
    for forged in (10**30, -(10**30)):
        rewrite(tmp_path / "index", lambda value: next(iter(value["roots"].values())).update(synced_ns=forged))  # noqa: B023
        assert folders_of(tmp_path / "index")[0]["synced"] is None


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def zeros(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    path.unlink()
    with open(path, "wb") as file:
        file.truncate(5_000_000_000)


def socket(path: Path) -> None:
    import socket as library

    path.unlink()
    before = os.getcwd()
    os.chdir(path.parent)  # the name of a socket may not be long
    try:
        with library.socket(library.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(before)


@pytest.mark.parametrize("harm", [pipe, zeros, sparse, socket])
@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", "*.seg", "*.del", "sources.json"])
def test_what_is_no_plain_file_of_its_size(one: Path, name: str, harm: Callable[[Path], None]) -> None:
    (path,) = [one / CURRENT] if name == "CURRENT" else live_directory(one).glob(name)
    harm(path)
    if name == "CURRENT":
        assert contents(one)  # from the newest generation
        ends_in_damage(one, Writer, verify)
    elif name == "sources.json":
        stored(one)  # no document is damaged; files are read again
        ends_in_damage(one, *(act for act in ACTS if act is not stored))
    else:
        ends_in_damage(one)
    run = called("verify", index=one)
    assert run.returncode == 2 and run.stderr.count("\n") == 1


@pytest.mark.parametrize("harm", [pipe, zeros, sparse, socket])
def test_a_table_of_contents_that_is_no_plain_file(one: Path, harm: Callable[[Path], None]) -> None:
    harm(next(live_directory(one).glob("*.toc")))
    assert contents(one)
    ends_in_damage(one, verify)


NUMBERS = [-1, 0, 3, 10**6, 10**9, 2**31, 2**32, 2**63, 2**64, 10**13, 10**400, 1.5, 1e300, True, "5", None, [], {}]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: str(number)[:20])
@pytest.mark.parametrize("name", ["doc_count", "deleted_count", "generation", "segment doc_count", "size"])
def test_numbers_of_the_manifest_that_lie(one: Path, name: str, number: object) -> None:
    def lie(value: dict[str, Any]) -> None:
        if name == "size":
            for entry in value["files"].values():
                entry["size"] = number
        elif name in ("doc_count", "generation"):
            value[name] = number
        else:
            value["segments"][0][name.removeprefix("segment ")] = number

    rewrite(one, lie)
    for act in ACTS:
        started = time.process_time()
        try:
            found = act(one)
            if isinstance(found, Writer):
                found.close()
        except IndexProblem:
            pass
        else:
            pytest.fail("was taken for a number")
        assert time.process_time() - started < 1


def header_of(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    value: dict[str, Any] = json.loads(data[16 : 16 + length])
    return value


def forge(index: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the segment, with right checksums in it and in the manifest."""
    (path,) = live_directory(index).glob("*.seg")
    value = header_of(path)
    change(value)
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    header = json.dumps(value).encode()
    assert len(header) <= length
    data = data[:16] + header.ljust(length) + data[16 + length : -40]
    data += hashlib.blake2b(data, digest_size=32).digest() + b"gs\0idian"
    replace_file(path, data)
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    rewrite(index, lambda manifest: manifest["files"].update({path.name: {"size": len(data), "digest": digest}}))


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: str(number)[:20])
@pytest.mark.parametrize("name", ["doc_count", "token_count", "text_bytes"])
def test_numbers_of_a_segment_that_lie(one: Path, name: str, number: object) -> None:
    forge(one, lambda header: header["meta"].update({name: number}))
    for act in (open_generation, open_index, index_status):
        started = time.process_time()
        try:
            act(one)
        except IndexDamaged:
            continue
        assert name == "text_bytes" or number == "5"
        assert time.process_time() - started < 1


HEADERS: list[Callable[[dict[str, Any]], object]] = [
    lambda header: header.update(meta=None),
    lambda header: header.update(meta=[]),
    lambda header: header.update(sections=None),
    lambda header: header.update(sections=[]),
    lambda header: header["sections"].clear(),
    lambda header: header["sections"].update({"positions": None}),
    lambda header: header["sections"].update({"positions": [64, 5]}),
    lambda header: header["sections"].update({"positions": [64, 5, []]}),
    lambda header: header["sections"].update({"positions": [-64, 5, "<u2"]}),
    lambda header: header["sections"].update({"positions": [8192, -5, "<u2"]}),
    lambda header: header["sections"].update({"positions": [8192, 10**300, "<u2"]}),
    lambda header: header["sections"].update({"positions": [8192, 5, "O"]}),
    lambda header: header["meta"].update(languages=5),
    lambda header: header["meta"].pop("doc_count"),
]


@pytest.mark.parametrize("change", HEADERS)
def test_headers_that_lie(one: Path, change: Callable[[dict[str, Any]], object]) -> None:
    forge(one, change)
    ends_in_damage(one, open_generation, open_index, index_status, Writer)


def test_a_header_of_gigabytes(one: Path) -> None:
    (path,) = live_directory(one).glob("*.seg")
    with open(path, "r+b") as file:
        file.seek(12)
        file.write(struct.pack("<I", 3_000_000_000))
        file.truncate(3_500_000_000)
        file.seek(-8, os.SEEK_END)
        file.write(b"gs\0idian")
    with pytest.raises(IndexDamaged, match="bytes of header"):
        Container(path)


def test_a_manifest_of_many_segments(one: Path) -> None:
    rewrite(one, lambda value: value.update(segments=value["segments"] * 1000, doc_count=4000))
    ends_in_damage(one)


def test_one_file_of_deletions_for_two_segments(tmp_path: Path) -> None:
    parts = tuple(SegmentEntry(file, 2, 2, 2, "a.1.del", 1) for file in ("a.seg", "b.seg"))
    files = dict.fromkeys(["a.seg", "b.seg", "a.1.del"], FileEntry(1, ""))
    with pytest.raises(IndexDamaged, match="stands there twice"):
        Manifest.from_json(Manifest(1, "", "", 2, parts, files, {}).to_json(), tmp_path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
def test_current_is_a_device_without_end(one: Path) -> None:
    (one / CURRENT).unlink()
    (one / CURRENT).symlink_to("/dev/zero")
    ends_in_damage(one, Writer, verify)


def test_a_segment_that_the_list_of_files_leaves_out(one: Path) -> None:
    for name in ("*.seg", "*.del"):
        (path,) = live_directory(one).glob(name)
        rewrite(one, lambda value: value["files"].pop(path.name))  # noqa: B023
        ends_in_damage(one)


def test_as_many_folders_as_each_command_has_time_for(one: Path) -> None:
    def follow(count: int) -> None:
        rewrite(one, lambda value: value.update(roots={f"/{n}": {"prefix": "x", "synced_ns": 1} for n in range(count)}))

    follow(MAX_ROOTS + 1)
    with pytest.raises(IndexDamaged, match="more than 5,000 folders"):
        open_index(one)
    follow(MAX_ROOTS)
    assert len(folders_of(one)) == MAX_ROOTS
    with pytest.raises(NaidiError, match="no such folder"):
        sync(None, one)
    with Writer(one) as writer:
        writer.add(Document("more", "text"))
    open_index(one).close()


def test_a_commit_is_refused_that_would_follow_too_many(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naidi.indexer.state.commit.MAX_ROOTS", 2)
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("text")
    sync([tmp_path / "a", tmp_path / "b"], index)
    with pytest.raises(IndexUnwritable, match="at most 2 folders, not 3; name one above them"):
        sync(tmp_path / "c", index)
    assert open_index(index).doc_count == 2


@pytest.mark.parametrize(
    "text", [b"[" * 4_000_000, b"[" + b"[]," * (LONGEST_MANIFEST // 3 - 1) + b"[]]", b" " * (LONGEST_MANIFEST + 1)]
)
def test_a_manifest_of_megabytes(one: Path, text: bytes) -> None:
    sign(one, text)
    gc.freeze()  # what other tests have left is no part of the time
    try:
        started = time.process_time()
        with pytest.raises(IndexDamaged):
            open_generation(one)
        assert time.process_time() - started < 1
    finally:
        gc.unfreeze()


def test_current_of_a_gigabyte(one: Path) -> None:
    with open(one / CURRENT, "r+b") as file:
        file.truncate(1_000_000_000)
    assert contents(one)
    ends_in_damage(one, Writer, verify)


@pytest.mark.slow
def test_all_of_it_with_little_memory(one: Path) -> None:
    """The opening, in a child that may not have 500 MB more than it has."""
    sparse(next(live_directory(one).glob("*.del")))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + 500_000_000
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            open_generation(one)
        except IndexDamaged:
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("name", ["CURRENT", "manifest.json", "header"])
def test_every_flip_ends_in_an_answer_or_in_an_error_of_the_index(one: Path, name: str) -> None:
    """Even with the right digest in CURRENT."""
    (segment,) = live_directory(one).glob("*.seg")
    path = {"CURRENT": one / CURRENT, "header": segment}.get(name, live_directory(one) / MANIFEST)
    data = path.read_bytes()
    places = range(0, 600 if name == "header" else len(data), 1 if name == "CURRENT" else 3)
    for place in places:
        flipped = data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :]
        if name == "manifest.json":
            sign(one, flipped)
        else:
            replace_file(path, flipped)
        for act in (open_generation, stored, open_index):
            try:
                act(one)
            except IndexProblem:
                continue


# Lies of `trust/lies.py` with right checksums, told to readers of a part, such as `status`, and to a Writer that deletes


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of an index and of the folder that it follows. No state before can answer."""
    space = tmp_path_factory.mktemp("lies") / "space"
    space.mkdir()
    index = make_index(space)
    for name in generations(index)[:-1]:
        shutil.rmtree(index / name)
    copy_tree(space, space.with_name("template"))
    return space.with_name("template")


@pytest.fixture
def lied(template: Path) -> Callable[[Callable[[Path], None]], Path]:
    """Gives the index with a lie."""

    def lied(lie: Callable[[Path], None]) -> Path:
        space = template.with_name("space")
        copy_tree(template, space)
        lie(space / "index")
        return space / "index"

    return lied


Lied = Callable[[Callable[[Path], None]], Path]


def delete(index: Path) -> None:
    with Writer(index) as writer:
        writer.delete("d1")


@pytest.mark.parametrize("how", ["upon the first", "upon the end of the one before", "8 bytes further"])
def test_sections_that_lie_upon_others(template: Path, lied: Lied, how: str) -> None:
    segment = Container(segment_of(template / "index"))
    names = [name for name in segment.table if segment.count(name)]
    if how != "8 bytes further":
        names.remove("forms.bytes")  # the first one
    lies = [lie for name, lie in overlaps(names) if name.endswith(how)]
    assert len(lies) == len(names) > 50
    for number, lie in enumerate(lies):
        ends_in_damage(lied(lie), index_status, *[delete] * (number % 8 == 0))


def test_two_sections_of_one_place(template: Path, lied: Lied) -> None:
    ((_, lie),) = [lie for lie in overlaps([]) if lie[0] == "section more: the place of positions"]
    ends_in_damage(lied(lie), index_status, delete, open_index)


LANGUAGES = [
    *([["en"], ["ru"]], ["en", None], [True, False], {"en": 0, "ru": 1}, "en ru", None, 5, [{}, {}], ["en"] * 300),
    *([], ["en"]),  # fewer than documents have
]


@pytest.mark.parametrize("languages", LANGUAGES, ids=lambda languages: str(languages)[:20])
def test_languages_that_are_none(lied: Lied, languages: object) -> None:
    def alter(sections: dict[str, Any], meta: dict[str, Any]) -> None:
        meta["languages"] = languages

    index = lied(lambda index: with_segment(index, alter))
    ends_in_damage(index, index_status)
    if languages not in ([], ["en"]):
        ends_in_damage(index, delete)
    else:
        delete(index)  # which looks at no language


def lies_called(name: str, lies: Iterable[Lie]) -> list[Callable[[Path], None]]:
    """Those of which the name has this part."""
    return [lie for called, lie in lies if name in called]


@pytest.mark.parametrize("count", [1, 2, 38])
def test_deletions_without_a_file_of_them(lied: Lied, count: int) -> None:
    (lie,) = lies_called(f"deletions: null with {count} deleted", manifest_lies())
    ends_in_damage(lied(lie), index_status, delete, stored)


def test_counts_of_deletions_that_their_file_does_not_have(lied: Lied) -> None:
    lies = lies_called("of another file", manifest_lies())
    assert len(lies) == 4
    for lie in lies:
        ends_in_damage(lied(lie), index_status, delete, stored)


@pytest.mark.parametrize("name", ["null with 1 deleted", "deleted_count: 1 of another file"])
def test_deletions_that_are_not_known_are_not_forgotten_by_a_rebuild(lied: Lied, name: str) -> None:
    """Else it would bring back what was deleted, and say that nothing was wrong."""
    (lie,) = lies_called(name, manifest_lies())
    index = lied(lie)
    report = sync(index.parent / "folder", index, rebuild=True)
    assert report.rebuilt is not None and "not known which documents are deleted" in report.rebuilt
    assert len(report.lost) == 38 and contents(index).keys() == {"folder/note.txt"}


def test_a_manifest_of_lists_in_lists(lied: Lied) -> None:
    """As deep as json reads them, deeper, and so deep that a stack would not suffice."""
    # A text that is compared or printed may be anything. A writer takes an index with another fingerprint for an older one.
    lies = [lie for lie in manifest_lies() if "lists in lists" in lie[0]]
    taken = [lie for name, lie in lies if "fingerprint" in name or "created" in name]
    assert len(lies) == 40 and len(taken) == 8
    for _, lie in lies[::2]:
        if lie not in taken:
            ends_in_damage(lied(lie), index_status, delete)
        else:
            with suppress(IndexProblem):
                index_status(lied(lie))
                delete(lied(lie))


def test_a_table_of_files_of_lists_in_lists(lied: Lied) -> None:
    """It is a memory aid: without it, files are read again."""
    lies = lies_called("bytes of", (lie for lie in entry_lies() if lie[0].startswith("sources.json")))
    assert len(lies) > 10
    for lie in lies:
        index = lied(lie)
        started = time.process_time()
        assert index_status(index)["documents"] == 37
        delete(index)
        assert sync(index.parent / "folder", index).updated == 1
        assert time.process_time() - started < 1


NOTES = [
    *(b"5", b"[]", b"[SIZE, TIME, 5]", b'[SIZE, TIME, "", 5]', b'[SIZE, TIME, "", ["x"]]', b'[SIZE, TIME, "", {}]'),
    *(b"[1e400, 1, 1]", b'[SIZE, TIME, "", ' + b"[" * 900 + b"]" * 900 + b"]"),
]


@pytest.mark.parametrize("value", NOTES, ids=lambda value: str(value[:30]))
def test_notes_of_a_file_that_are_none(lied: Lied, value: bytes) -> None:
    index = lied(note_lie(value))
    run = called("index", index.parent / "folder", index=index)
    assert (run.returncode, run.stderr) == (0, "") and "updated 1" in run.stdout  # it was read again


def test_a_note_of_a_file_that_a_terminal_would_obey(lied: Lied) -> None:
    index = lied(note_lie(b'[SIZE, TIME, "", "\\u001b[2J"]'))
    run = called("index", index.parent / "folder", index=index)
    assert run.returncode == 0 and "skipped 1" in run.stdout and "\x1b" not in run.stdout + run.stderr


def test_records_of_types_that_no_document_has(lied: Lied) -> None:
    for name, lie in stored_lies():
        index = lied(lie)
        right = '"path": "' in name  # whatever is in a string
        segment, _ = open_generation(index).segments
        if right:
            assert isinstance(segment.record(0)["path"], str)
        else:
            with pytest.raises(IndexDamaged, match="record of document 0"):
                segment.record(0)
        run = called("search", "everywhere", index=index)
        assert run.returncode == (0 if right else 2) and "a bug" not in run.stderr, name
        assert len(sync(index.parent / "folder", index, rebuild=True).lost) == (0 if right else 36), name


# `verify` beside a writer


def test_a_generation_is_verified_though_its_files_are_removed(index: Path) -> None:
    build(index, documents("кот", "пёс", "дом", "лес", "сад"))
    with Writer(index) as writer:
        writer.delete("1")
    generation = open_generation(index)
    for number in range(3):
        build(index, [Document(id=f"new{number}", text="dog")])
    assert not generation.directory.exists()
    assert generation.verify() == len(generation.manifest.files) + 1


def test_damage_is_told_though_another_generation_is_live(index: Path) -> None:
    build(index, documents("кот", "пёс", "дом", "лес", "сад"))
    path = next(live_directory(index).glob("*.seg"))
    with open(path, "r+b") as file:
        file.seek(9000)
        file.write(b"\xff\x00\xff")
    generation = open_generation(index)
    for number in range(3):
        build(index, [Document(id=f"new{number}", text="dog")])
    with pytest.raises(IndexDamaged, match="content differs"):
        generation.verify()


def test_an_index_that_was_built_again_under_the_same_name(index: Path) -> None:
    build(index, documents("кот"))
    generation = open_generation(index)
    os.rename(index, index.with_name("away"))
    build(index, documents("cat"))
    assert generation.name == open_generation(index).name
    assert generation.verify() == len(generation.manifest.files) + 1


def test_verify_while_a_writer_commits(index: Path) -> None:
    build(index, documents("кот", "пёс", "дом"))
    stop = threading.Event()
    failures: list[BaseException] = []
    done = 0

    def check() -> None:
        nonlocal done
        try:
            while not stop.is_set():
                generation = open_generation(index)
                assert generation.damage is None
                generation.verify()
                done += 1
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=check)
    thread.start()
    with Writer(index) as writer:
        for number in range(40):
            writer.add(Document(id=str(number), text=f"dog {number}"))
            writer.commit()
    stop.set()
    thread.join()
    assert failures == [] and done > 3


def test_verify_needs_the_files_of_the_live_generation(index: Path) -> None:
    build(index, documents("кот"))
    generation = Generation(index, "gen-00000001", None)
    next(live_directory(index).glob("*.toc")).unlink()
    for one in (generation, open_generation(index)):
        with pytest.raises(IndexDamaged, match="No such file"):
            one.verify()


def test_a_frame_that_unpacks_to_gigabytes(one: Path) -> None:
    """It stands in the place of a small text. Its checksums are right."""
    import zstandard

    (path,) = live_directory(one).glob("*.seg")
    container = Container(path)
    offset, count, _ = container._table["texts.blocks"]
    compressor = zstandard.ZstdCompressor(level=1).compressobj(size=4_000_000_000)
    piece = compressor.compress(bytes(1_000_000))
    frame = (piece + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))[:count]
    data = bytearray(path.read_bytes()[:-40])
    data[offset : offset + len(frame)] = frame
    signed = bytes(data) + hashlib.blake2b(data, digest_size=32).digest() + b"gs\0idian"
    replace_file(path, signed)
    digest = hashlib.blake2b(signed, digest_size=32).hexdigest()
    rewrite(one, lambda manifest: manifest["files"].update({path.name: {"size": len(signed), "digest": digest}}))
    segment = open_generation(one).segments[0]
    tracemalloc.start()
    with pytest.raises(IndexDamaged, match=r"a block claims 4000000000 bytes"):
        segment.text(0)
    assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    tracemalloc.stop()
