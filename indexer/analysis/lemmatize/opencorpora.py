"""Reads the OpenCorpora dictionary: the lemmas, grammatical features and scores of a Russian word.

pymorphy3 gives about 9,000 answers a second: it builds a Parse, a tag and a method stack for every reading. Indexing needs
only the lemma, a few features and the score. `CompiledDictionary` reads the same files, which come with
pymorphy3-dicts-ru, and follows the same steps. Its answers equal those of pymorphy3, score for score; the tests compare
them. `PymorphyDictionary` asks pymorphy3 itself. It is the oracle, and the fallback for another file format.

Files of format 2.4:

    words.dawg                    word -> (paradigm, index) pairs
    prediction-suffixes-N.dawg    end of a word that begins with paradigm prefix N -> (count, paradigm, index)
    p_t_given_w.intdawg           "word:tag" -> probability in millionths

`dawg` reads these files; `paradigms` decodes the pairs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from struct import unpack_from
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ... import core
from .dawg import Dawg
from .paradigms import ABBREVIATION, NAME, PARADIGMS, ParadigmEntry, Paradigms, Tag, tag_of

if TYPE_CHECKING:
    from naidi._core import Russian as CoreRussian

FORMAT_MAJOR = "2"  # the first part of format_version in meta.json: files of this format can be read

# The scores of pymorphy3's analysers (pymorphy3/lang/ru/config.py and pymorphy3/units), in their order.
_KNOWN_PREFIX_SCORE, _UNKNOWN_PREFIX_SCORE, _KNOWN_SUFFIX_SCORE = 0.75, 0.5, 0.5
_MIN_REMAINDER = 3
_MAX_UNKNOWN_PREFIX = 5
_MIN_LENGTH_FOR_SUFFIX = 4


# (lemma with its ё, feature bits of its tag, pymorphy3's score). A plain tuple, since millions are made.
Parse: TypeAlias = "tuple[str, int, float]"


class Dictionary(Protocol):
    """The part of a dictionary that the lemma rules use."""

    def look_up(self, word: str) -> tuple[list[Parse], bool]:
        """(every reading of a lower-case Cyrillic word, best first, never empty; whether the dictionary has the word).

        The dictionary may have the word as it stands or with ё for some е. If it has neither, the readings are guesses.
        """

    def knows(self, word: str) -> bool:
        """Whether the dictionary has the word, as in `look_up`, but faster."""

    def common_lemmas(self, word: str) -> set[str]:
        """The lemmas, with their ё, of all readings of a word but names and abbreviations; none for an unknown word."""

    def in_core(self, left_out: Iterable[str]) -> CoreRussian | None:
        """The dictionary and the rules of `russian` in the compiled core; None if it cannot have them.

        left_out: words of the Russian alphabet that it shall not answer, for a table has them.
        """


_Parse: TypeAlias = "tuple[str, Tag, str, int | None, float]"  # word, tag, lemma, paradigm, score
# (word, grammemes, paradigm): guesses that agree in these are the same guess.
_Identity: TypeAlias = "tuple[str, tuple[str, ...], int | None]"

_UNKNOWN_TAG = Tag(b"UNKN", ("UNKN",), 0, True)


class CompiledDictionary:
    """The dictionary in `folder`, which holds the files of pymorphy3-dicts-ru. Threads may share an instance.

    Raises ValueError for an unknown file format, OSError if the files cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        meta = dict(json.loads((folder / "meta.json").read_bytes()))
        if str(meta.get("format_version")).split(".")[0] != FORMAT_MAJOR or "compile_options" not in meta:
            raise ValueError(f"{folder}: dictionary format {meta.get('format_version')} is not {FORMAT_MAJOR}.x")
        self._folder = folder
        self._affixes: list[str] = meta["compile_options"]["paradigm_prefixes"]
        self._max_suffix: int = meta["compile_options"]["max_suffix_length"]
        self._paradigms = Paradigms(folder, self._affixes, meta["gramtab_formats"]["opencorpora-int"])
        self._words = Dawg(folder / "words.dawg")
        self._endings = [Dawg(folder / f"prediction-suffixes-{n}.dawg") for n in range(len(self._affixes))]
        self._probabilities = Dawg(folder / "p_t_given_w.intdawg") if meta.get("P(t|w)") else None
        self._prefixes = _known_prefixes()
        # Decoded values, by the place where they lie. Most words share a few thousand. The dictionary bounds their number.
        self._entries: dict[int, tuple[ParadigmEntry, ...]] = {}
        self._common: dict[int, tuple[tuple[str, int, int, str], ...]] = {}
        self._predictions: list[dict[int, tuple[tuple[int, ParadigmEntry], ...]]] = [{} for _ in self._endings]

    def knows(self, word: str) -> bool:
        return bool(self._words.similar(word))

    def common_lemmas(self, word: str) -> set[str]:
        return {
            left + spelling[cut_left : len(spelling) - cut_right] + right
            for spelling, node in self._words.similar(word)
            for left, cut_left, cut_right, right in self._common_at(node)
        }

    def _common_at(self, node: int) -> tuple[tuple[str, int, int, str], ...]:
        """How the readings of an entry lead to their lemmas, names and abbreviations left out."""
        place = self._words.base(node)
        found = self._common.get(place)
        if found is None:
            entries = self._entries_at(node)
            ways = [entry[:4] for entry in entries if not entry.tag.features & (NAME | ABBREVIATION)]
            found = self._common[place] = tuple(dict.fromkeys(ways))
        return found

    def in_core(self, left_out: Iterable[str]) -> CoreRussian | None:
        if not core.is_used:
            return None
        from naidi._core import Russian

        groups: dict[tuple[str, ...], int] = {}
        tags = [*self._paradigms.tags, _UNKNOWN_TAG]
        return Russian(
            words=_parts(self._words),
            endings=[_parts(dawg) for dawg in self._endings],
            probabilities=None if self._probabilities is None else _parts(self._probabilities),
            longest_ending=self._max_suffix,
            affixes=self._affixes,
            suffixes=self._paradigms.suffixes,
            paradigms=(self._folder / PARADIGMS).read_bytes(),
            tags=[(t.text, t.features, t.productive, groups.setdefault(t.grammemes, len(groups))) for t in tags],
            prefixes=sorted(chain.from_iterable(self._prefixes.values()), key=len, reverse=True),
            left_out=left_out,
        )

    def _prefixes_of(self, word: str) -> list[str]:
        """The known prefixes that leave enough of the word, longest first."""
        prefixes = self._prefixes.get(word[:2], ())
        return [prefix for prefix in prefixes if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_REMAINDER]

    def look_up(self, word: str) -> tuple[list[Parse], bool]:
        spellings = self._words.similar(word)
        if not spellings:
            return [(lemma, tag.features, score) for _, tag, lemma, _, score in self._predicted(word)], False
        # As `_parse`, without the values that only predictions need. Nearly every word goes this way.
        found = [
            (left + spelling[cut_left : len(spelling) - cut_right] + right, tag)
            for spelling, node in spellings
            for left, cut_left, cut_right, right, tag, _ in self._entries_at(node)
        ]
        scores = self._probability(word, [tag for _, tag in found])
        if scores is None:
            score = 1.0 / len(found)
            return [(lemma, tag.features, score) for lemma, tag in found], True
        scored = [(lemma, tag.features, score) for (lemma, tag), score in zip(found, scores, strict=True)]
        return sorted(scored, key=_score_down), True

    def _parse(self, word: str) -> list[_Parse]:
        found = self._in_dictionary(word)
        return self._scored(word, found) if found else self._predicted(word)

    def _in_dictionary(self, word: str, prefix: str = "", score: float = 1.0) -> list[_Parse]:
        return [
            (
                prefix + spelling,
                tag,
                prefix + left + spelling[cut_left : len(spelling) - cut_right] + right,
                paradigm,
                score,
            )
            for spelling, node in self._words.similar(word)
            for left, cut_left, cut_right, right, tag, paradigm in self._entries_at(node)
        ]

    def _predicted(self, word: str) -> list[_Parse]:
        found = self._with_known_prefix(word)
        if not found:
            seen: set[_Identity] = set()
            found = self._with_unknown_prefix(word, seen) + self._with_known_suffix(word, seen)
        if not found:
            found = [(word, _UNKNOWN_TAG, word, None, 1.0)]
        return self._scored(word, found)

    def _entries_at(self, node: int) -> tuple[ParadigmEntry, ...]:
        place = self._words.base(node)
        entries = self._entries.get(place)
        if entries is None:
            entries = self._entries[place] = self._paradigms.columns(self._words.payloads(node))
        return entries

    def _with_known_prefix(self, word: str) -> list[_Parse]:
        """псевдокошка: псевдо and the readings of кошка."""
        prefixes = self._prefixes_of(word)
        if not prefixes:
            return []
        found: list[_Parse] = []
        seen: set[_Identity] = set()
        for prefix in prefixes:
            for spelling, tag, lemma, paradigm, score in self._parse(word[len(prefix) :]):
                identity = (prefix + spelling, tag.grammemes, paradigm)
                if tag.productive and identity not in seen:
                    seen.add(identity)
                    found.append((identity[0], tag, prefix + lemma, paradigm, score * _KNOWN_PREFIX_SCORE))
        return found

    def _with_unknown_prefix(self, word: str, seen: set[_Identity]) -> list[_Parse]:
        """байткод: байт and the readings of код, if the dictionary has код."""
        found: list[_Parse] = []
        for split in range(1, 1 + min(_MAX_UNKNOWN_PREFIX, len(word) - _MIN_REMAINDER)):
            rest = word[split:]
            if not self._words.similar(rest):
                continue
            for parse in self._in_dictionary(rest, word[:split], _UNKNOWN_PREFIX_SCORE):
                spelling, tag, _, paradigm, _ = parse
                identity = (spelling, tag.grammemes, paradigm)
                if tag.productive and identity not in seen:
                    seen.add(identity)
                    found.append(parse)
        return found

    def _with_known_suffix(self, word: str, seen: set[_Identity]) -> list[_Parse]:
        """бутявкать: as the known words in -вкать. The longest ending that a known word has decides."""
        if len(word) < _MIN_LENGTH_FOR_SUFFIX:
            return []
        found: list[_Parse] = []
        for affix in range(len(self._affixes) - 1, -1, -1):
            if not word.startswith(self._affixes[affix]):
                continue
            total = 1
            counted = []
            for length in range(self._max_suffix, 0, -1):
                start, end = word[:-length], word[-length:]
                for ending, node in self._endings[affix].similar(end):
                    for count, (left, cut_left, cut_right, right, tag, paradigm) in self._predictions_at(affix, node):
                        total += count
                        spelling = start + ending
                        identity = (spelling, tag.grammemes, paradigm)
                        if identity not in seen:
                            seen.add(identity)
                            lemma = left + spelling[cut_left : len(spelling) - cut_right] + right
                            counted.append((spelling, tag, lemma, paradigm, count))
                if total > 1:
                    break
            found += [
                (spelling, tag, lemma, paradigm, count / total * _KNOWN_SUFFIX_SCORE)
                for spelling, tag, lemma, paradigm, count in counted
            ]
        return sorted(found, key=lambda parse: -parse[-1])

    def _predictions_at(self, affix: int, node: int) -> tuple[tuple[int, ParadigmEntry], ...]:
        dawg, cache = self._endings[affix], self._predictions[affix]
        place = dawg.base(node)
        found = cache.get(place)
        if found is None:
            found = cache[place] = self._predictions_of(dawg.payloads(node))
        return found

    def _predictions_of(self, values: list[bytes]) -> tuple[tuple[int, ParadigmEntry], ...]:
        columns = self._paradigms.columns([value[4:] for value in values])
        counts = [unpack_from(">I", value)[0] for value in values]
        return tuple([(count, column) for count, column in zip(counts, columns, strict=True) if column.tag.productive])

    def _scored(self, word: str, parses: list[_Parse]) -> list[_Parse]:
        """The readings with scores of the corpus, best first.

        If the corpus lacks the word, the given scores are scaled to sum to 1 and the order is kept.
        """
        scores = self._probability(word, [parse[1] for parse in parses])
        if scores is None:
            total = 0.0
            for parse in parses:  # not sum(), which rounds otherwise from Python 3.12 on
                total += parse[-1]
            factor = 1.0 / total
            return [(*parse[:-1], parse[-1] * factor) for parse in parses]
        return sorted(((*parse[:-1], score) for parse, score in zip(parses, scores, strict=True)), key=_score_down)

    def _corpus_node(self, word: str) -> int:
        """The node of the probabilities below which the tags of the word stand; 0 if the corpus lacks the word."""
        return self._probabilities.follow(word.encode() + b":") if self._probabilities is not None else 0

    def _probability(self, word: str, tags: list[Tag]) -> list[float] | None:
        """P(tag | word) by the annotated corpus, or None if it has none of these tags for the word."""
        table = self._probabilities
        if table is None or not (node := self._corpus_node(word)):
            return None
        scores = [table.number(table.follow(tag.text, node)) / 1_000_000 for tag in tags]
        return scores if any(scores) else None


