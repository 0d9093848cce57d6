"""Does a search find what is meant: by synonyms, the other alphabet, the other keyboard, a slip, a related word? And say so?"""

from __future__ import annotations

import datetime
import gc
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from naidi import Document, Writer, sync
from naidi.indexer.errors import DocumentMissing
from naidi.search.budget import MAX_TERMS
from naidi.search.results import Hit, Results
from naidi.search.searcher import Searcher

# id | title | text. What is between two lines of dashes goes into a segment of its own.
LIBRARY = """
    who-en     | Health | The World Health Organization (WHO) recommends vaccines.
    who-ru     | Здоровье | Всемирная организация здравоохранения рекомендует прививки.
    voz        | | Эксперты ВОЗ приехали в Алматы.
    council    | | Совет ветеранов войны обсудил вопрос: организация праздника.
    ---
    tokayev    | | President Tokayev signed the decree. Tokayev went home.
    kassym     | | President Kassym-Jomart Kemelevich spoke.
    ashik-ru   | | Ашикбаева выступила на форуме.
    kazakh     | | Казахстанский экспорт вырос.
    kazakhstan | Казахстан сегодня | Урожай пшеницы.
    ---
    vaccine    | | The vaccination campaign started; vaccination is free.
    measles    | | Measles outbreaks and mumps.
    acronym    | | Центр социальных выплат (ЦСВ) открыт. Директор рад.
    user       | | Кашалоты ныряют глубоко.
    president  | | Президент подписал закон о бюджете.
    net        | | Сегодня его нет дома, а сеть net не работает.
"""


def library() -> Iterator[list[Document]]:
    for segment in LIBRARY.split("---"):
        rows = ([cell.strip() for cell in line.split("|")] for line in segment.strip().splitlines())
        yield [Document(id=doc_id, text=text, title=title) for doc_id, title, text in rows]


SYNONYMS = """\
# Words of our own
кашалот = морское чудовище = sperm whale
одиночка
"""


def made(directory: Path, *segments: Sequence[Document]) -> Searcher:
    with Writer(directory) as writer:
        for documents in segments:
            writer.add_many(documents)
            writer.commit()
    return Searcher(directory)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("answer")
    made(directory, *library()).close()
    (directory / "synonyms.txt").write_text(SYNONYMS, encoding="utf-8")
    with Searcher(directory) as opened:
        yield opened


def ids(results: Results) -> list[str]:
    return [hit.id for hit in results.hits]


def said(results: Results) -> list[tuple[str, str, str, str]]:
    return [(each.original, each.replacement, each.kind, each.action) for each in results.corrections]


def texts(documents: dict[str, str]) -> list[Document]:
    return [Document(id=doc_id, text=text) for doc_id, text in documents.items()]


# -- what is found

# query | found, in this order | found if exact
FOUND = """
    ВОЗ                                   | voz, who-ru, who-en        | voz
    воз                                   | voz                        | voz
    WHO                                   | who-en, voz, who-ru        | who-en
    World Health Organization             | who-en, who-ru, voz        | who-en
    всемирной организации здравоохранения | who-ru, voz, who-en, council | who-ru, council
    ЦСВ                                   | acronym                    | acronym
    кашалот                               | user                       | user
    sperm whale                           | user                       |
    морские чудовища                      | user                       |
    Токаев                                | tokayev                    |
    Токаеву                               | tokayev                    |
    Касым-Жомарт                          | kassym                     |
    Ashikbayeva                           | ashik-ru                   |
    Джонсон                               |                            |
    нет                                   | net                        | net
    net                                   | net                        | net
    ghtpbltyn                             | president                  |
    ghtpbltyn gjlgbcfk                    | president                  |
    mesles                                | measles                    |
    vacinnnation                          | vaccine, who-en            |
    казахстанский                         | kazakh, kazakhstan         | kazakh
"""


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()]


