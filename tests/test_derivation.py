"""Are words of one root found in an index, and only those?

The tables are the specification. `FAMILIES`: the first word of a line leads to each of the others. `TRAPS`: no word of a line leads
to another of it.
"""

from __future__ import annotations

import re
import time
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.meaning import derivation as benchmark
from indexes import build, documents
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.normalize import fold_yo
from naidi.indexer.document import Document
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.bridges.derivation import Derivation, Relative, derivation, relatives
from naidi.search.bridges.derived_names import plausible
from naidi.search.collection import Collection
from naidi.search.query.rewrite import lemma_term

BRIDGES = Path(__file__).parents[1] / "search" / "bridges"

FAMILIES = """
казахстан казахстанский казахстанец
вакцина вакцинация вакцинировать вакцинный
вакцинация вакцина вакцинировать
экономика экономический экономист
япония японский японец
россия российский россиянин
директор директорский
европа европейский европеец
лондон лондонский
физика физический физик
история исторический историк
капитализм капиталист капиталистический
регистрация регистрировать регистратор регистрационный
писать писатель писательский
строить строительство строитель
книга книжный
дорога дорожный
больница больничный
государство государственный
разработка разработчик разработать
закон законность законник
kazakhstan kazakhstani
vaccine vaccination vaccinate
develop development developer
economy economic economist
music musical musician
produce production producer productive
decide decision decisive
secure security
possible possibility
happy happiness
hope hopeful hopeless
teach teacher
write writer
free freedom
"""

