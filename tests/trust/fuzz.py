"""Odd input, made by hypothesis: queries, suggestions, texts, files, ignore lines, containers, documents, whole indexes.

Method: each target is a property. The inputs of `corpus.py` come first; then hypothesis makes others, in rounds with new seeds
until the time is over; with --every 10 a single round of a tenth. A property fails by an exception that is not one of naidi, by
an answer that cannot be, or by more than one second of the processor for one input. Hypothesis makes it smaller and prints it.

Counted: inputs.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import naidi
from naidi.indexer.analysis import detect_language, keys, tokenize
from naidi.indexer.codec.check import verify_segment
from naidi.indexer.codec.segment import Segment
from naidi.indexer.readers.builtin_formats import TEXT
from naidi.indexer.readers.read_file import FileBytes, documents_of
from naidi.indexer.readers.registry import format_of
from naidi.indexer.state.generations import open_generation

from . import corpus
from .check import Check, run_as_main
from .small_index import live, make_index

_SECONDS = 1.0
_MEMORY = 6 << 30
_ROUND = 400

WORDS = (
    "вакцина", "вакцин", "everywhere", "number", "Казахстана", "Tokaev", "tokay", "WHO", "ВОЗ", "primary", "health", "care",
    "many", "the", "и", "в", "руддщ", "ghbdtn", "vaccinaton", "минздрав", "2021-05", "\U0001d400", "é", "ё", "ﬁ",
)  # fmt: skip
_SIGNS = (" ", "  ", '"', "(", ")", "+", "-", "~", "~2", "*", "?", "=", "^2", ":", "/", ".", "'", " AND ", " OR ", " NOT ", "date:",
          "lang:", "title:", "path:", "[", "]", " TO ", "\\", "\n", "\0", "\u0301", "«", "»", "..", "&&", "||", "!",
          "dir:", "ext:", "size:", "mtime:")  # fmt: skip
_character = st.one_of(
    st.characters(),
    st.sampled_from("aбé-.'*?~\"()\u200b\u202e\U0001d400\ud800\x1b"),
)
queries = st.one_of(
    st.lists(
        st.one_of(st.sampled_from(WORDS), st.sampled_from(_SIGNS), st.text(_character, max_size=4)), max_size=25
    ).map("".join),
    st.text(_character, max_size=60),
    st.builds(lambda part, times: part * times, st.text(_character, min_size=1, max_size=5), st.integers(2, 500)),
)
texts = st.one_of(
    st.lists(
        st.one_of(st.sampled_from(WORDS), st.sampled_from(_SIGNS), st.text(_character, max_size=6)), max_size=60
    ).map("".join),
    st.builds(lambda part, times: part * times, st.text(_character, min_size=1, max_size=6), st.integers(2, 3000)),
    st.text(_character, max_size=300),
)


class TooSlowError(Exception):
    """One input took more than its second."""


@contextmanager
def _bounded() -> Iterator[None]:
    """Ends the block by TooSlowError after a second of this process's own time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"over {_SECONDS:g} s: {''.join(traceback.format_stack(frame, 2))[-300:]}")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Targets:
    """The properties, on one small index. Each takes one input."""

    def __init__(self, space: Path) -> None:
        self.space = space
        self.index = make_index(space)
        with naidi.Writer(self.index) as writer:
            for number, text in enumerate(corpus.TEXTS):
                writer.add(naidi.Document(id=f"odd{number}", text=text[:3_000], title=text[:40]))
        self.searcher = naidi.open_index(self.index)
        segment = max(live(self.index).glob("*.seg"), key=lambda path: path.stat().st_size)
        self.segment = segment.read_bytes()
        self._made = 0

    def query(self, value: tuple[str, str, bool, bool]) -> None:
        from naidi.search.show.as_json import dumps, to_json
        from naidi.search.show.as_text import Look, render_text

        text, mode, exact, expand = value
        results = self.searcher.search(text, limit=7, mode=mode, exact=exact, expand=expand)  # type: ignore[arg-type]
        assert len(results.hits) <= 7 and results.total >= len(results.hits)
        assert len({hit.id for hit in results.hits}) == len(results.hits)
        for hit in results.hits:
            assert hit.score == hit.score and hit.score >= 0, hit.score
            for snippet in hit.snippets:
                ends = [0]
                for start, end in snippet.marks:
                    assert ends[-1] <= start < end <= len(snippet.text), snippet
                    ends.append(end)
                plain = snippet.html().replace("<mark>", "").replace("</mark>", "")
                assert "<" not in plain and ">" not in plain and '"' not in plain, plain
        dumps(to_json(results)).encode("utf-8")
        for line in render_text(results, Look(show_score=True, fold=True, cwd="/")):
            assert line.replace("\n", "").isprintable(), line

    def suggestion(self, text: str) -> None:
        for completion in self.searcher.suggest(text):
            assert completion.text

    def tokens(self, text: str) -> None:
        last = 0
        for token in tokenize(text):
            assert last <= token.start < token.end <= len(text) and token.text, token
            last = token.end
        assert detect_language(text[:5_000])

    def forms(self, form: str) -> None:
        found = keys(form)
        assert isinstance(found, tuple) and all(isinstance(key, str) and "\n" not in key for key in found)

    def file(self, value: tuple[bytes, str]) -> None:
        data, name = value
        try:
            read = FileBytes(data, format_of(name) or TEXT)
            documents = list(documents_of(read, name, file_id="a", display_path=name))
        except naidi.DocumentUnreadable as error:
            assert error.reason and not error.reason.startswith("the reader failed"), error
        else:
            for document in documents:
                assert document.text.strip() and isinstance(document.title, str)

    def ignored(self, lines: list[str]) -> None:
        self._made += 1
        root = self.space / f"tree{self._made}"
        (root / "sub").mkdir(parents=True)
        data = "\n".join(lines).encode("utf-8", "surrogateescape")
        (root / ".gitignore").write_bytes(data)
        (root / "sub" / ".gitignore").write_bytes(data)
        for name in ("a" * 200 + ".txt", "sub/" + "ab" * 50 + ".txt", "b.txt"):
            (root / name).write_text("everywhere")
        naidi.sync(root, self.space / "ignored-index")
        shutil.rmtree(root)

    def container(self, changes: list[tuple[int, int, bytes]]) -> None:
        """A segment with other bytes, cuts and growth; no checksum is mended."""
        data = bytearray(self.segment)
        for place, length, new in changes:
            place %= len(data) + 1
            data[place : place + length] = new
        path = self.space / "fuzzed.seg"
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        try:
            segment = Segment(path)
            verify_segment(segment)
        except naidi.NaidiError:
            return
        assert bytes(data) == self.segment, "a damaged segment is taken for whole"

    def document(self, value: dict[str, Any]) -> None:
        try:
            made = naidi.Document(**value)
        except naidi.InvalidDocument:
            return
        self.whole([made])

    def whole(self, documents: list[naidi.Document]) -> None:
        """An index of any documents: whole, with each of them, and its words find it."""
        self._made += 1
        index = self.space / f"whole{self._made}"
        with naidi.Writer(index) as writer:
            writer.add_many(documents)
        expected = {document.id: document for document in documents}
        generation = open_generation(index)
        generation.verify()
        with naidi.open_index(index) as searcher:
            assert searcher.doc_count == len(expected)
            for document in expected.values():
                words = [token.text for token in tokenize(document.text)][:2]
                for word in words:
                    if word.isalnum():
                        found = {
                            hit.id for hit in searcher.search(f'"{word}"', limit=1_000, snippets=1, exact=True).hits
                        }
                        assert document.id in found, (word, document)
                searcher.similar(document.id)
        with naidi.Writer(index) as writer:
            for doc_id in list(expected)[::2]:
                assert writer.delete(doc_id)
        assert open_generation(index).manifest.doc_count == len(expected) // 2
        shutil.rmtree(index)


