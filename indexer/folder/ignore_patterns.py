"""The patterns of ignore files, with the meaning that git gives them, matched without backtracking.

Anybody may have written an ignore file: it comes with a cloned repository. As a regular expression, a pattern such as
`*a*a*a*a*a*a*ab` takes exponential time. Here a pattern is cut at its asterisks. A piece between two asterisks has one
length, and the first place where it fits is always good enough. So a match takes at most as many steps as the pattern has
characters times the path has.

One point differs from git: `?` and a set in brackets stand for a character, not for a byte.
"""

from __future__ import annotations

import string
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_SPECIAL = "*?[\\"

_POSIX_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, (*range(32), 127))),
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": " \t\n\r\f\v",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}


class _Never(Exception):
    """The pattern can match nothing: an open bracket, a backslash at its end."""


class _Set(NamedTuple):
    """The characters of a bracket: code points firsts[n] to lasts[n], ascending; `negated` for all others but "/"."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    negated: bool

    def __contains__(self, character: object) -> bool:
        point = ord(str(character))
        place = bisect_right(self.firsts, point) - 1
        return (place >= 0 and point <= self.lasts[place]) != self.negated and character != "/"


class _Star:
    """An asterisk: any characters but "/"."""


class _Folders(NamedTuple):
    """Two asterisks instead of a name: any names, at least so many."""

    at_least: int


_STAR = _Star()
_ANY = _Set((), (), True)  # a question mark
# A character, a set, or an asterisk.
_Token = str | _Set | _Star


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters and sets that follow one another. literal: the piece as a string, if it has no set."""

    tokens: tuple[str | _Set, ...]
    literal: str | None

    def fits(self, text: str, start: int) -> bool:
        """Whether it stands at `start`. The text must be long enough."""
        if self.literal is not None:
            return text.startswith(self.literal, start)
        return all(text[start + place] in token for place, token in enumerate(self.tokens))

    def find(self, text: str, start: int, stop: int) -> int:
        """The first place from `start` on where it stands and ends at `stop` at most; -1 if there is none."""
        if self.literal is not None:
            return text.find(self.literal, start, stop)
        return next((at for at in range(start, stop - len(self.tokens) + 1) if self.fits(text, at)), -1)


class _Name:
    """A pattern for one name: pieces with an asterisk between each two."""

    __slots__ = ("_first", "_last", "_middle", "_shortest", "literal")

    def __init__(self, tokens: Sequence[_Token]) -> None:
        pieces = [_piece(part) for part in _split(tokens)]
        self._first = pieces[0]
        self._middle = [piece for piece in pieces[1:-1] if piece.tokens]
        self._last = pieces[-1] if len(pieces) > 1 else None
        self._shortest = sum(len(piece.tokens) for piece in pieces)
        self.literal = None if self._last else self._first.literal

    @property
    def edges(self) -> tuple[str, str]:
        """What a name begins and ends with if the pattern fits it; "" where that may be anything."""
        return self._first.literal or "", (self._last or self._first).literal or ""

    def fits(self, name: str) -> bool:
        if self.literal is not None:
            return name == self.literal
        if len(name) < self._shortest or not self._first.fits(name, 0):
            return False
        if self._last is None:
            return len(name) == self._shortest
        start, stop = len(self._first.tokens), len(name) - len(self._last.tokens)
        if not self._last.fits(name, stop):
            return False
        for piece in self._middle:
            at = piece.find(name, start, stop)
            if at < 0:
                return False
            start = at + len(piece.tokens)
        return True


