"""Writes the table of contents that `whoosh.index.open_dir` reads. It makes an index a Whoosh index. Needs no Whoosh.

    bytes     content
    3         sizes of int, long and float: 4, 8, 4
    4         -12345, big endian, to tell the byte order
    4         -111, the version of the layout
    varints   release of Whoosh, three numbers
    varint+   length of a pickle, and the pickle: the schema
    4         number of the generation
    4         0
    rest      a pickle: the segments

Files of segments are named with the folder of their generation, `gen-00000007/00000005-0.seg`, as the table stands in the index
directory. Both pickles hold only calls of the functions of `unpickle`, with strings, numbers and such calls. So an index names no
class, of ours or of Whoosh. Only Whoosh reads the file; naidi itself never does.
"""

from __future__ import annotations

import json
import pickle
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..codec.durability import sync
from ..state.layout import generation_name
from ..state.manifest import SegmentEntry, toc_name
from .unpickle import whoosh_schema, whoosh_segment, whoosh_segments

_SIZES = bytes([4, 8, 4])
_BYTE_ORDER = -12345
_LAYOUT = -111
# The release with which the layout was checked; Whoosh only shows it.
_RELEASE = (3, 54, 0)
# A fixed protocol: the file must not depend on the Python that writes it.
_PROTOCOL = 2


class _Call:
    """Pickles as the call of a function. Unpickling needs only that function."""

    def __init__(self, function: Callable[..., object], *arguments: str | int | _Call | None) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self._call


def toc_bytes(
    generation: int, segments: Sequence[SegmentEntry], fields: Mapping[str, Mapping[str, Any]] | None = None
) -> bytes:
    """The content of the file. fields: those of the application, as in a manifest."""
    own = (json.dumps(fields, sort_keys=True),) if fields else ()
    schema, folder = pickle.dumps(_Call(whoosh_schema, *own), _PROTOCOL), generation_name(generation)
    calls = [
        _Call(
            whoosh_segment,
            f"{folder}/{part.file}",
            None if part.deletions is None else f"{folder}/{part.deletions}",
            part.doc_count,
            part.deleted_count,
            *((None if part.columns is None else f"{folder}/{part.columns}", *own) if own else ()),
        )
        for part in segments
    ]
    # A list without segments would let Whoosh open a writer, which each of our segments refuses.
    calls = calls or [_Call(whoosh_segment, "", None, 0, 0)]
    return b"".join(
        (
            _SIZES,
            struct.pack("!ii", _BYTE_ORDER, _LAYOUT),
            *map(_varint, _RELEASE),
            _varint(len(schema)),
            schema,
            struct.pack("!ii", generation, 0),
            pickle.dumps(_Call(whoosh_segments, *calls), _PROTOCOL),
        )
    )


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def write_whoosh_toc(
    staging: Path, generation: int, segments: Sequence[SegmentEntry], fields: Mapping[str, Mapping[str, Any]]
) -> Path:
    """Write and fsync the file into the directory of a generation to be committed. Returns its path.

    Raises FileExistsError if it is there already, OSError as the system does.
    """
    path = staging / toc_name(generation)
    with open(path, "xb") as file:
        file.write(toc_bytes(generation, segments, fields))
        file.flush()
        sync(file.fileno(), path)
    return path
