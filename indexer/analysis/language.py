"""Detects the language of a document.

The language is metadata, for counts and filters. The analysis of a token depends on its own script only. Letters tell
Russian from its Cyrillic neighbours, and common words tell English from other languages in Latin letters. Only the
remaining texts go to langdetect, which takes milliseconds.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

_SEARCHED = 3000
"""Code points looked at. The start of a document is enough, and thousands of documents must pass in a second."""
_LANGDETECT_LETTERS = 1000
_KNOWN_ROWS = 5_000
"""Rows of langdetect's table that are kept: some 3 MB."""

_FENCE = "```"  # around code in Markdown, whose words are English whatever the language of the text
EDGES = ".,:;!?…\"'«»“”„‘’()[]{}<>*_`~|#—–-=+/\\"
CYRILLIC = re.compile("[\u0400-\u052f]+")
LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
# ѣ, ѳ, ѵ: Russian until 1918.
_NOT_RUSSIAN = re.compile("[^а-яёѣѳѵ]+")
_FOREIGN_SHARE = 0.02

# Letters that tell Cyrillic alphabets apart: how many there are in a thousand letters of running text. Letters not named
# hardly occur in the language.
_LETTER_RATES: dict[str, dict[str, float]] = {
    "uk": {"и": 61, "і": 57, "ї": 6, "є": 5, "щ": 6, "ґ": 0.1},
    "be": {"і": 60, "ы": 40, "ў": 22, "э": 15, "ё": 8},
    "kk": {"ы": 80, "і": 65, "қ": 29, "ғ": 18, "ң": 16, "ө": 10, "ә": 16, "ү": 9, "ұ": 8, "и": 15, "һ": 0.3, "э": 1},
    "ky": {"ы": 70, "ү": 25, "ө": 22, "ң": 12, "и": 40, "э": 10, "ъ": 0.1},
    "tt": {"ы": 40, "ә": 60, "ү": 12, "ө": 10, "ң": 9, "җ": 4, "һ": 4, "и": 25, "э": 5},
    "ba": {"ы": 45, "ә": 55, "ҙ": 17, "һ": 16, "ҡ": 22, "ғ": 12, "ң": 10, "ү": 10, "ө": 15, "ҫ": 5, "и": 15, "э": 6},
    "mn": {"э": 50, "ө": 25, "ү": 30, "ы": 8, "и": 45, "ё": 3, "ъ": 0.5},
    "tg": {"и": 80, "ӣ": 10, "ӯ": 8, "ҳ": 15, "қ": 10, "ҷ": 5, "ғ": 4, "э": 3, "ъ": 4},
    "uz": {"и": 110, "ў": 17, "қ": 20, "ғ": 8, "ҳ": 15, "э": 5, "ъ": 4},
    "sr": {"и": 90, "ј": 45, "љ": 6, "њ": 8, "ћ": 6, "ђ": 3, "џ": 0.3},
    "mk": {"и": 85, "ј": 18, "ќ": 4, "ѓ": 2, "њ": 3, "љ": 0.5, "ѕ": 0.3, "џ": 0.3},
    "cv": {"ы": 10, "ӑ": 50, "ӗ": 50, "ҫ": 25, "ӳ": 5, "и": 25, "э": 5},
    "os": {"ӕ": 110, "ы": 60, "и": 30, "ъ": 15},
    "sah": {"ы": 60, "ҕ": 15, "ҥ": 12, "ө": 18, "һ": 8, "ү": 25, "и": 25, "э": 15},
    "ce": {"ӏ": 30, "и": 40, "ъ": 5, "э": 5, "ы": 3},
}

# Scripts, as the first word of the Unicode names of their letters. Scripts of several big languages (Arabic, Devanagari)
# are left out.
_SCRIPTS = {
    "GREEK": "el", "ARMENIAN": "hy", "GEORGIAN": "ka", "HEBREW": "he", "HANGUL": "ko", "CJK": "zh", "THAI": "th", "LAO": "lo",
    "KHMER": "km", "MYANMAR": "my", "ETHIOPIC": "am", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml",
    "SINHALA": "si", "GUJARATI": "gu", "GURMUKHI": "pa", "BENGALI": "bn", "TIBETAN": "bo", "MONGOLIAN": "mn",
}  # fmt: skip

