"""Build the labelled data of the benchmarks from clones of public repositories.

    python benchmarks/data/build.py CLONES OUT [--only lemma,retrieval,...]

CLONES holds the clones, CLONES/owner+name or CLONES/owner/name, whole or bare. OUT becomes the folder that the benchmarks call
DATA. The repositories are read at the commits that sources.py names. Where a clone lacks that commit, its newest is read instead,
with a warning: the figures may then differ. What is missing is listed at the end with the lines that clone it, and everything
else is built. Each file is compared by its SHA-256 to the one that the published figures
were measured on (measured.py). The exit status is 0 if every file is the
same, 1 if one differs or something is missing. See ../DATA.md.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.data import dotnet, lemma, mixed_corpus, names, retrieval, ruspellru, sources, spelling
from benchmarks.data.clones import UNREADABLE, Clone, NotThere, Source, folder_of, reason
from benchmarks.data.files import content
from benchmarks.data.measured import MEASURED


class Step(NamedTuple):
    """What is built together: the part of DATA it belongs to, its name, its repositories, and what builds it in that part."""

    part: str
    name: str
    needs: tuple[Source, ...]
    build: Callable[[Path, Path], None]


def _corpus(clones: Path, out: Path) -> None:
    mixed_corpus.build(clones, out, print)


STEPS = (
    Step(
        "lemma", "ru", (sources.RUSSIAN_GSD, sources.RUSSIAN_TAIGA), lambda clones, out: lemma.build(clones, out, "ru")
    ),
    Step("lemma", "en", (sources.ENGLISH_EWT, sources.ENGLISH_GUM), lambda clones, out: lemma.build(clones, out, "en")),
    Step("retrieval", "cranfield", (sources.CRANFIELD,), retrieval.build_cranfield),
    Step("retrieval", "cacm", (sources.CACM,), retrieval.build_cacm),
    Step("retrieval", "xquad", (sources.XQUAD,), retrieval.build_xquad),
    Step("retrieval", "dotnet-ru", (sources.DOTNET_RU,), dotnet.build),
    Step(
        "spelling",
        "en",
        (sources.BIRKBECK, sources.CODESPELL, sources.NORVIG_TESTS, sources.NORVIG_ERRORS),
        spelling.build_english,
    ),
    Step("spelling", "ru", (sources.KARTASLOV,), spelling.build_russian),
    Step("spelling", "ruspellru", (sources.RUSPELLRU,), ruspellru.build),
    Step("names", "en-ru", (sources.NAMES,), names.build),
    Step("corpus", "shards", tuple(dict.fromkeys(part.source for part in mixed_corpus.PARTS)), _corpus),
    Step("corpus", "long", (sources.WAR_AND_PEACE, sources.RUSLIT), mixed_corpus.build_long),
)


def main(arguments: list[str] | None = None) -> int:
    """Build, and say what came of it. Returns the exit status."""
    parts = list(dict.fromkeys(step.part for step in STEPS))
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("clones", type=Path, metavar="CLONES", help="folder of git clones")
    options.add_argument("out", type=Path, metavar="OUT", help="folder to build in")
    options.add_argument("--only", metavar="PART,PART", help=f"only these parts (default: {','.join(parts)})")
    given = options.parse_args(arguments)
    chosen = given.only.split(",") if given.only else parts
    if unknown := sorted(set(chosen) - set(parts)):
        options.error(f"no part {', '.join(unknown)}; there are {', '.join(parts)}")
    steps = [step for step in STEPS if step.part in chosen]
    missing, other = state_of(given.clones, dict.fromkeys(source for step in steps for source in step.needs))
    failed = False
    for step in steps:
        print(f"{step.part}: {step.name}", flush=True)
        try:
            step.build(given.clones, given.out / step.part)
        except UNREADABLE as error:
            failed = True
            print(f"  NOT WHOLE: {reason(error)}")
    same = compare(given.out, chosen)
    for line in other:
        print(f"WARNING: {line}")
    if missing:
        print(f"\n{len(missing)} repositories are missing. To clone them:")
    for source in missing:
        print(f"  git clone {source.url} {given.clones / source.repository.replace('/', '+')}")
    return 0 if same and not failed else 1


def state_of(clones: Path, needed: Iterable[Source]) -> tuple[list[Source], list[str]]:
    """Which of the repositories are missing, and a sentence on each that cannot be read at the named commit, said at once too."""
    missing, other = [], []
    for source in needed:
        try:
            folder_of(clones, source)
        except NotThere:
            missing.append(source)
            continue
        try:
            with Clone(clones, source) as clone:
                if clone.exact:
                    continue
                other.append(
                    f"{source.repository} has no commit {source.commit[:12]} here: its newest, {clone.commit[:12]}, was read"
                )
        except NotThere as error:
            other.append(str(error))
        print(f"WARNING: {other[-1]}", file=sys.stderr)
    return missing, other


def compare(out: Path, parts: list[str]) -> bool:
    """Print how each file stands to the one of the published figures. Returns whether all are the same."""
    same = True
    for name, (lines, digest) in MEASURED.items():
        if name.split("/")[0] not in parts:
            continue
        verdict, equal = verdict_on(out / name, lines, digest)
        same = same and equal
        print(f"{name}: {verdict}")
    return same


def verdict_on(path: Path, lines: int, digest: str) -> tuple[str, bool]:
    """How a file stands to the one of the published figures, in words, and whether it is the same.

    Parameters: the lines of that one without its header, and the SHA-256 of its content (the first 16 digits).
    """
    if not path.exists():
        return "not built", False
    data = content(path)
    found = data.count(b"\n") - path.name.removesuffix(".gz").endswith(".tsv")
    if hashlib.sha256(data).hexdigest().startswith(digest):
        return f"{found:,} lines, the same that was measured", True
    return f"{found:,} lines, DIFFERENT from what was measured, which has {lines:,}", False


if __name__ == "__main__":
    sys.exit(main())
