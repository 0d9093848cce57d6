"""What to do about an index that is damaged."""

from __future__ import annotations

from ..errors import NaidiError
from ..messages import Message, message, sentence

REBUILD = message("rebuild with `naidi index --rebuild`")


def advised(what: str) -> Message:
    """What is wrong, and that a rebuild helps."""
    return message("{what}; {advice}", what=what, advice=REBUILD)


def without_advice(error: NaidiError) -> str:
    """The message of an error about damage, for who rebuilds already."""
    said = sentence(error)
    what = said.values.get("what") if isinstance(said, Message) else None
    return what if isinstance(what, str) and said == advised(what) else said.removesuffix(f"; {REBUILD}")
