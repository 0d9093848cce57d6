"""Which sections a segment has, of which kind and how long, and what its header says besides.

All of it is known from the header alone. So it is checked whenever a segment is opened, in microseconds.
"""

from __future__ import annotations

from ..typed import TYPE_CHECKING
from .container import ALIGNMENT, SEGMENT_VERSION, Container, item_bytes, narrowest

if TYPE_CHECKING:
    from .container import Array, ContainerWriter

# Sections of ends -> the sections of values that they divide into rows.
ROWS = {
    "forms.ends": "forms.bytes",
    "keys.ends": "keys.bytes",
    "stems.ends": "stems.bytes",
    "ids.ends": "ids.bytes",
    "titles.ends": "titles.bytes",
    "acronyms.ends": "acronyms.bytes",
    "form_keys.ends": "form_keys",
    "key_forms.ends": "key_forms",
    "stem_forms.ends": "stem_forms",
    "lists.ends": "lists.docs",
    "blocks.ends": "blocks.offsets",
    "places.ends": "positions",
    "records.ends": "records.blocks",
    "texts.ends": "texts.blocks",
}
EQUALLY_LONG = [
    ("forms.ends", "form_keys.ends", "form_stems", "stem_forms"),
    ("skeletons.hashes", "skeletons.keys"),
    ("acronyms.pairs", "acronyms.docs"),
    ("keys.ends", "key_forms.ends", "key_lists"),
    ("form_keys", "key_forms"),
    ("stems.ends", "stem_forms.ends", "places.ends", "tags.ends"),
    ("lists.docs", "lists.codes"),
    ("exact.rows", "exact.freqs", "exact.title_freqs"),
    ("blocks.lists", "blocks.ends"),
    ("far.tokens", "far.highs"),
    ("ids.ends", "ids.docs", "ids.ranks", "titles.ends"),
    ("ids.docs", "docs.synced", "docs.dates", "docs.languages", "docs.title_lengths", "docs.body_lengths"),
    ("ids.docs", "docs.starts"),
    ("ids.docs", "docs.keyword_lengths", "docs.sizes", "docs.mtimes", "docs.date_sources"),
    ("pieces.tokens", "pieces.chars", "pieces.lines"),
    ("ids.docs", "records.block", "records.offset", "records.size", "records.span"),
    ("ids.docs", "texts.block", "texts.offset", "texts.size", "texts.span"),
]
_UNSIGNED = ("|u1", "<u2", "<u4", "<u8")
_FIXED = {
    "|u1": [
        "docs.date_sources",
        *("forms.bytes", "keys.bytes", "stems.bytes", "ids.bytes", "titles.bytes", "acronyms.bytes"),
        *("docs.languages", "docs.synced", "form_keys.common", "lists.codes", "tags", "records.blocks", "texts.blocks"),
        "texts.dictionary",
    ],
    "<u2": ["positions"],
    "<u4": ["skeletons.hashes"],
    "<i4": ["docs.dates"],
}
# What segments of format 3 do not have: their documents have no keywords, and of their files nothing is known.
SINCE_5 = ("docs.keyword_lengths", "docs.sizes", "docs.mtimes", "docs.date_sources", "pieces.chars", "pieces.lines")
# Sections that are packed from format 6 on, and whether they have bases: numbers near each other do.
PACKED = {
    **{f"{name}.{column}": column == "ends" for name in ("forms", "keys", "stems") for column in ("ends", "slots")},
    **dict.fromkeys(("form_keys.ends", "form_keys", "form_stems", "key_forms.ends", "key_forms", "key_lists"), True),
    **dict.fromkeys(("stem_forms.ends", "stem_forms", "skeletons.hashes", "skeletons.keys"), True),
    **dict.fromkeys(("lists.ends", "blocks.offsets", "places.ends", "tags.ends"), True),
    "positions": False,
}
# What segments of format 5 do not have.
SINCE_6 = ("texts.dictionary",)
_TABLES = ("forms", "keys", "stems", "ids")
# Section -> the dtypes that it may have. Sections that have no row here are not read.
_KINDS = {
    **dict.fromkeys([*ROWS, *ROWS.values(), *(name for names in EQUALLY_LONG for name in names)], _UNSIGNED),
    **dict.fromkeys([*(f"{name}.slots" for name in _TABLES), "pieces.tokens"], _UNSIGNED),
    **{name: (kind,) for kind, names in _FIXED.items() for name in names},
}
_KINDS_OF_5 = {name: kinds for name, kinds in _KINDS.items() if name not in SINCE_6}
_KINDS_OF = {
    3: {name: kinds for name, kinds in _KINDS_OF_5.items() if name not in SINCE_5},
    5: _KINDS_OF_5,
    SEGMENT_VERSION: {**_KINDS, **dict.fromkeys([*PACKED, "digests"], _UNSIGNED[:1])},
}
# Packed sections that have at most as many numbers as these have bytes or numbers together.
_AT_MOST = {
    **{f"{name}.ends": (f"{name}.bytes",) for name in ("forms", "keys", "stems")},
    **{f"{name}.slots": (f"{name}.bytes",) * 3 + ("digests",) for name in ("forms", "keys", "stems")},
    "form_keys": ("form_keys.common",) * 8,
    "skeletons.keys": ("keys.bytes",),
    "lists.ends": ("stems.bytes", "keys.bytes"),
    "blocks.offsets": ("lists.docs",),
}
_MOST_LANGUAGES = 256


