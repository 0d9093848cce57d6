"""The documents of one generation as ranking sees them: segments, live documents, counts and average lengths.

What is learnt of an index is attached to what it depends on, and lives as long:

    Collection       on all documents, such as how rare a word is: it is made anew for each state
    SegmentView      on the documents of a segment that are not deleted: states share it while none is deleted
    SegmentMemory    on a segment alone: all states share it that have the segment

A value that is attached to the last two holds no view and no collection. So a segment that no state has any more is let go at
once, with its file and its memory, without the garbage collector.
"""

from __future__ import annotations

import os

from naidi.indexer import core
from naidi.indexer.codec.segment import Segment
from naidi.indexer.codec.sorted_values import rows_in
from naidi.indexer.late import OfThread, StrPath, cached_property, np, partial, path_in
from naidi.indexer.record import record
from naidi.indexer.state.generations import Generation, unpacked
from naidi.indexer.state.layout import DICTIONARIES
from naidi.indexer.typed import TYPE_CHECKING, Any, NamedTuple

from .cache import Attached, Cache, Owner
from .field_columns import FieldColumns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    import numpy.typing as npt

    from naidi._core import Lexicon
    from naidi._core import Segment as CoreSegment
    from naidi.indexer.codec.column_file import ColumnFile
    from naidi.indexer.errors import IndexDamaged
    from naidi.indexer.fields import Schema

Bools: TypeAlias = "npt.NDArray[np.bool_]"
Floats: TypeAlias = "npt.NDArray[np.float64]"
Integers: TypeAlias = "npt.NDArray[np.int64]"

# Bytes for the answers of `knows_any`.
_KNOWN_BYTES = 1_000_000
# The user's file of synonyms, in the directory of the index.
SYNONYMS = "synonyms.txt"
# A segment of few documents has room for as many words as if it had this share of all: of the budget for all segments.
_LEAST_SHARE = 1 / 8
# Deleted documents are not counted in a longer posting list. The list is taken to have the same share of them as its segment.
_MOST_LOOKED_UP = 10_000
# 1 for a document that is live, for "0" in its bitmap.
_LIVE = bytes.maketrans(b"01", b"\x01\x00")
# In a list so many times longer than there are deleted documents, these are bisected.
_MUCH_LONGER = 8


@record
class FieldStatistics:
    """Counts of one field.

    doc_count: live documents that have the field.
    average_length: mean length of the field in these documents, in tokens; 0 if there are none.
    """

    doc_count: int
    average_length: float


class SegmentMemory(Owner):
    """A segment, with what is learnt of it and depends on nothing else: no deletion and no other segment."""

    def __init__(self, segment: Segment, share: float) -> None:
        """share: of all documents of the collection."""
        super().__init__()
        self.segment = segment
        self._share = max(share, _LEAST_SHARE)

    @cached_property
    def core(self) -> CoreSegment:
        """The segment for the compiled core. Raises IndexError if its sections do not fit together."""
        from naidi._core import SECTIONS
        from naidi._core import Segment as CoreSegment

        segment = self.segment
        return CoreSegment(tuple(map(segment.column, SECTIONS)))

    def record(self, doc: int) -> dict[str, Any]:
        """As `Segment.record`, with id and title from the core, which reads them in a third of the time."""
        if not core.is_used:
            return self.segment.record(doc)
        try:
            names = self.core.names(doc)
        except IndexError:  # of a damaged file; the segment tells what is damaged
            names = None
        return self.segment.record(doc, names)

    def room(self, budget: int) -> int:
        """The bytes for this segment, of those that there are for all segments together."""
        return int(budget * self._share)


