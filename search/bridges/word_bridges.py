"""Puts the bridges together: the alternatives of each word of a query.

Every bridge ends at words of the index. The alternatives of a word depend only on the state of the index, so they are
remembered.
"""

from __future__ import annotations

from itertools import compress

from naidi.indexer.analysis.normalize import abbreviation_base, fold_yo, form
from naidi.indexer.analysis.tokenizer import forms as forms_of_text
from naidi.indexer.analysis.tokenizer import tokenize
from naidi.indexer.late import partial
from naidi.indexer.record import replace
from naidi.indexer.typed import TYPE_CHECKING

from ..cache import Attached, Cache
from ..collection import Collection, FileState, SegmentMemory, SegmentView
from ..query.analysed import Alternative, Identity, NearPhrase, Term
from ..query.rewrite import Help, lemma_term, term_of_keys
from .learnt_synonyms import Definitions, LearntTable
from .synonym_groups import SynonymList, read_file
from .synonyms import GroupTable, Match, Synonyms, Table, WordKeys

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

# The weight of an alternative: the share of its score that counts.
_SYNONYM_WEIGHT = 0.85
_ROMANISATION_WEIGHT = 0.85
DERIVATION_WEIGHT = 0.2
# A word in at least this many documents gets no derived words.
RARE = 50
# A name has some spellings in the other alphabet, not dozens.
_MOST_ROMANISED = 8
# Of more words in a row, none are read as one: a blank too many stands in short queries.
_MOST_JOINED = 12
# Bytes for the alternatives of all words.
_HELP_BYTES = 1_000_000


