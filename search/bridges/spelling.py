"""Corrects spelling: finds words of the index that a word with typos may stand for.

Candidates are the forms of the lexicon within a few edits (`near_forms`), and its keys: people type a word as a dictionary has it,
though the texts may have it in other forms alone. They are ordered by the cost of the typos
(`edit_costs`), less a little for forms in many documents (`form_freqs`). `worth_offering` decides whether the best one is
shown: an unknown word may be right.
"""

from __future__ import annotations

import math
import re
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np

from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.analysis.normalize import form as form_of
from naidi.indexer.codec.segment import Segment

from ..budget import check, need_dictionaries
from ..cache import Attached, Cache
from ..collection import Collection, SegmentMemory
from .edit_costs import Costs, edit_costs, group_costs
from .form_freqs import doc_freq_of_form, doc_freq_of_key
from .function_words import is_function_word
from .near_forms import (
    LATIN,
    LONGEST,
    Integers,
    Letters,
    Shapes,
    WordShapes,
    alphabet_of,
    letters_of,
    letters_of_strings,
    near_forms,
    shapes_of,
)
from .near_sounds import near_sounds, sound_alike
from .unknown_words import SHORTEST_REPLACED, TIMES_AS_FREQUENT, is_dictionary_word, may_be_replaced

# The order of candidates: cost - w * ln(document frequency). w is FREQUENCY_SHARE divided by the typical logarithm of a
# frequency in the index, which grows with the index. It is at most MOST_FREQUENCY_WEIGHT. These values are best for misspelt
# words whose right forms are in a collection of 38,000 documents, and for an index that has a document of one word for each
# time that a word was misspelt.
FREQUENCY_SHARE, MOST_FREQUENCY_WEIGHT = 0.9, 0.35
# A key that is no form stands behind forms that cost less than so much more: what the texts have was mostly meant. At less, right
# forms of the lists lose their first place to keys; at more, keys come first too rarely.
COST_OF_KEY = 1.8

# The highest cost of a suggestion: OFFERED_COST plus OFFERED_COST_A_LETTER for each letter of the word, at most
# MOST_OFFERED_COST. A suggestion pays RARITY_COST for each factor of e by which it is rarer than a typical word. Chosen so
# that offers for right words stay below .8 % of running words.
OFFERED_COST, OFFERED_COST_A_LETTER, MOST_OFFERED_COST = 0.8, 0.2, 3.0
RARITY_COST = 0.2
# A query of one word that finds nothing is told its nearest word, if that costs at most so much for each letter or sounds alike:
# namouny for pneumonia costs .71. Of other offers hardly any was right.
_FARTHEST_A_LETTER = 0.5
# A word in capitals is more often an abbreviation that the index lacks than a typo.
COST_OF_CAPITALS = 1.0
# A word that the index knows is doubted only if another costs at most so much, and is TIMES_AS_FREQUENT.
COST_OF_KNOWN = 0.8
_SHORTEST_KNOWN = 5
_SHORTEST = 3

# For how many candidates costs are worked out, and for how many documents are counted.
_MOST_COMPARED = 1000
_MOST_COUNTED = 48
_MOST_BY_GROUPS = 40
# Bytes for the candidates of all words that were asked for.
_NEAR_BYTES = 2_000_000
# (letters, ((edits, cost), ...)). Words of up to so many letters are looked for within so many edits. If the best candidate
# costs more than `cost`, the next number of edits is tried.
_ANY = math.inf
_TRIES = (
    (2, ((1, _ANY), (2, _ANY))),
    (4, ((2, _ANY), (3, _ANY))),
    (6, ((2, 1.3), (3, _ANY), (5, _ANY))),
    (LONGEST, ((2, 1.3), (3, 2.2), (4, _ANY), (5, _ANY))),
)
# If the best candidate costs more than so much, keys that sound nearly like the word are candidates, too. _BY_SOUND stands in the
# cache in the place of a number of edits.
_COST_OF_FAR = 2.5
_BY_SOUND = 0
# If the best one costs more than so much, they are compared by groups of letters. Below, costs by groups put as many words wrong as
# right.
_COST_OF_NEAR = 0.9
# «ооочень»: letters repeated for emphasis cost little, however many. Roman numbers such as xviii have no emphasis.
_EMPHASIS = re.compile(r"(.)\1{2,}")
_ROMAN_NUMBER = re.compile("[ivxlcdm]+")
_COST_OF_EMPHASIS = 0.3


