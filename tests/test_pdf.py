"""PDF files: pages, words broken at line ends, paragraphs, running heads, what the file states, damaged and hostile files."""

from __future__ import annotations

import datetime
import os
import shutil
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import called
from indexes import contents, write_old
from naidi.indexer.readers import ReadOptions, Source, read_file
from naidi.indexer.readers.broken_words import join_broken_words
from naidi.indexer.readers.image import read_image
from naidi.indexer.readers.ocr import NEEDS_COMMAND, PICTURE, languages
from naidi.indexer.readers.page_layout import paragraphs, without_running_heads
from naidi.indexer.readers.pdf import NO_TEXT, read_pdf
from naidi.indexer.readers.pdf_metadata import pdf_date
from pdf_files import pdf, text_string

pytest.importorskip("pypdfium2", reason="needs the extra [formats]")


def test_pages_and_what_the_file_states() -> None:
    info = {
        "Title": text_string("Отчёт (за май)"),
        "Author": text_string("Иванов И. И."),
        "Keywords": text_string("вакцины; медицина, МОЗ"),
        "Subject": text_string("Здоровье"),
        "CreationDate": b"D:20250307120000+03'00'",
    }
    content = read_pdf(Source(pdf([["Первая страница."], ["Second page."]], info)))
    assert content.text == "Первая страница.\nSecond page.\n"
    assert content.pages == (0, content.text.index("Second"))
    assert (content.title, content.date) == ("Отчёт (за май)", datetime.date(2025, 3, 7))
    assert content.meta == {"author": "Иванов И. И.", "subject": "Здоровье", "tags": "вакцины, медицина, МОЗ"}
    assert content.keywords == "Иванов И. И.\nЗдоровье\nвакцины\nмедицина\nМОЗ"
    assert content.warnings == ()


@pytest.mark.parametrize(
    "title, shown",
    [
        ("Microsoft Word - отчёт.doc", ""), ("untitled", ""), ("Untitled-1", ""), ("(unspecified)", ""), ("Без имени 1", ""),
        ("report_final.docx", ""), ("Документ1", ""), ("", ""), ("—", ""), ("12.03", ""), ("PowerPoint Presentation", ""),
        ("Документы семьи", "Документы семьи"), ("Page turners", "Page turners"), ("A. Word on Words", "A. Word on Words"),
        ("Война и  мир", "Война и мир"),
    ],
)  # fmt: skip
def test_titles(title: str, shown: str) -> None:
    assert read_pdf(Source(pdf([["text"]], {"Title": text_string(title)}))).title == shown


def test_a_title_in_an_old_code_page() -> None:
    """Many programs wrote cp1251 where the format has Latin letters."""
    content = read_pdf(
        Source(pdf([["text"]], {"Title": "Отчёт о работе".encode("cp1251"), "Author": b"Ren\xe9 M\xfcller"}))
    )
    assert content.title == "Отчёт о работе" and content.meta == {"author": "René Müller"}


@pytest.mark.parametrize(
    "value, day",
    [
        ("D:20250307120000+03'00'", "2025-03-07"), ("D:20250307", "2025-03-07"), ("D:2025", "2025-01-01"),
        ("20250307", "2025-03-07"), ("2025-03-07T10:00", "2025-03-07"), ("D:20251307", None), ("D:20250230", None),
        ("D:19040101", None), ("D:99990101", None), ("", None), ("yesterday", None), ("D:", None),
    ],
)  # fmt: skip
def test_dates(value: str, day: str | None) -> None:
    assert pdf_date(value) == (day and datetime.date.fromisoformat(day))


# --- words that a line end breaks

BROKEN = """
пере-|носимое слово                  = переносимое|слово
пере-|носимое.                       = переносимое.|
inter-|national (affair)             = international|(affair)
санитарно-|медицинский контроль      = санитарно-медицинский|контроль
научно-|технического совета          = научно-технического|совета
равно-|мерный                        = равномерный|
постоянно-|го                        = постоянного|
кто-|то пришёл                       = кто-то|пришёл
кое-|что                             = кое-что|
self-|made man                       = self-made|man
Ростов-на-|Дону зимой                = Ростов-на-Дону|зимой
Нью-|Йорк                            = Нью-Йорк|
state-of-|the-art                    = state-of-the-art|
«пере-|нос» слов                     = «перенос»|слов
двух- и трёх-|этажный                = двух- и трёхэтажный|
двух-|и трёхэтажный                  = двух-|и трёхэтажный
http://a.b/long-|path here           = http://a.b/long-|path here
a@b-|c.ru                            = a@b-|c.ru
2020-|2021 годы                      = 2020-|2021 годы
пункт 5-|й                           = пункт 5-|й
слово -|другое                       = слово -|другое
слово —|другое                       = слово —|другое
мягкий пере\u00ad|нос                = мягкий перенос|
знак пере\ufffeноса                  = знак переноса|
знак пере\x02носа тут                = знак переноса|тут
ab-|cd-|ef                           = abcd-|ef
-|                                   = -|
"""


