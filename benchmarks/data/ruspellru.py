"""DATA/spelling: sentences of social media as they were written and as they should be, and the words that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from benchmarks.data.clones import Clone
from benchmarks.data.cuts import Row, in_half, mixed
from benchmarks.data.files import write_table
from benchmarks.data.sources import RUSPELLRU

FOLDER = "data/example_data/RUSpellRU"
# A pair whose letters are less alike than this is a change of words, or words that stand beside one another by chance.
ALIKE = 0.6

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def build(clones: Path, out: Path) -> None:
    """Write ru.ruspellru.sentences.tsv.gz and ru.ruspellru.words.tsv.gz into a folder. Raises NotThere without the source."""
    with Clone(clones, RUSPELLRU) as clone:
        written = clone.text(f"{FOLDER}/sources.txt").split("\n")
        corrected = clone.text(f"{FOLDER}/corrections.txt").split("\n")
    sentences: list[Row] = [
        (str(number), source.strip(), correction.strip())
        for number, (source, correction) in enumerate(zip(written, corrected, strict=True))
        if source and in_half(f"ruspellru {number}")
    ]
    words = [(number, *pair) for number, source, correction in sentences for pair in differing(source, correction)]
    write_table(out / "ru.ruspellru.sentences.tsv.gz", ("n", "source", "correction"), mixed(sentences))
    write_table(out / "ru.ruspellru.words.tsv.gz", ("n", "typo", "correction"), mixed(words))


def differing(source: str, correction: str) -> Iterator[tuple[str, str]]:
    """The words of a sentence that its correction has otherwise, in lower case; one word may become several."""
    before, after = _WORD.findall(source.lower()), _WORD.findall(correction.lower())
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "replace":
            continue
        pairs: list[tuple[str, str]] = []
        if last - first == end - start:
            pairs = list(zip(before[first:last], after[start:end], strict=True))
        elif last - first == 1:
            pairs = [(before[first], " ".join(after[start:end]))]
        for typo, right in pairs:
            if SequenceMatcher(None, typo, right.replace(" ", "")).ratio() >= ALIKE:
                yield typo, right
