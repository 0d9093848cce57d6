"""How good and how fast are the keys? Measured on labelled words, beside Snowball and beside leaving words as they are.

usage: python benchmarks/quality/lemmas.py DATA [--language ru|en] [--types N]

DATA/lemma has `ru.tsv.gz` and `en.tsv.gz`: running words of Universal Dependencies treebanks, tab separated with a header
line, among its columns `form`, `upos` and `lemma`. Case and ё are folded on both sides. Left out are punctuation, numbers,
symbols, foreign words, proper names and whatever is not all letters.

pair P, R, F1: over all pairs of distinct forms: they have a key in common (found), they have a gold lemma in common (true).
  A form seen once only whose lemma begins with another letter (a typo, a contraction) is left out.
lemma any, first: share of running words whose gold lemma is among the keys; whose gold lemma is the first key.
keys/word: mean number of keys over running words: what the index pays.
cold: distinct forms per CPU second, each analysed for the first time, dictionaries loaded. Best of three.
cached: running words per CPU second through the cache once it holds all forms. Best of three.

Answers are checked on a few words before anything is timed: a fast wrong answer fails.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import NamedTuple

from naidi.indexer.analysis.lemmatize.keys import Keys
from naidi.indexer.analysis.lemmatize.stem import stem

Analysis = Callable[[str], tuple[str, ...]]

LEFT_OUT = {"PUNCT", "NUM", "SYM", "X", "PROPN"}
ROUNDS = 3

# Words every analysis called "keys" must get right.
PLAUSIBLE = {
    "ru": {"вакцины": "вакцина", "шёл": "идти", "казахстана": "казахстан", "токаеву": "токаев"},
    "en": {"vaccines": "vaccine", "met": "meet", "children": "child", "recognised": "recognise"},
}


class Word(NamedTuple):
    form: str
    lemma: str


def fold(word: str) -> str:
    return word.lower().replace("ё", "е")


def read_words(path: Path) -> list[Word]:
    """The running words that count, folded, in order."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        words = [Word(fold(row["form"]), fold(row["lemma"])) for row in rows if row["upos"] not in LEFT_OUT]
    return [word for word in words if word.form.isalpha()]


def pairs(groups: Iterable[set[str]]) -> set[tuple[str, str]]:
    """The unordered pairs of forms that stand in a group together."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def pair_scores(words: list[Word], analysis: Analysis) -> tuple[float, float, float]:
    """Precision, recall and F1 of "these two forms belong together"."""
    by_lemma: defaultdict[str, set[str]] = defaultdict(set)
    by_key: defaultdict[str, set[str]] = defaultdict(set)
    for (form, lemma), count in Counter(words).items():
        if count > 1 or form[0] == lemma[0]:
            by_lemma[lemma].add(form)
    for form in set().union(*by_lemma.values()):
        for key in analysis(form):
            by_key[key].add(form)
    true, found = pairs(by_lemma.values()), pairs(by_key.values())
    right = len(true & found)
    precision, recall = right / max(1, len(found)), right / max(1, len(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def check(language: str, analysis: Analysis) -> None:
    """Raises SystemExit if the keys of well-known words are wrong."""
    for form, lemma in PLAUSIBLE[language].items():
        if lemma not in analysis(form):
            raise SystemExit(f"keys({form!r}) == {analysis(form)!r} lacks {lemma!r}: no point in timing that")


def seconds(analysis: Analysis, forms: list[str]) -> float:
    start = process_time()
    for form in forms:
        analysis(form)
    return process_time() - start


def report(language: str, words: list[Word], types: int | None) -> None:
    forms = list(dict.fromkeys(word.form for word in words))[:types]
    running = [word.form for word in words]

    def cold_keys() -> Analysis:
        keys = Keys()
        keys.of("слово")  # loads the dictionaries, simplemma by a word that only it has
        keys.of("blogs")
        return keys.of

    def cold_stems() -> Analysis:
        return lru_cache(maxsize=200_000)(lambda form: (stem(form),))

    def cold_identity() -> Analysis:
        return lru_cache(maxsize=200_000)(lambda form: (form,))

    print(f"{language}: {len(running):,} running words, {len(set(running)):,} forms")
    print("                pair P      R     F1   lemma any  first  keys/word    cold/s   cached/s")
    for name, make in (("keys", cold_keys), ("Snowball", cold_stems), ("as they are", cold_identity)):
        analysis = make()
        if name == "keys":
            check(language, analysis)
        precision, recall, f1 = pair_scores(words, analysis)
        keys = [analysis(word.form) for word in words]
        found = sum(word.lemma in of_word for word, of_word in zip(words, keys, strict=True)) / len(words)
        first = sum(word.lemma == of_word[0] for word, of_word in zip(words, keys, strict=True)) / len(words)
        per_word = sum(map(len, keys)) / len(words)
        cold = min(seconds(make(), forms) for _ in range(ROUNDS))
        cached = min(seconds(analysis, running) for _ in range(ROUNDS))
        print(
            f"  {name:12} {precision:8.4f} {recall:6.4f} {f1:6.4f} {found:11.4f} {first:6.4f} {per_word:10.3f}"
            f" {len(forms) / cold:9,.0f} {len(running) / cached:10,.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0], epilog="What the columns mean stands in the file itself."
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="folder that has lemma/ru.tsv.gz and lemma/en.tsv.gz")
    parser.add_argument("--language", choices=("ru", "en"), help="only this one")
    parser.add_argument("--types", type=int, metavar="N", help="time at most this many forms cold")
    arguments = parser.parse_args()
    for language in [arguments.language] if arguments.language else ["ru", "en"]:
        path = arguments.data / "lemma" / f"{language}.tsv.gz"
        if not path.exists():
            raise SystemExit(f"{path} is not there; DATA must be the folder that contains lemma/")
        report(language, read_words(path), arguments.types)


if __name__ == "__main__":
    main()
