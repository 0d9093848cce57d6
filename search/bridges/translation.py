"""Finds the words of the other language that mean the same: oil, нефть.

Tables of translations are our own list and the user's dictionaries. A word is looked up by its keys, so any form of it finds any
form of its counterparts. In an index of one language alone there is nothing to find, and nothing is read.
"""

from __future__ import annotations

import os

from naidi.indexer.messages import message, sentence
from naidi.indexer.typed import TYPE_CHECKING

from ..cache import Attached
from ..collection import Collection, FileState
from .builtin_translations import builtin_translations
from .function_words import is_function_word
from .translation_table import TranslationTable, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..collection import SegmentView
    from .synonyms import Member, WordKeyRows

MOST = 4
"""Counterparts of a word at most: those of our list, and what dictionaries add."""


class Translations:
    """The translations of words to words of one index."""

    def __init__(self, collection: Collection, tables: Sequence[TranslationTable]) -> None:
        """tables: the best first."""
        self._collection = collection
        self._tables = tables
        self._has_english, self._has_russian = (
            any(_has_between(view, *ends) for view in collection.views) for ends in _ALPHABETS
        )

    @property
    def are_between_its_words(self) -> bool:
        """Whether the index has words of both languages, so that words that it knows may have translations."""
        return self._has_english and self._has_russian

    def of(self, word: str, keys: Sequence[str], *, known: bool) -> Sequence[Member]:
        """The counterparts of a word that the index has, the commonest first. A function word has none.

        Parameters:
          word: as typed.
          keys: of the word.
          known: whether the index has the word itself. Then no counterpart is a phrase: it takes as long as ten words, and adds
            little.
        """
        if not (self._has_russian if keys[0].isascii() else self._has_english):
            return ()
        found: dict[WordKeyRows, Member] = {}
        doc_freq = self._collection.doc_freq
        for table in self._tables:
            for key in keys:
                for member in table.of(key):
                    if (known and len(member.keys) > 1) or len(found) == MOST or member.keys in found:
                        continue
                    if all(map(doc_freq, member.keys)):
                        found[member.keys] = member
        return () if not found or is_function_word(word) else tuple(found.values())


# From the first letter of an alphabet to what stands behind the last one, in the order of bytes.
_ALPHABETS = ((b"a", b"{"), ("а".encode(), "ё".encode()))


def _has_between(view: SegmentView, first: bytes, behind: bytes) -> bool:
    keys = view.segment.keys
    return keys.lower_bound(first) < keys.lower_bound(behind)


def _users(folder: FileState) -> tuple[list[TranslationTable], tuple[str, ...]]:
    """The tables of the user's dictionaries, and warnings about those that cannot be read."""
    from naidi.indexer.errors import IndexDamaged
    from naidi.indexer.state.dictionaries import dictionary_names, stored_dictionary

    tables, warnings = [], []
    index = os.path.dirname(folder.path)
    for name in dictionary_names(index):
        try:
            found = stored_dictionary(index, name)
            tables.append(table_of(found.path, found.start))
        except (IndexDamaged, OSError) as error:
            warnings.append(message("the dictionary {name} is not used: {reason}", name=name, reason=sentence(error)))
    return tables, tuple(warnings)


_USERS = Attached(_users)


def translations_of(collection: Collection) -> tuple[Translations, tuple[str, ...]]:
    """(the translations to words of an index, warnings about dictionaries of the user)."""
    tables, warnings = _USERS.of(collection.dictionaries) if collection.dictionaries.is_there else ([], ())
    return Translations(collection, (builtin_translations(), *tables)), warnings
