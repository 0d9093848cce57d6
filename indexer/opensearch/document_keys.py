"""By what documents are found, counted and put in order beside their words: keys made of ids, paths and titles.

They are made here, since the cluster folds the case of Latin letters alone.
"""

from __future__ import annotations

import os

from ..file_facts import PART

LONGEST_PATH, LONGEST_TITLE = 8_000, 1_000
"""Code points of a key. What comes behind them does not count."""


def path_key(doc_id: str, path: str | None, synced: bool) -> str:
    """The path that patterns are compared with, in small letters and behind a slash.

    A document of a synced folder has its id for a path, and so has one without a path.

    >>> path_key("notes/A.md", None, True), path_key("7", "C:\\\\Отчёты\\\\a.PDF", False)
    ('/notes/a.md', '/c:/отчёты/a.pdf')
    """
    shown = doc_id if synced or path is None else path.replace("\\", "/")
    return f"/{shown}".replace("\0", "").lower()[:LONGEST_PATH]


def file_keys(doc_id: str, path: str | None, synced: bool) -> dict[str, str]:
    """The folder and the type of the file of a document, which facets count; nothing for a document without a file.

    >>> file_keys("notes/b/a.MD//3", None, True), file_keys("7", None, False)
    ({'folder': 'notes/b', 'type': 'md'}, {})
    """
    file = doc_id.partition(PART)[0] if synced else path
    if file is None:
        return {}
    return {
        "folder": os.path.dirname(file)[:LONGEST_PATH],
        "type": os.path.splitext(file)[1][1:].lower()[:LONGEST_PATH],
    }


def title_key(title: str) -> str:
    """By what documents are put in the order of their titles, whatever the case.

    >>> title_key("Ёлка")
    'ёлка'
    """
    return title.casefold()[:LONGEST_TITLE]
