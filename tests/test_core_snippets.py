"""Snippets by the compiled core: the same as in Python, byte for byte, for any text."""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping, Sequence
from dataclasses import FrozenInstanceError
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fewer_examples import examples
from naidi import Document, RankingParameters, Writer
from naidi.indexer import core
from naidi.indexer.analysis.sentences import ruled_words
from naidi.indexer.analysis.tokenizer import WORD, word_form
from naidi.indexer.state.generations import open_generation
from naidi.search.collection import Collection
from naidi.search.query.rewrite import term_of_keys
from naidi.search.ranking.core_page import core_words_of
from naidi.search.results import Facet, Snippet
from naidi.search.snippets.finder import Absent, Finder
from naidi.search.snippets.finder_of_words import FinderOfWords
from naidi.search.snippets.highlighter import Highlighter
from naidi.search.snippets.needles import may_hide_words
from naidi.search.snippets.text_places import WHOLE_TEXT, TextPlaces

pytestmark = pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")

_WORDS = """
    вакцина вакцины вакцинами вакцинация vaccine vaccines Vaccine ВАКЦИНА ВОЗ воз who WHO's it's о'кей rock’n’roll the of и в на
    Ёлка ёлка елка
    straße STRASSE Σίσυφος ΣΊΣΥΦΟΣ ﬁnd find İstanbul istanbul вак\u00adцина ва\u0301кцина vаccine c++ C++11 C# c# .NET
    WHO’s NGOs МИДом МИД МИДа ЮНЕСКО НАТО's o'x'y o'x'y'z rock'n IBM360 3D ВАКЦИНАМИ ВАКЦИН ВАКЦИНы ёЛКА ИМ Им
    asp.net net 12 75,4 2021-05-29 й й не\u200bт 𝒜lpha 𐐀bc чатgpt o'neil o’neil абв_гд a b
"""
WORDS = _WORDS.split()
# What stands between words: ends of sentences, abbreviations, lists, headings, wrapped lines, odd white space.
_MARKS = """
    . ! ? … ... .» !) , ; : — - ( ) « » " ' * _ # [ ] ` ~ = | > т.е. т. е. г. ул. Dr. e.g. art. No. p. A. С. I. 1. 2) ###
    - • · +
"""
MARKS = _MARKS.split()
SPACES = [" "] * 14 + [
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "  ",
    "\t",
    "\f",
    "\u2028",
    "\u2029",
    "\u00a0",
    "\x1c",
    "",
    "",
]

pieces = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(MARKS), st.text(max_size=6))
texts = st.lists(st.tuples(pieces, st.sampled_from(SPACES)), max_size=120).map(
    lambda parts: "".join(piece + space for piece, space in parts)
)
forms = sorted({word_form(raw) for word in WORDS for raw in WORD.findall(word)})
numbers = st.integers(0, 5)
queries = st.fixed_dictionaries(
    {
        "terms": st.dictionaries(st.sampled_from(forms), numbers, min_size=1, max_size=12),
        "phrases": st.lists(
            st.lists(st.frozensets(st.sampled_from(forms), min_size=1, max_size=4), min_size=1, max_size=3), max_size=1
        ),
        "weights": st.dictionaries(numbers, st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.7, 7.1])),
        "prefixes": st.dictionaries(st.sampled_from(["вакц", "v", "о", "Ё".lower()]), numbers, max_size=1),
        "stand_ins": st.dictionaries(numbers, st.lists(st.sampled_from(forms), max_size=4), max_size=2),
    }
)


def highlighter(query: Mapping[str, Any], max_snippets: int, max_chars: int, *, by_core: bool = True) -> Highlighter:
    stand_ins = {number: (lambda forms=given: forms) for number, given in query["stand_ins"].items()}
    finder = Finder(query["terms"], query["phrases"], query["weights"], prefixes=query["prefixes"], stand_ins=stand_ins)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "is_used", by_core)
        return Highlighter(finder, max_snippets=max_snippets, max_chars=max_chars)


