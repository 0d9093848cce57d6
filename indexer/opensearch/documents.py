"""Analysed documents as the documents index takes them: one line of JSON each.

A document is a row of tokens, one for each word: its form behind an equals sign. They stand in regions, with a wide gap between:
the title, the body behind `#body`, names and keywords behind `#keywords`, each copy of a text of the application behind `##NAME`,
and `#end`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import repeat
from typing import Any, NamedTuple

from ..codec.container import Array
from ..document import Document
from ..fields import Schema, Text, given_values, kind_of
from ..file_facts import DATE_SOURCES
from ..writing.batch import AnalysedBatch
from .document_keys import file_keys, path_key, title_key
from .mapping import got_values, put_values
from .naming import BODY, END, KEYWORDS, document_key, field_key, field_name, marker

SYNC_FIELDS = ("root", "source")
"""The fields of a document in which a sync notes its folder and its file. Who writes a document anew keeps them."""
# One encoder for all: `json.dumps` would make one for each document.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Source(NamedTuple):
    """A document on its way.

    doc_id: its id.
    key: its `_id` in the cluster.
    line: what the cluster stores and indexes, in JSON.
    first, last: where its tokens lie in those of its batch.
    """

    doc_id: str
    key: str
    line: bytes
    first: int
    last: int


def sources(
    batch: AnalysedBatch,
    numbers: Array,
    tokens: Sequence[str],
    schema: Schema,
    notes: Sequence[Mapping[str, Any]] | None = None,
) -> Iterator[Source]:
    """The documents of a batch, in their order.

    Parameters:
      batch: the documents.
      numbers: the tokens of the batch by their numbers among `tokens`.
      tokens: the tokens that stand for forms, as `naming.token` gives them.
      schema: the fields of the application.
      notes: further fields for each document, such as where a sync found it. `synced` among them stands for that of the batch.
    """
    words = list(map(tokens.__getitem__, numbers.tolist()))
    defined: dict[int, list[str]] = {}
    for row, pair in batch.definitions:
        defined.setdefault(row, []).append(pair)
    place = 0
    rows = zip(
        batch.ids,
        batch.titles,
        batch.title_lengths,
        batch.body_lengths,
        batch.keyword_lengths,
        batch.records.pieces(),
        batch.texts.pieces(),
        batch.fields,
        notes or repeat({}),
        strict=False,
    )
    for row, (doc_id, title, head, body, behind, record, text, columns, more) in enumerate(rows):
        first, last = place, place + head + body + behind
        own_texts = _own_texts(columns, schema)
        regions: list[str] = []
        if head:
            regions.append(" ".join(words[first : first + head]))
        body_end = first + head + body
        if body:
            regions.append(" ".join([BODY, *words[first + head : body_end]]))
        place = last - sum(count * times for _, count, times in own_texts)
        if place > body_end:
            regions.append(" ".join([KEYWORDS, *words[body_end:place]]))
        for name, count, times in own_texts:
            for _ in range(times if count else 0):
                regions.append(" ".join([marker(name), *words[place : place + count]]))
                place += count
        regions.append(END)
        source: dict[str, Any] = {"id": doc_id, "title": title, "lang": batch.languages[row], "all": regions}
        if head:
            source["head"] = regions[0]
        if text != [b""]:
            source["text"] = b"".join(text).decode()
        source["len"], source["head_len"] = head + body, head
        source["share"] = body / max(head + body, 1)
        if batch.dates[row]:
            source["date"] = date.fromordinal(batch.dates[row]).isoformat()
        if batch.date_sources[row]:
            source["date_source"] = batch.date_sources[row]
        if batch.file_sizes[row] >= 0:
            source["size"] = batch.file_sizes[row]
        if batch.mtimes[row] >= 0:
            source["mtime"] = batch.mtimes[row]
        synced = source["synced"] = bool(more.get("synced", batch.synced))
        if row in defined:
            source["defs"] = defined[row]
        if columns:
            source["fields"] = stored_fields(columns, schema)
        stored = b"".join(record)
        path = json.loads(stored).get("path") if stored else None
        if path:
            source["path"] = path
        source["path_key"] = path_key(doc_id, path, synced)
        source.update(file_keys(doc_id, path, synced))
        if title:
            source["title_key"] = title_key(title)
        source.update(more)
        line = _encode(source).encode()
        if stored:  # it is JSON already
            line = b'{"record":' + stored + b"," + line[1:]
        yield Source(doc_id, document_key(doc_id), line, first, last)


def stored_fields(columns: Mapping[str, tuple[Any, ...]], schema: Schema) -> dict[str, list[Any]]:
    """The values of a document in the fields of the application, as the cluster takes them."""
    found: dict[str, list[Any]] = {}
    for name, stored in columns.items():
        kind = kind_of(schema, name)
        if kind is not None and stored:
            found[field_key(name)] = put_values(kind, stored)
    return found


def _own_texts(columns: Mapping[str, tuple[Any, ...]], schema: Schema) -> list[tuple[str, int, int]]:
    """(name, tokens, copies) of each text of the application that a document has, in the order in which they stand: theirs here."""
    return [
        (name, int(stored[0]), kind.times)
        for name, stored in columns.items()
        if isinstance(kind := kind_of(schema, name), Text) and stored
    ]


def stored_document(source: Mapping[str, Any], schema: Schema) -> Document:
    """The document as it was added, from what the cluster stores of it. Its text is empty if the index stores none.

    Raises KeyError or another error for what naidi has not written.
    """
    record: Mapping[str, Any] = source.get("record", {})
    columns = {
        name: got_values(kind, values)
        for key, values in source.get("fields", {}).items()
        if (kind := kind_of(schema, name := field_name(key))) is not None and not isinstance(kind, Text)
    }
    day = source.get("date")
    return Document(
        id=source["id"],
        text=source.get("text", ""),
        title=source["title"],
        date=date.fromisoformat(day) if day else None,
        path=record.get("path"),
        meta=record.get("meta", {}),
        language=record.get("language"),
        keywords=record.get("keywords", ""),
        names=record.get("names", ""),
        pages=record.get("pages", ()),
        first_line=record.get("first_line", 1),
        size=source.get("size"),
        mtime=source.get("mtime"),
        date_source=DATE_SOURCES[source.get("date_source", 0)],
        fields=given_values(schema, columns, record.get("texts", {})),
    )
