"""How fast does `naidi serve` answer: a page, an answer of the API, and many at a time, on one core?

    python benchmarks/web.py INDEX [--queries 400] [--connections 4,8] [--browser] [--json]

INDEX is a directory. The real command runs on one core, and this program on the others (Linux). Each query is asked once of each
server, which is started anew for each row, so that no answer is known. Queries are drawn with a seed:

    titles      one to four words side by side of the title of a document, drawn from all documents; half of them in each language
    common      words in most documents of a language, with all facets, alone and in pairs

Before a time is told, totals of the API are compared with those of a search in this process.

    load        milliseconds from the first byte sent to the last byte of the page, one at a time: p50 / p95 / greatest;
                cpu is what the server's process computes for one: what a core could do if nobody else used the machine
    at once     requests in a second on so many kept connections, and p95 of each
    browser     milliseconds until the page is loaded with its style sheet and script in Chromium (navigation timing), in a tab that
                has been open; the first page of a new browser apart. Needs playwright, and /usr/bin/chromium or $NAIDI_CHROMIUM.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(ROOT))

from naidi import Searcher, open_index  # noqa: E402

SEED = 16
COMMON = {
    "en": [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "for",
        "on",
        "that",
        "with",
        "by",
        "as",
        "it",
        "from",
        "be",
        "at",
    ],
    "ru": ["в", "и", "на", "с", "по", "не", "для", "что", "из", "за", "от", "как", "это", "к", "при", "о", "его"],
}
FACETS = "facets=language&facets=year&facets=type&facets=folder"
_WORD = re.compile(r"[^\W\d_]{2,}")
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)


def title_queries(searcher: Searcher, count: int) -> list[str]:
    """So many different queries of words that stand in titles, from English and from Russian ones in turn."""
    chance = random.Random(SEED)
    ids = list(searcher.ids())
    found: dict[bool, list[str]] = {True: [], False: []}
    seen: set[str] = set()
    while min(map(len, found.values())) < count // 2:
        title = searcher.get(chance.choice(ids)).title
        words = _WORD.findall(title)
        if not words:
            continue
        size = min(chance.randint(1, 4), len(words))
        start = chance.randrange(len(words) - size + 1)
        query = " ".join(words[start : start + size])
        language = found[bool(_RUSSIAN.search(query))]
        if query.lower() not in seen and len(language) < count // 2:
            seen.add(query.lower())
            language.append(query)
    return [query for pair in zip(*found.values(), strict=True) for query in pair]


def common_queries() -> list[str]:
    """Frequent words, alone and in pairs."""
    singles = [word for words in COMMON.values() for word in words]
    return singles + [f"{one} {other}" for words in COMMON.values() for one, other in pairwise(words)]


@contextmanager
def served(index: Path, core: int | None) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server of its own, on one core."""
    command = [sys.executable, "-m", "naidi", "serve", "--index", str(index), "--port", "0"]
    path = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    environment = {name: value for name, value in os.environ.items() if name != "NAIDI_TOKEN"}
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**environment, "PYTHONPATH": path},
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit("naidi serve has not started")
        if core is not None:
            for thread in os.listdir(f"/proc/{process.pid}/task"):
                os.sched_setaffinity(int(thread), {core})
            os.sched_setaffinity(process.pid, {core})
        time.sleep(2)  # it warms itself, which takes a second
        yield int(address.split(":")[2].partition("/")[0]), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def timed(port: int, paths: Sequence[str], connections: int = 1) -> tuple[list[float], float]:
    """(seconds of each request, seconds of all) of the paths, each once, on so many kept connections."""
    waiting = iter(paths)
    taking = threading.Lock()
    times: list[float] = []
    wrong: list[str] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with taking:
                path = next(waiting, None)
            if path is None:
                connection.close()
                return
            started = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            times.append(time.perf_counter() - started)
            if answer.status != 200 or not body:
                wrong.append(f"{path}: {answer.status}")

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if wrong or len(times) != len(paths):
        raise SystemExit(f"{len(wrong)} answers are wrong, such as {wrong[:1]}")
    return times, seconds


