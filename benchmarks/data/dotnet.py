"""DATA/retrieval/dotnet-ru: pages translated by people; the query is what a page says of itself."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from benchmarks.data.clones import Clone
from benchmarks.data.documents import Text, cyrillic_share, kept, one_line
from benchmarks.data.markdown import pages
from benchmarks.data.mixed_corpus import human
from benchmarks.data.retrieval import write
from benchmarks.data.sources import DOTNET_RU

NAME = "dotnet-ru"
# A page has at least so many characters.
PAGE = 300
# A query is at least so long, and no copy of so much of the page's title from its beginning.
LONG = 40
# More of its letters than this are Russian ones.
RUSSIAN = 0.5


def build(clones: Path, out: Path) -> None:
    """Write the collection. Raises NotThere where the source is missing."""
    descriptions: dict[str, str] = {}

    def wanted(key: str, fields: dict[str, str]) -> bool:
        descriptions[key] = re.sub(r"\\([^\w\s])", r"\1", one_line(fields.get("description", "")))
        return human(key, fields)

    with Clone(clones, DOTNET_RU) as clone:
        found = [page for page in kept(pages(clone, "docs/", ".md", 1, wanted=wanted), "ru") if len(page.text) >= PAGE]
    asked = queries(found, descriptions)
    write(
        out / NAME,
        [{"_id": f"{NAME}:{page.key}", "title": page.title, "text": page.text} for page in found],
        [{"_id": f"{NAME}:{key}", "text": text} for key, text in asked.items()],
        [(f"{NAME}:{key}", f"{NAME}:{key}", "1") for key in asked],
    )


def queries(found: list[Text], descriptions: dict[str, str]) -> dict[str, str]:
    """The descriptions that ask for their page: unique among the pages, long, Russian, no copy of its title or of text in it."""
    often = Counter(descriptions[page.key] for page in found)
    asked = {}
    for page in found:
        text = descriptions[page.key]
        copied = text in one_line(page.text) or text[:LONG] in page.title
        if len(text) >= LONG and often[text] == 1 and cyrillic_share(text) > RUSSIAN and not copied:
            asked[page.key] = text
    return asked
