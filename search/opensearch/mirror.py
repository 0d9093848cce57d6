"""Mirrors the words index of a cluster in segments of words, and follows its changes.

The first segment has most words. Changes become further segments: words that are new, and by how much others have more documents.
So sums over the segments are right. A new segment takes in those before it that are not much larger. Where a word has much fewer
documents than before, the segments that have it are made anew.

A word that the words index says has no documents may have some all the same: it comes before its documents, and how many it has is
only known about. So it is taken for one with a document. The cluster tells by its counts, as for every word.
"""

from __future__ import annotations

import os
import secrets

from naidi.indexer.errors import IndexDamaged
from naidi.indexer.late import Lock
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .words_segment import WordsSegment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from naidi.indexer.opensearch.words import Word

    from .mirror_folder import MirrorFolder

# A segment with at most so many times as many words as the changes is made one with them.
_MUCH_LARGER = 4
# There are no more segments of words: a query asks all of them.
_MOST_SEGMENTS = 4
# Of a word with fewer documents, but more than this part of them, nothing changes: how many there are is only known about.
_MUCH_FEWER = 2
# So many rows that change nothing are worth a note how far they were read: the next process need not read them.
_WORTH_NOTING = 1_000
_DEFINITIONS = "definitions"


class MirrorState(NamedTuple):
    """The words at a moment.

    segments: with a last one for the acronyms that documents define, if any were taken.
    checkpoint: the sequence number up to which changes of the words index are in them; -1 for nothing.
    definitions_of: the state of the documents that the acronyms are of; empty for none.
    """

    segments: tuple[WordsSegment, ...]
    checkpoint: int
    definitions_of: str


class Mirror:
    """The words of one words index. Threads may share it: what `state` gives stays as it is.

    mirror = Mirror(MirrorFolder.of(address, uuid))
    mirror.take(rows_changed_since(mirror.state.checkpoint), newest_checkpoint, doc_count)
    collection = WordsCollection(facts, mirror.state.segments, counts)
    """

    def __init__(self, folder: MirrorFolder) -> None:
        """Opens what a folder has of it."""
        self._folder = folder
        self.directory = "" if folder.path is None else os.fspath(folder.path)
        self._changing = Lock()
        self._words: list[WordsSegment] = []
        behind = ""
        for number in range(_MOST_SEGMENTS):
            segment = folder.open(str(number))
            if segment is None or segment.noted.get("behind") != behind or not _is_whole(segment):
                break
            self._words.append(segment)
            behind = segment.noted["serial"]
        self._checkpoint: int = self._words[-1].noted["checkpoint"] if self._words else -1
        self._defined = folder.open(_DEFINITIONS) if self._words else None
        self.state = self._now()

    def _now(self) -> MirrorState:
        defined = [] if self._defined is None else [self._defined]
        definitions_of = "" if self._defined is None else str(self._defined.noted.get("definitions_of", ""))
        return MirrorState((*self._words, *defined), self._checkpoint, definitions_of)

    def take(self, rows: Iterable[Word], checkpoint: int, doc_count: int) -> bool:
        """Take changes of the words index: its rows as they are now. Returns whether the segments are others than before.

        Parameters:
          rows: those that have changed since the checkpoint of the state, in the order of their changes. All rows, if the
            checkpoint is -1. A row may be as it was.
          checkpoint: the sequence number of the last of them.
          doc_count: documents of the index.

        Raises OSError if the segment can be written nowhere.
        """
        newest = {row.form: row if row.docs > 0 else row._replace(docs=1) for row in rows}
        with self._changing:
            kept = len(self._words)
            is_more = not self._words
            for row in newest.values() if self._words else ():
                docs = [segment.docs_of_form(row.form) for segment in self._words]
                known = sum(docs)
                is_more = is_more or row.docs > known
                if row.docs * _MUCH_FEWER < known:
                    kept = min(kept, next(place for place, count in enumerate(docs) if count))
            if not is_more and 0 < kept == len(self._words) and len(newest) < _WORTH_NOTING:
                self._checkpoint = max(checkpoint, self._checkpoint)
                self.state = self._now()
                return False
            words = self._words[:kept]
            last = _sums(self._words[kept:], ()) | newest
            if words:
                for form, row in newest.items():
                    last[form] = row._replace(docs=row.docs - sum(segment.docs_of_form(form) for segment in words))
            more = [row for row in last.values() if row.docs > 0]
            while words and (len(words) >= _MOST_SEGMENTS or len(words[-1].forms) <= _MUCH_LARGER * len(more)):
                more = list(_sums([words.pop()], more).values())
            self._write(words, more, max(checkpoint, self._checkpoint), doc_count)
            return True

    def _write(self, before: Sequence[WordsSegment], rows: Iterable[Word], checkpoint: int, doc_count: int) -> None:
        """Make rows the segment behind some others, in the place of all there was behind these."""
        noted = {
            "serial": secrets.token_hex(8),
            "behind": before[-1].noted["serial"] if before else "",
            "checkpoint": checkpoint,
        }
        segment = self._folder.write(str(len(before)), rows, {}, doc_count, noted)
        for number in range(len(before) + 1, _MOST_SEGMENTS):
            self._folder.remove(str(number))
        if not before:
            self._folder.remove_others()
        self._words = [*before, segment]
        self._checkpoint = checkpoint
        self.state = self._now()

    def take_definitions(self, definitions: Mapping[str, int], definitions_of: str) -> None:
        """Take the acronyms that documents define, in the place of those before.

        Parameters:
          definitions: acronym and long form with a tab between -> how many documents define it so.
          definitions_of: names the state of the documents; it is kept as `MirrorState.definitions_of`.

        Raises OSError if they can be written nowhere.
        """
        with self._changing:
            noted = {"definitions_of": definitions_of}
            self._defined = self._folder.write(_DEFINITIONS, (), definitions, 0, noted)
            self.state = self._now()

    def forget_if_damaged(self) -> bool:
        """Read all files, and forget all if one is damaged. Returns whether that was so."""
        try:
            for segment in self.state.segments:
                segment.container.verify()
        except IndexDamaged:
            self.forget()
            return True
        return False

    def forget(self) -> None:
        """Forget all, in the folder too: it was damaged, or is of no use any more."""
        with self._changing:
            for number in range(_MOST_SEGMENTS):
                self._folder.remove(str(number))
            self._folder.remove(_DEFINITIONS)
            self._words, self._checkpoint, self._defined = [], -1, None
            self.state = self._now()


def _is_whole(segment: WordsSegment) -> bool:
    """Whether a segment says what one of a mirror says."""
    return type(segment.noted.get("serial")) is str and type(segment.noted.get("checkpoint")) is int


def _sums(segments: Iterable[WordsSegment], more: Iterable[Word]) -> dict[str, Word]:
    """The rows of segments, and further ones, by form, with the sums of their documents."""
    found: dict[str, Word] = {}
    for rows in (*(segment.rows() for segment in segments), more):
        for row in rows:
            same = found.get(row.form)
            found[row.form] = row if same is None else row._replace(docs=row.docs + same.docs)
    return found