class _Names:
    """A pattern for the names of a path: blocks of patterns of one name, with any names between each two blocks."""

    __slots__ = ("_blocks", "_gaps", "_shortest")

    def __init__(self, parts: Iterable[_Name | _Folders]) -> None:
        self._blocks: list[list[_Name]] = [[]]
        self._gaps: list[int] = []  # names between a block and the next, at least
        for part in parts:
            if isinstance(part, _Name):
                self._blocks[-1].append(part)
            elif self._gaps and not self._blocks[-1]:
                self._gaps[-1] += part.at_least
            else:
                self._gaps.append(part.at_least)
                self._blocks.append([])
        self._shortest = sum(map(len, self._blocks)) + sum(self._gaps)

    def fits(self, names: Sequence[str]) -> bool:
        if len(names) < self._shortest or not _fit(self._blocks[0], names, 0):
            return False
        start = len(self._blocks[0])
        if not self._gaps:
            return len(names) == start
        last = self._blocks[-1]
        stop = len(names) - len(last)
        if not _fit(last, names, stop):
            return False
        for gap, block in zip(self._gaps, self._blocks[1:-1], strict=False):
            at = next((at for at in range(start + gap, stop - len(block) + 1) if _fit(block, names, at)), -1)
            if at < 0:
                return False
            start = at + len(block)
        return start + self._gaps[-1] <= stop


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line. negated: it takes files in again. folders: it is meant for folders alone."""

    negated: bool
    folders: bool


@dataclass(frozen=True, slots=True)
class _NameRule(_Rule):
    """A pattern without a slash: for a name, at any depth."""

    pattern: _Name

    def fits(self, path: str, name: str) -> bool:
        return self.pattern.fits(name)


@dataclass(frozen=True, slots=True)
class _PathRule(_Rule):
    """A pattern with a slash: for a path from the folder of the ignore file on. start: what stands before any wildcard."""

    start: str
    pattern: _Names | None

    def fits(self, path: str, name: str) -> bool:
        if self.pattern is None:
            return path == self.start
        return path.startswith(self.start) and self.pattern.fits(path[len(self.start) :].split("/"))


class IgnorePatterns:
    """The patterns of one ignore file. The last line that fits a path decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        """lines: without their line ends. No line is an error: one that is no pattern fits nothing, as in git."""
        self._rules: list[tuple[int, _NameRule | _PathRule]] = []  # the last line first
        self._plain: dict[tuple[str, bool], tuple[int, bool]] = {}  # (name, for folders alone) -> (line, negated)
        for number, line in enumerate(lines):
            rule = _rule(line)
            if isinstance(rule, _NameRule) and rule.pattern.literal is not None:
                # Such lines are the most by far, and are found by one look however many there are.
                self._plain[rule.pattern.literal, rule.folders] = number, rule.negated
            elif rule is not None:
                self._rules.append((number, rule))
        self._rules.reverse()
        # Most names begin and end like no pattern. Then the rules need not be looked at, if all of them are for names.
        edges = [rule.pattern.edges if isinstance(rule, _NameRule) else ("", "") for _, rule in self._rules]
        self._starts = tuple(start for start, _ in edges if start)
        self._ends = tuple(end for start, end in edges if not start)

    def verdict(self, path: str) -> bool | None:
        """Whether the path is ignored; None if no line fits it. The path of a folder ends with "/"."""
        is_folder = path.endswith("/")
        path = path.removesuffix("/")
        name = path[path.rfind("/") + 1 :]
        best = self._plain.get((name, False), (-1, True))
        if is_folder:
            best = max(best, self._plain.get((name, True), (-1, True)))
        rules = self._rules if name.endswith(self._ends) or name.startswith(self._starts) else ()
        for number, rule in rules:
            if number < best[0]:
                break
            if (is_folder or not rule.folders) and rule.fits(path, name):
                return not rule.negated
        return None if best[0] < 0 else not best[1]


def _rule(line: str) -> _NameRule | _PathRule | None:
    """The rule of a line; None for a comment and for what fits nothing."""
    line = _without_trailing_spaces(line.removesuffix("\r").partition("\0")[0])
    if line.startswith("#"):
        return None
    negated = line.startswith("!")
    pattern = line[negated:]
    folders = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    try:
        if "/" not in pattern:
            return _NameRule(negated, folders, _Name(_tokens(pattern))) if pattern else None
        pattern = pattern.removeprefix("/")
        # As in git, the part before the first wildcard is taken off first. So «a**/b» is «a», then «**/b».
        length = next((place for place, letter in enumerate(pattern) if letter in _SPECIAL), len(pattern))
        start, rest = pattern[:length], pattern[length:]
        return _PathRule(negated, folders, start, _Names(_parts(rest)) if rest else None)
    except _Never:
        return None


