"""What is told to a person: a sentence in English that remembers what it was made of, so that it can be told in another language.

    raise InvalidQuery(message("{name} is no date", name=name))

A message is a `str`, the English sentence: for programs, JSON and logs it is this, and nothing else. Whatever speaks to a person
tells it by `told`. So a library never changes its language, and no value that is kept depends on who asks.

The catalogues are those of gettext: `locale/LANGUAGE/LC_MESSAGES/naidi.mo`, made of the `.po` beside it.
"""

from __future__ import annotations

import os

from .typed import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "ru")
"""Languages in which people are spoken to. English needs no catalogue."""

_DOMAIN = "naidi"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class Catalogue(Protocol):
    """Sentences by their English ones, as a translation of `gettext` has them."""

    def gettext(self, message: str, /) -> str:
        """The sentence in the language of the catalogue; the English one if it lacks that."""

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """The sentence for a number of things."""


class Message(str):
    """An English sentence, and what it was made of.

    template: with the names of values in braces, as `str.format` reads it. It is the name of the sentence in a catalogue.
    many: the template for other numbers than one; "" if the sentence counts nothing.
    number: that chooses between them.
    values: by name. A value may be a message, or an error that was raised with one.
    """

    __slots__ = ("many", "number", "template", "values")

    template: str
    many: str
    number: int
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any], many: str = "", number: int = 1) -> Message:
        chosen = template if not many or number == 1 else many
        made = super().__new__(cls, chosen.format_map(values) if values else chosen)
        made.template, made.values, made.many, made.number = template, values, many, number
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: _plain(value) for name, value in self.values.items()}
        return Message, (self.template, values, self.many, self.number)

    def in_catalogue(self, catalogue: Catalogue) -> str:
        """The sentence in the language of a catalogue."""
        one, many = self.template, self.many
        template = catalogue.ngettext(one, many, self.number) if many else catalogue.gettext(one)
        if not self.values:
            return template
        return template.format_map({name: told(value, catalogue) for name, value in self.values.items()})


def _plain(value: Any) -> Any:
    """A value that can be pickled and reads the same: an error and what holds one are left as text."""
    return told(value) if isinstance(value, BaseException) else value


def message(template: str, /, **values: Any) -> Message:
    """A sentence. `template` is a literal, since catalogues are made of the source.

    Parameters:
      template: the English sentence, with names of values in braces: "{path}: no such folder". Without values, braces are braces.
      values: what stands for the names.
    """
    return Message(template, values)


def plural(one: str, many: str, /, count: int, **values: Any) -> Message:
    """A sentence about a number of things, which the templates may name as {count}.

    Parameters:
      one: the English sentence for one thing, a literal.
      many: the same for any other number.
      count: of things.
      values: as in `message`.
    """
    return Message(one, {"count": count, **values}, many, count)


def sentence(error: BaseException) -> str:
    """What an error says: a message, if it was raised with one."""
    says = getattr(error, "_message", None)  # of an error with several arguments
    if isinstance(says, Message):
        return says
    first = error.args[0] if len(error.args) == 1 else None
    return first if isinstance(first, Message) else str(error)


def told(value: Any, catalogue: Catalogue | None = None) -> Any:
    """A message, or an error raised with one, as a sentence in the language of a catalogue. Any other value is given back.

    catalogue: None for that of the command (see `speak`), and so for English in an application.
    """
    spoken = _spoken[0] if catalogue is None else catalogue
    if isinstance(value, BaseException):
        value = sentence(value)
    if isinstance(value, Message):
        return str(value) if spoken is None else value.in_catalogue(spoken)
    return value


_spoken: list[Catalogue | None] = [None]


def speak(language: str) -> None:
    """Let `told` speak a language of LANGUAGES: the command does, once it knows what its user reads. Libraries never do."""
    _spoken[0] = catalogue_of(language)


def catalogue_of(language: str) -> Catalogue | None:
    """The catalogue of a language; None for English, and for a language that has none."""
    if language not in LANGUAGES or language == "en":
        return None
    from gettext import translation

    return translation(_DOMAIN, os.path.join(os.path.dirname(__file__), "locale"), [language])


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the variables of a locale ask for, of LANGUAGES; "en" for any other.

    $LANGUAGE has a list that goes before the others, unless the locale is C, as gettext has it.
    """
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "C")
    language = _language(locale)
    if language in ("C", "POSIX"):
        return "en"
    for wanted in environment.get("LANGUAGE", "").split(":"):
        if wanted and _language(wanted) in LANGUAGES:
            return _language(wanted)
    return language if language in LANGUAGES else "en"


def _language(locale: str) -> str:
    return locale.partition(".")[0].partition("@")[0].partition("_")[0]
