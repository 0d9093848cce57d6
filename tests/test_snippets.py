"""Which passages are shown, and what is marked in them."""

from __future__ import annotations

import html
import re
import time
from functools import reduce
from itertools import pairwise
from operator import or_
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import naidi.search.snippets.finder
from naidi import Document, Writer, open_index
from naidi.indexer.analysis.tokenizer import WORD, lower_headlines, word_form
from naidi.indexer.errors import InvalidQuery
from naidi.search.results import Snippet
from naidi.search.snippets import passages
from naidi.search.snippets.finder import Absent, Finder
from naidi.search.snippets.highlighter import MIN_CHARS, Highlighter, make_snippets, mark


def shown(text: str, query: str, **options) -> list[str]:
    """The snippets with [found words]. `query`: the forms of a word joined by /, the words by blanks."""
    terms = {form: number for number, forms in enumerate(query.split()) for form in forms.split("/")}
    return [with_brackets(snippet) for snippet in make_snippets(text, terms, **options)]


def with_brackets(snippet: Snippet) -> str:
    return re.sub("</?b>", lambda tag: "]" if "/" in tag[0] else "[", html.unescape(snippet.html("b")))


def phrase(text: str) -> list[set[str]]:
    return [set(forms.split("/")) for forms in text.split()]


# -- what is marked

MARKED = """
# the word is marked in the form in which it stands
вакцина/вакцинами     | Привиты вакцинами всех стран.          | Привиты [вакцинами] всех стран.
вакцинами             | ВАКЦИНАМИ Вакцинами вакцинам.          | [ВАКЦИНАМИ] [Вакцинами] вакцинам.
meet/met              | They met. We meet, they meeting.       | They [met]. We [meet], they meeting.
# whole words only
кот                   | Который кот? Скот и кот.               | Который [кот]? Скот и [кот].
in                    | in-vitro within in, inn                | [in]-vitro within [in], inn
# ё is not folded in forms
ёлка/елка             | Ёлка, елка и ёлки.                     | [Ёлка], [елка] и ёлки.
# an abbreviation is not the word of the same letters
ВОЗ                   | ВОЗ везёт воз.                         | [ВОЗ] везёт воз.
воз                   | ВОЗ везёт воз.                         | ВОЗ везёт [воз].
воз/ВОЗ               | ВОЗ везёт воз.                         | [ВОЗ] везёт [воз].
# but in a headline it is nothing special, as in the index
воз                   | УЧЁНЫЕ УВИДЕЛИ ВОЗ СЕНА                | УЧЁНЫЕ УВИДЕЛИ [ВОЗ] СЕНА
# apostrophes belong to the word, straight or not
o'neill               | O’Neill met O'Neill, neill o.          | [O’Neill] met [O'Neill], neill o.
don                   | Don't, Don.                            | Don't, [Don].
т                     | l'т т                                  | l'т [т]
# hyphens and points part words
qazcovac p            | QazCoVac-P                             | [QazCoVac]-[P]
75 4                  | на 75,4 процента                       | на [75],[4] процента
# several scripts
straße/strasse        | Die Straße.                            | Die [Straße].
i̇stanbul             | Merkez: İstanbul.                      | Merkez: [İstanbul].
οδος/οδοσ             | Η ΟΔΟΣ                                 | Η [ΟΔΟΣ]
東京                  | 東京 2021                              | [東京] 2021
"""


def table(text: str) -> list[tuple[str, ...]]:
    rows = [line for line in text.strip().splitlines() if line and not line.startswith("#")]
    return [tuple(cell.strip() for cell in row.split("|")) for row in rows]


@pytest.mark.parametrize(("query", "text", "expected"), table(MARKED))
def test_words_are_marked(query: str, text: str, expected: str) -> None:
    assert shown(text, query) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("вак\u00adци\u00adнами", "[вак\u00adци\u00adнами]"),
        ("вакцинами\u00ad да", "[вакцинами\u00ad] да"),
        ("вакци\u0301нами", "[вакци\u0301нами]"),
        ("ва\u0301кцинами", "[ва\u0301кцинами]"),
        ("вaкцинaми", "[вaкцинaми]"),  # Latin a
        ("Bакцинами", "[Bакцинами]"),  # Latin B
        ("Нам ва\u200bкцинами да", "Нам [ва\u200bкцинами] да"),
    ],
)
def test_hidden_spellings_are_found_and_marked(text: str, expected: str) -> None:
    assert shown(text, "вакцинами") == [expected]
    filler = "Слова без дела. " * 2_000
    assert expected in " ".join(shown(f"{filler}{text}. {filler}", "вакцинами"))


