"""The fields of haystack's indexes as fields of naidi: their names, their kinds, and the values of a document both ways."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from naidi import Document, Hit, fields

# These mean something to naidi already, as fields of its own or in queries.
_RESERVED = {
    "body", "date", "dir", "ext", "id", "lang", "language", "mtime", "path", "score", "size", "text", "title",
}  # fmt: skip
_ROOM = "haystack"
_MAX_KEYWORD = 1_024
_PATTERNS = {"ngram": "*{}*", "edge_ngram": "{}*"}


def naidi_name(name: str) -> str:
    """What naidi calls a field of haystack. Names of haystack have no dots, so that no two become one."""
    return f"{_ROOM}.{name}" if name.casefold() in _RESERVED else name


@dataclass(frozen=True)
class OwnField:
    """A field of haystack.

    name: as in the index of haystack (`index_fieldname`).
    kind: "content" (what the document says), "words" (text that is searched), "pattern" (parts of words), "keyword", "number",
      "boolean" or "moment".
    words: the field of naidi whose words are searched; None if it has no words.
    column: the field of naidi by which it is compared, sorted and counted; None if it is not.
    pattern: how a word looks for parts of words.
    """

    name: str
    kind: str
    words: str | None = None
    column: str | None = None
    multiple: bool = False
    stored: bool = True
    weight: float = 1.0
    pattern: str = "{}"

    @property
    def schema(self) -> dict[str, fields.Field]:
        """The fields of naidi that hold it."""
        found: dict[str, fields.Field] = {}
        if self.words is not None and self.kind != "content":
            found[self.words] = fields.Text(weight=self.weight)
        if self.column is not None:
            found[self.column] = self.primary if self.kind not in ("words", "pattern") else fields.Keyword()
        return found

    @property
    def primary(self) -> fields.Field:
        """The kind that it is to a person."""
        if self.kind == "number":
            return fields.Number(multiple=self.multiple)
        if self.kind == "boolean":
            return fields.Boolean()
        if self.kind == "moment":
            return fields.DateTime(multiple=self.multiple)
        return fields.Keyword(multiple=self.multiple) if self.kind == "keyword" else fields.Text(weight=self.weight)


class OwnFields(dict[str, OwnField]):
    """The fields of haystack by name. content: the one with `document=True`."""

    content: str = ""

    @property
    def schema(self) -> dict[str, fields.Field]:
        """The schema of the index."""
        return {name: kind for own in self.values() for name, kind in own.schema.items()}


def own_fields(all_fields: Iterable[Any], ids: Iterable[str]) -> OwnFields:
    """The fields of all indexes.

    Parameters:
      all_fields: fields of haystack, each with `index_fieldname` and so on.
      ids: names of the fields that haystack itself puts into every document.
    """
    found = OwnFields()
    for name in ids:
        found[name] = OwnField(name, "keyword", None, naidi_name(name))
    for each in all_fields:
        own = _own_field(each)
        found[own.name] = own
        if own.kind == "content":
            found.content = own.name
    return found


def _own_field(each: Any) -> OwnField:
    name = str(each.index_fieldname)
    place = naidi_name(name)
    stored = each.stored is not False
    if each.is_multivalued:
        return OwnField(name, "keyword", None, place, True, stored)
    kind = {
        "integer": "number", "float": "number", "boolean": "boolean", "date": "moment", "datetime": "moment",
    }.get(each.field_type)  # fmt: skip
    if "Decimal" in type(each).__name__:  # haystack calls it a string
        kind = "number"
    if kind is not None:
        return OwnField(name, kind, None, place, False, stored)
    if each.document:
        return OwnField(name, "content", "body", None, False, stored)
    weight = min(8.0, max(0.5, round(2 * float(each.boost or 1)) / 2))
    if each.field_type in _PATTERNS:
        return OwnField(name, "pattern", place, None, False, stored, weight, _PATTERNS[each.field_type])
    if hasattr(each, "facet_for") or each.field_type == "location":
        return OwnField(name, "keyword", None, place, False, stored)
    return OwnField(name, "words", place, f"{place}.value", False, stored, weight)


# -- values


def document_of(own: OwnFields, doc_id: str, prepared: Mapping[str, Any]) -> Document:
    """The document that haystack has prepared.

    Raises ValueError for a value that its field cannot have and for a name that no index has, and InvalidDocument as Document does.
    """
    values: dict[str, Any] = {}
    meta: dict[str, str] = {}
    for name, value in prepared.items():
        if name in ("boost", "_boost") and name not in own:
            continue  # of a whole document: naidi has none
        if name not in own:
            raise ValueError(f"{doc_id}: no index has the field {name!r}")
        one = own[name]
        if value is None:
            continue
        try:
            found, note = _stored(one, value)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"{doc_id}: {name} is {value!r}: {error}") from error
        values |= found
        if note is not None and one.stored:
            meta[name] = note
    body = prepared.get(own.content)
    return Document(id=doc_id, text="" if body is None else str(body), meta=meta, fields=values)


def _stored(own: OwnField, value: Any) -> tuple[dict[str, Any], str | None]:
    """Values of the fields of naidi, and what the column would not give back as it was."""
    if own.kind == "content":
        return {}, None
    if own.multiple:
        several = [str(each) for each in (value if _is_list(value) else [value])]
        return {str(own.column): [_keyword(each) for each in several]}, json.dumps(several, ensure_ascii=False)
    if own.kind == "moment":
        moment = moment_of(value)
        return {str(own.column): in_utc(moment)}, moment.isoformat()
    if own.kind == "boolean":
        return {str(own.column): bool(value)}, None
    if own.kind == "number":
        number = float(value) if isinstance(value, str) or not isinstance(value, (int, float)) else value
        return {str(own.column): number}, None if isinstance(value, (int, float)) else str(value)
    text = ",".join(map(str, value)) if _is_list(value) else str(value)
    found: dict[str, Any] = {}
    if own.words is not None:
        found[own.words] = text
    if own.column is not None:
        found[own.column] = _keyword(text)
    is_kept = bool(text) and (own.words is not None or found[str(own.column)] == text)
    return found, None if is_kept else text


def values_of(own: OwnFields, hit: Hit, text: str | None) -> Iterator[tuple[str, Any]]:
    """(name, value) of the stored fields of a hit, as they were prepared.

    text: the content; None if it is not wanted.
    """
    for name, one in own.items():
        if not one.stored:
            continue
        note = hit.meta.get(name)
        if one.kind == "content":
            if text is not None:
                yield name, text
        elif one.multiple:
            yield name, json.loads(str(note)) if note is not None else []
        elif one.kind == "moment":
            yield name, None if note is None else datetime.datetime.fromisoformat(str(note))
        elif note is not None:
            yield name, note
        else:
            yield name, hit.fields.get(str(one.words or one.column))


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple, set, frozenset)) or (
        hasattr(value, "__iter__") and not isinstance(value, (str, bytes, Mapping))
    )


def _keyword(text: str) -> str:
    """What a column can have of a text: no line feeds, and not its end if it is long."""
    return text.replace("\n", " ").replace("\0", " ").encode("utf-8", "replace").decode()[:_MAX_KEYWORD]


def moment_of(value: Any) -> datetime.datetime:
    """The moment of a day, a moment or a string. Raises ValueError for anything else."""
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    return datetime.datetime.fromisoformat(str(value))


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    """With a zone. A moment without one counts as UTC, both in documents and in queries."""
    if moment.utcoffset() is None:
        return moment.replace(tzinfo=datetime.timezone.utc)
    return moment.astimezone(datetime.timezone.utc)
