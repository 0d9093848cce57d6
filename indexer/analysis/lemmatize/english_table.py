"""Which English forms have which lemmas, by lemminflect's table, which was made from the SPECIALIST Lexicon.

The table is read without importing lemminflect, which would import numpy. A query asks for few forms, an indexer for all: the one
looks for the rows of a form, the other makes a dictionary of all rows, which takes four times as long.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, TypeAlias

Lemmas: TypeAlias = "tuple[str, ...]"
_Row: TypeAlias = "Sequence[str]"  # form, part of speech, lemma/lemma
_VERBS = ("verb", "aux")
_SORTED_SIZE = 326_767  # bytes of the file in lemminflect 0.2.3, whose rows are sorted by form


class FormTable(Protocol):
    """What is asked of the table: form -> lemmas."""

    def get(self, form: str, default: Lemmas, /) -> Lemmas: ...
    def __contains__(self, form: object, /) -> bool: ...


class FewForms:
    """The table for few forms: its lines as they are, in which each form is looked up."""

    def __init__(self, text: str) -> None:
        """text: lines of form, part of speech and lemmas, in the order of their forms."""
        self._lines = text.splitlines()
        self._line_forms = [line.partition(",")[0] for line in self._lines]
        self._name_rows: dict[str, list[_Row]] = {}
        for form, line in zip(self._line_forms, self._lines, strict=True):
            if not form.islower():
                self._name_rows.setdefault(form.lower(), []).append(line.split(","))

    def get(self, form: str, default: Lemmas = ()) -> Lemmas:
        """The lemmas of a lower-case form, or the default."""
        return load_forms(self._rows_of(form)).get(form, default)

    def __contains__(self, form: object) -> bool:
        return isinstance(form, str) and bool(self._rows_of(form))

    def is_name(self, form: str) -> bool:
        """Whether the table has the lower-case form as a name only."""
        names: set[str] = set()
        load_forms(self._rows_of(form), names)
        return form in names

    def _rows_of(self, form: str) -> list[_Row]:
        rows = [*self._name_rows.get(form, ())]
        if form.islower():
            first, behind = bisect_left(self._line_forms, form), bisect_right(self._line_forms, form)
            rows += (line.split(",") for line in self._lines[first:behind])
        return rows


def few_forms() -> FewForms | None:
    """The table for few forms, or None if this lemminflect has another file. Raises ImportError as `load_forms` does."""
    path = _table_path()
    return FewForms(_text_of(path)) if path is not None and path.stat().st_size == _SORTED_SIZE else None


def load_forms(rows: Iterable[_Row] | None = None, names: set[str] | None = None) -> dict[str, Lemmas]:
    """Form -> lemmas, both lower case, from lemminflect's table.

    The lemma of a verb stands first (left: leave, left), that of a name last. If a name can be its own lemma, it is only
    that: Adams is no form of Adam.

    Parameters:
      rows: the rows of the table; None reads lemminflect's.
      names: the forms that are names only are added to this set.

    Raises ImportError, with the package to install, if lemminflect is missing.
    """
    found: dict[str, Lemmas] = {}
    name_rows = []
    for form, part, slashed in _rows_of_table() if rows is None else rows:
        if not form.islower():
            name_rows.append((form, slashed))
            continue
        lemmas = _lemmas_of(slashed)
        known = found.get(form)
        if known is None:
            found[form] = lemmas
        elif part in _VERBS:
            found[form] = _joined(lemmas, known)
        else:
            found[form] = _joined(known, lemmas)
    if names is not None:
        names.update(lower for form, _ in name_rows if (lower := form.lower()) not in found)
    for form, slashed in name_rows:
        lower = form.lower()
        lemmas = (lower,) if form in slashed.split("/") else _lemmas_of(slashed)
        found[lower] = _joined(found.get(lower, ()), lemmas)
    return found


def _table_path() -> Path | None:
    """The file of the table, or None if this version of lemminflect keeps it elsewhere. Raises ImportError as `load_forms` does."""
    spec = find_spec("lemminflect")  # finds the package, does not import it
    if spec is None or spec.origin is None:
        raise ImportError("English lemmas need the lemminflect package: pip install lemminflect")
    path = Path(spec.origin).parent / "resources" / "lemma_lu.csv.gz"
    return path if path.exists() else None


def _text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def _rows_of_table() -> Iterable[_Row]:
    path = _table_path()
    return _rows_by_import() if path is None else (line.split(",") for line in _text_of(path).splitlines())


def _rows_by_import() -> Iterator[_Row]:
    """The same rows from lemminflect itself, in case another version keeps its table elsewhere."""
    from lemminflect import Lemmatizer

    for form, parts in Lemmatizer()._getLemmaDict().items():
        for part, lemmas in parts.items():
            yield form, part.lower(), "/".join(lemmas)


def _lemmas_of(slashed: str) -> Lemmas:
    lower = slashed.lower()
    return tuple(dict.fromkeys(lower.split("/"))) if "/" in lower else (lower,)


def _joined(first: Lemmas, second: Lemmas) -> Lemmas:
    return (*first, *(lemma for lemma in second if lemma not in first))
