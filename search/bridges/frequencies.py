"""How frequent a word must be beside another, where several rooms ask."""

from __future__ import annotations

# A word of the index may be a misspelling of another only if that is so many times as frequent.
TIMES_AS_FREQUENT = 100
