"""What the screen keeps from key to key, without a terminal: offers, what is said, hits, and what each key does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

pytest.importorskip("textual", reason="the extra tui is not installed")

from naidi.indexer.messages import told
from naidi.search.results import Correction, Facet, Hit, Results
from naidi.search.screen.answers import Answers, Asked
from naidi.search.screen.app import SearchScreen
from naidi.search.screen.chosen_filters import Filters, Row
from naidi.search.screen.document_view import DocumentView
from naidi.search.screen.empty_list import before_a_question, nothing_found
from naidi.search.screen.facet_panel import FacetPanel
from naidi.search.screen.found import Found
from naidi.search.screen.hit_list import HitList
from naidi.search.screen.keys import ACTIONS, anywhere, in_last_line, in_list
from naidi.search.screen.layout import VIEWS, classes_of, next_view
from naidi.search.screen.list_keys import list_commands
from naidi.search.screen.marked_lines import Piece
from naidi.search.screen.offered import Offers
from naidi.search.screen.palette import COLOURED, PLAIN
from naidi.search.screen.preview import Preview
from naidi.search.screen.said import Status
from naidi.search.stored_documents import StoredDocument
from naidi.search.suggest.suggest import Completion

# -- offers


def completions(*texts: str) -> list[Completion]:
    return [Completion(text, 3, "prefix") for text in texts]


def offers_for(query: str, *texts: str) -> Offers:
    """The offers after a query was asked and its suggestions have come."""
    offers = Offers()
    offers.asked(query)
    assert offers.suggested(completions(*texts))
    return offers


def texts_of(offers: Offers) -> list[str]:
    return [one.text for one in offers.completions]


def test_what_completes_the_word_is_offered_before_the_answer() -> None:
    assert texts_of(offers_for("вак", "вакцина", "вата")) == ["вакцина"]


def test_an_offer_stays_until_more_is_known_of_the_next_letter() -> None:
    offers = offers_for("вак", "вакцина")
    offers.asked("вакц")
    assert texts_of(offers) == ["вакцина"]
    offers.suggested(completions("вакцинация"))
    assert texts_of(offers) == ["вакцинация"]


def test_an_offer_goes_where_the_query_cannot_be_completed() -> None:
    offers = offers_for("вак", "вакцина")
    offers.asked("вак ")
    assert texts_of(offers) == []


@pytest.mark.parametrize("answer_first", [False, True])
@pytest.mark.parametrize("finds, offered", [(True, []), (False, ["tested"])])
def test_a_near_word_is_offered_once_it_is_known_that_nothing_is_found(
    answer_first: bool, finds: bool, offered: list[str]
) -> None:
    offers = Offers()
    offers.asked("tasted")
    if answer_first:
        offers.answered(finds=finds)
        offers.suggested(completions("tested"))
    else:
        offers.suggested(completions("tested"))
        assert texts_of(offers) == []
        offers.answered(finds=finds)
    assert texts_of(offers) == offered


def test_suggestions_and_the_answer_of_an_earlier_query_count_no_more() -> None:
    offers = offers_for("tasted", "tested")
    offers.asked("tastes")
    offers.answered(finds=False)
    assert texts_of(offers) == []
    offers.asked("wonted")
    offers.suggested(completions("wanted"))
    assert texts_of(offers) == [], "it may find something"


def test_one_offer_after_another_stands_in_the_line_and_the_others_stay() -> None:
    offers = offers_for("вак", "вакцина", "вакцины")
    taken = []
    for _ in range(3):
        text = offers.next()
        assert text is not None and offers.is_in_line
        taken.append(text)
        offers.asked(text)
        offers.answered(finds=True)
        assert not offers.suggested(completions("вакцинация")), "not wanted now"
        assert texts_of(offers) == ["вакцина", "вакцины"]
    assert taken == ["вакцина", "вакцины", "вакцина"]


def test_the_others_stay_though_the_one_in_the_line_cannot_be_completed() -> None:
    offers = offers_for("NO", "NOT", "NOTE")
    offers.next()
    offers.asked("NOT")
    assert offers.next() == "NOTE"


def test_a_key_makes_the_offer_a_typed_word() -> None:
    offers = offers_for("вак", "вакцина", "вакцины")
    offers.next()
    offers.typed()
    assert not offers.is_in_line
    offers.asked("вакцинам")
    assert offers.suggested(completions("вакцинами"))
    assert texts_of(offers) == ["вакцинами"]
    assert offers.next() == "вакцинами"


def test_without_offers_there_is_no_next_one() -> None:
    offers = Offers()
    assert offers.next() is None
    assert not offers.is_in_line
    offers = offers_for("вак", "вакцина")
    offers.drop()
    assert offers.next() is None


def shown(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces).rstrip()


def test_the_line_of_offers_names_what_narrows_the_question() -> None:
    filters = Filters()
    filters.toggle(Row("brand", "A\x1b", 1, 'brand:="A\x1b"'))
    filters.toggle(Row("language", "ru", 1, "lang:ru"))
    offers = offers_for("вак", "вакцина")
    pieces = offers.pieces(COLOURED, filters, exact=True)
    assert shown(pieces) == '[as typed] [brand:="A␛"] [lang:ru] Tab вакцина'
    assert [text for text, style in pieces if style == COLOURED.chip] == ["[as typed]", '[brand:="A␛"]', "[lang:ru]"]
    assert shown(offers.pieces(COLOURED, Filters(), exact=False)) == "Tab вакцина"
    assert Offers().pieces(COLOURED, Filters(), exact=False) == []


def test_the_offer_in_the_line_is_told_from_the_others() -> None:
    offers = offers_for("вак", "вакцина", "вакцины")
    assert COLOURED.chosen not in [style for _, style in offers.pieces(COLOURED, Filters(), exact=False)]
    offers.next()
    offers.next()
    styles = dict(offers.pieces(COLOURED, Filters(), exact=False))
    assert (styles["вакцина"], styles["вакцины"]) == (COLOURED.offered, COLOURED.chosen)


# -- the line about the question

ANSWER = Results("vaccine", 3, 4.2)
OFFER = Correction("protcet", "protect", "spelling", action="offered")


def line_of(status: Status, results: Results | None, width: int = 80, **more: Any) -> tuple[list[Piece], list[Piece]]:
    return status.pieces(results, width, **{"exact": False, "beginning": None, **more})


def test_where_nothing_is_asked_nothing_is_said() -> None:
    left, right = line_of(Status(PLAIN), None)
    assert (shown(left), right) == ("", [])


def test_an_answer_is_counted_at_the_right() -> None:
    left, right = line_of(Status(COLOURED), ANSWER, beginning="vacc*")
    assert left == [("words that begin with vacc", COLOURED.notice)]
    assert right == [("3 documents  4 ms", COLOURED.facts)]


def test_a_fault_has_the_line_alone() -> None:
    status = Status(COLOURED)
    status.fault = "the index is damaged"
    results = replace(ANSWER, corrections=(OFFER,))
    assert line_of(status, results) == ([("the index is damaged", COLOURED.fault)], [])
    assert status.takes == ""


def test_what_became_of_a_key_is_said_beside_a_fault() -> None:
    status = Status(COLOURED)
    status.fault, status.note = "the index is damaged", "copied: a"
    assert line_of(status, ANSWER) == ([("copied: a", COLOURED.notice)], [])


@pytest.mark.parametrize("width, counted", [(80, True), (27, True), (26, False), (5, False)])
def test_a_note_goes_before_the_count(width: int, counted: bool) -> None:
    status = Status(PLAIN)
    status.note = "copied: a"
    left, right = line_of(status, ANSWER, width)
    assert shown(left) == "copied: a"
    assert bool(right) is counted


@pytest.mark.parametrize(
    "correction, takes, key",
    [
        (OFFER, "accept", "F4 takes it"),
        (replace(OFFER, action="instead"), "undo", "F4: as typed"),
        (replace(OFFER, action="as well"), "", ""),
        (replace(OFFER, told=False), "", ""),
    ],
)
def test_the_key_of_corrections_does_what_the_line_says(correction: Correction, takes: str, key: str) -> None:
    status = Status(PLAIN)
    left, _ = line_of(status, replace(ANSWER, corrections=(correction,)))
    assert status.takes == takes
    assert shown(left).endswith(key) and ("F4" in shown(left)) is bool(takes)


def test_under_a_note_the_key_does_what_the_newest_answer_offers() -> None:
    status = Status(PLAIN)
    status.note = "copied: a"
    line_of(status, replace(ANSWER, corrections=(OFFER,)))
    assert status.takes == "accept"
    line_of(status, ANSWER)
    assert status.takes == ""


# -- keys


@pytest.mark.parametrize(
    "part, first, last",
    [
        ("query", ["open", "hits", "history", "keys", "filters", "view"], "Ctrl-C, Ctrl-Q"),
        ("list", ["open", "next word", "copy path", "query", "keys", "filters", "view"], "q"),
        ("filters", ["choose", "choose", "clear", "close", "keys"], "Ctrl-C, Ctrl-Q"),
    ],
)
def test_the_last_line_follows_the_focus_and_ends_with_how_to_leave(part: Any, first: list[str], last: str) -> None:
    keys = in_last_line(part)
    assert [str(told(one.short)) for one in keys] == [*first, "quit"]
    assert keys[-1].keys == last


def test_each_key_that_the_help_names_for_anywhere_has_an_action() -> None:
    bound = {key for keys, _ in ACTIONS for key in keys.split(",")}
    named = {
        name.lower().replace("-", "+")
        for one in anywhere()
        for name in re.findall(r"F\d+|Ctrl-[A-Z]", str(told(one.keys)))
    }
    assert named == bound - {"ctrl+z"}, "Ctrl-Z does what it does in every program"


def test_each_action_is_one_of_the_screen() -> None:
    for _, action in ACTIONS:
        assert callable(getattr(SearchScreen, f"action_{action.partition('(')[0]}"))


class Recorded:
    """Takes the place of the list or the preview, and notes the calls."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: self.calls.append((name, *arguments, *options.values()))


