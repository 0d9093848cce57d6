"""Filters alone: as the string of `where=`, and as a part of a query that the core then answers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from naidi import Document, InvalidQuery, Searcher, Writer, field, fields, open_index
from naidi.indexer import core
from naidi.search.bridges.word_bridges import bridges_of
from naidi.search.collection import Collection
from naidi.search.query.parser import parse
from naidi.search.query.printer import to_text
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.core_page import core_page
from naidi.search.read_query import QueryReader

SCHEMA: dict[str, fields.Field] = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "day": fields.Date(),
    "created": fields.DateTime(zone="Asia/Almaty"),
    "notes": fields.Text(),
    "custom.*": fields.Keyword(),
}
DOCUMENTS = [
    Document(
        id=f"d{number:02}",
        text="drill hammer" if number % 2 else "drill",
        path=f"shop/{'old' if number % 5 else 'new'}/{number}.md",
        date=datetime.date(2020 + number % 6, 1 + number % 12, 1),
        language="ru" if number % 3 else "en",
        fields={
            "brand": ["Bosch", "Makita", "De Walt", None][number % 4],
            "tags": [["old", "a"], [], ["b"]][number % 3],
            "price": number * 25,
            "stock": bool(number % 2),
            "day": datetime.date(2024, 1 + number % 12, 1),
            "custom": {"Owner": f"o{number % 2}"},
        },
    )
    for number in range(30)
]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("filters") / "index"
    with Writer(directory, schema=SCHEMA) as writer:
        for number, document in enumerate(DOCUMENTS):
            writer.add(document)
            if number == 12:
                writer.commit()
        writer.delete("d07")
    with open_index(directory) as opened:
        yield opened


Holds = Callable[[Document], bool]
FILTERS: list[tuple[str, Holds]] = [
    ("brand:bosch", lambda one: one.fields["brand"] == "Bosch"),
    ('brand:="De Walt"', lambda one: one.fields["brand"] == "De Walt"),
    ("brand:*", lambda one: one.fields["brand"] is not None),
    ("tags:a", lambda one: "a" in one.fields["tags"]),
    ("tags:b", lambda one: "b" in one.fields["tags"]),
    ("price:<200", lambda one: one.fields["price"] < 200),
    ("price:[100 TO 400]", lambda one: 100 <= one.fields["price"] <= 400),
    ("stock:yes", lambda one: one.fields["stock"]),
    ("day:2024-05", lambda one: one.fields["day"].month == 5),
    ("custom.Owner:o1", lambda one: one.fields["custom.Owner"] == "o1"),
    ("date:2022", lambda one: one.date is not None and one.date.year == 2022),
    ("date:>=2024", lambda one: one.date is not None and one.date.year >= 2024),
    ("lang:en", lambda one: one.language == "en"),
    ("path:old", lambda one: "old" in (one.path or "")),
    ("size:>1", lambda one: False),
]


def joined(parts: list[tuple[str, Holds]], operator: str) -> tuple[str, Holds]:
    holds = [each for _, each in parts]
    join = all if operator == "AND" else any
    return f"({f' {operator} '.join(text for text, _ in parts)})", lambda one: join(each(one) for each in holds)


def negated(part: tuple[str, Holds], sign: str) -> tuple[str, Holds]:
    return f"{sign}{part[0]}", lambda one: not part[1](one)


def trees() -> st.SearchStrategy[tuple[str, Holds]]:
    return st.recursive(
        st.sampled_from(FILTERS),
        lambda inner: st.one_of(
            st.builds(joined, st.lists(inner, min_size=1, max_size=4), st.sampled_from(["AND", "OR"])),
            st.builds(negated, inner.filter(lambda part: part[0][0] not in "-N"), st.sampled_from(["-", "NOT "])),
        ),
        max_leaves=8,
    )


def ids(results: Any) -> list[str]:
    return [hit.id for hit in results]


@settings(max_examples=150)
@given(trees(), st.sampled_from(["drill", "drill hammer", '"drill hammer"', "hammer -nosuch"]), st.booleans())
def test_filters_in_a_string_and_in_a_query(
    searcher: Searcher, tree: tuple[str, Holds], words: str, first: bool
) -> None:
    text, holds = tree
    whole = searcher.search(words, limit=100, snippets=0)
    found = searcher.search(words, limit=100, snippets=0, where=text, strict=True)
    assert sorted(ids(found)) == sorted(doc_id for doc_id in ids(whole) if holds(DOCUMENTS[int(doc_id[1:])]))
    inside = searcher.search(f"({text}) ({words})" if first else f"({words}) {text}", limit=100, snippets=0)
    assert [(hit.id, hit.score) for hit in inside] == [(hit.id, pytest.approx(hit.score, rel=1e-9)) for hit in found]
    assert searcher.search("*", limit=0, where=text).total == sum(holds(one) for one in DOCUMENTS if one.id != "d07")


@pytest.mark.skipif(not core.is_used, reason="there is no core")
@pytest.mark.parametrize("mode", ["any", "all"])
@pytest.mark.parametrize(
    "query",
    [
        "drill brand:(Bosch OR Makita)", "drill -tags:a", "drill (date:2024 OR date:2022)", "drill hammer -lang:en -tags:(a b)",
        "brand:Bosch brand:Makita drill", "drill hammer (lang:en OR (date:2024 -tags:a))", "-price:<10 drill",
        "lang:ru drill hammer -path:new", "lang:(en ru) drill",
    ],
)  # fmt: skip
def test_the_core_answers_words_beside_filters(searcher: Searcher, query: str, mode: str) -> None:
    collection = Collection(searcher.generation)
    root = QueryReader(collection, mode, (), bridges_of(collection)).read(query).root
    assert root is not None
    page = core_page(collection, root, RankingParameters(), 100, 0)
    assert page is not None
    # Factors of scores keep a query from the core; here they change nothing else.
    others = searcher.search(query.replace("drill", "drill^1.0000001"), limit=100, snippets=0, mode=mode)  # type: ignore[arg-type]
    found = [collection.segments[number].doc_id(doc) for number, doc, _ in page.found]
    assert sorted(found) == sorted(ids(others)) and page.total == others.total


def test_filters_beside_each_other_all_hold(searcher: Searcher) -> None:
    where = "price:<500 (brand:Bosch OR brand:Makita) -tags:old lang:ru date:2024"
    condition = (field("price") < 500) & field("brand").isin(["Bosch", "Makita"]) & (field("tags") != "old")
    found = ids(searcher.search("drill", where=where))
    year = datetime.date(2024, 1, 1), datetime.date(2024, 12, 31)
    assert found == ids(searcher.search("drill", where=condition, language="ru", since=year[0], until=year[1]))
    assert found
    # But a document has one brand: as in a query, they are alternatives.
    alternatives = searcher.search("drill", where="brand:Bosch brand:Makita", limit=0).total
    assert alternatives == searcher.search("drill", where="brand:(Bosch OR Makita)", limit=0).total > 0


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("drill", "drill is no filter"),
        ("drill brand:Bosch", "drill is no filter"),
        ("brand:Bosch OR title:x", "title:x is no filter"),
        ("-notes:word", "notes:word is no filter"),
        ("*", r"\* is no filter"),
        ('lang:ru "a phrase"', '"a phrase" is no filter'),
        ("drill colour:red", "drill is no filter"),
        ("", "has no filter"),
        (" () ", "has no filter"),
        ("(brand:Bosch", "unbalanced bracket$"),
        ('brand:"Bosch', "unbalanced quote$"),
        ("brand:Bosch AND", "nothing follows it"),
        ("brand:", "nothing follows"),
        ("price:cheap", "cheap is not a number$"),
        ("date:2021-13", "no month 13$"),
        ("day:[2024-05 TO 2024-01]", "runs backwards$"),
        ("size:big", "big is not a size$"),
        ("lang:xx", "unknown language code"),
        ("brand:\0", "nothing follows"),
        ("brand:\ud800", "nothing follows"),
        ("\x1b[31m", "is no filter"),
        ("x" * 10_001, "10,001 characters"),
        ("brand:x " * 1_300, "10,400 characters"),
        ("(" * 40 + "brand:x" + ")" * 40, "deeper than 32"),
        (7, "is no condition"),
    ],
)
def test_what_is_no_filter_query(searcher: Searcher, where: Any, reason: str) -> None:
    for ask in (searcher.search, searcher.suggest, searcher.search_ids):
        with pytest.raises(InvalidQuery, match=reason) as caught:
            ask("drill", where=where)
        assert str(caught.value).isprintable() and len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "where", ["colour:red", "colour:* brand:Bosch", "-colour:(a b)", "colour:[1 TO 2]", "brandd:Bosch"]
)
def test_an_unknown_field_finds_nothing_and_is_warned_of(searcher: Searcher, where: str) -> None:
    results = searcher.search("drill", where=where)
    assert not results.total and "there is no field" in results.warnings[0]
    with pytest.raises(InvalidQuery, match="there is no field"):
        searcher.search("drill", where=where, strict=True)
    with pytest.raises(InvalidQuery, match="there is no field"):
        searcher.suggest("dri", where=where)
    assert not searcher.similar("d01", where=where).total


def test_long_values(searcher: Searcher) -> None:
    for where in (f"brand:{'x' * 9_990}", " OR ".join(["price:1"] * 830), "-" + "tags:a " * 1_400):
        searcher.search("drill", where=where, limit=0)
    assert searcher.search("drill", where=" OR ".join(["price:25"] * 800)).total == 1


def test_similar_and_suggest(searcher: Searcher) -> None:
    assert {one.text for one in searcher.suggest("ham")} == {"hammer"}
    assert not searcher.suggest("ham", where="stock:no") and searcher.suggest("ham", where="stock:yes -lang:en")
    assert searcher.similar("d01", where="price:<100").total < searcher.similar("d01").total


def test_a_name_below_a_pattern_keeps_its_capitals(searcher: Searcher) -> None:
    assert searcher.search("custom.Owner:o1", limit=0).total == 14
    assert searcher.search("CUSTOM.owner:o1", limit=0).total == 0
    assert searcher.search("BRAND:Bosch", limit=0).total == searcher.search("brand:Bosch", limit=0).total > 0


PIECES = st.sampled_from([
    "brand:", "tags:", "price:", "stock:", "day:", "created:", "notes:", "custom.O:", "BRAND:", "=", "<", ">=", "Bosch", "De Walt",
    '"', "«", "»", "“", "”", "„", "(", ")", " ", "*", "..", "[10 TO 50]", "10", "9.5", "yes", "2024-05", "2024-05-01T10:00", "-",
    "NOT ", "OR ", "AND ", "^2", "~1", ",", "?", "\\", "\0", "\ud800", "İ",
])  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=9).map("".join))
@example('brand:«a "b"»')
@example('brand:„a "b»” tags:«"»')
def test_what_was_read_of_fields_can_be_written_and_read_again(query: str) -> None:
    tree = parse(query, schema=SCHEMA).tree
    if tree is not None:
        assert parse(to_text(tree), schema=SCHEMA).tree == tree


@settings(max_examples=150)
@given(st.lists(PIECES | st.text(max_size=4), max_size=9).map("".join))
def test_any_string_is_filters_or_an_error(searcher: Searcher, where: str) -> None:
    """If it is filters, it means what the same string means in a query."""
    try:
        found = searcher.search("*", where=where, limit=100, snippets=0)
    except InvalidQuery as error:
        assert str(error).isprintable() or "\ufffd" in str(error)
        return
    if not found.warnings:
        assert ids(searcher.search(where, mode="all", limit=100, snippets=0)) == ids(found)
