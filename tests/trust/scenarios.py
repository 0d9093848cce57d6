"""Twelve ways to change an index, and what an index says of its state."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import naidi
from naidi.indexer.analysis.lemmatize.fingerprint import fingerprint
from naidi.indexer.errors import IndexMissing, IndexOutdated
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing import merge_policy

from .check import content_of, copy_tree

Done = Callable[[], None]
State = dict[str, str] | str  # id -> title, text and fields (id "": which analysis), or a word

NO_INDEX = "no index"
OUTDATED = "an index of another analysis"
SCHEMA = {"tags": naidi.fields.Keyword(multiple=True), "rank": naidi.fields.Number(), "notes": naidi.fields.Text()}


def document(number: int, version: int = 0) -> naidi.Document:
    """A small document; every one has the word `everywhere`."""
    text = f"everywhere вакцина{number} vaccine number {number} version {version}. Минздрав привил {number} человек.\n"
    return naidi.Document(
        id=f"d{number}",
        text=text,
        title=f"Документ {number}.{version}",
        date=date(2021, 5, 1 + number % 28),
        meta={"version": version},
        language="ru",
        fields={"tags": [f"tag{number % 3}", "all"], "rank": number + version / 2, "notes": f"remark {number}"},
    )


def state_of(index: Path) -> State:
    """All documents of an index by id, each as title, text and fields; NO_INDEX or OUTDATED.

    An index of another analysis may answer, too.

    Raises what opening or searching raises, and AssertionError where the two disagree or the state before answers.
    """
    try:
        with naidi.open_index(index) as searcher:
            generation = searcher.generation
            found: dict[str, str] = {}
            for segment, deleted in zip(generation.segments, generation.deleted, strict=True):
                for doc in range(segment.doc_count):
                    if not deleted[doc]:
                        record = segment.record(doc)
                        assert record["id"] not in found, f"{record['id']} is there twice"
                        fields = searcher.get(record["id"]).fields
                        found[record["id"]] = f"{record['title']}: {segment.text(doc)} {sorted(fields.items())}"
            results = searcher.search("everywhere", limit=1000, snippets=0)
            assert {hit.id for hit in results.hits} == found.keys(), "a search finds other documents than are there"
            assert generation.damage is None, f"the state before answers: {generation.damage}"
            if generation.manifest.fingerprint != fingerprint():
                found[""] = OUTDATED
            return found
    except IndexMissing:
        return NO_INDEX
    except IndexOutdated:
        return OUTDATED


def add(index: Path, *documents: naidi.Document, delete: tuple[str, ...] = (), done: Done = lambda: None) -> None:
    """One commit."""
    writer = naidi.Writer(index, schema=SCHEMA)
    try:
        writer.add_many(documents)
        for doc_id in delete:
            writer.delete(doc_id)
        writer.commit()
        done()
    finally:
        writer.close()


def update(index: Path, done: Done = lambda: None) -> None:
    """One commit that changes fields alone."""
    with naidi.Writer(index) as writer:
        writer.update("d1", fields={"rank": None, "tags": ["all", "new"]})
        writer.update("d5", fields={"rank": -1})
        writer.commit()
        done()


def write(path: Path, text: str) -> None:
    """A file of a folder that is old enough to be trusted by its time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    changed = 1_600_000_000 + len(text)
    os.utime(path, (changed, changed))


def _files(folder: Path, *numbers: int, version: int = 0) -> None:
    for number in numbers:
        write(
            folder / f"f{number}.txt",
            f"Файл {number}. everywhere вакцина{number}, версия {version}.\n" + "слово " * version,
        )


# What is there before, in a directory with `index` and `folder`.


def _nothing(space: Path) -> None:
    """Nothing is there yet."""


def _folder(space: Path) -> None:
    """Some files are ignored: an ignore file that cannot be read must not let them in."""
    folder = space / "folder"
    _files(folder, 1, 2, 3)
    write(folder / ".gitignore", "private.txt\n")
    write(folder / "below" / ".ignore", "private.txt\n")
    for place in (folder, folder / "below"):
        write(place / "private.txt", "everywhere ignored")
    _files(folder / "below", 8)


def _some(space: Path) -> None:
    """Two segments, one with a deletion, and the generation before."""
    add(space / "index", *map(document, range(1, 5)))
    add(space / "index", document(5), delete=("d4",))


def _many_segments(space: Path) -> None:
    """So many segments that the next commit merges."""
    index = space / "index"
    add(index, *map(document, range(1, 4)))
    for number in range(4, 30):
        before = _segments(index)
        saved = space / "before"
        copy_tree(index, saved)
        add(index, document(number))
        if _segments(index) <= before and number > 5:
            copy_tree(saved, index)
            shutil.rmtree(saved)
            return
    raise AssertionError("no commit has merged")


def _one_segment(space: Path) -> None:
    add(space / "index", *map(document, range(1, 13)))


