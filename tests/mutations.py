"""Do the tests notice when the code does something else? Small changes of it, each of which some test must fail for.

    python tests/mutations.py              all of them: some minutes
    python tests/mutations.py recency tier only those

Works on a copy in a temporary folder. Prints a line for each, "killed" or "LIVED", and ends with status 1 if any lived. A text that
is not found, or more than once, ends it before anything is run: whoever changes such a line gives the table the new one.

Tried and left out, as it changes nothing: the order of documents past the best `rescored` in `ranking/page.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Mutation(NamedTuple):
    """In `file`, `new` stands for `old`. tests: the files nearest to it, in `tests/`."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTATIONS = [
    # What is found and how it is scored.
    Mutation(
        "length in the score",
        "search/ranking/bm25.py",
        "norms += 1.0 - parameters.b",
        "norms += 1.0",
        "test_evaluation",
    ),
    Mutation("idf of a word", "search/ranking/bm25.py", "(doc_freq + 0.5)", "(doc_freq + 1.5)", "test_evaluation"),
    Mutation(
        "what a bridge may weigh",
        "search/ranking/bridge_weights.py",
        "min(1.0, most / strength)",
        "1.0",
        "test_evaluation",
    ),
    Mutation(
        "how many are looked at for nearness",
        "search/ranking/scored_page.py",
        "top_set(scores, rescored, ranks_of)",
        "top_set(scores, rescored + 1, ranks_of)",
        "test_evaluation",
    ),
    Mutation("recency: the floor", "search/ranking/recency.py", "FLOOR + (1.0 - FLOOR) *", "FLOOR *", "test_recency"),
    # What is left out because it cannot be among the best.
    Mutation(
        "MaxScore: when to stop",
        "search/ranking/pruned.py",
        "    if kth <= more * _SLACK:\n        return None\n",
        "",
        "test_pruned",
    ),
    Mutation(
        "MaxScore: the margin",
        "search/ranking/pruned.py",
        "totals >= kth - more * _SLACK",
        "totals >= kth - more / 2",
        "test_pruned",
    ),
    Mutation(
        "bounds: the next rank",
        "search/ranking/pruned.py",
        "self.scores[rank - 1]) if rank <=",
        "self.scores[rank]) if rank <",
        "test_pruned",
    ),
    Mutation(
        "bounds: the most without its boost",
        "search/ranking/word_lists.py",
        "champions.score_of(1) * term.boost",
        "champions.score_of(1)",
        "test_pruned",
    ),
    Mutation(
        "bounds: the k-th without its boost",
        "search/ranking/word_lists.py",
        "champions.score_of(k) * term.boost",
        "champions.score_of(k)",
        "test_pruned",
    ),
    # What else may be meant.
    Mutation(
        "weight of derived words",
        "search/bridges/word_bridges.py",
        "DERIVATION_WEIGHT = 0.2",
        "DERIVATION_WEIGHT = 0.6",
        "test_answer test_derivation",
    ),
    Mutation(
        "which words are rare",
        "search/bridges/word_bridges.py",
        "RARE = 50",
        "RARE = 500",
        "test_answer test_derivation",
    ),
    Mutation(
        "what is a sure name",
        "search/bridges/unknown_words.py",
        "SURE_WEIGHT = 0.7",
        "SURE_WEIGHT = 0.4",
        "test_answer test_romanisation",
    ),
    Mutation("how likely a slip is", "search/mending.py", "= 0.4, 0.9, 0.5", "= 0.3, 0.7, 0.5", "test_mending"),
    Mutation("a likely function word", "search/mending.py", "= 0.4, 0.9, 0.5", "= 0.4, 0.9, 0.0", "test_mending"),
    Mutation(
        "how far an offer is",
        "search/bridges/spelling.py",
        "_FARTHEST_A_LETTER = 0.5",
        "_FARTHEST_A_LETTER = 0.8",
        "test_nearest_word",
    ),
    Mutation("neighbours of a slip", "search/mending.py", "_ANYWAY = 0.3, 0.05", "_ANYWAY = 0.0, 0.05", "test_mending"),
    Mutation(
        "a word of the same stem",
        "search/read_query.py",
        "_COST_BESIDE_STEM = 1.6",
        "_COST_BESIDE_STEM = 3.0",
        "test_nearest_word",
    ),
    Mutation("the weight of a mended word", "search/mending.py", "WEIGHT = 0.95", "WEIGHT = 1.0", "test_mending"),
    Mutation(
        "how short a word may be replaced",
        "search/bridges/unknown_words.py",
        "SHORTEST_REPLACED = 4",
        "SHORTEST_REPLACED = 3",
        "test_mending",
    ),
    Mutation(
        "what may be a slip",
        "search/read_query.py",
        "_FEW_DOCUMENTS = 5",
        "_FEW_DOCUMENTS = 50",
        "test_answer test_spelling",
    ),
    Mutation(
        "doc_freq of several keys",
        "search/collection.py",
        "max(map(self._doc_freq, keys), default=0)",
        "sum(map(self._doc_freq, keys))",
        "test_answer test_spelling",
    ),
    # Files and folders.
    Mutation(
        "a file changed in this tick of the clock",
        "indexer/folder/read_group.py",
        "status.st_mtime_ns > _CLOCK_TICK_NS",
        "status.st_mtime_ns > 0",
        "test_sync",
    ),
    Mutation(
        "hidden files do not make an index old",
        "indexer/folder/staleness.py",
        'entry.name.startswith(".") or ',
        "",
        "test_sync",
    ),
    # What is shown.
    Mutation(
        "where a snippet is cut",
        "search/snippets/shorten.py",
        "near = max_chars * 3 // 4",
        "near = max_chars // 2",
        "test_snippets",
    ),
    Mutation(
        "which pieces of a long text are shown",
        "search/snippets/long_texts.py",
        "np.minimum(counts, 1) + np.log1p(counts) / 100",
        "counts",
        "test_snippets test_highlight",
    ),
    Mutation(
        "how many forms are marked",
        "search/snippets/matched_words.py",
        "MAX_MARKED_FORMS = 5_000",
        "MAX_MARKED_FORMS = 50",
        "test_highlight test_snippets",
    ),
    # What is on the disk.
    Mutation(
        "merge: numbers of documents",
        "indexer/codec/merge.py",
        "docs[targets] = source.new_docs[old_docs]",
        "docs[targets] = old_docs",
        "test_segment",
    ),
    Mutation(
        "positions of long documents",
        "indexer/codec/positions.py",
        "if len(segment.long_docs) and (wide",
        "if len(segment.long_docs) > 1 and (wide",
        "test_segment",
    ),
    Mutation(
        "tiers: how many segments make one",
        "indexer/writing/merge_policy.py",
        "len(members) >= MERGE_FACTOR",
        "len(members) > MERGE_FACTOR",
        "test_tiers",
    ),
    Mutation(
        "checksums",
        "indexer/codec/container.py",
        "if digest.digest() != self._map[-_TAIL_BYTES : -len(END_MAGIC)]:",
        "if not digest.digest():",
        "test_container",
    ),
]


