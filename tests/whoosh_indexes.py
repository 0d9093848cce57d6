"""The same documents in two Whoosh indexes: a generation of ours, and one that Whoosh's own codec wrote.

What Whoosh writes is made of the documents themselves, word by word, and never read out of our segments; `words_of` says which
terms stand where, and is all that the expected answers of the tests are made of.
"""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from whoosh import fields
from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex, create_in, open_dir
from whoosh.matching import Matcher
from whoosh.reading import IndexReader
from whoosh.util.numeric import byte_to_length, length_to_byte

from naidi import Document, Writer
from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.lemmatize.stem import stem
from naidi.indexer.analysis.tokenizer import forms
from naidi.indexer.whoosh.schema import BODY, FORMS, KEYS, TITLE, WORD_FIELDS, WordAnalyzer, make_schema

# Of ели, пила, мыла, стали, leaves, found, saw there are several keys; of vaccine and vaccination the stem is one.
_WORDS = """
    ели ель ест пила пилы пьют мыла мыло стали сталь вакцина вакцины вакцинация ВОЗ воз ёлка елка
    leaves leaf leave found find saw vaccine vaccines vaccination WHO who 19 the
"""
VOCABULARY = _WORDS.split()
DAYS = [datetime.date(2021, 5, 29), datetime.date(2021, 6, 1), datetime.date(2020, 2, 29)]

# Positions that stay empty between the title and the text, so that no phrase runs over.
GAP = 100
# Of Whoosh's codec, so that a few documents are several blocks; it has 128.
POSTINGS_IN_A_BLOCK = 3

Commit = tuple[Sequence[str], Sequence[Document]]  # ids to delete, then documents to add
Words = list[tuple[int, tuple[str, ...]]]  # of each word its position and its terms

_TERMS = {KEYS: keys, FORMS: lambda form: (form,), "stems": lambda form: (stem(form),)}


class Physical(NamedTuple):
    """A document as it lies in a segment, deleted or not. Its serial number, `meta["serial"]`, is its own alone."""

    serial: int
    document: Document
    words: dict[str, Words]  # by field
    live: bool


def words_of(document: Document) -> dict[str, Words]:
    """What each word field of the document holds."""
    title, body = forms(document.title), forms(document.text)
    places = [(TITLE, place, form) for place, form in enumerate(title)]
    places += [(BODY, len(title) + GAP + place, form) for place, form in enumerate(body)]
    return {
        name: [
            (position, _TERMS[field.terms](form))
            for part, position, form in places
            if field.part == part or field.part not in (TITLE, BODY)
        ]
        for name, field in WORD_FIELDS.items()
    }


