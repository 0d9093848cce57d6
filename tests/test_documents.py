"""What a Document accepts, how a file becomes one, and what texts are called."""

from __future__ import annotations

import datetime
import json
import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.analysis.sentences import MAX_SENTENCE, sentence_spans
from naidi.indexer.document import Document
from naidi.indexer.errors import DocumentUnreadable, InvalidDocument
from naidi.indexer.readers import Content, Format, Source, register, registry
from naidi.indexer.readers.read_file import read_documents, split_header
from naidi.indexer.readers.title import MAX_TITLE, shortened, title_of

SEEDS = Path(__file__).parent.parent / "seeds"


# --- Document


def test_defaults() -> None:
    document = Document(id="a", text="text")
    assert document == Document("a", "text", "", None, None, {}, None)


def test_a_full_document_survives_pickling() -> None:
    meta: dict[str, str | int | float | bool | None] = {
        "source": "who",
        "number": 1,
        "share": 0.5,
        "checked": True,
        "other": None,
    }
    document = Document("a", "текст", "Заглавие", datetime.date(2021, 5, 29), "seeds/a.txt", meta, "ru")
    again = pickle.loads(pickle.dumps(document))
    assert again == document and hash(again) == hash(document)


def test_it_cannot_be_changed() -> None:
    meta: dict[str, Any] = {"source": "who"}
    document = Document(id="a", text="text", meta=meta)
    meta["source"] = "other"
    assert document.meta == {"source": "who"}
    with pytest.raises(AttributeError):
        document.text = "other"  # type: ignore[misc]


def test_types_are_narrowed() -> None:
    document = Document(
        id="a",
        text="",
        date=datetime.datetime(2021, 5, 29, 23, 59),
        path=Path("a") / "b.txt",  # type: ignore[arg-type]
    )
    assert document.date == datetime.date(2021, 5, 29) and type(document.date) is datetime.date
    assert document.path == os.path.join("a", "b.txt")


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "a document id is empty or blank"),
    ({"id": " \n"}, "a document id is empty or blank"),
    ({"id": 7}, "a document id is 7; it must be a str"),
    ({"id": None}, "a document id is None; it must be a str"),
    ({"id": "x" * 1025}, "has 1025 characters; at most 1024 are allowed"),
    ({"id": "a\0b"}, "has a NUL character or a lone surrogate"),
    ({"id": "a\udc80"}, "has a NUL character or a lone surrogate"),
    ({"text": None}, "document 'a': text is None; it must be a str"),
    ({"text": b"bytes"}, "document 'a': text is b'bytes'; it must be a str; decode the bytes first"),
    ({"title": 5}, "document 'a': title is 5; it must be a str"),
    ({"date": "2021-05-29"}, "date is '2021-05-29'; it must be a datetime.date; datetime.date.fromisoformat"),
    ({"date": 1622246400}, "date is 1622246400"),
    ({"path": 3}, "path is 3; it must be a str"),
    ({"path": b"a"}, "path is b'a'; it must be a str"),
    ({"meta": [("a", 1)]}, "it must be a mapping"),
    ({"meta": None}, "meta is None; it must be a mapping"),
    ({"meta": {1: "a"}}, "meta is 1; it must be keyed by str"),
    ({"meta": {"tags": ["a"]}}, "meta['tags'] is ['a']; it must be a str, int, float, bool or None"),
    ({"meta": {"when": datetime.date(2021, 1, 1)}}, "meta['when'] is datetime.date(2021, 1, 1)"),
    ({"meta": {"x": float("nan")}}, "meta['x'] is nan; it must be a finite number"),
    ({"language": "English"}, "language is 'English'; it must be a language code"),
    ({"language": ""}, "language is ''"),
]