@pytest.mark.parametrize(("query", "found", "exactly"), table(FOUND))
def test_what_is_found(searcher: Searcher, query: str, found: str, exactly: str) -> None:
    def listed(cell: str) -> list[str]:
        return [doc_id.strip() for doc_id in cell.split(",") if doc_id.strip()]

    helped, exact = searcher.search(query, translate=False), searcher.search(query, exact=True)
    assert (ids(helped), helped.total) == (listed(found), len(listed(found)))
    assert (ids(exact), exact.total, exact.corrections) == (listed(exactly), len(listed(exactly)), ())


# query | what is said: typed > found (kind, action), in order
SAID = """
    рекомендует      |
    ЦСВ              | ЦСВ > центр социальных выплат (synonym, as well)
    World Health Organization   | World Health Organization > WHO (synonym, as well)
    Токаев           | Токаев > tokayev (romanisation, instead)
    Токаев Токаев    | Токаев > tokayev (romanisation, instead)
    ghtpbltyn ghtpbltyn | ghtpbltyn > президент (layout, instead)
    Касым-Жомарт     | касым жомарт > kassym jomart (romanisation, instead)
    ghtpbltyn        | ghtpbltyn > президент (layout, instead)
    ghtpbltyn gjlgbcfk | ghtpbltyn > президент (layout, instead); gjlgbcfk > подписал (layout, instead)
    ghbdtn           |
    mesles           | mesles > measles (spelling, instead)
    mesles mumps     | mesles > measles (spelling, instead)
    казахстанский    | казахстанский > казахстан (derivation, as well)
    Джонсон          |
    president -Токаев |
    кашалот          |
"""


@pytest.mark.parametrize(("query", "expected"), table(SAID))
def test_what_is_said_of_it(searcher: Searcher, query: str, expected: str) -> None:
    results = searcher.search(query, translate=False)
    shown = [f"{typed} > {found} ({kind}, {action})" for typed, found, kind, action in said(results)]
    if query == "World Health Organization":  # and the other members of its group
        shown = shown[:1]
    assert "; ".join(shown) == expected


def test_of_a_synonym_only_members_that_are_there_are_named(searcher: Searcher) -> None:
    named = {each.replacement for each in searcher.search("ВОЗ").corrections}
    assert {each.action for each in searcher.search("ВОЗ").corrections} == {"as well"}
    assert named == {"WHO", "World Health Organization", "Всемирная организация здравоохранения"}


# -- the words of a query tree


def test_excluded_words_are_taken_as_typed(searcher: Searcher) -> None:
    assert ids(searcher.search("president -Токаев")) == ids(searcher.search("president"))
    assert ids(searcher.search("president -Tokayev", translate=False)) == ["kassym"]
    assert "president" in ids(searcher.search("president -Tokayev")) and "tokayev" not in ids(
        searcher.search("president -Tokayev")
    )
    assert ids(searcher.search("рекомендует -ВОЗ", translate=False)) == ["who-ru"]
    # The words outside may begin a name that those inside go on with.
    assert ids(searcher.search("World -(health organization)", translate=False)) == []
    assert ids(searcher.search("World vaccination -(health AND organization)", translate=False)) == ["vaccine"]


def test_all_words_may_be_there_by_bridges(searcher: Searcher) -> None:
    assert ids(searcher.search("Токаев signed", mode="all")) == ["tokayev"]
    assert ids(searcher.search("Токаев vaccination", mode="all")) == []
    assert ids(searcher.search("эксперты World Health Organization", mode="all")) == ["voz"]
    spelt = searcher.search("mesles mumps", mode="all")
    assert (ids(spelt), said(spelt)) == (["measles"], [("mesles", "measles", "spelling", "instead")])


def test_two_words_without_the_blank(tmp_path: Path) -> None:
    segment = texts(
        {
            "both": "Я не знаю, что делать.",
            "apart": "Знаю ли я? Нет, не помню.",
            "other": "Hello world, said the keyboard.",
            "never": "The world is said to be hello.",
        }
    )
    with made(tmp_path, segment) as searcher:
        found = searcher.search("незнаю")
        assert (ids(found), said(found)) == (["both"], [("незнаю", "не знаю", "spelling", "instead")])
        found = searcher.search("helloworld")
        assert (ids(found), said(found)) == (["other"], [("helloworld", "hello world", "spelling", "instead")])
        found = searcher.search("helloworld делать")
        assert said(found) == [("helloworld", "hello world", "spelling", "offered")], "it never stands there"
        found = searcher.search("helloworld said")
        assert (set(ids(found)), said(found)) == (
            {"never", "other"},
            [("helloworld", "hello world", "spelling", "instead")],
        )
        assert ids(searcher.search("body:незнаю")) == ["both"]
        assert ids(searcher.search("title:незнаю")) == []
        # Both words are there, but never side by side.
        found = searcher.search("knowkeyboard saidhello")
        assert (ids(found), said(found)) == ([], [])
        assert ids(searcher.search("незнаю", exact=True)) == []


