"""Does every query get the tree that docs/query-language.md promises, and does nothing break the parser?"""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import itertools
import pickle
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from naidi.indexer.analysis.tokenizer import tokenize
from naidi.indexer.errors import InvalidQuery
from naidi.indexer.fields import Boolean, DateTime, Field, Keyword, Number, Text
from naidi.search.query import parse, to_text
from naidi.search.query.compose import all_of, any_of, combine, is_negation, negation
from naidi.search.query.nodes import (
    Bool,
    ChangedRange,
    DateRange,
    EveryDocument,
    Exact,
    ExtensionIs,
    FolderIs,
    Fuzzy,
    LanguageIs,
    Leaf,
    Node,
    PathMatches,
    Phrase,
    Prefix,
    SizeRange,
    Wildcard,
    Word,
)
from naidi.search.query.parser import DEFAULT_FIELDS, MAX_DEPTH, MAX_WARNINGS, ParsedQuery, parse_by_grammar
from naidi.search.query.plain import read_plain

DOCS = Path(__file__).parent.parent / "docs" / "query-language.md"
DAY = datetime.date


def tree(query: str, **options: str) -> Node | None:
    return parse(query, **options).tree  # type: ignore[arg-type]


def written(query: str, mode: str = "any") -> str | None:
    node = tree(query, mode=mode)
    return None if node is None else to_text(node)


SCHEMA: dict[str, Field] = {
    "brand": Keyword(),
    "tags": Keyword(multiple=True),
    "price": Number(),
    "stock": Boolean(),
    "created": DateTime(),
    "notes": Text(),
    "custom.*": Keyword(),
}


def documented(*, with_fields: bool = False) -> Iterator[tuple[str, str, str, str]]:
    """(heading of the last column, query, read as, last column) of every row of every table of the documentation.

    with_fields: of the section about fields of an application alone; else of all others.
    """
    heading = ""
    here = ""
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            here = line[3:]
        if (here == OF_AN_APPLICATION) is not with_fields:
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| Query |"):
            heading = cells[2]
        elif line.startswith("| "):
            query, read_as, last = cells
            yield heading, query[1:-1], read_as[1:-1], last


OF_AN_APPLICATION = "Fields of an application"
EXAMPLES = list(documented())
EXAMPLES_WITH_FIELDS = list(documented(with_fields=True))


@pytest.mark.parametrize(("heading", "query", "read_as", "last"), EXAMPLES, ids=[row[1] for row in EXAMPLES])
def test_documented_example(heading: str, query: str, read_as: str, last: str) -> None:
    assert written(query) == read_as
    assert tree(read_as) == tree(query)
    warnings = parse(query).warnings
    if heading == "Warning":
        assert len(warnings) == 1 and last in warnings[0]
    else:
        assert warnings == () or query == "http://example.org 12:30 C:\\dir"
    if heading == "Read as with `--all`":
        assert written(query, "all") == last[1:-1]


@pytest.mark.parametrize(("query", "read_as"), [row[1:3] for row in EXAMPLES_WITH_FIELDS])
def test_documented_example_with_fields(query: str, read_as: str) -> None:
    parsed = parse(query, schema=SCHEMA)
    assert parsed.tree is not None and not parsed.warnings
    assert to_text(parsed.tree) == read_as and parse(read_as, schema=SCHEMA).tree == parsed.tree


def test_documentation_has_all_its_tables() -> None:
    assert len(EXAMPLES_WITH_FIELDS) > 12
    assert len(EXAMPLES) > 80
    assert {row[0] for row in EXAMPLES} == {"Finds", "Read as with `--all`", "Warning"}


