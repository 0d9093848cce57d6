"""Does a generation answer through Whoosh's readers and matchers as an index of Whoosh's own codec does?

Every test runs over both, with the same expected answers, which come from the documents alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from whoosh import query as q
from whoosh import scoring
from whoosh.index import FileIndex
from whoosh.matching import ReadTooFar
from whoosh.query.spans import Span
from whoosh.reading import ReaderClosed, TermNotFound
from whoosh.searching import Searcher

from naidi.indexer.whoosh.schema import WORD_FIELDS
from naidi.search.ranking.bm25 import RankingParameters
from whoosh_indexes import DAYS, LIVE, OURS, SEGMENTS, THEIRS, Numbered, Part, live, part, walk, write_both
from whoosh_oracle import Weighting
from whoosh_queries import edits, midnight, terms_of

EVERY = [doc for segment in SEGMENTS for doc in segment]

FIELDS = sorted((*WORD_FIELDS, "id", "language", "date"))
# Enough to stand for all: keys, forms and stems; whole text, title and body.
SOME_FIELDS = ("text", "title", "body_form", "title_stem")
LISTED_FIELDS = ("id", "language")

Occurrences = dict[bytes, dict[int, list[int]]]  # term -> document -> positions


def occurrences(docs: Numbered, fieldname: str) -> Occurrences:
    """The terms of a field in the documents. Those that only list documents have no positions."""
    found: Occurrences = defaultdict(dict)
    for number, doc in docs.items():
        if fieldname in LISTED_FIELDS:
            for text in terms_of(doc, fieldname):
                found[text.encode()][number] = []
        else:
            for position, texts in doc.words[fieldname]:
                for text in texts:
                    found[text.encode()].setdefault(number, []).append(position)
    return dict(sorted(found.items()))


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileIndex]:
    return write_both(tmp_path_factory.mktemp("conformance"))


@pytest.fixture(scope="module", params=[OURS, THEIRS])
def codec(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ix(indexes: dict[str, FileIndex], codec: str) -> FileIndex:
    return indexes[codec]


@pytest.fixture(scope="module")
def searcher(ix: FileIndex) -> Iterator[Searcher]:
    with ix.searcher() as searcher:
        yield searcher


@pytest.fixture(scope="module")
def whole(searcher: Searcher) -> Part:
    return part(searcher.reader())


@pytest.fixture(scope="module")
def leaves(searcher: Searcher) -> list[Part]:
    return [part(leaf) for leaf, _ in searcher.reader().leaf_readers()]


@pytest.fixture(scope="module")
def parts(whole: Part, leaves: list[Part]) -> list[Part]:
    """The whole, then its segments."""
    return [whole, *leaves]


class TestDocuments:
    def test_the_history_makes_what_is_to_be_tested(self) -> None:
        assert len(SEGMENTS) == 3
        assert [sum(not doc.live for doc in segment) for segment in SEGMENTS] == [5, 1, 0]

    def test_counts(self, ix: FileIndex, whole: Part, searcher: Searcher) -> None:
        for counted in (ix, whole.reader, searcher):
            assert (counted.doc_count(), counted.doc_count_all()) == (len(LIVE), len(EVERY))
        assert whole.reader.has_deletions()
        assert not ix.is_empty()
        assert ix.up_to_date()
        assert not whole.reader.is_atomic()

    def test_segments_are_the_commits(self, leaves: list[Part]) -> None:
        assert [{doc.serial for doc in leaf.docs.values()} for leaf in leaves] == [
            {doc.serial for doc in segment} for segment in SEGMENTS
        ]
        for leaf in leaves:
            assert leaf.reader.is_atomic()
            assert leaf.reader.doc_count_all() == len(leaf.docs)
            assert leaf.reader.doc_count() == len(live(leaf.docs, leaf.docs))
            assert leaf.reader.has_deletions() == any(not doc.live for doc in leaf.docs.values())

    def test_deleted_documents(self, parts: list[Part]) -> None:
        for there, docs in parts:
            assert [number for number in docs if not there.is_deleted(number)] == live(docs, docs)
            assert not there.is_deleted(len(docs))  # Whoosh's NOT asks
            assert list(there.all_doc_ids()) == live(docs, docs)
            assert [number for number, _ in there.iter_docs()] == live(docs, docs)

    def test_stored_fields(self, whole: Part) -> None:
        for number, (_, document, _, _) in whole.docs.items():
            values = {
                "id": document.id,
                "title": document.title,
                "text": document.text,
                "path": document.path,
                "date": document.date and midnight(document.date),
                "language": document.language,
                "meta": document.meta,
            }
            assert whole.reader.stored_fields(number) == {
                name: value for name, value in values.items() if value is not None
            }
        assert list(whole.reader.all_stored_fields()) == [
            whole.reader.stored_fields(number) for number, doc in whole.docs.items() if doc.live
        ]

    def test_documents_by_their_ids(self, searcher: Searcher) -> None:
        for doc in LIVE:
            stored = searcher.document(id=doc.document.id)
            assert stored is not None
            assert stored["meta"] == {"serial": doc.serial}
        assert searcher.document(id="d") is None
        assert searcher.document_number(id="nobody") is None
        assert len(list(searcher.documents(language="ru"))) == sum(doc.document.language == "ru" for doc in LIVE)

    @pytest.mark.parametrize("fieldname", WORD_FIELDS)
    def test_field_lengths(self, parts: list[Part], fieldname: str) -> None:
        for there, docs in parts:
            expected = {number: len(doc.words[fieldname]) for number, doc in docs.items()}
            # Whoosh's codec gives None for a field that is empty.
            assert {number: there.doc_field_length(number, fieldname) or 0 for number in docs} == expected
            assert there.field_length(fieldname) == sum(expected.values())
            assert there.min_field_length(fieldname) == min(expected.values())
            assert there.max_field_length(fieldname) == max(expected.values())

    def test_fields_without_lengths(self, whole: Part) -> None:
        assert whole.reader.doc_field_length(0, "id") == 0
        assert whole.reader.doc_field_length(0, "language", 7) == 7
        assert whole.reader.field_length("date") == 0

    def test_no_vectors(self, whole: Part) -> None:
        assert not whole.reader.has_vector(0, "text")

    def test_closed_readers(self, ix: FileIndex) -> None:
        there = ix.reader().leaf_readers()[0][0]
        there.close()
        for use in (there.doc_count, lambda: there.stored_fields(0), lambda: there.postings("text", "ель")):
            with pytest.raises(ReaderClosed):
                use()


class TestTerms:
    def test_fields(self, whole: Part) -> None:
        assert sorted(whole.reader.indexed_field_names()) == FIELDS

    @pytest.mark.parametrize("fieldname", [*WORD_FIELDS, *LISTED_FIELDS])
    def test_lexicon(self, parts: list[Part], fieldname: str) -> None:
        for there, docs in parts:
            terms = list(occurrences(docs, fieldname))
            assert list(there.lexicon(fieldname)) == terms
            assert list(there.field_terms(fieldname)) == [term.decode() for term in terms]
            assert [text for text, _ in there.iter_field(fieldname)] == terms

    def test_dates(self, whole: Part) -> None:
        assert list(whole.reader.field_terms("date")) == sorted(map(midnight, DAYS))

    def test_all_terms(self, parts: list[Part]) -> None:
        for there, _ in parts:
            terms = list(there.all_terms())
            assert terms == sorted(set(terms))
            assert all(term in there for term in terms)
            assert [term for term, _ in there] == terms
            for start in (("body", b""), ("form", "м".encode()), ("text", "е".encode() * 9), ("title_stem", b"\xff")):
                assert list(there.terms_from(*start)) == [term for term in terms if term >= start]
                assert [term for term, _ in there.iter_from(*start)] == [term for term in terms if term >= start]
        whole, *leaves = parts
        assert list(whole.reader.all_terms()) == sorted({term for leaf in leaves for term in leaf.reader.all_terms()})

    @pytest.mark.parametrize("prefix", ["в", "ва", "lea", "leaves", "", "zz"])
    def test_prefixes(self, parts: list[Part], prefix: str) -> None:
        for there, docs in parts:
            expected = [term for term in occurrences(docs, "form") if term.startswith(prefix.encode())]
            assert list(there.expand_prefix("form", prefix)) == expected
            assert [text for text, _ in there.iter_prefix("form", prefix)] == expected

    @pytest.mark.parametrize(
        "word, most, same", [("мила", 1, 0), ("vacine", 2, 1), ("лес", 2, 0), ("воз", 0, 0), ("leaf", 3, 2)]
    )
    def test_terms_within(self, leaves: list[Part], word: str, most: int, same: int) -> None:
        for leaf in leaves:
            expected = [
                text
                for text in map(bytes.decode, occurrences(leaf.docs, "form"))
                if text[:same] == word[:same] and edits(text, word) <= most
            ]
            assert sorted(leaf.reader.terms_within("form", word, most, prefix=same)) == expected

    @pytest.mark.parametrize("fieldname", [*WORD_FIELDS, *LISTED_FIELDS])
    def test_statistics_count_the_deleted(self, parts: list[Part], fieldname: str) -> None:
        for there, docs in parts:
            for term, places in occurrences(docs, fieldname).items():
                freqs = [len(positions) or 1 for positions in places.values()]
                info = there.term_info(fieldname, term)
                assert info.weight() == there.frequency(fieldname, term) == sum(freqs)
                assert info.doc_frequency() == there.doc_frequency(fieldname, term) == len(freqs)
                assert info.max_weight() == max(freqs)
                assert (info.min_id(), info.max_id()) == (min(places), max(places))
                if fieldname in WORD_FIELDS:
                    lengths = [len(docs[number].words[fieldname]) for number in places]
                    assert (info.min_length(), info.max_length()) == (min(lengths), max(lengths))
                if alive := live(docs, places):
                    assert there.first_id(fieldname, term) == alive[0]

    def test_most_frequent_terms(self, whole: Part) -> None:
        counts = {
            term: float(sum(map(len, places.values()))) for term, places in occurrences(whole.docs, "form").items()
        }
        expected = sorted(((count, term) for term, count in counts.items()), reverse=True)
        assert whole.reader.most_frequent_terms("form", 5) == expected[:5]
        assert (
            whole.reader.most_frequent_terms("form", 2, "ва")
            == [pair for pair in expected if pair[1].startswith("ва".encode())][:2]
        )

    def test_suggestions(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            found = leaf.reader.corrector("form").suggest("вакцино", limit=3, maxdist=1)
            assert set(found) == {"вакцина", "вакцины"} & {text.decode() for text in occurrences(leaf.docs, "form")}

    def test_missing_terms(self, parts: list[Part]) -> None:
        for there, _ in parts:
            for name, text in (("text", "лес"), ("form", ""), ("id", "nobody"), ("language", "kk"), ("title", "ел")):
                assert (name, text) not in there
                assert there.doc_frequency(name, text) == there.frequency(name, text) == 0
                for ask in (there.postings, there.term_info, there.first_id):
                    with pytest.raises(TermNotFound):
                        ask(name, text)

    def test_fields_that_are_not_indexed(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            for name in ("path", "nowhere"):
                for ask in (leaf.reader.doc_frequency, leaf.reader.term_info):
                    with pytest.raises(TermNotFound):
                        ask(name, "a")
                with pytest.raises(TermNotFound):
                    leaf.reader.lexicon(name)
            with pytest.raises(TermNotFound):
                leaf.reader.postings("nowhere", "a")
            assert ("nowhere", "a") not in leaf.reader


class TestCodec:
    """What Whoosh asks of a codec beneath its readers."""

    def test_terms_readers(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            terms = leaf.reader.codec().terms_reader(leaf.reader.storage(), leaf.reader.segment())
            assert sorted(terms.indexed_field_names()) == FIELDS
            listed = list(terms.terms())
            assert listed == list(leaf.reader.all_terms())
            assert [term for term, _ in terms.items()] == listed
            start = ("text", "м".encode())
            assert list(terms.terms_from(*start)) == [term for term in listed if term >= start]
            assert [term for term, _ in terms.items_from(*start)] == [term for term in listed if term >= start]
            for term, info in terms.items():
                assert term in terms
                assert terms.frequency(*term) == info.weight() == terms.term_info(*term).weight()
                assert terms.doc_frequency(*term) == info.doc_frequency()
            assert ("text", "лес".encode()) not in terms
            for ask in (terms.frequency, terms.doc_frequency):
                with pytest.raises(KeyError):
                    ask("text", "лес".encode())
            with pytest.raises(TermNotFound):
                terms.matcher("text", "лес".encode(), leaf.reader.schema["text"].format)
            terms.close()

    def test_matchers_of_the_codec_have_the_deleted_too(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            terms = leaf.reader.codec().terms_reader(leaf.reader.storage(), leaf.reader.segment())
            for term, places in occurrences(leaf.docs, "text").items():
                assert list(walk(terms.matcher("text", term, leaf.reader.schema["text"].format))) == sorted(places)

    def test_document_readers(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            docs = leaf.reader.codec().per_document_reader(leaf.reader.storage(), leaf.reader.segment())
            assert sorted(docs.deleted_docs()) == [number for number, doc in leaf.docs.items() if not doc.live]
            assert list(docs.all_doc_ids()) == live(leaf.docs, leaf.docs)
            assert list(docs.all_stored_fields()) == [docs.stored_fields(number) for number in docs.all_doc_ids()]
            assert list(docs.iter_docs()) == [(number, docs.stored_fields(number)) for number in docs.all_doc_ids()]
            length_of = docs.doc_field_length_reader("body")
            for number, doc in leaf.docs.items():
                assert (length_of(number) or 0) == len(doc.words["body"])
            assert docs.doc_field_length_reader("id", 3)(0) == 3
            assert docs.field_docs("text") is None
            assert not docs.has_column("text")
            docs.close()

    def test_cursors(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            terms = [term.decode() for term in occurrences(leaf.docs, "form")]
            cursor = leaf.reader.cursor("form")
            seen = []
            while cursor.is_valid():
                seen.append(cursor.text())
                assert cursor.term_info().weight() == leaf.reader.frequency("form", cursor.text())
                cursor.next()
            assert seen == terms
            assert (cursor.text(), cursor.next(), cursor.term_info()) == (None, None, None)
            assert cursor.first() == cursor.text() == terms[0]
            for start in ("", "leaf", "leb", "м", "ё", "яя"):
                from_there = [text for text in terms if text.encode() >= start.encode()]
                for given in (start, start.encode()):
                    assert cursor.find(given) == cursor.text() == next(iter(from_there), None)
                    assert cursor.is_valid() == bool(from_there)
                assert cursor.next() == next(iter(from_there[1:]), None)

    def test_segments(self, ix: FileIndex, leaves: list[Part]) -> None:
        segments = [leaf.reader.segment() for leaf in leaves]
        assert len(set(segments)) == len({segment.segment_id() for segment in segments}) == len(segments)
        for leaf, segment in zip(leaves, segments, strict=True):
            assert segment.index_name() == "MAIN"
            assert segment.doc_count() == leaf.reader.doc_count()
            assert segment.deleted_count() == len(leaf.docs) - leaf.reader.doc_count()
            assert segment.has_deletions() == leaf.reader.has_deletions()
            assert not segment.is_compound() or segment.should_assemble()
            files = segment.list_files(ix.storage)
            assert files
            assert all(ix.storage.file_exists(name) for name in files)


class TestMatchers:
    @pytest.mark.parametrize("fieldname", [*SOME_FIELDS, *LISTED_FIELDS])
    def test_walk(self, leaves: list[Part], fieldname: str) -> None:
        for leaf in leaves:
            for term, places in occurrences(leaf.docs, fieldname).items():
                expected = live(leaf.docs, places)
                matcher = leaf.reader.postings(fieldname, term)
                assert list(leaf.reader.postings(fieldname, term).all_ids()) == expected
                for number in expected:
                    assert matcher.is_active()
                    assert matcher.id() == number
                    assert matcher.weight() == (len(places[number]) or 1)
                    assert list(matcher.matching_terms()) == [(fieldname, term)]
                    matcher.next()
                assert not matcher.is_active()
                assert list(matcher.matching_terms()) == []

    @pytest.mark.parametrize("fieldname", SOME_FIELDS)
    def test_values(self, leaves: list[Part], fieldname: str) -> None:
        for leaf in leaves:
            decode = leaf.reader.schema[fieldname].format.decode_positions
            for term, places in occurrences(leaf.docs, fieldname).items():
                matcher = leaf.reader.postings(fieldname, term)
                assert matcher.supports("positions")
                assert not matcher.supports("characters")
                for number in walk(matcher):
                    assert matcher.value_as("positions") == decode(matcher.value()) == places[number]
                    assert matcher.value_as("frequency") == matcher.value_as("weight") == len(places[number])
                    assert matcher.spans() == [Span(position) for position in places[number]]
                items = list(leaf.reader.postings(fieldname, term).items_as("positions"))
                assert items == [(number, places[number]) for number in live(leaf.docs, places)]

    def test_values_of_terms_that_only_list_documents(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            for term in occurrences(leaf.docs, "language"):
                matcher = leaf.reader.postings("language", term)
                assert not matcher.supports("positions")
                assert {matcher.value_as("frequency") for _ in walk(matcher)} == {1}

    @pytest.mark.parametrize("fieldname", ["text", "language"])
    def test_skip_to(self, leaves: list[Part], fieldname: str) -> None:
        for leaf in leaves:
            for term, places in occurrences(leaf.docs, fieldname).items():
                expected = live(leaf.docs, places)
                for start in expected:
                    # Present, absent between two, before the start, and past the last.
                    for target in range(len(leaf.docs) + 2):
                        matcher = leaf.reader.postings(fieldname, term)
                        matcher.skip_to(start)
                        assert matcher.id() == start
                        matcher.skip_to(target)
                        assert list(walk(matcher)) == [number for number in expected if number >= max(start, target)]

    def test_past_the_end(self, leaves: list[Part], codec: str) -> None:
        for leaf in leaves:
            matcher = leaf.reader.postings("language", "en")
            matcher.skip_to(len(leaf.docs))
            assert not matcher.is_active()
            with pytest.raises(ReadTooFar):
                matcher.skip_to(0)
            if codec == OURS:  # Whoosh's own goes on in silence
                with pytest.raises(ReadTooFar):
                    matcher.next()

    def test_reset(self, leaves: list[Part]) -> None:
        for leaf in leaves:
            for term, places in occurrences(leaf.docs, "text").items():
                matcher = leaf.reader.postings("text", term)
                for _ in range(2):
                    assert list(walk(matcher)) == live(leaf.docs, places)
                    matcher.reset()

    def test_copies_go_their_own_way(self, leaves: list[Part], codec: str) -> None:
        if codec == THEIRS:
            with pytest.raises(NotImplementedError):  # 3.54 has none
                leaves[0].reader.postings("language", "en").copy()
            return
        for leaf in leaves:
            for term, places in occurrences(leaf.docs, "text").items():
                expected = live(leaf.docs, places)
                matcher = leaf.reader.postings("text", term)
                for place, _ in enumerate(walk(matcher)):
                    copy = matcher.copy()
                    assert copy.value_as("positions") == matcher.value_as("positions")
                    assert copy.weight() == matcher.weight()
                    assert list(walk(copy)) == expected[place:]

    def test_of_the_whole_index(self, whole: Part) -> None:
        for term, places in occurrences(whole.docs, "text").items():
            expected = live(whole.docs, places)
            assert list(whole.reader.postings("text", term).all_ids()) == expected
            matcher = whole.reader.postings("text", term)
            for number in walk(matcher):
                assert matcher.value_as("positions") == places[number]
            for target in range(len(EVERY)):
                matcher = whole.reader.postings("text", term)
                if matcher.is_active():
                    matcher.skip_to(target)
                assert list(walk(matcher)) == [number for number in expected if number >= target]


WEIGHTINGS = {
    "frequency": scoring.Frequency(),
    "tf-idf": scoring.TF_IDF(),
    "bm25f": scoring.BM25F(),
    "bm25f without lengths": scoring.BM25F(B=0),
}


class TestQuality:
    @pytest.mark.parametrize("weighting", WEIGHTINGS)
    @pytest.mark.parametrize("fieldname", SOME_FIELDS)
    def test_bounds(self, ix: FileIndex, fieldname: str, weighting: str) -> None:
        with ix.searcher(weighting=WEIGHTINGS[weighting]) as searcher:
            for leaf, _ in searcher.leaf_searchers():
                reader, docs = part(leaf.reader())
                for term in occurrences(docs, fieldname):
                    matcher = leaf.postings(fieldname, term)
                    assert matcher.supports_block_quality()
                    scores = {}
                    for number in walk(matcher):
                        scores[number] = matcher.score()
                        assert scores[number] <= matcher.block_quality() + 1e-9 <= matcher.max_quality() + 2e-9
                        block = next(iter(matcher.term_matchers()))
                        assert block.block_min_id() <= number <= block.block_max_id()
                        assert matcher.weight() <= block.block_max_weight()
                        length = reader.doc_field_length(number, fieldname)
                        assert block.block_min_length() <= length <= block.block_max_length()
                    for least in (0.0, *scores.values()):
                        matcher = leaf.postings(fieldname, term)
                        if matcher.is_active():
                            matcher.skip_to_quality(least)
                        left = set(walk(matcher))
                        assert left >= {number for number, score in scores.items() if score > least}

    @pytest.mark.parametrize("fieldname", SOME_FIELDS)
    def test_scores(self, searcher: Searcher, fieldname: str) -> None:
        average = searcher.avg_field_length(fieldname)
        assert average == pytest.approx(sum(len(doc.words[fieldname]) for doc in EVERY) / len(EVERY))
        for leaf, _ in searcher.leaf_searchers():
            reader, docs = part(leaf.reader())
            for term in occurrences(docs, fieldname):
                idf = searcher.idf(fieldname, term)
                with_lengths = leaf.postings(fieldname, term, weighting=scoring.BM25F())
                plain = leaf.postings(fieldname, term, weighting=scoring.TF_IDF())
                for number in walk(with_lengths):
                    assert plain.id() == number
                    assert plain.score() == pytest.approx(plain.weight() * idf)
                    length = reader.doc_field_length(number, fieldname)
                    expected = scoring.bm25(idf, plain.weight(), length, average, 0.75, 1.2)
                    assert with_lengths.score() == pytest.approx(expected)
                    plain.next()

    def test_our_own_weighting(self, indexes: dict[str, FileIndex]) -> None:
        with indexes[OURS].searcher(weighting=Weighting(RankingParameters())) as searcher:
            for leaf, _ in searcher.leaf_searchers():
                docs = part(leaf.reader()).docs
                for fieldname in SOME_FIELDS:
                    for term in occurrences(docs, fieldname):
                        matcher = leaf.postings(fieldname, term)
                        assert all(0 <= matcher.score() <= matcher.max_quality() for _ in walk(matcher))

    @pytest.mark.parametrize("limit", [1, 2, 5])
    @pytest.mark.parametrize("weighting", WEIGHTINGS)
    def test_the_best_few_are_the_first_of_all(self, ix: FileIndex, weighting: str, limit: int) -> None:
        keys = ["who", "пила", "leaf", "vaccination"]
        with ix.searcher(weighting=WEIGHTINGS[weighting]) as searcher:
            for query in (*(q.Term("text", key) for key in keys), q.Or([q.Term("text", key) for key in keys[:2]])):
                scores = [hit.score for hit in searcher.search(query, limit=None)]
                assert len(scores) > 5
                for optimize in (False, True):
                    best = [hit.score for hit in searcher.search(query, limit=limit, optimize=optimize)]
                    assert best == pytest.approx(scores[:limit])
