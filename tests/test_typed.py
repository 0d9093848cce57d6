"""A NamedTuple of ours is what one of `typing` is."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from naidi.indexer import typed


class Ours(typed.NamedTuple):
    """A pair."""

    one: int
    two: str = "x"
    three: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        """Twice the first."""
        return 2 * self.one


class Theirs(NamedTuple):
    """A pair."""

    one: int
    two: str = "x"
    three: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        """Twice the first."""
        return 2 * self.one


LEGAL: list[Callable[[Any], Any]] = [
    lambda kind: kind(1),
    lambda kind: kind(1, "y"),
    lambda kind: kind(1, "y", (3,)),
    lambda kind: kind(1, three=(4,)),
    lambda kind: kind(two="z", one=3),
    lambda kind: kind(1)._replace(one=5),
    lambda kind: kind._make([1, "y", ()]),
    lambda kind: kind(1)._asdict(),
    lambda kind: kind(7).twice,
    lambda kind: kind(1) == (1, "x", ()),
    lambda kind: hash(kind(1)) == hash((1, "x", ())),
    lambda kind: copy.copy(kind(2)),
    lambda kind: pickle.loads(pickle.dumps(kind(2))),
    lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__doc__, kind.__mro__[1:], type(kind)),
    lambda kind: hasattr(kind(1), "__dict__"),
]
WRONG: list[Callable[[Any], Any]] = [
    lambda kind: kind(),
    lambda kind: kind(1, "y", (), 4),
    lambda kind: kind(1, one=2),
    lambda kind: kind(1, four=2),
    lambda kind: kind._make([1]),
]


@pytest.mark.parametrize("do", LEGAL)
def test_it_does_the_same(do: Callable[[Any], Any]) -> None:
    ours, theirs = do(Ours), do(Theirs)
    assert ours == theirs
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")


@pytest.mark.parametrize("do", WRONG)
def test_it_refuses_the_same(do: Callable[[Any], Any]) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            do(kind)
    for kind in (Ours, Theirs):
        with pytest.raises((TypeError, ValueError)):
            kind(1)._replace(**{"four": 4})  # type: ignore[arg-type]
