"""What does the OpenCorpora dictionary say about a Russian word: which lemmas, parts of speech and scores?

pymorphy3 answers this about 9,000 times a second: it builds a Parse, a tag and a method stack for every reading.
Indexing needs the lemma, a few grammatical features and the score only. `CompiledDictionary` reads the same files (they
come with pymorphy3-dicts-ru) and follows the same steps, so its answers equal pymorphy3's, score for score; the tests
compare the two. `PymorphyDictionary` asks pymorphy3 itself: it is the oracle, and the fallback for another file format.

Files of format 2.4: `words.dawg` maps a word to (paradigm, index) pairs, `prediction-suffixes-N.dawg` maps the end of a
word that begins with paradigm prefix N to (count, paradigm, index), `p_t_given_w.intdawg` maps "word:tag" to a
probability in millionths. A paradigm is three rows of one array: suffix ids, tag ids, prefix ids; column 0 is the lemma.
A dawg file is a length, that many 32-bit units of a double array (dawgdic), and a guide: a length, then two bytes for
each unit, its first child and its next sibling.
"""

from __future__ import annotations

import json
import mmap
from array import array
from binascii import a2b_base64
from pathlib import Path
from struct import unpack_from
from typing import Any, NamedTuple, Protocol, TypeAlias

FORMAT_MAJOR = "2"  # the part of meta.json's format_version that decides whether we can read the files

# What the lemma rules ask about a reading, as bits.
ADJECTIVE, PARTICIPLE, SHORT, ADVERB, COMPARATIVE, SUPERLATIVE, ABBREVIATION = (1 << n for n in range(7))
FEATURES = {
    "ADJF": ADJECTIVE,
    "PRTF": PARTICIPLE,
    "ADJS": SHORT,
    "PRTS": SHORT,
    "ADVB": ADVERB,
    "CONJ": ADVERB,  # parenthetic видимо, похоже
    "COMP": COMPARATIVE,
    "Supr": SUPERLATIVE,
    "Abbr": ABBREVIATION,
}

# Closed classes: an unknown word is never predicted to be one of these.
_UNPRODUCTIVE = frozenset({"NUMR", "NPRO", "PRED", "PREP", "CONJ", "PRCL", "INTJ", "Apro"})

# Order and scores of pymorphy3's analysers (pymorphy3/lang/ru/config.py and pymorphy3/units).
_KNOWN_PREFIX_SCORE, _UNKNOWN_PREFIX_SCORE, _KNOWN_SUFFIX_SCORE = 0.75, 0.5, 0.5
_MIN_REMAINDER = 3
_MAX_UNKNOWN_PREFIX = 5
_MIN_LENGTH_FOR_SUFFIX = 4

_LEAF, _LABEL, _EXTENSION = 0x80000000, 0x800000FF, 0x200
_HAS_LEAF = 0x100


# (lemma with its ё, the bits above, pymorphy3's score): a plain tuple, since millions are made.
Reading: TypeAlias = "tuple[str, int, float]"


class Dictionary(Protocol):
    """What the lemma rules need to know of a dictionary."""

    def look_up(self, word: str) -> tuple[list[Reading], bool]:
        """Every reading of a lower-case Cyrillic word, best first, never empty; whether the dictionary has the word.

        It has the word as it stands, or with ё for some е; otherwise the readings are guesses.
        """

    def knows(self, word: str) -> bool:
        """The second half of `look_up` alone, faster."""


class _Tag(NamedTuple):
    text: bytes  # as it stands in the probability table
    grammemes: tuple[str, ...]
    features: int
    productive: bool


class _Entry(NamedTuple):
    """A column of a paradigm: the lemma of such a form is `left + form[cut_left : len(form) - cut_right] + right`."""

    left: str
    cut_left: int
    cut_right: int
    right: str
    tag: _Tag
    paradigm: int


_Parse: TypeAlias = "tuple[str, _Tag, str, int | None, float]"  # word, tag, lemma, paradigm, score
# word, grammemes, paradigm: guesses that agree in these are one
_Identity: TypeAlias = "tuple[str, tuple[str, ...], int | None]"

_UNKNOWN_TAG = _Tag(b"UNKN", ("UNKN",), 0, True)


