"""Does naidi read what people have as dictionaries, and say what is wrong with what it cannot read?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import called
from naidi import Document, IndexDamaged, InvalidDictionary, Searcher, Writer
from naidi.indexer.state.dictionaries import (
    DICTIONARIES,
    MAX_DICTIONARIES,
    dictionary_names,
    store_dictionary,
    verify_dictionaries,
)
from naidi.search.bridges.dictd import counterparts, entries_of

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

# Made for this test, in the layouts of Mueller's dictionary, of FreeDict and of WikDict.
MUELLER = {
    "quern": """quern
   [kwə:n]
   1. _n.
      1) жёрнов, мельница (ручная); quern stone мельничный камень, глыба
      2) _уст. дробилка
   2. _v. молоть, дробить (кого-л., smth.)
""",
    "zax": "zax\n   [zæks] _n. топорик {см. тж. axe}\n",
    "zaxes": "zaxes\n   [z] _pl. от zax\n",
    "the": "the\n   [ðɜ] грам. определённый артикль\n",
    "flux": "flux\n   _I  [flʌks] _n.\n      1) течение\n   _II [flʌks] _v.\n      1) плавить\n",
}
FREEDICT = {
    "gloam": "gloam /gləʊm/ <n>\nсумерки, полумрак\n",
    "husk up": "husk up /hʌsk/\nлущить\n",
    "yaw": "yaw /jɔː/ <v>\n1. рыскать\n2. вилять, отклоняться (от курса)\n",
}
WIKDICT = {
    "сумерки": "сумерки /ˈsumʲɪrkʲɪ/ <n, pl>\n (время суток)\ngloam, the dusk; twilight\n",
    "вилять": "вилять\n1. to yaw\n",
}


def written(folder: Path, name: str, entries: dict[str, str], *, packed: bool = True) -> Path:
    """The two files of a dictionary. Returns the path of its index."""

    def number(value: int) -> str:
        digits = ""
        while value or not digits:
            digits, value = DIGITS[value % 64] + digits, value // 64
        return digits

    text, lines = b"", []
    for headword, entry in {"00-database-short": "A dictionary\n", **entries}.items():
        lines.append(f"{headword}\t{number(len(text))}\t{number(len(entry.encode()))}\n")
        text += entry.encode()
    (folder / f"{name}.index").write_text("".join(lines), encoding="utf-8")
    if packed:
        (folder / f"{name}.dict.dz").write_bytes(gzip.compress(text))
    else:
        (folder / f"{name}.dict").write_bytes(text)
    return folder / f"{name}.index"


def test_the_layouts(tmp_path: Path) -> None:
    def read(name: str, entries: dict[str, str]) -> dict[str, list[str]]:
        path = str(written(tmp_path, name, entries))
        return {entry.headword: list(entry.counterparts) for entry in entries_of(path)}

    assert read("mueller", MUELLER) == {
        # First what begins each part of speech, then what stands behind; no example, and nothing behind one.
        "quern": ["жёрнов", "молоть", "мельница", "дробилка", "дробить"],
        "zax": ["топорик"],
        "flux": ["течение", "плавить"],
    }
    assert read("freedict", FREEDICT) == {
        "gloam": ["сумерки", "полумрак"],
        "husk up": ["лущить"],
        "yaw": ["рыскать", "вилять", "отклоняться"],
    }
    assert read("wikdict", WIKDICT) == {"сумерки": ["gloam", "dusk", "twilight"], "вилять": ["yaw"]}


@given(st.text("abа1_).,;([{/<\n ", max_size=80), st.booleans())
def test_any_entry_can_be_read(body: str, of_english: bool) -> None:
    for word in counterparts("ab", body, of_english=of_english):
        assert not set(word) & set("1_)(,;[{/<\n" + ("ab" if of_english else "а"))


@pytest.mark.parametrize("packed", [True, False])
def test_a_dictionary_of_the_user(tmp_path: Path, packed: bool) -> None:
    index = tmp_path / "index"
    with Writer(index) as writer:
        writer.add(Document("ru", "Старый жёрнов лежал во дворе."))
    file = written(tmp_path, "mueller", MUELLER, packed=packed)
    with Searcher(index) as searcher:
        assert searcher.search_ids("querns") == []
        added = called("dictionary", "add", file, index=index)
        assert (added.returncode, added.stdout) == (0, "mueller  9 words with translations\n")
        assert searcher.refresh() and not searcher.refresh()
        assert [doc_id for doc_id, _ in searcher.search_ids("querns")] == ["ru"]
        # It stays when documents change, and when all are analysed anew.
        with Writer(index) as writer:
            writer.add(Document("more", "Ручная мельница"))
        assert called("index", "--rebuild", index=index).returncode == 0
        assert searcher.refresh()
        assert {doc_id for doc_id, _ in searcher.search_ids("quern")} == {"ru", "more"}
        assert called("verify", index=index).returncode == 0
        again = called("dictionary", "add", written(tmp_path, "mueller", FREEDICT, packed=packed), index=index)
        assert again.stdout.startswith("mueller  ")  # in its place
        assert searcher.refresh()
        assert searcher.search_ids("quern") == []
        listed = called("dictionary", "list", "--json", index=index).stdout
        assert [one["name"] for one in json.loads(listed)["dictionaries"]] == ["mueller"]
        assert called("dictionary", "remove", "mueller", index=index).returncode == 0
        assert called("dictionary", "list", index=index).stdout == ""
        assert searcher.refresh()


def test_headwords_in_russian(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with Writer(index) as writer:
        writer.add(Document("en", "The dusk came early."))
    assert called("dictionary", "add", written(tmp_path, "wik", WIKDICT), index=index).returncode == 0
    with Searcher(index) as searcher:
        assert [doc_id for doc_id, _ in searcher.search_ids("сумерек")] == ["en"]


# what is done to the files | what is said
BAD = {
    "no text": "there is no such file",
    "no index": "there is no such file",
    "not packed": "no gzip file",
    "cut": "ends too early",
    "bad number": "line 2: it is no headword with two numbers",
    "far": "line 2: its entry lies behind the end",
    "another encoding": "is not UTF-8",
    "german": "no English word in it has a Russian counterpart",
}


@pytest.mark.parametrize("kind", BAD)
def test_files_of_bad_form(tmp_path: Path, kind: str) -> None:
    index = tmp_path / "index"
    with Writer(index) as writer:
        writer.add(Document("ru", "жёрнов"))
    file = written(tmp_path, "some", {"gloam": FREEDICT["gloam"]})
    text, lines = tmp_path / "some.dict.dz", file.read_text(encoding="utf-8").splitlines()
    if kind == "no text":
        text.unlink()
    elif kind == "no index":
        file.unlink()
    elif kind == "not packed":
        text.write_bytes(b"gloam")
    elif kind == "cut":
        text.write_bytes(text.read_bytes()[:-20])
    elif kind in ("bad number", "far"):
        file.write_text(f"{lines[0]}\ngloam\t{'A?' if kind == 'bad number' else 'BAAA'}\tB\n", encoding="utf-8")
    elif kind == "another encoding":
        text.write_bytes(gzip.compress(gzip.decompress(text.read_bytes()).replace(b"\xd1", b"\xff")))
    else:
        file = written(tmp_path, "some", {"Haus": "Haus <n>\nhouse\n"})
    found = called("dictionary", "add", file, index=index)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert BAD[kind] in found.stderr and "some" in found.stderr
    assert dictionary_names(index) == []


def test_wrong_calls(tmp_path: Path) -> None:
    index = tmp_path / "index"
    file = written(tmp_path, "some", FREEDICT)
    assert called("dictionary", "add", file, index=index).returncode == 2  # there is no index
    with Writer(index) as writer:
        writer.add(Document("ru", "жёрнов"))
    for arguments in (("add",), ("remove",), ("remove", "none"), ("list", "some"), ("lend", "some")):
        assert called("dictionary", *arguments, index=index).returncode == 2, arguments
    with pytest.raises(InvalidDictionary, match="cannot be the name"):
        store_dictionary(index, "../some", [])
    for number in range(MAX_DICTIONARIES):
        store_dictionary(index, f"d{number}", ["a\tа\n"])
    store_dictionary(index, "d0", ["a\tб\n"])
    with pytest.raises(InvalidDictionary, match="may have no more"):
        store_dictionary(index, "another", [])
    assert verify_dictionaries(index) == MAX_DICTIONARIES


def test_damage_is_told_and_searches_go_on(tmp_path: Path) -> None:
    index = tmp_path / "index"
    with Writer(index) as writer:
        writer.add(Document("ru", "Старый жёрнов"))
    stored = store_dictionary(index, "some", ["quern\tжёрнов\n"])
    path = Path(stored.path)
    data = path.read_bytes()
    for damaged in (data[:-1], data + b"a\tb\n", data.replace("жёр".encode(), "жор".encode())):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match="dictionary add"):
            verify_dictionaries(index)
        assert called("verify", index=index).returncode == 2
        with Searcher(index) as searcher:
            searcher.search("quern")
    for damaged in (b"", b"something else\n" + data):
        path.write_bytes(damaged)
        with Searcher(index) as searcher:
            (warning,) = searcher.search("quern").warnings
            assert "the dictionary some is not used" in warning
    path.write_bytes(data)
    assert (index / DICTIONARIES).is_dir() and verify_dictionaries(index) == 1