class Suggestion(NamedTuple):
    """A word of the index that may have been meant.

    form: a form, or a key that is no form.
    cost: the cost of the typos; an ordinary one costs 1.
    doc_freq: documents with the first key of the form, or with the key.
    """

    form: str
    cost: float
    doc_freq: int


class _Candidate(NamedTuple):
    """As Suggestion, but doc_freq estimates the documents with the form itself, deleted ones included (see `form_freqs`).

    is_key: whether it is a key alone, and no form.
    lowered: how much less it costs by groups of letters. That counts for the order alone: offers for right words would be more.
    """

    form: str
    cost: float
    doc_freq: float
    is_key: bool
    lowered: float = 0.0


def corrections(collection: Collection, word: str, *, limit: int = 5) -> list[Suggestion]:
    """The words of the index that the word may stand for, best first; never the word itself.

    Parameters:
      collection: the index.
      word: in upper or lower case. A word with more than LONGEST letters, or not all in Latin or all in Russian letters,
        has no corrections.
      limit: how many corrections at most.

    `worth_offering` says whether one should be shown.
    """
    folded = fold_yo(word.casefold())
    alphabet = alphabet_of(folded)
    if alphabet is None or len(folded) > LONGEST:
        return []
    found = _cheapest(collection, folded, alphabet)
    short = _EMPHASIS.sub(r"\1", folded)
    if len(folded) > len(short) >= _SHORTEST and not _ROMAN_NUMBER.fullmatch(folded):
        for plain, candidate in _cheapest(collection, short, alphabet).items():
            cost = candidate.cost + _COST_OF_EMPHASIS
            if plain not in found or found[plain].cost > cost:
                found[plain] = candidate._replace(cost=cost)
    found.pop(folded, None)
    weight = frequency_weight(collection)

    def order(one: _Candidate) -> tuple[float, str]:
        # All documents have function words. That does not make one likelier to be what is asked for.
        doc_freq = 0.5 if is_function_word(one.form) else max(one.doc_freq, 0.5)
        return one.cost - one.lowered + COST_OF_KEY * one.is_key - weight * math.log(doc_freq), one.form

    ranked = sorted(found.values(), key=order)
    suggestions = (Suggestion(one.form, one.cost, _doc_freq_of_suggestion(collection, one.form)) for one in ranked)
    return list(islice((suggestion for suggestion in suggestions if suggestion.doc_freq), limit))


def frequency_weight(collection: Collection) -> float:
    """What a factor of e in the documents that have a word is worth, in costs of typos."""
    return min(FREQUENCY_SHARE / max(typical_log_freq(collection), 1.0), MOST_FREQUENCY_WEIGHT)


def worth_offering(collection: Collection, word: str, suggestion: Suggestion) -> bool:
    """Whether to ask "did you mean". Loads a dictionary, unless the other checks already say no.

    Never for a word of a dictionary. For a word that the index does not know, the typos must be cheap for the length of
    the word and the frequency of the suggestion. For a word that it knows, the suggestion must be TIMES_AS_FREQUENT and
    cost at most COST_OF_KNOWN.
    """
    folded = fold_yo(word.casefold())
    own = doc_freq_of_word(collection, folded)
    if own:
        if len(folded) < _SHORTEST_KNOWN or suggestion.cost > COST_OF_KNOWN:
            return False
        if suggestion.doc_freq < own * TIMES_AS_FREQUENT or _same_word(collection, folded, suggestion.form):
            return False
    else:
        if len(folded) < _SHORTEST:
            return False
        if spare_cost(collection, word, suggestion) < 0:
            return False
    return not is_dictionary_word(word)


