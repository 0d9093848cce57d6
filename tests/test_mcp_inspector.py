"""The protocol's own inspector finds the tools, calls them, and has nothing against their schemas.

It is a program for Node, of npm. A machine without npm, or without a registry, skips this; where $NAIDI_FACES is set, it fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.agent_documents import ANSWERS, HOSTILE
from tests.indexes import build
from tests.mcp_client import environment, over_http

PACKAGES = (
    "node@22",
    "@modelcontextprotocol/inspector@2.12.0",
)  # the inspector needs Node 22.19, which npm has as a package
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the inspector's programs."""
    folder = tmp_path_factory.mktemp("inspector")
    npm = shutil.which("npm")
    reason = "there is no npm"
    if npm is not None:
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
        run = subprocess.run(install, capture_output=True, text=True, timeout=600)
        if run.returncode == 0:
            return folder / "node_modules" / ".bin"
        reason = f"npm cannot install the inspector: {run.stderr[-500:]}"
    if os.environ.get("NAIDI_FACES"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("agents") / "index_data"
    build(directory, [*ANSWERS, *HOSTILE])
    return directory


def inspected(inspector: Path, target: list[str], *options: str) -> tuple[int, Any]:
    """(status, what it prints as JSON) of the inspector for a server."""
    variables = environment(PATH=os.pathsep.join((str(inspector), os.environ["PATH"])))
    run = subprocess.run(
        [str(inspector / "mcp-inspector"), "--cli", *target, *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=variables,
        timeout=120,
    )
    try:
        return run.returncode, json.loads(run.stdout)
    except ValueError:
        return run.returncode, run.stdout + run.stderr


def started(index: Path) -> list[str]:
    """The server over stdio, as the inspector starts it."""
    return [
        sys.executable,
        "-m",
        "naidi",
        "mcp",
        "--index",
        str(index),
        "-e",
        f"PYTHONPATH={environment()['PYTHONPATH']}",
    ]


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_the_inspector_lists_and_calls(inspector: Path, index: Path, way: str) -> None:
    def check(target: list[str]) -> None:
        status, listed = inspected(inspector, target, "--method", "tools/list", "--strict")
        assert status == 0, listed
        assert [tool["name"] for tool in listed["tools"]] == ["search", "read", "similar", "suggest", "facets"]
        call = ("--method", "tools/call", "--tool-name", "search", "--tool-arg")
        status, found = inspected(inspector, target, *call, "query=сколько хранят копии", "limit=3")
        assert status == 0, found
        assert "handbook/backups.md" in found["content"][0]["text"]
        status, refused = inspected(inspector, target, *call, "query=copies", "filters=lang:zz")
        assert "Known filters" in json.dumps(refused), (status, refused)
        status, templates = inspected(inspector, target, "--method", "resources/templates/list")
        assert templates["resourceTemplates"][0]["uriTemplate"] == "naidi://documents/{id}", status
        read = ("--method", "resources/read", "--uri", "naidi://documents/handbook/backups.md")
        status, contents = inspected(inspector, target, *read)
        assert contents["contents"][0]["text"] == ANSWERS[0].text, status

    if way == "stdio":
        check(started(index))
    else:
        with over_http(index) as url:
            check([url, "--transport", "http"])
