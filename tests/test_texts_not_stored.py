"""An index that does not store the texts of its documents: found as before, and nothing else of the text is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexes import answers, build, contents, live_directory, verify
from naidi import (
    Document,
    IndexOutdated,
    IndexUnwritable,
    InvalidDocument,
    Writer,
    drop,
    field,
    fields,
    open_index,
    sync,
    upgrade,
)
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing import upgrade as upgrade_module
from naidi.indexer.writing import writer as writer_module

LONG = "Длинный рассказ о вакцинах. A long story.\n" * 2000
DOCUMENTS = [
    Document("a", "Вакцины доставили в больницы вчера вечером", title="Новость", meta={"n": 1}),
    Document("b", "The vaccines arrived in the hospitals (World Health Organization, WHO) yesterday"),
    Document("c", LONG, title="Рассказ"),
    Document("same", "Вакцины доставили в больницы вчера вечером"),
]
QUERIES = ["вакцина", "vaccine", '"long story"', "вакцина NEAR рассказ", "title:рассказ", "WHO", "больница OR hospital"]


@pytest.fixture
def bare(index: Path) -> Path:
    with Writer(index, store_texts=False) as writer:
        writer.add_many(DOCUMENTS)
    return index


def files(index: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(live_directory(index).iterdir()))


def test_documents_are_found_as_before_and_have_no_snippets(bare: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    build(whole, DOCUMENTS)
    assert answers(bare, QUERIES) == answers(whole, QUERIES)
    verify(bare)
    with open_index(bare) as searcher:
        for query in QUERIES:
            results = searcher.search(query)
            assert results.hits and all("".join(one.text for one in hit.snippets) == "" for hit in results.hits), query
        assert {hit.id for hit in searcher.search("вакцина доставили")} >= {"a", "same"}, (
            "none is taken for a duplicate"
        )
        (hit,) = searcher.search("title:рассказ")
        assert hit.title == "Рассказ" and hit.title_marks
        stored = searcher.get("a")
        assert stored.text is None and stored.meta == {"n": 1} and stored.title == "Новость"


def test_the_index_is_smaller(bare: Path, tmp_path: Path) -> None:
    words = [f"слово{number} word{number}" for number in range(3000)]
    docs = [Document(str(number), " ".join(words[number : number + 300])) for number in range(300)]
    with Writer(tmp_path / "one", store_texts=False) as writer:
        writer.add_many(docs)
    build(tmp_path / "two", docs)
    assert len(files(tmp_path / "one")) < len(files(tmp_path / "two"))
    assert open_generation(tmp_path / "one").manifest.segments[0].text_bytes == 0


def test_it_stays_so(bare: Path) -> None:
    with Writer(bare) as writer:
        writer.add(Document("d", "ещё одна вакцина"))
    with Writer(bare, store_texts=False, flush_tokens=1) as writer:
        writer.add_many(Document(f"n{number}", "пёс и вакцина") for number in range(1200))
        writer.delete("a")
        writer.optimize()
    with Writer(bare) as writer:
        writer.clear()
        writer.add(Document("last", "последняя вакцина"))
    assert set(contents(bare).values()) == {""} and not open_generation(bare).manifest.store_texts
    with open_index(bare) as searcher:
        assert [hit.id for hit in searcher.search("вакцина")] == ["last"]
    verify(bare)


def test_a_contradiction_is_an_error(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexUnwritable, match="does not store the texts of its documents, and store_texts is True"):
        Writer(bare, store_texts=True)
    build(tmp_path / "whole", DOCUMENTS)
    with pytest.raises(IndexUnwritable, match="stores the texts of its documents, and store_texts is False"):
        Writer(tmp_path / "whole", store_texts=False)
    with Writer(bare, store_texts=True, rebuild=True) as writer:  # the lock is free
        writer.add(DOCUMENTS[0])
    assert contents(bare) == {"a": DOCUMENTS[0].text}


def test_a_new_analysis_needs_the_documents_again(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "fingerprint", lambda: "newer rules")
    monkeypatch.setattr(upgrade_module, "fingerprint", lambda: "newer rules")
    before = files(bare)
    with pytest.raises(IndexOutdated, match="texts of this index are not stored: give its documents again"):
        Writer(bare)
    for accept_loss in (False, True):
        with pytest.raises(
            IndexOutdated, match="document 'a' cannot be analysed anew; the texts of this index are not"
        ):
            upgrade(bare, accept_loss=accept_loss)
    assert files(bare) == before, "nothing is lost"
    with Writer(bare, rebuild=True) as writer:
        writer.add_many(DOCUMENTS)
    assert set(contents(bare).values()) == {""}, "as the index has had it"
    with open_index(bare) as searcher:
        assert searcher.search("вакцина").total >= 3


def test_folders_are_read_again_but_an_applications_documents_are_not_lost(tmp_path: Path, bare: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "f.txt").write_text("Файл о вакцинах")
    assert sync(folder, bare).added == 1
    with pytest.raises(IndexOutdated, match="document 'a' cannot be analysed anew"):
        sync(folder, bare, rebuild=True)
    with Writer(bare) as writer:
        for document in DOCUMENTS:
            writer.delete(document.id)
    assert sync(folder, bare, rebuild=True).added == 1
    assert contents(bare) == {"folder/f.txt": ""} and not open_generation(bare).manifest.store_texts
    assert sync(folder, bare).unchanged == 1
    drop(folder, bare)
    assert contents(bare) == {}


def test_fields_change_but_those_of_text_need_the_document(index: Path) -> None:
    schema = {"price": fields.Number(), "notes": fields.Text()}
    with Writer(index, schema=schema, store_texts=False) as writer:
        writer.add(Document("a", "Вакцина", fields={"price": 1, "notes": "хрупкое"}))
    with Writer(index) as writer:
        assert writer.update("a", fields={"price": 2})
        with pytest.raises(InvalidDocument, match="field 'notes' is searched with the text, which is not stored"):
            writer.update("a", fields={"notes": "прочное"})
    with open_index(index) as searcher:
        assert [hit.id for hit in searcher.search("вакцина", where=field("price") == 2)] == ["a"]
        assert searcher.search("хрупкий").total == 1


def test_similar_goes_by_the_title(bare: Path) -> None:
    with Writer(bare) as writer:
        writer.add(Document("e", "что-то другое", title="Рассказ"))
    with open_index(bare) as searcher:
        assert {hit.id for hit in searcher.similar("c")} >= {"e"}
        assert searcher.search("вакцина", expand=True).hits
        assert searcher.suggest("вакц")


@pytest.mark.parametrize("value", [0, None, "no"])
def test_a_manifest_that_says_neither_is_damaged(bare: Path, value: object) -> None:
    import json

    from naidi.indexer.errors import IndexDamaged
    from naidi.indexer.state.manifest import Manifest

    data = json.loads((live_directory(bare) / "manifest.json").read_bytes())
    assert Manifest.from_json(json.dumps(data).encode(), "m").store_texts is False
    del data["store_texts"]
    assert Manifest.from_json(json.dumps(data).encode(), "m").store_texts is True
    with pytest.raises(IndexDamaged, match="neither true nor false"):
        Manifest.from_json(json.dumps({**data, "store_texts": value}).encode(), "m")
