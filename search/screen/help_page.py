"""The page that says which key does what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from naidi.indexer.messages import message, told

from .keys import Help, anywhere, in_filters, in_list, in_query, on_help
from .palette import Palette


def help_table(palette: Palette) -> Table:
    """The page: a row for each key."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for heading, keys in _parts():
        table.add_row(Text(heading, palette.title), "")
        for one in keys:
            table.add_row(Text(f" {told(one.keys)}", palette.key), Text(str(told(one.does))))
        table.add_row("", "")
    letters = message("Letters do the same on a Russian keyboard: н is y, т is n, й is q.")
    table.add_row("", Text(str(told(letters))))
    return table


def _parts() -> Iterator[tuple[str, Sequence[Help]]]:
    yield str(told(message("On this page"))), on_help()
    yield str(told(message("In the query line"))), in_query()
    yield str(told(message("In the list of hits"))), in_list()
    yield str(told(message("In the filters"))), in_filters()
    yield str(told(message("Anywhere"))), anywhere()


class HelpPage(ModalScreen[None]):
    """The page, over the screen."""

    CSS = """
    HelpPage { align: center middle; background: ansi_default; }
    HelpPage VerticalScroll { width: 100%; height: 100%; padding: 0 1; background: ansi_default; }
    HelpPage Static { background: ansi_default; color: ansi_default; }
    """
    BINDINGS = [  # noqa: RUF012
        Binding("escape,q,question_mark,f1,enter,cyrillic_small_letter_short_i,й", "dismiss", show=False),
        Binding("j,space,cyrillic_small_letter_o,о", "down", show=False),
        Binding("k,b,cyrillic_small_letter_el,л", "up", show=False),
    ]

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.palette = palette

    def compose(self) -> ComposeResult:
        """The text in something that scrolls."""
        with VerticalScroll():
            yield Static(help_table(self.palette))

    def action_down(self) -> None:
        """Scroll on."""
        self.query_one(VerticalScroll).scroll_page_down(animate=False)

    def action_up(self) -> None:
        """Scroll back."""
        self.query_one(VerticalScroll).scroll_page_up(animate=False)