@pytest.mark.parametrize("fields, message", INVALID)
def test_invalid_documents_say_what_is_wrong(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        Document(**{"id": "a", "text": "text", **fields})
    assert message in str(caught.value)


def test_the_longest_id() -> None:
    assert len(Document(id="я" * 1024, text="").id) == 1024


def test_surrogates_are_mended() -> None:
    document = Document(id="a", text="a\ud800b", title="\udfff", path="p\udcff", meta={"\udc00": "\ud83d\ude00"})
    assert (document.text, document.title, document.path) == ("a\ufffdb", "\ufffd", "p\ufffd")
    assert document.meta == {"\ufffd": "😀"}


@given(st.text(st.characters(), max_size=50))
def test_any_text_can_be_encoded_afterwards(text: str) -> None:
    document = Document(id="a", text=text, meta={"k": text})
    document.text.encode()
    json.dumps(document.meta, ensure_ascii=False).encode()
    assert document.text == text or "\ufffd" in document.text or len(document.text) < len(text)


# --- the header


@pytest.mark.parametrize(
    "text, date, rest",
    [
        (" date 2021-05-29 President Tokayev", "2021-05-29", "President Tokayev"),
        ("date 2021-05-29 Текст", "2021-05-29", "Текст"),
        ("\n \t date 2021-05-29\nТекст", "2021-05-29", "\nТекст"),
        (" date 2021-05-29", "2021-05-29", ""),
        (" date 2024-02-29 x", "2024-02-29", "x"),
        (" date 2021-13-45 x", None, " date 2021-13-45 x"),
        (" date 2021-02-29 x", None, " date 2021-02-29 x"),
        (" date 0000-01-01 x", None, " date 0000-01-01 x"),
        (" date 2021-5-9 x", None, " date 2021-5-9 x"),
        (" date 2021-05-29: x", None, " date 2021-05-29: x"),
        (" date 2021-05-291 x", None, " date 2021-05-291 x"),
        ("The date 2021-05-29 x", None, "The date 2021-05-29 x"),
        (" date ٢٠٢١-05-29 x", None, " date ٢٠٢١-05-29 x"),
        ("", None, ""),
    ],
)
def test_header(text: str, date: str | None, rest: str) -> None:
    found, body = split_header(text)
    assert (found and found.isoformat(), body) == (date, rest)


# --- files


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def reason(path: Path) -> str:
    with pytest.raises(DocumentUnreadable) as caught:
        read_documents(path, file_id="a", display_path="shown.txt")
    assert caught.value.path == "shown.txt"
    return caught.value.reason


def test_the_owners_documents() -> None:
    expected = {
        "000": ("2021-05-29", "President Kassym-Jomart Tokayev held a videoconference meeting with"),
        "001": ("2021-12-01", "The President of Kazakhstan met with the WHO Director General, Kazpravda.kz"),
        "004": ("2025-12-12", "Первый заместитель министра иностранных дел Республики Казахстан Ержана Ашикбаева"),
    }
    for number, (date, title) in expected.items():
        (path,) = SEEDS.glob(f"{number}_*.txt")
        [document] = read_documents(path, file_id=path.name, display_path=path.name)
        assert document.date == datetime.date.fromisoformat(date)
        assert document.title.startswith(title) and document.title.endswith("…") and len(document.title) <= MAX_TITLE
        assert "date " + date not in document.text
        assert document.path == document.id == path.name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866"])
def test_the_same_document_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = " date 2021-05-29 Министр встретился с врачами. Они обсудили вакцину."
    warnings: list[str] = []
    [document] = read_documents(write(tmp_path / "a.txt", text.encode(encoding)), file_id="a", warn=warnings.append)
    assert document.text == "Министр встретился с врачами. Они обсудили вакцину."
    assert document.title == "Министр встретился с врачами."
    assert document.date == datetime.date(2021, 5, 29)
    assert document.path == str(tmp_path / "a.txt")
    assert warnings == []


def test_damaged_bytes_are_told(tmp_path: Path) -> None:
    warnings: list[str] = []
    path = write(tmp_path / "a.txt", "Министр встретился с врачами".encode() + b"\xff.")
    assert read_documents(path, file_id="a", warn=warnings.append)[0].text.endswith("врачами\ufffd.")
    assert warnings == ["1 damaged character (utf-8)"]
    assert read_documents(path, file_id="a")[0].text.endswith("врачами\ufffd.")


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" date 2021-05-29 \n", "empty"),
        (b"text\0text", "binary file"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary file"),
        (b"\x01\x02\x03\x04" * 20, "binary file"),
    ],
)
def test_files_without_text(tmp_path: Path, content: bytes, why: str) -> None:
    assert reason(write(tmp_path / "a.txt", content)) == why


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(tmp_path / "missing.txt") == "no such file"
    assert reason(tmp_path / "a.odd") == "unsupported format .odd"
    (tmp_path / "dir.txt").mkdir()
    assert reason(tmp_path / "dir.txt") == "not a regular file"
    (tmp_path / "dangling.txt").symlink_to("nowhere")
    assert reason(tmp_path / "dangling.txt") == "no such file"
    os.mkfifo(tmp_path / "pipe.txt")
    assert reason(tmp_path / "pipe.txt") == "not a regular file"

    def forbidden(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    assert reason(tmp_path / "a.txt") == "no permission"


def test_a_reader_that_fails_is_no_disaster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_by_extension", dict(registry._by_extension))

    def broken(source: Source) -> Content:
        raise KeyError("page 3") if source.data == b"crash" else ValueError("encrypted")

    register(Format("broken", (".broken",), broken))
    assert reason(write(tmp_path / "a.broken", b"crash")) == "the reader failed: KeyError: 'page 3'"
    assert reason(write(tmp_path / "a.broken", b"locked")) == "encrypted"


def test_a_file_of_several_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_by_extension", dict(registry._by_extension))

    def lines(source: Source) -> Iterator[Content]:
        for number, line in enumerate(source.data.decode().split("\n"), 1):
            yield Content(line, part=str(number), warnings=("odd",) * (line == "b"))

    register(Format("lines", (".lines",), lines))
    warnings: list[str] = []
    found = read_documents(write(tmp_path / "x.lines", "a\n\nb"), file_id="f/x.lines", warn=warnings.append)
    assert [(one.id, one.text, one.path) for one in found] == [
        ("f/x.lines//1", "a", str(tmp_path / "x.lines")),
        ("f/x.lines//3", "b", str(tmp_path / "x.lines")),
    ]
    assert warnings == ["3: odd"]
    assert reason(write(tmp_path / "x.lines", "\n\n")) == "empty"


def test_a_format_that_needs_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_by_extension", dict(registry._by_extension))
    register(Format("far", (".far",), "nowhere_to_be_found.reader:read", needs="nowhere_to_be_found [far]"))
    assert reason(write(tmp_path / "a.far", "x")) == "needs the package nowhere_to_be_found [far]"


def test_files_without_an_extension(tmp_path: Path) -> None:
    [document] = read_documents(write(tmp_path / "README", "Прочти меня"), file_id="a")
    assert document.text == "Прочти меня"
    assert reason(write(tmp_path / "program", b"\x7fELF\0\0\1")) == "binary file"


def test_a_markdown_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "---\ntitle: Сводка\ndate: 2021-05-29\n---\n# Глава\n\nТекст. <!-- заметка -->\n")
    [document] = read_documents(path, file_id="a")
    assert (document.title, document.date) == ("Сводка", datetime.date(2021, 5, 29))
    assert document.text == "# Глава\n\nТекст. \n"


