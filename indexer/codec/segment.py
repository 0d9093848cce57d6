"""Reads one segment: an immutable container file with lexicon, postings, positions and stored texts of some documents.

Document ids in a segment are 0 .. doc_count - 1. Forms, keys and stems are numbered in the order of their strings.
`docs/format.md` lists the sections. Deletions belong to a generation, not to a segment (see `state/generations.py`).
"""

from __future__ import annotations

import os

from .. import core
from ..late import StrPath, cached_property, json_value, math, np
from ..typed import TYPE_CHECKING, Any
from .container import Array, Container
from .posting_codes import MAX_EXACT_FREQ, MAX_TITLE_FREQ, POSITION_GAP, extents, freqs_of, title_freqs_of
from .ragged import Indices, row_bounds, row_ranges, value_indices
from .sections import check_header
from .stored import StoredBlobs
from .strings import StringTable

if TYPE_CHECKING:
    from collections.abc import Callable

# The format in which segments got keywords, and columns of what is known of files.
_WITH_KEYWORDS = 5
# What a record may have, and of which types.
_FIELDS: dict[str, tuple[type, ...]] = {
    "path": (str, type(None)),
    "meta": (dict,),
    "language": (str, type(None)),
    "keywords": (str,),
    "names": (str,),
    "pages": (list,),
    "first_line": (int,),
    "texts": (dict,),
}
_SCALARS = (str, int, bool, float, type(None))


def _less_1(value: int) -> int:
    """What a column says that counts from 1; -1 for 0, and for a forged value beyond 63 bits."""
    return value - 1 if value < 1 << 63 else -1


def _checked(record: Any) -> dict[str, Any]:
    """A record as it was unpacked. Raises ValueError for types that were never stored: a forged one has right checksums, too."""
    if type(record) is not dict:
        raise ValueError("no object")
    for name, value in record.items():
        if type(value) not in _FIELDS.get(name, ()):
            raise ValueError(f"field {name!r}")
    for value in record.get("meta", {}).values():
        if type(value) not in _SCALARS or (type(value) is float and not math.isfinite(value)):
            raise ValueError("field 'meta'")
    if any(type(page) is not int for page in record.get("pages", ())):
        raise ValueError("field 'pages'")
    if any(type(text) is not str for text in record.get("texts", {}).values()):
        raise ValueError("field 'texts'")
    return record