def same(query: Mapping[str, Any], shown: Sequence[str], title: str, most: int, chars: int, absent: Absent) -> None:
    fast, plain = highlighter(query, most, chars), highlighter(query, most, chars, by_core=False)
    assert fast._core is not None and plain._core is None
    titles, lacking = [title] * len(shown), [absent] * len(shown)
    in_texts = [
        WHOLE_TEXT,
        TextPlaces([0, 9, 40], 3),
        TextPlaces((), 2, [(0, 0, 0), (15, 99, 7)]),
        TextPlaces(one_line=True),
    ]
    places = [in_texts[(len(text) + number) % 4] for number, text in enumerate(shown)]
    assert fast.of_hits(shown, titles, lacking, places) == plain.of_hits(shown, titles, lacking, places)


PLAIN: dict[str, Any] = {
    "phrases": [],
    "terms": {"вакцина": 0, "find": 1},
    "weights": {},
    "prefixes": {},
    "stand_ins": {},
}


@settings(max_examples=examples(150))
@given(
    queries,
    st.lists(texts, min_size=1, max_size=3),
    st.one_of(st.just(""), texts.map(lambda text: text[:30])),
    st.sampled_from([1, 3, 3, 7]),
    st.sampled_from([20, 60, 200, 200]),
    st.sampled_from([Absent(0, 0), Absent(0, 0), Absent(1, 1), Absent(2, 0)]),
)
@example(PLAIN, ["вакцина\u0301 find. " * 3], "", 3, 20, Absent(0, 0))
@example(PLAIN, ["\u2028" * 50 + "find", " find" * 90 + "\n\n вакцина"], "find", 3, 20, Absent(0, 0))
def test_the_core_shows_what_python_shows(
    query: dict[str, Any], shown: list[str], title: str, most: int, chars: int, absent: Absent
) -> None:
    same(query, shown, title, most, chars, absent)


_FILLERS = (
    "слово длинноеслово word и в the an пр по-русски 1997 (скобка) «кавычки» mid, next; см. рис. г. т. д. Mr. U.S."
)
FILLERS = _FILLERS.split()
_ABBREVIATIONS = """
    г. Г. гг. с. м. млн. руб. 5 12 ² Ⅳ
    т.е. и.о. н.э. (см. «ул. —Dr. No. no. art. Art. St. Inc. a.m. p.m. Ph.D. J.R.R. J.R. А.С. А. I. i. I
    than Than ǅ Он Она The the
    It _The it's В в На The1 İnc. İ. Σ. σ. straße. é. É. Éd. éd. 1. 12. 123. ١. a. Я. ё. Ё. К. K. ꙗ. 𐐀. пр-т. г-н. р-н.
"""
ABBREVIATIONS = _ABBREVIATIONS.split()


@settings(max_examples=examples(400))
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from(ABBREVIATIONS),
                st.sampled_from(ABBREVIATIONS),
                st.text("АБвгIiXx.1-_«ßİΣǅ\u0301", max_size=4),
            ),
            st.sampled_from([" "] * 12 + ["  ", "\n", "\t", "\u00a0", ". ", ".", ""]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([20, 60, 200]),
)
def test_abbreviations(parts: list[tuple[str, str]], chars: int) -> None:
    """Each period of a text is taken for the end of a sentence, or not, as in Python."""
    text = "".join(piece + space for piece, space in parts)
    for shown in (f"find {text}Next", f"Слово {text}Find слово. {text}", f"{text}find {text}"):
        same(PLAIN, [shown, shown.upper()], "", 3, chars, Absent(0, 0))


@pytest.mark.parametrize("word", sorted(ruled_words()))
def test_each_abbreviation(word: str) -> None:
    for form in (word, word.capitalize(), word.upper()):
        for before in ("", "5 ", "и ", "than ", "(", "Много слов перед этим "):
            for behind in (" Он", " The", " 5", " И", " Иван", " — она", "", " «Волга»"):
                text = f"Find it. {before}{form}.{behind} find."
                same(PLAIN, [text, text[9:]], "", 3, 20, Absent(0, 0))