_RATED_LETTERS = frozenset(letter for rates in _LETTER_RATES.values() for letter in rates)
_STRAY_RATE = 0.05  # a letter that the language lacks
# All letters of Bulgarian are Russian too. But it uses ъ as a vowel, before consonants, and has neither ы nor э.
BULGARIAN = re.compile("ъ(?![еёюяи])")
_BULGARIAN_SHARE = 0.005
_NOT_BULGARIAN = re.compile("[ыэ]")

# The commonest words of English, without those that its neighbours share: "in", "a", "an", "me", "was", "is".
ENGLISH = frozenset(
    """
    the of and to that it for with as be at by this are from or not you have which but we they his her she were been has had their
    will would can could should there when what who if into about these those than then them its only other some any all how also
    may such your our my must where while between before after because each does did more most using used
    """.split()
)
# The commonest words of other languages in Latin letters, each once and none that is English: German, French, Spanish, Italian,
# Dutch, Portuguese, Polish, Swedish, Turkish, Romanian, Czech, Indonesian, Swahili and Tagalog, Finnish and Hungarian.
OTHER_LATIN = frozenset(
    """
    der die und den von das ist des mit dem nicht ein eine einer auch auf für sich wird aus bei zum zur wie oder sind wurde
    le la les et du est un une dans que qui pour sur pas au avec ce il par plus sont cette ses aux mais nous vous
    el los las y en por con una su se del para al lo como más pero sus este esta ser son entre cuando
    di che e per non da sono dei nel alla gli più anche come della delle ha
    de het een van op zijn met voor niet aan er ook als maar om bij uit naar dan wordt deze
    o em um uma não os do na com no dos ao foi pelo pela
    i w z nie się że jest jak po od za ale przez przy tym jego dla są oraz
    och att det som på är av för med till inte har ett men var
    ve bir bu için ile olarak daha çok gibi olan kadar
    si nu cu din care sunt pentru mai fost
    je v že jsou jako nebo byl pro
    yang untuk dengan dari ini itu pada tidak adalah akan dalam
    ya wa kwa ni katika cha hii yake ang ng sa mga ay ko
    ja ei on että ovat mutta oli hän kun niin és az hogy egy nem is volt
    """.split()
)
ENGLISH_SHARE = 0.10
OTHER_WORDS = 2
OTHER_SHARE = 0.08
_ACCENTS_SHARE = 0.02
NAMES_AND_CODE = 0.25
"""A text with a higher ratio of Cyrillic to Latin letters is Cyrillic with names and code in it, unless its Latin words are
running English."""
ENGLISH_WORDS = 3

_lock = threading.Lock()
_factory: Any = None


def detect_language(text: str) -> str:
    """The language code of a text: "en", "ru", another code of ISO 639 (of two letters if there is one), or "und".

    "und" means undetermined, for example a text without letters. Any text is legal. The same text always gets the same
    answer.
    """
    words = _words(prose_of(text))
    letters = "".join(words)
    if not letters:
        return "und"
    if letters.isascii():
        return _latin_language(letters, words)
    cyrillic = "".join(CYRILLIC.findall(letters))
    latin = "".join(LATIN.findall(letters))
    if len(letters) > 2 * (len(cyrillic) + len(latin)):
        return _language_of_script(words)
    if len(cyrillic) >= len(latin) or (len(cyrillic) > NAMES_AND_CODE * len(latin) and not _running_english(words)):
        return _cyrillic_language(cyrillic)
    return _latin_language(latin, words)


def prose_of(text: str) -> str:
    """The part of a text that is looked at."""
    text = text[:_SEARCHED]
    if _FENCE in text:
        prose = " ".join(text.split(_FENCE)[::2])
        text = prose if prose.strip() else text
    return text


def _words(text: str) -> list[str]:
    """The words of running text. If there are none, the runs of letters in URLs, numbers and code."""
    words = [word for token in text.split() if (word := token.strip(EDGES)).isalpha()]
    return words or re.findall(r"[^\W\d_]+", text)


def _cyrillic_language(letters: str) -> str:
    letters = letters.lower()
    foreign = sum(map(len, _NOT_RUSSIAN.findall(letters)))
    if foreign >= _FOREIGN_SHARE * len(letters):
        return _nearest_alphabet(letters)
    if len(BULGARIAN.findall(letters)) >= _BULGARIAN_SHARE * len(letters) and not _NOT_BULGARIAN.search(letters):
        return "bg"
    return "ru"