def test_a_hidden_spelling_beside_a_plain_one_is_marked() -> None:
    assert shown("Город, го\u0301род и горoд.", "город") == ["[Город], [го\u0301род] и [горoд]."]


def test_decomposed_letters_are_found() -> None:
    assert shown("Это и\u0306од.", "йод") == ["Это [и\u0306од]."]
    assert shown("Это е\u0308ж.", "ёж") == ["Это [е\u0308ж]."]


def test_marks_of_a_title() -> None:
    assert mark("Вакцины: вакцин нет", {"вакцины": 0, "вакцин": 0}) == ((0, 7), (9, 15))
    assert mark("ВАКЦИНЫ И ВОЗ СЕНА", {"воз": 0}) == ((10, 13),)
    assert mark("", {"воз": 0}) == ()
    assert mark("Вакцины", {}) == ()
    assert mark("New York, new city", {}, phrases=[phrase("new york")]) == ((0, 3), (4, 8))


# -- phrases


def test_a_word_of_a_phrase_counts_only_in_the_phrase() -> None:
    text = "Банк закрыт. Мировой кризис. Всемирный банк открыт. Всемирный, добрый банк."
    found = make_snippets(text, {}, phrases=[phrase("всемирный/всемирного банк/банка")], max_chars=30)
    assert [with_brackets(snippet) for snippet in found] == ["[Всемирный] [банк] открыт."]


def test_a_word_of_the_query_counts_beside_the_phrase() -> None:
    text = "Банк закрыт. Всемирный банк открыт."
    found = make_snippets(text, {"банк": 0}, phrases=[phrase("всемирный банк")])
    assert [with_brackets(snippet) for snippet in found] == ["[Банк] закрыт. [Всемирный] [банк] открыт."]


def test_a_phrase_crosses_punctuation_and_lines_but_no_word() -> None:
    phrases = [phrase("red fox")]
    assert mark("red-fox red,\n«fox» red old fox red2fox", {}, phrases) == ((0, 3), (4, 7), (8, 11), (14, 17))


def test_the_same_word_twice_in_a_phrase() -> None:
    assert mark("to be or not to be to", {}, [phrase("to be or not to be")]) == (
        (0, 2), (3, 5), (6, 8), (9, 12), (13, 15), (16, 18),
    )  # fmt: skip


def test_places_of_the_phrase_come_first() -> None:
    text = "Банк один. " * 30 + "Слово там и тут. " * 20 + "Хотел Всемирный банк." + " Всемирный. Банк." * 5
    found = make_snippets(text, {"всемирный": 0, "банк": 1}, phrases=[phrase("всемирный банк")], max_snippets=1)
    assert "[Всемирный] [банк]" in with_brackets(found[0])


def test_a_phrase_that_begins_inside_a_near_miss_is_found_in_a_long_text() -> None:
    # The scan's pattern looks at two words: "go go" must not hide "go on".
    text = "Go go on now.\n\n" + "Word after word. " * 1_000
    found = make_snippets(text, {}, phrases=[phrase("go/stop go/on now")])
    assert [with_brackets(snippet) for snippet in found] == ["Go [go] [on] [now]."]


def test_a_phrase_far_down_a_long_text_is_found() -> None:
    text = "There is a king of England. " * 4_000 + "The end of the story came.\n\n" + "Of all the rest. " * 4_000
    found = make_snippets(text, {}, phrases=[phrase("of the story")])
    assert "The end [of] [the] [story] came." in with_brackets(found[0])
    assert len(found) == 1


