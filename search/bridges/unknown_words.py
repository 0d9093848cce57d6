"""Which words does an index not know, and which of them may be replaced by others?

A word may be found though no text has it and no dictionary: by a lemma that was guessed for it. «Токаевым» leads to the name
«Токаев», and that is right. But a common word has all its forms in the dictionary. So what leads to one and is none of them is a
slip: `exchnage` leads to "exchange". Such a word is found, and is unknown all the same.
"""

from __future__ import annotations

from naidi.indexer.analysis.normalize import fold_yo, form
from naidi.indexer.late import pattern
from naidi.indexer.typed import TYPE_CHECKING

from ..budget import need_dictionaries
from ..collection import Collection
from .function_words import is_function_word

if TYPE_CHECKING:
    from ..query.analysed import Term

# A word of the index may be a misspelling of another only if that is so many times as frequent.
TIMES_AS_FREQUENT = 100
# A name of the other alphabet with a lower weight is likely a chance match, if the word may be misspelt instead.
SURE_WEIGHT = 0.7
_LETTERS = pattern(r"[a-z]+(?:['’][a-z]+)?|[а-яё]+")
# Of three letters and fewer nearly any row is a word, an abbreviation or the name of a program: awk, sed, foo.
SHORTEST_REPLACED = 4
# strncpy, mkdtmp: names of programs and functions leave vowels out. No English word has six consonants in a row, but for a handful,
# and none begins with four. Russian words are no code: «Врнский» is a slip.
_UNSPEAKABLE = pattern(
    "[^aeiouyаеёиоуыэюя]+|[^aeiouyа-яё]{4}.*|.*[b-df-hj-np-tv-xz]{6}.*",
)


def is_known_word(collection: Collection, term: Term) -> bool:
    """Whether documents have a word of a query, and not only by a lemma of another that was guessed for it."""
    known = [key for key in term.keys if collection.knows_key(key)]
    if not known:
        return False
    own = form(term.text)
    if collection.known_form(own) is not None or not _LETTERS.fullmatch(own.casefold()):
        return True
    if not all(map(collection.is_common_key, known)):
        return True
    from naidi.indexer.analysis.lemmatize.old_spelling import modern

    if is_dictionary_word(own):
        return True
    today = modern(own.casefold(), is_dictionary_word)  # «миръ» is no slip
    return today is not None and is_dictionary_word(today)


def is_dictionary_word(word: str) -> bool:
    """Whether a dictionary has the word, in any form. The dictionaries are loaded at the first call."""
    need_dictionaries()
    from naidi.indexer.analysis.lemmatize import keys

    return keys.is_dictionary_word(word)


def may_be_replaced(word: str) -> bool:
    """Whether another word may be searched for instead of this one, if it is unknown. What may be of code is only asked about.

    word: of one token, as typed. Short words, those with digits or capitals inside, and those without vowels may be of code.

    >>> [word for word in ("Englnad", "awk", "strncpy", "utf8", "readLine", "which") if may_be_replaced(word)]
    ['Englnad']
    """
    folded = word.casefold()
    if len(word) < SHORTEST_REPLACED or not _LETTERS.fullmatch(folded) or is_function_word(word):
        return False
    if word[1:] != folded[1:] and not word.isupper():
        return False
    return not _UNSPEAKABLE.fullmatch(folded)


def is_other_layout(word: str) -> bool:
    """Whether a dictionary has what the same keys write in the other keyboard layout."""
    from .keyboard import turned

    other = turned(word)
    if other is None:
        return False
    return is_dictionary_word(fold_yo(other))