_ids = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
_documents = st.builds(
    naidi.Document,
    id=_ids.filter(lambda text: text.strip() and "\0" not in text),
    text=texts,
    title=st.text(_character, max_size=30),
    date=st.none() | st.dates(),
    meta=st.dictionaries(
        st.text(max_size=5), st.none() | st.integers(-(2**70), 2**70) | st.text(max_size=9) | st.booleans(), max_size=3
    ),
    language=st.none() | st.sampled_from(["en", "ru", "de", "zh-Hant"]),
)
_ANYTHING = st.one_of(
    st.none(), st.integers(), st.text(max_size=9), st.binary(max_size=9), st.floats(), st.lists(st.none(), max_size=2)
)

# Name -> the inputs that always come, the strategy of others, and how many of _ROUND a round has.
TARGETS: dict[str, tuple[list[Any], st.SearchStrategy[Any], float]] = {
    "query": (
        [(text, mode, exact, False) for text in corpus.QUERIES for mode, exact in (("any", False), ("all", True))],
        st.tuples(queries, st.sampled_from(["any", "all"]), st.booleans(), st.booleans()),
        1.0,
    ),
    "suggestion": (list(corpus.QUERIES), queries, 0.5),
    "tokens": (list(corpus.TEXTS), texts, 1.0),
    "forms": (list(WORDS), st.text(_character, max_size=30).filter(lambda text: not any(map(str.isspace, text))), 1.0),
    "file": (
        list(corpus.FILES),
        st.tuples(
            st.one_of(
                st.binary(max_size=500),
                texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
                texts.map(lambda text: text.encode("cp1251", "replace")),
            ),
            st.sampled_from(["a.txt", "a.md", "a.TXT", "a.log"]),
        ),
        1.0,
    ),
    "ignored": (
        [[line] for line in corpus.IGNORE_LINES],
        st.lists(
            st.lists(
                st.sampled_from(["*", "**", "?", "/", "[", "]", "!", "a", "b", "-", "z", "\\", " ", "#", "."]),
                max_size=14,
            ).map("".join),
            max_size=4,
        ),
        0.1,
    ),
    "container": (
        [],
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 30), st.binary(max_size=30)), max_size=5),
        0.5,
    ),
    "document": (
        [],
        st.fixed_dictionaries(
            {"id": _ids, "text": texts},
            optional={
                "title": _ANYTHING,
                "date": _ANYTHING,
                "path": _ANYTHING,
                "meta": _ANYTHING,
                "language": _ANYTHING,
            },
        ),
        0.2,
    ),
    "whole": (
        [[naidi.Document(id=f"{number}", text=text[:5_000])] for number, text in enumerate(corpus.TEXTS)],
        st.lists(_documents, min_size=1, max_size=6),
        0.1,
    ),
}


