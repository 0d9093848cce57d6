"""A quoted text is words and nothing else, wherever it stands in a query."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi import Document, InvalidQuery, Searcher, Writer, fields, open_index, quote
from naidi.indexer.analysis.tokenizer import tokenize
from naidi.search.query.lexer import chunks
from naidi.search.query.nodes import Bool, Node, Word
from naidi.search.query.parser import parse

# Everything that has a meaning in some place, and words around it.
PIECES = (
    *("AND", "OR", "NOT", "ИЛИ", "НЕ", "TO", "and", "title:", "lang:ru", "date:[2021 TO 2022]", "date:", "path:*", "size:>1M"),
    *("price:<5", "custom.owner:x", "body:(", "(", ")", '"', "«", "»", "“", "”", "„", "~", "~2", "^", "^2", "*", "?", "+", "-"),
    *("=", "..", ".", ",", ":", "!", "|", "&&", "\\", "/", "[", "]", "{", "}", "<", ">", "'", "’", "`", "#", "@", "\0"),
    *("\ud800", "\u200b", "\u202e", "\u00ad", "\u0301", "cat", "Дом", "C++", ".NET", "QazCoVac-P", "75,4", "covid-19", "don't"),
    *("ghbdtn", " ", "\n", "\t"),
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=10).map("".join)


def words_in(tree: Node | None) -> list[Word]:
    """The words of a tree that is a word, or any of some words, without fields, boosts or anything else."""
    nodes = (
        () if tree is None else (tree,) if isinstance(tree, Word) else tree.should if isinstance(tree, Bool) else None
    )
    assert nodes is not None, tree
    if isinstance(tree, Bool):
        assert not tree.must and not tree.must_not and tree.boost == 1.0
    for node in nodes:
        assert isinstance(node, Word) and node.field is None and node.boost == 1.0, tree
    return [node for node in nodes if isinstance(node, Word)]


def tokens(texts: list[str]) -> list[str]:
    return [token.text for text in texts for token in tokenize(text)]


@given(TEXTS)
@example("x" * 300 + "~1~2~3~4~5")
@example('a" AND lang:ru "b')
@example(") OR * OR (")
@example("AN\u200bD a")
@example("(" * 50 + "a" + ")" * 50)
def test_a_quoted_text_is_its_words(text: str) -> None:
    quoted = quote(text)
    parsed = parse(quoted)
    words = words_in(parsed.tree)
    assert tokens([word.text for word in words]) == tokens(chunks(text))
    if words:
        assert not parsed.warnings
    else:
        assert quoted == "()"


@given(TEXTS)
def test_a_quoted_text_stays_one_part_of_a_query(text: str) -> None:
    quoted = quote(text)
    own = parse(quoted).tree
    if own is None:
        return
    assert parse(f"{quoted} +lang:en").tree == parse(f"+lang:en {quoted}").tree
    both = parse(f"+{quoted} -zebra").tree
    assert isinstance(both, Bool) and both.must_not == (Word("zebra"),)
    assert parse(f"NOT {quoted}").tree == parse(f"NOT ({quoted})").tree
    assert parse(f"{quoted} AND zebra").tree == Bool((own, Word("zebra")))
    boosted, plain = parse(f"{quoted}^2").tree, parse(f"({quoted})^2").tree
    assert boosted == plain
    named = parse(f"title:{quoted}").tree
    parts = (named,) if isinstance(named, Word) else named.should if isinstance(named, Bool) else ()
    assert [part.text for part in parts if isinstance(part, Word) and part.field == "title"] == [
        word.text for word in words_in(own)
    ]


def test_how_it_looks() -> None:
    assert quote("cat") == "cat" and quote("two cats") == "(two cats)"
    assert quote("C++ OR -title:(draft*)") == '(C++ "OR" "title:" draft)'
    assert quote("QazCoVac-P") == "QazCoVac-P" and quote("*cat*") == "cat" and quote('"') == quote("") == "()"
    with pytest.raises(InvalidQuery, match="must be a str, not int"):
        quote(5)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    index = tmp_path_factory.mktemp("quoted") / "index_data"
    with Writer(index) as writer:
        for number, text in enumerate(
            (
                "The cats of the house slept, and the cat woke.",
                "Привиты вакцинами дети дома.",
                "QazCoVac-P and covid-19 and 75,4 and C++ or C.",
                "Президент Токаев встретил делегацию ВОЗ.",
                "President Tokayev met the WHO delegation. They don't or won't.",
                "A draft title: nothing else, not a thing.",
                "Привет, дом и кошка.",
            )
        ):
            writer.add(Document(id=str(number), text=text, language="ru" if number in (1, 3, 6) else "en"))
    with open_index(index) as opened:
        yield opened


PLAIN = ("cat", "cats house", "covid-19", "QazCoVac-P draft", "75,4", "C++", "don't won't", "дома", "Токаева", "WHO", "ghbdtn",
         "dfrwbyf cat", "vaccinaton", "tokaev", "cat, house. draft!", "нет такого слова cat")  # fmt: skip


@pytest.mark.parametrize("mode", ["any", "all"])
@pytest.mark.parametrize("text", PLAIN)
def test_plain_words_find_the_same(searcher: Searcher, text: str, mode: str) -> None:
    options = {"mode": mode}
    assert searcher.search_ids(quote(text), **options) == searcher.search_ids(text, **options)  # type: ignore[arg-type]


@given(TEXTS)
def test_no_text_leaves_the_filter_beside_it(searcher: Searcher, text: str) -> None:
    quoted = quote(text)
    if quoted != "()":
        found = searcher.search_ids(f"{quoted} +lang:en")
        assert found == searcher.search_ids(quoted, language="en")
        assert {doc_id for doc_id, _ in found} <= {"0", "2", "4", "5"}


def test_a_very_long_text_leaves_the_filter_beside_it(searcher: Searcher) -> None:
    found = searcher.search_ids(f"{quote('дом cat lang:ru ' * 5_000)} +lang:en")
    assert [doc_id for doc_id, _ in found] == ["0"]


@pytest.mark.parametrize(
    "typed", ["brand:Bosch", "price:<10 OR zebra", "price:[1 TO 9]", "notes:vaccine", "brand:Makita drill"]
)
def test_fields_of_an_application_lose_their_meaning(index: Path, typed: str) -> None:
    with Writer(index, schema={"brand": fields.Keyword(), "price": fields.Number(), "notes": fields.Text()}) as writer:
        for doc_id, brand, text in (("mine", "Makita", "A drill."), ("other", "Bosch", "A drill.")):
            writer.add(Document(id=doc_id, text=text, fields={"brand": brand, "price": 5, "notes": "vaccine"}))
    with open_index(index) as opened:
        quoted = quote(typed)
        assert [doc_id for doc_id, _ in opened.search_ids(f"{quoted} +brand:Makita")] == ["mine"] * ("drill" in typed)
        assert not opened.search(quoted).warnings
