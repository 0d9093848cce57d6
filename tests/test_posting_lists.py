"""Lists long enough for blocks, frequencies past what codes tell, positions past 16 bits, against plain counts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.codec import merge
from naidi.indexer.codec.merge import merge_segments
from naidi.indexer.codec.positions import forms_in, positions_of, postings_of, stem_rows_of
from naidi.indexer.codec.posting_codes import (
    BLOCK_POSTINGS,
    POSITION_GAP,
    freqs_of,
    posting_codes,
    title_freqs_of,
)
from naidi.indexer.codec.ragged import row_bounds
from naidi.indexer.codec.segment import Segment
from naidi.indexer.document import Document
from naidi.indexer.writing.batch import analyse
from naidi.indexer.writing.segment_builder import SegmentBuilder
from plain_index import Reference, counted, reference, together

DOCUMENTS = 2600
# Of one stem: cat, cats; of one key and several stems: мыть, мыл, мою, моет, мыли.
COMMON = ["cat", "cats", "the", "мыть", "мыл", "мою", "моет", "мыли", "ёж", "ежа"]


def made(number: int, choice: random.Random) -> Document:
    words = choice.choices(COMMON, k=choice.choice([0, 3, 8, 30]))
    if number % 500 == 7:
        words += ["часто"] * choice.choice([63, 64, 65, 300])
    if number % 3:
        words += ["часто"] * (number % 4)
    title = choice.choices(COMMON, k=choice.choice([0, 0, 1, 2, 7, 20]))
    if number in (900, 901):
        # The second half of the positions does not fit 16 bits; the last of a document, the first of the next do.
        words += ["набивка"] * 70_000 + ["cat", "мыть", "далеко"]
    choice.shuffle(words)
    other = random.Random(number)
    names, keywords = (" ".join(other.choices(COMMON, k=other.choice([0, 0, 2]))) for _ in range(2))
    return Document(f"{number:05}", " ".join(words), " ".join(title), language="ru", names=names, keywords=keywords)


@pytest.fixture(scope="module")
def docs() -> list[Document]:
    choice = random.Random(3)
    return [made(number, choice) for number in range(DOCUMENTS)]


def write(path: Path, docs: Sequence[Document]) -> Segment:
    builder = SegmentBuilder()
    builder.add(analyse(docs))
    builder.write(path)
    return Segment(path)


@pytest.fixture(scope="module", params=["built", "merged", "merged stem by stem"])
def segment(request: pytest.FixtureRequest, docs: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Segment:
    """The documents, at once or from two parts with others among them that are deleted."""
    folder = tmp_path_factory.mktemp("lists")
    if request.param == "built":
        return write(folder / "a", docs)
    others = [Document(id=f"x{number}", text="cat мыли часто " * number, language="ru") for number in range(100)]
    first, second = [*others[:50], *docs[:1000]], [*docs[1000:], *others[50:]]
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "merged":
            patch.setattr(merge, "CHUNK_ROWS", 1)
        merge_segments(
            folder / "merged",
            [
                (write(folder / "1", first), np.arange(len(first)) < 50),
                (write(folder / "2", second), np.arange(len(second)) >= len(second) - 50),
            ],
        )
    return Segment(folder / "merged")


@pytest.fixture(scope="module")
def expected(docs: list[Document]) -> Reference:
    return reference(docs)


# Every way by which positions are found: one form, all of a stem, some of a stem, several stems, many stems.
WORDS = """
    cat
    cat cats
    the
    ежа
    часто
    набивка
    далеко
    мыл мыли
    мыть мыл мою моет мыли
    cat the ёж часто
    cat cats the мыть мыл мою моет мыли ёж ежа часто набивка далеко
