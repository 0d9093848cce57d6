"""Names of files: the words that are searched, the dates and titles that are taken from them, and what is found by them."""

from __future__ import annotations

import datetime
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import naidi
from naidi import Document, Writer, open_index, sync
from naidi.indexer.readers.name_date import date_in_name
from naidi.indexer.readers.path_words import searched_names, stem_of, title_from_name, words_of
from naidi.indexer.readers.title import is_no_title, title_of
from naidi.search.searcher import Searcher

# path: words of its own name / of folders, the lines of the latter with | between
NAMES = """
    рецепт борща.md                      рецепт борща /
    Chekhov/Ведьма/001.txt               Ведьма / Chekhov
    Кухня/Супы и соусы/борщ.txt          борщ / Кухня|Супы и соусы
    docs/getUserById.py                  getUserById get User By Id / docs
    src/HTTPServerError.py               HTTPServerError HTTP Server Error / src
    get_user-by.id (2).txt               get user by id /
    000_66edd341f563fe1f.txt             /
    2021/03/2021-03-04.txt               2021 / 2021
    заметки/2025-03-07.md                заметки / 2025
    отчёт v1.2 (final).tar.gz            отчёт v1 final /
    don't panic.txt                      don't panic /
    .profile                             profile /
    12 стульев.txt                       стульев /
    1984.txt                             1984 /
"""


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_the_words_that_are_searched(line: str) -> None:
    path, _, found = line.strip().rpartition("   ")
    own, _, folders = found.strip().partition("/")
    assert searched_names(path.strip()) == (own.strip(), folders.strip().replace("|", "\n"))


def test_the_names_of_parts_follow_those_of_the_file() -> None:
    assert searched_names("a/Почта.mbox", "17") == ("Почта", "a")
    assert searched_names("a/Архив.zip", "фото/Кот на крыше.txt") == ("Кот на крыше", "a\nАрхив\nфото")


@given(st.text(max_size=60))
def test_any_name_has_words(name: str) -> None:
    for made in (words_of(name), *searched_names(name), title_from_name(name)):
        assert isinstance(made, str)
    date_in_name(stem_of(name))


def test_long_names_take_linear_time() -> None:
    for name in (
        "aB" * 20_000,
        "2021-" * 10_000,
        "1 мая " * 10_000,
        "-" * 50_000,
        "." * 50_000,
        "a.b" * 20_000,
        "(1) " * 20_000,
    ):
        started = time.process_time()
        searched_names(name, name)
        title_from_name(name)
        date_in_name(name)
        assert time.process_time() - started < 2.0, name[:10]


# name: the day in it
DATES = """
    2025-03-07                  2025-03-07
    meeting 2024-05-14          2024-05-14
    20250307_notes              2025-03-07
    IMG_20250307_123456         2025-03-07
    2025-03 report              2025-03-01
    2025_03                     2025-03-01
    2025.03.07 план             2025-03-07
    5.12.2024 встреча           2024-12-05
    отчёт 7 марта 2025          2025-03-07
    7-мая-2021                  2021-05-07
    March 7, 2025               2025-03-07
    2025 Mar 7                  2025-03-07
    Март 2025                   2025-03-01
    report_may-2024             2024-05-01
    sept 2020                   2020-09-01
    2015                        2015-01-01
    2024-02-29                  2024-02-29
    9 мая 1945, 2021-05-09      2021-05-09
    2025-02-30                  -
    2025-13-01                  -
    2025-13                     -
    20251332                    -
    31.04.2021                  -
    32 мая 2021                 2021-05-01
    2015 год                    -
    report 2024                 -
    v1.2.2024                   -
    1.2.2024.5                  -
    99999999                    -
    0000-01-01                  -
    8 800 2000 600              -
    март                        -
    maybe 2021                  -
    marble-12-2020              -
    12345678901                 -
    2021-05-291                 -
"""


@pytest.mark.parametrize("line", DATES.strip().splitlines())
def test_the_day_in_a_name(line: str) -> None:
    name, day = line.strip().rsplit("  ", 1)
    assert date_in_name(name.strip()) == (None if day.strip() == "-" else datetime.date.fromisoformat(day.strip()))


# name: the title that it makes
TITLES = """
    Уго Чавес победил на выборах.txt    Уго Чавес победил на выборах
    рецепт_борща.md                     рецепт борща
    how-to-cook.txt                     how to cook
    COVID-19 stats.txt                  COVID-19 stats
    QazCoVac-P.txt                      QazCoVac-P
    Ведьма.txt                          Ведьма
    03. Борщ.txt                        Борщ
    (2) Карты мира.txt                  Карты мира
    12 стульев.txt                      12 стульев
    1984.txt                            -
    001_x.txt                           -
    IMG_2034.JPG                        -
    untitled.txt                        -
    документ (1).docx                   -
    Новый документ 3.txt                -
    chapter 7.txt                       -
    6b9ad8cd2351c83f.txt                -
    2021-05-29.md                       -
    README.md                           -
    a.txt                               -
"""


