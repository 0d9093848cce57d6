"""Russian spelling before 1918: the words of today behind «хлѣбъ», «Ѳеодоръ», «исторія», «добраго», «разсказъ».

ѣ, ѳ, ѵ and ъ at the end of a word stand in no word of today, so they show an old spelling. і shows one only where the old rule
puts it, before a vowel or й, and if the dictionary has the word with и: elsewhere it is a letter of Ukrainian, Belarusian and
Kazakh. Old endings and prefixes are read so only where the dictionary lacks the word as it stands and has it as written today.
Source: Я. К. Грот, «Русское правописание», and the decree of 10 October 1918.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...late import pattern

_LETTERS = str.maketrans("ѣѳѵі", "ефии")
_OLD = pattern("[ѣѳѵ]|.ъ$")
_I_OF_RUSSIAN = pattern("(?:[^і]|і(?=[аеёиоуыэюяйѣѵ]))*").fullmatch
_RUSSIAN = pattern("[а-яёіѣѳѵ]+").fullmatch
_HUSHING = "жшчщц"
_PREFIX = pattern("(?:без|воз|из|низ|раз|чрез|через)(?=[кпстфхцчшщ])").match
_SHORTEST_STEM = 2  # letters before an old ending
_SHORTEST_WITH_I = 4  # letters; мій is Ukrainian
_OTHER_WORDS = {"онѣ": "они", "однѣ": "одни", "однѣхъ": "одних", "однѣмъ": "одним", "однѣми": "одними"}


def is_old(form: str) -> bool:
    """Whether the letters of a case-folded word show that its spelling is of before 1918.

    >>> is_old("хлѣбъ"), is_old("исторія"), is_old("подъезд")
    (True, False, False)
    """
    return _OLD.search(form) is not None and _RUSSIAN(form) is not None


def plain(form: str) -> str:
    """The word in the letters of today, without ъ at the end.

    >>> plain("ѳеодоръ"), plain("еѵангеліе")
    ('феодор', 'евангелие')
    """
    return form.replace("еѵа", "ева").translate(_LETTERS).removesuffix("ъ")


def modern(form: str, knows: Callable[[str], bool]) -> str | None:
    """The word as it is written today; None if the spelling is not old, or no word of today is behind it.

    Parameters:
      form: a case-folded word in Cyrillic letters that the dictionary lacks.
      knows: whether the dictionary has a word.

    >>> knows = {"добрые", "рассказ", "история"}.__contains__
    >>> modern("добрыя", knows), modern("разсказъ", knows), modern("исторія", knows), modern("мрія", knows)
    ('добрые', 'рассказ', 'история', None)
    """
    certain = is_old(form)
    if not certain and "і" in form and not (len(form) >= _SHORTEST_WITH_I and _I_OF_RUSSIAN(form) and _RUSSIAN(form)):
        return None
    if form in _OTHER_WORDS:
        return _OTHER_WORDS[form]
    today = plain(form)
    for word in _spellings(today, certain or "і" in form):
        if word and word != form and knows(word):
            return word
    return today if certain else None


def _spellings(word: str, has_old_letters: bool) -> Iterator[str]:
    """The word, and what it would be today if its ending or its prefix is old."""
    yield word
    ended = _with_ending(word, has_old_letters)
    if ended is not None:
        yield ended
    prefix = _PREFIX(word)
    if prefix:
        for each in (word, ended):
            if each is not None:
                yield f"{prefix[0][:-1]}с{each[prefix.end() :]}"


def _with_ending(word: str, has_old_letters: bool) -> str | None:
    """добраго: доброго. лучшаго, синяго: лучшего, синего. добрыя, синія: добрые, синие. None without such an ending."""
    stem = word[:-3]
    if len(stem) >= _SHORTEST_STEM and word.endswith(("аго", "яго")):
        return f"{stem}{'его' if word[-3] == 'я' or stem[-1] in _HUSHING else 'ого'}"
    if len(word) > _SHORTEST_STEM + 2 and word.endswith(("ыя", "ия") if has_old_letters else "ыя"):
        return f"{word[:-1]}е"
    return None
