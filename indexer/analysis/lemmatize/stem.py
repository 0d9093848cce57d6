"""What does Snowball make of a form? The coarse second opinion beside the lemmas: vaccination and vaccine meet here."""

from __future__ import annotations

import re
from threading import local
from typing import TYPE_CHECKING

from indexer.analysis import normalize

if TYPE_CHECKING:
    from Stemmer import Stemmer

_RUSSIAN = re.compile("[а-я]+")
_ENGLISH = re.compile("[a-z]+(?:'[a-z]+)*")
_stemmers = local()  # a Stemmer must not be used by two threads at once


def stem(form: str) -> str:
    """The stem by PyStemmer's Russian or English algorithm, by the form's script; case-folded, е for ё.

    A form in another script, in a mixed one or with digits is its own stem.
    """
    folded = normalize.fold_yo(normalize.form(form).casefold())
    if _RUSSIAN.fullmatch(folded):
        return str(_stemmer("russian").stemWord(folded))
    if _ENGLISH.fullmatch(folded):
        return str(_stemmer("english").stemWord(folded))
    return folded


def _stemmer(language: str) -> Stemmer:
    stemmer: Stemmer | None = getattr(_stemmers, language, None)
    if stemmer is None:
        from Stemmer import Stemmer

        stemmer = Stemmer(language)
        setattr(_stemmers, language, stemmer)
    return stemmer
