"""ZIP files: what is in them, and bombs."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers import ReadOptions, Source
from naidi.indexer.readers.unpacking import MAX_RATIO, RATIO_FROM, Budget, OutOfTime, TooLarge
from naidi.indexer.readers.zip_file import MAX_MEMBERS, ZipFile, open_zip
from tests.packed_files import zipped

MEMBERS = {"a.txt": b"text", "b/c.txt": b"x" * 200_000, "empty": b"", "Имя.txt": b"y"}


def opened(data: bytes, limit: int = 1 << 30) -> ZipFile:
    return ZipFile(data, Budget(limit), lambda: False)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members(method: int) -> None:
    packed = opened(zipped(MEMBERS, method))
    assert {each.name: packed.read(each) for each in packed.members} == MEMBERS
    assert packed.find("b\\C.TXT") is packed.members[1] and packed.find("x") is None


def test_what_zipfile_can_write() -> None:
    """Descriptors behind members, members of ZIP64, folders, comments, bytes before the file."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 1000)
        archive.mkdir("folder") if hasattr(archive, "mkdir") else archive.writestr("folder/", b"")
        with archive.open("b", "w", force_zip64=True) as file:
            file.write(b"y" * 1000)
        archive.comment = b"PK\5\6 a comment that looks like an end"
    packed = opened(b"#!/bin/sh\n" + pipe.getvalue())
    assert {each.name: packed.read(each) for each in packed.members} == {"a": b"x" * 1000, "b": b"y" * 1000}


def test_zip64() -> None:
    """The end of a file of more than 65,535 members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(70_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    packed = opened(buffer.getvalue())
    assert len(packed.members) == 70_000 and packed.left_out == 0


def named(*names: bytes) -> bytes:
    """A file with names in an old encoding: zipfile writes ASCII, and the bytes are put over it."""
    marks = [f"{number:03}".ljust(len(name), "_") for number, name in enumerate(names)]
    data = zipped(dict.fromkeys(marks, b"x"))
    for mark, name in zip(marks, names, strict=True):
        data = data.replace(mark.encode(), name)
    return data


@pytest.mark.parametrize("codepage", ["cp866", "cp1251", "utf-8"])
def test_russian_names(codepage: str) -> None:
    names = ["Документы/Отчёт за май.docx", "письмо.txt", "readme.txt"]
    packed = opened(named(*(name.encode(codepage) for name in names)))
    assert [each.name for each in packed.members] == names


@pytest.mark.parametrize(
    "name", ["доклад.txt", "Договор №5.doc", "реферат.rtf", "ёлка.txt", "Книга1.xlsx", "1.Введение.txt"]
)
def test_a_single_russian_name(name: str) -> None:
    data = name.replace("№", "N").encode("cp866")
    assert opened(named(data)).members[0].name == name.replace("№", "N")


def test_western_names() -> None:
    names = ["Größe.txt", "café.txt", "Übersicht.txt"]
    assert [each.name for each in opened(named(*(name.encode("cp437") for name in names))).members] == names


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "no ZIP file"),
        (b"PK", "no ZIP file"),
        (b"x" * 100_000, "no ZIP file"),
        (zipped(MEMBERS)[:-30], "truncated ZIP file"),
        (zipped(MEMBERS)[40:], "truncated ZIP file"),
        (b"PK\5\6" + b"\xff" * 18, "part of a ZIP|truncated|damaged"),
        (zipped(MEMBERS).replace(b"PK\1\2", b"PK\1\3"), "damaged ZIP file"),
    ],
)
def test_damaged_files(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        opened(data)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda data: data.replace(b"text", b"tent"), "damaged ZIP file"),  # the checksum differs
        (lambda data: data.replace(b"PK\3\4", b"PK\3\5"), "damaged ZIP file"),
        (lambda data: flagged(data, 1), "encrypted"),
        (lambda data: with_method(data, 99), "encrypted"),
        (lambda data: with_method(data, 14), "compression method 14 is not supported"),
        (lambda data: with_method(data, 8), "truncated|damaged compressed data"),
        (lambda data: with_method(data, 12), "damaged compressed data"),
    ],
)
def test_damaged_members(change: object, reason: str) -> None:
    packed = opened(change(zipped({"a": b"text"}, zipfile.ZIP_STORED)))  # type: ignore[operator]
    with pytest.raises(ValueError, match=reason):
        packed.read(packed.members[0])


def flagged(data: bytes, flags: int) -> bytes:
    at = data.rindex(b"PK\1\2") + 8
    return data[:at] + struct.pack("<H", flags) + data[at + 2 :]


def with_method(data: bytes, method: int) -> bytes:
    at = data.rindex(b"PK\1\2") + 10
    return data[:at] + struct.pack("<H", method) + data[at + 2 :]


def test_a_bomb_of_overlaps() -> None:
    """Many entries that all show the same bytes."""
    data = zipped({"a": b"x" * 1000})
    start = data.index(b"PK\1\2")
    end = data.index(b"PK\5\6")
    entry = data[start:end]
    many = entry * 100
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 100, 100, len(many), start, 0)
    with pytest.raises(ValueError, match="members overlap"):
        opened(data[:start] + many + last)


def test_a_bomb_of_zeros() -> None:
    limit = RATIO_FROM // (1 << 20)
    packed = opened(zipped({"a": bytes(RATIO_FROM), "b": bytes(RATIO_FROM + 1)}))
    assert len(packed.read(packed.members[0])) == limit << 20
    with pytest.raises(TooLarge, match=f"more than {MAX_RATIO} times"):
        packed.read(packed.members[1])


def test_the_budget_is_for_all_members() -> None:
    data = zipped({str(number): b"x" * 1000 for number in range(10)})
    packed = open_zip(Source(data, options=ReadOptions(max_unpacked=9500)))
    for member in packed.members[:9]:
        packed.read(member)
    with pytest.raises(TooLarge, match="unpacks to more than 0"):
        packed.read(packed.members[9])


def test_time() -> None:
    packed = open_zip(Source(zipped({"a": b"x"}), deadline=0))
    with pytest.raises(OutOfTime):
        packed.read(packed.members[0])


def test_a_million_members() -> None:
    """Only the first are looked at. The entries are made by hand: zipfile takes a minute."""
    count = MAX_MEMBERS + 50
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entries = [
        struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, number * len(local)) + b"a"
        for number in range(count)
    ]
    directory = b"".join(entries)
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), count * len(local), 0
    )
    packed = opened(local * count + directory + end)
    assert len(packed.members) == MAX_MEMBERS and packed.left_out >= 1


@given(st.binary(max_size=200), st.integers(0, 1000), st.binary(min_size=1, max_size=8))
def test_any_bytes(start: bytes, place: int, changed: bytes) -> None:
    """Any bytes, and a sound file with some bytes changed: ValueError, or members."""
    sound = zipped({"a": b"text", "b": zlib.compress(b"x" * 500)})
    at = place % len(sound)
    for data in (
        start,
        b"PK\5\6" + start,
        start + sound,
        sound[:at] + changed + sound[at + len(changed) :],
        sound[:at],
    ):
        try:
            packed = opened(data)
            for member in packed.members:
                packed.read(member)
        except ValueError:
            pass
