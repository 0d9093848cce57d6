"""Are misspelled words led to the right one, how fast, and are right words left alone?

    python benchmarks/meaning/spelling.py DATA [--typos N] [--documents N] [--misses N]

DATA/spelling has `en.tsv.gz`, `ru.tsv.gz` and `ru.ruspellru.words.tsv.gz`: a header, then `typo`, `correction` and more, tab
separated. Each list is an index of its own, made in two ways:

- a document of one word for each pair, so that a correction has as many documents as typos: words that are often misspelt are
  often meant, and the index's own frequencies say so. This is the measure. "Plain distance" is what Damerau and Levenshtein's
  distance finds in that index within two edits, the correction with most documents first among equals.
- a document for each correction once, so that frequencies say nothing ("each once").

RUSpellRU is asked in an index of its corrections and those of `ru.tsv.gz`. Asked is a sample, always the same, of the typos that
are no corrections themselves; right is a suggestion that equals one of the listed corrections, case-folded, ё = е. Corrections of
several words are left out. "offered" are the typos for which the first suggestion would be shown, "offered and right" those for
which it should be. "validation" are the typos whose corrections the tables of costs were not counted from. "in the corpus" are
typos that an index of the first documents of the corpus does not have while it has one of their corrections. "in the corpus by
another form" are those of which it has only other forms; right is a suggestion that shares a key with a listed correction.

"found or told" is what a search makes of the typo: right is the first hit, or else the first correction, offered ones included.
"nearest by plain distance" is its rival: the nearest word of all, within four edits if two find none.

Right words: the corrections themselves; and words of documents of the corpus's second shard, asked of an index of the first,
counted once each and as often as they occur. Offers for them are false alarms, but for the misspellings that are among them.

Well-known typos are asked first; a wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from naidi import Document, Searcher, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.near_forms import LONGEST, alphabet_of, near_forms, shapes_of
from naidi.search.bridges.spelling import Suggestion, corrections, worth_offering
from naidi.search.bridges.word_breaks import split_word
from naidi.search.collection import Collection

LISTS = {"ru": "ru.tsv.gz", "en": "en.tsv.gz", "RUSpellRU": "ru.ruspellru.words.tsv.gz"}
KNOWN = {
    "ru": {"выложыть": "выложить"},
    "en": {"bisiness": "business"},
    "RUSpellRU": {"компнаия": "компания"},
}
LONG = 5
_ONE_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


# By the name of a figure: its share must be at least, or at most.
TARGETS: dict[str, tuple[float | None, float | None]] = {
    "ru: right one first": (0.88, None),
    "en: right one first": (0.80, None),
    "ru: corrections that are offered another": (None, 0.01),
    "en: corrections that are offered another": (None, 0.01),
    "Russian running words of other documents offered another": (None, 0.01),
    "English running words of other documents offered another": (None, 0.01),
}


class Figure(NamedTuple):
    name: str
    asked: int
    counted: int
    note: str = ""

    @property
    def share(self) -> float:
        return self.counted / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        return f"{self.name:68}{self.asked:8} asked{self.counted:7} counted {self.share:8.2%}  {self.note}"


def fold(word: str) -> str:
    return fold_yo(word.casefold())


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """(typo, correction) as listed. Raises SystemExit where there is no such list."""
    if not path.exists():
        raise SystemExit(f"{path}: no such file")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            (row["typo"], row["correction"]) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def is_validation(correction: str) -> bool:
    """Whether no cost was counted from the pairs of a folded correction."""
    return bool(hashlib.md5(correction.encode()).digest()[0] & 1)


def build(directory: Path, texts: Iterable[str]) -> Collection:
    with Writer(directory) as writer:
        writer.add_many(Document(id=str(number), text=text) for number, text in enumerate(texts))
    return Collection(open_generation(directory))


def shares_of_list(name: str, collection: Collection, wanted: dict[str, set[str]], misses: int) -> list[Figure]:
    """First, among the first five, offered; of all typos, and of those of the validation half."""
    counts: Counter[str] = Counter()
    times = []
    missed = []
    validation = 0
    for typo, right in wanted.items():
        started = time.perf_counter()
        found = corrections(collection, typo)
        times.append(1000 * (time.perf_counter() - started))
        folded = [fold(suggestion.form) for suggestion in found]
        is_first = bool(folded) and folded[0] in right
        held_out = all(map(is_validation, right))
        offered = bool(found) and worth_offering(collection, typo, found[0])
        validation += held_out
        counts["known"] += is_known(collection, typo)
        counts["first"] += is_first
        counts["validation"] += is_first and held_out
        counts["long"] += len(typo) >= LONG
        counts["long and first"] += len(typo) >= LONG and is_first
        counts["five"] += not right.isdisjoint(folded)
        counts["offered"] += offered
        counts["offered and right"] += offered and is_first
        if not is_first:
            missed.append(f"    {typo}: {', '.join(sorted(right))}; found {', '.join(folded) or '-'}")
    for line in missed[:misses]:
        print(line)
    return [
        Figure(f"{name}: right one first", len(wanted), counts["first"], spread(times)),
        Figure(f"{name}: right one first, validation half", validation, counts["validation"]),
        Figure(f"{name}: right one first, typos of {LONG} letters and more", counts["long"], counts["long and first"]),
        Figure(f"{name}: right one among the first five", len(wanted), counts["five"]),
        Figure(f"{name}: taken for a form of a word of the index", len(wanted), counts["known"]),
        Figure(f"{name}: offered", len(wanted), counts["offered"]),
        Figure(f"{name}: offered and right", len(wanted), counts["offered and right"]),
    ]


def plain_distance_of_list(
    name: str, collection: Collection, pairs: Counter[str], wanted: dict[str, set[str]]
) -> Figure:
    """What distance alone puts first. pairs: of each folded correction, how many."""
    counted = 0
    segments = [(segment, shapes_of(segment).forms) for segment in collection.segments]
    for typo, right in wanted.items():
        if alphabet_of(typo) is None or len(typo) > LONGEST:
            continue
        found = []
        for segment, shapes in segments:
            near = near_forms(segment, shapes, typo, 2)
            for number, distance in zip(near.numbers.tolist(), near.distances.tolist(), strict=True):
                form = fold(segment.forms[number])
                found.append((distance, -pairs[form], form))
        counted += bool(found) and min(found)[2] in right
    return Figure(f"{name}: right one first by plain distance", len(wanted), counted)


def found_or_told(
    name: str, directory: Path, texts: Sequence[str], pairs: Counter[str], wanted: dict[str, set[str]]
) -> list[Figure]:
    """What a search says of a typo: right is a first hit with a listed correction, or a first correction that is one.

    texts: the documents of the index, in the order of their ids.
    """
    counts: Counter[str] = Counter()
    with Searcher(directory) as searcher:
        for typo, right in wanted.items():
            results = searcher.search(typo, limit=1)
            told = [fold(one.replacement) for one in results.corrections if one.kind != "derivation"][:1]
            hits = [fold(texts[int(hit.id)]) for hit in results.hits]
            counts["right"] += not right.isdisjoint((*hits, *told))
            counts["nothing"] += not hits and not told
    return [
        Figure(f"{name}: right one found or told", len(wanted), counts["right"]),
        Figure(f"{name}: nothing found or told", len(wanted), counts["nothing"]),
        nearest_of_list(name, directory, pairs, wanted),
    ]


def nearest_of_list(name: str, directory: Path, pairs: Counter[str], wanted: dict[str, set[str]]) -> Figure:
    """As `plain_distance_of_list`, but within four edits where two find nothing: the nearest word, and it is always told."""
    counted = 0
    segments = [(segment, shapes_of(segment).forms) for segment in Collection(open_generation(directory)).segments]
    for typo, right in wanted.items():
        if alphabet_of(typo) is None or len(typo) > LONGEST:
            continue
        found: list[tuple[int, int, str]] = []
        for edits in (2, 4):
            for segment, shapes in segments:
                near = near_forms(segment, shapes, typo, edits)
                forms = [fold(segment.forms[number]) for number in near.numbers.tolist()]
                found += [
                    (distance, -pairs[form], form)
                    for distance, form in zip(near.distances.tolist(), forms, strict=True)
                ]
            if found:
                break
        counted += bool(found) and min(found)[2] in right
    return Figure(f"{name}: right one nearest by plain distance", len(wanted), counted)


def spread(times: list[float]) -> str:
    """The median and the slow end, in ms."""
    times = sorted(times)
    return f"median {statistics.median(times):.2f} ms, 95th {times[len(times) * 95 // 100]:.2f} ms" if times else ""


def preparation(name: str, collection: Collection) -> Figure:
    """What has to be made before the first correction."""
    started = time.perf_counter()
    shapes = [shapes_of(segment) for segment in collection.segments]
    took = 1000 * (time.perf_counter() - started)
    return Figure(
        f"{name}: forms and keys that can be suggested",
        sum(len(segment.forms) + len(segment.keys) for segment in collection.segments),
        sum(len(shape.forms.numbers) + len(shape.keys.numbers) for shape in shapes),
        f"prepared in {took:.1f} ms, {sum(shape.size for shape in shapes):,} bytes",
    )


def is_known(collection: Collection, word: str) -> bool:
    """Whether a query for the word finds anything as it is."""
    return any(map(collection.knows_key, keys(word)))


def first_offer(collection: Collection, word: str) -> Suggestion | None:
    """What would be shown for the word if nothing is found without."""
    if is_known(collection, word):
        return None
    found = corrections(collection, word, limit=1)
    return found[0] if found and worth_offering(collection, word, found[0]) else None


def in_corpus(collection: Collection, lists: dict[str, dict[str, set[str]]], typos: int) -> list[Figure]:
    """Typos asked of an index of texts that have one of their corrections. lists: folded typo -> folded corrections."""
    figures = []
    for name, right in lists.items():
        asked = random.Random(4).sample(sorted(right), len(right))
        possible = (typo for typo in asked if not is_known(collection, typo))
        wanted = {typo: right[typo] for typo in possible if any(map(collection.known_form, right[typo]))}
        figures += shares_of_list(f"{name} in the corpus", collection, dict(islice(wanted.items(), typos)), 0)
        figures += by_another_form(name, collection, {typo: right[typo] for typo in asked if typo not in wanted}, typos)
    return figures


def by_another_form(name: str, collection: Collection, wanted: dict[str, set[str]], typos: int) -> list[Figure]:
    """First and offered, of typos whose corrections the index has in other forms alone."""
    asked = first = offered = offered_right = 0
    for typo, right in wanted.items():
        meant = {key for word in right for key in keys(word)}
        if asked == typos:
            break
        if (
            is_known(collection, typo)
            or any(map(collection.known_form, right))
            or not any(map(collection.knows_key, meant))
        ):
            continue
        asked += 1
        found = corrections(collection, typo, limit=1)
        is_first = bool(found) and not meant.isdisjoint((*keys(found[0].form), found[0].form))
        is_offered = bool(found) and worth_offering(collection, typo, found[0])
        first += is_first
        offered += is_offered
        offered_right += is_offered and is_first
    called = f"{name} in the corpus by another form"
    return [
        Figure(f"{called}: right one first", asked, first),
        Figure(f"{called}: offered", asked, offered),
        Figure(f"{called}: offered and right", asked, offered_right),
    ]


def false_alarms(
    data: Path, directory: Path, documents: int, misses: int, lists: dict[str, dict[str, set[str]]], typos: int
) -> list[Figure]:
    """Offers for words of documents that the index does not have; and typos asked of that index."""
    shards = sorted((data / "corpus").glob("corpus-*.jsonl.gz"))
    if len(shards) < 2:
        raise SystemExit(f"{data / 'corpus'}: fewer than two *.jsonl.gz")
    texts = []
    for shard in shards[:2]:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            texts.append([json.loads(line)["text"] for line in islice(lines, documents)])
    collection = build(directory, texts[0])
    figures = [preparation("corpus", collection), *in_corpus(collection, lists, typos)]
    for name, alphabet in (("English", 0), ("Russian", 1)):
        words = Counter(word for text in texts[1] for word in forms(text) if alphabet_of(fold(word)) == alphabet)
        asked = random.Random(3).sample(sorted(words), min(6000, len(words)))
        alarms, times = {}, []
        for word in asked:
            started = time.perf_counter()
            offer = first_offer(collection, word)
            times.append(1000 * (time.perf_counter() - started))
            if offer is not None:
                alarms[word] = offer.form
        unknown = [word for word in asked if not is_known(collection, word)]
        occurrences, alarmed = sum(words[word] for word in asked), sum(words[word] for word in alarms)
        figures += [
            Figure(f"{name} words of other documents offered another", len(asked), len(alarms), spread(times)),
            Figure(f"{name} running words of other documents offered another", occurrences, alarmed),
            Figure("  of those that the index does not know", len(unknown), len(alarms.keys() & set(unknown))),
            Figure(
                "  of those, taken for two words",
                len(unknown),
                sum(split_word(collection, word) is not None for word in unknown),
            ),
        ]
        for word, form in islice(alarms.items(), misses):
            print(f"    {word}: {form}")
    return figures


def measure(data: Path, *, typos: int = 3000, documents: int = 4000, misses: int = 0) -> list[Figure]:
    """The figures. typos: how many of each list are asked. documents: how many of the corpus are indexed, and as many are asked.

    Raises AssertionError if a well-known typo is not corrected, SystemExit where there is no data.
    """
    figures = []
    lists = {name: read_pairs(data / "spelling" / path) for name, path in LISTS.items()}
    rights: dict[str, dict[str, set[str]]] = {}
    with tempfile.TemporaryDirectory(prefix="naidi-spelling-") as directory:
        for name, pairs in lists.items():
            right = rights[name] = defaultdict(set)
            for typo, correction in pairs:
                if _ONE_WORD.fullmatch(correction):
                    right[fold(typo)].add(fold(correction))
            of_pairs = [correction for _, correction in [*pairs, *(lists["ru"] if name == "RUSpellRU" else ())]]
            of_pairs = [correction for correction in of_pairs if _ONE_WORD.fullmatch(correction)]
            collection = build(Path(directory, name), of_pairs)
            for typo, correction in KNOWN[name].items():
                found = [suggestion.form for suggestion in corrections(collection, typo)]
                assert found[:1] == [correction], f"{typo} leads to {found}, not to {correction}"
            indexed = sorted(set(of_pairs))
            folded = Counter(map(fold, of_pairs))
            listed = sorted(right.keys() - folded.keys())
            asked = random.Random(1).sample(listed, min(typos, len(listed)))
            wanted = {typo: right[typo] for typo in asked}
            figures += shares_of_list(name, collection, wanted, misses)
            figures.append(plain_distance_of_list(name, collection, folded, wanted))
            figures += found_or_told(name, Path(directory, name), of_pairs, folded, wanted)
            once = build(Path(directory, f"{name}-once"), indexed)
            figures += shares_of_list(f"{name}, each once", once, wanted, 0)
            figures.append(plain_distance_of_list(f"{name}, each once", once, Counter(), wanted))
            once_directory = Path(directory, f"{name}-once")
            figures += found_or_told(f"{name}, each once", once_directory, indexed, Counter(), wanted)
            some = random.Random(2).sample(indexed, min(typos, len(indexed)))
            alarms = 0
            for other in (collection, once):
                offers = ((word, corrections(other, word, limit=1)) for word in some)
                alarms += sum(worth_offering(other, word, found[0]) for word, found in offers if found)
            figures.append(Figure(f"{name}: corrections that are offered another", 2 * len(some), alarms))
            figures.append(preparation(name, collection))
        figures += false_alarms(data, Path(directory, "corpus"), documents, misses, rights, typos)
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--typos", type=int, default=3000, help="how many of each list are asked (default: 3000)")
    options.add_argument(
        "--documents", type=int, default=4000, help="documents of the corpus in an index (default: 4000)"
    )
    options.add_argument("--misses", type=int, default=0, metavar="N", help="print the first N of what went wrong")
    given = options.parse_args()
    for figure in measure(given.data, typos=given.typos, documents=given.documents, misses=given.misses):
        print(figure)


if __name__ == "__main__":
    main()
