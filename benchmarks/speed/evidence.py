"""What must every engine find? Rare phrases and counts of words, taken from the documents as they go by.

Nothing of the collection is held: `Candidates` come from the texts that it is made of, `Evidence` counts those that it has.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from benchmarks.shared.records import Record
from benchmarks.shared.workload import MIN_PREFIX, WORD, Sampler, Text, word_runs

MOST_PHRASES = 20_000  # in each language; made collections have but few of them while they are small
MOST_DOCUMENTS = 50  # with one rare phrase: paragraphs come again in a large made collection

_RUN = re.compile(r"[^\W_]+")
# A word is the same to every tokenizer if white space stands before it, and behind it white space or one mark and white space.
_CLEAN_BEFORE = re.compile(r"(?:^|\s)\Z")
_CLEAN_BEHIND = re.compile(r"[,.;:!?]?(?:\s|\Z)")
_MARKS = ("", *",.;:!?")


class RarePhrase(NamedTuple):
    """Words that stand side by side in the document `id`; `documents` have the one that is `rare`, at least those with all."""

    id: str
    words: tuple[str, ...]
    rare: str
    documents: int


class Candidates:
    """Words that every tokenizer reads alike wherever they stand, and phrases with a word that but one text has."""

    def __init__(self, records: Iterable[Record], sampler: Sampler, seed: int, each: int) -> None:
        """each: how many words a language are wanted in the end. The texts of the sampler are those of the records."""
        draw = random.Random(seed)
        some = [word for language in sampler.languages for word in _some_words(sampler, language, each * 20, draw)]
        unclear = _unclear(records, set(some))
        self.words = {
            language: [word for word in some if word not in unclear and WORD[language].fullmatch(word)]
            for language in sampler.languages
        }
        self.phrases: dict[str, dict[str, tuple[str, ...]]] = {}
        for language in sampler.languages:
            texts = sampler.texts[language]
            found = (
                _rare_phrase(text, language, sampler.doc_freq[language])
                for text in draw.sample(texts, min(len(texts), MOST_PHRASES))
            )
            self.phrases[language] = dict(phrase for phrase in found if phrase is not None)


class Evidence:
    """Counts the candidates in one collection."""

    def __init__(self, candidates: Candidates, seed: int) -> None:
        self._candidates = candidates
        self._random = random.Random(seed)
        self._phrases = {rare: " ".join(words) for own in candidates.phrases.values() for rare, words in own.items()}
        self._word_of = {
            cased + mark: word
            for own in candidates.words.values()
            for word in own
            for cased in (word, word.capitalize())
            for mark in _MARKS
        }
        self._watched = frozenset(self._word_of) | frozenset(self._phrases)
        self._counts: Counter[str] = Counter()
        self._rare: Counter[str] = Counter()
        self._documents: dict[str, str] = {}

    def watch(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records themselves, counted as they pass."""
        for record in records:
            tokens = set(record.text.split())
            tokens.update(record.title.split())
            if found := tokens & self._watched:
                self._count(record, found)
            yield record

    def _count(self, record: Record, found: set[str]) -> None:
        self._counts.update({self._word_of[token] for token in found if token in self._word_of})
        for rare in found & self._phrases.keys():
            self._rare[rare] += 1
            if self._phrases[rare] in record.text and (
                rare not in self._documents or self._random.random() * self._rare[rare] < 1
            ):
                self._documents[rare] = record.id

    def phrases(self, each: int) -> list[RarePhrase]:
        """At most `each` phrases in every language, of three to five words, that few documents have."""
        found = []
        for own in self._candidates.phrases.values():
            few = [rare for rare in own if rare in self._documents and self._rare[rare] <= MOST_DOCUMENTS]
            for rare in self._random.sample(few, min(each, len(few))):
                found.append(RarePhrase(self._documents[rare], own[rare], rare, self._rare[rare]))
        return found

    def counts(self, each: int) -> dict[str, int]:
        """How many documents have a word, in title or text, for at most `each` words a language."""
        agreed: dict[str, int] = {}
        for own in self._candidates.words.values():
            words = sorted((word for word in own if self._counts[word]), key=lambda word: (-self._counts[word], word))
            # The more often a word stands, the more there is to get wrong: half of them are the most frequent.
            others = words[each // 2 :]
            chosen = words[: each // 2] + self._random.sample(others, min(each // 2, len(others)))
            agreed |= {word: self._counts[word] for word in chosen}
        return agreed


def _some_words(sampler: Sampler, language: str, count: int, draw: random.Random) -> Iterator[str]:
    """At most `count` words of each frequency; none with ё, which is to some engines another letter than е, to others the same."""
    for tier in sampler.tiers[language].values():
        words = [word for word in tier if len(word) > MIN_PREFIX and "ё" not in word]
        yield from draw.sample(words, min(count, len(words)))


def _unclear(records: Iterable[Record], words: set[str]) -> set[str]:
    """Those of the words that somewhere stand in other capitals, beside something else than white space, or with ё."""
    unclear: set[str] = set()
    for record in records:
        text = f"{record.title}\n{record.text}"
        for match in _RUN.finditer(text):
            word = match[0].casefold()
            if "ё" in word:
                unclear.add(word.replace("ё", "е"))
            if word in words and (match[0] not in (word, word.capitalize()) or not _stands_clear(text, *match.span())):
                unclear.add(word)
    return unclear


def _stands_clear(text: str, start: int, end: int) -> bool:
    return bool(_CLEAN_BEFORE.match(text[max(0, start - 1) : start])) and bool(_CLEAN_BEHIND.match(text[end : end + 2]))


def _rare_phrase(text: Text, language: str, counts: Mapping[str, int]) -> tuple[str, tuple[str, ...]] | None:
    """The rare word, and up to five words with it in their middle."""
    for run in word_runs(text.text, language):
        for place, word in enumerate(run):
            window = run[max(0, place - 2) : place + 3]
            if counts[word] == 1 and len(word) > 4 and len(window) > 2:
                return word, window
    return None
