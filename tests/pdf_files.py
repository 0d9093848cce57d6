"""Small PDF files, made by hand: pages of lines in the standard fonts, or in one that shows any character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def pdf(pages: Sequence[Sequence[str] | None], info: Mapping[str, bytes] | None = None, extra: bytes = b"") -> bytes:
    """A PDF file.

    Parameters:
      pages: the lines of each; None for a page with a picture alone.
      info: what the file states, by name, as PDF strings without their brackets.
      extra: what else stands in the trailer.
    """
    to_unicode = b"/CIDInit /ProcSet findresource begin begincmap "
    to_unicode += b"1 begincodespacerange <0000> <FFFF> endcodespacerange 255 beginbfrange "
    to_unicode += b" ".join(b"<%02X00> <%02XFF> <%02X00>" % (high, high, high) for high in range(255))
    to_unicode += b" endbfrange endcmap end"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 500 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        b" /Supplement 0 >> >>",
        _stream(to_unicode),
        b"<< " + b" ".join(b"/%s (%s)" % (name.encode(), value) for name, value in (info or {}).items()) + b" >>",
        _stream(
            b"\0" * 100,
            b"/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray /BitsPerComponent 8",
        ),
    ]
    kids = []
    for lines in pages:
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> /XObject << /I 7 0 R >> >> >>" % (len(objects) + 2)
        )
        if lines is None:
            objects.append(_stream(b"q 500 0 0 500 50 50 cm /I Do Q"))
        else:
            shown = b" T* ".join(b"<%s> Tj" % line.encode("utf-16-be").hex().encode() for line in lines)
            objects.append(_stream(b"BT /F 10 Tf 14 TL 50 780 Td " + shown + b" ET"))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, value in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R /Info 6 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        extra,
        start,
    )
    return bytes(out)


def _stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), facts, data)


def text_string(value: str) -> bytes:
    """A PDF string of any characters."""
    data = b"\xfe\xff" + value.encode("utf-16-be")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)").replace(b"\r", b"\\r")
