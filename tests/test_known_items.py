"""Are the known items of benchmarks/quality asked for by words that are not in the text?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.quality.known_items import docs, news

STORY = "Партия потеряла места в парламенте. По сообщениям, кабинет уйдёт в отставку."
ROWS = [
    {"id": "lenta:1", "source": "lenta", "title": "Выборы прошли в субботу спокойно", "text": STORY},
    {"id": "lenta:2", "source": "lenta", "title": "Кабинет министров уходит завтра", "text": STORY + " Продолжение следует."},
    {"id": "bbc:1", "source": "bbc", "title": "Rich pickings for thieves", "text": "Said twice: rich pickings for thieves."},
    {"id": "reuters:1", "source": "reuters", "title": "TAX INCREASE NOT NEEDED <WMK>", "text": "The White House spoke."},
    {"id": "abc-rural:1", "source": "abc-rural", "title": "", "text": "Rain fell on the plains."},
    {
        "id": "php-en:sort",
        "source": "php-en",
        "title": "sort",
        "text": "sort\n\nbool sort array array\n\nOrders the *entries* of a list\n\nArrays, by value.",
    },
    {"id": "php-ru:sort", "source": "php-ru", "title": "sort", "text": "sort\n\nСортирует элементы данного массива\n\nТак."},
    {"id": "rust-en:a", "source": "rust-en", "title": "a", "text": "# Book\n\n## Of\n\n### errors and how to panic\n\nText."},
]  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "corpus-00.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in ROWS)
    return tmp_path


def test_a_story_is_asked_for_by_its_title(corpus: Path) -> None:
    made = news(corpus)
    assert made.queries == {
        "lenta:1": "Выборы прошли в субботу спокойно",
        "lenta:2": "Кабинет министров уходит завтра",
        "reuters:1": "tax increase not needed wmk",
    }
    assert len(made.records) == 5 and not any(record.title for record in made.records)
    assert made.judgements["reuters:1"] == {"reuters:1": 1}


def test_stories_with_one_beginning_are_both_answers(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality.known_items.SAME_BEGINNING", 8)
    assert news(corpus).judgements["lenta:1"] == {"lenta:1": 1, "lenta:2": 1}


def test_a_page_is_asked_for_by_what_it_says_of_itself(corpus: Path) -> None:
    made = docs(corpus)
    assert made.queries == {
        "php-en:sort": "Orders the entries of a list",
        "php-ru:sort": "Сортирует элементы данного массива",
        "rust-en:a": "Of errors and how to panic",
    }
    texts = {record.id: record.text for record in made.records}
    assert texts["php-en:sort"] == "sort\n\nbool sort array array\n\nArrays, by value."
    assert "errors" not in texts["rust-en:a"] and "## Of" in texts["rust-en:a"]
    assert made.judgements["php-en:sort"] == {"php-en:sort": 1}, "the twin is no answer"
    assert {record.title for record in made.records} == {"sort", "a"}
