"""The page and the API of `naidi serve`, asked without a network: what is answered, how it is escaped, and who is refused."""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import anyio
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import ROOT
from indexes import live_directory, replace_file
from naidi import Document, Writer, fields, open_index
from naidi.indexer.errors import ClusterUnavailable
from naidi.search.show.as_json import to_json

pytest.importorskip("starlette", reason="the extra [web] is not installed")
pytest.importorskip("jinja2", reason="the extra [web] is not installed")
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.routing import Mount
from starlette.testclient import TestClient

from naidi.search.web import guard, rendering
from naidi.search.web.app import WebApp, web_app
from naidi.search.web.document_page import parts_of
from naidi.search.web.guard import Access
from naidi.search.web.languages import language_for
from naidi.search.web.marked_text import clean, marked_lines
from naidi.search.web.openapi import description
from naidi.search.web.page_query import PageQuery, is_shown, replaced_word
from naidi.search.web.rendering import document_path
from naidi.search.web.texts import TEXTS
from naidi.search.web.work import Overloaded, Workers

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202egnp.exe\x1b[31m\x00 vaccine'
TOKEN = "0123456789abcdef0123"
SCHEMA = json.loads((ROOT / "docs" / "search.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of documents in both languages, some of which mean harm."""
    directory = tmp_path_factory.mktemp("web") / "index"
    with Writer(directory, schema={"brand": fields.Keyword(), "price": fields.Number()}) as writer:
        for number in range(25):
            writer.add(
                Document(
                    f"news/{number}.txt",
                    f"Vaccine number {number}.\nThe second line.\nChildren wait for a vaccine.",
                    title=f"News {number}",
                    path=f"/srv/news/{number}.txt",
                    language="en",
                    date=date(2020 + number % 3, 5, 29),
                    fields={"brand": "Bosch" if number % 2 else 'a "b" <c>', "price": number},
                )
            )
        writer.add(Document("ru/вакцины.md", "Вакцины лечат детей.", title="Новости", language="ru"))
        writer.add(Document("evil", f"{EVIL}\n{EVIL}", title=EVIL, meta={"<b>name</b>": EVIL}))
        writer.add(Document("a//b/../c?d#e%2f", "Strange ids are vaccines, too.", title="Strange"))
        writer.add(Document("long", "\n".join(f"line {n} has words" for n in range(18_000)), title="Long"))
        writer.add(Document("pages", "first page\x0cof a book", title="Book", pages=(0, 11)))
        writer.add(Document("empty", "", title="Empty vaccine"))
    return directory


@pytest.fixture(scope="module")
def app(directory: Path) -> Iterator[WebApp]:
    app = web_app(directory)
    yield app
    app.close()


@pytest.fixture
def client(app: WebApp) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def links(page: str) -> list[str]:
    """The targets of all links of a page, as a browser reads them."""
    return [html.unescape(target) for target in re.findall(r'<a\b[^>]* href="([^"]*)"', page)]


# The page


def test_the_page_of_results(client: TestClient) -> None:
    page = client.get("/", params={"q": "vaccine"}).text
    assert '<input id="q" name="q" type="search" value="vaccine"' in page
    assert page.count('class="hit"') == 10 and "29 documents" in page
    assert '<bdi lang="en"><mark>Vaccine</mark> number' in page
    assert 'rel="next"' in page and 'rel="prev"' not in page
    assert "Language" in page and "brand" in page


def test_pages_follow_each_other(client: TestClient) -> None:
    seen: list[str] = []
    page = client.get("/", params={"q": "vaccine", "f": "lang:en"}).text
    for place in range(3):
        seen += re.findall(r'class="hit" href="([^"]*)"', page)
        assert f'<ol class="hits" start="{10 * place + 1}">' in page
        following = re.search(r'<a rel="next" href="([^"]*)"', page)
        if following is None:
            break
        page = client.get(html.unescape(following[1])).text
    assert len(seen) == len(set(seen)) and len(seen) > 20 and "Next" not in page


def test_a_filter_is_a_link_and_so_is_its_end(client: TestClient) -> None:
    page = client.get("/", params={"q": "vaccine", "since": "2020"}).text
    narrowed = next(link for link in links(page) if "f=brand" in link and "Bosch" in link)
    assert "since=2020" in narrowed
    found = client.get(narrowed).text
    assert "12 documents" in found and "Remove the filter brand:=&#34;Bosch&#34;" in found
    (back,) = re.findall(r'<a class="chip" href="([^"]*)"', found)
    assert "25 documents" in client.get(html.unescape(back)).text
    quoted = next(link for link in links(page) if "%22b%22" in link)
    assert "13 documents" in client.get(quoted).text
    assert 'name="f" value="brand:=«a &#34;b&#34; &lt;c&gt;»"' in client.get(quoted).text


def test_alternatives_of_one_facet(client: TestClient) -> None:
    found = client.get("/", params={"q": "vaccine", "f": ["date:2020", "date:2021"]}).text
    both = client.get("/api/search", params={"query": "vaccine", "where": "date:2020 OR date:2021"}).json()["total"]
    assert f"{both} documents" in found and "Year: 2020" in found


def test_corrections_are_links(client: TestClient) -> None:
    page = client.get("/", params={"q": "vaccine chidren"}).text
    assert "<b><bdi>children</bdi></b> instead of <b><bdi>chidren</bdi></b>" in page
    exact = next(link for link in links(page) if "exact=1" in link)
    assert client.get(exact).text.count("instead of") == 0


def test_a_wrong_date_is_told_on_the_page(client: TestClient) -> None:
    answer = client.get("/", params={"q": "vaccine", "since": "foo"})
    assert answer.status_code == 422 and "foo is not a date" in answer.text and 'value="vaccine"' in answer.text


def test_dates_are_shown_as_days(client: TestClient) -> None:
    page = client.get("/", params={"q": "vaccine", "since": "2020", "until": "May 2021"}).text
    assert 'name="since" value="2020-01-01"' in page and 'name="until" value="2021-05-31"' in page
    assert 'name="since" value=""' in client.get("/?q=a&since=foo").text


def test_a_strange_address_is_read_kindly(client: TestClient) -> None:
    page = client.get("/?q=vaccine&offset=-3&sort=foo&mode=x&utm=1&f=&f=").text
    assert "29 documents" in page
    assert client.get("/?q=vaccine&offset=99999999999999999999").status_code == 200
    assert client.get("/?q=%ff%fe").status_code == 200


def test_nothing_found(client: TestClient) -> None:
    page = client.get("/", params={"q": "zzzqqq", "f": "lang:en"}).text
    assert "Nothing found" in page and "Search without the filters" in page


@pytest.mark.parametrize("address", ["/?q=zzzqqq", "/?q=zzzqqq+zzzwww", "/?q=zzzqqq&f=lang:en"])
def test_advice_is_of_what_was_asked(client: TestClient, address: str) -> None:
    """One word without filters cannot be fewer."""
    page = client.get(address).text
    assert ("Fewer words or fewer filters" in page) == (address != "/?q=zzzqqq")
    assert ("Another word or another spelling" in page) == (address == "/?q=zzzqqq")


def test_the_language_of_the_page_is_marked(client: TestClient) -> None:
    assert re.findall(r'aria-current="true">([^<]*)</a>', client.get("/help?ui=en").text) == ["English"]


def test_the_query_may_have_its_name_of_the_api(client: TestClient) -> None:
    page = client.get("/?query=vaccine").text
    assert "29 documents" in page and 'value="vaccine"' in page and "left out" not in page
    assert "<mark" in client.get("/documents/news/1.txt?query=vaccine").text
    assert 'value="news"' in client.get("/?query=vaccine&q=news").text


@pytest.mark.parametrize(
    "address, told",
    [
        ("/?q=vaccine&offset=abc", "offset=abc"),
        ("/?q=vaccine&offset=10001", "offset=10001"),
        ("/?offset=-3", "offset=-3"),
        ("/?q=vaccine&sort=foo&mode=x&exact=2&ui=fr", "sort=foo, mode=x, exact=2, ui=fr"),
        ("/?q=vaccine&q=other&utm&<b>=<i>", "q=other, utm, &lt;b&gt;=&lt;i&gt;"),
        ("/?q=vaccine&f=lang:en%1b", "f=lang:en␛"),
        ("/?q=vaccine&since=foo&offset=x", "offset=x"),
        ("/help?page=3", "page=3"),
        ("/documents/evil?at=x&part=y&start=3", "at=x, part=y, start=3"),
    ],
)
def test_what_is_left_out_is_told(client: TestClient, address: str, told: str) -> None:
    page = client.get(address).text
    (said,) = re.findall(r"Parts? of the address ha\w+ no meaning here and w\w+ left out: ([^\n]*?)</bdi>", page)
    assert said == told


def test_nothing_is_told_of_what_the_page_makes(client: TestClient) -> None:
    """A form without a script sends what is empty or usual, too."""
    page = client.get("/?q=vaccine&sort=score&since=&until=&offset=10&f=lang:en&mode=all&exact=1&ui=en")
    assert page.status_code == 200
    for address in ["/?q=vaccine&sort=score&since=&until=&ui=&f=&offset=0", *links(page.text)]:
        assert "left out" not in client.get(address.partition("#")[0]).text, address


def test_a_wrong_filter_is_named_and_can_be_dropped(client: TestClient) -> None:
    answer = client.get("/", params={"q": "vaccine", "f": ["foo", "lang:en"]})
    assert answer.status_code == 422
    assert re.search(r"The filter <b><bdi>foo</bdi></b> is wrong: foo is no filter[^<]*\. ?\s*<a", answer.text)
    dropped = re.search(r'<a href="([^"]*)"><bdi>Remove the filter foo</bdi>', answer.text)
    assert dropped is not None
    page = client.get(html.unescape(dropped[1]))
    assert page.status_code == 200 and page.text.count('class="chip"') == 1 and "Language: English" in page.text


def test_years_go_by_time_and_files_without_an_ending_count(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        for number, year in enumerate((2019, 2021, 2020, 2021, 2019, 2019)):
            name = "/srv/README" if number < 2 else f"/srv/{number}.md"
            writer.add(Document(str(number), "apple", path=name, date=date(year, 1, 2)))
    page = TestClient(web_app(tmp_path / "index"), base_url="http://localhost").get("/?q=apple").text
    assert re.findall(r"<bdi>(\d{4})</bdi>", page) == ["2021", "2020", "2019"]
    assert re.search(r'<li><span class="quiet">no ending</span> <span class="count">2</span>', page)


def test_pages_are_those_of_the_start(directory: Path) -> None:
    """Files of another version, put in their place under a running server, change nothing."""
    for kept in (rendering._environment, rendering._templates, rendering.assets, rendering.assets_mark):
        kept.cache_clear()
    app = web_app(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "_HERE", directory / "nothing")
        client = TestClient(app, base_url="http://127.0.0.1")
        for path in ("/", "/?q=vaccine", "/help", "/documents/evil", "/static/page.css"):
            assert client.get(path).status_code == 200, path
        assert client.get("/nope").status_code == 404


def test_the_start_page_counts(client: TestClient) -> None:
    page = client.get("/").text
    assert "31 documents" in page and "autofocus" in page


def test_help_and_unknown_pages(client: TestClient) -> None:
    assert "How to search" in client.get("/help").text
    missing = client.get("/nothing/here")
    assert missing.status_code == 404 and missing.headers["content-type"].startswith("text/html")


# A document


def test_a_document_at_the_place(client: TestClient) -> None:
    page = client.get("/", params={"q": "children", "f": "lang:en"}).text
    place = next(link for link in links(page) if "at=" in link)
    assert place.endswith("#at")
    shown = client.get(urlsplit(place)._replace(fragment="").geturl()).text
    assert '<div class="line" id="L3" data-n="3"><span id="at"></span><mark id="m1">Children</mark>' in shown
    back = re.search(r'id="back" href="([^"]*)"', shown)
    assert back is not None and "f=lang%3Aen" in back[1] and "q=children" in back[1]
    assert "Similar documents" in shown and "/<wbr>srv/<wbr>news/<wbr>" in shown


def test_words_found_have_names_and_lead_to_each_other(client: TestClient) -> None:
    page = client.get("/documents/news/3.txt", params={"q": "vaccine"}).text
    assert re.findall(r'<mark id="(m\d+)">', page) == ["m1", "m2"]
    assert '<a href="#m2" aria-label="Next word found">' in page and "2 words found" in page


def test_similar_documents_are_so_compared_with_the_first(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        for number in range(3):
            writer.add(Document(f"row{number}", f"Bosch drill hammer {number}00 watts, blue"))
        writer.add(Document("book", f"{'All happy families are alike. ' * 40} The sky was blue."))
        for number in range(20):
            writer.add(Document(f"other{number}", "Nothing of all this"))
    client = TestClient(web_app(tmp_path / "index"), base_url="http://localhost")
    found = {hit["id"] for hit in client.get("/api/similar?document=row0").json()["hits"]}
    assert found == {"row1", "row2", "book"}
    beside = client.get("/documents/row0").text.partition("Similar documents")[2]
    assert "/documents/row1" in beside and "/documents/row2" in beside and "/documents/book" not in beside


def test_a_document_with_pages_shows_them(client: TestClient) -> None:
    page = client.get("/documents/pages").text
    begins = '<div class="page" id="p{0}"><p class="page-name">page {0}</p><div class="line"'
    assert begins.format(1) in page and f"</div></div>{begins.format(2)}>of a book</div></div>" in page
    assert 'class="page"' not in client.get("/documents/news/1.txt").text


@given(st.text("ab\n", max_size=40), st.lists(st.integers(0, 39), max_size=4), st.lists(st.integers(0, 40), max_size=6))
def test_pages_hold_the_lines_and_the_marks(text: str, starts: list[int], ends: list[int]) -> None:
    pages = sorted({0, *(start for start in starts if start < len(text))})
    cuts = sorted({min(end, len(text)) for end in ends})
    marks = [(low, high) for low, high in zip(cuts[::2], cuts[1::2], strict=False)]
    page = str(marked_lines(text, (0, len(text)), marks, line=1, pages=pages))
    assert page.count("<div") == page.count("</div>")
    numbers = [int(number) for number in re.findall(r'id="p(\d+)"', page)]
    assert numbers == sorted(set(numbers)) and len(pages) - 1 <= max(numbers) <= len(pages)
    lines = [int(number) for number in re.findall(r'data-n="(\d+)"', page)]
    assert lines == list(range(1, text.count("\n") + 2))
    bare = re.sub(r'<p class="page-name">\d+</p>', "", page)
    assert re.sub(r"<[^>]*>", "", bare) == text.replace("\n", "")
    assert "".join(re.findall(r"<mark[^>]*>([^<]*)</mark>", page)) == "".join(
        text[low:high].replace("\n", "") for low, high in marks
    )


def test_a_long_document_has_parts(client: TestClient) -> None:
    first = client.get("/documents/long", params={"q": "words"})
    assert len(first.content) < 1_000_000
    parts = int(re.search(r"Part 1 of (\d+)", first.text)[1])  # type: ignore[index]
    assert parts > 5
    lines: list[int] = []
    names: list[int] = []
    for part in range(1, parts + 1):
        page = client.get("/documents/long", params={"q": "words", "part": part}).text
        lines += map(int, re.findall(r'data-n="(\d+)"', page))
        names += map(int, re.findall(r'<mark id="m(\d+)"', page))
    assert lines == list(range(1, 18_001)) and names == list(range(1, 18_001))
    far = client.get("/documents/long", params={"at": 300_000}).text
    assert '<span id="at"></span>' in far


@pytest.mark.parametrize("part", ["0", "-1", "999999", "x", "99999999999999999"])
def test_any_part_may_be_asked_for(client: TestClient, part: str) -> None:
    assert client.get("/documents/long", params={"part": part}).status_code == 200


def test_documents_without_a_text(client: TestClient, tmp_path: Path) -> None:
    assert "The document has no text." in client.get("/documents/empty").text
    with Writer(tmp_path / "bare", store_texts=False) as writer:
        writer.add(Document("a", "text", title="Title"))
    bare = TestClient(web_app(tmp_path / "bare"), base_url="http://localhost")
    assert "stores no texts" in bare.get("/documents/a").text
    assert bare.get("/api/documents/a").json()["text"] is None


def test_a_document_that_is_not_there(client: TestClient) -> None:
    page = client.get("/documents/missing")
    assert page.status_code == 404 and "missing: no document of the index has this id" in page.text
    program = client.get("/api/documents/missing")
    assert program.status_code == 404 and program.json()["error"].startswith("missing:")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "%2e%2e/CURRENT", "..%2fCURRENT", "static/../CURRENT"]
)
def test_no_file_is_served(client: TestClient, directory: Path, name: str) -> None:
    """Not of the index, not of the machine, and not the path of a document that has one."""
    (directory / "secret.txt").write_text("secret")
    for path in (
        f"/static/{name}",
        f"/documents/{name}",
        f"/api/documents/{name}",
        f"/{name}",
        "/documents//srv/news/1.txt",
    ):
        assert client.get(path).status_code in (400, 404, 422), path
    assert client.get("/static/page.css").status_code == 200
    assert client.get("/static/rendering.py").status_code == client.get("/static/").status_code == 404


def test_strange_ids_have_addresses(client: TestClient) -> None:
    found = client.get("/", params={"q": "strange"}).text
    address = re.search(r'class="hit" href="([^"]*)"', found)
    assert address is not None
    path = html.unescape(address[1])
    assert path.startswith("/documents?id=") and "<mark>Strange</mark> ids" in client.get(path).text.replace(
        ' id="m1"', ""
    )
    assert client.get("/api/documents", params={"id": "a//b/../c?d#e%2f"}).json()["title"] == "Strange"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_the_address_of_any_id_leads_to_it(doc_id: str) -> None:
    path, named = document_path(doc_id)
    if named:
        assert named == {"id": doc_id}
    else:
        from urllib.parse import unquote

        assert path.isascii() and not {"", ".", ".."} & set(path.removeprefix("/documents/").split("/"))
        assert not set("?#\\") & set(path) and unquote(path) == f"/documents/{doc_id}"


# Hostile texts


def test_a_document_cannot_act(client: TestClient) -> None:
    """Neither in a result nor on its page: no element, no attribute, no control character and no turned direction."""
    for page in (
        client.get("/", params={"q": "alert"}).text,
        client.get("/documents/evil", params={"q": "alert"}).text,
        client.get("/", params={"q": EVIL, "f": EVIL}).text,
        client.get("/nope/" + quote(EVIL)).text,
        client.get("/documents/" + quote(EVIL)).text,
    ):
        assert "<script>alert" not in page and "<img" not in page and "onerror=alert(2)>\u202e" not in page
        assert not set(page) & set("\x00\x1b\u202e")
        assert re.findall(r"<script[^>]*>", page) == [
            tag
            for tag in re.findall(r"<script[^>]*>", page)
            if re.fullmatch(r'<script src="/static/page.js\?v=\w+" defer>', tag)
        ]


def elements(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes, as a parser sees them."""
    from html.parser import HTMLParser

    found: list[tuple[str, tuple[str, ...]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, tuple(name for name, _ in attrs)))

    Parser().feed(page)
    return found


HOSTILE = st.text(st.sampled_from("<>&\"'/ab \n\r\t\x00\x1b\x85\u2028\u202e\ufeffя"), max_size=30)


@given(HOSTILE, st.lists(st.integers(0, 30), max_size=8), st.integers(0, 30), st.booleans())
def test_lines_hold_the_text_and_nothing_else(text: str, ends: list[int], place: int, numbered: bool) -> None:
    """For any text and any marks: only our elements, each line once, and each character of the text once, in its order."""
    cuts = sorted({min(end, len(text)) for end in ends})
    marks = [(low, high) for low, high in zip(cuts[::2], cuts[1::2], strict=False)]
    page = str(
        marked_lines(
            text, (0, len(text)), marks, line=5 if numbered else None, place=place, links=("before <", "behind >")
        )
    )
    for tag, attributes in elements(page):
        assert (tag, attributes) in {
            ("div", ("class", "id", "data-n")), ("div", ("class",)), ("mark", ("id",)), ("mark", ()),
            ("span", ("id",)), ("span", ("class",)), ("a", ("href", "aria-label")),
        }  # fmt: skip
    bare = re.sub(r'<span class="go">.*?</span>', "", page)
    lines = [
        html.unescape(re.sub(r"<[^>]*>", "", line)) for line in re.findall(r"<div[^>]*>(.*?)</div>", bare, re.DOTALL)
    ]
    assert lines == [clean(line) for line in text.split("\n")]
    assert page.count('id="at"') <= 1
    named = re.findall(r'<mark id="m(\d+)"', page)
    assert named == sorted(set(named), key=int)


@given(st.text("ab\n", max_size=200), st.integers(1, 50))
def test_parts_are_the_text(text: str, most: int) -> None:
    parts = parts_of(text, most)
    assert "".join(text[start:end] for start, end in parts) == text
    assert all(end - start <= most for start, end in parts) and (
        len(parts) == 1 or all(end > start for start, end in parts)
    )


# What every answer says


def test_headers(client: TestClient) -> None:
    for path in (
        "/",
        "/?q=vaccine",
        "/nope",
        "/api/search?query=a",
        "/api/search",
        "/static/page.js",
        "/documents/evil",
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY" and "permissions-policy" in headers
        assert not [name for name in headers if name.startswith("access-control")] and "server" not in headers
        assert "cache-control" in headers


def test_pages_have_nothing_inline_and_nothing_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/?q=vaccine", "/help", "/documents/news/1.txt?q=vaccine"):
        page = client.get(path).text
        assert " style=" not in page and "<style" not in page and not re.search(r"\son\w+=", page)
        assert not re.search(r'(src|href|action)="(?!/|#)', page)
    assert not re.search(r"https?://|//\w", client.get("/static/page.css").text)


def test_an_unexpected_error_has_the_headers_too(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = web_app(directory)
    monkeypatch.setattr("naidi.search.web.api.search", None)
    app = web_app(directory)
    client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    answer = client.get("/api/search?query=a")
    assert answer.status_code == 500 and answer.json()["error"] and "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_reading(client: TestClient, method: str) -> None:
    for path in ("/", "/api/search", "/static/page.css", "/nope"):
        answer = client.request(method, path)
        assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"


def test_head(client: TestClient) -> None:
    for path in ("/?q=vaccine", "/api/search?query=vaccine", "/static/page.css"):
        full, head = client.get(path), client.head(path)
        assert head.status_code == 200 and not head.content
        assert head.headers.get("etag") == full.headers.get("etag")


def test_long_answers_are_zipped(client: TestClient) -> None:
    with client.stream("GET", "/?q=vaccine", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert b"<!doctype html>" in gzip.decompress(b"".join(answer.iter_raw()))
    assert "content-encoding" not in client.get("/api/suggest?text=v&limit=1").headers


# Entity tags


def test_what_is_known_is_not_sent_again(client: TestClient) -> None:
    for path in (
        "/api/search?query=vaccine",
        "/?q=vaccine",
        "/documents/evil",
        "/api/documents/evil",
        "/api/suggest?text=v",
    ):
        first = client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"') and first.headers["cache-control"] == "private, no-cache"
        again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert again.status_code == 304 and not again.content and again.headers["etag"] == tag
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    one, other = (client.get("/api/search", params={"query": query}).headers["etag"] for query in ("a", "b"))
    assert one != other
    page = client.get("/?q=vaccine")
    assert page.headers["vary"].split(", ")[0] == "Accept-Language"


def test_a_commit_is_seen_and_changes_the_tag(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("a", "apple"))
    app = web_app(tmp_path / "index", refresh_every=0)
    client = TestClient(app, base_url="http://127.0.0.1")
    before = client.get("/api/search?query=apple")
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("b", "apple"))
    after = client.get("/api/search?query=apple", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200 and after.json()["total"] == 2
    (tmp_path / "index" / "synonyms.txt").write_text("apple = pear\n")
    again = client.get("/api/search?query=apple", headers={"If-None-Match": after.headers["etag"]})
    assert again.status_code == 200 and again.headers["etag"] != after.headers["etag"]


# Languages


@pytest.mark.parametrize(
    "accepted, wished, language",
    [
        ("", None, "en"),
        ("ru", None, "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", None, "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", None, "en"),
        ("de, ru;q=0.3, en;q=0.2", None, "ru"),
        ("de", None, "en"),
        ("ru;q=0", None, "en"),
        ("ru;q=x", None, "en"),
        ("*", None, "en"),
        (",;,=;q=,ru ; q=0.5", None, "ru"),
        ("ru", "en", "en"),
        ("en", "ru", "ru"),
        ("ru", "xx", "ru"),
    ],
)
def test_the_language_of_a_reader(accepted: str, wished: str | None, language: str) -> None:
    assert language_for(accepted, wished) == language


@given(st.text(max_size=60))
def test_any_header_names_a_language(accepted: str) -> None:
    assert language_for(accepted) in ("en", "ru")


def test_both_languages(client: TestClient) -> None:
    russian = client.get("/?q=vaccine", headers={"Accept-Language": "ru"})
    english = client.get("/?q=vaccine")
    assert '<html lang="en">' in english.text and "29 documents" in english.text
    if '<html lang="ru">' not in russian.text:
        pytest.skip("the Russian catalogue is not there")
    assert "29 документов" in russian.text and english.headers["etag"] != russian.headers["etag"]
    stays = client.get("/?q=vaccine&ui=ru").text
    kept = [link for link in links(stays) if "q=vaccine" in link and "ui=en" not in link]
    assert '<html lang="ru">' in stays and kept and all("ui=ru" in link for link in kept)
    assert "нет документа" not in client.get("/api/documents/zz?ui=ru").text


def test_every_text_of_the_page_is_used() -> None:
    room = ROOT / "search" / "web"
    used = "".join(path.read_text(encoding="utf-8") for path in [*room.glob("templates/*"), *room.glob("*.py")])
    for name in TEXTS:
        if not name.startswith(("facet_", "language_name_")):
            assert re.search(
                rf"""\bt\.{name}\b|(?:texts|TEXTS|_told|self)\[["']{name}["']|["']{name}["'] if """, used
            ) or (name == "not_found_page"), name


# The API


def test_a_search_is_that_of_the_command(client: TestClient, directory: Path) -> None:
    answer = client.get(
        "/api/search", params={"query": "vaccine", "limit": 3, "offset": 2, "facets": ["language", "brand"]}
    )
    found = answer.json()
    with open_index(directory) as searcher:
        expected = to_json(searcher.search("vaccine", 3, offset=2, facets=["language", "brand"]))
    assert {**found, "took_ms": 0} == {**expected, "took_ms": 0}
    assert answer.headers["content-type"] == "application/json"
    jsonschema.validate(found, SCHEMA)


@pytest.mark.parametrize(
    "given_ones, total",
    [
        ({"query": "vaccine", "language": "ru", "translate": "false"}, 0),
        ({"query": "vaccine", "where": "brand:=Bosch price:<10"}, 5),
        ({"query": "vaccine", "only": ["evil", "news/1.txt"]}, 2),
        ({"query": "vaccine number", "mode": "all"}, 25),
        ({"query": "vaccine", "since": "2022"}, 8),
        ({"query": "vaccine", "until": "2020-12", "sort": ["-date", "title"]}, 9),
        ({"query": "vaccine", "exact": "true", "snippets": "0", "count_all": "false"}, 28),
        ({"query": "vaccine", "expand": "auto", "explain": "true", "duplicates": "true", "timeout": "1.5"}, 29),
        ({"query": ""}, 0),
    ],
)
def test_options_of_a_search(client: TestClient, given_ones: dict[str, Any], total: int) -> None:
    answer = client.get("/api/search", params=given_ones)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == total
    jsonschema.validate(answer.json(), SCHEMA)


def test_a_cursor_leads_on(client: TestClient) -> None:
    first = client.get("/api/search", params={"query": "vaccine", "limit": 5}).json()
    second = client.get("/api/search", params={"query": "vaccine", "limit": 5, "after": first["cursor"]}).json()
    assert [hit["rank"] for hit in second["hits"]] == [6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    "path, status, said",
    [
        ("/api/search", 400, "query is missing"),
        ("/api/search?query=a&foo=1", 400, "unknown parameter 'foo'"),
        ("/api/search?query=a&query=b", 400, "query is given twice"),
        ("/api/search?query=a&limit=101", 400, "limit must be a whole number from 0 to 100, not '101'"),
        ("/api/search?query=a&limit=-1", 400, "limit"),
        ("/api/search?query=a&limit=1.0", 400, "limit"),
        ("/api/search?query=a&limit=", 400, "limit"),
        ("/api/search?query=a&offset=10001", 400, "offset"),
        ("/api/search?query=a&timeout=6", 400, "timeout"),
        ("/api/search?query=a&timeout=0", 400, "timeout"),
        ("/api/search?query=a&timeout=nan", 400, "timeout"),
        ("/api/search?query=a&exact=yes", 400, "exact must be true or false"),
        ("/api/search?query=a&mode=some", 400, "mode must be one of any, all"),
        ("/api/search?query=%ff", 400, "UTF-8"),
        ("/api/search?query=a&snippets=11", 400, "snippets"),
        ("/api/search?query=a&" + "&".join(["facets=year"] * 11), 400, "10 times"),
        ("/api/search?query=a&since=foo", 422, "foo is not a date"),
        ("/api/search?query=a&facets=nope", 422, "no facet nope"),
        ("/api/search?query=a&sort=nope", 422, "nope"),
        ("/api/search?query=a&where=words", 422, "words"),
        ("/api/search?query=a&after=x", 422, "cursor"),
        ("/api/search?query=nope:1&strict=true", 422, "nope"),
        ("/api/suggest", 400, "text is missing"),
        ("/api/suggest?text=a&limit=51", 400, "limit"),
        ("/api/similar?document=zz", 404, "zz: no document"),
        ("/api/similar?document=/srv/news/1.txt", 404, "no document"),
        ("/api/documents", 400, "id is missing"),
        ("/api/documents/evil?from=x", 400, "from"),
        ("/api/documents/evil?from=1&start=2", 422, "exclude"),
        ("/api/documents/evil?from=0", 400, "from must be a whole number from 1"),
        ("/api/documents/evil?to=0", 400, "to must be a whole number from 1"),
        ("/api/documents/evil?from=9&to=3", 422, "from 9 is greater than to 3"),
        ("/api/documents/news/1.txt?from=9", 422, "the lines 1 to 3"),
        ("/api/documents/news/1.txt?start=1000", 422, "start 1000 is past the end"),
        ("/api/documents/news/1.txt?to=1&start=40", 422, "start 40 is behind the line 1"),
        ("/api/search?query=a&where=bad:1", 422, "where: there is no field 'bad'"),
        ("/api/search?query=a&where=lang:ru+OR+bad:1", 422, "where: there is no field 'bad'"),
        ("/api/search?query=a&language=xx", 422, "unknown language xx"),
        ("/api/search?query=a&language=klingon", 422, "unknown language klingon"),
        ("/api/suggest?text=a&where=bad:1", 422, "where: there is no field 'bad'"),
        ("/api/similar?document=evil&where=bad:1", 422, "where: there is no field 'bad'"),
        ("/api/similar?document=evil&language=xx", 422, "unknown language xx"),
        ("/api/nope", 404, "no page"),
        ("/api", 404, "no page"),
        ("/api/search?query=" + "a" * 16_400, 414, "too long"),
    ],
)
def test_what_is_refused(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert set(told) == {"v", "error"} and said in told["error"] and "\n" not in told["error"]
    assert answer.headers["cache-control"] == "no-store"


def test_too_many_headers(client: TestClient) -> None:
    assert client.get("/api/search?query=a", headers={"X-Long": "a" * 33_000}).status_code == 431


def test_completions(client: TestClient) -> None:
    found = client.get("/api/suggest", params={"text": "number vacc"}).json()
    assert found["text"] == "number vacc" and found["completions"][0]["text"] == "number vaccine"


def test_similar_documents(client: TestClient) -> None:
    found = client.get("/api/similar", params={"document": "news/1.txt", "limit": 2}).json()
    assert len(found["hits"]) == 2 and found["query"] == "news/1.txt"
    jsonschema.validate(found, SCHEMA)


def test_one_document(client: TestClient) -> None:
    whole = client.get("/api/documents/news/1.txt").json()
    assert client.get("/api/documents/news%2F1.txt").json() == whole
    assert whole["text"].count("\n") == 2 and whole["last_line"] == 3 and whole["next"] is None
    assert whole["fields"] == {"brand": "Bosch", "price": 1} and whole["date"] == "2021-05-29"
    part = client.get("/api/documents/news/1.txt", params={"from": 2, "to": 2, "query": "lines"}).json()
    assert part["text"] == "The second line." and part["line"] == 2 and part["marks"] == [[11, 15]]
    assert client.get("/api/documents/news/1.txt?from=3&to=9").json()["text"].startswith("Children")
    chars = whole["chars"]
    assert client.get(f"/api/documents/news/1.txt?start={chars}").json()["text"] == ""
    assert client.get("/api/documents/empty?start=0").json()["text"] == ""
    book = client.get("/api/documents/pages", params={"start": 12}).json()
    assert book["pages"] == 2 and book["page"] == 2


def test_a_line_feed_at_the_end_begins_no_line(tmp_path: Path) -> None:
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("a", "one\ntwo\n"))
    client = TestClient(web_app(tmp_path / "index"), base_url="http://localhost")
    whole = client.get("/api/documents/a").json()
    assert whole["last_line"] == 2 and whole["text"] == "one\ntwo\n"
    assert client.get("/api/documents/a?from=2").json()["text"] == "two"
    assert "the lines 1 to 2" in client.get("/api/documents/a?from=3").json()["error"]
    assert re.findall(r'data-n="(\d+)"', client.get("/documents/a").text) == ["1", "2"]


def test_a_long_document_comes_in_parts(client: TestClient, directory: Path) -> None:
    texts, start = [], 0
    while start is not None:
        part = client.get("/api/documents/long", params={"start": start}).json()
        assert part["start"] == start and len(part["text"]) <= 200_000
        texts.append(part["text"])
        start = part["next"]
    with open_index(directory) as searcher:
        assert "".join(texts) == searcher.get("long").text and len(texts) == 2


def test_the_description(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    assert told == description("", timeout=5.0, token=False)
    assert told["openapi"].startswith("3.1") and set(told["paths"]) == {
        "/api/search", "/api/suggest", "/api/similar", "/api/documents/{id}", "/api/documents",
    }  # fmt: skip
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **told}

    def valid(answer: Any, name: str) -> None:
        jsonschema.validate(answer, {**whole, "$ref": f"#/components/schemas/{name}"})

    params: dict[str, Any] = {
        "query": "chidren вакцины",
        "facets": ["year", "price"],
        "explain": "true",
        "duplicates": "true",
    }
    valid(client.get("/api/search", params=params).json(), "Page")
    valid(client.get("/api/suggest?text=vac").json(), "Completions")
    valid(client.get("/api/similar?document=evil").json(), "Page")
    for doc_id in ("evil", "pages", "news/1.txt"):
        valid(client.get(f"/api/documents/{doc_id}?query=vaccine").json(), "Document")
    valid(client.get("/api/search").json(), "Error")
    for path in told["paths"].values():
        for parameter in path["get"]["parameters"]:
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
            if "default" in parameter["schema"]:
                jsonschema.validate(parameter["schema"]["default"], parameter["schema"])
            if "example" in parameter:
                jsonschema.validate(parameter["example"], parameter["schema"])
    with pytest.raises(jsonschema.ValidationError):
        valid({"v": 1}, "Page")


# Who may ask


def with_access(directory: Path, access: Access, **options: Any) -> TestClient:
    return TestClient(web_app(directory, access=access), base_url="http://127.0.0.1", follow_redirects=False, **options)


def test_another_name_is_refused(directory: Path) -> None:
    client = with_access(directory, Access(names=frozenset(("127.0.0.1", "localhost", "[::1]"))))
    for host in ("127.0.0.1", "127.0.0.1:8765", "localhost:1", "LOCALHOST", "[::1]:8765"):
        assert client.get("/", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "evil.example:8765", "[::2]"):
        for path in ("/", "/api/search?query=a", "/static/page.css"):
            assert client.get(path, headers={"Host": host}).status_code == 421, host


def test_a_token_is_needed(directory: Path) -> None:
    client = with_access(directory, Access(token=TOKEN))
    for path in ("/", "/?q=vaccine", "/documents/evil", "/api/search?query=a", "/api/openapi.json", "/help", "/nope"):
        answer = client.get(path)
        assert answer.status_code == 401 and "vaccine" not in answer.text.replace("q=vaccine", ""), path
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/static/page.css").status_code == 200
    for wrong in (
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        "Bearer \udcff".encode("utf-8", "replace").decode(),
    ):
        assert client.get("/api/search?query=a", headers={"Authorization": wrong}).status_code == 401
    assert client.get(f"/api/search?query=a&token={TOKEN}").status_code == 401
    assert client.get("/api/search?query=a", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_a_token_becomes_a_cookie(directory: Path) -> None:
    client = with_access(directory, Access(token=TOKEN))
    wrong = client.get("/?token=wrong")
    assert wrong.status_code == 401 and "This is not the token." in wrong.text and "set-cookie" not in wrong.headers
    entered = client.get(f"/?q=вакцина&token={TOKEN}&f=a")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/?q=%D0%B2%D0%B0%D0%BA%D1%86%D0%B8%D0%BD%D0%B0&f=a"
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and TOKEN not in cookie and "secure" not in cookie
    assert client.get("/?q=vaccine").status_code == 200  # the client keeps it
    assert TOKEN not in client.get("/?q=vaccine").text
    other = with_access(directory, Access(token=TOKEN + "x"))
    other.cookies = client.cookies
    assert other.get("/").status_code == 401
    safe = TestClient(web_app(directory, access=Access(token=TOKEN)), base_url="https://x", follow_redirects=False)
    assert "secure" in safe.get(f"/?token={TOKEN}").headers["set-cookie"].lower()


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example", "/%5cevil.example"])
def test_a_token_leads_to_no_other_server(directory: Path, path: str) -> None:
    client = with_access(directory, Access(token=TOKEN))
    answer = client.get(f"http://127.0.0.1{path}?token={TOKEN}")
    assert answer.status_code == 303
    target = answer.headers["location"]
    assert target.startswith("/") and not target.startswith(("//", "/\\")) and not urlsplit(target).netloc


@pytest.mark.parametrize(
    "site, mode, dest, status",
    [
        ("same-origin", "cors", "empty", 200),
        ("none", "navigate", "document", 200),
        ("cross-site", "navigate", "document", 200),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "navigate", "iframe", 403),
        ("same-site", "cors", "empty", 403),
        ("cross-site", "no-cors", "script", 403),
    ],
)
def test_other_sites_may_only_link(client: TestClient, site: str, mode: str, dest: str, status: int) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    for path in ("/?q=vaccine", "/api/search?query=vaccine"):
        assert client.get(path, headers=headers).status_code == status


# Mounted, overloaded, and with an index that is not right


def test_mounted_in_another_application(directory: Path) -> None:
    outer = Starlette(routes=[Mount("/find", app=web_app(directory, access=Access(token=TOKEN)))])
    client = TestClient(outer, base_url="http://127.0.0.1")
    assert client.get("/find/?q=vaccine").status_code == 401
    page = client.get("/find/", params={"q": "vaccine", "token": TOKEN}).text
    targets = [*links(page), *re.findall(r'(?:src|action)="([^"]*)"', page)]
    assert targets and all(target.startswith(("/find/", "#")) for target in targets)
    assert 'data-suggest="/find/api/suggest"' in page
    for target in targets:
        if target.startswith("#"):
            continue
        assert client.get(target).status_code == 200, target
    assert client.get("/find/api/openapi.json").json()["servers"] == [{"url": "/find"}]
    assert client.get("/find/api/nope").json()["error"]


def test_too_many_at_once(directory: Path) -> None:
    app = web_app(directory, workers=Workers(threads=1, waiting=0))
    begun, goes_on = threading.Event(), threading.Event()
    searcher = app.index.searcher()

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(searcher, name)

        def search(self, *arguments: Any, **options: Any) -> Any:
            begun.set()
            assert goes_on.wait(20)
            return searcher.search(*arguments, **options)

    app.index._opened = Slow()  # type: ignore[assignment]
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answers: list[int] = []
        slow = threading.Thread(target=lambda: answers.append(client.get("/api/search?query=vaccine").status_code))
        slow.start()
        assert begun.wait(20)
        refused = client.get("/api/search?query=vaccine")
        goes_on.set()
        slow.join()
        assert refused.status_code == 503 and refused.headers["retry-after"] == "1" and answers == [200]
        assert client.get("/api/search?query=vaccine").status_code == 200


def test_the_queue_ends() -> None:
    workers = Workers(threads=1, waiting=1)
    goes_on = threading.Event()
    outcomes: list[str] = []

    async def run() -> None:
        async def one() -> None:
            try:
                await workers.run(lambda: goes_on.wait(20))
                outcomes.append("answered")
            except Overloaded:
                outcomes.append("refused")
                goes_on.set()

        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(one)

    anyio.run(run)
    assert outcomes == ["refused", "answered", "answered"]


def test_an_index_that_is_missing_comes(tmp_path: Path) -> None:
    client = TestClient(web_app(tmp_path / "index"), base_url="http://127.0.0.1")
    for path in ("/", "/api/search?query=a"):
        answer = client.get(path)
        assert answer.status_code == 503 and "no index" in html.unescape(answer.text), path
    with Writer(tmp_path / "index") as writer:
        writer.add(Document("a", "apple"))
    assert client.get("/api/search?query=apple").json()["total"] == 1


def test_a_damaged_index(directory: Path, tmp_path: Path) -> None:
    shutil.copytree(directory, tmp_path / "index")
    for path in live_directory(tmp_path / "index").rglob("*"):
        if path.is_file():
            replace_file(path, path.read_bytes()[:100])
    answer = TestClient(web_app(tmp_path / "index"), base_url="http://127.0.0.1").get("/api/search?query=vaccine")
    assert answer.status_code == 503 and answer.json()["error"]


def test_a_cluster_that_is_away(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = web_app(directory)

    def away() -> Any:
        raise ClusterUnavailable("the cluster does not answer")

    monkeypatch.setattr(app.index, "searcher", away)
    answer = TestClient(app, base_url="http://127.0.0.1").get("/?q=a")
    assert answer.status_code == 503 and answer.headers["retry-after"] and "does not answer" in answer.text


# Addresses


SHOWN = st.text(min_size=1, max_size=8).filter(is_shown)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(SHOWN, max_size=3, unique=True),
    st.integers(0, 999),
)
def test_an_address_says_what_was_asked(query: str, filters: list[str], offset: int) -> None:
    asked = PageQuery(
        " ".join(query.split()), tuple(filters), "-date", "2020", "", "all", True, offset // 10 * 10, "ru"
    )
    assert PageQuery.of(QueryParams(urlsplit(asked.url("/")).query)) == asked


def test_a_word_is_replaced_where_it_stands() -> None:
    assert replaced_word("oil pirces now", "pirces", "prices") == "oil prices now"
    assert replaced_word("oilpirces", "pirces", "prices") is None
    assert replaced_word("oil", "pirces", "prices") is None


def test_names_of_hosts() -> None:
    names = {"a.b:80": "a.b", "[::1]:80": "[::1]", "::1": "", "A": "a", "": "", "[": "[]"}
    assert {host: guard._name_of(host) for host in names} == names
