"""What is handed back of why a document was found: the arithmetic of its score."""

from __future__ import annotations

from naidi.indexer.messages import Message, message
from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def bridge_of(kind: str, typed: str) -> str:
    """The way to a word that was not typed.

    Parameters:
      kind: of the correction or alternative.
      typed: the word that it stands for.
    """
    match kind:
        case "layout":
            return message("layout of {word}", word=typed)
        case "romanisation":
            return message("romanisation of {word}", word=typed)
        case "spelling":
            return message("spelling of {word}", word=typed)
        case "synonym":
            return message("synonym of {word}", word=typed)
        case "translation":
            return message("translation of {word}", word=typed)
        case "derivation":
            return message("derivation of {word}", word=typed)
        case "expansion":
            return message("expansion of {word}", word=typed)
        case _:
            return message("{kind} of {word}", kind=kind, word=typed)


@record
class FormMatch:
    """A form in a document that answers a query word.

    form: as the index keeps it: case-folded, abbreviations in capitals. For neighbours both words.
    keys: the keys that the form and the query word share. For a match by stem the stem, for a pattern or exact word the form, for
      neighbours none.
    term_freq: number of times that the form stands in the field.
    """

    form: str
    keys: tuple[str, ...]
    term_freq: int


@record
class TermMatch:
    """The part of a document's score that one query word adds in one field.

    word: the query word, or the word that was searched for beside it.
    field: "text" (title and body as one field, with names and keywords), "title" or "body".
    tier: how the word was matched: "lemma", "lemmas" (of a form that may be of several: by forms that may be of all of them),
      "stem", "exact", "prefix", "wildcard", "fuzzy", "phrase" or "nearness".
    forms: the matching forms, most frequent first.
    doc_freq: number of documents that have the word.
    idf: the inverse document frequency, raised to `RankingParameters.idf_power`.
    field_length: tokens of the field in this document.
    avg_field_length: mean length of the field in all documents that have it, in tokens.
    boost: the product of all boosts and weights that apply.
    score: the part of the total: boost * idf * tf.
    bridge: the way to a word that was not typed, for example "romanisation of Токаев"; empty for a typed word.
    keyword_freq: how many of the occurrences in the field "text" are in the names and keywords of the document. A name counts as
      several occurrences, more in a long text.
    """

    word: str
    field: str
    tier: str
    forms: tuple[FormMatch, ...]
    doc_freq: int
    idf: float
    field_length: int
    avg_field_length: float
    boost: float
    score: float
    bridge: str = ""
    keyword_freq: int = 0

    @property
    def term_freq(self) -> int:
        """Number of times that the word stands in the field, in any form."""
        return sum(form.term_freq for form in self.forms)

    @property
    def tf(self) -> float:
        """The part of the score that grows with term_freq and shrinks with field_length; 0 if boost or idf is 0."""
        scale = self.boost * self.idf
        return self.score / scale if scale else 0.0


def sum_of_scores(matches: Sequence[TermMatch]) -> Message:
    """«4.9323 + 1.2000»: what the parts add. Its decimals are those of the language in which it is told, so it is a message, though
    it has no words to translate."""
    scores = {f"score{number}": float(match.score) for number, match in enumerate(matches)}
    return Message(" + ".join(f"{{{name}:.4f}}" for name in scores), scores)


@record
class Explanation:
    """Why a document was found, and how its score is made.

    matches: the parts of the score.
    total: the score.
    formula: how the total is made of the matches; empty if it is their sum.
    """

    matches: tuple[TermMatch, ...]
    total: float
    formula: str = ""

    def _repr_html_(self) -> str:
        """The parts of the score as a notebook shows them."""
        from .notebook.documents_html import explanation_html

        return explanation_html(self)
