"""The manifest of a generation: the file that lists its segments and all other files, with sizes and digests."""

from __future__ import annotations

from ..errors import REBUILD, IndexDamaged, IndexOutdated, InvalidSchema, advised
from ..late import StrPath, json, json_value
from ..messages import message
from ..record import record
from ..typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..fields import Field

# The format of an index. docs/format.md says what each has changed.
FORMAT_VERSION = 7
# The oldest format that can be searched and written as it is, and the oldest one whose stored documents can be read.
OLDEST_READABLE = 3
OLDEST_STORED = 1

MANIFEST = "manifest.json"
# Bytes of a manifest at most, and synced folders. A larger one is not written, and not read: each command looks at each folder.
LONGEST_MANIFEST = 4 << 20
MAX_ROOTS = 5_000
# What to do, for who uses the library and for who uses the command.
WITHOUT_TEXTS = message(
    "the texts of this index are not stored: give its documents again, to Writer(directory, "
    "rebuild=True), or index their folders with `naidi index FOLDER --rebuild`"
)
UPGRADE = message("call naidi.upgrade(directory), or run `naidi index --upgrade`")


def toc_name(generation: int) -> str:
    """The name of Whoosh's table of contents in the directory of a generation."""
    return f"_MAIN_{generation}.toc"


class FileEntry(NamedTuple):
    """A file of a generation: bytes, BLAKE2b-256 in hex."""

    size: int
    digest: str


class SegmentEntry(NamedTuple):
    """A segment of a generation: its file, its counts, its files of deletions and of columns if it has any."""

    file: str
    doc_count: int
    token_count: int
    text_bytes: int
    deletions: str | None = None
    deleted_count: int = 0
    columns: str | None = None

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return [name for name in (self.file, self.deletions, self.columns) if name is not None]


@record
class Manifest:
    """The content of a generation.

    roots: the synced folders, absolute path -> `prefix` of its ids, `synced_ns`, the time of the sync, and `options`, what the user
      chose about it. In `manifest.json`, paths may be relative to the index directory.
    fields: the schema of the application's fields, name -> kind and parameters as `Field.to_json` gives them.
    store_texts: whether the texts of documents are stored, and not only searched.
    The other fields are as in `manifest.json`.
    """

    generation: int
    fingerprint: str
    created: str
    doc_count: int
    segments: tuple[SegmentEntry, ...]
    files: Mapping[str, FileEntry]
    roots: Mapping[str, Mapping[str, Any]]
    format_version: int = FORMAT_VERSION
    fields: Mapping[str, Mapping[str, Any]] = {}
    store_texts: bool = True

    @property
    def schema(self) -> dict[str, Field]:
        """The application's fields."""
        if not self.fields:
            return {}
        from ..fields import field_from_json

        return {name: field_from_json(value) for name, value in self.fields.items()}

    def to_json(self) -> bytes:
        value = {
            "naidi": "index",
            "format_version": self.format_version,
            "generation": self.generation,
            "fingerprint": self.fingerprint,
            "created": self.created,
            "doc_count": self.doc_count,
            "segments": [
                {
                    "file": entry.file,
                    "doc_count": entry.doc_count,
                    "token_count": entry.token_count,
                    "text_bytes": entry.text_bytes,
                    "deletions": entry.deletions,
                    "deleted_count": entry.deleted_count,
                    "columns": entry.columns,
                }
                for entry in self.segments
            ],
            "files": {name: {"size": entry.size, "digest": entry.digest} for name, entry in sorted(self.files.items())},
            "roots": self.roots,
            "fields": self.fields,
            "store_texts": self.store_texts,
        }
        return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogateescape")

    @classmethod
    def from_json(cls, data: bytes, path: StrPath, oldest: int = OLDEST_READABLE) -> Manifest:
        """Raises IndexOutdated for a format before `oldest` or of a later naidi, IndexDamaged for what is not a manifest."""
        try:
            value = json_value(data.decode("utf-8", "surrogateescape"))
            version = value["format_version"]
            if value["naidi"] != "index" or not _is_whole(version):
                raise ValueError("not a manifest")
            if version > FORMAT_VERSION:
                raise IndexOutdated(
                    message(
                        "{path}: index format {version}, this naidi reads formats up to {newest}; use a newer "
                        "naidi, or {rebuild}",
                        path=path,
                        version=version,
                        newest=FORMAT_VERSION,
                        rebuild=REBUILD,
                    )
                )
            if version < oldest:
                raise IndexOutdated(
                    message(
                        "{path}: index format {version}, this naidi answers from formats {oldest} to {newest}; "
                        "{upgrade}",
                        path=path,
                        version=version,
                        oldest=oldest,
                        newest=FORMAT_VERSION,
                        upgrade=UPGRADE,
                    )
                )
            manifest = cls(
                generation=_whole(value["generation"]),
                fingerprint=str(value["fingerprint"]),
                created=str(value["created"]),
                doc_count=_whole(value["doc_count"]),
                segments=tuple(_segment_entry(entry) for entry in value["segments"]),
                files={_plain_name(name): _file_entry(entry) for name, entry in value["files"].items()},
                roots={_path(root): _root_entry(noted) for root, noted in value["roots"].items()},
                format_version=version,
                fields=dict(value.get("fields", {})),
                store_texts=_yes_or_no(value.get("store_texts", True)),
            )
            if len(manifest.roots) > MAX_ROOTS:
                raise ValueError(f"more than {MAX_ROOTS:,} folders")
            manifest._check_counts()
            if manifest.fields:
                _check_fields(manifest.schema)
            return manifest
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, InvalidSchema) as error:
            raise IndexDamaged(advised(message("{path}: not a manifest ({error})", path=path, error=error))) from error

    def _check_counts(self) -> None:
        """Raises ValueError if its parts contradict each other."""
        names = [name for entry in self.segments for name in entry.files]
        if len(set(names)) < len(names):
            raise ValueError("a file of a segment stands there twice")
        if not self.files.keys() >= set(names):
            raise ValueError("a segment whose file is not listed")
        if self.doc_count != sum(entry.doc_count - entry.deleted_count for entry in self.segments):
            raise ValueError("not as many documents as its segments have")


