"""From text to what the index is made of: tokens, forms, keys. Shared by indexing and search; reads and writes no file.

Dictionaries are loaded at the first form that needs one, never by importing this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .lemmatize.keys import keys
from .tokenizer import Token, tokenize

if TYPE_CHECKING:
    from .language import detect_language

__all__ = ["Token", "detect_language", "keys", "tokenize"]


def __getattr__(name: str) -> Any:
    # A search never asks for the language of a text.
    if name == "detect_language":
        from .language import detect_language

        return detect_language
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
