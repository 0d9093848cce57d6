"""Lemmas of English words.

They come from lemminflect's table of forms (`english_table`). Words that are not in the table go to simplemma. Small data tables
beside this module (closed classes, contractions, shortenings, British endings) and the rules below add what both lack.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ... import core
from .english_table import FormTable, Lemmas, few_forms, load_forms
from .tables import forms_to_lemmas, read_table

if TYPE_CHECKING:
    from naidi._core import English as CoreEnglish


class Fallback(Protocol):
    """Gives the lemma of a word by another dictionary, or the word itself if that has none."""

    def __call__(self, word: str) -> str: ...


_VOWEL = re.compile("[aeiouy]")
_LENGTHENED = re.compile(r"(.)\1\1+")
_SHORTEST_TYPO = 8  # shorter words that look like typos are names: Handel, Castel, Martina


class EnglishLemmatizer:
    """Lemmas by lemminflect's table, by simplemma for other words, and by rules. Threads may share it.

    forms: lower-case form -> lemmas; None means lemminflect's table.
    fallback: lemmas of other words; None means simplemma.
    """

    def __init__(self, forms: FormTable | None = None, fallback: Fallback | None = None) -> None:
        self._closed = forms_to_lemmas("english_closed.txt")
        self._shortened = forms_to_lemmas("english_shortened.txt")
        self._contractions = read_table("english_contractions.txt")
        self._british = read_table("english_british.txt")
        self._british_endings = tuple(self._british)
        self.in_core: CoreEnglish | None = None
        self._forms: FormTable = {} if forms is None else forms
        self._is_name: Callable[[str], bool] = set[str]().__contains__
        self._of_few = few_forms() if forms is None else None
        if self._of_few is not None:
            self._forms, self._is_name = self._of_few, self._of_few.is_name
        elif forms is None:
            self._load()
        self._given_fallback = fallback

    # in_core: the table in the compiled core, once many forms are expected.

    def expect_many(self) -> None:
        """Be ready for many forms: from here on each takes a tenth of the time. This takes .25 s once."""
        if self._of_few is not None:
            self._load()

    def _load(self) -> None:
        names: set[str] = set()
        forms = load_forms(names=names)
        self._of_few = None
        if not core.is_used:
            self._forms, self._is_name = forms, names.__contains__
            return
        from naidi._core import English

        self.in_core = English(
            forms=forms,
            names=names,
            closed=self._closed,
            left_out={*self._closed, *self._shortened},
            british=self._british_endings,
            american=[american for (american,) in self._british.values()],
        )
        self._forms, self._is_name = self.in_core, self.in_core.is_name  # takes a tenth of the memory

    def all_lemmas(self, forms: Sequence[str]) -> tuple[list[Lemmas | None], list[bytes | None]]:
        """The lemmas of those forms that the core answers, and for each whether it is common; None for other forms.

        The core answers words of English letters that the table has, or that no dictionary has.
        """
        if self.in_core is None:
            return [None] * len(forms), [None] * len(forms)
        found, common = self.in_core.lemmas(forms)
        unknown = [
            place
            for place, (form, own) in enumerate(zip(forms, found, strict=True))
            if own is None and form.isascii() and form.isalpha() and form.islower() and self._fallback(form) == form
        ]
        for place, own, are in zip(unknown, *self.in_core.guesses([forms[place] for place in unknown]), strict=True):
            found[place], common[place] = own, are
        return found, common

    @cached_property
    def _fallback(self) -> Fallback:
        return _simplemma() if self._given_fallback is None else self._given_fallback

    def lemmas(self, form: str) -> Lemmas:
        """Every lemma of a lower-case Latin word, likeliest first; never empty.

        A word that no dictionary has is its own lemma. The rules may add others.
        """
        if "'" in form:
            return self._with_apostrophe(form)
        known = self._forms.get(form, ())
        closed = self._closed.get(form)
        if closed:
            # A form of a closed class may be a word as well: wan, half of "wan na".
            return (*closed, form) if known and form in known and form not in closed else closed
        found = known or tuple(self._unknown(form))
        more = [*self._shortened.get(form, ()), *filter(None, map(self._american, found))]
        return tuple(dict.fromkeys((*found, *more))) if more or not known else found

    def is_common_word(self, form: str) -> bool:
        """Whether the table or our closed classes have the lower-case word: who, but not covid."""
        return form in self._forms or form in self._closed

    def is_common_lemma(self, lemma: str) -> bool:
        """Whether they have the lower-case word, and not only as a name: rose, but not moscow."""
        return self.is_common_word(lemma) and not self._is_name(lemma)

    def _unknown(self, form: str) -> list[str]:
        lemma = self._fallback(form)
        if lemma != form:
            return [lemma, form]
        if not form.isascii():
            plain = "".join(c for c in unicodedata.normalize("NFD", form) if not unicodedata.combining(c))
            return [form, *(self.lemmas(plain) if plain.isascii() and plain.isalpha() else ())]
        return [form, *self._inflected(form), *self._mistyped(form)]

    def _inflected(self, form: str) -> list[str]:
        """The base of a regular form that the table lacks (womens, hireing), if the base is a word of the table."""
        known = self._forms
        if form.endswith("s") and not form.endswith(("ss", "us", "is")):
            return [form[:-1]] if form[:-1] in known.get(form[:-1], ()) else []
        for ending in ("ing", "ed"):
            stem = form.removesuffix(ending)
            if stem != form and len(stem) > 2:
                doubled = stem[:-1] if stem[-1] == stem[-2] else stem
                return [base for base in dict.fromkeys((stem, stem + "e", doubled)) if base in known.get(base, ())][:1]
        return []

    def _mistyped(self, form: str) -> list[str]:
        """The lemmas of the word behind a typo.

        Typos are lengthened letters (loooong) and, in a long word, two letters swapped, one doubled, or a double one halved.
        """
        known = self._forms
        if _LENGTHENED.search(form):
            for kept in (r"\1", r"\1\1"):
                word = _LENGTHENED.sub(kept, form)
                if len(word) > 1 and (word in known or word in self._closed):
                    return list(self._closed.get(word) or known.get(word, ()))
        if len(form) < _SHORTEST_TYPO:
            return []
        words = []  # one typo away
        for at in range(1, len(form)):
            start, first, second, end = form[: at - 1], form[at - 1], form[at], form[at + 1 :]
            words += [start + second + first + end, start + first + first + second + end]
            if first == second:
                words.append(start + second + end)
        meant = {word for word in words if word in known}  # the form itself is not: it is unknown
        return list(known.get(meant.pop(), ())) if len(meant) == 1 else []

    def _american(self, lemma: str) -> str | None:
        """The American spelling of a British lemma (color for colour), or None."""
        if not lemma.endswith(self._british_endings):
            return None
        for british, (american,) in self._british.items():
            stem = lemma.removesuffix(british)
            if stem != lemma and _VOWEL.search(stem):
                other = stem + american
                if other in self._forms.get(other, ()):
                    return other
        return None

    def _with_apostrophe(self, form: str) -> Lemmas:
        """don't: do, not. vaccine's: vaccine. O'Brien, O'Brien's: O'Brien with and without its apostrophe."""
        whole = self._contractions.get(form)
        if whole:
            return whole
        for ending, added in self._contractions.items():
            start = form.removesuffix(ending)
            if start != form and start.replace("'", "").isalpha():
                return tuple(dict.fromkeys((*self.lemmas(start), *added)))
        return tuple(dict.fromkeys((*self._forms.get(form, ()), form, *self.lemmas(form.replace("'", "")))))


def _simplemma() -> Fallback:
    from simplemma import Lemmatizer

    lemmatizer = Lemmatizer(cache_max_size=1)  # the keys have a cache of their own

    def lemma(word: str) -> str:
        return lemmatizer.lemmatize(word, lang="en").lower().strip(".")

    return lemma