def _without_trailing_spaces(line: str) -> str:
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return line[: len(stripped) + 1] if backslashes % 2 else stripped


def _parts(pattern: str) -> list[_Name | _Folders]:
    """The patterns of the names in a pattern for paths. Two asterisks instead of a name stand for any names."""
    parts: list[_Name | _Folders] = []
    tokens: list[_Token] = []
    place = 0
    while place < len(pattern):
        if pattern[place] == "*" and (place == 0 or pattern[place - 1] == "/"):
            end = place + _run(pattern, place)
            slash = 1 if pattern.startswith("/", end) else 2 if pattern.startswith("\\/", end) else 0
            if end > place + 1 and (slash or end == len(pattern)):
                parts.append(_Folders(0 if slash == 1 else 1))
                if not slash:
                    return parts
                place = end + slash
                continue
        token, place = _token(pattern, place)
        if token == "/":
            parts.append(_Name(tokens))
            tokens = []
        else:
            tokens.append(token)
    return [*parts, _Name(tokens)]


def _tokens(pattern: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while place < len(pattern):
        token, place = _token(pattern, place)
        tokens.append(token)
    return tokens


def _token(pattern: str, place: int) -> tuple[_Token, int]:
    """The token at `place`, and the place behind it."""
    letter = pattern[place]
    if letter == "*":
        return _STAR, place + _run(pattern, place)
    if letter == "?":
        return _ANY, place + 1
    if letter == "[":
        return _set(pattern, place + 1)
    if letter == "\\":
        return _escaped(pattern, place + 1), place + 2
    return letter, place + 1


def _run(pattern: str, place: int) -> int:
    """How many asterisks stand at `place`."""
    end = place
    while pattern.startswith("*", end):
        end += 1
    return end - place


def _escaped(pattern: str, place: int) -> str:
    if place >= len(pattern):
        raise _Never
    return pattern[place]


def _set(pattern: str, place: int) -> tuple[_Set, int]:
    """The set behind an opening bracket, and the place behind its closing one. A "]" in the first place is a member."""
    negated = pattern.startswith(("!", "^"), place)
    place += negated
    ranges: list[tuple[int, int]] = []
    before = ""  # the character that a range may begin with
    opening = place
    while (letter := _escaped(pattern, place)) != "]" or place == opening:
        if letter == "-" and before and place + 1 < len(pattern) and pattern[place + 1] != "]":
            place += 1 + (pattern[place + 1] == "\\")
            ranges.append((ord(before), ord(_escaped(pattern, place))))
            before = ""
        elif letter == "[" and pattern.startswith(":", place + 1):
            end = pattern.find("]", place + 2)
            if end < 0:
                raise _Never
            if end > place + 2 and pattern[end - 1] == ":":
                ranges += [(ord(member), ord(member)) for member in _posix_class(pattern[place + 2 : end - 1])]
                place, before = end, ""
            else:  # just a bracket and a colon
                ranges.append((ord(letter), ord(letter)))
                before = letter
        else:
            if letter == "\\":
                place += 1
                letter = _escaped(pattern, place)
            ranges.append((ord(letter), ord(letter)))
            before = letter
        place += 1
    return _merged(ranges, negated), place + 1


def _posix_class(name: str) -> str:
    if name not in _POSIX_CLASSES:
        raise _Never
    return _POSIX_CLASSES[name]


def _merged(ranges: list[tuple[int, int]], negated: bool) -> _Set:
    """The set of these ranges. A range from a later to an earlier character, such as [z-a], is empty."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(ranges):
        if first > last:
            continue
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return _Set(tuple(firsts), tuple(lasts), negated)


def _split(tokens: Sequence[_Token]) -> list[list[str | _Set]]:
    """The tokens, cut at the asterisks."""
    parts: list[list[str | _Set]] = [[]]
    for token in tokens:
        if isinstance(token, _Star):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _piece(tokens: list[str | _Set]) -> _Piece:
    letters = [token for token in tokens if isinstance(token, str)]
    return _Piece(tuple(tokens), "".join(letters) if len(letters) == len(tokens) else None)


def _fit(block: Sequence[_Name], names: Sequence[str], start: int) -> bool:
    return all(name.fits(names[start + place]) for place, name in enumerate(block))
