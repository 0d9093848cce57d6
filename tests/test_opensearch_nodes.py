"""The nodes that other tests ask: they start, come back after a kill, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
from pathlib import Path

import pytest

from tests import opensearch_build
from tests.opensearch_nodes import PLUGINS, Built, CannotBuild, Cluster, ask, built

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).parents[1]


def test_a_node_answers(opensearch: list[str]) -> None:
    about = ask(opensearch[0], "/")
    assert about["version"]["distribution"] == "opensearch"


def test_a_fresh_name_and_its_indices_are_deleted(opensearch: list[str], request: pytest.FixtureRequest) -> None:
    name = request.getfixturevalue("cluster_name")
    ask(opensearch[0], f"/{name}-docs-1", {}, method="PUT")
    assert [index["index"] for index in ask(opensearch[0], f"/_cat/indices/{name}*?format=json")] == [f"{name}-docs-1"]


def test_the_plugins_that_naidi_needs_are_there(opensearch: list[str], cluster_name: str) -> None:
    filters = {"arms": {"type": "pattern_capture", "patterns": ["([^|]+)"], "preserve_original": False}}
    analyzer = {"query": {"tokenizer": "whitespace", "filter": ["arms"]}}
    ask(
        opensearch[0],
        f"/{cluster_name}",
        {"settings": {"analysis": {"filter": filters, "analyzer": analyzer}}},
        method="PUT",
    )
    tokens = ask(opensearch[0], f"/{cluster_name}/_analyze", {"analyzer": "query", "text": "=a|=b"})["tokens"]
    assert [(each["token"], each["position"]) for each in tokens] == [("=a", 0), ("=b", 0)]
    document = {"number": 2}
    ask(opensearch[0], f"/{cluster_name}/_doc/1?refresh=true", document)
    script = {"script_score": {"query": {"match_all": {}}, "script": {"source": "doc['number'].value * 3"}}}
    assert ask(opensearch[0], f"/{cluster_name}/_search", {"query": script})["hits"]["max_score"] == 6
    asked = {"query": {"term": {"number": 2}}}
    assert ask(opensearch[0], f"/{cluster_name}/_delete_by_query", asked)["deleted"] == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_a_node_comes_back_with_its_data(opensearch_three: Cluster, how: signal.Signals) -> None:
    urls, index = opensearch_three.urls, how.name.lower()
    settings = {"settings": {"number_of_shards": 3, "number_of_replicas": 1}}
    ask(urls[0], f"/{index}?wait_for_active_shards=all", settings, method="PUT")
    for number in range(20):
        ask(urls[0], f"/{index}/_doc/{number}", {"number": number})
    opensearch_three.kill(1, how)
    assert opensearch_three.running == [0, 2]
    opensearch_three.wait("yellow")
    with pytest.raises(urllib.error.URLError):
        ask(urls[1], "/")
    opensearch_three.start_node(1)
    health = opensearch_three.wait("green")
    assert health["number_of_nodes"] == 3 and opensearch_three.urls == urls
    ask(urls[1], f"/{index}/_refresh", {})
    assert ask(urls[1], f"/{index}/_count")["count"] == 20


def test_a_paused_node_does_not_answer_until_it_goes_on(opensearch_built: Built) -> None:
    with Cluster(opensearch_built) as cluster:
        cluster.wait()
        with cluster.paused(0), pytest.raises(OSError):
            ask(cluster.urls[0], "/", seconds=0.5)
        assert ask(cluster.urls[0], "/")["name"] == "n0"


def test_a_node_with_fewer_plugins_and_other_settings(opensearch_built: Built) -> None:
    plugins = [each for each in PLUGINS if each != "lang-painless"]
    with Cluster(opensearch_built, plugins=plugins, settings={"node.attr.shelf": "upper"}) as cluster:
        cluster.wait()
        _, node = ask(cluster.urls[0], "/_nodes/_local")["nodes"].popitem()
        assert node["attributes"]["shelf"] == "upper"
        with pytest.raises(urllib.error.HTTPError):  # no script language
            ask(cluster.urls[0], "/_scripts/one", {"script": {"lang": "painless", "source": "1"}}, method="PUT")


def test_nodes_end_with_the_process_that_started_them(opensearch_built: Built) -> None:
    """It is killed, so it cannot end them itself, nor remove their data."""
    program = """
import sys
from tests.opensearch_nodes import Cluster, built
with Cluster(built(), nodes=3) as cluster:
    cluster.wait()
    print(cluster._home, *map(cluster.pid, cluster.running), flush=True)
    sys.stdin.read()
"""
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None and owner.stdin is not None
    home, *pids = owner.stdout.readline().split()
    assert len(pids) == 3 and all(_is_alive(int(pid)) for pid in pids)
    owner.kill()
    owner.wait()
    end = time.monotonic() + 60
    while time.monotonic() < end and (any(_is_alive(int(pid)) for pid in pids) or Path(home).exists()):
        time.sleep(0.1)
    alive = [pid for pid in pids if _is_alive(int(pid))]
    for pid in alive:
        os.kill(int(pid), signal.SIGKILL)
    assert not alive and not Path(home).exists()
    owner.stdin.close()
    owner.stdout.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended: in a container there may be nobody who asks how.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_node_that_cannot_start_says_why(opensearch_built: Built) -> None:
    with (
        Cluster(opensearch_built, settings={"no.such.setting": "1"}) as cluster,
        pytest.raises(RuntimeError, match=r"no\.such\.setting"),
    ):
        cluster.wait()


def test_the_newer_version_where_java_is_new_enough() -> None:
    try:
        opensearch_build.jdk("3.9.0")
    except CannotBuild as reason:
        pytest.skip(str(reason))
    with Cluster(built("3.9.0")) as cluster:
        cluster.wait()
        assert ask(cluster.urls[0], "/")["version"]["number"] == cluster.version == "3.9.0"
