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
    from collections.abc import Iterator, Mapping

LANGUAGES = ("en", "ru")
"""Languages in which people are spoken to. English needs no catalogue."""

DOMAIN = "naidi"
LOCALES = os.path.join(os.path.dirname(__file__), "locale")
"""The folder of the catalogues, as gettext knows it."""
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
    values: by name. A value may be a message. Of an error, the sentence is kept.
    """

    __slots__ = ("many", "number", "template", "values")

    template: str
    many: str
    number: int
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any], many: str = "", number: int = 1) -> Message:
        chosen = template if not many or number == 1 else many
        for name, value in values.items():
            if isinstance(value, BaseException):  # which holds on to all that was at hand where it was raised
                values = {**values, name: sentence(value)}
        made = super().__new__(cls, chosen.format_map(values) if values else chosen)
        made.template, made.values, made.many, made.number = template, values, many, number
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: _Shown.of(value) for name, value in self.values.items()}
        return Message, (self.template, values, self.many, self.number)

    def in_catalogue(self, catalogue: Catalogue) -> str:
        """The sentence in the language of a catalogue."""
        one, many = self.template, self.many
        template = catalogue.ngettext(one, many, self.number) if many else catalogue.gettext(one)
        if not self.values:
            return template
        return template.format_map({name: _for_people(value, catalogue) for name, value in self.values.items()})


class _Shown:
    """How a value reads that may not be pickled: any object of an application."""

    __slots__ = ("code", "text")

    def __init__(self, text: str, code: str) -> None:
        self.text = text
        self.code = code

    @classmethod
    def of(cls, value: Any) -> Any:
        """What a message is pickled with in the place of a value."""
        if isinstance(value, str | int | float | _Shown | None):
            return value
        number = getattr(value, "item", None)  # of numpy
        return number() if callable(number) and not getattr(value, "shape", True) else cls(str(value), repr(value))

    def __reduce__(self) -> tuple[Any, ...]:
        return _Shown, (self.text, self.code)

    def __format__(self, how: str) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.code


class _Whole(int):
    """A whole number whose digits stand in threes with spaces between where the sentence asks for it, from 10 000 on."""

    def __format__(self, how: str) -> str:
        text = super().__format__(how)
        return text.replace(",", " " if abs(self) >= 10_000 else "") if "," in how else text


class _Fraction(float):
    """A number with a comma before its decimals where the sentence says how many there are."""

    def __format__(self, how: str) -> str:
        text = super().__format__(how)
        return text.replace(",", " ").replace(".", ",") if how else text


def _for_people(value: Any, catalogue: Catalogue) -> Any:
    """A value as a sentence of another language has it."""
    kind = type(value)
    return _Whole(value) if kind is int else _Fraction(value) if kind is float else told(value, catalogue)


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


def of_system(error: OSError, *, inside: bool = False) -> Message:
    """What the system says of an error. The frequent ones stand in the catalogues. inside: of a sentence, in small letters."""
    text = error.strerror or str(error)
    if isinstance(text, Message) and not inside:
        return text
    return Message(text.lower() if inside else text, {})


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


def spoken_sentences() -> Iterator[tuple[list[str], list[str]]]:
    """All templates of the language of the command (see `speak`): in English and in it. None if that is English."""
    catalogue = _spoken[0]
    if isinstance(catalogue, _Compiled):
        yield from catalogue.sentences()


def speak(language: str) -> None:
    """Let `told` speak a language of LANGUAGES: the command does, once it knows what its user reads. Libraries never do."""
    _spoken[0] = catalogue_of(language)


def catalogue_of(language: str) -> Catalogue | None:
    """The catalogue of a language; None for English, and for a language that has none."""
    if language not in LANGUAGES or language == "en":
        return None
    if language not in _read:
        _read[language] = _Compiled(os.path.join(LOCALES, language, "LC_MESSAGES", f"{DOMAIN}.mo"))
    return _read[language]


_read: dict[str, Catalogue] = {}


# Where a `.mo` file says where its tables begin.
_ENGLISH, _OTHER = 12, 16


class _Compiled:
    """The sentences of a `.mo` file, which is read when the first of them is asked for. Those that it lacks stay English.

    `gettext` reads the same, but what it imports takes a third of a search from the terminal.
    """

    __slots__ = ("_data", "_found", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._data: bytes | None = None
        self._found: dict[str, list[str]] = {}  # what was asked for before: a page of the server asks for a hundred

    def gettext(self, message: str, /) -> str:
        return (self._forms(message) or [message])[0]

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        forms = self._forms(one)
        if len(forms) > 1:
            return forms[_russian_form(count)]
        return one if count == 1 else many

    def sentences(self) -> Iterator[tuple[list[str], list[str]]]:
        """All of them: the English templates (of one thing and of several, or one alone), and those in the language."""
        self._forms(" ")  # reads the file
        data = self._data or b""
        count = int.from_bytes(data[8:12], "little")
        for row in range(1, count):  # the first has but facts about the file
            yield self._text(_ENGLISH, row).split("\0"), self._text(_OTHER, row).split("\0")

    def _text(self, table: int, row: int) -> str:
        data, number = self._data or b"", int.from_bytes
        at = number(data[table : table + 4], "little") + 8 * row
        length, start = number(data[at : at + 4], "little"), number(data[at + 4 : at + 8], "little")
        return data[start : start + length].decode()

    def _forms(self, message: str) -> list[str]:
        """What a sentence is in the language, in all forms of numbers that it has; nothing if the file lacks it."""
        if message in self._found:
            return self._found[message]
        data = self._data
        if data is None:
            data = self._data = _bytes_of(self._path)
        if not message or not data:
            return []
        count = int.from_bytes(data[8:12], "little")
        low, high = 0, count  # the English sentences ascend
        while low < high:
            middle = (low + high) // 2
            if self._text(_ENGLISH, middle).partition("\0")[0] < message:
                low = middle + 1
            else:
                high = middle
        if low == count or self._text(_ENGLISH, low).partition("\0")[0] != message:
            return []
        forms = self._found[message] = self._text(_OTHER, low).split("\0")
        return forms


def _bytes_of(path: str) -> bytes:
    """The bytes of a catalogue; none if it is not there or none of ours, which are written little end first."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return b""
    return data if data.startswith(b"\xde\x12\x04\x95") else b""


def _russian_form(count: int) -> int:
    """Which form of a noun stands behind a number: 0 for 1, 21, 31; 1 for 2 to 4, 22 to 24; 2 for all others."""
    last, two = count % 10, count % 100
    if last == 1 and two != 11:
        return 0
    return 1 if 2 <= last <= 4 and not 12 <= two <= 14 else 2


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the variables of a locale ask for, of LANGUAGES; "en" for any other.

    $LANGUAGE has a list that takes the place of the others, unless the locale is C, as gettext has it.
    """
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "C")
    language = _language(locale)
    if language in ("C", "POSIX"):
        return "en"
    wanted = [_language(one) for one in environment.get("LANGUAGE", "").split(":") if one] or [language]
    return next((one for one in wanted if one in LANGUAGES), "en")


def _language(locale: str) -> str:
    return locale.partition(".")[0].partition("@")[0].partition("_")[0]
