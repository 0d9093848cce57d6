"""Which kinds of files a real folder has, and how many of each of 20,000."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from benchmarks.formats import packed_files as packed
from benchmarks.formats import text_files as text
from benchmarks.formats.texts import Text

Write = Callable[[Sequence[Text], int], bytes]


class Kind(NamedTuple):
    """A kind of files.

    name: for people; no other has it.
    count: how many, of 20,000.
    extensions: of the files, in turns.
    write: gives the bytes of a file, from its texts and its number. A string is the name of the format at pandoc.
    texts: how many one file has.
    language: "ru", "en", or empty for both.
    is_markdown: whether the texts are Markdown; else they have no markup.
    """

    name: str
    count: int
    extensions: tuple[str, ...]
    write: Write | str
    texts: int = 1
    language: str = ""
    is_markdown: bool = False


def _pandoc(name: str, extension: str, writer: str) -> Kind:
    return Kind(f"{name} (pandoc)", 200, (extension,), writer, is_markdown=True)


KINDS: tuple[Kind, ...] = (
    Kind("text, UTF-8", 1750, (".txt",), text.plain),
    Kind("text, UTF-8 with BOM", 500, (".txt",), text.encoded("utf-8", b"\xef\xbb\xbf")),
    Kind("text, UTF-16 LE with BOM", 400, (".txt",), text.encoded("utf-16-le", b"\xff\xfe")),
    Kind("text, UTF-16 BE with BOM", 300, (".txt",), text.encoded("utf-16-be", b"\xfe\xff")),
    Kind("text, cp1251", 600, (".txt",), text.encoded("cp1251"), language="ru"),
    Kind("text, koi8-r", 500, (".txt",), text.encoded("koi8-r"), language="ru"),
    Kind("text, cp866", 400, (".txt",), text.encoded("cp866"), language="ru"),
    Kind("text, cp1252", 500, (".txt",), text.printed, language="en"),
    Kind("no extension", 600, ("",), text.plain),
    Kind("Markdown", 2000, (".md",), text.markdown, is_markdown=True),
    Kind("HTML, UTF-8", 1200, (".html",), text.html("utf-8")),
    Kind("HTML, cp1251", 400, (".htm",), text.html("windows-1251"), language="ru"),
    Kind("PDF (reportlab)", 1000, (".pdf",), packed.pdf),
    Kind("Word (python-docx)", 800, (".docx",), packed.docx),
    Kind("OpenDocument (odfpy)", 500, (".odt",), packed.odt),
    Kind("PowerPoint (python-pptx)", 250, (".pptx",), packed.pptx),
    Kind("Excel (openpyxl)", 250, (".xlsx",), packed.xlsx),
    Kind("EPUB", 400, (".epub",), packed.epub),
    Kind("FictionBook", 500, (".fb2",), packed.fb2("utf-8")),
    Kind("FictionBook, cp1251, zip", 200, (".fb2.zip",), packed.fb2_zip, language="ru"),
    Kind("RTF", 400, (".rtf",), text.rtf),
    Kind("mail", 700, (".eml",), packed.eml),
    Kind("mailbox of 4", 250, (".mbox",), packed.mbox, 4),
    Kind("CSV of 8", 300, (".csv",), text.csv_file(",", "utf-8"), 8),
    Kind("CSV of 8, cp1251, ;", 200, (".csv",), text.csv_file(";", "cp1251"), 8, "ru"),
    Kind("JSON Lines of 8", 300, (".jsonl",), text.json_lines, 8),
    Kind("reStructuredText", 400, (".rst",), text.rst),
    Kind("Org", 400, (".org",), text.org),
    Kind("LaTeX", 400, (".tex",), text.latex),
    Kind("AsciiDoc", 400, (".adoc",), text.asciidoc),
    Kind("MediaWiki", 200, (".wiki",), text.mediawiki),
    Kind("subtitles, SRT", 250, (".srt",), text.subtitles(",")),
    Kind("subtitles, WebVTT", 200, (".vtt",), text.subtitles(".", "WEBVTT\n\n")),
    Kind("text, gzip", 300, (".txt.gz",), packed.gz),
    Kind("text, xz", 250, (".txt.xz",), packed.xz),
    Kind("text, bzip2", 200, (".txt.bz2",), packed.bz2_file),
    Kind("ZIP of 3", 300, (".zip",), packed.zip_file, 3),
    Kind("tar.gz of 3", 200, (".tar.gz",), packed.tar_gz, 3),
    Kind("source code", 1000, text.SOURCE_EXTENSIONS, text.source_code),
    Kind("XML", 250, (".xml",), text.xml),
    Kind("JSON", 250, (".json",), text.json_file),
    Kind("log", 200, (".log",), text.log),
    _pandoc("Word", ".docx", "docx"),
    _pandoc("OpenDocument", ".odt", "odt"),
    _pandoc("PowerPoint", ".pptx", "pptx"),
    _pandoc("EPUB", ".epub", "epub"),
    _pandoc("FictionBook", ".fb2", "fb2"),
    _pandoc("RTF", ".rtf", "rtf"),
    _pandoc("HTML", ".html", "html"),
    _pandoc("reStructuredText", ".rst", "rst"),
    _pandoc("Org", ".org", "org"),
    _pandoc("LaTeX", ".tex", "latex"),
    _pandoc("AsciiDoc", ".adoc", "asciidoc"),
    _pandoc("MediaWiki", ".wiki", "mediawiki"),
)