@pytest.mark.parametrize("line", TITLES.strip().splitlines())
def test_the_title_that_a_name_makes(line: str) -> None:
    name, title = line.strip().rsplit("  ", 1)
    assert title_from_name(name.strip()) == title.strip().replace("-", "", title.strip() == "-")


# First sentences as texts of the corpus have them, each with the name of its file: "name" where the name is the better title.
LABELLED = """
    name      VI | Евгений Онегин
    name      XXIII | Воскресение
    name      Chapter VI | Great Expectations
    name      Глава первая | Мёртвые души
    name      Джон Керри. | Обама назначил сенатора Керри на пост госсекретаря
    name      Ричард Бёртон | Ричард Бёртон получил звезду на Аллее славы
    name      Логотип AlphaBay | Крупнейшая торговая площадка закрыта
    name      Здание ФСБ России ночью | Против Надежды Савченко возбуждено новое дело
    name      Мобил из космоса | Полиция США освободила похищенного ребёнка
    name      tl;dr {/tldr/} | Устройство памяти
    name      [preface] | Введение
    name      — Ну, что же ты плачешь? — спросил Клочков. | Анюта
    name      – Да, он хотел зайти, – сказала Элен и посмотрела на Наташу. | Война и мир
    name      "OK, we copy," said shuttle commander Steve Lindsey. | Shuttle returns
    name      “What is to be done?” | Great Expectations
    name      Послышался тревожный детский плач: | В овраге
    name      и так далее до самого утра он не спал. | Бессонница
    name      `useEffect` is a React Hook that lets you wait. | useEffect reference
    name      March 16, 2023 by [Dan Abramov](https://bsky.app/profile/danabra.mov) and others | Introducing react.dev
    name      Former All Black star Jonah Lomu says he really cannot wait any longer to run out on the pitch once more. | Lomu
    sentence  Компания Chanel выпустила коллекцию аксессуаров и товаров для спорта. | Цена на коврики для йоги
    sentence  Bishop Wilmot says the turnout has been huge so far. | notes from church
    sentence  Shearer sets unofficial world record | Shearer record
    sentence  Egg farmers under the HenCare label will be audited | chickens
    sentence  Spades is an unincorporated community in Ripley County. | Spades, Indiana
    sentence  Танцевали до утра. | бал у Ростовых
    sentence  Рынок нефти вырос | рынок нефти
    sentence  Первый заместитель министра встретился с послом. | встреча
    sentence  Houston Oil Trust halts royalties for the year | royalties
"""


@pytest.mark.parametrize("line", LABELLED.strip().splitlines())
def test_which_is_the_better_title(line: str) -> None:
    label, _, rest = line.strip().partition(" ")
    sentence, _, name = rest.strip().partition(" | ")
    assert is_no_title(sentence, name) is (label == "name")
    assert title_of(f"{sentence}\n\nДальше идёт текст.", name) == (name if label == "name" else title_of(sentence))
    assert title_of(f"{sentence}\n\nДальше идёт текст.") == title_of(sentence)


def test_a_heading_is_the_title_whatever_the_name() -> None:
    assert title_of("# VI\n\nТекст", "Евгений Онегин") == "VI"
    assert title_of("", "Имя") == "Имя" and title_of("Фото: МИД РК", "Имя файла") == "Имя файла"


