"""A search in a FastAPI application: `NAIDI_INDEX=index_data uvicorn fastapi_app:app`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from naidi import DocumentMissing, InvalidQuery, open_index


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with open_index(os.environ.get("NAIDI_INDEX", "index_data"), refresh_every=5) as searcher:
        app.state.searcher = searcher
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/search")
def search(request: Request, q: str, limit: int = 10, offset: int = 0) -> dict[str, Any]:
    # A plain `def`: FastAPI runs it in a thread, so the event loop goes on.
    try:
        results = request.app.state.searcher.search(q, limit, offset=offset, timeout=2)
    except InvalidQuery as error:
        raise HTTPException(422, str(error)) from error
    hits = [{"id": hit.id, "title": hit.title_html(), "text": hit.html()} for hit in results]
    return {"total": results.total, "hits": hits, "warnings": results.warnings}


@app.get("/documents/{doc_id:path}")
def document(request: Request, doc_id: str) -> dict[str, str]:
    try:
        found = request.app.state.searcher.get(doc_id)
    except DocumentMissing as error:
        raise HTTPException(404, str(error)) from error
    return {"id": found.id, "title": found.title, "text": found.text}