class WordBridges:
    """The bridges of one state of an index. Threads may share it."""

    def __init__(self, collection: Collection, synonyms: Synonyms, warnings: tuple[str, ...] = ()) -> None:
        """warnings: about the files of synonyms, to be shown to the user."""
        self.warnings = warnings
        self._collection = collection
        self._synonyms = synonyms
        self._known: Cache[tuple[str, Identity], Help] = Cache(_HELP_BYTES)

    def of_word(self, node: Term | NearPhrase) -> Help:
        """The alternatives of a word, surest first, with what is known of the word itself."""
        # Terms with the same keys find the same documents. But the words as typed may sound like different names.
        found = self._known.get((node.typed_text, node.identity), lambda: self._help(node))
        return found._replace(alternatives=_boosted(found.alternatives, node.boost))

    def _help(self, node: Term | NearPhrase) -> Help:
        is_known = all(map(self._is_known, node.parts))
        alone = isinstance(node, Term) and node.field is None
        leads = alone and self._synonyms.begin_with(_word_keys(node.parts[0]))
        return Help(self._of_word(node), is_known, leads)

    def of_row(self, words: Sequence[Term]) -> list[tuple[int, int, tuple[Alternative, ...]]]:
        """(start, end, alternatives) for each run of two or more words that is a name or the long form of an acronym."""
        found = []
        for match in self._synonyms.of(list(map(_word_keys, words))):
            if match.end - match.start > 1:
                alternatives = tuple(self._synonymous(match, words[0].field))
                if alternatives:
                    found.append((match.start, match.end, _boosted(alternatives, words[0].boost)))
        return self._with_joined(words, found) if self._may_be_joined(words) else found

    def _may_be_joined(self, words: Sequence[Term]) -> bool:
        return len(words) <= _MOST_JOINED and not all(map(self._is_known, words))

    def _with_joined(
        self, words: Sequence[Term], found: list[tuple[int, int, tuple[Alternative, ...]]]
    ) -> list[tuple[int, int, tuple[Alternative, ...]]]:
        """The runs, and two words of which the index lacks one, but has what they are without the blank: corona virus."""
        from .word_breaks import joined_word

        taken = {place for start, end, _ in found for place in range(start, end)}
        for start in range(len(words) - 1):
            if start in taken or start + 1 in taken:
                continue
            whole = joined_word(self._collection, words[start].text, words[start + 1].text)
            if whole is not None:
                term = in_field(lemma_term(self._collection, whole, whole), words[start].field)
                found.append((start, start + 2, _boosted((Alternative(term, "spelling", 1.0),), words[0].boost)))
                taken.update((start, start + 1))
        return sorted(found, key=lambda run: run[0])

    @property
    def beginnings(self) -> tuple[AbstractSet[str] | None, tuple[Mapping[str, object], ...]]:
        """As `Synonyms.beginnings`."""
        return self._synonyms.beginnings

    def leads_alone(self, word: WordKeys, is_common: bool) -> bool | None:
        """Whether a name of several words may begin with a plain word of the index. None if it may have alternatives that are no
        derived words: few words have.

        Parameters:
          word: a known word in small letters, perhaps with a capital at the beginning, in all fields.
          is_common: whether all its keys are common words of a dictionary.
        """
        leads = self._synonyms.begin_with(word)
        if leads and self._synonyms.of([word]):
            return None
        if not is_common:
            from .romanisation import may_have_names

            lexicon = self._collection.core_lexicon
            if may_have_names(self._collection, lexicon, word.form, word.keys):
                return None
        return leads

    def knows(self, word: str) -> bool:
        """Whether the index has every word of the text, by one of its keys."""
        terms = [lemma_term(self._collection, form, form) for form in forms_of_text(word)]
        return bool(terms) and all(map(self._is_known, terms))

    def _of_word(self, node: Term | NearPhrase) -> tuple[Alternative, ...]:
        if isinstance(node, NearPhrase):
            return tuple(self._of_compound(node))
        if node.kind != "lemma":
            return ()
        doc_freq = self._collection.doc_freq(node.keys)
        alternatives = [*self._of_synonyms([node], node.field)]
        # A word that has a synonym needs no chance match: only what is almost certainly the same name.
        romanised = self._romanised(node, known=doc_freq > 0 or bool(alternatives))
        told = {fold_yo(other.node.typed_text.casefold()) for other in alternatives}
        alternatives += [other for other in romanised if other.node.typed_text not in told]
        if doc_freq < RARE:
            alternatives += self._derived(node)
        seen = {node.identity}
        distinct = []
        for other in alternatives:
            assert isinstance(other.node, (Term, NearPhrase))
            if other.node.identity not in seen:
                seen.add(other.node.identity)
                distinct.append(other)
        return tuple(distinct)

    def _of_synonyms(self, words: Sequence[Term], field: str | None) -> Iterator[Alternative]:
        """The synonyms of all the words together."""
        for match in self._synonyms.of(list(map(_word_keys, words))):
            if match.end - match.start == len(words):
                yield from self._synonymous(match, field)

    def _synonymous(self, match: Match, field: str | None) -> Iterator[Alternative]:
        for other in match.alternatives:
            texts = [token.text for token in tokenize(other.text)]
            if len(texts) != len(other.keys):
                texts = [keys[0] for keys in other.keys]
            parts = [term_of_keys(text, keys) for text, keys in zip(texts, other.keys, strict=True)]
            if parts and all(map(self._is_known, parts)):
                yield Alternative(_joined(parts, other.text, field), "synonym", _SYNONYM_WEIGHT)

    def _romanised(self, word: Term, *, known: bool) -> Iterator[Alternative]:
        if known and all(map(self._collection.is_common_key, word.keys)):
            return  # a common word, known to the index: a strict search would find no candidate
        from .romanisation import candidates

        found = candidates(self._collection, word.text, limit=_MOST_ROMANISED, strict=known)
        if found and not known:
            from .spelling import is_rather_misspelt

            best = found[0]
            if is_rather_misspelt(self._collection, word.text, best.similarity, self._collection.doc_freq((best.key,))):
                return
        for candidate in found:
            term = in_field(term_of_keys(candidate.key, (candidate.key,)), word.field)
            yield Alternative(term, "romanisation", _ROMANISATION_WEIGHT * candidate.similarity)

    def _derived(self, word: Term) -> Iterator[Alternative]:
        from .derivation import relatives

        for relative in relatives(self._collection, word.keys):
            yield derived_word(relative.key, relative.similarity, word.field)

    def _of_compound(self, phrase: NearPhrase) -> Iterator[Alternative]:
        """Касым-Жомарт: the same phrase with misspelt parts as they should be, and with parts in the other alphabet.

        The index must have each part of the one or of the other.
        """
        yield from self._of_synonyms(phrase.parts, phrase.field)
        if not all(map(self._is_known, phrase.parts)):
            yield from self._mended(phrase)
        parts: list[Term] = []
        changed = False
        for part in phrase.parts:
            if part.kind == "lemma":
                is_known = self._is_known(part)
                romanised = [other.node for other in self._romanised(part, known=is_known)]
                keys = tuple(key for node in romanised if isinstance(node, Term) for key in node.keys)
                if keys:
                    part, changed = term_of_keys(keys[0], (*keys, *part.keys) if is_known else keys), True
                elif not is_known:
                    return
            parts.append(part)
        if changed:
            yield Alternative(replace(phrase, parts=tuple(parts), boost=1.0), "romanisation", _ROMANISATION_WEIGHT)

    def _mended(self, phrase: NearPhrase) -> Iterator[Alternative]:
        """The phrase with the nearest words in the place of those that the index lacks. It finds nothing without them."""
        from .spelling import corrections, worth_replacing

        parts: list[Term] = []
        for part in phrase.parts:
            if not self._is_known(part):
                found = corrections(self._collection, part.text, limit=1) if part.kind == "lemma" else ()
                if not found or not worth_replacing(self._collection, part.text, found[0]):
                    return
                part = form_term(self._collection, found[0].form)
            parts.append(part)
        yield Alternative(replace(phrase, parts=tuple(parts), boost=1.0), "spelling", 1.0)

    def _is_known(self, term: Term) -> bool:
        return self._collection.knows_any(term.keys)


