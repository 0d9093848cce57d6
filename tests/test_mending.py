"""Misspelt words inside longer queries: which word is searched for instead, when, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, Searcher, Writer, open_index
from naidi.indexer import core
from naidi.indexer.analysis.tokenizer import Token
from naidi.search import mending
from naidi.search.bridges.unknown_words import is_known_word, may_be_replaced
from naidi.search.mending import WEIGHT, Mend, mended
from naidi.search.query.nodes import Bool, Phrase, Word
from naidi.search.query.rewrite import lemma_term, term_of_keys
from naidi.search.results import Results

TEXTS = {
    **{f"bennet{number}": "Miss Elizabeth Bennet walked" for number in range(4)},
    **{f"bonnet{number}": "a straw bonnet" for number in range(12)},
    **{f"holmes{number}": "Sherlock Holmes smoked" for number in range(4)},
    **{f"homes{number}": "many homes were built" for number in range(9)},
    **{f"oil{number}": "oil prices rose" for number in range(4)},
    "pierces": "a nail pierces the wall",
    **{f"bank{number}": "the Bank of England" for number in range(4)},
    **{f"rate{number}": "the exchange rate fell" for number in range(3)},
    **{f"prime{number}": "премьер-министр подписал указ" for number in range(3)},
    **{f"sample{number}": "пример письма" for number in range(9)},
    **{f"taras{number}": "Тарас Бульба и сыновья" for number in range(3)},
    **{f"ministry{number}": "министерство финансов сообщило" for number in range(3)},
    **{f"copy{number}": "strncpy copies it" for number in range(3)},
    "sheet": "a worksheet of figures",
    "health": "primary health care",
}


def made(directory: Path, texts: Mapping[str, str]) -> Searcher:
    with Writer(directory) as writer:
        writer.add_many(Document(name, text) for name, text in texts.items())
    return Searcher(directory)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    with made(tmp_path_factory.mktemp("mending") / "index", TEXTS) as found:
        yield found


def said(results: Results) -> list[str]:
    return [
        f"{one.original} > {one.replacement} ({one.action})" for one in results.corrections if one.kind == "spelling"
    ]


# query | the right query | what is said
MENDED = """
    oil pirces             | oil prices             | pirces > prices (instead)
    Elizabet Benet         | elizabeth bennet       | Elizabet > elizabeth (instead), Benet > bennet (instead)
    Bank of Englnad        | bank of england        | Englnad > england (instead)
    Sherlok Homes          | sherlock holmes        | Sherlok > sherlock (instead), Homes > holmes (instead)
    exchange rtae          | exchange rate          | rtae > rate (instead)
    exchnage rate          | exchange rate          | exchnage > exchange (instead)
    the exchnage           | the exchange           | exchnage > exchange (instead)
    министерство финнасов  | министерство финансов  | финнасов > финансов (instead)
    Тарас Бльба            | тарас бульба           | Бльба > бульба (instead)
    премер-министр         | премьер-министр        | премер-министр > премьер-министр (instead)
    oil AND pirces         | oil AND prices         | pirces > prices (instead)
    +oil +pirces           | oil AND prices         | pirces > prices (instead)
    (oil pirces) -rate     | (oil prices) -rate     | pirces > prices (instead)
    primaryhealth care     | primary health care    | primaryhealth > primary health (instead)
"""


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize(("typed", "meant", "told"), table(MENDED))
def test_what_is_searched_for_instead(searcher: Searcher, typed: str, meant: str, told: str) -> None:
    found, right = searcher.search(typed, limit=3), searcher.search(meant, limit=3)
    assert said(found) == told.split(", ")
    assert [hit.id for hit in found.hits] == [hit.id for hit in right.hits]
    assert {hit_id for hit_id, _ in searcher.search_ids(typed, limit=3)} == {hit.id for hit in right.hits}
    exact = searcher.search(typed, exact=True)
    assert exact.corrections == ()


# query | what is said
LEFT = """
    oil rate homes                |
    "oil pirces"                  |
    oil -pirces                   |
    oil =pirces                   |
    oil pirc*                     |
    oil pirces~                   |
    oil rxte2                     |
    which homes                   |
    oil worKsheet                 |
    oil strncpi                   | strncpi > strncpy (offered)
    rate abcdfg                   |
    figures primaryhealth         | primaryhealth > primary health (offered)