class ListKeys:
    """The commands of a list with its third hit chosen, a page of five hits, and a preview of eight rows."""

    def __init__(self) -> None:
        self.hits = Recorded(chosen=2, room=5, hits=[None] * 9)
        self.preview = Recorded(height=8)
        self.app = Recorded()
        self.commands = list_commands(
            cast(HitList, self.hits),
            cast(Preview, self.preview),
            open_hit=self.app.open_hit,
            copy=self.app.copy,
            to_query=self.app.to_query,
            show_help=self.app.show_help,
            leave=self.app.leave,
        )

    def press(self, key: str) -> list[tuple[Any, ...]]:
        self.commands[key]()
        return [*self.hits.calls, *self.preview.calls, *self.app.calls]


@pytest.mark.parametrize(
    "key, call",
    [
        ("j", ("move", 1)),
        ("k", ("move", -1)),
        ("pagedown", ("move", 5)),
        ("pageup", ("move", -5)),
        ("g", ("choose", 0)),
        ("G", ("choose", 9)),
        ("n", ("step", 1)),
        ("N", ("step", -1)),
        ("space", ("scroll_rows", 7)),
        ("b", ("scroll_rows", -7)),
        ("ctrl+d", ("scroll_rows", 3)),
        ("ctrl+u", ("scroll_rows", -3)),
        ("right", ("scroll_rows", 1)),
        ("left", ("scroll_rows", -1)),
        ("less_than_sign", ("to_edge", False)),
        ("greater_than_sign", ("to_edge", True)),
        ("o", ("open_hit",)),
        ("y", ("copy",)),
        ("full_stop", ("to_query",)),
        ("question_mark", ("show_help",)),
        ("q", ("leave",)),
    ],
)
def test_a_key_of_the_list(key: str, call: tuple[Any, ...]) -> None:
    assert ListKeys().press(key) == [call]


