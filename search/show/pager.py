"""Shows long output a screen at a time, where a person reads it."""

from __future__ import annotations

import os
import sys

from naidi.indexer.late import suppress
from naidi.indexer.typed import TYPE_CHECKING

from .terminal import terminal_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULT = "less -FRX"


def pager_command(environment: Mapping[str, str]) -> list[str]:
    """The program and its arguments: $NAIDI_PAGER, $PAGER or less; [] for none, which is also what `cat` means.

    It is started as it is, without a shell. Raises ValueError for an open quote.
    """
    import shlex

    chosen = next((environment[name] for name in ("NAIDI_PAGER", "PAGER") if name in environment), _DEFAULT)
    command = shlex.split(chosen)
    return [] if not command or command == ["cat"] else command


def is_wanted(lines: int) -> bool:
    """Whether a person reads both ends of the command, and so many lines do not fit on the screen."""
    if not (sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    if os.environ.get("TERM", "dumb") == "dumb":
        return False
    return lines >= terminal_size()[1]


def page(lines: Sequence[str], command: Sequence[str]) -> bool:
    """Show the lines. Returns whether the pager could be started; if not, nothing was shown."""
    import signal
    import subprocess

    environment = {**os.environ}
    environment.setdefault("LESS", "FRX")
    environment.setdefault("LV", "-c")
    sys.stdout.flush()
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    except OSError:
        return False
    assert process.stdin is not None
    text = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    # An interrupt is for the pager, which stops what it does and stays.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with suppress(BrokenPipeError):  # whoever reads has left before the end
            process.stdin.write(text)
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return True
