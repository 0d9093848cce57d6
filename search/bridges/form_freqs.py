"""Estimates how many documents have a form. Forms have no posting lists, so the tokens of the stem are sampled."""

from __future__ import annotations

from naidi.indexer.codec.ragged import row_bounds
from naidi.indexer.codec.segment import Segment

# How many tokens of a stem are sampled at most, evenly spread.
_TOKENS = 2_048


def doc_freq_of_form(segment: Segment, form: int) -> float:
    """About how many documents of the segment have the form (its number), deleted documents included.

    The estimate is the number of documents with its stem, times the share of the form in the tokens of the stem. It is
    exact if no token is left out of the sample and each of these documents has one token of the stem.
    """
    stem = int(segment.form_stems[form])
    start, end = row_bounds(segment.container.items("lists.ends"), stem)
    return (end - start) * _share_of_stem(segment, stem, form)


def doc_freq_of_key(segment: Segment, key: int) -> float:
    """About how many documents of the segment would have a key (its number) as a form.

    No document has. The key counts as one form more, with an equal share of the documents of them all.
    """
    start, end = row_bounds(segment.container.items("lists.ends"), int(segment.key_lists[key]))
    return (end - start) / (len(segment.forms_of_key_number(key)) + 1)


def _share_of_stem(segment: Segment, stem: int, form: int) -> float:
    """The share of the form in the tokens of its stem."""
    if segment.form_count_of_stem(stem) == 1:
        return 1.0
    forms, tallies = segment.form_tallies(stem, _TOKENS)
    # A form without a token in the sample counts as half a token.
    return float(max(int(tallies[forms.searchsorted(form)]), 0.5) / max(int(tallies.sum()), 1))