def test_tables_of_sentences_that_make_no_sense() -> None:
    from naidi._core import SentenceRules

    given: Any
    for given in ({"A": 1}, {"": 1}, {1: 1}, {"a" * 40: 1}, {"a": "b"}, {"\u0130": 1}, [], None):
        with pytest.raises((TypeError, ValueError)):
            SentenceRules(given)


def prose(chance: random.Random) -> str:
    """Paragraphs of short and long sentences, in lines that an editor wrapped, or that are paragraphs themselves."""
    paragraphs = []
    for _ in range(chance.randint(1, 8)):
        words: list[str] = []
        for _ in range(chance.randint(1, 9)):
            sentence = chance.choices(FILLERS, k=chance.choice([1, 3, 8, 15, 25, 40]))
            for _ in range(chance.choice([0, 1, 1, 2, 5])):
                sentence.insert(chance.randint(0, len(sentence)), chance.choice(WORDS))
            sentence[0] = chance.choice([sentence[0].capitalize(), sentence[0]])
            words += sentence
            words[-1] += chance.choice([".", ".", "!", "?", "…", ".»", ".)", ":", ""])
        lines, line, width = [], "", chance.choice([30, 60, 72, 109, 110, 111, 112, 100_000])
        for word in words:
            if len(line) + len(word) > width:
                lines.append(line.rstrip())
                line = ""
            line += word + chance.choice([" "] * 30 + ["  ", "\t", ""])
        paragraphs.append(
            chance.choice(["", "", "# ", "- ", "1. "]) + chance.choice(["\n", "\r\n"]).join([*lines, line])
        )
    return chance.choice(["\n", "\n\n", "\f"]).join(paragraphs)


def run_of_words(chance: random.Random, text: str) -> list[set[str]]:
    """A phrase: words as they stand side by side, or with others in their places."""
    found = [word_form(raw) for raw in WORD.findall(text)] or ["слово"]
    start = chance.randrange(len(found))
    return [{form, chance.choice(forms)} for form in found[start : start + chance.choice([1, 2, 2, 3, 5])]]


@settings(max_examples=examples(200))
@given(st.integers(0, 1 << 32))
def test_prose(seed: int) -> None:
    chance = random.Random(seed)
    terms = {form: number % 4 for number, form in enumerate(chance.sample(forms, 6))}
    query = {**PLAIN, "terms": terms, "weights": {number: chance.choice([1.0, 1.0, 2.5]) for number in range(4)}}
    shown = [prose(chance) for _ in range(3)]
    query["phrases"] = [run_of_words(chance, text) for text in shown[: chance.choice([0, 0, 1, 2])]]
    if query["phrases"] and chance.randrange(2):
        query["terms"] = {}
    same(query, shown, shown[0][:20], chance.choice([1, 3, 9]), chance.choice([40, 120, 200]), Absent(0, 0))


@pytest.mark.parametrize("seed", range(6))
def test_long_texts(seed: int) -> None:
    """Of several chunks, with a word everywhere and others here and there, some of them at the borders of chunks."""
    chance = random.Random(seed)
    parts = []
    for _ in range(chance.choice([300, 6_000, 20_000])):
        common = chance.choices(["и", "the", "find", "Ёлка"], [40, 30, 3, 0.2 * seed])[0]
        parts.append(chance.choice([common, *WORDS[:4], "слово", "длинноеслово", *MARKS[:6]]))
        parts.append(chance.choice(SPACES))
    text = "".join(parts)
    terms = {"и": 0, "the": 1, "find": 2, "елка": 3, "ёлка": 3, "вакцина": 4, "слово": 5}
    for number, asked in enumerate((terms, {"и": 0, "слово": 1}, {"the": 0}, dict.fromkeys(forms[:30], 0))):
        query = {**PLAIN, "terms": asked, "stand_ins": {0: ["вакцинация"]}, "weights": {0: 0.1 * number, 3: 4.0}}
        same(query, [text, text[::-1], text + " find"], "", 3, 200, Absent(0, 0))


