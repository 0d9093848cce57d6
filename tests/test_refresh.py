"""From one state to the next: what is shared, what is let go and when, and that answers are those of one state."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from naidi import Document, IndexMissing, NaidiError, Results, Searcher, Writer, open_index
from naidi.indexer.codec.segment import Segment
from naidi.search import hits as hits_module
from naidi.search.bridges import near_forms, romanisation, spelling
from naidi.search.bridges.builtin_translations import builtin_translations

RUSSIAN = ["вакцина", "здоровье", "министерство", "казахстан", "токаев"]
WORDS = [*RUSSIAN, "beta", "vaccine", "health", "ministry", "kazakhstan", "tokayev", "report", "people", "went"]
QUERIES = [
    "vaccine",
    "вакцины",
    "vacine",
    "министерсво",
    "Токаев",
    "Tokayev",
    '"beta vaccine"',
    '"health ministry"~4',
    "heal* -beta",
    "people~1",
    "=went",
    "ВОЗ",
    "beta health report",
    "healthministry",
]


def add(index: Path, *documents: Document) -> None:
    with Writer(index) as writer:
        writer.add_many(documents)


def plain(results: Results) -> object:
    return (
        results.total,
        [(hit.id, round(hit.score, 9), hit.snippets, hit.title_marks) for hit in results.hits],
        results.corrections,
        results.warnings,
    )


def everything(searcher: Searcher) -> list[object]:
    """The answers to all kinds of questions."""
    found: list[object] = [plain(searcher.search(query)) for query in QUERIES]
    found += [[(name, round(score, 9)) for name, score in searcher.search_ids(query, recent=True)] for query in QUERIES]
    found += [searcher.suggest(text) for text in ("v", "вак", "hael", "мин", "went", "ljr")]
    found += [plain(searcher.similar(name)) for name, _ in searcher.search_ids("vaccine health", limit=2)]
    found.append(plain(searcher.search("vaccine", expand=True, sort="-date")))
    return found


def some_document(chance: random.Random, doc_id: str) -> Document:
    words = chance.choices(WORDS, k=chance.randrange(5, 30))
    if not chance.randrange(4):
        words.append(chance.choice(["Всемирная организация здравоохранения (ВОЗ)", "World Health Organization (WHO)"]))
    day = date(2020, 1 + chance.randrange(12), 3) if chance.randrange(3) else None
    return Document(id=doc_id, title=chance.choice(WORDS), text=" ".join(words), date=day)


@pytest.mark.parametrize("seed", range(2))
def test_a_refreshed_searcher_answers_as_a_new_one(index: Path, seed: int) -> None:
    chance = random.Random(seed)
    add(index, *(some_document(chance, str(number)) for number in range(40)))
    with open_index(index) as old:
        everything(old)
        for number in range(8):
            with Writer(index) as writer:
                for _ in range(chance.randrange(1, 4)):
                    if chance.randrange(3):
                        writer.add(some_document(chance, str(chance.randrange(60))))
                    else:
                        writer.delete(str(chance.randrange(40)))
            if number == 4:
                (index / "synonyms.txt").write_text("beta = токаев\nлюди => vaccine\n", encoding="utf-8")
            old.refresh()
            with open_index(index) as new:
                assert everything(old) == everything(new)


def test_segments_that_did_not_change_stay_open(index: Path) -> None:
    add(index, *(Document(id=str(number), text="beta vaccine") for number in range(20)))
    with open_index(index) as searcher:
        (segment,) = searcher.generation.segments
        add(index, Document(id="new", text="gamma vaccine"))
        assert searcher.refresh()
        assert [one is segment for one in searcher.generation.segments] == [True, False]
        add(index, Document(id="3", text="gamma vaccine"))  # a document of the first segment is deleted
        assert searcher.refresh()
        assert searcher.generation.segments[0] is segment
        assert searcher.search("vaccine").total == 21
        assert segment.container.path.exists(), "messages name a file that is there"


def test_a_file_that_took_the_place_of_another_is_opened(index: Path) -> None:
    add(index, Document(id="a", text="beta vaccine"))
    with open_index(index) as searcher:
        (segment,) = searcher.generation.segments
        copy = index / "copy"
        shutil.copyfile(segment.container.path, copy)
        os.replace(copy, segment.container.path)
        add(index, Document(id="new", text="gamma vaccine"))
        assert searcher.refresh()
        assert segment not in searcher.generation.segments
        assert searcher.search("vaccine").total == 2


def test_what_was_learnt_of_a_segment_is_not_learnt_again(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    shapes_of, likeness = near_forms.shapes_of, romanisation._likeness

    def shapes(segment: Segment) -> near_forms.WordShapes:
        made.append(f"shapes of {segment.doc_count}")
        return shapes_of(segment)

    def compared(spellings, words, cyrillic):  # type: ignore[no-untyped-def]
        made.append(f"likeness of {words}")
        return likeness(spellings, words, cyrillic)

    monkeypatch.setattr(spelling, "shapes_of", shapes)
    monkeypatch.setattr(romanisation, "_likeness", compared)
    add(index, *(Document(id=str(number), text="вакцинация в Tokayev") for number in range(20)))
    with open_index(index) as searcher:
        for query in ("вакценация", "Токаев"):
            assert searcher.search(query).total == 20
        assert "shapes of 20" in made and "likeness of ['tokayev']" in made
        made.clear()
        add(index, Document(id="new", text="вакцинация"), Document(id="0", text="другой"))
        assert searcher.refresh()
        assert searcher.search("вакценация").total == 20 and searcher.search("Токаев").total == 19
        assert made == ["shapes of 2"]


def test_an_index_that_was_deleted_and_built_again_is_a_new_state(index: Path) -> None:
    add(index, Document(id="old", text="vaccine"))
    with open_index(index) as searcher:
        shutil.rmtree(index)
        with pytest.raises(IndexMissing):
            searcher.refresh()
        assert [hit.id for hit in searcher.search("vaccine").hits] == ["old"]
        add(index, Document(id="new", text="vaccine"))
        assert searcher.generation.name == "gen-00000001"
        assert searcher.refresh() and not searcher.refresh()
        assert searcher.generation.name == "gen-00000001"
        assert [hit.id for hit in searcher.search("vaccine").hits] == ["new"]


def test_a_changed_list_of_synonyms_is_a_new_state(index: Path) -> None:
    add(index, Document(id="a", text="vaccine"), Document(id="b", text="прививка"))
    with open_index(index) as searcher:
        assert searcher.search("vaccine").total == 1
        synonyms = index / "synonyms.txt"
        synonyms.write_text("vaccine = прививка\n", encoding="utf-8")
        assert searcher.search("vaccine").total == 1, "the state stays as it is until it is refreshed"
        assert searcher.refresh() and not searcher.refresh()
        assert searcher.search("vaccine").total == 2
        add(index, Document(id="c", text="прививки"))
        assert searcher.refresh()
        assert searcher.search("vaccine").total == 3
        synonyms.unlink()
        assert searcher.refresh() and not searcher.refresh()
        assert searcher.search("vaccine").total == 1


def test_damage_does_not_move_a_searcher_back(index: Path) -> None:
    for name in ("a", "b"):
        add(index, Document(id=name, text="vaccine"))
    with open_index(index) as searcher:
        add(index, Document(id="c", text="vaccine"))
        manifest = index / "gen-00000003" / "manifest.json"
        whole = manifest.read_bytes()
        manifest.write_bytes(whole[:-9])
        assert not searcher.refresh()
        results = searcher.search("vaccine")
        assert results.total == 2 and "answering from the state before" in results.warnings[0]
        shutil.rmtree(index / "gen-00000002")
        with pytest.raises(NaidiError):
            searcher.refresh()
        assert searcher.search("vaccine").total == 2
        manifest.write_bytes(whole)
        assert searcher.refresh()
        results = searcher.search("vaccine")
        assert results.total == 3 and not results.warnings


_OUT_OF_DESCRIPTORS = """
import os, resource, sys
from naidi import Document, NaidiError, Writer, open_index
index = sys.argv[1]
searcher = open_index(index)
assert searcher.search("vaccine").total == 1
with Writer(index) as writer:
    writer.add(Document(id="b", text="vaccine"))