def test_a_field_is_kept(tmp_path: Path) -> None:
    segment = [
        Document(id="title", title="Tokayev speaks", text="Nothing else."),
        Document(id="body", title="News", text="Tokayev speaks"),
        Document(id="who", title="WHO report", text="Nothing else."),
        Document(id="long", title="News", text="World Health Organization"),
        Document(id="mixed", title="World", text="Health of an organization"),
    ]
    with made(tmp_path, segment) as searcher:
        assert ids(searcher.search("title:Токаев")) == ["title"]
        assert ids(searcher.search("body:Токаев")) == ["body"]
        assert ids(searcher.search("title:ВОЗ")) == ["who"]
        assert ids(searcher.search("body:ВОЗ")) == ["long"]
        assert ids(searcher.search("title:tokaev")) == ["title"]  # by spelling
        # Words of two fields are no name, nor is it one in the first word's field.
        found = searcher.search("title:World body:health body:organization")
        assert (set(ids(found)), found.corrections) == ({"mixed", "long"}, ())
        assert searcher.search("World body:health body:organization").corrections == ()


def test_a_boost_goes_over_bridges(searcher: Searcher) -> None:
    queries = ["Токаев", "ВОЗ", "mesles", "казахстанский", "World Health Organization", "Касым-Жомарт"]
    for query in queries:
        one, three = searcher.search(query), searcher.search(" ".join(f"{word}^3" for word in query.split()))
        scores = {hit.id: 3 * hit.score for hit in one.hits}
        assert {hit.id: hit.score for hit in three.hits} == pytest.approx(scores), query
        assert one.corrections == three.corrections, query


def test_phrases_are_taken_as_typed(searcher: Searcher) -> None:
    assert ids(searcher.search('"World Health Organization"')) == ["who-en"]
    assert ids(searcher.search("=Токаев")) == ids(searcher.search("Тока*")) == []


# -- scores


def test_derived_words_are_below_in_titles_of_very_different_lengths(tmp_path: Path) -> None:
    filler = " ".join(f"слово{number}" for number in range(400))
    rest = [Document(id=f"rest{number}", title="о", text=filler) for number in range(100)]
    long = Document(id="long", title=f"казахстанский {filler}", text="x")
    other = Document(id="other", title="Казахстан", text=filler)
    with made(tmp_path, [long, other, *rest]) as searcher:
        assert ids(searcher.search("title:казахстанский")) == ["long", "other"]


def test_a_derived_word_is_below_every_document_with_the_word(tmp_path: Path) -> None:
    filler = " ".join(f"слово{number}" for number in range(3000))
    word = [
        Document(id="long", text=f"казахстанский {filler}"),
        Document(id="short", text="казахстанский"),
        Document(id="long-title", title=f"казахстанский {filler}", text="x"),
    ]
    derived = [Document(id=f"other{number}", title="Казахстан", text="Казахстан " * 9) for number in range(3)]
    rest = [Document(id=f"rest{number}", title="о", text="прочее") for number in range(20)]
    with made(tmp_path, [*word, *derived], rest) as searcher:
        for query, expected in (
            ("казахстанский", {"long", "short", "long-title"}),
            ("title:казахстанский", {"long-title"}),
            ("body:казахстанский", {"long", "short"}),
        ):
            for narrowing in ({}, {"language": "ru"}):
                found = searcher.search(query, **narrowing)  # type: ignore[arg-type]
                own = [hit for hit in found.hits if not hit.id.startswith("other")]
                others = [hit for hit in found.hits if hit.id.startswith("other")]
                assert {hit.id for hit in own} <= expected and len(others) == 3, query
                assert narrowing or {hit.id for hit in own} == expected
                assert all(0 < other.score < hit.score for other in others for hit in own), query


