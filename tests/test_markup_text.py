"""Text out of HTML, without a parser of HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers.markup_text import markup_text


@pytest.mark.parametrize(
    "markup, text",
    [
        ("plain", "plain"),
        ("<p>a</p><p>b", "a\n\nb"),
        ("a<br>b<br/>c</br>d", "a\nb\ncd"),
        ("<div><div>a</div></div>b", "a\n\nb"),
        ("a <b> b </b> c", "a b c"),
        ("w<b>or</b>d", "word"),
        ("  a\n  b\t\tc ", "a b c"),
        ("<ul><li>a<li>b</ul>c", "a\nb\n\nc"),
        ("<table><tr><td>a<td>b<tr><th>c</th></table>", "a\tb\nc"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "a\nb"),
        ("<table>\n<tr>\n<td>a</td>\n<td></td><td>b</td>\n</tr>\n<tr><td>c</td></tr></table>", "a\tb\nc"),
        ("a<br><br>b<br>\n<br>c", "a\n\nb\n\nc"),
        ("<pre>a\n  b\r\nc</pre>", "a\nb\nc"),
        (
            "a&amp;b &laquo;c&raquo; &#1046;&#x416;&nbsp;&lt;p&gt; &unknown; & &#0;",
            "a&b «c» ЖЖ\xa0<p> &unknown; & \ufffd",
        ),
        ("a<!-- <p>no</p> -->b", "ab"),
        ("a<!-- never closed", "a never closed"),
        ("a<script>if (a<b) '<p>'</script>b<STYLE>x</style >c", "abc"),
        ("a<script/>b", "ab"),
        ("a<script>never closed", "anever closed"),
        ("<head><title>T</title></head>a", "a"),
        ("a<nav>b<nav>c</nav>d</nav>e", "ae"),
        ("1 < 2 and 3<4 > <", "1 < 2 and 3<4 > <"),
        ("<a title='x > y'>b</a>", "b"),
        ('<a title="never closed>b</a>c', "bc"),
        ("a<b", "a"),
        ("<p:p>a</p:p>b", "a\n\nb"),
        ("a<![CDATA[<b> &amp;]]>c", "a<b> &amp;c"),
        ("<?xml version='1.0'?><!DOCTYPE html>a", "a"),
        ("&#" + "9" * 10_000 + ";", "&#" + "9" * 10_000 + ";"),
    ],
)
def test_text(markup: str, text: str) -> None:
    assert markup_text(markup).text == text


def test_title() -> None:
    page = markup_text("<html><head><title>\n A &amp; <b>\n</title><body><p>text<svg><title>no</title></svg>")
    assert page[:2] == ("A & <b>", "text")


def test_unseen() -> None:
    assert markup_text("a<binary>AAAA</binary>b", unseen=frozenset(("binary",))).text == "ab"


@given(st.text("<>/!-[]&;'\" \nabpre=#x1", max_size=200) | st.text(max_size=100))
def test_any_text(markup: str) -> None:
    """No line ends but one kind, no blank lines in a row, and nothing is added."""
    text = markup_text(markup).text
    assert "\r" not in text and "\n\n\n" not in text and text.strip("\n") == text
    assert sum(map(str.isalpha, text)) <= sum(map(str.isalpha, markup))