class _Dawg:
    """A read-only map from bytes to values, memory-mapped: processes share it."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        size = unpack_from("=I", data)[0]
        self.units = data[4 : 4 + 4 * size].cast("I")
        self._guide = data[8 + 4 * size :]  # another length stands between

    def follow(self, key: bytes, node: int = 0) -> int:
        """The node reached from `node` by `key`; 0, the root, if there is none."""
        units = self.units
        unit = units[node]
        for label in key:
            node ^= (unit >> 10) << ((unit & _EXTENSION) >> 6) ^ label
            unit = units[node]
            if unit & _LABEL != label:
                return 0
        return node

    def base(self, node: int) -> int:
        """Where the children of a node lie. Nodes with equal children share it, so it can name what they lead to."""
        unit = self.units[node]
        return node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)

    def number(self, node: int) -> int:
        """The integer stored at a node, or 0."""
        return self.units[self.base(node)] & ~_LEAF if self.units[node] & _HAS_LEAF else 0

    def payloads(self, node: int) -> list[bytes]:
        """Every value below a node, in the order in which pymorphy3 meets them: depth first, as the guide leads."""
        units, guide = self.units, self._guide
        found: list[bytes] = []
        waiting = [(node, b"")]
        while waiting:
            node, key = waiting.pop()
            unit = units[node]
            if unit & _HAS_LEAF:
                found.append(a2b_base64(key))
            base = node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)
            label = guide[2 * node]
            children = []
            while label:
                child = base ^ label
                children.append((child, key + bytes((label,))))
                label = guide[2 * child + 1]
            waiting += reversed(children)
        return found

    def similar(self, word: str) -> list[tuple[str, int]]:
        """(spelling, node of its values) for the word and for its spellings with ё in place of some е."""
        found: list[tuple[str, int]] = []
        self._similar(word.encode(), 0, 0, word, found)
        return found

    def _similar(self, key: bytes, start: int, node: int, word: str, found: list[tuple[str, int]]) -> None:
        units = self.units
        unit = units[node]
        place = len(found)
        for position in range(start, len(key)):
            label = key[position]
            base = node ^ (unit >> 10) << ((unit & _EXTENSION) >> 6)
            if label == 0xD0 and key[position + 1] == 0xB5:  # the two bytes of е; those of ё are D1 91
                other = base ^ 0xD1
                if units[other] & _LABEL == 0xD1 and (other := self.follow(b"\x91", other)):
                    letter = len(key[:position].decode())
                    spelling = word[:letter] + "ё" + word[letter + 1 :]
                    self._similar(key, position + 2, other, spelling, found)
            node = base ^ label
            unit = units[node]
            if unit & _LABEL != label:
                return
        values = self.follow(b"\x01", node)
        if values:
            found.insert(place, (word, values))


class CompiledDictionary:
    """The dictionary in `folder`, which holds the files of pymorphy3-dicts-ru. One instance may be shared by threads.

    Raises ValueError if the files have a format this module does not know, OSError if they cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        meta = dict(json.loads((folder / "meta.json").read_bytes()))
        if str(meta.get("format_version")).split(".")[0] != FORMAT_MAJOR or "compile_options" not in meta:
            raise ValueError(f"{folder}: dictionary format {meta.get('format_version')} is not {FORMAT_MAJOR}.x")
        self._affixes: list[str] = meta["compile_options"]["paradigm_prefixes"]
        self._max_suffix: int = meta["compile_options"]["max_suffix_length"]
        self._suffixes: list[str] = json.loads((folder / "suffixes.json").read_bytes())
        tag_file = meta["gramtab_formats"]["opencorpora-int"]
        self._tags = [_tag(text) for text in json.loads((folder / tag_file).read_bytes())]
        self._paradigms = _paradigms(folder / "paradigms.array")
        self._words = _Dawg(folder / "words.dawg")
        self._endings = [_Dawg(folder / f"prediction-suffixes-{n}.dawg") for n in range(len(self._affixes))]
        self._probabilities = _Dawg(folder / "p_t_given_w.intdawg") if meta.get("P(t|w)") else None
        self._prefixes = _known_prefixes()
        # Decoded values by the place where they lie. Most words share a few thousand; the dictionary bounds them.
        self._entries: dict[int, tuple[_Entry, ...]] = {}
        self._predictions: list[dict[int, tuple[tuple[int, _Entry], ...]]] = [{} for _ in self._endings]

    def knows(self, word: str) -> bool:
        return bool(self._words.similar(word))

    def look_up(self, word: str) -> tuple[list[Reading], bool]:
        spellings = self._words.similar(word)
        if not spellings:
            return [(lemma, tag.features, score) for _, tag, lemma, _, score in self._predicted(word)], False
        # _parse() without what only predictions need; nearly every word goes this way.
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

    def _entries_at(self, node: int) -> tuple[_Entry, ...]:
        place = self._words.base(node)
        entries = self._entries.get(place)
        if entries is None:
            pairs = [unpack_from(">HH", value) for value in self._words.payloads(node)]
            entries = self._entries[place] = tuple(self._entry(paradigm, index) for paradigm, index in pairs)
        return entries

    def _entry(self, paradigm_id: int, index: int) -> _Entry:
        paradigm = self._paradigms[paradigm_id]
        length = len(paradigm) // 3
        return _Entry(
            left=self._affixes[paradigm[2 * length]],
            cut_left=len(self._affixes[paradigm[2 * length + index]]),
            cut_right=len(self._suffixes[paradigm[index]]),
            right=self._suffixes[paradigm[0]],
            tag=self._tags[paradigm[length + index]],
            paradigm=paradigm_id,
        )

    def _with_known_prefix(self, word: str) -> list[_Parse]:
        """псевдокошка: псевдо + what кошка is."""
        if not word.startswith(self._prefixes):
            return []
        found: list[_Parse] = []
        seen: set[_Identity] = set()
        for prefix in self._prefixes:
            if not word.startswith(prefix) or len(word) - len(prefix) < _MIN_REMAINDER:
                continue
            for spelling, tag, lemma, paradigm, score in self._parse(word[len(prefix) :]):
                identity = (prefix + spelling, tag.grammemes, paradigm)
                if tag.productive and identity not in seen:
                    seen.add(identity)
                    found.append((identity[0], tag, prefix + lemma, paradigm, score * _KNOWN_PREFIX_SCORE))
        return found

    def _with_unknown_prefix(self, word: str, seen: set[_Identity]) -> list[_Parse]:
        """байткод: байт + what код is, if the dictionary has код."""
        found: list[_Parse] = []
        for split in range(1, 1 + min(_MAX_UNKNOWN_PREFIX, len(word) - _MIN_REMAINDER)):
            for parse in self._in_dictionary(word[split:], word[:split], _UNKNOWN_PREFIX_SCORE):
                spelling, tag, _, paradigm, _ = parse
                identity = (spelling, tag.grammemes, paradigm)
                if tag.productive and identity not in seen:
                    seen.add(identity)
                    found.append(parse)
        return found

    def _with_known_suffix(self, word: str, seen: set[_Identity]) -> list[_Parse]:
        """бутявкать: as the known words in -вкать are; the longest ending that any known word has decides."""
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

    def _predictions_at(self, affix: int, node: int) -> tuple[tuple[int, _Entry], ...]:
        dawg, cache = self._endings[affix], self._predictions[affix]
        place = dawg.base(node)
        found = cache.get(place)
        if found is None:
            triples = [unpack_from(">IHH", value) for value in dawg.payloads(node)]
            all_ = [(count, self._entry(paradigm, index)) for count, paradigm, index in triples]
            found = cache[place] = tuple(pair for pair in all_ if pair[1].tag.productive)
        return found

    def _scored(self, word: str, parses: list[_Parse]) -> list[_Parse]:
        """With the corpus's scores, best first; if it lacks the word, the given ones made to sum to 1, order kept."""
        scores = self._probability(word, [parse[1] for parse in parses])
        if scores is None:
            factor = 1.0 / sum(parse[-1] for parse in parses)
            return [(*parse[:-1], parse[-1] * factor) for parse in parses]
        return sorted(((*parse[:-1], score) for parse, score in zip(parses, scores, strict=True)), key=_score_down)

    def _probability(self, word: str, tags: list[_Tag]) -> list[float] | None:
        """P(tag | word) by the annotated corpus, or None if that has none of these."""
        table = self._probabilities
        if table is None or not (node := table.follow(word.encode() + b":")):
            return None
        scores = [table.number(table.follow(tag.text, node)) / 1_000_000 for tag in tags]
        return scores if any(scores) else None


