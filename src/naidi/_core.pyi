"""The compiled core; `csrc` has its sources. `naidi.indexer.core` says whether it is there."""

import mmap
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Generic, Protocol, TypeVar, final

import numpy as np
import numpy.typing as npt

from naidi.search.results import Snippet
from naidi.search.snippets.text_places import TextPlaces

SECTIONS: tuple[str, ...]
"""The sections of a segment that the core reads, in the order in which `Segment` takes them."""

_Field = tuple[float, float, float]  # k1, b, weight

@final
class Segment:
    """The mapped sections of a segment.

    Raises ValueError for sections of other types, IndexError for sections that do not fit together.
    """

    def __new__(cls, sections: tuple[memoryview | tuple[memoryview, int, bool], ...], /) -> Segment:
        """sections: items; of a packed one (its bytes, how many numbers it has, whether it has bases)."""

    def lengths(self, live: bytes | None, /) -> tuple[tuple[int, int, int, int, int], tuple[int, int]]:
        """((tokens of bodies, of titles; documents with a body, with a title, with either), (longest title, longest body)).

        The first are of the live documents, the last of all. live: a byte a document, 0 for one that is deleted; None if none is.
        Raises ValueError for another number of bytes.
        """
    def names(self, doc: int, /) -> tuple[str, str]:
        """(id, title) of a document. Raises IndexError for a damaged file and for a document that is not there."""

    def keys_of_skeletons(self, hashes: tuple[int, ...], most: int, names: int, /) -> list[int]:
        """The numbers of the keys whose skeletons have these hashes, in the order of the hashes.

        Parameters:
          hashes: of skeletons.
          most: how many keys are looked at.
          names: 0 for all of them. Otherwise only those that are no common words, and have as many syllables as a bit of it says,
            one more or one less.

        Raises IndexError for a damaged file.
        """

def pack(numbers: npt.NDArray[np.uint32], based: bool, /) -> tuple[bytes, bytes, bytes]:
    """(bytes of the blocks, widths (uint8), bases (uint32)) of numbers that fill blocks; see `indexer/codec/packed.py`."""

def unpack(
    stored: npt.NDArray[np.uint8],
    count: int,
    based: bool,
    places: npt.NDArray[np.int64],
    found: npt.NDArray[np.uint32],
    /,
) -> bool:
    """Write the numbers at some places of a packed column into `found`. Returns whether all could be read."""

def decoded(text: bytes, /) -> str:
    """As `bytes.decode`, quicker for Russian."""

@final
class Numbers:
    """A packed column, whose numbers are read one by one. Raises IndexError where one cannot be read."""

    def __new__(cls, stored: memoryview | npt.NDArray[np.uint8], count: int, based: bool, /) -> Numbers: ...
    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> int: ...

@final
class Lexicon:
    """The words of one state of an index. Threads may share it. All methods raise IndexError for a damaged file."""

    def __new__(cls, segments: tuple[Segment, ...], live: tuple[bytes | None, ...], /) -> Lexicon:
        """
        Parameters:
          segments: its segments.
          live: for each segment a byte a document, 0 for deleted ones; None if all are live.
        """

    def known(self, form: str, /) -> tuple[tuple[str, ...], str, float, bool, bool] | None:
        """What is known of a form; None if the index lacks it.

        Returns (its keys, its stem, documents of its most frequent key, whether any live document has a key, whether all keys are
        common words of a dictionary). The documents are as in `Collection.doc_freq`.
        """

    def doc_freq(self, keys: tuple[str, ...], /) -> int:
        """As `Collection.doc_freq`."""

Language = tuple[
    tuple[tuple[bytes, bool, int, tuple[tuple[bytes, bool], ...]], ...],
    bytes,
    tuple[bytes, ...],
    dict[str, tuple[bytes, ...]],
    dict[str, tuple[bytes, ...]],
]
"""(lines: (ending, whether it softens, fewest letters before it, (other ending, whether it softens), ...), ...;
pairs of hard and soft letters; endings that show that a word has one; families; strangers)."""

@final
class Derivation:
    """The tables of endings of `naidi.search.bridges.derivation`."""

    def __new__(cls, english: Language, russian: Language, /) -> Derivation:
        """Raises TypeError or ValueError for tables that it cannot take."""

    def relatives(self, lexicon: Lexicon, keys: tuple[str, ...], /) -> set[str]:
        """Keys in live documents with the same root as any of `keys`. Raises IndexError for a damaged file."""