class PlacedWords(fields.TEXT):
    """A text field that is given the terms and their positions. A word of several terms counts once in the field's length."""

    def index(self, value: Any, **options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        if isinstance(value, str):  # as a query that is made of a document does
            yield from super().index(value, **options)
            return
        positions, counted = defaultdict(list), defaultdict(int)
        for position, texts in value:
            for text in texts:
                positions[text].append(position)
            counted[texts[0]] += 1
        for text, places in positions.items():
            yield text.encode(), counted[text], float(len(places)), self.format.encode(places)


def schema() -> fields.Schema:
    """Ours, with fields that take words as they are given."""
    ours = make_schema()
    theirs = fields.Schema(**{name: ours[name] for name in ours.names() if name not in WORD_FIELDS})
    for name, field in WORD_FIELDS.items():
        stored = ours[name].stored
        theirs.add(name, PlacedWords(WordAnalyzer(field.terms), stored=stored, multitoken_query="phrase"))
    return theirs


def _values(document: Document) -> dict[str, Any]:
    date = document.date and datetime.datetime.combine(document.date, datetime.time())
    values = {"id": document.id, "language": document.language, "path": document.path, "meta": dict(document.meta)}
    return {
        **values,
        "date": date,
        **words_of(document),
        "_stored_text": document.text,
        "_stored_title": document.title,
    }


def write_ours(directory: Path, history: Sequence[Commit]) -> FileIndex:
    """Write the commits with our writer and open the index with Whoosh."""
    with Writer(directory) as writer:
        for deleted, added in history:
            for doc_id in deleted:
                writer.delete(doc_id)
            writer.add_many(added)
            writer.commit()
    return open_dir(str(directory))


def write_theirs(directory: Path, history: Sequence[Commit]) -> FileIndex:
    """Write the commits with Whoosh and its codec, a segment for each."""
    directory.mkdir(exist_ok=True)
    index = create_in(str(directory), schema())
    for deleted, added in history:
        writer = index.writer(codec=W3Codec(blocklimit=POSTINGS_IN_A_BLOCK))
        for doc_id in deleted:
            writer.delete_by_term("id", doc_id)
        for document in added:
            writer.update_document(**_values(document))
        writer.commit(merge=False)
    return index


def physical(history: Sequence[Commit]) -> list[list[Physical]]:
    """The segments, so long as none is merged: what each commit added, and whether it is live after the last."""
    last: dict[str, Document] = {}
    for deleted, added in history:
        for doc_id in deleted:
            last.pop(doc_id, None)
        last.update({document.id: document for document in added})
    live = {document.meta["serial"] for document in last.values()}
    return [
        [
            Physical(document.meta["serial"], document, words_of(document), document.meta["serial"] in live)
            for document in added
        ]
        for _, added in history
    ]


def _whole_in_a_byte(length: int) -> bool:
    """Whether Whoosh's codec, which keeps a length in a byte, gives this one back as it is."""
    return byte_to_length(length_to_byte(length)) == length


def _random_document(random_: random.Random, doc_id: str, serial: int) -> Document:
    while True:
        title = random_.choices(VOCABULARY, k=random_.choice([0, 0, 1, 2, 4]))
        # Few words, so that some are there several times.
        body = random_.choices(random_.sample(VOCABULARY, k=7), k=random_.choice([0, 1, 5, 8, 12, 14, 16]))
        if (title or body) and all(map(_whole_in_a_byte, (len(title), len(body), len(title) + len(body)))):
            break
    return Document(
        id=doc_id,
        title=" ".join(title),
        text=" ".join(body),
        date=random_.choice([None, *DAYS]),
        path=random_.choice([None, f"{doc_id}.txt"]),
        meta={"serial": serial},
        language=random_.choice(["ru", "en"]),
    )


def fixed_history() -> list[Commit]:
    """Three commits, with documents deleted and replaced, but too few of any segment for it to be written anew."""
    random_ = random.Random(1)
    ids = [("", "abcdefghijklmnopqrst"), ("d", "uvwbcyz"), ("uk", "e123")]
    serials = iter(range(100))
    return [(deleted, [_random_document(random_, doc_id, next(serials)) for doc_id in added]) for deleted, added in ids]


OURS, THEIRS = "naidi", "whoosh"
HISTORY = fixed_history()
SEGMENTS = physical(HISTORY)
LIVE = [doc for segment in SEGMENTS for doc in segment if doc.live]
_BY_SERIAL = {doc.serial: doc for segment in SEGMENTS for doc in segment}

Numbered = dict[int, Physical]  # documents by their numbers in a reader


def write_both(directory: Path) -> dict[str, FileIndex]:
    """The fixed history, by both codecs."""
    return {OURS: write_ours(directory / OURS, HISTORY), THEIRS: write_theirs(directory / THEIRS, HISTORY)}


class Part(NamedTuple):
    """A segment or the whole index: its reader and its documents, deleted or not."""

    reader: IndexReader
    docs: Numbered


def part(reader: IndexReader) -> Part:
    """A reader over some or all of the fixed history."""
    serials = [reader.stored_fields(number)["meta"]["serial"] for number in range(reader.doc_count_all())]
    return Part(reader, {number: _BY_SERIAL[serial] for number, serial in enumerate(serials)})


def live(docs: Numbered, there: Iterable[int]) -> list[int]:
    """Those of the numbers whose documents are not deleted, ascending."""
    return sorted(number for number in there if docs[number].live)


def walk(matcher: Matcher) -> Iterator[int]:
    """The numbers that the matcher comes to."""
    while matcher.is_active():
        yield matcher.id()
        matcher.next()
