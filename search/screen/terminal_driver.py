"""Lets the screen be drawn on stdout, in the size that the terminal has, and end with its terminal.

textual would take stderr, which a user may have sent elsewhere, and $COLUMNS and $LINES, which may have been set long ago. When the
terminal is gone, and its signal is ignored as under nohup, it would read nothing over and over.
"""

from __future__ import annotations

import os
import sys

HUNG_UP = 129
"""The status of a command whose terminal is gone, as shells tell it: 128 and the number of SIGHUP."""

if sys.platform == "win32":
    TerminalDriver = None  # the driver of Windows takes stdout
else:
    import select
    from threading import Thread
    from typing import Any

    from textual.drivers.linux_driver import LinuxDriver

    class TerminalDriver(LinuxDriver):
        """The driver of terminals, on stdout."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            if sys.__stdout__ is not None:
                self._file = sys.__stdout__
            self._watch = Thread(target=self._end_with_terminal, name="terminal", daemon=True)

        def start_application_mode(self) -> None:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            if self._watch.ident is None:  # not when it comes back from the background
                self._watch.start()

        def _end_with_terminal(self) -> None:
            watched = select.poll()
            watched.register(self.fileno, 0)  # that it is gone is always told
            if any(told & (select.POLLHUP | select.POLLERR) for _, told in watched.poll()):
                self._app.call_later(self._app.exit, HUNG_UP)

        def _get_terminal_size(self) -> tuple[int, int]:
            try:
                size = os.get_terminal_size(self.fileno)
            except (OSError, ValueError):
                size = os.terminal_size((0, 0))
            return (size.columns, size.lines) if size.columns and size.lines else super()._get_terminal_size()
