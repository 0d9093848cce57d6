"""The words of a query are marked in a text that the application has, by the rules of hits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi import Document, InvalidQuery, Searcher, Snippet, Writer, open_index

DOCUMENTS = (
    "The vaccine came from the World Health Organization (WHO). The cat went home.",
    "Казахстан получил вакцину. Токаев встретил делегацию ВОЗ.",
    "Дети привиты вакцинами. Всемирная организация здравоохранения (ВОЗ) довольна. Медико-санитарная помощь.",
    "Health ministers of the world met; they organized vaccination of children. Tokayev spoke.",
    "QazVac, C++ and 75,4 of them. A ministry of health. Ministries. Don't go, can't stay.",
)
WORDS = sorted(
    {word for text in DOCUMENTS for word in text.split()} | {"vaccines", "вакцинация", "кошки", "went", "cats", "goes"}
)
QUERIES = (
    *("vaccine", "вакцины", "went home", '"world health"', '"health world"~3', "vacc* -cat", "vacine", "Токаев", "WHO", "ВОЗ"),
    *("=cat", "медико-санитарной", "dfrwbyf", "tokaev", "organisation~2", "?at", "c++ 75,4", "lang:en cat", "title:cat"),
    "ministry OR children",
)  # fmt: skip


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    index = tmp_path_factory.mktemp("given") / "index_data"
    with Writer(index) as writer:
        for number, text in enumerate(DOCUMENTS):
            writer.add(Document(id=str(number), text=text))
            if number == 2:
                writer.commit()
    with open_index(index) as opened:
        yield opened


def shown(snippet: Snippet) -> str:
    return snippet.html("b").replace("<b>", "[").replace("</b>", "]")


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("vaccine", "Vaccines, a VACCINE\n\n  my vaccine’s", "[Vaccines], a [VACCINE]\n\n  my [vaccine’s]"),
        ("went", "goes going gone, ongoing", "[goes] [going] [gone], ongoing"),  # none of these forms is in the index
        ("dfrwbyf", "Вакцинами и вакциной", "[Вакцинами] и [вакциной]"),
        ("Tokayev", "Токаевым, Tokayev", "[Токаевым], [Tokayev]"),
        (
            "WHO",
            "«Всемирной организации здравоохранения» и ВОЗ",
            "«[Всемирной] [организации] [здравоохранения]» и [ВОЗ]",
        ),
        ('"world health"', "world health, health world, the world’s", "[world] [health], health world, the world’s"),
        ("vaccinaton", "vaccinations", "[vaccinations]"),
        ("vacc*", "vaccinated, vaccinator, cat", "[vaccinated], [vaccinator], cat"),
        ("c?t", "cut cot cat coat", "[cut] [cot] [cat] coat"),
        ("cat~1", "bat cats dog", "[bat] [cats] dog"),
        ("=cat", "cat cats", "[cat] cats"),
        ("cat -health", "cat health", "[cat] health"),
        ("кошка", "кошки, котом", "[кошки], котом"),  # no word of the index
        ("zzz qqq", "Zzz, qqqs qqq’s", "[Zzz], qqqs [qqq’s]"),
        ("", "cat", "cat"),
        ("lang:en", "cat", "cat"),
        ("...", "cat", "cat"),
        ("cat", "", ""),
    ],
)
def test_what_is_marked(searcher: Searcher, query: str, text: str, marked: str) -> None:
    found = searcher.highlight(text, query)
    assert found.text == text and shown(found) == marked


def test_exact_marks_what_is_typed(searcher: Searcher) -> None:
    assert shown(searcher.highlight("Tokayev, Токаев", "Tokayev", exact=True)) == "[Tokayev], Токаев"


def test_other_forms_of_the_root_are_marked_where_the_word_is_not(searcher: Searcher) -> None:
    assert shown(searcher.highlight("organized by an organizer", "organized")) == "[organized] by an organizer"
    assert shown(searcher.highlight("by an organizer", "organized")) == "by an [organizer]"


@pytest.mark.parametrize("query", QUERIES)
def test_hits_are_marked_the_same(searcher: Searcher, query: str) -> None:
    """In the texts of the index, what is marked in a hit, no more and no less."""
    hits = searcher.search(query, snippets=5).hits
    for hit in hits:
        whole = searcher.highlight(searcher.get(hit.id).text, query)
        assert hit.snippets and hit.snippets == searcher.snippets(whole.text, query, 5)
        for snippet in hit.snippets:
            end = snippet.start + len(snippet.text)
            assert whole.text[snippet.start : end] == snippet.text
            assert [(start + snippet.start, stop + snippet.start) for start, stop in snippet.marks] == [
                mark for mark in whole.marks if snippet.start <= mark[0] < end
            ]
    assert hits or query in ("title:cat",)


TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=30).map(" ".join)


@given(TEXTS, st.sampled_from(QUERIES) | TEXTS)
@example("\ud800cat \udfff", "cat")
@example("ca\u00adt ca\u0301t сat", "cat")
@example("CATS AND DOGS\ncats", "CAT")
def test_any_text_stays_as_it_is(searcher: Searcher, text: str, query: str) -> None:
    whole = searcher.highlight(text, query)
    assert whole.text == text and (whole.start, whole.page) == (0, None)
    ends = [0, *(place for mark in whole.marks for place in mark), len(text)]
    assert ends == sorted(ends) and all(start < end for start, end in whole.marks)
    if whole.marks:
        assert whole.line == text.count("\n", 0, whole.marks[0][0]) + 1
    for snippet in searcher.snippets(text, query, 2, chars=40):
        assert len(snippet.text) <= 40


@pytest.mark.parametrize("query", [*QUERIES, "cat"])
def test_a_new_index_with_the_text_marks_the_same(tmp_path: Path, searcher: Searcher, query: str) -> None:
    """If the text were in the index, with words that the index lacks."""
    chance = random.Random(query)
    text = " ".join(chance.choices([*WORDS, "cats", "vaccinating", "вакцинация", "ministered"], k=60))
    marks = searcher.highlight(text, query, exact=True).marks
    with Writer(tmp_path / "index") as writer:
        for number, each in enumerate((*DOCUMENTS, text)):
            writer.add(Document(id=str(number), text=each))
    with open_index(tmp_path / "index") as other:
        assert other.highlight(text, query, exact=True).marks == marks


def test_an_empty_index_knows_the_forms_of_words(index: Path) -> None:
    with Writer(index) as writer:
        writer.commit()
    with open_index(index) as searcher:
        assert shown(searcher.highlight("cats, дома", "cat дом")) == "[cats], [дома]"
        assert [shown(snippet) for snippet in searcher.snippets("cats, дома", "cat")] == ["[cats], дома"]


def test_passages_have_the_size_and_number_asked_for(searcher: Searcher) -> None:
    text = "\n".join(f"Line {number}: the cat {number} went home and slept well." for number in range(60))
    for chars in (20, 60, 200):
        found = searcher.snippets(text, "cat", 4, chars=chars)
        assert len(found) == 4 and max(len(snippet.text) for snippet in found) <= chars
        assert [snippet.start for snippet in found] == sorted(snippet.start for snippet in found)
        assert all(snippet.marks for snippet in found)
    assert 1_000 < max(len(snippet.text) for snippet in searcher.snippets(text, "cat", chars=2_000)) <= 2_000
    assert searcher.snippets(text, "cat", 0) == () and searcher.snippets("", "cat") == ()
    (beginning,) = searcher.snippets(text, "nothingofthekind")
    assert beginning.text.startswith("Line 0") and not beginning.marks
    assert searcher.snippets(text, "") == (beginning,)


@pytest.mark.parametrize("chars", [20, 45, 2_000])
def test_hits_have_snippets_of_the_size_asked_for(searcher: Searcher, chars: int) -> None:
    results = searcher.search("vaccine health", translate=False, snippet_chars=chars)
    assert len(results) == 3 and searcher.similar("3", snippet_chars=chars).hits
    for hit in [*results, *searcher.similar("3", snippet_chars=chars)]:
        assert hit.snippets and all(len(snippet.text) <= chars for snippet in hit.snippets)
    first = results.hits[0]
    assert first.snippets == searcher.snippets(searcher.get(first.id).text, "vaccine health", chars=chars)
    assert (len(first.snippets[0].text) > 45) == (chars == 2_000)
    for wrong in (19, 2_001, True, "20"):
        with pytest.raises(InvalidQuery, match="snippet_chars must be a whole number from 20 to 2,000"):
            searcher.search("vaccine", snippet_chars=wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidQuery, match="snippet_chars"):
            searcher.similar("3", snippet_chars=wrong)  # type: ignore[arg-type]


def test_a_million_characters(searcher: Searcher) -> None:
    text = ("The cat went home.\n" * 52_632)[:1_000_000]
    found = searcher.highlight(text, "cats")
    assert len(found.marks) == 52_632 and found.text is text and found.line == 1
    assert len(searcher.snippets(text, "cats", chars=100)) == 1  # passages of the same text are shown once


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        ((5, "cat"), {}, "the text must be a str, not int"),
        ((b"cat", "cat"), {}, "the text must be a str, not bytes"),
        (("cat", None), {}, "the query must be a str"),
        (("cat", "cat"), {"exact": 1}, "exact, .* must be True or False"),
    ],
)
def test_what_has_no_meaning(searcher: Searcher, arguments: Any, named: Any, message: str) -> None:
    for ask in (searcher.highlight, searcher.snippets):
        with pytest.raises(InvalidQuery, match=message):
            ask(*arguments, **named)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"chars": 19}, "chars must be a whole number from 20 to 2,000, not 19"),
        ({"chars": 2_001}, "chars must be a whole number"),
        ({"chars": True}, "chars must be a whole number"),
        ({"limit": -1}, "limit must be a whole number from 0"),
        ({"limit": 1.5}, "limit must be a whole number from 0"),
    ],
)
def test_sizes_without_a_meaning(searcher: Searcher, named: Any, message: str) -> None:
    with pytest.raises(InvalidQuery, match=message):
        searcher.snippets("cat", "cat", **named)