def _word_keys(term: Term) -> WordKeys:
    """A word for the tables of synonyms. An abbreviation keeps its key in capitals, even if the index lacks that key."""
    base = abbreviation_base(form(term.text))
    if base is None or fold_yo(base) in term.keys:
        return WordKeys(term.text, term.keys)
    return WordKeys(term.text, (fold_yo(base), *term.keys))


def derived_word(key: str, similarity: float, field: str | None = None) -> Alternative:
    """A word of the same root as an alternative. similarity: see `Relative`."""
    return Alternative(in_field(term_of_keys(key, (key,)), field), "derivation", DERIVATION_WEIGHT * similarity)


def form_term(collection: Collection, word: str) -> Term:
    """The term of a form of the index, or of a key that is none of its forms."""
    term = lemma_term(collection, word, word)
    # A key that was guessed from a form need not be what the dictionary makes of the key itself.
    return term if collection.knows_any(term.keys) else term_of_keys(word, (word,))


def in_field(term: Term, field: str | None) -> Term:
    """The term in one field; None means all fields."""
    return term if field is None else replace(term, field=field, identity=(*term.identity[:-1], field))


def _boosted(alternatives: tuple[Alternative, ...], boost: float) -> tuple[Alternative, ...]:
    """The alternatives of a word with a boost: each takes it over."""
    if boost == 1.0:
        return alternatives
    return tuple(
        replace(other, node=replace(other.node, boost=boost)) if isinstance(other.node, (Term, NearPhrase)) else other
        for other in alternatives
    )


def _joined(parts: Sequence[Term], text: str, field: str | None) -> Term | NearPhrase:
    if len(parts) == 1:
        return in_field(replace(parts[0], text=text), field)
    return NearPhrase(tuple(parts), 0, field, 1.0)


_BRIDGES: Attached[Collection, WordBridges] = Attached(lambda owner: WordBridges(owner, *synonyms_of(owner)))


def bridges_of(collection: Collection) -> WordBridges:
    """The bridges of an index, made at the first call."""
    return _BRIDGES.of(collection)


_DEFINITIONS: Attached[SegmentMemory, Definitions] = Attached(lambda memory: Definitions(memory.segment.acronyms))
_USERS: Attached[FileState, SynonymList] = Attached(lambda file: read_file(file.path))


def _live_counts(view: SegmentView) -> Counter[int]:
    """For each pair of an acronym and a long form of a segment, how many live documents define it so."""
    from collections import Counter

    items = view.segment.container.items
    pairs, live = items("acronyms.pairs"), view.live_bytes
    return Counter(pairs if live is None else compress(pairs, map(live.__getitem__, items("acronyms.docs"))))


_LIVE_COUNTS = Attached(_live_counts)


def synonyms_of(collection: Collection) -> tuple[Synonyms, tuple[str, ...]]:
    """(the synonyms of an index, warnings about the user's file).

    The tables are the user's file in the index directory, the definitions in documents, and the built-in list, in this
    order.
    """
    from .builtin_synonyms import builtin_table

    def known(form: str) -> tuple[str, ...] | None:
        found = collection.known_form(form)
        return None if found is None else found[0]

    learnt = [(_DEFINITIONS.of(view.memory), partial(_LIVE_COUNTS.of, view)) for view in collection.views]
    tables: list[Table] = [LearntTable(learnt, known), builtin_table()]
    warnings: tuple[str, ...] = ()
    if collection.synonyms.is_there:
        users = _USERS.of(collection.synonyms)
        warnings = tuple(users.warnings)
        tables.insert(0, GroupTable("user", users.groups, known))
    return Synonyms(tables), warnings
