"""CSV and JSON Lines: a document a row."""

from __future__ import annotations

import csv
import datetime
import io
import json
import tracemalloc
import zipfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes import contents, write_old
from naidi import Document, Writer, open_index, sync
from naidi.indexer.errors import DocumentUnreadable
from naidi.indexer.readers import Content, ReadOptions, Source, csv_table, json_lines, read_file, rows
from naidi.indexer.readers.csv_table import has_header, read_csv, separator_of
from naidi.indexer.readers.json_lines import read_json_lines


def of_csv(text: str | bytes, columns: tuple[str, ...] = (), name: str = "a.csv") -> tuple[list[Content], list[str]]:
    """(the rows, the warnings)."""
    data = text if isinstance(text, bytes) else text.encode()
    found = list(read_csv(Source(data, name, ReadOptions(columns=columns))))
    return [one for one in found if one.part], [warning for one in found for warning in one.warnings]


def of_json(text: str, columns: tuple[str, ...] = ()) -> tuple[list[Content], list[str]]:
    found = list(read_json_lines(Source(text.encode(), "a.jsonl", ReadOptions(columns=columns))))
    return [one for one in found if one.part], [warning for one in found for warning in one.warnings]


TABLE = "id;Название;текст;дата;город\n7;Первая;Кошки, собаки;29.05.2021;Астана\n8;Вторая;;;\n;;;;\n9;;Третий текст;x;Париж\n"


def test_a_row_is_a_document() -> None:
    found, warnings = of_csv(TABLE)
    assert not warnings
    assert [(one.part, one.title, one.text) for one in found] == [
        ("1", "Первая", "id: 7\nКошки, собаки\nдата: 29.05.2021\nгород: Астана"),
        ("2", "Вторая", "id: 8"),
        ("3", "Третий текст", "id: 9\nТретий текст\nдата: x\nгород: Париж"),
    ]
    assert [one.date for one in found] == [datetime.date(2021, 5, 29), None, None]
    assert [one.meta for one in found] == [{"id": "7"}, {"id": "8"}, {"id": "9"}]


def test_chosen_columns() -> None:
    found, _ = of_csv(TABLE, ("текст", "город"))
    assert [(one.title, one.text) for one in found] == [
        ("Первая", "Кошки, собаки\nАстана"),
        ("Вторая", ""),
        ("Третий текст", "Третий текст\nПариж"),
    ]
    found, warnings = of_csv(TABLE, ("nothing",))
    assert warnings == ["no column is named nothing: all are read"]
    assert found == of_csv(TABLE)[0]


@pytest.mark.parametrize("separator", list(",;\t|"))
def test_separators(separator: str) -> None:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=separator)
    writer.writerows([["name", "text"], ["a, b; c", 'say "x"\nand y'], ["d|e\tf", "g"]])
    assert separator_of(table.getvalue()) == separator
    found, _ = of_csv(table.getvalue())
    assert [(one.title, one.text) for one in found] == [("a, b; c", 'say "x"\nand y'), ("d|e f", "g")]


def test_what_says_the_separator() -> None:
    assert of_csv("sep=;\na;b\nx,1;y,2\n")[0][0].text == "a: x,1\nb: y,2"
    assert of_csv("a,b\tc\nx,1\ty,2\n", name="a.tsv")[0][0].text == "a,b: x,1\nc: y,2"


@pytest.mark.parametrize(
    "text, header",
    [
        ("name,age\nx,1\n", True),
        ("город;страна\nПариж;Франция\n", True),
        ("1,2\n3,4\n", False),
        ("2021-05-29,x\n2021-05-30,y\n", False),
        ("x,x\ny,z\n", False),
        ("A sentence is no name.,x\ny,z\n", False),
        ("text\nwords\n", True),
        ("words\nmore\n", False),
        ("only,one\n", False),
        ("", False),
    ],
)
def test_headers(text: str, header: bool) -> None:
    assert has_header(list(csv.reader(io.StringIO(text), delimiter=separator_of(text)))) is header
    if text:
        found, _ = of_csv(text)
        assert len(found) == text.count("\n") - header
        assert header or ":" not in found[0].text


@pytest.mark.parametrize(
    "row, title",
    [
        (
            {"_id": "a1b2c3", "url": "https://example.org/a", "text": "Первое предложение. Второе."},
            "Первое предложение.",
        ),
        ({"id": "x", "when": "2021-05-29T10:00:00Z", "who": "Анна"}, "Анна"),
        ({"url": "https://example.org/a"}, "https://example.org/a"),
        ({"id": "x"}, ""),
        ({"n": "12", "m": "13"}, ""),
    ],
)
def test_titles_of_rows(row: dict[str, str], title: str) -> None:
    assert rows.row_content(row, 1).title == title


