"""ZIP and tar archives, compressed files, and what is nested in them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import contents as index_contents
from naidi import FolderOptions, sync
from naidi.indexer.readers import Format, ReadOptions, register, registry
from naidi.indexer.readers.nested import MAX_DEPTH, clean_path
from naidi.indexer.readers.read_file import read_documents
from tests.packed_files import content, contents, docx, no_bytes, odf, paragraph, zipped
from tests.test_zip_file import flagged, named


def tarred(members: Mapping[str, bytes], mode: str = "w", **options: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


MEMBERS = {"a.txt": "один".encode(), "dir/b.md": b"# Title\n\ntwo", "c.docx": docx(paragraph("три"))}
TEXTS = {"a.txt": "один", "dir/b.md": "# Title\n\ntwo", "c.docx": "три"}


def texts(name: str, data: bytes, **options: object) -> dict[str, str]:
    return {each.part: each.text for each in contents(name, data, **options) if each.text}


def warnings(name: str, data: bytes, **options: object) -> list[str]:
    return [warning for each in contents(name, data, **options) for warning in each.warnings]


def case_name(value: object) -> str:
    """Part of the name of a test. Packed data hold the time, so they cannot be: workers would collect different tests."""
    return "data" if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.zip", zipped(MEMBERS)),
        ("a.tar", tarred(MEMBERS)),
        ("a.tar.gz", tarred(MEMBERS, "w:gz")),
        ("a.tgz", tarred(MEMBERS, "w:gz")),
        ("a.tar.xz", tarred(MEMBERS, "w:xz")),
        ("a.tar.bz2", tarred(MEMBERS, "w:bz2")),
        ("a.tar", tarred(MEMBERS, format=tarfile.PAX_FORMAT)),
        ("a.tar", tarred(MEMBERS, format=tarfile.GNU_FORMAT)),
        ("a.tar", tarred(MEMBERS, format=tarfile.USTAR_FORMAT)),
    ],
    ids=no_bytes,
)
def test_archives(name: str, data: bytes) -> None:
    assert texts(name, data) == TEXTS
    assert warnings(name, data) == []


def test_long_names_in_tar() -> None:
    long = "папка/" * 30 + "x.txt"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert texts("a.tar", tarred({long: b"x", "y.txt": b"y"}, format=form)) == {long: "x", "y.txt": "y"}
    prefixed = "d" * 90 + "/" + "e" * 90 + ".txt"
    assert texts("a.tar", tarred({prefixed: b"x"}, format=tarfile.USTAR_FORMAT)) == {prefixed: "x"}


def test_folders_and_links_in_tar() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("d", tarfile.DIRTYPE), ("l.txt", tarfile.SYMTYPE), ("h.txt", tarfile.LNKTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("d/a.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    assert texts("a.tar", buffer.getvalue()) == {"d/a.txt": "abc"}


@pytest.mark.parametrize(
    "name, data, text",
    [
        ("a.txt.gz", gzip.compress("текст".encode()), "текст"),
        ("a.txt.xz", lzma.compress("текст".encode()), "текст"),
        ("a.md.bz2", bz2.compress(b"# Title"), "# Title"),
        ("a.gz", gzip.compress(b"text"), "text"),
        ("README.gz", gzip.compress("текст".encode("cp1251") * 50), "текст" * 50),
        ("a.docx.gz", gzip.compress(docx(paragraph("word"))), "word"),
        ("a.txt.gz", gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0\0", "one two"),
        ("a.txt.bz2", bz2.compress(b"one ") + bz2.compress(b"two"), "one two"),
        ("a.txt.xz", lzma.compress(b"one ") + lzma.compress(b"two"), "one two"),
    ],
    ids=no_bytes,
)
def test_compressed_files(name: str, data: bytes, text: str) -> None:
    found = content(name, data)
    assert (found.text, found.part, found.warnings) == (text, "", ())


def test_the_name_that_gzip_keeps() -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile("dir/inner.md", "wb", fileobj=buffer) as file:
        file.write(b"# Title")
    assert content("a.gz", buffer.getvalue()).title == "Title"


def test_what_a_zip_file_really_is() -> None:
    """A document whose name was lost."""
    assert content("a.zip", docx(paragraph("word"))).text == "word"
    assert content("a.zip", odf("<text:p>open</text:p>")).text == "open"


def test_russian_names() -> None:
    data = named(*(name.encode("cp866") for name in ("Документы/отчёт.txt", "письмо.txt")))
    assert list(texts("a.zip", data)) == ["Документы/отчёт.txt", "письмо.txt"]
    tar = tarred({"doklad_.txt": b"x"}, format=tarfile.USTAR_FORMAT)
    old = bytearray(tar.replace(b"doklad_", "доклады".encode("cp1251")))
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old[:512])
    assert list(texts("a.tar", bytes(old))) == ["доклады.txt"]


@pytest.mark.parametrize(
    "path, cleaned",
    [
        ("a/b.txt", "a/b.txt"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("a/../../b", "a/b"),
        ("..\\..\\windows\\x.txt", "windows/x.txt"),
        ("C:\\x.txt", "x.txt"),
        ("a//b/./c", "a/b/c"),
        ("a\nb\0c\x1b[31m.txt", "a_b_c_[31m.txt"),
        ("\udcff.txt", "_.txt"),
        ("..", "_"),
        ("", "_"),
    ],
    ids=case_name,
)
def test_paths_that_lead_elsewhere(path: str, cleaned: str) -> None:
    assert clean_path(path) == cleaned


def test_names_of_parts_are_unique() -> None:
    members = {"a.txt": "1", "./a.txt": "2", "../a.txt": "3", "a.txt (2)": "no format", "x" * 2000 + ".txt": "4"}
    parts = list(texts("a.zip", zipped(members)))
    assert parts[:3] == ["a.txt", "a.txt (2)", "a.txt (3)"]
    assert len(parts[3]) <= 301


def test_what_is_left_out_is_told_together() -> None:
    members = {
        "a.txt": "text",
        "b.exe": b"MZ",
        "c.exe": b"MZ",
        "d.txt": b"\0\0",
        "e.docx": b"none",
        "f": b"\0",
        "__MACOSX/._a.txt": b"\0",
        "x/.DS_Store": b"\0",
        "empty.txt": b"",
    }
    (warning,) = warnings("a.zip", zipped(members))
    assert warning == "5 files left out: unsupported format .exe (2), binary file (2), no ZIP file (1)"


def test_a_member_that_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_formats", "_by_extension", "_by_file_name"):
        monkeypatch.setattr(registry, name, getattr(registry, name).copy())
    register(Format("odd", (".odd",), "no_such_package:read", needs="no_such_package [formats]"))
    register(Format("bad", (".bad",), lambda source: 1 / 0))  # type: ignore[arg-type,return-value]
    found = warnings("a.zip", zipped({"a.odd": "x", "a.bad": "x", "a.txt": "x"}))
    assert found == [
        "2 files left out: needs the package no_such_package [formats] (1), the reader failed: ZeroDivisionError (1)"
    ]


@pytest.mark.parametrize(
    "name, data, reason",
    [
        ("a.zip", b"", "no ZIP file"),
        ("a.zip", zipped({}), "empty"),
        ("a.zip", zipped({"a.exe": "x", "b.exe": "y"}), "unsupported format .exe"),
        ("a.zip", flagged(zipped({"a.txt": "x"}), 1), "^encrypted$"),
        ("a.zip", zipped({"a.txt": "x"})[:50], "truncated ZIP file"),
        ("a.tar", b"", "empty"),
        ("a.tar", b"x" * 2000, "no tar archive"),
        ("a.tar", tarred(MEMBERS)[:516], "truncated"),
        ("a.txt.gz", b"no", "no compressed file"),
        ("a.txt.gz", gzip.compress(b"text")[:11], "truncated"),
        ("a.txt.gz", gzip.compress(b"text")[:-3] + b"xxx", "damaged compressed data"),
        ("a.txt.xz", lzma.compress(b"text")[:20], "truncated"),
        ("a.exe.gz", gzip.compress(b"text"), "unsupported format .exe"),
    ],
    ids=no_bytes,
)
def test_what_is_refused(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        contents(name, data)


def test_what_is_before_the_damage_is_kept() -> None:
    data = tarred({"a.txt": b"a" * 600, "b.txt": b"b"})
    cut = data[:2048]
    assert texts("a.tar", cut) == {"a.txt": "a" * 600}
    assert warnings("a.tar", cut) == ["1 file left out: the rest: truncated (1)"]
    packed = gzip.compress(bytes(range(256)) * 20)
    damaged = tarred({"a.txt": b"a", "b.bin": packed * 200, "c.txt": b"c"}, "w:gz")[:-60]
    assert texts("a.tgz", damaged) == {"a.txt": "a"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt.gz", gzip.compress(b"text " * 9)[:-9]),
        ("a.txt.gz", gzip.compress(b"text " * 9) + gzip.compress(b"more")[:10]),
        ("a.txt.xz", lzma.compress(b"text " * 9)[:-9]),
        ("a.txt.bz2", bz2.compress(b"text " * 9) + bz2.compress(b"more")[:-30]),
    ],
    ids=no_bytes,
)
def test_the_start_of_a_damaged_compressed_file_is_read(name: str, data: bytes) -> None:
    (only,) = contents(name, data)
    assert only.text == "text " * 9
    assert only.warnings == ("not read to its end: truncated",)


def test_the_limit_of_a_file_holds_for_members() -> None:
    """Whatever an archive says of their sizes."""
    members = {"a.txt": "a" * 3000, "b.txt": "b" * 500}
    options = ReadOptions(max_member=1024)
    zip_file = zipped(members)
    at = zip_file.index(b"PK\1\2") + 24  # the size of the first
    assert struct.unpack_from("<L", zip_file, at) == (3000,)
    lying = zip_file[:at] + struct.pack("<L", 10) + zip_file[at + 4 :]
    for data in (zip_file, lying):
        assert texts("a.zip", data, options=options) == {"b.txt": "b" * 500}
        assert warnings("a.zip", data, options=options) == ["1 file left out: larger than 1 KB (1)"]
    packed = tarred({name: text.encode() for name, text in members.items()})
    assert texts("a.tar", packed, options=options) == {"b.txt": "b" * 500}
    with pytest.raises(ValueError, match="larger than 1 KB"):
        contents("a.txt.gz", gzip.compress(b"a" * 3000), options=options)


def test_the_option_of_a_folder_holds_for_members(tmp_path: Path) -> None:
    assert FolderOptions(max_file_size=1 << 20).reading.max_member == 1 << 20
    assert FolderOptions(max_file_size=1 << 30).reading == ReadOptions(), "it is unpacked in memory"
    folder, index = tmp_path / "docs", tmp_path / "index"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({"a.txt": "long " * 1000, "b.txt": "short"}))
    sync(folder, index, options={"max_file_size": 1024})
    assert set(index_contents(index)) == {"docs/a.zip//b.txt"}
    sync(folder, index, options={"max_file_size": 1 << 20})
    assert set(index_contents(index)) == {"docs/a.zip//a.txt", "docs/a.zip//b.txt"}, (
        "it is read again for the new limit"
    )


def nested(depth: int) -> bytes:
    data = zipped({"x.txt": "deep"})
    for _ in range(depth):
        data = zipped({"in.zip": data})
    return data


def test_archives_in_archives() -> None:
    assert texts("a.zip", nested(MAX_DEPTH)) == {"in.zip/in.zip/in.zip/x.txt": "deep"}
    with pytest.raises(ValueError, match="packed more than 3 deep"):
        contents("a.zip", nested(MAX_DEPTH + 1))
    members = {
        "a.tar.gz": tarred({"b.txt": b"b", "c.zip": zipped({"d.txt": "d"})}, "w:gz"),
        "e.txt.gz": gzip.compress(b"e"),
    }
    assert texts("a.zip", zipped(members)) == {"a.tar.gz/b.txt": "b", "a.tar.gz/c.zip/d.txt": "d", "e.txt.gz": "e"}


def test_the_budget_is_for_all_that_is_nested() -> None:
    inner = zipped({"x.txt": "x" * 60_000})
    data = zipped({f"{number}.zip": inner for number in range(5)})
    options = ReadOptions(max_unpacked=150_000)
    assert list(texts("a.zip", data, options=options)) == ["0.zip/x.txt", "1.zip/x.txt"]
    told = warnings("a.zip", data, options=options)
    assert told == ["3 files left out: unpacks to more than 0.1431 MB (3)"]


def test_time() -> None:
    data = zipped({"a.txt": "a", "b.txt": "b"})
    with pytest.raises(ValueError, match="out of time"):
        contents("a.zip", data, deadline=time.monotonic() - 1)
    for name, each in (
        ("a.tgz", tarred(MEMBERS, "w:gz")),
        ("a.tar", tarred(MEMBERS)),
        ("a.txt.gz", gzip.compress(b"x")),
    ):
        with pytest.raises(ValueError, match="out of time"):
            contents(name, each, deadline=time.monotonic() - 1)


def test_an_archive_in_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": "Первое предложение. Второе.", "b.exe": "x", "d/b.md": "# Title\ntext"}))
    told: list[str] = []
    documents = read_documents(path, file_id="a.zip", warn=told.append)
    assert [(each.id, each.title) for each in documents] == [
        ("a.zip//a.txt", "Первое предложение."),
        ("a.zip//d/b.md", "Title"),
    ]
    assert told == ["1 file left out: unsupported format .exe (1)"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz", "a.txt.gz", "a.tar.xz", "a.txt.bz2"])
def test_damaged_archives(name: str) -> None:
    """Any bytes, and sound archives with some bytes changed or the end cut off: ValueError, or parts with names of their own."""
    data = {
        "a.zip": zipped({**MEMBERS, "n.zip": nested(1)}, zipfile.ZIP_DEFLATED),
        "a.tar": tarred(MEMBERS),
        "a.tgz": tarred(MEMBERS, "w:gz"),
        "a.txt.gz": gzip.compress(b"text" * 100),
        "a.tar.xz": tarred(MEMBERS, "w:xz"),
        "a.txt.bz2": bz2.compress(b"text" * 100),
    }[name]

    @settings(max_examples=80, deadline=None)
    @given(st.integers(0, len(data)), st.binary(max_size=20), st.binary(max_size=100))
    def change(place: int, changed: bytes, other: bytes) -> None:
        for each in (data[:place] + changed + data[place + len(changed) :], data[:place], other, data[:6] + other):
            try:
                found = contents(name, each)
            except ValueError as error:
                assert str(error) and "\n" not in str(error)
            else:
                assert len({part.part for part in found}) == len(found)

    change()
