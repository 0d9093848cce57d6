"""Lets the screen be drawn on stdout, in the size that the terminal has.

textual would take stderr, which a user may have sent elsewhere, and $COLUMNS and $LINES, which may have been set long ago.
"""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    TerminalDriver = None  # the driver of Windows takes stdout
else:
    from typing import Any

    from textual.drivers.linux_driver import LinuxDriver

    class TerminalDriver(LinuxDriver):
        """The driver of terminals, on stdout."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            if sys.__stdout__ is not None:
                self._file = sys.__stdout__

        def _get_terminal_size(self) -> tuple[int, int]:
            try:
                size = os.get_terminal_size(self.fileno)
            except (OSError, ValueError):
                size = os.terminal_size((0, 0))
            return (size.columns, size.lines) if size.columns and size.lines else super()._get_terminal_size()
