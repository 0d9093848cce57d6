"""What the commands of the search print is told: in another language, nothing of it is left in English, and JSON stays as it is."""

from __future__ import annotations

import ast
import datetime
import io
import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi import Document, Writer, open_index
from naidi.indexer import errors, messages
from naidi.indexer.conditions import FacetRequest
from naidi.indexer.errors import DocumentMissing, InvalidQuery, NaidiError
from naidi.indexer.messages import Message, told
from naidi.search.commands.ending import status_of
from naidi.search.commands.printing import report
from naidi.search.commands.printing_choices import Printing
from naidi.search.explanation import Explanation, FormMatch, TermMatch
from naidi.search.query.filters import read_days
from naidi.search.query.lexer import what_is_wrong
from naidi.search.query.parser import parse
from naidi.search.query_lines import answer_lines
from naidi.search.results import Correction, Facet, Hit, Results, Snippet
from naidi.search.searcher import Searcher
from naidi.search.show.as_json import to_json, to_jsonl
from naidi.search.show.as_text import Look, facet_lines, render_text, summary_line
from naidi.search.show.notices import detail_lines, help_line

ROOT = Path(__file__).parents[1]
NOT_CONVERTED = ("integrations", "screen", "web", "agents", "notebook")
"""Rooms that stand on the public names alone, or speak for themselves."""


class Framed:
    """A catalogue that puts a frame around each sentence. What stands outside of all frames was not told."""

    def gettext(self, message: str, /) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return f"⟦{one if count == 1 else many}⟧"


@pytest.fixture
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_spoken", [Framed()])


def untold(text: str) -> str:
    """The letters of a text outside of all frames."""
    depth, outside = 0, []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        assert depth >= 0, text
        if not depth and character.isalpha():
            outside.append(character)
    assert not depth, text
    return "".join(outside)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("told") / "index"
    with Writer(directory) as writer:
        for number in range(12):
            writer.add(Document(id=f"{number}", text=f"Vaccines and harbours, {number}.", title="1"))
        writer.add(Document(id="33", text="The harbour guide. " * 5, title="2"))
        writer.add(Document(id="34", text="Казахстан получил вакцину.", title="3"))
    with open_index(directory) as opened:
        yield opened


# -- by the public functions


def said_of(searcher: Searcher, capsys: pytest.CaptureFixture[str], query: str, printing: Printing) -> tuple[str, str]:
    """(stdout, stderr) of a search."""
    status_of(lambda: report(searcher, searcher.search(query, **printing.asks_for(10, 0)), printing))
    shown = capsys.readouterr()
    return shown.out, shown.err


@pytest.mark.usefixtures("framed")
@pytest.mark.parametrize(
    "query",
    [
        "harbour",
        "nowhere",
        "vaccinez",
        "harbuor",
        "dfrwbye",
        "вакцына",
        "harbour AND",
        '"harbour',
        "(harbour",
        "date:2021-02-30 harbour",
        "date:someday harbour",
        "lang:xx harbour",
        "",
        "() -",
        "harbour^0 vac*~2",
        "word " * 3000,
        "lang:en " + "word " * 3000 + "lang:en",
    ],
)
@pytest.mark.parametrize("verbose", [False, True])
def test_all_that_is_said_of_a_search_is_told(
    searcher: Searcher, capsys: pytest.CaptureFixture[str], query: str, verbose: bool
) -> None:
    _, err = said_of(searcher, capsys, query, Printing(verbose=verbose, as_count=True))
    _, summary = said_of(searcher, capsys, query, Printing(verbose=verbose, no_snippets=True))
    assert "⟦" in summary
    for line in (err + summary).splitlines():
        assert not untold(line.removeprefix("naidi: ")), line


