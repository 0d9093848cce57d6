"""Does a query over the words of a cluster mean the same as over a local index of the same documents?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import pytest

from mirrors import definitions_of, mirrored, rows_of
from naidi.indexer import core
from naidi.indexer.document import Document
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.bridges.spelling import corrections, worth_offering
from naidi.search.bridges.word_bridges import bridges_of
from naidi.search.collection import Collection
from naidi.search.opensearch.mirror import Mirror
from naidi.search.opensearch.mirror_folder import MirrorFolder
from naidi.search.opensearch.words_collection import KeyCounts, WordsCollection
from naidi.search.query.analysed import AnalysedNode, Bridged, Combination, Compound, NearPhrase, Term
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.evaluate import Evaluation
from naidi.search.read_query import QueryReader
from naidi.search.suggest.suggest import suggest

TEXTS = """
    The World Health Organization (WHO) recommends a vaccine. Vaccines save children.
    The World Health Organization (WHO) met in Geneva; the governments were slow.
    Всемирная организация здравоохранения (ВОЗ) рекомендует вакцину. Вакцины спасают детей.
    Всемирной организации здравоохранения (ВОЗ) верят врачи Казахстана.
    President Tokayev spoke about vaccination and the railway in Kazakhstan.
    О Токаеве писали газеты Алматы; вакцинация началась весной.
    Шекспир написал «Гамлета». Пьесы Шекспира ставят в театрах.
    Hamlet by Shakespeare is a tragedy. A theatre shows the play; children went home.
    Книга о железной дороге: поезда, вагоны, рельсы и книги о них.
    A book about trains, cars, automobiles and the railways of Russia. The books are old.
    Компьютер считает быстро. Компьютеры и программы, веб-сервис и вебсервис.
    A computer computes; computation by a computer program, a web service and programs.
    The government governs. Governments and the governor, governors govern.
    Правительство правит. Правительства и правители, правительственный вестник.
    COVID and coronavirus; the corona virus of the pandemic. Covid, covid.
    Ёлка и елка, берёзы. Он пьёт воду, а воз и ныне там.
    Автомобиль едет по дороге, машина стоит. Дороги, дорогой и дороже.
    The definition of a function is given: functions, functional, defined and definite.
    Functions of the government: to build roads and to buy computers for schools.
    Школы и школьники, учитель учит детей. Учителя и ученики школы.
    Schools, pupils and teachers: a teacher teaches the pupils at school.
    Германия и Россия подписали договор. Немецкий поезд и русский вагон.
    Germany and Russia signed a treaty. The German train and the Russian railway car.
    The Regional Office of Tall Bridges (ROTB) builds; an office, a bridge.
    Regional Office of Tall Bridges (ROTB): tall offices.
    Книги, книг, книгами, книжный магазин и книжная полка; читатель читает книгу.
"""
WORDS = """
    vaccine vaccines вакцина вакцины vacine vacsine вакцына вакина ваццина goverment government governor правительство правителство
    shakespeare шекспир shekspir шекспира шекспер tokayev токаев токаева tokaev казахстан kazakhstan казакстан
    dfrwbyf мфссшту rybuf книга книги книжный книгой книгга book books boook автомобиль машина car automobile
    computer компьютер комьютер kompyuter who воз WHO ВОЗ covid COVID ковид коронавирус coronavirus елка ёлка берёза
    railway железная дорога школа school schools учитель teacher teachers treaty договор definite definately function
    веб-сервис вебсервис web-service webservice germany германия немецкий german zzz ъъъ children child went go дети
"""
QUERIES = """
    world health organization; всемирная организация здравоохранения; WHO vaccine; железная дорога; corona virus; web service;
    вакцина для детей; goverment function; "железной дороге"; книга -computer; title:school; шекспир hamlet; комп*; the who of it
