"""What is answered to a request that no application gets: it is no HTTP, or its head is so long that it is not read to its end.

uvicorn says so in plain text, without the headers that every other answer has.
"""

from __future__ import annotations

import sys

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..show.as_json import VERSION
from .guard import EVERY_ANSWER, MAX_TARGET
from .problems import json_response
from .texts import TEXTS

MAX_HEAD = 65_536
"""Bytes of a request before its body that are kept until all of it is there. The limits of `guard` hold for those that are read."""


class RequestProtocol(H11Protocol):
    """Reads the requests of one connection."""

    def send_400_response(self, msg: str) -> None:
        """Answer what could not be read, and end the connection. msg: what uvicorn would say."""
        status, said = 400, msg
        # The error that is being handled knows what was too long no better than that it was the head.
        if getattr(sys.exc_info()[1], "error_status_hint", None) == 431:
            line, ends, _ = self.conn.trailing_data[0].partition(b"\n")
            too_long = "headers_too_long" if ends and len(line) <= MAX_TARGET else "too_long"
            status, said = (431 if too_long == "headers_too_long" else 414), TEXTS[too_long]
        headers = {**EVERY_ANSWER, "Cache-Control": "no-store", "Connection": "close"}
        answer = json_response({"v": VERSION, "error": said}, status, headers)
        for event in (
            h11.Response(status_code=status, headers=answer.raw_headers),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))
        self.transport.close()
