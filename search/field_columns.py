"""The values that the documents of a segment have in the fields of an application, as queries ask for them."""

from __future__ import annotations

from naidi.indexer.late import np
from naidi.indexer.typed import TYPE_CHECKING, Any

from .cache import Cache, Owner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    import numpy.typing as npt

    from naidi.indexer.codec.column_file import ColumnFile
    from naidi.indexer.codec.columns import Column
    from naidi.indexer.conditions import Condition
    from naidi.indexer.fields import Schema

    Bools: TypeAlias = npt.NDArray[np.bool_]

# Bytes for the answers to conditions, of each segment: so many answers, but at most so many bytes.
_MOST_MASKS, _MASK_BYTES = 200, 50_000_000


class FieldColumns(Owner):
    """The columns of a segment, with what is learnt of them. States share it as long as no value of the segment has changed."""

    def __init__(self, file: ColumnFile | None, schema: Schema, doc_count: int) -> None:
        """file: None if no document has values. doc_count: documents of the segment, deleted ones included."""
        super().__init__()
        self.file = file
        self.schema = schema
        self.doc_count = doc_count
        self._masks: Cache[Condition, Bools] = Cache(
            min(2 * _MOST_MASKS * (doc_count + 500), _MASK_BYTES), lambda mask: mask.nbytes + 500
        )

    def column(self, name: str) -> Column | None:
        """The column of a field; None if no document has it."""
        return None if self.file is None else self.file.column(name)

    def matching(self, condition: Condition) -> Bools:
        """For each document, whether a condition holds for it. The condition must fit the schema."""
        return self._masks.get(condition, lambda: self._matching(condition))

    def _matching(self, condition: Condition) -> Bools:
        from naidi.indexer.conditions import matching

        mask = matching(condition, self.column, self.schema, self.doc_count)
        mask.flags.writeable = False
        return mask

    def given(self, doc: int, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values of a document by name, as its application gets them back. texts: those that are stored with it."""
        if not self.schema:
            return {}
        from naidi.indexer.fields import given_values

        stored = {} if self.file is None else self.file.values_of(doc)
        return given_values(self.schema, stored, texts)
