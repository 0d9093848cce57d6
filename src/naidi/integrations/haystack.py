"""A search backend for django-haystack: `"ENGINE": "naidi.integrations.haystack.NaidiEngine"`. See docs/haystack.md."""

from naidi.search.integrations.haystack.backend import NaidiEngine, NaidiSearchBackend
from naidi.search.integrations.haystack.search_query import NaidiSearchQuery

__all__ = ["NaidiEngine", "NaidiSearchBackend", "NaidiSearchQuery"]
