"""Reads the small word tables beside this module.

A table has lines `head: word word ...`. `#` begins a comment. Empty lines do not count.
"""

from __future__ import annotations

from pathlib import Path


def read_table(name: str) -> dict[str, tuple[str, ...]]:
    """Head -> its words, in the order of the file. A head on several lines gets all their words.

    Raises ValueError, with file and line, for a line without a colon.
    """
    table: dict[str, tuple[str, ...]] = {}
    path = Path(__file__).with_name(name)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            head, colon, words = line.partition(":")
            if not colon:
                raise ValueError(f"{path}, line {number}: expected `head: words`, found {line!r}")
            table[head] = table.get(head, ()) + tuple(words.split())
    return table


def forms_to_lemmas(name: str) -> dict[str, tuple[str, ...]]:
    """Form -> lemmas, from a table of lemma -> forms. The lemmas of a form are in the order of the lines."""
    lemmas: dict[str, tuple[str, ...]] = {}
    for lemma, forms in read_table(name).items():
        for form in forms:
            lemmas[form] = (*lemmas.get(form, ()), lemma)
    return lemmas
