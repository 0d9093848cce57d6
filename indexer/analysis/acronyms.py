"""Finds the acronyms that a text defines: «Всемирная организация здравоохранения (ВОЗ)», "WHO (World Health Organization)".

The long form stands beside the acronym, and one of the two is in round brackets. The letters of the acronym occur in the
long form in order, and the long form has at most min(n + 5, 2 n) words for n letters. So far this is Schwartz and Hearst,
"A simple algorithm for identifying abbreviation definitions in biomedical text", PSB 2003.

Further rules keep wrong pairs out, because a wrong pair would hurt every later query. A word with meaning gives its first
letter; if it gives none, that has a price, and the last word must give one. A letter from inside a word has a price too.
More than half of the letters are first letters. The price of a pair must be lower than the length of the acronym.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .normalize import abbreviation_base, clean, fold_yo
from .tokenizer import WORD, forms

MAX_LETTERS = 10
"""A longer run of capitals is a word in capitals, no acronym."""

_QUOTES = "\"'“”„«»*_`"
_CAPITAL = "A-ZА-ЯЁ"
_SMALL_LETTER = "a-zа-яё"
_LETTER = f"{_CAPITAL}{_SMALL_LETTER}0-9"
# «МВД РК» is two acronyms, each with its own part of the long form.
_ACRONYM = rf"[{_CAPITAL}][{_SMALL_LETTER}]{{0,3}}[{_CAPITAL}0-9][{_LETTER}]{{0,{MAX_LETTERS}}}(?:[ \u00a0][{_CAPITAL}]{{2,5}})?"
_INTRODUCED = (
    r"(?:далее(?: также| по тексту| именуем\w{2,4})?|(?:сокр|англ|abbr|аббр)\.|сокращ[её]нн?о|аббревиатура|или|"
    r"abbreviated(?: as| to)?|hereinafter|hereafter|or|the|also|also known as|known as)[ \u00a0]?[,:—–-]?[ \u00a0]?"
)
# The pattern begins with a literal, so a text without brackets costs next to nothing. Other brackets fail at their first
# characters.
_BRACKET = re.compile(
    rf"\((?<=\s\()(?:(?:{_INTRODUCED})?[{_QUOTES}]{{0,2}}({_ACRONYM})[{_QUOTES}]{{0,2}}(?=[),;])"
    rf"|(?:(?<=[{_LETTER}][{_CAPITAL}]\s\()|(?<=[{_CAPITAL}][0-9{_QUOTES}s]\s\()|(?<=\*\*\s\())([^()]{{5,160}})\))"
)
_ACRONYM_BEFORE = re.compile(rf"(?<![\w.&/-])({_ACRONYM})[{_QUOTES}]{{0,2}}\s$")
_ORIGIN = re.compile(
    r"\s*(?:(?:сокр(?:\.|ащ\w+)|аббр(?:\.|евиатура)|от|англ\.|англ|рус\.|лат\.|фр\.|нем\.|short for|stands for|stand for|"
    r"abbreviation of|i\.e\.|that is|то есть|т\.\s?е\.|the|from|или|or)[,:]?\s+)*[\"'“”„«»*_`]*"
)
_END_OF_FORM = re.compile(r"\s?[,;:=]|\s[—–-]\s")

# What may stand between two words of a long form, and behind the last word.
_BETWEEN = re.compile(rf"[-‑/&]|(?=\S*\s)[{_QUOTES}]{{0,2}},?[ \u00a0\t]?(?:& )?\n?[ \u00a0\t]*[{_QUOTES}]{{0,2}}")
_LAST_WORD = re.compile(rf"(?<![^\W_])([^\W_][^\W_’']*)[’'s]*[{_QUOTES}]{{0,2}}\s+$")
_BEHIND = re.compile(rf"[{_QUOTES}]{{0,2}}\s{{1,2}}")

# Words that an acronym may skip or count.
_SMALL = frozenset(
    """
    of the and for in on to at by a an with from as or de du des la le et di y und der die von
    и или по в во на для с со о об от из до при за к у над под не
    """.split()
)
_CHARACTERS_A_WORD = 20  # with its blank: how far before a bracket to look for each word
_LONGEST_LAST_WORD = 40
# Prices, in multiples of _UNIT: a letter from inside a word; one right behind the letter before; an addition for the last
# letter of the acronym, which may belong to a word left out ("Azure Kubernetes (AKS)"); a word that gives no letter. The
# remainder of a price modulo _UNIT counts the letters that are not first letters.
_UNIT = 64
_INSIDE, _NEXT, _LAST, _PASSED_OVER = 2 * _UNIT + 1, _UNIT + 1, _UNIT, 3 * _UNIT
_NEVER = 99 * _UNIT


class Definition(NamedTuple):
    """A definition in a text.

    acronym: its letters, without a case ending.
    long_form: as written, with single blanks.
    """

    acronym: str
    long_form: str


def definitions(text: str) -> list[Definition]:
    """The definitions in a text, in their order, each pair once."""
    found: dict[Definition, None] = {}
    for bracket in _BRACKET.finditer(text):
        acronym, inside = bracket.groups()
        if acronym is not None:
            pairs = _before_bracket(text, bracket.start(), acronym)
        else:
            pairs = _in_bracket(text, bracket.start(), inside)
        found.update(dict.fromkeys(pairs))
    return list(found)


def stored(definition: Definition) -> tuple[str, str]:
    """(acronym, long form) as forms of the index. Single blanks join the words."""
    long_form = definition.long_form
    if long_form.isupper():
        long_form = long_form.lower()  # a headline
    return " ".join(forms(definition.acronym)), " ".join(forms(long_form))


class _AcronymWord(NamedTuple):
    text: str  # case kept
    start: int
    end: int


def _before_bracket(text: str, bracket: int, acronym: str) -> list[Definition]:
    parts = acronym.split()
    bases = [_letters_of(part) for part in parts]
    last = _LAST_WORD.search(text, max(0, bracket - _LONGEST_LAST_WORD), bracket)
    # The last word must give its first letter. Most brackets fail here.
    if last is None or not all(bases):
        return []
    folded = fold_yo(last[1].casefold())
    if not any(_begins(letter, folded) for letter in fold_yo(bases[-1].casefold())):
        return []
    start = max(0, bracket - _CHARACTERS_A_WORD * _most_words(sum(map(len, bases))))
    start = max(start, *[text.rfind(end, start, bracket) + 1 for end in "().:;!?"])
    words = _words_before(text, start, bracket)
    pairs: list[Definition] = []
    for part, base in zip(reversed(parts), reversed(bases), strict=True):
        if words and words[-1].text == part:
            words.pop()  # Министерство иностранных дел РФ (МИД РФ)
            continue
        first = _alignment(base, words)
        if first is None:
            # In «Минздрав (МЗ РК)» neither half is certain.
            return []
        pairs.append(_definition(base, text, words[first:]))
        words = words[:first]
    return pairs[::-1]


def _in_bracket(text: str, bracket: int, inside: str) -> list[Definition]:
    before = _ACRONYM_BEFORE.search(text, max(0, bracket - 2 * MAX_LETTERS), bracket)
    base = _letters_of(before[1]) if before else ""
    origin = _ORIGIN.match(inside)
    skipped = origin.end() if origin else 0
    if not base or not _begins(fold_yo(base[0].casefold()), fold_yo(inside[skipped : skipped + 2].casefold())):
        return []
    start, end = bracket + 1 + skipped, bracket + 1 + len(inside)
    cut = _END_OF_FORM.search(text, start, end)
    for stop in (end, cut.start()) if cut else (end,):
        words = _words_before(text, start, stop, at_bracket=False)
        if words and words[0].start == start and _alignment(base, words) == 0:
            return [_definition(base, text, words)]
    return []


def _letters_of(acronym: str) -> str:
    """The bare acronym, or "" if it is none. At least half of its letters must be capitals, and at least two."""
    acronym = clean(acronym)
    base = abbreviation_base(acronym) or acronym
    if base[-1] == "s" and base[:-1].isupper():
        base = base[:-1]
    capitals = sum(map(str.isupper, base))
    return base if capitals >= 2 and 2 * capitals >= len(base) and len(base) <= MAX_LETTERS else ""


def _words_before(text: str, start: int, end: int, *, at_bracket: bool = True) -> list[_AcronymWord]:
    """The words between `start` and `end` that may belong to a long form which ends at `end`."""
    words: list[_AcronymWord] = []
    for found in WORD.finditer(text, start, end):
        if words and not _BETWEEN.fullmatch(text, words[-1].end, found.start()):
            words.clear()
        words.append(_AcronymWord(found[0], found.start(), found.end()))
    if words:
        rest = text[words[-1].end : end]
        if not _BEHIND.fullmatch(rest) if at_bracket else rest.strip(_QUOTES + " \n."):
            return []
        if words[0].start == start and start and text[start - 1].isalnum():
            del words[0]  # cut by the window
    return words


def _alignment(acronym: str, words: Sequence[_AcronymWord]) -> int | None:
    """The index of the first word of the long form, which runs to the last word; None if there is no long form."""
    letters = fold_yo(acronym.casefold())
    count = len(letters)
    offset = max(0, len(words) - _most_words(count))
    # best[k]: the lowest price of finding letters[k:] in the words seen so far, from the last word backwards.
    best = [_NEVER] * count + [0]
    chosen, price = None, count * _UNIT
    for index in range(len(words) - 1, offset - 1, -1):
        word = words[index].text
        folded = fold_yo(word.casefold())
        if folded == letters:
            break
        small = folded in _SMALL
        passed = 0 if small else _PASSED_OVER if index < len(words) - 1 else _NEVER
        now = [cost + passed for cost in best]
        for first in range(count):
            if _begins(letters[first], folded):
                for taken, cost in _prices(letters, first, word, folded, small):
                    now[first] = min(now[first], best[taken] + cost)
        fits = now[0] < price and 2 * (now[0] % _UNIT) < count
        if fits and not small and _begins(letters[0], folded) and _is_long_form(words[index:], letters):
            chosen, price = index, now[0]
        best = now
    return chosen


def _most_words(letters: int) -> int:
    return min(letters + 5, 2 * letters)


def _begins(letter: str, folded: str) -> bool:
    return folded[:1] == letter or (letter == "x" and folded[:2] == "ex")


def _prices(letters: str, first: int, word: str, folded: str, small: bool) -> list[tuple[int, int]]:
    """(end of the letters that the word gives, their price) for each choice: the first letter, and letters from inside."""
    found = [(first + 1, 0)]
    if small:
        return found
    place = 1 if letters[first] == folded[0] else 2
    price = 0
    mixed = not word.isupper() and len(folded) == len(word)
    for taken in range(first + 1, len(letters)):
        letter = letters[taken]
        capital = word.find(letter.upper(), place) if mixed else -1
        at = capital if capital >= 0 else folded.find(letter, place)
        if at < 0:
            break
        if capital < 0:
            price += _NEXT if at == place else _INSIDE + (_LAST if taken + 1 == len(letters) else 0)
        place = at + 1
        found.append((taken + 1, price))
    return found


def _is_long_form(words: Sequence[_AcronymWord], letters: str) -> bool:
    """Whether there are two words with meaning, or one whose capitals are the acronym (JavaScript, JS)."""
    meant = [word.text for word in words if fold_yo(word.text.casefold()) not in _SMALL]
    return len(meant) > 1 or "".join(filter(str.isupper, meant[0])).casefold() == letters != meant[0].casefold()


def _definition(acronym: str, text: str, words: Sequence[_AcronymWord]) -> Definition:
    written = " ".join(text[words[0].start : words[-1].end].split())
    return Definition(acronym, written[:-2] if written.endswith(("'s", "’s")) else written)
