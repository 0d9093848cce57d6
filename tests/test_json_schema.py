"""docs/search.schema.json describes all that `naidi search` and `naidi similar` print as JSON, key by key."""

from __future__ import annotations

import copy
import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from commands import ROOT, called
from naidi import Document, Writer, field, fields, open_index
from naidi.search.query_lines import _KEYS
from naidi.search.show.as_json import to_json

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "search.schema.json").read_text(encoding="utf-8"))
TEXT = "Ships came to the harbour. They carried vaccines and grain, and nobody knew of it. " * 3


def closed(schema: Any) -> Any:
    """The schema with no other keys than those that it names: what is printed must be described."""
    if isinstance(schema, dict):
        inner = {key: closed(value) for key, value in schema.items()}
        if "properties" in inner and inner.get("type") == "object":
            inner.setdefault("additionalProperties", False)
        return inner
    return [closed(item) for item in schema] if isinstance(schema, list) else schema


def validator(name: str, *, strict: bool = True) -> Draft202012Validator:
    schema = closed(copy.deepcopy(SCHEMA)) if strict else copy.deepcopy(SCHEMA)
    return Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("schema") / "index"
    schema: dict[str, fields.Field] = {
        "brand": fields.Keyword(),
        "tags": fields.Keyword(multiple=True),
        "price": fields.Number(),
        "stock": fields.Boolean(),
        "day": fields.Date(),
        "created": fields.DateTime(zone="Asia/Almaty"),
        "notes": fields.Text(),
    }
    moment = datetime.datetime(2024, 5, 29, 10, 30, 0, 5, tzinfo=datetime.timezone.utc)
    some: dict[str, Any] = {"brand": "Bosch", "tags": ["x", "y"], "price": 9.5, "stock": True}
    more: dict[str, Any] = {
        "brand": "Makita",
        "price": 20,
        "day": moment.date(),
        "created": moment,
        "notes": "of \ud800 it",
    }
    with Writer(directory, schema=schema) as writer:
        writer.add(Document(id="a", text=TEXT, title="Ships", path="docs/a.txt", language="en", fields=some))
        writer.add(Document(id="b", text=TEXT, path="docs/b.md", fields=more))
        writer.add(Document(id="c", text="Порт и вакцины.", title="Порт \ud800"))
        writer.add(Document(id="d", text="A vaccine of 2021.", meta={"x": 1}))
    return directory


QUERIES = [
    ("ships",), ("vaccine", "--explain"), ("vaccin*", "--facets"), ("vaccinse",), ("dfrwbys",), ("(vaccine",), ("",),
    ("nosuchword",),
    ("vaccine", "--since", "2021"), ("*", "-n", "2", "--offset", "1", "--facets=type"), ("ships", "--no-snippets"),
    ("ships", "--where", "brand:Bosch -tags:z"), ("*", "--sort", "-price,day", "--collapse", "brand", "-n", "1"),
    ("*", "--facets=brand,tags,stock,price:5,day:month,created"), ("*", "--where", "nosuch:x"),
    ("vaccine ships", "--expand", "--recent", "--explain"), ("vaccine", "--timeout", "0.0000001"),
    ("vaccine ships", "--expand-auto"),
]  # fmt: skip


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("arguments", QUERIES, ids=[" ".join(each) for each in QUERIES])
def test_pages_and_hits(index: Path, arguments: tuple[str, ...]) -> None:
    page = json.loads(called("search", "--json", *arguments, index=index).stdout)
    validator("page").validate(page)
    assert Draft202012Validator(SCHEMA).is_valid(page)
    if any(argument.startswith("--facets") for argument in arguments):
        return
    for line in called("search", "--jsonl", *arguments, index=index).stdout.splitlines():
        validator("hit_line").validate(json.loads(line))


def test_every_key_is_met(index: Path) -> None:
    """What no query of this test prints would not be tested."""
    pages = [json.loads(called("search", "--json", *arguments, index=index).stdout) for arguments in QUERIES]
    met = {key for page in pages for key in page}
    assert met >= validator("page").schema["$defs"]["page"]["properties"].keys() - {"total_is_exact"}
    hits = {key for page in pages for hit in page["hits"] for key in hit}
    assert hits == validator("hit").schema["$defs"]["hit"]["properties"].keys()


def test_similar(index: Path) -> None:
    page = json.loads(called("similar", "--json", "--explain", "--facets", "a", index=index).stdout)
    validator("page").validate(page)
    assert page["hits"]


