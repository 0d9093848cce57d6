"""Words typed with the keyboard switched to the other language: what is turned, and what is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexes import build, documents
from naidi import Searcher, open_index
from naidi.search.bridges.keyboard import mend_layout, turned
from naidi.search.budget import MAX_HELPED

RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

PAIRS = """
dfrwbyf      вакцина
Dfrwbyf      Вакцина
ghtpbltyn    президент
j,]trn       объект
'rjyjvbrf    экономика
gjl]`v       подъём
;bpym        жизнь
{f,fhjdcr    Хабаровск
~krf         Ёлка
<jhbc        Борис
:fyyf        Жанна
k.,k.        люблю
vtlbrj-cfybnfhysq  медико-санитарный
cjdbl19      совид19
"""

KNOWN = """
был чт вакцина вакцинация массовая vaccine президент объект привет ёлка хабаровск борис жанна жизнь это он она я что люблю медико то
санитарный экономика хлеб токаев right words and node js don't in is title c k, j
"""
WORDS = {word.casefold() for word in KNOWN.split()}

MENDED = """
dfrwbyf                            | вакцина
мфссшту                            | vaccine
ghtpbltyn rfpf[cnfyf               | президент rfpf[cnfyf
'nj ghtpbltyn                      | это президент
right dfrwbyf words                | right вакцина words
dfrwbyf мфссшту президент          | вакцина vaccine президент
ghbdtn, dfrwbyf!                   | привет, вакцина!
ghbdtn.                            | привет.
xnj?                               | что?
xnj ghtpbltyn?                     | что президент?
,sk                                | был
j,]trn, ;bpym                      | объект, жизнь
k.,k.                              | люблю
vtlbrj-cfybnfhysq                  | медико-санитарный
тщвуюоы вщтэе                      | node.js don't
мфссштуб                           | vaccine,
z k.,k.                            | я люблю
"vfccjdfz dfrwbyfwbz"              | "массовая вакцинация"
«vfccjdfz dfrwbyfwbz»~2            | «массовая вакцинация»~2
="vfccjdfz dfrwbyfwbz"             | ="массовая вакцинация"
title:dfrwbyf                      | title:вакцина
-title:"vfccjdfz                   | -title:"массовая
+dfrwbyf -мфссшту =Мфссшту         | +вакцина -vaccine =Vaccine
njrftd~ njrftd~2 dfrwbyf^2.5       | токаев~ токаев~2 вакцина^2.5
dfrwbyf* dfrwbyf?                  | вакцина* вакцина?
(dfrwbyf OR ghbdtn) NOT vfccjdfz   | (вакцина OR привет) NOT массовая
dfrwbyf date:[2021-01 TO 2021-06]  | вакцина date:[2021-01 TO 2021-06]
lang:ru dfrwbyf                    | lang:ru вакцина
~krf                               | Ёлка
{f,fhjdcr                          | Хабаровск
:fyyf <jhbc                        | Жанна Борис
"""

LEFT_ALONE = """
right words
хлеб
президент and words
unknown слово
ЖЖЖ qwertyuiop
z
c++
a.b,c
'right'
date:[2021-01 TO 2021-06]
AND OR NOT
nj jy
xn--80
эйб
rfpf[cnfyf
чатgpt
... ,, [] "" '' ;
12:30 75,4
http://example.org/path
"""


def knows(word: str) -> bool:
    return word.casefold() in WORDS


def rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if line.strip()]


@pytest.mark.parametrize("line", rows(PAIRS))
def test_keys_of_the_other_layout(line: str) -> None:
    typed, meant = line.split()
    assert turned(typed) == meant
    assert turned(meant) == typed


@pytest.mark.parametrize("text", ["", "12", "кофе break", "naïve", "їжак", "!", "-"])
def test_what_cannot_be_turned(text: str) -> None:
    assert turned(text) is None


@given(st.text(st.sampled_from(RUSSIAN + RUSSIAN.upper()), min_size=1))
def test_turning_twice_gives_the_word_back(word: str) -> None:
    there = turned(word)
    assert there is not None and there != word
    assert turned(there) == word


@given(st.from_regex("[a-zA-Z]+", fullmatch=True))
def test_turning_latin_letters_twice_gives_them_back(word: str) -> None:
    there = turned(word)
    assert there is not None and there.isalpha() and len(there) == len(word)
    assert turned(there) == word


@pytest.mark.parametrize("line", rows(MENDED))
def test_queries_are_mended(line: str) -> None:
    query, meant = (side.strip() for side in line.split("|"))
    mended, mends = mend_layout(query, knows)
    assert mended == meant
    assert mends and all(typed in query and word in mended for typed, word in mends)


def test_so_many_words_are_mended() -> None:
    words = ["dfrwbyf"] * (MAX_HELPED + 1)
    mended, mends = mend_layout(" ".join(words), lambda word: word.casefold() == "вакцина")
    assert mends == [("dfrwbyf", "вакцина")] * MAX_HELPED
    assert mended.split() == ["вакцина"] * MAX_HELPED + ["dfrwbyf"]


@pytest.mark.parametrize("query", rows(LEFT_ALONE))
def test_queries_are_left_alone(query: str) -> None:
    assert mend_layout(query, knows) == (query, [])


def test_mends_are_named_in_order() -> None:
    assert mend_layout("ghbdtn, «мфссшту»", knows)[1] == [("ghbdtn", "привет"), ("мфссшту", "vaccine")]


def test_every_word_of_what_it_turns_into_must_be_known() -> None:
    assert mend_layout("vfccjdfz-ytbpdtcnyfz", knows)[1] == []


def test_a_quote_may_be_a_letter_where_it_closes_nothing() -> None:
    assert mend_layout('"nj', lambda word: word == "Это")[0] == "Это"
    assert mend_layout('"njns"', lambda word: word in ("Этоты", "тоты"))[0] == '"тоты"'


def is_right(word: str) -> bool:
    return any(part in word.casefold() for part in ("herb", "cert", "rent"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("herb", "herb"),
        ("Herb", "Herb"),
        ("right herb", "right herb"),
        ("herb cert", "herb cert"),
        ("herb ghtpbltyn right", "herb президент right"),
        ("herb ghtpbltyn", "руки президент"),
        ("right rent;e", "right кутежу"),  # no word has a semicolon inside
    ],
)
def test_a_word_that_may_be_right_is_turned_only_with_the_whole_query(typed: str, meant: str) -> None:
    known = {"руки", "суке", "президент", "right", "кутежу"}
    mended = mend_layout(typed, lambda word: word.casefold() in known, None, is_right)[0]
    assert mended == meant


def test_what_it_turns_into_must_make_sense() -> None:
    """An index knows words by guesses, too. They say that a word is right as typed, and not that it was meant."""
    assert mend_layout("kerbs", {"лукиы"}.__contains__) == ("лукиы", [("kerbs", "лукиы")])
    assert mend_layout("kerbs", {"лукиы"}.__contains__, {"луки"}.__contains__) == ("kerbs", [])
    assert mend_layout("kerb", {"kerb"}.__contains__, {"kerb", "луки"}.__contains__) == ("kerb", [])


LAYOUT = ["руки и луки", "президент говорит", "лев толстой", "vector graphics", "дум", "суке", "чт вт"]


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("layout")
    build(folder, documents(*LAYOUT))
    with open_index(folder) as opened:
        yield opened


@pytest.mark.parametrize(
    ("query", "found", "turned_words"),
    [
        ("ghtpbltyn", ["1"], ["президент"]),
        ("kerb", [], []),  # a word of a dictionary
        ("kerbs", [], []),  # «лукиы» has the lemma «лук», and is no word
        ("Lev", ["2"], []),  # a name of the other alphabet
        ("vectr", ["3"], []),  # a slip
        ("xn--80", [], []),
        ("herb ghtpbltyn", ["0", "1"], ["руки", "президент"]),
    ],
)
def test_what_is_found(searcher: Searcher, query: str, found: list[str], turned_words: list[str]) -> None:
    results = searcher.search(query, translate=False)
    assert sorted(hit.id for hit in results.hits) == found
    assert [one.replacement for one in results.corrections if one.kind == "layout"] == turned_words


def test_a_reading_that_finds_nothing_is_neither_told_nor_kept(searcher: Searcher) -> None:
    """«привет» is a word of a dictionary that no document has, and «президент» stands in no document of English."""
    for query in ("ghbdtn", "ghtpbltyn lang:en", "ghtpbltyn -ghtpbltyn"):
        results = searcher.search(query, translate=False)
        assert (results.total, [one for one in results.corrections if one.kind == "layout"]) == (0, []), query


@given(st.text(max_size=60))
def test_where_all_is_known_or_nothing_is_any_query_stays(query: str) -> None:
    assert mend_layout(query, lambda word: False) == (query, [])
    if not any(key in query for key in "[];',.`{}:\"<>~"):  # there fragments do not count
        assert mend_layout(query, lambda word: True) == (query, [])


@given(st.text(st.sampled_from("dfrwby ,[]'\"()+-=~^*?:TOмфс12"), max_size=40))
def test_white_space_and_what_is_not_named_stay(query: str) -> None:
    mended, mends = mend_layout(query, lambda word: word.isalpha() and not word.isascii())
    assert len(mended.split()) == len(query.split())
    for typed, word in mends:
        assert typed in query and word in mended and turned(typed) == word
