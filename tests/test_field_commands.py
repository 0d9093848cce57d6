"""Fields of an application at the command line: `--where`, `--sort`, `--collapse`, `--facets`, `--fields`, and `naidi status`."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import ROOT, called
from naidi import Document, Writer, fields
from naidi.search.results import Facet, Hit, Results
from naidi.search.show.as_text import Look, facet_lines, render_text
from naidi.search.show.field_values import json_value, range_text, step_text, text_value

FOUND, NOTHING, FAILED = 0, 1, 2
UTC = datetime.timezone.utc
SCHEMA: dict[str, fields.Field] = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "stock": fields.Boolean(),
    "created": fields.DateTime(),
    "notes": fields.Text(),
    "custom.*": fields.Keyword(),
    "nobody": fields.Number(),
}
VALUES: dict[str, dict[str, Any]] = {
    "a": {"brand": "Bosch", "price": 9.5, "stock": True, "tags": ["old", "new"], "custom": {"Owner": "Ann"}},
    "b": {"brand": "Makita", "price": 120, "created": datetime.datetime(2024, 5, 29, 10, tzinfo=UTC)},
    "c": {
        "brand": "Bosch",
        "price": 700,
        "created": datetime.datetime(2024, 7, 1, tzinfo=UTC),
        "notes": "a rare thing",
    },
    "d": {"price": 40, "tags": "old", "brand": "\x1b[31mRed"},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shop") / "index"
    with Writer(directory, schema=SCHEMA) as writer:
        for name, values in VALUES.items():
            text = f"A drill, and nothing else is said of number {name}{name}."
            writer.add(Document(id=name, text=text, title=f"Drill {name}", language="en", fields=values))
        writer.add(Document(id="e", text="A drill without anything", fields={"price": 1, "custom": {"Owner": "Bob"}}))
    with Writer(directory) as writer:
        writer.delete("e")
    return directory


def found(index: Path, *arguments: str) -> str:
    """The ids of what is found, in order."""
    run = called("search", "-l", "drill", *arguments, index=index)
    assert run.returncode in (FOUND, NOTHING), run.stderr
    return "".join(run.stdout.split())


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("brand:Bosch", "ac"),
        ("-brand:Bosch", "bd"),
        ("-tags:old", "bc"),
        ("price:<100 (brand:Bosch OR tags:old)", "ad"),
        ("brand:Bosch brand:Makita", "abc"),
        ("created:2024-05", "b"),
        ("custom.Owner:Ann", "a"),
        ("lang:en price:[40 TO 120]", "bd"),
        ("stock:yes", "a"),
        ("brand:" + "x" * 9_000, ""),
    ],
)
def test_where(index: Path, where: str, ids: str) -> None:
    assert "".join(sorted(found(index, "--where", where))) == ids
    assert "".join(sorted(found(index, f"--where={where}"))) == ids


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--where", "drill"), "where: drill is no filter"),
        (("--where", ""), "where has no filter"),
        (("--where", "brand:\ufffe(x"), "unbalanced bracket"),
        (("--where", "price:cheap"), "cheap is not a number"),
        (("--where", "x" * 10_001), "10,001 characters"),
        (("--where", "\x1b[31mred"), "is no filter"),
        (("--where", "\udc80\udcff"), "has no filter"),
        (("--sort", "colour"), "there is no field 'colour'"),
        (("--sort", "price,,date"), "sort must be"),
        (("--sort", ""), "sort must be"),
        (("--sort", "notes"), "notes is a Text"),
        (("--collapse", "colour"), "there is no field 'colour'"),
        (("--collapse", "tags"), "no single value"),
        (("--facets=colour",), "there is no facet colour"),
        (("--facets=price:0",), "must be a number above 0"),
        (("--facets=price:month",), "must be a number above 0"),
        (("--facets=brand:month",), "brand has no steps"),
        (("--facets=created:minute",), "one of day, week, month"),
        (("--facets=price:" + "9" * 400,), "must be a number above 0"),
        (("--fields=colour",), "there is no field 'colour'"),
        (("--format", "{fields.colour}"), "there is no field 'colour'"),
    ],
)
def test_errors_are_one_line_and_status_2(index: Path, arguments: tuple[str, ...], reason: str) -> None:
    run = called("search", "drill", *arguments, index=index)
    assert (run.returncode, run.stdout) == (FAILED, "")
    assert reason in run.stderr and len(run.stderr.splitlines()) == 1 and "\x1b" not in run.stderr


@pytest.mark.parametrize("option", ["--facets=", "--facets=brand,,tags", "--facets=:month", "--facets=created:"])
def test_what_is_no_facet_in_any_index(index: Path, option: str) -> None:
    run = called("search", "drill", option, index=index)
    assert (run.returncode, run.stdout) == (FAILED, "") and "is no facet" in run.stderr


def test_an_unknown_field_is_warned_of(index: Path) -> None:
    run = called("search", "drill", "--where", "brandd:Bosch", index=index)
    assert (run.returncode, run.stdout) == (NOTHING, "") and "there is no field 'brandd'; 'brand' is near" in run.stderr


def test_sort_and_collapse(index: Path) -> None:
    assert found(index, "--sort", "price") == "adbc" and found(index, "--sort", "-price") == "cbda"
    assert found(index, "--sort", "-brand, -price") == "bcad"
    assert found(index, "--sort=title") == "abcd" and found(index, "--sort", "-title") == "dcba"
    assert found(index, "--collapse", "brand", "--sort", "-price") == "cbd"


def test_similar_and_suggest(index: Path) -> None:
    run = called("similar", "a", "-l", "--where", "price:>100", index=index)
    assert sorted(run.stdout.split()) == ["b", "c"]
    assert called("suggest", "nothi", index=index).stdout == "nothing\n"
    assert called("suggest", "nothi", "--where", "brand:nobody", index=index).returncode == NOTHING
    for command in ("similar", "a"), ("suggest", "nothi"):
        run = called(*command, "--where", "nothing", index=index)
        assert (run.returncode, run.stdout) == (FAILED, "") and len(run.stderr.splitlines()) == 1


def test_fields_of_a_hit(index: Path) -> None:
    def lines(*arguments: str) -> list[str]:
        run = called("search", "drill", "--no-snippets", "--sort", "title", *arguments, index=index)
        assert run.returncode == FOUND and "\x1b" not in run.stdout
        return [line.strip() for line in run.stdout.splitlines()]

    assert not any("price" in line for line in lines())
    assert lines("--fields=price,brand")[2::4] == [
        "price: 9.5; brand: Bosch", "price: 120; brand: Makita", "price: 700; brand: Bosch", "price: 40; brand: ␛[31mRed",
    ]  # fmt: skip
    assert lines("--fields", "--where", "price:<10")[2:] == [
        "brand: Bosch; custom.Owner: Ann; price: 9.5; stock: true; tags: new, old"
    ]
    assert lines("--fields=custom.*,nobody", "-n", "1")[2:] == ["custom.Owner: Ann"]
    assert lines("--fields=created,notes", "--where", "price:700")[2:] == [
        "created: 2024-07-01T00:00:00Z; notes: a rare thing"
    ]


def test_fields_in_a_template(index: Path) -> None:
    template = "{id}|{fields.tags}|{fields.created}|{fields.custom.Owner}"
    run = called("search", "drill", "--sort", "title", "--format", template, index=index)
    assert run.stdout.splitlines() == [
        "a|new, old||Ann",
        "b||2024-05-29T10:00:00Z|",
        "c||2024-07-01T00:00:00Z|",
        "d|old||",
    ]


def test_facets_as_text(index: Path) -> None:
    run = called("search", "drill", "--count", "--facets=brand,tags,stock,created:month,price:100", index=index)
    assert run.stdout.splitlines() == [
        "4",
        "brand: Bosch (2), ␛[31mRed (1), Makita (1)",
        "tags: old (2), new (1), none (2)",
        "stock: true (1), none (3)",
        "created: 2024-05 (1), 2024-07 (1), none (2)",
        "price: 0 to <100 (2), 100 to <200 (1), 700 to <800 (1)",
    ]
    run = called("search", "drill", "--facets=folder,created:quarter", "-n", "0", index=index)
    assert run.stdout.splitlines()[-1] == "created: 2024-Q2 (1), 2024-Q3 (1), none (2)"


def test_ranges_as_text() -> None:
    day = datetime.date(2024, 5, 1)
    facets = {
        "price": Facet((((None, 10), 3), ((10, 30.5), 2_000), ((30.5, None), 0)), 0, 4),
        "day": Facet((((day, None), 1),)),
        "many": Facet(tuple((f"v{number}", 20 - number) for number in range(12)), 5),
    }
    assert list(facet_lines(Results("q", 1, 1.0, facets=facets))) == [
        "price: <10 (3), 10 to <30.5 (2,000), >=30.5 (0), none (4)",
        "day: >=2024-05-01 (1)",
        "many: " + ", ".join(f"v{number} ({20 - number})" for number in range(10)) + ", others (24)",
    ]


@pytest.mark.parametrize(
    ("begin", "step", "text"),
    [
        (datetime.date(2024, 4, 1), "quarter", "2024-Q2"),
        (datetime.date(2024, 4, 1), "year", "2024"),
        (datetime.date(2024, 4, 1), "month", "2024-04"),
        (datetime.date(2024, 4, 1), "week", "2024-04-01"),
        (0.1 * 3, 0.1, "0.3 to <0.4"),
        (-50, 50, "-50 to <0"),
    ],
)
def test_steps(begin: Any, step: Any, text: str) -> None:
    assert step_text(begin, step) == text


def test_values_of_fields_outside_of_python() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=5))
    moment = datetime.datetime(2024, 5, 29, 10, 0, 0, 7, tzinfo=zone)
    assert json_value(moment) == "2024-05-29T10:00:00.000007+05:00"
    assert json_value([moment.astimezone(UTC), moment.date()]) == ["2024-05-29T05:00:00.000007Z", "2024-05-29"]
    assert json_value((None, 5)) == [None, 5] and json_value(True) is True
    assert text_value(["a\nb\tc", 5, 5.5, True, None]) == "a b c, 5, 5.5, true, "
    assert len(text_value("x" * 500)) == 120 and text_value("\x1b") == "␛"
    assert range_text(None, None) == "all"
    hit = Hit(1, "a", None, "", None, None, 1.0, fields={"x.a": 1, "x.b": 2, "y": 3})
    for wanted, line in ((("x.*",), "x.a: 1; x.b: 2"), (("y", "*"), "y: 3; x.a: 1; x.b: 2"), (("z",), "")):
        shown = list(render_text(Results("q", 1, 1.0, hits=(hit,)), Look(fields=wanted)))
        assert shown[1:] == [f"   {line}"][: bool(line)]


def answers(index: Path, *lines: dict[str, Any] | str, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What `naidi search -` answers to lines."""
    given = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    run = subprocess.run(
        [sys.executable, "-m", "naidi", "search", *options, "-"],
        input=given,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(index)},
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (FOUND, "")
    return [json.loads(line) for line in run.stdout.splitlines()]


