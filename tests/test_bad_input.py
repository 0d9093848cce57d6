"""Whatever is thrown at it: a clear end, and the rest goes in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from commands import SEEDS, called
from naidi import Document, Searcher, Writer, open_index, sync
from naidi.indexer.errors import IndexMissing, IndexUnwritable, InvalidQuery


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    index = tmp_path_factory.mktemp("bad") / "index"
    sync(SEEDS, index)
    return open_index(index)


def reasons(folder: Path, index: Path) -> dict[str, str]:
    return {os.path.relpath(path, folder): reason for path, reason in sync(folder, index).skipped}


def test_odd_files_are_left_out_with_a_reason_and_the_rest_goes_in(tmp_path: Path) -> None:
    folder, index = tmp_path / "docs", tmp_path / "index"
    (folder / "closed").mkdir(parents=True)
    (folder / "good.txt").write_text("Хорошая вакцина.", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.txt").write_bytes(b" \n\n")
    (folder / "nul.txt").write_bytes(b"word\0word\0\0word")
    (folder / "half.txt").write_bytes("Почти вся вакцина цела".encode() + b" \xff\xfe " + "и дальше тоже.".encode())
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    found = reasons(folder, index)
    assert found["empty.txt"] == found["blank.txt"] == "empty"
    assert found["nul.txt"] == "binary file"
    assert found["dangling.txt"] == "dangling link"
    assert found["pipe.txt"] == "not a regular file"
    assert found["loop"].startswith("symlink") or found["loop/"].startswith("symlink")
    with open_index(index) as searcher:
        assert {hit.id for hit in searcher.search("вакцина").hits} == {"docs/good.txt", "docs/half.txt"}


def test_damaged_utf8_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "half.txt").write_bytes("Почти вся вакцина цела".encode() + b" \xff\xfe " + "и дальше тоже.".encode())
    run = called("index", folder, "-v", index=tmp_path / "index")
    assert run.returncode == 0 and "half.txt: " in run.stderr and "damaged" in run.stderr
    assert "1 not read whole" in run.stdout


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root every folder may be listed, so the refusal is played."""
    folder = tmp_path / "docs"
    (folder / "closed").mkdir(parents=True)
    (folder / "good.txt").write_text("слово", encoding="utf-8")
    (folder / "closed" / "secret.txt").write_text("слово", encoding="utf-8")
    listing = os.scandir

    def refuse(path: str) -> object:
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = sync(folder, tmp_path / "index")
    assert report.added == 1
    assert [reason for _, reason in report.skipped] == ["no permission"]


def test_one_line_of_many_megabytes(tmp_path: Path) -> None:
    """20 MB here; time and memory grow in step with the length."""
    folder = tmp_path / "docs"
    folder.mkdir()
    line = "слово и word without an end " * 400_000 + "иголка"
    (folder / "line.txt").write_text(line, encoding="utf-8")
    assert sync(folder, tmp_path / "index").added == 1
    with open_index(tmp_path / "index") as searcher:
        (hit,) = searcher.search("иголку").hits
        assert len(hit.title) <= 120
        assert [snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks] == ["иголка"]


def test_an_index_directory_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("not an index", encoding="utf-8")
    with pytest.raises(IndexUnwritable, match="is a file"):
        Writer(path)
    with pytest.raises(IndexMissing, match="is a file"):
        open_index(path)
    for command in (("index", SEEDS), ("search", "x"), ("status",), ("verify",)):
        run = called(*command, index=path)
        assert run.returncode == 2 and "is a file" in run.stderr and run.stderr.count("\n") == 1
    assert path.read_text(encoding="utf-8") == "not an index"


def test_an_index_of_an_older_analysis(tmp_path: Path) -> None:
    index = tmp_path / "index"
    sync(SEEDS, index)
    with Writer(index) as writer:
        writer.add(Document(id="mine", text="моя вакцина"))
    age(index)
    run = called("search", "vaccine", index=index)
    assert run.returncode == 0 and "`naidi index --upgrade`" in run.stderr.splitlines()[0]
    assert "of another version" in called("status", index=index).stdout
    run = called("index", SEEDS, index=index)
    assert run.returncode == 0 and "built anew" in run.stderr
    assert called("search", "--count", "vaccine OR вакцина", index=index).stdout == "3\n", "nothing is lost"


