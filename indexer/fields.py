"""The fields that an application gives its documents: their kinds, and the schema that names them.

A column has the values of a field: strings for a Keyword, numbers for all other kinds but Text. Each kind says which values it
takes, and by which string or number of its column a value is compared. `Document` does not know a schema: a Writer does.
"""

from __future__ import annotations

import difflib
import math
import operator
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn

from .errors import InvalidSchema
from .late import datetime, lru_cache, pattern
from .messages import message, sentence
from .record import record

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["Boolean", "Date", "DateTime", "Field", "Keyword", "Number", "Text"]

Stored = str | int | float
"""A value as a column has it."""

MAX_FIELDS = 1_000
MAX_NAME = 200
MAX_KEYWORD = 1_024
"""The longest value of a Keyword, in code points."""
MAX_VALUES = 65_535
"""Most values that a document may have in one field."""
LARGEST_WHOLE = 1 << 53
"""Up to here, a float has every whole number."""

_NAME = pattern(r"[^\W\d]\w*(\.\w+)*(\.\*)?")
# What these mean in a query, or as what to sort by, is fixed.
_RESERVED = {
    "body", "date", "dir", "ext", "id", "lang", "language", "mtime", "path", "score", "size", "text", "title",
}  # fmt: skip
_EPOCH_DAY = 719_163  # the proleptic Gregorian ordinal of 1970-01-01
_MICROSECONDS_A_DAY = 86_400_000_000


class Field:
    """What kinds of fields have in common. Raises InvalidSchema for parameters of the wrong type."""

    __slots__ = ()
    kind: ClassVar[str]
    multiple: bool

    def stored(self, value: object) -> Stored:
        """The value as a column has it. Raises ValueError, which says what it must be."""
        raise NotImplementedError

    def given(self, stored: Any) -> Any:
        """The value that an application gets back."""
        return stored

    def span(self, value: object) -> tuple[Stored, Stored]:
        """The least and the greatest stored value that are equal to a value of a condition. Raises ValueError as `stored` does."""
        stored = self.stored(value)
        return stored, stored

    def to_json(self) -> dict[str, Any]:
        """The kind and its parameters, as the manifest has them."""
        names: tuple[str, ...] = type(self).__match_args__  # type: ignore[attr-defined]
        return {"kind": self.kind, **{name: getattr(self, name) for name in names}}

    def _check_multiple(self) -> None:
        if self.multiple is not True and self.multiple is not False:
            raise InvalidSchema(message("multiple is {multiple!r}; it must be True or False", multiple=self.multiple))


@record
class Keyword(Field):
    """Text that is compared as it is: a brand, a tag, an owner.

    multiple: whether a document may have several values.
    """

    kind: ClassVar[str] = "keyword"
    multiple: bool = False

    def __post_init__(self) -> None:
        self._check_multiple()

    def stored(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(message("a str"))
        if len(value) > MAX_KEYWORD:
            raise ValueError(message("at most {most:,} characters long", most=MAX_KEYWORD))
        if "\n" in value or "\0" in value:
            raise ValueError(message("without line feeds and NUL characters"))
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(message("without lone surrogates")) from None
        return str(value)


@record
class Number(Field):
    """A number. A whole one is given back as an int, any other as a float.

    multiple: whether a document may have several values.
    """

    kind: ClassVar[str] = "number"
    multiple: bool = False

    def __post_init__(self) -> None:
        self._check_multiple()

    def stored(self, value: object) -> float:
        if isinstance(value, (bool, str, bytes)):
            raise ValueError(message("an int or a float"))
        try:
            whole = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            pass
        else:
            if abs(whole) > LARGEST_WHOLE:
                raise ValueError(message("a whole number up to 2**53 either way; a Keyword holds longer ones"))
            return float(whole)
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            raise ValueError(message("an int or a float")) from None
        if not math.isfinite(number):
            raise ValueError(message("a finite number"))
        return number + 0.0  # -0.0 is 0.0

    def given(self, stored: Any) -> int | float:
        return int(stored) if stored == int(stored) and abs(stored) <= LARGEST_WHOLE else float(stored)


@record
class Boolean(Field):
    """True or False."""

    kind: ClassVar[str] = "boolean"

    @property
    def multiple(self) -> bool:  # type: ignore[override]
        return False

    def stored(self, value: object) -> int:
        if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):  # the latter are numpy's
            return int(bool(value))
        raise ValueError(message("True or False"))

    def given(self, stored: Any) -> bool:
        return bool(stored)


