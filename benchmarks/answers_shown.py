"""How often does an answer of `naidi mcp` show what was asked for?

    python benchmarks/answers_shown.py CORPUS FILE... [--questions N] [--documents N] [--json]

CORPUS has documents in `*.jsonl.gz`. FILE is a set of questions whose answers are known, in the form of SQuAD, such as
xquad.en.json and xquad.ru.json (github.com/google-deepmind/xquad, CC BY-SA 4.0). The articles of each file are indexed among the
documents, once whole and once by paragraph, and each question is asked as it is. An answer counts if it stands in a passage of its
own document.

    first       the document of the answer is the first hit
    shown       a passage of it has the answer
    hits        of ten that are named
    ms          of a call, mean, first asked
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.shared.records import Record, load
from naidi import Document, Searcher, Writer, open_index

_SEED = 5
_BUDGETS = (300, 600, 1_000, 2_000)
_HIT = re.compile(r"[0-9]+\. (\S+)")
_PASSAGE = re.compile(r"(?:p[0-9]+ )?[0-9]+(?:-[0-9]+)?> (.*)")


class Asked(NamedTuple):
    """A question, its answers, and the id of the document that has them."""

    question: str
    answers: list[str]
    doc_id: str


def articles_of(path: Path, *, whole: bool) -> Iterator[tuple[Document, list[Asked]]]:
    """The documents of a set of questions with what is asked of each. whole: an article, or else a paragraph, is a document."""
    for number, article in enumerate(json.loads(path.read_text("utf-8"))["data"]):
        parts = article["paragraphs"]
        for part, paragraphs in enumerate([parts] if whole else [[one] for one in parts]):
            doc_id = f"{path.stem}/{number:02}-{part}"
            asked = [
                Asked(each["question"], [answer["text"] for answer in each["answers"]], doc_id)
                for paragraph in paragraphs
                for each in paragraph["qas"]
            ]
            yield Document(id=doc_id, text="\n\n".join(paragraph["context"] for paragraph in paragraphs)), asked


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def passages_of(answer: str, doc_id: str) -> list[str]:
    """The passages of a document in an answer of `search`."""
    found, named = [], ""
    for line in answer.split("\n"):
        hit, passage = _HIT.match(line), _PASSAGE.match(line)
        if hit:
            named = hit[1]
        elif passage and named == doc_id:
            found.append(folded(passage[1]))
    return found


def measured(searcher: Searcher, questions: list[Asked], budget: int) -> dict[str, float]:
    from naidi.search.agents.service import Service

    service = Service(searcher)
    first = shown = hits = 0
    times = []
    for asked in questions:
        started = time.perf_counter()
        answer = service.call("search", {"query": asked.question, "budget": budget})
        times.append((time.perf_counter() - started) * 1000)
        assert not answer.is_error and answer.tokens <= budget, answer.text
        named = [hit[1] for hit in map(_HIT.match, answer.text.split("\n")) if hit]
        passages = passages_of(answer.text, asked.doc_id)
        assert not passages or asked.doc_id in named
        first += named[:1] == [asked.doc_id]
        hits += len(named)
        shown += any(folded(one) in passage for one in asked.answers for passage in passages)
    count = len(questions)
    return {"first": first / count, "shown": shown / count, "hits": hits / count, "ms": statistics.mean(times)}


def run(records: list[Record], files: list[Path], most: int) -> Iterator[dict[str, Any]]:
    """The figures of each set, way of cutting it, and budget."""
    for whole in (True, False):
        sets = {path: list(articles_of(path, whole=whole)) for path in files}
        with tempfile.TemporaryDirectory() as index:
            with Writer(index) as writer:
                writer.add_many(Document(id=one.id, title=one.title, text=one.text) for one in records)
                writer.add_many(document for articles in sets.values() for document, _ in articles)
            for path, articles in sets.items():
                questions = [asked for _, of_document in articles for asked in of_document]
                chosen = random.Random(_SEED).sample(questions, min(most, len(questions)))
                for budget in _BUDGETS:
                    with open_index(index) as searcher:  # a new one has cached nothing
                        figures = measured(searcher, chosen, budget)
                    documents = "articles" if whole else "paragraphs"
                    yield {"questions": path.stem, "documents": documents, "budget": budget, **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--questions", type=int, default=400, help="at most so many of each file")
    parser.add_argument("--documents", type=int, default=10_000, help="of the corpus, beside those of the questions")
    parser.add_argument("--json", action="store_true", help="print an object a line")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    for row in run(load(arguments.corpus, arguments.documents), arguments.files, arguments.questions):
        if arguments.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{row['questions']}, {row['documents']:>10}, {row['budget']:>5} tokens: first {row['first']:.1%}, "
                f"shown {row['shown']:.1%}, {row['hits']:.1f} hits, {row['ms']:.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