# What is found


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The index of a folder."""
    folder = tmp_path / "notes"
    files = {
        "рецепт борща.md": "Свёклу натереть на тёрке.\n\nВарить час, посолить.\n",
        "Chekhov/Ведьма/001.txt": "Дело шло к ночи. Дьячок лежал в постели.\n",
        "разное.txt": "Пишут разное люди и звери. Бывают и рецепты. Кто-то варит.\n",
        "рецепт.txt": "# Рецепт\n\nСлова.\n",
        "Супы/2025-03-07.md": "Сегодня варили щи.\n",
        "Супы/отчёт.log.txt": "Сегодня варили щи из кислой капусты.\n",
        "book.txt": "Начало книги.\n" + "Строка со словами.\n" * 4_000 + "Последняя строка про капусту.\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    sync(folder, tmp_path / "index")
    return tmp_path / "index"


def found(index: Path, query: str) -> list[str]:
    with open_index(index) as searcher:
        return [hit.id.partition("/")[2] for hit in searcher.search(query, exact=True).hits]


def test_names_are_found_below_titles_and_above_texts(notes: Path) -> None:
    assert found(notes, "рецепт") == ["рецепт.txt", "рецепт борща.md", "разное.txt"]
    assert found(notes, "Ведьма") == ["Chekhov/Ведьма/001.txt"]
    assert found(notes, "chekhov ведьма") == ["Chekhov/Ведьма/001.txt"]
    assert found(notes, "001") == [] == found(notes, "body:борщ")


def test_phrases_stay_in_their_region(notes: Path) -> None:
    assert found(notes, '"рецепт борща"') == ["рецепт борща.md"]
    assert found(notes, '"посолить рецепт"~1000') == [] == found(notes, '"посолить рецепт"')
    assert found(notes, 'body:"рецепт борща"') == [] == found(notes, 'title:"рецепт борща"')


def test_a_hit_by_its_name_shows_how_the_text_begins(notes: Path) -> None:
    with open_index(notes) as searcher:
        (hit,) = searcher.search("ведьма", explain=True, exact=True).hits
        assert [(snippet.text, snippet.marks) for snippet in hit.snippets] == [("Дьячок лежал в постели.", ())]
        assert hit.explanation is not None
        assert {match.keyword_freq for match in hit.explanation.matches} == {2}
    shown = naidi("search", "--explain", "ведьма", index=notes)
    assert "2 in names and keywords" in shown.stdout and shown.returncode == 0


def test_dates_say_where_they_are_from(notes: Path) -> None:
    hits = json.loads(naidi("search", "--json", "щи", index=notes).stdout)["hits"]
    dates = {hit["id"]: (hit["date"], hit["date_source"]) for hit in hits}
    assert dates == {
        "notes/Супы/2025-03-07.md": ("2025-03-07", "name"),
        "notes/Супы/отчёт.log.txt": ("2020-09-13", "mtime"),
    }
    assert "2020-09-13 (file time)" in naidi("search", "щи", index=notes).stdout
    assert "dates       6 from file times, 1 from names of files\n" in naidi("status", index=notes).stdout
    assert found(notes, "щи date:2025") == ["Супы/2025-03-07.md"]
    assert found(notes, "щи date:<2021") == ["Супы/отчёт.log.txt"]


FILTERS = """
    щи path:супы                    Супы/2025-03-07.md | Супы/отчёт.log.txt
    щи path:2025                    Супы/2025-03-07.md
    щи path:"notes/Супы/*.md"       Супы/2025-03-07.md
    щи path:*.md                    Супы/2025-03-07.md
    щи path:notes/*.txt             Супы/отчёт.log.txt
    щи -path:отчёт                  Супы/2025-03-07.md
    щи path:отч?т.log               -
    щи path:отч?т.log*              Супы/отчёт.log.txt
    щи dir:супы                     Супы/2025-03-07.md | Супы/отчёт.log.txt
    дело dir:Chekhov/Ведьма         Chekhov/Ведьма/001.txt
    щи dir:отчёт                    -
    щи ext:md                       Супы/2025-03-07.md
    щи ext:md ext:txt               Супы/2025-03-07.md | Супы/отчёт.log.txt
    ext:log                         -
    size:>100K                      book.txt
    капуста size:<100               Супы/отчёт.log.txt
    дело mtime:2020-09              Chekhov/Ведьма/001.txt
    дело mtime:>2020-10             -
    дело size:[* TO *]              Chekhov/Ведьма/001.txt
"""


@pytest.mark.parametrize("line", FILTERS.strip().splitlines())
def test_filters_by_file(notes: Path, line: str) -> None:
    query, _, ids = line.strip().rpartition("   ")
    assert sorted(found(notes, query.strip())) == sorted(filter(None, ids.strip().removeprefix("-").split(" | ")))


def test_a_whole_path_is_that_of_the_folder(notes: Path, tmp_path: Path) -> None:
    assert found(notes, f'дело path:"{tmp_path}/notes/Chekhov"') == ["Chekhov/Ведьма/001.txt"]
    assert found(notes, f'дело path:"{tmp_path}/other/Chekhov"') == []


def test_the_path_of_an_application_counts(tmp_path: Path) -> None:
    with Writer(tmp_path) as writer:
        writer.add(Document("a\nb/с.md", "слово"))
        writer.add(Document("x", "слово", path="Почта\\Письмо.EML", size=5, mtime=0))
        writer.add(Document("y.eml", "слово", path="z"))
    with open_index(tmp_path) as searcher:
        for query, ids in (
            ("ext:eml", ["x"]), ("dir:почта", ["x"]), ("path:b/с", ["a\nb/с.md"]), ("path:z", ["y.eml"]), ("size:5", ["x"]),
            ("size:*", ["x"]), ("mtime:<1971", ["x"]), ("mtime:*", ["x"]),
        ):  # fmt: skip
            assert [hit.id for hit in searcher.search(f"слово {query}").hits] == ids, query


def test_lines_offsets_and_pages(notes: Path, tmp_path: Path) -> None:
    (hit,) = [hit for hit in Searcher(notes).search("капуста").hits if hit.id.endswith("book.txt")]
    (snippet,) = [each for each in hit.snippets if each.marks]
    text = (tmp_path / "notes" / "book.txt").read_text(encoding="utf-8")
    assert snippet.line == 4_002 and text[snippet.start :].startswith(snippet.text.removeprefix("…")[:20])
    with Writer(tmp_path / "pages") as writer:
        writer.add(Document("a", "Первая страница.\nВторая про кота.\nТретья.", pages=(0, 17, 34), first_line=5))
        lines = "".join(f"Строка {number}, и больше ничего нет.\n" for number in range(3_000))
        starts = tuple(range(0, len(lines), 1_000))
        writer.add(Document("b", lines + "Кот здесь.\n", pages=starts))
    with open_index(tmp_path / "pages") as searcher:
        places = {
            hit.id: [(each.start, each.line, each.page) for each in hit.snippets] for hit in searcher.search("кот")
        }
        assert places["a"][0][1:] == (6, 2)
        start, line, page = places["b"][-1]
        assert line == 3_001 and page == len(starts) and start <= len(lines)
        (first,) = searcher.search("первая").hits[0].snippets
        assert (first.start, first.line, first.page) == (0, 5, 1)


def test_lines_count_from_the_beginning_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: T\ntags: [x]\n---\n\nСлово.\n\nКот спит.\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\n date 2021-05-29 \nСлово.\nКот спит.\n", encoding="utf-8")
    sync(tmp_path, tmp_path / "index")
    with open_index(tmp_path / "index") as searcher:
        hits = searcher.search("кот", exact=True).hits
        assert {hit.id.rpartition("/")[2]: hit.snippets[0].line for hit in hits} == {"a.md": 8, "b.txt": 4}


def test_a_name_counts_whatever_the_length_of_the_text(tmp_path: Path) -> None:
    """And a long path makes no difference to the rank of a text."""
    with Writer(tmp_path) as writer:
        writer.add(Document("long", "слово другое\n" * 3_000, names="кот"))
        writer.add(Document("short", "кот и другое", names=""))
        writer.add(Document("plain", "собака бежит домой", names=""))
        writer.add(Document("far", "собака бежит домой", names="очень длинный путь из многих имён файлов и папок"))
    with open_index(tmp_path) as searcher:
        scores = {hit.id: hit.score for hit in searcher.search("собака").hits}
        assert scores["plain"] == scores["far"]
        assert {hit.id for hit in searcher.search("кот").hits} == {"long", "short"}


def test_keywords_and_names_outlast_a_new_analysis(tmp_path: Path) -> None:
    from naidi.indexer.writing.reanalyse import reanalyse

    given = Document(
        "a", "текст " * 6_000, keywords="зоопарк", names="Звери", pages=(0, 5), first_line=3, size=7, mtime=9,
        date=datetime.date(2021, 5, 29), date_source="header",
    )  # fmt: skip
    with Writer(tmp_path) as writer:
        writer.add(given)
    for _ in range(2):
        with open_index(tmp_path) as searcher:
            (hit,) = searcher.search("зоопарк AND зверь", exact=True).hits
            assert (hit.size, hit.date_source) == (7, "header") and hit.mtime is not None and hit.mtime.timestamp() == 9
            assert hit.snippets[0].line == 3 and hit.snippets[0].page == 1
        reanalyse(tmp_path)


def test_files_that_an_older_naidi_has_read_are_read_again_once(notes: Path, tmp_path: Path) -> None:
    index = tmp_path / "older"
    folder = tmp_path / "notes"
    report = sync(folder, index)
    with Writer(index) as writer:  # as an older one had written it
        from naidi.indexer.writing.batch import analyse

        batch = analyse([Document("notes/рецепт борща.md", "Свёклу натереть.")])
        batch.synced = True
        writer.add_analysed(batch)
    again = sync(folder, index)
    assert (report.added, again.updated, again.unchanged) == (7, 1, 6)
    assert sync(folder, index).unchanged == 7
    assert "рецепт борща.md" in found(index, "борщ")
