"""How are novels, plays and poems cut into documents?

A book is cut at the ends of paragraphs into pieces of about one length, another one for each book: see book_lengths.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from benchmarks.data.book_lengths import LENGTHS, USUAL
from benchmarks.data.clones import Clone, NotThere
from benchmarks.data.documents import Text, one_line, tidy

AUTHORS = {
    "Blok": "Александр Блок",
    "Chekhov": "Антон Чехов",
    "Gogol": "Николай Гоголь",
    "Nekrasov": "Николай Некрасов",
    "Pushkin": "Александр Пушкин",
    "Tolstoy": "Лев Толстой",
    "Turgenev": "Иван Тургенев",
}
# A text with fewer empty lines has a paragraph a line.
EMPTY_LINES = 20


def gutenberg(clone: Clone, name: str, encoding: str, title: str, length: int) -> Iterator[Text]:
    """The pieces of a book of Project Gutenberg. Parameters: the name of its file without `.txt`, and of what length they are."""
    paragraphs = re.split(r"\n\s*\n", gutenberg_body(clone.text(f"{name}.txt", encoding)))
    yield from _numbered(name, title, pieces(paragraphs, length))


def gutenberg_body(text: str) -> str:
    """What stands between the lines that say where the book begins and ends."""
    return re.split(r"\*\*\* ?END OF", re.split(r"\*\*\* ?START OF.*?\*\*\*", text, maxsplit=1)[-1], maxsplit=1)[0]


def russian(clone: Clone) -> Iterator[Text]:
    """The pieces of all books of the chosen authors, with the year of the book or the last of its years."""
    years = _years(clone)
    for path in clone.paths("", ".txt"):
        author, name = path[: -len(".txt")].split("/")[-2:]
        if author in AUTHORS:
            text = clone.text(path).lstrip("\ufeff")
            blocks = re.split(r"\n\s*\n", text) if text.count("\n\n") >= EMPTY_LINES else text.split("\n")
            found = pieces(blocks, LENGTHS[author].get(name, USUAL))
            yield from _numbered(
                f"{author}/{name}", f"{AUTHORS[author]}. {name}", found, years.get(path[: -len(".txt")], "")
            )


def russian_whole(clone: Clone, author: str, name: str) -> Text:
    """A novel as one document. Raises NotThere where the source does not have it."""
    return Text(
        f"{author}/{name}",
        f"{AUTHORS[author]}. {name}",
        tidy(clone.text(f"prose/{author}/{name}.txt").lstrip("\ufeff")),
    )


def pieces(paragraphs: list[str], length: int) -> list[str]:
    """Paragraphs, each a line, put together until a piece is at least so many characters long; the last may be shorter."""
    found: list[str] = []
    lines: list[str] = []
    size = -1
    for paragraph in filter(None, map(one_line, paragraphs)):
        lines.append(paragraph)
        size += 1 + len(paragraph)
        if size >= length:
            found.append("\n".join(lines))
            lines, size = [], -1
    return [*found, "\n".join(lines)] if lines else found


def _numbered(key: str, title: str, found: list[str], date: str = "") -> Iterator[Text]:
    for number, text in enumerate(found, 1):
        yield Text(f"{key}/{number:04}", f"{title} ({number}/{len(found)})" if len(found) > 1 else title, text, date)


def _years(clone: Clone) -> dict[str, str]:
    years = {}
    for path in clone.paths("", "/info.csv"):
        try:
            rows = list(csv.DictReader(io.StringIO(clone.text(path).lstrip("\ufeff"))))
        except NotThere:
            continue
        for row in rows:
            years[f"{path.rsplit('/', 1)[0]}/{row['name']}"] = (row["year"] or "").split("-")[-1].strip()
    return years
