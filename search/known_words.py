"""Answers queries of known words at once, without a tree.

A query of plain words, with AND between all of them or nothing, or of one phrase, means the same each time: its words with their
alternatives. What a word means is kept. If the index has the word and it brings nothing but derived words, as most do, no tree is
needed to find that out either. `answer` is the definition. It gets every query that could mean more, and every one that finds
nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from naidi.indexer.analysis.normalize import is_abbreviation

from .bridges.synonyms import WordKeys
from .bridges.word_bridges import WordBridges, bridges_of
from .budget import FREE_CLAUSES, MAX_QUERY
from .cache import Attached, Cache
from .collection import Collection
from .query.analysed import Bridged, Combination, Term
from .query.nodes import Word
from .query.plain import RESERVED
from .query.rewrite import Rewriter, term_of_keys
from .ranking.bm25 import RankingParameters
from .ranking.core_page import CoreWords, core_words_of

if TYPE_CHECKING:
    from naidi._core import Word as CoreWord

    from .ranking.core_page import Slot

# Bytes for known words. Most of a word belongs to `CoreWords`, which keeps it too.
_WORDS_BYTES = 1_000_000


# A word that is one token, and a form as it stands or with a small letter at the beginning.
_PLAIN = re.compile("[A-Za-z][a-z]*|[А-ЯЁа-яё][а-яё]*").fullmatch


class _Known(NamedTuple):
    """A word as typed.

    text, keys, stem: see `Term`.
    alone, among_others: its slot as the whole query, and beside other words.
    leads: whether a name of several words may begin with it.
    """

    text: str
    keys: tuple[str, ...]
    stem: str | None
    alone: Slot
    among_others: Slot
    leads: bool


class KnownWords:
    """The words of one state of an index that were asked for. Threads may share it."""

    def __init__(self, collection: Collection, words: CoreWords) -> None:
        self._collection = collection
        self._bridges: WordBridges = bridges_of(collection)
        self._lexicon = collection.core_lexicon
        self._words = words
        self._known: Cache[str, _Known | None] = Cache(_WORDS_BYTES)
        self._in_phrases: Cache[str, CoreWord | None] = Cache(_WORDS_BYTES)

    def ids(self, query: str, limit: int) -> list[tuple[str, float]] | None:
        """(id, score) of the best documents for a query. None if it may mean more than its words, or finds nothing."""
        if len(query) > MAX_QUERY:
            return None
        words = query.split()
        all_words = False
        if not "".join(words).isalnum():
            return self._ids_of_phrase(query[1:-1].split(), limit) if query[:1] == '"' == query[-1:] else None
        if not RESERVED.isdisjoint(words):
            if len(words) % 2 == 0 or words[1::2].count("AND") != len(words) // 2:
                return None
            words, all_words = words[::2], True
            if not RESERVED.isdisjoint(words):
                return None
        if len(words) > FREE_CLAUSES:
            return None
        slots: list[Slot] = []
        leads = False
        known_words: list[_Known] = []
        for word in words:
            known = self._known.get(word, lambda word=word: self._know(word))  # type: ignore[misc]
            if known is None:
                return None
            known_words.append(known)
            slots.append(known.among_others)
            leads = leads or known.leads
        if len(slots) == 1:
            return self._best((known_words[0].alone,), False, limit)
        if leads and self._bridges.of_row([term_of_keys(each.text, each.keys, each.stem) for each in known_words]):
            return None
        return self._best(tuple(slots), all_words, limit)

    def _best(self, slots: tuple[Slot, ...], all_words: bool, limit: int) -> list[tuple[str, float]] | None:
        total, found = self._words.core.best_ids(slots, all_words, limit, self._words.rescored(len(slots)))
        return found if total else None

    def _ids_of_phrase(self, words: list[str], limit: int) -> list[tuple[str, float]] | None:
        if (
            len(words) < 2
            or not "".join(words).isalnum()
            or not RESERVED.isdisjoint(words)
            or len(words) > FREE_CLAUSES
        ):
            return None
        parts: list[CoreWord] = []
        for word in words:
            part = self._in_phrases.get(word, lambda word=word: self._know_in_phrase(word))  # type: ignore[misc]
            if part is None:
                return None
            parts.append(part)
        total, found = self._words.core.best_phrase_ids(tuple(parts), limit) if limit else (0, [])
        return found if total else None

    def _know(self, text: str) -> _Known | None:
        """A word with its alternatives. None if it is of several tokens, or no live document has it."""
        known = self._in_index(text)
        helped = None if known is None else self._bridges.only_derived(WordKeys(text, known[0]), *known[2:])
        if known is not None and helped is not None:
            keys, stem, _, _ = known
            leads, derived = helped
            own = self._words.word_of(keys, stem)
            if not derived:
                return _Known(text, keys, stem, (own, 1.0), (own, 1.0), leads)
            if own.weight:
                return _Known(text, keys, stem, *self._words.with_derived(own, derived), leads)
        return self._know_all(text)

    def _know_all(self, text: str) -> _Known | None:
        """The same for a word that may have alternatives of any kind."""
        rewriter = Rewriter(self._collection, self._bridges)
        node = rewriter.rewrite(Word(text))
        own = node.own if isinstance(node, Bridged) else node
        if rewriter.has_unknown or not isinstance(own, Term):
            return None
        alone = self._words.slot_in(node, node)
        among_others = self._words.slot_in(node, Combination(should=(node, node)))
        if alone is None or among_others is None:
            return None
        return _Known(own.text, own.keys, own.stem, alone, among_others, rewriter.leads)

    def _know_in_phrase(self, text: str) -> CoreWord | None:
        """The same for a word of a phrase, which has no alternatives."""
        known = self._in_index(text)
        if known is not None:
            return self._words.word_of(known[0], known[1])
        term = Rewriter(self._collection).rewrite(Word(text))
        if not isinstance(term, Term) or not self._collection.knows_any(term.keys):
            return None
        return self._words.word(term)

    def _in_index(self, text: str) -> tuple[tuple[str, ...], str, int, bool] | None:
        """(keys, stem, documents, whether all its keys are common) of a plain word that live documents have; None for others."""
        if _PLAIN(text) is None:
            return None
        known = self._lexicon.known(text.lower())
        if known is None or not known[3] or any(map(is_abbreviation, known[0])):
            return None
        keys, stem, doc_freq, _, is_common = known
        return keys, stem, round(doc_freq), is_common


_KNOWN: Attached[Collection, list[tuple[CoreWords, KnownWords]]] = Attached(lambda _: [])


def known_words_of(collection: Collection, parameters: RankingParameters) -> KnownWords | None:
    """The known words of a collection; None if the core does not take the parameters."""
    words = core_words_of(collection, parameters)
    if words is None:
        return None
    kept = _KNOWN.of(collection)
    for owner, known in kept:
        if owner is words:
            return known
    kept.append((words, KnownWords(collection, words)))
    return kept[-1][1]
