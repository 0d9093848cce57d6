"""The examples run with the real frameworks, and docs/embedding.md shows pieces of them.

Where a framework is missing, its test is skipped. With NAIDI_EXAMPLES set, as .ci/run sets it, it fails instead.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import ROOT
from naidi import Document, Writer, open_index

EXAMPLES = ROOT / "examples"
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
# The frameworks warn of their own old names.
pytestmark = pytest.mark.filterwarnings("default")


# All that `needs` may name. The extra [examples] is held to it.
FRAMEWORKS = {"fastapi", "httpx", "flask", "django", "celery", "nbformat", "nbclient", "ipykernel"}


def needs(*modules: str) -> None:
    """Skip the test where a module is missing, unless all of them must be there."""
    assert FRAMEWORKS.issuperset(modules)
    for module in modules:
        if os.environ.get("NAIDI_EXAMPLES"):
            importlib.import_module(module)
        else:
            pytest.importorskip(module)


@pytest.fixture
def example(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports an example, for an index of three documents."""
    with Writer(index) as writer:
        writer.add(Document(id="a/1", title="News <1>", text="The vaccines & more arrived."))
        writer.add(Document(id="b", title="Новости", text="Вакцины прибыли."))
        writer.add(Document(id="c", title="Vaccines", text=""))
    monkeypatch.setenv("NAIDI_INDEX", str(index))
    monkeypatch.syspath_prepend(str(EXAMPLES))
    loaded: list[str] = []

    def load(name: str) -> Any:
        loaded.append(name)
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


def add(index: Path, doc_id: str, text: str) -> None:
    with Writer(index) as writer:
        writer.add(Document(id=doc_id, text=text))


def test_fastapi(example: Any) -> None:
    needs("fastapi", "httpx")
    from fastapi.testclient import TestClient

    with TestClient(example("fastapi_app").app) as client:
        found = client.get("/search", params={"q": "vaccine"}).json()
        assert found["total"] == 3 and "The <mark>vaccines</mark> &amp; more arrived." in [
            hit["text"] for hit in found["hits"]
        ]
        assert {"id": "c", "title": "<mark>Vaccines</mark>", "text": ""} in found["hits"]
        assert client.get("/search", params={"q": "vaccine", "limit": -1}).status_code == 422
        assert client.get("/documents/a/1").json()["title"] == "News <1>"
        assert client.get("/documents/nothing").status_code == 404


def test_flask(example: Any, index: Path) -> None:
    needs("flask")
    client = example("flask_app").create_app().test_client()
    page = client.get("/?q=vacine+<b>").get_data(as_text=True)
    assert "<p>vacine: instead vaccine" in page and 'value="vacine &lt;b&gt;"' in page
    assert "The <mark>vaccines</mark> &amp; more arrived." in page and "<h2><mark>Vaccines</mark></h2>" in page
    assert client.get("/").status_code == 200


def test_django(example: Any, index: Path) -> None:
    needs("django")
    app = example("django_app")
    from django.test import Client

    app.create_tables()
    first = app.Article.objects.create(title="One", text="The vaccines arrived.")
    app.Article.objects.create(title="Two", text="It rained.")
    app.index_articles()
    assert Client().get("/search", {"q": "vaccine"}).json() == {
        "total": 1,
        "articles": [{"title": "One", "text": "The <mark>vaccines</mark> arrived."}],
    }
    first.delete()  # the index does not know yet
    assert Client().get("/search", {"q": "vaccine"}).json() == {"total": 1, "articles": []}
    app.searcher().close()


