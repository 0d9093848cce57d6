"""Segments: the fast path against a reference made of dictionaries; merged equals built at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis.lemmatize.keys import keys
from indexer.analysis.lemmatize.stem import stem
from indexer.analysis.tokenizer import forms
from indexer.batch import analyse
from indexer.codec import merge
from indexer.codec.builder import SegmentBuilder
from indexer.codec.container import Container, write_container
from indexer.codec.inversion import MAX_TERM_FREQ, POSITION_GAP, invert, lay_out
from indexer.codec.merge import merge_segments
from indexer.codec.ragged import flatten, invert_rows, lengths_of, row_bounds, starts_of, value_indices
from indexer.codec.segment import Segment
from indexer.codec.stored import TEXT_BLOCK, BlobPacker, StoredBlobs, blob_sections, pack
from indexer.codec.strings import StringTable, string_sections
from indexer.documents import Document
from indexer.errors import IndexDamaged

any_examples = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


def built(path: Path, batches: Sequence[Sequence[Document]], discarded: Sequence[str] = ()) -> Segment:
    path.unlink(missing_ok=True)
    builder = SegmentBuilder()
    for batch in batches:
        builder.add(analyse(batch))
    for doc_id in discarded:
        builder.discard(doc_id)
    builder.write(path)
    segment = Segment(path)
    segment.verify()
    return segment


def reference(docs: Sequence[Document]) -> dict[str, dict[int, tuple[int, int, list[int]]]]:
    """form -> document -> (occurrences in the body, in the title, positions)."""
    found: dict[str, Any] = defaultdict(lambda: defaultdict(lambda: (0, 0, [])))
    position = 0
    for number, doc in enumerate(docs):
        for in_body, text in ((0, doc.title), (1, doc.text)):
            for form in forms(text):
                body, title, places = found[form][number]
                found[form][number] = (body + in_body, title + 1 - in_body, [*places, position])
                position += 1
            position += POSITION_GAP
    return found


def seen(segment: Segment) -> dict[str, dict[int, tuple[int, int, list[int]]]]:
    """The same, as the segment has it."""
    found = {}
    for number, form in enumerate(segment.forms):
        docs, body, title = segment.postings(number)
        positions = segment.positions_of(np.array([number]))
        owners = segment.docs_of_positions(positions)
        found[form] = {
            doc: (b, t, positions[owners == doc].tolist())
            for doc, b, t in zip(docs.tolist(), body.tolist(), title.tolist(), strict=True)
        }
        assert sum(len(places) for _, _, places in found[form].values()) == len(positions)
    return found


def check_against_reference(segment: Segment, docs: Sequence[Document]) -> None:
    assert segment.doc_count == len(docs)
    expected = reference(docs)
    assert seen(segment) == expected
    assert list(segment.forms) == sorted(expected)
    for number, form in enumerate(segment.forms):
        assert tuple(segment.keys_of_form(number)) == keys(form)
        assert segment.stem_of_form(number) == stem(form)
        assert segment.forms.find(form) == number
        for key in keys(form):
            assert number in segment.forms_of_key(key).tolist()
        assert number in segment.forms_of_stem(stem(form)).tolist()
    assert sorted(segment.keys) == list(segment.keys) == sorted({key for form in expected for key in keys(form)})
    assert list(segment.ids) == sorted(doc.id for doc in docs)
    for number, doc in enumerate(docs):
        assert segment.doc_of_id(doc.id) == number
        assert segment.text(number) == doc.text
        record = segment.record(number)
        assert (record["id"], record["title"], record["path"], record["meta"]) == (
            doc.id,
            doc.title,
            doc.path,
            doc.meta,
        )
        assert segment.dates[number] == (doc.date.toordinal() if doc.date else 0)
        assert segment.language_names[segment.languages[number]] == doc.language
        assert segment.title_lengths[number] == len(forms(doc.title))
        assert segment.body_lengths[number] == len(forms(doc.text))
    assert segment.doc_of_id("no such id") == -1
    assert segment.forms_of_key("нет такого").tolist() == []
    assert segment.token_count == sum(len(forms(doc.title)) + len(forms(doc.text)) for doc in docs)
    assert segment.text_bytes == sum(len(doc.text.encode()) for doc in docs)


RUSSIAN = ["кот", "кота", "коты", "ёж", "ежа", "ВОЗ", "воз"]
WORDS = [*RUSSIAN, "cat", "cats", "CATS", "the", "WHO", "75,4", "кот-cat", "😀", "𝒳y", "қала"]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=12).map(" ".join)


def document(doc_id: str) -> st.SearchStrategy[Document]:
    return st.builds(
        Document,
        id=st.just(doc_id),
        text=texts,
        title=texts,
        date=st.none() | st.dates(),
        path=st.none() | st.just("папка/a.txt"),
        meta=st.dictionaries(st.text(max_size=3), st.integers(-5, 5) | st.none() | st.booleans(), max_size=2),
        language=st.sampled_from(["ru", "en", "uk"]),
    )


ids = st.lists(st.text(min_size=1, max_size=4).filter(lambda s: s.strip() and "\0" not in s), max_size=8, unique=True)
collections = ids.flatmap(lambda names: st.tuples(*map(document, names)))


@given(collections, st.integers(0, 8))
@any_examples
def test_built_segment_equals_the_reference(tmp_path: Path, docs: tuple[Document, ...], cut: int) -> None:
    check_against_reference(built(tmp_path / "a.seg", [docs[:cut], docs[cut:]]), docs)


@given(st.lists(st.sampled_from("abcd"), max_size=9), st.sets(st.sampled_from("abcd")), st.data())
@any_examples
def test_the_last_of_one_id_counts_and_discarded_ones_leave_no_trace(
    tmp_path: Path, names: list[str], discarded: set[str], data: st.DataObject
) -> None:
    docs = [data.draw(document(name)) for name in names]
    segment = built(tmp_path / "a.seg", [docs[:3], docs[3:]], sorted(discarded))
    last = {doc.id: number for number, doc in enumerate(docs)}
    expected = [doc for number, doc in enumerate(docs) if last[doc.id] == number and doc.id not in discarded]
    check_against_reference(segment, expected)


@given(st.lists(collections, min_size=1, max_size=4), st.data())
@any_examples
def test_merged_equals_built_at_once(tmp_path: Path, groups: list[tuple[Document, ...]], data: st.DataObject) -> None:
    inputs, live = [], []
    for number, group in enumerate(groups):
        docs = [Document(f"{number}.{d.id}", d.text, d.title, d.date, d.path, d.meta, d.language) for d in group]
        deleted = np.array(data.draw(st.lists(st.booleans(), min_size=len(docs), max_size=len(docs))), bool)
        inputs.append((built(tmp_path / f"{number}.seg", [docs]), deleted))
        live += [doc for doc, gone in zip(docs, deleted.tolist(), strict=True) if not gone]
    path = tmp_path / "merged.seg"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        # A chunk is a form at least, so that from 1 on every way of cutting is met.
        patch.setattr(merge, "CHUNK_POSITIONS", data.draw(st.sampled_from([1, 2, 7, 1_000_000])))
        merge_segments(path, inputs)
    merged, at_once = Segment(path), built(tmp_path / "once.seg", [live])
    merged.verify()
    check_against_reference(merged, live)
    # Blocks are cut elsewhere and languages may be numbered otherwise; all else is the same to the byte.
    differing = ("records.", "texts.", "docs.languages")
    assert merged.container._table.keys() == at_once.container._table.keys()
    for name in at_once.container._table:
        if not name.startswith(differing):
            assert merged.container[name].dtype == at_once.container[name].dtype, name
            assert merged.container[name].tolist() == at_once.container[name].tolist(), name


def test_merging_a_merged_segment_again(tmp_path: Path) -> None:
    docs = [Document(id=str(n), text=f"кот {n} " * n, language="ru") for n in range(20)]
    first = built(tmp_path / "1", [docs[:10]])
    second = built(tmp_path / "2", [docs[10:]])
    merge_segments(tmp_path / "3", [(first, np.arange(10) % 3 == 0), (second, np.zeros(10, bool))])
    third = Segment(tmp_path / "3")
    merge_segments(tmp_path / "4", [(third, np.arange(third.doc_count) < 2)])
    check_against_reference(Segment(tmp_path / "4"), [doc for n, doc in enumerate(docs) if n >= 10 or n % 3][2:])


def test_postings_of_several_forms(tmp_path: Path) -> None:
    segment = built(tmp_path / "a", [[Document(id="a", text="x y x z"), Document(id="b", text="z x")]])
    chosen = np.array([segment.forms.find("x"), segment.forms.find("z")])
    docs, body, title = segment.postings_of(chosen)
    assert (docs.tolist(), body.tolist(), title.tolist()) == ([0, 1, 0, 1], [2, 1, 1, 1], [0, 0, 0, 0])
    start, second = segment.body_starts.tolist()
    assert segment.positions_of(chosen).tolist() == [start, start + 2, start + 3, second, second + 1]
    assert segment.positions_of(np.zeros(0, np.int64)).tolist() == []


UNUSUAL = {
    "Ukrainian": "Їжак біля ґанку з'їв яблуко",
    "Kazakh": "Қазақстан Республикасының Денсаулық сақтау министрлігі",
    "emoji": "кот 😀😀 cat 👩‍👩‍👧‍👦 🇰🇿 end",
    "astral": "𝒳𝓎𝓏 𠀀𠀁 слово",
    "no token": "... — !!! 😀",
    "empty": "",
    "controls": "a\0b\tc\r\nd\u2028e\x1b[31m",
    "marks": "за\u0301мок e\u0301te\u0301 zero\u200bwidth soft\u00adhyphen",
    "combining only": "\u0301\u0301",
    "surrogate": "a\ud800b",
    "arabic": "مرحبا ١٢٣",
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_texts(tmp_path: Path, text: str) -> None:
    docs = [
        Document(id="body", text=text, language="und"),
        Document(id="title only", text="", title=text, language="und"),
        Document(id="both", text=text * 2, title=text, language="und"),
    ]
    check_against_reference(built(tmp_path / "a", [docs]), docs)


def test_ids_of_any_kind_come_back_in_order(tmp_path: Path) -> None:
    names = [
        "a\n",
        "a",
        "a\nb",
        "\na",
        "a\n\n",
        "ж",
        "é",
        "e\u0301",
        "😀",
        "\uffff",
        "z" * 1024,
        " a",
        "a ",
        "A",
        "\x01",
    ]
    docs = [Document(id=name, text="x", language="en") for name in names]
    segment = built(tmp_path / "a", [docs])
    check_against_reference(segment, docs)
    assert list(segment.ids) == sorted(names)
    assert [segment.ids[int(rank)] for rank in segment.id_ranks] == names


def test_an_empty_segment(tmp_path: Path) -> None:
    check_against_reference(built(tmp_path / "a", []), [])


def test_a_document_that_says_one_word_often(tmp_path: Path) -> None:
    times = MAX_TERM_FREQ + 10
    segment = built(tmp_path / "a", [[Document(id="a", text="x " * times, title="x", language="en")]])
    docs, body, title = segment.postings(0)
    assert (docs.tolist(), body.tolist(), title.tolist()) == ([0], [MAX_TERM_FREQ], [1])
    assert len(segment.positions_of(np.array([0]))) == times + 1
    assert segment.body_lengths.tolist() == [times]


def test_a_million_tokens_on_one_line_of_five_megabytes(tmp_path: Path) -> None:
    text = "слово word " * 260_000 + "конец " * 480_000
    segment = built(tmp_path / "a", [[Document(id="a", text=text, language="ru"), Document(id="b", text="слово")]])
    assert segment.body_lengths.tolist() == [1_000_000, 1]
    assert segment.text(0) == text
    found = segment.positions_of(np.array([segment.forms.find("word")]))
    assert len(found) == 260_000 and (np.diff(found) == 2).all()


def test_a_long_line_of_capitals(tmp_path: Path) -> None:
    """Half a megabyte of capitals before the first small letter must not take time that grows with its square."""
    segment = built(tmp_path / "a", [[Document(id="a", text="AB " * 200_000 + "a", language="en")]])
    assert segment.body_lengths.tolist() == [200_001]


def test_too_many_positions_are_refused() -> None:
    with pytest.raises(OverflowError, match="positions"):
        lay_out(np.array([2**31, 2**31], np.uint32), np.array([0, 0], np.uint32))


def test_positions_up_to_the_limit() -> None:
    layout = lay_out(np.array([2**31, 0], np.uint32), np.array([0, 2**31 - 4 * POSITION_GAP - 1], np.uint32))
    assert layout.end == 2**32 - 1
    assert layout.doc_starts.tolist() == [0, 2**31 + 2 * POSITION_GAP]


def test_inverting_nothing() -> None:
    empty = np.zeros(0, np.uint32)
    layout, postings = invert(empty, empty, empty, 0)
    assert layout.end == 0 and postings.docs.tolist() == [] and postings.posting_ends.tolist() == []


# Ragged rows


@given(st.lists(st.lists(st.integers(0, 5), unique=True, max_size=6), max_size=8))
def test_ragged_rows(rows: list[list[int]]) -> None:
    ends, values = flatten(rows)
    assert [values[slice(*row_bounds(ends, row))].tolist() for row in range(len(rows))] == rows
    assert lengths_of(ends).tolist() == [len(row) for row in rows]
    assert values[value_indices(starts_of(ends), lengths_of(ends))].tolist() == values.tolist()
    back_ends, back = invert_rows(ends, values, 6)
    assert [back[slice(*row_bounds(back_ends, value))].tolist() for value in range(6)] == [
        [row for row, held in enumerate(rows) if value in held] for value in range(6)
    ]


# Strings


def string_table(path: Path, strings: Sequence[str]) -> StringTable:
    path.unlink(missing_ok=True)
    write_container(path, string_sections("s", strings), {})
    return StringTable(Container(path), "s")


@given(st.sets(st.text(max_size=4), max_size=20), st.text(max_size=3))
@any_examples
def test_string_table_equals_a_sorted_list(tmp_path: Path, chosen: set[str], prefix: str) -> None:
    strings = sorted(chosen)
    table = string_table(tmp_path / "s", strings)
    assert list(table) == strings == [table[number] for number in range(len(table))]
    assert [table.find(string) for string in strings] == list(range(len(strings)))
    assert table.find(prefix) == (strings.index(prefix) if prefix in chosen else -1)
    assert [strings[n] for n in table.prefix_range(prefix)] == [s for s in strings if s.startswith(prefix)]
    data, ends = table.chunk(table.prefix_range(prefix))
    assert data == "".join(s + "\n" for s in strings if s.startswith(prefix)).encode()
    assert len(ends) == len(table.prefix_range(prefix)) and (not len(ends) or ends[-1] == len(data))


def test_looking_up_a_lone_surrogate_finds_nothing(tmp_path: Path) -> None:
    table = string_table(tmp_path / "s", ["a", "\ud7ff", "\ue000", "😀"])
    assert table.find("\ud800") == -1
    assert list(table.prefix_range("\ud800")) == []


def test_strings_that_are_not_utf8(tmp_path: Path) -> None:
    sections = string_sections("s", ["aa", "bb"])
    broken = sections["s.bytes"].copy()
    broken[3] = 0xFF
    write_container(tmp_path / "s", {**sections, "s.bytes": broken}, {})
    table = StringTable(Container(tmp_path / "s"), "s")
    assert table[0] == "aa"
    with pytest.raises(IndexDamaged, match="UTF-8"):
        table[1]
    with pytest.raises(IndexDamaged, match="UTF-8"):
        list(table)


def test_strings_whose_ends_do_not_fit(tmp_path: Path) -> None:
    sections = string_sections("s", ["aa", "bb"])
    write_container(tmp_path / "s", {**sections, "s.ends": sections["s.ends"] + 1}, {})
    with pytest.raises(IndexDamaged, match=r"s\.ends"):
        StringTable(Container(tmp_path / "s"), "s")


# Stored blobs


def stored(path: Path, packer: BlobPacker) -> StoredBlobs:
    path.unlink(missing_ok=True)
    write_container(path, blob_sections("b", packer), {})
    return StoredBlobs(Container(path), "b")


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


def test_damaged_blobs(tmp_path: Path) -> None:
    sections = blob_sections("b", pack([b"one" * 50, b"two"]))
    blocks = sections["b.blocks"].copy()
    blocks[5] ^= 0xFF
    write_container(tmp_path / "1", {**sections, "b.blocks": blocks}, {})
    with pytest.raises(IndexDamaged, match="stored text"):
        StoredBlobs(Container(tmp_path / "1"), "b")[0]
    write_container(tmp_path / "2", {**sections, "b.size": sections["b.size"] + 10}, {})
    with pytest.raises(IndexDamaged, match="cut"):
        StoredBlobs(Container(tmp_path / "2"), "b")[1]
    write_container(tmp_path / "3", {**sections, "b.block": sections["b.block"] + 7}, {})
    with pytest.raises(IndexDamaged, match="stored text"):
        StoredBlobs(Container(tmp_path / "3"), "b")[1]


def test_a_segment_with_an_unusable_header(tmp_path: Path) -> None:
    for number, meta in enumerate(({}, {"doc_count": "x"}, {"doc_count": float("inf")}, [])):
        path = tmp_path / str(number)
        write_container(path, {}, meta)  # type: ignore[arg-type]
        with pytest.raises(IndexDamaged, match="header"):
            Segment(path)


def test_verify_looks_at_the_order_of_strings(tmp_path: Path) -> None:
    good = built(tmp_path / "a", [[Document(id="a", text="x y", language="en")]])
    sections = {name: good.container[name] for name in good.container._table}
    write_container(tmp_path / "b", {**sections, **string_sections("forms", ["y", "x"])}, good.container.meta)
    with pytest.raises(IndexDamaged, match="forms are not sorted"):
        Segment(tmp_path / "b").verify()


def test_dates_and_languages_as_columns(tmp_path: Path) -> None:
    day = datetime.date(2021, 5, 29)
    docs = [Document(id="a", text="x", date=day, language="ru"), Document(id="b", text="y", language="en")]
    segment = built(tmp_path / "a", [docs])
    assert segment.dates.tolist() == [day.toordinal(), 0]
    assert [segment.language_names[code] for code in segment.languages] == ["ru", "en"]
