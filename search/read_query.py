"""Reads a query: from the typed string to the analysed tree, with corrections of keyboard layout and spelling.

A word that only makes sense in the wrong keyboard layout is read in the right one. Words bring their alternatives (see
`naidi.search.bridges`). A word that the index lacks may be misspelt. In a query of several words, its nearest word may be read
in its place (`naidi.search.mending`). Else its nearest words are searched for only if the query finds nothing, or only doubtful
names (see `finds_little`); `answer` decides that.
"""

from __future__ import annotations

from itertools import islice

from naidi.indexer.late import partial, pattern
from naidi.indexer.messages import Message, message, plural
from naidi.indexer.record import record, replace
from naidi.indexer.typed import TYPE_CHECKING, NamedTuple

from .bridges.function_words import is_function_word
from .bridges.unknown_words import SURE_WEIGHT, TIMES_AS_FREQUENT, may_be_replaced
from .bridges.word_bridges import WordBridges, form_term, in_field
from .budget import MAX_FILTERS, MAX_QUERY, MAX_UNKNOWN, check, need_dictionaries
from .cache import Attached, Cache
from .collection import Collection
from .query.analysed import (
    Alternative,
    AnalysedNode,
    Bridged,
    Combination,
    Filter,
    Identity,
    NearPhrase,
    Term,
)
from .query.plain import read_plain
from .query.rewrite import KnownNodes, Rewriter, term_of_keys
from .results import Correction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .index_state import QueryEvaluation
    from .mending import Mend
    from .query.nodes import Node


class QueryReading(NamedTuple):
    """A query as it was read.

    root: the tree; None if nothing is asked for.
    told: warnings about its string, such as malformed parts.
    cuts: warnings about words left out.
    has_unknown: whether the index does not know a plain word of the query.
    layout_corrections: the words that were read in the right keyboard layout.
    tree: the query before its words were analysed.
    mends: the words that were replaced by the nearest ones of the index.
    """

    root: AnalysedNode | None
    told: tuple[str, ...]
    cuts: tuple[str, ...] = ()
    has_unknown: bool = False
    layout_corrections: tuple[Correction, ...] = ()
    tree: Node | None = None
    mends: tuple[Mend, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.told, *self.cuts)

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """What was searched for instead of typed words."""
        return (
            *self.layout_corrections,
            *(Correction(one.typed, one.meant, "spelling", confidence=one.confidence) for one in self.mends),
        )


@record
class QueryReader:
    """Reads queries for one state of an index.

    mode: "any" or "all"; whether any of the words or all must be there.
    filters: narrow every query.
    bridges: gives the alternatives of words; None to search for nothing but the typed words.
    known: gives words with their alternatives, if it can do so at once; see `Rewriter`.
    """

    collection: Collection
    mode: str
    filters: Sequence[Filter]
    bridges: WordBridges | None
    known: KnownNodes | None = None

    def read(self, query: str) -> QueryReading:
        """The query, with corrections of the keyboard layout and alternatives if there are bridges.

        Of a long query, the first MAX_QUERY code points are read, and the filters behind them.
        """
        beginning = beginning_of(query, self.collection.schema)
        reading = self._as_typed(*beginning)
        if self.bridges is None or not reading.has_unknown:
            return reading
        return self._turned(*beginning, self.bridges, self.bridges.may_mean) or reading

    def read_as_typed(self, query: str) -> QueryReading:
        """The query in the keyboard layout in which it was typed."""
        return self._as_typed(*beginning_of(query, self.collection.schema))

    def read_by_dictionary(self, query: str) -> QueryReading | None:
        """The query with the keyboard layout corrected where a word is known to a dictionary, if not to the index.

        Meant for a query that finds nothing. None if no word changes.
        """
        if self.bridges is None:
            return None
        need_dictionaries()
        from naidi.indexer.analysis.lemmatize.keys import is_dictionary_word

        bridges = self.bridges
        return self._turned(
            *beginning_of(query, self.collection.schema),
            bridges,
            lambda word: bridges.may_mean(word) or is_dictionary_word(word),
        )

    def _turned(
        self, query: str, cut: Sequence[str], bridges: WordBridges, makes_sense: Callable[[str], bool]
    ) -> QueryReading | None:
        """The query with each word in the other keyboard layout that `makes_sense` only there; None if no word is.

        cut: warnings about what was not read.
        """
        from .bridges.keyboard import mend_layout

        mended, turned = mend_layout(query, bridges.knows, makes_sense, bridges.may_be_right)
        if not turned:
            return None
        corrections = tuple(Correction(typed, meant, "layout") for typed, meant in turned)
        return self._as_typed(mended, cut)._replace(layout_corrections=corrections)

    def _as_typed(self, query: str, cut: Sequence[str]) -> QueryReading:
        """The query in the keyboard layout in which it was typed. cut: warnings about what was not read."""
        tree = read_plain(query, all_words=self.mode == "all")
        told: tuple[str, ...] = ()
        if tree is None:
            from .query.parser import parse

            parsed = parse(query, mode="all" if self.mode == "all" else "any", schema=self.collection.schema)
            tree, told = parsed.tree, parsed.warnings
        if tree is None:
            return QueryReading(None, (*cut, *told))
        return self._analysed(tree, (*cut, *told))

    def mended(self, reading: QueryReading, mends: Mapping[str, Mend]) -> QueryReading:
        """A query with words replaced. mends: by the words."""
        from .mending import mended

        assert reading.tree is not None
        again = self._analysed(mended(reading.tree, mends), reading.told)
        return again._replace(layout_corrections=reading.layout_corrections, mends=tuple(mends.values()))

    def _analysed(self, tree: Node, told: Sequence[str]) -> QueryReading:
        """A query with its words analysed. told: warnings about its string."""
        rewriter = Rewriter(self.collection, self.bridges, self.known)
        root: AnalysedNode = rewriter.root(tree)
        if self.filters:
            root = Combination(must=(root, *self.filters))
        return QueryReading(root, tuple(told), rewriter.cuts, rewriter.has_unknown, tree=tree)