def test_a_table_in_cp1251() -> None:
    found, _ = of_csv("название;текст\nСпецификация;Программист пишет программу, и она работает\n".encode("cp1251"))
    assert (found[0].title, found[0].text) == ("Спецификация", "Программист пишет программу, и она работает")


def test_a_quote_that_is_never_closed_takes_no_rows() -> None:
    lines = "".join(f"{n},row {n}\n" for n in range(3_000))
    found, warnings = of_csv('name,text\n0,"open\n' + lines)
    assert warnings == ["a quote is never closed: quotes are read as text"]
    assert len(found) == 3_001 and found[0].text == '"open' and found[-1].text == "row 2999"
    long = "\n".join(["line"] * 3_000)
    found, warnings = of_csv(f'name,text\n0,"{long}"\n1,x\n')
    assert not warnings and len(found) == 2 and found[0].text == long


def test_a_very_long_field() -> None:
    limit = csv.field_size_limit()
    found, _ = of_csv(f'name,text\n0,"{"word " * 100_000}"\n')
    assert len(found[0].text) == 499_999
    assert csv.field_size_limit() == limit


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROWS", 3)
    found, warnings = of_csv("a,b\n" + "x,y\n" * 5)
    assert len(found) == 3 and warnings == ["2 lines behind row 3 are left out"]
    found, warnings = of_json('{"a": 1}\n' * 5)
    assert len(found) == 3 and warnings == ["2 lines behind row 3 are left out"]
    found, warnings = of_csv("a,b\n" + "x,y\n" * 3 + "\n \n")
    assert len(found) == 3 and not warnings
    found, warnings = of_json('{"a": 1}\n' * 3 + '{"a": 1}')
    assert len(found) == 3 and warnings == ["1 line behind row 3 is left out"]


ENDLESS = "name,text\n" + "x,y\n" * 2_000
ENDLESS_JSON = '{"a": 1}\n' * 2_001


def test_what_was_read_in_time_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10_000))
    monkeypatch.setattr(Source, "is_late", lambda self: next(ticks) > 1_000)
    monkeypatch.setattr(rows, "_STARVED", 0.0)
    found, warnings = of_csv(ENDLESS)
    assert len(found) == 1_000 and warnings == ["1,000 lines behind row 1,000 are left out: the time was over"]
    ticks = iter(range(10_000))
    found, warnings = of_json(ENDLESS_JSON)
    assert len(found) == 1_001 and warnings == ["1,000 lines behind row 1,001 are left out: the time was over"]


def test_time_ends_among_blank_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    for read, text in ((of_csv, "a,b\nx,y\n" + "\n" * 5_000), (of_json, '{"a": 1}\n' + "\n" * 5_000)):
        ticks = iter(range(1_000))
        monkeypatch.setattr(Source, "is_late", lambda self, ticks=ticks: next(ticks) > 900)
        found, warnings = read(text)
        assert len(found) == 1 and not warnings, "only blank lines are left"


def test_a_table_cut_by_a_busy_machine_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    write_old(folder / "a.csv", ENDLESS)
    ticks = iter(range(10_000))
    monkeypatch.setattr(Source, "is_late", lambda self: next(ticks) > 1_000)
    monkeypatch.setattr(rows, "_STARVED", 1e9)
    report = sync(folder, index)
    assert [why for _, why in report.warnings] == [
        "1,000 lines behind row 1,000 are left out: the time was over on a busy machine"
    ]
    assert len(contents(index)) == 1_000
    monkeypatch.undo()
    assert not sync(folder, index).warnings and len(contents(index)) == 2_000
    assert sync(folder, index).unchanged == 1


def test_the_time_of_a_table_is_set_by_who_reads_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the making of documents counts: a reader gives one after another."""
    monkeypatch.setattr(read_file, "SECONDS", 0.0)
    write_old(tmp_path / "a.csv", ENDLESS)
    monkeypatch.setattr(rows, "_STARVED", 1e9)
    with pytest.raises(DocumentUnreadable, match="the time was over on a busy machine") as raised:
        read_file.read_documents(tmp_path / "a.csv", file_id="a")
    assert isinstance(raised.value.__cause__, OSError), "it passes"


def test_the_memory_of_rows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of columns are repeated in each row, so a small file may give gigabytes."""
    monkeypatch.setattr(rows, "MAX_MEMORY", 1 << 20)
    names = ",".join(f"{'name ' * 10}{number}" for number in range(100))
    found, warnings = of_csv(f"{names}\n" + f"{','.join('1' * 100)}\n" * 1_000)
    assert 100 < len(found) < 200 and warnings == [
        f"{1_000 - len(found)} lines behind row {len(found)} are left out: they take too much memory"
    ]
    line = json.dumps({"x" * 190: dict.fromkeys(map(str, range(100)), 1)})
    found, warnings = of_json(f"{line}\n" * 1_000)
    assert 30 < len(found) < 100 and "they take too much memory" in warnings[0]