def age(index: Path) -> None:
    """Make the live generation look as if rules of another version had made it."""
    from hashlib import blake2b

    name = (index / "CURRENT").read_text(encoding="ascii").split()[0]
    manifest = index / name / "manifest.json"
    value = json.loads(manifest.read_text(encoding="utf-8"))
    value["fingerprint"] = "rules=0"
    manifest.write_text(json.dumps(value), encoding="utf-8")
    digest = blake2b(manifest.read_bytes(), digest_size=32).hexdigest()
    (index / "CURRENT").write_text(f"{name} {digest}\n", encoding="ascii")


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("*", 3),
        ("NOT x", 3),
        ("", 0),
        ("   ", 0),
        ("()", 0),
        ('""', 0),
        ("!!! ??? …", 0),
        ('"primary health', 2),
        ('vaccine"', 2),
        ("(vaccine", 2),
        ("vaccine)", 2),
        ("((((vaccine", 2),
        ("vaccine AND", 2),
        ("OR vaccine", 2),
        ("AND OR NOT", 0),
        ("vaccine^", 2),
        ("vaccine~~~", 2),
        ("[vaccine]", 2),
        ("?vaccine?", 2),
        ("(the ?vaccine?).", 2),
        ("title:", 0),
        ("date:", 0),
        ("nosuchfield:vaccine", 0),
        ("vaccine\x00", 2),
        ("vaccine \ud800", 2),
        ("vaccine\x1b[31m", 2),
    ],
)
def test_a_malformed_query_gets_the_best_reading(searcher: Searcher, query: str, total: int) -> None:
    results = searcher.search(query, explain=True)
    assert results.total == total


def test_a_hundred_thousand_words(searcher: Searcher) -> None:
    results = searcher.search(" ".join(f"word{number}" for number in range(100_000)) + " vaccine")
    assert results.total == 0
    assert any("1024" in warning for warning in results.warnings), "the reader is told what was left out"
    assert searcher.search("vaccine " + "слово " * 100_000).total == 2


@pytest.mark.parametrize("opening", ["(", "-(", "+(", "title:("])
def test_a_hundred_thousand_brackets(searcher: Searcher, opening: str) -> None:
    assert searcher.search(opening * 100_000 + "vaccine").total in (0, 1, 2, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": -1},
        {"offset": -1},
        {"limit": "ten"},
        {"mode": "some"},
        {"sort": "size"},
        {"since": "2021"},
        {"language": 7},
    ],
)
def test_arguments_without_meaning(searcher: Searcher, arguments: dict[str, object]) -> None:
    with pytest.raises(InvalidQuery):
        searcher.search("x", **arguments)  # type: ignore[arg-type]


def test_the_query_must_be_a_string(searcher: Searcher) -> None:
    with pytest.raises(InvalidQuery):
        searcher.search(b"vaccine")  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", ["𝐬", "𐌰", "𠀀", "😀"])
def test_letters_beyond_the_first_plane_break_no_query(tmp_path: Path, odd: str) -> None:
    with Writer(tmp_path / "index") as writer:
        writer.add(Document(id="ru", text="Президент Токаев встретил гостей, Нина тоже."))
        writer.add(Document(id="en", text=f"President Tokaev{odd} met Nin{odd} and {odd}Tokaev."))
    with open_index(tmp_path / "index") as searcher:
        for query in (
            "Токаев",
            "Нина",
            "на",
            f"Tokaev{odd}",
            f"{odd}Tokaev",
            f"Токаев{odd}",
            odd,
            f"{odd}~",
            f"то{odd}*",
        ):
            for exact in (False, True):
                results = searcher.search(query, explain=True, exact=exact)
                assert [one[0] for one in searcher.search_ids(query, exact=exact)] == [hit.id for hit in results.hits]
            searcher.suggest(query)
        assert searcher.search("Нина").hits[0].id == "ru"
        assert searcher.search(f"Tokaev{odd}", exact=True).hits[0].id == "en"
