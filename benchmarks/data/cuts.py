"""Which part of a source is taken, and in what order does it stand? The SHA-1 of the data themselves says so, never chance."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1

Row = tuple[str, ...]


def in_half(key: str) -> bool:
    """Is a key in the half that is taken? So it is where the first byte of its SHA-1 (in UTF-8) is even."""
    return sha1(key.encode()).digest()[0] % 2 == 0


def in_share(key: str, share: float) -> bool:
    """Is a key in the share (0 to 1) that is taken? The first four bytes of its SHA-1, as a share of their range, are below it."""
    return int.from_bytes(sha1(key.encode()).digest()[:4], "big") < share * 2**32


def mixed(rows: Iterable[Row]) -> list[Row]:
    """The rows of a table in the order of the SHA-1 of a row joined by tabs."""
    return sorted(rows, key=lambda row: sha1("\t".join(row).encode()).digest())


def place_of(document: str) -> bytes:
    """What the documents of the corpus are sorted by. Parameter: the id of a document."""
    return sha1(f"order{document}".encode()).digest()
