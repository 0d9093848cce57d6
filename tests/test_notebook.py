"""What a notebook shows of results, hits, facets and documents: the whole HTML, hostile texts, and how much it is at most.

The whole HTML of small values stands in tests/data/notebook. `python tests/test_notebook.py` writes it anew.
"""

from __future__ import annotations

import datetime
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import Document, Explanation, FormMatch, StoredDocument, TermMatch, Writer, field, fields, open_index
from naidi.search.notebook.facet_plot import MOST_BARS, MOST_COLUMNS, is_histogram
from naidi.search.notebook.markup import cut, escaped, marked
from naidi.search.notebook.results_html import MOST_HITS
from naidi.search.results import Correction, Facet, Hit, Results, Snippet

GOLDEN = Path(__file__).parent / "data" / "notebook"
SVG = "{http://www.w3.org/2000/svg}"

day = datetime.date
MONTHS = Facet(((day(2024, 1, 1), 2), (day(2024, 2, 1), 0), (day(2024, 3, 1), 12)), 0, 3)
TOPICS = Facet((("health", 3), ("погода", 1), ("", 1)), 4)
RANGES = Facet((((None, 50), 3), ((50, 100.5), 1), ((100.5, None), 0)))
EXPLANATION = Explanation(
    (
        TermMatch(
            "rain",
            "text",
            "lemma",
            (FormMatch("rained", ("rain",), 2), FormMatch("rain", ("rain",), 1)),
            2,
            1.5,
            10,
            9.5,
            1,
            0.5,
        ),
        TermMatch(
            "дождь", "text", "stem", (FormMatch("дождя", (), 1),), 1, 1.5, 10, 9.5, 1, 0.75, "translation of rain"
        ),
    ),
    1.25,
)
HIT = Hit(
    11,
    "notes/rain.txt",
    "/home/ann/notes/rain.txt",
    "Rain & <sun>",
    day(2024, 4, 9),
    "en",
    2.413,
    {"shelf": 7},
    (
        Snippet("It rained on Monday <b>.", ((3, 9),), 0, 4),
        Snippet("Дождь шёл.", ((0, 5),), 90, 12, 2),
    ),
    ((0, 4),),
    EXPLANATION,
    ("a", "b"),
    "mtime",
    fields={"topic": ["weather", "a & b"], "read": True},
)
CORRECTIONS = (
    Correction("rian", "rain", "spelling", "", "instead", 0.83),
    Correction("rian", "Rian", "spelling", "", "instead", 0.5),
    Correction("rain", "дождь", "translation", "", "as well"),
    Correction("rain", "untold", "synonym", "", "as well", told=False),
)
RESULTS = Results(
    "rian <now>",
    25,
    1.25,
    CORRECTIONS,
    ("the quotation mark is not closed & read as a blank",),
    (HIT,),
    10,
    False,
    True,
    {"topic": TOPICS, "posted": MONTHS, "price": RANGES},
)
DOCUMENT = StoredDocument(
    "rain", "First line.\n\tSecond <line>.\n", "Rain", day(2024, 4, 9), None, "en", pages=(0, 11), fields={"words": 4}
)
SHOWN: dict[str, Any] = {
    "results": RESULTS,
    "no_results": Results("nothing", 0, 0.5),
    "hit": HIT,
    "facet_of_values": TOPICS,
    "facet_of_months": MONTHS,
    "snippet": HIT.snippets[0],
    "correction": CORRECTIONS[0],
    "document": DOCUMENT,
    "explanation": EXPLANATION,
}


def html_of(shown: Any) -> str:
    """What a notebook is given, which is held to all that holds for any value."""
    html: str = shown._repr_html_()
    tree = ElementTree.fromstring(html)
    for element in tree.iter():
        assert element.tag.removeprefix(SVG) in KNOWN, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in ("href", "src", "id", "class"), name
            assert "url(" not in value and "expression" not in value
    for picture in tree.iter(f"{SVG}svg"):
        if "viewBox" in picture.attrib:
            assert picture.attrib["role"] == "img"
            assert picture[0].tag == f"{SVG}title" and picture[0].text
            assert picture[1].tag == f"{SVG}desc" and picture[1].text
    return html


KNOWN = {
    *("div", "span", "b", "mark", "details", "summary", "table", "tr", "th", "td"),
    *("svg", "g", "rect", "text", "title", "desc"),
}


