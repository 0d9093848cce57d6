"""Guesses the nominative of a Russian name from the ending of an unknown word.

The endings are those of names in a consonant, in -й or in -ь (Шольц, Шольца; Рамзай, Рамзая; Ридль, Ридля). Surnames in
-ов, -ев, -ин and -ын also have adjectival endings, for women and families (Ортина, Ортиной; Ортины, Ортиных). The cases of
a name in -а lead to the name without it, where they meet: Урресола, Урресолу, Урресолой.
"""

from __future__ import annotations

_CASES = {  # case endings by their last letter
    "а": ("а",), "е": ("е",), "и": ("ыми", "и"), "й": ("ой", "ей"), "м": ("ом", "ем", "ым"), "у": ("у",), "х": ("ых",), "ы": ("ы",),
    "ю": ("ю",), "я": ("я",),
}  # fmt: skip
_OF_ADJECTIVES = ("ыми", "ым", "ых")
_BEHIND_VOWEL = ("я", "ю", "ем", "е", "и")
_BEHIND_HARD = ("а", "у", "ы", "ом", "ой")
_ADJECTIVES = ("ому", "ему", "ую", "ской", "цкой")  # endings of adjectives rather than names
_SURNAMES = ("ов", "ев", "ин", "ын")
_VOWELS = "аеиоуыэюя"
_HUSHING = "жшчщц"  # after these и, е, ем stand for ы, э, ом
_BACK = "гкх"  # after these и stands for ы
_NEVER_LAST = "ьъй"  # no name has these right before its case ending
_SHORTEST = 3  # letters of the name; shorter words resemble too many others


def nominatives(word: str) -> tuple[str, ...]:
    """The names, at most two, of which a word may be a case other than the nominative. The word has е for ё.

    >>> nominatives("шольцем"), nominatives("рамзае"), nominatives("бюле"), nominatives("шольц")
    (('шольц',), ('рамзай',), ('бюл', 'бюль'), ())
    """
    case = next((case for case in _CASES.get(word[-1:], ()) if word.endswith(case)), "")
    if not case or word.endswith(_ADJECTIVES):
        return ()
    name = word[: len(word) - len(case)]
    last = name[-1:]
    if len(name) < _SHORTEST or last in _NEVER_LAST:
        return ()
    if case in _OF_ADJECTIVES:
        return (name,) if name.endswith(_SURNAMES) else ()
    if last in _VOWELS:
        return (name + "й",) if case in _BEHIND_VOWEL else ()
    if case in _BEHIND_HARD or last in _HUSHING or (case == "и" and last in _BACK) or name.endswith(_SURNAMES):
        return (name,)
    return (name, name + "ь") if case == "е" else (name + "ь",)
