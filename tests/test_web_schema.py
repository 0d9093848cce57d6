"""The API keeps what its description promises: schemathesis asks it, rightly and wrongly, and looks at each answer."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from chromium import missing
from naidi import Document, Writer, fields
from served import Served, serve

pytestmark = pytest.mark.browser
pytest.importorskip("uvicorn", reason="the extra [web] is not installed")

TOKEN = "0123456789abcdef0123"
# 422 says that a value has no meaning for this index, which no description can tell: a date, a field, a filter, a cursor. 414, that
# the values together are too long.
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "404", "414", "422"]
negative_data_rejection.expected-statuses = ["400", "404", "405", "414", "422"]
"""


@pytest.fixture(scope="module", params=["open", "with a token"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    directory = tmp_path_factory.mktemp("schema") / "index"
    with Writer(directory, schema={"brand": fields.Keyword(), "price": fields.Number()}) as writer:
        for number in range(12):
            text = f"Vaccine {number} for children. Вакцины лечат детей."
            given = {"brand": "Bosch", "price": number}
            writer.add(Document(f"a/{number}", text, title=f"News {number}", date=date(2020, 1, 2), fields=given))
        writer.add(Document("0", "zero", meta={"x": 1.5, "y": None}))
    env = {"NAIDI_TOKEN": TOKEN} if request.param == "with a token" else {}
    with serve(directory, env=env) as served:
        yield served


def test_answers_are_as_described(served: Served, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """All checks of schemathesis, of examples, of values at the edges, and of random ones."""
    if importlib.util.find_spec("schemathesis") is None:
        missing("schemathesis is not installed: the extra [browser]")
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(tmp_path / "schemathesis.toml")),
        *("run", f"{served.url}api/openapi.json", "--url", served.url.rstrip("/")),
        *("--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing"),
        *("--max-examples", os.environ.get("NAIDI_SCHEMA_EXAMPLES", "40"), "--generation-database", "none"),
        *("--suppress-health-check", "all", "--no-color"),
    ]
    if "with a token" in request.node.name:
        command += ["--header", f"Authorization: Bearer {TOKEN}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=900)
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]
    assert "Tested: 5" in run.stdout, run.stdout
