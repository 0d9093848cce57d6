"""The package as it is built and installed: what it holds, and that it leaves the names of other people's modules alone.

Nothing is fetched: setuptools builds in this process's environment, and an environment of its own gets the wheel, with the
dependencies that are here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

import naidi
from commands import ROOT, SEEDS


def _builds_wheels() -> bool:
    try:
        from setuptools import __version__
    except ImportError:
        return False
    return tuple(map(int, __version__.split(".")[:2])) >= (70, 1) or find_spec("wheel") is not None


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _builds_wheels(), reason="setuptools 70.1 builds wheels: pip install -e '.[test]'"),
]


BINARY = sysconfig.get_config_var("EXT_SUFFIX")
HAS_COMPILER = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is not None and os.path.exists(
    os.path.join(sysconfig.get_path("include"), "Python.h")
)


class Installed(NamedTuple):
    """An environment that has naidi installed from the wheel."""

    home: Path
    python: Path
    command: Path

    def run(self, *command: str | Path, cwd: Path, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
        run = subprocess.run(
            [*map(str, command)], cwd=cwd, env=_environment(), capture_output=True, encoding="utf-8", timeout=120
        )
        assert run.returncode == 0 or not succeeds, run.stdout + run.stderr
        return run


def _environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NAIDI", "PIP_"))}
    return {**own, "PYTHONIOENCODING": "utf-8", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def _build(hook: str, tree: Path, place: Path, **environment: str) -> Path:
    """What a hook of setuptools makes of a tree."""
    place.mkdir(exist_ok=True)
    code = f"from setuptools import build_meta; build_meta.{hook}({str(place)!r})"
    env = {**_environment(), **environment}
    run = subprocess.run([sys.executable, "-c", code], cwd=tree, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = place.iterdir()
    return built


def _copy(place: Path) -> Path:
    """The source tree as git has it, with what is not committed yet; links stay links."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).exists():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name, follow_symlinks=False)
    return place


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _environment_in(place: Path, **options: bool) -> tuple[Path, Path]:
    """A fresh environment: its interpreter, and where its packages lie. Dependencies come from where this runs."""
    venv.create(place, symlinks=os.name != "nt", **options)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    return python, Path(site)


def _lend_dependencies(site: Path) -> None:
    # Paths in such a file are searched, but the hooks in them are not run: no editable naidi gets in.
    lent = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (site / "dependencies.pth").write_text("\n".join(lent) + "\n", encoding="utf-8")