def check(port: int, searcher: Searcher, queries: Sequence[str]) -> None:
    """Compare totals and best hits of the API with those of a search here."""
    for query in queries:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", f"/api/search?query={quote(query)}&limit=3")
        found = json.loads(connection.getresponse().read())
        connection.close()
        expected = searcher.search(query, 3)
        if (found["total"], [hit["id"] for hit in found["hits"]]) != (expected.total, [hit.id for hit in expected]):
            raise SystemExit(f"{query!r}: the answer is another one than here")


def spread(times: Sequence[float]) -> dict[str, float]:
    """Milliseconds: p50, p95, and the greatest."""
    ordered = sorted(times)
    return {
        "p50": round(1000 * ordered[len(ordered) // 2], 1),
        "p95": round(1000 * ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 1),
        "max": round(1000 * ordered[-1], 1),
    }


def computed(process: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_LOADED = (
    "() => { const one = performance.getEntriesByType('navigation')[0]; return one.loadEventStart - one.startTime }"
)


def in_browser(port: int, queries: Sequence[str]) -> dict[str, float]:
    """Navigation timing of Chromium for the page of each query."""
    from playwright.sync_api import sync_playwright

    arguments = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    times = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("NAIDI_CHROMIUM", "/usr/bin/chromium"), args=arguments.split()
        )
        page = browser.new_page()
        for query in queries:
            page.goto(f"http://127.0.0.1:{port}/?q={quote(query)}", wait_until="load")
            times.append(page.evaluate(_LOADED) / 1000)
        browser.close()
    return {"first": round(1000 * times[0], 1), **spread(times[1:])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, metavar="INDEX")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--connections", default="4,8")
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    core = cores[0] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, set(cores[1:]))
    rows: dict[str, dict[str, float]] = {}
    with open_index(arguments.index) as searcher:
        titles, common = title_queries(searcher, arguments.queries), common_queries()
        hits = [hit.id for query in titles[:200] for hit in searcher.search(query, 1, snippets=0)]
        pages = {
            "page, titles": [f"/?q={quote(query)}" for query in titles],
            "page, common": [f"/?q={quote(query)}" for query in common],
            "page of a document": [
                f"/documents/{quote(hit)}?q={quote(query)}" for hit, query in zip(hits, titles, strict=False)
            ],
            "API, titles": [f"/api/search?query={quote(query)}&{FACETS}" for query in titles],
            "API, completions": [f"/api/suggest?text={quote(query[:6])}" for query in titles],
        }
        with served(arguments.index, core) as (port, process):
            check(port, searcher, [*titles[:30], *common[:10]])
    for name, paths in pages.items():
        with served(arguments.index, core) as (port, process):
            before = computed(process)
            rows[f"{name}, load"] = spread(timed(port, paths)[0])
            rows[f"{name}, load"]["cpu"] = round(1000 * (computed(process) - before) / len(paths), 1)
        for connections in map(int, arguments.connections.split(",")):
            with served(arguments.index, core) as (port, process):
                times, seconds = timed(port, paths, connections)
                rows[f"{name}, {connections} at once"] = {
                    "a second": round(len(paths) / seconds, 1),
                    "p95": spread(times)["p95"],
                }
    if arguments.browser:
        if core is not None:
            os.sched_setaffinity(0, set(cores))  # it is several processes, which one core would hold up
        with served(arguments.index, core) as (port, process):
            rows["browser, titles"] = in_browser(port, titles[:100])
            rows["browser, common"] = in_browser(port, common[:40])
    if arguments.as_json:
        print(json.dumps({"v": 1, "queries": len(titles), "load": os.getloadavg()[0], "rows": rows}))
        return
    print(f"{len(titles)} queries of titles, {len(common)} common ones; load of the machine {os.getloadavg()[0]:.1f}")
    for name, row in rows.items():
        print(f"{name:<32}" + "  ".join(f"{key} {value:,.1f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
