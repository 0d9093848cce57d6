"""What tests of clusters start is built once, by one process, with a Java that fits. No Java is needed here."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import opensearch_build
from tests.opensearch_build import Built, CannotBuild, build


def _jdk(home: Path, version: str, *, compiler: bool = True) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\n')
    if compiler:
        (home / "bin" / "javac").touch()
    return home


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with some Javas and nothing else."""
    homes = {name: _jdk(tmp_path / name, name) for name in ("11.0.2", "17.0.15", "21", "25.0.3")}
    homes["runtime"] = _jdk(tmp_path / "runtime", "17.0.1", compiler=False)
    homes["empty"] = tmp_path / "empty"
    monkeypatch.setattr(opensearch_build, "_homes", lambda: iter(homes.values()))
    return tmp_path


def test_the_oldest_java_that_fits(here: Path) -> None:
    assert opensearch_build.jdk("2.19.6") == here / "17.0.15"
    assert opensearch_build.jdk("3.9.0") == here / "21"


def test_no_java_fits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    homes = [_jdk(tmp_path / "11", "11"), _jdk(tmp_path / "25", "25")]
    monkeypatch.setattr(opensearch_build, "_homes", lambda: iter(homes))
    with pytest.raises(CannotBuild, match=r"^no JDK 17 to 23 here, which OpenSearch 2\.19\.6 needs$"):
        opensearch_build.jdk("2.19.6")
    monkeypatch.setattr(opensearch_build, "_homes", lambda: iter(homes[:1]))
    with pytest.raises(CannotBuild, match=r"^no JDK 21 or newer here, which OpenSearch 3\.9\.0 needs$"):
        opensearch_build.jdk("3.9.0")


@pytest.mark.parametrize("name", ["JAVA_HOME", "JAVA_HOME_21", "JAVA_HOME_21_X64"])
def test_the_environment_names_javas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    assert tmp_path in list(opensearch_build._homes())


def test_one_builds_and_the_others_wait(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Built] = []
    started: list[Built] = []

    def compile_slowly(built: Built) -> None:
        time.sleep(0.1)
        compiled.append(built)

    monkeypatch.setattr(opensearch_build, "_compile", compile_slowly)
    all_at_once = threading.Barrier(4)

    def ask(number: int) -> Built:
        all_at_once.wait(10)
        return build(here / "built", first_start=started.append)

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(ask, range(4)))
    assert made == {*compiled} == {*started} and len(compiled) == len(started) == 1
    assert made.pop().folder.name.startswith("2.19.6-")


def test_a_failed_build_is_made_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(built: Built) -> None:
        (built.folder / "half").touch()
        raise RuntimeError("mvn failed: no network")

    monkeypatch.setattr(opensearch_build, "_compile", fail)
    with pytest.raises(RuntimeError, match="no network"):
        build(here / "built")
    monkeypatch.setattr(opensearch_build, "_compile", lambda built: None)
    assert not (build(here / "built").folder / "half").exists()


def test_another_launcher_is_another_build(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_build, "_compile", lambda built: None)
    first = build(here / "built")
    changed = here / "OneNode.java"
    changed.write_text(opensearch_build.LAUNCHER.read_text(encoding="utf-8") + "\n")
    monkeypatch.setattr(opensearch_build, "LAUNCHER", changed)
    second = build(here / "built")
    assert first.folder != second.folder and first.folder.exists()


def test_without_maven(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_build.shutil, "which", lambda name: None)
    with pytest.raises(CannotBuild, match="no Maven here"):
        build(here / "built")