def test_more_words_than_bits_of_a_number() -> None:
    letters = "абвгдежзиклмнопрстуфхцчшэюя"
    names = [f"{one}{other}{one}" for one in letters for other in letters]
    for count in (63, 64, 65, 127, 128, 129, 300):
        terms = {name: number for number, name in enumerate(names[:count])}
        text = ". ".join(" ".join(random.Random(count).sample(names, 8)).capitalize() for _ in range(60))
        query = {**PLAIN, "terms": terms, "weights": {number: 1.0 + number % 7 for number in range(count)}}
        fast, plain = highlighter(query, 3, 100), highlighter(query, 3, 100, by_core=False)
        assert (fast._core is not None) == (count <= 128)
        given = (
            [text, names[0], names[count - 1] * 2],
            ["", "", ""],
            [Absent(0, 0), Absent(1, 0), Absent(1 << count - 1, 0)],
        )
        assert fast.of_hits(*given) == plain.of_hits(*given)


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """An index of the words, in two segments that share some of them."""
    directory = tmp_path_factory.mktemp("index")
    with Writer(directory) as writer:
        for part in (WORDS[::2], WORDS[1::2] + WORDS[:9]):
            for number, word in enumerate(part):
                writer.add(Document(f"{part[0]}-{number}", f"{word} вакцинация вакцинами vaccination finds"))
            writer.commit()
    return Collection(open_generation(directory))


@settings(max_examples=examples(400))
@given(
    st.lists(st.lists(st.sampled_from(forms), min_size=1, max_size=3), min_size=1, max_size=9, unique_by=tuple),
    st.lists(st.sampled_from(["word", "word", "group", "phrase"]), min_size=9, max_size=9),
    st.integers(0, 1 << 32),
    texts,
)
def test_words_as_the_core_has_them(
    indexed: Collection, asked: list[list[str]], kinds: list[str], seed: int, text: str
) -> None:
    """Words, phrases, and words of which any will do are looked for without their forms in Python, and found as with them."""
    chance, core_words = random.Random(seed), core_words_of(indexed, RankingParameters())
    assert core_words is not None
    terms: dict[str, int] = {}
    words: list[Any] = []
    phrases: list[Any] = []
    forms_of_phrases: list[list[set[str]]] = []
    stand_ins: dict[int, Any] = {}
    for row, kind in zip(asked, kinds, strict=False):
        known = [known for form in row if (known := indexed.known_form(form)) is not None]
        if len(known) < len(row):
            continue
        parts = [term_of_keys(form, *each) for form, each in zip(row, known, strict=True)]
        forms_of = [
            [segment.forms[n] for segment in indexed.segments for n in term.forms(segment).tolist()] for term in parts
        ]
        if kind == "phrase":
            phrases.append(tuple(map(core_words.word, parts)))
            forms_of_phrases.append([set(each) for each in forms_of])
            continue
        number = len(words)
        if kind == "word":
            del parts[1:], forms_of[1:]
            words.append(core_words.word(parts[0]))
            stand_ins[number] = lambda stem=known[0][1]: [
                segment.forms[n] for segment in indexed.segments for n in segment.forms_of_stem(stem)
            ]
        else:
            words.append(tuple(map(core_words.word, parts)))
        for form in (form for each in forms_of for form in each):
            terms.setdefault(form, number)
    weights = {number: chance.choice([0.5, 1.0, 2.7]) for number in range(len(words))}
    make = partial(Finder, terms, forms_of_phrases, weights, stand_ins=stand_ins)
    bits = {number: 1 << number for number in weights}
    finder = FinderOfWords(make, tuple(words), tuple(phrases), list(weights.values()), bits)
    if not words and not phrases:
        return
    most, chars = chance.choice([1, 3]), chance.choice([20, 200])
    try:
        fast = Highlighter(finder, max_snippets=most, max_chars=chars)
    except NotImplementedError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "is_used", False)
        plain = Highlighter(make(), max_snippets=most, max_chars=chars)
    assert fast._core is not None and plain._core is None
    assert (finder.bits, finder.weights) == (plain.finder.bits, plain.finder.weights)
    row = " ".join(chance.choice(asked))
    shown = [
        text,
        f"{row} {prose(chance)} {row}",
        f"{text.upper()}\n{row}. {prose(chance)}",
        f"{row}, " * 30 + prose(chance),
    ]
    titles = [text[:30], row, " ".join(chance.choices(WORDS, k=5)), f"{row.upper()} {'слово ' * 12}{row} {row}"]
    absent = [Absent(0, 0), Absent(1, 1), Absent(2, 0), Absent(0, 0)]
    assert fast.of_hits(shown, titles, absent) == plain.of_hits(shown, titles, absent)


