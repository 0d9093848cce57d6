"""The reader of OpenDocument files: texts, sheets, presentations, drawings, and their templates.

Paragraphs and tables in their order, notes and comments behind the paragraph that they belong to. Each slide is a page.
Deleted text is left out. Of sheets the cells are given as they are shown.
"""

from __future__ import annotations

from ...messages import message
from ..blocks import Blocks
from ..content import Content, Source
from ..facts import Facts
from ..safe_xml import Attributes, Start, attribute, elements, parse_xml
from ..zip_file import Encrypted, ZipFile, ZipMember, open_zip

MAX_BLANKS = 100
"""The most blanks in a row that are given. A file states how many there are, and may lie."""

_FACTS = {
    "title": "title",
    "initial-creator": "author",
    "creator": "creator",
    "creation-date": "date",
    "date": "modified",
    "subject": "subject",
    "description": "description",
    "keyword": "tags",
    "language": "language",
}
_SKIPPED = frozenset(
    ("tracked-changes", "note-citation", "sequence-decls", "forms", "scripts", "font-face-decls", "ruby-text")
)
_ASIDES = ("annotation", "frame", "note", "custom-shape", "object")


def read_odf(source: Source) -> Content:
    """Text, title, author, dates and keywords. Raises ValueError: "encrypted", "damaged ZIP file"."""
    packed = open_zip(source)
    _refuse_encrypted(packed, source)
    content = packed.find("content.xml")
    if content is None:
        raise ValueError(message("no content.xml in it"))
    blocks = Blocks()
    warnings = []
    try:
        _read(packed, content, blocks, source)
    except ValueError as error:
        blocks.end()
        warnings.append(message("not read to its end: {error}", error=error))
    pages = tuple(blocks.pages)
    for line in _headers(packed, source):
        blocks.block(line)
    text = blocks.text()
    if warnings and not text:
        raise ValueError(warnings[0])
    return _facts(packed, source).content(text, warnings=tuple(warnings), pages=pages)


def _refuse_encrypted(packed: ZipFile, source: Source) -> None:
    if packed.find("encrypted-package") is not None:
        raise Encrypted
    manifest = packed.find("META-INF/manifest.xml")
    if manifest is not None and elements(packed.chunks(manifest), ("encryption-data",), is_late=source.is_late):
        raise Encrypted


def _facts(packed: ZipFile, source: Source) -> Facts:
    facts = Facts()
    meta = packed.find("meta.xml")
    if meta is None:
        return facts
    try:
        for name, _, text in elements(packed.chunks(meta), _FACTS, is_late=source.is_late):
            facts.add(_FACTS[name], text.partition("T")[0] if name in ("date", "creation-date") else text)
    except ValueError:
        return facts
    creator = facts.lists.pop("creator", [])  # who saved it last: the author, if nobody else is named
    if creator and "author" not in facts.lists:
        facts.add("author", creator[0])
    return facts


def _headers(packed: ZipFile, source: Source) -> dict[str, None]:
    """The paragraphs of headers and footers, each once. They stand with the page styles."""
    styles = packed.find("styles.xml")
    if styles is None:
        return {}
    blocks = Blocks()
    try:
        _read(packed, styles, blocks, source, within=frozenset(("header", "footer")))
    except ValueError:
        blocks.end()
    lines = dict.fromkeys(blocks.text().split("\n\n"))
    lines.pop("", None)
    return lines


def _read(
    packed: ZipFile, member: ZipMember, blocks: Blocks, source: Source, within: frozenset[str] = frozenset()
) -> None:
    """Add the text of a member to the blocks; if `within` names elements, only what stands in these."""
    body = ""
    open_ones = 0 if within else 1

    def begin_body(kind: str) -> Start:
        def begin(_: Attributes) -> None:
            nonlocal body
            body = kind

        return begin

    def begin_part(_: Attributes) -> None:
        nonlocal open_ones
        open_ones += 1

    def end_part() -> None:
        nonlocal open_ones
        open_ones -= 1

    def table(attributes: Attributes) -> None:
        if body == "spreadsheet":  # in texts, the names are "Table1"
            blocks.block(attribute(attributes, "name"))

    def page(_: Attributes) -> None:
        if body in ("presentation", "drawing"):
            blocks.page()

    def blanks(attributes: Attributes) -> None:
        count = attribute(attributes, "c")
        blocks.add(" " * (min(MAX_BLANKS, int(count)) if count.isdecimal() and len(count) < 10 else 1))

    def text(data: str) -> None:
        if open_ones:
            blocks.add(data)

    parse_xml(
        packed.chunks(member),
        starts={
            "p": blocks.open_paragraph,
            "h": blocks.open_paragraph,
            "table-row": blocks.open_row,
            "table-cell": blocks.open_cell,
            "covered-table-cell": blocks.open_cell,
            "table": table,
            "page": page,
            "s": blanks,
            "tab": lambda _: blocks.add("\t"),
            "line-break": lambda _: blocks.add("\n"),
            **{kind: begin_body(kind) for kind in ("spreadsheet", "presentation", "drawing")},
            **dict.fromkeys(_ASIDES, blocks.open_aside),
            **dict.fromkeys(within, begin_part),
        },
        ends={
            "p": blocks.close_paragraph,
            "h": blocks.close_paragraph,
            "table-row": blocks.close_row,
            "table-cell": blocks.close_cell,
            "covered-table-cell": blocks.close_cell,
            **dict.fromkeys(_ASIDES, blocks.close_aside),
            **dict.fromkeys(within, end_part),
        },
        text=text,
        skip=_SKIPPED,
        is_late=source.is_late,
    )