"""


class Same(NamedTuple):
    """A local index and what stands for it."""

    local: Collection
    mirror: Mirror

    def words(self, counts: KeyCounts | None = None) -> WordsCollection:
        return mirrored(self.local, self.mirror, counts)


@pytest.fixture(scope="module", params=["core", "python"])
def by_core(request: pytest.FixtureRequest) -> Iterator[bool]:
    """With and without the compiled core."""
    used = request.param == "core"
    if used and not core.is_used:
        pytest.skip("the core was not built, or NAIDI_PURE switches it off")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("naidi.indexer.core.is_used", used)
        yield used


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory, by_core: bool) -> Same:
    directory = tmp_path_factory.mktemp("local") / "index"
    texts = [line.strip() for line in TEXTS.strip().splitlines()]
    docs = [
        Document(id=f"{number}", title=text.split(".")[0] if number % 3 else "", text=text)
        for number, text in enumerate(texts)
    ]
    with Writer(directory) as writer:
        writer.add_many(docs)
    mirror = Mirror(MirrorFolder(tmp_path_factory.mktemp("cache") / "a" / "b" / "c"))
    rows = rows_of(directory, docs)
    # Some words, and one document of each of some others, come with a later change: all words of a stem together, since in every
    # index words are only known to be of one stem where one segment has both.
    stems = {stem: number for number, stem in enumerate(sorted({row.stem for row in rows}))}
    first = [row._replace(docs=max(row.docs - (stems[row.stem] % 7 == 0), 1)) for row in rows if stems[row.stem] % 10]
    mirror.take(first, 7, len(docs))
    mirror.take(rows, 9, len(docs))
    mirror.take_definitions(definitions_of(directory), "now")
    assert len(mirror.state.segments) == 3
    return Same(Collection(open_generation(directory)), mirror)


def shape(node: AnalysedNode) -> Any:
    """What a query asks for, as values that can be compared."""
    if isinstance(node, Bridged):
        others = [(shape(one.node), one.kind, round(one.weight, 6)) for one in node.alternatives]
        return shape(node.own), others
    if isinstance(node, Combination):
        return [list(map(shape, nodes)) for nodes in (node.must, node.should, node.must_not)]
    if isinstance(node, Compound):
        return shape(node.phrase)
    return node.identity if isinstance(node, (Term, NearPhrase)) else repr(node)


def reading(collection: Collection, query: str) -> Any:
    found = QueryReader(collection, "any", (), bridges_of(collection)).read(query)
    return found.root and shape(found.root), found.has_unknown, found.layout_corrections, found.warnings


Found = TypeVar("Found")


def exactly(same: Same, ask: Callable[[Collection], Found]) -> Found:
    """What is found when all counts that were estimated have been asked for, as they would be of the cluster."""
    words = same.words()
    found = ask(words)
    for _ in range(5):
        if not words.asked:
            return found
        settled = words.settled({key: same.local.doc_freq((key,)) for key in words.asked})
        if settled is not words:
            words, found = settled, ask(settled)
    raise AssertionError("no end of questions")


def test_forms_are_known_as_the_local_index_knows_them(same: Same) -> None:
    words = same.words()
    forms = [form for segment in same.local.segments for form in segment.forms]
    assert len(forms) > 150
    for form in (*forms, "nowhere", "нигде"):
        assert words.known_form(form) == same.local.known_form(form)


def test_keys_are_known_and_common_as_the_local_index_says(same: Same) -> None:
    words = same.words()
    for key in (*same.local.segments[0].keys, "nowhere"):
        assert words.knows_key(key) == same.local.knows_key(key)
        assert words.is_common_key(key) == same.local.is_common_key(key)
    assert words.knows_any(("nowhere", "government")) and not words.knows_any(("nowhere", "нигде"))


def test_the_documents_of_a_key_of_one_form_are_right_without_asking(same: Same) -> None:
    segment = same.local.segments[0]
    words = same.words()
    alone = [key for number, key in enumerate(segment.keys) if len(segment.forms_of_key_number(number)) == 1]
    assert len(alone) > 80
    assert [words.doc_freq((key,)) for key in alone] == [same.local.doc_freq((key,)) for key in alone]


def test_the_documents_of_a_key_of_several_forms_are_between_those_of_one_and_of_all(same: Same) -> None:
    words = same.words()
    segment = same.local.segments[0]
    several = 0
    for number, key in enumerate(segment.keys):
        forms = [segment.forms[form] for form in segment.forms_of_key_number(number).tolist()]
        docs = [sum(part.docs_of_form(form) for part in same.mirror.state.segments) for form in forms]
        several += len(forms) > 1
        assert max(docs) <= words.doc_freq((key,)) <= min(sum(docs), same.local.doc_count)
    assert several > 20


def test_what_is_estimated_is_asked_for(same: Same) -> None:
    counts = KeyCounts()
    words = same.words(counts)
    about = words.doc_freq(("book", "nowhere"))
    assert words.asked == {"book": about}  # that no document has the other is certain
    assert words.settled({"book": about}) is words and not words.asked
    assert words.doc_freq(("book",)) == about and not words.asked


def test_a_wrong_estimate_is_forgotten_with_all_that_was_learnt_from_it(same: Same) -> None:
    counts = KeyCounts()
    words = same.words(counts)
    assert words.knows_any(("book",)) and bridges_of(words) is bridges_of(words)
    settled = words.settled({"book": 0})
    assert settled is not words and bridges_of(settled) is not bridges_of(words)
    assert not settled.knows_any(("book",)) and settled.doc_freq(("book",)) == 0 and not settled.asked
    assert same.words(counts).doc_freq(("book",)) == 0
    counts.forget()
    assert same.words(counts).doc_freq(("book",)) > 0


@pytest.mark.parametrize("word", WORDS.split())
def test_a_word_has_the_same_alternatives(same: Same, word: str) -> None:
    assert exactly(same, lambda collection: reading(collection, word)) == reading(same.local, word)


@pytest.mark.parametrize("query", list(map(str.strip, QUERIES.split(";"))))
def test_a_query_is_read_in_the_same_way(same: Same, query: str) -> None:
    assert exactly(same, lambda collection: reading(collection, query)) == reading(same.local, query)


@pytest.mark.parametrize("word", WORDS.split())
def test_the_same_spelling_is_offered(same: Same, word: str) -> None:
    def offered(collection: Collection) -> list[tuple[str, float, int]]:
        found = corrections(collection, word, limit=1)
        return [tuple(one) for one in found if worth_offering(collection, word, one)]

    assert exactly(same, offered) == offered(same.local)


@pytest.mark.parametrize(
    "typed", ["вак", "vacc", "gov", "книг", "шк", "co", "dfr", "the gover", "tea", "ел", "ВОЗ", "gvern", "wen"]
)
def test_the_same_words_complete_what_is_typed(same: Same, typed: str) -> None:
    found = exactly(same, lambda collection: [(one.text, one.doc_freq, one.kind) for one in suggest(collection, typed)])
    if " " in typed:  # nobody knows what stands behind a word
        assert {text for text, _, _ in found} == {one.text for one in suggest(same.local, typed)}
    else:
        assert found == [(one.text, one.doc_freq, one.kind) for one in suggest(same.local, typed)]


def test_acronyms_count_as_the_documents_define_them(same: Same) -> None:
    read = reading(same.local, "ROTB")
    assert "office" in str(read[0])
    assert exactly(same, lambda collection: reading(collection, "ROTB")) == read
    without = Mirror(MirrorFolder(None))
    without.take([row for segment in same.mirror.state.segments for row in segment.rows()], 1, 24)
    assert "office" not in str(reading(mirrored(same.local, without), "ROTB"))


def test_forms_are_told_for_keys_and_stems(same: Same) -> None:
    words = same.words()
    assert words.forms_of_keys(("book", "книга")) == ["book", "books", "книг", "книга", "книгами", "книги", "книгу"]
    assert words.forms_of_stem("teacher") == ["teacher", "teachers"]
    assert words.forms_of_keys(("nowhere",)) == words.forms_of_stem("nowhere") == []


@pytest.mark.parametrize("section", ["lists.docs", "lists.codes", "positions", "tags", "places.ends"])
def test_where_words_stand_cannot_be_asked(same: Same, section: str) -> None:
    for segment in same.mirror.state.segments:
        with pytest.raises(NotImplementedError, match="does not know where"):
            segment.container[section]
        with pytest.raises(NotImplementedError, match="does not know where"):
            segment.container.items(section)


def test_documents_cannot_be_ranked(same: Same, by_core: bool) -> None:
    words = same.words()
    root = QueryReader(words, "any", (), None).read("vaccine").root
    assert root is not None
    with pytest.raises((NotImplementedError, IndexError)):
        Evaluation(words, root, RankingParameters()).segment(0)
    with pytest.raises(NotImplementedError):
        words.narrowed([])
