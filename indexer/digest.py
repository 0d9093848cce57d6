"""BLAKE2b, by which files are told to be whole. hashlib has it, too, but loads OpenSSL for other functions, which takes 5 ms."""

from __future__ import annotations

from .typed import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b
else:
    try:
        from _blake2 import blake2b
    except ImportError:  # another Python
        from hashlib import blake2b

__all__ = ["blake2b"]
