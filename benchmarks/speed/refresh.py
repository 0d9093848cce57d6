"""How much slower than warm are the first queries after a commit of one document and a refresh?

    python benchmarks/speed/refresh.py INDEX

INDEX is an index of many documents. A copy of it is changed. Each kind of query is asked until it is warm, as on a server that
has run for a while. Then one document is added, or replaced by another text; the searcher is refreshed; and each query is asked
once. This is done ROUNDS times, and the best round of each query counts. Times are those of the processor: the files are in
memory, and other users of the machine do not count. Before that, a refreshed searcher must give the same answers as one that is
opened on the same state.

Exit status 1 if a first query takes more than twice as long as a warm one and 2 ms on top.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from naidi import Document, Searcher, Writer, open_index

ROUNDS = 5
MOST_TIMES, MORE_MS = 2.0, 2.0

Ask = Callable[[Searcher, str], object]

WORDS = (
    "oil prices fell",
    "bank interest rates",
    "government trade policy",
    "treasury bonds yield",
    "первичная медицинская помощь",
    "президент республики заявил",
    "код состояния ответа",
    "company net profit",
)
MISSPELT = (
    "goverment",
    "intrest",
    "aggreement",
    "президнет",
    "правительсво",
    "медецинский",
    "comittee",
    "экономеческий",
)
NAMES = ("Reagan", "Gorbachev", "Moscow", "Назарбаев", "Токаев", "Рейган", "Almaty", "Вашингтон")
BEGINNINGS = ("gov", "ban", "пра", "респ", "intere", "комп", "trea", "меди")


def _shown(results: object) -> object:
    """What must be equal of two answers: scores may differ in the last bits."""
    return [(hit.id, round(hit.score, 9), hit.snippets) for hit in results]  # type: ignore[attr-defined]


def _search(searcher: Searcher, query: str) -> object:
    return searcher.search(query)


def _ids(searcher: Searcher, query: str) -> object:
    return searcher.search_ids(query)


def _similar(searcher: Searcher, name: str) -> object:
    return searcher.similar(name)


def _suggest(searcher: Searcher, text: str) -> object:
    return searcher.suggest(text)


def _plain(answer: object) -> object:
    """An answer without the time that it took."""
    if isinstance(answer, list):
        return [(one[0], round(one[1], 9)) if isinstance(one, tuple) and len(one) == 2 else one for one in answer]
    return _shown(answer), [(one.original, one.replacement) for one in answer.corrections]  # type: ignore[attr-defined]


def kinds_of(searcher: Searcher) -> dict[str, tuple[Ask, Sequence[str]]]:
    """The kinds of queries. The documents of `similar` are the best of some words."""
    likes = [searcher.search_ids(query, limit=1)[0][0] for query in WORDS if searcher.search_ids(query, limit=1)]
    return {
        "three words, snippets": (_search, WORDS),
        "three words, search_ids": (_ids, WORDS),
        "misspelt word": (_search, MISSPELT),
        "name, other alphabet": (_search, NAMES),
        "suggest": (_suggest, BEGINNINGS),
        "similar": (_similar, likes),
    }


def _elapsed(ask: Ask, searcher: Searcher, query: str) -> float:
    started = time.thread_time()
    ask(searcher, query)
    return (time.thread_time() - started) * 1000


def _commit(index: Path, doc_id: str, number: int) -> None:
    with Writer(index) as writer:
        writer.add(
            Document(id=doc_id, text=f"One document more, number {number}: government oil prices. Ещё один документ.")
        )


def check(index: Path, kinds: Mapping[str, tuple[Ask, Sequence[str]]], victim: str) -> None:
    """Raises AssertionError unless a refreshed searcher answers as a new one does."""
    with open_index(index) as old:
        for number, doc_id in enumerate(("refresh:checked", victim)):
            for ask, queries in kinds.values():
                for query in queries:
                    ask(old, query)
            _commit(index, doc_id, number)
            assert old.refresh() and not old.refresh()
            with open_index(index) as new:
                for kind, (ask, queries) in kinds.items():
                    for query in queries:
                        found, expected = _plain(ask(old, query)), _plain(ask(new, query))
                        assert found == expected, f"{kind} {query!r}: {found} instead of {expected}"


def measure(
    index: Path, kinds: Mapping[str, tuple[Ask, Sequence[str]]], id_of: Callable[[int], str]
) -> dict[str, tuple[list[float], list[float]]]:
    """kind -> (warm, first), in milliseconds, one of each query. id_of: the id of the document of a commit."""
    found = {}
    number = 0
    with open_index(index) as searcher:
        for kind, (ask, queries) in kinds.items():
            firsts, warms = [], []
            for _ in range(ROUNDS):
                for query in queries:
                    for _ in range(3):
                        ask(searcher, query)
                warms.append([min(_elapsed(ask, searcher, query) for _ in range(3)) for query in queries])
                _commit(index, id_of(number), number)
                number += 1
                assert searcher.refresh()
                firsts.append([_elapsed(ask, searcher, query) for query in queries])
            found[kind] = (
                [min(times) for times in zip(*warms, strict=True)],
                [min(times) for times in zip(*firsts, strict=True)],
            )
    return found


def table(title: str, found: Mapping[str, tuple[list[float], list[float]]]) -> tuple[str, bool]:
    """(a table; whether all is within the limits)."""
    lines = [f"{title:26} warm ms   first ms   times warm   the slowest first, and warm"]
    fine = True
    for kind, (warm, first) in found.items():
        over = [one for one, usual in zip(first, warm, strict=True) if one > MOST_TIMES * usual + MORE_MS]
        fine &= not over
        usual, median = statistics.median(warm), statistics.median(first)
        slowest, its_warm = max(zip(first, warm, strict=True))
        lines.append(
            f"{kind:26} {usual:7.2f} {median:10.2f} {median / usual:12.1f} {slowest:19.2f} {its_warm:9.2f}"
            + (f"   {len(over)} over the limit" if over else "")
        )
    return "\n".join(lines), fine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, help="an index; a copy of it is changed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="naidi-refresh-") as place:
        index = Path(place) / "index"
        shutil.copytree(arguments.index, index)
        with open_index(index) as searcher:
            kinds = kinds_of(searcher)
            print(f"{searcher.doc_count:,} documents")
            some = [name for name, _ in searcher.search_ids("*", limit=4 * ROUNDS * len(kinds))]
        assert all(queries for _, queries in kinds.values()), "the index lacks the words of the queries"
        liked = set(kinds["similar"][1])
        others = [name for name in some if name not in liked]
        check(index, kinds, others.pop())
        added, added_fine = table("one document added", measure(index, kinds, "refresh:{}".format))
        print(added)
        replaced, replaced_fine = table("one document replaced", measure(index, kinds, others.__getitem__))
        print(replaced)
    return 0 if added_fine and replaced_fine else 1


if __name__ == "__main__":
    sys.exit(main())
