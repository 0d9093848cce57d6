"""Lets the screen be drawn on stdout: textual would take stderr, which a user may have sent elsewhere."""

from __future__ import annotations

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
