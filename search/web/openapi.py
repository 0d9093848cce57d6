"""The description of the API, OpenAPI 3.1. Parameters come from the table by which they are read."""

from __future__ import annotations

from typing import Any

from .options import (
    DOCUMENT_PARAMETERS,
    ID_PARAMETER,
    MAX_TEXT,
    search_parameters,
    similar_parameters,
    suggest_parameters,
)
from .parameters import described
from .rendering import version


def _object(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_COUNT = {"type": "integer", "minimum": 0}
_FROM_ONE = {"type": "integer", "minimum": 1}
_STRING = {"type": "string"}
_VERSION = {"const": 1}
_MAYBE_STRING = {"type": ["string", "null"]}
_MAYBE_COUNT = {"type": ["integer", "null"], "minimum": 0}
_DATE = {"type": ["string", "null"], "format": "date"}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_DATE_SOURCE = {"enum": ["given", "metadata", "header", "name", "mtime", None]}
_MARK = {
    "description": "[start, end) in Unicode code points.",
    "type": "array",
    "items": _COUNT,
    "minItems": 2,
    "maxItems": 2,
}

_SCHEMAS: dict[str, Any] = {
    "Page": _object(
        "v query total took_ms corrections hits",
        {
            "v": _VERSION,
            "query": _STRING,
            "total": _COUNT,
            "total_is_exact": {"const": False},
            "partial": {"const": True},
            "took_ms": {"type": "number", "minimum": 0},
            "corrections": _list(_ref("Correction")),
            "facets": {"type": "object", "additionalProperties": _ref("Facet")},
            "cursor": _STRING,
            "warnings": _list(_STRING),
            "hits": _list(_ref("Hit")),
        },
    ),
    "Correction": _object(
        "original replacement kind note action confidence told",
        {
            "original": _STRING,
            "replacement": _STRING,
            "kind": {
                "enum": [
                    *("layout", "romanisation", "spelling", "synonym", "translation", "derivation", "expansion"),
                ]
            },
            "note": _STRING,
            "action": {"enum": ["instead", "as well", "offered"]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "told": {"type": "boolean"},
        },
    ),
    "Facet": _object(
        "values other missing",
        {"values": _list(_object("value count", {"value": {}, "count": _COUNT})), "other": _COUNT, "missing": _COUNT},
    ),
    "Hit": _object(
        "rank id path title date date_source lang score size mtime fields snippets",
        {
            "rank": _FROM_ONE,
            "id": _STRING,
            "path": _MAYBE_STRING,
            "title": _STRING,
            "date": _DATE,
            "date_source": _DATE_SOURCE,
            "lang": _MAYBE_STRING,
            "score": {"type": "number"},
            "size": _MAYBE_COUNT,
            "mtime": _MOMENT,
            "fields": {"type": "object"},
            "snippets": _list(_ref("Snippet")),
            "duplicates": _list(_STRING),
            "explain": {"type": "object"},
        },
    ),
    "Snippet": _object(
        "text marks start line page",
        {
            "text": _STRING,
            "marks": _list(_MARK),
            "start": _COUNT,
            "line": _FROM_ONE,
            "page": {"type": ["integer", "null"], "minimum": 1},
        },
    ),
    "Completions": _object(
        "v text completions",
        {
            "v": _VERSION,
            "text": _STRING,
            "completions": _list(
                _object(
                    "text doc_freq kind",
                    {"text": _STRING, "doc_freq": _COUNT, "kind": {"enum": ["prefix", "layout", "spelling"]}},
                )
            ),
        },
    ),
    "Document": _object(
        "v id path title date date_source lang size mtime fields meta chars first_line last_line pages start line page text next",
        {
            "v": _VERSION,
            "id": _STRING,
            "path": _MAYBE_STRING,
            "title": _STRING,
            "date": _DATE,
            "date_source": _DATE_SOURCE,
            "lang": _MAYBE_STRING,
            "size": _MAYBE_COUNT,
            "mtime": _MOMENT,
            "fields": {"type": "object"},
            "meta": {"type": "object"},
            "chars": {"description": "Code points of the whole text.", **_COUNT},
            "first_line": _COUNT,
            "last_line": _COUNT,
            "pages": {"description": "Number of pages; 0 for a document without pages.", **_COUNT},
            "start": {"description": "Where `text` begins in the whole text, in code points.", **_COUNT},
            "line": {"description": "The line in which `text` begins.", **_MAYBE_COUNT},
            "page": {"description": "The page on which `text` begins.", **_MAYBE_COUNT},
            "text": {"description": "null if the index stores no texts.", **_MAYBE_STRING},
            "next": {
                "description": f"An answer has {MAX_TEXT:,} code points at most. `start` for what follows; null if that is all.",
                **_MAYBE_COUNT,
            },
            "marks": {"description": "The words found, in `text`.", **_list(_MARK)},
        },
    ),
    "Error": _object("v error", {"v": _VERSION, "error": {"description": "One sentence.", **_STRING}}),
}


def _told(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref("Error")}}}


