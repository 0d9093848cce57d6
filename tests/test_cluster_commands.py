"""The public names and the command line with the address of a cluster in the place of a directory.

The first half needs no node: what is wrong with an address, who does not answer, what a cluster cannot have.
"""

from __future__ import annotations

import inspect
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import naidi
from api_page import OF_NAIDI, own
from commands import ROOT, SEEDS, called
from commands import naidi as run_naidi
from indexes import write_old
from naidi import ClusterUnavailable, Document, InvalidAddress, NotSupported, Searcher, Writer, open_index
from test_readme import blocks, without_times
from tests.opensearch_front import Front

SECRET = "s3cret%40word"
CLIENT = ("opensearchpy", "urllib3", "requests", "certifi", "http.client", "ssl")


@pytest.fixture(scope="module")
def nobody() -> Iterator[str]:
    """The address of an index at a port of loopback where nobody listens, with a user and a password."""
    with socket.socket() as taken:  # bound and not listening: nobody else gets the port
        taken.bind(("127.0.0.1", 0))
        yield f"http://me:{SECRET}@127.0.0.1:{taken.getsockname()[1]}/books"


def without_naidi() -> dict[str, str]:
    """The environment of a program, without what is set for naidi."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAIDI")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}


def told(run: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that failed. No password stands in it."""
    assert run.returncode == 2 and run.stdout == "", run
    (line,) = run.stderr.splitlines()
    assert line.startswith("naidi: ") and SECRET not in line and "s3cret" not in line
    return line


@pytest.mark.parametrize(
    "address, why",
    [
        ("http://", "needs the name of a host"),
        ("https://host", "https://host:9200: the name of the index is missing"),
        ("https://host:99999/books", "a port is a number up to 65535"),
        ("https://host/Books", "is no name of an index"),
        ("https://host/books-words", "is what naidi calls a part of an index"),
        ("https://host/books?retries=3", "has the settings ca and timeout"),
        ("https://host/books?timeout=0", "timeout is a number of seconds"),
        (f"https://me:{SECRET}@/books", "needs the name of a host"),
        (f"https://me:{SECRET}@host", "the name of the index is missing"),
        ("HTTPS://host", "the name of the index is missing"),
    ],
)
def test_an_address_that_is_wrong(address: str, why: str) -> None:
    for command in (
        ["search", "x"],
        ["suggest", "x"],
        ["similar", "x"],
        ["index", "seeds"],
        ["index"],
        ["status"],
        ["folders"],
    ):
        assert why in told(called(*command, "--index", address)), command
    for call in (open_index, Searcher, Writer, naidi.upgrade):
        with pytest.raises(InvalidAddress, match=re.escape(why)):
            call(address)
    with pytest.raises(InvalidAddress, match=re.escape(why)):
        naidi.sync("seeds", address)
    with pytest.raises(InvalidAddress, match=re.escape(why)):
        naidi.drop("seeds", address)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "vaccine"], ["search", "-l", "--all", "vaccine"], ["search", "-"], ["suggest", "vac"], ["similar", "a"],
        ["index", "seeds"], ["index"], ["index", "--rebuild"], ["index", "--upgrade"], ["index", "--drop", "seeds"],
        ["status"], ["status", "--json"], ["folders"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_nobody_answers(nobody: str, command: list[str]) -> None:
    started = time.monotonic()
    line = told(called(*command, "--index", nobody))
    assert re.fullmatch(r"naidi: http://127.0.0.1:\d+/books: cannot be reached, 2 tries: Connection refused", line)
    assert line == told(called(*command, env={"NAIDI_INDEX": nobody}))
    assert time.monotonic() - started < 10


def test_nobody_answers_a_plain_search(nobody: str) -> None:
    """The way without click."""
    line = told(run_naidi("search", "vaccine", "--index", nobody))
    assert line.endswith(": cannot be reached, 2 tries: Connection refused")


def test_nobody_answers_a_program(nobody: str) -> None:
    for call in (open_index, Searcher, Writer, naidi.upgrade):
        with pytest.raises(ClusterUnavailable, match="cannot be reached") as caught:
            call(nobody)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "status, answer, why",
    [
        (401, {"error": "Unauthorized"}, "the cluster does not know this user and password"),
        (403, {"error": {"type": "security_exception", "reason": "no permissions"}}, "the cluster does not allow this"),
        (503, {"error": {"type": "cluster_block_exception", "reason": "no state"}}, "the cluster answers 503, "),
        (200, "<html>Welcome</html>", "what answers is no OpenSearch"),
        (200, {"version": {"number": "8.1.0"}}, "the server is no OpenSearch but says it is 8.1.0"),
        (200, {"version": {"distribution": "opensearch", "number": "1.3.0"}}, "the server is OpenSearch 1.3.0; naidi needs 2.4"),
    ],
)  # fmt: skip
def test_what_a_server_answers_is_told_in_one_line(status: int, answer: Any, why: str) -> None:
    with Front("http://127.0.0.1:9") as front:
        front.answer = lambda method, path: (status, answer)
        place = front.url.replace("://", f"://me:{SECRET}@") + "/books"
        for command in (["search", "x"], ["index", "seeds"], ["suggest", "x"], ["status"], ["index", "--upgrade"]):
            assert why in told(called(*command, "--index", place)), command


