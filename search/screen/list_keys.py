"""What do the keys of the list do?"""

from __future__ import annotations

from collections.abc import Callable

from .hit_list import HitList
from .preview import Preview

Command = Callable[[], object]


def list_commands(
    hits: HitList,
    preview: Preview,
    *,
    open_hit: Command,
    copy: Command,
    to_query: Command,
    show_help: Command,
    leave: Command,
) -> dict[str, Command]:
    """Name of each key, on the Latin layout -> what it does.

    Parameters:
      hits: the list, in which they move.
      preview: the document beside it, which they scroll.
      open_hit: opens the chosen hit.
      copy: copies where it is.
      to_query: has keys go to the query line.
      show_help: shows the keys.
      leave: quits.
    """

    def up() -> None:
        if hits.chosen:
            hits.move(-1)
        else:
            to_query()

    def page() -> int:
        return max(preview.height - 1, 1)

    def half_page() -> int:
        return page() // 2 or 1

    return {
        "down": lambda: hits.move(1),
        "j": lambda: hits.move(1),
        "up": up,
        "k": up,
        "pagedown": lambda: hits.move(hits.room),
        "pageup": lambda: hits.move(-hits.room),
        "home": lambda: hits.choose(0),
        "g": lambda: hits.choose(0),
        "end": lambda: hits.choose(len(hits.hits)),
        "G": lambda: hits.choose(len(hits.hits)),
        "n": lambda: preview.step(1),
        "N": lambda: preview.step(-1),
        "space": lambda: preview.scroll_rows(page()),
        "b": lambda: preview.scroll_rows(-page()),
        "ctrl+d": lambda: preview.scroll_rows(half_page()),
        "ctrl+u": lambda: preview.scroll_rows(-half_page()),
        "right": lambda: preview.scroll_rows(1),
        "left": lambda: preview.scroll_rows(-1),
        "less_than_sign": lambda: preview.to_edge(end=False),
        "greater_than_sign": lambda: preview.to_edge(end=True),
        "enter": open_hit,
        "o": open_hit,
        "y": copy,
        "slash": to_query,
        "full_stop": to_query,  # the key of the slash on a Russian keyboard
        "i": to_query,
        "escape": to_query,
        "tab": to_query,
        "shift+tab": to_query,
        "question_mark": show_help,
        "q": leave,
    }
