"""How much can one question cost, if somebody means harm?

    python benchmarks/speed/bombs.py INDEX [NAME...] [--seconds 1] [--megabytes 200] [--timeout S] [--best N]

INDEX is an index of some tens of thousands of documents in English and Russian. Each bomb is asked in a process of its own, which
has opened the index and found the word "the" before: what it then takes is counted, the loading of dictionaries included. The
documents with runs of marks are put into a small index that the program makes itself.

Prints the processor seconds and the megabytes beyond idle of each bomb, and what the answer says of limits. With --timeout, the
seconds of the wall are printed too, and may be .05 more than the timeout. With --best, a bomb is asked in N processes, and the
quickest counts: other programs can only make it slower.
The exit status is 1 if a bomb takes more than the limits, or ends in an error.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.speed.process_memory import peak_memory, status
from naidi import Document, Searcher, Writer, open_index
from naidi.indexer.errors import NaidiError

Ask = Callable[[Searcher, dict[str, Any]], object]

# A bomb that takes more than this is not waited for.
MOST_SECONDS, MOST_BYTES = 60, 6 << 30
SLACK_SECONDS = 0.05
COMMON = 300


def words_of(index: Path, count: int = 3_000) -> list[str]:
    """Frequent forms of an index, of letters alone, those of most documents first."""
    with open_index(index) as searcher:
        segment = max(searcher.generation.segments, key=lambda one: one.doc_count)
        ends = segment.list_ends.tolist()
        sizes = [end - start for start, end in itertools.pairwise([0, *ends])]
        numbers = segment.key_lists.tolist()
        ranked = sorted(range(len(numbers)), key=lambda key: -sizes[numbers[key]])
        return [word for key in ranked[: 2 * count] if (word := segment.keys[key]).isalpha()][:count]


def made_up(count: int, syllables: str = "ka ri to shchu zhe mna dro vlyu psi gho") -> list[str]:
    """Names that nobody has, each another one."""
    rows = itertools.product(syllables.split(), repeat=4)
    return ["".join(row) for row in itertools.islice(rows, 0, 7 * count, 7)]


def search(query: str, **options: Any) -> Ask:
    return lambda searcher, given: searcher.search(query, **options, **given)


def ids(query: str, **options: Any) -> Ask:
    return lambda searcher, given: searcher.search_ids(query, **options, **given)


def suggest(text: str) -> Ask:
    return lambda searcher, given: searcher.suggest(text, **given)


def similar(document: str) -> Ask:
    return lambda searcher, given: searcher.similar(document, **given)


def bombs(words: list[str]) -> dict[str, Ask]:
    """Every bomb by its name. words: frequent ones, most frequent first."""
    common = words[:COMMON]
    pairs = ["".join(pair) for pair in itertools.product("abcdefghijklm", repeat=2)]
    cyrillic = ["".join(pair) for pair in itertools.product("авеиклмнопрст", repeat=2)]
    nested_and_or = "(" * 900 + "the" + "".join(f" {'AND' if n % 2 else 'OR'} {w})" for n, w in enumerate(words[:900]))
    nested_right = "".join(f"{w} {'AND' if n % 2 else 'OR'} (" for n, w in enumerate(words[:900])) + "the" + ")" * 900
    couples = list(zip(words[:500], words[500:1000], strict=False))
    hyphens = [f"{a}-{b}" for a, b in itertools.islice(itertools.product(words[:101], repeat=2), 10_000)]
    beginnings = [*"abcdefghijklm", *pairs, *cyrillic, *(pair + "а" for pair in cyrillic)]
    thirty = "(" * 30 + "the" + "".join(f" {'AND' if n % 2 else 'OR'} {w} {w}s)" for n, w in enumerate(words[:30]))
    found: dict[str, Ask] = {
        "*ab* x 100": search(" ".join(["*ab*"] * 100)),
        "*ab*, 100 different": search(" ".join(f"*{pair}*" for pair in pairs[:100])),
        "*ав*, 100 different": search(" ".join(f"*{pair}*" for pair in cyrillic[:100])),
        "*ab*, 100 different, all": search(" ".join(f"*{pair}*" for pair in pairs[:100]), mode="all"),
        "a*, 600 different": search(" ".join(f"{beginning}*" for beginning in beginnings)),
        "word~2 x 200": search(" ".join(f"{word}~2" for word in common[:200])),
        "word~ x 1000": search(" ".join(f"{word}~" for word in words[:1000])),
        "-word~2 x 200": search("the " + " ".join(f"-{word}~2" for word in common[:200])),
        "a~2 x 200": search("a~2 " * 200),
        "ab~2": search("ab~2"),
        "ab~2 ids": ids("ab~2"),
        "*e*": search("*e*"),
        "*а*": search("*а*"),
        "*a*": search("*a*"),
        "?*e*?": search("?*e*?"),
        "*a*e*i*o*u*": search("*a*e*i*o*u*"),
        "*": search("*"),
        "?*?*?*": search("?*?*?*"),
        "а*б*в*": search("а*б*в*"),
        "a*a*a*…b": search("*" + "a*" * 60 + "b"),
        "=её x 500": search(" ".join(f"=е{word}" for word in words[:500])),
        "(NOT a) OR x 1,000": search(" OR ".join(["(NOT a)"] * 1000)),
        "(NOT word) OR x 1,000": search(" OR ".join(f"(NOT {word})" for word in words[:1000])),
        "(NOT word) AND x 1,000": search(" AND ".join(f"(NOT {word})" for word in words[:1000])),
        "+a -b x 50,000": search("+a -b " * 50_000),
        "+word -word x 500": search(" ".join(f"+{a} -{b}" for a, b in couples)),
        "(a AND b) OR x 500": search(" OR ".join(f"({a} AND {b})" for a, b in couples)),
        "(a OR b) AND x 500": search(" AND ".join(f"({a} OR {b})" for a, b in couples)),
        "the x 100,000": search("the " * 100_000),
        '" the x 20,000': search('" the ' * 20_000),
        '"the x 100,000 without end': search('"' + "the " * 100_000),
        "a x 5,000": search("a " * 5_000),
        "hyphens, 10,000 words": search(" ".join(hyphens)),
        "hyphens, one word of 10,000": search("-".join(words[:1000] * 10)),
        "a-a-a…": search("a-" * 50_000 + "a"),
        "a.a.a…": search("a." * 50_000 + "a"),
        "1.11.11…": search("1.11." * 30_000 + "1"),
        '"the the …"~1000': search('"' + "the " * 1000 + '"~1000'),
        '"word word …"~1000': search('"' + " ".join(common) + '"~1000'),
        '"the of and to"~1000': search('"the of and to"~1000'),
        '"the of"~1000 x 200': search(" ".join(f'"{a} {b}"~1000' for a, b in itertools.pairwise(common[:200]))),
        '"the * x 500"': search('"the ' + "* " * 500 + 'of"'),
        '"*a* *e* …"': search('"' + " ".join(f"*{letter}*" for letter in "aeiouaeiou") + '"'),
        '"*a* *e* …"~1000': search('"' + " ".join(f"*{letter}*" for letter in "aeiouaeiou") + '"~1000'),
        "limit=10**9 of the": search("the", limit=10**9),
        "limit=10**9 of the, ids": ids("the", limit=10**9),
        "offset=10**9 of the": search("the", offset=10**9),
        "offset=30,000 of *": search("*", offset=30_000, limit=10_000),
        "transliterations x 500": search(" ".join(made_up(500))),
        "транслитерации x 500": search(" ".join(made_up(500, "ка ри то щу же мна дро влю пси гхо"))),
        "long misspelt words x 500": search(" ".join(f"{word}xq" for word in words[:1000] if len(word) > 6)),
        "misspelt word of 32": search("internationalisationalizationzzz"),
        "keyboard x 500": search(" ".join(f"ghbdtn{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500))),
        "300 common words x 4": search(" ".join(common * 4)),
        "1,000 common words": search(" ".join(words[:1000])),
        "1,000 common words, all": search(" ".join(words[:1000]), mode="all"),
        "1,000 common words, recent": search(" ".join(words[:1000]), recent=True),
        "1,000 common words, expand": search(" ".join(words[:1000]), expand=True),
        "1,000 common words, explain": search(" ".join(words[:1000]), explain=True),
        "1,000 common words, 10,000 hits": search(" ".join(words[:1000]), limit=10_000),
        "title:word x 1,000": search(" ".join(f"title:{word}" for word in words[:1000])),
        "body:*a* x 50": search(" ".join(f"body:*{pair}*" for pair in pairs[:50])),
        "nested 900": search(nested_and_or),
        "nested 900 to the right": search(nested_right),
        "nested 30": search(thirty),
        "NOT NOT x 10,000": search("NOT " * 10_000 + "the"),
        "( x 10,000": search("(" * 10_000 + "the" + ")" * 10_000),
        "() x 10,000": search("() " * 10_000),
        "lang: x 5,000": search("the " + "lang:ru " * 5_000),
        "-lang: x 5,000": search("the " + "-lang:ru " * 5_000),
        "date: x 5,000": search("the " + "date:>=2000 " * 5_000),
        "* OR x 5,000": search(" OR ".join("*" * 5_000)),
        "the^1e308 x 1,000": search("the^1e308 " * 1_000),
        "1 MB without a space": search("a" * 1_000_000),
        "1 MB of marks": search("e" + "\u0301" * 1_000_000),
        "surrogates": search("\ud800" * 100_000),
        "suggest, 1 MB": suggest("a" * 1_000_000),
        "suggest, 1 MB of words": suggest("the " * 250_000 + "vac"),
        "suggest, 1 MB of marks": suggest("e" + "\u0301" * 1_000_000),
        "suggest, 1 MB a-a": suggest("a-" * 500_000 + "a"),
        "suggest, 10,000": suggest("a" * 10_000),
        "suggest, one letter": suggest("a"),
        "similar, unknown id": similar("no such document"),
        "similar, long unknown id": similar("x/" * 100_000),
    }  # fmt: skip
    return found


def marked_bombs() -> dict[str, Ask]:
    """Bombs for `marked_index`."""
    return {
        "e + 200 marks": search("e" + "\u0301" * 200),
        "e + 199 marks": search("e" + "\u0301" * 199),
        "é": search("e\u0301"),
        "marked word beside": search("vaccine"),
        "'a x 500,000": search("o'a"),
        "Latin beside Cyrillic": search("aб"),
        "a-a-a… of 500,000": search("vaccine a-a"),
    }


def marked_index(directory: Path) -> None:
    """An index of texts that take long to look through."""
    texts = [
        "vaccine e" + "\u0301" * 500_000,
        "vaccine " + ("e" + "\u0301" * 200 + " ") * 2_500,
        "vaccine o" + "'a" * 250_000,
        "vaccine " + "aб" * 250_000,
        "vaccine " + "a-" * 250_000 + "a",
        "vaccine " + "e\u0301" * 250_000,
        "vaccine " + "\u0301" * 500_000,
    ]
    with Writer(directory) as writer:
        for number, text in enumerate(texts):
            writer.add(Document(id=str(number), text=text))


def run(index: Path, name: str, timeout: float | None) -> None:
    """Ask one bomb in this process, and print what it took as JSON."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    ask = {**bombs(json.loads(sys.stdin.read())), **marked_bombs()}[name]
    with open_index(index) as searcher:
        searcher.search("the")
        idle, cpu, wall = status().get("VmRSS", peak_memory()), time.process_time(), time.perf_counter()
        warnings: list[str] = []
        try:
            answer = ask(searcher, {} if timeout is None else {"timeout": timeout})
            warnings = list(getattr(answer, "warnings", ()))
        except NaidiError as error:
            warnings = [f"{type(error).__name__}: {str(error)[:80]}"]
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu, "wall": wall, "bytes": max(peak_memory() - idle, 0), "warnings": warnings}))


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("index", type=Path, metavar="INDEX")
    options.add_argument("names", nargs="*", metavar="NAME", help="of bombs (all)")
    options.add_argument("--seconds", type=float, default=1.0, help="of the processor, at most (1)")
    options.add_argument("--megabytes", type=float, default=200.0, help="beyond idle, at most (200)")
    options.add_argument("--timeout", type=float, default=None, metavar="S", help="of each question (none)")
    options.add_argument(
        "--best", type=int, default=1, metavar="N", help="processes for each bomb; the quickest counts (1)"
    )
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one is not None:
        run(given.index, given.one, given.timeout)
        return
    words = words_of(given.index)
    over: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="naidi-bombs-") as directory:
        marked = Path(directory) / "index"
        marked_index(marked)
        every = {**dict.fromkeys(bombs(words), given.index), **dict.fromkeys(marked_bombs(), marked)}
        for name in given.names or every:
            over[_report(name, every[name], words, given)] += 1
    print(f"{over.total()} bombs, {over['ok']} within the limits")
    raise SystemExit(over.total() > over["ok"])


