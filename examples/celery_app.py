"""The one writer of an index as a worker of Celery: `celery -A celery_app worker --queues index --concurrency 1`.

Web processes send what has changed: `index_documents.delay([{"id": "7", "text": "…"}])`. They search with a Searcher of their own.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

from naidi import Document, IndexLocked, InvalidDocument, Writer

INDEX = os.environ.get("NAIDI_INDEX", "index_data")

app = Celery("indexing", broker=os.environ.get("BROKER", "memory://"))
app.conf.update(
    task_routes={"celery_app.*": {"queue": "index"}},
    task_acks_late=True,  # a task whose worker was killed is done again: to add a document twice is to add it once
    worker_prefetch_multiplier=1,
)


@app.task(autoretry_for=(IndexLocked, OSError), retry_backoff=True, max_retries=8)
def index_documents(documents: list[dict[str, Any]], deleted: list[str] = []) -> dict[str, Any]:  # noqa: B006
    """Add documents, replacing those of the same ids, and delete others, in one commit."""
    refused = {}
    with Writer(INDEX) as writer:
        for fields in documents:
            try:
                writer.add(Document(**fields))
            except InvalidDocument as error:  # one bad document is no reason to lose the others
                refused[str(fields.get("id"))] = str(error)
        for doc_id in deleted:
            writer.delete(doc_id)
    return {"added": len(documents) - len(refused), "refused": refused}
