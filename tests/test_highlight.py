"""What the index says about the words of a document spares looking for them, and changes nothing of what is shown."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from naidi import Document, Writer, open_index
from naidi.search.results import Results
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
