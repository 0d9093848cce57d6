"""Analysis of text: tokens, forms, keys. Indexing and search share it. It takes text and reads no document files.

A dictionary is loaded at the first form that needs it. Importing this package loads none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lemmatize.keys import keys
from .tokenizer import Token, tokenize

if TYPE_CHECKING:
    from .language import detect_language

__all__ = ["Token", "detect_language", "keys", "tokenize"]


def __getattr__(name: str) -> Any:
    # Loaded late: a search never detects the language of a text.
    if name == "detect_language":
        from .language import detect_language

        return detect_language
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