@record
class Date(Field):
    """A day.

    multiple: whether a document may have several values.
    """

    kind: ClassVar[str] = "date"
    multiple: bool = False

    def __post_init__(self) -> None:
        self._check_multiple()

    def stored(self, value: object) -> int:
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
            raise ValueError(message("a datetime.date without a time; a field of DateTime holds moments"))
        return value.toordinal()

    def given(self, stored: Any) -> datetime.date:
        return datetime.date.fromordinal(int(stored))


@record
class DateTime(Field):
    """A moment, to the microsecond.

    multiple: whether a document may have several values.
    zone: the time zone in which days begin and in which moments are given back, as "Asia/Almaty".
    """

    kind: ClassVar[str] = "datetime"
    multiple: bool = False
    zone: str = "UTC"

    def __post_init__(self) -> None:
        self._check_multiple()
        if not isinstance(self.zone, str):
            raise InvalidSchema(
                message('zone is {zone!r}; it must be the name of a time zone, such as "Europe/Moscow"', zone=self.zone)
            )
        _zone_of(self.zone)

    @property
    def tzinfo(self) -> datetime.tzinfo:
        """The zone."""
        return _zone_of(self.zone)

    def stored(self, value: object) -> int:
        if not isinstance(value, datetime.datetime):
            raise ValueError(message("a datetime.datetime with a time zone; a field of Date holds days"))
        if value.utcoffset() is None:
            raise ValueError(
                message("a datetime.datetime with a time zone: value.replace(tzinfo=datetime.timezone.utc) makes one")
            )
        return _microseconds(value)

    def span(self, value: object) -> tuple[int, int]:
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return self.days(value, value)
        stored = self.stored(value)
        return stored, stored

    def days(self, first: datetime.date, last: datetime.date) -> tuple[int, int]:
        """The first and the last moment of some days, both included."""
        return self._midnight(first.toordinal()), self._midnight(last.toordinal() + 1) - 1

    def _midnight(self, ordinal: int) -> int:
        if (
            not datetime.date.min.toordinal() < ordinal <= datetime.date.max.toordinal() - 1
        ):  # no zone may lead out of the years
            return (ordinal - _EPOCH_DAY) * _MICROSECONDS_A_DAY
        return _microseconds(
            datetime.datetime.combine(datetime.date.fromordinal(ordinal), datetime.time(), tzinfo=self.tzinfo)
        )

    def given(self, stored: Any) -> datetime.datetime:
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
            microseconds=int(stored)
        )
        try:
            return moment.astimezone(self.tzinfo)
        except OverflowError:  # on the first or the last day of all
            return moment


