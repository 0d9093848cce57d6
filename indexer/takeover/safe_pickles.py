"""Unpickles what an index of Whoosh holds, and nothing that could run code.

A pickle may call whatever can be imported. Here it may name the classes of which Whoosh makes schemas and segments, the stemmers
that these use, and plain values.
"""

from __future__ import annotations

import importlib
import io
import pickle
import pickletools
from typing import IO, Any

from ..errors import IndexProblem
from ..messages import message

# Of builtins and of the standard library. The older names are those of pickles of protocol 2 and below.
_PLAIN = {
    "builtins": {"set", "frozenset", "bytearray", "complex", "object", "int", "float", "str", "list", "dict", "bytes"},
    "__builtin__": {
        "set",
        "frozenset",
        "bytearray",
        "complex",
        "object",
        "int",
        "long",
        "float",
        "unicode",
        "str",
        "list",
        "dict",
    },
    "copyreg": {"_reconstructor", "__newobj__"},
    "copy_reg": {"_reconstructor", "__newobj__"},
    "collections": {"defaultdict", "OrderedDict"},
    "datetime": {"datetime", "date", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "uuid": {"UUID"},
    "re": {"_compile"},
    "_codecs": {"encode"},  # how protocol 2 has bytes
}
_CLASSES = ("whoosh.fields", "whoosh.formats", "whoosh.columns", "whoosh.analysis.", "whoosh.codec.", "whoosh.idsets")
_FUNCTIONS = ("whoosh.lang.",)  # stemmers


class _SafeUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module.startswith((*_CLASSES, *_FUNCTIONS)) and "." not in name:
            try:
                found = getattr(importlib.import_module(module), name)
            except (ImportError, AttributeError):
                raise _refused(module, name) from None
            home = str(getattr(found, "__module__", ""))
            # What a module of Whoosh imports is no part of it.
            if home.startswith(_CLASSES if isinstance(found, type) else _FUNCTIONS):
                return found
        raise _refused(module, name)


def _refused(module: str, name: str) -> IndexProblem:
    return IndexProblem(
        message(
            "this index of Whoosh names {module}.{name}, which could run anything; if you trust it, say trusted=True",
            module=module,
            name=name,
        )
    )


def load(file: IO[bytes]) -> Any:
    """The next pickle of a file. Raises IndexProblem if it names what it must not."""
    start = file.tell()
    try:
        return _SafeUnpickler(file).load()
    except MemoryError:
        # A damaged one may ask for more than there is in any machine.
        file.seek(start)
        _check_sizes(file.read())
        raise


def _check_sizes(data: bytes) -> None:
    """Raises UnpicklingError if a pickle asks for more bytes than it has."""
    try:
        for _ in pickletools.genops(data):
            pass
    except ValueError as error:
        raise pickle.UnpicklingError(str(error)) from None


def loads(data: bytes) -> Any:
    """A pickle. Raises IndexProblem as `load` does."""
    return load(io.BytesIO(data))
