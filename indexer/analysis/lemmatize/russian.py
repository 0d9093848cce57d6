"""Which lemmas can a Russian word belong to?

The readings come from the OpenCorpora dictionary (see opencorpora.py). A lemma counts if the scores of its readings sum
to at least a tenth of the best lemma's. On top of that stand a few rules, each for a class of words, each said below
where it is applied. Closed classes and written shortenings are data: russian_closed.txt, russian_shortened.txt.
"""

from __future__ import annotations

import re

from indexer.analysis.lemmatize.opencorpora import (
    ABBREVIATION,
    ADJECTIVE,
    ADVERB,
    COMPARATIVE,
    PARTICIPLE,
    SHORT,
    SUPERLATIVE,
    Dictionary,
    Reading,
    load_dictionary,
)
from indexer.analysis.lemmatize.tables import forms_to_lemmas

SHARE_OF_BEST = 0.1  # a lemma with a smaller share of the best lemma's score is noise
SHARE_BESIDE_ADVERB = 0.2  # the same for a short adjective or participle where the adverb is likelier

_RUSSIAN = re.compile("[а-яё]+")
_SUPERLATIVE_STEM = re.compile(".*(?:ейш|айш|лучш|худш|больш|меньш|высш|низш)(?=..)")
_LENGTHENED = re.compile(r"(.)\1\1+")
_VOWEL_SYA = re.compile("[аеёиоуыэюя]ся$")


