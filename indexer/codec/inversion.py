"""Inverts the tokens of many documents into posting lists and positions, by the compiled core or in array operations.

Here tokens are sorted twice, each time as one array of 64-bit numbers whose lower half is the index of the token. The sort by
stem gives the posting lists of stems and the order of positions. The sort by form gives the postings of forms; those of
keys are sums of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .. import core
from .container import Array
from .posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ, POSITION_GAP, Codes, freqs_of, posting_codes, title_freqs_of
from .posting_lists import ListNumbers, form_ranks
from .ragged import invert_rows, lengths_of, starts_of, value_indices

Integers = npt.NDArray[np.int64]

_TOKENS_AT_ONCE = 1_000_000


class InvertedLists(NamedTuple):
    """Posting lists, one after another.

    ends: where each list ends.
    docs: the document id of each posting, ascending within a list.
    codes: the code of each posting.
    exact_rows: the postings whose frequencies do not fit into a code. Lists of keys have none: only their scores are read.
    exact_freqs, exact_title_freqs: the frequencies of these postings, in all and in the title.
    """

    ends: Integers
    docs: Array
    codes: Codes
    exact_rows: Integers
    exact_freqs: Integers
    exact_title_freqs: Integers


class InvertedPositions(NamedTuple):
    """The positions of tokens, stem by stem, document by document.

    sizes: how many tokens each stem has.
    positions: the position of each token in its document: the title from 0, POSITION_GAP empty positions, the body, as many
      empty ones, the keywords.
    tags: for each token, which form of its stem it is.
    """

    sizes: Integers
    positions: Array
    tags: Array


class Inversion(NamedTuple):
    """The result of `invert`."""

    lists: InvertedLists
    places: InvertedPositions


class _Tokens(NamedTuple):
    """For each token, in the order of the text: its document id, its position, whether it stands in the title."""

    docs: Array
    positions: Array
    in_title: Array


def _placed(title_lengths: Array, body_lengths: Array, keyword_lengths: Array) -> _Tokens:
    titles, bodies = title_lengths.astype(np.int64), body_lengths.astype(np.int64)
    lengths = titles + bodies + keyword_lengths
    docs = np.repeat(np.arange(len(titles), dtype=np.uint32), lengths)
    starts = np.cumsum(lengths) - lengths
    positions = np.arange(len(docs), dtype=np.uint32)
    positions -= np.repeat(starts.astype(np.uint32), lengths)
    in_title = positions < np.repeat(titles.astype(np.uint32), lengths)
    if keyword_lengths.any():
        positions[positions >= np.repeat((titles + bodies).astype(np.uint32), lengths)] += np.uint32(POSITION_GAP)
    positions[~in_title] += np.uint32(POSITION_GAP)
    return _Tokens(docs, positions, in_title)


class _Sorted(NamedTuple):
    """Postings, sorted by owner and document id. An owner is the number of a stem, form or key."""

    owners: Array
    docs: Array
    freqs: Array
    title_freqs: Array


def _postings(owners: Array, docs: Array, in_title: Array) -> _Sorted:
    """The postings of tokens that are sorted by owner and document."""
    count = len(owners)
    first = np.ones(count, bool)
    if count:
        np.not_equal(docs[1:], docs[:-1], out=first[1:])
        first[1:] |= owners[1:] != owners[:-1]
    heads = np.flatnonzero(first)
    titles = np.add.reduceat(in_title, heads, dtype=np.uint32) if count else np.zeros(0, np.uint32)
    return _Sorted(owners[heads], docs[heads], np.diff(heads, append=count).astype(np.uint32), titles)


def _sorted_by(owners: Array) -> tuple[Array, Array]:
    """(owner, index of the token) for all tokens, sorted by both."""
    packed = owners.astype(np.uint64) << np.uint64(32)
    packed |= np.arange(len(owners), dtype=np.uint32)
    packed.sort()
    order = packed.astype(np.uint32)
    packed >>= np.uint64(32)
    return packed.astype(np.uint32), order


def _summed(
    numbers: ListNumbers, forms: _Sorted, form_ends: Integers, key_form_ends: Array, key_forms: Array
) -> _Sorted:
    """The postings of the keys with lists of their own: sums over their forms. Owners count these keys from 0."""
    rows = value_indices(starts_of(key_form_ends)[numbers.keys], lengths_of(key_form_ends)[numbers.keys])
    summands = key_forms[rows].astype(np.int64)
    owners = np.repeat(np.arange(len(numbers.keys)), lengths_of(key_form_ends)[numbers.keys])
    sizes = lengths_of(form_ends)[summands]
    rows = value_indices(starts_of(form_ends)[summands], sizes)
    # 23 bits for the key, 32 for the document, 7 and 2 for the frequencies as far as a code holds them.
    packed = np.repeat(owners, sizes).astype(np.uint64) << np.uint64(32)
    packed |= forms.docs[rows]
    packed <<= np.uint64(9)
    packed |= np.minimum(forms.freqs, MAX_EXACT_FREQ)[rows] << np.uint32(2)
    packed |= np.minimum(forms.title_freqs, MAX_TITLE_FREQ)[rows]
    del rows
    packed.sort()
    freq_bits = packed.astype(np.uint16) & np.uint16(511)
    freqs, titles = (freq_bits >> 2).astype(np.uint32), (freq_bits & 3).astype(np.uint32)
    packed >>= np.uint64(9)
    heads = np.flatnonzero(np.diff(packed, prepend=np.uint64(2**64 - 1)) != 0)
    packed = packed[heads]
    if len(heads):
        freqs, titles = np.add.reduceat(freqs, heads), np.add.reduceat(titles, heads)
    return _Sorted((packed >> np.uint64(32)).astype(np.int64), packed.astype(np.uint32), freqs, titles)


def invert(
    tokens: Array,
    title_lengths: Array,
    body_lengths: Array,
    keyword_lengths: Array,
    form_stems: Array,
    stem_forms: tuple[Array, Array],
    key_forms: tuple[Array, Array],
    numbers: ListNumbers,
) -> Inversion:
    """Posting lists and positions of the tokens of many documents.

    Parameters:
      tokens: form numbers; in each document those of the title, then those of the body, then those of the keywords.
      title_lengths, body_lengths, keyword_lengths: how many tokens each document has.
      form_stems: the stem of each form.
      stem_forms, key_forms: (ends, forms) of the stems and the keys.
      numbers: the numbers of the posting lists.

    Raises OverflowError from 2**32 tokens or 2**23 keys with lists of their own on.
    """
    if len(tokens) >= 2**32 or len(numbers.keys) >= 2**23:
        raise OverflowError("too much for one segment")
    if core.is_used:
        lengths = (title_lengths, body_lengths, keyword_lengths)
        return _by_the_core(tokens, lengths, form_stems, form_ranks(*stem_forms), key_forms, numbers)
    columns = np.array((title_lengths, body_lengths, keyword_lengths), np.uint32)
    ranks = form_ranks(*stem_forms).astype(np.uint32)
    ends = np.cumsum(columns.sum(axis=0, dtype=np.int64))
    # Documents that begin within so many tokens are inverted at once, to save memory.
    cuts = np.searchsorted(ends, np.arange(_TOKENS_AT_ONCE, len(tokens), _TOKENS_AT_ONCE)).tolist()
    parts: list[tuple[int, Inversion]] = []
    for first, last in pairwise([0, *cuts, len(ends)]):
        if last > first or not parts:
            own = tokens[ends[first - 1] if first else 0 : ends[last - 1] if last else 0]
            parts.append((first, _inverted(own, columns[:, first:last], form_stems, ranks, key_forms, numbers)))
    return _joined(parts) if len(parts) > 1 else parts[0][1]


def _inverted(
    tokens: Array,
    lengths: Array,
    form_stems: Array,
    ranks: Array,
    key_forms: tuple[Array, Array],
    numbers: ListNumbers,
) -> Inversion:
    """`invert` in array operations. lengths: those of titles, bodies and keywords. ranks: of each form among those of its stem."""
    title_lengths, body_lengths, keyword_lengths = lengths
    placed = _placed(title_lengths, body_lengths, keyword_lengths)
    owners, order = _sorted_by(form_stems[tokens])
    stems = _postings(owners, placed.docs[order], placed.in_title[order])
    stem_sizes = np.bincount(stems.owners, minlength=numbers.stem_count)
    place_counts = np.bincount(owners, minlength=numbers.stem_count)
    places = InvertedPositions(place_counts, placed.positions[order], ranks[tokens[order]])
    docs_of_tokens, in_title = placed.docs, placed.in_title
    del owners, order, placed

    owners, order = _sorted_by(tokens)
    forms = _postings(owners, docs_of_tokens[order], in_title[order])
    del owners, order, docs_of_tokens, in_title
    form_ends = np.cumsum(np.bincount(forms.owners, minlength=len(form_stems)))
    keys = _summed(numbers, forms, form_ends, *key_forms)
    del forms

    docs = np.concatenate((stems.docs, keys.docs))
    freqs = np.concatenate((stems.freqs, keys.freqs))
    title_freqs = np.concatenate((stems.title_freqs, keys.title_freqs))
    key_sizes = np.bincount(keys.owners, minlength=len(numbers.keys))
    ends = np.cumsum(np.concatenate((stem_sizes, key_sizes)))
    codes = posting_codes(freqs, title_freqs, ((body_lengths > 0) | (keyword_lengths > 0))[docs])
    of_stems = codes[: len(stems.docs)]
    rows = np.flatnonzero((freqs_of(of_stems) >= MAX_EXACT_FREQ) | (title_freqs_of(of_stems) >= MAX_TITLE_FREQ))
    exact = freqs[rows].astype(np.int64), title_freqs[rows].astype(np.int64)
    return Inversion(InvertedLists(ends, docs, codes, rows, *exact), places)


def _joined(parts: Sequence[tuple[int, Inversion]]) -> Inversion:
    """The inversions of documents one behind another as one. Each comes with the number of its first document."""
    list_sizes = np.sum([lengths_of(part.lists.ends) for _, part in parts], axis=0)
    place_sizes = np.sum([part.places.sizes for _, part in parts], axis=0)
    list_ends = np.cumsum(list_sizes)
    next_rows, next_places = list_ends - list_sizes, np.cumsum(place_sizes) - place_sizes
    docs, codes = np.empty(list_sizes.sum(), np.uint32), np.empty(list_sizes.sum(), np.uint8)
    positions, tags = np.empty(place_sizes.sum(), np.uint32), np.empty(place_sizes.sum(), parts[0][1].places.tags.dtype)
    exact: list[tuple[Integers, Integers, Integers]] = []
    for first_doc, (lists, places) in parts:
        sizes = lengths_of(lists.ends)
        rows = value_indices(next_rows, sizes)
        docs[rows] = lists.docs + np.uint32(first_doc)
        codes[rows] = lists.codes
        exact.append((rows[lists.exact_rows], lists.exact_freqs, lists.exact_title_freqs))
        next_rows += sizes
        del rows
        rows = value_indices(next_places, places.sizes)
        positions[rows], tags[rows] = places.positions, places.tags
        next_places += places.sizes
    exact_rows, freqs, title_freqs = (np.concatenate(column) for column in zip(*exact, strict=True))
    order = np.argsort(exact_rows)
    found = InvertedLists(list_ends, docs, codes, exact_rows[order], freqs[order], title_freqs[order])
    return Inversion(found, InvertedPositions(place_sizes, positions, tags))


def _by_the_core(
    tokens: Array,
    lengths: tuple[Array, Array, Array],
    form_stems: Array,
    ranks: Array,
    key_forms: tuple[Array, Array],
    numbers: ListNumbers,
) -> Inversion:
    """The same by the core. ranks: the rank of each form among those of its stem."""
    from naidi._core import invert as core_invert

    # The lists of keys with a list of their own, for each form.
    starts, sizes = starts_of(key_forms[0])[numbers.keys], lengths_of(key_forms[0])[numbers.keys]
    row_ends, rows = invert_rows(np.cumsum(sizes), key_forms[1][value_indices(starts, sizes)], len(form_stems))
    columns = (tokens, *lengths, form_stems, ranks)
    own, titles, bodies, keywords, stems, tags = (np.ascontiguousarray(column, np.uint32) for column in columns)
    lists = rows + np.uint32(numbers.stem_count)
    counts = (numbers.stem_count, numbers.list_count)
    found = core_invert(own, titles, bodies, keywords, stems, tags, row_ends, lists, *counts)
    dtypes = (np.int64, np.uint32, np.uint8, np.int64, np.int64, np.int64, np.int64, np.uint32, np.uint16)
    list_sizes, docs, codes, *exact, place_counts, positions, token_tags = map(np.frombuffer, found, dtypes)
    places = InvertedPositions(place_counts, positions, token_tags)
    return Inversion(InvertedLists(np.cumsum(list_sizes), docs, codes, *exact), places)