@record
class Text(Field):
    """Text that is searched as the body of a document is.

    weight: from .5 to 8, in steps of .5. A word of it counts as 2 * weight words of the body, since such texts are short.
    """

    kind: ClassVar[str] = "text"
    weight: float = 1.0

    @property
    def multiple(self) -> bool:  # type: ignore[override]
        return False

    def __post_init__(self) -> None:
        weight = self.weight
        if type(weight) not in (int, float) or not 0.5 <= weight <= 8 or (2 * weight) % 1:
            raise InvalidSchema(
                message("weight is {weight!r}; it must be a number from .5 to 8, in steps of .5", weight=weight)
            )

    @property
    def times(self) -> int:
        """How often the text stands in the index."""
        return int(2 * self.weight)

    def stored(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(message("a str"))
        return well_formed(value)


def well_formed(text: str) -> str:
    """The text in a form that can be encoded: surrogate pairs joined, lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _microseconds(moment: datetime.datetime) -> int:
    """Since 1970, in UTC."""
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(64)
def _zone_of(name: str) -> ZoneInfo | datetime.timezone:
    if name == "UTC":
        return datetime.timezone.utc
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise InvalidSchema(
            message('{name!r} is no time zone that this system knows; name one as "Europe/Moscow"', name=name)
        ) from error


KINDS: dict[str, type[Field]] = {each.kind: each for each in (Keyword, Number, Boolean, Date, DateTime, Text)}
"""The kinds of fields by name."""

Schema = Mapping[str, Field]
"""Names and kinds of fields. "custom.*" stands for all names that begin with "custom." and have no entry of their own."""

NO_FIELDS: dict[str, Field] = {}


def field_from_json(value: Any) -> Field:
    """The field of a manifest. Raises ValueError for what is none."""
    parameters = dict(value)
    kind = KINDS.get(parameters.pop("kind"))
    if kind is None or not parameters.keys() <= set(kind.__match_args__):  # type: ignore[attr-defined]
        raise ValueError(message("{value!r} is no field", value=value))
    try:
        return kind(**parameters)
    except InvalidSchema as error:
        raise ValueError(sentence(error)) from error


def checked_schema(schema: object) -> dict[str, Field]:
    """A copy of a schema. Raises InvalidSchema for a name that cannot be one, and for what is no field."""
    if not isinstance(schema, Mapping):
        raise InvalidSchema(
            message(
                "a schema maps names to fields: {{'price': fields.Number()}}; {name} does not",
                name=type(schema).__name__,
            )
        )
    if len(schema) > MAX_FIELDS:
        raise InvalidSchema(
            message("a schema has at most {most:,} fields, not {count:,}", most=MAX_FIELDS, count=len(schema))
        )
    met: dict[str, str] = {}
    for name, kind in schema.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise InvalidSchema(
                message("{name!r} is no name of a field: use letters, digits and _, with dots between", name=name)
            )
        if name.casefold() in _RESERVED:
            raise InvalidSchema(
                message("{name!r} has a meaning of its own in queries; call the field otherwise", name=name)
            )
        twin = met.setdefault(name.casefold(), name)
        if twin != name:
            raise InvalidSchema(
                message(
                    "{name!r} and {twin!r} are one name in a query, where case does not count; call one otherwise",
                    name=name,
                    twin=twin,
                )
            )
        if not isinstance(kind, Field):
            if isinstance(kind, type) and issubclass(kind, Field):
                called = f"fields.{kind.__name__}()"
                raise InvalidSchema(
                    message(
                        "the field {name!r} is {kind!r}, no field; say {called}", name=name, kind=kind, called=called
                    )
                )
            raise InvalidSchema(message("the field {name!r} is {kind!r}, no field", name=name, kind=kind))
        if name.endswith(".*") and isinstance(kind, Text):
            raise InvalidSchema(message("{name!r}: a Text needs a name of its own", name=name))
    return dict(schema)


def extended(known: Schema, wanted: Schema) -> dict[str, Field]:
    """A schema with the fields of both. Raises InvalidSchema if one contradicts the other."""
    both = dict(known)
    for name, kind in wanted.items():
        before = known.get(name)
        if before is not None and before != kind:
            raise InvalidSchema(
                message(
                    "the index has the field {name!r} as {before!r}, not {kind!r}; make a field of another name",
                    name=name,
                    before=before,
                    kind=kind,
                )
            )
        both[name] = kind
    return checked_schema(both)


def kind_of(schema: Schema, name: str) -> Field | None:
    """The kind of a field. None if the schema has none of this name."""
    found = schema.get(name)
    if found is not None or not schema:
        return None if name.endswith(".*") else found
    while "." in name:
        name = name.rpartition(".")[0]
        found = schema.get(f"{name}.*")
        if found is not None:
            return found
    return None


def unknown_field(schema: Schema, name: str) -> str:
    """What to say of a name that a schema lacks."""
    if name.casefold() in _RESERVED:
        return message(
            "{name!r} is no field of the application: language=, since= and until= filter by what every document has",
            name=name,
        )
    if not schema:
        return message("there is no field {name!r}: the index has none, since it was made without a schema", name=name)
    near = difflib.get_close_matches(name, schema, 1)
    if near:
        return message("there is no field {name!r}; {near!r} is near", name=name, near=near[0])
    return message("there is no field {name!r}: there is {known}", name=name, known=", ".join(sorted(schema)[:20]))


class FieldValues(NamedTuple):
    """What a document has in the fields of its application.

    columns: name -> the stored values of the document, ascending and each once; none is empty.
    texts: name -> text, of fields of Text.
    """

    columns: dict[str, tuple[Stored, ...]]
    texts: dict[str, str]


NO_VALUES = FieldValues({}, {})


def flattened(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of a mapping that may hold mappings. Raises ValueError for a name that is no str."""
    if len(prefix) > MAX_NAME:
        raise ValueError(message("a name of more than {most} characters", most=MAX_NAME))
    for name, value in values.items():
        if not isinstance(name, str):
            raise ValueError(message("{name!r} is no name", name=name))
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def values_of(schema: Schema, values: Mapping[str, Any]) -> FieldValues:
    """The values of a document by the kinds of their fields. None, and a list without values, stand for no value.

    Raises ValueError, which says what is wrong with which field.
    """
    found = FieldValues({}, {})
    for name, value in flattened(values):
        kind = kind_of(schema, name)
        if kind is None:
            raise ValueError(unknown_field(schema, name))
        if name not in schema and not _NAME.fullmatch(name):
            raise ValueError(
                message("{name!r} is no name of a field: use letters, digits and _, with dots between", name=name)
            )
        if value is None:
            continue
        if isinstance(kind, Text):
            text = str(_stored(name, kind, value))
            if text:
                found.texts[name] = text
            continue
        several = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        if len(several) > 1 and not kind.multiple:
            _refuse(name, value, message("one value: {name}(multiple=True) takes several", name=type(kind).__name__))
        if len(several) > MAX_VALUES:
            raise ValueError(
                message(
                    "{name} has {count:,} values; at most {most:,} are allowed",
                    name=name,
                    count=len(several),
                    most=MAX_VALUES,
                )
            )
        if several:
            found.columns[name] = tuple(sorted({_stored(name, kind, each) for each in several}))
    return found


def changes_of(schema: Schema, values: Mapping[str, Any]) -> FieldValues:
    """As `values_of`, but a field that is given without a value has an empty tuple, or an empty text: it is to be taken away."""
    found = values_of(schema, values)
    for name, _ in flattened(values):
        if isinstance(kind_of(schema, name), Text):
            found.texts.setdefault(name, "")
        else:
            found.columns.setdefault(name, ())
    return found


def _stored(name: str, kind: Field, value: object) -> Stored:
    try:
        return kind.stored(value)
    except ValueError as error:
        _refuse(name, value, sentence(error))


def _refuse(name: str, value: object, wanted: str) -> NoReturn:
    shown = repr(value)
    raise ValueError(
        message(
            "{name} is {value}; it must be {wanted}",
            name=name,
            value=shown if len(shown) <= 60 else shown[:57] + "...",
            wanted=wanted,
        )
    )


def given_values(schema: Schema, columns: Mapping[str, tuple[Any, ...]], texts: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a document as its application gets them back: a list for fields of several values."""
    found: dict[str, Any] = {}
    for name, stored in columns.items():
        kind = kind_of(schema, name)
        if kind is not None and stored:
            values = [kind.given(each) for each in stored]
            found[name] = values if kind.multiple else values[0]
    return {**found, **{name: text for name, text in texts.items() if isinstance(kind_of(schema, name), Text)}}