def _score_down(row: tuple[Any, ...]) -> float:
    return -float(row[-1])


class PymorphyDictionary:
    """The same answers from pymorphy3 itself, slower. One instance may be shared by threads."""

    def __init__(self) -> None:
        from pymorphy3 import MorphAnalyzer

        self._morph = MorphAnalyzer(result_type=None)

    def knows(self, word: str) -> bool:
        return bool(self._morph.dictionary.word_is_known(word, self._morph.char_substitutes))

    def look_up(self, word: str) -> tuple[list[Reading], bool]:
        parses = self._morph.parse(word)
        return [(lemma, _tag(str(tag)).features, score) for _, tag, lemma, score, _ in parses], self.knows(word)


def load_dictionary() -> Dictionary:
    """The installed Russian dictionary, by the fast reader where it can read the format, else through pymorphy3."""
    from pymorphy3_dicts_ru import get_path

    try:
        return CompiledDictionary(Path(get_path()))
    except (ValueError, KeyError, OSError):
        return PymorphyDictionary()


def _tag(text: str) -> _Tag:
    grammemes = tuple(text.replace(" ", ",").split(","))
    features = 0
    for grammeme in grammemes:
        features |= FEATURES.get(grammeme, 0)
    return _Tag(text.encode(), grammemes, features, _UNPRODUCTIVE.isdisjoint(grammemes))


def _paradigms(path: Path) -> list[array[int]]:
    """A count of arrays, then each with its own count before it; all numbers are 16 bits, low byte first."""
    numbers = array("H", path.read_bytes())
    found = []
    place = 1
    for _ in range(numbers[0]):
        length = numbers[place]
        found.append(numbers[place + 1 : place + 1 + length])
        place += 1 + length
    return found


def _known_prefixes() -> tuple[str, ...]:
    from pymorphy3.lang.ru.config import KNOWN_PREFIXES

    return tuple(sorted(KNOWN_PREFIXES, key=len, reverse=True))
