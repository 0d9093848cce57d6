"""How results read on a terminal and for another program."""

from __future__ import annotations

import copy
import datetime
import json
import os
import pickle
import re
import shutil
import unicodedata
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi.indexer.printable import dumps, printable
from naidi.search.explanation import Explanation, FormMatch, TermMatch
from naidi.search.results import Correction, Hit, Results, Snippet, marked_parts
from naidi.search.show.as_json import to_json, to_jsonl
from naidi.search.show.as_text import Look, render_text, summary_line
from naidi.search.show.notices import detail_lines, help_line
from naidi.search.show.terminal import display_width, terminal_size, wrap

# Lone surrogates included, which `st.text()` leaves out.
any_text = st.text(st.characters())

HIT = Hit(
    rank=1,
    id="news/who.txt",
    path="news/who.txt",
    title="Глава ВОЗ поблагодарил Казахстан",
    date=datetime.date(2021, 12, 1),
    language="ru",
    score=7.25,
    snippets=(
        Snippet("Казахстан передал вакцины соседям.", ((18, 25),)),
        Snippet("…о вакцинах и о ВОЗ говорили…", ((3, 11), (16, 19))),
    ),
    title_marks=((6, 9),),
    explanation=Explanation(
        matches=(
            TermMatch("met", "body", "lemma", (FormMatch("met", ("meet",), 1), FormMatch("meeting", ("meet", "meeting"), 2)),
                      12, 2.5, 100, 120.0, 2.0, 6.0),
            TermMatch("ВОЗ", "title", "exact", (FormMatch("ВОЗ", ("ВОЗ",), 1),), 3, 1.0, 4, 7.5, 1.0, 1.25),
        ),
        total=7.25,
    ),
)  # fmt: skip
PLAIN = Hit(rank=2, id="b", path=None, title="", date=None, language=None, score=1.0)
RESULTS = Results(query="вакцина ВОЗ", total=2, took_ms=0.84, hits=(HIT, PLAIN))


def lines(results: Results, **options) -> list[str]:
    return list(render_text(results, Look(**options)))


# -- terminal text


def test_hits_without_colour() -> None:
    assert lines(RESULTS) == [
        "1. Глава «ВОЗ» поблагодарил Казахстан",
        "   news/who.txt  2021-12-01  ru",
        "   · Казахстан передал «вакцины» соседям.",
        "   · …о «вакцинах» и о «ВОЗ» говорили…",
        "",
        "2. b",
    ]


def test_score_on_request() -> None:
    assert lines(RESULTS, show_score=True)[1] == "   news/who.txt  2021-12-01  ru  7.250"


def test_colour_marks_words_and_ends_on_every_line() -> None:
    coloured = lines(RESULTS, colour=True, marks=None)
    assert coloured[0] == "\x1b[1m1. Глава \x1b[1;31mВОЗ\x1b[0m\x1b[1m поблагодарил Казахстан\x1b[0m"
    assert coloured[2] == "   · Казахстан передал \x1b[1;31mвакцины\x1b[0m соседям.\x1b[0m"
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured]
    assert bare == [line.replace("«", "").replace("»", "") for line in lines(RESULTS)]


def test_a_mark_broken_over_lines_is_coloured_on_both() -> None:
    hit = replace(HIT, title="", path=None, snippets=(Snippet("x" * 40, ((5, 35),)),), explanation=None)
    shown = lines(Results("q", 1, 1.0, hits=(hit,)), colour=True, marks=None, width=25)[-2:]
    assert shown == [
        "   · xxxxx\x1b[1;31m" + "x" * 15 + "\x1b[0m",
        "\x1b[1;31m     " + "x" * 15 + "\x1b[0m" + "x" * 5 + "\x1b[0m",
    ]


def test_lines_fit_the_width() -> None:
    long = "Всемирная организация здравоохранения " * 5 + "世界卫生组织" * 10 + " и\u0301" * 40
    results = Results("q", 1, 1.0, hits=(replace(HIT, rank=1000, title=long, snippets=(Snippet(long),)),))
    for width in (20, 40, 80):
        for line in lines(results, width=width, explain=True):
            assert display_width(line) <= width
    assert display_width("世") == 2
    assert len(lines(results, width=80)) < len(lines(results, width=40))


