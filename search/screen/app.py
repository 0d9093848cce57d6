"""The screen: what is typed becomes a question, what is answered becomes lines, and each key its command."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from naidi.indexer.messages import message, told

from ..open_index import Searcher
from ..results import Results
from .answers import Answered, Answers, Asked, Counted, Failed, Marked, Opened, Outdated, Suggested
from .bars import Bar, KeyBar
from .chosen_filters import Filters
from .empty_list import before_a_question, nothing_found
from .facet_panel import FacetPanel
from .found import Found
from .help_page import HelpPage
from .history import History
from .hit_list import HitList
from .keyboard_layout import everywhere
from .keys import ACTIONS, Part, in_last_line
from .layout import STYLE, VIEWS, classes_of, next_view
from .list_keys import list_commands
from .offered import Offers
from .opening import copied, draw_anew, opened
from .palette import COLOURED, Palette
from .preview import Preview
from .query_line import QueryLine
from .said import Status, accepted
from .terminal_driver import TerminalDriver


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
    BINDINGS: ClassVar[list[BindingType]] = everywhere(*ACTIONS)

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
        self._status = Status(palette)
        self._offers = Offers()
        self._view = VIEWS[0]
        self._before_filters: Widget | None = None  # what had the focus

        self._line = QueryLine(placeholder=str(told(message("words, in any form"))), select_on_focus=False)
        self._line.cursor_blink = False
        self._status_line = Bar(palette, id="said")
        self._offers_line = Bar(palette, id="offers")
        self._list = HitList(palette)
        self._preview = Preview(palette)
        self._panel = FacetPanel(palette, self.filters)
        self._keys = KeyBar(palette)
        self._found = Found(self._list, self._preview, self._answers)
        self._list_commands = list_commands(
            self._list,
            self._preview,
            open_hit=self._open,
            copy=self._copy,
            to_query=self._to_query,
            show_help=self.action_help,
            leave=self.action_leave,
        )

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
        yield self._status_line
        yield self._offers_line
        with Container(id="middle"):
            yield self._list
            yield self._preview
            yield self._panel
        yield self._keys

    def on_mount(self) -> None:
        """Begin."""
        self.app_resume_signal.subscribe(self, lambda _: draw_anew(self))
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
        screen = self.screen_stack[0]
        for name, has in classes_of(self._view, width, height).items():
            screen.set_class(has, name)
        self.call_after_refresh(self._tell)

    @property
    def _is_filtering(self) -> bool:
        return self.screen_stack[0].has_class("filtering")

    def on_descendant_focus(self) -> None:
        """Say which keys do something now."""
        self._show_keys()

    def _show_keys(self) -> None:
        focused = self.focused
        part: Part = "filters" if focused is self._panel else "list" if focused is self._list else "query"
        self._keys.show(in_last_line(part))

    # -- the question

    def _type(self, query: str) -> None:
        """Put another query into the line, as if it was typed. What was offered for the old one goes."""
        self._offers.typed()
        self._offers.drop()
        self._line.put(query)
        self._ask()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask what is typed now."""
        event.stop()
        if self._line.has_changed(event.value):  # else it is asked already
            self._offers.typed()
            self.history.leave()
            self._ask()

    def _ask(self, *, suggest: bool = True, again: bool = False) -> None:
        """Ask what the line and the filters say. again: whether the same was asked before: the chosen document stays chosen."""
        limit = self._found.wanted(again=again)
        query = self._line.value
        is_typed = self._line.cursor_position >= len(query) and not self._offers.is_in_line
        self.asked = asked = Asked(self.asked.number + 1, query, self.filters.where(), self.exact, is_typed)
        self._status.note = ""
        self._offers.asked(query)
        if asked.is_empty:
            self.results, self._status.fault = None, ""
            self._found.show_none(before_a_question(self._searcher.doc_count, self.index_name))
            self._tell()
        else:
            self._answers.ask(asked, limit)
        self._ask_the_rest(suggest=suggest and is_typed and bool(query.strip()))

    def _ask_the_rest(self, *, suggest: bool) -> None:
        if suggest or self._is_filtering:
            self._answers.ask_the_rest(self.asked, self.filters, suggest=suggest, facets=self._is_filtering)

    # -- the answers

    def on_answered(self, event: Answered) -> None:
        """Show hits."""
        if event.asked.number != self.asked.number:
            return
        if event.more:
            self._found.add(event.results.hits)
            return
        self.asked = event.asked
        self.results, self._status.fault = event.results, ""
        self._offers.answered(finds=bool(event.results.total))
        self._found.show(event.asked, event.results, nothing_found(filtered=bool(self.filters)))
        self._tell()

    def on_outdated(self, event: Outdated) -> None:
        """Ask the index as it is now."""
        if event.asked.number == self.asked.number:
            self._ask(suggest=False, again=True)

    def on_suggested(self, event: Suggested) -> None:
        """Show suggestions."""
        if event.asked.number == self.asked.number and self._offers.suggested(event.completions):
            self._show_offers()

    def on_counted(self, event: Counted) -> None:
        """Show facets."""
        if event.asked.number == self.asked.number:
            self._panel.show(event.facets, self._searcher.schema)

    def on_opened(self, event: Opened) -> None:
        """Show a document."""
        if event.asked.number != self.asked.number:
            return
        if self._found.show_document(event.hit, event.view) and event.view is None:
            self._say(str(told(message("This document is no longer in the index."))))

    def on_marked(self, event: Marked) -> None:
        """Mark words in the preview."""
        self._preview.mark(event.view, event.marks, all_known=event.all_known)

    def on_failed(self, event: Failed) -> None:
        """Say why there is no answer."""
        if event.asked is None or event.asked.number == self.asked.number:
            self._status.fault, self._status.note = event.reason, ""
            self._tell()

    # -- what is shown

    def _tell(self) -> None:
        """Show what became of the question."""
        width, beginning = self.size.width, self.asked.beginning
        self._status_line.show(*self._status.pieces(self.results, width, exact=self.exact, beginning=beginning))
        self._show_offers()

    def _show_offers(self) -> None:
        self._offers_line.show(self._offers.pieces(self.palette, self.filters, exact=self.exact))

    # -- keys

    def on_query_line_pressed(self, event: QueryLine.Pressed) -> None:
        """Keys of the query line that lead elsewhere."""
        event.stop()
        key = event.key
        if key == "tab":
            completion = self._offers.next()
            if completion is None:
                self._to_list()
            else:
                self._line.put(completion)
                self._ask()
                self._show_offers()
        elif key in ("up", "down"):
            query = self.history.older(self._line.value) if key == "up" else self.history.newer()
            if query is not None:
                self._type(query)
            elif key == "down":
                self._to_list()
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
            if self._status.note:
                self._say("")
            command()

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

    def on_facet_panel_toggled(self) -> None:
        """Ask again with other filters."""
        self._filtered()

    def on_hit_list_chosen(self) -> None:
        """Show another hit."""
        self._found.move_on(self.asked)

    def _filtered(self) -> None:
        self._ask(suggest=False)
        self._show_offers()
        self._panel.show({}, self._searcher.schema)

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
        self._status.note = note
        self._tell()

    def _open(self) -> None:
        """Open the chosen hit at the current word."""
        hit = self._found.at_place()
        if hit is None:
            return
        self._remember()
        said = opened(self, hit)
        if said is not None:
            self._say(said)
        draw_anew(self)

    def _copy(self) -> None:
        """Copy the path of the chosen hit, or its id."""
        hit = self._list.hit
        if hit is not None:
            self._remember()
            self._say(copied(self, hit))

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
        self._view = next_view(self._view)
        self._lay_out()

    def action_mend(self) -> None:
        """Take what is offered, or search for what was typed."""
        if self.results is None:
            return
        if self._status.takes == "undo":
            self.action_exact()
        elif self._status.takes == "accept":
            query = accepted(self._line.value, self.results)
            if query is not None:
                self._type(query)

    def action_exact(self) -> None:
        """Search for the words as typed, or again with help."""
        self.exact = not self.exact
        self._ask(suggest=False)
        self._show_offers()

    def _fatal_error(self) -> None:
        """End without a traceback, which would show values of documents: `run.show` raises what went wrong."""
        self._close_messages_no_wait()

    def action_leave(self) -> None:
        """Quit."""
        self._remember()
        self.exit(0)