TREES: list[tuple[str, Node | None]] = [
    ("вакцина", Word("вакцина")),
    ("ВОЗ", Word("ВОЗ")),
    ("75,4", Word("75,4")),
    ("2021-05-29", Word("2021-05-29")),
    ("C#", Word("C#")),
    (".NET", Word(".NET")),
    ("don’t", Word("don’t")),
    ("слово,", Word("слово")),
    ("«вакцина»,", Word("вакцина")),
    ("and or not", Bool(should=(Word("and"), Word("or"), Word("not")))),
    ("=Казахстана", Exact("Казахстана")),
    ("вакцин*", Prefix("вакцин")),
    ("вакцин**", Prefix("вакцин")),
    ("вакцин*,", Prefix("вакцин")),
    ("вак*н?", Wildcard("вак*н")),
    ("вак*н?*", Wildcard("вак*н?*")),
    ("?ак", Wildcard("?ак")),
    ("'вак*", Prefix("вак")),
    ("O'Ne?l", Wildcard("O'Ne?l")),
    ("медико?-сан*", Phrase((Word("медико"), Prefix("сан")))),
    ("2021-05*", Phrase((Word("2021"), Prefix("05")))),
    ("медико-санитарна~1", Phrase((Fuzzy("медико", 1), Fuzzy("санитарна", 1)))),
    ("http://x/y*", Phrase((Word("http"), Word("x"), Prefix("y")))),
    ("index.php?id=5", Word("index.php?id=5")),
    ("Токаев~1", Fuzzy("Токаев", 1)),
    ("Токаев~0", Word("Токаев")),
    ("Токаев~2^3", Fuzzy("Токаев", 2, boost=3.0)),
    ("Токаев^3~2", Fuzzy("Токаев", 2, boost=3.0)),
    ("~5", Word("5")),
    ("слово^2.5", Word("слово", boost=2.5)),
    ("слово^.5", Word("слово", boost=0.5)),
    ("слово^2.", Word("слово", boost=2.0)),
    ("title:слово^2", Word("слово", "title", 2.0)),
    ("TITLE:слово", Word("слово", "title")),
    ("title:(a -(b) body:(c))", Bool(should=(Word("a", "title"), Word("c", "body")), must_not=(Word("b", "title"),))),
    ("title:(a AND (b))", Bool(must=(Word("a", "title"), Word("b", "title")))),
    ("body:=слово", Exact("слово", "body")),
    ("title:вакцин*", Prefix("вакцин", "title")),
    ("title:body:x", Word("body:x", "title")),
    ("title:-x", Word("x", "title")),
    ('"a b"', Phrase((Word("a"), Word("b")))),
    ('title:"a b"~3^2', Phrase((Word("a"), Word("b")), 3, "title", 2.0)),
    ('"a b"^2~3', Phrase((Word("a"), Word("b")), 3, None, 2.0)),
    ('"a b"~3.', Phrase((Word("a"), Word("b")), 3)),
    ('"a — b, c."', Phrase((Word("a"), Word("b"), Word("c")))),
    ('"C++ (a)"', Phrase((Word("C++"), Word("(a)")))),
    ('"медико-сан* x"', Phrase((Word("медико"), Prefix("сан"), Word("x")))),
    ('"медико-санитарной"~2', Phrase((Word("медико-санитарной"),), 2)),
    ('"a"^2', Word("a", boost=2.0)),
    ('«ТОО "Ромашка"»', Phrase((Word("ТОО"), Word("Ромашка")))),
    ("„a b“", Phrase((Word("a"), Word("b")))),
    ("„a b”", Phrase((Word("a"), Word("b")))),
    ("”a b”", Phrase((Word("a"), Word("b")))),
    ('"a b”', Phrase((Word("a"), Word("b")))),
    ('a"b c"d', Bool(should=(Word("a"), Phrase((Word("b"), Word("c"))), Word("d")))),
    ("f(x)", Bool(should=(Word("f"), Word("x")))),
    ("date:2020-02", DateRange(DAY(2020, 2, 1), DAY(2020, 2, 29))),
    ("date:2021-5-9", DateRange(DAY(2021, 5, 9), DAY(2021, 5, 9))),
    ("date:2021-05-29T10:00", DateRange(DAY(2021, 5, 29), DAY(2021, 5, 29))),
    ("date:05.2021", DateRange(DAY(2021, 5, 1), DAY(2021, 5, 31))),
    ("date:29.05.2021,", DateRange(DAY(2021, 5, 29), DAY(2021, 5, 29))),
    ("date:>2021-05", DateRange(DAY(2021, 6, 1), None)),
    ("date:<2021-05", DateRange(None, DAY(2021, 4, 30))),
    ("date:<=2021-05", DateRange(None, DAY(2021, 5, 31))),
    ("date:>9999", DateRange(DAY(9999, 12, 31), None)),
    ("date:<0001", DateRange(None, DAY(1, 1, 1))),
    ("date:2021..", DateRange(DAY(2021, 1, 1), None)),
    ("date:..2021", DateRange(None, DAY(2021, 12, 31))),
    ("date:[ 2021-01   to 2021-06 ]", DateRange(DAY(2021, 1, 1), DAY(2021, 6, 30))),
    ("date:[2021-01..2021-06]", DateRange(DAY(2021, 1, 1), DAY(2021, 6, 30))),
    ('date:"2021-05"', DateRange(DAY(2021, 5, 1), DAY(2021, 5, 31))),
    ("date:[* TO *]", DateRange()),
    ("lang:RU", LanguageIs("ru")),
    ("path:Кухня", PathMatches("кухня")),
    ('path:"a b/c*"', PathMatches("a b/c*")),
    ('path:«a"b»', PathMatches("a?b")),
    ("path:C:\\Docs\\x", PathMatches("c:/docs/x")),
    ("path:a**b", PathMatches("a*b")),
    ("path:(a OR -b)", Bool(should=(PathMatches("a"), Bool(must_not=(PathMatches("b"),))))),
    ("dir:/a/b/", FolderIs("a/b")),
    ("ext:.PDF,", ExtensionIs("pdf")),
    ("a ext:pdf ext:md", Bool(must=(Word("a"), Bool(should=(ExtensionIs("pdf"), ExtensionIs("md")))))),
    ("size:>1M", SizeRange((1 << 20) + 1, None)),
    ("size:>=1МБ", SizeRange(1 << 20, None)),
    ("size:<2k", SizeRange(None, 2047)),
    ("size:<=2KiB", SizeRange(None, 3071)),
    ("size:[10K TO 2M]", SizeRange(10_240, 2 << 20)),
    ("size:1.5K..", SizeRange(1536, None)),
    ("size:10K", SizeRange(10_240, 11_263)),
    ("size:123", SizeRange(123, 123)),
    ("size:*", SizeRange()),
    ("size:999999999999T", SizeRange(1 << 62, 1 << 62)),
    ("mtime:2025-05", ChangedRange(DAY(2025, 5, 1), DAY(2025, 5, 31))),
    ("mtime:>2025-05-01", ChangedRange(DAY(2025, 5, 2), None)),
    ("mtime:[2025 TO *]", ChangedRange(DAY(2025, 1, 1), None)),
    ("lang:ru-RU", LanguageIs("ru")),
    ("lang:kk", LanguageIs("kk")),
    ("lang:und", LanguageIs("und")),
    ("язык lang:русский", Bool(must=(Word("язык"), LanguageIs("ru")))),
    ("*", EveryDocument()),
    ("**", EveryDocument()),
    ('"*"', EveryDocument()),
    ("NOT x", Bool(must_not=(Word("x"),))),
    ("-x", Bool(must_not=(Word("x"),))),
    ("* -x", Bool(must=(EveryDocument(),), must_not=(Word("x"),))),
    ("+x", Word("x")),
    ("NOT NOT x", Word("x")),
    ("NOT -x", Word("x")),
    ("NOT (NOT a OR b)", Bool(must=(Word("a"),), must_not=(Word("b"),))),
    ("(((x)))", Word("x")),
    ("((x^2)^3)^0.5", Word("x", boost=3.0)),
    ("(x^1000)^1000", Word("x", boost=1000.0)),
    ("(a b)^2", Bool(should=(Word("a"), Word("b")), boost=2.0)),
    ("(a b) c", Bool(should=(Word("a"), Word("b"), Word("c")))),
    ("(a b)^2 c", Bool(should=(Bool(should=(Word("a"), Word("b")), boost=2.0), Word("c")))),
    ("a AND(b)", Bool(must=(Word("a"), Word("b")))),
    ('"a"AND"b"', Bool(must=(Word("a"), Word("b")))),
    ("a AND b -c", Bool(must=(Word("a"), Word("b")), must_not=(Word("c"),))),
    ("(a b -c) AND NOT d", Bool(should=(Word("a"), Word("b")), must_not=(Word("c"), Word("d")))),
    ("a OR NOT b", Bool(should=(Word("a"), Bool(must_not=(Word("b"),))))),
    ("(-a) b", Bool(must=(Word("b"),), must_not=(Word("a"),))),
    ("+lang:ru a b", Bool(must=(Bool(should=(Word("a"), Word("b"))), LanguageIs("ru")))),
    ("+a b lang:ru", Bool(must=(Word("a"), LanguageIs("ru")), should=(Word("b"),))),
    ("a OR lang:ru", Bool(should=(Word("a"), LanguageIs("ru")))),
    ("lang:ru AND lang:en", Bool(must=(LanguageIs("ru"), LanguageIs("en")))),
    ("-AND", Bool(must_not=(Word("AND"),))),
    ("title:AND", Word("AND", "title")),
    ("AND^2", Word("AND", boost=2.0)),
    ("ВОЗ ИЛИ ООН", Bool(should=(Word("ВОЗ"), Word("ИЛИ"), Word("ООН")))),
    ("МИНЗДРАВ НЕ ОТМЕНИЛ", Bool(should=(Word("МИНЗДРАВ"), Word("НЕ"), Word("ОТМЕНИЛ")))),
    ("a\x00b\x1bc", Bool(should=(Word("a"), Word("b"), Word("c")))),
    ("a\ud800b", Bool(should=(Word("a"), Word("b")))),
    ("a\xa0AND\u2003b", Bool(must=(Word("a"), Word("b")))),
    ("\ufeff-a\u00adb", Bool(must_not=(Word("ab"),))),
]