# What a package holds beside modules: tables, and the page of `naidi serve`.
PACKED = (".py", ".pyi", ".txt", ".keys", ".mo", ".html", ".css", ".js", ".svg")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _copy(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("build_wheel", tree, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build("build_sdist", tree, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("installed")
    python, site = _environment_in(home, with_pip=True)
    found = Installed(home, python, python.with_name("naidi"))
    found.run(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=home)
    _lend_dependencies(site)
    return found


# -- what is in it


def test_the_wheel_holds_naidi_alone(wheel: Path) -> None:
    names = _contents(wheel)
    assert {name.split("/")[0] for name in names} == {"naidi", f"naidi-{naidi.__version__}.dist-info"}
    assert not [name for name in names if "test" in name or "benchmark" in name]
    with zipfile.ZipFile(wheel) as archive:
        links = [info.filename for info in archive.infolist() if info.external_attr >> 16 & 0o170000 == 0o120000]
    assert not links


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    """What git has of the two folders and of src/naidi, byte by byte. The core is beside it, where there is a compiler."""
    held = {name: data for name, data in _contents(wheel).items() if name.startswith("naidi/")}
    assert [name for name in held if name.endswith(BINARY)] == [f"naidi/_core{BINARY}"] * HAS_COMPILER
    held = {name: data for name, data in held.items() if not name.endswith(BINARY)}
    wanted = {"naidi/py.typed": b""}
    for home, folder in (("naidi/indexer", "indexer"), ("naidi/search", "search"), ("naidi", "src/naidi")):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in PACKED and "egg-info" not in str(path):
                wanted[f"{home}/{path.relative_to(ROOT / folder).as_posix()}"] = path.read_bytes()
    assert sum(name.endswith(".txt") for name in wanted) > 3 and any(name.endswith(".keys") for name in wanted)
    assert sorted(held) == sorted(wanted)
    assert held == wanted


def test_without_a_compiler_there_is_no_core_and_all_works(tree: Path, tmp_path: Path) -> None:
    shutil.copytree(tree, tmp_path / "tree", symlinks=True, ignore=shutil.ignore_patterns("build"))
    wheel = _build("build_wheel", tmp_path / "tree", tmp_path / "wheel", CC="/bin/false")
    assert not [name for name in _contents(wheel) if name.endswith(BINARY)]
    python, site = _environment_in(tmp_path / "environment")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    _lend_dependencies(site)
    code = (
        "import sys, naidi; from naidi.indexer.core import core_line; naidi.sync(sys.argv[1], sys.argv[2], jobs=1)\n"
        "print(core_line(), naidi.open_index(sys.argv[2]).search('специалист').total)"
    )
    run = subprocess.run(
        [python, "-c", code, SEEDS, tmp_path / "index"],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    assert run.stdout == "core: none 1\n", run.stderr


def _check_dist(*files: Path, place: Path) -> subprocess.CompletedProcess[str]:
    place.mkdir()
    for path in files:
        shutil.copy(path, place)
    command = [sys.executable, ROOT / ".ci/check_dist.py", place]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.skipif(not HAS_COMPILER, reason="needs a compiler")
def test_a_wheel_without_the_core_is_never_published(tree: Path, wheel: Path, sdist: Path, tmp_path: Path) -> None:
    passed = _check_dist(wheel, sdist, place=tmp_path / "whole")
    assert (passed.returncode, passed.stdout) == (0, "every file may be published\n")
    shutil.copytree(tree, tmp_path / "tree", symlinks=True, ignore=shutil.ignore_patterns("build"))
    slow = _build("build_wheel", tmp_path / "tree", tmp_path / "wheel", CC="/bin/false")
    refused = _check_dist(slow, sdist, place=tmp_path / "slow")
    assert refused.returncode == 1
    assert refused.stdout == f"{slow.name}: it has 0 compiled cores instead of one\n"
    assert "1 wheels and 0 sdists" in _check_dist(wheel, place=tmp_path / "alone").stdout
    assert "0 wheels and 1 sdists" in _check_dist(sdist, place=tmp_path / "source").stdout


def test_a_build_for_publishing_fails_without_a_compiler(tree: Path, tmp_path: Path) -> None:
    shutil.copytree(tree, tmp_path / "tree", symlinks=True, ignore=shutil.ignore_patterns("build"))
    code = "from setuptools import build_meta; build_meta.build_wheel('.')"
    env = {**_environment(), "CC": "/bin/false", "NAIDI_REQUIRE_CORE": "1"}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "tree", env=env, capture_output=True, text=True)
    assert run.returncode != 0 and "/bin/false" in run.stderr
    assert not [*(tmp_path / "tree").glob("*.whl")]


def test_the_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        assert not [entry.name for entry in archive if not (entry.isfile() or entry.isdir())]
        options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tmp_path, **options)  # type: ignore[arg-type]
    (unpacked,) = tmp_path.iterdir()
    assert _contents(_build("build_wheel", unpacked, tmp_path / "wheel")) == _contents(wheel)


# -- installed, in a project with such names of its own

LOADED = "the project's own search is loaded"
TELL = f"import sys\n\nprint({LOADED!r}, file=sys.stderr)\n"
PROGRAM = """
import sys

import naidi

assert naidi.__file__.startswith(sys.prefix), naidi.__file__
report = naidi.sync(sys.argv[1], sys.argv[2], jobs=2)
assert report.added == 3, report
"""
PROJECTS = {
    # A script beside a module.
    "search.py": {
        "search.py": TELL + "from naidi import open_index\n\n\ndef found(index, query):\n"
        "    with open_index(index) as searcher:\n        return searcher.search(query).total\n",
        "indexer.py": "WHOSE = 'the project'\n",
        "main.py": "import indexer\nimport search\n"
        + PROGRAM
        + "assert indexer.WHOSE == 'the project'\nprint(search.found(sys.argv[2], 'специалист'))\n",
    },
    # As `django-admin startapp search` and Wagtail's project template make them.
    "search/": {
        "search/__init__.py": TELL,
        "search/apps.py": "class SearchConfig:\n    name = 'search'\n",
        "search/models.py": "# Create your models here.\n",
        "search/views.py": "from naidi import open_index\n\nfrom .models import __name__ as models\n\n\ndef search(index, query):\n"
        "    assert models == 'search.models'\n"
        "    with open_index(index) as searcher:\n        return searcher.search(query).total\n",
        "search/migrations/__init__.py": "",
        "search/templates/search/search.html": "{{ results }}\n",
        "indexer/__init__.py": "",
        "indexer/apps.py": "class IndexerConfig:\n    name = 'indexer'\n",
        "mysite/__init__.py": "",
        "mysite/settings.py": "INSTALLED_APPS = ['search', 'indexer']\n",
        "mysite/urls.py": "from search import views as search_views\n\nurlpatterns = [('search/', search_views.search)]\n",
        "main.py": "from importlib import import_module\n\nfrom mysite import settings\n"
        + PROGRAM
        + "for app in settings.INSTALLED_APPS:\n"
        "    assert import_module(f'{app}.apps').__file__.startswith(sys.path[0]), app\n"
        "((_, view),) = import_module('mysite.urls').urlpatterns\nprint(view(sys.argv[2], 'специалист'))\n",
    },
}


@pytest.fixture(params=sorted(PROJECTS))
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    home = tmp_path / "project"
    for name, text in PROJECTS[request.param].items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    return home


def test_a_project_has_its_own_search(installed: Installed, project: Path, tmp_path: Path) -> None:
    run = installed.run(installed.python, "main.py", SEEDS, tmp_path / "index", cwd=project)
    assert run.stdout == "1\n" and LOADED in run.stderr


@pytest.mark.parametrize("module", [False, True], ids=["naidi", "python -m naidi"])
def test_the_command_in_a_project(installed: Installed, project: Path, tmp_path: Path, module: bool) -> None:
    """`python -m` looks for modules in the current directory first."""
    command = (installed.python, "-m", "naidi") if module else (installed.command,)
    index = tmp_path / "index"
    made = installed.run(*command, "index", SEEDS, "--index", index, "--jobs", "2", cwd=project)
    assert made.stdout.startswith("added 3,")
    found = installed.run(*command, "search", "специалист", "--index", index, "--count", cwd=project)
    assert found.stdout == "1\n"
    nothing = installed.run(*command, "search", "=nosuchword", "--index", index, cwd=project, succeeds=False)
    assert nothing.returncode == 1
    assert LOADED not in made.stderr + found.stderr + nothing.stderr


def test_the_version_is_that_of_the_metadata(installed: Installed, tmp_path: Path) -> None:
    code = "import naidi; from importlib.metadata import version; print(naidi.__version__, version('naidi'))"
    run = installed.run(installed.python, "-c", code, cwd=tmp_path)
    assert run.stdout.split() == [naidi.__version__] * 2
    assert installed.run(installed.command, "--version", cwd=tmp_path).stdout.startswith(
        f"naidi {naidi.__version__} (core: "
    )


def test_an_editable_install_sees_edits(tmp_path: Path) -> None:
    own = _copy(tmp_path / "tree")
    python, site = _environment_in(tmp_path / "environment")
    with zipfile.ZipFile(_build("build_editable", own, tmp_path / "wheel")) as archive:
        archive.extractall(site)
    _lend_dependencies(site)
    for name in ("indexer/errors.py", "search/results.py"):
        with (own / name).open("a", encoding="utf-8") as file:
            file.write("\nEDITED = True\n")
    code = "import naidi.indexer.errors, naidi.search.results as r; print(naidi.indexer.errors.EDITED, r.EDITED)"
    run = subprocess.run([python, "-c", code], cwd=tmp_path, env=_environment(), capture_output=True, text=True)
    assert run.stdout == "True True\n", run.stderr
