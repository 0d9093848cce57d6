"""Does a mirror follow the changes of the words, and is it found again, whatever has become of its files?"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.opensearch.words import Word
from naidi.search.opensearch.mirror import Mirror
from naidi.search.opensearch.mirror_folder import MirrorFolder, cache_home

ADDRESS = "https://search.example.org:9200/books"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MirrorFolder:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return MirrorFolder.of(ADDRESS, "words-1")


def row(form: str, docs: int) -> Word:
    return Word(form, (form, f"{form[0]}-key"), form[:3], (True, False), docs)


def rows(count: int, first: int = 0, docs: int = 3) -> list[Word]:
    return [row(f"word{number:04}", docs) for number in range(first, first + count)]


def known(mirror: Mirror) -> dict[str, int]:
    """The documents of each form that a mirror knows."""
    found: dict[str, int] = {}
    for segment in mirror.state.segments:
        for one in segment.rows():
            found[one.form] = found.get(one.form, 0) + one.docs
            assert one == row(one.form, one.docs)
    return found


def test_a_mirror_is_found_again(folder: MirrorFolder) -> None:
    mirror = Mirror(folder)
    assert mirror.state.checkpoint == -1 and not mirror.state.segments
    assert mirror.take(rows(100), 41, 50)
    mirror.take_definitions({"WHO\tworld health": 3}, "state 1")
    assert mirror.take(rows(2, 99, 8), 44, 60)
    again = Mirror(folder)
    assert known(again) == known(mirror) == {**{one.form: 3 for one in rows(99)}, "word0099": 8, "word0100": 8}
    assert again.state.checkpoint == 44 and again.state.definitions_of == "state 1"
    assert list(again.state.segments[-1].acronyms) == ["WHO\tworld health"]
    assert len(again.state.segments) == 3


def test_what_stays_the_same_changes_no_segment(folder: MirrorFolder) -> None:
    mirror = Mirror(folder)
    mirror.take(rows(20), 5, 9)
    before = mirror.state.segments
    assert not mirror.take(rows(3), 8, 9)
    assert mirror.state.segments == before and mirror.state.checkpoint == 8
    assert not mirror.take([row("word0001", 2)], 9, 9)  # about as many
    assert mirror.take([row("word0001", 1)], 10, 9)
    assert known(mirror)["word0001"] == 1


def test_a_word_without_documents_stays_known(folder: MirrorFolder) -> None:
    mirror = Mirror(folder)
    mirror.take([*rows(30), row("early", 0)], 5, 9)  # its document comes behind it
    assert known(mirror)["early"] == 1
    mirror.take([row("new", 1)], 6, 9)
    mirror.take([row("word0007", 0), row("new", 4)], 7, 9)
    assert known(mirror) == {**{one.form: 3 for one in rows(30)}, "word0007": 1, "new": 4, "early": 1}
    mirror.take([row("word0007", 5)], 8, 9)
    assert known(mirror)["word0007"] == 5


def test_many_rows_that_change_nothing_are_not_read_again(folder: MirrorFolder) -> None:
    mirror = Mirror(folder)
    mirror.take(rows(1500), 5, 9)
    mirror.take(rows(1200), 2000, 9)
    assert Mirror(folder).state.checkpoint == 2000
    assert known(Mirror(folder)) == {one.form: 3 for one in rows(1500)}


CHANGES = st.lists(
    st.dictionaries(
        st.sampled_from([f"word{number:04}" for number in range(40)]), st.integers(0, 9), min_size=1, max_size=25
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40)
@given(CHANGES)
def test_a_mirror_knows_what_the_words_index_has(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[str, int]]
) -> None:
    folder = MirrorFolder(tmp_path_factory.mktemp("mirror") / "a" / "b" / "c")
    mirror, now = Mirror(folder), {}
    for checkpoint, change in enumerate(changes):
        mirror.take([row(form, docs) for form, docs in change.items()], checkpoint, 20)
        now.update(change)
        found = known(mirror)
        assert found.keys() == now.keys()
        assert all(max(now[form], 1) <= docs <= 2 * max(now[form], 1) for form, docs in found.items())
        assert len(mirror.state.segments) <= 4 and mirror.state.checkpoint == checkpoint
        assert known(Mirror(folder)) == found


def test_no_part_of_an_address_stands_in_a_name(folder: MirrorFolder) -> None:
    assert folder.path is not None
    Mirror(folder).take(rows(3), 1, 3)
    names = str(folder.path) + " ".join(os.listdir(folder.path))
    assert not any(part in names for part in ("example", "books", "9200", "words-1"))
    assert MirrorFolder.of(ADDRESS, "words-2").path != folder.path
    assert MirrorFolder.of("https://search.example.org:9200/letters", "words-1").path != folder.path


def test_a_relative_cache_home_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert cache_home() == tmp_path / ".cache" / "naidi"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as of Unix")
def test_only_the_user_may_look_into_it(folder: MirrorFolder) -> None:
    assert folder.path is not None
    Mirror(folder).take(rows(3), 1, 3)
    for made in (folder.path, folder.path.parent, folder.path.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as of Unix")
@pytest.mark.parametrize("kind", ["writable", "link"])
def test_a_folder_that_others_may_have_written_is_not_read(folder: MirrorFolder, tmp_path: Path, kind: str) -> None:
    assert folder.path is not None
    Mirror(folder).take(rows(3), 1, 3)
    if kind == "writable":
        folder.path.chmod(0o777)
    else:
        folder.path.rename(tmp_path / "elsewhere")
        folder.path.symlink_to(tmp_path / "elsewhere")
    files = {file.name: file.stat().st_mtime_ns for file in folder.path.iterdir()}
    mirror = Mirror(folder)
    assert not mirror.state.segments
    mirror.take(rows(5), 2, 3)  # and it is not written either
    assert len(known(mirror)) == 5
    assert {file.name: file.stat().st_mtime_ns for file in folder.path.iterdir()} == files


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _foreign(path: Path) -> None:
    path.write_bytes(b"something else" * 100)


def _later_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 9'))


def _odd_checkpoint(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"checkpoint": 11', b'"checkpoint":"1"'))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [_cut, _foreign, _later_version, _odd_checkpoint, Path.unlink, _folder])
def test_a_damaged_file_is_made_anew(folder: MirrorFolder, harm: object) -> None:
    assert folder.path is not None and callable(harm)
    Mirror(folder).take(rows(30), 11, 9)
    (file,) = folder.path.glob("*.words")
    before = file.read_bytes()
    harm(file)
    assert not file.is_file() or file.read_bytes() != before
    mirror = Mirror(folder)
    assert mirror.state.checkpoint == -1 and not mirror.state.segments
    mirror.take(rows(31), 12, 9)
    assert len(known(mirror)) == 31
    if not file.is_dir():
        assert known(Mirror(folder)) == known(mirror)


def test_damage_inside_a_file_is_found_when_asked(folder: MirrorFolder) -> None:
    assert folder.path is not None
    Mirror(folder).take(rows(30), 11, 9)
    Mirror(folder).take(rows(5, 200), 12, 9)
    mirror = Mirror(folder)
    assert not mirror.forget_if_damaged() and len(known(mirror)) == 35
    file = folder.path / "0.words"
    data = file.read_bytes()
    place = data.index(b"word0007")
    file.write_bytes(data[:place] + b"\xff" + data[place + 1 :])
    again = Mirror(folder)
    assert again.state.checkpoint == 12
    assert again.forget_if_damaged()
    assert again.state.checkpoint == -1 and not again.state.segments and not list(folder.path.glob("*.words"))


def test_processes_may_share_a_folder(folder: MirrorFolder) -> None:
    one, other = Mirror(folder), Mirror(folder)
    one.take(rows(60), 1, 9)
    other.take(rows(70), 2, 9)
    one.take(rows(3, 200), 3, 9)  # stands behind a file that is no longer there
    assert len(known(one)) == 63 and len(known(other)) == 70
    again = Mirror(folder)
    assert known(again) == known(other) and again.state.checkpoint == 2
    other.take(rows(2, 300), 4, 9)
    assert known(Mirror(folder)) == known(other)
    assert len(known(one)) == 63  # what is open stays as it is


def test_what_is_open_outlives_its_files(folder: MirrorFolder) -> None:
    mirror = Mirror(folder)
    mirror.take(rows(60), 1, 9)
    state = mirror.state
    mirror.forget()
    assert mirror.state.checkpoint == -1 and not Mirror(folder).state.segments
    assert len(list(state.segments[0].rows())) == 60


@pytest.mark.parametrize("path", [None, "below a file"])
def test_a_mirror_needs_no_folder(tmp_path: Path, path: str | None) -> None:
    (tmp_path / "file").write_text("")
    mirror = Mirror(MirrorFolder(path and tmp_path / "file" / "x" / "y" / "z"))
    mirror.take(rows(60), 1, 9)
    mirror.take(rows(2, 100), 2, 9)
    assert len(known(mirror)) == 62


def test_the_mirror_of_an_earlier_words_index_goes(folder: MirrorFolder) -> None:
    assert folder.path is not None
    Mirror(folder).take(rows(6), 1, 9)
    other = MirrorFolder.of("https://search.example.org:9200/letters", "words-1")
    Mirror(other).take(rows(6), 1, 9)
    stranger = folder.path.parent / ("0" * 32)
    stranger.mkdir(mode=0o700)
    (stranger / "note.txt").write_text("kept")
    left = folder.path / "0-1-2.tmp"
    left.write_text("")
    os.utime(left, (1, 1))
    later = MirrorFolder.of(ADDRESS, "words-2")
    assert later.path is not None
    Mirror(later).take(rows(9), 1, 9)
    assert not folder.path.exists() and (stranger / "note.txt").exists()
    assert known(Mirror(other)) and known(Mirror(later))