WITHOUT_CLIENT = """
import sys
sys.modules["opensearchpy"] = None
from naidi.__main__ import main
main()
"""


@pytest.mark.parametrize("command", [["search", "x"], ["index", "seeds"], ["status"]])
def test_the_client_is_not_installed(command: list[str], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_CLIENT, *command, "--index", f"https://me:{SECRET}@host/books"],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=without_naidi(),
    )
    why = "naidi: https://host:9200/books: this needs opensearch-py: pip install 'naidi[opensearch]'"
    assert told(run) == why


def test_a_directory_loads_nothing_of_clusters(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    code = (
        "import sys\nfrom naidi.search.cli import main\n"
        "try: main({})\nexcept SystemExit as end: assert not end.code\nprint()\nprint(*sys.modules)"
    )

    def loaded(code: str) -> set[str]:
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            encoding="utf-8",
            check=True,
            env={**without_naidi(), "NAIDI_INDEX": index},
        )
        return set(run.stdout.splitlines()[-1].split())

    here = loaded("import sys; print(*sys.modules)")
    for command in (
        ["index", str(SEEDS)],
        ["search", "vaccine"],
        ["search", "--all", "vaccine"],
        ["suggest", "vac"],
        ["status"],
    ):
        found = loaded(code.format(command)) - here
        assert "naidi.indexer.errors" in found
        of_clusters = {
            name for name in found if name.startswith(("naidi.indexer.opensearch.", "naidi.search.opensearch"))
        }
        assert of_clusters <= {"naidi.indexer.opensearch.address"}, command
        assert not found & {*CLIENT, "naidi.search.cluster_searcher"}, command
    plain = loaded("import sys\nfrom naidi.__main__ import main\nsys.argv[1:] = ['search', 'vaccine']\n" + PLAIN) - here
    assert "naidi.search.searcher" in plain
    assert not {name for name in plain if "opensearch" in name or name in CLIENT}
    program = (
        "import sys, naidi\n"
        f"with naidi.Writer({index!r}) as writer: writer.add(naidi.Document(id='a', text='b'))\n"
        f"assert naidi.open_index({index!r}).search('b').total == 1\nprint(*sys.modules)"
    )
    found = loaded(program) - here
    assert not found & set(CLIENT) and "naidi.indexer.opensearch.cluster" not in found


PLAIN = "try: main()\nexcept SystemExit as end: assert not end.code\nprint()\nprint(*sys.modules)"


# What a cluster cannot have.