def test_a_derived_word_adds_a_fifth_of_what_the_word_would(tmp_path: Path) -> None:
    """At most: a document that has another word of the query, and not one that is common, comes first."""
    segment = texts(
        {
            "word": "казахстанский урожай",
            "derived": "казахстан урожай",
            "other": "экспорт урожай",
            "again": "экспорт пшеницы",
            "more": "экспорт зерна",
        }
    )
    with made(tmp_path, segment) as searcher:
        found = searcher.search("казахстанский экспорт", explain=True)
        added = {hit.id: hit.score for hit in found.hits}
        assert 0.1 < added["derived"] / added["word"] <= 0.2
        assert ids(found)[0] == "word" and ids(found)[-1] == "derived"


def test_words_in_fifty_documents_need_nothing_derived(tmp_path: Path) -> None:
    common = texts({f"word{number}": "казахстанский экспорт" for number in range(50)})
    with made(tmp_path, common, texts({"derived": "казахстан"})) as searcher:
        found = searcher.search("казахстанский", 100)
        assert (found.total, found.corrections) == (50, ())
        with Writer(tmp_path) as writer:
            writer.delete("word0")
        assert searcher.refresh()
        assert ids(searcher.search("казахстанский", 100))[-1] == "derived"


def test_a_word_counts_the_documents_of_one_meaning(tmp_path: Path) -> None:
    """«Физику» is a form of «физика» and of «физик»: each document with it has both keys, and is still one document."""
    segment = texts({f"word{number}": "увидел физику" for number in range(30)} | {"derived": "физический"})
    with made(tmp_path, segment) as searcher:
        assert ids(searcher.search("физику", 100))[-1] == "derived"


def test_a_long_form_nowhere_does_not_take_the_weight_of_the_others(tmp_path: Path) -> None:
    """Its words are there, so that it is searched for, but the phrase is not."""
    segment = texts(
        {
            "words": "всемирная выставка, организация труда, министерство здравоохранения",
            "world": "the world, the health and an organization",
            "voz": "ВОЗ сообщила",
        }
    )
    with made(tmp_path, segment) as searcher:
        found = searcher.search("WHO", explain=True, translate=False)
        assert ids(found) == ["voz"] and found.hits[0].score > 0.5
        assert said(found) == [("WHO", "ВОЗ", "synonym", "instead")]


def test_parts_of_a_compound_count_beside_its_bridge(tmp_path: Path) -> None:
    segment = texts({"name": "касым-Jomart речь", "part": "речь: касым здесь", "other": "речь: слово здесь"})
    with made(tmp_path, segment) as searcher:
        found = searcher.search("Касым-Жомарт речь", explain=True)
        assert set(ids(found)) == {"name", "part", "other"}
        scores = {hit.id: hit.score for hit in found.hits}
        assert scores["part"] > 1.5 * scores["other"]
        for hit in found.hits:
            assert hit.explanation is not None
            assert sum(match.score for match in hit.explanation.matches) == pytest.approx(hit.score)


CALLS: dict[str, dict[str, Any]] = {
    "plain": {},
    "all": {"mode": "all"},
    "exact": {"exact": True},
    "recent": {"recent": True},
    "expand": {"expand": True},
    "by date": {"sort": "date"},
    "narrowed": {"since": datetime.date(2020, 1, 1), "language": "en"},
    "page": {"offset": 1, "limit": 2},
}
ASKED = ["WHO", "Токаев", "mesles", "ghtpbltyn", "mesles outbreaks", "казахстанский", "World Health Organization"]


@pytest.mark.parametrize("call", CALLS)
def test_ids_and_scores_are_those_of_the_hits(searcher: Searcher, call: str) -> None:
    arguments = CALLS[call]
    for query in ASKED:
        results = searcher.search(query, **arguments)
        expected = [(hit.id, pytest.approx(hit.score, rel=1e-9)) for hit in results.hits]
        assert searcher.search_ids(query, **arguments) == expected, query
        whole = searcher.search(query, **{**arguments, "limit": 100, "offset": 0})
        assert results.total == whole.total == len(whole.hits)