def test_a_long_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "слово " * 800_000)
    start = time.process_time()
    [document] = read_documents(path, file_id="a")
    assert len(document.text) == 4_800_000
    assert document.title == ("слово " * 16).rstrip() + "…"
    assert time.process_time() - start < 1


# --- titles

TITLES = """
МОСКВА, 5 мая — РИА Новости. Президент сказал слово. | Президент сказал слово.
МОСКВА, 12 мар — РИА Новости, Иван Петров. Президент сказал слово. | Президент сказал слово.
МОСКВА, 5 мая. /ТАСС/. Власти сообщили о пожаре. | Власти сообщили о пожаре.
Москва. 5 мая. INTERFAX.RU - Банк поднял ставку. | Банк поднял ставку.
АСТАНА. КАЗИНФОРМ – Глава государства принял посла. | Глава государства принял посла.
Астана. 11 декабря. KAZAKHSTAN TODAY - Первый заместитель министра прибыл. | Первый заместитель министра прибыл.
Нур-Султан, 10 февраля 2021 года. Сенат принял закон. | Сенат принял закон.
ЛОНДОН — Банк Англии повысил ставку. | Банк Англии повысил ставку.
LONDON (Reuters) - Oil prices rose on Monday. More. | Oil prices rose on Monday.
(Reuters) - Oil prices rose on Monday. More. | Oil prices rose on Monday.
LONDON, March 3 - The bank said it would. | The bank said it would.
NORWALK, Conn., March 4 - The company said so. | The company said so.
WASHINGTON, D.C., Dec. 11 (AP) — The Senate voted. | The Senate voted.
ALMATY, Kazakhstan (AP) — Police said so. | Police said so.
BEIJING, Dec. 11 (Xinhua) -- China said so. | China said so.
Фото: МИД РК. Президент встретился с послом. | Президент встретился с послом.
Фото: один | Фото: один
Photo by John Smith\\nThe man came. | The man came.
Photo: AP\\n\\nThe man came. | The man came.
Источник: ТАСС\\n\\n© РИА Новости\\n\\nВ Москве прошёл дождь. | В Москве прошёл дождь.
Фото: AP\\nМОСКВА, 5 мая — РИА Новости. Пришла весна. | Пришла весна.
Москва — столица России. Да. | Москва — столица России.
Сегодня, 5 мая — праздник. | Сегодня, 5 мая — праздник.
COVID-19 — новая болезнь. | COVID-19 — новая болезнь.
Python (programming language) – a language. | Python (programming language) – a language.
Юрий Гагарин (1934–1968) — советский космонавт. | Юрий Гагарин (1934–1968) — советский космонавт.
Президент (Токаев) Казахстана приехал. | Президент (Токаев) Казахстана приехал.
А. С. Пушкин родился в 1799 г. в Москве. Он писал. | А. С. Пушкин родился в 1799 г. в Москве.
Dr. Smith of the U.S. Senate, i.e. the upper house, came. He left. | Dr. Smith of the U.S. Senate, i.e. the upper house, came.
# Практическое руководство. Запись в файл\\nТекст. | Практическое руководство. Запись в файл
***\\n---\\n1.\\nПервое дело | Первое дело
[[anchor]]\\n== Getting help\\nText | Getting help
- first item\\n- second item | first item
!!! | !!!
12 345 | 12 345
"""