def test_a_phrase_in_a_hidden_spelling_far_down_is_found() -> None:
    text = "Мировой кризис и банк. " * 1_000 + "\n\nМи\u0301ровой банк.\n\n" + "Банк один. " * 1_000
    found = make_snippets(text, {}, phrases=[phrase("мировой банк")])
    assert [with_brackets(snippet) for snippet in found] == ["[Ми\u0301ровой] [банк]."]


# -- which passages


def test_distinct_words_before_repeats() -> None:
    text = "Cat cat cat cat is here by day.\n\nDog dog is there by night.\n\nOnce a cat met a dog by chance."
    assert shown(text, "cat dog", max_snippets=1) == ["Once a [cat] met a [dog] by chance."]


def test_words_not_shown_yet_before_those_shown() -> None:
    text = "A cat and a dog.\n\nA cat and a dog again.\n\nA fox alone."
    assert shown(text, "cat dog fox", max_snippets=2) == ["A [cat] and a [dog].", "A [fox] alone."]


def test_weights_tell_which_words_matter() -> None:
    text = "The of the of.\n\nA rare pangolin."
    terms = {"the": 0, "of": 1, "pangolin": 2}
    first = make_snippets(text, terms, weights={0: 0.1, 1: 0.1, 2: 5.0}, max_snippets=1)
    assert with_brackets(first[0]) == "A rare [pangolin]."


def test_earlier_text_on_ties_and_text_order() -> None:
    text = "\n\n".join(f"Here is cat number {number}." for number in ["one", "two", "three", "four", "five"])
    assert shown(text, "cat") == [f"Here is [cat] number {number}." for number in ("one", "two", "three")]
    assert shown("Last is a cat.\n\nFirst a fox.\n\nCat with a fox.", "cat fox", max_snippets=3) == [
        "Last is a [cat].",
        "First a [fox].",
        "[Cat] with a [fox].",
    ]


def test_words_side_by_side_before_words_apart() -> None:
    text = "The bank of the old world is wide.\n\nThe world bank is here."
    assert shown(text, "world bank", max_snippets=1) == ["The [world] [bank] is here."]


def test_the_same_passage_is_shown_once() -> None:
    text = "\n\n".join(["Page header with a cat."] * 5 + ["Another cat is here."])
    assert shown(text, "cat") == ["Page header with a [cat].", "Another [cat] is here."]


def test_passages_that_look_the_same_once_they_are_cut_are_shown_once() -> None:
    assert shown("! Б''XXXXXXXXXXXXXXXXX! Б…", "б", max_chars=20) == ["[Б]…"]


def test_a_text_that_repeats_itself_is_not_looked_at_place_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = 1_500
    looks = 0
    real = passages.Picker._passage

    def counted(self: passages.Picker, first: int, last: int) -> passages.Passage:
        nonlocal looks
        looks += 1
        return real(self, first, last)

    monkeypatch.setattr(passages.Picker, "_passage", counted)
    with naidi.Writer(tmp_path / "index") as writer:
        writer.add(naidi.Document(id="a", text="a-" * places))
    with naidi.open_index(tmp_path / "index") as searcher:
        (hit,) = searcher.search("a." * 1000)
    assert 1 <= len(hit.snippets) <= 3 and looks < places / 10


def test_neighbouring_sentences_are_one_snippet_if_they_fit() -> None:
    assert shown("A cat came. A dog went. Nothing more was seen of them.", "cat dog", max_chars=40) == [
        "A [cat] came. A [dog] went."
    ]


def test_a_sentence_that_says_little_takes_its_neighbour() -> None:
    text = "Yes, cat. It lives in the house by the river with all the others of its kind."
    assert shown(text, "cat") == ["Yes, [cat]. It lives in the house by the river with all the others of its kind."]
    assert shown(text, "cat", max_chars=40) == ["Yes, [cat]."]
    assert shown("Yes, cat.\n\nIt lives in a house.", "cat") == ["Yes, [cat]."]


def test_a_long_sentence_is_cut_at_words_around_the_densest_place() -> None:
    text = "alpha " * 30 + "cat " + "beta " * 30 + "near the cat, the dog sat; " + "gamma " * 30
    [snippet] = shown(text.strip(), "cat dog", max_chars=60, max_snippets=1)
    assert snippet == "…beta beta near the [cat], the [dog] sat; gamma gamma gamma…"