@pytest.mark.parametrize(("query", "expected"), TREES, ids=[repr(row[0]) for row in TREES])
def test_tree(query: str, expected: Node | None) -> None:
    parsed = parse(query)
    assert parsed.tree == expected
    assert parsed.warnings == ()


# Query, what it is read as, and a piece of each of its warnings.
MALFORMED: list[tuple[str, str | None, tuple[str, ...]]] = [
    ("", None, ("the query is empty",)),
    (" \t\n", None, ("the query is empty",)),
    ("()", None, ("empty brackets", "asks for nothing")),
    ("(((", None, ("unbalanced", "empty brackets", "asks for nothing")),
    (")))", None, ("unbalanced", "asks for nothing")),
    ('""', None, ("empty quotes", "asks for nothing")),
    ('"', None, ("unbalanced quote", "empty quotes", "asks for nothing")),
    ("»", None, ("closing quote", "asks for nothing")),
    ("слово”", "слово", ("closing quote",)),
    ("~", None, ("asks for nothing",)),
    ("^", None, ("asks for nothing",)),
    ("-", None, ("asks for nothing",)),
    ("+", None, ("asks for nothing",)),
    ("=", None, ("asks for nothing",)),
    ("?!", None, ("asks for nothing",)),
    ("--", None, ("asks for nothing",)),
    ("\x00", None, ("asks for nothing",)),
    ("title:", "title", ("nothing follows",)),
    ("-title: x", "title OR x", ("nothing follows",)),
    ("title:()", None, ("empty brackets", "asks for nothing")),
    ("title:*", "*", ("every document",)),
    ("AND", None, ("nothing stands before", "asks for nothing")),
    ("NOT", None, ("nothing follows", "asks for nothing")),
    ("AND OR NOT", None, ("AND is ignored", "OR is ignored", "nothing follows", "asks for nothing")),
    ("a NOT AND b", "a AND NOT b", ("another operator",)),
    ("a (AND) b", "a OR b", ("nothing stands before", "empty brackets")),
    ("a AND () b", "a AND b", ("empty brackets",)),
    ("(a AND) b", "a OR b", ("nothing follows",)),
    ('(a "b) c', 'a OR "b) c"', ("unbalanced quote", "unbalanced bracket")),
    ("+-x", "x", ("only one",)),
    ('--"a b"', '"a b"', ("only one",)),
    ("=(a)", "a", ("before a bracket",)),
    ("=a*", "a*", ("wildcard",)),
    ('="a b*"', '"=a b*"', ("wildcard",)),
    ("a*~1", "a*", ("wildcard",)),
    ("=слово~1", "слово~1", ("fuzzy",)),
    ("a^", "a", ("boost",)),
    ("a^1.2.3", "a", ("boost",)),
    ("a^-1", "a^-1", ("boost",)),
    (f"a^{'9' * 150}", "a^1000", ("between",)),
    ("a^2^3", "a^3", ()),
    ("a^1^1^1^1^1", "a^1^1^1^1^1", ()),
    ("a~0.8", "a~1", ("whole number",)),
    ("(a b)~2", "a OR b", ("behind a bracket",)),
    (f'"a b"~{"9" * 9999}', '"a b"~1000', ("read as ~1000",)),
    ('"* a * b * * c *"', '"a b c"~3', ("~3",)),
    ('"a * b"~2', '"a b"~3', ("~3",)),
    ('"a b"~1.5', '"a b"~1', ("read as ~1",)),
    ("date:", "date", ("nothing follows",)),
    ("date:0000", "0000", ("not a date",)),
    ("date:2021-00-10", "date:[2021-01-01 TO 2021-12-31]", ("no month 00",)),
    ("date:-2021", "2021", ("not a date",)),
    ("date:[2021-05 x", "x AND date:[2021-05-01 TO 2021-05-31]", ("without an end",)),
    ("date:[2021 TO 2022 x", "x AND date:[2021-01-01 TO 2022-12-31]", ("no closing bracket",)),
    ("date:[2021 TO ]", "date:[2021-01-01 TO *]", ("an end is missing",)),
    ("date:[TO 2021]", "date:[* TO 2021-12-31]", ("an end is missing",)),
    ("date:{2021 TO 2022}", "date:[2021-01-01 TO 2022-12-31]", ("curly",)),
    ("lang:C++", "C++", ("not a language",)),
    ("lang:tlh x", "x AND lang:tlh", ("unknown language",)),
]