def test_a_slip_of_the_documents_is_mended_in_both_calls(tmp_path: Path) -> None:
    """A word that the index has, but hardly: where nothing is found it is searched for as what it may stand for."""
    right = [Document(id=f"r{number}", text="vaccination campaign", language="en") for number in range(300)]
    slip = [Document(id="slip", text="vaccinaton here", language="ru")]
    with made(tmp_path, right, slip) as searcher:
        shown = searcher.search("vaccinaton")
        assert (ids(shown), said(shown)) == (["slip"], [("vaccinaton", "vaccination", "spelling", "offered")])
        english = searcher.search("vaccinaton", language="en")
        assert english.total == 300
        assert [doc_id for doc_id, _ in searcher.search_ids("vaccinaton", language="en")] == ids(english)


@pytest.mark.parametrize(("slips", "offered"), [(5, True), (6, False)])
def test_a_word_of_more_than_five_documents_is_no_slip(tmp_path: Path, slips: int, offered: bool) -> None:
    """However many have the word that it resembles."""
    right = texts({f"right{number}": "vaccination" for number in range(100 * slips)})
    with made(tmp_path, right, texts({f"slip{number}": "vaccinaton" for number in range(slips)})) as searcher:
        found = searcher.search("vaccinaton")
        assert found.total == slips
        assert said(found) == [("vaccinaton", "vaccination", "spelling", "offered")] * offered


@pytest.mark.parametrize(
    ("typed", "latin", "cyrillic", "both"),
    [("Абдыкаликов", "Abdykalikova", "Абдекаликов", True), ("Шаяхметов", "Shayakhmetov", "Шаяхмитов", False)],
)
def test_a_name_that_sounds_only_roughly_alike_may_be_a_slip_as_well(
    tmp_path: Path, typed: str, latin: str, cyrillic: str, both: bool
) -> None:
    with made(tmp_path, texts({"latin": latin, "cyrillic": cyrillic})) as searcher:
        assert set(ids(searcher.search(typed))) == ({"latin", "cyrillic"} if both else {"latin"})
    with made(tmp_path / "alone", texts({"cyrillic": cyrillic})) as searcher:
        assert ids(searcher.search(typed)) == ["cyrillic"], "or the case above says nothing"


