"""What the two indices of a cluster hold: their settings, their fields, and what is noted of how they were made.

The documents index has forms and no lemmas. A word of a query is all forms of its lemmas, which the words index tells. So another
dictionary makes the words index anew, and leaves the documents alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..analysis.lemmatize.fingerprint import fingerprint
from ..analysis.tokenizer import TOKEN_RULES
from ..errors import IndexDamaged, IndexOutdated
from ..fields import Boolean, Date, DateTime, Field, Keyword, Number, Schema, Stored, Text, field_from_json, kind_of
from ..messages import message
from .cluster import Cluster
from .naming import field_key

FORMAT = 1
"""Raise this with every change of the indices that an older naidi would not understand."""
REGION_GAP = 10_000
"""Positions between the regions of a document: title, body, keywords, texts of the application."""
_LONGEST_PATH = 8_000  # code points; a longer one is shown, but not searched
_MOST_FIELDS = 2_500  # of the application there are at most 1,000, each of which may be an object with others in it
_LONGEST_TOKEN, _LONGEST_READINGS = 4_096, 1_000_000


def token_fingerprint() -> str:
    """One line that changes if the forms of a text may change.

    >>> token_fingerprint()
    'tokens=1'
    """
    return f"tokens={TOKEN_RULES}"


def lemma_fingerprint() -> str:
    """One line that changes if the keys or the stem of a form may change."""
    return fingerprint()


# How often a word stands in a field, and nothing else: lengths are in one byte there, and averages are those of a shard. So scores
# are made of this and of exact lengths.
_FREQ_ALONE = {
    "type": "scripted",
    "weight_script": {"source": "return query.boost;"},
    "script": {"source": "return weight * doc.freq;"},
}


def documents_body(schema: Schema, *, store_texts: bool, shards: int, replicas: int) -> dict[str, Any]:
    """Settings and mapping of a new documents index."""
    forms = {"type": "text", "analyzer": "naidi_forms", "search_analyzer": "naidi_readings"}
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                # A commit makes documents visible, and nothing else does.
                "refresh_interval": "-1",
                # So long is known what was deleted when: a slower writer does not bring it back.
                "gc_deletes": "1h",
                "mapping.total_fields.limit": _MOST_FIELDS,
                "similarity": {"naidi_freq": _FREQ_ALONE},
                "analysis": {
                    "tokenizer": {
                        "naidi_forms": {"type": "whitespace", "max_token_length": _LONGEST_TOKEN},
                        "naidi_readings": {"type": "whitespace", "max_token_length": _LONGEST_READINGS},
                    },
                    # `=a|=b` is one word with two readings: a synonym, at one position.
                    "filter": {
                        "naidi_readings": {
                            "type": "pattern_capture",
                            "preserve_original": False,
                            "patterns": ["([^|]+)"],
                        }
                    },
                    "analyzer": {
                        "naidi_forms": {"type": "custom", "tokenizer": "naidi_forms"},
                        "naidi_readings": {
                            "type": "custom",
                            "tokenizer": "naidi_readings",
                            "filter": ["naidi_readings"],
                        },
                    },
                },
            }
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"excludes": ["all", "head"]},  # they can be made anew of the text
            "_meta": documents_notes(schema, store_texts),
            "properties": {
                "id": {"type": "keyword"},
                "title": {"type": "text", "index": False},
                "text": {"type": "text", "index": False},
                "record": {"type": "object", "enabled": False},
                "lang": {"type": "keyword"},
                "date": {"type": "date", "format": "strict_date"},
                "date_source": {"type": "byte"},
                "size": {"type": "long"},
                "mtime": {"type": "long"},
                "synced": {"type": "boolean"},
                "path": {"type": "keyword", "ignore_above": _LONGEST_PATH},
                "path_key": {"type": "keyword"},
                "folder": {"type": "keyword", "index": False},
                "type": {"type": "keyword", "index": False},
                "title_key": {"type": "keyword", "index": False},
                "defs": {"type": "keyword", "ignore_above": _LONGEST_PATH},
                # The folder of the file that a document comes from, by the beginning of its ids, and what a sync notes of this
                # file: in doc values, so that a scan unpacks no text.
                "root": {"type": "keyword"},
                "source": {"type": "keyword", "index": False},
                "all": {**forms, "similarity": "naidi_freq", "position_increment_gap": REGION_GAP},
                "head": {**forms, "similarity": "naidi_freq"},
                "share": {"type": "float", "index": False},
                "len": {"type": "integer"},
                "head_len": {"type": "integer"},
                "fields": {"dynamic": "strict", "properties": field_properties(schema)},
            },
        },
    }


def words_body(*, replicas: int) -> dict[str, Any]:
    """Settings and mapping of a new words index. It has one shard, so that its numbers of operations are one sequence."""
    return {
        "settings": {"index": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": "-1"}},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"naidi": {"format": FORMAT, "lemmas": lemma_fingerprint()}},
            "properties": {
                "form": {"type": "keyword"},
                "keys": {"type": "keyword"},
                "stem": {"type": "keyword"},
                "common": {"type": "boolean", "index": False, "doc_values": False},
                "docs": {"type": "long"},
            },
        },
    }


def documents_notes(schema: Schema, store_texts: bool) -> dict[str, Any]:
    """`_meta` of a documents index."""
    fields = [
        [name, kind.to_json()] for name, kind in schema.items()
    ]  # a list: a cluster does not keep the order of names
    return {"naidi": {"format": FORMAT, "tokens": token_fingerprint(), "fields": fields, "store_texts": store_texts}}


_TYPES: dict[type[Field], dict[str, Any]] = {
    Keyword: {"type": "keyword"},
    Number: {"type": "double"},
    Boolean: {"type": "boolean"},
    # As the columns of a segment have them: days by their ordinals, moments in microseconds since 1970. A date of the cluster has
    # no more than milliseconds, and is not compared by the number that stands for it here.
    Date: {"type": "integer"},
    DateTime: {"type": "long"},
    Text: {"type": "integer"},  # its tokens; the text itself stands with the others
}


def field_properties(schema: Schema, names: Iterable[str] = ()) -> dict[str, Any]:
    """The fields of an application, as `fields` of a document has them.

    names: those that stand under a name such as `custom.*`, which come with their values.
    """
    found = {name: kind for name, kind in schema.items() if not name.endswith(".*")}
    found |= {name: kind for name in names if (kind := kind_of(schema, name)) is not None}
    return {field_key(name): dict(_TYPES[type(kind)]) for name, kind in found.items()}


def put_values(kind: Field, stored: Sequence[Stored]) -> list[Any]:
    """Stored values of a field, as the cluster takes them."""
    return list(map(bool, stored)) if isinstance(kind, Boolean) else list(stored)


def got_values(kind: Field, values: Sequence[Any]) -> tuple[Stored, ...]:
    """Stored values of a field, from those that the cluster gives back with a document."""
    if isinstance(kind, Keyword):
        return tuple(values)
    return tuple(map(float if isinstance(kind, Number) else int, values))


class DocumentsState(NamedTuple):
    """A documents index as its notes say.

    name: of the index behind the alias.
    schema: the fields of the application.
    store_texts: whether documents have their texts.
    known_fields: the keys of `fields` in its mapping.
    rules: the fingerprint of the rules by which words were found in texts.
    """

    name: str
    schema: dict[str, Field]
    store_texts: bool
    known_fields: frozenset[str]
    rules: str


class WordsState(NamedTuple):
    """A words index as its notes say.

    name: of the index behind the alias.
    lemmas: the fingerprint by which keys and stems were made.
    """

    name: str
    lemmas: str

    @property
    def is_current(self) -> bool:
        """Whether this installation gives the same keys and stems."""
        return self.lemmas == lemma_fingerprint()


def documents_state(cluster: Cluster, index: str | None = None, *, any_rules: bool = False) -> DocumentsState:
    """The documents index behind the alias, or another one.

    any_rules: whether other rules for words are no error.

    Raises IndexMissing if there is none, IndexOutdated if it was made by another format or other rules for words, IndexDamaged
    for an index that naidi has not made.
    """
    name, mapping = cluster.mapping(index or cluster.documents)
    where = f"{cluster.address.shown}: {name}"
    notes = _notes(mapping, where)
    rules = str(notes.get("tokens"))
    if rules != token_fingerprint() and not any_rules:
        raise IndexOutdated(
            message(
                "{where}: made by another version of the analysis; `naidi index --upgrade` analyses its documents anew",
                where=where,
            )
        )
    try:
        schema = {field: field_from_json(kind) for field, kind in notes["fields"]}
        store_texts = bool(notes["store_texts"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise IndexDamaged(message("{where}: the notes of its mapping are altered", where=where)) from None
    known = mapping.get("properties", {}).get("fields", {}).get("properties", {})
    return DocumentsState(name, schema, store_texts, frozenset(known), rules)


def words_state(cluster: Cluster, index: str | None = None) -> WordsState:
    """The words index behind its alias, or another one. Raises as `documents_state`. `is_current` says whether it is of use."""
    name, mapping = cluster.mapping(index or cluster.words)
    notes = _notes(mapping, f"{cluster.address.shown}: {name}")
    return WordsState(name, str(notes.get("lemmas", "")))


def _notes(mapping: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    notes = mapping.get("_meta", {}).get("naidi")
    if not isinstance(notes, Mapping):
        raise IndexDamaged(message("{where}: this index was not made by naidi; choose another name", where=where))
    if notes.get("format") != FORMAT:
        raise IndexOutdated(
            message(
                "{where}: has the format {version}; this naidi reads {format}; rebuild it with this version",
                where=where,
                version=notes.get("format"),
                format=FORMAT,
            )
        )
    return notes
