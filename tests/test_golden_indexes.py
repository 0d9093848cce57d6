"""An index of each format version, made by the naidi of its time: it answers, or is brought up to date and then answers.

tests/data/README.md says how they were made. None is ever changed.
"""

from __future__ import annotations

import pickletools
import random
import shutil
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from commands import naidi
from indexes import contents, live_directory, replace_file, verify, write_old
from naidi import field, open_index, sync
from naidi.indexer.analysis.lemmatize import fingerprint as fingerprint_module
from naidi.indexer.codec.container import item_bytes
from naidi.indexer.codec.older_formats import OlderSegment
from naidi.indexer.document import DATE_SOURCES, Document
from naidi.indexer.errors import IndexDamaged, IndexOutdated
from naidi.indexer.state.generations import open_generation
from naidi.indexer.state.manifest import FORMAT_VERSION, OLDEST_READABLE, Manifest
from naidi.indexer.state.stored import open_stored
from naidi.indexer.whoosh.toc import toc_bytes
from naidi.indexer.writing import writer as writer_module
from naidi.indexer.writing.reanalyse import reanalyse
from naidi.indexer.writing.writer import Writer

DATA = Path(__file__).parent / "data"
FORMATS = sorted(int(path.name.removeprefix("format-")) for path in DATA.glob("format-*"))
READABLE = [version for version in FORMATS if version >= OLDEST_READABLE]
OLDER = [version for version in FORMATS if version < OLDEST_READABLE]

# query -> id -> score, the best first
ANSWERS: dict[str, dict[str, float]] = {
    "вакцина": {"seeds/вакцина.txt": 2.957732, "письмо": 2.957732, "қазақ": 1.975726},
    "вакцины lang:ru": {"seeds/вакцина.txt": 2.957732, "письмо": 2.957732},
    "мыши": {"last": 4.258291},
    "mouse": {"mice": 0.982753, "draft": 0.976438, "seeds/notes/trial.md": 0.971445},
    "=mice": {"mice": 1.965505, "draft": 1.952877, "seeds/notes/trial.md": 1.942890},
    '"first trial"': {"draft": 5.606173, "seeds/notes/trial.md": 5.577504},
    '"первый этап"': {"письмо": 8.450750},
    '"образцов and page"': {"long": 13.257011},
    '"420 says"': {"long": 0.986951},
    "title:испытания": {"title alone": 2.446001},
    "draft": {"draft": 4.214515},
    "vacc*": {"seeds/notes/trial.md": 4.192963},
    "lang:kk": {"қазақ": 0.0},
    "date:2021-03-04": {"seeds/вакцина.txt": 0.0},
    "date:[* TO 1800]": {"mice": 0.0},
    "date:*": {"long": 0.0, "mice": 0.0, "seeds/вакцина.txt": 0.0, "письмо": 0.0},
    "nobody": {},
}

# What is answered from format 5 on: the names of files are searched, and every file has a date.
SINCE_5: dict[str, dict[str, float]] = {
    "вакцина": {"seeds/вакцина.txt": 3.057854, "письмо": 2.957732, "қазақ": 1.975726},
    "вакцины lang:ru": {"seeds/вакцина.txt": 3.057854, "письмо": 2.957732},
    "date:*": {"long": 0.0, "mice": 0.0, "seeds/notes/trial.md": 0.0, "seeds/вакцина.txt": 0.0, "письмо": 0.0},
    "зоопарк": {"last": 4.258291},
    "звери": {"last": 4.623662},
    "notes": {"seeds/notes/trial.md": 4.192963},
}

META = {"автор": "Иванов", "year": 2021, "score": 1.5, "draft": False, "note": None}
LINE = "Страница {n}: лаборатория испытала {n} образцов, and page {n} says the same in English.\n"
LAST = Document("last", "Последний документ: кот и мыши.", path="last.txt")
# What it has from format 5 on.
OF_LAST = {"keywords": "зоопарк", "names": "Звери дома", "pages": [0, 20], "first_line": 3}
APPLICATION = [
    Document(
        "письмо",
        "Уважаемый Касым-Жомарт! Вакцина прошла первый этап испытаний.",
        "Письмо о вакцине",
        date(1999, 12, 31),
        "почта/письмо.eml",
        META,
    ),
    Document("mice", "Three mice ran up the clock.", "A rhyme", date(1744, 1, 1)),
    Document("қазақ", "Дәрігерлер вакцина туралы айтты.", language="kk"),
    Document("title alone", "", "Испытания без текста"),
    Document("long", "".join(LINE.format(n=n) for n in range(1, 421)), "Отчёт", date(2020, 2, 29)),
    Document("draft", "The mice of the first trial are well; the draft is final.", "Final", meta={"v": 2}),
    LAST,
]
SYNCED = [
    Document(
        "seeds/вакцина.txt",
        "\nКазахстан закупит вакцины\n\nПрививки от гриппа начнутся осенью.\n",
        "Казахстан закупит вакцины",
        date(2021, 3, 4),
        "/tmp/golden/seeds/вакцина.txt",
    ),
    Document(
        "seeds/notes/trial.md",
        "# The second trial\n\nMice were given the new vaccine. The first trial had failed.\n",
        "The second trial",
        path="/tmp/golden/seeds/notes/trial.md",
    ),
]
ROOT = "/tmp/golden/seeds"