def run(check: Check) -> None:
    soft = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY if soft < 0 else min(soft, _MEMORY), soft))
    targets = Targets(check.space)
    chosen = {name: target for name, target in TARGETS.items() if check.wants(name)}
    for name, (explicit, _, _) in chosen.items():
        for value in explicit:
            check.counts["tried"] += 1
            _try(check, getattr(targets, name), name, value)
    number = 0
    while check.left() > 0 and (number == 0 or check.seconds < float("inf")):
        for name, (_, strategy, share) in chosen.items():
            if check.left() > 0:
                _round(
                    check,
                    targets,
                    name,
                    strategy,
                    max(3, int(_ROUND * share / check.every)),
                    check.seed + number * 1000,
                )
        number += 1


def _try(check: Check, target: Callable[[Any], None], name: str, value: object) -> None:
    try:
        with _bounded():
            target(value)
    except naidi.NaidiError:
        check.counts["refused"] += 1
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        check.bad(_kind(name, error), f"--only {name}: {repr(value)[:120]}: {str(error)[:200]} ({_where(error)})")


def _round(
    check: Check, targets: Targets, name: str, strategy: st.SearchStrategy[Any], examples: int, start: int
) -> None:
    last: list[object] = [None]

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def property_(value: object) -> None:
        last[0] = value
        check.counts["tried"] += 1
        try:
            with _bounded():
                getattr(targets, name)(value)
        except naidi.NaidiError:
            check.counts["refused"] += 1

    with open(os.devnull, "w") as nowhere:
        shown, sys.stdout = sys.stdout, nowhere
        try:
            property_()
        except Exception as error:
            sys.stdout = shown
            check.bad(
                _kind(name, error),
                f"--only {name} --seed {start}: {repr(last[0])[:200]}: {str(error)[:200]} ({_where(error)})",
            )
        finally:
            sys.stdout = shown


def _kind(name: str, error: BaseException) -> str:
    return f"{name}: {type(error).__name__} at {_where(error)}"


def _where(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    ours = [frame for frame in frames if "trust" not in frame.filename and "contextlib" not in frame.filename] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"


if __name__ == "__main__":
    run_as_main("fuzz", run)