@pytest.mark.usefixtures("framed")
@pytest.mark.parametrize("number", [1, 20])
def test_a_hit_that_cannot_be_opened(searcher: Searcher, capsys: pytest.CaptureFixture[str], number: int) -> None:
    _, err = said_of(searcher, capsys, "harbour", Printing(opened=number))
    assert "⟦" in err and not untold(err.removeprefix("naidi: "))


PART = TermMatch(
    "1", "2", "lemma", (FormMatch("1", ("2",), 1), FormMatch("2", ("1", "3"), 2)), 1, 1.5, 2, 3.0, 1.0, 2.0
)
PARTS = (PART, TermMatch("1", "2", "nearness", (), 1, 1.0, 1, 1.0, 1.0, 1.0, "", 3))
FULL = Results(
    query="1",
    total=9,
    took_ms=1.5,
    hits=(
        Hit(
            rank=3,
            id="1",
            path=None,
            title="2",
            date=datetime.date(2021, 5, 29),
            language=None,
            score=1.0,
            snippets=(Snippet("4", (), 0, 7, 5),),
            explanation=Explanation(PARTS, 3.0),
            duplicates=("5", "6"),
            date_source="mtime",
            fields={"8": 9},
        ),
    ),
    facets={
        "1": Facet((("2", 3), (None, 1)), 4, 5),
        "2": Facet((((1, 2), 3), ((None, None), 4), ((3, None), 1))),
        "3": Facet(((1.0, 2),)),
        "type": Facet((("", 2),), 3),
    },
)


@pytest.mark.usefixtures("framed")
def test_all_that_is_shown_of_hits_is_told() -> None:
    lines = list(render_text(FULL, Look(explain=True, show_score=True, line_numbers=True, fold=True, fields=("*",))))
    assert len(lines) > 6
    assert not untold("\n".join(lines))
    shown = list(facet_lines(FULL, (FacetRequest("3", step=1.0),)))
    assert not untold("\n".join(shown))


@pytest.mark.usefixtures("framed")
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("total, offset, shown", [(0, 0, 0), (1, 0, 1), (5, 0, 5), (5, 2, 3), (5, 4, 1), (5, 9, 0)])
def test_every_summary_is_told(total: int, offset: int, shown: int, exact: bool) -> None:
    hits = tuple([Hit(offset + 1 + place, "1", None, "", None, None, 1.0) for place in range(shown)])
    results = Results("", total, 1.0, hits=hits, offset=offset, total_is_exact=exact)
    assert not untold(told(summary_line(results)))
    assert summary_line(results).endswith("(1.0 ms)") and "⟦" not in summary_line(results)


KINDS = ("layout", "romanisation", "spelling", "synonym", "translation", "derivation", "expansion")
ACTIONS = ("instead", "as well", "offered")


@pytest.mark.usefixtures("framed")
@given(
    st.lists(
        st.builds(
            Correction,
            st.sampled_from("123"),
            st.sampled_from(["4", "55" * 9, "{0}", "%s"]),
            st.sampled_from(KINDS),
            action=st.sampled_from(ACTIONS),
            confidence=st.sampled_from([0.5, 1.0]),
            told=st.booleans(),
        ),
        max_size=9,
    ),
    st.integers(20, 200),
)
def test_all_help_is_told(corrections: list[Correction], width: int) -> None:
    results = Results("1", 1, 1.0, tuple(corrections))
    line = help_line(results, width)
    assert (line is not None) == any(one.told for one in corrections)
    assert line is None or "⟦" in line
    for each in detail_lines(results):
        assert not untold(each)


# -- what programs read


