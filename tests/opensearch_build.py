"""Makes OpenSearch for tests out of the artifacts that its project publishes for Maven: jars and a small launcher.

There is no distribution to unpack and no plugin to install. What is built is for tests on loopback: it has no security plugin.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("opensearch") / "OneNode.java"
PLUGINS = ("transport-netty4", "analysis-common", "lang-painless", "reindex")


@dataclass(frozen=True)
class Release:
    """log4j: as new as the log4j-api that comes with it, for the server's POM leaves log4j-core out. javas: the first and the last
    version of Java that it runs on; it needs the security manager up to 2.x, which Java 24 has no more."""

    log4j: str
    javas: tuple[int, int]


RELEASES = {"2.19.6": Release("2.25.4", (17, 23)), "3.9.0": Release("2.25.5", (21, 99))}
DEFAULT = "2.19.6"
ARTIFACTS = (
    "org.opensearch:opensearch:{version}",
    "org.opensearch.plugin:transport-netty4-client:{version}",
    "org.opensearch.plugin:analysis-common:{version}",
    "org.opensearch.plugin:lang-painless:{version}",
    "org.opensearch.plugin:reindex-client:{version}",
    "org.apache.logging.log4j:log4j-core:{log4j}",
)
_POM = (
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>naidi.test</groupId>'
    "<artifactId>opensearch-node</artifactId><version>1</version><packaging>pom</packaging>"
    "<dependencies>{}</dependencies></project>\n"
)
_DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


class CannotBuild(Exception):
    """This machine lacks a program that is needed; the message names it."""


@dataclass(frozen=True)
class Built:
    """A version of OpenSearch that can be started.

    folder: has `lib/`, the jars, and maybe `classes.jsa`, the loaded classes, with which a node starts in half the time.
    """

    folder: Path
    version: str
    java_home: Path

    @property
    def class_path(self) -> str:
        # Jars in a fixed order, no folder: else Java does not take the archive.
        return ":".join(sorted(map(str, (self.folder / "lib").glob("*.jar"))))

    @property
    def archive(self) -> Path:
        return self.folder / "classes.jsa"


def build(folder: Path, version: str = DEFAULT, *, first_start: Callable[[Built], None] | None = None) -> Built:
    """What can be started as `version`; made in a folder inside `folder` unless it is there. Takes 10 to 20 s.

    Other processes may do the same at once: one builds, the others wait. The name of the folder inside has a fingerprint of the
    launcher, the artifacts and Java, so that an older build is never mistaken for this one, nor changed under a running node.

    first_start: starts a node that writes the archive of loaded classes and ends. Without it there is none.
    Raises CannotBuild without a JDK or Maven, RuntimeError when one of them fails.
    """
    java_home = jdk(version)
    pom = _pom(version)
    parts = (pom, LAUNCHER.read_text(encoding="utf-8"), str(java_home), _release_file(java_home))
    fingerprint = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]
    folder = folder.expanduser().resolve()
    built = Built(folder / f"{version}-{fingerprint}", version, java_home)
    ready = built.folder / "ready"
    if ready.exists():
        return built
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(built.folder, ignore_errors=True)
            built.folder.mkdir()
            (built.folder / "pom.xml").write_text(pom, encoding="utf-8")
            _compile(built)
            if first_start is not None:
                first_start(built)
            ready.touch()
    return built


def _compile(built: Built) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotBuild("no Maven here (mvn)")
    environment = {**os.environ, "JAVA_HOME": str(built.java_home)}
    tools = built.java_home / "bin"
    for command in (
        [maven, "-q", "-B", "-ntp", "-Dstyle.color=never", "dependency:copy-dependencies", "-DoutputDirectory=lib"],
        [str(tools / "javac"), "-nowarn", "-cp", "lib/*", "-d", "classes", str(LAUNCHER)],
        [str(tools / "jar"), "cf", "lib/one-node.jar", "-C", "classes", "."],
    ):
        done = subprocess.run(
            command,
            cwd=built.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout[-3000:]}")


def _pom(version: str) -> str:
    wanted = (each.format(version=version, log4j=RELEASES[version].log4j).split(":") for each in ARTIFACTS)
    return _POM.format("".join(_DEPENDENCY.format(*each) for each in wanted))


def jdk(version: str) -> Path:
    """The oldest JDK here that OpenSearch `version` runs on. Raises CannotBuild if there is none."""
    first, last = RELEASES[version].javas
    found = [(java, home) for home in _homes() if (java := _java_version(home)) is not None and first <= java <= last]
    if not found:
        upper = f"to {last}" if last < 99 else "or newer"
        raise CannotBuild(f"no JDK {first} {upper} here, which OpenSearch {version} needs")
    return min(found)[1]


def _homes() -> Iterator[Path]:
    """Where JDKs may be: the environment (JAVA_HOME, JAVA_HOME_21, JAVA_HOME_21_X64), the path, the usual folders."""
    for name, value in sorted(os.environ.items()):
        if re.fullmatch(r"JAVA_HOME(_\d+(_\w+)?)?", name) and value:
            yield Path(value)
    compiler = shutil.which("javac")
    if compiler is not None:
        yield Path(compiler).resolve().parents[1]
    yield from Path("/usr/lib/jvm").glob("*")
    yield from Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home")
    yield from Path("~/.sdkman/candidates/java").expanduser().glob("*")


def _release_file(home: Path) -> str:
    try:
        return (home / "release").read_text(encoding="utf-8")
    except OSError:
        return ""


def _java_version(home: Path) -> int | None:
    """Of a JDK: the number before the first point. None if there is no compiler in it or it does not say."""
    found = re.search(r'^JAVA_VERSION="(\d+)', _release_file(home), re.MULTILINE)
    return int(found[1]) if found and (home / "bin" / "javac").exists() else None
