"""Replaces misspelt words of a query by the words of the index that were probably meant.

A word that no document has adds nothing to a query, and with AND it makes it find nothing. So its nearest word is searched for
instead, a little below its weight. Which one that is, the words beside it tell: a noisy channel. The channel is the cost of
the typos (`bridges.spelling`). The source is the index itself: how many documents have a word, and how many have it beside the next
content word of the query, where function words between do not count. Words beside each other that are both unknown are chosen
together.

Words that may be of code, words in quotes and excluded words stay as they were typed; see `bridges.unknown_words`.
"""

from __future__ import annotations

import math
from itertools import islice

from naidi.indexer.analysis.normalize import form
from naidi.indexer.analysis.tokenizer import Token, tokenize
from naidi.indexer.record import replace
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.function_words import is_function_word
from .bridges.unknown_words import SURE_WEIGHT, is_dictionary_word, is_known_word, is_other_layout, may_be_replaced
from .bridges.word_bridges import WordBridges, form_term
from .budget import MAX_HELPED, MAX_UNKNOWN, check
from .cache import Attached, Cache
from .collection import Collection
from .query.analysed import NearPhrase, Term
from .query.nodes import Bool, Node, Word
from .query.rewrite import lemma_term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# The weight of a word that was not typed: below that of one that was.
WEIGHT = 0.95
# How many nearest words of an unknown one are weighed, and how many if the word beside it is unknown, too.
_CANDIDATES, _CANDIDATES_OF_PAIR = 8, 5
# What a word costs less for each factor of e by which it stands beside its neighbour more often than by chance. The chance that
# it does is mixed of what the index has and, by the second number, of how frequent the word is anyway.
_NEIGHBOUR_WEIGHT, _ANYWAY = 0.3, 0.05
# What it costs less for each factor of e by which it is more frequent.
_FREQUENCY_WEIGHT = 0.2
# A word is searched for instead if it costs so much less than it might to be offered: if it stands beside no neighbour, if it has
# none, and if it often stands beside one.
_AGAINST, _MARGIN, _SUPPORTED = 0.8, 0.45, -0.6
# It must be so likely as well, unless it often stands beside a neighbour; and so likely if it has neighbours that it never stands
# beside: that is what a new name looks like. A function word must be so likely.
_CONFIDENCE, _CONFIDENCE_AGAINST, _CONFIDENCE_OF_FUNCTION_WORD = 0.4, 0.9, 0.5
# It stands beside a neighbour, and often does, if documents have the two beside each other so many times as often as chance would
# have both in a document. Chance seldom puts them beside each other.
_BESIDE, _OFTEN_BESIDE = 0.02, 0.5
# A known word is replaced, too, if the mended word beside it never stands beside it, but beside another in at least so many
# documents, and in this share of those of the rarer of the two. It costs at most so much.
_FEWEST_TOGETHER, _SHARE_TOGETHER, _COST_OF_KNOWN = 3, 0.5, 1.3


class Mend(NamedTuple):
    """A word that is replaced.

    typed: the word, of one token or more, as in the query.
    meant: what is searched for instead.
    is_beside: whether documents have it beside a word that stands beside it in the query.
    confidence: how surely it was meant; see `Correction`. Of several tokens that of the least sure.
    """

    typed: str
    meant: str
    is_beside: bool
    confidence: float


def mended(node: Node, mends: Mapping[str, Mend]) -> Node:
    """The query with words replaced. mends: by the words. Words in phrases and excluded words stay."""
    if isinstance(node, Word):
        mend = mends.get(node.text)
        return node if mend is None else replace(node, text=mend.meant, boost=node.boost * WEIGHT)
    if isinstance(node, Bool):
        must, should = (tuple([mended(child, mends) for child in nodes]) for nodes in (node.must, node.should))
        return replace(node, must=must, should=should)
    return node


def phrase_of(collection: Collection, words: Sequence[str]) -> NearPhrase:
    """The phrase of some words of the index."""
    return NearPhrase(tuple([form_term(collection, word) for word in words]), 0, None, 1.0)


class _Meant(NamedTuple):
    """What was meant by a token. is_beside, confidence: see `Mend`."""

    text: str
    is_beside: bool
    confidence: float


class _Choice(NamedTuple):
    """A word that may have been meant.

    text: the word, or two with a blank between. first, last: the terms that its neighbours stand beside.
    price: the cost of its typos, less for frequent words. spare: how much less it costs than what is offered at most.
    """

    text: str
    first: Term
    last: Term
    price: float
    spare: float


