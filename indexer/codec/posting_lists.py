"""Which posting lists does a segment keep, and which of them answers a stem or a key?

List s is that of stem s: the postings of its forms added up. Then follow the lists of keys, so that a query word costs one list
however many forms it has. A key whose forms are all and only those of a stem shares the list of that stem. Forms have no lists:
what stands in a document is told by the places of their stem.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .container import Array
from .ragged import Indices, lengths_of, starts_of


class ListNumbers(NamedTuple):
    """list_count: lists in all. key_lists: the list of each key. keys: those with a list of their own, ascending; their lists are
    stem_count, stem_count + 1, ... in this order."""

    stem_count: int
    list_count: int
    key_lists: Indices
    keys: Indices


def number_lists(form_stems: Array, stem_form_ends: Array, key_form_ends: Array, key_forms: Array) -> ListNumbers:
    """The lists of a lexicon: the stem of each form, where the forms of each stem end, the forms of each key, ascending; every
    stem and key has a form."""
    stem_sizes, key_sizes = lengths_of(stem_form_ends), lengths_of(key_form_ends)
    key_lists = np.zeros(len(key_sizes), np.int64)
    shared = np.zeros(len(key_sizes), bool)
    if len(key_sizes):
        starts = starts_of(key_form_ends)
        stems = form_stems[key_forms].astype(np.int64)
        lowest, highest = np.minimum.reduceat(stems, starts), np.maximum.reduceat(stems, starts)
        # All its forms have one stem, and that has no others.
        shared = (lowest == highest) & (stem_sizes[lowest] == key_sizes)
        key_lists[shared] = lowest[shared]
    keys = np.flatnonzero(~shared)
    key_lists[keys] = len(stem_sizes) + np.arange(len(keys))
    return ListNumbers(len(stem_sizes), len(stem_sizes) + len(keys), key_lists, keys)


def form_ranks(stem_form_ends: Array, stem_forms: Array) -> Indices:
    """The place of each form among the forms of its stem."""
    ranks = np.empty(len(stem_forms), np.int64)
    ranks[stem_forms] = np.arange(len(stem_forms)) - np.repeat(starts_of(stem_form_ends), lengths_of(stem_form_ends))
    return ranks
