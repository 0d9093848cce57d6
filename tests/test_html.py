"""HTML files: the text of a page, what is around it, what its head states, encodings, any bytes."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.readers import Content, Source
from naidi.indexer.readers.html import read_html
from naidi.indexer.readers.html_head import day

pytest.importorskip("selectolax", reason="needs the extra [formats]")


def html(text: str) -> Content:
    return read_html(Source(text.encode(), "a.html"))


PAGE = """<!DOCTYPE html><html lang="ru"><head><title>Вакцина прибыла — Новости</title><style>p { color: red }</style>
<meta name="author" content="Иванов И. И."><meta name=keywords content="вакцина, здоровье">
<meta name=description content="О прибытии.">
<meta property="article:published_time" content="2025-03-07T10:00:00+03:00"></head><body class="has-menu">
<header><nav><ul><li><a href=/>Главная</a><li><a href=/n>Новости</a></ul></nav></header>
<div id="cookie-banner">Мы используем cookies <button>Принять</button></div>
<article><h1>Вакцина прибыла</h1><p>Первая партия <b>вакци</b>ны прибыла&nbsp;в
город.</p><p>Second paragraph with a <a href=x>link</a>.<br>New line.</p>
<table><tr><th>Имя</th><th>Год</th></tr><tr><td>Анна</td><td>2020</td></tr></table><pre>code
  here</pre><ul><li>раз<li>два</ul></article>