class _Place:
    """A content word of the query.

    word: the word that it is a token of. start, end: where it stands there. text: as typed.
    slop: how many function words stand before it, and behind the content word before it; None if that is no neighbour.
    is_part: whether it is one of several tokens of the word. Documents must have these beside each other.
    choices: those of an unknown word; a known word is its only one.
    means_else: see `Mender._means_else`.
    """

    def __init__(self, word: str, token: Token, slop: int | None) -> None:
        self.word, self.text, self.start, self.end = word, *token
        self.slop = slop
        self.is_part = len(self.text) < len(word)
        self.is_unknown = self.means_else = False
        self.choices: list[_Choice] = []


# What was mended in one state of an index, or in those documents of it that may be found, by the words of the query. Longer queries
# are seldom asked again.
_MOST_KEPT = 16
_MENDS: Attached[Collection, Cache[tuple[str | None, ...], dict[str, Mend]]] = Attached(
    lambda _: Cache(1_000_000, lambda kept: 2_000 + 300 * len(kept))
)


class Mender:
    """Mends the queries to one state of an index.

    collection: tells which words are known.
    seen: the documents that may be found. Only their words replace others.
    phrase_freq: tells how many documents of `seen` have a phrase.
    """

    def __init__(
        self,
        collection: Collection,
        seen: Collection,
        phrase_freq: Callable[[NearPhrase], int],
        bridges: WordBridges,
    ) -> None:
        self._collection = collection
        self._seen = seen
        self._phrase_freq = phrase_freq
        self._bridges = bridges
        self._docs_of: dict[tuple[tuple[str, ...], tuple[str, ...], int], int] = {}

    def mends(self, tree: Node) -> dict[str, Mend]:
        """The words of a query that are replaced. A query of one word is left to `read_query.respelt`. Raises TimeUp."""
        if isinstance(tree, Word) and len(list(islice(tokenize(tree.text), 2))) < 2:
            return {}
        words = tuple(islice(_words(tree), MAX_HELPED))
        if len(words) > _MOST_KEPT:
            return self._mends(words)
        return _MENDS.of(self._seen).get(words, lambda: self._mends(words))

    def _mends(self, words: Sequence[str | None]) -> dict[str, Mend]:
        places = self._places(words)
        if not any(place.is_unknown for place in places):
            return {}
        chosen = self._chosen(places)
        meant: dict[int, _Meant] = {}
        for number, (place, choice) in enumerate(zip(places, chosen, strict=True)):
            if place.is_unknown and choice is not None:
                is_beside = self._together(number, places, chosen) >= _BESIDE
                meant[number] = _Meant(choice.text, is_beside, self._confidence(number, places, chosen))
        meant |= dict(self._known_beside(places, chosen))
        return _mends(places, meant)

    # -- the words

    def _places(self, words: Sequence[str | None]) -> list[_Place]:
        """The content words of a query, with the choices of those that are unknown."""
        places: list[_Place] = []
        unknown = 0
        for word, slop, token in _content_words(words):
            check()
            term = lemma_term(self._collection, form(token.text), token.text)
            place = _Place(word, token, slop)
            if is_known_word(self._collection, term):
                place.choices = [_Choice(token.text, term, term, 0.0, 0.0)]
            elif unknown < MAX_UNKNOWN and may_be_replaced(token.text):
                unknown += 1
                place.choices = list(self._choices(token.text))
                place.is_unknown = bool(place.choices)
                place.means_else = self._means_else(term) or is_other_layout(token.text)
            places.append(place)
        return places

    def _means_else(self, term: Term) -> bool:
        """Whether an unknown word may well be no slip: it has a synonym, or is a name of the other alphabet."""
        others = self._bridges.of_word(term).alternatives
        return any(
            other.kind == "synonym" or (other.kind == "romanisation" and other.weight >= SURE_WEIGHT)
            for other in others
        )

    def _choices(self, word: str) -> Iterator[_Choice]:
        from .bridges.spelling import corrections, spare_cost
        from .bridges.word_breaks import COST_OF_SPACE, split_word

        seen = self._seen
        near = corrections(seen, word, limit=_CANDIDATES)
        if is_dictionary_word(word):
            return
        for one in near:
            term = form_term(seen, one.form)
            price = one.cost
            if not is_function_word(one.form):
                price -= _FREQUENCY_WEIGHT * math.log(one.doc_freq)
            yield _Choice(one.form, term, term, price, spare_cost(seen, word, one))
        if not any(one.cost <= COST_OF_SPACE for one in near):
            parts = split_word(seen, word)
            if parts is not None:
                first, last = (form_term(seen, part) for part in parts)
                docs = self._docs_together(first, last, 0)
                if docs:
                    price = COST_OF_SPACE - _FREQUENCY_WEIGHT * math.log(docs)
                    yield _Choice(" ".join(parts), first, last, price, _MARGIN)

    # -- their neighbours

    def _docs_together(self, left: Term, right: Term, slop: int) -> int:
        """How many documents have two words beside each other, with at most `slop` others between."""
        asked = left.keys, right.keys, slop
        found = self._docs_of.get(asked)
        if found is None:
            check()
            found = self._docs_of[asked] = self._phrase_freq(NearPhrase((left, right), slop, None, 1.0))
        return found

    def _gain(self, left: _Choice, right: _Choice, slop: int) -> float:
        """What two words together cost less than by themselves; less than 0 if they shun each other."""
        if is_function_word(left.text) or is_function_word(right.text):  # they stand beside anything
            return 0.0
        return _NEIGHBOUR_WEIGHT * math.log(_ANYWAY + (1 - _ANYWAY) * self._ratio(left, right, slop))

    def _ratio(self, left: _Choice, right: _Choice, slop: int) -> float:
        """How many documents have two words beside each other, by how many would have both if neither knew of the other."""
        seen = self._seen
        by_chance = seen.doc_freq(left.last.keys) * seen.doc_freq(right.first.keys) / max(seen.doc_count, 1)
        return self._docs_together(left.last, right.first, slop) / by_chance if by_chance else 0.0

    def _chosen(self, places: Sequence[_Place]) -> list[_Choice | None]:
        """For each place the choice of the cheapest row of all (Viterbi 1967); None where none is cheap enough."""
        rows: list[list[tuple[float, int]]] = []  # (price of the row until here, choice before)
        for number, place in enumerate(places):
            before = places[number - 1] if number and place.slop is not None else None
            row = []
            for choice in place.choices:
                best = (min(rows[-1])[0] if rows else 0.0, -1)
                if before is not None and before.choices and (before.is_unknown or place.is_unknown):
                    both = before.is_unknown and place.is_unknown
                    options = []
                    for other, left in enumerate(before.choices[: _CANDIDATES_OF_PAIR if both else None]):
                        options.append((rows[-1][other][0] - self._gain(left, choice, place.slop or 0), other))
                    best = min(options)
                row.append((best[0] + choice.price, best[1]))
            rows.append(row or [(min(rows[-1])[0] if rows else 0.0, -1)])
        chosen: list[_Choice | None] = [None] * len(places)
        wanted = -1
        for number in range(len(places) - 1, -1, -1):
            place, row = places[number], rows[number]
            at = wanted if wanted >= 0 else row.index(min(row))
            wanted = row[at][1]
            if place.choices:
                chosen[number] = place.choices[at]
        return [
            choice if choice is None or not place.is_unknown or self._is_sure(number, places, chosen) else None
            for number, (place, choice) in enumerate(zip(places, chosen, strict=True))
        ]

    def _is_sure(self, number: int, places: Sequence[_Place], chosen: Sequence[_Choice | None]) -> bool:
        """Whether the word that was chosen for an unknown one is searched for."""
        place, choice = places[number], chosen[number]
        assert choice is not None
        together = self._together(number, places, chosen)
        if is_function_word(choice.text):  # they stand beside anything, and no name is one
            if place.means_else or place.is_part or place.text[:1].isupper() or choice.spare < _MARGIN:
                return False
            return self._confidence(number, places, chosen) >= _CONFIDENCE_OF_FUNCTION_WORD
        if together >= _OFTEN_BESIDE:
            return choice.spare >= _SUPPORTED
        if together < _BESIDE and (place.means_else or place.is_part or self._is_rather_name(place, choice)):
            return False
        against = 0 <= together < _BESIDE
        if choice.spare < (_AGAINST if against else _MARGIN):
            return False
        return self._confidence(number, places, chosen) >= (_CONFIDENCE_AGAINST if against else _CONFIDENCE)

    def _is_rather_name(self, place: _Place, choice: _Choice) -> bool:
        """Whether a word was typed with a capital, and a common word of a dictionary was chosen for it: Beatles are no beetles."""
        return place.text[:1].isupper() and all(
            any(map(self._seen.is_common_key, term.keys)) for term in (choice.first, choice.last)
        )

    def _together(self, number: int, places: Sequence[_Place], chosen: Sequence[_Choice | None]) -> float:
        """The greater ratio of the word that was chosen for a place and a neighbour, see `_ratio`; -1 if it has no neighbour."""
        choice, slop = chosen[number], places[number].slop
        assert choice is not None
        ratios = [-1.0]
        if number and slop is not None and (before := chosen[number - 1]) is not None:
            ratios.append(self._ratio(before, choice, slop))
        if (
            number + 1 < len(places)
            and (slop := places[number + 1].slop) is not None
            and (behind := chosen[number + 1]) is not None
        ):
            ratios.append(self._ratio(choice, behind, slop))
        return max(ratios)

    def _confidence(self, number: int, places: Sequence[_Place], chosen: Sequence[_Choice | None]) -> float:
        """The share of the word that was chosen for a place among its choices, beside what was chosen for its neighbours."""
        from .bridges.spelling_confidence import share_of

        place = places[number]
        before = chosen[number - 1] if number and place.slop is not None else None
        behind = chosen[number + 1] if number + 1 < len(places) else None
        slop = places[number + 1].slop if behind is not None else None

        def price(choice: _Choice) -> float:
            price = choice.price
            if before is not None:
                price -= self._gain(before, choice, place.slop or 0)
            if behind is not None and slop is not None:
                price -= self._gain(choice, behind, slop)
            return price

        own = chosen[number]
        assert own is not None
        return share_of(price(own), (price(other) for other in place.choices if other is not own))

    def _known_beside(self, places: Sequence[_Place], chosen: Sequence[_Choice | None]) -> Iterator[tuple[int, _Meant]]:
        """(place, what was meant) of known words that are replaced, too: beside Sherlock stands Holmes, and not homes."""
        from .bridges.spelling import corrections
        from .bridges.spelling_confidence import spelling_confidence

        for number, place in enumerate(places):
            if place.is_unknown or not place.choices or not may_be_replaced(place.text):
                continue
            for other, slop, behind in ((number - 1, place.slop, False), (number + 1, None, True)):
                if not 0 <= other < len(places) or not places[other].is_unknown or chosen[other] is None:
                    continue
                slop = places[other].slop if behind else slop
                mate = chosen[other]
                if slop is None or mate is None or self._beside(mate, place.choices[0].first, slop, behind):
                    continue
                near = corrections(self._seen, place.text, limit=_CANDIDATES_OF_PAIR)
                for one in near:
                    term = form_term(self._seen, one.form)
                    together = self._beside(mate, term, slop, behind) if one.cost <= _COST_OF_KNOWN else 0
                    rarer = min(one.doc_freq, self._seen.doc_freq((mate.first if behind else mate.last).keys))
                    if together >= max(_FEWEST_TOGETHER, _SHARE_TOGETHER * rarer):
                        others = [other for other in near if other is not one]
                        yield number, _Meant(one.form, True, spelling_confidence(self._seen, one, others))
                        break

    def _beside(self, mate: _Choice, term: Term, slop: int, behind: bool) -> int:
        """How many documents have a term before a mended word, or behind it. behind: whether the mended word is behind."""
        return self._docs_together(term, mate.first, slop) if behind else self._docs_together(mate.last, term, slop)


