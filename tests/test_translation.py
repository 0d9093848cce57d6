"""What does a query in one language find in the other, and what must it not cost? Tables are the specification."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import called
from naidi import Document, Searcher, Writer
from naidi.indexer import core
from naidi.indexer.analysis import keys
from naidi.indexer.analysis.normalize import fold_yo
from naidi.search.bridges import builtin_translations
from naidi.search.bridges.bilingual_list import MOST, Entry, compiled
from naidi.search.bridges.builtin_translations import compiled_list, read_list
from naidi.search.bridges.synonyms import Member
from naidi.search.bridges.translation_table import TranslationTable, table_lines
from naidi.search.bridges.word_bridges import RARE

RUSSIAN = {
    "oil-ru": "Цены на нефть упали, и правительство снизило налоги.",
    "war-ru": "После войны город отстроили заново.",
    "disk-ru": "Замените жёсткий диск.",
}
ENGLISH = {
    "oil-en": "Oil prices fell, and the government cut taxes.",
    "war-en": "After the war the city was rebuilt.",
}

# the documents | query | found
FOUND = """
    ru   | oil                    | oil-ru
    ru   | the wars               | war-ru
    ru   | governments            | oil-ru
    en   | нефтью                 | oil-en
    en   | войны                  | war-en
    both | oil                    | oil-en, oil-ru
    both | нефть                  | oil-ru, oil-en
    both | war city               | war-en, war-ru
    both | title:oil              |
    both | "oil"                  | oil-en, oil-ru
    both | =oil                   | oil-en
    both | war -город             | war-en
