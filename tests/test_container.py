"""The container file: arrays come back as they went in, and no damage goes unnoticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.codec.container import ALIGNMENT, SEGMENT_VERSION, Container, write_container
from naidi.indexer.errors import IndexDamaged, IndexOutdated

SECTIONS = {
    "bytes": np.arange(20, dtype=np.uint8),
    "numbers": np.array([0, 1, 2**32 - 1], np.uint32),
    "signed": np.array([-1, 5], np.int64),
    "none": np.zeros(0, np.uint16),
    "дроби": np.array([0.5], np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.seg"
    write_container(path, SECTIONS, {"name": "имя", "count": 3})
    return path


def test_what_goes_in_comes_out(path: Path) -> None:
    container = Container(path)
    assert container.meta == {"name": "имя", "count": 3}
    for name, array in SECTIONS.items():
        assert container[name].dtype == array.dtype
        assert container[name].tolist() == array.tolist()
    container.verify()
    assert container.size == path.stat().st_size
    assert "none" in container and "other" not in container


def test_a_container_without_sections(tmp_path: Path) -> None:
    write_container(tmp_path / "a", {}, {})
    Container(tmp_path / "a").verify()


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.lists(st.integers(0, 2**32 - 1), max_size=70), max_size=6),
    st.sampled_from(["|u1", "<u2", "<u4", "<u8", "<i4", "<i8", "<f4", "<f8", ">u4"]),
)
@settings(max_examples=50)
def test_any_arrays(tmp_path: Path, lists: dict[str, list[int]], dtype: str) -> None:
    path = tmp_path / "any"
    path.unlink(missing_ok=True)
    arrays = {name: np.array(values, np.uint64).astype(dtype) for name, values in lists.items()}
    write_container(path, arrays, {})
    container = Container(path)
    container.verify()
    for name, array in arrays.items():
        assert container[name].tolist() == array.tolist()
        assert container._table[name][0] % ALIGNMENT == 0


def test_arrays_cannot_be_written_to_and_outlive_the_container(path: Path) -> None:
    array = Container(path)["numbers"]
    path.unlink()
    assert array.tolist() == [0, 1, 2**32 - 1]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_section_that_is_not_there(path: Path) -> None:
    with pytest.raises(IndexDamaged, match="no section 'other'"):
        Container(path)["other"]


def test_a_file_is_never_overwritten(path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_container(path, {}, {})


def test_only_dtypes_of_the_format(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="complex"):
        write_container(tmp_path / "a", {"x": np.zeros(1, np.complex128)}, {})


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="missing; rebuild"):
        Container(tmp_path / "none")


def test_another_format_version(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8:12] = (SEGMENT_VERSION + 1).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(
        IndexOutdated, match=f"version {SEGMENT_VERSION + 1}.*reads version 3 or 5 or {SEGMENT_VERSION}.*rebuild"
    ):
        Container(path)


def test_a_file_cut_anywhere_is_not_opened(path: Path) -> None:
    data = path.read_bytes()
    for size in range(0, len(data), 5):
        path.write_bytes(data[:size])
        with pytest.raises(IndexDamaged):
            Container(path)


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_a_flip_of_any_byte_is_found(path: Path, step: int) -> None:
    data = path.read_bytes()
    for place in range(0, len(data), step):
        path.write_bytes(data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :])
        with pytest.raises((IndexDamaged, IndexOutdated)):
            Container(path).verify()


HEADERS = """
{}
[]
null
{"meta": {}}
{"meta": {}, "sections": []}
{"meta": {}, "sections": {"a": [0, 1, "|u1"]}}
{"meta": {}, "sections": {"a": [64, -1, "|u1"]}}
{"meta": {}, "sections": {"a": [-64, 1, "|u1"]}}
{"meta": {}, "sections": {"a": [64, 100000, "|u1"]}}
{"meta": {}, "sections": {"a": [64, 1, "|O8"]}}
{"meta": {}, "sections": {"a": [64, 1, ["x"]]}}
{"meta": {}, "sections": {"a": [64.5, 1, "|u1"]}}
{"meta": {}, "sections": {"a": [64, 1]}}
{"meta": {}, "sections": {"a": 5}}
"""


@pytest.mark.parametrize("header", [*HEADERS.split("\n")[1:-1], "[" * 100_000])
def test_a_header_that_makes_no_sense(path: Path, header: str) -> None:
    data = path.read_bytes()
    length = max(int.from_bytes(data[12:16], "little"), len(header))
    start = 16 + int.from_bytes(data[12:16], "little")
    path.write_bytes(data[:12] + length.to_bytes(4, "little") + header.encode().ljust(length) + data[start:])
    with pytest.raises(IndexDamaged, match="header"):
        Container(path)


def test_a_header_longer_than_the_file(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[12:16] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match="runs past the end"):
        Container(path)
