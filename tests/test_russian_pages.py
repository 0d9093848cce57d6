"""The Russian pages are the English ones: the same commands and programs, the same headings and links, and a link to each other."""

from __future__ import annotations

import io
import posixpath
import re
import tokenize
from pathlib import Path

import pytest

from page_transcripts import BLOCK, ROOT, Block, blocks

PAIRS = [("README.md", "README.ru.md"), ("docs/tutorial.md", "docs/ru/tutorial.md")]
IN_RUSSIAN = dict(PAIRS)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
of_pairs = pytest.mark.parametrize(("english", "russian"), PAIRS)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code(block: Block) -> list[str]:
    """What is done in a block: its commands; a program without comments. What is printed may be told in Russian."""
    if block.language == "console":
        return [command for command, _ in block.commands()]
    if block.language == "python":
        tokens = tokenize.generate_tokens(io.StringIO(block.text).readline)
        return [token.string for token in tokens if token.type not in (tokenize.COMMENT, tokenize.NL)]
    return [] if block.language == "text" else block.text.splitlines()


def links(page: str) -> list[str]:
    """Where its links lead, as paths in the repository, each in English; without that to the page in the other language."""
    other = {*IN_RUSSIAN, *IN_RUSSIAN.values()} - {page}
    english = {russian: english for english, russian in PAIRS}
    found = []
    for name, target in _LINK.findall(BLOCK.sub("", text(page))):
        path, _, anchor = target.partition("#")
        leads = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path and ":" not in path else path
        if name not in ("English", "Русский") or leads not in other:
            found.append(f"{english.get(leads, leads)}#{anchor}")
    return found


@of_pairs
def test_the_blocks_are_those_of_the_english_page(english: str, russian: str) -> None:
    ours, theirs = list(blocks(text(russian))), list(blocks(text(english)))
    assert [block.language for block in ours] == [block.language for block in theirs]
    for block, original in zip(ours, theirs, strict=True):
        assert code(block) == code(original)
        assert code(block) or block.language == "text"


@of_pairs
def test_the_headings_are_as_many_and_as_deep(english: str, russian: str) -> None:
    depths = [
        [len(signs) for signs in re.findall(r"^(#+) ", BLOCK.sub("", text(page)), re.MULTILINE)]
        for page in (english, russian)
    ]
    assert depths[0] == depths[1] and len(depths[0]) > 3


@of_pairs
def test_the_links_lead_to_the_same_places(english: str, russian: str) -> None:
    """Not all in one order: sentences have another one in Russian."""
    assert sorted(links(russian)) == sorted(links(english))


@of_pairs
def test_items_and_rows_are_as_many(english: str, russian: str) -> None:
    for sign in (r"^- ", r"^\|", r"^    \S"):
        assert len(re.findall(sign, text(russian), re.MULTILINE)) == len(
            re.findall(sign, text(english), re.MULTILINE)
        ), sign


@of_pairs
def test_indented_lines_begin_alike(english: str, russian: str) -> None:
    """Commands, queries and lines of files; what is said of them is told in Russian."""
    first = [re.findall(r"^    (\S+)", BLOCK.sub("", text(page)), re.MULTILINE) for page in (english, russian)]
    assert first[0] == first[1]


@of_pairs
def test_figures_are_the_same(english: str, russian: str) -> None:
    """In prose and tables. A figure that changes in one must change in the other."""
    figures = [re.findall(r"\d[\d.,]*\d|\.\d+", BLOCK.sub("", text(page))) for page in (english, russian)]
    assert sorted(figures[0]) == sorted(figures[1])


@of_pairs
def test_the_prose_is_russian(english: str, russian: str) -> None:
    """Every paragraph of more than a few words has Russian letters, and no sentence stayed as it was."""
    theirs = set(BLOCK.sub("", text(english)).splitlines())
    for line in BLOCK.sub("", text(russian)).splitlines():
        told = re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)
        if len(re.findall(r"[A-Za-z]{2,}", told)) > 4:
            assert CYRILLIC.search(told), line
        if len(re.findall(r"[a-z]{2,} ", told)) > 3:
            assert line not in theirs, line


def linked_at_the_top(page: str) -> str:
    return "\n".join(text(page).splitlines()[:6])


@pytest.mark.parametrize(("page", "link"), [
    ("README.md", "[Русский](README.ru.md)"),
    ("README.ru.md", "[English](README.md)"),
    ("docs/tutorial.md", "[Русский](ru/tutorial.md)"),
    ("docs/ru/tutorial.md", "[English](../tutorial.md)"),
])  # fmt: skip
def test_each_leads_to_the_other_at_its_top(page: str, link: str) -> None:
    assert link in linked_at_the_top(page)


def test_every_page_in_russian_is_held() -> None:
    there = {*ROOT.glob("*.ru.md"), *(ROOT / "docs" / "ru").glob("*.md")}
    assert {path.relative_to(ROOT).as_posix() for path in there} == set(IN_RUSSIAN.values())
    assert all(Path(ROOT / english).exists() for english in IN_RUSSIAN)
