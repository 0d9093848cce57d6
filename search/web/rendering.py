"""Makes the pages of their templates, and has the two files that they need. Nothing else is read from a disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.requests import Request

from .texts import Texts

_HERE = Path(__file__).parent
_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """name -> (content, media type) of each file that a page needs."""
    return {name: ((_HERE / "static" / name).read_bytes(), kind) for name, kind in _TYPES.items()}


@cache
def version() -> str:
    """The version of naidi. The package is loaded already, though its public names are above this room."""
    return str(import_module(__name__.partition(".")[0]).__version__)


@cache
def assets_mark() -> str:
    """Names the version of the files, so that a browser may keep them for ever."""
    told = hashlib.sha256(version().encode())
    for _, (content, _kind) in sorted(assets().items()):
        told.update(content)
    for _, template in sorted(_templates().items()):
        told.update(template.encode())
    return told.hexdigest()[:12]


@cache
def _templates() -> dict[str, str]:
    """name -> text of all templates."""
    return {path.name: path.read_text(encoding="utf-8") for path in (_HERE / "templates").glob("*.html")}


def load() -> None:
    """Read every file that a page is made of, so that those of another version, put in their place later, break none."""
    assets_mark()
    _environment()


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader(_templates()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def rendered(template: str, request: Request, texts: Texts, **values: Any) -> bytes:
    """A page.

    Parameters:
      template: its name.
      request: says under which path the application is mounted, and whether a language was chosen there.
      texts: the sentences of the page.
      values: for the template.
    """
    root = str(request.scope.get("root_path", ""))
    own = {
        "root": root,
        "t": texts,
        "ui": request.query_params.get("ui", "") if request.query_params.get("ui") in ("en", "ru") else "",
        "asset": lambda name: f"{root}/static/{name}?v={assets_mark()}",
    }
    return _environment().get_template(template).render({**own, **values}).encode("utf-8", "replace")


def url(path: str, query: Mapping[str, Any]) -> str:
    """An address of this server, of a path that is encoded. Empty values are left out."""
    told = encoded(query)
    return f"{path}?{told}" if told else path


def encoded(query: Mapping[str, Any]) -> str:
    """Parameters as they stand behind a question mark. Empty values are left out."""
    there = {name: value for name, value in query.items() if value}
    return urlencode(there, doseq=True, quote_via=quote, errors="replace")


def document_path(doc_id: str, before: str = "/documents") -> tuple[str, dict[str, str]]:
    """(path, query) of a document. A browser would change a path with some ids: those stand behind the question mark."""
    segments = doc_id.split("/")
    if any(segment in ("", ".", "..") for segment in segments) or "\\" in doc_id:
        return before, {"id": doc_id}
    return f"{before}/{quote(doc_id, safe='/', errors='replace')}", {}
