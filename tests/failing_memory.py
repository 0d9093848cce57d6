"""What does a call do where memory runs out?"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

import pytest

# So many allocations in a row are tried one by one; of a call with more, every seventh, and so on.
TRIES = 200

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="what may crash runs in a child")


def survives(call: Callable[[], object], least: int = 1) -> bool:
    """Whether a call answers as ever, or raises MemoryError, if its nth allocation fails, or all from the nth on; for each n.

    It is called in a child: a crash would end it. least: it raises MemoryError for so many n, or more.
    """
    memory = pytest.importorskip("_testcapi")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if _answers_or_refuses(call, memory, least) else 2
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _answers_or_refuses(call: Callable[[], object], memory: Any, least: int) -> bool:
    expected = call()
    assert expected == call()
    for only_one in (True, False):
        number, answered, refused = 0, 0, 0
        while answered < 3:  # some failures are made up for: not the first answer is behind all allocations
            number += 1 + refused // TRIES * 6
            memory.set_nomemory(number, number + 1 if only_one else 0)
            try:
                found = call()
            except MemoryError:
                memory.remove_mem_hooks()
                answered, refused = 0, refused + 1
            else:
                memory.remove_mem_hooks()
                assert found == expected
                answered += 1
        assert refused >= least
    return call() == expected
