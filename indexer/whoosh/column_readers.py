"""The columns of documents as Whoosh reads them, to sort, to group and to collapse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from whoosh.columns import ColumnReader


class ValuesReader(ColumnReader):
    """One value a document. In either order, documents with the default come last."""

    def __init__(self, values: Sequence[Any], default: Any) -> None:
        self._values = values
        self._default = default
        self._reverse = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def sort_key(self, docnum: int) -> Any:
        value = self._values[docnum]
        return -value if self._reverse and value != self._default else value

    def set_reverse(self) -> None:
        if isinstance(self._default, bytes):
            raise NotImplementedError("strings have no negative: reverse the whole search instead")
        self._reverse = True