def test_a_long_path_is_not_broken() -> None:
    path = "a/" * 60 + "b.txt"
    assert lines(Results("q", 1, 1.0, hits=(replace(HIT, path=path),)))[1:3] == [f"   {path}", "   2021-12-01  ru"]


@pytest.mark.parametrize(
    ("path", "cwd", "shown"),
    [
        ("/home/u/seeds/a.txt", "/home/u", "seeds/a.txt"),
        ("/home/u/seeds/a.txt", "/home/user", "/home/u/seeds/a.txt"),
        ("seeds/a.txt", "/home/u", "seeds/a.txt"),
        ("/a.txt", None, "/a.txt"),
    ],
)
def test_paths_below_the_working_folder_are_relative(path: str, cwd: str | None, shown: str) -> None:
    assert lines(Results("q", 1, 1.0, hits=(replace(HIT, path=path),)), cwd=cwd)[1] == f"   {shown}  2021-12-01  ru"


def test_nothing_from_a_document_controls_the_terminal() -> None:
    evil = "a\x1b]0;t\x07b\x9b31m\u202ec\x7f\u2028\ud800"
    hit = replace(
        HIT,
        id=evil,
        path=evil,
        title=f"{evil} \n\t",
        language=evil,
        snippets=(Snippet(evil, ((0, 1),)),),
        title_marks=(),
        explanation=Explanation((TermMatch(evil, evil, evil, (FormMatch(evil, (evil,), 1),), 1, 1, 1, 1, 1, 1),), 1, evil),
    )  # fmt: skip
    results = Results("q", 1, 1.0, (Correction(evil, evil, "layout", evil),), (evil,), hits=(hit,))
    shown = "\n".join(
        [*lines(results, explain=True, show_score=True), *detail_lines(results), help_line(results, 100) or ""]
    )
    shown.encode("utf-8")
    harmful = {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c == "\u202e"}
    assert harmful == {"\n"}
    assert "a␛]0;t␇b�31m�c␡��" in shown
    coloured = "\n".join(render_text(results, Look(colour=True, explain=True)))
    assert re.fullmatch(r"(\x1b\[[0-9;]*m|[^\x1b])*", coloured)


@given(any_text)
@example("\ud83d\ude00 \x9b")
def test_printable_is_safe_of_the_same_length_and_idempotent(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert printable(shown) == shown
    assert len(shown.splitlines()) <= 1
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") or unicodedata.bidirectional(c) in BIDI]
    assert all(a == b for a, b in zip(shown, text, strict=True) if b.isalnum() or b == " ")


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("Ёлка", 4), ("世界", 4), ("и\u0306", 1), ("a\u200db", 2), ("ｗ", 2), ("👍", 2), ("«—…»", 4), ("", 0)],
)
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


@given(st.text(alphabet="ab я世и\u0301 ", max_size=80), st.integers(1, 30))
def test_wrap_loses_nothing_and_fits(text: str, width: int) -> None:
    wrapped = list(wrap(text, width))
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "")
    assert all(display_width(line) <= max(width, 2) for line in wrapped)
    words = [word for word in text.split(" ") if word]
    if all(display_width(word) <= width for word in words):
        assert " ".join(wrapped).split(" ") == (words or [""])


def test_wrap_indents() -> None:
    assert list(wrap("one two three four", 12, first="* ", rest="    ")) == ["* one two", "    three", "    four"]
    assert list(wrap("unbreakable", 8, first="* ", rest="  ")) == ["* unbrea", "  kable"]
    assert list(wrap("  ", 8, first="* ")) == []


# -- what goes to stderr


