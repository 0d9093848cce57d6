"""The cases of what a search in Russian should find: are they sound, and which of them does naidi fail?"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.finds_russian import cases, run
from benchmarks.finds_russian.cases import Case, Category
from benchmarks.finds_russian.engines import parts_of
from commands import ROOT

# A case that is answered right from now on is taken out. One that is newly wrong is a mistake.
KNOWN_FAILURES = """
    yo 5, must not meet 2, must not meet 4, must not meet 5, must not meet 7, names 5, abbreviations 9,
    numbers 9, apostrophes 1, apostrophes 4, typos 4, derivation 6, derivation 7, markup 3,
    markup 4, other letters 6, other letters 9, misread letters 2
"""


@pytest.fixture(scope="module")
def categories() -> list[Category]:
    return cases.load()


@pytest.fixture(scope="module")
def wrong(categories: list[Category]) -> dict[str, list[str]]:
    return run.failures("naidi", categories)


def test_naidi_fails_what_it_is_known_to_fail(wrong: dict[str, list[str]]) -> None:
    known = [one.strip() for one in KNOWN_FAILURES.replace("\n", " ").split(",")]
    assert {case: told for case, told in wrong.items() if case not in known} == {}
    assert [case for case in known if case not in wrong] == []


def test_the_page_has_the_figures_of_naidi(categories: list[Category], wrong: dict[str, list[str]]) -> None:
    made = run.table(categories, {"naidi": wrong})
    page = (ROOT / "docs/finds_russian.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[:3] for line in page.splitlines() if line.startswith("| ")]
    assert rows[1:] == [line.removesuffix(" |").split(" | ") for line in made.splitlines()[2:]]
    assert f"{sum(len(category.cases) for category in categories)} small cases" in page


def test_cases_are_sound(categories: list[Category]) -> None:
    assert sum(len(category.cases) for category in categories) >= 200
    every = [case for category in categories for case in category.cases]
    assert len({case.id for case in every}) == len(every)
    for category in categories:
        assert category.about.endswith(".")
        assert len({case.query for case in category.cases}) == len(category.cases), category.name
    for case in every:
        assert case.query.strip() and case.find and case.miss, case.id
        assert len({*case.find, *case.miss}) == len(case.find) + len(case.miss), case.id


def test_what_is_wrong_is_told() -> None:
    case = Case("x 1", "x", "a", ("one", "two"), ("three",))
    assert [record.id for record in case.records()] == ["x 1/0", "x 1/1", "x 1/2"]
    assert case.failures({"x 1/0", "x 1/1", "other/0"}) == []
    assert case.failures({"x 1/0", "x 1/2"}) == ["does not find 'two'", "finds 'three'"]


def test_a_file_that_is_no_category_is_refused(tmp_path: Path) -> None:
    for text in (
        "category = ",
        "category = 'x'",
        "category = 'x'\nabout = 'y.'\n[[case]]\nquery = 'a'\nfind = []\nmis = []",
    ):
        (tmp_path / "x.toml").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"x\.toml"):
            cases.load(tmp_path)


def test_parts_of_a_query() -> None:
    assert parts_of('"белый гриб" -суп С++ он-лайн') == [
        ("белый гриб", True, False),
        ("суп", False, True),
        ("С++", False, False),
        ("он-лайн", False, False),
    ]


@pytest.mark.parametrize("name", ["FTS5", "Whoosh stems"])
def test_peers_have_words_phrases_and_excluded_words(name: str) -> None:
    both = "Белый гриб для супа", "Гриб белый"
    asked = [
        Case("a 1", "a", "гриб", both, ("Гора",)),
        Case("b 1", "b", '"белый гриб"', both[:1], both[1:]),
        Case("c 1", "c", "гриб -супа", both[1:], both[:1]),
        Case("d 1", "d", "гриб гора", (*both, "Гора"), ("Река",)),
        Case("e 1", "e", "река", both[:1], both[1:]),
    ]
    assert list(run.failures(name, [Category("x", "", asked)])) == ["e 1"]