def of_collection(indexed: Collection, words: list[Any], phrases: list[Any], make: Any) -> Highlighter:
    """What the core shows of words and phrases of single words, and of what it may ask a finder."""
    core_words = core_words_of(indexed, RankingParameters())
    assert core_words is not None
    of_core = tuple(map(core_words.word, words)), tuple([(core_words.word(term),) for term in phrases])
    shown = Highlighter(
        FinderOfWords(make, *of_core, [1.0] * len(words), {number: 1 << number for number in range(len(words))})
    )
    assert shown._core is not None
    return shown


def test_the_first_places_count_whichever_form_they_have(indexed: Collection) -> None:
    """The places of one form do not take the room of those of another that stand farther up, in whatever order the forms come."""
    keys = indexed.known_form("МИДом")
    assert keys is not None
    term = term_of_keys("МИДом", *keys)
    own = ["МИД", "МИДа", "МИДом"]
    assert {segment.forms[n] for segment in indexed.segments for n in term.forms(segment).tolist()} == set(own)
    text = f"{'МИДа, ' * 30}{'слово ' * 60}. МИД там. {'Слово ' * 60}. С МИДом."
    asked: list[Any] = [{"phrases": [[set(own)]], "terms": {}}]
    for order in (own, own[::-1]):
        asked.append({"terms": dict.fromkeys(order, 0)})
        asked.append({"terms": {"find": 0}, "stand_ins": {0: order}})
    lighters = [
        highlighter({**PLAIN, **query}, 3, 200, by_core=by_core) for query in asked for by_core in (True, False)
    ]
    for words, phrases in ([term], []), ([], [term]):
        lighters.append(of_collection(indexed, words, phrases, lambda: Finder({}, [[set(own)]])))
    for lighter in lighters:
        (shown,) = lighter.snippets(text)
        assert (shown.text[:4], len(shown.marks)) == ("МИДа", 30)


@pytest.mark.parametrize("behind", ["", " ИМx", f" {'слово ' * 9}ИМx"])
def test_a_capital_that_folds_to_two_letters_is_marked(behind: str) -> None:
    """Whatever stands behind it, and whether or not another spelling that hides words has the passage read word by word."""
    query = {**PLAIN, "terms": {"i̇stanbul": 0, "find": 1}}
    text = f"{'find, ' * 30}find İstanbul.{behind}"
    for by_core in (True, False):
        lighter = highlighter(query, 3, 200, by_core=by_core)
        assert [text for snippet in lighter.snippets(text) for text in marked(snippet) if text != "find"] == [
            "İstanbul"
        ]
        assert lighter.of_hits([text], ["İstanbul"])[0][1] == ((0, 8),)


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