def text_of(html: str) -> str:
    return "".join(ElementTree.fromstring(html).itertext())


@pytest.mark.parametrize("name", SHOWN)
def test_the_whole_html(name: str) -> None:
    assert html_of(SHOWN[name]) + "\n" == (GOLDEN / f"{name}.html").read_text(encoding="utf-8")


def test_results_say_what_was_found_and_how() -> None:
    text = text_of(html_of(RESULTS))
    for said in (
        "at least 25 documents for rian <now> · 11 on this page",
        "⚠ The time ran out",
        "⚠ the quotation mark is not closed & read as a blank",
        "searched for rain, Rian, not rian",
        "also searched for дождь beside rain",
        "11. Rain & <sun>",
        "/home/ann/notes/rain.txt · 2024-04-09 (file time) · en · score 2.413",
        "It rained on Monday <b>. line 4",
        "Дождь шёл. p. 2",
        "topic: weather, a & b · read: true · shelf: 7",
        "2 hits of this page are nearly the same",
    ):
        assert said in text
    assert "untold" not in text


def test_marks_are_those_of_the_hit() -> None:
    tree = ElementTree.fromstring(html_of(HIT))
    assert [mark.text for mark in tree.iter("mark")] == ["Rain", "rained", "Дождь"]


def test_a_hit_without_a_title_has_its_path_or_id_as_one() -> None:
    assert "<b>1. a &amp; b</b>" in html_of(Hit(1, "a & b", None, " \t", None, None, 1.0))
    assert "<b>1. /x/a.txt</b>" in html_of(Hit(1, "a", "/x/a.txt", "", None, None, 1.0))


def test_a_document_whose_text_is_not_stored_says_so() -> None:
    assert "does not store texts" in html_of(StoredDocument("a", None, "A", None, None, None))


def test_plain_reprs_stay() -> None:
    assert repr(MONTHS).startswith("Facet(values=((datetime.date(2024, 1, 1), 2)")
    assert pickle.loads(pickle.dumps(RESULTS)) == RESULTS


# -- facets


def bars_of(facet: Facet) -> list[str]:
    tree = ElementTree.fromstring(html_of(facet))
    return ["".join(title.itertext()) for group in tree.iter(f"{SVG}g") for title in group.iter(f"{SVG}title")]


def test_a_histogram_has_a_column_for_each_step_in_order() -> None:
    assert bars_of(MONTHS) == ["2024-01: 2 documents", "2024-02: 0 documents", "2024-03: 12 documents"]
    assert "without a value 3" in html_of(MONTHS)


@pytest.mark.parametrize(
    ("begins", "labels"),
    [
        ([day(2020, 1, 1), day(2021, 1, 1), day(2022, 1, 1)], ["2020", "2021", "2022"]),
        ([day(2023, 10, 1), day(2024, 1, 1), day(2024, 4, 1)], ["2023-Q4", "2024-Q1", "2024-Q2"]),
        ([day(2024, 1, 1), day(2024, 1, 8)], ["2024-01-01", "2024-01-08"]),
        ([day(2024, 1, 1), day(2024, 1, 2)], ["2024-01-01", "2024-01-02"]),
        ([day(2024, 1, 1), day(2024, 9, 2)], ["2024-01-01", "2024-09-02"]),
        ([0, 50, 100], ["0", "50", "100"]),
        ([-0.5, 0.0, 0.5], ["-0.5", "0", "0.5"]),
    ],
)
def test_steps_are_named_by_their_kind(begins: list[Any], labels: list[str]) -> None:
    bars = bars_of(Facet(tuple((begin, 1) for begin in begins)))
    assert [bar.removesuffix(": 1 document") for bar in bars] == labels


@pytest.mark.parametrize(
    ("values", "histogram"),
    [
        ([1, 2, 3], True),
        ([0.1 * number for number in range(9)], True),
        ([1, 2, 3.5], False),
        ([number**2 for number in range(MOST_BARS)], False),
        ([number**2 for number in range(MOST_BARS + 1)], True),
        ([2, 1], False),
        ([1, 1], False),
        ([1], False),
        (["1", "2"], False),
        ([False, True], False),
        ([day(2024, 1, 1), day(2024, 1, 2)], True),
        ([day(2024, 1, 1), day(2024, 9, 2)], False),
        ([day(2024, 1, 1), datetime.datetime(2024, 1, 2)], False),
        ([(None, 5), (5, None)], False),
        ([1, day(2024, 1, 1)], False),
    ],
)
def test_what_is_a_histogram(values: list[Any], histogram: bool) -> None:
    assert is_histogram(values) == histogram


