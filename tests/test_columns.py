"""Columns: as rows they are what was put in, gathered, changed, written and read; damage shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes import replace_file
from naidi import Document, IndexDamaged, Writer, field, fields, open_index, sync, upgrade
from naidi.indexer import core
from naidi.indexer.codec.column_file import ColumnFile, write_columns
from naidi.indexer.codec.columns import Column, changed, column_of_rows, gathered
from naidi.indexer.codec.container import write_container
from naidi.indexer.codec.lines import Lines
from naidi.indexer.state.generations import open_generation

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "keyword": st.sampled_from(["", "a", "b", "ё", "яблоко", "a\tb", "\U0001f600"]),
    "number": st.sampled_from([-1e300, -2.5, -1.0, 0.0, 0.1, 3.0, 2.0**53]),
    "datetime": st.sampled_from([-62135596800000000, -1, 0, 1_000_000, 253402300799999999]),
    "text": st.integers(1, 3),
}


@st.composite
def kinds_and_rows(draw: st.DrawFn, most: int) -> tuple[str, list[tuple[Any, ...]]]:
    kind = draw(st.sampled_from(sorted(VALUES)))
    row = st.lists(VALUES[kind], unique=True, max_size=most).map(sorted).map(tuple)
    return kind, draw(st.lists(row, max_size=12))


def rows_of(column: Column | None, doc_count: int) -> list[tuple[Any, ...]]:
    return [() if column is None else column.stored(doc) for doc in range(doc_count)]


columns = kinds_and_rows(1) | kinds_and_rows(3)


@given(columns)
def test_a_column_has_the_values_of_its_rows(made: tuple[str, list[tuple[Any, ...]]]) -> None:
    kind, rows = made
    column = column_of_rows(kind, rows)
    assert column.doc_count == len(rows) and rows_of(column, len(rows)) == rows
    assert (column.ends is not None) == any(len(row) > 1 for row in rows)
    docs = np.arange(len(rows))[::-1]
    places, lengths = column.of_docs(docs)
    assert [column.value(place) for place in places.tolist()] == [value for row in rows[::-1] for value in row]
    assert lengths.tolist() == [len(row) for row in rows[::-1]]


@given(st.data(), columns)
def test_columns_are_gathered_row_by_row(data: st.DataObject, made: tuple[str, list[tuple[Any, ...]]]) -> None:
    kind, rows = made
    other = data.draw(st.lists(st.lists(VALUES[kind], unique=True, max_size=2).map(sorted).map(tuple), max_size=8))
    taken = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True).map(sorted) if rows else st.just([]))
    parts: list[tuple[Column | None, Any]] = [
        (column_of_rows(kind, rows), np.array(taken, np.int64)),
        (None, np.arange(2)),
        (column_of_rows(kind, other), np.arange(len(other))),
    ]
    expected = [rows[doc] for doc in taken] + [(), ()] + other
    assert rows_of(gathered(kind, parts), len(expected)) == expected
    order = data.draw(st.permutations(range(len(expected))))
    found = gathered(kind, parts, np.array(order, np.int64))
    assert rows_of(found, len(expected)) == [expected[place] for place in order]
    if found is not None:  # no value stays that no document has
        assert len(found.values) == len({value for row in expected for value in row})


@given(st.data(), columns)
def test_a_changed_column_is_that_of_the_changed_rows(
    data: st.DataObject, made: tuple[str, list[tuple[Any, ...]]]
) -> None:
    kind, rows = made
    row = st.lists(VALUES[kind], unique=True, max_size=3).map(sorted).map(tuple)
    changes = data.draw(st.dictionaries(st.integers(0, len(rows) - 1), row) if rows else st.just({}))
    column = column_of_rows(kind, rows) if any(rows) else None
    expected = [changes.get(doc, row) for doc, row in enumerate(rows)]
    assert rows_of(changed(kind, column, len(rows), changes), len(rows)) == expected


@given(columns)
def test_a_column_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[str, list[tuple[Any, ...]]]
) -> None:
    kind, rows = made
    path = tmp_path_factory.mktemp("columns") / "one.col"
    given_columns = {"поле": column_of_rows(kind, rows), "b.c": column_of_rows("boolean", [(1,)] * len(rows))}
    write_columns(path, len(rows), {name: one for name, one in given_columns.items() if len(one.values)})
    file = ColumnFile(path)
    file.verify()
    assert file.doc_count == len(rows)
    assert rows_of(file.column("поле"), len(rows)) == rows and file.column("none") is None
    merged = gathered(kind, [(file.column("поле"), np.arange(len(rows))), (None, np.arange(1))])
    assert rows_of(merged, len(rows) + 1) == [*rows, ()]


def test_a_thousand_fields_with_long_names_have_room(tmp_path: Path) -> None:
    names = [f"{'поле' * 45}{number:04}" for number in range(1_000)]
    write_columns(tmp_path / "c", 2, {name: column_of_rows("keyword", [("a", "b"), ()]) for name in names})
    file = ColumnFile(tmp_path / "c")
    assert list(file.kinds) == names and file.column(names[-1]).stored(0) == ("a", "b")  # type: ignore[union-attr]


def test_whole_numbers_take_few_bytes(tmp_path: Path) -> None:
    """Moments of whole minutes take two bytes each, and a flag of a document one."""
    moments = [(1_700_000_000_000_000 + minute * 60_000_000,) for minute in range(10_000)]
    flags: list[tuple[int, ...]] = [(number % 2,) for number in range(10_000)]
    write_columns(
        tmp_path / "c", 10_000, {"at": column_of_rows("datetime", moments), "flag": column_of_rows("boolean", flags)}
    )
    table = ColumnFile(tmp_path / "c").container.table
    assert {name: kind for name, (_, _, kind) in table.items() if name != "digests"} == {
        "0.values": "<u2",
        "0.places": "<u2",
        "1.values": "|u1",
        "1.places": "|u1",
    }


WRONG: dict[str, Any] = {
    "a place too great": {"0.places": np.array([9, 1, 2], np.uint8)},
    "a value that nobody has": {"0.places": np.array([1, 1, 1], np.uint8)},
    "values that do not ascend": {"0.values.bytes": np.frombuffer(b"b\na\n", np.uint8)},
    "ends that fall": {"1.ends": np.array([2, 1, 2], np.uint8)},
    "a document with a value twice": {"1.places": np.array([1, 1], np.uint8)},
    "no value among several": {"1.places": np.array([0, 1], np.uint8)},
    "numbers that do not ascend": {"2.values": np.array([2.5, 0.5])},
    "a number that is none": {"2.values": np.array([0.5, np.nan])},
}


def three_columns(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    write_columns(
        path,
        3,
        {
            "k": column_of_rows("keyword", [("a",), ("b",), ()]),
            "m": column_of_rows("number", [(1.0, 2.0), (), ()]),
            "n": column_of_rows("number", [(0.5,), (), (2.5,)]),
        },
    )
    container = ColumnFile(path).container
    return {name: np.array(container[name]) for name in container.table if name != "digests"}, container.meta


@pytest.mark.parametrize("wrong", WRONG)
def test_columns_that_contradict_themselves_are_damaged(tmp_path: Path, wrong: str) -> None:
    sections, meta = three_columns(tmp_path / "right")
    write_container(tmp_path / "wrong", {**sections, **WRONG[wrong]}, meta)
    with pytest.raises(IndexDamaged):
        ColumnFile(tmp_path / "wrong").verify()


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"doc_count": -1, "columns": []},
        {"doc_count": 3},
        {"doc_count": 4, "columns": [["k", "keyword", 0, 0]]},
        {"doc_count": 3, "columns": [["k", "point", 0, 0]]},
        {"doc_count": 3, "columns": [["k", "number", 0, 0]]},
        {"doc_count": 3, "columns": [["k", "keyword", 0, 0], ["k", "number", 1, 1]]},
        {"doc_count": 3, "columns": [["k", "keyword", 0, -1]]},
        {"doc_count": 3, "columns": [["k", "keyword", 0.5, 0]]},
        {"doc_count": 3, "columns": [[["k"], "keyword", 0, 0]]},
        {"doc_count": 3, "columns": 7},
        [],
    ],
    ids=repr,
)
def test_a_header_that_makes_no_sense_is_damage(tmp_path: Path, meta: Any) -> None:
    sections, _ = three_columns(tmp_path / "right")
    write_container(tmp_path / "wrong", sections, meta)
    with pytest.raises(IndexDamaged):
        ColumnFile(tmp_path / "wrong")


SCHEMA = {"brand": fields.Keyword(), "notes": fields.Text()}


def some_index(index: Path) -> None:
    with Writer(index, schema=SCHEMA) as writer:
        for number in range(20):
            values = {"brand": f"b{number % 3}", "notes": f"remark {number}"}
            writer.add(Document(id=f"d{number}", text="a word of the text", fields=values))


def columns_file(index: Path) -> Path:
    (path,) = open_generation(index).directory.glob("*.col")
    return path


def test_every_bit_of_the_columns_is_checked(index: Path) -> None:
    some_index(index)
    path = columns_file(index)
    data = path.read_bytes()
    used = [place for place in range(len(data)) if place < 200 or data[place] or place > len(data) - 300]
    for place in used[:: max(len(used) // 150, 1)]:
        replace_file(path, data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        with pytest.raises(IndexDamaged):
            open_generation(index).verify()
        try:
            with open_index(index) as searcher:
                searcher.search("word brand:b1", facets=["brand"], sort="brand")
        except IndexDamaged:
            pass
    replace_file(path, data)
    open_generation(index).verify()


def test_a_missing_file_of_columns_is_damage(index: Path) -> None:
    some_index(index)
    columns_file(index).unlink()
    with pytest.raises(IndexDamaged, match=r"\.col"):
        open_index(index)


def test_damaged_columns_get_no_digest_of_their_own(index: Path) -> None:
    some_index(index)
    path = columns_file(index)
    data = bytearray(path.read_bytes())
    place = data.index(b"b1\n")
    data[place] ^= 1
    replace_file(path, bytes(data))
    with pytest.raises(IndexDamaged), Writer(index) as writer:
        writer.update("d1", fields={"brand": "other"})


def test_an_upgrade_keeps_the_fields(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some_index(index)
    with Writer(index) as writer:
        writer.update("d3", fields={"brand": "changed"})
    before = {doc_id: open_index(index).get(doc_id) for doc_id in open_index(index).ids()}
    monkeypatch.setattr("naidi.indexer.writing.upgrade.fingerprint", lambda: "another", raising=False)
    monkeypatch.setattr("naidi.indexer.writing.writer.fingerprint", lambda: "another")
    upgrade(index)
    with open_index(index) as searcher:
        assert {doc_id: searcher.get(doc_id) for doc_id in searcher.ids()} == before
        assert searcher.search("notes:remark brand:changed").total == 1
        assert searcher.search("remark").total == 20


def test_a_rebuild_without_the_columns_keeps_the_documents_and_says_what_is_lost(index: Path, tmp_path: Path) -> None:
    some_index(index)
    columns_file(index).unlink()
    (tmp_path / "docs").mkdir()
    report = sync(tmp_path / "docs", index, rebuild=True)
    assert any("the values of fields" in str(lost) for lost in report.lost)
    with open_index(index) as searcher:
        assert searcher.search("word").total == 20 and searcher.get("d1").fields == {"notes": "remark 1"}
        assert searcher.search("remark").total == 20
        assert searcher.search("word", where=field("brand").exists()).total == 0


@pytest.mark.skipif(not core.is_used, reason="compares the core with Python")
def test_both_ways_to_unite_keywords_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("a", "c"), ("b",), (), ("ё",)]
    parts = [(column_of_rows("keyword", rows), np.arange(4)), (column_of_rows("keyword", rows[::-1]), np.array([1]))]
    by_core = gathered("keyword", parts)
    monkeypatch.setattr("naidi.indexer.core.is_used", False)
    plain = gathered("keyword", parts)
    assert by_core is not None and plain is not None
    assert isinstance(by_core.values, Lines) and isinstance(plain.values, Lines)
    assert by_core.values.strings() == plain.values.strings()
    assert by_core.places.tolist() == plain.places.tolist()
