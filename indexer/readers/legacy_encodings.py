"""Recognises old eight-bit code pages.

Russian has three: cp1251 (Windows), koi8-r (Unix and mail), cp866 (DOS). The same bytes are letters in all of them. Only
in the right one do letters follow one another as in Russian, and only there do capitals begin words. Text in Latin
letters is cp1252; for other texts charset-normalizer decides.
"""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

RUSSIAN_CODEPAGES = ("cp1251", "koi8-r", "cp866")

# How often the column's letter follows the row's in Russian prose. е and ё count as one; the blank comes last. 9 stands
# for one time in four, each step down for about half as often, 0 for never.
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя "
_FOLLOWS = """
057566572578770577733525530000569
704028107057368084170302154930066
802258058046469467460212600740048
702076007048169073170002100000007
826029318056478375470352403660257
166776563658784587720545550000439
840289309051284023060013000040207
957676526055687054160003103660268
247567465678773457701656530000469
000060000054462017600034400000009
905006208006069074570010000000008
812438508053148306360004000680678
820308008034378334180022010630059
911249008040078025470044030760367
067776655767773577713416530001449
700008007046049391460023100550054
945458528053469314671333420760466
727148116087667745950314301570387
807038007054169376260024011680258
266775761467750667702606650001739
800008009006438095574001000560117
806005006006469054360000200000009
906009007070208000080000000710308
800009008063174030970000500060006
804009009077376300570000000070005
800009009000052030070000000040004
000009002000000002000020000000894
057447331858860557700715610000009
041437055070572007400044610000669
001340030466550434902500100000005
080381330044450156800435570000409
035464563457670346700534350000449
578676567076787868764536410005050
""".split()
_BLANK = len(_LETTERS) - 1
_RANK = {letter: rank for rank, letter in enumerate(_LETTERS)} | {"ё": _LETTERS.index("е")}

# Marks that Russian typography uses beside the letters. Any other character of a high byte is unlikely in a text.
_MARKS = frozenset("«»—–“”„‘’…№\u00a0§•°©®™±·€")
_UNLIKELY = -9.0
_OTHER_LETTER = 2.0  # a Cyrillic letter that Russian lacks, as in a name
_CAPITAL_INSIDE = -9.0  # a capital right after a small letter: so koi8-r looks in cp1251, and the other way round
_CAPITAL_AFTER_CAPITAL = -0.75
_PLAUSIBLE = 4.5  # with a lower mean the letters are no Russian

_ENOUGH = 1500
"""Bytes above 127 that are scored: some 250 words. 20 letters already decide."""
_SEARCHED = 1 << 20

_RUN = re.compile(rb"[\x80-\xff]+")
_LETTERS_TOGETHER = re.compile(rb"[\xc0-\xff]{2,}")
_TWO_TOGETHER = re.compile(rb"[\x80-\xff]{2}")
_THREE_TOGETHER = re.compile(rb"[\x80-\xff]{3,}")
_ONE_ALONE = re.compile(rb"[A-Za-z][\x80-\xff](?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff][A-Za-z]")
_ASCII = bytes(range(0x80))
# The part of cp1252 that English, French, German and their neighbours use. It lacks the bytes that Central European,
# Baltic and Turkish code pages need for their own letters.
_WESTERN = bytes({*range(0xC0, 0x100)} - {0xD0, 0xDD, 0xDE, 0xF0, 0xFD, 0xFE}) + (
    b"\x80\x82\x84\x85\x8b\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9b\x9c\xa0\xa1\xa3\xa7\xa8\xa9\xab\xad\xae\xb0\xb1\xb2\xb4\xb7\xba\xbb\xbd\xbf"
)
# The answers that charset-normalizer may give. It also knows EBCDIC, but no file that reaches this point is EBCDIC.
_OTHERS = """
cp1250 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 iso8859_2 iso8859_5 koi8_u mac_cyrillic cp932 shift_jis euc_jp gb18030 big5
euc_kr cp949
""".split()


def guess_codepage(data: bytes) -> str | None:
    """The Python name of the code page, or None if none fits.

    `data` must be text in another encoding than UTF-8, with bytes above 127.
    """
    first = _RUN.search(data)
    if first is None:
        return None
    start = max(0, first.start() - 1)  # the letter before tells an accent from a word
    searched = data[start : start + _SEARCHED]
    sample = _sample(_RUN.finditer(searched))
    pairs = Counter(pairwise(sample))
    scores = {codepage: _score(pairs, codepage) for codepage in RUSSIAN_CODEPAGES}
    best = max(scores, key=scores.__getitem__)
    accents = _accents(searched[: 1 << 14])
    if scores[best] >= _PLAUSIBLE and not accents:
        return best
    if not searched.translate(None, _ASCII + _WESTERN) and (accents or not _LETTERS_TOGETHER.search(searched)):
        return "cp1252"
    return _ask_charset_normalizer(searched[: 1 << 16])


def _sample(runs: Iterator[re.Match[bytes]]) -> bytes:
    """Stretches of bytes above 127, each between blanks, about _ENOUGH bytes of them."""
    sample = bytearray(b" ")
    for run in runs:
        sample += run.group()[:_ENOUGH] + b" "
        if len(sample) > _ENOUGH:
            break
    return bytes(sample)


def _score(pairs: Mapping[tuple[int, int], int], codepage: str) -> float:
    """The mean score of the pairs of bytes in this code page: about 6.5 for Russian."""
    total = sum(count * _pair_score(left, right, codepage) for (left, right), count in pairs.items())
    return total / sum(pairs.values())


@lru_cache(maxsize=1 << 16)
def _pair_score(left: int, right: int, codepage: str) -> float:
    pair = bytes((left, right)).decode(codepage, "replace")
    before, after = pair[0], pair[1]
    if _unlikely(before) or _unlikely(after):
        return _UNLIKELY
    small = after.lower()
    rank_before = _rank(before.lower())
    rank_after = _rank(small)
    score = _OTHER_LETTER
    if rank_before is not None and rank_after is not None:
        score = float(_FOLLOWS[rank_before][rank_after])
    if after != small:
        if before.islower():
            score += _CAPITAL_INSIDE
        elif before.isupper():
            score += _CAPITAL_AFTER_CAPITAL
    return score


def _rank(character: str) -> int | None:
    return _RANK.get(character, None if character.isalpha() else _BLANK)


def _unlikely(character: str) -> bool:
    return not (character == " " or character in _MARKS or "\u0400" <= character <= "\u04ff")


def _accents(sample: bytes) -> bool:
    """Do the bytes above 127 stand alone, as accented letters and curly quotes do, rather than form words?"""
    together = sum(map(len, _THREE_TOGETHER.findall(sample)))
    return len(_ONE_ALONE.findall(sample)) > together or not _TWO_TOGETHER.search(sample)


def _ask_charset_normalizer(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    match = from_bytes(sample, cp_isolation=_OTHERS).best()
    return None if match is None else match.encoding