def spare_cost(collection: Collection, word: str, suggestion: Suggestion) -> float:
    """How much less a suggestion costs than the dearest one that is worth offering for a word that the index lacks."""
    rarity = max(0.0, typical_log_freq(collection) - math.log(suggestion.doc_freq))
    dearest = min(OFFERED_COST + OFFERED_COST_A_LETTER * len(word), MOST_OFFERED_COST)
    if len(word) > 1 and word.isupper():
        dearest -= COST_OF_CAPITALS
    return dearest - suggestion.cost - RARITY_COST * rarity


def worth_telling(word: str, suggestion: Suggestion) -> bool:
    """Whether the nearest word of a query that finds nothing is told, though it may not be worth offering otherwise."""
    if suggestion.cost <= _FARTHEST_A_LETTER * len(word):
        return True
    return sound_alike(fold_yo(word.casefold()), fold_yo(suggestion.form.casefold()))


# Words of SHORTEST_REPLACED letters are replaced only if the typos cost so little: of others, more are led to a wrong word than
# to the right one.
_COST_OF_SHORTEST = 0.7


def worth_replacing(collection: Collection, word: str, suggestion: Suggestion) -> bool:
    """Whether to search for the suggestion if nothing is found for the word: it is worth offering, and sure (`is_sure`)."""
    return is_sure(word, suggestion) and worth_offering(collection, word, suggestion)


def is_sure(word: str, suggestion: Suggestion) -> bool:
    """Whether a suggestion that is worth offering may be searched for: a short word needs a cheap typo."""
    return may_be_replaced(word) and (len(word) > SHORTEST_REPLACED or suggestion.cost <= _COST_OF_SHORTEST)


# A word that the index lacks may be one of the other alphabet (see `romanisation`) or a misspelt one of its own. It is taken for
# the latter if the typos cost at most _COST_OF_SLIP, less _LESS_FOR_LIKENESS for the similarity to the word of the other alphabet,
# and _MORE_FOR_FREQUENCY for each factor of e by which it is more frequent. `docs/decisions.md` has how they were chosen.
_COST_OF_SLIP, _LESS_FOR_LIKENESS, _MORE_FOR_FREQUENCY = 2.4, 2.4, 0.1


def is_rather_misspelt(collection: Collection, word: str, similarity: float, doc_freq: int) -> bool:
    """Whether a word that the index lacks is rather a misspelt one than one of the other alphabet.

    similarity, doc_freq: of the likeliest word of the other alphabet.
    """
    found = corrections(collection, word, limit=1) if may_be_replaced(word) else ()
    if not found or not is_sure(word, found[0]):
        return False
    dearest = _COST_OF_SLIP - _LESS_FOR_LIKENESS * similarity
    dearest += _MORE_FOR_FREQUENCY * math.log(found[0].doc_freq / max(doc_freq, 1))
    if found[0].cost > dearest or spare_cost(collection, word, found[0]) < 0:
        return False
    need_dictionaries()
    from naidi.indexer.analysis.lemmatize.keys import are_common_keys, keys

    # A dictionary of names has odd ones (Владимр), too. Only a common word is certainly no slip.
    own = form_of(word)
    return not is_dictionary_word(own) or not all(are_common_keys(own, keys(own)))


# A word with a typo that costs at most so much was typed in its own keyboard layout. Of 1,156 words of an index, typed in the other
# layout, four are so near to another word.
_COST_OF_OWN_LAYOUT = 1.1


def is_slip(collection: Collection, word: str) -> bool:
    """Whether a word that the index lacks is almost certainly a misspelt one, in the keyboard layout in which it was typed."""
    if len(word) < SHORTEST_REPLACED:
        return False
    found = corrections(collection, word, limit=1)
    return bool(found) and found[0].cost <= _COST_OF_OWN_LAYOUT and worth_offering(collection, word, found[0])


