"""Stored texts and records: every blob comes back, however it lies in its block, and damage is told."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from indexes import pack
from naidi.indexer import core
from naidi.indexer.codec import stored as stored_module
from naidi.indexer.codec.container import Array, Container, ContainerWriter, write_container
from naidi.indexer.codec.stored import (
    TEXT_BLOCK,
    BlobPacker,
    StoredBlobs,
    dictionary_for,
    meantime_packer,
    pack_texts,
    put_blobs,
    put_merged,
    put_merged_texts,
    put_texts,
)
from naidi.indexer.codec.text_dictionary import LONGEST
from naidi.indexer.errors import IndexDamaged

any_examples = settings(max_examples=60)


def stored(path: Path, packer: BlobPacker) -> StoredBlobs:
    path.unlink(missing_ok=True)
    with ContainerWriter(path, {}) as file:
        put_blobs(file, "b", packer)
    return StoredBlobs(Container(path), "b")


def sections(path: Path, packer: BlobPacker) -> dict[str, Array]:
    container = stored(path, packer)._container
    return {name: container[name] for name in container._table}


sizes = st.sampled_from([0, 1, 100, TEXT_BLOCK - 101, TEXT_BLOCK - 1, TEXT_BLOCK, TEXT_BLOCK + 1, 3 * TEXT_BLOCK])


@given(st.lists(st.lists(sizes, max_size=6), max_size=4))
@any_examples
def test_blobs_come_back_at_the_edges_of_blocks(tmp_path: Path, groups: list[list[int]]) -> None:
    blobs = [[bytes([number % 251]) * size for number, size in enumerate(group)] for group in groups]
    packer = BlobPacker()
    for group in blobs:
        packer.extend(pack(group))
    flat = [blob for group in blobs for blob in group]
    found = stored(tmp_path / "b", packer)
    assert [found[number] for number in range(len(flat))] == flat
    assert [found[number] for number in reversed(range(len(flat)))] == flat[::-1]


def test_more_blocks_than_the_cache_holds(tmp_path: Path) -> None:
    blobs = [bytes([number]) * TEXT_BLOCK for number in range(50)]
    found = stored(tmp_path / "b", pack(blobs))
    for _ in range(2):
        assert [found[number] for number in range(50)] == blobs


def test_blocks_are_zstandard_frames(tmp_path: Path) -> None:
    blobs = [b"one" * 4000, b"", "два".encode(), b"x" * 3 * TEXT_BLOCK, b"three"]
    found = stored(tmp_path / "b", pack(blobs))
    blocks = [zstandard.ZstdDecompressor().decompress(found.compressed(n)) for n in range(found.block_count)]
    assert b"".join(blocks) == b"".join(blobs)
    assert [blocks[block][offset : offset + size] for block, offset, size, _ in found.places.tolist()] == blobs
    assert found.places[:, 3].tolist() == [1, 0, 1, 1, 1]


@given(st.lists(st.one_of(sizes, st.lists(st.integers(1, 9000), min_size=2, max_size=4)), max_size=8))
@any_examples
def test_blobs_in_pieces(tmp_path: Path, shapes: list[int | list[int]]) -> None:
    packer, blobs, pieces = BlobPacker(), [], []
    for number, shape in enumerate(shapes):
        cut = [bytes([number, place]) * size for place, size in enumerate([shape] if isinstance(shape, int) else shape)]
        if isinstance(shape, int):
            packer.add(cut[0])
        else:
            packer.add_pieces(cut)
        blobs.append(b"".join(cut))
        pieces.append(cut)
    packer.close_block()
    first = pack([b"before"])
    first.extend(packer)
    found = stored(tmp_path / "b", first)
    assert [found[number] for number in range(len(found))] == [b"before", *blobs]
    long = [number for number, cut in enumerate(pieces, 1) if len(cut) > 1]
    assert found.in_pieces.tolist() == long
    for doc in long:
        assert [found.piece(doc, number) for number in range(found.span(doc))] == pieces[doc - 1]


def test_threads_share_the_blobs(tmp_path: Path) -> None:
    blobs = [str(number).encode() * 3000 for number in range(60)]
    found = stored(tmp_path / "b", pack(blobs))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(found.__getitem__, list(range(60)) * 10)) == blobs * 10


@given(st.lists(st.lists(sizes, max_size=6), min_size=1, max_size=3), st.data())
@any_examples
def test_merged_blobs_are_those_chosen(tmp_path: Path, groups: list[list[int]], data: st.DataObject) -> None:
    sources: list[tuple[StoredBlobs, Array]] = []
    expected: list[bytes] = []
    spans: list[int] = []
    for number, group in enumerate(groups):
        blobs = [bytes([number + 1, place % 251]) * (size // 2) for place, size in enumerate(group)]
        packer = BlobPacker()
        for place, blob in enumerate(blobs):
            if place % 3 == 1 and len(blob) > 1:
                packer.add_pieces([blob[:1], blob[1:]])
            else:
                packer.add(blob)
        packer.close_block()
        kept = data.draw(st.lists(st.booleans(), min_size=len(group), max_size=len(group)))
        docs = np.flatnonzero(kept)
        sources.append((stored(tmp_path / f"source{number}", packer), docs))
        expected += [blobs[doc] for doc in docs.tolist()]
        spans += [packer.places[doc][3] for doc in docs.tolist()]
    path = tmp_path / "merged"
    path.unlink(missing_ok=True)
    with ContainerWriter(path, {}) as file:
        assert put_merged(file, "b", sources) == sum(map(len, expected))
    merged = StoredBlobs(Container(path), "b")
    assert [merged[number] for number in range(len(merged))] == expected
    assert merged.places[:, 3].tolist() == spans


def damaged(path: Path, packer: BlobPacker, **changed: Array) -> StoredBlobs:
    """The blobs with other sections."""
    whole = sections(path.with_suffix(".whole"), packer)
    write_container(path, {**whole, **{f"b.{name}": array for name, array in changed.items()}}, {})
    return StoredBlobs(Container(path), "b")


def test_damaged_blobs(tmp_path: Path) -> None:
    blobs: Sequence[bytes] = [b"one" * 50, b"two"]
    whole = sections(tmp_path / "whole", pack(blobs))
    cut = damaged(tmp_path / "1", pack(blobs), blocks=whole["b.blocks"][:-4])
    with pytest.raises(IndexDamaged, match="stored text"):
        cut[0]
    longer = damaged(tmp_path / "2", pack(blobs), size=whole["b.size"] + 10)
    with pytest.raises(IndexDamaged, match="cut"):
        longer[1]
    elsewhere = damaged(tmp_path / "3", pack(blobs), block=whole["b.block"] + 7)
    with pytest.raises(IndexDamaged, match="stored text"):
        elsewhere[1]


def test_any_byte_of_a_block_may_be_damaged(tmp_path: Path) -> None:
    """Even one that says how long the block would be: it gives an error of ours or other bytes, and nothing else happens."""
    blobs = [bytes(range(200)) * 3, b"end"]
    whole = sections(tmp_path / "whole", pack(blobs))["b.blocks"]
    refused = 0
    for place in range(len(whole)):
        for value in (0, 0x7F, 0xFF, int(whole[place]) ^ 1):
            blocks = whole.copy()
            blocks[place] = value
            found = damaged(tmp_path / f"{place}.{value}", pack(blobs), blocks=blocks)
            (tmp_path / f"{place}.{value}").unlink()
            (tmp_path / f"{place}.whole").unlink(missing_ok=True)
            try:
                found[0]
            except IndexDamaged:
                refused += 1
    assert refused > len(whole) / 10


def test_a_frame_that_claims_to_be_enormous(tmp_path: Path) -> None:
    frame = b"\x28\xb5\x2f\xfd\xe0" + (1 << 62).to_bytes(8, "little") + b"\x01\0\0"
    blocks = np.frombuffer(frame, np.uint8)
    ends, two = np.array([len(frame), len(frame)], np.uint8), np.array([2], np.uint8)
    for number, span in enumerate((two - 1, two)):
        found = damaged(tmp_path / str(number), pack([b"text"]), blocks=blocks, ends=ends, span=span)
        with pytest.raises(IndexDamaged, match="stored text"):
            found[0]


# -- texts with a dictionary

TEXTS = [
    f"Правительство Казахстана сообщает, number {number} of {number * 7}: ".encode() * (1 + number % 5)
    for number in range(900)
]
TEXTS[7] = TEXTS[500] = b""


def in_the_meantime(texts: Sequence[bytes | list[bytes]]) -> BlobPacker:
    packer = meantime_packer()
    for text in texts:
        if isinstance(text, list):
            packer.add_pieces(text)
        else:
            packer.add(text)
    packer.close_block()
    return packer


def texts_of(path: Path, texts: Sequence[bytes | list[bytes]], dictionary: bytes | None = None) -> StoredBlobs:
    path.unlink(missing_ok=True)
    packer = in_the_meantime(texts)
    with ContainerWriter(path, {}) as file:
        put_texts(file, pack_texts(packer, dictionary_for(packer) if dictionary is None else dictionary))
    return StoredBlobs(Container(path), "texts")


@pytest.fixture
def little_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_module, "LEAST_TEXT", 20_000)


@pytest.mark.usefixtures("little_is_enough")
def test_texts_are_packed_one_by_one_with_a_dictionary(tmp_path: Path) -> None:
    texts: list[bytes | list[bytes]] = [*TEXTS, [b"one " * 100, b"two " * 100]]
    found = texts_of(tmp_path / "t", texts)
    assert found.dictionary and found.dictionary == texts_of(tmp_path / "again", texts).dictionary
    assert [found[doc] for doc in range(len(found))] == [*TEXTS, b"one " * 100 + b"two " * 100]
    assert [found.piece(900, number) for number in (0, 1)] == texts[900]
    assert found.block_count == len(TEXTS) - 2 + 2
    assert all(found.is_sound(doc) for doc in range(len(found)))
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(found.__getitem__, range(900))) == TEXTS
    plain = texts_of(tmp_path / "plain", texts, b"")
    assert not plain.dictionary and [plain[doc] for doc in range(900)] == TEXTS
    assert plain.block_count < 50  # small texts share blocks


def test_little_text_needs_no_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packer = in_the_meantime(TEXTS)
    assert not dictionary_for(packer) and not dictionary_for(packer, b"known")
    monkeypatch.setattr(stored_module, "LEAST_TEXT", 1)
    assert dictionary_for(packer, b"known") == b"known"
    assert not dictionary_for(in_the_meantime([b"too little to learn from"]))


@pytest.mark.usefixtures("little_is_enough")
@pytest.mark.parametrize("second", ["the same", "another", "none"])
def test_merged_texts_have_one_dictionary(tmp_path: Path, second: str) -> None:
    first = texts_of(tmp_path / "first", [*TEXTS, [b"in ", b"pieces"]])
    known = {"the same": first.dictionary, "another": b"words of another dictionary", "none": b""}[second]
    other = [b"short", b"", [b"p" * 50, b"q" * 60], b"words of another" * 3]
    sources = [(texts_of(tmp_path / "second", other, known), np.arange(4)), (first, np.arange(3, 901))]
    path = tmp_path / "merged"
    with ContainerWriter(path, {}) as file:
        size = put_merged_texts(file, sources)
    merged = StoredBlobs(Container(path), "texts")
    expected = [b"short", b"", b"p" * 50 + b"q" * 60, b"words of another" * 3, *TEXTS[3:], b"in pieces"]
    assert [merged[doc] for doc in range(len(merged))] == expected and size == sum(map(len, expected))
    assert merged.dictionary == first.dictionary
    assert merged.places[2, 3] == 2 and merged.piece(2, 1) == b"q" * 60
    if second == "the same":  # the blocks are copied
        assert merged.compressed(0) == sources[0][0].compressed(0)


@pytest.mark.usefixtures("little_is_enough")
def test_a_merge_makes_a_dictionary_or_drops_it(tmp_path: Path) -> None:
    plain = texts_of(tmp_path / "plain", TEXTS, b"")
    path = tmp_path / "made"
    with ContainerWriter(path, {}) as file:
        put_merged_texts(file, [(plain, np.arange(100)), (plain, np.arange(100, 900))])
    made = StoredBlobs(Container(path), "texts")
    assert made.dictionary and [made[doc] for doc in range(900)] == TEXTS
    path = tmp_path / "few"
    with ContainerWriter(path, {}) as file:
        put_merged_texts(file, [(made, np.arange(10))])
    few = StoredBlobs(Container(path), "texts")
    assert not few.dictionary and [few[doc] for doc in range(10)] == TEXTS[:10]


@pytest.mark.usefixtures("little_is_enough")
def test_damage_of_a_dictionary_costs_the_texts_that_need_it(tmp_path: Path) -> None:
    whole = texts_of(tmp_path / "t", TEXTS)._container
    dictionary = whole["texts.dictionary"]
    told = 0
    for number, place in enumerate(range(0, len(dictionary), 97)):
        changed = dictionary.copy()
        changed[place] ^= 0x41
        path = tmp_path / str(number)
        write_container(path, {**{name: whole[name] for name in whole.table}, "texts.dictionary": changed}, {})
        found = StoredBlobs(Container(path), "texts")
        for doc in (0, 8, 450):
            try:
                assert found[doc] == TEXTS[doc] and found.is_sound(doc)
            except IndexDamaged:
                told += 1
                assert not found.is_sound(doc)
    assert told
    long = np.zeros(LONGEST + 1, np.uint8)
    write_container(tmp_path / "long", {**{name: whole[name] for name in whole.table}, "texts.dictionary": long}, {})
    with pytest.raises(IndexDamaged, match="too long"):
        StoredBlobs(Container(tmp_path / "long"), "texts")[0]


@pytest.mark.usefixtures("little_is_enough")
def test_a_dictionary_that_packs_nothing_is_not_taken(tmp_path: Path) -> None:
    whole = texts_of(tmp_path / "t", TEXTS)
    forged = whole.dictionary[:8] + b"\xff" * 3_000
    packer = in_the_meantime(TEXTS)
    assert dictionary_for(packer, forged) == dictionary_for(packer) != forged
    container = whole._container
    sections = {
        **{name: container[name] for name in container.table},
        "texts.dictionary": np.frombuffer(forged, np.uint8),
    }
    write_container(tmp_path / "forged", sections, {})
    source = StoredBlobs(Container(tmp_path / "forged"), "texts")
    with ContainerWriter(tmp_path / "merged", {}) as file, pytest.raises(IndexDamaged):
        put_merged_texts(file, [(source, np.arange(len(TEXTS))), (whole, np.arange(1))])


_PIECES = [
    "a",
    "plain English text, ",
    "я",
    "русский текст и слова ",
    "ё",
    "é",
    "\x00",
    "\x7f",
    "\x80",
    "ÿ",
    "ƀ",
    "\u07ff",
    "ࠀ",
    "—",
    "“”",
]
_RAW = [piece.encode() for piece in [*_PIECES, "\ud7ff", "\ue000", "\uffff", "𐐀", "😀"]]
_WRONG = [
    b"\x80",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xe0\x80\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xff",
    b"\xd0",
    b"\xe2\x80",
    b"\xf0",
]


@pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
@settings(max_examples=examples(300))
@given(
    st.lists(st.one_of(st.sampled_from(_RAW), st.sampled_from(_RAW[:5]), st.sampled_from(_WRONG)), max_size=40),
    st.integers(0, 80),
)
@example([], 0)
def test_the_core_decodes_what_python_decodes(parts: list[bytes], shift: int) -> None:
    """In blocks, at whose borders any character may be; and refuses the same for the same reason."""
    from naidi._core import decoded

    sound = [part for part in parts if part not in _WRONG]
    for text in (
        b"".join(parts),
        b"a" * shift + b"".join(sound) * 5,
        b"a" * shift + "слова ".encode() * 20 + b"".join(parts),
    ):
        for blob in (text, text + "и".encode() * 70, text[:-1] + "я".encode() * 3):
            try:
                expected = blob.decode()
            except UnicodeDecodeError as error:
                with pytest.raises(UnicodeDecodeError) as raised:
                    decoded(blob)
                assert raised.value.args == error.args
            else:
                found = decoded(blob)
                assert found == expected and hash(found) == hash(expected)
    with pytest.raises(TypeError):
        decoded("text")  # type: ignore[arg-type]