class Segment:
    """A mapped segment. Each section is looked up at its first use.

    Columns, one value a document:
      dates: proleptic Gregorian ordinals (int32), 0 for unknown.
      languages: indices into language_names (uint8).
      title_lengths, body_lengths, keyword_lengths: numbers of tokens.
      doc_starts: the position of the first title token, if all documents lie one after another with gaps.
    """

    # What maps the file.
    _container_type = Container

    def __init__(self, path: StrPath) -> None:
        """Raises IndexDamaged or IndexOutdated as Container does."""
        self.container = self._container_type(path)
        self.name = os.path.basename(path)
        check_header(self.container)
        meta = self.container.meta
        self.doc_count: int = meta["doc_count"]
        self.token_count: int = meta["token_count"]
        self.text_bytes: int = meta["text_bytes"]
        self.language_names: list[str] = meta["languages"]

    @cached_property
    def forms(self) -> StringTable:
        return StringTable(self.container, "forms")

    @cached_property
    def keys(self) -> StringTable:
        return StringTable(self.container, "keys")

    @cached_property
    def stems(self) -> StringTable:
        return StringTable(self.container, "stems")

    @cached_property
    def ids(self) -> StringTable:
        """The ids of the documents as strings, sorted. `id_docs` has the document of each."""
        return StringTable(self.container, "ids")

    @cached_property
    def id_docs(self) -> Array:
        return self.container["ids.docs"]

    @cached_property
    def id_ranks(self) -> Array:
        """The rank of each document's id in the sorted order."""
        return self.container["ids.ranks"]

    @cached_property
    def titles(self) -> StringTable:
        """The titles by document; not sorted."""
        return StringTable(self.container, "titles")

    @cached_property
    def synced(self) -> Array:
        """1 for a document from a synced folder, 0 for one that an application added (uint8)."""
        return self.container["docs.synced"]

    @cached_property
    def dates(self) -> Array:
        return self.container["docs.dates"]

    @cached_property
    def languages(self) -> Array:
        return self.container["docs.languages"]

    @cached_property
    def title_lengths(self) -> Array:
        return self.container["docs.title_lengths"]

    @cached_property
    def body_lengths(self) -> Array:
        return self.container["docs.body_lengths"]

    @cached_property
    def keyword_lengths(self) -> Array:
        """Tokens of names and keywords, which stand behind the body. Segments of format 3 have none."""
        if self.container.version < _WITH_KEYWORDS:
            return np.zeros(self.doc_count, np.uint8)
        return self.container["docs.keyword_lengths"]

    def column(self, name: str) -> Any:
        """A section as the core takes it. Of one with a value for each document that an older segment has not, these are 0."""
        if name == "docs.keyword_lengths" and self.container.version < _WITH_KEYWORDS:
            return memoryview(bytes(self.doc_count))
        return self.container.column(name)

    @cached_property
    def has_keywords(self) -> bool:
        """Whether any document has names or keywords."""
        return bool(self.keyword_lengths.any())

    @property
    def file_sizes(self) -> Indices:
        """Bytes of each document's file; -1 for unknown."""
        return self._counted_from_1("docs.sizes")

    @property
    def mtimes(self) -> Indices:
        """When each document's file was changed, in seconds since 1970; -1 for unknown."""
        return self._counted_from_1("docs.mtimes")

    def file_size(self, doc: int) -> int:
        """Bytes of the file of a document; -1 for unknown."""
        return self._one_from_1("docs.sizes", doc)

    def mtime(self, doc: int) -> int:
        """When the file of a document was changed, in seconds since 1970; -1 for unknown."""
        return self._one_from_1("docs.mtimes", doc)

    def _one_from_1(self, name: str, doc: int) -> int:
        if self.container.version < _WITH_KEYWORDS:
            return -1
        return _less_1(self.container.items(name)[doc])

    def _counted_from_1(self, name: str) -> Indices:
        """A column in which 0 says that nothing is known, and other values are one more than what they say."""
        if self.container.version < _WITH_KEYWORDS:
            return np.full(self.doc_count, -1, np.int64)
        # Of a forged value beyond 63 bits nothing is known either.
        return np.asarray(np.maximum(self.container[name].astype(np.int64) - 1, -1))

    @cached_property
    def date_sources(self) -> Array:
        """The number of what each date was taken from, in `file_facts.DATE_SOURCES` (uint8)."""
        if self.container.version < _WITH_KEYWORDS:
            return (self.dates > 0).astype(np.uint8)
        return self.container["docs.date_sources"]

    @cached_property
    def doc_starts(self) -> Array:
        return self.container["docs.starts"]

    @cached_property
    def body_starts(self) -> Indices:
        """Position of the first body token of each document."""
        return np.asarray(self.doc_starts.astype(np.int64) + self.title_lengths + POSITION_GAP)

    @cached_property
    def body_ends(self) -> Indices:
        """Position behind the last body token of each document. Those of keywords are greater."""
        return np.asarray(self.body_starts + self.body_lengths)

    @cached_property
    def records(self) -> StoredBlobs:
        return StoredBlobs(self.container, "records")

    @cached_property
    def texts(self) -> StoredBlobs:
        return StoredBlobs(self.container, "texts")

    def origins(self, deleted: Array) -> dict[str, bool]:
        """For the id of each document that is not deleted, whether a sync added it."""
        synced = self.synced.tolist()
        docs = zip(self.ids, self.id_docs.tolist(), strict=True)
        return {doc_id: bool(synced[doc]) for doc_id, doc in docs if not deleted[doc]}

    def ids_from_older_naidi(self, deleted: Array) -> set[str]:
        """The ids of documents that a sync added before it noted when files were changed. Their files should be read again."""
        return {self.doc_id(doc) for doc in np.flatnonzero((self.synced > 0) & (self.mtimes < 0) & ~deleted).tolist()}

    def doc_of_id(self, doc_id: str) -> int:
        """The document with this id, or -1."""
        number = self.ids.find(doc_id)
        return int(self.id_docs[number]) if number >= 0 else -1

    def doc_id(self, doc: int) -> str:
        """The id of a document."""
        return self.ids[self.container.items("ids.ranks")[doc]]

    @cached_property
    def _fact_columns(self) -> tuple[Any, ...]:
        names = ["docs.synced", "docs.dates", "docs.languages"]
        if self.container.version >= _WITH_KEYWORDS:
            names += ["docs.date_sources", "docs.sizes", "docs.mtimes"]
        return tuple(map(self.container.items, names))

    def facts(self, doc: int) -> tuple[bool, int, str, int, int, int]:
        """What the columns have of a document.

        Returns (whether it comes from a synced folder; its date as a proleptic Gregorian ordinal, 0 for unknown; its language; the
        number of what the date was taken from, in `file_facts.DATE_SOURCES`; as `file_size` and `mtime`).
        """
        columns = self._fact_columns
        synced, date, language = bool(columns[0][doc]), columns[1][doc], self.language_names[columns[2][doc]]
        if len(columns) == 3:
            return synced, date, language, int(date > 0), -1, -1
        _, _, _, sources, sizes, mtimes = columns
        return synced, date, language, sources[doc], _less_1(sizes[doc]), _less_1(mtimes[doc])

    def is_synced(self, doc: int) -> bool:
        """Whether a document comes from a synced folder."""
        return bool(self.container.items("docs.synced")[doc])

    def record(self, doc: int, names: tuple[str, str] | None = None) -> dict[str, Any]:
        """The stored id, title, path and meta of a document, and its language if that was given.

        names: its id and title, if they are known.

        Raises IndexDamaged if they cannot be read, or are of types that no document has.
        """
        doc_id, title = (self.doc_id(doc), self.titles[doc]) if names is None else names
        record: dict[str, Any] = {"id": doc_id, "title": title, "path": None, "meta": {}}
        stored = self.records[doc]
        if stored:
            try:
                record.update(_checked(json_value(stored)))
            except (ValueError, RecursionError) as error:
                raise self.container.damaged(f"record of document {doc}: {error}") from error
        return record

    @cached_property
    def _decoded(self) -> Callable[[bytes], str]:
        """Decodes UTF-8."""
        if not core.is_used:
            return bytes.decode
        from naidi._core import decoded

        return decoded

    def text(self, doc: int) -> str:
        """The stored text of a document. Raises IndexDamaged if it cannot be read."""
        try:
            return self._decoded(self.texts[doc])
        except UnicodeDecodeError as error:
            raise self.container.damaged(f"text of document {doc}: {error}") from error

    def piece_ends(self, doc: int) -> Array | None:
        """How many tokens of the body lie before the end of each piece of the text; None for a text in one piece."""
        if self.texts.span(doc) < 2:
            return None
        place = int(self.texts.in_pieces.searchsorted(doc))
        end = int(self._piece_rows[place])
        return self.container["pieces.tokens"][end - self.texts.span(doc) : end]

    @cached_property
    def _piece_rows(self) -> Indices:
        texts = self.texts
        return np.cumsum([texts.span(doc) for doc in texts.in_pieces.tolist()], dtype=np.int64)

    def all_piece_ends(self) -> tuple[Array, Array, Array]:
        """(tokens, characters, line feeds) up to the end of each piece of the texts in pieces, one text after another."""
        tokens = self.container["pieces.tokens"]
        if self.container.version >= _WITH_KEYWORDS:
            return tokens, self.container["pieces.chars"], self.container["pieces.lines"]
        chars, lines = [], []
        for doc in self.texts.in_pieces.tolist():
            pieces = [self.text_piece(doc, number) for number in range(self.texts.span(doc))]
            chars.append(np.cumsum([len(piece) for piece in pieces], dtype=np.int64))
            lines.append(np.cumsum([piece.count("\n") for piece in pieces], dtype=np.int64))
        nothing = np.zeros(0, np.int64)
        return tokens, np.concatenate([nothing, *chars]), np.concatenate([nothing, *lines])

    def piece_place(self, doc: int, number: int) -> tuple[int, int]:
        """(characters, line feeds) of a text in pieces before one of its pieces."""
        if not number:
            return 0, 0
        if self.container.version >= _WITH_KEYWORDS:
            place = int(self.texts.in_pieces.searchsorted(doc))
            row = int(self._piece_rows[place]) - self.texts.span(doc) + number - 1
            return int(self.container["pieces.chars"][row]), int(self.container["pieces.lines"][row])
        before = [self.text_piece(doc, earlier) for earlier in range(number)]
        return sum(map(len, before)), sum(piece.count("\n") for piece in before)

    def text_piece(self, doc: int, number: int) -> str:
        """A piece of the text of a document. Raises IndexDamaged if it cannot be read."""
        try:
            return self._decoded(self.texts.piece(doc, number))
        except UnicodeDecodeError as error:
            raise self.container.damaged(f"text of document {doc}: {error}") from error

    def keys_of_form(self, form: int) -> list[str]:
        """The keys of a form, best first."""
        start, end = row_bounds(self.container.items("form_keys.ends"), form)
        keys = self.container.items("form_keys")
        return [self.keys[keys[row]] for row in range(start, end)]

    def stem_of_form(self, form: int) -> str:
        return self.stems[self.container.items("form_stems")[form]]

    def forms_of_key(self, key: str) -> Array:
        """The forms that have the key, ascending; empty if the key is unknown."""
        return self.container["key_forms"][slice(*self._forms_of(self.keys, "key_forms", key))]

    def forms_of_stem(self, stem: str) -> Array:
        """The forms that have the stem, ascending; empty if the stem is unknown."""
        return self.container["stem_forms"][slice(*self._forms_of(self.stems, "stem_forms", stem))]

    def form_numbers_of_key(self, key: str) -> list[int]:
        """As `forms_of_key`, as a list."""
        forms = self.container.items("key_forms")
        return [forms[row] for row in range(*self._forms_of(self.keys, "key_forms", key))]

    def form_numbers_of_stem(self, stem: str) -> list[int]:
        """As `forms_of_stem`, as a list."""
        forms = self.container.items("stem_forms")
        return [forms[row] for row in range(*self._forms_of(self.stems, "stem_forms", stem))]

    def forms_of_key_number(self, key: int) -> Array:
        """The forms that have a key, ascending."""
        start, end = row_bounds(self.container.items("key_forms.ends"), key)
        return self.container["key_forms"][start:end]

    def form_count_of_stem(self, stem: int) -> int:
        """How many forms a stem has."""
        start, end = row_bounds(self.container.items("stem_forms.ends"), stem)
        return end - start

    def form_tallies(self, stem: int, most: int) -> tuple[Indices, Indices]:
        """(the forms of a stem, ascending; how often each is among `most` of its tokens, evenly spread, or among all if these are
        fewer)."""
        container = self.container
        first_form, last_form = row_bounds(container.items("stem_forms.ends"), stem)
        forms = container["stem_forms"][first_form:last_form]
        first_token, last_token = row_bounds(container.items("places.ends"), stem)
        count = last_token - first_token
        if len(forms) == 1:
            return forms, np.array([min(count, most)])
        from .form_tags import read_tags, tag_width

        tokens = np.arange(count) if count <= most else np.arange(most) * count // most
        width = tag_width(len(forms))
        tags = read_tags(container["tags"], row_bounds(container.items("tags.ends"), stem)[0] + tokens * width, width)
        return forms, np.bincount(tags, minlength=len(forms))

    def token_count_of_stem(self, stem: int) -> int:
        """How many tokens a stem has."""
        start, end = row_bounds(self.container.items("places.ends"), stem)
        return end - start

    def _forms_of(self, table: StringTable, section: str, string: str) -> tuple[int, int]:
        """(start, end) of the forms of a string in a section."""
        number = table.find(string)
        return row_bounds(self.container.items(f"{section}.ends"), number) if number >= 0 else (0, 0)

    def is_common_key(self, key: int) -> bool:
        """Whether a dictionary has the key as a lemma of one of its forms, and not only as a name or an abbreviation."""
        # Mostly the first of a few forms decides. So item by item is quicker than array operations.
        items = self.container.items
        ends, keys, common = items("form_keys.ends"), items("form_keys"), items("form_keys.common")
        forms = items("key_forms")
        for place in range(*row_bounds(items("key_forms.ends"), key)):
            for row in range(*row_bounds(ends, forms[place])):
                if keys[row] == key and common[row >> 3] >> (7 - (row & 7)) & 1:
                    return True
        return False

    def are_common(self, rows: Indices) -> Array:
        """For rows of `form_keys`, whether the key is common for its form: 1 or 0 (uint8).

        It is if a dictionary has it as a lemma of the form, and not only as a name or an abbreviation.
        """
        return np.asarray(self.container["form_keys.common"][rows >> 3] >> (7 - (rows & 7)).astype(np.uint8) & 1)

    @cached_property
    def skeleton_hashes(self) -> memoryview:
        """The hashes of the skeletons of keys, ascending. `skeleton_keys` has the key of each."""
        return self.container.items("skeletons.hashes")

    @cached_property
    def skeleton_keys(self) -> memoryview:
        return self.container.items("skeletons.keys")

    @cached_property
    def acronyms(self) -> StringTable:
        """Acronyms with the long forms that documents define for them, sorted: both as forms, with a tab between."""
        return StringTable(self.container, "acronyms")

    @cached_property
    def acronym_pairs(self) -> Array:
        """For each definition its number in `acronyms`. `acronym_docs` has the document of each."""
        return self.container["acronyms.pairs"]

    @cached_property
    def acronym_docs(self) -> Array:
        return self.container["acronyms.docs"]

    # -- postings

    @cached_property
    def list_ends(self) -> Array:
        """Where each posting list ends. List s is that of stem s."""
        return self.container["lists.ends"]

    @cached_property
    def list_docs(self) -> Array:
        return self.container["lists.docs"]

    @cached_property
    def list_codes(self) -> Array:
        return self.container["lists.codes"]

    @cached_property
    def key_lists(self) -> Array:
        """The posting list of each key: the documents that have any of its forms."""
        return self.container["key_lists"]

    @cached_property
    def form_stems(self) -> Array:
        return self.container["form_stems"]

    @cached_property
    def long_docs(self) -> Indices:
        """The documents so long that positions in them may take more than 16 bits, ascending."""
        if not len(self.container["far.tokens"]):
            return np.zeros(0, np.int64)
        taken = extents(self.title_lengths, self.body_lengths, self.keyword_lengths) - POSITION_GAP
        return np.flatnonzero(taken > 0xFFFF)

    def exact_freqs(self, rows: Indices) -> tuple[Indices, Indices]:
        """(occurrences in all, occurrences in the title) of postings, by their rows, which must be of lists of stems."""
        codes, docs = self.list_codes[rows], self.list_docs[rows]
        freqs, title_freqs = freqs_of(codes), title_freqs_of(codes)
        hard = np.flatnonzero((freqs >= MAX_EXACT_FREQ) | (title_freqs >= MAX_TITLE_FREQ))
        if len(hard):
            places = np.searchsorted(self.container["exact.rows"], rows[hard])
            freqs[hard] = self.container["exact.freqs"][places]
            title_freqs[hard] = self.container["exact.title_freqs"][places]
        only_title = self.body_lengths[docs] == 0
        if self.has_keywords:
            only_title &= self.keyword_lengths[docs] == 0
        title_freqs[only_title] = freqs[only_title]
        return freqs, title_freqs

    def rows_of_lists(self, lists: Array) -> Indices:
        """The rows of several posting lists, one list after another."""
        low, lengths = row_ranges(self.list_ends, lists)
        return value_indices(low, lengths)

    def docs_of_positions(self, positions: Array) -> Indices:
        """The document at each position."""
        return np.searchsorted(self.doc_starts, positions, side="right") - 1
