"""What `verify` tells of a segment: a byte that differs, and sections that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from naidi.indexer.codec.check import verify_segment
from naidi.indexer.codec.container import Array, item_bytes, write_container
from naidi.indexer.codec.segment import Segment
from naidi.indexer.codec.strings import string_sections
from naidi.indexer.document import LATEST_MTIME, Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.writing.batch import analyse
from naidi.indexer.writing.segment_builder import SegmentBuilder


def built(path: Path, docs: Sequence[Document]) -> Segment:
    builder = SegmentBuilder()
    builder.add(analyse(docs))
    builder.write(path)
    return Segment(path)


def test_a_segment_with_an_unusable_header(tmp_path: Path) -> None:
    for number, meta in enumerate(({}, {"doc_count": "x"}, {"doc_count": float("inf")}, [])):
        path = tmp_path / str(number)
        write_container(path, {}, meta)  # type: ignore[arg-type]
        with pytest.raises(IndexDamaged, match="header"):
            Segment(path)


def altered(path: Path, good: Segment, changes: dict[str, Any], **meta: object) -> Segment:
    """The segment with other sections, and a checksum that fits them."""
    sections = {name: good.container[name] for name in good.container._table}
    for name, change in changes.items():
        sections[name] = change(sections[name].copy())
    write_container(path, sections, {**good.container.meta, **meta})
    return Segment(path)


def swapped(values: Array) -> Array:
    values[[0, 1]] = values[[1, 0]]
    return values


def plus_one(values: Array) -> Array:
    values[-1] += 1
    return values


def enormous(values: Array) -> Array:
    values[0] = np.iinfo(values.dtype).max
    return values


def shorter(values: Array) -> Array:
    return values[:-1]


def descending(values: Array) -> Array:
    return np.sort(values)[::-1]


# What is done to which section of a segment, and the error that says so.
CONTRADICTIONS: list[tuple[str, Callable[[Array], Array], str]] = [
    *((name, shorter, "not of one length|not the rows|no section|counts of header") for name in [
        "forms.ends", "stems.ends", "form_keys", "form_stems", "key_forms", "stem_forms", "key_lists", "lists.ends",
        "lists.docs", "lists.codes", "exact.freqs", "blocks.ends", "places.ends", "positions", "tags.ends", "texts.span",
        "docs.dates", "docs.starts", "ids.ranks", "titles.ends", "records.size", "texts.block", "texts.blocks",
    ]),
    *((name, enormous, "too great|not the rows") for name in [
        "form_keys", "form_stems", "key_forms", "stem_forms", "key_lists", "lists.docs", "exact.rows", "blocks.lists",
        "docs.languages", "form_keys.ends", "lists.ends", "places.ends", "blocks.ends", "texts.ends",
    ]),
    # cat, кот
    ("stems.bytes", lambda values: np.concatenate((np.frombuffer("яx".encode(), np.uint8), values[3:])), "stems are not sorted"),
    ("tags", shorter, "not one for each token"),
    ("tags.ends", enormous, "not one for each token"),
    ("texts.span", enormous, "not one for each piece"),
    ("pieces.tokens", shorter, "not of one length"),
    ("pieces.chars", swapped, "not the ends of pieces"),
    ("pieces.lines", swapped, "not the ends of pieces"),
    ("pieces.lines", lambda values: values.astype(np.uint32) * 100, "more than there are characters"),
    ("docs.keyword_lengths", plus_one, "not what the lengths make|token counts differ"),
    ("docs.keyword_lengths", shorter, "not of one length"),
    ("docs.sizes", shorter, "not of one length"),
    ("docs.sizes", lambda values: values.astype(np.int64), "of type"),
    ("docs.mtimes", lambda values: values.astype(np.uint64) + LATEST_MTIME + 2, "no such time"),
    ("docs.date_sources", enormous, "a number too great"),
    ("docs.date_sources", plus_one, "not of the dates that there are"),
    ("docs.date_sources", lambda values: values.astype(np.uint16), "of type"),
    ("pieces.tokens", swapped, "not the ends of pieces"),
    ("pieces.tokens", plus_one, "not the ends of pieces"),
    ("forms.slots", lambda values: np.zeros_like(values), "not each of them once"),
    ("ids.slots", descending, "not where it is looked for"),
    ("ids.slots", lambda values: values[:0], "too few"),
    ("form_stems", descending, "not the forms that say so"),
    ("stem_forms", descending, "not the forms that say so"),
    ("stem_forms", lambda values: -values.astype(np.int64), "of type"),
    ("docs.dates", lambda values: values - 1, "no such day"),
    ("docs.dates", lambda values: values.astype(np.int64), "of type"),
    ("docs.languages", lambda values: np.concatenate((values, values)), "not of one length"),
    ("ids.docs", lambda values: values[:0], "not of one length"),
    ("texts.block", enormous, "number too great"),
    ("ids.ranks", lambda values: np.zeros_like(values), "not the order of the ids"),
    ("docs.starts", plus_one, "not what the lengths make"),
    ("docs.body_lengths", plus_one, "not what the lengths make|token counts differ"),
    ("lists.docs", swapped, "do not ascend"),
    ("lists.codes", enormous, "not as many as there are occurrences"),
    ("exact.freqs", plus_one, "not as many as there are occurrences"),
    ("tags", enormous, "a stem has no such form"),
    ("blocks.lists", lambda values: values[::-1], "not ascending|not the long lists"),
    ("blocks.offsets", enormous, "lie before the block"),
    ("blocks.offsets", plus_one, "lie before the block"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("section", "change", "message"),
    CONTRADICTIONS,
    ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(CONTRADICTIONS)],
)
def test_verify_finds_what_does_not_fit_together(
    tmp_path: Path, section: str, change: Callable[[Array], Array], message: str
) -> None:
    docs = [Document(id=f"{n:03}", text="кот кота " * (70 if n == 3 else 2) + "cat", language="ru") for n in range(200)]
    docs.append(Document(id="long", text="кот cat\n" * 10_000, language="ru"))
    good = built(tmp_path / "a", docs)
    with pytest.raises(IndexDamaged, match=message):
        verify_segment(altered(tmp_path / "b", good, {section: change}))


def test_verify_accepts_what_is_written_anew(tmp_path: Path) -> None:
    good = built(tmp_path / "a", [Document(id="a", text="x y", language="en")])
    verify_segment(altered(tmp_path / "b", good, {}))


def test_verify_compares_counts(tmp_path: Path) -> None:
    good = built(tmp_path / "a", [Document(id="a", text="x y", language="en")])
    for name, message in (("doc_count", "document counts"), ("token_count", "token counts")):
        with pytest.raises(IndexDamaged, match=message):
            verify_segment(altered(tmp_path / name, good, {}, **{name: 7}))


def test_verify_finds_a_flipped_byte_in_any_section(tmp_path: Path) -> None:
    text = "кот кота cat " * 40
    path = tmp_path / "a"
    segment = built(path, [Document(id=f"{n:03}", text=text, title="cat", language="ru") for n in range(150)])
    data = path.read_bytes()
    for name, (offset, count, dtype) in segment.container._table.items():
        if not count:
            continue
        flipped = bytearray(data)
        flipped[offset + count * item_bytes(dtype) // 2] ^= 0x10
        (tmp_path / name).write_bytes(flipped)
        with pytest.raises(IndexDamaged, match="checksum"):
            verify_segment(Segment(tmp_path / name))


def test_verify_looks_at_the_order_of_strings(tmp_path: Path) -> None:
    good = built(tmp_path / "a", [Document(id="a", text="x y", language="en")])
    sections = {name: good.container[name] for name in good.container._table}
    write_container(tmp_path / "b", {**sections, **string_sections("forms", ["y", "x"])}, good.container.meta)
    with pytest.raises(IndexDamaged, match="forms are not sorted"):
        verify_segment(Segment(tmp_path / "b"))
