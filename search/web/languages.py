"""In which language is somebody spoken to, who asks with a browser?"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations

from naidi.indexer.messages import LANGUAGES, Catalogue, catalogue_of

from .texts import Texts

_MOST = 20


def language_for(accepted: str, wished: str | None = None) -> str:
    """The language of LANGUAGES that somebody reads best; English if none.

    Parameters:
      accepted: the value of the header Accept-Language.
      wished: what the address asks for, which goes before.
    """
    if wished in LANGUAGES:
        return wished
    best, best_weight = "en", 0.0
    for one in accepted.split(",")[:_MOST]:
        name, _, parameters = one.partition(";")
        language = name.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    """The weight of a language as a header gives it, from 0 to 1; 0 for what cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip() == "q" and 0 <= weight <= 1 else 0.0


@cache
def texts_in(language: str) -> Texts:
    """The sentences of the page in a language of LANGUAGES; in English if its catalogue is not there."""
    try:
        catalogue: Catalogue | None = catalogue_of(language)
    except FileNotFoundError:
        catalogue, language = None, "en"
    # Without a catalogue, `told` would speak the language of the command.
    return Texts(catalogue or NullTranslations(), language)
