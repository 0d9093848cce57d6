"""Words and names of one alphabet found in the other: tables of spellings, and what must not be found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexes import build, documents
from naidi.indexer import core
from naidi.indexer.analysis.skeleton import is_cyrillic, skeleton
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.bridges import romanisation
from naidi.search.bridges.correspondences import Correspondences, correspondences
from naidi.search.bridges.near_skeletons import MOST, near_skeletons
from naidi.search.bridges.romanisation import candidates, is_written_otherwise
from naidi.search.collection import Collection

# A Russian word, and it in Latin letters: BGN/PCGN, ISO 9 (GOST 7.79 A), GOST 7.79 B, ICAO 9303 (passports), and as people write.
STANDARDS = """
щукин: shchukin ŝukin shhukin schukin
хрущев: khrushchev hruŝëv xrushhyov khrushchev hruschev khruschev
жуков: zhukov žukov zhukov zhukov jukov
юрий: yuriy ûrij yurij iurii yuri jurij
чайковский: chaykovskiy čajkovskij chajkovskij chaikovskii tchaikovsky tschaikowski
цветаев: tsvetayev cvetaev zwetajew
вакцинация: vaktsinatsiya vakcinaciâ vakcinaciya vaktsinatsiia vakcinacija
эйзенштейн: eyzenshteyn èjzenštejn e`jzenshtejn eizenshtein
яковлев: yakovlev âkovlev yakovlev iakovlev jakowlew
сыктывкар: syktyvkar syktyvkar sy`kty`vkar syktyvkar siktivkar
объезд: obyezd obʺezd ob''ezd obieezd obezd
соловьев: solov'yev solovʹëv solov'yov solovev solovyov
алексеевич: alekseyevich alekseevič alekseevich alekseevich
мухаммедов: mukhammedov muhammedov
"""

# Names that Russian writes by ear, and words; they are found both ways.
NAMES = """
токаев: tokayev tokaev
гебрейесус: ghebreyesus
ковид: covid
черчилль: churchill
уотсон: watson
вильгельм: wilhelm
джонсон: johnson
мишель: michelle
ямамото: yamamoto
хоккайдо: hokkaido
киссинджер: kissinger
байден: biden
макрон: macron
эйнштейн: einstein
пекин: peking
нурсултан: nursultan
назарбаев: nazarbayev nazarbaev
алматы: almaty
филадельфия: philadelphia
кембридж: cambridge
ксенофонт: xenophon
"""
OTHERS = "вода стол нет он дом тень тема сад кот река мост school table water house river bridge garden market winter"


def rows(text: str) -> list[tuple[str, str]]:
    return [
        (russian, latin)
        for russian, spellings in (row.split(": ") for row in text.strip().splitlines())
        for latin in dict.fromkeys(spellings.split())
    ]


@pytest.fixture(scope="module")
def russian(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return collection_of(
        tmp_path_factory.mktemp("russian"), {each for each, _ in [*rows(STANDARDS), *rows(NAMES)]} | set(OTHERS.split())
    )


@pytest.fixture(scope="module")
def latin(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return collection_of(tmp_path_factory.mktemp("latin"), {each for _, each in rows(NAMES)} | set(OTHERS.split()))


@pytest.fixture
def uncommon(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The only keys that pass for names. The core asks the index alone which are common, so it is off."""
    monkeypatch.setattr(core, "is_used", False)
    names: set[str] = set()
    monkeypatch.setattr(romanisation, "is_common", lambda segment, key: segment.keys[key] not in names)
    yield names


def collection_of(directory: Path, words: set[str]) -> Collection:
    build(directory, documents(*sorted(words)))
    return Collection(open_generation(directory))


def found(collection: Collection, word: str, *, strict: bool = False) -> list[str]:
    return [candidate.key for candidate in candidates(collection, word, strict=strict)]


@pytest.mark.parametrize(("expected", "word"), rows(STANDARDS) + rows(NAMES))
def test_latin_words_find_russian_ones(russian: Collection, expected: str, word: str) -> None:
    assert expected in found(russian, word)[:2]


@pytest.mark.parametrize(("word", "expected"), rows(NAMES))
def test_russian_words_find_latin_ones(latin: Collection, word: str, expected: str) -> None:
    assert expected in found(latin, word)[:3]


@pytest.mark.parametrize("word", ["Токаев", "Токаева", "Токаеву", "Токаевым", "Токаеве", "ТОКАЕВ", "токаев"])
def test_every_case_finds_the_name(latin: Collection, word: str) -> None:
    assert {"tokayev", "tokaev"} <= set(found(latin, word))


@pytest.mark.parametrize("word", ["Tokayev", "TOKAYEV", "Tokayev's", "Tokayev’s", "tokayevs"])
def test_english_forms_find_the_name(russian: Collection, word: str) -> None:
    assert found(russian, word)[0] == "токаев"


@pytest.mark.parametrize(
    ("word", "expected"),
    [("4elovek", ["человек"]), ("no4", ["ночь"]), ("mp4", []), ("h264", []), ("4", []), ("44", [])],
)
def test_four_may_stand_for_che(tmp_path: Path, word: str, expected: list[str]) -> None:
    assert found(collection_of(tmp_path, {"человек", "ночь", "мопед"}), word) == expected


@pytest.mark.parametrize("word", ["Хрущёв", "хрущев"])
def test_yo_may_be_written_either_way(tmp_path: Path, word: str) -> None:
    assert found(collection_of(tmp_path, {"khrushchev"}), word) == ["khrushchev"]


@pytest.mark.parametrize(
    "word", ["", "4", "42", "漢字", "...", "x" * 1000, "щ" * 1000, "zzyzx", "\0", "'", "^$", "a\u0301", "q'q"]
)
def test_nothing_is_found_for_what_is_like_nothing(russian: Collection, word: str) -> None:
    assert found(russian, word) == []


@pytest.mark.parametrize(
    "word", ["washington", "brontosaurus", "philosopher", "kubernetes", "strength", "weather", "pneumonia"]
)
def test_words_without_a_counterpart_find_nothing(russian: Collection, word: str) -> None:
    assert found(russian, word) == []


@pytest.mark.parametrize("word", ["net", "on", "dom", "tema", "voda", "sad"])
def test_common_words_are_not_found_under_strict(russian: Collection, word: str) -> None:
    assert found(russian, word, strict=True) == []


def test_known_words_lead_to_names_that_are_near_certain(russian: Collection, uncommon: set[str]) -> None:
    uncommon |= {"токаев", "назарбаев", "нет", "ксенофонт"}
    assert found(russian, "Tokayev", strict=True) == ["токаев"]
    assert found(russian, "Nazarbayev", strict=True) == ["назарбаев"]
    assert found(russian, "net", strict=True) == []  # too short to tell
    assert found(russian, "table", strict=True) == []
    assert found(russian, "Churchill", strict=True) == []  # common here


@pytest.mark.parametrize(
    ("word", "other", "is_found"),
    [
        ("Байден", "biden", True),  # two names, at .59
        ("Chirac", "крак", False),  # at .38
        ("Шекспир", "shakespeare", False),  # at .40: right, but of ten so far apart one is
        ("vakcinaciya", "вакцинация", True),  # a common word and none, at .74
        ("Сальери", "salary", False),  # at .50
        ("Norman", "норма", False),
        ("concat", "кончать", False),
        ("president", "президент", True),  # two common words, at .78
        ("herb", "герб", False),  # at .76
        ("tyre", "тире", False),
        ("myth", "мыть", False),
        ("park", "парк", True),
    ],
)
def test_common_words_have_a_meaning_of_their_own(tmp_path: Path, word: str, other: str, is_found: bool) -> None:
    assert found(collection_of(tmp_path, {other}), word) == [other] * is_found


@pytest.mark.parametrize(("word", "is_it"), [("Lev", True), ("Tokayev", True), ("on", False), ("ghbdtn", False)])
def test_words_almost_certainly_written_in_the_other_alphabet(tmp_path: Path, word: str, is_it: bool) -> None:
    assert is_written_otherwise(collection_of(tmp_path, {"лев", "токаев", "он"}), word) is is_it


def test_candidates_of_the_same_alphabet_are_none(latin: Collection, russian: Collection) -> None:
    assert found(latin, "tokayev") == found(russian, "токаев") == []


def test_one_index_of_both_alphabets(tmp_path: Path) -> None:
    both = collection_of(tmp_path, {"токаев", "tokayev", "вода", "water"})
    assert found(both, "tokaev") == ["токаев"]
    assert found(both, "токаевым") == ["tokayev"]


def test_deleted_documents_are_not_found(tmp_path: Path) -> None:
    build(tmp_path, documents("tokayev", "ковид"))
    with Writer(tmp_path) as writer:
        writer.delete("0")
    live = Collection(open_generation(tmp_path))
    assert found(live, "токаев") == []
    assert found(live, "covid") == ["ковид"]


def test_all_segments_are_looked_into(tmp_path: Path) -> None:
    for number, word in enumerate(["tokayev", "tokaev", "tokayev water"]):
        with Writer(tmp_path) as writer:
            writer.add(documents(*[""] * number, word)[number])
    assert set(found(Collection(open_generation(tmp_path)), "токаев")) == {"tokayev", "tokaev"}


def test_the_likeliest_are_first_and_within_the_limit(latin: Collection) -> None:
    listed = candidates(latin, "токаев")
    assert [each.similarity for each in listed] == sorted((each.similarity for each in listed), reverse=True)
    assert all(0 < each.similarity <= 1 for each in listed)
    assert candidates(latin, "токаев", limit=1) == listed[:1]
    assert list(candidates(latin, "токаев", limit=0)) == []


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=50), st.text("abcdeghijkoqstuwxyzабвгдежзийохцшщьюя'-", max_size=20)), st.booleans())
@example("tokaev𝐬", False)
@example("𝒳tokaev", True)
@example("токаев𐌰", False)
def test_candidates_exist_and_are_of_the_other_alphabet(russian: Collection, word: str, strict: bool) -> None:
    for candidate in candidates(russian, word, strict=strict):
        assert russian.knows_key(candidate.key)
        assert is_cyrillic(candidate.key) is not is_cyrillic(word.casefold())


# Letters beyond U+FFFF: mathematical, Gothic, CJK B. A PDF and social media bring them stuck to ordinary ones.
@pytest.mark.parametrize("odd", ["𝐬", "𝒳", "𐌰", "𠀀", "😀"])
def test_letters_of_two_units_are_letters_that_the_table_lacks(odd: str) -> None:
    table = correspondences()
    plain = table.costs("токаев", ["tokaev", "tokaev\u4e00"], cyrillic=True)
    assert table.costs("токаев", ["tokaev", f"tokaev{odd}"], cyrillic=True).tolist() == plain.tolist()
    plain = table.costs("tokaev\u4e00", ["токаев", "нина"], cyrillic=False)
    assert table.costs(f"tokaev{odd}", ["токаев", "нина"], cyrillic=False).tolist() == plain.tolist()


@given(st.text("abcdeghijklnoqrstuwxyzабвгдежзийнохцшщьюяč'-", max_size=30))
def test_near_skeletons_begin_with_the_word_s_own(word: str) -> None:
    near = near_skeletons(word)
    assert near[0] == skeleton(word)
    assert len(near) == len(set(near)) <= MOST
    assert near_skeletons(word, changes=0) == near[:1]


def test_readings() -> None:
    assert {"BS", "BK", "BH", "BT"} <= set(near_skeletons("bach"))
    assert {"SRS", "GRG", "R"} & set(near_skeletons("джордж", changes=2)) >= {"SRS", "GRG", "R"}
    assert "VLHLM" in near_skeletons("вильгельм")


LETTERS = "abcdefghijklmnopqrstuvwxyz"
RUSSIAN_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


@given(
    st.text(LETTERS + "čñ!", min_size=1, max_size=12),
    st.lists(st.text(RUSSIAN_LETTERS + "қ", min_size=1, max_size=12), min_size=1, max_size=6),
)
def test_costs_do_not_depend_on_who_is_asked_and_beside_whom(word: str, others: list[str]) -> None:
    table = correspondences()
    together = table.costs(word, others, cyrillic=False)
    for other, cost in zip(others, together, strict=True):
        assert table.costs(word, [other], cyrillic=False)[0] == pytest.approx(cost, abs=1e-2)
        assert table.costs(other, [word], cyrillic=True)[0] == pytest.approx(cost, abs=1e-2)
        assert 0 <= cost < 1000


def test_costs_are_those_of_the_cheapest_pieces() -> None:
    table = Correspondences(
        {("a", "а"): 0.1, ("sh", "ш"): 0.3, ("s", "с"): 0.2, ("h", ""): 0.5, ("^", "^"): 0.0, ("$", "$"): 0.0}
    )
    assert table.costs("sha", ["ша", "са", "а"], cyrillic=False).tolist() == pytest.approx([0.4, 0.8, 6.6], abs=1e-4)
    assert table.costs("ша", ["sha", "sa"], cyrillic=True)[0] == pytest.approx(0.4, abs=1e-4)