def test_celery(example: Any, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker takes the task from a queue in memory, and answers."""
    needs("celery")
    app = example("celery_app")
    from celery.contrib.testing.worker import start_worker

    app.app.conf.update(result_backend="cache+memory://")
    documents = [{"id": "d", "text": "The vaccines left."}, {"id": "", "text": "no id"}]
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with start_worker(app.app, queues="index", pool="solo", perform_ping_check=False):
            answer = app.index_documents.delay(documents, ["b"]).get(timeout=60)
    finally:  # a worker takes the root logger from whoever has it
        root.handlers[:] = handlers
        root.setLevel(level)
    assert answer["added"] == 1 and list(answer["refused"]) == [""]
    with open_index(index) as searcher:
        assert list(searcher.ids()) == ["a/1", "c", "d"]


def test_asyncio(example: Any, index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(example("asyncio_app").main(["vaccine", "more"]))
    assert re.fullmatch(r"vaccine: 3 .*\nmore: 1 a/1\n", capsys.readouterr().out)


def notebook_code() -> list[str]:
    """The code of each cell of the notebook that has any."""
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"]), "it is kept without outputs"
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown_by_the_notebook(outputs: list[str]) -> None:
    """What the cells must have shown, as HTML."""
    found, counted, plot, hit, document = outputs
    assert ">прививают</mark>" in found and ">vaccines</mark>" in found and "not <b>vacinated</b>" in found
    assert counted.count("<svg ") > plot.count("<svg ") == 1 and "health: 3 documents" in counted
    assert plot in counted.replace("by posted", "by value").replace('<div style="font-weight:600">posted</div>\n', "")
    assert "2024-03: 0 documents" in plot
    assert ">Вакцины</mark>" in hit and "Why it was found" in hit and "layout of dfrwbyf" in hit
    assert "В понедельник шёл дождь." in document


def test_the_code_of_the_notebook() -> None:
    """Without Jupyter: a cell that ends in an expression shows it."""
    first, *cells, last = notebook_code()
    script = "\n".join(["outputs = []", first, *map(shown, cells), last])
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    script += "\nimport json; print(json.dumps(outputs))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", env=environment, timeout=60
    )
    assert run.returncode == 0 and run.stderr == "", run.stderr
    shown_by_the_notebook(json.loads(run.stdout))


def shown(cell: str) -> str:
    """The code of a cell with its last statement, an expression, told to `outputs`."""
    *before, last = ast.parse(cell).body
    assert isinstance(last, ast.Expr)
    lines = cell.splitlines()
    kept = "\n".join(lines[: last.lineno - 1]) if before else ""
    return f"{kept}\noutputs.append(({ast.unparse(last)})._repr_html_())"


def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a kernel of Jupyter, which asks for the HTML itself."""
    needs("nbformat", "nbclient", "ipykernel")
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert {output["output_type"] for output in outputs} == {"execute_result"}, outputs
    assert all(output["data"]["text/plain"] for output in outputs)
    shown_by_the_notebook([output["data"]["text/html"] for output in outputs])


def test_the_notebook_is_one() -> None:
    needs("nbformat")
    import nbformat

    nbformat.validate(nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4))


def test_the_table_has_every_example() -> None:
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| \[(.+?)\]\((.+?)\) \| .+ \|$", table, re.MULTILINE)
    assert all(name == target for name, target in named)
    assert {name for name, _ in named} == {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}


# -- the page


def test_code_on_the_page_stands_in_the_example_that_it_names() -> None:
    pieces = re.findall(r"^```python\n# examples/(\w+\.py)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(pieces) == len(re.findall("^```python", PAGE, re.MULTILINE)) >= 4
    for name, piece in pieces:
        assert piece in (EXAMPLES / name).read_text(encoding="utf-8"), name


def test_the_page_links_to_every_example() -> None:
    assert not [path.name for path in EXAMPLES.iterdir() if path.is_file() and f"(../examples/{path.name})" not in PAGE]


def test_the_gate_skips_none_of_this() -> None:
    """It installs the extra that names the frameworks, and says that all of them must be there."""
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"pip install .*'\.\[examples\]'\nNAIDI_EXAMPLES=1 .*pytest.* tests/test_examples\.py", gate)
    extras = (ROOT / "setup.cfg").read_text(encoding="utf-8").split("\nexamples =\n")[1].split("\n\n")[0]
    assert set(re.findall(r"^    (\w+)", extras.split("\ntest =")[0], re.MULTILINE)) == FRAMEWORKS


def test_a_missing_framework_fails_at_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "FRAMEWORKS", {"no_framework_of_this_name"})
    monkeypatch.setenv("NAIDI_EXAMPLES", "1")
    with pytest.raises(ModuleNotFoundError):
        needs("no_framework_of_this_name")
    monkeypatch.delenv("NAIDI_EXAMPLES")
    with pytest.raises(pytest.skip.Exception):
        needs("no_framework_of_this_name")
