"""From text to what the index is made of: tokens, forms, keys. Shared by indexing and search; reads and writes no file.

Dictionaries are loaded at the first form that needs one, never by importing this package.
"""

from __future__ import annotations

from indexer.analysis.language import detect_language
from indexer.analysis.lemmatize.keys import keys
from indexer.analysis.tokenizer import Token, tokenize

__all__ = ["Token", "detect_language", "keys", "tokenize"]
