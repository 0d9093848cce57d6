"""The worked example of docs/format.md, decoded from the bytes by nothing but the description given there."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard

from naidi import Document, Writer

ROOT = Path(__file__).parents[1]


def sections(data: bytes) -> dict[str, tuple[int, ...]]:
    magic, version, length = struct.unpack_from("<8sII", data)
    assert (magic, version, data[-8:]) == (b"naidi\0sg", 6, b"gs\0idian")
    header = json.loads(data[16 : 16 + length])
    codes = {"|u1": "B", "<u2": "H", "<u4": "I", "<u8": "Q", "<i4": "i"}
    packed = header["meta"]["packed"]
    return {
        name: unpacked(data[offset : offset + count], *packed[name])
        if name in packed
        else struct.unpack_from(f"<{count}{codes[dtype]}", data, offset)
        for name, (offset, count, dtype) in header["sections"].items()
    }


def unpacked(data: bytes, count: int, based: int) -> tuple[int, ...]:
    """The numbers of a packed section."""
    entry, groups = 4 + 8 + 32 * based, -(-count // 256)
    directory, numbers = data[len(data) - groups * entry :], []
    assert data[len(data) - groups * entry - 8 : len(data) - groups * entry] == bytes(8)
    for block in range(-(-count // 32)):
        row = directory[block // 8 * entry :][:entry]
        widths = row[4:12]
        start = 4 * (int.from_bytes(row[:4], "little") + sum(widths[: block % 8]))
        base = int.from_bytes(row[12 + block % 8 * 4 :][:4], "little") if based else 0
        bits = int.from_bytes(data[start : start + 4 * widths[block % 8]], "little")
        numbers += [base + (bits >> place * widths[block % 8]) % (1 << widths[block % 8]) for place in range(32)]
    return tuple(numbers[:count])


def documented() -> dict[str, tuple[int, ...]]:
    """The numbers of the example as the document prints them."""
    example = (ROOT / "docs" / "format.md").read_text(encoding="utf-8").split("## A worked example")[1]
    values: dict[str, tuple[int, ...]] = {}
    for line in example.splitlines():
        if not line.startswith("    "):
            continue
        name, *words = line.split()
        numbers = []
        for word in words:
            try:
                numbers.append(int(word, 16 if name.endswith((".bytes", ".blocks")) else 10))
            except ValueError:
                break
        values[name] = tuple(numbers)
    return values


@pytest.fixture
def found(tmp_path: Path) -> dict[str, tuple[int, ...]]:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="a", title="Кот", text="Кот, кота и cat"))
    (segment,) = tmp_path.glob("gen-*/*.seg")
    return sections(segment.read_bytes())


def test_the_worked_example_is_what_lies_on_disk(found: dict[str, tuple[int, ...]]) -> None:
    expected = documented()
    assert len(expected) == 27
    # Another release of Zstandard may pack otherwise.
    frame = bytes(expected.pop("texts.blocks"))
    assert {name: found[name] for name in expected} == expected
    for blocks in (frame, bytes(found["texts.blocks"])):
        assert zstandard.ZstdDecompressor().decompress(blocks).decode() == "Кот, кота и cat"


def rows(values: Sequence[int], ends: Sequence[int]) -> list[Sequence[int]]:
    return [values[start:end] for start, end in zip((0, *ends), ends, strict=False)]


def test_the_text_can_be_put_together_from_the_postings(found: dict[str, tuple[int, ...]]) -> None:
    """As the description says: tokens by stem, their form by tag, how many by the code of the posting."""
    forms = [bytes(row).decode().strip() for row in rows(found["forms.bytes"], found["forms.ends"])]
    halves = [half for byte in found["tags"] for half in (byte & 15, byte >> 4)]
    title_length, text = found["docs.title_lengths"][0], {}
    for stem, members in enumerate(rows(found["stem_forms"], found["stem_forms.ends"])):
        places = rows(found["positions"], found["places.ends"])[stem]
        tags = rows(halves, found["tags.ends"])[stem] or [0] * len(places)
        code = rows(found["lists.codes"], found["lists.ends"])[stem][0]
        assert (code & 63) + 1 == len(places)
        assert code >> 6 == sum(place < title_length for place in places)
        for place, tag in zip(places, tags, strict=True):
            text[place] = forms[members[tag]]
    assert [text[place] for place in sorted(text)] == ["кот", "кот", "кота", "и", "cat"]
    assert sorted(text) == [0, 101, 102, 103, 104]


def test_every_string_is_found_by_its_hash(found: dict[str, tuple[int, ...]]) -> None:
    for name in ("forms", "keys", "stems"):
        strings = [bytes(row) for row in rows(found[f"{name}.bytes"], found[f"{name}.ends"])]
        slots = found[f"{name}.slots"]
        for number, string in enumerate(strings, 1):
            slot = zlib.crc32(string) % (len(strings) + len(strings) // 3 + 1)
            while slots[slot] != number:
                assert slots[slot]
                slot += 1


def test_every_section_is_described(found: dict[str, tuple[int, ...]]) -> None:
    description = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    for name in found:
        stored = name.replace("records.", "NAME.").replace("texts.", "NAME.")
        assert f"`{name}`" in description or f"`{stored}`" in description, name