"""


@pytest.mark.parametrize(("typed", "told"), table(LEFT))
def test_what_stays_as_it_was_typed(searcher: Searcher, typed: str, told: str) -> None:
    assert [one for one in said(searcher.search(typed)) if "(offered)" not in one] == []
    assert not told or said(searcher.search(typed)) == [told]


def test_a_mended_word_weighs_less(searcher: Searcher) -> None:
    """It is marked and explained, too."""
    (hit,) = searcher.search("oil pirces", limit=1, explain=True).hits
    (right,) = searcher.search("oil prices", limit=1, explain=True).hits
    assert {snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks} == {"oil", "prices"}
    assert hit.explanation is not None and right.explanation is not None
    boosts = {match.word: match.boost for match in hit.explanation.matches if match.tier != "nearness"}
    of_right = {match.word: match.boost for match in right.explanation.matches if match.tier != "nearness"}
    assert boosts["prices"] == pytest.approx(0.95 * of_right["prices"]) and boosts["oil"] == of_right["oil"]
    assert {match.bridge for match in hit.explanation.matches if match.word == "prices"} == {"spelling of pirces"}


# how much less the word costs than is offered | its ratio with a neighbour, -1 if there is none | may be no slip | replaced
SURE = """
     0.80 |  0.00  |     | yes
     0.79 |  0.019 |     | no
     0.45 | -1     |     | yes
     0.44 | -1     |     | no
     0.45 |  0.02  |     | yes
     0.44 |  0.49  |     | no
    -0.60 |  0.50  |     | yes
    -0.61 |  9     |     | no
     3    |  0.019 | may | no
     3    | -1     | may | no
     0.45 |  0.02  | may | yes
"""


@pytest.mark.parametrize(("spare", "ratio", "means_else", "replaced"), table(SURE))
def test_how_sure_a_word_must_be(
    monkeypatch: pytest.MonkeyPatch, spare: str, ratio: str, means_else: str, replaced: str
) -> None:
    term = term_of_keys("prices", ("price",))
    place = mending._Place("pirces", Token("pirces", 0, 6), None)
    place.means_else = bool(means_else)
    monkeypatch.setattr(mending.Mender, "_together", lambda *_: float(ratio))
    mender = object.__new__(mending.Mender)
    assert mender._is_sure(0, [place], [mending._Choice("prices", term, term, 0.0, float(spare))]) is (
        replaced == "yes"
    )


# its ratio with a neighbour | confidence | replaced
LIKELY = """
    -1     | 0.4  | yes
    -1     | 0.39 | no
     0     | 0.9  | yes
     0.019 | 0.89 | no
     0.02  | 0.4  | yes
     0.49  | 0.39 | no
     0.5   | 0.01 | yes