_Side = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16], npt.NDArray[np.float32], tuple[bytes, ...]]

@final
class Correspondences:
    """The tables of `naidi.search.bridges.correspondences`."""

    def __new__(cls, latin: _Side, cyrillic: _Side, /) -> Correspondences:
        """Each side: letters and steps, see `Side`; costs [own state, other state]; lengths of the pieces that stand for each own
        state.

        Raises TypeError or ValueError for tables that it cannot take.
        """

    def costs(self, word: str, others: list[str], cyrillic: bool, /) -> list[float]:
        """As there. Raises ValueError for words of more than 40 letters."""

@final
class Skeletons:
    """The tables of `naidi.search.bridges.near_skeletons`."""

    def __new__(
        cls,
        symbols: npt.NDArray[np.uint8],
        classes: bytes,
        first_cyrillic: int,
        readings: tuple[tuple[str, str, str, tuple[bytes, ...]], ...],
        ends: dict[str, tuple[bytes, ...]],
        other_ends: tuple[bytes, ...],
        /,
    ) -> Skeletons:
        """
        Parameters:
          symbols: code point -> symbol.
          classes: [symbol before, symbol, symbol after] -> class.
          first_cyrillic: the first symbol of a Cyrillic letter.
          readings: (letter, letters before, letters after, classes in other readings); no letters stand for any.
          ends: last letter of a Cyrillic word -> classes that the Latin spelling may have behind it.
          other_ends: those of other letters.

        Raises TypeError or ValueError for tables of another form.
        """

    def may_be_names(
        self, tables: Correspondences, lexicon: Lexicon, spellings: tuple[str, ...], cyrillic: bool, least: float, /
    ) -> bool:
        """Whether the index has names of the other alphabet, live or deleted, that are at least so similar to any of the spellings.

        True, too, if a spelling cannot be read here. cyrillic: whether the spellings are. Raises ValueError for a spelling of more
        than 40 letters, IndexError for a damaged file.
        """

@final
class Word:
    """A word, or what a phrase finds, in all segments of a collection.

    owned_bytes: of memory, about.
    postings: in its lists, deleted documents included.
    weight: the sum of weight * idf of its parts; 0 if no document has it.
    first_weight: that of its first part alone.
    idf: the greatest of its parts; 1 if no document has it.
    """

    @property
    def owned_bytes(self) -> int: ...
    @property
    def postings(self) -> int: ...
    @property
    def weight(self) -> float: ...
    @property
    def first_weight(self) -> float: ...
    @property
    def idf(self) -> float: ...

