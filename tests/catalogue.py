"""Keeps the catalogue of Russian sentences: `indexer/locale/ru/LC_MESSAGES/naidi.po`, and the `.mo` that the command reads.

    python tests/catalogue.py                      takes over the sentences of the source, and compiles
    python tests/catalogue.py --take FILE.json     also what they are in Russian: {"English": "Russian" or ["1", "2", "5"]}
    python tests/catalogue.py --missing            prints those that are not translated, as JSON of the same form

A sentence is what `message` and `plural` are called with, a paragraph of the help of a command, or a text of click or of the
system. What is gone from the source is dropped.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
if not __package__:  # started as a file: neither is on the path
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

PO = ROOT / "indexer" / "locale" / "ru" / "LC_MESSAGES" / "naidi.po"
MO = PO.with_suffix(".mo")
FOREIGN = ROOT / "tests" / "data" / "foreign_sentences.txt"
KEYWORDS = {"message": None, "plural": (1, 2)}
# What these say is for models and programs, which are spoken to in English.
_NOT_TOLD = ("agents", "integrations")

Name: TypeAlias = "str | tuple[str, str]"  # (of one thing, of several)


def sentences() -> dict[Name, set[str]]:
    """Each sentence -> where it stands in the source."""
    found: dict[Name, set[str]] = {}
    for name, place in (*_of_source(), *_of_help(), *_of_others()):
        found.setdefault(name, set()).add(place)
    counted = {name[0] for name in found if isinstance(name, tuple)}
    assert not counted & found.keys(), f"both counted and not: {counted & found.keys()}"
    return found


def _of_source() -> Iterator[tuple[Name, str]]:
    for folder in ("indexer", "search"):
        found = extract_from_dir(
            ROOT / folder,
            [("**.py", "python")],
            keywords=KEYWORDS,
            directory_filter=lambda path: Path(path).name not in _NOT_TOLD,
        )
        for path, _, name, _, _ in found:
            assert isinstance(name, (str, tuple)), f"{path}: a sentence is no literal"
            yield (name if isinstance(name, str) else (name[0], name[1])), f"{folder}/{path}"


def _of_help() -> Iterator[tuple[Name, str]]:
    from naidi.search.cli import main
    from naidi.search.commands.help_texts import texts_of

    for command in (main, *(main.commands[name] for name in sorted(main.commands))):
        for text in texts_of(command):
            yield text, "help"


def _of_others() -> Iterator[tuple[Name, str]]:
    for line in FOREIGN.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            names = json.loads(line)
            yield (names if isinstance(names, str) else (names[0], names[1])), "click or the system"


def translated() -> Catalog:
    """The catalogue as it stands in the repository."""
    with PO.open("rb") as file:
        return read_po(file, locale="ru", domain="naidi")


def name_of(entry: Message) -> Name:
    """As in `sentences`."""
    return entry.id if isinstance(entry.id, str) else (entry.id[0], entry.id[1])


def update(taken: dict[str, str | list[str]]) -> Catalog:
    """The catalogue with exactly the sentences of the source, as they are in Russian as far as that is known."""
    known: dict[str, str | tuple[str, ...]] = {}
    if PO.exists():
        known = {_first(name_of(entry)): entry.string for entry in translated() if entry.id}
    known |= {name: text if isinstance(text, str) else tuple(text) for name, text in taken.items()}
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)  # else each run would change the file
    made = Catalog(
        locale="ru",
        domain="naidi",
        project="naidi",
        version="",
        header_comment="# What naidi says, in Russian. `python tests/catalogue.py` keeps this file.",
        copyright_holder="The naidi authors",
        msgid_bugs_address="https://github.com/naidi-search/naidi/issues",
        last_translator="The naidi authors",
        creation_date=moment,
        revision_date=moment,
        fuzzy=False,
    )
    for name, places in sentences().items():
        text = known.get(_first(name), "")
        if isinstance(name, tuple) != isinstance(text, tuple):
            text = ("", "", "") if isinstance(name, tuple) else ""
        made.add(name, text, locations=[(place, 0) for place in sorted(places)])
    for entry in made:
        entry.flags -= {"python-format"}  # a percent sign is one
    return made


def _first(name: Name) -> str:
    return name if isinstance(name, str) else name[0]


def write(catalogue: Catalog) -> None:
    """Write the `.po` and, compiled, the `.mo`."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
    with MO.open("wb") as file:
        write_mo(file, catalogue)


def missing(catalogue: Catalog) -> dict[str, str | list[str]]:
    """The sentences that are not in Russian yet."""
    return {
        _first(name_of(entry)): entry.id[1] if isinstance(entry.id, tuple) else ""
        for entry in catalogue
        if entry.id and not (entry.string if isinstance(entry.string, str) else all(entry.string))
    }


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    options.add_argument("--take", type=Path, action="append", default=[], metavar="FILE")
    options.add_argument("--missing", action="store_true")
    given = options.parse_args()
    taken: dict[str, str | list[str]] = {}
    for file in given.take:
        taken |= json.loads(file.read_text(encoding="utf-8"))
    catalogue = update(taken)
    write(catalogue)
    left = missing(catalogue)
    if given.missing:
        print(json.dumps(left, ensure_ascii=False, indent=1))
    names = {_first(name_of(entry)) for entry in catalogue}
    for name in taken.keys() - names:
        print(f"not in the source: {name!r}", file=sys.stderr)
    print(f"{len(catalogue)} sentences, {len(left)} not translated", file=sys.stderr)


if __name__ == "__main__":
    main()
