"""Parts of the screen that need no terminal: rows, marks, keys, history, filters, lines of hits."""

from __future__ import annotations

import datetime
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("textual", reason="the extra tui is not installed")

from rich.cells import cell_len

from naidi.indexer.document import Document
from naidi.indexer.fields import Boolean, Keyword, Number, Text
from naidi.search.open_index import open_index
from naidi.search.results import Facet, Hit, Mark, Snippet
from naidi.search.screen.chosen_filters import Filters, Row, facet_names, panel_rows
from naidi.search.screen.document_view import DocumentView, marks_of_text
from naidi.search.screen.history import MOST, History, history_path
from naidi.search.screen.hit_lines import SHORT, TALL, hit_strips
from naidi.search.screen.keyboard_layout import latin_key, russian_names
from naidi.search.screen.marked_lines import around_first_mark, end_cut, fitted, middle_cut, width_of
from naidi.search.screen.newest import Newest
from naidi.search.screen.offered import offered
from naidi.search.screen.palette import COLOURED, PLAIN, has_colour
from naidi.search.screen.unfinished import beginning_of, last_word
from naidi.search.screen.wrapping import Rows, as_shown
from naidi.search.stored_documents import StoredDocument
from naidi.search.suggest.suggest import Completion
from tests.indexes import build

ANY_TEXT = st.text(
    alphabet=st.sampled_from("aя日\u0301\u200d\u202e\x1b\t\r\f\n []漢é🙂ab c") | st.characters(), max_size=300
)


def document(text: str | None, **more: object) -> StoredDocument:
    return StoredDocument("a", text, "", None, None, None, **more)  # type: ignore[arg-type]


# -- rows


@given(ANY_TEXT, st.integers(1, 30))
def test_rows_are_the_text_without_the_blanks_at_which_it_is_broken(text: str, width: int) -> None:
    rows = Rows(text, width)
    spans = rows.shown(0, 0, 10_000)
    place = 0
    for start, end in spans:
        assert place <= start <= end
        assert text[place:start].strip("\n ") == ""
        assert len(text[place:start]) <= 1
        place = end
    assert text[place:] in ("", "\n")


@given(st.text(alphabet="aя bc\n", max_size=200), st.integers(3, 30))
def test_rows_have_room(text: str, width: int) -> None:
    for start, end in Rows(text, width).shown(0, 0, 10_000):
        assert cell_len(as_shown(text[start:end])) <= width


@given(ANY_TEXT, st.integers(1, 30), st.data())
def test_each_place_is_in_its_row(text: str, width: int, data: st.DataObject) -> None:
    rows = Rows(text, width)
    place = data.draw(st.integers(0, max(len(text) - 1, 0)))
    block, row = rows.row_of(place)
    start, end = rows.of_block(block)[row]
    assert start <= place <= max(end, start) or text[end:place].strip("\n ") == ""


@given(ANY_TEXT, st.integers(1, 30), st.integers(-50, 50))
def test_to_move_is_to_count_rows(text: str, width: int, by: int) -> None:
    rows = Rows(text, width)
    every = [(block, row) for block in range(rows.blocks) for row in range(len(rows.of_block(block)))]
    middle = len(every) // 2
    assert rows.moved(*every[middle], by) == every[max(min(middle + by, len(every) - 1), 0)]


def test_a_long_line_is_cut_into_blocks_and_only_those_seen_are_broken() -> None:
    rows = Rows("x" * 1_000_000, 80)
    assert rows.blocks == 500
    assert rows.shown(0, 0, 10) == [(start, start + 80) for start in range(0, 800, 80)]
    assert rows.row_of(999_999)[0] == 499
    assert len(rows._known) == 2


def test_combining_characters_stay_with_their_letter() -> None:
    text = "e\u0301" * 10
    assert [text[start:end] for start, end in Rows(text, 5).shown(0, 0, 9)] == ["e\u0301" * 5] * 2


# -- the document in the preview


def test_marks_come_first_where_one_looks_and_none_is_missed() -> None:
    text = "".join(f"line {number} word\n" for number in range(20_000))

    def found(part: str) -> tuple[Mark, ...]:
        places, place = [], part.find("word")
        while place >= 0:
            places.append((place, place + 4))
            place = part.find("word", place + 1)
        return tuple(places)

    place = len(text) // 2
    given_parts = list(marks_of_text(text, place, found))
    assert [last for _, last in given_parts] == [False] * (len(given_parts) - 1) + [True]
    parts = [marks for marks, _ in given_parts]
    assert len(parts) > 3
    assert parts[0][0][0] < place < parts[0][-1][0]
    every = sorted(mark for part in parts for mark in part)
    assert every == list(found(text))


