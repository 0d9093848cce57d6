"""Our own list of translations, with keys that were worked out beforehand.

`translations.txt` is written by hand. `translations.keys` is made of it, so that a look-up needs no dictionary.
`python -m naidi.search.bridges.builtin_translations` makes it anew. A test checks that it is up to date.
"""

from __future__ import annotations

import os

from naidi.indexer.late import cache
from naidi.indexer.typed import TYPE_CHECKING

from .translation_table import TranslationTable, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from naidi.indexer.late import StrPath

    from .bilingual_list import Entry

LIST = os.path.join(os.path.dirname(__file__), "translations.txt")
TABLE = os.path.join(os.path.dirname(__file__), "translations.keys")


@cache
def builtin_translations() -> TranslationTable:
    """The table of the list, mapped at the first call."""
    return table_of(TABLE)


def read_list(path: StrPath = LIST) -> Iterator[Entry]:
    """The entries of a list. Raises ValueError for a line that cannot be read."""
    from .bilingual_list import Entry

    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.partition("#")[0].strip()
            headword, equal, others = text.partition("=")
            counterparts = [each.strip() for each in others.split(",")]
            if text and not (headword.strip() and equal and all(counterparts)):
                raise ValueError(f"{path}, line {number}: write `english = русский, другой`")
            if text:
                # The fewer counterparts a word has, the likelier it means just one of them.
                yield Entry(headword.strip(), counterparts, -len(counterparts))


def compiled_list(path: StrPath = LIST) -> str:
    """The text of the table for a list. Needs the dictionaries. Raises ValueError for a line that cannot be read."""
    from naidi.indexer.analysis.lemmatize.keys import keys

    from .bilingual_list import compiled

    return "".join(compiled(read_list(path), keys))


if __name__ == "__main__":
    with open(TABLE, "w", encoding="utf-8", newline="\n") as file:
        file.write(compiled_list())