def _same_word(collection: Collection, word: str, form: str) -> bool:
    """Whether the word and the form share a key: a search for either finds the documents of the other."""
    one, other = collection.known_form(word), collection.known_form(form)
    return one is not None and not set(one[0]).isdisjoint(other[0] if other is not None else (form,))


def _log_freqs(memory: SegmentMemory) -> tuple[float, int]:
    """(the sum of the logarithm of the document frequency over all postings of a segment, how many they are)."""
    ends = memory.segment.list_ends.astype(np.int64)
    freqs = np.diff(ends, prepend=0)[memory.segment.key_lists]
    return float((freqs * np.log(np.maximum(freqs, 1))).sum()), int(freqs.sum())


_LOG_FREQS = Attached(_log_freqs)


def typical_log_freq(collection: Collection) -> float:
    """The mean of the logarithm of the document frequency over all postings: that of a random word of the texts."""
    found = [_LOG_FREQS.of(view.memory) for view in collection.views]
    return sum(total for total, _ in found) / max(sum(postings for _, postings in found), 1)


_SHAPES: Attached[SegmentMemory, WordShapes] = Attached(lambda memory: shapes_of(memory.segment))
# The cheapest candidates of words that were asked for, by word and number of edits.
_NEAR: Attached[SegmentMemory, Cache[tuple[str, int], list[_Candidate]]] = Attached(
    lambda memory: Cache(memory.room(_NEAR_BYTES), lambda kept: 500 + 200 * len(kept))
)


def _cheapest(collection: Collection, word: str, alphabet: int) -> dict[str, _Candidate]:
    """The cheapest candidates of all segments, and the word itself, by their forms in small letters with е for ё."""
    found: dict[str, _Candidate] = {}
    tries = next(tries for longest, tries in _TRIES if len(word) <= longest)
    for max_edits, enough in tries:
        found.clear()
        for view in collection.views:
            check()
            _add(
                found,
                _NEAR.of(view.memory).get((word, max_edits), partial(_near, view.memory, word, alphabet, max_edits)),
            )
        # Forms alone say whether more edits are tried: a key must not hide a form.
        costs = [one.cost for plain, one in found.items() if plain != word and not one.is_key]
        if costs and min(costs) <= enough:
            break
    cheapest = min((one.cost for plain, one in found.items() if plain != word), default=math.inf)
    if cheapest > _COST_OF_FAR:
        for view in collection.views:
            check()
            sounding = _NEAR.of(view.memory).get(
                (word, _BY_SOUND), partial(_near_by_sound, view.memory, word, alphabet)
            )
            # A segment whose keys are nearer would have shown them.
            _add(found, [one for one in sounding if one.cost < cheapest])
    return _by_groups(found, word) if alphabet == LATIN and cheapest > _COST_OF_NEAR else found


def _by_groups(found: dict[str, _Candidate], word: str) -> dict[str, _Candidate]:
    """The candidates of a Latin word, the cheapest with what they cost less by groups of letters."""
    forms = sorted(sorted(found, key=lambda form: found[form].cost)[:_MOST_BY_GROUPS], key=len)
    lengths = np.array([len(form) for form in forms])
    table = np.zeros((lengths[-1] if forms else 0, len(forms)), np.uint8)
    for column, form in enumerate(forms):
        table[: len(form), column] = letters_of(form, LATIN)
    costs = group_costs().distances(letters_of(word, LATIN), table, lengths) if forms else lengths
    for form, cost in zip(forms, costs.tolist(), strict=True):
        found[form] = found[form]._replace(lowered=found[form].cost - cost)
    return found


def _add(found: dict[str, _Candidate], near: list[_Candidate]) -> None:
    """Add the candidates of a segment to those of other segments."""
    for candidate in near:
        plain = fold_yo(candidate.form.casefold())
        other = found.get(plain)
        if other is not None:
            cheapest = min(candidate, other, key=lambda one: one.cost)
            candidate = cheapest._replace(
                doc_freq=candidate.doc_freq + other.doc_freq, is_key=candidate.is_key and other.is_key
            )
        found[plain] = candidate


