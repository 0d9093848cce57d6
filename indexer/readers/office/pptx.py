"""The reader of PowerPoint presentations: PPTX, PPTM, PPSX, POTX. A slide is a page, its notes stand on it."""

from __future__ import annotations

from ...messages import message
from ..blocks import Blocks
from ..content import Content, Source
from ..safe_xml import Attributes, attribute, elements, parse_xml
from .opc import Package
from .text_elements import TextElements

_SKIPPED = frozenset(("Fallback", "pPr", "rPr", "endParaRPr", "tblPr", "tcPr", "bodyPr", "lstStyle"))
_BESIDE = ("diagramData", "comments", "notesSlide")


def read_pptx(source: Source) -> Content:
    """The text of all slides in their order, with notes. Raises ValueError: "encrypted", "damaged ZIP file"."""
    package = Package(source)
    main = package.main_part("ppt/presentation.xml")
    blocks = Blocks()
    warnings: list[str] = []
    for slide in _slides(package, main, source):
        if source.is_late():
            warnings.append(message("not read to its end: out of time"))
            break
        blocks.page()
        for part in (slide, *package.related(slide, *_BESIDE)):
            try:
                _read(package, part, blocks, source)
            except ValueError as error:
                blocks.end()
                warnings.append(message("{part} not read to its end: {error}", part=part, error=error))
    text = blocks.text()
    if warnings and not text:
        raise ValueError(warnings[0])
    return package.facts().content(text, warnings=tuple(warnings), pages=tuple(blocks.pages))


def _slides(package: Package, main: str, source: Source) -> list[str]:
    """The paths of the slides, in the order in which they are shown."""
    targets = {each.id: each.target for each in package.relations(main) if each.kind == "slide"}
    listed = elements(package.chunks(main), ("sldId",), is_late=source.is_late)
    ids = dict.fromkeys(attribute(each.attributes, ":id") for each in listed)
    return [targets[each] for each in ids if each in targets and package.has(targets[each])]


def _read(package: Package, part: str, blocks: Blocks, source: Source) -> None:
    in_number = False
    runs = TextElements(blocks.add)

    def begin(_: object) -> None:
        runs.is_inside = not in_number

    def begin_field(attributes: Attributes) -> None:
        nonlocal in_number
        in_number = attributes.get("type") == "slidenum"

    def end_field() -> None:
        nonlocal in_number
        in_number = False

    def begin_comment(_: object) -> None:
        blocks.open_paragraph()
        begin(_)

    def end_comment() -> None:
        runs.end()
        blocks.close_paragraph()

    parse_xml(
        package.chunks(part),
        starts={
            "p": blocks.open_paragraph,
            "tr": blocks.open_row,
            "tc": blocks.open_cell,
            "t": begin,
            "fld": begin_field,
            "br": lambda _: blocks.add("\n"),
            "text": begin_comment,
        },
        ends={
            "p": blocks.close_paragraph,
            "tr": blocks.close_row,
            "tc": blocks.close_cell,
            "t": runs.end,
            "fld": end_field,
            "text": end_comment,
        },
        text=runs.text,
        skip=_SKIPPED,
        is_late=source.is_late,
    )
