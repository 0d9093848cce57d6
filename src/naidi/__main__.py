"""The command `naidi`, also as `python -m naidi`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line and exit with its status."""
    show_all_letters()
    try:
        from naidi.indexer.messages import language_of, speak

        speak(language_of(os.environ))
        from naidi.search.commands.plain_search import run_plain

        status = run_plain(sys.argv[1:])
        if status is None:
            from naidi.search.cli import main as command

            command(prog_name="naidi")
        elif _is_all_there_is():
            _leave(status)
        sys.exit(status)
    except KeyboardInterrupt:  # while it is loaded; later the command takes care of it
        sys.exit(130)


def show_all_letters() -> None:
    """Let the standard streams show letters that their encoding lacks, by their numbers."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")


def _is_all_there_is() -> bool:
    """Whether the process does nothing but the command: the script `naidi` calls us, without threads, and nobody looks on."""
    caller = sys._getframe(2)
    return (
        caller.f_back is None
        and os.path.basename(caller.f_code.co_filename) == "naidi"
        and "threading" not in sys.modules
        and sys.gettrace() is None
        and sys.getprofile() is None
        and not sys.flags.interactive
        and not sys.flags.inspect
    )


def _leave(status: int) -> None:
    """End the process without taking down what was loaded, which takes a twelfth of a search. Returns if that cannot be done."""
    import atexit

    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (AttributeError, OSError, ValueError):  # another Python; a stream that is closed, which `sys.exit` tells
        return
    os._exit(status)


if __name__ == "__main__":
    main()