def _near(memory: SegmentMemory, word: str, alphabet: int, max_edits: int) -> list[_Candidate]:
    """The cheapest candidates of a segment."""
    shapes = _SHAPES.of(memory)
    return _near_of(memory.segment, shapes.forms, word, alphabet, max_edits) + _near_of(
        memory.segment, shapes.keys, word, alphabet, max_edits
    )


def _near_of(segment: Segment, shapes: Shapes, word: str, alphabet: int, max_edits: int) -> list[_Candidate]:
    """The cheapest candidates among the forms, or the keys, of a segment."""
    near = near_forms(segment, shapes, word, max_edits)
    if not len(near.numbers):
        return []
    nearest = int(near.distances.min(initial=max_edits, where=near.distances > 0))
    keep = np.flatnonzero(near.distances <= nearest + 1)
    if len(keep) > _MOST_COMPARED:
        keep = np.sort(keep[np.argsort(near.distances[keep], kind="stable")[:_MOST_COMPARED]])
    table, lengths = near.letters[:, keep], near.lengths[keep]
    costs = _costs(word, alphabet, table, lengths)
    best = np.argsort(costs, kind="stable")[:_MOST_COUNTED]
    is_key = shapes.table == "keys"
    strings, doc_freq = (segment.keys, doc_freq_of_key) if is_key else (segment.forms, doc_freq_of_form)
    found = []
    for number, cost in zip(near.numbers[keep[best]].tolist(), costs[best].tolist(), strict=True):
        string = strings[number]
        if alphabet_of(fold_yo(string.casefold())) == alphabet:
            found.append(_Candidate(string, cost, doc_freq(segment, number), is_key))
    return found


def _near_by_sound(memory: SegmentMemory, word: str, alphabet: int) -> list[_Candidate]:
    """The cheapest candidates among the keys of a segment that sound nearly like the word."""
    segment = memory.segment
    numbers = near_sounds(segment, word)
    if not len(numbers):
        return []
    numbers, lengths, table = letters_of_strings(segment, "keys", numbers, alphabet)
    costs = _costs(word, alphabet, table, lengths)
    offered = _SHAPES.of(memory).keys.numbers
    found = []
    for place in np.argsort(costs, kind="stable")[:_MOST_COUNTED].tolist():
        number, cost = int(numbers[place]), float(costs[place])
        string = segment.keys[number]
        if alphabet_of(fold_yo(string.casefold())) != alphabet:
            continue
        form = segment.forms.find(string)
        if form >= 0:
            found.append(_Candidate(string, cost, doc_freq_of_form(segment, form), False))
        elif number in offered:  # others may be wrong guesses
            found.append(_Candidate(string, cost, doc_freq_of_key(segment, number), True))
    return found


def _costs(word: str, alphabet: int, table: Letters, lengths: Integers) -> Costs:
    """The cost of having typed the word for each of some strings, as in `EditCosts.distances`."""
    letters, model = letters_of(word, alphabet), edit_costs(alphabet)
    costs = model.distances(letters, table, lengths)
    return costs + model.costs_on_top(letters, table, lengths, costs)


def _doc_freq_of_form(collection: Collection, form: str) -> int:
    known = collection.known_form(form)
    return collection.doc_freq(known[0][:1]) if known else 0


def _doc_freq_of_suggestion(collection: Collection, word: str) -> int:
    """Documents with the first key of the word; of a word that is no form but a key, documents with the key."""
    known = collection.known_form(word)
    return collection.doc_freq(known[0][:1] if known else (word,))


def doc_freq_of_word(collection: Collection, word: str) -> int:
    """Documents with the first key of the word as a form, or with the word as a key, whichever are more."""
    return max(_doc_freq_of_form(collection, word), collection.doc_freq((word,)))