def check(mutations: Sequence[Mutation]) -> None:
    """Every old text must be there once, and every test."""
    wrong = []
    for mutation in mutations:
        path = ROOT / mutation.file
        found = path.read_text(encoding="utf-8").count(mutation.old) if path.exists() else 0
        if found != 1 or mutation.old == mutation.new:
            wrong.append(f"{mutation.name}: {mutation.old!r} is in {mutation.file} {found} times, not once")
        wrong += [
            f"{mutation.name}: no tests/{name}.py"
            for name in mutation.tests.split()
            if not (ROOT / "tests" / f"{name}.py").exists()
        ]
    if wrong:
        sys.exit("\n".join(["the table does not fit the code:", *wrong]))


def run(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The tests of a tree, up to the first that fails."""
    # Without byte code: a file changed twice in a second would be taken for the one before.
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    files = [f"tests/{name}.py" for name in tests]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=as found",
        *files,
    ]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def outcomes(tree: Path, mutations: Sequence[Mutation]) -> Iterator[tuple[Mutation, bool, float, str]]:
    """(mutation, whether a test failed, seconds, which one) of each."""
    for mutation in mutations:
        path = tree / mutation.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        start = time.monotonic()
        done = run(tree, mutation.tests.split())
        path.write_text(text, encoding="utf-8")
        if done.returncode not in (0, 1):  # neither passed nor failed: there is an error in the table
            sys.exit(f"{mutation.name}: pytest ended with {done.returncode}\n{done.stdout}{done.stderr}")
        failed = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        yield mutation, done.returncode == 1, time.monotonic() - start, failed[0] if failed else ""


def main(wanted: Sequence[str]) -> int:
    chosen = [each for each in MUTATIONS if not wanted or any(word in each.name for word in wanted)]
    check(MUTATIONS)
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory) / "tree"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "index_data", "build", "*.egg-info")
        shutil.copytree(ROOT, tree, symlinks=True, ignore=ignored)
        done = run(tree, sorted({name for each in chosen for name in each.tests.split()}))
        if done.returncode:
            sys.exit(f"the tests fail already:\n{done.stdout}{done.stderr}")
        lived = 0
        for mutation, killed, seconds, test in outcomes(tree, chosen):
            lived += not killed
            print(f"{'killed' if killed else 'LIVED ':6} {seconds:5.0f} s  {mutation.name}  {test}", flush=True)
    print(f"{len(chosen) - lived} of {len(chosen)} killed")
    return min(lived, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
