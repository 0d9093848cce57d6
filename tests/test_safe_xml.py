"""XML as a stream: what is read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers.safe_xml import MAX_DEPTH, BadXml, Element, attribute, elements, parse_xml
from naidi.indexer.readers.unpacking import OutOfTime


def text_of(data: bytes, size: int = 64, **options: object) -> str:
    pieces: list[str] = []
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    parse_xml(chunks, starts={}, ends={}, text=pieces.append, **options)  # type: ignore[arg-type]
    return "".join(pieces)


@pytest.mark.parametrize(
    "data, text",
    [
        (b"<a>x<b>y</b>z</a>", "xyz"),
        ('<?xml version="1.0" encoding="windows-1251"?><a>Привет</a>'.encode("cp1251"), "Привет"),
        ('<?xml version="1.0" encoding="koi8-r"?><a>Привет</a>'.encode("koi8-r"), "Привет"),
        ('<?xml version="1.0" encoding="utf-16"?><a>Привет</a>'.encode("utf-16"), "Привет"),
        (b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://x/y.dtd"><a>x&nbsp;y&lt;</a>', "x\xa0y<"),
        (b"<a>&laquo;x&raquo; &unknown;</a>", "«x» &unknown;"),
        (b"<a>x<s>no<s>t</s>his</s>y<s/>z</a>", "xyz"),
        (b"<a><!-- c --><![CDATA[<x>&]]></a>", "<x>&"),
        (b"<a b='" + b"x" * 300_000 + b"'>t</a>", "t"),
        (b"<a><!--" + b"x" * 300_000 + b"-->t</a>", "t"),
    ],
)
def test_what_is_read(data: bytes, text: str) -> None:
    for size in (7, 1 << 16):
        assert text_of(data, size, skip=("s",)) == text


@pytest.mark.parametrize(
    "data, reason",
    [
        (b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;">]><a>&m;</a>', "declares entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "declares entities"),
        (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>', "declares entities"),
        (b"<a>" * (MAX_DEPTH + 1), "nested more than"),
        (b"<s>" * (MAX_DEPTH + 1), "nested more than"),
        (b"<a b='" + b"x" * 3_000_000 + b"'/>", "a tag is longer than 1 MB"),
        (b"<a>" + b"".join(b"<a%d/>" % n for n in range(20_000)), "names of elements"),
        (b"<r><a " + b"".join(b"a%d='' " % n for n in range(20_000)) + b"/></r>", "names of elements"),
        (b"<a>abc", "damaged XML"),
        (b"no xml", "damaged XML"),
        (b"", "damaged XML"),
        (b"<a>\xff</a>", "damaged XML"),
        (b'<?xml version="1.0" encoding="base64"?><a/>', "unknown encoding"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "unknown encoding"),
        (b'<?xml version="1.0" encoding="shift-jis"?><a/>', "unknown encoding"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadXml, match=reason):
        text_of(data, 1000, skip=("s",))


def test_no_file_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """An external DTD is named and never asked for: not by us, and not by expat, which opens files in C."""
    import sys

    opened: list[str] = []
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
    opened.clear()
    assert text_of(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>x&root;</a>') == "x&root;"
    assert "/etc/passwd" not in "".join(opened)


def test_time() -> None:
    with pytest.raises(OutOfTime):
        text_of(b"<a>b</a>", is_late=lambda: True)


def test_elements() -> None:
    data = b'<a><p:b q:c="1">x<b>y</b></p:b><s><b>no</b></s><d id="2" r:id="3"/></a>'
    found = elements([data], ("b", "d"), skip=("s",))
    assert found == [
        Element("b", {}, "y"),
        Element("b", {"q:c": "1"}, "xy"),
        Element("d", {"id": "2", "r:id": "3"}, ""),
    ]
    assert attribute(found[1].attributes, "c") == "1"
    assert attribute(found[2].attributes, "id") == "2"
    assert attribute(found[2].attributes, ":id") == "3"
    assert attribute(found[2].attributes, "x") == ""


@given(st.binary(max_size=300) | st.text("<>/ab='&;!-[]x ", max_size=300).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    try:
        whole = text_of(data, 1 << 16)
    except BadXml:
        with pytest.raises(BadXml):
            text_of(data, 3)
    else:
        assert text_of(data, 3) == whole