@pytest.mark.parametrize(
    ("results", "line"),
    [
        (RESULTS, "2 documents (0.8 ms)"),
        (replace(RESULTS, total=1, hits=(HIT,)), "1 document (0.8 ms)"),
        (replace(RESULTS, total=0, hits=()), "no documents (0.8 ms)"),
        (replace(RESULTS, total=12345), "12,345 documents, 1-2 shown (0.8 ms)"),
        (replace(RESULTS, total=30, hits=(replace(HIT, rank=30),), offset=29), "30 documents, 30 shown (0.8 ms)"),
        (replace(RESULTS, total=2, total_is_exact=False), "at least 2 documents (0.8 ms)"),
        (replace(RESULTS, total=5, hits=()), "5 documents (0.8 ms)"),
        (replace(RESULTS, total=0, hits=(), total_is_exact=False), "no documents so far (0.8 ms)"),
        (replace(RESULTS, total=5, hits=(), offset=5), "5 documents, none behind the first 5 (0.8 ms)"),
        (replace(RESULTS, total=1, hits=(), offset=9), "1 document, none behind the first 9 (0.8 ms)"),
        (replace(RESULTS, total=0, hits=(), offset=9), "no documents (0.8 ms)"),
        (
            replace(RESULTS, total=5, hits=(), offset=9, total_is_exact=False),
            "at least 5 documents, none shown (0.8 ms)",
        ),
    ],
)
def test_summary(results: Results, line: str) -> None:
    assert summary_line(results) == line


CORRECTIONS = (
    Correction("dfrwbyf", "вакцина", "layout"),
    Correction("Pushkin", "пушкин", "romanisation", confidence=0.914),
    Correction("Pushkin", "пускин", "romanisation", confidence=0.72, told=False),
    Correction("vacine", "vaccine", "spelling", "one letter", "offered", 0.8),
    Correction("WHO", "ВОЗ", "synonym", action="as well"),
    Correction("WHO", "World Health Organization", "synonym", action="as well"),
    Correction("США", "US", "synonym", action="as well"),
    Correction("США", "United States", "synonym", action="as well", told=False),
)


def helped(*corrections: Correction) -> Results:
    return replace(RESULTS, warnings=("the bracket is never closed",), corrections=corrections)


def test_all_help_in_lines() -> None:
    """What is not told is there, too."""
    assert list(detail_lines(helped(*CORRECTIONS))) == [
        "dfrwbyf: searched for вакцина instead (layout)",
        "Pushkin: searched for пушкин 91% instead (romanisation)",
        "Pushkin: searched for пускин 72% instead (romanisation; no document shown has its score from it)",
        "vacine: did you mean vaccine 80%? (spelling; one letter)",
        "WHO: also searched for ВОЗ, World Health Organization (synonym)",
        "США: also searched for US (synonym)",
        "США: also searched for United States (synonym; no document shown has its score from it)",
    ]
    assert list(detail_lines(helped())) == []


def test_help_in_one_line() -> None:
    whole = (
        "searched for вакцина (not dfrwbyf); пушкин (not Pushkin); did you mean vaccine (vacine)?; "
        "also: ВОЗ, World Health Organization (WHO); US (США)"
    )
    assert help_line(helped(*CORRECTIONS), len(whole)) == whole
    assert help_line(helped(*CORRECTIONS), len(whole) - 1) == whole.replace(
        "ВОЗ, World Health Organization", "ВОЗ and 1 more"
    )
    assert help_line(helped(*CORRECTIONS), 110) == (
        "searched for вакцина (not dfrwbyf); пушкин (not Pushkin); did you mean vaccine (vacine)?; 2 more with -v"
    )
    assert help_line(helped(*CORRECTIONS), 55) == "searched for вакцина (not dfrwbyf); 4 more with -v"
    assert help_line(helped(*CORRECTIONS), 40) == "searched for вакцина (n…; 4 more with -v"
    many = [Correction("WHO", f"word{number}", "synonym", action="as well") for number in range(6)]
    assert help_line(helped(*many), 200) == "also: word0, word1, word2, word3 and 2 more (WHO)"
    assert help_line(helped(*many), 40) == "also: word0, word1 and 4 more (WHO)"
    assert help_line(helped(), 80) is None
    assert help_line(helped(*(replace(one, told=False) for one in CORRECTIONS)), 80) is None


