"""Says whether the compiled core is used.

The core answers plain queries as the modules in Python do, which are its definition. It is there if a compiler was when naidi was
installed. The environment variable NAIDI_PURE=1 switches it off.
"""

from __future__ import annotations

import os
import sys


def _is_there() -> bool:
    # Files are little endian, and the core reads them as they are.
    if os.environ.get("NAIDI_PURE", "0") not in ("", "0") or sys.byteorder != "little":
        return False
    try:
        __import__("naidi._core")
    except ImportError:  # it is not there, or was made for another Python or system
        return False
    return True


is_used = _is_there()


def core_name() -> str:
    """Which core is used: "C" or "none"."""
    return "C" if is_used else "none"


def core_line() -> str:
    """What `naidi --version` says of it."""
    return f"core: {core_name()}"


def release_memory() -> None:
    """Give memory that is free back to the system, which some C libraries keep. Without the core, nothing is done."""
    if is_used:
        from naidi._core import release_memory as release

        release()