"""
CORPORA = {"ru": RUSSIAN, "en": ENGLISH, "both": ENGLISH | RUSSIAN}


def searcher_of(directory: Path, texts: dict[str, str]) -> Searcher:
    with Writer(directory) as writer:
        for doc_id, text in texts.items():
            writer.add(Document(doc_id, text))
    return Searcher(directory)


@pytest.fixture(scope="module")
def searchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Searcher]]:
    place = tmp_path_factory.mktemp("translation")
    yield {name: searcher_of(place / name, texts) for name, texts in CORPORA.items()}


@pytest.mark.parametrize("line", FOUND.strip().splitlines())
def test_what_is_found(searchers: dict[str, Searcher], line: str) -> None:
    name, query, found = (cell.strip() for cell in line.split("|"))
    expected = [doc_id for doc_id in found.split(", ") if doc_id]
    assert [doc_id for doc_id, _ in searchers[name].search_ids(query)] == expected
    assert [hit.id for hit in searchers[name].search(query)] == expected
    without = {doc_id for doc_id, _ in searchers[name].search_ids(query, translate=False)}
    own = "-ru" if query[0] >= "а" else "-en"
    assert without == {doc_id for doc_id in expected if doc_id.endswith(own)}
    assert [doc_id for doc_id, _ in searchers[name].search_ids(query, exact=True)] == sorted(without)


def test_what_is_said(searchers: dict[str, Searcher]) -> None:
    said = {
        name: [(c.original, c.replacement, c.kind, c.action) for c in searchers[name].search("oil").corrections]
        for name in CORPORA
    }
    assert said == {
        "ru": [("oil", "нефть", "translation", "instead")],
        "en": [],
        "both": [("oil", "нефть", "translation", "as well")],
    }
    # A word that a list has is no misspelling, though the index lacks it.
    assert not [c for c in searchers["ru"].search("wars").corrections if c.kind == "spelling"]
    assert searchers["both"].search("oil", translate=False).corrections == ()


def test_translations_are_marked(searchers: dict[str, Searcher]) -> None:
    (hit,) = searchers["ru"].search("war").hits
    assert "<mark>войны</mark>" in hit.snippets[0].html()
    assert "<mark>" not in searchers["ru"].highlight("После войны", "war", translate=False).html()
    assert "<mark>войны</mark>" in searchers["ru"].highlight("После войны", "war").html()
    assert "<mark>" not in searchers["ru"].snippets("После войны", "war", translate=False)[0].html()


def test_a_word_that_is_common_is_not_translated(tmp_path: Path) -> None:
    for count, found in ((RARE - 1, True), (RARE, False)):
        texts = {f"{number}": f"The oil of year {number}" for number in range(count)}
        with searcher_of(tmp_path / f"{count}", texts | {"ru": "нефть"}) as searcher:
            ids = [doc_id for doc_id, _ in searcher.search_ids("oil", None)]
            assert ("ru" in ids) == found
            assert ids[-1] == "ru" or not found  # what has the word itself comes first


def test_the_core_finds_what_python_finds(tmp_path: Path) -> None:
    """Scores, too: of words alone and beside others, and what is said of them."""
    texts = {f"f{number}": f"Text {number} {'oil ' * (number % 4)} война words" for number in range(60)}
    with searcher_of(tmp_path / "index", CORPORA["both"] | texts) as searcher:
        for query in ("oil", "government", "oil war", "нефть правительство", "taxes AND oil", "город"):
            quick, slow = searcher.search_ids(query, None), searcher.search_ids(query, None, offset=0)
            assert [doc_id for doc_id, _ in quick] == [doc_id for doc_id, _ in slow]
            assert [score for _, score in quick] == pytest.approx([score for _, score in slow])
            said = [searcher.search(query, snippets=0, **each).corrections for each in ({}, {"offset": 0})]
            assert said[0] == said[1]


@pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
@pytest.mark.parametrize(
    "told", [1, (), (("a",),), (("a",), 0.0), (("a",), 1.5), (("a",), "x"), (["a"], 0.3), ((1,), 0.3)]
)
def test_an_owner_that_makes_no_sense(searchers: dict[str, Searcher], told: Any) -> None:
    from naidi import RankingParameters
    from naidi.search.collection import Collection
    from naidi.search.ranking.core_page import CoreWords
    from plain_queries import Owner, plain_queries

    words = CoreWords(Collection(searchers["both"].generation), RankingParameters()).core
    owner: Any = Owner(words)
    owner.translations = lambda text, keys: told
    with pytest.raises(TypeError):
        plain_queries(words, names=(None, ({},), 3, True)).ids(owner, "oil", 3)


def test_the_command(tmp_path: Path) -> None:
    searcher_of(tmp_path / "index", RUSSIAN).close()
    told = called("search", "-v", "oil", index=tmp_path / "index")
    assert (told.returncode, "oil: searched for нефть instead (translation)" in told.stderr) == (0, True)
    assert called("search", "--no-translate", "oil", index=tmp_path / "index").returncode == 1
    assert called("search", "--exact", "oil", index=tmp_path / "index").returncode == 1


# -- tables

words = st.text("abcабвё", min_size=1, max_size=4)
members = st.lists(words, min_size=1, max_size=3, unique=True)


@given(st.dictionaries(words.map(fold_yo), members, max_size=30), st.lists(words, max_size=20), st.booleans())
def test_a_table_has_what_was_written(given: dict[str, list[str]], asked: list[str], mapped: bool) -> None:
    table = {key: [Member(text, ((fold_yo(text),),)) for text in texts] for key, texts in given.items()}
    data = "".join(table_lines(table)).encode()
    head = b"first line\n"
    tables = [TranslationTable(data), TranslationTable(head + data, len(head))]
    for found in tables:
        for key in (*given, *asked, ""):
            assert found.of(key) == tuple(table.get(key, ()))
            wanted = key.encode() + b"\t"
            line = found._line(wanted)
            if core.is_used:
                from naidi._core import table_line

                assert table_line(found._data, found._start, wanted) == line


def test_phrases_and_keys_are_kept() -> None:
    member = Member("жёсткого диска", (("жесткий",), ("диск", "диска")))
    table = TranslationTable("".join(table_lines({"drive": [member]})).encode())
    assert table.of("drive") == (member,)


@given(st.binary(max_size=60), st.binary(max_size=3), st.integers(0, 70))
def test_any_bytes_can_be_looked_into(data: bytes, key: bytes, start: int) -> None:
    found = TranslationTable(data, start)._line(key + b"\t")
    assert found is None or key + b"\t" + found in data
    if core.is_used:
        from naidi._core import table_line

        assert table_line(data, start, key + b"\t") == found


@pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
def test_what_the_core_does_not_look_into() -> None:
    from naidi._core import table_line

    wrong: list[Any] = [("text", 0, b""), (b"", -1, b""), (b"", 0, "a"), (b"", 0)]
    for arguments in wrong:
        with pytest.raises((TypeError, ValueError)):
            table_line(*arguments)
    with mmap.mmap(-1, 4) as mapped:
        mapped[:] = b"a\tb\n"
        assert table_line(mapped, 0, b"a\t") == b"b"


def test_entries_lead_both_ways() -> None:
    entries = [
        Entry("butter", ["масло"], 10),
        Entry("oil", ["масло", "нефть"], 50),
        Entry("oiled", ["промасленный"], 5),
        Entry("hard drive", ["жёсткий диск"], 5),
        Entry("disk", ["большой жёсткий диск", "диск", "жёсткий диск"], 5),
        Entry("many", ["а", "б", "в", "г"], 5),
    ]
    table = TranslationTable("".join(compiled(entries, keys)).encode())

    def texts(key: str) -> list[str]:
        return [member.text for member in table.of(key)]

    assert texts("масло") == ["oil", "butter"]  # of two, the one with more to say of it
    assert texts("нефть") == ["oil"]
    assert texts("oil") == ["масло", "нефть", "промасленный"]  # what an inflected form means comes last
    assert texts("disk") == ["диск", "большой жёсткий диск", "жёсткий диск"]  # one word before several
    assert len(texts("many")) == MOST
    assert texts("hard") == texts("hard drive") == []  # a headword is one word
    assert table.of("disk")[2].keys == (("жесткий",), ("диск",))


# -- our own list


def test_the_compiled_list_is_up_to_date() -> None:
    with open(builtin_translations.TABLE, encoding="utf-8") as file:
        assert file.read() == compiled_list(), "run python -m naidi.search.bridges.builtin_translations"


def test_every_line_of_the_list_is_well_formed() -> None:
    latin, cyrillic = (
        set("abcdefghijklmnopqrstuvwxyz' -0123456789.éàçèêïöôü"),
        set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя '-"),
    )
    headwords = []
    for headword, counterparts, _ in read_list():
        headwords.append(headword)
        assert set(headword) <= latin, headword
        assert 0 < len(counterparts) == len(set(counterparts)) <= MOST, headword
        assert set("".join(counterparts)) <= cyrillic, headword
    assert headwords == sorted(set(headwords))


def test_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    for line in ("word", "word =", "= слово", "word = слово,, другое"):
        (tmp_path / "list").write_text(f"# head\n\n{line}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="line 3"):
            list(read_list(tmp_path / "list"))
