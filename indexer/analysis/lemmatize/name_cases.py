"""Which name can a Russian word be a case of, by its ending alone?

The endings are those of names that end in a consonant, in -й or in -ь (Шольц, Шольца; Рамзай, Рамзая; Ридль, Ридля), and of
surnames in -ов, -ев, -ин, -ын, whose women and families decline as adjectives do (Ортина, Ортиной; Ортины, Ортиных). A name in
-а lends its cases to the name without it, so that they meet there: Урресола, Урресолу, Урресолой.
"""

from __future__ import annotations

_CASES = {  # by their last letter
    "а": ("а",), "е": ("е",), "и": ("ыми", "и"), "й": ("ой", "ей"), "м": ("ом", "ем", "ым"), "у": ("у",), "х": ("ых",), "ы": ("ы",),
    "ю": ("ю",), "я": ("я",),
}  # fmt: skip
_OF_ADJECTIVES = ("ыми", "ым", "ых")
_BEHIND_VOWEL = ("я", "ю", "ем", "е", "и")
_BEHIND_HARD = ("а", "у", "ы", "ом", "ой")
_ADJECTIVES = ("ому", "ему", "ую", "ской", "цкой")  # an adjective rather than a name
_SURNAMES = ("ов", "ев", "ин", "ын")
_VOWELS = "аеиоуыэюя"
_HUSHING = "жшчщц"  # behind these и, е, ем stand for ы, э, ом
_BACK = "гкх"  # behind these и stands for ы
_NEVER_LAST = "ьъй"  # a name never ends in these before its ending
_SHORTEST = 3  # letters of the name; shorter words are like too many others


def nominatives(word: str) -> tuple[str, ...]:
    """The names, at most two, of which a folded word may be a case other than the nominative; the same for the same word.

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
