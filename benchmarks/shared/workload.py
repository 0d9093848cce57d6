"""Which queries are put to every engine? A seeded sample of the words and phrases of the collection itself.

Words are drawn by document frequency, so that rare, middle and frequent ones come equally often, not as often as they stand in
the texts. Every kind of query comes equally often, in English and in Russian:

    word    one word
    or      two to five words of any frequency, drawn independently
    and     two to five words that stand together in some document
    phrase  two to five words as they stand side by side in some document
    near    two words of a line with at most MAX_BETWEEN others between them
    prefix  the beginning of a word, three letters or more
    long    the OR of LONG_WORDS words of any frequency: a sentence or a paragraph that somebody pastes

Only words in lower-case letters are drawn, because engines differ in what they make of anything else.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

KINDS = ("word", "or", "and", "phrase", "near", "prefix")
LONG = "long"  # told apart from the others: their times are not pooled with its own
LANGUAGES = ("en", "ru")
MAX_WORDS = 5
MIN_PREFIX = 3
MAX_BETWEEN = 6
LONG_WORDS = (20, 40)

WORD = {"en": re.compile(r"[a-z]{2,}"), "ru": re.compile(r"[а-яё]{2,}")}
_PUNCTUATION = '.,;:!?()"«»“”'


class Query(NamedTuple):
    """One query. kind: one of KINDS, or LONG; words: lower-case; a prefix is one word cut short."""

    kind: str
    language: str
    words: tuple[str, ...]


class Text(NamedTuple):
    """A document of which queries are made."""

    id: str
    text: str


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least `percent` % of them do not exceed (nearest rank). ValueError without values."""
    if not values or not 0 < percent <= 100:
        raise ValueError(f"no percentile {percent} of {len(values)} values")
    rank = -(-len(values) * percent // 100)
    return sorted(values)[int(rank) - 1]


def language_of(text: str) -> str:
    """ "ru" if most letters at the beginning of the text are Cyrillic, else "en"."""
    letters = [letter for letter in text[:1000] if letter.isalpha()]
    return "ru" if sum("\u0400" <= letter <= "\u04ff" for letter in letters) > 0.5 * len(letters) else "en"


def word_set(text: str, language: str) -> set[str]:
    """The lower-case words of a text, of one language, without punctuation at their ends."""
    word = WORD[language]
    return {bare for bare in {token.strip(_PUNCTUATION) for token in text.split()} if word.fullmatch(bare)}


def word_runs(text: str, language: str) -> Iterator[tuple[str, ...]]:
    """Lower-case words that stand side by side in a line with nothing but one space between them; two or more."""
    word = WORD[language]
    for line in text.splitlines():
        run: list[str] = []
        for token in [*line.split(" "), ""]:
            if word.fullmatch(token):
                run.append(token)
                continue
            if len(run) > 1:
                yield tuple(run)
            run = []


def tiers(doc_freq: Mapping[str, int], docs: int) -> dict[str, list[str]]:
    """The words by frequency: rare (2 documents to .1 % of all, at least 5), frequent (2 % or more), and those between.

    Sorted, so that a seed draws the same ones again; a tier without words is left out.
    """
    rare_limit = max(5, docs // 1000)
    found: dict[str, list[str]] = {"rare": [], "middle": [], "frequent": []}
    for word in sorted(word for word, count in doc_freq.items() if count > 1):
        count = doc_freq[word]
        found["rare" if count <= rare_limit else "frequent" if count * 50 >= docs else "middle"].append(word)
    return {tier: words for tier, words in found.items() if words}


class Sampler:
    """Draws queries from texts. The same texts and seed give the same queries.

    By language: texts; doc_freq, how many of them have a word; tiers, the words by frequency.
    """

    def __init__(self, texts: Iterable[Text], seed: int) -> None:
        self._random = random.Random(seed)
        self.texts: dict[str, list[Text]] = defaultdict(list)
        for text in texts:
            self.texts[language_of(text.text)].append(text)
        self.doc_freq: dict[str, Counter[str]] = {}
        self.tiers: dict[str, dict[str, list[str]]] = {}
        for language, own in self.texts.items():
            counts: Counter[str] = Counter()
            for text in own:
                counts.update(word_set(text.text, language))
            self.doc_freq[language] = counts
            self.tiers[language] = tiers(counts, len(own))

    @property
    def languages(self) -> list[str]:
        """Those of LANGUAGES that have words in two documents or more."""
        return [language for language in LANGUAGES if self.tiers.get(language)]

    def queries(self, each: int) -> list[Query]:
        """`each` queries of every kind and of LONG in every language, in random order.

        Raises ValueError if the texts are too few.
        """
        if not self.languages:
            raise ValueError("no word stands in two documents: there is nothing to draw queries from")
        queries = []
        for language in self.languages:
            for kind in (*KINDS, LONG):
                queries += [Query(kind, language, self._words(kind, language)) for _ in range(each)]
        self._random.shuffle(queries)
        return queries

    def _words(self, kind: str, language: str) -> tuple[str, ...]:
        if kind in ("word", "or", LONG):
            count = 1 if kind == "word" else self._random.randint(*(LONG_WORDS if kind == LONG else (2, MAX_WORDS)))
            return tuple(self._word(language) for _ in range(count))
        if kind == "prefix":
            return (self._prefix(language),)
        for _ in range(1000):
            text = self._random.choice(self.texts[language])
            words = self._together(text, language) if kind == "and" else self._in_order(kind, text, language)
            if len(words) > 1:
                return words
        raise ValueError(f"hardly a text has two lower-case words side by side ({language})")

    def _word(self, language: str, tiers: Mapping[str, list[str]] | None = None) -> str:
        by_tier = self.tiers[language] if tiers is None else tiers
        return self._random.choice(by_tier[self._random.choice(sorted(by_tier))])

    def _prefix(self, language: str) -> str:
        for _ in range(1000):
            word = self._word(language)
            if len(word) > MIN_PREFIX:
                return word[: self._random.randint(MIN_PREFIX, len(word) - 1)]
        raise ValueError(f"hardly a word has more than {MIN_PREFIX} letters ({language})")

    def _together(self, text: Text, language: str) -> tuple[str, ...]:
        counts = self.doc_freq[language]
        own = tiers({word: counts[word] for word in word_set(text.text, language)}, len(self.texts[language]))
        wanted = self._random.randint(2, MAX_WORDS)
        words: dict[str, None] = {}
        for _ in range(wanted * 3 if own else 0):
            words[self._word(language, own)] = None
            if len(words) == wanted:
                break
        return tuple(words)

    def _in_order(self, kind: str, text: Text, language: str) -> tuple[str, ...]:
        runs = list(word_runs(text.text, language))
        if not runs:
            return ()
        run = self._random.choice(runs)
        if kind == "near":
            first = self._random.randint(0, len(run) - 2)
            second = self._random.randint(first + 1, min(first + 1 + MAX_BETWEEN, len(run) - 1))
            return (run[first], run[second])
        count = min(self._random.randint(2, MAX_WORDS), len(run))
        start = self._random.randint(0, len(run) - count)
        return run[start : start + count]

    def middle_word(self) -> str:
        """One word of middle frequency, in Russian if there is Russian text."""
        by_tier = self.tiers[self.languages[-1]]
        return self._random.choice(by_tier.get("middle") or next(iter(by_tier.values())))
