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
from .builtin_synonyms import EVERYDAY, builtin_table
from .function_words import is_function_word
from .joined_words import joined, words_of
from .learnt_synonyms import Definitions, LearntTable
from .synonym_groups import SynonymList, read_file
from .synonyms import USERS, GroupTable, Match, Member, SynonymMatch, Synonyms, Table, WordKeys
from .unknown_words import is_dictionary_word, is_known_word

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from .translation import Translations

# The weight of an alternative: the share of its score that counts.
_SYNONYM_WEIGHT = 0.85
_EVERYDAY_WEIGHT = 0.4  # of a synonym that means nearly the same, and of re-entry without its hyphen
_ROMANISATION_WEIGHT = 0.85
_WRITING_WEIGHT = 0.85  # of the same word as one or as several, or in letters that look alike
DERIVATION_WEIGHT = 0.2
# Of what is written in the other alphabet, translation or not, beside a word that the index has: its own language comes first. And
# of a translation of a word that it lacks.
TRANSLATION_WEIGHT, _SOLE_TRANSLATION_WEIGHT = 0.3, 0.8
# A word in at least this many documents gets no derived words, everyday synonyms or translations: it finds enough.
RARE = 50
# An acronym of so few letters may stand for many things: ML, AI.
_AMBIGUOUS_ACRONYM = 2
# A name has some spellings in the other alphabet, not dozens.
_MOST_ROMANISED = 8
# Of more words in a row, none are read as one: a blank too many stands in short queries.
_MOST_JOINED = 12
# Bytes for the alternatives of all words.
_HELP_BYTES = 1_000_000


