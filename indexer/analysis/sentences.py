"""Finds where sentences begin and end, by rules for English and Russian prose, plain text and Markdown alike.

The rules need no dictionary. They look at a bounded stretch around each candidate, so the cost is linear for any text.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

from ..late import pattern
from ..typed import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

MAX_SENTENCE = 1000
"""The longest span, in code points. A longer sentence is cut at a blank, or inside a word if there is none."""

# A candidate for the end of a sentence: terminators with closing quotes and brackets, or white space that begins with a
# line end. The pattern begins with one set of characters, so the search is fast. Nothing may follow either run in the
# pattern: a failing tail would make a long run quadratic.
_CANDIDATE = pattern(r"[.!?…\n\r\f\u2028\u2029](?:(?<=[.!?…])[.!?…]*[\"'”’»)\]*_]*|\s*)")
_NOT_BLANK = pattern(r"\S")
_OPENED = pattern(r"[\s\"'“‘„«(\[*_—–-]+")
_LIST_ITEM = pattern(r"[-*+•·–—]\s|\d{1,3}[.)]\s|#{1,6}\s|[>|`=~]")
_LIST_MARKS = frozenset("-*+•·–—0123456789#>|`=~")
_LOOKAHEAD = 60
_LOOKBEHIND = 32
_NEAR = 120

# The length of lines that an editor wrapped. A line end behind a shorter or longer line ends a paragraph or a heading.
_WRAPPED_LINE = range(40, 111)

# Abbreviations before a name, a number or the rest of a phrase.
_BEFORE_NAME = frozenset(
    """
    dr mr mrs ms mx prof rev hon gen col capt lt sgt maj cmdr adm gov sen rep pres st mt ft messrs mme mlle
    vs viz cf fig figs eq sec ch vol vols ed eds op art dept univ approx
    jan feb mar apr jun jul aug sep sept oct nov dec no nos p pp
    проф акад доц канд докт инж ген полк подп кап лейт серж адм тов гр гос им ул пр-т просп пер пл бул наб ш обл р-н пос дер
    св преп архиеп еп митр прот о бр г-н г-жа гг-н см ср напр стр рис табл гл разд прил ст абз илл вып изд ред сост пер кн сб
    тел факс моб эл корп кв оф эт англ нем фр лат греч рус каз т.е т.н т.к т.о и.о в.о и.п
    """.split()
)
# Abbreviations that are also words, if not capitalised: "modern art. The", but "art. 5" and "Rep. Smith".
_WORDS_TOO = frozenset("no nos art fig figs rep ft sec ed op ch hon gen col ms p pp ст кв эт гр о ш".split())
# Abbreviations that may also end a sentence. The next word decides: see _STARTERS.
_EITHER = frozenset(
    """
    inc ltd co corp llc bros jr sr esq a.m p.m u.s u.k u.n e.u d.c ph.d b.c a.d m.d
    г гг в вв р руб коп долл тыс млн млрд трлн чел кг км м см мм га ч час мин сек н.э л с
    """.split()
)
# Words that, with a capital, hardly ever follow an abbreviation of _EITHER inside a sentence.
_STARTERS = frozenset(
    """
    the a an he she it they we i you this that these those there in on at by for from to as but and or so if when while after
    before since although however his her its their our my what who how why
    он она оно они мы я вы ты это этот эта эти тот та те в во на по за при после до от из у к с со о об для но а и или если когда
    как так также кроме однако затем тогда там здесь его её ее их наш мой что кто почему поэтому потом окончил окончила работал
    работала родился родилась
    """.split()
)
# Words at which no heading ends: the sentence goes on in the next line.
_UNFINISHED = frozenset(
    """
    the a an of in on at to for and or by with from as that is are was were be his her its their this these
    и а но или в во на с со к по из у о об от до для за при под над без что чтобы как не ни это его её ее их
    """.split()
)


def ruled_words() -> dict[str, int]:
    """For the compiled core: each word of the tables, and the tables that have it, as bits."""
    kinds: dict[str, int] = {}
    for bit, words in enumerate((_UNFINISHED, _BEFORE_NAME, _WORDS_TOO, _EITHER, _STARTERS)):
        for word in words:
            kinds[word] = kinds.get(word, 0) | 1 << bit
    return kinds


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The sentences of `text[start:end]`, lazily and in order, as (start, end) in code points of `text`.

    Spans do not overlap and are not empty. They begin and end with a character that is not blank, and are at most
    MAX_SENTENCE long. Only white space lies between spans. A blank line always ends a sentence. A single line end does
    so behind a heading or a line that was not wrapped, and before a list item. Any text is legal.
    """
    stop = len(text) if end is None else min(end, len(text))
    while (first := _NOT_BLANK.search(text, start, stop)) is not None:
        start = first.start()
        cut = _sentence_end(text, start, min(stop, start + MAX_SENTENCE), stop)
        yield start, start + len(text[start:cut].rstrip())
        start = cut


