"""Real OpenSearch nodes for tests, on 127.0.0.1 alone. Each is a process of its own that can be killed.

python -m tests.opensearch_nodes build FOLDER [VERSION]     # once: 10 to 20 s, 120 MB
python -m tests.opensearch_nodes run FOLDER [VERSION] [NODES]     # until Enter is pressed

with Cluster(built(), nodes=3) as cluster:
    cluster.wait("green")
    ... cluster.urls
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tests.opensearch_build as building
from tests.opensearch_build import DEFAULT, PLUGINS, Built, CannotBuild

__all__ = ["DEFAULT", "PLUGINS", "Built", "CannotBuild", "Cluster", "ask", "build", "built"]

_LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""
_JAVA = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")  # a quick start, and nothing left in /tmp
_PORTS = range(17_000, 32_000)  # below those that outgoing connections get


def build(folder: Path, version: str = DEFAULT) -> Built:
    """OpenSearch `version`, ready to start; made if it is not there yet (see opensearch_build)."""
    return building.build(folder, version, first_start=_write_archive)


def built(version: str = DEFAULT) -> Built:
    """The same in the folder that tests share: $NAIDI_TEST_OPENSEARCH_BUILT, or one of the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return build(Path(os.environ.get("NAIDI_TEST_OPENSEARCH_BUILT") or cache / "naidi-test-opensearch"), version)


def _write_archive(made: Built) -> None:
    with Cluster(made, java_options=(f"-XX:ArchiveClassesAtExit={made.archive}",)) as cluster:
        cluster.wait()