def test_short_stand_ins_count_once(indexed: Collection) -> None:
    """The core looked for those behind a blank twice, so that half as many were enough."""
    term = term_of_keys("find", ("find",), "им")
    text = f"{'им, ' * 13}{'слово ' * 9_000}. Дано им."
    make = partial(Finder, {"find": 0}, stand_ins={0: lambda: ["им", "ИМ"]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "is_used", False)
        plain = Highlighter(make())
    assert plain._core is None
    fast = of_collection(indexed, [term], [], make)
    assert fast.of_hits([text], [""]) == plain.of_hits([text], [""])
    assert [len(snippet.marks) for snippet in fast.snippets(text)] == [13, 1]


def test_words_that_only_python_can_look_for(indexed: Collection) -> None:
    core_words = core_words_of(indexed, RankingParameters())
    assert core_words is not None

    def word(form: str) -> Any:
        known = indexed.known_form(form)
        assert known is not None
        return core_words.word(term_of_keys(form, *known))

    def made(words: tuple[Any, ...], phrases: tuple[Any, ...]) -> Highlighter:
        idfs = [1.0] * len(words)
        finder = FinderOfWords(lambda: Finder({}), words, phrases, idfs, {})
        return Highlighter(finder)

    find, folded, phrase = word("find"), word("c++"), core_words.core.phrase((word("find"), word("of")), 0)
    for words, phrases in (
        ((folded,), ()),
        (((find, folded),), ()),
        ((), ((find, folded),)),
        ((phrase,), ()),
        ((), ((phrase,),)),
        ((), ((find,) * 65,) * 2),
        (((find,), (find,)), ()),  # the second has no forms left
    ):
        with pytest.raises(NotImplementedError):
            made(words, phrases)
    for words, phrases in (
        ((1,), ()),
        ((), (1,)),
        ((), ((),)),
        (((),), ()),
        (((find, 1),), ()),
        ((), ((1, find),)),
    ):
        with pytest.raises(TypeError):
            made(words, phrases)
    for words, phrases in (((find, find), ()), ((), ((find,) * 64,) * 2), ((find,), ((find, find),))):
        assert made(words, phrases)._core is not None


@pytest.mark.parametrize("seed", range(4))
def test_many_frequent_words(seed: int) -> None:
    """Of which only some places are looked for, and then all in what is shown."""
    chance = random.Random(seed)
    letters = "абвгдежзиклмн" if seed % 2 else "abcdefghijklm"
    names = [
        f"{one}{other}{one}ток" if seed % 2 else f"{one}{other}{one}tok" for one in letters for other in letters[:5]
    ]
    shown = []
    for _ in range(3):
        found = chance.choices([name.capitalize() if chance.randrange(9) == 0 else name for name in names], k=3_000)
        for place in range(9, len(found), 10):
            found[place] += chance.choice([".", ".", ",", "\n", "\n\n", "\u0301", "Σ." if seed == 3 else "!"])
        shown.append(" ".join(found))
    terms = {name: number for number, name in enumerate(names[:60])}
    terms["nowhere"] = 60
    query = {**PLAIN, "terms": terms, "stand_ins": {60: names[60:], 3: names[61:]}}
    for title in ("", f"{names[1]} {names[62]}", f"{names[60]} {names[62]}".upper(), f"{names[60]} v\u0430ccine"):
        same(query, shown, title, 3, 200, Absent(0, 0))


def test_arguments_that_make_no_sense() -> None:
    from naidi._core import Highlighter as Core
    from naidi._core import RecordMaker, SentenceRules

    searched: Any = (
        ((1, [("find", 0, 0)], [("find", 0, 0)]),),
        (),
        ({}, lambda *given: None, None, frozenset()),
        lambda *given: None,
        0,
        lambda answer: None,
    )
    asked: Any = (lambda *given: [], WORD.match, lambda piece: False, SentenceRules({}), RecordMaker(Snippet))
    choice: Any = ((1.0,), 0.1, 200, 3)
    made = Core(searched, asked, choice)
    assert made.snippets("find", "", 0, 0, None) == (0, [0, True], ())  # a matcher that knows no word
    matchers: list[Any] = [
        (),
        [],
        ([], print, None, set()),
        ({}, 1, None, set()),
        ({}, print, 1, set()),
        ({}, print, {}, {}),
    ]
    wrong: list[tuple[Any, Any, Any]] = [
        ((), asked, choice),
        (((1,), *searched[1:]), asked, choice),
        ((((1, [1], []),), *searched[1:]), asked, choice),
        ((((1, [("", 0, 0)], []),), *searched[1:]), asked, choice),
        ((((1, [("a", 2, 0)], []),), *searched[1:]), asked, choice),
        ((((1, [("a", 0, -1)], []),), *searched[1:]), asked, choice),
        *[((*searched[:2], matcher, *searched[3:]), asked, choice) for matcher in matchers],
        ((searched[0], (1,), *searched[2:]), asked, choice),
        ((searched[0], ((("find",), 0, []),), *searched[2:]), asked, ((1.0,) * 2, *choice[1:])),
        ((searched[0], (((frozenset({"find"}),), 1, []),), *searched[2:]), asked, ((1.0,) * 2, *choice[1:])),
        ((searched[0], (((frozenset({"find"}),), 0, [1]),), *searched[2:]), asked, ((1.0,) * 2, *choice[1:])),
        ((*searched[:4], "1", searched[5]), asked, choice),
        (searched, (*asked[:3], None, asked[4]), choice),
        (searched, (*asked[:4], None), choice),
        (searched, (*asked[:4], RecordMaker(Facet)), choice),
        (searched, asked, ((1.0,) * 129, 0.1, 200, 3)),
        (searched, asked, (("1",), 0.1, 200, 3)),
        (searched, asked, ((1.0,), 0.1, 2, 3)),
        (searched, asked, ((1.0,), 0.1, 200, 0)),
    ]
    for parts in wrong:
        with pytest.raises((TypeError, ValueError, OverflowError)):
            Core(*parts)
    for words, phrases, functions in (
        (searched[0], (), (str, str)),
        ((1,), (), (str, str)),
        ((), ((),), (str, str)),
        ((), (), (str, str, str)),
    ):
        with pytest.raises((TypeError, ValueError)):
            Core((words, phrases, functions, *searched[3:]), asked, ((1.0,), *choice[1:]))
    texts_given: list[tuple[Any, ...]] = [
        (1, "", 0, 0, None),
        ("a", 1, 0, 0, None),
        ("a", "", "1", 0, None),
        ("a", "", 0, None, None),
        ("a", "", 0, 0),
    ]
    for text_given in texts_given:
        with pytest.raises((TypeError, ValueError, OverflowError)):
            made.snippets(*text_given)


def test_what_python_raises_is_passed_on() -> None:
    from naidi._core import Highlighter as Core
    from naidi._core import RecordMaker, SentenceRules

    def fail(*given: object) -> Any:
        raise ZeroDivisionError

    needles = [("find", 0, 0)]
    known: Any = {"find": ("find", 1), "Find": ("find", -1)}
    for text, searched_known, stand_ins in (
        ("find#", known, 0),  # asks what a word is
        ("Find it", known, 0),  # in a headline, perhaps
        ("find v\u0430ccine", known, 0),  # may hide words
        ("find ř", known, 0),
        ("lacks it", known, 1),  # has it stand-ins?
    ):
        made = Core(
            ((((1, needles, needles),)), (), (searched_known, fail, None, frozenset()), fail, stand_ins, fail),
            (fail, fail, fail, SentenceRules({}), RecordMaker(Snippet)),
            ((1.0,), 0.1, 200, 3),
        )
        with pytest.raises(ZeroDivisionError):
            made.snippets(text, "", 0, 0, None)
    wrong: Any
    for wrong in (1, "ab", [("find",)], (1, 2, 3)):
        made = Core(
            ((((1, needles, needles),)), (), ({"find": wrong}, fail, None, frozenset()), fail, 0, fail),
            (fail, fail, fail, SentenceRules({}), RecordMaker(Snippet)),
            ((1.0,), 0.1, 200, 3),
        )
        with pytest.raises(TypeError):
            made.snippets("find", "", 0, 0, None)


def test_what_python_raises_of_words_is_passed_on(indexed: Collection) -> None:
    from naidi._core import Highlighter as Core
    from naidi._core import RecordMaker, SentenceRules

    def fail(*given: object) -> Any:
        raise ZeroDivisionError

    core_words, known = core_words_of(indexed, RankingParameters()), indexed.known_form("find")
    assert core_words is not None and known is not None
    word = core_words.word(term_of_keys("find", *known))
    functions: Any
    for functions, text, raised in (
        ((fail, fail), "FIND it", ZeroDivisionError),
        ((fail, fail), "FINDs it", ZeroDivisionError),
        ((lambda raw: 1, fail), "FINDs it", TypeError),
        ((lambda raw: raw, fail), "FIND it", ZeroDivisionError),
        ((lambda raw: raw, lambda text, start: True), "FIND it", None),
        ((lambda raw: "x" * 99, fail), "FINDs it", None),
    ):
        made = Core(
            ((word,), (), functions, fail, 0, fail),
            (fail, WORD.match, may_hide_words, SentenceRules({}), RecordMaker(Snippet)),
            ((1.0,), 0.1, 200, 3),
        )
        if raised is None:
            assert made.snippets(text, "", 0, 1, None) is not None
        else:
            with pytest.raises(raised):
                made.snippets(text, "", 0, 1, None)


def test_places_in_a_text_that_make_no_sense() -> None:
    fast = highlighter(PLAIN, 3, 200)
    assert fast._core is not None
    for wrong in (1, "text"):
        with pytest.raises(AttributeError):
            fast._core.snippets("find", "", 0, 0, wrong)  # type: ignore[arg-type]
    for place in (None, 1, (), (1, 2)):
        stub: Any = type("Stub", (), {"of": lambda *_, place=place: place})()
        with pytest.raises(TypeError):
            fast._core.snippets("find", "", 0, 0, stub)


def test_records_as_the_core_makes_them() -> None:
    from naidi._core import RecordMaker

    values = ("Find it", ((0, 4),), 7, 2, None)
    made = RecordMaker(Snippet)(*values)
    assert made == Snippet(*values) and type(made) is Snippet and hash(made) == hash(Snippet(*values))
    assert repr(made) == repr(Snippet(*values)) and pickle.loads(pickle.dumps(made)) == made
    with pytest.raises(FrozenInstanceError):
        made.line = 1  # type: ignore[misc]
    for other_values in ((), values[:4], (*values, 1)):
        with pytest.raises(TypeError):
            RecordMaker(Snippet)(*other_values)
    with pytest.raises(TypeError):
        RecordMaker(Snippet)(*values[:4], page=None)  # type: ignore[call-arg]

    class Slots:
        __slots__ = ("a",)
        __match_args__ = ("a",)

    class Wrong(Slots):
        __match_args__ = ("b",)

    class NoTuple(Slots):
        __match_args__: ClassVar[Any] = ["a"]

    class Ready(Slots):
        def __post_init__(self) -> None:
            pass

    class Shadowed(Slots):
        a = 1  # type: ignore[assignment]

    RecordMaker(Slots)
    cls: Any
    for cls in (Wrong, NoTuple, Ready, Shadowed, int, str, tuple, type, object, 1, Snippet.__init__):
        with pytest.raises((TypeError, AttributeError)):
            RecordMaker(cls)


@pytest.mark.parametrize("word", ["вакцина", "Ёлка", "12", "и", "a", "straße", ".NET", "find", "c++", "о'кей", "𐐀bc"])
def test_words_at_each_place(word: str) -> None:
    """The core looks through texts by blocks. Words begin and end at each place of one, beside marks that are no letters."""
    (form,) = {word_form(raw) for raw in WORD.findall(word)}
    query = {**PLAIN, "terms": {form: 0, "конец": 1}}
    for filler in ("аб вг; де", "ab «cd» — ef", "ab cd, ef", "аб «вг» — де", "аб\u0301 ж", "éa b\xa0d", "12 3", "𐐀 а"):
        before = filler * 20
        shown = [f"{before[-start:] if start else ''}{word} {before} конец {before}{word}" for start in range(70)]
        shown += [f"{before[-start:]}{word}" for start in (63, 64, 65, 127, 128, 129)]
        same(query, shown, "", 3, 60, Absent(0, 0))
        long = [f"{before * 300}"[: 32_768 - start] + f" {word} {before}" for start in range(8)]
        same(query, long, "", 3, 60, Absent(0, 0))
