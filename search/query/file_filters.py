"""Reads the text of a filter of files: `path:`, `dir:`, `ext:`, `size:`.

A size is a number of bytes, or of K, M, G or T, which are 1,024 of each other. It may be compared (`>1M`) or be a range
(`10K..2M`, `*` for an open end). A size with a unit stands for all sizes that begin so: `10K` is up to 11K.
"""

from __future__ import annotations

import re

from naidi.indexer.late import pattern
from naidi.indexer.messages import message

from .analysed import ExtensionIs, FolderIs, PathMatches, SizeRange
from .lexer import Warn, read_anyway, shortened

LONGEST_PATTERN = 400
"""No path that people type is longer, in characters."""

# What cannot be written between quotes.
_UNTYPABLE = pattern('["«»“”„‟\\x00-\\x1f\\x7f-\\x9f]')
_STARS = pattern(r"\*{2,}")
_ENDS = pattern(r"^[\s/]+|[\s/]+$")
_EXTENSION = pattern(r"[^\W_][\w+-]*(?:\.[^\W_][\w+-]*)*")
_COMPARISON = pattern(r"(>=|<=|>|<|=|≥|≤)")
_SIZE = pattern(r"([0-9]{1,19}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*([kmgtкмгт]?)(?:i?b|байта?|б)?", re.IGNORECASE)
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "к": 1, "м": 2, "г": 3, "т": 4}
_MOST = 1 << 62


def read_path(text: str, warn: Warn) -> PathMatches | None:
    """The paths that contain the text, or match it if it has `*` or `?`."""
    pattern = _pattern(text, warn)
    return PathMatches(pattern) if pattern else None


def read_folder(text: str, warn: Warn) -> FolderIs | None:
    """The paths below a folder of this name, or of these names one in the other."""
    pattern = _ENDS.sub("", _pattern(text, warn))
    return FolderIs(pattern) if pattern else None


def _pattern(text: str, warn: Warn) -> str:
    pattern = _STARS.sub("*", _UNTYPABLE.sub("?", text.strip().replace("\\", "/")).lower())
    if len(pattern) > LONGEST_PATTERN:
        warn(
            message(
                "of the path {text} the first {most} characters are looked for",
                text=shortened(text),
                most=LONGEST_PATTERN,
            )
        )
        pattern = pattern[:LONGEST_PATTERN].strip() + "*" * ("*" in pattern or "?" in pattern)
    return pattern


def read_extension(text: str, warn: Warn) -> ExtensionIs | None:
    """The files with this extension, with or without its dot. None if the text is none."""
    extension = text.strip(" .,;:!?…*").lower()
    return ExtensionIs(extension) if _EXTENSION.fullmatch(extension) and len(extension) <= LONGEST_PATTERN else None


def read_sizes(text: str, warn: Warn) -> SizeRange | None:
    """The sizes that the text names. None if it names none."""
    value = text.strip("[]{} ")
    if ".." in value:
        first, _, last = value.partition("..")
        return _between(first.strip(), last.strip(), warn)
    if value == "*":
        return SizeRange()
    compared = _COMPARISON.match(value)
    found = _sizes(value[compared.end() :].strip() if compared else value)
    if found is None:
        return None
    least, most = found
    match compared[0] if compared else "=":
        case ">=" | "≥":
            return SizeRange(least, None)
        case "<=" | "≤":
            return SizeRange(None, most)
        case ">":
            return SizeRange(least + 1, None)
        case "<":
            if not least:
                warn(message("no file is smaller than 0 bytes: empty files are meant"))
            return SizeRange(None, max(least - 1, 0))
        case _:
            return SizeRange(least, most)


def _between(first: str, last: str, warn: Warn) -> SizeRange | None:
    least = most = None
    if first not in ("", "*"):
        found = _sizes(first)
        if found is None:
            return None
        least = found[0]
    if last not in ("", "*"):
        found = _sizes(last)
        if found is None:
            return None
        # "10K TO 2M" ends at 2M, and not below 3M.
        most = found[0]
    if least is not None and most is not None and least > most:
        warn(
            read_anyway(
                message("the range {first} TO {last} runs backwards", first=shortened(first), last=shortened(last)),
                message("its ends are swapped"),
            )
        )
        return SizeRange(most, least)
    return SizeRange(least, most)


def _sizes(text: str) -> tuple[int, int] | None:
    """The least and the greatest size that a number with its unit stands for. None if the text is no size."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    number, unit = found.groups()
    whole, _, decimals = number.partition(".")
    scale = 1024 ** _UNITS[unit.lower()]
    step = 10 ** len(decimals)
    parts = int(whole or "0") * step + int(decimals or "0")
    least = min(parts * scale // step, _MOST)
    return least, max(least, min((parts + 1) * scale // step - 1, _MOST)) if scale > 1 else least
