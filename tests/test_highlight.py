"""What the index says about the words of a document spares looking for them, and changes nothing of what is shown."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from indexes import build
from naidi import Document, Writer, open_index
from naidi.search.results import Results, Snippet
from naidi.search.snippets.finder import Absent
from naidi.search.snippets.matched_words import MatchedWords

WORDS = ["дом", "дома", "домик", "мир", "мирный", "мирами", "ВОЗ", "воз", "возами"]
WORDS += ["house", "houses", "housing", "vaccine", "vaccines", "real", "gas"]
QUERIES = [
    "дом мир",
    "мирный house",
    "vaccine houses ВОЗ",
    "дом AND мир",
    "дом AND (мир house)",
    "воз* дом",
    'мир "real gas"',
    "real-gas дом",
    "title:дом мир",
    "дом -house",
    "=мирами =house",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several segments, with deleted documents."""
    directory = tmp_path_factory.mktemp("highlight") / "index"
    draw = random.Random(1)
    for commit in range(3):
        with Writer(directory) as writer:
            for number in range(60):
                text = " ".join(draw.choices(WORDS, k=draw.randint(1, 4))) + "."
                title = " ".join(draw.choices([*WORDS, "news"], k=draw.randint(0, 2)))
                writer.add(Document(id=f"{commit}-{number}", text=f"Text. {text}", title=title))
    with Writer(directory) as writer:
        for number in range(0, 60, 7):
            writer.delete(f"1-{number}")
    return directory


def shown(results: Results) -> list[object]:
    return [(hit.id, hit.snippets, hit.title_marks) for hit in results.hits]


@pytest.mark.parametrize("query", QUERIES)
def test_what_the_index_says_changes_nothing(index: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[Absent] = []
    absent = MatchedWords.absent

    def noted(*arguments: object) -> list[Absent] | None:
        found = absent(*arguments)  # type: ignore[arg-type]
        known.extend(found or ())
        return found

    with open_index(index) as searcher:
        assert len(searcher.generation.segments) > 1
        monkeypatch.setattr(MatchedWords, "absent", noted)
        with_index = searcher.search(query, limit=1000)
        monkeypatch.setattr(MatchedWords, "absent", lambda *_: None)
        without = searcher.search(query, limit=1000)
    assert with_index.hits
    assert shown(with_index) == shown(without)
    if query in ("дом мир", "vaccine houses ВОЗ"):
        assert any(each.words for each in known) and any(each.stand_ins for each in known)


def test_of_a_long_text_the_pieces_are_shown_that_have_most_of_the_query(tmp_path: Path) -> None:
    """A piece with both words counts more than those with one of them however often."""
    filler = "Слово за слово идёт рассказ. " * 1_000
    crowd = [f"{filler}{'Кот. ' * 50}{filler}\n" for _ in range(5)]
    text = "".join([*crowd, filler, "Здесь кот увидел однажды собаку.\n", filler, *crowd])
    build(tmp_path, [Document(id="book", text=text, language="ru")])
    with open_index(tmp_path) as searcher:
        ends = searcher.generation.segments[0].piece_ends(0)
        assert ends is not None and len(ends) > 10, "or all pieces are looked at"
        (hit,) = searcher.search("кот собака").hits
        assert any({"кот", "собаку"} <= marked(snippet) for snippet in hit.snippets)


def test_five_thousand_forms_of_a_pattern_are_marked(tmp_path: Path) -> None:
    """And no more, in the order of their spelling."""
    letters = "абвгдежзиклмнопрст"
    forms = sorted(f"{a}{b}{c}ёж" for a in letters for b in letters for c in letters)[:5_001]
    build(tmp_path, [Document(id="all", text=" ".join(forms)), Document(id="some", text=" ".join(forms[4_990:]))])
    with open_index(tmp_path) as searcher:
        hits = {hit.id: hit for hit in searcher.search("*ёж").hits}
        assert set().union(*map(marked, hits["some"].snippets)) == set(forms[4_990:5_000])
        assert searcher.search("?" + forms[-1][1:], 1).hits[0].snippets[0].marks


def marked(snippet: Snippet) -> set[str]:
    return {snippet.text[start:end] for start, end in snippet.marks}
