"""Documents in memory -> the file of a segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from indexer.codec.container import Array, ContainerWriter, narrowest
from indexer.codec.inversion import invert
from indexer.codec.segment_writer import (
    Columns,
    Exact,
    Lexicon,
    PlaceSections,
    PostingSections,
    put_acronyms,
    put_columns,
    put_lexicon,
    segment_meta,
)
from indexer.codec.stored import BlobPacker, put_blobs


def write_segment(
    path: Path,
    *,
    columns: Columns,
    languages: Sequence[str],
    records: BlobPacker,
    texts: BlobPacker,
    piece_tokens: Array,
    text_bytes: int,
    lexicon: Lexicon,
    tokens: Array,
    definitions: Iterable[tuple[int, str]] = (),
) -> None:
    """Write a segment of documents that are in memory.

    tokens: form numbers, of each document its title's, then its body's. piece_tokens: of each text in pieces, how many tokens of
    the body end with each piece. definitions: as put_acronyms takes them.
    """
    lists, places = invert(
        tokens,
        columns.title_lengths,
        columns.body_lengths,
        lexicon.form_stems,
        lexicon.stem_forms,
        lexicon.key_forms,
        lexicon.numbers,
    )
    with ContainerWriter(path, segment_meta(columns, languages, text_bytes)) as file:
        put_lexicon(file, lexicon)
        put_columns(file, columns)
        put_acronyms(file, definitions)
        postings = PostingSections(file, len(columns.ids), lexicon.numbers, lists.ends)
        exact = Exact(lists.exact_rows, lists.exact_freqs, lists.exact_title_freqs)
        postings.add(0, lexicon.numbers.list_count, lists.docs, lists.codes, exact)
        postings.finish()
        sections = PlaceSections(file, places.sizes, lexicon)
        sections.add(0, len(lexicon.stems), places.positions, places.tags)
        sections.finish()
        put_blobs(file, "records", records)
        put_blobs(file, "texts", texts)
        file.put("pieces.tokens", narrowest(piece_tokens))