def test_what_was_asked_before_changes_nothing(tmp_path: Path) -> None:
    """Words that are looked up alike may be told apart by their endings."""
    made(tmp_path, *library(), texts({"she": "Ivanova came", "he": "Ivanov came"})).close()
    asked = ["Иванова", "Ивановой", "Токаева", "Токаев", "Ashikbayev's", "Ashikbayev", "WHO", "who", "Токаев^2"]

    def answers(queries: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
        with Searcher(tmp_path) as fresh:
            return {query: [(hit.id, hit.score) for hit in fresh.search(query).hits] for query in queries}

    assert answers(asked) == answers(asked[::-1])


# -- synonyms by their source


def test_a_learnt_synonym_goes_with_its_document(tmp_path: Path) -> None:
    defining = [Document(id="defines", text="Научно-исследовательский институт прудов (НИИП) открыт.")]
    using = texts({"short": "Доклад НИИП принят.", "other": "Суп."})
    with made(tmp_path, defining, using) as searcher:
        assert ids(searcher.search("НИИП")) == ["short", "defines"]
        assert [each.kind for each in searcher.search("НИИП").corrections] == ["synonym"]
        with Writer(tmp_path) as writer:
            writer.delete("defines")
        assert searcher.refresh()
        found = searcher.search("НИИП")
        assert (ids(found), found.corrections) == (["short"], ())


def test_a_line_that_cannot_be_read_is_a_warning(searcher: Searcher) -> None:
    found = searcher.search("sperm whale")
    (warning,) = found.warnings
    assert "synonyms.txt, line 3" in warning and ids(found) == ["user"]
    assert said(found) == [("sperm whale", "кашалот", "synonym", "instead")]
    assert searcher.search("sperm whale", exact=True).warnings == ()


# -- what is shown


def marked(hit: Hit) -> set[str]:
    return {snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks}


# query | first document | marked there | the bridge
SHOWN = """
    Токаев        | tokayev   | Tokayev            | romanisation of Токаев
    mesles        | measles   | Measles            | spelling of mesles
    ghtpbltyn     | president | Президент          | layout of ghtpbltyn
    sperm whale   | user      | Кашалоты           | synonym of sperm whale
    Касым-Жомарт  | kassym    | Kassym, Jomart     | romanisation of касым жомарт
    Ashikbayeva   | ashik-ru  | Ашикбаева          | romanisation of Ashikbayeva
"""


@pytest.mark.parametrize(("query", "first", "words", "bridge"), table(SHOWN))
def test_what_is_marked_and_explained(searcher: Searcher, query: str, first: str, words: str, bridge: str) -> None:
    hit = searcher.search(query, explain=True).hits[0]
    assert (hit.id, marked(hit)) == (first, set(words.split(", ")))
    assert hit.explanation is not None
    assert {match.bridge for match in hit.explanation.matches} == {bridge}


def test_explanations_add_up(searcher: Searcher) -> None:
    for query in [*ASKED, "Касым-Жомарт president", "World Health Organization Токаев", "covid-Tokayev ВОЗ president"]:
        for arguments in ({}, {"expand": True}, {"mode": "all"}):
            for hit in searcher.search(query, explain=True, **arguments).hits:  # type: ignore[arg-type]
                assert hit.explanation is not None
                total = sum(match.score for match in hit.explanation.matches)
                assert total == pytest.approx(hit.score), (query, hit.id)


# -- recent, expand, similar, suggest


def day(year: int) -> datetime.date:
    return datetime.date(year, 6, 1)


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    segment = [
        Document(id="new", text="Tokayev visited the town", date=day(2021)),
        Document(id="old", text="Tokayev visited the town", date=day(2011)),
        Document(id="middle", text="Tokayev visited the town", date=day(2018)),
        Document(id="undated", text="Tokayev visited the town"),
        Document(id="best", text="Tokayev Tokayev Tokayev", date=day(2001), language="ru"),
    ]
    directory = tmp_path_factory.mktemp("news")
    with made(directory, segment[:2], segment[2:]) as opened:
        yield opened


def test_newer_documents_rank_higher_if_that_is_wanted(news: Searcher) -> None:
    plain, recent = news.search("Токаев"), news.search("Токаев", recent=True, explain=True)
    assert ids(plain) == ["best", "middle", "new", "old", "undated"]
    order = [doc_id for doc_id in ids(recent) if doc_id not in ("best", "undated")]
    assert order == ["new", "middle", "old"] and recent.total == plain.total
    factors = {"new": 1.0}
    for hit in recent.hits:
        before = next(each.score for each in plain.hits if each.id == hit.id)
        assert hit.explanation is not None and 0.5 <= hit.score / before <= 1
        assert hit.explanation.formula.endswith(f"× recency {hit.score / before:.4f}")
        assert sum(match.score for match in hit.explanation.matches) == pytest.approx(before)
        assert hit.score == pytest.approx(before * factors.get(hit.id, hit.score / before))


def test_dates_and_languages_narrow_and_sort_what_bridges_find(news: Searcher) -> None:
    assert ids(news.search("Токаев", sort="date")) == ["best", "old", "middle", "new", "undated"]
    assert ids(news.search("Токаев", sort="-date")) == ["new", "middle", "old", "best", "undated"]
    since = news.search("Токаев", since=day(2018))
    assert (set(ids(since)), since.total) == ({"new", "middle"}, 2)
    assert ids(news.search("Токаев", until=day(2001))) == ids(news.search("Токаев", language="ru")) == ["best"]
    # What is asked for is known; that the filter leaves nothing is no reason to doubt it.
    nothing = news.search("Tokayev", since=day(2022))
    assert (ids(nothing), nothing.corrections) == ([], ())


def space(number: int) -> Document:
    crew = "экипаж вернулся" if number % 3 else "топливо сгорело"
    text = f"ракета стартовала с космодрома на орбиту {crew} номер{number}"
    return Document(
        id=f"space{number}", text=text, path=f"/somewhere/{number}.txt", language="ru", date=day(2000 + number)
    )


@pytest.fixture(scope="module")
def rockets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    orbit = Document(id="orbit", text="С космодрома на орбиту отправлен спутник", language="ru", date=day(1999))
    kitchen = [
        Document(id=f"soup{number}", text=f"суп варится в кастрюле {number}", language="ru") for number in range(9)
    ]
    with made(tmp_path_factory.mktemp("rockets"), [space(n) for n in range(12)], [orbit, *kitchen]) as opened:
        yield opened


def test_expanding_finds_more(rockets: Searcher) -> None:
    plain, more = rockets.search("ракета", limit=100), rockets.search("ракета", limit=100, expand=True)
    assert "orbit" not in ids(plain) and set(ids(plain)) < set(ids(more)) and "orbit" in ids(more)
    assert not any(doc_id.startswith("soup") for doc_id in ids(more))
    assert rockets.search("нигде", expand=True).total == 0


def test_what_an_expansion_adds_is_said(rockets: Searcher) -> None:
    plain, more = rockets.search("ракета"), rockets.search("ракета", expand=True, exact=True)
    assert not [one for one in plain.corrections if one.kind == "expansion"]
    assert more.corrections and {(one.original, one.kind, one.action, one.told) for one in more.corrections} == {
        ("ракета", "expansion", "as well", True)
    }
    weights = [one.confidence for one in more.corrections]
    assert weights == sorted(weights, reverse=True) and 0 < weights[-1] <= weights[0] <= 1
    words = {one.replacement for one in more.corrections}
    assert {"космодром", "орбита"} & words and "ракета" not in words


def test_a_careful_expansion_is_one_of_long_queries(tmp_path: Path) -> None:
    shared = "ракета экипаж космодром орбита двигатель"
    told = [Document(id=f"space{n}", text=shared + (" топливо" if n == 5 else ""), language="ru") for n in range(12)]
    others = [Document(id=f"soup{n}", text=f"суп варится в кастрюле {n}", language="ru") for n in range(30)]
    orbit = Document(id="orbit", text="С космодрома на орбиту отправлен спутник", language="ru")
    query = "ракета топливо корабль станция посадка отсек шлюз пульт люк кабель"
    with made(tmp_path, told, [orbit, *others]) as searcher:
        for asked, promises in ((query, True), (query.rpartition(" ")[0], False)):
            off, on, auto = (
                searcher.search(asked, limit=100, exact=True, expand=expand) for expand in (False, True, "auto")
            )
            assert "orbit" in ids(on) and "orbit" not in ids(off)
            expected = on if promises else off
            assert [(hit.id, hit.score) for hit in auto.hits] == [(hit.id, hit.score) for hit in expected.hits]
        whole = searcher.search(query, limit=100, exact=True, expand="auto")
        pages = [
            searcher.search(query, limit=5, offset=at, exact=True, expand="auto") for at in range(0, whole.total, 5)
        ]
        assert ids(whole) == [hit.id for page in pages for hit in page.hits]


@pytest.mark.parametrize("arguments", [{}, {"recent": True}, {"sort": "date"}])
def test_pages_of_an_expanded_search_fit_together(rockets: Searcher, arguments: dict[str, Any]) -> None:
    whole = rockets.search("ракета", limit=100, expand=True, **arguments)
    pages = [rockets.search("ракета", limit=5, offset=at, expand=True, **arguments) for at in range(0, whole.total, 5)]
    together = [(hit.id, pytest.approx(hit.score)) for page in pages for hit in page.hits]
    assert [(hit.id, hit.score) for hit in whole.hits] == together


def test_similar_documents_by_id_and_by_path(
    rockets: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = rockets.similar("space3", limit=100)
    assert "space3" not in ids(found) and found.total == len(found.hits) == 12
    assert {"orbit"} < set(ids(found)) and found.corrections == () and found.hits[0].snippets
    assert ids(rockets.similar("/somewhere/3.txt", limit=100)) == ids(found)
    monkeypatch.chdir("/")
    assert ids(rockets.similar("somewhere/3.txt", limit=3)) == ids(found)[:3]
    assert ids(rockets.similar("space3", limit=3, offset=2)) == ids(found)[2:5]
    assert rockets.similar("space3", language="en").total == 0
    with pytest.raises(DocumentMissing, match="space99"):
        rockets.similar("space99")


def test_similar_documents_of_a_file_wherever_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder" / "sub"
    folder.mkdir(parents=True)
    for name in "abc":
        (folder / f"{name}.txt").write_text("ракета стартовала с космодрома", encoding="utf-8")
    sync(tmp_path / "folder", tmp_path / "index")
    with Searcher(tmp_path / "index") as searcher:
        for place, name in ((folder, "a.txt"), (folder.parent, "sub/a.txt"), (tmp_path, "folder/sub/../sub/a.txt")):
            monkeypatch.chdir(place)
            assert [Path(hit.id).name for hit in searcher.similar(name).hits] == ["b.txt", "c.txt"]
        assert searcher.similar(str(folder / "b.txt")).total == 2
        monkeypatch.chdir(folder)
        with Writer(tmp_path / "index") as writer:
            writer.delete("folder/sub/a.txt")
        assert searcher.refresh()
        with pytest.raises(DocumentMissing):
            searcher.similar("a.txt")


def test_suggestions(searcher: Searcher) -> None:
    assert [each.text for each in searcher.suggest("the vacc")] == ["the vaccination", "the vaccines"]
    assert [(each.text, each.kind) for each in searcher.suggest("ghtpb")] == [("президент", "layout")]
    assert searcher.suggest("vacc", 1) == searcher.suggest("vacc")[:1]
    assert searcher.suggest("") == searcher.suggest("vacc ") == []


def test_an_empty_index(tmp_path: Path) -> None:
    calls: list[Callable[[Searcher], Results]] = [
        lambda searcher: searcher.search("Токаев WHO mesles"),
        lambda searcher: searcher.search("Токаев", recent=True, expand=True),
        lambda searcher: searcher.search("", expand=True),
    ]
    with made(tmp_path, []) as searcher:
        for call in calls:
            assert call(searcher).hits == call(searcher).corrections == ()


def test_a_name_that_the_index_has_leads_to_the_other_alphabet_too(tmp_path: Path) -> None:
    """«Токаев» is also a form of «токай» and «Путин» one of «путина», which dictionaries have; as names they have spellings."""
    texts = [
        "Президент Токаев встретил гостей.",
        "Tokayev met guests.",
        "Путин прибыл.",
        "Putin came.",
        "касым",
        "Kassym-Jomart",
    ]
    with made(tmp_path, [Document(id=text, text=text) for text in texts]) as searcher:
        for one, other in (("Токаев", "Tokayev"), ("Путин", "Putin"), ("Касым-Жомарт", "Kassym-Jomart")):
            found = {hit.id for hit in searcher.search(one).hits}
            assert next(text for text in texts if other in text) in found
        assert [hit.id for hit in searcher.search("net").hits] == []


def test_as_many_words_count_when_they_are_asked_again(tmp_path: Path) -> None:
    with made(tmp_path, [Document(id="a", text="one")]) as searcher:
        query = " ".join(f"word{number}" for number in range(MAX_TERMS + 2))
        warnings = [searcher.search(query).warnings for _ in range(2)]
        assert warnings[0] == warnings[1]
        assert f"the query has 2 words more than {MAX_TERMS}: they were left out" in warnings[0]


def test_nothing_of_an_older_state_is_kept(tmp_path: Path) -> None:
    """What leads from word to word belongs to a state of the index and goes with it."""
    searcher = made(tmp_path, [Document(id="a", text="The World Health Organization (WHO) met.")])
    searcher.search("WHO")
    old = weakref.ref(searcher._opened().collection)
    with Writer(tmp_path) as writer:
        writer.add(Document(id="b", text="more"))
    gc.disable()
    try:
        assert searcher.refresh()
        assert old() is None
    finally:
        gc.enable()
