"""What is handed back to an agent: a text that keeps to a budget of tokens, and the same as values where these are asked for.

A client may show its model the text, the values, or both. So both count.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .tokens import LINE_END, tokens_in

LEAST_BUDGET = 200
"""So much is needed to say anything. No error is longer."""
MOST_BUDGET = 20_000
DEFAULT_BUDGET = 1_000
"""Tokens of an answer, unless the agent says otherwise. A search and a reading are 2,000 together."""


@dataclass(frozen=True)
class Answer:
    """The answer to a call.

    text: for the model.
    values: the same for a program; None if these were not asked for.
    is_error: whether it says why there is no answer.
    """

    text: str
    values: dict[str, Any] | None = None
    is_error: bool = False

    @property
    def tokens(self) -> int:
        """What it costs, at most, whatever of it the client shows."""
        return tokens_in(self.text) + (0 if self.values is None else tokens_in(compact(self.values)))


@dataclass(frozen=True)
class Part:
    """A part of an answer.

    lines: of its text.
    value: the same for a program; costs nothing if it is None.
    worth: what it is worth to the reader, beside other parts and other forms of this part.
    """

    lines: tuple[str, ...]
    value: Any = None
    worth: float = 1.0

    @property
    def tokens(self) -> int:
        """What it costs, at most. The costs of parts may be added."""
        return cost_of(self.lines) + (0 if self.value is None else tokens_in(compact(self.value)) + 1)


def cost_of(lines: Iterable[str]) -> int:
    """Tokens of some lines with their ends, at most."""
    return sum(tokens_in(line) + LINE_END for line in lines)


def compact(value: Any) -> str:
    """A value as JSON, as a client would show it to its model."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(parts: Iterable[Sequence[str]]) -> str:
    """The text of the lines of parts."""
    return "\n".join(line for lines in parts for line in lines)


def shortened(text: str, budget: int) -> str:
    """The text, cut at its end if it costs more than the budget."""
    if tokens_in(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_in(f"{text[:middle]}…") <= budget else (low, middle - 1)
    return f"{text[:low]}…"


def fitting(parts: Sequence[Sequence[Part]], budget: int) -> list[Part]:
    """One of the forms of each part, so that all together cost no more than the budget and are worth much.

    Step by step, the form is taken that adds most worth for a token: a longer one of a part that is shown, or any of the next part.
    This is the greedy way to solve a knapsack problem of several choices.

    Parameters:
      parts: of each part its forms. A part is shown only if all those before it are.
      budget: in tokens.

    Returns the forms of the parts that are shown, the first of them. May be empty.
    """
    costs = [[form.tokens for form in forms] for forms in parts]
    shown: list[int] = []
    while True:
        best, step = 0.0, None
        for number in range(min(len(shown) + 1, len(parts))):
            forms, cost = parts[number], costs[number]
            has, paid = (forms[shown[number]].worth, cost[shown[number]]) if number < len(shown) else (0.0, 0)
            for form, one in enumerate(forms):
                more = cost[form] - paid
                rate = (one.worth - has) / max(more, 1)
                if more <= budget and rate > best:
                    best, step = rate, (number, form, more)
        if step is None:
            return [forms[form] for forms, form in zip(parts, shown)]  # noqa: B905  # those that are shown
        number, form, more = step
        shown[number : number + 1] = [form]
        budget -= more