# Before the word, behind it: as many short words; what is shown of them in 40 characters.
CUTS = """
0  | 30 | [cat] bb bb bb bb bb bb bb bb bb bb bb bb…
5  | 30 | aa aa aa aa aa [cat] bb bb bb bb bb bb bb…
8  | 30 | aa aa aa aa aa aa aa aa [cat] bb bb bb bb…
9  | 30 | aa aa aa aa aa aa aa aa aa [cat] bb bb bb…
10 | 30 | …aa aa aa aa aa [cat] bb bb bb bb bb bb…
30 | 30 | …aa aa aa aa aa [cat] bb bb bb bb bb bb…
30 | 10 | …aa aa aa aa aa [cat] bb bb bb bb bb bb…
30 | 9  | …aa aa aa [cat] bb bb bb bb bb bb bb bb bb
30 | 5  | …aa aa aa aa aa aa aa [cat] bb bb bb bb bb
30 | 0  | …aa aa aa aa aa aa aa aa aa aa aa aa [cat]
"""


@pytest.mark.parametrize(("before", "behind", "expected"), table(CUTS))
def test_the_beginning_and_the_end_are_kept_if_three_quarters_reach_them(
    before: str, behind: str, expected: str
) -> None:
    text = " ".join(["aa"] * int(before) + ["cat"] + ["bb"] * int(behind))
    assert shown(text, "cat", max_chars=40) == [expected]


def test_several_windows_of_one_long_sentence_do_not_overlap() -> None:
    text = " ".join(["cat"] + ["alpha"] * 30 + ["dog"] + ["beta"] * 30 + ["fox"])
    assert shown(text, "cat dog fox", max_chars=40) == [
        "[cat] alpha alpha alpha alpha alpha alpha…",
        "…alpha alpha [dog] beta beta beta…",
        "…beta beta beta beta beta beta beta [fox]",
    ]


def test_windows_close_to_each_other_share_what_is_between_them() -> None:
    text = "a " * 20 + "cat b c d e f g h i dog " + "z " * 20
    assert shown(text, "cat dog", max_chars=24) == ["…a a a a [cat] b c d e f…", "…g h i [dog] z z z z z z…"]


def test_a_neighbour_is_whole_or_not_there() -> None:
    assert shown("Yes, cat. The end is not" + " " * 400 + "near.", "cat") == ["Yes, [cat]."]


def test_white_space_is_folded_and_marks_follow() -> None:
    text = "A   big\n\tcat\u00a0\u00a0sat  on\u2003the mat\r\nwith a  dog."
    assert shown(text, "cat dog") == ["A big [cat] sat on the mat with a [dog]."]


def test_nothing_else_is_changed() -> None:
    text = "A \x1b[31m<b>cat</b>\x00 & «dog»\u202e."
    [snippet] = make_snippets(text, {"cat": 0})
    assert snippet.text == text
    assert snippet.html() == "A \x1b[31m&lt;b&gt;<mark>cat</mark>&lt;/b&gt;\x00 &amp; «dog»\u202e."


def test_the_beginning_where_nothing_is_found() -> None:
    text = "\n First   sentence here. Second one. " + "Third is long " * 20
    assert shown(text, "nothing") == ["First sentence here. Second one."]
    assert make_snippets(text, {}) == (Snippet("First sentence here. Second one.", start=2, line=2),)
    assert shown("word " * 100, "nothing", max_chars=32) == ["word word word word word word…"]
    assert shown("x" * 500, "nothing", max_chars=30) == ["x" * 29 + "…"]
    assert shown(" \n\t", "nothing") == []
    assert shown("", "nothing") == []


def test_a_word_longer_than_a_snippet() -> None:
    word = "а" * 250
    [snippet] = make_snippets(f"Вот {word} и всё.", {word: 0}, max_chars=50)
    assert len(snippet.text) <= 50
    assert snippet.marks and set(snippet.text[slice(*snippet.marks[0])]) == {"а"}


