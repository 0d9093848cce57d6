"""Which key was pressed, whatever the keyboard layout? A Russian н stands on the key of y, so it does what y does."""

from __future__ import annotations

import unicodedata

from textual.binding import Binding, BindingType

from ..bridges.keyboard import turned

_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
# Names of keys on which such a letter stands, where they are no letters in the Latin layout.
_SIGNS = {"[": "left_square_bracket", "]": "right_square_bracket", ".": "full_stop", ",": "comma"}


def _names() -> dict[str, str]:
    """Name of a key with a Russian letter, as textual calls it -> name of the key with the Latin one."""
    names = {}
    for letter in _RUSSIAN + _RUSSIAN.upper():
        latin = turned(letter)
        assert latin is not None
        named = unicodedata.name(letter).lower().replace(" ", "_").replace("-", "_")
        for russian in (letter, named):
            names[russian] = _SIGNS.get(latin, latin)
    return names


_LATIN = _names()


def latin_key(key: str) -> str:
    """The name of a key in the Latin layout: «ctrl+с» becomes "ctrl+c", «Т» "N". Other names stay."""
    *modifiers, name = key.split("+") if key != "+" else [key]
    return "+".join([*modifiers, _LATIN.get(name, name)])


def russian_names(key: str) -> list[str]:
    """The names that a key of the Latin layout has in the Russian one, with its modifiers; none for a key without a letter."""
    *modifiers, name = key.split("+")
    return ["+".join([*modifiers, russian]) for russian, latin in _LATIN.items() if latin == name]


def everywhere(*bindings: tuple[str, str]) -> list[BindingType]:
    """Keys that do the same everywhere, under their Russian names, too. bindings: keys with commas between them; an action."""
    made: list[BindingType] = []
    for keys, action in bindings:
        names = [name for key in keys.split(",") for name in (key, *russian_names(key))]
        made.append(Binding(",".join(names), action, show=False, priority=True))
    return made
