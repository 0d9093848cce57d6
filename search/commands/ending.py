"""How a command speaks and ends: its lines, its status, and each error as one line on stderr. Works without click."""

from __future__ import annotations

import atexit
import gc
import os
import sys

from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import message, of_system, told
from naidi.indexer.printable import printable
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FOUND, NOTHING_FOUND, FAILED = 0, 1, 2
INTERRUPTED = 130
# So many new objects before garbage is looked for. What a command imports is none: to look at it took 4 % of a search.
_OBJECTS = 50_000


def echo(line: str, *, err: bool = False, end: str = "\n") -> None:
    """Write a line to stdout or stderr at once, escape sequences included.

    Does nothing if the stream is closed. Raises OSError as the system does.
    """
    stream = sys.stderr if err else sys.stdout
    if sys.platform == "win32" or (getattr(stream, "encoding", None) or "").lower() not in ("utf-8", "utf8"):
        import click

        click.echo(line + end, nl=False, err=err, color=True)  # it knows consoles, and streams of other encodings
    elif stream is not None:
        stream.write(line + end)
        stream.flush()


def status_of(command: Callable[[], int]) -> int:
    """Run a command. Returns its status: FOUND, NOTHING_FOUND, FAILED or INTERRUPTED. Every error becomes one line on stderr."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    # When the process ends, Python looks for garbage among all that was imported, unless it is frozen. That is 6 % of a search.
    atexit.register(gc.freeze)
    if sys.stdout is None:  # closed by whoever started the command
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    try:
        status: int = unless_pipe_closed(command)
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except NaidiError as error:
        return _failed(told(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _failed(f"{place}{told(of_system(error))}")
    except MemoryError:
        return _failed(told(message("out of memory; the index is as it was")))
    except Exception as error:
        if os.environ.get("NAIDI_DEBUG"):
            raise
        bug = message(
            "a bug in naidi: {kind}: {error}; NAIDI_DEBUG=1 shows where, please report it",
            kind=type(error).__name__,
            error=error,
        )
        return _failed(told(bug))


def unless_pipe_closed(command: Callable[[], Any]) -> Any:
    """Run a command, and flush what it has written. If nobody reads that any more, this is no error, and the status is FOUND."""
    try:
        status = command()
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The interpreter flushes stdout at exit. That must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND


def _failed(reason: str) -> int:
    echo(f"naidi: {printable(' '.join(reason.split()))}", err=True)
    return FAILED