@pytest.mark.parametrize(
    "key, other",
    [("down", "j"), ("up", "k"), ("home", "g"), ("end", "G"), ("enter", "o")]
    + [(key, "slash") for key in ("full_stop", "i", "escape", "tab", "shift+tab")],
)
def test_keys_of_the_list_that_do_the_same(key: str, other: str) -> None:
    assert ListKeys().press(key) == ListKeys().press(other)


def test_up_from_the_first_hit_leads_to_the_query() -> None:
    keys = ListKeys()
    keys.hits.chosen = 0
    assert keys.press("up") == [("to_query",)]


@pytest.mark.parametrize("height, page, half", [(1, 1, 1), (2, 1, 1), (3, 2, 1), (41, 40, 20)])
def test_a_page_of_the_preview_is_as_high_as_it_is_now(height: int, page: int, half: int) -> None:
    keys = ListKeys()
    keys.preview.height = height
    keys.press("space")
    assert keys.press("ctrl+d") == [("scroll_rows", page), ("scroll_rows", half)]


def test_each_key_that_the_help_names_for_the_list_has_a_command() -> None:
    names = {
        "Space": ["space"],
        "Esc": ["escape"],
        "<": ["less_than_sign"],
        ">": ["greater_than_sign"],
        "/": ["slash"],
        "arrows": ["up", "down"],
    }
    commands = ListKeys().commands
    for one in in_list():
        for word in re.split(r"[ ,]+", str(told(one.keys))):
            assert set(names.get(word, [word])) <= commands.keys()


