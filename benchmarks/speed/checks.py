"""Was an engine set up rightly? A wrong answer is quick: nothing is timed before these have passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.peers import TimedEngine
from benchmarks.shared.workload import Query
from benchmarks.speed.evidence import RarePhrase

LIMIT = 10
MUST_BE_FOUND = 0.9  # of the queries: engines differ in what is a word
MUST_BE_AHEAD = 0.8  # of the rare phrases, where an engine knows no phrases and ranks documents by their words


def check(
    name: str, engine: TimedEngine, phrases: Sequence[RarePhrase], counts: Mapping[str, int], queries: Sequence[Query]
) -> int:
    """Returns how many things were looked at.

    Raises AssertionError if a document is not found by its own rare phrase, or shown without it; if a word is not in as many
    documents as it should be, or its stem in fewer; or if too few queries find anything.
    """
    if engine.syntax(Query("phrase", "", ("a", "b"))) is None:
        _check_bags_of_words(name, engine, phrases)
    else:
        _check_phrases(name, engine, phrases)
    wrong = {}
    for word, expected in counts.items():
        count = engine.count(word)
        if count != expected if engine.whole_words else count < expected:
            wrong[word] = (count, expected)
    assert not wrong, f"{name}: documents that have the word, found and expected: {wrong}"
    texts = [text for query in queries if (text := engine.syntax(query)) is not None]
    share = sum(bool(engine.search_ids(text, 1)) for text in texts) / len(texts)
    assert share >= MUST_BE_FOUND, f"{name}: only {share:.0%} of the queries find anything"
    return len(phrases) + len(counts) + len(texts)


def _check_phrases(name: str, engine: TimedEngine, phrases: Sequence[RarePhrase]) -> None:
    for phrase in phrases:
        text, limit = engine.syntax(Query("phrase", "", phrase.words)) or "", LIMIT * phrase.documents
        found = engine.search_ids(text, limit)
        assert phrase.id in found, f"{name}: {text!r} does not find {phrase.id}, but {found[:LIMIT]}"
        snippet = _same_shown(name, engine, text, limit, found)[phrase.id]
        # Engines choose passages in their own way; but some word of the phrase, in some form, must be in it.
        about = any(word[:3] in snippet.casefold() for word in phrase.words)
        assert about, f"{name}: no word of {text!r} is in {snippet!r}"


def _check_bags_of_words(name: str, engine: TimedEngine, phrases: Sequence[RarePhrase]) -> None:
    """The rare word must find the document; all words must bring most of the documents to the front, others after them."""
    behind = []
    for phrase in phrases:
        rare = engine.syntax(Query("word", "", (phrase.rare,))) or ""
        everything = engine.search_ids(rare, engine.count(phrase.rare))
        assert phrase.id in everything, f"{name}: {rare!r} does not find {phrase.id}, but {everything[:LIMIT]}"
        text, limit = engine.syntax(Query("or", "", phrase.words)) or "", LIMIT * phrase.documents
        found = engine.search_ids(text, limit)
        _same_shown(name, engine, text, limit, found)
        if phrase.id not in found:
            behind.append(text)
    share = 1 - len(behind) / max(1, len(phrases))
    assert share >= MUST_BE_AHEAD, f"{name}: their own documents are not among the first for {behind}"


def _same_shown(name: str, engine: TimedEngine, text: str, limit: int, found: Sequence[str]) -> dict[str, str]:
    """Snippets by id; the hits must be those that were found without them."""
    shown = {hit.id: hit.snippet for hit in engine.search_shown(text, limit)}
    assert set(found) == set(shown), f"{name}: {text!r} finds {found[:LIMIT]}, but shows {list(shown)[:LIMIT]}"
    return shown