@pytest.mark.parametrize("line", [line for line in BROKEN.splitlines() if line])
def test_broken_words(line: str) -> None:
    broken, _, joined = (part.strip().replace("|", "\n") for part in line.partition(" = "))
    assert join_broken_words([broken])[0].rstrip("\n") == joined.rstrip("\n")


def test_the_rest_of_the_text_decides() -> None:
    assert join_broken_words(["чётко-\nстью", "научно-популярный"]) == ["чёткостью\n", "научно-популярный"]
    pages = join_broken_words(
        ["е-\nmail", "e-\nmail", "one e-mail, two e-mail", "равно-\nправный", "Равноправный", "микро-\nавтобус"]
    )
    assert pages[1] == "e-mail\n" and pages[3] == "равноправный\n"
    assert join_broken_words(["равно-\nправный", "равно-правный"])[0] == "равно-правный\n"


# --- layout

WIDE = "Слова и слова заполняют всю строку до края и"  # 44


def test_paragraphs() -> None:
    lines = [
        "Заголовок",
        WIDE,
        WIDE,
        "конец абзаца.",
        "Новый абзац начат здесь и идёт до края строки",
        WIDE,
        "и конец.",
    ]
    assert paragraphs(lines).split("\n") == [
        "Заголовок",
        f"{WIDE} {WIDE} конец абзаца.",
        f"Новый абзац начат здесь и идёт до края строки {WIDE} и конец.",
    ]
    assert paragraphs([WIDE, "1. Пункт", "2) Пункт", "• Пункт", WIDE]).count("\n") == 4
    assert paragraphs(["Введение . . . . . . . . . 5", "Глава 1 ..... 7"]) == "Введение … 5\nГлава 1 … 7"
    assert paragraphs([]) == paragraphs(["", " "]) == ""


def numbered(count: int, head: str, foot: str) -> list[list[str]]:
    return [
        [
            line.replace("#", str(number + 9))
            for line in (head, f"начало {chr(97 + number)}", f"конец {chr(97 + number)}", foot)
        ]
        for number in range(count)
    ]


def test_running_heads() -> None:
    pages = without_running_heads(numbered(6, "Годовой  отчёт", "Стр. # из 15"))
    assert pages[0] == ["Годовой  отчёт", "начало a", "конец a", "Стр. 9 из 15"], "the first time it is text"
    assert pages[3] == ["начало d", "конец d"]
    assert without_running_heads(numbered(6, "text", "- # -"))[0] == ["text", "начало a", "конец a"]
    few = numbered(3, "Годовой отчёт", "#")
    assert without_running_heads(few) == few
    chapters = [
        [f"Глава {chr(97 + n)}", "тело", "тело", "тело", "тело", "тело", f"итог {chr(97 + n)}"] for n in range(8)
    ]
    assert [page[0] for page in without_running_heads(chapters)] == [page[0] for page in chapters]


def test_numbers_that_are_no_page_numbers_stay() -> None:
    pages = [["Сумма", str(number * number), f"a{number}"] for number in range(8)]
    assert all(str(number * number) in page for number, page in enumerate(without_running_heads(pages)))


def test_left_and_right_pages() -> None:
    pages = [["Толстой" if number % 2 else "Война и мир", f"текст {chr(97 + number)}"] for number in range(8)]
    assert [len(page) for page in without_running_heads(pages)] == [2, 2, 1, 1, 1, 1, 1, 1]


# --- damaged and hostile files


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"%PDF-1.4", "damaged PDF"),
        (b"", "damaged PDF"),
        (b"%PDF-1.5\n" + b"[" * 200_000, "damaged PDF"),
        (b"%PDF-1.5\n" + b"<< /A " * 100_000, "damaged PDF"),
        (pdf([["text"]])[:-900], "damaged PDF"),
        (pdf([["text"]], extra=b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (" + b"x" * 32 + b") /U (" + b"y" * 32
             + b") /P -4 >> /ID [(a) (a)]"), "encrypted"),
        (pdf([None, None]), NO_TEXT),
    ],
)  # fmt: skip
def test_what_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_pdf(Source(data))
    assert str(caught.value) == reason


def test_pages_without_text_are_counted() -> None:
    content = read_pdf(Source(pdf([["text"], None])))
    assert content.warnings == ("1 page without text",) and len(content.pages) == 2


def test_a_long_file_is_read_as_far_as_time_allows() -> None:
    content = read_pdf(Source(pdf([["text"]] * 50), deadline=time.monotonic() + 1000))
    assert len(content.pages) == 50 and not content.warnings
    content = read_pdf(Source(pdf([["text"]] * 1050), deadline=time.monotonic() - 1))
    assert content.warnings == ("read 0 of 1,050 pages",)


SMALL = pdf([["Текст на странице"], ["second"]], {"Title": b"title"})


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda data: b"%PDF-1.4\n" + data)))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_pdf(Source(data))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_damaged_bytes(place: int, change: bytes, cut: bool) -> None:
    data = SMALL[:place] + change + (b"" if cut else SMALL[place + len(change) :])
    try:
        content = read_pdf(Source(data))
    except ValueError:
        return
    assert list(content.pages) == sorted(content.pages) and "\r" not in content.text


