"""Fixtures shared by the tests."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import opensearch_nodes

# How long an example takes says more about who else uses the machine. `print_blob` says how to repeat one that failed. Fixtures
# of a test are shared by its examples knowingly. "as found": an example that fails is not made smaller, which takes time.
settings.register_profile(
    "naidi",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("as found", parent=settings.get_profile("naidi"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("naidi")

# Whoever runs the tests may read another language than they do. A test of another one says so.
os.environ["LANGUAGE"] = "en"

# A shell without job control has what it starts in the background ignore Ctrl-C, and so would all that the tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def fast_disk() -> Iterator[None]:
    """Nothing is flushed to the disk: no test cuts the power, and a test run makes thousands of small commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where an index may be made; nothing is there yet."""
    return tmp_path / "index_data"


@pytest.fixture(scope="module")
def without_core() -> Iterator[None]:
    """Queries are answered in Python, whether the compiled core is there or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("naidi.indexer.core.is_used", False)
        yield


@pytest.fixture(scope="session")
def opensearch_built() -> opensearch_nodes.Built:
    """OpenSearch, ready to start. A machine without Java or Maven skips the test; the gate ($NAIDI_CLUSTER) fails."""
    try:
        return opensearch_nodes.built()
    except opensearch_nodes.CannotBuild as reason:
        if os.environ.get("NAIDI_CLUSTER"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def opensearch(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The URLs of an OpenSearch cluster: one node for each worker of the test run, or $NAIDI_TEST_OPENSEARCH (URLs with commas)."""
    given = os.environ.get("NAIDI_TEST_OPENSEARCH")
    if given:
        yield [url.rstrip("/") for url in given.split(",")]
        return
    with opensearch_nodes.Cluster(request.getfixturevalue("opensearch_built")) as cluster:
        cluster.wait()
        yield cluster.urls


@pytest.fixture(scope="module")
def opensearch_three(opensearch_built: opensearch_nodes.Built) -> Iterator[opensearch_nodes.Cluster]:
    """Three nodes that the tests of a module may kill. A test leaves all of them running."""
    with opensearch_nodes.Cluster(opensearch_built, nodes=3) as cluster:
        cluster.wait()
        yield cluster


@pytest.fixture
def cluster_name(opensearch: list[str]) -> Iterator[str]:
    """A name that no index of the cluster has. Indices whose names begin with it are deleted afterwards."""
    yield from _index_name(opensearch[0])


@pytest.fixture(scope="module")
def module_cluster_name(opensearch: list[str]) -> Iterator[str]:
    """As `cluster_name`, for all tests of a module."""
    yield from _index_name(opensearch[0])


def _index_name(url: str) -> Iterator[str]:
    name = f"naidi-test-{uuid.uuid4().hex[:12]}"
    yield name
    for index in opensearch_nodes.ask(url, f"/_cat/indices/{name}*?format=json&h=index&expand_wildcards=all"):
        opensearch_nodes.ask(url, f"/{index['index']}", method="DELETE")
