"""A cursor: says where a page ended, so that the next one begins behind it even if documents were added meanwhile."""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import zlib
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .search_options import Sort


class Cursor(NamedTuple):
    """Where a page ended.

    offset: how many documents lie before the next page.
    generation: the number of the state that gave the page. In the same state, the offset is all that is needed.
    doc_id: the last document of the page.
    """

    offset: int
    generation: int
    doc_id: str

    def text(self, query: str, sort: Sort) -> str:
        """The cursor as an application hands it on. query, sort: of the search that gave the page."""
        return f"{self.offset}.{self.generation}.{_mark(query, sort)}.{self.doc_id}"

    @classmethod
    def of(cls, text: str, query: str, sort: Sort) -> Cursor:
        """The cursor of a text. Raises InvalidQuery for what is none, or is one of another search."""
        parts = text.split(".", 3)
        if len(parts) < 4 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts[:3]):
            raise InvalidQuery(f"after is no cursor: it must be the `cursor` of earlier results, not {text[:80]!r}")
        offset, generation, mark = map(int, parts[:3])
        if mark != _mark(query, sort):
            raise InvalidQuery("after is the cursor of another search: query and sort must be the same")
        return cls(offset, generation, parts[3])


def _mark(query: str, sort: Sort) -> int:
    keys = sort if isinstance(sort, str) else "\n".join(sort)
    return zlib.crc32(f"{query}\0{keys}".encode("utf-8", "surrogatepass"))