def test_limits() -> None:
    assert make_snippets("A cat.", {"cat": 0}, max_snippets=0) == ()
    with pytest.raises(InvalidQuery, match="-1"):
        make_snippets("A cat.", {"cat": 0}, max_snippets=-1)
    with pytest.raises(InvalidQuery, match="5"):
        make_snippets("A cat.", {"cat": 0}, max_chars=5)


def test_a_rare_word_late_in_a_long_text_is_found() -> None:
    text = "The king spoke of the war. " * 8_000 + "A pangolin spoke of it.\n\n" + "The end of the war. " * 2_000
    found = shown(text, "the of pangolin")
    assert any("A [pangolin] spoke [of] it." in snippet for snippet in found)
    assert len(found) == 3


def test_a_text_of_one_endless_word_is_no_burden() -> None:
    """Each takes about .1 seconds. The limit is for time that grows with the square of the length."""
    for text in ("а" * 200_000, "а'" * 100_000, "а\u0301" * 100_000, "а-" * 100_000, "\n" * 200_000, "а \n" * 60_000):
        start = time.thread_time()
        found = make_snippets(text, {"а": 0, "аа": 1}, phrases=[phrase("а б")])
        assert time.thread_time() - start < 3
        assert len(found) == bool(text.strip()) and all(len(snippet.text) <= 200 for snippet in found)


def test_many_forms_of_a_wildcard() -> None:
    terms = {f"{first}{second}{third}т": 0 for first in "абвгк" for second in "о" for third in "абвгдежзийкт"}
    assert "кот" not in terms and "котт" in terms
    assert with_brackets(make_snippets("Был котт и кот.", terms)[0]) == "Был [котт] и кот."


# -- properties

LETTERS = "абйёкАБВcXß'’\u0301\u0306\u00ad"
texts = st.lists(
    st.one_of(
        st.text(alphabet=LETTERS, min_size=1, max_size=6),
        st.sampled_from(
            [" ", " ", " ", "\n", "\n\n", ". ", ", ", "-", "! Б", "\t", "…", "ВОЗ", "воз", "The", "\u00a0"]
        ),
    ),
    max_size=60,
).map("".join)


plain_texts = st.lists(
    st.one_of(
        st.text(alphabet="абйёкАБВ", min_size=1, max_size=12),
        st.sampled_from([" ", " ", " ", "\n", "\n\n", ". ", ", ", "-", "! Б", "ВОЗ", "воз", "’", "'"]),
    ),
    max_size=60,
).map("".join)


def finders(text: str, draw: st.DataObject) -> Finder:
    """A query of some words of the text, single or in phrases, and of a word that is not there."""
    forms = [word_form(word) for word in WORD.findall(text)]
    pick = st.sampled_from([*forms, "нет"])
    terms = draw.draw(st.dictionaries(pick, st.integers(0, 3), max_size=4))
    phrases = []
    for _ in range(draw.draw(st.integers(0, 2))):
        size = draw.draw(st.integers(1, 3))
        start = draw.draw(st.integers(0, max(0, len(forms) - size)))
        phrases.append([{form, draw.draw(pick)} for form in forms[start : start + size] or ["нет"]])
    return Finder(terms, phrases)


def word_by_word(finder: Finder, text: str) -> list[tuple[int, int]]:
    """What `occurrences` should find, by looking at every word of the text."""
    lowered = lower_headlines(text)
    words = []
    for word in WORD.finditer(text):
        plain, headline = word_form(word[0]), word_form(lowered[word.start() : word.end()])
        words.append(
            (word.start(), word.end(), plain if plain in finder._answers or plain in finder._in_phrases else headline)
        )
    found = {(start, end) for start, end, form in words if form in finder._answers}
    for first in range(len(words)):
        for forms in finder._phrases:
            run = words[first : first + len(forms)]
            if len(run) == len(forms) and all(word[2] in each for word, each in zip(run, forms, strict=True)):
                found |= {word[:2] for word in run}
    return sorted(found)


@given(texts, st.data())
def test_every_mark_is_a_found_word_and_every_found_word_is_marked(text: str, draw: st.DataObject) -> None:
    finder = finders(text, draw)
    expected = word_by_word(finder, text)
    assert finder.marks(text, 0, len(text)) == expected
    scanned = [place[:2] for place in finder.places(text).places]
    assert set(scanned) <= set(expected)
    assert scanned == sorted(set(scanned))
    assert bool(scanned) == bool(expected)


