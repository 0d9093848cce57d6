"""Segments: the fast path against a reference made of dictionaries; merged equals built at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.codec import merge
from naidi.indexer.codec.check import verify_segment
from naidi.indexer.codec.inversion import invert
from naidi.indexer.codec.merge import merge_segments
from naidi.indexer.codec.positions import forms_in, positions_of, postings_of, stem_rows_of
from naidi.indexer.codec.posting_codes import POSITION_GAP
from naidi.indexer.codec.posting_lists import number_lists
from naidi.indexer.codec.segment import Segment
from naidi.indexer.document import DATE_SOURCES, LATEST_MTIME, Document
from naidi.indexer.errors import IndexDamaged
from naidi.indexer.writing.batch import analyse, searched_keywords
from naidi.indexer.writing.segment_builder import SegmentBuilder
from plain_index import Reference, counted, reference, together

any_examples = settings(max_examples=60)


def built(path: Path, batches: Sequence[Sequence[Document]], discarded: Sequence[str] = ()) -> Segment:
    path.unlink(missing_ok=True)
    builder = SegmentBuilder()
    for batch in batches:
        builder.add(analyse(batch))
    for doc_id in discarded:
        builder.discard(doc_id)
    builder.write(path)
    segment = Segment(path)
    verify_segment(segment)
    return segment


def check_places(segment: Segment, expected: Reference, chosen: Sequence[str]) -> None:
    """Postings and positions of the forms, in all documents and in some."""
    numbers = np.array(sorted(segment.forms.find(form) for form in chosen), np.uint32)
    plain = together(expected, chosen)
    found = postings_of(segment, numbers)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [row[:3] for row in plain]
    assert positions_of(segment, numbers).tolist() == [place for row in plain for place in row[3]]
    for docs in ([row[0] for row in plain[::2]], list(range(1, segment.doc_count, 2)), []):
        places = [place for doc, _, _, row in plain if doc in docs for place in row]
        assert positions_of(segment, numbers, np.array(docs, np.int64)).tolist() == places
    for doc in range(segment.doc_count):
        in_doc = {
            segment.forms[form]: places.tolist() for form, places in forms_in(stem_rows_of(segment, numbers), doc)
        }
        assert in_doc == {form: expected[form][doc].positions for form in chosen if doc in expected[form]}


def check_lists(segment: Segment, expected: Reference, docs: Sequence[Document]) -> None:
    """The posting lists of stems and of keys, and the exact frequencies of the former."""
    by_stem: dict[str, set[str]] = defaultdict(set)
    by_key: dict[str, set[str]] = defaultdict(set)
    for form in expected:
        by_stem[stem(form)].add(form)
        for key in keys(form):
            by_key[key].add(form)
    shared = 0
    wanted = [(number, by_stem[name]) for number, name in enumerate(segment.stems)]
    for number, name in enumerate(segment.keys):
        chosen = int(segment.key_lists[number])
        is_stem = by_key[name] in by_stem.values()
        assert (chosen < len(segment.stems)) == is_stem
        shared += is_stem
        wanted.append((chosen, by_key[name]))
    assert len(segment.list_ends) == len(segment.stems) + len(segment.keys) - shared
    for number, chosen_forms in wanted:
        rows = segment.rows_of_lists(np.array([number]))
        plain = [row[:3] for row in together(expected, chosen_forms)]
        listed = zip(segment.list_docs[rows].tolist(), segment.list_codes[rows].tolist(), strict=True)
        assert list(listed) == counted(plain, docs)
        if number < len(segment.stems):
            freqs, title_freqs = segment.exact_freqs(rows)
            assert list(zip(freqs.tolist(), title_freqs.tolist(), strict=True)) == [row[1:] for row in plain]


def check_against_reference(segment: Segment, docs: Sequence[Document]) -> None:
    assert segment.doc_count == len(docs)
    expected = reference(docs)
    assert list(segment.forms) == sorted(expected)
    for number, form in enumerate(segment.forms):
        assert tuple(segment.keys_of_form(number)) == keys(form)
        assert segment.stem_of_form(number) == stem(form)
        assert segment.forms.find(form) == number
        check_places(segment, expected, [form])
        for key in keys(form):
            assert number in segment.forms_of_key(key).tolist()
        assert number in segment.forms_of_stem(stem(form)).tolist()
    for every in (1, 2, 3):
        check_places(segment, expected, list(segment.forms)[::every])
    check_lists(segment, expected, docs)
    assert list(segment.stems) == sorted({stem(form) for form in expected})
    assert sorted(segment.keys) == list(segment.keys) == sorted({key for form in expected for key in keys(form)})
    assert list(segment.ids) == sorted(doc.id for doc in docs)
    for number, doc in enumerate(docs):
        assert segment.doc_of_id(doc.id) == number
        assert segment.text(number) == doc.text
        record = segment.record(number)
        assert (record["id"], record["title"], record["path"], record["meta"]) == (
            doc.id,
            doc.title,
            doc.path,
            doc.meta,
        )
        assert segment.dates[number] == (doc.date.toordinal() if doc.date else 0)
        assert segment.language_names[segment.languages[number]] == doc.language
        assert segment.title_lengths[number] == len(forms(doc.title))
        assert segment.body_lengths[number] == len(forms(doc.text))
        assert segment.keyword_lengths[number] == len(forms(searched_keywords(doc)))
        known = (segment.file_sizes[number], segment.mtimes[number], segment.date_sources[number])
        assert known == (
            -1 if doc.size is None else doc.size,
            -1 if doc.mtime is None else doc.mtime,
            DATE_SOURCES.index(doc.date_source or "none"),
        )
        assert segment.doc_id(number) == doc.id
        assert segment.titles[number] == doc.title
    assert list(segment.titles) == [doc.title for doc in docs]
    assert segment.doc_of_id("no such id") == -1
    assert segment.forms_of_key("нет такого").tolist() == []
    parts = [(doc.title, doc.text, searched_keywords(doc)) for doc in docs]
    assert segment.token_count == sum(len(forms(part)) for each in parts for part in each)
    assert segment.text_bytes == sum(len(doc.text.encode()) for doc in docs)


RUSSIAN = ["кот", "кота", "коты", "ёж", "ежа", "ВОЗ", "воз"]
WORDS = [*RUSSIAN, "cat", "cats", "CATS", "the", "WHO", "75,4", "кот-cat", "😀", "𝒳y", "қала"]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=12).map(" ".join)


def document(doc_id: str) -> st.SearchStrategy[Document]:
    return st.builds(
        Document,
        id=st.just(doc_id),
        text=texts,
        title=texts,
        date=st.none() | st.dates(),
        path=st.none() | st.just("папка/a.txt"),
        meta=st.dictionaries(st.text(max_size=3), st.integers(-5, 5) | st.none() | st.booleans(), max_size=2),
        language=st.sampled_from(["ru", "en", "uk"]),
        keywords=st.just("") | texts,
        names=st.just("") | texts,
        size=st.none() | st.integers(0, 2**40),
        mtime=st.none() | st.integers(0, LATEST_MTIME),
        date_source=st.none() | st.sampled_from(DATE_SOURCES),
    )


ids = st.lists(st.text(min_size=1, max_size=4).filter(lambda s: s.strip() and "\0" not in s), max_size=8, unique=True)
collections = ids.flatmap(lambda names: st.tuples(*map(document, names)))


@given(collections, st.integers(0, 8))
@any_examples
def test_built_segment_equals_the_reference(tmp_path: Path, docs: tuple[Document, ...], cut: int) -> None:
    check_against_reference(built(tmp_path / "a.seg", [docs[:cut], docs[cut:]]), docs)


@given(st.lists(st.sampled_from("abcd"), max_size=9), st.sets(st.sampled_from("abcd")), st.data())
@any_examples
def test_the_last_of_one_id_counts_and_discarded_ones_leave_no_trace(
    tmp_path: Path, names: list[str], discarded: set[str], data: st.DataObject
) -> None:
    docs = [data.draw(document(name)) for name in names]
    segment = built(tmp_path / "a.seg", [docs[:3], docs[3:]], sorted(discarded))
    last = {doc.id: number for number, doc in enumerate(docs)}
    expected = [doc for number, doc in enumerate(docs) if last[doc.id] == number and doc.id not in discarded]
    check_against_reference(segment, expected)


@pytest.mark.slow
@given(st.lists(collections, min_size=1, max_size=4), st.data())
@any_examples
def test_merged_equals_built_at_once(tmp_path: Path, groups: list[tuple[Document, ...]], data: st.DataObject) -> None:
    inputs, live = [], []
    for number, group in enumerate(groups):
        docs = [Document(f"{number}.{d.id}", d.text, d.title, d.date, d.path, d.meta, d.language) for d in group]
        deleted = np.array(data.draw(st.lists(st.booleans(), min_size=len(docs), max_size=len(docs))), bool)
        inputs.append((built(tmp_path / f"{number}.seg", [docs]), deleted))
        live += [doc for doc, gone in zip(docs, deleted.tolist(), strict=True) if not gone]
    path = tmp_path / "merged.seg"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        # A chunk is a list or a stem at least, so that from 1 on every way of cutting is met.
        patch.setattr(merge, "CHUNK_ROWS", data.draw(st.sampled_from([1, 2, 7, 1_000_000])))
        merge_segments(path, inputs)
    merged, at_once = Segment(path), built(tmp_path / "once.seg", [live])
    verify_segment(merged)
    check_against_reference(merged, live)
    # Blocks are cut elsewhere and languages may be numbered otherwise; all else is the same to the byte.
    differing = ("records.", "texts.", "docs.languages", "digests")
    assert merged.container._table.keys() == at_once.container._table.keys()
    for name in at_once.container._table:
        if not name.startswith(differing):
            assert merged.container[name].dtype == at_once.container[name].dtype, name
            assert merged.container[name].tolist() == at_once.container[name].tolist(), name


def test_merging_a_merged_segment_again(tmp_path: Path) -> None:
    docs = [Document(id=str(n), text=f"кот {n} " * n, language="ru") for n in range(20)]
    first = built(tmp_path / "1", [docs[:10]])
    second = built(tmp_path / "2", [docs[10:]])
    merge_segments(tmp_path / "3", [(first, np.arange(10) % 3 == 0), (second, np.zeros(10, bool))])
    third = Segment(tmp_path / "3")
    merge_segments(tmp_path / "4", [(third, np.arange(third.doc_count) < 2)])
    check_against_reference(Segment(tmp_path / "4"), [doc for n, doc in enumerate(docs) if n >= 10 or n % 3][2:])


def test_postings_of_several_forms(tmp_path: Path) -> None:
    segment = built(tmp_path / "a", [[Document(id="a", text="x y x z", title="z"), Document(id="b", text="z x")]])
    chosen = np.array([segment.forms.find("x"), segment.forms.find("z")])
    assert [column.tolist() for column in postings_of(segment, chosen)] == [[0, 1], [4, 2], [1, 0]]
    start, second = segment.body_starts.tolist()
    title = start - POSITION_GAP - 1
    assert positions_of(segment, chosen).tolist() == [title, start, start + 2, start + 3, second, second + 1]
    assert positions_of(segment, chosen, np.array([1])).tolist() == [second, second + 1]
    nothing = np.zeros(0, np.int64)
    assert positions_of(segment, nothing).tolist() == [] == positions_of(segment, nothing, np.array([0])).tolist()
    assert [column.tolist() for column in postings_of(segment, nothing)] == [[], [], []]
    assert list(forms_in(stem_rows_of(segment, nothing), 0)) == []


UNUSUAL = {
    "Ukrainian": "Їжак біля ґанку з'їв яблуко",
    "Kazakh": "Қазақстан Республикасының Денсаулық сақтау министрлігі",
    "emoji": "кот 😀😀 cat 👩‍👩‍👧‍👦 🇰🇿 end",
    "astral": "𝒳𝓎𝓏 𠀀𠀁 слово",
    "no token": "... — !!! 😀",
    "empty": "",
    "controls": "a\0b\tc\r\nd\u2028e\x1b[31m",
    "marks": "за\u0301мок e\u0301te\u0301 zero\u200bwidth soft\u00adhyphen",
    "combining only": "\u0301\u0301",
    "surrogate": "a\ud800b",
    "arabic": "مرحبا ١٢٣",
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_texts(tmp_path: Path, text: str) -> None:
    docs = [
        Document(id="body", text=text, language="und"),
        Document(id="title only", text="", title=text, language="und"),
        Document(id="both", text=text * 2, title=text, language="und"),
    ]
    check_against_reference(built(tmp_path / "a", [docs]), docs)


def test_ids_of_any_kind_come_back_in_order(tmp_path: Path) -> None:
    names = [
        "a\n",
        "a",
        "a\nb",
        "\na",
        "a\n\n",
        "ж",
        "é",
        "e\u0301",
        "😀",
        "\uffff",
        "z" * 1024,
        " a",
        "a ",
        "A",
        "\x01",
    ]
    docs = [Document(id=name, text="x", language="en") for name in names]
    segment = built(tmp_path / "a", [docs])
    check_against_reference(segment, docs)
    assert list(segment.ids) == sorted(names)
    assert [segment.ids[int(rank)] for rank in segment.id_ranks] == names


def test_an_empty_segment(tmp_path: Path) -> None:
    check_against_reference(built(tmp_path / "a", []), [])


def test_a_document_that_says_one_word_often(tmp_path: Path) -> None:
    times = 70_000
    segment = built(tmp_path / "a", [[Document(id="a", text="x " * times, title="x", language="en")]])
    form = np.array([0])
    assert [column.tolist() for column in postings_of(segment, form)] == [[0], [times + 1], [1]]
    places = positions_of(segment, form)
    assert places.tolist() == [0, *range(POSITION_GAP + 1, POSITION_GAP + 1 + times)]
    assert positions_of(segment, form, np.array([0])).tolist() == places.tolist()
    assert segment.body_lengths.tolist() == [times]


def test_a_million_tokens_on_one_line_of_five_megabytes(tmp_path: Path) -> None:
    text = "слово word " * 260_000 + "конец " * 480_000
    segment = built(tmp_path / "a", [[Document(id="a", text=text, language="ru"), Document(id="b", text="слово")]])
    assert segment.body_lengths.tolist() == [1_000_000, 1]
    assert segment.text(0) == text
    found = positions_of(segment, np.array([segment.forms.find("word")]))
    assert found.tolist() == list(range(POSITION_GAP + 1, POSITION_GAP + 520_000, 2))
    word = np.array([segment.forms.find("слово")])
    ends = segment.doc_starts.tolist()
    assert positions_of(segment, word, np.array([1])).tolist() == [ends[1] + POSITION_GAP]
    assert [column.tolist() for column in postings_of(segment, word)] == [[0, 1], [260_000, 1], [0, 0]]


def test_a_long_line_of_capitals(tmp_path: Path) -> None:
    """Half a megabyte of capitals before the first small letter must not take time that grows with its square."""
    segment = built(tmp_path / "a", [[Document(id="a", text="AB " * 200_000 + "a", language="en")]])
    assert segment.body_lengths.tolist() == [200_001]


def test_inverting_nothing() -> None:
    empty = np.zeros(0, np.uint32)
    numbers = number_lists(empty, empty, empty, empty)
    lists, places = invert(empty, empty, empty, empty, empty, (empty, empty), (empty, empty), numbers)
    for array in (*lists, *places):
        assert array.tolist() == []


def test_dates_and_languages_as_columns(tmp_path: Path) -> None:
    day = datetime.date(2021, 5, 29)
    docs = [Document(id="a", text="x", date=day, language="ru"), Document(id="b", text="y", language="en")]
    segment = built(tmp_path / "a", [docs])
    assert segment.dates.tolist() == [day.toordinal(), 0]
    assert [segment.language_names[code] for code in segment.languages] == ["ru", "en"]


@pytest.mark.parametrize("merged", [False, True])
def test_long_texts_are_kept_in_pieces(tmp_path: Path, merged: bool) -> None:
    """Their ends count the tokens of the body, and each piece can be read alone."""
    lines = "".join(f"строка {number} {'x ' * (number % 50)}\n" for number in range(3000))
    texts = ["short", lines, "", lines[:40_000].replace("\n", " "), "\n" * 50_000, f"{lines}конец"]
    docs = [Document(id=str(number), text=text, title="cat", language="ru") for number, text in enumerate(texts)]
    if merged:
        inputs = [
            (built(tmp_path / "1", [[Document(id="gone", text=lines, language="ru"), *docs[:3]]]), np.arange(4) == 0),
            (built(tmp_path / "2", [docs[3:]]), np.zeros(3, bool)),
        ]
        merge_segments(tmp_path / "a", inputs)
        segment = Segment(tmp_path / "a")
        verify_segment(segment)
    else:
        segment = built(tmp_path / "a", [docs])
    in_pieces = []
    for doc, text in enumerate(texts):
        assert segment.text(doc) == text
        ends = segment.piece_ends(doc)
        if ends is None:
            continue
        in_pieces.append(doc)
        pieces = [segment.text_piece(doc, number) for number in range(len(ends))]
        assert "".join(pieces) == text
        counts = np.cumsum([len(forms(piece)) for piece in pieces])
        assert ends.tolist() == counts.tolist() and counts[-1] == segment.body_lengths[doc]
    assert in_pieces == [1, 4, 5]


def test_a_section_that_bears_another_name_is_damage(tmp_path: Path) -> None:
    """Each name in the header in turn is altered by one bit."""
    built(tmp_path / "1.seg", [[Document("1", "кот и cat", "cats")]])
    good = (tmp_path / "1.seg").read_bytes()
    for name in Segment(tmp_path / "1.seg").container.table:
        altered = good.replace(f'"{name}"'.encode(), f'"{chr(ord(name[0]) ^ 8)}{name[1:]}"'.encode())
        assert altered != good
        (tmp_path / "2.seg").write_bytes(altered)
        with pytest.raises(IndexDamaged):
            verify_segment(Segment(tmp_path / "2.seg"))
