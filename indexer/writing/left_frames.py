"""What an error keeps of the functions that it has left: their variables, and with them the maps of segments."""

from __future__ import annotations

import gc
from types import CellType, FrameType

_PACKAGE = __name__.partition(".")[0]


def let_go(error: BaseException, outer: BaseException | None = None) -> None:
    """Clear the variables of the functions that an error has left. Who keeps the error would keep the maps of their segments.

    outer: the error that the caller was handling; its functions are not ours.

    Raises MemoryError if there is none for that. Then it may be called again.
    """
    chain: BaseException | None = error
    seen: set[int] = set()
    while chain is not None and chain is not outer and id(chain) not in seen:
        seen.add(id(chain))
        trace = chain.__traceback__
        while trace is not None:
            _clear(trace.tb_frame)
            trace = trace.tb_next
        chain = chain.__cause__ or chain.__context__


def _clear(frame: FrameType) -> None:
    # Variables that a function shares with one inside it, be it a comprehension, are in cells. The frame of the inner one keeps
    # them when it is cleared, as it keeps its function. So the cells themselves are emptied, by the function that made them.
    cells = _own_cells(frame)
    try:
        frame.clear()
    except RuntimeError:  # it runs, or will go on
        return
    for cell in cells:
        del cell.cell_contents


def _own_cells(frame: FrameType) -> list[CellType]:
    """The cells that a function of this package has made. Functions of others may have given theirs to some that are in use."""
    count = len(frame.f_code.co_cellvars)
    if not count or frame.f_globals.get("__name__", "").partition(".")[0] != _PACKAGE:
        return []
    # In the order of its variables; those that were made by functions around it come last.
    return [cell for cell in gc.get_referents(frame) if isinstance(cell, CellType)][:count]
