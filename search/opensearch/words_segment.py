"""A segment that has words without documents: what the mirror of a cluster's words is made of.

It has forms, keys, stems, skeletons, and the acronyms that documents define. Each posting list has a length, which says how many
documents there are about, and no content. So all that asks an index about its words runs on it as on another segment, the core
included. What asks where words stand does not: `Container.items` and `[...]` of such a section raise an error, and the core reads
documents that the segment does not have, which is an error there.
"""

from __future__ import annotations

import mmap

import numpy as np

from naidi.indexer.codec.container import Array, Container
from naidi.indexer.codec.ragged import Indices, row_bounds
from naidi.indexer.codec.segment import Segment
from naidi.indexer.messages import message
from naidi.indexer.opensearch.words import Word
from naidi.indexer.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a file of words must say of itself. A file of another number is made anew.
WORDS_VERSION = 1
# The section that says how many documents have each form.
FORM_DOCS = "words.docs"
_LISTS = frozenset({"lists.docs", "lists.codes"})
# Where words stand, nobody knows.
_UNKNOWN = _LISTS | {"positions", "tags", "places.ends", "tags.ends"}


class _WordsContainer(Container):
    """The file of a segment of words."""

    def column(self, name: str) -> Any:
        """As of other containers. Posting lists are as long as `lists.ends` says, and zero."""
        if name in _LISTS:
            ends = self.items("lists.ends")
            return _zeros(ends[-1] if len(ends) else 0)
        if name == "tags":
            return _zeros(0)
        return super().column(name)

    def items(self, name: str) -> memoryview:
        if name in _UNKNOWN:
            raise _no_content(name)
        return super().items(name)

    def __getitem__(self, name: str) -> Array:
        if name in _UNKNOWN:
            raise _no_content(name)
        return super().__getitem__(name)


def _no_content(name: str) -> NotImplementedError:
    return NotImplementedError(f"section {name}: a segment of words does not know where they stand")


def _zeros(count: int) -> memoryview:
    """So many zero bytes, which take no memory as long as nobody reads them."""
    if not count:
        return memoryview(b"")
    if hasattr(mmap, "MAP_ANONYMOUS"):
        # Only reading: so the system need not promise that there is memory for them.
        return memoryview(mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ))
    return memoryview(mmap.mmap(-1, count, access=mmap.ACCESS_READ))


class WordsSegment(Segment):
    """A mapped segment of words.

    noted: what its maker has noted with it.
    """

    _container_type = _WordsContainer

    def __init__(self, path: str) -> None:
        """Raises IndexDamaged or IndexOutdated as Container does, and IndexDamaged for a segment of documents."""
        super().__init__(path)
        facts = self.container.meta.get("words")
        if type(facts) is not dict or facts.get("version") != WORDS_VERSION:
            raise self.container.damaged(message("no words of this version"))
        if self.container.count(FORM_DOCS) != self.container.count("forms.ends"):
            raise self.container.damaged(message("section {section}: of another length", section=FORM_DOCS))
        self.noted: dict[str, Any] = facts

    @property
    def form_docs(self) -> Array:
        """About how many documents have each form."""
        return self.container[FORM_DOCS]

    def docs_of_form(self, form: str) -> int:
        """About how many documents have a form; 0 if the segment lacks it."""
        number = self.forms.find(form)
        return int(self.container.items(FORM_DOCS)[number]) if number >= 0 else 0

    def form_tallies(self, stem: int, most: int) -> tuple[Indices, Indices]:
        """As of other segments, with documents for tokens."""
        start, end = row_bounds(self.container.items("stem_forms.ends"), stem)
        forms = self.container["stem_forms"][start:end]
        return forms, self.form_docs[forms].astype(np.int64)

    def token_count_of_stem(self, stem: int) -> int:
        """As of other segments, with documents for tokens."""
        return int(self.form_tallies(stem, 0)[1].sum())

    def rows(self) -> Iterator[Word]:
        """All words, sorted."""
        container = self.container
        keys, stems = self.keys.strings(), self.stems.strings()
        ends = container["form_keys.ends"][:].tolist()
        form_keys = container["form_keys"][:].tolist()
        common = self.are_common(np.arange(len(form_keys))).astype(bool).tolist()
        start = 0
        words = zip(
            self.forms.strings(), ends, container["form_stems"][:].tolist(), self.form_docs.tolist(), strict=True
        )
        for form, end, stem, docs in words:
            own = tuple([keys[number] for number in form_keys[start:end]])
            yield Word(form, own, stems[stem], tuple(common[start:end]), docs)
            start = end
