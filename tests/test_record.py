"""Are records what frozen dataclasses are?"""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.record import record, replace


class Plain:
    __slots__ = ()

    def twice(self) -> Any:
        return (self, self)


@record
class Point(Plain):
    """Where."""

    x: int
    y: int = 2
    label: str = ""

    def moved(self, by: int) -> Point:
        return replace(self, x=self.x + by)


@dataclass(frozen=True, slots=True)
class PlainPoint:
    x: int
    y: int = 2
    label: str = ""


@record
class Labelled(Point):
    colour: str = "red"


@record
class Empty:
    pass


@record
class Alone:
    only: tuple[int, ...]


@record
class One:
    only: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.only:
            raise ValueError("nothing")

    def __repr__(self) -> str:
        return "one"

    def __hash__(self) -> int:
        return 7


values = st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["", "a"]))


@given(values, values)
def test_as_a_dataclass(first: tuple[int, int, str], second: tuple[int, int, str]) -> None:
    ours, theirs = [Point(*first), Point(*second)], [PlainPoint(*first), PlainPoint(*second)]
    assert (ours[0] == ours[1]) is (theirs[0] == theirs[1])
    assert [hash(one) for one in ours] == [hash(one) for one in theirs]
    assert [repr(one) for one in ours] == [repr(one).replace("PlainPoint", "Point") for one in theirs]
    assert [asdict(one) for one in ours] == [asdict(one) for one in theirs]  # type: ignore[call-overload]


def test_fields_defaults_and_what_is_inherited() -> None:
    assert (Point(1).y, Point(y=5, x=4).x, Labelled(1).colour) == (2, 4, "red")
    assert Labelled(1, 2, "a", "blue").moved(3) == Labelled(4, 2, "a", "blue")
    assert Point(1) != Labelled(1) and Point(1) != (1, 2, "") and Point(1).twice() == (Point(1), Point(1))
    assert [each.name for each in fields(Labelled)] == ["x", "y", "label", "colour"]  # type: ignore[arg-type]
    assert is_dataclass(Point) and is_dataclass(Point(1)) and fields(Empty) == ()  # type: ignore[arg-type]
    assert Empty() == Empty() and hash(Empty()) == hash(()) and repr(Empty()) == "Empty()"
    assert hash(Alone((1,))) == hash(((1,),)) and One((1,)) == One((1,)) and One((1,)) != One((2,))
    match Labelled(1, 2, "a"):
        case Point(x, _, label):
            assert (x, label) == (1, "a")


@pytest.mark.parametrize("arguments", [(), (1, 2, "", "too many")])
def test_wrong_arguments(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"Point\.__init__\(\)"):
        Point(*arguments)
    with pytest.raises(TypeError, match="colour"):
        replace(Point(1), colour="red")


def test_nothing_changes_a_record() -> None:
    point = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: setattr(point, "other", 2), lambda: delattr(point, "x")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize("one", [Point(1), Labelled(1), Empty(), One((1, 2))])
def test_copies_are_equal(one: Any) -> None:
    assert pickle.loads(pickle.dumps(one)) == one == copy.copy(one) == copy.deepcopy(one)


def test_own_methods_stay() -> None:
    assert repr(One((1,))) == "one" and hash(One((1,))) == 7
    with pytest.raises(ValueError, match="nothing"):
        One(())


def test_a_class_that_cannot_be_a_record() -> None:
    with pytest.raises(TypeError, match="field b has no default, and stands behind a"):

        @record
        class _Behind:
            a: int = 1
            b: int  # type: ignore[misc]

    with pytest.raises(TypeError, match="all records would share the default of a"):

        @record
        class _Shared:
            a: list[int] = []  # noqa: RUF012
