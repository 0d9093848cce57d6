"""Clients of `naidi mcp` for tests: the SDK's own, over stdio to the real command and over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from naidi.search.agents.tokens import tokens_in
from tests.commands import ROOT

_Result = TypeVar("_Result")


def environment(**more: str) -> dict[str, str]:
    """The variables that the command sees."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NAIDI")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), **more}


def command(index: Path | str, *options: str) -> StdioServerParameters:
    """How a client starts the real command."""
    arguments = ["-m", "naidi", "mcp", "--index", str(index), *options]
    return StdioServerParameters(command=sys.executable, args=arguments, env=environment())


def over_stdio(
    index: Path | str, talk: Callable[[Client], Awaitable[_Result]], *options: str, mode: str = "auto"
) -> _Result:
    """What `talk` returns that speaks to the real command over stdio."""

    async def run() -> _Result:
        with anyio.fail_after(60):
            async with Client(command(index, *options), mode=mode) as client:
                return await talk(client)

    return anyio.run(run)


@contextmanager
def over_http(index: Path, *options: str, place: str = "0", **variables: str) -> Iterator[str]:
    """The URL of the real command, which serves over HTTP."""
    process = subprocess.Popen(
        [sys.executable, "-m", "naidi", "mcp", "--index", str(index), "--http", place, *options],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
    )
    try:
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told.startswith("serving http://"), told
        yield told.split()[1].rstrip(";")
    finally:
        process.terminate()
        process.wait(30)
        assert process.stderr is not None
        process.stderr.close()


class Conversation:
    """What an agent asks and is told, and how many tokens that is."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any], str]] = []

    async def ask(self, tool: str, **arguments: Any) -> str:
        """The text of an answer that is no error. `from` is written `from_`."""
        given = {name.rstrip("_"): value for name, value in arguments.items()}
        result = await self._client.call_tool(tool, given)
        text = "".join(getattr(content, "text", "") for content in result.content)
        assert not result.is_error, text
        self.calls.append((tool, given, text))
        return text

    @property
    def tokens(self) -> int:
        """Tokens of all answers, at most."""
        return sum(tokens_in(text) for _, _, text in self.calls)
