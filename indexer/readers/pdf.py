"""The reader of PDF files, by pdfium."""

from __future__ import annotations

import time
from typing import Any

from ..messages import message, sentence
from ..printable import counted
from .broken_words import join_broken_words
from .content import Content, Source
from .ocr import recogniser
from .page_layout import paragraphs, without_running_heads
from .pdf_metadata import cleaned, with_metadata

NO_TEXT = message("no text, only pictures (--ocr reads them)")
"""Why a file without text is left out while no text is recognised."""

_PASSWORD_ERRORS = (4, 5)  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_DPI = 300
_MOST_PIXELS = 5000  # a side; wall maps are rendered smaller


def read_pdf(source: Source) -> Content:
    """The text by page, title, day, author and keywords.

    Raises ValueError if the file is encrypted or damaged, or has no text at all.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.data)
    except pypdfium2.PdfiumError as error:
        raise ValueError(
            message("encrypted") if error.err_code in _PASSWORD_ERRORS else message("damaged PDF")
        ) from None
    recognise = recogniser(source.options, source.deadline)
    # The text is laid out when all pages are read, and that takes time too.
    end = source.deadline - 0.3 * (source.deadline - time.monotonic())
    pages: list[str] = []
    unreadable = pictures = 0
    not_recognised = ""
    count = len(document)
    for number in range(count):
        if time.monotonic() > end:
            break
        try:
            page = document[number]
            text = _text_of(page)
            if not text.strip():
                pictures += 1
                if recognise is not None and not not_recognised:
                    text = recognise(_picture(page))
                    pictures -= 1
            page.close()
        except pypdfium2.PdfiumError:
            unreadable += 1
            text = ""
        except ValueError as error:
            not_recognised = sentence(error)
        pages.append(text)
    warnings = []
    if len(pages) < count:
        warnings.append(message("read {count:,} of {total:,} pages", count=len(pages), total=count))
    if unreadable:
        warnings.append(counted(unreadable, "damaged page"))
    if pictures:
        warnings.append(message("{pictures} without text", pictures=counted(pictures, "page")))
    text, offsets = _laid_out(pages)
    if not text and pictures:
        raise ValueError(not_recognised or NO_TEXT)
    return with_metadata(Content(text, warnings=tuple(warnings), pages=offsets), document.get_metadata_value)


def _text_of(page: Any) -> str:
    text_page = page.get_textpage()
    text: str = text_page.get_text_range()
    text_page.close()
    return cleaned(text.replace("\r\n", "\n").replace("\r", "\n"))


def _laid_out(pages: list[str]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages, and where each begins."""
    lines = without_running_heads([page.split("\n") for page in pages])
    text, offsets = [], []
    length = 0
    for page in join_broken_words(["\n".join(line.rstrip() for line in each if line.strip()) for each in lines]):
        offsets.append(length)
        text.append(paragraphs(page.split("\n")) + "\n")
        length += len(text[-1])
    whole = "".join(text)
    return ("", ()) if not whole.strip() else (whole, tuple(offsets))


def _picture(page: Any) -> bytes:
    """The page as a grey picture in the format PGM."""
    width, height = page.get_size()
    scale = min(_DPI / 72, _MOST_PIXELS / max(width, height, 1))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        stride, row = bitmap.stride, bitmap.width
        data = bytes(bitmap.buffer)
        rows = data if stride == row else b"".join(data[y * stride : y * stride + row] for y in range(bitmap.height))
        return b"P5 %d %d 255\n" % (row, bitmap.height) + rows
    finally:
        bitmap.close()