def ask(url: str, path: str, body: object = None, *, method: str | None = None, seconds: float = 30) -> Any:
    """The JSON that a node answers. body: sent as JSON, by POST unless `method` says otherwise. Raises urllib.error.HTTPError."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}{path}", data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:  # one that holds no connection
            said = io.BytesIO(error.read())
        raise urllib.error.HTTPError(error.url, error.code, error.reason, error.headers, said) from None


class Cluster:
    """Nodes that find each other. `with` starts and ends them.

    made: from build() or built().
    nodes: how many, numbered from 0.
    heap: of each, as Java writes it. A node takes about as much memory again.
    plugins: those it has (PLUGINS without one: how does a cluster without it answer?).
    settings: of each node, beside those that make it one of a cluster on loopback; "[a,b]" is a list.
    java_options: instead of the archive of loaded classes.

    The data are in a temporary folder, gone with the cluster. A node ends with the process that started it, however that ends.
    """

    def __init__(
        self,
        made: Built,
        nodes: int = 1,
        heap: str = "256m",
        *,
        plugins: Sequence[str] = PLUGINS,
        settings: Mapping[str, str] | None = None,
        java_options: Sequence[str] | None = None,
    ) -> None:
        self._built, self._count, self._heap = made, nodes, heap
        self._plugins, self._settings = plugins, dict(settings or {})
        archive = [f"-XX:SharedArchiveFile={made.archive}"] if made.archive.exists() else []
        self._options = [*_JAVA, *(archive if java_options is None else java_options)]
        self._home: Path | None = None
        self._ports: list[tuple[int, socket.socket]] = []
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def version(self) -> str:
        return self._built.version

    @property
    def urls(self) -> list[str]:
        """Of all nodes, by number, running or not. A node that comes back has the address it had."""
        return [f"http://127.0.0.1:{port}" for port, _ in self._ports[: self._count]]

    @property
    def running(self) -> list[int]:
        """The numbers of the nodes that were started and neither killed nor ended by us."""
        return sorted(self._processes)

    def pid(self, number: int) -> int:
        """The process of a running node."""
        return self._processes[number].pid

    def log(self, number: int) -> str:
        """What a node has written so far."""
        assert self._home is not None
        return (self._home / f"node{number}" / "out.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Starts all nodes. They are not ready yet: see wait()."""
        self._home = Path(tempfile.mkdtemp(prefix="naidi-opensearch-"))
        self._ports = [_reserved_port() for _ in range(2 * self._count)]
        for number in range(self._count):
            self.start_node(number)

    def start_node(self, number: int) -> None:
        """Starts a node that does not run: it has the data and the address that it had before."""
        assert self._home is not None and number not in self._processes
        home = self._home / f"node{number}"
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "tmp").mkdir(exist_ok=True)
        (home / "config" / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        settings = {**self._settings_of(number, home), **self._settings}
        command = [
            str(self._built.java_home / "bin" / "java"),
            f"-Xms{self._heap}",
            f"-Xmx{self._heap}",
            *self._options,
        ]
        command += [f"-Djava.io.tmpdir={home / 'tmp'}", "-cp", self._built.class_path, "OneNode", str(home)]
        command += [",".join(self._plugins), *(f"{name}={value}" for name, value in settings.items())]
        with (home / "out.log").open("ab") as log:
            # Nothing is written to its input. It ends when we do, and with it the node.
            self._processes[number] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def _settings_of(self, number: int, home: Path) -> dict[str, str]:
        ports = [port for port, _ in self._ports]
        settings = {
            "node.name": f"n{number}",
            "cluster.name": "naidi-test",
            "network.host": "127.0.0.1",  # loopback: no bootstrap checks
            "http.port": str(ports[number]),
            "transport.port": str(ports[self._count + number]),
            "path.logs": str(home / "logs"),
            "action.auto_create_index": "false",  # as a careful operator has it: a wrong name is an error
            "cluster.routing.allocation.disk.threshold_enabled": "false",  # the disk may be full of other things
            "node.processors": "1" if self._count > 1 else "2",
            # The serial collector leaves garbage until the heap is full, and what is garbage would count: 429 for ever.
            "indices.breaker.total.use_real_memory": "false",
        }
        if self._count == 1:
            return {**settings, "discovery.type": "single-node"}
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports[self._count :])
        names = ",".join(f"n{each}" for each in range(self._count))
        return {**settings, "discovery.seed_hosts": f"[{hosts}]", "cluster.initial_cluster_manager_nodes": f"[{names}]"}

    def wait(self, status: str = "green", seconds: float = 180) -> dict[str, Any]:
        """Waits until all running nodes are one cluster of this health or better. Returns what `_cluster/health` says.

        Raises RuntimeError with the end of its log if a node has ended, TimeoutError after `seconds`.
        """
        end = time.monotonic() + seconds
        question = f"/_cluster/health?wait_for_status={status}&wait_for_nodes={len(self._processes)}&timeout=1s"
        while time.monotonic() < end:
            for number, process in self._processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"node {number} has ended: {self.log(number)[-3000:]}")
                try:
                    health: dict[str, Any] = ask(self.urls[number], question, seconds=5)
                except OSError:  # nobody there yet, or no cluster manager
                    continue
                if not health["timed_out"]:
                    return health
            time.sleep(0.05)
        raise TimeoutError(f"not {status} after {seconds:.0f} s")

    def kill(self, number: int, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends a node as if its machine lost power, or in order with SIGTERM. Its data stay."""
        process = self._processes.pop(number)
        process.send_signal(how)
        process.wait(60)
        assert process.stdin is not None
        process.stdin.close()

    @contextmanager
    def paused(self, number: int) -> Iterator[None]:
        """A node that takes connections and does not answer, as one that swaps or is cut off."""
        process = self._processes[number]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ends all nodes and removes their data."""
        for process in self._processes.values():
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes.clear()
        for _, held in self._ports:
            held.close()
        self._ports = []
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _reserved_port() -> tuple[int, socket.socket]:
    """A port of loopback that no other process gets in this way while the socket is open.

    It is bound and does not listen. On Linux, Java may listen there all the same, since both allow the address to be used again.
    """
    chance = random.SystemRandom()  # tests may have seeded the shared one
    while True:
        port, held = chance.choice(_PORTS), socket.socket()
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        if sys.platform == "linux":
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            held.close()
        return port, held


def main(arguments: Sequence[str]) -> None:
    """build: says where it is. run: says the addresses, and ends at Enter or the end of input."""
    command, folder, *rest = arguments
    try:
        made = build(Path(folder), *rest[:1])
    except CannotBuild as reason:
        sys.exit(str(reason))
    if command == "build":
        print(made.folder)
    elif command == "run":
        with Cluster(made, int(rest[1]) if len(rest) > 1 else 1) as cluster:
            cluster.wait()
            print(*cluster.urls, flush=True)
            sys.stdin.readline()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1:])