@pytest.mark.parametrize(("query", "expected", "warned"), MALFORMED, ids=[repr(row[0])[:40] for row in MALFORMED])
def test_malformed(query: str, expected: str | None, warned: tuple[str, ...]) -> None:
    assert written(query) == expected
    warnings = parse(query).warnings
    assert len(warnings) == len(warned), warnings
    for warning, piece in zip(warnings, warned, strict=True):
        assert piece in warning


def test_fields_are_those_of_the_caller() -> None:
    assert tree("author:Чехов") == Word("author:Чехов")
    assert parse("author:Чехов", fields=("author",)).tree == Word("Чехов", "author")
    assert parse("title:x", fields=("author",)).tree == Word("title:x")
    assert parse("lang:ru", fields=()).tree == LanguageIs("ru")


def test_unknown_mode_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="'some'"):
        tree("a", mode="some")


def test_warnings_are_few_and_short() -> None:
    query = " ".join(f"w{number}^x" for number in range(1000)) + " " + "y" * 150 + "^x"
    warnings = parse(query).warnings
    assert len(warnings) == MAX_WARNINGS + 1
    assert "more" in warnings[-1]
    assert all(len(warning) < 200 for warning in warnings)


def test_a_mixed_query_in_russian_capitals_loses_no_word() -> None:
    for query in ("ВОЗ И ООН", "КУРИТЬ ИЛИ НЕ КУРИТЬ", "WHO И ВОЗ"):
        assert isinstance(node := tree(query), Bool)
        assert [child.text for child in node.should if isinstance(child, Word)] == query.split()


