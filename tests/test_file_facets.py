"""Folders and types of files are counted right, however much of a segment earlier questions have read."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import Document, Searcher, Writer

WORDS = ("apple", "pear", "plum")
PATHS = (None, "a/x.txt", "a/y.MD", "b/c/z", "top.pdf", "b/c/.hidden", "a/b.d/noext")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str | None]]]:
    """An index of two segments, and for each word the paths of the documents that have it."""
    directory = tmp_path_factory.mktemp("facets") / "index"
    paths: dict[str, list[str | None]] = {word: [] for word in WORDS}
    with Writer(directory) as writer:
        for number in range(60):
            text = " ".join(word for place, word in enumerate(WORDS) if number % (place + 2) == 0) or "none"
            path = PATHS[number % len(PATHS)]
            writer.add(Document(str(number), text, path=path))
            for word in text.split():
                if word in paths:
                    paths[word].append(path)
            if number == 40:
                writer.commit()
    return directory, paths


def counted(paths: list[str | None]) -> dict[str, dict[str, int]]:
    there = [path for path in paths if path is not None]
    return {
        "folder": dict(Counter(map(os.path.dirname, there))),
        "type": dict(Counter(os.path.splitext(path)[1][1:].lower() for path in there)),
    }


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["folder", "type"])), min_size=1, max_size=8))
def test_any_order_of_questions(
    corpus: tuple[Path, dict[str, list[str | None]]], questions: list[tuple[str, str]]
) -> None:
    directory, paths = corpus
    with Searcher(directory) as searcher:
        for word, facet in questions:
            found = searcher.search(word, facets=[facet], exact=True)
            assert dict(found.facets[facet].values) == counted(paths[word])[facet]
            values = sum(count for _, count in found.facets[facet].values)
            assert found.facets[facet].other == found.total - values == paths[word].count(None)


def test_threads_that_ask_at_once(corpus: tuple[Path, dict[str, list[str | None]]]) -> None:
    directory, paths = corpus
    wrong: list[object] = []

    def ask(searcher: Searcher, word: str) -> None:
        found = searcher.search(word, facets=["folder", "type"], exact=True).facets
        if {name: dict(facet.values) for name, facet in found.items()} != counted(paths[word]):
            wrong.append((word, found))

    for _ in range(20):
        with Searcher(directory) as searcher:
            threads = [Thread(target=ask, args=(searcher, word)) for word in WORDS * 3]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert not wrong