@final
class Collection:
    """One state of an index. Threads may share it. All methods raise IndexError for a damaged file.

    fewest_bounded: `best_ids` passes over postings that cannot be among the best, if there are at least so many.
    """

    fewest_bounded: int

    def __new__(
        cls,
        lexicon: Lexicon,
        counts: tuple[float, float, float],
        text: _Field,
        title: _Field,
        weights: tuple[float, float, float, float],
        pair: _Field,
        /,
    ) -> Collection:
        """
        Parameters:
          lexicon: of the state.
          counts: documents; average lengths of texts and of titles.
          text, title, pair: k1, b and weight; see RankingParameters.
          weights: lemma_weight, stem_weight, idf_power, shared_lemmas.

        Raises ValueError for parameters below 0.
        """

    def word(self, keys: tuple[str, ...], stem: str | None, /) -> Word:
        """The word with these keys, at most 64, and this stem, in all fields."""

    def beginning(self, strings: tuple[str, ...], /) -> Word:
        """All words that begin with any of the strings, as one word."""

    def phrase(self, words: tuple[Word, ...], slop: int, /) -> Word:
        """The phrase of these words: what it finds. slop: how many words more may stand between the first and the last."""

    def best(
        self,
        slots: tuple[tuple[Word | float, ...], ...],
        all_words: bool,
        k: int,
        rescored: int,
        allowed: tuple[npt.NDArray[np.bool_], ...] | None = None,
        /,
    ) -> tuple[int, list[tuple[int, int, float]]]:
        """The best documents of a query.

        Parameters:
          slots: for each word of the query (word, factor, alternative, factor, ...). The greatest score of a slot counts.
          all_words: whether a document needs all of the words.
          k: how many documents are wanted.
          rescored: how many of the best may get a bonus for nearness; 0 for none.
          allowed: for each segment a byte a document, 0 for those that may not be found; None for no limits.

        Returns (how many documents were found, (segment, document, score) of the best, best first).
        """

    def found(
        self,
        slots: tuple[tuple[Word | float, ...], ...],
        all_words: bool,
        allowed: tuple[npt.NDArray[np.bool_], ...] | None = None,
        /,
    ) -> bytes:
        """All documents of a query, those of a segment ascending: score (float64), segment and document (uint32) of each.

        The parameters are those of `best`. No score has a bonus for nearness.
        """

    def best_ids(
        self, slots: tuple[tuple[Word | float, ...], ...], all_words: bool, k: int, rescored: int, /
    ) -> tuple[int, list[tuple[str, float]]]:
        """The same as `best`, with the id of each document, but without a count.

        Returns (0 if no document was found, (id, score) of the best).
        """

    def best_phrase_ids(self, words: tuple[Word, ...], slop: int, k: int, /) -> tuple[int, list[tuple[str, float]]]:
        """The best k documents, at least 1, of a query that is one phrase. The number of those found is a lower bound."""

    def lacking(self, words: tuple[Word | None, ...], found: list[tuple[int, int]], /) -> list[tuple[int, int]]:
        """For each document (segment, document) the words that it lacks, as bits.

        Parameters:
          words: at most 128; bit i stands for word i. None stands for a word that is not looked up.

        Returns (words whose own forms it lacks, words whose stems it lacks too).
        """

    def best_arms(self, slot: tuple[Word | float, ...], places: list[tuple[int, int]], /) -> set[int]:
        """The numbers of the words of a slot that give any of some documents its score, 0 for the first one.

        Parameters:
          slot: (word, factor, alternative, factor, ...). Of equal scores, that of the first word counts.
          places: (segment, document) of each.

        Raises ValueError for a document that is not there.
        """

PlainWord = tuple[
    tuple[str, ...], str, tuple[Word | float, ...], tuple[Word | float, ...], tuple[tuple[str, float], ...], bool
]
"""(keys, stem, its slot as the whole query, and beside other words, (key, similarity) of each derived word, whether a name of
several words may begin with it). See `Collection.best`."""

class _Owner(Protocol):
    """What `PlainQueries` asks for what it cannot tell; see `naidi.search.known_words.KnownWords`."""

    def know(
        self, text: str, /
    ) -> tuple[str, tuple[str, ...], str | None, tuple[Word | float, ...], tuple[Word | float, ...], bool] | None: ...
    def translations(self, text: str, keys: tuple[str, ...], /) -> tuple[tuple[str, ...], float]: ...
    def beginning_limits(self) -> tuple[int, int]: ...
    def know_beginning(self, text: str, /) -> Word | None: ...
    def know_in_phrase(self, text: str, /) -> Word | None: ...
    def leads_alone(self, text: str, keys: tuple[str, ...], is_common: bool, /) -> bool | None: ...
    def has_name(self, words: list[tuple[str, tuple[str, ...], str | None]], /) -> bool: ...
    def takes_few_steps(self, lists: int, /) -> bool: ...
    def derivation_tables(self, text: str, /) -> Derivation: ...
    def name_tables(self) -> tuple[Skeletons, Correspondences, int, int, int, float]: ...