def test_a_long_key_is_not_repeated_whole() -> None:
    line = json.dumps({"k" * 1_000_000: {str(number): number for number in range(10_000)}})
    tracemalloc.start()
    try:
        ((only,), _) = of_json(line)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()
    assert [row.rpartition(": ")[2] for row in only.text.split("\n")] == list(map(str, range(500))), "no value is lost"


def test_wide_lines_of_json_are_read_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "_MOST_VALUES", 10)
    wide = json.dumps(dict.fromkeys("abcdefghijkl", 1))
    found, warnings = of_json(f'{{"a": 1}}\n{wide}\n{{"a": 2}}\n')
    assert [one.text for one in found] == ["a: 1", wide, "a: 2"]
    assert warnings == ["1 line of more than 10 values, read as plain text"]


def test_a_row_of_too_many_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_MOST_FIELDS", 10)
    with pytest.raises(ValueError, match="no table: a row of more than 10 fields"):
        of_csv("," * 20)
    for wide in ("1," * 20, '"\n",' * 20):
        found, warnings = of_csv(f"a,b\nx,y\nz,{wide}\nx,y")
        assert len(found) == 1
        assert warnings == [f"{2 + wide.count(chr(10))} lines behind row 1 are left out: a row of more than 10 fields"]


def test_columns_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_MOST_COLUMNS", 3)
    found, warnings = of_csv("a,b\nx,y,z,no\nx,y\n")
    assert [one.text for one in found] == ["a: x\nb: y\n3: z", "a: x\nb: y"]
    assert warnings == ["columns behind column 3 are left out"]


def test_rows_before_a_quote_that_is_never_closed_keep_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_LONGEST_FIELD", 10)
    rest = "".join(f"{n},row {n}\n" for n in range(20))
    found, warnings = of_csv('name,text\n0,"two\nlines, and ""quotes"""\n1,"open\n' + rest)
    assert found[0].text == 'two\nlines, and "quotes"' and found[1].text == '"open' and len(found) == 22
    assert warnings == ["a quote is never closed: quotes are read as text"]
    # One that is closed far behind is none either, if too much would be in memory.
    for limit, low in (("_MOST_LETTERS", 100), ("_MOST_FIELDS", 15)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csv_table, limit, low)
            found, warnings = of_csv(f'name,text\n1,"open\n{rest}"\nx,y\n')
        assert len(found) == 23 and warnings == ["a quote is never closed: quotes are read as text"]


def test_a_table_takes_little_memory_beside_its_documents() -> None:
    data = ("name,text\n" + "x,y\n" * 1_000_000 + "😀,y\n").encode()
    source = Source(data, "a.csv")
    tracemalloc.start()
    try:
        for _ in islice(read_csv(source), 1_000):
            pass
        now, peak = tracemalloc.get_traced_memory()
        assert now < len(data) // 4 and peak < 6 * len(data), "the text is decoded once to see that it can be"
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = end.join(("название;текст", "Спецификация;Программист пишет программу, и она работает", ""))
    (only,), warnings = of_csv(text.encode(encoding))
    assert (only.title, only.text) == ("Спецификация", "Программист пишет программу, и она работает") and not warnings


def test_the_number_of_a_row_is_no_name_and_no_year(tmp_path: Path) -> None:
    write_old(tmp_path / "table.csv", "title,text\n" + "x,y\n" * 2_030)
    documents = read_file.read_documents(tmp_path / "table.csv", file_id="a")
    assert {(one.names, one.keywords, one.date_source) for one in documents} == {("table", "", "mtime")}
    write_old(tmp_path / "2021-05-29.csv", "title,text\n" + "x,y\n" * 3)
    documents = read_file.read_documents(tmp_path / "2021-05-29.csv", file_id="a")
    assert {one.date for one in documents} == {datetime.date(2021, 5, 29)}