def ids(answer: dict[str, Any]) -> str:
    return "".join(hit["id"] for hit in answer["hits"])


def test_lines_with_fields(index: Path) -> None:
    asked: list[tuple[dict[str, Any], str]] = [
        ({"where": "brand:Bosch", "sort": "price"}, "ac"),
        ({"where": {"brand": "Bosch"}, "sort": "-price"}, "ca"),
        ({"where": {"brand": ["Bosch", "Makita"]}, "sort": ["-brand", "price"]}, "bac"),
        ({"where": {"price": {"from": 40}}, "sort": "price"}, "dbc"),
        ({"where": {"price": {"from": 40, "to": 120}}, "sort": "price"}, "db"),
        ({"where": {"created": "2024-05"}}, "b"),
        ({"where": {"created": ["2024-05-29", "2024-07"]}, "sort": "price"}, "bc"),
        ({"where": {"created": "2024-05-29T10:00:00Z"}}, "b"),
        ({"where": {"created": {"from": "2024-06"}}}, "c"),
        ({"where": {"created": None}, "sort": "price"}, "ad"),
        ({"where": {"stock": True}}, "a"),
        ({"where": {"custom.Owner": "Ann"}}, "a"),
        ({"where": {}, "sort": "price"}, "adbc"),
        ({"only": ["d", "a", "nobody"], "sort": "price"}, "ad"),
        ({"only": []}, ""),
        ({"collapse": "brand", "sort": "-price"}, "cbd"),
    ]
    found = answers(index, *({"query": "drill", **keys} for keys, _ in asked))
    assert [ids(answer) for answer in found] == [expected for _, expected in asked]