class WordBridges:
    """The bridges of one state of an index. Threads may share it."""

    def __init__(
        self,
        collection: Collection,
        synonyms: Synonyms,
        warnings: tuple[str, ...] = (),
        translations: Translations | None = None,
    ) -> None:
        """
        Parameters:
          warnings: about the files of synonyms and dictionaries, to be shown to the user.
          translations: None for none.
        """
        self.warnings = warnings
        self._translations = translations
        self._collection = collection
        self._synonyms = synonyms
        self._known: Cache[tuple[str, Identity], Help] = Cache(_HELP_BYTES)

    def of_word(self, node: Term | NearPhrase) -> Help:
        """The alternatives of a word, surest first, with what is known of the word itself."""
        # Terms with the same keys find the same documents. But the words as typed may sound like different names.
        found = self._known.get((node.typed_text, node.identity), lambda: self._help(node))
        return found._replace(alternatives=_boosted(found.alternatives, node.boost))

    def _help(self, node: Term | NearPhrase) -> Help:
        is_known = all(is_known_word(self._collection, part) for part in node.parts)
        alone = isinstance(node, Term) and node.field is None
        leads = alone and self._synonyms.may_begin_several(_word_keys(node.parts[0]))
        return Help(self._of_word(node), is_known, leads)

    def of_row(self, words: Sequence[Term]) -> list[tuple[int, int, tuple[Alternative, ...]]]:
        """(start, end, alternatives) for each run of two or more words that is a name or the long form of an acronym."""
        found = []
        for match in self._synonyms.of(list(map(_word_keys, words))):
            if match.end - match.start > 1:
                alternatives = tuple(self._synonymous(match, words[match.start : match.end], words[0].field))
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
    def translates(self) -> bool:
        """Whether translations are among the alternatives."""
        return self._translations is not None

    @property
    def translates_known_words(self) -> bool:
        """Whether a word that the index has may have a translation."""
        return self._translations is not None and self._translations.are_between_its_words

    def translations(self, word: str, keys: tuple[str, ...], *, known: bool) -> Sequence[Member]:
        """As `Translations.of`."""
        return () if self._translations is None else self._translations.of(word, keys, known=known)

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
        begins = self._synonyms.begin_with(word)
        if begins and any(self._counting(match, word.keys) for match in self._synonyms.of([word])):
            return None
        if not is_common and not is_function_word(word.form):
            from .romanisation import may_have_names

            lexicon = self._collection.core_lexicon
            if may_have_names(self._collection, lexicon, word.form, word.keys):
                return None
        return begins and self._synonyms.may_begin_several(word)

    def knows(self, word: str) -> bool:
        """Whether the index has every word of the text, by one of its keys."""
        return self._are_all(self._is_known, word)

    def may_mean(self, word: str) -> bool:
        """Whether a text may have been meant: the index has every word of it, none only by a guessed lemma."""
        return self._are_all(partial(is_known_word, self._collection), word)

    def _are_all(self, is_so: Callable[[Term], bool], text: str) -> bool:
        """Whether something is so of every word of a text, which has one at least."""
        terms = [lemma_term(self._collection, form, form) for form in forms_of_text(text)]
        return bool(terms) and all(map(is_so, terms))

    def may_be_right(self, word: str) -> bool:
        """Whether a word that the index lacks may be right as typed, or nearly so.

        It may if a dictionary has it, the index has it in the other alphabet, or a cheap typo leads from it to a word of the index.
        """
        from .romanisation import is_written_otherwise
        from .spelling import is_slip

        collection = self._collection
        words = forms_of_text(word)
        return any(map(is_dictionary_word, words)) or any(
            is_written_otherwise(collection, one) or is_slip(collection, one) for one in words
        )

    def _of_word(self, node: Term | NearPhrase) -> tuple[Alternative, ...]:
        if isinstance(node, NearPhrase):
            return tuple(self._of_compound(node))
        if node.kind != "lemma":
            return ()
        doc_freq = self._collection.doc_freq(node.keys)
        synonyms = list(self._of_synonyms([node], node.field))
        alternatives = [*synonyms, *self._as_several(node)]
        if not doc_freq:
            alternatives += self._of_the_same_shape(node)
        is_rare = doc_freq < RARE and not is_function_word(node.text)
        if is_rare:
            alternatives += self.translated(node, known=doc_freq > 0)
        # A word that has a synonym needs no chance match: only what is almost certainly the same name.
        romanised = self._romanised(node, known=doc_freq > 0 or bool(synonyms))
        told = {fold_yo(other.node.typed_text.casefold()) for other in synonyms}
        alternatives += [other for other in romanised if other.node.typed_text not in told]
        if is_rare:
            alternatives += self._derived(node, known=doc_freq > 0)
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
                yield from self._synonymous(match, words, field)

    def _counting(self, match: Match, keys: Sequence[str]) -> list[SynonymMatch]:
        """The synonyms of a match that count: for a frequent word, given by its keys, no everyday words. It finds enough itself."""
        of_names = [other for other in match.alternatives if other.source != EVERYDAY]
        if len(of_names) == len(match.alternatives) or self._collection.doc_freq(keys) >= RARE:
            return of_names
        return list(match.alternatives)

    def _synonymous(self, match: Match, words: Sequence[Term], field: str | None) -> Iterator[Alternative]:
        """words: those that are matched. field: None for all."""
        is_known = all(map(self._is_known, words))
        in_cyrillic = _has_cyrillic("".join([word.text for word in words]))
        for other in self._counting(match, words[0].keys if len(words) == 1 else ()):
            is_across = _has_cyrillic(other.text) != in_cyrillic
            texts = [token.text for token in tokenize(other.text)]
            if len(texts) != len(other.keys):
                texts = [keys[0] for keys in other.keys]
            parts = [term_of_keys(text, keys) for text, keys in zip(texts, other.keys, strict=True)]
            if parts and all(map(self._is_known, parts)):
                weight = _EVERYDAY_WEIGHT if other.source == EVERYDAY else _SYNONYM_WEIGHT
                is_unsure = is_across or (len(words) > 1 and len(other.text) <= _AMBIGUOUS_ACRONYM)
                if is_known and is_unsure and other.source != USERS:
                    weight = min(weight, TRANSLATION_WEIGHT)
                yield Alternative(_joined(parts, other.text, field), "synonym", weight)

    def _romanised(self, word: Term, *, known: bool) -> Iterator[Alternative]:
        if is_function_word(word.text):
            return
        if known and all(map(self._collection.is_common_key, word.keys)):
            return  # a common word, known to the index: a strict search would find no candidate
        from .romanisation import candidates

        found = candidates(self._collection, word.text, limit=_MOST_ROMANISED, strict=known)
        found = [one for one in found if not is_function_word(one.key)]  # a name is no "or", whatever it sounds like
        if found and not known:
            from .spelling import is_rather_misspelt

            best = found[0]
            if is_rather_misspelt(self._collection, word.text, best.similarity, self._collection.doc_freq((best.key,))):
                return
        most = TRANSLATION_WEIGHT if self._is_known(word) else _ROMANISATION_WEIGHT
        for candidate in found:
            term = in_field(term_of_keys(candidate.key, (candidate.key,)), word.field)
            yield Alternative(term, "romanisation", most * candidate.similarity, candidate.similarity)

    def _as_several(self, word: Term) -> Iterator[Alternative]:
        """#ЧёрнаяПятница: the words side by side, if the index has them."""
        words = words_of(word.text)
        parts = [lemma_term(self._collection, form(one), one) for one in words]
        if parts and all(map(self._is_known, parts)):
            yield Alternative(NearPhrase(tuple(parts), 0, word.field, 1.0), "spelling", _WRITING_WEIGHT)

    def _of_the_same_shape(self, word: Term) -> Iterator[Alternative]:
        from .shapes import look_alikes

        spellings = dict.fromkeys((fold_yo(word.text.casefold()), *word.keys))
        for key in dict.fromkeys(key for each in spellings for key in look_alikes(self._collection, each)):
            yield Alternative(in_field(term_of_keys(key, (key,)), word.field), "spelling", _WRITING_WEIGHT)

    def _as_one(self, phrase: NearPhrase) -> Iterator[Alternative]:
        """веб-сервис: the same without the hyphen, if the index has it. It counts for little if the index has the parts."""
        weight = _EVERYDAY_WEIGHT if all(map(self._is_known, phrase.parts)) else _WRITING_WEIGHT
        for key in joined([(part.text, part.keys) for part in phrase.parts]):
            if self._collection.knows_key(key):
                yield Alternative(in_field(term_of_keys(key, (key,)), phrase.field), "spelling", weight)
                return

    def translated(self, word: Term, *, known: bool) -> Iterator[Alternative]:
        """The translations of a rare word. known: whether the index has it."""
        weight = TRANSLATION_WEIGHT if known else _SOLE_TRANSLATION_WEIGHT
        for text, keys in self.translations(word.text, word.keys, known=known):
            parts = [term_of_keys(keys_of_word[0], keys_of_word) for keys_of_word in keys]
            yield Alternative(_joined(parts, text, word.field), "translation", weight)

    def _derived(self, word: Term, *, known: bool) -> Iterator[Alternative]:
        """The words of the same root. known: whether the index has the word; else they would stand for it, and must be sure."""
        from .derivation import relatives

        found = relatives(self._collection, word.keys)
        if found and not known:
            from .derived_names import plausible

            found = plausible(self._collection, word, found)
        for relative in found:
            yield derived_word(relative.key, relative.similarity, word.field)

    def _of_compound(self, phrase: NearPhrase) -> Iterator[Alternative]:
        """Касым-Жомарт: the same phrase with parts in the other alphabet. The index must have each part in either one."""
        yield from self._of_synonyms(phrase.parts, phrase.field)
        yield from self._as_one(phrase)
        parts: list[Term] = []
        changed, confidence = False, 1.0
        for part in phrase.parts:
            if part.kind == "lemma":
                is_known = self._is_known(part)
                romanised = list(self._romanised(part, known=is_known))
                keys = tuple(key for other in romanised if isinstance(other.node, Term) for key in other.node.keys)
                if keys:
                    confidence = min(confidence, max(other.confidence for other in romanised))
                    part, changed = term_of_keys(keys[0], (*keys, *part.keys) if is_known else keys), True
                elif not is_known:
                    return
            parts.append(part)
        if changed:
            other_phrase = replace(phrase, parts=tuple(parts), boost=1.0)
            yield Alternative(other_phrase, "romanisation", _ROMANISATION_WEIGHT, confidence)

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
    node = in_field(term_of_keys(key, (key,)), field)
    return Alternative(node, "derivation", DERIVATION_WEIGHT * similarity, similarity)


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


