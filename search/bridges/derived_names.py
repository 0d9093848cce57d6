"""Which words of the same root may stand for a word that an index lacks?

The tables of endings cannot tell an ending from the end of a name: Chester is no "chest", Волков is no «волк». Nor can they tell
a word from letters that are a word of another language, or a name: tropical is not of "trop". A dictionary can.
"""

from __future__ import annotations

from itertools import takewhile

from naidi.indexer.analysis.normalize import form
from naidi.indexer.typed import TYPE_CHECKING

from ..budget import need_dictionaries
from .derivation import Relative, are_family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..collection import Collection
    from ..query.analysed import Term

# What a name may lose: vowels at its end (Япония, японский; Germany, german), and what makes a land of a people or a people of a
# land (Узбекистан, узбек; Mexican, Mexico).
_VOWELS = "aeiouyаеёиоуыэюяйь"
_OF_LANDS = ("an", "ese", "ish", "stan", "стан")


def plausible(collection: Collection, word: Term, relatives: Sequence[Relative]) -> list[Relative]:
    """Those of the relatives of a word that may be searched for instead of it.

    Parameters:
      collection: the index, which lacks the word.
      word: the word.
      relatives: see `derivation.relatives`.

    A longer word is made of this one. Is this one made of a word that is no longer? An English common word is made of common words:
    what is made of names has a capital. A name is a root itself: it loses vowels at its end, and what is said of lands, or it leads
    to another name that a dictionary has. Words that the tables name as one family are never in doubt.
    """
    need_dictionaries()
    from naidi.indexer.analysis.lemmatize.keys import are_common_keys, is_dictionary_word

    typed = form(word.text)
    is_common = any(are_common_keys(typed, word.keys))
    if is_common and not typed.isascii():
        return list(relatives)  # Russian writes what is made of names as any word: японский
    if not is_common and not is_dictionary_word(typed) and word.text == word.text.casefold():
        return list(relatives)  # a new word rather than a name: tokenizer
    return [one for one in relatives if _is_plausible(collection, word, is_common, one.key)]


def _is_plausible(collection: Collection, word: Term, is_common: bool, other: str) -> bool:
    from naidi.indexer.analysis.lemmatize.keys import is_dictionary_word

    if any(len(other) > len(key) or are_family(key, other) for key in word.keys):
        return True
    if is_common:
        return collection.is_common_key(other)
    if any(_loses_little(key, other) for key in word.keys):
        return True
    return is_dictionary_word(other) and not collection.is_common_key(other)


def _loses_little(name: str, word: str) -> bool:
    """Whether a name loses but what a name may lose to become a word."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, name, strict=False)))
    lost = name[shared:]
    return not lost.removesuffix(next(filter(lost.endswith, _OF_LANDS), "")).strip(_VOWELS)
