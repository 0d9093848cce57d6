"""Is every file of a large folder found by its words, whatever its format and encoding, and how fast are files read?

    python benchmarks/formats/formats.py CORPUS [--files 20000] [--folder F] [--misses 5]

CORPUS is a folder of `corpus-*.jsonl.gz` files, as benchmarks/DATA.md says. Its texts are written out as files of more than
fifty kinds (`kinds.py`), by the libraries that programs use (`packed_files.py` names them), and some by pandoc if it is there
($PANDOC, or in the PATH). `naidi index` makes an index of the folder. Then

- found: the rarest word of the start, the middle and the end of each text are searched for together, as they are. The file must be
  among the documents that have them all.
- words lost: the words of three letters and more that stand in the text and not in what was read of the file.
- MB/s: each kind is read by itself, in processor time, with that of the child process and its start. MB of files, and of their
  texts in UTF-8.

Prints a line a kind, then files that were missed, with the reasons, and kinds in which a file lost more than 1 % of its words.
--folder: keep files and index there. The exit status is 1 if a file was missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.formats import pandoc
from benchmarks.formats.kinds import KINDS, Kind
from benchmarks.formats.packed_files import PACKAGES
from benchmarks.formats.texts import Text, frequencies, rare_words, texts, words
from naidi import open_index
from naidi.indexer.errors import DocumentUnreadable
from naidi.indexer.readers.confined import stop_child
from naidi.indexer.readers.read_file import read_documents

IN_ALL = sum(kind.count for kind in KINDS)


@dataclass
class Written:
    """A file. texts: what must be found in it, each in one document."""

    kind: Kind
    path: Path
    texts: list[str]
    reason: str = ""
    lost: float = 0.0
    examples: list[str] = field(default_factory=list)


@dataclass
class Speed:
    """What reading a kind took: seconds of processors, bytes of files and of texts."""

    seconds: float = 0.0
    files: int = 0
    texts: int = 0
    warnings: int = 0


class Supply:
    """Texts of the corpus, each given once."""

    def __init__(self, corpus: Path) -> None:
        self._left: dict[tuple[bool, str], list[Text]] = defaultdict(list)
        for one in texts(corpus):
            self._left[one.is_prose, one.language].append(one)
        for each in self._left.values():
            each.reverse()

    def take(self, kind: Kind, number: int) -> list[Text]:
        """The next texts that are fit for a file. Raises SystemExit if there are too few."""
        return [self._one(kind, number + place) for place in range(kind.texts)]

    def _one(self, kind: Kind, number: int) -> Text:
        wanted = [kind.language] if kind.language else ["ru" if number % 3 == 0 else "en", "en", "ru"]
        for language in wanted:
            if left := self._left[not kind.is_markdown, language]:
                return left.pop()
        raise SystemExit(f"the corpus has too few texts for {kind.name}")


def write(corpus: Path, folder: Path, files: int) -> list[Written]:
    """Write the files. Raises SystemExit if something that is needed for that is missing."""
    if missing := [package for module, package in PACKAGES.items() if find_spec(module) is None]:
        raise SystemExit(f"needed to write the files: pip install {' '.join(missing)}")
    supply, found, jobs = Supply(corpus), [], []
    kinds = [kind for kind in KINDS if callable(kind.write) or pandoc.command()]
    if len(kinds) < len(KINDS):
        print("pandoc is not installed: its kinds are left out")
    for place, kind in enumerate(kinds):
        started = time.perf_counter()
        count = max(1, round(kind.count * files / IN_ALL))
        for number in range(count):
            path = (
                folder
                / f"kind{place:02}"
                / f"{number % 20:02}"
                / f"{number:04}{kind.extensions[number % len(kind.extensions)]}"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            given = supply.take(kind, number)
            if isinstance(kind.write, str):
                jobs.append(pandoc.Job(given[0].title, given[0].text, kind.write, path))
                found.append(Written(kind, path, []))
            else:
                path.write_bytes(kind.write(given, number))
                found.append(Written(kind, path, [f"{one.title}\n\n{one.text}" for one in given]))
        print(f"{kind.name}: {count} files written in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    if jobs:
        with tempfile.TemporaryDirectory(prefix="naidi-pandoc-") as meanwhile:
            plain = pandoc.write(jobs, Path(meanwhile))
        for one in found:
            if isinstance(one.kind.write, str) and one.path in plain:
                one.texts = [plain[one.path]]
    return [one for one in found if one.texts]


def index(folder: Path, place: Path) -> tuple[dict[str, object], float, float]:
    """Run the command: its report, the seconds that it took, and those that its processes had a processor."""
    before, started = _used_by_children(), time.perf_counter()
    command = [sys.executable, "-m", "naidi", "index", str(folder), "--index", str(place), "--json", "-v"]
    run = subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    if run.returncode:
        raise SystemExit(f"naidi index ended with {run.returncode}: {run.stderr.strip()[-500:]}")
    return json.loads(run.stdout), time.perf_counter() - started, _used_by_children() - before


def search(found: list[Written], folder: Path, place: Path, skipped: dict[str, str]) -> None:
    """Search for each text, and note why a file was missed."""
    counts = frequencies(text for one in found for text in one.texts)
    with open_index(place) as searcher:
        for one in found:
            shown = f"{folder.name}/{one.path.relative_to(folder).as_posix()}"
            for text in one.texts:
                asked = rare_words(text, counts)
                hits = [
                    name for name, _ in searcher.search_ids(" ".join(asked), len(found) * 8, mode="all", exact=True)
                ]
                if asked and not any(name == shown or name.startswith(shown + "//") for name in hits):
                    one.reason = skipped.get(str(one.path)) or f"no document has all of: {' '.join(asked)}"


def read(found: list[Written]) -> dict[str, Speed]:
    """Read each kind by itself, and note what of the words is lost."""
    speeds: dict[str, Speed] = defaultdict(Speed)
    for kind, files in _by_kind(found):
        speed = speeds[kind.name]
        for one in files:
            warnings: list[str] = []
            before = time.process_time()
            try:
                documents = read_documents(one.path, file_id="x", warn=warnings.append)
            except DocumentUnreadable as error:
                documents, one.reason = [], one.reason or error.reason
            speed.seconds += time.process_time() - before
            speed.files += one.path.stat().st_size
            speed.texts += sum(len(text.encode()) for text in one.texts)
            speed.warnings += bool(warnings)
            expected = words("\n".join(one.texts))
            there = words("\n".join(part for each in documents for part in (each.title, each.text, each.keywords)))
            lost = expected - there
            one.lost = lost.total() / max(expected.total(), 1)
            one.examples = [*warnings[:1], *list(lost)[:8]]
        before = _used_by_children()
        stop_child()
        speed.seconds += _used_by_children() - before
    return speeds


def _by_kind(found: list[Written]) -> Iterator[tuple[Kind, list[Written]]]:
    groups: dict[str, list[Written]] = defaultdict(list)
    for one in found:
        groups[one.kind.name].append(one)
    for files in groups.values():
        yield files[0].kind, files


def _used_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(found: list[Written], speeds: dict[str, Speed], misses: int) -> None:
    """Print a line a kind, then what was missed and lost, at most `misses` files of a kind."""
    head = ("files", "found", "missed", "words lost", "MB", "MB text", "MB/s", "text MB/s")
    print(f"{'kind':<28}" + "".join(f" {name:>{max(7, len(name))}}" for name in head))
    for kind, files in _by_kind(found):
        speed = speeds[kind.name]
        missed = sum(bool(one.reason) for one in files)
        lost = sum(one.lost for one in files) / len(files)
        print(
            f"{kind.name:<28} {len(files):>7} {len(files) - missed:>7} {missed:>7} {lost:>10.3%} {speed.files / 1e6:>7.1f}"
            f" {speed.texts / 1e6:>7.1f} {speed.files / 1e6 / speed.seconds:>7.1f} {speed.texts / 1e6 / speed.seconds:>9.1f}"
        )
    for kind, files in _by_kind(found):
        for one in [one for one in files if one.reason][:misses]:
            print(f"missed: {kind.name} {one.path}: {one.reason}")
        for one in sorted((one for one in files if one.lost > 0.01), key=lambda one: -one.lost)[:misses]:
            print(f"words lost: {kind.name} {one.path}: {one.lost:.1%} {' '.join(one.examples)}")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("corpus", type=Path, metavar="CORPUS")
    options.add_argument("--files", type=int, default=IN_ALL, help=f"how many to write ({IN_ALL})")
    options.add_argument("--folder", type=Path, help="an empty folder for files and index, which are kept")
    options.add_argument("--misses", type=int, default=5, help="files of a kind that are named (5)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="naidi-formats-") as directory:
        place = given.folder or Path(directory)
        folder = place / "files"
        if folder.exists():
            raise SystemExit(f"{folder}: is there already")
        found = write(given.corpus, folder, given.files)
        said, seconds, used = index(folder, place / "index")
        skipped = {str(row["path"]): str(row["reason"]) for row in said["skipped"]}  # type: ignore[attr-defined]
        search(found, folder, place / "index", skipped)
        report(found, speeds := read(found), given.misses)
        files, text = sum(one.files for one in speeds.values()) / 1e6, sum(one.texts for one in speeds.values()) / 1e6
        missed = sum(bool(one.reason) for one in found)
        print(f"{len(found):,} files, {missed} missed; {files:.1f} MB, {text:.1f} MB of text")
        reading = sum(one.seconds for one in speeds.values())
        print(f"read alone in {reading:.1f} s of a processor; indexed in {seconds:.1f} s, {used:.1f} s of processors")
        print(f"indexing: {files / seconds:.2f} MB/s of files, {text / seconds:.2f} MB/s of text")
    raise SystemExit(missed > 0)


if __name__ == "__main__":
    main()