@final
class PlainQueries:
    """Answers plain queries of a collection, and keeps their words. Threads may share it.

    kept_bytes: of the words that were asked for last, and of those of phrases. As many bytes may be kept of others.
    """

    def __new__(
        cls,
        collection: Collection,
        derived: tuple[int, int, float, float],
        rescored: int,
        most: tuple[int, int, int, int, int],
        reserved: frozenset[str],
        function_words: frozenset[str],
        names: tuple[Set[str] | None, tuple[Mapping[str, object], ...], int, bool],
        bytes: int,
        /,
    ) -> PlainQueries:
        """
        Parameters:
          collection: what is searched.
          derived: a word in at least so many documents gets no derived words; most derived words; their weight if they are as
            similar as can be; the least that a posting adds to a score, by the most.
          rescored: see `Collection.best`; for queries of several words.
          most: characters of a query, words, words whose steps are not counted, words of a near phrase, characters of a prefix.
          reserved: words that may be operators.
          function_words: words that get no derived words or translations, and are no names of the other alphabet.
          names: see `Synonyms.beginnings`; how many first letters; whether rare words may have translations.
          bytes: for known words, and as many for those of phrases.

        Raises TypeError or ValueError for what makes no sense.
        """

    @property
    def kept_bytes(self) -> tuple[int, int]: ...
    def ids(
        self, owner: _Owner, query: str, limit: int, allowed: tuple[npt.NDArray[np.bool_], ...] | None = None, /
    ) -> list[tuple[str, float]] | None:
        """(id, score) of the best documents. None for a query that is not plain, or may mean more than its words, or finds nothing.

        allowed: as in `Collection.best`. With it, a query that finds nothing has an empty list; a beginning, None.

        Raises TypeError, ValueError and OverflowError for what makes no sense, IndexError for a damaged file.
        """

    def page(
        self, owner: _Owner, query: str, limit: int, allowed: tuple[npt.NDArray[np.bool_], ...] | None = None, /
    ) -> tuple[int, list[tuple[int, int, float]], tuple[str, ...]] | None:
        """(number of all documents; (number of the segment, doc, score) of the best; the words). None and errors as of `ids`.

        The words are those of a query of words that may have derived words or be slips. Phrases and beginnings have none.
        """

    def plain(self, owner: _Owner, text: str, /) -> PlainWord | None:
        """A word with its derived words.

        None if no live document has it, it is no plain word, or it may have alternatives that are no derived words.
        """

_Needle = tuple[str, int, int]
_Matcher = tuple[
    dict[str, tuple[str, int] | None],
    Callable[[str, int, str], tuple[str, int] | None],
    dict[str, int] | None,
    Set[str],
]

@final
class SentenceRules:
    """Tells where sentences end. Threads may share it."""

    def __new__(cls, words: dict[str, int], /) -> SentenceRules:
        """words: what `sentences.ruled_words` gives. Raises ValueError for words that are not in small letters."""

_Record = TypeVar("_Record")

@final
class RecordMaker(Generic[_Record]):
    """Makes instances of a class of `indexer.record`, some six times as fast as the class itself."""

    def __new__(cls, made: type[_Record], /) -> RecordMaker[_Record]:
        """Raises TypeError for other classes, those with more than 32 fields, and those with a `__post_init__`."""

    def __call__(self, *values: Any) -> _Record:
        """values: one for each field."""

@final
class Highlighter:
    """Makes the snippets of one query. Threads may share it."""

    def __new__(
        cls,
        searched: tuple[
            tuple[tuple[int, list[_Needle], list[_Needle]], ...] | tuple[Word | tuple[Word, ...], ...],
            tuple[tuple[tuple[frozenset[str], ...], int, list[_Needle]], ...] | tuple[tuple[Word, ...], ...],
            _Matcher | tuple[Callable[[str], str], Callable[[str, int], bool]],
            Callable[[str, int, int, int], list[tuple[int, int]] | None],
            int,
            Callable[[int], tuple[list[_Needle], _Matcher] | None],
        ],
        asked: tuple[
            Callable[[str, int, int, int], list[tuple[int, int]]],
            Callable[[str, int], re.Match[str] | None],
            Callable[[str], bool],
            SentenceRules,
            RecordMaker[Snippet],
        ],
        choice: tuple[tuple[float, ...], float, int, int],
        /,
    ) -> Highlighter:
        """
        Parameters:
          searched: words, each (beginnings and short forms, quick needles, all needles); phrases, each (forms, number of the word
            by which it is looked for, its needles); what FormMatcher.for_core gives; what gives the words of a phrase around that
            one; words with stand-ins, as bits, and what gives those of a word. Or words of a collection, several where any of them
            will do; phrases of such words; word_form and in_headline; the rest as before, but single words with a stem have
            stand-ins.
          asked: Finder.marks, WORD.match, may_hide_words, what tells where sentences end, and what makes a `Snippet`.
          choice: weights of the words, at most 128; weight of words side by side; longest snippet; most snippets.

        Raises NotImplementedError for words of a collection whose forms need folding, or are very many, or none.
        """

    def snippets(
        self, text: str, title: str, absent_words: int, absent_stand_ins: int, in_text: TextPlaces | None, /
    ) -> tuple[int, tuple[Snippet, ...] | list[Any], tuple[tuple[int, int], ...] | None] | None:
        """The snippets of a text, and the marks of its title.

        in_text: tells offsets, lines and pages; None for a whole text that begins in line 1 and has no pages.

        Returns None if only Python can tell. Else (words whose own forms are missing, snippets, marks of the title), as in
        snippets/highlighter.py. If the text has no word behind its title, there is in place of the snippets a list of what
        `behind_title` gives. The marks are None if only Python can tell them.
        """

