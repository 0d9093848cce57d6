"""The command `naidi`, also as `python -m naidi`."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        # A text may have letters that the terminal's encoding lacks. They are shown by their numbers.
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")
    try:
        from naidi.search.commands.plain_search import run_plain

        status = run_plain(sys.argv[1:])
        if status is None:
            from naidi.search.cli import main as command

            command(prog_name="naidi")
        sys.exit(status)
    except KeyboardInterrupt:  # while it is loaded; later the command takes care of it
        sys.exit(130)


if __name__ == "__main__":
    main()