def _parts(dawg: Dawg) -> tuple[memoryview, memoryview]:
    return dawg.units, dawg.guide


def _score_down(row: tuple[Any, ...]) -> float:
    return -float(row[-1])


class PymorphyDictionary:
    """The same answers from pymorphy3 itself, slower. Threads may share an instance."""

    def __init__(self) -> None:
        from pymorphy3 import MorphAnalyzer

        self._morph = MorphAnalyzer(result_type=None)

    def knows(self, word: str) -> bool:
        return bool(self._morph.dictionary.word_is_known(word, self._morph.char_substitutes))

    def common_lemmas(self, word: str) -> set[str]:
        readings, known = self.look_up(word)
        return {lemma for lemma, bits, _ in readings if known and not bits & (NAME | ABBREVIATION)}

    def in_core(self, left_out: Iterable[str]) -> CoreRussian | None:
        return None

    def look_up(self, word: str) -> tuple[list[Parse], bool]:
        parses = self._morph.parse(word)
        return [(lemma, tag_of(str(tag)).features, score) for _, tag, lemma, score, _ in parses], self.knows(word)


def load_dictionary() -> Dictionary:
    """The installed Russian dictionary, by the fast reader if it can read the format, else through pymorphy3."""
    from pymorphy3_dicts_ru import get_path

    try:
        return CompiledDictionary(Path(get_path()))
    except (ValueError, KeyError, OSError):
        return PymorphyDictionary()


def _known_prefixes() -> dict[str, list[str]]:
    """First two letters -> the known prefixes, longest first."""
    from pymorphy3.lang.ru.config import KNOWN_PREFIXES

    found: dict[str, list[str]] = {}
    for prefix in sorted(KNOWN_PREFIXES, key=len, reverse=True):
        found.setdefault(prefix[:2], []).append(prefix)
    return found
