"""Which status has an error, and how is it told: to a program as JSON, to a person as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from naidi.indexer.errors import (
    ClusterUnavailable,
    DocumentMissing,
    IndexLocked,
    IndexProblem,
    InvalidQuery,
    NaidiError,
    NotSupported,
)
from naidi.indexer.printable import dumps, printable

from ..show.as_json import VERSION
from .languages import language_for, texts_in
from .parameters import WrongParameter
from .rendering import rendered

API = "/api"
JSON = "application/json"

_RETRY = {"Retry-After": "1"}


def status_of(error: Exception) -> tuple[int, Mapping[str, str]]:
    """(status, headers) of an answer that tells an error."""
    if isinstance(error, WrongParameter):
        return 400, {}
    if isinstance(error, DocumentMissing):
        return 404, {}
    if isinstance(error, InvalidQuery):
        return 422, {}
    if isinstance(error, NotSupported):
        return 501, {}
    if isinstance(error, (ClusterUnavailable, IndexLocked)):
        return 503, _RETRY
    if isinstance(error, (IndexProblem, NaidiError)):
        return 503, {}
    raise error


def inner_path(scope: Mapping[str, Any]) -> str:
    """The path behind that under which the application is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root and (path == root or path.startswith(f"{root}/")) else path


def for_programs(scope: Mapping[str, Any]) -> bool:
    """Whether a program asks, and no person."""
    path = inner_path(scope)
    return path == API or path.startswith(f"{API}/")


def problem(
    request: Request, status: int, message: Any, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """The answer that tells what is wrong.

    Parameters:
      request: which was not answered.
      status: of the answer.
      message: what is wrong: a Message, or an error.
      headers: further ones.
      values: for the page.
    """
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if for_programs(request.scope):
        said = " ".join(texts_in("en").of(message).split())
        return json_response({"v": VERSION, "error": said}, status, headers)
    wished = request.query_params.get("ui")
    texts = texts_in(language_for(request.headers.get("accept-language", ""), wished))
    page = rendered("problem.html", request, texts, status=status, said=printable(texts.of(message)), **values)
    return Response(page, status, {**headers, "Vary": "Accept-Language"}, "text/html; charset=utf-8")


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON, with a line end."""
    return Response(f"{dumps(value)}\n".encode(), status, headers, JSON)
