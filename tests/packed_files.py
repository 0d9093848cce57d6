"""Makes small files of the packed formats, by hand: what stands in them is seen in the tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from naidi.indexer.readers import Content, Source, format_of

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = (
    'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:draw="d" xmlns:dc="c" xmlns:meta="m" xmlns:style="s" '
    'xmlns:svg="v" xmlns:presentation="p"'
)


def no_bytes(value: object) -> str | None:
    """For the ids of tests: compressed bytes may have the time in them, and ids must be the same in all processes."""
    return "data" if isinstance(value, bytes) else None


def contents(name: str, data: bytes, **options: object) -> list[Content]:
    """What the reader that the name tells finds in the data."""
    found = format_of(name)
    assert found is not None
    result = found.load()(Source(data, name, **options))  # type: ignore[arg-type]
    return [result] if isinstance(result, Content) else list(result)


def content(name: str, data: bytes, **options: object) -> Content:
    """The same for a file that is one document."""
    (only,) = contents(name, data, **options)
    return only


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def relations(**targets: str) -> str:
    """A part of relations: id to "kind target"."""
    rows = (
        f'<Relationship Id="{each}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for each, (kind, target) in ((each, value.split(" ")) for each, value in targets.items())
    )
    return f'<Relationships xmlns="r">{"".join(rows)}</Relationships>'


def docx(body: str, core: str = "", **members: str) -> bytes:
    """A Word document. The names of further members of its folder have _ for a dot."""
    kinds = {
        "footnotes": "footnotes",
        "endnotes": "endnotes",
        "comments": "comments",
        "header": "header",
        "footer": "footer",
    }
    inner = {name.replace("_", "."): text for name, text in members.items()}
    related = {f"r{number}": f"{kinds[name.rstrip('0123456789.xml')]} {name}" for number, name in enumerate(inner)}
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(a="officeDocument word/document.xml", b="core-properties docProps/core.xml"),
            "docProps/core.xml": f'<cp:coreProperties xmlns:cp="x" xmlns:dc="y" xmlns:dcterms="z">{core}</cp:coreProperties>',
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": relations(**related),
            **{f"word/{name}": f"<w:part {W}>{text}</w:part>" for name, text in inner.items()},
        }
    )


def paragraph(text: str) -> str:
    """A paragraph of Word."""
    return f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def odf(body: str, meta: str = "", styles: str = "") -> bytes:
    """An OpenDocument file."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:body>{body}</office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {ODF}><office:meta>{meta}</office:meta></office:document-meta>",
            "styles.xml": f"<office:document-styles {ODF}>{styles}</office:document-styles>",
            "META-INF/manifest.xml": "<manifest/>",
        }
    )


def epub(chapters: Mapping[str, str], metadata: str = "", extra: Mapping[str, str] | None = None) -> bytes:
    """A book with these chapters, by path inside its folder."""
    items = "".join(
        f'<item id="{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="{number}"/>' for number in range(len(chapters)))
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>',
            "O/b.opf": f'<package xmlns:dc="d" xmlns:opf="o"><metadata>{metadata}</metadata>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{f"O/{name}": text for name, text in chapters.items()},
            **(extra or {}),
        }
    )
