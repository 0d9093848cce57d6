"""Does a question find its answer in the other language, and does it still find its own language first?

    python benchmarks/meaning/across_languages.py DATA [--dictionary FILE ...]

DATA, or its folder `retrieval`, holds `xquad-en` and `xquad-ru` in the layout of BEIR, whose documents and queries have the same
ids in both languages. The questions of each language are put to an index of the other one alone, and to an index of both. What is
told is the mean reciprocal rank of the paragraph that answers, within 100 documents, with translations and without. --dictionary: a
dictionary of dictd, as for `naidi dictionary add`; may be repeated. Known words are looked up first; a wrong answer stops the run.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.quality import Collection, load
from naidi import Document, Searcher, Writer, open_index
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.state.dictionaries import store_dictionary
from naidi.search.bridges.bilingual_list import compiled
from naidi.search.bridges.dictd import entries_of

DEPTH = 100
LANGUAGES = ("en", "ru")
# A query, and a form that it must mark in a text.
KNOWN = (("wars", "войны"), ("войне", "war"), ("century", "веков"), ("король", "kings"))


class Figure(NamedTuple):
    """MRR of the questions in one language. documents: those of the other language, or its own among those of both."""

    asked: str
    documents: str
    without: float
    translated: float

    def __str__(self) -> str:
        name = f"{self.asked} questions, {self.documents}"
        return f"{name:52}{self.without:7.4f} without, {self.translated:7.4f} with translations"


def measure(data: Path, dictionaries: Sequence[Path] = ()) -> list[Figure]:
    """The figures. Raises AssertionError if a known word is not translated."""
    folder = data / "retrieval" if (data / "retrieval").is_dir() else data
    sets = {language: load(folder / f"xquad-{language}") for language in LANGUAGES}
    figures = []
    with tempfile.TemporaryDirectory(prefix="naidi-languages-") as place:
        for languages in (("ru",), ("en",), LANGUAGES):
            index = Path(place, "".join(languages))
            with Writer(index) as writer:
                for language in languages:
                    for record in sets[language].records:
                        writer.add(Document(f"{language}:{record.id}", record.text, record.title))
            for number, file in enumerate(dictionaries):
                store_dictionary(index, f"dictionary{number}", compiled(entries_of(str(file)), keys))
            with open_index(index) as searcher:
                if len(languages) == len(LANGUAGES):
                    check(searcher)
                for asked in LANGUAGES:
                    if languages == (asked,):
                        continue
                    sought = asked if len(languages) > 1 else languages[0]
                    kind = "documents in both, its own sought" if len(languages) > 1 else f"documents in {sought} alone"
                    ranks = [rank(searcher, sets[asked], sought, translate) for translate in (False, True)]
                    figures.append(Figure(asked, kind, *ranks))
    return figures


def check(searcher: Searcher) -> None:
    """Raises AssertionError if a known word is not translated."""
    for query, form in KNOWN:
        marked = searcher.highlight(f"… {form} …", query).html()
        assert f"<mark>{form}</mark>" in marked, f"{query}: {form} is not found"
        assert "<mark>" not in searcher.highlight(f"… {form} …", query, translate=False).html(), query


def rank(searcher: Searcher, questions: Collection, sought: str, translate: bool) -> float:
    """Mean reciprocal rank of the best document that answers. sought: the language of the documents that count."""
    ranks = []
    for number, text in questions.queries.items():
        right = {f"{sought}:{document}" for document in questions.judgements.get(number, ())}
        found = [document for document, _ in searcher.search_ids(text, DEPTH, translate=translate)]
        ranks.append(next((1 / place for place, document in enumerate(found, 1) if document in right), 0.0))
    return statistics.mean(ranks)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    options.add_argument("--dictionary", type=Path, action="append", default=[], metavar="FILE")
    given = options.parse_args()
    for figure in measure(given.data, given.dictionary):
        print(figure)


if __name__ == "__main__":
    main()
