"""What users see when a real cluster refuses or fails: one line that says what happened, and nothing lost."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from naidi import (
    ClusterRefused,
    ClusterUnavailable,
    Document,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    IndexUnwritable,
    NaidiError,
    Writer,
    open_index,
)
from naidi.__main__ import main
from tests.opensearch_front import Front, write_other_ca
from tests.opensearch_nodes import PLUGINS, Built, Cluster, ask

pytestmark = pytest.mark.cluster
SECRET = "hunter2!"


@pytest.fixture
def address(opensearch: list[str], cluster_name: str) -> str:
    """Of an index with two documents."""
    address = f"{opensearch[0]}/{cluster_name}"
    fill(address)
    return address


def fill(address: str) -> None:
    with Writer(address, replicas=0) as writer:
        writer.add_many([Document(id="a", text="vaccine one"), Document(id="b", text="Вакцина два")])


def one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text and SECRET not in text and "Traceback" not in text
    return text


@pytest.mark.parametrize("missing", ["lang-painless", "analysis-common"])
def test_a_missing_plugin_is_named(opensearch_built: Built, missing: str) -> None:
    with Cluster(opensearch_built, plugins=[each for each in PLUGINS if each != missing]) as cluster:
        cluster.wait()
        with pytest.raises(ClusterUnavailable) as refused:
            fill(f"{cluster.urls[0]}/books")
        assert missing in one_line(refused.value)
        assert not ask(cluster.urls[0], "/_cat/indices/books-docs*?format=json&h=index")


def test_a_full_disk_takes_no_documents_and_answers_searches(address: str) -> None:
    url, _, name = address.rpartition("/")
    block = {"index.blocks.read_only_allow_delete": True}  # what a node sets when its disk passes the flood stage
    ask(url, f"/{name}*/_settings", block, method="PUT")
    with open_index(address) as searcher:
        with pytest.raises(IndexUnwritable) as refused, Writer(address) as writer:
            writer.add(Document(id="c", text="vaccine three"))
        assert "disk" in one_line(refused.value)
        assert {one for one, _ in searcher.search_ids("vaccine")} == {"a", "b"}
        ask(url, f"/{name}*/_settings", {"index.blocks.read_only_allow_delete": None}, method="PUT")
        with Writer(address) as writer:
            writer.add(Document(id="c", text="vaccine three"))
        searcher.refresh()
        assert {one for one, _ in searcher.search_ids("vaccine")} == {"a", "b", "c"}


def test_an_index_that_others_made_is_left_alone(opensearch: list[str], cluster_name: str) -> None:
    address = f"{opensearch[0]}/{cluster_name}"
    ask(opensearch[0], f"/{cluster_name}", {}, method="PUT")
    ask(opensearch[0], f"/{cluster_name}/_doc/1?refresh=true", {"title": "not of naidi"}, method="PUT")
    for use in (lambda: open_index(address), lambda: fill(address)):
        with pytest.raises((IndexDamaged, IndexUnwritable)) as refused:
            use()
        one_line(refused.value)
    assert ask(opensearch[0], f"/{cluster_name}/_count")["count"] == 1


def test_an_index_of_another_format_is_told_as_such(address: str) -> None:
    url, _, name = address.rpartition("/")
    mapping = next(iter(ask(url, f"/{name}/_mapping").values()))["mappings"]
    mapping["_meta"]["naidi"]["format"] = 999
    ask(url, f"/{name}/_mapping", {"_meta": mapping["_meta"]}, method="PUT")
    with pytest.raises(IndexOutdated, match="999"):
        open_index(address)


def test_there_is_no_such_index(opensearch: list[str]) -> None:
    with pytest.raises(IndexMissing):
        open_index(f"{opensearch[0]}/nobody-made-this")


def test_tls_and_logins(
    opensearch: list[str], cluster_name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), Front(opensearch[0], folder=tmp_path, login=f"reader:{SECRET}") as front:
        host = front.url.split("//")[1]

        def address(login: str, ca: Path | None) -> str:
            return f"https://{login}{host}/{cluster_name}" + (f"?ca={ca}" if ca else "")

        right = address(f"reader:{SECRET}@", front.ca_file)
        fill(right)
        with open_index(right) as searcher:
            assert searcher.search("vaccines").total == 2
            assert SECRET not in repr(searcher) + repr(vars(searcher))
        other = write_other_ca(tmp_path)
        for wrong in (
            address("reader:no@", front.ca_file),
            address("", front.ca_file),
            address(f"reader:{SECRET}@", None),
            address(f"reader:{SECRET}@", other),
            address(f"reader:{SECRET}@", tmp_path / "nowhere.pem"),
        ):
            with pytest.raises(ClusterRefused) as refused:
                open_index(wrong)
            one_line(refused.value)
    assert SECRET not in caplog.text


def test_the_command_says_it_in_one_line(
    address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _, name = address.rpartition("/")
    host = url.split("//")[1]
    for arguments in (
        ["search", "vaccine", "--index", f"{url}/{name}-nowhere"],
        ["search", "vaccine", "--index", f"http://u:{SECRET}@127.0.0.1:9/x"],
        ["search", "vaccine", "--index", f"https://u:{SECRET}@{host}/{name}"],
        ["status", "--index", f"http://u:{SECRET}@127.0.0.1:9/x"],
        ["verify", "--index", address],
    ):
        monkeypatch.setattr("sys.argv", ["naidi", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert ended.value.code == 2, arguments
        assert shown.err.count("\n") == 1 and shown.err.startswith("naidi: ") and SECRET not in shown.err, shown.err
        assert not shown.out


def test_errors_are_naidis_own(address: str) -> None:
    """Whatever a node answers in the middle of a search, users see errors of naidi alone."""
    url, _, name = address.rpartition("/")
    answers = [(500, {"error": "x"}), (404, {}), (400, {"error": {"type": "y"}}), (200, {"hits": 3}), (200, [])]
    with Front(url) as front, open_index(f"{front.url}/{name}") as searcher:
        for answer in answers:
            front.answer = lambda method, path, answer=answer: answer if "_search" in path else None  # type: ignore[misc]
            with pytest.raises(NaidiError) as told:
                searcher.search("vaccine nowhere")
            one_line(told.value)
            front.answer = lambda method, path: None
        assert searcher.search("vaccine").total == 2
