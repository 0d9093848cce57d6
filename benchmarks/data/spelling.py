"""DATA/spelling: misspelt words beside the correct ones; half of each source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import Row, in_half, mixed
from benchmarks.data.files import write_table
from benchmarks.data.sources import BIRKBECK, CODESPELL, KARTASLOV, NORVIG_ERRORS, NORVIG_TESTS

Pair = tuple[str, str]  # typo, correction


def build_english(clones: Path, out: Path) -> None:
    """Write en.tsv.gz into a folder. Raises NotThere where one of the five lists is missing."""
    sources: dict[Pair, set[str]] = {}

    def add(name: str, pairs: Iterator[Pair]) -> None:
        for pair in pairs:
            sources.setdefault(pair, set()).add(name)

    with Clone(clones, BIRKBECK) as clone:
        add("birkbeck", birkbeck(clone.text("missp.dat")))
    with Clone(clones, CODESPELL) as clone:
        add("codespell", codespell(clone.text("codespell_lib/data/dictionary.txt")))
    with Clone(clones, NORVIG_TESTS) as clone:
        add("testset1", test_set(clone.text("spell-testset1.txt")))
        add("testset2", test_set(clone.text("spell-testset2.txt")))
    with Clone(clones, NORVIG_ERRORS) as clone:
        add("spell-errors", spell_errors(clone.text("spell-errors.txt")))
    rows = [
        (typo, correction, ",".join(sorted(names)))
        for (typo, correction), names in sources.items()
        if typo != correction and in_half(correction.lower())
    ]
    write_table(out / "en.tsv.gz", ("typo", "correction", "sources"), mixed(rows))


def build_russian(clones: Path, out: Path) -> None:
    """Write ru.tsv.gz into a folder. Raises NotThere where the source is missing."""
    with Clone(clones, KARTASLOV) as clone:
        lines = clone.text("dataset/orfo_and_typos/orfo_and_typos.L1_5.csv").split("\n")
    rows: list[Row] = []
    for line in lines[1:]:
        if line:
            correction, typo, weight = line.split(";")
            if in_half(correction):
                rows.append((typo, correction, weight))
    write_table(out / "ru.tsv.gz", ("typo", "correction", "weight"), mixed(rows))


def birkbeck(text: str) -> Iterator[Pair]:
    """A line `$correction`, then a line for each way it was misspelt; `_` is a space."""
    correction = ""
    for line in text.split("\n"):
        word = line.strip().replace("_", " ")
        if word.startswith("$"):
            correction = word[1:]
        elif word:
            yield word, correction


def codespell(text: str) -> Iterator[Pair]:
    """`typo->correction`, or several of them with a comma after each and perhaps a remark at the end."""
    for line in text.split("\n"):
        if line:
            typo, corrections = line.split("->")
            listed = corrections.rsplit(",", 1)[0].split(",") if "," in corrections else [corrections]
            for correction in listed:
                if correction.strip():
                    yield typo, correction.strip()


def test_set(text: str) -> Iterator[Pair]:
    """A Python dictionary: the correction, and the typos in one string. It is read as data, never run."""
    found = ast.literal_eval(text[text.index("{") : text.index("}") + 1])
    for correction, typos in found.items():
        for typo in typos.split():
            yield typo, correction


def spell_errors(text: str) -> Iterator[Pair]:
    """`correction: typo, typo*times`; `_` is a space."""
    for line in text.split("\n"):
        if line:
            correction, typos = line.replace("_", " ").split(":", 1)
            for typo in typos.split(","):
                yield re.sub(r"\*\d+$", "", typo.strip()).strip(), correction.strip()
