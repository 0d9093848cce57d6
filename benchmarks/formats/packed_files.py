"""Writes texts as files that are no plain text, by the libraries that programs use: PDF, office, books, mail, archives.

pip install python-docx odfpy python-pptx openpyxl reportlab
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mailbox
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from pathlib import Path

from benchmarks.formats.text_files import plain, typed
from benchmarks.formats.texts import Text, Texts, paragraphs

PACKAGES = {
    "docx": "python-docx",
    "odf": "odfpy",
    "pptx": "python-pptx",
    "openpyxl": "openpyxl",
    "reportlab": "reportlab",
}
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
"""A font with Cyrillic letters, for PDF files."""


def docx(texts: Texts, number: int) -> bytes:
    from docx import Document

    (one,) = texts
    document = Document()
    document.core_properties.title = one.title
    document.add_heading(one.title, 1)
    found = paragraphs(one.text)
    for place, each in enumerate(found):
        if number % 5 == 0 and place == 1:
            table = document.add_table(rows=1, cols=2)
            table.cell(0, 0).text, table.cell(0, 1).text = "1", each
        else:
            paragraph = document.add_paragraph()
            middle = len(each) // 2  # a word in two runs, as Word writes them
            paragraph.add_run(each[:middle])
            paragraph.add_run(each[middle:]).bold = number % 2 == 0
    return _saved(document.save)


def odt(texts: Texts, number: int) -> bytes:
    from odf.dc import Title
    from odf.opendocument import OpenDocumentText
    from odf.text import H, P

    (one,) = texts
    document = OpenDocumentText()
    document.meta.addElement(Title(text=one.title))
    document.text.addElement(H(outlinelevel=1, text=one.title))
    for each in paragraphs(one.text):
        document.text.addElement(P(text=each))
    return _saved(document.write)


def pptx(texts: Texts, number: int) -> bytes:
    from pptx import Presentation

    (one,) = texts
    presentation = Presentation()
    found = paragraphs(one.text)
    for place in range(0, len(found), 3):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = one.title
        first, *others = found[place : place + 3]
        slide.placeholders[1].text = first
        if others:
            slide.notes_slide.notes_text_frame.text = "\n".join(others)
    return _saved(presentation.save)


def xlsx(texts: Texts, number: int) -> bytes:
    from openpyxl import Workbook

    (one,) = texts
    book = Workbook()
    sheet = book.active
    sheet.append(["No", one.title])
    for place, each in enumerate(paragraphs(one.text)):
        if place and place % 10 == 0:
            sheet = book.create_sheet(f"Sheet{place}")
        sheet.append([place, "'" + each if each[0] == "=" else each])
    return _saved(book.save)


@cache
def _font() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if not FONT.is_file():
        raise SystemExit(f"{FONT}: needed for PDF files; it is in the package fonts-dejavu-core of Debian")
    pdfmetrics.registerFont(TTFont("DejaVu", FONT))
    return "DejaVu"


def pdf(texts: Texts, number: int) -> bytes:
    """Pages with their numbers; Russian, and every other English file, in a font that is inside of the file."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    (one,) = texts
    own = one.language == "ru" or number % 2 or not (one.title + one.text).isascii()
    style = ParagraphStyle(
        "body", fontName=_font() if own else "Helvetica", fontSize=10, leading=13, alignment=4 * (number % 3 == 0)
    )
    out = io.BytesIO()
    document = SimpleDocTemplate(out, pagesize=A4, title=one.title)
    flow: list[object] = [Paragraph(escape(one.title), style), Spacer(1, 20)]
    flow += [Paragraph(escape(each), style) for each in paragraphs(one.text)]

    def foot(canvas: object, page: object) -> None:
        canvas.setFont(style.fontName, 8)  # type: ignore[attr-defined]
        canvas.drawCentredString(300, 30, str(page.page))  # type: ignore[attr-defined]

    document.build(flow, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def epub(texts: Texts, number: int) -> bytes:
    (one,) = texts
    found = paragraphs(one.text)
    chapters = [found[place : place + 8] for place in range(0, len(found), 8)]
    pages = {
        f"c{place}.xhtml": '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>{place}</title></head><body><h1>{escape(one.title)}</h1>"
        + "".join(f"<p>{escape(each)}</p>" for each in chapter)
        + "</body></html>"
        for place, chapter in enumerate(chapters)
    }
    items = "".join(
        f'<item id="i{place}" href="{name}" media-type="application/xhtml+xml"/>' for place, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="i{place}"/>' for place in range(len(pages)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(one.title)}</dc:title><dc:language>{one.language}</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf"'
    container += ' media-type="application/oebps-package+xml"/></rootfiles></container>'
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OEBPS/book.opf": package}
    return _zipped({**members, **{f"OEBPS/{name}": page for name, page in pages.items()}})


def fb2(encoding: str) -> Callable[[Texts, int], bytes]:
    """A writer of FictionBook."""

    def write(texts: Texts, number: int) -> bytes:
        (one,) = texts
        text, title = typed(one.text, encoding), typed(one.title, encoding)
        return (
            f'<?xml version="1.0" encoding="{encoding}"?>\n<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0">'
            f"<description><title-info><author><first-name>N.</first-name><last-name>Writer</last-name></author>"
            f"<book-title>{escape(title)}</book-title><lang>{one.language}</lang></title-info></description>"
            f"<body><title><p>{escape(title)}</p></title><section>"
            + "".join(f"<p>{escape(each)}</p>\n" for each in paragraphs(text))
            + "</section></body></FictionBook>\n"
        ).encode(encoding, "xmlcharrefreplace")

    return write


def fb2_zip(texts: Texts, number: int) -> bytes:
    return _zipped({"book.fb2": fb2("windows-1251")(texts, number)})


_MAIL = (
    ("utf-8", "quoted-printable"),
    ("utf-8", "base64"),
    ("koi8-r", "base64"),
    ("windows-1251", "8bit"),
    ("utf-8", "8bit"),
)


def _message(one: Text, number: int) -> EmailMessage:
    charset, transfer = _MAIL[number % len(_MAIL)]
    if one.language == "en" and charset != "utf-8":
        charset = "iso-8859-1"
    message = EmailMessage()
    message["From"], message["To"] = "Н. Писатель <writer@example.org>", "reader@example.org"
    message["Subject"] = one.title
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0300"
    text = typed(one.text, charset)
    text = text.encode(charset, "replace").decode(charset)
    if transfer == "8bit" and max(len(line.encode()) for line in text.split("\n")) > 900:
        transfer = "base64"
    kind = number // len(_MAIL) % 3
    if kind == 2:  # the text is attached
        message.set_content("See the attached file.\n")
        message.add_attachment(
            f"{one.title}\n\n{text}".encode(), maintype="text", subtype="plain", filename="заметка.txt"
        )
        return message
    message.set_content(text, charset=charset, cte=transfer)
    if kind == 1:
        page = "".join(f"<p>{escape(each)}</p>" for each in paragraphs(text))
        message.add_alternative(
            f"<html><body>{page}</body></html>", subtype="html", charset="utf-8", cte="quoted-printable"
        )
    return message


def eml(texts: Texts, number: int) -> bytes:
    return _message(texts[0], number).as_bytes(policy=SMTP if number % 2 else None)


def mbox(texts: Texts, number: int) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "box")
        box = mailbox.mbox(path)
        for each, one in enumerate(texts):
            box.add(mailbox.mboxMessage(_message(one, number + each)))
        box.close()
        return path.read_bytes()


def gz(texts: Texts, number: int) -> bytes:
    return gzip.compress(plain(texts, number), 6)


def xz(texts: Texts, number: int) -> bytes:
    return lzma.compress(plain(texts, number), preset=0)


def bz2_file(texts: Texts, number: int) -> bytes:
    return bz2.compress(plain(texts, number))


def zip_file(texts: Texts, number: int) -> bytes:
    return _zipped({f"папка/заметка {place}.txt": plain([one], place) for place, one in enumerate(texts)})


def tar_gz(texts: Texts, number: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
        for place, one in enumerate(texts):
            data = plain([one], place)
            info = tarfile.TarInfo(f"папка/{place}.txt")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()
