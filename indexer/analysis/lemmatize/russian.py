"""Lemmas of Russian words.

The readings come from the OpenCorpora dictionary (see `opencorpora`). A lemma counts if the scores of its readings sum to
at least a tenth of those of the best lemma. A few more rules, each for a class of words, are explained where they are
applied. Closed classes and written shortenings are data: russian_closed.txt, russian_shortened.txt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from . import old_spelling
from .name_cases import nominatives
from .opencorpora import Dictionary, Parse, load_dictionary
from .paradigms import (
    ABBREVIATION,
    ADJECTIVE,
    ADVERB,
    COMPARATIVE,
    PARTICIPLE,
    SHORT,
    SUPERLATIVE,
)
from .tables import forms_to_lemmas

if TYPE_CHECKING:
    from naidi._core import Russian as CoreRussian

SHARE_OF_BEST = 0.1  # a lemma with a smaller share of the best lemma's score is noise
SHARE_BESIDE_ADVERB = 0.2  # the same for a short adjective or participle if the adverb is likelier

_RUSSIAN = re.compile("[а-яё]+")
_SUPERLATIVE_STEM = re.compile(".*(?:ейш|айш|лучш|худш|больш|меньш|высш|низш)(?=..)")
_LENGTHENED = re.compile(r"(.)\1\1+")
_SURNAMES = ("ов", "ев")
_VOWEL_SYA = re.compile("[аеёиоуыэюя]ся$")


class RussianLemmatizer:
    """Lemmas by the OpenCorpora dictionary and by rules. Threads may share an instance."""

    def __init__(self, dictionary: Dictionary | None = None) -> None:
        self._dictionary = load_dictionary() if dictionary is None else dictionary
        self._closed = forms_to_lemmas("russian_closed.txt")
        self._shortened = forms_to_lemmas("russian_shortened.txt")

    def lemmas(self, form: str) -> tuple[str, ...]:
        """Every lemma of a case-folded Cyrillic word, likeliest first, with е for ё; never empty.

        A word with other letters than the Russian ones (Kazakh, Ukrainian) is its own lemma, unless it is Russian in the
        spelling of before 1918.
        """
        folded = _fold(form)
        if not _RUSSIAN.fullmatch(form):
            if "-" in form:
                return self._hyphenated(form)
            meant = old_spelling.modern(form, self._dictionary.knows)
            return (folded,) if meant is None else tuple(dict.fromkeys((*self.lemmas(meant), folded)))
        if form != folded and not self._dictionary.knows(form):
            form = folded  # a ё that does not belong there
        found = self._lemmas(form, folded)
        if form != folded:
            # A query узнает must find узнаёт. So the two spellings must share a lemma.
            without_dots = self._lemmas(folded, folded)
            if not set(found) & set(without_dots):
                found += without_dots
        return tuple(found) if len(found) == 1 else tuple(dict.fromkeys(found))

    def all_lemmas(self, forms: Sequence[str]) -> tuple[list[tuple[str, ...] | None], list[bytes | None]]:
        """The lemmas of those forms that the core answers, and for each whether it is common; None for other forms.

        The core answers words of Russian letters whose lemmas the dictionary and the rules give.
        """
        if self.in_core is None:
            return [None] * len(forms), [None] * len(forms)
        return self.in_core.lemmas(forms)

    @cached_property
    def in_core(self) -> CoreRussian | None:
        """The dictionary and the rules in the compiled core, if they are there."""
        return self._dictionary.in_core({*self._closed, *self._shortened})

    def is_common_word(self, form: str) -> bool:
        """Whether the dictionary has the case-folded word, and not as an abbreviation: воз, but not сша."""
        readings, known = self._dictionary.look_up(form)
        return known and any(not bits & ABBREVIATION for _, bits, _ in readings)

    def common_lemmas(self, form: str) -> set[str]:
        """The lemmas of a case-folded word that a dictionary has not only as a name or an abbreviation, with е for ё.

        розы has such lemmas and москвы has none. токаев has токай, but not the name Токаев.
        """
        return set(map(_fold, self._dictionary.common_lemmas(form)))

    def _lemmas(self, form: str, folded: str) -> list[str]:
        readings, known = self._dictionary.look_up(form)
        found = self._of_known(folded, readings) if known else self._of_unknown(form, folded, readings)
        return [*found, *self._shortened.get(folded, ())]

    def _of_known(self, folded: str, readings: list[Parse]) -> list[str]:
        found = list(self._closed.get(folded, ())) or self._likely(folded, readings, known=True)
        if folded not in found and _may_be_lemma(folded, readings):
            found.append(folded)
        return found

    def _of_unknown(self, form: str, folded: str, readings: list[Parse]) -> list[str]:
        """Guesses and the word itself. It may be the nominative of a name, to which its other cases lead."""
        meant = self._meant(form)
        if meant:
            return [*self._lemmas(meant, _fold(meant)), folded]
        return [
            *self._led_on(self._likely(folded, readings, known=False)),
            folded,
            *self._unknown_names(nominatives(folded)),
        ]

    def _unknown_names(self, names: tuple[str, ...]) -> list[str]:
        """The names that the dictionary lacks. A known name is no candidate: the dictionary has all cases of its words."""
        return [name for name in names if not self._dictionary.knows(name)]

    def _led_on(self, guesses: list[str]) -> list[str]:
        """The guesses. A guess that is itself a form of a known word is replaced by its lemmas: вашею, ваша, ваш."""
        found = []
        for guess in guesses:
            readings = self._dictionary.look_up(guess)[0] if self._dictionary.knows(guess) else []
            leads_on = bool(readings) and not _may_be_lemma(guess, readings)
            found += self._of_known(guess, readings) if leads_on else [guess]
        return found

    def _meant(self, form: str) -> str | None:
        """The word behind классссно (lengthened), боялася (-ся after a vowel, in verse and in speech) or домъ (an old spelling)."""
        candidates = []
        if _LENGTHENED.search(form):
            candidates = [_LENGTHENED.sub(kept, form) for kept in (r"\1", r"\1\1")]
        elif _VOWEL_SYA.search(form):
            candidates = [form[:-1] + "ь"]
        found = next((word for word in candidates if self._dictionary.knows(word)), None)
        return found or old_spelling.modern(form, self._dictionary.knows)

    def _likely(self, folded: str, readings: list[Parse], known: bool) -> list[str]:
        """The lemmas with a large enough share of the score, best first."""
        totals: dict[str, float] = {}
        some: dict[str, int] = {}  # features that at least one reading of the lemma has
        every: dict[str, int] = {}  # features that all readings of the lemma have
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
            # открытый, данный: a participle that is likelier an adjective is only that.
            if every[lemma] & PARTICIPLE and some[best] & ADJECTIVE and share < 1:
                continue
            # научно, видимо: adverbs are no forms of научный and видеть, unless the corpus shows the short form in use.
            if every[lemma] & SHORT and some[best] & ADVERB:
                in_corpus = known and readings[0][2] != readings[-1][2]
                if not in_corpus or share < SHARE_BESIDE_ADVERB:
                    continue
            found.append(lemma)
        # быстрее is the comparative of быстро as well as of быстрый. The dictionary has only the second.
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


def _may_be_lemma(folded: str, readings: list[Parse]) -> bool:
    """Whether a known word is its own lemma, however unlikely the scores make that.

    A dictionary form may mean its own word: марта is a name as well as a case of март. And surnames in -ов look like
    genitives: the dictionary knows токаев only as a case of токай, and not the cases of the name.
    """
    return folded.endswith(_SURNAMES) or any(_fold(lemma) == folded for lemma, _, _ in readings)


def _fold(word: str) -> str:
    return word.replace("ё", "е")
