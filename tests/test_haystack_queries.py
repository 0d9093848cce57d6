"""The query strings of haystack: how they are read, and what naidi is asked for them. Neither Django nor haystack is needed."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import ROOT
from naidi import Document, Searcher, Writer, field, fields, open_index
from naidi.indexer.fields import _RESERVED
from naidi.search.integrations.haystack import own_fields as own_fields_module
from naidi.search.integrations.haystack.comparisons import Unanswerable
from naidi.search.integrations.haystack.counting import date_facet, step_counts, value_counts
from naidi.search.integrations.haystack.own_fields import OwnFields, document_of, naidi_name, own_fields, values_of
from naidi.search.integrations.haystack.plan import Constant, KnownIds, Plan, Words, ids_of, part_of, plan
from naidi.search.integrations.haystack.query_strings import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Leaf,
    Node,
    Not,
    Range,
    cleaned,
    quoted,
    read,
)

# -- reading


def word(text: str, field: str | None = None, **others: Any) -> Leaf:
    return Leaf(field, "word", text, **others)


READ: list[tuple[str, Node]] = [
    ("*", EVERYTHING),
    ("", AllOf()),
    ("( )", AllOf()),
    ("(hello)", word("hello")),
    ("(hello AND world)", AllOf((word("hello"), word("world")))),
    ("hello world", AllOf((word("hello"), word("world")))),
    ("a b OR c", AnyOf((AllOf((word("a"), word("b"))), word("c")))),
    ("NOT ((hello))", Not(word("hello"))),
    ("NOT NOT hello", word("hello")),
    ("panic NOT don't", AllOf((word("panic"), Not(word("don't"))))),
    ('("hello world")', Leaf(None, "phrase", "hello world")),
    (r'"a \"b\" \\ c"', Leaf(None, "phrase", r'a "b" \ c')),
    ('"a b"~3', Leaf(None, "phrase", "a b", 3)),
    ("name:(bar)", word("bar", "name")),
    ("name:(a AND NOT b)", AllOf((word("a", "name"), Not(word("b", "name"))))),
    ("title:(a author:b)", AllOf((word("a", "title"), word("b", "author")))),
    ("id:(1 OR 2)", AnyOf((word("1", "id"), word("2", "id")))),
    ("title:(haystack*)", Leaf("title", "pattern", "haystack*")),
    ("title:(haystack~2/3)", Leaf("title", "fuzzy", "haystack", 2)),
    ("pub_date:([to 2009])", Range("pub_date", "", "2009")),
    ("author:({daniel to})", Range("author", "daniel", "", False, False)),
    ("rating:[3 TO 5}", Range("rating", "3", "5", True, False)),
    ("price:[* TO *]", Range("price", "", "")),
    ("price:<50", Range("price", "", "50", True, False)),
    ("price:>=1.5", Range("price", "1.5", "")),
    ("<50", word("<50")),
    ("('re-inker')", word("re-inker")),
    ("('0.7' wire)", AllOf((word("0.7"), word("wire")))),
    ("'a:b'", word("a:b")),
    ("'unclosed name:x", AllOf((word("'unclosed"), word("x", "name")))),
    ("12:30", word("12:30")),
    ("http://example.org", word("http://example.org")),
    (r"http\:\/\/www", word("http://www")),
    ("world^5", word("world", boost=5.0)),
    ("name: x", AllOf((word("name:"), word("x")))),
    ("a AND", word("a")),
    ("OR a", word("a")),
    ("a ) b", AllOf((word("a"), word("b")))),
]


@pytest.mark.parametrize("text, node", READ)
def test_reading(text: str, node: Node) -> None:
    assert read(text) == node


@given(st.text())
def test_no_string_is_an_error(text: str) -> None:
    read(text)


@given(st.text(alphabet="()NOT AND OR\"'[]{}:a~*^1\\"))
def test_no_string_of_signs_is_an_error(text: str) -> None:
    read(text)


@pytest.mark.parametrize("text", ["(" * 9_000, "NOT " * 9_000, "a:" * 9_000 + "b", "'a " * 9_000, "NOT (" * 9_000])
def test_deep_and_long_strings(text: str) -> None:
    read(text)


def leaves(node: Node) -> list[Leaf | Range]:
    if isinstance(node, Not):
        return leaves(node.part)
    if isinstance(node, (AllOf, AnyOf)):
        return [leaf for part in node.parts for leaf in leaves(part)]
    return [node]


@given(st.text(alphabet=st.sampled_from("ab'\"\\:()[]{}*?~^+-!. ORNDT<>=")))
def test_a_users_text_cannot_name_a_field(text: str) -> None:
    """`filter(content=text)`, `auto_query` and `exact` put a text into the string."""
    for built in (
        f"({' AND '.join(cleaned(text).split(' '))})",
        cleaned(text),
        quoted(text),
        f"(a AND ({cleaned(text)}))",
    ):
        for leaf in leaves(read(f"{built} AND owner:me")):
            assert leaf.field is None or leaf == word("me", "owner"), (built, leaf)


@given(st.text(alphabet=st.sampled_from("ab'\"\\:()[]{}*?~^+-!. ORNDT<>=")))
def test_a_users_text_does_not_set_the_filter_beside_it_aside(text: str) -> None:
    found = read(f"({cleaned(text)}) AND owner:me")
    parts = found.parts if isinstance(found, AllOf) else (found,)
    assert word("me", "owner") in parts, found


# -- planning


def haystack_field(name: str, kind: str = "string", **others: Any) -> SimpleNamespace:
    values = {"stored": True, "document": False, "boost": 1.0, "is_multivalued": False, "field_type": kind}
    return SimpleNamespace(**{**values, "index_fieldname": name, **others})


@pytest.fixture(scope="module")
def own() -> OwnFields:
    return own_fields(
        [
            haystack_field("text", document=True),
            haystack_field("title", boost=2.0),
            haystack_field("name"),
            haystack_field("name_exact", facet_for="name"),
            haystack_field("tags", is_multivalued=True),
            haystack_field("price", "float"),
            haystack_field("stock", "boolean"),
            haystack_field("created", "datetime"),
            haystack_field("auto", "edge_ngram"),
            haystack_field("inner", "ngram"),
        ],
        ("id", "django_ct", "django_id"),
    )


OBJECTS: list[dict[str, Any]] = [
    {
        "id": "shop.tool.1", "text": "A drill for concrete.", "title": "Hammer drill", "name": "Bosch Professional",
        "name_exact": "Bosch Professional", "tags": ["New York", "power"], "price": 99.5, "stock": True,
        "created": datetime.datetime(2024, 5, 3, 12, 30, 15), "auto": "Hammer drill", "inner": "Hammer drill",
    },
    {
        "id": "shop.tool.2", "text": "Saws wood.", "title": "Jigsaw", "name": "Makita", "name_exact": "Makita",
        "tags": ["York", "New"], "price": 50, "stock": False, "created": datetime.datetime(2024, 6, 1), "auto": "Jigsaw",
        "inner": "Jigsaw",
    },
    {"id": "shop.tool.3", "text": "A drilling machine, for wood.", "title": "Stand", "name": "bosch", "tags": []},
]  # fmt: skip


@pytest.fixture(scope="module")
def searcher(own: OwnFields, tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    place = tmp_path_factory.mktemp("tools")
    with Writer(place, schema=own.schema) as writer:
        for each in OBJECTS:
            writer.add(document_of(own, each["id"], {"django_ct": "shop.tool", "django_id": each["id"][-1], **each}))
    return open_index(place)


FOUND: list[tuple[str, str]] = [
    ("*", "123"),
    ("(drill)", "13"),
    ("(drill AND wood)", "3"),
    ("drill OR wood", "123"),
    ("NOT drill", "2"),
    ("NOT (drill OR saw)", ""),
    ("hammer", ""),  # of a title: not the content
    ("text:(drill)", "13"),
    ("title:(drills)", "1"),
    ('title:("hammer drill")', "1"),
    ("title:(ham*)", "1"),
    ("title:(*saw)", "2"),
    ("title:(hammre~2/3)", "1"),
    ("name:(bosch)", "13"),
    ("name:(bosch AND professional)", "1"),
    ("name:[M TO N]", "2"),
    ("name_exact:(\"Bosch Professional\")", "1"),
    ("name_exact:(Bosch AND Professional)", "1"),
    ("name_exact:(bosch)", ""),
    ("name_exact:(Bosch*)", "1"),
    ("tags:(New AND York)", "12"),  # the tag, or both tags
    ('tags:("New York")', "1"),
    ("tags:*", "12"),
    ("NOT tags:*", "3"),
    ("price:(50)", "2"),
    ("price:([50 to])", "12"),
    ("price:({50 to})", "1"),
    ("price:<99.5", "2"),
    ("price:(cheap)", ""),
    ("stock:(true)", "1"),
    ("stock:(false)", "2"),
    ("created:(20240503123015)", "1"),
    ("created:(20240503)", "1"),
    ("created:(2024-05)", "1"),
    ("created:([20240503123015 to 20240601000000])", "12"),
    ("created:({20240503123015 to})", "2"),
    ("created:({to 20240601000000})", "1"),
    ("created:(202405xx)", ""),
    ("auto:(ham)", "1"),
    ("auto:(amm)", ""),
    ("inner:(amm)", "1"),
    ('id:("shop.tool.2")', "2"),
    ("django_id:(1 OR 3)", "13"),
    ("drill AND price:(99.5)", "1"),
    ("drill OR price:(50)", "123"),
    ("drill AND NOT (price:(99.5))", "3"),
    ("NOT (drill OR price:(50))", ""),
    ("(wood AND (price:(50) OR title:(stand)))", "23"),
    ("'drill!'", "13"),
    ("!", ""),
    ("drill AND '!'", "13"),
]  # fmt: skip


@pytest.mark.parametrize("query, ids", FOUND)
def test_what_is_found(query: str, ids: str, own: OwnFields, searcher: Searcher) -> None:
    found = plan(query, own)
    assert {each[-1] for each in ids_of(part_of(query, own), searcher, KnownIds())} == set(ids)
    if found is None:
        assert not ids
        return
    options: dict[str, Any] = {"exact": found.exact}
    if found.where is not None:
        options["where"] = found.where
    if found.parts:
        options["only"] = frozenset.intersection(*[ids_of(part, searcher, KnownIds()) for part in found.parts])
    results = searcher.search(found.query, **options)
    assert {hit.id[-1] for hit in results} == set(ids)
    assert not results.warnings, "the query means something else to naidi"


@pytest.mark.parametrize(
    "query, reason",
    [
        ("drill AND owner:(me)", "no index has the field 'owner'"),
        ("NOT owner:me", "no index has the field 'owner'"),
        ("drill OR foo.bar:baz", "no index has the field 'foo.bar'"),
        ("[d TO]", "text has words and no values"),
        ("name_exact:(*ch*)", "would look inside"),
        ("price:(5*)", "would look inside"),
        ("tags:(York~2/3)", "no words"),
        ("auto:*", "which documents have any"),
    ],
)
def test_what_cannot_be_answered_is_an_error(query: str, reason: str, own: OwnFields) -> None:
    with pytest.raises(Unanswerable, match=reason):
        plan(query, own)


def test_a_long_list_is_asked_in_parts(own: OwnFields, searcher: Searcher) -> None:
    values = " OR ".join(quoted(f"maker number {number}") for number in range(3_000))
    part = part_of(f'name:({values} OR "Makita")', own)
    assert not isinstance(part, Words)
    assert {each[-1] for each in ids_of(part, searcher, KnownIds())} == {"2"}


def test_words_to_boost_need_not_be_there(own: OwnFields) -> None:
    assert plan("(drill)", own, {"wood": 5}) == Plan("+(body:drill) body:wood^5")
    assert plan("*", own, {"wood": 5}) == Plan("+(*) body:wood^5")


def test_a_filter_beside_words_leaves_them_their_corrections(own: OwnFields) -> None:
    found = plan("drill AND name:(bosch)", own)
    assert found is not None and not found.exact and found.parts == (Words("name:bosch", True),)
    alone = plan("name:(bosch)", own)
    assert alone is not None and alone.exact


def test_what_has_no_word_asks_for_nothing(own: OwnFields) -> None:
    assert part_of("( )", own) == Constant(False)
    assert plan("", own) is None


# -- fields and documents


def test_the_names_of_naidi_are_left_to_it(own: OwnFields) -> None:
    assert own_fields_module._RESERVED == _RESERVED
    for name in _RESERVED:
        assert naidi_name(name) == f"haystack.{name}"
    assert own.schema["haystack.title"] == fields.Text(weight=2.0)
    assert own.schema["haystack.title.value"] == fields.Keyword()
    assert "text" not in own.schema and own.content == "text"


def test_values_come_back_as_they_were(own: OwnFields, searcher: Searcher) -> None:
    for each in OBJECTS:
        (hit,) = searcher.search("*", where={"haystack.id": each["id"]})
        back = dict(values_of(own, hit, searcher.get(hit.id).text))
        for name, value in each.items():
            assert back[name] == value, name


@given(st.text(), st.lists(st.text()), st.datetimes())
def test_any_value_comes_back(own: OwnFields, name: str, tags: list[str], created: datetime.datetime) -> None:
    given = {"text": "x", "name": name, "name_exact": name, "tags": tags, "created": created}
    document = document_of(own, "a.b.1", given)
    hit = SimpleNamespace(meta=document.meta, fields=document.fields)
    back = dict(values_of(own, hit, "x"))  # type: ignore[arg-type]
    well_formed = name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert back["name"] in (name, well_formed) and back["created"] == created and back["tags"] == tags


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"nosuch": 1}, "no index has the field 'nosuch'"),
        ({"price": "cheap"}, "price is 'cheap'"),
        ({"created": "once"}, "created is 'once'"),
    ],
)
def test_a_value_that_its_field_cannot_have(values: dict[str, Any], reason: str, own: OwnFields) -> None:
    with pytest.raises(ValueError, match=reason):
        document_of(own, "a.b.1", values)


# -- facets


def test_the_steps_of_a_month_end_on_its_last_day(own: OwnFields, tmp_path: Path) -> None:
    with Writer(tmp_path, schema=own.schema) as writer:
        for day in (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31), datetime.date(2025, 1, 1)):
            writer.add(document_of(own, str(day), {"created": day, "tags": ["a"] if day.month > 1 else None}))
    steps = {"start_date": datetime.date(2024, 1, 31), "end_date": datetime.date(2024, 4, 30), "gap_by": "month"}
    requests = [date_facet(own, "created", steps), field("tags").counts()]
    with open_index(tmp_path) as searcher:
        results = searcher.search("*", facets=requests)
    moment = datetime.datetime
    assert step_counts(results.facets["created"], results.total) == [
        ((moment(2024, 2, 29), moment(2024, 3, 31)), 1),
        ((moment(2024, 3, 31), moment(2024, 4, 30)), 1),
        (None, 1),
    ]
    assert value_counts(results.facets["tags"]) == [("a", 2), (None, 1)]


def test_too_many_steps(own: OwnFields) -> None:
    steps = {"start_date": datetime.date(2000, 1, 1), "end_date": datetime.date(2024, 1, 1), "gap_by": "second"}
    with pytest.raises(Unanswerable, match="at most 10,000 steps"):
        date_facet(own, "created", steps)
    with pytest.raises(Unanswerable, match="at least 1"):
        date_facet(own, "created", {**steps, "gap_amount": 0})
    with pytest.raises(Unanswerable, match="is no date"):
        date_facet(own, "name", steps)


def test_documents_keep_their_text(own: OwnFields) -> None:
    assert document_of(own, "a.b.1", {"text": None}) == Document(id="a.b.1", text="")


def test_the_page_names_each_test_of_haystack_that_fails() -> None:
    lines = (ROOT / ".ci/haystack/exceptions.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(": ", 1) for line in lines if not line.startswith("#")]
    page = (ROOT / "docs/haystack.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(test_\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert [(name.split(".")[1], reason) for name, reason in pairs] == told
    assert f"{len(pairs)} fail:" in page and len(pairs) <= 6