# -- hits

ASKED = Asked(7, "vaccine", None, False)


def hits_of(*ids: str) -> tuple[Hit, ...]:
    return tuple(Hit(number, name, None, name, None, "en", 1.0) for number, name in enumerate(ids, 1))


class Shown:
    """The list and the preview with some hits, at a place where one of them has room."""

    def __init__(self, *ids: str, total: int | None = None) -> None:
        self.hits, self.preview, self.answers = HitList(PLAIN), Preview(PLAIN), Recorded()
        self.found = Found(self.hits, self.preview, cast(Answers, self.answers))
        self.show(*ids, total=total)

    def show(self, *ids: str, total: int | None = None) -> None:
        self.answers.calls.clear()
        hits = hits_of(*ids)
        self.found.show(ASKED, Results("vaccine", len(hits) if total is None else total, 1.0, hits=hits), ["None."])

    def view_of(self, name: str) -> DocumentView:
        return DocumentView(StoredDocument(name, "One.\nTwo vaccines.", "", None, None, None), 0, 80)


def test_the_first_hit_of_an_answer_is_chosen_and_read() -> None:
    on = Shown("a", "b")
    on.hits.chosen = 1
    on.found.wanted(again=False)
    on.show("c", "b")
    assert on.hits.hit is not None and on.hits.hit.id == "c"
    assert on.answers.calls == [("open", ASKED, on.hits.hit, on.preview.width, False)]


def test_the_chosen_document_stays_chosen_when_the_same_is_asked_again() -> None:
    on = Shown("a", "b", "c")
    on.hits.chosen = 1
    on.found.wanted(again=True)
    on.show("x", "a", "b")
    assert on.hits.hit is not None and on.hits.hit.id == "b"


@pytest.mark.parametrize("known, again, wanted", [(60, False, 10), (3, True, 10), (60, True, 60), (700, True, 500)])
def test_so_many_hits_are_asked_for(known: int, again: bool, wanted: int) -> None:
    on = Shown(*map(str, range(known)))
    assert on.found.wanted(again=again) == wanted


def test_without_hits_nothing_is_read_and_the_preview_is_empty() -> None:
    on = Shown("a")
    on.found.show_document(on.hits.hits[0], on.view_of("a"))
    on.show()
    assert on.answers.calls == []
    assert (on.preview.hit, on.preview.view) == (None, None)
    assert on.found.at_place() is None


def test_where_nothing_is_asked_list_and_preview_are_empty() -> None:
    on = Shown("a")
    on.found.show_document(on.hits.hits[0], on.view_of("a"))
    on.found.show_none(["Type words."])
    assert (on.hits.hits, on.hits.total, on.preview.hit) == ([], 0, None)


