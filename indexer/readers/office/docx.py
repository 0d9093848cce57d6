"""The reader of Word documents: DOCX, DOCM, DOTX, DOTM.

Paragraphs and tables in their order, then notes, comments, and what headers and footers add. Deleted text is left out.
"""

from __future__ import annotations

from ...messages import message
from ..blocks import Blocks
from ..content import Content, Source
from ..safe_xml import parse_xml
from .opc import Package
from .text_elements import TextElements

_BEHIND = ("footnotes", "endnotes", "comments")
_SKIPPED = frozenset(
    (
        "pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "sdtPr",  # properties; among them are tabs that are no text
        "del", "moveFrom", "instrText", "delInstrText", "rt",
        "Fallback",  # a text box again, for older programs
    )
)  # fmt: skip


def read_docx(source: Source) -> Content:
    """Text, title, author, dates and keywords of a Word document. Raises ValueError: "encrypted", "damaged ZIP file"."""
    package = Package(source)
    main = package.main_part("word/document.xml")
    blocks = Blocks()
    warnings = _read(package, main, blocks, source)
    for part in package.related(main, *_BEHIND):
        warnings += _read(package, part, blocks, source)
    for line in _headers(package, main, source):
        blocks.block(line)
    text = blocks.text()
    if warnings and not text:
        raise ValueError(warnings[0])
    return package.facts().content(text, warnings=tuple(dict.fromkeys(warnings)))


def _headers(package: Package, main: str, source: Source) -> dict[str, None]:
    """The paragraphs of all headers and footers, each once: most pages have the same."""
    lines: dict[str, None] = {}
    for part in package.related(main, "header", "footer"):
        blocks = Blocks()
        _read(package, part, blocks, source)
        lines.update(dict.fromkeys(blocks.text().split("\n\n")))
    lines.pop("", None)
    return lines


def _read(package: Package, part: str, blocks: Blocks, source: Source) -> list[str]:
    """Add the text of a part to the blocks. If it is damaged, what comes before the damage is added, and told."""
    runs = TextElements(blocks.add)
    try:
        parse_xml(
            package.chunks(part),
            starts={
                "p": blocks.open_paragraph,
                "tr": blocks.open_row,
                "tc": blocks.open_cell,
                "t": runs.begin,
                "tab": lambda _: blocks.add("\t"),
                "br": lambda _: blocks.add("\n"),
                "cr": lambda _: blocks.add("\n"),
                "noBreakHyphen": lambda _: blocks.add("-"),
            },
            ends={"p": blocks.close_paragraph, "tr": blocks.close_row, "tc": blocks.close_cell, "t": runs.end},
            text=runs.text,
            skip=_SKIPPED,
            is_late=source.is_late,
        )
    except ValueError as error:
        blocks.end()
        return [message("{part} not read to its end: {error}", part=part, error=error)]
    return []
