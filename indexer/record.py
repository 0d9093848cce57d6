"""Small frozen classes that cost little to define.

`@record` is what `@dataclass(frozen=True, slots=True)` is, for classes that a search from the terminal needs: the class has an
`__init__` of its fields, equality, a hash, a repr, no other attributes, and cannot be changed. `dataclasses.fields`, `asdict` and
`is_dataclass` take it as a dataclass. A type checker knows it by PEP 681.

`dataclass` makes and compiles the text of seven functions for each class. The fifty classes of a search took a fifth of its time
from cold. Here none is compiled: those there are serve all classes.
`field()` is not supported: a default is a plain value, or `{}` for an empty dict of its own.
"""

from __future__ import annotations

from .late import attrgetter
from .typed import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Any:
        return lambda decorator: decorator


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """The class with its annotated names as fields, those of a base that is a record before them.

    `__post_init__` is called, if there is one. Methods of its own stay. Raises TypeError if a field without a default comes
    behind one that has a default, or if a default is a list, a set, or a dict that is not empty.
    """
    inherited: dict[str, Any] = {}  # name -> default, or _NONE
    for base in reversed(cls.__mro__[1:]):
        inherited |= base.__dict__.get("_record_defaults", {})
    namespace = dict(cls.__dict__)
    own = [name for name, kind in cls.__annotations__.items() if not str(kind).startswith("ClassVar")]
    defaults = {**inherited, **{name: namespace.pop(name, _NONE) for name in own}}
    names = tuple(defaults)
    namespace.pop("__dict__", None)
    namespace.pop("__weakref__", None)
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    namespace["__match_args__"] = names
    namespace["_record_defaults"] = defaults
    namespace["_record_values"] = attrgetter(*names) if len(names) > 1 else staticmethod(_few_values(names))
    namespace["__dataclass_fields__"] = _FIELDS
    namespace["__signature__"] = _SIGNATURE
    init, setters = _init_of(cls, names, defaults, hasattr(cls, "__post_init__"))
    metaclass: Any = type(cls)
    made: type[T] = metaclass(cls.__name__, cls.__bases__, {**_METHODS, **namespace, "__init__": init})
    setters += [getattr(made, name).__set__ for name in names]
    return made


def replace(one: T, **changes: Any) -> T:
    """A copy of a record with other values for some fields. Raises TypeError for a name that is no field."""
    cls: Any = type(one)
    names = cls.__match_args__
    if not changes.keys() <= set(names):
        raise TypeError(f"{cls.__qualname__} has no field {min(changes.keys() - set(names))!r}")
    changed: T = cls(*[changes.get(name, value) for name, value in zip(names, _values_of(one), strict=True)])
    return changed


_NONE: Any = object()  # no default


def _few_values(names: tuple[str, ...]) -> Any:
    """What attrgetter is for two names or more: the values as a tuple."""
    if not names:
        return lambda one: ()
    get = attrgetter(*names)
    return lambda one: (get(one),)


def _values_of(one: Any) -> tuple[Any, ...]:
    values: tuple[Any, ...] = one._record_values(one)
    return values


def _init_of(cls: type, names: tuple[str, ...], defaults: dict[str, Any], has_more: bool) -> Any:
    """The `__init__` of a class. To compile one for each class took longer than all else that is done for it.

    has_more: whether the class has a `__post_init__`.
    """
    optional: list[Any] = []
    for name in names:
        default = defaults[name]
        if default is _NONE and optional:
            behind = names[names.index(name) - 1]
            raise TypeError(f"{cls.__name__}: field {name} has no default, and stands behind {behind}, which has one")
        if isinstance(default, (list, set)) or (isinstance(default, dict) and default):
            raise TypeError(f"{cls.__name__}: all records would share the default of {name}")
        if default is not _NONE:
            optional.append(default)
    count, last_values = len(names), tuple(optional)
    shared = {} not in optional
    setters: list[Any] = []

    def __init__(self: Any, *values: Any, **named: Any) -> None:
        left = count - len(values)
        if left or named:
            if shared and not named and 0 < left <= len(last_values):
                values = values + last_values[-left:]
            else:
                values = tuple(_completed(self.__class__, values, named))
        for put, value in zip(setters, values):  # noqa: B905 (they are as many)
            put(self, value)
        if has_more:
            self.__post_init__()

    __init__.__qualname__ = f"{cls.__qualname__}.__init__"
    __init__.__module__ = cls.__module__
    return __init__, setters


def _completed(cls: Any, values: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The values of all fields. Raises TypeError for arguments that a function with these parameters would not take."""
    names = cls.__match_args__
    call = f"{cls.__qualname__}.__init__()"
    if len(values) > len(names):
        raise TypeError(f"{call} takes {len(names)} values, and {len(values)} were given")
    given = dict(zip(names, values))  # noqa: B905 (there may be fewer values)
    for name in named:
        if name not in names:
            raise TypeError(f"{call} got an unexpected keyword argument {name!r}")
        if name in given:
            raise TypeError(f"{call} got several values for {name!r}")
    given.update(named)
    missing = [name for name in names if name not in given and cls._record_defaults[name] is _NONE]
    if missing:
        raise TypeError(f"{call} lacks {', '.join(map(repr, missing))}")
    defaults = cls._record_defaults
    return [given[name] if name in given else {} if defaults[name] == {} else defaults[name] for name in names]


class _Signature:
    """The parameters of a class, for who asks how it is called."""

    def __get__(self, one: object, cls: Any) -> Any:
        from inspect import Parameter, Signature

        kinds = _kinds_of(cls)
        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD,
                    default=Parameter.empty if default is _NONE else default,
                    annotation=kinds.get(name, Parameter.empty),
                )
                for name, default in cls._record_defaults.items()
            ],
            return_annotation=None,
        )


def _kinds_of(cls: type) -> dict[str, Any]:
    """Name -> annotation of the fields."""
    return {name: kind for base in reversed(cls.__mro__) for name, kind in getattr(base, "__annotations__", {}).items()}


class _Fields:
    """The fields as the module dataclasses wants them, made when it asks: then it is there, and it takes ten times as long."""

    def __get__(self, one: object, cls: Any) -> Any:
        from dataclasses import field, make_dataclass

        kinds = _kinds_of(cls)
        fields = [
            (
                name,
                kinds.get(name, Any),
                field()
                if default is _NONE
                else field(default_factory=dict)
                if default == {}
                else field(default=default),
            )
            for name, default in cls._record_defaults.items()
        ]
        made: Any = make_dataclass(cls.__name__, fields)
        cls.__dataclass_fields__ = made.__dataclass_fields__
        return made.__dataclass_fields__


_FIELDS, _SIGNATURE = _Fields(), _Signature()


def _eq(self: Any, other: object) -> Any:
    return _values_of(self) == _values_of(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values_of(self))


def _repr(self: Any) -> str:
    values = zip(self.__match_args__, _values_of(self), strict=True)
    return f"{self.__class__.__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"


def _refuse(self: Any, name: str, *_: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _get_state(self: Any) -> tuple[Any, ...]:
    return _values_of(self)


def _set_state(self: Any, state: tuple[Any, ...]) -> None:
    for name, value in zip(self.__match_args__, state, strict=True):
        object.__setattr__(self, name, value)


_METHODS: dict[str, Any] = {
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _get_state,
    "__setstate__": _set_state,
    "__replace__": replace,
}
