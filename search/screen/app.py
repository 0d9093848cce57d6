"""The screen: what is typed becomes a question, what is answered becomes lines, and each key its command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from naidi.indexer.messages import message, plural, told
from naidi.indexer.printable import printable

from ..open_index import Searcher
from ..results import Facet, Hit, Results
from ..suggest.suggest import Completion
from .answers import Answered, Answers, Asked, Counted, Failed, Marked, Opened, Outdated, Suggested
from .bars import Bar, KeyBar
from .chosen_filters import Filters, facet_names, panel_rows
from .facet_panel import FacetPanel
from .help_page import HelpPage
from .history import History
from .hit_list import HitList
from .keyboard_layout import everywhere
from .keys import anywhere, in_filters, in_list, in_query
from .layout import NARROW, STYLE, VIEWS, WIDE, view_in
from .marked_lines import Piece, width_of
from .offered import may_be_completed, offered
from .opening import at_place, opened
from .palette import COLOURED, Palette
from .preview import Preview
from .query_line import QueryLine
from .said import Said, accepted, count_of, said_of
from .terminal_driver import TerminalDriver

_VALUES = 12
"""Values of a facet in the panel."""
_MOST_AGAIN = 500
"""Hits that are asked for again at once when the index has changed."""


class SearchScreen(App[int]):
    """The application.

    Parameters:
      searcher: of the index.
      name: of the index, as it is shown.
      query: that the line begins with.
      history: of queries.
      palette: the styles.
    """

    TITLE = "naidi"
    ENABLE_COMMAND_PALETTE = False
    CSS = STYLE
    BINDINGS: ClassVar[list[BindingType]] = everywhere(
        ("ctrl+c,ctrl+q", "leave"),
        ("ctrl+z", "suspend_process"),
        ("f1", "help"),
        ("f2,ctrl+f", "filters"),
        ("f3,ctrl+t", "view"),
        ("f4,ctrl+g", "mend"),
        ("f5,ctrl+o", "exact"),
        ("ctrl+n", "move(1)"),
        ("ctrl+p", "move(-1)"),
    )

    def __init__(
        self,
        searcher: Searcher,
        *,
        name: str = "",
        query: str = "",
        history: History | None = None,
        palette: Palette = COLOURED,
    ) -> None:
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.index_name = name
        self.palette = palette
        self.history = history or History(None)
        self.filters = Filters()
        self.exact = False
        self.results: Results | None = None
        self.asked = Asked(0, "", None, False)
        self._searcher = searcher
        self._answers = Answers(searcher, self.post_message)
        self._begun_with = query
        self._number = 0
        self._said = Said("", "")
        self._fault = ""
        self._note = ""
        self._completions: Sequence[Completion] = ()
        self._suggested: Suggested | None = None  # of which they are chosen
        self._answered = 0  # the number of the question that `results` answer
        self._completed = -1  # which completion stands in the line
        self._set: str | None = None  # what the line was given by the screen, not by keys
        self._facets: dict[str, Facet] = {}
        self._view = VIEWS[0]
        self._is_loading_more = False
        self._kept: str | None = None  # the document that stays chosen when the same is asked again
        self._before_filters: Widget | None = None  # what had the focus

        self._line = QueryLine(placeholder=str(told(message("words, in any form"))), select_on_focus=False)
        self._line.cursor_blink = False
        self._status = Bar(palette, id="said")
        self._offers = Bar(palette, id="offers")
        self._list = HitList(palette)
        self._preview = Preview(palette)
        self._panel = FacetPanel(palette, self.filters)
        self._keys = KeyBar(palette)

    @property
    def line_text(self) -> str:
        """What is typed."""
        return self._line.value

    # -- the parts

    def compose(self) -> ComposeResult:
        """The parts of the screen."""
        with Horizontal(id="top"):
            yield Static("naidi> ", id="prompt", markup=False)
            yield self._line
        yield self._status
        yield self._offers
        with Container(id="middle"):
            yield self._list
            yield self._preview
            yield self._panel
        yield self._keys

    def on_mount(self) -> None:
        """Begin."""
        self.app_resume_signal.subscribe(self, lambda _: self._draw_anew())
        self._line.focus()
        self._lay_out()
        self._answers.warm()
        if self._begun_with:
            self._type(self._begun_with)
        else:
            self._ask()
        self._show_keys()

    def on_unmount(self) -> None:
        """End the threads."""
        self._answers.close()

    def on_resize(self, event: events.Resize) -> None:
        """Find the parts a place."""
        self._lay_out(event.size.width, event.size.height)

    def _lay_out(self, width: int = 0, height: int = 0) -> None:
        width, height = width or self.size.width, height or self.size.height
        view = view_in(self._view, width, height)
        screen = self.screen_stack[0]
        screen.set_class(width >= WIDE, "wide")
        screen.set_class(width < NARROW, "narrow")
        screen.set_class(view == "list", "only-list")
        screen.set_class(view == "preview", "only-preview")
        self.call_after_refresh(self._tell)

    @property
    def _is_filtering(self) -> bool:
        return self.screen_stack[0].has_class("filtering")

    def on_descendant_focus(self) -> None:
        """Say which keys do something now."""
        self._show_keys()

    def _show_keys(self) -> None:
        focused = self.focused
        common = anywhere()
        enter, quit_key, rest = common[7], common[8], common[:3]
        if focused is self._panel:
            self._keys.show([*in_filters(), *rest[:1], quit_key])
        elif focused is self._list:
            *keys, leave = (one for one in in_list() if one.short)
            self._keys.show([enter, *keys, *rest, leave])
        else:
            self._keys.show([enter, *(one for one in in_query() if one.short), *rest, quit_key])

    # -- the question

    def _type(self, query: str) -> None:
        """Put a query into the line, as if it was typed."""
        self._set = query
        self._line.value = query
        self._line.cursor_position = len(query)
        self._ask()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask what is typed now."""
        event.stop()
        if event.value == self._set:  # asked already
            return
        self._set = None
        self._completed = -1
        self.history.leave()
        self._ask()

    def _ask(self, *, suggest: bool = True, again: bool = False) -> None:
        """Ask what the line and the filters say. again: whether the same was asked before: the chosen document stays chosen."""
        self._kept = self._list.hit.id if again and self._list.hit is not None else None
        limit = min(max(self._list.room + 2, 10), 100)
        if again:
            limit = max(limit, min(len(self._list.hits), _MOST_AGAIN))
        self._number += 1
        query = self._line.value
        at_end = self._line.cursor_position >= len(query)
        self.asked = asked = Asked(
            self._number, query, self.filters.where(), self.exact, at_end and self._completed < 0
        )
        self._note = ""
        self._is_loading_more = False
        if self._completed < 0 and not may_be_completed(query):
            self._completions = ()
        if asked.is_empty:
            self.results, self._fault, self._said = None, "", Said("", "")
            self._list.show([], 0, self._beginning())
            self._preview.show(None, None)
            self._tell()
        else:
            self._answers.ask(asked, limit)
        self._ask_the_rest(suggest=suggest)

    def _ask_the_rest(self, *, suggest: bool) -> None:
        at_end = self._line.cursor_position >= len(self._line.value)
        suggest = suggest and bool(self.asked.query.strip()) and at_end and self._completed < 0
        if suggest or self._is_filtering:
            self._answers.ask_the_rest(self.asked, self.filters, suggest=suggest, facets=self._is_filtering)

    def _beginning(self) -> list[str]:
        """What stands in the list before anything is asked."""
        count = self._searcher.doc_count
        lines = [
            str(
                told(
                    plural(
                        "{number} document in {index}",
                        "{number} documents in {index}",
                        count,
                        number=f"{count:,}",
                        index=printable(self.index_name),
                    )
                )
            ),
            "",
            str(told(message("Type words in English or Russian: any form of a word is found."))),
            str(told(message("Up brings back earlier queries. F1 shows all keys."))),
        ]
        return lines

    # -- the answers

    def on_answered(self, event: Answered) -> None:
        """Show hits."""
        if event.asked.number != self.asked.number:
            return
        if event.more:
            self._is_loading_more = False
            self._list.add(event.results.hits)
            return
        self.asked = event.asked
        self.results, self._fault = event.results, ""
        self._answered = event.asked.number
        self._choose_offers()
        empty = [str(told(message("Nothing was found.")))]
        if self.filters:
            empty.append(str(told(message("F2 shows the filters; x takes them away."))))
        self._list.show(event.results.hits, event.results.total, empty, keep=self._kept)
        self._tell()
        self._show_hit()

    def on_outdated(self, event: Outdated) -> None:
        """Ask the index as it is now."""
        if event.asked.number == self.asked.number:
            self._ask(suggest=False, again=True)

    def on_suggested(self, event: Suggested) -> None:
        """Show suggestions."""
        if event.asked.number == self.asked.number and self._completed < 0:
            self._suggested = event
            self._choose_offers()
            self._show_offers()

    def _choose_offers(self) -> None:
        """Offer what is worth it, now that it is known whether anything is found, or not yet."""
        suggested = self._suggested
        if suggested is not None and self._completed < 0 and suggested.asked.number == self.asked.number:
            finds_nothing = self._answered == self.asked.number and self.results is not None and not self.results.total
            self._completions = offered(suggested.asked.query, suggested.completions, finds=not finds_nothing)

    def on_counted(self, event: Counted) -> None:
        """Show facets."""
        if event.asked.number == self.asked.number:
            self._facets.update(event.facets)
            self._show_facets()

    def on_opened(self, event: Opened) -> None:
        """Show a document."""
        hit = self._list.hit
        if hit is None or event.hit.id != hit.id or event.asked.number != self.asked.number:
            return
        if event.view is None:
            self._note = str(told(message("This document is no longer in the index.")))
            self._tell()
        self._preview.show(hit, event.view)

    def on_marked(self, event: Marked) -> None:
        """Mark words in the preview."""
        if event.view is self._preview.view:
            event.view.add_marks(event.marks, all_known=event.all_known)
            self._preview.refresh()

    def on_failed(self, event: Failed) -> None:
        """Say why there is no answer."""
        if event.asked is None or event.asked.number == self.asked.number:
            self._fault = event.reason
            self._tell()

    # -- what is shown

    def _tell(self) -> None:
        """Show what became of the question."""
        width = self.size.width
        right: list[Piece] = []
        if self.results is not None:
            right = [(count_of(self.results), self.palette.facts)]
        if self._fault:
            self._status.show([(self._fault, self.palette.fault)])
        elif self._note:
            note: list[Piece] = [(self._note, self.palette.notice)]
            # The reason often stands at the end, and the count is known already.
            has_room = width_of([*note, *right]) < width
            self._status.show(note, right if has_room else [])
        else:
            self._said = Said("", "")
            if self.results is not None:
                room = width - len(right[0][0]) - 1
                self._said = said_of(self.results, room, exact=self.exact, beginning=self.asked.beginning)
            self._status.show([(self._said.text, self.palette.notice)], right)
        self._show_offers()

    def _show_offers(self) -> None:
        pieces: list[Piece] = []
        if self.exact:
            pieces += [(f"[{told(message('as typed'))}]", self.palette.chip), (" ", self.palette.text)]
        for choice in self.filters.chosen:
            pieces += [(printable(f"[{choice.text}]"), self.palette.chip), (" ", self.palette.text)]
        if self._completions:
            pieces.append(("Tab ", self.palette.key))
            for number, one in enumerate(self._completions):
                style = self.palette.chosen if number == self._completed else self.palette.offered
                pieces += [(printable(one.text), style), ("  ", self.palette.text)]
        self._offers.show(pieces)

    def _show_facets(self) -> None:
        schema = self._searcher.schema
        self._panel.show(panel_rows(facet_names(schema), self._facets, self.filters, schema, _VALUES))

    def _show_hit(self, *, of_same_state: bool = False) -> None:
        """Show the chosen hit in the preview. What was there stays until the document is read."""
        hit = self._list.hit
        if hit is None:
            self._preview.show(None, None)
        else:
            self._answers.open(self.asked, hit, self._preview.width, of_same_state=of_same_state)

    # -- keys

    def on_query_line_pressed(self, event: QueryLine.Pressed) -> None:
        """Keys of the query line that lead elsewhere."""
        event.stop()
        key = event.key
        if key == "tab":
            if self._completions:
                self._complete()
            else:
                self._to_list()
        elif key == "down":
            query = self.history.newer()
            if query is None:
                self._to_list()
            else:
                self._type(query)
        elif key == "up":
            query = self.history.older(self._line.value)
            if query is not None:
                self._type(query)
        elif key in ("pagedown", "pageup"):
            self._list.move(self._list.room if key == "pagedown" else -self._list.room)
        elif key == "enter":
            self._open()
        elif key == "backspace":
            if self.exact and not self.filters:
                self.action_exact()
            elif self.filters.drop_last():
                self._filtered()
        elif key == "escape":
            if self._line.value:
                self._type("")
                self.history.leave()
            elif self._is_filtering:
                self.action_filters()
            else:
                self.action_leave()

    def on_hit_list_pressed(self, event: HitList.Pressed) -> None:
        """Keys of the list."""
        event.stop()
        command = self._list_commands.get(event.key)
        if command is not None:
            if self._note:
                self._say("")
            command()

    @property
    def _list_commands(self) -> dict[str, Callable[[], object]]:
        hits, preview = self._list, self._preview
        half = max(preview.height - 1, 1)
        return {
            "down": lambda: hits.move(1),
            "j": lambda: hits.move(1),
            "up": self._up,
            "k": self._up,
            "pagedown": lambda: hits.move(hits.room),
            "pageup": lambda: hits.move(-hits.room),
            "home": lambda: hits.choose(0),
            "g": lambda: hits.choose(0),
            "end": lambda: hits.choose(len(hits.hits)),
            "G": lambda: hits.choose(len(hits.hits)),
            "n": lambda: preview.step(1),
            "N": lambda: preview.step(-1),
            "space": lambda: preview.scroll_rows(half),
            "b": lambda: preview.scroll_rows(-half),
            "ctrl+d": lambda: preview.scroll_rows(half // 2 or 1),
            "ctrl+u": lambda: preview.scroll_rows(-(half // 2 or 1)),
            "right": lambda: preview.scroll_rows(1),
            "left": lambda: preview.scroll_rows(-1),
            "less_than_sign": lambda: preview.to_edge(end=False),
            "greater_than_sign": lambda: preview.to_edge(end=True),
            "enter": self._open,
            "o": self._open,
            "y": self._copy,
            "slash": self._to_query,
            "full_stop": self._to_query,  # the key of the slash on a Russian keyboard
            "i": self._to_query,
            "escape": self._to_query,
            "tab": self._to_query,
            "shift+tab": self._to_query,
            "question_mark": self.action_help,
            "q": self.action_leave,
        }

    def on_facet_panel_pressed(self, event: FacetPanel.Pressed) -> None:
        """Keys of the filters that they do not know."""
        event.stop()
        if event.key in ("escape", "q"):
            self.action_filters()
        elif event.key == "tab":
            self._to_list()
        elif event.key in ("slash", "full_stop", "shift+tab"):
            self._to_query()
        elif event.key == "question_mark":
            self.action_help()
        elif event.key == "x" and self.filters:
            self.filters.chosen.clear()
            self._filtered()

    def on_facet_panel_toggled(self) -> None:
        """Ask again with other filters."""
        self._filtered()

    def on_hit_list_chosen(self) -> None:
        """Show another hit, and see to it that there are more behind it."""
        self._show_hit(of_same_state=True)
        hits = self._list
        near_end = hits.chosen >= len(hits.hits) - hits.room - 1
        if near_end and len(hits.hits) < hits.total and not self._is_loading_more:
            self._is_loading_more = True
            self._answers.ask_more(self.asked, len(hits.hits))

    def _filtered(self) -> None:
        self._ask(suggest=False)
        self._show_offers()
        self._show_facets()

    def _complete(self) -> None:
        """Put the next suggestion into the line. The others stay, so that the key can be pressed again."""
        self._completed = (self._completed + 1) % len(self._completions)
        self._type(self._completions[self._completed].text)
        self._show_offers()

    def _up(self) -> None:
        if self._list.chosen:
            self._list.move(-1)
        else:
            self._to_query()

    def _to_list(self) -> None:
        if self._list.hits:
            self._remember()
            if self._view == "preview":
                self.action_view()
            self._list.focus()

    def _to_query(self) -> None:
        self._line.focus()

    def _remember(self) -> None:
        if self.results:
            self.history.add(self._line.value)

    def _say(self, note: str) -> None:
        self._note = note
        self._tell()

    def _open(self) -> None:
        """Open the chosen hit at the current word."""
        hit = self._list.hit
        if hit is None:
            return
        self._remember()
        view = self._preview.view if self._preview.hit is not None and self._preview.hit.id == hit.id else None
        self._open_hit(at_place(hit, view))

    def _open_hit(self, hit: Hit) -> None:
        said = opened(self, hit)
        if said is not None:
            self._say(said)
        self._draw_anew()

    def _draw_anew(self) -> None:
        """Draw everything: another program has had the terminal."""
        for screen in self.screen_stack:
            for part in (screen, *screen.walk_children()):
                part.refresh(repaint=True, layout=True)

    def _copy(self) -> None:
        """Copy the path of the chosen hit, or its id."""
        hit = self._list.hit
        if hit is None:
            return
        self._remember()
        text = hit.id if hit.path is None else os.path.abspath(hit.path)
        self.copy_to_clipboard(text.encode("utf-8", "replace").decode("utf-8"))
        self._say(str(told(message("copied: {path}", path=printable(text)))))

    def action_move(self, by: int) -> None:
        """Choose another hit, wherever keys go."""
        self._list.move(by)

    def action_help(self) -> None:
        """Show the keys, or hide them."""
        if isinstance(self.screen, HelpPage):
            self.pop_screen()
        else:
            self.push_screen(HelpPage(self.palette))

    def action_filters(self) -> None:
        """Show the filters, or hide them."""
        if isinstance(self.screen, HelpPage):
            return
        shown = not self._is_filtering
        self.screen.set_class(shown, "filtering")
        if shown:
            self._before_filters = self.focused
            self._panel.focus()
            self._ask_the_rest(suggest=False)
        elif self.focused in (self._panel, None):
            back_to_list = self._before_filters is self._list and self._list.hits
            (self._list if back_to_list else self._line).focus()

    def action_view(self) -> None:
        """Show the preview alone, the list alone, or both."""
        if isinstance(self.screen, HelpPage):
            return
        self._view = VIEWS[(VIEWS.index(self._view) + 1) % len(VIEWS)]
        self._lay_out()

    def action_mend(self) -> None:
        """Take what is offered, or search for what was typed."""
        if self.results is None:
            return
        if self._said.takes == "undo":
            self.action_exact()
        elif self._said.takes == "accept":
            query = accepted(self._line.value, self.results)
            if query is not None:
                self._completions = ()
                self._type(query)

    def action_exact(self) -> None:
        """Search for the words as typed, or again with help."""
        self.exact = not self.exact
        self._ask(suggest=False)
        self._show_offers()

    def _fatal_error(self) -> None:
        """End without a traceback, which would show values of documents: `show` raises what went wrong."""
        self._close_messages_no_wait()

    def action_leave(self) -> None:
        """Quit."""
        self._remember()
        self.exit(0)


def show(searcher: Searcher, *, name: str, query: str, history: History, palette: Palette) -> int:
    """Open the screen, and wait until its user quits. Returns the status of the command. Raises what went wrong in it."""
    # Threads that count must not hold up the one that draws: it would wait 5 ms each time that it has something to do.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        app = SearchScreen(searcher, name=name, query=query, history=history, palette=palette)
        status = app.run()
    finally:
        sys.setswitchinterval(interval)
    if app._exception is not None:
        raise app._exception
    return status or 0
