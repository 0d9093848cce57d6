"""Writes the transcript in docs/mcp.md: `python tests/mcp_page.py`."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

if not __package__:  # started as a file: the repository is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PAGE = Path(__file__).parents[1] / "docs" / "mcp.md"
_TRANSCRIPT = re.compile(r"(?<=<!-- transcript -->\n).*?(?=<!-- /transcript -->)", re.DOTALL)
QUESTIONS = [
    ("How long are copies of the servers kept?", "ninety days"),
    ("За сколько недель подать заявление на отпуск?", "за две недели"),
    ("vacation request", "за две недели"),
]


def transcript() -> str:
    """Questions, calls, answers and what is cited, as a block of Markdown. The real command answers."""
    from mcp import Client

    from tests.agent_answers import cited
    from tests.agent_documents import ANSWERS
    from tests.indexes import build
    from tests.mcp_client import Conversation, over_stdio

    async def talk(client: Client) -> list[str]:
        lines = []
        for question, answer in QUESTIONS:
            conversation = Conversation(client)
            line = await cited(conversation, question, answer)
            lines.append(f"# {question}")
            for tool, given, text in conversation.calls:
                arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
                lines += [f"→ {tool}({arguments})", *text.split("\n"), ""]
            lines += [f"{line}    ({conversation.tokens} tokens)", ""]
        return lines[:-1]

    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder, "index_data")
        build(index, ANSWERS)
        return "\n".join(["```text", *over_stdio(index, talk), "```", ""])


def written_transcript() -> str:
    """The transcript that the page has."""
    found = _TRANSCRIPT.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


if __name__ == "__main__":
    PAGE.write_text(_TRANSCRIPT.sub(lambda _: transcript(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
