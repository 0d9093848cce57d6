"""A search backend for django-haystack: `"ENGINE": "naidi.integrations.haystack.NaidiEngine"`. See docs/haystack.md."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .backend import NaidiEngine, NaidiSearchBackend
    from .search_query import NaidiSearchQuery

__all__ = ["NaidiEngine", "NaidiSearchBackend", "NaidiSearchQuery"]


def __getattr__(name: str) -> object:
    """The classes, loaded with haystack when they are first asked for: what reads queries needs no Django."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import backend, search_query

    return getattr(search_query if name == "NaidiSearchQuery" else backend, name)