class SegmentView(Owner):
    """A segment with its live documents, and the columns that ranking reads.

    number: index of the segment in its generation.
    live: bool by doc id, None if all documents are live.
    fields: the values of its documents in the fields of the application.
    doc_count: documents of the segment, deleted ones included.
    """

    def __init__(self, number: int, memory: SegmentMemory, bitmap: bytes | None, fields: FieldColumns) -> None:
        """bitmap: of the deleted documents, as in `Generation.bitmaps`."""
        super().__init__()
        self.number = number
        self.memory = memory
        self.segment = memory.segment
        self.bitmap = bitmap
        self.fields = fields
        self.doc_count = self.segment.doc_count
        self._scratch = OfThread()

    @cached_property
    def live(self) -> Bools | None:
        return None if self.bitmap is None else ~unpacked(self.bitmap, self.doc_count)

    @cached_property
    def live_bytes(self) -> bytes | None:
        """As `live`, a byte a document."""
        if self.bitmap is None:
            return None
        bits = f"{int.from_bytes(self.bitmap, 'big'):0{8 * len(self.bitmap)}b}"
        return bits[: self.doc_count].encode().translate(_LIVE)

    def moved_to(self, number: int, fields: FieldColumns) -> SegmentView:
        """The view under another number and with other values of fields, with what is attached to it."""
        if number == self.number and fields is self.fields:
            return self
        import copy

        view = copy.copy(self)
        view.number = number
        view.fields = fields
        view._scratch = OfThread()
        return view

    @cached_property
    def docs(self) -> npt.NDArray[Any]:
        """The doc ids of all posting lists, one list after another; `bounds` tells where each lies."""
        return self.segment.list_docs

    @cached_property
    def codes(self) -> npt.NDArray[np.uint8]:
        """The code of each posting of `docs`; see `naidi.indexer.codec.posting_codes`."""
        return self.segment.list_codes

    @cached_property
    def list_ends(self) -> memoryview:
        """The end of each posting list in `docs`.

        Items of a memoryview are Python integers. They are read several times faster than those of an array.
        """
        return self.segment.container.items("lists.ends")

    def bounds(self, number: int) -> tuple[int, int]:
        """(start, end) of the posting list with this number in `docs` and `codes`."""
        ends = self.list_ends
        return ends[number - 1] if number else 0, ends[number]

    def has_key(self, number: int) -> bool:
        """Whether a live document has the key with this number."""
        live, items = self.live_bytes, self.segment.container.items
        if live is None:
            return True
        start, end = self.bounds(items("key_lists")[number])
        return end - start > live.count(0) or any(map(live.__getitem__, items("lists.docs")[start:end]))

    @cached_property
    def deleted(self) -> npt.NDArray[Any]:
        """The deleted documents, ascending, in the dtype of `docs`."""
        return np.zeros(0, self.docs.dtype) if self.live is None else np.flatnonzero(~self.live).astype(self.docs.dtype)

    def live_rows(self, docs: npt.NDArray[Any]) -> Bools | None:
        """Which documents of a posting list are live; None if all are. docs: ascending, in the dtype of `docs`."""
        if self.live is None:
            return None
        if len(self.deleted) * _MUCH_LONGER > len(docs):
            return np.asarray(self.live[docs])
        rows, there = rows_in(docs, self.deleted)
        if not there.any():
            return None
        live = np.ones(len(docs), bool)
        live[rows[there]] = False
        return live

    def scratch(self) -> Floats:
        """Zeros (float64), one for each document of the segment. Each thread has its own array.

        The caller sets what it has written back to zero. See `drop_scratch` for callers that could not.
        """
        try:
            return self._scratch.zeros  # type: ignore[no-any-return]
        except AttributeError:
            zeros = self._scratch.zeros = np.zeros(self.doc_count)
            return zeros

    def marks(self) -> Bools:
        """The same as `scratch`, of bool."""
        try:
            return self._scratch.marks  # type: ignore[no-any-return]
        except AttributeError:
            marks = self._scratch.marks = np.zeros(self.doc_count, bool)
            return marks

    def drop_scratch(self) -> None:
        """Forget the arrays of all threads. New ones are made at the next call."""
        self._scratch = OfThread()


class _Counts(NamedTuple):
    """Tokens and documents of the live documents of a segment: documents with a body, with a title, with either."""

    body_tokens: int
    title_tokens: int
    bodies: int
    titles: int
    texts: int


def _counts(view: SegmentView) -> _Counts:
    if core.is_used:
        return _Counts(*view.memory.core.lengths(view.live_bytes)[0])
    bodies, titles = view.segment.body_lengths, view.segment.title_lengths
    if view.live is not None:
        bodies, titles = bodies[view.live], titles[view.live]
    return _Counts(
        int(bodies.sum(dtype=np.int64)),
        int(titles.sum(dtype=np.int64)),
        int(np.count_nonzero(bodies)),
        int(np.count_nonzero(titles)),
        int(np.count_nonzero((bodies > 0) | (titles > 0))),
    )


_COUNTS = Attached(_counts)


class FileState(Owner):
    """A file as it is at a moment, so that a change shows; None for a file that is not there or cannot be looked at."""

    def __init__(self, path: StrPath, stat: os.stat_result | None) -> None:
        super().__init__()
        self.path = os.fspath(path)
        self._noted = None if stat is None else (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_dev)

    @classmethod
    def of(cls, path: StrPath) -> FileState:
        """The state of a file now."""
        try:
            return cls(path, os.stat(path))
        except OSError:
            return cls(path, None)

    @property
    def noted(self) -> tuple[int, ...] | None:
        """What tells this state from others; None without a file."""
        return self._noted

    @property
    def is_there(self) -> bool:
        """Whether there is a file, as far as can be told."""
        return self._noted is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileState) and (self.path, self._noted) == (other.path, other._noted)

    def __hash__(self) -> int:
        return hash((self.path, self._noted))