def test_combine_needs_a_node() -> None:
    with pytest.raises(ValueError):
        combine()


# ---- nothing breaks it -------------------------------------------------------------------------------------------

SOUP = st.lists(
    st.sampled_from(
        [
            *"()\"«»“”„~^*?=+-:.,[]{}\\/ \t\x00\ud800'",
            *(
                "AND",
                "OR",
                "NOT",
                " AND ",
                " OR ",
                " NOT ",
                " -",
                " +",
                "title:",
                " body:",
                " lang:",
                " date:",
                "lang:ru ",
            ),
            *(
                "[2021 TO 2022]",
                "date:[* TO 2021-02-30]",
                "2021-05",
                "2021..",
                ">=2020",
                "99999",
                "~3",
                "^2",
                "^0.5",
                "~1",
                ") ",
            ),
            *("слово", "Word", "ВОЗ", "ё", "медико-санитарный", "don't", "x*y", "н?т", "и\u0301", "x" * 210, "НЕ"),
        ]
    ),
    max_size=40,
).map("".join)
ANY_TEXT = st.text(st.characters(exclude_categories=())) | SOUP
MODES = st.sampled_from(["any", "all"])


def descendants(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Bool):
        for child in (*node.must, *node.should, *node.must_not):
            yield from descendants(child)
    elif isinstance(node, Phrase):
        yield from node.parts


def bracket_depth(text: str) -> int:
    return max(itertools.accumulate({"(": 1, ")": -1}.get(character, 0) for character in text), default=0)


@settings(max_examples=120)
@given(ANY_TEXT, MODES)
def test_any_text_is_a_query(query: str, mode: str) -> None:
    parsed = parse(query, mode=mode)  # type: ignore[arg-type]
    for warning in parsed.warnings:
        warning.encode()
        assert warning.isprintable()
    if parsed.tree is None:
        assert parsed.warnings or not query.strip()
        return
    for node in descendants(parsed.tree):
        check_invariants(node)


def check_invariants(node: Node) -> None:
    if isinstance(node, Bool):
        assert len(node.must) + len(node.should) + len(node.must_not) > 1 or len(node.must_not) == 1
        assert not any(is_negation(child) for child in (*node.must, *node.must_not))
        if node.must and node.should:
            assert not all(node.is_filter() for node in node.must)
    elif isinstance(node, Phrase):
        assert len(node.parts) > (node.slop == 0)
        assert all(part.field is None and part.boost == 1.0 for part in node.parts)
    elif isinstance(node, Prefix | Fuzzy):
        assert [token.end - token.start for token in tokenize(node.text)] == [len(node.text)]
    elif isinstance(node, Wildcard):
        assert re.search(r"[*?]", node.pattern) and "**" not in node.pattern
        assert len(list(tokenize(re.sub(r"[*?]", "x", node.pattern)))) == 1
    elif isinstance(node, Word | Exact):
        assert list(tokenize(node.text))
        assert not re.search(r'[\s"«»“”„]', node.text)


@settings(max_examples=120)
@given(ANY_TEXT, MODES)
@example("?=0?", "any")
def test_what_was_read_can_be_written_and_read_again(query: str, mode: str) -> None:
    node = tree(query, mode=mode)
    if node is not None and bracket_depth(text := to_text(node)) <= MAX_DEPTH:
        assert tree(text) == node


HOSTILE = [
    ("word ", ""),
    ("слово OR ", "x"),
    ("слово AND ", "x"),
    ("NOT ", "x"),
    ("- ", "x"),
    ("(", "x"),
    (")", "x"),
    ("(a ", ""),
    ("(-", "a"),
    ("()", ""),
    ('"', "x"),
    ('"a" ', ""),
    ("«", "x"),
    ("«“", "x"),
    ("“a“ ", "”"),
    ('„a" ', ""),
    ("”", "x"),
    ("a^1", ""),
    ("^1~1", "x"),
    ("a~1 ", ""),
    ("*", "a"),
    ("*a", ""),
    ("a?", "b"),
    (".", "x"),
    ("+", "x"),
    ("=", "x"),
    ("a-", "b*"),
    ("title:", "x"),
    ("title:(", "x"),
    ("date:[", "2021"),
    ("date:[2021 ", "TO 2022]"),
    ("date:[2021 TO", " "),
    ("lang:ru ", "x"),
    ("слово:х ", ""),
    (" ", "x"),
    ("\x00", "x"),
    ("9", "~1"),
    ("a" * 199 + "^1^1 ", ""),
    ("a   ", "^"),
    ("a.", "^"),
    ("a?. ", "^"),
    ("a?", "^"),
    ("a AND ", "^"),
    ('"a ', '^"'),
]