def _report(name: str, index: Path, words: list[str], given: argparse.Namespace) -> str:
    """Ask a bomb in new processes and print a line; "ok" if it is within the limits."""
    command = [sys.executable, str(Path(__file__)), str(index), "--one", name]
    if given.timeout is not None:
        command += ["--timeout", str(given.timeout)]
    answers = []
    for _ in range(given.best):
        done = subprocess.run(command, input=json.dumps(words), capture_output=True, text=True)
        if done.returncode:
            print(f"{name:<34} ended with {done.returncode}: {done.stderr.strip()[-120:]}", flush=True)
            return "error"
        answers.append(json.loads(done.stdout))
    took = min(answers, key=lambda answer: answer["cpu"] if given.timeout is None else answer["wall"])
    late = given.timeout is not None and took["wall"] > given.timeout + SLACK_SECONDS
    is_over = took["cpu"] > given.seconds or took["bytes"] > given.megabytes * 1e6 or late
    wall = "" if given.timeout is None else f" {took['wall']:6.3f} s"
    said = "; ".join(warning for warning in took["warnings"])[:160]
    mark = "!" if is_over else " "
    print(f"{mark} {name:<34} {took['cpu']:6.2f} s{wall} {took['bytes'] / 1e6:6.0f} MB  {said}", flush=True)
    return "over" if is_over else "ok"


if __name__ == "__main__":
    main()