def test_programs_read_english(
    searcher: Searcher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def machine_read() -> list[str]:
        options = {"as_json": True}, {"as_jsonl": True}, {"as_paths": True}, {"template": "{id} {date} {text}"}
        shown = [said_of(searcher, capsys, "(harbuor", Printing(**one, explain=True))[0] for one in options]
        answers = io.BytesIO()
        questions = b'(harbuor\n{"query": "a", "limit": -1}\n{"query": "a", "since": "2021-02-30"}\n{\n'
        answer_lines(searcher, io.BytesIO(questions), answers, {})
        shown += answers.getvalue().decode().splitlines()
        return [without_times(each) for each in shown]

    def without_times(text: str) -> str:
        read = json.loads(text) if text.startswith("{") and "\n" not in text.strip() else text
        return json.dumps({**read, "took_ms": 0} if isinstance(read, dict) else read)

    english = machine_read()
    assert any("unbalanced bracket" in each for each in english) and any("spelling of" in each for each in english)
    monkeypatch.setattr(messages, "_spoken", [Framed()])
    assert machine_read() == english


@pytest.mark.usefixtures("framed")
def test_results_are_english_for_an_application(searcher: Searcher) -> None:
    results = searcher.search("(harbuor", explain=True)
    assert results.warnings == ("unbalanced bracket: read as if it were closed at the end",)
    assert (
        "⟦" not in json.dumps(to_json(results)) + "".join(to_jsonl(results)) + repr(results) + f"{results.warnings[0]}"
    )
    assert "spelling of harbuor" in {part.bridge for hit in results for part in hit.explanation.matches}
    back = pickle.loads(pickle.dumps(results))
    assert back == results and told(back.warnings[0]) == told(results.warnings[0]) != results.warnings[0]


# -- that nothing was forgotten


def converted() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted((ROOT / "search").rglob("*.py")):
        parts = path.relative_to(ROOT / "search").with_suffix("").parts
        if parts[0] not in NOT_CONVERTED:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield path, node


def called_name(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", ""))


def test_no_error_and_no_warning_is_a_bare_string() -> None:
    """Errors that a person sees, and warnings, are made of messages. What only a programmer sees (TypeError) is not."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, NaidiError)}
    speaking = {*kinds, "UsageError", "BadParameter", "Opening", "Impossible", "damaged", "warn", "_warn"}
    found = 0
    for path, node in converted():
        if called_name(node) in speaking and isinstance(node, ast.Call) and node.args:
            found += 1
            first = node.args[0]
            is_log = isinstance(first, ast.Name) and first.id == "_LOG"
            assert is_log or not isinstance(first, (ast.Constant, ast.JoinedStr)), f"{path.name}:{node.lineno}"
    assert found > 100


def test_templates_can_be_found_in_the_source() -> None:
    """Catalogues are made of the source: templates are literals, and no call stands inside of an f-string."""
    for path, node in converted():
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.JoinedStr):
            inside = [called_name(each) for each in ast.walk(node)]
            assert not {"message", "plural"} & set(inside), where
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("message", "plural"):
            templates = node.args[: 2 if node.func.id == "plural" else 1]
            assert all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in templates), where


SIGNS = [
    '"',
    "(",
    ")",
    "+",
    "-",
    "=",
    "*",
    "?",
    "~",
    "^",
    "9",
    "~9",
    "^99",
    ":",
    "[",
    "]",
    "TO",
    "AND",
    "OR",
    "NOT",
    "ИЛИ",
    "»",
]
FIELDS = [
    "date:",
    "lang:",
    "size:",
    "ext:",
    "dir:",
    "path:",
    "mtime:",
    "title:",
    "other:",
    "2021-13",
    "2021-02-30",
    "31/12",
]


@given(st.lists(st.sampled_from([*SIGNS, *FIELDS, " ", "word", "слово"]), max_size=12).map("".join))
@example("lang:qq")
@example("date:11/02/2023")
@example("date:2022..2021 size:2..1")
@example("ИЛИ word")
def test_every_warning_about_a_query_can_be_told(query: str) -> None:
    for warning in parse(query).warnings:
        assert isinstance(warning, Message), warning
        assert not untold(told(warning, Framed()))
        assert warning.startswith(what_is_wrong(warning))


WARNINGS = """
harbour AND                 | AND is ignored: nothing follows it
OR harbour                  | OR is ignored: nothing stands before it
(harbour                    | unbalanced bracket: read as if it were closed at the end
harbour)                    | unbalanced bracket: a closing one is ignored
"harbour                    | unbalanced quote: read as a phrase up to the end
date:2021-13                | there is no month 13: 2021-13 is read as the year 2021
date:2021-02-30             | there is no day 2021-02-30: read as the month 2021-02
date:someday                | someday is not a date: read as text
date:[2022 TO 2021]         | the date range 2022 TO 2021 runs backwards: its ends are swapped
size:many                   | many is not a size: read as text
price:5                     | "price:" is not a field (title, body, date, lang, language, path, dir, ext, size, mtime): read as text
lang:qq                     | unknown language code qq: use a code of ISO 639-1 such as en or ru
"a * b"                     | * inside a phrase stands for any word: read as the near phrase ~1
word^                       | ^ is ignored: a boost is a number above 0
слово ИЛИ слово             | ИЛИ is read as a word: the operator is OR
"""


@pytest.mark.parametrize("line", WARNINGS.strip().splitlines())
def test_warnings_in_english(line: str) -> None:
    query, _, warning = map(str.strip, line.partition("|"))
    assert parse(query).warnings == (warning,)


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"limit": -1}, "⟦limit must be a whole number from 0, not -1⟧"),
        ({"mode": "most"}, "⟦mode must be one of any, all, not 'most'⟧"),
        ({"sort": ""}, """⟦sort must be "score", "date", "title" or a field, or a list of these, not ''⟧"""),
        ({"where": "date:2021-13"}, "⟦where: ⟦there is no month 13⟧⟧"),
        ({"where": "word"}, "⟦where: word is no filter: write filters alone, such as price:<500 lang:ru⟧"),
        ({"strict": True, "language": "qq"}, "⟦unknown language code qq: use a code of ISO 639-1 such as en or ru⟧"),
        ({"strict": True, "sort": "date"}, None),
        (
            {"facets": ["colour"]},
            "⟦there is no facet colour: use folder, type, language, year or a field of the application⟧",
        ),
    ],
)
def test_errors_of_a_search(searcher: Searcher, options: dict, sentence: str | None) -> None:
    if sentence is None:
        searcher.search("harbour", **options)
        return
    with pytest.raises(InvalidQuery) as raised:
        searcher.search("harbour", **options)
    assert told(raised.value, Framed()) == sentence
    assert str(raised.value) == sentence.replace("⟦", "").replace("⟧", "")


def test_errors_about_names_and_days(searcher: Searcher) -> None:
    with pytest.raises(DocumentMissing) as missing:
        searcher.similar("nowhere")
    assert told(missing.value, Framed()).startswith("⟦nowhere: no document of the index has this id or path")
    with pytest.raises(InvalidQuery) as no_day:
        read_days("11/02/2023")
    assert told(no_day.value, Framed()) == "⟦11/02/2023 may be the day 2023-02-11 or 2023-11-02: write one of these⟧"


@pytest.mark.usefixtures("framed")
@pytest.mark.parametrize(
    "error, line",
    [
        (InvalidQuery(messages.message("{name} is no date", name="x")), "naidi: ⟦x is no date⟧"),
        (FileNotFoundError(2, "No such file or directory", "x"), "naidi: x: ⟦No such file or directory⟧"),
        (PermissionError(messages.message("{path}: closed", path="x")), "naidi: ⟦x: closed⟧"),
        (MemoryError(), "naidi: ⟦out of memory; the index is as it was⟧"),
        (KeyError(1), "naidi: ⟦a bug in naidi: KeyError: 1; NAIDI_DEBUG=1 shows where, please report it⟧"),
    ],
)
def test_the_end_of_a_command(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NAIDI_DEBUG", raising=False)

    def fail() -> int:
        raise error

    assert status_of(fail) == 2
    assert capsys.readouterr().err == f"{line}\n"
