"""RTF files: code pages, substitutes, what is hidden, what the file states, any bytes."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.readers import Content, Source
from naidi.indexer.readers.rtf import read_rtf


def rtf(text: str, head: str = r"\rtf1\ansi\ansicpg1251") -> Content:
    return read_rtf(Source(f"{{{head} {text}}}".encode("cp1251")))


def hexed(text: str, codepage: str = "cp1251") -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(codepage))


FONTS = (
    r"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\froman\fcharset204{\*\panose 02}Times New Roman;}{\f2\fcharset238 X;}}"
)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain text", "plain text"),
        (hexed("Привет") + ", " + hexed("мир"), "Привет, мир"),
        ("Привет как есть", "Привет как есть"),
        (r"\u1055\'cf\u1088\'f0\u1080?\u1074?\u1077?\u1090?", "Привет"),
        (r"\uc0\u1055\u1088 x", "Прx"),
        (r"\uc2\u1055\'cf\'cf\u1088 ??!", "Пр!"),
        (r"{\uc2\u1055 ??}\u1088 ?!", "Пр!"),
        (r"\u-10179?\u-8704?", "\U0001f600"),
        (r"\u-10179?x", "\ufffdx"),
        (r"one\par two\line three\par", "one\ntwo\nthree"),
        (r"a\tab b\~c\_d \{e\} \\ \emdash\endash\ldblquote q\rdblquote", "a\tb\u00a0c-d {e} \\ —–“q”"),
        (r"seen {\v hidden\v0 seen}{\v hidden}{\v hidden \plain seen}", "seen seenseen"),
        (r"a{\pict\pngblip 89504e47}b{\*\unknown no}c{\object{\*\objdata 00}{\result r}}", "abc"),
        (r"{\field{\*\fldinst HYPERLINK http://a.b}{\fldrslt link}}", "link"),
        (r"{\header h}{\footer f}{\stylesheet{\s0 Normal;}}{\colortbl;\red0;}x", "x"),
        (r"\trowd a\cell b\cell\row \trowd c\cell d\cell\row", "a | b\nc | d"),
        (r"x\bin5 {{{{{y", "xy"),
        ("a\r\nb\\\r\nc", "ab\nc"),
        (FONTS + r"\f1 " + hexed("Да") + r"\f2 " + hexed("ő", "cp1250") + r"\f0 \'cf", "ДаőП"),
        (FONTS + r"{\f1 " + hexed("Да") + r"}\f9 \'cf", "ДаП"),
        (r"{\*\shppict{\pict 00}}{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt boxed}}", "boxed"),
        (r"\footnote note", "note"),
    ],
)  # fmt: skip
def test_texts(text: str, shown: str) -> None:
    assert rtf(text).text == shown


def test_code_pages() -> None:
    assert rtf(r"\'e9", r"\rtf1\ansi").text == "é"
    assert rtf(r"\'8f", r"\rtf1\mac").text == "è"
    assert rtf(hexed("Да", "cp866"), r"\rtf1\ansi\ansicpg866").text == "Да"
    assert rtf(r"\'e9", r"\rtf1\ansi\ansicpg99999").text == "é"
    assert rtf(FONTS + hexed("Да"), r"\rtf1\ansi\deff1").text != "Да", "no font is chosen"
    assert rtf(FONTS + r"\plain " + hexed("Да"), r"\rtf1\ansi\deff1").text == "Да"


def test_what_the_file_states() -> None:
    info = (
        r"{\info{\title " + hexed("Отчёт") + r" 1}{\author \u1048?\u1074?}{\keywords a; b, c}{\subject s}"
        r"{\creatim\yr2025\mo3\dy7\hr10}{\revtim\yr2026\mo1\dy1}{\nofpages3}}text"
    )
    content = rtf(info)
    assert (content.text, content.title, content.date) == ("text", "Отчёт 1", datetime.date(2025, 3, 7))
    assert content.meta == {"author": "Ив", "subject": "s", "tags": "a, b, c"}
    assert content.keywords == "Ив\ns\na\nb\nc"
    assert rtf(r"{\info{\creatim\yr2025\mo13\dy7}}x").date is None
    assert rtf(r"{\info{\creatim\yr999999999\mo1\dy7}}x").date is None


def test_what_is_no_rtf() -> None:
    for data in (b"", b"text", b"{\\html}", b"\\rtf1"):
        with pytest.raises(ValueError, match="no RTF file"):
            read_rtf(Source(data))
    assert read_rtf(Source(b" \n{\\rtf1 cut {off")).text == "cut off"
    assert read_rtf(Source(b"{\\rtf1 a}b}c")).text in ("a", "ab")


def test_a_long_file_is_read_as_far_as_time_allows() -> None:
    data = b"{\\rtf1 " + b"x\\par " * 20_000
    content = read_rtf(Source(data, deadline=0.0))
    assert content.text.startswith("x\nx") and len(content.text) < 20_000
    assert content.warnings[0].endswith(f"of {len(data):,} bytes") and not read_rtf(Source(data)).warnings


PARTS = [
    "{", "}", "\\", "\\'", "\\'e", "\\'e9", "\\u", "\\u-1 ", "\\u99999?", "\\uc-1", "\\uc9 ", "\\bin", "\\bin-5 ",
    "\\bin999999999 ", "\\f1", "\\fcharset204", "{\\fonttbl", "\\v", "\\*", "\\par", "text", "{\\info", "{\\title", "\\creatim",
    "\\yr-1", "\\ansicpg0 ", "\\ansicpg65001 ", "\\ansicpg37 ", "é", "\0", "\n",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.lists(st.sampled_from(PARTS)).map(lambda parts: "".join(parts).encode("latin-1"))
    ).map(lambda data: b"{\\rtf1" + data)
)
def test_any_bytes(data: bytes) -> None:
    content = read_rtf(Source(data))
    content.text.encode()  # no surrogates
    assert "\r" not in content.text


@pytest.mark.parametrize("part", ["{", "}", "{\\b x}", "\\u1055?", "\\'cf", "x\\par ", "\\", "{\\info", "\\bin1 "])
def test_long_files(part: str) -> None:
    read_rtf(Source(b"{\\rtf1 " + part.encode() * 50_000))
