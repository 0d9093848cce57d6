"""Makes the snippets and title marks of hits.

Snippets are the passages that show best that the document answers the query. If none does, the beginning of the text is
shown. The text is plain text: markup is not interpreted. What the title says already is not shown again.
"""

from __future__ import annotations

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.messages import message
from naidi.indexer.typed import TYPE_CHECKING

from ..budget import check
from ..results import Mark, Snippet
from .core_snippets import core_highlighter
from .query_words import NOTHING_ABSENT, Absent, Worth
from .text_places import WHOLE_TEXT, TextPlaces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from .finder import Finder

MIN_CHARS, MAX_CHARS = 20, 2_000
"""The shortest and the longest snippet that may be asked for, in code points. Of a longer text, a user reads the text itself."""


def check_chars(name: str, chars: int) -> None:
    """Raises InvalidQuery if a snippet may not have so many code points. name: of the argument."""
    if type(chars) is not int or not MIN_CHARS <= chars <= MAX_CHARS:
        raise InvalidQuery(
            message(
                "{name} must be a whole number from {least} to {most:,}, not {chars}",
                name=name,
                least=MIN_CHARS,
                most=MAX_CHARS,
                chars=repr(chars),
            )
        )


class Highlighter:
    """Makes the snippets and the title marks of every hit of one query.

    Parameters:
      finder: the words of the query.
      max_snippets: how many snippets a document has at most, from 0.
      max_chars: the length of a snippet at most, in code points, with its ellipses; from MIN_CHARS.

    Raises InvalidQuery for smaller values. Threads may share a Highlighter.
    """

    def __init__(self, finder: Finder, *, max_snippets: int = 3, max_chars: int = 200) -> None:
        if max_snippets < 0:
            raise InvalidQuery(message("the number of snippets cannot be negative: {number}", number=max_snippets))
        if max_chars < MIN_CHARS:
            raise InvalidQuery(
                message(
                    "a snippet needs room for at least {least} characters, not {number}",
                    least=MIN_CHARS,
                    number=max_chars,
                )
            )
        self.finder = finder
        self.max_snippets = max_snippets
        self.max_chars = max_chars
        self.worth = Worth(finder.weights)
        self._core = core_highlighter(finder, self.worth, max_chars, max_snippets)

    def snippets(self, text: str) -> tuple[Snippet, ...]:
        """Passages of the text with the words found marked, in the order of the text, not overlapping.

        If the text has no word of the query, the snippet is its beginning, without marks. A blank text has none.
        """
        return self.of_hits([text], [""])[0][0]

    def marks(self, title: str) -> tuple[Mark, ...]:
        """The marks of the words found in a title."""
        return tuple(self.finder.marks(title, 0, len(title), -1))

    def of_hits(
        self,
        texts: Sequence[str],
        titles: Sequence[str],
        absent: Sequence[Absent] | None = None,
        places: Sequence[TextPlaces] | None = None,
    ) -> list[tuple[tuple[Snippet, ...], tuple[Mark, ...]]]:
        """(snippets, title marks) of several documents.

        Parameters:
          texts: the texts.
          titles: the title of each text.
          absent: for each document the words that neither text nor title has.
          places: for each text the lines and pages of its places. Without it, each text is that of a whole file without pages.

        With snippets, a stand-in of a word is marked in a title only if neither text nor title has the word itself.
        """
        if absent is None:
            absent = [NOTHING_ABSENT] * len(texts)
        if places is None:
            places = [WHOLE_TEXT] * len(texts)
        if self._core is not None:
            return [self._by_core(*each) for each in zip(texts, titles, absent, places, strict=True)]
        if self.max_snippets:
            each_shown = [self._snippets(*each) for each in zip(texts, titles, absent, places, strict=True)]
            shown = [snippets for snippets, _ in each_shown]
            missing = [missing for _, missing in each_shown]
        else:
            shown = [()] * len(texts)
            missing = [-1] * len(texts)
        return list(zip(shown, map(tuple, self.finder.marks_of_lines(titles, missing)), strict=True))

    def _snippets(self, text: str, title: str, absent: Absent, in_text: TextPlaces) -> tuple[tuple[Snippet, ...], int]:
        """(the snippets of a text; the words whose own forms it lacks, as bits)."""
        from .plain_snippets import plain_snippets

        size = self.max_chars, self.max_snippets
        return plain_snippets(self.finder, self.worth, size, (text, title), absent, in_text)

    def _by_core(
        self, text: str, title: str, absent: Absent, in_text: TextPlaces
    ) -> tuple[tuple[Snippet, ...], tuple[Mark, ...]]:
        """The snippets of a text and the marks of its title, by the core where it can tell."""
        check()
        assert self._core is not None
        found = self._core.snippets(text, title, *absent, None if in_text is WHOLE_TEXT else in_text)
        if found is None:
            shown, missing = self._snippets(text, title, absent, in_text)
            return shown, self._title_marks(title, missing)
        missing, snippets, marks = found
        if isinstance(snippets, list):
            from .opening import opening

            start, whole = snippets
            snippets = opening(text, start, whole, self.max_chars, in_text)
        return snippets, self._title_marks(title, missing) if marks is None else marks

    def _title_marks(self, title: str, missing: int) -> tuple[Mark, ...]:
        return tuple(self.finder.marks(title, 0, len(title), missing))


def make_snippets(
    text: str,
    terms: Mapping[str, int],
    *,
    max_snippets: int = 3,
    max_chars: int = 200,
    phrases: Sequence[Sequence[AbstractSet[str]]] = (),
    weights: Mapping[int, float] | None = None,
) -> tuple[Snippet, ...]:
    """The snippets of one text, as in `Highlighter.snippets`. `Finder` explains terms, phrases and weights.

    >>> make_snippets("Привиты вакцинами.", {"вакцинами": 0})[0].html()
    'Привиты <mark>вакцинами</mark>.'
    """
    from .finder import Finder

    return Highlighter(Finder(terms, phrases, weights), max_snippets=max_snippets, max_chars=max_chars).snippets(text)


def mark(text: str, terms: Mapping[str, int], phrases: Sequence[Sequence[AbstractSet[str]]] = ()) -> tuple[Mark, ...]:
    """The marks of the words found in a short text, such as a title: [start, end) in code points, in order."""
    from .finder import Finder

    return Highlighter(Finder(terms, phrases)).marks(text)