_RESPONSES: dict[str, Any] = {
    "304": {"description": "What `If-None-Match` names is still what would be answered."},
    "400": _told("The address is not as this description says."),
    "401": _told("The server was started with a token, and the request has none."),
    "403": _told("A browser sends the request for another site."),
    "404": _told("There is no such document."),
    "405": _told("Only GET and HEAD are answered."),
    "414": _told("The address is longer than 16 KB."),
    "421": _told("The server does not answer under this name."),
    "422": _told(
        "A value has no meaning for this index: no date, an unknown field or language, filters that are none, "
        "lines that the document does not have."
    ),
    "431": _told("The headers are longer than 32 KB."),
    "500": _told("A bug. The log of the server says more."),
    "501": _told("An index in a cluster cannot do this."),
    "503": _told("The index cannot be read, or too many searches are waiting: `Retry-After` says when to come again."),
}
_ETAG = {"ETag": {"description": "Names the state of the index and what was asked.", "schema": _STRING}}


def _operation(
    name: str, summary: str, parameters: list[dict[str, Any]], answer: str, *left_out: str
) -> dict[str, Any]:
    responses = {code: told for code, told in _RESPONSES.items() if code not in left_out}
    told = {"description": summary, "headers": _ETAG, "content": {"application/json": {"schema": _ref(answer)}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {"200": told, **responses},
        }
    }


def description(root: str, *, timeout: float, token: bool) -> dict[str, Any]:
    """The description.

    Parameters:
      root: the path under which the application is mounted.
      timeout: seconds that a search may take at most.
      token: whether one is needed.
    """
    in_path = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    in_path["description"] = "The id of the document. Its slashes may stand as they are, or as %2F."
    components: dict[str, Any] = {"schemas": _SCHEMAS}
    told: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "naidi",
            "version": version(),
            "description": "Full-text search in English and Russian documents. Only GET and HEAD are answered; nothing changes.",
        },
        "servers": [{"url": root or "/"}],
        "paths": {
            "/api/search": _operation(
                "search",
                "The documents that answer a query, best first",
                described(search_parameters(timeout)),
                "Page",
                "404",
            ),
            "/api/suggest": _operation(
                "suggest",
                "Completions of the last word of a text",
                described(suggest_parameters(timeout)),
                "Completions",
                "404",
            ),
            "/api/similar": _operation(
                "similar",
                "The documents that share the key terms of a document",
                described(similar_parameters(timeout)),
                "Page",
            ),
            "/api/documents/{id}": _operation(
                "document", "One document", [in_path, *described(DOCUMENT_PARAMETERS)], "Document"
            ),
            "/api/documents": _operation(
                "document_by_id",
                "One document, whose id would not stay as it is in a path: with empty parts, . or ..",
                described((ID_PARAMETER, *DOCUMENT_PARAMETERS)),
                "Document",
            ),
        },
        "components": components,
    }
    if token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        told["security"] = [{"token": []}]
    return told