LINES: list[dict[str, Any] | str] = [
    "ships", "", "{x", {"query": "ships", "id": 3, "limit": 1, "snippets": True, "facets": ["type"], "explain": True},
    {"query": "vaccine", "mode": "all", "language": "en", "since": "2021", "until": None, "sort": "-date", "duplicates": True},
    {"query": "vaccine", "exact": True, "recent": True, "expand": False, "timeout": 5, "offset": 1, "count_all": False, "id": "x"},
    {"query": "*", "where": "brand:Bosch", "sort": ["-price", "day"], "collapse": "brand", "facets": ["brand", "created:month"]},
    {"query": "*", "where": {"brand": ["Bosch", "x"], "price": {"from": 1, "to": None}, "stock": True, "tags": "x", "day": None}},
    {"query": "*", "where": {"day": {"to": "2025"}, "created": ["2024-05", "2024-05-29T10:30:00.000005Z"]}, "only": ["b"]},
    {"query": "vaccine", "expand": "auto"}, {"query": "vaccine", "expand": True},
    {"query": "*", "where": None, "only": None, "after": None, "collapse": None, "strict": True},
    {"query": "*", "where": 5}, {"query": "*", "where": ["brand"]}, {"query": "*", "only": "a"}, {"query": "*", "only": [1]},
    {"query": "*", "where": {"price": {}}}, {"query": "*", "where": {"price": {"above": 5}}}, {"query": "*", "sort": []},
    {"query": "*", "sort": [1]}, {"query": "*", "sort": 1}, {"query": "*", "after": 1}, {"query": "*", "collapse": ["brand"]},
    {"query": "*", "strict": 1}, {"query": "*", "facets": ["brand", 1]}, {"query": "*", "facets": [""]},
    {"query": "*", "where": {"price": {"from": [1]}}}, {"query": "*", "where": {"brand": [["x"]]}},
    {"query": "x", "limit": -1}, {"query": "x", "nosuch": 1, "id": 1}, {"limit": 1}, {"query": "ships", "snippets": 2},
]  # fmt: skip


def test_answers_to_lines(index: Path) -> None:
    lines = [line if isinstance(line, str) else json.dumps(line) for line in LINES]
    run = subprocess.run(
        [sys.executable, "-m", "naidi", "search", "-"],
        input="\n".join(lines),
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT / "src"), "NAIDI_INDEX": str(index)},
        timeout=60,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(lines)
    for line, answer in zip(LINES, answers, strict=True):
        validator("error" if "error" in answer else "answer").validate(answer)
        if isinstance(line, dict):
            # What the schema refuses is refused, and nothing else is.
            assert validator("request", strict=False).is_valid(line) == ("error" not in answer), line


def test_values_of_fields(index: Path) -> None:
    page = json.loads(called("search", "--json", "ships", "--facets=day:month,created:year,stock", index=index).stdout)
    first, second = (hit["fields"] for hit in sorted(page["hits"], key=lambda hit: str(hit["id"])))
    assert first == {"brand": "Bosch", "tags": ["x", "y"], "price": 9.5, "stock": True}
    assert second == {
        "brand": "Makita",
        "price": 20,
        "day": "2024-05-29",
        "created": "2024-05-29T15:30:00.000005+05:00",
        "notes": "of \ufffd it",
    }
    assert page["facets"] == {
        "day": {"values": [{"value": "2024-05-01", "count": 1}], "other": 0, "missing": 1},
        "created": {"values": [{"value": "2024-01-01", "count": 1}], "other": 0, "missing": 1},
        "stock": {"values": [{"value": True, "count": 1}], "other": 0, "missing": 1},
    }


def test_ranges_of_facets(index: Path) -> None:
    day = datetime.date(2024, 5, 29)
    with open_index(index) as searcher:
        ranges = [field("price").ranges((None, 10), (10, 30.5)), field("day").ranges((day, None))]
        page = to_json(searcher.search("ships", facets=ranges))
    validator("page").validate(page)
    assert [each["value"] for each in page["facets"]["price"]["values"]] == [[None, 10], [10, 30.5]]
    assert page["facets"]["day"]["values"] == [{"value": ["2024-05-29", None], "count": 1}]


def test_the_keys_of_a_request_are_those_that_are_read() -> None:
    assert set(_KEYS) == set(SCHEMA["$defs"]["request"]["properties"])


def test_a_schema_that_lacks_a_key_is_noticed(index: Path) -> None:
    page = json.loads(called("search", "--json", "ships", index=index).stdout)
    assert not validator("page").is_valid({**page, "nosuch": 1})
    page["hits"][0]["snippets"][0]["nosuch"] = 1
    assert not validator("page").is_valid(page)
    del page["hits"][0]["snippets"]
    assert not validator("page", strict=False).is_valid(page)