def _merge_beside(space: Path, done: Done) -> None:
    """Delete half of the documents, with a merge beside the writer that ends before anything else is done."""
    most, merge_policy.MERGED_IN_COMMIT_TOKENS = merge_policy.MERGED_IN_COMMIT_TOKENS, 0
    try:
        writer = naidi.Writer(space / "index")
        try:
            for number in range(1, 7):
                writer.delete(f"d{number}")
            writer.commit()
            done()
            writer._merger.wait()  # the calls of two threads would be counted in any order
        finally:
            writer.close()
    finally:
        merge_policy.MERGED_IN_COMMIT_TOKENS = most


def _segments(index: Path) -> int:
    return len(open_generation(index).manifest.segments)


def _synced(space: Path) -> None:
    """A folder that was synced, changed since, and a document of an application."""
    folder, index = space / "folder", space / "index"
    _folder(space)
    naidi.sync(folder, index)
    add(index, document(7))


def _changed(space: Path) -> None:
    _synced(space)
    folder = space / "folder"
    _files(folder, 2, 4, version=1)
    (folder / "f3.txt").unlink()


def _other_analysis(space: Path) -> None:
    """An index that says that another analysis made it."""
    _synced(space)
    index = space / "index"
    live = index / (index / "CURRENT").read_text().split()[0]
    manifest = json.loads((live / "manifest.json").read_bytes())
    manifest["fingerprint"] = "0" * len(manifest["fingerprint"])
    data = json.dumps(manifest).encode()
    (live / "manifest.json").write_bytes(data)
    (index / "CURRENT").write_text(f"{live.name} {hashlib.blake2b(data, digest_size=32).hexdigest()}\n")


def _upgrade(space: Path, done: Done) -> None:
    upgrade = getattr(naidi, "upgrade", None)
    if upgrade is None:
        from naidi.indexer.writing.reanalyse import reanalyse as upgrade
    upgrade(space / "index")
    done()


def _sync(space: Path, done: Done, rebuild: bool = False) -> None:
    naidi.sync(space / "folder", space / "index", rebuild=rebuild)
    done()


@dataclass(frozen=True)
class Scenario:
    """prepare(space) makes what is there before; run(space, done) is the change and calls done() when its commit has returned."""

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path, Done], None]

    @property
    def follows_folder(self) -> bool:
        return "sync" in self.name


SCENARIOS = (
    Scenario("first-build", _nothing, lambda space, done: add(space / "index", *map(document, (1, 2, 3)), done=done)),
    Scenario("first-sync", _folder, _sync),
    Scenario("add", _some, lambda space, done: add(space / "index", document(6), done=done)),
    Scenario("update", _some, lambda space, done: add(space / "index", document(2, 1), done=done)),
    Scenario("update-fields", _some, lambda space, done: update(space / "index", done)),
    Scenario("delete", _some, lambda space, done: add(space / "index", delete=("d1",), done=done)),
    Scenario("merge", _many_segments, lambda space, done: add(space / "index", document(40), done=done)),
    Scenario("background-merge", _one_segment, _merge_beside),
    Scenario("sync", _changed, _sync),
    Scenario("sync-rebuild", _changed, lambda space, done: _sync(space, done, rebuild=True)),
    Scenario("upgrade", _other_analysis, _upgrade),
    Scenario("delete-all", _some, lambda space, done: add(space / "index", delete=("d1", "d2", "d3", "d5"), done=done)),
)


class Stage:
    """A scenario that is played again and again in one directory, and its two states."""

    def __init__(self, scenario: Scenario, space: Path) -> None:
        self.scenario = scenario
        self.space = space / scenario.name
        self.index = self.space / "index"
        self.template = space / f"{scenario.name}.template"
        self.space.mkdir()
        scenario.prepare(self.space)
        copy_tree(self.space, self.template)
        self.old = state_of(self.index)
        scenario.run(self.space, lambda: None)
        self.new = state_of(self.index)
        assert self.old != self.new, scenario.name
        self._seen: set[tuple[bool, bytes]] = set()

    def reset(self) -> Path:
        copy_tree(self.template, self.space)
        return self.space

    def met_before(self, committed: bool) -> bool:
        """Whether the index was asked about with this very content before."""
        key = (committed, content_of(self.space))
        known = key in self._seen
        self._seen.add(key)
        return known

    def go_on(self) -> None:
        """What comes next: the change of the scenario again, and two more commits."""
        self.scenario.run(self.space, lambda: None)
        add(self.index, document(50))
        add(self.index, document(50, 1))

    def name_of(self, state: State) -> str:
        return "old" if state == self.old else "new" if state == self.new else f"a third one: {str(state)[:200]}"


def leftovers(index: Path) -> list[str]:
    """Entries of an index directory that do not belong to two committed generations."""
    names = sorted(entry.name for entry in index.iterdir())
    generations = [name for name in names if name.startswith("gen-") and name[4:].isdigit()]
    live = (index / "CURRENT").read_text().split()[0]
    left = [name for name in names if name.endswith(".tmp") or (name.startswith("gen-") and name not in generations)]
    if len(generations) > 2 or live != generations[-1]:
        left += generations
    return left
