"""Marks the words of a query in a text that an application has. No index need know the text.

The query is read as a search reads it: the index says what else is meant by a word. A form of the text that the index lacks is
analysed here, so that every form of a word is marked. What is marked in a hit is marked in its text, too.
"""

from __future__ import annotations

from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import bisect, np, partial, pattern
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING, Any, NamedTuple

from ..answer import answer_to
from ..budget import need_dictionaries
from ..query.analysed import Term
from ..question import Question
from ..results import Snippet
from .highlighter import Highlighter, check_chars
from .matched_words import marked_leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from ..collection import Collection
    from ..index_state import IndexState, QueryEvaluation
    from ..query.analysed import Scored
    from .finder import Finder

_SURROGATES = pattern("[\ud800-\udfff]")


class Asked(NamedTuple):
    """What is to be marked. text: as given. query: in the query language. exact, translate: as in a search."""

    text: str
    query: str
    exact: bool
    translate: bool = True


def marked(state: IndexState, asked: Asked) -> Snippet:
    """The whole text, unchanged, with its marks. Raises InvalidQuery for arguments of the wrong type."""
    finder = _finder(state, asked)
    text = asked.text
    marks = tuple(finder.marks(sound(text), 0, len(text), -1)) if finder else ()
    return Snippet(text, marks, 0, text.count("\n", 0, marks[0][0]) + 1 if marks else 1)


def passages(state: IndexState, asked: Asked, limit: int, chars: int) -> tuple[Snippet, ...]:
    """The passages that a hit with this text would show. Raises InvalidQuery for arguments without a meaning."""
    if type(limit) is not int or limit < 0:
        raise InvalidQuery(message("limit must be a whole number from 0, not {limit}", limit=repr(limit)))
    check_chars("chars", chars)
    finder = _finder(state, asked)
    if not limit:
        return ()
    if finder is None:
        from .finder import Finder

        finder = Finder({})
    return Highlighter(finder, max_snippets=limit, max_chars=chars).snippets(sound(asked.text))


def sound(text: str) -> str:
    """The text as an index has it: no half of a character, which nothing can store. Every place stays where it is."""
    return _SURROGATES.sub("\ufffd", text) if not text.isascii() else text


def _finder(state: IndexState, asked: Asked) -> Finder | None:
    """What finds the words of the query in the text; None if the query asks for none."""
    if not isinstance(asked.text, str):
        raise InvalidQuery(message("the text must be a str, not {kind}", kind=type(asked.text).__name__))
    question = Question(asked.query, 1, exact=asked.exact, translate=asked.translate)
    answer = answer_to(state, question, count_all=False, tell=False)
    if answer.root is None or answer.evaluation is None:
        return None
    leaves, _ = marked_leaves(answer.root, answer.evaluation)
    return TextWords(leaves, answer.evaluation, sound(asked.text)).finder()


class TextWords:
    """The forms of a text by key and by stem, to be looked for by a query."""

    def __init__(self, leaves: Sequence[Scored], evaluation: QueryEvaluation, text: str) -> None:
        """
        Parameters:
          leaves: the terms and phrases to look for; see `marked_leaves`.
          evaluation: tells what they weigh.
          text: without halves of characters; or several of them.
        """
        self._evaluation = evaluation
        self._leaves = leaves
        self._forms = sorted(set(forms(text))) if self._leaves else []
        self._table: Any = _TextForms(self._forms)
        self._by_key: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        if any(part.kind == "lemma" for leaf in self._leaves for part in leaf.parts):
            self._analyse(evaluation.collection)

    def _analyse(self, collection: Collection) -> None:
        unknown = []
        for form in self._forms:
            known = collection.known_form(form)
            if known is None:
                unknown.append(form)
            else:
                self._add(form, *known)
        if unknown:
            need_dictionaries()
            from naidi.indexer.analysis.lemmatize.keys import all_keys
            from naidi.indexer.analysis.lemmatize.stem import all_stems

            for form, keys, stem in zip(unknown, all_keys(unknown), all_stems(unknown), strict=True):
                self._add(form, keys, stem)

    def _add(self, form: str, keys: Iterable[str], stem: str) -> None:
        for key in keys:
            self._by_key.setdefault(key, []).append(form)
        self._by_stem.setdefault(stem, []).append(form)

    def finder(self) -> Finder:
        """Finds the leaves of the query. It is made as `MatchedWords` makes one of the forms of an index."""
        from .finder import Finder

        terms: dict[str, int] = {}
        weights: dict[int, float] = {}
        stand_ins: dict[int, Any] = {}
        phrases: list[list[set[str]]] = []
        for index, leaf in enumerate(self._leaves):
            weights[index] = self._evaluation.weighed(leaf).idf
            if isinstance(leaf, Term) or leaf.slop:
                for part in leaf.parts:
                    for form in self._answering(part):
                        terms.setdefault(form, index)
                if isinstance(leaf, Term) and leaf.stem is not None and leaf.stem in self._by_stem:
                    stand_ins[index] = partial(self._by_stem.__getitem__, leaf.stem)
            else:
                phrases.append([set(self._answering(part)) for part in leaf.parts])
        return Finder(terms, phrases, weights, stand_ins=stand_ins)

    def _answering(self, term: Term) -> Sequence[str]:
        """The forms of the text that answer a term."""
        if term.kind == "lemma":
            return [form for key in term.keys for form in self._by_key.get(key, ())]
        # The term keeps what it found by the identity of the table. Both are held here, and let go together.
        return [self._forms[number] for number in term.forms(self._table).tolist()]


class _TextForms:
    """The forms of a text for `query/expand`, which asks a segment for nothing but its table of forms."""

    def __init__(self, strings: Sequence[str]) -> None:
        """strings: ascending, each once."""
        self._strings = strings

    @property
    def forms(self) -> _TextForms:
        return self

    def __len__(self) -> int:
        return len(self._strings)

    def find(self, string: str) -> int:
        """As in StringTable."""
        number = bisect.bisect_left(self._strings, string)
        return number if self._strings[number : number + 1] == [string] else -1

    def prefix_range(self, prefix: str) -> range:
        """As in StringTable."""
        size = len(prefix)
        start = bisect.bisect_left(self._strings, prefix)
        return range(start, bisect.bisect_right(self._strings, prefix, start, key=lambda string: string[:size]))

    def chunk(self, numbers: range) -> tuple[bytes, npt.NDArray[np.int64]]:
        """As in StringTable."""
        lines = [f"{string}\n".encode() for string in self._strings[numbers.start : numbers.stop]]
        return b"".join(lines), np.cumsum([len(line) for line in lines], dtype=np.int64)
