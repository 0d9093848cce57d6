"""The screen, driven key by key without a terminal (textual's pilot)."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from naidi.indexer.document import Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.fields import Keyword, Number
from naidi.indexer.homes import sync
from naidi.indexer.writing.writer import Writer
from naidi.search.open_index import open_index
from naidi.search.results import Correction, Results
from tests.indexes import build

pytest.importorskip("textual", reason="the extra tui is not installed")

from textual.pilot import Pilot

from naidi.search.screen.app import SearchScreen
from naidi.search.screen.facet_panel import FacetPanel
from naidi.search.screen.help_page import HelpPage
from naidi.search.screen.history import History
from naidi.search.screen.hit_list import HitList
from naidi.search.screen.palette import COLOURED, PLAIN
from naidi.search.screen.preview import Preview
from naidi.search.screen.query_line import QueryLine

_SECONDS = 20
Steps = Callable[["Driven"], Awaitable[None]]


class Driven:
    """The application while a test presses keys."""

    def __init__(self, app: SearchScreen, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot
        self.hits, self.preview = app.query_one(HitList), app.query_one(Preview)
        self.line, self.panel = app.query_one(QueryLine), app.query_one(FacetPanel)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type letter by letter, and wait for the answer."""
        for letter in text:
            await self.pilot.press(
                letter if letter.isalnum() else {" ": "space", "*": "asterisk", '"': "quotation_mark"}[letter]
            )
        await self.answered()

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        for _ in range(_SECONDS * 50):
            if holds():
                return
            await asyncio.sleep(0.02)
            await self.pilot.pause()
        raise AssertionError(what or "\n".join(self.rows()))

    async def answered(self) -> None:
        """Wait until the answer for what stands in the line is shown, with its preview."""
        app = self.app
        await self.until(lambda: app.results is not None and app.results.query in (app.asked.text, app.line_text))
        await self.previewed()

    async def previewed(self) -> None:
        """Wait until the chosen hit is in the preview, with all its words."""
        await self.until(
            lambda: (
                self.hits.hit is None
                or (self.preview.hit == self.hits.hit and self.preview.view is not None and self.preview.view.is_marked)
            )
        )

    def rows(self) -> list[str]:
        """The text of the screen."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.rows())


def drive(
    index: Path,
    steps: Steps,
    *,
    size: tuple[int, int] = (80, 24),
    query: str = "",
    history: History | None = None,
    plain: bool = True,
) -> SearchScreen:
    """Open the screen and do some steps."""

    async def run() -> SearchScreen:
        with open_index(index, refresh_every=0) as searcher:
            app = SearchScreen(
                searcher, name="books", query=query, history=history, palette=PLAIN if plain else COLOURED
            )
            async with app.run_test(size=size) as pilot:
                await steps(Driven(app, pilot))
            return app

    return asyncio.run(run())


LONG = "\n".join(f"Строка {number} о погоде." if number % 50 else "Здесь вакцины и vaccines." for number in range(400))
TEXTS = [
    Document(
        id="en", title="Vaccines for children", text="Vaccines protect.\n\nA vaccine is tested twice.", language="en"
    ),
    Document(id="ru", title="Вакцины детям", text="Вакцина проверена.\nДети здоровы.", date=datetime.date(2021, 5, 3)),
    Document(id="long", title="Погода", text=LONG),
    Document(
        id="hostile", title="[bold]Markup[/bold]", text="[red]markup[/red] \x1b[31mhostile\x07 \u202eevil\u202c \t tab"
    ),
]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("screen") / "index"
    build(directory, TEXTS)
    return directory


def test_what_is_typed_is_found_with_snippet_and_preview(books: Path) -> None:
    async def steps(on: Driven) -> None:
        assert "4 documents in books" in on.text()
        await on.type("vaccine")
        assert [hit.id for hit in on.hits.hits][:1] == ["en"]
        rows = on.rows()
        assert rows[0] == "naidi> vaccine"
        assert "3 documents" in rows[1]
        assert rows[3].startswith("> Vaccines for children")
        assert "Vaccines protect." in rows[4]
        assert any("en ─" in row and "word 1 of 2" in row for row in rows)
        await on.press("escape")
        await on.type("вакцинами")
        assert on.rows()[3].startswith("> Вакцины детям")

    drive(books, steps)


def test_an_unfinished_word_is_a_beginning_and_a_slip_is_mended(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("вакц")
        assert on.app.asked.text == "вакц*"
        assert on.hits.total == 2
        assert "words that begin with вакц" in on.rows()[1]
        await on.press("escape")
        await on.type("protcet")
        await on.until(lambda: "F4" in on.rows()[1])
        assert on.app.results is not None and on.app.results.corrections
        await on.press("f4")
        await on.until(lambda: "Nothing was found." in on.text())
        assert "[as typed]" in on.rows()[2]
        await on.press("f5")
        await on.until(lambda: on.hits.hits)

    drive(books, steps)


def test_an_offer_is_accepted_by_a_key(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(on: Driven) -> None:
        search = on.app._searcher.search

        def offers(query: str, *arguments: Any, **options: Any) -> Results:
            results = search(query, *arguments, **options)
            if "vaccin" not in query:
                return results
            offer = Correction("protect", "protects", "spelling", action="offered")
            return replace(results, corrections=(offer,)) if "protect " in query else results

        monkeypatch.setattr(on.app._searcher, "search", offers)
        await on.type("protect vaccines")
        assert "did you mean protects" in on.rows()[1] and "F4 takes it" in on.rows()[1]
        await on.press("f4")
        await on.answered()
        assert on.line.value == "protects vaccines"

    drive(books, steps)


def test_n_goes_from_word_to_word_and_round(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccines")
        await on.press("down")
        while on.hits.hit is None or on.hits.hit.id != "long":
            await on.press("j")
        await on.previewed()
        view = on.preview.view
        assert view is not None and len(view.marks) == 16
        await on.press("less_than_sign")
        lines = []
        for _ in range(17):
            lines.append(view.lines.line_of(view.at_place()))
            await on.press("n")
            assert f"word {view.number} of 16" in on.text()
        assert set(lines) == {1, 51, 101, 151, 201, 251, 301, 351}
        number = view.number
        await on.press("N")
        assert view.number == (number - 2) % 16 + 1
        await on.press("т")  # the key of n
        assert view.number == number
        rows = [row for row in on.rows() if row.startswith("> Здесь")]
        assert len(rows) == 1, "the row of the current word has a mark"

    drive(books, steps)


def test_function_words_are_no_place_to_go_to(tmp_path: Path) -> None:
    build(tmp_path, [Document(id="a", text="The end of the vaccine is in sight. The vaccine is in use.")])

    async def steps(on: Driven) -> None:
        await on.type("the vaccine is in use")
        view = on.preview.view
        assert view is not None
        assert [view.text[start:end] for start, end in view.marks] == ["vaccine", "vaccine", "use"]
        await on.press("ctrl+u")
        await on.until(lambda: on.app.results is None)
        await on.type("is in")
        await on.until(lambda: on.preview.view is not None and len(on.preview.view.marks) == 4)

    drive(tmp_path, steps)


def test_documents_are_shown_and_never_read_as_markup(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("markup hostile")
        text = on.text()
        assert "[bold]Markup[/bold]" in text
        assert "[red]markup[/red] ␛[31mhostile␇ �evil�" in text
        assert not {"\x1b", "\x07", "\u202e"} & set(text)

    drive(books, steps)


def test_tab_takes_suggestions_one_after_another(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("вак")
        await on.until(lambda: on.rows()[2].startswith("Tab вакцина"))
        await on.press("tab")
        assert on.line.value == "вакцина"
        await on.answered()
        await on.press("space")
        await on.answered()
        await on.until(lambda: not on.rows()[2])
        await on.press("tab")
        assert on.app.focused is on.hits

    drive(books, steps)


@pytest.mark.parametrize("key", ["escape", "up"])
def test_what_was_offered_goes_with_the_query(books: Path, key: str) -> None:
    """After a suggestion was taken, too: Tab must not bring it back."""

    async def steps(on: Driven) -> None:
        on.app.history.add("earlier")
        await on.type("вакц")
        await on.until(lambda: on.rows()[2].startswith("Tab вакцина"))
        await on.press("tab")
        await on.until(lambda: on.line.value == "вакцина")
        await on.press(key)
        await on.until(lambda: on.line.value == ("" if key == "escape" else "earlier"))
        await on.until(lambda: "вакцин" not in on.rows()[2])

    drive(books, steps)


def test_behind_a_finished_word_tab_goes_to_the_list(tmp_path: Path) -> None:
    build(tmp_path, [Document(id="a", text="The price of cars. The car and the cart. Prices, prize.", language="en")])

    async def steps(on: Driven) -> None:
        assert "cart" in [one.text for one in on.app._searcher.suggest("cars", 5)]
        await on.type("cars")
        await on.until(lambda: on.app._offers._suggested is not None)
        assert on.rows()[2] == ""
        await on.press("tab")
        assert on.app.focused is on.hits

    drive(tmp_path, steps)


def test_where_nothing_is_found_a_near_word_is_offered(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.press("f5")
        await on.type("tasted")
        await on.until(lambda: on.rows()[2] == "[as typed] Tab tested")
        assert "Nothing was found." in on.text()
        await on.press("tab")
        assert on.line.value == "tested"

    drive(books, steps)


def test_letters_are_commands_in_the_list_alone(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("q", "y")
        assert on.line.value == "vaccineqy"
        await on.press("backspace", "backspace")
        await on.answered()
        await on.press("down", "y")
        assert on.app.clipboard == "en"
        assert "copied: en" in on.text()
        await on.press("н")
        await on.press("slash")
        assert on.app.focused is on.line
        assert on.line.value == "vaccine"
        await on.press("down", "й")

    app = drive(books, steps)
    assert app.return_value == 0


def test_keys_do_the_same_in_the_russian_layout(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("down", "о")
        assert on.hits.chosen == 1
        await on.press("л", "л")
        assert (on.hits.chosen, on.app.focused) == (0, on.line)
        await on.press("ctrl+cyrillic_small_letter_a")  # ctrl+f
        assert on.app.focused is on.panel
        await on.press("escape", "ctrl+cyrillic_small_letter_es")  # ctrl+c

    assert drive(books, steps).return_value == 0


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    directory = tmp_path / "shop"
    fields = {"brand": Keyword(), "price": Number()}
    with Writer(directory, schema=fields) as writer:
        for number in range(60):
            brand = "Bosch" if number % 3 else "Makita"
            text = f"Drill number {number}. " + ("Дрель для дома." if number % 2 else "A tool.")
            writer.add(
                Document(id=str(number), title=f"Drill {number}", text=text, fields={"brand": brand, "price": number})
            )
    return directory


def test_filters_are_chosen_shown_and_taken_away(shop: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("drill")
        assert on.hits.total == 60
        await on.press("f2")
        await on.until(lambda: any("Makita" in row and "20" in row for row in on.rows()))
        await on.press("2")  # the brands, by their numbers of documents: Bosch, Makita
        await on.until(lambda: on.hits.total == 20)
        assert '[brand:="Makita"]' in on.rows()[2]
        await on.until(lambda: any("[x] Makita" in row for row in on.rows()))
        # Those of one facet are alternatives, so the other brand keeps its number.
        assert any("[ ] Bosch" in row and "40" in row for row in on.rows())
        await on.press("home", "space")
        await on.until(lambda: on.hits.total == 60)
        await on.press("x")
        await on.until(lambda: not on.app.filters and "[brand" not in on.rows()[2] and on.hits.total == 60)
        await on.press("1")
        await on.until(lambda: on.hits.total == 40)
        await on.press("escape", "slash", "ctrl+u")
        await on.until(
            lambda: on.app.results is not None and on.app.results.total == 40
        )  # filters are a query of their own
        await on.press("backspace")
        await on.until(lambda: not on.app.filters and on.app.results is None)

    drive(shop, steps)


def test_values_of_fields_stand_above_the_text(shop: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("drill")
        assert any("brand:" in row and "price:" in row for row in on.rows())

    drive(shop, steps)


def test_more_hits_come_as_one_goes_down(shop: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("drill")
        first = len(on.hits.hits)
        assert first < 60
        await on.press("down", "end")
        await on.until(lambda: len(on.hits.hits) == 60)
        assert len({hit.id for hit in on.hits.hits}) == 60
        await on.press("end")
        assert on.hits.chosen == 59
        await on.previewed()
        assert f"> {on.hits.hits[59].title}" in on.text()
        await on.press("g", "up")
        assert on.app.focused is on.line

    drive(shop, steps)


def test_the_mouse_chooses_and_scrolls(shop: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("drill")
        await on.pilot.click(HitList, offset=(5, 3))
        assert (on.hits.chosen, on.app.focused) == (1, on.hits)
        await on.press("f2")
        await on.until(lambda: any("Makita" in row for row in on.rows()))
        row = next(number for number, row in enumerate(on.rows()) if "Makita" in row)
        await on.pilot.click(FacetPanel, offset=(5, row - 3))
        await on.until(lambda: on.hits.total == 20)

    drive(shop, steps)


def test_history_goes_up_and_down(books: Path, tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("down", "slash", "ctrl+u")
        await on.type("погода")
        await on.press("down", "slash", "ctrl+u")
        await on.type("дет")
        await on.press("up")
        assert on.line.value == "погода"
        await on.press("up")
        assert on.line.value == "vaccine"
        await on.answered()
        await on.press("down", "down")
        assert on.line.value == "дет"
        await on.answered()

    drive(books, steps, history=History(str(path)))
    assert path.read_text(encoding="utf-8").splitlines()[:2] == ["vaccine", "погода"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_editor_is_called_at_the_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("One vaccine.\n\nAnother vaccine.\n" * 3, encoding="utf-8")
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/called\n')
    editor.chmod(0o755)
    sync(folder, tmp_path / "index")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("down")
        view = on.preview.view
        assert view is not None
        while view.number != 4:
            await on.press("n")
        await on.press("enter")
        await on.until((tmp_path / "called").exists)

    drive(tmp_path / "index", steps)
    # The words stand in lines 1, 3, 4, 6, 7 and 9.
    assert (tmp_path / "called").read_text().splitlines() == ["+6", str(folder / "a.txt")]


def test_what_cannot_be_opened_is_told(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("enter")
        assert "en has no file that could be opened" in on.rows()[1]

    drive(books, steps)


def test_without_texts_the_preview_says_so(tmp_path: Path) -> None:
    with Writer(tmp_path, store_texts=False) as writer:
        writer.add(Document(id="a", title="Secret vaccine", text="vaccine"))

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        assert "The index has no text of this document." in on.text()
        await on.press("down", "n", "space", "less_than_sign", "greater_than_sign")

    drive(tmp_path, steps)


def test_pages_are_told(tmp_path: Path) -> None:
    text = "Page one.\n" * 5 + "The vaccine page.\n"
    build(tmp_path, [Document(id="a", title="Pages", text=text, pages=(0, 50))])

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        assert "p. 2 of 2" in on.text()

    drive(tmp_path, steps)


def test_the_index_may_change_and_vanish(tmp_path: Path) -> None:
    build(tmp_path / "index", [Document(id="a", title="Old vaccine", text="vaccine")])

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        assert on.hits.total == 1
        build(tmp_path / "index", [Document(id="b", title="New vaccine", text="vaccine " * 3)])
        await on.press("space")
        await on.until(lambda: on.hits.total == 2)
        for file in sorted((tmp_path / "index").rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        await on.type(" new")
        await on.press("down", "j", "f2", "escape", "slash")
        await on.type(" other")
        assert on.app.is_running

    drive(tmp_path / "index", steps)


def test_moving_on_asks_an_index_that_has_changed(tmp_path: Path) -> None:
    def texts(names: str, word: str) -> list[Document]:
        return [
            Document(id=name, title=f"{word} {name}", text=f"vaccine {word}. " * (9 - number))
            for number, name in enumerate(names)
        ]

    build(tmp_path / "index", texts("abc", "old"))

    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        assert [hit.title for hit in on.hits.hits] == ["old a", "old b", "old c"]
        await on.press("down")
        build(tmp_path / "index", texts("xacb", "new"))
        await on.press("j")
        await on.until(lambda: on.hits.total == 4)
        assert [hit.title for hit in on.hits.hits] == ["new x", "new a", "new c", "new b"]
        assert on.hits.hit is not None and on.hits.hit.id == "b", "the document that was chosen"
        await on.previewed()
        assert "> new b" in on.text() and "old" not in on.text()
        with Writer(tmp_path / "index") as writer:
            writer.delete("b")
            writer.delete("x")
        await on.press("k")
        await on.until(lambda: on.hits.total == 2)
        await on.previewed()
        assert on.hits.hit is not None and on.hits.hit.id == "c", "the document that was chosen"
        assert on.app.focused is on.hits

    drive(tmp_path / "index", steps)


@pytest.mark.parametrize("from_list", [False, True])
@pytest.mark.parametrize("key", ["escape", "f2"])
def test_the_filters_give_the_keys_back(books: Path, from_list: bool, key: str) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        if from_list:
            await on.press("down")
        await on.press("f2")
        assert on.app.focused is on.panel
        await on.press(key)
        assert on.app.focused is (on.hits if from_list else on.line)

    drive(books, steps)


def test_an_error_is_a_line(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(on: Driven) -> None:
        def fails(*_: object, **__: object) -> None:
            raise IndexDamaged("segment 3 is damaged:\nrun \x1b[31mverify")

        await on.type("vaccine")
        monkeypatch.setattr(on.app._searcher, "search", fails)
        await on.press("space")
        await on.until(lambda: "segment 3 is damaged: run ␛[31mverify" in on.rows()[1])
        monkeypatch.undo()
        await on.press("backspace")
        await on.until(lambda: "documents" in on.rows()[1] and "damaged" not in on.text())

    drive(books, steps)


def test_a_slow_answer_is_dropped_for_a_newer_one(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps(on: Driven) -> None:
        search, go = on.app._searcher.search, threading.Event()

        def slow(query: str, *arguments: object, **options: object) -> object:
            if query.startswith("погод"):
                go.wait(_SECONDS)
            return search(query, *arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(on.app._searcher, "search", slow)
        for letter in "погода":
            await on.press(letter)
        await on.press("ctrl+u")
        for letter in "vaccine":
            await on.press(letter)
        assert on.line.value == "vaccine", "keys do not wait for an answer"
        go.set()
        await on.answered()
        assert on.hits.hits[0].id == "en"

    drive(books, steps)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (40, 10), (10, 3), (1, 1), (200, 60)])
def test_any_size_will_do(books: Path, size: tuple[int, int]) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccines погода")
        for key in ("down", "j", "n", "f3", "f3", "f3", "f2", "j", "space", "f2", "f1", "escape", "space"):
            await on.press(key)
        await on.pilot.resize_terminal(80, 24)
        await on.pilot.pause()
        assert all(len(row) <= 80 for row in on.rows())
        await on.pilot.resize_terminal(*size)
        await on.pilot.pause()

    drive(books, steps, size=size)


def test_the_preview_can_have_the_screen_alone(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccines")
        await on.press("down", "f3")
        await on.pilot.pause()
        assert on.preview.size.height > 15
        await on.press("n")  # keys still go to the list
        await on.press("f3")
        await on.pilot.pause()
        assert on.hits.size.height > 15
        await on.press("f3")

    drive(books, steps)


def test_help_names_the_keys(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.press("f1")
        assert isinstance(on.app.screen, HelpPage)
        await on.until(lambda: "In the query line" in on.text())
        assert " ".join(on.rows()[1].split()) == "Esc, q, F1 close this page; Space and b scroll it"
        await on.press("q")
        assert not isinstance(on.app.screen, HelpPage)
        await on.type("vaccine")
        await on.press("down", "question_mark")
        assert isinstance(on.app.screen, HelpPage)
        await on.press("escape")
        assert on.app.focused is on.hits

    drive(books, steps)


def test_escape_empties_the_line_and_then_quits(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        await on.press("escape")
        assert (on.line.value, on.app.results) == ("", None)
        assert "4 documents in books" in on.text()
        await on.press("escape")

    assert drive(books, steps).return_value == 0


def test_what_is_put_into_the_line_is_asked_once(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.type("vaccine")
        number = on.app.asked.number
        await on.press("escape")
        await on.pilot.pause()
        assert (on.line.value, on.app.asked.number) == ("", number + 1)
        await on.press("a", "backspace")  # the same again, but typed
        await on.pilot.pause()
        assert (on.line.value, on.app.asked.number) == ("", number + 3)

    drive(books, steps)


def test_it_may_begin_with_a_query(books: Path) -> None:
    async def steps(on: Driven) -> None:
        await on.until(lambda: on.hits.hits)
        assert on.rows()[0] == "naidi> vaccine"

    drive(books, steps, query="vaccine", plain=False)


def test_without_colour_nothing_is_coloured() -> None:
    assert all(style.color is None and style.bgcolor is None for style in PLAIN)
    # What was found is told from the rest, the current one from the others, the chosen hit too.
    assert len({PLAIN.text, PLAIN.found, PLAIN.current}) == 3
    assert PLAIN.chosen != PLAIN.title


def test_a_long_document_is_marked_part_by_part(tmp_path: Path) -> None:
    text = ("слово " * 300 + "вакцина\n") * 120 + "x" * 100_000
    build(tmp_path, [Document(id="a", title="Long", text=text)])

    async def steps(on: Driven) -> None:
        await on.type("вакцина")
        view = on.preview.view
        assert view is not None and len(view.marks) == 120
        await on.press("down", "N")
        assert view.number == 120
        await on.press("greater_than_sign")
        assert "x" * 70 in on.text()

    drive(tmp_path, steps)
