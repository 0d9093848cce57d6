"""Who may ask, and what every answer says to a browser.

Requests never change anything, so there is nothing to forge. What is kept from others is what the documents say:

- Another name than those of this server (DNS rebinding) is refused, where the server listens on this machine alone.
- With a token, nothing but the files of the page is given without it.
- Another site may link here. It may not load an answer as an image, a script or a frame, whose time would tell what was found.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from naidi.indexer.messages import Message

from .problems import for_programs, inner_path, problem
from .texts import TEXTS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_TARGET = 16_384
"""Bytes of path and query together. A query of 10,000 letters would be longer; nobody types that."""
MAX_HEADERS = 32_768

# No page has a script or a style of its own, and none asks for anything from elsewhere.
EVERY_ANSWER = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer says."""

# What a browser says of a request that comes from elsewhere, and of one for a tab of its own.
_ELSEWHERE = ("cross-site", "same-site")
_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Access:
    """Who may ask.

    token: that must be known; None for none.
    names: under which the server is asked, without ports and in small letters; None for any.
    """

    token: str | None = None
    names: frozenset[str] | None = None

    @property
    def cookie(self) -> tuple[str, str]:
        """(name, value) of what a browser keeps. The token cannot be told from it. Servers of one machine share its cookies, so
        each has a name of its own."""
        assert self.token is not None
        value = hmac.new(self.token.encode(), b"naidi serve", hashlib.sha256).hexdigest()
        return f"naidi-{hashlib.sha256(value.encode()).hexdigest()[:8]}", value


class Guard:
    """Lets those requests pass to an application that may, and gives every answer its headers.

    Parameters:
      app: the application.
      access: who may ask.
    """

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in EVERY_ANSWER.items():
                    headers[name] = value
            await send(message)

        answer = self._refusal(scope) or self._entrance(scope)
        await (answer or self._app)(scope, receive, send_safely)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that nobody may send; None for others."""
        headers = Headers(scope=scope)
        if len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"]) > MAX_TARGET:
            return _told(scope, 414, TEXTS["too_long"])
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
            return _told(scope, 431, TEXTS["headers_too_long"])
        if self._access.names is not None and _name_of(headers.get("host", "")) not in self._access.names:
            return _told(scope, 421, TEXTS["wrong_host"])
        if headers.get("sec-fetch-site") in _ELSEWHERE and not (
            headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        ):
            return _told(scope, 403, TEXTS["other_site"])
        if scope["method"] not in _METHODS:
            return _told(scope, 405, TEXTS["method"], {"Allow": ", ".join(_METHODS)})
        return None

    def _entrance(self, scope: Scope) -> Response | None:
        """What is answered without asking the application, where a token is needed; None to let the request pass."""
        token = self._access.token
        if token is None or inner_path(scope).startswith("/static/"):
            return None
        headers = Headers(scope=scope)
        given = headers.get("authorization", "")
        if given[:7].lower() == "bearer " and _same(given[7:].strip(), token):
            return None
        programs = for_programs(scope)
        if not programs:
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            named = [value for name, value in pairs if name == "token"]
            if named and _same(named[-1], token):
                return self._entered(scope, [pair for pair in pairs if pair[0] != "token"])
            if named:
                return _told(scope, 401, TEXTS["token_wrong"], ask_token=True)
        name, value = self._access.cookie
        if _same(Request(scope).cookies.get(name, ""), value):
            return None
        return _told(scope, 401, TEXTS["enter_token"], {"WWW-Authenticate": 'Bearer realm="naidi"'}, ask_token=True)

    def _entered(self, scope: Scope, pairs: list[tuple[str, str]]) -> Response:
        """Sends a browser to the same page without the token, which it knows from now on by a cookie."""
        # Two slashes at the beginning would be the name of another server.
        path = "/" + quote(str(scope["path"]).lstrip("/\\"), safe="/~!$&'()*+,;=:@")
        target = f"{path}?{urlencode(pairs)}" if pairs else path
        answer = Response(status_code=303, headers={"Location": target, "Cache-Control": "no-store"})
        name, value = self._access.cookie
        answer.set_cookie(
            name,
            value,
            path=str(scope.get("root_path", "")) or "/",
            httponly=True,
            samesite="strict",
            secure=scope.get("scheme") == "https",
        )
        return answer


def _told(
    scope: Scope, status: int, said: Message, headers: dict[str, str] | None = None, *, ask_token: bool = False
) -> Response:
    return problem(Request(scope), status, said, headers, ask_token=ask_token)


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())


def _name_of(host: str) -> str:
    """The name in the value of the header Host, without its port."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