<aside>Похожее</aside><div class="social share">Поделиться</div><ul><li><a>a1</a><li><a>a2</a><li><a>a3</a><li><a>a4</a></ul>
<footer>© 2024</footer><script>var x = "скрипт"</script><!-- note --></body></html>"""


def test_a_page() -> None:
    content = html(PAGE)
    assert content.text.split("\n\n") == [
        "Вакцина прибыла",
        "Первая партия вакцины прибыла в город.",
        "Second paragraph with a link.\nNew line.",
        "Имя | Год\nАнна | 2020",
        "code\n  here",
        "раз",
        "два",
    ]
    assert (content.title, content.date) == ("Вакцина прибыла", datetime.date(2025, 3, 7))
    assert content.meta == {"author": "Иванов И. И.", "description": "О прибытии.", "tags": "вакцина, здоровье"}
    assert content.keywords == "Иванов И. И.\nО прибытии.\nвакцина\nздоровье"


def test_a_list_of_links_behind_a_paragraph_is_text() -> None:
    """A menu is a list, too, but no paragraph of its element leads to it."""
    links = "".join(f"<li><a href={n}>ссылка{n}</a>" for n in range(5))
    long = "<p>Длинный текст страницы, который читают люди, а не её меню.</p>"
    page = html(f"<body><ul>{links}</ul>{long}<div><ul>{links}</ul></div></body>")
    assert "ссылка" not in page.text and "люди" in page.text
    page = html(f"<body><h1>Страница</h1>{long}<h2>См. также</h2><ul>{links}</ul></body>")
    assert page.text.endswith("См. также\n\nссылка0\n\nссылка1\n\nссылка2\n\nссылка3\n\nссылка4")
    page = html(f"<body>{long}<div><p><a href=x>Разделы нашего большого сайта</a></p><ul>{links}</ul></div></body>")
    assert "ссылка" not in page.text, "a menu with its title"


@pytest.mark.parametrize(
    "text, shown",
    [
        ("<nav>Только <a href=1>меню</a></nav>", "Только меню"),
        ("<h1>Links</h1><ul>" + "".join(f"<li><a href={n}>Ссылка {n}</a>" for n in range(5)) + "</ul>",
         "\n\n".join(["Links", *(f"Ссылка {n}" for n in range(5))])),
        ("<div class=content>Короткая заметка.</div>", "Короткая заметка."),
        ("просто текст", "просто текст"),
        ("<p>a<p>b<div>c<span>d</span></div>e", "a\n\nb\n\ncd\n\ne"),
        ("a<br><br>b", "a\n\nb"),
        ("<table><tr><td>a<td><b>b</b><td></table>", "a | b |"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\n\nb\n\nc"),
        ("<main><p>main</p></main><div>other</div>", "main"),
        ("<div class=menu><main><h1>kept</h1></main></div>", "kept"),
        ("<p hidden>no</p><p>yes</p><template><p>no</p></template><noscript>no</noscript>", "yes"),
        ("<body class='sidebar'><div class='mainmenu'>x</div><p>" + "слово " * 30, ("слово " * 30).strip()),
        ("<p>x &lt;b&gt; &amp;amp; &#1103;</p>", "x <b> &amp; я"),
        ("<pre>\n a\n\n  b\n</pre>c", "a\n\n  b\n\nc"),
        ("", ""),
        ("<!-- only -->", ""),
    ],
)  # fmt: skip
def test_texts(text: str, shown: str) -> None:
    assert html(text).text == shown


@pytest.mark.parametrize(
    "head, title",
    [
        ("<title>a  b\n</title>", "a b"), ("<title>x</title><meta property=og:title content='y'>", "y"),
        ("<title>Статья | Сайт</title><body><h1>Статья</h1>", "Статья"), ("<title>Сайт</title><body><h1>Статья</h1>", "Сайт"),
        ("<body><h1>Статья</h1>", "Статья"), ("<title>x</title><body><h1>x1</h1><h1>x2</h1>", "x"), ("", ""),
    ],
)  # fmt: skip
def test_titles(head: str, title: str) -> None:
    assert html(head + "<p>text").title == title


@pytest.mark.parametrize(
    "head, date",
    [
        ("<meta name=date content=2025-03-07>", "2025-03-07"), ("<meta itemprop=datePublished content=20250307>", "2025-03-07"),
        ("<time datetime='2025-03-07 10:00'>x</time>", "2025-03-07"), ("<time datetime=10:00></time>", None),
        ("<meta name=date content=07.03.2025>", "2025-03-07"), ("<meta name=date content=2025-13-07>", None),
        ('<script type="application/ld+json">{"@graph": [{"datePublished": "2025-03-07"}]}</script>', "2025-03-07"),
        ('<script type="application/ld+json">{"datePublished": 5, "@graph": 7</script>', None),
        ("<meta name=DC.Date content=2025-03-07><time datetime=2020-01-01>x</time>", "2025-03-07"),
    ],
)  # fmt: skip
def test_dates(head: str, date: str | None) -> None:
    assert html(f"<html>{head}<p>text").date == (date and datetime.date.fromisoformat(date))
    assert day("20250307123") is None


def test_authors() -> None:
    ld = '<script type="application/ld+json">[{"author": [{"name": "Анна  К."}]}]</script>'
    assert html(ld + "text").meta == {"author": "Анна К."}
    assert html("<meta property=article:author content=https://a.b/c>text").meta == {}


RUSSIAN = "<p>Министерство здравоохранения сообщило о вакцинации населения."
SHOWN = RUSSIAN.removeprefix("<p>")


@pytest.mark.parametrize(
    "data",
    [
        b'<meta charset="windows-1251">' + RUSSIAN.encode("cp1251"),
        b'<META http-equiv=Content-Type content="text/html; charset=koi8-r">' + RUSSIAN.encode("koi8-r"),
        b'<?xml version="1.0" encoding="windows-1251"?><html>' + RUSSIAN.encode("cp1251"),
        RUSSIAN.encode("cp1251"),
        RUSSIAN.encode("utf-16"),
        b'<meta charset="windows-1251">' + RUSSIAN.encode(),
        b'<meta charset="nonsense">' + RUSSIAN.encode("cp1251"),
        b'<meta charset="utf-8">' + RUSSIAN.encode("cp1251"),
        b'<meta charset="hex">' + RUSSIAN.encode("cp1251"),
        b'\xef\xbb\xbf<meta charset="windows-1251">' + RUSSIAN.encode(),
    ],
)
def test_encodings(data: bytes) -> None:
    assert read_html(Source(data)).text == SHOWN


def test_a_long_page_is_read_as_far_as_time_allows() -> None:
    content = read_html(Source(b"<p>text" * 20_000, deadline=0.0))
    assert content.text.startswith("text\n\ntext") and len(content.text) < 100_000
    assert content.warnings == ("only the start of the page was read: the time was over",)


def test_damage_is_told() -> None:
    assert read_html(Source(b"<meta charset=ascii><p>a\xff b")).warnings == ("1 damaged character (ascii)",)
    with pytest.raises(ValueError, match="binary file"):
        read_html(Source(b"<p>\0\1\2"))


PARTS = [
    "<p>", "</p>", "<table>", "<td>", "<tr>", "<pre>", "</pre>", "<nav>", "<main>", "text", "<br>", "<ul>", "<li>", "<a>", "<svg>",
    "<math>", "<template>", "</", "<!--", "-->", "<title>", "<h1>", "&amp", "\ud800", "<script>", "<frameset>", "<select>",
    " ", "\n",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.sampled_from(PARTS)).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")),
    )
)
def test_any_bytes(data: bytes) -> None:
    try:
        content = read_html(Source(data))
    except ValueError:
        return
    assert content.text == content.text.strip() and "\r" not in content.text


@pytest.mark.parametrize(
    "part", ["<div>", "<table>", "<p>", "<b>", "<ul><li>", "<a>x", "<h1>", "<div class=menu>", "<main>", "&", "<td>x"]
)
def test_deep_and_long_pages(part: str) -> None:
    """Nothing recurses, and nothing is quadratic."""
    assert html(part * 5_000 + "конец").text.endswith("конец")
