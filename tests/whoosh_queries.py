"""Which documents does a query of Whoosh's mean? Said once more, over the words of the documents, without an index.

`trees` makes queries for Hypothesis. Two of Whoosh's matchers are wrong where they skip documents or where an exclusion begins
before the first document found (AndMaybeMatcher, AndNotMatcher; so in 3.54), whatever the codec. In a tree, a AND NOT b is
therefore written And([a, Not(b)]), which is intersected with a matcher of its own, and a ANDMAYBE b And([Or([a, b]), a]).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from fnmatch import fnmatchcase

from hypothesis import strategies as st
from whoosh import query as q

from naidi.indexer.analysis.lemmatize.keys import keys
from naidi.indexer.analysis.tokenizer import forms
from whoosh_indexes import DAYS, VOCABULARY, Physical

KEYS_OF_VOCABULARY = sorted({key for word in VOCABULARY for form in forms(word) for key in keys(form)})
FORMS_OF_VOCABULARY = sorted({form for word in VOCABULARY for form in forms(word)})


def midnight(day: datetime.date) -> datetime.datetime:
    """The day as Whoosh has it."""
    return datetime.datetime.combine(day, datetime.time())


def terms_of(doc: Physical, fieldname: str) -> set[str]:
    """The terms of a field, other than the date."""
    if fieldname == "id":
        return {doc.document.id}
    if fieldname == "language":
        return {str(doc.document.language)}
    return {text for _, texts in doc.words[fieldname] for text in texts}


def edits(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (char != against))
    return row[-1]


def _has_phrase(doc: Physical, fieldname: str, words: Sequence[str], slop: int) -> bool:
    """Whether the words stand in this order, each at most `slop` after the one before."""
    ends: set[int] | None = None
    for word in words:
        places = {position for position, texts in doc.words[fieldname] if word in texts}
        ends = places if ends is None else {place for place in places for end in ends if 0 < place - end <= slop}
    return bool(ends)


def finds(query: q.Query, doc: Physical) -> bool:
    """Whether the query finds the document, live or not."""
    match query:
        case q.Term(fieldname=name, text=text):
            return text in terms_of(doc, name)
        case q.Phrase(fieldname=name, words=words, slop=slop):
            return _has_phrase(doc, name, words, slop)
        case q.Prefix(fieldname=name, text=prefix):
            return any(text.startswith(prefix) for text in terms_of(doc, name))
        case q.Wildcard(fieldname=name, text=pattern):
            return any(fnmatchcase(text, pattern) for text in terms_of(doc, name))
        case q.FuzzyTerm(fieldname=name, text=word, maxdist=most, prefixlength=same):
            return any(text[:same] == word[:same] and edits(text, word) <= most for text in terms_of(doc, name))
        case q.DateRange(startdate=start, enddate=end):
            day = doc.document.date
            return (
                day is not None and (start is None or start <= midnight(day)) and (end is None or midnight(day) <= end)
            )
        case q.TermRange(fieldname=name, start=start, end=end):
            return any(start <= text <= end for text in terms_of(doc, name))
        case q.Every(fieldname="date"):
            return doc.document.date is not None
        case q.Every(fieldname=name):
            return name is None or bool(terms_of(doc, name))
        case q.And(subqueries=parts):
            return all(finds(part, doc) for part in parts)
        case q.Or(subqueries=parts) | q.DisjunctionMax(subqueries=parts):
            return any(finds(part, doc) for part in parts)
        case q.Not(query=part):
            return not finds(part, doc)
        case q.ConstantScoreQuery(child=part) | q.AndMaybe(a=part):
            return finds(part, doc)
        case q.AndNot(a=one, b=other):
            return finds(one, doc) and not finds(other, doc)
        case q.Require(a=one, b=other):
            return finds(one, doc) and finds(other, doc)
    raise NotImplementedError(repr(query))


_forms = st.sampled_from(FORMS_OF_VOCABULARY)
_leaves = st.one_of(
    st.builds(
        q.Term, st.sampled_from(["text", "text", "title", "body"]), st.sampled_from([*KEYS_OF_VOCABULARY, "лес"])
    ),
    st.builds(q.Term, st.sampled_from(["form", "body_form"]), _forms, st.sampled_from([1.0, 2.5])),
    st.builds(q.Phrase, st.just("form"), st.lists(_forms, min_size=2, max_size=3), st.sampled_from([1, 2, 4, 200])),
    st.builds(
        q.Prefix, st.sampled_from(["text", "form", "title_stem"]), st.sampled_from(["ва", "е", "le", "vacc", "x"])
    ),
    st.builds(q.Wildcard, st.sampled_from(["form", "text_stem"]), st.sampled_from(["*л*", "в?з", "*s", "l?a*"])),
    st.builds(q.FuzzyTerm, st.just("form"), st.sampled_from(["вокцина", "мила", "leef"]), maxdist=st.integers(1, 2)),
    st.builds(q.TermRange, st.just("title_form"), st.sampled_from(["a", "в"]), st.sampled_from(["l", "м", "я"])),
    st.builds(q.Every, st.sampled_from([None, "title", "date"])),
    st.builds(q.Term, st.just("language"), st.sampled_from(["ru", "en", "kk"])),
    st.builds(q.DateRange, st.just("date"), *2 * [st.sampled_from([None, *map(midnight, DAYS)])]),
)


def _combined(parts: st.SearchStrategy[q.Query]) -> st.SearchStrategy[q.Query]:
    lists = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(q.And, lists),
        st.builds(q.Or, lists),
        st.builds(q.DisjunctionMax, lists),
        st.builds(q.Require, parts, parts),
        st.builds(q.ConstantScoreQuery, parts, st.just(0.5)),
        st.builds(lambda wanted, unwanted: q.And([wanted, q.Not(unwanted)]), parts, parts),
        st.builds(lambda wanted, more: q.And([q.Or([wanted, more]), wanted]), parts, parts),
    )


trees: st.SearchStrategy[q.Query] = st.recursive(_leaves, _combined, max_leaves=8)