@pytest.mark.parametrize(
    "command, why",
    [
        (["verify"], "no files to verify: the cluster checks its own"),
        (["dictionary", "list"], "no dictionaries of yours"),
        (["dictionary", "add", "mueller7.index"], "no dictionaries of yours"),
        (["index", "seeds", "--force"], "force is of an index in a directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_cluster_has_not_is_said_without_asking_it(nobody: str, command: list[str], why: str) -> None:
    line = told(called(*command, "--index", nobody))
    assert line.startswith("naidi: http://127.0.0.1:") and why in line


@pytest.mark.parametrize("options", [{"force": True}, {"mode": 0o700}, {"flush_tokens": 1000}])
def test_options_of_directories_are_refused(nobody: str, options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(NotSupported, match=f"^http://127.0.0.1:[0-9]+/books: {name} is of an index in a directory"):
        Writer(nobody, **options)
    if name == "force":
        with pytest.raises(NotSupported, match="force is of an index in a directory"):
            naidi.sync("seeds", nobody, force=True)


def test_options_of_clusters_are_refused_for_directories(tmp_path: Path) -> None:
    place = tmp_path / "index"
    for options in ({"shards": 2}, {"replicas": 0}):
        with pytest.raises(TypeError, match="is of an index in a cluster"):
            Writer(place, **options)
        with pytest.raises(TypeError, match="is of an index in a cluster"):
            naidi.sync(SEEDS, place, **options)
        run = called("index", SEEDS, "--index", place, *[f"--{name}={value}" for name, value in options.items()])
        assert run.returncode == 2 and "--shards and --replicas are of an index in a cluster" in run.stderr
    assert not place.exists()
    with Writer(place):
        pass
    with pytest.raises(TypeError, match="asks_twice is of an index in a cluster"):
        Searcher(place, asks_twice=False)


def test_who_derives_a_class_of_his_own_gets_no_other_one(nobody: str, tmp_path: Path) -> None:
    class Mine(Writer):
        pass

    class MySearcher(Searcher):
        pass

    with pytest.raises(NotSupported, match="Mine is a Writer of directories"):
        Mine(nobody)
    with pytest.raises(NotSupported, match="MySearcher is a Searcher of directories"):
        MySearcher(nobody)
    with Mine(tmp_path / "index") as writer:
        writer.add(Document(id="a", text="b"))
    with MySearcher(tmp_path / "index") as searcher:
        assert searcher.search("b").total == 1 and searcher.refresh(warm=["b"]) is False


def test_more_arguments_than_an_address_are_refused(nobody: str) -> None:
    for value in (Writer, Searcher):
        made: Any = value
        with pytest.raises(TypeError, match="takes one argument and options by name"):
            made(nobody, 3)
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            made(nobody, nothing=3)


def test_an_address_that_was_made_a_path_makes_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = Path(f"https://me:{SECRET}@host/books")
    calls: list[Any] = [lambda: Writer(place), lambda: naidi.sync(SEEDS, place), lambda: naidi.upgrade(place)]
    for call in calls:
        with pytest.raises(
            InvalidAddress, match=r"^host/books: a Path makes one slash of two; give the address as a str$"
        ):
            call()
    assert not list(tmp_path.iterdir())


def test_help_shows_what_the_classes_take() -> None:
    assert {"shards", "replicas", "lock_timeout"} < {*inspect.signature(Writer).parameters}
    assert {"asks_twice", "refresh_every"} < {*inspect.signature(Searcher).parameters}


def test_a_writer_of_a_cluster_has_what_a_writer_of_a_directory_has() -> None:
    """The names that docs/api.md gives, and each parameter of them."""
    from naidi.indexer.opensearch.writer import ClusterWriter

    public = {name: each for name, each in own(Writer).items() if name[0] != "_" and name not in OF_NAIDI["Writer"]}
    assert (
        {"add", "update", "delete_where", "optimize", "commit", "directory"} <= public.keys() <= {*dir(ClusterWriter)}
    )
    for name, each in public.items():
        if inspect.isfunction(each):
            other = inspect.signature(getattr(ClusterWriter, name)).parameters
            assert {*inspect.signature(each).parameters} <= {*other}, name


def test_a_directory_may_have_the_name_of_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("localhost:9200", "http", "httpsbooks", "a:"):
        with Writer(name) as writer:
            writer.add(Document(id="a", text="b"))
        with open_index(name) as searcher:
            assert searcher.search("b").total == 1 and searcher.directory == name
        assert (tmp_path / name / "CURRENT").exists()


# Where the address comes from.


def test_the_settings_of_the_user_may_name_a_cluster_and_those_of_a_folder_not(nobody: str, tmp_path: Path) -> None:
    """A `naidi.toml` beside documents may be of somebody else, who would get queries, documents and the user's password."""
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}
    folder = tmp_path / "notes"
    write_old(folder / "naidi.toml", f'directory = "{nobody}"\n')
    own = str(tmp_path / "config" / "naidi" / "naidi.toml")
    for command in (["search", "x"], ["index", "."], ["status"]):
        line = told(called(*command, cwd=folder, env=env))
        assert f"naidi.toml: directory is an address; it counts in {own}, $NAIDI_INDEX and --index alone" in line
    (folder / "naidi.toml").rename(tmp_path / "moved")
    write_old(Path(own), f'directory = "{nobody}"\n')
    assert "cannot be reached" in told(called("search", "x", cwd=folder, env=env))
    shown = called("config", "--changed", cwd=folder, env=env).stdout
    assert re.search(r"^directory  http://127.0.0.1:\d+/books  \(.*/naidi.toml\)$", shown, re.MULTILINE)
    told_json = called("config", "--json", cwd=folder, env={**env, "NAIDI_INDEX": nobody}).stdout
    assert "s3cret" not in shown + told_json
    assert {row["name"]: row["source"] for row in json.loads(told_json)["settings"]}["directory"] == "NAIDI_INDEX"


def test_the_manual_and_the_help_tell_of_addresses() -> None:
    for command in ("index", "search", "suggest", "similar", "status"):
        assert "https://host:9200/name" in " ".join(called(command, "--help").stdout.split())
    page = called("man").stdout
    assert all(
        variable in page for variable in ("NAIDI_OPENSEARCH_USER", "NAIDI_OPENSEARCH_PASSWORD", "NAIDI_OPENSEARCH_CA")
    )


# With a node.


@pytest.fixture
def address(opensearch: list[str], cluster_name: str) -> str:
    """Where an index may be made; nothing is there yet."""
    hosts = ",".join(url.partition("//")[2] for url in opensearch)
    return f"http://{hosts}/{cluster_name}"


@pytest.mark.cluster
def test_the_terminal_of_the_readme(address: str) -> None:
    """Each `$ naidi ...` line of the README gives the same of an index in a cluster. Times differ."""
    commands = [
        found
        for block in blocks("console")
        for found in re.findall(r"^\$ naidi (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]
    assert len(commands) >= 5
    for command, expected in commands:
        run = run_naidi(*command.split(), env={"NAIDI_INDEX": address})
        # What is said on stderr stands before or behind what is found.
        said, found = without_times(run.stderr), without_times(run.stdout)
        assert sorted(said + found) == sorted(without_times(expected)), command


@pytest.mark.cluster
def test_the_program_of_the_readme(address: str, tmp_path: Path) -> None:
    (program,) = blocks("python")
    (said,) = re.findall(r"print\(results.*# (.*)", program)
    program = program.replace('"index_data"', repr(address)).replace('"seeds"', repr(str(SEEDS)))
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=without_naidi(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert run.stderr == "" and not list(tmp_path.iterdir()), run.stderr
    assert "<mark>вакцинами</mark>" in run.stdout and "<mark>Всемирной</mark>" in run.stdout
    assert run.stdout.splitlines()[-1] == said


@pytest.mark.cluster
def test_what_both_homes_are_called(address: str, tmp_path: Path) -> None:
    with Writer(address, shards=2, replicas=0, lock_timeout=1.0) as writer:
        assert isinstance(writer, Writer)
        writer.add(Document(id="a", text="Вакцины лечат детей."))
    with open_index(address) as searcher:
        assert isinstance(searcher, Searcher) and searcher.directory is None
        assert [hit.id for hit in searcher.search("вакцина")] == ["a"]
        assert not isinstance(searcher, Writer)
    with Searcher(address, refresh_every=0, asks_twice=False) as searcher:
        assert searcher.search_ids("вакцина")[0][0] == "a"
        with Writer(address) as writer:
            writer.add(Document(id="b", text="Вакцина."))
        assert {hit.id for hit in searcher.search("вакцина")} == {"a", "b"}
    status = json.loads(called("status", "--json", "--index", address).stdout)
    assert (status["documents"], status["shards"], status["replicas"]) == (2, 2, 0)
    assert naidi.upgrade(address).reason is None
    with pytest.raises(naidi.IndexUnwritable, match="the index has shards=2, and shards=3 is for a new one"):
        Writer(address, shards=3)


def preview(*folders: Path, env: dict[str, str]) -> dict[str, list[str]]:
    """The names of files that `naidi index --dry-run` tells."""
    told = json.loads(called("index", *folders, "--dry-run", "--json", env=env).stdout)
    return {what: [os.path.basename(path) for path in told[what]] for what in ("added", "changed", "removed")}


@pytest.mark.cluster
def test_a_folder_from_the_terminal(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    for number in range(3):
        write_old(folder / f"{number}.txt", f"борщ номер {number}")
    env = {"NAIDI_INDEX": address}
    assert re.fullmatch(
        r"naidi: http://\S+: there is no such index in this cluster; a Writer or `naidi index` makes it",
        told(called("search", "борщ", env=env)),
    )
    assert "there is no such index" in told(called("status", env=env))
    assert preview(folder, env=env) == {"added": ["0.txt", "1.txt", "2.txt"], "changed": [], "removed": []}
    assert "there is no such index" in told(called("status", env=env)), "a preview makes none"
    run = called("index", folder, "--replicas", "0", "--json", env=env)
    assert json.loads(run.stdout)["added"] == 3, run.stderr
    assert preview(env=env) == preview(folder, env=env) == {"added": [], "changed": [], "removed": []}
    write_old(folder / "1.txt", "борщ зелёный")
    (folder / "2.txt").unlink()
    (folder / ".hidden").write_text("борщ", encoding="utf-8")
    assert preview(env=env) == {"added": [], "changed": ["1.txt"], "removed": ["2.txt"]}
    assert called("status", "--skipped", env=env).stdout == f"{folder}/.hidden: hidden\n"
    assert called("index", env=env).stdout.startswith(
        "added 0, updated 1, removed 1, unchanged 1, skipped 1 (1 hidden)"
    )
    assert called("search", "-l", "зеленый", env=env, cwd=folder).stdout == "1.txt\n"
    assert called("search", "-l", "ytcdzpfyyjt", env=env).returncode == 1
    folders = json.loads(called("folders", "--json", env=env).stdout)["folders"]
    assert [(one["path"], one["documents"], one["missing"]) for one in folders] == [(str(folder), 2, False)]
    lines = called("status", env=env).stdout.splitlines()
    assert lines[0].startswith("index       http://") and lines[0].endswith(address.rpartition("/")[2])
    assert any(re.fullmatch(r"size        .*, 1 shard, no replicas, 6 forms of words", line) for line in lines)
    assert any(re.fullmatch(r"cluster     (green|yellow), \d+ nodes?, OpenSearch \d+\.\d+", line) for line in lines)
    assert called("index", "--rebuild", env=env).stdout.startswith("added 0, updated 2")
    assert called("index", "--upgrade", env=env).stdout.endswith("up to date, nothing to do (2 documents)\n")
    assert "shards=2 is for a new one" in told(called("index", "--rebuild", "--shards", "2", env=env))
    # Files that change later are told of no search in a cluster: the folder may be on another machine.
    (folder / "3.txt").write_text("борщ", encoding="utf-8")
    assert called("search", "-l", "борщ", env=env).stderr == ""
    assert called("index", "--drop", folder, env=env).stdout.endswith(": 2 documents\n")
    assert called("search", "борщ", env=env).returncode == 1
    assert "the index follows no such folder" in told(called("index", "--drop", folder, env=env))


@pytest.mark.cluster
def test_queries_from_stdin(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Writer(address) as writer:
        writer.add(Document(id="a", text="Вакцины лечат детей."))
        writer.add(Document(id="b", text="The vaccine."))
    lines = ["вакцина", '{"query": "vaccine", "limit": 1, "id": 7}', '{"query": "vaccine", "limits": 1}', ""]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode()), encoding="utf-8"))
    first, second, third = map(json.loads, called("search", "-", "--index", address).stdout.splitlines())
    assert {hit["id"] for hit in first["hits"]} == {"a", "b"} and second["id"] == 7 and len(second["hits"]) == 1
    assert "unknown key 'limits'" in third["error"] and "stale" not in first


@pytest.mark.cluster
def test_haystack_keeps_its_index_in_a_cluster(address: str, tmp_path: Path) -> None:
    from naidi.search.integrations.haystack.places import place_on_disk

    place = place_on_disk(address, 5.0)
    assert place is place_on_disk(address, 5.0)
    schema = {"kind": naidi.fields.Keyword()}
    place.make(schema)
    place.add(
        [Document(id="a", text="Вакцины лечат детей.", fields={"kind": "x"}), Document(id="b", text="Вакцина.")], schema
    )
    assert len(place.searcher().search("вакцина")) == 2
    place.delete_where(naidi.field("kind") == "x", schema)
    place.optimize(schema)
    assert [hit.id for hit in place.searcher().search("вакцина")] == ["b"]
    place.empty(schema)
    assert place.searcher().doc_count == 0


@pytest.mark.cluster
def test_an_index_of_whoosh_goes_into_a_cluster(address: str, tmp_path: Path) -> None:
    from whoosh import fields, index

    place = tmp_path / "whoosh"
    place.mkdir()
    made = index.create_in(
        str(place), fields.Schema(id=fields.ID(stored=True, unique=True), text=fields.TEXT(stored=True))
    )
    writer = made.writer()
    writer.add_document(id="a", text="Вакцины лечат детей.")
    writer.commit()
    report = naidi.from_whoosh(place, address)
    assert report.documents == 1 and not report.skipped
    with open_index(address) as searcher:
        assert searcher.get("a").text == "Вакцины лечат детей."
