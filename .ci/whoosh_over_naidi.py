"""A plugin of pytest: whatever Whoosh's own tests write with Whoosh, they read out of an index of naidi.

When a test opens a reader of an index that has documents, these are written anew with naidi.Writer: the words of one field as
titles, those of a second as bodies, and the values of other fields as fields of ours. The reader that the test gets is that of our
files, under the names and with the analysers of the test. What an index of ours cannot hold skips the test and says why. Stored
fields are handed through: they are none of what is tested.

Before a test gets the reader, all terms, documents, frequencies and positions are compared with those that Whoosh wrote.
"""

from __future__ import annotations

import copy
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from whoosh import fields as theirs
from whoosh import formats
from whoosh.index import FileIndex
from whoosh.reading import EmptyReader, MultiReader, SegmentReader

from naidi import Document, Writer, fields
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.indexer.whoosh.codec import WhooshCodec, WhooshDocumentReader, WhooshTermsReader
from naidi.indexer.whoosh.open_segment import OpenSegment
from naidi.indexer.whoosh.own_fields import _docs_of_values
from naidi.indexer.whoosh.terms import ListedTerms

_PLACES = ("title_form", "body_form")
_reader_of_whoosh = FileIndex.reader
_used: set[str] = set()
_notes: dict[str, str] = {}
_now = ""


class CannotBeHeld(Exception):
    """Why an index of ours cannot hold what the test has written."""


def _postings(reader: Any, name: str) -> Iterator[tuple[bytes, list[tuple[int, float, list[int] | None]]]]:
    """(term, [(document, weight, positions)]) of a field as Whoosh has it, deleted documents left out."""
    format_ = reader.schema[name].format
    has_positions = format_.supports("positions")
    for text in reader.lexicon(name):
        matcher, found = reader.postings(name, text), []
        while matcher.is_active():
            found.append((matcher.id(), matcher.weight(), matcher.value_as("positions") if has_positions else None))
            matcher.next()
        if found:
            yield text, found


class Words:
    """A field of words: what stands in each document."""

    def __init__(self, reader: Any, name: str) -> None:
        self.name, self.count = name, reader.doc_count_all()
        placed: list[dict[int, str]] = [{} for _ in range(self.count)]
        for text, found in _postings(reader, name):
            word = text.decode()
            for doc, weight, positions in found:
                if positions is None:
                    positions = range(len(placed[doc]), len(placed[doc]) + int(weight))
                if len(positions) != weight:
                    raise CannotBeHeld("weights of words that are not how often they stand there")
                for position in positions:
                    if position in placed[doc]:
                        raise CannotBeHeld("an analyser that puts several terms at one place")
                    placed[doc][position] = word
        self.texts = []
        for words in placed:
            if sorted(words) != list(range(len(words))):
                raise CannotBeHeld("positions with gaps")
            text = " ".join(words[position] for position in range(len(words)))
            if forms(text) != text.split(" ") and text:
                raise CannotBeHeld("an analyser whose terms are no words of ours (capitals, signs, parts of words)")
            self.texts.append(text)


class Values:
    """A field of values: those of each document, as a field of ours takes them."""

    def __init__(self, reader: Any, name: str) -> None:
        self.name, kind = name, reader.schema[name]
        if getattr(kind, "scorable", False) and kind.format is not None and not isinstance(kind, theirs.NUMERIC):
            raise CannotBeHeld("a scorable field of keywords: ours have no frequencies")
        self.values: list[list[Any]] = [[] for _ in range(reader.doc_count_all())]
        terms = list(kind.sortable_terms(reader, name))
        for text in terms:
            value = kind.from_bytes(text)
            matcher = reader.postings(name, text)
            while matcher.is_active():
                if matcher.weight() != 1:
                    raise CannotBeHeld("keywords that stand several times in a document, or weigh more")
                self.values[matcher.id()].append(value)
                matcher.next()
        self.kind: fields.Field = fields.Keyword(multiple=True)
        self.key: Any = str
        if isinstance(kind, theirs.DATETIME):
            import datetime

            self.kind = fields.DateTime(multiple=True)
            self.key = lambda value: value.replace(tzinfo=datetime.timezone.utc)
        elif isinstance(kind, theirs.NUMERIC):
            self.kind, self.key = fields.Number(multiple=True), lambda value: value
        elif isinstance(kind, theirs.BOOLEAN):
            self.kind, self.key = fields.Boolean(), lambda value: value in (True, "t")

    def of(self, doc: int) -> Any:
        found = [self.key(value) for value in self.values[doc]]
        return found if self.kind.multiple else (found or [None])[0]


