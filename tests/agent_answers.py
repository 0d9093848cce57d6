"""An agent without a model: it searches, reads around the best passage, and cites the line that answers."""

from __future__ import annotations

import re

from tests.mcp_client import Conversation

_HIT = re.compile(r"[0-9]+\. (.+?)(?: \||$)")
_PASSAGE = re.compile(r"(?:p[0-9]+ )?([0-9]+)(?:-[0-9]+)?> (.*)")


async def cited(talk: Conversation, question: str, answer: str) -> str:
    """`path:line: text` of the line that answers a question.

    Parameters:
      talk: with the tools.
      question: as a person asks it.
      answer: a pattern that the line has. A model would know it by reading.

    Raises AssertionError if no line of what is read has it.
    """
    found: list[str] = []
    doc_id, where = "", {}
    for shown in (await talk.ask("search", query=question)).split("\n"):
        hit, passage = _HIT.match(shown), _PASSAGE.match(shown)
        if hit:
            found.append(hit[1])
        if passage and re.search(answer, passage[2]):
            doc_id, where = found[-1], {"from_": max(1, int(passage[1]) - 1)}
            break
    # Where no passage answers, the first two documents may.
    for name in [doc_id] if doc_id else found[:2]:
        for shown in (await talk.ask("read", id=name, budget=400, **(where or {"query": question}))).split("\n"):
            passage = _PASSAGE.match(shown)
            if passage and re.search(answer, passage[2]):
                return f"{name}:{passage[1]}: {passage[2]}"
    raise AssertionError("no line that was read answers")