@pytest.mark.parametrize("row", TITLES.strip().splitlines())
def test_titles(row: str) -> None:
    text, title = row.replace("\\n", "\n").split(" | ")
    assert title_of(text) == title


@pytest.mark.parametrize("text", ["", " \n\u00a0\t"])
def test_only_a_blank_text_has_no_title(text: str) -> None:
    assert title_of(text) == ""


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_title_is_short_and_there_is_one(text: str) -> None:
    title = title_of(text)
    assert bool(title) == bool(text.strip())
    assert len(title) <= MAX_TITLE and "\n" not in title


def test_shortened() -> None:
    assert shortened("a  b\nc") == "a b c"
    assert shortened("слово " * 30, 20) == "слово слово слово…"
    assert shortened("раз, два, три", 12) == "раз, два…"
    assert shortened("x" * 300) == "x" * 99 + "…"
    assert shortened("e\u0301" * 100, 12) == "e\u0301" * 5 + "…", "an accent stays with its letter"


# --- sentences

SENTENCES = """
The President met WHO, Kazpravda.kz reports. | He spoke.
Dr. Smith of the U.S. Senate came. | He lives in the U.S. | The end.
Pi is 3.14, he said (e.g. in class). | "Right!" | She nodded.
«Кто там?» — спросил он. | «Никого!» | Ответа нет...
А. С. Пушкин родился в 1799 г. в Москве. | Он писал, т. е. творил, и т. д. | Затем умер.
В 2021 г. Казахстан рос. | Проф. Иванов живёт в г. Алматы на ул. Абая. | Он рад.
См. рис. 5 и табл. 2. | Вес 5 кг.
Он сказал: «Да». | Она ушла (навсегда). | Конец…
older than I. | He came. | I. Newton did.
Modern art. | The lens is 5 cm. | Шкаф: 5 см. | Он мал.
Say no. | Then see No. 5 and p. 7.
# Heading | Text of it goes here. | - item one | - item two | 1. Introduction to it. | Fine.
"""


@pytest.mark.parametrize("row", SENTENCES.strip().splitlines())
@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
def test_sentences(row: str, gap: str) -> None:
    sentences = row.split(" | ")
    if gap == " " and row.startswith("#"):
        return  # headings and items are lines
    text = gap.join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


def test_a_heading_line_above_a_long_line_stands_alone() -> None:
    heading = "Президент встретился с послами европейских стран"
    paragraph = "Глава государства принял послов, " * 5
    text = heading + "\n" + paragraph
    assert [text[start:end] for start, end in sentence_spans(text)] == [heading, paragraph.strip()]


def test_wrapped_lines_are_one_sentence() -> None:
    text = "This paragraph was wrapped by an editor after some\nsixty characters, as paragraphs are. It goes on\nOver there."
    assert [text[a:b].count("\n") for a, b in sentence_spans(text)] == [1, 1]


@given(st.text(st.sampled_from('aбЯ .!?\n"«»(г)-#1\t…'), max_size=300), st.integers(0, 20), st.integers(0, 300))
def test_spans_cover_the_text_in_order(text: str, start: int, end: int) -> None:
    spans = list(sentence_spans(text, start, end))
    position = start
    for begin, stop in spans:
        assert not text[position:begin].strip()
        assert 0 < stop - begin <= MAX_SENTENCE
        assert text[begin:stop] == text[begin:stop].strip()
        position = stop
    assert not text[position : min(end, len(text))].strip() or position >= end


@pytest.mark.parametrize("piece", ["a", ".", "a b ", " ", "\n", "a. ", "г. ", "\n a", '."', "(", "А. ", "1. "])
def test_sentences_of_a_long_line_take_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    begin = time.process_time()
    longest = max((end - start for start, end in sentence_spans(text)), default=0)
    assert longest <= MAX_SENTENCE
    assert time.process_time() - begin < 5


def test_sentences_are_found_lazily() -> None:
    text = "word " * 2_000_000
    begin = time.process_time()
    first = next(sentence_spans(text))
    assert first[0] == 0 and first[1] <= MAX_SENTENCE
    assert time.process_time() - begin < 0.05
