"""The reader of EPUB books: the chapters in the order of the book, without its table of contents."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from ...messages import message
from ..content import Content, Source
from ..declared_charset import decode_declared
from ..facts import Facts, split_tags
from ..markup_text import markup_text
from ..safe_xml import Element, attribute, elements
from ..unpacking import OutOfTime, TooLarge
from ..zip_file import Encrypted, ZipFile, open_zip

MAX_CHAPTERS = 20_000

_FACTS = {
    "title": "title",
    "creator": "author",
    "date": "date",
    "language": "language",
    "publisher": "publisher",
    "description": "description",
}
_PAGES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml", "text/xml")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")


def read_epub(source: Source) -> Content:
    """Text, title, authors, date and subjects of a book. Raises ValueError: "encrypted", "damaged ZIP file"."""
    packed = open_zip(source)
    path = _path_of_package(packed, source)
    package = packed.find(path)
    if package is None:
        raise ValueError(message("no list of chapters in it"))
    found = elements(
        packed.chunks(package),
        (*_FACTS, "subject", "item", "itemref", "reference"),
        skip=("collection", "bindings"),
        is_late=source.is_late,
    )
    chapters = _chapters(found, posixpath.dirname(path))
    texts: list[str] = []
    warnings: list[str] = []
    encrypted = _encrypted(packed, source)
    for chapter in chapters:
        try:
            if chapter in encrypted:
                raise Encrypted
            member = packed.find(chapter)
            if member is None:
                raise ValueError(message("missing"))
            page = markup_text(_decoded(packed.read(member)))
            if page.text:
                texts.append(page.text)
            if not page.is_whole:
                warnings.append(message("{chapter} not read to its end: too many tags", chapter=chapter))
        except (OutOfTime, TooLarge) as error:
            warnings.append(message("not read to its end: {error}", error=error))
            break
        except ValueError as error:
            warnings.append(message("{chapter} is left out: {error}", chapter=chapter, error=error))
    if warnings and not texts:
        raise ValueError(warnings[0].rpartition(": ")[2])
    return _facts(found).content("\n\n".join(texts), warnings=_shortened(warnings))


def _path_of_package(packed: ZipFile, source: Source) -> str:
    """Where the list of chapters is. META-INF/container.xml says so."""
    container = packed.find("META-INF/container.xml")
    if container is not None:
        for root in elements(packed.chunks(container), ("rootfile",), is_late=source.is_late):
            if path := root.attributes.get("full-path", ""):
                return posixpath.normpath(path).lstrip("/")
    return next((each.name for each in packed.members if each.name.lower().endswith(".opf")), "")


def _chapters(found: list[Element], folder: str) -> list[str]:
    """The paths of the chapters, in the order of the book."""

    def path(href: str) -> str:
        return posixpath.normpath(posixpath.join("/", folder, unquote(href.partition("#")[0]))).lstrip("/")

    contents = {
        path(attributes.get("href", ""))
        for name, attributes, _ in found
        if name == "reference" and attributes.get("type", "").lower() == "toc"
    }
    items: dict[str, str] = {}
    for name, attributes, _ in found:
        is_page = attributes.get("media-type", _PAGES[0]).lower() in _PAGES
        if name == "item" and is_page and "nav" not in attributes.get("properties", "").split():
            items.setdefault(attributes.get("id", ""), path(attributes.get("href", "")))
    order = dict.fromkeys(items.get(each.attributes.get("idref", ""), "") for each in found if each.name == "itemref")
    chapters = [each for each in order if each and each not in contents]
    return chapters[:MAX_CHAPTERS]


def _encrypted(packed: ZipFile, source: Source) -> frozenset[str]:
    """The paths of members that are encrypted; in books without a lock, at most fonts are."""
    list_of_them = packed.find("META-INF/encryption.xml")
    if list_of_them is None:
        return frozenset()
    found = elements(packed.chunks(list_of_them), ("CipherReference",), is_late=source.is_late)
    return frozenset(unquote(attribute(each.attributes, "URI")) for each in found)


def _facts(found: list[Element]) -> Facts:
    facts = Facts()
    for name, attributes, text in found:
        if name == "subject":
            for tag in split_tags(text):
                facts.add("tags", tag)
        elif name == "creator" and attribute(attributes, "role") not in ("", "aut"):
            facts.add("contributor", text)
        elif name == "date" and attribute(attributes, "event") == "modification":
            continue
        elif name == "description":
            facts.add("description", markup_text(text).text)
        elif name in _FACTS:
            facts.add(_FACTS[name], text)
    return facts


def _decoded(data: bytes) -> str:
    """The text of a chapter: in the encoding that it declares, if it is so."""
    declared = _DECLARED.match(data[:300])
    return decode_declared(data, declared.group(1).decode("ascii") if declared else "").text


def _shortened(warnings: list[str]) -> tuple[str, ...]:
    return (*warnings[:3], message("{count} more", count=len(warnings) - 3)) if len(warnings) > 4 else tuple(warnings)
