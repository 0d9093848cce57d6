"""DATA/lemma: the running words of treebanks with their part of speech and lemma, and the distinct ones with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data.clones import Clone, Source
from benchmarks.data.cuts import Row
from benchmarks.data.files import write_table
from benchmarks.data.sources import ENGLISH_EWT, ENGLISH_GUM, RUSSIAN_GSD, RUSSIAN_TAIGA

# Of a language: what a source is called in the table, the repository, the file.
TREEBANKS: dict[str, list[tuple[str, Source, str]]] = {
    "ru": [
        ("gsd", RUSSIAN_GSD, "ru_gsd-ud-dev.conllu"),
        ("taiga", RUSSIAN_TAIGA, "ru_taiga-ud-dev.conllu"),
    ],
    "en": [
        ("ewt", ENGLISH_EWT, "en_ewt-ud-dev.conllu"),
        ("gum", ENGLISH_GUM, "en_gum-ud-dev.conllu"),
    ],
}


def build(clones: Path, out: Path, language: str) -> None:
    """Write LANGUAGE.tsv.gz and LANGUAGE.types.tsv.gz into a folder. Raises NotThere where a treebank is missing."""
    rows: list[Row] = []
    for name, source, path in TREEBANKS[language]:
        with Clone(clones, source) as clone:
            rows += words(name, clone.text(path))
    write_table(
        out / f"{language}.tsv.gz", ("source", "sent_id", "token", "form", "upos", "lemma", "space_after"), rows
    )
    counts = Counter((row[3], row[4], row[5]) for row in rows)
    types = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    write_table(
        out / f"{language}.types.tsv.gz",
        ("form", "upos", "lemma", "count"),
        [(*found, str(count)) for found, count in types],
    )


def words(name: str, text: str) -> Iterator[Row]:
    """The words of a treebank, without the ranges of several words, empty nodes and words that are left out (`_`).

    Parameters: what the source is called, and the treebank in CoNLL-U.
    """
    sentence = ""
    for line in text.split("\n"):
        if line.startswith("# sent_id"):
            sentence = line.split("=", 1)[1].strip()
        if not line or line.startswith("#"):
            continue
        token, form, lemma, part, *_, more = line.split("\t")
        if token.isdigit() and form != "_":
            yield name, sentence, token, form, part, lemma, "0" if "SpaceAfter=No" in more else "1"