@final
class Numbering:
    """Numbers the forms of texts, as `naidi.indexer.analysis.bulk.tokens` says. One thread may use it."""

    def __new__(
        cls,
        kinds: bytes,
        small: bytes,
        seeds: bytes,
        forms_of_run: Callable[[str], list[str]],
        lower_headlines: Callable[[str], str],
        /,
    ) -> Numbering:
        """
        Parameters:
          kinds, small: those of CharacterTables.
          seeds: 16 random bytes.
          forms_of_run: gives the forms of a run of characters of words.
          lower_headlines: that of the tokenizer.

        Raises ValueError for tables of other lengths.
        """

    @property
    def forms(self) -> list[str]:
        """The form of each number."""

    def __len__(self) -> int:
        """How many spellings are known."""

    def number(self, texts: Sequence[str], /) -> tuple[bytes, bytes]:
        """The form numbers of the words of all texts (uint32), and how many words each text has (int64).

        Raises RuntimeError if another call is under way, or has failed.
        """

@final
class Russian:
    """Lemmas of Russian words; see `naidi.indexer.analysis.lemmatize.opencorpora`, and `russian` there. Threads may share it."""

    def __new__(
        cls,
        *,
        words: tuple[memoryview, memoryview],
        endings: Iterable[tuple[memoryview, memoryview]],
        probabilities: tuple[memoryview, memoryview] | None,
        longest_ending: int,
        affixes: Iterable[str],
        suffixes: Iterable[str],
        paradigms: bytes,
        tags: Iterable[tuple[bytes, int, bool, int]],
        prefixes: Iterable[str],
        left_out: Iterable[str],
    ) -> Russian:
        """The tables of the dictionary.

        Parameters:
          words, endings, probabilities: units and guide of each dawg; `endings` has one for each affix.
          longest_ending: letters of the longest ending in `endings`.
          affixes, suffixes: the strings behind their numbers in the paradigms.
          paradigms: the file of them.
          tags: (text, features, whether new words may have it, a number that tags with equal grammemes share). The last one is that
            of words of which nothing is known.
          prefixes: known prefixes, longest first.
          left_out: words that are left to Python.

        Raises ValueError for tables that cannot be such.
        """

    def lemmas(self, words: Sequence[str], /) -> tuple[list[tuple[str, ...] | None], list[bytes | None]]:
        """For each word its lemmas, and for each of these 1 if it is common; None for what is no Russian word or left to Python."""

@final
class Words:
    """Numbers words; see `naidi.indexer.codec.word_numbers`. Raises RuntimeError if another thread uses it."""

    def __new__(cls, seeds: bytes, /) -> Words:
        """seeds: 16 random bytes."""

    def __len__(self) -> int: ...
    def of(self, lines: bytes, /) -> bytes: ...
    def sorted(self, numbers: npt.NDArray[np.uint32], /) -> tuple[bytes, bytes, bytes]: ...

