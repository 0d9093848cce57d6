"""The compiled core and the modules in Python, which are its definition, make the same index, byte for byte."""

# ruff: noqa: SIM905 (a table of words is easier to read as text)

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi import Document, Writer
from naidi.indexer import core
from naidi.indexer.writing import batch

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")


@contextmanager
def implementation(*, compiled: bool) -> Iterator[None]:
    """Index with the core, or without it; either has met no word before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "is_used", compiled)
        patch.setattr(batch, "_met", batch._Met())
        yield


def digest(directory: Path) -> str:
    """Of all segments. The other files of an index hold times."""
    found = hashlib.sha256()
    for path in sorted(directory.rglob("*.seg")):
        found.update(path.read_bytes())
    return found.hexdigest()


def made(directory: Path, commits: Sequence[Sequence[Document]], flush_tokens: int) -> Path:
    """An index with a commit for each of these; between them some documents are deleted."""
    with Writer(directory, flush_tokens=flush_tokens) as writer:
        for documents in commits:
            writer.add_many(documents)
            writer.commit()
            for document in documents[::7]:
                writer.delete(document.id)
    return directory


def check(directory: Path, commits: Sequence[Sequence[Document]], flush_tokens: int = 10_000_000) -> None:
    digests = []
    for name, compiled in (("core", True), ("python", False)):
        with implementation(compiled=compiled):
            digests.append(digest(made(directory / name, commits, flush_tokens)))
    assert digests[0] == digests[1]


PARTS = """
    the of and вакцина вакцины вакцинация vaccine's VACCINES ВОЗ воз МИДом НАТО США c++ С# .NET C++11 QazCoVac-P 2021-05-29 75,4
    мыла стали сталь берёт е́ль за́мок О’Brien rock'n'roll 'quoted' ŉ ΐ İstanbul ß ﬁne naïve Łódź қазақстан 𝒜𝒷 漢字 x_y 10⁶ ½ Bакцина
    объединённый съезд (World Health Organization) организация Всемирная здравоохранения (ВОЗ) der die und que Straße ъгъл
""".split()


def some_text(draw: random.Random, most: int) -> str:
    words = draw.choices(PARTS, k=draw.randrange(most + 1))
    if not draw.randrange(20):
        words += words[:1] * draw.choice([62, 63, 64, 90])
    if not draw.randrange(30):
        words.append(draw.choice("ж1x́") * draw.choice([254, 255, 256, 600, 3000]))
    words = [word.upper() if not draw.randrange(40) else word for word in words]
    return "".join(word + draw.choice(["\n", " ", " ", ", ", "-", "\u2028", "\u00ad"]) for word in words)


def some_document(draw: random.Random, number: int) -> Document:
    fields = {name: some_text(draw, most) for name, most in (("title", 5), ("keywords", 3), ("names", 3))}
    for name in ("keywords", "names"):
        if draw.randrange(3):
            del fields[name]
    return Document(f"{draw.choice('aя')}{number}", some_text(draw, draw.choice([0, 10, 60, 400])), **fields)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_generated_documents(tmp_path: Path, seed: int) -> None:
    """Several segments a commit, merges, documents that are replaced and deleted."""
    draw = random.Random(seed)
    commits = [[some_document(draw, draw.randrange(2_000)) for _ in range(size)] for size in (200, 500, 50, 3)]
    check(tmp_path, commits, draw.choice([3_000, 20_000, 10_000_000]))


def test_a_long_document_in_pieces(tmp_path: Path) -> None:
    draw = random.Random(8)
    lines = [some_text(draw, 20).replace("\n", " ") for _ in range(6_000)]
    documents = [Document("long", "\n".join(lines), "title"), Document("line", " ".join(lines)), Document("empty", "")]
    check(tmp_path, [documents, [Document("more", "words of a second commit")]])


def test_every_character(tmp_path: Path) -> None:
    """Surrogates cannot be stored: a Document refuses them. tests/test_numbering.py has them."""
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    lines = ["".join(f"{c} a{c}я " for c in characters[start : start + 500]) for start in range(0, 0x3000, 500)]
    lines += [" ".join(characters[start : start + 4_000]) for start in range(0x3000, len(characters), 40_000)]
    check(tmp_path, [[Document(str(number), line) for number, line in enumerate(lines)]])


texts = st.text(max_size=60) | st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=30).map(" ".join)
fields = st.tuples(texts, texts, texts, texts)


@settings(max_examples=25)
@given(commits=st.lists(st.lists(fields, max_size=8), min_size=1, max_size=3))
def test_any_documents(
    tmp_path_factory: pytest.TempPathFactory, commits: list[list[tuple[str, str, str, str]]]
) -> None:
    directory = tmp_path_factory.mktemp("same")
    check(
        directory,
        [
            [
                Document(f"{place}-{number}", text, title, keywords=keywords, names=names)
                for number, (text, title, keywords, names) in enumerate(rows)
            ]
            for place, rows in enumerate(commits)
        ],
    )
