"""The command `naidi`, also as `python -m naidi`. Whoever interrupts it while it is loaded sees no traceback, either."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from naidi.search.cli import INTERRUPTED, main
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        main(prog_name="naidi")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
