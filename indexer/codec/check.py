"""Checks that the sections of a segment fit together, in array operations over all of them.

A checksum shows that a file is as it was written. These checks show that it was written correctly.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import NaidiError
from ..file_facts import DATE_SOURCES, LATEST_MTIME
from ..late import np
from .container import Array
from .form_tags import read_tags, tag_widths
from .posting_codes import BLOCK_POSTINGS, position_starts
from .ragged import Indices, invert_rows, lengths_of, starts_of, value_indices
from .sections import ROWS, check_header, slot_count
from .segment import Segment
from .strings import StringTable

if TYPE_CHECKING:
    from .column_file import ColumnFile

# Sections of numbers -> the sections that have one value for each numbered thing.
_NUMBERS = {
    "form_keys": "keys.ends",
    "form_stems": "stems.ends",
    "key_forms": "forms.ends",
    "stem_forms": "forms.ends",
    "key_lists": "lists.ends",
    "skeletons.keys": "keys.ends",
    "acronyms.pairs": "acronyms.ends",
    "acronyms.docs": "ids.docs",
    "lists.docs": "ids.docs",
    "exact.rows": "lists.docs",
    "blocks.lists": "stems.ends",
    "far.tokens": "positions",
}
_ASCENDING = ("exact.rows", "blocks.lists", "far.tokens")

# Tags are checked for some stems at a time, with about this many tokens together.
_CHUNK_TOKENS = 1_000_000


def verify_segment(segment: Segment) -> None:
    """Read every byte of a segment and check that its sections fit together. Raises IndexDamaged if anything is wrong."""
    segment.container.verify()
    check_structure(segment)


def verify_file(file: Segment | ColumnFile) -> None:
    """The same for a segment or its columns."""
    if isinstance(file, Segment):
        verify_segment(file)
    else:
        file.verify()


@contextmanager
def blame(files: Iterable[Segment | ColumnFile]) -> Iterator[None]:
    """Tell an unexpected error as IndexDamaged if one of the files is damaged.

    An unexpected error may come from damaged files or from a bug. So the files are verified first. If all are sound, the error
    is raised as it is. Errors of naidi and of the system are always raised as they are.
    """
    try:
        yield
    except Exception as error:
        blame_damage(error, files)
        raise


def blame_damage(error: BaseException, files: Iterable[Segment | ColumnFile]) -> None:
    """Raise IndexDamaged if an error is unexpected and one of the files is damaged; see `blame`."""
    if isinstance(error, Exception) and not isinstance(error, (NaidiError, OSError, MemoryError)):
        for file in files:
            verify_file(file)  # raises IndexDamaged


def check_structure(segment: Segment) -> None:
    """Raises IndexDamaged if sections contradict each other."""
    try:
        for wrong in _contradictions(segment):
            raise segment.container.damaged(wrong)
    except (IndexError, ValueError) as error:
        raise segment.container.damaged(str(error)) from error


def _contradictions(segment: Segment) -> Iterator[str]:
    """Yields the contradictions found. A check may rely on those before it, so only the first is certain."""
    container = segment.container
    check_header(container)
    for ends, values in ROWS.items():
        if not _divides(container[ends], len(container[values])):
            yield f"section {ends}: not the rows of {values}"
    for numbers, counted in _NUMBERS.items():
        if len(container[numbers]) and int(container[numbers].max()) >= len(container[counted]):
            yield f"section {numbers}: a number too great"
    if len(container["form_keys.common"]) != -(-len(container["form_keys"]) // 8):
        yield "section form_keys.common: not a bit for each key of a form"
    for name in _ASCENDING:
        if not _ascends(container[name]):
            yield f"section {name}: not ascending"
    yield from _lexicon(segment)
    yield from _documents(segment)
    yield from _pieces(segment)
    yield from _blocks(segment)
    yield from _lists(segment)
    yield from _places(segment)
    yield from _block_offsets(segment)


def _divides(ends: Array, count: int) -> bool:
    return bool((ends[1:] >= ends[:-1]).all()) and (int(ends[-1]) if len(ends) else 0) == count


def _ascends(values: Array) -> bool:
    return bool((values[1:] > values[:-1]).all())


def _rises(values: Array) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _lexicon(segment: Segment) -> Iterator[str]:
    for name, table in (
        ("forms", segment.forms),
        ("keys", segment.keys),
        ("stems", segment.stems),
        ("ids", segment.ids),
    ):
        if any(left >= right for left, right in pairwise(table)):
            yield f"{name} are not sorted"
        yield from _slots(name, table, segment.container[f"{name}.slots"])
    container = segment.container
    one_each = np.arange(1, len(segment.forms) + 1, dtype=np.uint64)
    for name, ends, values, count in (
        ("key_forms", container["form_keys.ends"], container["form_keys"], len(segment.keys)),
        ("stem_forms", one_each, container["form_stems"], len(segment.stems)),
    ):
        turned = invert_rows(ends, values, count)
        if (turned[0] != container[f"{name}.ends"]).any() or (turned[1] != container[name]).any():
            yield f"section {name}: not the forms that say so"
    for name in ("skeletons.hashes", "acronyms.pairs"):
        if not _rises(container[name]):
            yield f"section {name}: not ascending"


def _slots(name: str, table: StringTable, slots: Array) -> Iterator[str]:
    """Each string is in its slot, or behind it with no free one between."""
    taken = np.flatnonzero(slots)
    numbers = slots[taken].astype(np.int64) - 1
    if len(numbers) != len(table) or (np.sort(numbers) != np.arange(len(table))).any():
        yield f"section {name}.slots: not each of them once"
        return
    hashes = np.fromiter((zlib.crc32(table.raw(n) + b"\n") for n in range(len(table))), np.int64, len(table))
    wanted = hashes[numbers] % slot_count(len(table))
    free = np.cumsum(slots == 0)
    if slots[-1] or (wanted > taken).any() or (free[wanted] != free[taken]).any() or not slots[wanted].all():
        yield f"section {name}.slots: a string is not where it is looked for"


def _documents(segment: Segment) -> Iterator[str]:
    container = segment.container
    if segment.doc_count != len(segment.id_docs):
        yield "document counts differ"
    if (segment.id_docs[segment.id_ranks] != np.arange(segment.doc_count)).any():
        yield "section ids.ranks: not the order of the ids"
    if segment.doc_count and int(segment.languages.max()) >= len(segment.language_names):
        yield "section docs.languages: a number too great"
    if ((segment.dates < 0) | (segment.dates > datetime.date.max.toordinal())).any():
        yield "section docs.dates: no such day"
    lengths = segment.title_lengths, segment.body_lengths, segment.keyword_lengths
    if (segment.doc_starts != position_starts(*lengths)).any():
        yield "section docs.starts: not what the lengths make"
    if int(segment.mtimes.max(initial=0)) > LATEST_MTIME:
        yield "section docs.mtimes: no such time"
    if int(segment.date_sources.max(initial=0)) >= len(DATE_SOURCES):
        yield "section docs.date_sources: a number too great"
    if ((segment.date_sources > 0) != (segment.dates > 0)).any():
        yield "section docs.date_sources: not of the dates that there are"
    tokens = sum(int(column.sum(dtype=np.int64)) for column in lengths)
    if not segment.token_count == tokens == len(container["positions"]):
        yield "token counts differ"


def _pieces(segment: Segment) -> Iterator[str]:
    """The pieces of a text end one after another, the last one with the body."""
    container = segment.container
    spans = segment.container["texts.span"].astype(np.int64)
    long = np.flatnonzero(spans > 1)
    tokens, ends = segment.container["pieces.tokens"], np.cumsum(spans[long])
    if len(tokens) != (int(ends[-1]) if len(ends) else 0):
        yield "section pieces.tokens: not one for each piece"
        return
    rises = tokens[1:] >= tokens[:-1]
    rises[ends[:-1] - 1] = True
    if not rises.all() or (tokens[ends - 1] != segment.body_lengths[long]).any():
        yield "section pieces.tokens: not the ends of pieces"
    for name in ("pieces.chars", "pieces.lines") if container.version > 3 else ():
        rises = container[name][1:] >= container[name][:-1]
        rises[ends[:-1] - 1] = True
        if not rises.all():
            yield f"section {name}: not the ends of pieces"
    if container.version > 3 and (container["pieces.lines"] > container["pieces.chars"]).any():
        yield "section pieces.lines: more than there are characters"


def _blocks(segment: Segment) -> Iterator[str]:
    """Each blob is in blocks that are there."""
    container = segment.container
    for name in ("records", "texts"):
        blocks = container[f"{name}.block"].astype(np.int64) + container[f"{name}.span"]
        if (blocks[container[f"{name}.size"] > 0] > len(container[f"{name}.ends"])).any():
            yield f"section {name}.block: a number too great"


def _lists(segment: Segment) -> Iterator[str]:
    """Every list has documents, ascending."""
    docs, ends = segment.list_docs, segment.list_ends
    rises = docs[1:] > docs[:-1]
    rises[ends[:-1].astype(np.int64) - 1] = True
    if not rises.all() or not _ascends(ends) or (len(ends) and not ends[0]):
        yield "section lists.docs: documents of a list do not ascend"
    stem_rows = int(ends[len(segment.stems) - 1]) if len(segment.stems) else 0
    if (segment.container["exact.rows"] >= stem_rows).any():
        yield "section exact.rows: not of a stem"


def _places(segment: Segment) -> Iterator[str]:
    """The postings of every stem have as many occurrences as it has positions."""
    container, stem_count = segment.container, len(segment.stems)
    if not stem_count:
        return
    ends = segment.list_ends[:stem_count]
    place_counts = lengths_of(container["places.ends"])
    if (_occurrences(segment, starts_of(ends), lengths_of(ends)) != place_counts).any():
        yield "section places.ends: not as many as there are occurrences"
    form_counts = lengths_of(container["stem_forms.ends"])
    widths = tag_widths(form_counts)
    tag_ends = container["tags.ends"]
    if (lengths_of(tag_ends) != place_counts * widths).any() or len(container["tags"]) != -(-int(tag_ends[-1]) // 2):
        yield "section tags: not one for each token of a stem with several forms"
        return
    tagged = np.flatnonzero(widths)
    chunks = np.cumsum(place_counts[tagged]) // _CHUNK_TOKENS
    for stems in np.split(tagged, np.flatnonzero(np.diff(chunks)) + 1):
        counts = place_counts[stems]
        token_widths = np.repeat(widths[stems], counts)
        starts = value_indices(np.zeros(len(stems), np.int64), counts) * token_widths
        tags = read_tags(container["tags"], starts + np.repeat(starts_of(tag_ends)[stems], counts), token_widths)
        if (tags >= np.repeat(form_counts[stems], counts)).any():
            yield "section tags: a stem has no such form"


def _block_offsets(segment: Segment) -> Iterator[str]:
    """A long list of a stem has blocks, and each says how many tokens lie before it in the list."""
    container, stem_count = segment.container, len(segment.stems)
    ends = segment.list_ends[:stem_count]
    sizes = lengths_of(ends)
    counts = -(-sizes // BLOCK_POSTINGS)
    has_blocks = sizes > BLOCK_POSTINGS
    if not np.array_equal(container["blocks.lists"], np.flatnonzero(has_blocks)):
        yield "section blocks.lists: not the long lists"
        return
    if not np.array_equal(lengths_of(container["blocks.ends"]), counts[has_blocks]):
        yield "section blocks.ends: not the blocks of the lists"
        return
    if not has_blocks.any():
        return
    counts[~has_blocks] = 1
    places = value_indices(np.zeros(stem_count, np.int64), counts)
    starts = np.repeat(starts_of(ends), counts) + places * BLOCK_POSTINGS
    tokens = _occurrences(segment, starts, np.diff(starts, append=int(ends[-1])))
    before = np.cumsum(tokens) - tokens
    offsets = before - np.repeat(before[places == 0], counts)
    if (container["blocks.offsets"] != offsets[np.repeat(has_blocks, counts)]).any():
        yield "section blocks.offsets: not as many tokens as lie before the block"


def _occurrences(segment: Segment, starts: Indices, sizes: Indices) -> Indices:
    """How often the stem of each of these lists occurs in all its documents."""
    container = segment.container
    codes = segment.list_codes[: int(sizes.sum())] & 63
    totals = np.add.reduceat(codes, starts, dtype=np.int64) + sizes
    rows = container["exact.rows"].astype(np.int64)
    owners = np.searchsorted(starts, rows, side="right") - 1
    np.add.at(totals, owners, container["exact.freqs"].astype(np.int64) - codes[rows] - 1)
    return totals