TRAPS = """
порт портрет портной
стол столица
гора город
партия партнер
орган организация
новый новость
банк банка
кот котел
рис рисунок
мать матрица
part party partner
organ organize
organ organism
new news
university universe
port portal portrait
count county
count country
count counter
import important
arm army
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def candidates(word: str) -> set[str]:
    return derivation("english" if word.isascii() else "russian").candidates(word)


def opened(directory: Path, *texts: str) -> Collection:
    build(directory, documents(*texts))
    return Collection(open_generation(directory))


def names(found: list[Relative]) -> list[str]:
    return [relative.key for relative in found]


@pytest.mark.parametrize("line", rows(FAMILIES), ids=" ".join)
def test_words_of_one_root_are_relatives(line: list[str]) -> None:
    assert set(line[1:]) <= candidates(line[0])


@pytest.mark.parametrize("line", rows(TRAPS), ids=" ".join)
def test_words_that_begin_alike_are_none(line: list[str]) -> None:
    assert not [(a, b) for a, b in permutations(line, 2) if b in candidates(a)]


@settings(max_examples=300)
@given(
    st.one_of(
        st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=3, max_size=12),
        st.sampled_from([word for table in (FAMILIES, TRAPS) for line in rows(table) for word in line]),
    )
)
def test_relatives_are_mutual(word: str) -> None:
    for other in candidates(word):
        assert other != word and word in candidates(other), other


# In an index


def test_only_words_of_the_index_are_found(tmp_path: Path) -> None:
    collection = opened(tmp_path, "Казахстанские учёные", "портреты", "Экономисты и экономика", "экономический рост")
    assert names(relatives(collection, ("казахстан",))) == ["казахстанский"]
    assert names(relatives(collection, ("порт",))) == []
    assert set(names(relatives(collection, ("экономика",)))) == {"экономист", "экономический"}
    assert relatives(collection, ("казахстанский",)) == []  # the index has no казахстан


def test_what_shares_a_stem_is_left_out(tmp_path: Path) -> None:
    assert stem("develop") == stem("development") == stem("developer") != stem("developmental")
    collection = opened(tmp_path, "They develop the development of a developer; developmental")
    assert names(relatives(collection, ("develop",))) == ["developmental"]
    unknown = opened(tmp_path / "2", "vaccination")
    assert names(relatives(unknown, ("vaccinate",))) == ["vaccination"]  # without a form there is no stem to compare


def test_the_most_similar_come_first_and_no_more_than_wanted(tmp_path: Path) -> None:
    collection = opened(tmp_path, "японский японец японка Японией россиянин российский")
    found = relatives(collection, ("япония",))
    assert [relative.similarity for relative in found] == sorted((r.similarity for r in found), reverse=True)
    assert all(0 < relative.similarity < 1 for relative in found)
    assert names(found) == ["японец", "японка", "японский"]
    assert relatives(collection, ("япония",), limit=1) == found[:1]
    assert set(names(relatives(collection, ("япония", "россия")))) == {*names(found), "россиянин", "российский"}
    assert "японец" not in names(relatives(collection, ("япония", "японец")))


def test_all_segments_count_and_deleted_documents_do_not(tmp_path: Path) -> None:
    build(tmp_path, [Document(id="1", text="казахстанский")])
    build(tmp_path, [Document(id="2", text="казахстанец"), Document(id="3", text="казахстанка Казахстан")])
    assert len(names(relatives(Collection(open_generation(tmp_path)), ("казахстан",)))) == 3
    with Writer(tmp_path) as writer:
        writer.delete("2")
    assert set(names(relatives(Collection(open_generation(tmp_path)), ("казахстан",)))) == {
        "казахстанский",
        "казахстанка",
    }


@pytest.mark.parametrize(
    "keys", [(), ("",), ("а",), ("2021",), ("covid19",), ("ВОЗ",), ("қазақстан",), ("а" * 1000,), ("x\n",)]
)
def test_what_is_no_word_has_no_relatives(keys: tuple[str, ...], tmp_path: Path) -> None:
    assert relatives(opened(tmp_path, "казахстанский economics"), keys) == []


def test_an_index_without_documents_has_no_relatives(tmp_path: Path) -> None:
    assert relatives(opened(tmp_path), ("казахстан",)) == []


def test_many_words_with_one_beginning_are_not_read(tmp_path: Path) -> None:
    """Words are asked for one by one where too many begin alike, with the same answer."""
    letters = "абвгдежзик"
    crowd = " ".join(f"строи{a}{b}{c}{d}ж" for a in letters for b in letters for c in letters for d in letters[:2])
    collection = opened(tmp_path, "строитель строительство", crowd)
    start = time.thread_time()
    found = names(relatives(collection, ("строить",)))
    assert time.thread_time() - start < 0.1
    assert found == ["строитель", "строительство"]


# The tables


@pytest.mark.parametrize("path", sorted(BRIDGES.glob("derivation_*.txt")), ids=lambda path: path.name)
def test_tables_are_folded_and_free_of_repeats(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(set(lines)) == len(lines)
    for line in lines:
        assert line == fold_yo(line.lower()), line
        words = line.split()
        assert len(set(words)) == len(words), line
        assert re.fullmatch("[0-9]+|[=!~]", words[0]), line


@pytest.mark.parametrize("line", ["а ный", "4", "4 а"])
def test_a_line_that_cannot_be_read_is_reported(line: str, tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_text(f"# fine\n4 а ный\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.txt, line 3"):
        Derivation(tmp_path / "broken.txt")


def test_signs_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_text("~ г:ж х:ш\n3 а ~ный\n4 - ский\n= франция французский\n! мухар мухарский\n", encoding="utf-8")
    table = Derivation(path)
    assert table.candidates("книга") == {"книжный"}
    assert table.candidates("книжный") == {"книга", "книжа"}
    assert table.candidates("лапа") == {"лапный"}
    assert table.candidates("лондон") == {"лондонский"}
    assert table.candidates("лон") == set()
    assert table.candidates("франция") == {"французский"}
    assert table.candidates("мухар") == table.candidates("мухарский") == set()


@pytest.mark.parametrize(
    ("typed", "others", "found"),
    [
        ("Chester", "chest", ""),
        ("chester", "chest", ""),
        ("Калинин", "калина", ""),
        ("salami", "salam", ""),
        ("Baltic", "balt", ""),
        ("tropical", "trop tropic", "tropic"),
        ("tokenizer", "token", "token"),
        ("Londoner", "london", "london"),
        ("Mexican", "mexico", "mexico"),
        ("Germany", "german", "german"),
        ("Kazakhstan", "kazakhstani", "kazakhstani"),
        ("Vaccination", "vaccine", "vaccine"),
        ("японский", "япония", "япония"),
        ("Япония", "японский", "японский"),
        ("Узбекистан", "узбек", "узбек"),
        ("Москва", "москвич", "москвич"),
        ("литва", "литовский", "литовский"),
        ("Турция", "турок", "турок"),
    ],
)
def test_what_may_stand_for_a_word_that_the_index_lacks(typed: str, others: str, found: str, tmp_path: Path) -> None:
    collection = opened(tmp_path, *others.split())
    word = lemma_term(collection, typed, typed)
    assert names(plausible(collection, word, [Relative(other, 0.8) for other in others.split()])) == found.split()


# The benchmark's own arithmetic


def test_the_benchmark_reads_families_and_traps() -> None:
    found = list(benchmark.pairs("# no\nёлка елочный ёлки\n! part party\n"))
    assert [(pair.language, pair.word, pair.other, pair.trap) for pair in found] == [
        ("ru", "елка", "елочный", False),
        ("en", "part", "party", True),
    ]
    assert not benchmark.related(found[1])
