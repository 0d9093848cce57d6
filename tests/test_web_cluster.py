"""`naidi serve` of an index in an OpenSearch cluster: the same page and the same answers as of one in a folder."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from naidi import Document, Writer, fields

pytest.importorskip("starlette", reason="the extra [web] is not installed")
from starlette.testclient import TestClient

from naidi.search.web.app import web_app

pytestmark = pytest.mark.cluster


def build(place: Path | str) -> None:
    with Writer(place, schema={"brand": fields.Keyword()}) as writer:
        for number in range(12):
            writer.add(
                Document(
                    f"news/{number}.txt",
                    f"Vaccine number {number}.\nChildren wait.",
                    title=f"News {number}",
                    language="en",
                    date=date(2020 + number % 2, 5, 29),
                    fields={"brand": "Bosch" if number % 2 else "Makita"},
                )
            )


@pytest.fixture(scope="module")
def clients(
    opensearch: list[str], module_cluster_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, TestClient]]:
    """Of an index in a folder, and of one in a cluster with the same documents."""
    places = tmp_path_factory.mktemp("web") / "index", f"{opensearch[0]}/{module_cluster_name}"
    apps = []
    for place in places:
        build(place)
        apps.append(web_app(place))
    one, other = (TestClient(app, base_url="http://127.0.0.1") for app in apps)
    yield one, other
    for app in apps:
        app.close()


@pytest.mark.parametrize(
    "path",
    [
        "/api/search?query=vaccine&facets=brand&facets=language&facets=year",
        "/api/search?query=vaccine&where=brand:=Bosch&sort=-date&limit=3",
        "/api/suggest?text=vacc",
        "/api/similar?document=news/1.txt&limit=3&snippets=0",
        "/api/documents/news/1.txt?query=children",
    ],
)
def test_programs_are_answered_alike(clients: tuple[TestClient, TestClient], path: str) -> None:
    here, there = (client.get(path) for client in clients)
    assert here.status_code == there.status_code == 200, there.text
    one, other = here.json(), there.json()
    for answer in (one, other):
        answer.pop("took_ms", None)
        answer.pop("cursor", None)
        for hit in answer.get("hits", ()):
            hit["score"] = round(hit["score"], 4)
    assert one == other
    assert "etag" in here.headers and "etag" not in there.headers


@pytest.mark.parametrize("path", ["/", "/?q=vaccine&f=date:2021", "/documents/news/1.txt?q=children", "/help"])
def test_pages_are_alike(clients: tuple[TestClient, TestClient], path: str) -> None:
    here, there = (re.sub(r"\d+ ms", "", html.unescape(client.get(path).text)) for client in clients)
    assert here == there


def test_refusals(clients: tuple[TestClient, TestClient]) -> None:
    _, client = clients
    assert client.get("/api/documents/none").status_code == 404
    assert client.get("/api/search?query=a&where=words").status_code == 422
    away = TestClient(web_app("http://127.0.0.1:9/none"), base_url="http://127.0.0.1").get("/api/search?query=a")
    assert away.status_code == 503 and away.headers["retry-after"] == "1" and away.json()["error"]
