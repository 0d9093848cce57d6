"""The schema that Whoosh sees: the fields of our documents, and the analysis of query words in them.

    field                    terms                                       postings
    text, title, body        lemma keys of both fields, of one           positions; the title is a column
    text_stem, ..., body_stem    Snowball stems                          positions
    form, title_form, body_form  surface forms                           positions
    id, language             as they are                                 which documents; a column
    date                     midnight of the day                         which documents; a column
    path, meta               -                                           stored only

The fields of an application stand beside these, see `own_fields`. Stored: id, title, path, date, language, meta, and text (of the
body alone). A word with several keys is one term of a query: its keys joined by line feeds, which stand in no key (`several_keys`).
Term, Phrase and the span queries take such terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from whoosh import fields
from whoosh.analysis.acore import Token
from whoosh.analysis.analyzers import Analyzer

from ..analysis.normalize import fold_yo
from ..analysis.tokenizer import WORD, lower_headlines, word_form
from ..fields import Schema
from .own_fields import DateField, add_fields
from .words import BODY, FORMS, KEYS, STEMS, TEXT, TITLE

JOINT = "\n"


class WordField(NamedTuple):
    """Of which words the terms of a field are made (KEYS, STEMS or FORMS), and in which part of a document they stand."""

    terms: str
    part: str


WORD_FIELDS = {
    "text": WordField(KEYS, TEXT),
    "title": WordField(KEYS, TITLE),
    "body": WordField(KEYS, BODY),
    "text_stem": WordField(STEMS, TEXT),
    "title_stem": WordField(STEMS, TITLE),
    "body_stem": WordField(STEMS, BODY),
    "form": WordField(FORMS, TEXT),
    "title_form": WordField(FORMS, TITLE),
    "body_form": WordField(FORMS, BODY),
}


def field_of(terms: str, part: str) -> str:
    """The name of a word field."""
    return next(name for name, field in WORD_FIELDS.items() if field == (terms, part))


def several_keys(keys: Sequence[str]) -> str:
    """The term that stands for any of the keys, and counts as one."""
    return JOINT.join(keys)


def _keys(form: str) -> tuple[str, ...]:
    from ..analysis.lemmatize.keys import keys

    return keys(form)


def _stem(form: str) -> tuple[str, ...]:
    from ..analysis.lemmatize.stem import stem

    return (stem(form),)


_TERMS_OF_FORM: dict[str, Callable[[str], tuple[str, ...]]] = {KEYS: _keys, STEMS: _stem, FORMS: lambda form: (form,)}


class WordAnalyzer(Analyzer):
    """Text -> Whoosh's tokens. Several terms of a word stand at one position; in a query they are one joined term."""

    def __init__(self, terms: str) -> None:
        self.terms = terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordAnalyzer) and other.terms == self.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        tokenize: bool = True,
        **kwargs: Any,
    ) -> Iterator[Token]:
        token = Token(positions, chars, removestops=removestops, mode=mode, **kwargs)
        for position, (texts, start, end) in enumerate(self._words(value, mode, tokenize), start_pos):
            for text in texts:
                token.text = text
                token.boost = 1.0
                if keeporiginal:
                    token.original = value[start:end]  # type: ignore[attr-defined]
                token.stopped = False
                if positions:
                    token.pos = position
                if chars:
                    token.startchar, token.endchar = start + start_char, end + start_char
                yield token

    def _words(self, value: str, mode: str, tokenize: bool) -> Iterator[tuple[tuple[str, ...], int, int]]:
        if not tokenize:  # a pattern, or the end of a range
            folded = value.casefold()
            yield (folded if self.terms == FORMS else fold_yo(folded),), 0, len(value)
            return
        for found in WORD.finditer(lower_headlines(value)):
            texts = _TERMS_OF_FORM[self.terms](word_form(found[0]))
            yield ((several_keys(texts),) if mode == "query" else texts), found.start(), found.end()


def make_schema(own: Schema | None = None) -> fields.Schema:
    """The schema; every call gives a new one. own: the fields of the application."""
    schema = fields.Schema(
        id=fields.ID(stored=True, unique=True, sortable=True),
        language=fields.ID(stored=True, sortable=True),
        date=DateField(stored=True, sortable=True),
        path=fields.STORED(),
        meta=fields.STORED(),
    )
    for name, field in WORD_FIELDS.items():
        stored = name in ("text", "title")
        # A word of several tokens, `медико-санитарной`, is a phrase.
        schema.add(
            name,
            fields.TEXT(WordAnalyzer(field.terms), stored=stored, sortable=name == "title", multitoken_query="phrase"),
        )
    add_fields(schema, own or {})
    return schema
