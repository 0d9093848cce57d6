"""What may the word that is being typed become? Its completions among the words of the index, the most frequent first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from naidi.indexer.analysis.normalize import clean, fold_yo, is_abbreviation
from naidi.indexer.analysis.tokenizer import WORD

from ..bridges.keyboard import turned
from ..collection import Collection
from ..results import Completion, CompletionKind
from .completions import CompletedWord, PrefixWords
from .prefix_edits import edits_of

# A shorter prefix has too many neighbours: with one letter wrong, three could begin almost anything.
SHORTEST_MISSPELT = 4

_LAST_WORD = re.compile(rf"(?:{WORD.pattern})\Z")
# On the other keyboard some marks are letters; those that queries have before a word are not taken for such.
_CHUNK = re.compile(r'(?<!\S)[-+(]*(?:(?:title|body):)?[-+=("«“]*(\S+)\Z', re.IGNORECASE)


def suggest(collection: Collection, text: str, limit: int = 8) -> list[Completion]:
    """At most `limit` completions of the last word of the text; words before it stay as they are.

    Each word comes once: as its lemma if that is written anywhere, else as its most frequent form; abbreviations in capitals. The
    order is that of kinds, then doc_freq falling, then the words by code points. Words as typed come first; where there are fewer
    than `limit`, those of the other keyboard follow, then those one edit away (first letter kept). Nothing is suggested for a text
    that does not end in a word.
    """
    if limit <= 0:
        return []
    found: list[Completion] = []
    shown: set[str] = set()
    for kind, front, typed, prefixes in _readings(collection, text):
        lexicon = PrefixWords(collection, prefixes)
        for word in lexicon.best(limit - len(found), shown):
            shown.add(word.key)
            found.append(Completion(front + _as_typed(collection, word, typed, kind), word.doc_freq, kind))
        if len(found) >= limit:
            break
    return found


def _readings(collection: Collection, text: str) -> Iterator[tuple[CompletionKind, str, str, Sequence[str]]]:
    """(kind, what stands before the word, the beginning of the word, that beginning as words of the index may have it)."""
    last = _LAST_WORD.search(text)
    prefix = ""
    if last is not None:
        prefix = _folded(last[0])
        yield "prefix", text[: last.start()], last[0], [prefix]
    chunk = _CHUNK.search(text)
    if chunk is not None:
        other = turned(chunk[1])
        if other is not None and WORD.fullmatch(other):
            yield "layout", text[: chunk.start(1)], other, [_folded(other)]
    if last is not None and len(prefix) >= SHORTEST_MISSPELT:
        yield "spelling", text[: last.start()], last[0], sorted(set(edits_of(prefix)))


def _folded(word: str) -> str:
    return fold_yo(clean(word).casefold())


def _as_typed(collection: Collection, word: CompletedWord, typed: str, kind: CompletionKind) -> str:
    """The word with capitals where they were typed, one all in capitals to its end; with ё where it was typed and the index has
    it."""
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
