"""How often is the next word among the completions, with the word before and without it?

    python benchmarks/meaning/completion.py DATA [--index DIR] [--phrases N] [--letters N] [--limit N]

DATA/corpus is indexed, but for every tenth document. Of those, phrases of two words are drawn (the same each time): both of letters
alone, the second one at least two letters longer than what is typed of it, the first one not the first word of its line. A half of
the phrases is Russian. Typed is the first word, a blank and the first letters of the second word. Measured is how often that word
is among the first completions, in the form of the text ("form") or in any form of its lemma ("lemma"); and the time of a call, of
the processor, each phrase asked once. "alone": the first letters are typed without the word before. --index: an index of the same
documents that is there already, without those tenth ones; it is not checked.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.shared.records import Record, load
from naidi import Document, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection
from naidi.search.suggest.suggest import suggest

KEPT_BACK = 10  # every so manyth document is not indexed
_PAIR = re.compile(r"(?<=\w[ ,])[ ]?([^\W\d_]+) ([^\W\d_]+)\b")


class Phrase(NamedTuple):
    """Two words of a text."""

    first: str
    second: str


class Figure(NamedTuple):
    """form, lemma: shares of the phrases. median, slow: ms, the 95th of a hundred."""

    name: str
    asked: int
    form: float
    lemma: float
    median: float
    slow: float

    def __str__(self) -> str:
        shares = f"form {self.form:6.1%}  lemma {self.lemma:6.1%}"
        return f"{self.name:24}{self.asked:6} asked  {shares}  {self.median:6.2f} ms, 95th {self.slow:6.2f} ms"


def phrases(records: Iterable[Record], count: int, letters: int) -> list[Phrase]:
    """So many phrases of each script, at most two of a document."""
    choice = random.Random(6)
    every = list(records)
    choice.shuffle(every)
    found: dict[bool, list[Phrase]] = {True: [], False: []}
    for record in every:
        there = [Phrase(*pair) for pair in _PAIR.findall(record.text) if len(pair[1]) >= letters + 2]
        for phrase in choice.sample(there, min(2, len(there))):
            own = found[phrase.second.isascii()]
            if len(own) < count:
                own.append(phrase)
        if all(len(own) == count for own in found.values()):
            break
    return [*found[False], *found[True]]


def measured(
    name: str, collection: Collection, asked: Sequence[Phrase], letters: int, limit: int, *, alone: bool
) -> Figure:
    """The figure of these phrases."""
    times, forms, lemmas = [], 0, 0
    for phrase in asked:
        typed = phrase.second[:letters]
        text = typed if alone else f"{phrase.first} {typed}"
        started = time.thread_time()
        found = suggest(collection, text, limit)
        times.append((time.thread_time() - started) * 1000)
        last = [fold_yo(one.text[len(text) - len(typed) :].casefold()) for one in found if one.kind == "prefix"]
        wanted = fold_yo(phrase.second.casefold())
        own = set(keys(wanted))
        forms += wanted in last
        lemmas += any(not own.isdisjoint(keys(word)) for word in last)
    slow = statistics.quantiles(times, n=20)[-1]
    return Figure(name, len(asked), forms / len(asked), lemmas / len(asked), statistics.median(times), slow)


def build(records: Iterable[Record], directory: Path) -> None:
    """Index the records."""
    with Writer(directory, jobs=2) as writer:
        writer.add_many(Document(id=record.id, title=record.title, text=record.text) for record in records)


def measure(records: Sequence[Record], index: Path, count: int, letters: int, limit: int) -> Iterator[Figure]:
    """The figures of both scripts, without the word before and with it. index: of all records but every tenth."""
    asked = phrases(records[::KEPT_BACK], count, letters)
    if not asked:
        raise SystemExit("no phrases here")
    for name, ascii_only in (("Russian", False), ("English", True)):
        own = [phrase for phrase in asked if phrase.second.isascii() == ascii_only]
        for alone in (True, False):
            # Opened anew: nothing is remembered of the calls before.
            collection = Collection(open_generation(index))
            suggest(collection, "a b c")
            if own:
                yield measured(
                    f"{name}, {'alone' if alone else 'with the word before'}",
                    collection,
                    own,
                    letters,
                    limit,
                    alone=alone,
                )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--index", type=Path, metavar="DIR", help="complete words of this index, build none")
    options.add_argument("--phrases", type=int, default=1000, help="of each language (default: 1,000)")
    options.add_argument("--letters", type=int, default=3, help="typed of the second word (default: 3)")
    options.add_argument("--limit", type=int, default=8, help="completions looked at (default: 8)")
    given = options.parse_args()
    records = load(given.data / "corpus")
    with tempfile.TemporaryDirectory(prefix="naidi-completion-") as temporary:
        index = given.index
        if index is None:
            index = Path(temporary) / "index"
            build((record for number, record in enumerate(records) if number % KEPT_BACK), index)
        for one in measure(records, index, given.phrases, given.letters, given.limit):
            print(one, flush=True)


if __name__ == "__main__":
    main()