@pytest.mark.parametrize("repeated,end", HOSTILE, ids=[repr(row[0])[:12] for row in HOSTILE])
def test_time_is_linear(repeated: str, end: str) -> None:
    query = repeated * (15_000 if len(repeated) < 50 else 1000) + " " * 1_000_000 + end
    started = time.process_time()
    warnings = parse(query).warnings
    seconds = time.process_time() - started
    # The slowest take a quarter of a second; looking through the rest of the query at each place would take many.
    assert seconds < 5
    assert len(warnings) <= MAX_WARNINGS + 1


def test_many_words_and_brackets_are_all_read() -> None:
    many = tree("слово " * 100_000)
    # Not compared in one assertion: a failure would print all of it.
    assert isinstance(many, Bool) and len(many.should) == 100_000 and set(many.should) == {Word("слово")}
    assert tree("(" * 100_000 + "слово" + ")" * 100_000) == Word("слово")
    deep = tree("(a AND (b OR " * 10_000 + "c" + "))" * 10_000)
    assert deep is not None
    assert sum(isinstance(node, Word) for node in descendants(deep)) == 20_001


# ---- plain queries -----------------------------------------------------------------------------------------------

PLAIN = [
    "вакцина",
    "ВОЗ и ООН",
    " Что  такое\tВОЗ?!\n",
    "C++ node.js don't QazCoVac-P 75,4 слово,",
    "AND, not",
    "=вакцину",
    "=AND",
    "вакцин*",
    "a AND b",
    "a OR b AND c OR d",
    '"a"',
    '"медицинская помощь" ',
    "«x, y-z?»",
    "“a b”",
    "„a b“",
    "y" * 300,
]
NOT_PLAIN = [
    "",
    " ",
    "?",
    "a *",
    "a*b",
    "a?b",
    "a? b*",
    "aʼ*",
    "=a*",
    "==a",
    "=a b",
    "-a",
    "a -b",
    "a^2",
    "a~1",
    "title:a",
    "a:",
    "(a)",
    'a "b"',
    '"a" b"',
    '"a ? b"',
    '"a b"~2',
    "«a b“",
    "AND",
    "a AND",
    "a AND AND b",
    "a NOT b",
    "a AND b c",
    "a, AND b",
    "вода НЕ газ",
    "вода ИЛИ газ",
    "«вода НЕ газ»",
    "a\u00adb",
    "a\x00b",
    "y" * 300 + "*",
]


@pytest.mark.parametrize("query", PLAIN, ids=repr)
def test_a_plain_query_needs_no_grammar(query: str) -> None:
    assert read_plain(query, all_words=False) is not None


@pytest.mark.parametrize("query", NOT_PLAIN, ids=repr)
def test_what_has_a_meaning_or_earns_a_warning_is_not_plain(query: str) -> None:
    assert read_plain(query, all_words=False) is None


PLAIN_PIECES = st.sampled_from(
    [*"aя1_²ʼ'’.,;:!?…/+#&%@$=*-\"«»“”„(^~\u0301\u00ad", "слово", "ВОЗ", "AND", "OR", "NOT", "НЕ", "ИЛИ", "y" * 199]
)
BLANKS = st.sampled_from([" ", " ", "  ", "\t", "\xa0", "\x1f", " AND ", " OR "])
NEARLY_PLAIN = st.builds(
    lambda opening, words, blanks, closing: (
        opening + "".join(itertools.chain.from_iterable(zip(words, blanks, strict=False))) + closing
    ),
    st.sampled_from(["", "", " ", "=", '"', "«", "“", "„"]),
    st.lists(st.just("слово") | st.lists(PLAIN_PIECES, min_size=1, max_size=4).map("".join), min_size=1, max_size=6),
    st.lists(BLANKS, min_size=5, max_size=5).map(lambda blanks: [*blanks, ""]),
    st.sampled_from(["", "", " ", "?", "*", '"', "»", "“", "”", '" ']),
)


@settings(max_examples=400)
@given(NEARLY_PLAIN | ANY_TEXT | st.sampled_from(PLAIN), MODES)
def test_a_plain_query_is_read_as_the_grammar_reads_it(query: str, mode: str) -> None:
    plain = read_plain(query, all_words=mode == "all")
    if plain is not None:
        assert parse_by_grammar(query, DEFAULT_FIELDS, mode) == ParsedQuery(plain)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["{}", "a{}b", "{}a", "a{}", "a {} b", '"a{} b"', "a{}*", "={}"])