@given(st.text(alphabet="ab \n", max_size=400), st.integers(0, 400), st.integers(1, 20), st.integers(4, 30))
def test_the_current_word_is_seen(text: str, place: int, height: int, width: int) -> None:
    marks = [(at, at + 1) for at, letter in enumerate(text) if letter == "b"]
    view = DocumentView(document(text), place, width)
    view.add_marks(marks, all_known=True)
    for by in (1, 1, -1, 1, 1, 1, -1):
        if not view.step(by):
            assert not marks
            continue
        view.reveal(height)
        assert any(start <= view.at_place() < end for start, end in view.seen(height))
        assert marks[view.number - 1] == view.current


@given(
    st.text(alphabet="ab \n", min_size=1, max_size=300), st.integers(1, 10), st.lists(st.integers(-9, 9), max_size=9)
)
def test_to_scroll_keeps_the_screen_full(text: str, height: int, steps: list[int]) -> None:
    view = DocumentView(document(text), 0, 10)
    every = len(view.rows.shown(0, 0, 10_000))
    for by in steps:
        view.scroll(by, height)
        assert len(view.seen(height)) == min(height, every)
    view.to_end(height)
    assert view.seen(height)[-1] == view.rows.shown(0, 0, 10_000)[-1]


def test_more_room_is_filled() -> None:
    view = DocumentView(document("\n".join("abcdefgh")), 0, 10)
    view.to_end(2)
    assert len(view.seen(2)) == 2
    assert len(view.seen(5)) == 5
    assert len(view.seen(50)) == 8


def test_marks_between_are_cut() -> None:
    view = DocumentView(document("0123456789"), 0, 80)
    view.add_marks([(1, 4), (6, 9)], all_known=True)
    assert view.marks_between(0, 10) == [(1, 4), (6, 9)]
    assert view.marks_between(2, 7) == [(2, 4), (6, 7)]
    assert view.marks_between(4, 6) == []


def test_a_row_of_a_table_is_one_line() -> None:
    view = DocumentView(document("a: 1\nb: 2", first_line=17, one_line=True), 6, 80)
    assert (view.lines.line_of(6), view.lines.last) == (17, 17)


# -- lines

SHOWN = st.text(alphabet=st.sampled_from("aя日\u0301\x1b\u202e[/]bold 漢🙂") | st.characters(), max_size=80)