def sentence_start(text: str, position: int, floor: int = 0) -> int:
    """The start of the sentence around `position`; -1 if it lies before `floor`.

    Nothing before `floor` is read. A floor at the start of the text starts a sentence; another floor does not.
    """
    near = max(floor, position - _NEAR)
    # Mostly the start is near, so look there first.
    for low, high in ((near, position), (floor, near)):
        found = list(_CANDIDATE.finditer(text, low, high)) if low < high else []
        while found:
            begin, end = found.pop().span()
            if text[begin] in ".!?…":
                line = max(low, text.rfind("\n", low, begin) + 1)
                if text[end].isspace() and _is_end(text, line, begin, end, len(text)):
                    return skip_blanks(text, end, position)
            elif _breaks_here(text, found, low, begin, end):
                return skip_blanks(text, end, position)
    return skip_blanks(text, 0, position) if floor <= 0 else -1


def sentence_stop(text: str, start: int, position: int, ceiling: int) -> int:
    """The end of the sentence that begins at `start` and contains `position`; -1 if it lies past `ceiling`."""
    stop = len(text)
    line = -1
    for found in _CANDIDATE.finditer(text, position, min(ceiling, stop)):
        begin, end = found.span()
        if text[begin] in ".!?…":
            if end == stop or (text[end].isspace() and _is_end(text, start, begin, end, stop)):
                return end
        else:
            if line < 0:
                line = max(start, text.rfind("\n", start, position) + 1)
            if _is_break(text, line, begin, end, stop):
                return begin
            line = end
    return strip_blanks(text, position, stop) if ceiling >= stop else -1


def _breaks_here(text: str, found: list[re.Match[str]], floor: int, begin: int, end: int) -> bool:
    """Whether a sentence ends at the line end [begin, end). found: the candidates between `floor` and it."""
    settled = _settled(text, begin, end, len(text))
    if settled is not None:
        return settled or text[max(floor, text.rfind("\n", floor, begin) + 1)] == "#"
    line = floor
    for earlier in reversed(found):
        first, last = earlier.span()
        if text[first] not in ".!?…" or _is_end(text, floor, first, last, len(text)):
            line = skip_blanks(text, last, begin)
            break
    return _is_break(text, line, begin, end, len(text))


def skip_blanks(text: str, start: int, stop: int) -> int:
    """The offset of the first character in [start, stop) that is not blank, else `stop`."""
    while start < stop and text[start].isspace():
        start += 1
    return start


def strip_blanks(text: str, start: int, stop: int) -> int:
    """The end of [start, stop) without its trailing blanks."""
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return stop


def _sentence_end(text: str, start: int, limit: int, stop: int) -> int:
    """The end of the sentence that begins at `start`: at most `limit`, and at least one character further."""
    line = start
    position = start
    while (found := _CANDIDATE.search(text, position, limit)) is not None:
        position = found.end()
        if text[found.start()] in ".!?…":
            if _is_end(text, start, found.start(), position, stop):
                return position
        elif _is_break(text, line, found.start(), position, stop):
            return found.start()
        else:
            line = position
    if limit == stop:
        return stop
    # No end in sight: cut at the last blank of the second half. So every piece has at least half the length.
    half = (start + limit) // 2
    if text[limit].isspace():
        return limit
    tail = text[half:limit]
    words = tail.rsplit(None, 1)
    return half + len(tail) - len(words[1]) if len(words) == 2 else limit