def _nearest_alphabet(letters: str) -> str:
    """The language in which the counts of the rated letters are likeliest (multinomial likelihood)."""
    counts = Counter(letters)
    rest = len(letters) - sum(counts[letter] for letter in _RATED_LETTERS)

    def likelihood(language: str) -> float:
        rates = _LETTER_RATES[language]
        others = 1000 - sum(rates.values())
        return rest * math.log(others) + sum(counts[x] * math.log(rates.get(x, _STRAY_RATE)) for x in _RATED_LETTERS)

    return max(_LETTER_RATES, key=likelihood)


def _language_of_script(words: list[str]) -> str:
    """The language of a script that is neither Cyrillic nor Latin. If the script has several, langdetect decides."""
    scripts = Counter(unicodedata.name(letter, "").split(" ")[0] for word in words for letter in word)
    if scripts["HIRAGANA"] + scripts["KATAKANA"]:
        return "ja"
    for script, _ in scripts.most_common():
        if language := _SCRIPTS.get(script):
            return language
        if script not in {"LATIN", "CYRILLIC"}:
            break
    return _ask_langdetect(words)


def _latin_language(letters: str, words: list[str]) -> str:
    """English, unless accents or the commonest words of other languages speak against it.

    langdetect alone is not good enough: it takes tables, lists of names and short texts for anything from Swedish to
    Swahili.
    """
    if _running_english(words):
        return "en"
    accents = len(letters) - len(letters.encode("ascii", "ignore"))
    english, other = _common(words)
    foreign = other > english and other >= max(OTHER_WORDS, OTHER_SHARE * len(words))
    if foreign or accents >= _ACCENTS_SHARE * len(letters):
        return _ask_langdetect(words)
    return "en"


def _running_english(words: list[str]) -> bool:
    english, other = _common(words)
    return english > other and english >= ENGLISH_WORDS and english >= ENGLISH_SHARE * len(words)


def _common(words: list[str]) -> tuple[int, int]:
    """How many of the words are common English words, how many are common words of other languages."""
    small = [word.lower() for word in words]
    return sum(map(ENGLISH.__contains__, small)), sum(map(OTHER_LATIN.__contains__, small))


def _ask_langdetect(words: Iterable[str]) -> str:
    """The answer of langdetect for the first _LANGDETECT_LETTERS letters; "und" if it has none."""
    from langdetect.lang_detect_exception import LangDetectException

    detector = _detectors().create()
    length = 0
    asked: list[str] = []
    for word in words:
        asked.append(word)
        length += len(word)
        if length >= _LANGDETECT_LETTERS:
            break
    detector.append(" ".join(asked)[: 2 * _LANGDETECT_LETTERS])
    try:
        found = str(detector.detect())
    except LangDetectException:
        return "und"
    return "und" if found == "unknown" else found.split("-")[0]


def _detectors() -> Any:
    """langdetect's profiles in a factory of our own. It is seeded without touching the global one, and loaded once."""
    global _factory
    with _lock:
        if _factory is None:
            from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

            factory = DetectorFactory()
            rows = _Rows()
            # langdetect would make a row of each of 100,000 n-grams, which takes .2 s. A text asks for some hundred.
            factory.add_profile = rows.add_profile
            factory.load_profile(PROFILES_DIRECTORY)
            factory.langlist, factory.word_lang_prob_map = rows.names, rows
            factory.set_seed(0)
            _factory = factory
        return _factory


class _Rows:
    """N-gram -> its share in each language, as langdetect's `word_lang_prob_map`. A row is worked out when it is asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._counts: list[dict[str, int]] = []
        self._totals: list[list[int]] = []  # for each language, of n-grams of one, two and three characters
        self._known: dict[str, list[float] | None] = {}

    def add_profile(self, profile: Any, index: int, langsize: int) -> None:
        """Takes the place of the method of langdetect's factory."""
        self.names.append(profile.name)
        self._counts.append(profile.freq)
        self._totals.append(profile.n_words)

    def __contains__(self, ngram: str) -> bool:
        return self._row(ngram) is not None

    def __getitem__(self, ngram: str) -> list[float]:
        row = self._row(ngram)
        if row is None:
            raise KeyError(ngram)
        return row

    def _row(self, ngram: str) -> list[float] | None:
        try:
            return self._known[ngram]
        except KeyError:
            pass
        row = None
        if any(ngram in counts for counts in self._counts):
            size = len(ngram) - 1  # there are longer ones in no language's profile
            row = [
                counts.get(ngram, 0) / totals[size] for counts, totals in zip(self._counts, self._totals, strict=True)
            ]
        if len(self._known) >= _KNOWN_ROWS:
            self._known = {}
        self._known[ngram] = row
        return row
