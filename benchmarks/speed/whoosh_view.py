"""How much slower are the calls of Whoosh over naidi's files than over those of Whoosh's own codec?

    python benchmarks/speed/whoosh_view.py CORPUS [--docs 5000] [--keep FOLDER]

CORPUS is a folder of `*.jsonl.gz` files, a document a line. The same documents, under the same schema and with the same terms at
the same positions, are written by naidi and by Whoosh. Then each kind of call is made on both. The answers must agree before
anything is printed; scores are left out, as Whoosh keeps lengths in a byte. The calls of the two take turns, on one searcher each,
as a server has them. Times are those of the processor. Printed are the first call of each, the medians of the others, and the ratio
of the medians.

--keep: keep the two indexes there, and take them from there if they are there already.

Exit status 1 if a call takes more than MOST_TIMES as long over naidi's files, and more than LEAST_MS on top.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import itertools
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from whoosh import fields, query, sorting
from whoosh.index import FileIndex, create_in, exists_in, open_dir
from whoosh.qparser import MultifieldParser, QueryParser
from whoosh.searching import Searcher

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.speed.corpus import documents
from naidi import Document, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.state.generations import open_generation
from naidi.indexer.whoosh.schema import BODY, FORMS, KEYS, TITLE, WORD_FIELDS, WordAnalyzer, make_schema

MOST_TIMES, LEAST_MS = 3.0, 1.0
# Positions that stay empty between the title and the text.
GAP = 100
LONGEST_SECONDS = 4.0  # for one call in all, over one codec
CALLS = 9

Call = Callable[[Searcher], Any]

_keys, _stem = cache(keys), cache(stem)
_TERMS: dict[str, Callable[[str], tuple[str, ...]]] = {
    KEYS: _keys,
    FORMS: lambda form: (form,),
    "stems": lambda form: (_stem(form),),
}


class PlacedWords(fields.TEXT):  # type: ignore[misc]
    """A text field that is given the terms and their positions. A word of several terms counts once in the field's length."""

    def index(self, value: Any, **options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        if isinstance(value, str):  # as a query that is made of a document does
            yield from super().index(value, **options)
            return
        positions: dict[str, list[int]] = defaultdict(list)
        counted: dict[str, int] = defaultdict(int)
        for position, texts in value:
            for text in texts:
                positions[text].append(position)
            counted[texts[0]] += 1
        for text, places in positions.items():
            yield text.encode(), counted[text], float(len(places)), self.format.encode(places)


def their_schema() -> fields.Schema:
    """Ours, with fields that take words as they are given."""
    ours = make_schema()
    theirs = fields.Schema(**{name: ours[name] for name in ours.names() if name not in WORD_FIELDS})
    for name, field in WORD_FIELDS.items():
        stored, sortable = ours[name].stored, bool(ours[name].column_type)
        words = PlacedWords(WordAnalyzer(field.terms), stored=stored, sortable=sortable, multitoken_query="phrase")
        theirs.add(name, words)
    return theirs


def _values(document: Document, language: str) -> dict[str, Any]:
    title, body = forms(document.title), forms(document.text)
    places = [(TITLE, place, form) for place, form in enumerate(title)]
    places += [(BODY, len(title) + GAP + place, form) for place, form in enumerate(body)]
    words = {
        name: [
            (position, _TERMS[field.terms](form))
            for part, position, form in places
            if field.part == part or field.part not in (TITLE, BODY)
        ]
        for name, field in WORD_FIELDS.items()
    }
    date = document.date and datetime.datetime.combine(document.date, datetime.time())
    values = {"id": document.id, "language": language, "path": document.path, "meta": dict(document.meta), "date": date}
    stored = {"_stored_text": document.text, "_stored_title": document.title}
    return {**values, **words, **stored}


def write_both(place: Path, corpus: Path, count: int) -> tuple[Path, Path]:
    """The index directories, ours and Whoosh's, written unless they are there."""
    ours, theirs = place / f"naidi-{count}", place / f"whoosh-{count}"
    found = list(itertools.islice(documents(corpus), count))
    if not ours.exists():
        with Writer(ours) as writer:
            writer.add_many(found)
    if not theirs.exists():
        theirs.mkdir(parents=True)
        with open_ours(ours).searcher() as searcher:
            languages = {stored["id"]: stored["language"] for stored in searcher.all_stored_fields()}
        writer = create_in(str(theirs), their_schema()).writer(limitmb=512)
        for document in found:
            writer.add_document(**_values(document, languages[document.id]))
        writer.commit()
    return ours, theirs


def open_ours(directory: Path) -> FileIndex:
    """The index directory itself, or, if it has no table of contents for Whoosh, its live generation."""
    return open_dir(str(directory if exists_in(str(directory)) else open_generation(directory).directory))


def ids(results: Iterable[Any]) -> list[str]:
    return sorted(hit["id"] for hit in results)


def order(results: Iterable[Any]) -> list[str]:
    return [hit["id"] for hit in results]


def found(asked: query.Query, **options: Any) -> Call:
    """A search for the best ten. What is compared is how many there are, and which, in no order."""
    return lambda searcher: len(searcher.search(asked, limit=10, **options))


def all_found(asked: query.Query, **options: Any) -> Call:
    return lambda searcher: len(searcher.search(asked, limit=None, **options))


def in_order(asked: query.Query, *, sortedby: Any, **options: Any) -> Call:
    return lambda searcher: order(searcher.search(asked, limit=20, sortedby=sortedby, **options))


def parsed(text: str, fieldname: str = "text") -> Call:
    def call(searcher: Searcher) -> Any:
        return len(searcher.search(QueryParser(fieldname, searcher.schema).parse(text), limit=10))

    return call


def _groups(asked: query.Query, facet: Any, name: str) -> Call:
    def call(searcher: Searcher) -> Any:
        groups = searcher.search(asked, groupedby=facet, limit=10).groups(name)
        return sorted((str(key), len(docs)) for key, docs in groups.items())

    return call


def _collapsed(asked: query.Query) -> Call:
    return lambda searcher: len(searcher.search(asked, collapse="language", limit=10))


def _highlights(asked: query.Query) -> Call:
    def call(searcher: Searcher) -> Any:
        hits = list(searcher.search(asked, limit=10, sortedby="id"))
        return [hit.highlights("text") for hit in hits]

    return call


def _more_like(doc_id: str) -> Call:
    def call(searcher: Searcher) -> Any:
        number = searcher.document_number(id=doc_id)
        return len(searcher.more_like(number, "form", text=searcher.stored_fields(number)["text"], numterms=5))

    return call


def _more_like_this(asked: query.Query) -> Call:
    def call(searcher: Searcher) -> Any:
        hit = searcher.search(asked, limit=1, sortedby="id")[0]
        return len(hit.more_like_this("form", text=hit["text"]))

    return call


def _key_terms(doc_id: str) -> Call:
    def call(searcher: Searcher) -> Any:
        stored = searcher.document(id=doc_id)
        return searcher.key_terms_from_text("form", stored["text"])

    return call


def _page(asked: query.Query) -> Call:
    return lambda searcher: searcher.search_page(asked, 3, pagelen=10).total


def _matched(asked: query.Query) -> Call:
    return lambda searcher: sorted(searcher.search(asked, limit=None, terms=True).matched_terms())


def _postings(fieldname: str, text: str) -> Call:
    def call(searcher: Searcher) -> Any:
        matcher = searcher.postings(fieldname, text)
        return [
            (matcher.id(), matcher.value_as("positions"), matcher.next())[:2] for _ in iter(matcher.is_active, False)
        ]

    return call


def _correction(text: str) -> Call:
    def call(searcher: Searcher) -> Any:
        parsed_query = QueryParser("form", searcher.schema).parse(text)
        return searcher.correct_query(parsed_query, text).string

    return call


def _stored(doc_id: str) -> Call:
    return lambda searcher: searcher.stored_fields(searcher.document_number(id=doc_id))["id"]


def _opened(asked: query.Query) -> Call:
    """A searcher for one search, as the pages of Whoosh show it."""

    def call(searcher: Searcher) -> Any:
        with searcher._ix.searcher() as another:
            return ids(another.search(asked, limit=10, sortedby="id"))

    return call


def _day(year: int, month: int, day: int) -> datetime.datetime:
    return datetime.datetime(year, month, day)


def calls_of(searcher: Searcher) -> dict[str, Call]:
    """Name -> call. The words are of the corpus; ids are its first ones."""
    ids_there = sorted(itertools.islice((stored["id"] for stored in searcher.all_stored_fields()), 50))
    word, other, third = query.Term("text", "government"), query.Term("text", "trade"), query.Term("text", "новый")
    common = query.Term("text", "the")
    both = query.And([word, other])
    phrase = query.Phrase("form", ["interest", "rates"])
    every = query.Every()
    # Documents without a date come last here, and first over Whoosh's codec; so all have one.
    reverse = sorting.FieldFacet("date", reverse=True)
    dates = query.DateRange("date", _day(1987, 3, 1), _day(1987, 6, 1))
    return {
        "Term": found(word),
        "Term, common word": found(common),
        "Term, all hits": all_found(word),
        "Term in title": found(query.Term("title", "price")),
        "Term in form": found(query.Term("form", "rates")),
        "Term of a word of several keys": parsed("стали"),
        "And": found(both),
        "Or": found(query.Or([word, other, third])),
        "Not": found(query.And([word, query.Not(other)])),
        "AndMaybe": found(query.AndMaybe(word, other)),
        "DisjunctionMax": found(query.DisjunctionMax([word, other])),
        "Phrase": found(phrase),
        "Phrase with slop": found(query.Phrase("form", ["oil", "prices"], slop=3)),
        "SpanNear": found(query.SpanNear(query.Term("form", "oil"), query.Term("form", "prices"), slop=3)),
        "SpanFirst": found(query.SpanFirst(query.Term("form", "oil"), limit=20)),
        "QueryParser": parsed("government trade OR цена"),
        "MultifieldParser": lambda s: len(
            s.search(MultifieldParser(["title", "text"], s.schema).parse("government trade"), limit=10)
        ),
        "Prefix": found(query.Prefix("form", "govern")),
        "Prefix, many words": found(query.Prefix("form", "con")),
        "Wildcard": found(query.Wildcard("form", "gov*nt")),
        "Wildcard, open": found(query.Wildcard("form", "*ation")),
        "Regex": found(query.Regex("form", "pri[cz]e.?")),
        "FuzzyTerm ~1": found(query.FuzzyTerm("form", "goverment", maxdist=1)),
        "FuzzyTerm ~2": found(query.FuzzyTerm("form", "goverment", maxdist=2)),
        "FuzzyTerm ~2, prefix": found(query.FuzzyTerm("form", "президнет", maxdist=2, prefixlength=3)),
        "TermRange": found(query.TermRange("form", "price", "prices")),
        "TermRange of ids": found(query.TermRange("id", ids_there[0], ids_there[10])),
        "DateRange": found(dates),
        "NumericRange": found(query.NumericRange("date", 0, 63_720_000_000_000_000)),
        "Every()": found(every),
        "Every('text')": found(query.Every("text")),
        "Every('title')": found(query.Every("title")),
        "Every('date')": found(query.Every("date")),
        "* in the parser": parsed("*"),
        "filter": found(word, filter=query.Term("language", "en")),
        "mask": found(word, mask=query.Term("language", "en")),
        "matched_terms": _matched(query.Or([word, other])),
        "postings with positions": _postings("text", "government"),
        "sortedby title": in_order(word, sortedby="title"),
        "sortedby date": in_order(word, sortedby="date"),
        "sortedby date, reverse": in_order(query.And([word, dates]), sortedby=[reverse, "id"]),
        "sortedby id": in_order(word, sortedby="id"),
        "sortedby id, every": in_order(every, sortedby="id"),
        "sortedby language, id": in_order(word, sortedby=["language", "id"]),
        "groupedby language": _groups(every, "language", "language"),
        "groupedby date": _groups(word, "date", "date"),
        "groupedby ranges of dates": _groups(
            word,
            {"date": sorting.DateRangeFacet("date", _day(1987, 1, 1), _day(1988, 1, 1), datetime.timedelta(days=30))},
            "date",
        ),
        "groupedby, overlapping": _groups(
            word, {"language": sorting.FieldFacet("language", allow_overlap=True)}, "language"
        ),
        "collapse": _collapsed(word),
        "highlights": _highlights(query.Term("form", "government")),
        "more_like": _more_like(ids_there[3]),
        "more_like_this": _more_like_this(query.Term("form", "government")),
        "key_terms_from_text": _key_terms(ids_there[3]),
        "search_page": _page(word),
        "document(id=)": _stored(ids_there[5]),
        "documents(language=)": lambda s: sum(1 for _ in s.documents(language="en")),
        "document_numbers": lambda s: len(list(s.document_numbers(language="en"))),
        "all_stored_fields": lambda s: sum(len(stored["id"]) for stored in s.all_stored_fields()),
        "lexicon": lambda s: sum(1 for _ in s.lexicon("text")),
        "lexicon of titles": lambda s: list(s.lexicon("title")),
        "field_terms": lambda s: sum(1 for _ in s.field_terms("form")),
        "all_terms": lambda s: sum(1 for _ in s.reader().all_terms()),
        "expand_prefix": lambda s: list(s.reader().expand_prefix("form", "gov")),
        "most_frequent_terms": lambda s: s.reader().most_frequent_terms("text", 10),
        "most_frequent_terms, form": lambda s: s.reader().most_frequent_terms("form", 10),
        "most_frequent_terms, prefix": lambda s: s.reader().most_frequent_terms("form", 10, prefix="gov"),
        "most_distinctive_terms": lambda s: [text for _, text in s.reader().most_distinctive_terms("form", 10)],
        "suggest": lambda s: s.suggest("form", "goverment"),
        "suggest, prefix": lambda s: s.suggest("form", "президнет", prefix=2),
        "corrector": lambda s: s.corrector("form").suggest("goverment", limit=3, maxdist=1),
        "correct_query": _correction("goverment trde"),
        "terms_within": lambda s: sorted(s.reader().terms_within("form", "prices", 1)),
        "doc_count": lambda s: (s.doc_count(), s.doc_count_all()),
        "doc_frequency": lambda s: s.doc_frequency("text", "government"),
        "frequency": lambda s: s.frequency("text", "government"),
        "term_info": lambda s: s.term_info("text", "government").doc_frequency(),
        "term in reader": lambda s: (("form", "rates") in s.reader(), ("title", "nowhere") in s.reader()),
        "field_length": lambda s: s.field_length("text"),
        "min and max length": lambda s: (s.reader().min_field_length("text"), s.max_field_length("text") > 0),
        # A document without a title has no length over Whoosh's codec, and 0 here.
        "doc_field_length": lambda s: [s.doc_field_length(number, "title") or 0 for number in range(50)],
        "first_id": lambda s: s.reader().first_id("form", "rates"),
        "a searcher and a Term": _opened(word),
        "refresh": lambda s: s.refresh() is s and s.up_to_date(),
    }


def measure(call: Call, searcher: Searcher) -> tuple[Any, float]:
    started = time.thread_time()
    answer = call(searcher)
    return answer, (time.thread_time() - started) * 1000


def compare(name: str, call: Call, ours: Searcher, theirs: Searcher) -> tuple[tuple[float, float], tuple[float, float]]:
    """(first call, median of the others) over our files and over Whoosh's, in ms. Raises AssertionError if answers differ."""
    (mine, my_first), (other, their_first) = measure(call, ours), measure(call, theirs)
    assert mine == other, f"{name}: {str(mine)[:300]} over naidi's files, {str(other)[:300]} over Whoosh's"
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(CALLS):
        for of_one, searcher in zip(times, (ours, theirs), strict=True):
            if not of_one or sum(of_one) + of_one[-1] < LONGEST_SECONDS * 1000:
                of_one.append(measure(call, searcher)[1])
    return (my_first, statistics.median(times[0])), (their_first, statistics.median(times[1]))


def report(ours: Path, theirs: Path, only: str | None) -> list[str]:
    """Print a line for each call. Returns the names of those that are too slow."""
    slow = []
    print(f"{'call':32} {'naidi: first':>13} {'median':>9}  {'Whoosh: first':>13} {'median':>9}  {'ratio':>6}   (ms)")
    with open_ours(ours).searcher() as mine, open_dir(str(theirs)).searcher() as other:
        for name, call in calls_of(other).items():
            if only and not any(part in name for part in only.split(",")):
                continue
            (my_first, my_median), (their_first, their_median) = compare(name, call, mine, other)
            ratio = my_median / their_median
            too_slow = ratio > MOST_TIMES and my_median - their_median * MOST_TIMES > LEAST_MS
            slow += [name] if too_slow else []
            line = f"{name:32} {my_first:13.2f} {my_median:9.2f}  {their_first:13.2f} {their_median:9.2f}  {ratio:6.2f}"
            print(line + ("  too slow" if too_slow else ""), flush=True)
    return slow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--docs", type=int, default=5_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", help="calls with one of these in their name, with commas between")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        place = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="naidi-whoosh-")))
        slow = report(*write_both(place, arguments.corpus, arguments.docs), arguments.only)
    if slow:
        print(f"more than {MOST_TIMES:.0f} times as long: {', '.join(slow)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
