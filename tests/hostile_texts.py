"""More files that were made to do harm: pages, text with markup, tables, mail, and files that are cut or of a wrong encoding.

Each has a name, how the file is called, and what makes it. They need no package but naidi.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zlib
from collections.abc import Callable

from tests.packed_files import docx, epub, odf, paragraph, relations, zipped
from tests.pdf_files import pdf

MB = 1 << 20
Make = Callable[[], bytes]


def objects(*values: bytes, trailer: bytes = b"") -> bytes:
    """A PDF file of these objects, numbered from 1, the first of them the catalog. Its table of objects is left to be found."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, value) for number, value in enumerate(values, 1))
    return b"%PDF-1.5\n" + body + b"trailer << /Root 1 0 R /Size %d %s >>\n%%%%EOF\n" % (len(values) + 1, trailer)


def stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), facts, data)


def page_of(content: bytes, *others: bytes, resources: bytes = b"") -> bytes:
    """A PDF file of one page."""
    return objects(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %s >> >>"
        % resources,
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *others,
    )


def deflated(block: bytes, times: int, facts: bytes = b"") -> bytes:
    deflate = zlib.compressobj(1)
    packed = b"".join(deflate.compress(block) for _ in range(times)) + deflate.flush()
    return stream(packed, b"/Filter /FlateDecode " + facts)