def test_any_character_in_a_plain_query(place: str) -> None:
    for code in (*range(0x530), *range(0x2000, 0x2070), *range(0x600, 0x110000, 997)):
        query = place.format(chr(code))
        plain = read_plain(query, all_words=False)
        assert plain is None or parse_by_grammar(query, DEFAULT_FIELDS, "any") == ParsedQuery(plain), query


def test_nodes_are_plain_frozen_values() -> None:
    for node in (Word("a", "title", 2.0), Bool((Word("a"),), (Word("b"),), (Word("c"),), 2.0)):
        parameters = inspect.signature(type(node)).parameters
        assert {name: each.default for name, each in parameters.items()} == {
            each.name: inspect.Parameter.empty if each.default is dataclasses.MISSING else each.default
            for each in dataclasses.fields(node)
        }
        values = {name: getattr(node, name) for name in parameters}
        assert len(set(map(repr, values.values()))) == len(values)
        for other in (type(node)(**values), type(node)(*values.values()), pickle.loads(pickle.dumps(node))):
            assert other == node and hash(other) == hash(node) and repr(other) == repr(node)
        with pytest.raises(dataclasses.FrozenInstanceError):
            node.boost = 3.0  # type: ignore[misc]


# ---- what it means -----------------------------------------------------------------------------------------------


def matches(node: Node, words: set[str]) -> bool:
    """The semantics of Bool, as its docstring has it, over a document that is a set of words."""
    if isinstance(node, Bool):
        return (
            all(matches(child, words) for child in node.must)
            and not any(matches(child, words) for child in node.must_not)
            and (bool(node.must) or not node.should or any(matches(child, words) for child in node.should))
        )
    assert isinstance(node, Word)
    return node.text in words


DOCUMENTS = [set(words) for size in range(5) for words in itertools.combinations("abcd", size)]
NAMES = st.sampled_from("abcd")
EXPRESSION = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        inner.map("NOT {}".format),
        st.lists(inner, min_size=2, max_size=4).map(" AND ".join),
        st.lists(inner, min_size=2, max_size=4).map(" OR ".join),
        inner.map("({})".format),
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(EXPRESSION, MODES)
def test_operators_bind_as_those_of_python(expression: str, mode: str) -> None:
    node = tree(expression, mode=mode)
    assert node is not None
    code = compile(expression.lower(), "query", "eval")
    for words in DOCUMENTS:
        assert matches(node, words) == eval(code, {name: name in words for name in "abcd"})


@given(st.lists(st.tuples(st.sampled_from(["", "+", "-"]), NAMES), min_size=1, max_size=6), MODES)
def test_signs_and_spaces(clauses: list[tuple[str, str]], mode: str) -> None:
    node = tree(" ".join(map("".join, clauses)), mode=mode)
    assert node is not None
    of = {sign: [word for each, word in clauses if each == sign] for sign in ("", "+", "-")}
    must, should = (of["+"], of[""]) if mode == "any" else (of["+"] + of[""], [])
    for words in DOCUMENTS:
        wanted = words.issuperset(must) and words.isdisjoint(of["-"])
        wanted &= bool(must) or not should or not words.isdisjoint(should)
        assert matches(node, words) == wanted


def score(node: Node, words: set[str]) -> float:
    if isinstance(node, Bool):
        return node.boost * sum(score(child, words) for child in (*node.must, *node.should) if matches(child, words))
    assert isinstance(node, Word)
    return node.boost


def may_stand_together(must: list[Any], should: list[Any]) -> bool:
    return not must or not should or any(isinstance(part, Word) for part in must)


POWERS = st.sampled_from([0.5, 1.0, 1.0, 2.0])  # their products are exact
PLAIN_WORDS = st.builds(lambda text, boost: Word(text, boost=boost), NAMES, POWERS)


@settings(max_examples=150)
@given(
    st.recursive(
        PLAIN_WORDS,
        lambda inner: st.builds(
            lambda must, should, must_not, boost: (must, should, must_not, boost),
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3),
            st.lists(PLAIN_WORDS, max_size=2),
            POWERS,
        ).filter(lambda parts: any(parts[:3]) and may_stand_together(parts[0], parts[1])),
        max_leaves=12,
    )
)
def test_combining_changes_neither_documents_nor_scores(parts: Any) -> None:
    def plain(parts: Any) -> Node:
        if isinstance(parts, Word):
            return parts
        must, should, must_not, boost = parts
        return Bool(tuple(map(plain, must)), tuple(map(plain, should)), tuple(map(plain, must_not)), boost)

    def combined(parts: Any) -> Node:
        if isinstance(parts, Word):
            return parts
        must, should, must_not, boost = parts
        node = combine(must=map(combined, must), should=map(combined, should), must_not=map(combined, must_not))
        return node.boosted(boost)

    for words in DOCUMENTS:
        assert matches(combined(parts), words) == matches(plain(parts), words)
        if matches(plain(parts), words):
            assert score(combined(parts), words) == score(plain(parts), words)


