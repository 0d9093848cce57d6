"""Estimates how many documents have a form. Forms have no posting lists, so the tokens of the stem are sampled."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from naidi.indexer.codec.form_tags import read_tags, tag_widths
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
    container = segment.container
    first_form, last_form = row_bounds(container.items("stem_forms.ends"), stem)
    if last_form - first_form == 1:
        return 1.0
    width = _tag_width(last_form - first_form)
    first_token, last_token = row_bounds(container.items("places.ends"), stem)
    count = last_token - first_token
    tokens = np.arange(count) if count <= _TOKENS else np.arange(_TOKENS) * count // _TOKENS
    tags = read_tags(container["tags"], row_bounds(container.items("tags.ends"), stem)[0] + tokens * width, width)
    tag = int(container["stem_forms"][first_form:last_form].searchsorted(form))
    # A form without a token in the sample counts as half a token.
    return max(int(np.count_nonzero(tags == tag)), 0.5) / len(tokens)


@lru_cache(maxsize=256)
def _tag_width(forms: int) -> int:
    """Half bytes of a tag, for a stem with this many forms."""
    return int(tag_widths(np.array([forms]))[0])