# --- pictures

FAKE = """#!/bin/sh
if [ "$1" = --list-langs ]; then printf 'List of available languages (2):\\neng\\nrus\\n'; exit; fi
head -c 2 | grep -q P5 || { echo bad >&2; exit 1; }
[ "$4 $1 $2" = "rus+eng stdin stdout" ] || exit 2
printf 'Распознан-\\nный текст\\n\\nнового абзаца\\n\\f'
"""
PGM = b"P5 1 1 255\n\0"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command `tesseract` that takes PGM alone and always finds the same."""
    path = tmp_path / "bin" / "tesseract"
    path.parent.mkdir()
    path.write_text(FAKE)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    return path


OCR = ReadOptions(ocr=("rus", "eng"))


@pytest.mark.usefixtures("fake")
def test_text_in_pictures() -> None:
    assert read_image(Source(PGM, "a.png", OCR)).text == "Распознанный текст\n\nнового абзаца"
    content = read_pdf(Source(pdf([["Text."], None]), "a.pdf", OCR))
    assert (
        content.text == "Text.\nРаспознанный текст нового абзаца\n"
        and content.warnings == ()
        and len(content.pages) == 2
    )
    with pytest.raises(ValueError, match="tesseract cannot read it"):
        read_image(Source(b"no picture", "a.png", OCR))
    with pytest.raises(ValueError, match=r"^picture \(--ocr reads text in it\)$"):
        read_image(Source(PGM, "a.png"))
    assert PICTURE.startswith("picture")


@pytest.mark.usefixtures("fake")
def test_languages() -> None:
    assert languages("rus+eng") == ("rus", "eng")
    for wrong in ("", "rus+", "+", "a b", "-c", "rus,eng"):
        with pytest.raises(ValueError, match="is no language of tesseract"):
            languages(wrong)
    with pytest.raises(ValueError, match="tesseract has no language 'deu'; it has eng, rus"):
        languages("deu")


def test_without_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(ValueError, match=f"^{NEEDS_COMMAND}: apt install"):
        languages("rus")
    with pytest.raises(ValueError, match=f"^{NEEDS_COMMAND}$"):
        read_image(Source(PGM, "a.png", OCR))
    with pytest.raises(ValueError, match=f"^{NEEDS_COMMAND}$"):
        read_pdf(Source(pdf([None]), "a.pdf", OCR))
    content = read_pdf(Source(pdf([["Text."], None]), "a.pdf", OCR))
    assert content.text == "Text.\n\n" and content.warnings == ("1 page without text",)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_the_real_command() -> None:
    """Any command of this name understands these arguments."""
    white = b"P5 200 80 255\n" + b"\xff" * 16_000
    assert read_image(Source(white, "a.png", ReadOptions(ocr=("eng",)))).text == ""
    content = read_pdf(Source(pdf([["The quick brown fox"]]), "a.pdf", ReadOptions(ocr=("eng",))))
    assert content.text == "The quick brown fox\n"


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with a scanned page, a picture and a text."""
    write_old(tmp_path / "docs" / "a.txt", "text")
    write_old(tmp_path / "docs" / "page.pgm.png", PGM)
    write_old(tmp_path / "docs" / "scan.pdf", pdf([None]))
    return tmp_path / "docs"


def test_pictures_are_read_on_request_alone(scans: Path, index: Path, fake: Path) -> None:
    run = called("index", scans, "-v", index=index)
    assert "page.pgm.png: picture (--ocr reads text in it)" in run.stderr and f"scan.pdf: {NO_TEXT}" in run.stderr
    run = called("index", scans, "--ocr", "rus+eng", index=index)
    assert run.stdout.startswith("added 2, updated 1, removed 0, unchanged 0, skipped 0"), run.stderr
    assert contents(index)["docs/scan.pdf"].strip() == "Распознанный текст нового абзаца"
    assert called("index", index=index).stdout.startswith("added 0, updated 0, removed 0, unchanged 3"), "it is noted"
    run = called("index", scans, "--ocr", "off", index=index)
    assert "skipped 2" in run.stdout and list(contents(index)) == ["docs/a.txt"]
    fake.unlink()
    run = called("index", scans, "--ocr", "rus", index=index, env={"PATH": os.fspath(fake.parent)})
    assert run.returncode == 2 and "needs the command tesseract: apt install" in run.stderr


def test_what_to_install_is_said_once(scans: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_old(scans / "b.pdf", pdf([["text"]]))
    monkeypatch.setattr(read_file, "find_spec", lambda name: None)
    run = called("index", scans, index=index)
    assert run.stderr.count("-m pip install pypdfium2, or pip install '.[formats]' in a clone of naidi") == 1
    monkeypatch.undo()
    assert called("index", index=index).stdout.startswith("added 1,"), "with the package, they are read"
