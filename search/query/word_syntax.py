"""Reads a single word, phrase or filter of a query, with its modifiers.

A word ends in its modifiers: `*`, `~1`, `^2`. Punctuation at its end and signs at its beginning are no part of it. So `?` is a
wildcard only if something follows; at the end of a word it is a question mark.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from naidi.indexer.analysis.normalize import APOSTROPHES
from naidi.indexer.late import pattern
from naidi.indexer.messages import Message, message
from naidi.indexer.record import replace

from .file_filters import read_extension, read_folder, read_path, read_sizes
from .filters import FILTER_FIELDS, read_dates, read_language
from .lexer import Kind, Lexeme, Warn, phrase_parts, read_anyway, shortened
from .nodes import (
    MAX_BOOST,
    MAX_EDITS,
    MAX_SLOP,
    MIN_BOOST,
    ChangedRange,
    EveryDocument,
    Exact,
    Fuzzy,
    Leaf,
    Narrowing,
    Node,
    Phrase,
    Prefix,
    Wildcard,
    Word,
)
from .plain import MAX_WORD, PUNCTUATION, is_plain_prefix

if TYPE_CHECKING:
    from naidi.indexer.fields import Schema

MAX_MODIFIERS = 4
"""Nobody types a word with more modifiers. It is read as plain text."""

NO_FIELDS: Schema = {}

_SIGNS = "+-=~^"

_MODIFIER = pattern(r"([\^~])([0-9.]*)$")
_MODIFIERS = pattern(r"([\^~])([0-9.]*)")
_NUMBER = pattern(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
# Characters of an address, a path or a formula. There, ? and * are no wildcards.
_NO_PATTERN = frozenset("/=&:@\\%")
# A token of a pattern. It is as in naidi.indexer.analysis.tokenizer, but * and ? count as letters.
_LETTER = r"(?:[^\W_]|[*?])"
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff]"
_PATTERN_PIECE = pattern(
    rf"(?:[Cc](?:\+\+|\#)|[Ff]\#)(?![^\W_])|{_LETTER}(?:{_LETTER}|{_MARK}|[{APOSTROPHES}](?={_LETTER}))*"
)
_STARS = pattern(r"\*{2,}")
_AFTER_PIECE = f"{APOSTROPHES}?"

_PHRASE = Kind.PHRASE
_LEAVES = (Word, Exact, Prefix, Wildcard, Fuzzy)

# Up to this length, `~` alone means one edit: within two edits of a short word there are too many others.
_SHORT_FUZZY = 5


def read_term(lexeme: Lexeme, field: str | None, warn: Warn, schema: Schema = NO_FIELDS) -> Node | None:
    """The node of a word, a phrase or a filter. None if it asks for nothing.

    Parameters:
      lexeme: the piece of the query.
      field: the field of the bracket around it; None if that has none.
      warn: called with each warning for the user.
      schema: of the fields of the application.
    """
    field = lexeme.field or field
    if field is not None and field in FILTER_FIELDS:
        found = _filter(lexeme, field, warn)
        if found is not None:
            return found
        field = None
    if field is not None and schema:
        from naidi.indexer.fields import Text, kind_of

        kind = kind_of(schema, field)
        if kind is not None and not isinstance(kind, Text):
            from .own_fields import read_own_field

            return read_own_field(lexeme, field, kind, warn)
    if lexeme.kind is _PHRASE:
        return _phrase(lexeme, field, warn)
    return read_word(lexeme.text, lexeme.exact, field, warn)


def _filter(lexeme: Lexeme, field: str, warn: Warn) -> Node | None:
    kind = FILTER_FIELDS[field]
    text, modifiers = lexeme.text.strip(), ""
    if kind not in ("path", "dir"):  # in which these characters may stand
        text = text[:MAX_WORD]
        if not text.endswith(".."):
            text = text.rstrip(PUNCTUATION)
        text, modifiers = _split_modifiers(text)
    found = _READERS[kind](text, warn)
    if found is None:
        warn(read_anyway(_is_none(kind, shortened(lexeme.text)), message("read as text")))
    elif modifiers or lexeme.suffix.strip("."):
        warn(message("{field}: has no score: what stands behind {text} is ignored", field=field, text=shortened(text)))
    return found


def _read_changes(text: str, warn: Warn) -> ChangedRange | None:
    days = read_dates(text, warn)
    return None if days is None else ChangedRange(days.since, days.until)


_READERS: dict[str, Callable[[str, Warn], Narrowing | None]] = {
    "date": read_dates,
    "lang": read_language,
    "path": read_path,
    "dir": read_folder,
    "ext": read_extension,
    "size": read_sizes,
    "mtime": _read_changes,
}


def _is_none(kind: str, text: str) -> Message:
    """Says that a text is no value of a filter. kind: of the filter."""
    match kind:
        case "lang":
            return message("{text} is not a language", text=text)
        case "path":
            return message("{text} is not a path", text=text)
        case "dir":
            return message("{text} is not a folder", text=text)
        case "ext":
            return message("{text} is not an extension", text=text)
        case "size":
            return message("{text} is not a size", text=text)
        case _:
            return message("{text} is not a date", text=text)


def read_word(text: str, exact: bool, field: str | None, warn: Warn, *, in_phrase: bool = False) -> Node | None:
    """The node of a word. None if the word has no letter and no digit.

    Parameters:
      text: the word as typed, with its modifiers.
      exact: whether "=" stands before it.
      field: the field to search; None for the default fields.
      warn: called with each warning for the user.
      in_phrase: whether the word stands in a phrase. Then it has no boost.
    """
    if text.isalnum():
        return (Exact if exact else Word)(text, field)
    if not exact and is_plain_prefix(text):
        return Prefix(text[:-1], field)
    text = text.lstrip(_SIGNS)
    if text.startswith("?") and text.rstrip(PUNCTUATION) != text.rstrip(PUNCTUATION.replace("?", "")):
        # ?word? is a word in odd quotes: a question mark at the end of a word is never a wildcard.
        text = text.lstrip("?").lstrip(_SIGNS)
    typed = text = text.rstrip(PUNCTUATION)
    modifiers: list[tuple[str, str]] = []
    if "^" in text or "~" in text:
        while (modifier := _MODIFIER.search(text)) and not (in_phrase and modifier[1] == "^"):
            text = text[: modifier.start()].rstrip(PUNCTUATION)
            modifiers.append((modifier[1], modifier[2]))
            if len(modifiers) > MAX_MODIFIERS:
                break
    if len(text) > MAX_WORD or len(modifiers) > MAX_MODIFIERS:
        return (Exact if exact else Word)(typed, field) if _has_letter(typed) else None
    boost = 1.0
    edits = 0
    for kind, number in reversed(modifiers):
        if kind == "^":
            boost = _boost(number, warn)
        else:
            edits = _edits(number, text, warn)
    if "^" in text and not in_phrase:
        warn(message("^ inside {text} is read as text: a boost is a number at the end", text=shortened(text)))
    node = _pattern_or_word(text, exact, edits, field, warn)
    return None if node is None else node.boosted(boost)


def _pattern_or_word(text: str, exact: bool, edits: int, field: str | None, warn: Warn) -> Node | None:
    starred = "*" in text
    if not _has_letter(text):
        if starred and field is not None:
            warn(message("{field}:* is read as every document", field=field))
        return EveryDocument() if starred else None
    if (starred or "?" in text) and (_NO_PATTERN.isdisjoint(text) or not _has_wildcard(text.rstrip("*"))):
        if exact or edits:
            warn(message("= and ~ are ignored beside the wildcard in {text}", text=shortened(text)))
        return _in_pieces(text, 0, field)
    if edits:
        if exact:
            warn(message("= is ignored before the fuzzy word {text}~", text=shortened(text)))
        return _in_pieces(text, edits, field)
    return Exact(text, field) if exact else Word(text, field)


def _in_pieces(text: str, edits: int, field: str | None) -> Node:
    """The node of a wildcard or fuzzy word, token by token: `медико-сан*` is a phrase, as `медико-санитарный` is."""
    pieces = [piece for piece in _PATTERN_PIECE.findall(text) if _has_letter(piece)]
    if len(pieces) > 1:
        return Phrase(tuple([_piece(piece, edits, None) for piece in pieces]), field=field)
    return _piece(pieces[0], edits, field)


def _piece(text: str, edits: int, field: str | None) -> Leaf:
    text = _STARS.sub("*", text.rstrip(_AFTER_PIECE))
    stem = text.removesuffix("*").rstrip(APOSTROPHES)
    if _has_wildcard(stem):
        return Wildcard(text, field)
    if stem != text:
        return Prefix(stem, field)
    return Fuzzy(text, edits, field) if edits else Word(text, field)


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _has_letter(text: str) -> bool:
    return text[:1].isalnum() or any(map(str.isalnum, text))


def _phrase(lexeme: Lexeme, field: str | None, warn: Warn) -> Node | None:
    parts: list[Leaf] = []
    slop, boost = _phrase_modifiers(lexeme.suffix, warn) if lexeme.suffix else (0, 1.0)
    gap = gaps = 0
    starred = False
    for typed in phrase_parts(lexeme.text):
        exact = lexeme.exact or typed[0] == "="
        node = Word(typed) if typed.isalnum() and not exact else read_word(typed, exact, None, warn, in_phrase=True)
        if isinstance(node, _LEAVES):
            parts.append(node)
        elif isinstance(node, Phrase):
            parts.extend(node.parts)
        else:
            if isinstance(node, EveryDocument):
                starred = True
                gap += bool(parts)
            continue
        gaps, gap = gaps + gap, 0
    if not parts:
        if starred:
            return EveryDocument()
        warn(message("empty quotes are ignored"))
        return None
    if gaps:
        warn(
            read_anyway(
                message("* inside a phrase stands for any word"),
                message("read as the near phrase ~{slop}", slop=slop + gaps),
            )
        )
    slop = min(slop + gaps, MAX_SLOP)
    if len(parts) == 1 and slop == 0:
        only = parts[0] if field is None else replace(parts[0], field=field)
        return only.boosted(boost)
    return Phrase(tuple(parts), slop, field, boost)


def _phrase_modifiers(suffix: str, warn: Warn) -> tuple[int, float]:
    slop, boost = 0, 1.0
    for kind, number in _MODIFIERS.findall(suffix):
        if kind == "^":
            boost = _boost(number.rstrip("."), warn)
        elif not number.rstrip("."):
            warn(message("~ behind a phrase is ignored: it needs a number of words"))
        else:
            slop = _whole(number.rstrip("."), MAX_SLOP, "~", warn)
    return slop, boost


def read_group_boost(suffix: str, warn: Warn) -> float:
    """The boost of the modifiers behind a closing bracket. 1.0 if there is none."""
    boost = 1.0
    for kind, number in _MODIFIERS.findall(suffix):
        if kind == "^":
            boost = _boost(number.rstrip("."), warn)
        else:
            warn(message("~ behind a bracket is ignored: it belongs behind a word or a phrase"))
    return boost


def _split_modifiers(text: str) -> tuple[str, str]:
    if "^" not in text and "~" not in text:
        return text, ""
    end = min(text.find(mark) for mark in "^~" if mark in text)
    return text[:end], text[end:]


def _boost(number: str, warn: Warn) -> float:
    if not _NUMBER.fullmatch(number):
        warn(message("^{number} is ignored: a boost is a number above 0", number=shortened(number)))
        return 1.0
    boost = float(number)
    if not MIN_BOOST <= boost <= MAX_BOOST:
        boost = min(max(boost, MIN_BOOST), MAX_BOOST)
        warn(
            message(
                "the boost ^{number} is read as ^{boost:g}: it lies between {least:g} and {most:g}",
                number=shortened(number),
                boost=boost,
                least=MIN_BOOST,
                most=MAX_BOOST,
            )
        )
    return boost


def _edits(number: str, text: str, warn: Warn) -> int:
    usual = 1 if len(text) <= _SHORT_FUZZY else MAX_EDITS
    if not number:
        return usual
    if "." in number:
        warn(message("~{number} is read as ~: a fuzzy word takes a whole number of edits", number=shortened(number)))
        return usual
    return _whole(number, MAX_EDITS, "~", warn)


def _whole(number: str, most: int, mark: str, warn: Warn) -> int:
    digits = number.partition(".")[0]
    # A number of nine digits or more is above `most` anyway, and Python refuses to turn very long ones into an int.
    value = int(digits or "0") if len(digits) < 9 else most + 1
    if value > most or digits != number:
        value = min(value, most)
        warn(message("{mark}{number} is read as {mark}{value}", mark=mark, number=shortened(number), value=value))
    return value
