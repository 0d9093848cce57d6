"""Numbers the posting lists of a segment: one for each stem, then one for each key that needs its own.

A list holds the sum of the postings of all its forms. So a query word costs one list, however many forms it has. List s
belongs to stem s. A key with exactly the forms of one stem shares the list of that stem. Forms have no lists: their
postings are worked out from the positions and tags of their stem.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .container import Array
from .ragged import Indices, lengths_of, starts_of


class ListNumbers(NamedTuple):
    """The numbers of posting lists.

    stem_count: how many stems there are.
    list_count: how many lists there are.
    key_lists: the list of each key.
    keys: the keys with a list of their own, ascending. Their lists are stem_count, stem_count + 1, ... in this order.
    """

    stem_count: int
    list_count: int
    key_lists: Indices
    keys: Indices


def number_lists(form_stems: Array, stem_form_ends: Array, key_form_ends: Array, key_forms: Array) -> ListNumbers:
    """The posting lists of a lexicon. Every stem and every key must have a form.

    form_stems: the stem of each form.
    stem_form_ends: where the forms of each stem end.
    key_form_ends, key_forms: the forms of each key, ascending.
    """
    stem_sizes, key_sizes = lengths_of(stem_form_ends), lengths_of(key_form_ends)
    key_lists = np.zeros(len(key_sizes), np.int64)
    shared = np.zeros(len(key_sizes), bool)
    if len(key_sizes):
        starts = starts_of(key_form_ends)
        stems = form_stems[key_forms].astype(np.int64)
        lowest, highest = np.minimum.reduceat(stems, starts), np.maximum.reduceat(stems, starts)
        # All forms of the key have one stem, and this stem has no other forms.
        shared = (lowest == highest) & (stem_sizes[lowest] == key_sizes)
        key_lists[shared] = lowest[shared]
    keys = np.flatnonzero(~shared)
    key_lists[keys] = len(stem_sizes) + np.arange(len(keys))
    return ListNumbers(len(stem_sizes), len(stem_sizes) + len(keys), key_lists, keys)


def form_ranks(stem_form_ends: Array, stem_forms: Array) -> Indices:
    """The rank of each form among the forms of its stem."""
    ranks = np.empty(len(stem_forms), np.int64)
    ranks[stem_forms] = np.arange(len(stem_forms)) - np.repeat(starts_of(stem_form_ends), lengths_of(stem_form_ends))
    return ranks
