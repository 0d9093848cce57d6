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
    # Office documents
    Format(
        "Word", (".docx", ".docm", ".dotx", ".dotm"), ".office.docx:read_docx", "paragraphs, tables, notes, comments"
    ),
    Format(
        "PowerPoint", (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"), ".office.pptx:read_pptx", "slides and their notes"
    ),
    Format("Excel", (".xlsx", ".xlsm", ".xltx", ".xltm"), ".office.xlsx:read_xlsx", "a line a row, all sheets"),
    Format(
        "OpenDocument",
        (".odt", ".ott", ".ods", ".ots", ".odp", ".otp", ".odg"),
        ".office.odf:read_odf",
        "texts, sheets, presentations, drawings",
    ),
    # Books
    Format("EPUB", (".epub",), ".books.epub:read_epub", "chapters in their order, without the table of contents"),
    Format("FictionBook", (".fb2", ".fb2.zip", ".fbz"), ".books.fb2:read_fb2", "annotation, body, notes"),
    # Archives
    Format(
        "ZIP archive",
        (".zip",),
        ".archives.zip_archive:read_zip",
        "each file of a known format",
        magic=(b"PK\3\4", b"PK\5\6"),
    ),
    Format(
        "tar archive",
        (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz"),
        ".archives.compressed:read_tar",
        "each file of a known format",
    ),
    Format(
        "compressed file",
        (".gz", ".xz", ".bz2"),
        ".archives.compressed:read_compressed",
        "a file of a known format: a.txt.gz",
        magic=(b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh"),
    ),
    # Mail
    Format("mail", (".eml", ".emlx"), ".mail.mails:read_mail", "the text, and attachments of known formats"),
    Format("mailbox", (".mbox", ".mbx"), ".mail.mails:read_mailbox", "each message a document"),
    # Thunderbird's files have no extension.
    Format("mailbox", (), ".mail.mails:read_mailbox", "each message a document", magic=(b"From - ",)),
)
