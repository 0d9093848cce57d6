"""The formats that naidi reads. Their readers are imported when a file needs them."""

from __future__ import annotations

from ..file_facts import CSV_ENDINGS, JSON_LINES_ENDINGS
from ..messages import message
from .file_names import READMES, SOURCE_CODE, SOURCE_FILES
from .registry import Format

TEXT = Format(
    message("plain text"),
    (".txt", ".text", ".textile", ".creole", ".typ", ".rdoc", ".nfo", ".diz", ".1st"),
    ".text:read_text",
    message("text as it stands; also files without an extension that begin as text does"),
    file_names=READMES,
    is_text=True,
)

BUILTIN = (
    # Text with markup
    TEXT,
    Format(
        "Markdown",
        (".md", ".markdown", ".mkd", ".mdown", ".mdx", ".qmd", ".rmd"),
        ".markdown:read_markdown",
        message("text with its markup; front matter in YAML or TOML"),
        is_text=True,
    ),
    Format(
        "AsciiDoc",
        (".adoc", ".asciidoc", ".asc"),
        ".asciidoc:read_asciidoc",
        message("text with its markup; the header; no comments"),
        is_text=True,
    ),
    Format(
        message("reStructuredText"),
        (".rst", ".rest"),
        ".restructured_text:read_restructured_text",
        message("text with its markup; the fields at its start; no comments"),
        is_text=True,
    ),
    Format(
        "Org",
        (".org",),
        ".org:read_org",
        message("text with its markup; settings, tags of headlines; no comments"),
        is_text=True,
    ),
    Format(
        "LaTeX",
        (".tex", ".latex", ".ltx"),
        ".latex:read_latex",
        message("text without commands and comments; title, authors, date"),
        is_text=True,
    ),
    Format(
        "MediaWiki",
        (".wiki", ".mediawiki"),
        ".mediawiki:read_mediawiki",
        message("text without markup; categories"),
        is_text=True,
    ),
    # Tables: a document a row
    Format(
        message("CSV and TSV"),
        CSV_ENDINGS,
        ".csv_table:read_csv",
        message("a document a row; columns for title, date, id"),
        is_text=True,
    ),
    Format(
        message("JSON Lines"),
        JSON_LINES_ENDINGS,
        ".json_lines:read_json_lines",
        message("a document a line; keys for title, date, id"),
        is_text=True,
    ),
    # What programs read and write
    Format(
        message("source code"),
        SOURCE_CODE,
        ".source_code:read_source_code",
        message("text as it stands; words of identifiers"),
        SOURCE_FILES,
        is_text=True,
    ),
    Format(
        message("JSON and properties"),
        (".json", ".json5", ".jsonc", ".geojson", ".properties"),
        ".escaped_text:read_escaped_text",
        message("text as it stands, letters for their escapes"),
        is_text=True,
    ),
    Format(
        message("configuration"),
        (".yaml", ".yml", ".toml", ".ini", ".conf", ".cfg", ".config", ".reg", ".desktop", ".service"),
        ".text:read_text",
        message("text as it stands"),
        is_text=True,
    ),
    Format(
        message("XML and SVG"),
        (".xml", ".svg", ".rss", ".atom", ".opml", ".xsd", ".xsl", ".xslt", ".plist", ".xliff", ".resx"),
        ".xml_text:read_xml",
        message("texts and values; names of elements are searched; the first title"),
        is_text=True,
    ),
    Format(
        message("logs"),
        (".log", *(f".log.{number}" for number in range(1, 10))),
        ".text:read_text",
        message("text as it stands"),
        is_text=True,
    ),
    Format(message("changes"), (".diff", ".patch"), ".text:read_text", message("text as it stands"), is_text=True),
    Format(
        message("subtitles"),
        (".srt", ".vtt", ".ass", ".ssa"),
        ".subtitles:read_subtitles",
        message("what is said, joined to sentences"),
        is_text=True,
    ),
    # Pages
    Format(
        "HTML",
        (".html", ".htm", ".xhtml"),
        ".html:read_html",
        message("text without menus; title, date, author, keywords"),
        needs="selectolax [formats]",
    ),
    Format("RTF", (".rtf",), ".rtf:read_rtf", message("text; title, date, author, keywords"), magic=(b"{\\rtf",)),
    Format(
        "PDF",
        (".pdf",),
        ".pdf:read_pdf",
        message("text by page; title, date, author, keywords"),
        magic=(b"%PDF-",),
        needs="pypdfium2 [formats]",
    ),
    Format(
        message("picture"),
        (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"),
        ".image:read_image",
        message("text that tesseract recognises, with --ocr"),
        needs_ocr=True,
    ),
    # Office documents
    Format(
        "Word",
        (".docx", ".docm", ".dotx", ".dotm"),
        ".office.docx:read_docx",
        message("paragraphs, tables, notes, comments"),
    ),
    Format(
        "PowerPoint",
        (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"),
        ".office.pptx:read_pptx",
        message("slides and their notes"),
    ),
    Format(
        "Excel", (".xlsx", ".xlsm", ".xltx", ".xltm"), ".office.xlsx:read_xlsx", message("a line a row, all sheets")
    ),
    Format(
        "OpenDocument",
        (".odt", ".ott", ".ods", ".ots", ".odp", ".otp", ".odg"),
        ".office.odf:read_odf",
        message("texts, sheets, presentations, drawings"),
    ),
    # Books
    Format(
        "EPUB", (".epub",), ".books.epub:read_epub", message("chapters in their order, without the table of contents")
    ),
    Format("FictionBook", (".fb2", ".fb2.zip", ".fbz"), ".books.fb2:read_fb2", message("annotation, body, notes")),
    # Archives
    Format(
        message("ZIP archive"),
        (".zip",),
        ".archives.zip_archive:read_zip",
        message("each file of a known format"),
        magic=(b"PK\3\4", b"PK\5\6"),
        holds_files=True,
    ),
    Format(
        message("tar archive"),
        (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz"),
        ".archives.compressed:read_tar",
        message("each file of a known format"),
        holds_files=True,
    ),
    Format(
        message("compressed file"),
        (".gz", ".xz", ".bz2"),
        ".archives.compressed:read_compressed",
        message("a file of a known format: a.txt.gz"),
        magic=(b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh"),
        holds_files=True,
    ),
    # Mail
    Format(
        message("mail"),
        (".eml", ".emlx"),
        ".mail.mails:read_mail",
        message("the text, and attachments of known formats"),
        holds_files=True,
    ),
    Format(
        message("mailbox"),
        (".mbox", ".mbx"),
        ".mail.mails:read_mailbox",
        message("each message a document"),
        holds_files=True,
    ),
    # Thunderbird's files have no extension.
    Format(
        message("mailbox"),
        (),
        ".mail.mails:read_mailbox",
        message("each message a document"),
        magic=(b"From - ",),
        holds_files=True,
    ),
)
