"""Writes the sections of a segment file. Lexicon and columns are written whole, postings and positions chunk by chunk.

`docs/format.md` says what each section is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..analysis.skeleton import lexicon_hashes
from .container import Array, ContainerWriter, narrowest, narrowest_dtype
from .form_tags import pack_halves, pack_tags, tag_widths
from .lines import Lines
from .posting_codes import BLOCK_POSTINGS, Codes, freqs_of, position_starts
from .posting_lists import ListNumbers, number_lists
from .ragged import Indices, invert_rows, lengths_of
from .sections import PACKED, put_numbers
from .strings import string_sections

_LOW_BITS = 0xFFFF
_TOKENS_AT_ONCE = 250_000  # tokens whose positions are packed at once, to save memory
_POSTINGS_AT_ONCE = 250_000  # postings whose tokens are counted at once


class Lexicon(NamedTuple):
    """The words of a segment.

    forms, keys, stems: sorted. Each has a token in the segment.
    form_key_ends, form_keys: the keys of each form, best first.
    form_stems: the stem of each form.
    common: for each of form_keys, 1 if a dictionary has the key as a lemma of the form, and not only as a name or an
      abbreviation (uint8).
    key_forms, stem_forms: (ends, forms) of the keys and the stems; forms ascend.
    numbers: the numbers of the posting lists.
    """

    forms: Sequence[str] | Lines
    keys: Sequence[str] | Lines
    stems: Sequence[str] | Lines
    form_key_ends: Array
    form_keys: Array
    form_stems: Array
    common: Array
    key_forms: tuple[Array, Array]
    stem_forms: tuple[Array, Array]
    numbers: ListNumbers


def make_lexicon(
    forms: Sequence[str] | Lines,
    keys: Sequence[str] | Lines,
    stems: Sequence[str] | Lines,
    form_key_ends: Array,
    form_keys: Array,
    form_stems: Array,
    common: Array,
) -> Lexicon:
    """The lexicon. `key_forms`, `stem_forms` and `numbers` follow from the rest."""
    key_forms = invert_rows(form_key_ends, form_keys, len(keys))
    stem_forms = invert_rows(np.arange(1, len(forms) + 1, dtype=np.uint64), form_stems, len(stems))
    numbers = number_lists(form_stems, stem_forms[0], *key_forms)
    return Lexicon(forms, keys, stems, form_key_ends, form_keys, form_stems, common, key_forms, stem_forms, numbers)


def put_lexicon(file: ContainerWriter, lexicon: Lexicon) -> None:
    """Write the sections of a lexicon."""
    for name, strings in (("forms", lexicon.forms), ("keys", lexicon.keys), ("stems", lexicon.stems)):
        for section, array in string_sections(name, strings, hashed=True).items():
            put_numbers(file, section, array)
            if section == "keys.bytes":
                _put_skeletons(file, array)
    file.put("form_keys.common", np.packbits(lexicon.common.astype(bool)))
    for section, array in {
        "form_keys.ends": lexicon.form_key_ends,
        "form_keys": lexicon.form_keys,
        "form_stems": lexicon.form_stems,
        "key_forms.ends": lexicon.key_forms[0],
        "key_forms": lexicon.key_forms[1],
        "stem_forms.ends": lexicon.stem_forms[0],
        "stem_forms": lexicon.stem_forms[1],
        "key_lists": lexicon.numbers.key_lists,
    }.items():
        put_numbers(file, section, array)


def _put_skeletons(file: ContainerWriter, lines: Array) -> None:
    """lines: the bytes of the keys, a line each."""
    hashes = lexicon_hashes(lines.tobytes())
    order = np.argsort(hashes, kind="stable")
    order = order[np.count_nonzero(hashes == 0) :]
    put_numbers(file, "skeletons.hashes", hashes[order])
    put_numbers(file, "skeletons.keys", order)


def put_acronyms(file: ContainerWriter, definitions: Iterable[tuple[int, str]]) -> None:
    """Write the sections of acronyms.

    definitions: (document, acronym and long form with a tab between), in any order.
    """
    rows = sorted({(pair, doc) for doc, pair in definitions})
    pairs = sorted({pair for pair, _ in rows})
    numbers = dict(zip(pairs, range(len(pairs)), strict=True))
    for section, array in string_sections("acronyms", pairs).items():
        file.put(section, array)
    file.put("acronyms.pairs", narrowest(np.array([numbers[pair] for pair, _ in rows], np.int64)))
    file.put("acronyms.docs", narrowest(np.array([doc for _, doc in rows], np.int64)))


class Columns(NamedTuple):
    """One value a document.

    ids: the ids.
    titles: strings; or (their UTF-8 bytes, with a line feed behind each; how many bytes each takes).
    synced: 1 for a document from a synced folder, else 0.
    dates: proleptic Gregorian ordinals, 0 for unknown.
    language_codes: numbers of languages.
    title_lengths, body_lengths, keyword_lengths: numbers of tokens.
    file_sizes, mtimes: bytes, and seconds since 1970; -1 for unknown.
    date_sources: numbers in `file_facts.DATE_SOURCES`.
    """

    ids: Sequence[str]
    titles: Sequence[str] | tuple[bytes, Array]
    synced: Array
    dates: Array
    language_codes: Array
    title_lengths: Array
    body_lengths: Array
    keyword_lengths: Array
    file_sizes: Array
    mtimes: Array
    date_sources: Array


def put_columns(file: ContainerWriter, columns: Columns) -> None:
    """Write the columns of documents. Records and texts are stored in blocks, by `stored`."""
    ids = columns.ids
    id_order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.uint32)
    id_ranks = np.empty(len(ids), np.uint32)
    id_ranks[id_order] = np.arange(len(ids), dtype=np.uint32)
    for section, array in string_sections("ids", [ids[number] for number in id_order.tolist()], hashed=True).items():
        file.put(section, array)
    if isinstance(columns.titles, tuple):
        data, lengths = columns.titles
        file.put("titles.bytes", np.frombuffer(data, np.uint8))
        file.put("titles.ends", narrowest(lengths.cumsum()))
    else:
        for section, array in string_sections("titles", columns.titles).items():
            file.put(section, array)
    file.put("ids.docs", narrowest(id_order))
    file.put("ids.ranks", narrowest(id_ranks))
    file.put("docs.synced", columns.synced.astype(np.uint8))
    file.put("docs.dates", columns.dates.astype(np.int32))
    file.put("docs.languages", columns.language_codes.astype(np.uint8))
    file.put("docs.title_lengths", narrowest(columns.title_lengths))
    file.put("docs.body_lengths", narrowest(columns.body_lengths))
    file.put("docs.keyword_lengths", narrowest(columns.keyword_lengths))
    file.put("docs.sizes", narrowest(columns.file_sizes + 1))
    file.put("docs.mtimes", narrowest(columns.mtimes + 1))
    file.put("docs.date_sources", columns.date_sources.astype(np.uint8))
    starts = position_starts(columns.title_lengths, columns.body_lengths, columns.keyword_lengths)
    file.put("docs.starts", narrowest(starts))


class PieceEnds(NamedTuple):
    """For each piece of a text in pieces, one text after another: how much of its text ends with it.

    tokens, chars, lines: tokens, code points and line feeds of the body.
    """

    tokens: Array
    chars: Array
    lines: Array


def put_pieces(file: ContainerWriter, pieces: PieceEnds) -> None:
    """Write where the pieces of long texts end."""
    for name, values in pieces._asdict().items():
        file.put(f"pieces.{name}", narrowest(values))


class ExactFreqs(NamedTuple):
    """Postings whose frequencies do not fit into a code: rows (ascending), occurrences in all, occurrences in the title."""

    rows: Indices
    freqs: Indices
    title_freqs: Indices


def _tokens_before(rows: Indices, codes: Codes, exact: ExactFreqs) -> Indices:
    """How many tokens the postings before each of `rows` (ascending) have together."""
    before = np.zeros(len(rows), np.int64)
    total = 0
    for start in range(0, len(codes), _POSTINGS_AT_ONCE):
        freqs = freqs_of(codes[start : start + _POSTINGS_AT_ONCE])
        behind = start + len(freqs)
        first, last = np.searchsorted(exact.rows, (start, behind))
        freqs[exact.rows[first:last] - start] = exact.freqs[first:last]
        sums = np.concatenate(([0], np.cumsum(freqs, dtype=np.int64)))
        first, last = np.searchsorted(rows, (start, behind))
        before[first:last] = total + sums[rows[first:last] - start]
        total += int(sums[-1])
    return before


class PostingSections:
    """Writes posting lists in the order of their numbers, a chunk of whole lists at a time."""

    def __init__(self, file: ContainerWriter, doc_count: int, numbers: ListNumbers, ends: Indices) -> None:
        """ends: where each list ends."""
        self._file = file
        self._stem_count = numbers.stem_count
        self._ends = ends
        self._starts = np.concatenate(([0], ends)).astype(np.int64)
        count = int(ends[-1]) if len(ends) else 0
        put_numbers(file, "lists.ends", ends)
        file.declare("lists.docs", narrowest_dtype(max(doc_count - 1, 0)), count)
        file.declare("lists.codes", np.uint8, count)
        self._exact: list[ExactFreqs] = []
        self._blocks: list[tuple[Indices, Indices, Indices]] = []

    def add(self, first: int, last: int, docs: Array, codes: Codes, exact: ExactFreqs) -> None:
        """Write the lists first .. last - 1. Rows of `exact` count from the first posting of the chunk."""
        base = int(self._starts[first])
        self._file.write("lists.docs", base, docs)
        self._file.write("lists.codes", base, codes)
        self._exact.append(exact._replace(rows=exact.rows + base))
        starts = self._starts[first : last + 1] - base
        sizes = np.diff(starts)
        self._add_blocks(first, starts, sizes, codes, exact)

    def _add_blocks(self, first: int, starts: Indices, sizes: Indices, codes: Codes, exact: ExactFreqs) -> None:
        """Note, for lists of stems, how many tokens lie before every BLOCK_POSTINGS-th posting."""
        chosen = np.flatnonzero(sizes[: max(self._stem_count - first, 0)] > BLOCK_POSTINGS)
        if not len(chosen):
            return
        counts = -(-sizes[chosen] // BLOCK_POSTINGS)
        owners = np.repeat(np.arange(len(chosen)), counts)
        block = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        begins = starts[chosen]
        before = _tokens_before(begins[owners] + block * BLOCK_POSTINGS, codes, exact)
        offsets = before - np.repeat(before[block == 0], counts)
        self._blocks.append((first + chosen, counts, offsets))

    def finish(self) -> None:
        """Write exact frequencies and blocks. Call it once, after the last list."""
        file, nothing = self._file, np.zeros(0, np.int64)
        rows, freqs, title_freqs = (
            np.concatenate(parts) for parts in zip(*self._exact, (nothing, nothing, nothing), strict=True)
        )
        # As wide as any row needs: look-ups convert rows to this dtype.
        file.put("exact.rows", rows.astype(narrowest_dtype(int(self._starts[-1]))))
        file.put("exact.freqs", narrowest(freqs))
        file.put("exact.title_freqs", narrowest(title_freqs))
        blocks = list(zip(*self._blocks, strict=True)) or [(nothing,)] * 3
        lists, counts, offsets = (np.concatenate(parts) for parts in blocks)
        file.put("blocks.lists", narrowest(lists))
        file.put("blocks.ends", narrowest(np.cumsum(counts)))
        put_numbers(file, "blocks.offsets", offsets)


def segment_meta(columns: Columns, languages: Sequence[str], text_bytes: int) -> dict[str, Any]:
    """The meta data in the header of a segment."""
    lengths = (columns.title_lengths, columns.body_lengths, columns.keyword_lengths)
    tokens = sum(int(column.sum(dtype=np.int64)) for column in lengths)
    return {
        "doc_count": len(columns.ids),
        "token_count": tokens,
        "text_bytes": text_bytes,
        "languages": list(languages),
    }


class PositionSections:
    """Writes positions and tags in the order of stems, a chunk of whole stems at a time."""

    def __init__(self, file: ContainerWriter, sizes: Indices, lexicon: Lexicon) -> None:
        """sizes: how many tokens each stem has."""
        self._file = file
        self._sizes = sizes
        self._widths = tag_widths(lengths_of(lexicon.stem_forms[0]))
        ends = np.cumsum(sizes)
        tag_ends = np.cumsum(sizes * self._widths)
        self._starts = np.concatenate(([0], ends)).astype(np.int64)
        put_numbers(file, "places.ends", ends)
        put_numbers(file, "tags.ends", tag_ends)
        file.declare("tags", np.uint8, -(-int(tag_ends[-1]) // 2) if len(tag_ends) else 0)
        self._positions = file.open_packed("positions", PACKED["positions"])
        self._tag_bytes = 0
        self._odd_half = np.zeros(0, np.uint8)
        self._high = 0
        self._far: list[tuple[Indices, Indices]] = []

    def add(self, first: int, last: int, positions: Array, tags: Array) -> None:
        """Write the tokens of stems first .. last - 1: their positions in the document, and which form of the stem each is."""
        base = int(self._starts[first])
        widths = np.repeat(self._widths[first:last].astype(np.uint8), self._sizes[first:last])
        for start in range(0, len(positions), _TOKENS_AT_ONCE):
            part = slice(start, start + _TOKENS_AT_ONCE)
            self._add_some(base + start, positions[part], tags[part], widths[part])

    def _add_some(self, base: int, positions: Array, tags: Array, widths: Array) -> None:
        """Write some neighbouring tokens, from number `base` on. widths: half bytes of the tag of each."""
        self._positions.add(positions & _LOW_BITS)
        tagged = widths.nonzero()[0]
        self._add_halves(pack_tags(tags[tagged], widths[tagged].astype(np.int64)))
        highs = positions >> 16
        changes = np.flatnonzero(np.diff(highs, prepend=highs.dtype.type(self._high)))
        self._far.append((changes + base, highs[changes].astype(np.int64)))
        self._high = int(highs[-1])

    def _add_halves(self, halves: npt.NDArray[np.uint8]) -> None:
        halves = np.concatenate((self._odd_half, halves))
        even = len(halves) // 2 * 2
        packed = pack_halves(halves[:even])
        self._file.write("tags", self._tag_bytes, packed)
        self._tag_bytes += len(packed)
        self._odd_half = halves[even:]

    def finish(self) -> None:
        """Write the upper halves of positions above 16 bits. Each upper half holds from its token on."""
        self._add_halves(np.zeros(len(self._odd_half), np.uint8))
        self._positions.close()
        nothing = np.zeros(0, np.int64)
        tokens, highs = (np.concatenate(parts) for parts in zip((nothing, nothing), *self._far, strict=True))
        if len(tokens) and tokens[0]:
            tokens, highs = np.concatenate(([0], tokens)), np.concatenate(([0], highs))
        self._file.put("far.tokens", tokens.astype(narrowest_dtype(int(self._starts[-1]))))
        self._file.put("far.highs", narrowest(highs))