def _has_cyrillic(text: str) -> bool:
    return any("\u0400" <= letter <= "\u052f" for letter in text)


def _joined(parts: Sequence[Term], text: str, field: str | None) -> Term | NearPhrase:
    if len(parts) == 1:
        return in_field(replace(parts[0], text=text), field)
    return NearPhrase(tuple(parts), 0, field, 1.0)


def _bridges(collection: Collection) -> WordBridges:
    from .translation import translations_of

    synonyms, warnings = synonyms_of(collection)
    translations, more = translations_of(collection)
    return WordBridges(collection, synonyms, (*warnings, *more), translations)


_BRIDGES = Attached(_bridges)
_UNTRANSLATED: Attached[Collection, WordBridges] = Attached(lambda owner: WordBridges(owner, *synonyms_of(owner)))


def bridges_of(collection: Collection, *, translate: bool = True) -> WordBridges:
    """The bridges of an index, with or without translations, made at the first call."""
    return (_BRIDGES if translate else _UNTRANSLATED).of(collection)


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

    The tables are the user's file in the index directory, the definitions in documents, and the built-in lists, in this
    order.
    """

    def known(form: str) -> tuple[str, ...] | None:
        found = collection.known_form(form)
        return None if found is None else found[0]

    learnt = [(_DEFINITIONS.of(view.memory), partial(_LIVE_COUNTS.of, view)) for view in collection.views]
    tables: list[Table] = [LearntTable(learnt, known), builtin_table(), builtin_table(EVERYDAY)]
    warnings: tuple[str, ...] = ()
    if collection.synonyms.is_there:
        users = _USERS.of(collection.synonyms)
        warnings = tuple(users.warnings)
        tables.insert(0, GroupTable(USERS, users.groups, known))
    return Synonyms(tables), warnings
