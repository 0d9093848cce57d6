"""Completes the word that is being typed with words of the index, the most frequent first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from naidi.indexer.analysis.normalize import clean, fold_yo, is_abbreviation
from naidi.indexer.analysis.tokenizer import WORD

from ..bridges.keyboard import turned
from ..budget import MAX_TYPED
from ..collection import Collection
from .completions import CompletedWord, PrefixWords
from .filter_being_typed import is_filter_being_typed
from .prefix_edits import edits_of
from .word_before import word_before, words_behind

# A shorter prefix is not tried with a typo: three letters, one of them wrong, could begin almost any word.
SHORTEST_MISSPELT = 4
# A longer one has thousands of neighbours, and no word begins so.
LONGEST_MISSPELT = 40

_LAST_WORD = re.compile(rf"(?:{WORD.pattern})\Z")
# In the Russian keyboard layout some punctuation keys are letters. Marks that a query may have before a word are no letters.
_CHUNK = re.compile(r'(?<!\S)[-+(]*(?:(?:title|body):)?[-+=("«“]*(\S+)\Z', re.IGNORECASE)

CompletionKind = Literal["prefix", "layout", "spelling"]


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion of what was typed.

    text: the typed text with its last word completed.
    doc_freq: number of live documents that have the word by its lemma. If the lemma begins otherwise («люди»), this is an upper
      bound: the number for the lemma or for the stem, whichever is less.
    kind: "prefix" if the word begins as typed, "layout" if it does in the other keyboard layout, "spelling" if it does after one
      edit.
    """

    text: str
    doc_freq: int
    kind: CompletionKind


def suggest(collection: Collection, text: str, limit: int = 8) -> list[Completion]:
    """The completions of `each_completion`."""
    return list(each_completion(collection, text, limit))


def each_completion(collection: Collection, text: str, limit: int = 8) -> Iterator[Completion]:
    """Completions of the last word of a text, best first. A text that does not end in a word has none, nor has one that ends in
    a filter of the query language, such as `lang:ru`: its value is no word of a document.

    Words as typed come first. If there are fewer than `limit`, words typed in the wrong keyboard layout follow, then words
    one edit away, with the same first letter. Within the first two kinds, those come first that stand behind the word before in
    the index, by how many documents have the two as neighbours. Then the order is doc_freq (falling), then the words by code
    points. Each word comes once: as its lemma if texts have that, else as its most frequent form. Behind a word it comes in the
    form that most often follows that. Abbreviations come in capitals.

    Parameters:
      collection: the index.
      text: the text. Words before the last stay as they are.
      limit: how many completions at most.

    Of a long text the last MAX_TYPED code points are looked at. Raises TimeUp between the kinds, or while it looks for words.
    """
    if limit <= 0:
        return
    shown: set[str] = set()
    texts: set[str] = set()
    for kind, front, typed, prefixes in _readings(collection, text):
        for word in _words(collection, kind, front, prefixes, limit - len(texts), shown):
            completed = front + _as_typed(collection, word, typed, kind)
            if completed in texts:
                continue
            shown.add(word.key)
            texts.add(completed)
            yield Completion(completed, word.doc_freq, kind)
            if len(texts) >= limit:
                return


def _words(
    collection: Collection, kind: CompletionKind, front: str, prefixes: Sequence[str], limit: int, shown: set[str]
) -> Iterator[CompletedWord]:
    """The words of one kind, best first, at least `limit` if there are so many. shown: the keys of those given already."""
    lexicon = PrefixWords(collection, prefixes)
    before = None if kind == "spelling" else word_before(collection, front)
    behind: set[str] = set()
    if before is not None:
        for word in words_behind(collection, before, lexicon):
            if word.key not in shown:
                behind.add(word.key)
                yield word
    # A word that stands behind may have the form of another. So `limit` others are looked for.
    yield from lexicon.best(limit, shown | behind)


def _readings(collection: Collection, text: str) -> Iterator[tuple[CompletionKind, str, str, Sequence[str]]]:
    """(kind, the text before the word, the typed prefix, prefixes to look up in the index), in the order of kinds."""
    front, text = text[:-MAX_TYPED], text[-MAX_TYPED:]
    if is_filter_being_typed(text, collection.schema):
        return
    last = _LAST_WORD.search(text)
    if front and last is not None and not last.start():
        return  # a longer word than any that is indexed
    prefix = ""
    if last is not None:
        prefix = _folded(last[0])
        yield "prefix", front + text[: last.start()], last[0], [prefix]
    chunk = _CHUNK.search(text)
    if chunk is not None:
        other = turned(chunk[1])
        if other is not None and WORD.fullmatch(other):
            yield "layout", front + text[: chunk.start(1)], other, [_folded(other)]
    if last is not None and SHORTEST_MISSPELT <= len(prefix) <= LONGEST_MISSPELT:
        yield "spelling", front + text[: last.start()], last[0], sorted(set(edits_of(prefix)))


def _folded(word: str) -> str:
    return fold_yo(clean(word).casefold())


def _as_typed(collection: Collection, word: CompletedWord, typed: str, kind: CompletionKind) -> str:
    """The word in the case of the typed prefix. If that is all in capitals, so is the word.

    A typed ё is kept if the index has the word with it.
    """
    form = word.form
    if is_abbreviation(form):
        return form
    beginning = typed.casefold()
    if "ё" in beginning and fold_yo(form).startswith(fold_yo(beginning)):
        as_typed = beginning + form[len(beginning) :]
        form = as_typed if collection.known_form(as_typed) is not None else form
    if len(typed) > 1 and typed.isupper():
        return form.upper()
    if kind == "spelling" or len(beginning) != len(typed):
        return form[0].upper() + form[1:] if typed[0].isupper() else form
    same = "".join(
        letter.upper() if as_typed.isupper() else letter for letter, as_typed in zip(form, typed, strict=False)
    )
    return same + form[len(same) :]
