"""How fast are words completed, how alike are "similar" documents, and what does feedback from the best hits bring?

    python benchmarks/meaning/more.py DATA [--forms N] [--index DIR] [--queries N]

Completion: in an index of N words (a million), those of DATA/names and DATA/spelling and others put together from halves of them,
four fifths of each document drawn from all, the rest from the most frequent. Asked are beginnings of words drawn from it (always
the same), each once, so that nothing of an answer is remembered: of so many letters, with one letter wrong, on the other
keyboard. --index: complete in this index instead. Building takes about two minutes.

Similar documents: for documents of DATA/retrieval/xquad-* the share of the other paragraphs of their article among the first
four; for news, books and manual pages of DATA/corpus (the first 12,000 documents) how many of the first ten are of their section,
book or folder, after the part of the id behind the last slash.

Feedback: nDCG@10 of the collections in DATA/retrieval before and after, as in quality/quality.py; ms: of the expansion and of the
second search. Every step checks known answers before it is measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.collection import load
from benchmarks.shared.measures import quality
from naidi import Document, Writer
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.keyboard import turned
from naidi.search.collection import Collection
from naidi.search.query.analysed import AnalysedNode, NoDocument
from naidi.search.query.parser import parse
from naidi.search.query.rewrite import Rewriter
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.ranking.feedback import DOCUMENTS, expanded
from naidi.search.ranking.found_page import FoundDocument
from naidi.search.ranking.like_documents import similar_query
from naidi.search.ranking.page import best_page
from naidi.search.ranking.page_cut import PageCut
from naidi.search.suggest.suggest import suggest

WORDS_A_DOCUMENT = 100
CORPUS_DOCUMENTS = 12_000
FOLDERS = ("bbc", "ruslit", "php-ru", "php-en", "cpp-ru")
SETS = ("cranfield", "cacm", "xquad-en", "xquad-ru", "dotnet-ru")
PARAMETERS = RankingParameters()


class Figure(NamedTuple):
    """before, after: shares, None where there is nothing to compare or to measure but time. median, slow: ms, the 95th of a
    hundred."""

    name: str
    asked: int
    before: float | None
    after: float | None
    median: float
    slow: float

    def __str__(self) -> str:
        shares = "".join("        " if share is None else f"{share:8.4f}" for share in (self.before, self.after))
        return f"{self.name:34}{self.asked:6} asked {shares}  {self.median:7.2f} ms, 95th {self.slow:7.2f} ms"


def figure(name: str, times: Sequence[float], before: float | None = None, after: float | None = None) -> Figure:
    slow = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return Figure(name, len(times), before, after, statistics.median(times) * 1000, slow * 1000)


# -- completion


def lexicon(data: Path, count: int) -> list[str]:
    """So many words, real ones first."""
    real: dict[str, None] = {}
    for path in sorted([*data.glob("names/*.tsv.gz"), *data.glob("spelling/??.tsv.gz")]):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 1, None):
                real.update(dict.fromkeys(word for word in line.split("\t")[:2] if word.isalpha() and word.islower()))
    if not real:
        raise SystemExit(f"{data}: no words in names/ and spelling/")
    words = list(real)
    choice = random.Random(1)
    choice.shuffle(words)
    halves = [[word for word in words if word.isascii() == latin and len(word) > 5] for latin in (True, False)]
    made = dict.fromkeys(words)
    while len(made) < count:
        first, second = choice.choices(choice.choice(halves), k=2)
        made[first[: len(first) // 2 + 1] + second[len(second) // 2 :]] = None
    return list(made)[:count]


def build_lexicon(words: Sequence[str], directory: Path) -> None:
    choice = random.Random(2)
    fresh = WORDS_A_DOCUMENT * 4 // 5
    with Writer(directory, jobs=2) as writer:
        for start in range(0, len(words), fresh):
            known = [words[int(choice.random() ** 4 * len(words))] for _ in range(WORDS_A_DOCUMENT - fresh)]
            text = " ".join([*words[start : start + fresh], *known])
            writer.add(Document(id=str(start), text=text, language="und"))


def beginnings(words: Sequence[str], queries: int) -> Iterator[tuple[str, list[str]]]:
    """(name, what is typed)."""
    choice = random.Random(3)
    for length in (1, 2, 3, 5, 8):
        drawn = {word[:length] for word in choice.choices([word for word in words if len(word) >= length], k=queries)}
        yield f"completion of {length} letters", sorted(drawn)
    long = choice.choices([word for word in words if len(word) > 7], k=queries)
    wrong = []
    for word in long:
        place = choice.randrange(1, 6)
        wrong.append(word[:place] + word[place + 1] + word[place] + word[place + 2 : 6])
    yield "completion, two letters changed", wrong
    yield "completion, other keyboard", [other for word in long if (other := turned(word[:5])) is not None]


def completion(collection: Collection, words: Sequence[str], queries: int) -> Iterator[Figure]:
    """The time of each kind of beginning."""
    for word in words[:2000:20]:
        found = suggest(collection, word, 8)
        assert found and fold_yo(found[0].text).startswith(fold_yo(word[:3])), f"{word} is not completed: {found}"
        assert [each.doc_freq for each in found if each.kind == "prefix"] == sorted(
            (each.doc_freq for each in found if each.kind == "prefix"), reverse=True
        )
    for name, typed in beginnings(words, queries):
        times = []
        for text in typed:
            started = time.thread_time()
            suggest(collection, text)
            times.append(time.thread_time() - started)
        yield figure(name, times)


# -- similar documents


def similar(collection: Collection, number: int, doc: int, limit: int) -> list[FoundDocument]:
    query = similar_query(collection, number, doc)
    page = best_page(
        collection, Evaluation(collection, query, PARAMETERS, NoDocument()), PageCut(limit + 1, 0), count_all=False
    )
    return [found for found in page.found if (found.segment, found.doc) != (number, doc)][:limit]


def alike(
    name: str, collection: Collection, ids: Sequence[str], group: Callable[[str], str], limit: int, queries: int
) -> Figure:
    """The share of the first `limit` similar documents that are of the same group."""
    shares, times = [], []
    for doc_id in random.Random(4).sample(list(ids), min(queries, len(ids))):
        place = next(
            (number, doc) for number, one in enumerate(collection.segments) if (doc := one.doc_of_id(doc_id)) >= 0
        )
        started = time.thread_time()
        hits = similar(collection, *place, limit)
        times.append(time.thread_time() - started)
        found = ids_of(collection, hits)
        assert doc_id not in found
        shares.append(sum(group(other) == group(doc_id) for other in found) / limit)
    return figure(f"similar, {name}", times, None, sum(shares) / len(shares))


def corpus(data: Path) -> Iterator[Document]:
    for shard in sorted(data.glob("corpus/corpus-*.jsonl.gz")):
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield Document(id=row["id"], title=row.get("title") or "", text=row["text"])


def similar_of_corpus(data: Path, directory: Path, queries: int) -> Iterator[Figure]:
    documents = list(islice(corpus(data), CORPUS_DOCUMENTS))
    if not documents:
        return
    with Writer(directory, jobs=2) as writer:
        writer.add_many(documents)
    collection = Collection(open_generation(directory))
    for source in FOLDERS:
        ids = [document.id for document in documents if document.id.startswith(f"{source}:")]
        yield alike(f"folder of {source}", collection, ids, lambda doc_id: doc_id.rsplit("/", 1)[0], 10, queries)


# -- feedback


def feedback(data: Path, name: str, directory: Path, queries: int) -> Iterator[Figure]:
    """nDCG@10 before and after; of xquad also the similar documents."""
    judged = load(data / "retrieval" / name)
    with Writer(directory) as writer:
        writer.add_many(Document(id=row.id, title=row.title, text=row.text) for row in judged.records)
    collection = Collection(open_generation(directory))
    if name.startswith("xquad"):
        ids = [row.id for row in judged.records]
        yield alike(f"article of {name}", collection, ids, lambda doc_id: doc_id.split("p")[0], 4, queries)
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    times = []
    for query in judged.judgements:
        root = analysed(collection, judged.queries[query])
        if root is None:
            continue
        best = best_page(collection, Evaluation(collection, root, PARAMETERS), PageCut(DOCUMENTS, 0)).found
        before[query] = ids_of(collection, best)
        started = time.thread_time()
        more = expanded(collection, root, best, PARAMETERS)
        evaluation = Evaluation(collection, more, PARAMETERS, root)
        found = best_page(collection, evaluation, PageCut(DOCUMENTS, 0), count_all=False).found
        times.append(time.thread_time() - started)
        after[query] = ids_of(collection, found)
    yield figure(
        f"feedback, {name}",
        times,
        quality(before, judged.judgements).ndcg_10,
        quality(after, judged.judgements).ndcg_10,
    )


def analysed(collection: Collection, text: str) -> AnalysedNode | None:
    words = "".join(letter if letter.isalnum() else " " for letter in text)
    tree = parse(words).tree
    return None if tree is None else Rewriter(collection).rewrite(tree)


def ids_of(collection: Collection, found: Iterable[FoundDocument]) -> list[str]:
    return [collection.segments[number].doc_id(doc) for number, doc, _ in found]


def measure(data: Path, *, forms: int = 1_000_000, index: Path | None = None, queries: int = 200) -> Iterator[Figure]:
    """The figures, one by one. index: where completions are asked for; None for one that is built.

    Raises AssertionError if something known is not found, SystemExit where there is no data.
    """
    with tempfile.TemporaryDirectory(prefix="naidi-more-") as temporary:
        place = Path(temporary)
        if index is None:
            words = lexicon(data, forms)
            build_lexicon(words, place / "lexicon")
        collection = Collection(open_generation(index or place / "lexicon"))
        if index is not None:
            every = [
                word
                for segment in collection.segments
                for word in segment.forms.strings()
                if word.isalpha() and word.islower()
            ]
            words = random.Random(5).sample(every, min(len(every), 100_000))
        yield from completion(collection, words, queries)
        for name in SETS:
            if (data / "retrieval" / name).is_dir():
                yield from feedback(data, name, place / name, queries)
        yield from similar_of_corpus(data, place / "corpus", queries)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--forms", type=int, default=1_000_000, help="words of the lexicon (default: a million)")
    options.add_argument("--index", type=Path, metavar="DIR", help="complete words of this index, build none")
    options.add_argument("--queries", type=int, default=200, help="of each kind (default: 200)")
    given = options.parse_args()
    for one in measure(given.data, forms=given.forms, index=given.index, queries=given.queries):
        print(one, flush=True)


if __name__ == "__main__":
    main()
