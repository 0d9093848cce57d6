"""The worked example of docs/format.md, decoded from the bytes by nothing but the description given there."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from indexer import Document, Writer

ROOT = Path(__file__).parents[1]


def sections(data: bytes) -> dict[str, tuple[int, ...]]:
    magic, version, length = struct.unpack_from("<8sII", data)
    assert (magic, version, data[-8:]) == (b"naidi\0sg", 1, b"gs\0idian")
    header = json.loads(data[16 : 16 + length])
    codes = {"|u1": "B", "<u2": "H", "<u4": "I", "<u8": "Q", "<i4": "i"}
    return {
        name: struct.unpack_from(f"<{count}{codes[dtype]}", data, offset)
        for name, (offset, count, dtype) in header["sections"].items()
    }


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
                numbers.append(int(word, 16 if name.endswith(".bytes") else 10))
            except ValueError:
                break
        values[name] = tuple(numbers)
    return values


def test_the_worked_example_is_what_lies_on_disk(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document(id="a", text="Кот, кот и cat"))
    (segment,) = tmp_path.glob("gen-*/*.seg")
    found = sections(segment.read_bytes())
    expected = documented()
    assert len(expected) == 12
    assert {name: found[name] for name in expected} == expected