def slot_count(count: int) -> int:
    """M for a hash table of `count` strings (see `strings`)."""
    return count + count // 3 + 1


def put_numbers(file: ContainerWriter, name: str, numbers: Array) -> None:
    """Write a section of whole numbers from 0 on, packed or in the narrowest dtype."""
    if name in PACKED:
        file.put_packed(name, numbers, PACKED[name])
    else:
        file.put(name, narrowest(numbers))


def check_header(container: Container) -> None:
    """Raises IndexDamaged if a segment cannot have this header."""
    _check_meta(container)
    table = container.table
    expected = _KINDS_OF[container.version]
    packed = PACKED if container.version == SEGMENT_VERSION else {}
    if not table.keys() >= expected.keys():
        raise container.damaged(f"no section {min(expected.keys() - table.keys())!r}")
    for name, kinds in expected.items():
        if table[name][2] not in kinds:
            raise container.damaged(f"section {name}: of type {table[name][2]}")
    if {name: based for name, (_, based) in container.packed.items()} != packed:
        raise container.damaged("header: other sections are packed")
    for names in EQUALLY_LONG:
        length = container.count(names[0])
        for name in names:
            if name in expected and container.count(name) != length:
                raise container.damaged(f"sections {', '.join(names)}: not of one length")
    for name in _TABLES:
        # The last slot is free: there a search ends.
        if container.count(f"{name}.slots") <= slot_count(container.count(f"{name}.ends")):
            raise container.damaged(f"section {name}.slots: too few")
    for name, others in _AT_MOST.items():
        # Packed columns may have many numbers in few bytes. So they are held against others, which may not.
        if container.version == SEGMENT_VERSION and container.count(name) > sum(table[other][1] for other in others):
            raise container.damaged(f"section {name}: more numbers than there can be")
    end = 0
    for offset, count, kind in sorted(table.values(), key=_place):
        if offset < end or offset % ALIGNMENT:
            raise container.damaged("sections lie upon each other, or not where one begins")
        end = offset + count * item_bytes(kind)
    # Memory is reserved by these numbers. So they must be those of sections, which lie inside the file.
    if container.meta["doc_count"] != table["ids.ranks"][1]:
        raise container.damaged("document counts of header and sections differ")
    if container.meta["token_count"] != container.count("positions"):
        raise container.damaged("token counts of header and sections differ")


def _place(row: tuple[int, int, object]) -> tuple[int, int]:
    return row[:2]


def _check_meta(container: Container) -> None:
    meta = container.meta
    if type(meta) is not dict:
        raise container.damaged("header: no meta data")
    for name in ("doc_count", "token_count", "text_bytes"):
        if type(meta.get(name)) is not int or meta[name] < 0:
            raise container.damaged(f"header: {name} is no count")
    languages = meta.get("languages")
    if type(languages) is not list or len(languages) > _MOST_LANGUAGES or set(map(type, languages)) - {str}:
        raise container.damaged("header: languages are no list of names")
