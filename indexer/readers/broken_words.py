"""Joins words that a hyphen breaks at the end of a line, as in typeset pages: `пере-⏎носимое` is переносимое.

The same sign may belong to the word: `санитарно-⏎медицинский`. What the rest of the text does with the word decides. Else the
hyphen stays only where a rule knows it: a compound adjective, `кто-то`, `self-`. Most hyphens at line ends break words, so
others go.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_LETTER = r"[^\W\d_]"
# Hyphens at line ends, as typesetters and pdfium write them. What follows the right part moves up with it.
_BREAK = re.compile(rf"(?:[-\u2010\u00ad]\n|[\ufffe\x02]\n?)({_LETTER}+)(\S*)[ \t]?")
# The left part must be a whole word: no part of an address or of a number.
_LEFT = re.compile(rf"(?:^|[\s(\[«„“\"'—–])({_LETTER}+(?:-{_LETTER}+)*)$")
_LONGEST = 60
_WORD = re.compile(rf"{_LETTER}+(?:-{_LETTER}+)?")
_EVIDENCE = 2_000_000  # code points that are searched for the words in question
_SUSPENDED = frozenset("и или либо and or und bis до к".split())  # двух- и трёхэтажный
_ENCLITICS = frozenset("то либо нибудь таки ка де".split())
_KEPT_BEFORE = frozenset(
    """
    self well ill non ex all half quasi vice
    кое кой вице экс пол северо юго западно восточно обер унтер штаб лейб
    """.split()
)
# научно-технический, медико-санитарный: an adjective's stem, then an adjective. Short stems break as равно-мерный does.
_STEM = re.compile(r"(?:но|ско|цко|ико)$")
_ADJECTIVE = re.compile(r".{3,}(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ом|ем|ую|юю|ых|их|ыми|ими)$")
_MIN_STEM = 6


def join_broken_words(pages: Sequence[str]) -> list[str]:
    """The pages with their broken words joined. Lines end with "\\n". The rest of a word moves up to its first part."""
    breaks = [list(_BREAK.finditer(page)) for page in pages]
    lefts = [[_left(page, found.start()) for found in each] for page, each in zip(pages, breaks, strict=True)]
    in_question: set[str] = set()
    for each, left_parts in zip(breaks, lefts, strict=True):
        for found, left in zip(each, left_parts, strict=True):
            in_question |= {f"{left}{found[1]}".lower(), f"{left}-{found[1]}".lower()} if left else set()
    evidence: Counter[str] = Counter()
    length = 0
    for page in pages if in_question else ():
        evidence.update(filter(in_question.__contains__, _WORD.findall(page.lower())))
        if (length := length + len(page)) > _EVIDENCE:
            break
    return [_joined(*each, evidence) if each[1] else each[0] for each in zip(pages, breaks, lefts, strict=True)]


def _left(page: str, end: int) -> str:
    """The word before the hyphen at `end`; empty if what stands there is no word."""
    found = _LEFT.search(page[max(0, end - _LONGEST) : end])
    return found[1] if found else ""


def _joined(page: str, breaks: list[re.Match[str]], lefts: list[str], evidence: Counter[str]) -> str:
    parts = []
    position = 0
    for found, left in zip(breaks, lefts, strict=True):
        right, rest = found.groups()
        parts.append(page[position : found.start()])
        if not left or right in _SUSPENDED:
            parts += ("-\n", page[found.start(1) : found.end()])
        else:
            parts += (
                "-" if _keeps_hyphen(left, right, evidence) else "",
                right,
                rest,
                "" if page[found.end() : found.end() + 1] == "\n" else "\n",
            )
        position = found.end()
    return "".join([*parts, page[position:]])


def _keeps_hyphen(left: str, right: str, evidence: Counter[str]) -> bool:
    if "-" in left or not (left[-1].islower() and right[0].islower()):
        return True
    left, right = left.lower(), right.lower()
    whole, compound = evidence[left + right], evidence[f"{left}-{right}"]
    if whole != compound:
        return compound > whole
    if right in _ENCLITICS or left in _KEPT_BEFORE:
        return True
    return len(left) >= _MIN_STEM and bool(_STEM.search(left) and _ADJECTIVE.match(right))