@given(st.lists(texts, min_size=1, max_size=5), st.lists(texts, min_size=5, max_size=5), st.data())
@settings(max_examples=100)
def test_hits_together_are_shown_as_each_alone(bodies: list[str], titles: list[str], draw: st.DataObject) -> None:
    highlighter = Highlighter(finders("".join([*bodies, *titles]), draw))
    together = highlighter.of_hits(bodies, titles[: len(bodies)])
    assert together == [highlighter.of_hits([body], [title])[0] for body, title in zip(bodies, titles, strict=False)]
    untitled = highlighter.of_hits(bodies, [""] * len(bodies))
    assert [snippets for snippets, _ in untitled] == [highlighter.snippets(body) for body in bodies]
    assert [marks for _, marks in together] == [highlighter.marks(title) for title in titles[: len(bodies)]]


def test_in_a_title_a_word_that_neither_it_nor_its_text_has_may_have_stand_ins() -> None:
    finder = Finder({"дом": 0}, stand_ins={0: lambda: ["домик"]})
    both = Highlighter(finder).of_hits(["Дом.", "Мир."], ["Домик", "Домик"])
    assert [marks for _, marks in both] == [(), ((0, 5),)]


def test_words_known_to_be_absent_are_not_looked_for() -> None:
    finder = Finder({"дом": 0, "мир": 1}, stand_ins={0: lambda: ["домик"], 1: lambda: ["мирный"]})
    text = "Мирный домик."
    assert finder.places(text, Absent(0b11, 0)) == finder.places(text)
    assert [place[:2] for place in finder.places(text, Absent(0b11, 0b01)).places] == [(0, 6)]
    assert finder.places(text, Absent(0b11, 0b11)).places == []


@given(plain_texts, st.data())
@settings(max_examples=100)
def test_a_long_text_is_searched_like_a_short_one(text: str, draw: st.DataObject) -> None:
    finder = finders(text, draw)
    expected = answered(finder.places(text).places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naidi.search.snippets.finder, "CHUNK", 16)
        patch.setattr(naidi.search.snippets.finder, "PLACES", 2)
        scanned = finder.places(text).places
    assert {place[:2] for place in scanned} <= set(word_by_word(finder, text))
    assert all(left[1] <= right[0] for left, right in pairwise(scanned))
    assert answered(scanned) == expected


def answered(places: list[tuple[int, int, int]]) -> int:
    """The words and phrases that the places answer, as bits."""
    return reduce(or_, (mask for _, _, mask in places), 0)


@pytest.mark.parametrize("length", [MIN_CHARS - 1, MIN_CHARS, MIN_CHARS + 1])
def test_an_opening_as_long_as_a_snippet_may_be(length: int) -> None:
    sentence = ("word " * length)[: length - 2] + "x."
    (shown,) = make_snippets(sentence, {}, max_chars=MIN_CHARS)
    assert shown.text == sentence if length <= MIN_CHARS else shown.text.endswith("…")
    both = f"Ab. {sentence}"
    (shown,) = make_snippets(both, {}, max_chars=len(both))
    assert shown.text == both


@given(texts, st.data(), st.integers(MIN_CHARS, 90), st.integers(1, 4))
def test_snippets_are_well_formed(text: str, draw: st.DataObject, max_chars: int, max_snippets: int) -> None:
    finder = finders(text, draw)
    found = Highlighter(finder, max_snippets=max_snippets, max_chars=max_chars).snippets(text)
    assert len(found) <= max_snippets
    assert bool(found) == bool(text.strip())
    folded = " ".join(text.split())
    forms = {word_form(text[start:end]) for start, end in word_by_word(finder, text)}
    forms |= {word_form(text[start:end].lower()) for start, end in word_by_word(finder, text)}
    position = 0
    for snippet in found:
        assert 0 < len(snippet.text) <= max_chars
        assert snippet.text.split() == snippet.text.split(" ")
        assert all(start < end for start, end in snippet.marks)
        assert all(left[1] <= right[0] for left, right in pairwise(snippet.marks))
        assert not snippet.marks or snippet.marks[-1][1] <= len(snippet.text)
        for start, end in snippet.marks:
            assert end - start >= max_chars - 2 or word_form(snippet.text[start:end]) in forms
        assert html.unescape(snippet.html().replace("<mark>", "").replace("</mark>", "")) == snippet.text
        # Snippets stand in the text, in its order, without overlap.
        # An ellipsis may be the text's own; what ends first leaves most room for the next.
        begun = {snippet.text, snippet.text.removeprefix("…")}
        readings = begun | {each.removesuffix("…") for each in begun}
        ends = [folded.index(each, position) + len(each) for each in readings if each in folded[position:]]
        assert ends
        position = min(ends)
    assert bool(forms) == any(snippet.marks for snippet in found)


