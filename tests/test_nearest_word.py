"""The nearest word of a query of one word: what is searched for, what is only offered, and what comes before what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.meaning.edit_groups import aligned, cost_of, learn, slips
from indexes import build, documents
from naidi import open_index
from naidi.indexer.analysis.skeleton import skeleton
from naidi.indexer.state.generations import open_generation
from naidi.search.bridges.near_sounds import near_sounds, sound_alike
from naidi.search.bridges.spelling import Suggestion, corrections, may_be_replaced, worth_telling
from naidi.search.collection import Collection

TEXTS = """
pneumonia treatment
the elizabeth theatre
elizabeth and which
elizabeth
королева элизабет
телефон
telephone
каренина
вич
which
which one
coronavirus cases
virus
премьер-министр
premier-league
AIDS
speed
НАТО NATO
ask for help
the ask
strcpy
госдума
дума
"""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("texts")
    build(directory, documents(*TEXTS.strip().splitlines()))
    return directory


def told(directory: Path, query: str, **options: str) -> list[tuple[str, str]]:
    with open_index(directory) as searcher:
        return [
            (one.replacement, one.action)
            for one in searcher.search(query, **options).corrections  # type: ignore[arg-type]
            if one.kind in ("spelling", "romanisation", "synonym")
        ]


def found_by(directory: Path, query: str) -> list[str]:
    with open_index(directory) as searcher:
        return [TEXTS.strip().splitlines()[int(hit.id)] for hit in searcher.search(query).hits]


@pytest.mark.parametrize("word", ["namouny", "virtou"])
def test_a_word_that_finds_nothing_is_told_the_nearest_one(texts: Path, word: str) -> None:
    with open_index(texts) as searcher:
        found = searcher.search(word)
    assert not found.total
    assert [one.action for one in found.corrections] == ["offered"]


def test_a_word_that_shares_hardly_a_letter_is_not_told(texts: Path) -> None:
    assert not told(texts, "хаос")


def test_a_far_word_is_told_if_it_sounds_alike(tmp_path: Path) -> None:
    """Else the typos may cost half of the letters."""
    for word, cost, told_ in (("abcdefgh", 4.0, True), ("abcdefgh", 4.1, False)):
        assert worth_telling(word, Suggestion("oiu", cost, 1)) is told_
    assert worth_telling("namouny", Suggestion("pneumonia", 6.0, 1))
    assert not worth_telling("namouny", Suggestion("telephone", 6.0, 1))
    assert sound_alike("namouny", "pneumonia") and not sound_alike("namouny", "telephone")


def test_the_nearest_word_by_sound(texts: Path) -> None:
    assert told(texts, "namouny") == [("pneumonia", "offered")]


def test_nothing_far_is_told_beside_other_words(texts: Path) -> None:
    assert not told(texts, "namouny jxqvzk")
    assert not told(texts, "namouny virus")


def test_words_of_the_same_stem_were_not_meant(tmp_path: Path) -> None:
    stems = [
        "define a word",
        "definitely true",
        "мы будем дома",
        "светлое будущее",
        "governess",
        "government",
        "thatcher",
        "thatcherite",
    ]
    build(tmp_path, documents(*stems))
    for typed, meant in (("definately", "definitely"), ("будующее", "будущее"), ("goverment", "government")):
        assert told(tmp_path, typed) == [(meant, "instead")]
        with open_index(tmp_path) as searcher:
            assert [meant in stems[int(hit.id)] for hit in searcher.search(typed).hits[:1]] == [True]
            assert searcher.search(typed, exact=True).total == 1, "which has the stem"
    with open_index(tmp_path) as searcher:
        found = searcher.search("thatcherism")
    assert [stems[int(hit.id)] for hit in found.hits] == ["thatcher"], "it may be right: the typos are no cheap ones"


def test_a_sure_spelling_comes_before_derived_words(tmp_path: Path) -> None:
    build(tmp_path, documents("казахстан", "казахстан и степь", "казак", "казак и лошадь"))
    assert ("казахстан", "instead") in told(tmp_path, "Казакстан")
    with open_index(tmp_path) as searcher:
        assert [hit.id for hit in searcher.search("Казакстан").hits][:2] == ["0", "1"]


@pytest.mark.parametrize(
    "typed, meant", [("Elizabet", "elizabeth"), ("тилефон", "телефон"), ("Карениа", "каренина"), ("wich", "which")]
)
def test_a_slip_comes_before_the_other_alphabet(texts: Path, typed: str, meant: str) -> None:
    assert told(texts, typed) == [(meant, "instead")]


def test_a_spelling_of_the_other_alphabet_comes_before_a_far_slip(texts: Path) -> None:
    with open_index(texts) as searcher:
        assert {one.kind for one in searcher.search("koroleva").corrections} == {"romanisation"}


def test_a_word_with_a_synonym_needs_no_chance_match(texts: Path) -> None:
    assert told(texts, "СПИД") == [("AIDS", "instead")]
    assert told(texts, "NATO") == [("НАТО", "as well")]


@pytest.mark.parametrize("word", ["awk", "strncpy", "whcIh", "asq"])
def test_names_of_programs_are_not_replaced(texts: Path, word: str) -> None:
    with open_index(texts) as searcher:
        found = searcher.search(word)
    assert not found.total
    assert [one.action for one in found.corrections] == ["offered"]


@pytest.mark.parametrize("word, action", [("wich", "instead"), ("wuch", "offered"), ("whcih", "instead")])
def test_words_of_four_letters_are_replaced_for_cheap_typos_alone(texts: Path, word: str, action: str) -> None:
    assert told(texts, word) == [("which", action)]


def test_what_may_be_replaced() -> None:
    assert not any(map(may_be_replaced, ["foo", "sed", "ыыы", "strncpy", "strcpy", "iPhnoe", "HTMLElement", "спс"]))
    assert all(map(may_be_replaced, ["helo", "Elizabet", "rythm", "взглад", "Врнский"]))


@pytest.mark.parametrize("query", ["corona virus", "Corona Virus", "corona virus cases"])
def test_a_blank_too_many(texts: Path, query: str) -> None:
    assert ("coronavirus", "as well") in told(texts, query)
    assert "coronavirus cases" in found_by(texts, query)


def test_a_blank_too_many_with_all_words(texts: Path) -> None:
    with open_index(texts) as searcher:
        assert searcher.search("corona virus", mode="all").total == 1


def test_words_that_the_index_has_stay_two(texts: Path) -> None:
    assert not told(texts, "help ask")
    assert not told(texts, '"corona virus"')


def test_a_slip_in_a_word_with_a_hyphen(texts: Path) -> None:
    assert told(texts, "премер-министр") == [("премьер-министр", "instead")]
    assert found_by(texts, "премер-министр") == ["премьер-министр"]
    assert not told(texts, "премер-дума")  # no document has that


@given(st.text("abcdeghiklmnoprstuy", min_size=4, max_size=9), st.integers(0, 40))
def test_keys_that_sound_nearly_alike_are_found(word: str, number: int) -> None:
    collection = _SOUNDS
    (view,) = collection.views
    keys = [view.segment.keys[key] for key in near_sounds(view.segment, word).tolist()]
    own = skeleton(word)
    expected = {
        key
        for key in view.segment.keys
        if abs(len(key) - len(word)) * 2 <= len(word)
        and (skeleton(key) == own if len(own) < 3 else _changes(own, skeleton(key)) <= 1)
        and len(own) > 1
    }
    assert set(keys) == expected


def _changes(one: str, other: str) -> int:
    """Classes that were added, left out or replaced."""
    row = list(range(len(other) + 1))
    for place, name in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, its in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (name != its))
    return row[-1]


@pytest.fixture(scope="module", autouse=True)
def _sounds(tmp_path_factory: pytest.TempPathFactory) -> None:
    global _SOUNDS
    directory = tmp_path_factory.mktemp("sounds")
    letters = np.random.default_rng(3).integers(0, 16, (400, 6))
    build(directory, documents(" ".join("".join("bcdeaglimnorstua"[one] for one in row) for row in letters.tolist())))
    _SOUNDS = Collection(open_generation(directory))


_SOUNDS: Collection


def test_far_words_are_compared_by_sound(texts: Path) -> None:
    found = corrections(Collection(open_generation(texts)), "namouny")
    assert found[0].form == "pneumonia"


def test_far_words_are_compared_by_groups_of_letters(tmp_path: Path) -> None:
    typed, meant = "critizem", "criticism"
    build(tmp_path, documents(meant, "citizen"))
    found = corrections(Collection(open_generation(tmp_path)), typed, limit=1)
    assert [one.form for one in found] == [meant]


def test_groups_of_letters_are_learnt_from_pairs() -> None:
    pairs = [("fone", "phone"), ("foto", "photo"), ("fish", "fish"), ("elefant", "elephant"), ("fase", "phase")]
    learnt = learn([(typed, meant) for typed, meant in pairs if typed != meant])
    assert learnt == {("ph", "f"): 0.3}
    assert cost_of(1, 100) > cost_of(10, 100) > cost_of(60, 100)
    assert next(slips("fone", "phone")) == ("ph", "f")


@pytest.mark.parametrize(
    "typed, meant", [("fone", "phone"), ("teh", "the"), ("aproxcintly", "approximately"), ("a", "b")]
)
def test_an_alignment_covers_both_words(typed: str, meant: str) -> None:
    steps = aligned(typed, meant)
    assert "".join(typed[start:end] for (start, end), _ in steps) == typed
    assert "".join(meant[start:end] for _, (start, end) in steps) == meant


@pytest.mark.parametrize(
    ("typed", "own", "other"),
    [
        ("Владимр", "Владимир", "vladimir"),  # a dictionary of names has it
        ("Алексндр", "Александр", "alexander"),
        ("дуэьл", "дуэль", "duet"),
        ("протеса", "протеста", "protest"),  # a common word itself
    ],
)
def test_a_slip_is_no_word_of_the_other_alphabet(tmp_path: Path, typed: str, own: str, other: str) -> None:
    build(tmp_path, documents(*[f"{own} {number}" for number in range(10)], other))
    with open_index(tmp_path) as searcher:
        assert not [one for one in searcher.search(typed).corrections if one.kind == "romanisation"]
    build(tmp_path / "other", documents(other))
    if typed[0].isupper():  # a name alone still leads to one
        with open_index(tmp_path / "other") as searcher:
            assert [one.replacement for one in searcher.search(typed).corrections] == [other]
