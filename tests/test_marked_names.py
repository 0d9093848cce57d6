"""C++, C#, F# and .NET are words of their own, in texts, queries and snippets."""

from __future__ import annotations

from pathlib import Path

import pytest

from naidi import Document, Writer, open_index
from naidi.indexer.analysis.tokenizer import forms, tokenize


@pytest.mark.parametrize(
    "text, expected",
    [
        ("C, C++ and C#; F#.", ["c", "c++", "and", "c#", "f#"]),
        ("C++11 C#8 C++'s", ["c++", "11", "c#", "8", "c++", "s"]),
        ("C/C++, C++/CLI, C#/.NET", ["c", "c++", "c++", "cli", "c#", ".net"]),
        ("язык С++ и язык с#", ["язык", "c++", "и", "язык", "c#"]),  # Cyrillic letters
        (".NET (.Net) .net. .NET8", [".net", ".net", ".net", "net8"]),
        ("ASP.NET, example.net ..net _.NET", ["ASP", "NET", "example", "net", "net", "NET"]),
        ("i++ a# C+++ C## main.c#L10 abc# abc++", ["i", "a", "c", "c", "main", "c", "l10", "abc", "abc"]),
        ("1++ + # ++C #C", ["1", "c", "c"]),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


def test_offsets() -> None:
    assert [text for text, _, _ in tokenize("в С++ и .NET")] == ["в", "C++", "и", ".NET"]
    assert [(start, end) for _, start, end in tokenize("в С++ и .NET")] == [(0, 1), (2, 5), (6, 7), (8, 12)]


DOCUMENTS = {
    "c": "The language C is old. A net of wires.",
    "plus": "A developer of C++11 wanted.",
    "cyrillic": "Программист на С++ и С# нужен срочно.",
    "sharp": "We write c# for (.NET) all day.",
    "asp": "An ASP.NET page.",
}


@pytest.mark.parametrize(
    "query, found",
    [
        ("C", {"c": "C"}),
        ("c++", {"plus": "C++", "cyrillic": "С++"}),
        ("C#", {"cyrillic": "С#", "sharp": "c#"}),
        ("+C++ -C#", {"plus": "C++"}),
        ('"С++ и С#"', {"cyrillic": "С++ и С#"}),
        ("=C++", {"plus": "C++", "cyrillic": "С++"}),
        ("C++*", {"plus": "C++", "cyrillic": "С++"}),
        (".NET", {"sharp": ".NET"}),
        ("=.net", {"sharp": ".NET"}),
        ("=net", {"c": "net"}),
        ("ASP.NET", {"asp": "ASP.NET"}),
        ("F#", {}),
    ],
)
def test_queries(tmp_path: Path, query: str, found: dict[str, str]) -> None:
    with Writer(tmp_path / "index") as writer:
        for doc_id, text in DOCUMENTS.items():
            writer.add(Document(doc_id, text))
    with open_index(tmp_path / "index") as searcher:
        results = searcher.search(query)
        assert {hit.id for hit in results} == set(found)
        for hit in results:
            (snippet,) = hit.snippets
            assert snippet.text[snippet.marks[0][0] : snippet.marks[-1][1]] == found[hit.id]