class View(OpenSegment):
    """Our segment under the names of the test."""

    def show(self, reader: Any, words: list[Words], values: list[Values]) -> None:
        self._reader = reader
        self._places = dict(zip((each.name for each in words), _PLACES, strict=False))
        self._values = {each.name: f"f{number}" for number, each in enumerate(values)}
        self._made: dict[str, Any] = {}
        self.__dict__["indexed"] = sorted(
            name for name in reader.indexed_field_names() if name in (*self._places, *self._values)
        )
        self.__dict__["columns"] = [name for name in reader.schema.names() if reader.has_column(name)]

    def terms(self, fieldname: str) -> Any:
        if fieldname in self._places:
            return super().terms(self._places[fieldname])
        if fieldname not in self._values:
            return ListedTerms({})
        if fieldname not in self._made:
            self._made[fieldname] = ListedTerms(self._terms_of_test(fieldname))
        return self._made[fieldname]

    def _given(self, fieldname: str) -> Iterator[tuple[Any, Any]]:
        """(value as the test has given it, documents), out of our column."""
        found = self.own.get(self._values[fieldname])
        kind = self._reader.schema[fieldname]
        if found is None:
            return
        column, ours = found
        for place, there in enumerate(_docs_of_values(column), 1):
            value = ours.given(column.value(place))
            if isinstance(kind, theirs.DATETIME):
                value = value.replace(tzinfo=None)
            elif isinstance(kind, theirs.NUMERIC):
                value = Decimal(str(value)) if kind.decimal_places else kind.numtype(value)
            yield value, there

    def _terms_of_test(self, fieldname: str) -> dict[bytes, Any]:
        """The values of our column as the field of the test writes them."""
        kind = self._reader.schema[fieldname]
        numeric = isinstance(kind, theirs.NUMERIC)
        shifts = range(0, kind.bits, kind.shift_step) if numeric and kind.shift_step else [0]
        docs = defaultdict(list)
        for value, there in self._given(fieldname):
            for shift in shifts:
                docs[kind.to_bytes(value, shift) if numeric else kind.to_bytes(value)].append(there)
        return {term: np.unique(np.concatenate(parts)) for term, parts in docs.items()}

    def lengths(self, fieldname: str) -> Any:
        return super().lengths(self._places[fieldname]) if fieldname in self._places else None

    def column(self, fieldname: str, default: Any) -> Any:
        """Columns of fields of ours; others, such as those of titles, are other values than the test has given."""
        there = list(self._reader.column_reader(fieldname, translate=False))
        if fieldname not in self._values:
            raise CannotBeHeld("a column of values that are not the terms")
        kind, found = self._reader.schema[fieldname], [default] * self.doc_count
        for value, docs in self._given(fieldname):
            for doc in docs.tolist():
                found[doc] = kind.to_column_value(value)
        live = [number for number in range(self.doc_count) if number not in self.deleted_docs]
        if [found[number] for number in live] != [there[number] for number in live]:
            raise CannotBeHeld("a column of values that are not the terms")
        return found

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return self._reader.stored_fields(docnum)


class _Segment:
    def __init__(self, reader: Any) -> None:
        self._id = f"over naidi {id(reader)}"

    def segment_id(self) -> str:
        return self._id

    def is_compound(self) -> bool:
        return False


class _Codec(WhooshCodec):
    def __init__(self, view: View) -> None:
        self._view = view

    def terms_reader(self, storage: Any, segment: Any) -> Any:
        return WhooshTermsReader(self._view)

    def per_document_reader(self, storage: Any, segment: Any) -> Any:
        return WhooshDocumentReader(self._view)


def _split(reader: Any) -> tuple[list[Words], list[Values]]:
    words, values = [], []
    for name in sorted(reader.indexed_field_names()):
        if name not in reader.schema:
            continue
        kind = reader.schema[name]
        if kind.format is None:
            continue
        if isinstance(kind, (theirs.ID, theirs.KEYWORD, theirs.NUMERIC, theirs.BOOLEAN, theirs.IDLIST)):
            values.append(Values(reader, name))
        else:
            words.append(Words(reader, name))
    if len(words) > len(_PLACES):
        raise CannotBeHeld("more than two fields of words")
    return words, values