@record
class StateFacts:
    """What a state of an index says of itself.

    directory: where the user's files for it are: those of synonyms and of dictionaries.
    roots: the indexed folders, as the manifest has them.
    doc_count: live documents.
    generation: the number of the state.
    schema: of the fields of the application.
    store_texts: whether the texts of documents are stored.
    fingerprint: of the analysis.
    """

    directory: str
    roots: Mapping[str, Any]
    doc_count: int
    generation: int
    schema: Schema
    store_texts: bool
    fingerprint: str


class Collection(Owner):
    """One state of an index: the views of its segments, and values that depend on this state alone.

    roots: the indexed folders, as the manifest has them.
    doc_count: live documents.
    generation: the number of the state.
    store_texts: whether the texts of documents are stored.
    schema: of the fields of the application.
    damage: why an earlier state answers; None if the live one does.
    holds_documents: whether its segments hold documents, or words alone.
    count_error: how much more documents a word may have than its posting lists are long, as a share of these.
    """

    holds_documents = True
    count_error = 0.0
    damage: IndexDamaged | None = None
    segments: list[Segment]
    views: list[SegmentView]
    checked_files: list[Segment | ColumnFile]

    def __init__(self, generation: Generation, before: Collection | None = None) -> None:
        """before: an earlier state. What was learnt of segments that both have is shared."""
        manifest = generation.manifest
        self._begin(
            StateFacts(
                directory=generation.index,
                roots=manifest.roots,
                doc_count=manifest.doc_count,
                generation=manifest.generation,
                schema=manifest.schema,
                store_texts=manifest.store_texts,
                fingerprint=manifest.fingerprint,
            ),
            before,
        )
        self.damage = generation.damage
        self.checked_files = generation.checked_files
        earlier = {} if before is None else {id(view.segment): view for view in before.views}
        self.segments = generation.segments
        parts = zip(self.segments, generation.bitmaps, generation.columns, strict=True)
        for number, (segment, bitmap, columns) in enumerate(parts):
            same = earlier.get(id(segment))  # the object itself: `Generation` opens no segment twice
            fields = None if same is None else same.fields
            if fields is None or fields.file is not columns or fields.schema != self.schema:
                fields = FieldColumns(columns, self.schema, segment.doc_count)
            if same is None:
                memory = SegmentMemory(segment, segment.doc_count / max(self.doc_count, 1))
                view = SegmentView(number, memory, bitmap, fields)
            elif same.bitmap == bitmap:
                view = same.moved_to(number, fields)
            else:
                view = SegmentView(number, same.memory, bitmap, fields)
            self.views.append(view)

    def _begin(self, facts: StateFacts, before: Collection | None) -> None:
        """Take what a state says of itself. It has no segments yet."""
        super().__init__()
        self._directory = facts.directory
        self.roots = facts.roots
        self.doc_count = facts.doc_count
        self.generation = facts.generation
        self.schema = facts.schema
        self.store_texts = facts.store_texts
        self.fingerprint = facts.fingerprint
        self.segments, self.views, self.checked_files = [], [], []
        self.synonyms = FileState.of(path_in(self._directory, SYNONYMS))
        if before is not None and before.synonyms == self.synonyms:
            self.synonyms = before.synonyms  # with what is attached to it
        self.dictionaries = FileState.of(path_in(self._directory, DICTIONARIES))
        if before is not None and before.dictionaries == self.dictionaries:
            self.dictionaries = before.dictionaries
        self._forget_known()

    def _forget_known(self) -> None:
        self._known: Cache[tuple[str, ...], bool] = Cache(_KNOWN_BYTES)

    @property
    def beside(self) -> tuple[FileState, FileState]:
        """The files of the user that change what a query means, as they were when this was made."""
        return self.synonyms, self.dictionaries

    def narrowed(self, allowed: Sequence[Bools]) -> Collection:
        """The same state as if all other documents were deleted. allowed: the documents of each segment, bool by doc id."""
        import copy

        narrow = copy.copy(self)
        Owner.__init__(narrow)
        for name in ("fields", "core_lexicon", "dated_count"):  # which depend on the documents
            narrow.__dict__.pop(name, None)
        narrow._forget_known()
        narrow.views, narrow.doc_count = [], 0
        for view, passing in zip(self.views, allowed, strict=True):
            live = passing if view.live is None else passing & view.live
            bitmap = np.packbits(~live).tobytes()
            narrow.doc_count += int(np.count_nonzero(live))
            narrow.views.append(SegmentView(view.number, view.memory, bitmap, view.fields))
        return narrow

    def place_of(self, doc_id: str) -> tuple[SegmentView, int] | None:
        """(its segment, its number there) of the live document with an id; None if there is none."""
        for view in self.views:
            doc = view.segment.doc_of_id(doc_id)
            if doc >= 0 and (view.live is None or view.live[doc]):
                return view, doc
        return None

    @property
    def directory(self) -> Path:
        """Of the index."""
        from pathlib import Path

        return Path(self._directory)

    @cached_property
    def fields(self) -> Mapping[str, FieldStatistics]:
        """Statistics of the fields "body" and "title", and of "text", which is both as one field."""
        counts = [sum(column) for column in zip(*map(_COUNTS.of, self.views), strict=True)] or [0] * 5
        body_tokens, title_tokens, bodies, titles, texts = counts
        fields = {
            "body": (bodies, body_tokens),
            "title": (titles, title_tokens),
            "text": (texts, body_tokens + title_tokens),
        }
        return {
            field: FieldStatistics(docs, tokens / docs if docs else 0.0) for field, (docs, tokens) in fields.items()
        }

    @property
    def lexicon(self) -> Lexicon | None:
        """Looks words up in the compiled core; None if that is not used."""
        return self.core_lexicon if core.is_used else None

    @cached_property
    def core_lexicon(self) -> Lexicon:
        """The segments and their live documents for the compiled core."""
        from naidi._core import Lexicon

        live = [view.live_bytes for view in self.views]
        return Lexicon(tuple([view.memory.core for view in self.views]), tuple(live))

    @cached_property
    def dated_count(self) -> int:
        """Number of live documents that have a date."""
        dates = ((view.segment.dates, view.live) for view in self.views)
        return sum(int(np.count_nonzero(days if live is None else days[live])) for days, live in dates)

    def knows_key(self, key: str) -> bool:
        """Whether any live document has a form with the key."""
        for view in self.views:
            number = view.segment.keys.find(key)
            if number >= 0 and view.has_key(number):
                return True
        return False

    def knows_any(self, keys: tuple[str, ...]) -> bool:
        """Whether any live document has a form with one of the keys."""
        return self._known.get(keys, lambda: any(map(self.knows_key, keys)))

    def doc_freq(self, keys: Iterable[str]) -> int:
        """How many live documents have the most frequent of the keys. An estimate for long lists of segments with deletions."""
        if (lexicon := self.lexicon) is not None:
            return lexicon.doc_freq(tuple(keys))
        return max(map(self._doc_freq, keys), default=0)

    def _doc_freq(self, key: str) -> int:
        total = 0.0
        for view in self.views:
            number = view.segment.keys.find(key)
            if number < 0:
                continue
            start, end = view.bounds(int(view.segment.key_lists[number]))
            if view.live is None:
                total += end - start
            elif end - start <= _MOST_LOOKED_UP:
                total += np.count_nonzero(view.live[view.docs[start:end]])
            else:
                total += (end - start) * np.count_nonzero(view.live) / len(view.live)
        return round(total)

    def counted(self, key: str, about: int, *, at_most: bool = False) -> int:
        """How many documents have a key, where `about` was worked out from posting lists; here these are right.

        at_most: whether only some forms of the key are meant, so that more documents may have the key.
        """
        return about

    def is_common_key(self, key: str) -> bool:
        """Whether a key is a common word of a dictionary, and no name. False for a key that the index lacks."""
        for segment in self.segments:
            number = segment.keys.find(key)
            if number >= 0:
                return segment.is_common_key(number)
        return False

    def known_form(self, form: str) -> tuple[tuple[str, ...], str] | None:
        """(keys, stem) of a form, as the index has them; None for a form that it lacks. No dictionary is loaded."""
        if (lexicon := self.lexicon) is not None:
            found = lexicon.known(form)
            return None if found is None else found[:2]
        for view in self.views:
            known = _KNOWN_FORMS.of(view.memory).get(form, partial(_known_form, view.segment, form))
            if known is not None:
                return known
        return None


def _known_form(segment: Segment, form: str) -> tuple[tuple[str, ...], str] | None:
    number = segment.forms.find(form)
    return (tuple(segment.keys_of_form(number)), segment.stem_of_form(number)) if number >= 0 else None


_KNOWN_FORMS: Attached[SegmentMemory, Cache[str, tuple[tuple[str, ...], str] | None]] = Attached(
    lambda memory: Cache(memory.room(_KNOWN_BYTES))
)
