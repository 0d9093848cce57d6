"""Make an index: `Writer` for an application's own documents, `sync` for a folder.

The names are loaded when first used: a program that only searches pays for none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.documents import Document
    from indexer.errors import NaidiError
    from indexer.folder_sync import SyncReport, sync
    from indexer.writer import Writer

__all__ = ["Document", "NaidiError", "SyncReport", "Writer", "sync"]

_HOME = {
    "Document": "indexer.documents",
    "NaidiError": "indexer.errors",
    "SyncReport": "indexer.folder_sync",
    "Writer": "indexer.writer",
    "sync": "indexer.folder_sync",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