@given(SHOWN, SHOWN, SHOWN, st.integers(1, 140), st.sampled_from([SHORT, TALL]), st.booleans(), st.booleans())
def test_lines_of_a_hit_fill_the_width_and_have_no_controls(
    title: str, path: str, text: str, width: int, lines: int, chosen: bool, focused: bool
) -> None:
    marks = ((len(text) // 3, len(text) // 3 + 1),) if text else ()
    hit = Hit(
        1, path or "x", path or None, title, datetime.date(2021, 5, 3), "ru", 1.0, {}, (Snippet(text, marks, 0, 7),)
    )
    strips = hit_strips(hit, width, lines, COLOURED, chosen=chosen, focused=focused)
    assert len(strips) == lines
    for strip in strips:
        assert strip.cell_length == width
        assert not any(ord(letter) < 32 or letter in "\u202e\u200f\x7f\x9b" for letter in strip.text)


def test_the_first_word_found_is_seen() -> None:
    text = "word " * 30 + "found " + "word " * 30
    shown, marks = around_first_mark(text, ((150, 155),), 40)
    assert shown[marks[0][0] : marks[0][1]] == "found"
    assert marks[0][1] < 40
    assert shown.startswith("…word")
    assert around_first_mark("found it", ((0, 5),), 40) == ("found it", ((0, 5),))


@pytest.mark.parametrize(
    "width, shown", [(38, "  …port 14.txt:7  "), (44, "  report 14.txt:7  "), (60, "  folde…port 14.txt:7  ")]
)
def test_a_narrow_line_keeps_the_end_of_the_path(width: int, shown: str) -> None:
    path = "folder/of/reports/report 14.txt"
    hit = Hit(1, path, path, "Title", None, "en", 1.0, {}, (Snippet("found it " * 9, ((0, 5),), 0, 7),))
    second = hit_strips(hit, width, SHORT, PLAIN, chosen=False, focused=False)[1].text
    assert second.startswith(shown + "found")


@given(SHOWN, st.integers(0, 40))
def test_what_is_fitted_has_room(text: str, width: int) -> None:
    printed = as_shown(text)
    assert width_of(fitted([(printed, PLAIN.text), (printed, PLAIN.found)], width)) <= width
    assert cell_len(middle_cut(printed, width)) <= width
    assert cell_len(end_cut(printed, width)) <= width


def test_paths_lose_their_middle() -> None:
    assert middle_cut("folder/with/a/long/name/file.txt", 20) == "folder…name/file.txt"
    assert middle_cut("file.txt", 20) == "file.txt"


@pytest.mark.parametrize(
    "environment, coloured",
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm-mono"}, False),
        ({"TERM": "vt100"}, False),
        ({}, True),
    ],
)
def test_colour(environment: dict[str, str], coloured: bool) -> None:
    assert has_colour(environment) is coloured


# -- keys


@pytest.mark.parametrize(
    "key, latin",
    [
        ("н", "y"),
        ("cyrillic_small_letter_en", "y"),
        ("cyrillic_small_letter_te", "n"),
        ("cyrillic_capital_letter_te", "N"),
        ("Й", "Q"),
        ("ctrl+cyrillic_small_letter_es", "ctrl+c"),
        ("ctrl+с", "ctrl+c"),
        ("ю", "full_stop"),
        ("n", "n"),
        ("f1", "f1"),
        ("space", "space"),
        ("ctrl+shift+a", "ctrl+shift+a"),
        ("+", "+"),
    ],
)
def test_keys_by_their_place(key: str, latin: str) -> None:
    assert latin_key(key) == latin


def test_names_of_a_key_in_the_other_layout() -> None:
    assert russian_names("ctrl+c") == ["ctrl+с", "ctrl+cyrillic_small_letter_es"]
    assert russian_names("f1") == []


# -- history


def test_history_is_kept_by_the_user_alone_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "state" / "naidi" / "history"
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_text("".join(f"query {number}\n" for number in range(MOST + 5)), encoding="utf-8")
    History(str(path)).add("вакцина  \n дети")
    assert path.stat().st_mode & 0o777 == 0o600
    kept = History(str(path))
    assert len(kept.queries) == MOST
    assert kept.queries[-1] == "вакцина дети"
    other = History(str(path))
    kept.add("one")
    other.add("two")
    assert History(str(path)).queries[-2:] == ["one", "two"], "neither screen forgets what the other was asked"
    other.add("one")
    assert History(str(path)).queries.count("one") == 1


def test_a_history_that_cannot_be_kept_is_there_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(str(tmp_path / "file" / "history"))
    history.add("query")
    assert history.older("") == "query"
    assert History(None).older("") is None


@given(st.binary(max_size=200))
def test_any_file_is_a_history(data: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        assert all(query.isprintable() and query.strip() for query in History(file.name).queries)


def test_where_the_history_is() -> None:
    assert history_path({"XDG_STATE_HOME": "/state"}) == "/state/naidi/history"
    assert history_path({"XDG_STATE_HOME": "state"}).endswith("/.local/state/naidi/history")


# -- words that go on


@pytest.mark.parametrize(
    "query, word",
    [
        ("vacc", "vacc"),
        ("primary ca", "ca"),
        ("вакцина де", "де"),
        ("+vacc", "vacc"),
        ("v", None),
        ("vacc ", None),
        ("-vacc", None),
        ("lang:ru", None),
        ('"primary ca', None),
        ("«первичная по", None),
        ('"primary care" ca', "ca"),
        ("a AND", None),
        ("covid19", None),
        ("=vacc", None),
        ("vacc*", None),
        ("", None),
    ],
)
def test_the_last_word(query: str, word: str | None) -> None:
    assert last_word(query) == word


def test_a_beginning_is_none_where_the_word_is_known_or_no_word_goes_on(tmp_path: Path) -> None:
    build(tmp_path, [Document(id="a", text="vaccine safety вакцины")])
    with open_index(tmp_path) as searcher:
        assert beginning_of(searcher, "vacc") == "vacc*"
        assert beginning_of(searcher, "safety вакц") == "safety вакц*"
        assert beginning_of(searcher, "vaccine") is None
        assert beginning_of(searcher, "xyzzy") is None


# -- completions


@pytest.mark.parametrize(
    "query, offered_ones",
    [
        ("вак", ["вакцина", "вакцины"]),
        ("Вак", ["вакцина", "вакцины"]),
        ("dfr", ["вакцина", "вакцины"]),
        ("еж", ["ёжик"]),
        ("вaк", ["вакцина", "вакцины"]),  # with a Latin a
        ("вакцины", []),
        ("вакцино", []),
        ("lang:вак", []),
        ("price:<5", []),
        ('"вак', []),
        ("-вак", []),
        ("вак*", []),
        ("AND", []),
        ("вак ", []),
        ("", []),
    ],
)
def test_only_what_completes_a_word_is_offered(query: str, offered_ones: list[str]) -> None:
    every = [Completion(text, 3, "prefix") for text in ("вакцина", "вакцины", "вата", "ёжик", "вот")]
    assert [one.text for one in offered(query, every, finds=True)] == offered_ones


def test_words_that_are_near_are_offered_where_nothing_is_found() -> None:
    near = [Completion("safe vaccine", 3, "spelling")]
    assert offered("safe vacinne", near, finds=True) == []
    assert offered("safe vacinne", near, finds=False) == near
    assert offered("safe lang:vacinne", near, finds=False) == []


# -- filters

SCHEMA = {"brand": Keyword(), "new": Boolean(), "price": Number(), "about": Text()}


def test_facets_of_the_panel() -> None:
    assert facet_names(SCHEMA) == ["brand", "new", "language", "type", "year", "folder"]
    assert facet_names({"year": Number()}) == ["language", "type", "folder"]


def test_filters_are_alternatives_within_a_facet() -> None:
    filters = Filters()
    rows = panel_rows(
        ["language", "brand"],
        {"language": Facet((("en", 3), ("ru", 2))), "brand": Facet(((None, 1),))},
        filters,
        SCHEMA,
        9,
    )
    assert [(row.facet, row.value, row.documents) for row in rows] == [
        ("language", None, None),
        ("language", "en", 3),
        ("language", "ru", 2),
        ("brand", None, None),
        ("brand", None, 1),
    ]
    assert filters.toggle(rows[1]) and filters.toggle(rows[2])
    assert not filters.toggle(rows[4]), "no filter says that a value is missing"
    assert filters.toggle(Row("brand", "Bosch", 1, 'brand:="Bosch"'))
    assert filters.where() == '(lang:en OR lang:ru) AND brand:="Bosch"'
    assert filters.where(without="language") == 'brand:="Bosch"'
    assert filters.facets() == {"language", "brand"}
    assert filters.toggle(rows[1])
    assert filters.drop_last() and filters.drop_last() and not filters.drop_last()
    assert filters.where() is None


def test_a_chosen_value_stays_though_no_document_has_it() -> None:
    filters = Filters()
    filters.toggle(Row("language", "ru", 2, "lang:ru"))
    rows = panel_rows(["language"], {"language": Facet((("en", 3),))}, filters, {}, 9)
    assert [(row.value, row.documents) for row in rows[1:]] == [("en", 3), ("ru", 0)]


def test_years_come_newest_first() -> None:
    rows = panel_rows(["year"], {"year": Facet((("1999", 9), ("2021", 3), ("2005", 3)))}, Filters(), {}, 9)
    assert [row.value for row in rows[1:]] == ["2021", "2005", "1999"]


# -- threads


def test_the_newest_job_alone_is_done() -> None:
    thread = Newest("test")
    began, go, done = threading.Event(), threading.Event(), []

    def first(is_stale: object) -> None:
        began.set()
        go.wait(10)
        done.append(("first", is_stale()))  # type: ignore[operator]

    last = threading.Event()
    thread.put(first)
    assert began.wait(10)
    for number in range(5):
        thread.put(lambda _, number=number: done.append(number))  # type: ignore[misc]
    thread.put(lambda _: (done.append("last"), last.set())[0])  # type: ignore[func-returns-value]
    go.set()
    assert last.wait(10)
    assert done == [("first", True), "last"]
    thread.close()
    thread.put(lambda _: done.append("closed"))
    time.sleep(0.05)
    assert "closed" not in done


def test_a_job_may_wait_for_a_newer_one() -> None:
    thread, done, last = Newest("test"), [], threading.Event()
    thread.put(lambda _: done.append("late"), after=60)
    thread.put(lambda _: (done.append("now"), last.set())[0])  # type: ignore[func-returns-value]
    assert last.wait(10)
    assert done == ["now"]
    thread.close()