"""


@pytest.mark.parametrize(("ratio", "confidence", "replaced"), table(LIKELY))
def test_how_likely_a_word_must_be(monkeypatch: pytest.MonkeyPatch, ratio: str, confidence: str, replaced: str) -> None:
    term = term_of_keys("prices", ("price",))
    monkeypatch.setattr(mending.Mender, "_together", lambda *_: float(ratio))
    monkeypatch.setattr(mending.Mender, "_confidence", lambda *_: float(confidence))
    mender, place = object.__new__(mending.Mender), mending._Place("pirces", Token("pirces", 0, 6), None)
    assert mender._is_sure(0, [place], [mending._Choice("prices", term, term, 0.0, 3.0)]) is (replaced == "yes")


@pytest.mark.parametrize(
    ("confidence", "typed", "replaced"), [(0.5, "thhere", True), (0.49, "thhere", False), (1, "Thhere", False)]
)
def test_how_likely_a_function_word_must_be(
    monkeypatch: pytest.MonkeyPatch, confidence: float, typed: str, replaced: bool
) -> None:
    term = term_of_keys("there", ("there",))
    monkeypatch.setattr(mending.Mender, "_together", lambda *_: 9.0)
    monkeypatch.setattr(mending.Mender, "_confidence", lambda *_: confidence)
    mender, place = object.__new__(mending.Mender), mending._Place(typed, Token(typed, 0, 6), None)
    assert mender._is_sure(0, [place], [mending._Choice("there", term, term, 0.0, 3.0)]) is replaced


def test_a_name_is_no_common_word(tmp_path: Path) -> None:
    """With a capital, a word gives way only to a name, or to what documents have beside its neighbour."""
    texts = {f"a{n}": "the beetles eat leaves" for n in range(5)} | {f"b{n}": "the Bennet family" for n in range(5)}
    with made(tmp_path, texts) as searcher:
        assert said(searcher.search("the beatles")) == ["beatles > beetles (instead)"]
        assert said(searcher.search("the Beatles")) == ["Beatles > beetles (offered)"]
        assert said(searcher.search("Beatles eat")) == ["Beatles > beetles (instead)"]
        assert said(searcher.search("the Benet")) == ["Benet > bennet (instead)"]


def test_function_words_gain_nothing_by_their_frequency(tmp_path: Path) -> None:
    texts = {f"a{n}": "Elizabeth had been there; she has been" for n in range(40)} | {"b": "Elizabeth Bennet"}
    with made(tmp_path / "a", texts) as searcher:
        for query in ("Elizabeth Benet", "Elizabeth benet", "Benet"):
            assert [one.split()[2] for one in said(searcher.search(query))] == ["bennet"]
        assert said(searcher.search("Elizabeth thhere")) == ["thhere > there (instead)"]
    del texts["b"]
    with made(tmp_path / "b", texts) as searcher:
        for query in ("Elizabeth Benet", "Elizabeth Beeen"):
            assert all("(offered)" in one for one in said(searcher.search(query))), "no name is a function word"


def test_an_old_spelling_is_no_slip(tmp_path: Path) -> None:
    with made(tmp_path, {"a": "война и мир", "b": "миру мир, войне и миру"}) as searcher:
        for query in ("война и миръ", "миръ", "добрыя миръ"):
            assert said(searcher.search(query)) == []


def test_a_known_word_gives_way_only_to_a_true_pair(tmp_path: Path) -> None:
    """In three documents at least, and in half of those of the rarer word."""
    for holmes, others, gives_way in ((3, 0, True), (2, 0, False), (3, 3, True), (3, 4, False)):
        texts = {f"holmes{n}": "Sherlock Holmes smoked" for n in range(holmes)}
        texts |= {f"other{n}": f"Sherlock met Mr Holmes, number {n}" for n in range(others)}
        texts |= {f"homes{n}": "many homes were built" for n in range(9)}
        with made(tmp_path / f"{holmes}{others}", texts) as searcher:
            assert ("Homes > holmes (instead)" in said(searcher.search("Sherlok Homes"))) is gives_way


def test_neighbours_decide(tmp_path: Path) -> None:
    """Of two words that are as near, that one which documents have beside the word beside it."""
    texts = {f"{word}{number}": text for word, text in (("a", "warm coat"), ("b", "sea boat")) for number in range(6)}
    with made(tmp_path, texts) as searcher:
        assert said(searcher.search("warm coaat")) == ["coaat > coat (instead)"]
        for typed, meant in (("warm doat", "coat"), ("sea doat", "boat"), ("the sea of doat", "boat")):
            assert said(searcher.search(typed)) == [f"doat > {meant} (instead)"]


def test_words_of_hidden_documents_are_neither_told_nor_searched_for(tmp_path: Path) -> None:
    texts = {
        **{f"secret{n}": "oil prices rose" for n in range(5)},
        **{f"open{n}": "oil; a nail pierces the wall" for n in range(5)},
    }
    with made(tmp_path, texts) as searcher:
        assert said(searcher.search("oil pirces")) == ["pirces > prices (instead)"]
        allowed = [name for name in texts if name.startswith("open")]
        for only in (allowed, lambda name: name in allowed):
            told = said(searcher.search("oil pirces", only=only))
            assert told == ["pirces > pierces (instead)"]
        found = searcher.search("oil secertly", only=allowed)
        assert found.total == 5 and not any("secret" in one for one in said(found))


def test_a_word_that_hidden_documents_have_is_no_slip(tmp_path: Path) -> None:
    texts = {"hidden": "oil pirces", **{f"open{n}": "oil prices" for n in range(5)}}
    with made(tmp_path, texts) as searcher:
        assert said(searcher.search("oil pirces", only=[f"open{n}" for n in range(5)])) == []


def test_a_slip_that_makes_a_word_of_the_other_layout(tmp_path: Path) -> None:
    """`nmae` is «тьфу» on the other keyboard. But so cheap a typo was made in its own layout, alone and beside "string"."""
    texts = {**{f"a{n}": "a string name here" for n in range(5)}, "b": "тьфу на вас"}
    with made(tmp_path, texts) as searcher:
        assert [(one.replacement, one.kind) for one in searcher.search("string nmae").corrections] == [
            ("name", "spelling")
        ]
        assert [(one.replacement, one.kind) for one in searcher.search("nmae").corrections] == [("name", "spelling")]


def test_known_words_are_no_guesses(searcher: Searcher) -> None:
    collection = searcher._opened().collection

    def is_known(word: str) -> bool:
        return is_known_word(collection, lemma_term(collection, word, word))

    assert all(map(is_known, ("homes", "home", "exchanges", "финансы", "англ.")[:4]))
    assert not any(map(is_known, ("exchnage", "pirces", "rtae", "финнасов")))


def test_a_name_in_another_form_is_known(tmp_path: Path) -> None:
    with made(tmp_path, {"a": "Назарбаев Токаева", "b": "сайтик"}) as searcher:
        for query in ("речь Токаевым", "Назарбаевым речь"):
            found = searcher.search(query)
            assert found.total == 1 and said(found) == []


def test_what_may_be_of_code() -> None:
    code = ("foo", "awk", "sed", "strncpy", "get_usr", "utf8", "CamelCase", "readLine", "x", "", "её", "node.js")
    assert not any(map(may_be_replaced, code))
    assert all(map(may_be_replaced, ("Englnad", "pirces", "ENGLNAD", "бльба", "Бльба", "dont't"[:4])))


def test_the_same_with_and_without_the_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, TEXTS).close()
    found = []
    for is_used in (core.is_used, False):
        monkeypatch.setattr(core, "is_used", is_used)
        with open_index(tmp_path) as searcher:
            asked = [searcher.search(row[0], limit=50) for row in table(MENDED)]
            found.append([([(hit.id, round(hit.score, 9)) for hit in one.hits], one.corrections) for one in asked])
    assert found[0] == found[1]


def test_so_many_unknown_words_are_looked_up(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    choices = mending.Mender._choices
    monkeypatch.setattr(mending.Mender, "_choices", lambda mender, word: asked.append(word) or choices(mender, word))
    searcher.search(" ".join(f"{first}{second}zzhu" for first in "bdfgk" for second in "aeiou"))
    assert 0 < len(asked) <= mending.MAX_UNKNOWN


def test_a_query_that_is_asked_again_is_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of the same documents. A newer state of the index, or others that may be found, have other neighbours."""
    asked = []
    choices = mending.Mender._choices
    monkeypatch.setattr(mending.Mender, "_choices", lambda mender, word: asked.append(word) or choices(mender, word))
    with made(tmp_path, {f"a{n}": "oil prices" for n in range(4)}) as searcher:
        for _ in range(2):
            assert said(searcher.search("oil pirces")) == ["pirces > prices (instead)"]
        assert asked == ["pirces"]
        assert said(searcher.search("oil pirces", only=["none"])) == []
        assert asked == ["pirces"] * 2
        with Writer(tmp_path) as writer:
            writer.add_many(Document(f"b{n}", "oil pierces") for n in range(9))
            for number in range(4):
                writer.delete(f"a{number}")
        searcher.refresh()
        assert said(searcher.search("oil pirces")) == ["pirces > pierces (instead)"]


