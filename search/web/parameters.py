"""The parameters of the API: how each is written in an address, what it may be, and what it is for.

One table serves both sides: `read` takes an address apart by it, `described` makes the description for OpenAPI.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from naidi.indexer.messages import Message, message

Kind = Literal["text", "texts", "whole", "seconds", "switch"]

_WHOLE = re.compile(r"-?[0-9]{1,15}")
_SECONDS = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?")
LEAST_SECONDS = 0.001
_SWITCHES = {"true": True, "false": False}
# So many characters of a wrong value are repeated.
_TOLD = 100


class WrongParameter(Exception):
    """The address is not as the description says. The message says what is wrong."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    name: in the address.
    about: what it is for, in one sentence.
    kind: "text"; "texts", a text each time that the parameter is given; "whole", a number; "seconds"; "switch".
    least, most: the smallest and the greatest number; of texts, the number of characters.
    many: how often "texts" may be given.
    choices: all that the text may be; empty for any text.
    default: what holds without it; None for nothing.
    required: whether it must be there.
    example: a value.
    """

    name: str
    about: str
    kind: Kind = "text"
    least: float = 0
    most: float = 10_000
    many: int = 1
    choices: tuple[str, ...] = ()
    default: Any = None
    required: bool = False
    example: Any = None

    @property
    def schema(self) -> dict[str, Any]:
        """What it may be, as JSON Schema says it."""
        schema: dict[str, Any]
        if self.kind in ("text", "texts"):
            schema = {"type": "string", "minLength": int(self.least), "maxLength": int(self.most)}
            if self.choices:
                schema = {"type": "string", "enum": list(self.choices)}
            if self.kind == "texts":
                schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": self.many}
        elif self.kind == "whole":
            schema = {"type": "integer", "minimum": int(self.least), "maximum": int(self.most)}
        elif self.kind == "seconds":
            schema = {"type": "number", "minimum": LEAST_SECONDS, "maximum": self.most}
        else:
            schema = {"type": "boolean"}
        if self.default is not None:
            schema["default"] = list(self.default) if isinstance(self.default, tuple) else self.default
        return schema

    def value(self, text: str) -> Any:
        """The value that a text stands for. Raises WrongParameter."""
        if self.kind in ("text", "texts"):
            return self._text(text)
        if self.kind == "whole":
            if not _WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
                raise self._wrong(
                    text,
                    message("a whole number from {least} to {most}", least=int(self.least), most=int(self.most)),
                )
            return int(text)
        if self.kind == "seconds":
            if not _SECONDS.fullmatch(text) or not LEAST_SECONDS <= float(text) <= self.most:
                least, most = f"{LEAST_SECONDS:g}", f"{self.most:g}"
                raise self._wrong(text, message("a number of seconds from {least} to {most}", least=least, most=most))
            return float(text)
        if text not in _SWITCHES:
            raise self._wrong(text, message("true or false"))
        return _SWITCHES[text]

    def _text(self, text: str) -> str:
        if self.choices and text not in self.choices:
            raise self._wrong(text, message("one of {choices}", choices=", ".join(self.choices)))
        if not self.least <= len(text) <= self.most:
            least, most = int(self.least), int(self.most)
            raise self._wrong(text, message("a text of {least} to {most} characters", least=least, most=most))
        return text

    def _wrong(self, text: str, wanted: Message) -> WrongParameter:
        shown = repr(text[:_TOLD])
        return WrongParameter(
            message("{name} must be {wanted}, not {given}", name=self.name, wanted=wanted, given=shown)
        )


def read(query_string: bytes, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The values by the names of their parameters; those that are not given have their default, or are left out without one.

    Parameters:
      query_string: what stands behind the question mark of an address.
      parameters: all that there may be.

    Raises WrongParameter for any other parameter, one that is given twice, a wrong value, and for one that is missing.
    """
    known = {parameter.name: parameter for parameter in parameters}
    given: dict[str, Any] = {}
    for name, text in _pairs(query_string):
        parameter = known.get(name)
        if parameter is None:
            names = ", ".join(known) or "none"
            raise WrongParameter(message("unknown parameter {name}: use {names}", name=repr(name[:_TOLD]), names=names))
        value = parameter.value(text)
        if parameter.kind == "texts":
            values = given.setdefault(name, [])
            values.append(value)
            if len(values) > parameter.many:
                raise WrongParameter(
                    message("{name} may be given {many} times at most", name=name, many=parameter.many)
                )
        elif name in given:
            raise WrongParameter(message("{name} is given twice", name=name))
        else:
            given[name] = value
    for parameter in parameters:
        if parameter.name not in given:
            if parameter.required:
                raise WrongParameter(message("{name} is missing", name=parameter.name))
            if parameter.default is not None:
                given[parameter.name] = parameter.default
    return given


def described(parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """The parameters as OpenAPI describes them."""
    found = []
    for parameter in parameters:
        one: dict[str, Any] = {
            "name": parameter.name,
            "in": "query",
            "description": parameter.about,
            "required": parameter.required,
            "schema": parameter.schema,
        }
        if parameter.kind == "texts":
            one |= {"style": "form", "explode": True}
        if parameter.example is not None:
            one["example"] = parameter.example
        found.append(one)
    return found


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=200
        )
    except (UnicodeError, ValueError):
        raise WrongParameter(
            message("the address is not UTF-8 with percent signs, or has too many parameters")
        ) from None