def twice_deflated(size: int) -> bytes:
    deflate = zlib.compressobj(1)
    inner = b"".join(deflate.compress(bytes(MB)) for _ in range(size // MB)) + deflate.flush()
    return page_of(stream(zlib.compress(inner, 9), b"/Filter [/FlateDecode /FlateDecode]"))


def forms_in_forms(depth: int = 12, width: int = 10) -> bytes:
    """Each form shows the next ten times: 10 to the power of 12 words."""
    shown = b" ".join([b"/X Do"] * width)
    forms = [
        stream(
            shown,
            b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X %d 0 R >> >>" % (7 + n),
        )
        for n in range(depth)
    ]
    last = stream(
        b"BT /F 10 Tf (text) Tj ET",
        b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F 5 0 R >> >>",
    )
    return page_of(stream(shown), *forms, last, resources=b"/XObject << /X 6 0 R >>")


def pages_in_circles() -> bytes:
    return objects(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R 2 0 R] >>")


def pages_deep(depth: int = 100_000) -> bytes:
    nodes = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (n + 3) for n in range(depth)]
    return objects(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, b"<< /Type /Page /MediaBox [0 0 9 9] >>")


def locked_pdf() -> bytes:
    extra = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /O ("
        + b"x" * 32
        + b") /U ("
        + b"y" * 32
        + b") /P -4 >> /ID [(a) (a)]"
    )
    return pdf([["text"]], extra=extra)


def noise(size: int) -> bytes:
    """Bytes above 127, the same each time."""
    return bytes(random.Random(7).choices(range(128, 256), k=1 << 16)) * (size >> 16)


def changing(size: int) -> bytes:
    """Text whose lines are in encodings in turns."""
    line = "Съешь ещё этих мягких французских булок\n"
    block = b"".join(line.encode(each) for each in ("utf-8", "cp1251", "koi8-r", "cp866", "utf-16-be", "mac-cyrillic"))
    return block.replace(b"\0", b"") * (size // len(block))


def message(kind: bytes, body: bytes) -> bytes:
    return b"Subject: s\nContent-Type: " + kind + b"\n\n" + body


def mails_in_mails(depth: int = 10_000) -> bytes:
    return b"Subject: s\nContent-Type: message/rfc822\n\n" * depth + b"Subject: s\n\ntext"


def multiparts(depth: int = 5_000) -> bytes:
    """Whole parts in parts, each with its end."""
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"Subject: s\n" + head + b"\ntext\n" + b"".join(b"--b%d--\n" % n for n in reversed(range(depth)))


def archives_in_archives(depth: int = 50) -> bytes:
    data = gzip.compress(b"text")
    for number in range(depth):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            info = tarfile.TarInfo(f"a{number}.tar.gz" if number else "a.txt.gz")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        data = out.getvalue()
    return data


def quadrillion() -> bytes:
    """Entities of one level, which no rule about nesting stops."""
    return f'<!DOCTYPE a [<!ENTITY x "{"x" * 100_000}">]><a>{"&x;" * 100_000}</a>'.encode()


def slides(text: str, count: int) -> bytes:
    ids = "".join(f'<sldId r:id="r{n}"/>' for n in range(count))
    return zipped(
        {
            "_rels/.rels": relations(a="officeDocument ppt/presentation.xml"),
            "ppt/presentation.xml": f'<presentation xmlns:r="r"><sldIdLst>{ids}</sldIdLst></presentation>',
            "ppt/_rels/presentation.xml.rels": relations(**{f"r{n}": "slide s.xml" for n in range(count)}),
            "ppt/s.xml": f"<sld><p><t>{text}</t></p></sld>",
        }
    )


def book(text: str) -> bytes:
    return f"<FictionBook><body><section>{text}</section></body></FictionBook>".encode()


def repeated(block: str | bytes, size: int = 60 * MB, start: str = "", end: str = "") -> Make:
    data = block.encode() if isinstance(block, str) else block
    return lambda: start.encode() + data * (size // len(data)) + end.encode()


# The name of the case: how the file is called, and what makes it.
PAGES: dict[str, tuple[str, Make]] = {
    "PDF: 10,000 pages": ("a.pdf", lambda: pdf([[f"line {n} of page {p}" for n in range(40)] for p in range(10_000)])),
    "PDF: 100,000 empty pages": ("a.pdf", lambda: pdf([[]] * 100_000)),
    "PDF: encrypted": ("a.pdf", locked_pdf),
    "PDF: a stream of 1 GB": ("a.pdf", lambda: page_of(deflated(bytes(MB), 1024))),
    "PDF: a stream of 1 GB, deflated twice": ("a.pdf", lambda: twice_deflated(1 << 30)),
    "PDF: 10 million words on a page": ("a.pdf", lambda: page_of(deflated(b"BT /F 10 Tf (text) Tj ET\n" * 40_000, 250))),
    "PDF: one word of 60 million letters": ("a.pdf", lambda: page_of(deflated(b"BT /F 10 Tf (" + b"a" * 60 * MB + b") Tj ET", 1))),
    "PDF: forms in forms": ("a.pdf", forms_in_forms),
    "PDF: nested arrays": ("a.pdf", lambda: page_of(stream(b"[" * 20 * MB))),
    "PDF: pages in circles": ("a.pdf", pages_in_circles),
    "PDF: pages 100,000 deep": ("a.pdf", pages_deep),
    "PDF: a million objects": ("a.pdf", lambda: objects(b"<< /Type /Catalog >>", *[b"<< /A (b) >>"] * 1_000_000)),
    "PDF: header and noise": ("a.pdf", lambda: b"%PDF-1.7\n" + noise(60 * MB)),
    "HTML: a million elements deep": ("a.html", repeated("<div>", 5 * MB)),
    "HTML: 60 MB of tags": ("a.html", repeated("<p>a")),
    "HTML: 60 MB of inline tags": ("a.html", repeated("<b><i>")),
    "HTML: misnested": ("a.html", repeated("<a><p></a><b>", 30 * MB)),
    "HTML: tables in tables": ("a.html", repeated("<table><tr><td>", 30 * MB)),
    "HTML: one tag": ("a.html", repeated("a", start="<p class='")),
    "HTML: a million attributes": ("a.html", lambda: b"<p " + b" ".join(b"a%d=''" % n for n in range(3_000_000)) + b">text"),
    "HTML: one line of text": ("a.html", repeated("слово ")),
    "HTML: one word": ("a.html", repeated("a")),
    "HTML: references": ("a.html", repeated("&#1078;")),
    "HTML: lists of links": ("a.html", repeated("<ul><li><a href=x>a</a>")),
    "HTML: says UTF-16, is noise": ("a.html", lambda: b"<meta charset=utf-16>" + noise(60 * MB)),
    "HTML: says UTF-7": ("a.html", repeated("+BBY-", start="<meta charset=utf-7>")),
    "HTML: says koi8-r": ("a.html", lambda: b"<meta charset=koi8-r>" + noise(60 * MB)),
    "RTF: groups in groups": ("a.rtf", repeated("{", start="{\\rtf1 ")),
    "RTF: groups opened and closed": ("a.rtf", repeated("{\\b a}", start="{\\rtf1 ")),
    "RTF: letters as numbers": ("a.rtf", repeated("\\u1078?", start="{\\rtf1\\uc1 ")),
    "RTF: binary data that lies": ("a.rtf", repeated("\\bin999999999 ", start="{\\rtf1 ")),
    "RTF: one word": ("a.rtf", repeated("a", start="{\\rtf1 ")),
    "RTF: one command": ("a.rtf", repeated("a", start="{\\rtf1 \\")),
    "RTF: skips without end": ("a.rtf", repeated("\\uc30000\\u1078", start="{\\rtf1 ")),
}  # fmt: skip

TEXTS: dict[str, tuple[str, Make]] = {
    "text: one word of 60 MB": ("a.txt", repeated("a")),
    "text: one line of 60 MB": ("a.txt", repeated("слово ")),
    "text: noise": ("a.txt", lambda: noise(60 * MB)),
    "text: encodings in turns": ("a.txt", lambda: changing(60 * MB)),
    "text: UTF-16 of noise": ("a.txt", lambda: b"\xff\xfe" + noise(60 * MB)),
    "text: UTF-16 of surrogates": ("a.txt", repeated(b"\x00\xd8", start="")),
    "text: UTF-8 that breaks off": ("a.txt", repeated(b"\xd0")),
    "text: koi8-r behind the mark of UTF-8": ("a.txt", lambda: b"\xef\xbb\xbf" + "текст ".encode("koi8-r") * 8_000_000),
    "no extension: noise": ("a", lambda: noise(60 * MB)),
    "Markdown: front matter without end": ("a.md", repeated("a: b\n", start="---\n")),
    "Markdown: links": ("a.md", repeated("[a](")),
    "Markdown: comments": ("a.md", repeated("<!--")),
    "AsciiDoc: attributes": ("a.adoc", repeated(":a: {a}\n", start="= t\n")),
    "reStructuredText: comments": ("a.rst", repeated(".. a\n")),
    "reStructuredText: titles": ("a.rst", repeated("a\n=\n")),
    "Org: drawers": ("a.org", repeated(":A:\n")),
    "LaTeX: braces": ("a.tex", repeated("{")),
    "LaTeX: commands": ("a.tex", repeated("\\a{b}")),
    "LaTeX: commands with options without end": ("a.tex", repeated("\\cite[[{")),
    "LaTeX: accents": ("a.tex", repeated("\\'")),
    "MediaWiki: templates": ("a.wiki", repeated("{{")),
    "MediaWiki: links": ("a.wiki", repeated("[[a|")),
    "MediaWiki: tables": ("a.wiki", repeated("{|\n|-\n|a\n")),
    "subtitles: times": ("a.srt", repeated("1\n00:00:00,000 --> 00:00:01,000\na\n\n")),
    "subtitles: tags": ("a.srt", repeated("<{", start="00:00:00,000 --> 00:00:01,000\n")),
    "source code: one identifier": ("a.py", repeated("aB")),
    "source code: identifiers": ("a.py", lambda: b"".join(b"getName%d " % n for n in range(4_000_000))),
    "source code: a comment without end": ("a.c", repeated("*/", start="/*")),
    "XML: elements": ("a.xml", repeated("<a>")),
    "XML: declarations": ("a.xml", repeated("<!DOCTYPE a [")),
    "XML: a quadratic bomb": ("a.xml", quadrillion),
    "XML: one attribute": ("a.xml", repeated("a", start="<a b='")),
    "SVG: numbers": ("a.svg", repeated("0.1 ", start="<svg d='", end="'/>")),
    "JSON: arrays in arrays": ("a.json", repeated("[")),
    "JSON: escapes": ("a.json", repeated("\\u0436", start='["')),
    "JSON: surrogates": ("a.json", repeated("\\ud800", start='["')),
    "JSON Lines: arrays in arrays": ("a.jsonl", repeated("[")),
    "JSON Lines: objects in objects": ("a.jsonl", repeated('{"a":')),
    "JSON Lines: a number": ("a.jsonl", repeated("1", start='{"a": ', end="}")),
    "JSON Lines: rows": ("a.jsonl", repeated('{"a":1}\n')),
    "JSON Lines: a million keys": ("a.jsonl", lambda: json.dumps({f"k{n}": n for n in range(3_000_000)}).encode()),
    "CSV: a quote without end": ("a.csv", repeated("a,b\n", start='a,b\n"')),
    "CSV: quotes": ("a.csv", repeated('"')),
    "CSV: separators": ("a.csv", repeated(",")),
    "CSV: rows": ("a.csv", repeated("a,b\n")),
    "CSV: one cell": ("a.csv", repeated("слово ", start="a,b\n1,")),
    "log: line ends": ("a.log", repeated("\n")),
}  # fmt: skip

PACKED: dict[str, tuple[str, Make]] = {
    "mail: mails in mails": ("a.eml", mails_in_mails),
    "mail: whole parts in parts": ("a.eml", multiparts),
    "mail: base64 of 60 MB": ("a.eml", repeated(b"AAAA" * 18 + b"\n", start="Content-Transfer-Encoding: base64\nSubject: s\n\n")),
    "mail: quoted-printable": ("a.eml", repeated("=D0=B6", start="Content-Transfer-Encoding: quoted-printable\nSubject: s\n\n")),
    "mail: one line": ("a.eml", repeated("a", start="Subject: s\n\n")),
    "mail: one header": ("a.eml", repeated("a ", start="Subject: ")),
    "mail: HTML a million elements deep": ("a.eml", lambda: message(b"text/html", b"<div>" * MB)),
    "mail: calendar of noise": ("a.eml", lambda: message(b"text/plain; charset=utf-16", noise(60 * MB))),
    "mailbox: short mails": ("a.mbox", repeated("From a\n\nb\n\n", 30 * MB)),
    "archives: tar in tar": ("a.tar.gz", archives_in_archives),
    "PowerPoint: a slide shown a million times": ("a.pptx", lambda: slides("слово " * 1000, 100_000)),
    "PowerPoint: one long slide": ("a.pptx", lambda: slides("слово " * 4_000_000, 1)),
    "Word: one paragraph of 25 MB": ("a.docx", lambda: docx(paragraph("слово " * 2_500_000))),
    "Word: one word of 15 million letters": ("a.docx", lambda: docx(paragraph("a" * 15_000_000))),
    "OpenDocument: 100,000 spans deep": ("a.odt", lambda: odf("<text:p>" + "<text:span>" * 100_000)),
    "EPUB: a chapter of 15 MB": ("a.epub", lambda: epub({"a": "<p>" + "слово " * 1_500_000 + "</p>"})),
    "FictionBook: 60 MB": ("a.fb2", lambda: book("<p>слово слово</p>" * 2_000_000)),
    "FictionBook: one paragraph": ("a.fb2", lambda: book("<p>" + "слово " * 5_000_000 + "</p>")),
    "FictionBook: quadratic bomb": ("a.fb2", lambda: b"<FictionBook>" + quadrillion() + b"</FictionBook>"),
}  # fmt: skip


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 50_000
        archive.addfile(info, io.BytesIO(b"text " * 10_000))
    return out.getvalue()


def _random_text() -> str:
    letters = random.Random(3).choices("абвгдежзиклмнопрст ", k=20_000)
    return "".join(letters)


# Sound files, which are cut.
SOUND: dict[str, Make] = {
    "a.pdf": lambda: pdf([[f"line {n} of {page}" for n in range(30)] for page in range(20)]),
    "a.docx": lambda: docx("".join(map(paragraph, _random_text().split()))),
    "a.odt": lambda: odf("".join(f"<text:p>{each}</text:p>" for each in _random_text().split())),
    "a.pptx": lambda: slides(_random_text(), 20),
    "a.epub": lambda: epub({f"c{n}": f"<p>{_random_text()}</p>" for n in range(5)}),
    "a.fb2": lambda: book(f"<p>{_random_text()}</p>"),
    "a.fb2.zip": lambda: zipped({"a.fb2": book(f"<p>{_random_text()}</p>")}),
    "a.rtf": lambda: b"{\\rtf1 {\\b " + b"\\u1078?" * 10_000 + b"}}",
    "a.html": lambda: f"<html><body><p>{_random_text()}</p></body></html>".encode(),
    "a.eml": lambda: multiparts(3),
    "a.mbox": lambda: b"From a\nSubject: s\n\ntext\n\n" * 1000,
    "a.zip": lambda: zipped({f"{n}.txt": _random_text() for n in range(5)}),
    "a.tar": _tar,
    "a.txt.gz": lambda: gzip.compress(_random_text().encode()),
    "a.txt.xz": lambda: lzma.compress(_random_text().encode()),
    "a.txt.bz2": lambda: bz2.compress(_random_text().encode()),
    "a.jsonl": lambda: b'{"text": "a"}\n' * 1000,
    "a.xml": lambda: f"<a><b>{_random_text()}</b></a>".encode(),
}
CUTS = {"at a tenth": 0.1, "in the middle": 0.5, "near the end": 0.99}


def _cut(make: Make, share: float) -> Make:
    def cut() -> bytes:
        data = make()
        return data[: int(len(data) * share)]

    return cut


CUT: dict[str, tuple[str, Make]] = {
    f"{name} cut {where}": (name, _cut(make, share)) for name, make in SOUND.items() for where, share in CUTS.items()
}

MORE: dict[str, tuple[str, Make]] = PAGES | TEXTS | PACKED | CUT
