"""Learns what groups of letters are typed for others in English: the table `edit_costs_en_groups.txt` of `naidi.search.bridges`.

    python benchmarks/meaning/edit_groups.py DATA > search/bridges/edit_costs_en_groups.txt

Each misspelt word of DATA/spelling/en.tsv.gz is aligned with the right one by single letters. Counted is what was typed for each
group of up to LONGEST letters with a slip in it. The cost of a group follows from its share in the uses of the group that was
meant, as the other costs do (see `edit_costs_en.txt`). Kept are groups that cost less than their letters one by one, by LEAST_GAIN
at least. Only the pairs of the training half count (`is_validation` of `benchmarks.meaning.spelling`).

After E. Brill and R. Moore, "An Improved Error Model for Noisy Channel Spelling Correction", 2000.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.meaning.spelling import LISTS, fold, is_validation, read_pairs
from naidi.search.bridges.edit_costs import EditCosts, edit_costs
from naidi.search.bridges.near_forms import LATIN, alphabet_of, letters_of

LONGEST = 3
LEAST_USES, LEAST_WORDS, LEAST_GAIN = 3, 2, 0.2
_LONGEST_WORD = 30
_VOWELS = frozenset("aeiouy")
# Costs of single letters for the alignment alone.
_ONE_MORE_OR_LESS, _SWAPPED, _ALIKE, _UNLIKE = 0.8, 0.9, 0.9, 1.4

Step = tuple[int, int]


def aligned(typed: str, meant: str) -> list[tuple[Step, Step]]:
    """The cheapest way from one word to the other: ((start, end) in what was typed, (start, end) in what was meant), in order."""
    rows, columns = len(typed), len(meant)
    best = np.full((rows + 1, columns + 1), math.inf)
    best[0, 0] = 0.0
    came: dict[Step, Step] = {}
    for row in range(rows + 1):
        for column in range(columns + 1):
            for down, right, cost in _steps(typed[row : row + 2], meant[column : column + 2]):
                if best[row, column] + cost < best[row + down, column + right]:
                    best[row + down, column + right] = best[row, column] + cost
                    came[row + down, column + right] = row, column
    steps = []
    at = rows, columns
    while at != (0, 0):
        before = came[at]
        steps.append(((before[0], at[0]), (before[1], at[1])))
        at = before
    return steps[::-1]


def _steps(typed: str, meant: str) -> Iterator[tuple[int, int, float]]:
    """(letters typed, letters meant, cost) of each step that is possible before two letters of both."""
    if typed and meant:
        alike = (typed[0] in _VOWELS) == (meant[0] in _VOWELS)
        yield 1, 1, 0.0 if typed[0] == meant[0] else _ALIKE if alike else _UNLIKE
    if typed:
        yield 1, 0, _ONE_MORE_OR_LESS
    if meant:
        yield 0, 1, _ONE_MORE_OR_LESS
    if len(typed) == len(meant) == 2 and typed == meant[::-1] != meant:
        yield 2, 2, _SWAPPED


def slips(typed: str, meant: str) -> Iterator[tuple[str, str]]:
    """(group that was meant, group that was typed for it), with ^ and $ for the ends of the word, as in the table."""
    steps = aligned(typed, meant)
    for first in range(len(steps)):
        for last in range(first, len(steps)):
            (start, _), (begin, _) = steps[first]
            (_, end), (_, stop) = steps[last]
            if end - start > LONGEST or stop - begin > LONGEST:
                break
            given, wanted = typed[start:end], meant[begin:stop]
            if not given or not wanted or given == wanted:
                continue
            yield wanted, given
            if first == 0:
                yield "^" + wanted, "^" + given
            if last == len(steps) - 1:
                yield wanted + "$", given + "$"


def learn(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """(meant, typed) -> cost. pairs: typed and meant, in small Latin letters."""
    counts: Counter[tuple[str, str]] = Counter()
    uses: Counter[str] = Counter()
    words: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for typed, meant in pairs:
        marked = f"^{meant}$"
        for size in range(1, LONGEST + 2):
            uses.update(marked[start : start + size] for start in range(len(marked) - size + 1))
        for slip in slips(typed, meant):
            counts[slip] += 1
            words[slip].add(meant)
    return chosen({slip: cost_of(counts[slip], uses[slip[0]]) for slip in counts if _is_usual(slip, counts, words)})


def _is_usual(slip: tuple[str, str], counts: Counter[tuple[str, str]], words: dict[tuple[str, str], set[str]]) -> bool:
    is_group = any(len(side.strip("^$")) > 1 or side.strip("^$") != side for side in slip)
    return is_group and counts[slip] >= LEAST_USES and len(words[slip]) >= LEAST_WORDS


def cost_of(count: int, uses: int) -> float:
    """The cost of a slip that happened `count` times in so many uses of what was meant. It is a multiple of .05."""
    return max(round(0.9 * (-math.log(count / uses) / 6 + 0.2) * 20) / 20, 0.3)


def chosen(costs: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """The groups that cost less than their parts, by LEAST_GAIN: letters, and shorter groups that were chosen before."""
    kept: dict[tuple[str, str], float] = {}
    model = edit_costs(LATIN)
    for size in sorted({len(meant) + len(typed) for meant, typed in costs}):
        found = {
            slip: cost
            for slip, cost in sorted(costs.items())
            if sum(map(len, slip)) == size and cost <= _by_parts(model, *slip) - LEAST_GAIN
        }
        kept.update(found)
        model = model.with_rules(found)
    return kept


def _by_parts(model: EditCosts, meant: str, typed: str) -> float:
    """What a slip costs without a rule of its own; within a word, letters that are right stand around it."""
    wanted, given = (
        ("" if side[0] == "^" else "q") + side.strip("^$") + ("" if side[-1] == "$" else "q") for side in (meant, typed)
    )
    table = np.array([letters_of(wanted, LATIN)], np.uint8).T
    return float(model.distances(letters_of(given, LATIN), table, np.array([len(wanted)]))[0])


def table_of(costs: dict[tuple[str, str], float]) -> str:
    """The lines of the table, the cheapest first."""
    by_cost: defaultdict[float, list[str]] = defaultdict(list)
    for (meant, typed), cost in sorted(costs.items()):
        by_cost[cost].append(f"{meant}>{typed}")
    lines = [
        "# Groups of letters that are typed for others in English words, beside those of edit_costs_en.txt. `edit_costs` says",
        "# how to read this; benchmarks/meaning/edit_groups.py made it of half of the pairs of Birkbeck, Norvig and codespell.",
    ]
    for cost, rules in sorted(by_cost.items()):
        line = f"{cost:.2f}:"
        for rule in rules:
            if len(line) + 1 + len(rule) > 132:
                lines.append(line)
                line = f"{cost:.2f}:"
            line += f" {rule}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def training_pairs(data: Path) -> list[tuple[str, str]]:
    """(typed, meant) of the training half, each once."""
    pairs = dict.fromkeys((fold(typo), fold(meant)) for typo, meant in read_pairs(data / "spelling" / LISTS["en"]))
    return [
        (typo, meant)
        for typo, meant in pairs
        if alphabet_of(typo) == alphabet_of(meant) == LATIN
        and typo != meant
        and max(len(typo), len(meant)) <= _LONGEST_WORD
        and not is_validation(meant)
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("data", type=Path, metavar="DATA")
    sys.stdout.write(table_of(learn(training_pairs(options.parse_args().data))))


if __name__ == "__main__":
    main()
