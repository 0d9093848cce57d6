"""What a term or a phrase looks for in the documents index: rows of words, each word given by all the forms that answer it.

Documents hold forms alone, as tokens `=form`, one a position. Which forms have a key or a stem is known from the words of the
index. So a new dictionary needs no new documents.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from naidi.indexer.opensearch.naming import token
from naidi.indexer.typed import TYPE_CHECKING

from ..cache import Attached, Cache
from ..collection import Collection
from ..query.analysed import Forms, Identity, NearPhrase, Scored, Term
from ..ranking.matched_terms import forms_of_all_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from naidi.indexer.codec.segment import Segment

Tokens: TypeAlias = "tuple[str, ...]"
TEXT, TITLE, BODY = "text", "title", "body"
"""Where a row is looked for: title, body and keywords together; the title; the body. Else it is a text of the application."""

# Bytes for the forms of words.
_FORMS_BYTES = 20_000_000


class Row(NamedTuple):
    """Words in this order in one field of a document.

    parts: the tokens that may stand for each word, sorted.
    region: where they stand.
    slop: how many other tokens may stand between the first and the last, all together.
    """

    parts: tuple[Tokens, ...]
    region: str = TEXT
    slop: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether no document can have it, since no form of the index is one of its words."""
        return not all(self.parts)


class TermRows(NamedTuple):
    """The rows of a term or phrase.

    own: of its own forms.
    stem: of the forms of its stem; None if the stem does not count.
    shared: of the forms that have all of its keys; None for a term of one key.
    """

    own: Row
    stem: Row | None
    shared: Row | None


def rows_of(words: Collection, term: Scored) -> TermRows:
    """The rows of a term or phrase. words: a collection with all forms of the index."""
    region = term.field or TEXT
    if isinstance(term, NearPhrase):
        parts = tuple([own_tokens(words, part) for part in term.parts])
        return TermRows(Row(parts, region, term.slop), None, None)
    stem = shared = None
    if term.stem is not None:
        stem = Row((_stem_tokens(words, term.stem),), region)
    if len(term.keys) > 1:
        shared = Row((_shared_tokens(words, term.keys),), region)
    return TermRows(Row((own_tokens(words, term),), region), stem, shared)


def key_row(words: Collection, key: str) -> Row:
    """The forms that have a key, in any field."""
    return Row((_known(words, ("own", "lemma", (key,)), lambda segment: segment.forms_of_key(key)),))


def own_row(words: Collection, term: Term) -> Row:
    """A term by its own forms, in any field."""
    return Row((own_tokens(words, term),), term.field or TEXT)


def pair_row(words: Collection, left: Term, right: Term) -> Row:
    """Two terms beside each other, each by its own forms or by those of its stem."""
    return Row((_all_tokens(words, left), _all_tokens(words, right)))


def own_tokens(words: Collection, term: Term) -> Tokens:
    """The tokens of the forms that answer a term."""
    return _known(words, ("own", *term.identity), term.forms)


def _all_tokens(words: Collection, term: Term) -> Tokens:
    own = own_tokens(words, term)
    return own if term.stem is None else tuple(sorted({*own, *_stem_tokens(words, term.stem)}))


def _stem_tokens(words: Collection, stem: str) -> Tokens:
    return _known(words, ("stem", stem), lambda segment: segment.forms_of_stem(stem))


def _shared_tokens(words: Collection, keys: tuple[str, ...]) -> Tokens:
    return _known(words, ("shared", keys), partial(forms_of_all_keys, keys=keys))


def _known(words: Collection, identity: Identity, forms: Callable[[Segment], Forms]) -> Tokens:
    return _TOKENS.of(words).get(identity, lambda: _tokens(words, forms))


def _tokens(words: Collection, forms: Callable[[Segment], Forms]) -> Tokens:
    found = {segment.forms[number] for segment in words.segments for number in forms(segment).tolist()}
    return tuple(sorted(map(token, found)))


_TOKENS: Attached[Collection, Cache[Identity, Tokens]] = Attached(
    lambda _: Cache(_FORMS_BYTES, lambda tokens: 500 + 100 * len(tokens))
)