def test_lengths_are_in_proportion_and_what_is_there_is_seen() -> None:
    tree = ElementTree.fromstring(html_of(Facet((("a", 1_000), ("b", 500), ("c", 1), ("d", 0)))))
    assert [float(bar.attrib["width"]) for bar in tree.iter(f"{SVG}rect")] == [200, 100, 1, 0]


def test_a_facet_of_a_real_index(index: Path) -> None:
    with Writer(index, schema={"price": fields.Number(), "brand": fields.Keyword()}) as writer:
        for price in (5, 60, 61, 160):
            writer.add(Document(id=str(price), text="drill", fields={"price": price, "brand": f"<{price % 2}>"}))
    with open_index(index) as searcher:
        results = searcher.search("drill", facets=["brand", field("price").by(50), "year", "folder"])
    assert bars_of(results.facets["price"]) == [
        "0: 1 document",
        "50: 2 documents",
        "100: 0 documents",
        "150: 1 document",
    ]
    assert bars_of(results.facets["brand"]) == ["<0>: 2 documents", "<1>: 2 documents"]
    assert "drill" in text_of(html_of(results))


# -- hostile texts and sizes

HOSTILE = "<script>alert(1)</script>\"'&\x00\x1b[31m\u202e\ud800\uffff\ufffe]]><!--\r\n\t"


def hostile_results(text: str, number: int) -> Results:
    snippet = Snippet(text, ((0, 1),) if text else (), 0, 1)
    explanation = Explanation(
        (TermMatch(text, text, text, (FormMatch(text, (), 1),), 1, 1, 1, 1, 1, 1, text),), 1, text
    )
    hit = Hit(
        1, text or "a", text, text, None, text, 1.0, {text: text}, (snippet,), snippet.marks, explanation, fields={text: [text]}
    )  # fmt: skip
    facets = {text: Facet(((text, number), ((text, text), 1)), number, 1)}
    correction = Correction(text, text, "spelling", text)
    return Results(text, number, 1.0, (correction,), (text,), (hit,), facets=facets)


def test_hostile_text_is_shown_and_does_nothing() -> None:
    html = html_of(hostile_results(HOSTILE, 3))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;␀␛[31m" in html.replace("</mark>", "").replace(
        '<mark style="background:rgba(255,196,0,.22);color:inherit;border-bottom:2px solid #d99a00;padding:0 1px">', ""
    )
    for harmful in "\x00\x1b\u202e\ud800\uffff\ufffe\r":
        assert harmful not in html
    html_of(StoredDocument("a", HOSTILE, HOSTILE, None, HOSTILE, HOSTILE))
    html_of(Correction(HOSTILE, "{0}{1}{x}", "spelling", HOSTILE))


@given(st.text(), st.integers(0, 10**12))
def test_any_text_gives_well_formed_html(text: str, number: int) -> None:
    html_of(hostile_results(text, number))
    html_of(StoredDocument("a", text, text, None, text, text))


@given(st.text(), st.lists(st.integers(0, 30), max_size=8), st.integers(1, 20))
def test_marked_text_is_the_text_that_is_cut(text: str, ends: list[int], most: int) -> None:
    places = sorted({end for end in ends if end <= len(text)})
    marks = list(zip(places[::2], places[1::2], strict=False))
    tree = ElementTree.fromstring(f"<p>{marked(text, marks, most)}</p>")
    plain = ElementTree.fromstring(f"<p>{escaped(text, most)}</p>")
    assert "".join(tree.itertext()) == (plain.text or "")
    assert len(plain.text or "") == min(len(text), most)
    assert [mark.text for mark in tree.iter("mark")] == [
        "".join(plain.itertext())[start:end] for start, end in marks if start < min(len(text), most)
    ]


@given(
    st.lists(st.tuples(st.one_of(st.integers(), st.floats(allow_nan=False), st.dates()), st.integers(0, 10**9))),
    st.integers(0, 9),
)
def test_any_facet_is_a_picture(values: list[tuple[Any, int]], missing: int) -> None:
    html = html_of(Facet(tuple(values), missing, missing))
    assert ("<svg" in html) == bool(values)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=2_000))