def over_naidi(reader: Any) -> SegmentReader:
    """A reader of our files, over what a reader of Whoosh has. Raises CannotBeHeld."""
    if not reader.doc_count_all():
        raise CannotBeHeld("a segment without documents")
    if any(getattr(kind, "vector", None) for _, kind in reader.schema.items()):
        raise CannotBeHeld("vectors of terms")
    words, values = _split(reader)
    schema = {f"f{number}": each.kind for number, each in enumerate(values)}
    count = reader.doc_count_all()
    directory = Path(tempfile.mkdtemp(prefix="over-naidi-"))
    digits = len(str(count))
    names = [f"{doc:0{digits}}" for doc in range(count)]
    with Writer(directory, schema=schema or None) as writer:
        for doc, name in enumerate(names):
            own = {f"f{number}": each.of(doc) for number, each in enumerate(values)}
            texts = [each.texts[doc] for each in words] + ["", ""]
            own = {key: value for key, value in own.items() if value not in (None, [])}
            writer.add(Document(id=name, title=texts[0], text=texts[1], language="en", fields=own))
        writer.commit()
        writer._begin_merge = lambda: None  # numbers of documents stay
        for doc, name in enumerate(names):
            if reader.is_deleted(doc):
                writer.delete(name)
    generation = open_generation(directory)
    if len(generation.manifest.segments) != 1 or generation.segments[0].doc_count != count:
        raise CannotBeHeld("so many documents are deleted that the segment was written anew")
    (entry,) = generation.manifest.segments
    view = View(generation.directory, entry.file, entry.deletions, entry.columns, schema)
    view.show(reader, words, values)
    schema = copy.deepcopy(reader.schema)
    for _, kind in schema.items():  # ours have places of words, and none of characters
        if kind.format is not None and kind.format.supports("positions"):
            kind.format = formats.Positions(kind.format.field_boost)
    found = SegmentReader(None, schema, _Segment(reader), generation=reader.generation(), codec=_Codec(view))
    _compare(reader, found, words, values)
    return found


def _compare(expected: Any, found: SegmentReader, words: list[Words], values: list[Values]) -> None:
    """Raises AssertionError if the two do not have the same terms and postings."""
    for name in [each.name for each in (*words, *values)]:
        ours, others = dict(_postings(found, name)), dict(_postings(expected, name))
        assert list(ours) == list(others), f"{name}: {list(ours)} instead of {list(others)}"
        for text, there in others.items():
            assert [row[:2] for row in ours[text]] == [row[:2] for row in there], f"{name}:{text!r}"
            if name == (words[0].name if words else None):
                assert ours[text] == there or there[0][2] is None, f"{name}:{text!r}: {ours[text]} instead of {there}"


def _reader(self: FileIndex, reuse: Any = None) -> Any:
    reader = _reader_of_whoosh(self)
    if not _now or isinstance(reader, EmptyReader) or not reader.doc_count_all():
        return reader  # one test file searches while it is imported
    try:
        leaves = [over_naidi(leaf) for leaf, _ in reader.leaf_readers()]
        found = leaves[0] if reader.is_atomic() else MultiReader(leaves, generation=reader.generation())
    except CannotBeHeld as why:
        pytest.skip(f"cannot: {why}")
    _used.add(_now)
    return found


FileIndex.reader = _reader


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: Any) -> None:
    global _now
    _now = item.nodeid


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Any:
    outcome = yield
    report = outcome.get_result()
    if call.excinfo is not None and call.excinfo.errisinstance(CannotBeHeld):
        report.outcome, report.longrepr = "skipped", (__file__, 0, f"Skipped: cannot: {call.excinfo.value}")
    if report.when == "call":
        text = str(report.longrepr[2]) if report.skipped and isinstance(report.longrepr, tuple) else ""
        if report.failed:
            text = str(call.excinfo.value).splitlines()[0][:200] if str(call.excinfo.value) else call.excinfo.typename
        state = (
            "passed" if report.passed else "cannot" if "cannot: " in text else "skipped" if report.skipped else "failed"
        )
        if state == "passed" and item.nodeid not in _used:
            state = "no index"
        line = {
            "test": item.nodeid,
            "state": state,
            "why": text.rpartition("cannot: ")[2] if state == "cannot" else text,
        }
        with open(os.environ["WHOOSH_SUITE"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
