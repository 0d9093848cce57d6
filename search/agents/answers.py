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
    """A part of an answer: lines of its text, and a value, which costs nothing if it is None."""

    lines: tuple[str, ...]
    value: Any = None

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


def fitting(parts: Sequence[Sequence[Part]], budget: int, *, kept: int = 0, shortest_kept: int = 0) -> list[Part]:
    """One of the forms of each part, so that all together cost no more than the budget.

    All parts are shortened alike before any is left out, from the last on. What is left of the budget goes to the first parts.

    Parameters:
      parts: of each part its forms, from the longest to the shortest. All have equally many.
      budget: in tokens.
      kept: so many of the first parts are not shortened beyond a form, as long as there is room for one of them.
      shortest_kept: the number of this form.

    Returns the forms of the parts that are shown, the first of them. May be empty.
    """
    if not parts:
        return []
    costs = [[form.tokens for form in forms] for forms in parts]
    last = len(parts[0]) - 1
    # The level of a part that is kept stops at a form; beyond all levels stands the one that shortens even those.
    ends = [min(last, shortest_kept) if number < kept else last for number in range(len(parts))]
    level = next((level for level in range(last + 1) if _sum(costs, ends, level) <= budget), None)
    if level is None:
        shown = _first_that_fit(costs, ends, budget)
        if not shown:
            ends = [last] * len(parts)
            shown = _first_that_fit(costs, ends, budget)
        level, costs = last, costs[:shown]
    chosen = [min(level, end) for end, _ in zip(ends, costs)]  # noqa: B905  # those that are shown
    budget -= sum(cost[form] for cost, form in zip(costs, chosen, strict=True))
    for better in range(max(chosen, default=0) - 1, -1, -1):
        for number, cost in enumerate(costs):
            more = cost[better] - cost[chosen[number]]
            if better < chosen[number] and more <= budget:
                chosen[number] = better
                budget -= more
    return [forms[form] for forms, form in zip(parts, chosen)]  # noqa: B905


def _sum(costs: Sequence[Sequence[int]], ends: Sequence[int], level: int) -> int:
    return sum(cost[min(level, end)] for cost, end in zip(costs, ends, strict=True))


def _first_that_fit(costs: Sequence[Sequence[int]], ends: Sequence[int], budget: int) -> int:
    """How many of the first parts fit in their shortest forms."""
    for number, (cost, end) in enumerate(zip(costs, ends, strict=True)):
        budget -= cost[end]
        if budget < 0:
            return number
    return len(costs)
