"""Files that were made to do harm. Each costs at most ten seconds and 500 MB, whatever it claims to hold."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import re
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packed_files import W, docx, epub, odf, paragraph, relations, zipped

SECONDS = 10
"""Of the processor: what else the machine does is no reason."""
MEGABYTES = 500

READ = """
import resource, sys, time
from naidi.indexer.readers import Content, Source, format_of
path, name = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
found = format_of(name).load()
warnings, texts, size = [], [], 0
try:
    result = found(Source(data, name))
    for each in [result] if isinstance(result, Content) else result:
        warnings += each.warnings
        texts += [each.text[:100]] * (len(texts) < 5)
        size += len(each.text)
except ValueError as error:
    warnings.append(str(error))
try:  # on Linux, ru_maxrss begins with that of the process that started this one
    with open("/proc/self/status") as status:
        peak = int(status.read().partition("VmHWM:")[2].split()[0]) >> 10
except FileNotFoundError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
print(ascii((warnings[:5], texts, size, peak, time.process_time())))
"""

ZIP_END = "<4s4H2LH"


def zeros(size: int) -> bytes:
    """`size` zeros, deflated by hand: a thousand to one, and quickly."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces = [deflate.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join(pieces) + deflate.flush()


def bomb(name: str, start: bytes, repeated: bytes, times: int) -> bytes:
    """A ZIP file whose member is a start and very many repetitions. Its checksum is wrong: that is known too late to help."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(start)
    block = repeated * max(1, (1 << 20) // len(repeated))
    for _ in range(times * len(repeated) // len(block)):
        packed += deflate.compress(block)
    packed += deflate.flush()
    size = len(start) + times * len(repeated)
    return with_members([(name.encode(), packed, size)])


def with_members(members: list[tuple[bytes, bytes, int]], method: int = 8) -> bytes:
    local, central = io.BytesIO(), io.BytesIO()
    for name, packed, size in members:
        offset = local.tell()
        local.write(
            struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 0, 0, len(packed), size & 0xFFFFFFFF, len(name), 0)
        )
        local.write(name + packed)
        central.write(struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, method, 0, 0, 0, len(packed), size & 0xFFFFFFFF, len(name), 0, 0, 0, 0, 0, offset
        ) + name)  # fmt: skip
    count = min(0xFFFF, len(members))
    end = struct.pack(ZIP_END, b"PK\5\6", 0, 0, count, count, central.tell(), local.tell(), 0)
    return local.getvalue() + central.getvalue() + end


def overlapping() -> bytes:
    """A member of 30 MB, and 30,000 entries that show it: 900 GB."""
    data = with_members([(b"a.txt", zeros(30 << 20), 30 << 20)])
    start = data.index(b"PK\1\2")
    entry = data[start : data.index(b"PK\5\6")]
    directory = b"".join(entry[:-5] + b"%05d" % number for number in range(30_000))
    return data[:start] + directory + struct.pack(ZIP_END, b"PK\5\6", 0, 0, 30_000, 30_000, len(directory), start, 0)


def overlapping_quoted() -> bytes:
    """Members that quote the headers of those behind them: the better bomb, whose members do not begin at one place."""
    count = 2000
    kernel = zeros(20 << 20)
    headers = [
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(kernel), 20 << 20, 9, 0) + b"%05d.txt" % n
        for n in range(count)
    ]
    # Each member is a stored block that holds the header of the next, and so on to the kernel.
    parts: list[bytes] = []
    following = b""
    for header in reversed(headers):
        if following:
            parts.append(b"\0" + struct.pack("<HH", len(following), 0xFFFF ^ len(following)))
        parts.append(header)
        following = header
    body = b"".join(reversed(parts)) + kernel
    offsets, place = [], 0
    for header in headers:
        place = body.index(header, place)
        offsets.append(place)
    directory = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(body) - at - 39, 20 << 20, 9, 0, 0, 0, 0, 0, at
        )
        + b"%05d.txt" % n
        for n, at in enumerate(offsets)
    )
    return body + directory + struct.pack(ZIP_END, b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)


def nested_forever() -> bytes:
    """What holds a ZIP file that holds a ZIP file: to the reader, one that holds itself is no different."""
    data = zipped({"a.txt": "x"})
    for _ in range(60):
        data = zipped({"a.zip": data, "b.zip": data} if len(data) < 1000 else {"a.zip": data})
    return data


def nested_and_wide() -> bytes:
    """Five levels of 16 files each, and 4 GB in all: 42.zip."""
    data = with_members([(b"a.txt", zeros(200 << 20), 200 << 20)])
    for _ in range(3):
        data = zipped({f"{number}.zip": data for number in range(16)})
    return data


def many_members() -> bytes:
    return with_members([(b"%d.txt" % number, b"", 0) for number in range(1_000_000)], 0)


def many_in_tar() -> bytes:
    info = tarfile.TarInfo("a.txt").tobuf()
    return gzip.compress(info * 480_000, 1)


def xlsx(sheet: str, strings: str = "<sst/>") -> bytes:
    return zipped(
        {
            "_rels/.rels": relations(a="officeDocument xl/workbook.xml"),
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="r0"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(r0="worksheet s.xml", r1="sharedStrings t.xml"),
            "xl/s.xml": sheet,
            "xl/t.xml": strings,
        }
    )


def laughs(name: str) -> str:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    return f'<!DOCTYPE {name} [<!ENTITY a0 "ha">{entities}]>'


def part(text: str) -> bytes:
    return zipped({"_rels/.rels": relations(a="officeDocument word/document.xml"), "word/document.xml": text})


def mail(body: bytes, kind: bytes = b"text/html") -> bytes:
    return b"Subject: s\nContent-Type: " + kind + b"\n\n" + body


def parts_in_parts() -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(100_000))
    return b"Subject: s\n" + head + b"\ntext"


XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
TABLE_IN_TABLE = "<w:tbl><w:tr><w:tc>" * 300


def attributes() -> str:
    return " ".join(f"a{number}=''" for number in range(1_000_000))


# The name of the file, what makes it, and what must be said of it.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "zip bomb in an archive": ("a.zip", lambda: with_members([(b"a.txt", zeros(1 << 28), 60 << 20)]), "times its size"),
    "zip bomb that says its size": ("a.zip", lambda: with_members([(b"a.txt", zeros(1 << 28), 1 << 28)]), "larger than 64 MB"),
    "many small bombs": (
        "a.zip",
        lambda: (lambda packed: with_members([(b"%d.txt" % n, packed, 16 << 20) for n in range(100)]))(zeros(16 << 20)),
        "unpacks to more than 256 MB",
    ),
    "zip bomb in Word": ("a.docx", lambda: bomb("word/document.xml", f"<w:d {W}><w:t>".encode(), b" ", 1 << 28), "times its size"),
    "paragraphs without end": (
        "a.docx",
        lambda: bomb("word/document.xml", f"<w:d {W}>".encode(), b"<w:p><w:t>a</w:t></w:p>", 1 << 23),
        "more than 3000000 elements",
    ),
    "zip bomb in OpenDocument": ("a.odt", lambda: bomb("content.xml", b"<a><p>", b"x", 1 << 28), "times its|32 million"),
    "zip bomb in a book": ("a.fb2.zip", lambda: bomb("a.fb2", b"<FictionBook><p>", b"x", 1 << 28), "times its size"),
    "a book that is one tag": ("a.fb2", lambda: b"<FictionBook " + b"a" * (60 << 20), "a tag is longer"),
    "gzip bomb": ("a.txt.gz", lambda: gzip.compress(bytes(1 << 28), 9), "times its size"),
    "xz bomb": ("a.txt.xz", lambda: lzma.compress(bytes(1 << 28), preset=1), "times its size"),
    "bzip2 bomb": ("a.txt.bz2", lambda: bz2.compress(bytes(1 << 28)), "times its size"),
    "tar bomb": ("a.tgz", lambda: gzip.compress(tarfile.TarInfo("a").tobuf() + bytes(1 << 28), 9), "times its size|empty"),
    "streams without end": ("a.gz", lambda: gzip.compress(b"") * 500_000, "more than 100000 streams"),
    "nested without end": ("a.zip", nested_forever, "packed more than 3 deep"),
    "nested and wide": ("a.zip", nested_and_wide, "larger than 64 MB|unpacks to|times its size"),
    "overlapping members": ("a.zip", overlapping, "members overlap"),
    "overlapping members that quote headers": ("a.zip", overlapping_quoted, "members overlap"),
    "a million members": ("a.zip", many_members, "900000 files left out|more than 100000 files"),
    "half a million members of tar": ("a.tar.gz", many_in_tar, "more than 100000 files|unpacks to|times its size"),
    "billion laughs": ("a.docx", lambda: part(f"{laughs('w')}<w><p><t>&a9;</t></p></w>"), "declares entities"),
    "billion laughs in core.xml": ("a.docx", lambda: docx(paragraph("x"), laughs("a")), ""),
    "billion laughs in OpenDocument": ("a.odt", lambda: zipped({"content.xml": f"{laughs('w')}<w><p>&a9;</p></w>"}), "entities"),
    "billion laughs in a list of chapters": ("a.epub", lambda: zipped({"a.opf": f"{laughs('w')}<w>&a9;</w>"}), "entities"),
    "billion laughs in a book": ("a.fb2", lambda: f"{laughs('x')}<FictionBook>&a9;</FictionBook>".encode(), "entities"),
    "an external entity": ("a.docx", lambda: part(f"{XXE}<w><p><t>&e;</t></p></w>"), "declares entities"),
    "an external entity in a book": ("a.fb2", lambda: f"{XXE}<FictionBook><p>&e;</p></FictionBook>".encode(), "entities"),
    "an external entity in a chapter": ("a.epub", lambda: epub({"a": f"{XXE}<p>&e;</p>"}), ""),
    "100,000 elements deep": ("a.docx", lambda: docx("<w:p>" * 100_000 + "</w:p>" * 100_000), "nested more than|tables are nested"),
    "tables 300 deep": ("a.docx", lambda: docx(TABLE_IN_TABLE + paragraph("x" * 3_000_000)), "tables are nested more than 25 deep"),
    "100,000 elements deep in OpenDocument": ("a.odt", lambda: odf("<a>" * 100_000), "nested more than"),
    "100,000 elements deep in a book": ("a.fb2", lambda: b"<FictionBook>" * 100_000, "nested more than"),
    "100,000 elements deep in a chapter": ("a.epub", lambda: epub({"a": "<div>" * 100_000 + "text"}), ""),
    "a million names": ("a.docx", lambda: docx("".join(f"<w:n{number}/>" for number in range(1_000_000))), "names of elements"),
    "a huge attribute": ("a.docx", lambda: docx('<w:p a="' + "x" * 30_000_000 + '"/>'), "a tag is longer than 1 MB"),
    "a million attributes": ("a.docx", lambda: docx(f"<w:p {attributes()}/>"), "a tag is longer than 1 MB"),
    "strings without end": ("a.xlsx", lambda: xlsx("<a/>", "<sst>" + "<si/>" * 4_000_000 + "</sst>"), "more than 1000000 strings"),
    "one long string in each cell": (
        "a.xlsx",
        lambda: xlsx(
            "<a>" + '<row><c t="s"><v>0</v></c></row>' * 200_000 + "</a>", f"<sst><si><t>{'x' * 9_000_000}</t></si></sst>"
        ),
        "longer than 32 million characters",
    ),
    "one long string in a row": (
        "a.xlsx",
        lambda: xlsx("<row>" + '<c t="s"><v>0</v></c>' * 500_000 + "</row>", f"<sst><si><t>{'x ' * 4_000_000}</t></si></sst>"),
        "longer than 32 million characters",
    ),
    "chapters without end": (
        "a.epub",
        lambda: zipped({
            "a.opf": "<p>" + "".join(f'<item id="{n}" href="a?{n}"/><itemref idref="{n}"/>' for n in range(90_000)) + "</p>",
            "a": "text",
        }),
        "missing|left out|empty",
    ),
    "comments of HTML": ("a.eml", lambda: mail(b"<!--" * 5_000_000), ""),
    "tags of HTML": ("a.eml", lambda: mail(b"<a " * 5_000_000), ""),
    "quotes of HTML": ("a.eml", lambda: mail(b"<a '\">" * 2_000_000), ""),
    "titles of HTML": ("a.eml", lambda: mail(b"<title>" * 2_000_000), ""),
    "declarations of HTML": ("a.eml", lambda: mail(b"<![CDATA[<!<?" * 1_000_000), ""),
    "parts in parts": ("a.eml", parts_in_parts, ""),
    "parts without end": (
        "a.eml",
        lambda: b"Content-Type: multipart/mixed; boundary=b\nSubject: s\n\n" + b"--b\n\nx\n" * 2_000_000,
        "",
    ),
    "headers without end": ("a.eml", lambda: b"Subject: x\n" * 2_000_000 + b"\ntext", ""),
    "one header without end": ("a.eml", lambda: b"Subject: " + b"=?utf-8?q?=?=" * 2_000_000 + b"\n\ntext", ""),
    "parameters without end": ("a.eml", lambda: b"Subject: s\nContent-Type: text/plain" + b';a="' * 60_000 + b"\n\ntext", ""),
    "addresses without end": ("a.eml", lambda: b"Subject: s\nFrom: " + b"(((<\"" * 50_000 + b"\n\ntext", ""),
    "a bomb that is attached": (
        "a.eml",
        lambda: b"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(with_members([(b"a.txt", zeros(1 << 28), 60 << 20)])),
        "times its size",
    ),
    "messages without end": ("a.mbox", lambda: b"From x\nA: b\n\n" * 100_000, ""),
    "a mailbox of one line": ("a.mbox", lambda: b"From " + b"From " * 5_000_000, "no mailbox|empty"),
    "lines that begin no message": ("a.mbox", lambda: b"From x\nA: b\n\n" + b"From \n" * 5_000_000, ""),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files(what: str, tmp_path: Path) -> None:
    name, make, said = HOSTILE[what]
    path = tmp_path / "file"
    path.write_bytes(make())
    run = subprocess.run(
        [sys.executable, "-c", READ, str(path), name], capture_output=True, text=True, check=True, timeout=20 * SECONDS
    )
    warnings, texts, size, peak, seconds = eval(run.stdout)
    if said:
        assert re.search(said, " ".join(warnings)), warnings
    assert "root:" not in "".join(texts)
    assert size < 100 << 20
    assert peak < MEGABYTES
    assert seconds < SECONDS
    print(f"HH {what}: {warnings[:1]} {size} {peak} MB {seconds:.1f} s")
