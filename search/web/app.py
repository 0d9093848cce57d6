"""The application: which address is answered by what, in front of one index.

    from naidi.search.web.app import web_app

    application.mount("/search", web_app("index_data"))

It is an application of ASGI. Mounted in another, it knows the path there, and the other one decides who may ask.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from naidi.indexer.errors import NaidiError
from naidi.indexer.messages import LANGUAGES

from ..open_index import Searcher
from . import api
from .document_page import document_page
from .guard import Access, Guard, Receive, Scope, Send
from .languages import language_for, texts_in
from .openapi import description
from .opened import ServedIndex
from .options import TIMEOUT
from .page_query import PageQuery
from .parameters import WrongParameter
from .problems import for_programs, json_response, problem, status_of
from .rendering import assets, assets_mark, load, rendered
from .search_page import HTML, form_values, search_page
from .texts import TEXTS, Texts
from .work import Overloaded, Workers

_FRESH = {"Cache-Control": "private, no-cache"}
_FOR_EVER = "public, max-age=31536000, immutable"
# A shorter answer is sent as it is. The level is a third of the time of the highest, for a twentieth more bytes.
_GZIPPED, _GZIP_LEVEL = 1_400, 4

# Queries with a typo, in both languages, on which everything is read that a query may need.
_WARMING = ("documnet serach", "докумнет пиоск")

Answer = Callable[[Request, Searcher, float], Response]


class WebApp:
    """The application of one index, as ASGI has it.

    Parameters:
      place: the directory of the index, or its address in a cluster. It is opened at the first request.
      access: who may ask; everybody, if nothing is said.
      timeout: seconds that a search may take at most.
      refresh_every: seconds after which a newer state of the index is seen.
      workers: run the searches.
      root: the path under which a proxy shows the page, "/search". The proxy may take it away from what it hands on, or leave it.
        Another application that mounts this one says it by itself.
    """

    def __init__(
        self,
        place: str | os.PathLike[str],
        *,
        access: Access | None = None,
        timeout: float = TIMEOUT,
        refresh_every: float = 1.0,
        workers: Workers | None = None,
        root: str = "",
    ) -> None:
        load()
        for language in LANGUAGES:
            texts_in(language)
        self._root = root
        self.index = ServedIndex(place, refresh_every)
        self._access = access or Access()
        self._timeout = timeout
        self._workers = workers or Workers()
        routes = [
            Route("/", self._page(self._search_page)),
            Route("/help", self._page(self._help_page)),
            Route("/documents", self._page(self._document_page)),
            Route("/documents/{id:path}", self._page(self._document_page)),
            Route("/static/{name}", self._asset),
            Route("/api/openapi.json", self._description),
            Route("/api/search", self._program(api.search)),
            Route("/api/suggest", self._program(api.suggest)),
            Route("/api/similar", self._program(api.similar)),
            Route("/api/documents", self._program(api.document)),
            Route("/api/documents/{id:path}", self._program(api.document)),
        ]
        # An answer never holds a secret beside what another site may choose: the token is in none, and the cookie is not sent
        # with requests of other sites. So its length may tell how well it compresses.
        zipped = Middleware(GZipMiddleware, minimum_size=_GZIPPED, compresslevel=_GZIP_LEVEL)
        inner = Starlette(
            routes=routes,
            middleware=[zipped],
            exception_handlers={HTTPException: self._told, Exception: self._failed},
        )
        inner.router.redirect_slashes = False
        self._app = Guard(inner, self._access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if self._root and scope["type"] == "http":
            path = scope["path"]
            whole = path if path == self._root or path.startswith(f"{self._root}/") else self._root + path
            scope = {**scope, "root_path": self._root, "path": whole}
        await self._app(scope, receive, send)

    def warm(self) -> None:
        """Do once what the first who ask would wait for: pages are compiled, and what the index knows of typos is read."""
        searcher = self.index.searcher()
        request = Request({"type": "http", "path": "/", "query_string": b"", "headers": [], "root_path": ""})
        for language in LANGUAGES:
            search_page(request, searcher, texts_in(language), self._timeout)
            for query in _WARMING:
                asked = Request({**request.scope, "query_string": urlencode({"q": query}).encode()})
                search_page(asked, searcher, texts_in(language), self._timeout)
                searcher.suggest(query, timeout=self._timeout)

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()

    def _page(self, answer: Callable[[Request, Searcher, Texts], Response]) -> Callable[[Request], Any]:
        """An endpoint that answers people, in their language."""

        def in_language(request: Request, searcher: Searcher, timeout: float) -> Response:
            response = answer(request, searcher, _texts(request))
            response.headers["Vary"] = "Accept-Language"
            return response

        return partial(self._answered, in_language)

    def _program(self, answer: Answer) -> Callable[[Request], Any]:
        """An endpoint that answers programs."""
        return partial(self._answered, answer)

    async def _answered(self, answer: Answer, request: Request) -> Response:
        try:
            return await self._workers.run(partial(self._now, answer, request))
        except Overloaded:
            return problem(request, 503, TEXTS["overloaded"], {"Retry-After": "1"})

    def _now(self, answer: Answer, request: Request) -> Response:
        """The answer. Runs in a thread."""
        try:
            language = "" if for_programs(request.scope) else _texts(request).language
            asked = (request.url.path, request.scope["query_string"].decode("latin-1"), language, assets_mark())
            tag = self.index.tag(*asked)
            if tag is not None and _is_known(request, tag):
                return Response(status_code=304, headers={**_FRESH, "ETag": tag})
            response = answer(request, self.index.searcher(), self._timeout)
            if response.status_code == 200 and "Cache-Control" not in response.headers:
                response.headers.update(_FRESH)
                # Another state may have been taken meanwhile.
                if tag is not None and tag == self.index.tag(*asked):
                    response.headers["ETag"] = tag
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        except (NaidiError, WrongParameter) as error:
            status, headers = status_of(error)
            return problem(request, status, error, headers)

    def _search_page(self, request: Request, searcher: Searcher, texts: Texts) -> Response:
        return search_page(request, searcher, texts, self._timeout)

    def _document_page(self, request: Request, searcher: Searcher, texts: Texts) -> Response:
        doc_id = request.path_params.get("id") or request.query_params.get("id", "")
        return document_page(request, searcher, texts, doc_id, self._timeout)

    def _help_page(self, request: Request, searcher: Searcher, texts: Texts) -> Response:
        asked, root = PageQuery.of(request.query_params), str(request.scope.get("root_path", ""))
        return Response(rendered("help.html", request, texts, **form_values(asked, texts, root)), media_type=HTML)

    async def _asset(self, request: Request) -> Response:
        found = assets().get(request.path_params["name"])
        if found is None:
            return problem(request, 404, TEXTS["not_found_page"])
        content, kind = found
        kept = _FOR_EVER if request.query_params.get("v") == assets_mark() else "no-cache"
        return Response(content, headers={"Cache-Control": kept}, media_type=kind)

    async def _description(self, request: Request) -> Response:
        root = str(request.scope.get("root_path", ""))
        told = description(root, timeout=self._timeout, token=self._access.token is not None)
        return json_response(told, headers=_FRESH)

    async def _told(self, request: Request, error: Exception) -> Response:
        """What Starlette refuses: an address that nothing answers, or another method."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(getattr(error, "headers", None) or {})
        return problem(request, status, TEXTS["method" if status == 405 else "not_found_page"], headers)

    async def _failed(self, request: Request, error: Exception) -> Response:
        """A bug. Starlette raises the error again, so that the log has it."""
        return problem(request, 500, TEXTS["unexpected"])


def web_app(place: str | os.PathLike[str], **options: Any) -> WebApp:
    """The application for an index; see `WebApp`."""
    return WebApp(place, **options)


def _texts(request: Request) -> Texts:
    return texts_in(language_for(request.headers.get("accept-language", ""), request.query_params.get("ui")))


def _is_known(request: Request, tag: str) -> bool:
    """Whether the request names the tag."""
    named = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in named.split(",")]