def test_lines_page_by_cursors(index: Path) -> None:
    first = {"query": "drill", "sort": "price", "limit": 3}
    page = answers(index, first)[0]
    more = answers(
        index,
        {**first, "after": page["cursor"]},
        {"query": "drill", "after": page["cursor"]},
        options=("--offset", "1"),
    )
    assert ids(page) == "adb" and ids(more[0]) == "c" and more[0]["hits"][0]["rank"] == 4 and "cursor" not in more[0]
    assert "another search" in more[1]["error"]


def test_lines_that_are_wrong(index: Path) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"where": "drill"}, "drill is no filter"),
        ({"where": "brand:\0"}, "nothing follows"),
        ({"where": "\ud800"}, "has no filter"),
        ({"where": "x" * 20_000}, "20,000 characters"),
        ({"where": {"brand": 5}}, "must be a str"),
        ({"where": {"brand": "a\0b"}}, "without line feeds"),
        ({"where": {"brand": "\udc80"}}, "without lone surrogates"),
        ({"where": {"brand": "x" * 20_000}}, "at most 1,024 characters"),
        ({"where": {"price": "5"}}, "must be an int or a float"),
        ({"where": {"price": 10**400}}, "2**53"),
        ({"where": {"created": "never"}}, "never is no date for created"),
        ({"where": {"created": 2024}}, "2024 is no date"),
        ({"where": {"created": "2024-02-31"}}, "no day"),
        ({"where": {"created": {"from": "2024-13"}}}, "no month 13"),
        ({"where": {"price": {"above": 1}}}, 'without "from" and "to"'),
        ({"where": {"brand": {"a": {"b": 1}}}}, 'without "from" and "to"'),
        ({"where": {"notes": "rare"}}, "notes is a Text"),
        ({"where": {"colour": "red"}, "strict": True}, "there is no field 'colour'"),
        ({"facets": ["created:"]}, "is no facet"),
        ({"facets": ["brand", "brand:month"]}, "asked for twice"),
        ({"sort": ["price"] * 21}, "sort must be"),
    ]
    found = answers(index, *({"query": "drill", "id": number, **keys} for number, (keys, _) in enumerate(wrong)))
    for number, (answer, (_, reason)) in enumerate(zip(found, wrong, strict=True)):
        assert reason in answer["error"] and answer["id"] == number


