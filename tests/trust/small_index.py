"""A small index that has every section, and all that a reader and a writer do with an index."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import naidi
from naidi.indexer.codec import stored
from naidi.indexer.state.generations import open_generation
from naidi.indexer.status import index_status

from .scenarios import add, state_of, update, write

QUERIES = (
    "вакцина",
    "everywhere many",
    '"primary health care"',
    "вакц* -number",
    "vaccinaton~1 OR =Казахстана",
    "date:2021-05 WHO",
    "tokaev",
    '"vaccine plan"~200 body:vaccine',
    "title:документ body:everywhere* здоровье",
    "everywhere path:note size:>10 -ext:pdf",
    "mtime:2020 dir:folder*",
    "everywhere tags:tag1 rank:[2 TO 7]",
    'notes:"remark 5" everywhere',
)


def make_index(space: Path) -> Path:
    """An index of two generations in `space`, and the folder that it follows. The live one has a segment with deletions."""
    index, folder = space / "index", space / "folder"
    write(folder / "note.txt", "Заметка. everywhere вакцина из папки.\n")
    documents = [
        naidi.Document(
            id=f"d{number}",
            text=f"everywhere number {number} вакцинация Казахстана. World Health Organization (WHO), primary health care.",
            title=f"Документ {number}",
            date=date(2021, 5, 1 + number % 28) if number % 3 else None,
            meta={"number": number} if number % 2 else {},
            language="ru" if number % 2 else "en",
            names=f"vaccine plan {number}" if number % 4 else "",
            keywords="Токаев\nздоровье" if number % 5 == 0 else "",
            pages=(0, 10, 40) if number % 3 == 0 else (),
            first_line=1 + number % 2 * 4,
            size=number * 100 or None,
            mtime=1_600_000_000 + number if number % 2 else None,
            fields={
                "tags": [f"tag{number % 7}", "all"][: number % 3],
                "rank": number / 4,
                "notes": f"remark {number}" if number % 5 == 0 else None,
            },
        )
        for number in range(36)
    ]
    documents.append(naidi.Document(id="many", text="many " * 70 + "Токаев vaccination everywhere"))
    documents.append(naidi.Document(id="long", text="everywhere a long line of words\n" * 1_100))
    # As in a large index, texts are packed with a dictionary.
    with mock.patch.multiple(stored, LEAST_TEXT=1, trained=lambda samples: b"".join(samples)[:4_000]):
        add(index, *documents)
    naidi.sync(folder, index)
    add(index, delete=("d3", "d4"))
    return index


def looked(index: Path) -> list[Any]:
    """What readers get: answers and warnings."""
    with naidi.open_index(index) as searcher:
        found: list[Any] = []
        warned: set[str] = set()
        for query in QUERIES:
            results = searcher.search(query, limit=5)
            found.append(
                [
                    results.total,
                    [
                        [
                            hit.id,
                            hit.title,
                            str(hit.date),
                            hit.date_source,
                            hit.size,
                            str(hit.mtime),
                            dict(hit.meta),
                            str(hit.snippets[0]),
                        ]
                        for hit in results.hits
                        if hit.snippets
                    ],
                    [hit.id for hit in searcher.search(query, limit=50, snippets=0).hits],
                    [str(hit.snippets[:1]) for hit in results.hits],
                ]
            )
            warned |= set(results.warnings)
        found.append([hit.id for hit in searcher.similar("d1", limit=3).hits])
        ranked = searcher.search(
            "everywhere", limit=4, where=naidi.field("rank") < 8, sort=["-rank"], facets=["tags"], collapse="rank"
        )
        found.append([[hit.id, str(sorted(hit.fields.items()))] for hit in ranked.hits])
        found.append(str(ranked.facets["tags"].values))
        found.append([completion.text for completion in searcher.suggest("вакц")])
        return [found, sorted(warned)]


def told(index: Path) -> object:
    return index_status(index)["documents"]


def verified(index: Path) -> object:
    generation = open_generation(index)
    if generation.damage is not None:
        raise generation.damage
    return generation.verify()


def written(index: Path) -> object:
    add(index, naidi.Document(id="later", text="everywhere later"), delete=("d1",))
    return None


def changed(index: Path) -> object:
    """Values of fields alone."""
    update(index)
    return None


def deleted(index: Path) -> object:
    """A deletion alone, which reads little: no batch is analysed, nothing is merged."""
    with naidi.Writer(index) as writer:
        return writer.delete("d1")


def followed(index: Path) -> object:
    naidi.sync(index.parent / "folder", index)
    return None


def rebuilt(index: Path) -> object:
    report = naidi.sync(index.parent / "folder", index, rebuild=True)
    return [report.rebuilt, [list(pair) for pair in report.lost + report.older + report.skipped]]


def upgraded(index: Path) -> object:
    upgrade = getattr(naidi, "upgrade", None)
    if upgrade is None:
        from naidi.indexer.writing.reanalyse import reanalyse as upgrade
    upgrade(index)
    return None


def commanded(index: Path) -> object:
    """The lines of the commands that only read. Raises AssertionError for one that a terminal would obey."""
    from naidi.search.cli import main

    for arguments in (["status"], ["search", "вакцина"], ["suggest", "вакц"]):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), suppress(SystemExit):
            main(args=[*arguments, "--index", str(index)], prog_name="naidi")
        text = out.getvalue() + err.getvalue()
        assert "a bug in naidi" not in text, text[:300]
        obeyed = [line for line in text.split("\n") if not line.isprintable()]
        assert not obeyed, f"a terminal would obey {obeyed[0][:100]!r}"
    return None


USES: dict[str, Callable[[Path], object]] = {
    "search": looked,
    "status": told,
    "verify": verified,
    "commands": commanded,
    "write": written,
    "delete": deleted,
    "update": changed,
    "sync": followed,
    "rebuild": rebuilt,
    "upgrade": upgraded,
}


def texts(index: Path) -> dict[str, str]:
    state = state_of(index)
    assert isinstance(state, dict)
    return state


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def live(index: Path) -> Path:
    return index / (index / "CURRENT").read_text().split()[0]
