"""Takes the documents of an index of Whoosh over into an index of ours."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..document import Document
from ..errors import InvalidDocument
from ..messages import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..fields import Schema
    from ..writing.writer import Writer
    from .whoosh_documents import Part, WhooshDocuments
    from .whoosh_fields import Mapped


@dataclass(slots=True)
class WhooshReport:
    """What was taken over from Whoosh.

    documents: how many were added.
    deleted: how many were left out because they are deleted.
    replaced: how many had the id of an earlier one, whose place they took.
    mapping: field of Whoosh -> what it has become: "id", "title", "text", "date", "path", "language", "meta", or a field of ours,
      as "tags: Keyword(multiple=True)".
    lost: (field, reason) of what could not be taken over.
    skipped: (id, reason) of each document that could not be taken over.
    """

    documents: int = 0
    deleted: int = 0
    replaced: int = 0
    mapping: dict[str, str] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


class WhooshSource(NamedTuple):
    """An index of Whoosh.

    place: its directory, or the index, open.
    name: None for "MAIN".
    trusted: whether whatever it holds is unpickled.
    """

    place: str | Path | Any
    name: str | None
    trusted: bool


def take_over(
    source: WhooshSource,
    open_writer: Callable[[Schema | None], Writer],
    given: Mapping[str, str | None],
    zone: str,
) -> WhooshReport:
    """Add the documents of an index of Whoosh to one of ours, in one commit. `naidi.from_whoosh` says how.

    Parameters:
      source: is only read.
      open_writer: gives the writer of our index, for a schema.
      given: "id", "title", "text" and "date" -> the field that has it; None: the one that seems to.
      zone: the time zone of moments.
    """
    from .whoosh_documents import damage, read_whoosh

    lost: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()
    found = read_whoosh(*source)
    try:
        with damage("the schema"):
            kinds, mapping, columns = _survey(found, given, zone)
        report = WhooshReport(mapping=_told(mapping), lost=list(mapping.lost))
        report.deleted = sum(len(part.deleted) for part in found.parts)
        with open_writer(mapping.schema or None) as writer:
            for number, (doc_id, values) in enumerate(_values(found, mapping, columns), 1):
                doc_id = str(number) if doc_id is None else doc_id
                try:
                    with damage(f"document {doc_id!r}"):
                        document = _document(doc_id, values, kinds, mapping, lost)
                    writer.add(document)
                except InvalidDocument as error:
                    report.skipped.append((doc_id, sentence(error)))
                    continue
                report.replaced += doc_id in seen
                seen.add(doc_id)
    finally:
        found.close()
    from .whoosh_fields import losses

    report.documents = len(seen)
    report.lost += losses(lost)
    return report


def _survey(
    found: WhooshDocuments, given: Mapping[str, str | None], zone: str
) -> tuple[dict[str, Any], Mapped, dict[str, list[Any]]]:
    """(the kinds of the fields, what each becomes, for each part the columns of fields that are not stored)."""
    from .whoosh_fields import mapped, roles_of

    kinds = {name: found.schema[name] for name in found.schema.names()}
    sizes: Counter[str] = Counter()
    timed: set[str] = set()
    for part in found.parts:
        for _, values in part.documents():
            for name, value in values.items():
                kinds.setdefault(name, found.schema[name])  # one of a pattern, such as *_d
                sizes[name] += len(value) if isinstance(value, str) else 1
                if isinstance(value, datetime.datetime) and value.time() != datetime.time():
                    timed.add(name)
    kinds = {name: kind for name, kind in kinds.items() if "*" not in name}
    stored = {name for name, kind in kinds.items() if getattr(kind, "stored", False) or name in sizes}
    columns: dict[str, list[Any]] = {}
    for name in kinds.keys() - stored:
        of_parts = [part.column(name) for part in found.parts]
        if any(one is not None for one in of_parts):
            columns[name] = of_parts
            timed |= (
                {name} if any(isinstance(one, datetime.datetime) for part in of_parts for one in part or ()) else set()
            )
    readable = stored | columns.keys()
    roles = roles_of(kinds, readable, given, sizes)
    return kinds, mapped(kinds, readable, roles, timed, zone), columns


def _values(
    found: WhooshDocuments, mapping: Mapped, columns: dict[str, list[Any]]
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """(id, values by the names of Whoosh) of each document; None for the id if there is no field of ids."""
    for place, part in enumerate(found.parts):
        for number, values in part.documents():
            values = {**_in_columns(part, place, number, columns), **values}
            doc_id = None if mapping.roles.id is None else values.get(mapping.roles.id)
            yield (None if doc_id is None else str(doc_id)), values


def _in_columns(part: Part, place: int, number: int, columns: dict[str, list[Any]]) -> dict[str, Any]:
    there = {name: of_parts[place][number] for name, of_parts in columns.items() if of_parts[place] is not None}
    return {name: value for name, value in there.items() if value not in (None, "", b"")}


def _document(
    doc_id: str, values: dict[str, Any], kinds: dict[str, Any], mapping: Mapped, lost: Counter[tuple[str, str]]
) -> Document:
    """Raises InvalidDocument."""
    from .whoosh_fields import scalar_of, value_of

    roles = mapping.roles
    fields: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        try:
            if name in mapping.names:
                called = mapping.names[name]
                fields[called] = value_of(kinds[name], mapping.schema[called], value)
            elif name in mapping.meta:
                meta[name] = scalar_of(value)
        except (ValueError, TypeError, OverflowError) as error:
            lost[name, sentence(error)] += 1
    date = values.get(roles.date) if roles.date else None
    options: dict[str, Any] = {}
    language = values.get(roles.language) if roles.language else None
    if isinstance(language, str) and language:
        options["language"] = language
    document: dict[str, Any] = {
        "id": doc_id,
        "text": _text(values, roles.text),
        "title": _text(values, roles.title),
        "date": date if isinstance(date, datetime.date) else None,
        "path": _text(values, roles.path) or None,
        "meta": meta,
        "fields": fields,
    }
    try:
        return Document(**document, **options)
    except InvalidDocument:
        if not options:
            raise
        lost[str(roles.language), "no code of a language"] += 1
        return Document(**document)


def _text(values: dict[str, Any], name: str | None) -> str:
    value = values.get(name) if name else None
    return "" if value is None else value if isinstance(value, str) else str(value)


def _told(mapping: Mapped) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for role, name in vars(mapping.roles).items():
        if name is not None:
            found.setdefault(name, []).append(role)
    for name, called in mapping.names.items():
        kind = mapping.schema[called]
        several = "multiple=True" if kind.multiple else ""
        found.setdefault(name, []).append(f"{called}: {type(kind).__name__}({several})")
    for name in mapping.meta:
        found.setdefault(name, []).append("meta")
    return {name: ", ".join(told) for name, told in sorted(found.items())}
