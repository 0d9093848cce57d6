"""Analysis of text: tokens, forms, keys. Indexing and search share it. It takes text and reads no document files.

A dictionary is loaded at the first form that needs it. Importing this package loads none.
"""

from __future__ import annotations

from ..typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .language import detect_language
    from .lemmatize.keys import keys
    from .tokenizer import Token, tokenize

__all__ = ["Token", "detect_language", "keys", "tokenize"]


def __getattr__(name: str) -> Any:
    # Loaded late: a search neither detects the language of a text nor asks a dictionary for the keys of most words.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import language, tokenizer
    from .lemmatize import keys

    module: Any = {"detect_language": language, "keys": keys}.get(name, tokenizer)
    return getattr(module, name)