class RussianLemmatizer:
    """Lemmas by the OpenCorpora dictionary and by rules. One instance may be shared by threads."""

    def __init__(self, dictionary: Dictionary | None = None) -> None:
        self._dictionary = load_dictionary() if dictionary is None else dictionary
        self._closed = forms_to_lemmas("russian_closed.txt")
        self._shortened = forms_to_lemmas("russian_shortened.txt")

    def lemmas(self, form: str) -> tuple[str, ...]:
        """Every lemma of a case-folded Cyrillic word, likeliest first, with е for ё; never empty.

        A word with other letters than the Russian ones (Kazakh, Ukrainian) is its own lemma.
        """
        folded = _fold(form)
        if not _RUSSIAN.fullmatch(form):
            return self._hyphenated(form) if "-" in form else (folded,)
        if form != folded and not self._dictionary.knows(form):
            form = folded  # ё where there is none
        found = self._lemmas(form, folded)
        if form != folded:
            # Whoever types узнает for узнаёт must find it: the two spellings share a lemma.
            without_dots = self._lemmas(folded, folded)
            if not set(found) & set(without_dots):
                found += without_dots
        return tuple(found) if len(found) == 1 else tuple(dict.fromkeys(found))

    def is_common_word(self, form: str) -> bool:
        """Whether the dictionary has the case-folded word, and not as an abbreviation: воз, but not сша."""
        readings, known = self._dictionary.look_up(form)
        return known and any(not bits & ABBREVIATION for _, bits, _ in readings)

    def _lemmas(self, form: str, folded: str) -> list[str]:
        readings, known = self._dictionary.look_up(form)
        found = self._of_known(folded, readings) if known else self._of_unknown(form, folded, readings)
        return [*found, *self._shortened.get(folded, ())]

    def _of_known(self, folded: str, readings: list[Reading]) -> list[str]:
        found = list(self._closed.get(folded, ())) or self._likely(folded, readings, known=True)
        if folded not in found and _may_be_lemma(folded, readings):
            found.append(folded)
        return found

    def _of_unknown(self, form: str, folded: str, readings: list[Reading]) -> list[str]:
        """Guesses and the word itself: it may be a name, and its other cases lead to it."""
        meant = self._meant(form)
        if meant:
            return [*self._lemmas(meant, _fold(meant)), folded]
        found = []
        for guess in self._likely(folded, readings, known=False):
            guess_readings, known = self._dictionary.look_up(guess)
            # A guess that is itself a form of a known word leads on to that: вашею, ваша, ваш.
            leads_on = known and not _may_be_lemma(guess, guess_readings)
            found += self._of_known(guess, guess_readings) if leads_on else [guess]
        return [*found, folded]

    def _meant(self, form: str) -> str | None:
        """The dictionary word behind классссно, or behind боялася (-ся after a vowel, in verse and in speech)."""
        candidates = []
        if _LENGTHENED.search(form):
            candidates = [_LENGTHENED.sub(kept, form) for kept in (r"\1", r"\1\1")]
        elif _VOWEL_SYA.search(form):
            candidates = [form[:-1] + "ь"]
        return next((word for word in candidates if self._dictionary.knows(word)), None)

    def _likely(self, folded: str, readings: list[Reading], known: bool) -> list[str]:
        """The lemmas with a large enough share of the score, best first."""
        totals: dict[str, float] = {}
        some: dict[str, int] = {}  # features that at least one reading of the lemma has
        every: dict[str, int] = {}  # features that all of them have
        for lemma, features, score in readings:
            lemma = _fold(lemma)
            if features & SUPERLATIVE and (stem := _SUPERLATIVE_STEM.match(folded)):
                lemma = stem[0] + "ий"  # новейший is a lemma of its own, no form of новый
            if lemma in totals:
                totals[lemma] += score
                some[lemma] |= features
                every[lemma] &= features
            else:
                totals[lemma] = score
                some[lemma] = every[lemma] = features
        ranked = sorted(totals, key=totals.__getitem__, reverse=True) if len(totals) > 1 else list(totals)
        best = ranked[0]
        found = [best]
        for lemma in ranked[1:]:
            share = totals[lemma] / totals[best]
            if share < SHARE_OF_BEST:
                break
            # открытый, данный: a participle that the dictionary has as an adjective too, and likelier so, is one.
            if every[lemma] & PARTICIPLE and some[best] & ADJECTIVE and share < 1:
                continue
            # научно, видимо: as adverbs they are no forms of научный, видеть, unless the corpus shows the short form in use.
            if every[lemma] & SHORT and some[best] & ADVERB:
                in_corpus = known and readings[0][2] != readings[-1][2]
                if not in_corpus or share < SHARE_BESIDE_ADVERB:
                    continue
            found.append(lemma)
        # быстрее is the comparative of быстро as well as of быстрый; the dictionary has the second only.
        return found + [adverb for lemma in found if some[lemma] & COMPARATIVE for adverb in self._adverb(lemma)]

    def _adverb(self, adjective: str) -> list[str]:
        if not adjective.endswith(("ый", "ий", "ой")):
            return []
        adverb = adjective[:-2] + "о"
        readings, known = self._dictionary.look_up(adverb)
        return [adverb] if known and any(features & ADVERB for _, features, _ in readings) else []

    def _hyphenated(self, form: str) -> tuple[str, ...]:
        """медико-санитарной: медико-санитарный. города-героя: город-герой. The dictionary comes first: премьер-министра."""
        folded = _fold(form)
        parts = form.split("-")
        if not all(_RUSSIAN.fullmatch(part) for part in parts):
            return (folded,)
        if self._dictionary.knows(form):
            return tuple(self._likely(folded, self._dictionary.look_up(form)[0], known=True))
        start = _fold("-".join(parts[:-1]))
        found = [f"{start}-{lemma}" for lemma in self.lemmas(parts[-1])]
        if all(self._dictionary.knows(part) for part in parts):
            found.append("-".join(self.lemmas(part)[0] for part in parts))
        return tuple(dict.fromkeys([*found, folded]))


def _may_be_lemma(folded: str, readings: list[Reading]) -> bool:
    """Whether a known word is a key of its own, however unlikely its other readings make that.

    Who types a dictionary form means that word: марта is a name beside a case of март. And токаев is to the dictionary a
    case of токай only: surnames in -ов look like genitives, while their own cases are unknown words.
    """
    return folded.endswith(("ов", "ев")) or any(_fold(lemma) == folded for lemma, _, _ in readings)


def _fold(word: str) -> str:
    return word.replace("ё", "е")
