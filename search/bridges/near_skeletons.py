"""The skeletons that spellings of a word in the other alphabet may have (see `naidi.indexer.analysis.skeleton`).

The first is the word's own skeleton. Many letters have several readings: ch is ч, х, к or т; х is h, ch, j or nothing. The
other skeletons have one or two letters in another reading. The table has only readings that change the skeleton.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from naidi.indexer.analysis.skeleton import CLASS_TABLE, CLASSES, FIRST_CYRILLIC, UNIT_SYMBOLS, classes

if TYPE_CHECKING:
    from naidi._core import Skeletons as CoreSkeletons

MOST = 96  # skeletons of a word

_END = "$"
_VOWELS = "aeiouyаеиоуыэюяй"

# letter, before, after, other readings. Before and after: the neighbours that the row asks for (* for any, V for a vowel, $
# for an end of the word). Readings: classes, 0 for nothing, "." for no other reading. The first row that fits counts.
_READINGS = """
c * h T H K
c * eiy K
c * * S
q * * S
u q * V
k $ n 0
j * * S H
x * * H
s * $ 0
s * lp 0
z r * 0
r * z 0
g * eiy S H D 0
g * h 0 H GH F
g * ln 0
g d * S
g * g S
g n * 0
k * h K KH
k * e 0
h r * H
h sczptkg * .
h * * H G 0
w * * V 0
v * * F
f * * V
b * * V
u ea * V
t * $ 0
d * $ 0
r ei $ 0
t * h F S TH
p * h P
t * i S
t * y S
đ * * S
d * g D 0
l l * .
l * l 0
n o $ NT
n * $ 0
ł * * V
ж д * .
з д * .
д * ж 0 G D
д * з 0 D
ж * * 0 G
ц * * K T
ч * ч K
ч * * K T
ш * * 0
т н $ 0 D
т * еиёюя S
т * * D
к * с KS
к * * S
х * * 0 S K
г * * H 0 S
в * * 0 F
у * аеиоуэ V
у аоэ * V
ф * * T V
н * бпм N
н * ье GN
л * ь GL
й V V L
с * $ T 0
м * б N
"""

# Classes that the Latin spelling may have at its end, though nothing is heard: Моне is Monet, Флавий is Flavius.
_SILENT_ENDS = {"vowel": ["S", "T", "R", "D", "H", "V"], "н": ["G", "S"], "other": ["S"]}


def _by_letter() -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    found: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    around = {"*": "", "V": _VOWELS}
    for line in _READINGS.strip().splitlines():
        letter, before, after, *readings = line.split()
        row = (
            around.get(before, before),
            around.get(after, after),
            tuple(each.strip("0") for each in readings if each != "."),
        )
        found.setdefault(letter, []).append(row)
    return found


_OF_LETTER = _by_letter()


@cache
def core_skeletons() -> CoreSkeletons:
    """The tables for the compiled core."""
    from naidi._core import Skeletons as CoreSkeletons

    def numbers(readings: Iterable[str]) -> tuple[bytes, ...]:
        return tuple([bytes([CLASSES.index(name) + 1 for name in reading]) for reading in readings])

    rows = tuple(
        [
            (letter, before, after, numbers(readings))
            for letter, of_letter in _OF_LETTER.items()
            for before, after, readings in of_letter
        ]
    )
    ends = dict.fromkeys(_VOWELS + "ь", "vowel") | {letter: letter for letter in _SILENT_ENDS if len(letter) == 1}
    return CoreSkeletons(
        UNIT_SYMBOLS,
        CLASS_TABLE,
        FIRST_CYRILLIC,
        rows,
        {letter: numbers(_SILENT_ENDS[kind]) for letter, kind in ends.items()},
        numbers(_SILENT_ENDS["other"]),
    )


def near_skeletons(word: str, *, changes: int = 2) -> list[str]:
    """The skeleton of a case-folded word, then those with up to `changes` letters in another reading; at most MOST."""
    own = classes(word)
    own = [name if name != before else "" for before, name in zip(["", *own], own, strict=False)]
    others: list[tuple[int, str]] = []
    last = len(word) - 1
    for place, letter in enumerate(word):
        for before, after, readings in _OF_LETTER.get(letter, ()):
            if (not before or (word[place - 1] if place else _END) in before) and (
                not after or (word[place + 1] if place < last else _END) in after
            ):
                others += [
                    (place, reading)
                    for reading in readings
                    if reading != own[place] and not (reading and place and reading == own[place - 1])
                ]
                break
    if word and "а" <= word[-1] <= "я":
        kind = "vowel" if word[-1] in _VOWELS + "ь" else word[-1] if word[-1] in _SILENT_ENDS else "other"
        others += [(len(word), reading) for reading in _SILENT_ENDS[kind]]
    own.append("")
    found = {_joined(own): None}
    for count in range(1, changes + 1):
        for chosen in combinations(others, count):
            if count > 1 and len({place for place, _ in chosen}) < count:
                continue
            changed = own.copy()
            for place, reading in chosen:
                changed[place] = reading
            found[_joined(changed)] = None
            if len(found) >= MOST:
                return list(found)
    return list(found)


def _joined(readings: list[str]) -> str:
    """The skeleton. Equal neighbours count once."""
    found = before = ""
    for reading in readings:
        if reading != before:
            found += reading
        before = reading
    return found
