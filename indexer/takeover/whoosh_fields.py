"""Which field of a schema of Whoosh becomes what of our documents."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from whoosh import fields as theirs

from ..document import Scalar
from ..errors import InvalidSchema
from ..fields import Boolean, DateTime, Field, Keyword, Number, Text, checked_schema
from ..messages import message

# Names by which people call these, the most telling first.
_IDS = ("id", "docid", "doc_id", "uid", "key", "path", "url")
_TITLES = ("title", "subject", "headline", "name")
_TEXTS = ("text", "content", "body", "contents", "document", "fulltext", "description")
_DATES = (
    "date",
    "created",
    "published",
    "pub_date",
    "created_at",
    "time",
    "datetime",
    "timestamp",
    "modified",
    "updated",
)
_PATHS = ("path", "filename", "file", "url")
_LANGUAGES = ("language", "lang")

TEXT_KINDS = (theirs.TEXT, theirs.NGRAM)


@dataclass
class Roles:
    """The fields that are more than fields: what each of them is called in Whoosh; None if there is none."""

    id: str | None
    title: str | None
    text: str | None
    date: str | None
    path: str | None
    language: str | None


@dataclass
class Mapped:
    """A schema, mapped.

    schema: our fields, by our names.
    names: their names of these -> ours.
    meta: stored values that no field has.
    lost: (their name, reason).
    """

    roles: Roles
    schema: dict[str, Field] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    meta: set[str] = field(default_factory=set)
    lost: list[tuple[str, str]] = field(default_factory=list)


def roles_of(
    kinds: Mapping[str, Any], readable: set[str], given: Mapping[str, str | None], sizes: Mapping[str, int]
) -> Roles:
    """Find the fields of the roles.

    Parameters:
      kinds: the fields of Whoosh.
      readable: the names of those whose values can be read.
      given: role -> the name that the caller says.
      sizes: how many characters each field has in all documents.

    Raises InvalidSchema for a name that is given and cannot be read.
    """
    for role, name in given.items():
        if name is not None and name not in readable:
            known = ", ".join(sorted(readable)) or "none"
            raise InvalidSchema(
                message(
                    "{role}={name!r}: the index of Whoosh has no such field with stored values; it has {known}",
                    role=role,
                    name=name,
                    known=known,
                )
            )

    def of(role: str, candidates: Iterable[str], names: Iterable[str], largest: bool = False) -> str | None:
        if given.get(role) is not None:
            return given[role]
        there = [name for name in candidates if name in readable and name not in given.values()]
        named = [name for wanted in names for name in there if name.casefold() == wanted]
        if named or not largest:
            return named[0] if named else None
        return max(there, key=lambda name: sizes.get(name, 0), default=None)

    texts = [name for name, kind in kinds.items() if isinstance(kind, TEXT_KINDS)]
    words = [name for name, kind in kinds.items() if isinstance(kind, (*TEXT_KINDS, theirs.ID, theirs.STORED))]
    plain = [name for name, kind in kinds.items() if isinstance(kind, (theirs.ID, theirs.STORED))]
    moments = [name for name, kind in kinds.items() if isinstance(kind, theirs.DATETIME)]
    unique = [name for name, kind in kinds.items() if getattr(kind, "unique", False) and name in readable]
    id_ = of("id", unique, _IDS) or next(iter(unique), None) or of("id", plain, _IDS[:5])
    title = of("title", [name for name in words if name != id_], _TITLES)
    text = of("text", [name for name in texts if name != title], _TEXTS, largest=True)
    date = of("date", moments, _DATES) or (moments[0] if len(moments) == 1 and moments[0] in readable else None)
    path = of("path", plain, _PATHS)
    language = of("language", [name for name in plain if name != id_], _LANGUAGES)
    return Roles(id_, title, text, date, path, language)


def mapped(kinds: Mapping[str, Any], readable: set[str], roles: Roles, timed: set[str], zone: str) -> Mapped:
    """Map the other fields. timed: those of DATETIME that have times of day."""
    result = Mapped(roles)
    taken = {roles.id, roles.title, roles.text, roles.path, roles.language}
    for name, kind in sorted(kinds.items()):
        if name not in readable:
            result.lost.append((name, "its values are not stored"))
        elif name in taken or (name == roles.date and name not in timed):
            pass
        elif isinstance(kind, theirs.STORED):
            result.meta.add(name)
        else:
            ours = _field_of(kind, zone)
            if ours is None:
                result.lost.append((name, f"a field of the kind {type(kind).__name__}"))
                continue
            called = _free_name(name, ours, result.schema)
            result.schema[called], result.names[name] = ours, called
    return result


def _field_of(kind: Any, zone: str) -> Field | None:
    """Our kind of a kind of Whoosh."""
    if isinstance(kind, theirs.DATETIME):
        return DateTime(zone=zone)
    if isinstance(kind, theirs.NUMERIC):
        return Number()
    if isinstance(kind, theirs.BOOLEAN):
        return Boolean()
    if isinstance(kind, TEXT_KINDS):
        return Text()
    if isinstance(kind, (theirs.KEYWORD, theirs.IDLIST)):
        return Keyword(multiple=True)
    if isinstance(kind, theirs.ID):
        return Keyword()
    return None


def _free_name(name: str, kind: Field, schema: Mapping[str, Field]) -> str:
    """The name, changed as little as our schema wants it."""
    clean = "".join(letter if letter.isalnum() or letter in "_." else "_" for letter in name).strip(".")
    for candidate in (
        name,
        clean,
        f"{clean}_field",
        f"field_{clean}",
        *(f"field_{clean}_{number}" for number in range(9_999)),
    ):
        try:
            checked_schema({candidate: kind})
        except InvalidSchema:
            continue
        if candidate not in schema:
            return candidate
    raise InvalidSchema(message("{name!r}: no name of ours can be made of it", name=name))


def value_of(kind: Any, ours: Field, value: Any) -> Any:
    """A stored value of Whoosh as a field of ours takes it; a list where it has several. Raises ValueError if it cannot be one."""
    if isinstance(ours, Keyword) and ours.multiple:
        values = value if isinstance(value, (list, tuple, set, frozenset)) else _split(kind, value)
        return list(dict.fromkeys(str(one) for one in values))
    if isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError("several values")
    if isinstance(ours, DateTime):
        return moment_of(value, ours)
    if isinstance(ours, Boolean):
        return bool(value)
    if isinstance(ours, Number):
        number = float(value) if isinstance(value, str) else value
        ours.stored(number)
        return number
    return value if isinstance(value, str) else str(value)


def moment_of(value: Any, ours: DateTime) -> datetime.datetime:
    """With the zone of the field, if it has none: Whoosh knows none."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if not isinstance(value, datetime.datetime):
        raise ValueError("no date")
    return value.replace(tzinfo=ours.tzinfo) if value.utcoffset() is None else value


def _split(kind: Any, value: Any) -> list[str]:
    """The keywords that Whoosh has indexed."""
    return [token.text for token in kind.analyzer(str(value))]


def scalar_of(value: Any) -> Scalar:
    """A stored value as `meta` takes it. Raises ValueError if it cannot be one."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    raise ValueError(f"a {type(value).__name__}")


def losses(counted: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """(field, reason) with how many documents."""
    return [(name, f"{reason} ({count:,} documents)") for (name, reason), count in sorted(counted.items())]
