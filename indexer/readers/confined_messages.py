"""The messages between a process that analyses and the child that reads files for it (`confined`, `confined_child`).

A message is a header, which is JSON, and a body of bytes, each with its length in front. Plain data alone: a reader that a
hostile file has taken over can send only what is checked here.
"""

from __future__ import annotations

import datetime
import json
import socket
import struct
import time
from dataclasses import fields
from typing import Any, NamedTuple

from .content import Content, ReadOptions

MAX_OUTPUT = 256 << 20
"""The most bytes that the child may send about one file."""

_LENGTHS = struct.Struct(">IQ")
_PIECE = 1 << 20
_NO_SIGNAL = getattr(
    socket, "MSG_NOSIGNAL", 0
)  # an application may want to die of SIGPIPE, but not because a child is gone
_ENCODING = "utf-8", "surrogatepass"


class WrongMessage(ValueError):
    """The other side sent something that is no message."""


class ChannelClosed(Exception):
    """The other side is gone."""


class Request(NamedTuple):
    """A file to read.

    module, function: the reader.
    name, options: as in Source.
    seconds: how long the reader may take until it should return what it has.
    last_seconds: after how long the child ends itself, should its parent not have done so.
    data: the bytes of the file.
    """

    module: str
    function: str
    name: str
    options: ReadOptions
    seconds: float
    last_seconds: float
    data: bytes


def send(channel: socket.socket, header: dict[str, Any], body: bytes = b"", deadline: float | None = None) -> None:
    """Send a message. Raises TimeoutError at the deadline, on the clock of time.monotonic(), or OSError."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    for part in (_LENGTHS.pack(len(encoded), len(body)) + encoded, body):
        left = memoryview(part)
        while left:
            set_timeout(channel, deadline)
            left = left[channel.send(left, _NO_SIGNAL) :]


def set_timeout(channel: socket.socket, deadline: float | None) -> None:
    """Let the next operation wait until the deadline. If that is over, what has come by then can still be taken."""
    if deadline is not None:
        channel.settimeout(max(deadline - time.monotonic(), 0.001))


class Incoming:
    """Messages from the other side.

    Parameters:
      limit: the most bytes of all messages together; None for no limit.
      deadline: on the clock of time.monotonic().
    """

    def __init__(self, channel: socket.socket, limit: int | None = None, deadline: float | None = None) -> None:
        self._channel = channel
        self._left = limit
        self._deadline = deadline

    def next(self) -> tuple[dict[str, Any], bytes]:
        """Header and body of the next message. Raises ChannelClosed, WrongMessage, TooMuch, TimeoutError or OSError."""
        header_length, body_length = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
        if self._left is not None:
            self._left -= _LENGTHS.size + header_length + body_length
            if self._left < 0:
                raise TooMuch
        try:
            header = json.loads(bytes(self._exactly(header_length)))
        except (ValueError, RecursionError) as error:
            raise WrongMessage("no JSON") from error
        if not isinstance(header, dict):
            raise WrongMessage("no object")
        return header, bytes(self._exactly(body_length))

    def _exactly(self, length: int) -> bytearray:
        # Grown as bytes come, not by what the other side claims.
        taken = bytearray()
        while missing := length - len(taken):
            set_timeout(self._channel, self._deadline)
            piece = self._channel.recv(min(missing, _PIECE))
            if not piece:
                raise ChannelClosed
            taken += piece
        return taken


class TooMuch(Exception):
    """The messages have more bytes than allowed."""


def request_header(request: Request) -> dict[str, Any]:
    """The header of a request; its body is the file."""
    header: dict[str, Any] = request._asdict()
    del header["data"]
    header["options"] = {field.name: getattr(request.options, field.name) for field in fields(ReadOptions)}
    return header


def request_of(header: dict[str, Any], data: bytes) -> Request:
    """The request in a message."""
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in header.pop("options").items()
    }
    return Request(**header, options=ReadOptions(**options), data=data)


def content_header(content: Content) -> tuple[dict[str, Any], bytes]:
    """A Content as header and body. Raises TypeError if its facts are no scalars."""
    header = {
        "title": content.title,
        "date": content.date and content.date.toordinal(),
        "meta": dict(content.meta),
        "keywords": content.keywords,
        "warnings": list(content.warnings),
        "part": content.part,
        "pages": list(content.pages),
        "first_line": content.first_line,
    }
    return header, content.text.encode(*_ENCODING)


def content_of(header: dict[str, Any], body: bytes) -> Content:
    """The Content in a message. Raises WrongMessage if it is none."""
    try:
        date = header["date"]
        return Content(
            text=body.decode(*_ENCODING),
            title=_string(header["title"]),
            date=None if date is None else datetime.date.fromordinal(date),
            meta={name: _scalar(value) for name, value in header["meta"].items()},
            keywords=_string(header["keywords"]),
            warnings=tuple(map(_string, header["warnings"])),
            part=_string(header["part"]),
            pages=tuple(map(_offset, header["pages"])),
            first_line=_offset(header["first_line"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise WrongMessage("no content") from error


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _scalar(value: object) -> str | int | float | bool | None:
    if value is not None and not isinstance(value, (str, int, float)):
        raise TypeError(value)
    return value


def _offset(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value
