"""A cursor: says where a page ended, so that the next one begins behind it even if documents were added meanwhile."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import zlib
from naidi.indexer.messages import message
from naidi.indexer.typed import NamedTuple


class Cursor(NamedTuple):
    """Where a page ended.

    offset: how many documents lie before the next page.
    generation: the number of the state that gave the page. In the same state, the offset is all that is needed.
    doc_id: the last document of the page.
    """

    offset: int
    generation: int
    doc_id: str

    def text(self, identity: str) -> str:
        """The cursor as an application hands it on. identity: of the question that gave the page."""
        return f"{self.offset}.{self.generation}.{_mark(identity)}.{self.doc_id}"

    @classmethod
    def of(cls, text: str, identity: str) -> Cursor:
        """The cursor of a text. Raises InvalidQuery for what is none, or is one of another search."""
        parts = text.split(".", 3)
        if len(parts) < 4 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts[:3]):
            raise InvalidQuery(
                message(
                    "after is no cursor: it must be the `cursor` of earlier results, not {text}", text=repr(text[:80])
                )
            )
        offset, generation, mark = map(int, parts[:3])
        if mark != _mark(identity):
            raise InvalidQuery(
                message(
                    "after is the cursor of another search: query, sort and what else changes the order must be the same"
                )
            )
        return cls(offset, generation, parts[3])


def _mark(identity: str) -> int:
    return zlib.crc32(identity.encode("utf-8", "surrogatepass"))
