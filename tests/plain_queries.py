"""Twin of how the core reads plain queries, and an owner that answers what `PlainQueries` asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from naidi.search.bridges.correspondences import correspondences
from naidi.search.bridges.derivation import core_tables_for
from naidi.search.bridges.near_skeletons import core_skeletons
from naidi.search.budget import FREE_CLAUSES, MAX_HELPED, MAX_NEAR, MAX_QUERY
from naidi.search.query.plain import MAX_WORD, RESERVED, is_plain_prefix

if TYPE_CHECKING:
    from naidi._core import Collection, PlainQueries

_PHRASE = re.compile('"([^"]*)"(?:~([0-9]{1,3}))?')


class Reading(NamedTuple):
    """kind: "words", "beginning" or "phrase". words: in their order."""

    kind: str
    words: list[str]


def reading(query: str) -> Reading | None:
    """How a plain query is read; None for other queries."""
    if len(query) > MAX_QUERY:
        return None
    words = query.split()
    if not "".join(words).isalnum():
        if len(words) == 1 and is_plain_prefix(words[0]):
            return Reading("beginning", words)
        phrase = _PHRASE.fullmatch(query)
        if phrase is None:
            return None
        words = phrase[1].split()
        most = MAX_NEAR if int(phrase[2] or 0) else FREE_CLAUSES
        if not 1 < len(words) <= most or not "".join(words).isalnum() or not RESERVED.isdisjoint(words):
            return None
        return Reading("phrase", words)
    if not RESERVED.isdisjoint(words):
        if len(words) % 2 == 0 or words[1::2].count("AND") != len(words) // 2:
            return None
        words = words[::2]
        if not RESERVED.isdisjoint(words):
            return None
    return Reading("words", words) if len(words) <= MAX_HELPED else None


class Owner:
    """Knows every word that it is asked for, as one that nothing is like. asked: (method, text) of each call."""

    def __init__(self, core: Collection, *, knows: bool = True) -> None:
        self._core = core
        self._knows = knows
        self.asked: list[tuple[str, str]] = []

    def _word(self, kind: str, text: str) -> Any:
        self.asked.append((kind, text))
        return self._core.word((text,), text) if self._knows else None

    def know(self, text: str) -> Any:
        word = self._word("words", text)
        return word and (text, (text,), text, (word, 1.0), (word, 0.5), False)

    def beginning_limits(self) -> tuple[int, int]:
        self.asked.append(("limits", ""))
        return 9, 3

    def know_beginning(self, text: str) -> Any:
        return self._word("beginning", text)

    def know_in_phrase(self, text: str) -> Any:
        return self._word("phrase", text)

    def leads_alone(self, text: str, keys: tuple[str, ...], is_common: bool) -> bool | None:
        return False

    def has_name(self, words: Any) -> bool:
        return False

    def takes_few_steps(self, lists: int) -> bool:
        return True

    def translations(self, text: str, keys: tuple[str, ...]) -> tuple[tuple[str, ...], float]:
        return (), 0.3

    def derivation_tables(self, text: str) -> Any:
        return core_tables_for(text)

    def name_tables(self) -> tuple[Any, Any, int, int, int, float]:
        return core_skeletons(), correspondences().in_core, 4, 40, 4, 0.5


def plain_queries(core: Collection, *, bytes: int = 1_000_000, **changed: Any) -> PlainQueries:
    """With the limits of searches. changed: other arguments, by their names in _core.pyi."""
    from naidi._core import PlainQueries

    arguments: dict[str, Any] = {
        "derived": (50, 12, 0.2, 0.1),
        "rescored": 100,
        "most": (MAX_QUERY, MAX_HELPED, FREE_CLAUSES, MAX_NEAR, MAX_WORD),
        "reserved": RESERVED,
        "function_words": frozenset(),
        "names": (None, ({},), 3, False),
        "bytes": bytes,
        **changed,
    }
    return PlainQueries(core, *arguments.values())
