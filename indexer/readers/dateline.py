"""Finds the dateline at the start of a news story.

A dateline names the place, the day and the agency: `Астана. 11 декабря. KAZAKHSTAN TODAY -`, `LONDON (Reuters) -`,
`МОСКВА, 5 мая — РИА Новости.` It is recognised by its shape. A name and a dash alone are none («Москва — столица
России»). There must be a day or an agency, or a place in capitals with a new sentence behind the dash.
"""

from __future__ import annotations

import re

_CAPITAL = "A-ZА-ЯЁӘҒҚҢӨҰҮҺІ"
_GAP = r"[ \t\u00a0]+"
_NAME = rf"[{_CAPITAL}][\w’'-]{{1,24}}"
_MONTH = (
    r"(?:янв(?:аря|\.)?|фев(?:раля|р?\.?)|мар(?:та|т|\.)?|апр(?:еля|\.)?|ма[яй]|июн[яь]?|июл[яь]?|авг(?:уста|\.)?|сен(?:тября|т?\.?)"
    r"|окт(?:ября|\.)?|ноя(?:бря|б?\.?)|дек(?:абря|\.)?|jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?"
    r"|aug(?:ust|\.)?|sep(?:tember|t?\.?)|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_YEAR = r"\d{4}(?:[ \u00a0]?(?:г\.|года))?"
_DAY = (
    rf"(?i:(?:\d{{1,2}}{_GAP}{_MONTH}|{_MONTH}{_GAP}\d{{1,2}})(?:,?{_GAP}{_YEAR})?"
    r"|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)"
)
_KNOWN_AGENCY = (
    r"(?:ИТАР-ТАСС|ТАСС|РИА[ \u00a0][«\"]?Новости[»\"]?|Интерфакс|Регнум|REGNUM|КазТАГ|КАЗТАГ|Казинформ|КАЗИНФОРМ|Sputnik"
    r"|Reuters|REUTERS|AFP|AP|UPI|Xinhua|XINHUA|Bloomberg|Interfax|INTERFAX|TASS|Kazinform|KAZINFORM|KazTAG"
    r"|[A-Za-z]\w{1,20}\.(?:ru|kz|com|RU|KZ|COM))(?:-[А-Я]\w{1,20})?(?!\w)"
)
_CAPITALS = rf"[{_CAPITAL}][{_CAPITAL}.’'-]{{3,24}}(?:[ /][{_CAPITAL}][{_CAPITAL}.’'-]{{1,24}}){{0,3}}(?![\w])"
_AGENCY = rf"(?:{_KNOWN_AGENCY}|{_CAPITALS})"
_PLACE = (
    rf"(?!(?:Сегодня|Вчера|Завтра|Today|Yesterday|Tomorrow|On)\b){_NAME}(?:[ /]{_NAME}){{0,3}}"
    rf"(?:,{_GAP}(?!(?i:{_MONTH})\b|{_KNOWN_AGENCY})(?:(?:[A-Z]\.){{2,3}}|{_NAME}(?:[ ]{_NAME}){{0,2}}\.?))?"
)
_DASH = r"[ \t\u00a0]*(?:--|[-–—])[ \t\u00a0]+(?=\S)"
_NEW_SENTENCE = rf"(?=[«\"“]?[{_CAPITAL}\d])"
_END = rf"(?:{_DASH}|\.?{_GAP}{_NEW_SENTENCE}|\.?[ \t]*\n\s*)"
_FULL_STOP = rf"(?:{_DASH}|\.{_GAP}{_NEW_SENTENCE}|\.?[ \t]*\n\s*)"

_BEFORE_MARKS = rf"(?:{_PLACE}[.,]?{_GAP})?(?:{_DAY}[.,]?{_GAP})?"
_DATELINE = re.compile(
    "|".join(
        (
            # МОСКВА, 5 мая. /ТАСС/.    BEIJING, Dec. 11 (Xinhua) --
            rf"{_BEFORE_MARKS}(?:/[^/\n]{{2,40}}/{_END}|\({_KNOWN_AGENCY}\){_END})",
            rf"(?:{_CAPITALS}|{_PLACE}[.,]?{_GAP}{_DAY})[.,]?{_GAP}\([{_CAPITAL}][^()\n]{{1,40}}\){_DASH}",
            # МОСКВА, 5 мая — РИА Новости, Иван Петров.
            rf"{_PLACE}[.,]{_GAP}{_DAY}{_DASH}{_KNOWN_AGENCY}(?:,{_GAP}{_NAME}(?:[ ]{_NAME}){{0,2}})?[.:]{_GAP}",
            # Астана. 11 декабря. KAZAKHSTAN TODAY -    LONDON, March 3 -
            rf"{_PLACE}[.,]{_GAP}{_DAY}(?:[.,]?{_GAP}{_AGENCY}{_END}|{_FULL_STOP})",
            # НУР-СУЛТАН. КАЗИНФОРМ –    Reuters -    ЛОНДОН — Банк Англии
            rf"{_PLACE}[.,]{_GAP}{_AGENCY}{_DASH}",
            rf"(?:{_KNOWN_AGENCY}|{_CAPITALS}){_DASH}{_NEW_SENTENCE}",
        )
    )
)


def dateline_end(text: str, start: int = 0) -> int:
    """The offset of the first character behind the dateline at `start`; `start` if there is none."""
    found = _DATELINE.match(text, start)
    return found.end() if found else start
