"""Reads XML that may be hostile, as a stream: no tree is built, so a part of any size takes little memory.

Refused are declarations of entities (a few lines of them make gigabytes, or read files), deep nesting, and great numbers of
names. External files are never opened. Elements are told by their names without prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from html.entities import name2codepoint
from typing import NamedTuple
from xml.parsers import expat

from ..messages import message
from .unpacking import CHUNK, OutOfTime

MAX_DEPTH = 1000
"""How many elements may be open at once."""

MAX_NAMES = 10_000
"""How many names of elements and attributes a file may have. Expat keeps each of them."""

MAX_TAG = 1 << 20
"""The longest tag or comment, in bytes."""

MAX_READ = 3_000_000
"""The most elements of a file: a sheet of a million and a half cells has so many."""

MAX_ELEMENTS = 200_000
"""The most elements that `elements` gives."""

Attributes = Mapping[str, str]
Start = Callable[[Attributes], object]
End = Callable[[], object]


class BadXml(ValueError):
    """It is not well-formed, or refused. `str(error)` says why, in a short phrase."""


class Element(NamedTuple):
    """An element: its name without prefix, its attributes, and all text in it."""

    name: str
    attributes: Attributes
    text: str


def parse_xml(
    chunks: Iterable[bytes],
    *,
    starts: Mapping[str, Start],
    ends: Mapping[str, End],
    text: Callable[[str], object] | None = None,
    skip: Collection[str] = frozenset(),
    is_late: Callable[[], bool] = lambda: False,
) -> None:
    """Calls back for what stands in a file.

    Parameters:
      chunks: its bytes.
      starts, ends: what to call when an element of this name begins and ends.
      text: called with each run of text.
      skip: elements that are left out with all that is in them.
      is_late: whether to stop.

    Raises BadXml, OutOfTime, and what the chunks and the called functions raise.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate(intern=names)
    parser.buffer_text = True
    parser.buffer_size = CHUNK
    depth = count = 0
    nothing = object()
    begin: dict[str, Start | object | None] = {}
    finish: dict[str, End | None] = {}

    def enter() -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise BadXml(message("nested more than {most} deep", most=MAX_DEPTH))
        if count > MAX_READ:
            raise BadXml(message("more than {most} elements", most=MAX_READ))

    def started(name: str, attributes: dict[str, str]) -> None:
        enter()
        if name not in begin:
            local = local_name(name)
            begin[name] = nothing if local in skip else starts.get(local)
            finish[name] = ends.get(local)
        call = begin[name]
        if call is nothing:
            skip_until(depth)
        elif call is not None:
            call(attributes)  # type: ignore[operator]

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        call = finish[name]
        if call is not None:
            call()

    def skip_until(end: int) -> None:
        def started_inside(name: str, attributes: dict[str, str]) -> None:
            enter()

        def ended_inside(name: str) -> None:
            nonlocal depth
            depth -= 1
            if depth < end:
                listen()

        parser.CharacterDataHandler = None
        parser.StartElementHandler = started_inside
        parser.EndElementHandler = ended_inside

    def listen() -> None:
        parser.StartElementHandler = started
        parser.EndElementHandler = ended
        parser.CharacterDataHandler = text

    def refuse(*_: object) -> None:
        raise BadXml(message("declares entities"))

    def unknown_entity(name: str, is_parameter: bool) -> None:
        # Books use the entities of HTML without declaring them.
        if text is not None and not is_parameter and parser.CharacterDataHandler is not None:
            text(chr(name2codepoint[name]) if name in name2codepoint else f"&{name};")

    listen()
    parser.EntityDeclHandler = refuse
    parser.SkippedEntityHandler = unknown_entity
    # Without this, an entity that is not declared is an error. No DTD is read: there is no handler that would open one.
    parser.UseForeignDTD(True)
    fed = pending = 0

    def feed(data: bytes) -> None:
        nonlocal fed, pending
        parser.Parse(data, False)
        fed += len(data)
        pending = fed - max(0, parser.CurrentByteIndex)
        if pending > MAX_TAG:
            raise BadXml(message("a tag is longer than {size} MB", size=MAX_TAG >> 20))
        if len(names) > MAX_NAMES:
            raise BadXml(message("more than {most} names of elements", most=MAX_NAMES))
        if is_late():
            raise OutOfTime

    try:
        waiting = bytearray()
        for chunk in chunks:
            waiting += chunk
            # Expat scans an unfinished tag again with each call. So calls get longer with it.
            if len(waiting) >= pending:
                feed(bytes(waiting))
                waiting.clear()
        feed(bytes(waiting))
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadXml(
            message("damaged XML: {code} in line {lineno}", code=expat.ErrorString(error.code), lineno=error.lineno)
        ) from error
    except (LookupError, UnicodeError) as error:
        raise BadXml(message("unknown encoding")) from error
    except ValueError as error:
        if "multi-byte" in str(error):  # so expat says of encodings as of Chinese and Japanese
            raise BadXml(message("unknown encoding")) from error
        raise


def local_name(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def attribute(attributes: Attributes, name: str) -> str:
    """The value of an attribute, whatever its prefix; empty if there is none. A name that begins with ":" needs a prefix."""
    if (plain := attributes.get(name)) is not None:
        return plain
    end = name if name.startswith(":") else f":{name}"
    return next((value for key, value in attributes.items() if key.endswith(end)), "")


def elements(
    chunks: Iterable[bytes],
    names: Collection[str],
    *,
    skip: Collection[str] = frozenset(),
    is_late: Callable[[], bool] = lambda: False,
) -> list[Element]:
    """All elements of these names, in the order of their ends. Raises as `parse_xml`, and BadXml if they are too many."""
    found: list[Element] = []
    open_ones: list[tuple[str, Attributes, list[str]]] = []

    def start(name: str) -> Start:
        return lambda attributes: open_ones.append((name, attributes, []))

    def end() -> None:
        name, attributes, texts = open_ones.pop()
        whole = "".join(texts)
        if open_ones:
            open_ones[-1][2].append(whole)
        found.append(Element(name, attributes, whole))
        if len(found) > MAX_ELEMENTS:
            raise BadXml(message("more than {most} entries", most=MAX_ELEMENTS))

    def text(data: str) -> None:
        if open_ones:
            open_ones[-1][2].append(data)

    parse_xml(
        chunks,
        starts={name: start(name) for name in names},
        ends=dict.fromkeys(names, end),
        text=text,
        skip=skip,
        is_late=is_late,
    )
    return found
