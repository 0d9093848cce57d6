"""The package that DOCX, PPTX and XLSX files are: parts in a ZIP file, and relations that lead from one to another."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from ...messages import message
from ..content import Source
from ..facts import Facts, split_tags
from ..safe_xml import elements
from ..zip_file import Encrypted, ZipFile, open_zip

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CORE_FACTS = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "description": "description",
    "category": "tags",
    "created": "created",
    "modified": "modified",
    "language": "language",
}


class Relation(NamedTuple):
    """A relation of a part: its id, the last word of its type ("slide"), and the path of the part that it leads to."""

    id: str
    kind: str
    target: str


class Package:
    """An Office file.

    Raises ValueError for what is none: "encrypted", "an old Office file".
    """

    def __init__(self, source: Source) -> None:
        if source.data.startswith(_OLD_OFFICE):
            # What has a password is packed into a file of the old kind.
            if "EncryptedPackage".encode("utf-16-le") in source.data:
                raise Encrypted
            raise ValueError(message("an old Office file"))
        self._source = source
        self._zip: ZipFile = open_zip(source)

    def chunks(self, part: str) -> Iterator[bytes]:
        """The bytes of a part. None at all if there is no such part."""
        member = self._zip.find(part)
        return iter(()) if member is None else self._zip.chunks(member)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return self._zip.find(part) is not None

    def main_part(self, usual: str) -> str:
        """The path of the part that all others are reached from. Raises ValueError if there is none."""
        for relation in self.relations(""):
            if relation.kind == "officeDocument" and self.has(relation.target):
                return relation.target
        if not self.has(usual):
            raise ValueError(message("no {usual} in it", usual=usual))
        return usual

    def relations(self, part: str) -> list[Relation]:
        """The relations of a part to others in the file; "" is the package itself. None if they are damaged."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return []
        found = []
        for _, attributes, _ in elements(self.chunks(path), ("Relationship",), is_late=self._source.is_late):
            if attributes.get("TargetMode") == "External":
                continue
            target = posixpath.join("/", folder, unquote(attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append(Relation(attributes.get("Id", ""), kind, posixpath.normpath(target).lstrip("/")))
        return found

    def related(self, part: str, *kinds: str) -> list[str]:
        """The parts that the relations of these kinds lead to, sorted by kind in the order given."""
        relations = self.relations(part)
        return [each.target for kind in kinds for each in relations if each.kind == kind and self.has(each.target)]

    def facts(self) -> Facts:
        """What docProps/core.xml says. A damaged one says nothing."""
        facts = Facts()
        try:
            (core,) = self.related("", "core-properties")[:1] or ("docProps/core.xml",)
            if not self.has(core):
                return facts
            for name, _, text in elements(self.chunks(core), (*_CORE_FACTS, "keywords"), is_late=self._source.is_late):
                if name == "keywords":
                    for tag in split_tags(text):
                        facts.add("tags", tag)
                else:
                    facts.add(_CORE_FACTS[name], text)
        except ValueError:
            return facts
        for name in ("created", "modified"):
            if values := facts.lists.get(name):
                values[0] = values[0].partition("T")[0]
        facts.add("date", facts.lists.pop("created", [""])[0])
        return facts