def test_no_document_of_a_histogram_is_lost(counts: list[int]) -> None:
    bars = bars_of(Facet(tuple(enumerate(counts))))
    assert len(bars) <= MOST_COLUMNS
    assert sum(int(re.sub(r".*: ([\d,]+) document.*", r"\1", bar).replace(",", "")) for bar in bars) == sum(counts)


def test_ten_thousand_hits_are_no_megabytes() -> None:
    hits = tuple(Hit(n, str(n), None, f"hit {n}", None, "en", 1.0) for n in range(1, 10_001))
    html = html_of(Results("x", 10_000, 1.0, hits=hits))
    assert html.count("<b>") == MOST_HITS + 2 and "9,900 more hits of this page are not shown here" in html


def long(text: str, number: int) -> Results:
    """Results in which everything is as much as it can be."""
    snippets = (Snippet(text, ((0, len(text)),), 0, 1),) * number
    match = TermMatch(text, text, text, (FormMatch(text, (), 1),) * number, 1, 1, 1, 1, 1, 1, text)
    values = {f"{n}{text}": [text] * number for n in range(number)}
    explanation = Explanation((match,) * number, 1.0, text)
    hit = Hit(1, text, text, text, None, text, 1.0, values, snippets, (), explanation, (text,) * number, fields=values)
    facets = {f"{n}{text}": Facet(tuple((f"{n}{text}", 1) for n in range(number))) for n in range(20)}
    corrections = tuple(Correction(f"{n}{text}", text, "spelling", text) for n in range(number))
    return Results(text, 10**6, 1.0, corrections, (text,) * number, (hit,) * number, facets=facets)


def test_nothing_is_so_long_that_all_of_it_is_shown() -> None:
    results = long("<&\"'>" * 2_000, 200)
    html = html_of(results)
    assert len(html) < 1_500_000
    for said in ("hits of this page are", "snippets are", "warnings are", "corrected words are", "facets are"):
        assert re.search(rf"\d more {said} not shown here", html), said
    assert f"{200 - MOST_BARS} more values not drawn" in html
    document = StoredDocument("a", "<" * 10**6, "A", None, None, None)
    assert len(html_of(document)) < 20_000 and "997,000 more characters are not shown here" in html_of(document)
    assert len(html_of(Facet(tuple((n, 1) for n in range(10_000))))) < 40_000


# Text and page of JupyterLab, VS Code and Colab, light and dark.
PAGES = [
    ("#000000", "#ffffff"),
    ("#212121", "#ffffff"),
    ("#e0e0e0", "#111111"),
    ("#cccccc", "#1e1e1e"),
    ("#d5d5d5", "#383838"),
]


@pytest.mark.parametrize(("text", "page"), PAGES)
def test_marks_and_faint_text_are_readable(text: str, page: str) -> None:
    """WCAG 2: a contrast of 4.5 for text, 3 for what is drawn."""
    html = HIT._repr_html_() + MONTHS._repr_html_()
    red, green, blue, alpha = map(float, re.search(r"background:rgba\((.*?)\)", html)[1].split(","))  # type: ignore[index]
    fore, back = rgb(text), rgb(page)
    assert contrast(fore, mixed((red, green, blue), back, alpha)) >= 4.5
    (faint,) = set(re.findall(r"opacity:(\.\d+)", html))
    assert contrast(mixed(fore, back, float(faint)), back) >= 4.5
    (bar,) = set(re.findall(r'fill="(#\w+)"', html))
    assert contrast(rgb(bar), back) >= 3


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def mixed(over: tuple[float, ...], under: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    return tuple(alpha * above + (1 - alpha) * below for above, below in zip(over, under, strict=True))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_a_text_is_cut_to_its_length() -> None:
    assert cut("abc", 3) == "abc" and cut("abcd", 3) == "ab…"


def test_a_search_does_not_load_what_only_a_notebook_needs() -> None:
    code = "import naidi.search.results, naidi.search.open_index, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "naidi.search.results" in run.stdout and "naidi.search.notebook" not in run.stdout


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each, shown in SHOWN.items():
        (GOLDEN / f"{each}.html").write_text(html_of(shown) + "\n", encoding="utf-8")
        print("wrote", each)