@pytest.fixture
def golden(tmp_path: Path) -> Callable[[int], Path]:
    """A copy of the index of a format."""
    return lambda version: Path(shutil.copytree(DATA / f"format-{version}", tmp_path / f"format-{version}"))


def stored_manifest(directory: Path) -> Manifest:
    manifest = open_stored(directory).manifest
    assert manifest is not None
    return manifest


def same_analysis(directory: Path, patch: pytest.MonkeyPatch) -> None:
    """Let this installation count as one with the word tables and dictionaries that made the index: a test of its format."""
    made_by = stored_manifest(directory).fingerprint
    for module in (fingerprint_module, writer_module):
        patch.setattr(module, "fingerprint", lambda: made_by)


def check_answers(directory: Path, version: int) -> None:
    with open_index(directory) as searcher:
        for query, expected in {**ANSWERS, **(SINCE_5 if version >= 5 else {})}.items():
            results = searcher.search(query, limit=100, translate=False)
            assert [hit.id for hit in results.hits] == list(expected), query
            assert [hit.score for hit in results.hits] == pytest.approx(list(expected.values()), abs=1e-6), query
            assert results.total == len(expected) and not results.warnings, query


def check_documents(directory: Path, version: int, more: int = 0) -> None:
    """All that was given of every document is there."""
    found = contents(directory)
    assert len(found) == len(APPLICATION) + len(SYNCED) + more and "gone" not in found
    generation = open_generation(directory)
    for document in APPLICATION + SYNCED:
        assert found[document.id] == document.text
        segment = next(part for part in generation.segments[::-1] if part.doc_of_id(document.id) >= 0)
        doc = segment.doc_of_id(document.id)
        record = segment.record(doc)
        assert (record["title"], record["path"], record["meta"], record.get("language")) == (
            document.title,
            document.path,
            document.meta,
            document.language,
        )
        day, source = document.date, "given" if document.date else "none"
        if document in SYNCED and version >= 5:
            day, source = (day, "header") if day else (date(2020, 9, 13), "mtime")
        assert int(segment.dates[doc]) == (day.toordinal() if day else 0)
        assert DATE_SOURCES[segment.date_sources[doc]] == source
        of_file = (int(segment.file_sizes[doc]), int(segment.mtimes[doc]))
        if version < 5 or document not in (*SYNCED, LAST):
            assert of_file == (-1, -1)
        else:
            assert of_file == ({"last": 123, "seeds/notes/trial.md": 81}.get(document.id, 134), 1_600_000_000)
        kept = {name: record[name] for name in OF_LAST if name in record}
        if document is LAST:
            assert kept == (OF_LAST if version >= 5 else {})
        elif document not in SYNCED:
            assert not kept
        assert bool(segment.synced[doc]) == (document in SYNCED)
    assert generation.manifest.roots[ROOT]["prefix"] == "seeds"
    assert b'"notes/trial.md":[81,' in open_stored(directory).sources


def check_current(directory: Path) -> None:
    """The live state has the newest form of every file, Whoosh's included."""
    verify(directory)
    manifest = open_generation(directory).manifest
    assert manifest.format_version == FORMAT_VERSION
    toc = live_directory(directory) / f"_MAIN_{manifest.generation}.toc"
    assert toc.read_bytes() == toc_bytes(manifest.generation, manifest.segments, manifest.fields)


def test_there_is_one_of_each_format() -> None:
    assert list(range(1, FORMAT_VERSION + 1)) == FORMATS
    for version in FORMATS:
        stored = open_stored(DATA / f"format-{version}")
        assert stored.manifest is not None and stored.manifest.format_version == version
        assert len(stored.segments) == 3
        assert sum(part.segment.doc_count - len(part.docs) for part in stored.segments) == 2