def test_queries_of_known_words_are_not_looked_through(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "Mender", None)
    for query in ("oil prices", "Bank of England", "Sherlock Holmes", "homes AND built"):
        assert searcher.search(query).total


def test_a_word_typed_twice_is_mended_once(searcher: Searcher) -> None:
    found = searcher.search("oil pirces oil pirces")
    assert said(found) == ["pirces > prices (instead)"]
    assert {hit.id for hit in found.hits[:3]} <= {f"oil{number}" for number in range(4)}


words = st.sampled_from(
    ["oil", "pirces", "Benet", "homes", "of", "rtae", "foo", "премер-министр", "AND", "OR", "-", '"', "(", ")"]
)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, max_size=8).map(" ".join))
def test_mending_never_loses_a_document_of_a_word_that_is_known(searcher: Searcher, query: str) -> None:
    """Only `homes` may go, and only beside a word that was mended."""
    found, exact = (
        searcher.search(query, limit=200, snippets=0),
        searcher.search(query, limit=200, snippets=0, exact=True),
    )
    if not any(one.original == "homes" for one in found.corrections) and "-" not in query:
        assert {hit.id for hit in exact.hits} <= {hit.id for hit in found.hits}


def test_only_wanted_words_of_a_tree_are_replaced() -> None:
    slip = Word("pirces", None, 2.0)
    tree = Bool((Word("oil"), slip), (), (Word("pirces"), Phrase((Word("pirces"), Word("oil")))))
    meant = mended(tree, {"pirces": Mend("pirces", "prices", True, 1.0)})
    assert meant == Bool((Word("oil"), Word("prices", None, 2.0 * WEIGHT)), (), tree.must_not)
