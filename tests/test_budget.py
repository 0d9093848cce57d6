"""Is what one question may cost bounded, does the answer say what was left out, and does it come when the time is up?"""

from __future__ import annotations

import datetime
import itertools
import json
import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import called
from indexes import build
from naidi import Document, InvalidQuery, Searcher, Writer, open_index, sync
from naidi.indexer.analysis.tokenizer import word_form
from naidi.indexer.codec.segment import Segment
from naidi.indexer.errors import DocumentMissing
from naidi.search import budget, searcher
from naidi.search.bridges import romanisation, spelling
from naidi.search.budget import MAX_FILTERS, MAX_HELPED, MAX_NEAR, MAX_QUERY, MAX_TERMS, MAX_UNKNOWN
from naidi.search.query import expand, rewrite
from naidi.search.query.expand import wildcard_forms
from naidi.search.ranking import postings, scored_sets, word_lists
from naidi.search.snippets import token_match

SYLLABLES = ["ba", "ke", "lo", "mu", "ri", "sa", "te", "vo", "zu", "ny"]
WORDS = ["".join(parts) for parts in itertools.product(SYLLABLES, repeat=3)]
RUSSIAN = ["вакцина", "прививка", "больница", "министр", "Казахстан", "здоровье", "помощь", "врач", "страна", "город"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("budget") / "index"
    choice = random.Random(1)
    documents = []
    for number in range(300):
        words = choice.choices(WORDS, k=40) + choice.choices(RUSSIAN, k=10) + ["the"] * choice.randrange(5)
        choice.shuffle(words)
        documents.append(Document(id=f"d{number}", text=" ".join(words) + ".", title=" ".join(words[:3])))
    build(directory, documents)
    return directory


@pytest.fixture
def opened(index: Path) -> Iterator[Searcher]:
    with open_index(index) as opened:
        yield opened


def calls(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[tuple[Any, ...]]:
    """The arguments of each call of a function, from now on."""
    function, seen = getattr(module, name), []

    def counted(*arguments: Any, **options: Any) -> Any:
        seen.append(arguments)
        return function(*arguments, **options)

    monkeypatch.setattr(module, name, counted)
    return seen


# -- limits of queries


def test_the_beginning_of_a_long_query_is_read(opened: Searcher) -> None:
    query = "bababa " * 1_000 + "x" * 2_990 + " kekeke" + " lololo" * 100_000
    assert len(query[:MAX_QUERY].split()[-1]) < len("kekeke")  # it would be cut in two
    found = opened.search(query)
    assert f"the query has {len(query):,} characters: only the first {MAX_QUERY:,} were read" in found.warnings
    assert found.query == query
    assert found.total == opened.search("bababa kekeke").total
    exactly = ("bababa " * 5_000)[:MAX_QUERY]
    assert not any("characters" in warning for warning in opened.search(exactly).warnings)
    assert opened.search_ids("bababa" + " " * MAX_QUERY + "kekeke") == opened.search_ids("bababa")
    assert opened.search("z" * 1_000_000).total == 0


def test_patterns_are_compared_with_so_many_forms(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 3_000)
    seen = calls(monkeypatch, expand, "fuzzy_forms")
    found = opened.search(" ".join(f"{word}~2" for word in WORDS[:200]))
    assert 1 <= len(seen) < 15
    (warning,) = found.warnings
    assert re.fullmatch(
        r"the query takes more than [\d,]+ steps: 1\d\d of its words and patterns were left out", warning
    )
    assert found.total


def test_the_first_pattern_is_always_looked_for(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 0)
    for pattern in ("*a*", "bab*", "bababa~2"):
        found = opened.search(pattern)
        assert found.total and not found.warnings
    assert opened.search("*a* *a* *a*").warnings == ()
    both = opened.search("-*xyz* *a*")
    assert both.total == 300 and "were left out" in both.warnings[0]


def test_the_same_pattern_is_expanded_once(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = calls(monkeypatch, expand, "wildcard_forms")
    assert opened.search("*ab* " * 100).total
    assert len(seen) == 1


def test_a_phrase_that_takes_too_much_is_left_out(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 1_000)
    found = opened.search('"*a* *e* *o*"')
    assert found.total == 0 and "1 of its words and patterns were left out" in found.warnings[0]
    assert opened.search('bababa "*a* *e* *o*"').total == opened.search("bababa").total


def test_many_clauses_are_counted_but_not_the_first(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 0)
    assert opened.search(" ".join(WORDS[: rewrite.FREE_CLAUSES])).warnings == ()
    (warning,) = opened.search(" ".join(WORDS[: rewrite.FREE_CLAUSES + 9])).warnings
    assert "9 of its words" in warning
    monkeypatch.setattr(rewrite, "MAX_STEPS", 3_000)
    nots = opened.search(" OR ".join(f"(NOT {word})" for word in WORDS[:300]))
    assert nots.total == 300 and "steps" in nots.warnings[0]


def test_a_filter_is_never_left_out(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 0)
    monkeypatch.setattr(rewrite, "MAX_TERMS", 50)
    words = " ".join(WORDS[:100])
    assert opened.search(words).total
    assert opened.search(f"{words} lang:fr").total == 0
    assert opened.search(f"({words}) AND date:2020").total == 0


@pytest.mark.parametrize(
    "narrowed",
    [
        "lang:fr lang:de",
        "date:(2009 OR 2020)",
        "-date:* date:2020",
        "-(lang:en lang:ru)",
        "NOT lang:en NOT lang:ru",
        "+date:2020",
    ],
)
def test_filters_in_brackets_and_beside_each_other_are_not_left_out(
    opened: Searcher, monkeypatch: pytest.MonkeyPatch, narrowed: str
) -> None:
    assert opened.search(f"bababa {narrowed}").total == 0
    monkeypatch.setattr(rewrite, "MAX_STEPS", 0)
    monkeypatch.setattr(rewrite, "MAX_TERMS", 50)
    found = opened.search(f"{' '.join(WORDS[:100])} {narrowed}")
    assert found.total == 0 and "were left out" in found.warnings[0]


@pytest.mark.parametrize("narrowed", ["lang:en", "lang:en lang:ru", "-kekeke", "-lang:fr", "date:* lang:en"])
def test_where_no_word_is_left_filters_find_nothing(
    opened: Searcher, monkeypatch: pytest.MonkeyPatch, narrowed: str
) -> None:
    """Who adds a filter to a pattern does not ask for every document that passes the filter."""
    monkeypatch.setattr(rewrite, "MAX_STEPS", 1_000)
    for query in ('"*a* *e* *o*"', '("*a* *e* *o*" OR "*b* *k* *l*")', '+"*a* *e* *o*"'):
        found = opened.search(f"{query} {narrowed}")
        assert found.total == 0 and "were left out" in found.warnings[0] and "may not fit" not in str(found.warnings)


def test_it_is_said_that_what_is_found_may_not_fit(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrite, "MAX_STEPS", 1_000)
    for query, told in (('-"*a* *e* *o*"', True), ('+"*a* *e* *o*" +bababa', True), ('"*a* *e* *o*" bababa', False)):
        warnings = opened.search(query).warnings
        assert ("words that must be there, or must not, are among those left out" in str(warnings)) == told, query
    assert "may not fit" in str(opened.search('"*a* *e* *o*" bababa', mode="all").warnings)


LONG = "bababa " * 1_500


@pytest.mark.parametrize(
    ("behind", "count"),
    [
        *(("lang:fr", 1), ("-lang:en NOT  lang:ru", 2), ("date:[2020 TO 2021]", 1), ("date:(2009 OR 2020)", 1)),
        *(("lang:fr " * 70 + "lang:de", 2), ("LANGUAGE:fr word", 1)),
    ],
)
def test_filters_behind_a_long_query_are_read(opened: Searcher, behind: str, count: int) -> None:
    assert opened.search("bababa").total and opened.search(f"bababa {behind}").total == 0
    for front in (LONG, 'bababa "' + LONG, "(" + LONG, "OR " + LONG):
        query = front + behind
        found = opened.search(query)
        told = f"only the first {MAX_QUERY:,} were read, and {count} filter{'s' * (count > 1)} behind them"
        assert found.total == 0 and any(told in warning for warning in found.warnings), query[:20]
    either = opened.search(LONG + "lang:en lang:ru")  # one or the other, as always
    assert either.total == opened.search("bababa").total


@pytest.mark.parametrize(
    "behind",
    ["OR lang:fr", "lang:fr OR kekeke", "(kekeke lang:fr)", "http://lang:fr", "lang: fr", "title:lang:fr", "xlang:fr"],
)
def test_what_is_no_filter_by_itself_narrows_nothing(opened: Searcher, behind: str) -> None:
    found = opened.search(LONG + behind)
    assert found.total == opened.search("bababa").total
    assert f"only the first {MAX_QUERY:,} were read" in found.warnings[0] and "behind them" not in found.warnings[0]


def test_so_many_filters_behind_a_long_query_are_read(opened: Searcher) -> None:
    behind = " ".join(f"-date:{year}" for year in range(1000, 1000 + MAX_FILTERS + 1))
    found = opened.search(LONG + behind)
    assert f"and {MAX_FILTERS} filters behind them; there are more, which were left out" in found.warnings[0]
    assert found.total == opened.search("bababa").total


def test_a_long_query_in_another_keyboard_layout_says_what_was_not_read(opened: Searcher) -> None:
    found = opened.search("dfrwbyf " * 1_500 + "lang:fr")
    assert found.total == 0 and "and 1 filter behind them" in found.warnings[0]
    assert not found.corrections, "what finds nothing is not told"


def test_phrases_have_so_many_words(opened: Searcher) -> None:
    near = opened.search('"' + "the " * 1_000 + '"~1000')
    assert f"a near phrase has more than {MAX_NEAR} words: its last {1_000 - MAX_NEAR} were left out" in near.warnings
    exact = opened.search('"' + "a " * 2_000 + '"')
    assert f"the query has {2_000 - MAX_TERMS} words more than {MAX_TERMS}: they were left out" in exact.warnings
    for _ in range(2):  # read anew, and from the cache
        word = opened.search("a-" * 3_000 + "a")
        assert f"the query has {3_001 - MAX_TERMS:,} words more than {MAX_TERMS}: they were left out" in word.warnings


def test_help_is_sought_for_so_many_words(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    romanised = calls(monkeypatch, romanisation, "_candidates")
    mended = calls(monkeypatch, spelling, "corrections")
    unknown = [f"{word}zhu" for word in WORDS[:200]]
    found = opened.search(" ".join(unknown))
    assert len({arguments[1] for arguments in romanised}) <= MAX_UNKNOWN
    assert len({arguments[1] for arguments in mended}) <= MAX_UNKNOWN
    assert f"{200 - MAX_UNKNOWN} words were searched for as typed" in found.warnings[0]
    known = opened.search(" ".join(WORDS[: MAX_HELPED + 10]))
    assert "10 words were searched for as typed" in known.warnings[0]
    few = opened.search(" ".join(unknown[:5] + WORDS[:50]))
    assert few.warnings == ()


def test_equal_words_are_added_up_as_if_they_were_one(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many postings are added up in steps. That finds what one step finds."""
    queries = [
        " ".join(WORDS[:40]),
        "the " * 30 + "bababa",
        "the the bababa -kekeke",
        " ".join(RUSSIAN),
        "*a*",
        "*a* *e*",
    ]
    expected = [
        (found.total, found.hits) for found in (opened.search(query, limit=300, snippets=0) for query in queries)
    ]
    for module, name in ((scored_sets, "AT_ONCE"), (word_lists, "AT_ONCE"), (postings, "_AT_ONCE")):
        monkeypatch.setattr(module, name, 50)
    monkeypatch.setattr(word_lists, "_MOST_AT_ONCE", 50)
    with open_index(opened.generation.directory.parent) as fresh:
        for query, (total, hits) in zip(queries, expected, strict=True):
            found = fresh.search(query, limit=300, snippets=0)
            assert found.total == total
            scores = {hit.id: hit.score for hit in found.hits}
            assert scores == pytest.approx({hit.id: hit.score for hit in hits})


def test_a_pattern_takes_time_that_grows_with_its_length(tmp_path: Path) -> None:
    """An expression that tries every way to share the letters out among the stars would not come to an end."""
    build(tmp_path, [Document(id="a", text="a" * 200 + " aab ёлка Ежели")])
    with open_index(tmp_path) as opened:
        assert opened.search("*" + "a*" * 90 + "b").total == 0
        assert opened.search("*" + "a*" * 90 + "a").total == 1
        for pattern, total in (("*a*b", 1), ("?ab", 1), ("*ел?*", 1), ("еже?и", 1), ("a?bb", 0), ("??", 0)):
            assert opened.search(pattern, exact=True).total == total, pattern


def test_patterns_match_as_an_expression_does() -> None:
    """The same strings as a regular expression, which is the definition."""
    choice = random.Random(7)

    class Forms:
        def __init__(self, strings: list[str]) -> None:
            self.strings = strings

        def __len__(self) -> int:
            return len(self.strings)

        def prefix_range(self, prefix: str) -> range:
            there = [number for number, one in enumerate(self.strings) if one.startswith(prefix)]
            return range(there[0], there[-1] + 1) if there else range(0)

        def find(self, string: str) -> int:
            return self.strings.index(string) if string in self.strings else -1

        def chunk(self, numbers: range) -> tuple[bytes, None]:
            return "".join(f"{self.strings[number]}\n" for number in numbers).encode(), None

    strings = sorted({"".join(choice.choices("abеёжЕ", k=choice.randint(1, 7))) for _ in range(500)})
    segment: Any = type("Lexicon", (), {"forms": Forms(strings)})()
    for _ in range(400):
        pattern = re.sub(r"\*+", "*", "".join(choice.choices("abеёж*?*", k=choice.randint(1, 6))))
        spellings = expand._spellings(pattern)
        twins = {"*": ".*", "?": ".", **dict.fromkeys("её", "[её]"), **dict.fromkeys("ЕЁ", "[ЕЁ]")}
        sources = ["".join(twins.get(letter, letter) for letter in spelling) for spelling in spellings]
        expected = [number for number, one in enumerate(strings) if any(re.fullmatch(each, one) for each in sources)]
        assert wildcard_forms(segment, pattern).tolist() == expected, pattern


# -- pages, snippets, explanations


def test_pages_have_so_many_hits(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(opened.search("*", limit=10**9).hits) == 300
    monkeypatch.setattr(searcher, "MAX_HITS", 20)
    deep = opened.search("*", limit=10**9)
    assert len(deep.hits) == 20 and deep.total == 300
    assert "a page has at most 20 hits" in deep.warnings[0]
    behind = opened.search("*", limit=20, offset=290)
    assert [hit.rank for hit in behind.hits] == list(range(291, 301)) and behind.warnings == ()
    assert opened.search("*", offset=10**9).hits == ()
    assert len(opened.search_ids("*", limit=10**9)) == 300


def test_snippets_and_explanations_are_made_for_so_many_hits(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    from naidi.search import hits

    monkeypatch.setattr(hits, "MAX_SHOWN", 70)
    found = opened.search("вакцина", limit=200)
    assert [bool(hit.snippets) for hit in found.hits] == [rank < 70 for rank in range(len(found.hits))]
    assert found.warnings == (f"snippets were made for the first 70 of {len(found.hits)} hits: more take too long",)
    assert opened.search("вакцина", limit=200, snippets=0).warnings == ()
    monkeypatch.setattr(hits, "MAX_EXPLAINED", 10)
    explained = opened.search("вакцина врач", explain=True, exact=True)
    assert [hit.explanation is not None for hit in explained.hits] == [True] * 5 + [False] * 5
    assert "the first 5 of 10 hits are explained" in explained.warnings[0]


def test_the_rarest_of_very_many_words_are_marked(opened: Searcher) -> None:
    found = opened.search(" ".join([*RUSSIAN, "the", *WORDS[:200]]))
    assert any("snippets show 100 words of the query" in warning for warning in found.warnings)
    assert all(hit.snippets and hit.snippets[0].marks for hit in found.hits)


# -- texts, completions, names


@pytest.mark.parametrize("text", ["e" + "\u0301" * 500_000, ("e" + "\u0301" * 200 + " ") * 2_500, "\u0301" * 500_000])
def test_runs_of_marks_are_looked_at_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    class Counted:
        def search(self, *arguments: Any) -> Any:
            nonlocal looked
            looked += 1
            return word.search(*arguments)

        def match(self, *arguments: Any) -> Any:
            return word.match(*arguments)

    word = token_match.WORD
    monkeypatch.setattr(token_match, "WORD", Counted())
    words = list(word.finditer(text))
    marked = [place for place, character in enumerate(text) if character == "\u0301"]
    found = list(token_match.FormMatcher({word_form(each[0]): 1 for each in words}).words_at(text, marked))
    # At each letter, and where its marks are too many.
    assert looked <= 5 * (text.count("e") + 1)
    assert [each[:2] for each in found] == [each.span() for each in words]


def test_words_beside_marks_are_found() -> None:
    """Those that have one of the places inside them or right behind, and maybe a word before, in the order of the text."""
    choice = random.Random(3)
    for _ in range(500):
        text = "".join(choice.choices(["a", "б", " ", "\u0301", "\u0301" * 12, "'"], k=choice.randint(1, 25)))
        words = [each for each in token_match.WORD.finditer(text) if token_match.begins_word(text, each.start())]
        matcher = token_match.FormMatcher({word_form(each[0]): 1 for each in words})
        places = [place for place, character in enumerate(text) if character == "\u0301"]
        expected = [each.span() for each in words if any(each.start() <= place <= each.end() for place in places)]
        found = [(start, end) for start, end, *_ in matcher.words_at(text, places)]
        assert found == sorted(set(found)) and set(expected) <= set(found) <= {each.span() for each in words}, ascii(
            text
        )


def test_a_long_text_is_completed_at_its_end(opened: Searcher) -> None:
    front = "the " * 250_000
    assert [one.text for one in opened.suggest(front + "вакц")] == [front + "вакцина"]
    assert opened.suggest("a" * 1_000_000) == opened.suggest("вакц" * 100_000) == []
    assert len(opened.suggest("b", 10**9)) <= budget.MAX_SUGGESTED


def test_a_name_that_is_none_costs_one_look_at_the_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"вакцина слово{number} вакцина", encoding="utf-8")
    sync(folder, tmp_path / "index")
    with Writer(tmp_path / "index") as writer:
        for number in range(10):
            writer.add(Document(id=f"own{number}", text="вакцина прививка", path=f"/elsewhere/{number}.pdf"))
    reads: list[int] = []
    record = Segment.record
    monkeypatch.setattr(Segment, "record", lambda self, doc, *names: reads.append(doc) or record(self, doc, *names))  # type: ignore[func-returns-value]
    with open_index(tmp_path / "index") as opened:
        for _ in range(5):
            with pytest.raises(DocumentMissing, match="no such"):
                opened.similar("no such document")
        assert len(reads) == 10  # those of the application alone
        assert opened.similar("/elsewhere/3.pdf", snippets=0).total
        assert opened.similar(str(folder / "3.txt"), snippets=0).total
        for name in ("x/" * 100_000, "a\0b", ""):
            with pytest.raises(DocumentMissing) as missing:
                opened.similar(name)
            assert len(str(missing.value)) < 400


# -- time


def asked(query: str, **options: Any) -> Callable[[Searcher], Any]:
    return lambda searcher: searcher.search(query, timeout=1e9, **options)


QUESTIONS = {
    "words": asked("bababa kekeke the вакцина"),
    "pattern": asked("*a* bab*"),
    "fuzzy": asked("bababa~2 вакцин~"),
    "all": asked("bababa вакцина", mode="all"),
    "not": asked("вакцина -bababa -врач*"),
    "phrase": asked('"вакцина врач" "the bababa"~20'),
    "misspelt": asked("вакцына бальница"),
    "expanded": asked("вакцина врач", expand=True),
    "recent": asked("вакцина врач", recent=True),
    "by date": asked("вакцина врач", sort="-date"),
    "explained": asked("вакцина врач", explain=True),
    "many": asked("вакцина врач", limit=250),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_whenever_the_time_runs_out_there_is_an_answer(name: str, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stops at every place where it is looked at, one after another."""
    ask = QUESTIONS[name]
    with open_index(index) as whole:
        expected = ask(whole)
    every = {hit.id for hit in whole_page(index, name)}
    looks = last = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return 0.0 if looks <= last else math.inf

    monkeypatch.setattr(budget, "perf_counter", clock)
    partial = True
    while partial:
        looks = 0
        with open_index(index) as opened:
            found = ask(opened)
        partial = found.partial
        last += 1 + last // 20
        if not partial:
            assert (found.total, found.hits) == (expected.total, expected.hits)
            break
        assert found.total == expected.total or not found.total_is_exact
        assert "the timeout of 1e+09 s ran out" in found.warnings[-1]
        assert found.total <= max(expected.total, len(every))
        assert {hit.id for hit in found.hits} <= every
        scores = [hit.score for hit in found.hits]
        assert name == "by date" or scores == sorted(scores, reverse=True)
        assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    assert last > 3


def whole_page(index: Path, name: str) -> Any:
    """Every hit of a question, whatever help it needs."""
    with open_index(index) as opened:
        query = {
            "words": "bababa kekeke the вакцина",
            "pattern": "*a* bab*",
            "fuzzy": "bababa~2 вакцин~",
            "all": "+bababa +вакцина",
            "not": "вакцина -bababa -врач*",
            "phrase": '"вакцина врач" "the bababa"~20',
            "misspelt": "вакцына бальница",
        }.get(name, "вакцина врач" if name != "expanded" else "*")
        return opened.search(query, limit=300, snippets=0).hits


def test_after_the_time_has_run_out_the_next_answer_is_whole(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "bababa kekeke the вакцина *a*"
    with open_index(index) as fresh:
        expected = fresh.search(query, limit=300).hits
    with open_index(index) as opened:
        for looks in range(0, 60, 3):
            times = itertools.chain([0.0] * looks, itertools.repeat(math.inf))
            monkeypatch.setattr(budget, "perf_counter", times.__next__)
            opened.search(query, limit=300, timeout=1.0)
        monkeypatch.undo()
        assert opened.search(query, limit=300).hits == expected


def test_ids_completions_and_likes_end_in_time(opened: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "perf_counter", lambda: math.inf)
    assert opened.search_ids("bababa kekeke", timeout=0.5) == []
    assert opened.suggest("ваццина", timeout=0.5) == []
    assert opened.similar("d7", timeout=0.5).partial
    assert opened.search("bababa", timeout=0.5).partial
    assert not opened.search("bababa").partial


def test_dictionaries_are_loaded_beside_a_question_that_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    dictionaries = budget._Dictionaries()
    started: list[int] = []
    monkeypatch.setattr(dictionaries, "_load", lambda: started.append(1))
    dictionaries.need()
    assert not started  # without a limit whoever needs one loads it
    with budget.time_limit(0.0, 1.0), pytest.raises(budget.TimeUp):  # it is long over
        dictionaries.need()
    assert started == [1]


# -- arguments


@pytest.mark.parametrize(
    "options",
    [
        {"snippets": "a"},
        {"snippets": -1},
        {"snippets": True},
        {"snippets": 1.5},
        {"limit": True},
        {"limit": "10"},
        {"limit": -1},
        {"offset": False},
        {"timeout": 0},
        {"timeout": -1.0},
        {"timeout": "1"},
        {"timeout": True},
        {"timeout": math.nan},
        {"exact": "yes"},
        {"recent": 1},
        {"expand": None},
        {"expand": "always"},
    ],
)
def test_an_argument_without_meaning_is_refused_at_once(opened: Searcher, options: dict[str, Any]) -> None:
    """Also where nothing is found."""
    for query in ("bababa", "xyzzy", ""):
        with pytest.raises(InvalidQuery, match=next(iter(options))):
            opened.search(query, **options)


def test_what_is_hardly_meant_is_told(opened: Searcher) -> None:
    unknown = opened.search("вакцина", language="xx")
    assert unknown.total == 0
    assert (
        unknown.warnings
        == opened.search("вакцина lang:xx").warnings
        == ("unknown language code xx: use a code of ISO 639-1 such as en or ru",)
    )
    assert "unknown language" in opened.search("вакцина", language="?!").warnings[0]
    assert opened.search("вакцина", language="RU").total == opened.search("вакцина lang:ru").total
    day = datetime.date
    backwards = opened.search("вакцина", since=day(2022, 1, 1), until=day(2021, 1, 1))
    assert backwards.total == 0 and "later than until" in backwards.warnings[0]
    (undated,) = opened.search("вакцина", since=day(2021, 1, 1), until=day(2022, 1, 1)).warnings
    assert "have no date: they are left out" in undated


def test_equal_results_have_equal_hashes(opened: Searcher) -> None:
    one, other = (opened.search("вакцина", explain=True) for _ in range(2))
    assert one.hits == other.hits and hash(one) == hash(other)
    assert len({one.hits[0], other.hits[0], one.hits[1]}) == 2


def test_the_command_takes_a_timeout(index: Path) -> None:
    whole = called("search", "--json", "--timeout", "60", "вакцина", index=index)
    assert whole.returncode == 0 and "partial" not in json.loads(whole.stdout)
    cut = called("search", "--json", "--timeout", "1e-9", "вакцина", index=index)
    assert cut.returncode == 1 and json.loads(cut.stdout)["partial"] is True
    assert "the timeout of 1e-09 s ran out" in cut.stderr
    assert called("suggest", "--timeout", "60", "вакц", index=index).returncode == 0
    assert called("similar", "--timeout", "60", "d1", index=index).returncode == 0
    assert called("search", "--timeout", "0", "вакцина", index=index).returncode == 2


def test_the_time_is_that_of_one_thread_and_question() -> None:
    with budget.time_limit(0.0, 1.0):
        assert budget.is_up()
        assert budget.is_up()
    assert not budget.is_up()


def test_the_limits_are_in_the_documentation() -> None:
    text = (Path(__file__).parents[1] / "docs" / "query-language.md").read_text(encoding="utf-8")
    table = text[text.index("## Limits") :]
    numbers = {int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*\b", table)}
    limits = {name: value for name, value in vars(budget).items() if name.startswith(("MAX_", "FREE_"))}
    assert limits and not {name for name, value in limits.items() if value not in numbers}