def _content_words(words: Sequence[str | None]) -> Iterator[tuple[str, int | None, Token]]:
    """(word, function words before it, token) for the content words in typed order. None for what follows something else."""
    slop: int | None = None
    for word in words:
        if word is None:
            slop = None
            continue
        for token in tokenize(word):
            if is_function_word(token.text):
                slop = None if slop is None else slop + 1
                continue
            yield word, slop, token
            slop = 0


def _words(node: Node) -> Iterator[str | None]:
    """The words that may be replaced, in typed order; None where something else stands."""
    if isinstance(node, Word):
        yield node.text
    elif isinstance(node, Bool):
        for child in (*node.must, *node.should):
            yield from _words(child)
        if node.must_not:
            yield None
    elif not node.is_filter():
        yield None


def _mends(places: Sequence[_Place], meant: Mapping[int, _Meant]) -> dict[str, Mend]:
    """The mends, by words, in typed order. A word of several tokens is put together again."""
    found: dict[str, Mend] = {}
    done: set[tuple[str, int]] = set()
    for number in sorted(meant, reverse=True):  # so that offsets before it stay
        place = places[number]
        if (place.word, place.start) in done:
            continue  # the same word stands in the query twice
        done.add((place.word, place.start))
        one = meant[number]
        before = found.get(place.word, Mend(place.word, place.word, False, 1.0))
        whole = before.meant[: place.start] + one.text + before.meant[place.end :]
        is_beside, confidence = one.is_beside or before.is_beside, min(one.confidence, before.confidence)
        found[place.word] = Mend(place.word, whole, is_beside, confidence)
    return dict(reversed(found.items()))