def test_more_hits_are_asked_for_once_near_the_end_of_those_that_are_there() -> None:
    on = Shown("a", "b", "c", "d", total=6)

    def asked_for(chosen: int) -> list[tuple[Any, ...]]:
        on.answers.calls.clear()
        on.hits.chosen = chosen
        on.found.move_on(ASKED)
        first, *others = on.answers.calls
        assert first == ("open", ASKED, on.hits.hit, on.preview.width, True), "of the index as it is now"
        return others

    assert asked_for(1) == []
    assert asked_for(2) == [("ask_more", ASKED, 4)]
    assert asked_for(3) == [], "they are on their way"
    on.found.add(hits_of("e"))
    assert asked_for(4) == [("ask_more", ASKED, 5)]
    on.found.add(hits_of("f"))
    assert asked_for(5) == [], "all are there"


def test_a_new_question_waits_no_more_for_hits_of_the_last_one() -> None:
    on = Shown("a", "b", total=9)
    on.found.move_on(ASKED)
    on.found.wanted(again=False)
    on.show("c", "d", total=9)
    on.found.move_on(ASKED)
    assert on.answers.calls[-1] == ("ask_more", ASKED, 2)


def test_a_document_that_comes_late_is_not_shown() -> None:
    on = Shown("a", "b")
    view = on.view_of("b")
    assert not on.found.show_document(on.hits.hits[1], view)
    assert on.preview.view is None
    on.hits.chosen = 1
    assert on.found.show_document(on.hits.hits[1], view)
    assert (on.preview.hit, on.preview.view) == (on.hits.hits[1], view)
    on.found.show_none([])
    assert not on.found.show_document(hits_of("b")[0], view)


def test_a_hit_is_opened_at_the_current_word_of_its_own_document() -> None:
    on = Shown("a", "b")
    view = on.view_of("a")
    view.add_marks([(9, 17)], all_known=True)
    on.found.show_document(on.hits.hits[0], view)
    hit = on.found.at_place()
    assert hit is not None and hit.id == "a" and hit.snippets[0].line == 2
    on.hits.chosen = 1
    assert on.found.at_place() == on.hits.hits[1], "the preview still shows another document"


def test_marks_of_a_document_that_is_shown_no_more_are_dropped() -> None:
    on = Shown("a")
    old, new = on.view_of("a"), on.view_of("a")
    on.preview.show(on.hits.hit, new)
    on.preview.mark(old, [(9, 17)], all_known=True)
    on.preview.mark(new, [(0, 3)], all_known=False)
    assert (old.marks, new.marks) == ([], [(0, 3)])


def test_lines_of_an_empty_list() -> None:
    assert before_a_question(1, "a\x1b")[0] == "1 document in a␛"
    assert before_a_question(20_000, "books")[0] == "20,000 documents in books"
    assert nothing_found(filtered=False) == ["Nothing was found."]
    assert nothing_found(filtered=True)[1:] == ["F2 shows the filters; x takes them away."]


# -- filters, the places of the parts


def test_numbers_of_a_facet_stay_until_it_is_counted_anew() -> None:
    panel = FacetPanel(PLAIN, Filters())
    panel.show({"language": Facet((("en", 3),))}, {})
    panel.show({"year": Facet((("2021", 2),))}, {})
    panel.show({"language": Facet((("en", 1),))}, {})
    assert [(row.facet, row.documents) for row in panel.rows if row.documents] == [("language", 1), ("year", 2)]


def test_all_filters_are_taken_away() -> None:
    filters = Filters()
    assert not filters.clear()
    filters.toggle(Row("language", "ru", 2, "lang:ru"))
    assert filters.clear() and not filters


@pytest.mark.parametrize(
    "view, width, height, classes",
    [
        ("both", 110, 24, {"wide"}),
        ("both", 109, 24, set()),
        ("both", 71, 24, {"narrow"}),
        ("both", 80, 13, {"only-list"}),
        ("both", 110, 13, {"wide"}),
        ("preview", 80, 13, {"only-preview"}),
        ("list", 80, 24, {"only-list"}),
    ],
)
def test_the_parts_stand_where_they_have_room(view: str, width: int, height: int, classes: set[str]) -> None:
    given = classes_of(view, width, height)
    assert {name for name, has in given.items() if has} == classes
    assert given.keys() == {"wide", "narrow", "only-list", "only-preview"}, "those that it has not are taken away"


def test_views_follow_each_other() -> None:
    assert [next_view(view) for view in VIEWS] == ["preview", "list", "both"]
