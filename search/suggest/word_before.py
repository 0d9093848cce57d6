"""Finds the words that stand behind the word before the one that is being typed: «Анна Кар» is mostly «Анна Каренина».

Evidence are neighbours in the texts of the index, its titles and its names, by lemma: «Анны Карениной» counts for «Анна» too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from naidi.indexer.analysis.normalize import clean, fold_yo, form, is_abbreviation
from naidi.indexer.analysis.tokenizer import WORD
from naidi.indexer.codec.followers import Followers, followers, token_count
from naidi.indexer.codec.positions import positions_in, stem_rows_of
from naidi.indexer.codec.ragged import row_ranges, value_indices
from naidi.indexer.codec.sorted_values import rows_in

from ..budget import check
from ..cache import Attached, Cache
from ..collection import Collection, SegmentView
from .completions import CompletedWord, PrefixWords

Integers = npt.NDArray[np.int64]

# What may stand between the two words: blanks and an opening quotation mark, a hyphen, the full stop of an initial. A minus sign
# behind a blank excludes a word, so what is before it says nothing.
_BEFORE = re.compile(rf"(?:{WORD.pattern})(?=(?:[-‐‑’'.]|\.?\s+[\"«“]?)\Z)")
_LONGEST = 300  # code points before the word in which the word before it is looked for
_OPERATORS = frozenset(("AND", "OR", "NOT"))
# A document counts so many times if it has the two words in its title or in its names.
_TITLE_WEIGHT = 4
# About so many tokens of both words are looked at in a segment. Of frequent words that are those of some documents, evenly spread.
_TOKENS = 25_000
# A beginning of words with more tokens in a segment is too wide. All their postings are gone through: about 10 ms a million tokens.
_WIDEST = 5_000_000
# So many of the most frequent words behind are told apart.
_KEPT = 200
# A form is shown instead of the lemma if it is so many times as frequent behind the word: «в качестве», but «Нью-Йорк».
_MUCH_MORE = 5


class WordBefore(NamedTuple):
    """The word before the one that is being typed, as the index has it.

    form: as typed, folded.
    keys: its keys.
    """

    form: str
    keys: tuple[str, ...]


class _Behind(NamedTuple):
    """What stands behind a word in a segment.

    pairs: key -> how many documents have the two as neighbours, weighted.
    forms: how often each form stands behind the word as typed.
    """

    pairs: dict[str, int]
    forms: dict[str, int]


_BEHIND: Attached[SegmentView, Cache[tuple[WordBefore, tuple[str, ...]], _Behind]] = Attached(
    lambda view: Cache(view.memory.room(2_000_000), lambda kept: 500 + 200 * (len(kept.pairs) + len(kept.forms)))
)


def word_before(collection: Collection, front: str) -> WordBefore | None:
    """The word at the end of `front`; None if there is none, if the index lacks it, or if nobody knows where its words stand."""
    if not collection.holds_documents:
        return None
    front = front[-_LONGEST:]
    found = list(_BEFORE.finditer(front))
    if not found or found[-1][0] in _OPERATORS:
        return None
    typed = clean(found[-1][0])
    for own in dict.fromkeys((form(typed), typed.casefold(), fold_yo(typed.casefold()))):
        known = collection.known_form(own)
        if known is not None:
            return WordBefore(own, known[0])
    return None


def words_behind(collection: Collection, before: WordBefore, lexicon: PrefixWords) -> Iterator[CompletedWord]:
    """The words of `lexicon` that stand directly behind a form of a word, the most frequent pairs first.

    Each document counts once, and more if it has the pair in its title or in its names. Of equal ones the more frequent word is
    first, then that with the lesser key. A word is given in the form that mostly follows the word as typed, if any does.
    """
    pairs: dict[str, int] = {}
    forms: dict[str, int] = {}
    for view in collection.views:
        check()
        behind = _BEHIND.of(view).get((before, lexicon.prefixes), partial(_behind, view, before, lexicon))
        for key, count in behind.pairs.items():
            pairs[key] = pairs.get(key, 0) + count
        for own, count in behind.forms.items():
            forms[own] = forms.get(own, 0) + count
    shown = _forms_by_key(collection, forms)
    given: set[str] = set()
    doc_freqs = {key: collection.doc_freq((key,)) for key in pairs}
    for key in sorted(pairs, key=lambda key: (-pairs[key], -doc_freqs[key], key)):
        check()
        word = lexicon.word(key)
        if word is None:
            continue
        own = word.form if is_abbreviation(word.form) else shown.get(word.key, word.form)
        if own not in given:
            given.add(own)
            yield word._replace(form=own)


def _forms_by_key(collection: Collection, forms: dict[str, int]) -> dict[str, str]:
    """key -> the form to show: the key itself, unless another of its forms is much more frequent.

    forms: how often each stands behind the word as typed.
    """
    most: dict[str, str] = {}
    for own in sorted(forms, key=lambda own: (-forms[own], own)):
        known = collection.known_form(own)
        for key in known[0] if known is not None else ():
            most.setdefault(key, own)
    return {key: key if _MUCH_MORE * forms.get(key, 0) > forms[own] else own for key, own in most.items()}


def _behind(view: SegmentView, before: WordBefore, lexicon: PrefixWords) -> _Behind:
    """What stands behind a word in a segment."""
    found = _found(view, before, lexicon)
    if found is None:
        return _Behind({}, {})
    tokens, as_typed = found
    return _Behind(_pairs(view, tokens), _form_counts(view, tokens.forms[as_typed]))


def _found(
    view: SegmentView, before: WordBefore, lexicon: PrefixWords
) -> tuple[Followers, npt.NDArray[np.bool_]] | None:
    """(the tokens behind a word, whether each stands behind it as typed); None if there are none."""
    segment = view.segment
    rights = lexicon.forms(view)
    lefts = [segment.forms_of_key(key) for key in before.keys]
    left_forms = np.unique(np.concatenate(lefts)).astype(np.int64)
    if not len(rights) or not len(left_forms):
        return None
    sources = stem_rows_of(segment, left_forms)
    docs = _distinct(view, sources.lists)
    if view.live is not None:
        docs = docs[view.live.take(docs)]
    tokens = token_count(segment, rights)
    if tokens > _WIDEST:
        return None
    tokens += token_count(segment, left_forms)
    most = max(1, _TOKENS * segment.doc_count // max(tokens, 1))
    if len(docs) > most:
        docs = docs.take(np.arange(most) * len(docs) // most)
    positions = positions_in(segment, sources, docs)
    if not len(positions):
        return None
    found = followers(segment, positions, docs, rights)
    if not len(found.forms):
        return None
    number = segment.forms.find(before.form)
    if number < 0:
        return found, np.zeros(len(found.forms), bool)
    own = positions_in(segment, stem_rows_of(segment, np.array([number])), _distinct(view, [found.docs]))
    return found, rows_in(own, found.positions - 1)[1]


def _distinct(view: SegmentView, lists: Sequence[npt.NDArray[np.integer]]) -> Integers:
    """The documents of some lists, ascending, each once."""
    there = np.zeros(view.doc_count, bool)
    for one in lists:
        there[one] = True
    return np.flatnonzero(there)


def _pairs(view: SegmentView, found: Followers) -> dict[str, int]:
    """key -> in how many documents it stands behind the word, weighted."""
    segment = view.segment
    starts, lengths = row_ranges(segment.container["form_keys.ends"], found.forms)
    keys = segment.container["form_keys"].take(value_indices(starts, lengths)).astype(np.int64)
    docs = found.docs.repeat(lengths)
    in_title = found.positions < segment.body_starts.take(found.docs)
    in_title |= found.positions >= segment.body_ends.take(found.docs)
    # Each key and document once, in a title first.
    codes = (keys * segment.doc_count + docs) * 2 + ~in_title.repeat(lengths)
    codes.sort()
    first = np.flatnonzero(np.diff(codes >> 1, prepend=-1))
    weights = np.where(codes[first] & 1, 1, _TITLE_WEIGHT)
    own = (codes[first] >> 1) // segment.doc_count
    heads = np.flatnonzero(np.diff(own, prepend=-1))
    counts = np.add.reduceat(weights, heads)
    greatest = _greatest(counts)
    found_pairs = zip(own[heads[greatest]].tolist(), counts[greatest].tolist(), strict=True)
    return {segment.keys[number]: count for number, count in found_pairs}


def _form_counts(view: SegmentView, found: Integers) -> dict[str, int]:
    """How often each form is among the found ones."""
    found = np.sort(found)
    heads = np.flatnonzero(np.diff(found, prepend=-1))
    counts = np.diff(heads, append=len(found))
    return {view.segment.forms[int(found[heads[place]])]: int(counts[place]) for place in _greatest(counts).tolist()}


def _greatest(counts: Integers) -> Integers:
    """The indices of the _KEPT greatest counts, the first of equal ones."""
    return np.argsort(-counts, kind="stable")[:_KEPT]
