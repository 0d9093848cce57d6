"""Does a search engine find what a person who searches in Russian expects?

    python benchmarks/finds_russian/run.py [--engines NAME,NAME] [--failures NAME]

Puts all cases of the folder `cases` to each engine and prints how many it answers right, by category. A case is right if all its
texts that must be found are, and none of those that must not. All documents stand in one index; of an answer, the documents of
other cases do not count. --failures: print what is wrong in the answers of one engine instead.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.finds_russian.cases import Category, load
from benchmarks.finds_russian.engines import ENGINES, records_of


def failures(name: str, categories: Sequence[Category]) -> dict[str, list[str]]:
    """The id of each case that an engine answers wrong -> what is wrong."""
    cases = [case for category in categories for case in category.cases]
    with tempfile.TemporaryDirectory(prefix="finds-russian-") as directory:
        engine = ENGINES[name].make(Path(directory), records_of(cases))
        told = {case.id: case.failures(engine.find(case.query)) for case in cases}
        del engine
    return {case_id: wrong for case_id, wrong in told.items() if wrong}


def table(categories: Sequence[Category], wrong: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """How many cases each engine answers right, as Markdown. wrong: engine -> its failures."""
    lines = [f"| category | cases | {' | '.join(wrong)} |", f"|---|---:|{'---:|' * len(wrong)}"]
    totals = dict.fromkeys(wrong, 0)
    for category in categories:
        right = {name: sum(case.id not in wrong[name] for case in category.cases) for name in wrong}
        for name, count in right.items():
            totals[name] += count
        lines.append(f"| {category.name} | {len(category.cases)} | {' | '.join(map(str, right.values()))} |")
    every = sum(len(category.cases) for category in categories)
    lines.append(f"| **all** | {every} | {' | '.join(f'**{count}**' for count in totals.values())} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--engines", default=",".join(ENGINES), help=f"default: {','.join(ENGINES)}")
    options.add_argument("--failures", choices=list(ENGINES), help="print what this engine answers wrong")
    given = options.parse_args()
    categories = load()
    if given.failures:
        queries = {case.id: case.query for category in categories for case in category.cases}
        for case_id, told in failures(given.failures, categories).items():
            print(f"{case_id}: {queries[case_id]}: {'; '.join(told)}")
        return
    names = given.engines.split(",")
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        options.error(f"no such engine: {unknown[0]}; there are {', '.join(ENGINES)}")
    print(table(categories, {name: failures(name, categories) for name in names}))
    print(
        "\nVersions:", ", ".join(dict.fromkeys(f"{ENGINES[name].package} {ENGINES[name].version()}" for name in names))
    )


if __name__ == "__main__":
    main()
