"""Answers queries of known words at once, without a tree.

A query of plain words, with AND between all of them or nothing, or of one phrase, near phrase or prefix, means the same each time:
its words with their alternatives. What a word means is kept. If the index has the word and it brings nothing but derived words, as
most do, no tree is needed to find that out either. `answer` is the definition. It gets every query that could mean more, and every
one that finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from naidi.indexer.analysis.normalize import is_abbreviation
from naidi.indexer.late import pattern
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.derivation import MOST, core_tables_for, core_without_tables
from .bridges.synonyms import WordKeys
from .bridges.word_bridges import DERIVATION_WEIGHT, RARE, WordBridges, bridges_of, derived_word
from .budget import FREE_CLAUSES, MAX_HELPED, MAX_NEAR, MAX_QUERY, MAX_STEPS
from .cache import Attached, Cache
from .collection import Collection
from .query.analysed import AnalysedNode, Bridged, Combination, Term
from .query.nodes import Word
from .query.plain import RESERVED, is_plain_prefix
from .query.rewrite import Help, Rewriter, term_of_keys
from .ranking.bm25 import RankingParameters
from .ranking.core_page import CoreWords, bytes_of, core_words_of, words_in

if TYPE_CHECKING:
    from naidi._core import Derivation, PlainWord
    from naidi._core import Word as CoreWord

    from .ranking.core_page import Slot

# Bytes for known words, for those of phrases, and for nodes of words.
_WORDS_BYTES = 16_000_000
_NODES_BYTES = 3_000_000


# A word that is one token, and a form as it stands or with a small letter at the beginning.
_PLAIN = pattern("[A-Za-z][a-z]*|[А-ЯЁа-яё][а-яё]*").fullmatch

# A phrase, or words that stand near each other. A greater number has a limit, so it is left to the parser.
_PHRASE = pattern('"([^"]*)"(?:~([0-9]{1,3}))?')


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
        self._words = words
        self._tables: dict[bool, Derivation] = {}  # whether for ASCII
        self._known: Cache[str, _Known | None] = Cache(
            _WORDS_BYTES, lambda known: 500 if known is None else 500 + bytes_of(known.alone)
        )
        self._nodes: Cache[str, tuple[AnalysedNode, Help] | None] = Cache(_NODES_BYTES)
        self._in_phrases: Cache[str, CoreWord | None] = Cache(
            _WORDS_BYTES, lambda word: 500 if word is None else 500 + word.owned_bytes
        )

    def ids(self, query: str, limit: int) -> list[tuple[str, float]] | None:
        """(id, score) of the best documents for a query. None if it may mean more than its words, or finds nothing."""
        if len(query) > MAX_QUERY:
            return None
        words = query.split()
        all_words = False
        if not "".join(words).isalnum():
            if len(words) == 1 and is_plain_prefix(words[0]):
                known = self._known.get(words[0], lambda: self._know_prefix(words[0][:-1]))
                return None if known is None else self._best((known.alone,), False, limit)
            phrase = _PHRASE.fullmatch(query)
            return None if phrase is None else self._ids_of_phrase(phrase[1].split(), int(phrase[2] or 0), limit)
        if not RESERVED.isdisjoint(words):
            if len(words) % 2 == 0 or words[1::2].count("AND") != len(words) // 2:
                return None
            words, all_words = words[::2], True
            if not RESERVED.isdisjoint(words):
                return None
        if len(words) > MAX_HELPED:
            return None
        known_words: list[_Known] = []
        for word in words:
            known = self._known.get(word, lambda word=word: self._know(word))  # type: ignore[misc]
            if known is None:
                return None
            known_words.append(known)
        if len(words) > FREE_CLAUSES and not self._takes_few_steps(known_words[FREE_CLAUSES:]):
            return None
        if len(words) == 1:
            return self._best((known_words[0].alone,), False, limit)
        _, _, _, _, slots, leads = zip(*known_words, strict=True)
        if any(leads) and self._bridges.of_row([term_of_keys(each.text, each.keys, each.stem) for each in known_words]):
            return None
        return self._best(slots, all_words, limit)

    def _takes_few_steps(self, words: Sequence[_Known]) -> bool:
        """Whether no word is left out for what it costs, even if every document has all of them; see `Rewriter`."""
        lists = sum([len(word.keys) + len(word.alone) // 2 for word in words])
        return lists * self._documents <= MAX_STEPS

    @cached_property
    def _documents(self) -> int:
        return sum(view.doc_count for view in self._collection.views)

    def _best(self, slots: tuple[Slot, ...], all_words: bool, limit: int) -> list[tuple[str, float]] | None:
        total, found = self._words.core.best_ids(slots, all_words, limit, self._words.rescored(len(slots)))
        return found if total else None

    def _ids_of_phrase(self, words: list[str], slop: int, limit: int) -> list[tuple[str, float]] | None:
        if (
            len(words) < 2
            or not "".join(words).isalnum()
            or not RESERVED.isdisjoint(words)
            or len(words) > (MAX_NEAR if slop else FREE_CLAUSES)
        ):
            return None
        parts: list[CoreWord] = []
        for word in words:
            part = self._in_phrases.get(word, lambda word=word: self._know_in_phrase(word))  # type: ignore[misc]
            if part is None:
                return None
            parts.append(part)
        total, found = self._words.core.best_phrase_ids(tuple(parts), slop, limit) if limit else (0, [])
        return found if total else None

    def _know(self, text: str) -> _Known | None:
        """A word with its alternatives. None if it is of several tokens, or no live document has it."""
        found = self._plain(text, RARE)
        if found is not None:
            keys, stem, is_common, alone, among_others, _ = found
            leads = self._bridges.leads_alone(WordKeys(text, keys), is_common)
            if leads is not None:
                return _Known(text, keys, stem, alone, among_others, leads)
        return self._know_all(text)

    def node(self, text: str) -> tuple[AnalysedNode, Help] | None:
        """A word as `Rewriter` analyses it.

        None if it is of several tokens, no live document has it, or it may have alternatives that are no derived words.
        """
        return self._nodes.get(text, lambda: self._node(text))

    def _node(self, text: str) -> tuple[AnalysedNode, Help] | None:
        found = self._plain(text, RARE)
        if found is None:
            return None
        keys, stem, is_common, alone, among_others, derived = found
        leads = self._bridges.leads_alone(WordKeys(text, keys), is_common)
        if leads is None:
            return None
        own = term_of_keys(text, keys, stem)
        alternatives = tuple([derived_word(key, similarity) for key, similarity in derived])
        node = Bridged(own, alternatives) if alternatives else own
        self._words.keep(node, alone, among_others)
        return node, Help(alternatives, True, leads)

    def _know_prefix(self, prefix: str) -> _Known | None:
        """All words with a beginning, as one. None for beginnings that only Python finds."""
        from .query.expand import prefix_spellings

        spellings = prefix_spellings(prefix)
        if spellings is None:
            return None
        slot = (self._words.core.beginning(spellings), 1.0)
        return _Known(prefix, (), None, slot, slot, False)

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
        found = self._plain(text, 0)
        if found is not None:
            return words_in(found[3])[0]
        term = Rewriter(self._collection).rewrite(Word(text))
        if not isinstance(term, Term) or not self._collection.knows_any(term.keys):
            return None
        return self._words.word(term)

    def _plain(self, text: str, rare: int) -> PlainWord | None:
        """A plain word of live documents with its derived words if it is rare. None for other words, and for abbreviations."""
        if _PLAIN(text) is None:
            return None
        form = text.lower()
        found = self._words.plain(form, self._tables_for(form, rare), rare, MOST, DERIVATION_WEIGHT)
        if found is None or (not "".join(found[0]).islower() and any(map(is_abbreviation, found[0]))):
            return None
        return found

    def _tables_for(self, form: str, rare: int) -> Derivation:
        """The tables of derivation for a word. They are read at the first rare one: that takes a tenth of a search from cold."""
        tables = self._tables.get(form.isascii())
        if tables is not None:
            return tables
        known = self._collection.core_lexicon.known(form) if rare else None
        if known is None or known[2] >= rare:
            return core_without_tables()
        tables = self._tables[form.isascii()] = core_tables_for(form)
        return tables


_KNOWN: Attached[Collection, list[tuple[RankingParameters, KnownWords | None]]] = Attached(lambda _: [])


def known_words_of(collection: Collection, parameters: RankingParameters) -> KnownWords | None:
    """The known words of a collection; None if the core does not take the parameters."""
    kept = _KNOWN.of(collection)
    for own, known in kept:
        if own is parameters:
            return known
    words = core_words_of(collection, parameters)
    kept.append((parameters, None if words is None else KnownWords(collection, words)))
    return kept[-1][1]
