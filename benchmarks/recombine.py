"""How does a larger collection come about? Real paragraphs, put together anew.

A made document has as many paragraphs as some real document, all of them real and of one language, under a real title. So words
keep their frequencies and neighbours; but no new word ever appears, which in a real collection of that size they would.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from peers import Record
from workload import language_of

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


def recombined(records: Sequence[Record], count: int, seed: int) -> Iterator[Record]:
    """`count` made documents. The same records and seed give the same ones; fewer are the first of more.

    Raises ValueError if no record has any text.
    """
    pool: defaultdict[str, list[str]] = defaultdict(list)
    shapes = []
    for record in records:
        language, parts = language_of(record.text), paragraphs(record.text)
        if parts:
            pool[language] += parts
            shapes.append((language, len(parts), record.title))
    if not shapes:
        raise ValueError("no record has any text")
    draw = random.Random(seed)
    for number in range(count):
        language, size, title = draw.choice(shapes)
        yield Record(f"made:{number}", title, "\n\n".join(draw.choices(pool[language], k=size)))
