"""How does a larger collection come about? Real paragraphs, put together anew.

A made document has real paragraphs of one language under a real title, until it is as long as wanted. So words keep their
frequencies and neighbours; but no new word ever appears, which in a real collection of that size they would.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from benchmarks.shared.records import Record
from benchmarks.shared.workload import language_of

DOCUMENT_BYTES = 1200  # on average, of text: a million documents are 1.2 GB

_BLANK_LINE = re.compile(r"\n(?:[ \t]*\n)+")
_INDENT = re.compile(r"\n(?=[ \t]{2,}\S)")
_LONG_LINE = 120


def paragraphs(text: str) -> list[str]:
    """The text cut at blank lines, else at indented lines, else at the ends of long lines; no paragraph is blank."""
    for cut in (_BLANK_LINE, _INDENT):
        parts = [part for part in cut.split(text) if part.strip()]
        if len(parts) > 1:
            return parts
    lines = [line for line in text.split("\n") if line.strip()]
    if lines and sum(map(len, lines)) > _LONG_LINE * len(lines):
        return lines
    return [text] if text.strip() else []


def pieces(paragraph: str, most: int) -> list[str]:
    """The paragraph, cut at white space into pieces of at most so many characters; what has no white space stays whole."""
    found = []
    while len(paragraph) > most:
        cut = max(paragraph.rfind(" ", 0, most + 1), paragraph.rfind("\n", 0, most + 1))
        if cut <= 0:
            break
        found.append(paragraph[:cut])
        paragraph = paragraph[cut + 1 :]
    return [piece for piece in [*found, paragraph] if piece.strip()]


class Recombined:
    """Made collections from the paragraphs of real records. The same seed gives the same ones; fewer are the first of more.

    document_bytes: how long a made document is on average; each wants a length between half and one and a half of that. Longer
    paragraphs are cut.
    """

    def __init__(self, records: Sequence[Record], seed: int, document_bytes: int = DOCUMENT_BYTES) -> None:
        """Raises ValueError if no record has any text."""
        self._seed = seed
        self._document_bytes = document_bytes
        self._pool: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._titles: list[tuple[str, str]] = []
        for record in records:
            language = language_of(record.text)
            parts = [piece for part in paragraphs(record.text) for piece in pieces(part, document_bytes)]
            if parts:
                self._pool[language] += [(part, len(part.encode()) + 2) for part in parts]
                self._titles.append((language, record.title))
        if not self._titles:
            raise ValueError("no record has any text")

    def documents(self, count: int) -> Iterator[Record]:
        """`count` made documents, one by one."""
        draw = random.Random(self._seed).random
        titles, mean = self._titles, self._document_bytes
        # The last paragraph of a document goes on beyond the wanted length, by this much on average.
        beyond = {
            language: sum(size * size for _, size in pool) / (2 * sum(size for _, size in pool))
            for language, pool in self._pool.items()
        }
        for number in range(count):
            language, title = titles[int(draw() * len(titles))]
            pool = self._pool[language]
            wanted = mean * (0.5 + draw()) - beyond[language]
            parts = []
            while True:
                part, size = pool[int(draw() * len(pool))]
                parts.append(part)
                wanted -= size
                if wanted <= 0:
                    break
            yield Record(f"made:{number}", title, "\n\n".join(parts))
