"""Full-text search for English and Russian documents.

    from naidi import Document, Writer, sync, open_index

A name is loaded when it is first used: a program that only searches pays for no writer, and none pays for a dictionary before it
meets a word that needs one.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the module typing takes as long as ten of ours
if TYPE_CHECKING:
    import typing

    from naidi import fields
    from naidi.indexer.conditions import Condition, FacetRequest, FieldName, field
    from naidi.indexer.document import Document
    from naidi.indexer.errors import (
        ClusterRefused,
        ClusterUnavailable,
        DocumentMissing,
        DocumentUnreadable,
        IndexDamaged,
        IndexLocked,
        IndexMissing,
        IndexOutdated,
        IndexProblem,
        IndexUnwritable,
        InvalidAddress,
        InvalidDictionary,
        InvalidDocument,
        InvalidQuery,
        InvalidSchema,
        NaidiError,
        NotSupported,
    )
    from naidi.indexer.folder.options import FolderChoices, FolderOptions
    from naidi.indexer.folder.report import SyncReport
    from naidi.indexer.homes import Writer, drop, from_whoosh, sync, upgrade
    from naidi.indexer.takeover.from_whoosh import WhooshReport
    from naidi.indexer.writing.reanalyse import Progress
    from naidi.indexer.writing.upgrade import UpgradeReport
    from naidi.search.explanation import Explanation, FormMatch, TermMatch
    from naidi.search.memory_index import MemoryIndex
    from naidi.search.open_index import Searcher, open_index
    from naidi.search.query.quote import quote
    from naidi.search.ranking.bm25 import FieldParameters, RankingParameters
    from naidi.search.results import Correction, Facet, Hit, Results, Snippet
    from naidi.search.search_options import SearchOptions
    from naidi.search.stored_documents import StoredDocument
    from naidi.search.suggest.suggest import Completion

__version__ = "0.1.0"

_HOMES = {
    "naidi.indexer.conditions": ("Condition", "FacetRequest", "FieldName", "field"),
    "naidi.indexer.document": ("Document",),
    "naidi": ("fields",),
    "naidi.indexer.errors": (
        "ClusterRefused",
        "ClusterUnavailable",
        "DocumentMissing",
        "DocumentUnreadable",
        "IndexDamaged",
        "IndexLocked",
        "IndexMissing",
        "IndexOutdated",
        "IndexProblem",
        "IndexUnwritable",
        "InvalidAddress",
        "InvalidDictionary",
        "InvalidDocument",
        "InvalidQuery",
        "InvalidSchema",
        "NaidiError",
        "NotSupported",
    ),
    "naidi.indexer.folder.options": ("FolderChoices", "FolderOptions"),
    "naidi.indexer.folder.report": ("SyncReport",),
    "naidi.indexer.homes": ("Writer", "drop", "from_whoosh", "sync", "upgrade"),
    "naidi.indexer.takeover.from_whoosh": ("WhooshReport",),
    "naidi.indexer.writing.reanalyse": ("Progress",),
    "naidi.indexer.writing.upgrade": ("UpgradeReport",),
    "naidi.search.memory_index": ("MemoryIndex",),
    "naidi.search.open_index": ("Searcher", "open_index"),
    "naidi.search.explanation": ("Explanation", "FormMatch", "TermMatch"),
    "naidi.search.search_options": ("SearchOptions",),
    "naidi.search.query.quote": ("quote",),
    "naidi.search.ranking.bm25": ("FieldParameters", "RankingParameters"),
    "naidi.search.results": ("Correction", "Facet", "Hit", "Results", "Snippet"),
    "naidi.search.stored_documents": ("StoredDocument",),
    "naidi.search.suggest.suggest": ("Completion",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ClusterRefused",
    "ClusterUnavailable",
    "Completion",
    "Condition",
    "Correction",
    "Document",
    "DocumentMissing",
    "DocumentUnreadable",
    "Explanation",
    "Facet",
    "FacetRequest",
    "FieldName",
    "FieldParameters",
    "FolderChoices",
    "FolderOptions",
    "FormMatch",
    "Hit",
    "IndexDamaged",
    "IndexLocked",
    "IndexMissing",
    "IndexOutdated",
    "IndexProblem",
    "IndexUnwritable",
    "InvalidAddress",
    "InvalidDictionary",
    "InvalidDocument",
    "InvalidQuery",
    "InvalidSchema",
    "MemoryIndex",
    "NaidiError",
    "NotSupported",
    "Progress",
    "RankingParameters",
    "Results",
    "SearchOptions",
    "Searcher",
    "Snippet",
    "StoredDocument",
    "SyncReport",
    "TermMatch",
    "UpgradeReport",
    "WhooshReport",
    "Writer",
    "__version__",
    "drop",
    "field",
    "fields",
    "from_whoosh",
    "open_index",
    "quote",
    "sync",
    "upgrade",
]


def __getattr__(name: str) -> typing.Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = import_module(f"naidi.{name}") if home == "naidi" else getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
