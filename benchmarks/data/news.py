"""What stories and articles do the sources of news, and of short encyclopedia articles, contain?"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

from benchmarks.data.clones import Clone
from benchmarks.data.documents import Text, tidy

# So many paragraphs of ABC are a document: where its stories begin is not marked.
PARAGRAPHS = 12
# The first fifteen files of Reuters-21578, of twenty-two.
REUTERS_FILES = 15
# A first line that is longer is no title.
TITLE = 300


def abc(clone: Clone, name: str) -> Iterator[Text]:
    """Radio news, `rural` or `science`."""
    with zipfile.ZipFile(io.BytesIO(clone.read("packages/corpora/abc.zip"))) as archive:
        lines = archive.read(f"abc/{name}.txt").decode("latin-1").splitlines()
    paragraphs = [line.strip() for line in lines if line.strip()]
    for number, start in enumerate(range(0, len(paragraphs), PARAGRAPHS)):
        yield Text(f"{number:04}", "", tidy("\n".join(paragraphs[start : start + PARAGRAPHS])))


def bbc(clone: Clone) -> Iterator[Text]:
    """A story a file, in a folder for each topic; the title is its first line."""
    for path, text in clone.texts("bbc/", ".txt"):
        if path.count("/") == 2:
            title, _, body = text.partition("\n")
            yield Text(path[len("bbc/") : -len(".txt")], title.strip(), tidy(body))


def reuters(clone: Clone) -> Iterator[Text]:
    """Reuters-21578, those stories that have a body."""
    for path in clone.paths("reuters21578/", ".sgm")[:REUTERS_FILES]:
        for story in re.findall(r"<REUTERS.*?</REUTERS>", clone.text(path, "latin-1"), re.DOTALL):
            if "<BODY>" not in story:
                continue
            number = story.split('NEWID="', 1)[1].split('"', 1)[0]
            body = re.sub(r"\s*reuter\s*\x03?\s*$", "", _element(story, "BODY"), flags=re.IGNORECASE).replace(
                "\x03", ""
            )
            place = _element(story, "DATELINE").strip()
            day = re.search(r"<DATE>\s*(\d+-[A-Z]{3}-\d{4})", story)
            yield Text(
                number,
                _element(story, "TITLE").replace("\n", " ").strip(),
                tidy(f"{place} {body.lstrip()}" if place else body),
                datetime.strptime(day[1], "%d-%b-%Y").date().isoformat() if day else "",
            )


def lenta(clone: Clone) -> Iterator[Text]:
    """A story a row."""
    rows = csv.DictReader(io.StringIO(clone.text("notebooks/transfer_learning_hg/lenta_sample.csv")))
    for number, row in enumerate(rows):
        yield Text(f"{number:04}", row["title"], tidy(row["text"]), row["date"][:10].replace("/", "-"))


def nerel(clone: Clone) -> Iterator[Text]:
    """A story a file, of the training part; the title is its first line, unless that is a paragraph."""
    for path, text in clone.texts("NEREL-v1.1/train/", ".txt"):
        title, _, body = text.strip().partition("\n")
        key = path.rsplit("/", 1)[1][: -len(".txt")]
        yield Text(key, title.strip(), tidy(body)) if len(title) < TITLE else Text(key, "", tidy(text))


def enwiki(clone: Clone) -> Iterator[Text]:
    """An article a line, whose text begins with its title: that is left out."""
    for line in clone.text("benches/wiki.json").split("\n"):
        if line:
            article = json.loads(line)
            body = article["body"].strip().removeprefix(article["title"])
            yield Text(article["url"].rsplit("curid=", 1)[-1], article["title"], tidy(body))


def _element(story: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", story, re.DOTALL)
    return html.unescape(found[1]) if found else ""
