"""docs/cluster.md and its compose file: the table follows from its factors, and the versions are those that tests start."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from tests.opensearch_build import DEFAULT, RELEASES

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "cluster.md").read_text(encoding="utf-8")
COMPOSE = (DOCS / "cluster" / "compose.yaml").read_text(encoding="utf-8")

# Forms in 5,000 and in 38,145 documents of the corpus: the power by which they grow.
GROWTH = math.log(345_462 / 117_682) / math.log(38_145 / 5_000)
TEXT, INDEX, SENT, RATE, FORM = 3_000, 1.85, 30 / 13.7, 3.3e6, 111
GB = 1e9


def _sizes(documents: int) -> dict[str, float]:
    text = documents * TEXT
    forms = 345_462 * (documents / 38_145) ** GROWTH
    return {
        "text, GB": text / GB,
        "documents index, one copy, GB": INDEX * text / GB,
        "the same and one replica, GB": 2 * INDEX * text / GB,
        "disk of all nodes, GB": 2 * INDEX * text / 0.85 / GB,
        "primary shards": math.ceil(INDEX * text / (30 * GB)),
        "forms of words, million": forms / 1e6,
        "words index, one copy, GB": FORM * forms / GB,
        "sent while indexing, GB": SENT * text / GB,
        "indexing, hours": text / RATE / 3600,
    }


def test_the_table_of_sizes() -> None:
    table = re.findall(r"^\| (.*) \|$", PAGE.split("<!-- sizes -->")[1].split("<!-- /sizes -->")[0], re.MULTILINE)
    rows = {name: cells for name, *cells, _ in (line.split(" | ") for line in table)}
    assert rows.pop("documents") == ["1 million", "10 million", "100 million"]
    for column, documents in enumerate((10**6, 10**7, 10**8)):
        sizes = _sizes(documents)
        assert sizes.keys() == rows.keys()
        for name, size in sizes.items():
            assert float(rows[name][column]) == pytest.approx(size, rel=0.03), (name, documents)


def test_the_compose_file_starts_what_tests_start() -> None:
    assert re.findall(r"image: opensearchproject/opensearch:(\S+) # or ([\d.]+)", COMPOSE) == [tuple(RELEASES)]
    assert DEFAULT in COMPOSE and all(version in PAGE for version in RELEASES)


def test_the_compose_file_opens_ports_on_loopback_alone() -> None:
    ports = re.findall(r'ports: \["(.*)"\]', COMPOSE)
    assert ports == [f"127.0.0.1:{9200 + number}:9200" for number in range(3)]
    hosts = ",".join(port.rpartition(":")[0] for port in ports)
    assert f"http://{hosts}/library" in COMPOSE and f"http://{hosts}/library" in PAGE
