"""Words as a cluster's index has them, worked out from the documents themselves, and mirrors of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from naidi.indexer.analysis.tokenizer import forms as forms_of
from naidi.indexer.document import Document
from naidi.indexer.opensearch.words import Word
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection, StateFacts
from naidi.search.opensearch.mirror import Mirror
from naidi.search.opensearch.words_collection import KeyCounts, WordsCollection


def rows_of(directory: Path, docs: Iterable[Document]) -> list[Word]:
    """The rows of the words index for documents, with keys and stems as a local index of them has them."""
    counts = Counter(form for doc in docs for form in set(forms_of(doc.title)) | set(forms_of(doc.text)))
    rows = {}
    for segment in open_generation(directory).segments:
        ends = [0, *segment.container["form_keys.ends"][:].tolist()]
        for number, form in enumerate(segment.forms.strings()):
            common = [
                bool(segment.container.items("form_keys.common")[row >> 3] >> (7 - (row & 7)) & 1)
                for row in range(ends[number], ends[number + 1])
            ]
            keys = tuple(segment.keys_of_form(number))
            rows[form] = Word(form, keys, segment.stem_of_form(number), tuple(common), counts[form])
    assert rows.keys() == counts.keys()
    return list(rows.values())


def definitions_of(directory: Path) -> dict[str, int]:
    """The acronyms that the documents of a local index define, and how many documents define each so."""
    counts: Counter[str] = Counter()
    for segment in open_generation(directory).segments:
        pairs = segment.acronyms.strings()
        counts.update(pairs[number] for number in segment.acronym_pairs.tolist())
    return dict(counts)


def mirrored(local: Collection, mirror: Mirror, counts: KeyCounts | None = None) -> WordsCollection:
    """The words of a mirror, in the place of a local collection of the same documents."""
    facts = StateFacts(
        directory=str(local.directory),
        roots=local.roots,
        doc_count=local.doc_count,
        generation=local.generation,
        schema=local.schema,
        store_texts=local.store_texts,
        fingerprint=local.fingerprint,
    )
    return WordsCollection(facts, mirror.state.segments, counts or KeyCounts())