@pytest.mark.parametrize("version", READABLE)
def test_a_readable_one_answers_as_it_is(
    golden: Callable[[int], Path], version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = golden(version)
    same_analysis(directory, monkeypatch)
    check_answers(directory, version)
    check_documents(directory, version)
    verify(directory)
    assert live_directory(directory).name == "gen-00000003"


@pytest.mark.parametrize("version", [version for version in READABLE if version < FORMAT_VERSION])
def test_a_commit_without_changes_gives_a_readable_one_the_newest_form(
    golden: Callable[[int], Path], version: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    directory = golden(version)
    same_analysis(directory, monkeypatch)
    segments = [path.stat().st_ino for path in sorted(live_directory(directory).glob("*.seg"))]
    Writer(directory).close()
    assert live_directory(directory).name == "gen-00000003"  # nothing was committed
    with Writer(directory):
        pass
    assert live_directory(directory).name == "gen-00000004"
    assert [path.stat().st_ino for path in sorted(live_directory(directory).glob("*.seg"))] == segments
    check_current(directory)
    check_documents(directory, version)
    check_answers(directory, version)
    with Writer(directory):
        pass
    assert live_directory(directory).name == "gen-00000004"

    other = Path(shutil.copytree(DATA / f"format-{version}", tmp_path / "synced"))
    (tmp_path / "empty").mkdir()
    report = sync(tmp_path / "empty", other)
    assert report.rebuilt is None
    check_current(other)
    check_documents(other, version)
    check_answers(other, version)


@pytest.mark.parametrize("version", OLDER)
def test_an_older_one_says_what_to_do(golden: Callable[[int], Path], version: int) -> None:
    directory = golden(version)
    for act in (open_generation, open_index, Writer):
        with pytest.raises(IndexOutdated, match=f"index format {version}, .*call naidi.upgrade"):
            act(directory)
    assert live_directory(directory).name == "gen-00000003"


@pytest.mark.parametrize("version", FORMATS)
def test_a_sync_brings_it_up_to_date(golden: Callable[[int], Path], version: int, tmp_path: Path) -> None:
    """The folder that it followed is gone, and still nothing is lost."""
    directory, folder = golden(version), tmp_path / "folder"
    folder.mkdir()
    report = sync(folder, directory)
    if version in OLDER:
        assert report.rebuilt == "made by another version"
    assert not report.skipped and not report.warnings
    check_current(directory)
    check_documents(directory, version)
    check_answers(directory, version)
    write_old(folder / "new.txt", "Совсем новый файл")
    assert (sync(folder, directory).added, sync(folder, directory).unchanged) == (1, 1)
    check_documents(directory, version, more=1)


@pytest.mark.parametrize("version", FORMATS)
def test_it_is_reanalysed_without_a_folder(golden: Callable[[int], Path], version: int) -> None:
    directory = golden(version)
    reanalyse(directory)
    check_current(directory)
    check_documents(directory, version)
    check_answers(directory, version)
    with Writer(directory) as writer:
        writer.add(Document("another", "Ещё один"))
    check_documents(directory, version, more=1)


@pytest.mark.parametrize("version", FORMATS)
def test_a_rebuild_keeps_what_the_folder_cannot_give(
    golden: Callable[[int], Path], version: int, tmp_path: Path
) -> None:
    directory, folder = golden(version), tmp_path / "folder"
    write_old(folder / "a.txt", "Файл")
    report = sync(folder, directory, rebuild=True)
    assert (report.rebuilt, report.added, report.skipped) == ("as asked", 1, [])
    check_current(directory)
    check_documents(directory, version, more=1)


def test_the_command_brings_it_up_to_date(golden: Callable[[int], Path], tmp_path: Path) -> None:
    directory, folder = golden(OLDER[0]), tmp_path / "folder"
    folder.mkdir()
    before = naidi("search", "мыши", "-l", "--no-translate", index=directory)
    assert before.returncode == 2 and f"index format {OLDER[0]}, " in before.stderr
    done = naidi("index", folder, index=directory)
    assert done.returncode == 0 and "index built anew: made by another version" in done.stderr
    after = naidi("search", "мыши", "-l", "--no-translate", index=directory)
    assert (after.returncode, after.stdout) == (0, "last.txt\n")
    check_documents(directory, OLDER[0])


# Whoosh


def test_whoosh_opens_the_newest(golden: Callable[[int], Path]) -> None:
    from whoosh.index import open_dir
    from whoosh.query import Term

    directory = golden(FORMATS[-1])
    with open_dir(str(live_directory(directory))).searcher() as searcher:
        for field, word, ids in (
            ("text", "вакцина", {"seeds/вакцина.txt", "письмо", "қазақ"}),
            ("form", "mice", {"mice", "draft", "seeds/notes/trial.md"}),
            ("id", "gone", set()),
        ):
            hits = searcher.search(Term(field, word), limit=None)
            assert {hit["id"] for hit in hits} == ids, word


def test_the_names_that_whoosh_unpickles_stay() -> None:
    """What an index names must be importable as long as its format is read. Nothing is unpickled here."""
    directory = live_directory(DATA / f"format-{FORMATS[-1]}")
    data = (directory / "_MAIN_3.toc").read_bytes()
    names = set()
    for start in (data.index(b"\x80\x02"), data.rindex(b"\x80\x02")):
        names |= {argument for code, argument, _ in pickletools.genops(data[start:]) if code.name == "GLOBAL"}
    module = "naidi.indexer.whoosh.unpickle"
    assert names == {f"{module} whoosh_schema", f"{module} whoosh_segment", f"{module} whoosh_segments"}
    manifest = stored_manifest(directory.parent)
    assert data == toc_bytes(manifest.generation, manifest.segments, manifest.fields)


# Damage


@pytest.mark.parametrize("version", OLDER)
def test_damage_of_an_older_segment_is_told(golden: Callable[[int], Path], version: int) -> None:
    """A flip leaves a document as it can be read, or is damage; nothing else is raised."""
    path = live_directory(golden(version)) / "00000003-0.seg"
    data = path.read_bytes()
    choice = random.Random(version)
    damages = 0
    for _ in range(1500):
        place = choice.randrange(len(data))
        replace_file(path, data[:place] + bytes([data[place] ^ (1 << choice.randrange(8))]) + data[place + 1 :])
        try:
            segment = OlderSegment(path, version)
            for doc in range(segment.doc_count):
                assert isinstance(segment.record(doc), dict) and isinstance(segment.text(doc), str)
        except (IndexDamaged, IndexOutdated) as error:
            assert str(path) in str(error)
            damages += 1
    assert damages > 10
    replace_file(path, data[: len(data) // 2])
    with pytest.raises(IndexDamaged):
        OlderSegment(path, version)


@pytest.mark.parametrize("version", OLDER)
def test_numbers_that_lead_outside_are_damage(golden: Callable[[int], Path], version: int) -> None:
    path = live_directory(golden(version)) / "00000003-0.seg"
    data = path.read_bytes()
    table = OlderSegment(path, version).container._table
    names = ["block", "offset", "size", *(["span"] if version > 1 else []), "ends"]
    places = [f"{kind}.{name}" for kind in ("records", "texts") for name in names]
    for name in places + (["ids.ranks", "ids.ends", "titles.ends"] if version > 1 else []):
        offset, count, kind = table[name]
        filled = data[:offset] + b"\xff" * (count * item_bytes(kind)) + data[offset + count * item_bytes(kind) :]
        replace_file(path, filled)
        with pytest.raises(IndexDamaged, match="damaged"):
            for doc in range(2):
                segment = OlderSegment(path, version)
                segment.record(doc)
                segment.text(doc)


@pytest.mark.parametrize("version", OLDER)
def test_a_damaged_older_index_is_left_alone_unasked(
    golden: Callable[[int], Path], version: int, tmp_path: Path
) -> None:
    directory, folder = golden(version), tmp_path / "folder"
    folder.mkdir()
    path = live_directory(directory) / "00000002-0.seg"
    replace_file(path, path.read_bytes()[:-1])
    for act in (lambda: sync(folder, directory), lambda: reanalyse(directory)):
        with pytest.raises(IndexDamaged, match=r"00000002-0\.seg.*rebuild"):
            act()
    assert live_directory(directory).name == "gen-00000003"


def test_the_fields_of_format_7_are_what_was_given() -> None:
    moment = datetime(2026, 1, 2, 9, 30, 0, 5, tzinfo=timezone.utc)
    of_mice = {
        "tags": ["a", "б"],
        "price": 3.5,
        "stock": True,
        "day": date(2026, 1, 2),
        "at": moment,
        "notes": "Заметка о кошках",
    }
    with open_index(DATA / "format-7") as searcher:
        assert searcher.get("mice").fields == of_mice
        assert searcher.get("long").fields == {"brand": "Кот & Co", "price": -7, "tags": ["a"]}
        assert searcher.get("draft").fields == {}
        assert [hit.id for hit in searcher.search("notes:кошка")] == ["mice"]
        assert [hit.id for hit in searcher.search("*", where=field("tags") == "a", sort="price")] == ["long", "mice"]
        assert [hit.id for hit in searcher.search("at:2026-01-02 stock:да")] == ["mice"]
        assert {name: kind.kind for name, kind in searcher.schema.items()} == {
            "brand": "keyword",
            "tags": "keyword",
            "price": "number",
            "stock": "boolean",
            "day": "date",
            "at": "datetime",
            "notes": "text",
        }