"""


@pytest.mark.parametrize("words", WORDS.split("\n")[1:-1], ids=str.strip)
def test_places_of_words(segment: Segment, expected: Reference, words: str) -> None:
    chosen = words.split()
    numbers = np.array(sorted(segment.forms.find(form) for form in chosen))
    assert numbers[0] >= 0
    plain = together(expected, chosen)
    found = postings_of(segment, numbers)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [row[:3] for row in plain]
    assert positions_of(segment, numbers).tolist() == [place for row in plain for place in row[3]]
    places = {row[0]: row[3] for row in plain}
    choice = random.Random(words)
    some = [sorted(choice.sample(range(DOCUMENTS), size)) for size in (1, 2, 20, 400, 2000)]
    for asked in ([900], [901], [7, 507, 1007], [DOCUMENTS - 1], list(range(DOCUMENTS)), *some):
        wanted = [place for doc in asked for place in places.get(doc, [])]
        assert positions_of(segment, numbers, np.array(asked)).tolist() == wanted
    for doc in (7, 900, 901, 902):
        by_form = {segment.forms[form]: found.tolist() for form, found in forms_in(stem_rows_of(segment, numbers), doc)}
        assert by_form == {form: expected[form][doc].positions for form in chosen if doc in expected[form]}


def test_there_is_what_these_tests_are_about(segment: Segment, expected: Reference) -> None:
    assert max(max(there.positions) for there in expected["далеко"].values()) - segment.doc_starts[900] > 0xFFFF
    container = segment.container
    assert len(container["far.tokens"]) >= 4 and len(container["exact.rows"]) >= 6
    assert len(container["blocks.lists"]) >= 4
    assert int(container["exact.freqs"].max()) > 64 and int(container["exact.title_freqs"].max()) > 3


def test_every_list_has_the_codes_of_its_forms(segment: Segment, expected: Reference, docs: list[Document]) -> None:
    # Every fifth: all of them take a minute, and lists of each kind are among them.
    for number, stem in [*enumerate(segment.stems)][::5]:
        rows = segment.rows_of_lists(np.array([number]))
        plain = together(expected, [segment.forms[form] for form in segment.forms_of_stem(stem)])
        listed = zip(segment.list_docs[rows].tolist(), segment.list_codes[rows].tolist(), strict=True)
        assert list(listed) == counted([row[:3] for row in plain], docs)
        freqs = zip(*(column.tolist() for column in segment.exact_freqs(rows)), strict=True)
        assert list(freqs) == [row[1:3] for row in plain]
    for key in range(0, len(segment.keys), 5):
        rows = segment.rows_of_lists(segment.key_lists[key : key + 1])
        plain = together(expected, [segment.forms[form] for form in segment.forms_of_key_number(key)])
        listed = zip(segment.list_docs[rows].tolist(), segment.list_codes[rows].tolist(), strict=True)
        assert list(listed) == counted([row[:3] for row in plain], docs)


def test_blocks_count_the_tokens_before_them(segment: Segment) -> None:
    container = segment.container
    lists = container["blocks.lists"].tolist()
    sizes = np.diff(segment.list_ends, prepend=0)
    assert lists == [n for n in range(len(segment.stems)) if sizes[n] > BLOCK_POSTINGS]
    for place, number in enumerate(lists):
        freqs, _ = segment.exact_freqs(segment.rows_of_lists(np.array([number])))
        before = np.concatenate(([0], np.cumsum(freqs)))
        offsets = container["blocks.offsets"][slice(*row_bounds(container["blocks.ends"], place))]
        assert offsets.tolist() == before[:-1:BLOCK_POSTINGS].tolist()


# Codes


@given(st.integers(1, 400), st.integers(0, 400), st.booleans())
def test_the_code_of_a_posting(freq: int, title: int, has_body: bool) -> None:
    codes = posting_codes(np.array([freq]), np.array([min(title, freq)]), np.array([has_body]))
    assert freqs_of(codes).tolist() == [min(freq, 64)]
    assert title_freqs_of(codes).tolist() == [min(title, freq, 3) if has_body else 0]


def test_starts_of_documents(segment: Segment, docs: list[Document]) -> None:
    position = 0
    for number in range(len(docs)):
        assert segment.doc_starts[number] == position
        assert segment.body_starts[number] == position + int(segment.title_lengths[number]) + POSITION_GAP
        position = int(segment.body_starts[number]) + int(segment.body_lengths[number]) + POSITION_GAP
        keywords = int(segment.keyword_lengths[number])
        position += keywords + POSITION_GAP if keywords else 0