@given(
    st.lists(
        st.builds(
            Correction,
            st.text(max_size=30),
            st.text(max_size=60),
            st.sampled_from(["layout", "spelling", "synonym"]),
            action=st.sampled_from(["instead", "as well", "offered"]),
        ),
        max_size=12,
    ),
    st.integers(30, 200),
)
def test_help_fits_into_the_line(corrections: list[Correction], width: int) -> None:
    line = help_line(helped(*corrections), width)
    assert (line is None) == (not corrections)
    assert line is None or (display_width(line) <= width and "\n" not in line)


# -- explain


def test_explanation_lines() -> None:
    assert lines(replace(RESULTS, hits=(HIT,)), explain=True, width=200)[4:] == [
        "   met → met (key meet) ×1, meeting (keys meet, meeting) ×2 | lemma body | "
        "6.0000 = boost 2 × idf 2.5 × tf 1.2 | doc_freq 12, length 100 of 120.0 on average",
        "   ВОЗ → ВОЗ ×1 | exact title | 1.2500 = boost 1 × idf 1 × tf 1.25 | doc_freq 3, length 4 of 7.5 on average",
        "   score 7.2500 = 6.0000 + 1.2500",
    ]
    assert lines(replace(RESULTS, hits=(HIT,)), explain=False) == lines(replace(RESULTS, hits=(HIT,)))


@given(st.lists(st.tuples(*[st.floats(0.01, 50)] * 3), min_size=1, max_size=5))
def test_the_parts_of_an_explanation_add_up(parts: list[tuple[float, float, float]]) -> None:
    matches = tuple(
        TermMatch("w", "body", "lemma", (FormMatch("w", ("w",), 1),), 1, idf, 9, 9.0, boost, boost * idf * tf)
        for boost, idf, tf in parts
    )
    total = sum(match.score for match in matches)
    hit = replace(HIT, explanation=Explanation(matches, total), snippets=())
    *match_lines, score_line = lines(Results("q", 1, 1.0, hits=(hit,)), explain=True, width=10_000)[2:]
    scores = []
    for line in match_lines:
        score, boost, idf, tf = map(float, re.findall(r"(?:\| |boost |idf |tf )([0-9.e+-]+)(?= )", line)[:4])
        assert score == pytest.approx(boost * idf * tf, rel=1e-3, abs=1e-4)
        scores.append(score)
    shown, *summands = map(float, re.findall(r"[0-9.]+", score_line))
    assert shown == pytest.approx(sum(summands), abs=1e-3)
    assert summands == scores


def test_a_formula_stands_in_for_the_sum() -> None:
    hit = replace(HIT, explanation=Explanation((), 3.0, "0.7 × lemma + 0.3 × stem"), snippets=())
    assert lines(Results("q", 1, 1.0, hits=(hit,)), explain=True)[-1] == "   score 3.0000 = 0.7 × lemma + 0.3 × stem"


def test_a_match_without_boost_or_idf() -> None:
    assert TermMatch("w", "f", "t", (), 0, 0.0, 1, 1.0, 1.0, 0.0).tf == 0.0
    assert HIT.explanation is not None and HIT.explanation.matches[0].term_freq == 3


# -- JSON


def test_the_keys_of_the_schema_are_always_there() -> None:
    assert to_json(Results("q", 0, 0.0)) == {
        "v": 1, "query": "q", "total": 0, "took_ms": 0.0, "corrections": [], "hits": [],
    }  # fmt: skip
    assert to_json(RESULTS)["hits"][1] == {
        "date_source": None,
        "size": None,
        "mtime": None,
        "rank": 2, "id": "b", "path": None, "title": "", "date": None, "lang": None, "score": 1.0, "fields": {}, "snippets": [],
    }  # fmt: skip


def test_a_total_that_is_a_lower_bound_says_so() -> None:
    assert to_json(replace(RESULTS, total_is_exact=False))["total_is_exact"] is False


def test_one_line_for_each_hit() -> None:
    parsed = [json.loads(line) for line in to_jsonl(RESULTS)]
    assert [hit.pop("v") for hit in parsed] == [1, 1]
    assert parsed == to_json(RESULTS)["hits"]


