"""Reads the text of a filter: the days of `date:` and `mtime:`, the language of `lang:`. `file_filters` reads those of files.

A date is what `dates` reads, a comparison (`>=2021-05`) or a range (`2021-01..2021-06`, `*` for an open end). A year or a month
stands for all of its days.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from naidi.indexer.errors import InvalidQuery
from naidi.indexer.late import lru_cache, pattern
from naidi.indexer.messages import message

from .lexer import Warn, read_anyway, shortened
from .nodes import DateRange, LanguageIs

if TYPE_CHECKING:
    import re

    from .dates import Impossible, Period

FILTER_FIELDS = {
    "date": "date",
    "lang": "lang",
    "language": "lang",
    "path": "path",
    "dir": "dir",
    "ext": "ext",
    "size": "size",
    "mtime": "mtime",
}
"""Name of a filter field -> kind of the filter. These names are known in every index."""

_LONGEST_OPERATOR = 8  # with blanks
_DAY = datetime.timedelta(days=1)
_COMPARISON = pattern(r"(>=|<=|>|<|=|≥|≤)")

_LANGUAGE_NAMES = {
    "en": "english eng английский англ",
    "ru": "russian rus русский рус",
}
_CODE_OF = {name: code for code, names in _LANGUAGE_NAMES.items() for name in names.split()}
_CODE = pattern(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")
_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_KNOWN_CODES = frozenset((*_ISO_639_1.split(), "und"))


@lru_cache(16)
def _alone(names: tuple[str, ...]) -> re.Pattern[str]:
    """A filter that stands by itself, with its sign. names: of fields of the application; with ".*" of all that begin so."""
    import re

    own = [re.escape(name) if not name.endswith(".*") else re.escape(name[:-1]) + r"[\w.]+" for name in names]
    return re.compile(
        rf"(?<!\S)(?:NOT\s+)?[+-]?(?i:{'|'.join([*FILTER_FIELDS, *own])}):"
        r"(?:[\[{][^\s\[\]{}]+\s+TO\s+[^\s\[\]{}]+[\]}]|\([^()\"]{1,200}\)|\"[^\"]{1,200}\"|[^\s()\"«»“”„‟]+)(?!\S)"
    )


def filters_alone(text: str, start: int = 0, names: Iterable[str] = ()) -> Iterator[str]:
    """The filters from `start` on of a text that is not read as a query, in order: those that stand by themselves.

    They narrow the whole. One beside an OR, or in brackets with other words, does not. Time is linear in the length of the text.
    names: of the fields of the application.
    """
    for found in _alone(tuple(names)).finditer(text, start):
        before = text[max(0, found.start() - _LONGEST_OPERATOR) : found.start()].split()[-1:]
        after = text[found.end() : found.end() + _LONGEST_OPERATOR].split()[:1]
        if "OR" not in (*before, *after):
            yield found[0]


def read_dates(text: str, warn: Warn) -> DateRange | None:
    """The days that the text names. None if it names none. `warn` is called with each warning for the user.

    Of an impossible date the part is taken that is possible: the year of 2023-13.
    """
    from .dates import Impossible, read_period

    def possible(value: str) -> Period | None:
        found = read_period(value)
        if not isinstance(found, Impossible):
            return found
        warn(warning_of(found))
        return found.around

    return _range(text.strip("[]{}"), possible, warn)


def warning_of(date: Impossible) -> str:
    """What is said of an impossible date in a query, which is read as the period around it."""
    return date.reason if date.around is None else read_anyway(date.reason, date.read_as)


def read_days(text: str) -> DateRange:
    """The days that the value of an option names: what may stand behind `date:`, but for impossible dates.

    Raises InvalidQuery for these, and for a text that is no date. The message is one line.
    """
    from .dates import Impossible, read_period

    def certain(value: str) -> Period | None:
        found = read_period(value)
        if isinstance(found, Impossible):
            raise InvalidQuery(found.reason)
        return found

    found = _range(text.strip(), certain, lambda _: None)
    if found is None or (found.since is None and found.until is None):
        raise InvalidQuery(
            message(
                "{text} is not a date: write 2021, 2021-05, 2021-05-29, 29.05.2021, May 2021, today, -7d or last month",
                text=shortened(text),
            )
        )
    return found


def _range(value: str, period: Callable[[str], Period | None], warn: Warn) -> DateRange | None:
    if ".." in value:
        first, _, last = value.partition("..")
        return _between(first, last, period, warn)
    compared = _COMPARISON.match(value)
    if value == "*":
        return DateRange()
    found = period(value[compared.end() :] if compared else value)
    if found is None:
        return None
    since, until = found
    match compared[0] if compared else "=":
        case ">=" | "≥":
            return DateRange(since, None)
        case "<=" | "≤":
            return DateRange(None, until)
        case ">":
            return DateRange(until + _DAY if until < datetime.date.max else until, None)
        case "<":
            return DateRange(None, since - _DAY if since > datetime.date.min else since)
        case _:
            return DateRange(since, until)


def _between(first: str, last: str, period: Callable[[str], Period | None], warn: Warn) -> DateRange | None:
    since = until = None
    if first not in ("", "*"):
        found = period(first)
        if found is None:
            return None
        since = found.first
    if last not in ("", "*"):
        found = period(last)
        if found is None:
            return None
        until = found.last
    if since is not None and until is not None and since > until:
        warn(
            read_anyway(
                message(
                    "the date range {first} TO {last} runs backwards", first=shortened(first), last=shortened(last)
                ),
                message("its ends are swapped"),
            )
        )
        return _between(last, first, period, warn)
    return DateRange(since, until)


def read_language(text: str, warn: Warn) -> LanguageIs | None:
    """The language of a code or a name. A region (`en-GB`) is ignored. None if the text can be neither."""
    value = text.casefold()
    if value in _CODE_OF:
        return LanguageIs(_CODE_OF[value])
    if value in _KNOWN_CODES:
        return LanguageIs(value)
    found = _CODE.fullmatch(value)
    if found is None:
        return None
    code = _CODE_OF.get(found[1], found[1])
    if code not in _KNOWN_CODES:
        warn(message("unknown language code {code}: use a code of ISO 639-1 such as en or ru", code=code))
    return LanguageIs(code)


def check_language(text: str) -> None:
    """Raises InvalidQuery for what is neither the code nor the name of a language."""
    found: list[str] = []
    if read_language(text, found.append) is None or found:
        raise InvalidQuery(
            message("unknown language {language}: use a code of ISO 639-1 such as en or ru", language=shortened(text))
        )