def test_json_lines() -> None:
    text = "\n".join(
        json.dumps(value)
        for value in (
            {
                "_id": 5,
                "subject": "Жук",
                "body": "Летит",
                "created_at": "2021-05-29T10:00:00Z",
                "author": {"name": "Анна"},
                "n": None,
            },
            {"tags": ["a", "b"], "deep": [{"x": 1}, {"x": "y"}], "author": "Ivan"},
            ["list", "of words"],
            "a string",
        )
    )
    found, warnings = of_json(f"{text}\n\nno json\n")
    assert warnings == ["1 line that is no JSON"]
    assert [(one.part, one.title, one.text) for one in found] == [
        ("1", "Жук", "_id: 5\nЛетит\ncreated_at: 2021-05-29T10:00:00Z\nauthor.name: Анна"),
        ("2", "a, b", "tags: a, b\ndeep.0.x: 1\ndeep.1.x: y\nauthor: Ivan"),
        ("3", "list, of words", "list, of words"),
        ("4", "a string", "a string"),
    ]
    assert found[0].date == datetime.date(2021, 5, 29) and found[0].meta == {"id": "5"}
    assert found[1].meta == {"author": "Ivan", "tags": "a, b"}


def test_chosen_keys_of_json_lines() -> None:
    text = '{"a": {"b": "Да"}, "c": "нет"}\n{"c": "нет"}\n'
    found, warnings = of_json(text, ("a.b",))
    assert [(one.part, one.text) for one in found] == [("1", "Да")] and not warnings
    assert of_json(text, ("x",)) == ([], ["no column is named x"])


@pytest.mark.parametrize("line", ["no json", "[" * 100_000, '{"a": ' * 100_000, "{", '"' + "9" * 5_000, "9" * 5_000])
def test_what_is_no_json(line: str) -> None:
    with pytest.raises(ValueError, match=r"^no line is JSON$"):
        of_json(line)


@given(
    st.lists(
        st.dictionaries(st.text(max_size=10), st.none() | st.text() | st.floats() | st.lists(st.text() | st.integers()))
    )
)
def test_any_json_lines(values: list[dict[str, object]]) -> None:
    found, _ = of_json("\n".join(map(json.dumps, values)))
    assert [one.part for one in found] == [str(number) for number in range(1, len(values) + 1)]


@given(st.lists(st.lists(st.text(st.sampled_from('ab1 ",;\t|\n')), min_size=1), min_size=1), st.sampled_from(",;\t|"))
def test_any_table(table: list[list[str]], separator: str) -> None:
    """No cell is lost, whatever is guessed about separator and header."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(table)
    found, _ = of_csv(text.getvalue())
    guessed = separator_of(text.getvalue())
    rows = [
        row
        for row in csv.reader(io.StringIO(text.getvalue(), newline="\n"), delimiter=guessed)
        if any(map(str.strip, row))
    ]
    for row, content in zip(rows[has_header(rows) :], found, strict=True):
        for cell in row:
            assert cell.strip() in content.text or " ".join(cell.split()) == content.title


LINES = """название,текст,где

яблоко,красное,сад
груша,"жёлтая
и сочная","двор
и сад"
 ,,
слива,синяя,роща
"""


@pytest.mark.parametrize(
    "name, data, lines",
    [
        ("a.csv", LINES, {"яблоко": [3], "груша": [4], "сочная": [4], "двор": [4], "слива": [8], "роща": [8]}),
        ("a.csv", f"sep=,\n{LINES}", {"яблоко": [4], "роща": [9]}),
        ("a.tsv", "красное.\tсад\nяблоко груша\tлес\n", {"красное": [1], "лес": [2]}),
        (
            "a.jsonl",
            '{"title": "т", "text": "один", "где": "сад"}\n\n{"text": "два слова\\nи ещё лес", "где": "двор"}\n',
            {"сад": [1], "два": [3], "лес": [3], "двор": [3]},
        ),
    ],
)
def test_lines_of_rows_are_those_of_the_file(tmp_path: Path, name: str, data: str, lines: dict[str, list[int]]) -> None:
    folder = tmp_path / "folder"
    write_old(folder / name, data.encode())
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(folder / name, f"в архиве/{name}")
    sync(folder, tmp_path / "index")
    with open_index(tmp_path / "index") as searcher:
        found = {
            word: [snippet.line for hit in searcher.search(word, exact=True).hits for snippet in hit.snippets[:1]]
            for word in lines
        }
    assert found == {word: 2 * numbers for word, numbers in lines.items()}


def test_an_id_of_an_application_is_no_row(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document("a.csv//1", "первая строка\nвторая груша\n"))
    with open_index(tmp_path) as searcher:
        assert searcher.search("груша").hits[0].snippets[0].line == 2