usual = resource.getrlimit(resource.RLIMIT_NOFILE)
free = os.open(os.devnull, os.O_RDONLY)
os.close(free)
taken = []
for spare in range(6):  # the shortage hits each of the files in turn
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + spare, usual[1]))
    try:
        assert not searcher.refresh() or searcher.doc_count == 2
    except (OSError, NaidiError) as error:
        taken.append(type(error).__name__)
    assert searcher.search("vaccine").total == searcher.doc_count, "one state or the other"
resource.setrlimit(resource.RLIMIT_NOFILE, usual)
assert taken, "there was no shortage"
searcher.refresh()
results = searcher.search("vaccine")
assert results.total == 2 and not results.warnings, results
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of descriptors to set")
def test_a_shortage_of_descriptors_leaves_a_searcher_where_it_is(index: Path) -> None:
    add(index, Document(id="a", text="vaccine"))
    run = subprocess.run([sys.executable, "-c", _OUT_OF_DESCRIPTORS, index], capture_output=True, text=True)
    assert not run.returncode, run.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_is_forked_during_a_refresh_can_refresh(index: Path) -> None:
    add(index, Document(id="a", text="vaccine"))
    with open_index(index) as searcher:
        searcher.search("vaccine")
        add(index, Document(id="b", text="vaccine"))
        with searcher._changing():  # as in another thread
            child = os.fork()
            if not child:
                signal.alarm(20)
                os._exit(0 if searcher.refresh() and searcher.search("vaccine").total == 2 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert searcher.search("vaccine").total == 1


# -- letting go


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> tuple[int, int]:
    """(descriptors of this process, maps of segments)."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        return len(os.listdir("/proc/self/fd")), sum(".seg" in line for line in maps)


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts in /proc")


@needs_proc
@pytest.mark.parametrize("commits", [25, pytest.param(1_000, marks=pytest.mark.slow)])
def test_nothing_waits_for_the_garbage_collector(index: Path, no_collector: None, commits: int) -> None:
    chance = random.Random(commits)
    add(index, *(some_document(chance, str(number)) for number in range(30)))
    builtin_translations().of("leaf")  # our own list is mapped once, for all
    before = held()
    searcher = open_index(index)
    for number in range(commits):
        add(index, some_document(chance, str(number % 100)))
        assert searcher.refresh()
        for query in QUERIES if number % 10 == 0 else QUERIES[number % len(QUERIES) :][:3]:
            searcher.search(query, explain=True)
        searcher.suggest("vac")
        searcher.similar(str(number % 100))
        segments = len(searcher.generation.segments)
        assert held() == (before[0] + segments, before[1] + segments)
    searcher.close()
    assert held() == before


@needs_proc
def test_a_searcher_that_is_dropped_lets_go(index: Path, no_collector: None) -> None:
    add(index, some_document(random.Random(1), "a"))
    before = held()
    searcher = open_index(index)
    answers = everything(searcher)
    results = searcher.search("vaccine health", explain=True)
    del searcher
    assert held() == before, "results are plain values and hold no file"
    assert results.hits and answers
    for _ in range(20):
        with open_index(index) as searcher, pytest.raises(NaidiError):
            searcher.search("vaccine", limit=-1)
    assert held() == before


def test_close_waits_for_the_searches_that_run(
    index: Path, no_collector: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(index, Document(id="a", text="vaccine"))
    reached, may_go = threading.Event(), threading.Event()
    hits_of = hits_module.hits_of

    def slow_hits_of(*arguments, **named):  # type: ignore[no-untyped-def]
        reached.set()
        assert may_go.wait(20)
        return hits_of(*arguments, **named)

    searcher = open_index(index)
    assert searcher.search("vaccine").total == 1
    monkeypatch.setattr(hits_module, "hits_of", slow_hits_of)
    segment = weakref.ref(searcher.generation.segments[0])
    found: list[Results] = []
    thread = threading.Thread(target=lambda: found.append(searcher.search("vaccine")))
    thread.start()
    assert reached.wait(20)
    searcher.close()
    searcher.close()
    assert segment() is not None
    may_go.set()
    thread.join()
    assert found[0].hits[0].snippets[0].text == "vaccine"
    assert segment() is None
    for use in (
        lambda: searcher.search("vaccine"),
        lambda: searcher.search_ids("vaccine"),
        lambda: searcher.suggest("va"),
        lambda: searcher.similar("a"),
        searcher.refresh,
        lambda: searcher.doc_count,
        lambda: searcher.generation,
    ):
        with pytest.raises(ValueError, match="this searcher is closed; open another one"):
            use()


def refreshed_often(index: Path, times: int, measured: Callable[[], int]) -> list[int]:
    """What is measured after each of so many commits and refreshes of an index that stays of one size."""
    chance = random.Random(5)
    documents = [some_document(chance, str(number)) for number in range(30)]
    add(index, *documents)
    opened: weakref.WeakSet[Segment] = weakref.WeakSet()
    found = []
    with open_index(index) as searcher:
        for number in range(times):
            add(index, documents[number % 4])
            assert searcher.refresh()
            for query in (QUERIES[number % len(QUERIES)], "vacine", "Токаев"):
                searcher.search(query)
            opened.update(searcher.generation.segments)
            assert len(opened) == len(searcher.generation.segments), "no other segment is alive"
            found.append(measured())
    del searcher
    assert not opened
    return found


@pytest.mark.slow
def test_no_object_is_left_behind(index: Path, no_collector: None) -> None:
    def own_objects() -> int:  # a commit leaves some of the json module to the collector
        types = Counter(map(type, gc.get_objects()))
        return sum(count for one, count in types.items() if str(one.__module__).startswith("naidi"))

    counts = refreshed_often(index, 60, own_objects)
    assert min(counts[-16:]) < min(counts[20:36]) + 50, counts[::8]


@pytest.mark.slow
def test_memory_is_flat(index: Path, no_collector: None) -> None:
    def traced() -> int:
        gc.collect()  # what commits leave of the json module
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        sizes = refreshed_often(index, 100, traced)
    finally:
        tracemalloc.stop()
    assert min(sizes[-16:]) < min(sizes[40:56]) + 100_000, sizes[::8]


def test_threads_see_one_state_each_and_never_an_older_one(index: Path) -> None:
    """Commit number n adds the document n and replaces "now", so that each state can be told from its answers."""
    commits = 12
    add(index, Document(id="now", text="общее слово state0"))
    searcher = open_index(index)
    failures: list[str] = []
    done = threading.Event()
    expected = [{"now", *map(str, range(1, number + 1))} for number in range(commits + 1)]

    def ask() -> None:
        last = 0
        while not (over := done.is_set()) or last < commits:
            results = searcher.search("общее слово", limit=100)
            ids = {hit.id for hit in results.hits}
            state = len(ids) - 1
            (now,) = [hit for hit in results.hits if hit.id == "now"]
            text = now.snippets[0].text
            if (
                ids != expected[state]
                or results.total != len(ids)
                or not text.endswith(f"state{state}")
                or state < last
            ):
                failures.append(f"{state} after {last}: {text} {sorted(ids)}")
                return
            last = state
            for query in (f"state{state}", "обшее", "sostoyanie", '"общее слово"'):
                searcher.search_ids(query)
            if over and last < commits:
                failures.append(f"{last} is the last state")
                return

    def move_on() -> None:
        while not done.wait(0.002):
            searcher.refresh()

    threads = [threading.Thread(target=ask) for _ in range(4)] + [threading.Thread(target=move_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with Writer(index) as writer:
            for number in range(1, commits + 1):
                writer.add(Document(id=str(number), text="общее слово"))
                writer.add(Document(id="now", text=f"общее слово state{number}"))
                writer.commit()
        searcher.refresh()
    finally:
        done.set()
        for thread in threads:
            thread.join()
        searcher.close()
    assert not failures