# ---- every tree can be written -----------------------------------------------------------------------------------

LETTERS = st.text(st.sampled_from("абвгдеёжзАБВabcXYZ0123456789"), min_size=1, max_size=6)
RAW = st.one_of(
    LETTERS,
    st.builds("{}{}{}".format, LETTERS, st.sampled_from(["-", "'", ".", ",", "/", ":", "+", "(", "@"]), LETTERS),
    st.sampled_from(["AND", "OR", "NOT", "TO", "НЕ", "C++", "C#", ".NET", "title:x", "date:2021", "(x)", "y" * 300]),
)
FIELDS = st.sampled_from([None, "title", "body"])
BOOSTS = st.just(1.0) | st.floats(0.001, 1000.0)
PATTERNS = st.builds("{}{}{}".format, LETTERS, st.sampled_from(["*", "?", "*?", "??"]), LETTERS)


def leaves(field: st.SearchStrategy[str | None], boost: st.SearchStrategy[float]) -> st.SearchStrategy[Leaf]:
    return st.one_of(
        st.builds(Word, RAW, field, boost),
        st.builds(Exact, RAW, field, boost),
        st.builds(Prefix, LETTERS, field, boost),
        st.builds(Wildcard, PATTERNS | PATTERNS.map("*{}*".format), field, boost),
        st.builds(Fuzzy, LETTERS, st.integers(1, 2), field, boost),
    )


PART = leaves(st.none(), st.just(1.0))
PHRASES = st.builds(
    Phrase, st.lists(PART, min_size=2, max_size=4).map(tuple), st.integers(0, 1000), FIELDS, BOOSTS
) | st.builds(Phrase, PART.map(lambda part: (part,)), st.integers(1, 9), FIELDS, BOOSTS)
DAYS = st.none() | st.dates()
RANGES = st.tuples(DAYS, DAYS).map(lambda ends: DateRange(*(ends if None in ends else sorted(ends))))  # type: ignore[type-var]
CODES = st.sampled_from(["en", "ru", "kk", "und"]).map(LanguageIs)
PATHS = st.text(st.sampled_from("аb/ .*?-()[]^~0"), min_size=1, max_size=9).map(
    lambda text: re.sub(r"\*+", "*", text.strip())
)
FILTERS = ["path", "dir", "ext", "size", "mtime", "date"]
SIZES = st.none() | st.integers(0, 1 << 62)
OF_FILES: st.SearchStrategy[Node] = st.one_of(
    PATHS.filter(bool).map(PathMatches),
    PATHS.map(lambda text: text.strip("/").strip())
    .filter(lambda text: text and text == text.strip("/ "))
    .map(FolderIs),
    st.sampled_from(["pdf", "tar.gz", "7z"]).map(ExtensionIs),
    st.tuples(SIZES, SIZES).map(lambda ends: SizeRange(*(ends if None in ends else sorted(ends)))),  # type: ignore[type-var]
    RANGES.map(lambda days: ChangedRange(days.since, days.until)),
)
SIMPLE: st.SearchStrategy[Node] = st.one_of(
    leaves(FIELDS, BOOSTS), PHRASES, RANGES, CODES, OF_FILES, st.just(EveryDocument())
)


def mixed(must: list[Node], should: list[Node], must_not: list[Node]) -> Node:
    # Where filters alone must be there, or nothing but filters may be, the parser reads it otherwise.
    if should and (all(node.is_filter() for node in must) or all(node.is_filter() for node in should)):
        return all_of([*must, any_of(should), *map(negation, must_not)])
    return combine(must=must, should=should, must_not=must_not)


TREE: st.SearchStrategy[Node] = st.recursive(
    SIMPLE,
    lambda inner: st.builds(
        lambda node, factor: node.boosted(factor),
        st.one_of(
            st.lists(inner, min_size=1, max_size=4).map(all_of),
            st.lists(inner, min_size=1, max_size=4).map(any_of),
            inner.map(negation),
            st.builds(mixed, *[st.lists(inner, min_size=1, max_size=3)] * 3),
        ),
        BOOSTS,
    ),
    max_leaves=20,
)


@settings(max_examples=120)
@example("dir", "0 /")
@given(st.sampled_from(FILTERS), st.text(st.sampled_from('aЯ/*?.\\ "«»[]()10KM>.^~-\n\0TO'), max_size=12))
def test_any_filter_is_read_and_can_be_written(field: str, text: str) -> None:
    for query in (f"{field}:{text}", f'{field}:"{text}"', f"{field}:({text})"):
        found = parse(query)
        if found.tree is not None:
            assert tree(to_text(found.tree)) == found.tree
            assert "*" in text or not isinstance(found.tree, EveryDocument)


@settings(max_examples=120)
@given(TREE)
def test_every_tree_can_be_written(node: Node) -> None:
    assert tree(to_text(node)) == node