@final
class English:
    """lemminflect's table of forms; see `naidi.indexer.analysis.lemmatize.english`. Threads may share it."""

    def __new__(
        cls,
        *,
        forms: dict[str, tuple[str, ...]],
        names: Iterable[str],
        closed: Iterable[str],
        left_out: Iterable[str],
        british: Iterable[str],
        american: Iterable[str],
    ) -> English:
        """The table.

        Parameters:
          forms: form -> lemmas.
          names: the forms that are names only.
          closed: forms of closed classes, which are common words, too.
          left_out: words that are left to Python.
          british, american: endings, in the same order.

        Raises ValueError for tables that cannot be such.
        """

    def get(self, form: str, default: tuple[str, ...], /) -> tuple[str, ...]:
        """The lemmas of a form, or the default."""

    def __contains__(self, form: object, /) -> bool: ...
    def is_name(self, form: str, /) -> bool:
        """Whether a form is a name only."""

    def lemmas(self, words: Sequence[str], /) -> tuple[list[tuple[str, ...] | None], list[bytes | None]]:
        """For each word its lemmas, and for each of these 1 if it is common; None where the table has no such form."""

    def guesses(self, words: Sequence[str], /) -> tuple[list[tuple[str, ...] | None], list[bytes | None]]:
        """The same for words that are in no dictionary."""

@final
class CommonWords:
    """Counts what tells the language of a text; see `naidi.indexer.analysis.bulk.languages`. Threads may share it."""

    def __new__(cls, words: dict[str, int], edges: str, /) -> CommonWords:
        """
        Parameters:
          words: for each common word 1 if it is English, 2 if it is one of another language, 3 for both.
          edges: the characters that may stand around a word.

        Raises ValueError for longer words and more edges than there can be.
        """

    def count(self, texts: Sequence[str], /) -> bytes:
        """Seven numbers a text (int64): its words; their letters; of these the Russian ones; common words of English; those of
        other languages; whether there is an accented letter; whether there is a hint of yet another language.
        """

def release_memory() -> None:
    """Give memory that is free back to the system, if the C library would keep it."""

def lemma_lines(
    words: Sequence[str], russian: Russian | None, english: English | None, /
) -> tuple[bytes, bytes, bytes]:
    """(How many keys each word has, or 0 if it is left to Python (uint8); their lines; whether each is common (uint8)).

    See `naidi.indexer.analysis.lemmatize.keys`. Without a dictionary, the words of its language are left.
    """

def line_slots(data: bytes, ends: npt.NDArray[np.uint64], count: int, /) -> bytes:
    """The hash table of lines (uint32); see `naidi.indexer.codec.lines`. Raises ValueError if data and ends do not fit together."""

def merged_lines(
    tables: tuple[tuple[memoryview, int, npt.NDArray[np.bool_] | None], ...], /
) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """The union of sorted tables: (lines, their ends (uint64), maps (int32)); see `naidi.indexer.codec.lines`.

    Raises IndexError for a table that is not sorted or has another number of lines.
    """

def sorted_lines(words: list[str], numbers: npt.NDArray[np.uint32], /) -> tuple[bytes, bytes, bytes]:
    """(Lines, their ends (uint64), the number of each (uint32)); see `naidi.indexer.codec.lines`.

    Raises IndexError for a number that is none of a word, ValueError for a word with a lone surrogate.
    """

def table_line(data: bytes | mmap.mmap, start: int, key: bytes, /) -> bytes | None:
    """What stands behind a key in the line that begins with it; None if none does. See `naidi.search.bridges.translation_table`.

    Raises ValueError for a start below 0.
    """

def invert(
    tokens: npt.NDArray[np.uint32],
    title_lengths: npt.NDArray[np.uint32],
    body_lengths: npt.NDArray[np.uint32],
    keyword_lengths: npt.NDArray[np.uint32],
    form_stems: npt.NDArray[np.uint32],
    form_tags: npt.NDArray[np.uint32],
    form_list_ends: npt.NDArray[np.uint64],
    form_lists: npt.NDArray[np.uint32],
    stem_count: int,
    list_count: int,
    /,
) -> tuple[bytes, ...]:
    """Posting lists and positions; see `naidi.indexer.codec.inversion`.

    Parameters:
      tokens: form numbers.
      title_lengths, body_lengths, keyword_lengths: tokens of each document.
      form_stems, form_tags: of each form.
      form_list_ends, form_lists: for each form the lists of those of its keys that have a list of their own.
      stem_count, list_count: how many there are.

    Returns (sizes of lists, documents, codes, rows with exact frequencies, these, those in titles, sizes of stems, positions,
    tags): documents and positions are uint32, codes uint8, tags uint16, the others int64. Raises ValueError for arrays that do
    not fit together.
    """