def test_lines_are_kept_apart_by_their_filters(index: Path) -> None:
    """An answer that is kept is not that of another filter."""
    lines = [
        {"query": "drill", "where": where, "sort": "price"}
        for where in ("brand:Bosch", "-brand:Bosch", {"brand": "Bosch"}, None)
    ]
    found = answers(index, *lines, *lines)
    assert [ids(answer) for answer in found] == ["ac", "db", "ac", "adbc"] * 2


def test_options_hold_for_lines(index: Path) -> None:
    found = answers(
        index, "drill", {"query": "drill", "where": None}, options=("--where", "brand:Bosch", "--sort", "-price")
    )
    assert [ids(answer) for answer in found] == ["ca", "cbda"]


def test_status_names_the_fields(index: Path) -> None:
    known = json.loads(called("status", "--json", index=index).stdout)["fields"]
    assert [(one["name"], one["kind"], one["documents"], one["values"]) for one in known] == [
        ("brand", "keyword", 4, 3),
        ("created", "datetime", 2, 2),
        ("custom.Owner", "keyword", 1, 1),
        ("nobody", "number", 0, 0),
        ("notes", "text", 1, None),
        ("price", "number", 4, 4),
        ("stock", "boolean", 1, 1),
        ("tags", "keyword", 2, 2),
    ]
    assert known[1]["zone"] == "UTC" and known[-1]["multiple"] is True
    lines = called("status", index=index).stdout.splitlines()
    assert "field       brand (keyword, 4 documents, 3 values)" in lines
    assert "field       notes (text, 1 document)" in lines
    assert "field       nobody (number, no documents, no values)" in lines


def test_settings(index: Path, tmp_path: Path) -> None:
    """Also the new options have defaults in files and in the environment."""
    (tmp_path / "naidi.toml").write_text(
        '[search]\nwhere = "brand:Bosch"\nsort = "-price"\nfields = "price"\n', encoding="utf-8"
    )
    run = called("search", "drill", "--no-snippets", index=index, cwd=tmp_path)
    assert [line.strip() for line in run.stdout.splitlines() if "price" in line] == ["price: 700", "price: 9.5"]
    assert called("search", "-l", "drill", "--where", "price:40", index=index, cwd=tmp_path).stdout == "d\n"
    (tmp_path / "naidi.toml").write_text('[search]\nwhere = "Bosch"\n', encoding="utf-8")
    run = called("search", "drill", index=index, cwd=tmp_path)
    assert run.returncode == FAILED and "Bosch is no filter" in run.stderr