def _is_break(text: str, line: int, start: int, end: int, stop: int) -> bool:
    """Does the white space [start, end), with a line end in it, end the sentence? line: the start of its last line."""
    settled = _settled(text, start, end, stop)
    if settled is not None:
        return settled or text[line] == "#"
    if text[line] == "#":
        return True
    if start - line in _WRAPPED_LINE and not _long_line(text, end, stop):
        return False
    before = text[max(line, start - _LOOKBEHIND) : start].split()
    return not before or (not before[-1].endswith((",", ";")) and before[-1].lower() not in _UNFINISHED)


def _settled(text: str, start: int, end: int, stop: int) -> bool | None:
    """Whether this white space ends a sentence; None if that depends on the line before it."""
    if end >= stop or (end - start > 1 and _blank_line(text[start:end])) or text[start] in "\f\u2029":
        return True
    if text[end] in _LIST_MARKS and _LIST_ITEM.match(text, end, stop):
        return True
    return False if text[end].islower() else None


def _long_line(text: str, start: int, stop: int) -> bool:
    """Is the line that begins at `start` too long for a wrapped line?"""
    return start + _WRAPPED_LINE.stop < stop and text.find("\n", start, start + _WRAPPED_LINE.stop) < 0


def _is_end(text: str, sentence: int, start: int, end: int, stop: int) -> bool:
    """Do the terminators and closing marks at [start, end) end the sentence that began at `sentence`?"""
    if end >= stop:
        return True
    after = text[end]
    if after == " " and end + 1 < stop and text[end + 1].isalpha():
        # The usual case; it needs none of the searches below.
        if text[end + 1].islower():
            return False
        if text[start] != "." or text[start + 1] in ".!?…":
            return True
        return not _is_abbreviation(text, sentence, start, text[end + 1 : min(end + _LOOKAHEAD, stop)])
    if not after.isspace():
        return False
    reach = min(end + _LOOKAHEAD, stop)
    opened = _OPENED.match(text, end, reach)
    follower = opened.end() if opened else end
    if follower == reach or _blank_line(text[end:follower]):
        return True
    if text[follower].islower():
        return False
    if text[start] != "." or text[start + 1] in ".!?…":
        return True
    return not _is_abbreviation(text, sentence, start, text[follower:reach])


def _is_abbreviation(text: str, sentence: int, period: int, ahead: str) -> bool:
    """Does the period belong to an abbreviation, an initial or an item number? ahead: the text that follows."""
    before = text[max(sentence, period - _LOOKBEHIND) : period]
    word = before[before.rfind(" ") + 1 :]
    if len(word) > 2 and word.isalpha() and (lower := word.lower()) not in _BEFORE_NAME and lower not in _EITHER:
        return False
    behind = before.split()
    if not behind:
        return False
    word = behind[-1].lstrip("\"'“‘„«([*_—–-")
    if len(behind) == 1 and period - sentence <= 4 and (word.isdigit() or len(word) == 1):
        return True  # an item number: "1. Introduction"
    lower = word.lower()
    measured = len(behind) > 1 and behind[-2][-1].isdigit()
    if lower in _BEFORE_NAME and not (measured and lower in _EITHER):
        return ahead[0].isdigit() or not (lower in _WORDS_TOO and word == lower)
    if lower in _EITHER and (len(word) > 1 or word.islower()):
        if lower in {"г", "с", "м"} and len(behind) > 1 and not measured:
            return True  # г. Алматы, с. Каскелен, м. Охотный Ряд
        follower = _first_word(ahead)
        return not follower or follower.lower() not in _STARTERS
    letters = word.split(".")
    if not all(len(letter) == 1 and letter.isalpha() for letter in letters):
        return False
    if word == "I" and len(behind) > 1 and behind[-2].islower():
        return False  # "older than I. He" beside "I. Newton"
    return word[-1].isupper()  # initials: А. С. Пушкин, J.R.R. Tolkien; but not: и т. д. Затем


def _first_word(text: str) -> str:
    """The word with which a text begins, as `\\w+` finds it; "" for none."""
    for place, character in enumerate(text):
        if not character.isalnum() and character != "_":
            return text[:place]
    return text


def _blank_line(space: str) -> bool:
    """Does the white space hold an empty line or a page end?"""
    return space.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1 or "\f" in space or "\u2029" in space
