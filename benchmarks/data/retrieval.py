"""DATA/retrieval: collections with queries and judgements in the layout of BEIR, made from the published ones as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import Row
from benchmarks.data.documents import one_line
from benchmarks.data.files import write_records, write_table
from benchmarks.data.sources import CACM, CRANFIELD, XQUAD

# The score of a code of Cranfield, whose 1 is the best. -1 is not explained by the source.
SCORES = {1: 4, 2: 3, 3: 2, 4: 1, -1: 1}

Record = dict[str, str]


def write(folder: Path, corpus: list[Record], queries: list[Record], judged: list[Row]) -> None:
    """Write a collection into a folder of its own. Parameter: judged, the ids of a query and a document, and the score."""
    write_records(folder / "corpus.jsonl.gz", corpus)
    write_records(folder / "queries.jsonl", queries)
    write_table(folder / "qrels.tsv", ("query-id", "corpus-id", "score"), judged)


def build_cranfield(clones: Path, out: Path) -> None:
    """Write the collection, and qrels.codes.tsv. Raises NotThere where the source is missing."""
    with Clone(clones, CRANFIELD) as clone:
        documents, queries = list(smart(clone.text("cran.all.1400"))), list(smart(clone.text("cran.qry")))
        lines = [line.split() for line in clone.text("cranqrel").split("\n") if line.strip()]
    codes = sorted((int(query), int(document), int(code)) for query, document, code in lines)
    corpus = [
        {"_id": found["I"], "title": found["T"], "text": found["W"].removeprefix(found["T"]).strip()}
        for found in documents
    ]
    asked = [{"_id": str(number), "text": found["W"]} for number, found in enumerate(queries, 1)]
    write(out / "cranfield", corpus, asked, [(str(q), str(d), str(SCORES[code])) for q, d, code in codes])
    rows: list[Row] = [(str(q), str(d), str(code)) for q, d, code in codes]
    write_table(out / "cranfield" / "qrels.codes.tsv", ("query-id", "corpus-id", "code"), rows)


def build_cacm(clones: Path, out: Path) -> None:
    """Write the collection. Raises NotThere where the source is missing."""
    with Clone(clones, CACM) as clone:
        documents, queries = smart(clone.text("cacm.all")), smart(clone.text("query.text"))
        lines = [line.split() for line in clone.text("qrels.text").split("\n") if line.strip()]
    write(
        out / "cacm",
        [{"_id": found["I"], "title": found.get("T", ""), "text": found.get("W", "")} for found in documents],
        [{"_id": found["I"], "text": found["W"]} for found in queries if found.get("W")],
        [(str(int(line[0])), str(int(line[1])), "1") for line in lines],
    )


def build_xquad(clones: Path, out: Path) -> None:
    """Write xquad-en and xquad-ru. Raises NotThere where the source is missing."""
    with Clone(clones, XQUAD) as clone:
        texts = {language: clone.text(f"xquad.{language}.json") for language in ("en", "ru")}
    for language, text in texts.items():
        corpus: list[Record] = []
        queries: list[Record] = []
        judged: list[Row] = []
        for number, article in enumerate(json.loads(text)["data"]):
            title = article["title"].replace("_", " ") if language == "en" else ""
            for place, paragraph in enumerate(article["paragraphs"]):
                name = f"a{number:02}p{place}"
                corpus.append({"_id": name, "title": title, "text": one_line(paragraph["context"])})
                for question in paragraph["qas"]:
                    queries.append({"_id": question["id"], "text": one_line(question["question"])})
                    judged.append((question["id"], name, "1"))
        write(out / f"xquad-{language}", corpus, queries, judged)


def smart(text: str) -> Iterator[Record]:
    """The records of a file in the format of SMART: the fields by their letter, each in one line; `I` is the number."""
    found: dict[str, list[str]] = {}
    field = ""
    for line in text.split("\n"):
        mark = re.fullmatch(r"\.([A-Z])(?:\s+(\S+))?\s*", line)
        if mark and mark[1] == "I":
            if found:
                yield {name: one_line(" ".join(lines)) for name, lines in found.items()}
            found, field = {"I": [mark[2]]}, ""
        elif mark and found:
            field = mark[1]
            found.setdefault(field, [])
        elif field:
            found[field].append(line)
    if found:
        yield {name: one_line(" ".join(lines)) for name, lines in found.items()}
