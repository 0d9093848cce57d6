"""Caches for values that take work to make. Each kind of value has a cache of its own, in the module that makes the values."""

from __future__ import annotations

from naidi.indexer.typed import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Key = TypeVar("Key")
Value = TypeVar("Value")

# Bytes that a value with its key counts as, if the cache has no `size_of`.
_BYTES_OF_ONE = 500
# At most this many requested keys are noted. Then all are forgotten.
_MOST_ASKED = 50_000
_MISSING: Any = object()


class Cache(Generic[Key, Value]):
    """The values used last, as many as `budget` bytes hold.

    A cache has two halves. New and used values go into the first half. When it is full, it becomes the second half, and the
    former second half is dropped. So a value that is used now and then stays, and the newest values never push out all others
    at once. A value larger than half the budget is not kept.

    Threads may share a cache. They may then make a value twice.
    """

    def __init__(self, budget: int, size_of: Callable[[Value], int] | None = None) -> None:
        """
        Parameters:
          budget: bytes for all values together.
          size_of: gives the approximate bytes of a value. Without it, each value counts as 500.
        """
        self._half = budget // 2
        self._size_of = size_of
        self._new: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}
        self._new_bytes = 0
        self._asked: set[Key] = set()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key. If none is kept, `make` is called for it."""
        try:
            return self._new[key]
        except KeyError:
            value: Value = self._old.get(key, _MISSING)
        if value is _MISSING:
            value = make()
        size = _BYTES_OF_ONE if self._size_of is None else self._size_of(value)
        if size <= self._half:
            if self._new_bytes + size > self._half:
                self._old, self._new, self._new_bytes, self._asked = self._new, {}, 0, set()
            self._new[key] = value
            self._new_bytes += size
        return value

    def kept(self, key: Key) -> Value | None:
        """The value of a key if it is kept, else None. That is no use of it."""
        found = self._new.get(key)
        return self._old.get(key) if found is None else found

    def is_asked_again(self, key: Key) -> bool:
        """Whether the value of a key is kept or was asked for lately. Such a value is worth making, even if that takes long.

        Each call counts as asking. If there is no room for all values asked for in turn, their keys are forgotten as fast as
        the values. So no value is made in vain.
        """
        if key in self._new or key in self._old or key in self._asked:
            return True
        if len(self._asked) >= _MOST_ASKED:
            self._asked = set()
        self._asked.add(key)
        return False


class Owner:
    """The base of objects that values can be attached to. The values live as long as their owner."""

    def __init__(self) -> None:
        self.attached: dict[object, Any] = {}

    def forget(self) -> None:
        """Drop the values. Some of them hold their owner, so that the two would wait for the garbage collector."""
        self.attached.clear()


OwnerT = TypeVar("OwnerT", bound=Owner)


class Attached(Generic[OwnerT, Value]):
    """One value for each owner, made at the first request.

        _LONGEST = Attached(longest_text)      # in the module that makes and uses it
        _LONGEST.of(collection)

    Two threads may both make a value. One of the two is then forgotten.
    """

    def __init__(self, make: Callable[[OwnerT], Value]) -> None:
        self._make = make

    def of(self, owner: OwnerT) -> Value:
        """The value of this owner."""
        try:
            return owner.attached[self]  # type: ignore[no-any-return]
        except KeyError:
            value: Value = owner.attached.setdefault(self, self._make(owner))
            return value