# Operators with nothing before them.
_LEADING_OPERATORS = pattern(r"\A\s*(?:(?:AND|OR)\s+)*")


def beginning_of(query: str, names: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """(what is read of a query, warnings).

    Of a long query that is MAX_QUERY code points, and no half of a word if there is a blank among them. The filters behind them are
    read first: without one of them, a query would find what it must not. names: of the fields of the application.
    """
    if len(query) <= MAX_QUERY:
        return query, ()
    words = query[:MAX_QUERY].rsplit(None, 1) if not query[MAX_QUERY].isspace() else [query[:MAX_QUERY]]
    read = words[0]
    from .query.filters import filters_alone

    filters: dict[str, None] = {}
    for one in filters_alone(query, len(read), names):
        filters[one] = None
        if len(filters) > MAX_FILTERS:
            break
    if not filters:
        told = message(
            "the query has {count:,} characters: only the first {most:,} were read", count=len(query), most=MAX_QUERY
        )
        return read, (told,)
    kept = list(filters)[:MAX_FILTERS]
    told = _also_filters(len(query), len(kept))
    if len(filters) > len(kept):
        told = message("{told}; there are more, which were left out: what is found may not fit", told=told)
    # At the beginning, since a quote or a bracket that was cut in two would swallow them.
    return f"{' '.join(kept)} {_LEADING_OPERATORS.sub('', read, count=1)}", (told,)


def _also_filters(letters: int, filters: int) -> Message:
    """Says that of a query of so many letters the beginning was read, and so many filters behind it."""
    return plural(
        "the query has {letters:,} characters: only the first {most:,} were read, and {count} filter behind them",
        "the query has {letters:,} characters: only the first {most:,} were read, and {count} filters behind them",
        filters,
        letters=letters,
        most=MAX_QUERY,
    )


class Respelling(NamedTuple):
    """A word that may be misspelt.

    term: its term in the tree.
    form: the word of the index that it may stand for (see `Suggestion`), or two with a blank between.
    confidence: how surely; see `Correction`.
    is_sure: whether it may be searched for. It is only offered otherwise.
    """

    term: Term
    form: str
    confidence: float
    is_sure: bool


# (word, keys, alone, by stem) -> the form that the word may be a misspelling of, how surely, and whether it may be searched for.
_RESPELT: Attached[Collection, Cache[tuple[str, tuple[str, ...], bool, bool], tuple[str, float, bool] | None]] = (
    Attached(lambda _: Cache(1_000_000))
)


def respellings(evaluation: QueryEvaluation, root: AnalysedNode) -> list[Respelling]:
    """The words of a query that may be misspelt, each once, with the form that was probably meant.

    Words that the index lacks may be misspelt, and words that are so rare there that they may be typos of its documents. If the
    query is one word that finds nothing, its nearest word is given, however far it is.
    """
    collection = evaluation.collection
    words = list(islice(root.typed_words(), 2))
    alone = len(words) == 1 and not any(map(evaluation.bridge_weights.is_anywhere, _arms(root, words[0])))
    known = _RESPELT.of(collection)
    found: dict[Identity, Respelling] = {}
    looked_up: set[str] = set()
    for term in root.typed_words():
        doc_freq = collection.doc_freq(term.keys)
        if not _may_be_misspelt(collection, term, doc_freq):
            continue
        if term.text not in looked_up:
            if len(looked_up) >= MAX_UNKNOWN:
                continue
            looked_up.add(term.text)
            check()
        by_stem = not doc_freq and evaluation.bridge_weights.is_anywhere(term)
        asked = term.text, term.keys, alone, by_stem
        meant = known.get(asked, partial(_respelt, evaluation, term, doc_freq, alone, by_stem))
        if meant is not None:
            found[term.identity] = Respelling(term, *meant)
    return list(found.values())


def _arms(root: AnalysedNode, term: Term) -> Iterator[AnalysedNode]:
    """A word and its alternatives."""
    yield term
    for _, alternative in root.bridges():
        yield alternative.node


def may_be_misspelt(collection: Collection, root: AnalysedNode) -> bool:
    """Whether `respellings` looks for the word that was meant by any word."""
    return any(_may_be_misspelt(collection, term, collection.doc_freq(term.keys)) for term in root.typed_words())


def finds_little(evaluation: QueryEvaluation, root: AnalysedNode) -> bool:
    """Whether no document has a word of the query as typed, and all alternatives are guesses.

    Guesses are doubtful names of the other alphabet, and derived words: «Казакстан» is not derived from «казак». Documents that
    have a word of the same stem alone do not count: `definately` is no form of "define".
    """
    knows = evaluation.collection.knows_any
    if any(knows(term.keys) and evaluation.bridge_weights.is_anywhere(term) for term in root.typed_words()):
        return False
    return all(
        other.kind == "derivation" or (other.kind == "romanisation" and other.weight < SURE_WEIGHT)
        for _, other in root.bridges()
    )


# «goverment» has the stem of "governess". It is searched for as "government" if the typos cost at most so much: words of a stem are
# mostly of one family, and a new one may be right (thatcherism).
_COST_BESIDE_STEM = 1.6
# A word of at most this many documents may be a typo in them. It is less than RARE; see `KnownWords.page`.
_FEW_DOCUMENTS = 5


def _may_be_misspelt(collection: Collection, term: Term, doc_freq: int) -> bool:
    if is_function_word(term.text):
        return False
    if not doc_freq:
        return True
    if doc_freq > _FEW_DOCUMENTS:
        return False
    if doc_freq * TIMES_AS_FREQUENT > collection.doc_count:
        return False
    return not any(map(collection.is_common_key, term.keys))


def _respelt(
    evaluation: QueryEvaluation, term: Term, doc_freq: int, alone: bool, by_stem: bool
) -> tuple[str, float, bool] | None:
    """The form of the index that a word that may be misspelt stands for, or two forms if a blank was left out; None for neither.

    With it: how surely, and whether it may be searched for.

    alone: whether it is the whole query, and finds nothing. Then the nearest form is given, even if it is hardly worth offering.
    by_stem: whether documents have another word with its stem. Then only a cheap typo is sure.
    """
    collection = evaluation.collection
    from .bridges.spelling import Suggestion, corrections, is_sure, spare_cost, worth_offering, worth_telling
    from .bridges.spelling_confidence import COMPARED, spelling_confidence
    from .bridges.word_breaks import COST_OF_SPACE, split_word
    from .mending import phrase_of

    nearest = corrections(collection, term.text, limit=1)  # the others, only if there is something to compare
    worthy = bool(nearest) and worth_offering(collection, term.text, nearest[0])
    if not doc_freq and not (worthy and nearest[0].cost <= COST_OF_SPACE):
        words = split_word(collection, term.text)
        # Words that no document has side by side are those that a name happens to consist of.
        together = 0 if words is None else evaluation.phrase_freq(phrase_of(collection, words))
        if words is not None and together:
            meant = Suggestion(" ".join(words), COST_OF_SPACE, together)
            others = corrections(collection, term.text, limit=COMPARED)
            return meant.form, spelling_confidence(collection, meant, others), may_be_replaced(term.text)
    told = alone and nearest and worth_telling(term.text, nearest[0])
    if not worthy and (doc_freq or not told):
        return None
    others = corrections(collection, term.text, limit=COMPARED)[1:]
    if doc_freq:  # it may have been typed as it was meant
        others.append(Suggestion(term.text, 0.0, doc_freq))
    elif not worthy:  # it may be another word
        others.append(Suggestion(term.text, nearest[0].cost + spare_cost(collection, term.text, nearest[0]), 1))
    confidence = spelling_confidence(collection, nearest[0], others)
    sure = worthy and is_sure(term.text, nearest[0]) and (not by_stem or nearest[0].cost <= _COST_BESIDE_STEM)
    return nearest[0].form, confidence, sure


def respelt(
    collection: Collection, root: AnalysedNode, found: Sequence[Respelling], *, instead: bool = False
) -> AnalysedNode:
    """The query in which each misspelt word also finds the form that was probably meant, if that is sure.

    instead: each form takes the place of its word, sure or not.
    """
    from .mending import phrase_of

    respellings_of = {one.term.identity: one for one in found if instead or one.is_sure}

    def other(term: Term) -> AnalysedNode:
        respelling = respellings_of.get(term.identity)
        if respelling is None:
            return term
        form = respelling.form
        meant: Term | NearPhrase
        if " " in form:
            meant = replace(phrase_of(collection, form.split()), field=term.field, boost=term.boost)
        else:
            meant = replace(in_field(form_term(collection, form), term.field), boost=term.boost)
        if instead:
            return meant
        own = term
        if not collection.knows_any(term.keys):  # what documents have of its stem was not meant
            own = replace(in_field(term_of_keys(term.text, term.keys), term.field), boost=term.boost)
        return Bridged(own, (Alternative(meant, "spelling", 1.0, respelling.confidence),))

    return root.with_terms(other)
