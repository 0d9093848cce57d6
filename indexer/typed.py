"""The names of `typing` that cost nothing at run time: the module itself takes as long to load as a query to answer.

A type checker sees those of `typing`. At run time a NamedTuple is made without compiling anything, and the others do nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar
else:

    class _Anything:
        """Stands for Generic and Protocol as a base."""

        __slots__ = ()

        def __class_getitem__(cls, _: object) -> type:
            return cls

    class Generic(_Anything):
        __slots__ = ()

    class Protocol(_Anything):
        __slots__ = ()

    class Literal:
        """Some values, which it shows as `typing.Literal` does."""

        __slots__ = ("__args__",)

        def __class_getitem__(cls, values: object) -> object:
            made = cls()
            made.__args__ = values if isinstance(values, tuple) else (values,)
            return made

        def __repr__(self) -> str:
            return f"typing.Literal[{', '.join(map(repr, self.__args__))}]"

        def __or__(self, _: object) -> object:
            return self

        __ror__ = __or__

    class Any(_Anything):
        __slots__ = ()

    def TypeVar(name: str, *_: object, **__: object) -> str:
        return name

    class _NamedTupleType(type):
        """Makes a subclass of NamedTuple a plain subclass of tuple, with what `typing.NamedTuple` gives it."""

        def __new__(mcs, name, bases, namespace):
            if not bases:
                return super().__new__(mcs, name, bases, namespace)
            from _collections import _tuplegetter

            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            for number, field in enumerate(fields):
                namespace[field] = _tuplegetter(number, None)
            return type(
                name,
                (tuple,),
                {
                    "__slots__": (),
                    "_fields": fields,
                    "_field_defaults": defaults,
                    "_last_values": tuple(defaults.values()),
                    "__match_args__": fields,
                    **_METHODS,
                    **namespace,
                },
            )

    class NamedTuple(metaclass=_NamedTupleType):
        pass

    _new = tuple.__new__

    def _make_new(cls, *values, **named):
        left = len(cls._fields) - len(values)
        if named or left:
            rest = cls._last_values
            values = values + rest[-left:] if 0 < left <= len(rest) and not named else _completed(cls, values, named)
        return _new(cls, values)

    def _completed(cls, values, named):
        """The values of all fields. Raises TypeError as a call with these parameters does."""
        given = dict(zip(cls._fields, values))  # noqa: B905 (there may be too few)
        wrong = named.keys() - cls._fields or named.keys() & given.keys()
        if wrong or len(values) > len(cls._fields):
            what = f"an unexpected argument {min(wrong)!r}" if wrong else f"{len(values)} values"
            raise TypeError(f"{cls.__name__}.__new__() got {what}; its fields are {', '.join(cls._fields)}")
        whole = {**cls._field_defaults, **given, **named}
        missing = [field for field in cls._fields if field not in whole]
        if missing:
            raise TypeError(f"{cls.__name__}.__new__() missing {', '.join(map(repr, missing))}")
        return [whole[field] for field in cls._fields]

    def _make(cls, values):
        made = _new(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replaced(self, **changes):
        wrong = changes.keys() - self._fields
        if wrong:
            raise ValueError(f"Got unexpected field names: {sorted(wrong)!r}")
        return _new(self.__class__, [changes.get(*each) for each in zip(self._fields, self, strict=True)])

    def _as_dict(self):
        return dict(zip(self._fields, self, strict=True))

    def _shown(self):
        return f"{self.__class__.__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    _METHODS = {
        "__new__": _make_new,
        "_make": classmethod(_make),
        "_replace": _replaced,
        "__replace__": _replaced,
        "_asdict": _as_dict,
        "__repr__": _shown,
        "__getnewargs__": lambda self: tuple(self),
    }

__all__ = ["TYPE_CHECKING", "Any", "Generic", "Literal", "NamedTuple", "Protocol", "TypeVar"]
