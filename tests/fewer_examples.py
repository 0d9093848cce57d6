"""How many examples does a property get? A run that is slow for another reason asks for fewer."""

from __future__ import annotations

import os

FEWER = "NAIDI_FEWER_EXAMPLES"
"""The variable by which a run says how many times fewer."""


def examples(count: int) -> int:
    """So many examples, or the share of them that FEWER asks for."""
    return max(5, count // int(os.environ.get(FEWER, "1")))