def _segment_entry(value: Mapping[str, Any]) -> SegmentEntry:
    entry = SegmentEntry(**value)
    counts = (entry.doc_count, entry.token_count, entry.text_bytes, entry.deleted_count)
    if not all(_is_whole(count) for count in counts) or entry.deleted_count > entry.doc_count:
        raise ValueError(f"{counts} are not the counts of a segment")
    for name in (entry.file, *entry.files[1:]):
        _plain_name(name)
    return entry


def _check_fields(schema: Mapping[str, Field]) -> None:
    from ..fields import checked_schema

    checked_schema(schema)


def _file_entry(value: Mapping[str, Any]) -> FileEntry:
    entry = FileEntry(**value)
    if not (_is_whole(entry.size) and isinstance(entry.digest, str)):
        raise ValueError(f"{value} is not size and digest of a file")
    return entry


def _root_entry(value: Mapping[str, Any]) -> dict[str, Any]:
    """What is noted of a synced folder."""
    options = value.get("options", {})
    if not isinstance(options, dict):
        raise ValueError(f"{options!r} are not the options of a folder")
    if not isinstance(value["synced_ns"], int) or isinstance(value["synced_ns"], bool):
        raise ValueError(f"{value['synced_ns']!r} is not the time of a sync")
    entry = {"prefix": _path(value["prefix"]), "synced_ns": value["synced_ns"]}
    return {**entry, "options": options} if options else entry


def _path(value: object) -> str:
    """A path, or the start of one. Raises ValueError for what cannot be one, nor be written to the next manifest."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{value!r} is not a path")
    value.encode("utf-8", "surrogateescape")
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _whole(value: Any) -> int:
    """A number. Raises ValueError for what is not a whole one, or is negative."""
    if not _is_whole(value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _plain_name(name: object) -> str:
    """The name of a file beside the manifest. Raises ValueError for what would lead elsewhere."""
    plain = isinstance(name, str) and name.isprintable() and name not in ("", ".", "..") and len(name.encode()) < 256
    if not isinstance(name, str) or not plain or any(sign in name for sign in "/\\:"):
        raise ValueError(f"{name!r} is not the name of a file of this generation")
    return name