def test_letters_are_not_escaped_but_what_controls_a_terminal_is() -> None:
    hit = replace(PLAIN, title="Ёж \x1b[0m \x9b \u2028 \u202e \ud83d 世")
    [line] = to_jsonl(Results("q", 1, 1.0, hits=(hit,)))
    assert '"title": "Ёж \\u001b[0m \\u009b \\u2028 \\u202e \ufffd 世"' in line


@given(any_text, st.floats())
@example("\ud83d\ude00 \x9b", float("nan"))
def test_json_is_always_valid_utf8_on_one_line(text: str, number: float) -> None:
    hit = replace(PLAIN, id=text, title=text, score=number, snippets=(Snippet(text, ((0, 1),) if text else ()),))
    results = Results(
        text, 1, number if number == number and abs(number) < 1e300 else 1.0, hits=(hit,), warnings=(text,)
    )
    whole = dumps(to_json(results))
    for line in (whole, *to_jsonl(results)):
        assert len(line.encode("utf-8").decode("utf-8").splitlines()) == 1
    json.dumps(to_json(results), ensure_ascii=False).encode("utf-8")
    parsed = json.loads(whole, parse_constant=pytest.fail)
    assert parsed == to_json(results)
    shown = parsed["hits"][0]["snippets"][0]
    assert len(shown["text"]) == len(text)
    assert "".join(part for part, _ in marked_parts(shown["text"], shown["marks"])) == shown["text"]


def test_numpy_numbers_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    hit = replace(PLAIN, rank=numpy.int64(3), score=numpy.float32(0.5))
    assert (
        json.loads(dumps(to_json(Results("q", numpy.int64(4), numpy.float64(1.5), hits=(hit,)))))["hits"][0]["score"]
        == 0.5
    )


def test_dumps_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"score": float("nan")})


# -- the values themselves


def test_each_hit_has_meta_of_its_own() -> None:
    first, second = (Hit(1, "a", None, "", None, None, 1.0) for _ in range(2))
    assert first.meta == {} == second.meta and first.meta is not second.meta


def test_results_are_a_sequence_of_hits_and_true_where_something_was_found() -> None:
    assert list(RESULTS) == list(RESULTS.hits) and len(RESULTS) == len(RESULTS.hits)
    assert Results("q", 5, 1.0, offset=10) and not len(Results("q", 5, 1.0, offset=10))
    assert not Results("q", 0, 1.0)


@pytest.mark.parametrize("value", [HIT, PLAIN, HIT.snippets[0], Snippet("a"), RESULTS], ids=lambda value: type(value))
def test_values_are_kept_compared_and_never_changed(value: Hit | Snippet | Results) -> None:
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value), replace(value)):
        assert other == value and repr(other) == repr(value) and other is not value
    for each in fields(value):
        assert replace(value, **{each.name: "another"}) != value
        with pytest.raises(FrozenInstanceError):
            setattr(value, each.name, "another")
    assert list(asdict(value)) == [each.name for each in fields(value)]


def test_snippets_have_a_hash() -> None:
    assert len({HIT.snippets[0], replace(HIT.snippets[0]), HIT.snippets[1]}) == 2


@pytest.mark.parametrize("columns", ["", "100", "0", "-5", "x"])
@pytest.mark.parametrize("lines", ["", "50", "0", "y"])
def test_the_size_of_the_terminal_is_what_the_standard_library_says(
    monkeypatch: pytest.MonkeyPatch, columns: str, lines: str
) -> None:
    for name, value in (("COLUMNS", columns), ("LINES", lines)):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    for own in (os.terminal_size((132, 43)), os.terminal_size((0, 0)), None):

        def get_size(descriptor: int, own: os.terminal_size | None = own) -> os.terminal_size:
            if own is None:
                raise OSError("no terminal")
            return own

        monkeypatch.setattr(os, "get_terminal_size", get_size)
        assert terminal_size() == tuple(shutil.get_terminal_size((80, 24)))
