"""The formats that naidi reads. Their readers are imported when a file needs them."""

from __future__ import annotations

from .registry import Format

TEXT = Format("plain text", (".txt", ".text"), ".text:read_text", "text as it stands", is_text=True)
"""Also the format of files without an extension that begin as text does."""

BUILTIN = (
    # Text with markup
    TEXT,
    Format(
        "Markdown",
        (".md", ".markdown"),
        ".markdown:read_markdown",
        "text with its markup; title and date",
        is_text=True,
    ),
    # Pages
    Format(
        "HTML",
        (".html", ".htm", ".xhtml"),
        ".html:read_html",
        "text without menus; title, date, author, keywords",
        needs="selectolax [formats]",
    ),
    Format("RTF", (".rtf",), ".rtf:read_rtf", "text; title, date, author, keywords", magic=(b"{\\rtf",)),
    Format(
        "PDF",
        (".pdf",),
        ".pdf:read_pdf",
        "text by page; title, date, author, keywords",
        magic=(b"%PDF-",),
        needs="pypdfium2 [formats]",
    ),
    Format(
        "picture",
        (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"),
        ".image:read_image",
        "text that tesseract recognises, with --ocr",
    ),
)
