"""One immutable segment: a container file with the lexicon, postings and stored documents of some documents.

Documents of a segment are numbered 0 .. doc_count - 1 (doc ids), forms, keys and stems by the order of their strings.
`docs/format.md` lists the sections. Deletions are not part of a segment: they belong to a generation (see `deletions`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from indexer.codec.container import Array, Container, narrowest, write_container
from indexer.codec.inversion import Layout, Postings
from indexer.codec.ragged import Indices, invert_rows, row_bounds, value_indices
from indexer.codec.stored import BlobPacker, StoredBlobs, blob_sections
from indexer.codec.strings import StringTable, string_sections
from indexer.errors import IndexDamaged


def write_segment(
    path: Path,
    *,
    ids: Sequence[str],
    synced: Array,
    dates: Array,
    languages: Sequence[str],
    language_codes: Array,
    title_lengths: Array,
    body_lengths: Array,
    records: BlobPacker,
    texts: BlobPacker,
    text_bytes: int,
    forms: Sequence[str],
    keys: Sequence[str],
    form_key_ends: Array,
    form_keys: Array,
    stems: Sequence[str],
    form_stems: Array,
    layout: Layout,
    postings: Postings,
) -> None:
    """Write a segment. forms, keys and stems are sorted; all arrays as the class Segment names them."""
    key_form_ends, key_forms = invert_rows(form_key_ends, form_keys, len(keys))
    stem_form_ends, stem_forms = invert_rows(np.arange(1, len(forms) + 1, dtype=np.uint64), form_stems, len(stems))
    id_order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.uint32)
    sections: dict[str, Array] = {
        **string_sections("forms", forms),
        **string_sections("keys", keys),
        **string_sections("stems", stems),
        **{
            name: narrowest(array)
            for name, array in {
                "form_keys.ends": form_key_ends,
                "form_keys": form_keys,
                "form_stems": form_stems,
                "key_forms.ends": key_form_ends,
                "key_forms": key_forms,
                "stem_forms.ends": stem_form_ends,
                "stem_forms": stem_forms,
                "postings.ends": postings.posting_ends,
                "postings.docs": postings.docs,
                "postings.body_freqs": postings.body_freqs,
                "postings.title_freqs": postings.title_freqs,
                "positions.ends": postings.position_ends,
                "positions": postings.positions,
                "docs.starts": layout.doc_starts,
                "docs.body_starts": layout.body_starts,
                "docs.title_lengths": title_lengths,
                "docs.body_lengths": body_lengths,
                "ids.docs": id_order,
            }.items()
        },
        "docs.synced": synced.astype(np.uint8),
        "docs.dates": dates.astype(np.int32),
        "docs.languages": language_codes.astype(np.uint8),
        **string_sections("ids", [ids[number] for number in id_order.tolist()]),
        **blob_sections("records", records),
        **blob_sections("texts", texts),
    }
    meta = {
        "doc_count": len(ids),
        "token_count": int(title_lengths.sum(dtype=np.int64) + body_lengths.sum(dtype=np.int64)),
        "text_bytes": text_bytes,
        "languages": list(languages),
    }
    write_container(path, sections, meta)


class Segment:
    """A segment, mapped; its sections are looked up when first used.

    Columns, one value a document: dates (int32 ordinal, 0 unknown), languages (uint8 into language_names), title_lengths and
    body_lengths (uint32, tokens), doc_starts and body_starts (uint32, positions).
    """

    def __init__(self, path: Path) -> None:
        """Raises IndexDamaged or IndexOutdated as Container does."""
        self.container = Container(path)
        self.name = path.name
        meta = self.container.meta
        try:
            self.doc_count = int(meta["doc_count"])
            self.token_count = int(meta["token_count"])
            self.text_bytes = int(meta["text_bytes"])
            self.language_names = [str(name) for name in meta["languages"]]
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise self.container.damaged(f"header: {error}") from error

    @cached_property
    def forms(self) -> StringTable:
        return StringTable(self.container, "forms")

    @cached_property
    def keys(self) -> StringTable:
        return StringTable(self.container, "keys")

    @cached_property
    def stems(self) -> StringTable:
        return StringTable(self.container, "stems")

    @cached_property
    def ids(self) -> StringTable:
        """The document ids in sorted order; `id_docs` has the document of each."""
        return StringTable(self.container, "ids")

    @cached_property
    def id_docs(self) -> Array:
        return self.container["ids.docs"]

    @cached_property
    def id_ranks(self) -> Indices:
        """The place of each document's id in the sorted order."""
        ranks = np.empty(self.doc_count, np.int64)
        ranks[self.id_docs] = np.arange(self.doc_count)
        return ranks

    @cached_property
    def synced(self) -> Array:
        """1 where the document comes from a synced folder, 0 where an application added it (uint8)."""
        return self.container["docs.synced"]

    @cached_property
    def dates(self) -> Array:
        return self.container["docs.dates"]

    @cached_property
    def languages(self) -> Array:
        return self.container["docs.languages"]

    @cached_property
    def title_lengths(self) -> Array:
        return self.container["docs.title_lengths"]

    @cached_property
    def body_lengths(self) -> Array:
        return self.container["docs.body_lengths"]

    @cached_property
    def doc_starts(self) -> Array:
        return self.container["docs.starts"]

    @cached_property
    def body_starts(self) -> Array:
        return self.container["docs.body_starts"]

    @cached_property
    def records(self) -> StoredBlobs:
        return StoredBlobs(self.container, "records")

    @cached_property
    def texts(self) -> StoredBlobs:
        return StoredBlobs(self.container, "texts")

    def doc_of_id(self, doc_id: str) -> int:
        """The document with this id, or -1."""
        number = self.ids.find(doc_id)
        return int(self.id_docs[number]) if number >= 0 else -1

    def record(self, doc: int) -> dict[str, Any]:
        """The stored id, title, path and meta of a document. Raises IndexDamaged if they cannot be read."""
        try:
            record = json.loads(self.records[doc])
            if not isinstance(record, dict):
                raise ValueError("not a record")
            return record
        except ValueError as error:
            raise self.container.damaged(f"record of document {doc}: {error}") from error

    def text(self, doc: int) -> str:
        """The stored text of a document. Raises IndexDamaged if it cannot be read."""
        try:
            return self.texts[doc].decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.container.damaged(f"text of document {doc}: {error}") from error

    def keys_of_form(self, form: int) -> list[str]:
        """The keys of a form, best first."""
        start, end = row_bounds(self.container["form_keys.ends"], form)
        return [self.keys[key] for key in self.container["form_keys"][start:end].tolist()]

    def stem_of_form(self, form: int) -> str:
        return self.stems[int(self.container["form_stems"][form])]

    def forms_of_key(self, key: str) -> Array:
        """The forms that have the key, ascending; empty where the key is unknown."""
        return self._forms_of(self.keys, "key_forms", key)

    def forms_of_stem(self, stem: str) -> Array:
        """The forms that have the stem, ascending; empty where the stem is unknown."""
        return self._forms_of(self.stems, "stem_forms", stem)

    def _forms_of(self, table: StringTable, section: str, string: str) -> Array:
        number = table.find(string)
        if number < 0:
            return np.zeros(0, np.uint32)
        start, end = row_bounds(self.container[f"{section}.ends"], number)
        return self.container[section][start:end]

    @cached_property
    def posting_ends(self) -> Array:
        return self.container["postings.ends"]

    @cached_property
    def position_ends(self) -> Array:
        return self.container["positions.ends"]

    def postings(self, form: int) -> tuple[Array, Array, Array]:
        """(docs, body_freqs, title_freqs) of a form: uint32 ascending, uint16, uint16."""
        start, end = row_bounds(self.posting_ends, form)
        container = self.container
        return (
            container["postings.docs"][start:end],
            container["postings.body_freqs"][start:end],
            container["postings.title_freqs"][start:end],
        )

    def postings_of(self, forms: Array) -> tuple[Array, Array, Array]:
        """The postings of several forms, one form after another: a document may come up several times."""
        rows = self._rows(self.posting_ends, forms)
        container = self.container
        return (
            container["postings.docs"][rows],
            container["postings.body_freqs"][rows],
            container["postings.title_freqs"][rows],
        )

    def posting_counts(self, forms: Array) -> Indices:
        """How many postings each of the forms has."""
        wanted = forms.astype(np.int64)
        ends = self.posting_ends
        return np.asarray(ends[wanted].astype(np.int64) - np.where(wanted > 0, ends[wanted - 1].astype(np.int64), 0))

    def positions_of(self, forms: Array) -> Array:
        """The positions of several forms together, ascending (uint32)."""
        positions = self.container["positions"]
        if len(forms) == 1:
            start, end = row_bounds(self.position_ends, int(forms[0]))
            return positions[start:end]
        return np.sort(positions[self._rows(self.position_ends, forms)])

    @staticmethod
    def _rows(ends: Array, forms: Array) -> Indices:
        wanted = forms.astype(np.int64)
        high = ends[wanted].astype(np.int64)
        low = np.where(wanted > 0, ends[wanted - 1].astype(np.int64), 0)
        return value_indices(low, high - low)

    def docs_of_positions(self, positions: Array) -> Indices:
        """The document at each position."""
        return np.searchsorted(self.doc_starts, positions, side="right") - 1

    def verify(self) -> None:
        """Read all and check that the parts fit together. Raises IndexDamaged if not."""
        self.container.verify()
        for name, table in (("forms", self.forms), ("keys", self.keys), ("stems", self.stems), ("ids", self.ids)):
            strings = list(table)
            if any(left >= right for left, right in pairwise(strings)):
                raise IndexDamaged(
                    f"{self.container.path}: {name} are not sorted; rebuild with `naidi index --rebuild`"
                )
        if len(self.ids) != self.doc_count or len(self.doc_starts) != self.doc_count:
            raise IndexDamaged(f"{self.container.path}: document counts differ; rebuild with `naidi index --rebuild`")
