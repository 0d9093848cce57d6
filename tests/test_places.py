"""Stems of any number of forms: which form stands where, whatever the width of its tag, in segments built and merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexes import pack
from naidi.indexer.codec import merge
from naidi.indexer.codec.check import verify_segment
from naidi.indexer.codec.form_tags import pack_halves, pack_tags, read_tags, tag_widths
from naidi.indexer.codec.merge import merge_segments
from naidi.indexer.codec.positions import forms_in, positions_of, postings_of, stem_rows_of
from naidi.indexer.codec.posting_codes import POSITION_GAP
from naidi.indexer.codec.ragged import lengths_of
from naidi.indexer.codec.segment import Segment
from naidi.indexer.codec.segment_writer import Columns, PieceEnds, make_lexicon
from naidi.indexer.writing.segment_builder import write_segment
from plain_index import flatten

# Stems by their number of forms; "one.0" is the first form of the stem "one".
STEMS = {"one": 1, "two": 2, "sixteen": 16, "seventeen": 17, "many": 256, "most": 300}
FORMS = [f"{stem}.{number}" for stem, count in STEMS.items() for number in range(count)]

Words = tuple[list[str], list[str], list[str]]  # of a title, of a body, of keywords


def keys_of(form: str) -> tuple[str, ...]:
    """Keys across the stems, one with as many forms as a stem, several of some forms."""
    stem, number = form.split(".")
    keys = [f"key{int(number) % 7}"] if int(number) % 3 else [f"key{int(number) % 5}", stem]
    return ("two",) if stem == "two" else tuple(dict.fromkeys(keys))


def written(path: Path, docs: Sequence[tuple[str, Words]]) -> Segment:
    path.unlink(missing_ok=True)
    forms = sorted({form for _, parts in docs for part in parts for form in part})
    numbers = {form: number for number, form in enumerate(forms)}
    keys = sorted({key for form in forms for key in keys_of(form)})
    stems = sorted({form.split(".")[0] for form in forms})
    form_stems = np.array([stems.index(form.split(".")[0]) for form in forms], np.uint32)
    form_keys = flatten([[keys.index(key) for key in keys_of(form)] for form in forms])
    texts = [" ".join(body).encode() for _, (_, body, _) in docs]
    nothing = np.zeros(len(docs), np.int64)
    write_segment(
        path,
        columns=Columns(
            ids=[doc_id for doc_id, _ in docs],
            titles=[" ".join(title) for _, (title, _, _) in docs],
            synced=nothing,
            dates=nothing,
            language_codes=nothing,
            title_lengths=np.array([len(title) for _, (title, _, _) in docs], np.uint32),
            body_lengths=np.array([len(body) for _, (_, body, _) in docs], np.uint32),
            keyword_lengths=np.array([len(keywords) for _, (_, _, keywords) in docs], np.uint32),
            file_sizes=nothing - 1,
            mtimes=nothing - 1,
            date_sources=nothing,
        ),
        languages=["en"],
        records=pack([b""] * len(docs)),
        texts=pack(texts),
        dictionary=b"",
        pieces=PieceEnds(nothing[:0], nothing[:0], nothing[:0]),
        text_bytes=sum(map(len, texts)),
        lexicon=make_lexicon(forms, keys, stems, *form_keys, form_stems, np.zeros(len(form_keys[1]), np.uint8)),
        tokens=np.array([numbers[form] for _, words in docs for part in words for form in part], np.uint32),
    )
    return Segment(path)


def check(segment: Segment, docs: Sequence[Words], chosen: Sequence[set[str]]) -> None:
    verify_segment(segment)
    places: dict[str, dict[int, list[int]]] = defaultdict(dict)
    titles: dict[tuple[str, int], int] = defaultdict(int)
    position = 0
    for doc, parts in enumerate(docs):
        for in_title, part in zip((1, 0, 0), parts, strict=True):
            for form in part:
                places[form].setdefault(doc, []).append(position)
                titles[form, doc] += in_title
                position += 1
            position += 0 if part is parts[2] and not part else POSITION_GAP
    assert list(segment.forms) == sorted(places)
    for wanted in (*({form} for form in places), *chosen, set(places)):
        there = sorted(wanted & set(places))
        numbers = np.array([segment.forms.find(form) for form in there], np.uint32)
        expected = sorted({doc for form in there for doc in places[form]})
        found, freqs, title_freqs = postings_of(segment, numbers)
        assert found.tolist() == expected
        assert freqs.tolist() == [sum(len(places[form].get(doc, ())) for form in there) for doc in expected]
        assert title_freqs.tolist() == [sum(titles[form, doc] for form in there) for doc in expected]
        every = sorted(place for form in there for found in places[form].values() for place in found)
        assert positions_of(segment, numbers).tolist() == every
        for some in (range(0, len(docs), 2), range(len(docs)), [len(docs) - 1]):
            wanted_places = sorted(place for form in there for doc in some for place in places[form].get(doc, ()))
            assert positions_of(segment, numbers, np.array(some, np.int64)).tolist() == wanted_places
        for doc in range(len(docs)):
            in_doc = {
                segment.forms[form]: found.tolist() for form, found in forms_in(stem_rows_of(segment, numbers), doc)
            }
            assert in_doc == {form: places[form][doc] for form in there if doc in places[form]}


words = st.lists(st.sampled_from(FORMS) | st.sampled_from(FORMS[:40]), max_size=15)
documents = st.lists(st.tuples(words, words, words | st.just([])), min_size=1, max_size=8)
choices = st.lists(st.sets(st.sampled_from(FORMS), max_size=6), max_size=3)


@given(documents, choices)
@settings(max_examples=20)
def test_built(tmp_path: Path, docs: list[Words], chosen: list[set[str]]) -> None:
    check(written(tmp_path / "a", [(str(number), doc) for number, doc in enumerate(docs)]), docs, chosen)


@given(st.lists(documents, min_size=1, max_size=3), st.data(), choices)
@settings(max_examples=12)
def test_merged(tmp_path: Path, groups: list[list[Words]], data: st.DataObject, chosen: list[set[str]]) -> None:
    """A stem that had few forms in each segment may have many now, and the other way round."""
    inputs, live = [], []
    for number, group in enumerate(groups):
        deleted = np.array(data.draw(st.lists(st.booleans(), min_size=len(group), max_size=len(group))), bool)
        named = [(f"{number}.{place}", doc) for place, doc in enumerate(group)]
        inputs.append((written(tmp_path / f"{number}.seg", named), deleted))
        live += [doc for doc, gone in zip(named, deleted.tolist(), strict=True) if not gone]
    path = tmp_path / "merged"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "CHUNK_ROWS", data.draw(st.sampled_from([1, 3, 1_000_000])))
        merge_segments(path, inputs)
    merged = Segment(path)
    if live:
        check(merged, [doc for _, doc in live], chosen)
    at_once = written(tmp_path / "once", live)
    for name in at_once.container._table:
        if not name.startswith(("records.", "texts.", "docs.languages", "digests")):
            assert merged.container[name].tolist() == at_once.container[name].tolist(), name


def test_every_form_of_every_stem(tmp_path: Path) -> None:
    docs: list[Words] = [
        ([], FORMS, []),
        (FORMS[::-1], FORMS[::3], FORMS[:9]),
        ([], [], []),
        (FORMS[:1], FORMS[-1:] * 70, []),
    ]
    segment = written(tmp_path / "a", [(str(number), doc) for number, doc in enumerate(docs)])
    counts = dict(zip(segment.stems, lengths_of(segment.container["stem_forms.ends"]).tolist(), strict=True))
    assert counts == STEMS
    check(segment, docs, [set(FORMS[100:140]), {"most.299", "one.0"}, {f"most.{number}" for number in range(299)}])


# Tags


@given(st.lists(st.tuples(st.sampled_from([1, 2, 4]), st.integers(0, 65_535)), max_size=20))
def test_tags_of_any_width(rows: list[tuple[int, int]]) -> None:
    widths = np.array([width for width, _ in rows], np.int64)
    tags = np.array([tag % 16**width for width, tag in rows], np.int64)
    halves = pack_tags(tags, widths)
    expected = []
    for (width, _), tag in zip(rows, tags.tolist(), strict=True):
        expected += [tag >> 4 * place & 15 for place in range(width)]
    assert halves.tolist() == expected
    packed = pack_halves(np.append(halves, np.zeros(len(halves) % 2, np.uint8)))
    starts = np.array([0, *accumulate(widths.tolist())][: len(rows)], np.int64)
    assert read_tags(packed, starts, widths).tolist() == tags.tolist()
    for row, width in enumerate(widths.tolist()):
        assert read_tags(packed, starts[row : row + 1], width).tolist() == [tags[row]]


def test_widths_of_tags() -> None:
    counts = {1: 0, 2: 1, 16: 1, 17: 2, 256: 2, 257: 4, 65_536: 4}
    assert tag_widths(np.array(list(counts))).tolist() == list(counts.values())