@given(plain_texts, st.data(), st.integers(MIN_CHARS, 90), st.integers(1, 4))
@settings(max_examples=100)
def test_in_a_snippet_every_found_word_is_marked(text: str, draw: st.DataObject, max_chars: int, most: int) -> None:
    text = " ".join(text.split())
    finder = finders(text, draw)
    found = word_by_word(finder, text)
    position = 0
    for snippet in Highlighter(finder, max_snippets=most, max_chars=max_chars).snippets(text) if found else ():
        bare = snippet.text.removeprefix("…").removesuffix("…")
        ellipsis = len(snippet.text) - len(snippet.text.removeprefix("…"))
        # The same words may stand in several places: it is one of them whose found words are all marked.
        places = [place for place in range(position, len(text)) if text.startswith(bare, place)]
        marked = [
            place for place in places if _marks_within(found, place, place + len(bare), ellipsis) == snippet.marks
        ]
        assert marked, (snippet, places)
        position = marked[0] + len(bare)


def _marks_within(found: list[tuple[int, int]], start: int, end: int, shift: int) -> tuple[tuple[int, int], ...]:
    return tuple((max(a, start) - start + shift, min(b, end) - start + shift) for a, b in found if start <= a < end)


@given(st.text(st.characters(), max_size=300), st.data())
@example("<mark>\x00\ud800&amp;</mark>", None)
def test_html_interprets_nothing(text: str, draw: st.DataObject | None) -> None:
    words = [match.span() for match in WORD.finditer(text)]
    marks = tuple(word for word in words if draw is None or draw.draw(st.booleans()))
    markup = Snippet(text, marks).html("em")
    assert markup.count("<") == markup.count(">") == 2 * len(marks)
    assert html.unescape(re.sub("</?em>", "", markup)) == text


def test_html_refuses_what_is_no_tag() -> None:
    with pytest.raises(ValueError, match="script x"):
        Snippet("a").html("script x")


# -- a hit as HTML


def test_a_hit_for_a_web_page(index: Path) -> None:
    far = " It rained." * 40
    with Writer(index) as writer:
        writer.add(Document(id="both", title="<Cats>", text=f"A <cat> slept.{far} The cats woke & went."))
        writer.add(Document(id="title", title="Cats", text=""))
        writer.add(Document(id="text", text="A cat."))
    with open_index(index) as searcher:
        hits = {hit.id: hit for hit in searcher.search("cat").hits}
        (bare,) = searcher.search("slept", snippets=0).hits
    both, title = hits["both"], hits["title"]
    assert both.title_html() == "&lt;<mark>Cats</mark>&gt;"
    assert both.html("b") == " … ".join(snippet.html("b") for snippet in both.snippets) and len(both.snippets) == 2
    assert both.html(separator="<br>").count("<br>") == 1 and "A &lt;<mark>cat</mark>&gt; slept." in both.html()
    assert title.snippets == () and title.html() == "" and title.title_html("b") == "<b>Cats</b>"
    assert bare.html() == "" and bare.title_html() == "&lt;Cats&gt;"
    for wrong in ("script x", "", "<b>"):
        for hit in hits.values():
            with pytest.raises(ValueError, match="not the name of an HTML element"):
                hit.html(wrong)
            with pytest.raises(ValueError, match="not the name of an HTML element"):
                hit.title_html(wrong)
